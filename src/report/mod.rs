/*!
What was found, written for programs ([`json`], and [`verdict`] for a stream; described by [`schema`]) and for people ([`table`], and
[`compare`] for two texts side by side); passages both ways in [`passages`].

Input: a [`Corpus`] and the [`Outcome`] of a run over it. Output: bytes to any
[`Write`](std::io::Write). Invariants: the same outcome gives the same bytes (all but the time taken, in the table); what comes from
stories reaches a terminal only through [`escape()`].
*/

pub mod cells;
pub mod compare;
pub mod escape;
pub mod eval;
pub mod html;
pub mod json;
pub mod passages;
pub mod plot;
pub mod schema;
pub mod table;
pub mod tune;
pub mod verdict;

pub use escape::escape;

use crate::config::UnitFilter;
use crate::group::Group;
use crate::pipeline::Outcome;
use crate::story::{Corpus, Unit, UnitId, UnitKind};

/// The unit's id, as the user knows it.
pub fn unit_id<C: Corpus + ?Sized>(corpus: &C, unit: &Unit) -> String {
    unit.id(&corpus.head(unit.story).id)
}

/// The name of a group whose first member in input order has that kind and id.
pub fn group_name(kind: UnitKind, first: &str) -> String {
    let mut text = kind.to_string();
    text.push('\0');
    text.push_str(first);
    let hash = xxhash_rust::xxh3::xxh3_64(text.as_bytes());
    format!("g-{:012x}", hash >> 16)
}

/// A group, or a unit that is alone.
enum Entry<'a> {
    Group(&'a Group),
    Alone(&'a Unit),
}

/// Every unit that the filter admits, once: in its group, or alone; in input order of the first member.
fn entries(outcome: &Outcome, filter: UnitFilter) -> Vec<Entry<'_>> {
    // For each unit: none if alone, else its group.
    let mut group_of: Vec<Option<u32>> = vec![None; outcome.units.len()];
    for (i, group) in outcome.groups.iter().enumerate() {
        for member in &group.members {
            group_of[member.unit.index()] = Some(i as u32);
        }
    }
    let mut told = vec![false; outcome.groups.len()];
    let mut entries = Vec::new();
    for (unit, group) in outcome.units.iter().zip(&group_of) {
        match group.map(|g| g as usize) {
            Some(g) if told[g] => {}
            Some(g) => {
                told[g] = true;
                entries.push(Entry::Group(&outcome.groups[g]));
            }
            None if unit.story.0 < outcome.known => {}
            None if filter.admits(unit.kind) => entries.push(Entry::Alone(unit)),
            None => {}
        }
    }
    entries
}

/// The unit with that number.
fn unit(outcome: &Outcome, id: UnitId) -> &Unit {
    &outcome.units[id.index()]
}

/// `12345` as `12,345`.
fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 story`, `2 stories`, `12,345 stories`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n), if n == 1 { one } else { many })
}

#[cfg(test)]
mod sample;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(thousands(n), text);
        }
    }

    #[test]
    fn every_unit_is_listed_once() {
        let (_, outcome) = sample::outcome();
        let listed = |filter| {
            entries(&outcome, filter)
                .iter()
                .map(|e| match e {
                    Entry::Group(g) => g.members.len(),
                    Entry::Alone(_) => 1,
                })
                .sum::<usize>()
        };
        assert_eq!(listed(UnitFilter::All), outcome.units.len());
    }

    #[test]
    fn names_depend_on_kind_and_id() {
        let name = group_name(UnitKind::Story, "ap-1");
        assert_eq!(name.len(), 14);
        assert_eq!(name, group_name(UnitKind::Story, "ap-1"));
        assert_ne!(name, group_name(UnitKind::Caption, "ap-1"));
    }
}
