/*!
The order of the stages, without threads: what a driver does for a story, and for a candidate.

[`Sketching`] takes a story to its units, contents and keys; [`Verifier`] takes two units to a link.
*/

use xxhash_rust::xxh3::xxh3_128;

use crate::config::{Settings, Threshold};
use crate::sketch::{Bands, Sketcher};
use crate::story::{Corpus, Story, StoryId, Unit, UnitId, UnitKind};
use crate::text::{Preparer, Token, shingle};
use crate::verify::{Link, Relation, jaccard};

/// What the first pass keeps of a run of stories.
#[derive(Debug, Default)]
pub struct Sketched {
    /// Units in order; story numbers count from the first story of the run.
    pub units: Vec<Unit>,
    /// 128-bit hash of each unit's words.
    pub contents: Vec<u128>,
    /// Band keys of units with words, `bands` each, in order.
    pub keys: Vec<u32>,
    /// How many stories.
    pub stories: u32,
}

/// Story → units, contents and keys; with the buffers for it.
#[derive(Debug)]
pub struct Sketching {
    preparer: Preparer,
    sketcher: Sketcher,
    bands: Bands,
    shingle: [usize; 2],
    words: Vec<u64>,
    shingles: Vec<u64>,
    signature: Vec<u64>,
    keys: Vec<u64>,
}

fn index_of(kind: UnitKind) -> usize {
    match kind {
        UnitKind::Story => 0,
        UnitKind::Caption => 1,
    }
}

impl Sketching {
    /// For these settings.
    pub fn new(settings: &Settings, bands: Bands) -> Self {
        Self {
            preparer: Preparer::new(settings),
            sketcher: Sketcher::new(bands.components(), settings.seed),
            bands,
            shingle: [UnitKind::Story, UnitKind::Caption].map(|k| settings.shingle_of(k)),
            words: Vec::new(),
            shingles: Vec::new(),
            signature: Vec::new(),
            keys: Vec::new(),
        }
    }

    /// Adds the units of the next story.
    pub fn add(&mut self, story: &Story<'_>, out: &mut Sketched) {
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
            out.contents.push(content(unit.kind, &self.words));
            if self.words.is_empty() {
                continue;
            }
            self.shingles.clear();
            shingle::collect(
                &self.words,
                self.shingle[index_of(unit.kind)],
                &mut self.shingles,
            );
            self.sketcher.sketch(&self.shingles, &mut self.signature);
            self.keys.clear();
            self.bands
                .keys(&self.signature, index_of(unit.kind) as u64, &mut self.keys);
            out.keys.extend(self.keys.iter().map(|k| (k >> 32) as u32));
        }
        out.stories += 1;
    }
}

/// 128-bit hash of the words of a unit: equal for units of one kind that have the same words.
fn content(kind: UnitKind, words: &[u64]) -> u128 {
    let mut hash = Words::default();
    for &word in words {
        hash.push(word);
    }
    hash.finish(index_of(kind) as u64)
}

/// Feeds word hashes to XXH3 in blocks, as bytes.
#[derive(Default)]
struct Words {
    bytes: Vec<u8>,
}

impl Words {
    fn push(&mut self, word: u64) {
        self.bytes.extend_from_slice(&word.to_le_bytes());
    }

    fn finish(mut self, salt: u64) -> u128 {
        self.push(salt);
        xxh3_128(&self.bytes)
    }
}

/// Makes the shingle sets of units, and links of pairs.
#[derive(Debug)]
pub struct Verifier<'s> {
    settings: &'s Settings,
    preparer: Preparer,
    tokens: Vec<Token>,
    words: Vec<u64>,
}

impl<'s> Verifier<'s> {
    /// For these settings.
    pub fn new(settings: &'s Settings) -> Self {
        Self {
            settings,
            preparer: Preparer::new(settings),
            tokens: Vec::new(),
            words: Vec::new(),
        }
    }

    /// The shingle set of unit number `which` of its story.
    pub fn shingle_set<C: Corpus + ?Sized>(
        &mut self,
        corpus: &C,
        story: StoryId,
        which: usize,
    ) -> Vec<u64> {
        let story = corpus.story(story);
        self.preparer.unit_words(&story, which, &mut self.tokens);
        self.words.clear();
        self.words.extend(self.tokens.iter().map(|t| t.hash));
        let mut set = Vec::new();
        let kind = if which == 0 {
            story.kind
        } else {
            UnitKind::Caption
        };
        shingle::collect(&self.words, self.settings.shingle_of(kind), &mut set);
        jaccard::make_set(&mut set);
        set
    }
}

/// The link of two units whose shingle sets these are, if they are near-duplicates.
pub fn near_link(
    threshold: Threshold,
    (a, set_a): (UnitId, &[u64]),
    (b, set_b): (UnitId, &[u64]),
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
    threshold
        .reached_by(u64::from(shared), union)
        .then(|| Link {
            a,
            b,
            relation: Relation::Near,
            shared,
            size_a: set_a.len() as u32,
            size_b: set_b.len() as u32,
            spans: Vec::new(),
        })
}
