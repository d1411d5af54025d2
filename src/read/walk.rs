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
        let name = path.to_string_lossy().into_owned();
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
            let bytes = (kind == SourceKind::File).then(|| meta.len());
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
            ignore::Error::Io(e) => Rejection::io(&shown(path.unwrap_or(root)), "opening", e),
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

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
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
