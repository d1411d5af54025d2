/*!
JSON lines for programs: one group or one link an object.

Field names and their order are stable and described by [`schema`](super::schema). Similarities are rounded to four
decimals: they are fractions of counts, computed the same everywhere.
*/

use std::io::{self, Write};

use serde::Serialize;

use super::{Entry, entries, group_name, unit, unit_id};
use crate::config::UnitFilter;
use crate::group::{Group, Member};
use crate::pipeline::Outcome;
use crate::story::{Corpus, Unit, UnitKind};
use crate::verify::{Link, Relation, Span};

#[derive(Serialize)]
struct GroupLine<'a> {
    group: &'a str,
    unit: UnitKind,
    size: usize,
    representative: &'a str,
    weakest: Option<f64>,
    members: &'a [MemberLine<'a>],
}

#[derive(Serialize)]
struct MemberLine<'a> {
    id: String,
    path: &'a str,
    line: Option<u64>,
    time: Option<String>,
    relation: &'static str,
    #[serde(flatten)]
    tie: Option<TieLine>,
}

/// What only a member has that is tied to an earlier one.
#[derive(Serialize)]
struct TieLine {
    to: String,
    jaccard: f64,
    containment: f64,
}

#[derive(Serialize)]
struct LinkLine<'a> {
    a: String,
    b: String,
    unit: UnitKind,
    relation: Relation,
    jaccard: f64,
    containment_a: f64,
    containment_b: f64,
    spans: &'a [Span],
}

/// Writes the groups of two or more, a line each, in the order of the outcome.
///
/// # Errors
/// When `out` fails.
pub fn groups<C: Corpus + ?Sized>(
    out: &mut dyn Write,
    corpus: &C,
    outcome: &Outcome,
) -> io::Result<()> {
    for group in &outcome.groups {
        write_group(out, corpus, outcome, group)?;
    }
    Ok(())
}

/// Writes every unit that `filter` admits: in its group, or as a group of one. In input order of the first member.
///
/// # Errors
/// When `out` fails.
pub fn groups_and_alone<C: Corpus + ?Sized>(
    out: &mut dyn Write,
    corpus: &C,
    outcome: &Outcome,
    filter: UnitFilter,
) -> io::Result<()> {
    for entry in entries(outcome, filter) {
        match entry {
            Entry::Group(group) => write_group(out, corpus, outcome, group)?,
            Entry::Alone(unit) => write_alone(out, corpus, unit)?,
        }
    }
    Ok(())
}

/// Writes every verified pair, a line each, in the order of the outcome.
///
/// # Errors
/// When `out` fails.
pub fn links<C: Corpus + ?Sized>(
    out: &mut dyn Write,
    corpus: &C,
    outcome: &Outcome,
) -> io::Result<()> {
    for link in &outcome.links {
        let (a, b) = (unit(outcome, link.a), unit(outcome, link.b));
        let line = LinkLine {
            a: unit_id(corpus, a),
            b: unit_id(corpus, b),
            unit: a.kind,
            relation: link.relation,
            jaccard: rounded(link.jaccard()),
            containment_a: rounded(link.containment_a()),
            containment_b: rounded(link.containment_b()),
            spans: &link.spans,
        };
        write_line(out, &line)?;
    }
    Ok(())
}

fn write_group<C: Corpus + ?Sized>(
    out: &mut dyn Write,
    corpus: &C,
    outcome: &Outcome,
    group: &Group,
) -> io::Result<()> {
    let mut members: Vec<MemberLine> = Vec::with_capacity(group.members.len());
    for Member { unit: id, link } in &group.members {
        let tie = link.as_ref().map(|tie| TieLine {
            to: unit_id(corpus, unit(outcome, group.members[tie.to].unit)),
            jaccard: rounded(tie.link.jaccard()),
            containment: rounded(containment(&tie.link)),
        });
        let relation = link.as_ref().map_or(FIRST, |tie| tie.link.relation.name());
        members.push(member(corpus, unit(outcome, *id), relation, tie));
    }
    let line = GroupLine {
        group: &group.name,
        unit: group.kind,
        size: members.len(),
        representative: &members[group.representative].id,
        weakest: Some(rounded(group.weakest)),
        members: &members,
    };
    write_line(out, &line)
}

fn write_alone<C: Corpus + ?Sized>(out: &mut dyn Write, corpus: &C, unit: &Unit) -> io::Result<()> {
    let members = [member(corpus, unit, FIRST, None)];
    let line = GroupLine {
        group: &group_name(unit.kind, &members[0].id),
        unit: unit.kind,
        size: 1,
        representative: &members[0].id,
        weakest: None,
        members: &members,
    };
    write_line(out, &line)
}

/// What stands for a relation in a member that is tied to no earlier one.
pub(super) const FIRST: &str = "first";

fn member<'a, C: Corpus + ?Sized>(
    corpus: &'a C,
    unit: &Unit,
    relation: &'static str,
    tie: Option<TieLine>,
) -> MemberLine<'a> {
    let story = corpus.story(unit.story);
    let origin = corpus.origin(unit.story);
    MemberLine {
        id: unit.id(&story.id),
        path: origin.path,
        line: origin.line,
        time: story.time.map(std::borrow::Cow::into_owned),
        relation,
        tie,
    }
}

/// The larger of the two containments: how much of one is in the other.
fn containment(link: &Link) -> f64 {
    link.containment_a().max(link.containment_b())
}

/// To four decimals.
pub fn rounded(x: f64) -> f64 {
    (x * 1e4).round() / 1e4
}

fn write_line(out: &mut dyn Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn text(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn groups_are_lines() {
        let (stories, outcome) = sample::outcome();
        insta::assert_snapshot!(text(|out| groups(out, &stories[..], &outcome)), @"");
    }

    #[test]
    fn groups_of_one_are_listed_on_request() {
        let (stories, outcome) = sample::outcome();
        insta::assert_snapshot!(text(|out| groups_and_alone(out, &stories[..], &outcome, UnitFilter::Story)), @"");
    }

    #[test]
    fn links_are_lines() {
        let (stories, outcome) = sample::outcome();
        insta::assert_snapshot!(text(|out| links(out, &stories[..], &outcome)), @"");
    }

    #[test]
    fn figures_have_four_decimals_at_most() {
        assert_eq!(rounded(1.0 / 3.0).to_string(), "0.3333");
        assert_eq!(rounded(2.0 / 3.0).to_string(), "0.6667");
        assert_eq!(rounded(1.0).to_string(), "1");
    }
}
