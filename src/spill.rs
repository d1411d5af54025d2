/*!
What does not fit into memory: a temporary file that grows at its end.

Input: bytes, from any thread. Output: the same bytes, by the place where they begin. The file has no name, so that it is gone with the
process however that ends; it lies in the folder for temporary files (`TMPDIR`).
*/

use std::fs::File;
use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::error::{Error, Result};

/// A temporary file, made when the first byte is written.
#[derive(Debug, Default)]
pub struct Spill {
    file: OnceLock<File>,
    end: Mutex<u64>,
}

impl Spill {
    /// Appends bytes and returns where they begin.
    ///
    /// # Errors
    /// When the file cannot be made or written.
    pub fn write(&self, bytes: &[u8]) -> Result<u64> {
        let failed = |source| Error::File {
            path: std::env::temp_dir(),
            action: "writing a temporary file",
            next: "free space there, name another folder in TMPDIR, or allow more with --memory",
            source,
        };
        let mut end = lock(&self.end);
        let file = if let Some(file) = self.file.get() {
            file
        } else {
            let file = tempfile::tempfile().map_err(failed)?;
            self.file.get_or_init(|| file)
        };
        let at = *end;
        *end += bytes.len() as u64;
        drop(end);
        write_at(file, at, bytes).map_err(failed)?;
        Ok(at)
    }

    /// Bytes that were written.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn read(&self, at: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; len];
        self.read_into(at, &mut bytes)?;
        Ok(bytes)
    }

    /// Bytes that were written, into a buffer of their length.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn read_into(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        match self.file.get() {
            Some(file) => fill_at(file, at, buffer),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Bytes that were written in all.
    pub fn len(&self) -> u64 {
        *lock(&self.end)
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A lock whose holder panicked still guards a list that is whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes of a file from a place on, whatever its position.
pub(crate) fn read_at(file: &File, at: u64, len: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; len];
    fill_at(file, at, &mut bytes)?;
    Ok(bytes)
}

/// As many bytes of a file from a place on as it has, up to the length of the buffer; and why they are not more, if not for its end.
pub(crate) fn read_some_at(file: &File, at: u64, buffer: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut got = 0;
    while got < buffer.len() {
        match read_once_at(file, at + got as u64, &mut buffer[got..]) {
            Ok(0) => break,
            Ok(more) => got += more,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return (got, Some(e)),
        }
    }
    (got, None)
}

fn fill_at(file: &File, at: u64, buffer: &mut [u8]) -> io::Result<()> {
    match read_some_at(file, at, buffer) {
        (got, None) if got < buffer.len() => Err(io::ErrorKind::UnexpectedEof.into()),
        (_, None) => Ok(()),
        (_, Some(e)) => Err(e),
    }
}

#[cfg(unix)]
fn read_once_at(file: &File, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(unix)]
fn write_at(file: &File, at: u64, bytes: &[u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(windows)]
fn read_once_at(file: &File, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

#[cfg(windows)]
fn write_at(file: &File, mut at: u64, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let put = std::os::windows::fs::FileExt::seek_write(file, bytes, at)?;
        bytes = &bytes[put..];
        at += put as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_from_any_thread() {
        let spill = Spill::default();
        assert!(spill.is_empty() && spill.read(0, 1).is_err());
        let places: Vec<(u64, Vec<u8>)> = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..4_u8)
                .map(|t| {
                    let spill = &spill;
                    scope.spawn(move || {
                        (0..50_usize)
                            .map(|i| {
                                let bytes = vec![t; i + 1];
                                (spill.write(&bytes).unwrap(), bytes)
                            })
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            writers
                .into_iter()
                .flat_map(|w| w.join().unwrap())
                .collect()
        });
        for (at, bytes) in &places {
            assert_eq!(&spill.read(*at, bytes.len()).unwrap(), bytes);
        }
        let written: u64 = places.iter().map(|p| p.1.len() as u64).sum();
        assert_eq!(spill.len(), written);
        assert!(spill.read(spill.len() - 1, 2).is_err());
    }
}
