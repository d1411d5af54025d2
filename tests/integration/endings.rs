//! How the command ends: exit codes, closed pipes, damaged and missing input.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use crate::corpus::{BEES, BRIDGE, Corpus, STORM};
use crate::stream::record;
use crate::synthetic::{Plan, jsonl};

#[test]
fn every_exit_code() {
    let corpus = Corpus::new(false);
    assert_eq!(corpus.run("group in").code, 0);
    assert_eq!(corpus.run("group in --exit-code").code, 1);
    assert_eq!(corpus.run("group in --no-such-option").code, 2);
    assert_eq!(Corpus::new(true).run("group in").code, 3);
    // Rejected records outrank repeats.
    assert_eq!(Corpus::new(true).run("group in --exit-code").code, 3);
    // Nothing repeats.
    corpus.write("two/a.txt", BEES.as_bytes());
    corpus.write("two/b.txt", STORM.as_bytes());
    let ran = corpus.run("group two --exit-code");
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", ""));
}

#[test]
fn missing_input_is_2_and_named() {
    let corpus = Corpus::new(false);
    let ran = corpus.run("group no-such-folder/a.jsonl");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("no-such-folder/a.jsonl"), "{}", ran.err);
    // What can be read beside it is read.
    let ran = corpus.run("group in no-such-folder/a.jsonl");
    assert_eq!((ran.code, ran.lines().len()), (3, 2));
    assert!(ran.err.contains("no-such-folder/a.jsonl"), "{}", ran.err);
    // Of a file that is not there, no record could be kept.
    assert!(!ran.err.contains("--reject"), "{}", ran.err);
    // Nothing at all: an empty folder.
    std::fs::create_dir(corpus.at("empty")).unwrap();
    let ran = corpus.run("group empty");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("no file in the paths"), "{}", ran.err);
}

#[test]
fn a_truncated_gzip_gives_what_is_sound_and_3() {
    let planted = Plan {
        seed: 9,
        families: 200,
        words: 150,
        edits: 5,
        captions: false,
    }
    .make();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed
        .write_all(jsonl(&planted.stories).as_bytes())
        .unwrap();
    let packed = packed.finish().unwrap();
    let corpus = Corpus::empty();
    corpus.write("whole.jsonl.gz", &packed);
    let whole = corpus.run("group whole.jsonl.gz --all");
    assert_eq!(whole.code, 0);
    for cut in [packed.len() - 1, packed.len() - 9, packed.len() / 2] {
        corpus.write("cut.jsonl.gz", &packed[..cut]);
        let ran = corpus.run("group cut.jsonl.gz --all");
        assert_eq!(ran.code, 3, "cut at {cut}");
        assert!(ran.err.contains("cut.jsonl.gz"), "{}", ran.err);
        assert!(
            ran.lines().len() > 20,
            "cut at {cut}: {} groups",
            ran.lines().len()
        );
    }
}

/// Reads a line and goes, as `head -1` does.
fn head(corpus: &Corpus, args: &[&str]) -> (String, Option<i32>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_samewire"))
        .current_dir(corpus.at(""))
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut seen = vec![0; 64];
    stdout.read_exact(&mut seen).unwrap();
    drop(stdout);
    let ended = child.wait_with_output().unwrap();
    (
        String::from_utf8(seen).unwrap(),
        ended.status.code(),
        String::from_utf8(ended.stderr).unwrap(),
    )
}

#[test]
fn a_reader_that_has_seen_enough_ends_it_quietly() {
    // More output than a pipe holds.
    let planted = Plan {
        seed: 4,
        families: 2_500,
        words: 30,
        edits: 0,
        captions: false,
    }
    .make();
    let corpus = Corpus::empty();
    corpus.write("in.jsonl", jsonl(&planted.stories).as_bytes());
    for args in [
        &["group", "in.jsonl", "--all"][..],
        &["dedup", "in.jsonl", "-o", "-", "--quiet"],
    ] {
        let (seen, code, err) = head(&corpus, args);
        assert!(seen.starts_with('{'), "{seen}");
        assert_eq!((code, err.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn standard_input_is_read_to_its_end() {
    let corpus = Corpus::empty();
    let line = |id: &str, text: &str| format!("{{\"id\":\"{id}\",\"text\":\"{text}\"}}\n");
    let lines = line("a", BRIDGE) + &line("b", STORM) + &line("c", BRIDGE);
    let ran = corpus.feed("group -", lines.as_bytes());
    assert_eq!((ran.code, ran.lines().len()), (0, 1));
    assert_eq!(ran.lines()[0]["members"][1]["path"], "-");
    // A feed on a quiet day.
    let ran = corpus.feed("group - --exit-code", b"");
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", ""));
}

/// A file is other when it is looked at again than when it was read.
#[test]
fn a_story_that_changed_meanwhile_is_told_by_whoever_looks_at_it_again() {
    let corpus = Corpus::empty();
    let made = corpus.feed("stream --index known -q", record("k", BEES).as_bytes());
    assert_eq!(made.code, 0, "{}", made.err);
    let two = [
        record("a", BRIDGE),
        record("b", &format!("{BRIDGE} loudly")),
    ]
    .concat();
    corpus.write("pairs.tsv", b"b\ta\n");
    let feed = |count| -> String {
        let some = (0..count).map(|n| record(&format!("x{n}"), &format!("{n} {STORM}")));
        some.collect()
    };
    // More than is held of a file, and more than a pipe holds: when that is written, what stands before it was read.
    let (file, piped) = (two + &feed(12_000), feed(4_000));
    assert!(file.len() > 1_000_000 && piped.len() > 300_000);
    for (args, code) in [
        ("query --index known a.jsonl -", 3),
        ("compare a b --in a.jsonl --in -", 2),
        ("compare --pairs pairs.tsv --in a.jsonl --in -", 3),
        ("group a.jsonl - --match near", 3),
    ] {
        corpus.write("a.jsonl", file.as_bytes());
        let mut child = Command::new(env!("CARGO_BIN_EXE_samewire"))
            .current_dir(corpus.at("."))
            .args(args.split_whitespace())
            .args(["--threads", "1"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut to = child.stdin.take().unwrap();
        to.write_all(piped.as_bytes()).unwrap();
        corpus.write("a.jsonl", file.to_uppercase().as_bytes());
        drop(to);
        let ended = child.wait_with_output().unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(code), "{args}: {told}");
        assert!(
            told.contains("a.jsonl:1: it changed after it was read"),
            "{args}: {told}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let corpus = Corpus::new(false);
    for args in [&["group", "in"][..], &["stream"]] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let ended = Command::new(env!("CARGO_BIN_EXE_samewire"))
            .current_dir(corpus.at(""))
            .args(args)
            .stdin(std::fs::File::open(corpus.at("in/a.jsonl")).unwrap())
            .stdout(full)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
            .wait_with_output()
            .unwrap();
        assert_eq!(ended.status.code(), Some(2), "{args:?}");
        let err = String::from_utf8(ended.stderr).unwrap();
        assert!(
            err.ends_with("; free some space, or write elsewhere\n") && !err.contains("panicked"),
            "{args:?}: {err}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_place_that_cannot_be_written_to_is_named_as_the_user_named_it() {
    let corpus = Corpus::new(false);
    let ran = corpus.run("group in -o /proc/groups.jsonl");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("/proc/groups.jsonl"), "{}", ran.err);
    assert!(!ran.err.contains(".tmp"), "{}", ran.err);
}
