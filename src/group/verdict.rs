//! What is told of a unit as soon as it comes: what it repeats, and its group.

use crate::story::UnitKind;
use crate::verify::Relation;

/// What is told of a unit of a story.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Body or caption.
    pub kind: UnitKind,
    /// Number of the caption within its story, from 1; 0 for a body, and for a record that is a caption as a whole.
    pub caption: u16,
    /// What kind of repeat it is, with the earlier unit that shows it best; none at first sight.
    pub repeat: Option<Repeat>,
    /// Name of its group, which may be a group of one.
    pub group: String,
    /// Names of groups that turned out to be this group: from now on they are.
    pub merged: Vec<String>,
}

/// What a unit repeats.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeat {
    /// What kind of repeat.
    pub relation: Relation,
    /// Id of the earlier unit.
    pub of: String,
    /// Jaccard similarity of the two.
    pub jaccard: f64,
    /// The larger of the two containments.
    pub containment: f64,
}
