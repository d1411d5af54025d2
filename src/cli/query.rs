//! `samewire query`: what an index knows of stories; nothing is stored.

use anyhow::Result;
use rayon::prelude::*;
use samewire::index::store::Index;
use samewire::pipeline::stream::{Committed, Readying, Stream};
use samewire::read::{self, Store};
use samewire::report::verdict;
use samewire::{Corpus as _, Error, StoryId};

use super::args::InputArgs;
use super::args::index::QueryArgs;
use super::engine::in_threads;
use super::output::{Inputs, Output};
use super::plan::Plan;
use super::{Exit, indexes, rejections};

/// Stories that are asked about at a time.
const AT_ONCE: usize = 1_024;

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
    let (mut stream, loaded) = in_threads(&plan, open)??;
    indexes::tell_loaded(&loaded, plan.voice);
    let (store, found) = Store::read(read::walk(&plan.paths), &plan.reading)?;
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
    for first in (0..store.len()).step_by(AT_ONCE) {
        let numbers = first..(first + AT_ONCE).min(store.len());
        let verdicts = in_threads(&plan, || {
            let ready: Vec<_> = numbers
                .clone()
                .into_par_iter()
                .with_min_len(16)
                .map_init(
                    || Readying::new(&settings),
                    |readying, n| readying.ready(store.story(StoryId(n as u32)), 0),
                )
                .collect();
            stream.ask(ready)
        })??;
        for (number, verdicts) in numbers.zip(verdicts) {
            repeats |= verdicts.iter().any(|v| v.repeat.is_some());
            let id = store.head(StoryId(number as u32)).id.into_owned();
            verdict::line(&mut out, &id, &verdicts)?;
        }
    }
    index.at_rest()?;
    out.commit()?;
    Ok(Exit::of(plan.exit_code, repeats, !found.is_empty()))
}
