/*!
The file of decisions while it is being added to: a line an answer, on disk before the next question is asked.

```text
# decisions of `samewire review`: …
a       b       same
ap-1    ap-9    1
```

Undoing cuts the last line off. A file that another program has written to meanwhile is not cut.
*/

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use samewire::decide::Decisions;
use samewire::report::escape;

/// What a new file begins with.
const HEAD: &str = "# decisions of `samewire review`; same: 1 one story or one picture, 0 not. For `samewire group --decisions` and `samewire eval`.\na\tb\tsame\n";

/// The open file.
pub struct Journal {
    path: PathBuf,
    file: File,
    /// All that is in the file.
    text: String,
    /// Where the lines of this session begin.
    lines: Vec<usize>,
    decided: BTreeMap<[String; 2], bool>,
}

impl Journal {
    /// Opens a file, or begins one.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display();
        let mut text = match fs::read(path) {
            Ok(bytes) => String::from_utf8(bytes).map_err(|_| {
                anyhow::anyhow!("{name}: is not UTF-8; convert it, or give another --decisions")
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => {
                return Err(error).with_context(|| format!("{name}: reading the decisions"));
            }
        };
        let decisions = Decisions::parse(path, &text)?;
        let decided = decisions
            .all()
            .iter()
            .map(|d| (key(&d.names), d.same))
            .collect();
        let mut file = File::options()
            .create(true)
            .append(true)
            .open(path)
            .with_context(|| format!("{name}: opening the decisions for writing"))?;
        let added = match text.as_bytes().last() {
            None => HEAD,
            // A line that somebody typed without an end.
            Some(last) if *last != b'\n' => "\n",
            _ => "",
        };
        file.write_all(added.as_bytes())
            .and_then(|()| file.sync_data())
            .with_context(|| format!("{name}: writing"))?;
        text.push_str(added);
        Ok(Self {
            path: path.to_owned(),
            file,
            text,
            lines: Vec::new(),
            decided,
        })
    }

    /// What was decided of a pair.
    pub fn decided(&self, names: &[String; 2]) -> Option<bool> {
        self.decided.get(&key(names)).copied()
    }

    /// Keeps an answer. An error of [`samewire::Error::Decision`] says that it contradicts earlier ones; nothing is written then.
    pub fn add(&mut self, names: &[String; 2], same: bool) -> Result<()> {
        let line = format!("{}\t{}\t{}\n", names[0], names[1], u8::from(same));
        let text = format!("{}{line}", self.text);
        Decisions::parse(&self.path, &text)?;
        self.file
            .write_all(line.as_bytes())
            .and_then(|()| self.file.sync_data())
            .with_context(|| format!("{}: writing", self.path.display()))?;
        self.lines.push(self.text.len());
        self.text = text;
        self.decided.insert(key(names), same);
        Ok(())
    }

    /// Takes the last answer of this session back.
    pub fn undo(&mut self, names: &[String; 2]) -> Result<()> {
        let Some(&from) = self.lines.last() else {
            return Ok(());
        };
        let name = self.path.display();
        let found = self
            .file
            .metadata()
            .with_context(|| format!("{name}: reading"))?;
        if found.len() != self.text.len() as u64 {
            bail!(
                "{name}: was changed by another program; nothing was undone, edit the file by hand"
            );
        }
        self.file
            .set_len(from as u64)
            .and_then(|()| self.file.sync_data())
            .with_context(|| format!("{name}: writing"))?;
        self.lines.pop();
        self.text.truncate(from);
        self.decided.remove(&key(names));
        Ok(())
    }
}

/// Whether a name can stand in the file as it is.
pub fn can_stand(name: &str) -> bool {
    !name.is_empty()
        && name.trim() == name
        && !name.starts_with('#')
        // What steers a terminal is not to be met by those who read the file either.
        && escape(name) == name
}

fn key(names: &[String; 2]) -> [String; 2] {
    let mut key = names.clone();
    key.sort();
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(a: &str, b: &str) -> [String; 2] {
        [a.to_owned(), b.to_owned()]
    }

    #[test]
    fn answers_are_on_disk_at_once_and_can_be_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("d.tsv");
        let mut journal = Journal::open(&path).unwrap();
        journal.add(&names("x", "y"), true).unwrap();
        let one = fs::read_to_string(&path).unwrap();
        assert!(one.ends_with("a\tb\tsame\nx\ty\t1\n"));
        journal.add(&names("y", "z"), false).unwrap();
        journal.undo(&names("y", "z")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), one);
        assert_eq!(journal.decided(&names("y", "x")), Some(true));
        assert_eq!(journal.decided(&names("y", "z")), None);
        let journal = Journal::open(&path).unwrap();
        assert_eq!(journal.decided(&names("x", "y")), Some(true));
    }

    #[test]
    fn a_contradiction_is_refused_and_a_strange_file_not_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("d.tsv");
        fs::write(&path, "x\ty\t1\ny\tz\t1").unwrap();
        let mut journal = Journal::open(&path).unwrap();
        let error = journal.add(&names("x", "z"), false).unwrap_err();
        assert!(error.downcast_ref::<samewire::Error>().is_some(), "{error}");
        journal.add(&names("v", "w"), false).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, "x\ty\t1\ny\tz\t1\nv\tw\t0\n");
        fs::write(&path, format!("{text}# by hand\n")).unwrap();
        assert!(journal.undo(&names("v", "w")).is_err());
        assert!(fs::read_to_string(&path).unwrap().ends_with("# by hand\n"));
    }

    #[test]
    fn names_that_would_break_a_line_cannot_stand() {
        for name in ["", " x", "#x", "a\tb", "a\nb", "a\u{1b}[2Jb", "a\u{202e}b"] {
            assert!(!can_stand(name), "{name:?}");
        }
        assert!(can_stand("a b#caption-1"));
    }
}
