/*!
What was read of stories besides their texts, while there is room: what names a group, gives a member its place in it and
stands in its line would otherwise each take the record from its file again and parse all of it.

Invariant: a head that is kept is the one that its record had. Beyond the room nothing is kept, and nothing is put out again.
*/

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::story::{Story, StoryId};

/// Tables, so that threads seldom wait for one another.
const TABLES: usize = 16;

/// Boxed, so that a table that grows moves little.
type Table = HashMap<StoryId, Box<Story<'static>>>;

/// Stories without their texts, by number.
#[derive(Debug)]
pub(super) struct Heads {
    tables: [Mutex<Table>; TABLES],
    held: AtomicU64,
    room: u64,
}

impl Heads {
    /// For about so many bytes.
    pub fn new(room: u64) -> Self {
        Self {
            tables: Default::default(),
            held: AtomicU64::new(0),
            room,
        }
    }

    fn table(&self, id: StoryId) -> MutexGuard<'_, Table> {
        let table = &self.tables[id.index() % TABLES];
        table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The head of that story, if it is kept.
    pub fn get(&self, id: StoryId) -> Option<Story<'static>> {
        self.table(id).get(&id).map(|head| Story::clone(head))
    }

    /// Keeps what a story has besides its text.
    pub fn keep(&self, id: StoryId, story: &Story<'_>) {
        if self.held.load(Ordering::Relaxed) >= self.room {
            return;
        }
        if let Entry::Vacant(place) = self.table(id).entry(id) {
            self.held.fetch_add(bytes(story), Ordering::Relaxed);
            place.insert(Box::new(head_of(story).into_owned()));
        }
    }
}

/// The story without its text.
pub(super) fn head_of<'s>(story: &'s Story<'_>) -> Story<'s> {
    let lent = |field: &'s Option<Cow<'_, str>>| field.as_deref().map(Cow::Borrowed);
    Story {
        id: Cow::Borrowed(&story.id),
        text: Cow::Borrowed(""),
        title: lent(&story.title),
        time: lent(&story.time),
        source: lent(&story.source),
        version: lent(&story.version),
        kind: story.kind,
    }
}

/// About what a head takes, with its place in a table that is half full.
fn bytes(story: &Story<'_>) -> u64 {
    let fields = [&story.title, &story.time, &story.source, &story.version];
    let fields: usize = fields
        .iter()
        .filter_map(|f| f.as_deref())
        .map(str::len)
        .sum();
    (fields + story.id.len() + size_of::<Story<'_>>() + 2 * size_of::<(StoryId, usize)>()) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_kept_while_there_is_room() {
        let heads = Heads::new(1_000);
        let story = |number: u32| Story {
            title: Some(format!("Title {number}").into()),
            ..Story::new(format!("s{number}"), "a text")
        };
        for number in 0..100 {
            heads.keep(StoryId(number), &story(number));
        }
        let kept = (0..100).filter(|&number| heads.get(StoryId(number)).is_some());
        let kept: Vec<u32> = kept.collect();
        assert!((1..20).contains(&kept.len()), "{kept:?}");
        for number in kept {
            let head = heads.get(StoryId(number)).unwrap();
            assert_eq!(head, story(number).without_text());
        }
        Heads::new(0).keep(StoryId(1), &story(1));
    }
}
