/*!
The keys of all runs of stories: held while they are few, else in a temporary file.

Input: a [`Sketched`] run, from any thread, with its keys. Output: the keys of a run by part, whether they are held or not. A part is a band,
or the seeds that begin alike.

```text
spilled:  band 0 of all rows │ band 1 … (u32 each)   seeds of part 0 │ part 1 … (as they are packed)
```
*/

use std::sync::atomic::{AtomicU64, Ordering};

use super::engine::{SEED_PARTS, Sketched};
use super::packed::{self, Packed};
use crate::error::{Error, Result};
use crate::spill::Spill;

/// Where the keys of a run lie.
#[derive(Debug, Default)]
pub struct Spilled {
    bands_at: u64,
    rows: usize,
    /// For each part of the seeds where they begin and how many bytes they have.
    seeds: Vec<(u64, usize)>,
}

/// Decides where keys stay, within a budget.
#[derive(Debug)]
pub struct KeyKeeper {
    budget: u64,
    bands: usize,
    held: AtomicU64,
    all: [AtomicU64; 2],
    spill: Spill,
}

impl KeyKeeper {
    /// Holds about `budget` bytes of keys at most, of them so many bands.
    pub fn new(budget: u64, bands: usize) -> Self {
        Self {
            budget,
            bands,
            held: AtomicU64::new(0),
            all: [AtomicU64::new(0), AtomicU64::new(0)],
            spill: Spill::default(),
        }
    }

    /// Takes the keys of a run that is done.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub fn settle(&self, run: &mut Sketched) -> Result<()> {
        let of_parts = || run.seeds.iter().map(Packed::bytes);
        let seeds: usize = of_parts().map(packed::count).sum();
        self.all[0].fetch_add(run.keys.len() as u64, Ordering::Relaxed);
        self.all[1].fetch_add(seeds as u64, Ordering::Relaxed);
        // A seed counts as eight bytes, not the five that it has: what buckets take for it is reckoned from that.
        let bytes = run.keys.len() as u64 * 4 + seeds as u64 * 8;
        if self.held.fetch_add(bytes, Ordering::Relaxed) + bytes <= self.budget {
            run.keys.shrink_to_fit();
            run.seeds.iter_mut().for_each(Packed::shrink);
            return Ok(());
        }
        self.held.fetch_sub(bytes, Ordering::Relaxed);
        let rows = run.keys.len() / self.bands.max(1);
        let by_band: Vec<u32> = (0..self.bands)
            .flat_map(|band| run.keys.chunks_exact(self.bands).map(move |row| row[band]))
            .collect();
        let mut spilled = Spilled {
            bands_at: self.spill.write(bytemuck::cast_slice(&by_band))?,
            rows,
            seeds: Vec::with_capacity(SEED_PARTS),
        };
        // All at once: there are many parts, and few seeds of a run in each.
        let mut at = self.spill.write(&of_parts().collect::<Vec<_>>().concat())?;
        for part in of_parts() {
            spilled.seeds.push((at, part.len()));
            at += part.len() as u64;
        }
        run.keys = Vec::new();
        run.seeds = Vec::new();
        run.spilled = Some(spilled);
        Ok(())
    }

    /// Bytes of keys that are held at most.
    pub fn budget(&self) -> u64 {
        self.budget
    }

    /// Whether not all keys are held.
    pub fn overflows(&self) -> bool {
        !self.spill.is_empty()
    }

    /// Band keys of all runs.
    pub fn band_keys(&self) -> u64 {
        self.all[0].load(Ordering::Relaxed)
    }

    /// Seeds of all runs, or a few more.
    pub fn seeds(&self) -> u64 {
        self.all[1].load(Ordering::Relaxed)
    }

    /// The keys of a band, of all rows of a run.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    pub fn band(&self, run: &Sketched, band: usize, out: &mut Vec<u32>) -> Result<()> {
        out.clear();
        match &run.spilled {
            None => out.extend(run.keys.chunks_exact(self.bands).map(|row| row[band])),
            Some(spilled) => {
                out.resize(spilled.rows, 0);
                let at = spilled.bands_at + (band * spilled.rows * 4) as u64;
                self.read(at, bytemuck::cast_slice_mut(out))?;
            }
        }
        Ok(())
    }

    /// The seeds of a run that belong to a part, [packed]; they are read into `room` where they are not held.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    pub fn seeds_of<'r>(
        &self,
        run: &'r Sketched,
        part: usize,
        room: &'r mut Vec<u8>,
    ) -> Result<&'r [u8]> {
        match &run.spilled {
            None => Ok(run.seeds.get(part).map_or(&[], Packed::bytes)),
            Some(spilled) => {
                let &(at, len) = spilled.seeds.get(part).unwrap_or(&(0, 0));
                room.resize(len, 0);
                self.read(at, room)?;
                Ok(room)
            }
        }
    }

    fn read(&self, at: u64, into: &mut [u8]) -> Result<()> {
        if into.is_empty() {
            return Ok(());
        }
        self.spill
            .read_into(at, into)
            .map_err(|source| Error::File {
                path: std::env::temp_dir(),
                action: "reading a temporary file",
                next: "run again",
                source,
            })
    }
}
