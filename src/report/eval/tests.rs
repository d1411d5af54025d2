use unicode_width::UnicodeWidthStr as _;

use super::*;
use crate::judge::evaluation::threshold;

fn figure_of(value: f64) -> Figure {
    Figure {
        value: Some(value),
        low: Some(value - 0.05),
        high: Some((value + 0.05).min(1.0)),
    }
}

fn pairs(joined: u64, same: u64) -> OfPairs {
    OfPairs {
        same,
        joined,
        different: 30,
        apart: 29,
        precision: figure_of(0.992),
        recall: figure_of(0.962),
        f1: figure_of(0.977),
        relations: same,
        relations_right: joined,
        relation: Figure::default(),
    }
}

fn report() -> Report {
    let groups = OfGroups {
        items: 300,
        labelled: 170,
        found: 172,
        precision: figure_of(0.9),
        recall: figure_of(0.8),
        f1: figure_of(0.85),
        ari: figure_of(0.91),
        b3_precision: figure_of(0.97),
        b3_recall: figure_of(0.93),
        b3_f1: figure_of(0.95),
    };
    let unit = |unit, joined| OfUnit {
        unit,
        alone: Some(pairs(joined, 132)),
        grouped: Some(pairs(joined, 132)),
        groups: Some(groups.clone()),
    };
    let score = |x: f64| Score {
        precision: (x < 0.9).then_some(x),
        recall: Some(1.0 - x),
        f1: Some(0.5),
    };
    let confused = |label: &str, found: &str, count| Confused {
        label: label.to_owned(),
        found: found.to_owned(),
        count,
    };
    Report {
        labels: LabelsLine {
            path: "labels/\u{1b}[31mpairs.tsv".to_owned(),
            form: "pairs, columns by their header",
            used: 162,
            items: 300,
            unusable: 1,
            unknown: 2,
            left_out: 0,
        },
        judged: How::Alone,
        items: "the units that the pairs name".to_owned(),
        units: vec![unit("story", 127), unit("caption", 131)],
        confusion: vec![
            confused("near", "near", 11),
            confused("near", "revision", 3),
            confused("odd \u{202e}", "distinct", 1_200),
        ],
        sweep: [0, 8, 18]
            .map(|step| Step {
                threshold: threshold(step),
                similarity: score(threshold(step)),
                rules: Some(score(threshold(step) / 2.0)),
            })
            .to_vec(),
        misses: vec![Mistake {
            line: 7,
            a: "x 1".to_owned(),
            b: "x-2".to_owned(),
            unit: UnitKind::Story,
            label: Some("near".to_owned()),
            told: Told {
                relation: "template",
                joins: false,
                rule: "exchanged",
                jaccard: 0.71,
                containment: 0.8,
            },
            compare: "samewire compare 'x 1' x-2 --in wire".to_owned(),
        }],
        misses_in_all: 5,
        false_joins: Vec::new(),
        false_joins_in_all: 0,
    }
}

fn shown(page: Page) -> String {
    let mut out = Vec::new();
    page.write(&mut out, &report()).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_table_for_people() {
    let shown = shown(Page::new(80, false));
    insta::assert_snapshot!(shown);
    assert!(shown.lines().all(|l| l.width() <= 80), "{shown}");
}

#[test]
fn colours_are_the_only_escapes() {
    let plain = shown(Page::new(80, false));
    assert!(!plain.contains('\u{1b}'));
    let mut colored = shown(Page::new(80, true));
    for code in ["0", "1", "2", "36"] {
        colored = colored.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_eq!(colored, plain);
}

#[test]
fn an_object_for_programs() {
    let line = serde_json::to_value(report()).unwrap();
    assert_eq!(line["judged"], "alone");
    assert_eq!(line["units"][0]["alone"]["f1"]["value"], 0.977);
    assert_eq!(line["misses"][0]["relation"], "template");
    assert_eq!(
        line["sweep"][2]["similarity"]["precision"],
        serde_json::Value::Null
    );
}

#[test]
fn an_image() {
    let mut out = Vec::new();
    write_plot(&mut out, &report(), 0.8).unwrap();
    let svg = String::from_utf8(out).unwrap();
    assert!(svg.contains(
        "<title id=\"title\">Precision, recall and F1 by threshold: \\u{1b}[31mpairs.tsv"
    ));
    assert!(svg.contains("By similarity alone F1 is highest at"));
    assert_eq!(svg.matches("<g ").count(), 2);
}
