/*!
Rows that share keys with a row → its candidates, by the row rule (see [`buckets`](super::buckets)).

Rows are counted in a small hash table, which serves row after row; where it is known how many keys each row has, and the row that is
looked at has few, in a table of all rows instead (`tally`).
*/

use super::buckets::Place;
use super::least::Least;
use super::tally::Tally;

/// Candidates of a row.
pub const MOST: usize = 48;

/// The candidates of one row; made to be used again.
#[derive(Debug, Default)]
pub struct Candidates {
    /// Score, and the row.
    pub best: Vec<(u32, u32)>,
    /// Proposed rows, one for each key in common, that are still to be counted.
    pub(super) found: Vec<u32>,
    /// A small hash table of rows that were found: the row, and keys in common, which is 0 where a slot is free.
    counts: Vec<(u32, u32)>,
    /// The slots that are taken are the first so many of these.
    taken: Vec<u32>,
    pub(super) rows: usize,
    /// A slot is found by so many first bits of a hash.
    bits: u32,
    /// Places of a row, those that propose few rows first.
    pub(super) order: Vec<Place>,
    pub(super) tally: Tally,
}

impl Candidates {
    /// For [`Buckets::candidates_sharing`](super::Buckets::candidates_sharing) with these sizes.
    pub fn sifting(sizes: &[u8]) -> Self {
        Self {
            tally: Tally::of(sizes),
            ..Self::default()
        }
    }

    pub(super) fn clear(&mut self) {
        self.found.clear();
        self.best.clear();
    }

    /// Counts what was found, and ranks it.
    pub(super) fn choose(&mut self, exact: bool, score: impl Fn(u32, u32) -> Option<u32>) {
        let found = std::mem::take(&mut self.found);
        self.expect(found.len());
        self.add(&found);
        self.found = found;
        self.rank(exact, score);
    }

    /// Forgets all; so many rows will be found at most, repeats counted.
    pub(super) fn expect(&mut self, most: usize) {
        self.best.clear();
        for &slot in &self.taken[..self.rows] {
            self.counts[slot as usize].1 = 0;
        }
        self.rows = 0;
        // At most half of the slots are taken, so that one is found soon.
        self.bits = (2 * most).max(2).next_power_of_two().ilog2();
        if self.counts.len() < 1 << self.bits {
            self.counts.resize(1 << self.bits, (0, 0));
            self.taken.resize(1 << self.bits, 0);
        }
    }

    /// Rows that share a key.
    pub(super) fn add(&mut self, rows: &[u32]) {
        // What the loop asks for at every row stays in registers.
        let mut counter = Counter {
            counts: &mut self.counts[..1 << self.bits],
            taken: &mut self.taken,
            rows: self.rows,
            shift: 32 - self.bits,
        };
        for &row in rows {
            counter.count(row);
        }
        self.rows = counter.rows;
    }

    /// Scores what was counted and keeps the best, best first: the row rule.
    pub(super) fn rank(&mut self, exact: bool, score: impl Fn(u32, u32) -> Option<u32>) {
        for &slot in &self.taken[..self.rows] {
            let (row, shared) = self.counts[slot as usize];
            if let Some(score) = score(row, shared) {
                self.best.push((score, row));
            }
        }
        self.keep_best(exact);
    }

    /// The same for what the tally has counted; `score` is asked for rows that [`Least`] admits to one of so many keys.
    pub(super) fn rank_tally(
        &mut self,
        exact: bool,
        own: u8,
        least: &Least,
        score: impl Fn(u32, u32) -> Option<u32>,
    ) {
        let best = &mut self.best;
        best.clear();
        self.tally.take(|row, size, shared| {
            if least.admits([own, size], shared)
                && let Some(score) = score(row, shared)
            {
                best.push((score, row));
            }
        });
        self.keep_best(exact);
    }

    fn keep_best(&mut self, exact: bool) {
        let order = |&(score, row): &(u32, u32)| (std::cmp::Reverse(score), row);
        if !exact && self.best.len() > MOST {
            self.best.select_nth_unstable_by_key(MOST, order);
            self.best.truncate(MOST);
        }
        self.best.sort_unstable_by_key(order);
    }
}

/// The hash table of [`Candidates`] while it is filled.
struct Counter<'c> {
    counts: &'c mut [(u32, u32)],
    taken: &'c mut [u32],
    rows: usize,
    shift: u32,
}

impl Counter<'_> {
    #[allow(
        clippy::needless_bitwise_bool,
        reason = "one branch that can be foreseen, not two that cannot"
    )]
    #[inline(always)]
    fn count(&mut self, row: u32) {
        let mask = self.counts.len() - 1;
        let mut at = (row.wrapping_mul(0x9E37_79B1) >> self.shift) as usize & mask;
        // Whether a row is new nobody can foresee: only that its slot is another's, which is seldom, takes a branch.
        while (self.counts[at].1 != 0) & (self.counts[at].0 != row) {
            at = (at + 1) & mask;
        }
        let slot = &mut self.counts[at];
        self.taken[self.rows] = at as u32;
        self.rows += usize::from(slot.1 == 0);
        *slot = (row, slot.1 + 1);
    }
}
