/*!
Lines of chunks → lines of their sources.

Chunks are understood on many threads, and no thread waits to hear how many lines came before: each counts the lines of its own
chunk from 1. They are numbered once all are there, in the order of the input.
*/

use super::{Rejection, SourceId};

/// Counts the lines of sources, of which it is told in order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Numbering {
    source: Option<SourceId>,
    lines: u64,
}

impl Numbering {
    /// Takes note of the next chunk, which has so many lines; returns how many lines of its source stand before it.
    pub fn chunk(&mut self, source: SourceId, lines: u64) -> u64 {
        if self.source != Some(source) {
            *self = Self {
                source: Some(source),
                lines: 0,
            };
        }
        let before = self.lines;
        self.lines += lines;
        before
    }

    /// Numbers what was rejected between chunks: the line that it tells of, if it tells of one, is in none of them.
    #[must_use]
    pub fn rejection(&mut self, source: SourceId, rejection: Rejection) -> Rejection {
        let before = self.chunk(source, u64::from(rejection.line.is_some()));
        rejection.after(before)
    }
}
