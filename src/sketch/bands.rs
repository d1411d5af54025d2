/*!
Threshold and recall → bands; signature → band keys.

LSH banding: a signature of b·r components is cut into b bands of r rows, and two units are candidates when they
agree in all rows of a band. A pair of Jaccard similarity s becomes a candidate with probability 1 − (1 − sʳ)ᵇ
(Leskovec, Rajaraman, Ullman: "Mining of Massive Datasets", §3.4).

Libraries that balance false candidates against missed pairs lose up to half of the pairs at their own threshold.
Here every candidate is verified, so a false one costs time and nothing else: the solver takes the recall as given
and looks for the cheapest bands that reach it.
*/

use crate::text::shingle::finalise;

/// Similarity of a pair by chance that the cost of false candidates is reckoned for.
const BACKGROUND: f64 = 0.1;
/// What a false candidate costs, in components of a signature: chosen so that sketching and checking are in balance on news text.
const CANDIDATE_COST: f64 = 5_000.0;
/// More rows than this never pay: sʳ underflows long before.
const MAX_ROWS: usize = 24;
/// A signature has no more components than this.
const MAX_COMPONENTS: usize = 4_096;

/// How a signature is cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bands {
    /// Number of bands.
    pub bands: usize,
    /// Components of a band.
    pub rows: usize,
}

impl Bands {
    /// The cheapest bands that make a pair at `threshold` a candidate with probability `recall` or more.
    ///
    /// ```
    /// use samewire::sketch::Bands;
    /// let bands = Bands::solve(0.8, 0.999);
    /// assert_eq!((bands.bands, bands.rows), (14, 4));
    /// assert!(bands.probability(0.8) >= 0.999);
    /// ```
    pub fn solve(threshold: f64, recall: f64) -> Self {
        let mut best: Option<(f64, Bands)> = None;
        for rows in 1..=MAX_ROWS {
            let agree = threshold.powi(rows as i32);
            // 1 − (1 − tʳ)ᵇ ≥ ρ  ⇔  b ≥ ln(1 − ρ) / ln(1 − tʳ); a threshold of 1 needs one band.
            let bands = ((1.0 - recall).ln() / (-agree).ln_1p()).ceil().max(1.0);
            if !bands.is_finite() || bands * rows as f64 > MAX_COMPONENTS as f64 {
                continue;
            }
            let candidate = Bands {
                bands: bands as usize,
                rows,
            };
            let cost = candidate.components() as f64
                + CANDIDATE_COST * candidate.probability(BACKGROUND.min(threshold / 2.0));
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, candidate));
            }
        }
        // One row always reaches a recall within the limit or is the closest there is.
        best.map_or(
            Bands {
                bands: MAX_COMPONENTS,
                rows: 1,
            },
            |(_, b)| b,
        )
    }

    /// Components of a signature: b·r.
    pub fn components(self) -> usize {
        self.bands * self.rows
    }

    /// Probability that a pair of that similarity becomes a candidate.
    pub fn probability(self, similarity: f64) -> f64 {
        1.0 - (1.0 - similarity.powi(self.rows as i32)).powi(self.bands as i32)
    }

    /// Appends the key of every band. `salt` keeps apart what must never meet: stories and captions, say.
    pub fn keys(self, signature: &[u64], salt: u64, out: &mut Vec<u64>) {
        debug_assert_eq!(signature.len(), self.components());
        let salt = finalise(salt);
        out.extend(
            signature
                .chunks_exact(self.rows)
                .enumerate()
                .map(|(band, rows)| {
                    rows.iter()
                        .fold(salt ^ band as u64, |key, &row| finalise(key ^ row))
                }),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_of_the_design() {
        assert_eq!(Bands::solve(0.8, 0.999), Bands { bands: 14, rows: 4 });
        assert_eq!(Bands::solve(0.5, 0.999), Bands { bands: 52, rows: 3 });
    }

    #[test]
    fn recall_is_reached_at_every_threshold() {
        for t in 5..=100 {
            for recall in [0.5, 0.9, 0.99, 0.999, 0.9999] {
                let t = f64::from(t) / 100.0;
                let bands = Bands::solve(t, recall);
                assert!(bands.components() <= MAX_COMPONENTS);
                assert!(
                    bands.probability(t) >= recall - 1e-12,
                    "{t} {recall} {bands:?}"
                );
            }
        }
    }

    #[test]
    fn keys_differ_by_band_and_salt() {
        let bands = Bands { bands: 3, rows: 2 };
        let mut keys = Vec::new();
        bands.keys(&[1, 2, 1, 2, 1, 2], 0, &mut keys);
        bands.keys(&[1, 2, 1, 2, 1, 2], 1, &mut keys);
        let mut distinct = keys.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!((keys.len(), distinct.len()), (6, 6));
    }
}
