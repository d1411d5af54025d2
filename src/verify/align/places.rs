//! Words → where each of their grams stands.

/// Occurrences of a k-gram that are looked at on one side: more is repetition within a text.
pub(super) const OCCURRENCES: usize = 16;
/// Grams of one value that are looked at one by one.
const FEW: usize = 8;

/// Where every gram of one side stands: by the first bits of its hash, then by place; where many begin alike, by the next 32 first.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// First bits that tell.
    bits: u32,
    /// For each value of the first bits, where its grams end; the first entry is 0.
    ends: Vec<u32>,
    /// 32 bits of the hash, and the place.
    grams: Vec<u64>,
    hashes: Vec<u64>,
}

fn place(entry: u64) -> usize {
    entry as u32 as usize
}

/// Replaces `out` by the hashes of all grams of `least` words, in order.
pub(super) fn hashes(words: &[u64], least: usize, out: &mut Vec<u64>) {
    out.clear();
    let count = (words.len() + 1).saturating_sub(least);
    out.extend_from_slice(&words[..count]);
    for nth in 1..least {
        let turn = 23 * nth as u32 % 64;
        for (hash, word) in out.iter_mut().zip(&words[nth..]) {
            *hash ^= word.rotate_left(turn);
        }
    }
    for hash in out {
        *hash = hash.wrapping_mul(0x9FB2_1C65_1E98_DF25);
    }
}

impl Places {
    /// Takes all grams of `least` words.
    pub fn fill(&mut self, words: &[u64], least: usize) {
        hashes(words, least, &mut self.hashes);
        let hashes = &self.hashes;
        self.bits = hashes.len().next_power_of_two().ilog2().max(1);
        let shift = 64 - self.bits;
        let ends = &mut self.ends;
        ends.clear();
        ends.resize((1 << self.bits) + 2, 0);
        for hash in hashes {
            ends[(hash >> shift) as usize + 2] += 1;
        }
        let (mut sum, mut most) = (0, 0);
        for end in &mut ends[2..] {
            most = most.max(*end);
            sum += *end;
            *end = sum;
        }
        self.grams.clear();
        self.grams.resize(hashes.len(), 0);
        for (place, &hash) in hashes.iter().enumerate() {
            let end = &mut ends[(hash >> shift) as usize + 1];
            self.grams[*end as usize] = next_bits(hash, self.bits) << 32 | place as u64;
            *end += 1;
        }
        // Few to a value, but for texts that repeat themselves, or are made to.
        if most as usize > FEW {
            for bin in ends.windows(2) {
                let bin = &mut self.grams[bin[0] as usize..bin[1] as usize];
                if bin.len() > FEW {
                    bin.sort_unstable();
                }
            }
        }
    }

    /// The first places of a gram that has this hash, in order.
    #[inline(always)]
    pub fn of_hash(&self, hash: u64) -> impl Iterator<Item = usize> {
        let bin = (hash >> (64 - self.bits)) as usize;
        let mut bin = &self.grams[self.ends[bin] as usize..self.ends[bin + 1] as usize];
        let wanted = next_bits(hash, self.bits);
        if bin.len() > FEW {
            let first = bin.partition_point(|&entry| entry >> 32 < wanted);
            let last = bin.partition_point(|&entry| entry >> 32 <= wanted);
            bin = &bin[first..last.min(first + OCCURRENCES)];
        }
        bin.iter()
            .filter(move |&&entry| entry >> 32 == wanted)
            .map(|&entry| place(entry))
    }

    /// Whether the gram at a place stands elsewhere too.
    pub fn is_repeated(&self, place: usize) -> bool {
        self.of_hash(self.hashes[place]).nth(1).is_some()
    }
}

/// 32 bits of a hash after the first.
fn next_bits(hash: u64, first: u32) -> u64 {
    (hash << first) >> 32
}
