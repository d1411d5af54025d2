/*!
Keys of rows that come one at a time → for each row, the earlier rows that share a key with it.

```text
(part, key) ─▶ nothing: the row is noted   one row: a list of two begins   a list: what the bucket rule leaves of it is proposed, the row is added
```

The same two rules as in [`buckets`](super::buckets), so that a stream finds the candidates that a batch finds. Where rows never
leave, of a key's rows all are kept while they are few, then the ends alone, so a key that all stories share costs no more than any
other. Where rows leave, all of a key's rows are kept as long as they are there: what is proposed depends on the rows that
are there and on nothing else, so that an index made anew of them proposes the same.

A row that leaves proposes nothing from then on, and what it holds is freed a shard at a time, so that no
single removal takes long. Until then at most as many rows are held in vain as are alive.

Memory: 8 bytes for each slot of a shard, of which a half to four fifths hold a key; and the lists.
*/

use std::collections::VecDeque;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io;

use super::buckets::{Candidates, ENDS, FEW};
use super::store::derived::{Reader, Writer};

/// Shards to a part.
const SHARDS: usize = 16;
/// Marks a value of a shard as the number of a list; without it the value is a row.
const LIST: u32 = 1 << 31;

/// Which rows share keys, row after row.
#[derive(Debug)]
pub struct Incremental {
    shards: Vec<Shard>,
    hash: KeyHash,
    lists: Vec<List>,
    /// Lists that are not used.
    free: Vec<u32>,
    rows: Rows,
    rule: Rule,
    capped: u64,
    /// The shard that is freed of rows next.
    next_shard: usize,
    /// Shards that are owed to the rows removed so far, times live rows.
    debt: usize,
    /// Keys of the row that is added.
    own_keys: Vec<(usize, u32)>,
}

/// What a key proposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rule {
    /// All rows, however many.
    exact: bool,
    /// Rows leave.
    forgets: bool,
}

/// Rows that have a key, in order.
#[derive(Debug, Default)]
struct List {
    rows: VecDeque<u32>,
    /// Whether there were too many: then only the ends are kept, unless rows leave.
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

    fn next(&self) -> u32 {
        self.first + self.alive.len() as u32
    }
}

impl Incremental {
    /// Rows that can be numbered.
    pub const MOST_ROWS: u32 = LIST;

    /// An empty index for keys that come in so many parts; `exact` lifts both caps, `forgets` says that rows leave.
    pub fn new(parts: usize, exact: bool, forgets: bool) -> Self {
        Self {
            shards: (0..parts * SHARDS).map(|_| Shard::default()).collect(),
            hash: KeyHash::random(),
            lists: Vec::new(),
            free: Vec::new(),
            rows: Rows::default(),
            rule: Rule { exact, forgets },
            capped: 0,
            next_shard: 0,
            debt: 0,
            own_keys: Vec::new(),
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
        let row = self.rows.next();
        assert!(
            row < Self::MOST_ROWS,
            "rows are counted before they are added"
        );
        out.clear();
        let mut own = std::mem::take(&mut self.own_keys);
        own.clear();
        own.extend(keys);
        self.reach_for(&own);
        for &(part, key) in &own {
            self.add(part, key, row, &mut out.found);
        }
        self.own_keys = own;
        self.rows.alive.push_back(true);
        self.rows.live += 1;
        out.choose(self.rule.exact, score);
        row
    }

    /// Looks at the slots of all keys at once, so that the processor fetches them side by side: one after the other each would be
    /// waited for.
    fn reach_for(&self, keys: &[(usize, u32)]) {
        let mut seen = 0;
        for &(part, key) in keys {
            let shard = &self.shards[shard_of(part, key)];
            if let Some(slot) = shard.slots.get(shard.start(key, self.hash)) {
                seen ^= slot;
            }
        }
        std::hint::black_box(seen);
    }

    fn add(&mut self, part: usize, key: u32, row: u32, found: &mut Vec<u32>) {
        let shard = &mut self.shards[shard_of(part, key)];
        let Some(at) = shard.find_or_insert(key, row, self.hash) else {
            return;
        };
        let value = shard.value(at);
        if value & LIST != 0 {
            let list = &mut self.lists[(value ^ LIST) as usize];
            let fills = list.propose_and_add(row, self.rule, &self.rows, found);
            self.capped += u64::from(fills);
        } else if self.rows.has(value) {
            found.push(value);
            let list = List {
                rows: VecDeque::from([value, row]),
                full: false,
            };
            let number = if let Some(number) = self.free.pop() {
                self.lists[number as usize] = list;
                number
            } else {
                self.lists.push(list);
                self.lists.len() as u32 - 1
            };
            shard.set(at, LIST | number);
        } else {
            shard.set(at, row);
        }
    }

    /// What [`insert`](Self::insert) would propose, without adding anything.
    pub fn candidates(
        &self,
        keys: impl IntoIterator<Item = (usize, u32)>,
        score: impl Fn(u32, u32) -> Option<u32>,
        out: &mut Candidates,
    ) {
        out.clear();
        for (part, key) in keys {
            match self.shards[shard_of(part, key)].get(key, self.hash) {
                Some(value) if value & LIST != 0 => {
                    let list = &self.lists[(value ^ LIST) as usize];
                    list.propose(self.rule, &self.rows, &mut out.found);
                }
                Some(row) if self.rows.has(row) => out.found.push(row),
                _ => {}
            }
        }
        out.choose(self.rule.exact, score);
    }

    /// Adds a row of an earlier run under its number; those between the last one and it have left.
    pub fn restore(&mut self, row: u32, keys: impl IntoIterator<Item = (usize, u32)>) {
        if self.rows.alive.is_empty() {
            self.rows.first = row;
        }
        while self.rows.next() < row {
            self.rows.alive.push_back(false);
        }
        let mut found = Vec::new();
        for (part, key) in keys {
            self.add(part, key, row, &mut found);
        }
        self.rows.alive.push_back(true);
        self.rows.live += 1;
    }

    /// Says that the next row has that number: those between have left.
    pub fn go_on_at(&mut self, row: u32) {
        if self.rows.alive.is_empty() {
            self.rows.first = row;
        }
        while self.rows.next() < row {
            self.rows.alive.push_back(false);
        }
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
        self.shards[shard].retain(self.hash, |value| {
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
        self.shards.iter().map(|s| s.used).sum()
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        let slots: usize = self.shards.iter().map(|s| s.slots.capacity() * 8).sum();
        let rows: usize = self.lists.iter().map(|l| l.rows.capacity() * 4).sum();
        slots + rows + self.lists.capacity() * size_of::<List>() + self.rows.alive.capacity()
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write<W: io::Write>(&self, out: &mut Writer<W>) -> io::Result<()> {
        out.put(&[
            self.shards.len() as u64,
            self.hash.add,
            self.hash.multiply,
            u64::from(self.rule.exact),
            u64::from(self.rule.forgets),
            self.capped,
            self.next_shard as u64,
            self.debt as u64,
            u64::from(self.rows.first),
        ])?;
        for shard in &self.shards {
            out.put(&[shard.used as u64])?;
            out.put(&shard.slots)?;
        }
        let lengths: Vec<u32> = self
            .lists
            .iter()
            .map(|l| (l.rows.len() as u32) << 1 | u32::from(l.full))
            .collect();
        out.put_u32(&lengths)?;
        let rows: Vec<u32> = self
            .lists
            .iter()
            .flat_map(|l| l.rows.iter().copied())
            .collect();
        out.put_u32(&rows)?;
        let alive: Vec<u32> = self.rows.alive.iter().map(|&a| u32::from(a)).collect();
        let alive: Vec<u32> = alive
            .chunks(32)
            .map(|bits| bits.iter().rev().fold(0, |word, bit| word << 1 | bit))
            .collect();
        out.put(&[self.rows.alive.len() as u64])?;
        out.put_u32(&alive)
    }

    /// Reads what [`write`](Self::write) wrote.
    ///
    /// # Errors
    /// When it is cut short or does not hold together.
    pub fn read<R: io::Read>(from: &mut Reader<R>) -> io::Result<Self> {
        let [
            count,
            add,
            multiply,
            exact,
            forgets,
            capped,
            next_shard,
            debt,
            first,
        ] = from.get_few()?;
        let mut shards = Vec::new();
        for _ in 0..count {
            let [used] = from.get_few()?;
            let slots = from.get()?;
            if used as usize > slots.len() {
                return Err(Reader::<R>::broken());
            }
            shards.push(Shard {
                slots,
                used: used as usize,
            });
        }
        let lengths = from.get_u32()?;
        let rows = from.get_u32()?;
        let mut rest = &rows[..];
        let mut lists = Vec::with_capacity(lengths.len());
        for length in lengths {
            let (own, after) = rest
                .split_at_checked((length >> 1) as usize)
                .ok_or_else(Reader::<R>::broken)?;
            rest = after;
            lists.push(List {
                rows: own.iter().copied().collect(),
                full: length & 1 == 1,
            });
        }
        let [length] = from.get_few()?;
        let bits = from.get_u32()?;
        if bits.len() as u64 != length.div_ceil(32) {
            return Err(Reader::<R>::broken());
        }
        let alive: VecDeque<bool> = (0..length as usize)
            .map(|i| bits[i / 32] >> (i % 32) & 1 == 1)
            .collect();
        Ok(Self {
            shards,
            hash: KeyHash { add, multiply },
            free: (0..lists.len() as u32)
                .filter(|&l| lists[l as usize].rows.is_empty())
                .collect(),
            lists,
            rows: Rows {
                first: first as u32,
                live: alive.iter().filter(|&&a| a).count(),
                alive,
            },
            rule: Rule {
                exact: exact == 1,
                forgets: forgets == 1,
            },
            capped,
            next_shard: next_shard as usize,
            debt: debt as usize,
            own_keys: Vec::new(),
        })
    }
}

/// The shard that a key stands in.
fn shard_of(part: usize, key: u32) -> usize {
    part * SHARDS + (key >> 28) as usize
}

impl List {
    /// Appends what the key proposes to `found`.
    fn propose(&self, rule: Rule, rows: &Rows, found: &mut Vec<u32>) {
        if rule.forgets {
            let from = found.len();
            let live = self.rows.iter().copied().filter(|&r| rows.has(r));
            if rule.exact {
                found.extend(live);
                return;
            }
            found.extend(live.take(FEW + 1));
            if found.len() - from > FEW {
                found.truncate(from + ENDS);
                let last = self.rows.iter().rev().filter(|&&r| rows.has(r)).take(ENDS);
                found.extend(last);
                found[from + ENDS..].reverse();
            }
        } else {
            let before = self.rows.len();
            let few = rule.exact || (!self.full && before <= FEW);
            if few || before <= 2 * ENDS {
                found.extend(&self.rows);
            } else {
                found.extend(self.rows.range(..ENDS));
                found.extend(self.rows.range(before - ENDS..));
            }
        }
    }

    /// Appends what the key proposes to `found`, then adds the row. Whether the key is capped now for the first time.
    fn propose_and_add(&mut self, row: u32, rule: Rule, rows: &Rows, found: &mut Vec<u32>) -> bool {
        if rule.forgets {
            self.drop_the_dead(rows);
        }
        self.propose(rule, rows, found);
        let before = self.rows.len();
        let fills = !rule.exact && !self.full && before > FEW;
        self.full |= fills;
        self.rows.push_back(row);
        if self.full && !rule.forgets && before >= 2 * ENDS {
            self.rows.drain(ENDS..=before - ENDS);
        }
        if fills && !rule.forgets {
            self.rows.shrink_to_fit();
        }
        fills
    }

    /// Frees rows that have left, where they would have to be passed over.
    fn drop_the_dead(&mut self, rows: &Rows) {
        while self.rows.front().is_some_and(|&r| !rows.has(r)) {
            self.rows.pop_front();
        }
        let looked_at = self.rows.len().min(FEW);
        let dead = self.rows.range(..looked_at).filter(|&&r| !rows.has(r));
        if dead.count() * 2 > looked_at {
            self.rows.retain(|&r| rows.has(r));
        }
    }
}

/// Keys with a value each: open addressing, each slot a key above and its value below, plus one; an empty slot is 0.
#[derive(Debug, Default)]
struct Shard {
    slots: Vec<u64>,
    used: usize,
}

impl Shard {
    fn start(&self, key: u32, hash: KeyHash) -> usize {
        (((hash.of(key) >> 32) * self.slots.len() as u64) >> 32) as usize
    }

    /// The slot of a key, or the empty slot where it would stand. There is always one that is empty.
    fn slot(&self, key: u32, hash: KeyHash) -> usize {
        let mut at = self.start(key, hash);
        loop {
            let slot = self.slots[at];
            if slot == 0 || (slot >> 32) as u32 == key {
                return at;
            }
            at += 1;
            if at == self.slots.len() {
                at = 0;
            }
        }
    }

    fn get(&self, key: u32, hash: KeyHash) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let at = self.slot(key, hash);
        (self.slots[at] != 0).then(|| self.value(at))
    }

    fn value(&self, at: usize) -> u32 {
        (self.slots[at] as u32).wrapping_sub(1)
    }

    fn set(&mut self, at: usize, value: u32) {
        self.slots[at] = self.slots[at] >> 32 << 32 | (u64::from(value) + 1);
    }

    /// The slot of a key that is there; else puts it there with that value.
    fn find_or_insert(&mut self, key: u32, value: u32, hash: KeyHash) -> Option<usize> {
        if self.used * 5 >= self.slots.len() * 4 {
            self.grow(hash);
        }
        let at = self.slot(key, hash);
        if self.slots[at] != 0 {
            return Some(at);
        }
        self.slots[at] = u64::from(key) << 32 | (u64::from(value) + 1);
        self.used += 1;
        None
    }

    fn grow(&mut self, hash: KeyHash) {
        let wider = (self.slots.len() * 3 / 2).max(8);
        self.lay_out(wider, hash, |_| true);
    }

    /// Keeps the keys whose value, which may be changed, is wanted.
    fn retain(&mut self, hash: KeyHash, wanted: impl FnMut(&mut u32) -> bool) {
        self.lay_out(self.slots.len(), hash, wanted);
        if self.used * 3 < self.slots.len() {
            self.lay_out((self.used * 2).max(8), hash, |_| true);
        }
    }

    /// Lays the wanted keys out anew over so many slots.
    fn lay_out(&mut self, slots: usize, hash: KeyHash, mut wanted: impl FnMut(&mut u32) -> bool) {
        let old = std::mem::replace(&mut self.slots, vec![0; slots]);
        self.used = 0;
        for slot in old.into_iter().filter(|&slot| slot != 0) {
            let (key, mut value) = ((slot >> 32) as u32, (slot as u32).wrapping_sub(1));
            if wanted(&mut value) {
                let at = self.slot(key, hash);
                self.slots[at] = u64::from(key) << 32 | (u64::from(value) + 1);
                self.used += 1;
            }
        }
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

    fn of(self, key: u32) -> u64 {
        let key = u64::from(key) | u64::from(key) << 32;
        let wide = u128::from(key ^ self.add) * u128::from(self.multiply);
        (wide >> 64) as u64 ^ wide as u64
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

    fn row_after_row(keys: &[Vec<u32>], exact: bool, forgets: bool) -> (Vec<Vec<(u32, u32)>>, u64) {
        let mut index = Incremental::new(3, exact, forgets);
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
            exact in any::<bool>(),
            forgets in any::<bool>()
        ) {
            let buckets = Buckets::build(keys.len(), 3, exact, |part, out| {
                out.extend(keys.iter().enumerate().map(|(row, keys)| entry(key(keys[part]), row as u32)));
            });
            let mut candidates = Candidates::default();
            let expected: Vec<_> = (0..keys.len()).map(|row| {
                buckets.candidates(row, |_, shared| Some(shared), &mut candidates);
                candidates.best.clone()
            }).collect();
            let (found, capped) = row_after_row(&keys, exact, forgets);
            prop_assert_eq!(found, expected);
            prop_assert_eq!(capped, buckets.capped());
        }

        #[test]
        fn what_is_proposed_depends_on_the_rows_that_are_there(
            keys in prop::collection::vec(prop::collection::vec(0_u32..4, 3), 1..200),
            leave in prop::collection::vec(any::<bool>(), 200),
            exact in any::<bool>()
        ) {
            let with_parts = |keys: &[u32]| -> Vec<(usize, u32)> {
                keys.iter().enumerate().map(|(part, &k)| (part, key(k))).collect()
            };
            let mut candidates = Candidates::default();
            let mut index = Incremental::new(3, exact, true);
            for (row, own) in keys.iter().enumerate() {
                index.insert(with_parts(own), |_, s| Some(s), &mut candidates);
                // Some leave late.
                if row >= 20 && leave[row - 20] {
                    index.remove(row as u32 - 20);
                }
            }
            let mut anew = Incremental::new(3, exact, true);
            for (row, own) in keys.iter().enumerate() {
                if row + 20 >= keys.len() || !leave[row] {
                    anew.restore(row as u32, with_parts(own));
                }
            }
            let mut bytes = Vec::new();
            let mut writer = Writer::new(&mut bytes);
            index.write(&mut writer).unwrap();
            writer.finish().unwrap();
            let mut reader = Reader::new(&bytes[..], bytes.len() as u64);
            let mut back = Incremental::read(&mut reader).unwrap();
            reader.finish().unwrap();
            for probe in 0..4 {
                let own = with_parts(&[probe, probe, 3 - probe]);
                index.candidates(own.clone(), |_, s| Some(s), &mut candidates);
                let expected = candidates.best.clone();
                for index in [&mut anew, &mut back] {
                    index.candidates(own.clone(), |_, s| Some(s), &mut candidates);
                    prop_assert_eq!(&candidates.best, &expected);
                    let row = index.insert(own.clone(), |_, s| Some(s), &mut candidates);
                    prop_assert_eq!(row as usize, keys.len());
                    prop_assert_eq!(&candidates.best, &expected);
                    index.remove(row);
                    index.rows.alive.truncate(keys.len() - index.rows.first as usize);
                }
            }
        }

        #[test]
        fn rows_that_left_are_as_if_they_had_never_been(
            keys in prop::collection::vec(prop::collection::vec(0_u32..9, 3), 1..120),
            leave in prop::collection::vec(any::<bool>(), 120)
        ) {
            // Exact: the capped rule may well have forgotten rows between the ends.
            let mut index = Incremental::new(3, true, true);
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
        let mut index = Incremental::new(2, false, true);
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
