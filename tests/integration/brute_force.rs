//! The index against a brute force over strings, which shares no code with the program.

use std::collections::BTreeSet;

use proptest::prelude::*;
use samewire::pipeline::{Outcome, batch, progress::Silent};
use samewire::{Match, Settings, Story, Threshold};

use crate::synthetic::{BruteForce, Plan, components};

/// Groups as sets of story numbers. Without segmenting each story is one unit.
fn groups(outcome: &Outcome) -> BTreeSet<BTreeSet<usize>> {
    outcome
        .groups
        .iter()
        .map(|g| {
            g.members
                .iter()
                .map(|m| outcome.units[m.unit.index()].story.index())
                .collect()
        })
        .collect()
}

/// All pairs there are: no furniture, no caps, and bands that miss one pair in a million.
fn everything(threshold: f64, shingle: usize) -> Settings {
    Settings {
        threshold: Threshold::new(threshold).unwrap(),
        recall: 0.999_999,
        shingle,
        matching: Match::Near,
        segment: false,
        exact: true,
        ..Settings::default()
    }
}

fn agrees(stories: &[Story<'_>], settings: &Settings) {
    let outcome = batch::group_stories(stories, settings, &Silent).unwrap();
    let brute = BruteForce::new(
        stories,
        [
            settings.shingle,
            settings.caption_shingle.min(settings.shingle),
        ],
    );
    for link in &outcome.links {
        let [a, b] = [link.a, link.b].map(|u| outcome.units[u.index()].story.index());
        let (shared, union) = brute.counts(a, b);
        assert!(a < b);
        assert!(
            settings.threshold.reached_by(shared, union),
            "a link at {shared}/{union}"
        );
        assert_eq!(
            u64::from(link.shared) * union,
            shared * u64::from(link.size_a + link.size_b - link.shared),
            "{} and {}",
            stories[a].id,
            stories[b].id
        );
    }
    let threshold = (settings.threshold.value() * Threshold::ONE as f64).round() as u64;
    let pairs = brute.pairs(threshold);
    assert_eq!(groups(&outcome), components(stories.len(), &pairs));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn groups_are_those_of_a_brute_force(
        seed in any::<u64>(),
        families in 1_usize..40,
        words in 12_usize..160,
        edits in 0_usize..30,
        shingle in 1_usize..8,
        threshold in prop::sample::select(vec![0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0]),
    ) {
        let planted = Plan { seed, families, words, edits, captions: true }.make();
        agrees(&planted.stories, &everything(threshold, shingle));
    }

    #[test]
    fn a_window_compares_what_lies_inside_it(seed in any::<u64>(), hours in 1_u64..240) {
        let planted = Plan { seed, families: 20, words: 60, edits: 10, captions: false }.make();
        let stories = &planted.stories;
        let settings = Settings { window: Some(hours * 3_600), ..everything(0.5, 5) };
        let outcome = batch::group_stories(stories, &settings, &Silent).unwrap();
        let brute = BruteForce::new(stories, [5, 3]);
        let inside: Vec<(usize, usize)> = brute
            .pairs(500_000)
            .into_iter()
            .filter(|&(a, b)| match (stories[a].seconds(), stories[b].seconds()) {
                (Some(a), Some(b)) => a.abs_diff(b) <= hours * 3_600,
                _ => true,
            })
            .collect();
        let linked: BTreeSet<(usize, usize)> = outcome
            .links
            .iter()
            .map(|l| (outcome.units[l.a.index()].story.index(), outcome.units[l.b.index()].story.index()))
            .collect();
        prop_assert_eq!(linked, inside.iter().copied().collect::<BTreeSet<_>>());
        prop_assert_eq!(groups(&outcome), components(stories.len(), &inside));
    }

    #[test]
    fn short_texts_are_together_only_if_their_words_are_the_same(
        texts in prop::collection::vec(
            prop::collection::vec(prop::sample::select(vec!["a", "be", "No", "no", "7", "é", "東"]), 0..4),
            0..60,
        )
    ) {
        let stories: Vec<Story<'_>> = texts
            .iter()
            .enumerate()
            .map(|(i, words)| Story::new(i.to_string(), words.join(", ")))
            .collect();
        let same: Vec<(usize, usize)> = (0..texts.len())
            .flat_map(|b| (0..b).map(move |a| (a, b)))
            .filter(|&(a, b)| {
                let words = |i: usize| texts[i].iter().map(|w| w.to_lowercase()).collect::<Vec<_>>();
                !texts[a].is_empty() && words(a) == words(b)
            })
            .collect();
        for matching in [Match::Near, Match::default()] {
            let settings = Settings { matching, ..Settings::default() };
            let outcome = batch::group_stories(&stories, &settings, &Silent).unwrap();
            prop_assert_eq!(groups(&outcome), components(stories.len(), &same));
            let empty = texts.iter().filter(|t| t.is_empty()).count() as u64;
            prop_assert_eq!(outcome.stats.empty_units, empty);
            prop_assert_eq!(outcome.stats.stories, texts.len() as u64);
        }
    }
}
