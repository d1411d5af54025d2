/*!
Hashes → each of them once, in the order in which they first come.

By a hash table that serves list after list: to sort them would take longer, and nobody asks for their order.
*/

use crate::text::scatter::Scatter;

/// Keeps the first of equal hashes; made to be used again.
#[derive(Debug, Default)]
pub struct Distinct {
    /// Hashes that came; 0 where a slot is free.
    slots: Vec<u64>,
    scatter: Scatter,
}

impl Distinct {
    /// Takes repeats out. No hash may be 0.
    #[allow(
        clippy::needless_bitwise_bool,
        reason = "one branch that can be foreseen, not two that cannot"
    )]
    pub fn keep_first(&mut self, hashes: &mut Vec<u64>) {
        // More than twice as many slots as hashes: a free one is near.
        let bits = (2 * hashes.len() + 1).next_power_of_two().ilog2().max(1);
        self.slots.clear();
        self.slots.resize(1 << bits, 0);
        let slots = &mut self.slots[..1 << bits];
        let mask = slots.len() - 1;
        let mut kept = 0;
        for i in 0..hashes.len() {
            let hash = hashes[i];
            let mut at = self.scatter.place(hash, bits) & mask;
            // Whether a hash came before takes no branch: only that its slot is another's does.
            while (slots[at] != 0) & (slots[at] != hash) {
                at = (at + 1) & mask;
            }
            hashes[kept] = hash;
            kept += usize::from(slots[at] == 0);
            slots[at] = hash;
        }
        hashes.truncate(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_is_kept_where_it_came_first(
            lists in prop::collection::vec(prop::collection::vec(prop_oneof![1_u64..30, 1..=u64::MAX], 0..100), 1..4)
        ) {
            let mut distinct = Distinct::default();
            for mut hashes in lists {
                let mut expected: Vec<u64> = Vec::new();
                for &hash in &hashes {
                    if !expected.contains(&hash) {
                        expected.push(hash);
                    }
                }
                distinct.keep_first(&mut hashes);
                prop_assert_eq!(hashes, expected);
            }
        }
    }
}
