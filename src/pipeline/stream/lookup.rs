/*!
A [`Memory`] as a file of arrays, and out of an index.

```text
lookup.bin ─▶ Memory as it was after so many changes ─▶ what came and went since, from the database ─▶ Memory as it is
   (none, damaged, of another epoch, or ahead of the database: then of nothing, and all comes from the database)
```

Both ways lead to the same memory: see [`Incremental`].
*/

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader};

use rayon::prelude::*;

use super::clock::Clock;
use super::groups::Groups;
use super::memory::{Known, Memory, Row};
use super::ready::Readying;
use crate::config::Settings;
use crate::error::Result;
use crate::index::store::derived::{Reader, Writer};
use crate::index::store::{Index, StoredStory, StoredUnit, write_derived};
use crate::index::{Budget, Incremental};
use crate::story::UnitKind;

/// Stories whose keys are made at a time.
const AT_ONCE: usize = 1_024;
/// Words to a story, and to a row, in the file.
const STORY: usize = 6;
const ROW: usize = 9;

/// What became of the look-up file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Bytes of the file; none if it was of no use.
    pub file: Option<u64>,
    /// Why it was of no use.
    pub unusable: Option<String>,
    /// Stories whose keys were made anew.
    pub made_anew: u64,
}

/// Writes the look-up file beside its place.
///
/// # Errors
/// When it cannot be written.
pub fn write(memory: &Memory, index_epoch: u64, path: &std::path::Path) -> Result<u64> {
    write_derived(path, |out| put(memory, index_epoch, out))
}

/// The memory of an index.
///
/// # Errors
/// When the database cannot be read or does not hold together.
pub fn load(index: &Index) -> Result<(Memory, Loaded)> {
    let mut loaded = Loaded {
        file: None,
        unusable: None,
        made_anew: 0,
    };
    let mut memory = match read(index) {
        Ok(Some((memory, bytes))) => {
            loaded.file = Some(bytes);
            memory
        }
        Ok(None) => Memory::new(index.settings()),
        Err(e) => {
            loaded.unusable = Some(e.to_string());
            Memory::new(index.settings())
        }
    };
    if memory.ticks < index.state().ticks {
        loaded.made_anew = catch_up(&mut memory, index)?;
    }
    Ok((memory, loaded))
}

/// Reads the look-up file; none if there is none.
fn read(index: &Index) -> io::Result<Option<(Memory, u64)>> {
    let file = match File::open(index.lookup()) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let bytes = file.metadata()?.len();
    let mut from = Reader::new(BufReader::with_capacity(1 << 18, file), bytes);
    let memory = get(index, &mut from)?;
    from.finish()?;
    Ok(Some((memory, bytes)))
}

fn put<W: io::Write>(memory: &Memory, epoch: u64, out: &mut Writer<W>) -> io::Result<()> {
    out.head()?;
    let (recent, now) = memory.clock.state();
    out.put(&[
        epoch,
        memory.ticks,
        memory.first_story,
        u64::from(memory.first_row),
        memory.units,
        memory.budget.words(),
        u64::from(now.is_some()),
        now.unwrap_or_default() as u64,
        u64::from(memory.bands.is_some()),
        u64::from(memory.seeds.is_some()),
    ])?;
    out.put(&recent.iter().map(|&t| t as u64).collect::<Vec<_>>())?;
    let stories: Vec<u64> = memory
        .stories
        .iter()
        .flat_map(|s| story_words(s.as_ref()))
        .collect();
    out.put(&stories)?;
    drop(stories);
    let rows: Vec<u64> = memory
        .rows
        .iter()
        .flat_map(|r| row_words(r.as_ref()))
        .collect();
    out.put(&rows)?;
    drop(rows);
    out.put(&memory.groups.words())?;
    for index in [&memory.bands, &memory.seeds].into_iter().flatten() {
        index.write(out)?;
    }
    Ok(())
}

fn get<R: io::Read>(index: &Index, from: &mut Reader<R>) -> io::Result<Memory> {
    let broken = Reader::<R>::broken;
    let settings = index.settings();
    from.head()?;
    let [
        epoch,
        ticks,
        first_story,
        first_row,
        units,
        budget,
        told,
        now,
        bands,
        seeds,
    ] = from.get_few()?;
    let mut memory = Memory::new(settings);
    let other = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what);
    if epoch != index.epoch() || ticks > index.state().ticks {
        return Err(other("it belongs to another state of the index"));
    }
    if (bands == 1, seeds == 1) != (memory.bands.is_some(), memory.seeds.is_some()) {
        return Err(broken());
    }
    memory.ticks = ticks;
    memory.first_story = first_story;
    memory.first_row = first_row as u32;
    memory.units = units;
    memory.budget = Budget::with(budget, settings.exact);
    let recent: Vec<i64> = from.get()?.iter().map(|&t| t as i64).collect();
    memory.clock = Clock::of(&recent, (told == 1).then_some(now as i64));
    let stories = from.get()?;
    let rows = from.get()?;
    if stories.len() % STORY + rows.len() % ROW > 0 {
        return Err(broken());
    }
    memory.stories = stories.chunks_exact(STORY).map(story_of).collect();
    drop(stories);
    for words in rows.chunks_exact(ROW) {
        memory.push_row(row_of(words));
    }
    drop(rows);
    memory.groups = Groups::of_words(&from.get()?).ok_or_else(broken)?;
    for index in [&mut memory.bands, &mut memory.seeds].into_iter().flatten() {
        *index = Incremental::read(from)?;
    }
    memory.find_again(settings);
    Ok(memory)
}

fn story_words(story: Option<&Known>) -> [u64; STORY] {
    let Some(s) = story else { return [0; STORY] };
    [
        1 | u64::from(s.seconds.is_some()) << 1,
        s.identity as u64,
        (s.identity >> 64) as u64,
        s.seconds.unwrap_or_default() as u64,
        s.leaves as u64,
        u64::from(s.first_row) << 32 | u64::from(s.rows),
    ]
}

fn story_of(words: &[u64]) -> Option<Known> {
    (words[0] & 1 == 1).then(|| Known {
        identity: u128::from(words[1]) | u128::from(words[2]) << 64,
        seconds: (words[0] & 2 == 2).then_some(words[3] as i64),
        leaves: words[4] as i64,
        first_row: (words[5] >> 32) as u32,
        rows: words[5] as u32,
    })
}

fn row_words(row: Option<&Row>) -> [u64; ROW] {
    let Some(r) = row else { return [0; ROW] };
    let caption = u64::from(r.kind == UnitKind::Caption);
    [
        1 | u64::from(r.seconds.is_some()) << 1 | caption << 2,
        r.story,
        r.unit,
        r.content as u64,
        (r.content >> 64) as u64,
        r.seconds.unwrap_or_default() as u64,
        u64::from(r.which) << 32 | u64::from(r.words),
        u64::from(r.node),
        u64::from(r.caption) << 16 | u64::from(r.seeds),
    ]
}

fn row_of(words: &[u64]) -> Option<Row> {
    (words[0] & 1 == 1).then(|| Row {
        story: words[1],
        unit: words[2],
        which: (words[6] >> 32) as u32,
        kind: if words[0] & 4 == 4 {
            UnitKind::Caption
        } else {
            UnitKind::Story
        },
        caption: (words[8] >> 16) as u16,
        seeds: words[8] as u16,
        words: words[6] as u32,
        node: words[7] as u32,
        seconds: (words[0] & 2 == 2).then_some(words[5] as i64),
        content: u128::from(words[3]) | u128::from(words[4]) << 64,
    })
}

/// Brings the memory up to what the database knows; returns how many stories were added.
fn catch_up(memory: &mut Memory, index: &Index) -> Result<u64> {
    let settings = index.settings();
    let from = memory.next_story();
    for number in index.gone_after(memory.ticks)? {
        if number < from && memory.has_story(number) {
            memory.part_with(number);
            memory.take_out(number);
        }
    }
    // Only of those that were taken to be ahead of the feed may it be another time.
    let mut put_off = Vec::new();
    let is_behind = memory.ticks < index.state().ticks;
    for (number, leaves) in memory.ahead().into_iter().filter(|_| is_behind) {
        if let Some(stored) = index.leaves(number)?
            && stored != leaves
        {
            put_off.push((number, stored));
        }
    }
    memory.put_off_again(&put_off);
    let mut added = 0;
    let mut waiting = Vec::new();
    index.stories(from, true, |stored, units| {
        waiting.push((stored, units));
        added += 1;
        if waiting.len() == AT_ONCE {
            restore(memory, settings, std::mem::take(&mut waiting));
        }
        Ok(())
    })?;
    restore(memory, settings, waiting);
    memory.go_on(index.state(), settings);
    memory.groups = Groups::of_nodes(
        &index.nodes()?,
        memory.rows.iter().flatten().map(|r| r.node),
    )
    .ok_or_else(|| index.broken("units without their group"))?;
    Ok(added)
}

/// Adds stories of an earlier run, each with its units.
fn restore(memory: &mut Memory, settings: &Settings, stories: Vec<(StoredStory, Vec<StoredUnit>)>) {
    let keys: Vec<_> = stories
        .par_iter()
        .with_min_len(16)
        .map_init(
            || Readying::new(settings),
            |readying, (stored, units)| {
                if units.iter().any(|u| u.row.is_some()) {
                    readying.units(&stored.story)
                } else {
                    Vec::new()
                }
            },
        )
        .collect();
    for ((stored, units), keys) in stories.into_iter().zip(keys) {
        let seconds = stored.story.seconds();
        let mut first_row = None;
        let mut rows = 0;
        for (which, (unit, keys)) in units.iter().zip(&keys).enumerate() {
            let Some((row, node)) = unit.row else {
                continue;
            };
            first_row.get_or_insert(row);
            rows += 1;
            let own = Row {
                story: stored.number,
                unit: unit.unit,
                which: which as u32,
                kind: unit.kind,
                caption: unit.caption,
                seeds: unit.seeds,
                words: unit.words,
                node,
                seconds,
                content: unit.content,
            };
            memory.restore_row(row, own, keys, settings);
        }
        let known = Known {
            identity: stored.identity,
            seconds,
            leaves: stored.leaves.unwrap_or(i64::MAX),
            first_row: first_row.unwrap_or_else(|| memory.next_row()),
            rows,
        };
        memory.restore_story(stored.number, known, settings.window.is_some());
    }
    for index in [&mut memory.bands, &mut memory.seeds].into_iter().flatten() {
        index.restore();
    }
}

impl Memory {
    /// Fills what follows from stories and rows.
    fn find_again(&mut self, settings: &Settings) {
        let stories = (self.first_story..).zip(&self.stories);
        let there = stories.filter_map(|(number, s)| s.map(|s| (number, s)));
        let rows = (self.first_row..).zip(&self.rows);
        let compared = rows.filter_map(|(row, r)| r.map(|r| (r.content, row)));
        if settings.window.is_some() {
            self.known = there.clone().map(|(n, s)| (s.identity, n)).collect();
            self.leaving = there.map(|(n, s)| Reverse((s.leaves, n))).collect();
        } else {
            (self.known, self.same_words) = rayon::join(
                || there.map(|(n, s)| (s.identity, n)).collect(),
                || compared.collect(),
            );
        }
    }

    /// Stories that leave before their own time, and when.
    fn ahead(&self) -> Vec<(u64, i64)> {
        let stories = (self.first_story..).zip(&self.stories);
        let there = stories.filter_map(|(number, s)| s.map(|s| (number, s)));
        there
            .filter(|(_, s)| s.seconds.is_some_and(|own| own > s.leaves))
            .map(|(number, s)| (number, s.leaves))
            .collect()
    }

    /// Notes when stories leave that leave at another time than was known.
    fn put_off_again(&mut self, stories: &[(u64, i64)]) {
        if stories.is_empty() {
            return;
        }
        let other: HashMap<u64, i64> = stories.iter().copied().collect();
        self.leaving
            .retain(|Reverse((_, number))| !other.contains_key(number));
        for &(number, leaves) in stories {
            self.put_off(number, leaves);
        }
    }

    fn has_story(&self, number: u64) -> bool {
        number
            .checked_sub(self.first_story)
            .and_then(|at| self.stories.get(at as usize))
            .is_some_and(Option::is_some)
    }

    /// Takes a story and its rows out, groups aside.
    fn take_out(&mut self, number: u64) {
        let place = (number - self.first_story) as usize;
        if let Some(story) = self.stories[place].take() {
            for row in story.rows() {
                self.rows[(row - self.first_row) as usize] = None;
            }
        }
        self.leaving.retain(|Reverse((_, n))| *n != number);
        self.drop_the_gone();
    }

    fn restore_row(
        &mut self,
        row: u32,
        own: Row,
        keys: &crate::pipeline::engine::UnitSketch,
        settings: &Settings,
    ) {
        self.pad_rows(row);
        if let Some(seeds) = &mut self.seeds {
            let keys = keys.seeds.iter().map(|&(part, key)| (part as usize, key));
            seeds.stage_again(row, keys);
        }
        if let Some(bands) = &mut self.bands {
            bands.stage_again(row, keys.bands.iter().copied().enumerate());
        }
        if settings.window.is_none() {
            self.same_words.insert(own.content, row);
        }
        self.push_row(Some(own));
    }

    fn restore_story(&mut self, number: u64, known: Known, window: bool) {
        self.pad_stories(number);
        self.add_story(known, window);
    }

    fn pad_rows(&mut self, next: u32) {
        if self.rows.is_empty() {
            self.first_row = next;
        }
        while self.next_row() < next {
            self.push_row(None);
        }
    }

    fn pad_stories(&mut self, next: u64) {
        if self.stories.is_empty() {
            self.first_story = next;
        }
        while self.next_story() < next {
            self.stories.push_back(None);
        }
    }

    /// Takes over the numbers that go on.
    fn go_on(&mut self, state: &crate::index::store::change::State, settings: &Settings) {
        self.pad_stories(state.next_story);
        self.pad_rows(state.next_row);
        for index in [&mut self.bands, &mut self.seeds].into_iter().flatten() {
            index.go_on_at(state.next_row);
        }
        self.drop_the_gone();
        self.units = state.next_unit;
        self.ticks = state.ticks;
        self.budget = Budget::with(state.budget, settings.exact);
        self.clock = Clock::of(&state.recent, state.now);
    }
}
