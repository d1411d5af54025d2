use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::pipeline::Outcome;
use crate::pipeline::{batch, progress::Silent};
use crate::story::Story;

fn words(from: u32, n: u32) -> String {
    (from..from + n)
        .map(|i| format!("w{i}"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// a, b, c: one story in three tellings, each nearer to the next; d: a copy of a; x: another story.
fn stories() -> Vec<Story<'static>> {
    vec![
        Story::new("a", words(0, 200)),
        Story::new("b", format!("{} {}", words(0, 200), words(500, 6))),
        Story::new("c", format!("{} {}", words(0, 200), words(500, 14))),
        Story::new("d", words(0, 200)),
        Story::new("x", words(900, 200)),
    ]
}

fn group(stories: &[Story<'_>], decisions: &str) -> Outcome {
    let decisions = Decisions::parse(Path::new("d.tsv"), decisions).unwrap();
    batch::group_stories_decided(stories, &Settings::default(), &decisions, &Silent).unwrap()
}

/// Groups as sorted ids, sorted.
fn groups(stories: &[Story<'_>], outcome: &Outcome) -> Vec<String> {
    let mut all: Vec<String> = outcome
        .groups
        .iter()
        .map(|g| {
            let id = |u: UnitId| {
                outcome.units[u.index()].id(&stories[outcome.units[u.index()].story.index()].id)
            };
            let mut ids: Vec<String> = g.members.iter().map(|m| id(m.unit)).collect();
            ids.sort();
            ids.join(" ")
        })
        .collect();
    all.sort();
    all
}

#[test]
fn a_pair_that_was_joined_is_in_one_group() {
    let stories = stories();
    assert_eq!(groups(&stories, &group(&stories, "")), ["a b c d"]);
    let outcome = group(&stories, "x\tb\t1\n");
    assert_eq!(groups(&stories, &outcome), ["a b c d x"]);
    let link = outcome
        .links
        .iter()
        .find(|l| l.relation == Relation::Decided)
        .unwrap();
    assert_eq!((link.a, link.b), (UnitId(1), UnitId(4)));
    // Verification's own reading stays as the reason.
    assert_eq!((link.reason.rule, link.shared), (Rule::Nothing, 0));
    assert_eq!(outcome.decided.mark(link.a, link.b), Some(Mark::Same));
    assert!(outcome.groups[0].weakest < 1e-9);
    // A pair that the rules join anyway keeps its relation.
    let outcome = group(&stories, "a\tb\t1\n");
    assert!(
        outcome
            .links
            .iter()
            .all(|l| l.relation != Relation::Decided)
    );
    assert_eq!(outcome.decided.count(Mark::Same), 1);
}

#[test]
fn a_pair_that_was_parted_is_in_no_group_whatever_ties_it() {
    let stories = stories();
    let outcome = group(&stories, "a\tc\t0\n");
    // b is nearer to a, and so is the copy of a; c stays alone.
    assert_eq!(groups(&stories, &outcome), ["a b d"]);
    assert_eq!(
        outcome.decided.mark(UnitId(0), UnitId(2)),
        Some(Mark::Different)
    );
    assert!(outcome.decided.count(Mark::Parted) > 0);
}

#[test]
fn a_parted_copy_keeps_links_of_its_own() {
    let stories = stories();
    let outcome = group(&stories, "a\td\t0\na\tb\t0\n");
    // a speaks for d; without links of its own d would be alone, and b with it.
    assert_eq!(groups(&stories, &outcome), ["b c d"]);
}

#[test]
fn an_id_means_all_its_versions_and_unknown_ones_are_told() {
    let mut stories = stories();
    stories[3].id = "a".into();
    let outcome = group(&stories, "a\ta\t0\nb\tgone\t1\n");
    assert_eq!(groups(&stories, &outcome), ["a b c"]);
    assert_eq!(outcome.decided.idle[0].line, 2);
    assert!(outcome.decided.idle[0].cause.starts_with("gone: "));
}

#[test]
fn sets_that_must_stay_apart_are_never_joined() {
    let mut parting = Parting::new(6);
    parting.part(0, 3);
    assert!(parting.join(0, 1));
    assert!(parting.join(3, 4));
    assert!(!parting.join(1, 4));
    assert!(parting.join(1, 2) && parting.join(2, 5));
    assert!(!parting.join(5, 3) && parting.join(4, 3));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Constraints hold, and the order of the input changes nothing.
    #[test]
    fn decisions_hold_in_any_order(
        kinds in prop::collection::vec((0_u32..4, 0_u32..30), 2..14),
        decided in prop::collection::vec((0_usize..14, 0_usize..14, any::<bool>()), 0..6),
        shift in 0_usize..14
    ) {
        let made: Vec<Story<'_>> = kinds.iter().enumerate().map(|(i, &(base, extra))| {
            let text = format!("{} {}", words(base * 1_000, 120), words(50_000 + base * 100, extra));
            Story::new(format!("s-{i:02}"), text)
        }).collect();
        let name = |i: usize| format!("s-{:02}", i % made.len());
        let lines: Vec<String> = decided.iter()
            .filter(|(x, y, _)| name(*x) != name(*y))
            .map(|&(x, y, same)| format!("{}\t{}\t{}\n", name(x), name(y), u8::from(same)))
            .collect();
        // Contradictions are refused; they have tests of their own.
        let Ok(decisions) = Decisions::parse(Path::new("d.tsv"), &lines.concat()) else {
            return Ok(());
        };
        let run = |stories: &[Story<'_>]| {
            let settings = Settings { exact: true, ..Settings::default() };
            let outcome = batch::group_stories_decided(stories, &settings, &decisions, &Silent).unwrap();
            groups(stories, &outcome)
        };
        let found = run(&made);
        for decision in decisions.all() {
            let together = found.iter().any(|g| decision.names.iter().all(|n| g.split(' ').any(|m| m == n)));
            prop_assert_eq!(together, decision.same, "{:?} in {:?}", decision, &found);
        }
        let mut turned = made.clone();
        turned.rotate_left(shift % made.len());
        prop_assert_eq!(run(&turned), found);
    }
}
