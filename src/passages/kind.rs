/*!
Family → what kind of text it is.

**caption**: most of its places are captions or lie in them.

**boilerplate**: text that a house puts under stories that have nothing else in common. Three things tell it from a
quote, a background paragraph or a story that many ran:

1. It stands in [`MANY`] stories or more that are stories of their own. Stories that share half of their words with
   others of them, in however many passages, count as one with those that they share a tenth or more in one piece
   with: a story that twenty houses ran is one story.
2. It *stands*, as news does not: it opens or closes three stories of four, within [`EDGE`] words (a quote stands
   where the writer needed it); or it is still used when the news is over: half of its places are dated more than
   [`NEWS_CYCLE`] after the first; or it is in so many stories ([`VERY_MANY`]) that no quote would be.

**news**: all others.
*/

use std::collections::HashMap;

use rayon::prelude::*;

use super::families::{Family, stories};
use super::seeds::Words;
use super::{Kind, Located};
use crate::group::union_find::UnionFind;

/// Least stories of boilerplate.
const MANY: usize = 8;
/// Stories that make boilerplate of what is neither at an end nor used for long.
const VERY_MANY: usize = 64;
/// Words from an end of the text.
const EDGE: u32 = 10;
/// Seconds that a piece of news is quoted for: two days.
const NEWS_CYCLE: u64 = 2 * 24 * 3_600;

/// The kind of every family.
pub fn kinds(words: &Words, families: &[Family], located: &Located) -> Vec<Kind> {
    let mut by_story: Vec<Vec<(u32, u32, u32)>> = vec![Vec::new(); words.stories()];
    for (f, family) in families.iter().enumerate() {
        for place in family {
            by_story[place.story as usize].push((place.start, place.end, f as u32));
        }
    }
    by_story.par_iter_mut().for_each(|of| of.sort_unstable());
    families
        .par_iter()
        .zip(&located.places)
        .map(|(family, places)| {
            let captions = places.iter().filter(|(_, in_caption)| *in_caption).count();
            if 2 * captions > places.len() {
                Kind::Caption
            } else if stories(family) >= MANY
                && stands(words, family, located)
                && own_stories(words, family, &by_story) >= MANY
            {
                Kind::Boilerplate
            } else {
                Kind::News
            }
        })
        .collect()
}

fn stands(words: &Words, family: &Family, located: &Located) -> bool {
    let at_an_end = family
        .iter()
        .filter(|p| p.start <= EDGE || p.end + EDGE >= words.of(p.story).len() as u32)
        .count();
    if 4 * at_an_end >= 3 * family.len() || stories(family) >= VERY_MANY {
        return true;
    }
    let times: Vec<i64> = family
        .iter()
        .filter_map(|p| located.seconds[p.story as usize])
        .collect();
    let Some(&first) = times.iter().min() else {
        return false;
    };
    let late = times
        .iter()
        .filter(|t| t.abs_diff(first) > NEWS_CYCLE)
        .count();
    2 * late >= family.len()
}

/// How many of the stories of a family are stories of their own.
fn own_stories(words: &Words, family: &Family, by_story: &[Vec<(u32, u32, u32)>]) -> usize {
    let members: Vec<u32> = family
        .chunk_by(|a, b| a.story == b.story)
        .map(|p| p[0].story)
        .collect();
    // How many stories of the family each passage stands in.
    let mut reach: HashMap<u32, u32> = HashMap::new();
    let mut here = Vec::new();
    for &story in &members {
        here.clear();
        here.extend(by_story[story as usize].iter().map(|&(_, _, f)| f));
        here.sort_unstable();
        here.dedup();
        for &f in &here {
            *reach.entry(f).or_default() += 1;
        }
    }
    let mut sets = UnionFind::new(members.len());
    let mut own = members.len();
    let mut first_with: HashMap<u32, u32> = HashMap::new();
    for (i, &story) in members.iter().enumerate() {
        let len = words.of(story).len();
        let shared = || {
            by_story[story as usize]
                .iter()
                .filter(|(_, _, f)| reach[f] >= 2)
        };
        let (mut total, mut end) = (0, 0);
        for &(from, to, _) in shared() {
            total += to.saturating_sub(from.max(end));
            end = end.max(to);
        }
        if 2 * (total as usize) < len {
            continue;
        }
        for &(_, _, f) in shared().filter(|(from, to, _)| 10 * (to - from) as usize >= len) {
            let other = *first_with.entry(f).or_insert(i as u32);
            own -= usize::from(sets.join(i as u32, other));
        }
    }
    own
}
