//! All that an index holds, as arrays.

use std::io;

use super::Incremental;
use super::list::{List, Rule};
use super::rows::Rows;
use super::shard::{KeyHash, Shard};
use crate::index::store::derived::{Reader, Writer};

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
        let shards = (0..count)
            .map(|_| Shard::read(from))
            .collect::<io::Result<Vec<Shard>>>()?;
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
        out.put(&[self.used as u64, self.capped])?;
        out.put(&self.slots)?;
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

    fn read<R: io::Read>(from: &mut Reader<R>) -> io::Result<Self> {
        let [used, capped] = from.get_few()?;
        let slots = from.get()?;
        // A slot must be empty, or a search would not end.
        if used as usize >= slots.len().max(1) {
            return Err(Reader::<R>::broken());
        }
        let lengths = from.get_u32()?;
        let rows = from.get_u32()?;
        let mut rest = &rows[..];
        let mut lists = Vec::with_capacity(lengths.len());
        for length in lengths {
            let (own, after) = rest
                .split_at_checked((length >> 1) as usize)
                .ok_or_else(Reader::<R>::broken)?;
            rest = after;
            lists.push(List::of(own, length & 1 == 1));
        }
        Ok(Self {
            slots,
            used: used as usize,
            free: (0..lists.len() as u32)
                .filter(|&l| lists[l as usize].len() == 0)
                .collect(),
            lists,
            capped,
        })
    }
}
