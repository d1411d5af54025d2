use super::*;
use crate::verify::Relation;
use crate::verify::relation::{Reason, Rule};

fn told(relation: Relation, jaccard: f64) -> Told {
    Told {
        relation: relation.name(),
        joins: relation.joins(),
        rule: "threshold",
        jaccard,
        containment: jaccard,
    }
}

fn pair(items: [u32; 2], same: bool, label: &str, told: Told, grouped: bool) -> JudgedPair {
    JudgedPair {
        line: 1,
        ids: items.map(|i| format!("x-{i}")),
        items,
        kind: UnitKind::Story,
        same,
        relation: Some(label.to_owned()),
        alternative: Some("overlap".to_owned()),
        at: std::array::from_fn(|step| [told.jaccard >= threshold(step), told.joins]),
        told,
        grouped: Some(grouped),
    }
}

fn pairs() -> Vec<JudgedPair> {
    use Relation::{Near, Overlap, Template};
    vec![
        pair([0, 1], true, "near", told(Near, 0.9), true),
        pair([2, 3], true, "near", told(Template, 0.7), true),
        pair([4, 5], false, "template", told(Near, 0.85), false),
        pair([6, 7], false, "template", told(Overlap, 0.3), false),
    ]
}

#[test]
fn pairs_are_judged_in_two_ways() {
    let units = of_pairs(&pairs(), None, 0);
    assert_eq!(units.len(), 1, "one kind needs no sum of all");
    let alone = units[0].alone.as_ref().unwrap();
    assert_eq!(
        (alone.joined, alone.same, alone.apart, alone.different),
        (1, 2, 1, 2)
    );
    assert_eq!(alone.f1.value, Some(0.5));
    // A second reading counts as right.
    assert_eq!((alone.relations_right, alone.relations), (2, 4));
    let grouped = units[0].grouped.as_ref().unwrap();
    assert_eq!(grouped.f1.value, Some(1.0));
    assert_eq!((grouped.f1.low, grouped.f1.high), (Some(1.0), Some(1.0)));
}

#[test]
fn the_worst_comes_first() {
    let mut pairs = pairs();
    pairs.push(pair(
        [8, 9],
        true,
        "near",
        told(Relation::Template, 0.75),
        false,
    ));
    assert_eq!(mistakes(&pairs, How::Alone), [vec![4, 1], vec![2]]);
    assert_eq!(mistakes(&pairs, How::Grouped), [vec![4], vec![]]);
}

#[test]
fn a_sweep_of_pairs_counts_at_each_threshold() {
    let steps = sweep_pairs(&pairs());
    let at = |t: f64| {
        steps
            .iter()
            .find(|s| (s.threshold - t).abs() < 1e-9)
            .unwrap()
    };
    assert_eq!(at(0.1).similarity.recall, Some(1.0));
    assert_eq!(at(0.1).similarity.precision, Some(0.5));
    assert_eq!(at(0.9).similarity.precision, Some(1.0));
    assert_eq!(at(1.0).similarity.precision, None);
    assert_eq!(at(0.5).rules.unwrap().recall, Some(0.5));
}

#[test]
fn a_sweep_of_links_joins_what_reaches_the_threshold() {
    let link = |a, b, shared| Link {
        a: UnitId(a),
        b: UnitId(b),
        relation: Relation::Near,
        shared,
        size_a: 10,
        size_b: 10,
        spans: Vec::new(),
        reason: Reason::plain(Rule::Threshold, 0, 0, 0),
    };
    let item = |labelled, found| JudgedItem {
        kind: UnitKind::Story,
        groups: Grouped { labelled, found },
    };
    let items = [item(0, 0), item(0, 1), item(1, 2)];
    // Jaccard 0.818 and 0.25; unit 1 is no item.
    let links = [link(0, 1, 9), link(1, 2, 9), link(2, 3, 4)];
    let steps = sweep_links(&items, &[UnitId(0), UnitId(2), UnitId(3)], 4, &links);
    assert_eq!(steps.len(), STEPS);
    let at = |t: f64| {
        steps
            .iter()
            .find(|s| (s.threshold - t).abs() < 1e-9)
            .unwrap()
    };
    assert_eq!(at(0.8).similarity.f1, Some(1.0));
    assert_eq!(at(0.9).similarity.recall, Some(0.0));
    assert_eq!(at(0.2).similarity.precision, Some(1.0 / 3.0));
}

#[test]
fn a_closure_ties_chains() {
    let closed = closure(5, [[0, 1], [3, 1]].into_iter());
    assert_eq!(closed[0], closed[3]);
    assert_ne!(closed[0], closed[2]);
}

#[test]
fn figures_of_both_kinds_have_a_sum() {
    let item = |kind, labelled, found| JudgedItem {
        kind,
        groups: Grouped { labelled, found },
    };
    let items = [
        item(UnitKind::Story, 0, 0),
        item(UnitKind::Story, 0, 0),
        item(UnitKind::Caption, 1, 1),
        item(UnitKind::Caption, 1, 2),
    ];
    let units = of_groups(&items, 0);
    let names: Vec<&str> = units.iter().map(|u| u.unit).collect();
    assert_eq!(names, ["story", "caption", "all"]);
    let ari = |i: usize| units[i].groups.as_ref().unwrap().ari.value.unwrap();
    assert!((ari(0) - 1.0).abs() < 1e-12 && ari(1).abs() < 1e-12);
    assert!(units[2].groups.as_ref().unwrap().b3_recall.value < Some(1.0));
}

#[test]
fn figures_have_four_decimals_in_output() {
    let figure = Figure::new(Some(2.0 / 3.0), None);
    let json = serde_json::to_string(&figure).unwrap();
    assert_eq!(json, r#"{"value":0.6667,"low":null,"high":null}"#);
}
