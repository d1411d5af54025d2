//! `--memory`: what lies in temporary files changes no answer, and leaves nothing behind.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use crate::corpus::Corpus;
use crate::synthetic::{Plan, jsonl};

/// A large file that is read again, the same packed, which is not, texts, and a large file of short records, which is held where there is memory.
fn corpus() -> Corpus {
    let corpus = Corpus::empty();
    let planted = Plan {
        seed: 3,
        families: 900,
        words: 460,
        edits: 20,
        captions: true,
    }
    .make();
    let short = Plan {
        seed: 4,
        families: 2_000,
        words: 60,
        edits: 3,
        captions: false,
    };
    let short = jsonl(&short.make().stories);
    assert!(short.len() > 1 << 20, "{} bytes", short.len());
    corpus.write("in/short.jsonl", short.as_bytes());
    let (plain, packed) = planted.stories.split_at(planted.stories.len() / 2);
    let plain = jsonl(plain);
    assert!(
        plain.len() > 1 << 20,
        "{} bytes are held as they are",
        plain.len()
    );
    corpus.write("in/a.jsonl", plain.as_bytes());
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(jsonl(packed).as_bytes()).unwrap();
    corpus.write("in/b.jsonl.gz", &gzip.finish().unwrap());
    for (i, story) in packed.iter().take(40).enumerate() {
        corpus.write(&format!("in/texts/{i}.txt"), story.text.as_bytes());
    }
    corpus
}

fn group(folder: &Path, temporary: &Path, options: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_samewire"))
        .current_dir(folder)
        .env("TMPDIR", temporary)
        .args(["group", "in", "--json", "--links", "links.jsonl"])
        .args(options)
        .output()
        .unwrap()
}

#[test]
fn memory_changes_no_answer() {
    let corpus = corpus();
    let temporary = tempfile::tempdir().unwrap();
    let run = |options: &[&str], memory: &str| {
        let all = [options, &["--memory", memory]].concat();
        let ran = group(&corpus.at(""), temporary.path(), &all);
        assert_eq!(
            ran.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
        let links = std::fs::read(corpus.at("links.jsonl")).unwrap();
        (ran.stdout, links)
    };
    for options in [
        &["--match", "all"][..],
        &["--match", "near"],
        // Seeds and bands.
        &["--threshold", "0.4"],
        &["--exact", "--threads", "3"],
    ] {
        let plenty = run(options, "4G");
        assert!(!plenty.0.is_empty() && !plenty.1.is_empty());
        for memory in ["1", "300K"] {
            assert!(run(options, memory) == plenty, "{options:?} {memory}");
        }
    }
    let left = std::fs::read_dir(temporary.path()).unwrap().count();
    assert_eq!(left, 0, "temporary files are left");
}

#[test]
fn a_temporary_file_that_cannot_be_made_is_told_with_a_way_out() {
    let corpus = corpus();
    let ran = group(
        &corpus.at(""),
        Path::new("/no/such/folder"),
        &["--memory", "1K"],
    );
    let err = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(2), "{err}");
    for word in ["/no/such/folder", "temporary file", "TMPDIR", "--memory"] {
        assert!(err.contains(word), "{word}: {err}");
    }
    assert!(ran.stdout.is_empty());
}
