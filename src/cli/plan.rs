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

use super::args::{ColorArg, GeneralArgs, InputArgs, JudgeArgs, MatchArgs, RecordArgs};
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
        let decisions = matching.decisions.clone();
        let settings = settings(matching)?;
        let paths = inputs::paths(input.paths, input.files_from.as_deref(), input.null)?;
        let plan = Self::of(paths, input.records, settings, general)?.within(input.memory);
        Ok(match decisions {
            Some(file) => Self {
                decisions: read_decisions(&file)?,
                ..plan
            },
            None => plan,
        })
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
        Self::of(paths, input.records, settings, general).map(|plan| plan.within(input.memory))
    }

    fn within(mut self, memory: usize) -> Self {
        self.reading.memory = memory as u64;
        self
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
pub fn settings(matching: MatchArgs) -> samewire::Result<Settings> {
    Ok(Settings {
        recall: matching.recall,
        matching: matching.matching.into(),
        units: matching.unit.into(),
        window: matching.window,
        keep: matching.keep,
        exact: matching.exact,
        ..Plan::judging(&matching.judging)?
    })
}

/// The decisions of a file.
pub fn read_decisions(file: &Path) -> Result<Decisions> {
    super::output::note_named(file);
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
