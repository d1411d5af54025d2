/*!
Settings with their defaults, validated once: every stage takes from here, none has a default of its own.
*/

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::story::UnitKind;
use crate::verify::rules::Rules;

/// Jaccard similarity from 0 to 1 as a whole number of millionths, so that comparisons need no floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Threshold(u32);

impl Threshold {
    /// Parts that make up one.
    pub const ONE: u64 = 1_000_000;

    /// From a fraction.
    ///
    /// # Errors
    /// When `t` is not above 0 and at most 1.
    pub fn new(t: f64) -> Result<Self> {
        if t > 0.0 && t <= 1.0 {
            Ok(Self((t * Self::ONE as f64).round().max(1.0) as u32))
        } else {
            Err(Error::Setting {
                option: "--threshold",
                value: t.to_string(),
                reason: "a similarity lies above 0 and is at most 1",
                next: "try --threshold 0.5",
            })
        }
    }

    /// As a fraction.
    pub fn value(self) -> f64 {
        f64::from(self.0) / Self::ONE as f64
    }

    /// Least number in common of two sets of `sizes` elements together that can reach it: s / (sizes − s) ≥ t ⇔ s ≥ sizes · t / (1 + t).
    pub fn least_shared(self, sizes: u64) -> u32 {
        let t = u64::from(self.0);
        (sizes * t).div_ceil(Self::ONE + t) as u32
    }

    /// Whether `part / whole` reaches it, by cross-multiplication. A whole of 0 never does.
    pub fn reached_by(self, part: u64, whole: u64) -> bool {
        whole > 0 && part * Self::ONE >= whole * u64::from(self.0)
    }
}

/// Which keys propose candidates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Match {
    /// All relations: winnowed seeds propose, and MinHash band keys where the threshold lies below what seeds find.
    #[default]
    All,
    /// Near-duplicates by Jaccard similarity alone: MinHash band keys propose. Least memory.
    Near,
}

/// Which units are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnitFilter {
    /// Stories and captions, each with their like.
    #[default]
    All,
    /// Story bodies only.
    Story,
    /// Captions only.
    Caption,
}

impl UnitFilter {
    /// Whether units of that kind are compared.
    pub fn admits(self, kind: UnitKind) -> bool {
        match self {
            UnitFilter::All => true,
            UnitFilter::Story => kind == UnitKind::Story,
            UnitFilter::Caption => kind == UnitKind::Caption,
        }
    }
}

/// Which member stands for a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// The earliest by time, then by input order.
    #[default]
    Earliest,
    /// The latest by time, then by input order.
    Latest,
    /// The one with most words, then the earliest.
    Longest,
    /// The first source of the list that has a member, then the earliest.
    Sources(Vec<String>),
}

/// All that decides an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Least Jaccard similarity of a near-duplicate.
    pub threshold: Threshold,
    /// Least probability that a pair at the threshold becomes a candidate.
    pub recall: f64,
    /// Words to a shingle of a story body.
    pub shingle: usize,
    /// Words to a shingle of a caption.
    pub caption_shingle: usize,
    /// Which keys propose candidates.
    pub matching: Match,
    /// Which units are compared.
    pub units: UnitFilter,
    /// Whether furniture is left out and captions are found inside stories.
    pub segment: bool,
    /// Units whose times are known and lie further apart than this many seconds are not compared.
    pub window: Option<u64>,
    /// Seed of every hash.
    pub seed: u64,
    /// Which member stands for a group.
    pub keep: Keep,
    /// Lifts the caps on keys that very many units share.
    pub exact: bool,
    /// Numbers that tell one relation from another.
    pub rules: Rules,
}

impl Settings {
    /// Default of `--threshold`.
    pub const THRESHOLD: f64 = 0.8;
    /// Default of `--recall`.
    pub const RECALL: f64 = 0.999;
    /// Default of `--shingle`.
    pub const SHINGLE: usize = 5;
    /// Words to a shingle of a caption; a caption has 8 to 60 words.
    pub const CAPTION_SHINGLE: usize = 3;
    /// Default of `--seed`.
    pub const SEED: u64 = 0;

    /// Checks every value.
    ///
    /// # Errors
    /// Names the option that is out of range.
    pub fn validate(&self) -> Result<()> {
        if !(self.recall > 0.0 && self.recall < 1.0) {
            return Err(Error::Setting {
                option: "--recall",
                value: self.recall.to_string(),
                reason: "a recall lies between 0 and 1, both excluded",
                next: "try --recall 0.999",
            });
        }
        if self.shingle == 0 || self.shingle > 64 {
            return Err(Error::Setting {
                option: "--shingle",
                value: self.shingle.to_string(),
                reason: "a shingle has 1 to 64 words",
                next: "try --shingle 5",
            });
        }
        Ok(())
    }

    /// All that changes a key or an answer, as option and value: two runs can share an index only if these are equal. Which member
    /// stands for a group is not among them.
    pub fn fingerprint(&self) -> Vec<(&'static str, String)> {
        let text = |value: serde_json::Result<String>| {
            value.unwrap_or_default().trim_matches('"').to_owned()
        };
        let flag = |set: bool| if set { "on" } else { "off" }.to_owned();
        vec![
            ("--match", text(serde_json::to_string(&self.matching))),
            ("--threshold", self.threshold.value().to_string()),
            (
                "--recall",
                format!("{:.9}", self.recall)
                    .trim_end_matches('0')
                    .to_owned(),
            ),
            ("--shingle", self.shingle.to_string()),
            ("caption shingle", self.caption_shingle.to_string()),
            ("--unit", text(serde_json::to_string(&self.units))),
            ("--no-segment", flag(!self.segment)),
            (
                "--window",
                self.window.map_or("none".to_owned(), |w| format!("{w}s")),
            ),
            ("--exact", flag(self.exact)),
            ("--seed", self.seed.to_string()),
            ("rules", text(serde_json::to_string(&self.rules))),
        ]
    }

    /// Words to a shingle of a unit of that kind.
    pub fn shingle_of(&self, kind: UnitKind) -> usize {
        match kind {
            UnitKind::Story => self.shingle,
            UnitKind::Caption => self.caption_shingle.min(self.shingle),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            threshold: Threshold((Self::THRESHOLD * Threshold::ONE as f64) as u32),
            recall: Self::RECALL,
            shingle: Self::SHINGLE,
            caption_shingle: Self::CAPTION_SHINGLE,
            matching: Match::default(),
            units: UnitFilter::default(),
            segment: true,
            window: None,
            seed: Self::SEED,
            keep: Keep::default(),
            exact: false,
            rules: Rules::default(),
        }
    }
}

/// All that decides which passages are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PassageSettings {
    /// Least number of words that a passage has in common with another place where it stands.
    pub min_words: usize,
    /// Least number of stories that it stands in.
    pub min_stories: usize,
    /// Whether furniture is left out and captions are told from the text around them.
    pub segment: bool,
    /// Lifts the cap on word runs that very many places share.
    pub exact: bool,
}

impl PassageSettings {
    /// Default of `--min-words`.
    pub const MIN_WORDS: usize = 10;
    /// Default of `--min-stories`.
    pub const MIN_STORIES: usize = 2;

    /// Checks every value.
    ///
    /// # Errors
    /// Names the option that is out of range.
    pub fn validate(&self) -> Result<()> {
        if self.min_words < 2 {
            return Err(Error::Setting {
                option: "--min-words",
                value: self.min_words.to_string(),
                reason: "a passage has 2 words at least",
                next: "try --min-words 10",
            });
        }
        if self.min_stories < 2 {
            return Err(Error::Setting {
                option: "--min-stories",
                value: self.min_stories.to_string(),
                reason: "what stands in one story alone is no repeat",
                next: "try --min-stories 2",
            });
        }
        Ok(())
    }
}

impl Default for PassageSettings {
    fn default() -> Self {
        Self {
            min_words: Self::MIN_WORDS,
            min_stories: Self::MIN_STORIES,
            segment: true,
            exact: false,
        }
    }
}
