//! `samewire compare` over files, ids and lists of pairs.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::corpus::{BRIDGE, Corpus, STORM};

const LONGER: &str = "The bridge at Orle reopened on Tuesday after two years of repairs that cost the city more than \
    nine million crowns, officials said while crowds cheered and a band played on the quay";

/// Three stories and a caption inside one; one id in two versions.
fn corpus() -> Corpus {
    let corpus = Corpus::empty();
    let line = |id: &str, version: u8, text: &str| {
        json!({"id": id, "version": version, "text": text}).to_string() + "\n"
    };
    let with_caption = format!(
        "{STORM}.\n\nIda Holm waves from the bridge in Orle, March 3, 2031. (Halyard Photo/Jon Ferro)\n\nMore is to come."
    );
    let lines = [
        line("x-1", 1, BRIDGE),
        line("x-2", 1, LONGER),
        line("x-3", 1, &with_caption),
        line("x-1", 2, LONGER),
        line("x-4", 1, "—"),
    ];
    corpus.write("in/a.jsonl", lines.concat().as_bytes());
    corpus.write("one.txt", BRIDGE.as_bytes());
    corpus.write("two.txt", LONGER.as_bytes());
    corpus
}

#[test]
fn two_files_are_compared_for_people_and_for_programs() {
    let corpus = corpus();
    let ran = corpus.run("compare one.txt two.txt");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(
        ran.out
            .contains("⟦The bridge at Orle reopened on⟧ *Monday* ⟦after two"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("Monday → Tuesday"), "{}", ran.out);
    assert!(
        ran.out.lines().all(|l| l.chars().count() <= 80),
        "{}",
        ran.out
    );
    let ran = corpus.feed("compare one.txt - --json", LONGER.as_bytes());
    let line = &ran.lines()[0];
    assert_eq!((&line["a"], &line["b"]), (&json!("one.txt"), &json!("-")));
    assert_eq!(
        line["changes"][0],
        json!({"a": ["Monday"], "b": ["Tuesday"], "kind": "number"})
    );
    assert_eq!(line["words_a"], 26);
    let end = LONGER.len();
    assert_eq!(
        line["added_b"][1],
        json!([end - "and a band played on the quay".len(), end])
    );
    assert_eq!(
        (&line["headline"], &line["seconds_apart"]),
        (&json!(null), &json!(null))
    );
}

#[test]
fn exit_codes_tell_of_relations_and_mistakes() {
    let corpus = corpus();
    for (args, code, said) in [
        ("compare one.txt one.txt", 0, ""),
        ("compare one.txt one.txt --exit-code", 1, ""),
        ("compare x-1 x-3 --in in --exit-code", 0, "versions"),
        ("compare one.txt", 2, "2 values required"),
        ("compare one.txt gone.txt", 2, "--in PATH"),
        ("compare one.txt in", 2, "is a directory"),
        (
            "compare one.txt in/a.jsonl",
            2,
            "compare x-1 x-2 --in in/a.jsonl",
        ),
        ("compare - -", 2, "cannot both"),
        ("compare x-1 gone --in in", 2, "gone: none of the 5 stories"),
        (
            "compare x-1 x-3#caption-2 --in in",
            2,
            "has 1 caption; give a number from 1 to 1",
        ),
        (
            "compare x-1 x-2#caption-1 --in in",
            2,
            "no caption was found in story x-2",
        ),
        ("compare x-1 x-2 --in nothing", 2, "nothing"),
        ("compare x-1 x-2 --pairs l --in in", 2, "--pairs"),
        ("compare --pairs l", 2, "--in"),
        ("compare --pairs l --in in", 2, "l: reading the list"),
    ] {
        let ran = corpus.run(args);
        assert_eq!(ran.code, code, "{args}: {}", ran.err);
        assert!(ran.err.contains(said), "{args}: {}", ran.err);
        assert_eq!(ran.out.is_empty(), code == 2, "{args}");
    }
}

#[test]
fn versions_are_told_apart_by_their_place() {
    let corpus = corpus();
    let ran = corpus.run("compare x-1 x-2 --in in --json");
    assert!(
        ran.err
            .contains("x-1: 2 versions; compared: in/a.jsonl:1; not compared: in/a.jsonl:4"),
        "{}",
        ran.err
    );
    assert_ne!(ran.lines()[0]["jaccard"], 1.0);
    let ran = corpus.run("compare in/a.jsonl:4 x-2 --in in --json --quiet");
    assert_eq!(
        (ran.lines()[0]["jaccard"].as_f64(), ran.err.as_str()),
        (Some(1.0), "")
    );
    let ran = corpus.run("compare x-1 x-1 --in in --json");
    assert_eq!(ran.lines()[0]["why"]["rule"], "version");
}

#[test]
fn a_list_is_answered_line_by_line_in_its_order() {
    let corpus = corpus();
    let list = "a\tb\n# a comment\nx-2\tx-1\tmore\n\nx-1\tgone\nx-3#caption-1\tx-3#caption-1\nx-3#caption-1\tx-3\nx-4\tx-4\nalone\nx-1\tx-3\n";
    corpus.write("list", list.as_bytes());
    let ran = corpus.run("compare --pairs list --in in");
    assert_eq!(ran.code, 3);
    let lines = ran.lines();
    let relations: Vec<_> = lines
        .iter()
        .map(|l| l["relation"].as_str().unwrap_or("-"))
        .collect();
    assert_eq!(
        relations,
        [
            "revision", "-", "exact", "distinct", "distinct", "-", "distinct"
        ]
    );
    assert_eq!(
        (&lines[0]["a"], &lines[0]["b"]),
        (&json!("x-2"), &json!("x-1"))
    );
    assert!(
        lines[1]["error"]
            .as_str()
            .unwrap()
            .starts_with("gone: none of")
    );
    assert_eq!(lines[2]["unit"], "caption");
    assert!(
        ran.err
            .contains("list:5: gone: none of the 5 stories read has this id;"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("list:9: not a pair"), "{}", ran.err);
    assert!(ran.err.contains("pairs not judged: 2 of 7"), "{}", ran.err);
    let fed = corpus.feed(
        "compare --pairs - --in in --threads 1 --quiet",
        list.as_bytes(),
    );
    assert_eq!(fed.out, ran.out);
    assert_eq!(
        corpus
            .feed("compare --pairs - --in in --exit-code", b"x-1\tx-2\n")
            .code,
        1
    );
    assert_eq!(corpus.feed("compare --pairs - --in in", b"#\n").code, 2);
}

#[test]
fn no_escape_sequence_of_a_text_reaches_the_terminal() {
    let corpus = Corpus::empty();
    let hostile = format!("\u{1b}[2J\u{1b}]0;x\u{7}{BRIDGE}\u{9b}31m\u{202e}");
    corpus.write("h.txt", hostile.as_bytes());
    let id = json!({"id": "\u{1b}[31m", "title": "\u{1b}c", "text": hostile}).to_string();
    corpus.write("h.jsonl", id.as_bytes());
    for args in ["h.txt h.jsonl", "h.txt h.jsonl --json"] {
        let ran = corpus.run(&format!("compare {args}"));
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(
            !ran.out.contains(['\u{1b}', '\u{9b}', '\u{7}', '\u{202e}']),
            "{:?}",
            ran.out
        );
    }
    let ran = corpus.feed("compare --pairs - --in h.txt", b"\x1b[1m\t\x1b[2m\n");
    assert!(
        !ran.err.contains('\u{1b}') && !ran.out.contains('\u{1b}'),
        "{:?}",
        ran.err
    );
}

#[test]
fn pairs_of_the_sample_corpus_are_judged_as_group_does() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sample = root.join("sample_corpus");
    let corpus = Corpus::empty();
    let sample = sample.to_str().unwrap();
    let ran = corpus.run(&format!("group {sample} --links links -o groups"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    // An id in two versions stands for its first here, and one of them carries several stories: a matter of groups.
    let links: Vec<Value> = corpus
        .read("links")
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let mut times: HashMap<(String, String), usize> = HashMap::new();
    let key = |l: &Value| (l["a"].to_string(), l["b"].to_string());
    for link in &links {
        *times.entry(key(link)).or_default() += 1;
    }
    let pairs: Vec<String> = links
        .iter()
        .map(|l| format!("{}\t{}", l["a"].as_str().unwrap(), l["b"].as_str().unwrap()))
        .collect();
    corpus.write("list", pairs.join("\n").as_bytes());
    let ran = corpus.run(&format!("compare --pairs list --in {sample}"));
    let judged = ran.lines();
    assert_eq!((ran.code, judged.len()), (0, links.len()), "{}", ran.err);
    let versions = |id: &Value| {
        ran.err.contains(&format!(
            " {}: ",
            id.as_str().unwrap().split('#').next().unwrap()
        ))
    };
    let mut same = 0;
    for (link, judged) in links.iter().zip(&judged) {
        if versions(&link["a"]) || versions(&link["b"]) || times[&key(link)] > 1 {
            continue;
        }
        for figure in [
            "a",
            "b",
            "unit",
            "jaccard",
            "containment_a",
            "containment_b",
        ] {
            assert_eq!(link[figure], judged[figure], "{link}");
        }
        if link["why"]["rule"] != "round-up" {
            assert_eq!(link["relation"], judged["relation"], "{link}");
        }
        same += 1;
    }
    assert!(same > 80, "{same} of {}", links.len());
}
