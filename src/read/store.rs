/*!
Chunks kept, and in them every story by number: what the stages after reading take text from.

Memory: the chunks' bytes, and 16 bytes a story.
*/

use super::chunk::{Chunk, ChunkReader};
use super::jsonl::default_id;
use super::reject::Rejection;
use super::walk::{Source, Walk};
use super::{Format, Locator, ReadOptions, SourceId};
use crate::error::{Error, Result};
use crate::story::{Corpus, Origin, Story, StoryId};

/// The stories of a run.
#[derive(Debug)]
pub struct Store {
    sources: Vec<Source>,
    options: ReadOptions,
    chunks: Vec<Chunk>,
    places: Vec<Place>,
}

/// Where a story lies.
#[derive(Clone, Copy, Debug)]
struct Place {
    chunk: u32,
    start: u32,
    len: u32,
    /// Lines after the chunk's first; a chunk has fewer bytes than this can count.
    line: u32,
}

impl Store {
    /// An empty store for these sources.
    pub fn new(sources: Vec<Source>, options: ReadOptions) -> Self {
        Self {
            sources,
            options,
            chunks: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Reads all that a walk found, on this thread, and tells what could not be used: what the walk could not reach, then
    /// in input order.
    ///
    /// # Errors
    /// When there are more stories than can be numbered.
    pub fn read(walk: Walk, options: &ReadOptions) -> Result<(Self, Vec<Rejection>)> {
        let mut rejections = walk.rejections;
        let mut store = Self::new(walk.sources, options.clone());
        for number in 0..store.sources.len() {
            let reader =
                ChunkReader::open(SourceId(number as u32), &store.sources[number], options);
            let chunks = match reader {
                Ok(chunks) => chunks,
                Err(rejection) => {
                    rejections.push(rejection);
                    continue;
                }
            };
            for chunk in chunks {
                let chunk = match chunk {
                    Ok(chunk) => chunk,
                    Err(rejection) => {
                        rejections.push(rejection);
                        continue;
                    }
                };
                let mut locators = Vec::new();
                for record in chunk.records(&store.sources[number].name, options) {
                    match record {
                        Ok(record) => locators.push(record.locator),
                        Err(rejection) => rejections.push(rejection),
                    }
                }
                store.push_chunk(chunk, locators)?;
            }
        }
        Ok((store, rejections))
    }

    /// Adds the records of a chunk that are to be stories, and returns the number of the first. Chunks must come in
    /// the order of the input, locators in the order of the chunk.
    ///
    /// # Errors
    /// When there are more stories than can be numbered.
    pub fn push_chunk(&mut self, chunk: Chunk, locators: Vec<Locator>) -> Result<StoryId> {
        let first = self.places.len();
        let limit = u32::MAX as usize;
        if first + locators.len() > limit || self.chunks.len() >= limit {
            return Err(Error::TooMany {
                what: "stories",
                limit: limit as u64,
            });
        }
        if !locators.is_empty() {
            let number = self.chunks.len() as u32;
            self.places
                .extend(locators.into_iter().map(|locator| Place {
                    chunk: number,
                    start: locator.start,
                    len: locator.len,
                    line: (locator.line - chunk.first_line) as u32,
                }));
            self.chunks.push(chunk);
        }
        Ok(StoryId(first as u32))
    }

    /// What is read.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// How it is read.
    pub fn options(&self) -> &ReadOptions {
        &self.options
    }

    /// The story's record as it was read: a line without its end, or a text file before decoding.
    pub fn raw(&self, id: StoryId) -> &[u8] {
        let (chunk, locator) = self.place(id);
        chunk.raw(locator)
    }

    /// What the story was read from: a line, or a file.
    pub fn format(&self, id: StoryId) -> Format {
        self.place(id).0.format
    }

    /// The source that the story was read from.
    pub fn source(&self, id: StoryId) -> SourceId {
        self.place(id).0.source
    }

    fn place(&self, id: StoryId) -> (&Chunk, Locator) {
        let place = self.places[id.index()];
        let chunk = &self.chunks[place.chunk as usize];
        let locator = Locator {
            start: place.start,
            len: place.len,
            line: chunk.first_line + u64::from(place.line),
        };
        (chunk, locator)
    }

    fn name(&self, id: SourceId) -> &str {
        self.sources.get(id.index()).map_or("-", |s| &s.name)
    }
}

impl Corpus for Store {
    fn len(&self) -> usize {
        self.places.len()
    }

    fn story(&self, id: StoryId) -> Story<'_> {
        let (chunk, locator) = self.place(id);
        let name = self.name(chunk.source);
        // It was a story when it was read, and neither bytes nor options have changed since.
        chunk
            .record(locator, name, &self.options)
            .unwrap_or_else(|| Story::new(default_id(name, locator.line), ""))
    }

    fn origin(&self, id: StoryId) -> Origin<'_> {
        let (chunk, locator) = self.place(id);
        Origin {
            path: self.name(chunk.source),
            line: (chunk.format == Format::Jsonl).then_some(locator.line),
        }
    }
}
