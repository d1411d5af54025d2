/*!
Cross-validation: what the rules are worth on pairs that did not help to choose their numbers.

Pairs are dealt into five folds, those of one story and others separately, in the order of a fixed hash. For each fold the
numbers that join are chosen on the other four by the F1 that they give there, then those that tell one kind of repeat
from another by the relations told right; the pairs of the fold are judged with both.
*/

use rayon::prelude::*;
use samewire::Settings;
use samewire::verify::Relation;
use samewire::verify::rules::Rules;

use crate::gold::Labelled;
use crate::score::Score;

const FOLDS: usize = 5;

/// Which of equally good numbers are taken.
#[derive(Clone, Copy, PartialEq)]
pub enum Ties {
    /// Those nearest to the default.
    Default,
    /// Those furthest from it: what luck in choosing the default is worth at most.
    Other,
}

/// A number of the rules and what it may be.
struct Axis {
    number: fn(&mut Rules) -> &mut f64,
    values: &'static [f64],
}

/// What decides whether a pair is joined.
const JOINING: [Axis; 8] = [
    Axis {
        number: |r| &mut r.same_story,
        values: &[0.70, 0.75, 0.80, 0.85, 0.90],
    },
    Axis {
        number: |r| &mut r.headline,
        values: &[0.35, 0.50, 0.65],
    },
    Axis {
        number: |r| &mut r.no_headline,
        values: &[0.15, 0.30, 0.45],
    },
    Axis {
        number: |r| &mut r.desk_tag,
        values: &[0.0, 0.10, 0.20],
    },
    Axis {
        number: |r| &mut r.later,
        values: &[0.60, 0.70, 0.80],
    },
    Axis {
        number: |r| &mut r.later_unlike,
        values: &[0.80, 0.90, 0.95],
    },
    Axis {
        number: |r| &mut r.exchanged,
        values: &[0.03, 0.04, 0.05],
    },
    Axis {
        number: |r| &mut r.exchanged_later,
        values: &[0.008, 0.012, 0.02],
    },
];
/// What tells one kind of repeat from another.
const KIND: [Axis; 3] = [
    Axis {
        number: |r| &mut r.added,
        values: &[0.04, 0.065, 0.09],
    },
    Axis {
        number: |r| &mut r.reworded,
        values: &[0.15, 0.25, 0.35],
    },
    Axis {
        number: |r| &mut r.longer,
        values: &[1.15, 1.25, 1.40],
    },
];

/// The pooled score of the folds, each judged with numbers chosen on the others.
pub fn cross_validated(pairs: &[&Labelled<'_>], ties: Ties) -> Score {
    let fold_of = deal(pairs);
    let joining = grid(&Rules::default(), &JOINING, ties);
    let joins: Vec<Vec<bool>> = joining
        .par_iter()
        .map(|rules| {
            let settings = settings(rules);
            let joins = |p: &&Labelled<'_>| p.tell(&settings).0.is_some_and(Relation::joins);
            pairs.iter().map(joins).collect()
        })
        .collect();
    let mut pooled = Score::default();
    for fold in 0..FOLDS {
        let train = || (0..pairs.len()).filter(|&i| fold_of[i] != fold);
        let f1 = |joins: &Vec<bool>| {
            let mut score = Score::default();
            train().for_each(|i| score.count(pairs[i].same, joins[i]));
            score.f1()
        };
        let chosen = &joining[best(joins.iter().map(f1))];
        let kinds = grid(chosen, &KIND, ties);
        let right = |rules: &Rules| {
            let settings = settings(rules);
            let mut score = Score::default();
            train().for_each(|i| pairs[i].count(pairs[i].tell(&settings).0, &mut score));
            score.right() as f64
        };
        let settings = settings(&kinds[best(kinds.iter().map(right))]);
        for (pair, _) in pairs.iter().zip(&fold_of).filter(|(_, f)| **f == fold) {
            pair.count(pair.tell(&settings).0, &mut pooled);
        }
    }
    pooled
}

fn settings(rules: &Rules) -> Settings {
    Settings {
        rules: rules.clone(),
        ..Settings::default()
    }
}

/// The fold of each pair.
fn deal(pairs: &[&Labelled<'_>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    order.sort_by_key(|&i| (pairs[i].same, pairs[i].hash()));
    let mut folds = vec![0; pairs.len()];
    for (place, i) in order.into_iter().enumerate() {
        folds[i] = place % FOLDS;
    }
    folds
}

/// All combinations, those that win ties first.
fn grid(base: &Rules, axes: &[Axis], ties: Ties) -> Vec<Rules> {
    let mut all = vec![(0_usize, base.clone())];
    for axis in axes {
        all = all
            .into_iter()
            .flat_map(|(far, rules)| {
                axis.values.iter().map(move |&value| {
                    let mut rules = rules.clone();
                    let usual = *(axis.number)(&mut Rules::default());
                    *(axis.number)(&mut rules) = value;
                    (far + usize::from((usual - value).abs() > 1e-9), rules)
                })
            })
            .collect();
    }
    // Stable: of those equally far the first.
    all.sort_by_key(|(far, _)| *far);
    if ties == Ties::Other {
        all.reverse();
    }
    all.into_iter().map(|(_, rules)| rules).collect()
}

/// The first of the highest.
fn best(scores: impl Iterator<Item = f64>) -> usize {
    scores
        .enumerate()
        .fold((0, f64::NEG_INFINITY), |best, (i, score)| {
            if score > best.1 { (i, score) } else { best }
        })
        .0
}
