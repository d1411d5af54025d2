/*!
Keys with their rows → the same in order of the keys, most of those left out that only one row has.

A large part is first cut into slices by the first bits of its keys, so that each is sorted near the processor: radix sorts whose
numbers lie further away wait for memory at every one of them.
*/

/// A key and the row that has it, in one word that sorts by key, then by row.
#[inline(always)]
pub fn entry(key: u32, row: u32) -> u64 {
    u64::from(key) << 32 | u64::from(row)
}

/// Entries of one part, and what is needed to sort them; used again for the next.
#[derive(Debug, Default)]
pub(super) struct Entries {
    pub all: Vec<u64>,
    room: Vec<u64>,
    slice: Vec<u64>,
    beside: Vec<u64>,
    seen: Vec<u64>,
}

/// Entries that are sorted at once: they, and what they are sorted into, stay near the processor.
const NEAR: usize = 1 << 16;
/// More than so many are first put into slices of about [`NEAR`].
const FAR: usize = 1 << 19;

impl Entries {
    /// Sorts the entries; of those whose key no other has most are left out. Entries of one key must be in order of the row, and all keys
    /// begin with the same `alike` bits.
    pub fn sort(&mut self, alike: u32) {
        if self.all.len() <= FAR {
            drop_singles(&mut self.all, alike, &mut self.seen);
            sort_entries(&mut self.all, &mut self.room);
            return;
        }
        let bits = (self.all.len() / NEAR).ilog2().min(32 - alike);
        let slices = self.part(alike, bits);
        self.all.clear();
        let mut from = 0;
        for to in slices {
            let slice = &mut self.slice;
            slice.clear();
            slice.extend_from_slice(&self.room[from..to]);
            drop_singles(slice, alike + bits, &mut self.seen);
            sort_entries(slice, &mut self.beside);
            self.all.extend_from_slice(slice);
            from = to;
        }
    }

    /// Puts the entries into the room by so many bits of their keys, and tells where the entries of each value end.
    fn part(&mut self, alike: u32, bits: u32) -> Vec<usize> {
        let slice_of = |entry: u64| (entry << alike >> (64 - bits)) as usize;
        let mut ends = vec![0; 1 << bits];
        for &entry in &self.all {
            ends[slice_of(entry)] += 1;
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += std::mem::replace(end, sum);
        }
        self.room.resize(self.all.len(), 0);
        for &entry in &self.all {
            let place = &mut ends[slice_of(entry)];
            self.room[*place] = entry;
            *place += 1;
        }
        ends
    }
}

/// Takes out most entries whose key no other has, which are the most by far and need not be sorted: those that are alone with the
/// first bits of their key.
pub(super) fn drop_singles(entries: &mut Vec<u64>, alike: u32, seen: &mut Vec<u64>) {
    // Two bits for each value of the first bits: it was seen, and once more. Four values to an entry leave few to chance.
    const A_WORD: u32 = 5;
    let bits = (4 * entries.len())
        .next_power_of_two()
        .ilog2()
        .clamp(A_WORD, 32 - alike.min(32 - A_WORD));
    let place = |entry: u64| {
        let value = (entry << alike >> (64 - bits)) as usize;
        (value >> A_WORD, 2 * (value as u32 & ((1 << A_WORD) - 1)))
    };
    seen.clear();
    seen.resize(1 << (bits - A_WORD), 0);
    for &entry in &*entries {
        let (word, bit) = place(entry);
        let before = seen[word] >> bit & 1;
        seen[word] |= 1 << (bit + before as u32);
    }
    let mut kept = 0;
    for i in 0..entries.len() {
        let entry = entries[i];
        let (word, bit) = place(entry);
        entries[kept] = entry;
        kept += (seen[word] >> (bit + 1) & 1) as usize;
    }
    entries.truncate(kept);
}

/// Bits that entries are sorted by at a time, and how often: the first bits of the key.
const DIGIT: u32 = 11;
const DIGITS: usize = 2;

/// Sorts entries by their keys; those of one key are in order of the row. By digits of the first bits (radix sort, the last first), which
/// takes the same time whatever the keys are; the few that are alike so far are then compared.
fn sort_entries(entries: &mut Vec<u64>, room: &mut Vec<u64>) {
    const VALUES: usize = 1 << DIGIT;
    const REST: u32 = 64 - DIGIT * DIGITS as u32;
    let digit_of =
        |entry: u64, digit: usize| (entry >> (REST + DIGIT * digit as u32)) as usize & (VALUES - 1);
    let mut ends = vec![[0_u32; VALUES]; DIGITS];
    for &entry in &*entries {
        for (digit, ends) in ends.iter_mut().enumerate() {
            ends[digit_of(entry, digit)] += 1;
        }
    }
    room.resize(entries.len(), 0);
    for (digit, ends) in ends.iter_mut().enumerate() {
        // All alike: they are in order of this digit.
        if ends.iter().any(|&count| count as usize == entries.len()) {
            continue;
        }
        let mut sum = 0;
        for end in &mut *ends {
            sum += std::mem::replace(end, sum);
        }
        for &entry in &*entries {
            let place = &mut ends[digit_of(entry, digit)];
            room[*place as usize] = entry;
            *place += 1;
        }
        std::mem::swap(entries, room);
    }
    for alike in entries.chunk_by_mut(|a, b| a >> REST == b >> REST) {
        if alike.len() > 1 && !alike.is_sorted() {
            alike.sort_unstable();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many that they are sorted slice by slice.
    #[test]
    fn many_entries_are_sorted_as_few_are() {
        let rows = (FAR + FAR / 3) as u32;
        for alike in [0, 3] {
            let key = |row: u32| (row % (rows / 2)).wrapping_mul(0x9e37_79b9) >> alike;
            let entries: Vec<u64> = (0..rows).map(|row| entry(key(row), row)).collect();
            let mut expected = entries.clone();
            expected.sort_unstable();
            let shared = |sorted: &[u64]| -> Vec<u64> {
                let runs = sorted.chunk_by(|a, b| a >> 32 == b >> 32);
                runs.filter(|run| run.len() > 1)
                    .flatten()
                    .copied()
                    .collect()
            };
            let mut sorted = Entries {
                all: entries,
                ..Entries::default()
            };
            sorted.sort(alike);
            assert!(sorted.all.is_sorted());
            assert_eq!(shared(&sorted.all), shared(&expected), "{alike}");
            assert!(shared(&expected).len() >= FAR);
        }
    }
}
