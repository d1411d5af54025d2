//! `samewire stream --decisions`: what people decided, on a feed.

use serde_json::Value;

use crate::corpus::{BEES, BRIDGE, Corpus, Ran, STORM};
use crate::schema::Schema;
use crate::stream::record;

const HEAD: &str = "a\tb\tsame\n";

/// Two tellings of one story, a third, and others.
fn feed() -> String {
    [
        record("a", BRIDGE),
        record("b", &format!("{BRIDGE} loudly")),
        record("c", &format!("{BRIDGE} loudly and long")),
        record("storm", STORM),
        record("bees", BEES),
    ]
    .concat()
}

fn run(corpus: &Corpus, args: &str, decisions: &str) -> Ran {
    corpus.write("d.tsv", (HEAD.to_owned() + decisions).as_bytes());
    let ran = corpus.feed(
        &format!("stream --decisions d.tsv {args}"),
        feed().as_bytes(),
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran
}

/// Relation and earlier unit of each line.
fn told(ran: &Ran) -> Vec<String> {
    let what = |line: Value| {
        let verdict = &line["samewire"];
        let of = verdict["of"].as_str().map(|of| format!(" {of}"));
        verdict["relation"].as_str().unwrap().to_owned() + &of.unwrap_or_default()
    };
    ran.lines().into_iter().map(what).collect()
}

fn groups(ran: &Ran) -> Vec<Value> {
    let lines = ran.lines();
    lines
        .iter()
        .map(|l| l["samewire"]["group"].clone())
        .collect()
}

#[test]
fn what_is_to_be_one_is_joined_and_what_is_to_be_apart_is_not() {
    let corpus = Corpus::empty();
    let ran = run(&corpus, "", "storm\ta\t1\n");
    assert_eq!(told(&ran), ["new", "near a", "near b", "decided a", "new"]);
    let schema = Schema::of(&["verdict"]);
    for line in ran.lines() {
        schema.check(&line["samewire"]);
    }
    let all = groups(&ran);
    assert!(all[..4].iter().all(|g| *g == all[0]) && all[4] != all[0]);
    assert_eq!(ran.err, "");
    // b is apart from a, and so is c, which is nearest to b.
    let ran = run(&corpus, "", "a\tb\t0\n");
    assert_eq!(told(&ran), ["new", "new", "near b", "new", "new"]);
    let all = groups(&ran);
    assert!(all[0] != all[1] && all[1] == all[2]);
    // Through a chain: b joins a, and what is apart from a does not join b.
    let ran = run(&corpus, "", "a\tc\t0\n");
    assert_eq!(told(&ran), ["new", "near a", "new", "new", "new"]);
    // Groups are those of the same stories in a file.
    corpus.write("in/f.jsonl", feed().as_bytes());
    let batch = corpus.run("group in --decisions d.tsv --json");
    assert_eq!(batch.lines().len(), 1);
    assert_eq!(batch.lines()[0]["group"], groups(&ran)[0]);
}

#[test]
fn what_is_decided_to_be_one_is_a_repeat() {
    let corpus = Corpus::empty();
    let ran = run(&corpus, "--emit unique", "storm\tbees\t1\n");
    let ids: Vec<Value> = ran.lines().iter().map(|l| l["id"].clone()).collect();
    assert_eq!(ids, ["a", "storm"]);
    let ran = run(&corpus, "--emit events", "storm\tbees\t1\n");
    let events = ran.lines();
    let last = events.last().unwrap();
    assert_eq!(
        (&last["event"], &last["id"], &last["relation"], &last["of"]),
        (
            &"repeat".into(),
            &"bees".into(),
            &"decided".into(),
            &"storm".into()
        )
    );
}

#[test]
fn threads_change_no_byte_and_idle_decisions_no_line() {
    let corpus = Corpus::empty();
    let some = "storm\ta\t1\na\tc\t0\n";
    let one = run(&corpus, "--threads 1", some).out;
    assert_eq!(run(&corpus, "--threads 2", some).out, one);
    let without = corpus.feed("stream", feed().as_bytes());
    let idle = "gone\ta\t1\nin/f.jsonl:2\tb\t0\nb\t-:4\t1\n";
    let ran = run(&corpus, "", idle);
    assert_eq!(ran.out, without.out);
    assert!(
        ran.err
            .contains("d.tsv:2: gone: nothing that is compared has this id")
            && ran.err.contains("d.tsv:3: in/f.jsonl:2: nothing")
            && ran.err.contains("decisions without effect: 3 of 3"),
        "{}",
        ran.err
    );
    assert_eq!(
        run(&corpus, "--quiet", idle).err,
        "samewire: decisions without effect: 3 of 3\n"
    );
}

#[test]
fn captions_and_lines_without_an_id_have_names() {
    let corpus = Corpus::empty();
    let credit = "in Orle, March 3, 2031. (Halyard Photo/Jon Ferro)";
    let with = |id: &str, text: &str, caption: &str| {
        record(id, &format!("{text}.\n\n{caption}, {credit}\n\nEnd."))
    };
    let people = "People cross the old bridge on foot in the rain";
    let input = [
        with("p", BRIDGE, people),
        with("q", STORM, people),
        serde_json::json!({"text": BEES}).to_string() + "\n",
    ]
    .concat();
    corpus.write("d.tsv", b"p#caption-1\tq#caption-1\t0\n-:3\tp\t1\n");
    let ran = corpus.feed("stream --decisions d.tsv", input.as_bytes());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let lines = ran.lines();
    let caption = |at: usize| &lines[at]["samewire"]["captions"][0];
    assert_eq!(caption(1)["relation"], "new");
    assert_ne!(caption(0)["group"], caption(1)["group"]);
    assert_eq!(lines[2]["samewire"]["of"], "p");
    let without = corpus.feed("stream", input.as_bytes()).lines();
    assert_eq!(without[1]["samewire"]["captions"][0]["relation"], "exact");
}

#[test]
fn decisions_that_cannot_be_followed_are_refused_before_anything_is_read() {
    let corpus = Corpus::empty();
    corpus.write("d.tsv", b"a\tb\t1\nb\tc\t1\nc\ta\t0\n");
    for (args, said) in [
        (
            "--decisions d.tsv",
            "d.tsv:3: c and a are decided to be different",
        ),
        ("--decisions gone.tsv", "gone.tsv: reading the decisions"),
        (
            "--decisions d.tsv --index known",
            "--index and --decisions do not go together",
        ),
    ] {
        let ran = corpus.feed(&format!("stream {args}"), feed().as_bytes());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args}");
        assert!(ran.err.contains(said), "{args}: {}", ran.err);
    }
    assert!(!corpus.at("known").exists());
}
