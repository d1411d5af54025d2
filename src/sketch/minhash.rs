/*!
Shingle hashes → MinHash signature, by Fast Similarity Sketching (Dahlgaard, Knudsen, Thorup: "Fast similarity
sketching", FOCS 2017).

Round 0 throws every shingle into one of k bins and keeps the least value of each bin, as one-permutation hashing
does: one hash a shingle. Bins that are still empty then are filled in further rounds, which hash every shingle
anew; rounds k to 2k − 1 aim at one bin each, so that none stays empty. Values of later rounds never replace those
of earlier ones.

```text
round r < k:   bin = hash_r(shingle) · k / 2⁶⁴, value = low bits of the hash
round k + i:   bin = i
```

A story of 400 shingles is done after one round (k ≤ 156); a caption of 20 shingles needs about k·ln(k)/20. Two
signatures agree in a component with probability J, for sets of any size: densifying one-permutation hashing
(Shrivastava 2017) instead copies bins, which costs variance where shingles are few.
*/

use crate::text::shingle::finalise;
use crate::text::simd::{Bins, falling};

/// Odd, apart from one another: what makes the hash of one round independent of the next.
const ROUND: u64 = 0xD6E8_FEB8_6659_FD93;
/// A component that no shingle has reached yet. A real value is never this one: see `value`.
const EMPTY: u64 = u64::MAX;

/// Makes signatures of `k` components.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sketcher {
    k: usize,
    seed: u64,
}

/// Within a bin the order of hashes is that of their low bits, which the bin says nothing of: the hash itself will do.
#[inline(always)]
fn value(hash: u64) -> u64 {
    // Keeps clear of the mark for empty.
    hash >> 1
}

impl Sketcher {
    /// For signatures of `k` components under `seed`.
    pub fn new(k: usize, seed: u64) -> Self {
        debug_assert!(k > 0);
        Self {
            k,
            seed: finalise(seed ^ ROUND),
        }
    }

    /// Components of a signature.
    pub fn components(&self) -> usize {
        self.k
    }

    /// Replaces `signature` by that of a unit with these shingles; repeats do no harm. Without shingles every component is empty.
    pub fn sketch(&self, shingles: &[u64], signature: &mut Vec<u64>) {
        signature.clear();
        signature.resize(self.k, EMPTY);
        if shingles.is_empty() {
            return;
        }
        for &shingle in shingles {
            let hash = shingle ^ self.seed;
            let component = &mut signature[Bins::of(hash, self.k)];
            *component = (*component).min(value(hash));
        }
        if signature.contains(&EMPTY) {
            self.fill(shingles, signature);
        }
    }

    #[cold]
    fn fill(&self, shingles: &[u64], signature: &mut [u64]) {
        let mut empty = vec![0_u64; self.k.div_ceil(64)];
        for (bin, _) in signature.iter().enumerate().filter(|&(_, &c)| c == EMPTY) {
            empty[bin / 64] |= 1 << (bin % 64);
        }
        let mut hashes = Vec::new();
        for round in 1..2 * self.k as u64 {
            let salt = self.seed ^ round.wrapping_mul(ROUND);
            if let Some(aimed) = round.checked_sub(self.k as u64) {
                let component = &mut signature[aimed as usize];
                if *component == EMPTY {
                    let values = shingles.iter().map(|&s| value(finalise(s ^ salt)));
                    *component = values.min().unwrap_or(EMPTY);
                }
                continue;
            }
            let bins = Bins {
                count: self.k,
                wanted: &empty,
            };
            falling(shingles, salt, bins, &mut hashes);
            for &hash in &hashes {
                let bin = Bins::of(hash, self.k);
                signature[bin] = signature[bin].min(value(hash));
                // Only for the rounds after this one.
                empty[bin / 64] &= !(1 << (bin % 64));
            }
            if empty.iter().all(|&bits| bits == 0) {
                return;
            }
        }
    }
}

/// Share of equal components: the estimate of the Jaccard similarity.
pub fn estimate(a: &[u64], b: &[u64]) -> f64 {
    let equal = a.iter().zip(b).filter(|(x, y)| x == y).count();
    equal as f64 / a.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two sets of `size` shingles that share as many as gives Jaccard similarity nearest to `j`; and that similarity.
    fn pair(size: usize, j: f64, salt: u64) -> (Vec<u64>, Vec<u64>, f64) {
        let shared = (2.0 * size as f64 * j / (1.0 + j)).round() as usize;
        let hash = |side: u64, i: usize| {
            finalise(salt.wrapping_mul(0x1234_5677) ^ finalise(side << 40 | i as u64))
        };
        let a = (0..size).map(|i| hash(0, i)).collect();
        let b = (0..size).map(|i| hash(u64::from(i >= shared), i)).collect();
        (a, b, shared as f64 / (2 * size - shared) as f64)
    }

    #[test]
    fn estimator_is_unbiased_and_as_sharp_as_minhash() {
        for k in [56, 128, 156] {
            let sketcher = Sketcher::new(k, 11);
            for size in [20, 100, 400] {
                for j in [0.2, 0.5, 0.8, 0.95] {
                    let runs = 3_000;
                    let (mut sum, mut squares, mut truth) = (0.0, 0.0, 0.0);
                    let (mut sa, mut sb) = (Vec::new(), Vec::new());
                    for run in 0..runs {
                        let (a, b, true_j) = pair(size, j, run);
                        sketcher.sketch(&a, &mut sa);
                        sketcher.sketch(&b, &mut sb);
                        let error = estimate(&sa, &sb) - true_j;
                        sum += error;
                        squares += error * error;
                        truth = true_j;
                    }
                    let sigma = (truth * (1.0 - truth) / k as f64).sqrt();
                    let bias = sum / runs as f64;
                    let rmse = (squares / runs as f64).sqrt();
                    assert!(
                        rmse <= sigma * 1.1,
                        "k {k}, {size} shingles, J {truth:.3}: RMSE {rmse:.4} over {sigma:.4}"
                    );
                    // Five standard errors of the mean.
                    assert!(
                        bias.abs() <= 5.0 * sigma / (runs as f64).sqrt(),
                        "k {k}, {size} shingles, J {truth:.3}: bias {bias:.5}"
                    );
                }
            }
        }
    }

    #[test]
    fn no_component_stays_empty() {
        for k in [1, 2, 56, 156, 600] {
            for size in 1..30 {
                let (a, _, _) = pair(size, 0.5, 5);
                let mut signature = Vec::new();
                Sketcher::new(k, 0).sketch(&a, &mut signature);
                assert_eq!(signature.len(), k);
                assert!(!signature.contains(&EMPTY), "k {k}, {size} shingles");
            }
        }
    }

    #[test]
    fn order_and_repeats_do_not_matter() {
        let (a, _, _) = pair(50, 0.5, 1);
        let mut b: Vec<u64> = a.iter().rev().copied().collect();
        b.extend_from_slice(&a[..20]);
        let (mut sa, mut sb) = (Vec::new(), Vec::new());
        let sketcher = Sketcher::new(156, 0);
        sketcher.sketch(&a, &mut sa);
        sketcher.sketch(&b, &mut sb);
        assert_eq!(sa, sb);
    }

    #[test]
    fn other_seeds_give_other_signatures() {
        let (a, _, _) = pair(50, 0.5, 1);
        let (mut sa, mut sb) = (Vec::new(), Vec::new());
        Sketcher::new(56, 1).sketch(&a, &mut sa);
        Sketcher::new(56, 2).sketch(&a, &mut sb);
        assert!(estimate(&sa, &sb) < 0.2);
    }
}
