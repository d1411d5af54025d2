//! Words → their grams, and where each of them stands.

use crate::text::scatter::Scatter;

/// Occurrences of a k-gram that are looked at on one side: more is repetition within a text.
pub(super) const OCCURRENCES: usize = 16;
/// No place.
const NONE: u32 = u32::MAX;

/// Hashes of all grams of `least` words, by the place of their first word.
pub(super) fn grams(words: &[u64], least: usize, hashes: &mut Vec<u64>) {
    hashes.clear();
    // Lengths that are asked for have a loop of their own: what is known when it is compiled mixes several grams at a time.
    match least {
        1 => hashes.extend_from_slice(words),
        2 => hashes.extend(words.windows(2).map(|gram| mixed(&gram[..2]))),
        3 => hashes.extend(words.windows(3).map(|gram| mixed(&gram[..3]))),
        4 => hashes.extend(words.windows(4).map(|gram| mixed(&gram[..4]))),
        _ => hashes.extend(words.windows(least).map(mixed)),
    }
}

/// Hash of a gram.
#[inline(always)]
fn mixed(gram: &[u64]) -> u64 {
    let word = |(nth, word): (u32, &u64)| word.rotate_left(23 * nth % 64);
    (0..)
        .zip(gram)
        .map(word)
        .fold(0, |mixed, word| mixed ^ word)
}

/// Where every gram of one side stands: a hash table with chains, in order of the place.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// There are 2^`bits` chains.
    bits: u32,
    /// Of each chain the first gram.
    heads: Vec<u32>,
    /// Hash of each gram.
    hashes: Vec<u64>,
    /// Of each gram the next of its chain.
    next: Vec<u32>,
    /// Which grams are not the first of their chain; of one more than there are, which means nothing.
    later: Vec<bool>,
    scatter: Scatter,
}

impl Places {
    /// Takes all grams of `least` words.
    pub fn fill(&mut self, words: &[u64], least: usize) {
        grams(words, least, &mut self.hashes);
        let count = self.hashes.len();
        // Four times as many chains as grams, or more: most have none, and whoever asks for a gram that is not there is told by the head.
        self.bits = (4 * count).next_power_of_two().ilog2().max(1);
        self.heads.clear();
        self.heads.resize(1 << self.bits, NONE);
        self.next.clear();
        self.next.resize(count, NONE);
        self.later.clear();
        self.later.resize(count + 1, false);
        let heads = &mut self.heads[..1 << self.bits];
        // From the last to the first, each before those that are there: no chain needs to be walked, and nothing takes a branch.
        for ((place, &hash), next) in self.hashes.iter().enumerate().zip(&mut self.next).rev() {
            let head = &mut heads[self.scatter.place(hash, self.bits)];
            *next = std::mem::replace(head, place as u32);
            self.later[count.min(*next as usize)] = true;
        }
    }

    /// The places of the other side whose gram may stand here, in order.
    pub fn may_have(&self, grams: &[u64], places: &mut Vec<u32>) {
        places.clear();
        places.resize(grams.len(), 0);
        let heads = &self.heads[..1 << self.bits];
        let mut count = 0;
        for (place, &hash) in (0..).zip(grams) {
            // Most stand nowhere here: whether one does takes no branch.
            places[count] = place;
            count += usize::from(heads[self.scatter.place(hash, self.bits)] != NONE);
        }
        places.truncate(count);
    }

    /// Whether the gram at a place stands elsewhere too.
    #[inline(always)]
    pub fn is_repeated(&self, place: usize) -> bool {
        // Most are alone in their chain.
        let alone = self.next[place] == NONE && !self.later[place];
        !alone && self.of(self.hashes[place]).any(|other| other != place)
    }

    /// The places of a gram, in order.
    #[inline(always)]
    pub fn of(&self, gram: u64) -> impl Iterator<Item = usize> {
        let mut next = self.heads[self.scatter.place(gram, self.bits)];
        std::iter::from_fn(move || {
            while next != NONE {
                let place = next as usize;
                next = self.next[place];
                if self.hashes[place] == gram {
                    return Some(place);
                }
            }
            None
        })
    }
}
