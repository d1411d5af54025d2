//! What can be typed after `samewire tune`.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::Args;
use samewire::Settings;

use super::{GeneralArgs, InputArgs, JudgeArgs, UnitArg};

pub const EXAMPLES: &str = "\
Examples:
  samewire tune wire/                        how alike, what thresholds would join, what recall costs
  samewire tune wire/ --threshold 0.6 --recall 0.99
  samewire tune wire/ --sample 2000          faster, on very many stories
  samewire tune wire/ --plot similarity.svg --json > figures.json";

pub const EXIT_CODES: &str = "\
Exit codes:
  0  done; also when whoever reads the output stops reading
  1  repeats were found at the threshold (only with --exit-code)
  2  wrong usage, or nothing could be read or written
  3  done, but some records were rejected; this outranks 1";

/// `samewire tune`
#[derive(Debug, Args)]
pub struct TuneArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// What to compare: stories and captions, or only one of them
    #[arg(
        long,
        value_name = "KIND",
        default_value = "all",
        help_heading = "Matching"
    )]
    pub unit: UnitArg,
    #[command(flatten)]
    pub judging: JudgeArgs,
    /// Least share of the pairs at the threshold that must be found
    #[arg(long, value_name = "R", allow_negative_numbers = true, default_value_t = Settings::RECALL, help_heading = "Matching")]
    pub recall: f64,
    #[command(flatten)]
    pub general: GeneralArgs,

    /// Stories whose similarities are measured, each with all of the corpus; halved where very much is alike
    #[arg(
        long,
        value_name = "N",
        default_value = "20000",
        help_heading = "Sample"
    )]
    pub sample: NonZeroU32,
    /// Print JSON
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Draw the histogram and the curve of the bands as an SVG image
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub plot: Option<PathBuf>,
}
