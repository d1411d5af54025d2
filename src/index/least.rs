/*!
How many keys two rows share at least if they are candidates, by how many the smaller of them has.

A row that has not been met in the first of another's buckets can share no more keys with it than buckets are left. So where most are
done, only rows that were met already are worth counting, and rows of few keys, which need to share few: the prefix filter of
set-similarity joins (Chaudhuri, Ganti, Kaushik: "A primitive operator for similarity joins in data cleaning", 2006). With the smallest
buckets first, the large ones bring hardly a row.

Input: the rule, as a function. Output: the same by table, and turned round. Invariant: nothing that the rule lets through is held back.
*/

/// Sizes are told apart up to this many keys; more count as so many.
pub const MOST_KEYS: usize = u8::MAX as usize;

/// The least number of shared keys, by the keys of the smaller row.
#[derive(Clone, Debug)]
pub struct Least {
    /// For each number of keys.
    of: [u32; MOST_KEYS + 1],
    /// For so many keys that may yet be shared: rows of at most so many keys may be candidates.
    reach: [u8; MOST_KEYS + 1],
}

impl Least {
    /// By that rule, which asks of more keys for no fewer.
    pub fn new(least: impl Fn(u16) -> u32) -> Self {
        let of = std::array::from_fn(|keys| least(keys as u16));
        let mut reach = [0; MOST_KEYS + 1];
        for (left, reach) in reach.iter_mut().enumerate() {
            *reach = (of.partition_point(|&l| l as usize <= left).max(1) - 1) as u8;
        }
        Self { of, reach }
    }

    /// What tells how many keys a row has.
    pub fn size(keys: u16) -> u8 {
        keys.min(MOST_KEYS as u16) as u8
    }

    /// Whether rows of these sizes may be candidates if they share so many keys.
    #[inline(always)]
    pub fn admits(&self, sizes: [u8; 2], shared: u32) -> bool {
        shared >= self.of[usize::from(sizes[0].min(sizes[1]))]
    }

    /// The largest size of the smaller of two rows that may be candidates, if they share at most so many keys.
    #[inline(always)]
    pub fn reach(&self, left: usize) -> u8 {
        self.reach[left.min(MOST_KEYS)]
    }
}
