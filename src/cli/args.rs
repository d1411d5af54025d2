/*!
What can be typed: raw flags with their help, nothing decided yet.

Every option of a command is also a key of the configuration file (see [`config_file`](super::config_file)):
options take the last value given, so that a file's values can stand before those of the command line.
*/

// These structs mirror the command line: a flag is a bool there, however many there are.
#![allow(clippy::struct_excessive_bools)]

mod eval;
pub mod index;
mod matching;
mod review;
mod tune;

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::Result;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use samewire::{PassageSettings, UnitKind};

use super::report::args as report;
use super::{config_file, quantity};
pub use eval::{EvalArgs, JudgeHow};
pub use matching::{FindArgs, JudgeArgs, MatchArgs, UnitArg};
pub use review::ReviewArgs;
pub use tune::TuneArgs;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXIT_CODES: &str = "\
Exit codes:
  0  done; also when whoever reads the output stops reading
  1  repeats were found (only with --exit-code)
  2  wrong usage, or nothing could be read or written
  3  done, but some records were rejected; this outranks 1
An index (stream --index, query, group --against, index) adds:
  10  there is none in that directory
  11  another program writes to it
  12  it was made with other settings
  13  it is damaged";

const GROUP_EXAMPLES: &str = "\
Examples:
  samewire group wire/                       every file below wire/, a table on a terminal
  samewire group wire/ --json > groups.jsonl one JSON object a group
  zcat day.jsonl.gz | samewire group -       stories from standard input
  samewire group wire/ --unit caption        photo captions only
  samewire group wire/ --window 72h          only stories at most three days apart
  samewire group a.jsonl b.jsonl --keep source:ap,reuters
  find wire -name '*.txt' -print0 | samewire group --files-from - -0
  samewire group wire/ --links links.jsonl --all -o groups.jsonl
  samewire group today/ --against known/     with the stories of an index that they repeat

A configuration file is a JSON object with option names as keys, for instance
  {\"threshold\": 0.6, \"window\": \"72h\", \"text-field\": \"body_html\", \"no-segment\": true}";

const STREAM_EXAMPLES: &str = "\
Examples:
  tail -F wire.jsonl | samewire stream | jq .samewire
  samewire stream --emit unique < in.jsonl > first-sights.jsonl
  samewire stream --index known/ < day.jsonl > out.jsonl
  samewire stream --emit repeats --unit story < in.jsonl
  samewire stream --window 72h --on-error inline < feed > out
  samewire stream --decisions desk.tsv < feed > out
  samewire stream --lines < headlines.txt    plain text, a story a line: verdict, tab, line

Each line comes back with a member added at its end:
  {\"id\":\"ap-9\",\"text\":\"…\",\"samewire\":{\"v\":1,\"unit\":\"story\",\"relation\":\"near\",\"of\":\"ap-1\",\"group\":\"g-…\",…}}
All before that member is as it was, byte for byte. What is seen for the first time has \"relation\":\"new\".";

const STREAM_EXIT_CODES: &str = "\
Exit codes:
  0    done: the input ended, the program was asked to stop, or whoever reads the output stopped reading
  1    repeats were found (only with --exit-code)
  2    wrong usage, or nothing could be read or written
  3    done, but some lines were rejected; this outranks 1
  10   with --index: the directory is neither an index nor empty
  11   with --index: another program writes to the index
  12   with --index: it was made with other settings
  13   with --index: it is damaged
  130  interrupted twice";
const COMPARE_EXAMPLES: &str = "\
Examples:
  samewire compare old.txt new.txt           two files with one story each
  samewire compare ap-1 ap-9 --in wire/      two stories by their ids
  samewire compare ap-1#caption-2 ph-7 --in wire/
  curl -s URL | samewire compare old.txt -   one of them from standard input
  samewire compare ap-1 ap-9 --in wire/ --json
  samewire compare --pairs pairs.tsv --in wire/ --json > links.jsonl

An id may also be written as path:line, which tells the versions of one id apart; an id compared with itself means its
first two versions. A list of pairs has two ids a line with a tab between; empty lines and lines that begin with
# are left out.";
const PASSAGES_EXAMPLES: &str = "\
Examples:
  samewire passages wire/                    what stands in several stories, the widest first
  samewire passages wire/ --json > p.jsonl   one JSON object a passage, with byte ranges
  samewire passages wire/ --min-words 20     long ones only
  samewire passages wire/ --min-stories 5    what many ran";

const DEDUP_EXAMPLES: &str = "\
Examples:
  samewire dedup wire/ --dry-run             what would be dropped, and for what
  samewire dedup wire/ -o clean/             the same files without the repeats
  samewire dedup wire/ -o clean.jsonl        all that is left in one file
  samewire dedup - -o - < in.jsonl > out.jsonl
  samewire dedup wire/ -o clean/ --keep longest

A directory keeps the layout of the PATH; several PATHs get a directory each in it. Files and lines that stay are
copied byte for byte (a compressed file is written decompressed, without its .gz or .zst). Records that could not
be read stay in a directory; a single file leaves them out and says how many.";

/// Finds the same wire story and the same photo caption wherever they recur in a corpus, says what kind of
/// repeat each one is, and shows the evidence.
#[derive(Debug, Parser)]
#[command(
    name = "samewire",
    version,
    arg_required_else_help = true,
    args_override_self = true,
    max_term_width = 110,
    styles = STYLES,
    after_help = "Begin with: samewire group DIRECTORY\nEach command explains itself: samewire group --help",
    after_long_help = format!("Begin with: samewire group DIRECTORY\n\n{EXIT_CODES}")
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Group stories and captions that tell the same
    ///
    /// Reads stories (text files with one story each, or JSON lines), compares every story and every photo caption
    /// with its like, and prints the groups: a table on a terminal, one JSON object a line otherwise.
    #[command(after_help = GROUP_EXAMPLES, after_long_help = format!("{GROUP_EXAMPLES}\n\n{EXIT_CODES}"))]
    Group(Box<GroupArgs>),
    /// Write the corpus with one story a group, in its original bytes
    ///
    /// Groups as `samewire group` does, then writes everything except the stories that repeat another. A caption
    /// that recurs inside a story never drops that story.
    #[command(after_help = DEDUP_EXAMPLES, after_long_help = format!("{DEDUP_EXAMPLES}\n\n{EXIT_CODES}"))]
    Dedup(Box<DedupArgs>),
    /// Answer stories as they come: one line in, one line out
    ///
    /// Reads stories from standard input, one JSON object a line, and writes each line at once with what it repeats among the
    /// lines before it. Relations and groups are those of `samewire group`. What was read is remembered while the program
    /// runs, with --index also from run to run; with --window old stories are forgotten and memory stays flat on an endless feed.
    #[command(
        after_help = STREAM_EXAMPLES,
        after_long_help = format!("{STREAM_EXAMPLES}\n\n{STREAM_EXIT_CODES}"),
        mut_arg("keep", |a| a.hide(true)),
        mut_arg("color", |a| a.hide(true))
    )]
    Stream(Box<StreamArgs>),
    /// Ask an index about stories; nothing is stored
    ///
    /// Prints a verdict for each story, as `samewire stream --index` would answer if it came next. Settings are those of the index.
    #[command(
        after_help = index::QUERY_EXAMPLES,
        after_long_help = format!("{}\n\n{}", index::QUERY_EXAMPLES, index::INDEX_EXIT_CODES),
        mut_arg("color", |a| a.hide(true))
    )]
    Query(Box<index::QueryArgs>),
    /// Make an index, look after it, see what is in it
    ///
    /// An index is a directory that remembers stories from run to run: samewire stream --index adds to it, samewire query and
    /// samewire group --against read it.
    #[command(after_help = index::INDEX_EXAMPLES, after_long_help = format!("{}\n\n{}", index::INDEX_EXAMPLES, index::INDEX_EXIT_CODES))]
    Index(Box<index::IndexArgs>),
    /// Hold two stories, or two captions, against one another
    ///
    /// Tells the relation and why, the figures, and what differs, and shows both texts with what they share marked. A
    /// list of pairs is judged pair by pair, by the rules of `samewire group`.
    #[command(after_help = COMPARE_EXAMPLES, after_long_help = format!("{COMPARE_EXAMPLES}\n\n{EXIT_CODES}"))]
    Compare(Box<CompareArgs>),
    /// Find the passages that stand in more than one story
    ///
    /// Reads stories as `samewire group` does and prints every run of text that two or more of them have, small edits aside:
    /// quotes, paragraphs, boilerplate, captions inside other stories' text; with every place it stands in.
    #[command(after_help = PASSAGES_EXAMPLES, after_long_help = format!("{PASSAGES_EXAMPLES}\n\n{EXIT_CODES}"))]
    Passages(Box<PassagesArgs>),
    /// Judge the answers against labelled pairs or groups
    ///
    /// Reads labels that people gave (pairs that are one story or not, or stories by group) and tells how well the program agrees
    /// with them: precision, recall, F1, ARI and B³ with intervals, relations, thresholds, and the worst mistakes.
    #[command(
        after_help = eval::EXAMPLES,
        after_long_help = format!("{}\n\n{}", eval::EXAMPLES, eval::EXIT_CODES),
        mut_arg("keep", |a| a.hide(true)),
        mut_arg("seed", |a| a.help("Seed of the hashes, and of the draws that intervals are made of")),
        mut_arg("exit_code", |a| a.help("Exit with 1 when something was told otherwise than labelled"))
    )]
    Eval(Box<EvalArgs>),
    /// Measure how alike your stories are, and what a threshold and a recall would make of them
    ///
    /// Takes the exact similarity of every pair with a sampled story and tells: pairs by similarity, what each threshold would join,
    /// how many pairs the bands of `--match near` would miss, what a higher recall costs, and the options to copy.
    #[command(
        after_help = tune::EXAMPLES,
        after_long_help = format!("{}\n\n{}", tune::EXAMPLES, tune::EXIT_CODES),
        mut_arg("seed", |a| a.help("Seed of the hashes, and of the sample"))
    )]
    Tune(Box<TuneArgs>),
    /// Write a page for the browser: what repeats, why, and the texts side by side
    ///
    /// Takes stories, and then does what `samewire group` and `samewire passages` do, or the output that these wrote earlier. Writes one
    /// HTML file that needs no network: figures, lists to filter and search, timelines, texts side by side.
    #[command(after_help = report::EXAMPLES, after_long_help = format!("{}\n\n{EXIT_CODES}", report::EXAMPLES), mut_arg("color", |a| a.hide(true)))]
    Report(Box<report::ReportArgs>),
    /// Decide on links, one at a time: yes or no
    ///
    /// Shows the pairs that groups and links tie, side by side, the most doubtful first, and keeps what you say of them: as constraints for
    /// `samewire group --decisions` and as labels for `samewire eval`.
    #[command(
        after_help = review::EXAMPLES,
        after_long_help = format!("{}\n\n{}", review::EXAMPLES, review::EXIT_CODES),
        mut_arg("exit_code", |a| a.help("Exit with 1 when pairs are left without a decision"))
    )]
    Review(Box<ReviewArgs>),
    /// Print the JSON Schema of the output
    Schema(SchemaArgs),
    /// Print a completion script for a shell
    #[command(
        after_help = "Example:\n  samewire completions bash > ~/.local/share/bash-completion/completions/samewire"
    )]
    Completions(CompletionsArgs),
    /// Print a manual page
    #[command(after_help = "Example:\n  samewire man group | man -l -")]
    Man(ManArgs),
}

/// `samewire group`
#[derive(Debug, Args)]
pub struct GroupArgs {
    #[command(flatten)]
    pub input: InputArgs,
    /// Also show what the index in DIR knows of the stories; it is only read
    #[arg(long, value_name = "DIR", help_heading = "Index")]
    pub against: Option<PathBuf>,
    #[command(flatten)]
    pub matching: MatchArgs,
    #[command(flatten)]
    pub general: GeneralArgs,

    /// Print JSON lines, on a terminal too
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Write the groups to FILE, as JSON lines; a file that is there is replaced
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub output: Option<PathBuf>,
    /// Write every verified pair to FILE, as JSON lines; a file that is there is replaced
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub links: Option<PathBuf>,
    /// Also list what repeats nothing, as groups of one; the table shows all groups
    #[arg(long, help_heading = "Output")]
    pub all: bool,
}

/// `samewire dedup`
#[derive(Debug, Args)]
pub struct DedupArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub matching: MatchArgs,
    #[command(flatten)]
    pub general: GeneralArgs,

    /// Where to write: a directory (one that exists, or a name that ends in /), a file for JSON lines, or - for
    /// standard output
    #[arg(
        short,
        long,
        value_name = "OUT",
        help_heading = "Output",
        required_unless_present = "dry_run"
    )]
    pub output: Option<PathBuf>,
    /// Replace files that exist; inputs are never replaced
    #[arg(long, help_heading = "Output")]
    pub force: bool,
    /// Write nothing, list what would be dropped and what it repeats
    #[arg(long, help_heading = "Output")]
    pub dry_run: bool,
    /// List JSON lines with --dry-run, on a terminal too
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

/// `samewire stream`
#[derive(Debug, Args)]
pub struct StreamArgs {
    #[command(flatten)]
    pub records: RecordArgs,
    /// Take each line as the text of a story, not as JSON; a verdict and a tab stand before the line then
    #[arg(long, help_heading = "Input")]
    pub lines: bool,
    /// As --lines, with a NUL byte at the end of each story in place of a line end
    #[arg(short = '0', long = "null", help_heading = "Input")]
    pub null: bool,
    /// Remember the stories in the index in DIR, and know those that are in it; made if there is none
    #[arg(long, value_name = "DIR", help_heading = "Index")]
    pub index: Option<PathBuf>,
    #[command(flatten)]
    pub matching: MatchArgs,
    #[command(flatten)]
    pub general: GeneralArgs,

    /// What to write
    #[arg(
        long,
        value_name = "WHAT",
        default_value = "annotate",
        help_heading = "Output"
    )]
    pub emit: EmitArg,
    /// What becomes of a line that is no story
    #[arg(
        long,
        value_name = "WHAT",
        default_value = "skip",
        help_heading = "Output"
    )]
    pub on_error: OnErrorArg,
    /// Name of the member that is added to each line
    #[arg(
        long,
        value_name = "NAME",
        default_value = "samewire",
        help_heading = "Output"
    )]
    pub field: String,
}

/// What the stream writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EmitArg {
    /// Every line, with its verdict
    Annotate,
    /// The lines that repeat nothing, as they came; later versions and corrections are among them
    Unique,
    /// The lines that `unique` leaves out, with their verdicts
    Repeats,
    /// No lines, but what happened: repeats, and groups that turned out to be one
    Events,
}

/// What becomes of a line that is no story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnErrorArg {
    /// It is left out and told on stderr
    Skip,
    /// Its place is taken by an object that tells the error
    Inline,
    /// The program ends, with exit code 3
    Fail,
}

/// `samewire compare`
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// Two files with one story each (- for standard input); with --in, two ids
    #[arg(
        value_names = ["A", "B"],
        num_args = 2,
        required_unless_present = "pairs",
        conflicts_with = "pairs"
    )]
    pub sides: Vec<OsString>,
    /// File or directory that holds the stories of these ids; give it once for each
    #[arg(long = "in", value_name = "PATH", help_heading = "Input", action = clap::ArgAction::Append)]
    pub within: Vec<PathBuf>,
    /// Judge each pair of ids in FILE, one a line with a tab between (- for standard input)
    #[arg(long, value_name = "FILE", help_heading = "Input", requires = "within")]
    pub pairs: Option<PathBuf>,
    #[command(flatten)]
    pub records: RecordArgs,
    #[command(flatten)]
    pub judging: JudgeArgs,
    #[command(flatten)]
    pub general: GeneralArgs,

    /// Print JSON, on a terminal too
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Fold nothing away: all shared text, all differences
    #[arg(long, help_heading = "Output", conflicts_with_all = ["json", "pairs"])]
    pub full: bool,
}

/// `samewire passages`
#[derive(Debug, Args)]
pub struct PassagesArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub general: GeneralArgs,

    /// Words that a passage has in common with another place where it stands, at least
    #[arg(long, value_name = "N", default_value_t = PassageSettings::MIN_WORDS, help_heading = "Matching")]
    pub min_words: usize,
    /// Stories that a passage stands in, at least
    #[arg(long, value_name = "N", default_value_t = PassageSettings::MIN_STORIES, help_heading = "Matching")]
    pub min_stories: usize,
    /// Search the text as it stands: no datelines and credits left out, no captions told apart
    #[arg(long, help_heading = "Matching")]
    pub no_segment: bool,
    /// Compare all places of a word run, also of one that stands in very many; slower
    #[arg(long, help_heading = "Matching")]
    pub exact: bool,
    /// Print JSON lines, on a terminal too
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Write the passages to FILE, as JSON lines; a file that is there is replaced
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub output: Option<PathBuf>,
    /// Show all passages in the table
    #[arg(long, help_heading = "Output")]
    pub all: bool,
}

/// Where stories come from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub struct InputArgs {
    /// Files, directories (with all below them), or - for standard input
    ///
    /// Text files hold one story each; JSON lines hold one story a line. Compressed files (gzip, zstd) are read as
    /// they are.
    #[arg(value_name = "PATH", required_unless_present = "files_from", help_heading = None::<&str>)]
    pub paths: Vec<PathBuf>,
    /// Read the paths from FILE, one a line (- for standard input)
    #[arg(long, value_name = "FILE")]
    pub files_from: Option<PathBuf>,
    /// Paths in --files-from end in a NUL byte, as `find -print0` writes them
    #[arg(short = '0', long = "null", requires = "files_from")]
    pub null: bool,
    /// Memory to keep to (K, M, G for powers of 1024): what needs more lies in temporary files (in TMPDIR)
    #[arg(long, value_name = "BYTES", default_value = "4G", value_parser = quantity::bytes)]
    pub memory: usize,
    #[command(flatten)]
    pub records: RecordArgs,
}

/// How records are read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub struct RecordArgs {
    /// Take every record as a story, or as a caption, whatever it says of itself
    #[arg(long = "as", value_name = "KIND")]
    pub as_kind: Option<KindArg>,
    /// Field that holds the text; several with commas, the first that is there counts
    #[arg(long, value_name = "NAME", value_delimiter = ',', num_args = 1, action = clap::ArgAction::Set)]
    pub text_field: Option<Vec<String>>,
    /// Field that holds the id
    #[arg(long, value_name = "NAME", value_delimiter = ',', num_args = 1, action = clap::ArgAction::Set)]
    pub id_field: Option<Vec<String>>,
    /// Field that holds the headline
    #[arg(long, value_name = "NAME", value_delimiter = ',', num_args = 1, action = clap::ArgAction::Set)]
    pub title_field: Option<Vec<String>>,
    /// Field that holds the time
    #[arg(long, value_name = "NAME", value_delimiter = ',', num_args = 1, action = clap::ArgAction::Set)]
    pub time_field: Option<Vec<String>>,
    /// Field that holds the agency or outlet
    #[arg(long, value_name = "NAME", value_delimiter = ',', num_args = 1, action = clap::ArgAction::Set)]
    pub source_field: Option<Vec<String>>,
    /// Field that holds the version
    #[arg(long, value_name = "NAME", value_delimiter = ',', num_args = 1, action = clap::ArgAction::Set)]
    pub version_field: Option<Vec<String>>,
    /// Encoding of files without a byte-order mark, for instance windows-1252 [default: found out]
    #[arg(long, value_name = "LABEL", value_parser = quantity::encoding)]
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// Reject records of more than this many bytes (K, M, G for powers of 1024)
    #[arg(long, value_name = "BYTES", default_value = "64M", value_parser = quantity::bytes)]
    pub max_record: usize,
    /// Keep the original bytes of rejected records in FILE, a line each
    #[arg(long, value_name = "FILE")]
    pub reject: Option<PathBuf>,
}

/// How the program behaves.
#[derive(Debug, Args)]
#[command(next_help_heading = "General")]
pub struct GeneralArgs {
    /// Threads to use [default: one a processor]
    #[arg(long, value_name = "N", value_parser = quantity::threads)]
    pub threads: Option<NonZeroUsize>,
    /// Exit with 1 when repeats were found
    #[arg(long)]
    pub exit_code: bool,
    /// No progress, no list of rejected records (their number stays)
    #[arg(short, long, overrides_with = "verbose")]
    pub quiet: bool,
    /// List every rejected record, and say on stderr what was done
    #[arg(short, long, overrides_with = "quiet")]
    pub verbose: bool,
    /// When to use colour; auto: on a terminal, unless `NO_COLOR` is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: ColorArg,
    /// Take options from a JSON file; the command line wins
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `samewire schema`
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Which lines [default: all, in one schema]
    #[arg(value_name = "WHAT")]
    pub what: Option<SchemaArg>,
}

/// `samewire completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// `samewire man`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// A command [default: the program as a whole]
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}

/// What a record is.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum KindArg {
    Story,
    Caption,
}

impl From<KindArg> for UnitKind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::Story => UnitKind::Story,
            KindArg::Caption => UnitKind::Caption,
        }
    }
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorArg {
    Auto,
    Always,
    Never,
}

/// Which schema.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SchemaArg {
    Group,
    Link,
    Verdict,
    Compare,
    Passage,
    Eval,
    Tune,
}

/// The whole command line as clap has it.
pub fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

/// Parses `argv`; wrong usage ends the process.
pub fn parse(argv: Vec<OsString>) -> Result<Command> {
    // A required option may stand in the file alone, so the file is looked for before anything is demanded.
    let Some(path) = config_path(&argv) else {
        return Ok(plain(&argv).unwrap_or_else(|| Cli::parse_from(argv).command));
    };
    let merged = config_file::merge(&command(), &path, argv)?;
    Ok(Cli::parse_from(merged).command)
}

/// A command that is run often, by its own options alone: those of all commands take half a millisecond to put together, a seventh of a
/// run over a few stories. None where anything is wrong, or help is asked for: that is told by the whole.
fn plain(argv: &[OsString]) -> Option<Command> {
    let (_, line) = argv.split_first()?;
    Some(match line.first()?.to_str()? {
        "group" => Command::Group(args_of(line)?),
        "dedup" => Command::Dedup(args_of(line)?),
        "stream" => Command::Stream(args_of(line)?),
        "query" => Command::Query(args_of(line)?),
        _ => return None,
    })
}

/// The options of a command that is named first.
fn args_of<A: Args>(line: &[OsString]) -> Option<A> {
    let command = A::augment_args(clap::Command::new("samewire").args_override_self(true));
    let mut matches = command.try_get_matches_from(line).ok()?;
    A::from_arg_matches_mut(&mut matches).ok()
}

/// The value of `--config`, if clap finds one in a line that may lack required options.
fn config_path(argv: &[OsString]) -> Option<PathBuf> {
    // To put all options of all commands together a second time takes a millisecond.
    let names_one = |argument: &OsString| argument.as_encoded_bytes().starts_with(b"--config");
    if !argv.iter().any(names_one) {
        return None;
    }
    let matches = command()
        .ignore_errors(true)
        .try_get_matches_from(argv)
        .ok()?;
    let (_, sub) = matches.subcommand()?;
    sub.try_get_one::<PathBuf>("config").ok().flatten().cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn a_command_alone_is_what_it_is_among_all() {
        for right in [
            "samewire group wire",
            "samewire group a b --json --links l --threshold 0.6 --threshold 0.7 -q -o out --window 72h",
            "samewire group --files-from - -0 --against known --no-segment --threads 3",
            "samewire group --match=near --unit caption -- --json",
            "samewire dedup wire -o out/ --keep longest",
            "samewire dedup wire --dry-run --json --force",
            "samewire stream",
            "samewire stream --index known --emit unique --window 72h --on-error inline -0",
            "samewire query --index known a.jsonl - --exit-code",
        ] {
            let argv = line(right);
            let alone = plain(&argv).map(|command| format!("{command:?}"));
            let among_all = Cli::try_parse_from(&argv).unwrap().command;
            assert_eq!(alone, Some(format!("{among_all:?}")), "{right}");
        }
    }

    #[test]
    fn help_and_what_is_wrong_are_left_to_all() {
        for other in [
            "samewire",
            "samewire group",
            "samewire group --help",
            "samewire stream -h",
            "samewire group wire --no-such-option",
            "samewire group wire --threshold much",
            "samewire dedup wire",
            "samewire dedup wire -o out --dry-run=yes",
            "samewire query a.jsonl",
            "samewire help group",
            "samewire --version",
            "samewire grou wire",
            "samewire passages wire",
        ] {
            assert!(plain(&line(other)).is_none(), "{other}");
        }
    }
}
