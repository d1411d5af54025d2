/*!
The words of the trade as types: what is read ([`Story`]), what is compared ([`Unit`]) and how they
are numbered.

Everything after the read stage speaks of stories and units by number. Numbers follow input order
(the order of the paths given, then the order of records in each file), so "earlier" has one meaning
for every run, whatever the number of threads.
*/

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Position of a story in input order, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoryId(pub u32);

/// Position of a unit in input order, from 0. The units of one story are consecutive: its body, then its captions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(pub u32);

impl StoryId {
    /// The number as an index into a table of stories.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl UnitId {
    /// The number as an index into a table of units.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A range of bytes of a story's text in UTF-8, end exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteRange {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl ByteRange {
    /// The range `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end);
        Self {
            start: start as u32,
            end: end as u32,
        }
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the range holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The bytes of `text` in this range.
    ///
    /// # Panics
    /// If the range does not lie on character boundaries of `text`.
    pub fn of(self, text: &str) -> &str {
        &text[self.start as usize..self.end as usize]
    }

    /// Whether `other` lies wholly inside.
    pub fn contains(self, other: ByteRange) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// What a record holds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum UnitKind {
    /// A wire story, or the body of one.
    #[default]
    Story,
    /// A photo caption.
    Caption,
}

impl fmt::Display for UnitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            UnitKind::Story => "story",
            UnitKind::Caption => "caption",
        })
    }
}

/// One input document: what the read stage hands to all others.
///
/// Text fields borrow from the input where they can.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story<'a> {
    /// Name that the user knows it by; `path` or `path:line` where the input gives none.
    pub id: Cow<'a, str>,
    /// The text that is compared.
    pub text: Cow<'a, str>,
    /// Headline.
    pub title: Option<Cow<'a, str>>,
    /// Time as written in the input; see [`time_of`](crate::story::Story::seconds).
    pub time: Option<Cow<'a, str>>,
    /// Agency or outlet.
    pub source: Option<Cow<'a, str>>,
    /// Version as written in the input; a number or a name.
    pub version: Option<Cow<'a, str>>,
    /// Whether the record is a caption as a whole.
    pub kind: UnitKind,
}

impl<'a> Story<'a> {
    /// A story with an id and a text and nothing else.
    ///
    /// ```
    /// let story = samewire::Story::new("a-1", "The bridge at Orle reopened on Monday.");
    /// assert_eq!(story.id, "a-1");
    /// ```
    pub fn new(id: impl Into<Cow<'a, str>>, text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            id: id.into(),
            text: text.into(),
            ..Self::default()
        }
    }

    /// The same story, borrowing all of it.
    #[must_use]
    pub fn lent(&self) -> Story<'_> {
        Story {
            id: Cow::Borrowed(&self.id),
            text: Cow::Borrowed(&self.text),
            title: self.title.as_deref().map(Cow::Borrowed),
            time: self.time.as_deref().map(Cow::Borrowed),
            source: self.source.as_deref().map(Cow::Borrowed),
            version: self.version.as_deref().map(Cow::Borrowed),
            kind: self.kind,
        }
    }

    /// The story with that part of its text for all of it.
    #[must_use]
    pub fn excerpt(&self, range: ByteRange) -> Self {
        let text = match &self.text {
            Cow::Borrowed(text) => Cow::Borrowed(range.of(text)),
            Cow::Owned(text) => Cow::Owned(range.of(text).to_owned()),
        };
        Self {
            id: self.id.clone(),
            text,
            title: self.title.clone(),
            time: self.time.clone(),
            source: self.source.clone(),
            version: self.version.clone(),
            kind: self.kind,
        }
    }

    /// All of it but its text.
    #[must_use]
    pub fn without_text(self) -> Self {
        Self {
            text: Cow::Borrowed(""),
            ..self
        }
    }

    /// The same story, borrowing nothing.
    #[must_use]
    pub fn into_owned(self) -> Story<'static> {
        let own = |field: Cow<'_, str>| Cow::Owned(field.into_owned());
        Story {
            id: own(self.id),
            text: own(self.text),
            title: self.title.map(own),
            time: self.time.map(own),
            source: self.source.map(own),
            version: self.version.map(own),
            kind: self.kind,
        }
    }

    /// The time in seconds since 1970-01-01T00:00Z, when it is given in a form that is understood.
    pub fn seconds(&self) -> Option<i64> {
        crate::read::time::parse(self.time.as_deref()?)
    }
}

/// Where a story came from, for messages and output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The path as the user would type it; `-` is standard input.
    pub path: &'a str,
    /// Line of the record, from 1; none where a file is one story.
    pub line: Option<u64>,
}

/// Stories that can be had again by number: what the stages after the first pass read from.
///
/// The batch keeps input bytes and parses a record again when its text is needed (a few microseconds a story),
/// instead of holding every text decoded.
pub trait Corpus: Sync {
    /// How many stories there are.
    fn len(&self) -> usize;
    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The story with that number.
    fn story(&self, id: StoryId) -> Story<'_>;
    /// Hands the story with that number to `see`: cheaper than [`story`](Self::story) where its text is not kept.
    fn show(&self, id: StoryId, see: &mut dyn FnMut(&Story<'_>)) {
        see(&self.story(id));
    }
    /// What tells where the story with that number lies is asked for soon.
    fn locate(&self, _id: StoryId) {}
    /// The story with that number is asked for next.
    fn expect(&self, _id: StoryId) {}
    /// The story with that number, its text left out.
    fn head(&self, id: StoryId) -> Story<'_> {
        self.story(id).without_text()
    }
    /// Where it came from.
    fn origin(&self, id: StoryId) -> Origin<'_>;
}

impl Corpus for [Story<'_>] {
    fn len(&self) -> usize {
        <[Story<'_>]>::len(self)
    }

    fn story(&self, id: StoryId) -> Story<'_> {
        self[id.index()].lent()
    }

    fn origin(&self, _id: StoryId) -> Origin<'_> {
        Origin {
            path: "memory",
            line: None,
        }
    }
}

/// What is compared: the body of a story, or one caption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The story that it belongs to.
    pub story: StoryId,
    /// Body or caption.
    pub kind: UnitKind,
    /// Number of the caption within its story, from 1; 0 for a body, and for a record that is a caption as a whole.
    pub caption: u16,
    /// Words in it, furniture aside.
    pub tokens: u32,
}

impl Unit {
    /// The unit's id: the story's, with `#caption-N` for a caption inside a story.
    pub fn id(&self, story_id: &str) -> String {
        if self.caption == 0 {
            story_id.to_owned()
        } else {
            format!("{story_id}#caption-{}", self.caption)
        }
    }
}
