//! Where output may go and where not; what is said where something is missing or of the wrong kind.

use std::fs;

use crate::corpus::{BEES, BRIDGE, Corpus};
use crate::stream::record;

#[test]
fn nothing_is_written_among_the_stories() {
    let corpus = Corpus::new(false);
    corpus.write("labels.tsv", b"a\tb\tsame\na-1\ta-2\t1\n");
    let before = corpus.names("in");
    for args in [
        "group in -o in/groups.jsonl",
        "group in --links in/links.jsonl",
        "group in --reject in/rejected",
        "group . --links links.jsonl",
        "dedup in -o in/clean.jsonl",
        "passages in -o in/passages.jsonl",
        "report in -o in/page.html",
        "report .",
        "tune in --plot in/plot.svg",
        "eval labels.tsv in --plot in/plot.svg",
    ] {
        let ran = corpus.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args}: {}", ran.err);
        assert!(
            ran.err.contains("choose a place outside"),
            "{args}: {}",
            ran.err
        );
    }
    assert_eq!(corpus.names("in"), before);
    // Beside the folder, and where nothing is kept.
    for args in [
        "group in -o groups.jsonl",
        "group in -o /dev/null",
        "group in/a.jsonl -o in/g.jsonl",
    ] {
        assert_eq!(corpus.run(args).code, 0, "{args}");
    }
}

#[test]
fn a_page_replaces_a_page_and_no_other_file() {
    let corpus = Corpus::new(false);
    corpus.write("notes.txt", b"not to be lost");
    let ran = corpus.run("report in -o notes.txt");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("is no page of samewire"), "{}", ran.err);
    assert_eq!(corpus.read("notes.txt"), "not to be lost");
    assert_eq!(corpus.run("report in").code, 0);
    let ran = corpus.run("report in");
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn a_page_that_cannot_be_as_small_is_refused_with_the_size_that_it_needs() {
    let corpus = Corpus::new(false);
    let ran = corpus.run("report in --max-size 1K -o page.html");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(!corpus.at("page.html").exists());
    let least = ran.err.split("give --max-size ").nth(1).unwrap();
    let least: u64 = least.split('K').next().unwrap().parse().unwrap();
    let ran = corpus.run(&format!("report in --max-size {least}K -o page.html"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(fs::metadata(corpus.at("page.html")).unwrap().len() <= least << 10);
}

#[test]
fn output_of_a_stream_or_an_index_is_told_with_what_to_give() {
    let corpus = Corpus::empty();
    let input = [record("a", BRIDGE), record("b", BRIDGE)].concat();
    corpus.write("in.jsonl", input.as_bytes());
    let out = corpus
        .feed("stream --index known --quiet", input.as_bytes())
        .out;
    corpus.write("out.jsonl", out.as_bytes());
    let events = corpus.feed("stream --emit events", input.as_bytes()).out;
    corpus.write("events.jsonl", events.as_bytes());
    corpus.run("index export known -o groups.jsonl");
    for (args, part) in [
        (
            "report groups.jsonl",
            "samewire index export known --stories",
        ),
        (
            "review groups.jsonl",
            "samewire index export known --stories",
        ),
        ("report events.jsonl", "--emit annotate"),
        ("review out.jsonl", "make groups first"),
    ] {
        let ran = corpus.run(args);
        assert_eq!(ran.code, 2, "{args}: {}", ran.err);
        assert!(ran.err.contains(part), "{args}: {}", ran.err);
    }
    // What is advised works.
    for args in [
        "index export known --stories -o stories.jsonl",
        "group stories.jsonl --links links.jsonl -o groups2.jsonl",
        "report groups2.jsonl --links links.jsonl",
        "report out.jsonl -o out.html",
        "review groups2.jsonl --links links.jsonl",
    ] {
        let ran = corpus.run(args);
        assert_eq!(ran.code, 0, "{args}: {}", ran.err);
    }
}

#[test]
fn an_index_is_made_with_no_option_that_it_would_not_follow() {
    let corpus = Corpus::empty();
    let ran = corpus.run("index init known --decisions d.tsv");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("--decisions"), "{}", ran.err);
    // Which member stands for a group is kept: an export follows it.
    assert_eq!(corpus.run("index init known --keep longest").code, 0);
    let longer = format!("{BRIDGE} loudly in the streets");
    let input = [record("short", BRIDGE), record("long", &longer)].concat();
    corpus.feed("stream --index known --quiet", input.as_bytes());
    let groups = corpus.run("index export known").lines();
    assert_eq!(groups[0]["representative"], "long");
}

#[test]
fn too_little_to_measure_is_told() {
    let corpus = Corpus::empty();
    for (input, part) in [
        (String::new(), "none was read"),
        (record("a", BEES), "only one of a kind was read"),
    ] {
        let ran = corpus.feed("tune -", input.as_bytes());
        assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
        assert!(
            ran.err.contains("nothing to measure") && ran.err.contains(part),
            "{}",
            ran.err
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn file_names_that_are_no_text_stay_apart() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let corpus = Corpus::empty();
    corpus.write("in/plain.txt", BRIDGE.as_bytes());
    for name in [&b"caf\xe9.txt"[..], b"caf\xe8.txt"] {
        fs::write(corpus.at("in").join(OsStr::from_bytes(name)), BRIDGE).unwrap();
    }
    let ran = corpus.run("group in --json");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let group = &ran.lines()[0];
    let members = group["members"].as_array().unwrap().iter();
    let ids: Vec<&str> = members.map(|m| m["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["in/caf\\xe8.txt", "in/caf\\xe9.txt", "in/plain.txt"]);
}
