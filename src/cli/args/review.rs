//! What can be typed after `samewire review`.

use std::path::PathBuf;

use clap::Args;

use super::{GeneralArgs, JudgeArgs, RecordArgs};

pub const EXAMPLES: &str = "\
Examples:
  samewire group wire/ --links links.jsonl -o groups.jsonl
  samewire review groups.jsonl                       the ties of the groups, the weakest first
  samewire review groups.jsonl --links links.jsonl   also what was kept apart, the most alike first
  samewire review groups.jsonl --decisions desk.tsv
  samewire group wire/ --decisions decisions.tsv     groups that follow what was decided
  samewire eval decisions.tsv wire/                  how often the rules agree with it

Keys: y one and the same, n not, s skip, f all of the text, u undo, q quit (as do Escape, Ctrl-C and Ctrl-D). Without a
terminal answers are read from standard input, a line each. Every answer is saved at once; what is decided is not asked again.";

pub const EXIT_CODES: &str = "\
Exit codes:
  0  done, or quit; also when whoever reads the output stops reading
  1  pairs are left without a decision (only with --exit-code)
  2  wrong usage, or nothing could be read or written
  3  done, but some records were rejected, or stories of links were not found; this outranks 1";

/// `samewire review`
#[derive(Debug, Args)]
pub struct ReviewArgs {
    /// Groups as `samewire group` writes them (JSON lines)
    pub groups: PathBuf,
    /// Ask about these links too, as `samewire group --links` writes them
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub links: Option<PathBuf>,
    /// File or directory that holds the stories; give it once for each [default: the files that the groups name]
    #[arg(long = "in", value_name = "PATH", help_heading = "Input", action = clap::ArgAction::Append)]
    pub within: Vec<PathBuf>,
    #[command(flatten)]
    pub records: RecordArgs,
    #[command(flatten)]
    pub judging: JudgeArgs,
    #[command(flatten)]
    pub general: GeneralArgs,

    /// Where decisions are kept: read at the start, added to with each answer
    #[arg(
        long,
        value_name = "FILE",
        default_value = "decisions.tsv",
        help_heading = "Output"
    )]
    pub decisions: PathBuf,
    /// Fold nothing away: all shared text, all differences
    #[arg(long, help_heading = "Output")]
    pub full: bool,
}
