//! What must not change an answer: threads, the order of the input, the seed of the hashes.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;
use samewire::pipeline::{Outcome, batch, progress::Silent};
use samewire::{Settings, Story};

use crate::corpus::{Corpus, repository, samewire_in};
use crate::synthetic::{Dice, Plan, Vocabulary, jsonl, prose};

/// Groups as sets of the members' ids.
fn by_id(stories: &[Story<'_>], outcome: &Outcome) -> BTreeSet<BTreeSet<String>> {
    let id = |unit: samewire::UnitId| {
        let unit = outcome.units[unit.index()];
        unit.id(&stories[unit.story.index()].id)
    };
    outcome
        .groups
        .iter()
        .map(|g| g.members.iter().map(|m| id(m.unit)).collect())
        .collect()
}

fn grouped(stories: &[Story<'_>], settings: &Settings) -> BTreeSet<BTreeSet<String>> {
    by_id(
        stories,
        &batch::group_stories(stories, settings, &Silent).unwrap(),
    )
}

/// Any number of threads gives the same bytes: groups and links.
fn threads_agree(folder: &Path, input: &str) {
    let out = tempfile::tempdir().unwrap();
    let run = |threads: &str| {
        let links = out.path().join(format!("links-{threads}"));
        let ran = samewire_in(
            folder,
            &[
                "group",
                input,
                "--json",
                "--all",
                "--threads",
                threads,
                "--links",
                links.to_str().unwrap(),
            ],
            b"",
        );
        assert_eq!(ran.code, 0, "{}", ran.err);
        (ran.out, std::fs::read_to_string(links).unwrap())
    };
    let one = run("1");
    assert!(!one.0.is_empty() && !one.1.is_empty());
    for threads in ["2", "3", "8"] {
        assert!(run(threads) == one, "{threads} threads differ from one");
    }
}

#[test]
fn threads_change_nothing_on_the_sample_corpus() {
    threads_agree(repository(), "sample_corpus");
}

#[test]
fn threads_change_nothing_on_many_files() {
    let corpus = Corpus::empty();
    let planted = Plan {
        seed: 1,
        families: 700,
        words: 200,
        edits: 20,
        captions: true,
    }
    .make();
    for (i, part) in planted.stories.chunks(150).enumerate() {
        corpus.write(&format!("in/{i}.jsonl"), jsonl(part).as_bytes());
    }
    for (i, story) in planted.stories.iter().take(60).enumerate() {
        corpus.write(&format!("in/texts/{i}.txt"), story.text.as_bytes());
    }
    threads_agree(&corpus.at(""), "in");
}

#[test]
fn threads_change_nothing_where_very_many_share_keys() {
    // Above the caps of the index, where what is compared depends on what came before.
    let mut dice = Dice::new(5);
    let vocabulary = Vocabulary::new(2_000);
    let base = vocabulary.words(90, &mut dice);
    let stories: Vec<Story<'_>> = (0..400)
        .map(|i| {
            let edits = dice.below(30);
            let words = vocabulary.edited(&base, edits, &mut dice);
            Story::new(format!("v{i}"), prose(&words, &mut dice))
        })
        .collect();
    let corpus = Corpus::empty();
    corpus.write("in/a.jsonl", jsonl(&stories).as_bytes());
    threads_agree(&corpus.at(""), "in");
}

#[test]
fn many_versions_of_one_story_are_one_group_in_any_order() {
    let mut dice = Dice::new(6);
    let vocabulary = Vocabulary::new(2_000);
    let base = vocabulary.words(200, &mut dice);
    let mut stories: Vec<Story<'_>> = (0..300)
        .map(|i| {
            let words = vocabulary.edited(&base, 4, &mut dice);
            Story::new(format!("v{i}"), prose(&words, &mut dice))
        })
        .collect();
    for _ in 0..3 {
        let groups = grouped(&stories, &Settings::default());
        assert_eq!(groups.iter().map(BTreeSet::len).collect::<Vec<_>>(), [300]);
        dice.shuffle(&mut stories);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_changes_no_group(seed in any::<u64>(), families in 1_usize..60) {
        let mut stories = Plan { seed, families, words: 120, edits: 15, captions: true }.make().stories;
        let settings = Settings { exact: true, ..Settings::default() };
        let before = grouped(&stories, &settings);
        Dice::new(seed ^ 1).shuffle(&mut stories);
        prop_assert_eq!(&grouped(&stories, &settings), &before);
        stories.reverse();
        prop_assert_eq!(&grouped(&stories, &settings), &before);
    }

    #[test]
    fn seeds_change_no_group_of_planted_copies(seed in any::<u64>()) {
        // Two edits of a hundred words leave a similarity of 0.6 and more, where no pair is missed at a threshold of 0.3.
        let planted = Plan { seed, families: 40, words: 150, edits: 2, captions: false }.make();
        let expected: BTreeSet<BTreeSet<String>> = planted.families.into_iter().collect();
        for seed in [0, 1, 7, u64::MAX] {
            let settings = Settings {
                seed,
                threshold: samewire::Threshold::new(0.3).unwrap(),
                ..Settings::default()
            };
            let found = grouped(&planted.stories, &settings);
            for family in &expected {
                prop_assert!(found.iter().any(|g| family.is_subset(g)), "{:?} is parted under seed {}", family, seed);
            }
        }
    }
}
