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
    /// For each place, whether its gram stands elsewhere too.
    pub repeated: Vec<bool>,
    hashes: Vec<u64>,
}

fn place(entry: u64) -> usize {
    entry as u32 as usize
}

fn hash_of(gram: &[u64]) -> u64 {
    gram.iter().fold(0_u64, |h, &x| {
        (h.rotate_left(23) ^ x).wrapping_mul(0x9FB2_1C65_1E98_DF25)
    })
}

impl Places {
    /// Takes all grams of `least` words.
    pub fn fill(&mut self, words: &[u64], least: usize) {
        self.hashes.clear();
        self.hashes.extend(words.windows(least).map(hash_of));
        let hashes = &self.hashes;
        self.bits = hashes.len().next_power_of_two().ilog2().max(1);
        let shift = 64 - self.bits;
        let ends = &mut self.ends;
        ends.clear();
        ends.resize((1 << self.bits) + 2, 0);
        for hash in hashes {
            ends[(hash >> shift) as usize + 2] += 1;
        }
        for i in 2..ends.len() {
            ends[i] += ends[i - 1];
        }
        self.grams.clear();
        self.grams.resize(hashes.len(), 0);
        for (place, &hash) in hashes.iter().enumerate() {
            let end = &mut ends[(hash >> shift) as usize + 1];
            self.grams[*end as usize] = next_bits(hash, self.bits) << 32 | place as u64;
            *end += 1;
        }
        self.repeated.clear();
        self.repeated.resize(hashes.len(), false);
        for bin in ends.windows(2) {
            let bin = &mut self.grams[bin[0] as usize..bin[1] as usize];
            if bin.len() <= 1 {
                continue;
            }
            // Few to a value, but for texts that repeat themselves, or are made to.
            if bin.len() > FEW {
                bin.sort_unstable();
            }
            for (i, &one) in bin.iter().enumerate() {
                let others = &bin[i + 1..bin.len().min(i + FEW)];
                for &other in others.iter().filter(|&&o| o >> 32 == one >> 32) {
                    self.repeated[place(one)] = true;
                    self.repeated[place(other)] = true;
                }
            }
        }
    }

    /// The first places of a gram, in order.
    pub fn of_gram(&self, gram: &[u64]) -> impl Iterator<Item = usize> {
        let hash = hash_of(gram);
        let bin = (hash >> (64 - self.bits)) as usize;
        let mut bin = &self.grams[self.ends[bin] as usize..self.ends[bin + 1] as usize];
        let wanted = next_bits(hash, self.bits);
        if bin.len() > FEW {
            let first = bin.partition_point(|&entry| entry >> 32 < wanted);
            let last = bin.partition_point(|&entry| entry >> 32 <= wanted);
            bin = &bin[first..last];
        }
        bin.iter()
            .filter(move |&&entry| entry >> 32 == wanted)
            .take(OCCURRENCES)
            .map(|&entry| place(entry))
    }
}

/// 32 bits of a hash after the first.
fn next_bits(hash: u64, first: u32) -> u64 {
    (hash << first) >> 32
}
