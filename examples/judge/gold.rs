//! Pairs that were labelled one by one: each judged alone, in groups of the whole, and by cross-validation.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use rayon::prelude::*;
use samewire::pipeline::{batch, progress::Silent};
use samewire::read::{ReadOptions, walk};
use samewire::verify::Relation;
use samewire::verify::align::Alignment;
use samewire::verify::evidence::{self, Evidence};
use samewire::verify::prepared::{Making, Prepared};
use samewire::verify::relation::{self, Reason};
use samewire::{Corpus as _, Settings, StoryId};

use crate::fit;
use crate::score::{Confusion, Found, Score};

/// A pair with its label, and all that the rules look at.
pub struct Labelled<'c> {
    ids: [String; 2],
    unit: String,
    relation: String,
    alternative: String,
    /// Whether an editor would keep one of the two.
    pub same: bool,
    sides: [Prepared<'c>; 2],
    evidence: Evidence,
    alignment: Alignment,
    grouped: bool,
}

impl Labelled<'_> {
    /// What these rules make of it.
    pub fn tell(&self, settings: &Settings) -> (Found, Reason) {
        let [a, b] = &self.sides;
        relation::decide(a, b, &self.evidence, &self.alignment, settings)
    }

    /// Whether that is one of the readings of its label.
    pub fn is_right(&self, found: Found) -> bool {
        let name = found.map_or("distinct", |r| r.name());
        name == self.relation || name == self.alternative
    }

    /// Counts what was found of it.
    pub fn count(&self, found: Found, score: &mut Score) {
        score.count(self.same, found.is_some_and(Relation::joins));
        score.count_relation(self.is_right(found));
    }

    /// What says in which fold it is: the same on every machine.
    pub fn hash(&self) -> u64 {
        xxhash_rust::xxh3::xxh3_64(self.ids.join("\t").as_bytes())
    }
}

/// Prints how well the pairs are told.
pub fn judge(pairs: &Path, docs: &Path, mistakes: bool) -> Result<()> {
    let settings = Settings::default();
    let rows = rows(pairs)?;
    let options = ReadOptions::default();
    let (store, outcome) =
        batch::group_files(walk::walk(&[docs.to_owned()]), &options, &settings, &Silent)?;
    // A story that is listed twice is known by its first version.
    let mut numbers: HashMap<String, StoryId> = HashMap::new();
    for number in (0..store.len() as u32).map(StoryId) {
        numbers
            .entry(store.story(number).id.into_owned())
            .or_insert(number);
    }
    let mut groups: HashMap<String, HashSet<usize>> = HashMap::new();
    for (i, group) in outcome.groups.iter().enumerate() {
        for member in &group.members {
            let unit = outcome.units[member.unit.index()];
            let key = format!("{} {}", group.kind, unit.id(&store.story(unit.story).id));
            groups.entry(key).or_default().insert(i);
        }
    }
    let labelled: Vec<Labelled<'_>> = rows
        .into_par_iter()
        .map_init(
            || Making::new(&settings),
            |making, row| {
                let mut side = |id: &String| -> Result<Prepared<'_>> {
                    let (story, which) = match id.rsplit_once("#caption-") {
                        Some((story, which)) => (story, which.parse()?),
                        None => (id.as_str(), 0),
                    };
                    let number = numbers
                        .get(story)
                        .with_context(|| format!("no story {story} in {}", docs.display()))?;
                    Ok(making.prepare(store.story(*number), which))
                };
                let sides = [side(&row.ids[0])?, side(&row.ids[1])?];
                let (evidence, alignment) = evidence::gather(&sides[0], &sides[1]);
                let [x, y] = [0, 1].map(|i| groups.get(&format!("{} {}", row.unit, row.ids[i])));
                Ok(Labelled {
                    grouped: x.zip(y).is_some_and(|(x, y)| !x.is_disjoint(y)),
                    ids: row.ids,
                    unit: row.unit,
                    relation: row.relation,
                    alternative: row.alternative,
                    same: row.same,
                    sides,
                    evidence,
                    alignment,
                })
            },
        )
        .collect::<Result<_>>()?;
    for unit in ["story", "caption"] {
        let of_unit: Vec<&Labelled<'_>> = labelled.iter().filter(|p| p.unit == unit).collect();
        if !of_unit.is_empty() {
            print(unit, &of_unit, &settings, mistakes);
        }
    }
    let mut all = Score::default();
    for pair in &labelled {
        pair.count(pair.tell(&settings).0, &mut all);
    }
    println!(
        "all: {} pairs\n  {:<32} {}",
        labelled.len(),
        "each pair alone",
        all.all()
    );
    Ok(())
}

fn print(unit: &str, pairs: &[&Labelled<'_>], settings: &Settings, mistakes: bool) {
    let same = pairs.iter().filter(|p| p.same).count();
    println!(
        "{unit}: {} pairs, {same} to join, {} to keep apart",
        pairs.len(),
        pairs.len() - same
    );
    let (mut alone, mut grouped) = (Score::default(), Score::default());
    let mut confusion = Confusion::default();
    for pair in pairs {
        let (found, reason) = pair.tell(settings);
        pair.count(found, &mut alone);
        grouped.count(pair.same, pair.grouped);
        // Where a label has two readings, the one that was found counts.
        let label = if pair.is_right(found) {
            found.map_or("distinct", |r| r.name())
        } else {
            &pair.relation
        };
        confusion.count(label, found);
        if mistakes && !pair.is_right(found) {
            println!(
                "  {} {}: {label}, found {} by {}, {} of {} and {} words, {} numbers, {} names, {} others",
                pair.ids[0],
                pair.ids[1],
                found.map_or("distinct", |r| r.name()),
                reason.rule.name(),
                reason.covered,
                reason.words_a,
                reason.words_b,
                reason.numbers,
                reason.names,
                reason.others
            );
        }
    }
    println!("  {:<32} {}", "each pair alone", alone.all());
    println!("  {:<32} {}", "in groups of the whole", grouped.joining());
    for (name, ties) in [
        ("5-fold, ties to the default", fit::Ties::Default),
        ("5-fold, ties against the default", fit::Ties::Other),
    ] {
        match unit {
            "story" => println!("  {name:<32} {}", fit::cross_validated(pairs, ties).all()),
            _ => println!("  {name:<32} as alone: no number of the caption rules is fitted"),
        }
    }
    confusion.print();
}

/// A line of the file of pairs.
struct Row {
    ids: [String; 2],
    unit: String,
    relation: String,
    alternative: String,
    same: bool,
}

fn rows(path: &Path) -> Result<Vec<Row>> {
    let name = path.display();
    let table = fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let column = |name: &str| header.iter().position(|c| *c == name);
    let needed =
        |wanted: &str| column(wanted).with_context(|| format!("{name}: no column {wanted}"));
    let [a, b, unit, relation, same] = ["a", "b", "unit", "relation", "same"].map(needed);
    let (a, b, unit, relation, same) = (a?, b?, unit?, relation?, same?);
    lines
        .enumerate()
        .map(|(i, line)| {
            let cells: Vec<&str> = line.split('\t').collect();
            if cells.len() != header.len() {
                bail!(
                    "{name}, line {}: {} columns, not {}",
                    i + 2,
                    cells.len(),
                    header.len()
                );
            }
            let alternative = column("alternative").map_or("", |c| cells[c]);
            Ok(Row {
                ids: [cells[a].to_owned(), cells[b].to_owned()],
                unit: cells[unit].to_owned(),
                relation: cells[relation].to_owned(),
                alternative: alternative.to_owned(),
                same: cells[same] == "1",
            })
        })
        .collect()
}
