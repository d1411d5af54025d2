/*!
Links → groups.

A group is a connected component of the links that join: the definition has no order in it, so batch,
stream and any number of threads agree.
*/

pub mod representative;
pub(crate) mod round_up;
pub mod union_find;
pub mod verdict;

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
    let mut joining: Vec<&Link> = links.iter().filter(|l| l.relation.joins()).collect();
    // Strongest first: the link that completes a group's spanning tree is its weakest (Kruskal).
    joining.par_sort_by(|x, y| stronger(x, y).then_with(|| (x.a, x.b).cmp(&(y.a, y.b))));
    let grouped = Grouped::of(&joining);
    let mut sets = UnionFind::new(grouped.units.len());
    let mut weakest = vec![f64::INFINITY; grouped.units.len()];
    for link in &joining {
        let (a, b) = (grouped.place(link.a), grouped.place(link.b));
        let least = weakest[sets.find(a) as usize].min(weakest[sets.find(b) as usize]);
        if sets.join(a, b) {
            weakest[sets.find(a) as usize] = least.min(link.jaccard());
        }
    }
    // Places follow input order, so the first member of each set is met first.
    let mut group_of = vec![None; grouped.units.len()];
    let mut found: Vec<(u32, Vec<u32>)> = Vec::new();
    for place in 0..grouped.units.len() as u32 {
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

/// Orders links by Jaccard similarity, the most alike first.
pub(crate) fn stronger(x: &Link, y: &Link) -> std::cmp::Ordering {
    let union = |l: &Link| u64::from(l.size_a + l.size_b - l.shared);
    (u64::from(y.shared) * union(x)).cmp(&(u64::from(x.shared) * union(y)))
}

/// The units that stand in a group, in input order: few among many, so numbered anew; with their links, strongest first.
struct Grouped<'l> {
    units: Vec<UnitId>,
    links: Vec<Vec<&'l Link>>,
}

impl<'l> Grouped<'l> {
    fn of(joining: &[&'l Link]) -> Self {
        let mut units: Vec<UnitId> = joining.iter().flat_map(|l| [l.a, l.b]).collect();
        units.par_sort_unstable();
        units.dedup();
        let mut grouped = Self {
            links: vec![Vec::new(); units.len()],
            units,
        };
        for &link in joining {
            for unit in [link.a, link.b] {
                let place = grouped.place(unit);
                grouped.links[place as usize].push(link);
            }
        }
        grouped
    }

    fn place(&self, unit: UnitId) -> u32 {
        // Every unit asked for is an end of a joining link.
        self.units.partition_point(|&u| u < unit) as u32
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
    let first = units[grouped.units[places[0] as usize].index()];
    let mut group_name = None;
    let mut facts: Vec<representative::Facts> = places
        .iter()
        .map(|&place| {
            let unit = grouped.units[place as usize];
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
                .then(|| {
                    tie(
                        i,
                        f.unit,
                        &position,
                        &grouped.links[grouped.place(f.unit) as usize],
                    )
                })
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
