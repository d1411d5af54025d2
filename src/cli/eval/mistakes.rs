/*!
Pairs that were told wrong, with the command that opens them.
*/

use samewire::judge::evaluation::Told;
use samewire::report::eval::Mistake;
use samewire::verify::comparison::Comparison;
use samewire::verify::prepared::Making;
use samewire::{Settings, UnitKind};

use super::super::commands;
use super::super::compare::lookup::Found;
use super::super::engine::Run;
use super::super::plan::Plan;

/// What the rules say of two units alone.
pub fn tell(c: &Comparison<'_>) -> Told {
    let [in_b, in_a] = c.containments();
    Told {
        relation: c.relation_name(),
        joins: c.joins(),
        rule: c.reason.rule.name(),
        jaccard: c.jaccard(),
        containment: in_a.max(in_b),
    }
}

/// Compares two units.
pub fn compare<'c>(
    run: &'c Run,
    making: &mut Making<'_>,
    settings: &Settings,
    sides: [Found; 2],
) -> Comparison<'c> {
    let [a, b] = sides.map(|s| making.prepare(run.corpus.story(s.story), s.which));
    Comparison::new(making, a, b, settings)
}

/// A pair that was told wrong.
pub fn mistake(
    line: usize,
    ids: [String; 2],
    kind: UnitKind,
    label: Option<String>,
    told: Told,
    plan: &Plan,
) -> Mistake {
    let compare = command(plan, [&ids[0], &ids[1]]);
    let [a, b] = ids;
    Mistake {
        line,
        a,
        b,
        unit: kind,
        label,
        told,
        compare,
    }
}

/// The command that shows the two side by side.
fn command(plan: &Plan, ids: [&str; 2]) -> String {
    let mut words = vec!["samewire".to_owned(), "compare".to_owned()];
    words.extend(ids.map(commands::quoted));
    for path in &plan.paths {
        words.push("--in".to_owned());
        words.push(commands::quoted(&path.to_string_lossy()));
    }
    words.extend(commands::options(plan));
    words.join(" ")
}
