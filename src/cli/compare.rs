/*!
`samewire compare`: two stories against one another, or a list of pairs, each alone.
*/

pub mod lookup;
mod pairs;

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use samewire::read::{self, Store};
use samewire::report::compare::{self, Name, Page};
use samewire::verify::comparison::Comparison;
use samewire::verify::prepared::Making;
use samewire::{Corpus as _, StoryId};

use super::args::CompareArgs;
use super::engine;
use super::inputs::STDIN;
use super::output::{self, Inputs, Output};
use super::plan::{Plan, Voice};
use super::{Exit, rejections, say};
use lookup::{Found, Lookup};

/// Reads what is named and compares it.
pub fn run(args: CompareArgs) -> Result<Exit> {
    let CompareArgs {
        sides,
        within,
        pairs,
        records,
        judging,
        general,
        json,
        full,
    } = args;
    let plan = Plan::of_pairs(within, records, &judging, &general)?;
    let list: Vec<&Path> = pairs.as_deref().into_iter().collect();
    plan.check(&list, &[Some(Path::new(STDIN))])?;
    if let Some(list) = pairs {
        return pairs::run(&plan, &list, json);
    }
    let [a, b] = <[OsString; 2]>::try_from(sides)
        .map_err(|_| anyhow::anyhow!("name two files, or two ids with --in PATH"))?;
    let page = Page::new(output::width(), plan.colored());
    let show = Show {
        json,
        page: if full { page.full() } else { page },
    };
    if plan.paths.is_empty() {
        files(&plan, &a, &b, show)
    } else {
        ids(&plan, &a, &b, show)
    }
}

#[derive(Clone, Copy)]
struct Show {
    json: bool,
    page: Page,
}

/// Two files with one story each.
fn files(plan: &Plan, a: &OsStr, b: &OsStr, show: Show) -> Result<Exit> {
    if a == STDIN && b == STDIN {
        bail!("A and B cannot both be standard input; write one of them to a file");
    }
    let (in_a, rejected_a) = one_story(plan, a)?;
    let (in_b, rejected_b) = one_story(plan, b)?;
    let mut rejected = rejected_a;
    rejected.extend(rejected_b);
    let read = [in_a.sources(), in_b.sources()].concat();
    let read: Vec<PathBuf> = read.iter().map(|s| s.path.clone()).collect();
    rejections::report(plan, &rejected, &Inputs::new(&read))?;
    let sides = [
        (&in_a, Found::whole(StoryId(0))),
        (&in_b, Found::whole(StoryId(0))),
    ];
    tell(plan, sides, show, !rejected.is_empty())
}

/// The story of a file that holds one, and what else was in the file that cannot be read.
fn one_story(plan: &Plan, path: &OsStr) -> Result<(Store, Vec<read::Rejection>)> {
    let path = PathBuf::from(path);
    let shown = path.display();
    if path.is_dir() {
        bail!("{shown}: is a directory; name one file, or two ids and --in {shown}");
    }
    if path.as_os_str() != STDIN && !path.exists() {
        bail!(
            "{shown}: there is no such file; if it is the id of a story, tell where to look: --in PATH"
        );
    }
    let (store, rejected) = Store::read(read::walk(std::slice::from_ref(&path)), &plan.reading)?;
    match store.len() {
        1 => Ok((store, rejected)),
        0 => {
            for line in rejected.iter().take(3) {
                say(&line.to_string());
            }
            bail!(
                "{shown}: holds no story that can be read; see the messages above, or check the file"
            )
        }
        n => {
            let ids: Vec<String> = (0..2)
                .map(|i| store.story(StoryId(i)).id.into_owned())
                .collect();
            bail!(
                "{shown}: holds {n} stories; name two by their ids: samewire compare {} {} --in {shown}",
                ids[0],
                ids[1]
            )
        }
    }
}

/// Two units by their ids.
fn ids(plan: &Plan, a: &OsStr, b: &OsStr, show: Show) -> Result<Exit> {
    let name = |id: &OsStr| -> Result<String> {
        let id = id.to_str().context("an id is UTF-8")?;
        if id == STDIN {
            bail!("with --in, A and B are ids; standard input can be read with --in -");
        }
        Ok(id.to_owned())
    };
    let (a, b) = (name(a)?, name(b)?);
    let (store, rejected) = corpus(plan)?;
    let lookup = Lookup::new(
        &store,
        &plan.settings,
        [&a, &b].into_iter().map(String::as_str),
    );
    let (found_a, found_b) = lookup.pair(&a, &b);
    let mut found = Vec::new();
    for (id, side) in [(&a, found_a), (&b, found_b)] {
        match side {
            Ok(side) => found.push(side),
            Err(missing) => match store.lost().first() {
                Some(lost) => bail!("{lost}"),
                None => bail!("{}: {missing}", id.as_str()),
            },
        }
    }
    if plan.voice > Voice::Quiet {
        for note in lookup.notes(&a, &b, [&found[0], &found[1]]) {
            say(&note);
        }
    }
    let sides = [(&store, found[0]), (&store, found[1])];
    tell(plan, sides, show, !rejected.is_empty())
}

/// All stories of the paths; what cannot be read is told.
pub fn corpus(plan: &Plan) -> Result<(Store, Vec<read::Rejection>)> {
    let (store, rejected) = engine::read_files(plan, read::walk(&plan.paths))?;
    let files: Vec<PathBuf> = store.sources().iter().map(|s| s.path.clone()).collect();
    rejections::report(plan, &rejected, &Inputs::new(&files))?;
    if store.is_empty() {
        return Err(samewire::Error::NoInput {
            reason: "no story in the paths given with --in".into(),
            next: "check the paths, and the messages above",
        }
        .into());
    }
    Ok((store, rejected))
}

fn tell(plan: &Plan, sides: [(&Store, Found); 2], show: Show, rejected: bool) -> Result<Exit> {
    let mut making = Making::new(&plan.settings);
    let [a, b] = sides.map(|(store, found)| making.prepare(store.story(found.story), found.which));
    let names = sides.map(|(store, found)| name(store, found));
    let comparison = Comparison::new(&making, a, b, &plan.settings);
    if let Some(lost) = sides.iter().find_map(|(store, _)| store.lost().pop()) {
        bail!("{lost}");
    }
    let mut out = Output::stdout();
    if show.json {
        compare::write_json(&mut out, &comparison, [&names[0].id, &names[1].id])?;
    } else {
        show.page
            .write(&mut out, &comparison, [&names[0], &names[1]])?;
    }
    out.commit()?;
    Ok(Exit::of(plan.exit_code, comparison.joins(), rejected))
}

/// What the user calls a unit.
pub fn name(store: &Store, found: Found) -> Name {
    let id = store.story(found.story).id;
    Name {
        id: match found.which {
            0 => id.into_owned(),
            n => format!("{id}#caption-{n}"),
        },
        place: lookup::place(store, found.story),
    }
}

/// Whether a list of pairs is shown as a table.
fn as_table(json: bool) -> bool {
    !json && io::stdout().is_terminal()
}
