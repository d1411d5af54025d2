//! Lines of a text, trimmed, as byte ranges, and the few questions that the patterns ask of them.

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
}

/// Cuts `text` at line ends (LF, CRLF) and trims ASCII blanks.
pub(super) fn split_lines(text: &str, out: &mut Vec<Line>) {
    out.clear();
    let bytes = text.as_bytes();
    let mut at = 0;
    for newline in memchr::memchr_iter(b'\n', bytes).chain(std::iter::once(bytes.len())) {
        let (mut start, mut end) = (at, newline);
        while start < end && bytes[start].is_ascii_whitespace() {
            start += 1;
        }
        while end > start && bytes[end - 1].is_ascii_whitespace() {
            end -= 1;
        }
        out.push(Line { start, end });
        at = newline + 1;
    }
}

/// Number of words as blanks part them.
pub(super) fn word_count(text: &str) -> usize {
    text.split_ascii_whitespace().count()
}

/// Whether a text has so many words at most; counts no further.
pub(super) fn has_at_most(text: &str, words: usize) -> bool {
    text.split_ascii_whitespace().nth(words).is_none()
}

/// Whether `text` starts with one of `openings`. One look at a byte spares most comparisons.
#[inline]
pub(super) fn starts_with_any(text: &str, openings: &[&str]) -> bool {
    opening(text, openings).is_some()
}

/// The first of `openings` that `text` starts with.
#[inline]
pub(super) fn opening<'o>(text: &str, openings: &[&'o str]) -> Option<&'o str> {
    let first = text.as_bytes().first()?;
    openings
        .iter()
        .find(|o| o.as_bytes().first() == Some(first) && text.starts_with(**o))
        .copied()
}

/// Where the first of `marks` stands in a short text.
pub(super) fn find_any(text: &str, marks: &[&str]) -> Option<usize> {
    let starts = marks
        .iter()
        .filter_map(|m| m.as_bytes().first())
        .fold(0_u128, |set, &b| set | 1 << (b & 127));
    text.bytes().enumerate().find_map(|(at, b)| {
        // Marks begin with ASCII, so where one begins is a character boundary.
        (b < 128 && starts >> b & 1 == 1 && starts_with_any(&text[at..], marks)).then_some(at)
    })
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

/// Whether `text` starts with `prefix`, ASCII case aside.
pub(super) fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.len() >= prefix.len()
        && text.as_bytes()[..prefix.len()].eq_ignore_ascii_case(prefix.as_bytes())
}
