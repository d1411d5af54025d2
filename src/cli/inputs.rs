/*!
The paths to read: those typed, then those listed in `--files-from`, in that order.
*/

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// Stands for standard input.
pub const STDIN: &str = "-";

/// All paths, as the user named them.
pub fn paths(typed: Vec<PathBuf>, list: Option<&Path>, null: bool) -> Result<Vec<PathBuf>> {
    let mut paths = typed;
    if let Some(list) = list {
        let stdin = list == Path::new(STDIN);
        if stdin && paths.iter().any(|p| p == list) {
            bail!("--files-from - and the path - would both read standard input; give one of them");
        }
        let mut bytes = Vec::new();
        let read = if stdin {
            io::stdin().lock().read_to_end(&mut bytes)
        } else {
            File::open(list).and_then(|mut f| f.read_to_end(&mut bytes))
        };
        read.with_context(|| format!("--files-from {}", list.display()))?;
        let listed = split(&bytes, if null { b'\0' } else { b'\n' })?;
        if stdin && listed.iter().any(|p| p == list) {
            bail!(
                "--files-from -: the list names -, but standard input was read for the list itself; write the list to a file, or take - \
                 out of it (a file of that name is ./-)"
            );
        }
        paths.extend(listed);
    }
    if paths.is_empty() {
        bail!("nothing to read: --files-from lists no path");
    }
    Ok(paths)
}

fn split(bytes: &[u8], end: u8) -> Result<Vec<PathBuf>> {
    bytes
        .split(|&b| b == end)
        .filter(|name| !name.is_empty())
        .map(|name| {
            if name.contains(&0) {
                bail!("--files-from: a path holds a NUL byte; give -0 if the list comes from `find -print0`");
            }
            as_path(name)
        })
        .collect()
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps)] // elsewhere a path may be no Unicode
fn as_path(name: &[u8]) -> Result<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;
    Ok(PathBuf::from(OsStr::from_bytes(name)))
}

#[cfg(not(unix))]
fn as_path(name: &[u8]) -> Result<PathBuf> {
    let name = std::str::from_utf8(name).context("--files-from: a path is not UTF-8")?;
    Ok(PathBuf::from(OsStr::new(name.trim_end_matches('\r'))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_end_lines_or_nul() {
        let names = |bytes: &[u8], end| split(bytes, end).map_err(|e| e.to_string());
        assert_eq!(
            names(b"a\nb c\n\n", b'\n').unwrap(),
            ["a", "b c"].map(PathBuf::from)
        );
        assert_eq!(
            names(b"a\nb\0c\0", b'\0').unwrap(),
            ["a\nb", "c"].map(PathBuf::from)
        );
        assert!(names(b"a\0b\0", b'\n').unwrap_err().contains("-0"));
    }
}
