/*!
Band keys of a corpus → for each unit, the earlier units that share a key with it.

```text
for each band:  (key, row) sorted ─▶ runs of equal keys, singles dropped
for each row:   its places in runs ─▶ the rows before it in each run
```

A row is a unit that has keys, numbered in input order. Two rules bound the work per row, whatever the corpus:

- **Bucket rule.** A key proposes to a row the first [`NEAR_END`] rows that have it and the last [`NEAR_END`] before
  the row. A key that more rows share is counted as capped.
- **Row rule.** Of all proposed rows those with most keys in common are kept, the earlier first, [`MOST`] at most.

Both look only at rows before the row in question, so a row's candidates are the same when the corpus comes
as a stream. `--exact` lifts both.

Keys are stored as 32 bits: two units that differ meet by chance in one of 2³² buckets of a band, and verification
parts them.
*/

use rayon::prelude::*;

/// Rows at either end of a bucket that a key proposes.
pub const NEAR_END: usize = 16;
/// Candidates of a row.
pub const MOST: usize = 48;

/// Keys of some rows: `bands` keys each, row after row.
#[derive(Clone, Debug, Default)]
pub struct KeyRows {
    /// The keys.
    pub keys: Vec<u32>,
}

/// Which rows share keys.
#[derive(Debug, Default)]
pub struct Buckets {
    bands: Vec<Band>,
    /// Places of row `i`: `places[first_place[i]..first_place[i + 1]]`.
    first_place: Vec<u32>,
    places: Vec<Place>,
    capped: u64,
    exact: bool,
}

#[derive(Debug, Default)]
struct Band {
    /// Rows of every run of two or more, run after run.
    members: Vec<u32>,
    /// For each place in `members`, where its run starts.
    run: Vec<u32>,
    capped: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    band: u32,
    at: u32,
}

impl Buckets {
    /// From the keys of `rows` rows; `key(row, band)` gives one.
    pub fn build(
        rows: usize,
        bands: usize,
        exact: bool,
        key: impl Fn(usize, usize) -> u32 + Sync,
    ) -> Self {
        let bands: Vec<Band> = (0..bands)
            .into_par_iter()
            .map_init(Vec::new, |sorted, band| {
                sorted.clear();
                sorted.extend((0..rows).map(|row| u64::from(key(row, band)) << 32 | row as u64));
                sorted.sort_unstable();
                Band::from_sorted(sorted)
            })
            .collect();
        let capped = bands.iter().map(|b| b.capped).sum();
        let (first_place, places) = invert(&bands, rows);
        Self {
            bands,
            first_place,
            places,
            capped,
            exact,
        }
    }

    /// Number of keys that more rows share than the bucket rule proposes.
    pub fn capped(&self) -> u64 {
        if self.exact { 0 } else { self.capped }
    }

    /// Replaces `out` by the candidates of `row`, best first: rows before it and how many keys they share.
    pub fn candidates(&self, row: usize, admit: impl Fn(u32) -> bool, out: &mut Candidates) {
        out.found.clear();
        out.best.clear();
        let places =
            &self.places[self.first_place[row] as usize..self.first_place[row + 1] as usize];
        for place in places {
            let band = &self.bands[place.band as usize];
            let before = &band.members[band.run[place.at as usize] as usize..place.at as usize];
            if self.exact || before.len() <= 2 * NEAR_END {
                out.found.extend_from_slice(before);
            } else {
                out.found.extend_from_slice(&before[..NEAR_END]);
                out.found
                    .extend_from_slice(&before[before.len() - NEAR_END..]);
            }
        }
        out.found.sort_unstable();
        for same in out.found.chunk_by(|a, b| a == b) {
            if admit(same[0]) {
                out.best.push((same.len() as u32, same[0]));
            }
        }
        if !self.exact && out.best.len() > MOST {
            out.best
                .sort_unstable_by_key(|&(shared, row)| (std::cmp::Reverse(shared), row));
            out.best.truncate(MOST);
        }
    }
}

impl Band {
    fn from_sorted(sorted: &[u64]) -> Self {
        let mut band = Band::default();
        for run in sorted.chunk_by(|a, b| a >> 32 == b >> 32) {
            if run.len() < 2 {
                continue;
            }
            let start = band.members.len() as u32;
            band.members.extend(run.iter().map(|&e| e as u32));
            band.run.resize(band.members.len(), start);
            band.capped += u64::from(run.len() > 2 * NEAR_END + 1);
        }
        band
    }
}

/// Where each row stands in the runs, by counting sort.
fn invert(bands: &[Band], rows: usize) -> (Vec<u32>, Vec<Place>) {
    let mut first = vec![0_u32; rows + 2];
    for band in bands {
        for &row in &band.members {
            first[row as usize + 2] += 1;
        }
    }
    for i in 1..first.len() {
        first[i] += first[i - 1];
    }
    let mut places = vec![Place::default(); first[rows + 1] as usize];
    for (b, band) in bands.iter().enumerate() {
        for (at, &row) in band.members.iter().enumerate() {
            let slot = &mut first[row as usize + 1];
            places[*slot as usize] = Place {
                band: b as u32,
                at: at as u32,
            };
            *slot += 1;
        }
    }
    first.pop();
    (first, places)
}

/// The candidates of one row; made to be used again.
#[derive(Debug, Default)]
pub struct Candidates {
    /// Keys in common, and the row.
    pub best: Vec<(u32, u32)>,
    found: Vec<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(buckets: &Buckets, rows: usize) -> Vec<Vec<(u32, u32)>> {
        let mut candidates = Candidates::default();
        (0..rows)
            .map(|row| {
                buckets.candidates(row, |_| true, &mut candidates);
                candidates.best.clone()
            })
            .collect()
    }

    proptest! {
        #[test]
        fn without_caps_every_pair_that_shares_a_key_is_found(
            keys in prop::collection::vec(prop::collection::vec(0_u32..6, 3), 0..60)
        ) {
            let buckets = Buckets::build(keys.len(), 3, true, |row, band| keys[row][band]);
            let found = all(&buckets, keys.len());
            for (v, candidates) in found.iter().enumerate() {
                let expected: Vec<(u32, u32)> = (0..v)
                    .map(|u| ((0..3).filter(|&b| keys[u][b] == keys[v][b]).count() as u32, u as u32))
                    .filter(|&(shared, _)| shared > 0)
                    .collect();
                prop_assert_eq!(candidates, &expected);
            }
        }

        #[test]
        fn candidates_depend_on_what_came_before_alone(
            keys in prop::collection::vec(prop::collection::vec(0_u32..3, 2), 1..150),
            cut in 0.0..1.0
        ) {
            let cut = (keys.len() as f64 * cut) as usize;
            let whole = Buckets::build(keys.len(), 2, false, |row, band| keys[row][band]);
            let part = Buckets::build(cut, 2, false, |row, band| keys[row][band]);
            prop_assert_eq!(&all(&whole, keys.len())[..cut], &all(&part, cut)[..]);
        }
    }

    #[test]
    fn work_is_bounded_and_told() {
        let rows = 1_000;
        let buckets = Buckets::build(rows, 2, false, |_, _| 7);
        let found = all(&buckets, rows);
        assert_eq!(found[rows - 1].len(), 2 * NEAR_END);
        assert_eq!(found[rows - 1][0], (2, 0));
        assert_eq!(buckets.capped(), 2);
    }
}
