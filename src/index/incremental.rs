/*!
Keys of rows that come one at a time → for each row, the earlier rows that share a key with it.

```text
(part, key) ─▶ nothing: the row is noted   one row: a list of two begins   a list: what the bucket rule leaves of it is proposed, the row is added
```

The same two rules as in [`buckets`](super::buckets), so that a stream finds the candidates that a batch finds. Of a key's rows
all are kept while they are few, then the ends alone, so a key that all stories share costs no more than any other.

A row can leave again: it proposes nothing from then on, and what it holds is freed a shard at a time, so that no
single removal takes long. Until then at most as many rows are held in vain as are alive.
*/

use std::collections::VecDeque;
use std::collections::hash_map::{Entry, HashMap, RandomState};
use std::hash::{BuildHasher, Hasher};

use super::buckets::{Candidates, ENDS, FEW};

/// Shards to a part.
const SHARDS: usize = 16;
/// Marks a value of a shard as the number of a list; without it the value is a row.
const LIST: u32 = 1 << 31;

/// Which rows share keys, row after row.
#[derive(Debug)]
pub struct Incremental {
    shards: Vec<HashMap<u32, u32, KeyHash>>,
    lists: Vec<List>,
    /// Lists that are not used.
    free: Vec<u32>,
    rows: Rows,
    exact: bool,
    capped: u64,
    /// The shard that is freed of rows next.
    next_shard: usize,
    /// Shards that are owed to the rows removed so far, times live rows.
    debt: usize,
}

/// Rows that have a key, in order.
#[derive(Debug, Default)]
struct List {
    rows: VecDeque<u32>,
    /// Whether there were too many: then only the ends are kept.
    full: bool,
}

/// Which rows are there.
#[derive(Debug, Default)]
struct Rows {
    /// Number of the first that is kept note of; all before it have left.
    first: u32,
    alive: VecDeque<bool>,
    live: usize,
}

impl Rows {
    fn has(&self, row: u32) -> bool {
        row.checked_sub(self.first)
            .is_some_and(|at| self.alive[at as usize])
    }
}

impl Incremental {
    /// Rows that can be numbered.
    pub const MOST_ROWS: u32 = LIST;

    /// An empty index for keys that come in so many parts; `exact` lifts both caps.
    pub fn new(parts: usize, exact: bool) -> Self {
        let hash = KeyHash::random();
        Self {
            shards: (0..parts * SHARDS)
                .map(|_| HashMap::with_hasher(hash))
                .collect(),
            lists: Vec::new(),
            free: Vec::new(),
            rows: Rows::default(),
            exact,
            capped: 0,
            next_shard: 0,
            debt: 0,
        }
    }

    /// Adds the next row with its keys, each with its part and none twice, and replaces `out` by its candidates: rows before it with their
    /// scores. `score(row, keys in common)` is none for a row that is no candidate. Returns the row's number, from 0.
    ///
    /// # Panics
    /// At row number [`MOST_ROWS`](Self::MOST_ROWS).
    pub fn insert(
        &mut self,
        keys: impl IntoIterator<Item = (usize, u32)>,
        score: impl Fn(u32, u32) -> Option<u32>,
        out: &mut Candidates,
    ) -> u32 {
        let row = self.rows.first + self.rows.alive.len() as u32;
        assert!(
            row < Self::MOST_ROWS,
            "rows are counted before they are added"
        );
        out.clear();
        for (part, key) in keys {
            let shard = &mut self.shards[part * SHARDS + (key >> 28) as usize];
            match shard.entry(key) {
                Entry::Vacant(place) => {
                    place.insert(row);
                }
                Entry::Occupied(mut place) if place.get() & LIST == 0 => {
                    let other = *place.get();
                    if self.rows.has(other) {
                        out.found.push(other);
                        let list = List {
                            rows: VecDeque::from([other, row]),
                            full: false,
                        };
                        let number = if let Some(number) = self.free.pop() {
                            self.lists[number as usize] = list;
                            number
                        } else {
                            self.lists.push(list);
                            self.lists.len() as u32 - 1
                        };
                        place.insert(LIST | number);
                    } else {
                        place.insert(row);
                    }
                }
                Entry::Occupied(place) => {
                    let list = &mut self.lists[(place.get() ^ LIST) as usize];
                    self.capped += u64::from(list.propose_and_add(
                        row,
                        self.exact,
                        &self.rows,
                        &mut out.found,
                    ));
                }
            }
        }
        self.rows.alive.push_back(true);
        self.rows.live += 1;
        out.choose(self.exact, score);
        row
    }

    /// Takes a row out. One that is not there is no error.
    pub fn remove(&mut self, row: u32) {
        if !self.rows.has(row) {
            return;
        }
        self.rows.alive[(row - self.rows.first) as usize] = false;
        self.rows.live -= 1;
        while self.rows.alive.front() == Some(&false) {
            self.rows.alive.pop_front();
            self.rows.first += 1;
        }
        // When as many rows have left as are alive, every shard has been seen to.
        self.debt += self.shards.len();
        let round = self.rows.live.max(1);
        let shards = (self.debt / round).min(self.shards.len());
        self.debt %= round;
        for _ in 0..shards {
            self.free_shard(self.next_shard);
            self.next_shard = (self.next_shard + 1) % self.shards.len();
        }
    }

    fn free_shard(&mut self, shard: usize) {
        let (rows, lists, free) = (&self.rows, &mut self.lists, &mut self.free);
        self.shards[shard].retain(|_, value| {
            if *value & LIST == 0 {
                return rows.has(*value);
            }
            let number = *value ^ LIST;
            let list = &mut lists[number as usize];
            list.rows.retain(|&row| rows.has(row));
            if list.rows.len() > 1 {
                return true;
            }
            if let Some(&last) = list.rows.front() {
                *value = last;
            }
            let kept = !list.rows.is_empty();
            *list = List::default();
            free.push(number);
            kept
        });
    }

    /// Number of keys that more rows shared than the bucket rule proposes.
    pub fn capped(&self) -> u64 {
        self.capped
    }

    /// Rows that are there.
    pub fn len(&self) -> usize {
        self.rows.live
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.live == 0
    }

    /// Keys that are kept, those of rows that have left and are not yet freed among them.
    pub fn keys(&self) -> usize {
        self.shards.iter().map(HashMap::len).sum()
    }
}

impl List {
    /// Appends what the key proposes to `found`, then adds the row. Whether the key is capped now for the first time.
    fn propose_and_add(
        &mut self,
        row: u32,
        exact: bool,
        rows: &Rows,
        found: &mut Vec<u32>,
    ) -> bool {
        if self.rows.iter().any(|&r| !rows.has(r)) {
            self.rows.retain(|&r| rows.has(r));
            self.full &= !self.rows.is_empty();
        }
        let before = self.rows.len();
        let fills = !exact && !self.full && before > FEW;
        self.full |= fills;
        if self.full && before > 2 * ENDS {
            found.extend(self.rows.range(..ENDS));
            found.extend(self.rows.range(before - ENDS..));
        } else {
            found.extend(&self.rows);
        }
        self.rows.push_back(row);
        if self.full && before >= 2 * ENDS {
            self.rows.drain(ENDS..=before - ENDS);
        }
        if fills {
            self.rows.shrink_to_fit();
        }
        fills
    }
}

/// Hash of keys, with a secret of its own: nobody can craft keys that meet in one place.
#[derive(Clone, Copy, Debug)]
struct KeyHash {
    add: u64,
    multiply: u64,
}

impl KeyHash {
    fn random() -> Self {
        let random = RandomState::new();
        Self {
            add: random.hash_one(0_u8),
            multiply: random.hash_one(1_u8) | 1,
        }
    }
}

impl BuildHasher for KeyHash {
    type Hasher = KeyHasher;

    fn build_hasher(&self) -> KeyHasher {
        KeyHasher {
            hash: *self,
            state: 0,
        }
    }
}

struct KeyHasher {
    hash: KeyHash,
    state: u64,
}

impl Hasher for KeyHasher {
    fn write_u32(&mut self, key: u32) {
        let key = u64::from(key) | u64::from(key) << 32;
        let wide = u128::from(key ^ self.hash.add) * u128::from(self.hash.multiply);
        self.state = (wide >> 64) as u64 ^ wide as u64;
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u32(self.state as u32 ^ u32::from(byte));
        }
    }

    fn finish(&self) -> u64 {
        self.state
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{Buckets, entry};
    use proptest::prelude::*;

    fn key(k: u32) -> u32 {
        // Spread over the shards, as hashes are.
        k.wrapping_mul(0x9e37_79b9)
    }

    fn row_after_row(keys: &[Vec<u32>], exact: bool) -> (Vec<Vec<(u32, u32)>>, u64) {
        let mut index = Incremental::new(3, exact);
        let mut candidates = Candidates::default();
        let found = keys
            .iter()
            .map(|keys| {
                let keys = keys.iter().enumerate().map(|(part, &k)| (part, key(k)));
                index.insert(keys, |_, shared| Some(shared), &mut candidates);
                candidates.best.clone()
            })
            .collect();
        (found, index.capped())
    }

    proptest! {
        #[test]
        fn candidates_are_those_of_buckets(
            keys in prop::collection::vec(prop::collection::vec(0_u32..5, 3), 0..250),
            exact in any::<bool>()
        ) {
            let buckets = Buckets::build(keys.len(), 3, exact, |part, out| {
                out.extend(keys.iter().enumerate().map(|(row, keys)| entry(key(keys[part]), row as u32)));
            });
            let mut candidates = Candidates::default();
            let expected: Vec<_> = (0..keys.len()).map(|row| {
                buckets.candidates(row, |_, shared| Some(shared), &mut candidates);
                candidates.best.clone()
            }).collect();
            let (found, capped) = row_after_row(&keys, exact);
            prop_assert_eq!(found, expected);
            prop_assert_eq!(capped, buckets.capped());
        }

        #[test]
        fn rows_that_left_are_as_if_they_had_never_been(
            keys in prop::collection::vec(prop::collection::vec(0_u32..9, 3), 1..120),
            leave in prop::collection::vec(any::<bool>(), 120)
        ) {
            // Exact: the capped rule may well have forgotten rows between the ends.
            let mut index = Incremental::new(3, true);
            let mut candidates = Candidates::default();
            for keys in &keys {
                let keys = keys.iter().enumerate().map(|(part, &k)| (part, key(k)));
                index.insert(keys, |_, s| Some(s), &mut candidates);
            }
            let mut kept = Vec::new();
            for (row, keys) in keys.iter().enumerate() {
                if leave[row] {
                    index.remove(row as u32);
                } else {
                    kept.push((row as u32, keys));
                }
            }
            prop_assert_eq!(index.len(), kept.len());
            for probe in 0..9 {
                let keys = (0..3).map(|part| (part, key(probe)));
                let row = index.insert(keys, |_, s| Some(s), &mut candidates);
                let mut expected: Vec<(u32, u32)> = kept.iter()
                    .map(|&(row, keys)| (keys.iter().filter(|&&k| k == probe).count() as u32, row))
                    .filter(|&(shared, _)| shared > 0)
                    .collect();
                expected.sort_by_key(|&(shared, row)| (std::cmp::Reverse(shared), row));
                prop_assert_eq!(&candidates.best, &expected);
                index.remove(row);
            }
        }
    }

    #[test]
    fn memory_stays_flat_when_rows_leave() {
        let mut index = Incremental::new(2, false);
        let mut candidates = Candidates::default();
        let mut most = 0;
        for row in 0..50_000_u32 {
            let keys = [(0, key(7)), (0, key(row + 100)), (1, key(row / 2))];
            index.insert(keys, |_, s| Some(s), &mut candidates);
            assert!(candidates.best.len() <= 2 * FEW);
            if row >= 500 {
                index.remove(row - 500);
                most = most.max(index.keys());
            }
        }
        assert_eq!(index.len(), 500);
        assert!(most < 2_000, "{most} keys of 500 rows");
        assert!(index.lists.len() < 1_000, "{} lists", index.lists.len());
        assert!(index.rows.alive.len() <= 501);
    }
}
