/*!
Decisions on units → links: those that are added because somebody joined a pair, those that are refused because somebody parted one.
*/

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::Decisions;
use super::names::{Idle, Pair, resolve};
use crate::config::Settings;
use crate::error::Result;
use crate::group::union_find::UnionFind;
use crate::group::{Ends, stronger};
use crate::story::{Corpus, Unit, UnitId};
use crate::verify::prepared::{Making, Prepared};
use crate::verify::relation::{self, Rule};
use crate::verify::{Link, Relation, Span, evidence};

/// What decisions made of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Somebody decided that the two are one.
    Same,
    /// Somebody decided that they are not.
    Different,
    /// It would bring others together that are decided to be different.
    Parted,
}

impl Mark {
    /// The name in output.
    pub fn name(self) -> &'static str {
        match self {
            Mark::Same => "same",
            Mark::Different => "different",
            Mark::Parted => "parted",
        }
    }
}

/// What decisions did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// Links that decisions speak of, or that they refuse; in order.
    marks: BTreeMap<(UnitId, UnitId), Mark>,
    /// Decisions without effect.
    pub idle: Vec<Idle>,
}

impl Decided {
    /// What was made of the link of two units, the earlier first.
    pub fn mark(&self, a: UnitId, b: UnitId) -> Option<Mark> {
        self.marks.get(&(a, b)).copied()
    }

    /// How many links have that mark.
    pub fn count(&self, mark: Mark) -> u64 {
        self.marks.values().filter(|&&m| m == mark).count() as u64
    }

    /// Whether a link joins its units: as verification says, unless it is refused.
    pub fn joins(&self, link: &Link) -> bool {
        link.relation.joins()
            && !matches!(
                self.mark(link.a, link.b),
                Some(Mark::Different | Mark::Parted)
            )
    }
}

/// Adds the links of pairs that are decided to be one, and tells which links do not join. `links` stay in order of (a, b).
///
/// # Errors
/// When two names mean one unit, so that decisions contradict one another.
pub fn constrain<C: Corpus + ?Sized>(
    decisions: &Decisions,
    corpus: &C,
    units: &[Unit],
    links: &mut Vec<Link>,
    settings: &Settings,
) -> Result<Decided> {
    if decisions.is_empty() {
        return Ok(Decided::default());
    }
    let resolved = resolve(decisions, corpus, units)?;
    let compare = |pairs: &[(UnitId, UnitId)], decided: bool| -> Vec<Link> {
        pairs
            .par_iter()
            .map_init(
                || Making::new(settings),
                |making, &(a, b)| link(making, corpus, units, (a, b), decided, settings),
            )
            .flatten_iter()
            .collect()
    };
    let own = own_links(&resolved.pairs, links);
    links.extend(compare(&own, false));
    let mut marks = BTreeMap::new();
    let mut missing = Vec::new();
    links.sort_unstable_by_key(|l| (l.a, l.b));
    for pair in &resolved.pairs {
        let ends = (pair.a, pair.b);
        marks.insert(
            ends,
            if pair.same {
                Mark::Same
            } else {
                Mark::Different
            },
        );
        if pair.same {
            match links.binary_search_by_key(&ends, |l| (l.a, l.b)) {
                Ok(at) if links[at].relation.joins() => {}
                Ok(at) => links[at].relation = Relation::Decided,
                Err(_) => missing.push(ends),
            }
        }
    }
    links.extend(compare(&missing, true));
    links.sort_unstable_by_key(|l| (l.a, l.b));
    let parted = refuse(&resolved.pairs, corpus, units, links);
    for ends in parted {
        marks.entry(ends).or_insert(Mark::Parted);
    }
    Ok(Decided {
        marks,
        idle: resolved.idle,
    })
}

/// The link of a pair; of a decided one also where nothing worth telling is shared.
fn link<C: Corpus + ?Sized>(
    making: &mut Making<'_>,
    corpus: &C,
    units: &[Unit],
    (a, b): (UnitId, UnitId),
    decided: bool,
    settings: &Settings,
) -> Option<Link> {
    let mut ready = |unit: UnitId| -> Prepared<'_> {
        let of = units[unit.index()];
        let before = units[..unit.index()].iter().rev();
        let which = before.take_while(|u| u.story == of.story).count();
        making.prepare(corpus.story(of.story), which)
    };
    let (of_a, of_b) = (ready(a), ready(b));
    judged((a, &of_a), (b, &of_b), decided, settings)
}

/// The link of two units that are ready, the earlier first; of a decided pair also where nothing worth telling is shared.
pub fn judged(
    (a, of_a): (UnitId, &Prepared<'_>),
    (b, of_b): (UnitId, &Prepared<'_>),
    decided: bool,
    settings: &Settings,
) -> Option<Link> {
    let (e, alignment) = evidence::gather(of_a, of_b);
    let (found, reason) = relation::decide(of_a, of_b, &e, &alignment, settings);
    let relation = match found {
        Some(relation) if !decided || relation.joins() => relation,
        None if !decided => return None,
        _ => Relation::Decided,
    };
    let spans = alignment.spans.iter().map(|s| {
        let (x, y) = (of_a.bytes(s.a.clone()), of_b.bytes(s.b.clone()));
        Span(x.start, x.end, y.start, y.end)
    });
    Some(Link {
        a,
        b,
        relation,
        shared: e.shared,
        size_a: e.sizes[0],
        size_b: e.sizes[1],
        spans: spans.collect(),
        reason,
    })
}

/// Of units with the same words one speaks for all. Where a decision parts two of them, each needs the links of all: these pairs.
fn own_links(pairs: &[Pair], links: &[Link]) -> Vec<(UnitId, UnitId)> {
    let apart: BTreeSet<UnitId> = pairs
        .iter()
        .filter(|p| !p.same)
        .flat_map(|p| [p.a, p.b])
        .collect();
    if apart.is_empty() {
        return Vec::new();
    }
    let is_copy = |l: &&Link| l.relation == Relation::Exact && l.reason.rule == Rule::SameWords;
    let mut ends: Vec<UnitId> = links
        .iter()
        .filter(is_copy)
        .flat_map(|l| [l.a, l.b])
        .collect();
    ends.sort_unstable();
    ends.dedup();
    let place = |unit: UnitId| ends.binary_search(&unit).ok().map(|p| p as u32);
    let mut copies = UnionFind::new(ends.len());
    for link in links.iter().filter(is_copy) {
        if let (Some(a), Some(b)) = (place(link.a), place(link.b)) {
            copies.join(a, b);
        }
    }
    let known: BTreeSet<(UnitId, UnitId)> = links.iter().map(|l| (l.a, l.b)).collect();
    let mut wanted = BTreeSet::new();
    for &unit in &apart {
        let Some(own) = place(unit).map(|p| copies.find(p)) else {
            continue;
        };
        let mut want = |other: UnitId| {
            let ends = (unit.min(other), unit.max(other));
            if unit != other && !known.contains(&ends) {
                wanted.insert(ends);
            }
        };
        for &other in &ends {
            if place(other).map(|p| copies.find(p)) == Some(own) {
                want(other);
            }
        }
        for l in links {
            for (copy, other) in [(l.a, l.b), (l.b, l.a)] {
                if place(copy).map(|p| copies.find(p)) == Some(own) {
                    want(other);
                }
            }
        }
    }
    wanted.into_iter().collect()
}

/// Links that join and are refused, directly decided ones left out.
fn refuse<C: Corpus + ?Sized>(
    pairs: &[Pair],
    corpus: &C,
    units: &[Unit],
    links: &[Link],
) -> Vec<(UnitId, UnitId)> {
    if pairs.iter().all(|p| p.same) {
        return Vec::new();
    }
    let mut joining: Vec<&Link> = links.iter().filter(|l| l.relation.joins()).collect();
    let decided = pairs.iter().flat_map(|p| [p.a, p.b]);
    let ends = Ends::of(
        joining.iter().flat_map(|l| [l.a, l.b]).chain(decided),
        units.len(),
    );
    let place = |unit: UnitId| ends.place(unit);
    // Equally alike, links are taken in the order of ids: the order of the input does not count. Of two units with one id it must.
    let names: Vec<String> = ends
        .units
        .par_iter()
        .map(|u| {
            let unit = units[u.index()];
            unit.id(&corpus.story(unit.story).id)
        })
        .collect();
    let name = |unit: UnitId| &names[place(unit) as usize];
    joining.sort_by(|x, y| {
        let ids = |l: &Link| {
            let (a, b) = (name(l.a), name(l.b));
            (a.min(b).clone(), a.max(b).clone())
        };
        stronger(x, y)
            .then_with(|| ids(x).cmp(&ids(y)))
            .then_with(|| (x.a, x.b).cmp(&(y.a, y.b)))
    });
    let mut parting = Parting::new(ends.units.len());
    for pair in pairs.iter().filter(|p| p.same) {
        parting.join(place(pair.a), place(pair.b));
    }
    for pair in pairs.iter().filter(|p| !p.same) {
        parting.part(place(pair.a), place(pair.b));
    }
    joining
        .into_iter()
        .filter(|l| !parting.join(place(l.a), place(l.b)))
        .map(|l| (l.a, l.b))
        .collect()
}

/// Disjoint sets of which some are never joined.
#[derive(Debug)]
pub struct Parting {
    sets: UnionFind,
    /// For each set that has any, elements that must stay out of it.
    out: BTreeMap<u32, Vec<u32>>,
}

impl Parting {
    /// `n` elements, none joined, none to be kept apart.
    pub fn new(n: usize) -> Self {
        Self {
            sets: UnionFind::new(n),
            out: BTreeMap::new(),
        }
    }

    /// From now on the sets of these two are never joined. Nothing happens if they are one set already.
    pub fn part(&mut self, a: u32, b: u32) {
        let (x, y) = (self.sets.find(a), self.sets.find(b));
        if x != y {
            self.out.entry(x).or_default().push(b);
            self.out.entry(y).or_default().push(a);
        }
    }

    /// Joins the sets of these two, unless they must stay apart; whether they are one set now.
    pub fn join(&mut self, a: u32, b: u32) -> bool {
        let (x, y) = (self.sets.find(a), self.sets.find(b));
        if x == y {
            return true;
        }
        let outside = |set: u32| self.out.get(&set).map_or(&[][..], Vec::as_slice);
        let (fewer, other) = if outside(x).len() <= outside(y).len() {
            (x, y)
        } else {
            (y, x)
        };
        let barred: Vec<u32> = outside(fewer).to_vec();
        if barred
            .into_iter()
            .any(|element| self.sets.find(element) == other)
        {
            return false;
        }
        let mut out = self.out.remove(&x).unwrap_or_default();
        out.extend(self.out.remove(&y).unwrap_or_default());
        self.sets.join(x, y);
        if !out.is_empty() {
            self.out.insert(self.sets.find(x), out);
        }
        true
    }
}

#[cfg(test)]
mod tests;
