/*!
Ways to the database: to write, to read, and to read where nothing can be written.

A reader needs SQLite's companions of the log (`-wal`, `-shm`) while others may write. Whoever closes the database last takes
them away, but only a connection that may write can; so readers open it that way and then write nothing (`query_only`).
Where the directory cannot be written to there is no guard against those who write elsewhere: then a [`Stamp`] tells afterwards.
*/

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{DATABASE, failed, schema};
use crate::error::{Error, Result};

/// What changes when the file of the database is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    /// Of the index in a directory; none where it cannot be seen.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let found = fs::metadata(path.join(DATABASE)).ok()?;
        Some(Self {
            bytes: found.len(),
            modified: found.modified().ok(),
        })
    }
}

/// A connection that writes.
pub(super) fn to_write(path: &Path) -> Result<Connection> {
    connect(&path.join(DATABASE), OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(|e| failed(path, e))
}

/// A connection that reads; with the stamp, where nothing guards it.
pub(super) fn to_read(path: &Path) -> Result<(Connection, Option<Stamp>)> {
    let open = || {
        let connection = connect(&path.join(DATABASE), OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.execute_batch("PRAGMA query_only = ON")?;
        look(&connection)?;
        Ok(connection)
    };
    let error = match open() {
        Ok(connection) => return Ok((connection, None)),
        Err(error) => error,
    };
    let code = match &error {
        rusqlite::Error::SqliteFailure(e, _) => Some(e.code),
        _ => None,
    };
    if !matches!(code, Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly)) {
        return Err(failed(path, error));
    }
    let log = path.join(format!("{DATABASE}-wal"));
    if fs::metadata(&log).is_ok_and(|m| m.len() > 0) {
        return Err(Error::File {
            path: log,
            action: "reading",
            next: "it holds what is not in the database yet: let somebody who can write there run samewire index check once",
            source: std::io::Error::other("needs a directory that can be written to"),
        });
    }
    let Some(name) = as_uri(&path.join(DATABASE)) else {
        return Err(failed(path, error));
    };
    let stamp = Stamp::of(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let connection = connect(Path::new(&name), flags).map_err(|e| failed(path, e))?;
    look(&connection).map_err(|e| failed(path, e))?;
    Ok((connection, stamp))
}

fn connect(name: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(name, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    schema::prepare(&connection)?;
    Ok(connection)
}

/// Only now is the file looked at.
fn look(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

fn as_uri(path: &Path) -> Option<String> {
    use std::fmt::Write as _;
    let mut uri = String::from("file:");
    for byte in path.to_str()?.bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(&byte) {
            uri.push(byte as char);
        } else {
            let _ = write!(uri, "%{byte:02x}");
        }
    }
    uri.push_str("?immutable=1");
    Some(uri)
}
