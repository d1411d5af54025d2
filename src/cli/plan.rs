/*!
Raw flags → what is meant, checked: every command starts from a [`Plan`].
*/

use std::fs;
use std::io::{self, IsTerminal as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use samewire::Settings;
use samewire::decide::Decisions;
use samewire::read::{FieldNames, ReadOptions};

use super::args::{ColorArg, FindArgs, GeneralArgs, InputArgs, JudgeArgs, MatchArgs, RecordArgs};
use super::inputs;

/// What to read, how to compare it and how to speak of it.
#[derive(Debug)]
pub struct Plan {
    /// Files, directories, `-`; in the order given.
    pub paths: Vec<PathBuf>,
    /// How records are understood.
    pub reading: ReadOptions,
    /// All that decides an answer.
    pub settings: Settings,
    /// What people decided of pairs.
    pub decisions: Decisions,
    /// Threads to use; none means as many as there are processors.
    pub threads: Option<NonZeroUsize>,
    /// Where the original bytes of rejected records go.
    pub reject: Option<PathBuf>,
    /// Whether found repeats are told by the exit code.
    pub exit_code: bool,
    /// How much is said on stderr.
    pub voice: Voice,
    /// When to use colour.
    pub color: ColorArg,
    /// What is read beside the stories: a configuration, a list of paths, decisions.
    beside: Vec<PathBuf>,
}

/// How much is said on stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Voice {
    /// Errors and counts of what was rejected.
    Quiet,
    /// Progress, and the first rejections.
    Usual,
    /// All rejections, and a summary.
    Verbose,
}

impl Plan {
    /// Checks everything that can be checked before anything is read.
    pub fn new(input: InputArgs, matching: MatchArgs, general: &GeneralArgs) -> Result<Self> {
        let MatchArgs { find, decisions } = matching;
        let settings = settings(find)?;
        let mut plan = Self::measuring(input, settings, general)?;
        if let Some(file) = decisions {
            plan.decisions = read_decisions(&file)?;
            plan.beside.push(file);
        }
        Ok(plan)
    }

    /// For pairs that the user names, among the stories of these paths.
    pub fn of_pairs(
        paths: Vec<PathBuf>,
        records: RecordArgs,
        judge: &JudgeArgs,
        general: &GeneralArgs,
    ) -> Result<Self> {
        Self::of(paths, records, Self::judging(judge)?, general)
    }

    /// For a command that compares nothing by the settings of groups.
    pub fn reading(input: InputArgs, general: &GeneralArgs) -> Result<Self> {
        Self::measuring(input, Settings::default(), general)
    }

    /// For a command with settings of its own.
    pub fn measuring(input: InputArgs, settings: Settings, general: &GeneralArgs) -> Result<Self> {
        let paths = inputs::paths(input.paths, input.files_from.as_deref(), input.null)?;
        let mut plan = Self::of(paths, input.records, settings, general)?;
        plan.reading.memory = input.memory as u64;
        plan.beside.extend(input.files_from);
        Ok(plan)
    }

    /// Refuses places that cannot be written to, or must not be, before work is spent; `--reject` is one of them. `beside` is what the
    /// command reads besides what the plan knows.
    pub fn check(&self, beside: &[&Path], places: &[Option<&Path>]) -> Result<()> {
        let mut all: Vec<&Path> = self.beside.iter().map(PathBuf::as_path).collect();
        all.extend(beside);
        // A file on standard input can be told from the start; the others are known once they are read.
        all.extend(self.stdin());
        let places = [places, &[self.reject.as_deref()]].concat();
        super::output::check(&self.paths, &all, &places)
    }

    /// `-`, where stories come from standard input.
    pub fn stdin(&self) -> Option<&Path> {
        let stdin = Path::new(inputs::STDIN);
        self.paths.iter().any(|p| p == stdin).then_some(stdin)
    }

    /// What is read beside the stories.
    pub fn beside(&self) -> &[PathBuf] {
        &self.beside
    }

    fn of(
        paths: Vec<PathBuf>,
        input: RecordArgs,
        settings: Settings,
        general: &GeneralArgs,
    ) -> Result<Self> {
        settings.validate()?;
        let usual = FieldNames::default();
        let reading = ReadOptions {
            fields: FieldNames {
                text: input.text_field.unwrap_or(usual.text),
                id: input.id_field.unwrap_or(usual.id),
                title: input.title_field.unwrap_or(usual.title),
                time: input.time_field.unwrap_or(usual.time),
                source: input.source_field.unwrap_or(usual.source),
                version: input.version_field.unwrap_or(usual.version),
                kind: usual.kind,
            },
            kind: input.as_kind.map(Into::into),
            encoding: input.encoding,
            max_record: input.max_record,
            ..ReadOptions::default()
        };
        Ok(Self {
            paths,
            reading,
            settings,
            decisions: Decisions::default(),
            threads: general.threads,
            reject: input.reject,
            exit_code: general.exit_code,
            voice: match (general.quiet, general.verbose) {
                (true, _) => Voice::Quiet,
                (_, true) => Voice::Verbose,
                _ => Voice::Usual,
            },
            color: general.color,
            beside: general.config.iter().cloned().collect(),
        })
    }

    /// Whether standard output gets colour.
    pub fn colored(&self) -> bool {
        match self.color {
            ColorArg::Always => true,
            ColorArg::Never => false,
            // https://no-color.org: set and not empty, whatever the value.
            ColorArg::Auto => {
                io::stdout().is_terminal()
                    && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
                    && std::env::var_os("TERM").is_none_or(|v| v != "dumb")
            }
        }
    }

    /// The settings that decide on a pair.
    pub fn judging(judge: &JudgeArgs) -> samewire::Result<Settings> {
        Ok(Settings {
            threshold: judge.threshold()?,
            shingle: judge.shingle,
            segment: !judge.no_segment,
            seed: judge.seed.unwrap_or(Settings::SEED),
            ..Settings::default()
        })
    }
}

/// The settings that decide on groups.
pub fn settings(find: FindArgs) -> samewire::Result<Settings> {
    Ok(Settings {
        recall: find.recall,
        matching: find.matching.into(),
        units: find.unit.into(),
        window: find.window,
        keep: find.keep,
        exact: find.exact,
        ..Plan::judging(&find.judging)?
    })
}

/// The decisions of a file.
pub fn read_decisions(file: &Path) -> Result<Decisions> {
    let bytes =
        fs::read(file).with_context(|| format!("{}: reading the decisions", file.display()))?;
    let text = String::from_utf8(bytes).map_err(|_| {
        anyhow!(
            "{}: the decisions are not UTF-8; convert them first",
            file.display()
        )
    })?;
    Ok(Decisions::parse(file, &text)?)
}
