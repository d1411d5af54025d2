/*!
What is known, on disk: an index is a directory.

```text
index.sqlite   stories, units with their verdicts, links, nodes of groups, sessions, settings: the durable truth
lookup.bin     what proposes candidates, as arrays: follows from the database, may be thrown away
lock           held by the one program that writes; the system frees it when that program ends, however it ends
```

One writer, many readers: a reader sees the database as it was when it began (SQLite, write-ahead log). A [`Change`](change::Change) is
stored whole or not at all, several in one transaction; after a crash the last transaction is there or it is not.

[`derived`] is the form of `lookup.bin`; what is in it is the stream's to know. It carries the number of changes that it has seen and
the index's epoch: where the database has seen more, what is missing is made up from the database; where it
belongs to another epoch or does not hold together, it is made anew.

This module knows the rows of the stages after it (verdicts, links), for it keeps them; it decides nothing.
*/

pub mod change;
pub mod derived;
mod opening;
pub mod packing;
mod reading;
mod schema;
mod upkeep;
mod writing;

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _};

use crate::config::Settings;
use crate::error::{Error, Result};
use change::State;
pub use reading::{Session, StoredLink, StoredStory, StoredUnit, Totals};
pub use schema::random;
pub use upkeep::Undone;
pub use writing::Writer;

/// Name of the database in the directory.
const DATABASE: &str = "index.sqlite";
/// The same while it is made.
const DATABASE_NEW: &str = "index.new";
/// Name of what proposes candidates.
const LOOKUP: &str = "lookup.bin";
/// The same while it is written.
const LOOKUP_NEW: &str = "lookup.new";
const LOCK: &str = "lock";

/// What to do about a damaged database.
const RESTORE: &str = "put a copy back, or make the index anew from the stories";
/// What to do about another version.
const OTHER_VERSION: &str = "use that version of samewire, or make the index anew from the stories";
/// What to do about an index that one may not read.
const PRIVATE: &str =
    "an index is its owner's alone: run as that user, or be given the right to its files";

/// An index that is open.
#[derive(Debug)]
pub struct Index {
    path: PathBuf,
    connection: Connection,
    settings: Settings,
    /// Drawn when the index was made, and again when something is taken back.
    epoch: u64,
    state: State,
    /// Held by whoever writes.
    lock: Option<Lock>,
    /// The database as it was, where nothing but that tells whether somebody writes to it meanwhile.
    unguarded: Option<opening::Stamp>,
}

/// Whether there is an index at a place, or room for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// An index.
    Index,
    /// Nothing, or an empty directory.
    Free,
    /// Something else.
    Taken,
}

impl Index {
    /// What is at a place.
    ///
    /// # Errors
    /// When that may not be seen.
    pub fn place(path: &Path) -> Result<Place> {
        let hidden = |source| Error::File {
            path: path.to_owned(),
            action: "looking for an index",
            next: PRIVATE,
            source,
        };
        match fs::metadata(path.join(DATABASE)) {
            Ok(found) if found.len() > 0 => return Ok(Place::Index),
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => return Err(hidden(e)),
            _ => {}
        }
        Ok(match fs::read_dir(path) {
            Ok(mut entries) => {
                // What an attempt leaves that was broken off.
                let own = |name: &std::ffi::OsStr| {
                    let name = name.to_string_lossy();
                    name == LOCK || name == DATABASE || name.starts_with(DATABASE_NEW)
                };
                if entries.all(|e| e.is_ok_and(|e| own(&e.file_name()))) {
                    Place::Free
                } else {
                    Place::Taken
                }
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => Place::Free,
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => return Err(hidden(e)),
            Err(_) => Place::Taken,
        })
    }

    /// The index that a directory is or lies in, if any. Above the directory itself the lock must be there too: the name of the database
    /// alone may be another program's, and much may lie below that.
    pub fn around(directory: &Path) -> Option<&Path> {
        directory.ancestors().find(|path| {
            Self::place(path).is_ok_and(|found| found == Place::Index)
                && (*path == directory || path.join(LOCK).exists())
        })
    }

    /// Makes an empty index, and opens it to write.
    ///
    /// # Errors
    /// When there is something else at that place, or it cannot be written.
    pub fn create(path: &Path, settings: &Settings) -> Result<Self> {
        settings.validate()?;
        match Self::place(path)? {
            Place::Free => {}
            Place::Index => {
                return Err(Error::NoIndex {
                    path: path.to_owned(),
                    reason: "is an index already",
                    next: "use it as it is, or choose another directory",
                });
            }
            Place::Taken => {
                return Err(Error::NoIndex {
                    path: path.to_owned(),
                    reason: "is no index and not an empty directory",
                    next: "choose another directory",
                });
            }
        }
        let writing = |source| Error::File {
            path: path.to_owned(),
            action: "writing",
            next: "choose a directory that can be written to",
            source,
        };
        if !path.exists() {
            private_directory(path).map_err(writing)?;
        }
        let lock = lock(path)?;
        // Under another name, so that there is all of it or nothing.
        for name in ["", "-wal", "-shm", "-journal"] {
            let _ = fs::remove_file(path.join(format!("{DATABASE_NEW}{name}")));
        }
        let new = path.join(DATABASE_NEW);
        private_file(&new).map_err(writing)?;
        let make = || {
            let connection = Connection::open_with_flags(&new, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            schema::prepare(&connection)?;
            schema::create(&connection, settings)?;
            connection.close().map_err(|(_, e)| e)
        };
        make().map_err(|e| failed(path, e))?;
        fs::rename(&new, path.join(DATABASE)).map_err(writing)?;
        sync_directory(path).map_err(writing)?;
        let connection = opening::to_write(path)?;
        Self::of(path, connection, Some(lock), None)
    }

    /// Opens an index to write; nobody else can meanwhile.
    ///
    /// # Errors
    /// When there is none, another program writes to it, or it is damaged.
    pub fn open_to_write(path: &Path) -> Result<Self> {
        Self::is_there(path)?;
        let lock = lock(path)?;
        let connection = opening::to_write(path)?;
        let index = Self::of(path, connection, Some(lock), None)?;
        let _ = fs::remove_file(path.join(LOOKUP_NEW));
        Ok(index)
    }

    /// Opens an index to read, as it is now: what others write is not seen, and nothing is left beside it. Whoever may not write in its
    /// directory can read it while nobody writes to it; [`at_rest`](Self::at_rest) tells.
    ///
    /// # Errors
    /// When there is none, or it is damaged.
    pub fn open_to_read(path: &Path) -> Result<Self> {
        Self::is_there(path)?;
        let (connection, unguarded) = opening::to_read(path)?;
        connection
            .execute_batch("BEGIN")
            .map_err(|e| failed(path, e))?;
        Self::of(path, connection, None, unguarded)
    }

    /// Whether what was read since this was opened was of one state.
    ///
    /// # Errors
    /// When somebody wrote to the index meanwhile, where that could not be kept out.
    pub fn at_rest(&self) -> Result<()> {
        match self.unguarded {
            Some(_) if self.unguarded != opening::Stamp::of(&self.path) => Err(Error::IndexInUse {
                path: self.path.clone(),
            }),
            _ => Ok(()),
        }
    }

    fn is_there(path: &Path) -> Result<()> {
        let reason = match Self::place(path)? {
            Place::Index => return Ok(()),
            Place::Free => "there is no index",
            Place::Taken => "is no index",
        };
        Err(Error::NoIndex {
            path: path.to_owned(),
            reason,
            next: "make one with samewire index init, or give the directory of one",
        })
    }

    fn of(
        path: &Path,
        connection: Connection,
        lock: Option<Lock>,
        unguarded: Option<opening::Stamp>,
    ) -> Result<Self> {
        let damaged = |reason: String| Error::IndexDamaged {
            path: path.join(DATABASE),
            reason,
            next: RESTORE,
        };
        let failed = |e| failed(path, e);
        let version = schema::version(&connection).map_err(failed)?;
        match version {
            Some(schema::VERSION) => {}
            Some(other) => {
                return Err(Error::IndexSettings {
                    path: path.to_owned(),
                    setting: "format version",
                    made_with: other.to_string(),
                    asked: schema::VERSION.to_string(),
                    next: OTHER_VERSION,
                });
            }
            None => return Err(damaged("it is another program's database".into())),
        }
        let value = |key: &str| -> Result<String> {
            connection
                .query_row("SELECT value FROM meta WHERE key = ?1", [key], |r| r.get(0))
                .optional()
                .map_err(failed)?
                .ok_or_else(|| damaged(format!("its {key} is missing")))
        };
        let keys = value("keys")?;
        if keys != schema::KEYS {
            return Err(Error::IndexSettings {
                path: path.to_owned(),
                setting: "key version",
                made_with: keys,
                asked: schema::KEYS.to_owned(),
                next: OTHER_VERSION,
            });
        }
        let settings = serde_json::from_str(&value("settings")?)
            .map_err(|e| damaged(format!("its settings: {e}")))?;
        let state = serde_json::from_str(&value("state")?)
            .map_err(|e| damaged(format!("its state: {e}")))?;
        let epoch = value("epoch")?
            .parse()
            .map_err(|e| damaged(format!("its epoch: {e}")))?;
        Ok(Self {
            path: path.to_owned(),
            connection,
            settings,
            epoch,
            state,
            lock,
            unguarded,
        })
    }

    /// Refuses settings other than those that the index was made with.
    ///
    /// # Errors
    /// Names the first that differs.
    pub fn expect(&self, asked: &Settings) -> Result<()> {
        for ((setting, made_with), (_, asked)) in self
            .settings
            .fingerprint()
            .into_iter()
            .zip(asked.fingerprint())
        {
            if made_with != asked {
                return Err(Error::IndexSettings {
                    path: self.path.clone(),
                    setting,
                    made_with,
                    asked,
                    next: "give the settings of the index (samewire index stats tells them), or another directory",
                });
            }
        }
        Ok(())
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All that decides an answer.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The numbers that go on.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What the look-up file must say to belong to this index.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The look-up file.
    pub fn lookup(&self) -> PathBuf {
        self.path.join(LOOKUP)
    }

    /// The look-up file while it is written.
    pub fn new_lookup(&self) -> PathBuf {
        self.path.join(LOOKUP_NEW)
    }

    /// A second way to the same index. Of an index that is open to write it reads what is committed whenever it is asked; of one that is
    /// open to read it sees the same state, for which that may have to go on to the state of now.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn reader(&mut self) -> Result<Self> {
        if self.lock.is_some() {
            let (connection, unguarded) = opening::to_read(&self.path)?;
            return Self::of(&self.path, connection, None, unguarded);
        }
        let mut other = Self::open_to_read(&self.path)?;
        // Whoever writes may commit between two looks, but not always.
        for _ in 0..1_000 {
            if other.state.ticks == self.state.ticks && other.epoch == self.epoch {
                return Ok(other);
            }
            std::mem::swap(self, &mut other);
            other = Self::open_to_read(&self.path)?;
        }
        Err(Error::IndexInUse {
            path: self.path.clone(),
        })
    }

    fn failed(&self, error: rusqlite::Error) -> Error {
        // What was written to while it was read looks damaged.
        self.at_rest()
            .err()
            .unwrap_or_else(|| failed(&self.path, error))
    }

    /// What is told where the rows of the database do not hold together.
    pub fn broken(&self, reason: &str) -> Error {
        self.damaged(reason)
    }

    fn damaged(&self, reason: impl Into<String>) -> Error {
        Error::IndexDamaged {
            path: self.path.join(DATABASE),
            reason: reason.into(),
            next: RESTORE,
        }
    }
}

/// Writes a file that follows from the database, beside its place.
///
/// # Errors
/// When it cannot be written.
pub fn write_derived(
    path: &Path,
    write: impl FnOnce(&mut derived::Writer<io::BufWriter<File>>) -> io::Result<()>,
) -> Result<u64> {
    let work = || {
        private_file(path)?;
        let file = File::options().write(true).truncate(true).open(path)?;
        let mut out = derived::Writer::new(io::BufWriter::with_capacity(1 << 20, file));
        write(&mut out)?;
        // Not synced: what a power failure leaves of it the checksum tells from what was written, and then it is made anew.
        let file = out.finish()?.into_inner()?;
        Ok(file.metadata()?.len())
    };
    work().map_err(|source| Error::File {
        path: path.to_owned(),
        action: "writing",
        next: "free some space, or make the directory one that can be written to",
        source,
    })
}

/// The error of the library for one of the database.
#[allow(clippy::needless_pass_by_value)] // as `map_err` hands it over
fn failed(path: &Path, error: rusqlite::Error) -> Error {
    let code = match &error {
        rusqlite::Error::SqliteFailure(e, _) => e.code,
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::IntegralValueOutOfRange(..) => ErrorCode::DatabaseCorrupt,
        _ => ErrorCode::Unknown,
    };
    let file = |action, next| Error::File {
        path: path.join(DATABASE),
        action,
        next,
        source: io::Error::other(error.to_string()),
    };
    match code {
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Error::IndexDamaged {
            path: path.join(DATABASE),
            reason: error.to_string(),
            next: RESTORE,
        },
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Error::IndexInUse {
            path: path.to_owned(),
        },
        ErrorCode::DiskFull => file("writing", "free some space; what was committed is safe"),
        ErrorCode::SystemIoFailure => file(
            "reading or writing",
            "see to the disk: is it full? What was committed is safe",
        ),
        ErrorCode::ReadOnly => file("writing", "make the directory one that can be written to"),
        ErrorCode::CannotOpen => match File::open(path.join(DATABASE)) {
            // The system's words say more than the database's.
            Err(source) => Error::File {
                path: path.join(DATABASE),
                action: "opening",
                next: PRIVATE,
                source,
            },
            Ok(_) => file("opening", "check that it can be read and written"),
        },
        _ => file("reading or writing", "see the message"),
    }
}

/// The right to write: it ends with this value, and with the program however that ends.
#[derive(Debug)]
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing alone would leave it to a child process that is just being started, for as long as that has the file.
        let _ = self.0.unlock();
    }
}

fn lock(path: &Path) -> Result<Lock> {
    let name = path.join(LOCK);
    let failed = |source: io::Error| Error::File {
        path: name.clone(),
        action: "locking",
        next: if source.kind() == io::ErrorKind::PermissionDenied {
            PRIVATE
        } else {
            "make the directory one that can be written to"
        },
        source,
    };
    private_file(&name).map_err(failed)?;
    let file = File::options().write(true).open(&name).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(Error::IndexInUse {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// A file for its owner alone, made if it is not there.
fn private_file(path: &Path) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn private_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes sure that names in a directory outlive a power failure.
fn sync_directory(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(path)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
