//! A text with its lines, trimmed, as byte ranges; and the few questions that the patterns ask of them.

use std::ops::Range;

use crate::text::simd::{Sign, Signs};

/// A line without the blanks around it. Empty lines are kept: they part paragraphs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub start: usize,
    pub end: usize,
}

impl Line {
    pub fn is_blank(self) -> bool {
        self.start == self.end
    }

    pub fn of(self, text: &str) -> &str {
        &text[self.start..self.end]
    }

    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// A text with what was found in it at one pass.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page<'t> {
    pub text: &'t str,
    pub lines: &'t [Line],
    pub signs: &'t Signs,
    /// How many lines are not blank.
    pub written: usize,
}

impl<'t> Page<'t> {
    /// The first byte of a line, if it is not blank.
    pub fn first(self, line: Line) -> Option<u8> {
        self.text.as_bytes()[line.range()].first().copied()
    }

    pub fn of(self, line: Line) -> &'t str {
        line.of(self.text)
    }

    /// The lines that are not blank.
    pub fn written(self) -> impl Iterator<Item = Line> + 't {
        self.lines.iter().copied().filter(|l| !l.is_blank())
    }
}

/// Cuts `text` at line ends (LF, CRLF) and trims ASCII blanks; returns how many lines are not blank.
pub(super) fn split_lines(text: &str, signs: &Signs, out: &mut Vec<Line>) -> usize {
    out.clear();
    let mut written = 0;
    let bytes = text.as_bytes();
    let mut at = 0;
    let newlines = signs.within(Sign::Newline, 0..bytes.len());
    for newline in newlines.chain(std::iter::once(bytes.len())) {
        let (mut start, mut end) = (at, newline);
        while start < end && bytes[start].is_ascii_whitespace() {
            start += 1;
        }
        while end > start && bytes[end - 1].is_ascii_whitespace() {
            end -= 1;
        }
        out.push(Line { start, end });
        written += usize::from(start < end);
        at = newline + 1;
    }
    written
}

/// Number of words as blanks part them.
pub(super) fn word_count(text: &str) -> usize {
    text.split_ascii_whitespace().count()
}

/// Whether a text has so many words at most; counts no further, and not at all where there is no room for more.
#[inline]
pub(super) fn has_at_most(text: &str, words: usize) -> bool {
    text.len() <= 2 * words || text.split_ascii_whitespace().nth(words).is_none()
}

/// Whether a sentence ends where `text` ends, closing quotes and brackets aside.
pub(super) fn ends_sentence(text: &str) -> bool {
    text.trim_end()
        .trim_end_matches(['"', '\'', '”', '’', '»', ')'])
        .ends_with(['.', '!', '?', '…', '。'])
}

/// Whether every word could stand in a name: it begins with a capital or is one of the small words that names hold.
pub(super) fn is_name_like(text: &str) -> bool {
    const SMALL: [&str; 20] = [
        "via", "of", "for", "the", "and", "de", "del", "van", "von", "da", "la", "le", "al", "bin",
        "el", "der", "di", "du", "y", "e",
    ];
    let mut words = 0;
    for word in
        text.split(|c: char| c.is_whitespace() || matches!(c, '/' | ',' | ';' | '&' | '-' | '|'))
    {
        let Some(first) = word.chars().next() else {
            continue;
        };
        words += 1;
        // A full stop inside a word is a ticker ("XOM.N") or an address, not an initial.
        let inner_stop = word.trim_end_matches('.').contains('.') && !word.ends_with('.');
        if inner_stop
            || word.bytes().any(|b| b.is_ascii_digit())
            || !(first.is_uppercase() || SMALL.contains(&word))
        {
            return false;
        }
    }
    (1..=14).contains(&words)
}
