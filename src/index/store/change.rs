//! What the stream hands to the index: rows as they are stored.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::config::Settings;
use crate::group::verdict::Verdict;
use crate::index::Budget;
use crate::story::Story;
use crate::verify::Link;

/// What some stories changed. Of two changes the later knows the earlier.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Stories that are new, in order.
    pub stories: Vec<NewStory>,
    /// Numbers of stories that have left.
    pub left: Vec<u64>,
    /// Numbers of stories that stay longer than was stored, and the times by which they leave.
    pub put_off: Vec<(u64, i64)>,
    /// Nodes of the forest of groups as they are now; none for one that is gone.
    pub nodes: Vec<(u32, Option<Node>)>,
    /// The numbers that go on.
    pub state: State,
}

/// A story that is new.
#[derive(Clone, Debug)]
pub struct NewStory {
    /// Its number.
    pub number: u64,
    /// Number of its first unit.
    pub first_unit: u64,
    /// Hash of all that its verdicts depend on.
    pub identity: u128,
    /// The time by which it leaves; only with a window.
    pub leaves: Option<i64>,
    /// The story with its text.
    pub story: Arc<Story<'static>>,
    /// Its text as it is stored, where that is not as it is.
    pub packed: Option<Box<[u8]>>,
    /// What was told of its units.
    pub verdicts: Arc<[Verdict]>,
    /// Its units, as many as verdicts.
    pub units: Vec<NewUnit>,
    /// Verified pairs of its units with earlier ones.
    pub links: Vec<NewLink>,
}

/// A verified pair, by the numbers of its units. Those in the link itself mean nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct NewLink {
    /// The earlier unit.
    pub a: u64,
    /// The later unit.
    pub b: u64,
    /// What was found.
    pub link: Link,
}

/// A unit of a story that is new.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NewUnit {
    /// Words in it.
    pub words: u32,
    /// Distinct seeds.
    pub seeds: u16,
    /// Hash of its words.
    pub content: u128,
    /// Its row and its node among the groups, if it is compared by keys.
    pub row: Option<(u32, u32)>,
}

/// A node of the forest of groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// The node above it; itself at the top.
    pub parent: u32,
    /// Number of the group's first unit.
    pub first: u64,
    /// The group's name, as its 48 bits.
    pub name: u64,
}

/// Numbers that go on from run to run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Changes so far.
    pub ticks: u64,
    /// Number of the next story.
    pub next_story: u64,
    /// Number of the next unit.
    pub next_unit: u64,
    /// Number of the next row.
    pub next_row: u32,
    /// Words that may still be compared.
    pub budget: u64,
    /// The last few times of the feed, in the order in which they were told.
    pub recent: Vec<i64>,
    /// What time it is in the feed.
    pub now: Option<i64>,
}

impl State {
    /// Of an index that holds nothing.
    pub fn default_for(settings: &Settings) -> Self {
        Self {
            budget: Budget::new(settings.exact).words(),
            ..Self::default()
        }
    }
}
