//! Compression and damage: what is sound is kept, what is not is told.

use std::fs::{self, OpenOptions};
use std::io::Write as _;

use tempfile::TempDir;

use super::super::testing::{gzip, read_bytes, read_file};
use super::super::{ChunkReader, ReadOptions, Source, SourceId};

/// Lines that do not compress to nothing.
fn feed(records: u64) -> Vec<u8> {
    let mut state = 7u64;
    let mut out = Vec::new();
    for i in 0..records {
        let words: Vec<String> = (0..40)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                format!("w{}", state >> 44)
            })
            .collect();
        writeln!(out, "{{\"id\":\"{i}\",\"text\":\"{}\"}}", words.join(" ")).unwrap();
    }
    out
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::stream::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

type Pack = fn(&[u8]) -> Vec<u8>;
const PACKERS: [(&str, Pack); 2] = [("feed.gz", gzip), ("feed.jsonl.zst", zstd)];

#[test]
fn compressed_files_are_read_by_content_whatever_the_name() {
    let plain = feed(50);
    for (name, pack) in PACKERS {
        let once = pack(&plain);
        for name in [name, "feed", "feed.txt"] {
            assert_eq!(read_bytes(name, &once).ids().len(), 50, "{name}");
        }
        // Several members, cut in the middle of a line.
        let (a, b) = plain.split_at(plain.len() / 2);
        let members = [pack(a), pack(b""), pack(b)].concat();
        let outcome = read_bytes(name, &members);
        assert_eq!(
            (outcome.ids().len(), outcome.rejections.len()),
            (50, 0),
            "{name}"
        );
    }
    let text = read_bytes("a.txt.gz", &gzip(b"The ferry is late."));
    assert_eq!(text.texts(), ["The ferry is late."]);
}

#[test]
fn every_truncation_keeps_what_came_before_and_is_told() {
    let plain = feed(60);
    let lines: Vec<&[u8]> = plain.split_inclusive(|&b| b == b'\n').collect();
    for (name, pack) in PACKERS {
        let packed = pack(&plain);
        for cut in (1..packed.len()).step_by(97) {
            for chunk_size in [500, 1 << 20] {
                let options = ReadOptions {
                    chunk_size,
                    ..ReadOptions::default()
                };
                let outcome = read_file(name, &packed[..cut], &options);
                assert_eq!(
                    outcome.rejections.len(),
                    1,
                    "{name} {cut}: {:?}",
                    outcome.complaints()
                );
                for (i, text) in outcome.texts().iter().enumerate() {
                    let line = String::from_utf8_lossy(lines[i]);
                    assert!(line.contains(text.as_str()), "{name} {cut}");
                }
            }
        }
        let outcome = read_bytes(name, &packed[..packed.len() - 1]);
        assert!(
            outcome.ids().len() >= if name == "feed.gz" { 60 } else { 0 },
            "{name}"
        );
    }
}

#[test]
fn damage_in_the_middle_costs_no_record_before_it() {
    // Two members: the first is sound, so all of it must be there.
    let plain = feed(2_000);
    for (name, pack) in PACKERS {
        let first = pack(&plain);
        let mut second = pack(&plain);
        let middle = second.len() / 2;
        for byte in &mut second[middle..middle + 8] {
            *byte ^= 0x5a;
        }
        let outcome = read_bytes(name, &[first, second].concat());
        assert!(
            outcome.ids().len() >= 2_000,
            "{name}: {}",
            outcome.ids().len()
        );
        // What deflate makes of damage before it notices are lines that are told one by one.
        let complaints = outcome.complaints();
        let told = complaints.last().unwrap();
        assert!(
            told.contains(": damaged ") && told.contains("at byte "),
            "{told}"
        );
    }
    // gzip gives all that was decoded, to the byte.
    let mut packed = gzip(&plain);
    let middle = packed.len() / 2;
    for byte in &mut packed[middle..middle + 8] {
        *byte ^= 0x5a;
    }
    let kept = read_bytes("feed.gz", &packed).ids().len();
    assert!((900..=1_100).contains(&kept), "{kept}");
}

#[test]
fn a_wrong_checksum_is_told() {
    for (name, pack) in PACKERS {
        let mut packed = pack(&feed(10));
        // gzip ends in CRC and length, zstd in its checksum.
        let at = packed.len() - if name == "feed.gz" { 8 } else { 1 };
        packed[at] ^= 1;
        assert_eq!(read_bytes(name, &packed).rejections.len(), 1, "{name}");
    }
}

#[test]
fn what_follows_the_end_is_told_unless_it_is_padding() {
    let packed = gzip(&feed(10));
    let padded = [&packed[..], &[0; 700]].concat();
    let outcome = read_bytes("feed.gz", &padded);
    assert_eq!((outcome.ids().len(), outcome.rejections.len()), (10, 0));
    let again = [&padded[..], &packed].concat();
    assert_eq!(read_bytes("feed.gz", &again).ids().len(), 20);
    for garbage in [&b"GARBAGE"[..], b"\x1f", b"\x1fgarbage", b"\0\0x"] {
        let outcome = read_bytes("feed.gz", &[&packed[..], garbage].concat());
        assert_eq!(
            (outcome.ids().len(), outcome.rejections.len()),
            (10, 1),
            "{garbage:?}"
        );
        let outcome = read_bytes("feed.zst", &[&zstd(&feed(10))[..], garbage].concat());
        assert_eq!(
            (outcome.ids().len(), outcome.rejections.len()),
            (10, 1),
            "{garbage:?}"
        );
    }
}

#[test]
fn a_name_that_promises_compression_is_held_to_it() {
    for name in ["feed.jsonl.gz", "feed.zst"] {
        let outcome = read_bytes(name, &feed(3));
        assert_eq!(
            (outcome.ids().len(), outcome.rejections.len()),
            (0, 1),
            "{name}"
        );
    }
}

#[test]
fn a_bomb_is_read_in_bounded_memory() {
    let options = ReadOptions {
        max_record: 1 << 20,
        ..ReadOptions::default()
    };
    let mut plain = vec![b' '; 40 << 20];
    plain.extend_from_slice(b"\n{\"text\":\"after\"}\n");
    let outcome = read_file("feed.jsonl.gz", &gzip(&plain), &options);
    assert_eq!(outcome.texts(), ["after"]);
    assert_eq!(outcome.rejections[0].line, Some(1));
}

#[test]
fn a_file_that_changes_while_it_is_read_is_told_and_its_whole_records_are_kept() {
    let plain = feed(200);
    let options = ReadOptions {
        chunk_size: 4_000,
        ..ReadOptions::default()
    };
    let dir = TempDir::new().unwrap();
    for shrink in [true, false] {
        let path = dir.path().join("feed.jsonl");
        fs::write(&path, &plain).unwrap();
        let source = Source::file(&path);
        let reader = ChunkReader::open(SourceId(0), &source, &options).unwrap();
        let mut records = 0;
        let mut told = Vec::new();
        let mut changed = false;
        for item in reader {
            match item {
                Ok(chunk) => {
                    for record in chunk.records(&source.name, &options) {
                        assert!(record.is_ok(), "{record:?}");
                        records += 1;
                    }
                }
                Err(r) => told.push(r.to_string()),
            }
            if !changed {
                let mut file = OpenOptions::new().append(true).open(&path).unwrap();
                if shrink {
                    file.set_len(plain.len() as u64 / 2 + 7).unwrap();
                } else {
                    file.write_all(b"{\"text\":\"half").unwrap();
                }
                changed = true;
            }
        }
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("it changed while it was read"), "{told:?}");
        assert!(
            if shrink {
                (90..=110).contains(&records)
            } else {
                records == 200
            },
            "{records}"
        );
    }
}

#[test]
fn a_file_that_is_cut_while_its_parts_wait_is_told_by_each_and_their_whole_records_are_kept() {
    let plain = feed(200);
    let options = ReadOptions {
        chunk_size: 4_000,
        ..ReadOptions::default()
    };
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("feed.jsonl");
    fs::write(&path, &plain).unwrap();
    let source = Source::file(&path);
    let mut reader = ChunkReader::open(SourceId(0), &source, &options).unwrap();
    let parts: Vec<_> = std::iter::from_fn(|| reader.part()).collect();
    assert!(parts.len() > 2);
    let cut = plain.len() as u64 / 2 + 7;
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(cut).unwrap();
    let mut told = Vec::new();
    let mut bytes = 0;
    for part in parts {
        let (chunk, rejection) = part.read(&source.name, Vec::new());
        assert!(chunk.records(&source.name, &options).all(|r| r.is_ok()));
        assert_eq!(chunk.bytes.last().copied().unwrap_or(b'\n'), b'\n');
        bytes += chunk.bytes.len() as u64;
        told.extend(rejection);
    }
    told.extend(reader.filter_map(Result::err));
    let whole = memchr::memrchr(b'\n', &plain[..cut as usize]).unwrap() as u64 + 1;
    assert_eq!(bytes, whole);
    let expected = format!(
        "it changed while it was read: {} bytes at first, {cut} in the end",
        plain.len()
    );
    assert!(
        told.len() > 1 && told.iter().all(|r| r.reason == expected),
        "{told:?}"
    );
}
