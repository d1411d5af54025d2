//! Tests and figures on data that is no part of the repository; each is skipped where the data is missing.

use std::fs;
use std::time::Instant;

use super::super::testing::{read_bytes, read_path, shared_data};
use super::super::{ChunkReader, ReadOptions, Source, SourceId};

#[test]
fn gzip_damage_that_python_finds_is_found() {
    let Some(dir) = shared_data("hostile/generated") else {
        return;
    };
    let base = fs::read(dir.join("base.jsonl")).unwrap();
    let lines: Vec<&[u8]> = base.split(|&b| b == b'\n').collect();
    let table = fs::read_to_string(dir.join("gz_expected_python_gzip.tsv")).unwrap();
    let mut kept = 0;
    for row in table.lines().skip(1) {
        let mut columns = row.split('\t');
        let (name, expected) = (columns.next().unwrap(), columns.next().unwrap());
        let outcome = read_path(&dir.join("gz").join(name));
        let stories = outcome.stories().len();
        match expected {
            "identical" => assert_eq!((stories, outcome.rejections.len()), (64, 0), "{name}"),
            "double" => assert_eq!((stories, outcome.rejections.len()), (128, 0), "{name}"),
            "EMPTY" => assert!(outcome.rejections.is_empty(), "{name}"),
            "bomb" => assert_eq!(outcome.rejections.len(), 1, "{name}"),
            _ => assert!(!outcome.rejections.is_empty(), "{name}"),
        }
        // Truncation loses the rest and nothing before it.
        if name.starts_with("trunc") && expected != "EMPTY" {
            kept += stories;
            for (i, line) in lines.iter().enumerate().take(stories) {
                let raw = outcome.store.raw(crate::StoryId(i as u32));
                assert!(raw == *line, "{name}: story {i}");
            }
        }
    }
    assert!(kept > 64 * 20, "{kept} records kept of truncated files");
}

#[test]
fn json_test_suite() {
    let Some(dir) = shared_data("hostile/JSONTestSuite/test_parsing") else {
        return;
    };
    let mut seen = 0;
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = fs::read(&path).unwrap();
        let one_line = !bytes.contains(&b'\n') && !bytes.contains(&b'\r');
        let mut record = br#"{"text":"t","x":"#.to_vec();
        record.extend_from_slice(&bytes);
        record.push(b'}');
        let as_record = read_bytes("a.jsonl", &record);
        let as_file = read_bytes(&name, &bytes);
        seen += 1;
        if name.starts_with("y_") {
            if one_line {
                assert_eq!(
                    as_record.stories().len(),
                    1,
                    "{name}: {:?}",
                    as_record.complaints()
                );
            }
        } else if name.starts_with("n_") {
            assert!(as_file.stories().is_empty(), "{name} as a file");
            // A value that is broken by itself may be whole inside an object: "n_structure_object_with_trailing".
            if one_line && !bytes.is_empty() {
                assert_eq!(as_record.stories().len(), 0, "{name} as a record");
            }
        }
    }
    assert!(seen > 300);
}

#[test]
fn utf8_tests_are_read_as_utf8_with_replacements() {
    let Some(path) = shared_data("hostile/utf8tests/utf8tests.bin") else {
        return;
    };
    let bytes = fs::read(&path).unwrap();
    let outcome = read_path(&path);
    println!("{:?}", outcome.complaints());
    // It holds NUL on purpose, so that it is binary here; without them it is a text.
    let without: Vec<u8> = bytes.iter().copied().filter(|&b| b != 0).collect();
    let outcome = read_bytes("utf8tests.txt", &without);
    assert!(outcome.texts() == [String::from_utf8_lossy(&without).into_owned()]);
}

#[test]
fn hostile_records_are_stories_and_broken_ones_are_told_one_by_one() {
    let Some(dir) = shared_data("hostile/generated") else {
        return;
    };
    let outcome = read_path(&dir.join("hostile.jsonl"));
    assert!(outcome.rejections.is_empty(), "{:?}", outcome.complaints());
    let outcome = read_path(&dir.join("broken.jsonl"));
    for complaint in outcome.complaints() {
        println!("{complaint}");
        assert!(!complaint.chars().any(char::is_control));
    }
    println!("{:?}", outcome.ids());
}

#[cfg(target_os = "linux")]
#[test]
fn a_hostile_tree_is_survived() {
    let Some(script) = shared_data("hostile/generated/make_hostile_tree.sh") else {
        return;
    };
    let dir = tempfile::TempDir::new().unwrap();
    let made = std::process::Command::new("sh")
        .arg(script)
        .arg(dir.path())
        .output()
        .unwrap();
    if !made.status.success() {
        println!("skipped: the tree could not be made");
        return;
    }
    let outcome = read_path(dir.path());
    println!("{:#?}\n{:#?}", outcome.ids(), outcome.complaints());
    assert!(outcome.texts().iter().filter(|t| *t == "x\n").count() >= 9);
    assert!(outcome.ids().iter().any(|id| id == "ok"));
    assert!(outcome.complaints().iter().any(|c| c.contains("FIFO")));
    assert!(
        outcome
            .complaints()
            .iter()
            .any(|c| c.contains("a link back to"))
    );
    for complaint in outcome.rejections.iter().map(ToString::to_string) {
        assert!(!complaint.chars().any(char::is_control), "{complaint:?}");
    }
    // Let the folder be removed again.
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    fs::set_permissions(dir.path().join("noperm"), mode).unwrap();
}

/// `cargo test --release -- --ignored --nocapture reading_speed`, with `SAMEWIRE_SPEED_FILE` naming a JSONL file.
#[test]
#[ignore = "a measurement"]
fn reading_speed() {
    let Some(path) = std::env::var_os("SAMEWIRE_SPEED_FILE") else {
        return;
    };
    let source = Source::file(path);
    let options = ReadOptions::default();
    let bytes = source.bytes.unwrap() as f64 / 1e6;
    for _ in 0..5 {
        let start = Instant::now();
        let chunks: Vec<_> = ChunkReader::open(SourceId(0), &source, &options)
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let read = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let raw = fs::read(&source.path).unwrap();
        let floor = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let (mut records, mut text) = (0, 0);
        for chunk in &chunks {
            for record in chunk.records(&source.name, &options) {
                text += record.unwrap().story.text.len();
                records += 1;
            }
        }
        let parsed = start.elapsed().as_secs_f64();
        println!(
            "read and split {:.0} MB/s (fs::read {:.0}), parse {:.0} MB/s, both {:.0} MB/s; {records} records, {text} bytes of text, {} chunks, {}",
            bytes / read,
            bytes / floor,
            bytes / parsed,
            bytes / (read + parsed),
            chunks.len(),
            raw.len(),
        );
    }
}
