/*!
Text from stories, made safe to show.

A story may hold anything: escape sequences that retitle a terminal, bidirectional controls that turn a line around,
tags that nobody sees. Everything that is not shown as itself is written out as `\u{…}`; letters of every script stay.
*/

use std::borrow::Cow;

/// `text` on one line, with controls written out.
///
/// A backslash stays as it is: the result is for eyes, not for parsing.
///
/// ```
/// assert_eq!(samewire::report::escape("Orle\u{1b}[2J"), "Orle\\u{1b}[2J");
/// ```
pub fn escape(text: &str) -> Cow<'_, str> {
    let Some((at, _)) = text.char_indices().find(|&(_, c)| steers(c)) else {
        return Cow::Borrowed(text);
    };
    let mut shown = String::with_capacity(text.len() + 16);
    shown.push_str(&text[..at]);
    for c in text[at..].chars() {
        match c {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if steers(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// Whether a character does something else than show itself.
pub(super) fn steers(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200e}' | '\u{200f}'     // bidirectional marks
            | '\u{202a}'..='\u{202e}'               // embeddings and overrides
            | '\u{2066}'..='\u{2069}'               // isolates
            | '\u{2028}' | '\u{2029}'               // line and paragraph separators
            | '\u{200b}' | '\u{2060}'..='\u{2064}'  // invisible; joiners stay, scripts need them
            | '\u{206a}'..='\u{206f}'               // deprecated format controls
            | '\u{feff}'                            // byte-order mark
            | '\u{fff9}'..='\u{fffb}'               // interlinear annotation
            | '\u{e0000}'..='\u{e007f}') // tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_not_copied() {
        for text in ["Orle", "Café “quoted” — 東京 नमस्ते", "می‌خواهم", "👩‍🚒"]
        {
            assert!(
                matches!(escape(text), Cow::Borrowed(t) if t == text),
                "{text}"
            );
        }
    }

    #[test]
    fn nothing_steers_the_terminal() {
        for (hostile, shown) in [
            ("\x1b]0;owned\x07", "\\u{1b}]0;owned\\u{7}"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("a\nb\r\tc\0", "a\\nb\\r\\tc\\u{0}"),
            ("\u{202e}gpj.exe", "\\u{202e}gpj.exe"),
            (
                "a\u{2028}b\u{feff}\u{e0041}",
                "a\\u{2028}b\\u{feff}\\u{e0041}",
            ),
            ("\x7f\x08", "\\u{7f}\\u{8}"),
        ] {
            assert_eq!(escape(hostile), shown);
            assert!(!escape(hostile).chars().any(steers));
        }
    }
}
