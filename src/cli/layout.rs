/*!
A directory with the same files as the input, without what was dropped.

All files are written into a staging directory inside the target first and renamed into place when every one of them is
whole; what fails before leaves the target as it was. A file that loses nothing is copied. From a file of records lines are
left out, or values with the commas that part them; everything else stays byte for byte, line ends too.
*/

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufWriter, Read as _, Write};
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use samewire::StoryId;

use super::engine::{self, Run};
use super::keeping::Verdicts;
use super::output::Inputs;
use super::plan::Plan;

/// What becomes of one input file.
#[derive(Debug, Default)]
struct Fate {
    /// The stories that were read from it, by number.
    stories: Range<u32>,
    /// The file is one story, and it is dropped.
    whole: bool,
    /// The records that are dropped, with their line.
    lines: Vec<(u64, StoryId)>,
}

/// A file that is written.
#[derive(Debug)]
struct Job<'a> {
    file: &'a Path,
    fate: &'a Fate,
    wrapping: Wrapping,
}

/// Writes the directory `target`; `declared` is the encoding of files without a byte-order mark. Returns notices for the
/// user.
pub fn write(
    run: &Run,
    plan: &Plan,
    target: &Path,
    verdicts: &Verdicts,
    inputs: &Inputs,
    force: bool,
) -> Result<Vec<String>> {
    let files = run.corpus.files();
    let fates = fates(run, verdicts, files.len());
    let mut notices = Vec::new();
    let mut jobs = jobs(&files, &plan.paths, &fates, &mut notices)?;

    spare(target, &files)?;
    fs::create_dir_all(target)
        .with_context(|| format!("{}: making the directory", target.display()))?;
    for place in jobs.keys() {
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
    let mut empty = Vec::new();
    for (place, job) in &jobs {
        let staged = staging.path().join(place);
        let stays = make_folder(&staged)
            .map_err(Into::into)
            .and_then(|()| job.stage(run, plan.reading.encoding, &staged))
            .with_context(|| format!("{}: copying what stays", job.file.display()))?;
        if !stays {
            empty.push(place.clone());
        }
    }
    for place in empty {
        jobs.remove(&place);
    }
    for place in jobs.keys() {
        let end = target.join(place);
        make_folder(&end)
            .and_then(|()| fs::rename(staging.path().join(place), &end))
            .with_context(|| format!("{}: writing", end.display()))?;
    }
    Ok(notices)
}

/// Makes the directory that a file goes to.
fn make_folder(file: &Path) -> io::Result<()> {
    file.parent().map_or(Ok(()), fs::create_dir_all)
}

/// What becomes of every file.
fn fates(run: &Run, verdicts: &Verdicts, files: usize) -> Vec<Fate> {
    let mut fates: Vec<Fate> = Vec::new();
    fates.resize_with(files, Fate::default);
    for id in (0..run.corpus.len() as u32).map(StoryId) {
        let fate = &mut fates[run.corpus.file_of(id)];
        if fate.stories.is_empty() {
            fate.stories.start = id.0;
        }
        fate.stories.end = id.0 + 1;
        if verdicts.dropped[id.index()] {
            match run.corpus.origin(id).line {
                Some(line) if run.corpus.is_record(id) => fate.lines.push((line, id)),
                _ => fate.whole = true,
            }
        }
    }
    fates
}

/// The files that are written, by their place in the target.
fn jobs<'a>(
    files: &'a [PathBuf],
    paths: &[PathBuf],
    fates: &'a [Fate],
    notices: &mut Vec<String>,
) -> Result<BTreeMap<PathBuf, Job<'a>>> {
    let mut jobs: BTreeMap<PathBuf, Job> = BTreeMap::new();
    for (file, fate) in files.iter().zip(fates) {
        if fate.whole {
            continue;
        }
        let Some(wrapping) = wrapping(file, !fate.stories.is_empty(), notices)? else {
            continue;
        };
        let place = place(file, paths, wrapping == Wrapping::Sound)?;
        let job = Job {
            file,
            fate,
            wrapping,
        };
        if let Some(other) = jobs.insert(place.clone(), job) {
            bail!(
                "{} and {} would both become {}; write them to directories of their own",
                other.file.display(),
                file.display(),
                place.display()
            );
        }
    }
    Ok(jobs)
}

/// How the bytes of a file are wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrapping {
    /// Not at all.
    Plain,
    /// It is compressed: it is written as plain bytes.
    Sound,
    /// It is compressed and damaged: it is copied as it is, nothing can be left out of it.
    Damaged,
}

/// Looks at a file before anything is written. None: it cannot be read, and no story was read from it.
fn wrapping(file: &Path, stories: bool, notices: &mut Vec<String>) -> Result<Option<Wrapping>> {
    let compressed = fs::metadata(file).and_then(|found| {
        let regular = found.is_file();
        let unfit =
            "it is no regular file, so it cannot be read a second time; give -o a file name";
        if regular {
            engine::is_compressed(file)
        } else {
            Err(io::Error::other(unfit))
        }
    });
    match compressed {
        Ok(false) => Ok(Some(Wrapping::Plain)),
        Ok(true) => {
            let sound =
                engine::open(file).and_then(|mut bytes| io::copy(&mut bytes, &mut io::sink()));
            if sound.is_ok() {
                return Ok(Some(Wrapping::Sound));
            }
            notices.push(format!(
                "{}: is damaged; it is in the output as it was, repeats and all",
                file.display()
            ));
            Ok(Some(Wrapping::Damaged))
        }
        Err(error) if stories => Err(error).with_context(|| format!("{}: reading", file.display())),
        Err(error) => {
            notices.push(format!(
                "{}: {error}; it is not in the output",
                file.display()
            ));
            Ok(None)
        }
    }
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
    let Ok(real) = target.canonicalize() else {
        return Ok(());
    };
    for file in files {
        if file.canonicalize().is_ok_and(|f| f.starts_with(&real)) {
            bail!(
                "{}: holds the input {}; choose a directory that holds no input",
                target.display(),
                file.display()
            );
        }
    }
    Ok(())
}

impl Job<'_> {
    /// Writes what stays; false when that is nothing at all.
    fn stage(&self, run: &Run, declared: Option<&'static Encoding>, to: &Path) -> Result<bool> {
        let cut = !self.fate.lines.is_empty();
        if self.wrapping == Wrapping::Damaged || (self.wrapping == Wrapping::Plain && !cut) {
            fs::copy(self.file, to)?;
            return Ok(true);
        }
        let mut stays = true;
        let mut out = create(to)?;
        if !cut {
            io::copy(&mut engine::open(self.file)?, &mut out)?;
        } else if self.is_array(declared)? || !self.cut_lines(run, declared, &mut out)? {
            out = create(to)?;
            stays = self.cut_values(run, declared, &mut out)?;
        }
        out.flush()?;
        drop(out);
        fs::set_permissions(to, fs::metadata(self.file)?.permissions())?;
        Ok(stays)
    }

    /// Copies lines, the dropped ones left out; false when they are not where they were read.
    fn cut_lines(
        &self,
        run: &Run,
        declared: Option<&'static Encoding>,
        out: &mut dyn Write,
    ) -> Result<bool> {
        let mut bytes = engine::open(self.file)?;
        let head = bytes.fill_buf()?;
        let (code, mark) = coding(head, declared);
        // A mark belongs to the file, not to the first record.
        out.write_all(&head[..mark])?;
        bytes.consume(mark);
        let mut lines = Lines {
            bytes: &mut bytes,
            end: LineEnd::of(code),
        };
        let mut drops = self.fate.lines.iter().peekable();
        for number in 1.. {
            if let Some((_, id)) = drops.next_if(|(line, _)| *line == number) {
                let mut line = Vec::new();
                lines.next(&mut line)?;
                if !same(&line, code, &run.corpus.raw(*id)) {
                    return Ok(false);
                }
            } else if !lines.next(out)? {
                break;
            }
        }
        Ok(drops.next().is_none())
    }

    /// Whether it begins as an array does: its last record may be a line of its own, and is none to be left out as one.
    fn is_array(&self, declared: Option<&'static Encoding>) -> Result<bool> {
        let mut bytes = engine::open(self.file)?;
        let head = bytes.fill_buf()?;
        let (code, mark) = coding(head, declared);
        let text = decoded(&head[mark..], code);
        Ok(text.trim_ascii_start().starts_with(b"["))
    }

    /// Copies a file whose records are no lines, the dropped ones left out; false when nothing is left.
    fn cut_values(
        &self,
        run: &Run,
        declared: Option<&'static Encoding>,
        out: &mut dyn Write,
    ) -> Result<bool> {
        let mut bytes = Vec::new();
        engine::open(self.file)?.read_to_end(&mut bytes)?;
        let (code, mark) = coding(&bytes, declared);
        let (mark, bytes) = bytes.split_at(mark);
        let text = decoded(bytes, code);
        let mut rest = Vec::new();
        let mut from = 0;
        for gap in self.gaps(run, &text)? {
            rest.push(from..gap.start);
            from = gap.end;
        }
        rest.push(from..text.len());
        let stays = rest
            .iter()
            .any(|kept| !text[kept.clone()].trim_ascii().is_empty());
        out.write_all(mark)?;
        // Bytes of UTF-16 are found by counting, what is malformed among them too.
        let (mut counted, mut place) = (0, 0);
        let mut place_of = |at: usize| {
            place += 2 * units(&text[counted..at]);
            counted = at;
            place.min(bytes.len())
        };
        let last = rest.len() - 1;
        for (i, kept) in rest.into_iter().enumerate() {
            match code.filter(|code| !code.is_ascii_compatible()) {
                None => out.write_all(&text[kept])?,
                Some(code) if is_wide(code) => {
                    let start = place_of(kept.start);
                    let end = place_of(kept.end);
                    out.write_all(&bytes[start..if i == last { bytes.len() } else { end }])?;
                }
                Some(code) => {
                    let kept = String::from_utf8_lossy(&text[kept]);
                    out.write_all(&code.encode(&kept).0)?;
                }
            }
        }
        Ok(stays)
    }

    /// Where the dropped records stand in a text, with the commas that part them from others.
    fn gaps(&self, run: &Run, text: &[u8]) -> Result<Vec<Range<usize>>> {
        const CHANGED: &str = "a record is not what it was when it was read; run again while nothing writes to the file, \
            or give -o a file name";
        let mut drops = self.fate.lines.iter().map(|(_, id)| *id).peekable();
        let mut gaps: Vec<Range<usize>> = Vec::new();
        let (mut at, mut line) = (0, 1);
        // Those that stay are looked up as well: one may hold what another is.
        for id in self.fate.stories.clone().map(StoryId) {
            if drops.peek().is_none() {
                break;
            }
            let number = run.corpus.origin(id).line.context(CHANGED)?;
            while line < number {
                at += 1 + memchr::memchr(b'\n', &text[at..]).context(CHANGED)?;
                line += 1;
            }
            let raw = run.corpus.raw(id);
            let raw = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&raw);
            let raw = raw.trim_ascii();
            let rest = &text[at..];
            let on_line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
            let start = memchr::memchr_iter(b'{', on_line)
                .map(|found| at + found)
                .find(|&start| begins_with(&text[start..], raw))
                .context(CHANGED)?;
            let value = start..start + raw.len();
            at = value.end;
            line += memchr::memchr_iter(b'\n', &text[value.clone()]).count() as u64;
            if drops.next_if_eq(&id).is_some() {
                leave_out(text, value, &mut gaps);
            }
        }
        if drops.next().is_some() {
            bail!(CHANGED);
        }
        Ok(gaps)
    }
}

/// Adds a value to what is left out, with the comma after it or, where there is none, the one before it.
fn leave_out(text: &[u8], value: Range<usize>, gaps: &mut Vec<Range<usize>>) {
    let blanks = |at: usize| text[at..].len() - text[at..].trim_ascii_start().len();
    let mut end = value.end + blanks(value.end);
    let has_comma = text.get(end) == Some(&b',');
    if has_comma {
        end += 1;
        end += blanks(end);
    } else {
        // No more than its line: blank lines behind it stay.
        let rest = &text[value.end..end];
        end = value.end + memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
    }
    let mut start = value.start;
    if let Some(before) = gaps.pop_if(|gap| gap.end == start) {
        start = before.start;
    }
    let before = text[..start].trim_ascii_end();
    if !has_comma && before.ends_with(b",") {
        start = before.len() - 1;
        end = value.end;
    }
    gaps.push(start..end);
}

/// The encoding of a file that begins so, where it has to be known, and the length of its mark.
fn coding(head: &[u8], declared: Option<&'static Encoding>) -> (Option<&'static Encoding>, usize) {
    Encoding::for_bom(head).map_or(
        (declared.filter(|e| applies(e, head)), 0),
        |(code, mark)| (Some(code), mark),
    )
}

/// Bytes as the read stage has them before it looks for records.
fn decoded<'b>(bytes: &'b [u8], code: Option<&'static Encoding>) -> Cow<'b, [u8]> {
    match code {
        Some(code) if !code.is_ascii_compatible() => {
            let text = code.decode_without_bom_handling(bytes).0;
            Cow::Owned(text.into_owned().into_bytes())
        }
        _ => Cow::Borrowed(bytes),
    }
}

/// How many units of UTF-16 a piece of UTF-8 has: one for each character, two for those that take four bytes.
fn units(text: &[u8]) -> usize {
    let units = |byte: &u8| match byte {
        0x80..=0xbf => 0,
        0xf0.. => 2,
        _ => 1,
    };
    text.iter().map(units).sum()
}

fn create(path: &Path) -> io::Result<BufWriter<File>> {
    Ok(BufWriter::with_capacity(1 << 16, File::create(path)?))
}

/// Whether a declared encoding is one that the read stage decodes before it looks for lines: UTF-16 only where NUL bytes
/// make it plausible.
fn applies(code: &'static Encoding, head: &[u8]) -> bool {
    !code.is_ascii_compatible() && (!is_wide(code) || head.contains(&0))
}

fn is_wide(code: &'static Encoding) -> bool {
    code == UTF_16LE || code == UTF_16BE
}

/// Whether a line still is the record that was read, in UTF-8 or as it stands.
fn same(line: &[u8], code: Option<&'static Encoding>, raw: &[u8]) -> bool {
    let raw = raw
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(raw)
        .trim_ascii();
    match code {
        Some(code) if !code.is_ascii_compatible() => {
            code.decode_without_bom_handling(line).0.trim().as_bytes() == raw
        }
        _ => line.trim_ascii() == raw,
    }
}

/// Whether a text begins with the record that was read, which has blanks for line ends.
fn begins_with(text: &[u8], raw: &[u8]) -> bool {
    let blank = |b: u8| if matches!(b, b'\n' | b'\r') { b' ' } else { b };
    text.len() >= raw.len() && text.iter().zip(raw).all(|(&t, &r)| blank(t) == blank(r))
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
    end: LineEnd,
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
            let end = match self.end {
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

#[cfg(test)]
mod tests;
