/*!
Rows of a [`Table`] → the pairs of them that are compared.

```text
keys of the rows ─▶ buckets, or spilled proposals ─▶ of each row the earlier ones that share keys ─▶ those that may be compared ─▶ as many as the budget allows
```

Rows come in runs whose candidates are looked for together; what a run proposes does not depend on where it ends.
*/

use std::ops::Range;

use rayon::prelude::*;

use super::Table;
use crate::config::Settings;
use crate::error::Result;
use crate::index::proposals::{Room, Slice};
use crate::index::{Block, Buckets, Budget, Candidates, Least, Proposals};
use crate::pipeline::Stats;
use crate::pipeline::engine::{KeyPlan, SEED_PARTS, least_seeds, seed_score};
use crate::pipeline::keys::KeyKeeper;
use crate::story::{Corpus, StoryId, UnitKind};
use crate::threads::in_turn;

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

impl Table {
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
