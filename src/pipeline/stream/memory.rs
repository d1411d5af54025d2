/*!
What is remembered of the stories so far, their texts aside: all that decides what a later story repeats.

```text
identity ─▶ story      words ─▶ row      keys ─▶ rows      row ─▶ story, group      time ─▶ stories that leave
```

Everything here follows from the stories that are there, in their order, and from a few numbers ([`State`]): so an index
can keep it in a file, or make it anew.
*/

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};

use rayon::prelude::*;

use super::clock::Clock;
use super::groups::Groups;
use crate::config::Settings;
use crate::index::store::change::State;
use crate::index::{Budget, Candidates, Incremental};
use crate::pipeline::engine::{KeyPlan, SEED_PARTS, UnitSketch, seed_score};
use crate::story::{Unit, UnitKind};

/// A unit that is compared by its keys.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    pub story: u64,
    /// Number of the unit.
    pub unit: u64,
    /// Its number within the story.
    pub which: u32,
    pub kind: UnitKind,
    pub caption: u16,
    pub seeds: u16,
    pub words: u32,
    /// Its node among the groups, once it is decided.
    pub node: u32,
    pub seconds: Option<i64>,
    /// Hash of its words.
    pub content: u128,
}

/// Stands for the node of a row that is not decided yet.
pub const NO_NODE: u32 = u32::MAX;

impl Row {
    /// Of unit number `which` of a story, before its node is decided.
    pub fn of(
        story: u64,
        unit: u64,
        which: usize,
        sketch: &UnitSketch,
        seconds: Option<i64>,
    ) -> Self {
        Self {
            story,
            unit,
            which: which as u32,
            kind: sketch.kind,
            caption: sketch.caption,
            seeds: sketch.seed_count,
            words: sketch.tokens,
            node: NO_NODE,
            seconds,
            content: sketch.content,
        }
    }

    /// The unit's id, in a story with that id.
    pub fn id(&self, story_id: &str) -> String {
        unit(self.kind, self.caption).id(story_id)
    }
}

/// A unit, as far as its id depends on it.
pub fn unit(kind: UnitKind, caption: u16) -> Unit {
    Unit {
        story: crate::story::StoryId(0),
        kind,
        caption,
        tokens: 0,
    }
}

/// A story that is remembered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known {
    pub identity: u128,
    pub seconds: Option<i64>,
    /// The time by which it leaves; only with a window.
    pub leaves: i64,
    pub first_row: u32,
    pub rows: u32,
}

impl Known {
    /// The rows of its units.
    pub fn rows(&self) -> std::ops::Range<u32> {
        self.first_row..self.first_row + self.rows
    }
}

/// All that is remembered.
#[derive(Debug)]
pub struct Memory {
    pub bands: Option<Incremental>,
    pub seeds: Option<Incremental>,
    /// Story `first_story + i`; none if it has left.
    pub stories: VecDeque<Option<Known>>,
    pub first_story: u64,
    pub rows: VecDeque<Option<Row>>,
    pub first_row: u32,
    /// Seeds of each row, as in `rows`: all that most proposed rows are asked for.
    pub seed_counts: VecDeque<u16>,
    /// Rows at the end that are staged.
    staged: u32,
    /// Units so far.
    pub units: u64,
    /// The first row with these words. Not used with a window: it would leave before its copies do.
    pub same_words: HashMap<u128, u32>,
    pub known: HashMap<u128, u64>,
    pub groups: Groups,
    pub clock: Clock,
    pub budget: Budget,
    /// When stories leave: their times, earliest first.
    pub leaving: BinaryHeap<Reverse<(i64, u64)>>,
    /// Changes so far.
    pub ticks: u64,
}

impl Memory {
    /// Of nothing.
    pub fn new(settings: &Settings) -> Self {
        let plan = KeyPlan::of(settings);
        let forgets = settings.window.is_some();
        let index = |parts| Incremental::new(parts, settings.exact, forgets);
        Self {
            bands: plan.bands.map(|b| index(b.bands)),
            seeds: plan.seeds.then(|| index(SEED_PARTS)),
            stories: VecDeque::new(),
            first_story: 0,
            rows: VecDeque::new(),
            first_row: 0,
            seed_counts: VecDeque::new(),
            staged: 0,
            units: 0,
            same_words: HashMap::new(),
            known: HashMap::new(),
            groups: Groups::default(),
            clock: Clock::default(),
            budget: Budget::new(settings.exact),
            leaving: BinaryHeap::new(),
            ticks: 0,
        }
    }

    /// The numbers that go on.
    pub fn state(&self) -> State {
        let (recent, now) = self.clock.state();
        State {
            ticks: self.ticks,
            next_story: self.next_story(),
            next_unit: self.units,
            next_row: self.next_row(),
            budget: self.budget.words(),
            recent,
            now,
        }
    }

    /// Bytes in memory, estimated: what grows with the stories.
    pub fn bytes(&self) -> usize {
        // A hash map of the standard library has a control byte beside each slot, and an eighth of its slots free.
        let map = |capacity: usize, entry: usize| capacity * 8 / 7 * (entry + 1);
        let indexes = [&self.bands, &self.seeds].into_iter().flatten();
        self.stories.capacity() * size_of::<Option<Known>>()
            + self.rows.capacity() * size_of::<Option<Row>>()
            + self.seed_counts.capacity() * 2
            + map(self.known.capacity(), size_of::<(u128, u64)>())
            + map(self.same_words.capacity(), size_of::<(u128, u32)>())
            + self.leaving.capacity() * size_of::<Reverse<(i64, u64)>>()
            + self.groups.bytes()
            + indexes.map(Incremental::bytes).sum::<usize>()
    }

    /// A story that is there.
    pub fn story(&self, number: u64) -> Known {
        self.stories[(number - self.first_story) as usize]
            .expect("a story is forgotten only when nothing speaks of it")
    }

    /// A row that is there.
    pub fn row(&self, row: u32) -> Row {
        self.rows[(row - self.first_row) as usize]
            .expect("a row is forgotten only when nothing speaks of it")
    }

    /// A row, to note its node.
    pub fn row_mut(&mut self, row: u32) -> &mut Row {
        self.rows[(row - self.first_row) as usize]
            .as_mut()
            .expect("a row is forgotten only when nothing speaks of it")
    }

    /// Number of the next story.
    pub fn next_story(&self) -> u64 {
        self.first_story + self.stories.len() as u64
    }

    /// Number of the next row.
    pub fn next_row(&self) -> u32 {
        self.first_row + self.rows.len() as u32
    }

    /// Adds a row with its keys. What it is compared with, [`propose`](Self::propose) tells.
    pub fn stage_row(&mut self, own: Row, unit: &UnitSketch) {
        if let Some(seeds) = &mut self.seeds {
            seeds.stage(unit.seeds.iter().map(|&(part, key)| (part as usize, key)));
        }
        if let Some(bands) = &mut self.bands {
            bands.stage(unit.bands.iter().copied().enumerate());
        }
        self.push_row(Some(own));
        self.staged += 1;
    }

    /// For each row that was staged since the last time its candidates within the budget, in order; and how many the budget left out.
    pub fn propose(&mut self, settings: &Settings) -> (Vec<Vec<u32>>, u64) {
        let staged = self.next_row() - std::mem::take(&mut self.staged)..self.next_row();
        for index in [&mut self.seeds, &mut self.bands].into_iter().flatten() {
            index.propose();
        }
        let memory = &*self;
        let choose = |candidates: &mut Candidates, row: u32| {
            let others = memory.others(memory.row(row), settings);
            let mut pairs = Vec::new();
            if let Some(seeds) = &memory.seeds {
                let score = |r, shared| others.by_seeds(r, shared);
                seeds.choose(row, score, candidates);
                add_new(candidates, &mut pairs);
            }
            if let Some(bands) = &memory.bands {
                let score = |r, shared| others.by_bands(r, shared);
                bands.choose(row, score, candidates);
                add_new(candidates, &mut pairs);
            }
            pairs
        };
        let mut pairs: Vec<Vec<u32>> = staged
            .clone()
            .into_par_iter()
            .with_min_len(32)
            .map_init(Candidates::default, choose)
            .collect();
        let mut budget = self.budget;
        let mut left_out = 0;
        for (row, pairs) in staged.zip(&mut pairs) {
            let others = self.others(self.row(row), settings);
            left_out += others.within(&mut budget, pairs);
        }
        self.budget = budget;
        (pairs, left_out)
    }

    fn others<'m>(&'m self, own: Row, settings: &'m Settings) -> Others<'m> {
        Others {
            memory: self,
            own,
            settings,
        }
    }

    /// Takes the next row, or the place of one that has left.
    pub fn push_row(&mut self, row: Option<Row>) {
        self.seed_counts.push_back(row.map_or(0, |r| r.seeds));
        self.rows.push_back(row);
    }

    /// Replaces `pairs` by what a row would be compared with, without adding anything.
    pub fn candidates(
        &self,
        own: Row,
        unit: &UnitSketch,
        settings: &Settings,
        candidates: &mut Candidates,
        pairs: &mut Vec<u32>,
    ) {
        let others = self.others(own, settings);
        pairs.clear();
        if let Some(seeds) = &self.seeds {
            let keys = unit.seeds.iter().map(|&(part, key)| (part as usize, key));
            seeds.candidates(keys, |r, shared| others.by_seeds(r, shared), candidates);
            add_new(candidates, pairs);
        }
        if let Some(bands) = &self.bands {
            let keys = unit.bands.iter().copied().enumerate();
            bands.candidates(keys, |r, shared| others.by_bands(r, shared), candidates);
            add_new(candidates, pairs);
        }
        others.within(&mut self.budget.clone(), pairs);
    }

    /// Takes the next story, whose rows were added.
    pub fn add_story(&mut self, known: Known, window: bool) {
        let number = self.next_story();
        if window {
            self.leaving.push(Reverse((known.leaves, number)));
        }
        self.known.insert(known.identity, number);
        self.stories.push_back(Some(known));
    }

    /// A story that was about to leave stays until then.
    pub fn put_off(&mut self, number: u64, leaves: i64) {
        if let Some(story) = &mut self.stories[(number - self.first_story) as usize] {
            story.leaves = leaves;
        }
        self.leaving.push(Reverse((leaves, number)));
    }

    /// Takes a story out of what proposes candidates. What it holds is freed by [`forget`](Self::forget).
    pub fn part_with(&mut self, number: u64) {
        let story = self.story(number);
        self.known.remove(&story.identity);
        for row in story.rows() {
            for index in [&mut self.bands, &mut self.seeds].into_iter().flatten() {
                index.remove(row);
            }
        }
    }

    /// Frees what a story that has left still holds.
    pub fn forget(&mut self, number: u64) {
        let place = (number - self.first_story) as usize;
        if let Some(story) = self.stories[place].take() {
            for row in story.rows() {
                let place = (row - self.first_row) as usize;
                if let Some(row) = self.rows[place].take() {
                    self.groups.release(row.node);
                }
            }
        }
        self.drop_the_gone();
    }

    /// Frees the places of stories and rows that have left, from the front.
    pub fn drop_the_gone(&mut self) {
        while let Some(None) = self.stories.front() {
            self.stories.pop_front();
            self.first_story += 1;
        }
        while let Some(None) = self.rows.front() {
            self.rows.pop_front();
            self.seed_counts.pop_front();
            self.first_row += 1;
        }
    }
}

/// The rows that one is compared with.
struct Others<'m> {
    memory: &'m Memory,
    own: Row,
    settings: &'m Settings,
}

impl Others<'_> {
    fn row(&self, row: u32) -> Option<Row> {
        let (own, window) = (&self.own, self.settings.window);
        // Captions of one story stand side by side on purpose.
        self.memory.rows[(row - self.memory.first_row) as usize]
            .filter(|o| o.story != own.story && within(window, o.seconds, own.seconds))
    }

    fn by_seeds(&self, row: u32, shared: u32) -> Option<u32> {
        let seeds = self.memory.seed_counts[(row - self.memory.first_row) as usize];
        let counts = (self.own.seeds, seeds);
        // Most have too few in common: then the row is not looked at.
        let score = seed_score(self.own.kind, shared, counts, self.settings.exact)?;
        self.row(row).map(|_| score)
    }

    fn by_bands(&self, row: u32, shared: u32) -> Option<u32> {
        self.row(row).map(|_| shared)
    }

    /// Leaves of the pairs, best first, those that the budget allows, in order of rows.
    fn within(&self, budget: &mut Budget, pairs: &mut Vec<u32>) -> u64 {
        let costs = pairs.iter().map(|&row| {
            let words = self.memory.row(row).words;
            u64::from(self.own.words) + u64::from(words)
        });
        let allowed = budget.next_row(costs);
        let left_out = (pairs.len() - allowed) as u64;
        pairs.truncate(allowed);
        pairs.sort_unstable();
        left_out
    }
}

/// Adds candidates, best first, to those that are known.
fn add_new(candidates: &Candidates, pairs: &mut Vec<u32>) {
    let known = pairs.len();
    for &(_, other) in &candidates.best {
        if !pairs[..known].contains(&other) {
            pairs.push(other);
        }
    }
}

/// Whether two times are near enough to be compared; one that is not known is near to all.
fn within(window: Option<u64>, a: Option<i64>, b: Option<i64>) -> bool {
    match (window, a, b) {
        (Some(window), Some(a), Some(b)) => a.abs_diff(b) <= window,
        _ => true,
    }
}
