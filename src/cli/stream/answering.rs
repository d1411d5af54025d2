/*!
Blocks of lines → bytes to write, in order.

Parsing, words and keys of up to [`AT_ONCE`] lines are found in parallel, then the lines go through the
[`Stream`] in order; meanwhile the next are made ready. Answers are put into bytes in parallel too. A line never waits for
another to come: what has come is answered, be it one line.
*/

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};
use rayon::prelude::*;
use samewire::Story;
use samewire::index::store::Index;
use samewire::index::store::change::Change;
use samewire::pipeline::stream::{Committed, Counts, Ready, Readying, Stream};
use samewire::read::{Fault, LineReader, ReadOptions, Rejection};
use samewire::story::UnitKind;
use samewire::threads::Spares;
use tokio::sync::mpsc::{Receiver, Sender};

use super::intake::{Block, Line};
use super::replying::{self, Bytes, Reply, What, write_replies};
use super::storing::{self, Storing, Told};
use crate::cli::args::{EmitArg, OnErrorArg};
use crate::cli::inputs::STDIN;
use crate::cli::keeping::is_correction;
use crate::cli::plan::{Plan, Voice};
use crate::cli::{engine, indexes, output, rejections, say};

/// Lines that are worked on at a time.
const AT_ONCE: usize = 512;
/// The same where nothing bounds what a story is compared with.
const AT_ONCE_EXACT: usize = 64;
/// Bytes of lines that are worked on at a time, once one is taken.
const BYTES_AT_ONCE: usize = 1 << 20;
/// The room that a longer line is made ready in is not kept.
const KEPT_FOR: usize = 1 << 16;

/// How lines are answered.
#[derive(Debug)]
pub struct Manner {
    pub emit: EmitArg,
    pub on_error: OnErrorArg,
    /// Lines are texts, not JSON.
    pub plain: bool,
    /// The byte that ends a line.
    pub end: u8,
    /// Name of the member, as JSON.
    pub name: Vec<u8>,
}

/// What is to be written.
pub struct Answer {
    /// Pieces of the blocks, and more.
    pub bytes: Vec<Bytes>,
    /// Blocks that are done with: they count as in flight until the bytes are written.
    pub blocks: Vec<Arc<Block>>,
    /// What the index must know once the bytes are written.
    pub told: Option<Told>,
}

impl Answer {
    /// Nothing is to be written, but the index must know something.
    fn of_nothing(told: Told) -> Self {
        Self {
            bytes: Vec::new(),
            blocks: Vec::new(),
            told: Some(told),
        }
    }
}

/// How it went.
#[derive(Debug, Default)]
pub struct Summary {
    pub rejected: u64,
    pub counts: Counts,
}

/// The one that answers.
pub struct Answering {
    plan: Plan,
    manner: Manner,
    stream: Stream,
    /// What makes lines ready, from part to part.
    workers: Spares<Readying>,
    reject: Option<BufWriter<File>>,
    rejected: u64,
    failed: bool,
    lookup: Option<Lookup>,
}

/// When the look-up file of the index is written anew.
struct Lookup {
    epoch: u64,
    path: PathBuf,
    /// Stories and departures that the file lacks.
    lacks: u64,
    /// Whether one that was written waits to be put in its place.
    waits: Arc<AtomicBool>,
}

impl Lookup {
    /// Fewer stories than this are made up when the index is opened.
    const FEW: u64 = 512;
    /// So many are made up in a second or two.
    const MANY: u64 = 1 << 16;

    /// Whether it is worth the time while lines wait.
    fn is_due(&self, held: u64) -> bool {
        self.lacks > held.max(Self::MANY) && !self.waits.load(Ordering::Acquire)
    }

    /// Whether it is worth the time at the end.
    fn is_worth_it(&self, held: u64) -> bool {
        self.lacks >= (held / 16).max(Self::FEW) && !self.waits.load(Ordering::Acquire)
    }
}

/// Lines in order: of a block those with these places.
type Lines = Vec<(Arc<Block>, Range<usize>)>;

/// What has come and is not taken yet.
struct Waiting {
    blocks: Receiver<Block>,
    /// A block of which some lines are taken, and how many.
    rest: Option<(Arc<Block>, usize)>,
    /// Lines to take at a time.
    at_once: usize,
}

/// Lines made ready.
struct Part {
    lines: Lines,
    items: Vec<Item>,
}

/// Bytes of answers, what changed, and the next part.
type Answered = (Vec<Bytes>, Option<Change>, Option<Part>);

/// A line made ready.
enum Item {
    Story(Ready<'static>, replying::Told),
    Blank,
    Bad(Fault),
}

impl Answering {
    /// Opens the file for rejected lines; with an index also starts the thread that stores.
    pub fn new(
        plan: Plan,
        manner: Manner,
        index: Option<Index>,
    ) -> Result<(Self, Option<Storing>)> {
        let reject = match &plan.reject {
            Some(path) => Some(BufWriter::new(
                File::create(path).with_context(|| format!("{}: writing", path.display()))?,
            )),
            None => None,
        };
        let (stream, lookup, storing) = match index {
            None => {
                let (settings, decisions) = (plan.settings.clone(), plan.decisions.clone());
                (Stream::deciding(settings, decisions)?, None, None)
            }
            Some(index) => {
                // Only to open it: those that answer begin with the thread that answers.
                let threads = engine::threads(&plan).build();
                let threads = threads.with_context(|| engine::no_threads(&plan))?;
                let (stream, lookup, storing) = threads.install(|| remember(index, plan.voice))?;
                (stream, Some(lookup), Some(storing))
            }
        };
        let answering = Self {
            stream,
            plan,
            manner,
            workers: Spares::default(),
            reject,
            rejected: 0,
            failed: false,
            lookup,
        };
        Ok((answering, storing))
    }

    /// Answers until no more comes, or nobody takes the answers.
    pub fn run(self, blocks: Receiver<Block>, answers: &Sender<Answer>) -> Result<Summary> {
        // This thread is one of them.
        let threads = engine::threads(&self.plan).use_current_thread().build();
        let threads = threads.with_context(|| engine::no_threads(&self.plan))?;
        threads.install(|| self.answer_all(blocks, answers))
    }

    fn answer_all(mut self, blocks: Receiver<Block>, answers: &Sender<Answer>) -> Result<Summary> {
        let mut waiting = Waiting {
            blocks,
            rest: None,
            at_once: if self.plan.settings.exact {
                AT_ONCE_EXACT
            } else {
                AT_ONCE
            },
        };
        let mut ready: Option<Part> = None;
        loop {
            // What is ready never waits for more to come.
            let next = waiting.next(ready.is_none());
            ready = match (ready, next) {
                (None, None) => break,
                (None, Some(lines)) => {
                    Some(Part::new(lines, &self.plan, &self.manner, &self.workers))
                }
                (Some(part), next) => {
                    let (goes_on, next) = self.answer(part, next, answers)?;
                    if !goes_on {
                        break;
                    }
                    next
                }
            };
        }
        let held = self.stream.counts().held;
        if let Some(lookup) = &self.lookup {
            let is_worth_it = lookup.is_worth_it(held);
            // Whoever does not take it has ended. The session ends first, so that the index is told while the file is written.
            let _ = answers.blocking_send(Answer::of_nothing(Told::End));
            if is_worth_it {
                let told = self.write_lookup()?;
                let _ = answers.blocking_send(Answer::of_nothing(told));
            }
        }
        if self.rejected > 0 {
            self.tell_rejected();
        }
        engine::tell_idle(&self.plan, &self.stream.idle_decisions());
        let summary = Summary {
            rejected: self.rejected,
            counts: self.stream.counts(),
        };
        self.stream.end();
        Ok(summary)
    }

    /// Answers lines that are ready, and meanwhile makes the next ones ready; whether there is a next time.
    fn answer(
        &mut self,
        part: Part,
        next: Option<Lines>,
        answers: &Sender<Answer>,
    ) -> Result<(bool, Option<Part>)> {
        let Part { lines, items } = part;
        let (bytes, change, next) = self.answer_part(&lines, items, next)?;
        let told = change.map(|c| Told::Change(Box::new(c)));
        let blocks = lines.into_iter().map(|(block, _)| block).collect();
        let answer = Answer {
            bytes,
            blocks,
            told,
        };
        if answers.blocking_send(answer).is_err() || self.failed {
            return Ok((false, None));
        }
        let held = self.stream.counts().held;
        if self.lookup.as_ref().is_some_and(|l| l.is_due(held)) {
            let told = self.write_lookup()?;
            let sent = answers.blocking_send(Answer::of_nothing(told));
            return Ok((sent.is_ok(), next));
        }
        Ok((true, next))
    }

    /// Writes the look-up file anew, as it is after all that was told.
    fn write_lookup(&mut self) -> Result<Told> {
        let Some(lookup) = &mut self.lookup else {
            return Ok(Told::Lookup(0));
        };
        lookup.waits.store(true, Ordering::Release);
        let ticks = self.stream.write_lookup(lookup.epoch, &lookup.path)?;
        lookup.lacks = 0;
        Ok(Told::Lookup(ticks))
    }

    /// Answers lines that are ready: bytes, and what changed. Meanwhile makes the next ready, for there are steps that one thread takes.
    fn answer_part(
        &mut self,
        lines: &Lines,
        mut items: Vec<Item>,
        next: Option<Lines>,
    ) -> Result<Answered> {
        let (plan, manner, workers) = (&self.plan, &self.manner, &self.workers);
        if manner.on_error == OnErrorArg::Fail
            && let Some(at) = items.iter().position(|i| matches!(i, Item::Bad(_)))
        {
            items.truncate(at + 1);
            self.failed = true;
        }
        let mut ready = Vec::with_capacity(items.len());
        let mut replies = Vec::with_capacity(items.len());
        for (item, (place, block, line)) in items.into_iter().zip(each_of(lines)) {
            let what = match item {
                Item::Story(story, told) => {
                    ready.push(story);
                    What::Story(told)
                }
                Item::Blank => What::Blank,
                Item::Bad(fault) => What::Bad(fault),
            };
            replies.push(Reply {
                place,
                block,
                line,
                what,
            });
        }
        let stream = &mut self.stream;
        let answer = || {
            let (verdicts, change) = stream.push_and_tell(ready)?;
            Ok::<_, anyhow::Error>((write_replies(&replies, &verdicts, manner)?, change))
        };
        let make_ready = || next.map(|next| Part::new(next, plan, manner, workers));
        let (answered, next) = rayon::join(answer, make_ready);
        let (bytes, change) = answered?;
        if let (Some(lookup), Some(change)) = (&mut self.lookup, &change) {
            lookup.lacks += (change.stories.len() + change.left.len()) as u64;
        }
        for reply in replies {
            if let What::Bad(fault) = reply.what {
                self.reject(
                    &reply.block.bytes[reply.line.range.clone()],
                    reply.line,
                    fault,
                )?;
            }
        }
        if let (Some(file), Some(path)) = (&mut self.reject, &self.plan.reject) {
            file.flush().map_err(|e| output::named(path, &e))?;
        }
        Ok((bytes, change, next))
    }

    /// Counts, tells and keeps a line that is no story.
    fn reject(&mut self, raw: &[u8], line: &Line, fault: Fault) -> Result<()> {
        self.rejected += 1;
        let rejection = Rejection {
            path: STDIN.to_owned(),
            line: Some(line.number),
            byte: fault.byte,
            reason: fault.reason,
            next: fault.next,
            record: Vec::new(),
        };
        let told = match self.plan.voice {
            Voice::Quiet => 0,
            Voice::Usual => rejections::TOLD as u64,
            Voice::Verbose => u64::MAX,
        };
        if self.rejected <= told || (self.failed && told > 0) {
            say(&rejection.to_string());
        } else if self.rejected == told + 1 && told > 0 {
            say("… more are counted (--verbose tells each)");
        }
        if let (Some(file), Some(path)) = (&mut self.reject, &self.plan.reject) {
            file.write_all(&raw[..raw.len().min(Rejection::KEPT)])
                .and_then(|()| file.write_all(&[self.manner.end]))
                .map_err(|e| output::named(path, &e))?;
        }
        Ok(())
    }

    fn tell_rejected(&self) {
        let advice = if self.plan.reject.is_some() {
            ""
        } else {
            "; --reject FILE keeps them"
        };
        say(&format!("samewire: rejected: {}{advice}", self.rejected));
    }
}

/// Goes on where an index stands: the stream, its look-up file and the thread that stores what is new.
fn remember(mut index: Index, voice: Voice) -> Result<(Stream, Lookup, Storing)> {
    let committed = Committed::default();
    let (stream, loaded) = Stream::open(&mut index, &committed)?;
    indexes::tell_loaded(&loaded, voice);
    let waits = Arc::new(AtomicBool::new(false));
    let lookup = Lookup {
        epoch: index.epoch(),
        path: index.new_lookup(),
        lacks: loaded.made_anew,
        waits: waits.clone(),
    };
    let program = concat!("samewire ", env!("CARGO_PKG_VERSION"), " stream");
    let storing = storing::start(index.begin(program)?, committed, waits)?;
    Ok((stream, lookup, storing))
}

/// Every line with its block and the place of that, in order.
fn each_of(lines: &Lines) -> impl Iterator<Item = (usize, &Block, &Line)> {
    lines
        .iter()
        .enumerate()
        .flat_map(|(place, (block, range))| {
            let lines = block.lines[range.clone()].iter();
            lines.map(move |line| (place, &**block, line))
        })
}

impl Part {
    /// Makes lines ready.
    fn new(lines: Lines, plan: &Plan, manner: &Manner, workers: &Spares<Readying>) -> Self {
        let each: Vec<(usize, &Block, &Line)> = each_of(&lines).collect();
        let items = each
            .par_iter()
            .with_min_len(8)
            .map_init(
                || LineReader::new(&plan.reading),
                |reader, (_, block, line)| {
                    let new = || Readying::new(&plan.settings);
                    let mut ready = |readying: &mut Readying| {
                        make_ready(block, line, plan, manner, (readying, reader))
                    };
                    if line.range.len() > KEPT_FOR {
                        ready(&mut new())
                    } else {
                        workers.lend(new, ready)
                    }
                },
            )
            .collect();
        Self { lines, items }
    }
}

impl Waiting {
    /// The next lines that have come, or, where there are none, those that come next if asked to wait. None where there are none.
    fn next(&mut self, wait: bool) -> Option<Lines> {
        let mut taken = Lines::new();
        let (mut count, mut bytes) = (0, 0);
        while count < self.at_once && bytes < BYTES_AT_ONCE {
            let (block, from) = match self.rest.take() {
                Some(rest) => rest,
                None if wait && taken.is_empty() => (Arc::new(self.blocks.blocking_recv()?), 0),
                None => match self.blocks.try_recv() {
                    Ok(block) => (Arc::new(block), 0),
                    Err(_) => break,
                },
            };
            let to = block.lines.len().min(from + self.at_once - count);
            count += to - from;
            bytes += block.lines[from..to]
                .iter()
                .map(|l| l.range.len())
                .sum::<usize>();
            if to < block.lines.len() {
                self.rest = Some((block.clone(), to));
            }
            taken.push((block, from..to));
        }
        (!taken.is_empty()).then_some(taken)
    }
}

fn make_ready(
    block: &Block,
    line: &Line,
    plan: &Plan,
    manner: &Manner,
    (readying, reader): (&mut Readying, &mut LineReader<'_>),
) -> Item {
    let raw = &block.bytes[line.range.clone()];
    if line.too_long {
        return Item::Bad(Fault {
            byte: None,
            reason: format!("longer than {} bytes", plan.reading.max_record),
            next: "raise --max-record",
        });
    }
    let record = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(raw);
    if record.trim_ascii().is_empty() {
        return Item::Blank;
    }
    let default_id = || format!("{STDIN}:{}", line.number);
    let story = if manner.plain {
        plain_story(record, default_id(), &plan.reading)
    } else {
        reader.parse(record, default_id)
    };
    match story {
        Ok(story) => {
            let told = replying::Told {
                id: (manner.emit == EmitArg::Events).then(|| story.id.clone().into_owned()),
                correction: is_correction(&story),
            };
            let ready = readying.ready(story, block.arrival).into_owned();
            Item::Story(ready, told)
        }
        Err(fault) => Item::Bad(fault),
    }
}

/// A story whose text is the line.
fn plain_story<'b>(
    line: &'b [u8],
    id: String,
    options: &ReadOptions,
) -> std::result::Result<Story<'b>, Fault> {
    let text = match (std::str::from_utf8(line), options.encoding) {
        (Ok(text), _) => Cow::Borrowed(text),
        (Err(_), Some(encoding)) if encoding != encoding_rs::UTF_8 => {
            encoding.decode_without_bom_handling(line).0
        }
        (Err(e), _) => {
            return Err(Fault {
                byte: Some(e.valid_up_to() as u64),
                reason: "not valid UTF-8".into(),
                next: "convert the input to UTF-8 or name its encoding with --encoding",
            });
        }
    };
    Ok(Story {
        kind: options.kind.unwrap_or(UnitKind::Story),
        ..Story::new(id, text)
    })
}
