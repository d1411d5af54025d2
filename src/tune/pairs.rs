/*!
Classes → the exact similarity of every pair that has a sampled end and a shingle in common.

```text
sets of sampled classes ─▶ Postings: shingle → classes ─▶ for each class of the corpus, shingles in common by count
```

Nothing is left out: a pair without a common shingle has the similarity 0. What it costs is known before it is spent, from the sample's own
postings ([`Postings::work`]); whoever drives this takes a smaller sample where too much is alike.
*/

use crate::threads::in_turn;

/// Shingles are parted by so many first bits.
const PART_BITS: u32 = 5;
/// Sets whose shingles are parted together.
const SETS_AT_ONCE: usize = 256;

/// Shingle → the sampled classes that have it.
#[derive(Debug, Default)]
pub struct Postings {
    /// By the first bits of the shingle.
    parts: Vec<Part>,
}

/// The shingles that begin with the same bits.
#[derive(Debug, Default)]
struct Part {
    /// Distinct shingles, sorted.
    keys: Vec<u64>,
    /// Classes of key `i`: `classes[starts[i]..starts[i + 1]]`, ascending.
    starts: Vec<u32>,
    classes: Vec<u32>,
    /// First key of each run of equal bits, those of the part aside.
    directory: Vec<u32>,
    shift: u32,
}

/// Two classes and what they share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The sampled class, as a number among the sampled.
    pub sampled: u32,
    /// Shingles in common.
    pub shared: u32,
}

impl Postings {
    /// Of these sets, each sorted; sampled class `i` has set `i`.
    pub fn new(sets: &[Vec<u64>]) -> Self {
        let some: Vec<&[Vec<u64>]> = sets.chunks(SETS_AT_ONCE).collect();
        let parted = in_turn(
            some.len(),
            || (),
            |(), number| {
                let mut parts = vec![Vec::new(); 1 << PART_BITS];
                for (class, set) in ((number * SETS_AT_ONCE) as u32..).zip(some[number]) {
                    for of_part in set.chunk_by(|x, y| part_of(*x) == part_of(*y)) {
                        let own = of_part.iter().map(|&shingle| (shingle, class));
                        parts[part_of(of_part[0])].extend(own);
                    }
                }
                parts
            },
        );
        let part = |entries: &mut Vec<(u64, u32)>, number: usize| {
            entries.clear();
            for parts in &parted {
                entries.extend_from_slice(&parts[number]);
            }
            entries.sort_unstable();
            Part::of(entries)
        };
        Self {
            parts: in_turn(1 << PART_BITS, Vec::new, part),
        }
    }

    fn classes_of(&self, shingle: u64) -> &[u32] {
        self.parts
            .get(part_of(shingle))
            .map_or(&[], |part| part.classes_of(shingle))
    }

    /// Steps that it takes to hold the sampled classes against one another.
    pub fn work(&self) -> u64 {
        let starts = self.parts.iter().flat_map(|part| part.starts.windows(2));
        starts.map(|w| u64::from(w[1] - w[0]).pow(2)).sum()
    }

    /// Replaces `counts.found` by the sampled classes below number `below` that share a shingle with a set.
    pub fn count(&self, set: &[u64], below: u32, counts: &mut Counts) {
        counts.found.clear();
        for &shingle in set {
            for &class in self.classes_of(shingle) {
                if class >= below {
                    break;
                }
                let count = &mut counts.shared[class as usize];
                if *count == 0 {
                    counts.touched.push(class);
                }
                *count += 1;
            }
        }
        for class in counts.touched.drain(..) {
            counts.found.push(Found {
                sampled: class,
                shared: std::mem::take(&mut counts.shared[class as usize]),
            });
        }
        counts.found.sort_unstable();
    }
}

fn part_of(shingle: u64) -> usize {
    (shingle >> (u64::BITS - PART_BITS)) as usize
}

impl Part {
    /// Of these entries, sorted.
    fn of(entries: &[(u64, u32)]) -> Self {
        let mut part = Self::default();
        for of_one in entries.chunk_by(|x, y| x.0 == y.0) {
            part.keys.push(of_one[0].0);
            part.starts.push(part.classes.len() as u32);
            part.classes.extend(of_one.iter().map(|e| e.1));
        }
        part.starts.push(part.classes.len() as u32);
        part.make_directory();
        part
    }

    /// About one key to an entry of the directory.
    fn make_directory(&mut self) {
        let bits = usize::BITS - self.keys.len().leading_zeros();
        self.shift = u64::BITS - bits.clamp(1, 28);
        let entries = 1_usize << (u64::BITS - self.shift);
        self.directory = Vec::with_capacity(entries + 1);
        for (i, &key) in self.keys.iter().enumerate() {
            let place = self.place(key);
            while self.directory.len() <= place {
                self.directory.push(i as u32);
            }
        }
        self.directory.resize(entries + 1, self.keys.len() as u32);
    }

    fn place(&self, shingle: u64) -> usize {
        ((shingle << PART_BITS) >> self.shift) as usize
    }

    fn classes_of(&self, shingle: u64) -> &[u32] {
        let place = self.place(shingle);
        let (from, to) = (
            self.directory[place] as usize,
            self.directory[place + 1] as usize,
        );
        match self.keys[from..to].iter().position(|&k| k == shingle) {
            Some(at) => {
                let key = from + at;
                &self.classes[self.starts[key] as usize..self.starts[key + 1] as usize]
            }
            None => &[],
        }
    }
}

/// Counts of one set at a time; made to be used again.
#[derive(Debug)]
pub struct Counts {
    shared: Vec<u32>,
    touched: Vec<u32>,
    /// What the set shares with whom.
    pub found: Vec<Found>,
}

impl Counts {
    /// For so many sampled classes.
    pub fn new(sampled: usize) -> Self {
        Self {
            shared: vec![0; sampled],
            touched: Vec::new(),
            found: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::shingle::finalise;
    use crate::verify::jaccard;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counts_are_those_of_set_against_set(
            sets in prop::collection::vec(prop::collection::vec(0_u64..60, 0..40), 0..25),
            cut in 0_usize..25
        ) {
            let sets: Vec<Vec<u64>> = sets.into_iter().map(|set| {
                // Spread over all leading bits, as shingles are.
                let mut set: Vec<u64> = set.into_iter().map(finalise).collect();
                jaccard::make_set(&mut set);
                set
            }).collect();
            let sampled = &sets[..cut.min(sets.len())];
            let postings = Postings::new(sampled);
            let mut counts = Counts::new(sampled.len());
            for (i, set) in sets.iter().enumerate() {
                let below = i.min(sampled.len());
                postings.count(set, below as u32, &mut counts);
                let expected: Vec<Found> = (0..below)
                    .map(|j| Found { sampled: j as u32, shared: jaccard::shared(set, &sampled[j]) })
                    .filter(|f| f.shared > 0)
                    .collect();
                prop_assert_eq!(&counts.found, &expected);
            }
        }
    }
}
