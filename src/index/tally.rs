/*!
Rows → how many keys each shares with the row that is looked at, in a table of all rows.

A row's entry says how many keys it has and how many of them were met, in two bytes: one look tells whether a row counts, and no branch
depends on it, for nobody could foresee it. So a row that is looked at may have no more than [`MOST_KEYS`] keys.
*/

use super::least::MOST_KEYS;

/// An entry is the keys of a row, and so much for each of them that is shared.
const SHARED: u16 = MOST_KEYS as u16 + 1;

/// The table; made to be used again.
#[derive(Debug, Default)]
pub(super) struct Tally {
    entries: Vec<u16>,
    /// Rows that share a key are the first so many of these.
    met: Vec<u32>,
    rows: usize,
}

impl Tally {
    /// Of rows that have so many keys ([`Least::size`](super::Least::size)).
    pub fn of(sizes: &[u8]) -> Self {
        Self {
            entries: sizes.iter().copied().map(u16::from).collect(),
            ..Self::default()
        }
    }

    /// Keys of a row.
    pub fn size(&self, row: usize) -> u8 {
        self.entries[row] as u8
    }

    /// At most so many rows will be met.
    pub fn expect(&mut self, most: usize) {
        debug_assert_eq!(self.rows, 0);
        // One more: what is not met is written there too.
        if self.met.len() <= most {
            self.met.resize(most + 1, 0);
        }
    }

    /// Rows that share a key. Those that were not met before count only if they have at most so many keys.
    #[inline(always)]
    pub fn add(&mut self, rows: &[u32], reach: u8) {
        let (entries, met) = (&mut *self.entries, &mut *self.met);
        let mut count = self.rows;
        for &row in rows {
            let entry = &mut entries[row as usize];
            let new = *entry < SHARED;
            let counts = !new | (*entry <= u16::from(reach));
            met[count] = row;
            count += usize::from(new & counts);
            *entry += SHARED * u16::from(counts);
        }
        self.rows = count;
    }

    /// Hands every row that was met to `see`, with how many keys it has and how many it shares, and forgets that they were met.
    pub fn take(&mut self, mut see: impl FnMut(u32, u8, u32)) {
        for &row in &self.met[..self.rows] {
            let entry = &mut self.entries[row as usize];
            let size = *entry as u8;
            see(row, size, u32::from(*entry / SHARED));
            *entry = u16::from(size);
        }
        self.rows = 0;
    }
}
