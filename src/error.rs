/*!
One error type for the library. Every message names what failed, where, why and what to do next.
*/

use std::io;
use std::path::PathBuf;

/// What can go wrong for a whole run. A single bad record is no error: see [`Rejection`](crate::read::Rejection).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is out of its range.
    #[error("{option} {value}: {reason}; {next}")]
    Setting {
        /// Option as the user types it.
        option: &'static str,
        /// Value given.
        value: String,
        /// Why it cannot be used.
        reason: &'static str,
        /// What to do.
        next: &'static str,
    },
    /// No input could be read.
    #[error("nothing to read: {reason}; {next}")]
    NoInput {
        /// Why.
        reason: String,
        /// What to do.
        next: &'static str,
    },
    /// A file could not be read or written.
    #[error("{}: {action}: {source}; {next}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried, as a noun: "reading", "writing".
        action: &'static str,
        /// What to do.
        next: &'static str,
        /// What the system said. The message has it, so it is no `source()`: whoever prints the chain would print it twice. (Written
        /// raw, the name has no meaning to `thiserror`.)
        r#source: io::Error,
    },
    /// There is no index.
    #[error("{}: {reason}; {next}", path.display())]
    NoIndex {
        /// The directory.
        path: PathBuf,
        /// What is there instead.
        reason: &'static str,
        /// What to do.
        next: &'static str,
    },
    /// Another program writes to the index.
    #[error("{}: the index is in use by another program; wait until it ends, or give each its own", path.display())]
    IndexInUse {
        /// The directory.
        path: PathBuf,
    },
    /// The index was made with other settings.
    #[error("{}: the index was made with {setting} {made_with}, not {asked}; {next}", path.display())]
    IndexSettings {
        /// The directory.
        path: PathBuf,
        /// The setting that differs, as the user types it.
        setting: &'static str,
        /// Its value in the index.
        made_with: String,
        /// Its value now.
        asked: String,
        /// What to do.
        next: &'static str,
    },
    /// The index does not hold together.
    #[error("{}: the index is damaged: {reason}; {next}", path.display())]
    IndexDamaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
        /// What to do.
        next: &'static str,
    },
    /// A decision that cannot be followed.
    #[error("{}:{line}: {reason}; {next}", file.display())]
    Decision {
        /// The file of decisions.
        file: PathBuf,
        /// Line of it, from 1.
        line: usize,
        /// Why.
        reason: String,
        /// What to do.
        next: &'static str,
    },
    /// More stories than can be numbered.
    #[error("more than {limit} {what} in one run; split the input")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
}

/// Result of the library's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once_in_a_chain() {
        let error = Error::File {
            path: "a".into(),
            action: "reading",
            next: "check it",
            source: io::Error::other("worn out"),
        };
        let chain = anyhow::Error::from(error).context("b");
        assert_eq!(format!("{chain:#}"), "b: a: reading: worn out; check it");
    }
}
