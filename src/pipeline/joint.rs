//! Stories of an index, and after them the stories of a run: one corpus.

use crate::read::Store;
use crate::story::{Corpus, Origin, Story, StoryId};

/// Both.
#[derive(Debug)]
pub struct Joint {
    /// Those of the index, in its order.
    pub known: Vec<Story<'static>>,
    /// What is told as their path: the index.
    pub index: String,
    /// Those that were read.
    pub store: Store,
}

impl Joint {
    /// The number of a story that was read among those read; none for one of the index.
    pub fn read(&self, id: StoryId) -> Option<StoryId> {
        id.0.checked_sub(self.known.len() as u32).map(StoryId)
    }
}

impl Corpus for Joint {
    fn len(&self) -> usize {
        self.known.len() + self.store.len()
    }

    fn story(&self, id: StoryId) -> Story<'_> {
        match self.read(id) {
            Some(id) => self.store.story(id),
            None => self.known[..].story(id),
        }
    }

    fn show(&self, id: StoryId, see: &mut dyn FnMut(&Story<'_>)) {
        match self.read(id) {
            Some(id) => self.store.show(id, see),
            None => self.known[..].show(id, see),
        }
    }

    fn locate(&self, id: StoryId) {
        if let Some(id) = self.read(id) {
            self.store.locate(id);
        }
    }

    fn expect(&self, id: StoryId) {
        if let Some(id) = self.read(id) {
            self.store.expect(id);
        }
    }

    fn head(&self, id: StoryId) -> Story<'_> {
        match self.read(id) {
            Some(id) => self.store.head(id),
            None => self.known[..].head(id),
        }
    }

    fn origin(&self, id: StoryId) -> Origin<'_> {
        match self.read(id) {
            Some(id) => self.store.origin(id),
            None => Origin {
                path: &self.index,
                line: None,
            },
        }
    }
}
