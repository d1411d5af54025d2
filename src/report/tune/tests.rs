use unicode_width::UnicodeWidthStr as _;

use super::*;
use crate::config::Threshold;
use crate::tune::outlook::{FINE, Measured, Similar};

fn report() -> Report {
    let similar = |a, shared, pairs| Similar {
        a,
        b: a + 1,
        shared,
        union: 100,
        pairs,
    };
    let mut low = vec![0; FINE];
    low[70] = 123_456;
    let measured = Measured {
        kind: UnitKind::Story,
        units: 2_000,
        sampled: 1_000,
        classes: vec![(1, 1); 12],
        copies: 40,
        similar: vec![
            similar(0, 97, 30),
            similar(2, 83, 7),
            similar(4, 52, 1),
            similar(6, 30, 90),
            similar(8, 12, 4_000),
        ],
        low,
    };
    Report {
        stories: 2_100,
        sampled: 1_000,
        asked: 2_000,
        seed: 3,
        threshold: 0.8,
        recall: 0.999,
        units: vec![Outlook::new(&measured, Threshold::new(0.8).unwrap(), 0.999)],
        command: "samewire group wire --match near --threshold 0.8 --recall 0.999".to_owned(),
    }
}

fn shown(page: Page) -> String {
    let mut out = Vec::new();
    page.write(&mut out, &report()).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_table_for_people() {
    insta::assert_snapshot!(shown(Page::new(80, false)));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in [80, 100, 200] {
        for line in shown(Page::new(width, false)).lines() {
            assert!(line.width() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn colours_are_the_only_escapes() {
    let plain = shown(Page::new(80, false));
    let mut colored = shown(Page::new(80, true));
    for code in ["0", "1", "2", "32", "36"] {
        colored = colored.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_eq!(colored, plain);
}

#[test]
fn an_image() {
    let mut out = Vec::new();
    write_plot(&mut out, &report()).unwrap();
    let svg = String::from_utf8(out).unwrap();
    assert!(svg.contains("0.95 to 1.00: 70 pairs"), "{svg}");
    assert!(svg.contains("14 bands of 4 rows"));
}

#[test]
fn repeats_are_those_of_the_threshold() {
    assert_eq!(report().repeats(), 2);
}
