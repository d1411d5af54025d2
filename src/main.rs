//! The `samewire` command: parse, run, exit code.

mod cli;

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Threads that hand each other stories, words and links by the million ask for few pages and seldom wait for one another with it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::finish(cli::parse().and_then(cli::run))
}
