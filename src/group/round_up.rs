/*!
Round-ups: one story that carries short versions of several unrelated ones must not make one group of them.

A unit is a round-up if it contains two or more others that are not otherwise joined to one another, at places of its
own that do not overlap, and whose headlines are not its headline: cuts of one story carry that story's headline. A story
whose own headline says that it is a round-up, and of which the contained one is less than half, is one as well, whoever
else is there. Its `contains` links become `overlap`.
*/

use super::union_find::UnionFind;
use crate::story::{Corpus, Unit, UnitId, UnitKind};
use crate::text::tokens::Tokenizer;
use crate::verify::relation::Rule;
use crate::verify::{Link, Relation, Span};

/// Share of the shorter of two spans above which they count as the same place.
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

/// A unit contained in a longer one.
struct Contained {
    longer: UnitId,
    shorter: UnitId,
    link: usize,
    /// Bytes of the longer's text, from the first span to the last.
    place: (u32, u32),
    covered: u32,
    words: u32,
}

/// Turns `contains` links of round-ups into `overlap`. The outcome does not depend on the order of stories.
pub fn part_round_ups<C: Corpus + ?Sized>(corpus: &C, units: &[Unit], links: &mut [Link]) {
    let mut contained: Vec<Contained> = links
        .iter()
        .enumerate()
        .filter(|(_, l)| {
            l.relation == Relation::Contains && units[l.a.index()].kind == UnitKind::Story
        })
        .map(|(i, l)| contained(i, l))
        .collect();
    if contained.is_empty() {
        return;
    }
    contained.sort_by_key(|c| (c.longer, c.shorter));
    let mut parted: Vec<usize> = Vec::new();
    for of_one in contained.chunk_by(|x, y| x.longer == y.longer) {
        let title = headline(corpus, units, of_one[0].longer);
        if is_named(&title) {
            parted.extend(
                of_one
                    .iter()
                    .filter(|c| c.covered * 2 < c.words)
                    .map(|c| c.link),
            );
        }
        if of_one.len() > 1 && holds_unrelated(corpus, units, links, of_one, &title) {
            parted.extend(of_one.iter().map(|c| c.link));
        }
    }
    for link in parted {
        part(&mut links[link]);
    }
}

/// Makes of a link what it is when one side is a round-up.
pub(crate) fn part(link: &mut Link) {
    link.relation = Relation::Overlap;
    link.reason.rule = Rule::RoundUp;
}

/// Whether the longer of two units, under that headline, says that it is a round-up, and the other is less than half of it.
pub(crate) fn says_so(link: &Link, title: &str) -> bool {
    let contained = contained(0, link);
    is_named(&title.to_lowercase()) && contained.covered * 2 < contained.words
}

/// Whether a unit under that headline is a round-up of units that it contains: each with its link, its headline and
/// the number of its group.
pub(crate) fn holds_unrelated_parts(title: &str, parts: &[(&Link, &str, u32)]) -> bool {
    let title = title.to_lowercase();
    let foreign: Vec<(Contained, u32)> = parts
        .iter()
        .filter(|(_, other, _)| !same_headline(&title, &other.to_lowercase()))
        .map(|&(link, _, group)| (contained(0, link), group))
        .collect();
    foreign.iter().enumerate().any(|(i, (x, group))| {
        foreign[i + 1..]
            .iter()
            .any(|(y, other)| group != other && are_apart(x.place, y.place))
    })
}

fn contained(i: usize, link: &Link) -> Contained {
    let a_longer = link.reason.words_a >= link.reason.words_b;
    let side = |s: &Span| if a_longer { (s.0, s.1) } else { (s.2, s.3) };
    let (longer, shorter) = if a_longer {
        (link.a, link.b)
    } else {
        (link.b, link.a)
    };
    Contained {
        longer,
        shorter,
        link: i,
        place: (
            link.spans.iter().map(|s| side(s).0).min().unwrap_or(0),
            link.spans.iter().map(|s| side(s).1).max().unwrap_or(0),
        ),
        covered: link.reason.covered,
        words: link.reason.words_a.max(link.reason.words_b),
    }
}

fn headline<C: Corpus + ?Sized>(corpus: &C, units: &[Unit], unit: UnitId) -> String {
    let story = corpus.story(units[unit.index()].story);
    story.title.map(|t| t.to_lowercase()).unwrap_or_default()
}

fn is_named(title: &str) -> bool {
    NAMES.iter().any(|name| title.contains(name))
}

/// Whether two of the contained units are apart in the text, in the graph of all other joining links, and in headline.
fn holds_unrelated<C: Corpus + ?Sized>(
    corpus: &C,
    units: &[Unit],
    links: &[Link],
    of_one: &[Contained],
    title: &str,
) -> bool {
    let foreign: Vec<&Contained> = of_one
        .iter()
        .filter(|c| !same_headline(title, &headline(corpus, units, c.shorter)))
        .collect();
    if foreign.len() < 2 {
        return false;
    }
    let longer = of_one[0].longer;
    let mut ends: Vec<UnitId> = links
        .iter()
        .filter(|l| l.relation.joins())
        .flat_map(|l| [l.a, l.b])
        .collect();
    ends.sort_unstable();
    ends.dedup();
    let place = |u: UnitId| ends.partition_point(|&e| e < u) as u32;
    let mut sets = UnionFind::new(ends.len());
    for link in links
        .iter()
        .filter(|l| l.relation.joins() && l.a != longer && l.b != longer)
    {
        sets.join(place(link.a), place(link.b));
    }
    foreign.iter().enumerate().any(|(i, x)| {
        foreign[i + 1..].iter().any(|y| {
            sets.find(place(x.shorter)) != sets.find(place(y.shorter))
                && are_apart(x.place, y.place)
        })
    })
}

fn are_apart(x: (u32, u32), y: (u32, u32)) -> bool {
    let common = x.1.min(y.1).saturating_sub(x.0.max(y.0));
    let shorter = (x.1 - x.0).min(y.1 - y.0);
    f64::from(common) <= SAME_PLACE * f64::from(shorter)
}

/// Whether half of the words of the shorter headline are in the other. Without headlines nothing speaks for it.
fn same_headline(x: &str, y: &str) -> bool {
    let words = |title: &str| {
        let mut words: Vec<u64> = Vec::new();
        let whole = [crate::story::ByteRange::new(0, title.len())];
        Tokenizer::new(0).run(title, &whole, &mut words);
        crate::verify::jaccard::make_set(&mut words);
        words
    };
    let (x, y) = (words(x), words(y));
    let smaller = x.len().min(y.len());
    smaller > 0 && crate::verify::jaccard::shared(&x, &y) as usize * 2 >= smaller
}
