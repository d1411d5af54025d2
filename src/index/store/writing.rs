//! Changes → the database, several in one transaction.

use std::time::{Duration, SystemTime};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, params};

use super::change::{Change, NewStory, State};
use super::schema::PATIENCE;
use super::{Index, LOOKUP, LOOKUP_NEW, sync_directory};
use crate::error::{Error, Result};
use crate::group::verdict::Verdict;

/// Writes a session: opened by [`Index::begin`], it ends when it is dropped; what was committed stays.
pub struct Writer {
    index: Index,
    session: i64,
    /// Whether a transaction is open.
    open: bool,
    stories: u64,
    left: u64,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("index", &self.index)
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

fn now() -> i64 {
    SystemTime::UNIX_EPOCH
        .elapsed()
        .map_or(0, |t| t.as_secs() as i64)
}

impl Index {
    /// Begins a session. `program` is told by [`sessions`](Index::sessions).
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn begin(self, program: &str) -> Result<Writer> {
        let before = serde_json::to_string(&self.state).unwrap_or_default();
        let session = self
            .connection
            .query_row(
                "INSERT INTO sessions (program, started, ended, state_before) VALUES (?1, ?2, ?2, ?3) RETURNING session",
                params![program, now(), before],
                |r| r.get(0),
            )
            .map_err(|e| self.failed(e))?;
        Ok(Writer {
            index: self,
            session,
            open: false,
            stories: 0,
            left: 0,
        })
    }
}

impl Index {
    /// Folds the log into the database, as far as nobody reads what was before, and empties it. What was committed is durable without; this takes
    /// the work from where the index is closed.
    fn fold_log(&self) {
        let connection = &self.connection;
        // What fails, the next to close it or to write much tries again.
        let _ = connection.busy_timeout(Duration::ZERO);
        let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        let _ = connection.busy_timeout(PATIENCE);
    }

    /// Puts the look-up file that was written at so many changes in its place.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn publish_lookup(&mut self, ticks: u64) -> Result<()> {
        let path = &self.path;
        let failed = |source| Error::File {
            path: path.join(LOOKUP),
            action: "writing",
            next: "make the directory one that can be written to",
            source,
        };
        std::fs::rename(path.join(LOOKUP_NEW), path.join(LOOKUP)).map_err(failed)?;
        let any_gone = self
            .connection
            .query_row("SELECT EXISTS (SELECT 1 FROM gone)", [], |r| r.get(0))
            .map_err(|e| self.failed(e))?;
        if any_gone {
            // The file before must not come back that needs to be told of them.
            sync_directory(path).map_err(failed)?;
            self.connection
                .execute("DELETE FROM gone WHERE tick <= ?1", [ticks])
                .map_err(|e| self.failed(e))?;
        }
        Ok(())
    }
}

impl Writer {
    /// Takes a change into the open transaction.
    ///
    /// # Errors
    /// When it cannot be written; then nothing of the transaction is.
    pub fn apply(&mut self, change: &Change) -> Result<()> {
        self.try_apply(change).map_err(|e| self.index.failed(e))
    }

    fn try_apply(&mut self, change: &Change) -> rusqlite::Result<()> {
        let connection = &self.index.connection;
        if !self.open {
            connection.execute_batch("BEGIN IMMEDIATE")?;
            self.open = true;
        }
        let mut insert = Insert::new(connection)?;
        for story in &change.stories {
            insert.story(story)?;
        }
        for &(number, leaves) in &change.put_off {
            connection
                .prepare_cached("UPDATE stories SET leaves = ?2 WHERE number = ?1")?
                .execute(params![number, leaves])?;
        }
        for &number in &change.left {
            part_with(connection, number, change.state.ticks)?;
        }
        for &(number, node) in &change.nodes {
            connection
                .prepare_cached("INSERT OR IGNORE INTO nodes_before SELECT ?1, node, parent, first_unit, name FROM nodes WHERE node = ?2 AND session < ?1")?
                .execute(params![self.session, number])?;
            match node {
                Some(node) => connection
                    .prepare_cached("INSERT INTO nodes VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET parent = ?2, first_unit = ?3, name = ?4")?
                    .execute(params![number, node.parent, node.first, node.name, self.session])?,
                None => connection
                    .prepare_cached("DELETE FROM nodes WHERE node = ?1")?
                    .execute([number])?,
            };
        }
        self.stories += change.stories.len() as u64;
        self.left += change.left.len() as u64;
        self.index.state.clone_from(&change.state);
        Ok(())
    }

    /// Makes all that was taken durable.
    ///
    /// # Errors
    /// When it cannot be written; then nothing of the transaction is.
    pub fn commit(&mut self) -> Result<()> {
        if !self.open {
            return Ok(());
        }
        self.try_commit().map_err(|e| self.index.failed(e))?;
        self.open = false;
        Ok(())
    }

    fn try_commit(&self) -> rusqlite::Result<()> {
        self.note()?;
        self.index.connection.execute_batch("COMMIT")
    }

    /// Notes in the open transaction how far the session is.
    fn note(&self) -> rusqlite::Result<()> {
        let connection = &self.index.connection;
        store_state(connection, &self.index.state)?;
        connection
            .prepare_cached(
                "UPDATE sessions SET ended = ?2, stories = ?3, left_window = ?4 WHERE session = ?1",
            )?
            .execute(params![self.session, now(), self.stories, self.left])?;
        Ok(())
    }

    /// The numbers of what is written.
    pub fn state(&self) -> &State {
        &self.index.state
    }

    /// Puts the look-up file that was written at so many changes in its place, once all of them are durable.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn publish_lookup(&mut self, ticks: u64) -> Result<()> {
        self.commit()?;
        self.index.publish_lookup(ticks)
    }

    /// Ends the session, with what was taken into the open transaction: its answers, and those of sessions before it that broke off, were had.
    /// One that changed nothing leaves no trace. Then a look-up file may still be put in its place, but no change be taken.
    ///
    /// # Errors
    /// When the last of it cannot be written.
    pub fn end(&mut self) -> Result<()> {
        self.try_end().map_err(|e| self.index.failed(e))?;
        self.open = false;
        self.index.fold_log();
        Ok(())
    }

    fn try_end(&self) -> rusqlite::Result<()> {
        let connection = &self.index.connection;
        if !self.open {
            connection.execute_batch("BEGIN IMMEDIATE")?;
        }
        self.note()?;
        if self.stories + self.left == 0 {
            connection.execute("DELETE FROM sessions WHERE session = ?1", [self.session])?;
        }
        connection.execute("UPDATE sessions SET whole = 1 WHERE whole = 0", [])?;
        connection.execute_batch("COMMIT")
    }
}

/// Stores the numbers that go on.
pub(super) fn store_state(connection: &Connection, state: &State) -> rusqlite::Result<()> {
    let json = serde_json::to_string(state)
        .map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?;
    connection
        .prepare_cached("UPDATE meta SET value = ?1 WHERE key = 'state'")?
        .execute([json])?;
    Ok(())
}

/// Stores stories.
struct Insert<'c> {
    stories: CachedStatement<'c>,
    units: CachedStatement<'c>,
    links: CachedStatement<'c>,
}

impl<'c> Insert<'c> {
    fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        let values = |table: &str, columns: usize| {
            let values: Vec<String> = (1..=columns).map(|i| format!("?{i}")).collect();
            let sql = format!("INSERT INTO {table} VALUES ({})", values.join(", "));
            connection.prepare_cached(&sql)
        };
        Ok(Self {
            stories: values("stories", 12)?,
            units: values("units", 15)?,
            links: values("links", 8)?,
        })
    }

    fn story(&mut self, new: &NewStory) -> rusqlite::Result<()> {
        let story = &new.story;
        let text = ToSqlOutput::Borrowed(match &new.packed {
            Some(packed) => ValueRef::Blob(packed),
            None => ValueRef::Text(story.text.as_bytes()),
        });
        self.stories.execute(params![
            new.number,
            story.id,
            super::reading::kind_name(story.kind),
            story.title,
            story.time,
            story.source,
            story.version,
            new.leaves,
            new.first_unit,
            new.units.len(),
            new.identity.to_be_bytes(),
            text,
        ])?;
        for (i, (unit, verdict)) in new.units.iter().zip(&*new.verdicts).enumerate() {
            let Verdict {
                kind,
                caption,
                repeat,
                group,
                merged,
            } = verdict;
            let repeat = repeat.as_ref();
            let merged =
                (!merged.is_empty()).then(|| serde_json::to_string(merged).unwrap_or_default());
            self.units.execute(params![
                new.first_unit + i as u64,
                new.number,
                super::reading::kind_name(*kind),
                caption,
                unit.words,
                unit.seeds,
                unit.content.to_be_bytes(),
                unit.row.map(|r| r.0),
                unit.row.map(|r| r.1),
                repeat.map(|r| r.relation.name()),
                repeat.map(|r| &r.of),
                repeat.map(|r| r.jaccard),
                repeat.map(|r| r.containment),
                group,
                merged,
            ])?;
        }
        for found in &new.links {
            let link = &found.link;
            self.links.execute(params![
                found.b,
                found.a,
                link.relation.name(),
                link.shared,
                link.size_a,
                link.size_b,
                serde_json::to_string(&link.spans).unwrap_or_default(),
                serde_json::to_string(&link.reason).unwrap_or_default(),
            ])?;
        }
        Ok(())
    }
}

/// Takes a story out that has left, with all that speaks of it.
fn part_with(connection: &Connection, number: u64, tick: u64) -> rusqlite::Result<()> {
    for sql in [
        "DELETE FROM links WHERE b IN (SELECT unit FROM units WHERE unit >= (SELECT first_unit FROM stories WHERE number = ?1) AND unit < (SELECT first_unit + units FROM stories WHERE number = ?1))",
        "DELETE FROM links WHERE a IN (SELECT unit FROM units WHERE unit >= (SELECT first_unit FROM stories WHERE number = ?1) AND unit < (SELECT first_unit + units FROM stories WHERE number = ?1))",
        "DELETE FROM units WHERE unit >= (SELECT first_unit FROM stories WHERE number = ?1) AND unit < (SELECT first_unit + units FROM stories WHERE number = ?1)",
        "DELETE FROM stories WHERE number = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([number])?;
    }
    connection
        .prepare_cached("INSERT OR REPLACE INTO gone VALUES (?1, ?2)")?
        .execute(params![number, tick])?;
    Ok(())
}
