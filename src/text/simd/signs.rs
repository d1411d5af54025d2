/*!
Bytes → where the signs stand that segmenting asks for, a bit each.

One pass over a text in place of a search for each sign and line. What follows from the classes of a block ([`find_with`]) is the same for
every kernel.
*/

use std::ops::Range;

use super::BLOCK;

/// Signs of 64 bytes, a bit for each.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Classes {
    pub newline: u64,
    /// `/` and `:`.
    pub mark: u64,
    /// `(`.
    pub bracket: u64,
    /// `.`.
    pub stop: u64,
    /// ASCII capitals.
    pub capital: u64,
}

/// A kind of sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// LF.
    Newline,
    /// A slash or a colon.
    Mark,
    /// An opening bracket.
    Bracket,
    /// A full stop that an ASCII capital follows.
    Code,
}

/// How many kinds there are.
const KINDS: usize = 4;

/// The signs of a text.
#[derive(Clone, Debug, Default)]
pub struct Signs {
    /// For each 64 bytes a word of each kind.
    words: Vec<[u64; KINDS]>,
    /// All of them taken together.
    any: [u64; KINDS],
}

impl Signs {
    /// Finds the signs of `text`.
    pub fn find(&mut self, text: &[u8]) {
        (super::kernels().signs)(text, self);
    }

    /// Where signs of that kind stand within `range` of the text, in order.
    #[inline]
    pub fn within(&self, sign: Sign, range: Range<usize>) -> Places<'_> {
        let first = range.start / BLOCK;
        let to = range.end.div_ceil(BLOCK).min(self.words.len());
        let words = self.words.get(first..to).unwrap_or_default();
        let mut places = Places {
            rest: words.iter(),
            sign,
            left: 0,
            at: first * BLOCK,
            end: range.end,
        };
        if let Some(word) = places.rest.next() {
            places.left = word[sign as usize] & u64::MAX << (range.start % BLOCK);
        }
        places
    }

    /// Whether a sign of that kind stands anywhere in the text.
    #[inline]
    pub fn any(&self, sign: Sign) -> bool {
        self.any[sign as usize] != 0
    }

    /// Whether a sign of that kind stands within `range` of the text.
    #[inline]
    pub fn has(&self, sign: Sign, range: Range<usize>) -> bool {
        self.any(sign) && self.has_within(sign, range)
    }

    fn has_within(&self, sign: Sign, range: Range<usize>) -> bool {
        let Some(last) = range.end.checked_sub(1).filter(|&last| last >= range.start) else {
            return false;
        };
        let from = u64::MAX << (range.start % BLOCK);
        let until = u64::MAX >> (BLOCK - 1 - last % BLOCK);
        let words = self.words.get(range.start / BLOCK..=last / BLOCK);
        match words.unwrap_or_default() {
            [] => false,
            [only] => only[sign as usize] & from & until != 0,
            [first, between @ .., last] => {
                first[sign as usize] & from != 0
                    || between.iter().any(|word| word[sign as usize] != 0)
                    || last[sign as usize] & until != 0
            }
        }
    }
}

/// Places of signs, in order.
#[derive(Debug)]
pub struct Places<'s> {
    rest: std::slice::Iter<'s, [u64; KINDS]>,
    sign: Sign,
    /// Signs of the block at `at` that are still to come, those beyond `end` among them.
    left: u64,
    at: usize,
    end: usize,
}

impl Iterator for Places<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.left == 0 {
            self.left = self.rest.next()?[self.sign as usize];
            self.at += BLOCK;
        }
        let place = self.at + self.left.trailing_zeros() as usize;
        self.left &= self.left - 1;
        (place < self.end).then_some(place)
    }
}

/// Fills `signs` with what `classify` tells of each block.
#[inline(always)]
pub(super) fn find_with(
    text: &[u8],
    signs: &mut Signs,
    classify: impl Fn(&[u8; BLOCK]) -> Classes,
) {
    let (whole, rest) = text.as_chunks::<BLOCK>();
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    let blocks = text.len().div_ceil(BLOCK);
    let classes_of = |i: usize| match whole.get(i) {
        Some(block) => classify(block),
        None if i < blocks => classify(&last),
        None => Classes::default(),
    };
    signs.words.resize(blocks, [0; KINDS]);
    let mut next = classes_of(0);
    for (i, words) in signs.words.iter_mut().enumerate() {
        let of = next;
        // Whether a capital follows the last sign of a block, only the next can tell.
        next = classes_of(i + 1);
        let before_capital = of.capital >> 1 | next.capital << (BLOCK - 1);
        *words = [of.newline, of.mark, of.bracket, of.stop & before_capital];
    }
    // A loop of its own, which the compiler does in wide registers.
    signs.any = signs.words.iter().fold([0; KINDS], |any, words| {
        std::array::from_fn(|kind| any[kind] | words[kind])
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Signs by the words of [`Sign`], a byte at a time.
    fn plain(text: &[u8], sign: Sign) -> Vec<usize> {
        let is = |&at: &usize| {
            let follows = text.get(at + 1).is_some_and(u8::is_ascii_uppercase);
            match (sign, text[at]) {
                (Sign::Newline, b'\n') | (Sign::Mark, b'/' | b':') | (Sign::Bracket, b'(') => true,
                (Sign::Code, b'.') => follows,
                _ => false,
            }
        };
        (0..text.len()).filter(is).collect()
    }

    fn hold_to_definition(text: &[u8], range: Range<usize>) {
        for (name, kernels) in super::super::available() {
            let mut signs = Signs::default();
            // Left over from another text.
            (kernels.signs)(&[b'('; 200], &mut signs);
            (kernels.signs)(text, &mut signs);
            for sign in [Sign::Newline, Sign::Mark, Sign::Bracket, Sign::Code] {
                let mut expected = plain(text, sign);
                let all: Vec<usize> = signs.within(sign, 0..text.len()).collect();
                assert_eq!(all, expected, "{name} {sign:?}");
                assert_eq!(signs.any(sign), !all.is_empty());
                expected.retain(|at| range.contains(at));
                let some: Vec<usize> = signs.within(sign, range.clone()).collect();
                assert_eq!(some, expected, "{name} {sign:?} {range:?}");
                assert_eq!(signs.has(sign, range.clone()), !expected.is_empty());
            }
        }
    }

    #[test]
    fn every_byte_value_at_every_place() {
        for value in 0..=255_u8 {
            for len in [0, 1, 63, 64, 65, 130] {
                hold_to_definition(&vec![value; len], 0..len);
                let with_capitals: Vec<u8> = (0..len)
                    .map(|i| if i % 2 == 0 { value } else { b'N' })
                    .collect();
                hold_to_definition(&with_capitals, len / 3..len);
            }
        }
    }

    proptest! {
        #[test]
        fn kernels_keep_to_the_definition(
            text in prop::collection::vec(prop::sample::select(&b"aN.(/:\n \xc3@[Z"[..]), 0..300),
            ends in (0_usize..310, 0_usize..310),
        ) {
            let (from, to) = (ends.0.min(ends.1), ends.0.max(ends.1));
            hold_to_definition(&text, from.min(text.len())..to.min(text.len()));
        }
    }
}
