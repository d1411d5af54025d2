//! `samewire group`: what repeats what, as a table for people or as JSON lines for programs.

use std::io::{self, IsTerminal as _, Write};
use std::path::Path;

use anyhow::Result;
use samewire::report::json;
use samewire::report::table::{self, Table};

use super::args::GroupArgs;
use super::engine::{self, Run};
use super::output::{self, Inputs, Output};
use super::plan::{Plan, Voice};
use super::{Exit, indexes, rejections, say};

/// Reads, compares, reports.
pub fn run(args: Box<GroupArgs>) -> Result<Exit> {
    let GroupArgs {
        input,
        against,
        matching,
        general,
        json,
        output,
        links,
        all,
    } = *args;
    let seed_is_free = matching.find.judging.seed.is_none();
    let mut plan = Plan::new(input, matching, &general)?;
    let groups_to = output.as_deref().unwrap_or(Path::new("-"));
    plan.check(&[], &[Some(groups_to), links.as_deref()])?;

    let run = match against {
        Some(path) => {
            let index = indexes::open_to_read(&path, &mut plan.settings, seed_is_free)?;
            engine::run_against(&plan, index)?
        }
        None => engine::run(&plan)?,
    };
    let inputs = Inputs::new(&run.corpus.files());
    rejections::report(&plan, &run.outcome.rejections, &inputs)?;
    for place in [output.as_deref(), links.as_deref()].into_iter().flatten() {
        inputs.spare(place)?;
    }

    if let Some(path) = &links {
        let mut out = Output::to(path)?;
        json::links(&mut out, &*run.corpus, &run.outcome)?;
        out.commit()?;
    }
    let mut out = Output::to(groups_to)?;
    if json || output.is_some() || !io::stdout().is_terminal() {
        write_lines(&mut out, &run, &plan, all)?;
        out.commit()?;
        tell(&plan, &run);
    } else {
        write_table(&mut out, &run, &plan, all)?;
        out.commit()?;
    }
    let outcome = &run.outcome;
    let late = engine::lost_late(&outcome.rejections, run.corpus.lost());
    rejections::tell(&plan, &late);
    let exit = Exit::of(
        plan.exit_code,
        !outcome.groups.is_empty(),
        !outcome.rejections.is_empty() || !late.is_empty(),
    );
    run.end();
    Ok(exit)
}

fn write_lines(out: &mut dyn Write, run: &Run, plan: &Plan, all: bool) -> io::Result<()> {
    if all {
        json::groups_and_alone(out, &*run.corpus, &run.outcome, plan.settings.units)
    } else {
        json::groups(out, &*run.corpus, &run.outcome)
    }
}

fn write_table(out: &mut dyn Write, run: &Run, plan: &Plan, all: bool) -> io::Result<()> {
    let table = Table::new(output::width(), plan.colored());
    let table = if all { table.all_groups() } else { table };
    table.write_groups(out, &*run.corpus, &run.outcome)?;
    if all {
        table.write_alone(out, &*run.corpus, &run.outcome, plan.settings.units)?;
    }
    if plan.voice > Voice::Quiet {
        table.write_summary(out, &run.outcome)?;
    }
    Ok(())
}

/// The figures of the run on stderr, for those who asked.
pub fn tell(plan: &Plan, run: &Run) {
    if plan.voice == Voice::Verbose {
        for (name, value) in table::summary(&run.outcome) {
            say(&format!("samewire: {name}: {value}"));
        }
        let stats = &run.outcome.stats;
        say(&format!(
            "samewire: pairs: {} compared, {} linked",
            stats.candidates,
            run.outcome.links.len()
        ));
    }
}
