//! What can be typed after `samewire eval`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{GeneralArgs, InputArgs, MatchArgs};

pub const EXAMPLES: &str = "\
Examples:
  samewire eval pairs.tsv wire/              pairs: a, b, same, and relation if known, with tabs between
  samewire eval groups.tsv wire/             groups: id, group
  samewire eval reviewed.jsonl wire/         groups as `samewire group` writes them, corrected by hand
  samewire eval decisions.tsv wire/          what `samewire review` wrote
  samewire eval pairs.tsv wire/ --judge grouped --mistakes 0
  samewire eval pairs.tsv wire/ --plot precision.svg --json > figures.json

The form of LABELS is found out from its first line. A header names its columns: a, b, same, relation, alternative;
or id, group, relation. Without one the columns stand in that order (three or more: pairs; two: groups). same is 1 or 0
(yes, no). Ids are those of `samewire compare`.";

pub const EXIT_CODES: &str = "\
Exit codes:
  0  done; also when whoever reads the output stops reading
  1  something was told otherwise than labelled (only with --exit-code)
  2  wrong usage, or nothing could be read or written
  3  done, but some labels or records could not be used; this outranks 1";

/// `samewire eval`
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// File of labels: pairs, or groups (- for standard input)
    pub labels: PathBuf,
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub matching: MatchArgs,
    #[command(flatten)]
    pub general: GeneralArgs,

    /// How labelled pairs are judged [default: alone, and grouped for comparison; labelled groups: grouped]
    #[arg(long, value_name = "HOW", help_heading = "Judging")]
    pub judge: Option<JudgeHow>,
    /// LABELS name every group of two or more: what they do not name is alone, and counts as such
    #[arg(long, help_heading = "Judging")]
    pub complete: bool,
    /// Misses and false joins that are listed, of each so many (0: all)
    #[arg(long, value_name = "N", default_value_t = 10, help_heading = "Output")]
    pub mistakes: usize,
    /// Print JSON
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Draw precision, recall and F1 by threshold as an SVG image
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub plot: Option<PathBuf>,
}

/// How labelled pairs are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum JudgeHow {
    /// Each as if there were no other story, as `samewire compare --pairs` does; groups are not made
    Alone,
    /// By the groups of all stories in PATH, where others may tie the two together
    Grouped,
}
