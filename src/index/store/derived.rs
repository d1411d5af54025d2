/*!
The form of files that follow from the database: arrays of integers, with a checksum.

```text
MAGIC  VERSION  (count, integers padded to 8 bytes)…  xxh3-128 of all before
```

Integers are as the processor has them: such a file never leaves its machine, and one that does not read well is thrown
away. Nothing read is to be believed before [`Reader::finish`].
*/

use std::io::{self, Read, Write};

use xxhash_rust::xxh3::Xxh3;

/// Spells `samewire` where bytes have the order in which this processor has them.
const MAGIC: u64 = u64::from_le_bytes(*b"samewire");
/// Version of the form, and of what is in it.
const VERSION: u64 = 3;
/// Integers that are read before there is known to be more.
const STEP: usize = 1 << 20;

/// Writes such a file.
pub struct Writer<W> {
    out: W,
    hash: Xxh3,
}

impl<W: Write> Writer<W> {
    /// To `out`, which should be buffered.
    pub fn new(out: W) -> Self {
        Self {
            out,
            hash: Xxh3::new(),
        }
    }

    /// Writes the head.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn head(&mut self) -> io::Result<()> {
        self.put(&[MAGIC, VERSION])
    }

    /// Writes an array.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put(&mut self, numbers: &[u64]) -> io::Result<()> {
        self.bytes(&(numbers.len() as u64).to_ne_bytes())?;
        self.bytes(bytemuck::cast_slice(numbers))
    }

    /// Writes an array of smaller integers.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put_u32(&mut self, numbers: &[u32]) -> io::Result<()> {
        self.bytes(&(numbers.len() as u64).to_ne_bytes())?;
        self.bytes(bytemuck::cast_slice(numbers))?;
        self.bytes(&[0; 4][..numbers.len() % 2 * 4])
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.out.write_all(bytes)
    }

    /// Writes the checksum.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        let sum = self.hash.digest128();
        self.out.write_all(&sum.to_ne_bytes())?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Reads such a file.
pub struct Reader<R> {
    from: R,
    hash: Xxh3,
    /// Bytes up to the checksum.
    left: u64,
}

impl<R: Read> Reader<R> {
    /// From a file of so many bytes.
    pub fn new(from: R, bytes: u64) -> Self {
        Self {
            from,
            hash: Xxh3::new(),
            left: bytes.saturating_sub(16),
        }
    }

    /// Reads the head.
    ///
    /// # Errors
    /// When it is the head of something else.
    pub fn head(&mut self) -> io::Result<()> {
        match self.get_few()? {
            [MAGIC, VERSION] => Ok(()),
            [MAGIC, _] => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "is of another version of samewire",
            )),
            _ => Err(Self::broken()),
        }
    }

    /// What is told where arrays do not hold together.
    pub fn broken() -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, "does not hold together")
    }

    /// Reads an array.
    ///
    /// # Errors
    /// When the file cannot be read or is cut short.
    pub fn get(&mut self) -> io::Result<Vec<u64>> {
        let [count] = self.word()?;
        self.array(count, 8)
    }

    /// Reads an array of so many.
    ///
    /// # Errors
    /// When the file cannot be read or has another number of them.
    pub fn get_few<const N: usize>(&mut self) -> io::Result<[u64; N]> {
        self.get()?.try_into().map_err(|_| Self::broken())
    }

    /// Reads an array of smaller integers.
    ///
    /// # Errors
    /// When the file cannot be read or is cut short.
    pub fn get_u32(&mut self) -> io::Result<Vec<u32>> {
        let [count] = self.word()?;
        let numbers = self.array(count, 4)?;
        if count % 2 == 1 {
            self.bytes(&mut [0; 4])?;
        }
        Ok(numbers)
    }

    fn word(&mut self) -> io::Result<[u64; 1]> {
        let mut word = [0_u8; 8];
        self.bytes(&mut word)?;
        Ok([u64::from_ne_bytes(word)])
    }

    fn array<T: bytemuck::Pod>(&mut self, count: u64, size: u64) -> io::Result<Vec<T>> {
        if count > self.left / size {
            return Err(Self::broken());
        }
        let mut numbers = vec![T::zeroed(); count as usize];
        for some in numbers.chunks_mut(STEP) {
            self.bytes(bytemuck::cast_slice_mut(some))?;
        }
        Ok(numbers)
    }

    fn bytes(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.left = self
            .left
            .checked_sub(bytes.len() as u64)
            .ok_or_else(Self::broken)?;
        self.from.read_exact(bytes)?;
        self.hash.update(bytes);
        Ok(())
    }

    /// Compares the checksum: only now is what was read to be believed.
    ///
    /// # Errors
    /// When it differs, or there is more.
    pub fn finish(mut self) -> io::Result<()> {
        let mut sum = [0; 16];
        self.from.read_exact(&mut sum)?;
        if self.left > 0 || u128::from_ne_bytes(sum) != self.hash.digest128() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the checksum differs",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Vec<u8> {
        let mut writer = Writer::new(Vec::new());
        writer.head().unwrap();
        writer.put(&[1, 2, 3]).unwrap();
        writer.put_u32(&[4, 5, 6]).unwrap();
        writer.put(&[]).unwrap();
        writer.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> io::Result<(Vec<u64>, Vec<u32>, Vec<u64>)> {
        let mut reader = Reader::new(bytes, bytes.len() as u64);
        reader.head()?;
        let all = (reader.get()?, reader.get_u32()?, reader.get()?);
        reader.finish()?;
        Ok(all)
    }

    #[test]
    fn what_was_written_is_read() {
        assert_eq!(
            read(&file()).unwrap(),
            (vec![1, 2, 3], vec![4, 5, 6], vec![])
        );
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_seen() {
        let file = file();
        for bit in 0..file.len() * 8 {
            let mut damaged = file.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(read(&damaged).is_err(), "bit {bit}");
        }
        for length in 0..file.len() {
            assert!(read(&file[..length]).is_err(), "cut to {length}");
        }
    }
}
