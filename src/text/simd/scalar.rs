//! The kernel that says what the others must do: a table look-up a byte.

use super::{BLOCK, Masks, Runs, find_with};

const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const APOSTROPHE: u8 = 4;
const HIGH: u8 = 8;

static TABLE: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = match i as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'0'..=b'9' => DIGIT,
            b'\'' => APOSTROPHE,
            0x80.. => HIGH,
            _ => 0,
        };
        i += 1;
    }
    table
};

pub fn find(text: &[u8], runs: &mut Runs) {
    find_with(text, runs, |from: &[u8; BLOCK], to: &mut [u8; BLOCK]| {
        let mut masks = Masks::default();
        for (j, (&b, to)) in from.iter().zip(to).enumerate() {
            let class = TABLE[b as usize];
            let bit = |of: u8| u64::from(class & of != 0) << j;
            masks.letter |= bit(LETTER);
            masks.digit |= bit(DIGIT);
            masks.apostrophe |= bit(APOSTROPHE);
            masks.high |= bit(HIGH);
            *to = b.to_ascii_lowercase();
        }
        masks
    });
}
