/*!
Where output goes: standard output, or a file that appears whole or not at all.

A file is written beside its place under a temporary name and renamed at the end, so that a run that fails leaves
the old file as it was. What exists and is no regular file (a pipe, `/dev/null`) is written to directly: it must not
be replaced by a file. A symbolic link is written through, also where it leads to nothing yet.
*/

use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use samewire::index::store::Index;
use tempfile::NamedTempFile;

use super::inputs::STDIN;

/// Bytes gathered before they are handed to the system.
const BUFFER: usize = 1 << 16;

/// A place to write to. [`commit`](Self::commit) makes the output final; dropping it takes a file back.
pub struct Output {
    writer: Writer,
    name: PathBuf,
}

enum Writer {
    Stdout(BufWriter<io::StdoutLock<'static>>),
    Direct(BufWriter<File>),
    Staged {
        file: BufWriter<NamedTempFile>,
        place: PathBuf,
    },
}

impl Output {
    /// Standard output.
    pub fn stdout() -> Self {
        Self {
            writer: Writer::Stdout(BufWriter::with_capacity(BUFFER, io::stdout().lock())),
            name: PathBuf::from("standard output"),
        }
    }

    /// The file at `path`, or standard output where that is `-`.
    pub fn to(path: &Path) -> Result<Self> {
        if path == Path::new(STDIN) {
            return Ok(Self::stdout());
        }
        refuse_in_index(path, folder_of(&real(path)?))?;
        let failed = || format!("{}: writing", path.display());
        let writer = match fs::metadata(path) {
            Ok(found) if found.is_dir() => bail!(
                "{}: is a directory; give the name of a file",
                path.display()
            ),
            Ok(found) if !found.is_file() => {
                let file = File::options()
                    .write(true)
                    .open(path)
                    .with_context(failed)?;
                Writer::Direct(BufWriter::with_capacity(BUFFER, file))
            }
            // Through a symbolic link, as every other program writes; what it leads to need not be there yet.
            found => Self::staged(real(path)?, found.ok().as_ref()).with_context(failed)?,
        };
        Ok(Self {
            writer,
            name: path.to_owned(),
        })
    }

    fn staged(place: PathBuf, old: Option<&Metadata>) -> io::Result<Writer> {
        let folder = folder_of(&place);
        let mut builder = tempfile::Builder::new();
        builder.prefix(".samewire-").suffix(".tmp");
        with_usual_mode(&mut builder);
        // The error would name the temporary file, which means nothing to whoever reads it.
        let file = builder.tempfile_in(folder).map_err(|e| {
            let what = io::Error::from(e.kind());
            io::Error::new(
                e.kind(),
                format!("{what}; choose a directory that can be written to"),
            )
        })?;
        if let Some(old) = old {
            file.as_file().set_permissions(old.permissions())?;
        }
        Ok(Writer::Staged {
            file: BufWriter::with_capacity(BUFFER, file),
            place,
        })
    }

    /// Hands over all that was written, and puts a file in its place.
    pub fn commit(self) -> Result<()> {
        let Self { writer, name } = self;
        Ok(writer.commit().map_err(|e| named(&name, &e))?)
    }
}

/// The error with the file that it is about. It stays of its kind, for a closed pipe is none.
pub fn named(name: &Path, error: &io::Error) -> io::Error {
    let next = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; free some space, or write elsewhere"
        }
        _ => "",
    };
    let told = format!("{}: writing: {error}{next}", name.display());
    io::Error::new(error.kind(), told)
}

impl Writer {
    fn commit(self) -> io::Result<()> {
        match self {
            Self::Stdout(mut out) => out.flush(),
            Self::Direct(mut out) => out.flush(),
            Self::Staged { file, place } => {
                let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.persist(place).map(drop).map_err(|e| e.error)
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.writer {
            Writer::Stdout(out) => out.write(bytes),
            Writer::Direct(out) => out.write(bytes),
            Writer::Staged { file, .. } => file.write(bytes),
        };
        written.map_err(|e| named(&self.name, &e))
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = match &mut self.writer {
            Writer::Stdout(out) => out.flush(),
            Writer::Direct(out) => out.flush(),
            Writer::Staged { file, .. } => file.flush(),
        };
        flushed.map_err(|e| named(&self.name, &e))
    }
}

/// Refuses places that cannot be written to before work is spent: directories, places in a directory that is not there,
/// one place for two outputs, a place among the stories (`reads`), and what a command reads beside them (labels, decisions, lists, a
/// configuration).
pub fn check(reads: &[PathBuf], beside: &[&Path], places: &[Option<&Path>]) -> Result<()> {
    let mut taken: Vec<Target> = Vec::new();
    for place in places.iter().copied().flatten() {
        let target = Target::of(place)?;
        if taken.iter().any(|other| other.is(&target)) {
            let name = if place == Path::new(STDIN) {
                Path::new("standard output")
            } else {
                place
            };
            bail!(
                "{}: two outputs would go there; give each a place of its own",
                name.display()
            );
        }
        if let Some(real) = &target.real {
            check_place(place, real, beside)?;
        }
        taken.push(target);
    }
    for (place, target) in places.iter().copied().flatten().zip(&taken) {
        if let Some(real) = &target.real {
            refuse_inside(reads, place, real)?;
        }
    }
    Ok(())
}

/// One place; `real` is where it leads.
fn check_place(place: &Path, real: &Path, beside: &[&Path]) -> Result<()> {
    refuse_in_index(place, folder_of(real))?;
    let this = Identity::of(place);
    // Some options take `-` for standard input, others for a file of that name.
    let is = |found: Option<Identity>| found.is_some() && found == this;
    let is_this = |file: &&Path| is(Identity::of(file)) || is(Identity::of_input(file));
    if place.is_file() && beside.iter().any(is_this) {
        bail!(
            "{}: is read by this command and would be overwritten; choose another name",
            place.display()
        );
    }
    if place.is_dir() {
        bail!(
            "{}: is a directory; give the name of a file",
            place.display()
        );
    }
    if !folder_of(real).is_dir() {
        bail!(
            "{}: its directory does not exist; make it first",
            place.display()
        );
    }
    Ok(())
}

/// What an output goes to, under whatever name.
struct Target {
    /// The place, links followed; none for standard output.
    real: Option<PathBuf>,
    /// The regular file that is there. Pipes and terminals may be shared.
    file: Option<Identity>,
}

impl Target {
    fn of(place: &Path) -> Result<Self> {
        if place == Path::new(STDIN) {
            return Ok(Self {
                real: None,
                file: regular(Path::new("/dev/stdout")),
            });
        }
        Ok(Self {
            real: Some(real(place)?),
            file: regular(place),
        })
    }

    fn is(&self, other: &Self) -> bool {
        self.real == other.real || (self.file.is_some() && self.file == other.file)
    }
}

fn regular(place: &Path) -> Option<Identity> {
    Identity::of(place).filter(|_| place.is_file())
}

/// Links that are followed before they are taken for a circle, as the system does.
const LINKS: usize = 40;

/// Where a file under that name comes to lie: its directory with no links in it, and links followed, also those that lead to
/// nothing yet.
fn real(place: &Path) -> Result<PathBuf> {
    let mut at = place.to_owned();
    for _ in 0..LINKS {
        let folder = folder_of(&at);
        let Ok(next) = fs::read_link(&at) else {
            return Ok(match (folder.canonicalize(), at.file_name()) {
                (Ok(folder), Some(name)) => folder.join(name),
                _ => at,
            });
        };
        at = folder.join(next);
    }
    bail!(
        "{}: is a link that leads back to itself; choose another name",
        place.display()
    )
}

fn folder_of(place: &Path) -> &Path {
    match place.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Cells in a line of the terminal; 80 where there is none.
pub fn width() -> usize {
    terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0))
}

/// A temporary file is for its owner alone; what it becomes is a file like any other.
fn with_usual_mode(builder: &mut tempfile::Builder<'_, '_>) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The system takes the umask off.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = builder;
}

/// As [`check`], for a directory that files are written below. It need not be there yet.
pub fn check_directory(reads: &[PathBuf], place: &Path) -> Result<()> {
    let folders = folders_above(place);
    if let Some(nearest) = folders.first() {
        refuse_in_index(place, nearest)?;
    }
    refuse_read(reads, place, &folders)
}

/// Refuses a place in an index, at whatever depth: its database, its lock and what lies beside them are for nobody else to write.
fn refuse_in_index(place: &Path, folder: &Path) -> Result<()> {
    if let Some(index) = Index::around(folder) {
        bail!(
            "{}: lies in an index, {}, where nothing else is written; choose another place",
            place.display(),
            index.display()
        );
    }
    Ok(())
}

/// Refuses a file in a directory that is read.
fn refuse_inside(reads: &[PathBuf], place: &Path, real: &Path) -> Result<()> {
    if fs::metadata(place).is_ok_and(|found| !found.is_file()) {
        return Ok(());
    }
    // A link in the directory is read there, wherever it leads.
    let folders = [place, real].map(|path| folders_above(folder_of(path)));
    refuse_read(reads, place, &folders.concat())
}

/// The directories that a directory lies in, itself the first, by each name that leads to it. What is not there yet is left out.
fn folders_above(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in directory.ancestors() {
        let name = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        found.extend(name.canonicalize().ok());
        // What stands before `..` is left by it, unless it has to be made first.
        if folder.ends_with("..") && !found.is_empty() {
            break;
        }
    }
    found
}

/// Refuses what lies in a directory that is read: it would be taken for stories, by the next run or by this one.
fn refuse_read(reads: &[PathBuf], place: &Path, folders: &[PathBuf]) -> Result<()> {
    let holds = |path: &&PathBuf| {
        path.is_dir()
            && path
                .canonicalize()
                .is_ok_and(|whole| folders.iter().any(|folder| folder.starts_with(&whole)))
    };
    match reads.iter().find(holds) {
        Some(path) => bail!(
            "{}: lies in {}, which is read: it is one of the inputs, or the next run would take it for one; choose a place outside",
            place.display(),
            path.display()
        ),
        None => Ok(()),
    }
}

/// What makes a file the same file under any name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity(#[cfg(unix)] (u64, u64), #[cfg(not(unix))] PathBuf);

impl Identity {
    /// Of the file at `path`, links followed; none where there is no file.
    pub fn of(path: &Path) -> Option<Self> {
        #[cfg(unix)]
        {
            Some(Self::new(&fs::metadata(path).ok()?))
        }
        #[cfg(not(unix))]
        path.canonicalize().ok().map(Self)
    }

    /// Of what is read under the name `path`: `-` is standard input, which may be a file like any other.
    pub fn of_input(path: &Path) -> Option<Self> {
        if path == Path::new(STDIN) {
            Self::of_stdin()
        } else {
            Self::of(path)
        }
    }

    #[cfg(unix)]
    fn of_stdin() -> Option<Self> {
        use std::os::fd::AsFd as _;
        let stdin = io::stdin().as_fd().try_clone_to_owned().ok()?;
        Some(Self::new(&File::from(stdin).metadata().ok()?))
    }

    /// None: only its name tells a file here, and standard input has none.
    #[cfg(not(unix))]
    fn of_stdin() -> Option<Self> {
        None
    }

    #[cfg(unix)]
    fn new(found: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self((found.dev(), found.ino()))
    }
}

/// The files that were read, to be spared.
pub struct Inputs(Vec<Identity>);

impl Inputs {
    /// Of these files; `-` is standard input.
    pub fn new(files: &[PathBuf]) -> Self {
        let known = files.iter().filter_map(|f| Identity::of_input(f));
        let mut all: Vec<Identity> = known.collect();
        all.sort_unstable();
        Self(all)
    }

    /// Refuses a place to write to that is one of them, under whatever name.
    pub fn spare(&self, place: &Path) -> Result<()> {
        let hit = Identity::of(place).is_some_and(|id| self.0.binary_search(&id).is_ok());
        if hit && place.is_file() {
            bail!(
                "{}: is one of the inputs and would be overwritten; choose another name, outside the paths that are read",
                place.display()
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_at_commit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        fs::write(&path, "old").unwrap();
        let mut out = Output::to(&path).unwrap();
        out.write_all(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        out.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_run_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        fs::write(&path, "old").unwrap();
        let mut out = Output::to(&path).unwrap();
        out.write_all(b"half").unwrap();
        drop(out);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn inputs_are_spared_under_any_name() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("in"), "x").unwrap();
        fs::write(at("other"), "x").unwrap();
        fs::hard_link(at("in"), at("hard")).unwrap();
        std::os::unix::fs::symlink(at("in"), at("soft")).unwrap();
        let inputs = Inputs::new(&[at("in")]);
        for name in ["in", "hard", "soft"] {
            assert!(inputs.spare(&at(name)).is_err(), "{name}");
        }
        assert!(inputs.spare(&at("other")).is_ok());
        assert!(inputs.spare(&at("new")).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_written_through() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("far")).unwrap();
        fs::write(at("old"), "old").unwrap();
        symlink("old", at("to-old")).unwrap();
        symlink("to-none", at("to-a-link")).unwrap();
        symlink("far/new", at("to-none")).unwrap();
        for (link, end) in [("to-old", "old"), ("to-a-link", "far/new")] {
            let mut out = Output::to(&at(link)).unwrap();
            out.write_all(b"new").unwrap();
            out.commit().unwrap();
            assert_eq!(fs::read(at(end)).unwrap(), b"new", "{link}");
            assert!(at(link).is_symlink(), "{link}");
        }
        assert!(at("to-none").is_symlink());
        symlink("circle", at("circle")).unwrap();
        assert!(Output::to(&at("circle")).is_err());
        symlink("nowhere/new", at("lost")).unwrap();
        let told = check(&[], &[], &[Some(&at("lost"))])
            .unwrap_err()
            .to_string();
        assert!(
            told.contains("lost: its directory does not exist"),
            "{told}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_not_replaced() {
        Output::to(Path::new("/dev/null"))
            .unwrap()
            .commit()
            .unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
