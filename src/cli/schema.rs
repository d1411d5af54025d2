//! `samewire schema`: the JSON Schema of the output.

use std::io::Write as _;

use anyhow::Result;
use samewire::report::schema;

use super::Exit;
use super::args::{SchemaArg, SchemaArgs};
use super::output::Output;

/// Prints one schema, or one that holds all.
pub fn run(args: &SchemaArgs) -> Result<Exit> {
    let text = match args.what {
        Some(SchemaArg::Group) => schema::GROUP.to_owned(),
        Some(SchemaArg::Compare) => schema::COMPARE.to_owned(),
        Some(SchemaArg::Link) => schema::LINK.to_owned(),
        Some(SchemaArg::Verdict) => schema::VERDICT.to_owned(),
        Some(SchemaArg::Passage) => schema::PASSAGE.to_owned(),
        Some(SchemaArg::Eval) => schema::EVAL.to_owned(),
        Some(SchemaArg::Tune) => schema::TUNE.to_owned(),
        None => schema::all(),
    };
    let mut out = Output::stdout();
    out.write_all(text.as_bytes())?;
    out.commit()?;
    Ok(Exit::Done)
}
