/*!
JSON lines for programs: one group or one link an object.

Field names and their order are stable and described by [`schema`](super::schema). Similarities are rounded to four
decimals: they are fractions of counts, computed the same everywhere.
*/

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

use super::escape::steers;
use super::{Entry, entries, group_name, unit, unit_id};
use crate::config::UnitFilter;
use crate::decide::constrain::Mark;
use crate::group::{Group, Member};
use crate::pipeline::Outcome;
use crate::story::{Corpus, Story, Unit, UnitKind};
use crate::threads::write_in_turn;
use crate::verify::relation::Reason;
use crate::verify::{Link, Span};

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
    /// What somebody decided of the two.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct LinkLine<'a> {
    pub(super) a: String,
    pub(super) b: String,
    pub(super) unit: UnitKind,
    pub(super) relation: &'static str,
    pub(super) jaccard: f64,
    pub(super) containment_a: f64,
    pub(super) containment_b: f64,
    pub(super) spans: &'a [Span],
    pub(super) why: &'a Reason,
    /// What somebody decided of the two, or of others that the link would join.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decided: Option<&'static str>,
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
    in_parallel(out, &outcome.groups, |line, group| {
        write_group(line, corpus, outcome, group)
    })
}

/// Writes a line for each of `all`, in order. Records are parsed again for their ids and times: that is worth sharing among
/// threads.
fn in_parallel<T: Sync>(
    out: &mut dyn Write,
    all: &[T],
    write: impl Fn(&mut Vec<u8>, &T) -> io::Result<()> + Sync,
) -> io::Result<()> {
    write_in_turn(out, all, (LINES_AT_ONCE, LINES_A_THREAD), write)
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
    in_parallel(out, &outcome.links, |out, link| {
        let (a, b) = (unit(outcome, link.a), unit(outcome, link.b));
        let line = LinkLine {
            a: unit_id(corpus, a),
            b: unit_id(corpus, b),
            unit: a.kind,
            relation: link.relation.name(),
            jaccard: rounded(link.jaccard()),
            containment_a: rounded(link.containment_a()),
            containment_b: rounded(link.containment_b()),
            spans: &link.spans,
            why: &link.reason,
            decided: outcome.decided.mark(link.a, link.b).map(Mark::name),
        };
        write_line(out, &line)
    })
}

fn write_group<C: Corpus + ?Sized>(
    out: &mut dyn Write,
    corpus: &C,
    outcome: &Outcome,
    group: &Group,
) -> io::Result<()> {
    let stories: Vec<Story<'_>> = group
        .members
        .iter()
        .map(|m| corpus.head(unit(outcome, m.unit).story))
        .collect();
    let id = |place: usize| unit(outcome, group.members[place].unit).id(&stories[place].id);
    let members: Vec<MemberLine<'_>> = group
        .members
        .iter()
        .enumerate()
        .map(|(place, Member { unit: of, link })| {
            let tie = link.as_ref().map(|tie| TieLine {
                to: id(tie.to),
                jaccard: rounded(tie.link.jaccard()),
                containment: rounded(containment(&tie.link)),
                decided: outcome.decided.mark(tie.link.a, tie.link.b).map(Mark::name),
            });
            let relation = link.as_ref().map_or(FIRST, |tie| tie.link.relation.name());
            member(corpus, unit(outcome, *of), &stories[place], relation, tie)
        })
        .collect();
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
    let members = [member(corpus, unit, &corpus.head(unit.story), FIRST, None)];
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

/// Lines that are made at a time.
const LINES_AT_ONCE: usize = 4_096;
/// Of them those that one thread makes.
const LINES_A_THREAD: usize = 32;

/// What stands for a relation in a member that is tied to no earlier one.
pub(super) const FIRST: &str = "first";

fn member<'a, C: Corpus + ?Sized>(
    corpus: &'a C,
    unit: &Unit,
    story: &Story<'_>,
    relation: &'static str,
    tie: Option<TieLine>,
) -> MemberLine<'a> {
    let origin = corpus.origin(unit.story);
    MemberLine {
        id: unit.id(&story.id),
        path: origin.path,
        line: origin.line,
        time: story.time.as_deref().map(str::to_owned),
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

/// Writes a value as one line of JSON that holds no character that could steer a terminal: what JSON itself would let stand
/// (C1 controls, bidirectional overrides) is written as `\\u` escapes, which every parser takes back.
///
/// # Errors
/// When `out` fails.
pub fn write_line(out: &mut dyn Write, line: &impl Serialize) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Shown);
    line.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// Compact JSON with such characters escaped.
struct Shown;

impl Formatter for Shown {
    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|&(_, c)| steers(c)) {
            out.write_all(&rest.as_bytes()[..at])?;
            for half in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{half:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }
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
        insta::assert_snapshot!(text(|out| groups(out, &stories[..], &outcome)), @r#"
        {"group":"g-000000000001","unit":"story","size":3,"representative":"ap-1","weakest":0.7692,"members":[{"id":"ap-1","path":"memory","line":null,"time":"2024-03-01T10:00:00Z","relation":"first"},{"id":"ap-2","path":"memory","line":null,"time":null,"relation":"near","to":"ap-1","jaccard":0.7692,"containment":0.9091},{"id":"ap-9","path":"memory","line":null,"time":null,"relation":"exact","to":"ap-1","jaccard":1.0,"containment":1.0}]}
        {"group":"g-000000000002","unit":"caption","size":2,"representative":"ap-9#caption-1","weakest":0.6429,"members":[{"id":"ap-2#caption-1","path":"memory","line":null,"time":null,"relation":"first"},{"id":"ap-9#caption-1","path":"memory","line":null,"time":null,"relation":"near","to":"ap-2#caption-1","jaccard":0.6429,"containment":0.8182}]}
        "#);
    }

    #[test]
    fn groups_of_one_are_listed_on_request() {
        let (stories, outcome) = sample::outcome();
        insta::assert_snapshot!(text(|out| groups_and_alone(out, &stories[..], &outcome, UnitFilter::Story)), @r#"
        {"group":"g-000000000001","unit":"story","size":3,"representative":"ap-1","weakest":0.7692,"members":[{"id":"ap-1","path":"memory","line":null,"time":"2024-03-01T10:00:00Z","relation":"first"},{"id":"ap-2","path":"memory","line":null,"time":null,"relation":"near","to":"ap-1","jaccard":0.7692,"containment":0.9091},{"id":"ap-9","path":"memory","line":null,"time":null,"relation":"exact","to":"ap-1","jaccard":1.0,"containment":1.0}]}
        {"group":"g-000000000002","unit":"caption","size":2,"representative":"ap-9#caption-1","weakest":0.6429,"members":[{"id":"ap-2#caption-1","path":"memory","line":null,"time":null,"relation":"first"},{"id":"ap-9#caption-1","path":"memory","line":null,"time":null,"relation":"near","to":"ap-2#caption-1","jaccard":0.6429,"containment":0.8182}]}
        {"group":"g-8e5472b0b6fc","unit":"story","size":1,"representative":"x\"\u001b[31m\u202e","weakest":null,"members":[{"id":"x\"\u001b[31m\u202e","path":"memory","line":null,"time":null,"relation":"first"}]}
        "#);
    }

    #[test]
    fn links_are_lines() {
        let (stories, outcome) = sample::outcome();
        insta::assert_snapshot!(text(|out| links(out, &stories[..], &outcome)), @r#"
        {"a":"ap-1","b":"ap-2","unit":"story","relation":"near","jaccard":0.7692,"containment_a":0.8333,"containment_b":0.9091,"spans":[[0,18,0,18],[18,52,22,56]],"why":{"rule":"threshold","covered":0,"words_a":0,"words_b":0,"numbers":0,"names":0,"others":0}}
        {"a":"ap-1","b":"ap-9","unit":"story","relation":"exact","jaccard":1.0,"containment_a":1.0,"containment_b":1.0,"spans":[[0,18,0,18],[18,52,22,56]],"why":{"rule":"threshold","covered":0,"words_a":0,"words_b":0,"numbers":0,"names":0,"others":0}}
        {"a":"ap-2#caption-1","b":"ap-9#caption-1","unit":"caption","relation":"near","jaccard":0.6429,"containment_a":0.75,"containment_b":0.8182,"spans":[[0,18,0,18],[18,52,22,56]],"why":{"rule":"threshold","covered":0,"words_a":0,"words_b":0,"numbers":0,"names":0,"others":0}}
        "#);
    }

    #[test]
    fn figures_have_four_decimals_at_most() {
        assert_eq!(rounded(1.0 / 3.0).to_string(), "0.3333");
        assert_eq!(rounded(2.0 / 3.0).to_string(), "0.6667");
        assert_eq!(rounded(1.0).to_string(), "1");
    }

    #[test]
    fn no_character_of_a_line_steers_a_terminal_and_none_is_lost() {
        let hostile = "a\u{9b}31m\u{7f}\u{202e}\u{e0041}\u{1b}é東";
        let line = text(|out| write_line(out, &hostile));
        assert_eq!(
            line,
            "\"a\\u009b31m\\u007f\\u202e\\udb40\\udc41\\u001bé東\"\n"
        );
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), hostile);
    }
}
