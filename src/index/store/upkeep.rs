//! Checking an index, making it small, and taking the last session back.

use rusqlite::{OptionalExtension as _, params};

use super::{Index, LOOKUP, schema, writing};
use crate::error::{Error, Result};

/// What was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The session.
    pub session: u64,
    /// How many stories it had added.
    pub stories: u64,
}

/// What must find nothing, and what it is when it does.
const CHECKS: [(&str, &str); 8] = [
    (
        "SELECT count(*) FROM units u LEFT JOIN stories s ON s.number = u.story WHERE s.number IS NULL OR u.unit < s.first_unit OR u.unit >= s.first_unit + s.units",
        "units without their story",
    ),
    (
        "SELECT count(*) FROM stories s WHERE (SELECT count(*) FROM units u WHERE u.unit >= s.first_unit AND u.unit < s.first_unit + s.units) <> s.units",
        "stories without their units",
    ),
    (
        "SELECT count(*) FROM units u LEFT JOIN nodes n ON n.node = u.node WHERE u.row IS NOT NULL AND n.node IS NULL",
        "units without their group",
    ),
    (
        "SELECT count(*) FROM nodes n LEFT JOIN nodes p ON p.node = n.parent WHERE p.node IS NULL",
        "groups that end nowhere",
    ),
    (
        "SELECT count(*) FROM links l LEFT JOIN units a ON a.unit = l.a LEFT JOIN units b ON b.unit = l.b WHERE a.unit IS NULL OR b.unit IS NULL",
        "links without their units",
    ),
    (
        "SELECT count(*) FROM (SELECT row FROM units WHERE row IS NOT NULL GROUP BY row HAVING count(*) > 1)",
        "rows that stand twice",
    ),
    (
        "SELECT count(*) FROM (SELECT identity FROM stories GROUP BY identity HAVING count(*) > 1)",
        "stories that stand twice",
    ),
    (
        "SELECT abs((SELECT coalesce(sum(stories), 0) - coalesce(sum(left_window), 0) FROM sessions) - (SELECT count(*) FROM stories))",
        "stories more or fewer than the sessions tell of",
    ),
];

impl Index {
    /// Looks for damage in the database, every page and every text; returns what was found.
    ///
    /// # Errors
    /// When it cannot be read at all.
    pub fn check(&self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        let integrity = || {
            self.connection
                .prepare("PRAGMA integrity_check(20)")?
                .query_map([], |r| r.get(0))?
                .collect::<rusqlite::Result<Vec<String>>>()
        };
        match integrity() {
            Ok(told) if told == ["ok"] => {}
            Ok(told) => found.extend(told),
            Err(e) => found.push(e.to_string()),
        }
        // A fault of the file as a whole is told by each of the following too.
        let mut told = |what: String| {
            if !found.contains(&what) {
                found.push(what);
            }
        };
        for (sql, what) in CHECKS {
            let count = self.connection.query_row(sql, [], |r| r.get::<_, u64>(0));
            match count {
                Ok(0) => {}
                Ok(n) => told(format!("{n} {what}")),
                Err(e) => told(e.to_string()),
            }
        }
        let (next_story, next_unit) = (self.state.next_story, self.state.next_unit);
        let texts = self.stories(0, true, |stored, units| {
            if stored.number >= next_story || stored.units.end > next_unit {
                told(format!(
                    "story {} is numbered beyond the last",
                    stored.number
                ));
            }
            drop(units);
            Ok(())
        });
        match texts {
            Ok(()) => {}
            Err(Error::IndexDamaged { reason, .. }) => told(reason),
            Err(e) => told(e.to_string()),
        }
        Ok(found)
    }

    /// Gives free space back to the system.
    ///
    /// # Errors
    /// When the index is read or cannot be written.
    pub fn vacuum(&self) -> Result<()> {
        self.connection
            .execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
            .map_err(|e| self.failed(e))
    }

    /// Takes back the last session: the index is then what it was before it. None if there is none.
    ///
    /// # Errors
    /// When stories have left in that session, which cannot come back; or when the index cannot be written.
    pub fn undo(&mut self) -> Result<Option<Undone>> {
        let Some(session) = self.sessions()?.pop() else {
            return Ok(None);
        };
        if session.left > 0 {
            return Err(Error::Setting {
                option: "undo of session",
                value: format!("{} in {}", session.number, self.path.display()),
                reason: "stories left the window while it ran, and what has left is not kept, so the index cannot be put back as it was",
                next: "wait until what it added has left too, or make another index and feed it the stories of the window without those",
            });
        }
        self.try_undo(session.number).map_err(|e| self.failed(e))?;
        // It knows stories that are no more.
        let _ = std::fs::remove_file(self.path.join(LOOKUP));
        let connection = super::opening::to_write(&self.path)?;
        let reopened = Self::of(&self.path, connection, None, None)?;
        self.state = reopened.state;
        self.epoch = reopened.epoch;
        Ok(Some(Undone {
            session: session.number,
            stories: session.stories,
        }))
    }

    fn try_undo(&self, session: u64) -> rusqlite::Result<()> {
        let transaction = self.connection.unchecked_transaction()?;
        let before: Option<String> = transaction
            .query_row(
                "SELECT state_before FROM sessions WHERE session = ?1",
                [session],
                |r| r.get(0),
            )
            .optional()?;
        let mut state: super::State = serde_json::from_str(&before.unwrap_or_default())
            .map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?;
        transaction.execute("DELETE FROM links WHERE b >= ?1", [state.next_unit])?;
        transaction.execute("DELETE FROM units WHERE unit >= ?1", [state.next_unit])?;
        transaction.execute("DELETE FROM stories WHERE number >= ?1", [state.next_story])?;
        transaction.execute("DELETE FROM nodes WHERE session = ?1", [session])?;
        transaction.execute(
            "UPDATE nodes SET parent = b.parent, first_unit = b.first_unit, name = b.name
             FROM nodes_before b WHERE b.session = ?1 AND b.node = nodes.node",
            [session],
        )?;
        transaction.execute("DELETE FROM nodes_before WHERE session = ?1", [session])?;
        // With those after it that were broken off before they stored anything.
        transaction.execute("DELETE FROM sessions WHERE session >= ?1", [session])?;
        // Changes are counted on, so that no look-up file of before is taken for one of now.
        state.ticks = self.state.ticks + 1;
        writing::store_state(&transaction, &state)?;
        transaction.execute(
            "UPDATE meta SET value = ?1 WHERE key = 'epoch'",
            params![schema::random().to_string()],
        )?;
        transaction.commit()
    }
}
