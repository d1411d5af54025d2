/*!
The one place where the commands meet the library's pipeline.
*/

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Result, bail};
use rayon::{ThreadPoolBuildError, ThreadPoolBuilder};
use samewire::decide::names::Idle;
use samewire::index::store::Index;
use samewire::pipeline::joint::Joint;
use samewire::pipeline::progress::Progress;
use samewire::pipeline::stream::{Committed, Ready, Stream, ask_in_parts};
use samewire::pipeline::{self, Outcome, batch, passages, tune};
use samewire::read::{self, Format, Rejection, Store, Walk};
use samewire::{Corpus, Error, PassageSettings, Story, StoryId};

use super::output::Inputs;
use super::plan::{Plan, Voice};
use super::progress::Bar;
use super::{rejections, say};

/// What the commands need to know of the stories beyond their text: the files they came from.
pub trait Originals: Corpus {
    /// Every file that was read, or tried, in order of the walk; standard input is `-`.
    fn files(&self) -> Vec<PathBuf>;
    /// The file of a story, as a position in `files`.
    fn file_of(&self, id: StoryId) -> usize;
    /// The record as it was read, in UTF-8, without its line end.
    fn raw(&self, id: StoryId) -> Cow<'_, [u8]>;
    /// Whether it is a record of structured data; else the file is one story.
    fn is_record(&self, id: StoryId) -> bool;
    /// Stories that were other when they were read again: what is told of them is not to be relied on.
    fn lost(&self) -> Vec<Rejection>;
}

/// What a run leaves.
pub struct Run {
    /// The stories.
    pub corpus: Box<dyn Originals>,
    /// What was found in them.
    pub outcome: Outcome,
}

impl Run {
    /// Ends with the process: what was found is left for that to free, which takes a thirtieth of the time.
    pub fn end(self) {
        std::mem::forget(self);
    }
}

/// Reads and compares all that the plan names, with a progress bar.
pub fn run(plan: &Plan) -> Result<Run> {
    let run = run_batch(plan, &Bar::new(plan.voice))?;
    refuse_nothing(plan, &*run.corpus, &run.outcome.rejections)?;
    Ok(run)
}

/// As [`run`], with the stories of an index that those read are related to.
pub fn run_against(plan: &Plan, index: Index) -> Result<Run> {
    let progress = Bar::new(plan.voice);
    let walk = read::walk(&plan.paths);
    let (options, settings) = (&plan.reading, &plan.settings);
    let name = index.path().to_string_lossy().into_owned();
    let relatives = |store: &Store| relatives(index, store);
    let decisions = &plan.decisions;
    let work = || {
        batch::group_against(
            walk, options, settings, decisions, &progress, name, relatives,
        )
    };
    let (joint, outcome) = in_threads(plan, work)??;
    refuse_nothing(plan, &joint.store, &outcome.rejections)?;
    Ok(Run {
        corpus: Box::new(joint),
        outcome,
    })
}

/// Reads all that the plan names and compares nothing.
pub fn read(plan: &Plan) -> Result<Run> {
    let (store, rejections) = read_files(plan, read::walk(&plan.paths))?;
    refuse_nothing(plan, &store, &rejections)?;
    let outcome = Outcome {
        rejections,
        ..Outcome::default()
    };
    Ok(Run {
        corpus: Box::new(store),
        outcome,
    })
}

/// Reads all that a walk found and compares nothing, with a progress bar.
pub fn read_files(plan: &Plan, walk: Walk) -> Result<(Store, Vec<Rejection>)> {
    let bar = Bar::new(plan.voice);
    let work = || pipeline::read_files(walk, &plan.reading, &bar);
    Ok(in_threads(plan, work)??)
}

/// The stories of an index that those of a store are related to, in order.
fn relatives(mut index: Index, store: &Store) -> samewire::Result<Vec<Story<'static>>> {
    let (mut stream, _) = Stream::open(&mut index, &Committed::default())?;
    let settings = index.settings().clone();
    let mut numbers = BTreeSet::new();
    let ask = |ready: Vec<Ready<'_>>| stream.relatives(ready);
    ask_in_parts(store, &settings, ask, |(found, units)| {
        numbers.extend(found);
        numbers.extend(index.copies_of(&units)?);
        samewire::Result::Ok(())
    })?;
    let numbers: Vec<u64> = numbers.into_iter().collect();
    let stories = index.stories_of(&numbers);
    index.at_rest()?;
    stories
}

/// The call of the pipeline.
fn run_batch(plan: &Plan, progress: &dyn Progress) -> Result<Run> {
    let walk = read::walk(&plan.paths);
    let options = &plan.reading;
    let (settings, decisions) = (&plan.settings, &plan.decisions);
    let work = || batch::group_decided(walk, options, settings, decisions, progress);
    let (store, outcome) = in_threads(plan, work)??;
    tell_idle(plan, &outcome.decided.idle);
    Ok(Run {
        corpus: Box::new(store),
        outcome,
    })
}

/// Says which decisions have no effect.
pub fn tell_idle(plan: &Plan, idle: &[Idle]) {
    let told = match plan.voice {
        Voice::Quiet => 0,
        Voice::Usual => rejections::TOLD,
        Voice::Verbose => usize::MAX,
    };
    let file = plan.decisions.file().display();
    for Idle { line, cause } in idle.iter().take(told) {
        say(&format!("{file}:{line}: {cause}"));
    }
    if !idle.is_empty() {
        let all = plan.decisions.all().len();
        say(&format!(
            "samewire: decisions without effect: {} of {all}",
            idle.len()
        ));
    }
}

/// Reads all that the plan names and finds the passages in it, with a progress bar.
pub fn find_passages(
    plan: &Plan,
    settings: &PassageSettings,
) -> Result<(Box<dyn Originals>, passages::Outcome)> {
    let walk = read::walk(&plan.paths);
    let bar = Bar::new(plan.voice);
    let work = || passages::find_in_files(walk, &plan.reading, settings, &bar);
    let (store, outcome) = in_threads(plan, work)??;
    refuse_nothing(plan, &store, &outcome.rejections)?;
    Ok((Box::new(store), outcome))
}

/// Reads all that the plan names and measures how alike it is, with a progress bar.
pub fn measure(plan: &Plan, sample: u32) -> Result<(Box<dyn Originals>, tune::Outcome)> {
    let walk = read::walk(&plan.paths);
    let bar = Bar::new(plan.voice);
    let work = || tune::measure_files(walk, &plan.reading, &plan.settings, sample, &bar);
    let (store, outcome) = in_threads(plan, work)??;
    refuse_nothing(plan, &store, &outcome.rejections)?;
    Ok((Box::new(store), outcome))
}

/// Stories that were found to be other only when the output was written: of all `lost` ones those that were not `told` of.
pub fn lost_late(told: &[Rejection], mut lost: Vec<Rejection>) -> Vec<Rejection> {
    lost.retain(|l| !told.iter().any(|t| (&t.path, t.line) == (&l.path, l.line)));
    lost
}

/// As many threads as the plan says.
pub fn threads(plan: &Plan) -> ThreadPoolBuilder {
    ThreadPoolBuilder::new().num_threads(plan.threads.map_or(0, NonZero::get))
}

/// What is said where they cannot be started.
pub fn no_threads(plan: &Plan) -> String {
    match plan.threads {
        Some(threads) => format!("--threads {threads}: the threads cannot be started"),
        None => "the threads cannot be started".to_owned(),
    }
}

/// Works with as many threads as the plan says, this one among them, for each has memory of its own. They stay for all that the process
/// does later, which has one plan.
pub fn in_threads<T>(plan: &Plan, work: impl FnOnce() -> T) -> Result<T> {
    static STARTED: OnceLock<Result<(), ThreadPoolBuildError>> = OnceLock::new();
    let start = || threads(plan).use_current_thread().build_global();
    if let Err(e) = STARTED.get_or_init(start) {
        bail!("{}: {e}", no_threads(plan));
    }
    Ok(work())
}

/// An error if all that was read was rejected.
fn refuse_nothing(plan: &Plan, corpus: &dyn Originals, rejections: &[Rejection]) -> Result<()> {
    // An empty pipe is a feed on a quiet day; folders without a single file are a mistake in the path.
    if corpus.files().is_empty() && rejections.is_empty() {
        return Err(Error::NoInput {
            reason: "there is no file in the paths given".into(),
            next: "give the folder that holds the stories",
        }
        .into());
    }
    if !corpus.is_empty() || rejections.is_empty() {
        return Ok(());
    }
    rejections::report(plan, rejections, &Inputs::new(&corpus.files()))?;
    Err(Error::NoInput {
        reason: "nothing in the paths given could be read".into(),
        next: "see the messages above",
    }
    .into())
}

impl Originals for Store {
    fn files(&self) -> Vec<PathBuf> {
        self.sources().iter().map(|s| s.path.clone()).collect()
    }

    fn file_of(&self, id: StoryId) -> usize {
        self.source(id).index()
    }

    fn raw(&self, id: StoryId) -> Cow<'_, [u8]> {
        Store::raw(self, id)
    }

    fn is_record(&self, id: StoryId) -> bool {
        self.format(id) == Format::Jsonl
    }

    fn lost(&self) -> Vec<Rejection> {
        Store::lost(self)
    }
}

impl Originals for Joint {
    fn files(&self) -> Vec<PathBuf> {
        self.store.files()
    }

    fn file_of(&self, id: StoryId) -> usize {
        // Nobody asks for the file of a story of the index: it was not read from one.
        self.read(id)
            .map_or(usize::MAX, |id| self.store.file_of(id))
    }

    fn raw(&self, id: StoryId) -> Cow<'_, [u8]> {
        self.read(id)
            .map_or(Cow::Borrowed(&[]), |id| self.store.raw(id))
    }

    fn lost(&self) -> Vec<Rejection> {
        self.store.lost()
    }

    fn is_record(&self, id: StoryId) -> bool {
        self.read(id).is_some_and(|id| self.store.is_record(id))
    }
}

/// Decompressed bytes of a file, as the read stage sees them before it decodes them.
pub fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    let head = file.fill_buf()?;
    Ok(if head.starts_with(&[0x1f, 0x8b]) {
        Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(file)))
    } else if is_zstd(head) {
        Box::new(BufReader::new(zstd::Decoder::with_buffer(file)?))
    } else {
        Box::new(file)
    })
}

/// Whether a file is compressed, by its first bytes.
pub fn is_compressed(path: &Path) -> io::Result<bool> {
    let mut head = Vec::with_capacity(4);
    File::open(path)?.take(4).read_to_end(&mut head)?;
    Ok(head.starts_with(&[0x1f, 0x8b]) || is_zstd(&head))
}

fn is_zstd(head: &[u8]) -> bool {
    matches!(
        head,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]
    )
}

#[cfg(test)]
pub mod sample;
