//! The kernel that says what the others must do: a table look-up a byte.

use super::BLOCK;

const WORD: u8 = 1;
const SPECIAL: u8 = 2;

static TABLE: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let b = i as u8;
        if b.is_ascii_alphanumeric() {
            table[i] = WORD;
        } else if b == b'\'' || b >= 0x80 {
            table[i] = WORD | SPECIAL;
        }
        i += 1;
    }
    table
};

pub fn classify(text: &[u8], folded: &mut [u8], word: &mut [u64], special: &mut [u64]) {
    for (i, block) in text.chunks(BLOCK).enumerate() {
        let (mut w, mut s) = (0, 0);
        for (j, &b) in block.iter().enumerate() {
            let class = TABLE[b as usize];
            w |= u64::from(class & WORD) << j;
            s |= u64::from(class >> 1) << j;
            folded[i * BLOCK + j] = b.to_ascii_lowercase();
        }
        word[i] = w;
        special[i] = s;
    }
}
