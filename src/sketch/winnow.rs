/*!
Shingle hashes → seeds: a few positions that two texts choose alike wherever they share a run.

Winnowing (Schleimer, Wilkerson, Aiken: "Winnowing: local algorithms for document fingerprinting", SIGMOD 2003):
of every window of w consecutive shingles the one with the least hash is a seed; of equal ones the last. Two texts
that share a run of n + w − 1 words share a whole window, and so at least one seed; about 2 in w + 1 shingles are
chosen. A unit with fewer shingles than a window is one window.
*/

use crate::text::simd;

/// Shingles to a window for stories: with shingles of 5 words every shared run of 10 words has a seed in common.
pub const WINDOW: usize = 6;

/// Hands the position of every seed to `sink`, in order, each once.
pub fn seeds(shingles: &[u64], window: usize, mut sink: impl FnMut(usize)) {
    let window = window.max(1).min(shingles.len());
    if window == 0 {
        return;
    }
    // The least of the window that ends at `last`, the rightmost of equals.
    let rightmost_least = |from: usize, last: usize| {
        (from..=last).fold(from, |best, i| {
            if shingles[i] <= shingles[best] {
                i
            } else {
                best
            }
        })
    };
    let mut chosen = rightmost_least(0, window - 1);
    sink(chosen);
    for last in window..shingles.len() {
        let first = last + 1 - window;
        if shingles[last] <= shingles[chosen] {
            chosen = last;
            sink(chosen);
        } else if chosen < first {
            chosen = rightmost_least(first, last);
            sink(chosen);
        }
    }
}

/// Appends the hash of every seed of a story ([`WINDOW`] shingles to a window), in order; one that is chosen twice may come twice or once.
pub fn hashes(shingles: &[u64], out: &mut Vec<u64>) {
    if shingles.len() < WINDOW {
        out.extend(shingles.iter().min());
        return;
    }
    const { assert!(WINDOW == simd::NEIGHBOURS) };
    simd::leasts(shingles, out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::shingle;
    use proptest::prelude::*;

    fn positions(shingles: &[u64], window: usize) -> Vec<usize> {
        let mut out = Vec::new();
        seeds(shingles, window, |p| out.push(p));
        out
    }

    #[test]
    fn short_units_have_one_seed() {
        assert!(positions(&[], 6).is_empty());
        assert_eq!(positions(&[9], 6), [0]);
        assert_eq!(positions(&[9, 3, 5], 6), [1]);
    }

    proptest! {
        #[test]
        fn hashes_are_those_of_the_seeds(shingles in prop::collection::vec(prop_oneof![0_u64..40, any::<u64>()], 0..80)) {
            let mut found = Vec::new();
            hashes(&shingles, &mut found);
            let mut expected: Vec<u64> = positions(&shingles, WINDOW).iter().map(|&p| shingles[p]).collect();
            for seeds in [&mut found, &mut expected] {
                seeds.sort_unstable();
                seeds.dedup();
            }
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn every_window_has_its_least(shingles in prop::collection::vec(0_u64..40, 1..80), window in 1_usize..10) {
            let chosen = positions(&shingles, window);
            prop_assert!(chosen.windows(2).all(|w| w[0] < w[1]));
            for w in 0..=shingles.len().saturating_sub(window) {
                let end = (w + window).min(shingles.len());
                let least = shingles[w..end].iter().min();
                prop_assert!(chosen.iter().any(|&p| (w..end).contains(&p) && Some(&shingles[p]) == least));
            }
        }

        #[test]
        fn a_shared_run_of_ten_words_has_a_seed_in_common(
            run in prop::collection::vec(0_u64..1_000_000, 10..30),
            a in prop::collection::vec(0_u64..1_000_000, 0..60),
            b in prop::collection::vec(0_u64..1_000_000, 0..60),
            (at_a, at_b) in (0.0..1.0, 0.0..1.0)
        ) {
            let plant = |text: &[u64], at: f64| {
                let at = (text.len() as f64 * at) as usize;
                let words: Vec<u64> = [&text[..at], &run, &text[at..]].concat();
                let mut shingles = Vec::new();
                shingle::collect(&words, 5, &mut shingles);
                let seeds: Vec<u64> = positions(&shingles, WINDOW).iter().map(|&p| shingles[p]).collect();
                seeds
            };
            let (a, b) = (plant(&a, at_a), plant(&b, at_b));
            prop_assert!(a.iter().any(|s| b.contains(s)));
        }
    }
}
