/*!
Changes → the index, on a thread of its own.

A change comes here when the lines that it belongs to were written and flushed. Whatever waits is taken into one transaction;
when nothing waits it is committed at once. So a feed that pauses is durable, and one that does not is not held up by every
commit.
*/

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use samewire::index::store::Writer;
use samewire::index::store::change::Change;
use samewire::pipeline::stream::Committed;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

/// Changes that may wait: each has the stories of a part of the input.
const WAITING: usize = 8;
/// Stories in one transaction.
const MOST: usize = 8_192;

/// What is handed to the index.
#[derive(Debug)]
pub enum Told {
    /// What some lines changed.
    Change(Box<Change>),
    /// The look-up file was written at so many changes.
    Lookup(u64),
    /// All answers were written, and there will be no more.
    End,
}

/// The thread that stores.
pub struct Storing {
    /// Where changes are handed over; it ends when this is dropped.
    pub changes: Sender<Told>,
    /// How it ended.
    pub ended: oneshot::Receiver<Result<()>>,
}

/// Starts it. `committed` and `lookup_waits` are told how far it is.
pub fn start(
    writer: Writer,
    committed: Committed,
    lookup_waits: Arc<AtomicBool>,
) -> Result<Storing> {
    let (changes, told) = channel(WAITING);
    let (end, ended) = oneshot::channel();
    thread::Builder::new()
        .name("storing".into())
        .spawn(move || {
            let _ = end.send(run(writer, told, &committed, &lookup_waits));
        })
        .context("starting a thread")?;
    Ok(Storing { changes, ended })
}

impl Storing {
    /// Its end, once nothing more is handed over.
    pub async fn end(ended: &mut oneshot::Receiver<Result<()>>) -> Result<()> {
        ended
            .await
            .map_err(|_| anyhow!("a fault in the program: the thread that stores broke off"))?
    }
}

fn run(
    mut writer: Writer,
    mut told: Receiver<Told>,
    committed: &Committed,
    lookup_waits: &AtomicBool,
) -> Result<()> {
    let mut next = told.blocking_recv();
    while let Some(first) = next.take() {
        let mut stories = 0;
        let mut waiting = Some(first);
        while let Some(one) = waiting.take() {
            match one {
                Told::Change(change) => {
                    stories += change.stories.len();
                    writer.apply(&change)?;
                }
                Told::Lookup(ticks) => {
                    writer.publish_lookup(ticks)?;
                    lookup_waits.store(false, Ordering::Release);
                }
                // Not where the reader went away: such a run may be fed again like one that was killed.
                Told::End => writer.end()?,
            }
            if stories < MOST {
                waiting = told.try_recv().ok();
            }
        }
        writer.commit()?;
        committed.store(writer.state().next_story, Ordering::Release);
        next = told.blocking_recv();
    }
    Ok(())
}
