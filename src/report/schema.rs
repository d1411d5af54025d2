/*!
JSON Schema (draft 2020-12) of the lines that [`json`](super::json), [`passages`](super::passages), [`eval`](super::eval) and [`tune`](super::tune) write.
*/

/// Of a group line.
pub const GROUP: &str = include_str!("schema/group.json");
/// Of a link line.
pub const LINK: &str = include_str!("schema/link.json");
/// Of a verdict: the member that the stream adds to a line.
pub const VERDICT: &str = include_str!("schema/verdict.json");

/// Of the object that `samewire compare --json` writes.
pub const COMPARE: &str = include_str!("schema/compare.json");
/// Of a passage line.
pub const PASSAGE: &str = include_str!("schema/passage.json");

/// Of the object that `samewire eval --json` writes.
pub const EVAL: &str = include_str!("schema/eval.json");
/// Of the object that `samewire tune --json` writes.
pub const TUNE: &str = include_str!("schema/tune.json");

/// Of any line: all schemas in one document, each under its own `$id`.
pub fn all() -> String {
    let indented = |schema: &str| schema.trim_end().replace('\n', "\n    ");
    format!(
        r#"{{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "urn:samewire:line",
  "title": "A line of Samewire's output",
  "anyOf": [
    {{ "$ref": "urn:samewire:group" }},
    {{ "$ref": "urn:samewire:link" }},
    {{ "$ref": "urn:samewire:verdict" }},
    {{ "$ref": "urn:samewire:compare" }},
    {{ "$ref": "urn:samewire:passage" }},
    {{ "$ref": "urn:samewire:eval" }},
    {{ "$ref": "urn:samewire:tune" }}
  ],
  "$defs": {{
    "group": {},
    "link": {},
    "verdict": {},
    "compare": {},
    "passage": {},
    "eval": {},
    "tune": {}
  }}
}}
"#,
        indented(GROUP),
        indented(LINK),
        indented(VERDICT),
        indented(COMPARE),
        indented(PASSAGE),
        indented(EVAL),
        indented(TUNE)
    )
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::report::{json, sample};

    /// Whether an object has the required fields of a schema, and no field that it does not name.
    fn fits(schema: &Value, object: &Value) {
        let fields = object.as_object().unwrap();
        for name in fields.keys() {
            assert!(
                schema["properties"].get(name).is_some(),
                "{name} is not described"
            );
        }
        for name in schema["required"].as_array().unwrap() {
            assert!(
                fields.contains_key(name.as_str().unwrap()),
                "{name} is missing"
            );
        }
    }

    #[test]
    fn lines_fit_their_schema() {
        let (stories, outcome) = sample::outcome();
        let group: Value = serde_json::from_str(GROUP).unwrap();
        let link: Value = serde_json::from_str(LINK).unwrap();
        let mut out = Vec::new();
        json::groups_and_alone(&mut out, &stories[..], &outcome, crate::UnitFilter::All).unwrap();
        for line in out.split(|&b| b == b'\n').filter(|l| !l.is_empty()) {
            let line: Value = serde_json::from_slice(line).unwrap();
            fits(&group, &line);
            for member in line["members"].as_array().unwrap() {
                fits(&group["properties"]["members"]["items"], member);
            }
        }
        let mut out = Vec::new();
        json::links(&mut out, &stories[..], &outcome).unwrap();
        for line in out.split(|&b| b == b'\n').filter(|l| !l.is_empty()) {
            fits(&link, &serde_json::from_slice(line).unwrap());
        }
    }

    #[test]
    fn comparisons_fit_their_schema() {
        use crate::verify::comparison::Comparison;
        use crate::verify::prepared::Making;
        let settings = crate::Settings::default();
        let mut making = Making::new(&settings);
        let text =
            "By Ana Reyl\n\nThe bridge at Orle reopened on Monday after two years, the city said.";
        let mut make = |text| making.prepare(crate::Story::new("x", text), 0);
        let (a, b) = (
            make(text),
            make("The bridge at Orle reopened on Tuesday after two years, the city said."),
        );
        let c = Comparison::new(&making, a, b, &settings);
        let mut out = Vec::new();
        crate::report::compare::write_json(&mut out, &c, ["a", "b"]).unwrap();
        let line: Value = serde_json::from_slice(&out).unwrap();
        let schema: Value = serde_json::from_str(COMPARE).unwrap();
        fits(&schema, &line);
        for list in ["changes", "furniture_a"] {
            fits(&schema["properties"][list]["items"], &line[list][0]);
        }
        out.clear();
        crate::report::compare::write_pair(&mut out, &c, ["a", "b"]).unwrap();
        let link: Value = serde_json::from_str(LINK).unwrap();
        fits(&link, &serde_json::from_slice(&out).unwrap());
    }

    #[test]
    fn the_schema_of_all_is_valid_json() {
        let all: Value = serde_json::from_str(&all()).unwrap();
        assert_eq!(all["$defs"]["group"]["$id"], "urn:samewire:group");
        assert_eq!(all["$defs"]["link"]["$id"], "urn:samewire:link");
        assert_eq!(all["$defs"]["verdict"]["$id"], "urn:samewire:verdict");
        assert_eq!(all["$defs"]["compare"]["$id"], "urn:samewire:compare");
        assert_eq!(all["$defs"]["passage"]["$id"], "urn:samewire:passage");
        assert_eq!(all["$defs"]["eval"]["$id"], "urn:samewire:eval");
        assert_eq!(all["$defs"]["tune"]["$id"], "urn:samewire:tune");
    }
}
