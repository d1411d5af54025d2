//! A corpus as a file and in memory, for measuring.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use samewire::Story;
use samewire::read::{ChunkReader, ReadOptions, Source, SourceId};
use serde::Serialize;

use super::{Feed, Record};

/// Stories of the default corpus.
const STORIES: usize = 2_000;
const SEED: u64 = 1;

/// A record as it is written.
#[derive(Serialize)]
struct Row<'r> {
    id: &'r str,
    title: &'r str,
    date: &'r str,
    source: &'r str,
    #[serde(rename = "type")]
    kind: &'r str,
    text: &'r str,
}

/// Writes records as JSON lines and, where wanted, what is known of them as `id`, `family`, `relation`.
///
/// # Errors
/// When a writer fails.
pub fn write(
    records: impl Iterator<Item = Record>,
    lines: &mut dyn Write,
    mut truth: Option<&mut dyn Write>,
) -> io::Result<()> {
    if let Some(truth) = &mut truth {
        writeln!(truth, "id\tfamily\trelation")?;
    }
    let mut line = Vec::with_capacity(16 << 10);
    for r in records {
        line.clear();
        let row = Row {
            id: &r.id,
            title: &r.title,
            date: &r.time,
            source: r.source,
            kind: if r.caption { "picture" } else { "text" },
            text: &r.text,
        };
        serde_json::to_writer(&mut line, &row)?;
        line.push(b'\n');
        lines.write_all(&line)?;
        if let Some(truth) = &mut truth {
            writeln!(truth, "{}\t{}\t{}", r.id, r.family, r.relation)?;
        }
    }
    Ok(())
}

/// What is measured: `SAMEWIRE_BENCH_CORPUS` if it names a file, else a synthetic one of `SAMEWIRE_BENCH_STORIES` stories.
pub struct Corpus {
    pub path: PathBuf,
    pub stories: Vec<Story<'static>>,
    /// Bytes of the file.
    pub input: u64,
    /// Bytes of the texts.
    pub text: u64,
    _folder: Option<tempfile::TempDir>,
}

impl Corpus {
    /// # Panics
    /// When the file cannot be read, or the temporary one not written.
    pub fn load() -> Self {
        let (path, folder) = if let Some(path) = std::env::var_os("SAMEWIRE_BENCH_CORPUS") {
            (PathBuf::from(path), None)
        } else {
            let count = std::env::var("SAMEWIRE_BENCH_STORIES").map_or(STORIES, |n| {
                n.parse().expect("SAMEWIRE_BENCH_STORIES is no number")
            });
            let folder = tempfile::tempdir().expect("no temporary folder");
            let path = folder.path().join("corpus.jsonl");
            let mut file = BufWriter::new(File::create(&path).expect("no temporary file"));
            write(Feed::new(SEED).take(count), &mut file, None).expect("cannot write");
            file.flush().expect("cannot write");
            (path, Some(folder))
        };
        let stories = read(&path);
        Self {
            input: std::fs::metadata(&path).map_or(0, |m| m.len()),
            text: stories.iter().map(|s| s.text.len() as u64).sum(),
            stories,
            path,
            _folder: folder,
        }
    }
}

fn owned(field: Option<Cow<'_, str>>) -> Option<Cow<'static, str>> {
    field.map(|f| Cow::Owned(f.into_owned()))
}

fn read(path: &Path) -> Vec<Story<'static>> {
    let options = ReadOptions::default();
    let source = Source::file(path);
    let mut stories = Vec::new();
    let chunks = ChunkReader::open(SourceId(0), &source, &options)
        .unwrap_or_else(|r| panic!("{}: {r:?}", path.display()));
    for chunk in chunks.flatten() {
        stories.extend(
            chunk
                .records(&source.name, &options)
                .flatten()
                .map(|r| Story {
                    id: r.story.id.into_owned().into(),
                    text: r.story.text.into_owned().into(),
                    title: owned(r.story.title),
                    time: owned(r.story.time),
                    source: owned(r.story.source),
                    version: owned(r.story.version),
                    kind: r.story.kind,
                }),
        );
    }
    stories
}
