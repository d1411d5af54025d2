/*!
Every story once, in parallel: what each driver begins with.

```text
sources ─▶ feed ─▶ chunks ─▶ records ─▶ PerStory::add (a worker a thread) ─▶ a part a chunk ─▶ in input order
```

A part belongs to a run of consecutive stories and does not depend on the worker that made it, so the parts are the
same for any number of threads.
*/

use rayon::prelude::*;

use super::feed::{Feed, Task};
use super::progress::Progress;
use crate::error::Result;
use crate::read::keep::{Keeper, Kept};
use crate::read::{
    Chunk, ChunkReader, Noted, Numbering, ReadOptions, Rejection, SourceId, Store, Walk,
};
use crate::story::Story;
use crate::threads::in_turn;

/// Stories in memory to a part.
const STORIES_A_PART: usize = 256;

/// What is done with each story; made once a worker, for its buffers.
pub trait PerStory {
    /// What is kept of a run of stories.
    type Part: Default + Send;
    /// Adds the next story of the run. It has no id where its place is to be its id: what comes before it is not known yet.
    fn add(&mut self, story: &Story<'_>, out: &mut Self::Part);
}

/// What was read.
pub struct Read<P> {
    /// The stories.
    pub store: Store,
    /// What was kept of them, in input order.
    pub parts: Vec<P>,
    /// What could not be used: of the walk first, then in input order.
    pub rejections: Vec<Rejection>,
    /// Bytes, as decompressed.
    pub bytes: u64,
}

/// Over stories in memory.
pub fn over_stories<W: PerStory>(
    stories: &[Story<'_>],
    worker: impl Fn() -> W + Sync + Send,
) -> Vec<W::Part> {
    let parts: Vec<_> = stories.chunks(STORIES_A_PART).collect();
    in_turn(parts.len(), worker, |worker, number| {
        let mut part = W::Part::default();
        for story in parts[number] {
            worker.add(story, &mut part);
        }
        part
    })
}

/// Over the stories of files, whose bytes go to that keeper; `settle` is given every part once it is whole.
///
/// # Errors
/// When there are more stories than can be numbered, or a temporary file cannot be written.
pub fn over_files<W: PerStory>(
    walk: Walk,
    options: &ReadOptions,
    keeper: Keeper,
    progress: &dyn Progress,
    worker: impl Fn() -> W + Sync + Send,
    settle: impl Fn(&mut W::Part) -> Result<()> + Sync,
) -> Result<Read<W::Part>> {
    let total = walk.sources.iter().map(|s| s.bytes).sum();
    progress.begin("read", total);
    let pieces: Result<Vec<Piece<W::Part>>> = Feed::new(&walk.sources, options, &keeper)
        .par_bridge()
        .map_init(
            || Reading {
                worker: worker(),
                walk: &walk,
                options,
                keeper: &keeper,
                settle: &settle,
                progress,
            },
            Reading::task,
        )
        .flatten_iter()
        .collect();
    progress.end();
    let mut pieces = pieces?;
    pieces.sort_by_key(|p| (p.source, p.ordinal));
    let mut read = Read {
        store: Store::with(walk.sources, options.clone(), keeper),
        parts: Vec::with_capacity(pieces.len()),
        rejections: walk.rejections,
        bytes: 0,
    };
    read.store
        .expect(pieces.iter().map(|p| p.what.stories()).sum());
    let mut numbering = Numbering::default();
    for piece in pieces {
        match piece.what {
            What::Rejection(rejection) => {
                let rejection = numbering.rejection(piece.source, rejection);
                // What became of a file is told once, however many parts of it are gone.
                let is_told = |last: &Rejection| {
                    last.line.is_none()
                        && (&last.path, &last.reason) == (&rejection.path, &rejection.reason)
                };
                if !read.rejections.last().is_some_and(is_told) {
                    read.rejections.push(rejection);
                }
            }
            What::Chunk(chunk) => {
                let before = numbering.chunk(piece.source, chunk.lines);
                let rejected = chunk.rejections.into_iter();
                read.rejections.extend(rejected.map(|r| r.after(before)));
                read.bytes += chunk.kept.len as u64;
                read.store.push_kept(chunk.kept, before, &chunk.noted)?;
                read.parts.push(chunk.part);
            }
        }
    }
    Ok(read)
}

/// Reads all that a walk found, on all threads, and keeps nothing of the stories but where they lie.
///
/// # Errors
/// When there are more stories than can be numbered, or a temporary file cannot be written.
pub fn read_files(
    walk: Walk,
    options: &ReadOptions,
    progress: &dyn Progress,
) -> Result<(Store, Vec<Rejection>)> {
    let keeper = Keeper::of(options);
    let read = over_files(walk, options, keeper, progress, || Nothing, |()| Ok(()))?;
    Ok((read.store, read.rejections))
}

/// Nothing is done with stories.
struct Nothing;

impl PerStory for Nothing {
    type Part = ();

    fn add(&mut self, _: &Story<'_>, (): &mut ()) {}
}

/// What was read at a place, and what was made of it.
struct Piece<P> {
    source: SourceId,
    /// Place among the pieces of the source.
    ordinal: u32,
    what: What<P>,
}

enum What<P> {
    Chunk(Made<P>),
    Rejection(Rejection),
}

struct Made<P> {
    kept: Kept,
    lines: u64,
    noted: Vec<Noted>,
    part: P,
    rejections: Vec<Rejection>,
}

impl<P> What<P> {
    fn stories(&self) -> usize {
        match self {
            Self::Chunk(made) => made.noted.len(),
            Self::Rejection(_) => 0,
        }
    }
}

/// A worker and what it reads from.
struct Reading<'p, W: PerStory> {
    worker: W,
    walk: &'p Walk,
    options: &'p ReadOptions,
    keeper: &'p Keeper,
    settle: &'p (dyn Fn(&mut W::Part) -> Result<()> + Sync),
    progress: &'p dyn Progress,
}

impl<W: PerStory> Reading<'_, W> {
    fn task(&mut self, task: Task) -> Vec<Result<Piece<W::Part>>> {
        match task {
            Task::Read(source, ordinal, read) => vec![self.piece(source, ordinal, read)],
            Task::Part(ordinal, part) => {
                let source = part.source();
                let name = &self.walk.sources[source.index()].name;
                let (chunk, rejection) = part.read(name, self.keeper.buffer());
                let chunk = std::iter::once(Ok(chunk));
                let both = chunk.chain(rejection.map(Err));
                both.map(|read| self.piece(source, ordinal, read)).collect()
            }
            Task::Files(range) => {
                let mut pieces = Vec::new();
                for i in range {
                    let id = SourceId(i as u32);
                    match ChunkReader::open(id, &self.walk.sources[i], self.options) {
                        Ok(reader) => pieces.extend(
                            (0..)
                                .zip(reader)
                                .map(|(ordinal, read)| self.piece(id, ordinal, read)),
                        ),
                        Err(rejection) => pieces.push(self.piece(id, 0, Err(rejection))),
                    }
                }
                pieces
            }
        }
    }

    fn piece(
        &mut self,
        source: SourceId,
        ordinal: u32,
        read: Result<Chunk, Rejection>,
    ) -> Result<Piece<W::Part>> {
        let what = match read {
            Ok(chunk) => What::Chunk(self.chunk(chunk)?),
            Err(rejection) => What::Rejection(rejection),
        };
        Ok(Piece {
            source,
            ordinal,
            what,
        })
    }

    fn chunk(&mut self, chunk: Chunk) -> Result<Made<W::Part>> {
        let mut noted = Vec::new();
        let mut part = W::Part::default();
        let mut rejections = Vec::new();
        let name = &self.walk.sources[chunk.source.index()].name;
        let mut records = chunk.records(name, self.options);
        for record in &mut records {
            match record {
                Ok(record) => {
                    noted.push(Noted::of(&chunk, record.locator));
                    self.worker.add(&record.story, &mut part);
                }
                Err(rejection) => rejections.push(rejection),
            }
        }
        let lines = records.lines();
        (self.settle)(&mut part)?;
        self.progress.advance(chunk.raw_bytes_read);
        Ok(Made {
            kept: self.keeper.keep(chunk, noted.len())?,
            lines,
            noted,
            part,
            rejections,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::path::{Path, PathBuf};
    use std::sync::Once;

    use tempfile::TempDir;

    use super::super::progress::Silent;
    use super::*;
    use crate::read::walk;
    use crate::story::Corpus as _;

    /// Counts words.
    struct Counting;

    impl PerStory for Counting {
        type Part = usize;

        fn add(&mut self, story: &Story<'_>, out: &mut usize) {
            *out += story.text.split(' ').count();
        }
    }

    /// A file that is large enough to be read in parts, with so many lines, the `long` ones of them longer than allowed.
    fn feed(dir: &TempDir, lines: usize, long: impl Fn(usize) -> bool) -> PathBuf {
        let line = |i: usize| {
            let words = if long(i) { 5_000 } else { 20 };
            format!("{{\"text\":\"{}\"}}\n", vec!["word"; words].join(" "))
        };
        let path = dir.path().join("feed.jsonl");
        fs::write(&path, (1..=lines).map(line).collect::<String>()).unwrap();
        path
    }

    fn read(path: &Path, progress: &dyn Progress, threads: usize) -> Read<usize> {
        let options = ReadOptions {
            max_record: 10_000,
            chunk_size: 3_000,
            ..ReadOptions::default()
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let walk = walk(&[path.to_owned()]);
        let keeper = Keeper::of(&options);
        let run = || over_files(walk, &options, keeper, progress, || Counting, |_| Ok(()));
        pool.build().unwrap().install(run).unwrap()
    }

    #[test]
    fn what_is_rejected_is_told_in_order_of_lines_for_any_number_of_threads() {
        let dir = TempDir::new().unwrap();
        let is_long = |line: usize| line.is_multiple_of(700);
        let path = feed(&dir, 4_000, is_long);
        for threads in 1..=3 {
            let read = read(&path, &Silent, threads);
            let told: Vec<_> = read.rejections.iter().map(|r| r.line.unwrap()).collect();
            assert_eq!(told, [700, 1_400, 2_100, 2_800, 3_500]);
            assert_eq!(read.store.len(), 3_995);
            assert_eq!(read.parts.iter().sum::<usize>(), 20 * 3_995);
        }
    }

    /// Cuts a file in two as soon as some of it was read.
    struct Cutting(PathBuf, Once);

    impl Progress for Cutting {
        fn begin(&self, _what: &'static str, _total: Option<u64>) {}
        fn advance(&self, _by: u64) {
            self.1.call_once(|| {
                let file = OpenOptions::new().write(true).open(&self.0).unwrap();
                let half = file.metadata().unwrap().len() / 2;
                file.set_len(half + 7).unwrap();
            });
        }
        fn end(&self) {}
    }

    #[test]
    fn a_file_that_is_cut_meanwhile_is_told_once() {
        for threads in 1..=2 {
            let dir = TempDir::new().unwrap();
            let path = feed(&dir, 4_000, |_| false);
            let progress = Cutting(path.clone(), Once::new());
            let read = read(&path, &progress, threads);
            assert!(
                (1_900..2_010).contains(&read.store.len()),
                "{}",
                read.store.len()
            );
            assert_eq!(read.rejections.len(), 1, "{:?}", read.rejections);
            let reason = &read.rejections[0].reason;
            assert!(
                reason.starts_with("it changed while it was read"),
                "{reason}"
            );
        }
    }
}
