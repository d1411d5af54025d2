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
const EXCHANGES: [&str; 8] = [
    "NYSE", "Nasdaq", "NASDAQ", "AMEX", "LSE", "TSX", "OTC", "ASX",
];

/// Bytes between an exchange and the bracket that closes its code, at most.
const LONGEST_CODE: usize = 12;

/// Tags the codes of a text.
pub(super) fn find(page: Page<'_>, out: &mut Vec<Furniture>) {
    let bytes = page.text.as_bytes();
    for at in page.signs.within(Sign::Code, 0..bytes.len()) {
        let code = match bytes[at] {
            b'(' => exchange_at(page.text, at),
            _ => code_at(bytes, at),
        };
        if let Some((start, end)) = code {
            push(out, start, end);
        }
    }
}

fn push(out: &mut Vec<Furniture>, start: usize, end: usize) {
    out.push(Furniture {
        range: ByteRange::new(start, end),
        kind: FurnitureKind::Code,
    });
}

/// The code around a full stop, with its brackets.
fn code_at(bytes: &[u8], dot: usize) -> Option<(usize, usize)> {
    let name = |b: &u8| b.is_ascii_alphanumeric();
    let start = dot - bytes[..dot].iter().rev().take_while(|b| name(b)).count();
    let end = dot + 1 + bytes[dot + 1..].iter().take_while(|b| name(b)).count();
    let (base, suffix) = (&bytes[start..dot], &bytes[dot + 1..end]);
    if bytes.get(end).is_some_and(|&b| b >= 0x80)
        || start
            .checked_sub(1)
            .is_some_and(|i| bytes[i] >= 0x80 || bytes[i] == b'.')
    {
        return None;
    }
    let blank = |i: usize| bytes.get(i) == Some(&b' ');
    let before = start.checked_sub(1).map_or(b' ', |i| bytes[i]);
    let bracket = || {
        let open = start
            - bytes[..start]
                .iter()
                .rev()
                .take_while(|&&b| b == b' ')
                .count();
        let close = end + usize::from(blank(end));
        (open > 0 && bytes[open - 1] == b'(' && bytes.get(close) == Some(&b')'))
            .then(|| (open - 1, close + 1))
    };
    let upper = |part: &[u8]| part.iter().all(u8::is_ascii_uppercase);
    if base.is_empty() {
        // An index: ".DJI".
        let is_index =
            matches!(before, b' ' | b'(') && (2..=6).contains(&suffix.len()) && upper(suffix);
        return is_index.then(|| bracket().unwrap_or((start, end)));
    }
    // The letter after the stop is an exchange; a stop that follows would make it an initial ("U.S.").
    let is_exchange = suffix.len() <= 2 && upper(suffix);
    let is_base = base.len() <= 6 && base[0].is_ascii_digit() | base[0].is_ascii_uppercase();
    if !is_exchange || !is_base {
        return None;
    }
    let bracket = bracket();
    let initial = base.len() == 1 && bracket.is_none();
    let mixed = !base.iter().all(u8::is_ascii_digit)
        && !base[..base.len().min(2)].iter().all(u8::is_ascii_uppercase);
    (!initial && !mixed).then(|| bracket.unwrap_or((start, end)))
}

/// "(NYSE: XOM)" from its bracket on.
fn exchange_at(text: &str, open: usize) -> Option<(usize, usize)> {
    if !matches!(
        text.as_bytes().get(open + 1),
        Some(b'N' | b'A' | b'L' | b'T' | b'O')
    ) {
        return None;
    }
    let inner = &text[open + 1..];
    let rest = EXCHANGES
        .iter()
        .find_map(|e| inner.strip_prefix(e))?
        .strip_prefix(':')?;
    let close = memchr(b')', &rest.as_bytes()[..rest.len().min(LONGEST_CODE + 1)])?;
    Some((open, text.len() - rest.len() + close + 1))
}
