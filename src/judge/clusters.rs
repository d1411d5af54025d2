/*!
Two ways to group the same items, held against one another.

Of `n` items let `T` be the pairs that the labels put together, `F` those that were found together, `B` those that are together in both.

- **Pairs**: precision B/F, recall B/T.
- **ARI**, the adjusted Rand index (Hubert and Arabie 1985): (B − E) / (½(T + F) − E) with E = T·F / C(n, 2), what chance
  would give. 1 for equal groups, 0 by chance.
- **B³** (Bagga and Baldwin 1998): for each item the share of its found group that belongs to it (precision), and of its labelled
  group that was found with it (recall), itself counted; the means over all items, and their harmonic mean.
*/

use std::collections::BTreeMap;

use super::figures::share;

/// The group of an item, by the labels and as found. Numbers mean nothing but being equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grouped {
    /// By the labels.
    pub labelled: u32,
    /// As found.
    pub found: u32,
}

/// Sums that all figures are made of; those of several sets of items add up. Pairs between two sets count half in each.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// Items.
    pub items: f64,
    /// Pairs together in both.
    pub both: f64,
    /// Pairs together by the labels.
    pub labelled: f64,
    /// Pairs that were found together.
    pub found: f64,
    /// Sum of B³ precision over items.
    pub b3_precision: f64,
    /// Sum of B³ recall over items.
    pub b3_recall: f64,
}

/// The figures of two groupings; none where there is nothing to count.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Agreement {
    /// Share of the pairs found together that belong together.
    pub precision: Option<f64>,
    /// Share of the pairs that belong together that were found together.
    pub recall: Option<f64>,
    /// Harmonic mean of the two.
    pub f1: Option<f64>,
    /// Adjusted Rand index.
    pub ari: Option<f64>,
    /// B³ precision.
    pub b3_precision: Option<f64>,
    /// B³ recall.
    pub b3_recall: Option<f64>,
    /// Harmonic mean of the two.
    pub b3_f1: Option<f64>,
}

/// What each item adds to the sums, in the order of the items: a pair counts half for either of its ends.
pub fn per_item(items: &[Grouped]) -> Vec<Sums> {
    let mut sizes: BTreeMap<(Option<u32>, Option<u32>), f64> = BTreeMap::new();
    for item in items {
        for key in [
            (Some(item.labelled), Some(item.found)),
            (Some(item.labelled), None),
            (None, Some(item.found)),
        ] {
            *sizes.entry(key).or_default() += 1.0;
        }
    }
    items
        .iter()
        .map(|item| {
            let both = sizes[&(Some(item.labelled), Some(item.found))];
            let labelled = sizes[&(Some(item.labelled), None)];
            let found = sizes[&(None, Some(item.found))];
            Sums {
                items: 1.0,
                both: (both - 1.0) / 2.0,
                labelled: (labelled - 1.0) / 2.0,
                found: (found - 1.0) / 2.0,
                b3_precision: both / found,
                b3_recall: both / labelled,
            }
        })
        .collect()
}

impl Sums {
    /// Adds the sums of other items.
    pub fn add(&mut self, other: &Sums) {
        self.items += other.items;
        self.both += other.both;
        self.labelled += other.labelled;
        self.found += other.found;
        self.b3_precision += other.b3_precision;
        self.b3_recall += other.b3_recall;
    }

    /// Of all these items.
    pub fn of(items: &[Grouped]) -> Self {
        let mut sums = Self::default();
        for one in per_item(items) {
            sums.add(&one);
        }
        sums
    }

    /// The figures.
    pub fn agreement(&self) -> Agreement {
        let pairs = self.items * (self.items - 1.0) / 2.0;
        let (precision, recall) = (
            share(self.b3_precision, self.items),
            share(self.b3_recall, self.items),
        );
        Agreement {
            precision: share(self.both, self.found),
            recall: share(self.both, self.labelled),
            f1: share(2.0 * self.both, self.labelled + self.found),
            ari: (self.items > 0.0).then(|| self.ari(pairs)),
            b3_precision: precision,
            b3_recall: recall,
            b3_f1: precision
                .zip(recall)
                .and_then(|(p, r)| share(2.0 * p * r, p + r)),
        }
    }

    fn ari(&self, pairs: f64) -> f64 {
        let chance = if pairs > 0.0 {
            self.labelled * self.found / pairs
        } else {
            0.0
        };
        let most = f64::midpoint(self.labelled, self.found);
        // Both put every item alone, or all into one group: they are equal.
        if (most - chance).abs() < f64::EPSILON * most.max(1.0) {
            1.0
        } else {
            (self.both - chance) / (most - chance)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn items(labelled: &[u32], found: &[u32]) -> Vec<Grouped> {
        labelled
            .iter()
            .zip(found)
            .map(|(&labelled, &found)| Grouped { labelled, found })
            .collect()
    }

    fn agreement(labelled: &[u32], found: &[u32]) -> Agreement {
        Sums::of(&items(labelled, found)).agreement()
    }

    fn near(x: Option<f64>, y: f64) -> bool {
        (x.unwrap() - y).abs() < 1e-9
    }

    #[test]
    fn figures_by_hand() {
        // Labelled {0,1,2} {3,4} {5}; found {0,1} {2,3,4} {5}: of 4 pairs each, 2 in both; E = 16 / 15.
        let a = agreement(&[0, 0, 0, 1, 1, 2], &[0, 0, 1, 1, 1, 2]);
        assert!(near(a.precision, 0.5) && near(a.recall, 0.5) && near(a.f1, 0.5));
        assert!(near(a.ari, (2.0 - 16.0 / 15.0) / (4.0 - 16.0 / 15.0)));
        // By item: precision 1 1 ⅓ ⅔ ⅔ 1, recall ⅔ ⅔ ⅓ 1 1 1.
        assert!(near(a.b3_precision, (3.0 + 5.0 / 3.0) / 6.0));
        assert!(near(a.b3_recall, (3.0 + 5.0 / 3.0) / 6.0));
        assert!(near(a.b3_f1, 7.0 / 9.0));
    }

    #[test]
    fn ends_of_the_scale() {
        let alone = agreement(&[0, 1, 2], &[5, 6, 7]);
        assert!(near(alone.ari, 1.0) && near(alone.b3_f1, 1.0));
        assert_eq!((alone.precision, alone.f1), (None, None));
        let whole = agreement(&[0, 0, 0], &[4, 4, 4]);
        assert!(near(whole.ari, 1.0) && near(whole.f1, 1.0));
        let missed = agreement(&[0, 0, 0], &[1, 2, 3]);
        assert!(near(missed.ari, 0.0) && near(missed.b3_precision, 1.0));
        assert!(near(missed.b3_recall, 1.0 / 3.0));
        assert_eq!(agreement(&[], &[]), Agreement::default());
    }

    /// The adjusted Rand index from the definition, pair by pair.
    fn by_pairs(items: &[Grouped]) -> (f64, f64, f64) {
        let (mut both, mut labelled, mut found) = (0.0, 0.0, 0.0);
        for (i, x) in items.iter().enumerate() {
            for y in &items[..i] {
                let (l, f) = (x.labelled == y.labelled, x.found == y.found);
                both += f64::from(u8::from(l && f));
                labelled += f64::from(u8::from(l));
                found += f64::from(u8::from(f));
            }
        }
        (both, labelled, found)
    }

    proptest! {
        #[test]
        fn sums_are_those_of_all_pairs(groups in prop::collection::vec((0_u32..6, 0_u32..6), 1..40)) {
            let (labelled, found): (Vec<u32>, Vec<u32>) = groups.into_iter().unzip();
            let items = items(&labelled, &found);
            let sums = Sums::of(&items);
            let (both, of_labels, of_found) = by_pairs(&items);
            prop_assert!((sums.both - both).abs() < 1e-6);
            prop_assert!((sums.labelled - of_labels).abs() < 1e-6);
            prop_assert!((sums.found - of_found).abs() < 1e-6);
        }

        #[test]
        fn agreement_is_bounded_and_symmetric(groups in prop::collection::vec((0_u32..6, 0_u32..6), 1..40)) {
            let (labelled, found): (Vec<u32>, Vec<u32>) = groups.into_iter().unzip();
            let there = agreement(&labelled, &found);
            let back = agreement(&found, &labelled);
            prop_assert!(near(there.ari, back.ari.unwrap()));
            prop_assert!(near(there.b3_precision, back.b3_recall.unwrap()));
            prop_assert!(there.ari.unwrap() <= 1.0 + 1e-12);
            for figure in [there.b3_precision, there.b3_recall, there.b3_f1] {
                prop_assert!(figure.unwrap() > 0.0 && figure.unwrap() <= 1.0 + 1e-12);
            }
            let equal = agreement(&found, &found);
            prop_assert!(near(equal.ari, 1.0) && near(equal.b3_f1, 1.0));
        }
    }
}
