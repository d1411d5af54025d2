/*!
Stories that come one at a time → for each, at once, what it repeats.

```text
story ─▶ Readying (any thread): units, contents, keys
      ─▶ Stream, in input order:  known? ─▶ candidates ─▶ links (parallel) ─▶ groups ─▶ verdicts
```

The stages are those of [`batch`](super::batch), the rules of candidates as well, so that the joining links and the groups of
all stories are those that [`group_stories`](super::batch::group_stories) finds in them. Where the two differ:

- Of stories with the same words the first in input order speaks for all; the batch lets the earliest speak, which
  is the same where times grow, or where none is given and ids and headlines do.
- Round-ups are known by their headline, and by what they hold if that came before them. What comes
  after a round-up may join it, and a copy of one is judged by what it carries itself.
- With a window stories leave, in order of their times: what has left is not compared with.

- What people decided of a pair ([`Stream::deciding`]) is followed as its stories come, by what stands in groups then.

How many stories are handed over at once changes no verdict. A story that comes again, with the same id and the same
content, is `exact`, of itself, and changes nothing; only where a run broke off it gets the answer that it got, once.

What must outlive the program is parted in two: a memory of numbers and keys, which alone proposes
candidates, and a [`Shelf`] of texts and verdicts, asked for one story at a time. What is new of both is told as a
[`Change`].
*/

mod clock;
mod comparing;
mod constraints;
mod deciding;
mod groups;
mod lookup;
mod memory;
mod probing;
mod ready;
mod remembered;
mod shelf;

use std::cmp::Reverse;
use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::engine::UnitSketch;
use crate::config::Settings;
use crate::decide::Decisions;
use crate::decide::names::Idle;
use crate::error::{Error, Result};
use crate::group::name_from;
pub use crate::group::verdict::{Repeat, Verdict};
use crate::index::store::Index;
use crate::index::store::change::{Change, NewLink, NewStory, NewUnit};
use crate::index::{Candidates, Incremental};
use crate::story::{Story, UnitKind};
use crate::verify::{Link, Relation};
use clock::{Clock, Standing};
use constraints::{Constraints, Partner};
pub use lookup::Loaded;
use memory::{Known, Memory, Row};
pub use ready::{Ready, Readying};
pub use remembered::Committed;
pub use shelf::{InMemory, Shelf};

/// The verdicts on some stories, and what they changed.
pub type Told = (Vec<Arc<[Verdict]>>, Option<Change>);

/// Counts of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Stories answered.
    pub stories: u64,
    /// Of them those that had been answered before, under the same id.
    pub again: u64,
    /// Story bodies that repeat another.
    pub repeats: u64,
    /// Captions.
    pub captions: u64,
    /// Captions that repeat another.
    pub caption_repeats: u64,
    /// Pairs that were compared.
    pub candidates: u64,
    /// Pairs that were not, because very much was like very much else.
    pub left_out: u64,
    /// Groups that turned out to be another.
    pub merges: u64,
    /// Stories whose time was so far from that of the feed that they count as sent when they came. Only with a window.
    pub odd_times: u64,
    /// Stories that have left.
    pub left: u64,
    /// Stories that are remembered.
    pub held: u64,
    /// Keys that very many units share and that therefore propose only some of their pairs.
    pub capped_keys: u64,
}

/// What became of a unit before it was compared.
#[derive(Clone, Debug)]
enum Admitted {
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
    },
}

/// What became of a story before its units were compared.
#[derive(Debug)]
enum Step {
    /// It had been answered before, as this story.
    Again(u64),
    /// It had been answered before in a run that broke off.
    Replay(u64),
    /// It is new.
    New(New),
}

/// A story on its way.
#[derive(Clone, Debug)]
struct New {
    number: u64,
    first_unit: u64,
    /// Where its units stand.
    units: Range<usize>,
}

/// What is on its way from stories to verdicts.
#[derive(Default)]
struct Work {
    steps: Vec<Step>,
    admitted: Vec<Admitted>,
    units: Vec<(UnitKind, u16, NewUnit)>,
    /// Links of the story that is decided on, where they are told.
    links: Vec<NewLink>,
    /// The later row and the earlier.
    pairs: Vec<(u32, u32)>,
    candidates: Candidates,
    /// Rows that the next row is compared with.
    others: Vec<u32>,
    /// Stories that have left the index, to be freed when nothing speaks of them any more.
    left: Vec<u64>,
}

/// Finds what each story repeats among those before it.
///
/// ```
/// use samewire::{Settings, Story, pipeline::stream::Stream};
///
/// let text = "The old bridge at Orle reopened to traffic on Monday after two years of repairs, the city said.";
/// let mut stream = Stream::new(Settings::default())?;
/// assert!(stream.push(Story::new("a", text))?[0].repeat.is_none());
/// let verdicts = stream.push(Story::new("b", format!("ORLE (MW) - {text}")))?;
/// let repeat = verdicts[0].repeat.as_ref().unwrap();
/// assert_eq!((repeat.relation.name(), &*repeat.of), ("exact", "a"));
/// # Ok::<(), samewire::Error>(())
/// ```
#[derive(Debug)]
pub struct Stream {
    settings: Settings,
    memory: Memory,
    shelf: Box<dyn Shelf>,
    /// Whether changes are told.
    tells: bool,
    counts: Counts,
    readying: Readying,
    constraints: Constraints,
    /// Stories of runs that broke off: the first time they come again they get the answers that they got.
    replayed: std::ops::Range<u64>,
    /// Those that have come.
    came: HashSet<u64>,
}

impl Stream {
    /// A stream that has seen nothing and remembers in memory.
    ///
    /// # Errors
    /// When a setting is out of range.
    pub fn new(settings: Settings) -> Result<Self> {
        settings.validate()?;
        let memory = Memory::new(&settings);
        Ok(Self::of(
            settings,
            memory,
            Box::new(InMemory::default()),
            false,
        ))
    }

    /// A stream that has seen nothing, remembers in memory and follows what people decided. A pair that is to be one is joined when the
    /// later of the two comes; a link that would bring a pair together that is to be apart joins nothing. Names are ids.
    ///
    /// # Errors
    /// When a setting is out of range.
    pub fn deciding(settings: Settings, decisions: Decisions) -> Result<Self> {
        Ok(Self {
            constraints: Constraints::new(decisions),
            ..Self::new(settings)?
        })
    }

    /// Decisions that had no effect so far, in the order of their file.
    pub fn idle_decisions(&self) -> Vec<Idle> {
        self.constraints.idle()
    }

    /// A stream that goes on where an index stands. `committed` is told from which story on the index may lack what the stream
    /// tells as a [`Change`]; it starts at the next story.
    ///
    /// # Errors
    /// When the index cannot be read or does not hold together.
    pub fn open(index: &mut Index, committed: &Committed) -> Result<(Self, Loaded)> {
        let reader = index.reader()?;
        let (memory, loaded) = lookup::load(index)?;
        committed.store(memory.next_story(), Ordering::Release);
        let shelf = remembered::OnDisk::new(reader, committed.clone());
        let settings = index.settings().clone();
        let next = memory.next_story();
        let mut stream = Self::of(settings, memory, Box::new(shelf), true);
        stream.replayed = index.broken_off_from()?.unwrap_or(next)..next;
        Ok((stream, loaded))
    }

    /// Writes what proposes candidates beside the look-up file of the index, as it is after all changes told so far; returns how
    /// many they are.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_lookup(&self, epoch: u64, path: &Path) -> Result<u64> {
        lookup::write(&self.memory, epoch, path)?;
        Ok(self.memory.ticks)
    }

    /// Bytes of what proposes candidates, in memory.
    pub fn lookup_bytes(&self) -> usize {
        self.memory.bytes()
    }

    fn of(settings: Settings, mut memory: Memory, shelf: Box<dyn Shelf>, tells: bool) -> Self {
        if tells {
            memory.groups.note();
        }
        Self {
            memory,
            shelf,
            tells,
            counts: Counts::default(),
            readying: Readying::new(&settings),
            constraints: Constraints::default(),
            replayed: 0..0,
            came: HashSet::new(),
            settings,
        }
    }

    /// The verdicts on the next story: of its body, then of its captions in order. Kinds that are not compared are left out.
    ///
    /// # Errors
    /// When there are more units than can be numbered.
    pub fn push(&mut self, story: Story<'_>) -> Result<Vec<Verdict>> {
        let arrival = std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .map_or(0, |t| t.as_secs() as i64);
        let ready = self.readying.ready(story, arrival);
        let answers = self.push_all([ready])?;
        Ok(answers.first().map(|v| v.to_vec()).unwrap_or_default())
    }

    /// The verdicts on the next stories, in order. Pairs are compared in parallel.
    ///
    /// # Errors
    /// When there are more units than can be numbered.
    pub fn push_all<'a>(
        &mut self,
        stories: impl IntoIterator<Item = Ready<'a>>,
    ) -> Result<Vec<Arc<[Verdict]>>> {
        Ok(self.push_and_tell(stories)?.0)
    }

    /// As [`push_all`](Self::push_all); also tells what changed, if anything did, where there is an index to keep it.
    ///
    /// # Errors
    /// When there are more units than can be numbered, or the index cannot be read.
    pub fn push_and_tell<'a>(
        &mut self,
        stories: impl IntoIterator<Item = Ready<'a>>,
    ) -> Result<Told> {
        let mut work = Work::default();
        for ready in stories {
            self.admit(ready, &mut work)?;
        }
        let (memory, shelf) = (&self.memory, &mut *self.shelf);
        let mut texts = |row| comparing::known(memory, shelf, row);
        let mut links = comparing::links(&mut texts, &self.settings, &work.pairs)?;
        self.counts.candidates += work.pairs.len() as u64;
        let mut answers = Vec::with_capacity(work.steps.len());
        let mut new = Vec::new();
        for step in std::mem::take(&mut work.steps) {
            answers.push(match step {
                Step::Replay(number) => self.shelf.verdicts(number)?,
                Step::Again(number) => {
                    let verdicts = self.verdicts_again(number)?;
                    for verdict in &*verdicts {
                        self.count(verdict.kind, verdict.repeat.is_some(), 0);
                    }
                    verdicts
                }
                Step::New(story) => {
                    let verdicts = self.decide(&story, &mut work, &mut links)?;
                    if self.tells {
                        new.push(self.new_story(&story, &mut work, &verdicts)?);
                    }
                    verdicts
                }
            });
        }
        for &number in &work.left {
            self.memory.forget(number);
            self.shelf.forget(number);
        }
        let change = self.change(new, work.left);
        Ok((answers, change))
    }

    /// Counts so far.
    pub fn counts(&self) -> Counts {
        let capped = |index: &Option<Incremental>| index.as_ref().map_or(0, Incremental::capped);
        Counts {
            held: self.memory.known.len() as u64,
            capped_keys: capped(&self.memory.bands) + capped(&self.memory.seeds),
            ..self.counts.clone()
        }
    }

    /// Numbers the next story and finds its candidates.
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
            let row = Row::of(
                number,
                first_unit + which as u64,
                which,
                unit,
                ready.seconds,
            );
            let name = self.constraints.name(&row, &ready.story.id);
            let admitted = self.admit_unit(row, unit, name, work)?;
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

    fn admit_unit(
        &mut self,
        own: Row,
        unit: &UnitSketch,
        name: Option<u32>,
        work: &mut Work,
    ) -> Result<Admitted> {
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
        self.counts.left_out += self.memory.add_row(
            own,
            unit,
            &self.settings,
            &mut work.candidates,
            &mut work.others,
        );
        if let Some(first) = first
            && let Err(at) = work.others.binary_search(&first)
        {
            work.others.insert(at, first);
        }
        let from = work.pairs.len();
        work.pairs
            .extend(work.others.iter().map(|&other| (row, other)));
        Ok(Admitted::Compared {
            row,
            pairs: from..work.pairs.len(),
            name,
            partners: self.constraints.admit(name, own.kind, row),
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
                self.memory.leaving.push(Reverse((own, number)));
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

    /// The verdicts on a known story: each of its units that has words repeats itself.
    fn verdicts_again(&mut self, number: u64) -> Result<Arc<[Verdict]>> {
        let before = self.shelf.verdicts(number)?;
        let story = self.shelf.story(number)?;
        let rows = self.memory.story(number).rows();
        let again = before.iter().map(|v| {
            let mut rows = rows.clone().map(|row| self.memory.row(row));
            let row = rows.find(|row| (row.kind, row.caption) == (v.kind, v.caption));
            let group = match row {
                Some(row) => name_from(self.memory.groups.name(row.node)),
                None => v.group.clone(),
            };
            let repeat = (row.is_some() || v.repeat.is_some()).then(|| Repeat {
                relation: Relation::Exact,
                of: memory::unit(v.kind, v.caption).id(&story.id),
                jaccard: 1.0,
                containment: 1.0,
            });
            Verdict {
                group,
                repeat,
                merged: Vec::new(),
                ..v.clone()
            }
        });
        Ok(again.collect())
    }

    /// Decides on a story whose units were compared.
    fn decide(
        &mut self,
        new: &New,
        work: &mut Work,
        links: &mut [Option<Link>],
    ) -> Result<Arc<[Verdict]>> {
        let story = self.shelf.story(new.number)?;
        let mut verdicts = Vec::with_capacity(new.units.len());
        for (number, at) in (new.first_unit..).zip(new.units.clone()) {
            let (kind, caption, unit) = work.units[at];
            let own_name = deciding::own_name(kind, caption, &story.id);
            let (memory, shelf) = (&mut self.memory, &mut *self.shelf);
            let (name, repeat, merged) = match work.admitted[at].clone() {
                Admitted::Empty => (own_name, None, Vec::new()),
                Admitted::Same(row) => {
                    let name = memory.groups.name(memory.row(row).node);
                    if self.tells {
                        let words = unit.words as usize;
                        let shingle = self.settings.shingle_of(kind);
                        let link = deciding::same_words(words, shingle);
                        let a = memory.row(row).unit;
                        work.links.push(NewLink { a, b: number, link });
                    }
                    (name, Some(deciding::exact(memory, shelf, row)?), Vec::new())
                }
                Admitted::Compared {
                    row,
                    pairs,
                    name,
                    partners,
                } => {
                    let found = links[pairs].iter_mut().filter_map(Option::take);
                    let mut links: Vec<Link> = found.collect();
                    if kind == UnitKind::Story {
                        let title = story.title.as_deref().unwrap_or_default();
                        deciding::part_round_ups(memory, shelf, title, &mut links)?;
                    }
                    let ends = (number, own_name);
                    let (node, merged) = if self.constraints.is_empty() {
                        deciding::join(memory, &links, number, own_name)
                    } else {
                        let settings = &self.settings;
                        let decided = (row, &partners[..]);
                        deciding::add_partners(memory, shelf, decided, &mut links, settings)?;
                        let decided = (name, &partners[..]);
                        let constraints = &mut self.constraints;
                        deciding::join_decided(memory, constraints, decided, &mut links, ends)
                    };
                    memory.row_mut(row).node = node;
                    work.units[at].2.row = Some((row, node));
                    let repeat = deciding::best(memory, shelf, &links)?;
                    if self.tells {
                        work.links.extend(links.into_iter().map(|link| NewLink {
                            a: memory.row(link.a.0).unit,
                            b: number,
                            link,
                        }));
                    }
                    (memory.groups.name(node), repeat, merged)
                }
            };
            self.count(kind, repeat.is_some(), merged.len());
            verdicts.push(Verdict {
                kind,
                caption,
                repeat,
                group: name_from(name),
                merged,
            });
        }
        let verdicts: Arc<[Verdict]> = verdicts.into();
        self.shelf.settle(new.number, verdicts.clone());
        Ok(verdicts)
    }

    fn count(&mut self, kind: UnitKind, repeats: bool, merges: usize) {
        if kind == UnitKind::Story {
            self.counts.repeats += u64::from(repeats);
        } else {
            self.counts.captions += 1;
            self.counts.caption_repeats += u64::from(repeats);
        }
        self.counts.merges += merges as u64;
    }

    fn new_story(
        &mut self,
        new: &New,
        work: &mut Work,
        verdicts: &Arc<[Verdict]>,
    ) -> Result<NewStory> {
        let known = self.memory.story(new.number);
        Ok(NewStory {
            number: new.number,
            first_unit: new.first_unit,
            identity: known.identity,
            leaves: self.settings.window.map(|_| known.leaves),
            story: self.shelf.story(new.number)?,
            verdicts: verdicts.clone(),
            units: work.units[new.units.clone()].iter().map(|u| u.2).collect(),
            links: std::mem::take(&mut work.links),
        })
    }

    /// What changed, if anything did.
    fn change(&mut self, stories: Vec<NewStory>, left: Vec<u64>) -> Option<Change> {
        if !self.tells || (stories.is_empty() && left.is_empty()) {
            return None;
        }
        self.memory.ticks += 1;
        Some(Change {
            stories,
            left,
            nodes: self.memory.groups.take_touched(),
            state: self.memory.state(),
        })
    }
}
