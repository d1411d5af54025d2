/*!
Every story of a run by number: what the stages after reading take text from.

Records lie in chunks that a [`Keeper`] holds, has in a temporary file, or reads from their own file again. A record that comes from a
file a second time is held against a hash of what it was: if it is another now, that is told ([`Store::lost`]).

Memory: 36 bytes a story, what the keeper holds, and a small share for the heads of stories that were looked at.
*/

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::sync::{Mutex, PoisonError};

use foldhash::fast::FixedState;

use super::chunk::{Chunk, ChunkReader, text_story};
use super::flat::Reader;
use super::heads::{Heads, head_of};
use super::jsonl::{default_id, parse_with};
use super::keep::{Keeper, Kept};
use super::numbering::Numbering;
use super::reject::Rejection;
use super::walk::{Source, Walk};
use super::{Format, Locator, ReadOptions, SourceId};
use crate::error::{Error, Result};
use crate::story::{Corpus, Origin, Story, StoryId};
use crate::text::simd;
use crate::threads::Spares;

/// What part of the memory is for heads: those of about two million stories by default. A head that is not kept is read again and parsed,
/// once for its group and once for its line.
const HEADS_SHARE: u64 = 16;

/// The stories of a run.
#[derive(Debug)]
pub struct Store {
    sources: Vec<Source>,
    options: ReadOptions,
    keeper: Keeper,
    chunks: Vec<Kept>,
    places: Vec<Place>,
    heads: Heads,
    readers: Spares<Reader>,
    /// Stories that could not be had again, and why.
    lost: Mutex<BTreeMap<StoryId, String>>,
}

/// Where a story lies.
#[derive(Clone, Copy, Debug)]
struct Place {
    chunk: u32,
    start: u32,
    len: u32,
    /// Its line in the chunk; a chunk has fewer bytes than this can count.
    line: u32,
    /// Part of a hash of the bytes.
    check: u32,
}

/// A record and what its bytes were.
#[derive(Clone, Copy, Debug)]
pub struct Noted {
    locator: Locator,
    check: u32,
}

impl Noted {
    /// Takes note of a record of a chunk.
    pub fn of(chunk: &Chunk, locator: Locator) -> Self {
        let bytes = locator.of(&chunk.bytes).unwrap_or_default();
        Self {
            locator,
            check: check(bytes),
        }
    }
}

/// What a record is held against. It never leaves the process, so it need not be the same in another version of the library.
const CHECK: FixedState = FixedState::with_seed(0);

fn check(bytes: &[u8]) -> u32 {
    let mut hasher = CHECK.build_hasher();
    hasher.write(bytes);
    hasher.finish() as u32
}

impl Store {
    /// An empty store for these sources.
    pub fn new(sources: Vec<Source>, options: ReadOptions) -> Self {
        let keeper = Keeper::of(&options);
        Self::with(sources, options, keeper)
    }

    /// An empty store whose chunks were, and will be, given to that keeper.
    pub fn with(sources: Vec<Source>, options: ReadOptions, keeper: Keeper) -> Self {
        Self {
            heads: Heads::new(options.memory / HEADS_SHARE),
            sources,
            options,
            keeper,
            chunks: Vec::new(),
            places: Vec::new(),
            readers: Spares::default(),
            lost: Mutex::default(),
        }
    }

    /// Reads all that a walk found, on this thread, and tells what could not be used: what the walk could not reach, then
    /// in input order.
    ///
    /// # Errors
    /// When there are more stories than can be numbered, or the temporary file cannot be written.
    pub fn read(walk: Walk, options: &ReadOptions) -> Result<(Self, Vec<Rejection>)> {
        let mut rejections = walk.rejections;
        let mut store = Self::new(walk.sources, options.clone());
        let mut numbering = Numbering::default();
        for number in 0..store.sources.len() {
            let id = SourceId(number as u32);
            let reader = ChunkReader::open(id, &store.sources[number], options);
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
                        rejections.push(numbering.rejection(id, rejection));
                        continue;
                    }
                };
                store.push_chunk(chunk, &mut numbering, &mut rejections)?;
            }
        }
        Ok((store, rejections))
    }

    /// Adds the records of the next chunk that are stories; what is none goes to the rejections.
    pub(super) fn push_chunk(
        &mut self,
        chunk: Chunk,
        numbering: &mut Numbering,
        rejections: &mut Vec<Rejection>,
    ) -> Result<()> {
        let mut noted = Vec::new();
        let mut rejected = Vec::new();
        let mut records = chunk.records(self.name(chunk.source), &self.options);
        for record in &mut records {
            match record {
                Ok(record) => noted.push(Noted::of(&chunk, record.locator)),
                Err(rejection) => rejected.push(rejection),
            }
        }
        let before = numbering.chunk(chunk.source, records.lines());
        rejections.extend(rejected.into_iter().map(|r| r.after(before)));
        let kept = self.keeper.keep(chunk, noted.len())?;
        self.push_kept(kept, before, &noted)?;
        Ok(())
    }

    /// Makes room for so many more stories.
    pub fn expect(&mut self, stories: usize) {
        self.places.reserve_exact(stories);
        self.heads.expect(stories);
    }

    /// Adds the records of a chunk that the store's keeper took, before which so many lines of its source stand; returns the number
    /// of the first. Chunks must come in the order of the input, records in that of the chunk.
    ///
    /// # Errors
    /// When there are more stories than can be numbered.
    pub fn push_kept(
        &mut self,
        mut kept: Kept,
        lines_before: u64,
        noted: &[Noted],
    ) -> Result<StoryId> {
        let first = self.places.len();
        let limit = u32::MAX as usize;
        if first + noted.len() > limit || self.chunks.len() >= limit {
            return Err(Error::TooMany {
                what: "stories",
                limit: limit as u64,
            });
        }
        if !noted.is_empty() {
            let number = self.chunks.len() as u32;
            self.places.extend(noted.iter().map(|n| Place {
                chunk: number,
                start: n.locator.start,
                len: n.locator.len,
                line: n.locator.line as u32,
                check: n.check,
            }));
            kept.lines_before = lines_before;
            self.chunks.push(kept);
            self.heads.grow(self.places.len());
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

    /// The story's record as it was read: a line without its end, or a text file before decoding. Empty if it cannot be
    /// had again, which [`lost`](Self::lost) tells.
    pub fn raw(&self, id: StoryId) -> Cow<'_, [u8]> {
        let (chunk, locator) = self.place(id);
        match (self.keeper.original(chunk), chunk.format) {
            (Some(original), _) => original.unwrap_or_else(|e| {
                self.note_lost(id, e.to_string());
                Cow::Borrowed(&[])
            }),
            (None, Format::Text) => self.record(id, chunk, 0, chunk.len),
            (None, Format::Jsonl) => {
                self.record(id, chunk, locator.start as usize, locator.len as usize)
            }
        }
    }

    /// What the story was read from: a line, or a file.
    pub fn format(&self, id: StoryId) -> Format {
        self.place(id).0.format
    }

    /// The source that the story was read from.
    pub fn source(&self, id: StoryId) -> SourceId {
        self.place(id).0.source
    }

    /// Stories that were other when they were read again, or not there any more: what was told of them is not to be relied
    /// on. In input order.
    pub fn lost(&self) -> Vec<Rejection> {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.iter()
            .map(|(&id, reason)| {
                let (chunk, locator) = self.place(id);
                Rejection::file(
                    self.name(chunk.source),
                    reason.clone(),
                    "run again while nothing writes to the file",
                )
                .at(locator.line, None)
            })
            .collect()
    }

    fn note_lost(&self, id: StoryId, reason: String) {
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.entry(id).or_insert(reason);
    }

    /// Bytes of a chunk that hold the record of a story.
    fn record<'s>(
        &'s self,
        id: StoryId,
        chunk: &'s Kept,
        start: usize,
        len: usize,
    ) -> Cow<'s, [u8]> {
        let reason = match self.keeper.bytes(chunk, start, len) {
            // What never left memory is what it was.
            Ok(Cow::Borrowed(bytes)) => return Cow::Borrowed(bytes),
            Ok(Cow::Owned(bytes)) => {
                let place = self.places[id.index()];
                let from = place.start as usize - start;
                let own = bytes.get(from..from + place.len as usize);
                if own.is_some_and(|own| check(own) == place.check) {
                    return Cow::Owned(bytes);
                }
                "it changed after it was read".to_owned()
            }
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                "it became shorter after it was read".to_owned()
            }
            Err(e) => format!("reading it again: {e}"),
        };
        self.note_lost(id, reason);
        Cow::Borrowed(&[])
    }

    fn place(&self, id: StoryId) -> (&Kept, Locator) {
        let place = self.places[id.index()];
        let chunk = &self.chunks[place.chunk as usize];
        let locator = Locator {
            start: place.start,
            len: place.len,
            line: chunk.lines_before + u64::from(place.line),
        };
        (chunk, locator)
    }

    fn name(&self, id: SourceId) -> &str {
        self.sources.get(id.index()).map_or("-", |s| &s.name)
    }

    fn bytes_of(&self, id: StoryId) -> Cow<'_, [u8]> {
        let (chunk, locator) = self.place(id);
        self.record(id, chunk, locator.start as usize, locator.len as usize)
    }

    fn parse_again<'a>(
        &self,
        bytes: &'a [u8],
        default_id: impl FnOnce() -> String,
    ) -> Option<Story<'a>> {
        let parse = |reader: &mut Reader| parse_with(bytes, default_id, &self.options, reader);
        self.readers.lend(Reader::of_lines, parse).ok()
    }

    fn parse<'a>(&'a self, id: StoryId, bytes: &'a [u8]) -> Story<'a> {
        let (chunk, locator) = self.place(id);
        let name = self.name(chunk.source);
        let default_id = || default_id(name, locator.line);
        let story = match chunk.format {
            Format::Text => text_story(bytes, name, &self.options),
            Format::Jsonl => self.parse_again(bytes, default_id),
        };
        // It was a story when it was read, and its bytes are the same: without one it was lost, which was noted.
        story.unwrap_or_else(|| Story::new(default_id(), ""))
    }
}

impl Corpus for Store {
    fn len(&self) -> usize {
        self.places.len()
    }

    fn story(&self, id: StoryId) -> Story<'_> {
        let story = match self.bytes_of(id) {
            Cow::Borrowed(bytes) => self.parse(id, bytes),
            Cow::Owned(bytes) => self.parse(id, &bytes).into_owned(),
        };
        self.heads.keep(id, &story);
        story
    }

    fn show(&self, id: StoryId, see: &mut dyn FnMut(&Story<'_>)) {
        let bytes = self.bytes_of(id);
        let story = self.parse(id, &bytes);
        self.heads.keep(id, &story);
        see(&story);
    }

    fn locate(&self, id: StoryId) {
        if let Some(place) = self.places.get(id.index()) {
            simd::fetch(place);
        }
        self.heads.locate(id);
    }

    fn expect(&self, id: StoryId) {
        let (chunk, locator) = self.place(id);
        self.keeper
            .expect(chunk, locator.start as usize, locator.len as usize);
    }

    fn head(&self, id: StoryId) -> Story<'_> {
        self.heads.get(id).unwrap_or_else(|| {
            let mut head = Story::default();
            self.show(id, &mut |story| head = head_of(story));
            head
        })
    }

    fn origin(&self, id: StoryId) -> Origin<'_> {
        let (chunk, locator) = self.place(id);
        Origin {
            path: self.name(chunk.source),
            line: (chunk.format == Format::Jsonl).then_some(locator.line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::walk;

    /// A store whose chunks are smaller than its file, so that the file is read again.
    fn store_over(path: &std::path::Path, memory: u64) -> Store {
        let options = ReadOptions {
            chunk_size: 64,
            memory,
            ..ReadOptions::default()
        };
        let (store, rejected) = Store::read(walk(&[path.to_owned()]), &options).unwrap();
        assert!(rejected.is_empty());
        store
    }

    fn lines() -> String {
        let line = |i| format!("{{\"id\":\"s{i}\",\"text\":\"text of story {i:02}\"}}\n");
        (0..50).map(line).collect::<Vec<_>>().concat()
    }

    #[test]
    fn a_file_that_changed_after_it_was_read_is_told_and_costs_no_other_story() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.jsonl");
        std::fs::write(&path, lines()).unwrap();
        let store = store_over(&path, 1 << 20);
        assert_eq!(store.story(StoryId(7)).text, "text of story 07");
        let changed = lines().replace("story 07", "story 99");
        let cut = changed.len() - 10;
        std::fs::write(&path, &changed[..cut]).unwrap();
        assert_eq!(store.story(StoryId(8)).text, "text of story 08");
        assert!(store.lost().is_empty());
        assert_eq!(store.story(StoryId(49)).text, "");
        assert_eq!(store.story(StoryId(7)).text, "");
        assert!(store.raw(StoryId(7)).is_empty());
        let told: Vec<String> = store.lost().iter().map(Rejection::to_string).collect();
        assert_eq!(told.len(), 2);
        assert!(
            told[0].contains("a.jsonl:8: it changed after it was read"),
            "{told:?}"
        );
        assert!(
            told[1].contains("a.jsonl:50: it became shorter after it was read"),
            "{told:?}"
        );
    }

    #[test]
    fn bytes_are_the_same_wherever_they_lie() {
        use std::io::Write as _;
        let dir = tempfile::tempdir().unwrap();
        let (plain, packed) = (dir.path().join("a.jsonl"), dir.path().join("b.jsonl.gz"));
        std::fs::write(&plain, lines()).unwrap();
        let file = std::fs::File::create(&packed).unwrap();
        let mut gzip = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        gzip.write_all(lines().as_bytes()).unwrap();
        gzip.finish().unwrap();
        for path in [&plain, &packed] {
            for memory in [0, 4 * 300, 1 << 30] {
                let store = store_over(path, memory);
                assert_eq!(store.len(), 50);
                for (i, line) in lines().lines().enumerate() {
                    let id = StoryId(i as u32);
                    assert_eq!(*store.raw(id), *line.as_bytes());
                    assert_eq!(store.story(id).id, format!("s{i}"));
                    assert_eq!(store.origin(id).line, Some(i as u64 + 1));
                }
            }
        }
    }
}
