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
    // In halves side by side: each step has to wait for the one before it in its half.
    let (lower_a, upper_a) = a.split_at(a.len() / 2);
    let cut = upper_a
        .first()
        .map_or(0, |middle| b.partition_point(|y| y < middle));
    let (lower_b, upper_b) = b.split_at(cut);
    let mut halves = [Merge::of(lower_a, lower_b), Merge::of(upper_a, upper_b)];
    loop {
        let [lower, upper] = &mut halves;
        if lower.most() + upper.most() < least {
            return None;
        }
        let steps = STRIDE.min(lower.least_steps()).min(upper.least_steps());
        if steps == 0 {
            break;
        }
        for _ in 0..steps {
            lower.step();
            upper.step();
        }
    }
    let mut shared = 0;
    for mut half in halves {
        half.finish();
        shared += half.shared;
    }
    (shared >= least).then_some(shared)
}

/// Two sets on their way past one another.
struct Merge<'s> {
    a: &'s [u64],
    b: &'s [u64],
    i: usize,
    j: usize,
    shared: u32,
}

impl<'s> Merge<'s> {
    fn of(a: &'s [u64], b: &'s [u64]) -> Self {
        Self {
            a,
            b,
            i: 0,
            j: 0,
            shared: 0,
        }
    }

    /// Within so many steps neither side can run out.
    fn least_steps(&self) -> usize {
        (self.a.len() - self.i).min(self.b.len() - self.j)
    }

    /// No more can be shared.
    fn most(&self) -> u32 {
        self.shared + self.least_steps() as u32
    }

    /// Past the least of both; no branch depends on the data. Neither side may have run out.
    #[inline(always)]
    fn step(&mut self) {
        let (x, y) = (self.a[self.i], self.b[self.j]);
        self.shared += u32::from(x == y);
        self.i += usize::from(x <= y);
        self.j += usize::from(y <= x);
    }

    fn finish(&mut self) {
        while self.least_steps() > 0 {
            self.step();
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
