//! The sample corpus against its labels.

use std::collections::BTreeMap;

use crate::corpus::{repository, samewire_in};

/// A group of `sample_corpus/expected.tsv`.
#[derive(Debug, Default)]
pub struct Labelled {
    pub unit: String,
    /// Ids, sorted; one that is listed twice is one id in two versions.
    pub ids: Vec<String>,
    pub relations: Vec<String>,
}

/// The groups of `sample_corpus/expected.tsv` by name.
pub fn labelled() -> BTreeMap<String, Labelled> {
    let table = std::fs::read_to_string(repository().join("sample_corpus/expected.tsv")).unwrap();
    let mut rows = table.lines();
    assert_eq!(rows.next(), Some("group\tunit\tid\trelation"));
    let mut groups: BTreeMap<String, Labelled> = BTreeMap::new();
    for row in rows {
        let [name, unit, id, relation] = row.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let group = groups.entry(name.to_owned()).or_default();
        unit.clone_into(&mut group.unit);
        group.ids.push(id.to_owned());
        group.relations.push(relation.to_owned());
        group.ids.sort();
    }
    groups
}

/// What the command makes of the sample corpus: unit and sorted ids of every group.
pub fn found(options: &[&str]) -> Vec<(String, Vec<String>)> {
    let mut args = vec!["group", "sample_corpus", "--json"];
    args.extend_from_slice(options);
    let ran = samewire_in(repository(), &args, b"");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let text = |v: &serde_json::Value| v.as_str().unwrap().to_owned();
    ran.lines()
        .iter()
        .map(|g| {
            let mut ids: Vec<String> = g["members"]
                .as_array()
                .unwrap()
                .iter()
                .map(|m| text(&m["id"]))
                .collect();
            ids.sort();
            (text(&g["unit"]), ids)
        })
        .collect()
}

#[test]
fn members_of_exact_and_near_groups_are_together() {
    let groups = labelled();
    assert!(groups.len() >= 40);
    let found = found(&[]);
    let mut seen = 0;
    let mut parted = Vec::new();
    for (name, group) in &groups {
        if !group
            .relations
            .iter()
            .all(|r| matches!(r.as_str(), "first" | "exact" | "near"))
        {
            continue;
        }
        seen += 1;
        // What a template draws in beside them is another question.
        let together = |ids: &Vec<String>| group.ids.iter().all(|id| ids.contains(id));
        if !found
            .iter()
            .any(|(unit, ids)| *unit == group.unit && together(ids))
        {
            parted.push((name, group));
        }
    }
    assert!(parted.is_empty(), "not together: {parted:#?}");
    assert!(seen >= 15, "{seen} groups of exact and near alone");
}
