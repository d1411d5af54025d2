/*!
What people decided of pairs → for a unit that comes, the units that it is joined with, and the marks that keep its group apart from others.

Decisions speak of ids, and which of them will come nobody knows. So names that decisions tie together are one class from the start, whether
they have come or not, and a pair that is to be apart parts their classes: a group that holds one of a class never joins one that holds
one of the other. A group is marked with the classes of its units, as far as they are parted from any; marks outlive their
units as long as the group does. Names that are tied are never parted, for such decisions are refused when they are read; only
the units of one id can be (`a a 0`), by a class that is parted from itself.
*/

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use super::memory::Row;
use crate::decide::names::Idle;
use crate::decide::{Decision, Decisions};
use crate::group::union_find::UnionFind;
use crate::story::UnitKind;

/// An earlier row that a decision joins a row with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partner {
    pub row: u32,
    /// Place of the decision.
    pub decision: u32,
}

/// An id that decisions name.
#[derive(Debug, Default)]
struct Named {
    /// Names that its units are joined with, and the places of the decisions.
    joined: Vec<(u32, u32)>,
    marks: Vec<u32>,
    /// Rows of the units that came and have not left, in order.
    rows: Vec<(u32, UnitKind)>,
    /// How many stories and captions came.
    came: [u64; 2],
    /// Whether one came without words.
    empty: bool,
}

impl Named {
    fn count(&self) -> u64 {
        self.came.iter().sum()
    }
}

/// What became of a decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fate {
    #[default]
    Waits,
    Followed,
    /// It would bring together what is to be apart.
    Refused,
}

/// Decisions, as far as their units came.
#[derive(Debug, Default)]
pub struct Constraints {
    decisions: Decisions,
    numbers: HashMap<String, u32>,
    named: Vec<Named>,
    /// The names of rows that have not left.
    rows: BTreeMap<u32, u32>,
    /// Classes that a class is parted from.
    apart: HashMap<u32, BTreeSet<u32>>,
    /// For each decision; told of those that join.
    fates: Vec<Fate>,
}

impl Constraints {
    /// None of whose units came.
    pub fn new(decisions: Decisions) -> Self {
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut ends = Vec::with_capacity(decisions.all().len());
        for decision in decisions.all() {
            ends.push([0, 1].map(|side| {
                let next = numbers.len() as u32;
                *numbers.entry(decision.names[side].clone()).or_insert(next)
            }));
        }
        let count = numbers.len() as u32;
        let mut named: Vec<Named> = (0..count).map(|_| Named::default()).collect();
        let mut tied = UnionFind::new(named.len());
        let of_kind = |same: bool| {
            let both = decisions.all().iter().zip(&ends).enumerate();
            both.filter(move |(_, (d, _))| d.same == same)
                .map(|(place, (_, &ends))| (place as u32, ends))
        };
        for (place, [a, b]) in of_kind(true) {
            tied.join(a, b);
            named[a as usize].joined.push((b, place));
            if a != b {
                named[b as usize].joined.push((a, place));
            }
        }
        let mut apart: HashMap<u32, BTreeSet<u32>> = HashMap::new();
        for (_, [a, b]) in of_kind(false) {
            // A class of its own for the units of one id.
            let class = |name: u32, tied: &mut UnionFind| {
                if a == b { count + a } else { tied.find(name) }
            };
            let (x, y) = (class(a, &mut tied), class(b, &mut tied));
            apart.entry(x).or_default().insert(y);
            apart.entry(y).or_default().insert(x);
        }
        for (name, named) in (0..count).zip(&mut named) {
            let classes = [tied.find(name), count + name].into_iter();
            named.marks = classes.filter(|c| apart.contains_key(c)).collect();
        }
        Self {
            fates: vec![Fate::default(); decisions.all().len()],
            decisions,
            numbers,
            named,
            rows: BTreeMap::new(),
            apart,
        }
    }

    /// Whether there is nothing to follow.
    pub fn is_empty(&self) -> bool {
        self.decisions.is_empty()
    }

    /// The number of the unit's name, if decisions name it.
    pub fn name(&self, row: &Row, story_id: &str) -> Option<u32> {
        if self.is_empty() {
            return None;
        }
        self.numbers.get(&row.id(story_id)).copied()
    }

    /// A unit came that has no words.
    pub fn empty(&mut self, name: Option<u32>) {
        if let Some(name) = name {
            self.named[name as usize].empty = true;
        }
    }

    /// A unit came that has this row; returns the earlier rows that it is joined with.
    pub fn admit(&mut self, name: Option<u32>, kind: UnitKind, row: u32) -> Vec<Partner> {
        let Some(name) = name else { return Vec::new() };
        let mut partners: Vec<Partner> = Vec::new();
        for &(other, decision) in &self.named[name as usize].joined {
            // A story and a caption never share a group.
            let rows = self.named[other as usize].rows.iter();
            for &(row, _) in rows.filter(|r| r.1 == kind) {
                partners.push(Partner { row, decision });
                let fate = &mut self.fates[decision as usize];
                if *fate == Fate::Waits {
                    *fate = Fate::Followed;
                }
            }
        }
        let named = &mut self.named[name as usize];
        named.came[usize::from(kind == UnitKind::Caption)] += 1;
        named.rows.push((row, kind));
        self.rows.insert(row, name);
        partners.sort_unstable_by_key(|p| (p.row, p.decision));
        partners
    }

    /// These rows have left.
    pub fn part_with(&mut self, rows: &Range<u32>) {
        let mut gone: Vec<(u32, u32)> = Vec::new();
        if !rows.is_empty() {
            gone.extend(
                self.rows
                    .range(rows.clone())
                    .map(|(&row, &name)| (row, name)),
            );
        }
        for (row, name) in gone {
            self.rows.remove(&row);
            self.named[name as usize].rows.retain(|r| r.0 != row);
        }
    }

    /// The marks of a unit with that name.
    pub fn marks(&self, name: Option<u32>) -> Vec<u32> {
        name.map_or_else(Vec::new, |n| self.named[n as usize].marks.clone())
    }

    /// Whether groups with these marks never join.
    pub fn part(&self, x: Option<&BTreeSet<u32>>, y: Option<&BTreeSet<u32>>) -> bool {
        let (Some(x), Some(y)) = (x, y) else {
            return false;
        };
        let (fewer, more) = if x.len() <= y.len() { (x, y) } else { (y, x) };
        let barred = fewer.iter().filter_map(|class| self.apart.get(class));
        barred.flatten().any(|class| more.contains(class))
    }

    /// A decision was not followed, for others bar it.
    pub fn refuse(&mut self, decision: u32) {
        self.fates[decision as usize] = Fate::Refused;
    }

    /// Decisions without effect, in the order of their file.
    pub fn idle(&self) -> Vec<Idle> {
        let all = self.decisions.all().iter().zip(&self.fates);
        all.filter_map(|(decision, &fate)| {
            self.cause(decision, fate).map(|cause| Idle {
                line: decision.line,
                cause,
            })
        })
        .collect()
    }

    /// Why a decision had no effect; none if it had.
    fn cause(&self, decision: &Decision, fate: Fate) -> Option<String> {
        let [a, b] = &decision.names;
        if fate == Fate::Refused {
            return Some(format!(
                "{a} and {b}: joining them would bring together what is decided to be different"
            ));
        }
        let sides = [a, b].map(|name| (name, &self.named[self.numbers[name] as usize]));
        for (name, named) in sides {
            if named.count() == 0 {
                let why = if named.empty {
                    "has no word to compare"
                } else {
                    "nothing that is compared has this id"
                };
                return Some(format!("{name}: {why}"));
            }
        }
        let [x, y] = sides.map(|(_, named)| named);
        if a == b && x.count() == 1 {
            return Some(format!("{a} and {b}: both names mean one"));
        }
        if (0..2).all(|kind| x.came[kind] == 0 || y.came[kind] == 0) {
            return Some(format!(
                "{a} and {b}: a story and a caption never share a group"
            ));
        }
        (decision.same && fate == Fate::Waits)
            .then(|| format!("{a} and {b}: the earlier had left when the later came"))
    }
}

#[cfg(test)]
mod tests;
