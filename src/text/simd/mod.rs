/*!
Bytes → classes: which bytes are ASCII letters and digits, which are special, and the folded bytes.

The best kernel that the machine has is chosen at run time, once. Each kernel fills the same three
tables; all are held to [`scalar`] by a property test. This folder is the only place with `unsafe`.

For block `i` of 64 bytes, bit `j` of
- `word[i]` says that byte `64 i + j` may be part of a word: letter, digit, apostrophe or ≥ 0x80;
- `special[i]` says that it is an apostrophe or ≥ 0x80.

`folded` holds the bytes with `A`–`Z` in lower case, and 64 zero bytes after the last block.
*/

#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;
#[cfg(target_arch = "x86_64")]
mod x86;

use std::sync::OnceLock;

/// Bytes to a block: one bit each in a `u64`.
pub const BLOCK: usize = 64;

/// The classes of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Classes {
    /// Bytes in lower case, padded.
    pub folded: Vec<u8>,
    /// Bytes that may be part of a word.
    pub word: Vec<u64>,
    /// Bytes that need the Unicode path.
    pub special: Vec<u64>,
}

/// Fills `folded`, `word` and `special` for `text`; all three have room for whole blocks.
type Kernel = fn(text: &[u8], folded: &mut [u8], word: &mut [u64], special: &mut [u64]);

impl Classes {
    /// Classifies `text`.
    pub fn classify(&mut self, text: &[u8]) {
        self.classify_with(kernel(), text);
    }

    fn classify_with(&mut self, kernel: Kernel, text: &[u8]) {
        let blocks = text.len().div_ceil(BLOCK);
        // Grown, never shrunk: what lies beyond the blocks of this text is of no concern but for the padding.
        self.folded
            .resize(self.folded.len().max((blocks + 1) * BLOCK), 0);
        self.word.resize(blocks, 0);
        self.special.resize(blocks, 0);
        kernel(text, &mut self.folded, &mut self.word, &mut self.special);
    }
}

fn kernel() -> Kernel {
    static CHOSEN: OnceLock<Kernel> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        available()
            .last()
            .map_or(scalar::classify as Kernel, |&(_, k)| k)
    })
}

/// The kernels that this machine can run, slowest first.
fn available() -> Vec<(&'static str, Kernel)> {
    #[allow(unused_mut, reason = "no other kernel exists for some targets")]
    let mut kernels: Vec<(&'static str, Kernel)> = vec![("scalar", scalar::classify)];
    #[cfg(target_arch = "x86_64")]
    kernels.extend(x86::available());
    #[cfg(target_arch = "aarch64")]
    kernels.extend(neon::available());
    kernels
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hold_to_scalar(text: &[u8]) {
        let mut expected = Classes::default();
        expected.classify_with(scalar::classify, text);
        for (name, kernel) in available() {
            let mut got = Classes::default();
            got.classify_with(kernel, text);
            assert_eq!(got.word, expected.word, "{name}");
            assert_eq!(got.special, expected.special, "{name}");
            assert_eq!(
                got.folded[..text.len()],
                expected.folded[..text.len()],
                "{name}"
            );
        }
    }

    #[test]
    fn every_byte_value_at_every_place() {
        for value in 0..=255_u8 {
            for len in [1, 63, 64, 65, 130] {
                hold_to_scalar(&vec![value; len]);
            }
        }
        let all: Vec<u8> = (0..=255).cycle().take(700).collect();
        for from in 0..70 {
            hold_to_scalar(&all[from..]);
        }
    }

    proptest! {
        #[test]
        fn kernels_agree(text in prop::collection::vec(any::<u8>(), 0..400)) {
            hold_to_scalar(&text);
        }
    }
}
