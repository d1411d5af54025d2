//! Feeds made to cost as much as they can, story by story of the same size as any other.

use samewire::Settings;
use samewire::sketch::{Bands, Sketcher};
use samewire::text::{Hasher, shingle};

use super::words::{Look, Stop, Word};
use super::{Desk, Record, end_paragraph};

/// What is wrong with a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Every story has the same text.
    Identical,
    /// Every story is the same but for three words.
    Versions,
    /// Every story is one form, filled with other names and numbers.
    Template,
    /// Every second story holds one paragraph, and the runs that make it share one band key.
    Bucket,
    /// Stories have nothing in common but runs of five words, chosen by somebody who knows the seed: all have one signature, and
    /// a tenth of their seeds.
    Crafted,
}

/// Runs that are seeds wherever they stand.
const SEEDS: usize = 40;
/// How many runs somebody who crafts them looks through: the least of so many is hardly ever beaten by a run of a story.
const TRIALS: usize = 400_000;
const RUN: usize = Settings::SHINGLE;

/// Stories of one shape, without end.
pub struct Worst {
    desk: Desk,
    shape: Shape,
    /// What all stories have.
    common: Vec<Word>,
    /// The same, in runs whose order differs from story to story.
    runs: Vec<[Word; RUN]>,
    given: u64,
}

impl Worst {
    pub fn new(shape: Shape, seed: u64) -> Self {
        let mut desk = Desk::new(seed);
        let common = match shape {
            Shape::Identical | Shape::Versions | Shape::Template => desk.paragraphs(11),
            Shape::Bucket => desk.paragraphs(1),
            Shape::Crafted => Vec::new(),
        };
        let settings = Settings::default();
        let bands = Bands::solve(settings.threshold.value(), settings.recall);
        let runs = match shape {
            Shape::Bucket => craft(&mut desk, &settings, bands, bands.rows, 0),
            Shape::Crafted => craft(&mut desk, &settings, bands, bands.components(), SEEDS),
            _ => Vec::new(),
        };
        Self {
            desk,
            shape,
            common,
            runs,
            given: 0,
        }
    }

    /// A story with the runs, no longer than another where they leave room for words of its own.
    fn with_runs(&mut self) -> Vec<Word> {
        let mut copy = self.desk.story();
        let mut runs = self.runs.clone();
        copy.truncate(copy.len().saturating_sub(runs.len() * RUN));
        if let Some(last) = copy.last_mut() {
            last.stop = Stop::Sentence;
        }
        self.desk.dice.shuffle(&mut runs);
        for run in runs {
            copy.extend_from_slice(&run);
        }
        end_paragraph(&mut copy);
        copy
    }
}

impl Iterator for Worst {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let copy = match self.shape {
            Shape::Identical => self.common.clone(),
            Shape::Versions => {
                let mut copy = self.common.clone();
                for _ in 0..3 {
                    let at = self.desk.dice.below(copy.len());
                    let stop = copy[at].stop;
                    let word = self.desk.words.word(&mut self.desk.dice);
                    copy[at] = Word { stop, ..word };
                }
                copy
            }
            Shape::Template => self.desk.refill(&self.common),
            Shape::Bucket if self.given.is_multiple_of(2) => self.desk.story(),
            Shape::Bucket => {
                let mut copy = self.with_runs();
                copy.extend_from_slice(&self.common);
                copy
            }
            Shape::Crafted => self.with_runs(),
        };
        self.given += 1;
        let family = match self.shape {
            Shape::Identical | Shape::Versions => 0,
            _ => self.given,
        };
        let mut record = self.desk.record(&copy, "worst", false, self.given, family);
        if self.shape == Shape::Identical {
            // Not even quotation marks differ.
            let mut text = Vec::new();
            for &word in &copy {
                self.desk.words.write(word, &mut text);
                text.push(b' ');
            }
            record.text = super::text_of(text);
        }
        Some(record)
    }
}

/// Runs of five words that own the first `components` of any signature that they are part of, and `seeds` more that every window
/// chooses.
fn craft(
    desk: &mut Desk,
    settings: &Settings,
    bands: Bands,
    components: usize,
    seeds: usize,
) -> Vec<[Word; RUN]> {
    let hasher = Hasher::new(settings.seed);
    let words: Vec<Word> = (0..TRIALS + RUN)
        .map(|_| desk.words.plain(&mut desk.dice))
        .collect();
    let hashes: Vec<u64> = words
        .iter()
        .map(|w| hasher.hash(desk.words.letters(w.value)))
        .collect();
    let mut shingles = Vec::new();
    shingle::collect(&hashes, RUN, &mut shingles);
    let sketcher = Sketcher::new(bands.components(), settings.seed);
    let (mut best, mut signature) = (Vec::new(), Vec::new());
    sketcher.sketch(&shingles, &mut best);
    let mut places: Vec<usize> = Vec::new();
    for (block, some) in shingles.chunks(1_000).enumerate() {
        sketcher.sketch(some, &mut signature);
        for component in (0..components).filter(|&c| signature[c] == best[c]) {
            let owner = some.iter().position(|&s| {
                let mut of_one = Vec::new();
                sketcher.sketch(&[s], &mut of_one);
                of_one[component] == best[component]
            });
            places.extend(owner.map(|at| block * 1_000 + at));
        }
    }
    let mut by_hash: Vec<usize> = (0..shingles.len()).collect();
    by_hash.sort_unstable_by_key(|&at| shingles[at]);
    places.extend_from_slice(&by_hash[..seeds]);
    places.sort_unstable();
    places.dedup();
    places
        .into_iter()
        .map(|at| {
            let mut run = [words[at]; RUN];
            run.copy_from_slice(&words[at..at + RUN]);
            if run[0].look == Look::Plain {
                run[0].look = Look::Capital;
            }
            run[RUN - 1].stop = Stop::Sentence;
            run
        })
        .collect()
}
