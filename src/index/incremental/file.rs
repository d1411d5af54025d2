//! All that an index holds, as arrays.

use std::io;

use super::Incremental;
use super::list::{List, Rule};
use super::rows::Rows;
use super::shard::{KeyHash, LINE, Lines, Shard, place_of, taken};
use crate::index::store::derived::{Reader, Writer};
use crate::threads::drawn_here;

/// Lines whose counts of places are in one word.
const COUNTS: usize = 8;

impl Incremental {
    /// Writes all of it. Nothing may be staged.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write<W: io::Write>(&self, out: &mut Writer<W>) -> io::Result<()> {
        debug_assert_eq!(self.staged_rows, 0);
        out.put(&[
            self.shards.len() as u64,
            self.hash.add,
            self.hash.multiply,
            u64::from(self.rule.exact),
            u64::from(self.rule.forgets),
            self.next_shard as u64,
            self.debt as u64,
            u64::from(self.rows.first()),
        ])?;
        for shard in &self.shards {
            shard.write(out)?;
        }
        let there: Vec<u32> = self.rows.there().map(u32::from).collect();
        let bits: Vec<u32> = there
            .chunks(32)
            .map(|bits| bits.iter().rev().fold(0, |word, bit| word << 1 | bit))
            .collect();
        out.put(&[there.len() as u64])?;
        out.put_u32(&bits)
    }

    /// Reads what [`write`](Self::write) wrote.
    ///
    /// # Errors
    /// When it is cut short or does not hold together.
    pub fn read<R: io::Read>(from: &mut Reader<R>) -> io::Result<Self> {
        let [
            count,
            add,
            multiply,
            exact,
            forgets,
            next_shard,
            debt,
            first,
        ] = from.get_few()?;
        let laid_down = (0..count).map(|_| LaidDown::read(from));
        let shards: Vec<Option<Shard>> = drawn_here(laid_down, LaidDown::shard)?;
        let shards: Option<Vec<Shard>> = shards.into_iter().collect();
        let shards = shards.ok_or_else(Reader::<R>::broken)?;
        let [length] = from.get_few()?;
        let bits = from.get_u32()?;
        if bits.len() as u64 != length.div_ceil(32) {
            return Err(Reader::<R>::broken());
        }
        let there = (0..length as usize).map(|i| bits[i / 32] >> (i % 32) & 1 == 1);
        let rule = Rule {
            exact: exact == 1,
            forgets: forgets == 1,
        };
        Ok(Self {
            next_shard: next_shard as usize,
            debt: debt as usize,
            ..Self::of(
                shards,
                KeyHash { add, multiply },
                Rows::of(first as u32, there),
                rule,
            )
        })
    }
}

impl Shard {
    fn write<W: io::Write>(&self, out: &mut Writer<W>) -> io::Result<()> {
        out.put(&[self.lines.len() as u64, self.used as u64, self.capped])?;
        // Of each line how many places are taken, in four bits.
        let mut counts = Vec::with_capacity(self.lines.len().div_ceil(COUNTS));
        let (mut keys, mut values) = (Vec::with_capacity(self.used), Vec::with_capacity(self.used));
        for some in self.lines.all().chunks(COUNTS) {
            let mut word = 0;
            for (i, line) in some.iter().enumerate() {
                let taken = taken(line);
                word |= (taken as u32) << (i * 4);
                for place in 0..taken {
                    let (key, value) = place_of(line, place);
                    keys.push(key);
                    values.push(value);
                }
            }
            counts.push(word);
        }
        for all in [counts, keys, values] {
            out.put_u32(&all)?;
        }
        let length = |l: &List| (l.len() as u32) << 1 | u32::from(l.is_full());
        out.put_u32(&self.lists.iter().map(length).collect::<Vec<_>>())?;
        let mut rows = Vec::new();
        for list in &self.lists {
            let (front, back) = list.runs();
            rows.extend_from_slice(front);
            rows.extend_from_slice(back);
        }
        out.put_u32(&rows)
    }
}

/// A shard as it lies in the file.
struct LaidDown {
    lines: u64,
    used: u64,
    capped: u64,
    /// Of each line how many places are taken.
    counts: Vec<u32>,
    keys: Vec<u32>,
    values: Vec<u32>,
    lengths: Vec<u32>,
    rows: Vec<u32>,
}

impl LaidDown {
    fn read<R: io::Read>(from: &mut Reader<R>) -> io::Result<Self> {
        let [lines, used, capped] = from.get_few()?;
        Ok(Self {
            lines,
            used,
            capped,
            counts: from.get_u32()?,
            keys: from.get_u32()?,
            values: from.get_u32()?,
            lengths: from.get_u32()?,
            rows: from.get_u32()?,
        })
    }

    /// The shard; none if it does not hold together.
    fn shard(self) -> Option<Shard> {
        // There are never many more lines than keys fill; what is damaged must not ask for more memory than there is.
        let most = self.keys.len() as u64 / 2 + 64;
        let counted = self.counts.len() as u64 == self.lines.div_ceil(COUNTS as u64);
        let whole = self.keys.len() as u64 == self.used
            && self.keys.len() == self.values.len()
            && !self.values.contains(&0);
        if self.lines > most || !counted || !whole {
            return None;
        }
        let mut rest = self.keys.iter().zip(&self.values);
        let mut lines = Lines::new(self.lines as usize);
        let mut free = 0;
        for line in 0..self.lines as usize {
            let taken = (self.counts[line / COUNTS] >> (line % COUNTS * 4) & 0xf) as usize;
            free += LINE.checked_sub(taken)?;
            for place in 0..taken {
                let (&key, &value) = rest.next()?;
                lines.put(line, place, key, value);
            }
        }
        // A place must be free, or a search would not end.
        if rest.next().is_some() || (self.lines > 0 && free == 0) {
            return None;
        }
        let mut rest = &self.rows[..];
        let mut lists = Vec::with_capacity(self.lengths.len());
        for length in self.lengths {
            let (own, after) = rest.split_at_checked((length >> 1) as usize)?;
            rest = after;
            lists.push(List::of(own, length & 1 == 1));
        }
        let is_free = |&list: &u32| lists[list as usize].len() == 0;
        Some(Shard {
            free: (0..lists.len() as u32).filter(is_free).collect(),
            lines,
            used: self.used as usize,
            lists,
            capped: self.capped,
        })
    }
}
