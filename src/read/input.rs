/*!
A source → its bytes, decompressed, and in UTF-8 where it is UTF-16: what [`chunk`](super::chunk) cuts up.

Input: a [`Source`]. Output: [`Input::fill`] appends bytes to a buffer. A plain file is read straight into the
caller's buffer, without a copy and without the buffer being zeroed first.
*/

use std::fs::{self, File};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::sync::Arc;

use super::decode::Transcoder;
use super::inflate::{Compression, Inflate};
use super::part::other_size;
use super::reject::Rejection;
use super::walk::{Source, SourceKind};

pub(super) struct Input {
    bytes: Bytes,
    transcoder: Option<Transcoder>,
    /// What was decoded as it was before, while it may be wanted so.
    undecoded: Option<Vec<u8>>,
    /// Size of a regular file when it was opened.
    size: Option<u64>,
}

enum Bytes {
    Plain {
        head: Vec<u8>,
        file: Arc<File>,
        read: u64,
    },
    Packed(Compression, Box<Inflate<File>>),
}

impl Input {
    pub(super) fn open(source: &Source) -> Result<Self, Rejection> {
        let refuse = |action: &str, e: &io::Error| Rejection::io(&source.name, action, e);
        let (mut file, size) = file_of(source).map_err(|e| refuse("opening", &e))?;
        let mut head = Vec::with_capacity(Compression::MAGIC);
        (&mut file)
            .take(Compression::MAGIC as u64)
            .read_to_end(&mut head)
            .map_err(|e| refuse("reading", &e))?;
        let bytes = match (
            Compression::of(&head),
            Compression::promised_by(&source.name),
        ) {
            (Some(kind), _) => {
                let inflate = Inflate::new(kind, &head, file).map_err(|e| refuse("reading", &e))?;
                Bytes::Packed(kind, Box::new(inflate))
            }
            (None, Some(promised)) if !head.is_empty() => {
                return Err(Rejection::file(
                    &source.name,
                    format!("not a {} file, although its name says so", promised.name()),
                    "fetch it again if it is damaged, rename it if it is not compressed",
                ));
            }
            _ => Bytes::Plain {
                head,
                file: Arc::new(file),
                read: 0,
            },
        };
        Ok(Self {
            bytes,
            transcoder: None,
            undecoded: None,
            size,
        })
    }

    /// Appends up to `n` bytes; fewer only at the end. What was read before an error stays appended.
    pub(super) fn fill(&mut self, buffer: &mut Vec<u8>, n: usize) -> io::Result<usize> {
        let Some(mut transcoder) = self.transcoder.take() else {
            return self.fill_raw(buffer, n);
        };
        let before = buffer.len();
        let mut raw = Vec::new();
        let mut outcome = Ok(());
        while buffer.len() < before + n && !transcoder.is_done() {
            raw.clear();
            let want = (n - (buffer.len() - before)).max(4);
            let filled = self.fill_raw(&mut raw, want);
            if let Some(undecoded) = &mut self.undecoded {
                undecoded.extend_from_slice(&raw);
            }
            match filled {
                Ok(got) => transcoder.push(&raw, got < want, buffer),
                Err(e) => {
                    transcoder.push(&raw, false, buffer);
                    outcome = Err(e);
                    break;
                }
            }
        }
        self.transcoder = Some(transcoder);
        outcome.map(|()| buffer.len() - before)
    }

    fn fill_raw(&mut self, buffer: &mut Vec<u8>, n: usize) -> io::Result<usize> {
        let before = buffer.len();
        buffer.reserve(n);
        match &mut self.bytes {
            Bytes::Plain { head, file, read } => {
                let first = head.len().min(n);
                buffer.extend(head.drain(..first));
                let outcome = (&**file).take((n - first) as u64).read_to_end(buffer);
                *read += (buffer.len() - before) as u64;
                outcome?;
            }
            Bytes::Packed(_, inflate) => {
                inflate.take(n as u64).read_to_end(buffer)?;
            }
        }
        Ok(buffer.len() - before)
    }

    /// From here on bytes are decoded; `head`, the bytes that were read, is decoded in place. What they were is kept until
    /// [`undecoded`](Self::undecoded) is asked for.
    pub(super) fn transcode(
        &mut self,
        mut transcoder: Transcoder,
        head: &mut Vec<u8>,
        ended: bool,
    ) {
        let raw = std::mem::take(head);
        transcoder.push(&raw, ended, head);
        self.transcoder = Some(transcoder);
        self.undecoded = Some(raw);
    }

    /// All that was read and decoded, as it was before. It is not kept any longer.
    pub(super) fn undecoded(&mut self) -> Option<Vec<u8>> {
        self.undecoded.take()
    }

    /// From here on bytes are not decoded any more.
    pub(super) fn stop_decoding(&mut self) {
        self.transcoder = None;
    }

    pub(super) fn is_decoded(&self) -> bool {
        self.transcoder.is_some()
    }

    /// Bytes of the file as stored that have been used.
    pub(super) fn raw_bytes(&self) -> u64 {
        match &self.bytes {
            Bytes::Plain { read, .. } => *read,
            Bytes::Packed(_, inflate) => inflate.consumed(),
        }
    }

    /// The file, if its bytes can be read again as they are and are more than `least`.
    pub(super) fn again(&self, least: usize) -> Option<&Arc<File>> {
        match (&self.bytes, self.size, &self.transcoder) {
            (Bytes::Plain { file, .. }, Some(size), None) if size > least as u64 => Some(file),
            _ => None,
        }
    }

    /// The file and its size, if any byte of it can be had by its place.
    pub(super) fn by_place(&self) -> Option<(&Arc<File>, u64)> {
        match (&self.bytes, self.size, &self.transcoder) {
            (Bytes::Plain { file, .. }, Some(size), None) if cfg!(unix) => Some((file, size)),
            _ => None,
        }
    }

    /// Goes on at that byte of a plain file.
    pub(super) fn go_to(&mut self, at: u64) -> io::Result<()> {
        if let Bytes::Plain { head, file, read } = &mut self.bytes {
            (&**file).seek(SeekFrom::Start(at))?;
            head.clear();
            *read = at;
        }
        Ok(())
    }

    /// How much there is to read, if that is known.
    pub(super) fn expected(&self) -> Option<u64> {
        match self.bytes {
            Bytes::Plain { .. } => self.size,
            Bytes::Packed(..) => None,
        }
    }

    /// Whether the file has another size now than when it was opened: (then, now).
    pub(super) fn changed(&self) -> Option<(u64, u64)> {
        // Files that the kernel makes up (/proc) say 0 and hold something.
        match (&self.bytes, self.size) {
            (Bytes::Plain { read, file, .. }, Some(size)) if size > 0 => {
                (*read != size).then(|| (size, other_size(file, size).unwrap_or(*read)))
            }
            _ => None,
        }
    }

    pub(super) fn compression(&self) -> Option<Compression> {
        match self.bytes {
            Bytes::Plain { .. } => None,
            Bytes::Packed(kind, _) => Some(kind),
        }
    }
}

fn file_of(source: &Source) -> io::Result<(File, Option<u64>)> {
    match source.kind {
        SourceKind::Stdin => Ok((stdin()?, None)),
        SourceKind::Stream => Ok((File::open(&source.path)?, None)),
        SourceKind::File => {
            // Opening a FIFO blocks: look again, the file may have been replaced since the walk.
            if !fs::metadata(&source.path)?.is_file() {
                return Err(io::Error::other("it is no file any more"));
            }
            let file = File::open(&source.path)?;
            let size = file.metadata()?.len();
            Ok((file, Some(size)))
        }
    }
}

/// Standard input without the buffer that [`io::stdin`] puts before it.
#[cfg(unix)]
fn stdin() -> io::Result<File> {
    use std::os::fd::AsFd as _;
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// Standard input without the buffer that [`io::stdin`] puts before it.
#[cfg(windows)]
fn stdin() -> io::Result<File> {
    use std::os::windows::io::AsHandle as _;
    Ok(File::from(io::stdin().as_handle().try_clone_to_owned()?))
}
