/*!
Sets of shingles: exact counts in common.

A set is a sorted slice of distinct hashes. Counts are integers; similarity is compared by cross-multiplication.
*/

use crate::text::order::sort_hashes;

/// Steps between two looks at whether the counts can still be reached.
const STRIDE: usize = 64;

/// Sorts and removes repeats: shingles become a set.
pub fn make_set(shingles: &mut Vec<u64>) {
    sort_hashes(shingles);
    shingles.dedup();
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
