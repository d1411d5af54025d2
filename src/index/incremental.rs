/*!
Keys of rows that come in turn → for each row, the earlier rows that share a key with it.

```text
rows are staged with their keys ─▶ keys by shard ─▶ each shard, on any thread, row after row:
   nothing there: the row is noted   one row: a list of two begins   a list: what the bucket rule leaves of it is proposed, the row is added
─▶ proposals by row
```

The same two rules as in [`buckets`](super::buckets), so that a stream finds the candidates that a batch finds. Where rows never
leave, of a key's rows all are kept while they are few, then the ends alone, so a key that all stories share costs no more than any
other. Where rows leave, all of a key's rows are kept as long as they are there: what is proposed depends on the rows that
are there and on nothing else, so that an index made anew of them proposes the same.

A shard is a table of its own with its lists. What it proposes depends on the order of rows within it alone, so shards are worked on side by
side, and many rows at once: a shard that is small stays in the cache of a processor while all its keys are looked up. However many
rows are staged together, each is proposed the same, rows that leave meanwhile included: of those the row that came next is noted.

A row that leaves proposes nothing from then on, and what it holds is freed a shard at a time, so that no
single removal takes long. Until then at most as many rows are held in vain as are alive.

Memory: 8 bytes for each place of a shard, of which a half (of small ones two fifths, of the smallest a fifth) to four fifths hold a key; and 32 bytes for each key that rows share, more
for more than five rows.
*/

mod file;
mod list;
mod rows;
mod shard;

use rayon::prelude::*;

use super::candidates::Candidates;
use list::Rule;
use rows::Rows;
use shard::{KeyHash, LIST, Shard};

/// Shards to a part.
const SHARDS: usize = 16;
/// Shards that a thread takes at a time.
const AT_ONCE: usize = 16;
/// So few keys are not worth a second thread.
const FEW_KEYS: usize = if cfg!(test) { 64 } else { 4_096 };

/// Which rows share keys, row after row.
#[derive(Debug)]
pub struct Incremental {
    shards: Vec<Shard>,
    hash: KeyHash,
    rows: Rows,
    rule: Rule,
    /// The shard that is freed of rows next.
    next_shard: usize,
    /// Shards that are owed to the rows removed so far, times live rows.
    debt: usize,
    /// Shards that are owed and can be seen to when nothing is staged.
    owed: usize,
    /// For each shard the keys of rows that are staged: key and row.
    staged: Vec<Vec<(u32, u32)>>,
    /// How many of each.
    staged_keys: usize,
    staged_rows: u32,
    first_staged: u32,
    /// What the rows that were staged last are proposed, some shards each.
    proposed: Vec<Proposed>,
}

/// Proposed rows, by the row that they are proposed to: those of row `first + i` from `starts[i]` to `starts[i + 1]`.
#[derive(Debug, Default)]
struct Proposed {
    first: u32,
    starts: Vec<u32>,
    others: Vec<u32>,
    /// As they were found: row and what it is proposed.
    found: Vec<(u32, u32)>,
}

impl Incremental {
    /// Rows that can be numbered.
    pub const MOST_ROWS: u32 = LIST;

    /// An empty index for keys that come in so many parts; `exact` lifts both caps, `forgets` says that rows leave.
    pub fn new(parts: usize, exact: bool, forgets: bool) -> Self {
        let shards = (0..parts * SHARDS).map(|_| Shard::default()).collect();
        Self::of(
            shards,
            KeyHash::random(),
            Rows::default(),
            Rule { exact, forgets },
        )
    }

    fn of(shards: Vec<Shard>, hash: KeyHash, rows: Rows, rule: Rule) -> Self {
        Self {
            staged: vec![Vec::new(); shards.len()],
            shards,
            hash,
            rows,
            rule,
            next_shard: 0,
            debt: 0,
            owed: 0,
            staged_keys: 0,
            staged_rows: 0,
            first_staged: 0,
            proposed: Vec::new(),
        }
    }

    /// Takes the next row with its keys, each with its part and none twice, for [`propose`](Self::propose). Returns the row's number, from 0.
    ///
    /// # Panics
    /// At row number [`MOST_ROWS`](Self::MOST_ROWS).
    pub fn stage(&mut self, keys: impl IntoIterator<Item = (usize, u32)>) -> u32 {
        let row = self.rows.next();
        assert!(
            row < Self::MOST_ROWS,
            "rows are counted before they are added"
        );
        for (part, key) in keys {
            self.staged[shard_of(part, key)].push((key, row));
            self.staged_keys += 1;
        }
        if self.staged_rows == 0 {
            self.first_staged = row;
        }
        self.rows.add();
        self.staged_rows += 1;
        row
    }

    /// Adds all staged rows, and finds what each is proposed: [`choose`](Self::choose) tells it.
    pub fn propose(&mut self) {
        self.add_staged(true);
    }

    /// Takes a row of an earlier run under its number, for [`restore`](Self::restore); those between the last one and it have left.
    pub fn stage_again(&mut self, row: u32, keys: impl IntoIterator<Item = (usize, u32)>) {
        self.rows.go_on_at(row);
        self.stage(keys);
    }

    /// Adds all staged rows.
    pub fn restore(&mut self) {
        self.add_staged(false);
    }

    /// Adds all staged rows; where it is asked for, finds what they are proposed, some shards at a time.
    fn add_staged(&mut self, ask: bool) {
        let (rows, rule, hash) = (&self.rows, self.rule, self.hash);
        let first = self.first_staged;
        let count = if ask && self.staged_rows > 0 {
            rows.next() - first
        } else {
            0
        };
        let add = |shards: &mut [Shard], staged: &mut [Vec<(u32, u32)>], out: &mut Proposed| {
            out.found.clear();
            for (shard, keys) in shards.iter_mut().zip(staged) {
                shard.add(keys, hash, rows, rule, |row, other| {
                    if ask {
                        out.found.push((row, other));
                    }
                });
                keys.clear();
            }
            out.order(first, count);
        };
        if self.staged_keys < FEW_KEYS {
            self.proposed.resize_with(1, Proposed::default);
            add(&mut self.shards, &mut self.staged, &mut self.proposed[0]);
        } else {
            let chunks = self.shards.len().div_ceil(AT_ONCE);
            self.proposed.resize_with(chunks, Proposed::default);
            let staged = self.staged.par_chunks_mut(AT_ONCE);
            let shards = self.shards.par_chunks_mut(AT_ONCE);
            let work = shards.zip(staged).zip(&mut self.proposed);
            work.for_each(|((shards, staged), out)| add(shards, staged, out));
        }
        (self.staged_keys, self.staged_rows) = (0, 0);
        self.free();
    }

    /// Replaces `out` by the candidates of a row that was staged last: rows before it with their scores. `score(row, keys in common)` is none for
    /// a row that is no candidate.
    pub fn choose(&self, row: u32, score: impl Fn(u32, u32) -> Option<u32>, out: &mut Candidates) {
        out.clear();
        for part in &self.proposed {
            out.found.extend(part.of(row));
        }
        out.choose(self.rule.exact, score);
    }

    /// What a row with these keys would be proposed, without adding anything.
    pub fn candidates(
        &self,
        keys: impl IntoIterator<Item = (usize, u32)>,
        score: impl Fn(u32, u32) -> Option<u32>,
        out: &mut Candidates,
    ) {
        out.clear();
        let by = self.rows.next();
        for (part, key) in keys {
            let shard = &self.shards[shard_of(part, key)];
            shard.propose(key, self.hash, &self.rows, self.rule, by, |row| {
                out.found.push(row);
            });
        }
        out.choose(self.rule.exact, score);
    }

    /// Says that the next row has that number: those between have left.
    pub fn go_on_at(&mut self, row: u32) {
        self.rows.go_on_at(row);
    }

    /// Takes a row out; rows that are staged before have seen it. One that is not there is no error.
    pub fn remove(&mut self, row: u32) {
        if !self.rows.has(row) {
            return;
        }
        self.rows.remove(row);
        // When as many rows have left as are alive, every shard has been seen to.
        self.debt += self.shards.len();
        let round = self.rows.live().max(1);
        self.owed = (self.owed + self.debt / round).min(self.shards.len());
        self.debt %= round;
        if self.staged_rows == 0 {
            self.free();
        }
    }

    /// Frees what is owed.
    fn free(&mut self) {
        self.rows.drop_the_gone();
        let (from, count, owed) = (self.next_shard, self.shards.len(), self.owed);
        let (rows, hash) = (&self.rows, self.hash);
        let is_due = |at: usize| (at + count - from) % count < owed;
        if owed > 1 {
            let shards = self.shards.par_iter_mut().enumerate();
            let due = shards.filter(|(at, _)| is_due(*at));
            due.for_each(|(_, shard)| shard.free(hash, rows));
        } else if owed == 1 {
            self.shards[from].free(hash, rows);
        }
        self.next_shard = (from + owed) % count.max(1);
        self.owed = 0;
    }

    /// Number of keys that more rows shared than the bucket rule proposes.
    pub fn capped(&self) -> u64 {
        self.shards.iter().map(|s| s.capped).sum()
    }

    /// Rows that are there.
    pub fn len(&self) -> usize {
        self.rows.live()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Keys that are kept, those of rows that have left and are not yet freed among them.
    pub fn keys(&self) -> usize {
        self.shards.iter().map(|s| s.used).sum()
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        let staged: usize = self.staged.iter().map(|s| s.capacity() * 8).sum();
        let proposed: usize = self.proposed.iter().map(Proposed::bytes).sum();
        self.shards.iter().map(Shard::bytes).sum::<usize>()
            + self.shards.len() * (size_of::<Shard>() + size_of::<Vec<(u32, u32)>>())
            + staged
            + proposed
            + self.rows.bytes()
    }
}

impl Proposed {
    /// Puts what was found in order of rows, for so many from `first` on.
    fn order(&mut self, first: u32, rows: u32) {
        self.first = first;
        self.starts.clear();
        self.starts.resize(rows as usize + 1, 0);
        for &(row, _) in &self.found {
            self.starts[(row - first) as usize] += 1;
        }
        let mut end = 0;
        for start in &mut self.starts {
            end += *start;
            *start = end;
        }
        self.others.clear();
        self.others.resize(self.found.len(), 0);
        for &(row, other) in self.found.iter().rev() {
            let place = &mut self.starts[(row - first) as usize];
            *place -= 1;
            self.others[*place as usize] = other;
        }
    }

    fn of(&self, row: u32) -> &[u32] {
        let row = (row - self.first) as usize;
        &self.others[self.starts[row] as usize..self.starts[row + 1] as usize]
    }

    fn bytes(&self) -> usize {
        (self.starts.capacity() + self.others.capacity()) * 4 + self.found.capacity() * 8
    }
}

/// The shard that a key stands in.
fn shard_of(part: usize, key: u32) -> usize {
    part * SHARDS + (key >> 28) as usize
}

#[cfg(test)]
mod tests;
