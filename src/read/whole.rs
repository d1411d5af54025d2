/*!
JSON that is not one object a line → the same with a record a line.

Takes a file that holds one object, several in a row, or an array of objects, spread over lines as a pretty-printer
does. Line ends between the tokens of JSON are white space and may be replaced by spaces (inside a string they must be
escaped), so every record becomes one line without a byte being moved; its line number is that of its first byte.

Where the file is broken ([`salvage`]), what came before is kept, and reading goes on at the next line that begins an
object for certain. That is so where the layout shows it:

```text
{                    {"id": "a", "text": "x"},        {
  "id": "a",         {"id": "b", "text": "y},    ✗    "id": "a",
  "text": "x    ✗    {"id": "c", "text": "z"}    ◀    "list": [      ✗
}                                                     {              ? an object of its own, or in the list
{               ◀
```

A line with as much before it as the line of the broken object has, where the lines of that object are indented deeper
or it has one only. In any other layout all that follows is one rejection, which says so.
*/

use std::borrow::Cow;
use std::ops::Range;

use encoding_rs::{BIG5, Encoding, GB18030, GBK, SHIFT_JIS};
use serde::Deserialize as _;
use serde_json::value::RawValue;

use super::Locator;
use super::jsonl::{self, Fault, Mark};
use super::shape::byte_order_mark;

/// So many times as long as the text is what failed attempts may read of it, beyond what they were about: an object
/// that is not closed takes in all that follows, and a file of such must not cost the square of its length.
const ATTEMPTS: usize = 32;

const GONE_ON: &str = "mend it there: reading went on at the next record";
const STOPPED: &str =
    "mend it there: what comes after was not read, for where it begins is not certain";
const CUT: &str = "fetch the file again if it was cut off: the records before were kept";

/// What is in a file.
#[derive(Debug)]
pub(super) struct Whole {
    /// In order.
    pub marks: Vec<Mark>,
    /// Why it is not JSON of the shape that was looked for, if it is not: with line and column.
    pub broken: Option<String>,
    /// Whether the last of the marks tells that the bytes end too early.
    is_cut: bool,
}

impl Whole {
    /// Puts the reason why nothing more could be read at the end, in place of what came of it.
    pub(super) fn end_with(&mut self, damage: Mark) {
        match self.marks.last_mut() {
            Some(last) if self.is_cut => last.fault = damage.fault,
            _ => self.marks.push(damage),
        }
    }
}

/// The records of the JSON in `bytes`, each in UTF-8 or in the declared encoding.
pub(super) fn records(bytes: &[u8], declared: Option<&'static Encoding>) -> Whole {
    let start = byte_order_mark(bytes);
    let bytes = &bytes[start..];
    let text = std::str::from_utf8(bytes)
        .map_or_else(|_| Cow::Owned(stand_in(bytes, declared)), Cow::Borrowed);
    let (mut pieces, broken) = match pieces(&text) {
        Ok(pieces) => (pieces, None),
        Err(e) => (salvage(&text), Some(e.to_string())),
    };
    if let Cow::Owned(_) = text {
        for piece in pieces.iter_mut().filter(|piece| piece.broken.is_none()) {
            piece.broken = jsonl::in_utf8(&bytes[piece.bytes.clone()], declared)
                .err()
                .map(|fault| Box::new(Broken::in_encoding(piece.bytes.start, fault)));
        }
    }
    let is_cut = |piece: &Piece| {
        let why = piece.broken.as_ref().map(|broken| &broken.why);
        matches!(why, Some(Why::Cut | Why::NoEnd))
    };
    let mut lines = Lines::new(bytes);
    Whole {
        broken,
        is_cut: pieces.last().is_some_and(is_cut),
        marks: pieces
            .into_iter()
            .map(|p| p.mark(start, &mut lines))
            .collect(),
    }
}

/// Brings every record onto one line.
pub(super) fn lay_on_lines(bytes: &mut [u8], marks: &[Mark]) {
    for mark in marks.iter().filter(|mark| mark.fault.is_none()) {
        let start = mark.locator.start as usize;
        for byte in &mut bytes[start..start + mark.locator.len as usize] {
            if matches!(*byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }
}

/// Line feeds in `bytes`.
pub(super) fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// A text with the same ASCII in the same places, where bytes are not UTF-8: all that JSON consists of but for what is in
/// its strings.
fn stand_in(bytes: &[u8], declared: Option<&'static Encoding>) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut bytes = bytes.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte.is_ascii() {
            text.push(char::from(byte));
            continue;
        }
        text.push('?');
        // The second byte of a character may look like a backslash.
        if declared.is_some_and(|encoding| is_first_of_two(byte, encoding))
            && bytes.next_if(|&second| second >= 0x40).is_some()
        {
            text.push('?');
        }
    }
    text
}

/// Whether a byte begins a character whose second byte may be one of ASCII, but no letter.
fn is_first_of_two(byte: u8, encoding: &'static Encoding) -> bool {
    if encoding == SHIFT_JIS {
        matches!(byte, 0x81..=0x9f | 0xe0..=0xfc)
    } else {
        [GBK, GB18030, BIG5].contains(&encoding) && matches!(byte, 0x81..=0xfe)
    }
}

/// A value, or bytes that are none.
struct Piece {
    bytes: Range<usize>,
    broken: Option<Box<Broken>>,
}

/// What is wrong with a piece.
struct Broken {
    /// The byte where that shows.
    at: usize,
    why: Why,
    next: &'static str,
}

enum Why {
    /// It is not in UTF-8, nor in the encoding that was declared.
    Encoding(String),
    /// It is not JSON.
    Json(String),
    /// The next record begins before it ends.
    Open,
    /// The file ends before it does.
    Cut,
    /// The array has no end.
    NoEnd,
    /// A comma parts nothing.
    Comma,
    /// The array was over.
    After,
}

impl Broken {
    fn in_encoding(start: usize, fault: Fault) -> Self {
        Self {
            at: start + fault.byte.unwrap_or_default() as usize,
            why: Why::Encoding(fault.reason),
            next: fault.next,
        }
    }

    /// What is wrong with a record that begins on line `begun`, where that shows on line `line`.
    fn reason(self, begun: u64, line: u64) -> String {
        let record = format!("the record that begins on line {begun}");
        match self.why {
            Why::Json(cause) if begun == line => format!("not JSON: {cause}"),
            Why::Json(cause) => format!("not JSON: {cause}, in {record}"),
            Why::Encoding(cause) if begun == line => cause,
            Why::Encoding(cause) => format!("{cause}, in {record}"),
            Why::Open => format!("{record} has no end"),
            Why::Cut => format!("the file ends within {record}"),
            Why::NoEnd => "the file ends within an array".to_owned(),
            Why::Comma => "a comma without a record beside it".to_owned(),
            Why::After => "something stands after the end of the array".to_owned(),
        }
    }
}

impl Piece {
    fn mark(self, base: usize, lines: &mut Lines) -> Mark {
        let (begun, _) = lines.place(self.bytes.start);
        let bytes = base + self.bytes.start..base + self.bytes.end;
        let Some(broken) = self.broken else {
            let locator = Locator {
                start: bytes.start as u32,
                len: bytes.len() as u32,
                line: begun,
            };
            return Mark {
                locator,
                fault: None,
            };
        };
        let (line, byte) = lines.place(broken.at);
        let next = broken.next;
        let fault = Fault::new(Some(byte), broken.reason(begun, line), next);
        Mark::of_fault(bytes, line, fault)
    }
}

/// Counts lines of places that are asked for in order.
struct Lines<'t> {
    bytes: &'t [u8],
    counted: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    fn new(bytes: &'t [u8]) -> Self {
        Self {
            bytes,
            counted: 0,
            line: 1,
        }
    }

    /// The line of a byte, from 1, and its place in that, from 0.
    fn place(&mut self, at: usize) -> (u64, u64) {
        self.line += newlines(&self.bytes[self.counted..at]);
        self.counted = at;
        (self.line, (at - line_start(self.bytes, at)) as u64)
    }
}

/// The values of JSON that is sound.
fn pieces(text: &str) -> serde_json::Result<Vec<Piece>> {
    let values: Vec<&RawValue> = if text.trim_ascii_start().starts_with('[') {
        serde_json::from_str(text)?
    } else {
        serde_json::Deserializer::from_str(text)
            .into_iter::<&RawValue>()
            .collect::<Result<_, _>>()?
    };
    let base = text.as_ptr().addr();
    let piece = |value: &RawValue| {
        let value = value.get();
        // Raw values borrow from `text`, so the difference is their place in it.
        let start = value.as_ptr().addr() - base;
        Piece {
            bytes: start..start + value.len(),
            broken: None,
        }
    };
    Ok(values.into_iter().map(piece).collect())
}

/// The values of JSON that is broken somewhere, and what is broken. A comma that is missing between values is no loss.
fn salvage(text: &str) -> Vec<Piece> {
    let mut salvage = Salvage {
        text,
        at: 0,
        pieces: Vec::new(),
        read_beyond: 0,
    };
    salvage.run();
    salvage.pieces
}

struct Salvage<'t> {
    text: &'t str,
    at: usize,
    pieces: Vec<Piece>,
    /// Bytes that attempts which failed read of what came after their object.
    read_beyond: usize,
}

impl Salvage<'_> {
    fn run(&mut self) {
        let all = self.text.len();
        let in_array = self.next_byte() == Some(b'[');
        self.at += usize::from(in_array);
        loop {
            match self.next_byte() {
                None if in_array => {
                    let last = self.text.trim_ascii_end().len() - 1;
                    return self.tell(last..last, last, Why::NoEnd, CUT);
                }
                None => return,
                Some(b',') => self.commas(in_array),
                Some(b']') if in_array => {
                    self.at += 1;
                    if self.next_byte().is_some() {
                        self.tell(self.at..all, self.at, Why::After, STOPPED);
                    }
                    return;
                }
                Some(_) => match self.value() {
                    Some(next) => self.at = next,
                    None => return,
                },
            }
        }
    }

    /// The byte that comes next, past blanks.
    fn next_byte(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += indent(rest, b" \t\r\n");
        self.text.as_bytes().get(self.at).copied()
    }

    fn tell(&mut self, bytes: Range<usize>, at: usize, why: Why, next: &'static str) {
        let broken = Some(Box::new(Broken { at, why, next }));
        self.pieces.push(Piece { bytes, broken });
    }

    /// One or more commas: one between two values is none too many.
    fn commas(&mut self, in_array: bool) {
        let start = self.at;
        let (mut count, mut end) = (0, start);
        while self.next_byte() == Some(b',') {
            self.at += 1;
            (count, end) = (count + 1, self.at);
        }
        let is_last = match self.next_byte() {
            Some(byte) => in_array && byte == b']',
            // That the array has no end is told.
            None => !in_array,
        };
        if count > 1 || self.pieces.is_empty() || is_last {
            self.tell(start..end, start, Why::Comma, GONE_ON);
        }
    }

    /// The value that comes next, or what is wrong with it; where to go on, if there is such a place.
    fn value(&mut self) -> Option<usize> {
        let start = self.at;
        let rest = &self.text[start..];
        let error = match value_len(rest) {
            Ok(len) => {
                let bytes = start..start + len;
                self.at = bytes.end;
                self.pieces.push(Piece {
                    bytes,
                    broken: None,
                });
                return Some(self.at);
            }
            Err(e) => e,
        };
        let mut next = self.next_object(start);
        if let Some(next_start) = next {
            self.read_beyond += (start + place(&error, rest)).saturating_sub(next_start);
            next = next.filter(|_| self.read_beyond / ATTEMPTS <= self.text.len());
        }
        let own = self.text[start..next.unwrap_or(self.text.len())].trim_ascii_end();
        let own = own.strip_suffix(',').unwrap_or(own);
        // The fault may have shown only in what follows.
        let error = value_len(own).err().unwrap_or(error);
        let at = place(&error, own);
        let (why, advice) = match (error.is_eof(), next) {
            (true, Some(_)) => (Why::Open, GONE_ON),
            (true, None) => (Why::Cut, CUT),
            (false, Some(_)) => (Why::Json(jsonl::cause(&error)), GONE_ON),
            (false, None) => (Why::Json(jsonl::cause(&error)), STOPPED),
        };
        let end = start + own.len();
        self.tell(start..end, start + at, why, advice);
        next
    }

    /// Where the next object begins after one at `start` that is broken: at a line that can be no part of it.
    fn next_object(&self, start: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let line = line_start(bytes, start);
        let before = &bytes[line..start];
        let depth = indent(&bytes[line..], BLANK);
        // The first object of an array may stand behind the bracket, further in than its line.
        let is_first = before.iter().all(|b| BLANK.contains(b) || *b == b'[');
        let column = if is_first { before.len() } else { depth };
        let mut lines = lines_from(bytes, start);
        let (_, own) = lines.next()?;
        let follows = lines
            .clone()
            .find(|(_, line)| !line.trim_ascii().is_empty())?
            .1;
        let own = own.trim_ascii_end();
        let goes_on =
            matches!(own.last(), Some(b'{' | b'[' | b':' | b',')) && !own.ends_with(b"},");
        let is_compound = matches!(own.first(), Some(b'{' | b'['));
        if is_compound && goes_on && indent(follows, BLANK) <= column.max(depth) {
            return None;
        }
        lines
            .filter(|(_, line)| [depth, column].contains(&indent(line, BLANK)))
            .find_map(|(at, line)| Some(at + object_in(line)?))
    }
}

const BLANK: &[u8] = b" \t";

/// How many of these bytes come first.
fn indent(bytes: &[u8], blank: &[u8]) -> usize {
    bytes.iter().take_while(|b| blank.contains(b)).count()
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1)
}

/// The rest of the line at `start` and the lines after it, each with its place.
fn lines_from(bytes: &[u8], start: usize) -> impl Iterator<Item = (usize, &[u8])> + Clone {
    bytes[start..]
        .split_inclusive(|&b| b == b'\n')
        .scan(start, |next, line| {
            let at = *next;
            *next += line.len();
            Some((at, line))
        })
}

/// Where an object begins on a line, if one does: the end of the one before may stand there as well.
fn object_in(line: &[u8]) -> Option<usize> {
    let mut at = indent(line, BLANK);
    for sign in [b'}', b','] {
        if line.get(at) == Some(&sign) {
            at += 1;
            at += indent(&line[at..], BLANK);
        }
    }
    let inside = line[at..].strip_prefix(b"{")?.trim_ascii();
    matches!(inside.first(), None | Some(b'"' | b'}')).then_some(at)
}

/// Length of the value that a text begins with.
fn value_len(text: &str) -> serde_json::Result<usize> {
    let mut json = serde_json::Deserializer::from_str(text);
    <&RawValue>::deserialize(&mut json).map(|value| value.get().len())
}

/// The byte of a text that an error tells of.
fn place(error: &serde_json::Error, text: &str) -> usize {
    let bytes = text.as_bytes();
    let line = match error.line() {
        0 | 1 => 0,
        n => memchr::memchr_iter(b'\n', bytes)
            .nth(n - 2)
            .map_or(bytes.len(), |end| end + 1),
    };
    (line + error.column().saturating_sub(1)).min(bytes.len().saturating_sub(1))
}
