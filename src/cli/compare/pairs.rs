/*!
`--pairs`: a list of pairs → a line for each, in the order of the list.
*/

use std::collections::HashSet;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use rayon::prelude::*;
use samewire::Corpus as _;
use samewire::read::{Printable, Store};
use samewire::report::compare::{self, Page};
use samewire::verify::comparison::Comparison;
use samewire::verify::prepared::Making;

use super::super::engine::in_threads;
use super::super::inputs::STDIN;
use super::super::output::{self, Output};
use super::super::plan::{Plan, Voice};
use super::super::{Exit, rejections, say};
use super::lookup::Lookup;
use super::{as_table, corpus};

/// Pairs that are judged before their lines are written.
const BLOCK: usize = 4_096;

/// A line of the list.
#[derive(Debug, PartialEq, Eq)]
struct Entry<'t> {
    line: usize,
    /// Two ids, or why there are none.
    ids: Result<[&'t str; 2], [&'t str; 2]>,
}

/// What became of a pair.
struct Judged {
    line: Vec<u8>,
    joins: bool,
    /// Why it could not be judged, for stderr.
    failed: Option<String>,
    notes: Vec<String>,
}

/// Judges every pair of the list.
pub fn run(plan: &Plan, list: &Path, json: bool) -> Result<Exit> {
    let stdin = list == Path::new(STDIN);
    if stdin && plan.paths.iter().any(|p| p == list) {
        bail!("--pairs - and --in - would both read standard input; write one of them to a file");
    }
    let bytes = if stdin {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(list)
    };
    let bytes = bytes.with_context(|| format!("{}: reading the list of pairs", list.display()))?;
    let text = String::from_utf8(bytes).map_err(|_| {
        anyhow::anyhow!(
            "{}: the list of pairs is not UTF-8; convert it first",
            list.display()
        )
    })?;
    let entries = parse(&text);
    if entries.is_empty() {
        bail!(
            "{}: lists no pair; write two ids a line with a tab between",
            list.display()
        );
    }
    let work = || judge_all(plan, &list.display().to_string(), &entries, as_table(json));
    in_threads(plan, work)?
}

fn judge_all(plan: &Plan, list: &str, entries: &[Entry<'_>], table: bool) -> Result<Exit> {
    let (store, rejected) = corpus(plan)?;
    let names = entries.iter().flat_map(|e| e.ids.iter().flatten().copied());
    let lookup = Lookup::new(&store, &plan.settings, names);
    let page = table.then(|| Page::new(output::width(), plan.colored()));
    let mut out = Output::stdout();
    let (mut joined, mut failed) = (0_usize, 0_usize);
    let mut told: HashSet<String> = HashSet::new();
    for block in entries.chunks(BLOCK) {
        let judged: Vec<Judged> = block
            .par_iter()
            .map_init(
                || Making::new(&plan.settings),
                |making, entry| judge(plan, &store, &lookup, making, entry, page),
            )
            .collect::<Result<_>>()?;
        for (entry, judged) in block.iter().zip(judged) {
            out.write_all(&judged.line)?;
            joined += usize::from(judged.joins);
            failed += usize::from(judged.failed.is_some());
            if let Some(cause) = judged.failed {
                say(&format!("{}:{}: {cause}", Printable(list), entry.line));
            }
            if plan.voice > Voice::Quiet {
                for note in judged.notes {
                    if told.insert(note.clone()) {
                        say(&note);
                    }
                }
            }
        }
    }
    out.commit()?;
    if failed > 0 {
        say(&format!(
            "samewire: pairs not judged: {failed} of {}",
            entries.len()
        ));
    }
    if plan.voice == Voice::Verbose {
        say(&format!(
            "samewire: pairs: {} judged, {joined} joined; stories read: {}",
            entries.len() - failed,
            store.len()
        ));
    }
    let late = store.lost();
    rejections::tell(plan, &late);
    Ok(Exit::of(
        plan.exit_code,
        joined > 0,
        failed > 0 || !rejected.is_empty() || !late.is_empty(),
    ))
}

fn judge(
    plan: &Plan,
    store: &Store,
    lookup: &Lookup<'_>,
    making: &mut Making<'_>,
    entry: &Entry<'_>,
    page: Option<Page>,
) -> Result<Judged> {
    let mut line = Vec::new();
    let unjudged = |mut line: Vec<u8>, ids: [&str; 2], cause: String| -> Result<Judged> {
        match page {
            Some(_) => writeln!(
                line,
                "not judged  {}  {}",
                samewire::report::escape(ids[0]),
                samewire::report::escape(ids[1])
            )?,
            None => compare::write_unjudged(&mut line, ids, &cause)?,
        }
        Ok(Judged {
            line,
            joins: false,
            failed: Some(cause),
            notes: Vec::new(),
        })
    };
    let ids = match entry.ids {
        Ok(ids) => ids,
        Err(ids) => {
            let cause = "not a pair; write two ids with a tab between".to_owned();
            return unjudged(line, ids, cause);
        }
    };
    let (a, b) = match lookup.pair(ids[0], ids[1]) {
        (Ok(a), Ok(b)) => (a, b),
        (Err(missing), _) => return unjudged(line, ids, format!("{}: {missing}", ids[0])),
        (_, Err(missing)) => return unjudged(line, ids, format!("{}: {missing}", ids[1])),
    };
    let notes = lookup.notes(ids[0], ids[1], [&a, &b]);
    let [a, b] = [a, b].map(|found| making.prepare(store.story(found.story), found.which));
    let comparison = Comparison::new(making, a, b, &plan.settings);
    match page {
        Some(page) => page.write_row(&mut line, &comparison, ids)?,
        None => compare::write_pair(&mut line, &comparison, ids)?,
    }
    Ok(Judged {
        line,
        joins: comparison.joins(),
        failed: None,
        notes,
    })
}

/// The pairs of a list: empty lines, comments and a header left out, further columns ignored.
fn parse(text: &str) -> Vec<Entry<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut entries = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let mut columns = line.split('\t').map(str::trim);
        let (a, b) = (
            columns.next().unwrap_or_default(),
            columns.next().unwrap_or_default(),
        );
        if entries.is_empty() && (a, b) == ("a", "b") {
            continue;
        }
        let ids = [a, b];
        entries.push(Entry {
            line: i + 1,
            ids: if a.is_empty() || b.is_empty() {
                Err(ids)
            } else {
                Ok(ids)
            },
        });
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_two_columns_and_may_have_more() {
        let list = "\u{feff}a\tb\tsame\r\n\n# by hand\nx-1\tx-2\t1\r\n  \nx-3\nx 4\tx 5\n";
        let pairs: Vec<_> = parse(list).into_iter().map(|e| (e.line, e.ids)).collect();
        assert_eq!(
            pairs,
            [
                (4, Ok(["x-1", "x-2"])),
                (6, Err(["x-3", ""])),
                (7, Ok(["x 4", "x 5"]))
            ]
        );
        assert!(parse("a\tb\n").is_empty());
    }
}
