//! Keys with their rows: open addressing by lines of eight, which a processor fetches and compares together.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use super::list::{List, Rule};
use super::rows::Rows;
use crate::text::simd;

/// Marks a value of a shard as the number of a list; without it the value is a row.
pub const LIST: u32 = 1 << 31;
/// Keys to a line.
pub const LINE: usize = 8;
/// Lines up to which a full shard becomes four times as large: laid out anew less often, it costs less time, and so few lines take little room.
const TINY: usize = 1 << 8;
/// Lines up to which it doubles; later it grows by a half.
const SMALL: usize = 1 << 11;
/// A key's line is fetched while the keys this far before it are added, and its list while these are: one after the other each would be
/// waited for.
const LINES_AHEAD: usize = 24;
const LISTS_AHEAD: usize = 12;

/// Some keys, each with its value plus one, in quarters: keys, then values. Places are taken from the front, and given up only by laying all out
/// anew; of a free place the value is 0. A key stands in the line that its hash says, or, where that is full, in the next that is not.
pub type Line = [Quarter; QUARTERS];
/// Aligned as the allocator gives memory anyway: to ask for more would leave gaps that nothing fits.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(16))]
pub struct Quarter([u32; 4]);
const QUARTERS: usize = 4;

/// Key and value of a place of a line; free places have the value 0.
pub fn place_of(line: &Line, place: usize) -> (u32, u32) {
    (
        line[place / 4].0[place % 4],
        line[2 + place / 4].0[place % 4],
    )
}

fn put(line: &mut Line, place: usize, key: u32, value: u32) {
    line[place / 4].0[place % 4] = key;
    line[2 + place / 4].0[place % 4] = value;
}

/// How many places of a line are taken.
pub fn taken(line: &Line) -> usize {
    let taken = |q: &Quarter| -> u32 { q.0.iter().map(|&v| u32::from(v != 0)).sum() };
    (taken(&line[2]) + taken(&line[3])) as usize
}

/// Which places have that key, as bits; free places may be among them.
fn matches(line: &Line, key: u32) -> u32 {
    let bits = |q: &Quarter| {
        let bits = q.0.iter().enumerate();
        bits.fold(0, |bits, (i, &k)| bits | u32::from(k == key) << i)
    };
    bits(&line[0]) | bits(&line[1]) << 4
}

/// Lines, each of them one line of the processor's cache.
#[derive(Debug, Default)]
pub struct Lines {
    quarters: Vec<Quarter>,
    /// Quarters before the first line.
    before: usize,
}

impl Lines {
    /// So many, all free.
    pub fn new(count: usize) -> Self {
        if count == 0 {
            return Self::default();
        }
        let quarters = vec![Quarter::default(); (count + 1) * QUARTERS - 1];
        let past = quarters.as_ptr().addr() % size_of::<Line>() / size_of::<Quarter>();
        Self {
            quarters,
            before: (QUARTERS - past) % QUARTERS,
        }
    }

    pub fn all(&self) -> &[Line] {
        let lines = self.quarters.get(self.before..).unwrap_or_default();
        lines.as_chunks().0
    }

    fn all_mut(&mut self) -> &mut [Line] {
        let lines = self.quarters.get_mut(self.before..).unwrap_or_default();
        lines.as_chunks_mut().0
    }

    /// Puts a key and a value, plus one, in a place.
    pub fn put(&mut self, line: usize, place: usize, key: u32, value: u32) {
        put(&mut self.all_mut()[line], place, key, value);
    }

    pub fn len(&self) -> usize {
        self.quarters.len() / QUARTERS
    }

    fn bytes(&self) -> usize {
        self.quarters.capacity() * size_of::<Quarter>()
    }
}

/// A part of the keys.
#[derive(Debug, Default)]
pub struct Shard {
    pub lines: Lines,
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
        self.make_room(keys.len(), hash);
        for &(key, _) in keys.iter().take(LINES_AHEAD) {
            self.fetch_line(key, hash);
        }
        for &(key, _) in keys.iter().take(LISTS_AHEAD) {
            self.fetch_list(key, hash);
        }
        for (i, &(key, row)) in keys.iter().enumerate() {
            if let Some(&(later, _)) = keys.get(i + LINES_AHEAD) {
                self.fetch_line(later, hash);
            }
            if let Some(&(soon, _)) = keys.get(i + LISTS_AHEAD) {
                self.fetch_list(soon, hash);
            }
            self.add_one(key, row, hash, rows, rule, &mut found);
        }
    }

    /// Has the line of a key fetched, which is looked at later.
    fn fetch_line(&self, key: u32, hash: KeyHash) {
        let lines = self.lines.all();
        simd::fetch(&lines[start(key, hash, lines)]);
    }

    /// Has the list of a key fetched, which is looked at later. Its line is here by now.
    fn fetch_list(&self, key: u32, hash: KeyHash) {
        let lines = self.lines.all();
        let line = &lines[start(key, hash, lines)];
        let place = matches(line, key).trailing_zeros() as usize;
        if place < LINE {
            let value = place_of(line, place).1.wrapping_sub(1);
            if let Some(list) = self.lists.get((value ^ LIST) as usize) {
                simd::fetch(list);
            }
        }
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
        let Ok(at) = self
            .find(key, hash)
            .map_err(|free| self.put(free, key, row))
        else {
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
        self.lines.bytes()
            + self.lists.capacity() * size_of::<List>()
            + self.lists.iter().map(List::bytes).sum::<usize>()
    }

    /// The place of a key; else the free place where it would stand. There is always one.
    fn find(&self, key: u32, hash: KeyHash) -> Result<Place, Place> {
        let lines = self.lines.all();
        let mut line = start(key, hash, lines);
        loop {
            let here = &lines[line];
            let (matches, taken) = (matches(here, key), taken(here));
            // Only for the key 0 can free places match, and those come last.
            let place = matches.trailing_zeros() as usize;
            if place < taken {
                return Ok(Place { line, place });
            }
            if taken < LINE {
                return Err(Place { line, place: taken });
            }
            line += 1;
            if line == lines.len() {
                line = 0;
            }
        }
    }

    fn get(&self, key: u32, hash: KeyHash) -> Option<u32> {
        if self.used == 0 {
            return None;
        }
        self.find(key, hash).ok().map(|at| self.value(at))
    }

    fn value(&self, at: Place) -> u32 {
        let line = &self.lines.all()[at.line];
        place_of(line, at.place).1.wrapping_sub(1)
    }

    fn set(&mut self, at: Place, value: u32) {
        let (key, _) = place_of(&self.lines.all()[at.line], at.place);
        self.lines.put(at.line, at.place, key, value + 1);
    }

    /// Takes a free place.
    fn put(&mut self, at: Place, key: u32, value: u32) {
        self.lines.put(at.line, at.place, key, value + 1);
        self.used += 1;
    }

    /// Makes room for so many keys, and some free places.
    fn make_room(&mut self, more: usize, hash: KeyHash) {
        while (self.used + more) * 5 > self.lines.len() * LINE * 4 {
            let lines = self.lines.len();
            let wider = if lines <= TINY {
                4 * lines
            } else if lines < SMALL {
                2 * lines
            } else {
                lines * 3 / 2
            };
            self.lay_out(wider.max(1), hash, |_| true);
        }
    }

    /// Keeps the keys whose value, which may be changed, is wanted.
    fn retain(&mut self, hash: KeyHash, wanted: impl FnMut(&mut u32) -> bool) {
        self.lay_out(self.lines.len(), hash, wanted);
        if self.used * 3 < self.lines.len() * LINE {
            let lines = (self.used * 2).div_ceil(LINE).max(1);
            self.lay_out(lines, hash, |_| true);
        }
    }

    /// Lays the wanted keys out anew over so many lines.
    fn lay_out(&mut self, lines: usize, hash: KeyHash, mut wanted: impl FnMut(&mut u32) -> bool) {
        let old = std::mem::replace(&mut self.lines, Lines::new(lines));
        self.used = 0;
        let new = self.lines.all_mut();
        for line in old.all() {
            for place in 0..taken(line) {
                let (key, value) = place_of(line, place);
                let mut value = value - 1;
                if !wanted(&mut value) {
                    continue;
                }
                // No key comes twice, so none is looked for.
                let mut at = start(key, hash, new);
                let mut free = taken(&new[at]);
                while free == LINE {
                    at = if at + 1 == new.len() { 0 } else { at + 1 };
                    free = taken(&new[at]);
                }
                put(&mut new[at], free, key, value + 1);
                self.used += 1;
            }
        }
    }
}

/// The line where a key stands if there is room. There must be lines.
fn start(key: u32, hash: KeyHash, lines: &[Line]) -> usize {
    (((hash.of(key) >> 32) * lines.len() as u64) >> 32) as usize
}

/// A place in a line.
#[derive(Clone, Copy, Debug)]
struct Place {
    line: usize,
    place: usize,
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
