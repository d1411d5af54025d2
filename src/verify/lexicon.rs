//! Lists of words that a rule knows, asked case aside.

/// A list of words in small letters.
#[derive(Debug)]
pub struct Lexicon {
    words: &'static [&'static str],
    /// For each first byte, the lengths of the words that begin with it, a bit each: they settle it for nearly every word.
    lengths: [u16; 256],
}

impl Lexicon {
    /// Of these words, which have fewer than 16 bytes.
    pub const fn of(words: &'static [&'static str]) -> Self {
        let mut lengths = [0; 256];
        let mut i = 0;
        while i < words.len() {
            let word = words[i].as_bytes();
            lengths[word[0] as usize] |= 1 << word.len();
            i += 1;
        }
        Self { words, lengths }
    }

    /// Whether a word is one of them, case aside.
    pub fn has(&self, word: &str) -> bool {
        if !word.is_ascii() {
            return self.words.contains(&&*word.to_lowercase());
        }
        let Some(first) = word.bytes().next() else {
            return false;
        };
        let first = first.to_ascii_lowercase();
        let may_be = |w: &&&str| w.len() == word.len() && w.as_bytes()[0] == first;
        word.len() < 16
            && self.lengths[usize::from(first)] & 1 << word.len() != 0
            && self
                .words
                .iter()
                .filter(may_be)
                .any(|w| w.eq_ignore_ascii_case(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static LIST: Lexicon = Lexicon::of(&["may", "march", "left", "fünf"]);

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
