/*!
Paths in, stories out.

```text
walk → sources → chunks (whole records, UTF-8) → records → Story
```

Input: paths, or standard input. Output: [`Chunk`]s of decompressed, decoded bytes that hold whole
records, and from each chunk its [`Record`]s. Invariants: a chunk's records come in the order of
the file; whatever cannot be read becomes a [`Rejection`] with its place and reason, and costs nothing
else than itself; nothing here knows of threads.
*/

pub mod time;

use crate::story::{Story, UnitKind};

/// Position of a source in the order of the walk, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// How records are found and understood.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// Names of the fields of structured records.
    pub fields: FieldNames,
    /// What every record is, where the user says so.
    pub kind: Option<UnitKind>,
    /// The encoding the user declared, for files without a byte-order mark.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// Records of more bytes than this are rejected.
    pub max_record: usize,
}

/// Names of the fields of structured records, each list in order of preference.
#[derive(Clone, Debug)]
pub struct FieldNames {
    /// Identity.
    pub id: Vec<String>,
    /// Text.
    pub text: Vec<String>,
}

/// A whole record in a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locator {
    /// Where it starts in the chunk's bytes.
    pub start: u32,
    /// How many bytes it has, line end excluded.
    pub len: u32,
    /// Its line in the file, from 1.
    pub line: u64,
}

/// A record that was understood.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// Where its bytes lie.
    pub locator: Locator,
    /// The story.
    pub story: Story<'a>,
}

/// A record, or a file, that could not be used.
#[derive(Clone, Debug)]
pub struct Rejection {
    /// The file as the user would type it.
    pub path: String,
    /// Line, from 1, where lines mean something.
    pub line: Option<u64>,
    /// Byte within the line, or within the file where there is no line, from 0.
    pub byte: Option<u64>,
    /// Cause.
    pub reason: String,
    /// Original bytes of the record (empty where a whole file is rejected).
    pub record: Vec<u8>,
}
