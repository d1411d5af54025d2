/*!
Labels and what was found → all that `samewire eval` tells.

Pairs are judged in one of two ways ([`How`]): each alone, or by the groups of the whole corpus. Groups of items that a list of pairs
implies are the transitive closure of its `same` pairs over the items that it names: two items that no chain of such pairs ties count
as different, labelled or not. Figures are told for stories, for captions and for both; each with the interval of
[`bootstrap`](super::bootstrap), whose blocks are sets of items that labels tie together, by `same` or by different.
*/

use serde::{Serialize, Serializer};

use super::bootstrap::{Interval, intervals};
use super::clusters::{Agreement, Grouped, Sums, per_item};
use super::figures::{Counts, share};
use crate::config::{Settings, Threshold};
use crate::group::union_find::UnionFind;
use crate::story::{UnitId, UnitKind};
use crate::verify::Link;

/// Thresholds that are tried: 0.10, 0.15 … 1.00. Below, links are not told in full.
pub const STEPS: usize = 19;

/// Threshold number `step`.
pub fn threshold(step: usize) -> f64 {
    (step + 2) as f64 * 0.05
}

/// The same as the settings have it.
///
/// # Panics
/// If there is no such step.
pub fn threshold_setting(step: usize) -> Threshold {
    assert!(step < STEPS);
    // Between 0.1 and 1 every value is in range.
    Threshold::new(threshold(step).min(1.0)).unwrap_or(Settings::default().threshold)
}

/// How pairs are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// Each as if there were no other story.
    Alone,
    /// By the groups of all stories.
    Grouped,
}

/// A labelled pair with what was found.
#[derive(Clone, Debug)]
pub struct JudgedPair {
    /// Line of the label.
    pub line: usize,
    /// Ids, as the label has them.
    pub ids: [String; 2],
    /// The two among the items.
    pub items: [u32; 2],
    /// What they are; a story and a caption count as stories.
    pub kind: UnitKind,
    /// By the label.
    pub same: bool,
    /// Relation by the label.
    pub relation: Option<String>,
    /// Another reading of it.
    pub alternative: Option<String>,
    /// What the pair is, judged alone.
    pub told: Told,
    /// Whether the groups of the whole hold the two together; none where nothing was grouped.
    pub grouped: Option<bool>,
    /// For each threshold tried, whether similarity alone joins them, and whether the rules do.
    pub at: [[bool; 2]; STEPS],
}

/// What verification says of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Told {
    /// Name of the relation, or `distinct`.
    pub relation: &'static str,
    /// Whether it joins.
    #[serde(skip)]
    pub joins: bool,
    /// Name of the rule that decided.
    pub rule: &'static str,
    /// Jaccard similarity.
    #[serde(serialize_with = "rounded")]
    pub jaccard: f64,
    /// The larger containment.
    #[serde(serialize_with = "rounded")]
    pub containment: f64,
}

impl JudgedPair {
    fn joins(&self, how: How) -> bool {
        match how {
            How::Alone => self.told.joins,
            How::Grouped => self.grouped.unwrap_or(self.told.joins),
        }
    }

    fn is_right(&self) -> bool {
        [&self.relation, &self.alternative]
            .iter()
            .any(|label| label.as_deref() == Some(self.told.relation))
    }

    /// The relation of the label; where it has two readings, that which was found.
    fn label(&self) -> Option<&str> {
        if self.is_right() {
            Some(self.told.relation)
        } else {
            self.relation.as_deref()
        }
    }
}

/// A labelled unit, by the labels and as found.
#[derive(Clone, Copy, Debug)]
pub struct JudgedItem {
    /// What it is.
    pub kind: UnitKind,
    /// Its groups.
    pub groups: Grouped,
}

/// A figure with the range that holds 95 % of the draws; none of nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Figure {
    /// The figure.
    #[serde(serialize_with = "rounded_if")]
    pub value: Option<f64>,
    /// Lower end.
    #[serde(serialize_with = "rounded_if")]
    pub low: Option<f64>,
    /// Upper end.
    #[serde(serialize_with = "rounded_if")]
    pub high: Option<f64>,
}

impl Figure {
    fn new(value: Option<f64>, interval: Option<Interval>) -> Self {
        let known = interval.filter(|_| value.is_some());
        Self {
            value,
            low: known.map(|i| i.low),
            high: known.map(|i| i.high),
        }
    }
}

/// Pairs that were joined and kept apart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OfPairs {
    /// Pairs to join.
    pub same: u64,
    /// Of them joined.
    pub joined: u64,
    /// Pairs to keep apart.
    pub different: u64,
    /// Of them kept apart.
    pub apart: u64,
    /// Share of the joined that are rightly joined.
    pub precision: Figure,
    /// Share of those to join that are joined.
    pub recall: Figure,
    /// Harmonic mean.
    pub f1: Figure,
    /// Labels that name a relation.
    pub relations: u64,
    /// Of them found as labelled.
    pub relations_right: u64,
    /// Share of them.
    pub relation: Figure,
}

/// Groups by the labels and as found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OfGroups {
    /// Items.
    pub items: u64,
    /// Groups of them by the labels, those of one among them.
    pub labelled: u64,
    /// Groups of them as found, those of one among them.
    pub found: u64,
    /// Of the pairs of items found together the share that belongs together.
    pub precision: Figure,
    /// Of the pairs of items that belong together the share found together.
    pub recall: Figure,
    /// Harmonic mean.
    pub f1: Figure,
    /// Adjusted Rand index.
    pub ari: Figure,
    /// B³ precision.
    pub b3_precision: Figure,
    /// B³ recall.
    pub b3_recall: Figure,
    /// B³ F1.
    pub b3_f1: Figure,
}

/// The figures of one kind of unit, or of all.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OfUnit {
    /// `story`, `caption` or `all`.
    pub unit: &'static str,
    /// Labelled pairs, each judged alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alone: Option<OfPairs>,
    /// Labelled pairs, judged by the groups of the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grouped: Option<OfPairs>,
    /// The groups of the items that the labels name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<OfGroups>,
}

/// What a threshold would give.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Step {
    /// The threshold.
    #[serde(serialize_with = "rounded")]
    pub threshold: f64,
    /// By similarity alone.
    pub similarity: Score,
    /// With the rules of relations beside it; none where only groups are labelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Score>,
}

/// Precision, recall and F1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Score {
    /// Precision.
    #[serde(serialize_with = "rounded_if")]
    pub precision: Option<f64>,
    /// Recall.
    #[serde(serialize_with = "rounded_if")]
    pub recall: Option<f64>,
    /// F1.
    #[serde(serialize_with = "rounded_if")]
    pub f1: Option<f64>,
}

impl From<Counts> for Score {
    fn from(counts: Counts) -> Self {
        Self {
            precision: counts.precision(),
            recall: counts.recall(),
            f1: counts.f1(),
        }
    }
}

impl From<Agreement> for Score {
    fn from(a: Agreement) -> Self {
        Self {
            precision: a.precision,
            recall: a.recall,
            f1: a.f1,
        }
    }
}

/// How often a labelled relation was found as another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Confused {
    /// By the label.
    pub label: String,
    /// As found.
    pub found: String,
    /// How often.
    pub count: u64,
}

/// Figures of labelled pairs, for stories, captions and all.
pub fn of_pairs(pairs: &[JudgedPair], items: Option<&[JudgedItem]>, seed: u64) -> Vec<OfUnit> {
    let blocks = blocks_of_pairs(pairs, items.map_or(0, <[_]>::len));
    by_kind(|kind| {
        let these: Vec<(&JudgedPair, u32)> = pairs
            .iter()
            .filter(|p| kind.is_none_or(|k| p.kind == k))
            .map(|p| (p, blocks[p.items[0] as usize]))
            .collect();
        if these.is_empty() {
            return None;
        }
        let grouped = these.iter().all(|(p, _)| p.grouped.is_some());
        Some((
            Some(pair_figures(&these, How::Alone, seed)),
            grouped.then(|| pair_figures(&these, How::Grouped, seed)),
            items.and_then(|items| group_figures(items, &blocks, kind, seed)),
        ))
    })
}

/// Figures of labelled groups, for stories, captions and all.
pub fn of_groups(items: &[JudgedItem], seed: u64) -> Vec<OfUnit> {
    let blocks: Vec<u32> = items.iter().map(|i| i.groups.labelled).collect();
    by_kind(|kind| Some((None, None, Some(group_figures(items, &blocks, kind, seed)?))))
}

type Parts = (Option<OfPairs>, Option<OfPairs>, Option<OfGroups>);

/// For each kind that there is, and for all where there are both.
fn by_kind(figures: impl Fn(Option<UnitKind>) -> Option<Parts>) -> Vec<OfUnit> {
    let mut units = Vec::new();
    for (unit, kind) in [
        ("story", Some(UnitKind::Story)),
        ("caption", Some(UnitKind::Caption)),
        ("all", None),
    ] {
        if kind.is_none() && units.len() == 1 {
            break;
        }
        if let Some((alone, grouped, groups)) = figures(kind) {
            units.push(OfUnit {
                unit,
                alone,
                grouped,
                groups,
            });
        }
    }
    units
}

/// For each item the set of items that labels tie to it, as a number.
fn blocks_of_pairs(pairs: &[JudgedPair], items: usize) -> Vec<u32> {
    let named = pairs.iter().flat_map(|p| p.items).max();
    let mut sets = UnionFind::new(items.max(named.map_or(0, |n| n as usize + 1)));
    for pair in pairs {
        sets.join(pair.items[0], pair.items[1]);
    }
    (0..items.max(named.map_or(0, |n| n as usize + 1)) as u32)
        .map(|item| sets.find(item))
        .collect()
}

/// Sums by block, in the order of the blocks' numbers.
fn gather<S: Default>(parts: impl Iterator<Item = (u32, S)>, add: impl Fn(&mut S, &S)) -> Vec<S> {
    let mut blocks: std::collections::BTreeMap<u32, S> = std::collections::BTreeMap::new();
    for (block, part) in parts {
        add(blocks.entry(block).or_default(), &part);
    }
    blocks.into_values().collect()
}

/// Counts of pairs, and of relations told and told right.
#[derive(Clone, Copy, Default)]
struct PairSums {
    counts: Counts,
    relations: u64,
    right: u64,
}

impl PairSums {
    fn of(pair: &JudgedPair, how: How) -> Self {
        let named = pair.relation.is_some();
        Self {
            counts: Counts::of([(pair.same, pair.joins(how))]),
            relations: u64::from(named),
            right: u64::from(named && pair.is_right()),
        }
    }

    fn add(&mut self, other: &Self) {
        self.counts.joined += other.counts.joined;
        self.counts.glued += other.counts.glued;
        self.counts.missed += other.counts.missed;
        self.counts.apart += other.counts.apart;
        self.relations += other.relations;
        self.right += other.right;
    }

    fn figures(&self) -> [Option<f64>; 4] {
        let counts = self.counts;
        let right = share(self.right as f64, self.relations as f64);
        [counts.precision(), counts.recall(), counts.f1(), right]
    }
}

fn pair_figures(pairs: &[(&JudgedPair, u32)], how: How, seed: u64) -> OfPairs {
    let parts = pairs
        .iter()
        .map(|&(pair, block)| (block, PairSums::of(pair, how)));
    let blocks = gather(parts, PairSums::add);
    let mut sums = PairSums::default();
    for block in &blocks {
        sums.add(block);
    }
    let spread = intervals(&blocks, seed, PairSums::add, PairSums::figures);
    let figure = |i: usize| Figure::new(sums.figures()[i], spread[i]);
    let counts = sums.counts;
    OfPairs {
        same: counts.joined + counts.missed,
        joined: counts.joined,
        different: counts.glued + counts.apart,
        apart: counts.apart,
        precision: figure(0),
        recall: figure(1),
        f1: figure(2),
        relations: sums.relations,
        relations_right: sums.right,
        relation: figure(3),
    }
}

fn group_figures(
    items: &[JudgedItem],
    blocks: &[u32],
    kind: Option<UnitKind>,
    seed: u64,
) -> Option<OfGroups> {
    let places: Vec<usize> = (0..items.len())
        .filter(|&i| kind.is_none_or(|k| items[i].kind == k))
        .collect();
    let groups: Vec<Grouped> = places.iter().map(|&i| items[i].groups).collect();
    if groups.is_empty() {
        return None;
    }
    let parts = per_item(&groups);
    let of_blocks = gather(
        places
            .iter()
            .zip(&parts)
            .map(|(&i, sums)| (blocks[i], *sums)),
        Sums::add,
    );
    let figures = |sums: &Sums| {
        let a = sums.agreement();
        [
            a.precision,
            a.recall,
            a.f1,
            a.ari,
            a.b3_precision,
            a.b3_recall,
            a.b3_f1,
        ]
    };
    let spread = intervals(&of_blocks, seed, Sums::add, figures);
    let values = figures(&Sums::of(&groups));
    let figure = |i: usize| Figure::new(values[i], spread[i]);
    let distinct = |of: fn(&Grouped) -> u32| {
        let mut all: Vec<u32> = groups.iter().map(of).collect();
        all.sort_unstable();
        all.dedup();
        all.len() as u64
    };
    Some(OfGroups {
        items: groups.len() as u64,
        labelled: distinct(|g| g.labelled),
        found: distinct(|g| g.found),
        precision: figure(0),
        recall: figure(1),
        f1: figure(2),
        ari: figure(3),
        b3_precision: figure(4),
        b3_recall: figure(5),
        b3_f1: figure(6),
    })
}

/// Items that a list of pairs puts together: for each the number of its group.
pub fn closure(items: usize, pairs: impl Iterator<Item = [u32; 2]>) -> Vec<u32> {
    let mut sets = UnionFind::new(items);
    for [a, b] in pairs {
        sets.join(a, b);
    }
    (0..items as u32).map(|item| sets.find(item)).collect()
}

/// What each threshold would give for labelled pairs, each judged alone.
pub fn sweep_pairs(pairs: &[JudgedPair]) -> Vec<Step> {
    let score = |step: usize, which: usize| {
        Score::from(Counts::of(
            pairs.iter().map(|p| (p.same, p.at[step][which])),
        ))
    };
    (0..STEPS)
        .map(|step| Step {
            threshold: threshold(step),
            similarity: score(step, 0),
            rules: Some(score(step, 1)),
        })
        .collect()
}

/// What each threshold would give for labelled groups, if the links that reach it joined and nothing else. `units` are the items among all units.
pub fn sweep_links(
    items: &[JudgedItem],
    units: &[UnitId],
    all: usize,
    links: &[Link],
) -> Vec<Step> {
    let mut sets = UnionFind::new(all);
    let mut rest: Vec<&Link> = links.iter().collect();
    rest.sort_by(|x, y| crate::group::stronger(x, y));
    let mut rest = rest.into_iter().peekable();
    let mut steps: Vec<Step> = (0..STEPS)
        .rev()
        .map(|step| {
            let least = threshold_setting(step);
            let reaches = |l: &&Link| {
                least.reached_by(
                    u64::from(l.shared),
                    u64::from(l.size_a + l.size_b - l.shared),
                )
            };
            while let Some(link) = rest.next_if(reaches) {
                sets.join(link.a.0, link.b.0);
            }
            let found: Vec<Grouped> = items
                .iter()
                .zip(units)
                .map(|(item, unit)| Grouped {
                    found: sets.find(unit.0),
                    ..item.groups
                })
                .collect();
            Step {
                threshold: threshold(step),
                similarity: Sums::of(&found).agreement().into(),
                rules: None,
            }
        })
        .collect();
    steps.reverse();
    steps
}

/// Labelled relations by those found, in order of the label.
pub fn confusion<'p>(told: impl Iterator<Item = (&'p str, &'p str)>) -> Vec<Confused> {
    let mut counts: std::collections::BTreeMap<(&str, &str), u64> =
        std::collections::BTreeMap::new();
    for pair in told {
        *counts.entry(pair).or_default() += 1;
    }
    counts
        .into_iter()
        .map(|((label, found), count)| Confused {
            label: label.to_owned(),
            found: found.to_owned(),
            count,
        })
        .collect()
}

/// Labelled relations of pairs by those found; a label that names two readings counts as the one that was found.
pub fn confusion_of_pairs(pairs: &[JudgedPair]) -> Vec<Confused> {
    confusion(
        pairs
            .iter()
            .filter_map(|p| Some((p.label()?, p.told.relation))),
    )
}

/// Pairs that were told wrong: misses, the most alike first, and false joins, the least alike first; as places in `pairs`.
pub fn mistakes(pairs: &[JudgedPair], how: How) -> [Vec<usize>; 2] {
    let of = |same: bool| -> Vec<usize> {
        (0..pairs.len())
            .filter(|&i| pairs[i].same == same && pairs[i].joins(how) != same)
            .collect()
    };
    let (mut misses, mut joins) = (of(true), of(false));
    let alike = |&i: &usize| pairs[i].told.jaccard;
    misses.sort_by(|x, y| alike(y).total_cmp(&alike(x)));
    joins.sort_by(|x, y| alike(x).total_cmp(&alike(y)));
    [misses, joins]
}

/// To four decimals, as elsewhere in output.
fn rounded<S: Serializer>(x: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((x * 1e4).round() / 1e4)
}

#[allow(clippy::ref_option)] // as serde calls it
fn rounded_if<S: Serializer>(x: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match x {
        Some(x) => rounded(x, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests;
