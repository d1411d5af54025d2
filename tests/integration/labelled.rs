//! The sample corpus against its labels: groups and relations of `sample_corpus/expected.tsv`, pairs of
//! `expected-pairs.tsv`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use crate::corpus::{repository, samewire_in};

/// Share of a group's members whose relation is as labelled; what is left over is segmenting that is still to learn.
const MEMBERS_RIGHT: f64 = 0.90;
/// Share of linked pairs whose relation is as labelled.
const PAIRS_RIGHT: f64 = 0.85;

/// A unit: its id and which of those with that id it is, in input order. Two stories were sent under one id each.
type Member = (String, usize);
/// The relation of each member to an earlier one.
type Members = BTreeMap<Member, String>;

fn table(name: &str, header: &str) -> Vec<Vec<String>> {
    let table = std::fs::read_to_string(repository().join(name)).unwrap();
    let mut rows = table.lines();
    assert_eq!(rows.next(), Some(header));
    rows.map(|row| row.split('\t').map(str::to_owned).collect())
        .collect()
}

/// The groups of `sample_corpus/expected.tsv`.
fn labelled() -> Vec<(String, Members)> {
    let mut groups: BTreeMap<String, (String, Members)> = BTreeMap::new();
    let mut times: HashMap<(String, String), usize> = HashMap::new();
    for row in table("sample_corpus/expected.tsv", "group\tunit\tid\trelation") {
        let [name, unit, id, relation] = row.try_into().unwrap();
        let time = times.entry((unit.clone(), id.clone())).or_default();
        let (_, members) = groups.entry(name).or_insert((unit, Members::new()));
        members.insert((id, *time), relation);
        *time += 1;
    }
    groups.into_values().collect()
}

/// What the command makes of the sample corpus: groups, and relations of linked pairs.
struct Found {
    groups: Vec<(String, Members)>,
    links: HashMap<(String, String), BTreeSet<String>>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn found() -> Found {
    let folder = tempfile::tempdir().unwrap();
    let links = folder.path().join("links.jsonl");
    let args = [
        "group",
        "sample_corpus",
        "--json",
        "--all",
        "--links",
        links.to_str().unwrap(),
    ];
    let ran = samewire_in(repository(), &args, b"");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let lines = ran.lines();
    let members = |group: &'_ Value| group["members"].as_array().unwrap().clone();
    // Where each unit of an id stands in the input.
    let mut places: HashMap<(String, String), BTreeSet<(String, u64)>> = HashMap::new();
    let place = |m: &Value| (text(&m["path"]), m["line"].as_u64().unwrap_or(0));
    for group in &lines {
        for m in members(group) {
            let key = (text(&group["unit"]), text(&m["id"]));
            assert!(places.entry(key).or_default().insert(place(&m)));
        }
    }
    let groups = lines
        .iter()
        .filter(|g| members(g).len() > 1)
        .map(|g| {
            let unit = text(&g["unit"]);
            let of_group = members(g)
                .iter()
                .map(|m| {
                    let id = text(&m["id"]);
                    let same_id = &places[&(unit.clone(), id.clone())];
                    let time = same_id.iter().position(|p| *p == place(m)).unwrap();
                    ((id, time), text(&m["relation"]))
                })
                .collect();
            (unit, of_group)
        })
        .collect();
    let mut of_pair: HashMap<(String, String), BTreeSet<String>> = HashMap::new();
    for line in std::fs::read_to_string(links).unwrap().lines() {
        let link: Value = serde_json::from_str(line).unwrap();
        let (a, b) = (text(&link["a"]), text(&link["b"]));
        of_pair
            .entry((a.clone().min(b.clone()), a.max(b)))
            .or_default()
            .insert(text(&link["relation"]));
    }
    Found {
        groups,
        links: of_pair,
    }
}

fn ids(members: &Members) -> Vec<&Member> {
    members.keys().collect()
}

#[test]
fn groups_are_those_of_the_labels() {
    let (labelled, found) = (labelled(), found().groups);
    let key = |(unit, members): &(String, Members)| format!("{unit} {:?}", ids(members));
    let expected: BTreeSet<String> = labelled.iter().map(key).collect();
    let actual: BTreeSet<String> = found.iter().map(key).collect();
    let missing: Vec<_> = expected.difference(&actual).collect();
    let unexpected: Vec<_> = actual.difference(&expected).collect();
    assert!(
        missing.is_empty() && unexpected.is_empty(),
        "missing: {missing:#?}\nunexpected: {unexpected:#?}"
    );
    assert!(labelled.len() >= 40);
}

#[test]
fn relations_are_those_of_the_labels() {
    let found = found().groups;
    let (mut right, mut all, mut wrong) = (0, 0, Vec::new());
    for (unit, members) in labelled() {
        let Some((_, as_found)) = found
            .iter()
            .find(|(u, f)| *u == unit && ids(f) == ids(&members))
        else {
            continue; // The test above tells.
        };
        for (member, label) in &members {
            all += 1;
            if as_found[member] == *label {
                right += 1;
            } else {
                wrong.push(format!("{member:?} {label}, found {}", as_found[member]));
            }
        }
    }
    println!("{right} of {all} relations as labelled; others: {wrong:#?}");
    let share = f64::from(right) / f64::from(all);
    assert!(share >= MEMBERS_RIGHT, "{right} of {all}: {wrong:#?}");
}

#[test]
fn pairs_are_together_or_apart_as_labelled() {
    let found = found();
    let mut groups_of: HashMap<(&str, &str), BTreeSet<usize>> = HashMap::new();
    for (i, (unit, members)) in found.groups.iter().enumerate() {
        for (id, _) in members.keys() {
            groups_of.entry((unit, id)).or_default().insert(i);
        }
    }
    let (mut right, mut all, mut wrong, mut misplaced) = (0, 0, Vec::new(), Vec::new());
    for row in table("tests/expected-pairs.tsv", "a\tb\tunit\trelation\tsame") {
        let [a, b, unit, relation, same]: [String; 5] = row.try_into().unwrap();
        let groups = |id: &str| {
            groups_of
                .get(&(unit.as_str(), id))
                .cloned()
                .unwrap_or_default()
        };
        if groups(&a).is_disjoint(&groups(&b)) == (same == "1") {
            misplaced.push(format!("{a} {b}: {relation}"));
        }
        // Of exact copies the first speaks for all.
        if let Some(told) = found
            .links
            .get(&(a.clone().min(b.clone()), a.clone().max(b.clone())))
        {
            all += 1;
            if told.contains(&relation) {
                right += 1;
            } else {
                wrong.push(format!("{a} {b}: {relation}, found {told:?}"));
            }
        }
    }
    println!("{right} of {all} linked pairs as labelled; others: {wrong:#?}");
    assert!(misplaced.is_empty(), "{misplaced:#?}");
    assert!(all >= 100, "{all} linked pairs");
    let share = f64::from(right) / f64::from(all);
    assert!(share >= PAIRS_RIGHT, "{right} of {all}: {wrong:#?}");
}
