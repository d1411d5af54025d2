//! `samewire group` over files.

use serde_json::json;

use crate::corpus::{BRIDGE, Corpus};

#[test]
fn groups_of_a_folder() {
    let ran = Corpus::new(false).run("group in");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let groups = ran.lines();
    assert_eq!(groups.len(), 2);
    assert_eq!(groups[0]["representative"], "a-1");
    assert_eq!(groups[0]["size"], 4);
    let members: Vec<_> = groups[0]["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| &m["id"])
        .collect();
    assert_eq!(members, ["a-1", "a-2", "in/t.txt", "z-1"]);
    assert_eq!(groups[0]["members"][2]["line"], json!(null));
    assert_eq!(groups[0]["members"][3]["path"], "in/z.jsonl.gz");
    assert_eq!(groups[0]["members"][3]["relation"], "exact");
}

#[test]
fn exit_codes_tell_of_repeats_and_of_rejections() {
    assert_eq!(Corpus::new(false).run("group in --exit-code").code, 1);
    let ran = Corpus::new(true).run("group in --exit-code --reject bad.txt");
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("in/a.jsonl:4"), "{}", ran.err);

    let corpus = Corpus::empty();
    corpus.write("in/a.txt", BRIDGE.as_bytes());
    assert_eq!(corpus.run("group in --exit-code").code, 0);
    assert_eq!(corpus.run("group nothing-here").code, 2);
}

#[test]
fn rejected_records_are_kept_and_counted() {
    let corpus = Corpus::new(true);
    let ran = corpus.run("group in --quiet --reject bad.txt");
    assert_eq!(ran.err, "samewire: rejected: 1\n");
    assert_eq!(corpus.read("bad.txt").trim_end(), "not json");
}

#[test]
fn all_lists_every_story_once() {
    let ran = Corpus::new(false).run("group in --all");
    let sizes: u64 = ran
        .lines()
        .iter()
        .map(|g| g["size"].as_u64().unwrap())
        .sum();
    assert_eq!(sizes, 7);
}

#[test]
fn outputs_go_to_files_and_never_onto_inputs() {
    let corpus = Corpus::new(false);
    let ran = corpus.run("group in -o g.jsonl --links l.jsonl");
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert_eq!(corpus.read("g.jsonl").lines().count(), 2);
    assert!(corpus.read("l.jsonl").lines().count() >= 4);
    let before = corpus.read("in/a.jsonl");
    for option in ["-o", "--links", "--reject"] {
        let ran = corpus.run(&format!("group in {option} in/a.jsonl"));
        assert_eq!(ran.code, 2, "{option}");
        assert!(ran.err.contains("one of the inputs"), "{}", ran.err);
        assert_eq!(corpus.read("in/a.jsonl"), before);
    }
}

#[test]
fn the_command_line_wins_over_the_configuration() {
    let corpus = Corpus::new(false);
    corpus.write(
        "c.json",
        br#"{"threshold": 0.99, "match": "near", "keep": "source:reuters"}"#,
    );
    let strict = corpus.run("group in --config c.json").lines();
    assert_eq!(strict[0]["size"], 3);
    let ran = corpus
        .run("group in --config c.json --threshold 0.5")
        .lines();
    assert_eq!(
        (&ran[0]["size"], &ran[0]["representative"]),
        (&json!(4), &json!("a-2"))
    );
}

#[test]
fn paths_come_from_a_list() {
    let corpus = Corpus::new(false);
    let ran = corpus.feed("group --files-from - -0", b"in/t.txt\0in/a.jsonl\0");
    assert_eq!(ran.lines()[0]["members"][0]["id"], "in/t.txt");
    corpus.write("list", b"in/t.txt\nin/a.jsonl\n");
    assert_eq!(corpus.run("group --files-from list").out, ran.out);
}

#[test]
fn fields_are_named_and_kinds_declared() {
    let corpus = Corpus::empty();
    let line = |id: &str| format!("{{\"key\":\"{id}\",\"story\":\"{BRIDGE}\"}}\n");
    corpus.write("in/a.jsonl", (line("k-1") + &line("k-2")).as_bytes());
    assert_eq!(corpus.run("group in").code, 2);
    let ran = corpus.run("group in --text-field story --id-field key --as caption");
    assert_eq!(ran.lines()[0]["unit"], "caption");
    assert_eq!(ran.lines()[0]["representative"], "k-1");
}

#[test]
fn threads_change_nothing() {
    let corpus = Corpus::new(false);
    assert_eq!(
        corpus.run("group in --threads 1").out,
        corpus.run("group in --threads 4").out
    );
}
