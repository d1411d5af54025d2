/*!
Links → groups.

A group is a connected component of the links that join: the definition has no order in it, so batch,
stream and any number of threads agree.
*/

pub mod representative;
pub(crate) mod round_up;
pub mod union_find;
pub mod verdict;

use std::cmp::Ordering;

use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use crate::config::Keep;
use crate::story::{Corpus, Unit, UnitId, UnitKind};
use crate::verify::Link;
pub use round_up::part_round_ups;
use union_find::UnionFind;

/// Units that tell the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Name: `g-` and 12 hexadecimal digits, made from the kind and the id of the first member in input order.
    pub name: String,
    /// What its members are.
    pub kind: UnitKind,
    /// Members, earliest first (by time where known, then by input order).
    pub members: Vec<Member>,
    /// The member that stands for it, as a position in `members`.
    pub representative: usize,
    /// Least Jaccard similarity on the strongest chain of links that holds the group together
    /// (the bottleneck of a maximum spanning tree).
    pub weakest: f64,
}

/// A unit in a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The unit.
    pub unit: UnitId,
    /// The link that ties it to an earlier member; none for the first.
    pub link: Option<MemberLink>,
}

/// How a member is tied to an earlier one.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberLink {
    /// The earlier member, as a position in `members`.
    pub to: usize,
    /// The link between the two, in either direction.
    pub link: Link,
}

/// Groups of two or more, in order of their first member in input order.
pub fn groups<C: Corpus + ?Sized>(
    corpus: &C,
    units: &[Unit],
    links: &[Link],
    keep: &Keep,
) -> Vec<Group> {
    let joining = strongest_first(links);
    let grouped = Grouped::of(&joining, units.len());
    let count = grouped.ends.units.len();
    let mut sets = UnionFind::new(count);
    let mut weakest = vec![f64::INFINITY; count];
    for link in &joining {
        let (a, b) = (grouped.ends.place(link.a), grouped.ends.place(link.b));
        let least = weakest[sets.find(a) as usize].min(weakest[sets.find(b) as usize]);
        if sets.join(a, b) {
            weakest[sets.find(a) as usize] = least.min(link.jaccard());
        }
    }
    // Places follow input order, so the first member of each set is met first.
    let mut group_of = vec![None; count];
    let mut found: Vec<(u32, Vec<u32>)> = Vec::new();
    for place in 0..count as u32 {
        let root = sets.find(place);
        let number = *group_of[root as usize].get_or_insert_with(|| {
            found.push((root, Vec::new()));
            found.len() - 1
        });
        found[number].1.push(place);
    }
    found
        .into_par_iter()
        .with_min_len(16)
        .map(|(root, places)| {
            assemble(
                corpus,
                units,
                &grouped,
                &places,
                weakest[root as usize],
                keep,
            )
        })
        .collect()
}

/// The links that join, the most alike first: the link that completes a group's spanning tree then is its weakest (Kruskal).
fn strongest_first(links: &[Link]) -> Vec<&Link> {
    // With what they are put in order by beside them: the links themselves lie far apart.
    let mut joining: Vec<((u32, u32), &Link)> = links
        .iter()
        .filter(|l| l.relation.joins())
        .map(|l| (likeness(l), l))
        .collect();
    joining.par_sort_by(|(x, link_x), (y, link_y)| {
        more_alike(*x, *y).then_with(|| (link_x.a, link_x.b).cmp(&(link_y.a, link_y.b)))
    });
    joining.into_iter().map(|(_, link)| link).collect()
}

/// Shingles that the units of a link share, of so many that either has.
fn likeness(link: &Link) -> (u32, u32) {
    (link.shared, link.size_a + link.size_b - link.shared)
}

fn more_alike(x: (u32, u32), y: (u32, u32)) -> Ordering {
    let across = |x: u32, y: u32| u64::from(x) * u64::from(y);
    across(y.0, x.1).cmp(&across(x.0, y.1))
}

/// Orders links by Jaccard similarity, the most alike first.
pub(crate) fn stronger(x: &Link, y: &Link) -> Ordering {
    more_alike(likeness(x), likeness(y))
}

/// The units at the ends of links, numbered anew in input order: they are few among many.
pub(crate) struct Ends {
    /// In order.
    pub units: Vec<UnitId>,
    /// For every unit its number here, or [`Ends::NOWHERE`].
    places: Vec<u32>,
}

impl Ends {
    const NOWHERE: u32 = u32::MAX;

    /// These units, which may come more than once, among so many in all.
    pub fn of(ends: impl Iterator<Item = UnitId>, count: usize) -> Self {
        let mut places = vec![Self::NOWHERE; count];
        for unit in ends {
            places[unit.index()] = 0;
        }
        let mut units = Vec::new();
        for (unit, place) in (0..).map(UnitId).zip(&mut places) {
            if *place != Self::NOWHERE {
                *place = units.len() as u32;
                units.push(unit);
            }
        }
        Self { units, places }
    }

    /// The number of a unit, which must be one of them.
    pub fn place(&self, unit: UnitId) -> u32 {
        self.places[unit.index()]
    }
}

/// The units that stand in a group, with their links, strongest first.
struct Grouped<'l> {
    ends: Ends,
    /// Links of end `i`: `links[starts[i]..starts[i + 1]]`.
    starts: Vec<usize>,
    links: Vec<&'l Link>,
}

impl<'l> Grouped<'l> {
    fn of(joining: &[&'l Link], count: usize) -> Self {
        let ends = Ends::of(joining.iter().flat_map(|l| [l.a, l.b]), count);
        let both = |link: &Link| [link.a, link.b].map(|unit| ends.place(unit) as usize);
        // One place ahead, so that filling moves each start to where it belongs.
        let mut starts = vec![0; ends.units.len() + 2];
        for place in joining.iter().flat_map(|link| both(link)) {
            starts[place + 2] += 1;
        }
        for i in 2..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut links = Vec::new();
        if let Some(&any) = joining.first() {
            links.resize(2 * joining.len(), any);
        }
        for &link in joining {
            for place in both(link) {
                links[starts[place + 1]] = link;
                starts[place + 1] += 1;
            }
        }
        Self {
            ends,
            starts,
            links,
        }
    }

    fn links_of(&self, unit: UnitId) -> &[&'l Link] {
        let place = self.ends.place(unit) as usize;
        &self.links[self.starts[place]..self.starts[place + 1]]
    }
}

fn assemble<C: Corpus + ?Sized>(
    corpus: &C,
    units: &[Unit],
    grouped: &Grouped<'_>,
    places: &[u32],
    weakest: f64,
    keep: &Keep,
) -> Group {
    let first = units[grouped.ends.units[places[0] as usize].index()];
    let mut group_name = None;
    let mut facts: Vec<representative::Facts> = places
        .iter()
        .map(|&place| {
            let unit = grouped.ends.units[place as usize];
            let about = units[unit.index()];
            let story = corpus.head(about.story);
            group_name.get_or_insert_with(|| name(first.kind, &first.id(&story.id)));
            representative::Facts::of(&story, about.tokens, unit)
        })
        .collect();
    facts.sort_by_key(representative::Facts::order);
    let representative = representative::choose(&facts, keep);
    let mut position: Vec<(UnitId, usize)> =
        facts.iter().enumerate().map(|(i, f)| (f.unit, i)).collect();
    position.sort_unstable();
    let members = facts
        .iter()
        .enumerate()
        .map(|(i, f)| Member {
            unit: f.unit,
            link: (i > 0)
                .then(|| tie(i, f.unit, &position, grouped.links_of(f.unit)))
                .flatten(),
        })
        .collect();
    Group {
        name: group_name.unwrap_or_default(),
        kind: first.kind,
        members,
        representative,
        weakest,
    }
}

/// The strongest link to an earlier member; where there is none, the strongest of all.
fn tie(
    own: usize,
    unit: UnitId,
    position: &[(UnitId, usize)],
    links: &[&Link],
) -> Option<MemberLink> {
    let other = |l: &Link| {
        let other = if l.a == unit { l.b } else { l.a };
        position[position.partition_point(|&(u, _)| u < other)].1
    };
    let link = links
        .iter()
        .find(|l| other(l) < own)
        .or_else(|| links.first())?;
    Some(MemberLink {
        to: other(link),
        link: (*link).clone(),
    })
}

/// `g-` and 12 hexadecimal digits.
fn name(kind: UnitKind, first_id: &str) -> String {
    name_from(name_bits(kind, first_id))
}

/// The 48 bits of a group's name.
pub(crate) fn name_bits(kind: UnitKind, first_id: &str) -> u64 {
    xxh3_64(format!("{kind}\0{first_id}").as_bytes()) >> 16
}

/// The name of these bits.
pub(crate) fn name_from(bits: u64) -> String {
    format!("g-{bits:012x}")
}
