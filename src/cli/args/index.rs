//! `samewire index` and `samewire query` as they are typed.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{FindArgs, GeneralArgs, RecordArgs};

pub const INDEX_EXAMPLES: &str = "\
Examples:
  samewire index init known/ --window 30d    with settings of its own
  samewire index stats known/                what is in it, and how large it is
  samewire index check known/                look for damage
  samewire index export known/ > groups.jsonl
  samewire index log known/                  the runs that added to it
  samewire index undo known/                 take the last of them back";

pub const QUERY_EXAMPLES: &str = "\
Examples:
  samewire query --index known/ new.jsonl    a verdict for each story, nothing is stored
  curl -s URL | samewire query --index known/ -
  samewire query --index known/ new.txt --exit-code || echo seen before";

pub const INDEX_EXIT_CODES: &str = "\
Exit codes:
  0   done; also when whoever reads the output stops reading
  1   repeats were found (only with --exit-code)
  2   wrong usage, or nothing could be read or written
  3   done, but some records were rejected; this outranks 1
  10  there is no index
  11  another program writes to the index
  12  the index was made with other settings
  13  the index is damaged";

/// `samewire index`
#[derive(Debug, Args)]
pub struct IndexArgs {
    #[command(subcommand)]
    pub command: IndexCommand,
}

/// What is done with an index.
#[derive(Debug, Subcommand)]
pub enum IndexCommand {
    /// Make an empty index with these settings
    Init(InitArgs),
    /// Tell what is in an index, how large it is and how long it takes to open
    Stats(ShowArgs),
    /// Look for damage: every page of the database, every text, the checksum of the look-up file
    Check(DirectoryArgs),
    /// Give free space back to the system, and write the look-up file anew
    Compact(DirectoryArgs),
    /// Print the groups of an index as JSON lines, or its links, or its stories
    Export(ExportArgs),
    /// List the runs that added to an index
    Log(ShowArgs),
    /// Take the last run back: its stories, what was told of them, and the groups that it joined
    Undo(DirectoryArgs),
}

/// `samewire index init`
#[derive(Debug, Args)]
pub struct InitArgs {
    #[command(flatten)]
    pub directory: DirectoryArgs,
    #[command(flatten)]
    pub find: FindArgs,
}

/// Where the index is.
#[derive(Debug, Args)]
pub struct DirectoryArgs {
    /// The directory of the index
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// Say nothing when all is well
    #[arg(short, long)]
    pub quiet: bool,
}

/// What is shown of an index.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The directory of the index
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `samewire index export`
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The directory of the index
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// Print every verified pair instead
    #[arg(long, conflicts_with = "stories")]
    pub links: bool,
    /// Print the stories with what was told of them instead; samewire reads them again
    #[arg(long)]
    pub stories: bool,
    /// Also list what repeats nothing, as groups of one
    #[arg(long, conflicts_with_all = ["links", "stories"])]
    pub all: bool,
    /// Write to FILE
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `samewire query`
#[derive(Debug, Args)]
pub struct QueryArgs {
    /// Files, directories (with all below them), or - for standard input
    #[arg(value_name = "FILE", required = true)]
    pub paths: Vec<PathBuf>,
    /// The directory of the index
    #[arg(long, value_name = "DIR", required = true, help_heading = "Index")]
    pub index: PathBuf,
    #[command(flatten)]
    pub records: RecordArgs,
    #[command(flatten)]
    pub general: GeneralArgs,
}
