/*!
Hashes → each of them once, in the order in which they first come; or which of them came before.

Most lists have few repeats. A bit for each hash says which can be none; the few others are looked for in the list. Where there are many, a hash
table takes all. To sort the list would take longer, and nobody asks for its order.
*/

use crate::text::scatter::Scatter;

/// Tells repeats among hashes; made to be used again.
#[derive(Debug, Default)]
pub struct Distinct {
    marks: Vec<u64>,
    repeats: Vec<u32>,
    slots: Vec<u64>,
    scatter: Scatter,
}

/// Marks for each hash: of 400 hashes that differ one is taken for a repeat, and looked for.
const MARKS: usize = 128;
/// So many hashes have marks that lie near the processor.
const MARKED: usize = 2_048;
/// So many are looked for one by one.
const FEW: usize = 8;

impl Distinct {
    /// Takes repeats out. No hash may be 0.
    pub fn keep_first(&mut self, hashes: &mut Vec<u64>) {
        let mut places = std::mem::take(&mut self.repeats);
        self.repeats(hashes, &mut places);
        if !places.is_empty() {
            let mut repeats = places.iter().peekable();
            let mut place = 0;
            hashes.retain(|_| {
                let is_repeat = repeats.next_if_eq(&&place).is_some();
                place += 1;
                !is_repeat
            });
        }
        self.repeats = places;
    }

    /// Which of the hashes came before, by their places, in order. No hash may be 0.
    pub fn repeats(&mut self, hashes: &[u64], places: &mut Vec<u32>) {
        places.clear();
        if hashes.len() <= MARKED {
            self.maybe_repeats(hashes, places);
            if places.len() <= FEW {
                places.retain(|&place| {
                    let (before, rest) = hashes.split_at(place as usize);
                    before.contains(&rest[0])
                });
                return;
            }
        }
        let mut slots = self.slots_for(hashes.len());
        record(hashes, places, |hash| !slots.take(hash));
    }

    /// The places of hashes whose mark was met before: all repeats, and few others.
    fn maybe_repeats(&mut self, hashes: &[u64], places: &mut Vec<u32>) {
        let bits = (MARKS * hashes.len()).next_power_of_two().ilog2().max(6);
        self.marks.clear();
        self.marks.resize(1 << (bits - 6), 0);
        let marks = &mut self.marks[..1 << (bits - 6)];
        record(hashes, places, |hash| {
            let mark = hash >> (64 - bits);
            let word = &mut marks[(mark >> 6) as usize];
            let met = *word >> (mark & 63) & 1 == 1;
            *word |= 1 << (mark & 63);
            met
        });
    }

    /// Free slots for so many hashes.
    fn slots_for(&mut self, count: usize) -> Slots<'_> {
        // More than twice as many slots as hashes: a free one is near.
        let bits = (2 * count + 1).next_power_of_two().ilog2().max(1);
        self.slots.clear();
        self.slots.resize(1 << bits, 0);
        Slots {
            all: &mut self.slots[..1 << bits],
            bits,
            scatter: self.scatter,
        }
    }
}

/// The places of the hashes that something is true of, without a branch.
#[inline(always)]
fn record(hashes: &[u64], places: &mut Vec<u32>, mut is_so: impl FnMut(u64) -> bool) {
    places.clear();
    places.resize(hashes.len(), 0);
    let into = &mut places[..hashes.len()];
    let mut count = 0;
    for (place, &hash) in (0..).zip(hashes) {
        into[count] = place;
        count += usize::from(is_so(hash));
    }
    places.truncate(count);
}

/// What came of a list; 0 where a slot is free.
struct Slots<'s> {
    all: &'s mut [u64],
    bits: u32,
    scatter: Scatter,
}

impl Slots<'_> {
    /// Whether a hash comes for the first time.
    #[inline(always)]
    #[allow(
        clippy::needless_bitwise_bool,
        reason = "one branch that can be foreseen, not two that cannot"
    )]
    fn take(&mut self, hash: u64) -> bool {
        let mask = self.all.len() - 1;
        let mut at = self.scatter.place(hash, self.bits) & mask;
        // Whether a hash came before takes no branch: only that its slot is another's does.
        while (self.all[at] != 0) & (self.all[at] != hash) {
            at = (at + 1) & mask;
        }
        let is_new = self.all[at] == 0;
        self.all[at] = hash;
        is_new
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use proptest::prelude::*;

    /// Lists with many repeats, and with a few or none, short and long.
    fn list() -> impl Strategy<Value = Vec<u64>> {
        let spread = prop::collection::vec(1..=u64::MAX, 0..MARKED + 200);
        let few = (spread, 0_usize..12).prop_map(|(mut hashes, again)| {
            let again = again.min(hashes.len());
            hashes.extend_from_within(..again);
            hashes
        });
        let many = prop::collection::vec(prop_oneof![1_u64..30, 1..=u64::MAX], 0..100);
        prop_oneof![few, many]
    }

    proptest! {
        #[test]
        fn each_is_kept_where_it_came_first(lists in prop::collection::vec(list(), 1..4)) {
            let mut distinct = Distinct::default();
            for mut hashes in lists {
                let mut seen = HashSet::new();
                let (first, again): (Vec<_>, Vec<_>) = (0_u32..).zip(hashes.clone()).partition(|&(_, hash)| seen.insert(hash));
                let mut places = Vec::new();
                distinct.repeats(&hashes, &mut places);
                prop_assert_eq!(places, again.iter().map(|a| a.0).collect::<Vec<_>>());
                distinct.keep_first(&mut hashes);
                prop_assert_eq!(hashes, first.iter().map(|f| f.1).collect::<Vec<_>>());
            }
        }
    }
}
