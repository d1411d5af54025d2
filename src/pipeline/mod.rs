/*!
Runs the stages over a corpus: [`batch`] finds groups, [`passages`] finds passages, [`tune`] measures similarities; [`stream`] runs them over stories that come one
at a time.
*/

pub mod batch;
mod bundles;
pub mod engine;
mod feed;
mod first_pass;
pub mod joint;
mod keys;
mod packed;
pub mod passages;
pub mod progress;
pub mod stream;
mod table;
pub mod tune;
mod verify_pairs;

use std::time::Duration;

use crate::decide::constrain::Decided;
use crate::group::Group;
use crate::read::Rejection;
use crate::story::Unit;
use crate::verify::Link;

pub use first_pass::read_files;

/// All that a run found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Every unit, in input order.
    pub units: Vec<Unit>,
    /// Every verified pair, in order of (a, b).
    pub links: Vec<Link>,
    /// Groups of two or more, in order of their first member.
    pub groups: Vec<Group>,
    /// What could not be used.
    pub rejections: Vec<Rejection>,
    /// What decisions made of links.
    pub decided: Decided,
    /// Counts.
    pub stats: Stats,
    /// How many stories stand before those that were read: those of an index, which are told only in groups with others.
    pub known: u32,
}

/// Counts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Stories read.
    pub stories: u64,
    /// Bytes of input, as decompressed.
    pub bytes: u64,
    /// Units that are story bodies.
    pub story_units: u64,
    /// Units that are captions.
    pub caption_units: u64,
    /// Units without a single word: they are counted and belong to no group.
    pub empty_units: u64,
    /// Distinct candidate pairs.
    pub candidates: u64,
    /// Candidate pairs that were not compared, because too many units resemble one another.
    pub left_out: u64,
    /// Keys that very many units share and that therefore propose only some of their pairs.
    pub capped_keys: u64,
    /// Time the run took.
    pub elapsed: Duration,
}
