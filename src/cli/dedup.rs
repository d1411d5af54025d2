//! `samewire dedup`: the corpus with one story a group, in its original bytes.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _, Write};
use std::path::Path;

use anyhow::{Result, bail};
use rayon::prelude::*;
use samewire::StoryId;
use samewire::group::{Group, Member};
use samewire::report::cells::{shorten, shorten_front, two_decimals};
use samewire::report::{counted, escape, json, unit_id};
use samewire::threads::write_in_turn;
use serde::Serialize;

use super::args::DedupArgs;
use super::engine::{self, Run};
use super::keeping::{Drop, Verdicts, decide, is_correction};
use super::output::{self, Inputs, Output};
use super::plan::{Plan, Voice};
use super::{Exit, group, layout, rejections, say};

/// Where the survivors go.
enum Target<'a> {
    Nowhere,
    File(&'a Path),
    Directory(&'a Path),
}

/// Reads, compares, and writes what stays.
pub fn run(args: Box<DedupArgs>) -> Result<Exit> {
    let DedupArgs {
        input,
        matching,
        general,
        output,
        force,
        dry_run,
        json,
    } = *args;
    let plan = Plan::new(input, matching, &general)?;
    let target = match output.as_deref() {
        Some(path) if !dry_run => target(path, &plan, force)?,
        _ => Target::Nowhere,
    };
    let file = match target {
        Target::File(path) => Some(path),
        _ => None,
    };
    plan.check(&[], &[file])?;

    let run = engine::run(&plan)?;
    // A directory may hold files of any name, what is read beside the stories too.
    let inputs = Inputs::new(&[run.corpus.files(), plan.beside().to_vec()].concat());
    rejections::report(&plan, &run.outcome.rejections, &inputs)?;
    let verdicts = verdicts(&run);
    match target {
        Target::Nowhere => list(&run, &verdicts, &plan, json)?,
        Target::File(path) => {
            inputs.spare(path)?;
            let mut out = Output::to(path)?;
            write_survivors(&mut out, &run, &verdicts)?;
            if let Some(lost) = run.corpus.lost().first() {
                bail!("nothing was written: {lost}");
            }
            out.commit()?;
            if !run.outcome.rejections.is_empty() {
                say("samewire: rejected records are not in the output");
            }
        }
        Target::Directory(path) => {
            for notice in layout::write(&run, &plan, path, &verdicts, &inputs, force)? {
                say(&format!("samewire: {notice}"));
            }
        }
    }
    if plan.voice > Voice::Quiet {
        let (kept, all) = (run.corpus.len() - verdicts.drops.len(), run.corpus.len());
        let would = if dry_run { "would keep" } else { "kept" };
        say(&format!(
            "samewire: {would} {kept} of {}, {} dropped",
            counted(all as u64, "story", "stories"),
            counted(verdicts.drops.len() as u64, "repeat", "repeats")
        ));
    }
    group::tell(&plan, &run);
    let rejected = !run.outcome.rejections.is_empty();
    run.end();
    Ok(Exit::of(
        plan.exit_code,
        !verdicts.drops.is_empty(),
        rejected,
    ))
}

/// Which stories stay. Those of groups that may drop one are read again, on all threads, for what says that they are corrections.
fn verdicts(run: &Run) -> Verdicts {
    let unit = |member: &Member| run.outcome.units[member.unit.index()];
    let may_drop = |group: &&Group| group.members.iter().any(|m| unit(m).caption == 0);
    let groups = run.outcome.groups.iter().filter(may_drop);
    let members = groups.flat_map(|group| &group.members);
    let mut members: Vec<StoryId> = members.map(|member| unit(member).story).collect();
    members.sort_unstable();
    members.dedup();
    let corrections: BTreeSet<StoryId> = members
        .into_par_iter()
        .filter(|&id| is_correction(&run.corpus.story(id)))
        .collect();
    decide(&run.outcome, run.corpus.len(), |id| {
        corrections.contains(&id)
    })
}

/// What the user means by OUT, refused where it cannot be.
fn target<'a>(path: &'a Path, plan: &Plan, force: bool) -> Result<Target<'a>> {
    let ends_in_slash = path
        .as_os_str()
        .as_encoded_bytes()
        .last()
        .is_some_and(|&b| std::path::is_separator(b as char));
    if path.is_dir() || ends_in_slash {
        if plan.stdin().is_some() {
            bail!(
                "{}: standard input has no file name to keep in a directory; give -o a file name",
                path.display()
            );
        }
        output::check_directory(&plan.paths, path)?;
        return Ok(Target::Directory(path));
    }
    if !force && path.is_file() {
        bail!("{}: exists; give --force to replace it", path.display());
    }
    Ok(Target::File(path))
}

/// A text story as a line.
#[derive(Serialize)]
struct TextLine<'a> {
    id: &'a str,
    text: &'a str,
}

/// Stories whose lines are held at a time, and stories that a thread takes of them: a record may be long.
const AT_ONCE: usize = 64;
const A_THREAD: usize = 8;

/// Every story that stays, a line each, records in their own bytes.
fn write_survivors(out: &mut dyn Write, run: &Run, verdicts: &Verdicts) -> io::Result<()> {
    let stories = (0..run.corpus.len() as u32).map(StoryId);
    let stay: Vec<StoryId> = stories.filter(|id| !verdicts.dropped[id.index()]).collect();
    write_in_turn(out, &stay, (AT_ONCE, A_THREAD), |out, &id| {
        write_survivor(out, run, id)
    })
}

fn write_survivor(out: &mut Vec<u8>, run: &Run, id: StoryId) -> io::Result<()> {
    if !run.corpus.is_record(id) {
        let story = run.corpus.story(id);
        let line = TextLine {
            id: &story.id,
            text: &story.text,
        };
        return json::write_line(out, &line);
    }
    let raw = run.corpus.raw(id);
    // A record that was spread over lines: between its parts, where alone they can stand in JSON, line ends mean no
    // more than blanks.
    for (i, line) in raw
        .trim_ascii()
        .split(|b| matches!(b, b'\n' | b'\r'))
        .enumerate()
    {
        out.extend_from_slice(if i == 0 { b"" } else { b" " });
        out.extend_from_slice(line);
    }
    out.push(b'\n');
    Ok(())
}

/// A story that would be dropped.
#[derive(Serialize)]
struct DropLine<'a> {
    id: &'a str,
    path: &'a str,
    line: Option<u64>,
    drop: bool,
    of: String,
    relation: &'static str,
    jaccard: f64,
    /// The unit that the figures speak of, where the story was not compared with the survivor itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<String>,
}

impl<'a> DropLine<'a> {
    fn new(run: &'a Run, id: &'a str, drop: &Drop) -> Self {
        let origin = run.corpus.origin(drop.story);
        let name = |unit: samewire::UnitId| unit_id(&*run.corpus, &run.outcome.units[unit.index()]);
        Self {
            id,
            path: origin.path,
            line: origin.line,
            drop: true,
            of: name(drop.of),
            relation: drop.relation.name(),
            jaccard: json::rounded(drop.jaccard),
            via: drop.via.map(name),
        }
    }
}

/// What would be dropped, and what it repeats.
fn list(run: &Run, verdicts: &Verdicts, plan: &Plan, json: bool) -> Result<()> {
    let mut out = Output::stdout();
    let lines = json || !io::stdout().is_terminal();
    let width = output::width();
    for drop in &verdicts.drops {
        let story = run.corpus.head(drop.story);
        let line = DropLine::new(run, &story.id, drop);
        if lines {
            json::write_line(&mut out, &line)?;
        } else {
            writeln!(out, "{}", row(&line, width, plan.colored()))?;
        }
    }
    out.commit()
}

/// A line for people: `drop ID  PATH:LINE  near 0.91 of ID`.
fn row(line: &DropLine, width: usize, color: bool) -> String {
    let place = line
        .line
        .map_or_else(|| line.path.to_owned(), |n| format!("{}:{n}", line.path));
    let cell = (width.saturating_sub(30) / 3).max(8);
    let id = shorten(&escape(line.id), cell);
    let of = shorten(&escape(&line.of), cell);
    let place = if place == line.id {
        String::new()
    } else {
        format!("  {}", shorten_front(&escape(&place), cell))
    };
    let (on, off) = if color {
        ("\u{1b}[36m", "\u{1b}[0m")
    } else {
        ("", "")
    };
    let via = if line.via.is_some() {
        " (through others)"
    } else {
        ""
    };
    format!(
        "drop  {on}{id}{off}{place}  {} {} of {on}{of}{off}{via}",
        line.relation,
        two_decimals(line.jaccard)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::engine::sample;

    #[test]
    fn survivors_keep_their_bytes() {
        let run = sample::run();
        let verdicts = verdicts(&run);
        let mut out = Vec::new();
        write_survivors(&mut out, &run, &verdicts).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r#"
        {"id": "a",  "text":"x"}
        {"id":  "b"}
        {"id":"s-3","text":"two\nlines"}
        "#);
    }

    #[test]
    fn drops_are_lines() {
        let run = sample::run();
        let verdicts = verdicts(&run);
        let story = run.corpus.story(verdicts.drops[0].story);
        let line = DropLine::new(&run, &story.id, &verdicts.drops[0]);
        insta::assert_snapshot!(serde_json::to_string(&line).unwrap(), @r#"{"id":"s-2","path":"in/a.jsonl","line":4,"drop":true,"of":"s-0","relation":"near","jaccard":0.6667}"#);
        insta::assert_snapshot!(row(&line, 80, false), @"drop  s-2  in/a.jsonl:4  near 0.66 of s-0");
    }
}
