//! The part of the work that needs no other story: its units, their contents and keys.

use xxhash_rust::xxh3::xxh3_128;

use super::shelf::kept;
use crate::config::Settings;
use crate::pipeline::engine::{KeyPlan, Sketching, UnitSketch};
use crate::story::{Story, UnitKind};

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
}
