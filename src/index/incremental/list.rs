//! The rows that share a key, in order; and what the bucket rule leaves of them.

use std::collections::VecDeque;

use super::rows::Rows;
use crate::index::buckets::{ENDS, FEW};

/// Rows that need no memory of their own: most keys that are shared are shared by no more.
const INLINE: usize = 5;

/// What a key proposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// All rows, however many.
    pub exact: bool,
    /// Rows leave.
    pub forgets: bool,
}

/// Rows that have a key, in order.
#[derive(Debug)]
pub struct List {
    rows: Kept,
    /// Whether there were too many: then only the ends are kept, unless rows leave.
    full: bool,
}

// Boxed, for a queue in place would make every list half as large again.
#[allow(clippy::box_collection)]
#[derive(Debug)]
enum Kept {
    Few([u32; INLINE], u8),
    Many(Box<VecDeque<u32>>),
}

impl List {
    /// Of these rows.
    pub fn of(rows: &[u32], full: bool) -> Self {
        let kept = if rows.len() <= INLINE {
            let mut few = [0; INLINE];
            few[..rows.len()].copy_from_slice(rows);
            Kept::Few(few, rows.len() as u8)
        } else {
            Kept::Many(Box::new(rows.iter().copied().collect()))
        };
        Self { rows: kept, full }
    }

    /// Whether there were too many.
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match &self.rows {
            Kept::Few(_, count) => *count as usize,
            Kept::Many(rows) => rows.len(),
        }
    }

    /// All of them, in two runs.
    pub fn runs(&self) -> (&[u32], &[u32]) {
        match &self.rows {
            Kept::Few(rows, count) => (&rows[..*count as usize], &[]),
            Kept::Many(rows) => rows.as_slices(),
        }
    }

    fn iter(&self) -> impl DoubleEndedIterator<Item = u32> + '_ {
        let (front, back) = self.runs();
        front.iter().chain(back).copied()
    }

    /// Bytes besides its own.
    pub fn bytes(&self) -> usize {
        match &self.rows {
            Kept::Few(..) => 0,
            Kept::Many(rows) => size_of::<VecDeque<u32>>() + rows.capacity() * 4,
        }
    }

    fn push(&mut self, row: u32) {
        match &mut self.rows {
            Kept::Few(rows, count) if (*count as usize) < INLINE => {
                rows[*count as usize] = row;
                *count += 1;
            }
            Kept::Few(rows, _) => {
                let mut many = VecDeque::with_capacity(2 * INLINE);
                many.extend(*rows);
                many.push_back(row);
                self.rows = Kept::Many(Box::new(many));
            }
            Kept::Many(rows) => rows.push_back(row),
        }
    }

    /// Leaves the ends alone.
    fn keep_ends(&mut self) {
        let len = self.len();
        if len <= 2 * ENDS {
            return;
        }
        let mut ends = [0; 2 * ENDS];
        for (place, row) in ends
            .iter_mut()
            .zip(self.iter().take(ENDS).chain(self.iter().skip(len - ENDS)))
        {
            *place = row;
        }
        *self = Self::of(&ends, self.full);
    }

    /// Keeps the rows that are wanted.
    pub fn retain(&mut self, wanted: impl Fn(u32) -> bool) {
        match &mut self.rows {
            Kept::Few(rows, count) => {
                let mut kept = 0;
                for at in 0..*count as usize {
                    if wanted(rows[at]) {
                        rows[kept] = rows[at];
                        kept += 1;
                    }
                }
                *count = kept as u8;
            }
            Kept::Many(rows) => {
                rows.retain(|&row| wanted(row));
                if rows.len() <= INLINE {
                    *self = Self::of(rows.make_contiguous(), self.full);
                }
            }
        }
    }

    /// Hands `found` what the key proposes to row `by`; whether that is not all.
    pub fn propose(&self, rule: Rule, rows: &Rows, by: u32, mut found: impl FnMut(u32)) -> bool {
        if rule.forgets {
            let live = || self.iter().filter(|&row| rows.had(row, by));
            let many = !rule.exact && live().nth(FEW).is_some();
            if many {
                let mut last = [0; ENDS];
                for (place, row) in last.iter_mut().rev().zip(live().rev()) {
                    *place = row;
                }
                live().take(ENDS).chain(last).for_each(found);
            } else {
                live().for_each(found);
            }
            return many;
        }
        let (front, back) = self.runs();
        let many = !rule.exact && (self.full || self.len() > FEW);
        if many && self.len() > 2 * ENDS {
            let last = self.iter().skip(self.len() - ENDS);
            self.iter().take(ENDS).chain(last).for_each(found);
        } else {
            for &row in front.iter().chain(back) {
                found(row);
            }
        }
        many
    }

    /// Hands `found` what the key proposes to a row, then adds that. Whether the key is capped now for the first time.
    pub fn propose_and_add(
        &mut self,
        rule: Rule,
        rows: &Rows,
        row: u32,
        found: impl FnMut(u32),
    ) -> bool {
        if rule.forgets {
            self.drop_the_dead(rows, row);
        }
        let fills = self.propose(rule, rows, row, found) && !self.full;
        self.full |= fills;
        self.push(row);
        if self.full && !rule.forgets {
            self.keep_ends();
        }
        fills
    }

    /// Frees rows that had left when row `by` came, where they would have to be passed over.
    fn drop_the_dead(&mut self, rows: &Rows, by: u32) {
        if let Kept::Many(many) = &mut self.rows {
            while many.front().is_some_and(|&row| !rows.had(row, by)) {
                many.pop_front();
            }
        }
        let looked_at = self.len().min(FEW);
        let dead = self.iter().take(FEW).filter(|&row| !rows.had(row, by));
        if dead.count() * 2 > looked_at {
            self.retain(|row| rows.had(row, by));
        }
    }
}
