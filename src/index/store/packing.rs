//! Texts → as they are stored: zstd, where that is shorter.

use zstd::bulk::Compressor;
use zstd::zstd_safe::CParameter;

/// Level of compression. With -3 the database is half as large again, and no run was quicker.
const LEVEL: i32 = 1;
/// Texts of fewer bytes are not compressed: that takes as long as to compare them, and makes them shorter by a third.
const SHORT: usize = 1_024;

/// Compresses texts. One for each thread.
pub struct Packer(Option<Compressor<'static>>);

impl Packer {
    /// For texts of some thousand bytes: tables that are small and quickly cleared, and no matches of a word or less, cost 3 % of size and save a
    /// quarter of the time.
    pub fn new() -> Self {
        let compressor = || {
            let mut compressor = Compressor::new(LEVEL)?;
            compressor.set_parameter(CParameter::HashLog(11))?;
            compressor.set_parameter(CParameter::MinMatch(7))?;
            std::io::Result::Ok(compressor)
        };
        // Without memory for it texts stay as they are, which reads as well.
        Self(compressor().ok())
    }

    /// The text compressed; none where it is as short as it is.
    pub fn pack(&mut self, text: &str) -> Option<Box<[u8]>> {
        if text.len() < SHORT {
            return None;
        }
        let packed = self.0.as_mut()?.compress(text.as_bytes()).ok()?;
        (packed.len() < text.len()).then(|| packed.into_boxed_slice())
    }
}

impl Default for Packer {
    fn default() -> Self {
        Self::new()
    }
}
