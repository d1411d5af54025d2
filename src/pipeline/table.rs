/*!
What the first pass found, put together: all units, numbered, and which of them are compared.

Units with the same words are linked here, by their 128-bit content hashes; of them only the first goes on. Each unit
that goes on is a row; which pairs of rows are compared tells [`Table::pairs`].
*/

mod pairs;

use rayon::prelude::*;

use super::Stats;
use super::engine::{Compared, Sketched, UnitOf};
use super::keys::KeyKeeper;
use super::packed;
use crate::config::{Match, Settings};
use crate::error::{Error, Result};
use crate::index::entry;
use crate::story::{Corpus, StoryId, Unit, UnitId, UnitKind};
use crate::text::shingle;
use crate::verify::relation::{Reason, Rule};
use crate::verify::{Link, Relation};

pub use pairs::Pair;

/// Marks a unit that another with the same words speaks for.
const NO_ROW: u32 = u32::MAX;

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
