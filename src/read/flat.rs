/*!
The fast path for a line of JSON: an object of strings, as nearly every corpus has it.

A string is searched for its end by SIMD and borrowed where it has no escape. Numbers, `true`, `false`, `null` and nested values are
passed over where no field wants them. All else (a field that wants what is no string, a surrogate, anything that is not sound
JSON) is left to serde: the answer is none then, and what serde says holds. Property-tested to give what serde gives.
*/

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::FieldNames;
use super::fields::{Fields, ranks_of};

/// The fields of an object, where the fast path can tell.
pub(super) fn fields<'a>(line: &'a str, names: &FieldNames) -> Option<Fields<'a>> {
    let mut fields = Fields::default();
    let mut scan = Scan { line, at: 0 };
    scan.blanks();
    scan.expect(b'{')?;
    scan.blanks();
    if !scan.take(b'}') {
        loop {
            scan.expect(b'"')?;
            let Cow::Borrowed(key) = scan.string()? else {
                return None;
            };
            scan.blanks();
            scan.expect(b':')?;
            scan.blanks();
            let ranks = ranks_of(key, names);
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
    (scan.at == line.len()).then_some(fields)
}

/// A place in a line.
struct Scan<'a> {
    line: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
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
        let bytes = &self.line.as_bytes()[from..];
        let len = memchr::memchr2(b'"', b'\\', bytes)?;
        // No branch, so that the compiler takes many bytes at a time.
        let least = bytes[..len].iter().fold(u8::MAX, |least, &b| least.min(b));
        (least >= 0x20).then_some(from + len)
    }

    /// The string whose opening mark has been taken.
    fn string(&mut self) -> Option<Cow<'a, str>> {
        let from = self.at;
        let end = self.stop(from)?;
        if self.line.as_bytes()[end] == b'"' {
            self.at = end + 1;
            return Some(Cow::Borrowed(&self.line[from..end]));
        }
        // The text is most of a line.
        let mut text = String::with_capacity(self.line.len() - from);
        text.push_str(&self.line[from..end]);
        self.at = end;
        loop {
            // At a mark or a backslash.
            if self.take(b'"') {
                return Some(Cow::Owned(text));
            }
            self.at += 1;
            text.push(self.escape()?);
            let end = self.stop(self.at)?;
            text.push_str(&self.line[self.at..end]);
            self.at = end;
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

    /// Wherever the fast path has an answer, serde has the same.
    fn hold_to_serde(line: &str) -> bool {
        let names = ReadOptions::default().fields;
        let Some(fast) = fields(line, &names) else {
            return false;
        };
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
