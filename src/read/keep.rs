/*!
The bytes of chunks after they were read once: where they can be had again.

```text
chunk of a plain file, while few are held  ─▶ held in memory, if its records are short and the driver will look at many again
chunk of a plain file                      ─▶ given back: the file has them, its buffer is read into again
any other, while few are held              ─▶ held in memory
any other, beyond the budget               ─▶ a temporary file without a name, gone with the process however it ends
```

Input: [`Chunk`]s, from any thread. Output: [`Kept`] chunks, whose bytes [`Keeper::bytes`] gives again. Bytes that come from a
file again are whatever the file holds by then: the [`Store`](super::Store) holds each record against a hash.
*/

use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::chunk::Chunk;
use super::{Format, ReadOptions, SourceId};
use crate::error::Result;
use crate::spill::{Spill, read_at};
use crate::text::simd;

/// Files that are kept open to be read again; of further ones the chunks are held as those of pipes are.
const OPEN_FILES: usize = 128;
/// Buffers that wait to be read into again.
const SPARE_BUFFERS: usize = 64;
/// Bytes of a record that the processor is asked to fetch: of what is longer it fetches the rest by itself.
const FETCHED: usize = 1_024;
const CACHE_LINE: usize = 64;
/// Bytes of a record that are not worth a call to the system to read them again. To hold longer ones costs more: memory that was not touched before.
const SHORT: usize = 1_024;

/// A chunk that was read, without its bytes or with them.
#[derive(Debug)]
pub struct Kept {
    pub(super) source: SourceId,
    pub(super) format: Format,
    /// Lines of the source before it.
    pub(super) lines_before: u64,
    /// How many bytes it had.
    pub len: usize,
    bytes: Place,
    /// The file as it was, where the bytes are a decoded form of it, and its length.
    original: Option<(Place, usize)>,
}

#[derive(Debug)]
enum Place {
    Held(Vec<u8>),
    /// From this byte on in its own file.
    InSource(Arc<File>, u64),
    /// From this byte on in the temporary file.
    Spilled(u64),
}

/// Decides where bytes stay, within a budget.
#[derive(Debug)]
pub struct Keeper {
    budget: u64,
    /// Of these so many for chunks of plain files.
    plain: u64,
    held: AtomicU64,
    held_plain: AtomicU64,
    open: Mutex<HashSet<SourceId>>,
    spill: Spill,
    spare: Mutex<Vec<Vec<u8>>>,
}

impl Keeper {
    /// Holds about `budget` bytes at most, none that a plain file has.
    pub fn new(budget: u64) -> Self {
        Self {
            budget,
            plain: 0,
            held: AtomicU64::new(0),
            held_plain: AtomicU64::new(0),
            open: Mutex::default(),
            spill: Spill::default(),
            spare: Mutex::default(),
        }
    }

    /// Holds the share of the memory that falls to bytes which were read.
    pub fn of(options: &ReadOptions) -> Self {
        Self::new(options.memory / 4)
    }

    /// Holds about so many bytes of plain files as well, so that a small corpus of short records is not read again record by record.
    #[must_use]
    pub fn holding_plain(self, bytes: u64) -> Self {
        Self {
            plain: bytes.min(self.budget),
            ..self
        }
    }

    /// A buffer to read into, whatever it holds: an old one, or a new one.
    pub fn buffer(&self) -> Vec<u8> {
        lock(&self.spare).pop().unwrap_or_default()
    }

    /// Takes a chunk that was read, which has so many records.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub fn keep(&self, chunk: Chunk, records: usize) -> Result<Kept> {
        let len = chunk.bytes.len();
        let are_short = len < SHORT * records;
        let bytes = match chunk.again {
            Some(_) if are_short && self.may_hold_plain(len as u64) => hold(chunk.bytes),
            Some((file, at)) if self.may_stay_open(chunk.source) => {
                self.give_back(chunk.bytes);
                Place::InSource(file, at)
            }
            _ => self.place(chunk.bytes)?,
        };
        let original = match chunk.original {
            Some(original) => {
                let len = original.len();
                Some((self.place(original)?, len))
            }
            None => None,
        };
        Ok(Kept {
            source: chunk.source,
            format: chunk.format,
            lines_before: 0,
            len,
            bytes,
            original,
        })
    }

    /// Some bytes of a chunk.
    ///
    /// # Errors
    /// When the file does not have them any more.
    pub fn bytes<'k>(&self, kept: &'k Kept, start: usize, len: usize) -> io::Result<Cow<'k, [u8]>> {
        self.read(&kept.bytes, start, len)
    }

    /// Some bytes of a chunk are asked for soon: those that are held lie far from the processor, which may fetch them.
    pub fn expect(&self, kept: &Kept, start: usize, len: usize) {
        if let Place::Held(bytes) = &kept.bytes
            && let Some(first) = bytes.get(start..start + len.min(FETCHED))
        {
            first
                .chunks(CACHE_LINE)
                .for_each(|line| simd::fetch(&line[0]));
        }
    }

    /// The file that a chunk was decoded from, as it was.
    pub fn original<'k>(&self, kept: &'k Kept) -> Option<io::Result<Cow<'k, [u8]>>> {
        let (place, len) = kept.original.as_ref()?;
        Some(self.read(place, 0, *len))
    }

    fn read<'k>(&self, place: &'k Place, start: usize, len: usize) -> io::Result<Cow<'k, [u8]>> {
        match place {
            Place::Held(bytes) => bytes
                .get(start..start + len)
                .map(Cow::Borrowed)
                .ok_or_else(|| io::ErrorKind::UnexpectedEof.into()),
            Place::InSource(file, at) => read_at(file, at + start as u64, len).map(Cow::Owned),
            Place::Spilled(at) => self.spill.read(at + start as u64, len).map(Cow::Owned),
        }
    }

    /// Whether a file may be read again: it may be already, or is not one too many.
    fn may_stay_open(&self, source: SourceId) -> bool {
        let mut open = lock(&self.open);
        open.contains(&source) || (open.len() < OPEN_FILES && open.insert(source))
    }

    /// Counts bytes of a plain file as held, if they may be.
    fn may_hold_plain(&self, more: u64) -> bool {
        reserve(&self.held_plain, more, self.plain)
            && (reserve(&self.held, more, self.budget) || {
                self.held_plain.fetch_sub(more, Ordering::Relaxed);
                false
            })
    }

    /// What it holds stays there: to be read over is cheaper than to be cleared for it.
    fn give_back(&self, buffer: Vec<u8>) {
        let mut spare = lock(&self.spare);
        if spare.len() < SPARE_BUFFERS {
            spare.push(buffer);
        }
    }

    fn place(&self, bytes: Vec<u8>) -> Result<Place> {
        if reserve(&self.held, bytes.len() as u64, self.budget) {
            return Ok(hold(bytes));
        }
        let at = self.spill.write(&bytes)?;
        self.give_back(bytes);
        Ok(Place::Spilled(at))
    }
}

fn hold(mut bytes: Vec<u8>) -> Place {
    bytes.shrink_to_fit();
    Place::Held(bytes)
}

/// Counts so many more bytes, if all are within the budget then.
fn reserve(held: &AtomicU64, more: u64, budget: u64) -> bool {
    let may = held.fetch_add(more, Ordering::Relaxed) + more <= budget;
    if !may {
        held.fetch_sub(more, Ordering::Relaxed);
    }
    may
}

/// A lock whose holder panicked still guards a list that is whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_records_of_plain_files_are_held_and_long_ones_read_again() {
        let bytes: Vec<u8> = (0..4 * SHORT).map(|i| i as u8).collect();
        let path = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&path, &bytes).unwrap();
        let file = Arc::new(File::open(&path).unwrap());
        let keeper = Keeper::new(1 << 20).holding_plain(1 << 20);
        for (records, are_held) in [(0, false), (1, false), (4, false), (5, true), (400, true)] {
            let again = Some((file.clone(), 0));
            let chunk = Chunk::lines(SourceId(0), bytes.clone(), 0, again);
            let kept = keeper.keep(chunk, records).unwrap();
            let is_held = matches!(kept.bytes, Place::Held(_));
            assert_eq!(is_held, are_held, "{records}");
            assert_eq!(*keeper.bytes(&kept, 300, 900).unwrap(), bytes[300..1_200]);
        }
    }
}
