//! Lists of words that a rule knows, asked case aside.

/// A list of words in small letters.
#[derive(Debug)]
pub struct Lexicon {
    words: &'static [&'static str],
    /// For each first byte, the lengths of the words that begin with it, a bit each: they settle it for nearly every word.
    lengths: [u16; 256],
    /// For each first byte, the number of the first word that begins with it; for each word, the number of the next that begins alike. Where there
    /// is none, 255.
    first: [u8; 256],
    next: [u8; 255],
}

const NONE: u8 = u8::MAX;

impl Lexicon {
    /// Of these words, fewer than 256, which have fewer than 16 bytes.
    pub const fn of(words: &'static [&'static str]) -> Self {
        let mut lengths = [0; 256];
        let (mut first, mut next) = ([NONE; 256], [NONE; 255]);
        let mut i = words.len();
        while i > 0 {
            i -= 1;
            let word = words[i].as_bytes();
            lengths[word[0] as usize] |= 1 << word.len();
            next[i] = first[word[0] as usize];
            first[word[0] as usize] = i as u8;
        }
        Self {
            words,
            lengths,
            first,
            next,
        }
    }

    /// Whether a word is one of them, case aside.
    pub fn has(&self, word: &str) -> bool {
        if !word.is_ascii() {
            return self.words.contains(&&*word.to_lowercase());
        }
        let Some(first) = word.bytes().next() else {
            return false;
        };
        let first = usize::from(first.to_ascii_lowercase());
        if word.len() >= 16 || self.lengths[first] & 1 << word.len() == 0 {
            return false;
        }
        let mut at = self.first[first];
        while at != NONE {
            if self.words[usize::from(at)].eq_ignore_ascii_case(word) {
                return true;
            }
            at = self.next[usize::from(at)];
        }
        false
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
