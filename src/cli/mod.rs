/*!
The command line: raw flags → validated [`Plan`](plan::Plan) → library → files and terminals → exit code.

```text
args (what was typed) → config_file (what the file adds) → plan (what is meant) → one module a command
```

Everything that touches the terminal, the environment or the exit code lives here; the library does not.
*/

mod args;
mod commands;
mod compare;
mod completions;
mod config_file;
mod dedup;
mod engine;
mod eval;
mod group;
mod index;
mod indexes;
mod inputs;
mod keeping;
mod layout;
mod man;
mod output;
mod passages;
mod plan;
mod progress;
mod quantity;
mod query;
mod rejections;
mod report;
mod schema;
mod stream;
mod tune;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use samewire::report::escape;

use args::Command;

/// How a run that did its work ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All done.
    Done,
    /// Repeats were found, and `--exit-code` asked to be told.
    Found,
    /// Done, but some records could not be used. Outranks [`Exit::Found`]: a program that relies on
    /// the answer must first learn that it is not complete.
    Rejected,
}

impl Exit {
    /// The ending of a run that found repeats or not, and rejected records or not.
    fn of(asked: bool, found: bool, rejected: bool) -> Self {
        if rejected {
            Self::Rejected
        } else if asked && found {
            Self::Found
        } else {
            Self::Done
        }
    }

    fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Found => 1,
            Self::Rejected => 3,
        }
    }
}

/// Wrong usage, or nothing that could be read or written.
const FAILED: u8 = 2;

/// How a run ends that could not use its index: there is none, another program writes to it, it was made with other
/// settings, or it is damaged.
fn of_index(error: &anyhow::Error) -> Option<u8> {
    error
        .chain()
        .find_map(|cause| match cause.downcast_ref::<samewire::Error>()? {
            samewire::Error::NoIndex { .. } => Some(10),
            samewire::Error::IndexInUse { .. } => Some(11),
            samewire::Error::IndexSettings { .. } => Some(12),
            samewire::Error::IndexDamaged { .. } => Some(13),
            _ => None,
        })
}

/// Reads the command line, and the configuration file that it names.
///
/// Wrong usage ends the process with 2 here, `--help` and `--version` with 0.
pub fn parse() -> Result<Command> {
    args::parse(std::env::args_os().collect())
}

/// Runs one command.
pub fn run(command: Command) -> Result<Exit> {
    match command {
        Command::Group(args) => group::run(args),
        Command::Dedup(args) => dedup::run(args),
        Command::Stream(args) => stream::run(args),
        Command::Query(args) => query::run(*args),
        Command::Index(args) => index::run(*args),
        Command::Compare(args) => compare::run(*args),
        Command::Passages(args) => passages::run(args),
        Command::Eval(args) => eval::run(args),
        Command::Tune(args) => tune::run(args),
        Command::Report(args) => report::run(args),
        Command::Schema(args) => schema::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}

/// Turns what became of a run into an exit code, and says on stderr what failed.
pub fn finish(result: Result<Exit>) -> ExitCode {
    match result {
        Ok(exit) => ExitCode::from(exit.code()),
        // Whoever read our output has seen enough (`| head`).
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("samewire: {error:#}"));
            ExitCode::from(of_index(&error).unwrap_or(FAILED))
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = match cause.downcast_ref::<samewire::Error>() {
            Some(samewire::Error::File { source, .. }) => Some(source),
            _ => cause.downcast_ref::<io::Error>(),
        };
        io.is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// A line on stderr, with everything escaped that could steer a terminal. A stderr that is closed is
/// no reason to fail.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{}", escape(line));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejected_records_outrank_found_repeats() {
        assert_eq!(Exit::of(false, true, false).code(), 0);
        assert_eq!(Exit::of(true, false, false).code(), 0);
        assert_eq!(Exit::of(true, true, false).code(), 1);
        assert_eq!(Exit::of(true, true, true).code(), 3);
        assert_eq!(Exit::of(false, false, true).code(), 3);
    }

    #[test]
    fn a_closed_pipe_is_seen_through_context() {
        let error =
            anyhow::Error::from(io::Error::from(io::ErrorKind::BrokenPipe)).context("writing");
        assert!(is_closed_pipe(&error));
        assert!(!is_closed_pipe(&anyhow::anyhow!("other")));
    }
}
