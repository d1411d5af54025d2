//! JSON over several lines: in every encoding, and broken in places.

use encoding_rs::{GBK, SHIFT_JIS, WINDOWS_1252};

use super::super::testing::{Outcome, gzip, read_bytes, read_file};
use super::super::{Format, ReadOptions};
use crate::story::{Corpus as _, StoryId};

fn object(id: &str) -> String {
    format!("{{\n  \"id\": \"{id}\",\n  \"text\": \"The ferry {id} is late.\"\n}}")
}

fn utf_16(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xff, 0xfe].into_iter().chain(units).collect()
}

/// Ids, their lines, and what was told: line and cause.
fn read(name: &str, text: &str) -> (Vec<String>, Vec<u64>, Vec<String>) {
    told(&read_bytes(name, text.as_bytes()))
}

fn told(outcome: &Outcome) -> (Vec<String>, Vec<u64>, Vec<String>) {
    let lines = (0..outcome.store.len() as u32)
        .map(|i| outcome.store.origin(StoryId(i)).line.unwrap())
        .collect();
    let rejections = outcome.rejections.iter();
    let causes = rejections
        .map(|r| format!("{}: {}", r.line.unwrap_or_default(), r.reason))
        .collect();
    (outcome.ids(), lines, causes)
}

#[test]
fn json_over_several_lines_is_read_in_utf_16_as_in_utf_8() {
    let array = format!("[\n{},\n{},\n5]\n", object("ä"), object("😀"));
    let spread = format!("{}\r\n{}\n", object("a"), object("b"));
    let lines = "[torn\n{\"id\":\"a\",\"text\":\"x\"}\n{\"id\":\"b\",\"text\":\"y\"}\n".to_owned();
    let broken = format!("[{},\n{{\"id\": tru}},\n{}]", object("a"), object("b"));
    for text in [array, spread, lines, broken] {
        for name in ["a.json", "a.txt", "a", "a.json.gz"] {
            for chunk_size in [1, 100, 1 << 20] {
                let options = ReadOptions {
                    chunk_size,
                    ..ReadOptions::default()
                };
                let stored = |bytes: Vec<u8>| match name {
                    "a.json.gz" => gzip(&bytes),
                    _ => bytes,
                };
                let narrow = read_file(name, &stored(text.clone().into()), &options);
                let wide = read_file(name, &stored(utf_16(&text)), &options);
                assert_eq!(told(&wide), told(&narrow), "{name} {chunk_size}");
                assert_eq!(wide.ids().len(), 2, "{name} {chunk_size}");
                assert_eq!(wide.texts(), narrow.texts());
                assert_eq!(wide.store.raw(StoryId(1)), narrow.store.raw(StoryId(1)));
            }
        }
    }
}

#[test]
fn what_is_no_json_in_utf_16_is_what_it_is_in_utf_8() {
    let outcome = read_bytes("a.json", &utf_16("Orle, Monday"));
    assert!(outcome.texts().is_empty());
    assert!(outcome.complaints()[0].contains("neither { nor ["));
    for text in ["[{ferry}] Orle", "{\n\"a\":", "[1] A note.", ""] {
        for chunk_size in [1, 1 << 20] {
            let options = ReadOptions {
                chunk_size,
                ..ReadOptions::default()
            };
            let outcome = read_file("a.txt", &utf_16(text), &options);
            assert_eq!(outcome.texts(), [text]);
            assert_eq!(outcome.store.format(StoryId(0)), Format::Text);
            // In its own bytes.
            assert_eq!(outcome.store.raw(StoryId(0)), utf_16(text));
        }
    }
}

#[test]
fn half_a_character_in_utf_16_costs_its_record_only() {
    let mut bytes = utf_16(&format!("[\n{},\n{{\"text\":\n\"x", object("a")));
    bytes.extend([0x00, 0xd8]);
    bytes.extend(&utf_16(&format!("\"}},\n{}]", object("b")))[2..]);
    let (ids, lines, causes) = told(&read_bytes("a.json", &bytes));
    assert_eq!((ids, lines), (vec!["a".into(), "b".into()], vec![2, 8]));
    assert_eq!(
        causes,
        ["7: not valid UTF-8, in the record that begins on line 6"]
    );
}

#[test]
fn a_declared_encoding_holds_for_json_over_several_lines() {
    // The second bytes of these characters are a backslash, a bracket and a brace.
    for (encoding, text) in [
        (WINDOWS_1252, "Mönch in Orle, café"),
        (SHIFT_JIS, "表 ー ボ 能 ー"),
        (GBK, "乗 乕 乷 乿"),
    ] {
        let options = ReadOptions {
            encoding: Some(encoding),
            ..ReadOptions::default()
        };
        let object = |id: u8| format!("{{\n \"id\": \"{id}\",\n \"text\": \"{text}\"\n}}");
        let array = format!("[\n{},\n{}\n]\n", object(1), object(2));
        let spread = format!("{}\n{}\n", object(1), object(2));
        for json in [array, spread] {
            let (bytes, _, lossy) = encoding.encode(&json);
            assert!(!lossy);
            for name in ["a.json", "a.txt"] {
                let outcome = read_file(name, &bytes, &options);
                assert_eq!(outcome.ids(), ["1", "2"], "{} {name}", encoding.name());
                assert_eq!(outcome.texts(), [text, text]);
                // As those of JSON lines they keep their own bytes.
                let raw = outcome.store.raw(StoryId(0));
                let own = encoding.encode(text).0;
                assert!(raw.windows(own.len()).any(|w| w == &*own));
            }
            // A declaration spoils no file that is UTF-8.
            assert_eq!(
                read_file("a.json", json.as_bytes(), &options).texts(),
                [text, text]
            );
        }
    }
}

#[test]
fn a_record_that_is_not_utf8_costs_itself_only() {
    let array = format!("[{},\n{},\n{}]", object("a"), object("\u{1}"), object("c"));
    let bytes: Vec<u8> = array
        .replace('c', "ç")
        .bytes()
        .map(|b| if b == 1 { 0xe9 } else { b })
        .collect();
    let outcome = read_bytes("a.json", &bytes);
    let (ids, lines, causes) = told(&outcome);
    assert_eq!((ids, lines), (vec!["a".into(), "ç".into()], vec![1, 9]));
    assert_eq!(
        causes,
        ["6: not valid UTF-8, in the record that begins on line 5"]
    );
    assert_eq!(outcome.rejections[0].byte, Some(9));
}

#[test]
fn a_broken_object_costs_itself_only() {
    let (a, c) = (object("a"), object("c"));
    for (broken, told) in [
        // A raw line end in a string.
        (
            "{\n  \"id\": \"b\",\n  \"text\": \"x\ny\"\n}",
            "7: not JSON: control character (\\u0000-\\u001F) found while parsing a string",
        ),
        // No closing brace.
        (
            "{\n  \"id\": \"b\",\n  \"list\": [\n    {\n      \"x\": 1\n    }\n  ]",
            "11: the record that begins on line 5 has no end",
        ),
        (
            "{\n  \"id\": \"b\",\n  \"list\": [",
            "7: the record that begins on line 5 has no end",
        ),
        // No comma between members.
        (
            "{\n  \"id\": \"b\"\n  \"text\": \"x\"\n}",
            "7: not JSON: expected `,` or `}`",
        ),
        (
            "{\"id\": \"b\", \"text\": \"x}",
            "5: the record that begins on line 5 has no end",
        ),
    ] {
        let (spread, array, alike) = (
            format!("{a}\n{broken}\n{c}\n"),
            format!("[\n{a},\n{broken},\n{c}\n]"),
            // The way some printers part the elements of an array.
            format!(
                "[{},{broken}, {c}]",
                format!("{a}, ").trim_end_matches([',', ' '])
            ),
        );
        for (text, shift) in [(spread, 0), (array, 1)] {
            for name in ["a.json", "a.txt"] {
                let (ids, lines, causes) = read(name, &text);
                assert_eq!(ids, ["a", "c"], "{text}");
                let end = text.lines().position(|l| l.contains("\"c\"")).unwrap() as u64;
                assert_eq!(lines, [1 + shift, end], "{text}");
                assert_eq!(causes.len(), 1, "{text} {causes:?}");
                let (line, cause) = told.split_once(':').unwrap();
                let line = line.parse::<u64>().unwrap() + shift;
                let cause = cause.replace("line 5", &format!("line {}", 5 + shift));
                assert!(
                    causes[0].starts_with(&format!("{line}:{cause}")),
                    "{causes:?} {text}"
                );
            }
        }
        // There the next is told by the brace before it.
        if broken.ends_with("\n}") {
            let (ids, _, causes) = read("a.json", &alike);
            assert_eq!((ids.len(), causes.len()), (2, 1), "{alike} {causes:?}");
        }
    }
}

#[test]
fn every_broken_object_is_one_rejection_and_keeps_its_bytes() {
    let broken = |id: u8| format!("{{\n  \"id\": {id}x,\n  \"text\": \"a\n\n b\"\n}}");
    let text = [
        broken(1),
        object("a"),
        broken(2),
        broken(3),
        object("b"),
        broken(4),
    ];
    let outcome = read_bytes("a.json", text.join("\n").as_bytes());
    assert_eq!(outcome.ids(), ["a", "b"]);
    let kept: Vec<_> = outcome.rejections.iter().map(|r| &*r.record).collect();
    let expected = [1, 2, 3, 4].map(broken);
    assert_eq!(kept, expected.each_ref().map(String::as_bytes));
    let lines: Vec<_> = outcome.rejections.iter().map(|r| r.line).collect();
    assert_eq!(lines, [2, 12, 18, 28].map(Some));
    let nexts: Vec<_> = outcome.rejections.iter().map(|r| r.next).collect();
    assert!(nexts[..3].iter().all(|next| next.contains("went on")));
    assert!(nexts[3].contains("not read"));
}

#[test]
fn elements_of_a_line_each_are_told_apart() {
    for (indent, gap) in [("", ",\n"), ("  ", ",\n"), ("", "\n, ")] {
        let elements = [
            "{\"id\":\"a\",\"text\":\"x\"}",
            "{\"id\":\"b\",\"text\":\"y}",
            "{\"id\":\"c\",\"text\":\"z\"}",
            "nul",
            "{\"id\":\"d\"}",
            "{\"id\":\"e\",\"text\":\"z\"}",
        ];
        let lines = elements.map(|e| format!("{indent}{e}"));
        let text = format!("[\n{}\n]\n", lines.join(gap));
        let (ids, lines, causes) = read("a.json", &text);
        assert_eq!(
            (ids, lines),
            (vec!["a".into(), "c".into(), "e".into()], vec![2, 4, 7])
        );
        let told: Vec<_> = causes
            .iter()
            .map(|c| c.split_once(':').unwrap().0)
            .collect();
        assert_eq!(told, ["3", "5", "6"], "{causes:?}");
    }
}

#[test]
fn a_cut_array_keeps_the_elements_before_the_cut() {
    let elements: Vec<String> = ["a", "b", "c"].map(object).into();
    let whole = format!("[{}]", elements.join(", "));
    let start_of = |i: usize| whole.find(&elements[i]).unwrap();
    for cut in 1..whole.len() {
        let (ids, _, causes) = told(&read_bytes("a.json", &whole.as_bytes()[..cut]));
        let complete = (0..3)
            .filter(|&i| start_of(i) + elements[i].len() <= cut)
            .count();
        assert_eq!(ids.len(), complete, "{cut}");
        assert_eq!(causes.len(), 1, "{cut}");
        if complete > 0 {
            let last = whole[..cut].trim_end().lines().count();
            let at = format!("{last}: the file ends within ");
            assert!(causes[0].starts_with(&at), "{cut} {causes:?}");
        }
    }
}

#[test]
fn an_array_in_a_damaged_file_keeps_the_elements_before_the_damage() {
    let mut state = 7u64;
    let mut words = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        format!("w{}", state >> 20)
    };
    let elements: Vec<String> = (0..200)
        .map(|i| {
            format!(
                "{{\n \"id\": \"{i}\",\n \"text\": \"{} {}\"\n}}",
                words(),
                words()
            )
        })
        .collect();
    let packed = gzip(format!("[\n{}\n]\n", elements.join(",\n")).as_bytes());
    for name in ["a.json.gz", "a"] {
        let outcome = read_bytes(name, &packed[..packed.len() / 2]);
        let (ids, _, causes) = told(&outcome);
        assert!((50..150).contains(&ids.len()), "{}", ids.len());
        assert_eq!(causes.len(), 1, "{causes:?}");
        assert!(causes[0].contains("damaged gzip"), "{causes:?}");
        assert!(outcome.rejections[0].line.unwrap() >= 4 * ids.len() as u64);
        // Only the checksum is gone.
        let outcome = read_bytes(name, &packed[..packed.len() - 5]);
        assert_eq!((outcome.ids().len(), outcome.rejections.len()), (200, 1));
    }
}

#[test]
fn commas_that_part_nothing_are_told_and_those_that_are_missing_are_no_loss() {
    let (a, b) = (object("a"), object("b"));
    for (text, causes) in [
        (format!("[{a}, {b},]"), 1),
        (format!("[{a},\n,, {b}]"), 1),
        (format!("[,{a}, {b}]"), 1),
        (format!("[{a}\n{b}]"), 0),
        (format!("{a},\n{b}"), 0),
        (format!("{a},\n{b},"), 1),
        (format!("[{a},\n{b}] and more"), 1),
        (format!("[{a},\n{b},\n"), 1),
    ] {
        let (ids, _, told) = read("a.json", &text);
        assert_eq!((ids.len(), told.len()), (2, causes), "{text} {told:?}");
    }
}

#[test]
fn where_the_next_record_begins_is_not_guessed() {
    // What is in the list could be taken for records.
    let nested = "{\n\"id\": \"b\"\n\"list\": [\n{\n\"text\": \"no story\"\n}\n]\n}";
    let text = format!("{}\n{nested}\n{}", object("a"), object("c"));
    let (ids, _, causes) = read("a.json", &text);
    assert_eq!(ids, ["a"]);
    assert_eq!(
        causes,
        ["7: not JSON: expected `,` or `}`, in the record that begins on line 5"]
    );
    let next = read_bytes("a.json", text.as_bytes()).rejections[0].next;
    assert!(next.contains("was not read"));
    // Nor in one that is indented, where it stands further in.
    let nested = "{\n \"id\": \"b\"\n \"list\": [\n  {\n   \"text\": \"no story\"\n  }\n ]\n}";
    let text = format!("{}\n{nested}\n{}", object("a"), object("c"));
    assert_eq!(read("a.json", &text).0, ["a", "c"]);
    // Two on a line.
    let (ids, _, causes) = read("a.json", r#"[{"text":"a"}, {"text":"b}, {"text":"c"}]"#);
    assert_eq!((ids.len(), causes.len()), (1, 1));
}

#[test]
fn a_text_that_begins_as_json_does_stays_a_text() {
    for text in [
        "{\"a\": 1} is an object.\n",
        "{} is empty, and so is\n{}\nthis.\nThat is all.\n",
        "[{\"a\": 1}] is an array.\nOf one.\n",
        "{\n  \\bf ferry\n}\n{\n  Orle\n}\n",
        "[{ferry}] Orle\n",
    ] {
        assert_eq!(read_bytes("a.txt", text.as_bytes()).texts(), [text]);
    }
}

#[test]
fn lines_that_give_more_stories_are_read_as_lines() {
    let line = |id| format!("{{\"id\":\"{id}\",\"text\":\"x\"}}\n");
    // Torn at first, and less than half of them sound.
    let text = format!("{{\"id\":\"t\n{}bad\nbad\n{}bad\n", line("a"), line("b"));
    let (ids, lines, causes) = read("a.json", &text);
    assert_eq!((ids, lines), (vec!["a".into(), "b".into()], vec![2, 5]));
    assert_eq!(causes.len(), 4);
    // The last element of an array is a line of JSON, too.
    let array = format!("[\n{},\n{{\"id\":\"b\n{}]", line("a").trim(), line("c"));
    let (ids, _, causes) = read("a.json", &array);
    assert_eq!((ids, causes.len()), (vec!["a".into(), "c".into()], 1));
    // So is the last of a list in a record, but no story.
    let with_list = object("b").replace("\"text", "\"list\": [\n    {\"x\": 1}\n  ],\n  \"text");
    let text = format!("{with_list}\n{{\n  \"id\": x\n}}\n{with_list}\n");
    let (ids, _, causes) = read("a.json", &text);
    assert_eq!((ids, causes.len()), (vec!["b".into(), "b".into()], 1));
}

#[test]
fn objects_without_an_end_do_not_cost_the_square_of_their_number() {
    // Each takes in all that follow, up to the end of the file.
    let mut text = String::from("[\n{\n  \"id\": \"a\",\n  \"text\": \"x\"\n},\n");
    for _ in 0..40_000 {
        text.push_str("{\n  \"list\": [\n1\n,\n");
    }
    let started = std::time::Instant::now();
    let (ids, _, causes) = read("a.json", &text);
    assert_eq!(ids, ["a"]);
    assert!(!causes.is_empty() && causes.len() <= 40_000);
    assert!(started.elapsed().as_secs() < 20);
}
