/*!
Keys of a corpus that is larger than memory → for each row, the earlier rows that share a key with it.

```text
for each part, slice by slice:  (key, row) sorted ─▶ what the bucket rule proposes: (row, earlier row)
                                                      └─▶ bins of consecutive rows, in temporary files
for each bin:                   read, put in order of the row ─▶ candidates of its rows
```

The rules are those of [`buckets`](super::buckets), and so are the candidates: property-tested. There rows look their keys up; here keys
hand out their rows, so that all that is held is a slice of a part and a bin, each of about a quarter of the memory given.
*/

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::buckets::{FEW, proposed};
use super::candidates::Candidates;
use super::entries::Entries;
use crate::error::{Error, Result};
use crate::spill::Spill;
use crate::threads::try_in_turn;

/// Pairs that a thread collects for a bin before it writes them.
const PAIRS_A_WRITE: usize = 4_096;
/// Pairs that are proposed for each key, as measured on agency copy: what the number of bins is reckoned with.
const PAIRS_A_KEY: u64 = 4;
/// Files that pairs are written to.
const FILES: usize = 4;
/// Bins at most: each thread collects for all of them.
const MOST_BINS: u64 = 1 << 10;

/// How much room there is.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Bytes of memory to keep to, roughly.
    pub memory: u64,
    /// Keys of all rows.
    pub keys: u64,
}

impl Room {
    /// Rows to a bin, so that the bins of all threads fit.
    pub fn rows_a_bin(self, rows: usize) -> usize {
        let threads = rayon::current_num_threads() as u64;
        let bytes = self.keys * PAIRS_A_KEY * 8 * threads;
        let bins = bytes.div_ceil((self.memory / 4).max(1)).clamp(1, MOST_BINS);
        rows.div_ceil(bins as usize).max(1)
    }

    /// Slices that a part's keys are taken in, so that the slices of all threads fit.
    fn slices(self, parts: usize) -> u32 {
        let threads = rayon::current_num_threads() as u64;
        // Sorted beside themselves, once it is noted which are alone.
        let bytes = self.keys * 18 * threads / parts as u64;
        let slices = bytes.div_ceil((self.memory / 4).max(1));
        slices.clamp(1, 256).next_power_of_two() as u32
    }
}

/// Which rows share keys, in temporary files.
#[derive(Debug)]
pub struct Proposals {
    /// A file for every few threads: the system lets one at a time write to a file.
    spills: [Spill; FILES],
    rows: usize,
    rows_a_bin: usize,
    /// For each bin where its pairs lie: in which file, from where on, and how many.
    bins: Vec<Mutex<Vec<(usize, u64, usize)>>>,
    exact: bool,
    capped: u64,
}

/// The pairs of a bin.
#[derive(Debug)]
pub struct Bin {
    first_row: usize,
    /// Rows proposed to row `first_row + i`: `others[starts[i]..starts[i + 1]]`.
    starts: Vec<u32>,
    others: Vec<u32>,
}

impl Proposals {
    /// From the keys of `rows` rows, in bins of so many rows; `fill(part, slice, out)` appends the [`entry`](super::entry) of every key of a part that lies in
    /// the slice, in order of the rows. No row has a key twice.
    ///
    /// # Errors
    /// When `fill` fails or the temporary file cannot be written.
    pub fn build(
        rows: usize,
        parts: usize,
        exact: bool,
        room: Room,
        rows_a_bin: usize,
        fill: impl Fn(usize, Slice, &mut Vec<u64>) -> Result<()> + Sync,
    ) -> Result<Self> {
        let mut proposals = Self {
            spills: std::array::from_fn(|_| Spill::default()),
            rows,
            rows_a_bin,
            bins: (0..rows.div_ceil(rows_a_bin))
                .map(|_| Mutex::default())
                .collect(),
            exact,
            capped: 0,
        };
        let slices = room.slices(parts);
        let own = &proposals;
        let capped = try_in_turn(
            parts * slices as usize,
            || (Entries::default(), vec![Vec::new(); own.bins.len()]),
            |(entries, bins), job| {
                let slice = Slice {
                    shift: 32 - slices.trailing_zeros(),
                    number: job as u32 % slices,
                };
                entries.all.clear();
                fill(job / slices as usize, slice, &mut entries.all)?;
                entries.sort(slices.trailing_zeros());
                own.propose(&entries.all, bins)
            },
        )?;
        proposals.capped = capped.iter().sum();
        Ok(proposals)
    }

    /// Hands all pairs of sorted entries to their bins; how many keys were capped.
    fn propose(&self, sorted: &[u64], bins: &mut [Vec<u64>]) -> Result<u64> {
        let mut capped = 0;
        let mut before: Vec<u32> = Vec::new();
        for run in sorted.chunk_by(|a, b| a >> 32 == b >> 32) {
            if run.len() < 2 {
                continue;
            }
            capped += u64::from(!self.exact && run.len() > FEW + 1);
            before.clear();
            for &entry in run {
                let row = entry as u32;
                let (first, last) = proposed(&before, self.exact);
                let number = row as usize / self.rows_a_bin;
                let bin = &mut bins[number];
                let pair = |&other: &u32| super::entry(row, other);
                bin.extend(first.iter().map(pair));
                bin.extend(last.iter().map(pair));
                if bin.len() >= PAIRS_A_WRITE {
                    self.write(number, bin)?;
                }
                before.push(row);
            }
        }
        for (number, bin) in bins.iter_mut().enumerate() {
            if !bin.is_empty() {
                self.write(number, bin)?;
            }
        }
        Ok(capped)
    }

    fn write(&self, number: usize, pairs: &mut Vec<u64>) -> Result<()> {
        let file = rayon::current_thread_index().unwrap_or(0) % FILES;
        let at = self.spills[file].write(bytemuck::cast_slice(pairs))?;
        self.bins[number]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((file, at, pairs.len()));
        pairs.clear();
        Ok(())
    }

    /// Number of keys that more rows share than the bucket rule proposes.
    pub fn capped(&self) -> u64 {
        self.capped
    }

    /// The pairs of a run of rows, which is a bin: from a multiple of the rows to a bin on.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    pub fn bin(&self, first_row: usize) -> Result<Bin> {
        let segments = self.bins[first_row / self.rows_a_bin]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut pairs = vec![0_u64; segments.iter().map(|s| s.2).sum()];
        let mut filled = 0;
        for (file, at, len) in segments {
            let into = bytemuck::cast_slice_mut(&mut pairs[filled..filled + len]);
            self.spills[file]
                .read_into(at, into)
                .map_err(|source| Error::File {
                    path: std::env::temp_dir(),
                    action: "reading a temporary file",
                    next: "run again",
                    source,
                })?;
            filled += len;
        }
        let rows = self.rows_a_bin.min(self.rows - first_row);
        let row_of = |pair: u64| (pair >> 32) as usize - first_row;
        let mut starts = vec![0_u32; rows + 2];
        for &pair in &pairs {
            starts[row_of(pair) + 2] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut others = vec![0_u32; pairs.len()];
        for &pair in &pairs {
            let place = &mut starts[row_of(pair) + 1];
            others[*place as usize] = pair as u32;
            *place += 1;
        }
        starts.pop();
        Ok(Bin {
            first_row,
            starts,
            others,
        })
    }

    /// Rows in runs that each are a bin.
    pub fn runs(rows: usize, rows_a_bin: usize) -> impl Iterator<Item = Range<usize>> {
        (0..rows)
            .step_by(rows_a_bin)
            .map(move |first| first..rows.min(first + rows_a_bin))
    }

    /// Replaces `out` by the candidates of `row`, which lies in the bin: as [`Buckets::candidates`](super::Buckets::candidates).
    pub fn candidates(
        &self,
        bin: &Bin,
        row: usize,
        score: impl Fn(u32, u32) -> Option<u32>,
        out: &mut Candidates,
    ) {
        let i = row - bin.first_row;
        let others = &bin.others[bin.starts[i] as usize..bin.starts[i + 1] as usize];
        out.expect(others.len());
        out.add(others);
        out.rank(self.exact, score);
    }
}

/// Some of all keys, by their first bits.
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    shift: u32,
    number: u32,
}

impl Slice {
    /// Whether a key lies in it.
    #[inline(always)]
    pub fn has(self, key: u32) -> bool {
        key.checked_shr(self.shift).unwrap_or(0) == self.number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{Block, Buckets, entry};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn candidates_are_those_of_buckets(
            keys in prop::collection::vec(prop::collection::vec(0_u32..5, 3), 1..250),
            exact in any::<bool>(),
            memory in prop::sample::select(vec![1_u64, 1 << 10, 1 << 14, 1 << 30]),
            rows_a_bin in 1_usize..300
        ) {
            // Spread over the slices, as hashes are.
            let key = |row: usize, part: usize| keys[row][part].wrapping_mul(0x9e37_79b9);
            let rows = keys.len();
            let buckets = Buckets::build(3, exact, |part, out| {
                out.extend((0..rows).map(|row| entry(key(row, part), row as u32)));
            });
            let room = Room { memory, keys: rows as u64 * 3 };
            let proposals = Proposals::build(rows, 3, exact, room, rows_a_bin, |part, slice, out| {
                out.extend((0..rows).filter(|&row| slice.has(key(row, part))).map(|row| entry(key(row, part), row as u32)));
                Ok(())
            }).unwrap();
            prop_assert_eq!(proposals.capped(), buckets.capped());
            let (mut found, mut expected) = (Candidates::default(), Candidates::default());
            let mut block = Block::default();
            for run in Proposals::runs(rows, rows_a_bin) {
                let bin = proposals.bin(run.start).unwrap();
                buckets.look_up(run.clone(), &mut block);
                for row in run {
                    proposals.candidates(&bin, row, |_, shared| Some(shared), &mut found);
                    buckets.candidates(&block, row, |_, shared| Some(shared), &mut expected);
                    prop_assert_eq!(&found.best, &expected.best);
                }
            }
        }
    }

    #[test]
    fn little_memory_makes_many_bins_and_slices() {
        let room = |memory| Room {
            memory,
            keys: 1_000_000,
        };
        assert_eq!(room(1 << 40).rows_a_bin(1_000), 1_000);
        assert!(room(1 << 20).rows_a_bin(1_000) < 20);
        assert_eq!(room(1 << 40).slices(32), 1);
        assert!(room(1 << 20).slices(32) > 1);
    }
}
