/*!
Runs the stages over a corpus, in parallel.

```text
chunks ─▶ sketch (parallel) ─▶ number ─▶ buckets (parallel by band)
       ─▶ candidates, shingle sets, links (parallel by unit) ─▶ groups
```

What runs in parallel writes to places of its own and is put together in input order, so the outcome is the
same for any number of threads.
*/

use std::time::Instant;

use rayon::prelude::*;

use super::engine::{KeyPlan, Sketched, Sketching};
use super::feed::{Feed, Task};
use super::progress::Progress;
use super::table::Table;
use super::{Outcome, verify_pairs};
use crate::config::Settings;
use crate::error::Result;
use crate::group;
use crate::read::{Chunk, ChunkReader, Locator, ReadOptions, Rejection, SourceId, Store, Walk};
use crate::story::{Corpus, Story};

/// Stories to a task of the first pass.
const STORIES_A_TASK: usize = 256;

/// Finds links and groups among stories in memory.
///
/// ```
/// use samewire::{Settings, Story, pipeline::{batch, progress::Silent}};
///
/// let text = "The old bridge at Orle reopened to traffic on Monday after two years of repairs, the city said.";
/// let stories = [
///     Story::new("a", text),
///     Story::new("b", "Rain is expected over the coast for most of the week, forecasters said on Monday."),
///     Story::new("c", format!("ORLE (MW) - {text}")),
/// ];
/// let outcome = batch::group_stories(&stories, &Settings::default(), &Silent)?;
/// assert_eq!(outcome.groups.len(), 1);
/// assert_eq!(outcome.groups[0].members.len(), 2);
/// assert_eq!(outcome.links[0].relation.name(), "exact");
/// # Ok::<(), samewire::Error>(())
/// ```
///
/// # Errors
/// When a setting is out of range, or there are more than 2³² − 1 units.
pub fn group_stories(
    stories: &[Story<'_>],
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<Outcome> {
    let started = Instant::now();
    settings.validate()?;
    let plan = KeyPlan::of(settings);
    let sketched: Vec<Sketched> = stories
        .par_chunks(STORIES_A_TASK)
        .map_init(
            || Sketching::new(settings, plan),
            |sketching, stories| {
                let mut out = Sketched::default();
                for story in stories {
                    sketching.add(story, &mut out);
                }
                out
            },
        )
        .collect();
    let mut outcome = finish(stories, &sketched, settings, plan, progress)?;
    outcome.stats.bytes = stories.iter().map(|s| s.text.len() as u64).sum();
    outcome.stats.elapsed = started.elapsed();
    Ok(outcome)
}

/// Finds links and groups among the stories of files.
///
/// What cannot be read is in the outcome's rejections, those of the walk first, then in input order.
///
/// # Errors
/// When a setting is out of range, or there are more stories or units than can be numbered.
pub fn group_files(
    walk: Walk,
    options: &ReadOptions,
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<(Store, Outcome)> {
    let started = Instant::now();
    settings.validate()?;
    let plan = KeyPlan::of(settings);
    let total = walk.sources.iter().map(|s| s.bytes).sum();
    progress.begin("read", total);
    let mut pieces: Vec<Piece> = Feed::new(&walk.sources, options)
        .par_bridge()
        .map_init(
            || FirstPass {
                sketching: Sketching::new(settings, plan),
                walk: &walk,
                options,
                progress,
            },
            FirstPass::task,
        )
        .flatten_iter()
        .collect();
    progress.end();
    pieces.sort_by_key(|p| (p.source, p.ordinal));
    let mut store = Store::new(walk.sources, options.clone());
    let mut sketched = Vec::with_capacity(pieces.len());
    let mut rejections = walk.rejections;
    let mut bytes = 0;
    for piece in pieces {
        rejections.extend(piece.rejections);
        if let Some(chunk) = piece.chunk {
            bytes += chunk.bytes.len() as u64;
            store.push_chunk(chunk, piece.locators)?;
            sketched.push(piece.sketched);
        }
    }
    let mut outcome = finish(&store, &sketched, settings, plan, progress)?;
    outcome.rejections = rejections;
    outcome.stats.bytes = bytes;
    outcome.stats.elapsed = started.elapsed();
    Ok((store, outcome))
}

/// What the first pass made of a chunk, or of a rejection between chunks.
struct Piece {
    source: SourceId,
    ordinal: u32,
    chunk: Option<Chunk>,
    locators: Vec<Locator>,
    sketched: Sketched,
    rejections: Vec<Rejection>,
}

/// A worker of the first pass.
struct FirstPass<'p> {
    sketching: Sketching,
    walk: &'p Walk,
    options: &'p ReadOptions,
    progress: &'p dyn Progress,
}

impl FirstPass<'_> {
    fn task(&mut self, task: Task) -> Vec<Piece> {
        match task {
            Task::Chunk(chunk) => vec![self.chunk(chunk)],
            Task::Rejection(source, rejection) => vec![Piece::rejected(source, rejection)],
            Task::Files(range) => {
                let mut pieces = Vec::new();
                for i in range {
                    let id = SourceId(i as u32);
                    match ChunkReader::open(id, &self.walk.sources[i], self.options) {
                        Ok(reader) => pieces.extend(reader.map(|chunk| match chunk {
                            Ok(chunk) => self.chunk(chunk),
                            Err(rejection) => Piece::rejected(id, rejection),
                        })),
                        Err(rejection) => pieces.push(Piece::rejected(id, rejection)),
                    }
                }
                pieces
            }
        }
    }

    fn chunk(&mut self, chunk: Chunk) -> Piece {
        let mut locators = Vec::new();
        let mut sketched = Sketched::default();
        let mut rejections = Vec::new();
        let name = &self.walk.sources[chunk.source.index()].name;
        for record in chunk.records(name, self.options) {
            match record {
                Ok(record) => {
                    locators.push(record.locator);
                    self.sketching.add(&record.story, &mut sketched);
                }
                Err(rejection) => rejections.push(rejection),
            }
        }
        self.progress.advance(chunk.raw_bytes_read);
        Piece {
            source: chunk.source,
            ordinal: chunk.ordinal,
            chunk: Some(chunk),
            locators,
            sketched,
            rejections,
        }
    }
}

impl Piece {
    /// Rejections between chunks come after the chunks: what is sound is told first.
    fn rejected(source: SourceId, rejection: Rejection) -> Self {
        Self {
            source,
            ordinal: u32::MAX,
            chunk: None,
            locators: Vec::new(),
            sketched: Sketched::default(),
            rejections: vec![rejection],
        }
    }
}

/// From sketches to groups.
fn finish<C: Corpus + ?Sized>(
    corpus: &C,
    sketched: &[Sketched],
    settings: &Settings,
    plan: KeyPlan,
    progress: &dyn Progress,
) -> Result<Outcome> {
    let table = Table::new(corpus, sketched, settings)?;
    let mut stats = table.stats();
    progress.begin("candidates", None);
    let pairs = table.pairs(corpus, sketched, settings, plan, &mut stats);
    stats.candidates = pairs.len() as u64;
    progress.end();
    progress.begin("verify", Some(pairs.len() as u64));
    let mut links = verify_pairs::links(corpus, &table, &pairs, settings, progress);
    progress.end();
    links.extend(table.exact);
    links.sort_unstable_by_key(|l| (l.a, l.b));
    group::part_round_ups(corpus, &table.units, &mut links);
    let groups = group::groups(corpus, &table.units, &links, &settings.keep);
    Ok(Outcome {
        units: table.units,
        links,
        groups,
        rejections: Vec::new(),
        stats,
    })
}
