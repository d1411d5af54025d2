/*!
Sets of shingles: exact counts in common.

A set is a sorted slice of distinct hashes. Counts are integers; similarity is compared by cross-multiplication.
*/

/// Steps between two looks at whether the counts can still be reached.
const STRIDE: usize = 64;

/// Sorts and removes repeats: shingles become a set.
pub fn make_set(shingles: &mut Vec<u64>) {
    sort_hashes(shingles);
    shingles.dedup();
}

/// Fewer hashes than this are sorted by comparison alone.
const FEW: usize = 40;
/// More than so many hashes in one bin are no chance: somebody made them.
const CROWD: u16 = 24;

/// Sorts hashes: their first bits put each near its place, where neighbours then change places.
///
/// Hashes are spread evenly, so a bin for every two of them holds a few. Where one holds more, comparisons do the work.
fn sort_hashes(hashes: &mut [u64]) {
    const BINS: usize = 1 << 10;
    if !(FEW..=2 * BINS).contains(&hashes.len()) {
        hashes.sort_unstable();
        return;
    }
    let bits = hashes.len().ilog2();
    let shift = 64 - bits;
    let mut ends = [0_u16; BINS * 2];
    let ends = &mut ends[..1 << bits];
    for &hash in &*hashes {
        ends[(hash >> shift) as usize] += 1;
    }
    if ends.iter().any(|&count| count > CROWD) {
        hashes.sort_unstable();
        return;
    }
    let mut sum = 0;
    for end in &mut *ends {
        let count = *end;
        *end = sum;
        sum += count;
    }
    let mut near = [0_u64; 2 * BINS];
    let near = &mut near[..hashes.len()];
    for &hash in &*hashes {
        let place = &mut ends[(hash >> shift) as usize];
        near[*place as usize] = hash;
        *place += 1;
    }
    for i in 1..near.len() {
        let hash = near[i];
        let mut at = i;
        while at > 0 && near[at - 1] > hash {
            near[at] = near[at - 1];
            at -= 1;
        }
        near[at] = hash;
    }
    hashes.copy_from_slice(near);
}

/// Number of shingles in both sets.
pub fn shared(a: &[u64], b: &[u64]) -> u32 {
    shared_if(a, b, 0).unwrap_or(0)
}

/// Number of shingles in both sets, or none as soon as it is certain to be below `least`.
pub fn shared_if(a: &[u64], b: &[u64], least: u32) -> Option<u32> {
    let (mut i, mut j, mut shared) = (0, 0, 0_u32);
    loop {
        let steps = STRIDE.min(a.len() - i).min(b.len() - j);
        if steps == 0 {
            return (shared >= least).then_some(shared);
        }
        // Within so many steps neither side can run out, and no branch depends on the data.
        for _ in 0..steps {
            let (x, y) = (a[i], b[j]);
            shared += u32::from(x == y);
            i += usize::from(x <= y);
            j += usize::from(y <= x);
        }
        if (shared as usize) + (a.len() - i).min(b.len() - j) < least as usize {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn hashes_are_sorted_as_numbers_are(
            mut hashes in prop_oneof![
                prop::collection::vec(any::<u64>(), 0..2_200),
                prop::collection::vec(0_u64..50, 0..200),
                prop::collection::vec((0_u64..9, 0_u64..400).prop_map(|(a, b)| a << 61 | b), 0..200),
            ]
        ) {
            let mut expected = hashes.clone();
            expected.sort_unstable();
            sort_hashes(&mut hashes);
            prop_assert_eq!(hashes, expected);
        }

        #[test]
        fn counts_as_sets_do(
            a in prop::collection::vec(0_u64..400, 0..300),
            b in prop::collection::vec(0_u64..400, 0..300),
            least in 0_u32..200
        ) {
            let (mut sa, mut sb) = (a.clone(), b.clone());
            make_set(&mut sa);
            make_set(&mut sb);
            let a: BTreeSet<u64> = a.into_iter().collect();
            let b: BTreeSet<u64> = b.into_iter().collect();
            let expected = a.intersection(&b).count() as u32;
            prop_assert_eq!(shared(&sa, &sb), expected);
            prop_assert_eq!(shared_if(&sa, &sb, least), (expected >= least).then_some(expected));
        }
    }
}
