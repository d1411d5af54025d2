/*!
Bytes → runs of letters and digits, and the folded bytes; where [`Signs`] stand; where strings of JSON have [`Stops`]. Words → shingles → the least of neighbours;
shingles → those that fall into bins which are wanted.

The best kernels that the machine has are chosen at run time, once. A kernel classifies a block of 64 bytes, into [`Masks`] for the runs; what
follows from these ([`find_with`]) is compiled with each kernel, so that it has the machine's instructions too. All are held to
[`scalar`] by a property test. This folder is the only place with `unsafe`.

A run is as long as its bytes are letters, digits, bytes ≥ 0x80, or apostrophes that may join: between two letters, or beside a byte
≥ 0x80. A run that holds an apostrophe or a byte ≥ 0x80 is special.
*/

#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;
mod signs;
mod stops;
#[cfg(target_arch = "x86_64")]
mod x86;

use std::sync::OnceLock;

pub use signs::{Sign, Signs};
pub use stops::Stops;

/// Bytes to a block: one bit each in a `u64`.
pub const BLOCK: usize = 64;

/// Classes of 64 bytes, a bit for each.
#[derive(Clone, Copy, Debug, Default)]
struct Masks {
    /// ASCII letters.
    letter: u64,
    /// ASCII digits.
    digit: u64,
    apostrophe: u64,
    /// Bytes ≥ 0x80.
    high: u64,
}

/// The runs of a text.
#[derive(Clone, Debug, Default)]
pub struct Runs {
    /// The text in lower case (ASCII only), and 64 bytes or more after it that can be read and mean nothing.
    pub folded: Vec<u8>,
    /// Where runs start and end in turn, and room.
    bounds: Vec<u32>,
    count: usize,
    special: Vec<u32>,
}

/// Bounds of a block that are written without asking how many there are: as many as prose has; and seldom more than.
const FEW: usize = 24;
const MANY: usize = 32;
/// Bytes of a bound.
const BOUND: usize = size_of::<u32>();

/// What is made for one kind of machine.
#[derive(Clone, Copy)]
struct Kernels {
    /// Finds the runs of a text.
    runs: fn(text: &[u8], runs: &mut Runs),
    /// Finds the signs of a text.
    signs: fn(text: &[u8], signs: &mut Signs),
    /// Finds the stops of a line.
    stops: fn(line: &[u8], stops: &mut Stops),
    /// Appends the hashes of the shingles of so many words.
    shingles: fn(words: &[u64], n: usize, out: &mut Vec<u64>),
    /// Replaces `out` by the hashes, each hashed anew under that salt, that fall into bins which are wanted.
    falling: fn(hashes: &[u64], salt: u64, bins: Bins<'_>, out: &mut Vec<u64>),
    /// Appends the least of every [`NEIGHBOURS`] hashes.
    leasts: fn(hashes: &[u64], out: &mut Vec<u64>),
}

/// Hashes of which [`leasts`] tells the least.
pub const NEIGHBOURS: usize = 6;

/// Appends the least of every [`NEIGHBOURS`] hashes in a row, in order; one that is the same as the one before it once.
pub fn leasts(hashes: &[u64], out: &mut Vec<u64>) {
    (kernels().leasts)(hashes, out);
}

/// Has the processor fetch what lies there, without waiting for it: it is looked at soon.
#[inline(always)]
pub fn fetch<T>(place: &T) {
    #[cfg(target_arch = "x86_64")]
    x86::fetch(place);
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

/// Appends the hash of every shingle of `n` words, in order, repeats included.
pub fn shingles(words: &[u64], n: usize, out: &mut Vec<u64>) {
    (kernels().shingles)(words, n, out);
}

/// Bins that hashes are thrown into, and which of them are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Bins<'w> {
    /// How many; less than 2³².
    pub count: usize,
    /// A bit for each, 64 a word.
    pub wanted: &'w [u64],
}

impl Bins<'_> {
    /// The bin of a hash among so many: its place among all hashes.
    #[inline(always)]
    pub fn of(hash: u64, count: usize) -> usize {
        ((u128::from(hash) * count as u128) >> 64) as usize
    }

    #[inline(always)]
    fn wants(self, hash: u64) -> bool {
        let bin = Self::of(hash, self.count);
        self.wanted[bin / 64] >> (bin % 64) & 1 == 1
    }
}

/// Replaces `out` by the hashes, each made anew under that salt by [`finalise`](super::shingle::finalise), that fall into bins which are wanted.
pub fn falling(hashes: &[u64], salt: u64, bins: Bins<'_>, out: &mut Vec<u64>) {
    (kernels().falling)(hashes, salt, bins, out);
}

impl Runs {
    /// Finds the runs of `text`.
    pub fn find(&mut self, text: &[u8]) {
        (kernels().runs)(text, self);
    }

    /// Start and end of every run, in order.
    pub fn bounds(&self) -> &[[u32; 2]] {
        self.bounds[..self.count].as_chunks().0
    }

    /// Numbers of the runs that are special, in order.
    pub fn special(&self) -> &[u32] {
        &self.special
    }

    fn start(&mut self, len: usize) {
        let blocks = len.div_ceil(BLOCK);
        // Grown, never shrunk: what lies beyond the blocks of this text is of no concern.
        let padded = (blocks + 1) * BLOCK;
        if self.folded.len() < padded {
            self.folded.resize(padded, 0);
        }
        self.count = 0;
        self.special.clear();
    }

    /// Takes the bounds of the block that begins at `at`. What `write` writes beyond the last is written over.
    #[inline(always)]
    fn take(&mut self, at: u32, edges: u64, write: impl Fn(&mut [u32; BLOCK], u32, u64) + Copy) {
        let room = self.count + BLOCK;
        if self.bounds.len() < room {
            self.bounds.resize(2 * room + 32 * BLOCK, 0);
        }
        if let Some(out) = self.bounds[self.count..].first_chunk_mut() {
            write(out, at, edges);
        }
        self.count += edges.count_ones() as usize;
    }

    /// Notes the runs that hold one of these bytes; `edges` are the bounds of the block, not yet taken.
    #[cold]
    fn note_special(&mut self, mut special: u64, edges: u64) {
        while special != 0 {
            let bit = special.trailing_zeros();
            let until = u64::MAX >> (63 - bit);
            let before = self.count + (edges & until).count_ones() as usize;
            // A run is open at that byte, so its start is the last of an odd number of bounds.
            let run = (before / 2) as u32;
            if self.special.last() != Some(&run) {
                self.special.push(run);
            }
            let end = edges & !until;
            if end == 0 {
                return;
            }
            special &= u64::MAX << end.trailing_zeros();
        }
    }
}

/// Writes the places of `edges`, and what is of no concern after them: as many as prose has without asking how many there are.
///
/// (Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019, section 3.2.) Two at a time make one word, or the compiler
/// would gather them into wide registers, which takes longer.
#[inline(always)]
fn one_by_one(out: &mut [u32; BLOCK], at: u32, mut edges: u64) {
    let count = edges.count_ones() as usize;
    let bytes: &mut [u8] = bytemuck::cast_slice_mut(out);
    let mut next = || {
        let place = edges.trailing_zeros();
        edges &= edges.wrapping_sub(1);
        u64::from(place)
    };
    let base = u64::from(at) | u64::from(at) << 32;
    let mut write = |out: &mut [u8]| {
        for pair in out.as_chunks_mut::<{ 2 * BOUND }>().0 {
            let (first, second) = (next(), next());
            let both = if cfg!(target_endian = "little") {
                first | second << 32
            } else {
                first << 32 | second
            };
            *pair = base.wrapping_add(both).to_ne_bytes();
        }
    };
    write(&mut bytes[..BOUND * FEW]);
    if count > FEW {
        write(&mut bytes[BOUND * FEW..BOUND * MANY]);
    }
    if count > MANY {
        write(&mut bytes[BOUND * MANY..]);
    }
}

/// Fills `runs` with what `classify` tells of each block, which also writes the block in lower case; `write` writes places down.
#[inline(always)]
fn find_with(
    text: &[u8],
    runs: &mut Runs,
    classify: impl Fn(&[u8; BLOCK], &mut [u8; BLOCK]) -> Masks,
    write: impl Fn(&mut [u32; BLOCK], u32, u64) + Copy,
) {
    runs.start(text.len());
    let mut folded = std::mem::take(&mut runs.folded);
    let (whole, rest) = text.as_chunks::<BLOCK>();
    let (out, _) = folded.as_chunks_mut::<BLOCK>();
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    let blocks = text.len().div_ceil(BLOCK);
    let masks_of = |i: usize, out: &mut [[u8; BLOCK]]| match whole.get(i) {
        Some(from) => classify(from, &mut out[i]),
        None if i < blocks => classify(&last, &mut out[i]),
        None => Masks::default(),
    };
    let mut next = masks_of(0, out);
    // Of the byte before the block: whether a run is open, a letter, a byte ≥ 0x80.
    let (mut open, mut letter, mut high) = (0, 0, 0);
    for i in 0..blocks {
        let masks = next;
        next = masks_of(i + 1, out);
        let mut special = masks.high;
        if masks.apostrophe != 0 {
            let before = |mask: u64, carried: u64| mask << 1 | carried;
            let after = |mask: u64, of_next: u64| mask >> 1 | of_next << 63;
            let letters = before(masks.letter, letter) & after(masks.letter, next.letter);
            let beside_high = before(masks.high, high) | after(masks.high, next.high);
            special |= masks.apostrophe & (letters | beside_high);
        }
        let word = masks.letter | masks.digit | special;
        let edges = word ^ (word << 1 | open);
        if special != 0 {
            runs.note_special(special, edges);
        }
        runs.take((i * BLOCK) as u32, edges, write);
        (open, letter, high) = (word >> 63, masks.letter >> 63, masks.high >> 63);
    }
    if open == 1 {
        // A text of whole blocks that ends inside a run.
        runs.take(text.len() as u32, 1, write);
    }
    runs.folded = folded;
}

fn kernels() -> Kernels {
    static CHOSEN: OnceLock<Kernels> = OnceLock::new();
    *CHOSEN.get_or_init(|| available().last().map_or(scalar::KERNELS, |&(_, k)| k))
}

/// The kernels that this machine can run, slowest first.
fn available() -> Vec<(&'static str, Kernels)> {
    #[allow(unused_mut, reason = "no other kernel exists for some targets")]
    let mut kernels = vec![("scalar", scalar::KERNELS)];
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
        let mut expected = Runs::default();
        (scalar::KERNELS.runs)(text, &mut expected);
        for (name, kernels) in available() {
            let mut got = Runs::default();
            // Left over from another text.
            (kernels.runs)(
                b"it's another text, longer or shorter, with \xc3\xa9",
                &mut got,
            );
            (kernels.runs)(text, &mut got);
            assert_eq!(got.bounds(), expected.bounds(), "{name}");
            assert_eq!(got.special(), expected.special(), "{name}");
            assert_eq!(
                got.folded[..text.len()],
                expected.folded[..text.len()],
                "{name}"
            );
            assert!(got.folded.len() >= text.len() + BLOCK, "{name}");
        }
    }

    /// Runs by the words of the header, a byte at a time.
    fn plain(text: &[u8]) -> (Vec<[u32; 2]>, Vec<u32>) {
        let at = |i: usize| text.get(i).copied().unwrap_or(b' ');
        let joins = |i: usize| {
            let (before, after) = (i.checked_sub(1).map_or(b' ', at), at(i + 1));
            (before.is_ascii_alphabetic() && after.is_ascii_alphabetic())
                || before >= 0x80
                || after >= 0x80
        };
        let is_special = |i: usize| at(i) >= 0x80 || (at(i) == b'\'' && joins(i));
        let is_word = |i: usize| at(i).is_ascii_alphanumeric() || is_special(i);
        let (mut runs, mut special) = (Vec::new(), Vec::new());
        let mut i = 0;
        while i < text.len() {
            let len = (i..text.len()).take_while(|&j| is_word(j)).count();
            if len > 0 {
                if (i..i + len).any(is_special) {
                    special.push(runs.len() as u32);
                }
                runs.push([i as u32, (i + len) as u32]);
            }
            i += len.max(1);
        }
        (runs, special)
    }

    fn hold_to_definition(text: &[u8]) {
        let mut found = Runs::default();
        (scalar::KERNELS.runs)(text, &mut found);
        let (runs, special) = plain(text);
        assert_eq!(found.bounds(), runs);
        assert_eq!(found.special(), special);
    }

    #[test]
    fn every_byte_value_at_every_place() {
        for value in 0..=255_u8 {
            for len in [1, 63, 64, 65, 130] {
                hold_to_scalar(&vec![value; len]);
                hold_to_definition(&vec![value; len]);
            }
        }
        let all: Vec<u8> = (0..=255).cycle().take(700).collect();
        for from in 0..70 {
            hold_to_scalar(&all[from..]);
        }
    }

    #[test]
    fn blocks_of_nothing_but_bounds() {
        for words in 31..=65 {
            for text in ["a ".repeat(words), " a".repeat(words)] {
                hold_to_scalar(text.as_bytes());
                hold_to_definition(text.as_bytes());
            }
        }
    }

    proptest! {
        #[test]
        fn kernels_agree(text in prop::collection::vec(any::<u8>(), 0..400)) {
            hold_to_scalar(&text);
            hold_to_definition(&text);
        }

        #[test]
        fn kernels_agree_on_apostrophes(text in "[ab1 'é]{0,200}") {
            hold_to_scalar(text.as_bytes());
            hold_to_definition(text.as_bytes());
        }

        #[test]
        fn kernels_agree_on_hashes(words in prop::collection::vec(prop_oneof![any::<u64>(), 0_u64..9], 0..40), n in 1_usize..7, salt: u64, count in 1_usize..400, wanted in prop::collection::vec(any::<u64>(), 7)) {
            let bins = Bins { count, wanted: &wanted[..count.div_ceil(64)] };
            // What stood there before stays, or is replaced.
            let before = vec![1, 2, 3];
            let made = |kernels: &Kernels| {
                let [mut shingles, mut falling, mut leasts] = [(); 3].map(|()| before.clone());
                (kernels.shingles)(&words, n, &mut shingles);
                (kernels.falling)(&words, salt, bins, &mut falling);
                (kernels.leasts)(&words, &mut leasts);
                (shingles, falling, leasts)
            };
            let expected = made(&scalar::KERNELS);
            prop_assert_eq!(&expected.0[..3], &before[..]);
            let mut falling = words.iter().map(|&word| crate::text::shingle::finalise(word ^ salt)).filter(|&hash| {
                let bin = ((u128::from(hash) * count as u128) >> 64) as u64;
                wanted[bin as usize / 64] & 1 << (bin % 64) != 0
            });
            prop_assert!(expected.1.iter().copied().eq(&mut falling));
            let mut leasts: Vec<&u64> = words.windows(NEIGHBOURS).filter_map(|w| w.iter().min()).collect();
            leasts.dedup();
            prop_assert_eq!(&expected.2[..3], &before[..]);
            prop_assert!(expected.2[3..].iter().eq(leasts));
            for (name, kernels) in available() {
                prop_assert_eq!(made(&kernels), expected.clone(), "{}", name);
            }
        }

        #[test]
        fn kernels_agree_on_short_words(text in "([a ]{0,3}[a-z' ]{0,60}){0,5}") {
            hold_to_scalar(text.as_bytes());
            hold_to_definition(text.as_bytes());
        }
    }
}
