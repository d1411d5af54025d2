//! Dice, invented words, and how often each is said.

/// `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014): the same numbers everywhere.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    #[inline]
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    #[inline]
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.roll()) * n as u128) >> 64) as usize
    }

    /// From `least` to `most`, both included.
    #[inline]
    pub fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most + 1 - least)
    }

    /// True in so many of a hundred cases.
    #[inline]
    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    /// A number from 0 to 1.
    pub fn share(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

/// How a word stands in copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Plain,
    /// With a capital: a name, or the first of a sentence.
    Capital,
    /// "17", "3.2", "41,200": no word of the vocabulary.
    Number(Form),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Whole,
    Tenths,
    Thousands,
}

/// What follows a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    None,
    Comma,
    Sentence,
    Paragraph,
}

/// A word of copy: copy is a run of these, and becomes text only when it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Rank in the vocabulary, or the number.
    pub value: u32,
    pub look: Look,
    pub stop: Stop,
}

/// Longest word in bytes.
const WIDTH: usize = 16;
const SIZE: usize = 100_000;
const PHRASES: usize = 800;

/// Invented words by Zipf's law (Mandelbrot's form, 1/(rank + 2.7)), with names, numbers and stock phrases among them.
pub struct Vocabulary {
    /// Letters of every word, filled up with zeros, so that a word is copied in one step.
    slots: Vec<[u8; WIDTH]>,
    /// How many letters. Apart from them, so that where a word is written does not wait for the letters of the one before.
    lengths: Vec<u8>,
    chances: Chances,
    phrases: Vec<Vec<u32>>,
}

/// Draws ranks by their weights: the ranks at 4,096 even steps of the distribution, and evenly between two of them. Small
/// enough for the nearest cache.
struct Chances(Vec<u32>);

impl Chances {
    const STEPS: usize = 1 << 12;

    fn new(weights: &[f64]) -> Self {
        let sum: f64 = weights.iter().sum();
        let (mut rank, mut upto) = (0, weights[0]);
        let mut ranks: Vec<u32> = (0..Self::STEPS)
            .map(|step| {
                while upto < sum * step as f64 / Self::STEPS as f64 {
                    rank += 1;
                    upto += weights[rank];
                }
                rank as u32
            })
            .collect();
        ranks.push(weights.len() as u32 - 1);
        Self(ranks)
    }

    #[inline]
    fn draw(&self, dice: &mut Dice) -> u32 {
        let roll = dice.roll();
        let step = (roll >> 52) as usize;
        let (low, high) = (self.0[step], self.0[step + 1]);
        let between = u64::from(high - low) + u64::from(high > low);
        low + (((roll & 0xffff_ffff) * between) >> 32) as u32
    }
}

impl Vocabulary {
    pub fn new(dice: &mut Dice) -> Self {
        let weights: Vec<f64> = (0..SIZE).map(|rank| 1.0 / (rank as f64 + 2.7)).collect();
        let words: Vec<String> = (0..SIZE).map(invent).collect();
        let chances = Chances::new(&weights);
        let phrases = (0..PHRASES)
            .map(|_| {
                (0..dice.between(4, 9))
                    .map(|_| chances.draw(dice))
                    .collect()
            })
            .collect();
        Self {
            slots: words
                .iter()
                .map(|w| {
                    let mut slot = [0; WIDTH];
                    slot[..w.len()].copy_from_slice(w.as_bytes());
                    slot
                })
                .collect(),
            lengths: words.iter().map(|w| w.len() as u8).collect(),
            chances,
            phrases,
        }
    }

    /// The letters of a word of the vocabulary.
    pub fn letters(&self, rank: u32) -> &[u8] {
        &self.slots[rank as usize][..self.lengths[rank as usize] as usize]
    }

    /// A word of the language, by how often it is said.
    pub fn plain(&self, dice: &mut Dice) -> Word {
        word(self.chances.draw(dice), Look::Plain)
    }

    /// A name: seldom words, with a capital.
    pub fn name(dice: &mut Dice) -> Word {
        word(dice.between(400, SIZE - 1) as u32, Look::Capital)
    }

    pub fn number(dice: &mut Dice) -> Word {
        let (value, form) = match dice.below(4) {
            0 => (dice.between(2, 99), Form::Whole),
            1 => (dice.between(1, 990), Form::Tenths),
            2 => (dice.between(1_000, 99_999), Form::Thousands),
            _ => (dice.between(1_950, 2_035), Form::Whole),
        };
        word(value as u32, Look::Number(form))
    }

    /// A word as it stands in copy.
    pub fn word(&self, dice: &mut Dice) -> Word {
        match dice.below(100) {
            0..=4 => Self::number(dice),
            5..=12 => Self::name(dice),
            _ => self.plain(dice),
        }
    }

    /// Appends a sentence.
    pub fn sentence(&self, dice: &mut Dice, copy: &mut Vec<Word>) {
        let length = dice.between(9, 34);
        let first = copy.len();
        while copy.len() - first < length {
            let chance = dice.below(10_000);
            if chance < 300 {
                // Some phrases are said far more often than others.
                let rank = (dice.share().powi(3) * PHRASES as f64) as usize;
                let phrase = &self.phrases[rank.min(PHRASES - 1)];
                copy.extend(phrase.iter().map(|&rank| word(rank, Look::Plain)));
            } else {
                copy.push(self.word(dice));
            }
            if chance % 100 < 6
                && let Some(last) = copy.last_mut()
            {
                last.stop = Stop::Comma;
            }
        }
        if copy[first].look == Look::Plain {
            copy[first].look = Look::Capital;
        }
        if let Some(last) = copy.last_mut() {
            last.stop = Stop::Sentence;
        }
    }

    /// Appends a word as text, without what follows it.
    #[inline]
    pub fn write(&self, word: Word, text: &mut Vec<u8>) {
        let at = text.len();
        match word.look {
            Look::Plain | Look::Capital => {
                text.extend_from_slice(&self.slots[word.value as usize]);
                text.truncate(at + self.lengths[word.value as usize] as usize);
                // Every word begins with a small letter of ASCII.
                text[at] -= 32 * u8::from(word.look == Look::Capital);
            }
            Look::Number(Form::Whole) => digits(word.value, text),
            Look::Number(Form::Tenths) => {
                digits(word.value / 10, text);
                text.extend_from_slice(&[b'.', b'0' + (word.value % 10) as u8]);
            }
            Look::Number(Form::Thousands) => {
                digits(word.value / 1_000, text);
                let rest = word.value % 1_000;
                text.push(b',');
                text.extend([100, 10, 1].map(|unit| b'0' + (rest / unit % 10) as u8));
            }
        }
    }
}

fn word(value: u32, look: Look) -> Word {
    Word {
        value,
        look,
        stop: Stop::None,
    }
}

fn digits(number: u32, text: &mut Vec<u8>) {
    let count = number.checked_ilog10().unwrap_or(0);
    for place in (0..=count).rev() {
        text.push(b'0' + (number / 10_u32.pow(place) % 10) as u8);
    }
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
