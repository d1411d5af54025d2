/*!
Stories → their running words, and the places where words run alike.

```text
story ─▶ words (captions in place, furniture left out) ─▶ shingles ─▶ seeds (winnowing)
seeds of all stories, sorted ─▶ runs of equal seeds in two or more stories, each with all its places
```

Shingles have n = min(5, least) words and windows w = least − n + 1 shingles, so that every run of `least` words that two
stories share has a seed in common ([`winnow`]). Windows are never wider than for the default least: sparser seeds
would miss long passages that were edited throughout, whose equal runs are short.

Places are numbered through the whole corpus: word 0 is the first of the first story. A seed is kept as 38 bits of its
hash; what meets by chance is parted when words are compared.
*/

use rayon::prelude::*;

use crate::config::{PassageSettings, Settings};
use crate::error::{Error, Result};
use crate::index::entry;
use crate::sketch::winnow;
use crate::story::Story;
use crate::text::{Preparer, shingle};
use crate::threads::in_turn;

/// Words to a shingle, where passages are not shorter.
const SHINGLE: usize = 5;
/// Parts that seeds are sorted in.
const PARTS: usize = 64;
/// Places of one seed in one story that are looked at: more is repetition within a text.
const PLACES_A_STORY: usize = 8;

/// The running words of consecutive stories.
#[derive(Debug, Default)]
pub struct Flows {
    /// Hashes of the words, story after story.
    words: Vec<u64>,
    /// For each story the number of words up to its end.
    ends: Vec<u32>,
    /// By part, key and place of every seed.
    seeds: Vec<Vec<u64>>,
}

/// Story → words and seeds; with the buffers for it.
#[derive(Debug)]
pub struct Flowing {
    preparer: Preparer,
    shingle: usize,
    window: usize,
    words: Vec<u64>,
    shingles: Vec<u64>,
}

impl Flowing {
    /// For these settings.
    pub fn new(settings: &PassageSettings) -> Self {
        let shingle = SHINGLE.min(settings.min_words);
        Self {
            preparer: preparer(settings),
            shingle,
            window: (settings.min_words - shingle + 1).min(winnow::WINDOW),
            words: Vec::new(),
            shingles: Vec::new(),
        }
    }

    /// Adds the next story.
    pub fn add(&mut self, story: &Story<'_>, out: &mut Flows) {
        self.words.clear();
        self.preparer.running_words(story, &mut self.words);
        let base = out.words.len() as u32;
        out.words.extend_from_slice(&self.words);
        out.ends.push(out.words.len() as u32);
        out.seeds.resize_with(PARTS, Vec::new);
        if self.words.len() < self.shingle {
            return;
        }
        self.shingles.clear();
        shingle::collect(&self.words, self.shingle, &mut self.shingles);
        let shingles = &self.shingles;
        winnow::seeds(shingles, self.window, |at| {
            // Winnowing prefers hashes whose upper bits are 0: the lower ones part better.
            let hash = shingles[at];
            out.seeds[hash as usize % PARTS].push(entry((hash >> 6) as u32, base + at as u32));
        });
    }
}

/// Reads stories as passages are looked for.
pub fn preparer(settings: &PassageSettings) -> Preparer {
    Preparer::new(&Settings {
        segment: settings.segment,
        ..Settings::default()
    })
}

/// The running words of the whole corpus.
#[derive(Debug, Default)]
pub struct Words {
    words: Vec<u64>,
    /// Where each story starts, and the end.
    starts: Vec<u32>,
}

impl Words {
    /// How many stories there are.
    pub fn stories(&self) -> usize {
        self.starts.len() - 1
    }

    /// Place of the first word of a story.
    pub fn start(&self, story: u32) -> u32 {
        self.starts[story as usize]
    }

    /// The words of a story.
    pub fn of(&self, story: u32) -> &[u64] {
        &self.words[self.start(story) as usize..self.starts[story as usize + 1] as usize]
    }
}

/// Seeds that two or more stories share, with all places.
#[derive(Debug, Default)]
pub struct Postings {
    /// Places, seed after seed, ascending within each.
    pub places: Vec<u32>,
    /// The story of each place.
    pub stories: Vec<u32>,
    /// For each place, where the places of its seed start.
    pub first: Vec<u32>,
    /// Positions in `places`, in order of the place.
    in_order: Vec<u32>,
}

impl Postings {
    /// Positions in `places` of the shared seeds of a story, in order of the text.
    pub fn of_story(&self, words: &Words, story: u32) -> &[u32] {
        let before = |place: u32| {
            self.in_order
                .partition_point(|&at| self.places[at as usize] < place)
        };
        &self.in_order[before(words.start(story))..before(words.starts[story as usize + 1])]
    }
}

/// Puts the stories together and finds the seeds that they share.
///
/// # Errors
/// When there are more words than can be numbered.
pub fn gather(parts: Vec<Flows>) -> Result<(Words, Postings)> {
    let total: usize = parts.iter().map(|p| p.words.len()).sum();
    if total >= u32::MAX as usize {
        return Err(Error::TooMany {
            what: "words",
            limit: u64::from(u32::MAX) - 1,
        });
    }
    let mut words = Words {
        words: vec![0; total],
        starts: vec![0],
    };
    let mut seeds: Vec<(u32, Vec<Vec<u64>>)> = Vec::with_capacity(parts.len());
    let mut copies = Vec::with_capacity(parts.len());
    let mut rest = &mut words.words[..];
    for part in parts {
        let base = (total - rest.len()) as u32;
        words.starts.extend(part.ends.iter().map(|end| base + end));
        seeds.push((base, part.seeds));
        let (own, after) = rest.split_at_mut(part.words.len());
        copies.push((own, part.words));
        rest = after;
    }
    // Memory that was not touched before is most of the work.
    copies
        .into_par_iter()
        .for_each(|(own, from)| own.copy_from_slice(&from));
    let postings = postings(&words, &seeds);
    Ok((words, postings))
}

fn postings(words: &Words, seeds: &[(u32, Vec<Vec<u64>>)]) -> Postings {
    let shared = in_turn(PARTS, Vec::new, |sorted: &mut Vec<u64>, part| {
        sorted.clear();
        for (base, seeds) in seeds {
            if let Some(seeds) = seeds.get(part) {
                sorted.extend(seeds.iter().map(|s| s + u64::from(*base)));
            }
        }
        sorted.sort_unstable();
        shared(words, sorted)
    });
    let mut all = Postings::default();
    for part in shared {
        let base = all.places.len() as u32;
        all.places.extend_from_slice(&part.places);
        all.stories.extend_from_slice(&part.stories);
        all.first.extend(part.first.iter().map(|f| base + f));
    }
    all.in_order = (0..all.places.len() as u32).collect();
    let places = &all.places;
    all.in_order
        .par_sort_unstable_by_key(|&at| places[at as usize]);
    all
}

/// Of sorted seeds those that two or more stories have.
fn shared(words: &Words, sorted: &[u64]) -> Postings {
    let mut out = Postings::default();
    for run in sorted.chunk_by(|a, b| a >> 32 == b >> 32) {
        if run.len() < 2 || run[run.len() - 1] as u32 - (run[0] as u32) < 1 {
            continue;
        }
        let first = out.places.len();
        let mut here = 0;
        for &seed in run {
            let place = seed as u32;
            let story = match out.stories[first..].last() {
                Some(&last) if place < words.starts[last as usize + 1] => last,
                _ => words.starts.partition_point(|&s| s <= place) as u32 - 1,
            };
            let again = out.stories[first..].last() == Some(&story);
            here = if again { here + 1 } else { 1 };
            if here <= PLACES_A_STORY {
                out.places.push(place);
                out.stories.push(story);
            }
        }
        let alone = out.stories.last() == out.stories.get(first);
        if alone {
            out.places.truncate(first);
            out.stories.truncate(first);
        } else {
            out.first.resize(out.places.len(), first as u32);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(texts: &[&str], min_words: usize) -> (Words, Postings) {
        let settings = PassageSettings {
            min_words,
            ..PassageSettings::default()
        };
        let mut flowing = Flowing::new(&settings);
        let parts = texts
            .iter()
            .map(|text| {
                let mut flows = Flows::default();
                flowing.add(&Story::new("x", *text), &mut flows);
                flows
            })
            .collect();
        gather(parts).unwrap()
    }

    #[test]
    fn furniture_is_no_part_of_the_words_and_captions_are() {
        let text = "ORLE (MW) - The bridge opened.\n\nA diver surfaces near the wreck in Orle bay. (AP Photo/Jon Ferro)\n\nIt cost much.";
        let (words, _) = gathered(&[text, "", "one two"], 10);
        assert_eq!(words.stories(), 3);
        assert_eq!(words.of(0).len(), 3 + 9 + 3);
        assert_eq!((words.of(1).len(), words.of(2).len()), (0, 2));
    }

    #[test]
    fn only_what_two_stories_share_is_kept() {
        let run = "the herring does not read the line that was drawn there";
        let twice = format!("{run} and {run}");
        let (_, alone) = gathered(&[&twice], 10);
        assert!(alone.places.is_empty());
        let (words, both) = gathered(&[&twice, "nothing", run], 10);
        assert!(!both.places.is_empty());
        assert!(both.of_story(&words, 1).is_empty());
        let (a, c) = (both.of_story(&words, 0), both.of_story(&words, 2));
        assert_eq!(a.len(), 2 * c.len());
        assert!(
            a.windows(2)
                .all(|w| both.places[w[0] as usize] < both.places[w[1] as usize])
        );
    }

    #[test]
    fn a_seed_that_fills_a_story_is_looked_at_a_few_times() {
        let flood = "ha ".repeat(1_000);
        let (words, postings) = gathered(&[&flood, &flood], 10);
        assert_eq!(postings.of_story(&words, 0).len(), PLACES_A_STORY);
    }
}
