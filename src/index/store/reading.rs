//! The database → stories, verdicts, links, nodes and counts.

use std::borrow::Cow;
use std::sync::Arc;

use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension as _, Row};

use super::change::Node;
use super::{Index, State, packing};
use crate::error::Result;
use crate::group::verdict::{Repeat, Verdict};
use crate::story::{Story, UnitKind};
use crate::threads::drawn_here;
use crate::verify::{Link, Relation};

/// A unit as it is stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StoredUnit {
    /// Its number.
    pub unit: u64,
    /// The story that it belongs to.
    pub story: u64,
    /// Body or caption.
    pub kind: UnitKind,
    /// Number of the caption within its story.
    pub caption: u16,
    /// Words in it.
    pub words: u32,
    /// Distinct seeds.
    pub seeds: u16,
    /// Hash of its words.
    pub content: u128,
    /// Its row and its node, if it is compared by keys.
    pub row: Option<(u32, u32)>,
}

/// A verified pair as it is stored, by the numbers of its units.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredLink {
    /// The earlier unit.
    pub a: u64,
    /// The later unit.
    pub b: u64,
    /// What was found; its own numbers mean nothing.
    pub link: Link,
}

/// A run that wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its number.
    pub number: u64,
    /// The program and its version.
    pub program: String,
    /// When it began, in seconds since 1970.
    pub started: i64,
    /// When it last wrote.
    pub ended: i64,
    /// Stories that it added.
    pub stories: u64,
    /// Stories that left while it ran.
    pub left: u64,
}

/// A story as it is stored, its text aside.
#[derive(Clone, Debug)]
pub struct StoredStory {
    /// Its number.
    pub number: u64,
    /// Hash of all that its verdicts depend on.
    pub identity: u128,
    /// The time by which it leaves; only with a window.
    pub leaves: Option<i64>,
    /// Its units.
    pub units: std::ops::Range<u64>,
    /// The story.
    pub story: Story<'static>,
}

/// Counts of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Stories.
    pub stories: u64,
    /// Units.
    pub units: u64,
    /// Verified pairs.
    pub links: u64,
    /// Groups, those of one included.
    pub groups: u64,
    /// Sessions.
    pub sessions: u64,
    /// Bytes of the database, and of its pages that are free.
    pub bytes: u64,
    /// Of them free.
    pub free: u64,
}

pub(super) fn kind_name(kind: UnitKind) -> &'static str {
    match kind {
        UnitKind::Story => "story",
        UnitKind::Caption => "caption",
    }
}

fn kind(name: &str) -> UnitKind {
    if name == "caption" {
        UnitKind::Caption
    } else {
        UnitKind::Story
    }
}

/// What cannot be told from a value.
fn broken(column: usize, what: &'static str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Blob, what.into())
}

/// A text as it is stored.
enum Text {
    Plain(Vec<u8>),
    Packed(Vec<u8>),
}

impl Text {
    fn of(value: ValueRef<'_>) -> rusqlite::Result<Self> {
        match value {
            ValueRef::Text(text) => Ok(Text::Plain(text.to_vec())),
            ValueRef::Blob(packed) => Ok(Text::Packed(packed.to_vec())),
            _ => Err(broken(TEXT, "a text is missing")),
        }
    }

    fn unpacked(self) -> rusqlite::Result<String> {
        let bytes = match self {
            Text::Plain(bytes) => Some(bytes),
            Text::Packed(packed) => packing::unpack(&packed),
        };
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        text.ok_or_else(|| broken(TEXT, "a text is damaged"))
    }
}

fn hash(row: &Row<'_>, column: usize) -> rusqlite::Result<u128> {
    let bytes: [u8; 16] = row.get(column)?;
    Ok(u128::from_be_bytes(bytes))
}

/// Columns of a story; the text comes last.
const STORY: &str =
    "number, id, kind, title, time, source, version, leaves, first_unit, units, identity";
/// The place of the text among them.
const TEXT: usize = 11;
/// Stories whose texts a thread unpacks at a time.
const AT_ONCE: usize = 64;

/// A story without its text.
fn story(row: &Row<'_>) -> rusqlite::Result<StoredStory> {
    let own = |column: usize| -> rusqlite::Result<Option<Cow<'static, str>>> {
        Ok(row.get::<_, Option<String>>(column)?.map(Cow::Owned))
    };
    let first: u64 = row.get(8)?;
    Ok(StoredStory {
        number: row.get(0)?,
        identity: hash(row, 10)?,
        leaves: row.get(7)?,
        units: first..first + row.get::<_, u64>(9)?,
        story: Story {
            id: Cow::Owned(row.get(1)?),
            text: Cow::default(),
            title: own(3)?,
            time: own(4)?,
            source: own(5)?,
            version: own(6)?,
            kind: kind(row.get_ref(2)?.as_str()?),
        },
    })
}

fn with_text(story: Story<'static>, text: String) -> Story<'static> {
    let text = Cow::Owned(text);
    Story { text, ..story }
}

fn unit(row: &Row<'_>) -> rusqlite::Result<StoredUnit> {
    let of_row: Option<u32> = row.get(7)?;
    let node: Option<u32> = row.get(8)?;
    Ok(StoredUnit {
        unit: row.get(0)?,
        story: row.get(1)?,
        kind: kind(row.get_ref(2)?.as_str()?),
        caption: row.get(3)?,
        words: row.get(4)?,
        seeds: row.get(5)?,
        content: hash(row, 6)?,
        row: of_row.zip(node),
    })
}

impl Index {
    /// The story with that number.
    ///
    /// # Errors
    /// When it is not there, or cannot be read.
    pub fn story(&self, number: u64) -> Result<Story<'static>> {
        let (story, text) = self.packed_story(number)?;
        let text = text.unpacked().map_err(|e| self.failed(e))?;
        Ok(with_text(story, text))
    }

    /// The stories with these numbers, in their order. Texts are unpacked by all threads while this one reads on.
    ///
    /// # Errors
    /// When one is not there, or cannot be read.
    pub fn stories_of(&self, numbers: &[u64]) -> Result<Vec<Story<'static>>> {
        let packed = numbers
            .chunks(AT_ONCE)
            .map(|some| -> Result<Vec<_>> { some.iter().map(|&n| self.packed_story(n)).collect() });
        let unpacked = drawn_here(packed, |some| {
            let unpack = |(story, text): (_, Text)| Ok(with_text(story, text.unpacked()?));
            some.into_iter().map(unpack).collect()
        })?;
        let mut stories = Vec::with_capacity(numbers.len());
        for some in unpacked {
            let some: rusqlite::Result<Vec<_>> = some;
            stories.extend(some.map_err(|e| self.failed(e))?);
        }
        Ok(stories)
    }

    /// The story with that number, and its text as it is stored.
    fn packed_story(&self, number: u64) -> Result<(Story<'static>, Text)> {
        let found = self
            .connection
            .prepare_cached(&format!(
                "SELECT {STORY}, text FROM stories WHERE number = ?1"
            ))
            .and_then(|mut s| {
                s.query_row([number], |row| {
                    Ok((story(row)?.story, Text::of(row.get_ref(TEXT)?)?))
                })
                .optional()
            })
            .map_err(|e| self.failed(e))?;
        found.ok_or_else(|| self.damaged(format!("story {number} is missing")))
    }

    /// What was told of the story with that number.
    ///
    /// # Errors
    /// When it is not there, or cannot be read.
    pub fn verdicts(&self, number: u64) -> Result<Arc<[Verdict]>> {
        let read = || {
            let mut units = self.connection.prepare_cached(
                "SELECT kind, caption, relation, repeats, jaccard, containment, told_group, merged FROM units
                 WHERE unit >= (SELECT first_unit FROM stories WHERE number = ?1)
                 AND unit < (SELECT first_unit + units FROM stories WHERE number = ?1) ORDER BY unit",
            )?;
            units
                .query_map([number], verdict)?
                .collect::<rusqlite::Result<Vec<Verdict>>>()
        };
        Ok(read().map_err(|e| self.failed(e))?.into())
    }

    /// Hands over all stories from a number on, in order, each with its units; with or without their texts.
    ///
    /// # Errors
    /// When they cannot be read, or `take` fails.
    pub fn stories(
        &self,
        from: u64,
        texts: bool,
        mut take: impl FnMut(StoredStory, Vec<StoredUnit>) -> Result<()>,
    ) -> Result<()> {
        let failed = |e| self.failed(e);
        let column = if texts { ", text" } else { "" };
        let mut stories = self
            .connection
            .prepare(&format!(
                "SELECT {STORY}{column} FROM stories WHERE number >= ?1 ORDER BY number"
            ))
            .map_err(failed)?;
        let mut rows = stories.query([from]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let mut stored = story(row).map_err(failed)?;
            if texts {
                let text = row
                    .get_ref(TEXT)
                    .and_then(|value| Text::of(value)?.unpacked());
                stored.story.text = Cow::Owned(text.map_err(failed)?);
            }
            let units = self.units(stored.units.clone())?;
            take(stored, units)?;
        }
        Ok(())
    }

    /// The units with these numbers that are there, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn units(&self, numbers: std::ops::Range<u64>) -> Result<Vec<StoredUnit>> {
        let read = || -> rusqlite::Result<_> {
            self.connection
                .prepare_cached("SELECT unit, story, kind, caption, words, seeds, content, row, node FROM units WHERE unit >= ?1 AND unit < ?2 ORDER BY unit")?
                .query_map([numbers.start, numbers.end], unit)?
                .collect()
        };
        read().map_err(|e| self.failed(e))
    }

    /// All verified pairs, in order of the later unit.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn links(&self) -> Result<Vec<StoredLink>> {
        let read = || -> rusqlite::Result<_> {
            self.connection
                .prepare("SELECT a, b, relation, shared, size_a, size_b, spans, why FROM links ORDER BY b, a")?
                .query_map([], link)?
                .collect()
        };
        read().map_err(|e| self.failed(e))
    }

    /// Numbers of the stories with a unit that has the words of one of these units.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn copies_of(&self, units: &[u64]) -> Result<Vec<u64>> {
        let mut copies = Vec::new();
        let mut read = || -> rusqlite::Result<()> {
            let mut of_one = self.connection.prepare_cached(
                "SELECT u.story FROM links l JOIN units u ON u.unit = l.b WHERE l.a = ?1 AND u.row IS NULL",
            )?;
            for unit in units {
                for story in of_one.query_map([unit], |r| r.get(0))? {
                    copies.push(story?);
                }
            }
            Ok(())
        };
        read().map_err(|e| self.failed(e))?;
        Ok(copies)
    }

    /// All nodes of the forest of groups, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn nodes(&self) -> Result<Vec<(u32, Node)>> {
        let read = || -> rusqlite::Result<_> {
            self.connection
                .prepare("SELECT node, parent, first_unit, name FROM nodes ORDER BY node")?
                .query_map([], |r| {
                    let node = Node {
                        parent: r.get(1)?,
                        first: r.get(2)?,
                        name: r.get(3)?,
                    };
                    Ok((r.get(0)?, node))
                })?
                .collect()
        };
        read().map_err(|e| self.failed(e))
    }

    /// Numbers of the stories that have left after so many changes.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn gone_after(&self, ticks: u64) -> Result<Vec<u64>> {
        let read = || -> rusqlite::Result<_> {
            self.connection
                .prepare("SELECT number FROM gone WHERE tick > ?1 ORDER BY number")?
                .query_map([ticks], |r| r.get(0))?
                .collect()
        };
        read().map_err(|e| self.failed(e))
    }

    /// The time by which a story leaves, where it is there and there is a window.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn leaves(&self, number: u64) -> Result<Option<i64>> {
        let read = || -> rusqlite::Result<Option<Option<i64>>> {
            self.connection
                .prepare_cached("SELECT leaves FROM stories WHERE number = ?1")?
                .query_row([number], |r| r.get(0))
                .optional()
        };
        Ok(read().map_err(|e| self.failed(e))?.flatten())
    }

    /// The runs that wrote, in order; those that were broken off before anything was stored are none.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn sessions(&self) -> Result<Vec<Session>> {
        let read = || -> rusqlite::Result<_> {
            self.connection
                .prepare("SELECT session, program, started, ended, stories, left_window FROM sessions WHERE stories + left_window > 0 ORDER BY session")?
                .query_map([], |r| {
                    Ok(Session {
                        number: r.get(0)?,
                        program: r.get(1)?,
                        started: r.get(2)?,
                        ended: r.get(3)?,
                        stories: r.get(4)?,
                        left: r.get(5)?,
                    })
                })?
                .collect()
        };
        read().map_err(|e| self.failed(e))
    }

    /// The first story whose answer may not have been had: sessions broke off since the last that ended. None if none did.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn broken_off_from(&self) -> Result<Option<u64>> {
        let before: Option<String> = self
            .connection
            .query_row(
                "SELECT state_before FROM sessions WHERE whole = 0 ORDER BY session LIMIT 1",
                [],
                |r| r.get(0),
            )
            .optional()
            .map_err(|e| self.failed(e))?;
        let state = before.and_then(|json| serde_json::from_str::<State>(&json).ok());
        Ok(state.map(|s| s.next_story))
    }

    /// Counts all.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn totals(&self) -> Result<Totals> {
        let number = |sql: &str| -> rusqlite::Result<u64> {
            self.connection.query_row(sql, [], |r| r.get(0))
        };
        let read = || {
            let page = number("PRAGMA page_size")?;
            Ok(Totals {
                stories: number("SELECT count(*) FROM stories")?,
                units: number("SELECT count(*) FROM units")?,
                links: number("SELECT count(*) FROM links")?,
                groups: number("SELECT count(*) FROM nodes WHERE node = parent")?,
                sessions: number("SELECT count(*) FROM sessions WHERE stories + left_window > 0")?,
                bytes: number("PRAGMA page_count")? * page,
                free: number("PRAGMA freelist_count")? * page,
            })
        };
        read().map_err(|e| self.failed(e))
    }
}

fn verdict(row: &Row<'_>) -> rusqlite::Result<Verdict> {
    let relation = match row.get_ref(2)?.as_str_or_null()? {
        Some(name) => Some(Relation::named(name).ok_or_else(|| broken(2, "no relation"))?),
        None => None,
    };
    let repeat = match relation {
        Some(relation) => Some(Repeat {
            relation,
            of: row.get(3)?,
            jaccard: row.get(4)?,
            containment: row.get(5)?,
        }),
        None => None,
    };
    let merged = match row.get_ref(7)?.as_str_or_null()? {
        Some(json) => serde_json::from_str(json).map_err(|_| broken(7, "no list of groups"))?,
        None => Vec::new(),
    };
    Ok(Verdict {
        kind: kind(row.get_ref(0)?.as_str()?),
        caption: row.get(1)?,
        repeat,
        group: row.get(6)?,
        merged,
    })
}

fn link(row: &Row<'_>) -> rusqlite::Result<StoredLink> {
    use crate::story::UnitId;
    Ok(StoredLink {
        a: row.get(0)?,
        b: row.get(1)?,
        link: Link {
            a: UnitId(0),
            b: UnitId(0),
            relation: Relation::named(row.get_ref(2)?.as_str()?)
                .ok_or_else(|| broken(2, "no relation"))?,
            shared: row.get(3)?,
            size_a: row.get(4)?,
            size_b: row.get(5)?,
            spans: serde_json::from_str(row.get_ref(6)?.as_str()?)
                .map_err(|_| broken(6, "no spans"))?,
            reason: serde_json::from_str(row.get_ref(7)?.as_str()?)
                .map_err(|_| broken(7, "no reason"))?,
        },
    })
}
