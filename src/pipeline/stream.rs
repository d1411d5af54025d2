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

How many stories are handed over at once changes no verdict.
*/

mod clock;
mod groups;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::hash_map::{Entry, HashMap};
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;

use rayon::prelude::*;
use xxhash_rust::xxh3::Xxh3;

use super::engine::{KeyPlan, SEED_PARTS, Sketching, UnitSketch, Verifier, seed_score};
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::group::{name_bits, name_from, round_up};
use crate::index::{Budget, Candidates, Incremental};
use crate::story::{Corpus as _, Story, StoryId, Unit, UnitId, UnitKind};
use crate::verify::prepared::{Making, Prepared};
use crate::verify::{Link, Relation};
use clock::{Clock, Standing};
use groups::Groups;

/// Bytes of text that are made ready for comparison at a time, with the pairs they belong to.
const BYTES_A_BLOCK: usize = 4 << 20;
/// Pairs that are compared at a time.
const PAIRS_A_BLOCK: usize = 1_024;

/// What is told of a unit of a story.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Body or caption.
    pub kind: UnitKind,
    /// Number of the caption within its story, from 1; 0 for a body, and for a record that is a caption as a whole.
    pub caption: u16,
    /// What kind of repeat it is, with the earlier unit that shows it best; none at first sight.
    pub repeat: Option<Repeat>,
    /// Name of its group, which may be a group of one.
    pub group: String,
    /// Names of groups that turned out to be this group: from now on they are.
    pub merged: Vec<String>,
}

/// What a unit repeats.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeat {
    /// What kind of repeat.
    pub relation: Relation,
    /// Id of the earlier unit.
    pub of: String,
    /// Jaccard similarity of the two.
    pub jaccard: f64,
    /// The larger of the two containments.
    pub containment: f64,
}

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

/// A story with all that can be found out about it alone.
#[derive(Debug)]
pub struct Ready<'a> {
    story: Story<'a>,
    units: Vec<UnitSketch>,
    identity: u128,
    seconds: Option<i64>,
    arrival: i64,
}

/// Makes stories ready: the part of the work that needs no other story. One for each thread.
#[derive(Debug)]
pub struct Readying {
    sketching: Sketching,
}

impl Readying {
    /// For these settings.
    pub fn new(settings: &Settings) -> Self {
        Self {
            sketching: Sketching::new(settings, KeyPlan::of(settings)),
        }
    }

    /// Makes a story ready that arrived at that time, in seconds since 1970.
    pub fn ready<'a>(&mut self, story: Story<'a>, arrival: i64) -> Ready<'a> {
        Ready {
            units: self.sketching.units(&story),
            identity: identity(&story),
            seconds: story.seconds(),
            arrival,
            story,
        }
    }
}

/// Hash of all that a verdict depends on: the same for the same story alone.
fn identity(story: &Story<'_>) -> u128 {
    let mut hash = Xxh3::new();
    let fields = [
        Some(&story.id),
        Some(&story.text),
        story.title.as_ref(),
        story.time.as_ref(),
        story.version.as_ref(),
    ];
    for field in fields {
        let field = field.map_or(&[][..], |f| f.as_bytes());
        hash.update(&(field.len() as u64).to_le_bytes());
        hash.update(field);
    }
    hash.update(&[u8::from(story.kind == UnitKind::Caption)]);
    hash.digest128()
}

/// A story that is remembered.
#[derive(Debug)]
struct Held {
    /// Its text is kept only if one of its units is compared with others.
    story: Story<'static>,
    identity: u128,
    seconds: Option<i64>,
    /// For each unit its row, if it has one.
    rows: Vec<Option<u32>>,
    units: Vec<(UnitKind, u16)>,
    /// For each unit its node among the groups, once it is decided.
    nodes: Vec<u32>,
    verdicts: Arc<[Verdict]>,
}

/// A unit that is compared by its keys.
#[derive(Clone, Copy, Debug)]
struct Row {
    story: u64,
    which: u32,
    kind: UnitKind,
    seeds: u16,
    words: u32,
    seconds: Option<i64>,
}

/// A unit: its story's number, and its own within the story.
type UnitOf = (u64, usize);

/// What became of a unit before it was compared.
#[derive(Clone, Copy, Debug)]
enum Admitted {
    /// It has no words.
    Empty,
    /// An earlier unit has the same words.
    Same(UnitOf),
    /// It is compared with other rows: the pairs from and to these numbers.
    Compared { row: u32, from: usize, to: usize },
}

/// What became of a story before its units were compared.
#[derive(Debug)]
enum Step {
    /// It had been answered before, as this story.
    Again(u64),
    /// It is new, with this number, and its units stand in this range.
    New(u64, std::ops::Range<usize>),
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
    bands: Option<Incremental>,
    seeds: Option<Incremental>,
    /// Story `first_story + i`; none if it has left.
    stories: VecDeque<Option<Held>>,
    first_story: u64,
    rows: VecDeque<Option<Row>>,
    first_row: u32,
    units: u64,
    /// The first unit with these words. Not used with a window: it would leave before its copies do.
    same_words: HashMap<u128, UnitOf>,
    known: HashMap<u128, u64>,
    groups: Groups,
    clock: Clock,
    budget: Budget,
    /// When stories leave: their times, earliest first.
    leaving: BinaryHeap<Reverse<(i64, u64)>>,
    counts: Counts,
    readying: Readying,
}

impl Stream {
    /// A stream that has seen nothing.
    ///
    /// # Errors
    /// When a setting is out of range.
    pub fn new(settings: Settings) -> Result<Self> {
        settings.validate()?;
        let plan = KeyPlan::of(&settings);
        let index = |parts| Incremental::new(parts, settings.exact);
        Ok(Self {
            bands: plan.bands.map(|b| index(b.bands)),
            seeds: plan.seeds.then(|| index(SEED_PARTS)),
            stories: VecDeque::new(),
            first_story: 0,
            rows: VecDeque::new(),
            first_row: 0,
            units: 0,
            same_words: HashMap::new(),
            known: HashMap::new(),
            groups: Groups::default(),
            clock: Clock::default(),
            budget: Budget::new(settings.exact),
            leaving: BinaryHeap::new(),
            counts: Counts::default(),
            readying: Readying::new(&settings),
            settings,
        })
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
        let mut work = Work::default();
        for ready in stories {
            self.admit(ready, &mut work)?;
        }
        let mut links = self.compare(&work.pairs);
        self.counts.candidates += work.pairs.len() as u64;
        let mut answers = Vec::with_capacity(work.steps.len());
        for step in std::mem::take(&mut work.steps) {
            let answer = match step {
                Step::Again(number) => self.held(number).verdicts.clone(),
                Step::New(number, units) => self.decide(number, &work.admitted[units], &mut links),
            };
            answers.push(answer);
        }
        for number in work.left {
            self.forget(number);
        }
        Ok(answers)
    }

    /// Counts so far.
    pub fn counts(&self) -> Counts {
        let capped = |index: &Option<Incremental>| index.as_ref().map_or(0, Incremental::capped);
        Counts {
            held: self.known.len() as u64,
            capped_keys: capped(&self.bands) + capped(&self.seeds),
            ..self.counts.clone()
        }
    }

    fn held(&self, number: u64) -> &Held {
        self.stories[(number - self.first_story) as usize]
            .as_ref()
            .expect("a story is forgotten only when nothing speaks of it")
    }

    fn row(&self, row: u32) -> Row {
        self.rows[(row - self.first_row) as usize]
            .expect("a row is forgotten only when nothing speaks of it")
    }

    fn next_story(&self) -> u64 {
        self.first_story + self.stories.len() as u64
    }

    /// Numbers the next story and finds its candidates.
    fn admit(&mut self, ready: Ready<'_>, work: &mut Work) -> Result<()> {
        self.counts.stories += 1;
        let now = self.part_with_old(&ready, work);
        if let Some(&known) = self.known.get(&ready.identity) {
            self.counts.again += 1;
            work.steps.push(Step::Again(known));
            return Ok(());
        }
        let number = self.next_story();
        if let Some((now, window)) = now {
            let leaves = self.leaves(ready.seconds, now, window);
            self.leaving.push(Reverse((leaves, number)));
        }
        self.known.insert(ready.identity, number);
        let first = work.admitted.len();
        let mut rows = Vec::with_capacity(ready.units.len());
        for (which, unit) in ready.units.iter().enumerate() {
            let admitted = self.admit_unit(unit, (number, which), ready.seconds, work)?;
            rows.push(match admitted {
                Admitted::Compared { row, .. } => Some(row),
                _ => None,
            });
            work.admitted.push(admitted);
        }
        let compared = rows.iter().any(Option::is_some);
        self.stories.push_back(Some(Held {
            story: held_story(ready.story, compared),
            identity: ready.identity,
            seconds: ready.seconds,
            rows,
            units: ready.units.iter().map(|u| (u.kind, u.caption)).collect(),
            nodes: Vec::new(),
            verdicts: Arc::default(),
        }));
        work.steps
            .push(Step::New(number, first..work.admitted.len()));
        Ok(())
    }

    fn admit_unit(
        &mut self,
        unit: &UnitSketch,
        of: UnitOf,
        seconds: Option<i64>,
        work: &mut Work,
    ) -> Result<Admitted> {
        if unit.tokens == 0 {
            return Ok(Admitted::Empty);
        }
        let window = self.settings.window;
        if window.is_none() {
            match self.same_words.entry(unit.content) {
                Entry::Occupied(first) => return Ok(Admitted::Same(*first.get())),
                Entry::Vacant(place) => place.insert(of),
            };
        }
        let row = self.first_row + self.rows.len() as u32;
        if row >= Incremental::MOST_ROWS {
            return Err(Error::TooMany {
                what: "units",
                limit: u64::from(Incremental::MOST_ROWS),
            });
        }
        let own = Row {
            story: of.0,
            which: of.1 as u32,
            kind: unit.kind,
            seeds: unit.seed_count,
            words: unit.tokens,
            seconds,
        };
        let (rows, first_row, exact) = (&self.rows, self.first_row, self.settings.exact);
        // Captions of one story stand side by side on purpose.
        let other = |row: u32| {
            rows[(row - first_row) as usize]
                .filter(|o| o.story != own.story && within(window, o.seconds, seconds))
        };
        let from = work.pairs.len();
        if let Some(seeds) = &mut self.seeds {
            let keys = unit.seeds.iter().map(|&(part, key)| (part as usize, key));
            seeds.insert(
                keys,
                |row, shared| {
                    let counts = (own.seeds, other(row)?.seeds);
                    seed_score(own.kind, shared, counts, exact)
                },
                &mut work.candidates,
            );
            work.add_pairs(row, from);
        }
        if let Some(bands) = &mut self.bands {
            let keys = unit.bands.iter().copied().enumerate();
            bands.insert(
                keys,
                |row, shared| other(row).map(|_| shared),
                &mut work.candidates,
            );
            work.add_pairs(row, from);
        }
        let costs = work.pairs[from..].iter().map(|&(_, row)| {
            let words = rows[(row - first_row) as usize].map_or(0, |o| o.words);
            u64::from(own.words) + u64::from(words)
        });
        let allowed = from + self.budget.next_row(costs);
        self.counts.left_out += (work.pairs.len() - allowed) as u64;
        work.pairs.truncate(allowed);
        work.pairs[from..].sort_unstable();
        self.rows.push_back(Some(own));
        Ok(Admitted::Compared {
            row,
            from,
            to: work.pairs.len(),
        })
    }

    /// With a window: takes out of the index what lies before it now, and tells the time and the window.
    fn part_with_old(&mut self, ready: &Ready<'_>, work: &mut Work) -> Option<(i64, u64)> {
        let window = self.settings.window?;
        let now = self.clock.tell(ready.seconds, ready.arrival);
        let oldest = now.saturating_sub_unsigned(window);
        while let Some(&Reverse((time, number))) = self.leaving.peek()
            && time < oldest
        {
            self.leaving.pop();
            let held = self.held(number);
            // It was taken to be ahead of the feed, and the feed has come up with it.
            if let Some(own) = held.seconds
                && own > time
                && Clock::standing(own, now, window) == Standing::Plausible
            {
                self.leaving.push(Reverse((own, number)));
                continue;
            }
            let (identity, rows) = (held.identity, held.rows.clone());
            self.known.remove(&identity);
            for row in rows.into_iter().flatten() {
                for index in [&mut self.bands, &mut self.seeds].into_iter().flatten() {
                    index.remove(row);
                }
            }
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

    /// The links of these pairs, in their order.
    fn compare(&self, pairs: &[(u32, u32)]) -> Vec<Option<Link>> {
        let mut links = Vec::with_capacity(pairs.len());
        let mut rest = pairs;
        while !rest.is_empty() {
            let (block, later) = rest.split_at(self.block(rest));
            rest = later;
            let mut rows: Vec<u32> = block.iter().flat_map(|&(a, b)| [a, b]).collect();
            rows.sort_unstable();
            rows.dedup();
            let ready: Vec<Prepared<'_>> = rows
                .par_iter()
                .with_min_len(4)
                .map_init(
                    || Making::new(&self.settings),
                    |making, &row| {
                        let row = self.row(row);
                        let story = std::slice::from_ref(&self.held(row.story).story);
                        making.prepare(story.story(StoryId(0)), row.which as usize)
                    },
                )
                .collect();
            let side = |row: u32| (UnitId(row), &ready[rows.partition_point(|&r| r < row)]);
            let found: Vec<Option<Link>> = block
                .par_iter()
                .with_min_len(4)
                .map_init(
                    || Verifier::new(&self.settings),
                    |verifier, &(later, earlier)| verifier.link(side(earlier), side(later)),
                )
                .collect();
            links.extend(found);
        }
        links
    }

    /// How many of the pairs are compared at a time: bounds the memory for words.
    fn block(&self, pairs: &[(u32, u32)]) -> usize {
        let mut bytes = 0;
        let text = |row: u32| self.held(self.row(row).story).story.text.len();
        pairs
            .iter()
            .take(PAIRS_A_BLOCK)
            .take_while(|&&(_, earlier)| {
                let fits = bytes < BYTES_A_BLOCK;
                bytes += text(earlier);
                fits
            })
            .count()
    }

    /// Decides on a story whose units were compared.
    fn decide(
        &mut self,
        number: u64,
        admitted: &[Admitted],
        links: &mut [Option<Link>],
    ) -> Arc<[Verdict]> {
        let place = (number - self.first_story) as usize;
        let mut verdicts = Vec::with_capacity(admitted.len());
        for (which, admitted) in admitted.iter().enumerate() {
            let unit = self.unit(number, which);
            let (node, repeat, merged) = match *admitted {
                Admitted::Empty => (self.found(number, &unit), None, Vec::new()),
                Admitted::Same((story, of)) => {
                    let node = self.groups.hold(self.held(story).nodes[of]);
                    (node, Some(self.exact(story, of)), Vec::new())
                }
                Admitted::Compared { from, to, .. } => {
                    let mut links: Vec<Link> = links[from..to]
                        .iter_mut()
                        .filter_map(Option::take)
                        .collect();
                    if unit.kind == UnitKind::Story {
                        self.part_round_ups(number, &mut links);
                    }
                    let (node, merged) = self.join(number, &unit, &links);
                    (node, self.best(&links), merged)
                }
            };
            self.units += 1;
            self.count(&unit, repeat.is_some(), merged.len());
            let held = self.stories[place]
                .as_mut()
                .expect("a story is forgotten only when nothing speaks of it");
            held.nodes.push(node);
            verdicts.push(Verdict {
                kind: unit.kind,
                caption: unit.caption,
                repeat,
                group: name_from(self.groups.name(node)),
                merged,
            });
        }
        let verdicts: Arc<[Verdict]> = verdicts.into();
        if let Some(held) = &mut self.stories[place] {
            held.verdicts = verdicts.clone();
        }
        verdicts
    }

    fn count(&mut self, unit: &Unit, repeats: bool, merges: usize) {
        if unit.kind == UnitKind::Story {
            self.counts.repeats += u64::from(repeats);
        } else {
            self.counts.captions += 1;
            self.counts.caption_repeats += u64::from(repeats);
        }
        self.counts.merges += merges as u64;
    }

    fn unit(&self, story: u64, which: usize) -> Unit {
        let (kind, caption) = self.held(story).units[which];
        Unit {
            story: StoryId(0),
            kind,
            caption,
            tokens: 0,
        }
    }

    fn id(&self, story: u64, which: usize) -> String {
        self.unit(story, which).id(&self.held(story).story.id)
    }

    /// A group of one.
    fn found(&mut self, story: u64, unit: &Unit) -> u32 {
        let id = unit.id(&self.held(story).story.id);
        self.groups.found(self.units, name_bits(unit.kind, &id))
    }

    fn exact(&self, story: u64, which: usize) -> Repeat {
        Repeat {
            relation: Relation::Exact,
            of: self.id(story, which),
            jaccard: 1.0,
            containment: 1.0,
        }
    }

    /// Joins the groups that the links lead to; returns the node for the unit to hold, and the names that are given up.
    fn join(&mut self, story: u64, unit: &Unit, links: &[Link]) -> (u32, Vec<String>) {
        let mut node = None;
        let mut merged = Vec::new();
        for link in links.iter().filter(|l| l.relation.joins()) {
            let other = self.row(link.a.0);
            let other = self.held(other.story).nodes[other.which as usize];
            let node = *node.get_or_insert_with(|| self.groups.hold(other));
            if let Some(gone) = self.groups.join(node, other) {
                merged.push(name_from(gone));
            }
        }
        (node.unwrap_or_else(|| self.found(story, unit)), merged)
    }

    /// The link that shows best what the unit repeats: one that joins before one that does not, then the most alike, then the earliest.
    fn best(&self, links: &[Link]) -> Option<Repeat> {
        let link = links.iter().min_by(|x, y| {
            let rank = |l: &Link| (!l.relation.joins(), l.relation != Relation::Exact);
            rank(x)
                .cmp(&rank(y))
                .then_with(|| crate::group::stronger(x, y))
                .then_with(|| x.a.cmp(&y.a))
        })?;
        let of = self.row(link.a.0);
        Some(Repeat {
            relation: link.relation,
            of: self.id(of.story, of.which as usize),
            jaccard: link.jaccard(),
            containment: link.containment_a().max(link.containment_b()),
        })
    }

    /// Turns the links between round-ups and what they carry into `overlap`, as far as can be known now.
    fn part_round_ups(&self, story: u64, links: &mut [Link]) {
        let title = |story: u64| self.held(story).story.title.as_deref().unwrap_or_default();
        let mut holds = Vec::new();
        for (i, link) in links.iter_mut().enumerate() {
            if !round_up::carries(link) {
                continue;
            }
            let other = self.row(link.a.0);
            let is_longer = link.reason.words_b > link.reason.words_a;
            let (longer, shorter) = if is_longer {
                (story, other.story)
            } else {
                (other.story, story)
            };
            if round_up::says_so(link, title(longer), title(shorter)) {
                round_up::part(link);
            } else if is_longer {
                let node = self.held(other.story).nodes[other.which as usize];
                holds.push((i, title(other.story), self.groups.root(node)));
            }
        }
        let held: Vec<(&Link, &str, u32)> = holds
            .iter()
            .map(|&(i, title, root)| (&links[i], title, root))
            .collect();
        if round_up::holds_unrelated_parts(title(story), &held) {
            for (i, ..) in holds {
                round_up::part(&mut links[i]);
            }
        }
    }

    /// Frees what a story that has left still holds.
    fn forget(&mut self, number: u64) {
        let place = (number - self.first_story) as usize;
        if let Some(held) = self.stories[place].take() {
            for node in held.nodes {
                self.groups.release(node);
            }
            for row in held.rows.into_iter().flatten() {
                self.rows[(row - self.first_row) as usize] = None;
            }
        }
        while let Some(None) = self.stories.front() {
            self.stories.pop_front();
            self.first_story += 1;
        }
        while let Some(None) = self.rows.front() {
            self.rows.pop_front();
            self.first_row += 1;
        }
    }
}

/// What is on its way from stories to verdicts.
#[derive(Default)]
struct Work {
    steps: Vec<Step>,
    admitted: Vec<Admitted>,
    /// The later row and the earlier.
    pairs: Vec<(u32, u32)>,
    candidates: Candidates,
    /// Stories that have left the index, to be freed when nothing speaks of them any more.
    left: Vec<u64>,
}

impl Work {
    /// Adds the candidates of a row, best first, to those it has from `from` on.
    fn add_pairs(&mut self, row: u32, from: usize) {
        let known = self.pairs.len();
        for &(_, other) in &self.candidates.best {
            if !self.pairs[from..known].contains(&(row, other)) {
                self.pairs.push((row, other));
            }
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

/// What is remembered of a story.
fn held_story(story: Story<'_>, compared: bool) -> Story<'static> {
    let own = |field: Cow<'_, str>| Cow::Owned(field.into_owned());
    Story {
        id: own(story.id),
        text: if compared {
            own(story.text)
        } else {
            Cow::default()
        },
        title: story.title.map(own),
        time: story.time.map(own),
        source: None,
        version: story.version.map(own),
        kind: story.kind,
    }
}
