/*!
Links → groups.

A group is a connected component of the links that join: the definition has no order in it, so batch,
stream and any number of threads agree.
*/

use crate::story::{UnitId, UnitKind};
use crate::verify::Link;

/// Units that tell the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Name: `g-` and 12 hexadecimal digits, made from the kind and the id of the first member in input order.
    pub name: String,
    /// What its members are.
    pub kind: UnitKind,
    /// Members, earliest first (by time where known, then by input order).
    pub members: Vec<Member>,
    /// The member that stands for it, as a position in `members`.
    pub representative: usize,
    /// Least Jaccard similarity on the strongest chain of links that holds the group together
    /// (the bottleneck of a maximum spanning tree).
    pub weakest: f64,
}

/// A unit in a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The unit.
    pub unit: UnitId,
    /// The link that ties it to an earlier member; none for the first.
    pub link: Option<MemberLink>,
}

/// How a member is tied to an earlier one.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberLink {
    /// The earlier member, as a position in `members`.
    pub to: usize,
    /// The link between the two, in either direction.
    pub link: Link,
}
