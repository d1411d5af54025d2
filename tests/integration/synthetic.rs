//! Stories of invented words with known truth: Zipf's law for the words, planted copies and edits.

use std::collections::{BTreeMap, BTreeSet};

use samewire::{Story, UnitKind};

/// `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014): the same numbers everywhere.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    /// A number from 0 to 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

/// Invented words, each as often as its rank says.
pub struct Vocabulary {
    words: Vec<String>,
    /// Sum of weights up to and with each word.
    upto: Vec<f64>,
}

impl Vocabulary {
    pub fn new(size: usize) -> Self {
        let mut sum = 0.0;
        let upto = (1..=size)
            .map(|rank| {
                sum += 1.0 / rank as f64;
                sum
            })
            .collect();
        Self {
            words: (0..size).map(invent).collect(),
            upto,
        }
    }

    pub fn word(&self, dice: &mut Dice) -> &str {
        let at = dice.share() * self.upto[self.upto.len() - 1];
        let place = self.upto.partition_point(|&u| u < at);
        &self.words[place.min(self.words.len() - 1)]
    }

    pub fn words(&self, count: usize, dice: &mut Dice) -> Vec<String> {
        (0..count).map(|_| self.word(dice).to_owned()).collect()
    }

    /// The words with `edits` of them replaced, removed, doubled by another, or moved.
    pub fn edited(&self, words: &[String], edits: usize, dice: &mut Dice) -> Vec<String> {
        let mut words = words.to_vec();
        for _ in 0..edits {
            if words.is_empty() {
                break;
            }
            let at = dice.below(words.len());
            match dice.below(8) {
                0 => {
                    words.remove(at);
                }
                1 => words.insert(at, self.word(dice).to_owned()),
                2 => {
                    let word = words.remove(at);
                    words.insert(dice.below(words.len() + 1), word);
                }
                _ => self.word(dice).clone_into(&mut words[at]),
            }
        }
        words
    }
}

/// Different for every number; some with letters outside ASCII, some with an apostrophe.
fn invent(number: usize) -> String {
    const ONSETS: [&str; 12] = ["b", "d", "f", "k", "l", "m", "n", "r", "s", "t", "v", "z"];
    const NUCLEI: [&str; 8] = ["a", "e", "i", "o", "u", "ai", "é", "ö"];
    let mut word = String::new();
    let mut rest = number;
    loop {
        word.push_str(ONSETS[rest % 12]);
        rest /= 12;
        word.push_str(NUCLEI[rest % 8]);
        rest /= 8;
        if rest == 0 {
            break;
        }
    }
    if number % 37 == 5 {
        word.push_str("'re");
    }
    word
}

/// Words as prose: sentences, commas, paragraphs; the look differs from one telling to the next.
pub fn prose(words: &[String], dice: &mut Dice) -> String {
    let mut text = String::new();
    let mut first = true;
    for (i, word) in words.iter().enumerate() {
        if first {
            let mut letters = word.chars();
            text.extend(letters.next().into_iter().flat_map(char::to_uppercase));
            text.push_str(letters.as_str());
        } else if dice.below(20) == 0 {
            text.push_str(&word.replace('\'', "’").to_uppercase());
        } else {
            text.push_str(word);
        }
        first = false;
        if i + 1 == words.len() {
            text.push('.');
            break;
        }
        text.push_str(match dice.below(40) {
            0 | 1 => {
                first = true;
                ". "
            }
            2 => {
                first = true;
                ".\n\n"
            }
            3 => ", ",
            4 => " - ",
            5 => "\n",
            6 => "  ",
            _ => " ",
        });
    }
    text
}

/// Stories, and which of them tell the same.
pub struct Planted {
    pub stories: Vec<Story<'static>>,
    /// Ids of stories that were made from one another by a few edits at most.
    pub families: Vec<BTreeSet<String>>,
}

/// How a corpus is made.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub seed: u64,
    pub families: usize,
    /// Words of a story, at most.
    pub words: usize,
    /// Edited words of a hundred in an edited copy, at most.
    pub edits: usize,
    /// Whether records are to be captions now and then.
    pub captions: bool,
}

impl Plan {
    pub fn make(self) -> Planted {
        let mut dice = Dice::new(self.seed);
        let vocabulary = Vocabulary::new(4_000);
        let mut stories: Vec<Story<'static>> = Vec::new();
        let mut families = Vec::new();
        for family in 0..self.families {
            let kind = if self.captions && dice.below(4) == 0 {
                UnitKind::Caption
            } else {
                UnitKind::Story
            };
            let length = match dice.below(10) {
                0 => dice.below(7),
                _ => self.words / 3 + dice.below(self.words - self.words / 3 + 1),
            };
            let base = vocabulary.words(length, &mut dice);
            let day = 1 + dice.below(20);
            let mut ids = BTreeSet::new();
            for telling in 0..[1, 1, 2, 3, 5][dice.below(5)] {
                let words = match dice.below(3) {
                    0 => base.clone(),
                    _ if telling == 0 => base.clone(),
                    _ => {
                        let most = base.len() * self.edits / 100;
                        let edits = dice.below(most + 1);
                        vocabulary.edited(&base, edits, &mut dice)
                    }
                };
                let mut story =
                    Story::new(format!("f{family}-{telling}"), prose(&words, &mut dice));
                story.kind = kind;
                story.time = (dice.below(6) > 0).then(|| {
                    format!("2031-03-{:02}T{:02}:00:00Z", day + telling, dice.below(24)).into()
                });
                story.source = Some(["ones", "twos", "threes"][dice.below(3)].into());
                if !words.is_empty() {
                    ids.insert(story.id.to_string());
                }
                stories.push(story);
            }
            if ids.len() > 1 {
                families.push(ids);
            }
        }
        dice.shuffle(&mut stories);
        Planted { stories, families }
    }
}

/// One JSON object a line.
pub fn jsonl(stories: &[Story<'_>]) -> String {
    let mut lines = String::new();
    for s in stories {
        let kind = if s.kind == UnitKind::Caption {
            "picture"
        } else {
            "text"
        };
        let record = serde_json::json!({
            "id": s.id, "text": s.text, "date": s.time, "source": s.source, "type": kind,
        });
        lines.push_str(&record.to_string());
        lines.push('\n');
    }
    lines
}

/// Words by another way than the program's: a letter at a time, as strings.
pub fn words(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut words = vec![String::new()];
    for (i, &c) in letters.iter().enumerate() {
        let letter = |at: Option<usize>| {
            at.and_then(|at| letters.get(at))
                .is_some_and(|c| c.is_alphabetic())
        };
        if c.is_alphanumeric() {
            words.last_mut().unwrap().extend(c.to_lowercase());
        } else if !(matches!(c, '\'' | '’') && letter(i.checked_sub(1)) && letter(Some(i + 1))) {
            words.push(String::new());
        }
    }
    words.retain(|w| !w.is_empty());
    words
}

/// Shingles of every story as sets of strings, compared pair by pair.
pub struct BruteForce {
    sets: Vec<BTreeSet<u32>>,
    kinds: Vec<UnitKind>,
}

impl BruteForce {
    /// `n` words to a shingle for stories and for captions.
    pub fn new(stories: &[Story<'_>], n: [usize; 2]) -> Self {
        // Strings stand for themselves; numbers only name them.
        let mut names: BTreeMap<String, u32> = BTreeMap::new();
        let sets = stories
            .iter()
            .map(|story| {
                let n = n[usize::from(story.kind == UnitKind::Caption)];
                let words = words(&story.text);
                if words.is_empty() {
                    return BTreeSet::new();
                }
                words
                    .windows(n.min(words.len()))
                    .map(|shingle| {
                        let next = names.len() as u32;
                        *names.entry(shingle.join(" ")).or_insert(next)
                    })
                    .collect()
            })
            .collect();
        Self {
            sets,
            kinds: stories.iter().map(|s| s.kind).collect(),
        }
    }

    /// Shingles in both, and in either.
    pub fn counts(&self, a: usize, b: usize) -> (u64, u64) {
        let (a, b) = (&self.sets[a], &self.sets[b]);
        let shared = a.intersection(b).count() as u64;
        (shared, (a.len() + b.len()) as u64 - shared)
    }

    /// Pairs of one kind whose similarity is `threshold` millionths or more.
    pub fn pairs(&self, threshold: u64) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        for b in 0..self.sets.len() {
            for a in 0..b {
                let (shared, union) = self.counts(a, b);
                if self.kinds[a] == self.kinds[b]
                    && shared > 0
                    && shared * 1_000_000 >= union * threshold
                {
                    pairs.push((a, b));
                }
            }
        }
        pairs
    }
}

/// Groups of two or more that pairs hold together, by repeated relabelling.
pub fn components(count: usize, pairs: &[(usize, usize)]) -> BTreeSet<BTreeSet<usize>> {
    let mut label: Vec<usize> = (0..count).collect();
    loop {
        let before = label.clone();
        for &(a, b) in pairs {
            let least = label[a].min(label[b]);
            (label[a], label[b]) = (least, least);
        }
        if before == label {
            break;
        }
    }
    let mut sets: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (i, &l) in label.iter().enumerate() {
        sets.entry(l).or_default().insert(i);
    }
    sets.into_values().filter(|s| s.len() > 1).collect()
}
