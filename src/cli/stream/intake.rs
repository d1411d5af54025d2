/*!
Bytes as they come → blocks of whole lines.

What has come is handed on at once, as far as its lines are whole: nothing waits for more. A line that grows beyond the limit is not
held: its head is kept, to be told of, and the rest is passed over up to its end.
*/

use std::ops::Range;

use samewire::read::Rejection;
use tokio::sync::OwnedSemaphorePermit;

/// Bytes that are taken at a time, at most.
const CHUNK: usize = 1 << 18;
/// What a line weighs among what is in flight, besides its bytes.
const LINE_WEIGHT: usize = 192;

/// Whole lines.
#[derive(Debug, Default)]
pub struct Block {
    /// The bytes of all, line ends included.
    pub bytes: Vec<u8>,
    /// The lines, in order.
    pub lines: Vec<Line>,
    /// When they came, in seconds since 1970.
    pub arrival: i64,
    /// Their share of what may be in flight, given back when this is dropped.
    pub permit: Option<OwnedSemaphorePermit>,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its bytes in the block, without its end.
    pub range: Range<usize>,
    /// Whether it has an end: the last line may lack it.
    pub ended: bool,
    /// Its number, from 1.
    pub number: u64,
    /// Whether it is longer than allowed. Then its bytes may be no more than its head.
    pub too_long: bool,
}

impl Block {
    /// What it weighs among what is in flight.
    pub fn weight(&self) -> usize {
        self.bytes.capacity() + LINE_WEIGHT * self.lines.len()
    }
}

/// Finds the lines in what comes.
#[derive(Debug)]
pub struct Splitter {
    end: u8,
    limit: usize,
    /// What came and is not handed on, and room for more.
    buffer: Vec<u8>,
    /// Bytes of it that came.
    pending: usize,
    /// The pending line is too long: what comes up to its end is passed over.
    passing: bool,
    lines: u64,
}

impl Splitter {
    /// For lines that end in that byte, of at most so many bytes.
    pub fn new(end: u8, limit: usize) -> Self {
        Self {
            end,
            limit,
            buffer: Vec::new(),
            pending: 0,
            passing: false,
            lines: 0,
        }
    }

    /// Where what comes next is to be put, so that it need not be copied.
    pub fn room(&mut self) -> &mut [u8] {
        let wanted = self.pending + CHUNK;
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        &mut self.buffer[self.pending..wanted]
    }

    /// Takes so many bytes that were put into the room; gives the lines that are whole now, if any.
    pub fn came(&mut self, count: usize) -> Option<Block> {
        let from = self.pending;
        let mut to = from + count;
        let mut first_too_long = false;
        if self.passing {
            // Passed over without being held.
            let end = from + memchr::memchr(self.end, &self.buffer[from..to])?;
            self.buffer.copy_within(end..to, from);
            to -= end - from;
            self.passing = false;
            first_too_long = true;
        }
        self.pending = to;
        let last = memchr::memrchr(self.end, &self.buffer[from..to]);
        let block = last.map(|last| {
            let bytes = self.hand_on(from + last + 1);
            self.block(bytes, first_too_long)
        });
        if self.pending > self.limit {
            self.passing = true;
            self.pending = Rejection::KEPT.min(self.limit);
            self.buffer.truncate(self.pending);
            self.buffer.shrink_to_fit();
        }
        block
    }

    /// The first bytes that are pending.
    fn hand_on(&mut self, count: usize) -> Vec<u8> {
        let rest = count..self.pending;
        self.pending = rest.len();
        if count * 2 < self.buffer.len() {
            // Few: the buffer stays.
            let bytes = self.buffer[..count].to_vec();
            self.buffer.copy_within(rest, 0);
            return bytes;
        }
        let mut next = Vec::with_capacity(rest.len() + CHUNK);
        next.extend_from_slice(&self.buffer[rest]);
        let mut bytes = std::mem::replace(&mut self.buffer, next);
        bytes.truncate(count);
        bytes
    }

    /// The input has ended: gives the last line, if it lacks its end.
    pub fn finish(&mut self) -> Option<Block> {
        let mut bytes = std::mem::take(&mut self.buffer);
        bytes.truncate(std::mem::take(&mut self.pending));
        let too_long = std::mem::take(&mut self.passing);
        (!bytes.is_empty()).then(|| self.block(bytes, too_long))
    }

    fn block(&mut self, bytes: Vec<u8>, first_too_long: bool) -> Block {
        let mut lines = Vec::new();
        let mut start = 0;
        while start < bytes.len() {
            let found = memchr::memchr(self.end, &bytes[start..]);
            let end = found.map_or(bytes.len(), |at| start + at);
            self.lines += 1;
            lines.push(Line {
                range: start..end,
                ended: found.is_some(),
                number: self.lines,
                too_long: (first_too_long && start == 0) || end - start > self.limit,
            });
            start = end + 1;
        }
        Block {
            bytes,
            lines,
            arrival: std::time::SystemTime::UNIX_EPOCH
                .elapsed()
                .map_or(0, |t| t.as_secs() as i64),
            permit: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Seen = (Vec<u8>, bool, u64, bool);

    impl Splitter {
        fn take(&mut self, bytes: &[u8]) -> Option<Block> {
            self.room()[..bytes.len()].copy_from_slice(bytes);
            self.came(bytes.len())
        }
    }

    fn split(pieces: &[&[u8]], limit: usize) -> Vec<Seen> {
        let mut splitter = Splitter::new(b'\n', limit);
        let mut blocks: Vec<Block> = pieces.iter().filter_map(|p| splitter.take(p)).collect();
        blocks.extend(splitter.finish());
        let line = |block: &Block, l: &Line| {
            let head = l.range.len().min(limit);
            let head = block.bytes[l.range.start..l.range.start + head].to_vec();
            (head, l.ended, l.number, l.too_long)
        };
        blocks
            .iter()
            .flat_map(|b| b.lines.iter().map(|l| line(b, l)))
            .collect()
    }

    #[test]
    fn what_is_whole_is_handed_on() {
        let mut splitter = Splitter::new(b'\n', 100);
        assert!(splitter.take(b"ab").is_none());
        let block = splitter.take(b"c\nd\ne").unwrap();
        assert_eq!((&block.bytes[..], block.lines.len()), (&b"abc\nd\n"[..], 2));
        assert_eq!(splitter.finish().unwrap().bytes, b"e");
        assert!(splitter.finish().is_none());
    }

    #[test]
    fn a_line_that_is_too_long_is_not_held() {
        let mut splitter = Splitter::new(b'\n', 1_000);
        for _ in 0..100 {
            splitter.take(&[b'x'; 5_000]);
            assert!(splitter.pending <= 1_000 && splitter.buffer.capacity() <= CHUNK + 5_000);
        }
        let block = splitter.take(b"xx\nnext\n").unwrap();
        let seen: Vec<(bool, u64)> = block.lines.iter().map(|l| (l.too_long, l.number)).collect();
        assert_eq!(seen, [(true, 1), (false, 2)]);
        assert_eq!(&block.bytes[block.lines[1].range.clone()], b"next");
    }

    proptest! {
        #[test]
        fn how_the_bytes_come_does_not_matter(
            bytes in "[ab\n]{0,80}", cuts in prop::collection::vec(0_usize..80, 0..6), limit in 1_usize..12
        ) {
            let bytes = bytes.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|c| &bytes[c[0]..c[1]]).collect();
            prop_assert_eq!(split(&pieces, limit), split(&[bytes], limit));
        }
    }
}
