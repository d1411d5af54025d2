/*!
Bytes → where a string of JSON stops, a bit each: at quotation marks, backslashes and control characters.

One pass over a line in place of a search from each stop to the next: prose has one in every few dozen bytes.
*/

use super::BLOCK;

/// The stops of a line.
#[derive(Clone, Debug, Default)]
pub struct Stops {
    /// 64 bytes to a word.
    words: Vec<u64>,
}

impl Stops {
    /// Finds the stops of `line`.
    pub fn find(&mut self, line: &[u8]) {
        (super::kernels().stops)(line, self);
    }

    /// The first stop at `from` or after it.
    #[inline]
    pub fn next(&self, from: usize) -> Option<usize> {
        let mut at = from / BLOCK;
        let mut word = self.words.get(at)? & u64::MAX << (from % BLOCK);
        while word == 0 {
            at += 1;
            word = *self.words.get(at)?;
        }
        Some(at * BLOCK + word.trailing_zeros() as usize)
    }
}

/// Whether a byte cannot stand in a string of JSON as it is, or ends it.
pub(super) fn is_stop(b: u8) -> bool {
    b < 0x20 || b == b'"' || b == b'\\'
}

/// Fills `stops` with what `classify` tells of each block.
#[inline(always)]
pub(super) fn find_with(line: &[u8], stops: &mut Stops, classify: impl Fn(&[u8; BLOCK]) -> u64) {
    let (whole, rest) = line.as_chunks::<BLOCK>();
    stops.words.clear();
    stops.words.extend(whole.iter().map(&classify));
    if !rest.is_empty() {
        let mut last = [b' '; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        stops.words.push(classify(&last));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hold_to_definition(line: &[u8]) {
        for (name, kernels) in super::super::available() {
            let mut stops = Stops::default();
            // Left over from another line.
            (kernels.stops)(&[b'"'; 200], &mut stops);
            (kernels.stops)(line, &mut stops);
            for from in 0..=line.len() + 1 {
                let expected = (from..line.len()).find(|&at| is_stop(line[at]));
                assert_eq!(stops.next(from), expected, "{name} from {from}");
            }
        }
    }

    #[test]
    fn every_byte_value_at_every_place() {
        for value in 0..=255_u8 {
            for len in [0, 1, 31, 64, 130] {
                let mut line: Vec<u8> = (0..len).map(|i| b" !#[]\x7f\x80\xff"[i % 8]).collect();
                for at in 0..len {
                    let before = std::mem::replace(&mut line[at], value);
                    if at % 7 == value as usize % 7 {
                        hold_to_definition(&line);
                    }
                    line[at] = before;
                }
            }
        }
    }

    proptest! {
        #[test]
        fn kernels_keep_to_the_definition(
            line in prop::collection::vec(prop::sample::select(&b"a \"\\\n\x1f\x7f\x80\xff!["[..]), 0..300)
        ) {
            hold_to_definition(&line);
        }
    }
}
