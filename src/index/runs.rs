/*!
Keys of one part with their rows → runs of rows that share a key, and where each row stands in them.

```text
(key, row), in order of the row ─▶ most singles left out ─▶ counted by key ─▶ runs, and places in order of the row
```

Keys are counted in a hash table, not sorted: so rows come out in the order in which they went in, and whoever asks for the places of some rows
reads one stretch of each part.
*/

use super::buckets::FEW;
use super::entries::drop_singles;
use crate::text::scatter::Scatter;

/// What became of the keys of a part.
#[derive(Debug)]
pub(super) struct Part {
    /// Rows of every run of two or more, run after run, in each in order.
    pub members: Vec<u32>,
    /// In order of the row.
    pub standing: Vec<Standing>,
    /// Keys that more rows share than the bucket rule proposes.
    pub capped: u64,
}

/// A row in a run, not the first of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Standing {
    pub row: u32,
    /// Where the run starts among the members.
    pub run: u32,
    /// How many rows stand in the run before this one.
    pub before: u32,
}

/// What a part is made in; used again for the next.
#[derive(Debug, Default)]
pub(super) struct Grouping {
    /// The keys of a part with their rows ([`entry`](super::entry)), in order of the row; no row has a key twice.
    pub entries: Vec<u64>,
    seen: Vec<u64>,
    slots: Vec<Slot>,
    /// For each entry, its slot.
    slot_of: Vec<u32>,
    scatter: Scatter,
}

/// A key that was met, if its count is not 0; later, where its run starts.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    key_or_start: u32,
    count: u32,
}

/// How many keys are shared, how many rows share them, and how many more than the bucket rule proposes.
#[derive(Debug, Default)]
struct Counted {
    rows: usize,
    runs: usize,
    capped: u64,
}

impl Grouping {
    /// The part of these entries, which are used up.
    pub fn part(&mut self) -> Part {
        drop_singles(&mut self.entries, 0, &mut self.seen);
        let counted = self.count();
        // One more: what is not shared, and what is the first of its run, is written there too.
        let mut members = vec![0; counted.rows + 1];
        let mut standing = vec![Standing::default(); counted.rows - counted.runs + 1];
        let (mut placed, mut laid_out) = (0, 0);
        for (&entry, &slot) in self.entries.iter().zip(&self.slot_of) {
            let (row, before) = (entry as u32, (entry >> 32) as u32);
            let slot = &mut self.slots[slot as usize];
            let shared = slot.count > 1;
            // Runs lie in the order of their first rows: what came near one another lies near one another.
            let run = if before == 0 {
                laid_out
            } else {
                slot.key_or_start
            };
            slot.key_or_start = run;
            laid_out += if (before == 0) & shared {
                slot.count
            } else {
                0
            };
            let place = if shared {
                (run + before) as usize
            } else {
                counted.rows
            };
            members[place] = row;
            standing[placed] = Standing { row, run, before };
            placed += usize::from(before > 0);
        }
        members.truncate(counted.rows);
        standing.truncate(placed);
        Part {
            members,
            standing,
            capped: counted.capped,
        }
    }

    /// Counts how often each key comes, and notes in each entry, in the place of its key, how often it came before.
    #[allow(
        clippy::needless_bitwise_bool,
        reason = "one branch that can be foreseen, not two that cannot"
    )]
    fn count(&mut self) -> Counted {
        let mut counted = Counted::default();
        let room = self.entries.len() + self.entries.len() / 2 + 2;
        let bits = room.next_power_of_two().ilog2();
        let mask = (1 << bits) - 1;
        self.slots.clear();
        self.slots.resize(1 << bits, Slot::default());
        self.slot_of.clear();
        self.slot_of.reserve(self.entries.len());
        let slots = &mut self.slots[..=mask];
        let scatter = self.scatter;
        let slot_of = self.entries.iter_mut().map(|entry| {
            let (key, row) = ((*entry >> 32) as u32, *entry as u32);
            let mut at = scatter.place(u64::from(key), bits);
            loop {
                let slot = &mut slots[at & mask];
                if (slot.count == 0) | (slot.key_or_start == key) {
                    *entry = u64::from(slot.count) << 32 | u64::from(row);
                    slot.key_or_start = key;
                    slot.count += 1;
                    counted.rows += usize::from(slot.count > 1) + usize::from(slot.count == 2);
                    counted.runs += usize::from(slot.count == 2);
                    counted.capped += u64::from(slot.count as usize == FEW + 2);
                    return (at & mask) as u32;
                }
                at += 1;
            }
        });
        self.slot_of.extend(slot_of);
        counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::entry;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_row_stands_behind_those_before_it_that_have_its_key(
            lists in prop::collection::vec(prop::collection::vec(0_u32..30, 0..200), 1..4)
        ) {
            // Spread over all keys, as hashes are.
            let key = |number: u32| number.wrapping_mul(0x9e37_79b9);
            let mut grouping = Grouping::default();
            for keys in lists {
                grouping.entries = (0..).zip(&keys).map(|(row, &number)| entry(key(number), row)).collect();
                let part = grouping.part();
                let mut expected = Vec::new();
                for (row, number) in keys.iter().enumerate() {
                    let before: Vec<u32> = (0..row as u32).filter(|&r| keys[r as usize] == *number).collect();
                    if !before.is_empty() {
                        expected.push((row as u32, before));
                    }
                }
                let found: Vec<(u32, Vec<u32>)> = part
                    .standing
                    .iter()
                    .map(|s| (s.row, part.members[s.run as usize..][..s.before as usize].to_vec()))
                    .collect();
                prop_assert_eq!(found, expected);
                let full = |number: u32| keys.iter().filter(|&&k| k == number).count() > FEW + 1;
                prop_assert_eq!(part.capped, (0..30).filter(|&n| full(n)).count() as u64);
            }
        }
    }
}
