//! Recall, measured: of the pairs at the threshold, how many are found, against what `--recall` asks for.

use samewire::pipeline::{batch, progress::Silent};
use samewire::{Match, Settings, Story, Threshold};

use crate::synthetic::{Dice, Vocabulary, prose};

const PAIRS: usize = 500;
/// Runs over the same pairs under other hashes: a pair is found or missed anew in each.
const SEEDS: u64 = 4;
/// A sound program fails one measurement in as many.
const SURE: f64 = 1e4;

/// Similarity of word lists that repeat no word: shingles of five, as strings.
fn similarity(a: &[String], b: &[String]) -> f64 {
    let set = |words: &[String]| {
        words
            .windows(5)
            .map(|w| w.join(" "))
            .collect::<std::collections::BTreeSet<_>>()
    };
    let (a, b) = (set(a), set(b));
    let shared = a.intersection(&b).count() as f64;
    shared / ((a.len() + b.len()) as f64 - shared)
}

/// Pairs whose similarity is the least that one more edited word would bring below the threshold.
fn pairs(threshold: f64) -> Vec<Story<'static>> {
    let mut dice = Dice::new((threshold * 100.0) as u64);
    let vocabulary = Vocabulary::new(4_000);
    let mut stories = Vec::new();
    for i in 0..PAIRS {
        let length = 60 + dice.below(120);
        let a = vocabulary.words(length, &mut dice);
        let mut b = a.clone();
        let mut order: Vec<usize> = (0..length).collect();
        dice.shuffle(&mut order);
        for at in order {
            let before = std::mem::replace(&mut b[at], format!("new{i}x{at}"));
            if similarity(&a, &b) < threshold {
                b[at] = before;
                break;
            }
        }
        stories.push(Story::new(format!("{i}a"), prose(&a, &mut dice)));
        stories.push(Story::new(format!("{i}b"), prose(&b, &mut dice)));
    }
    stories
}

/// Probability of `misses` or more in `trials`, where each is missed with probability `rate`.
fn tail(trials: usize, misses: usize, rate: f64) -> f64 {
    let (mut log, mut below) = (trials as f64 * (-rate).ln_1p(), 0.0);
    for k in 0..misses {
        below += log.exp();
        log += ((trials - k) as f64 / (k + 1) as f64).ln() + rate.ln() - (-rate).ln_1p();
    }
    1.0 - below
}

#[test]
fn recall_is_what_was_asked_for() {
    for threshold in [0.3, 0.5, 0.7, 0.8, 0.9, 0.95] {
        let stories = pairs(threshold);
        for recall in [0.9, 0.999] {
            let mut found = 0;
            for seed in 0..SEEDS {
                let settings = Settings {
                    threshold: Threshold::new(threshold).unwrap(),
                    recall,
                    seed,
                    matching: Match::Near,
                    segment: false,
                    ..Settings::default()
                };
                let outcome = batch::group_stories(&stories, &settings, &Silent).unwrap();
                found += outcome
                    .links
                    .iter()
                    .filter(|l| l.a.0 % 2 == 0 && l.b.0 == l.a.0 + 1)
                    .count();
            }
            let trials = PAIRS * SEEDS as usize;
            let misses = trials - found;
            println!(
                "threshold {threshold}: recall {:.4} of {trials} pairs, asked for {recall}",
                found as f64 / trials as f64
            );
            assert!(
                tail(trials, misses, 1.0 - recall) > 1.0 / SURE,
                "threshold {threshold}: {misses} of {trials} pairs missed, asked for a recall of {recall}"
            );
        }
    }
}

#[test]
fn the_test_itself_would_notice() {
    // At 0.999 twelve misses of 2,000 are too many and four are not; at 0.9 250 are and 210 are not.
    assert!(tail(2_000, 12, 0.001) < 1.0 / SURE && tail(2_000, 4, 0.001) > 0.1);
    assert!(tail(2_000, 260, 0.1) < 1.0 / SURE && tail(2_000, 210, 0.1) > 0.1);
}
