/*!
Paths in, stories out.

```text
walk → Source → ChunkReader → Chunk (whole records) → Records → Record (Story)
                                └──────────→ Store (a record again, by number)
```

Input: paths, or standard input. Output: [`Chunk`]s of decompressed bytes that hold whole records, and
from each chunk its [`Record`]s. Invariants: a chunk's records come in the order of the file; whatever
cannot be read becomes a [`Rejection`] with its place, its cause and a next step, and costs nothing else
than itself; nothing here knows of threads.

| file | job |
|---|---|
| [`walk`](mod@walk) | paths → [`Source`]s |
| `input` | a source → decompressed bytes |
| `inflate` | gzip and zstd, without losing what was sound before the damage |
| `decode` | encodings |
| `chunk`, `shape` | bytes → format → [`Chunk`]s |
| `part` | lines of a plain file, for any thread to read |
| `jsonl`, `fields` | a line → [`Story`] |
| `whole` | JSON objects over several lines, or an array of them → lines |
| `numbering` | lines of chunks → lines of their sources |
| [`keep`] | where the bytes of chunks stay |
| `store`, `heads` | stories by number |
| [`time`] | times as agencies write them |
*/

mod chunk;
mod decode;
mod fields;
mod flat;
mod heads;
mod inflate;
mod input;
mod jsonl;
pub mod keep;
mod numbering;
mod part;
mod reject;
mod shape;
mod store;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod time;
pub mod walk;
mod whole;

pub use chunk::{Chunk, ChunkReader};
pub use jsonl::{Fault, LineReader, Records, parse_line};
pub use numbering::Numbering;
pub use part::Part;
pub use reject::{Printable, Rejection};
pub use store::{Noted, Store};
pub use walk::{Source, SourceKind, Walk, walk};

use crate::story::{Story, UnitKind};

/// Position of a source in the order of the walk, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

impl SourceId {
    /// The number as an index into a table of sources.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// How records are found and understood.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// Names of the fields of structured records.
    pub fields: FieldNames,
    /// What every record is, where the user says so.
    pub kind: Option<UnitKind>,
    /// The encoding the user declared, for files without a byte-order mark that are not UTF-8.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// Records of more bytes than this are rejected. More than [`ReadOptions::LARGEST_RECORD`] counts as that.
    pub max_record: usize,
    /// Bytes that are read at a time; a chunk is about as large.
    pub chunk_size: usize,
    /// Bytes of memory to keep to: what would go beyond lies in temporary files. It changes the time, never the answer.
    pub memory: u64,
}

impl ReadOptions {
    /// Default of `max_record`: 64 MiB.
    pub const MAX_RECORD: usize = 64 << 20;
    /// Default of `chunk_size`: 1 MiB, large against a record, small against a cache.
    pub const CHUNK_SIZE: usize = 1 << 20;
    /// Default of `memory`: 4 GiB.
    pub const MEMORY: u64 = 4 << 30;
    /// No record can be larger: byte ranges are 32 bits wide, and decoding may make a text up to three times as long.
    pub const LARGEST_RECORD: usize = 1 << 30;

    /// The limit that is applied.
    pub(crate) fn record_limit(&self) -> usize {
        self.max_record.min(Self::LARGEST_RECORD)
    }
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            fields: FieldNames::default(),
            kind: None,
            encoding: None,
            max_record: Self::MAX_RECORD,
            chunk_size: Self::CHUNK_SIZE,
            memory: Self::MEMORY,
        }
    }
}

/// Names of the fields of structured records, each list in order of preference: the first name of the list
/// that has a usable value counts, wherever it stands in the record.
///
/// To override a list, put one name in it: `fields.text = vec!["story".into()]`.
#[derive(Clone, Debug)]
pub struct FieldNames {
    /// Identity.
    pub id: Vec<String>,
    /// Text.
    pub text: Vec<String>,
    /// Headline.
    pub title: Vec<String>,
    /// Time.
    pub time: Vec<String>,
    /// Agency or outlet.
    pub source: Vec<String>,
    /// Version.
    pub version: Vec<String>,
    /// What the record is: `picture`, `photo`, `graphic` or `caption` make it a caption.
    pub kind: Vec<String>,
}

impl Default for FieldNames {
    fn default() -> Self {
        let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            id: list(&["id", "uri", "guid", "_id", "url"]),
            text: list(&["text", "body", "content", "body_text"]),
            title: list(&["title", "headline"]),
            time: list(&["date", "time", "published", "versioncreated"]),
            source: list(&["source", "publisher", "provider"]),
            version: list(&["version"]),
            kind: list(&["type"]),
        }
    }
}

/// What a chunk's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One story: the whole file.
    Text,
    /// One JSON object a line. A JSON array or a pretty-printed object is brought into this form.
    Jsonl,
}

/// A whole record in a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locator {
    /// Where it starts in the chunk's bytes.
    pub start: u32,
    /// How many bytes it has, line end excluded.
    pub len: u32,
    /// Its line, from 1: in the chunk, or in the file once the chunk is numbered.
    pub line: u64,
}

impl Locator {
    /// Its bytes in `bytes`, the chunk's; none when it lies outside.
    pub(crate) fn of(self, bytes: &[u8]) -> Option<&[u8]> {
        let start = self.start as usize;
        bytes.get(start..start + self.len as usize)
    }
}

/// A record that was understood.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// Where its bytes lie.
    pub locator: Locator,
    /// The story.
    pub story: Story<'a>,
}
