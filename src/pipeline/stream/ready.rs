//! The part of the work that needs no other story: its units, their contents and keys.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_128;

use super::shelf::kept;
use crate::config::Settings;
use crate::pipeline::engine::{KeyPlan, Sketching, UnitSketch};
use crate::story::{Corpus, Story, StoryId, UnitKind};
use crate::threads::in_turn;

/// Stories that are made ready before a stream is asked about them: of so many the texts are held, twice.
const AT_ONCE: usize = 1_024;
/// Of these a thread takes so many at a time.
const A_THREAD: usize = 32;

/// A story with all that can be found out about it alone.
#[derive(Debug)]
pub struct Ready<'a> {
    pub(super) story: Story<'a>,
    pub(super) units: Vec<UnitSketch>,
    pub(super) identity: u128,
    pub(super) seconds: Option<i64>,
    pub(super) arrival: i64,
}

impl Ready<'_> {
    /// The id of the story.
    pub fn id(&self) -> &str {
        &self.story.id
    }

    /// The same with texts of its own.
    pub fn into_owned(self) -> Ready<'static> {
        Ready {
            story: kept(self.story, true),
            units: self.units,
            identity: self.identity,
            seconds: self.seconds,
            arrival: self.arrival,
        }
    }
}

/// Makes all stories of a corpus ready and asks about them, part after part in their order: about one part while the next is made ready by
/// other threads. Then `give` gets the answer, on the thread that called.
///
/// # Errors
/// When `ask` or `give` fails: then no more is asked.
pub fn ask_in_parts<'c, C: Corpus + Sync + ?Sized, A: Send, E: Send>(
    corpus: &'c C,
    settings: &Settings,
    mut ask: impl FnMut(Vec<Ready<'c>>) -> Result<A, E> + Send,
    mut give: impl FnMut(A) -> Result<(), E>,
) -> Result<(), E> {
    let ready = |part: Range<usize>| -> Vec<Ready<'c>> {
        let firsts: Vec<usize> = part.clone().step_by(A_THREAD).collect();
        let some = |readying: &mut Readying, which: usize| -> Vec<Ready<'c>> {
            let numbers = firsts[which]..part.end.min(firsts[which] + A_THREAD);
            let story = |number: usize| corpus.story(StoryId(number as u32));
            numbers.map(|n| readying.ready(story(n), 0)).collect()
        };
        let made = in_turn(firsts.len(), || Readying::new(settings), some);
        made.into_iter().flatten().collect()
    };
    let firsts = (0..corpus.len()).step_by(AT_ONCE);
    let mut parts = firsts.map(|first| first..corpus.len().min(first + AT_ONCE));
    let mut next = parts.next().map(ready);
    while let Some(this) = next {
        let after = parts.next();
        let (answer, made) = rayon::join(|| ask(this), || after.map(ready));
        give(answer?)?;
        next = made;
    }
    Ok(())
}

/// Makes stories ready. One for each thread.
#[derive(Debug)]
pub struct Readying {
    sketching: Sketching,
    fields: Vec<u8>,
}

impl Readying {
    /// For these settings.
    pub fn new(settings: &Settings) -> Self {
        Self {
            sketching: Sketching::new(settings, KeyPlan::of(settings)),
            fields: Vec::new(),
        }
    }

    /// Makes a story ready that arrived at that time, in seconds since 1970.
    pub fn ready<'a>(&mut self, story: Story<'a>, arrival: i64) -> Ready<'a> {
        Ready {
            units: self.sketching.units(&story),
            identity: identity(&story, &mut self.fields),
            seconds: story.seconds(),
            arrival,
            story,
        }
    }

    /// The units of a story that is known, with their keys.
    pub(super) fn units(&mut self, story: &Story<'_>) -> Vec<UnitSketch> {
        self.sketching.units(story)
    }
}

/// Hash of all that a verdict depends on: the same for the same story alone.
fn identity(story: &Story<'_>, fields: &mut Vec<u8>) -> u128 {
    fields.clear();
    let of_story = [
        Some(&story.id),
        Some(&story.text),
        story.title.as_ref(),
        story.time.as_ref(),
        story.version.as_ref(),
    ];
    for field in of_story {
        let field = field.map_or(&[][..], |f| f.as_bytes());
        fields.extend_from_slice(&(field.len() as u64).to_le_bytes());
        fields.extend_from_slice(field);
    }
    fields.push(u8::from(story.kind == UnitKind::Caption));
    // One long text is hashed in less time than its pieces one after the other.
    xxh3_128(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use xxhash_rust::xxh3::Xxh3;

    #[test]
    fn fields_are_hashed_with_their_lengths_whatever_was_hashed_before() {
        let long = "Rain fell on Orle. ".repeat(40);
        let stories = [
            Story::new("a", &*long),
            Story::new("a", ""),
            Story {
                title: Some("Rain".into()),
                time: Some("2031-03-03".into()),
                kind: UnitKind::Caption,
                ..Story::new("b", "Rain fell.")
            },
        ];
        let mut fields = Vec::new();
        for story in &stories {
            // As indexes have it: piece by piece.
            let mut hash = Xxh3::new();
            let parts = [
                Some(&*story.id),
                Some(&*story.text),
                story.title.as_deref(),
                story.time.as_deref(),
                story.version.as_deref(),
            ];
            for part in parts.map(Option::unwrap_or_default) {
                hash.update(&(part.len() as u64).to_le_bytes());
                hash.update(part.as_bytes());
            }
            hash.update(&[u8::from(story.kind == UnitKind::Caption)]);
            assert_eq!(identity(story, &mut fields), hash.digest128());
        }
    }

    #[test]
    fn parts_are_asked_about_in_order_up_to_one_that_fails() {
        let count = 2 * AT_ONCE + 500;
        let stories: Vec<Story<'_>> = (0..count)
            .map(|n| Story::new(n.to_string(), format!("Rain fell on Orle on day {n}.")))
            .collect();
        let settings = Settings::default();
        let ids = |ready: &[Ready<'_>]| -> Vec<usize> {
            ready.iter().map(|r| r.id().parse().unwrap()).collect()
        };
        for threads in 1..=3 {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let pool = pool.build().unwrap();
            let mut given = Vec::new();
            let ask = |ready: Vec<Ready<'_>>| {
                assert!(ready.iter().all(|r| r.units[0].tokens == 7));
                Ok::<_, usize>(ids(&ready))
            };
            let give = |answer: Vec<usize>| {
                given.push(answer);
                Ok(())
            };
            let whole = pool.install(|| ask_in_parts(&stories[..], &settings, ask, give));
            assert_eq!(whole, Ok(()));
            let lengths: Vec<usize> = given.iter().map(Vec::len).collect();
            assert_eq!(lengths, [AT_ONCE, AT_ONCE, 500]);
            assert_eq!(given.concat(), (0..count).collect::<Vec<_>>());

            let mut given = 0;
            let ask = |ready: Vec<Ready<'_>>| match ids(&ready)[0] {
                0 => Ok(()),
                first => Err(first),
            };
            let give = |()| {
                given += 1;
                Ok(())
            };
            let broken = pool.install(|| ask_in_parts(&stories[..], &settings, ask, give));
            assert_eq!((broken, given), (Err(AT_ONCE), 1));
        }
    }
}
