//! The part of the work that needs no other story: its units, their contents and keys.

use xxhash_rust::xxh3::Xxh3;

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
}

impl Readying {
    /// For these settings.
    pub fn new(settings: &Settings) -> Self {
        Self {
            sketching: Sketching::new(settings, KeyPlan::of(settings)),
        }
    }

    /// Makes a story ready that arrived at that time, in seconds since 1970.
    pub fn ready<'a>(&mut self, story: Story<'a>, arrival: i64) -> Ready<'a> {
        Ready {
            units: self.sketching.units(&story),
            identity: identity(&story),
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
fn identity(story: &Story<'_>) -> u128 {
    let mut hash = Xxh3::new();
    let fields = [
        Some(&story.id),
        Some(&story.text),
        story.title.as_ref(),
        story.time.as_ref(),
        story.version.as_ref(),
    ];
    for field in fields {
        let field = field.map_or(&[][..], |f| f.as_bytes());
        hash.update(&(field.len() as u64).to_le_bytes());
        hash.update(field);
    }
    hash.update(&[u8::from(story.kind == UnitKind::Caption)]);
    hash.digest128()
}
