//! What counts as the same, as it is typed.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use samewire::{Keep, Match, Settings, Threshold, UnitFilter};

use crate::cli::quantity;

/// What counts as the same.
#[derive(Debug, Args)]
#[command(next_help_heading = "Matching")]
pub struct FindArgs {
    /// What to compare: stories and captions, or only one of them
    #[arg(long, value_name = "KIND", default_value = "all")]
    pub unit: UnitArg,
    /// What is looked for; all: every relation (versions, cuts, templates, shared passages); near: only texts that are alike as
    /// a whole, by MinHash and --threshold, in least time and memory
    #[arg(long = "match", value_name = "HOW", default_value = "all")]
    pub matching: MatchArg,
    #[command(flatten)]
    pub judging: JudgeArgs,
    /// Least share of the pairs at the threshold that must be found
    #[arg(long, value_name = "R", allow_negative_numbers = true, default_value_t = Settings::RECALL)]
    pub recall: f64,
    /// Compare only what lies at most this far apart in time (units s, m, h, d, w: 72h, 1d12h); what has no time
    /// is always compared
    #[arg(long, value_name = "SPAN", value_parser = quantity::window)]
    pub window: Option<u64>,
    /// Which member stands for a group: earliest, latest, longest, or source:A,B (the first source that has one)
    #[arg(long, value_name = "WHICH", default_value = "earliest", value_parser = quantity::keep)]
    pub keep: Keep,
    /// Compare all that could match, also what very many texts share; slower
    #[arg(long)]
    pub exact: bool,
}

/// What counts as the same, and what people decided.
#[derive(Debug, Args)]
#[command(next_help_heading = "Matching")]
pub struct MatchArgs {
    #[command(flatten)]
    pub find: FindArgs,
    /// Follow what people decided of pairs, as `samewire review` writes it: a, b, same (1 or 0), with tabs between
    #[arg(long, value_name = "FILE")]
    pub decisions: Option<PathBuf>,
}

/// How a pair is judged.
#[derive(Debug, Args)]
#[command(next_help_heading = "Matching")]
pub struct JudgeArgs {
    /// Share of common word runs (Jaccard) that makes near-duplicates whatever else differs, above 0 and at most 1
    #[arg(long, value_name = "T", allow_negative_numbers = true, default_value_t = Settings::THRESHOLD, value_parser = quantity::threshold)]
    pub threshold: f64,
    /// Words to a run that is compared
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = Settings::SHINGLE)]
    pub shingle: usize,
    /// Compare the text as it stands: no captions found in stories, no datelines and credits left out
    #[arg(long)]
    pub no_segment: bool,
    /// Seed of the hashes; the same seed gives the same answer; a new index draws its own [default: 0]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<u64>,
}

impl JudgeArgs {
    /// The threshold as the library has it.
    pub fn threshold(&self) -> samewire::Result<Threshold> {
        Threshold::new(self.threshold)
    }
}

/// What to compare.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum UnitArg {
    All,
    Story,
    Caption,
}

impl From<UnitArg> for UnitFilter {
    fn from(unit: UnitArg) -> Self {
        match unit {
            UnitArg::All => UnitFilter::All,
            UnitArg::Story => UnitFilter::Story,
            UnitArg::Caption => UnitFilter::Caption,
        }
    }
}

/// How pairs are found: the values that are built, which may be fewer than those of [`Match`].
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum MatchArg {
    All,
    Near,
}

impl From<MatchArg> for Match {
    fn from(matching: MatchArg) -> Self {
        match matching {
            MatchArg::All => Match::All,
            MatchArg::Near => Match::Near,
        }
    }
}
