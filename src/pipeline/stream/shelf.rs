//! Where the stories stand that later ones may be compared with: their texts, and what was told of them.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use crate::error::Result;
use crate::group::verdict::Verdict;
use crate::story::Story;

/// A story that is kept.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// The story. In memory its text is there only if one of its units is compared with others.
    pub story: Arc<Story<'static>>,
    /// What was told of it.
    pub verdicts: Arc<[Verdict]>,
}

impl Kept {
    /// A story as it came; `text` says whether its text is needed later.
    pub fn new(story: Story<'_>, text: bool) -> Self {
        let own = |field: Cow<'_, str>| Cow::Owned(field.into_owned());
        let story = Story {
            id: own(story.id),
            text: if text { own(story.text) } else { Cow::default() },
            title: story.title.map(own),
            time: story.time.map(own),
            source: story.source.map(own),
            version: story.version.map(own),
            kind: story.kind,
        };
        Self {
            story: Arc::new(story),
            verdicts: Arc::default(),
        }
    }
}

/// Stories by number. Asked only for stories that were put and not forgotten.
pub trait Shelf: Send + fmt::Debug {
    /// Takes the next story.
    fn put(&mut self, number: u64, kept: Kept);
    /// Notes what was told of a story.
    fn settle(&mut self, number: u64, verdicts: Arc<[Verdict]>);
    /// The story with that number.
    ///
    /// # Errors
    /// When it cannot be read.
    fn get(&mut self, number: u64) -> Result<Kept>;
    /// Frees a story that has left.
    fn forget(&mut self, number: u64);
}

/// All stories in memory.
#[derive(Debug, Default)]
pub struct InMemory {
    first: u64,
    stories: VecDeque<Option<Kept>>,
}

impl InMemory {
    fn place(&mut self, number: u64) -> Option<&mut Option<Kept>> {
        let place = number.checked_sub(self.first)?;
        self.stories.get_mut(place as usize)
    }
}

impl Shelf for InMemory {
    fn put(&mut self, number: u64, kept: Kept) {
        debug_assert_eq!(number, self.first + self.stories.len() as u64);
        self.stories.push_back(Some(kept));
    }

    fn settle(&mut self, number: u64, verdicts: Arc<[Verdict]>) {
        if let Some(Some(kept)) = self.place(number) {
            kept.verdicts = verdicts;
        }
    }

    fn get(&mut self, number: u64) -> Result<Kept> {
        Ok(self
            .place(number)
            .and_then(|place| place.as_ref())
            .expect("a story is forgotten only when nothing speaks of it")
            .clone())
    }

    fn forget(&mut self, number: u64) {
        if let Some(place) = self.place(number) {
            *place = None;
        }
        while let Some(None) = self.stories.front() {
            self.stories.pop_front();
            self.first += 1;
        }
    }
}
