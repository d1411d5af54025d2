/*!
`samewire report`: one offline HTML page, from stories or from what `group` and `passages` wrote earlier.
*/

pub mod args;

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use samewire::read::{self, Rejection};
use samewire::report::counted;
use samewire::report::html::lines::{Kept, Lost, is_output};
use samewire::report::html::{self, Findings, Options, Shown};
use samewire::{Corpus, PassageSettings};

use super::engine;
use super::indexes::refuse_index;
use super::inputs::STDIN;
use super::output::{Inputs, Output};
use super::plan::{Plan, Voice};
use super::{Exit, rejections, say};
use args::ReportArgs;

/// Bytes of a file that are looked at to tell what it holds.
const HEAD: u64 = 1 << 20;

/// Reads, compares where that was not done yet, writes the page and says where it is.
pub fn run(args: Box<ReportArgs>) -> Result<Exit> {
    let ReportArgs {
        input,
        links,
        matching,
        general,
        output: place,
        max_size,
    } = *args;
    let plan = Plan::new(input, matching, &general)?;
    let beside: Vec<&Path> = links.as_deref().into_iter().collect();
    plan.check(&beside, &[Some(&place)])?;
    if !plan.paths.contains(&place) {
        refuse_other(&place)?;
    }
    let page = Page {
        plan: &plan,
        place: &place,
        max_size,
    };
    if of_output(&plan.paths)? {
        page.of_lines(links.as_deref())
    } else if let Some(links) = links {
        bail!(
            "--links {}: goes with groups that samewire group wrote; from stories report finds the links itself",
            links.display()
        )
    } else {
        page.of_stories()
    }
}

/// Refuses to replace a file that is no page of this program: the name is often not typed.
fn refuse_other(place: &Path) -> Result<()> {
    const MARK: &[u8] = b"<meta name=\"generator\" content=\"Samewire ";
    if !place.is_file() {
        return Ok(());
    }
    let failed = || format!("{}: reading", place.display());
    let mut head = Vec::new();
    File::open(place)
        .and_then(|file| file.take(4_096).read_to_end(&mut head))
        .with_context(failed)?;
    if head.is_empty() || memchr::memmem::find(&head, MARK).is_some() {
        return Ok(());
    }
    bail!(
        "{}: exists and is no page of samewire report; choose another name with -o, or remove it first",
        place.display()
    )
}

/// Whether the paths hold output of this program rather than stories.
fn of_output(paths: &[PathBuf]) -> Result<bool> {
    let mut kinds = Vec::new();
    for path in paths {
        let is = if path == Path::new(STDIN) {
            // Stories would have to be read twice.
            true
        } else if path.is_file() {
            let file = engine::open(path).with_context(|| path.display().to_string());
            // A file that cannot be read is told of like any other.
            let first = file.ok().and_then(|mut file| first_line(&mut file));
            if first.as_deref().is_some_and(is_event) {
                bail!(
                    "{}: holds events of samewire stream, without the stories; give the lines that the stream read, or those that it wrote \
                     with --emit annotate",
                    path.display()
                );
            }
            first.is_some_and(|l| is_output(&l))
        } else {
            false
        };
        kinds.push(is);
    }
    match (
        kinds.iter().position(|k| *k),
        kinds.iter().position(|k| !*k),
    ) {
        (Some(lines), Some(stories)) => bail!(
            "{} holds output of samewire{}, {} does not; give either stories or such output",
            paths[lines].display(),
            if paths[lines] == Path::new(STDIN) {
                " (standard input always does)"
            } else {
                ""
            },
            paths[stories].display()
        ),
        (lines, _) => Ok(lines.is_some()),
    }
}

/// Whether a line is an event of a stream, which names stories and holds none.
fn is_event(line: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Event {
        #[serde(rename = "v")]
        _version: u64,
        #[serde(rename = "event")]
        _event: String,
    }
    serde_json::from_slice::<Event>(line).is_ok()
}

/// The first line with something on it, unless it is very long.
fn first_line(file: &mut dyn io::BufRead) -> Option<Vec<u8>> {
    let mut file = file.take(HEAD);
    let mut line = Vec::new();
    while line.trim_ascii().is_empty() {
        line.clear();
        if file.read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
    }
    Some(line)
}

/// A page that is to be written.
struct Page<'a> {
    plan: &'a Plan,
    place: &'a Path,
    max_size: usize,
}

impl Page<'_> {
    /// Finds groups and passages first.
    fn of_stories(&self) -> Result<Exit> {
        let plan = self.plan;
        let settings = PassageSettings {
            segment: plan.settings.segment,
            exact: plan.settings.exact,
            ..PassageSettings::default()
        };
        let run = engine::run(plan)?;
        let inputs = Inputs::new(&run.corpus.files());
        let (again, found) = engine::find_passages(plan, &settings)?;
        // Stories go by number: a file that changed between the two readings would shift them.
        if again.len() != run.corpus.len() {
            bail!("the files changed while they were read; run it again when they are at rest");
        }
        drop(again);
        let outcome = &run.outcome;
        rejections::report(plan, &outcome.rejections, &inputs)?;
        inputs.spare(self.place)?;
        let mut findings = Findings::of(&*run.corpus, outcome, Some(&found));
        if !outcome.rejections.is_empty() {
            findings.notes.push(rejected(outcome.rejections.len()));
        }
        if outcome.stats.left_out > 0 {
            findings.notes.push(format!(
                "{} not compared, because too many units resemble one another; --exact compares all.",
                counted(outcome.stats.left_out, "pair was", "pairs were")
            ));
        }
        let within: Vec<String> = shown(&plan.paths).iter().map(|p| html::quote(p)).collect();
        let subject = subject(&shown(&plan.paths));
        self.write(&*run.corpus, &findings, subject, within.join(" --in "))?;
        let late = engine::lost_late(&outcome.rejections, run.corpus.lost());
        // The search for passages read all once more.
        let told = [&outcome.rejections[..], &late].concat();
        let late = [late, engine::lost_late(&told, found.rejections.clone())].concat();
        rejections::tell(plan, &late);
        Ok(Exit::of(
            plan.exit_code,
            !outcome.groups.is_empty(),
            !outcome.rejections.is_empty() || !late.is_empty(),
        ))
    }

    /// From output kept earlier: only the texts are read.
    fn of_lines(&self, links: Option<&Path>) -> Result<Exit> {
        let plan = self.plan;
        let mut kept = Kept::default();
        let mut rejected_lines: Vec<Rejection> = Vec::new();
        let mut files = plan.paths.clone();
        files.extend(links.map(Path::to_owned));
        for path in &files {
            rejected_lines.extend(read_lines(&mut kept, path)?);
        }
        kept.has_links |= links.is_some();
        let paths: Vec<PathBuf> = kept.paths().into_iter().map(PathBuf::from).collect();
        refuse_index(&plan.paths[0], &paths, "report")?;
        let (store, unread) = engine::read_files(plan, read::walk(&paths))?;
        let inputs = Inputs::new(&[files.clone(), paths.clone()].concat());
        inputs.spare(self.place)?;
        let read_again = paths.len();
        let (mut findings, lost) = kept.findings(&store);
        let all = [rejected_lines, unread].concat();
        rejections::report(plan, &all, &inputs)?;
        if !all.is_empty() {
            findings.notes.push(rejected(all.len()));
        }
        for note in missing(lost) {
            say(&format!("samewire: {note}"));
            findings.notes.push(note);
        }
        let subject = subject(&shown(&plan.paths));
        let within = if read_again == 0 {
            "PATH".to_owned()
        } else {
            let names: Vec<String> = shown(&paths)
                .iter()
                .take(NAMED)
                .map(|p| html::quote(p))
                .collect();
            names.join(" --in ")
        };
        self.write(&store, &findings, subject, within)?;
        let late = store.lost();
        rejections::tell(plan, &late);
        let incomplete = !all.is_empty() || lost != Lost::default() || !late.is_empty();
        Ok(Exit::of(
            plan.exit_code,
            !findings.groups.is_empty(),
            incomplete,
        ))
    }

    /// Writes the page and says where it is.
    fn write<C: Corpus + ?Sized>(
        &self,
        corpus: &C,
        findings: &Findings,
        subject: String,
        within: String,
    ) -> Result<()> {
        let options = Options {
            settings: &self.plan.settings,
            subject,
            within,
            max_bytes: self.max_size,
        };
        let mut out = Output::to(self.place)?;
        let written = engine::in_threads(self.plan, || {
            let mut page = Vec::new();
            html::write(&mut page, corpus, findings, &options).map(|shown| (page, shown))
        })?;
        let (page, shown) = written?;
        if shown.bytes > self.max_size {
            bail!(
                "--max-size {}: the summary alone of this page has {} bytes; give --max-size {}K or more",
                self.max_size,
                shown.bytes,
                shown.bytes.div_ceil(1_024)
            );
        }
        out.write_all(&page)?;
        out.commit()?;
        if self.place != Path::new(STDIN) && self.plan.voice > Voice::Quiet {
            self.tell(findings, &shown)?;
        }
        Ok(())
    }

    fn tell(&self, findings: &Findings, shown: &Shown) -> Result<()> {
        let place = self.place.display().to_string();
        let mut lines = vec![format!(
            "{place}  {}  {}, {}, {}",
            size(shown.bytes),
            counted(findings.groups.len() as u64, "group", "groups"),
            counted(
                findings.templates.len() as u64,
                "template set",
                "template sets"
            ),
            counted(
                findings.passages.as_ref().map_or(0, Vec::len) as u64,
                "passage",
                "passages"
            )
        )];
        if let Ok(full) = self.place.canonicalize() {
            lines.push(format!("open it in a browser: {}", address(&full)));
        }
        let mut out = Output::stdout();
        for line in lines {
            writeln!(out, "{}", samewire::report::escape(&line))?;
        }
        out.commit()
    }
}

/// Paths that are named.
const NAMED: usize = 3;

fn read_lines(kept: &mut Kept, path: &Path) -> Result<Vec<Rejection>> {
    let failed = || format!("{}: reading", path.display());
    let faults = if path == Path::new(STDIN) {
        kept.read(&mut BufReader::new(io::stdin().lock()))
    } else {
        kept.read(&mut engine::open(path).with_context(failed)?)
    };
    let faults = faults.with_context(failed)?;
    let rejections = faults.into_iter().map(|fault| Rejection {
        path: path.display().to_string(),
        line: Some(fault.line),
        byte: None,
        reason: fault.reason,
        next: "give the output of samewire group, --links or samewire passages as it was written",
        record: Vec::new(),
    });
    Ok(rejections.collect())
}

fn rejected(n: usize) -> String {
    let records = counted(n as u64, "record", "records");
    format!("{records} could not be read and took no part; report told of each on stderr.")
}

fn missing(lost: Lost) -> Vec<String> {
    let mut notes = Vec::new();
    if lost.units > 0 {
        notes.push(format!(
            "{} not found again, because files are gone or have changed; listed without text. Run report in the directory in which group ran.",
            counted(lost.units, "member or place was", "members or places were")
        ));
    }
    if lost.ends > 0 {
        notes.push(format!(
            "{} in none of the files of the groups; listed without text. Report from the stories themselves has them.",
            counted(lost.ends, "id of the links is", "ids of the links are")
        ));
    }
    notes
}

/// Paths as the user would type them.
fn shown(paths: &[PathBuf]) -> Vec<String> {
    paths.iter().map(|p| p.display().to_string()).collect()
}

/// What a page is about, in a line.
fn subject(paths: &[String]) -> String {
    let names: Vec<&str> = paths
        .iter()
        .take(NAMED)
        .map(|p| if p == STDIN { "standard input" } else { p })
        .collect();
    match paths.len() - names.len() {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

/// `312 KB`, `9.8 MB`; a megabyte has a million bytes.
fn size(bytes: usize) -> String {
    match bytes {
        0..1_000_000 => format!("{} KB", bytes.div_ceil(1_000)),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// A path as browsers take it.
fn address(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    let parts = text.bytes().map(|byte| {
        if byte.is_ascii_alphanumeric() || b"/-_.~:".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    });
    format!("file://{}", parts.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_takes_the_address() {
        let path = Path::new("/a b/é#1.html");
        assert_eq!(address(path), "file:///a%20b/%C3%A9%231.html");
    }

    #[test]
    fn a_subject_is_short() {
        let paths: Vec<String> = ["-", "a", "b", "c", "d"].map(str::to_owned).to_vec();
        assert_eq!(subject(&paths[..2]), "standard input, a");
        assert_eq!(subject(&paths), "standard input, a, b and 2 more");
    }

    #[test]
    fn sizes_are_round() {
        assert_eq!(size(311_001), "312 KB");
        assert_eq!(size(9_961_472), "10.0 MB");
    }
}
