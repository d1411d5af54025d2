/*!
Pairs → links, in parallel, a bundle of pairs at a time: of a bundle's rows the words are held, of others nothing.

Pairs are put together by what ties them: all rows that pairs lead to from a row stand next to one another, so that each is
made ready once, or a few times where they are more than a bundle holds.
*/

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::engine::{Compared, UnitOf, Verifier, near_link};
use super::progress::Progress;
use super::table::Pair;
use crate::config::{Match, Settings};
use crate::group::union_find::UnionFind;
use crate::story::{Corpus, StoryId};
use crate::threads::in_turn;
use crate::verify::Link;

/// Pairs that are put in order at a time.
const PAIRS_AT_ONCE: usize = 1 << 22;
/// Pairs of a bundle.
const PAIRS_A_BUNDLE: usize = 1 << 11;
/// So small a part of the pairs, the last ones, is cut smaller, so that threads end together.
const LAST_PART: usize = 8;
/// How much smaller.
const LAST_SHARE: u64 = 8;

/// What pairs are of.
pub trait Rows: Sync {
    /// What has their stories.
    type Corpus: Corpus + ?Sized;
    /// How many there are.
    fn count(&self) -> usize;
    /// How many words a row has.
    fn words(&self, row: u32) -> u64;
    /// The unit that a row stands for, and what has its story.
    fn unit(&self, row: u32) -> (&Self::Corpus, UnitOf);
    /// Whether two rows stand for units of one story.
    fn are_of_one_story(&self, row: u32, other: u32) -> bool;
    /// What is known of the unit without its text.
    fn compared(&self, row: u32) -> Compared;
    /// Is told of each row of a bundle that it is made ready soon.
    fn locate(&self, _row: u32) {}
    /// Is told which row is made ready next.
    fn expect(&self, _row: u32) {}
}

/// Memory that rows were made ready in, to be used again: what was not touched before costs more than what is done there. 16 MB at most.
#[derive(Debug, Default)]
pub struct Rooms(Mutex<Vec<Vec<u64>>>);

impl Rooms {
    /// How many are kept, and how many numbers a room may hold to be kept.
    const KEPT: usize = 256;
    const NUMBERS: usize = 1 << 13;

    fn take(&self, count: usize) -> Vec<Vec<u64>> {
        let mut rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = rooms.len().saturating_sub(count);
        rooms.split_off(left)
    }

    fn give_back(&self, used: impl Iterator<Item = Vec<u64>>) {
        let mut rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fit = Self::KEPT.saturating_sub(rooms.len());
        let small = used.filter(|room| room.capacity() <= Self::NUMBERS);
        rooms.extend(small.take(fit));
    }
}

/// The links of pairs, each with the number of its pair, bundle by bundle, in an order that means nothing. A bundle's rows have about
/// so many words, those of the last ones an eighth of that.
pub fn links(
    pairs: &[Pair],
    (rows, words_a_bundle): (&impl Rows, u64),
    (settings, rooms): (&Settings, &Rooms),
    progress: &dyn Progress,
) -> Vec<Vec<(usize, Link)>> {
    let from = (pairs, rows, words_a_bundle);
    match settings.matching {
        Match::All => links_by(
            from,
            (settings, rooms),
            progress,
            |verifier: &mut Verifier<'_>, story, units, out: &mut Vec<_>| {
                verifier.prepare(story, units, out);
            },
            |verifier, (later, earlier), [of_later, of_earlier]| {
                let id = |row| rows.compared(row).id;
                verifier.link((id(earlier), of_earlier), (id(later), of_later))
            },
        ),
        // Similarity alone compares shingles, and nothing else.
        Match::Near => links_by(
            from,
            (settings, rooms),
            progress,
            |verifier: &mut Verifier<'_>, story, units, out: &mut Vec<_>| {
                verifier.shingles(story, units, out);
            },
            |_, (later, earlier), [of_later, of_earlier]| {
                let units = [earlier, later].map(|row| rows.compared(row));
                near_link(settings.threshold, units, [of_earlier, of_later])
            },
        ),
    }
}

/// Units of one story, each with a room to be made ready in.
type Units<'u> = &'u mut dyn ExactSizeIterator<Item = (UnitOf, Vec<u64>)>;

/// The same: `make_ready` is given what has a story, and units of it, `link` a pair with its rows, the later first.
fn links_by<'s, 'r, T: Rows, R: Into<Vec<u64>>>(
    (pairs, rows, words_a_bundle): (&[Pair], &'r T, u64),
    (settings, rooms): (&'s Settings, &Rooms),
    progress: &dyn Progress,
    make_ready: impl Fn(&mut Verifier<'s>, (&'r T::Corpus, StoryId), Units<'_>, &mut Vec<R>) + Sync,
    link: impl Fn(&mut Verifier<'s>, Pair, [&R; 2]) -> Option<Link> + Sync,
) -> Vec<Vec<(usize, Link)>> {
    let links_of =
        |verifier: &mut Verifier<'s>, (pairs, first): (&[Pair], usize), bundle: &[u32]| {
            let both = |&number: &u32| <[u32; 2]>::from(pairs[number as usize]);
            let mut numbers: Vec<u32> = bundle.iter().flat_map(both).collect();
            numbers.sort_unstable();
            numbers.dedup();
            // Where they lie is looked up side by side: one after the other, each look would be waited for.
            for &row in &numbers {
                rows.locate(row);
            }
            let mut spare = rooms.take(numbers.len());
            let mut room = || spare.pop().unwrap_or_default();
            // Of a story with many captions all are made ready together: each by itself would have the whole story read again.
            let mut stories = numbers.chunk_by(|&a, &b| rows.are_of_one_story(a, b));
            let mut next = stories.next();
            let mut ready: Vec<R> = Vec::with_capacity(numbers.len());
            while let Some(of_story) = next {
                next = stories.next();
                if let Some(of_next) = next {
                    rows.expect(of_next[0]);
                }
                let (corpus, first) = rows.unit(of_story[0]);
                let mut units = of_story.iter().map(|&row| (rows.unit(row).1, room()));
                make_ready(verifier, (corpus, first.story), &mut units, &mut ready);
            }
            let of = |row: u32| &ready[numbers.partition_point(|&r| r < row)];
            let mut links = Vec::with_capacity(bundle.len());
            for &number in bundle {
                let (later, earlier) = pairs[number as usize];
                let link = link(verifier, (later, earlier), [of(later), of(earlier)]);
                links.extend(link.map(|link| (first + number as usize, link)));
            }
            // They are held until all are there.
            if links.len() < bundle.len() / 2 {
                links.shrink_to_fit();
            }
            rooms.give_back(ready.into_iter().map(Into::into));
            progress.advance(bundle.len() as u64);
            links
        };
    let mut links = Vec::new();
    for (some, first) in pairs
        .chunks(PAIRS_AT_ONCE)
        .zip((0..).step_by(PAIRS_AT_ONCE))
    {
        let order = put_together(some, rows.count());
        let bundles = bundles(&order, some, rows, words_a_bundle);
        links.extend(in_turn(
            bundles.len(),
            || Verifier::new(settings),
            |verifier, number| links_of(verifier, (some, first), bundles[number]),
        ));
    }
    links
}

/// Numbers of the pairs, those that rows tie to one another together; otherwise in order.
fn put_together(pairs: &[Pair], rows: usize) -> Vec<u32> {
    let mut tied = UnionFind::new(rows);
    for &(later, earlier) in pairs {
        tied.join(later, earlier);
    }
    // The first pair of each set names it.
    let mut first = vec![u32::MAX; rows];
    let mut order: Vec<(u32, u32)> = (0..)
        .zip(pairs)
        .map(|(number, &(later, _))| {
            let first = &mut first[tied.find(later) as usize];
            *first = number.min(*first);
            (*first, number)
        })
        .collect();
    order.par_sort_unstable();
    order.into_iter().map(|(_, number)| number).collect()
}

/// The numbers, in bundles of pairs whose rows have few enough words.
fn bundles<'o>(
    order: &'o [u32],
    pairs: &[Pair],
    rows: &impl Rows,
    words_a_bundle: u64,
) -> Vec<&'o [u32]> {
    let mut bundles = Vec::new();
    // For each row the last bundle that it is in.
    let mut seen_in = vec![u32::MAX; rows.count()];
    let mut rest = order;
    while !rest.is_empty() {
        let bundle = bundles.len() as u32;
        let is_last = rest.len() < order.len() / LAST_PART;
        let share = if is_last { LAST_SHARE } else { 1 };
        let mut sum = 0;
        let within = |&&number: &&u32| {
            for row in <[u32; 2]>::from(pairs[number as usize]) {
                if seen_in[row as usize] != bundle {
                    seen_in[row as usize] = bundle;
                    sum += rows.words(row);
                }
            }
            sum <= words_a_bundle / share
        };
        let fit = rest
            .iter()
            .take(PAIRS_A_BUNDLE / share as usize)
            .take_while(within)
            .count()
            .max(1);
        let (own, after) = rest.split_at(fit);
        bundles.push(own);
        rest = after;
    }
    bundles
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::Story;
    use proptest::prelude::*;

    /// 60 rows of so many words each.
    struct Weights(u64);

    impl Rows for Weights {
        type Corpus = [Story<'static>];

        fn count(&self) -> usize {
            60
        }

        fn words(&self, _row: u32) -> u64 {
            self.0
        }

        fn unit(&self, _row: u32) -> (&[Story<'static>], UnitOf) {
            unreachable!("nothing is made ready")
        }

        fn are_of_one_story(&self, row: u32, other: u32) -> bool {
            row == other
        }

        fn compared(&self, _row: u32) -> Compared {
            unreachable!("nothing is compared")
        }
    }

    proptest! {
        #[test]
        fn every_pair_is_in_one_bundle_next_to_what_it_is_tied_to(
            pairs in prop::collection::vec((0_u32..60, 0_u32..60), 0..80),
            weight in prop_oneof![Just(1_u64), Just(30), Just(200)]
        ) {
            let order = put_together(&pairs, 60);
            let bundles = bundles(&order, &pairs, &Weights(weight), 100);
            prop_assert_eq!(bundles.concat(), order.clone());
            let mut numbers = order.clone();
            numbers.sort_unstable();
            prop_assert_eq!(numbers, (0..pairs.len() as u32).collect::<Vec<_>>());
            let mut done = 0;
            for bundle in bundles {
                let is_last = order.len() - done < order.len() / LAST_PART;
                done += bundle.len();
                let most = if is_last { 100 / LAST_SHARE } else { 100 };
                let mut rows: Vec<u32> = bundle.iter().flat_map(|&n| <[u32; 2]>::from(pairs[n as usize])).collect();
                rows.sort_unstable();
                rows.dedup();
                prop_assert!(bundle.len() == 1 || rows.len() as u64 * weight <= most);
            }
            // Sets lie side by side: none comes again after another.
            let mut tied = UnionFind::new(60);
            for &(a, b) in &pairs {
                tied.join(a, b);
            }
            let mut sets: Vec<u32> = order.iter().map(|&n| tied.find(pairs[n as usize].0)).collect();
            sets.dedup();
            let met = sets.len();
            sets.sort_unstable();
            sets.dedup();
            prop_assert_eq!(sets.len(), met);
        }
    }
}
