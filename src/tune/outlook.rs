/*!
What was measured → what a threshold would join, what bands would miss, and what they cost.

Similarity is by shingles alone, as under `--match near`. A pair of similarity s shares a band with probability 1 − (1 − sʳ)ᵇ, so of
the measured pairs at or above a threshold the expected share that is found is the mean of that over them; copies of the same words
are found for certain. Groups are connected components of the measured pairs that reach the threshold; those without a sampled member are not
known, so none is counted.
*/

use serde::Serialize;

use crate::config::Threshold;
use crate::group::union_find::UnionFind;
use crate::sketch::Bands;
use crate::story::UnitKind;

/// Pairs below this similarity are kept as counts only.
pub const LOW: f64 = 0.1;
/// Counts of pairs below [`LOW`], by thousandths.
pub const FINE: usize = 100;
/// Steps of the histogram: twentieths.
pub const BINS: usize = 20;
/// Recalls whose cost is told, with the one that was asked for.
const RECALLS: [f64; 4] = [0.9, 0.99, 0.999, 0.9999];
/// Between these a threshold is looked for that cuts through the fewest pairs, as bins.
const THIN: std::ops::Range<usize> = 6..19;

/// Two classes that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Similar {
    /// A class, as a number among all.
    pub a: u32,
    /// Another.
    pub b: u32,
    /// Shingles in common.
    pub shared: u32,
    /// Shingles of both together.
    pub union: u32,
    /// Pairs of their units.
    pub pairs: u64,
}

impl Similar {
    /// Jaccard similarity.
    pub fn jaccard(&self) -> f64 {
        f64::from(self.shared) / f64::from(self.union)
    }

    fn reaches(&self, threshold: Threshold) -> bool {
        threshold.reached_by(u64::from(self.shared), u64::from(self.union))
    }
}

/// All similarities of one kind of unit, as far as one end is sampled.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// What was compared.
    pub kind: UnitKind,
    /// Units with words.
    pub units: u64,
    /// Of them sampled.
    pub sampled: u64,
    /// For each class its units, and how many of them are sampled.
    pub classes: Vec<(u32, u32)>,
    /// Pairs of units with the same words.
    pub copies: u64,
    /// Classes that are alike by [`LOW`] or more, the most alike first.
    pub similar: Vec<Similar>,
    /// Pairs below, by thousandths of similarity; those without a common shingle are not counted.
    pub low: Vec<u64>,
}

/// Pairs of similarities in a range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Least similarity.
    pub from: f64,
    /// The similarities are below this; of the last bin, 1 is one of them.
    pub to: f64,
    /// Measured pairs.
    pub pairs: u64,
    /// Probability that the chosen bands find a pair in the middle of the range.
    pub found: f64,
}

/// What a threshold would do.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AtThreshold {
    /// The threshold.
    pub threshold: f64,
    /// Measured pairs that reach it.
    pub pairs: u64,
    /// Groups of two or more that have a sampled member.
    pub groups: u64,
    /// Units in them but one of each: what would be dropped.
    pub repeats: u64,
    /// Units of the largest.
    pub largest: u64,
    /// Sampled units that are in a group.
    pub sampled_in_groups: u64,
    /// Bands that the solver chooses for it, at the recall asked for.
    pub bands: usize,
    /// Rows of a band.
    pub rows: usize,
    /// Expected misses in 10,000 pairs that reach the threshold; none where no pair does.
    pub misses: Option<f64>,
}

/// What a recall costs, at the threshold asked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AtRecall {
    /// The recall.
    pub recall: f64,
    /// Bands.
    pub bands: usize,
    /// Rows of a band.
    pub rows: usize,
    /// Components of a signature: the work a unit.
    pub components: usize,
    /// Expected misses in 10,000 pairs that reach the threshold; none where no pair does.
    pub misses: Option<f64>,
    /// Expected candidates among the measured pairs.
    pub candidates: f64,
    /// Of them below the threshold: work for nothing.
    pub in_vain: f64,
}

/// The outlook of one kind of unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outlook {
    /// What was compared.
    pub unit: UnitKind,
    /// Units with words.
    pub units: u64,
    /// Of them sampled.
    pub sampled: u64,
    /// Pairs of units with the same words.
    pub copies: u64,
    /// Measured pairs by similarity, lowest first.
    pub histogram: Vec<Bin>,
    /// What thresholds would do, lowest first.
    pub thresholds: Vec<AtThreshold>,
    /// What recalls cost, lowest first.
    pub recalls: Vec<AtRecall>,
    /// Range of thresholds that cut through the fewest pairs, and how many a twentieth there are; none where nothing is alike.
    pub thinnest: Option<Bin>,
}

impl Outlook {
    /// Of what was measured, for this threshold and recall.
    pub fn new(measured: &Measured, threshold: Threshold, recall: f64) -> Self {
        let chosen = Bands::solve(threshold.value(), recall);
        let histogram = histogram(measured, chosen);
        Self {
            unit: measured.kind,
            units: measured.units,
            sampled: measured.sampled,
            copies: measured.copies,
            thinnest: thinnest(&histogram),
            histogram,
            thresholds: thresholds(measured, threshold, recall),
            recalls: recalls(measured, threshold, recall),
        }
    }
}

/// Expected share of the measured pairs at the threshold or above that such bands find; none where there is no pair.
pub fn expected_recall(measured: &Measured, threshold: Threshold, bands: Bands) -> Option<f64> {
    let reached = measured.similar.iter().take_while(|s| s.reaches(threshold));
    let (mut pairs, mut found) = (measured.copies, measured.copies as f64);
    for s in reached {
        pairs += s.pairs;
        found += s.pairs as f64 * bands.probability(s.jaccard());
    }
    (pairs > 0).then(|| found / pairs as f64)
}

fn misses(measured: &Measured, threshold: Threshold, bands: Bands) -> Option<f64> {
    expected_recall(measured, threshold, bands).map(|found| ((1.0 - found) * 1e4).max(0.0))
}

fn histogram(measured: &Measured, bands: Bands) -> Vec<Bin> {
    let mut pairs = [0_u64; BINS];
    pairs[BINS - 1] += measured.copies;
    for s in &measured.similar {
        // By integers: 0.95 belongs to the bin that begins there.
        let bin = u64::from(s.shared) * BINS as u64 / u64::from(s.union);
        pairs[(bin as usize).min(BINS - 1)] += s.pairs;
    }
    for (fine, n) in measured.low.iter().enumerate() {
        pairs[fine * BINS / 1_000] += n;
    }
    let edge = |bin: usize| bin as f64 / BINS as f64;
    pairs
        .into_iter()
        .enumerate()
        .map(|(bin, pairs)| Bin {
            from: edge(bin),
            to: edge(bin + 1),
            pairs,
            found: bands.probability(f64::midpoint(edge(bin), edge(bin + 1))),
        })
        .collect()
}

/// The longest run of bins with the fewest pairs; of equals the higher.
fn thinnest(histogram: &[Bin]) -> Option<Bin> {
    let inner = &histogram[THIN];
    if histogram[THIN.start..].iter().all(|b| b.pairs == 0) {
        return None;
    }
    let least = inner.iter().map(|b| b.pairs).min()?;
    let longest = inner
        .chunk_by(|x, y| x.pairs == y.pairs)
        .filter(|run| run[0].pairs == least)
        .max_by_key(|run| run.len())?;
    Some(Bin {
        to: longest[longest.len() - 1].to,
        ..longest[0]
    })
}

/// 0.30, 0.35 … 1.00, and the threshold asked for.
fn grid(asked: Threshold) -> Vec<Threshold> {
    let mut all: Vec<Threshold> = (6..=20)
        .filter_map(|i| Threshold::new(f64::from(i) / 20.0).ok())
        .collect();
    all.push(asked);
    all.sort_unstable();
    all.dedup();
    all.retain(|t| t.value() >= LOW);
    all
}

fn thresholds(measured: &Measured, asked: Threshold, recall: f64) -> Vec<AtThreshold> {
    let mut groups = Groups::new(&measured.classes);
    let mut rest = measured.similar.iter().peekable();
    let mut pairs = measured.copies;
    let mut all: Vec<AtThreshold> = grid(asked)
        .into_iter()
        .rev()
        .map(|threshold| {
            while let Some(s) = rest.next_if(|s| s.reaches(threshold)) {
                groups.join(s);
                pairs += s.pairs;
            }
            let bands = Bands::solve(threshold.value(), recall);
            AtThreshold {
                threshold: threshold.value(),
                pairs,
                bands: bands.bands,
                rows: bands.rows,
                misses: misses(measured, threshold, bands),
                ..groups.counted()
            }
        })
        .collect();
    all.reverse();
    all
}

/// Classes that are joined.
struct Groups<'m> {
    sets: UnionFind,
    classes: &'m [(u32, u32)],
}

impl<'m> Groups<'m> {
    fn new(classes: &'m [(u32, u32)]) -> Self {
        Self {
            sets: UnionFind::new(classes.len()),
            classes,
        }
    }

    fn join(&mut self, s: &Similar) {
        self.sets.join(s.a, s.b);
    }

    fn counted(&mut self) -> AtThreshold {
        let mut sizes = vec![(0_u64, 0_u64); self.classes.len()];
        for (class, &(units, sampled)) in self.classes.iter().enumerate() {
            let size = &mut sizes[self.sets.find(class as u32) as usize];
            size.0 += u64::from(units);
            size.1 += u64::from(sampled);
        }
        let known = sizes
            .iter()
            .filter(|(units, sampled)| *units > 1 && *sampled > 0);
        let mut counted = AtThreshold {
            threshold: 0.0,
            pairs: 0,
            groups: 0,
            repeats: 0,
            largest: 0,
            sampled_in_groups: 0,
            bands: 0,
            rows: 0,
            misses: None,
        };
        for &(units, sampled) in known {
            counted.groups += 1;
            counted.repeats += units - 1;
            counted.largest = counted.largest.max(units);
            counted.sampled_in_groups += sampled;
        }
        counted
    }
}

fn recalls(measured: &Measured, threshold: Threshold, asked: f64) -> Vec<AtRecall> {
    let mut all = RECALLS.to_vec();
    all.push(asked);
    all.sort_by(f64::total_cmp);
    all.dedup_by(|x, y| (*x - *y).abs() < 1e-12);
    all.into_iter()
        .map(|recall| {
            let bands = Bands::solve(threshold.value(), recall);
            let (mut candidates, mut in_vain) = (0.0, 0.0);
            for s in &measured.similar {
                // Units with the same words are one candidate.
                let found = bands.probability(s.jaccard());
                candidates += found;
                if !s.reaches(threshold) {
                    in_vain += found;
                }
            }
            for (fine, &pairs) in measured.low.iter().enumerate() {
                let found = bands.probability((fine as f64 + 0.5) / 1_000.0) * pairs as f64;
                candidates += found;
                in_vain += found;
            }
            AtRecall {
                recall,
                bands: bands.bands,
                rows: bands.rows,
                components: bands.components(),
                misses: misses(measured, threshold, bands),
                candidates,
                in_vain,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn similar(a: u32, b: u32, shared: u32, pairs: u64) -> Similar {
        Similar {
            a,
            b,
            shared,
            union: 100,
            pairs,
        }
    }

    fn measured() -> Measured {
        let mut low = vec![0; FINE];
        low[75] = 1_000;
        Measured {
            kind: UnitKind::Story,
            units: 7,
            sampled: 6,
            // Class 1 is three copies; class 4 is not sampled.
            classes: vec![(1, 1), (3, 3), (1, 1), (1, 1), (1, 0)],
            copies: 3,
            similar: vec![
                similar(0, 1, 90, 3),
                similar(2, 3, 80, 1),
                similar(3, 4, 40, 1),
            ],
            low,
        }
    }

    fn threshold(t: f64) -> Threshold {
        Threshold::new(t).unwrap()
    }

    #[test]
    fn thresholds_join_what_reaches_them() {
        let outlook = Outlook::new(&measured(), threshold(0.8), 0.999);
        let at = |t: f64| {
            let found = outlook
                .thresholds
                .iter()
                .find(|x| (x.threshold - t).abs() < 1e-9);
            let x = found.unwrap();
            (x.pairs, x.groups, x.repeats, x.largest, x.sampled_in_groups)
        };
        assert_eq!(at(1.0), (3, 1, 2, 3, 3));
        assert_eq!(at(0.9), (6, 1, 3, 4, 4));
        assert_eq!(at(0.8), (7, 2, 4, 4, 6));
        assert_eq!(at(0.4), (8, 2, 5, 4, 6));
    }

    #[test]
    fn expected_recall_is_the_mean_of_the_curve() {
        let bands = Bands { bands: 4, rows: 3 };
        let p = |s: f64| 1.0 - (1.0 - s.powi(3)).powi(4);
        let expected = (3.0 + 3.0 * p(0.9) + p(0.8)) / 7.0;
        let found = expected_recall(&measured(), threshold(0.8), bands).unwrap();
        assert!((found - expected).abs() < 1e-12);
        assert_eq!(
            expected_recall(&Measured::default(), threshold(0.8), bands),
            None
        );
    }

    #[test]
    fn a_higher_recall_misses_less_and_costs_more() {
        let outlook = Outlook::new(&measured(), threshold(0.8), 0.95);
        let recalls: Vec<f64> = outlook.recalls.iter().map(|r| r.recall).collect();
        assert_eq!(recalls, [0.9, 0.95, 0.99, 0.999, 0.9999]);
        for two in outlook.recalls.windows(2) {
            assert!(two[0].misses > two[1].misses, "{two:?}");
            assert!(two[0].components <= two[1].components, "{two:?}");
        }
        assert!(outlook.recalls[3].misses < Some(10.0));
    }

    #[test]
    fn every_pair_is_in_the_histogram_once() {
        let outlook = Outlook::new(&measured(), threshold(0.8), 0.999);
        let pairs: Vec<(usize, u64)> = outlook
            .histogram
            .iter()
            .enumerate()
            .filter(|(_, b)| b.pairs > 0)
            .map(|(i, b)| (i, b.pairs))
            .collect();
        assert_eq!(pairs, [(1, 1_000), (8, 1), (16, 1), (18, 3), (19, 3)]);
        let thin = outlook.thinnest.unwrap();
        assert_eq!((thin.from, thin.to, thin.pairs), (0.45, 0.8, 0));
    }
}
