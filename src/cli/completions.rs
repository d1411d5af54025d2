//! `samewire completions`: a completion script for a shell.

use std::io::Write as _;

use anyhow::Result;

use super::Exit;
use super::args::{self, CompletionsArgs};
use super::output::Output;

/// Prints the script.
pub fn run(args: &CompletionsArgs) -> Result<Exit> {
    // Into memory first: the generator panics when a write fails, as it does in a closed pipe.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::command(), "samewire", &mut script);
    let mut out = Output::stdout();
    out.write_all(&script)?;
    out.commit()?;
    Ok(Exit::Done)
}
