/*!
Datelines, bylines, advisories, footers and link lines.

Each is told by where it stands (a dateline opens the copy, a footer closes it) and by words that
desks and sites use for nothing else.
*/

use std::iter::Peekable;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::lines::{Line, Page, has_at_most, is_name_like};
use super::{Furniture, FurnitureKind};
use crate::story::ByteRange;
use crate::text::openings::Openings;
use crate::text::simd::Sign;

/// Headline, byline, advisory and dateline stand within so many written lines from the top.
const HEAD_LINES: usize = 8;
/// A footer starts within so many bytes from the end.
const TAIL_BYTES: usize = 1_500;
/// A dateline has no more bytes than this.
const DATELINE_BYTES: usize = 110;

/// Opens an advisory in brackets: what a desk did to this version.
const DESK_VERBS: [&str; 14] = [
    "Adds",
    "Updates",
    "Recasts",
    "Corrects",
    "Refiles",
    "Repeats",
    "Rewrites",
    "Releads",
    "Removes",
    "Fixes",
    "Changes",
    "Clarifies",
    "Deletes",
    "Amends",
];
/// Tags in capitals at the start of a headline or of the copy; a number and a dash or colon may follow.
static TAGS: Openings<25> = Openings::new([
    "UPDATED",
    "UPDATE",
    "WRAPUP",
    "CORRECTED",
    "CORRECTION",
    "CORRECTS",
    "CORRECTIF",
    "CORRECCIÓN",
    "CLARIFICATION",
    "KORREKTUR",
    "BERICHTIGUNG",
    "RECTIFICATIF",
    "RECTIFICACIÓN",
    "ACTUALIZACIÓN",
    "REFILE",
    "RPT",
    "REPEAT",
    "ADVISORY",
    "URGENT",
    "BREAKING",
    "NEWS ALERT",
    "ALERT",
    "EDS",
    "WITHDRAWN",
    "KILL",
]);
/// The same in small letters: they are tags where a colon follows.
static TAGS_IN_SMALL: Openings<12> = Openings::new([
    "Updated",
    "Update",
    "Corrected",
    "Correction",
    "Corrects",
    "Correctif",
    "Corrección",
    "Clarification",
    "Korrektur",
    "Berichtigung",
    "Rectificatif",
    "Rectificación",
]);
/// Open what a desk says in capitals of a caption, up to a colon or dash: "CORRECTS YEAR OF EVENT - ".
const PHRASES: [&str; 2] = ["CORRECTS ", "ADDS "];
/// Such a phrase has no more letters and signs than this.
const PHRASE_LETTERS: usize = 100;
/// Lines of a site around the copy.
static SITE_LINES: Openings<30> = Openings::new([
    "read more",
    "read also",
    "read next",
    "see also",
    "also read",
    "related:",
    "related stories",
    "related articles",
    "share this",
    "share on",
    "subscribe to",
    "subscribe now",
    "sign up for",
    "sign up to",
    "click here",
    "advertisement",
    "follow us",
    "most read",
    "more from",
    "continue reading",
    "story continues below",
    "print this",
    "email this",
    "download our",
    "get our",
    "skip to",
    "tags:",
    "filed under",
    "topics:",
    "newsletter:",
]);
/// Who worked on the copy: stands in brackets inside a line as well.
static DESK_CREDITS: Openings<6> = Openings::new([
    "reporting by ",
    "additional reporting ",
    "writing by ",
    "editing by ",
    "compiled by ",
    "reporting and writing by ",
]);
/// Starts of lines that close the copy.
static FOOTERS: Openings<17> = Openings::new([
    "Reporting by ",
    "Additional reporting ",
    "Writing by ",
    "Editing by ",
    "Compiled by ",
    "Reporting and writing by ",
    "Copyright ",
    "(c) Copyright",
    "© ",
    "(C) ",
    "(c) ",
    "All rights reserved",
    "Our Standards:",
    "This material may not be ",
    "Written by ",
    "Edited by ",
    "Copyright© ",
]);

/// Starts of bylines.
static BYLINES: Openings<7> =
    Openings::new(["By ", "BY ", "by ", "Por ", "Par ", "Von ", "Authored by "]);
/// Starts of lines that say when a page was published.
static DATED: Openings<6> = Openings::new([
    "Published",
    "Updated",
    "Posted",
    "Last updated",
    "First published",
    "Modified",
]);
static INBOX: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("in your inbox"));

/// Tags furniture of a story.
pub(super) fn find(page: Page<'_>, captions: &[ByteRange], out: &mut Vec<Furniture>) {
    find_head(page, captions, out);
    find_headings(page, captions, out);
    find_tail(page, out);
    find_links(page, captions, out);
}

fn push(out: &mut Vec<Furniture>, start: usize, end: usize, kind: FurnitureKind) {
    out.push(Furniture {
        range: ByteRange::new(start, end),
        kind,
    });
}

/// Whether a line holds a part of a caption; these are in order.
fn in_caption(captions: &[ByteRange], line: Line) -> bool {
    let after = captions.partition_point(|c| c.end as usize <= line.start);
    captions
        .get(after)
        .is_some_and(|c| (c.start as usize) < line.end)
}

fn find_head(page: Page<'_>, captions: &[ByteRange], out: &mut Vec<Furniture>) {
    let text = page.text;
    let mut dateline = false;
    for line in page.written().take(HEAD_LINES) {
        if in_caption(captions, line) {
            continue;
        }
        let s = line.of(text);
        let tag = advisory_tag(s);
        if tag > 0 {
            let more = desk_advisory(&text[line.start + tag..]).unwrap_or(0);
            let end = line.start + tag + more;
            push(out, line.start, end, FurnitureKind::Advisory);
        } else if let Some(len) = desk_advisory(&text[line.start..]) {
            push(out, line.start, line.start + len, FurnitureKind::Advisory);
        } else if is_byline(s) {
            push(out, line.start, line.end, FurnitureKind::Byline);
        }
        if !dateline && let Some(len) = dateline_len(&s[tag..]) {
            push(
                out,
                line.start + tag,
                line.start + tag + len,
                FurnitureKind::Dateline,
            );
            dateline = true;
        }
    }
}

/// Bytes of a tag such as `UPDATE 2-` at the start of a line.
pub(super) fn advisory_tag(line: &str) -> usize {
    let bytes = line.as_bytes();
    if !bytes.first().is_some_and(u8::is_ascii_uppercase) {
        return 0;
    }
    let mut at = 0;
    // Tags come in rows: "CORRECTED-UPDATE 1-".
    while let Some(tag) = TAGS.of(&line[at..]) {
        let end = past_number(bytes, at + tag.len());
        match bytes.get(end) {
            Some(b'-' | b':') => at = end + 1,
            // "UPDATE 1 (Adds quote)".
            Some(b'(') if end > at + tag.len() => return end,
            None if end > at => return end,
            _ => break,
        }
    }
    if at > 0 {
        return at;
    }
    if let Some(tag) = TAGS_IN_SMALL.of(line) {
        let end = past_number(bytes, tag.len());
        return if bytes.get(end) == Some(&b':') {
            end + 1
        } else {
            0
        };
    }
    phrase(line).unwrap_or(0)
}

/// Past a blank and a number, "UPDATE 2", and the blanks after that.
fn past_number(bytes: &[u8], tag: usize) -> usize {
    let mut end = tag;
    if bytes.get(end) == Some(&b' ') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end += 2;
        while bytes.get(end).is_some_and(u8::is_ascii_digit) {
            end += 1;
        }
    }
    while bytes.get(end) == Some(&b' ') {
        end += 1;
    }
    end
}

/// Bytes of what a desk says of a caption in capitals.
fn phrase(line: &str) -> Option<usize> {
    if !PHRASES.iter().any(|p| line.starts_with(p)) {
        return None;
    }
    let (at, sign) = line.char_indices().take(PHRASE_LETTERS).find(|&(at, c)| {
        c.is_lowercase() || c == ':' || (matches!(c, '-' | '–' | '—') && line[..at].ends_with(' '))
    })?;
    (!sign.is_lowercase()).then(|| at + sign.len_utf8())
}

/// Bytes of an advisory in brackets, "(Adds quote, background)", which may run over several lines.
fn desk_advisory(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('(').or_else(|| text.strip_prefix("* "))?;
    let opens = DESK_VERBS
        .iter()
        .any(|v| inner.starts_with(v) && inner[v.len()..].starts_with([' ', ',', ':']))
        || inner.starts_with("This story ")
        || inner.starts_with("This version ")
        || inner.starts_with("This item ");
    if !opens {
        return None;
    }
    if text.starts_with('*') {
        return Some(memchr::memchr(b'\n', text.as_bytes()).unwrap_or(text.len()));
    }
    closing_bracket(text, 500)
}

/// One past the bracket that closes the one at the start, within so many bytes.
fn closing_bracket(text: &str, within: usize) -> Option<usize> {
    let mut depth = 0;
    let bytes = &text.as_bytes()[..text.len().min(within)];
    memchr::memchr2_iter(b'(', b')', bytes).find_map(|at| {
        depth += if bytes[at] == b'(' { 1 } else { -1 };
        (depth == 0).then_some(at + 1)
    })
}

fn is_byline(line: &str) -> bool {
    if !matches!(
        line.as_bytes().first(),
        Some(b'B' | b'b' | b'P' | b'V' | b'A')
    ) {
        return false;
    }
    let Some(by) = BYLINES.of(line) else {
        return false;
    };
    let names = line[by.len()..].trim();
    if by == "Authored by " {
        return has_at_most(names, 14);
    }
    !names.is_empty() && has_at_most(names, 10) && !names.ends_with('.') && is_name_like(names)
}

/// Bytes of a dateline at the start of a line, its dash and the blanks after it included.
///
/// ```text
/// PLACE[/PLACE][, Region][, Month D] (Agency) -
/// (Agency) -
/// PLACE --                         (capitals throughout, at most four words)
/// ```
fn dateline_len(line: &str) -> Option<usize> {
    let first = line.chars().next()?;
    if !(first.is_uppercase() || first == '(') {
        return None;
    }
    let mut limit = line.len().min(DATELINE_BYTES);
    while !line.is_char_boundary(limit) {
        limit -= 1;
    }
    let head = &line[..limit];
    let (at, dash) = first_dash(head)?;
    let place = head[..at].trim_end();
    let end = line.len() - line[at + dash..].trim_start_matches([' ', '\t']).len();
    if let Some(agency) = place.strip_suffix(')').and_then(|p| p.rfind('(')) {
        let name = &place[agency + 1..place.len() - 1];
        let where_ = place[..agency].trim_end();
        return (is_place(where_)
            && has_at_most(name, 4)
            && starts_upper(name.trim())
            && has_at_most(where_, 9))
        .then_some(end);
    }
    // Without an agency a hyphen is not enough ("NATO - the alliance - met"), but a region after the place is, and so is
    // a sentence that begins after it.
    let hyphen = head[at..].trim_start().starts_with("- ");
    let (city, region) = place.split_once(',').unwrap_or((place, ""));
    let all_caps = city
        .chars()
        .all(|c| c.is_uppercase() || matches!(c, ' ' | '.' | '/' | '\''))
        && city.chars().filter(|c| c.is_uppercase()).count() >= 3;
    let is_region = if region.is_empty() {
        !hyphen || line[end..].starts_with(|c: char| c.is_uppercase())
    } else {
        has_at_most(region, 4) && region.split_whitespace().all(starts_upper_or_digit)
    };
    (all_caps && has_at_most(city, 4) && is_region).then_some(end)
}

/// Whether all words up to the first comma begin with capitals.
fn is_place(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut begins = true;
    for (at, &b) in bytes.iter().enumerate() {
        match b {
            b',' => break,
            b' ' | b'/' => begins = true,
            _ if !begins => {}
            b'A'..=b'Z' => begins = false,
            0x80.. if starts_upper(&text[at..]) => begins = false,
            _ => return false,
        }
    }
    true
}

fn starts_upper_or_digit(word: &str) -> bool {
    word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
}

fn starts_upper(word: &str) -> bool {
    word.starts_with(|c: char| c.is_uppercase())
}

/// Where the first dash that parts a dateline from the copy stands, and its length in bytes: a hyphen, two, or a long
/// dash, with a blank behind it and a blank, a bracket or a full stop before it; or what old wires sent for a long one, "(AP) _ ".
fn first_dash(head: &str) -> Option<(usize, usize)> {
    let bytes = head.as_bytes();
    let low = memchr::memchr(b'_', bytes);
    if let Some(at) = low
        && bytes[..at].ends_with(b") ")
        && bytes.get(at + 1) == Some(&b' ')
    {
        return Some((at, 1));
    }
    // The first bytes of "-", "—" and "–"; some sites part with a bar.
    memchr::memchr3_iter(b'-', 0xe2, b'|', bytes).find_map(|at| {
        let len = match &bytes[at..] {
            [b'|', ..] if at >= 2 && bytes[at - 2..at] != *b") " => return None,
            [b'-', b'-', ..] => 2,
            [b'-' | b'|', ..] => 1,
            [0xe2, 0x80, 0x93 | 0x94, ..] => 3,
            _ => return None,
        };
        let before = at.checked_sub(1).map(|i| bytes[i]);
        let blank_behind = bytes.get(at + len) == Some(&b' ');
        match before {
            Some(b')') => Some((at, len)),
            Some(b'.') if blank_behind && len == 1 => Some((at - 1, 2)),
            Some(b' ') if blank_behind || (len == 1 && at >= 2 && bytes[at - 2] == b')') => {
                Some((at, len))
            }
            Some(_) if blank_behind && len == 3 => Some((at, len)),
            _ => None,
        }
    })
}

/// Headlines, the name of the site and the day of publication: short lines over the copy that end no sentence.
///
/// They are told as a block: lines up to a blank line, of which none is prose. The copy begins with the first
/// block that is, or with a dateline.
fn find_headings(page: Page<'_>, captions: &[ByteRange], out: &mut Vec<Furniture>) {
    let text = page.text;
    let dateline = out
        .iter()
        .find(|f| f.kind == FurnitureKind::Dateline)
        .map(|f| f.range.start as usize);
    let mut headings: Vec<Line> = Vec::new();
    for block in page.lines.split(|l| l.is_blank()) {
        if headings.len() > HEAD_LINES {
            return;
        }
        let copy = block
            .iter()
            .position(|l| dateline == Some(l.start))
            .unwrap_or(block.len());
        let head = &block[..copy];
        if head
            .iter()
            .all(|&l| is_heading(l.of(text)) && !in_caption(captions, l))
        {
            headings.extend_from_slice(head);
            if copy == block.len() {
                continue;
            }
        }
        if headings.is_empty() {
            return;
        }
        // Copy: it must be some, or the lines before it are all there is.
        let rest = &text[block.get(copy.min(block.len() - 1)).map_or(0, |l| l.start)..];
        if !has_at_most(&rest[..floor_boundary(rest, 600)], 14) {
            for line in headings {
                push(out, line.start, line.end, FurnitureKind::Headline);
            }
        }
        return;
    }
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn is_heading(line: &str) -> bool {
    let dated = DATED.begin(line);
    // Some sites write their own name small.
    let starts = || line.starts_with(|c: char| !c.is_lowercase()) || has_at_most(line, 3);
    let ends = || line.ends_with(['.', '!', ',', ';', ':', '"', '”', ')']);
    (dated || (!ends() && starts())) && has_at_most(line, 16)
}

fn find_tail(page: Page<'_>, out: &mut Vec<Furniture>) {
    let (text, lines) = (page.text, page.lines);
    let from = text.len().saturating_sub(TAIL_BYTES);
    let first = lines.partition_point(|l| l.end < from);
    // Brackets and lines both come in order.
    let from = lines.get(first).map_or(text.len(), |l| l.start);
    let mut brackets = page
        .signs
        .within(Sign::Bracket, from..text.len())
        .peekable();
    for &line in lines[first..].iter().filter(|l| !l.is_blank()) {
        let s = line.of(text);
        let bracket = s.starts_with('(');
        if FOOTERS.begin(s) || (bracket && FOOTERS.begin(&s[1..])) {
            let end = if bracket {
                closing_bracket(&text[line.start..], 600).map_or(line.end, |n| line.start + n)
            } else {
                line.end
            };
            push(out, line.start, end, FurnitureKind::Footer);
        } else if s.ends_with("contributed to this report.") && has_at_most(s, 30) {
            push(out, line.start, line.end, FurnitureKind::Footer);
        } else if page.written > 1 && is_byline(s) {
            push(out, line.start, line.end, FurnitureKind::Byline);
        } else if let Some(start) = inner_footer(page, line, &mut brackets) {
            let end = closing_bracket(&text[start..], 600).map_or(line.end, |n| start + n);
            push(out, start, end, FurnitureKind::Footer);
        }
    }
}

/// Where in the text a footer in brackets starts inside a line; `brackets` are all that stand in that line and the next ones.
fn inner_footer(
    page: Page<'_>,
    line: Line,
    brackets: &mut Peekable<impl Iterator<Item = usize>>,
) -> Option<usize> {
    let mut found = None;
    while let Some(at) = brackets.next_if(|&at| at < line.end) {
        let of_line = at >= line.start;
        if of_line
            && found.is_none()
            && DESK_CREDITS.begin_ignoring_case(&page.text[at + 1..line.end])
        {
            found = Some(at);
        }
    }
    found
}

fn find_links(page: Page<'_>, captions: &[ByteRange], out: &mut Vec<Furniture>) {
    let text = page.text;
    // A story in capitals throughout, as some wires still send, has no link lines.
    let mut capitals = 0;
    let before = out.len();
    for line in page.written() {
        let s = line.of(text);
        if is_site_line(s) {
            push(out, line.start, line.end, FurnitureKind::Link);
        } else if is_in_capitals(s) && !in_caption(captions, line) {
            capitals += 1;
            push(out, line.start, line.end, FurnitureKind::Link);
        }
    }
    if capitals * 3 > page.written {
        let mut at = 0;
        out.retain(|f| {
            at += 1;
            at <= before || !is_in_capitals(f.range.of(text))
        });
    }
}

fn is_site_line(line: &str) -> bool {
    if line.len() <= 120
        && memchr::memchr(b'x', line.as_bytes()).is_some()
        && INBOX.find(line.as_bytes()).is_some()
    {
        return true;
    }
    if line.len() > 160 || !line.as_bytes()[0].is_ascii_uppercase() {
        return false;
    }
    SITE_LINES.begin_ignoring_case(line)
        && (!line.ends_with('.')
            || memchr::memchr(b':', line.as_bytes()).is_some()
            || has_at_most(line, 12))
}

/// Four words or more, all in capitals.
#[inline]
fn is_in_capitals(line: &str) -> bool {
    // The second letter settles it for nearly every line.
    if line.as_bytes().get(1).is_some_and(u8::is_ascii_lowercase) {
        return false;
    }
    let mut upper = 0;
    for b in line.bytes() {
        if b.is_ascii_lowercase() {
            return false;
        }
        upper += usize::from(b.is_ascii_uppercase());
    }
    upper >= 12 && !has_at_most(line, 3) && !line.chars().any(char::is_lowercase)
}
