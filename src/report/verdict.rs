/*!
Verdicts of the stream as JSON objects.

```text
{"v":1,"unit":"story","relation":"near","of":"ap-1","group":"g-…","jaccard":0.91,"containment":0.97,"captions":[…]}
```
*/

use std::io::{self, Write};

use serde::Serialize;

use super::json::{rounded, write_line};
use crate::pipeline::stream::Verdict;
use crate::story::UnitKind;

/// Version of the form.
const V: u8 = 1;

#[derive(Default, Serialize)]
struct Object<'a> {
    v: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<UnitKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    relation: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jaccard: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    containment: Option<f64>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    merged: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    captions: Vec<Object<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

/// What stands for a relation at first sight.
const NEW: &str = "new";

impl<'a> Object<'a> {
    fn of(verdict: &'a Verdict) -> Self {
        let repeat = verdict.repeat.as_ref();
        Self {
            v: V,
            unit: Some(verdict.kind),
            caption: (verdict.caption > 0).then_some(verdict.caption),
            relation: Some(repeat.map_or(NEW, |r| r.relation.name())),
            of: repeat.map(|r| r.of.as_str()),
            group: Some(&verdict.group),
            jaccard: repeat.map(|r| rounded(r.jaccard)),
            containment: repeat.map(|r| rounded(r.containment)),
            merged: &verdict.merged,
            ..Self::default()
        }
    }

    fn write(&self, out: &mut Vec<u8>) -> io::Result<()> {
        write_line(out, self)?;
        out.pop();
        Ok(())
    }
}

/// Writes the verdicts of one story as one object, without a line end: that of the story itself, the others as its captions.
///
/// # Errors
/// Never, in memory.
pub fn object(out: &mut Vec<u8>, verdicts: &[Verdict]) -> io::Result<()> {
    whole(None, verdicts).write(out)
}

fn whole<'a>(id: Option<&str>, verdicts: &'a [Verdict]) -> Object<'a> {
    let mut objects = verdicts.iter().map(Object::of).peekable();
    let story = objects.next_if(|o| o.caption.is_none());
    Object {
        v: V,
        id: id.map(str::to_owned),
        captions: objects.collect(),
        ..story.unwrap_or_default()
    }
}

/// Writes the verdicts of one story as a line, with its id.
///
/// # Errors
/// When `out` fails.
pub fn line(out: &mut dyn Write, id: &str, verdicts: &[Verdict]) -> io::Result<()> {
    write_line(out, &whole(Some(id), verdicts))
}

/// Writes what a line is that is no story, as an object without a line end.
///
/// # Errors
/// Never, in memory.
pub fn error(out: &mut Vec<u8>, line: u64, error: &str) -> io::Result<()> {
    let object = Object {
        v: V,
        line: Some(line),
        error: Some(error),
        ..Object::default()
    };
    object.write(out)
}

/// Writes what happened with the story of a line, a line for each event.
///
/// # Errors
/// When `out` fails.
pub fn events(
    out: &mut dyn Write,
    line: u64,
    story_id: &str,
    verdicts: &[Verdict],
) -> io::Result<()> {
    for verdict in verdicts {
        let id = match verdict.caption {
            0 => story_id.to_owned(),
            n => format!("{story_id}#caption-{n}"),
        };
        if verdict.repeat.is_some() {
            let event = Object {
                event: Some("repeat"),
                line: Some(line),
                id: Some(id.clone()),
                merged: &[],
                ..Object::of(verdict)
            };
            write_line(out, &event)?;
        }
        if !verdict.merged.is_empty() {
            let event = Object {
                v: V,
                event: Some("merge"),
                line: Some(line),
                id: Some(id),
                unit: Some(verdict.kind),
                group: Some(&verdict.group),
                merged: &verdict.merged,
                ..Object::default()
            };
            write_line(out, &event)?;
        }
    }
    Ok(())
}

/// Writes a line that is no story as an event.
///
/// # Errors
/// When `out` fails.
pub fn error_event(out: &mut dyn Write, line: u64, error: &str) -> io::Result<()> {
    let event = Object {
        v: V,
        event: Some("error"),
        line: Some(line),
        error: Some(error),
        ..Object::default()
    };
    write_line(out, &event)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::stream::Repeat;
    use crate::verify::Relation;

    fn verdicts() -> [Verdict; 2] {
        [
            Verdict {
                kind: UnitKind::Story,
                caption: 0,
                repeat: Some(Repeat {
                    relation: Relation::Near,
                    of: "ap-1\u{202e}".into(),
                    jaccard: 0.912_34,
                    containment: 1.0,
                }),
                group: "g-000000000001".into(),
                merged: vec!["g-000000000007".into()],
            },
            Verdict {
                kind: UnitKind::Caption,
                caption: 1,
                repeat: None,
                group: "g-000000000002".into(),
                merged: Vec::new(),
            },
        ]
    }

    fn text(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn verdicts_are_one_object() {
        insta::assert_snapshot!(text(|out| object(out, &verdicts())), @r#"{"v":1,"unit":"story","relation":"near","of":"ap-1\u202e","group":"g-000000000001","jaccard":0.9123,"containment":1.0,"merged":["g-000000000007"],"captions":[{"v":1,"unit":"caption","caption":1,"relation":"new","group":"g-000000000002"}]}"#);
        insta::assert_snapshot!(text(|out| object(out, &verdicts()[1..])), @r#"{"v":1,"captions":[{"v":1,"unit":"caption","caption":1,"relation":"new","group":"g-000000000002"}]}"#);
        insta::assert_snapshot!(text(|out| error(out, 7, "no text")), @r#"{"v":1,"line":7,"error":"no text"}"#);
    }

    #[test]
    fn events_are_lines() {
        insta::assert_snapshot!(text(|out| events(out, 3, "ap-9", &verdicts())), @r#"
        {"v":1,"event":"repeat","line":3,"id":"ap-9","unit":"story","relation":"near","of":"ap-1\u202e","group":"g-000000000001","jaccard":0.9123,"containment":1.0}
        {"v":1,"event":"merge","line":3,"id":"ap-9","unit":"story","group":"g-000000000001","merged":["g-000000000007"]}
        "#);
    }
}
