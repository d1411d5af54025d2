/*!
Names in decisions → units.
*/

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::{Contradiction, Decision, Decisions, Tie, contradiction};
use crate::error::Result;
use crate::story::{Corpus, Unit, UnitId};

/// Two units that are to be together, or apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The earlier in input order.
    pub a: UnitId,
    /// The later.
    pub b: UnitId,
    /// Whether they are one.
    pub same: bool,
}

/// A decision that has no effect, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idle {
    /// Line of the file, from 1.
    pub line: usize,
    /// Cause and next step.
    pub cause: String,
}

/// Decisions on units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// In order, each once.
    pub pairs: Vec<Pair>,
    /// In the order of the file.
    pub idle: Vec<Idle>,
}

/// Finds the units of all names.
///
/// # Errors
/// When two names mean one unit, so that decisions contradict one another.
pub fn resolve<C: Corpus + ?Sized>(
    decisions: &Decisions,
    corpus: &C,
    units: &[Unit],
) -> Result<Resolved> {
    let found = find(decisions, corpus, units);
    let mut resolved = Resolved::default();
    let mut ties = Vec::new();
    for (place, decision) in decisions.all().iter().enumerate() {
        match pairs(decision, &found, units) {
            Ok(pairs) => {
                for (a, b) in pairs {
                    ties.push(Tie {
                        ends: [a.0, b.0],
                        same: decision.same,
                        decision: place,
                    });
                    resolved.pairs.push(Pair {
                        a: a.min(b),
                        b: a.max(b),
                        same: decision.same,
                    });
                }
            }
            Err(cause) => resolved.idle.push(Idle {
                line: decision.line,
                cause,
            }),
        }
    }
    if let Some(found) = units_contradict(&ties) {
        return Err(decisions.contradicts(&found));
    }
    resolved.pairs.sort_unstable();
    resolved.pairs.dedup();
    Ok(resolved)
}

/// Units stand for themselves; those that no decision names have no number.
fn units_contradict(ties: &[Tie]) -> Option<Contradiction> {
    let mut named: Vec<u32> = ties.iter().flat_map(|t| t.ends).collect();
    named.sort_unstable();
    named.dedup();
    let number = |unit: u32| named.partition_point(|&n| n < unit) as u32;
    let ties: Vec<Tie> = ties
        .iter()
        .map(|t| Tie {
            ends: t.ends.map(number),
            ..*t
        })
        .collect();
    contradiction(named.len(), &ties)
}

/// Every name with its units, in input order: those of its id, failing that the one of its place.
fn find<'d, C: Corpus + ?Sized>(
    decisions: &'d Decisions,
    corpus: &C,
    units: &[Unit],
) -> HashMap<&'d str, Vec<UnitId>> {
    let mut found: HashMap<&str, Vec<UnitId>> = HashMap::new();
    for decision in decisions.all() {
        for name in &decision.names {
            found.entry(name).or_default();
        }
    }
    let wanted = &found;
    let known = |name: &str| wanted.get_key_value(name).map(|(&key, _)| key);
    // One record at a time is parsed, so its units are taken together.
    let stories: Vec<&[Unit]> = units.chunk_by(|x, y| x.story == y.story).collect();
    let firsts: Vec<usize> = stories
        .iter()
        .scan(0, |next, of_one| {
            let first = *next;
            *next += of_one.len();
            Some(first)
        })
        .collect();
    let hits: Vec<(&str, bool, UnitId)> = stories
        .par_iter()
        .zip(&firsts)
        .with_min_len(64)
        .flat_map_iter(|(of_one, &first)| {
            let id = corpus.story(of_one[0].story).id.into_owned();
            let origin = corpus.origin(of_one[0].story);
            let place = match origin.line {
                Some(line) => format!("{}:{line}", origin.path),
                None => origin.path.to_owned(),
            };
            let mut hits = Vec::new();
            for (i, unit) in of_one.iter().enumerate() {
                let number = UnitId((first + i) as u32);
                let by_id = known(&unit.id(&id));
                let by_place = known(&unit.id(&place)).filter(|name| by_id != Some(name));
                hits.extend(by_id.map(|name| (name, true, number)));
                hits.extend(by_place.map(|name| (name, false, number)));
            }
            hits
        })
        .collect();
    let mut by_place: BTreeMap<&str, Vec<UnitId>> = BTreeMap::new();
    for (name, by_id, unit) in hits {
        let units = if by_id {
            found.entry(name).or_default()
        } else {
            by_place.entry(name).or_default()
        };
        units.push(unit);
    }
    for (name, units) in by_place {
        let of_id = found.entry(name).or_default();
        if of_id.is_empty() {
            *of_id = units;
        }
    }
    found
}

/// All pairs that a decision speaks of.
fn pairs(
    decision: &Decision,
    found: &HashMap<&str, Vec<UnitId>>,
    units: &[Unit],
) -> std::result::Result<Vec<(UnitId, UnitId)>, String> {
    let of = |name: &str| found.get(name).map_or(&[][..], Vec::as_slice);
    let [a, b] = &decision.names;
    let sides = [of(a), of(b)];
    for (name, side) in [a, b].into_iter().zip(sides) {
        if side.is_empty() {
            return Err(format!("{name}: nothing that is compared has this id"));
        }
        if side.iter().any(|u| units[u.index()].tokens == 0) {
            return Err(format!("{name}: has no word to compare"));
        }
    }
    let kind = |side: &[UnitId]| units[side[0].index()].kind;
    if kind(sides[0]) != kind(sides[1]) {
        return Err(format!(
            "{a} and {b}: a story and a caption never share a group"
        ));
    }
    let mut pairs = Vec::new();
    for &x in sides[0] {
        for &y in sides[1] {
            if x != y && !(a == b && x > y) {
                pairs.push((x, y));
            }
        }
    }
    if pairs.is_empty() {
        return Err(format!("{a} and {b}: both names mean one"));
    }
    Ok(pairs)
}
