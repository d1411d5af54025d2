/*!
Labelled groups against the groups of the whole.
*/

use std::collections::{BTreeMap, HashMap};

use samewire::UnitId;
use samewire::judge::clusters::Grouped;
use samewire::judge::evaluation::{self, JudgedItem};
use samewire::judge::labels::Item;
use samewire::report::counted;
use samewire::report::eval::Mistake;
use samewire::verify::prepared::Making;

use super::super::engine::Run;
use super::super::plan::Plan;
use super::items::{Items, group_numbers, naming};
use super::{Asked, Judged, mistakes};

/// What stands for the relation of a unit that is in no group.
const ALONE: &str = "alone";

/// Judges all items that are known.
pub fn judge(
    labels: &[Item],
    items: &mut Items<'_>,
    run: &Run,
    plan: &Plan,
    asked: Asked,
) -> Judged {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut times: HashMap<&str, usize> = HashMap::new();
    // Of each item its label.
    let mut known: Vec<&Item> = Vec::new();
    for label in labels {
        let time = times.entry(&label.id).or_default();
        let before = items.all.len();
        let Some(item) = items.item(label, *time) else {
            continue;
        };
        *time += 1;
        if (item as usize) < before {
            let cause = format!(
                "{}: is named a second time; the first label counts",
                label.id
            );
            items.fault(label.line, cause);
            continue;
        }
        let next = numbers.len() as u32;
        numbers.entry(&label.group).or_insert(next);
        known.push(label);
    }
    let of = group_numbers(&run.outcome);
    let mut units: Vec<UnitId> = items.all.iter().filter_map(|i| i.unit).collect();
    let mut judged: Vec<JudgedItem> = items
        .all
        .iter()
        .zip(&known)
        .map(|(item, label)| JudgedItem {
            kind: item.kind,
            groups: Grouped {
                labelled: numbers[&*label.group],
                found: item.unit.map_or(u32::MAX, |u| of[u.index()]),
            },
        })
        .collect();
    let named = judged.len();
    let [misses, false_joins] = wrong(&judged, &units, &known, items, run, plan);
    if asked.complete {
        add_all_others(&mut judged, &mut units, numbers.len() as u32, run, &of);
    }
    let seed = plan.settings.seed;
    Judged {
        units: evaluation::of_groups(&judged, seed),
        sweep: evaluation::sweep_links(
            &judged,
            &units,
            run.outcome.units.len(),
            &run.outcome.links,
        ),
        confusion: relations(&units[..named], &known, run),
        misses,
        false_joins,
        items: judged.len(),
        labelled: named,
        note: if asked.complete {
            "all units in PATH; those that the labels do not name count as alone".to_owned()
        } else {
            format!(
                "the units that the labels name; {} in a group with one of them, not judged",
                counted(
                    unnamed(&units, &of) as u64,
                    "other unit is",
                    "other units are"
                )
            )
        },
    }
}

/// Units without a label that share a group with a labelled one.
fn unnamed(units: &[UnitId], of: &[u32]) -> usize {
    let mut groups: Vec<u32> = units.iter().map(|u| of[u.index()]).collect();
    groups.sort_unstable();
    groups.dedup();
    let with = of
        .iter()
        .filter(|g| groups.binary_search(g).is_ok())
        .count();
    with - units.len()
}

/// All units that have no label: each is a group of one.
fn add_all_others(
    judged: &mut Vec<JudgedItem>,
    units: &mut Vec<UnitId>,
    groups: u32,
    run: &Run,
    of: &[u32],
) {
    let mut has_label = vec![false; run.outcome.units.len()];
    for unit in &*units {
        has_label[unit.index()] = true;
    }
    for (place, unit) in run.outcome.units.iter().enumerate() {
        if !has_label[place] {
            judged.push(JudgedItem {
                kind: unit.kind,
                groups: Grouped {
                    labelled: groups + place as u32,
                    found: of[place],
                },
            });
            units.push(UnitId(place as u32));
        }
    }
}

/// Labelled relations by those that the groups tell, member by member.
fn relations(units: &[UnitId], known: &[&Item], run: &Run) -> Vec<evaluation::Confused> {
    let mut told: HashMap<UnitId, &'static str> = HashMap::new();
    for member in run.outcome.groups.iter().flat_map(|g| &g.members) {
        let relation = member
            .link
            .as_ref()
            .map_or("first", |tie| tie.link.relation.name());
        told.insert(member.unit, relation);
    }
    evaluation::confusion(known.iter().zip(units).filter_map(|(label, unit)| {
        Some((
            label.relation.as_deref()?,
            told.get(unit).copied().unwrap_or(ALONE),
        ))
    }))
}

/// Parts of labelled groups that were found apart, and parts of others that were found with them: a pair for each, the
/// part's first item with the first of the largest part, or with one that it is linked to.
fn wrong(
    judged: &[JudgedItem],
    units: &[UnitId],
    known: &[&Item],
    items: &Items<'_>,
    run: &Run,
    plan: &Plan,
) -> [Vec<Mistake>; 2] {
    let settings = naming(plan);
    let mut making = Making::new(&settings);
    let item_of: HashMap<UnitId, usize> = units.iter().enumerate().map(|(i, &u)| (u, i)).collect();
    // Items of different groups that a link joins: the strongest for each two groups.
    let mut linked: HashMap<(u32, u32), [usize; 2]> = HashMap::new();
    for link in run.outcome.links.iter().filter(|l| l.relation.joins()) {
        if let (Some(&x), Some(&y)) = (item_of.get(&link.a), item_of.get(&link.b)) {
            let (a, b) = (judged[x].groups.labelled, judged[y].groups.labelled);
            if a != b {
                linked.entry((a.min(b), a.max(b))).or_insert([x, y]);
            }
        }
    }
    let mut show = |pair: [usize; 2]| {
        let sides = pair.map(|i| items.all[i].found);
        let c = mistakes::compare(run, &mut making, &settings, sides);
        let ids = sides.map(|found| items.name(found));
        let label = &known[pair[1]].relation;
        let line = known[pair[1]].line;
        mistakes::mistake(line, ids, c.a.kind, label.clone(), mistakes::tell(&c), plan)
    };
    let mut misses: Vec<Mistake> = parts(judged, |g| (g.labelled, g.found))
        .into_iter()
        .map(&mut show)
        .collect();
    let mut joins: Vec<Mistake> = parts(judged, |g| (g.found, g.labelled))
        .into_iter()
        .map(|[main, part]| {
            let (a, b) = (judged[main].groups.labelled, judged[part].groups.labelled);
            show(
                linked
                    .get(&(a.min(b), a.max(b)))
                    .copied()
                    .unwrap_or([main, part]),
            )
        })
        .collect();
    misses.sort_by(|x, y| y.told.jaccard.total_cmp(&x.told.jaccard));
    joins.sort_by(|x, y| x.told.jaccard.total_cmp(&y.told.jaccard));
    [misses, joins]
}

/// For each whole all parts but the largest: the first item of the largest part, and that of the part.
fn parts(judged: &[JudgedItem], split: impl Fn(&Grouped) -> (u32, u32)) -> Vec<[usize; 2]> {
    let mut wholes: BTreeMap<u32, BTreeMap<u32, Vec<usize>>> = BTreeMap::new();
    for (i, item) in judged.iter().enumerate() {
        let (whole, part) = split(&item.groups);
        wholes
            .entry(whole)
            .or_default()
            .entry(part)
            .or_default()
            .push(i);
    }
    let mut found = Vec::new();
    for parts in wholes.into_values() {
        let mut parts: Vec<Vec<usize>> = parts.into_values().collect();
        parts.sort_by_key(|p| (std::cmp::Reverse(p.len()), p[0]));
        for part in parts.iter().skip(1) {
            found.push([parts[0][0], part[0]]);
        }
    }
    found.sort_unstable();
    found
}
