//! `samewire tune`: how alike the stories are, and what a threshold and a recall would make of them.

use anyhow::Result;
use samewire::report::json;
use samewire::report::tune::{self, Page, Report};
use samewire::tune::outlook::Outlook;
use samewire::{Settings, UnitFilter};

use super::args::TuneArgs;
use super::commands;
use super::engine;
use super::output::{self, Inputs, Output};
use super::plan::{Plan, Voice};
use super::{Exit, rejections, say};

/// Reads, measures, reports.
pub fn run(args: Box<TuneArgs>) -> Result<Exit> {
    let TuneArgs {
        input,
        unit,
        judging,
        recall,
        general,
        sample,
        json,
        plot,
    } = *args;
    let settings = Settings {
        recall,
        units: unit.into(),
        ..Plan::judging(&judging)?
    };
    let plan = Plan::measuring(input, settings, &general)?;
    plan.check(&[], &[plot.as_deref()])?;

    let (corpus, outcome) = engine::measure(&plan, sample.get())?;
    let inputs = Inputs::new(&corpus.files());
    rejections::report(&plan, &outcome.rejections, &inputs)?;
    let settings = &plan.settings;
    let report = Report {
        stories: outcome.stories,
        sampled: outcome.sampled,
        asked: u64::from(sample.get()).min(outcome.stories),
        seed: settings.seed,
        threshold: settings.threshold.value(),
        recall,
        units: outcome
            .measured
            .iter()
            .map(|measured| Outlook::new(measured, settings.threshold, recall))
            .collect(),
        command: command(&plan),
    };
    if let Some(place) = &plot {
        inputs.spare(place)?;
        let mut out = Output::to(place)?;
        tune::write_plot(&mut out, &report)?;
        out.commit()?;
    }
    let mut out = Output::stdout();
    let most = report.units.iter().map(|o| o.units).max().unwrap_or(0);
    if json {
        json::write_line(&mut out, &report)?;
    } else if most < 2 {
        say(&format!(
            "samewire: there is nothing to measure: it takes two stories or two captions with words, and {} read; give more files, or \
             see with `samewire group PATH --all --json` what was read",
            if most == 0 {
                "none was"
            } else {
                "only one of a kind was"
            }
        ));
    } else {
        Page::new(output::width(), plan.colored()).write(&mut out, &report)?;
    }
    out.commit()?;
    if plan.voice == Voice::Verbose {
        say(&format!(
            "samewire: took: {:.2} s",
            outcome.elapsed.as_secs_f64()
        ));
    }
    let repeats = report.repeats() > 0;
    Ok(Exit::of(
        plan.exit_code,
        repeats,
        !outcome.rejections.is_empty(),
    ))
}

/// The command that groups by what was measured.
fn command(plan: &Plan) -> String {
    let settings = &plan.settings;
    let mut words = vec!["samewire group".to_owned()];
    words.extend(
        plan.paths
            .iter()
            .map(|p| commands::quoted(&p.to_string_lossy())),
    );
    words.push("--match near".to_owned());
    words.push(format!("--threshold {}", settings.threshold.value()));
    words.push(format!("--recall {}", settings.recall));
    words.extend(
        commands::options(plan)
            .into_iter()
            .filter(|o| !o.starts_with("--threshold")),
    );
    match settings.units {
        UnitFilter::All => {}
        UnitFilter::Story => words.push("--unit story".to_owned()),
        UnitFilter::Caption => words.push("--unit caption".to_owned()),
    }
    words.join(" ")
}
