//! `samewire index`: making an index, looking after it, and seeing what is in it.

mod export;

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use jiff::Timestamp;
use samewire::Error;
use samewire::index::store::{Index, Session};
use samewire::pipeline::stream::{Committed, Loaded, Stream};
use samewire::report::counted;
use serde_json::json;

use super::args::index::{DirectoryArgs, IndexArgs, IndexCommand, InitArgs, ShowArgs};
use super::output::Output;
use super::plan;
use super::{Exit, indexes, say};

/// Does it.
pub fn run(args: IndexArgs) -> Result<Exit> {
    match args.command {
        IndexCommand::Init(args) => init(args)?,
        IndexCommand::Stats(args) => stats(&args)?,
        IndexCommand::Check(args) => check(&args)?,
        IndexCommand::Compact(args) => compact(&args)?,
        IndexCommand::Export(args) => export::run(&args)?,
        IndexCommand::Log(args) => log(&args)?,
        IndexCommand::Undo(args) => undo(&args)?,
    }
    Ok(Exit::Done)
}

fn init(args: InitArgs) -> Result<()> {
    let seed_is_free = args.find.judging.seed.is_none();
    let mut settings = plan::settings(args.find)?;
    settings.validate()?;
    let DirectoryArgs { directory, quiet } = args.directory;
    indexes::create(&directory, &mut settings, seed_is_free)?;
    tell(
        quiet,
        &format!("made an empty index in {}", directory.display()),
    );
    Ok(())
}

fn tell(quiet: bool, what: &str) {
    if !quiet {
        say(&format!("samewire: {what}"));
    }
}

/// Opens an index with what proposes candidates; how long that took.
fn open(path: &Path) -> Result<(Index, Stream, Loaded, f64)> {
    let started = Instant::now();
    let mut index = Index::open_to_read(path)?;
    let (stream, loaded) = Stream::open(&mut index, &Committed::default())?;
    let seconds = started.elapsed().as_secs_f64();
    Ok((index, stream, loaded, seconds))
}

fn stats(args: &ShowArgs) -> Result<()> {
    let (index, stream, loaded, seconds) = open(&args.directory)?;
    let totals = index.totals()?;
    index.at_rest()?;
    let memory = stream.lookup_bytes();
    // Of none it says nothing.
    let a_story = (totals.stories > 0).then(|| memory as f64 / totals.stories as f64);
    let settings = index.settings().fingerprint();
    let mut out = Output::stdout();
    if args.json {
        let settings: serde_json::Map<String, serde_json::Value> = settings
            .into_iter()
            .map(|(name, value)| (name.trim_start_matches('-').to_owned(), value.into()))
            .collect();
        let object = json!({
            "index": args.directory.to_string_lossy(),
            "stories": totals.stories,
            "units": totals.units,
            "links": totals.links,
            "groups": totals.groups,
            "sessions": totals.sessions,
            "database_bytes": totals.bytes,
            "free_bytes": totals.free,
            "lookup_file_bytes": loaded.file,
            "made_anew": loaded.made_anew,
            "open_seconds": seconds,
            "lookup_bytes": memory,
            "lookup_bytes_a_story": a_story.map(f64::round),
            "settings": settings,
        });
        writeln!(out, "{object}")?;
        return out.commit();
    }
    let file = match (&loaded.file, &loaded.unusable) {
        (Some(bytes), _) => megabytes(*bytes),
        (None, Some(why)) => format!("of no use ({why})"),
        (None, None) => "none".into(),
    };
    let in_memory = format!("{} in memory", megabytes(memory as u64));
    let mut rows = vec![
        ("stories", totals.stories.to_string()),
        ("units", totals.units.to_string()),
        ("links", totals.links.to_string()),
        ("groups, those of one included", totals.groups.to_string()),
        ("sessions", totals.sessions.to_string()),
        (
            "database",
            format!(
                "{}, {} of it free",
                megabytes(totals.bytes),
                megabytes(totals.free)
            ),
        ),
        ("look-up file", file),
        ("stories that it lacks", loaded.made_anew.to_string()),
        ("opened in", format!("{seconds:.3} s")),
        (
            "look-up structures",
            a_story.map_or_else(
                || in_memory.clone(),
                |a_story| format!("{in_memory}, {a_story:.0} bytes a story"),
            ),
        ),
    ];
    rows.extend(settings.into_iter().filter(|(name, _)| *name != "rules"));
    for (name, value) in rows {
        writeln!(out, "{name:<30} {value}")?;
    }
    out.commit()
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

fn check(args: &DirectoryArgs) -> Result<()> {
    let mut index = Index::open_to_read(&args.directory)?;
    let mut found = index.check()?;
    let mut next = "put a copy back, or make the index anew from the stories";
    match Stream::open(&mut index, &Committed::default()) {
        Ok((_, loaded)) => {
            if let (Some(why), true) = (loaded.unusable, found.is_empty()) {
                next = "samewire index compact writes the look-up file anew";
                found.push(format!("the look-up file could not be used: {why}"));
            }
        }
        Err(Error::IndexDamaged { reason, .. }) if found.contains(&reason) => {}
        Err(Error::IndexDamaged { reason, .. }) => found.push(reason),
        Err(e) => found.push(e.to_string()),
    }
    index.at_rest()?;
    let reason = match &found[..] {
        [] => {
            tell(args.quiet, "no damage found");
            return Ok(());
        }
        [one] => one.clone(),
        several => {
            for what in several {
                say(&format!("{}: {what}", args.directory.display()));
            }
            format!("{} faults, listed above", several.len())
        }
    };
    Err(Error::IndexDamaged {
        path: args.directory.clone(),
        reason,
        next,
    }
    .into())
}

fn compact(args: &DirectoryArgs) -> Result<()> {
    let mut index = Index::open_to_write(&args.directory)?;
    let before = size(&args.directory);
    index.vacuum()?;
    write_lookup(&mut index)?;
    let after = size(&args.directory);
    tell(
        args.quiet,
        &format!("{} before, {} now", megabytes(before), megabytes(after)),
    );
    Ok(())
}

/// Writes the look-up file anew, from the database.
fn write_lookup(index: &mut Index) -> Result<()> {
    let (stream, _) = Stream::open(index, &Committed::default())?;
    let ticks = stream.write_lookup(index.epoch(), &index.new_lookup())?;
    Ok(index.publish_lookup(ticks)?)
}

fn size(directory: &Path) -> u64 {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter_map(|e| Some(e.metadata().ok()?.len())).sum()
}

fn log(args: &ShowArgs) -> Result<()> {
    let index = Index::open_to_read(&args.directory)?;
    let mut out = Output::stdout();
    for session in index.sessions()? {
        let Session {
            number,
            program,
            started,
            ended,
            stories,
            left,
        } = session;
        let (from, to) = (time(started), time(ended));
        if args.json {
            let object = json!({
                "session": number, "program": program, "started": from, "ended": to, "stories": stories, "left": left,
            });
            writeln!(out, "{object}")?;
        } else {
            let gone = if left > 0 {
                format!(", {left} left")
            } else {
                String::new()
            };
            let program = samewire::report::escape(&program);
            writeln!(
                out,
                "{number:>4}  {from}  {to}  {}{gone}  {program}",
                counted(stories, "story", "stories")
            )?;
        }
    }
    out.commit()
}

fn time(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |t| t.to_string())
}

fn undo(args: &DirectoryArgs) -> Result<()> {
    let mut index = Index::open_to_write(&args.directory)?;
    let Some(undone) = index.undo()? else {
        tell(args.quiet, "there is nothing to take back");
        return Ok(());
    };
    write_lookup(&mut index)?;
    tell(
        args.quiet,
        &format!(
            "took session {} back: {}",
            undone.session,
            counted(undone.stories, "story", "stories")
        ),
    );
    Ok(())
}
