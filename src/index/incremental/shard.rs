//! Keys with their rows: open addressing, each slot a key above and its value below, plus one; an empty slot is 0.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use super::list::{List, Rule};
use super::rows::Rows;

/// Marks a value of a shard as the number of a list; without it the value is a row.
pub const LIST: u32 = 1 << 31;
/// Slots up to which a shard doubles when it is full; later it grows by a half.
const SMALL: usize = 1 << 14;
/// Keys whose slots are looked at before the first of them is needed.
const AHEAD: usize = 32;

/// A part of the keys.
#[derive(Debug, Default)]
pub struct Shard {
    pub slots: Vec<u64>,
    pub used: usize,
    pub lists: Vec<List>,
    /// Lists that are not used.
    pub free: Vec<u32>,
    /// Keys that more rows shared than the bucket rule proposes.
    pub capped: u64,
}

impl Shard {
    /// Adds rows with a key each, in order of rows, and hands `found` what each is proposed: the row and an earlier one.
    pub fn add(
        &mut self,
        keys: &[(u32, u32)],
        hash: KeyHash,
        rows: &Rows,
        rule: Rule,
        mut found: impl FnMut(u32, u32),
    ) {
        for some in keys.chunks(AHEAD) {
            self.reach_for(some, hash);
            for &(key, row) in some {
                self.add_one(key, row, hash, rows, rule, &mut found);
            }
        }
    }

    /// Looks at the slots of keys at once, so that the processor fetches them side by side: one after the other each would be
    /// waited for.
    fn reach_for(&self, keys: &[(u32, u32)], hash: KeyHash) {
        let mut seen = 0;
        for &(key, _) in keys {
            if let Some(slot) = self.slots.get(self.start(key, hash)) {
                seen ^= slot;
            }
        }
        std::hint::black_box(seen);
    }

    fn add_one(
        &mut self,
        key: u32,
        row: u32,
        hash: KeyHash,
        rows: &Rows,
        rule: Rule,
        found: &mut impl FnMut(u32, u32),
    ) {
        let Some(at) = self.find_or_insert(key, row, hash) else {
            return;
        };
        let value = self.value(at);
        if value & LIST != 0 {
            let list = &mut self.lists[(value ^ LIST) as usize];
            let fills = list.propose_and_add(rule, rows, row, |other| found(row, other));
            self.capped += u64::from(fills);
        } else if !rule.forgets || rows.had(value, row) {
            found(row, value);
            let list = List::of(&[value, row], false);
            let number = if let Some(number) = self.free.pop() {
                self.lists[number as usize] = list;
                number
            } else {
                self.lists.push(list);
                self.lists.len() as u32 - 1
            };
            self.set(at, LIST | number);
        } else {
            self.set(at, row);
        }
    }

    /// Hands `found` what row `by` would be proposed for a key.
    pub fn propose(
        &self,
        key: u32,
        hash: KeyHash,
        rows: &Rows,
        rule: Rule,
        by: u32,
        mut found: impl FnMut(u32),
    ) {
        match self.get(key, hash) {
            Some(value) if value & LIST != 0 => {
                let list = &self.lists[(value ^ LIST) as usize];
                list.propose(rule, rows, by, found);
            }
            Some(row) if rows.had(row, by) => found(row),
            _ => {}
        }
    }

    /// Frees what rows hold that have left.
    pub fn free(&mut self, hash: KeyHash, rows: &Rows) {
        let (mut lists, mut free) = (
            std::mem::take(&mut self.lists),
            std::mem::take(&mut self.free),
        );
        self.retain(hash, |value| {
            if *value & LIST == 0 {
                return rows.has(*value);
            }
            let number = *value ^ LIST;
            let list = &mut lists[number as usize];
            list.retain(|row| rows.has(row));
            if list.len() > 1 {
                return true;
            }
            let last = list.runs().0.first().copied();
            *value = last.unwrap_or(*value);
            *list = List::of(&[], false);
            free.push(number);
            last.is_some()
        });
        (self.lists, self.free) = (lists, free);
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.slots.capacity() * 8
            + self.lists.capacity() * size_of::<List>()
            + self.lists.iter().map(List::bytes).sum::<usize>()
    }

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
        let slots = self.slots.len();
        let wider = if slots < SMALL {
            2 * slots
        } else {
            slots * 3 / 2
        };
        let wider = wider.max(8);
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
pub struct KeyHash {
    pub add: u64,
    pub multiply: u64,
}

impl KeyHash {
    /// That nobody can foresee.
    pub fn random() -> Self {
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
