/*!
`samewire eval`: what people said of stories against what the program says of them.

```text
LABELS ─▶ parse ─▶ items (ids → units) ─▶ pairs judged alone ┬▶ figures ─▶ table, JSON, plot
PATH ──▶ read, group ───────────────────▶ groups of the whole ┘
```
*/

mod groups;
mod items;
mod mistakes;
mod pairs;

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use samewire::judge::evaluation::{self, How, OfUnit, Step};
use samewire::judge::labels::{self, Fault, Labels};
use samewire::read::Printable;
use samewire::report::eval::{self, LabelsLine, Page, Report};
use samewire::report::json;

use super::args::{EvalArgs, JudgeHow};
use super::engine::{self, Run};
use super::inputs::STDIN;
use super::output::{self, Inputs, Output};
use super::plan::{Plan, Voice};
use super::{Exit, rejections, say};
use items::Items;

/// Reads, judges, reports.
pub fn run(args: Box<EvalArgs>) -> Result<Exit> {
    let EvalArgs {
        labels: file,
        input,
        matching,
        general,
        judge,
        complete,
        mistakes,
        json,
        plot,
    } = *args;
    let plan = Plan::new(input, matching, &general)?;
    plan.check(&[&file], &[plot.as_deref()])?;
    let labels = labels(&file, &plan)?;
    check(&file, &labels, judge, complete)?;
    let asked = Asked {
        judge,
        complete,
        listed: if mistakes == 0 { usize::MAX } else { mistakes },
    };

    let run = if judge == Some(JudgeHow::Alone) {
        engine::read(&plan)?
    } else {
        engine::run(&plan)?
    };
    let inputs = Inputs::new(&run.corpus.files());
    rejections::report(&plan, &run.outcome.rejections, &inputs)?;
    if let Some(place) = &plot {
        inputs.spare(place)?;
    }
    let work = || report(&file, &labels, &run, &plan, asked);
    let (report, faults, notes) = engine::in_threads(&plan, work)?;
    tell(&file, &notes, &plan);
    tell(&file, &faults, &plan);
    if !faults.is_empty() {
        say(&format!("samewire: labels not used: {}", faults.len()));
    }

    if let Some(place) = &plot {
        let mut out = Output::to(place)?;
        eval::write_plot(&mut out, &report, plan.settings.threshold.value())?;
        out.commit()?;
    }
    let mut out = Output::stdout();
    if json {
        json::write_line(&mut out, &report)?;
    } else {
        Page::new(output::width(), plan.colored()).write(&mut out, &report)?;
    }
    out.commit()?;
    let wrong = report.misses_in_all + report.false_joins_in_all > 0;
    let incomplete = !faults.is_empty() || !run.outcome.rejections.is_empty();
    Ok(Exit::of(plan.exit_code, wrong, incomplete))
}

/// What the user asked for beyond the settings.
#[derive(Clone, Copy)]
struct Asked {
    judge: Option<JudgeHow>,
    complete: bool,
    listed: usize,
}

/// What is found out about labels, whatever their form.
struct Judged {
    units: Vec<OfUnit>,
    sweep: Vec<Step>,
    confusion: Vec<evaluation::Confused>,
    misses: Vec<eval::Mistake>,
    false_joins: Vec<eval::Mistake>,
    items: usize,
    labelled: usize,
    note: String,
}

fn labels(file: &Path, plan: &Plan) -> Result<Labels> {
    let stdin = file == Path::new(STDIN);
    if stdin && plan.paths.iter().any(|p| p == file) {
        bail!(
            "LABELS - and the path - would both read standard input; write one of them to a file"
        );
    }
    let bytes = if stdin {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(file)
    };
    let bytes = bytes.with_context(|| format!("{}: reading the labels", file.display()))?;
    let text = String::from_utf8(bytes).map_err(|_| {
        anyhow::anyhow!(
            "{}: the labels are not UTF-8; convert them first",
            file.display()
        )
    })?;
    Ok(labels::parse(&text))
}

/// Refuses what cannot be judged before stories are read.
fn check(file: &Path, labels: &Labels, judge: Option<JudgeHow>, complete: bool) -> Result<()> {
    let name = file.display();
    if labels.pairs.is_empty() && labels.items.is_empty() {
        for fault in labels.faults.iter().take(3) {
            say(&format!("{name}:{}: {}", fault.line, fault.cause));
        }
        bail!(
            "{name}: holds no label; write a line for each pair (a, b, same) or for each story (id, group), with tabs between"
        );
    }
    if labels.pairs.is_empty() && judge == Some(JudgeHow::Alone) {
        bail!("{name}: holds groups, which --judge alone has no pairs of; leave it out");
    }
    if complete && labels.items.is_empty() {
        bail!("{name}: holds pairs, which never name every group; leave --complete out");
    }
    Ok(())
}

fn report(
    file: &Path,
    labels: &Labels,
    run: &Run,
    plan: &Plan,
    asked: Asked,
) -> (Report, Vec<Fault>, Vec<Fault>) {
    let names = names(labels);
    let settings = items::naming(plan);
    let grouped = asked.judge != Some(JudgeHow::Alone);
    let filter = plan.settings.units;
    let mut items = Items::new(run, &settings, filter, names.into_iter(), grouped);
    let judged = if labels.items.is_empty() {
        pairs::judge(&labels.pairs, &mut items, run, plan, asked)
    } else {
        groups::judge(&labels.items, &mut items, run, plan, asked)
    };
    let how = match (asked.judge, labels.items.is_empty()) {
        (Some(JudgeHow::Grouped), _) | (_, false) => How::Grouped,
        _ => How::Alone,
    };
    let mut faults = labels.faults.clone();
    let unusable = faults.len();
    faults.extend(items.take_faults());
    faults.sort_by_key(|f| f.line);
    let first = |mut all: Vec<eval::Mistake>| {
        let count = all.len();
        all.truncate(asked.listed);
        (all, count)
    };
    let (misses, misses_in_all) = first(judged.misses);
    let (false_joins, false_joins_in_all) = first(judged.false_joins);
    let report = Report {
        labels: LabelsLine {
            path: file.display().to_string(),
            form: labels.form.described(),
            used: judged.labelled,
            items: judged.items,
            unusable,
            unknown: faults.len() - unusable,
            left_out: items.left_out,
        },
        judged: how,
        items: judged.note,
        units: judged.units,
        confusion: judged.confusion,
        sweep: judged.sweep,
        misses,
        misses_in_all,
        false_joins,
        false_joins_in_all,
    };
    (report, faults, items.notes)
}

/// All names that a file of labels speaks of.
fn names(labels: &Labels) -> Vec<&str> {
    let of_pairs = labels.pairs.iter().flat_map(|p| p.ids.iter());
    let of_items = labels
        .items
        .iter()
        .flat_map(|i| std::iter::once(&i.id).chain(&i.place));
    of_pairs.chain(of_items).map(String::as_str).collect()
}

fn tell(file: &Path, faults: &[Fault], plan: &Plan) {
    let told = match plan.voice {
        Voice::Quiet => 0,
        Voice::Usual => rejections::TOLD,
        Voice::Verbose => usize::MAX,
    };
    let name = file.display().to_string();
    for fault in faults.iter().take(told) {
        say(&format!(
            "{}:{}: {}",
            Printable(&name),
            fault.line,
            fault.cause
        ));
    }
    if plan.voice > Voice::Quiet && faults.len() > told {
        say(&format!(
            "… and {} more (--verbose lists all)",
            faults.len() - told
        ));
    }
}
