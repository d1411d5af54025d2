//! `samewire report` as a command: where the page goes, what it holds, and what it says when something is missing.

use std::fs;

use crate::corpus::{Corpus, repository, samewire_in};

#[test]
fn the_page_is_the_same_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let pages: Vec<Vec<u8>> = ["1", "2", "7"]
        .iter()
        .map(|threads| {
            let place = folder.path().join(threads);
            let to = place.to_str().unwrap();
            let args = ["report", "sample_corpus", "--threads", threads, "-o", to];
            let ran = samewire_in(repository(), &args, b"");
            assert_eq!(ran.code, 0, "{}", ran.err);
            assert!(ran.err.is_empty(), "{}", ran.err);
            assert!(
                ran.out.contains("open it in a browser: file://"),
                "{}",
                ran.out
            );
            fs::read(place).unwrap()
        })
        .collect();
    assert!(pages.windows(2).all(|two| two[0] == two[1]));
}

#[test]
fn a_page_has_a_name_of_its_own_and_goes_to_standard_output_on_request() {
    let corpus = Corpus::new(false);
    let ran = corpus.run("report in");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let page = corpus.read("samewire-report.html");
    assert!(page.starts_with("<!doctype html>"));
    let ran = corpus.run("report in -o -");
    assert_eq!(ran.out, page);
}

#[test]
fn a_page_asks_for_nothing_and_allows_nothing() {
    let ran = samewire_in(repository(), &["report", "sample_corpus", "-o", "-"], b"");
    for outside in [
        "http://", "src=", "@import", "url(", "style=", "onclick", "'unsafe-",
    ] {
        let at = ran
            .out
            .find(outside)
            .map(|at| ran.out[at..].chars().take(80).collect::<String>());
        // The one address is the name of SVG elements, which nothing fetches.
        let svg = at
            .as_deref()
            .is_some_and(|s| s.starts_with("http://www.w3.org/2000/svg"));
        assert!(at.is_none() || svg, "{outside}: {at:?}");
    }
    assert!(ran.out.contains("default-src 'none'; script-src 'sha256-"));
}

#[test]
fn kept_output_gives_the_same_groups() {
    let corpus = Corpus::new(false);
    assert_eq!(
        corpus
            .run("group in -o groups.jsonl --links links.jsonl")
            .code,
        0
    );
    assert_eq!(corpus.run("passages in -o passages.jsonl").code, 0);
    let ran = corpus.run("report groups.jsonl passages.jsonl --links links.jsonl -o kept.html");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(corpus.run("report in -o direct.html").code, 0);
    let names = |page: &str| -> Vec<String> {
        let parts = page.split("<article id=\"/group/").skip(1);
        parts.map(|p| p[..14].to_owned()).collect()
    };
    let (kept, direct) = (corpus.read("kept.html"), corpus.read("direct.html"));
    assert!(!names(&kept).is_empty());
    assert_eq!(names(&kept), names(&direct));
    // By way of a pipe it is the same page as from the file.
    let groups = corpus.read("groups.jsonl");
    let piped = corpus.feed("report - --links links.jsonl -o -", groups.as_bytes());
    assert_eq!(piped.code, 0, "{}", piped.err);
    assert_eq!(names(&piped.out), names(&direct));
}

#[test]
fn texts_that_are_gone_or_changed_are_counted() {
    let corpus = Corpus::new(false);
    assert_eq!(corpus.run("group in -o groups.jsonl").code, 0);
    fs::remove_file(corpus.at("in/t.txt")).unwrap();
    corpus.write(
        "in/a.jsonl",
        b"{\"id\":\"other\",\"text\":\"nothing of what was there\"}\n",
    );
    let ran = corpus.run("report groups.jsonl -o page.html");
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(
        ran.err.contains("members or places were not found again"),
        "{}",
        ran.err
    );
    let page = corpus.read("page.html");
    assert!(page.contains("were not found again"));
    assert!(page.contains("a-1"), "what the line says is still there");
}

#[test]
fn a_small_page_says_what_it_leaves_out() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("small.html");
    let to = place.to_str().unwrap();
    let args = ["report", "sample_corpus", "--max-size", "120K", "-o", to];
    let ran = samewire_in(repository(), &args, b"");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let page = fs::read_to_string(place).unwrap();
    assert!(page.len() <= 120 << 10, "{}", page.len());
    assert!(page.contains("What is not in this page"));
    assert!(page.contains("can be opened"));
}

#[test]
fn wrong_use_is_told_with_what_would_be_right() {
    let corpus = Corpus::new(false);
    assert_eq!(corpus.run("group in -o groups.jsonl").code, 0);
    for (args, said) in [
        (
            "report in groups.jsonl -o p.html",
            "give either stories or such output",
        ),
        (
            "report in --links groups.jsonl -o p.html",
            "report finds the links itself",
        ),
        (
            "report groups.jsonl -o groups.jsonl",
            "is one of the inputs",
        ),
        ("report in -o in/a.jsonl", "is one of the inputs"),
        ("report no-such-folder -o p.html", "no-such-folder"),
    ] {
        let ran = corpus.run(args);
        assert_eq!(ran.code, 2, "{args}: {}", ran.err);
        assert!(ran.err.contains(said), "{args}: {}", ran.err);
        assert!(!corpus.at("p.html").exists());
    }
    // A line that is none of ours is told and costs only itself.
    let groups = corpus.read("groups.jsonl") + "{\"x\":1}\n";
    corpus.write("odd.jsonl", groups.as_bytes());
    let ran = corpus.run("report odd.jsonl -o p.html");
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(
        ran.err
            .contains("odd.jsonl:3: is no group, link or passage"),
        "{}",
        ran.err
    );
}
