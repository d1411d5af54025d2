//! What the command writes against the schemas that it prints.

use serde_json::Value;

use crate::corpus::{Corpus, repository, samewire_in};
use crate::synthetic::{Plan, jsonl};

/// Keywords that say nothing about what is valid.
const SILENT: [&str; 8] = [
    "$schema",
    "$id",
    "$defs",
    "$comment",
    "title",
    "description",
    "examples",
    "default",
];

/// A JSON Schema with the schemas that it may refer to. Knows the keywords that the project uses; another one is a fault of the test.
pub struct Schema(Value);

impl Schema {
    pub fn of(name: &[&str]) -> Self {
        let ran = samewire_in(repository(), &[&["schema"], name].concat(), b"");
        assert_eq!(ran.code, 0);
        Self(serde_json::from_str(&ran.out).unwrap())
    }

    pub fn check(&self, value: &Value) {
        if let Err(fault) = self.fits(&self.0, value, "$") {
            panic!("{fault}\nin {value}");
        }
    }

    fn refused(&self, value: &Value) -> bool {
        self.fits(&self.0, value, "$").is_err()
    }

    fn named(&self, reference: &str) -> &Value {
        if let Some(pointer) = reference.strip_prefix('#') {
            return self.0.pointer(pointer).unwrap();
        }
        self.0["$defs"]
            .as_object()
            .unwrap()
            .values()
            .find(|s| s["$id"] == reference)
            .unwrap()
    }

    fn fits(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let fault = |what: String| Err(format!("{at}: {what}"));
        for (keyword, rule) in schema.as_object().unwrap() {
            match keyword.as_str() {
                k if SILENT.contains(&k) => {}
                "type" => {
                    let fits = match rule {
                        Value::Array(any) => any.iter().any(|t| is(t, value)),
                        one => is(one, value),
                    };
                    if !fits {
                        return fault(format!("{value} is not {rule}"));
                    }
                }
                "enum" => {
                    if !rule.as_array().unwrap().contains(value) {
                        return fault(format!("{value} is none of {rule}"));
                    }
                }
                "const" => {
                    if rule != value {
                        return fault(format!("{value} is not {rule}"));
                    }
                }
                "pattern" => {
                    if value
                        .as_str()
                        .is_some_and(|text| !matches(rule.as_str().unwrap(), text))
                    {
                        return fault(format!("{value} does not match {rule}"));
                    }
                }
                "minimum" | "maximum" | "minItems" | "maxItems" | "minLength" => {
                    if !within(keyword, rule.as_f64().unwrap(), value) {
                        return fault(format!("{keyword} {rule}: {value}"));
                    }
                }
                "required" => {
                    for name in rule.as_array().unwrap() {
                        let name = name.as_str().unwrap();
                        if value.as_object().is_some_and(|o| !o.contains_key(name)) {
                            return fault(format!("{name} is missing"));
                        }
                    }
                }
                "dependentRequired" => {
                    for (name, others) in rule.as_object().unwrap() {
                        for other in others.as_array().unwrap() {
                            if value.get(name).is_some()
                                && value.get(other.as_str().unwrap()).is_none()
                            {
                                return fault(format!("{name} without {other}"));
                            }
                        }
                    }
                }
                "properties" => {
                    for (name, inner) in value.as_object().into_iter().flatten() {
                        // Stricter than JSON Schema: a field that is written must be described.
                        let Some(described) = rule.get(name) else {
                            return fault(format!("{name} is not described"));
                        };
                        self.fits(described, inner, &format!("{at}.{name}"))?;
                    }
                }
                "additionalProperties" => {
                    assert_eq!(*rule, false, "all properties are checked anyway");
                }
                "items" => {
                    for (i, inner) in value.as_array().into_iter().flatten().enumerate() {
                        self.fits(rule, inner, &format!("{at}[{i}]"))?;
                    }
                }
                "$ref" => self.fits(self.named(rule.as_str().unwrap()), value, at)?,
                "anyOf" | "oneOf" => {
                    let faults: Vec<String> = rule
                        .as_array()
                        .unwrap()
                        .iter()
                        .filter_map(|any| self.fits(any, value, at).err())
                        .collect();
                    let fitting = rule.as_array().unwrap().len() - faults.len();
                    if fitting == 0 || (keyword == "oneOf" && fitting > 1) {
                        return fault(format!("{fitting} of {keyword} fit: {faults:?}"));
                    }
                }
                other => panic!("the checker does not know the keyword {other:?}"),
            }
        }
        Ok(())
    }
}

fn is(name: &Value, value: &Value) -> bool {
    match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("no type: {other}"),
    }
}

fn within(keyword: &str, limit: f64, value: &Value) -> bool {
    let length = value.as_array().map(|items| items.len() as f64);
    match keyword {
        "minimum" => value.as_f64().is_none_or(|v| v >= limit),
        "maximum" => value.as_f64().is_none_or(|v| v <= limit),
        "minItems" => length.is_none_or(|l| l >= limit),
        "maxItems" => length.is_none_or(|l| l <= limit),
        _ => value
            .as_str()
            .is_none_or(|s| s.chars().count() as f64 >= limit),
    }
}

/// Patterns of the form `^prefix[ranges]+$`.
fn matches(pattern: &str, text: &str) -> bool {
    let inner = pattern
        .strip_prefix('^')
        .and_then(|p| p.strip_suffix("]+$"))
        .unwrap();
    let (prefix, class) = inner.split_once('[').unwrap();
    let class: Vec<char> = class.chars().collect();
    let allowed = |c: char| {
        class
            .chunks(3)
            .any(|r| r[1] == '-' && (r[0]..=r[2]).contains(&c))
    };
    text.strip_prefix(prefix)
        .is_some_and(|rest| !rest.is_empty() && rest.chars().all(allowed))
}

/// Lines of groups and of links.
fn check_all(groups: &[Value], links: &[Value]) {
    let any = Schema::of(&[]);
    for (name, lines) in [("group", groups), ("link", links)] {
        assert!(!lines.is_empty());
        let own = Schema::of(&[name]);
        for line in lines {
            own.check(line);
            any.check(line);
        }
    }
}

fn lines(path: &std::path::Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

#[test]
fn the_sample_corpus_gives_lines_of_the_schema() {
    let folder = tempfile::tempdir().unwrap();
    let links = folder.path().join("links.jsonl");
    for options in [
        &[][..],
        &["--all"],
        &["--unit", "caption"],
        &["--no-segment", "--threshold", "0.2"],
    ] {
        let mut args = vec![
            "group",
            "sample_corpus",
            "--json",
            "--links",
            links.to_str().unwrap(),
        ];
        args.extend_from_slice(options);
        let ran = samewire_in(repository(), &args, b"");
        assert_eq!(ran.code, 0, "{}", ran.err);
        check_all(&ran.lines(), &lines(&links));
    }
}

#[test]
fn hostile_ids_and_texts_give_lines_of_the_schema() {
    let mut stories = Plan {
        seed: 3,
        families: 60,
        words: 60,
        edits: 10,
        captions: true,
    }
    .make()
    .stories;
    for (i, story) in stories.iter_mut().enumerate() {
        story.id = format!("\u{1b}[31m\"{i}\"\\\u{0}\u{202e}\n\u{fffe}<b>=cmd|x").into();
    }
    let corpus = Corpus::empty();
    corpus.write("in.jsonl", jsonl(&stories).as_bytes());
    let ran = corpus.run("group in.jsonl --all --links links.jsonl");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    check_all(&ran.lines(), &lines(&corpus.at("links.jsonl")));
    assert!(
        !ran.out.contains(['\u{1b}', '\u{202e}']),
        "output could steer a terminal"
    );
    // Escaped, not changed.
    let ids: Vec<&str> = stories.iter().map(|s| s.id.as_ref()).collect();
    for group in ran.lines() {
        for member in group["members"].as_array().unwrap() {
            assert!(ids.contains(&member["id"].as_str().unwrap()), "{member}");
        }
    }
}

#[test]
fn the_checker_refuses_what_is_wrong() {
    let schema = Schema::of(&["group"]);
    let ran = samewire_in(repository(), &["group", "sample_corpus", "--json"], b"");
    let good = ran.lines().remove(0);
    assert!(!schema.refused(&good));
    let wrong = |change: &dyn Fn(&mut Value)| {
        let mut bad = good.clone();
        change(&mut bad);
        assert!(schema.refused(&bad), "{bad}");
    };
    wrong(&|v| v["group"] = "g-XYZ".into());
    wrong(&|v| v["unit"] = "page".into());
    wrong(&|v| v["size"] = 0.into());
    wrong(&|v| v["size"] = 1.5.into());
    wrong(&|v| v["members"] = Value::Array(Vec::new()));
    wrong(&|v| v["members"][1]["jaccard"] = 1.5.into());
    wrong(&|v| drop(v["members"][1].as_object_mut().unwrap().remove("to")));
    wrong(&|v| drop(v.as_object_mut().unwrap().remove("weakest")));
    wrong(&|v| v["more"] = 1.into());
}

#[test]
fn verdicts_are_of_the_schema() {
    let stories = Plan {
        seed: 4,
        families: 80,
        words: 60,
        edits: 8,
        captions: true,
    }
    .make()
    .stories;
    let schema = Schema::of(&["verdict"]);
    let input = jsonl(&stories) + "nonsense\n";
    let run = |options: &[&str]| {
        let args = [&["stream", "--on-error", "inline"], options].concat();
        samewire_in(repository(), &args, input.as_bytes()).lines()
    };
    for line in run(&[]) {
        schema.check(&line["samewire"]);
    }
    for line in run(&["--emit", "events"]) {
        schema.check(&line);
    }
    assert!(schema.refused(&serde_json::json!({"v": 2})));
    assert!(
        schema.refused(&serde_json::json!({"v": 1, "captions": [{"v": 1, "relation": "some"}]}))
    );
}

#[test]
fn evaluations_are_of_the_schema() {
    let schema = Schema::of(&["eval"]);
    let folder = Corpus::empty();
    folder.write(
        "groups.tsv",
        b"id\tgroup\nmw-0303-05\tg1\nmw-0303-06\tg1\nmw-0303-08\tg2\n",
    );
    let groups = folder.at("groups.tsv").display().to_string();
    let pairs = "tests/expected-pairs.tsv";
    for args in [
        &[pairs][..],
        &[pairs, "--judge", "grouped", "--unit", "caption"],
        &[pairs, "--match", "near", "--mistakes", "0"],
        &[&groups],
        &[&groups, "--complete"],
    ] {
        let args = [&["eval"], args, &["sample_corpus", "--json"]].concat();
        let ran = samewire_in(repository(), &args, b"");
        assert_eq!(ran.code, 0, "{args:?}: {}", ran.err);
        schema.check(&ran.lines()[0]);
    }
    assert!(schema.refused(&serde_json::json!({"labels": {}})));
}

#[test]
fn what_tune_measures_is_of_the_schema() {
    let schema = Schema::of(&["tune"]);
    for args in [
        "tune sample_corpus --json",
        "tune sample_corpus --json --sample 20 --threshold 0.35 --unit caption",
        "tune - --json",
    ] {
        let args: Vec<&str> = args.split(' ').collect();
        let ran = samewire_in(repository(), &args, b"{\"text\":\"alone\"}");
        assert_eq!(ran.code, 0, "{args:?}: {}", ran.err);
        schema.check(&ran.lines()[0]);
    }
    assert!(schema.refused(&serde_json::json!({"stories": -1})));
}
