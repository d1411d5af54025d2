/*!
Labelled pairs: each judged alone, and by the groups of the whole.
*/

use rayon::prelude::*;
use samewire::Settings;
use samewire::judge::clusters::Grouped;
use samewire::judge::evaluation::{
    self, How, JudgedItem, JudgedPair, STEPS, closure, threshold_setting,
};
use samewire::judge::labels::{Fault, Pair};
use samewire::verify::Relation;
use samewire::verify::comparison::Comparison;
use samewire::verify::prepared::Making;
use samewire::verify::relation;

use super::super::args::JudgeHow;
use super::super::engine::Run;
use super::super::plan::Plan;
use super::items::{Items, group_numbers, naming};
use super::{Asked, Judged, mistakes};

/// Judges all pairs whose units are known.
pub fn judge(
    labels: &[Pair],
    items: &mut Items<'_>,
    run: &Run,
    plan: &Plan,
    asked: Asked,
) -> Judged {
    let known: Vec<(&Pair, [u32; 2])> = labels
        .iter()
        .filter_map(|pair| Some((pair, items.pair(pair)?)))
        .collect();
    let groups = (asked.judge != Some(JudgeHow::Alone)).then(|| group_numbers(&run.outcome));
    let settings = naming(plan);
    let steps: Vec<Settings> = (0..STEPS)
        .map(|step| Settings {
            threshold: threshold_setting(step),
            ..settings.clone()
        })
        .collect();
    let judged: Vec<JudgedPair> = known
        .par_iter()
        .map_init(
            || Making::new(&settings),
            |making, (label, pair)| {
                let sides = pair.map(|i| items.all[i as usize]);
                let c = mistakes::compare(run, making, &settings, sides.map(|s| s.found));
                let grouped = groups.as_ref().map(|of| match sides.map(|s| s.unit) {
                    [Some(a), Some(b)] => of[a.index()] == of[b.index()],
                    _ => false,
                });
                JudgedPair {
                    line: label.line,
                    ids: label.ids.clone(),
                    items: *pair,
                    kind: c.a.kind,
                    same: label.same,
                    relation: label.relation.clone(),
                    alternative: label.alternative.clone(),
                    told: mistakes::tell(&c),
                    grouped,
                    at: std::array::from_fn(|step| at(&c, &steps[step])),
                }
            },
        )
        .collect();
    let how = if asked.judge == Some(JudgeHow::Grouped) {
        How::Grouped
    } else {
        How::Alone
    };
    let of_items = groups.as_ref().map(|of| grouped_items(items, &judged, of));
    note_contradictions(items, &judged);
    let [misses, false_joins] = evaluation::mistakes(&judged, how).map(|places| {
        let shown = |i: usize| {
            let p = &judged[i];
            let label = p.relation.clone();
            mistakes::mistake(p.line, p.ids.clone(), p.kind, label, p.told, plan)
        };
        places.into_iter().map(shown).collect()
    });
    Judged {
        units: evaluation::of_pairs(&judged, of_items.as_deref(), plan.settings.seed),
        sweep: evaluation::sweep_pairs(&judged),
        confusion: evaluation::confusion_of_pairs(&judged),
        misses,
        false_joins,
        items: items.all.len(),
        labelled: judged.len(),
        note: "the units that the pairs name; together are those that a chain of `same` pairs ties, all others count as different"
            .to_owned(),
    }
}

/// Whether a threshold joins a pair: by similarity alone, and with the rules.
fn at(c: &Comparison<'_>, settings: &Settings) -> [bool; 2] {
    let [a, b] = c.evidence.sizes.map(u64::from);
    let shared = u64::from(c.evidence.shared);
    let (relation, _) = relation::decide(&c.a, &c.b, &c.evidence, &c.alignment, settings);
    [
        settings.threshold.reached_by(shared, a + b - shared),
        relation.is_some_and(Relation::joins),
    ]
}

/// The items with the groups that the labels imply, and those that were found.
fn grouped_items(items: &Items<'_>, judged: &[JudgedPair], groups: &[u32]) -> Vec<JudgedItem> {
    let same = judged.iter().filter(|p| p.same).map(|p| p.items);
    let labelled = closure(items.all.len(), same);
    items
        .all
        .iter()
        .zip(labelled)
        .map(|(item, labelled)| JudgedItem {
            kind: item.kind,
            groups: Grouped {
                labelled,
                found: item.unit.map_or(u32::MAX, |u| groups[u.index()]),
            },
        })
        .collect()
}

/// Tells of pairs labelled different that a chain of `same` pairs puts together.
fn note_contradictions(items: &mut Items<'_>, judged: &[JudgedPair]) {
    let same = judged.iter().filter(|p| p.same).map(|p| p.items);
    let of = closure(items.all.len(), same);
    let torn = |p: &&JudgedPair| !p.same && of[p.items[0] as usize] == of[p.items[1] as usize];
    for p in judged.iter().filter(torn) {
        let [a, b] = &p.ids;
        let cause = format!(
            "{a} and {b} are labelled as different, and other labels tie them together; the pair counts as labelled, groups follow the others"
        );
        items.notes.push(Fault {
            line: p.line,
            cause,
        });
    }
}
