/*!
A directory with the same files as the input, without what was dropped.

All files are written into a staging directory inside the target first and renamed into place when every one of them is
whole; what fails before leaves the target as it was. A file that loses nothing is copied. From a file of records lines are
left out, everything else stays byte for byte, line ends too.
*/

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufWriter, Write};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use samewire::StoryId;

use super::engine::{self, Run};
use super::keeping::Verdicts;
use super::output::Inputs;

/// What becomes of one input file.
#[derive(Debug, Default)]
struct Plan {
    /// Stories in it that stay.
    kept: Vec<StoryId>,
    /// Stories in it that are dropped, with their line.
    dropped: Vec<(StoryId, Option<u64>)>,
}

/// Writes the directory `target`. Returns notices for the user.
pub fn write(
    run: &Run,
    paths: &[PathBuf],
    target: &Path,
    verdicts: &Verdicts,
    inputs: &Inputs,
    force: bool,
) -> Result<Vec<String>> {
    let files = run.corpus.files();
    let plans = plan(run, verdicts, files.len());
    let mut notices = Vec::new();
    let mut places = BTreeMap::new();
    for (i, file) in files.iter().enumerate() {
        let whole =
            !plans[i].dropped.is_empty() && plans[i].dropped.iter().all(|(_, line)| line.is_none());
        if whole && plans[i].kept.is_empty() {
            continue;
        }
        if let Some(source) = source(
            file,
            !plans[i].kept.is_empty() || !plans[i].dropped.is_empty(),
            &mut notices,
        )? {
            let place = place(file, paths, source.inflated)?;
            if let Some(other) = places.insert(place.clone(), (i, source)) {
                bail!(
                    "{} and {} would both become {}; write them to directories of their own",
                    files[other.0].display(),
                    file.display(),
                    place.display()
                );
            }
        }
    }

    spare(target, &files)?;
    fs::create_dir_all(target)
        .with_context(|| format!("{}: making the directory", target.display()))?;
    for place in places.keys() {
        let end = target.join(place);
        inputs.spare(&end)?;
        if end.is_dir() || (!force && end.symlink_metadata().is_ok()) {
            bail!(
                "{}: exists; give --force to replace files, or another directory",
                end.display()
            );
        }
    }
    let staging = tempfile::Builder::new()
        .prefix(".samewire-")
        .tempdir_in(target)
        .with_context(|| format!("{}: writing", target.display()))?;
    for (place, (i, source)) in &places {
        let staged = staging.path().join(place);
        if let Some(folder) = staged.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("{}: making the directory", folder.display()))?;
        }
        stage(run, &files[*i], &plans[*i], source, &staged).with_context(|| {
            format!("{} → {}", files[*i].display(), target.join(place).display())
        })?;
    }
    for place in places.keys() {
        let end = target.join(place);
        let moved = match end.parent() {
            Some(folder) => fs::create_dir_all(folder),
            None => Ok(()),
        };
        moved
            .and_then(|()| fs::rename(staging.path().join(place), &end))
            .with_context(|| format!("{}: writing", end.display()))?;
    }
    Ok(notices)
}

fn plan(run: &Run, verdicts: &Verdicts, files: usize) -> Vec<Plan> {
    let mut plans: Vec<Plan> = Vec::new();
    plans.resize_with(files, Plan::default);
    for id in (0..run.corpus.len() as u32).map(StoryId) {
        let plan = &mut plans[run.corpus.file_of(id)];
        if verdicts.dropped[id.index()] {
            plan.dropped.push((
                id,
                run.corpus
                    .is_record(id)
                    .then(|| run.corpus.origin(id).line)
                    .flatten(),
            ));
        } else {
            plan.kept.push(id);
        }
    }
    plans
}

/// How the bytes of a file are had.
#[derive(Clone, Copy, Debug)]
struct Source {
    /// It is compressed and sound: it is written as plain bytes.
    inflated: bool,
    /// It is compressed and damaged: it is copied as it is, nothing can be left out of it.
    damaged: bool,
}

/// Looks at a file before anything is written. None: it cannot be read, and nothing was read from it.
fn source(file: &Path, has_stories: bool, notices: &mut Vec<String>) -> Result<Option<Source>> {
    let failed = || format!("{}: reading", file.display());
    match fs::metadata(file) {
        Ok(found) if !found.is_file() => bail!(
            "{}: is no regular file and cannot be read a second time; give -o a file name",
            file.display()
        ),
        Ok(_) => {}
        Err(error) if has_stories => return Err(error).with_context(failed),
        Err(_) => return Ok(None),
    }
    let compressed = match engine::is_compressed(file) {
        Ok(compressed) => compressed,
        Err(error) if has_stories => return Err(error).with_context(failed),
        Err(error) => {
            notices.push(format!(
                "{}: {error}; it is not in the output",
                file.display()
            ));
            return Ok(None);
        }
    };
    if !compressed {
        return Ok(Some(Source {
            inflated: false,
            damaged: false,
        }));
    }
    let sound = has_stories
        && engine::open(file)
            .and_then(|mut bytes| io::copy(&mut bytes, &mut io::sink()))
            .is_ok();
    if !sound {
        notices.push(format!(
            "{}: is damaged; it is in the output as it was, with its repeats",
            file.display()
        ));
    }
    Ok(Some(Source {
        inflated: sound,
        damaged: !sound,
    }))
}

/// Where a file goes, relative to the target: below a single directory as it lay there; with several paths, below the
/// last part of the path it was found in, as `cp -r` does.
fn place(file: &Path, paths: &[PathBuf], inflated: bool) -> Result<PathBuf> {
    let root = paths.iter().find(|p| file.starts_with(p));
    let inside = root
        .and_then(|root| file.strip_prefix(root).ok())
        .unwrap_or(file);
    let mut place = PathBuf::new();
    if let Some(name) = root.filter(|_| paths.len() > 1).and_then(|r| r.file_name()) {
        place.push(name);
    }
    if inside.as_os_str().is_empty() {
        // A file that was named itself.
        place = PathBuf::from(file.file_name().unwrap_or_default());
    } else {
        place.push(inside);
    }
    if place.as_os_str().is_empty()
        || !place
            .components()
            .all(|c| matches!(c, Component::Normal(_)))
    {
        bail!(
            "{}: would leave the target directory; name the files by a path without ..",
            file.display()
        );
    }
    let ending = place
        .extension()
        .and_then(|e| e.to_str())
        .map(str::to_ascii_lowercase);
    if inflated && ending.is_some_and(|e| matches!(e.as_str(), "gz" | "zst")) {
        place.set_extension("");
    }
    Ok(place)
}

/// Refuses a target directory that holds inputs: it would mix what was read with what is written.
fn spare(target: &Path, files: &[PathBuf]) -> Result<()> {
    let Ok(target) = target.canonicalize() else {
        return Ok(());
    };
    for file in files {
        if file.canonicalize().is_ok_and(|f| f.starts_with(&target)) {
            bail!(
                "{}: holds the input {}; choose a directory that holds no input",
                target.display(),
                file.display()
            );
        }
    }
    Ok(())
}

/// Writes what stays of one file.
fn stage(run: &Run, file: &Path, plan: &Plan, source: &Source, to: &Path) -> Result<()> {
    if source.damaged || (plan.dropped.is_empty() && !source.inflated) {
        fs::copy(file, to)?;
        return Ok(());
    }
    let mut bytes = engine::open(file)?;
    let mut out = BufWriter::with_capacity(1 << 16, File::create(to)?);
    if plan.dropped.is_empty() {
        io::copy(&mut bytes, &mut out)?;
    } else if is_array(&mut bytes)? {
        write_array(run, plan, &mut out)?;
    } else {
        cut(run, plan, &mut bytes, &mut out)?;
    }
    out.flush()?;
    drop(out);
    fs::set_permissions(to, fs::metadata(file)?.permissions())?;
    Ok(())
}

/// Whether the file is one JSON array, whose records are no lines.
fn is_array(bytes: &mut dyn BufRead) -> io::Result<bool> {
    let head = bytes.fill_buf()?;
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    Ok(head.trim_ascii_start().first() == Some(&b'['))
}

/// The records that stay as a JSON array.
fn write_array(run: &Run, plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"[")?;
    for (i, &id) in plan.kept.iter().enumerate() {
        out.write_all(if i == 0 { b"\n" } else { b",\n" })?;
        out.write_all(run.corpus.raw(id))?;
    }
    out.write_all(b"\n]\n")
}

/// Copies lines, the dropped ones left out.
fn cut(run: &Run, plan: &Plan, bytes: &mut dyn BufRead, out: &mut dyn Write) -> Result<()> {
    let (code, mark) =
        Encoding::for_bom(bytes.fill_buf()?).map_or((None, 0), |(e, n)| (Some(e), n));
    // A mark belongs to the file, not to the first record.
    out.write_all(&bytes.fill_buf()?[..mark])?;
    bytes.consume(mark);
    let mut lines = Lines {
        bytes,
        unit: LineEnd::of(code),
    };
    let mut drops = plan
        .dropped
        .iter()
        .filter_map(|&(id, line)| Some((line?, id)))
        .peekable();
    let mut number = 0;
    loop {
        number += 1;
        if let Some((_, id)) = drops.next_if(|&(line, _)| line == number) {
            let mut line = Vec::new();
            let any = lines.next(&mut line)?;
            if !any || !same(&line, code, run.corpus.raw(id)) {
                bail!(
                    "line {number} is not what it was when it was read; run again while nothing writes to the file"
                );
            }
        } else if !lines.next(out)? {
            break;
        }
    }
    if let Some((line, _)) = drops.next() {
        bail!("line {line} is gone since it was read; run again while nothing writes to the file");
    }
    Ok(())
}

/// Whether a line still is the record that was read. What is in an old encoding is taken on trust.
fn same(line: &[u8], code: Option<&'static Encoding>, raw: &[u8]) -> bool {
    let wide = code.filter(|&e| e == UTF_16LE || e == UTF_16BE);
    match wide {
        Some(code) => {
            code.decode_without_bom_handling(line).0.trim().as_bytes() == raw.trim_ascii()
        }
        None if std::str::from_utf8(line).is_ok() => line.trim_ascii() == raw.trim_ascii(),
        None => true,
    }
}

/// How a line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineEnd {
    Byte,
    /// U+000A in two bytes: low one first, or high one first.
    Wide {
        low_first: bool,
    },
}

impl LineEnd {
    fn of(code: Option<&'static Encoding>) -> Self {
        match code {
            Some(code) if code == UTF_16LE => Self::Wide { low_first: true },
            Some(code) if code == UTF_16BE => Self::Wide { low_first: false },
            _ => Self::Byte,
        }
    }
}

/// Lines of any length, passed on piece by piece.
struct Lines<'a> {
    bytes: &'a mut dyn BufRead,
    unit: LineEnd,
}

impl Lines<'_> {
    /// Passes the next line on with its end; false when there is none.
    fn next(&mut self, to: &mut (impl Write + ?Sized)) -> io::Result<bool> {
        let mut seen = 0;
        let mut last = 0;
        loop {
            let piece = match self.bytes.fill_buf() {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if piece.is_empty() {
                return Ok(seen > 0);
            }
            let end = match self.unit {
                LineEnd::Byte => memchr::memchr(b'\n', piece).map(|at| at + 1),
                LineEnd::Wide { low_first } => {
                    let newline = if low_first { [b'\n', 0] } else { [0, b'\n'] };
                    let mut before = last;
                    piece.iter().enumerate().find_map(|(i, &byte)| {
                        let pair = [std::mem::replace(&mut before, byte), byte];
                        ((seen + i) % 2 == 1 && pair == newline).then_some(i + 1)
                    })
                }
            };
            let used = end.unwrap_or(piece.len());
            to.write_all(&piece[..used])?;
            last = piece[used - 1];
            seen += used;
            self.bytes.consume(used);
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}
