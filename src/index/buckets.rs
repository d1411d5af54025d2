/*!
Keys of a corpus → for each row, the earlier rows that share a key with it.

```text
for each part:  (key, row) sorted ─▶ runs of equal keys, singles dropped
for each row:   its places in runs ─▶ the rows before it in each run
```

A row is a unit that has keys, numbered in input order. Keys come in parts, each sorted on its own: a band is a part,
seeds are parted by their first bits. Two rules bound the work per row, whatever the corpus:

- **Bucket rule.** A key that at most [`FEW`] earlier rows have proposes them all; one that more have proposes the first
  [`ENDS`] and the last [`ENDS`] of them, and is counted as capped.
- **Row rule.** Of all proposed rows the [`MOST`](super::candidates::MOST) that score best are kept, the earlier of equals.

Both look only at rows before the row in question, so a row's candidates are the same when the corpus comes
as a stream. `--exact` lifts both.

Keys are stored as 32 bits: two units that differ meet by chance in one of 2³² buckets of a part, and verification
parts them.
*/

use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::candidates::Candidates;
use super::entries::Entries;
use super::least::{Least, MOST_KEYS};

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

/// Which rows share keys.
#[derive(Debug, Default)]
pub struct Buckets {
    parts: Vec<Part>,
    standing: Vec<Standing>,
    exact: bool,
}

#[derive(Debug, Default)]
struct Part {
    /// Rows of every run of two or more, run after run.
    members: Box<[u32]>,
    /// Rows of each run.
    runs: Box<[u32]>,
    capped: u64,
}

/// A row in a run, not the first.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    part: u32,
    /// Where the run starts among the members of its part.
    run: u32,
    /// How many rows stand in the run before this one.
    before: u32,
}

impl Buckets {
    /// From the keys of `rows` rows; `fill(part, out)` appends the [`entry`](super::entry) of every key of a part, in order of the rows. No row has a
    /// key twice.
    pub fn build(
        rows: usize,
        parts: usize,
        exact: bool,
        fill: impl Fn(usize, &mut Vec<u64>) + Sync,
    ) -> Self {
        let fill = |part, out: &mut Vec<u64>| {
            fill(part, out);
            Ok::<(), Infallible>(())
        };
        match Self::try_build(rows, parts, exact, fill) {
            Ok(buckets) => buckets,
            Err(never) => match never {},
        }
    }

    /// The same where keys may fail to be had.
    ///
    /// # Errors
    /// When `fill` fails.
    pub fn try_build<E: Send>(
        rows: usize,
        parts: usize,
        exact: bool,
        fill: impl Fn(usize, &mut Vec<u64>) -> Result<(), E> + Sync,
    ) -> Result<Self, E> {
        // No more than there are threads: memory that was not touched before costs more than what is done there.
        let makings: Mutex<Vec<InMaking>> = Mutex::default();
        let makings = || makings.lock().unwrap_or_else(PoisonError::into_inner);
        let parts: Result<Vec<Part>, E> = (0..parts)
            .into_par_iter()
            .map(|part| {
                let making = makings().pop();
                let mut making = making.unwrap_or_default();
                making.entries.all.clear();
                fill(part, &mut making.entries.all)?;
                let part = making.part();
                makings().push(making);
                Ok(part)
            })
            .collect();
        let parts = parts?;
        let standing = Standing::of_all(&parts, rows);
        Ok(Self {
            parts,
            standing,
            exact,
        })
    }

    /// Number of keys that more rows share than the bucket rule proposes.
    pub fn capped(&self) -> u64 {
        if self.exact {
            0
        } else {
            self.parts.iter().map(|b| b.capped).sum()
        }
    }

    /// Replaces `out` by the candidates of `row`, best first: rows before it with their scores. `score(row, keys in common)` is none for
    /// a row that is no candidate.
    pub fn candidates(
        &self,
        row: usize,
        score: impl Fn(u32, u32) -> Option<u32>,
        out: &mut Candidates,
    ) {
        self.look_at(row, out);
        for place in self.places(row) {
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
        row: usize,
        least: &Least,
        score: impl Fn(u32, u32) -> Option<u32>,
        out: &mut Candidates,
    ) {
        let own = out.tally.size(row);
        let [places, order] = &mut out.places;
        places.clear();
        for standing in &self.standing {
            places.extend_from_slice(standing.of_row(row));
        }
        if places.len() > MOST_KEYS {
            let tally = std::mem::take(&mut out.tally);
            let admitted = |other: u32, shared: u32| {
                let its = tally.size(other as usize);
                least
                    .admits([own, its], shared)
                    .then(|| score(other, shared))?
            };
            self.candidates(row, admitted, out);
            out.tally = tally;
            return;
        }
        let found = self.in_order(places, order);
        let tally = &mut out.tally;
        // No more rows than there are before this one.
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

    /// Where a row stands.
    fn places(&self, row: usize) -> impl Iterator<Item = &Place> + Clone {
        self.standing.iter().flat_map(move |s| s.of_row(row))
    }

    /// Makes `out` ready for what is proposed to a row.
    fn look_at(&self, row: usize, out: &mut Candidates) {
        // A look at all runs before they are gone through, so that the processor fetches them side by side.
        let (mut found, mut seen) = (0, 0);
        for place in self.places(row) {
            found += self.proposes(place);
            seen ^= self.parts[place.part as usize].members[place.run as usize];
        }
        std::hint::black_box(seen);
        // No more rows than there are before this one.
        out.expect(found.min(row));
    }

    /// Puts places in order of the rows that they propose, the most last, by counting; tells how many they propose in all.
    fn in_order(&self, places: &[Place], out: &mut Vec<Place>) -> usize {
        let class = |place: &Place| self.proposes(place).min(FEW);
        let mut ends = [0_u32; FEW + 2];
        // A look at all runs before they are gone through, so that the processor fetches them side by side.
        let (mut found, mut seen) = (0, 0);
        for place in places {
            ends[class(place) + 1] += 1;
            found += self.proposes(place);
            seen ^= self.parts[place.part as usize].members[place.run as usize];
        }
        std::hint::black_box(seen);
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


/// What a part is made in; used again for the next.
#[derive(Default)]
struct InMaking {
    entries: Entries,
    members: Vec<u32>,
    runs: Vec<u32>,
}

impl InMaking {
    /// The part of these entries.
    fn part(&mut self) -> Part {
        self.entries.sort(0);
        self.members.clear();
        self.runs.clear();
        let mut capped = 0;
        for run in self.entries.all.chunk_by(|a, b| a >> 32 == b >> 32) {
            if run.len() < 2 {
                continue;
            }
            self.members.extend(run.iter().map(|&e| e as u32));
            self.runs.push(run.len() as u32);
            capped += u64::from(run.len() > FEW + 1);
        }
        Part {
            members: self.members.as_slice().into(),
            runs: self.runs.as_slice().into(),
            capped,
        }
    }
}

impl Part {
    /// Hands every member to `see`, with its place.
    fn each(&self, part: u32, mut see: impl FnMut(u32, Place)) {
        let mut run = 0;
        for &len in &self.runs {
            let members = &self.members[run as usize..(run + len) as usize];
            // The first of a run has none before it.
            for (before, &row) in (0..).zip(members).skip(1) {
                see(row, Place { part, run, before });
            }
            run += len;
        }
    }
}

/// Where each row stands in the runs of some parts.
#[derive(Debug)]
struct Standing {
    /// Places of row `i`: `places[first[i]..first[i + 1]]`.
    first: Vec<u32>,
    places: Vec<Place>,
}

/// No more shares of the parts than this: each has a number for every row.
const MOST_SHARES: usize = 8;

impl Standing {
    /// Of all parts, some a thread.
    fn of_all(parts: &[Part], rows: usize) -> Vec<Self> {
        let shares = rayon::current_num_threads().clamp(1, MOST_SHARES);
        let numbered: Vec<(u32, &Part)> = (0..).zip(parts).collect();
        numbered
            .par_chunks(parts.len().div_ceil(shares).max(1))
            .map(|share| Self::of(share, rows))
            .collect()
    }

    /// By counting sort.
    fn of(parts: &[(u32, &Part)], rows: usize) -> Self {
        // One more at the front: what a row begins with is told by where the one before it has come in the end.
        let mut first = vec![0_u32; rows + 2];
        let ends = &mut first[2..];
        for &(number, part) in parts {
            part.each(number, |row, _| ends[row as usize] += 1);
        }
        let mut sum = 0;
        for end in &mut first {
            sum += *end;
            *end = sum;
        }
        let mut places = vec![Place::default(); sum as usize];
        let next = &mut first[1..];
        for &(number, part) in parts {
            part.each(number, |row, place| {
                let slot = &mut next[row as usize];
                places[*slot as usize] = place;
                *slot += 1;
            });
        }
        Self { first, places }
    }

    fn of_row(&self, row: usize) -> &[Place] {
        &self.places[self.first[row] as usize..self.first[row + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::entry;
    use proptest::prelude::*;

    fn all(buckets: &Buckets, rows: usize) -> Vec<Vec<(u32, u32)>> {
        let mut candidates = Candidates::default();
        (0..rows)
            .map(|row| {
                buckets.candidates(row, |_, shared| Some(shared), &mut candidates);
                candidates.best.clone()
            })
            .collect()
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
            let buckets = Buckets::build(keys.len(), 3, true, |part, out| fill(&keys, part, out));
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
            let whole = Buckets::build(keys.len(), 2, false, |part, out| fill(&keys, part, out));
            let part = Buckets::build(cut, 2, false, |part, out| fill(&keys[..cut], part, out));
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
            let buckets = Buckets::build(keys.len(), parts, false, |part, out| {
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
            for row in 0..keys.len() {
                let score = |other: u32, shared| {
                    let smaller = keys[row].len().min(keys[other as usize].len()) as u16;
                    (shared >= least(smaller)).then_some(shared)
                };
                buckets.candidates(row, score, &mut plain);
                buckets.candidates_sharing(row, &Least::new(least), score, &mut sifted);
                prop_assert_eq!(&sifted.best, &plain.best);
            }
        }
    }

    #[test]
    fn work_is_bounded_and_told() {
        let rows = 1_000;
        let buckets = Buckets::build(rows, 2, false, |_, out| {
            out.extend((0..1_000).map(|row| entry(7, row)));
        });
        let found = all(&buckets, rows);
        assert_eq!(found[rows - 1].len(), 2 * ENDS);
        assert_eq!(found[FEW].len(), FEW);
        assert_eq!(found[rows - 1][0], (2, 0));
        assert_eq!(buckets.capped(), 2);
    }
}
