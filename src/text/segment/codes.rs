/*!
Instrument codes that agencies put behind company names for trading terminals: `( XOM.N )`, `XOM.N`, `.DJI`,
`(NYSE: XOM)`. One outlet prints them and the next does not; no reader does.
*/

use memchr::memchr;

use super::lines::Page;
use super::{Furniture, FurnitureKind};
use crate::story::ByteRange;
use crate::text::simd::Sign;

/// Stock exchanges named before a code in brackets.
const EXCHANGES: [&[u8]; 8] = [
    b"NYSE", b"Nasdaq", b"NASDAQ", b"AMEX", b"LSE", b"TSX", b"OTC", b"ASX",
];

/// Bytes between an exchange and the bracket that closes its code, at most.
const LONGEST_CODE: usize = 12;
/// Letters and digits before the full stop of a code, at most.
const LONGEST_BASE: usize = 6;

/// Tags the codes of a text.
pub(super) fn find(page: Page<'_>, out: &mut Vec<Furniture>) {
    let bytes = page.text.as_bytes();
    for dot in page.signs.within(Sign::Code, 0..bytes.len()) {
        push(out, code_at(bytes, dot));
    }
    // "(NYSE: XOM)" is looked for by its colon, for brackets are more.
    if page.signs.any(Sign::Mark) {
        for mark in page.signs.within(Sign::Mark, 0..bytes.len()) {
            push(out, exchange_before(bytes, mark));
        }
    }
}

fn push(out: &mut Vec<Furniture>, code: Option<(usize, usize)>) {
    if let Some((start, end)) = code {
        out.push(Furniture {
            range: ByteRange::new(start, end),
            kind: FurnitureKind::Code,
        });
    }
}

fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric()
}

/// How many letters and digits stand before a place; no more than one too many for a code are counted.
fn base_len(bytes: &[u8], dot: usize) -> usize {
    let (mut len, mut on) = (0, 1);
    match bytes[..dot].last_chunk::<{ LONGEST_BASE + 1 }>() {
        // Without a branch: nobody can foresee how many.
        Some(before) => {
            for &b in before.iter().rev() {
                on &= usize::from(is_name(b));
                len += on;
            }
            len
        }
        None => bytes[..dot]
            .iter()
            .rev()
            .take_while(|&&b| is_name(b))
            .count(),
    }
}

/// The code around a full stop that a capital follows, with its brackets.
fn code_at(bytes: &[u8], dot: usize) -> Option<(usize, usize)> {
    let at = |i: usize| bytes.get(i).copied().unwrap_or(b' ');
    let before = |i: usize| i.checked_sub(1).map_or(b' ', |i| bytes[i]);
    let (second, third) = (at(dot + 2), at(dot + 3));
    // "U.S.", which most are.
    if second == b'.' && !is_name(before(dot.saturating_sub(1))) {
        return None;
    }
    let base = base_len(bytes, dot);
    if base == 0 {
        return index_at(bytes, dot);
    }
    // The letters after the stop are an exchange; a stop that follows would make one an initial.
    let suffix = if !is_name(second) {
        1
    } else if second.is_ascii_uppercase() && !is_name(third) {
        2
    } else {
        return None;
    };
    let (start, end) = (dot - base, dot + 1 + suffix);
    let first = bytes[start];
    let is_base = base <= LONGEST_BASE && first.is_ascii_digit() | first.is_ascii_uppercase();
    let joined = matches!(before(start), b'.' | 0x80..) || at(end) >= 0x80;
    if !is_base || joined {
        return None;
    }
    let base = &bytes[start..dot];
    let upper = |part: &[u8]| part.iter().all(u8::is_ascii_uppercase);
    let mixed = !upper(&base[..base.len().min(2)]) && !base.iter().all(u8::is_ascii_digit);
    if mixed {
        return None;
    }
    match bracket(bytes, start, end) {
        None if base.len() == 1 => None,
        around => Some(around.unwrap_or((start, end))),
    }
}

/// An index: ".DJI".
fn index_at(bytes: &[u8], dot: usize) -> Option<(usize, usize)> {
    let suffix = bytes[dot + 1..].iter().take_while(|&&b| is_name(b));
    let end = dot + 1 + suffix.count();
    let suffix = &bytes[dot + 1..end];
    let before = dot.checked_sub(1).map_or(b' ', |i| bytes[i]);
    let is_index = matches!(before, b' ' | b'(')
        && (2..=6).contains(&suffix.len())
        && suffix.iter().all(u8::is_ascii_uppercase)
        && bytes.get(end).is_none_or(|&b| b < 0x80);
    is_index.then(|| bracket(bytes, dot, end).unwrap_or((dot, end)))
}

/// The brackets around a code, a blank within each or none.
fn bracket(bytes: &[u8], start: usize, end: usize) -> Option<(usize, usize)> {
    let blanks = bytes[..start].iter().rev().take_while(|&&b| b == b' ');
    let open = start - blanks.count();
    let close = end + usize::from(bytes.get(end) == Some(&b' '));
    (open > 0 && bytes[open - 1] == b'(' && bytes.get(close) == Some(&b')'))
        .then(|| (open - 1, close + 1))
}

/// "(NYSE: XOM)" by the place of its colon.
fn exchange_before(bytes: &[u8], colon: usize) -> Option<(usize, usize)> {
    let (before, after) = (&bytes[..colon], bytes[colon..].strip_prefix(b":")?);
    let open = EXCHANGES
        .iter()
        .find_map(|e| before.strip_suffix(*e)?.strip_suffix(b"("))?;
    let close = memchr(b')', &after[..after.len().min(LONGEST_CODE + 1)])?;
    Some((open.len(), colon + 1 + close + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_before_a_place_are_counted_the_same_near_the_start_of_a_text() {
        for (text, len) in [
            ("", 0),
            ("XOM", 3),
            ("a XOM", 3),
            ("(a) 7203", 4),
            ("long text, XOM", 3),
            ("long text, ", 0),
            ("elongated", LONGEST_BASE + 1),
        ] {
            assert_eq!(base_len(text.as_bytes(), text.len()), len, "{text}");
        }
    }

    #[test]
    fn an_exchange_needs_its_brackets() {
        let found = |text: &str| {
            let colon = memchr(b':', text.as_bytes()).unwrap_or(0);
            exchange_before(text.as_bytes(), colon).map(|(start, end)| text[start..end].to_owned())
        };
        assert_eq!(
            found("Oil (NYSE: XOM) fell").as_deref(),
            Some("(NYSE: XOM)")
        );
        assert_eq!(
            found("Oil (Nasdaq:GOOG) fell").as_deref(),
            Some("(Nasdaq:GOOG)")
        );
        for text in [
            "NYSE: XOM)",
            "(XNYSE: XOM)",
            "(NYSE/XOM)",
            "(NYSE: a code that is too long)",
            "(NYSE:",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
