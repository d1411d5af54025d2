/*!
Pairs that are labelled and found: counts, precision, recall, F1.

A figure that has nothing to count (the precision where nothing was joined) is none, never a number.
*/

/// How many pairs were joined and kept apart, rightly and wrongly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Joined, and rightly so.
    pub joined: u64,
    /// Joined, and should be apart: false joins.
    pub glued: u64,
    /// Apart, and should be joined: misses.
    pub missed: u64,
    /// Apart, and rightly so.
    pub apart: u64,
}

impl Counts {
    /// Of pairs, each with its label and what was found.
    pub fn of(pairs: impl IntoIterator<Item = (bool, bool)>) -> Self {
        let mut counts = Self::default();
        for (same, joins) in pairs {
            counts.count(same, joins);
        }
        counts
    }

    /// Counts one more.
    pub fn count(&mut self, same: bool, joins: bool) {
        *match (same, joins) {
            (true, true) => &mut self.joined,
            (false, true) => &mut self.glued,
            (true, false) => &mut self.missed,
            (false, false) => &mut self.apart,
        } += 1;
    }

    /// Share of the joined pairs that are rightly joined.
    pub fn precision(self) -> Option<f64> {
        share(self.joined as f64, (self.joined + self.glued) as f64)
    }

    /// Share of the pairs to join that are joined.
    pub fn recall(self) -> Option<f64> {
        share(self.joined as f64, (self.joined + self.missed) as f64)
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(self) -> Option<f64> {
        share(
            2.0 * self.joined as f64,
            (2 * self.joined + self.glued + self.missed) as f64,
        )
    }
}

/// `part / whole`; none of nothing.
pub fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_the_textbook() {
        let pairs = [
            (true, true),
            (true, true),
            (true, false),
            (false, true),
            (false, false),
        ];
        let counts = Counts::of(pairs);
        let shown = |x: Option<f64>| x.map(|x| format!("{x:.4}"));
        assert_eq!(shown(counts.precision()).as_deref(), Some("0.6667"));
        assert_eq!(shown(counts.recall()).as_deref(), Some("0.6667"));
        assert_eq!(shown(counts.f1()).as_deref(), Some("0.6667"));
        assert_eq!(Counts::default().f1(), None);
        assert_eq!(Counts::of([(true, false)]).precision(), None);
        assert_eq!(Counts::of([(true, false)]).recall(), Some(0.0));
    }
}
