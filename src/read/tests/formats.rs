//! What a file is taken for, and encodings.

use encoding_rs::{Encoding, KOI8_R, SHIFT_JIS, WINDOWS_1252};

use super::super::testing::{gzip, read_bytes, read_file};
use super::super::{Format, ReadOptions};
use crate::story::{Corpus as _, StoryId, UnitKind};

const RECORD: &str = r#"{"id":"a","text":"The ferry is late."}"#;

#[test]
fn json_lines_are_known_by_content_whatever_the_name() {
    for name in ["feed", "feed.txt", "feed.json", "feed.ndjson", "feed.jsonl"] {
        let outcome = read_bytes(name, format!("\n{RECORD}\nbad\n{RECORD}\n").as_bytes());
        assert_eq!(outcome.ids(), ["a", "a"], "{name}");
        assert_eq!(outcome.rejections.len(), 1, "{name}");
        assert_eq!(outcome.store.format(StoryId(0)), Format::Jsonl);
    }
}

#[test]
fn a_torn_first_line_makes_no_text_of_a_feed() {
    for torn in [r#"{"id":"x","te"#, r#"xt":"torn"}"#] {
        let feed = format!("{torn}\n{RECORD}\n{RECORD}\n");
        let outcome = read_bytes("feed", feed.as_bytes());
        assert_eq!(
            (outcome.ids().len(), outcome.rejections.len()),
            (2, 1),
            "{torn}"
        );
    }
}

#[test]
fn any_other_file_is_one_story_that_bears_its_path() {
    for text in [
        "ORLE - The ferry is late.\n",
        "{not json}",
        "[1] A note.\n",
        "12",
        "  ",
    ] {
        let outcome = read_bytes("a.txt", text.as_bytes());
        assert_eq!(outcome.texts(), [text]);
        assert!(outcome.ids()[0].ends_with("/a.txt"));
        let origin = outcome.store.origin(StoryId(0));
        assert_eq!((origin.path, origin.line), (&*outcome.ids()[0], None));
        assert_eq!(outcome.store.format(StoryId(0)), Format::Text);
        assert_eq!(outcome.store.raw(StoryId(0)), text.as_bytes());
    }
}

#[test]
fn a_text_file_can_be_declared_a_caption() {
    let options = ReadOptions {
        kind: Some(UnitKind::Caption),
        ..ReadOptions::default()
    };
    let outcome = read_file("a.txt", b"A ferry, Orle, Monday.", &options);
    assert_eq!(outcome.stories()[0].kind, UnitKind::Caption);
}

#[test]
fn an_empty_file_is_an_empty_story_or_no_record() {
    assert_eq!(read_bytes("a.txt", b"").texts(), [""]);
    for name in ["a.jsonl", "a.json", "a.jsonl.gz"] {
        let outcome = read_bytes(name, b"");
        assert_eq!(
            (outcome.texts().len(), outcome.rejections.len()),
            (0, 0),
            "{name}"
        );
    }
}

#[test]
fn json_over_several_lines_gives_a_record_an_object() {
    let one = "{\n  \"id\": \"a\",\r\n  \"text\": \"x\\ny\"\n}\n";
    for name in ["a.json", "a.txt"] {
        let outcome = read_bytes(name, one.as_bytes());
        assert_eq!(outcome.texts(), ["x\ny"], "{name}");
        let raw = outcome.store.raw(StoryId(0));
        assert!(!raw.contains(&b'\n') && raw.ends_with(b"}"), "{name}");
        let two = format!("{one}{one}");
        assert_eq!(read_bytes(name, two.as_bytes()).ids(), ["a", "a"], "{name}");
        let array = format!("\u{feff}[\n{one},\n{one}, 5,{{\"id\":3}}]");
        let outcome = read_bytes(name, array.as_bytes());
        assert_eq!(outcome.ids(), ["a", "a"], "{name}");
        let lines: Vec<_> = (0..2)
            .map(|i| outcome.store.origin(StoryId(i)).line)
            .collect();
        assert_eq!(lines, [Some(2), Some(7)], "{name}");
        let told: Vec<_> = outcome.rejections.iter().map(|r| r.line).collect();
        assert_eq!(told, [Some(11), Some(11)], "{name}");
    }
}

#[test]
fn json_that_is_none_is_rejected_by_name() {
    for text in ["[1, 2", "{\"a\":\n", "\"text\"", "nul", "[,]"] {
        let outcome = read_bytes("a.json", text.as_bytes());
        assert!(outcome.texts().is_empty(), "{text}");
        assert_eq!(outcome.rejections.len(), 1, "{text}");
        assert!(outcome.complaints()[0].contains("one JSON object a line"));
    }
}

#[test]
fn byte_order_marks_are_dropped_and_utf16_is_decoded() {
    assert_eq!(
        read_bytes("a.txt", "\u{feff}Orle – ß".as_bytes()).texts(),
        ["Orle – ß"]
    );
    let text = "Orle – ß 😀\nline";
    let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let marked = |mark: [u8; 2], body: &[u8]| [&mark[..], body].concat();
    assert_eq!(read_bytes("a", &marked([0xff, 0xfe], &le)).texts(), [text]);
    let outcome = read_bytes("a", &marked([0xfe, 0xff], &be));
    assert_eq!(outcome.texts(), [text]);
    assert_eq!(outcome.store.raw(StoryId(0)), marked([0xfe, 0xff], &be));
    // Without a mark it must be declared.
    assert_eq!(read_bytes("a", &le).rejections.len(), 1);
    let options = ReadOptions {
        encoding: Encoding::for_label(b"utf-16le"),
        ..ReadOptions::default()
    };
    assert_eq!(read_file("a", &le, &options).texts(), [text]);
    // A declaration for the whole run spoils no file that is UTF-8.
    assert_eq!(read_file("a", text.as_bytes(), &options).texts(), [text]);
}

#[test]
fn utf16_json_lines_are_lines() {
    let text = format!("{RECORD}\r\n{{\"text\":\"ß 😀\"}}\nbad\n{RECORD}\n");
    let mut bytes: Vec<u8> = [0xff, 0xfe].into();
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    for chunk_size in [1, 2, 3, 7, 64, 1 << 20] {
        for name in ["a.jsonl", "a", "a.gz"] {
            let options = ReadOptions {
                chunk_size,
                ..ReadOptions::default()
            };
            let stored = if name == "a.gz" {
                gzip(&bytes)
            } else {
                bytes.clone()
            };
            let outcome = read_file(name, &stored, &options);
            assert_eq!(outcome.texts()[1], "ß 😀", "{chunk_size} {name}");
            assert_eq!(
                (outcome.texts().len(), outcome.rejections.len()),
                (3, 1),
                "{chunk_size}"
            );
            assert_eq!(outcome.rejections[0].line, Some(3));
        }
    }
    // Half a surrogate pair costs its line only, and so does half a unit at the end.
    let mut torn: Vec<u8> = [0xff, 0xfe].into();
    let units = |s: &str| {
        s.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>()
    };
    torn.extend(units("{\"text\":\""));
    torn.extend([0x00, 0xd8]);
    torn.extend(units("\"}\n{\"text\":\"b\"}\n"));
    torn.push(b'x');
    let outcome = read_bytes("a.jsonl", &torn);
    assert_eq!(outcome.texts(), ["b"]);
    let told: Vec<_> = outcome
        .rejections
        .iter()
        .map(|r| (r.line, r.byte))
        .collect();
    assert_eq!(told, [(Some(1), Some(9)), (Some(3), Some(0))]);
}

#[test]
fn legacy_encodings_are_guessed_when_there_is_enough_to_guess_from() {
    let french = "À la mairie d’Orle, le maire a déclaré lundi que le pont serait fermé jusqu’à l’été. \
        « Nous n’avons pas été prévenus », a protesté une commerçante installée à côté du marché.";
    let russian = "Паром между Орле и Лундом в понедельник опоздал на три часа из-за тумана, сообщили в порту. \
        Пассажиры ждали на причале, им раздали горячий чай. Во вторник движение восстановят.";
    let japanese = "オルレ市の港を出る連絡船は月曜日、濃い霧のため三時間遅れた。市の担当者によると、\
        乗客は待合室で待機し、けが人はいなかった。火曜日からは通常の運航に戻る見込みだという。";
    for (encoding, text) in [
        (WINDOWS_1252, french),
        (KOI8_R, russian),
        (SHIFT_JIS, japanese),
    ] {
        let (bytes, _, lossy) = encoding.encode(text);
        assert!(!lossy);
        let outcome = read_bytes("a.txt", &bytes);
        assert_eq!(outcome.texts(), [text], "{}", encoding.name());
        assert_eq!(outcome.store.raw(StoryId(0)), &*bytes);
        // A wrong guess can always be overruled.
        let options = ReadOptions {
            encoding: Some(encoding),
            ..ReadOptions::default()
        };
        assert_eq!(read_file("a.txt", &bytes, &options).texts(), [text]);
        assert_eq!(
            read_file("a.txt", text.as_bytes(), &options).texts(),
            [text]
        );
    }
}

#[test]
fn damaged_utf8_stays_utf8() {
    for (bytes, text) in [
        (
            &b"Orle \xe2\x80\x94 the ferry \xff is late"[..],
            "Orle — the ferry \u{fffd} is late",
        ),
        (
            b"cut in a dash \xe2\x80\x94 \xe2\x80",
            "cut in a dash — \u{fffd}",
        ),
        (
            b"overlong \xc0\xaf and \xed\xa0\x80",
            "overlong \u{fffd}\u{fffd} and \u{fffd}\u{fffd}\u{fffd}",
        ),
    ] {
        assert_eq!(read_bytes("a.txt", bytes).texts(), [text]);
    }
    assert_eq!(
        read_bytes("a.txt", b"The caf\xe9 in Orle is open.").texts(),
        ["The café in Orle is open."]
    );
}

#[test]
fn binary_files_are_no_text() {
    for bytes in [
        &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..],
        b"SQLite format 3\0",
        b"%PDF-1.7\nno nul here",
        b"BZh91AY&SY\xff\xff",
        b"text\0text",
        &[0; 10_000],
    ] {
        let outcome = read_bytes("a.txt", bytes);
        assert!(outcome.texts().is_empty());
        assert!(
            outcome.complaints()[0].contains("not text; "),
            "{:?}",
            outcome.complaints()
        );
    }
    assert_eq!(
        read_bytes("a.txt", b"PAR1 is the name of a column.")
            .texts()
            .len(),
        1
    );
}

#[test]
fn a_text_beyond_the_limit_is_rejected() {
    let options = ReadOptions {
        max_record: 100,
        chunk_size: 10,
        ..ReadOptions::default()
    };
    assert_eq!(read_file("a.txt", &[b'x'; 100], &options).texts().len(), 1);
    let outcome = read_file("a.txt", &[b'x'; 101], &options);
    assert!(outcome.texts().is_empty());
    assert!(outcome.complaints()[0].contains("more than the 100 bytes"));
}
