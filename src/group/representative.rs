//! Order of members in a group, and which of them stands for it.

use crate::config::Keep;
use crate::story::{Story, UnitId};

/// What decides a member's place.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The unit.
    pub unit: UnitId,
    seconds: Option<i64>,
    words: u32,
    source: Option<String>,
}

impl Facts {
    /// Of a unit of so many words in that story.
    pub fn of(story: &Story<'_>, words: u32, unit: UnitId) -> Self {
        Self {
            unit,
            seconds: story.seconds(),
            words,
            source: story.source.as_deref().map(str::to_owned),
        }
    }

    /// Earliest first; members without a time come after those with one, in input order.
    pub fn order(&self) -> (bool, Option<i64>, UnitId) {
        (self.seconds.is_none(), self.seconds, self.unit)
    }
}

/// Position of the member that stands for the group, among members in order.
pub fn choose(members: &[Facts], keep: &Keep) -> usize {
    let by = |better: &dyn Fn(&Facts, &Facts) -> bool| {
        (1..members.len()).fold(0, |best, i| {
            if better(&members[i], &members[best]) {
                i
            } else {
                best
            }
        })
    };
    match keep {
        Keep::Earliest => 0,
        // Of members with the same time, and where no time is known, the last in input order is the latest.
        Keep::Latest => by(&|x, best| (x.seconds, x.unit) > (best.seconds, best.unit)),
        Keep::Longest => by(&|x, best| x.words > best.words),
        Keep::Sources(list) => {
            let rank = |m: &Facts| {
                let source = m.source.as_deref()?;
                list.iter()
                    .position(|wanted| wanted.eq_ignore_ascii_case(source))
            };
            by(&|x, best| match (rank(x), rank(best)) {
                (Some(x), Some(best)) => x < best,
                (x, best) => x.is_some() && best.is_none(),
            })
        }
    }
}
