/*!
Runs the search for passages over a corpus, in parallel; the stages are those of [`crate::passages`].
*/

use std::time::{Duration, Instant};

use super::first_pass::{self, PerStory};
use super::progress::Progress;
use crate::config::PassageSettings;
use crate::error::Result;
use crate::passages::seeds::{Flowing, Flows};
use crate::passages::{self, Passages};
use crate::read::keep::Keeper;
use crate::read::{ReadOptions, Rejection, Store, Walk};
use crate::story::{Corpus as _, Story};

/// All that a run found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The passages.
    pub found: Passages,
    /// What could not be used.
    pub rejections: Vec<Rejection>,
    /// Stories read.
    pub stories: u64,
    /// Bytes of input, as decompressed.
    pub bytes: u64,
    /// Time the run took.
    pub elapsed: Duration,
}

impl PerStory for Flowing {
    type Part = Flows;

    fn add(&mut self, story: &Story<'_>, out: &mut Flows) {
        Flowing::add(self, story, out);
    }
}

/// Finds the passages of stories in memory.
///
/// ```
/// use samewire::{PassageSettings, Story, pipeline::{passages, progress::Silent}};
///
/// let quote = "the herring does not read the line that was drawn on the chart";
/// let stories = [
///     Story::new("a", format!("She said: \"{quote},\" and left.")),
///     Story::new("b", "Rain is expected over the coast for most of the week."),
///     Story::new("c", format!("As Ms Haas has it, {quote}.")),
/// ];
/// let outcome = passages::find_in_stories(&stories, &PassageSettings::default(), &Silent)?;
/// let passage = &outcome.found.passages[0];
/// assert_eq!(passage.text(&stories[..]), quote);
/// assert_eq!((passage.stories, passage.words()), (2, 13));
/// # Ok::<(), samewire::Error>(())
/// ```
///
/// # Errors
/// When a setting is out of range, or there are more words than can be numbered.
pub fn find_in_stories(
    stories: &[Story<'_>],
    settings: &PassageSettings,
    progress: &dyn Progress,
) -> Result<Outcome> {
    let started = Instant::now();
    settings.validate()?;
    let flows = first_pass::over_stories(stories, || Flowing::new(settings));
    progress.begin("passages", None);
    let found = passages::find(stories, flows, settings)?;
    progress.end();
    Ok(Outcome {
        found,
        rejections: Vec::new(),
        stories: stories.len() as u64,
        bytes: stories.iter().map(|s| s.text.len() as u64).sum(),
        elapsed: started.elapsed(),
    })
}

/// Finds the passages of the stories of files.
///
/// What cannot be read is in the outcome's rejections, those of the walk first, then in input order.
///
/// # Errors
/// When a setting is out of range, or there are more stories or words than can be numbered.
pub fn find_in_files(
    walk: Walk,
    options: &ReadOptions,
    settings: &PassageSettings,
    progress: &dyn Progress,
) -> Result<(Store, Outcome)> {
    let started = Instant::now();
    settings.validate()?;
    let worker = || Flowing::new(settings);
    let read =
        first_pass::over_files(walk, options, Keeper::of(options), progress, worker, |_| {
            Ok(())
        })?;
    progress.begin("passages", None);
    let found = passages::find(&read.store, read.parts, settings)?;
    progress.end();
    let mut rejections = read.rejections;
    rejections.extend(read.store.lost());
    let outcome = Outcome {
        found,
        rejections,
        stories: read.store.len() as u64,
        bytes: read.bytes,
        elapsed: started.elapsed(),
    };
    Ok((read.store, outcome))
}
