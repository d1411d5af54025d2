/*!
What the first pass found, put together: all units, numbered, and which of them are compared.

Units with the same words are linked here, by their 128-bit content hashes; of them only the first goes on. Each unit
that goes on is a row; [`Table::pairs`] tells which rows are candidates.
*/

use rayon::prelude::*;

use super::Stats;
use super::engine::{KeyPlan, SEED_PARTS, Sketched, seed_score};
use crate::config::{Match, Settings};
use crate::error::{Error, Result};
use crate::index::{Buckets, Budget, Candidates, entry};
use crate::story::{Corpus, StoryId, Unit, UnitId, UnitKind};
use crate::text::shingle;
use crate::verify::relation::{Reason, Rule};
use crate::verify::{Link, Relation};

/// Marks a unit that another with the same words speaks for.
const NO_ROW: u32 = u32::MAX;

/// A candidate: the later row and the earlier.
pub type Pair = (u32, u32);

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
    stories: u64,
}

impl Table {
    /// Numbers all units of these runs of stories.
    pub fn new<C: Corpus + ?Sized>(
        corpus: &C,
        sketched: &[Sketched],
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
        let same_as = match settings.window {
            None => table.first_of_same(corpus, settings),
            Some(_) => (0..total as u32).map(UnitId).collect(),
        };
        table.collect_rows(sketched, &same_as);
        table.link_same(&same_as, settings);
        Ok(table)
    }

    /// For each unit the one with the same words that speaks for it.
    ///
    /// Where headlines and times count, the choice must not depend on the order of the input: the earliest speaks.
    fn first_of_same<C: Corpus + ?Sized>(&self, corpus: &C, settings: &Settings) -> Vec<UnitId> {
        let mut order: Vec<u32> = (0..self.units.len() as u32).collect();
        order.par_sort_unstable_by_key(|&i| (self.contents[i as usize], i));
        let mut first = vec![UnitId(0); order.len()];
        for same in order.chunk_by(|&a, &b| self.contents[a as usize] == self.contents[b as usize])
        {
            let empty = self.units[same[0] as usize].tokens == 0;
            let speaker = match same {
                [one] => *one,
                _ if empty || settings.matching == Match::Near => same[0],
                _ => self.earliest(corpus, same),
            };
            for &i in same {
                first[i as usize] = UnitId(speaker);
            }
        }
        first
    }

    fn earliest<C: Corpus + ?Sized>(&self, corpus: &C, same: &[u32]) -> u32 {
        let facts = |&&unit: &&u32| {
            let story = corpus.story(self.units[unit as usize].story);
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

    fn collect_rows(&mut self, sketched: &[Sketched], same_as: &[UnitId]) {
        let mut unit = 0;
        for (p, part) in sketched.iter().enumerate() {
            let mut row_of = Vec::with_capacity(part.units.len());
            for u in &part.units {
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
    pub fn which(&self, unit: UnitId) -> usize {
        let story = self.units[unit.index()].story;
        self.units[..unit.index()]
            .iter()
            .rev()
            .take_while(|u| u.story == story)
            .count()
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

    /// All candidates: each row with the earlier ones that it is compared with, in order.
    pub fn pairs<C: Corpus + ?Sized>(
        &self,
        corpus: &C,
        sketched: &[Sketched],
        settings: &Settings,
        plan: KeyPlan,
        stats: &mut Stats,
    ) -> Vec<Pair> {
        let window = Window::new(corpus, self, settings);
        let admit = |row: u32, other: u32| {
            // Captions of one story stand side by side on purpose.
            self.story(row) != self.story(other) && window.admits(row, other)
        };
        let mut pairs = Vec::new();
        if plan.seeds {
            let buckets = self.seed_buckets(sketched, settings);
            stats.capped_keys += buckets.capped();
            let seed_count = |row: u32| {
                let (part, number) = self.places[row as usize];
                sketched[part as usize].seed_counts[number as usize]
            };
            pairs = propose(self.rows.len(), &buckets, |row, other, shared| {
                let counts = (seed_count(row), seed_count(other));
                let score = seed_score(self.kind(row), shared, counts, settings.exact)?;
                admit(row, other).then_some(score)
            });
        }
        if plan.bands.is_some() {
            let buckets = self.band_buckets(sketched, settings, plan.band_count());
            stats.capped_keys += buckets.capped();
            let more = propose(self.rows.len(), &buckets, |row, other, shared| {
                admit(row, other).then_some(shared)
            });
            pairs = by_row(&pairs, &more);
        }
        self.within_budget(&pairs, settings, stats)
    }

    /// Of each row's candidates, best first, those that the budget allows.
    fn within_budget(&self, pairs: &[Pair], settings: &Settings, stats: &mut Stats) -> Vec<Pair> {
        let words = |row: u32| u64::from(self.units[self.rows[row as usize].index()].tokens);
        let mut budget = Budget::new(settings.exact);
        let mut next = 0;
        let mut kept = Vec::with_capacity(pairs.len());
        for of_row in pairs.chunk_by(|x, y| x.0 == y.0) {
            let row = of_row[0].0;
            // Rows without candidates bring their share as well.
            while next < row {
                budget.next_row(std::iter::empty());
                next += 1;
            }
            let costs = of_row.iter().map(|&(a, b)| words(a) + words(b));
            let compared = budget.next_row(costs);
            next = row + 1;
            kept.extend_from_slice(&of_row[..compared]);
        }
        stats.left_out = (pairs.len() - kept.len()) as u64;
        kept
    }

    fn band_buckets(&self, sketched: &[Sketched], settings: &Settings, bands: usize) -> Buckets {
        Buckets::build(self.rows.len(), bands, settings.exact, |band, out| {
            out.extend(
                self.places
                    .iter()
                    .enumerate()
                    .map(|(row, &(part, number))| {
                        let keys = &sketched[part as usize].keys;
                        entry(keys[number as usize * bands + band], row as u32)
                    }),
            );
        })
    }

    fn seed_buckets(&self, sketched: &[Sketched], settings: &Settings) -> Buckets {
        Buckets::build(self.rows.len(), SEED_PARTS, settings.exact, |part, out| {
            for (run, row_of) in sketched.iter().zip(&self.row_of) {
                let Some(seeds) = run.seeds.get(part) else {
                    continue;
                };
                out.extend(seeds.iter().filter_map(|&seed| {
                    let row = row_of[seed as u32 as usize];
                    (row != NO_ROW).then(|| entry((seed >> 32) as u32, row))
                }));
            }
        })
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
                .map(|row| corpus.story(table.story(row)).seconds())
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

/// The candidates of all rows, in order of the later row, of each row the best first.
fn propose(
    rows: usize,
    buckets: &Buckets,
    score: impl Fn(u32, u32, u32) -> Option<u32> + Sync,
) -> Vec<Pair> {
    (0..rows as u32)
        .into_par_iter()
        .with_min_len(256)
        .fold(
            || (Vec::new(), Candidates::default()),
            |(mut pairs, mut found), row| {
                buckets.candidates(
                    row as usize,
                    |other, shared| score(row, other, shared),
                    &mut found,
                );
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
