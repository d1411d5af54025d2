//! Stories → numbers, rows and the pairs that are to be compared.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use super::clock::{Clock, Standing};
use super::constraints::Partner;
use super::memory::{Known, Row};
use super::ready::Ready;
use super::{Stream, shelf};
use crate::error::{Error, Result};
use crate::index::Incremental;
use crate::index::store::change::{NewLink, NewUnit};
use crate::pipeline::engine::UnitSketch;
use crate::story::UnitKind;

/// What became of a unit before it was compared.
#[derive(Clone, Debug)]
pub enum Admitted {
    /// It has no words.
    Empty,
    /// An earlier row has the same words.
    Same(u32),
    /// It is compared with other rows: these of the pairs. Decisions name it so, and join it with these.
    Compared {
        row: u32,
        pairs: Range<usize>,
        name: Option<u32>,
        partners: Vec<Partner>,
        /// An earlier row with the same words, where decisions name this one.
        same: Option<u32>,
    },
}

/// What became of a story before its units were compared.
#[derive(Debug)]
pub enum Step {
    /// It had been answered before, as this story.
    Again(u64),
    /// It had been answered before in a run that broke off.
    Replay(u64),
    /// It is new.
    New(New),
}

/// A story on its way.
#[derive(Clone, Debug)]
pub struct New {
    pub number: u64,
    pub first_unit: u64,
    /// Where its units stand.
    pub units: Range<usize>,
}

/// What is on its way from stories to verdicts.
#[derive(Default)]
pub struct Work {
    pub steps: Vec<Step>,
    pub admitted: Vec<Admitted>,
    pub units: Vec<(UnitKind, u16, NewUnit)>,
    /// Links of the story that is decided on, where they are told.
    pub links: Vec<NewLink>,
    /// The later row and the earlier.
    pub pairs: Vec<(u32, u32)>,
    /// Stories that have left the index, to be freed when nothing speaks of them any more.
    pub left: Vec<u64>,
    /// Stories that stay longer than they were to, and the times by which they leave.
    pub put_off: Vec<(u64, i64)>,
}

impl Stream {
    /// Numbers the next stories, in order, and finds their candidates.
    pub(super) fn admit_all<'a>(
        &mut self,
        stories: impl IntoIterator<Item = Ready<'a>>,
    ) -> Result<Work> {
        let mut work = Work::default();
        let admitted = stories
            .into_iter()
            .try_for_each(|ready| self.admit(ready, &mut work));
        // Also where there are too many: nothing stays staged.
        let (found, left_out) = self.memory.propose(&self.settings);
        admitted?;
        self.counts.left_out += left_out;
        let mut found = found.into_iter();
        for admitted in &mut work.admitted {
            let Admitted::Compared {
                row, pairs, same, ..
            } = admitted
            else {
                continue;
            };
            // As many as rows.
            let mut others = found.next().unwrap_or_default();
            if let Some(same) = *same
                && let Err(at) = others.binary_search(&same)
            {
                others.insert(at, same);
            }
            let from = work.pairs.len();
            work.pairs.extend(others.iter().map(|&other| (*row, other)));
            *pairs = from..work.pairs.len();
        }
        Ok(work)
    }

    /// Numbers the next story and stages its rows.
    fn admit(&mut self, ready: Ready<'_>, work: &mut Work) -> Result<()> {
        self.counts.stories += 1;
        if let Some(&known) = self.memory.known.get(&ready.identity) {
            self.counts.again += 1;
            let replay = self.replayed.contains(&known) && self.came.insert(known);
            work.steps.push(if replay {
                Step::Replay(known)
            } else {
                Step::Again(known)
            });
            return Ok(());
        }
        let now = self.part_with_old(&ready, work);
        let leaves = now.map_or(i64::MAX, |(now, window)| {
            self.leaves(ready.seconds, now, window)
        });
        let number = self.memory.next_story();
        let first_row = self.memory.next_row();
        let first_unit = self.memory.units;
        self.memory.units += ready.units.len() as u64;
        let first = work.admitted.len();
        for (which, unit) in ready.units.iter().enumerate() {
            let unit_number = first_unit + which as u64;
            let row = Row::of(number, unit_number, which, unit, ready.seconds);
            let name = self.constraints.name(&row, &ready.story.id);
            let admitted = self.admit_unit(row, unit, name)?;
            let new = NewUnit {
                words: unit.tokens,
                seeds: unit.seed_count,
                content: unit.content,
                row: None,
            };
            work.units.push((unit.kind, unit.caption, new));
            work.admitted.push(admitted);
        }
        let rows = self.memory.next_row() - first_row;
        let known = Known {
            identity: ready.identity,
            seconds: ready.seconds,
            leaves,
            first_row,
            rows,
        };
        self.memory.add_story(known, now.is_some());
        let kept = shelf::kept(ready.story, self.tells || rows > 0);
        self.shelf.put(number, Arc::new(kept));
        work.steps.push(Step::New(New {
            number,
            first_unit,
            units: first..work.admitted.len(),
        }));
        Ok(())
    }

    fn admit_unit(&mut self, own: Row, unit: &UnitSketch, name: Option<u32>) -> Result<Admitted> {
        if unit.tokens == 0 {
            self.constraints.empty(name);
            return Ok(Admitted::Empty);
        }
        let row = self.memory.next_row();
        let mut first = None;
        if self.settings.window.is_none() {
            first = self.memory.same_words.get(&unit.content).copied();
            match first {
                // What decisions name stands for itself.
                Some(first) if name.is_none() => return Ok(Admitted::Same(first)),
                Some(_) => {}
                None => drop(self.memory.same_words.insert(unit.content, row)),
            }
        }
        if row >= Incremental::MOST_ROWS {
            return Err(Error::TooMany {
                what: "units",
                limit: u64::from(Incremental::MOST_ROWS),
            });
        }
        self.memory.stage_row(own, unit);
        Ok(Admitted::Compared {
            row,
            pairs: 0..0,
            name,
            partners: self.constraints.admit(name, own.kind, row),
            same: first,
        })
    }

    /// With a window: takes out of the index what lies before it now, and tells the time and the window.
    fn part_with_old(&mut self, ready: &Ready<'_>, work: &mut Work) -> Option<(i64, u64)> {
        let window = self.settings.window?;
        let now = self.memory.clock.tell(ready.seconds, ready.arrival);
        let oldest = now.saturating_sub_unsigned(window);
        while let Some(&Reverse((time, number))) = self.memory.leaving.peek()
            && time < oldest
        {
            self.memory.leaving.pop();
            // It was taken to be ahead of the feed, and the feed has come up with it.
            if let Some(own) = self.memory.story(number).seconds
                && own > time
                && Clock::standing(own, now, window) == Standing::Plausible
            {
                self.memory.put_off(number, own);
                work.put_off.push((number, own));
                continue;
            }
            self.memory.part_with(number);
            self.constraints
                .part_with(&self.memory.story(number).rows());
            self.counts.left += 1;
            work.left.push(number);
        }
        Some((now, window))
    }

    /// The time by which a story leaves.
    fn leaves(&mut self, seconds: Option<i64>, now: i64, window: u64) -> i64 {
        match seconds {
            Some(time) if Clock::standing(time, now, window) == Standing::Plausible => time,
            Some(_) => {
                self.counts.odd_times += 1;
                now
            }
            None => now,
        }
    }
}
