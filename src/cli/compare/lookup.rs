/*!
Ids as a user names them → units.

A name is a story's id, or that and `#caption-N`; failing that, the `path:line` of a record. One pass over the stories
keeps those that are asked for, so that memory follows the list and not the corpus.
*/

use std::collections::HashMap;
use std::fmt;

use rayon::prelude::*;
use samewire::report::counted;
use samewire::verify::prepared::Making;
use samewire::{Corpus, Settings, StoryId};

/// Between a story's id and the number of a caption.
const CAPTION: &str = "#caption-";
/// Places that a note names.
const NAMED: usize = 3;

/// A unit that a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The story.
    pub story: StoryId,
    /// Number of the unit in it; 0 is the record as a whole.
    pub which: usize,
}

impl Found {
    /// A record as a whole.
    pub fn whole(story: StoryId) -> Self {
        Self { story, which: 0 }
    }
}

/// Why a name stands for nothing; displays as cause and next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// No story has that id.
    Story { stories: usize },
    /// The story has fewer captions.
    Caption { story: String, captions: usize },
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Story { stories } => write!(
                f,
                "none of the {} read has this id; `samewire group PATH --all --json` lists the ids",
                counted(*stories as u64, "story", "stories")
            ),
            Self::Caption { story, captions: 0 } => {
                write!(
                    f,
                    "no caption was found in story {story}; leave the #caption part out to compare the story"
                )
            }
            Self::Caption { story, captions } => write!(
                f,
                "story {story} has {captions} caption{}; give a number from 1 to {captions}",
                if *captions == 1 { "" } else { "s" }
            ),
        }
    }
}

/// The stories that are asked for.
pub struct Lookup<'s> {
    store: &'s dyn Corpus,
    settings: &'s Settings,
    /// Wanted names of stories → all that have it, in input order.
    stories: HashMap<String, Vec<StoryId>>,
}

impl<'s> Lookup<'s> {
    /// Finds the stories of these names.
    pub fn new<'n>(
        store: &'s dyn Corpus,
        settings: &'s Settings,
        names: impl Iterator<Item = &'n str>,
    ) -> Self {
        let mut stories: HashMap<String, Vec<StoryId>> = HashMap::new();
        for name in names {
            for part in [Some(name), split(name).map(|(story, _)| story)]
                .into_iter()
                .flatten()
            {
                if !stories.contains_key(part) {
                    stories.insert(part.to_owned(), Vec::new());
                }
            }
        }
        let all = 0..store.len() as u32;
        let hits: Vec<(String, StoryId)> = all
            .clone()
            .into_par_iter()
            .with_min_len(256)
            .filter_map(|i| {
                let id = store.story(StoryId(i)).id;
                stories
                    .contains_key(&*id)
                    .then(|| (id.into_owned(), StoryId(i)))
            })
            .collect();
        for (id, story) in hits {
            stories.entry(id).or_default().push(story);
        }
        // An id goes before a place; a place is looked for only where something is missing.
        if stories
            .iter()
            .any(|(name, found)| found.is_empty() && name.contains(':'))
        {
            for i in all {
                let place = place(store, StoryId(i));
                if let Some(found) = stories.get_mut(&place).filter(|f| f.is_empty()) {
                    found.push(StoryId(i));
                }
            }
        }
        Self {
            store,
            settings,
            stories,
        }
    }

    /// The units of a pair. A name paired with itself means its first two versions, if there are two.
    pub fn pair(&self, a: &str, b: &str) -> (Result<Found, Missing>, Result<Found, Missing>) {
        let other = usize::from(a == b);
        (self.find(a, 0), self.find(b, other))
    }

    /// The unit that a name stands for: of several versions that number, or the last.
    pub fn find(&self, name: &str, version: usize) -> Result<Found, Missing> {
        let of = |name: &str| -> Option<StoryId> {
            let all = self.stories.get(name)?;
            all.get(version).or(all.last()).copied()
        };
        if let Some(story) = of(name) {
            return Ok(Found::whole(story));
        }
        let missing = Missing::Story {
            stories: self.store.len(),
        };
        let (id, number) = split(name).ok_or_else(|| missing.clone())?;
        let story = of(id).ok_or(missing)?;
        let captions = Making::new(self.settings).count(&self.store.story(story)) - 1;
        if (1..=captions).contains(&number) {
            Ok(Found {
                story,
                which: number,
            })
        } else {
            Err(Missing::Caption {
                story: id.to_owned(),
                captions,
            })
        }
    }

    /// How many stories have that id, of those that were asked for.
    pub fn versions(&self, id: &str) -> usize {
        self.stories.get(id).map_or(0, Vec::len)
    }

    /// A line for each name of the pair that several stories have.
    pub fn notes(&self, a: &str, b: &str, found: [&Found; 2]) -> Vec<String> {
        let mut notes = Vec::new();
        for name in [a, b] {
            if name == b && a == b && !notes.is_empty() {
                break;
            }
            let id = if self.stories.get(name).is_some_and(|s| !s.is_empty()) {
                name
            } else {
                split(name).map_or(name, |(id, _)| id)
            };
            let all = self.stories.get(id).map_or(&[][..], Vec::as_slice);
            let used: Vec<StoryId> = all
                .iter()
                .copied()
                .filter(|s| found.iter().any(|f| f.story == *s))
                .collect();
            let others: Vec<String> = all
                .iter()
                .filter(|s| !used.contains(s))
                .map(|&s| place(self.store, s))
                .collect();
            if all.len() < 2 {
                continue;
            }
            let at: Vec<String> = used.iter().map(|&s| place(self.store, s)).collect();
            let mut note = format!(
                "samewire: {id}: {} versions; compared: {}",
                all.len(),
                at.join(", ")
            );
            if !others.is_empty() {
                note.push_str("; not compared: ");
                note.push_str(
                    &others
                        .iter()
                        .take(NAMED)
                        .cloned()
                        .collect::<Vec<_>>()
                        .join(", "),
                );
                if others.len() > NAMED {
                    note += " and ";
                    note += &(others.len() - NAMED).to_string();
                    note += " more";
                }
                note.push_str(" (such a place may stand for the id)");
            }
            notes.push(note);
        }
        notes
    }
}

/// A name of a caption as its story's id and its number.
fn split(name: &str) -> Option<(&str, usize)> {
    let (story, number) = name.rsplit_once(CAPTION)?;
    Some((story, number.parse().ok()?))
}

/// Where a story was read from, as `path:line`, or the path where a file is one story.
pub fn place(store: &dyn Corpus, story: StoryId) -> String {
    let origin = store.origin(story);
    match origin.line {
        Some(line) => format!("{}:{line}", origin.path),
        None => origin.path.to_owned(),
    }
}
