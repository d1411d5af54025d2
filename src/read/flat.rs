/*!
The fast path for a line of JSON: an object of strings, as nearly every corpus has it.

Where strings stop is found for a whole line at once ([`Stops`]); one without an escape is borrowed. Numbers, `true`, `false`, `null` and nested values are
passed over where no field wants them. All else (a field that wants what is no string, a surrogate, anything that is not sound
JSON) is left to serde: the answer is none then, and what serde says holds. Property-tested to give what serde gives.
*/

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::FieldNames;
use super::fields::{Fields, Ranks, ranks_of};
use crate::text::simd::Stops;

/// Keys that are kept in mind.
const KEYS: usize = 32;

/// What serves from line to line; a new one serves a single line.
#[derive(Clone, Debug, Default)]
pub(super) struct Reader {
    keys: Option<KnownKeys>,
    stops: Stops,
}

impl Reader {
    /// For many lines.
    pub fn of_lines() -> Self {
        Self {
            keys: Some(KnownKeys::default()),
            ..Self::default()
        }
    }
}

/// The keys of the lines before, in order, with the fields that want them: most lines of a file have the same.
#[derive(Clone, Debug, Default)]
struct KnownKeys(Vec<(String, Option<Ranks>)>);

impl KnownKeys {
    /// The fields that want the key which stands at that place of a line.
    fn ranks(&mut self, place: usize, key: &str, names: &FieldNames) -> Option<Ranks> {
        match self.0.get_mut(place) {
            Some((known, ranks)) if known == key => *ranks,
            Some(known) => {
                *known = (key.to_owned(), ranks_of(key, names));
                known.1
            }
            None => {
                let ranks = ranks_of(key, names);
                if place == self.0.len() && place < KEYS {
                    self.0.push((key.to_owned(), ranks));
                }
                ranks
            }
        }
    }
}

/// Puts the fields of an object into `fields`, which are empty, where the fast path can tell; else it may have put some there. The reader must be
/// one that read lines with the same names.
pub(super) fn read<'a>(
    line: &'a str,
    names: &FieldNames,
    reader: &mut Reader,
    fields: &mut Fields<'a>,
) -> Option<()> {
    let Reader { keys, stops } = reader;
    stops.find(line.as_bytes());
    let mut scan = Scan { line, stops, at: 0 };
    scan.blanks();
    scan.expect(b'{')?;
    scan.blanks();
    if !scan.take(b'}') {
        for place in 0.. {
            scan.expect(b'"')?;
            let Cow::Borrowed(key) = scan.string()? else {
                return None;
            };
            scan.blanks();
            scan.expect(b':')?;
            scan.blanks();
            let ranks = match keys {
                Some(known) => known.ranks(place, key, names),
                None => ranks_of(key, names),
            };
            match (scan.peek()?, ranks) {
                (b'"', None) => {
                    scan.at += 1;
                    scan.pass_string()?;
                }
                (b'"', Some(ranks)) => {
                    scan.at += 1;
                    fields.offer_text(&ranks, scan.string()?);
                }
                (_, Some(_)) => return None,
                (b'{' | b'[', None) => scan.pass_nested()?,
                (b't', None) => scan.pass_word("true")?,
                (b'f', None) => scan.pass_word("false")?,
                (b'n', None) => scan.pass_word("null")?,
                (_, None) => scan.pass_number()?,
            }
            scan.blanks();
            if scan.take(b',') {
                scan.blanks();
            } else {
                scan.expect(b'}')?;
                break;
            }
        }
    }
    scan.blanks();
    (scan.at == line.len()).then_some(())
}

/// A place in a line.
struct Scan<'a, 's> {
    line: &'a str,
    stops: &'s Stops,
    at: usize,
}

impl<'a> Scan<'a, '_> {
    fn peek(&self) -> Option<u8> {
        self.line.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn pass_word(&mut self, word: &str) -> Option<()> {
        self.line[self.at..].starts_with(word).then_some(())?;
        self.at += word.len();
        Some(())
    }

    fn digits(&mut self) -> usize {
        let from = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - from
    }

    fn pass_number(&mut self) -> Option<()> {
        self.take(b'-');
        let leads_with_zero = self.peek() == Some(b'0');
        let whole = self.digits();
        if whole == 0 || (leads_with_zero && whole > 1) {
            return None;
        }
        if self.take(b'.') && self.digits() == 0 {
            return None;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            if self.digits() == 0 {
                return None;
            }
        }
        Some(())
    }

    /// An array or object inside the object.
    fn pass_nested(&mut self) -> Option<()> {
        let rest = &self.line[self.at..];
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        self.at += values.byte_offset();
        Some(())
    }

    /// Where the next quotation mark or backslash stands; none where a control character, which JSON wants escaped, stands before.
    fn stop(&self, from: usize) -> Option<usize> {
        let at = self.stops.next(from)?;
        matches!(self.line.as_bytes()[at], b'"' | b'\\').then_some(at)
    }

    /// The string whose opening mark has been taken.
    fn string(&mut self) -> Option<Cow<'a, str>> {
        let from = self.at;
        self.at = self.stop(from)?;
        if self.take(b'"') {
            return Some(Cow::Borrowed(&self.line[from..self.at - 1]));
        }
        // The text is most of a line.
        let mut text = String::with_capacity(self.line.len() - from);
        text.push_str(&self.line[from..self.at]);
        loop {
            // At a mark or a backslash.
            if self.take(b'"') {
                // What was no text after all, and may be kept for long, has no use for the room.
                if text.capacity() > 2 * text.len() {
                    text.shrink_to_fit();
                }
                return Some(Cow::Owned(text));
            }
            self.at += 1;
            text.push(self.escape()?);
            let from = self.at;
            self.at = self.stop(from)?;
            text.push_str(&self.line[from..self.at]);
        }
    }

    /// Passes over the string whose opening mark has been taken.
    fn pass_string(&mut self) -> Option<()> {
        loop {
            self.at = self.stop(self.at)?;
            if self.take(b'"') {
                return Some(());
            }
            self.at += 1;
            self.escape()?;
        }
    }

    /// What stands behind a backslash.
    fn escape(&mut self) -> Option<char> {
        let kind = self.peek()?;
        self.at += 1;
        Some(match kind {
            b'"' | b'\\' | b'/' => char::from(kind),
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                let hex = self.line.as_bytes().get(self.at..self.at + 4)?;
                let mut unit = 0;
                for &digit in hex {
                    unit = unit << 4 | char::from(digit).to_digit(16)?;
                }
                self.at += 4;
                char::from_u32(unit)?
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::ReadOptions;
    use crate::read::fields::{FieldsSeed, values};
    use proptest::prelude::*;
    use serde::de::DeserializeSeed as _;

    fn fields<'a>(line: &'a str, names: &FieldNames, reader: &mut Reader) -> Option<Fields<'a>> {
        let mut fields = Fields::default();
        read(line, names, reader, &mut fields).map(|()| fields)
    }

    /// Wherever the fast path has an answer, serde has the same.
    fn hold_to_serde(line: &str) -> bool {
        let names = ReadOptions::default().fields;
        let mut reader = Reader::of_lines();
        // Keys of another line are known, and those of this one.
        let other = r#"{"id":"a","x":"b","text":"c","n":1}"#;
        let _ = fields(other, &names, &mut reader);
        let _ = fields(line, &names, &mut reader);
        let with_known = fields(line, &names, &mut reader);
        let Some(fast) = fields(line, &names, &mut Reader::default()) else {
            assert!(with_known.is_none(), "{line:?}");
            return false;
        };
        assert_eq!(values(&with_known.unwrap()), values(&fast), "{line:?}");
        let mut deserializer = serde_json::Deserializer::from_str(line);
        let slow = FieldsSeed {
            names: &names,
            raw: false,
        }
        .deserialize(&mut deserializer)
        .and_then(|fields| deserializer.end().map(|()| fields));
        let slow = slow.unwrap_or_else(|e| panic!("{line:?}: {e}"));
        assert_eq!(values(&fast), values(&slow), "{line:?}");
        true
    }

    #[test]
    fn plain_objects_are_read() {
        for line in [
            r"{}",
            r#"{"id":"a","text":"A ferry.","n":-1.5e+3,"x":null,"y":true,"z":false,"t":[1,{"a":"]"}]}"#,
            r#" { "id" : "a" , "text" : "\"A\" \\ ferry\n\tto \u00e9 \/" , "date" : "2031-03-03" } "#,
            r#"{"text":"one","text":"two","body":"three","other":"\u00e9\n"}"#,
            r#"{"id":"","text":"é “x”"}"#,
        ] {
            assert!(hold_to_serde(line), "{line}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_serde() {
        for line in [
            "",
            "{",
            r#"{"id":7,"text":"x"}"#,
            r#"{"text":"x",}"#,
            r#"{"text":"x"} x"#,
            r#"{"text":"x" "id":"y"}"#,
            r#"{"text":"\ud83d\ude00"}"#,
            r#"{"text":"\ud83d"}"#,
            r#"{"text":"\x"}"#,
            r#"{"text":"\u00g9"}"#,
            "{\"text\":\"a\tb\"}",
            "{\"x\":\"a\u{1}b\"}",
            r#"{"text":"x"#,
            r#"{"x":01}"#,
            r#"{"x":1.}"#,
            r#"{"x":-}"#,
            r#"{"x":1e}"#,
            r#"{"x":nul}"#,
            r#"{"x":[1,]}"#,
            r#"{"te\u0078t":"x"}"#,
            r"[]",
        ] {
            assert!(!hold_to_serde(line), "{line}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]

        #[test]
        fn sound_lines_give_what_serde_gives(
            members in prop::collection::vec(
                (
                    prop::sample::select(vec!["id", "text", "body", "title", "date", "x", "version", "type", "_id"]),
                    prop_oneof![
                        any::<String>().prop_map(serde_json::Value::from),
                        "[a-z\"\\\\\n\t\u{1}é ]{0,60}".prop_map(serde_json::Value::from),
                        any::<i64>().prop_map(serde_json::Value::from),
                        any::<f64>().prop_map(serde_json::Value::from),
                        Just(serde_json::json!({"a": [1, null, "b"]})),
                        Just(serde_json::Value::Null),
                    ],
                ),
                0..7,
            )
        ) {
            let members: Vec<String> = members.iter().map(|(k, v)| format!("\"{k}\": {v}")).collect();
            hold_to_serde(&format!("{{{}}}", members.join(", ")));
        }

        #[test]
        fn no_line_makes_it_say_more_than_serde(
            line in "\\{(\"(id|text|x)\"[: ]{0,2}(\"[a\\\\\"nu0-9\u{1}]{0,8}\"|[0-9.eE+-]{1,5}|[\\[\\]{}]{1,3}|true|null)?[, ]{0,2}){0,3}\\}?"
        ) {
            hold_to_serde(&line);
        }
    }
}
