/*!
Samewire finds the same wire story, the same photo caption and the same passage wherever they recur
in a corpus, says what kind of repeat each one is, and shows the evidence.

The modules stand in the order in which a story passes through them:
[`read`] → [`text`] → [`sketch`] → [`index`] → [`verify`] → [`group`] → [`report`];
[`passages`] looks for runs of text across stories, beside [`index`] to [`group`]. [`decide`] is what people say of pairs, [`judge`] holds labels against what was
found, [`tune`] says what settings would find. [`pipeline`] runs them, [`threads`] shares work. Words are defined in [`story`], settings in [`config`].
*/

#![warn(clippy::all)]

pub mod config;
pub mod decide;
pub mod error;
pub mod group;
pub mod index;
pub mod judge;
pub mod passages;
pub mod pipeline;
pub mod read;
pub mod report;
pub mod sketch;
pub mod spill;
pub mod story;
pub mod text;
pub mod threads;
pub mod tune;
pub mod verify;

pub use config::{Keep, Match, PassageSettings, Settings, Threshold, UnitFilter};
pub use error::{Error, Result};
pub use story::{ByteRange, Corpus, Origin, Story, StoryId, Unit, UnitId, UnitKind};

/// The example of the README compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
