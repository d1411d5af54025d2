//! `samewire query`: what an index knows of stories; nothing is stored.

use std::io::Write as _;

use anyhow::Result;
use samewire::index::store::Index;
use samewire::pipeline::stream::{Committed, Ready, Stream, Verdict, ask_in_parts};
use samewire::read;
use samewire::report::verdict;
use samewire::{Corpus as _, Error};

use super::args::InputArgs;
use super::args::index::QueryArgs;
use super::engine::{self, in_threads};
use super::output::{Inputs, Output};
use super::plan::Plan;
use super::{Exit, indexes, rejections};

/// Reads the stories, asks the index, prints a verdict for each.
pub fn run(args: QueryArgs) -> Result<Exit> {
    let input = InputArgs {
        paths: args.paths,
        files_from: None,
        null: false,
        memory: samewire::read::ReadOptions::MEMORY as usize,
        records: args.records,
    };
    let plan = Plan::reading(input, &args.general)?;
    plan.check(&[], &[])?;
    let mut index = Index::open_to_read(&args.index)?;
    let settings = index.settings().clone();
    let open = || Stream::open(&mut index, &Committed::default());
    let read = || engine::read_files(&plan, read::walk(&plan.paths));
    let (opened, read) = in_threads(&plan, || rayon::join(open, read))?;
    let (mut stream, loaded) = opened?;
    indexes::tell_loaded(&loaded, plan.voice);
    let (store, found) = read?;
    let files: Vec<_> = store.sources().iter().map(|s| s.path.clone()).collect();
    rejections::report(&plan, &found, &Inputs::new(&files))?;
    if store.is_empty() && (files.is_empty() || !found.is_empty()) {
        return Err(Error::NoInput {
            reason: "nothing in the paths given could be read".into(),
            next: "see the messages above, or give the file that holds the stories",
        }
        .into());
    }
    let mut out = Output::stdout();
    let mut repeats = false;
    let ask = |ready: Vec<Ready<'_>>| {
        let ids: Vec<String> = ready.iter().map(|r| r.id().to_owned()).collect();
        let verdicts = stream.ask(ready)?;
        let is_repeat = |v: &Verdict| v.repeat.is_some();
        let mut lines = Vec::new();
        for (id, verdicts) in ids.iter().zip(&verdicts) {
            verdict::line(&mut lines, id, verdicts)?;
        }
        Ok((lines, verdicts.iter().any(|v| v.iter().any(is_repeat))))
    };
    let give = |(lines, some): (Vec<u8>, bool)| -> Result<()> {
        repeats |= some;
        Ok(out.write_all(&lines)?)
    };
    in_threads(&plan, || ask_in_parts(&store, &settings, ask, give))??;
    index.at_rest()?;
    out.commit()?;
    let late = store.lost();
    rejections::tell(&plan, &late);
    let incomplete = !found.is_empty() || !late.is_empty();
    Ok(Exit::of(plan.exit_code, repeats, incomplete))
}
