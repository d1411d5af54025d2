/*!
`samewire stream`: one line in, one line out.

```text
stdin ─▶ Splitter ─▶ blocks ─▶ Answering (its own thread, and workers) ─▶ answers ─▶ stdout
 (a thread) ▲ stops while too much is in flight ◀──────────────────────────┤ (a thread)
                                            index ◀─ Storing (its own thread) ◀─┘ once written and flushed
```

What passes between them, signals and the time limit are one thread on tokio; nothing there computes, and nothing waits for a pipe. Queues
are bounded, and so are the bytes in flight: while nobody reads the answers, nothing more is taken in.
*/

mod answering;
mod intake;
mod replying;
mod splice;
mod storing;

use std::future::pending;
use std::io::{self, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use samewire::read::ReadOptions;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::{Semaphore, watch};

use super::args::{InputArgs, StreamArgs};
use super::inputs::STDIN;
use super::plan::{Plan, Voice};
use super::{Exit, indexes, output, say};
use answering::{Answer, Answering, Manner, Summary};
use intake::{Block, Splitter};
use storing::{Storing, Told};

/// Bytes that may be in flight between standard input and standard output: two parts, one on its way in and one on its way out.
const IN_FLIGHT: usize = 3 << 20;
/// Blocks and answers that may wait.
const WAITING: usize = 64;
/// After a request to stop, so much time is left for what has been received.
const DRAIN: Duration = Duration::from_millis(900);
/// How a process ends that was interrupted and could not wait: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

/// Answers standard input until it ends, or someone asks to stop.
pub fn run(args: Box<StreamArgs>) -> Result<Exit> {
    let StreamArgs {
        index,
        records,
        lines,
        null,
        matching,
        general,
        emit,
        on_error,
        field,
    } = *args;
    let input = InputArgs {
        paths: vec![PathBuf::from(STDIN)],
        files_from: None,
        null: false,
        memory: ReadOptions::MEMORY as usize,
        records,
    };
    if let (Some(_), Some(file)) = (&index, &matching.decisions) {
        bail!(
            "{}: an index does not keep decisions, so --index and --decisions do not go together; leave one of them out, or use \
             `samewire group --decisions` on the output of `samewire index export --stories`",
            file.display()
        );
    }
    let seed_is_free = matching.find.judging.seed.is_none();
    let mut plan = Plan::new(input, matching, &general)?;
    plan.check(&[], &[])?;
    let manner = Manner {
        emit,
        on_error,
        plain: lines || null,
        end: if null { 0 } else { b'\n' },
        name: serde_json::to_vec(&field)?,
    };
    if io::stdin().is_terminal() && plan.voice > Voice::Quiet {
        let what = if manner.plain {
            "one story a line"
        } else {
            "one JSON object a line, such as {\"id\":\"a\",\"text\":\"…\"}"
        };
        say(&format!(
            "samewire: reading stories from the terminal: {what}; Ctrl-D ends"
        ));
    }
    let (voice, exit_code) = (plan.voice, plan.exit_code);
    let index = match &index {
        Some(path) => Some(indexes::open_or_create(
            path,
            &mut plan.settings,
            seed_is_free,
            voice,
        )?),
        None => None,
    };
    // Once more: the index may be new, and nothing else goes into its directory.
    plan.check(&[], &[])?;
    let limit = plan.reading.max_record.min(ReadOptions::LARGEST_RECORD);
    let splitter = Splitter::new(manner.end, limit);
    let (answering, storing) = Answering::new(plan, manner, index)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("starting the input and output")?;
    let ended = runtime.block_on(drive(splitter, answering, storing));
    // What still waits for whoever reads must not keep the process.
    runtime.shutdown_background();
    let Some(summary) = ended? else {
        return Ok(Exit::Done);
    };
    if voice == Voice::Verbose {
        tell(&summary);
    }
    let counts = &summary.counts;
    let found = counts.repeats + counts.caption_repeats > 0;
    Ok(Exit::of(exit_code, found, summary.rejected > 0))
}

/// None where time ran out after a request to stop.
async fn drive(
    splitter: Splitter,
    answering: Answering,
    storing: Option<Storing>,
) -> Result<Option<Summary>> {
    let mut signals = Signals::new()?;
    let (to_answer, blocks) = mpsc::channel(WAITING);
    let (to_write, answers) = mpsc::channel(WAITING);
    let (stop, stopped) = watch::channel(false);
    let worker = thread::Builder::new()
        .name("answering".into())
        .spawn(move || answering.run(blocks, &to_write))
        .context("starting a thread")?;
    let mut reading: Doing = Box::pin(take_in(splitter, to_answer, stopped));
    let (changes, mut stored) = match storing {
        Some(storing) => (Some(storing.changes), Some(storing.ended)),
        None => (None, None),
    };
    let mut writing: Doing = Box::pin(write_out(answers, changes));
    let mut taken_in = false;
    let mut written_out = false;
    let mut unwritten = None;
    let mut deadline = None;
    while !written_out || stored.is_some() {
        let time_is_up = async {
            match deadline {
                Some(at) => tokio::time::sleep_until(at).await,
                None => pending().await,
            }
        };
        tokio::select! {
            read = &mut reading, if !taken_in => {
                read?;
                taken_in = true;
                // With the sender the queue ends, and with it the answers.
                reading = Box::pin(pending());
            }
            written = &mut writing, if !written_out => {
                // Also where nobody reads on: what was read is to be remembered.
                unwritten = written.err();
                written_out = true;
                // With the sender of changes the queue ends, and with it the session.
                writing = Box::pin(pending());
            }
            ended = async {
                match &mut stored {
                    Some(ended) => Storing::end(ended).await,
                    None => pending().await,
                }
            } => {
                ended?;
                stored = None;
            }
            () = signals.next() => {
                if deadline.is_some() {
                    std::process::exit(INTERRUPTED);
                }
                deadline = Some(tokio::time::Instant::now() + DRAIN);
                let _ = stop.send(true);
            }
            () = time_is_up => return Ok(None),
        }
    }
    if let Some(error) = unwritten {
        return Err(error);
    }
    let summary = worker
        .join()
        .map_err(|_| anyhow!("a fault in the program: the thread that answers broke off"))??;
    Ok(Some(summary))
}

type Doing = std::pin::Pin<Box<dyn Future<Output = Result<()>>>>;

/// Hands on what comes, as soon as it comes, while there is room for it.
async fn take_in(
    splitter: Splitter,
    blocks: Sender<Block>,
    mut stopped: watch::Receiver<bool>,
) -> Result<()> {
    let room = Arc::new(Semaphore::new(IN_FLIGHT));
    let (came, mut coming) = mpsc::channel(1);
    thread::Builder::new()
        .name("reading".into())
        .spawn(move || {
            if let Err(e) = read(splitter, &came) {
                // Nobody to tell: then all has ended.
                let _ = came.blocking_send(Err(e));
            }
        })
        .context("starting a thread")?;
    loop {
        let block = tokio::select! {
            block = coming.recv() => block,
            _ = stopped.wait_for(|&stop| stop) => return Ok(()),
        };
        let Some(block) = block else {
            return Ok(());
        };
        let mut block = block?;
        let weight = block.weight().min(IN_FLIGHT) as u32;
        block.permit = Some(room.clone().acquire_many_owned(weight).await?);
        if blocks.send(block).await.is_err() {
            return Ok(());
        }
    }
}

/// Reads standard input until it ends or nobody takes what comes, on a thread of its own, for a read may wait for ever.
fn read(mut splitter: Splitter, came: &Sender<Result<Block>>) -> Result<()> {
    let mut stdin = io::stdin().lock();
    let mut head = Vec::with_capacity(MAGIC);
    loop {
        let room = splitter.room();
        let count = match stdin.read(room) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            count => count.context("reading standard input")?,
        };
        // Bytes may come one by one. No line ends within what packed input begins with, so nothing is answered before it is seen.
        if head.len() < MAGIC {
            let missing = (MAGIC - head.len()).min(count);
            head.extend_from_slice(&room[..missing]);
            refuse_packed(&head)?;
        }
        let block = match count {
            0 => splitter.finish(),
            count => splitter.came(count),
        };
        let gone = block.is_some_and(|block| came.blocking_send(Ok(block)).is_err());
        if gone || count == 0 {
            return Ok(());
        }
    }
}

/// Bytes by which packed input is known.
const MAGIC: usize = 4;

/// Refuses what is no text: unpacking in the middle of a feed would hold lines back.
fn refuse_packed(head: &[u8]) -> Result<()> {
    for (magic, form, program) in [
        (&b"\x1f\x8b"[..], "gzip", "zcat"),
        (b"\x28\xb5\x2f\xfd", "zstd", "zstdcat"),
    ] {
        if head.starts_with(magic) {
            bail!(
                "standard input: is packed with {form}; unpack it on the way: {program} FILE | samewire stream"
            );
        }
    }
    Ok(())
}

/// Writes answers as they come; once they are, the index is told what it must know.
async fn write_out(mut answers: Receiver<Answer>, changes: Option<Sender<Told>>) -> Result<()> {
    while let Some(Answer {
        bytes,
        blocks,
        told,
    }) = answers.recv().await
    {
        // On a thread that may wait for whoever reads.
        let write = move || replying::write(&bytes, &blocks, &mut io::stdout().lock());
        tokio::task::spawn_blocking(write)
            .await?
            .map_err(unwritten)?;
        if let (Some(changes), Some(told)) = (&changes, told)
            && changes.send(told).await.is_err()
        {
            // Why it takes no more, it says itself.
            return Ok(());
        }
    }
    Ok(())
}

#[allow(clippy::needless_pass_by_value)] // as `map_err` hands it over
fn unwritten(error: io::Error) -> anyhow::Error {
    output::named(Path::new("standard output"), &error).into()
}

/// Requests to stop.
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
            })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            pending().await
        }
    }
}

fn tell(summary: &Summary) {
    let counts = &summary.counts;
    for (name, value) in [
        ("stories", counts.stories),
        ("answered before, under the same id", counts.again),
        ("stories that repeat", counts.repeats),
        ("captions", counts.captions),
        ("captions that repeat", counts.caption_repeats),
        ("pairs compared", counts.candidates),
        ("pairs left out, as very much was alike", counts.left_out),
        ("groups that turned out to be another", counts.merges),
        ("keys that very many share", counts.capped_keys),
        ("stories with an odd time", counts.odd_times),
        ("stories that have left", counts.left),
        ("stories remembered", counts.held),
        ("rejected", summary.rejected),
    ] {
        say(&format!("samewire: {name}: {value}"));
    }
}
