//! `samewire dedup` over files.

use crate::corpus::{BEES, BRIDGE, Corpus, STORM};

#[test]
fn a_directory_keeps_its_files_and_their_bytes() {
    let corpus = Corpus::new(true);
    let ran = corpus.run("dedup in -o out/");
    assert_eq!(ran.code, 3);
    assert!(
        ran.err.contains("kept 3 of 7 stories, 4 repeats dropped"),
        "{}",
        ran.err
    );
    assert_eq!(corpus.names("out"), ["a.jsonl", "z.jsonl"]);
    assert_eq!(
        corpus.read("out/a.jsonl"),
        format!(
            "{{\"id\":\"a-1\",  \"text\":\"{BRIDGE}\",\"source\":\"ap\"}}\r\n{{\"id\":\"a-3\",\"text\":\"{STORM}\"}}\r\nnot json\r\n"
        )
    );
    assert_eq!(
        corpus.read("out/z.jsonl"),
        format!("{{\"id\":\"z-2\",\"text\":\"{BEES}\"}}\n")
    );
}

#[test]
fn what_is_left_holds_no_repeats() {
    let corpus = Corpus::new(false);
    assert_eq!(corpus.run("dedup in -o out/").code, 0);
    let again = corpus.run("group out --exit-code");
    assert_eq!((again.code, again.out.as_str()), (0, ""));
}

#[test]
fn a_file_holds_every_survivor_in_its_bytes() {
    let corpus = Corpus::new(true);
    let ran = corpus.run("dedup in -o all.jsonl");
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("rejected records are not in the output"));
    let survivors = corpus.read("all.jsonl");
    assert_eq!(survivors.lines().count(), 3);
    assert!(survivors.starts_with("{\"id\":\"a-1\",  \"text\""));
}

#[test]
fn a_text_becomes_a_record() {
    let corpus = Corpus::empty();
    corpus.write("in/a.txt", BEES.as_bytes());
    let ran = corpus.run("dedup in -o -");
    assert_eq!(
        ran.out,
        format!("{{\"id\":\"in/a.txt\",\"text\":\"{BEES}\"}}\n")
    );
}

#[test]
fn a_dry_run_writes_nothing_and_says_what_it_would() {
    let corpus = Corpus::new(false);
    let ran = corpus.run("dedup in -o out/ --dry-run --exit-code");
    assert_eq!(ran.code, 1);
    assert!(!corpus.at("out").exists());
    let drops = ran.lines();
    assert_eq!(drops.len(), 4);
    assert_eq!(drops[0]["id"], "a-2");
    assert_eq!(drops[0]["of"], "a-1");
    assert_eq!(drops[0]["relation"], "near");
    assert_eq!(drops[0]["drop"], true);
}

#[test]
fn what_exists_is_replaced_only_by_force_and_an_input_never() {
    let corpus = Corpus::new(false);
    corpus.write("all.jsonl", b"precious");
    assert_eq!(corpus.run("dedup in -o all.jsonl").code, 2);
    assert_eq!(corpus.read("all.jsonl"), "precious");
    assert_eq!(corpus.run("dedup in -o all.jsonl --force").code, 0);
    assert_eq!(corpus.read("all.jsonl").lines().count(), 3);

    let before = corpus.read("in/a.jsonl");
    for out in ["in", "in/a.jsonl", "."] {
        assert_eq!(
            corpus.run(&format!("dedup in --force -o {out}")).code,
            2,
            "{out}"
        );
        assert_eq!(corpus.read("in/a.jsonl"), before);
    }
    assert_eq!(corpus.names("in"), ["a.jsonl", "t.txt", "z.jsonl.gz"]);
}

#[test]
fn the_preferred_source_stays() {
    let corpus = Corpus::new(false);
    let ran = corpus.run("dedup in -o - --keep source:reuters -q");
    assert_eq!(ran.lines()[0]["id"], "a-2");
}

#[test]
fn a_broken_array_in_utf_16_loses_its_repeats_only() {
    let corpus = Corpus::empty();
    let element = |id, text| format!("{{\n  \"id\": \"{id}\",\n  \"text\": \"{text}\"\n}}");
    let kept = format!(
        "[\n{},\n{{\n  \"id\": oh\n}},\n{}",
        element("a", BRIDGE),
        element("b", BEES)
    );
    let utf_16 = |text: String| -> Vec<u8> {
        let text = format!("\u{feff}{text}");
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    let array = utf_16(format!("{kept},\n{}\n]\n", element("c", BRIDGE)));
    corpus.write("in/a.json", &array);
    let ran = corpus.run("dedup in -o out/ --reject bad.txt");
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(
        ran.err.contains("in/a.json:7:"),
        "the line of the fault: {}",
        ran.err
    );
    assert!(ran.err.contains("rejected: 1"), "{}", ran.err);
    assert_eq!(corpus.read("bad.txt"), "{\n  \"id\": oh\n}\n");
    let out = std::fs::read(corpus.at("out/a.json")).unwrap();
    assert_eq!(out, utf_16(format!("{kept}\n]\n")));
}
