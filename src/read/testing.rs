//! What the tests of this room share: sources made of bytes, and the way to data that is only measured with.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{ChunkReader, Numbering, ReadOptions, Rejection, Source, SourceId, Store, Walk, walk};
use crate::story::{Corpus as _, Story, StoryId};

/// What came of reading.
pub(super) struct Outcome {
    pub(super) store: Store,
    pub(super) rejections: Vec<Rejection>,
}

impl Outcome {
    pub(super) fn stories(&self) -> Vec<Story<'_>> {
        (0..self.store.len())
            .map(|i| self.store.story(StoryId(i as u32)))
            .collect()
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.stories()
            .into_iter()
            .map(|s| s.id.into_owned())
            .collect()
    }

    pub(super) fn texts(&self) -> Vec<String> {
        self.stories()
            .into_iter()
            .map(|s| s.text.into_owned())
            .collect()
    }

    /// The rejections as the user sees them, without the path.
    pub(super) fn complaints(&self) -> Vec<String> {
        self.rejections
            .iter()
            .map(|r| r.to_string().replacen(&r.path, "", 1))
            .collect()
    }
}

/// Reads all sources, as a driver on one thread would.
pub(super) fn read_sources(sources: &[Source], options: &ReadOptions) -> Outcome {
    let walk = Walk {
        sources: sources.to_vec(),
        ..Walk::default()
    };
    let (store, rejections) = Store::read(walk, options).unwrap();
    Outcome { store, rejections }
}

pub(super) fn read_path(path: &Path) -> Outcome {
    let walk = walk(&[path.to_owned()]);
    let mut outcome = read_sources(&walk.sources, &ReadOptions::default());
    outcome.rejections.splice(0..0, walk.rejections);
    outcome
}

/// Reads one file of that name and content.
pub(super) fn read_file(name: &str, bytes: &[u8], options: &ReadOptions) -> Outcome {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    read_sources(&[Source::file(path)], options)
}

pub(super) fn read_bytes(name: &str, bytes: &[u8]) -> Outcome {
    read_file(name, bytes, &ReadOptions::default())
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Data that is no part of the repository. None, with a message, where it is missing.
pub(super) fn shared_data(below: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = ["../shared/data", "../../shared/data"]
        .iter()
        .map(|up| root.join(up).join(below))
        .find(|path| path.exists());
    if found.is_none() {
        println!("skipped: no shared data at {below}");
    }
    found
}

/// Reads one file of that name and content part by part, as a driver on many threads would.
pub(super) fn read_in_parts(name: &str, bytes: &[u8], options: &ReadOptions) -> (Outcome, usize) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    let source = Source::file(path);
    let mut reader = ChunkReader::open(SourceId(0), &source, options).unwrap();
    let mut store = Store::new(vec![source.clone()], options.clone());
    let mut numbering = Numbering::default();
    let mut rejections = Vec::new();
    let mut parts = 0;
    loop {
        let (chunk, rejection) = if let Some(part) = reader.part() {
            parts += 1;
            let (chunk, rejection) = part.read(&source.name, vec![b'\n'; 50]);
            (Some(chunk), rejection)
        } else {
            match reader.next() {
                Some(Ok(chunk)) => (Some(chunk), None),
                Some(Err(rejection)) => (None, Some(rejection)),
                None => break,
            }
        };
        if let Some(chunk) = chunk {
            store
                .push_chunk(chunk, &mut numbering, &mut rejections)
                .unwrap();
        }
        rejections.extend(rejection.map(|r| numbering.rejection(SourceId(0), r)));
    }
    (Outcome { store, rejections }, parts)
}
