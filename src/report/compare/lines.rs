/*!
A comparison as a line of JSON: whole, as a link, or as the error that stands in for one.
*/

use std::io::{self, Write};

use serde::Serialize;

use super::super::json::{LinkLine, rounded, write_line};
use super::tags;
use crate::verify::comparison::Comparison;
use crate::verify::evidence::Change;
use crate::verify::prepared::Prepared;

#[derive(Serialize)]
struct CompareLine<'a> {
    #[serde(flatten)]
    link: LinkLine<'a>,
    changes: Vec<Change>,
    added_a: Vec<[u32; 2]>,
    added_b: Vec<[u32; 2]>,
    furniture_a: Vec<FurnitureEntry>,
    furniture_b: Vec<FurnitureEntry>,
    headline: Option<HeadlineEntry>,
    seconds_apart: Option<u64>,
    advisories_a: Vec<String>,
    advisories_b: Vec<String>,
    words_a: usize,
    words_b: usize,
}

#[derive(Serialize)]
struct FurnitureEntry {
    kind: &'static str,
    start: u32,
    end: u32,
}

#[derive(Serialize)]
struct HeadlineEntry {
    shared: usize,
    of: usize,
}

#[derive(Serialize)]
struct ErrorLine<'a> {
    a: &'a str,
    b: &'a str,
    error: &'a str,
}

/// Writes all that is known of a pair, as one line of JSON.
///
/// # Errors
/// When `out` fails.
pub fn write_json(out: &mut dyn Write, c: &Comparison<'_>, ids: [&str; 2]) -> io::Result<()> {
    let spans = c.spans();
    let [added_a, added_b] = c
        .added()
        .map(|runs| runs.iter().map(|r| [r.start, r.end]).collect());
    let line = CompareLine {
        link: link(c, ids, &spans),
        changes: c.changes(),
        added_a,
        added_b,
        furniture_a: furniture(&c.a),
        furniture_b: furniture(&c.b),
        headline: c
            .evidence
            .headline
            .map(|(shared, of)| HeadlineEntry { shared, of }),
        seconds_apart: c.evidence.gap,
        advisories_a: tags(&c.a),
        advisories_b: tags(&c.b),
        words_a: c.evidence.words[0],
        words_b: c.evidence.words[1],
    };
    write_line(out, &line)
}

/// Writes a pair of a list as a link, `distinct` where nothing worth telling is shared.
///
/// # Errors
/// When `out` fails.
pub fn write_pair(out: &mut dyn Write, c: &Comparison<'_>, ids: [&str; 2]) -> io::Result<()> {
    let spans = c.spans();
    write_line(out, &link(c, ids, &spans))
}

/// Writes a pair of a list that could not be judged.
///
/// # Errors
/// When `out` fails.
pub fn write_unjudged(out: &mut dyn Write, [a, b]: [&str; 2], error: &str) -> io::Result<()> {
    write_line(out, &ErrorLine { a, b, error })
}

fn link<'a>(
    c: &'a Comparison<'_>,
    [a, b]: [&str; 2],
    spans: &'a [crate::verify::Span],
) -> LinkLine<'a> {
    let [containment_a, containment_b] = c.containments();
    LinkLine {
        a: a.to_owned(),
        b: b.to_owned(),
        unit: c.a.kind,
        relation: c.relation_name(),
        jaccard: rounded(c.jaccard()),
        containment_a: rounded(containment_a),
        containment_b: rounded(containment_b),
        spans,
        why: &c.reason,
        decided: None,
    }
}

/// What lies in the unit and is not compared, in order.
fn furniture(unit: &Prepared<'_>) -> Vec<FurnitureEntry> {
    let pieces = unit.furniture.iter().map(|f| (f.range, f.kind.name()));
    let captions = unit.captions.iter().map(|&c| (c, "caption"));
    let mut all: Vec<FurnitureEntry> = pieces
        .chain(captions)
        .filter(|(range, _)| unit.range.contains(*range))
        .map(|(range, kind)| FurnitureEntry {
            kind,
            start: range.start,
            end: range.end,
        })
        .collect();
    all.sort_unstable_by_key(|f| f.start);
    all
}
