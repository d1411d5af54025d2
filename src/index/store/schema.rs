//! The tables. Any SQLite client can read them; texts are plain, or zstd where that is shorter.

use std::time::Duration;

use rusqlite::{Connection, Result, params};

use super::change::State;
use crate::config::Settings;

/// Version of the tables.
pub const VERSION: i64 = 2;
/// Version of everything that takes a story to its keys. It changes when the same story gets other keys.
pub const KEYS: &str = "2";
/// Says whose file it is: `SmWr`.
const APPLICATION: i64 = 0x536d_5772;

const TABLES: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- A run that wrote. Times are seconds since 1970; state_before is what undo goes back to.
CREATE TABLE sessions (
    session INTEGER PRIMARY KEY,
    program TEXT NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    stories INTEGER NOT NULL DEFAULT 0,
    left_window INTEGER NOT NULL DEFAULT 0,
    -- 0 if it broke off, and no later one has ended: then its stories, fed again, get their answers again.
    whole INTEGER NOT NULL DEFAULT 0,
    state_before TEXT NOT NULL
);

-- text: TEXT as it is, or BLOB compressed with zstd.
CREATE TABLE stories (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT,
    time TEXT,
    source TEXT,
    version TEXT,
    leaves INTEGER,
    first_unit INTEGER NOT NULL,
    units INTEGER NOT NULL,
    identity BLOB NOT NULL,
    text NOT NULL
);

-- A unit and what was told of it. row: its number among the units that are compared by keys; merged: JSON.
CREATE TABLE units (
    unit INTEGER PRIMARY KEY,
    story INTEGER NOT NULL,
    kind TEXT NOT NULL,
    caption INTEGER NOT NULL,
    words INTEGER NOT NULL,
    seeds INTEGER NOT NULL,
    content BLOB NOT NULL,
    row INTEGER,
    node INTEGER,
    relation TEXT,
    repeats TEXT,
    jaccard REAL,
    containment REAL,
    told_group TEXT NOT NULL,
    merged TEXT
);

-- Verified pairs of units; spans and why: JSON.
CREATE TABLE links (
    b INTEGER NOT NULL,
    a INTEGER NOT NULL,
    relation TEXT NOT NULL,
    shared INTEGER NOT NULL,
    size_a INTEGER NOT NULL,
    size_b INTEGER NOT NULL,
    spans TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (b, a)
) WITHOUT ROWID;
CREATE INDEX links_a ON links (a);

-- The forest of groups: a node whose parent is itself is a group; its name is g- and 12 hexadecimal digits of `name`.
CREATE TABLE nodes (
    node INTEGER PRIMARY KEY,
    parent INTEGER NOT NULL,
    first_unit INTEGER NOT NULL,
    name INTEGER NOT NULL,
    session INTEGER NOT NULL
);
-- Nodes as they were before a later session changed them.
CREATE TABLE nodes_before (
    session INTEGER NOT NULL,
    node INTEGER NOT NULL,
    parent INTEGER NOT NULL,
    first_unit INTEGER NOT NULL,
    name INTEGER NOT NULL,
    PRIMARY KEY (session, node)
) WITHOUT ROWID;

-- Stories that have left since lookup.bin was written.
CREATE TABLE gone (number INTEGER PRIMARY KEY, tick INTEGER NOT NULL);
";

/// Makes the tables, all or none.
pub fn create(connection: &Connection, settings: &Settings) -> Result<()> {
    let json = |value: serde_json::Result<String>| {
        value.map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))
    };
    connection
        .execute_batch("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; BEGIN IMMEDIATE")?;
    connection.execute_batch(TABLES)?;
    for (key, value) in [
        ("settings", json(serde_json::to_string(settings))?),
        (
            "state",
            json(serde_json::to_string(&State::default_for(settings)))?,
        ),
        ("keys", KEYS.to_owned()),
        ("epoch", random().to_string()),
        (
            "made by",
            concat!("samewire ", env!("CARGO_PKG_VERSION")).to_owned(),
        ),
    ] {
        connection.execute("INSERT INTO meta VALUES (?1, ?2)", params![key, value])?;
    }
    connection.execute_batch(&format!(
        "PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; COMMIT"
    ))
}

/// A number that nobody can foresee. SQLite takes integers up to 2⁶³.
pub fn random() -> u64 {
    use std::hash::BuildHasher as _;
    std::collections::hash_map::RandomState::new().hash_one(0_u8) >> 1
}

/// The version of the tables; none where they are another program's.
pub fn version(connection: &Connection) -> Result<Option<i64>> {
    let pragma = |name| connection.pragma_query_value(None, name, |r| r.get::<_, i64>(0));
    (pragma("application_id")? == APPLICATION)
        .then(|| pragma("user_version"))
        .transpose()
}

/// How long a connection waits for another.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// How a connection behaves.
pub fn prepare(connection: &Connection) -> Result<()> {
    connection.busy_timeout(PATIENCE)?;
    // A commit outlives a power failure. The log is folded into the database every 8 MB: what is
    // left of it at the end has to be waited for.
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000; PRAGMA cache_size = -8000; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON",
    )?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(())
}
