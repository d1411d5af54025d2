/*!
The order of the stages, without threads: what a driver does for a story, and for a candidate.

[`Sketching`] takes a story to its units, contents and keys; [`Verifier`] takes two units to a link.
*/

use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::first_pass::PerStory;
use super::keys::Spilled;
use super::packed::Packed;
use crate::config::{Match, Settings, Threshold};
use crate::sketch::{Bands, Distinct, Sketcher, winnow};
use crate::story::{Corpus, Story, StoryId, Unit, UnitId, UnitKind};
use crate::text::{Preparer, shingle};
use crate::verify::align::Aligner;
use crate::verify::evidence;
use crate::verify::prepared::{Making, Prepared};
use crate::verify::relation::{self, Reason, Rule};
use crate::verify::{Link, Relation, Span, jaccard};

/// Seeds find every pair of at least this Jaccard similarity by themselves: with shingles of 5 words in windows of 6
/// a pair without a common seed has less than 0.385, or 0.484 if it is short.
const SEEDS_SUFFICE: f64 = 0.5;
/// Parts that seeds are sorted in.
pub const SEED_PARTS: usize = 1 << SEED_PART_BITS;
const SEED_PART_BITS: u32 = 5;
/// Least share of the smaller unit's seeds that a story candidate has in common, in thousandths; and of shingles.
const LEAST_STORY: u32 = 100;
/// The same for captions: their seeds are all their shingles.
const LEAST_CAPTION: u32 = 300;

/// Which keys a run makes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeyPlan {
    /// Band keys, and how many.
    pub bands: Option<Bands>,
    /// Seeds.
    pub seeds: bool,
}

impl KeyPlan {
    /// The keys that these settings need.
    pub fn of(settings: &Settings) -> Self {
        let threshold = settings.threshold.value();
        let seeds = settings.matching == Match::All;
        Self {
            bands: (!seeds || threshold < SEEDS_SUFFICE)
                .then(|| Bands::solve(threshold, settings.recall)),
            seeds,
        }
    }

    /// Band keys of a unit.
    pub fn band_count(&self) -> usize {
        self.bands.map_or(0, |b| b.bands)
    }
}

/// What the first pass keeps of a run of stories.
#[derive(Debug, Default)]
pub struct Sketched {
    /// Units in order; story numbers count from the first story of the run.
    pub units: Vec<Unit>,
    /// 128-bit hash of each unit's words.
    pub contents: Vec<u128>,
    /// Band keys of units with words, in order: as many for each as there are bands.
    pub keys: Vec<u32>,
    /// Distinct seeds of each unit with words.
    pub seed_counts: Vec<u16>,
    /// Seeds by part, each with the number of its unit among those with words.
    pub seeds: Vec<Packed>,
    /// How many stories.
    pub stories: u32,
    /// Where `keys` and `seeds` lie instead, if they are not held.
    pub spilled: Option<Spilled>,
}

/// A unit of one story with its keys.
#[derive(Clone, Debug, Default)]
pub struct UnitSketch {
    /// Body or caption.
    pub kind: UnitKind,
    /// Number of the caption within its story, from 1; 0 for a whole record.
    pub caption: u16,
    /// Words in it, furniture aside.
    pub tokens: u32,
    /// 128-bit hash of its words.
    pub content: u128,
    /// Band keys, band after band.
    pub bands: Vec<u32>,
    /// Distinct seeds: part and key.
    pub seeds: Vec<(u8, u32)>,
    /// How many seeds.
    pub seed_count: u16,
}

/// The part that a seed is sorted into, and its key there.
fn seed_key(seed: u64) -> (u8, u32) {
    (
        (seed >> (64 - SEED_PART_BITS)) as u8,
        (seed >> (32 - SEED_PART_BITS)) as u32,
    )
}

/// A shingle's hash with its lower half first: winnowing prefers hashes that begin with zeros, which would fill the first
/// parts and leave the others empty.
///
/// Only the bits that [`seed_key`] looks at are left, and the last one, so that none is 0: what is distinct has a key of its own.
fn seed_of(shingle: u64, kind: UnitKind) -> u64 {
    const OTHERS: u64 = u64::MAX >> (32 + SEED_PART_BITS);
    // Units of different kinds must never meet.
    let seed = shingle.rotate_left(32) ^ ((index_of(kind) as u64) << 63);
    seed & !OTHERS | 1
}

/// Story → units, contents and keys; with the buffers for it.
#[derive(Debug)]
pub struct Sketching {
    preparer: Preparer,
    plan: KeyPlan,
    sketcher: Option<Sketcher>,
    shingle: [usize; 2],
    words: Vec<u64>,
    shingles: Vec<u64>,
    signature: Vec<u64>,
    keys: Vec<u64>,
    distinct: Distinct,
    /// Bytes of the seeds of a part in the runs so far, at most, and some more.
    bytes_a_part: usize,
}

fn index_of(kind: UnitKind) -> usize {
    match kind {
        UnitKind::Story => 0,
        UnitKind::Caption => 1,
    }
}

impl PerStory for Sketching {
    type Part = Sketched;

    fn add(&mut self, story: &Story<'_>, out: &mut Sketched) {
        self.add_story(story, out);
    }
}

impl Sketching {
    /// For these settings.
    pub fn new(settings: &Settings, plan: KeyPlan) -> Self {
        Self {
            preparer: Preparer::new(settings),
            plan,
            sketcher: plan
                .bands
                .map(|b| Sketcher::new(b.components(), settings.seed)),
            shingle: [UnitKind::Story, UnitKind::Caption].map(|k| settings.shingle_of(k)),
            words: Vec::new(),
            shingles: Vec::new(),
            signature: Vec::new(),
            keys: Vec::new(),
            distinct: Distinct::default(),
            bytes_a_part: 0,
        }
    }

    /// Adds the units of the next story.
    fn add_story(&mut self, story: &Story<'_>, out: &mut Sketched) {
        let count = self.preparer.units(story).len();
        for which in 0..count {
            let unit = self.preparer.unit(which);
            self.words.clear();
            self.preparer.words(&story.text, &unit, &mut self.words);
            out.units.push(Unit {
                story: StoryId(out.stories),
                kind: unit.kind,
                caption: unit.caption,
                tokens: self.words.len() as u32,
            });
            out.contents.push(self.content(unit.kind));
            if !self.words.is_empty() {
                self.add_keys(unit.kind, out);
            }
        }
        out.stories += 1;
    }

    /// The units of one story, each with its keys: what a driver needs that takes story by story.
    pub fn units(&mut self, story: &Story<'_>) -> Vec<UnitSketch> {
        let count = self.preparer.units(story).len();
        (0..count)
            .map(|which| {
                let unit = self.preparer.unit(which);
                self.words.clear();
                self.preparer.words(&story.text, &unit, &mut self.words);
                let mut sketch = UnitSketch {
                    kind: unit.kind,
                    caption: unit.caption,
                    tokens: self.words.len() as u32,
                    content: self.content(unit.kind),
                    ..UnitSketch::default()
                };
                if !self.words.is_empty() {
                    self.find_shingles(unit.kind);
                    if self.find_band_keys(unit.kind) {
                        sketch.bands = self.keys.iter().map(|k| (k >> 32) as u32).collect();
                    }
                    if self.find_seeds(unit.kind) {
                        sketch.seed_count = self.keys.len().min(u16::MAX as usize) as u16;
                        sketch.seeds = self.keys.iter().copied().map(seed_key).collect();
                    }
                }
                sketch
            })
            .collect()
    }

    fn add_keys(&mut self, kind: UnitKind, out: &mut Sketched) {
        self.find_shingles(kind);
        if self.find_band_keys(kind) {
            out.keys.extend(self.keys.iter().map(|k| (k >> 32) as u32));
        }
        if self.find_seeds(kind) {
            let row = out.seed_counts.len() as u32;
            let room = self.bytes_a_part;
            out.seeds
                .resize_with(SEED_PARTS, || Packed::with_room(room));
            for &seed in &self.keys {
                let (part, key) = seed_key(seed);
                out.seeds[part as usize].push(key, row);
            }
            out.seed_counts
                .push(self.keys.len().min(u16::MAX as usize) as u16);
            // Runs are much alike: with room from the start the next need not grow.
            self.bytes_a_part = room.max(out.seeds[0].bytes().len() * 9 / 8);
        }
    }

    fn find_shingles(&mut self, kind: UnitKind) {
        self.shingles.clear();
        shingle::collect(
            &self.words,
            self.shingle[index_of(kind)],
            &mut self.shingles,
        );
    }

    /// Puts the band keys of the shingles into `keys`; whether the plan has any.
    fn find_band_keys(&mut self, kind: UnitKind) -> bool {
        let (Some(bands), Some(sketcher)) = (self.plan.bands, &self.sketcher) else {
            return false;
        };
        sketcher.sketch(&self.shingles, &mut self.signature);
        self.keys.clear();
        bands.keys(&self.signature, index_of(kind) as u64, &mut self.keys);
        true
    }

    /// Puts the distinct seeds of the shingles into `keys`; whether the plan has any.
    fn find_seeds(&mut self, kind: UnitKind) -> bool {
        if !self.plan.seeds {
            return false;
        }
        self.keys.clear();
        let keys = &mut self.keys;
        match kind {
            UnitKind::Story => winnow::hashes(&self.shingles, keys),
            // All of them.
            UnitKind::Caption => keys.extend_from_slice(&self.shingles),
        }
        for key in &mut *keys {
            *key = seed_of(*key, kind);
        }
        self.distinct.keep_first(keys);
        true
    }

    /// 128-bit hash of the words of a unit: equal for units of one kind that have the same words.
    fn content(&self, kind: UnitKind) -> u128 {
        xxh3_128_with_seed(bytemuck::cast_slice(&self.words), index_of(kind) as u64)
    }
}

/// Whether rows that share so many seeds are candidates, and how good: the share of the smaller unit's seeds, in thousandths.
pub fn seed_score(kind: UnitKind, shared: u32, counts: (u16, u16), exact: bool) -> Option<u32> {
    // Counts of seeds end there, and so may what two share.
    let shared = shared.min(u32::from(u16::MAX));
    let smaller = u32::from(counts.0.min(counts.1)).max(1);
    let least = match kind {
        UnitKind::Story => LEAST_STORY,
        UnitKind::Caption => LEAST_CAPTION,
    };
    // One seed in common is chance or a turn of phrase, unless there are few.
    let chance = shared < 2 && smaller > 6;
    if !exact && (chance || shared * 1_000 < least * smaller) {
        return None;
    }
    Some((shared * 1_000 / smaller).min(1_000))
}

/// How many seeds two rows must share for [`seed_score`] to call them candidates, by how many the smaller has.
pub fn least_seeds(kind: UnitKind, smaller: u16) -> u32 {
    let enough = |&shared: &u32| seed_score(kind, shared, (smaller, smaller), false).is_some();
    (1..=u32::from(smaller).max(1))
        .find(enough)
        .unwrap_or(u32::from(smaller))
}

/// A unit that is to be made ready.
#[derive(Clone, Copy, Debug)]
pub struct UnitOf {
    /// The story that it belongs to.
    pub story: StoryId,
    /// Its number within the story.
    pub which: usize,
    /// Words in it.
    pub words: usize,
}

/// What is known of a unit that is compared, without its text.
#[derive(Clone, Copy, Debug)]
pub struct Compared {
    /// The unit.
    pub id: UnitId,
    /// Words in it.
    pub words: usize,
    /// 128-bit hash of its words.
    pub content: u128,
}

/// Makes units ready for comparison, and links of pairs.
#[derive(Debug)]
pub struct Verifier<'s> {
    settings: &'s Settings,
    making: Making<'s>,
    aligner: Aligner,
}

impl<'s> Verifier<'s> {
    /// For these settings.
    pub fn new(settings: &'s Settings) -> Self {
        Self {
            settings,
            making: Making::for_rules(settings),
            aligner: Aligner::default(),
        }
    }

    /// Units of one story, each with a room that its words stand in.
    pub fn prepare<'c, C: Corpus + ?Sized>(
        &mut self,
        (corpus, story): (&'c C, StoryId),
        units: impl ExactSizeIterator<Item = (UnitOf, Vec<u64>)>,
        out: &mut Vec<Prepared<'c>>,
    ) {
        let units = units.map(|(unit, room)| (unit.which, room, unit.words));
        self.making.prepare_all(corpus.story(story), units, out);
    }

    /// The shingles of units of one story: all that similarity alone compares. Each has a room that they stand in.
    pub fn shingles<C: Corpus + ?Sized>(
        &mut self,
        (corpus, story): (&C, StoryId),
        units: impl Iterator<Item = (UnitOf, Vec<u64>)>,
        out: &mut Vec<Vec<u64>>,
    ) {
        let mut units = units.map(|(unit, room)| (unit.which, room));
        corpus.show(story, &mut |story| {
            self.making.shingles(story, &mut units, out);
        });
    }

    /// The link of two units, if there is one: the earlier in input order first.
    pub fn link(
        &mut self,
        (a, of_a): (UnitId, &Prepared<'_>),
        (b, of_b): (UnitId, &Prepared<'_>),
    ) -> Option<Link> {
        let least = if self.settings.exact {
            0
        } else {
            let smaller = u64::from(of_a.shingles().min(of_b.shingles()));
            let least = match of_a.kind {
                UnitKind::Story => LEAST_STORY,
                UnitKind::Caption => LEAST_CAPTION,
            };
            (smaller * u64::from(least)).div_ceil(1_000) as u32
        };
        let (evidence, alignment) = evidence::gathered(&mut self.aligner, of_a, of_b, least)?;
        let (relation, reason) = relation::decide(of_a, of_b, &evidence, &alignment, self.settings);
        let spans = alignment
            .spans
            .iter()
            .map(|s| {
                let (x, y) = (of_a.bytes(s.a.clone()), of_b.bytes(s.b.clone()));
                Span(x.start, x.end, y.start, y.end)
            })
            .collect();
        self.aligner.give_back(alignment);
        Some(Link {
            a,
            b,
            relation: relation?,
            shared: evidence.shared,
            size_a: evidence.sizes[0],
            size_b: evidence.sizes[1],
            spans,
            reason,
        })
    }
}

/// The link of two units whose shingle sets reach the threshold.
pub fn near_link(
    threshold: Threshold,
    [a, b]: [Compared; 2],
    [set_a, set_b]: [&[u64]; 2],
) -> Option<Link> {
    let (small, large) = (
        set_a.len().min(set_b.len()) as u64,
        set_a.len().max(set_b.len()) as u64,
    );
    if !threshold.reached_by(small, large) {
        return None;
    }
    let shared = jaccard::shared_if(set_a, set_b, threshold.least_shared(small + large))?;
    let union = small + large - u64::from(shared);
    let (relation, rule) = if a.content == b.content {
        (Relation::Exact, Rule::SameWords)
    } else {
        (Relation::Near, Rule::Threshold)
    };
    threshold
        .reached_by(u64::from(shared), union)
        .then(|| Link {
            a: a.id,
            b: b.id,
            relation,
            shared,
            size_a: set_a.len() as u32,
            size_b: set_b.len() as u32,
            spans: Vec::new(),
            reason: Reason::plain(rule, 0, a.words, b.words),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_a_share_however_many_seeds_are_shared() {
        let most = u16::MAX;
        for shared in [u32::from(most), 4_294_968, u32::MAX] {
            let score = seed_score(UnitKind::Caption, shared, (most, most), false);
            assert_eq!(score, Some(1_000), "{shared}");
        }
        assert_eq!(
            seed_score(UnitKind::Story, 10, (100, 200), false),
            Some(100)
        );
        assert_eq!(seed_score(UnitKind::Story, 9, (100, 200), false), None);
        assert_eq!(seed_score(UnitKind::Story, 1, (7, 9), false), None);
        assert_eq!(seed_score(UnitKind::Story, 1, (7, 9), true), Some(142));
        assert_eq!(seed_score(UnitKind::Story, 1, (6, 9), false), Some(166));
    }

    #[test]
    fn the_least_grows_with_the_smaller_and_is_where_scores_begin() {
        for kind in [UnitKind::Story, UnitKind::Caption] {
            let mut before = 0;
            for smaller in 0..300 {
                let least = least_seeds(kind, smaller);
                assert!(least >= before, "{kind:?} {smaller}");
                for shared in 0..=u32::from(smaller) {
                    let score = seed_score(kind, shared, (400, smaller), false);
                    assert_eq!(
                        score.is_some(),
                        shared >= least,
                        "{kind:?} {smaller} {shared}"
                    );
                }
                before = least;
            }
        }
    }
}
