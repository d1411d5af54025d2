//! Texts → as they are stored, and back: zstd, where that is shorter.

use std::cell::RefCell;
use std::io;

use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::{self, CParameter};

use crate::read::ReadOptions;

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
            io::Result::Ok(compressor)
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

thread_local! {
    /// To make one takes longer than to unpack a text.
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// The bytes of a packed text; none if it is damaged.
pub(super) fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let size = zstd_safe::get_frame_content_size(packed).ok().flatten()?;
    if size > ReadOptions::LARGEST_RECORD as u64 {
        return None;
    }
    UNPACKER.with_borrow_mut(|unpacker| {
        if unpacker.is_none() {
            *unpacker = Decompressor::new().ok();
        }
        unpacker.as_mut()?.decompress(packed, size as usize).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_one_after_the_other_and_damaged_ones_do_no_harm() {
        let mut packer = Packer::new();
        for length in [1_024, 5_000, 300_000] {
            let text: String = "Rain fell on Orle. ".chars().cycle().take(length).collect();
            let packed = packer.pack(&text).unwrap();
            assert_eq!(unpack(&packed).as_deref(), Some(text.as_bytes()));
            assert_eq!(unpack(&packed[..packed.len() / 2]), None);
            let mut other = packed.clone();
            other[0] ^= 1;
            assert_eq!(unpack(&other), None);
            assert_eq!(unpack(&packed).as_deref(), Some(text.as_bytes()));
        }
        assert_eq!(packer.pack("Rain fell on Orle."), None);
    }
}
