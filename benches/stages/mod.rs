/*!
Each stage by itself, over a whole corpus, on the threads of the pool that it is run in: what every bench measures.

A stage gets what the stage before it made, ready in memory, and returns a number that depends on all of its
work, so that none of it is optimised away.
*/

// Every bench takes the stages that it measures.
#![allow(dead_code, missing_docs)]

use std::sync::Mutex;

use rayon::prelude::*;
use samewire::config::Match;
use samewire::index::{Block, Buckets, Candidates, entry};
use samewire::pipeline::{batch, progress::Silent};
use samewire::read::{Chunk, ChunkReader, Part, ReadOptions, Source, SourceId, walk};
use samewire::sketch::{Bands, Sketcher};
use samewire::text::tokens::Tokenizer;
use samewire::text::{Segments, shingle};
use samewire::verify::jaccard;
use samewire::{ByteRange, Settings, UnitKind};

use crate::synthetic::Corpus;

/// What the stages make of a corpus, kept for the stages after them.
pub struct Prepared {
    pub corpus: Corpus,
    pub settings: Settings,
    bands: Bands,
    words: Vec<Vec<u64>>,
    /// Keys of every story, row after row; stories without words have none.
    keys: Vec<u32>,
    rows: usize,
    sets: Vec<Vec<u64>>,
    pub pairs: Vec<(u32, u32)>,
}

impl Prepared {
    pub fn new(settings: Settings) -> Self {
        let corpus = Corpus::load();
        let bands = Bands::solve(settings.threshold.value(), settings.recall);
        let mut prepared = Self {
            corpus,
            bands,
            words: Vec::new(),
            keys: Vec::new(),
            rows: 0,
            sets: Vec::new(),
            pairs: Vec::new(),
            settings,
        };
        let mut tokenizer = Tokenizer::new(prepared.settings.seed);
        for story in &prepared.corpus.stories {
            let mut words = Vec::new();
            tokenizer.run(
                &story.text,
                &[ByteRange::new(0, story.text.len())],
                &mut words,
            );
            if !words.is_empty() {
                prepared.words.push(words);
            }
        }
        prepared.rows = prepared.words.len();
        prepared.keys = prepared.all_keys();
        for words in &prepared.words {
            let mut set = Vec::new();
            shingle::collect(words, prepared.settings.shingle, &mut set);
            jaccard::make_set(&mut set);
            prepared.sets.push(set);
        }
        prepared.pairs = prepared.candidates();
        prepared
    }

    /// Bytes of the texts.
    pub fn bytes(&self) -> u64 {
        self.corpus.text
    }

    /// What `take` makes of every record of the file, summed up; `worker` is made for every chunk.
    fn over_file<W>(
        &self,
        worker: impl Fn() -> W + Sync,
        take: impl Fn(&mut W, &str) -> u64 + Sync,
    ) -> u64 {
        let options = ReadOptions::default();
        let source = Source::file(&self.corpus.path);
        let spare: Mutex<Vec<Vec<u8>>> = Mutex::default();
        let buffer = || spare.lock().expect("buffers").pop().unwrap_or_default();
        let mut reader = ChunkReader::open(SourceId(0), &source, &options).expect("a corpus");
        let next = move || match reader.part() {
            Some(part) => Some(Piece::Part(part)),
            None => reader.by_ref().flatten().next().map(Piece::Chunk),
        };
        std::iter::from_fn(next)
            .par_bridge()
            .map(|piece| {
                let chunk = match piece {
                    Piece::Part(part) => part.read(&source.name, buffer()).0,
                    Piece::Chunk(chunk) => chunk,
                };
                let mut worker = worker();
                let mut sum = 0_u64;
                for record in chunk.records(&source.name, &options).flatten() {
                    sum = sum.wrapping_add(take(&mut worker, &record.story.text));
                }
                spare.lock().expect("buffers").push(chunk.bytes);
                sum
            })
            .reduce(|| 0, u64::wrapping_add)
    }

    /// What `take` makes of every item, summed up.
    fn over<T: Sync, W>(
        items: &[T],
        worker: impl Fn() -> W + Sync + Send,
        take: impl Fn(&mut W, &T) -> u64 + Sync + Send,
    ) -> u64 {
        items
            .par_chunks(64)
            .map_init(worker, |worker, items| {
                items
                    .iter()
                    .fold(0_u64, |sum, item| sum.wrapping_add(take(worker, item)))
            })
            .reduce(|| 0, u64::wrapping_add)
    }

    /// File → records.
    pub fn read(&self) -> u64 {
        self.over_file(|| (), |(), text| text.len() as u64)
    }

    /// File → records → words, in one pass that keeps nothing: what no run can do without.
    pub fn floor(&self) -> u64 {
        self.over_file(
            || (Tokenizer::new(0), Vec::new()),
            |(tokenizer, words), text| hashed(tokenizer, words, text),
        )
    }

    /// Texts → captions and furniture.
    pub fn segment(&self) -> u64 {
        Self::over(
            &self.corpus.stories,
            Segments::default,
            |segments, story| {
                segments.find(&story.text, story.kind);
                (segments.captions.len() + segments.furniture.len()) as u64
            },
        )
    }

    /// Texts → word hashes.
    pub fn tokenise(&self) -> u64 {
        Self::over(
            &self.corpus.stories,
            || (Tokenizer::new(self.settings.seed), Vec::new()),
            |(tokenizer, words), story| hashed(tokenizer, words, &story.text),
        )
    }

    /// Words → shingles.
    pub fn shingle(&self) -> u64 {
        Self::over(&self.words, Vec::new, |shingles, words| {
            shingles.clear();
            shingle::collect(words, self.settings.shingle_of(UnitKind::Story), shingles);
            shingles.last().copied().unwrap_or(0)
        })
    }

    fn all_keys(&self) -> Vec<u32> {
        let sketcher = Sketcher::new(self.bands.components(), self.settings.seed);
        let (mut shingles, mut signature, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        let mut all = Vec::with_capacity(self.words.len() * self.bands.bands);
        for words in &self.words {
            shingles.clear();
            shingle::collect(words, self.settings.shingle, &mut shingles);
            sketcher.sketch(&shingles, &mut signature);
            keys.clear();
            self.bands.keys(&signature, 0, &mut keys);
            all.extend(keys.iter().map(|key| (key >> 32) as u32));
        }
        all
    }

    /// Words → shingles → signature → band keys.
    pub fn sketch(&self) -> u64 {
        let sketcher = Sketcher::new(self.bands.components(), self.settings.seed);
        Self::over(
            &self.words,
            || (Vec::new(), Vec::new(), Vec::new()),
            |(shingles, signature, keys), words| {
                shingles.clear();
                shingle::collect(words, self.settings.shingle, shingles);
                sketcher.sketch(shingles, signature);
                keys.clear();
                self.bands.keys(signature, 0, keys);
                keys.iter().fold(0, |sum: u64, key| sum ^ key)
            },
        )
    }

    fn candidates(&self) -> Vec<(u32, u32)> {
        let bands = self.bands.bands;
        let buckets = Buckets::build(bands, self.settings.exact, |band, out| {
            out.extend((0..self.rows).map(|row| entry(self.keys[row * bands + band], row as u32)));
        });
        // Blocks shared among threads, as in a run.
        let blocks: Vec<_> = Buckets::blocks(0..self.rows).collect();
        let made = || (Vec::new(), Block::default(), Candidates::default());
        let pairs = blocks
            .into_par_iter()
            .fold(made, |(mut pairs, mut block, mut found), rows| {
                buckets.look_up(rows.clone(), &mut block);
                for row in rows {
                    buckets.candidates(&block, row, |_, shared| Some(shared), &mut found);
                    pairs.extend(found.best.iter().map(|&(_, other)| (other, row as u32)));
                }
                (pairs, block, found)
            });
        let pairs: Vec<Vec<_>> = pairs.map(|(pairs, ..)| pairs).collect();
        pairs.concat()
    }

    /// Band keys → candidates.
    pub fn buckets(&self) -> usize {
        self.candidates().len()
    }

    /// Words → sets of shingles, of every story.
    pub fn sets(&self) -> u64 {
        Self::over(&self.words, Vec::new, |set, words| {
            set.clear();
            shingle::collect(words, self.settings.shingle, set);
            jaccard::make_set(set);
            set.len() as u64
        })
    }

    /// Candidates → counts in common.
    pub fn jaccard(&self) -> u64 {
        Self::over(
            &self.pairs,
            || (),
            |(), &(a, b)| {
                let (a, b) = (&self.sets[a as usize], &self.sets[b as usize]);
                let least = self
                    .settings
                    .threshold
                    .least_shared((a.len() + b.len()) as u64);
                jaccard::shared_if(a, b, least).map_or(0, u64::from)
            },
        )
    }

    /// Bytes of the sets that the candidates compare.
    pub fn compared_bytes(&self) -> u64 {
        let size = |i: u32| self.sets[i as usize].len() as u64 * 8;
        self.pairs.iter().map(|&(a, b)| size(a) + size(b)).sum()
    }

    /// Stories in memory → groups.
    ///
    /// # Panics
    /// When the settings are out of range.
    pub fn group_stories(&self) -> usize {
        batch::group_stories(&self.corpus.stories, &self.settings, &Silent)
            .expect("sound settings")
            .groups
            .len()
    }

    /// File → groups.
    ///
    /// # Panics
    /// When the settings are out of range.
    pub fn group_files(&self, matching: Match) -> usize {
        let walk = walk(std::slice::from_ref(&self.corpus.path));
        let settings = Settings {
            matching,
            ..self.settings.clone()
        };
        batch::group_files(walk, &ReadOptions::default(), &settings, &Silent)
            .expect("sound settings")
            .1
            .groups
            .len()
    }
}

/// What is handed from thread to thread, as in a run.
enum Piece {
    Part(Part),
    Chunk(Chunk),
}

/// The words of a text, folded into one number.
fn hashed(tokenizer: &mut Tokenizer, words: &mut Vec<u64>, text: &str) -> u64 {
    words.clear();
    tokenizer.run(text, &[ByteRange::new(0, text.len())], words);
    words.iter().fold(0, |sum, w| sum ^ w)
}
