//! `samewire passages`: text that stands in more than one story, as a table for people or as JSON lines for programs.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use anyhow::Result;
use samewire::PassageSettings;
use samewire::report::passages::{self, PassageTable};

use super::args::PassagesArgs;
use super::engine;
use super::output::{self, Inputs, Output};
use super::plan::{Plan, Voice};
use super::{Exit, rejections, say};

/// Reads, searches, reports.
pub fn run(args: Box<PassagesArgs>) -> Result<Exit> {
    let PassagesArgs {
        input,
        general,
        min_words,
        min_stories,
        no_segment,
        exact,
        json,
        output,
        all,
    } = *args;
    let settings = PassageSettings {
        min_words,
        min_stories,
        segment: !no_segment,
        exact,
    };
    settings.validate()?;
    let plan = Plan::reading(input, &general)?;
    let place = output.as_deref().unwrap_or(Path::new("-"));
    plan.check(&[], &[Some(place)])?;

    let (corpus, outcome) = engine::find_passages(&plan, &settings)?;
    let inputs = Inputs::new(&corpus.files());
    rejections::report(&plan, &outcome.rejections, &inputs)?;
    if let Some(place) = &output {
        inputs.spare(place)?;
    }

    let found = &outcome.found.passages;
    let mut out = Output::to(place)?;
    if json || output.is_some() || !io::stdout().is_terminal() {
        passages::lines(&mut out, &*corpus, found)?;
        out.commit()?;
        if plan.voice == Voice::Verbose {
            for (name, value) in passages::summary(&outcome) {
                say(&format!("samewire: {name}: {value}"));
            }
        }
    } else {
        let table = PassageTable::new(output::width(), plan.colored());
        let table = if all { table.all() } else { table };
        table.write(&mut out, &*corpus, found)?;
        if plan.voice > Voice::Quiet {
            table.write_summary(&mut out, &outcome)?;
        }
        out.commit()?;
    }
    let late = engine::lost_late(&outcome.rejections, corpus.lost());
    rejections::tell(&plan, &late);
    Ok(Exit::of(
        plan.exit_code,
        !found.is_empty(),
        !outcome.rejections.is_empty() || !late.is_empty(),
    ))
}
