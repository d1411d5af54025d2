//! The kernel that says what the others must do: a table look-up a byte.

use super::signs::{self, Classes, Signs};
use super::stops::{self, Stops};
use super::{BLOCK, Bins, Kernels, Masks, NEIGHBOURS, Runs, find_with, one_by_one};
use crate::text::shingle;

pub const KERNELS: Kernels = Kernels {
    runs,
    signs: find_signs,
    stops: find_stops,
    shingles: shingle::collect_rolling,
    falling,
    leasts,
};

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

fn runs(text: &[u8], runs: &mut Runs) {
    let classify = |from: &[u8; BLOCK], to: &mut [u8; BLOCK]| {
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
    };
    find_with(text, runs, classify, one_by_one);
}

fn find_signs(text: &[u8], signs: &mut Signs) {
    signs::find_with(text, signs, |block| {
        let mut classes = Classes::default();
        for (j, &b) in block.iter().enumerate() {
            let bit = |is: bool| u64::from(is) << j;
            classes.newline |= bit(b == b'\n');
            classes.mark |= bit(b == b'/' || b == b':');
            classes.bracket |= bit(b == b'(');
            classes.stop |= bit(b == b'.');
            classes.capital |= bit(b.is_ascii_uppercase());
        }
        classes
    });
}

fn find_stops(line: &[u8], stops: &mut Stops) {
    stops::find_with(line, stops, |block| {
        let bit = |(j, &b)| u64::from(stops::is_stop(b)) << j;
        block.iter().enumerate().map(bit).sum()
    });
}

pub fn falling(hashes: &[u64], salt: u64, bins: Bins<'_>, out: &mut Vec<u64>) {
    out.clear();
    append_falling(hashes, salt, bins, out);
}

/// Appends them to what is there.
pub fn append_falling(hashes: &[u64], salt: u64, bins: Bins<'_>, out: &mut Vec<u64>) {
    let anew = hashes.iter().map(|&hash| shingle::finalise(hash ^ salt));
    out.extend(anew.filter(|&hash| bins.wants(hash)));
}

pub fn leasts(hashes: &[u64], out: &mut Vec<u64>) {
    if hashes.len() < NEIGHBOURS {
        return;
    }
    // The least of six is the least of three pairs; no branch waits for it.
    let pair = |i: usize| hashes[i - 1].min(hashes[i]);
    let mut pairs = [pair(4), pair(3), pair(2), pair(1)];
    let mut last = hashes[4];
    let start = out.len();
    out.resize(start + hashes.len(), 0);
    let room = &mut out[start..];
    let mut found = 0;
    let mut before = None;
    for &hash in &hashes[5..] {
        let pair = last.min(hash);
        let least = pair.min(pairs[1]).min(pairs[3]);
        pairs = [pair, pairs[0], pairs[1], pairs[2]];
        last = hash;
        room[found] = least;
        found += usize::from(before != Some(least));
        before = Some(least);
    }
    out.truncate(start + found);
}
