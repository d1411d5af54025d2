/*!
Evidence → relation: the rules, each with the reason an editor would give. Stories and captions have rules of their own
(`story.rs`, `caption.rs`); the numbers are in [`rules`](super::rules).

Invariant: what is decided of two units does not depend on which of them comes first.
*/

mod caption;
mod story;
mod subject;

use serde::{Deserialize, Serialize};

use super::Relation;
use super::align::Alignment;
use super::evidence::Evidence;
use super::prepared::Prepared;
use crate::config::Settings;
use crate::story::UnitKind;

/// The rule that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The words are the same.
    SameWords,
    /// The Jaccard similarity reaches the threshold.
    Threshold,
    /// The same id under another version.
    Version,
    /// A desk's tag says that it is a later version.
    DeskTag,
    /// Figures or names are exchanged along the shared text.
    Exchanged,
    /// Each headline names somebody of whom the other story says nothing.
    Subject,
    /// Text and headline are shared within a news cycle.
    NewsCycle,
    /// Nearly all the text is shared, whenever it was sent.
    Standing,
    /// Most of both texts is shared, and nothing else is known of them.
    Alone,
    /// They differ in form alone.
    FormOnly,
    /// One stands in the other as a whole.
    Whole,
    /// The wording is shared, the facts are not known to be.
    Wording,
    /// One carries several unrelated stories.
    RoundUp,
    /// A passage is shared.
    Passage,
    /// Nothing worth telling is shared.
    Nothing,
}

impl Rule {
    /// The name in output.
    pub fn name(self) -> &'static str {
        match self {
            Rule::SameWords => "same-words",
            Rule::Threshold => "threshold",
            Rule::Version => "version",
            Rule::DeskTag => "desk-tag",
            Rule::Exchanged => "exchanged",
            Rule::Subject => "subject",
            Rule::NewsCycle => "news-cycle",
            Rule::Standing => "standing",
            Rule::Alone => "alone",
            Rule::FormOnly => "form-only",
            Rule::Whole => "whole",
            Rule::Wording => "wording",
            Rule::RoundUp => "round-up",
            Rule::Passage => "passage",
            Rule::Nothing => "nothing",
        }
    }
}

/// Why a pair has its relation: the rule and the counts that it looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The rule that decided.
    pub rule: Rule,
    /// Words of each text that lie in shared runs.
    pub covered: u32,
    /// Words of the first text.
    pub words_a: u32,
    /// Words of the second.
    pub words_b: u32,
    /// Edits that put numbers in place of numbers.
    pub numbers: u32,
    /// Edits that put names in place of names.
    pub names: u32,
    /// All other edits along shared runs.
    pub others: u32,
}

impl Reason {
    /// A reason that needs no alignment.
    pub fn plain(rule: Rule, covered: usize, words_a: usize, words_b: usize) -> Self {
        Self {
            rule,
            covered: covered as u32,
            words_a: words_a as u32,
            words_b: words_b as u32,
            numbers: 0,
            names: 0,
            others: 0,
        }
    }

    fn of(rule: Rule, e: &Evidence) -> Self {
        Self {
            numbers: e.numbers as u32,
            names: e.names as u32,
            others: e.others as u32,
            ..Self::plain(rule, e.tiled, e.words[0], e.words[1])
        }
    }
}

/// The relation of two units and why; none where they share nothing worth telling.
pub fn decide(
    a: &Prepared<'_>,
    b: &Prepared<'_>,
    e: &Evidence,
    alignment: &Alignment,
    settings: &Settings,
) -> (Option<Relation>, Reason) {
    let (relation, rule) = if a.words().is_empty() || b.words().is_empty() {
        (None, Rule::Nothing)
    } else if a.words() == b.words() {
        (Some(Relation::Exact), Rule::SameWords)
    } else {
        match a.kind {
            UnitKind::Story => story::decide(a, b, e, settings),
            UnitKind::Caption => caption::decide(a, b, e, alignment, &settings.rules),
        }
    };
    (relation, Reason::of(rule, e))
}

#[cfg(test)]
mod tests;
