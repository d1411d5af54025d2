/*!
Round-ups: one story that carries short versions of several unrelated ones must not make one group of them.

A unit *carries* another if it contains it, or if it is an update of it that has grown to more than twice what they share.
It is a round-up if

- it carries two others that are not joined to one another but by what carries both, at places of its own
  that do not overlap, under headlines that are not its headline: cuts of one story carry that story's headline; or
- its own headline says so, and it carries less than half of itself under another headline; or
- it has the same text as a round-up, but for small edits.

Links between a round-up and what it carries become `overlap`. All is decided on the links as they came, so that the outcome
does not depend on the order of stories; the work grows with the number of links.
*/

use std::cmp::Reverse;
use std::collections::HashSet;

use rayon::prelude::*;

use super::Ends;
use super::union_find::UnionFind;
use crate::story::{ByteRange, Corpus, Unit, UnitId, UnitKind};
use crate::text::tokens::Tokenizer;
use crate::verify::jaccard;
use crate::verify::relation::Rule;
use crate::verify::{Link, Relation, Span};

/// Share of the shorter of two places above which they count as one.
const SAME_PLACE: f64 = 0.2;
/// Words in the headline of a round-up.
const NAMES: [&str; 14] = [
    "round-up",
    "roundup",
    "round up",
    "summary",
    "digest",
    "in brief",
    "news briefs",
    "briefs:",
    "headlines",
    "at a glance",
    "top stories",
    "day in review",
    "wrap-up",
    "highlights of the day",
];

/// A unit that a longer one carries.
struct Carried {
    longer: UnitId,
    shorter: UnitId,
    link: usize,
    /// Bytes of the longer's text, from the first span to the last.
    place: (u32, u32),
    /// Whether its headline is another than the longer's.
    foreign: bool,
    /// Whether it is less than half of the longer.
    small: bool,
    /// Whether the longer's headline says that it is a round-up.
    named: bool,
}

/// Turns the links between round-ups and what they carry into `overlap`.
pub fn part_round_ups<C: Corpus + ?Sized>(corpus: &C, units: &[Unit], links: &mut [Link]) {
    let carried = all_carried(corpus, units, links);
    if carried.is_empty() {
        return;
    }
    let several = |of_one: &&[Carried]| of_one.iter().filter(|c| c.foreign).count() > 1;
    let suspects: HashSet<UnitId> = by_longer(&carried)
        .filter(several)
        .map(|of_one| of_one[0].longer)
        .collect();
    let mut by_suspects = vec![false; links.len()];
    for c in carried.iter().filter(|c| suspects.contains(&c.longer)) {
        by_suspects[c.link] = true;
    }
    let ends = Ends::of(links.iter().flat_map(|l| [l.a, l.b]), units.len());
    let mut otherwise = Joined::by(links, &ends, |i, l| l.relation.joins() && !by_suspects[i]);
    let mut copies = Joined::by(links, &ends, |_, l| {
        matches!(l.relation, Relation::Exact | Relation::Near)
    });
    let round_ups: HashSet<u32> = by_longer(&carried)
        .filter(|of_one| several(of_one) && holds_unrelated(of_one, &mut otherwise))
        .map(|of_one| copies.set(of_one[0].longer))
        .collect();
    for c in &carried {
        if (c.named && c.foreign && c.small) || round_ups.contains(&copies.set(c.longer)) {
            part(&mut links[c.link]);
        }
    }
}

/// Makes of a link what it is when one side is a round-up.
pub(crate) fn part(link: &mut Link) {
    link.relation = Relation::Overlap;
    link.reason.rule = Rule::RoundUp;
}

/// Whether the longer of two units carries the other.
pub(crate) fn carries(link: &Link) -> bool {
    carried(0, link).is_some()
}

/// Whether the longer of two units, under the first headline, says that it is a round-up of what it carries: the other, under
/// the second headline, which is less than half of it.
pub(crate) fn says_so(link: &Link, longer: &str, shorter: &str) -> bool {
    let title = longer.to_lowercase();
    is_named(&title)
        && carried(0, link).is_some_and(|c| c.small)
        && !same_headline(&words(&title), &words(&shorter.to_lowercase()))
}

/// Whether a unit under that headline is a round-up of units that it carries: each with its link, its headline and
/// the number of its group.
pub(crate) fn holds_unrelated_parts(title: &str, parts: &[(&Link, &str, u32)]) -> bool {
    if parts.len() < 2 {
        return false;
    }
    let title = words(&title.to_lowercase());
    let foreign: Vec<((u32, u32), u32)> = parts
        .iter()
        .filter(|(_, other, _)| !same_headline(&title, &words(&other.to_lowercase())))
        .filter_map(|&(link, _, group)| Some((carried(0, link)?.place, group)))
        .collect();
    hold_unrelated(foreign)
}

/// All that is carried, by what carries it.
fn all_carried<C: Corpus + ?Sized>(corpus: &C, units: &[Unit], links: &[Link]) -> Vec<Carried> {
    let mut carried: Vec<Carried> = links
        .iter()
        .enumerate()
        .filter(|(_, l)| units[l.a.index()].kind == UnitKind::Story)
        .filter_map(|(i, l)| carried(i, l))
        .collect();
    carried.sort_by_key(|c| (c.longer, c.shorter));
    // Records are read again for their headlines.
    carried
        .par_chunk_by_mut(|x, y| x.longer == y.longer)
        .for_each(|of_one| {
            let title = headline(corpus, units, of_one[0].longer);
            let named = is_named(&title);
            let words = words(&title);
            for c in of_one {
                let other = headline(corpus, units, c.shorter);
                c.named = named;
                c.foreign = !same_headline(&words, &self::words(&other));
            }
        });
    carried
}

fn by_longer(carried: &[Carried]) -> impl Iterator<Item = &[Carried]> {
    carried.chunk_by(|x, y| x.longer == y.longer)
}

fn carried(i: usize, link: &Link) -> Option<Carried> {
    let (covered, a, b) = (
        link.reason.covered,
        link.reason.words_a,
        link.reason.words_b,
    );
    let small = covered * 2 < a.max(b);
    let carries = match link.relation {
        Relation::Contains => true,
        Relation::Revision => small && link.reason.rule != Rule::Version,
        _ => false,
    };
    if !carries {
        return None;
    }
    let side = |s: &Span| if a >= b { (s.0, s.1) } else { (s.2, s.3) };
    let (longer, shorter) = if a >= b {
        (link.a, link.b)
    } else {
        (link.b, link.a)
    };
    let places = || link.spans.iter().map(side);
    Some(Carried {
        longer,
        shorter,
        link: i,
        place: (
            places().map(|p| p.0).min().unwrap_or(0),
            places().map(|p| p.1).max().unwrap_or(0),
        ),
        foreign: false,
        small,
        named: false,
    })
}

/// Which units are joined by some of the links.
struct Joined<'e> {
    ends: &'e Ends,
    sets: UnionFind,
}

impl<'e> Joined<'e> {
    fn by(links: &[Link], ends: &'e Ends, which: impl Fn(usize, &Link) -> bool) -> Self {
        let mut sets = UnionFind::new(ends.units.len());
        for (_, link) in links.iter().enumerate().filter(|(i, l)| which(*i, l)) {
            sets.join(ends.place(link.a), ends.place(link.b));
        }
        Self { ends, sets }
    }

    /// The set of a unit that is an end of any of the links.
    fn set(&mut self, unit: UnitId) -> u32 {
        self.sets.find(self.ends.place(unit))
    }
}

/// Whether two of the units that one carries are apart in its text, in headline and in what else joins them.
fn holds_unrelated(of_one: &[Carried], otherwise: &mut Joined<'_>) -> bool {
    let foreign = of_one.iter().filter(|c| c.foreign);
    hold_unrelated(
        foreign
            .map(|c| (c.place, otherwise.set(c.shorter)))
            .collect(),
    )
}

/// Whether two of these places are apart and their sets are not one.
///
/// In the order of their places each is held against that which ends first among those of another set.
fn hold_unrelated(mut places: Vec<((u32, u32), u32)>) -> bool {
    places.sort_unstable();
    let ends_first = |x: &((u32, u32), u32)| (x.0.1, Reverse(x.0.0));
    // The two that end first, of different sets.
    let mut first: Vec<((u32, u32), u32)> = Vec::new();
    for here in places {
        let other = first.iter().find(|(_, set)| *set != here.1);
        if other.is_some_and(|(place, _)| are_apart(*place, here.0)) {
            return true;
        }
        first.push(here);
        first.sort_by_key(ends_first);
        let set = first[0].1;
        let second = first.iter().position(|(_, s)| *s != set);
        first = [Some(0), second]
            .into_iter()
            .flatten()
            .map(|i| first[i])
            .collect();
    }
    false
}

/// Whether a headline, in small letters, is that of a round-up.
fn is_named(title: &str) -> bool {
    NAMES.iter().any(|name| title.contains(name))
}

fn are_apart(x: (u32, u32), y: (u32, u32)) -> bool {
    let common = x.1.min(y.1).saturating_sub(x.0.max(y.0));
    let shorter = (x.1 - x.0).min(y.1 - y.0);
    f64::from(common) <= SAME_PLACE * f64::from(shorter)
}

fn headline<C: Corpus + ?Sized>(corpus: &C, units: &[Unit], unit: UnitId) -> String {
    let story = corpus.head(units[unit.index()].story);
    story.title.map(|t| t.to_lowercase()).unwrap_or_default()
}

fn words(title: &str) -> Vec<u64> {
    let mut words: Vec<u64> = Vec::new();
    Tokenizer::new(0).run(title, &[ByteRange::new(0, title.len())], &mut words);
    jaccard::make_set(&mut words);
    words
}

/// Whether half of the words of the shorter headline are in the other. Without headlines nothing speaks for it.
fn same_headline(x: &[u64], y: &[u64]) -> bool {
    let smaller = x.len().min(y.len());
    smaller > 0 && jaccard::shared(x, y) as usize * 2 >= smaller
}

#[cfg(test)]
mod tests;
