/*!
Paths as the user gives them → sources, in an order that depends on names alone.

A directory is walked recursively, entries sorted by the bytes of their names; nothing is left out for being
hidden or ignored. Links are followed. Every file and every directory is visited once, whatever number of
links lead to it, so that a web of links costs no more than the files behind it. In a directory a FIFO, a
socket or a device is rejected unopened (opening a FIFO blocks); given by name it is read as a stream,
which is what `<(command)` in a shell amounts to.
*/

use std::collections::HashSet;
use std::fs::{self, FileType, Metadata};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ignore::WalkBuilder;

use super::reject::Rejection;

/// Where bytes come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A regular file.
    File,
    /// A FIFO or a device that the user named.
    Stream,
    /// Standard input.
    Stdin,
}

/// One thing to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Where it lies; `-` for standard input.
    pub path: PathBuf,
    /// What it is.
    pub kind: SourceKind,
    /// The path as the user would type it; what is not UTF-8 is replaced.
    pub name: String,
    /// Size in bytes as stored, where known.
    pub bytes: Option<u64>,
}

impl Source {
    /// Standard input.
    pub fn stdin() -> Self {
        Self {
            path: PathBuf::from("-"),
            kind: SourceKind::Stdin,
            name: "-".to_owned(),
            bytes: None,
        }
    }

    /// A regular file; its size is looked up.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let bytes = fs::metadata(&path).ok().map(|m| m.len());
        Self::of(path, SourceKind::File, bytes)
    }

    fn of(path: PathBuf, kind: SourceKind, bytes: Option<u64>) -> Self {
        let name = shown(&path);
        Self {
            path,
            kind,
            name,
            bytes,
        }
    }
}

/// What a walk found.
#[derive(Clone, Debug, Default)]
pub struct Walk {
    /// What to read, in order.
    pub sources: Vec<Source>,
    /// What cannot be read.
    pub rejections: Vec<Rejection>,
    /// Further names of files and directories that are in `sources` already.
    pub already_read: Vec<String>,
}

/// Finds all that `paths` lead to.
pub fn walk(paths: &[PathBuf]) -> Walk {
    let mut walker = Walker::default();
    for path in paths {
        walker.argument(path);
    }
    walker.walk
}

#[derive(Default)]
struct Walker {
    walk: Walk,
    files: HashSet<Identity>,
    folders: Arc<Mutex<Folders>>,
}

/// Directories met, shared with the filter that `ignore` asks before it descends into one.
#[derive(Default)]
struct Folders {
    seen: HashSet<Identity>,
    repeated: Vec<String>,
}

impl Folders {
    fn first_visit(&mut self, path: &Path) -> bool {
        // A directory that cannot be looked up is left to the walk, which will say why.
        let first =
            fs::metadata(path).map_or(true, |meta| self.seen.insert(Identity::of(path, &meta)));
        if !first {
            self.repeated.push(shown(path));
        }
        first
    }
}

impl Walker {
    fn argument(&mut self, path: &Path) {
        if path.as_os_str() == "-" {
            if self.files.insert(Identity::Stdin) {
                self.walk.sources.push(Source::stdin());
            } else {
                self.walk.already_read.push("-".to_owned());
            }
            return;
        }
        match fs::metadata(path) {
            Err(e) => self
                .walk
                .rejections
                .push(Rejection::io(&shown(path), "opening", &e)),
            Ok(meta) if meta.is_dir() => self.directory(path),
            Ok(meta) => {
                let kind = if is_stream(meta.file_type()) {
                    SourceKind::Stream
                } else {
                    SourceKind::File
                };
                self.add(path, &meta, kind);
            }
        }
    }

    fn directory(&mut self, root: &Path) {
        if lock(&self.folders).first_visit(root) {
            let folders = Arc::clone(&self.folders);
            let entries = WalkBuilder::new(root)
                .standard_filters(false)
                .follow_links(true)
                .sort_by_file_name(Ord::cmp)
                .filter_entry(move |entry| {
                    !entry.file_type().is_some_and(|t| t.is_dir())
                        || lock(&folders).first_visit(entry.path())
                })
                .build();
            for entry in entries {
                match entry {
                    Err(e) => self.refused(root, &e),
                    Ok(entry) => self.entry(entry.path()),
                }
            }
        }
        self.walk
            .already_read
            .append(&mut lock(&self.folders).repeated);
    }

    fn entry(&mut self, path: &Path) {
        match fs::metadata(path) {
            Err(e) => self
                .walk
                .rejections
                .push(Rejection::io(&shown(path), "opening", &e)),
            Ok(meta) if meta.is_dir() => {}
            Ok(meta) => self.add(path, &meta, SourceKind::File),
        }
    }

    fn add(&mut self, path: &Path, meta: &Metadata, kind: SourceKind) {
        if kind == SourceKind::File && !meta.is_file() {
            let what = type_name(meta.file_type());
            self.walk.rejections.push(Rejection::file(
                &shown(path),
                format!("{what}, not a file"),
                "name a pipe as an argument to read it, leave out all else",
            ));
        } else if self.files.insert(Identity::of(path, meta)) {
            let bytes = (kind == SourceKind::File).then_some(meta.len());
            self.walk
                .sources
                .push(Source::of(path.to_owned(), kind, bytes));
        } else {
            self.walk.already_read.push(shown(path));
        }
    }

    fn refused(&mut self, root: &Path, error: &ignore::Error) {
        let (path, cause) = innermost(error);
        let rejection = match cause {
            ignore::Error::Loop { ancestor, child } => Rejection::file(
                &shown(child),
                format!(
                    "a link back to {}, a folder that it lies in",
                    shown(ancestor)
                ),
                "nothing is lost: remove the link to be rid of this message",
            ),
            ignore::Error::Io(e) => {
                let path = path.unwrap_or(root);
                // The system's own words, where they can be had again: the walk's repeat the path.
                let again = fs::metadata(path).and_then(|_| fs::read_dir(path)).err();
                Rejection::io(&shown(path), "opening", again.as_ref().unwrap_or(e))
            }
            other => Rejection::file(
                &shown(path.unwrap_or(root)),
                other.to_string(),
                "check the path",
            ),
        };
        self.walk.rejections.push(rejection);
    }
}

/// A lock whose holder panicked still guards a set that is whole.
fn lock(folders: &Mutex<Folders>) -> MutexGuard<'_, Folders> {
    folders.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The cause below the wrappings of `ignore`, and the path it names.
fn innermost(error: &ignore::Error) -> (Option<&Path>, &ignore::Error) {
    match error {
        ignore::Error::WithPath { path, err } => {
            let (inner, cause) = innermost(err);
            (inner.or(Some(path)), cause)
        }
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            innermost(err)
        }
        other => (None, other),
    }
}

/// The name of a file as text. Bytes that are no UTF-8 are told as `\xff`, so that two files do not get one name; where that could be
/// mistaken for the name of another file, a backslash is told as two.
fn shown(path: &Path) -> String {
    use std::fmt::Write as _;
    let bytes = path.as_os_str().as_encoded_bytes();
    // Where a backslash parts folders it is in every name.
    let ambiguous = std::path::MAIN_SEPARATOR != '\\'
        && (std::str::from_utf8(bytes).is_err() || holds_escape(bytes));
    let mut name = String::new();
    for chunk in bytes.utf8_chunks() {
        if ambiguous {
            name.push_str(&chunk.valid().replace('\\', "\\\\"));
        } else {
            name.push_str(chunk.valid());
        }
        for byte in chunk.invalid() {
            let _ = write!(name, "\\x{byte:02x}");
        }
    }
    name
}

/// Whether a name that is text holds what stands for a byte that is none.
fn holds_escape(name: &[u8]) -> bool {
    name.windows(4).any(|four| {
        matches!(
            four,
            [
                b'\\',
                b'x',
                b'8' | b'9' | b'a'..=b'f',
                b'0'..=b'9' | b'a'..=b'f',
            ]
        )
    })
}

/// What makes two paths the same file.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    Stdin,
    #[cfg(unix)]
    Inode(u64, u64),
    #[cfg(not(unix))]
    Path(PathBuf),
}

impl Identity {
    #[cfg(unix)]
    fn of(_path: &Path, meta: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self::Inode(meta.dev(), meta.ino())
    }

    #[cfg(not(unix))]
    fn of(path: &Path, _meta: &Metadata) -> Self {
        Self::Path(fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()))
    }
}

#[cfg(unix)]
fn is_stream(kind: FileType) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    kind.is_fifo() || kind.is_char_device()
}

#[cfg(not(unix))]
fn is_stream(_kind: FileType) -> bool {
    false
}

#[cfg(unix)]
fn type_name(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    if kind.is_fifo() {
        "a pipe (FIFO)"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn type_name(_kind: FileType) -> &'static str {
    "a device"
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn names(walk: &Walk, root: &Path) -> Vec<String> {
        let prefix = format!("{}/", root.display());
        walk.sources
            .iter()
            .map(|s| s.name.replacen(&prefix, "", 1))
            .collect()
    }

    fn tree(files: &[&str]) -> TempDir {
        let dir = TempDir::new().unwrap();
        for file in files {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        dir
    }

    #[test]
    fn a_directory_is_walked_in_the_order_of_names_and_nothing_is_hidden() {
        let dir = tree(&[
            "b.txt",
            "a/z",
            "a/.hidden",
            "B",
            ".git/x",
            "a.txt",
            ".ignore",
        ]);
        let walk = walk(&[dir.path().to_owned()]);
        assert_eq!(
            names(&walk, dir.path()),
            [
                ".git/x",
                ".ignore",
                "B",
                "a/.hidden",
                "a/z",
                "a.txt",
                "b.txt"
            ]
        );
        assert_eq!(walk.sources[2].bytes, Some(1));
        assert!(walk.rejections.is_empty() && walk.already_read.is_empty());
    }

    #[test]
    fn arguments_keep_their_order_and_nothing_is_read_twice() {
        let dir = tree(&["b", "a", "c/d"]);
        let at = |name: &str| dir.path().join(name);
        let walk = walk(&[
            at("b"),
            "-".into(),
            dir.path().to_owned(),
            at("a"),
            "-".into(),
            at("c"),
        ]);
        assert_eq!(names(&walk, dir.path()), ["b", "-", "a", "c/d"]);
        let again: Vec<_> = walk
            .already_read
            .iter()
            .map(|name| name.rsplit('/').next().unwrap())
            .collect();
        assert_eq!(again, ["b", "a", "-", "c"]);
    }

    #[test]
    fn a_missing_path_is_told_and_the_others_are_read() {
        let dir = tree(&["a"]);
        let walk = walk(&[dir.path().join("none"), dir.path().join("a")]);
        assert_eq!(walk.sources.len(), 1);
        let told = walk.rejections[0].to_string();
        assert!(
            told.ends_with("; check the path") && told.contains("none: opening: "),
            "{told}"
        );
    }

    #[cfg(unix)]
    mod unix {
        use super::*;
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;
        use std::os::unix::fs::symlink;
        use std::os::unix::net::UnixListener;
        use std::process::Command;

        #[test]
        fn links_are_followed_once_and_loops_survived() {
            let dir = tree(&["a/x", "b/y"]);
            let at = |name: &str| dir.path().join(name);
            symlink("..", at("a/up")).unwrap();
            symlink("../b", at("a/b")).unwrap();
            symlink("../a", at("b/a")).unwrap();
            symlink("self", at("self")).unwrap();
            symlink("nowhere", at("dangling")).unwrap();
            symlink("a/x", at("x")).unwrap();
            fs::hard_link(at("a/x"), at("hard")).unwrap();
            let walk = walk(&[dir.path().to_owned()]);
            assert_eq!(names(&walk, dir.path()), ["a/b/y", "a/x"]);
            let told: Vec<String> = walk.rejections.iter().map(Rejection::to_string).collect();
            let loops = told
                .iter()
                .filter(|t| t.contains("a link back to "))
                .count();
            assert_eq!(loops, 2, "{told:?}");
            assert_eq!(told.len(), 4, "{told:?}");
            assert_eq!(walk.already_read.len(), 3, "{:?}", walk.already_read);
        }

        #[test]
        fn a_web_of_links_costs_no_more_than_its_files() {
            let dir = TempDir::new().unwrap();
            let folders: Vec<PathBuf> = (0..25)
                .map(|i| dir.path().join(format!("d{i:02}")))
                .collect();
            for (i, folder) in folders.iter().enumerate() {
                fs::create_dir(folder).unwrap();
                fs::write(folder.join("f"), "x").unwrap();
                for j in (0..folders.len()).filter(|&j| j != i) {
                    symlink(&folders[j], folder.join(format!("to{j:02}"))).unwrap();
                }
            }
            assert_eq!(walk(&[dir.path().to_owned()]).sources.len(), 25);
        }

        #[test]
        fn pipes_and_sockets_in_a_directory_are_told_and_not_opened() {
            let dir = tree(&["a"]);
            let fifo = dir.path().join("fifo");
            assert!(
                Command::new("mkfifo")
                    .arg(&fifo)
                    .status()
                    .unwrap()
                    .success()
            );
            let _socket = UnixListener::bind(dir.path().join("socket")).unwrap();
            let found = walk(&[dir.path().to_owned()]);
            assert_eq!(found.sources.len(), 1);
            let told: Vec<String> = found.rejections.iter().map(|r| r.reason.clone()).collect();
            assert_eq!(told, ["a pipe (FIFO), not a file", "a socket, not a file"]);
            // Named by the user it is a stream.
            let named = walk(&[fifo]);
            assert_eq!(named.sources[0].kind, SourceKind::Stream);
        }

        #[test]
        fn a_named_pipe_is_read_as_a_stream() {
            let dir = TempDir::new().unwrap();
            let fifo = dir.path().join("fifo");
            assert!(
                Command::new("mkfifo")
                    .arg(&fifo)
                    .status()
                    .unwrap()
                    .success()
            );
            let writer = {
                let fifo = fifo.clone();
                std::thread::spawn(move || fs::write(fifo, "{\"text\":\"a\"}\n{\"text\":\"b\"}\n"))
            };
            let outcome = crate::read::testing::read_path(&fifo);
            writer.join().unwrap().unwrap();
            assert_eq!(outcome.texts(), ["a", "b"]);
        }

        #[test]
        fn nothing_from_a_stream_is_no_story() {
            let outcome = crate::read::testing::read_path(Path::new("/dev/null"));
            assert!(outcome.texts().is_empty() && outcome.rejections.is_empty());
        }

        #[test]
        fn a_name_that_looks_like_an_escape_stays_apart() {
            let names: [&[u8]; 6] = [
                b"bad\xff.txt",
                b"bad\\xff.txt",
                b"bad\\\\xff.txt",
                b"bad\\\xff.txt",
                b"a\\b\xff",
                b"a\\b\\xff",
            ];
            let told = names.map(|name| shown(Path::new(OsStr::from_bytes(name))));
            let apart: HashSet<&String> = told.iter().collect();
            assert_eq!(apart.len(), names.len(), "{told:?}");
            assert_eq!(told[..2], ["bad\\xff.txt", "bad\\\\xff.txt"]);
            // All others are told as they are.
            for name in ["a\\b", "a\\x7f", "a\\xFF", "caf\u{e9}"] {
                assert_eq!(shown(Path::new(name)), name);
            }
        }

        #[test]
        fn names_that_are_not_utf8_are_read() {
            let dir = TempDir::new().unwrap();
            for name in [b"bad\xfe.txt", b"bad\xff.txt"] {
                fs::write(dir.path().join(OsStr::from_bytes(name)), "x").unwrap();
            }
            let outcome = crate::read::testing::read_path(dir.path());
            assert_eq!(outcome.texts(), ["x", "x"]);
            let ids = outcome.ids();
            assert!(ids[0].ends_with("bad\\xfe.txt") && ids[1].ends_with("bad\\xff.txt"));
        }
    }
}
