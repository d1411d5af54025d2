//! `samewire man`: a manual page of the program or of one command.

use std::io::Write as _;

use anyhow::{Result, bail};

use super::Exit;
use super::args::{self, ManArgs};
use super::output::Output;

/// Prints the page in troff.
pub fn run(args: &ManArgs) -> Result<Exit> {
    let mut program = args::command();
    program.build();
    let page = match &args.command {
        None => program,
        Some(name) => match program.find_subcommand(name) {
            Some(command) => command.clone().version(env!("CARGO_PKG_VERSION")),
            None => bail!("no command {name}; `samewire --help` lists the commands"),
        },
    };
    let mut out = Output::stdout();
    clap_mangen::Man::new(page).render(&mut out)?;
    out.flush()?;
    out.commit()?;
    Ok(Exit::Done)
}
