/*!
What the first pass found, put together: all units, numbered, and which of them are compared.

Units with the same words are linked here, by their 128-bit content hashes; of them only the first goes on. Each unit
that goes on is a row; [`Table::pairs`] tells which rows are candidates.
*/

use std::ops::Range;

use rayon::prelude::*;

use super::Stats;
use super::engine::{Compared, KeyPlan, SEED_PARTS, Sketched, UnitOf, least_seeds, seed_score};
use super::keys::KeyKeeper;
use super::packed;
use crate::config::{Match, Settings};
use crate::error::{Error, Result};
use crate::index::proposals::{Room, Slice};
use crate::index::{Block, Buckets, Budget, Candidates, Least, Proposals, entry};
use crate::story::{Corpus, StoryId, Unit, UnitId, UnitKind};
use crate::text::shingle;
use crate::threads::in_turn;
use crate::verify::relation::{Reason, Rule};
use crate::verify::{Link, Relation};

/// Marks a unit that another with the same words speaks for.
const NO_ROW: u32 = u32::MAX;

/// Rows whose candidates are looked for together.
const ROWS_A_RUN: usize = 1 << 16;

/// Rows that are looked up by one thread, at least.
const ROWS_A_THREAD: usize = 1 << 12;

/// A candidate: the later row and the earlier.
pub type Pair = (u32, u32);

/// What a candidate is judged by before it is compared: close together, since it is looked up at random.
#[derive(Clone, Copy)]
struct Facts {
    story: StoryId,
    /// Distinct seeds.
    seeds: u16,
    kind: UnitKind,
}

/// Which rows need not be counted, for they share too few seeds.
struct Sifting {
    sizes: Vec<u8>,
    kinds: Vec<UnitKind>,
    /// Of stories, and of captions.
    least: [Least; 2],
}

impl Sifting {
    fn of(facts: &[Facts]) -> Self {
        Self {
            sizes: facts.iter().map(|f| Least::size(f.seeds)).collect(),
            kinds: facts.iter().map(|f| f.kind).collect(),
            least: [UnitKind::Story, UnitKind::Caption]
                .map(|kind| Least::new(|smaller| least_seeds(kind, smaller))),
        }
    }

    fn least(&self, row: usize) -> &Least {
        &self.least[usize::from(self.kinds[row] == UnitKind::Caption)]
    }

    /// Whether two rows may be candidates if they share so many seeds. What it is told from lies closer together than [`Facts`].
    fn admits(&self, row: u32, other: u32, shared: u32) -> bool {
        let sizes = [row, other].map(|row| self.sizes[row as usize]);
        self.least(row as usize).admits(sizes, shared)
    }
}

/// All units, and the rows among them.
pub struct Table {
    /// Every unit, in input order.
    pub units: Vec<Unit>,
    /// Units that are compared by keys, in input order: row → unit.
    pub rows: Vec<UnitId>,
    /// Links between units with the same words.
    pub exact: Vec<Link>,
    contents: Vec<u128>,
    /// For each row, its run of stories and its number among the units with words there.
    places: Vec<(u32, u32)>,
    /// For each run of stories, the row of each unit with words, or [`NO_ROW`].
    row_of: Vec<Vec<u32>>,
    /// The runs of stories with their keys, as long as they are needed.
    sketched: Vec<Sketched>,
    stories: u64,
}

impl Table {
    /// Numbers all units of these runs of stories.
    pub fn new<C: Corpus + ?Sized>(
        corpus: &C,
        sketched: Vec<Sketched>,
        settings: &Settings,
    ) -> Result<Self> {
        let total: usize = sketched.iter().map(|s| s.units.len()).sum();
        if total >= u32::MAX as usize {
            return Err(Error::TooMany {
                what: "units",
                limit: u64::from(u32::MAX) - 1,
            });
        }
        let mut table = Table {
            units: Vec::with_capacity(total),
            rows: Vec::new(),
            exact: Vec::new(),
            contents: Vec::with_capacity(total),
            places: Vec::new(),
            row_of: Vec::new(),
            sketched,
            stories: 0,
        };
        for part in &mut table.sketched {
            let first = table.stories as u32;
            table.units.extend(part.units.iter().map(|u| Unit {
                story: StoryId(u.story.0 + first),
                ..*u
            }));
            table.contents.append(&mut part.contents);
            table.stories += u64::from(part.stories);
        }
        // With a window two units may be the same and yet too far apart: then every unit speaks for itself.
        let same_as = match settings.window {
            None => table.first_of_same(corpus, settings),
            Some(_) => (0..total as u32).map(UnitId).collect(),
        };
        table.collect_rows(&same_as);
        table.link_same(&same_as, settings);
        Ok(table)
    }

    /// For each unit the one with the same words that speaks for it.
    ///
    /// Where headlines and times count, the choice must not depend on the order of the input: the earliest speaks.
    fn first_of_same<C: Corpus + ?Sized>(&self, corpus: &C, settings: &Settings) -> Vec<UnitId> {
        let content = |i: u32| self.contents[i as usize];
        // By a part of the content that stands with the unit's number: few are alike in it that are not the same.
        let mut order: Vec<u64> = (0..self.units.len() as u32)
            .map(|i| entry((content(i) >> 96) as u32, i))
            .collect();
        order.par_sort_unstable();
        let mut alike: Vec<u32> = Vec::new();
        for run in order.chunk_by(|a, b| a >> 32 == b >> 32) {
            if run.len() > 1 {
                let from = alike.len();
                alike.extend(run.iter().map(|&entry| entry as u32));
                alike[from..].sort_by_key(|&i| content(i));
            }
        }
        // Runs of units with the same words, those of one unit left out: records are read again for who is the earliest.
        let same: Vec<&[u32]> = alike
            .chunk_by(|&a, &b| content(a) == content(b))
            .filter(|same| same.len() > 1)
            .collect();
        let speakers: Vec<u32> = same
            .par_iter()
            .with_min_len(16)
            .map(|same| {
                let empty = self.units[same[0] as usize].tokens == 0;
                if empty || settings.matching == Match::Near {
                    same[0]
                } else {
                    self.earliest(corpus, same)
                }
            })
            .collect();
        let mut first: Vec<UnitId> = (0..self.units.len() as u32).map(UnitId).collect();
        for (same, speaker) in same.into_iter().zip(speakers) {
            for &i in same {
                first[i as usize] = UnitId(speaker);
            }
        }
        first
    }

    fn earliest<C: Corpus + ?Sized>(&self, corpus: &C, same: &[u32]) -> u32 {
        let facts = |&&unit: &&u32| {
            let story = corpus.head(self.units[unit as usize].story);
            let seconds = story.seconds();
            let title = story.title.map(std::borrow::Cow::into_owned);
            (
                seconds.is_none(),
                seconds,
                title,
                story.id.into_owned(),
                unit,
            )
        };
        same.iter().min_by_key(facts).copied().unwrap_or(same[0])
    }

    fn collect_rows(&mut self, same_as: &[UnitId]) {
        let mut unit = 0;
        for (p, part) in self.sketched.iter_mut().enumerate() {
            let units = std::mem::take(&mut part.units);
            let mut row_of = Vec::with_capacity(units.len());
            for u in &units {
                if u.tokens > 0 {
                    if same_as[unit].index() == unit {
                        self.places.push((p as u32, row_of.len() as u32));
                        row_of.push(self.rows.len() as u32);
                        self.rows.push(UnitId(unit as u32));
                    } else {
                        row_of.push(NO_ROW);
                    }
                }
                unit += 1;
            }
            self.row_of.push(row_of);
        }
    }

    fn link_same(&mut self, same_as: &[UnitId], settings: &Settings) {
        for (i, &first) in same_as.iter().enumerate() {
            let unit = self.units[i];
            if first.index() == i || unit.tokens == 0 {
                continue;
            }
            let words = unit.tokens as usize;
            // How many of the shingles are distinct is not known without the text; of equal sets only the ratio is told.
            let size = shingle::count(words, settings.shingle_of(unit.kind)) as u32;
            let other = UnitId(i as u32);
            self.exact.push(Link {
                a: first.min(other),
                b: first.max(other),
                relation: Relation::Exact,
                shared: size,
                size_a: size,
                size_b: size,
                spans: Vec::new(),
                reason: Reason::plain(Rule::SameWords, words, words, words),
            });
        }
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

    /// What a row stands for, to be made ready.
    pub fn unit_of(&self, row: u32) -> UnitOf {
        UnitOf {
            story: self.story(row),
            which: self.which(self.rows[row as usize]),
            words: self.words(row) as usize,
        }
    }

    /// What is known of a row without its text.
    pub fn compared(&self, row: u32) -> Compared {
        let id = self.rows[row as usize];
        Compared {
            id,
            words: self.words(row) as usize,
            content: self.contents[id.index()],
        }
    }

    /// How many words a row has.
    pub fn words(&self, row: u32) -> u32 {
        self.units[self.rows[row as usize].index()].tokens
    }

    /// The story of a row.
    pub fn story(&self, row: u32) -> StoryId {
        self.units[self.rows[row as usize].index()].story
    }

    fn kind(&self, row: u32) -> UnitKind {
        self.units[self.rows[row as usize].index()].kind
    }

    /// Counts of what was read.
    pub fn stats(&self) -> Stats {
        let count = |f: fn(&&Unit) -> bool| self.units.iter().filter(f).count() as u64;
        Stats {
            stories: self.stories,
            story_units: count(|u| u.kind == UnitKind::Story),
            caption_units: count(|u| u.kind == UnitKind::Caption),
            empty_units: count(|u| u.tokens == 0),
            ..Stats::default()
        }
    }

    /// All candidates: each row with the earlier ones that it is compared with, in order. The keys are given up.
    ///
    /// # Errors
    /// When keys in a temporary file cannot be had.
    pub fn pairs<C: Corpus + ?Sized>(
        &mut self,
        corpus: &C,
        keys: &KeyKeeper,
        settings: &Settings,
        stats: &mut Stats,
    ) -> Result<Vec<Pair>> {
        let plan = KeyPlan::of(settings);
        let window = Window::new(corpus, self, settings);
        let found = Found::of(self, keys, settings, plan)?;
        let facts: Vec<Facts> = (0..self.rows.len() as u32)
            .into_par_iter()
            .with_min_len(ROWS_A_THREAD)
            .map(|row| self.facts(row, plan.seeds))
            .collect();
        let words: Vec<u32> = (0..self.rows.len() as u32)
            .into_par_iter()
            .with_min_len(ROWS_A_THREAD)
            .map(|row| self.words(row))
            .collect();
        let sifting = (plan.seeds && !settings.exact).then(|| Sifting::of(&facts));
        // They are in the buckets now.
        self.sketched = Vec::new();
        self.row_of = Vec::new();
        let table = &*self;
        let admit = |row: u32, other: u32| {
            // Captions of one story stand side by side on purpose.
            facts[row as usize].story != facts[other as usize].story && window.admits(row, other)
        };
        let by_seeds = |row: u32, other: u32, shared: u32| {
            let (own, its) = (facts[row as usize], facts[other as usize]);
            let score = seed_score(own.kind, shared, (own.seeds, its.seeds), settings.exact)?;
            admit(row, other).then_some(score)
        };
        let by_bands = |row, other, shared| admit(row, other).then_some(shared);
        let pairs_of = |run: Range<usize>| -> Result<Vec<Pair>> {
            let seeds = found
                .seeds
                .as_ref()
                .map(|s| s.pairs(run.clone(), sifting.as_ref(), by_seeds));
            let bands = found.bands.as_ref().map(|b| b.pairs(run, None, by_bands));
            Ok(match (seeds.transpose()?, bands.transpose()?) {
                (Some(seeds), Some(bands)) => by_row(&seeds, &bands),
                (one, other) => one.or(other).unwrap_or_default(),
            })
        };
        stats.capped_keys = found.capped();
        let mut allowance = Allowance::new(words, settings);
        let runs: Vec<_> = Proposals::runs(table.rows.len(), found.rows_a_run).collect();
        for runs in runs.chunks(rayon::current_num_threads()) {
            let pairs: Result<Vec<Vec<Pair>>> = runs.par_iter().cloned().map(pairs_of).collect();
            for pairs in pairs? {
                allowance.take(&pairs);
            }
        }
        stats.left_out = allowance.left_out;
        Ok(allowance.kept)
    }

    fn facts(&self, row: u32, with_seeds: bool) -> Facts {
        let (part, number) = self.places[row as usize];
        let of_run = &self.sketched[part as usize].seed_counts;
        Facts {
            story: self.story(row),
            seeds: if with_seeds {
                of_run[number as usize]
            } else {
                0
            },
            kind: self.kind(row),
        }
    }

    /// Appends the entries of all rows for a band that `wanted` lets through.
    fn band_entries(
        &self,
        keys: &KeyKeeper,
        band: usize,
        wanted: impl Fn(u32) -> bool,
        out: &mut Vec<u64>,
    ) -> Result<()> {
        let mut of_run = Vec::new();
        for (run, row_of) in self.sketched.iter().zip(&self.row_of) {
            keys.band(run, band, &mut of_run)?;
            let rows = of_run.iter().zip(row_of);
            out.extend(
                rows.filter(|&(&key, &row)| row != NO_ROW && wanted(key))
                    .map(|(&key, &row)| entry(key, row)),
            );
        }
        Ok(())
    }

    /// The same for a part of the seeds.
    fn seed_entries(
        &self,
        keys: &KeyKeeper,
        part: usize,
        wanted: impl Fn(u32) -> bool,
        out: &mut Vec<u64>,
    ) -> Result<()> {
        let mut room = Vec::new();
        for (run, row_of) in self.sketched.iter().zip(&self.row_of) {
            let seeds = keys.seeds_of(run, part, &mut room)?;
            let from = out.len();
            out.resize(from + packed::count(seeds), 0);
            let into = &mut out[from..];
            let mut kept = 0;
            for (key, unit) in packed::seeds(seeds) {
                let row = row_of[unit as usize];
                // Whether it is kept takes no branch: of a slice nobody could foresee it.
                into[kept] = entry(key, row);
                kept += usize::from((row != NO_ROW) & wanted(key));
            }
            out.truncate(from + kept);
        }
        Ok(())
    }
}

/// Rows that share keys, in memory or not.
enum Sharing {
    Held(Buckets),
    Spilled(Proposals),
}

impl Sharing {
    fn capped(&self) -> u64 {
        match self {
            Sharing::Held(buckets) => buckets.capped(),
            Sharing::Spilled(proposals) => proposals.capped(),
        }
    }

    /// The candidates of a run of rows, in order of the later row, of each row the best first.
    fn pairs(
        &self,
        run: Range<usize>,
        sifting: Option<&Sifting>,
        score: impl Fn(u32, u32, u32) -> Option<u32> + Sync,
    ) -> Result<Vec<Pair>> {
        Ok(match self {
            Sharing::Held(buckets) => {
                let made = || {
                    let candidates = sifting.map(|s| Candidates::sifting(&s.sizes));
                    (Block::default(), candidates.unwrap_or_default())
                };
                propose(Buckets::blocks(run), made, |rows, (block, found), pairs| {
                    buckets.look_up(rows.clone(), block);
                    for row in rows {
                        let score = |other, shared| score(row as u32, other, shared);
                        match sifting {
                            Some(s) => {
                                buckets.candidates_sharing(block, row, s.least(row), score, found);
                            }
                            None => buckets.candidates(block, row, score, found),
                        }
                        append(row, found, pairs);
                    }
                })
            }
            Sharing::Spilled(proposals) => {
                let bin = proposals.bin(run.start)?;
                let score = |row: u32, other: u32, shared: u32| {
                    let may_be = sifting.is_none_or(|s| s.admits(row, other, shared));
                    may_be.then(|| score(row, other, shared))?
                };
                propose(
                    Buckets::blocks(run),
                    Candidates::default,
                    |rows, found, pairs| {
                        for row in rows {
                            let score = |other, shared| score(row as u32, other, shared);
                            proposals.candidates(&bin, row, score, found);
                            append(row, found, pairs);
                        }
                    },
                )
            }
        })
    }
}

fn append(row: usize, found: &Candidates, pairs: &mut Vec<Pair>) {
    let best = found.best.iter();
    pairs.extend(best.map(|&(_, other)| (row as u32, other)));
}

/// All that proposes candidates.
struct Found {
    seeds: Option<Sharing>,
    bands: Option<Sharing>,
    /// Rows that are looked at together.
    rows_a_run: usize,
}

impl Found {
    fn of(table: &Table, keys: &KeyKeeper, settings: &Settings, plan: KeyPlan) -> Result<Self> {
        let rows = table.rows.len();
        let exact = settings.exact;
        if !keys.overflows() {
            let seeds =
                |part: usize, out: &mut Vec<u64>| table.seed_entries(keys, part, |_| true, out);
            let bands =
                |band: usize, out: &mut Vec<u64>| table.band_entries(keys, band, |_| true, out);
            let build = |parts, fill: &(dyn Fn(usize, &mut Vec<u64>) -> Result<()> + Sync)| {
                Buckets::try_build(parts, exact, fill).map(Sharing::Held)
            };
            return Ok(Self {
                seeds: plan.seeds.then(|| build(SEED_PARTS, &seeds)).transpose()?,
                bands: plan.bands.map(|b| build(b.bands, &bands)).transpose()?,
                rows_a_run: ROWS_A_RUN,
            });
        }
        let room = |of: u64| Room {
            memory: keys.budget(),
            keys: of,
        };
        let rows_a_run = [keys.seeds(), keys.band_keys()]
            .map(|of| room(of).rows_a_bin(rows))
            .into_iter()
            .fold(ROWS_A_RUN, usize::min);
        let seeds = plan.seeds.then(|| {
            let fill = |part: usize, slice: Slice, out: &mut Vec<u64>| {
                table.seed_entries(keys, part, |key| slice.has(key), out)
            };
            Proposals::build(
                rows,
                SEED_PARTS,
                exact,
                room(keys.seeds()),
                rows_a_run,
                fill,
            )
        });
        let bands = plan.bands.map(|b| {
            let fill = |band: usize, slice: Slice, out: &mut Vec<u64>| {
                table.band_entries(keys, band, |key| slice.has(key), out)
            };
            Proposals::build(
                rows,
                b.bands,
                exact,
                room(keys.band_keys()),
                rows_a_run,
                fill,
            )
        });
        Ok(Self {
            seeds: seeds.transpose()?.map(Sharing::Spilled),
            bands: bands.transpose()?.map(Sharing::Spilled),
            rows_a_run,
        })
    }

    fn capped(&self) -> u64 {
        let all = [&self.seeds, &self.bands];
        all.into_iter().flatten().map(Sharing::capped).sum()
    }
}

/// Of each row's candidates, best first, those that the budget allows.
struct Allowance {
    /// Of each row.
    words: Vec<u32>,
    budget: Budget,
    /// The next row.
    next: u32,
    kept: Vec<Pair>,
    left_out: u64,
}

impl Allowance {
    fn new(words: Vec<u32>, settings: &Settings) -> Self {
        Self {
            words,
            budget: Budget::new(settings.exact),
            next: 0,
            kept: Vec::new(),
            left_out: 0,
        }
    }

    /// The pairs of the next rows.
    fn take(&mut self, pairs: &[Pair]) {
        let words = |row: u32| u64::from(self.words[row as usize]);
        for of_row in pairs.chunk_by(|x, y| x.0 == y.0) {
            let row = of_row[0].0;
            // Rows without candidates bring their share as well.
            while self.next < row {
                self.budget.next_row(std::iter::empty());
                self.next += 1;
            }
            let costs = of_row.iter().map(|&(a, b)| words(a) + words(b));
            let compared = self.budget.next_row(costs);
            self.next = row + 1;
            self.kept.extend_from_slice(&of_row[..compared]);
            self.left_out += (of_row.len() - compared) as u64;
        }
    }
}

/// Which rows are near enough in time to be compared.
struct Window {
    seconds: Option<u64>,
    times: Vec<Option<i64>>,
}

impl Window {
    fn new<C: Corpus + ?Sized>(corpus: &C, table: &Table, settings: &Settings) -> Self {
        let times = match settings.window {
            Some(_) => (0..table.rows.len() as u32)
                .into_par_iter()
                .map(|row| corpus.head(table.story(row)).seconds())
                .collect(),
            None => Vec::new(),
        };
        Self {
            seconds: settings.window,
            times,
        }
    }

    fn admits(&self, a: u32, b: u32) -> bool {
        let Some(seconds) = self.seconds else {
            return true;
        };
        match (self.times[a as usize], self.times[b as usize]) {
            (Some(a), Some(b)) => a.abs_diff(b) <= seconds,
            _ => true,
        }
    }
}

/// Two lists of candidates, each in order of the later row, as one without repeats; of a row those of the first list come first.
fn by_row(first: &[Pair], second: &[Pair]) -> Vec<Pair> {
    if first.is_empty() {
        return second.to_vec();
    }
    let mut all = Vec::with_capacity(first.len() + second.len());
    let mut rest = second;
    for of_row in first.chunk_by(|x, y| x.0 == y.0) {
        let row = of_row[0].0;
        let before = rest.partition_point(|p| p.0 < row);
        all.extend_from_slice(&rest[..before]);
        let same = rest.partition_point(|p| p.0 <= row);
        all.extend_from_slice(of_row);
        all.extend(rest[before..same].iter().filter(|p| !of_row.contains(p)));
        rest = &rest[same..];
    }
    all.extend_from_slice(rest);
    all
}

/// What `candidates` appends for blocks of rows, in order.
fn propose<S>(
    blocks: impl Iterator<Item = Range<usize>>,
    made: impl Fn() -> S + Sync,
    candidates: impl Fn(Range<usize>, &mut S, &mut Vec<Pair>) + Sync,
) -> Vec<Pair> {
    let blocks: Vec<_> = blocks.collect();
    let of_block = |state: &mut S, number: usize| {
        let mut pairs = Vec::new();
        candidates(blocks[number].clone(), state, &mut pairs);
        pairs
    };
    in_turn(blocks.len(), made, of_block).concat()
}
