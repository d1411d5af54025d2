//! Exit codes and messages that need no stories.

use crate::corpus::Corpus;
use assert_cmd::Command;

fn samewire(args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_samewire"))
        .args(args)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// Wrong usage: 2, nothing on stdout, and a message that names what is wrong.
fn refused(args: &[&str], message: &str) {
    let (code, out, err) = samewire(args);
    assert_eq!(code, 2, "{args:?}: {err}");
    assert_eq!(out, "", "{args:?}");
    assert!(err.contains(message), "{args:?}: {err}");
}

#[test]
fn wrong_usage_is_2_and_says_why() {
    refused(&[], "Usage");
    refused(&["group"], "<PATH>");
    refused(&["grup", "."], "grup");
    refused(&["group", ".", "--treshold", "0.5"], "--threshold");
    refused(&["group", ".", "--threshold", "1.5"], "at most 1");
    refused(&["group", ".", "--threshold", "-1"], "above 0");
    refused(&["group", ".", "--recall", "1"], "--recall 0.999");
    refused(&["group", ".", "--shingle", "0"], "1 to 64");
    refused(&["group", ".", "--window", "72"], "72h");
    refused(&["group", ".", "--keep", "first"], "earliest");
    refused(&["group", ".", "--threads", "0"], "--threads");
    refused(&["group", ".", "--threads", "100000"], "1 to 1024");
    refused(&["group", ".", "--encoding", "klingon"], "windows-1252");
    refused(&["group", ".", "--max-record", "0"], "64M");
    refused(&["group", ".", "--match", "vague"], "near");
    refused(&["group", ".", "-0"], "--files-from");
    refused(&["group", ".", "-o", "."], "is a directory");
    refused(&["group", ".", "-o", "no/such/place"], "does not exist");
    refused(&["group", ".", "-o", "x", "--links", "x"], "two outputs");
    refused(&["group", ".", "--links", "-"], "two outputs");
    refused(&["group", "--files-from", "no-such-list"], "no-such-list");
    refused(&["dedup", "."], "--output");
    refused(&["dedup", "-", "-o", "clean/"], "standard input");
    refused(&["compare", "x"], "2 values required");
    refused(&["schema", "pairs"], "compare");
    refused(&["completions", "tcsh"], "zsh");
    refused(&["man", "nothing"], "--help");
}

#[test]
fn a_list_on_standard_input_names_no_standard_input() {
    let corpus = Corpus::new(false);
    for (args, list) in [
        ("group --json --files-from -", &b"in/a.jsonl\n-\n"[..]),
        ("group --json --files-from - -0", b"in/a.jsonl\0-\0"),
        ("group --json --files-from - -", b"in/a.jsonl\n"),
    ] {
        let ran = corpus.feed(args, list);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args}: {}", ran.err);
        assert!(ran.err.contains("--files-from -"), "{args}: {}", ran.err);
        assert!(ran.err.contains("standard input"), "{args}: {}", ran.err);
    }
    // A file of that name is one like any other, and so is standard input where a file holds the list.
    corpus.write("-", corpus.read("in/a.jsonl").as_bytes());
    assert_eq!(corpus.feed("group --json --files-from -", b"./-\n").code, 0);
    corpus.write("list", b"-\n");
    let input = corpus.read("in/a.jsonl");
    let ran = corpus.feed("group --json --files-from list", input.as_bytes());
    assert_eq!((ran.code, ran.lines().len()), (0, 1), "{}", ran.err);
}

#[test]
fn a_configuration_file_follows_the_rules_of_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("c.json");
    let path = config.to_str().unwrap();
    let with = |text: &str| std::fs::write(&config, text).unwrap();
    with(r#"{"treshold": 0.5}"#);
    refused(
        &["group", ".", "--config", path],
        "unknown option \"treshold\"",
    );
    with(r#"{"threshold": 5}"#);
    refused(
        &["group", ".", "--config", path],
        "c.json: invalid value '5'",
    );
    with("threshold = 0.5");
    refused(&["group", ".", "--config", path], "not a JSON object");
    refused(&["group", ".", "--config", "no-such-file"], "no-such-file");
    // What the file gives is overruled by what is typed, so it is the typed value that is refused.
    with(r#"{"recall": 0.9}"#);
    refused(
        &["group", ".", "--recall", "7", "--config", path],
        "--recall 7",
    );
}

#[test]
fn messages_hold_no_control_characters() {
    let (code, _, err) = samewire(&["group", "--files-from", "no\u{1b}[31m\u{202e}file"]);
    assert_eq!(code, 2);
    assert!(err.contains("no\\u{1b}[31m\\u{202e}file"), "{err:?}");
}

#[test]
fn schemas_are_json() {
    for args in [
        &["schema"][..],
        &["schema", "group"],
        &["schema", "link"],
        &["schema", "passage"],
    ] {
        let (code, out, _) = samewire(args);
        assert_eq!(code, 0);
        let schema: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(
            schema["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
    }
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    let (code, out, _) = samewire(&["completions", "bash"]);
    assert_eq!(code, 0);
    assert!(out.contains("samewire") && out.contains("--files-from"));
    let (code, out, _) = samewire(&["man"]);
    assert_eq!(code, 0);
    assert!(out.contains(".TH samewire") && out.contains("dedup"));
    let (code, out, _) = samewire(&["man", "group"]);
    assert_eq!(code, 0);
    assert!(out.contains(".TH samewire-group") && out.contains("\\-\\-window"));
}

#[test]
fn help_shows_examples_and_exit_codes() {
    let (code, out, _) = samewire(&["group", "--help"]);
    assert_eq!(code, 0);
    assert!(out.contains("Examples:") && out.contains("Exit codes:"));
    assert_eq!(samewire(&["--version"]).0, 0);
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_ends_quietly() {
    use std::process::{Command, Stdio};
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = Command::new(env!("CARGO_BIN_EXE_samewire"))
        .args(["completions", "zsh"])
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[test]
fn what_is_read_beside_the_stories_is_not_written_over() {
    let corpus = Corpus::new(false);
    corpus.write("labels.tsv", b"a-1\ta-2\t1\n");
    corpus.write("list", b"in/a.jsonl\n");
    corpus.feed(
        "stream --index known --quiet",
        &std::fs::read(corpus.at("in/a.jsonl")).unwrap(),
    );
    let database = std::fs::read(corpus.at("known/index.sqlite")).unwrap();
    for (args, place) in [
        ("eval labels.tsv in --plot labels.tsv", "labels.tsv"),
        (
            "group in --decisions labels.tsv -o labels.tsv",
            "labels.tsv",
        ),
        (
            "group in --decisions labels.tsv --links labels.tsv --json",
            "labels.tsv",
        ),
        ("group --files-from list -o list", "list"),
        ("index export known -o known/index.sqlite", "index.sqlite"),
        (
            "group in --json --reject known/index.sqlite",
            "index.sqlite",
        ),
    ] {
        let ran = corpus.run(args);
        assert_eq!(ran.code, 2, "{args}: {}", ran.err);
        assert!(ran.err.contains(place), "{args}: {}", ran.err);
    }
    assert_eq!(corpus.read("labels.tsv"), "a-1\ta-2\t1\n");
    assert_eq!(corpus.read("list"), "in/a.jsonl\n");
    assert_eq!(
        std::fs::read(corpus.at("known/index.sqlite")).unwrap(),
        database
    );
}
