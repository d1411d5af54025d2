/*!
What was read of stories besides their texts, while there is room: what names a group, gives a member its place in it and
stands in its line would otherwise each take the record from its file again and parse all of it.

Invariant: a head that is kept is the one that its record had. Beyond the room nothing is kept, and nothing is put out again.
*/

use std::borrow::Cow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::story::{Story, StoryId, UnitKind};
use crate::text::simd;

/// Stories without their texts, by number.
#[derive(Debug)]
pub(super) struct Heads {
    kept: Vec<OnceLock<Box<Head>>>,
    held: AtomicU64,
    room: u64,
}

/// What a story has besides its text, in one piece.
#[derive(Debug)]
struct Head {
    /// Id, title, time, source and version, one after the other.
    fields: Box<str>,
    /// Bytes of each, or [`NONE`].
    lens: [u32; 5],
    kind: UnitKind,
}

/// In place of a length: the story has no such field. None is as long, for a chunk has fewer bytes.
const NONE: u32 = u32::MAX;

impl Heads {
    /// For about so many bytes.
    pub fn new(room: u64) -> Self {
        Self {
            kept: Vec::new(),
            held: AtomicU64::new(0),
            room,
        }
    }

    /// Makes room for so many more stories.
    pub fn expect(&mut self, stories: usize) {
        self.kept.reserve_exact(stories);
    }

    /// Heads can be kept of so many stories in all.
    pub fn grow(&mut self, stories: usize) {
        self.kept.resize_with(stories, OnceLock::new);
    }

    /// The head of that story is asked for, or kept, soon.
    pub fn locate(&self, id: StoryId) {
        if let Some(place) = self.kept.get(id.index()) {
            simd::fetch(place);
        }
    }

    /// The head of that story, if it is kept.
    pub fn get(&self, id: StoryId) -> Option<Story<'_>> {
        Some(self.kept.get(id.index())?.get()?.story())
    }

    /// Keeps what a story has besides its text.
    pub fn keep(&self, id: StoryId, story: &Story<'_>) {
        let Some(place) = self.kept.get(id.index()) else {
            return;
        };
        if place.get().is_some() || self.held.load(Ordering::Relaxed) >= self.room {
            return;
        }
        let head = Box::new(Head::of(story));
        let bytes = (size_of::<Head>() + head.fields.len()) as u64;
        if place.set(head).is_ok() {
            self.held.fetch_add(bytes, Ordering::Relaxed);
        }
    }
}

/// A copy of what a story has besides its text.
pub(super) fn head_of(story: &Story<'_>) -> Story<'static> {
    Head::of(story).story().into_owned()
}

impl Head {
    fn of(story: &Story<'_>) -> Self {
        let fields = [
            Some(&*story.id),
            story.title.as_deref(),
            story.time.as_deref(),
            story.source.as_deref(),
            story.version.as_deref(),
        ];
        let lens = fields.map(|field| field.map_or(NONE, |f| f.len() as u32));
        let mut all = String::with_capacity(fields.iter().flatten().map(|f| f.len()).sum());
        all.extend(fields.into_iter().flatten());
        Self {
            fields: all.into_boxed_str(),
            lens,
            kind: story.kind,
        }
    }

    fn story(&self) -> Story<'_> {
        let mut rest = &*self.fields;
        let [id, title, time, source, version] = self.lens.map(|len| {
            (len != NONE).then(|| {
                let (own, after) = rest.split_at(len as usize);
                rest = after;
                Cow::Borrowed(own)
            })
        });
        Story {
            id: id.unwrap_or_default(),
            text: Cow::Borrowed(""),
            title,
            time,
            source,
            version,
            kind: self.kind,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_kept_while_there_is_room() {
        let mut heads = Heads::new(1_000);
        // Each has other fields, some of them empty.
        let story = |number: u32| {
            let field = |bit: u32| {
                (number >> bit & 1 == 1).then(|| "né ".repeat(number as usize % 3).into())
            };
            Story {
                title: Some(format!("Title {number}").into()),
                time: field(0),
                source: field(1),
                version: field(2),
                ..Story::new(format!("s{number}"), "a text")
            }
        };
        heads.keep(StoryId(0), &story(0));
        assert!(heads.get(StoryId(0)).is_none(), "there is no place for it");
        heads.grow(100);
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
        let mut none = Heads::new(0);
        none.grow(2);
        none.keep(StoryId(1), &story(1));
        assert!(none.get(StoryId(1)).is_none());
    }
}
