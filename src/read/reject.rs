/*!
What could not be used, told so that it can be mended: place, cause, next step.
*/

use std::fmt::{self, Write as _};
use std::io;

/// A record, or a file, that could not be used.
///
/// Displays as `path:line:byte: cause; next step`, with all that could act on a terminal escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The file as the user would type it.
    pub path: String,
    /// Line, from 1, where lines mean something.
    pub line: Option<u64>,
    /// Byte within the line, or within the file where there is no line, from 0.
    pub byte: Option<u64>,
    /// Cause.
    pub reason: String,
    /// What to do.
    pub next: &'static str,
    /// Original bytes of the record, at most [`Rejection::KEPT`] of them (empty where a whole file is rejected).
    pub record: Vec<u8>,
}

impl Rejection {
    /// So many bytes of a rejected record are kept: 1 MiB.
    pub const KEPT: usize = 1 << 20;

    /// A whole file.
    pub fn file(path: &str, reason: impl Into<String>, next: &'static str) -> Self {
        Self {
            path: path.to_owned(),
            line: None,
            byte: None,
            reason: reason.into(),
            next,
            record: Vec::new(),
        }
    }

    /// A whole file that the system refused.
    pub(crate) fn io(path: &str, action: &str, cause: &io::Error) -> Self {
        let next = match cause.kind() {
            io::ErrorKind::NotFound => "check the path",
            io::ErrorKind::PermissionDenied => "ask for the right to read it, or leave it out",
            io::ErrorKind::InvalidFilename => "shorten the path: work from a folder further down",
            _ => "check the file and the disk, then run again",
        };
        Self::file(path, format!("{action}: {cause}"), next)
    }

    /// The same at a line.
    #[must_use]
    pub fn at(mut self, line: u64, byte: Option<u64>) -> Self {
        self.line = Some(line);
        self.byte = byte;
        self
    }

    /// The same, so many lines further down.
    #[must_use]
    pub fn after(mut self, lines: u64) -> Self {
        self.line = self.line.map(|line| line + lines);
        self
    }

    /// The same with the record's bytes, capped.
    #[must_use]
    pub fn with_record(mut self, record: &[u8]) -> Self {
        self.record = record[..record.len().min(Self::KEPT)].to_vec();
        self
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Printable(&self.path))?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(byte) = self.byte {
            // Without a line the number would read as one.
            let word = if self.line.is_none() { "byte " } else { "" };
            write!(f, ":{word}{byte}")?;
        }
        write!(f, ": {}; {}", Printable(&self.reason), self.next)
    }
}

impl std::error::Error for Rejection {}

/// Text from outside, made safe for a terminal and a one-line message: control characters and those that
/// reorder what is shown (bidirectional overrides, Trojan Source, Boucher and Anderson 2021) appear as escapes.
///
/// ```
/// assert_eq!(samewire::read::Printable("a\u{1b}[2Jb\n").to_string(), "a\\u{1b}[2Jb\\n");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Printable<'a>(pub &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}' => write!(f, "{}", c.escape_unicode())?,
                c if c.is_control() => write!(f, "{}", c.escape_default())?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejection_reads_as_place_cause_and_next_step() {
        let r = Rejection::file("a.jsonl", "expected value", "mend the line");
        assert_eq!(r.to_string(), "a.jsonl: expected value; mend the line");
        assert_eq!(
            r.at(3, Some(17)).to_string(),
            "a.jsonl:3:17: expected value; mend the line"
        );
    }

    #[test]
    fn nothing_in_a_rejection_can_act_on_a_terminal() {
        let r = Rejection::file(
            "new\nline\u{1b}[31m\u{9b}31m\u{202e}",
            "a\rb\u{7}",
            "leave it out",
        );
        let shown = r.to_string();
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
        assert!(!shown.contains('\u{202e}'));
    }

    #[test]
    fn a_huge_record_is_kept_in_part() {
        let r = Rejection::file("a", "b", "c").with_record(&vec![b'x'; Rejection::KEPT + 5]);
        assert_eq!(r.record.len(), Rejection::KEPT);
    }
}
