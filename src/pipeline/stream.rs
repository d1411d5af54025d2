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

mod admitting;
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

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rayon::prelude::*;

use crate::config::Settings;
use crate::decide::Decisions;
use crate::decide::names::Idle;
use crate::error::Result;
use crate::group::name_from;
pub use crate::group::verdict::{Repeat, Verdict};
use crate::index::Incremental;
use crate::index::store::Index;
use crate::index::store::change::{Change, NewLink, NewStory};
use crate::index::store::packing::Packer;
use crate::pipeline::bundles::Rooms;
use crate::story::{Story, UnitKind};
use crate::verify::{Link, Relation};
use admitting::{Admitted, New, Step, Work};
use constraints::Constraints;
pub use lookup::Loaded;
use memory::Memory;
pub use ready::{Ready, Readying, ask_in_parts};
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
    rooms: Rooms,
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
            rooms: Rooms::default(),
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
        let mut work = self.admit_all(stories)?;
        let (memory, shelf) = (&self.memory, &mut *self.shelf);
        let mut texts = |row| comparing::known(memory, shelf, row);
        let mut links = comparing::links(&mut texts, (&self.settings, &self.rooms), &work.pairs)?;
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
        let change = self.change(new, work.left, work.put_off);
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

    /// Ends with the process: what is remembered is left for that to free, which takes a fiftieth of the time.
    pub fn end(self) {
        self.shelf.end();
        std::mem::forget(self.memory);
    }

    /// The verdicts on a known story: each of its units repeats itself, one without words too, for the record is the same.
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
            let repeat = Repeat {
                relation: Relation::Exact,
                of: memory::unit(v.kind, v.caption).id(&story.id),
                jaccard: 1.0,
                containment: 1.0,
            };
            Verdict {
                group,
                repeat: Some(repeat),
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
                    same: _,
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
            packed: None,
            verdicts: verdicts.clone(),
            units: work.units[new.units.clone()].iter().map(|u| u.2).collect(),
            links: std::mem::take(&mut work.links),
        })
    }

    /// What changed, if anything did.
    fn change(
        &mut self,
        mut stories: Vec<NewStory>,
        left: Vec<u64>,
        put_off: Vec<(u64, i64)>,
    ) -> Option<Change> {
        let nothing = stories.is_empty() && left.is_empty() && put_off.is_empty();
        if !self.tells || nothing {
            return None;
        }
        // Here, where there are threads for it, not on the one that stores.
        let stored = stories.par_iter_mut().with_min_len(128);
        stored.for_each_init(Packer::new, |packer, new| {
            new.packed = packer.pack(&new.story.text);
        });
        self.memory.ticks += 1;
        Some(Change {
            stories,
            left,
            put_off,
            nodes: self.memory.groups.take_touched(),
            state: self.memory.state(),
        })
    }
}
