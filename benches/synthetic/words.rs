//! Dice, invented words, and how often each is said.

/// `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014): the same numbers everywhere.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.roll()) * n as u128) >> 64) as usize
    }

    /// From `least` to `most`, both included.
    pub fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most + 1 - least)
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// A number from 0 to 1.
    pub fn share(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Invented words by Zipf's law (Mandelbrot's form, 1/(rank + 2.7)), with names, numbers and stock phrases among them.
pub struct Vocabulary {
    words: Vec<String>,
    /// Sum of weights up to and with each word.
    upto: Vec<f64>,
    phrases: Vec<Vec<String>>,
}

const SIZE: usize = 60_000;
const PHRASES: usize = 800;

impl Vocabulary {
    pub fn new(dice: &mut Dice) -> Self {
        let mut sum = 0.0;
        let upto = (0..SIZE)
            .map(|rank| {
                sum += 1.0 / (rank as f64 + 2.7);
                sum
            })
            .collect();
        let mut vocabulary = Self {
            words: (0..SIZE).map(invent).collect(),
            upto,
            phrases: Vec::new(),
        };
        vocabulary.phrases = (0..PHRASES)
            .map(|_| {
                let words = dice.between(4, 9);
                (0..words)
                    .map(|_| vocabulary.plain(dice).to_owned())
                    .collect()
            })
            .collect();
        vocabulary
    }

    /// A word of the language.
    fn plain(&self, dice: &mut Dice) -> &str {
        let at = dice.share() * self.upto[SIZE - 1];
        let place = self.upto.partition_point(|&u| u < at);
        &self.words[place.min(SIZE - 1)]
    }

    /// A name: seldom words, with a capital.
    pub fn name(&self, dice: &mut Dice) -> String {
        capital(&self.words[dice.between(400, SIZE - 1)])
    }

    pub fn number(dice: &mut Dice) -> String {
        match dice.below(4) {
            0 => format!("{}", dice.between(2, 99)),
            1 => format!("{}.{}", dice.below(99), dice.below(9)),
            2 => format!("{},{:03}", dice.between(1, 99), dice.below(1_000)),
            _ => format!("{}", dice.between(1_950, 2_035)),
        }
    }

    /// A word as it stands in copy.
    pub fn word(&self, dice: &mut Dice) -> String {
        match dice.below(100) {
            0..=4 => Self::number(dice),
            5..=12 => self.name(dice),
            _ => self.plain(dice).to_owned(),
        }
    }

    /// A sentence, without its stop.
    pub fn sentence(&self, dice: &mut Dice) -> Vec<String> {
        let length = dice.between(9, 34);
        let mut words = Vec::with_capacity(length + 8);
        while words.len() < length {
            if dice.percent(3) {
                // Some phrases are said far more often than others.
                let rank = (dice.share().powi(3) * PHRASES as f64) as usize;
                words.extend_from_slice(&self.phrases[rank.min(PHRASES - 1)]);
            } else {
                words.push(self.word(dice));
            }
            if dice.percent(6)
                && words.len() < length
                && let Some(last) = words.last_mut()
            {
                last.push(',');
            }
        }
        if let Some(first) = words.first_mut() {
            *first = capital(first);
        }
        words
    }
}

pub fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .collect()
}

/// Different for every rank; the more often said, the shorter. One in two hundred has a letter outside ASCII.
fn invent(rank: usize) -> String {
    const ONSETS: [&str; 20] = [
        "t", "w", "s", "th", "h", "b", "m", "f", "n", "d", "l", "r", "c", "p", "st", "g", "k", "v",
        "br", "sh",
    ];
    const NUCLEI: [&str; 8] = ["e", "a", "o", "i", "u", "ea", "ou", "ai"];
    const CODAS: [&str; 6] = ["", "n", "r", "s", "t", "l"];
    // A rank ends in no zero syllable of its own, so that words made longer stay different.
    let least = match rank {
        0..60 => 2,
        60..500 => 4,
        _ => 7,
    };
    let mut word = String::new();
    let mut rest = rank;
    loop {
        word.push_str(ONSETS[rest % 20]);
        rest /= 20;
        word.push_str(if rank % 200 == 137 {
            "é"
        } else {
            NUCLEI[rest % 8]
        });
        rest /= 8;
        word.push_str(CODAS[rest % 6]);
        rest /= 6;
        if rest == 0 && word.len() >= least {
            return word;
        }
    }
}
