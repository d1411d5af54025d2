//! JSON lines: fields, line ends, chunk boundaries, limits.

use proptest::prelude::*;

use super::super::testing::{Outcome, gzip, read_bytes, read_file, read_in_parts};
use super::super::{FieldNames, ReadOptions, parse_line};
use crate::story::UnitKind::{self, Caption, Story};
use crate::story::{Corpus as _, StoryId};

fn lines(text: &str) -> Outcome {
    read_bytes("a.jsonl", text.as_bytes())
}

#[test]
fn the_first_usual_name_counts_wherever_it_stands() {
    let outcome = lines(
        r#"{"url":"u","body":"second","content":"third","id":"i","text":"first","headline":"h","title":"t"}
{"_id":"m","body_text":"fourth","content":"third","published":"2024-01-02","provider":"p","version":3}
"#,
    );
    let stories = outcome.stories();
    assert_eq!((&*stories[0].id, &*stories[0].text), ("i", "first"));
    assert_eq!(stories[0].title.as_deref(), Some("t"));
    assert_eq!((&*stories[1].id, &*stories[1].text), ("m", "third"));
    assert_eq!(stories[1].time.as_deref(), Some("2024-01-02"));
    assert_eq!(stories[1].source.as_deref(), Some("p"));
    assert_eq!(stories[1].version.as_deref(), Some("3"));
}

#[test]
fn a_value_of_the_wrong_type_gives_way_to_the_next_name() {
    let outcome = lines(
        r#"{"id":["x"],"guid":"g","text":5,"body":"b"}
{"id":"","text":null,"content":"c","title":7,"source":["s"]}
{"id":"n","text":5}
{"id":"n","text":["a"],"body":null}
{"id":{"a":1},"text":"t"}
{"id":"n","title":"t"}
"#,
    );
    let stories = outcome.stories();
    assert_eq!((&*stories[0].id, &*stories[0].text), ("g", "b"));
    assert!(stories[1].id.ends_with("a.jsonl:2"), "{}", stories[1].id);
    assert_eq!(
        (&*stories[1].text, &stories[1].title, &stories[1].source),
        ("c", &None, &None)
    );
    assert_eq!(
        outcome.complaints(),
        [
            ":3: field \"text\" is a number, not a string; name the field with --text-field",
            ":4: field \"text\" is an array, not a string; name the field with --text-field",
            ":5: field \"id\" is an object, not a string or a number; name another field with --id-field",
            ":6: no text: none of the fields text, body, content, body_text; name the field with --text-field",
        ]
    );
    assert_eq!(outcome.rejections[0].record, br#"{"id":"n","text":5}"#);
}

#[test]
fn numbers_are_kept_as_they_are_written() {
    let outcome = lines(
        r#"{"id":123456789012345678901,"text":"a","time":1711454400,"version":1.10}
{"id":1e400,"text":"b","x":1e999}"#,
    );
    let stories = outcome.stories();
    assert_eq!(stories[0].id, "123456789012345678901");
    assert_eq!(stories[0].seconds(), Some(1_711_454_400));
    assert_eq!(stories[0].version.as_deref(), Some("1.10"));
    assert_eq!(stories[1].id, "1e400");
}

#[test]
fn objects_that_stand_for_a_string_are_understood() {
    let outcome = lines(
        r#"{"_id":{"$oid":"5f"},"date":{"$date":"2024-01-02"},"source":{"name":"Orle Wire"},"text":"a"}
{"id":"b","publisher":{"literal":"Lund Post","uri":"x"},"text":"b"}
{"id":"c","source":{"code":1},"text":"c"}"#,
    );
    let stories = outcome.stories();
    assert_eq!(stories[0].id, "5f");
    assert_eq!(stories[0].time.as_deref(), Some("2024-01-02"));
    assert_eq!(stories[0].source.as_deref(), Some("Orle Wire"));
    assert_eq!(stories[1].source.as_deref(), Some("Lund Post"));
    assert_eq!(stories[2].source, None);
}

#[test]
fn the_type_makes_a_caption_and_the_user_has_the_last_word() {
    let text = r#"{"id":"a","text":"a","type":"Picture"}
{"id":"b","text":"b","type":"text"}
{"id":"c","text":"c","type":["photo"]}"#;
    let kinds =
        |outcome: &Outcome| -> Vec<UnitKind> { outcome.stories().iter().map(|s| s.kind).collect() };
    assert_eq!(kinds(&lines(text)), [Caption, Story, Story]);
    let options = ReadOptions {
        kind: Some(Caption),
        ..ReadOptions::default()
    };
    let outcome = read_file("a.jsonl", text.as_bytes(), &options);
    assert_eq!(kinds(&outcome), [Caption, Caption, Caption]);
}

#[test]
fn a_field_can_be_named_and_one_member_can_serve_two_fields() {
    let options = ReadOptions {
        fields: FieldNames {
            text: vec!["title".into()],
            ..FieldNames::default()
        },
        ..ReadOptions::default()
    };
    let story = parse_line(
        br#"{"id":"a","text":"no","title":"yes"}"#,
        String::new,
        &options,
    );
    let story = story.unwrap();
    assert_eq!((&*story.text, story.title.as_deref()), ("yes", Some("yes")));
}

#[test]
fn of_a_repeated_key_the_last_value_counts() {
    let outcome = lines(r#"{"id":"a","id":"b","text":"first","text":"last"}"#);
    assert_eq!(
        (outcome.ids(), outcome.texts()),
        (vec!["b".into()], vec!["last".into()])
    );
}

#[test]
fn keys_with_escapes_are_the_same_keys() {
    let outcome = lines(r#"{"\u0069d":"a","t\u0065xt":"caf\u00e9 \ud83d\ude00\n\"x\""}"#);
    assert_eq!(outcome.ids(), ["a"]);
    assert_eq!(outcome.texts(), ["café 😀\n\"x\""]);
}

#[test]
fn line_ends_marks_and_blank_lines_are_no_part_of_records() {
    let text = "\u{feff}{\"text\":\"a\"}\r\n\r\n  \n\u{feff}{\"text\":\"b\"}\n\t\n{\"text\":\"c\"}";
    let outcome = lines(text);
    assert!(outcome.rejections.is_empty(), "{:?}", outcome.complaints());
    assert_eq!(outcome.texts(), ["a", "b", "c"]);
    let line = |i| outcome.store.origin(StoryId(i)).line;
    assert_eq!((line(0), line(1), line(2)), (Some(1), Some(4), Some(6)));
    assert_eq!(*outcome.store.raw(StoryId(0)), *br#"{"text":"a"}"#);
    assert_eq!(*outcome.store.raw(StoryId(1)), *br#"{"text":"b"}"#);
}

#[test]
fn a_bad_line_takes_no_neighbour_along_and_is_located() {
    let mut text = b"{\"text\":\"a\"}\n{\"text\":\"x\xff\"}\n{\"text\":\n[1]\n\"s\"\nnull\n{\"text\":\"a\"} x\n".to_vec();
    text.extend_from_slice(b"\0\0\0\n{\"text\":\"raw \x1b\"}\n{\"text\":\"z\"}\n");
    let outcome = read_bytes("a.jsonl", &text);
    assert_eq!(outcome.texts(), ["a", "z"]);
    let complaints = outcome.complaints();
    assert_eq!(complaints.len(), 8);
    assert!(
        complaints[0].starts_with(":2:10: not valid UTF-8; "),
        "{}",
        complaints[0]
    );
    assert!(complaints[1].starts_with(":3:"), "{}", complaints[1]);
    assert!(
        complaints[2].contains("expected a JSON object"),
        "{}",
        complaints[2]
    );
    assert!(
        complaints[5].starts_with(":7:13: not a JSON object: trailing characters"),
        "{}",
        complaints[5]
    );
    assert_eq!(outcome.rejections[6].record, b"\0\0\0");
    // However long the line, its message is short.
    let long = format!("\"{}\"\n", "x".repeat(10_000));
    assert!(lines(&long).complaints()[0].len() < 200);
}

#[test]
fn half_a_surrogate_pair_is_replaced() {
    let outcome = lines(
        r#"{"text":"\ud800 a \udc00\ud83d\ude00 \\ud800 \uD83D\uD83D\uDE00"}
{"text":"\u12"}
{"text":"\ud800\u+123"}
{"x":"\udfff","text":"b"}
"#,
    );
    assert_eq!(
        outcome.texts(),
        ["\u{fffd} a \u{fffd}😀 \\ud800 \u{fffd}😀", "b"]
    );
    assert_eq!(outcome.rejections.len(), 2);
}

#[test]
fn deep_nesting_ends_no_stack() {
    let deep = "[".repeat(200_000) + &"]".repeat(200_000);
    for field in ["x", "text", "id", "title", "source"] {
        let open = format!("{{\"{field}\":{}", &deep[..200_000]);
        let text =
            format!("{{\"text\":\"t\",\"{field}\":{deep}}}\n{open}\n{{\"text\":\"after\"}}\n");
        let outcome = lines(&text);
        assert_eq!(outcome.texts().last().unwrap(), "after", "{field}");
    }
    let objects = "{\"text\":".repeat(100_000);
    assert_eq!(lines(&objects).rejections.len(), 1);
}

#[test]
fn a_line_beyond_the_limit_is_passed_over_and_told_with_its_length() {
    let long = format!("{{\"text\":\"{}\"}}", "x".repeat(5_000));
    let text = format!("{{\"text\":\"a\"}}\n{long}\n{{\"text\":\"b\"}}\n{long}");
    for chunk_size in [16, 300, 4_000, 1 << 20] {
        let options = ReadOptions {
            max_record: 1_000,
            chunk_size,
            ..ReadOptions::default()
        };
        let outcome = read_file("a.jsonl", text.as_bytes(), &options);
        assert_eq!(outcome.texts(), ["a", "b"], "{chunk_size}");
        assert_eq!(outcome.store.origin(StoryId(1)).line, Some(3));
        let expected = format!(
            "a line of {} bytes, longer than the 1000 a record may have",
            long.len()
        );
        assert_eq!(outcome.rejections.len(), 2, "{chunk_size}");
        assert_eq!(outcome.rejections[0].reason, expected, "{chunk_size}");
        assert_eq!(
            outcome
                .rejections
                .iter()
                .map(|r| r.line)
                .collect::<Vec<_>>(),
            [Some(2), Some(4)]
        );
        assert!(long.as_bytes().starts_with(&outcome.rejections[0].record));
    }
}

#[test]
fn a_plain_file_is_parted_and_what_is_not_is_read_in_chunks() {
    let line = |i: usize| format!("{{\"text\":\"line {i} {}\"}}\n", "x".repeat(i % 40));
    let text: String = (0..400).map(line).collect();
    let options = ReadOptions {
        chunk_size: 700,
        ..ReadOptions::default()
    };
    for (name, bytes, has_parts) in [
        ("a.jsonl", text.clone().into_bytes(), true),
        ("a.txt", text.clone().into_bytes(), true),
        ("a.jsonl.gz", gzip(text.as_bytes()), false),
    ] {
        let (outcome, parts) = read_in_parts(name, &bytes, &options);
        assert_eq!(outcome.rejections, [], "{name}");
        assert_eq!(outcome.store.len(), 400, "{name}");
        assert_eq!(outcome.store.origin(StoryId(399)).line, Some(400));
        assert_eq!(parts > 10, has_parts, "{name}: {parts}");
    }
}

#[test]
fn a_declared_encoding_is_tried_where_a_line_is_not_utf8() {
    let text = b"{\"text\":\"caf\xe9\"}\n{\"text\":\"caf\xc3\xa9\"}\n";
    let options = ReadOptions {
        encoding: encoding_rs::Encoding::for_label(b"latin1"),
        ..ReadOptions::default()
    };
    let outcome = read_file("a.jsonl", text, &options);
    assert_eq!(outcome.texts(), ["café", "café"]);
    assert_eq!(*outcome.store.raw(StoryId(0)), *b"{\"text\":\"caf\xe9\"}");
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zé\\\\\"\n]{0,40}".prop_map(|text| format!(
            "{{\"id\":\"i\",\"text\":{}}}",
            serde_json::to_string(&text).unwrap()
        )),
        Just(String::new()),
        Just("  ".to_owned()),
        "[^\n\r\u{feff}]{0,20}",
        Just("{\"text\":1}\r".to_owned()),
    ]
}

proptest! {
    #[test]
    fn the_size_of_chunks_changes_nothing(
        lines in prop::collection::vec(line(), 0..30),
        end in any::<bool>(),
        chunk_size in 1usize..200,
        max_record in 20usize..80,
    ) {
        let mut text = lines.join("\n");
        if end {
            text.push('\n');
        }
        let read = |chunk_size, parts| {
            let options = ReadOptions { max_record, chunk_size, ..ReadOptions::default() };
            let outcome = if parts {
                read_in_parts("a.jsonl", text.as_bytes(), &options).0
            } else {
                read_file("a.jsonl", text.as_bytes(), &options)
            };
            let stories: Vec<_> = (0..outcome.store.len())
                .map(|i| StoryId(i as u32))
                .map(|id| (
                    outcome.store.story(id).text.into_owned(),
                    outcome.store.origin(id).line,
                    outcome.store.raw(id).to_vec(),
                ))
                .collect();
            let told: Vec<_> = outcome.rejections.iter().map(|r| (r.line, r.byte, r.reason.clone())).collect();
            (stories, told)
        };
        let whole = read(1 << 20, false);
        prop_assert_eq!(read(chunk_size, false), whole.clone());
        prop_assert_eq!(read(chunk_size, true), whole);
    }

    #[test]
    fn no_line_makes_the_parser_panic(line in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = parse_line(&line, String::new, &ReadOptions::default());
    }

    #[test]
    fn any_text_comes_back_as_it_was_written(text in any::<String>()) {
        let line = serde_json::json!({"id": "a", "text": text}).to_string();
        let story = parse_line(line.as_bytes(), String::new, &ReadOptions::default()).unwrap();
        prop_assert_eq!(&*story.text, &*text);
    }
}
