//! Words → where each of their grams stands.

use crate::text::scatter::Scatter;

/// Occurrences of a k-gram that are looked at on one side: more is repetition within a text.
pub(super) const OCCURRENCES: usize = 16;
/// No place.
const NONE: u32 = u32::MAX;

/// Where every gram of one side stands: a hash table with chains, in order of the place.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// There are 2^`bits` chains.
    bits: u32,
    /// Of each chain the first gram.
    heads: Vec<u32>,
    grams: Vec<Gram>,
    scatter: Scatter,
}

#[derive(Clone, Copy, Debug)]
struct Gram {
    hash: u64,
    /// The next of its chain.
    next: u32,
    /// Whether it stands elsewhere too.
    repeated: bool,
}

impl Places {
    /// Takes all grams of `least` words; of those that are alike no more than [`OCCURRENCES`] are found again.
    pub fn fill(&mut self, words: &[u64], least: usize) {
        let count = (words.len() + 1).saturating_sub(least);
        // Twice as many chains as grams: most have one or none.
        let bits = (2 * count).next_power_of_two().ilog2().max(1);
        self.bits = bits;
        self.heads.clear();
        self.heads.resize(1 << bits, NONE);
        self.grams.clear();
        for (place, gram) in (0..count as u32).zip(words.windows(least)) {
            let hash = hash_of(gram);
            self.grams.push(Gram {
                hash,
                next: NONE,
                repeated: false,
            });
            let head = &mut self.heads[self.scatter.place(hash, self.bits)];
            if *head == NONE {
                *head = place;
            } else {
                self.append(place);
            }
        }
    }

    /// Puts a gram at the end of its chain, which is not empty.
    fn append(&mut self, place: u32) {
        let hash = self.grams[place as usize].hash;
        let mut at = self.heads[self.scatter.place(hash, self.bits)];
        let mut alike = 0;
        let last = loop {
            let gram = &mut self.grams[at as usize];
            if gram.hash == hash {
                gram.repeated = true;
                alike += 1;
            }
            if gram.next == NONE {
                break at;
            }
            at = gram.next;
        };
        self.grams[place as usize].repeated = alike > 0;
        if alike < OCCURRENCES {
            self.grams[last as usize].next = place;
        }
    }

    /// The first places of a gram that has this hash, in order.
    #[inline(always)]
    pub fn of_hash(&self, hash: u64) -> impl Iterator<Item = usize> {
        let mut next = self.heads[self.scatter.place(hash, self.bits)];
        std::iter::from_fn(move || {
            while next != NONE {
                let place = next as usize;
                let gram = &self.grams[place];
                next = gram.next;
                if gram.hash == hash {
                    return Some(place);
                }
            }
            None
        })
    }

    /// Whether the gram at a place stands elsewhere too.
    #[inline(always)]
    pub fn is_repeated(&self, place: usize) -> bool {
        self.grams[place].repeated
    }
}

/// Hash of a gram.
#[inline(always)]
pub(super) fn hash_of(gram: &[u64]) -> u64 {
    let word = |(nth, word): (u32, &u64)| word.rotate_left(23 * nth % 64);
    (0..)
        .zip(gram)
        .map(word)
        .fold(0, |mixed, word| mixed ^ word)
}
