//! The `samewire` command: parse, run, exit code.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::finish(cli::parse().and_then(cli::run))
}
