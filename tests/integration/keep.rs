//! `--keep`: which member stands for its group.

use proptest::prelude::*;
use samewire::pipeline::{Outcome, batch, progress::Silent};
use samewire::{Keep, Settings, Story};

use crate::corpus::{BRIDGE, Corpus};
use crate::synthetic::{Plan, words};

/// For each group the story that stands for it, and all its stories, by number.
fn chosen(outcome: &Outcome) -> Vec<(usize, Vec<usize>)> {
    let story = |m: &samewire::group::Member| outcome.units[m.unit.index()].story.index();
    outcome
        .groups
        .iter()
        .map(|g| {
            (
                story(&g.members[g.representative]),
                g.members.iter().map(story).collect(),
            )
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_representative_is_the_one_asked_for(seed in any::<u64>()) {
        let stories = Plan { seed, families: 25, words: 80, edits: 8, captions: false }.make().stories;
        let time = |i: &usize| stories[*i].seconds();
        let wanted = ["twos".to_owned(), "ones".to_owned()];
        let rank = |i: &usize| wanted.iter().position(|w| Some(w.as_str()) == stories[*i].source.as_deref()).unwrap_or(2);
        let length = |i: &usize| words(&stories[*i].text).len();
        let run = |keep| {
            let settings = Settings { keep, segment: false, ..Settings::default() };
            chosen(&batch::group_stories(&stories, &settings, &Silent).unwrap())
        };
        for (one, members) in run(Keep::Earliest) {
            // A known time is earlier than an unknown one.
            let order = |i: &usize| (time(i).is_none(), time(i), *i);
            prop_assert_eq!(one, members.iter().copied().min_by_key(order).unwrap());
        }
        for (one, members) in run(Keep::Latest) {
            prop_assert_eq!(time(&one), members.iter().filter_map(time).max());
        }
        for (one, members) in run(Keep::Longest) {
            prop_assert_eq!(length(&one), members.iter().map(length).max().unwrap());
        }
        for (one, members) in run(Keep::Sources(wanted.to_vec())) {
            prop_assert_eq!(rank(&one), members.iter().map(rank).min().unwrap());
        }
    }
}

#[test]
fn the_choice_shows_in_the_output() {
    let corpus = Corpus::empty();
    let line = |id: &str, date: &str, more: &str| {
        format!(
            "{{\"id\":\"{id}\",\"date\":\"{date}\",\"source\":\"{id}-wire\",\"text\":\"{BRIDGE}{more}\"}}\n"
        )
    };
    let lines = line("mid", "2031-03-04T08:00:00Z", "")
        + &line("late", "2031-03-05T08:00:00Z", " loudly")
        + &line("early", "2031-03-03T08:00:00Z", "")
        + &line(
            "long",
            "2031-03-04T09:00:00Z",
            " and sang until the evening came",
        );
    corpus.write("a.jsonl", lines.as_bytes());
    for (keep, expected) in [
        ("earliest", "early"),
        ("latest", "late"),
        ("longest", "long"),
        ("source:none-wire,mid-wire", "mid"),
        ("source:none-wire", "early"),
    ] {
        let groups = corpus.run(&format!("group a.jsonl --keep {keep}")).lines();
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0]["representative"], expected, "{keep}");
    }
}

#[test]
fn a_window_parts_what_is_too_far_apart() {
    let corpus = Corpus::empty();
    let story = |id: &str, date: &str| {
        let story = Story::new(id.to_owned(), BRIDGE);
        format!(
            "{{\"id\":\"{}\",\"date\":\"{date}\",\"text\":\"{}\"}}\n",
            story.id, story.text
        )
    };
    let lines = story("monday", "2031-03-03T08:00:00Z")
        + &story("tuesday", "2031-03-04T08:00:00Z")
        + &story("friday", "2031-03-07T08:00:00+00:00");
    corpus.write("a.jsonl", lines.as_bytes());
    let sizes = |options: &str| -> Vec<u64> {
        corpus
            .run(&format!("group a.jsonl {options}"))
            .lines()
            .iter()
            .map(|g| g["size"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(sizes(""), [3]);
    assert_eq!(sizes("--window 1d"), [2]);
    assert_eq!(sizes("--window 24h"), [2]);
    assert_eq!(sizes("--window 86399s"), [0; 0]);
    assert_eq!(sizes("--window 3d"), [3]);
}
