use std::path::Path;

use super::*;
use crate::config::Settings;
use crate::pipeline::stream::{Stream, Verdict};
use crate::story::Story;

fn decisions(text: &str) -> Decisions {
    Decisions::parse(Path::new("d.tsv"), text).unwrap()
}

fn words(from: u32, n: u32) -> String {
    let words: Vec<String> = (from..from + n).map(|i| format!("w{i}")).collect();
    words.join(" ")
}

/// 200 words and so many others.
fn telling(more: u32) -> String {
    format!("{} {}", words(0, 200), words(500, more))
}

/// What is told of stories: relation and the earlier one, or `new`; and the group's number in order of first sight.
fn told(settings: &Settings, text: &str, stories: &[(&str, String)]) -> (Vec<String>, Vec<Idle>) {
    let mut stream = Stream::deciding(settings.clone(), decisions(text)).unwrap();
    let mut groups: Vec<String> = Vec::new();
    let mut all = Vec::new();
    for (i, (id, text)) in stories.iter().enumerate() {
        let mut story = Story::new(*id, text.clone());
        story.time = Some((1_900_000_000 + 60 * i as i64).to_string().into());
        for verdict in stream.push(story).unwrap() {
            all.push(line(&verdict, &mut groups));
        }
    }
    (all, stream.idle_decisions())
}

fn line(verdict: &Verdict, groups: &mut Vec<String>) -> String {
    let place = groups.iter().position(|g| *g == verdict.group);
    let place = place.unwrap_or_else(|| {
        groups.push(verdict.group.clone());
        groups.len() - 1
    });
    let what = match &verdict.repeat {
        Some(repeat) => format!("{} {}", repeat.relation.name(), repeat.of),
        None => "new".to_owned(),
    };
    let merged = verdict.merged.iter().map(|gone| {
        let place = groups.iter().position(|g| g == gone);
        format!(" +{}", place.unwrap())
    });
    format!("{what} {place}{}", merged.collect::<String>())
}

fn with_and_without_window(text: &str, stories: &[(&str, String)]) -> (Vec<String>, Vec<Idle>) {
    let plain = told(&Settings::default(), text, stories);
    let windowed = Settings {
        window: Some(86_400),
        ..Settings::default()
    };
    assert_eq!(told(&windowed, text, stories), plain);
    plain
}

#[test]
fn a_pair_to_be_one_is_joined_when_the_later_comes() {
    let stories = [
        ("a", telling(0)),
        ("x", words(900, 200)),
        ("b", telling(6)),
        ("y", words(1_200, 100)),
        ("z", words(1_400, 100)),
    ];
    // Of b the rules say near, which is told; of x nothing, and they are compared all the same.
    let (all, idle) = with_and_without_window("x\ta\t1\nb\ta\t1\nz\ty\t1\nz\tx\t1\n", &stories);
    assert_eq!(
        all,
        [
            "new 0",
            "decided a 0",
            "near a 0",
            "new 1",
            "decided x 0 +1"
        ]
    );
    assert_eq!(idle, []);
}

#[test]
fn a_pair_to_be_apart_stays_apart_also_through_others() {
    let stories = [
        ("a", telling(0)),
        ("b", telling(6)),
        ("c", telling(6)),
        ("x", words(900, 200)),
        ("d", telling(9)),
    ];
    let (all, idle) = with_and_without_window("a\tb\t0\n", &stories);
    // c has the words of b, and d is nearer to b; both are near a as well.
    assert_eq!(all, ["new 0", "new 1", "exact b 1", "new 2", "near b 1"]);
    assert_eq!(idle, []);
    // A chain: b joins a, and so c stays apart from b. Whom x is tied to counts before x comes.
    let (all, _) = with_and_without_window("a\tc\t0\n", &stories);
    assert_eq!(all, ["new 0", "near a 0", "new 1", "new 2", "near b 0"]);
    let (all, _) = with_and_without_window("a\tx\t1\nx\tb\t0\n", &stories);
    assert_eq!(
        all,
        ["new 0", "new 1", "exact b 1", "decided a 0", "near b 1"]
    );
}

#[test]
fn of_the_same_words_each_stands_for_itself() {
    let stories = [
        ("a", telling(0)),
        ("c", telling(0)),
        ("b", telling(0)),
        ("d", telling(0)),
    ];
    let (all, _) = with_and_without_window("a\tb\t0\nb\td\t1\n", &stories);
    assert_eq!(all, ["new 0", "exact a 0", "new 1", "exact b 1"]);
}

#[test]
fn an_id_is_all_its_versions() {
    let stories = [
        ("v", telling(0)),
        ("v", telling(6)),
        ("w", words(900, 200)),
        ("v", telling(9)),
    ];
    let (all, _) = with_and_without_window("v\tv\t0\n", &stories);
    // Groups are named by their first id, so these have one name.
    assert_eq!(all, ["new 0", "new 0", "new 1", "new 0"]);
    let (all, _) = with_and_without_window("v\tw\t1\n", &stories);
    assert_eq!(all[2], "decided v 0");
    // Only one version can be where w is, once versions are parted.
    let (all, idle) = with_and_without_window("v\tv\t0\nv\tw\t1\n", &stories);
    assert_eq!(all, ["new 0", "new 0", "decided v 0", "new 0"]);
    assert!(
        idle[0].line == 2 && idle[0].cause.contains("bring together"),
        "{idle:?}"
    );
}

#[test]
fn decisions_that_nothing_came_of_are_told() {
    let stories = [
        ("a", telling(0)),
        ("e", String::new()),
        ("b", words(900, 200)),
    ];
    let text = "a\tgone\t1\ne\ta\t0\na\ta\t0\na\tb\t0\n";
    let (_, idle) = with_and_without_window(text, &stories);
    let idle: Vec<String> = idle
        .iter()
        .map(|i| format!("{}: {}", i.line, i.cause))
        .collect();
    assert_eq!(
        idle,
        [
            "1: gone: nothing that is compared has this id",
            "2: e: has no word to compare",
            "3: a and a: both names mean one",
        ]
    );
}

#[test]
fn what_has_left_is_joined_with_nothing_and_parts_while_its_group_lives() {
    let settings = Settings {
        window: Some(100),
        ..Settings::default()
    };
    // A minute apart: each sees the one before it, and the first leaves.
    let mut stories: Vec<(String, String)> =
        (0..30).map(|i| (format!("s{i}"), telling(3 * i))).collect();
    stories.push(("x".into(), words(900, 200)));
    let stories: Vec<(&str, String)> = stories.iter().map(|(i, t)| (&**i, t.clone())).collect();
    let (all, idle) = told(&settings, "s0\ts29\t0\ns1\tx\t1\n", &stories);
    assert!(all[1..29].iter().all(|l| l.ends_with(" 0")), "{all:?}");
    assert_eq!(all[28..], ["near s27 0", "new 1", "new 2"]);
    let causes: Vec<&str> = idle.iter().map(|i| &*i.cause).collect();
    assert_eq!(
        causes,
        ["s1 and x: the earlier had left when the later came"]
    );
}
