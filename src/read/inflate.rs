/*!
gzip (RFC 1952) and zstd (RFC 8878) as plain bytes, to the last sound one.

The ready-made readers of `flate2` and `zstd` decode as much as fits, and throw that away when they then meet
damage. Here what was decoded comes first and the error next, so that the records before the damage are kept.
Several members or frames in a row are one stream. Zero padding after a gzip member is passed over (tapes and
block devices pad); anything else after it is an error.
*/

use std::io::{self, Read};

use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{Decoder as ZstdDecoder, InBuffer, Operation as _, OutBuffer};

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Zstd,
}

impl Compression {
    /// So many bytes decide.
    pub(super) const MAGIC: usize = 4;

    /// By the first bytes.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// By the end of a name.
    pub(super) fn promised_by(name: &str) -> Option<Self> {
        if ends_with(name, ".gz") {
            Some(Self::Gzip)
        } else if ends_with(name, ".zst") {
            Some(Self::Zstd)
        } else {
            None
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// Whether `name` ends in `ending` (lower case), whatever the case of the name.
pub(super) fn ends_with(name: &str, ending: &str) -> bool {
    name.len() >= ending.len()
        && name.as_bytes()[name.len() - ending.len()..].eq_ignore_ascii_case(ending.as_bytes())
}

const INPUT: usize = 64 << 10;

/// Compressed bytes from `inner` → plain bytes.
pub(super) struct Inflate<R> {
    inner: R,
    input: Vec<u8>,
    start: usize,
    codec: Codec,
    /// What is told at the next call, after the bytes that came before it.
    failed: Option<io::Error>,
    consumed: u64,
}

enum Codec {
    /// The flag says that a member has begun.
    Gzip(Box<Decompress>, bool),
    /// The number is how many bytes the decoder wants next: fed just that, it stops at every block, and
    /// damage costs one block. 0 stands between frames.
    Zstd(Box<ZstdDecoder<'static>>, usize),
    Ended,
}

impl<R: Read> Inflate<R> {
    /// `head` holds the bytes already taken from `inner`.
    pub(super) fn new(kind: Compression, head: &[u8], inner: R) -> io::Result<Self> {
        Ok(Self {
            inner,
            input: head.to_vec(),
            start: 0,
            codec: match kind {
                Compression::Gzip => Codec::Gzip(Box::new(Decompress::new_gzip(15)), true),
                Compression::Zstd => Codec::Zstd(Box::new(ZstdDecoder::new()?), 0),
            },
            failed: None,
            consumed: 0,
        })
    }

    /// Compressed bytes used so far.
    pub(super) fn consumed(&self) -> u64 {
        self.consumed
    }

    /// Makes sure that there is input, unless there is none left.
    fn fill(&mut self) -> io::Result<bool> {
        if self.start < self.input.len() {
            return Ok(true);
        }
        self.start = 0;
        self.input.resize(INPUT, 0);
        let got = loop {
            match self.inner.read(&mut self.input) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.input.truncate(*got.as_ref().unwrap_or(&0));
        Ok(got? > 0)
    }

    fn take(&mut self, bytes: usize) {
        self.start += bytes;
        self.consumed += bytes as u64;
    }

    /// One step: how many bytes came out, and whether it failed thereafter.
    fn step(&mut self, out: &mut [u8]) -> (usize, io::Result<()>) {
        let more = match self.fill() {
            Ok(more) => more,
            Err(e) => return (0, Err(e)),
        };
        let input = &self.input[self.start..];
        match &mut self.codec {
            Codec::Ended => (0, Ok(())),
            Codec::Gzip(inflate, begun) => {
                if !*begun {
                    let zeros = input.iter().take_while(|&&b| b == 0).count();
                    if !more {
                        self.codec = Codec::Ended;
                    } else if zeros > 0 {
                        self.take(zeros);
                    } else if input[0] == 0x1f {
                        **inflate = Decompress::new_gzip(15);
                        *begun = true;
                    } else {
                        return (0, Err(damage("bytes after the end that are not gzip")));
                    }
                    return (0, Ok(()));
                }
                let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
                let result = inflate.decompress(input, out, FlushDecompress::None);
                let used = (inflate.total_in() - before_in) as usize;
                let made = (inflate.total_out() - before_out) as usize;
                let outcome = match result {
                    Ok(Status::StreamEnd) => {
                        *begun = false;
                        Ok(())
                    }
                    Ok(_) if !more && made == 0 => Err(cut_short()),
                    Ok(_) => Ok(()),
                    Err(e) => Err(damage(&e.to_string())),
                };
                self.take(used);
                (made, outcome)
            }
            Codec::Zstd(decoder, wanted) => {
                if !more {
                    // Output may be left in the decoder; only when there is none has the input ended early.
                    if *wanted == 0 {
                        self.codec = Codec::Ended;
                        return (0, Ok(()));
                    }
                }
                // Between frames a few bytes suffice to begin the next.
                let portion = input.len().min(if *wanted == 0 { 4 } else { *wanted });
                let mut source = InBuffer::around(&input[..portion]);
                let mut target = OutBuffer::around(out);
                let result = decoder.run(&mut source, &mut target);
                let (used, made) = (source.pos(), target.pos());
                let outcome = match result {
                    Ok(hint) => {
                        *wanted = hint;
                        if !more && made == 0 && hint > 0 {
                            Err(cut_short())
                        } else {
                            Ok(())
                        }
                    }
                    Err(e) => Err(damage(&e.to_string())),
                };
                self.take(used);
                (made, outcome)
            }
        }
    }
}

impl<R: Read> Read for Inflate<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Some(e) = self.failed.take() {
            self.codec = Codec::Ended;
            return Err(e);
        }
        while !out.is_empty() && !matches!(self.codec, Codec::Ended) {
            match self.step(out) {
                (0, Ok(())) => {}
                (made, Ok(())) => return Ok(made),
                (0, Err(e)) => {
                    self.codec = Codec::Ended;
                    return Err(e);
                }
                (made, Err(e)) => {
                    self.failed = Some(e);
                    return Ok(made);
                }
            }
        }
        Ok(0)
    }
}

fn damage(cause: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, cause)
}

fn cut_short() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "it ends in the middle")
}
