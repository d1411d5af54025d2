//! Texts and verdicts that an index holds: what was lately put or asked for in memory, the rest from the database.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::shelf::Shelf;
use crate::error::Result;
use crate::group::verdict::Verdict;
use crate::index::store::Index;
use crate::story::Story;

/// Bytes of texts that stay in memory.
const RECENT: usize = 16 << 20;
/// What a story weighs besides its text.
const STORY_WEIGHT: usize = 512;

/// Up to which story all is durable: told by whoever writes, read by whoever asks.
pub type Committed = Arc<AtomicU64>;

/// The stories of an index.
#[derive(Debug)]
pub struct OnDisk {
    reader: Index,
    recent: HashMap<u64, Kept>,
    /// In the order in which they came.
    order: VecDeque<u64>,
    bytes: usize,
    /// Number of the first story that may not be in the database yet.
    committed: Committed,
}

#[derive(Debug, Default)]
struct Kept {
    story: Option<Arc<Story<'static>>>,
    verdicts: Option<Arc<[Verdict]>>,
}

impl OnDisk {
    /// Over what this reader reads.
    pub fn new(reader: Index, committed: Committed) -> Self {
        Self {
            reader,
            recent: HashMap::new(),
            order: VecDeque::new(),
            bytes: 0,
            committed,
        }
    }

    fn keep(&mut self, number: u64, story: Arc<Story<'static>>) {
        self.bytes += weight(&story);
        self.order.push_back(number);
        self.recent.entry(number).or_default().story = Some(story);
        let committed = self.committed.load(Ordering::Acquire);
        while self.bytes > RECENT
            && let Some(&oldest) = self.order.front()
            && oldest < committed
        {
            self.order.pop_front();
            self.forget(oldest);
        }
    }
}

fn weight(story: &Story<'_>) -> usize {
    story.text.len() + STORY_WEIGHT
}

impl Shelf for OnDisk {
    fn put(&mut self, number: u64, story: Arc<Story<'static>>) {
        self.keep(number, story);
    }

    fn settle(&mut self, number: u64, verdicts: Arc<[Verdict]>) {
        if let Some(kept) = self.recent.get_mut(&number) {
            kept.verdicts = Some(verdicts);
        }
    }

    fn story(&mut self, number: u64) -> Result<Arc<Story<'static>>> {
        if let Some(Kept { story: Some(s), .. }) = self.recent.get(&number) {
            return Ok(s.clone());
        }
        let story = Arc::new(self.reader.story(number)?);
        self.keep(number, story.clone());
        Ok(story)
    }

    fn verdicts(&mut self, number: u64) -> Result<Arc<[Verdict]>> {
        if let Some(Kept {
            verdicts: Some(v), ..
        }) = self.recent.get(&number)
        {
            return Ok(v.clone());
        }
        self.reader.verdicts(number)
    }

    fn forget(&mut self, number: u64) {
        if let Some(kept) = self.recent.remove(&number) {
            self.bytes -= kept.story.map_or(0, |s| weight(&s));
        }
        // What has left must not be counted for ever.
        while let Some(oldest) = self.order.front()
            && !self.recent.contains_key(oldest)
        {
            self.order.pop_front();
        }
    }

    fn end(mut self: Box<Self>) {
        // The database is to be left in order.
        std::mem::forget(std::mem::take(&mut self.recent));
    }
}
