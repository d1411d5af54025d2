//! `samewire passages` over files.

use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};

use crate::corpus::{BRIDGE, Corpus};

/// Lines of a run over the sample corpus.
fn of_sample(args: &[&str]) -> Vec<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_samewire"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_corpus"))
        .args(["passages", "wire", "sites", "pictures"])
        .args(args)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let out = String::from_utf8(output.stdout).unwrap();
    out.lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

fn with_text<'a>(passages: &'a [Value], part: &str) -> &'a Value {
    let holds = |p: &&Value| p["text"].as_str().unwrap().contains(part);
    passages.iter().find(holds).unwrap()
}

fn places(passage: &Value) -> Vec<&str> {
    let all = passage["occurrences"].as_array().unwrap();
    all.iter().map(|o| o["path"].as_str().unwrap()).collect()
}

#[test]
fn the_paragraph_under_twelve_stories_is_boilerplate() {
    let passages = of_sample(&[]);
    let about = &passages[0];
    assert_eq!(
        (&about["stories"], &about["kind"]),
        (&json!(12), &json!("boilerplate"))
    );
    let text = about["text"].as_str().unwrap();
    assert!(text.starts_with("About Meridian Wire"), "{text}");
    assert!(text.ends_with("the members that publish it"), "{text}");
    let boilerplate = passages.iter().filter(|p| p["kind"] == "boilerplate");
    assert_eq!(boilerplate.count(), 1);
}

#[test]
fn a_quote_in_two_stories_is_news() {
    let passages = of_sample(&[]);
    let quote = with_text(&passages, "A line drawn on a chart");
    assert_eq!(
        (&quote["stories"], &quote["words"]),
        (&json!(2), &json!(37))
    );
    assert_eq!(quote["kind"], "news");
    assert_eq!(quote["first_seen"], "2031-03-03T10:50:00Z");
}

#[test]
fn a_caption_is_found_inside_the_text_of_a_page() {
    let passages = of_sample(&[]);
    let caption = with_text(&passages, "Piano tuner Aurel Finch");
    assert_eq!(caption["kind"], "caption");
    let places = places(caption);
    assert!(places.contains(&"pictures/halyard.jsonl"), "{places:?}");
    assert!(places.contains(&"sites/inland-herald-02.txt"), "{places:?}");
}

#[test]
fn ranges_are_bytes_of_the_text() {
    let corpus = Corpus::empty();
    let quote = "“we never asked anyone to draw a line” through the old harbor";
    let texts = [format!("Zoë said: {quote}!"), format!("Später — {quote}.")];
    corpus.write("in/a.txt", texts[0].as_bytes());
    corpus.write("in/b.txt", texts[1].as_bytes());
    let ran = corpus.run("passages in");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let lines = ran.lines();
    assert_eq!(lines.len(), 1);
    let shown: Vec<&str> = lines[0]["occurrences"]
        .as_array()
        .unwrap()
        .iter()
        .zip(&texts)
        .map(|(o, text)| {
            let at = |name: &str| o[name].as_u64().unwrap() as usize;
            &text[at("start")..at("end")]
        })
        .collect();
    assert_eq!(shown, [&quote["“".len()..]; 2]);
    assert_eq!(lines[0]["text"], shown[0]);
}

#[test]
fn limits_are_limits() {
    let corpus = Corpus::new(false);
    assert_eq!(corpus.run("passages in --min-stories 3").lines().len(), 1);
    assert_eq!(corpus.run("passages in --min-words 60").out, "");
    assert_eq!(corpus.run("passages in --min-words 1").code, 2);
    assert_eq!(corpus.run("passages in --min-stories 1").code, 2);
}

#[test]
fn exit_codes_and_outputs_are_those_of_group() {
    let corpus = Corpus::new(true);
    let ran = corpus.run("passages in --exit-code --reject bad.txt");
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("in/a.jsonl:4"), "{}", ran.err);
    let corpus = Corpus::new(false);
    assert_eq!(corpus.run("passages in --exit-code -o p.jsonl").code, 1);
    assert_eq!(corpus.read("p.jsonl").lines().count(), 2);
    assert_eq!(corpus.run("passages in -o in/a.jsonl").code, 2);
    assert_eq!(corpus.run("passages nothing-here").code, 2);
    assert_eq!(
        corpus
            .feed(
                "passages - in/t.txt",
                format!("{{\"text\":\"{BRIDGE}\"}}\n").as_bytes()
            )
            .lines()[0]["stories"],
        2
    );
}

#[test]
fn threads_change_nothing() {
    assert_eq!(
        of_sample(&["--threads", "1"]),
        of_sample(&["--threads", "3"])
    );
}
