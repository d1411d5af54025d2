/*!
How many pairs may be compared: bounds the cost per story of a corpus where everything resembles everything.

Every row brings [`REFILL`] words; a comparison costs the words of both units. What is not used is saved, up to
[`SAVED`], so that a normal corpus, where a pair comes once in several rows, and a burst of versions of one story never
meet the bound. A row's best candidate is always compared. The budget of a row depends on the rows before it alone.
*/

/// Words that a row brings.
pub const REFILL: u64 = 1_024;
/// Words that can be saved: a thousand comparisons of long stories.
pub const SAVED: u64 = 1 << 20;

/// Words that may still be compared.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    words: u64,
    unlimited: bool,
}

impl Budget {
    /// Full; or without a bound.
    pub fn new(unlimited: bool) -> Self {
        Self {
            words: SAVED,
            unlimited,
        }
    }

    /// With so many words left.
    pub fn with(words: u64, unlimited: bool) -> Self {
        Self { words, unlimited }
    }

    /// Words that may still be compared.
    pub fn words(&self) -> u64 {
        self.words
    }

    /// The next row: how many of its candidates are compared, given what each costs, best first.
    pub fn next_row(&mut self, costs: impl Iterator<Item = u64>) -> usize {
        self.words = (self.words + REFILL).min(SAVED);
        let mut compared = 0;
        for cost in costs {
            if !self.unlimited && compared > 0 && cost > self.words {
                break;
            }
            self.words = self.words.saturating_sub(cost);
            compared += 1;
        }
        compared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_paid_from_savings_and_a_flood_is_not() {
        let mut budget = Budget::new(false);
        let pairs = |budget: &mut Budget| budget.next_row(std::iter::repeat_n(800, 48));
        let burst: usize = (0..20).map(|_| pairs(&mut budget)).sum();
        assert_eq!(burst, 20 * 48);
        let flood: usize = (0..10_000).map(|_| pairs(&mut budget)).sum();
        assert!((10_000..16_000).contains(&flood), "{flood}");
    }

    #[test]
    fn the_best_is_always_compared() {
        let mut budget = Budget::new(false);
        for _ in 0..100 {
            assert!(budget.next_row([u64::MAX / 2, 1].into_iter()) >= 1);
        }
        assert_eq!(
            Budget::new(true).next_row([u64::MAX, u64::MAX].into_iter()),
            2
        );
    }
}
