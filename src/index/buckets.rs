/*!
Keys of a corpus → for each row, the earlier rows that share a key with it.

```text
for each part:  (key, row) ─▶ runs of equal keys, singles dropped; places in them, in order of the row
for some rows:  their places, of all parts ─▶ for each row: the rows before it in each run
```

A row is a unit that has keys, numbered in input order. Keys come in parts, each grouped on its own: a band is a part,
seeds are parted by their first bits. Rows are asked for in blocks ([`Block`]), whose places stay near the processor. Two rules bound the work per row, whatever the corpus:

- **Bucket rule.** A key that at most [`FEW`] earlier rows have proposes them all; one that more have proposes the first
  [`ENDS`] and the last [`ENDS`] of them, and is counted as capped.
- **Row rule.** Of all proposed rows the [`MOST`](super::candidates::MOST) that score best are kept, the earlier of equals.

Both look only at rows before the row in question, so a row's candidates are the same when the corpus comes
as a stream. `--exact` lifts both.

Keys are stored as 32 bits: two units that differ meet by chance in one of 2³² buckets of a part, and verification
parts them.
*/

use std::convert::Infallible;
use std::ops::Range;

use super::candidates::Candidates;
use super::least::{Least, MOST_KEYS};
use super::runs::{Grouping, Part};
use crate::text::simd;
use crate::threads::try_in_turn;

/// Earlier rows that a key proposes all of.
pub const FEW: usize = 32;
/// Rows at either end of a fuller bucket that a key proposes.
pub const ENDS: usize = 2;

/// What the bucket rule leaves of the earlier rows that share a key: two runs of them.
pub fn proposed(before: &[u32], exact: bool) -> (&[u32], &[u32]) {
    if exact || before.len() <= FEW {
        (before, &[])
    } else {
        (&before[..ENDS], &before[before.len() - ENDS..])
    }
}

/// Rows to a block: their places stay near the processor.
const ROWS_A_BLOCK: usize = 512;

/// Which rows share keys.
#[derive(Debug, Default)]
pub struct Buckets {
    parts: Vec<Part>,
    exact: bool,
}

/// A row in a run of a part, not the first.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    part: u32,
    /// Where the run starts among the members of its part.
    run: u32,
    /// How many rows stand in the run before this one.
    before: u32,
}

/// Where each of some consecutive rows stands; made to be used again.
#[derive(Debug, Default)]
pub struct Block {
    first_row: usize,
    /// Places of row `first_row + i`: `places[starts[i]..starts[i + 1]]`.
    starts: Vec<u32>,
    places: Vec<Place>,
    /// For each part, its places of these rows.
    stretches: Vec<Range<usize>>,
}

impl Block {
    fn of_row(&self, row: usize) -> &[Place] {
        let i = row - self.first_row;
        &self.places[self.starts[i] as usize..self.starts[i + 1] as usize]
    }

    /// Nothing for what comes after the last row.
    fn of_next(&self, row: usize) -> &[Place] {
        if row + 2 < self.first_row + self.starts.len() {
            self.of_row(row + 1)
        } else {
            &[]
        }
    }
}

impl Buckets {
    /// `fill(part, out)` appends the [`entry`](super::entry) of every key of a part, in order of the rows. No row has a
    /// key twice.
    pub fn build(parts: usize, exact: bool, fill: impl Fn(usize, &mut Vec<u64>) + Sync) -> Self {
        let fill = |part, out: &mut Vec<u64>| {
            fill(part, out);
            Ok::<(), Infallible>(())
        };
        match Self::try_build(parts, exact, fill) {
            Ok(buckets) => buckets,
            Err(never) => match never {},
        }
    }

    /// The same where keys may fail to be had.
    ///
    /// # Errors
    /// When `fill` fails.
    pub fn try_build<E: Send>(
        parts: usize,
        exact: bool,
        fill: impl Fn(usize, &mut Vec<u64>) -> Result<(), E> + Sync,
    ) -> Result<Self, E> {
        let parts = try_in_turn(parts, Grouping::default, |grouping, part| {
            grouping.entries.clear();
            fill(part, &mut grouping.entries)?;
            Ok(grouping.part())
        })?;
        Ok(Self { parts, exact })
    }

    /// Number of keys that more rows share than the bucket rule proposes.
    pub fn capped(&self) -> u64 {
        if self.exact {
            0
        } else {
            self.parts.iter().map(|b| b.capped).sum()
        }
    }

    /// These rows in blocks, in order.
    pub fn blocks(rows: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let firsts = rows.clone().step_by(ROWS_A_BLOCK);
        firsts.map(move |first| first..rows.end.min(first + ROWS_A_BLOCK))
    }

    /// Replaces `out` by where these rows stand.
    pub fn look_up(&self, rows: Range<usize>, out: &mut Block) {
        out.first_row = rows.start;
        out.stretches.clear();
        // One more at the front: what a row begins with is told by where the one before it has come in the end.
        out.starts.clear();
        out.starts.resize(rows.len() + 2, 0);
        let counts = &mut out.starts[2..];
        for part in &self.parts {
            let standing = &part.standing[..];
            let from = standing.partition_point(|s| (s.row as usize) < rows.start);
            let mut to = from;
            while let Some(s) = standing.get(to)
                && (s.row as usize) < rows.end
            {
                counts[s.row as usize - rows.start] += 1;
                to += 1;
            }
            out.stretches.push(from..to);
        }
        let mut sum = 0;
        for start in &mut out.starts {
            sum += *start;
            *start = sum;
        }
        out.places.clear();
        out.places.resize(sum as usize, Place::default());
        let next = &mut out.starts[1..];
        for ((number, part), stretch) in (0..).zip(&self.parts).zip(&out.stretches) {
            for s in &part.standing[stretch.clone()] {
                let slot = &mut next[s.row as usize - rows.start];
                out.places[*slot as usize] = Place {
                    part: number,
                    run: s.run,
                    before: s.before,
                };
                *slot += 1;
            }
        }
        out.starts.pop();
        if let Some(row) = rows.clone().next() {
            self.fetch(out.of_row(row));
        }
    }

    /// Replaces `out` by the candidates of `row`, which lies in the block, best first: rows before it with their scores. `score(row, keys in
    /// common)` is none for a row that is no candidate.
    pub fn candidates(
        &self,
        block: &Block,
        row: usize,
        score: impl Fn(u32, u32) -> Option<u32>,
        out: &mut Candidates,
    ) {
        self.fetch(block.of_next(row));
        let places = block.of_row(row);
        let found: usize = places.iter().map(|place| self.proposes(place)).sum();
        // No more rows than there are before this one.
        out.expect(found.min(row));
        for place in places {
            let (first, last) = self.proposed(place);
            out.add(first);
            out.add(last);
        }
        out.rank(self.exact, score);
    }

    /// The same where rows are no candidates unless they share so many keys, by how many they have, for which `out` was made
    /// ([`Candidates::sifting`]): rows that cannot are not counted.
    pub fn candidates_sharing(
        &self,
        block: &Block,
        row: usize,
        least: &Least,
        score: impl Fn(u32, u32) -> Option<u32>,
        out: &mut Candidates,
    ) {
        let own = out.tally.size(row);
        let places = block.of_row(row);
        if places.len() > MOST_KEYS {
            let tally = std::mem::take(&mut out.tally);
            let admitted = |other: u32, shared: u32| {
                let its = tally.size(other as usize);
                least
                    .admits([own, its], shared)
                    .then(|| score(other, shared))?
            };
            self.candidates(block, row, admitted, out);
            out.tally = tally;
            return;
        }
        self.fetch(block.of_next(row));
        let (tally, order) = (&mut out.tally, &mut out.order);
        let found = self.in_order(places, order);
        tally.expect(found.min(row));
        for (left, place) in (1..=order.len()).rev().zip(&*order) {
            let (first, last) = self.proposed(place);
            // Where all rows may yet be candidates, all count.
            let reach = match least.reach(left) {
                reach if own <= reach => u8::MAX,
                reach => reach,
            };
            tally.add(first, reach);
            tally.add(last, reach);
        }
        out.rank_tally(self.exact, own, least, score);
    }

    /// Has the runs of a row fetched before it is its turn.
    fn fetch(&self, places: &[Place]) {
        for place in places {
            let run = place.run as usize;
            let members = &self.parts[place.part as usize].members;
            simd::fetch(&members[run]);
            simd::fetch(&members[run + place.before as usize]);
        }
    }

    /// Puts places in order of the rows that they propose, the most last, by counting; tells how many they propose in all.
    fn in_order(&self, places: &[Place], out: &mut Vec<Place>) -> usize {
        let class = |place: &Place| self.proposes(place).min(FEW);
        let mut ends = [0_u32; FEW + 2];
        let mut found = 0;
        for place in places {
            ends[class(place) + 1] += 1;
            found += self.proposes(place);
        }
        for i in 1..ends.len() {
            ends[i] += ends[i - 1];
        }
        out.clear();
        out.resize(places.len(), Place::default());
        for place in places {
            let end = &mut ends[class(place)];
            out[*end as usize] = *place;
            *end += 1;
        }
        found
    }

    /// How many rows a place proposes.
    #[inline(always)]
    fn proposes(&self, place: &Place) -> usize {
        let before = place.before as usize;
        if self.exact || before <= FEW {
            before
        } else {
            2 * ENDS
        }
    }

    #[inline(always)]
    fn proposed(&self, place: &Place) -> (&[u32], &[u32]) {
        let run = place.run as usize;
        let members = &self.parts[place.part as usize].members;
        proposed(&members[run..run + place.before as usize], self.exact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::entry;
    use proptest::prelude::*;

    fn all(buckets: &Buckets, rows: usize) -> Vec<Vec<(u32, u32)>> {
        let (mut block, mut candidates) = (Block::default(), Candidates::default());
        // Blocks of many sizes, the rows of the last one and of others at their ends.
        let mut all = Vec::new();
        for size in (1..).step_by(3) {
            let rows = all.len()..rows.min(all.len() + size);
            if rows.is_empty() {
                break;
            }
            buckets.look_up(rows.clone(), &mut block);
            for row in rows {
                buckets.candidates(&block, row, |_, shared| Some(shared), &mut candidates);
                all.push(candidates.best.clone());
            }
        }
        all
    }

    /// Small numbers spread over all keys, as hashes are.
    fn key(number: u32) -> u32 {
        number.wrapping_mul(0x9e37_79b9)
    }

    fn fill(keys: &[Vec<u32>], part: usize, out: &mut Vec<u64>) {
        out.extend(
            keys.iter()
                .enumerate()
                .map(|(row, keys)| entry(key(keys[part]), row as u32)),
        );
    }

    proptest! {
        #[test]
        fn without_caps_every_pair_that_shares_a_key_is_found(
            keys in prop::collection::vec(prop::collection::vec(0_u32..6, 3), 0..60)
        ) {
            let buckets = Buckets::build(3, true, |part, out| fill(&keys, part, out));
            let found = all(&buckets, keys.len());
            for (v, candidates) in found.iter().enumerate() {
                let mut expected: Vec<(u32, u32)> = (0..v)
                    .map(|u| ((0..3).filter(|&b| keys[u][b] == keys[v][b]).count() as u32, u as u32))
                    .filter(|&(shared, _)| shared > 0)
                    .collect();
                expected.sort_by_key(|&(shared, u)| (std::cmp::Reverse(shared), u));
                prop_assert_eq!(candidates, &expected);
            }
        }

        #[test]
        fn candidates_depend_on_what_came_before_alone(
            keys in prop::collection::vec(prop::collection::vec(0_u32..3, 2), 1..150),
            cut in 0.0..1.0
        ) {
            let cut = (keys.len() as f64 * cut) as usize;
            let whole = Buckets::build(2, false, |part, out| fill(&keys, part, out));
            let part = Buckets::build(2, false, |part, out| fill(&keys[..cut], part, out));
            prop_assert_eq!(&all(&whole, keys.len())[..cut], &all(&part, cut)[..]);
        }
    }

    proptest! {
        #[test]
        fn rows_that_cannot_be_candidates_alone_are_not_counted(
            // Rows of few keys and of many, of which some are in nearly all.
            keys in prop::collection::vec(prop::collection::btree_set(0_u32..40, 1..30), 1..120),
            share in 1_u32..1_000
        ) {
            let least = |smaller: u16| (u32::from(smaller) * share).div_ceil(1_000).max(1);
            let parts = 4;
            let buckets = Buckets::build(parts, false, |part, out| {
                let rows = keys.iter().enumerate();
                let of = |(row, keys): (usize, &std::collections::BTreeSet<u32>)| {
                    let own = keys.iter().filter(|&&key| key as usize % parts == part);
                    own.map(|&own| entry(key(own), row as u32))
                        .collect::<Vec<_>>()
                };
                out.extend(rows.flat_map(of));
            });
            let sizes: Vec<u8> = keys.iter().map(|keys| Least::size(keys.len() as u16)).collect();
            let (mut sifted, mut plain) = (Candidates::sifting(&sizes), Candidates::default());
            let mut block = Block::default();
            buckets.look_up(0..keys.len(), &mut block);
            for row in 0..keys.len() {
                let score = |other: u32, shared| {
                    let smaller = keys[row].len().min(keys[other as usize].len()) as u16;
                    (shared >= least(smaller)).then_some(shared)
                };
                buckets.candidates(&block, row, score, &mut plain);
                buckets.candidates_sharing(&block, row, &Least::new(least), score, &mut sifted);
                prop_assert_eq!(&sifted.best, &plain.best);
            }
        }
    }

    /// More keys than a byte counts: these rows are counted otherwise.
    #[test]
    fn rows_of_many_keys_are_candidates_by_the_same_rule() {
        let many = MOST_KEYS as u32 + 50;
        let keys: Vec<std::ops::Range<u32>> = vec![
            0..many,
            0..9,
            many - 9..many + 20,
            5..many,
            0..MOST_KEYS as u32,
            many..many + 40,
            1..many,
        ];
        let rows = (0..).zip(&keys);
        let entries: Vec<u64> = rows
            .flat_map(|(row, keys)| keys.clone().map(move |number| entry(key(number), row)))
            .collect();
        let buckets = Buckets::build(1, false, |_, out| out.extend(&entries));
        let sizes: Vec<u8> = keys
            .iter()
            .map(|keys| Least::size(keys.len() as u16))
            .collect();
        let least = |smaller: u16| u32::from(smaller).div_ceil(3);
        let (mut sifted, mut block) = (Candidates::sifting(&sizes), Block::default());
        buckets.look_up(0..keys.len(), &mut block);
        for (row, own) in keys.iter().enumerate() {
            let shared_with = |other: &std::ops::Range<u32>| {
                let to = own.end.min(other.end);
                to.saturating_sub(own.start.max(other.start))
            };
            let smaller = |other: u32| own.len().min(keys[other as usize].len()) as u16;
            let score = |other, shared| (shared >= least(smaller(other))).then_some(shared);
            buckets.candidates_sharing(&block, row, &Least::new(least), score, &mut sifted);
            let mut expected: Vec<(u32, u32)> = (0..)
                .zip(&keys[..row])
                .filter_map(|(other, its)| Some((score(other, shared_with(its))?, other)))
                .collect();
            expected.sort_by_key(|&(shared, other)| (std::cmp::Reverse(shared), other));
            assert_eq!(sifted.best, expected, "row {row}");
        }
    }

    #[test]
    fn work_is_bounded_and_told() {
        let rows = 1_000;
        let buckets = Buckets::build(2, false, |_, out| {
            out.extend((0..1_000).map(|row| entry(7, row)));
        });
        let found = all(&buckets, rows);
        assert_eq!(found[rows - 1].len(), 2 * ENDS);
        assert_eq!(found[FEW].len(), FEW);
        assert_eq!(found[rows - 1][0], (2, 0));
        assert_eq!(buckets.capped(), 2);
    }
}
