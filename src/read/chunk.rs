/*!
A source → chunks of whole records.

What a file is, is decided by its content, then by its name:

| content | name | taken as |
|---|---|---|
| any | `.jsonl`, `.ndjson` | JSON lines |
| the first line that is not blank is a JSON object | any | JSON lines |
| JSON objects over several lines, or an array of objects | any | a record an object |
| the same, broken in places, but not in more than hold a record | any | the same, and a rejection a place |
| the same, broken in more places | `.json` | the same, if lines would not give more stories |
| most of the first lines are JSON objects, or some line in a `.json` | any | JSON lines |
| anything else, unless blank | `.json` | rejected |
| NUL in the first 8 KiB, or a known signature | any | rejected as binary |
| anything else | any | text, one story |

`.gz` and `.zst` are no part of the name. A chunk of JSON lines is read straight into its own buffer; what follows
the last line end is carried over to the next. A line longer than the limit is passed over piece by piece. After
damage the whole lines before it are kept, the torn one is not.
*/

use std::fs::File;
use std::io;
use std::sync::Arc;

use super::decode::{self, Transcoder};
use super::flat::Reader;
use super::inflate::ends_with;
use super::input::Input;
use super::jsonl::{self, Fault, Mark, Records, parse_with};
use super::part::{Part, line_end};
use super::reject::Rejection;
use super::shape::{
    blank, byte_order_mark, first_bytes, first_line_is_object, is_object, mostly_objects, stem,
};
use super::walk::{Source, SourceKind};
use super::whole::{self, Whole};
use super::{Format, Locator, ReadOptions, SourceId};
use crate::story::Story;

/// Fewer bytes than this are not read at a time, unless a chunk is to have fewer.
const LEAST_HELPING: u64 = 64 << 10;
/// What part of the bytes that are left is read at a time, at most.
const ENDING: u64 = 8;

/// Bytes that hold whole records.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Where they come from.
    pub source: SourceId,
    /// What they are.
    pub format: Format,
    /// Bytes of the file as stored (compressed) that were used since the chunk before: what progress is told.
    pub raw_bytes_read: u64,
    /// The bytes: valid UTF-8 if a text, each line to be judged if JSON lines.
    pub bytes: Vec<u8>,
    /// Where records are not lines.
    marks: Option<Vec<Mark>>,
    /// The file as it was, where `bytes` is a decoded form of it.
    pub(super) original: Option<Vec<u8>>,
    /// Where the same bytes can be read again.
    pub(super) again: Option<(Arc<File>, u64)>,
}

impl Chunk {
    /// Lines of a source: these bytes, of so many as stored.
    pub(super) fn lines(
        source: SourceId,
        bytes: Vec<u8>,
        raw_bytes_read: u64,
        again: Option<(Arc<File>, u64)>,
    ) -> Self {
        Self {
            source,
            format: Format::Jsonl,
            raw_bytes_read,
            bytes,
            marks: None,
            original: None,
            again,
        }
    }

    /// Its records, in order. `source_name` goes into rejections. Lines count from the chunk's first, which is 1: a
    /// [`Numbering`](super::Numbering) knows what comes before. A record whose id is its place has none yet.
    pub fn records<'a>(&'a self, source_name: &'a str, options: &'a ReadOptions) -> Records<'a> {
        Records {
            bytes: &self.bytes,
            format: self.format,
            at: 0,
            line: 1,
            marks: self.marks.as_ref().map(|marks| marks.iter()),
            name: source_name,
            options,
            reader: Reader::of_lines(),
        }
    }
}

/// A file of one story.
pub(super) fn text_story<'a>(
    bytes: &'a [u8],
    name: &'a str,
    options: &ReadOptions,
) -> Option<Story<'a>> {
    let mut story = Story::new(name, std::str::from_utf8(bytes).ok()?);
    story.kind = options.kind.unwrap_or_default();
    Some(story)
}

/// The chunks of a source, and what had to be rejected between them. The line of such a rejection is 1, the next: a
/// [`Numbering`](super::Numbering) knows what comes before.
pub struct ChunkReader {
    source: SourceId,
    name: String,
    stream: bool,
    input: Input,
    options: ReadOptions,
    plan: Plan,
    /// Bytes read and not yet handed out.
    buffer: Vec<u8>,
    /// Where the next bytes go.
    spare: Vec<u8>,
    /// So many bytes of `buffer` hold no line end.
    searched: usize,
    end: End,
    /// Bytes handed out or passed over, decompressed.
    offset: u64,
    told: u64,
}

enum Plan {
    Lines,
    /// The buffer is all there is, with these records.
    Marked(Vec<Mark>),
    Text,
    Done,
}

/// The rejection of a file that has not as many bytes any more as at first.
pub(super) fn changed(name: &str, then: u64, now: u64) -> Rejection {
    Rejection::file(name, how_it_changed(then, now), WHEN_IT_CHANGED)
}

fn how_it_changed(then: u64, now: u64) -> String {
    format!("it changed while it was read: {then} bytes at first, {now} in the end")
}

const WHEN_IT_CHANGED: &str = "run again when nothing writes to it; whole records were kept";

/// How reading stands.
enum End {
    More,
    Reached,
    Failed(io::Error),
}

impl ChunkReader {
    /// Opens a source and finds out what it is.
    ///
    /// # Errors
    /// When nothing of the source can be used.
    pub fn open(id: SourceId, source: &Source, options: &ReadOptions) -> Result<Self, Rejection> {
        let mut reader = Self {
            source: id,
            name: source.name.clone(),
            stream: source.kind != SourceKind::File,
            input: Input::open(source)?,
            options: options.clone(),
            plan: Plan::Done,
            buffer: Vec::new(),
            spare: Vec::new(),
            searched: 0,
            end: End::More,
            offset: 0,
            told: 0,
        };
        let mut buffer = Vec::new();
        reader.make_room(&mut buffer, 0);
        reader.buffer = buffer;
        reader.read_more();
        // A binary file or a format is known by less than a chunk, but never by less than that.
        while reader.buffer.len() < decode::BINARY_HEAD && matches!(reader.end, End::More) {
            reader.read_more();
        }
        reader.plan = reader.decide()?;
        Ok(reader)
    }

    /// Lets the next chunk be read into that buffer, whatever it holds.
    pub fn read_into(&mut self, spare: Vec<u8>) {
        self.spare = spare;
    }

    /// The next lines of a plain file, if they are there to be read by somebody else; else the next chunk is to be asked for.
    pub fn part(&mut self) -> Option<Part> {
        let (Plan::Lines, End::More) = (&self.plan, &self.end) else {
            return None;
        };
        let (file, size) = self.input.by_place()?;
        let left = size.saturating_sub(self.offset);
        let helping = self.helping_of(self.offset, left);
        if left < 2 * helping as u64 {
            return None;
        }
        // The line that ends where the part may end is its last.
        let from = self.offset + helping as u64 - 1;
        let end = line_end(file, from, self.options.chunk_size).filter(|&end| end < size)?;
        let part = Part {
            source: self.source,
            file: Arc::clone(file),
            size,
            start: self.offset,
            end,
            most: self.options.chunk_size,
            again: self.input.again(self.options.chunk_size).is_some(),
        };
        self.input.go_to(end).ok()?;
        // Of what was read to find out what the file is, nothing was handed out.
        self.buffer.clear();
        self.searched = 0;
        (self.offset, self.told) = (end, end);
        Some(part)
    }

    /// How many bytes of a file are left, where that is known.
    fn left(&self) -> Option<u64> {
        let all = self.input.expected()?;
        Some(all.saturating_sub(self.input.raw_bytes()))
    }

    /// How many bytes to read next. The first chunks of a file are smaller than the others, so that no thread waits long for
    /// one, and so are the last, so that all threads end together.
    fn helping(&self) -> usize {
        match self.left() {
            Some(left) if left > 0 => self.helping_of(self.input.raw_bytes(), left),
            _ => self.options.chunk_size.max(1),
        }
    }

    /// The same of a file of which so many bytes were read and so many are left.
    fn helping_of(&self, read: u64, left: u64) -> usize {
        let size = self.options.chunk_size.max(1);
        let share = read.min(left / ENDING).max(LEAST_HELPING);
        // One byte more than is left shows the end.
        size.min(usize::try_from(share.min(left + 1)).unwrap_or(size))
    }

    /// Room for the next helping beside `rest` bytes that are carried over. Memory that cannot take both is replaced, not made
    /// larger: that would copy what it held before.
    fn make_room(&self, buffer: &mut Vec<u8>, rest: usize) {
        let helping = self.helping();
        if buffer.capacity() >= rest + helping {
            return;
        }
        // What is carried over next time may be more.
        *buffer = Vec::with_capacity(rest + helping + helping / 16);
    }

    /// One more helping into the buffer.
    fn read_more(&mut self) {
        let want = self.helping();
        self.end = match self.input.fill(&mut self.buffer, want) {
            Ok(got) if got >= want => End::More,
            Ok(_) => match self.input.changed() {
                None => End::Reached,
                Some((then, now)) => End::Failed(io::Error::other(how_it_changed(then, now))),
            },
            Err(e) => End::Failed(e),
        };
    }

    /// Reads on to the end or just beyond the limit of a record.
    fn read_all(&mut self) {
        while matches!(self.end, End::More) && self.buffer.len() <= self.options.record_limit() {
            self.read_more();
        }
    }

    fn decide(&mut self) -> Result<Plan, Rejection> {
        let name = stem(&self.name).to_owned();
        if self.buffer.is_empty() && matches!(self.end, End::Failed(_)) {
            return Err(self.broken(false));
        }
        if self.buffer.is_empty() && self.stream {
            // An empty file is an empty story; a pipe that nothing came from is nothing.
            return Ok(Plan::Lines);
        }
        if let Some(encoding) = decode::transcoded(&self.buffer, self.options.encoding) {
            let ended = matches!(self.end, End::Reached);
            self.input
                .transcode(Transcoder::new(encoding), &mut self.buffer, ended);
        }
        let plan = self.decide_by_content(&name)?;
        if let (Plan::Text, Some(raw)) = (&plan, self.input.undecoded()) {
            // A text keeps its own bytes.
            self.input.stop_decoding();
            self.buffer = raw;
        }
        Ok(plan)
    }

    fn decide_by_content(&mut self, name: &str) -> Result<Plan, Rejection> {
        if ends_with(name, ".jsonl") || ends_with(name, ".ndjson") {
            return Ok(Plan::Lines);
        }
        // A name that says nothing leaves it to the first lines, of which a few bytes may not hold enough.
        while self.buffer.len() < self.options.chunk_size && matches!(self.end, End::More) {
            self.read_more();
        }
        let named_json = ends_with(name, ".json");
        match first_bytes(&self.buffer) {
            (Some(b'{'), _) => {
                while !self.has_first_line() {
                    self.read_more();
                }
                if first_line_is_object(&self.buffer) {
                    return Ok(Plan::Lines);
                }
                self.decide_whole(named_json)
            }
            _ if mostly_objects(&self.buffer) => Ok(Plan::Lines),
            (Some(b'['), next) if named_json || next == Some(b'{') => self.decide_whole(named_json),
            (Some(_), _) if named_json => Err(self.not_json("it begins with neither { nor [")),
            (None, _) if named_json => Ok(Plan::Lines),
            _ => self.decide_text(),
        }
    }

    /// JSON whose first line is not a record of its own.
    fn decide_whole(&mut self, named_json: bool) -> Result<Plan, Rejection> {
        self.read_all();
        let reason = if self.buffer.len() > self.options.record_limit() {
            "it is not one JSON object a line and too long to be taken as a whole".to_owned()
        } else {
            let mut whole = whole::records(&self.buffer, self.options.encoding);
            match whole.broken.take() {
                Some(reason) if !self.is_worth_its_faults(&whole, named_json) => reason,
                _ => return Ok(self.plan_for(whole)),
            }
        };
        if mostly_objects(&self.buffer)
            || named_json && self.buffer.split(|&b| b == b'\n').any(is_object)
        {
            return Ok(Plan::Lines);
        }
        if !named_json {
            return self.decide_text();
        }
        Err(match self.end {
            End::Failed(_) => self.broken(false),
            _ => self.not_json(&reason),
        })
    }

    /// Whether a file that is broken in places is taken for the records that were found in it, not for lines or a text.
    fn is_worth_its_faults(&self, whole: &Whole, named_json: bool) -> bool {
        if mostly_objects(&self.buffer) {
            return false;
        }
        let mut reader = Reader::default();
        let mut is_story =
            |bytes: &[u8]| parse_with(bytes, String::new, &self.options, &mut reader).is_ok();
        let (mut objects, mut stories, mut faults) = (0, 0, 0);
        for mark in &whole.marks {
            match mark.locator.of(&self.buffer) {
                Some(bytes) if mark.fault.is_none() => {
                    objects += usize::from(bytes.starts_with(b"{"));
                    stories += usize::from(is_story(bytes));
                }
                _ => faults += 1,
            }
        }
        if !named_json {
            return objects > faults || stories > 0 && stories >= faults;
        }
        let lines = || self.buffer.split(|&b| b == b'\n');
        if !lines().any(is_object) {
            return objects > 0;
        }
        // What the objects of an array hold may have lines of its own.
        let by_line = lines().filter(|line| is_story(line)).count();
        let is_array = first_bytes(&self.buffer).0 == Some(b'[');
        objects > 0 && (stories > by_line || is_array && stories == by_line)
    }

    fn plan_for(&mut self, mut whole: Whole) -> Plan {
        if matches!(self.end, End::Failed(_)) {
            let line = whole::newlines(&self.buffer) + 1;
            let len = self.buffer.len();
            let Rejection { reason, next, .. } = self.broken(false);
            let fault = Fault::new(None, reason, next);
            whole.end_with(Mark::of_fault(len..len, line, fault));
        }
        whole::lay_on_lines(&mut self.buffer, &whole.marks);
        Plan::Marked(whole.marks)
    }

    fn decide_text(&self) -> Result<Plan, Rejection> {
        match decode::binary(&self.buffer) {
            None => Ok(Plan::Text),
            // What was decoded is a text by its mark, or by the word of the user.
            Some(_) if self.input.is_decoded() => Ok(Plan::Text),
            Some(what) => Err(Rejection::file(
                &self.name,
                format!("{what}, not text"),
                "leave it out, or take the text out of it first",
            )),
        }
    }

    fn not_json(&self, reason: &str) -> Rejection {
        Rejection::file(
            &self.name,
            format!("not JSON that can be read: {reason}"),
            "convert it to one JSON object a line (JSONL)",
        )
    }

    fn has_first_line(&self) -> bool {
        let start = blank(&self.buffer);
        !matches!(self.end, End::More)
            || memchr::memchr(b'\n', &self.buffer[start..]).is_some()
            || self.buffer.len() > self.options.record_limit()
    }

    fn next_lines(&mut self) -> Option<Result<Chunk, Rejection>> {
        loop {
            let cut = memchr::memrchr(b'\n', &self.buffer[self.searched..]);
            let cut = cut.map(|at| self.searched + at + 1);
            match (&self.end, cut) {
                (End::Reached, _) => {
                    self.plan = Plan::Done;
                    let mut bytes = std::mem::take(&mut self.buffer);
                    bytes.shrink_to_fit();
                    return (!bytes.is_empty()).then(|| Ok(self.chunk(bytes, Format::Jsonl)));
                }
                (End::Failed(_), None) => {
                    self.plan = Plan::Done;
                    return Some(Err(self.broken(true)));
                }
                (_, Some(cut)) => return Some(Ok(self.cut(cut))),
                (End::More, None) if self.buffer.len() > self.options.record_limit() => {
                    return Some(Err(self.skip_line()));
                }
                (End::More, None) => {
                    self.searched = self.buffer.len();
                    self.read_more();
                }
            }
        }
    }

    /// Hands out the first `cut` bytes of the buffer.
    fn cut(&mut self, cut: usize) -> Chunk {
        let rest = &self.buffer[cut..];
        let mut next = std::mem::take(&mut self.spare);
        next.clear();
        if matches!(self.end, End::More) {
            self.make_room(&mut next, rest.len());
        }
        next.extend_from_slice(rest);
        let mut bytes = std::mem::replace(&mut self.buffer, next);
        bytes.truncate(cut);
        self.searched = self.buffer.len();
        self.chunk(bytes, Format::Jsonl)
    }

    /// Passes over the line that the buffer begins with, whose end is not in it.
    fn skip_line(&mut self) -> Rejection {
        let mut line = std::mem::take(&mut self.buffer);
        let mut length = line.len() as u64;
        line.truncate(Rejection::KEPT);
        line.shrink_to_fit();
        while matches!(self.end, End::More) {
            self.buffer.clear();
            self.read_more();
            if let Some(at) = memchr::memchr(b'\n', &self.buffer) {
                length += at as u64;
                self.buffer.drain(..=at);
                break;
            }
            length += self.buffer.len() as u64;
            if !matches!(self.end, End::More) {
                self.buffer.clear();
            }
        }
        self.searched = 0;
        let mut rejection =
            jsonl::too_long(&self.name, length, self.options.record_limit()).at(1, None);
        rejection.record = line;
        self.offset += length + 1;
        rejection
    }

    fn next_marked(&mut self, marks: Vec<Mark>) -> Chunk {
        let bytes = std::mem::take(&mut self.buffer);
        let mut chunk = self.chunk(bytes, Format::Jsonl);
        chunk.marks = Some(marks);
        // The bytes were brought into another form.
        chunk.again = None;
        chunk
    }

    fn next_text(&mut self) -> Result<Chunk, Rejection> {
        self.read_all();
        let limit = self.options.record_limit();
        match self.end {
            End::Failed(_) => return Err(self.broken(false)),
            _ if self.buffer.len() > limit => {
                return Err(Rejection::file(
                    &self.name,
                    format!("a text of more than the {limit} bytes a record may have"),
                    "split it into one file a story, or into one JSON object a line",
                ));
            }
            _ => {}
        }
        let mut bytes = std::mem::take(&mut self.buffer);
        bytes.shrink_to_fit();
        Ok(match decode::text(&bytes, self.options.encoding) {
            None => self.chunk(bytes, Format::Text),
            Some(text) => {
                let mut chunk = self.chunk(text.into_bytes(), Format::Text);
                chunk.original = Some(bytes);
                chunk
            }
        })
    }

    fn chunk(&mut self, bytes: Vec<u8>, format: Format) -> Chunk {
        let used = self.input.raw_bytes();
        let again = match format {
            Format::Jsonl => self.input.again(self.options.chunk_size),
            Format::Text => None,
        };
        let again = again.map(|file| (Arc::clone(file), self.offset));
        self.offset += bytes.len() as u64;
        let marks = match format {
            Format::Text => {
                let mark = byte_order_mark(&bytes) as u32;
                let locator = Locator {
                    start: mark,
                    len: bytes.len() as u32 - mark,
                    line: 1,
                };
                Some(vec![Mark {
                    locator,
                    fault: None,
                }])
            }
            Format::Jsonl => None,
        };
        let chunk = Chunk {
            source: self.source,
            format,
            raw_bytes_read: used - self.told,
            bytes,
            marks,
            original: None,
            again,
        };
        self.told = used;
        chunk
    }

    /// The rejection for what ended the source before its time, within a line or as a whole.
    fn broken(&mut self, within_line: bool) -> Rejection {
        let End::Failed(error) = std::mem::replace(&mut self.end, End::Reached) else {
            return Rejection::file(&self.name, "it ended early", "run again");
        };
        let torn = self.buffer.len() as u64;
        let at = self.offset + torn;
        let data_fault = matches!(
            error.kind(),
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
        );
        let rejection = match self.input.compression().filter(|_| data_fault) {
            Some(kind) => Rejection::file(
                &self.name,
                format!(
                    "damaged {}: {error}, at byte {at} of what is in it",
                    kind.name()
                ),
                "fetch the file again; whole records before the damage were kept",
            ),
            None if error.kind() == io::ErrorKind::Other => {
                Rejection::file(&self.name, error.to_string(), WHEN_IT_CHANGED)
            }
            None => Rejection::io(&self.name, &format!("reading, at byte {at}"), &error),
        };
        if within_line {
            rejection.at(1, Some(torn))
        } else {
            rejection
        }
    }
}

impl Iterator for ChunkReader {
    type Item = Result<Chunk, Rejection>;

    fn next(&mut self) -> Option<Self::Item> {
        match std::mem::replace(&mut self.plan, Plan::Done) {
            Plan::Done => None,
            Plan::Marked(marks) => Some(Ok(self.next_marked(marks))),
            Plan::Text => Some(self.next_text()),
            Plan::Lines => {
                self.plan = Plan::Lines;
                self.next_lines()
            }
        }
    }
}
