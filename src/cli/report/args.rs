/*!
What can be typed after `samewire report`.
*/

use std::path::PathBuf;

use clap::Args;
use samewire::report::html::Options;

use crate::cli::args::{GeneralArgs, InputArgs, MatchArgs};
use crate::cli::quantity;

/// Shown under the help.
pub const EXAMPLES: &str = "\
Examples:
  samewire report wire/                      group, find passages, write samewire-report.html
  samewire report wire/ -o monday.html       the same under another name
  samewire report groups.jsonl               from the output of samewire group, kept earlier
  samewire report groups.jsonl passages.jsonl --links links.jsonl
  samewire group wire/ --json | samewire report - -o monday.html

The page is one file that needs no network: open it in any browser, mail it, keep it. It holds parts of the texts.
From kept output the texts are read again from the files it names, so run it in the same directory.";

/// `samewire report`
#[derive(Debug, Args)]
pub struct ReportArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// Links that `samewire group --links` wrote: brings templates in, and all pairs into the histogram
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub links: Option<PathBuf>,
    #[command(flatten)]
    pub matching: MatchArgs,
    #[command(flatten)]
    pub general: GeneralArgs,

    /// Where to write the page (- for standard output), outside the directories that are read; a page that is there is replaced,
    /// another file is not
    #[arg(
        short,
        long,
        value_name = "FILE",
        default_value = "samewire-report.html",
        help_heading = "Output"
    )]
    pub output: PathBuf,
    /// Largest size of the page (K, M, G for powers of 1024); what does not fit is left out, and the page says so
    #[arg(long, value_name = "BYTES", default_value = Options::MAX_BYTES, value_parser = quantity::bytes, help_heading = "Output")]
    pub max_size: usize,
}
