//! Lists of words that a rule knows, asked case aside.

use crate::text::openings::Openings;

/// A list of words in small letters.
#[derive(Debug)]
pub struct Lexicon<const N: usize> {
    words: Openings<N>,
    /// For each first byte, the lengths of the words that begin with it, a bit each: they settle it for nearly every word.
    lengths: [u16; 256],
}

impl<const N: usize> Lexicon<N> {
    /// Of these words, fewer than 256, which have fewer than 16 bytes.
    pub const fn of(words: [&'static str; N]) -> Self {
        let mut lengths = [0; 256];
        let mut i = 0;
        while i < N {
            let word = words[i].as_bytes();
            lengths[word[0] as usize] |= 1 << word.len();
            i += 1;
        }
        Self {
            words: Openings::new(words),
            lengths,
        }
    }

    /// Whether a word is one of them, case aside.
    pub fn has(&self, word: &str) -> bool {
        self.has_known(word, word.is_ascii())
    }

    /// The same, where it is known whether the word is ASCII.
    #[inline]
    pub fn has_known(&self, word: &str, is_ascii: bool) -> bool {
        if !is_ascii {
            return self.words.has(&word.to_lowercase());
        }
        let Some(first) = word.bytes().next() else {
            return false;
        };
        let first = first.to_ascii_lowercase();
        word.len() < 16
            && self.lengths[usize::from(first)] & 1 << word.len() != 0
            && self
                .words
                .find(first, |known| known.eq_ignore_ascii_case(word))
                .is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static LIST: Lexicon<4> = Lexicon::of(["may", "march", "left", "fünf"]);

    #[test]
    fn words_are_found_case_aside() {
        for word in ["may", "May", "MARCH", "left", "FÜNF"] {
            assert!(LIST.has(word), "{word}");
        }
        for word in [
            "",
            "mat",
            "marches",
            "m",
            "lefté",
            "a-word-of-more-than-fifteen-bytes",
        ] {
            assert!(!LIST.has(word), "{word}");
        }
    }
}
