//! The `samewire` command: parse, run, exit code.

fn main() {}
