/*!
Candidate → [`Link`]: exact similarity and the relation.

Integers only: shingle counts are compared by cross-multiplication.
*/

pub mod align;
pub mod comparison;
pub mod evidence;
pub mod jaccard;
mod lexicon;
pub mod prepared;
pub mod relation;
pub mod rules;
mod values;

use serde::{Deserialize, Serialize};

use crate::story::UnitId;

/// What kind of repeat a pair is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// Same words once furniture is ignored.
    Exact,
    /// Small edits, no new facts.
    Near,
    /// A later version: text is used again, facts are added or corrected.
    Revision,
    /// One is a cut or an excerpt of the other.
    Contains,
    /// The same form, other facts.
    Template,
    /// Passages are shared; otherwise another story.
    Overlap,
    /// Somebody decided that the two are one, which verification would not say.
    Decided,
}

impl Relation {
    /// All that verification tells, in the order in which they are told.
    pub const ALL: [Relation; 6] = [
        Relation::Exact,
        Relation::Near,
        Relation::Revision,
        Relation::Contains,
        Relation::Template,
        Relation::Overlap,
    ];

    /// Whether such a link joins its units into one group.
    pub fn joins(self) -> bool {
        matches!(
            self,
            Relation::Exact
                | Relation::Near
                | Relation::Revision
                | Relation::Contains
                | Relation::Decided
        )
    }

    /// The relation of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }

    /// The name in output.
    pub fn name(self) -> &'static str {
        match self {
            Relation::Exact => "exact",
            Relation::Near => "near",
            Relation::Revision => "revision",
            Relation::Contains => "contains",
            Relation::Template => "template",
            Relation::Overlap => "overlap",
            Relation::Decided => "decided",
        }
    }
}

/// Runs of text that two units share: bytes `a.0..a.1` of one story's text and `b.0..b.1` of the other's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span(pub u32, pub u32, pub u32, pub u32);

/// A verified pair of units. `a` comes before `b` in input order.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The earlier unit in input order.
    pub a: UnitId,
    /// The later.
    pub b: UnitId,
    /// What kind of repeat.
    pub relation: Relation,
    /// Shingles that both have.
    pub shared: u32,
    /// Distinct shingles of `a`.
    pub size_a: u32,
    /// Distinct shingles of `b`.
    pub size_b: u32,
    /// Aligned runs, in order of `a`; none where units were compared by their shingles alone.
    pub spans: Vec<Span>,
    /// Why.
    pub reason: relation::Reason,
}

impl Link {
    /// Jaccard similarity of the shingle sets.
    pub fn jaccard(&self) -> f64 {
        f64::from(self.shared) / f64::from(self.size_a + self.size_b - self.shared)
    }

    /// Share of `a`'s shingles that `b` has.
    pub fn containment_a(&self) -> f64 {
        f64::from(self.shared) / f64::from(self.size_a)
    }

    /// Share of `b`'s shingles that `a` has.
    pub fn containment_b(&self) -> f64 {
        f64::from(self.shared) / f64::from(self.size_b)
    }
}
