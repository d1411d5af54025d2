//! `samewire tune`: against a brute force, what bands find against what it foretells, and its command line.

use samewire::pipeline::{batch, progress::Silent, tune};
use samewire::sketch::Bands;
use samewire::tune::outlook::{Outlook, expected_recall};
use samewire::{Match, Settings, Story, Threshold};
use serde_json::Value;

use crate::corpus::{Corpus, repository, samewire_in};
use crate::synthetic::{BruteForce, Dice, Vocabulary, prose};

/// Families of edited tellings: all similarities from little to all.
fn stories() -> Vec<Story<'static>> {
    let mut dice = Dice::new(11);
    let vocabulary = Vocabulary::new(3_000);
    let mut stories = Vec::new();
    for family in 0..60 {
        let base = vocabulary.words(60 + dice.below(80), &mut dice);
        for member in 0..5 {
            let edits = dice.below(12) * member / 2;
            let words = vocabulary.edited(&base, edits, &mut dice);
            stories.push(Story::new(
                format!("{family}-{member}"),
                prose(&words, &mut dice),
            ));
        }
    }
    stories
}

fn settings(threshold: f64, recall: f64) -> Settings {
    Settings {
        threshold: Threshold::new(threshold).unwrap(),
        recall,
        matching: Match::Near,
        segment: false,
        ..Settings::default()
    }
}

#[test]
fn the_histogram_is_that_of_a_brute_force() {
    let stories = stories();
    let settings = settings(0.8, 0.999);
    let outcome = tune::measure_stories(&stories, &settings, u32::MAX, &Silent).unwrap();
    let outlook = Outlook::new(&outcome.measured[0], settings.threshold, settings.recall);
    let brute = BruteForce::new(&stories, [settings.shingle, settings.caption_shingle]);
    let mut expected = [0_u64; 20];
    let mut reached = 0;
    for b in 0..stories.len() {
        for a in 0..b {
            let (shared, union) = brute.counts(a, b);
            if shared > 0 {
                expected[(shared * 20 / union).min(19) as usize] += 1;
            }
            reached += u64::from(settings.threshold.reached_by(shared, union));
        }
    }
    let found: Vec<u64> = outlook.histogram.iter().map(|b| b.pairs).collect();
    assert_eq!(found, expected);
    let at = outlook
        .thresholds
        .iter()
        .find(|t| (t.threshold - 0.8).abs() < 1e-9)
        .unwrap();
    assert_eq!(at.pairs, reached);
    let grouped = batch::group_stories(
        &stories,
        &Settings {
            recall: 0.999_999,
            exact: true,
            ..settings
        },
        &Silent,
    )
    .unwrap();
    assert_eq!(at.groups, grouped.groups.len() as u64);
}

/// Half a point, as the average of many seeds: one seed alone scatters by more.
#[test]
fn foretold_recall_is_what_bands_find() {
    const SEEDS: u64 = 24;
    let stories = stories();
    for (threshold, recall) in [(0.3, 0.8), (0.5, 0.9), (0.7, 0.9)] {
        let settings = settings(threshold, recall);
        let outcome = tune::measure_stories(&stories, &settings, u32::MAX, &Silent).unwrap();
        let measured = &outcome.measured[0];
        let bands = Bands::solve(threshold, recall);
        let foretold = expected_recall(measured, settings.threshold, bands).unwrap();
        let all: u64 = measured.copies
            + measured
                .similar
                .iter()
                .filter(|s| {
                    settings
                        .threshold
                        .reached_by(s.shared.into(), s.union.into())
                })
                .map(|s| s.pairs)
                .sum::<u64>();
        let mut found = 0.0;
        for seed in 0..SEEDS {
            let settings = Settings {
                seed,
                exact: true,
                ..settings.clone()
            };
            let outcome = batch::group_stories(&stories, &settings, &Silent).unwrap();
            // Of copies the first alone is linked to others; there are none but by chance, so links are pairs.
            found += outcome.links.len() as f64;
        }
        let found = found / SEEDS as f64 / (all as f64);
        println!(
            "threshold {threshold}, recall {recall}: foretold {foretold:.4}, found {found:.4} of {all} pairs"
        );
        let copies = measured.classes.iter().filter(|c| c.0 > 1).count();
        let slack = 0.005 + copies as f64 * 4.0 / all as f64;
        assert!((foretold - found).abs() < slack, "{foretold} {found}");
    }
}

fn object(out: &str) -> Value {
    serde_json::from_str(out).unwrap()
}

#[test]
fn a_corpus_is_measured_for_people_and_for_programs() {
    let ran = samewire_in(repository(), &["tune", "sample_corpus"], b"");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(
        ran.out.contains("all: figures are those of the whole"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.lines().any(|l| l.starts_with("▸ 0.80")),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains(
            "  samewire group sample_corpus --match near --threshold 0.8 --recall 0.999\n"
        )
    );
    let one = samewire_in(
        repository(),
        &["tune", "sample_corpus", "--json", "--threads", "1"],
        b"",
    )
    .out;
    let many = samewire_in(
        repository(),
        &["tune", "sample_corpus", "--json", "--threads", "4"],
        b"",
    )
    .out;
    assert_eq!(one, many);
    let told = object(&one);
    assert_eq!(
        (&told["stories"], &told["sampled"]),
        (&152.into(), &152.into())
    );
    assert_eq!(told["units"][1]["unit"], "caption");
    let part = ["tune", "sample_corpus", "--json", "--sample", "50"];
    let told = object(&samewire_in(repository(), &part, b"").out);
    assert_eq!(told["sampled"], 50);
}

/// The groups at the threshold are those that the command to copy makes.
#[test]
fn the_command_to_copy_does_what_was_foretold() {
    let corpus = Corpus::new(false);
    let told = object(
        &corpus
            .run("tune in --json --threshold 0.7 --no-segment")
            .out,
    );
    let command = told["command"]
        .as_str()
        .unwrap()
        .strip_prefix("samewire ")
        .unwrap();
    assert_eq!(
        command,
        "group in --match near --threshold 0.7 --recall 0.999 --no-segment"
    );
    let rows = told["units"][0]["thresholds"].as_array().unwrap();
    let at = rows.iter().find(|t| t["threshold"] == 0.7).unwrap();
    let groups = corpus.run(&format!("{command} --json")).lines();
    assert_eq!(at["groups"], groups.len());
    let members: usize = groups
        .iter()
        .map(|g| g["members"].as_array().unwrap().len())
        .sum();
    assert_eq!(at["repeats"], members - groups.len());
}

#[test]
fn mistakes_and_exit_codes() {
    let corpus = Corpus::new(true);
    for (args, code) in [
        ("tune in", 3),
        ("tune in/t.txt --exit-code", 0),
        ("tune in/a.jsonl in/t.txt --exit-code --sample 1", 3),
        ("tune in --threshold 2", 2),
        ("tune in --recall 1", 2),
        ("tune in --sample 0", 2),
        ("tune gone", 2),
        ("tune in --plot in/a.jsonl", 2),
    ] {
        assert_eq!(corpus.run(args).code, code, "{args}");
    }
    let corpus = Corpus::new(false);
    assert_eq!(corpus.run("tune in --exit-code").code, 1);
    assert_eq!(corpus.run("tune in --plot p.svg").code, 0);
    assert!(
        corpus
            .read("p.svg")
            .contains("<desc id=\"description\">Bars: ")
    );
}
