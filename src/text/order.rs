/*!
Hashes → hashes in order.

Hashes are spread evenly over all numbers, so the first bits of one say nearly where it belongs: each is put into one of more bins than
there are hashes, and neighbours then change places: first once, which is enough for nearly all and takes no branch that cannot be foreseen.
Where a bin holds more than chance would put there, somebody made them so, and comparisons do the work in that bin.
*/

/// Fewer hashes than this are sorted by comparison alone.
const FEW: usize = 24;
/// More than so many hashes in one bin are no chance.
const CROWD: u16 = 24;

/// Sorts hashes.
pub fn sort_hashes(hashes: &mut [u64]) {
    // Room on the stack for so many and no more: clearing it costs as well.
    match hashes.len() {
        0..FEW => hashes.sort_unstable(),
        FEW..=128 => spread::<128, 256>(hashes),
        129..=512 => spread::<512, 1_024>(hashes),
        513..=2_048 => spread::<2_048, 4_096>(hashes),
        _ => hashes.sort_unstable(),
    }
}

/// Sorts `MOST` hashes or fewer, by half of the bins up to all.
fn spread<const MOST: usize, const BINS: usize>(hashes: &mut [u64]) {
    let bits = hashes.len().ilog2() + 1;
    let shift = 64 - bits;
    let mut ends = [0_u16; BINS];
    let ends = &mut ends[..1 << bits];
    for &hash in &*hashes {
        ends[(hash >> shift) as usize] += 1;
    }
    let crowded = ends.iter().any(|&count| count > CROWD);
    let mut sum = 0;
    for end in &mut *ends {
        let count = *end;
        *end = sum;
        sum += count;
    }
    let mut near = [0_u64; MOST];
    let near = &mut near[..hashes.len()];
    for &hash in &*hashes {
        let place = &mut ends[(hash >> shift) as usize];
        near[*place as usize] = hash;
        *place += 1;
    }
    if crowded {
        let mut start = 0;
        for &end in &*ends {
            if end - start > CROWD {
                near[start as usize..end as usize].sort_unstable();
            }
            start = end;
        }
    }
    let mut largest = near[0];
    for i in 1..near.len() {
        (near[i - 1], largest) = (largest.min(near[i]), largest.max(near[i]));
    }
    near[hashes.len() - 1] = largest;
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
    }
}
