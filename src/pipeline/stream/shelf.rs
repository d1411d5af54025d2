//! Where the stories stand that later ones may be compared with: their texts, and what was told of them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use crate::error::Result;
use crate::group::verdict::Verdict;
use crate::story::Story;

/// A story as it is kept; `text` says whether its text is needed later.
pub(super) fn kept(story: Story<'_>, text: bool) -> Story<'static> {
    if text {
        story.into_owned()
    } else {
        story.without_text().into_owned()
    }
}

/// Stories by number. Asked only for stories that were put and not forgotten.
pub trait Shelf: Send + fmt::Debug {
    /// Takes the next story. In memory its text is there only if one of its units is compared with others.
    fn put(&mut self, number: u64, story: Arc<Story<'static>>);
    /// Notes what was told of a story.
    fn settle(&mut self, number: u64, verdicts: Arc<[Verdict]>);
    /// The story with that number.
    ///
    /// # Errors
    /// When it cannot be read.
    fn story(&mut self, number: u64) -> Result<Arc<Story<'static>>>;
    /// What was told of the story with that number.
    ///
    /// # Errors
    /// When it cannot be read.
    fn verdicts(&mut self, number: u64) -> Result<Arc<[Verdict]>>;
    /// Frees a story that has left.
    fn forget(&mut self, number: u64);
    /// Ends with the process, which frees memory better than piece by piece.
    fn end(self: Box<Self>);
}

/// A story, and what was told of it.
type Kept = (Arc<Story<'static>>, Arc<[Verdict]>);

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

    fn kept(&mut self, number: u64) -> &Kept {
        self.place(number)
            .and_then(|place| place.as_ref())
            .expect("a story is forgotten only when nothing speaks of it")
    }
}

impl Shelf for InMemory {
    fn put(&mut self, number: u64, story: Arc<Story<'static>>) {
        debug_assert_eq!(number, self.first + self.stories.len() as u64);
        self.stories.push_back(Some((story, Arc::default())));
    }

    fn settle(&mut self, number: u64, verdicts: Arc<[Verdict]>) {
        if let Some(Some(kept)) = self.place(number) {
            kept.1 = verdicts;
        }
    }

    fn story(&mut self, number: u64) -> Result<Arc<Story<'static>>> {
        Ok(self.kept(number).0.clone())
    }

    fn verdicts(&mut self, number: u64) -> Result<Arc<[Verdict]>> {
        Ok(self.kept(number).1.clone())
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

    fn end(self: Box<Self>) {
        std::mem::forget(self);
    }
}
