/*!
Whole lines of a plain file that are still to be read: what many threads can read at once.

```text
ChunkReader::part (one thread at a time): where the next part ends, by a look at a few bytes ─▶ Part::read (any thread) ─▶ Chunk
```

A [`ChunkReader`](super::ChunkReader) that is asked for chunks reads them itself, so that threads wait for one another. What is out of the
ordinary (a line that is longer than a chunk, the end of the file, a place that cannot be read) it keeps for itself all the same.
*/

use std::fs::File;
use std::sync::Arc;

use super::SourceId;
use super::chunk::{Chunk, changed};
use super::reject::Rejection;
use crate::spill::read_some_at;

/// Bytes that are looked at for the end of a line, at first.
const LOOK: usize = 8 << 10;

/// Lines of a file, by place.
#[derive(Debug)]
pub struct Part {
    pub(super) source: SourceId,
    pub(super) file: Arc<File>,
    /// Size of the file when it was opened.
    pub(super) size: u64,
    pub(super) start: u64,
    pub(super) end: u64,
    /// Bytes of parts at most, but for their last lines.
    pub(super) most: usize,
    /// Whether the file may be read again.
    pub(super) again: bool,
}

impl Part {
    /// Where it lies.
    pub fn source(&self) -> SourceId {
        self.source
    }

    /// Reads it, into that buffer or, where that is too small, into another. If the file has not all of it any more, that is told, and
    /// the whole lines that are there are kept.
    pub fn read(self, source_name: &str, mut buffer: Vec<u8>) -> (Chunk, Option<Rejection>) {
        let len = (self.end - self.start) as usize;
        if buffer.capacity() < len {
            // Not made larger, which would copy it; and with room for the parts that it is used for later: what is not touched costs nothing.
            let room = len.max(self.most);
            buffer = Vec::with_capacity(room + room / 16);
        }
        buffer.resize(len, 0);
        let (got, failed) = read_some_at(&self.file, self.start, &mut buffer);
        buffer.truncate(got);
        let mut rejection = None;
        if got < len {
            let whole = memchr::memrchr(b'\n', &buffer).map_or(0, |at| at + 1);
            buffer.truncate(whole);
            let at = self.start + got as u64;
            rejection = Some(match failed {
                Some(e) => Rejection::io(source_name, &format!("reading, at byte {at}"), &e),
                None => changed(
                    source_name,
                    self.size,
                    other_size(&self.file, self.size).unwrap_or(at),
                ),
            });
        }
        let chunk = Chunk::lines(
            self.source,
            buffer,
            self.end - self.start,
            self.again.then_some((self.file, self.start)),
        );
        (chunk, rejection)
    }
}

/// Size of a file as it is now, if it is another than that.
pub(super) fn other_size(file: &File, size: u64) -> Option<u64> {
    let now = file.metadata().ok()?.len();
    (now != size).then_some(now)
}

/// One past the first line end of a file at `from` or after it, unless it is more than `most` bytes away or cannot be read.
pub(super) fn line_end(file: &File, mut from: u64, most: usize) -> Option<u64> {
    let mut look = [0; LOOK];
    let until = from + most as u64;
    while from < until {
        let (got, _) = read_some_at(file, from, &mut look);
        if let Some(at) = memchr::memchr(b'\n', &look[..got]) {
            return Some(from + at as u64 + 1);
        }
        if got < LOOK {
            break;
        }
        from += LOOK as u64;
    }
    None
}
