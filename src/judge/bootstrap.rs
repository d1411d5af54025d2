/*!
How far a figure may lie from what other labels of the same kind would have given: the bootstrap (Efron 1979).

What belongs together is drawn together: pairs that share a story say much the same, so not pairs are drawn but *blocks* of them,
with replacement, as many as there are. Of each draw the blocks' sums are added up and the figures computed. The interval holds the
middle 95 % of the draws. Draws depend on the seed alone.
*/

use crate::text::shingle::finalise;

/// Draws.
pub const DRAWS: usize = 1_000;
/// Share of the draws outside of an interval, half at either end.
const OUTSIDE: f64 = 0.05;

/// A range that holds 95 % of the draws.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// The intervals of `figures`, each of which may be none for a draw. None for a figure that no draw has, and for all where there are fewer than two
/// blocks.
pub fn intervals<S: Default, const N: usize>(
    blocks: &[S],
    seed: u64,
    add: impl Fn(&mut S, &S),
    figures: impl Fn(&S) -> [Option<f64>; N],
) -> [Option<Interval>; N] {
    if blocks.len() < 2 {
        return [None; N];
    }
    let mut drawn: [Vec<f64>; N] = std::array::from_fn(|_| Vec::with_capacity(DRAWS));
    let mut state = finalise(seed ^ 0x5eed_0f1a_be15);
    for _ in 0..DRAWS {
        let mut sums = S::default();
        for _ in 0..blocks.len() {
            add(&mut sums, &blocks[below(&mut state, blocks.len())]);
        }
        for (figure, drawn) in figures(&sums).into_iter().zip(&mut drawn) {
            drawn.extend(figure);
        }
    }
    drawn.map(|mut drawn| {
        drawn.sort_unstable_by(f64::total_cmp);
        let last = drawn.len().checked_sub(1)?;
        let at = |share: f64| drawn[(share * last as f64).round() as usize];
        Some(Interval {
            low: at(OUTSIDE / 2.0),
            high: at(1.0 - OUTSIDE / 2.0),
        })
    })
}

/// The next number below `n` (SplitMix64: Steele, Lea, Flood 2014); the product's high half is as even as 64 bits allow.
fn below(state: &mut u64, n: usize) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    ((u128::from(finalise(*state)) * n as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_mean(values: &[f64], seed: u64) -> Interval {
        let blocks: Vec<(f64, f64)> = values.iter().map(|&v| (v, 1.0)).collect();
        let add = |sum: &mut (f64, f64), one: &(f64, f64)| {
            sum.0 += one.0;
            sum.1 += one.1;
        };
        let [interval] = intervals(&blocks, seed, add, |s| [Some(s.0 / s.1)]);
        interval.unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let values: Vec<f64> = (0..50).map(f64::from).collect();
        assert_eq!(of_mean(&values, 7), of_mean(&values, 7));
        assert_ne!(of_mean(&values, 7), of_mean(&values, 8));
    }

    #[test]
    fn an_interval_is_as_wide_as_theory_says() {
        // 400 throws of a coin: 0.5 ± 1.96 · 0.025.
        let values: Vec<f64> = (0..400).map(|i| f64::from(i % 2)).collect();
        let interval = of_mean(&values, 1);
        assert!((interval.low - 0.451).abs() < 0.008, "{interval:?}");
        assert!((interval.high - 0.549).abs() < 0.008, "{interval:?}");
        let sure = of_mean(&[1.0; 20], 1);
        assert!((sure.high - 1.0).abs() < 1e-12 && (sure.low - 1.0).abs() < 1e-12);
    }

    #[test]
    fn numbers_below_are_even() {
        let mut state = 3;
        let mut seen = [0_u32; 7];
        for _ in 0..70_000 {
            seen[below(&mut state, 7)] += 1;
        }
        assert!(seen.iter().all(|&n| n.abs_diff(10_000) < 500), "{seen:?}");
    }

    #[test]
    fn one_block_has_no_interval() {
        let none = intervals(&[1.0], 0, |s: &mut f64, x: &f64| *s += x, |s| [Some(*s)]);
        assert_eq!(none, [None]);
    }
}
