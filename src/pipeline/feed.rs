/*!
Sources → tasks for the first pass.

A large file is handed out in parts, so that many threads read it and work on it; small files are handed out by the
dozen, unopened, so that opening them is shared too. What has no parts (a pipe, a compressed file, the end of any) is handed out
chunk by chunk: whoever takes the next reads (and decompresses) it while the others work on theirs.
*/

use std::ops::Range;

use crate::read::keep::Keeper;
use crate::read::{Chunk, ChunkReader, Part, ReadOptions, Rejection, Source, SourceId, SourceKind};

/// Files of at most this many bytes are small.
const SMALL: u64 = 256 << 10;
/// Small files to a task.
const FILES_A_TASK: usize = 32;
/// Bytes of small files to a task.
const BYTES_A_TASK: u64 = 1 << 20;

/// A piece of the first pass.
pub enum Task {
    /// A chunk of a large file, or something of it that could not be read; and which it is of the file, from 0.
    Read(SourceId, u32, Result<Chunk, Rejection>),
    /// Lines of a large file that whoever takes the task reads; and which part it is of the file.
    Part(u32, Part),
    /// Small files, to be opened by whoever takes the task.
    Files(Range<usize>),
}

/// Hands out tasks in the order of the sources.
pub struct Feed<'s> {
    sources: &'s [Source],
    options: &'s ReadOptions,
    keeper: &'s Keeper,
    next: usize,
    open: Option<(SourceId, u32, ChunkReader)>,
}

impl<'s> Feed<'s> {
    /// Over these sources, with the buffers of that keeper.
    pub fn new(sources: &'s [Source], options: &'s ReadOptions, keeper: &'s Keeper) -> Self {
        Self {
            sources,
            options,
            keeper,
            next: 0,
            open: None,
        }
    }

    fn small_size(&self, i: usize) -> Option<u64> {
        let source = self.sources.get(i)?;
        source
            .bytes
            .filter(|&bytes| bytes <= SMALL && source.kind == SourceKind::File)
    }
}

impl Iterator for Feed<'_> {
    type Item = Task;

    fn next(&mut self) -> Option<Task> {
        loop {
            if let Some((id, ordinal, reader)) = &mut self.open {
                if let Some(part) = reader.part() {
                    *ordinal += 1;
                    return Some(Task::Part(*ordinal - 1, part));
                }
                reader.read_into(self.keeper.buffer());
                if let Some(read) = reader.next() {
                    *ordinal += 1;
                    return Some(Task::Read(*id, *ordinal - 1, read));
                }
                self.open = None;
            }
            let first = self.next;
            let mut bytes = 0;
            while self.next - first < FILES_A_TASK && bytes < BYTES_A_TASK {
                let Some(size) = self.small_size(self.next) else {
                    break;
                };
                bytes += size;
                self.next += 1;
            }
            if self.next > first {
                return Some(Task::Files(first..self.next));
            }
            let source = self.sources.get(first)?;
            self.next += 1;
            let id = SourceId(first as u32);
            match ChunkReader::open(id, source, self.options) {
                Ok(reader) => self.open = Some((id, 0, reader)),
                Err(rejection) => return Some(Task::Read(id, 0, Err(rejection))),
            }
        }
    }
}
