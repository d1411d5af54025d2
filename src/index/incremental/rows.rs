//! Which rows are there, and when those left that are not.

use std::collections::VecDeque;

/// A row that has not left.
const THERE: u32 = u32::MAX;

/// Rows, from the first that is there.
#[derive(Debug, Default)]
pub struct Rows {
    /// Number of the first that is kept note of; all before it have left.
    first: u32,
    /// The row that came next when it had left.
    left: VecDeque<u32>,
    live: usize,
}

impl Rows {
    /// From the first on, whether each is there.
    pub fn of(first: u32, there: impl IntoIterator<Item = bool>) -> Self {
        let left: VecDeque<u32> = there
            .into_iter()
            .map(|there| if there { THERE } else { 0 })
            .collect();
        Self {
            first,
            live: left.iter().filter(|&&l| l == THERE).count(),
            left,
        }
    }

    /// Whether a row was there when row `by` came.
    pub fn had(&self, row: u32, by: u32) -> bool {
        row.checked_sub(self.first)
            .is_some_and(|at| self.left[at as usize] > by)
    }

    /// Whether a row is there.
    pub fn has(&self, row: u32) -> bool {
        row.checked_sub(self.first)
            .and_then(|at| self.left.get(at as usize))
            .is_some_and(|&left| left == THERE)
    }

    /// Number of the first that is kept note of.
    pub fn first(&self) -> u32 {
        self.first
    }

    /// From the first on, whether each is there.
    pub fn there(&self) -> impl ExactSizeIterator<Item = bool> + '_ {
        self.left.iter().map(|&left| left == THERE)
    }

    /// Number of the next row.
    pub fn next(&self) -> u32 {
        self.first + self.left.len() as u32
    }

    /// Rows that are there.
    pub fn live(&self) -> usize {
        self.live
    }

    /// Adds the next row.
    pub fn add(&mut self) {
        self.left.push_back(THERE);
        self.live += 1;
    }

    /// Says that the next row has that number: those between have left.
    pub fn go_on_at(&mut self, row: u32) {
        if self.left.is_empty() {
            self.first = row;
        }
        while self.next() < row {
            self.left.push_back(0);
        }
    }

    /// Takes a row out that is there.
    pub fn remove(&mut self, row: u32) {
        let next = self.next();
        self.left[(row - self.first) as usize] = next;
        self.live -= 1;
    }

    /// Forgets those at the front that have left.
    pub fn drop_the_gone(&mut self) {
        while self.left.front().is_some_and(|&left| left != THERE) {
            self.left.pop_front();
            self.first += 1;
        }
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.left.capacity() * 4
    }

    /// Takes back the last rows, so that the next has that number.
    #[cfg(test)]
    pub fn go_back_to(&mut self, next: u32) {
        self.left.truncate(next.saturating_sub(self.first) as usize);
    }
}
