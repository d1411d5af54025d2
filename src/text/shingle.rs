/*!
Word hashes → shingle hashes.

A shingle is n consecutive words (w-shingling: Broder, "On the resemblance and containment of documents",
1997). Its hash is a polynomial of the word hashes modulo 2⁶⁴, rolled from one shingle to the next in O(1)
(Rabin–Karp), then finalised so that every bit depends on every word.

```text
raw(i+1) = raw(i)·B + (w(i+n) − w(i)·Bⁿ)
```

A unit of fewer than n words is one shingle; a unit without words has none.
*/

use super::simd;

/// Odd, so that multiplication by it loses nothing.
const BASE: u64 = 0x9FB2_1C65_1E98_DF25;

/// What [`finalise`] multiplies by.
pub(super) const FINALISERS: [u64; 2] = [0xBF58_476D_1CE4_E5B9, 0x94D0_49BB_1331_11EB];

/// Spreads every bit of `x` over all bits (the finaliser of MurmurHash3 with the constants of Stafford's "Mix13").
#[inline(always)]
pub fn finalise(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(FINALISERS[0]);
    let x = (x ^ (x >> 27)).wrapping_mul(FINALISERS[1]);
    x ^ (x >> 31)
}

/// Number of shingles of `n` words in a unit of `tokens` words.
pub fn count(tokens: usize, n: usize) -> usize {
    if tokens == 0 {
        0
    } else {
        tokens.saturating_sub(n) + 1
    }
}

/// The shingles of a unit of words, in order, repeats included.
#[inline(always)]
fn rolled(tokens: &[u64], n: usize) -> impl Iterator<Item = u64> {
    let first = n.min(tokens.len());
    let mut raw = tokens[..first]
        .iter()
        .fold(0, |raw: u64, &t| raw.wrapping_mul(BASE).wrapping_add(t));
    let top = (0..n).fold(1, |power: u64, _| power.wrapping_mul(BASE));
    let head = (!tokens.is_empty()).then(|| finalise(raw));
    head.into_iter().chain(
        tokens
            .iter()
            .zip(&tokens[first..])
            .map(move |(&leaves, &enters)| {
                // What does not wait for the shingle before is reckoned apart.
                let change = enters.wrapping_sub(leaves.wrapping_mul(top));
                raw = raw.wrapping_mul(BASE).wrapping_add(change);
                finalise(raw)
            }),
    )
}

/// Appends the hash of every shingle, in order, repeats included.
pub fn collect(tokens: &[u64], n: usize, out: &mut Vec<u64>) {
    simd::shingles(tokens, n, out);
}

/// The same, each from the one before: four multiplications a shingle, one of which waits for the last.
pub(super) fn collect_rolling(tokens: &[u64], n: usize, out: &mut Vec<u64>) {
    out.extend(rolled(tokens, n));
}

/// What the words of a shingle are multiplied by, to make each shingle for itself: for a machine that makes several at once.
#[cfg_attr(
    not(target_arch = "x86_64"),
    expect(dead_code, reason = "for kernels of that machine")
)]
pub(super) fn powers<const N: usize>() -> [u64; N] {
    let mut powers = [1_u64; N];
    for i in (1..N).rev() {
        powers[i - 1] = powers[i].wrapping_mul(BASE);
    }
    powers
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shingles(tokens: &[u64], n: usize) -> Vec<u64> {
        let mut out = Vec::new();
        collect(tokens, n, &mut out);
        out
    }

    #[test]
    fn short_units_are_one_shingle() {
        assert_eq!(shingles(&[], 5).len(), 0);
        for len in 1..=5 {
            assert_eq!(shingles(&vec![9; len], 5).len(), 1);
        }
        assert_eq!(shingles(&[9; 6], 5).len(), 2);
        assert_ne!(shingles(&[9], 5), shingles(&[9, 9], 5));
    }

    proptest! {
        #[test]
        fn rolling_equals_hashing_each_window(tokens in prop::collection::vec(any::<u64>(), 1..60), n in 1_usize..9) {
            let rolled = shingles(&tokens, n);
            let direct: Vec<u64> = if tokens.len() < n {
                shingles(&tokens, tokens.len())
            } else {
                tokens.windows(n).map(|w| shingles(w, n)[0]).collect()
            };
            prop_assert_eq!(rolled, direct);
        }
    }
}
