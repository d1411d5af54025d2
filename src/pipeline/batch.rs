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

use super::engine::{self, Sketched, Sketching, Verifier};
use super::feed::{Feed, Task};
use super::progress::Progress;
use super::{Outcome, Stats};
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::group;
use crate::index::{Buckets, Candidates};
use crate::read::{Chunk, ChunkReader, Locator, ReadOptions, Rejection, SourceId, Store, Walk};
use crate::sketch::Bands;
use crate::story::{Corpus, Story, StoryId, Unit, UnitId, UnitKind};
use crate::verify::{Link, Relation};

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
    let bands = Bands::solve(settings.threshold.value(), settings.recall);
    let sketched: Vec<Sketched> = stories
        .par_chunks(STORIES_A_TASK)
        .map_init(
            || Sketching::new(settings, bands),
            |sketching, stories| {
                let mut out = Sketched::default();
                for story in stories {
                    sketching.add(story, &mut out);
                }
                out
            },
        )
        .collect();
    let mut outcome = finish(stories, &sketched, settings, bands, progress)?;
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
    let bands = Bands::solve(settings.threshold.value(), settings.recall);
    let total = walk.sources.iter().map(|s| s.bytes).sum();
    progress.begin("read", total);
    let mut pieces: Vec<Piece> = Feed::new(&walk.sources, options)
        .par_bridge()
        .map_init(
            || FirstPass {
                sketching: Sketching::new(settings, bands),
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
    let mut outcome = finish(&store, &sketched, settings, bands, progress)?;
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
    bands: Bands,
    progress: &dyn Progress,
) -> Result<Outcome> {
    let table = Table::new(sketched, settings, bands)?;
    let mut stats = table.stats();
    progress.begin("candidates", None);
    let buckets = Buckets::build(
        table.rows.len(),
        bands.bands,
        settings.exact,
        |row, band| {
            let (part, place) = table.key_place(row);
            sketched[part].keys[place + band]
        },
    );
    stats.capped_keys = buckets.capped();
    let pairs = candidates(corpus, &table, &buckets, settings);
    stats.candidates = pairs.len() as u64;
    progress.end();
    progress.begin("verify", Some(pairs.len() as u64));
    let mut links = verify(corpus, &table, &pairs, settings, progress);
    stats.verified = pairs.len() as u64;
    progress.end();
    links.extend(table.exact);
    links.sort_unstable_by_key(|l| (l.a, l.b));
    let groups = group::groups(corpus, &table.units, &links, &settings.keep);
    Ok(Outcome {
        units: table.units,
        links,
        groups,
        rejections: Vec::new(),
        stats,
    })
}

/// All units, numbered, and which of them have keys.
struct Table {
    units: Vec<Unit>,
    contents: Vec<u128>,
    /// Units that are compared by keys, in input order: row → unit.
    rows: Vec<UnitId>,
    /// For each row, its part and where its keys start there.
    places: Vec<(u32, u32)>,
    /// Links between units with the same words.
    exact: Vec<Link>,
    stories: u64,
}

impl Table {
    fn new(sketched: &[Sketched], settings: &Settings, bands: Bands) -> Result<Self> {
        let total: usize = sketched.iter().map(|s| s.units.len()).sum();
        if total >= u32::MAX as usize {
            return Err(Error::TooMany {
                what: "units",
                limit: u64::from(u32::MAX) - 1,
            });
        }
        let mut table = Table {
            units: Vec::with_capacity(total),
            contents: Vec::with_capacity(total),
            rows: Vec::new(),
            places: Vec::new(),
            exact: Vec::new(),
            stories: 0,
        };
        for part in sketched {
            let first = table.stories as u32;
            table.units.extend(part.units.iter().map(|u| Unit {
                story: StoryId(u.story.0 + first),
                ..*u
            }));
            table.contents.extend_from_slice(&part.contents);
            table.stories += u64::from(part.stories);
        }
        // With a window two units may be the same and yet too far apart: then every unit speaks for itself.
        let same_as = if settings.window.is_none() {
            table.first_of_same()
        } else {
            Vec::new()
        };
        table.collect_rows(sketched, &same_as, bands);
        table.link_same(&same_as, settings);
        Ok(table)
    }

    /// For each unit the first one with the same words.
    fn first_of_same(&self) -> Vec<UnitId> {
        let mut order: Vec<u32> = (0..self.units.len() as u32).collect();
        order.par_sort_unstable_by_key(|&i| (self.contents[i as usize], i));
        let mut first = vec![UnitId(0); order.len()];
        for same in order.chunk_by(|&a, &b| self.contents[a as usize] == self.contents[b as usize])
        {
            for &i in same {
                first[i as usize] = UnitId(same[0]);
            }
        }
        first
    }

    fn collect_rows(&mut self, sketched: &[Sketched], same_as: &[UnitId], bands: Bands) {
        let mut unit = 0;
        for (p, part) in sketched.iter().enumerate() {
            let mut at = 0;
            for u in &part.units {
                if u.tokens > 0 {
                    if same_as.get(unit).is_none_or(|s| s.index() == unit) {
                        self.rows.push(UnitId(unit as u32));
                        self.places.push((p as u32, at));
                    }
                    at += bands.bands as u32;
                }
                unit += 1;
            }
        }
    }

    fn link_same(&mut self, same_as: &[UnitId], settings: &Settings) {
        for (i, &first) in same_as.iter().enumerate() {
            let unit = self.units[i];
            if first.index() == i || unit.tokens == 0 {
                continue;
            }
            // The number of distinct shingles is not known without the text; of equal sets only the ratio is told.
            let size =
                crate::text::shingle::count(unit.tokens as usize, settings.shingle_of(unit.kind))
                    as u32;
            self.exact.push(Link {
                a: first,
                b: UnitId(i as u32),
                relation: Relation::Exact,
                shared: size,
                size_a: size,
                size_b: size,
                spans: Vec::new(),
            });
        }
    }

    fn key_place(&self, row: usize) -> (usize, usize) {
        let (part, at) = self.places[row];
        (part as usize, at as usize)
    }

    /// Number of a unit within its story.
    fn which(&self, unit: UnitId) -> usize {
        let story = self.units[unit.index()].story;
        self.units[..unit.index()]
            .iter()
            .rev()
            .take_while(|u| u.story == story)
            .count()
    }

    fn stats(&self) -> Stats {
        let count = |f: fn(&&Unit) -> bool| self.units.iter().filter(f).count() as u64;
        Stats {
            stories: self.stories,
            story_units: count(|u| u.kind == UnitKind::Story),
            caption_units: count(|u| u.kind == UnitKind::Caption),
            empty_units: count(|u| u.tokens == 0),
            ..Stats::default()
        }
    }
}

/// A candidate: the later row and the earlier.
type Pair = (u32, u32);

fn candidates<C: Corpus + ?Sized>(
    corpus: &C,
    table: &Table,
    buckets: &Buckets,
    settings: &Settings,
) -> Vec<Pair> {
    let times: Vec<Option<i64>> = match settings.window {
        Some(_) => table
            .rows
            .par_iter()
            .map(|u| corpus.story(table.units[u.index()].story).seconds())
            .collect(),
        None => Vec::new(),
    };
    let within = |a: u32, b: u32| match (
        settings.window,
        times.get(a as usize),
        times.get(b as usize),
    ) {
        (Some(window), Some(Some(a)), Some(Some(b))) => a.abs_diff(*b) <= window,
        _ => true,
    };
    (0..table.rows.len() as u32)
        .into_par_iter()
        .with_min_len(256)
        .fold(
            || (Vec::new(), Candidates::default()),
            |(mut pairs, mut found), row| {
                buckets.candidates(row as usize, |other| within(row, other), &mut found);
                pairs.extend(found.best.iter().map(|&(_, other)| (row, other)));
                (pairs, found)
            },
        )
        .map(|(pairs, _)| pairs)
        .reduce(Vec::new, |mut a, mut b| {
            a.append(&mut b);
            a
        })
}

fn verify<C: Corpus + ?Sized>(
    corpus: &C,
    table: &Table,
    pairs: &[Pair],
    settings: &Settings,
    progress: &dyn Progress,
) -> Vec<Link> {
    let mut rows: Vec<u32> = pairs.iter().flat_map(|&(a, b)| [a, b]).collect();
    rows.par_sort_unstable();
    rows.dedup();
    let sets: Vec<Vec<u64>> = rows
        .par_iter()
        .map_init(
            || Verifier::new(settings),
            |verifier, &row| {
                let unit = table.rows[row as usize];
                verifier.shingle_set(corpus, table.units[unit.index()].story, table.which(unit))
            },
        )
        .collect();
    let side = |row: u32| {
        let place = rows.partition_point(|&r| r < row);
        (table.rows[row as usize], &sets[place][..])
    };
    pairs
        .par_iter()
        .with_min_len(64)
        .filter_map(|&(later, earlier)| {
            progress.advance(1);
            let (a, b) = (side(earlier), side(later));
            let mut link = engine::near_link(settings.threshold, a, b)?;
            if table.contents[a.0.index()] == table.contents[b.0.index()] {
                link.relation = Relation::Exact;
            }
            Some(link)
        })
        .collect()
}
