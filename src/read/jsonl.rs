/*!
Lines of JSON → stories.

Input: the bytes of a [`Chunk`](super::Chunk). Output: for each line that is not blank a [`Record`] or a [`Rejection`].
A line ends at LF; a CR before it and a byte-order mark at its beginning (files that were joined) do not belong to the
record. Only the line itself is judged: none can take its neighbours along.
*/

use std::borrow::Cow;
use std::ops::Range;
use std::slice;

use encoding_rs::Encoding;
use serde::de::DeserializeSeed as _;

use super::fields::{Fields, FieldsSeed};
use super::flat::{self, Reader};
use super::reject::Rejection;
use super::{Format, Locator, ReadOptions, Record};
use crate::story::{Story, UnitKind};

/// Why a line is no story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Byte within the line, from 0, where that is known.
    pub byte: Option<u64>,
    /// Cause.
    pub reason: String,
    /// What to do.
    pub next: &'static str,
}

impl Fault {
    pub(super) fn new(byte: Option<u64>, reason: impl Into<String>, next: &'static str) -> Self {
        Self {
            byte,
            reason: reason.into(),
            next,
        }
    }

    fn json(error: &serde_json::Error) -> Self {
        let mut reason = cause(error);
        // That message repeats the value, which may be as long as the line.
        if reason.starts_with("invalid type") {
            "expected a JSON object".clone_into(&mut reason);
        }
        let byte = (error.line() == 1).then(|| error.column().saturating_sub(1) as u64);
        Self::new(
            byte,
            format!("not a JSON object: {reason}"),
            "each line must be one JSON object: mend the line",
        )
    }
}

/// A record, or a place where there is none.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    /// Its bytes. The line is that of the fault, if there is one.
    pub locator: Locator,
    /// Why it is no record; its byte is one of the line.
    pub fault: Option<Box<Fault>>,
}

impl Mark {
    /// A fault in these bytes, on that line.
    pub(super) fn of_fault(bytes: Range<usize>, line: u64, fault: Fault) -> Self {
        Self {
            locator: Locator {
                start: bytes.start as u32,
                len: bytes.len() as u32,
                line,
            },
            fault: Some(Box::new(fault)),
        }
    }
}

/// What is wrong, without the place, which is told apart.
pub(super) fn cause(error: &serde_json::Error) -> String {
    let mut cause = error.to_string();
    if let Some(at) = cause.rfind(" at line ") {
        cause.truncate(at);
    }
    cause
}

/// One line of JSON → a story. `default_id` names it where it has no id of its own.
///
/// ```
/// use samewire::read::{ReadOptions, parse_line};
/// let line = br#"{"id": 7, "body": "The ferry to Lund is late."}"#;
/// let story = parse_line(line, || "-:1".into(), &ReadOptions::default()).unwrap();
/// assert_eq!((&*story.id, &*story.text), ("7", "The ferry to Lund is late."));
/// ```
///
/// # Errors
/// When the line is not UTF-8 (nor the declared encoding), not a JSON object, or has no text.
pub fn parse_line<'a>(
    line: &'a [u8],
    default_id: impl FnOnce() -> String,
    options: &ReadOptions,
) -> Result<Story<'a>, Fault> {
    parse_with(line, default_id, options, &mut Reader::default())
}

/// Lines of JSON → stories, one after the other: what is found out about one is used for the next.
///
/// ```
/// use samewire::read::{LineReader, ReadOptions};
/// let options = ReadOptions::default();
/// let mut lines = LineReader::new(&options);
/// let story = lines.parse(br#"{"id": 7, "body": "The ferry to Lund is late."}"#, || "-:1".into());
/// assert_eq!(story.unwrap().id, "7");
/// ```
#[derive(Debug)]
pub struct LineReader<'o> {
    options: &'o ReadOptions,
    reader: Reader,
}

impl<'o> LineReader<'o> {
    /// With these options.
    pub fn new(options: &'o ReadOptions) -> Self {
        Self {
            options,
            reader: Reader::of_lines(),
        }
    }

    /// As [`parse_line`].
    ///
    /// # Errors
    /// As there.
    pub fn parse<'a>(
        &mut self,
        line: &'a [u8],
        default_id: impl FnOnce() -> String,
    ) -> Result<Story<'a>, Fault> {
        parse_with(line, default_id, self.options, &mut self.reader)
    }
}

/// The same, by the reader of other lines that were read with these options.
pub(super) fn parse_with<'a>(
    line: &'a [u8],
    default_id: impl FnOnce() -> String,
    options: &ReadOptions,
    reader: &mut Reader,
) -> Result<Story<'a>, Fault> {
    match in_utf8(line, options.encoding)? {
        Cow::Borrowed(line) => parse(line, default_id, options, reader),
        Cow::Owned(line) => parse(&line, default_id, options, reader).map(Story::into_owned),
    }
}

/// A record as a string: it is UTF-8, or else in the encoding that was declared.
#[inline]
pub(super) fn in_utf8<'a>(
    line: &'a [u8],
    declared: Option<&'static Encoding>,
) -> Result<Cow<'a, str>, Fault> {
    // As the standard library does, and several times sooner where not all is ASCII.
    let error = match simdutf8::compat::from_utf8(line) {
        Ok(line) => return Ok(Cow::Borrowed(line)),
        Err(e) => e,
    };
    let byte = Some(error.valid_up_to() as u64);
    let Some(encoding) = declared.filter(|e| *e != encoding_rs::UTF_8) else {
        return Err(Fault::new(
            byte,
            "not valid UTF-8",
            "convert the file to UTF-8 or name its encoding with --encoding",
        ));
    };
    let decoded = encoding.decode_without_bom_handling_and_without_replacement(line);
    decoded.ok_or_else(|| {
        Fault::new(
            byte,
            format!("neither valid UTF-8 nor valid {}", encoding.name()),
            "check the encoding that --encoding names",
        )
    })
}

fn parse<'a>(
    line: &'a str,
    default_id: impl FnOnce() -> String,
    options: &ReadOptions,
    reader: &mut Reader,
) -> Result<Story<'a>, Fault> {
    let names = &options.fields;
    let read = |raw| {
        let mut deserializer = serde_json::Deserializer::from_str(line);
        FieldsSeed { names, raw }
            .deserialize(&mut deserializer)
            .and_then(|fields| deserializer.end().map(|()| fields))
    };
    let mut fields = Fields::default();
    if flat::read(line, names, reader, &mut fields).is_none() {
        let parsed = match read(false) {
            Ok(fields) if !fields.wants_raw => Ok(fields),
            // A number that is out of every range is no fault where it is taken as it is written.
            _ => read(true),
        };
        fields = match parsed {
            Ok(fields) => fields,
            // Half a character that an escape stands for: some producers cut texts so.
            Err(e) => {
                return match mend_surrogates(line) {
                    Some(mended) => {
                        parse(&mended, default_id, options, reader).map(Story::into_owned)
                    }
                    None => Err(Fault::json(&e)),
                };
            }
        };
    }
    if let Some((name, what)) = fields.id().refused(&names.id)
        && !matches!(what, "null" | "empty")
    {
        return Err(Fault::new(
            None,
            format!("field \"{name}\" is {what}, not a string or a number"),
            "name another field with --id-field",
        ));
    }
    let Some(text) = fields.text().take() else {
        let reason = match fields.text().refused(&names.text) {
            Some((name, what)) => format!("field \"{name}\" is {what}, not a string"),
            None => format!("no text: none of the fields {}", names.text.join(", ")),
        };
        return Err(Fault::new(None, reason, "name the field with --text-field"));
    };
    let is_caption = |kind: Cow<'_, str>| {
        ["picture", "photo", "graphic", "caption"]
            .iter()
            .any(|name| kind.eq_ignore_ascii_case(name))
    };
    Ok(Story {
        id: fields
            .id()
            .take()
            .unwrap_or_else(|| Cow::Owned(default_id())),
        text,
        title: fields.title().take(),
        time: fields.time().take(),
        source: fields.source().take(),
        version: fields.version().take(),
        kind: options
            .kind
            .unwrap_or(if fields.kind().take().is_some_and(is_caption) {
                UnitKind::Caption
            } else {
                UnitKind::Story
            }),
    })
}

/// The line with every escaped surrogate that has no partner replaced by `\ufffd`, which is as long, so that places
/// in the line stay true. None when there is no such.
fn mend_surrogates(line: &str) -> Option<String> {
    let bytes = line.as_bytes();
    let unit = |at: usize| -> Option<u16> {
        let escape = bytes.get(at..at + 6)?;
        let hex = std::str::from_utf8(escape.strip_prefix(b"\\u")?).ok()?;
        // `from_str_radix` would take a sign.
        hex.bytes().all(|b| b.is_ascii_hexdigit()).then_some(())?;
        u16::from_str_radix(hex, 16).ok()
    };
    let mut mended = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[at..]) {
        at += found;
        match unit(at) {
            Some(0xd800..=0xdbff) if matches!(unit(at + 6), Some(0xdc00..=0xdfff)) => at += 12,
            Some(0xd800..=0xdfff) => {
                mended.push_str(&line[kept..at]);
                mended.push_str("\\ufffd");
                at += 6;
                kept = at;
            }
            // An escaped backslash must not be taken for the beginning of the next escape.
            _ => at = bytes.len().min(at + 2),
        }
    }
    (kept > 0).then(|| mended + &line[kept..])
}

/// The records of a chunk, in order; see [`Chunk::records`](super::Chunk::records).
#[derive(Clone, Debug)]
pub struct Records<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) format: Format,
    pub(super) at: usize,
    pub(super) line: u64,
    /// Where records are not lines.
    pub(super) marks: Option<slice::Iter<'a, Mark>>,
    pub(super) name: &'a str,
    pub(super) options: &'a ReadOptions,
    pub(super) reader: Reader,
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, Rejection>;

    fn next(&mut self) -> Option<Self::Item> {
        let locator = match &mut self.marks {
            None => self.locate()?,
            Some(marks) => {
                let mark = marks.next()?;
                if let Some(fault) = &mark.fault {
                    return Some(Err(self.reject(mark.locator, (**fault).clone())));
                }
                mark.locator
            }
        };
        let bytes = locator.of(self.bytes)?;
        Some(match self.format {
            Format::Text => super::chunk::text_story(bytes, self.name, self.options)
                .ok_or_else(|| {
                    Rejection::file(
                        self.name,
                        "not valid UTF-8",
                        "report this: it is a fault here",
                    )
                })
                .map(|story| Record { locator, story }),
            Format::Jsonl => self.judge(locator, bytes),
        })
    }
}

impl<'a> Records<'a> {
    /// Lines so far: those of the chunk, once the records are through.
    pub fn lines(&self) -> u64 {
        self.line - 1
    }

    /// The next line that is not blank.
    fn locate(&mut self) -> Option<Locator> {
        while self.at < self.bytes.len() {
            let rest = &self.bytes[self.at..];
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let mut start = self.at;
            let mut line = &rest[..end];
            let number = self.line;
            self.at += end + 1;
            self.line += 1;
            if let [kept @ .., b'\r'] = line {
                line = kept;
            }
            if let [0xef, 0xbb, 0xbf, kept @ ..] = line {
                line = kept;
                start += 3;
            }
            // The first byte settles it for nearly every line.
            if line.iter().any(|b| !matches!(b, b' ' | b'\t' | b'\r')) {
                return Some(Locator {
                    start: start as u32,
                    len: line.len() as u32,
                    line: number,
                });
            }
        }
        None
    }

    fn judge(&mut self, locator: Locator, line: &'a [u8]) -> Result<Record<'a>, Rejection> {
        let limit = self.options.record_limit();
        if line.len() > limit {
            return Err(too_long(self.name, line.len() as u64, limit)
                .at(locator.line, None)
                .with_record(line));
        }
        // How many lines stand before the chunk is not known yet.
        parse_with(line, String::new, self.options, &mut self.reader)
            .map(|story| Record { locator, story })
            .map_err(|fault| self.reject(locator, fault))
    }

    fn reject(&self, locator: Locator, fault: Fault) -> Rejection {
        Rejection::file(self.name, fault.reason, fault.next)
            .at(locator.line, fault.byte)
            .with_record(locator.of(self.bytes).unwrap_or_default())
    }
}

/// The id of a record that has none.
pub(super) fn default_id(source_name: &str, line: u64) -> String {
    format!("{source_name}:{line}")
}

/// The rejection of a line of so many bytes.
pub(super) fn too_long(name: &str, bytes: u64, limit: usize) -> Rejection {
    Rejection::file(
        name,
        format!("a line of {bytes} bytes, longer than the {limit} a record may have"),
        "split the record, or raise the limit if it is one story",
    )
}
