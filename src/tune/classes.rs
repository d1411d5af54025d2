/*!
Units → classes of the same words, and which of them the sample holds.

The sample is of stories: those whose numbers hash lowest under the seed, so that a smaller sample is a part of a larger one.
*/

use crate::story::{Unit, UnitId, UnitKind};
use crate::text::shingle::finalise;

/// All units of one kind that have the same words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// The first in input order: it speaks for all.
    pub first: UnitId,
    /// Stories of its units, in input order; a story may stand there several times.
    pub stories: Vec<u32>,
    /// How many of them are sampled.
    pub sampled: u32,
}

/// Stories that are sampled: `size` of `all`, or all if there are no more.
pub fn sample(all: u32, size: u32, seed: u64) -> Vec<bool> {
    if size >= all {
        return vec![true; all as usize];
    }
    let key = |story: u32| finalise(finalise(seed) ^ u64::from(story));
    let mut order: Vec<u32> = (0..all).collect();
    order.sort_unstable_by_key(|&story| (key(story), story));
    let mut sampled = vec![false; all as usize];
    for &story in &order[..size as usize] {
        sampled[story as usize] = true;
    }
    sampled
}

/// The classes of one kind, in input order of their first units; units without words belong to none.
pub fn classes(units: &[Unit], contents: &[u128], kind: UnitKind, sampled: &[bool]) -> Vec<Class> {
    let mut order: Vec<u32> = (0..units.len() as u32)
        .filter(|&u| units[u as usize].kind == kind && units[u as usize].tokens > 0)
        .collect();
    order.sort_unstable_by_key(|&u| (contents[u as usize], u));
    let same = |&x: &u32, &y: &u32| contents[x as usize] == contents[y as usize];
    let mut classes: Vec<Class> = order
        .chunk_by(same)
        .map(|of_one| {
            let stories: Vec<u32> = of_one.iter().map(|&u| units[u as usize].story.0).collect();
            let in_sample = stories.iter().filter(|&&s| sampled[s as usize]).count();
            Class {
                first: UnitId(of_one[0]),
                sampled: in_sample as u32,
                stories,
            }
        })
        .collect();
    classes.sort_unstable_by_key(|c| c.first);
    classes
}

impl Class {
    /// Pairs of its units with one or both ends in the sample, units of one story left out.
    pub fn pairs_within(&self, sampled: &[bool]) -> u64 {
        let pairs = |n: u64| n * n.saturating_sub(1) / 2;
        let (all, outside) = (
            self.stories.len() as u64,
            self.stories.len() as u64 - u64::from(self.sampled),
        );
        let of_one_story: u64 = self
            .stories
            .chunk_by(|x, y| x == y)
            .filter(|run| sampled[run[0] as usize])
            .map(|run| pairs(run.len() as u64))
            .sum();
        pairs(all) - pairs(outside) - of_one_story
    }

    /// The same for pairs with a unit of another class.
    pub fn pairs_with(&self, other: &Class, sampled: &[bool]) -> u64 {
        let (x, y) = (self.stories.len() as u64, other.stories.len() as u64);
        let (sx, sy) = (u64::from(self.sampled), u64::from(other.sampled));
        let all = x * y - (x - sx) * (y - sy);
        all - in_one_story(&self.stories, &other.stories, sampled)
    }
}

/// Pairs of entries, one of each list, that are one and the same sampled story. Both lists are sorted.
fn in_one_story(x: &[u32], y: &[u32], sampled: &[bool]) -> u64 {
    let (mut i, mut j, mut pairs) = (0, 0, 0);
    while i < x.len() && j < y.len() {
        match x[i].cmp(&y[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                let story = x[i];
                let run = |list: &[u32]| list.iter().take_while(|&&s| s == story).count();
                let (a, b) = (run(&x[i..]), run(&y[j..]));
                if sampled[story as usize] {
                    pairs += (a * b) as u64;
                }
                i += a;
                j += b;
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::StoryId;
    use proptest::prelude::*;

    #[test]
    fn a_smaller_sample_is_part_of_a_larger() {
        let (small, large) = (sample(1_000, 100, 7), sample(1_000, 300, 7));
        let count = |sample: &[bool]| sample.iter().filter(|&&s| s).count();
        assert_eq!((count(&small), count(&large)), (100, 300));
        assert!(small.iter().zip(&large).all(|(s, l)| !s || *l));
        assert_ne!(small, sample(1_000, 100, 8));
        assert_eq!(count(&sample(10, 10, 0)), 10);
        assert_eq!(count(&sample(0, 10, 0)), 0);
    }

    proptest! {
        /// Against all pairs of units, one by one.
        #[test]
        fn pairs_are_counted_as_one_by_one(
            units in prop::collection::vec((0_u32..6, 0_u8..4), 0..30),
            picked in prop::collection::vec(any::<bool>(), 6)
        ) {
            let mut units = units;
            units.sort_unstable();
            let contents: Vec<u128> = units.iter().map(|u| u128::from(u.1)).collect();
            let units: Vec<Unit> = units.iter().map(|&(story, _)| Unit {
                story: StoryId(story), kind: UnitKind::Caption, caption: 1, tokens: 3,
            }).collect();
            let classes = classes(&units, &contents, UnitKind::Caption, &picked);
            let count = |p: u128, q: u128| -> u64 {
                let mut n = 0;
                for i in 0..units.len() {
                    for j in 0..i {
                        let (s, t) = (units[i].story.0, units[j].story.0);
                        let ends = [(contents[i], contents[j]), (contents[j], contents[i])];
                        if s != t && (picked[s as usize] || picked[t as usize]) && ends.contains(&(p, q)) {
                            n += 1;
                        }
                    }
                }
                n
            };
            for (i, x) in classes.iter().enumerate() {
                let of = |c: &Class| contents[c.first.index()];
                prop_assert_eq!(x.pairs_within(&picked), count(of(x), of(x)));
                for y in &classes[..i] {
                    prop_assert_eq!(x.pairs_with(y, &picked), count(of(x), of(y)));
                }
            }
        }
    }
}
