/*!
Text → words.

A word is a maximal run of letters, marks and digits of any script, NFKC and case folded. An apostrophe,
straight or curly, between letters is dropped; scripts that are written without spaces give one word a character;
zero-width and bidi controls and soft hyphens inside a word are ignored. Underscores and other signs part words.

```text
bytes ──find runs (SIMD)──▶ runs of ASCII letters and digits ──▶ hash of the folded bytes
                     └────▶ runs that hold a joining apostrophe or a byte ≥ 0x80 ──▶ unicode.rs, same hash
```

Every run ends at an ASCII character that is no part of a word under either path, so that the paths can be mixed
run by run: equality of both is property-tested.

Invariants: word ranges are in order and do not overlap; a word's look never changes the bytes that its range
covers; the same word has the same hash under the same seed on every machine.
*/

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::simd::Runs;
use super::unicode;
use crate::story::ByteRange;

/// A word: hash of its folded form and its place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Hash of the folded form.
    pub hash: u64,
    /// Bytes of the story's text.
    pub range: ByteRange,
}

/// Receives words in order.
pub trait TokenSink {
    /// Takes the next word.
    fn token(&mut self, hash: u64, start: usize, end: usize);

    /// Takes the next words: their hashes, and where each lies, counted from `base`.
    fn tokens(
        &mut self,
        hashes: impl ExactSizeIterator<Item = u64>,
        bounds: &[[u32; 2]],
        base: usize,
    ) {
        for (hash, &[start, end]) in hashes.zip(bounds) {
            self.token(hash, base + start as usize, base + end as usize);
        }
    }
}

impl TokenSink for Vec<u64> {
    #[inline(always)]
    fn token(&mut self, hash: u64, _start: usize, _end: usize) {
        self.push(hash);
    }

    #[inline(always)]
    fn tokens(
        &mut self,
        hashes: impl ExactSizeIterator<Item = u64>,
        _bounds: &[[u32; 2]],
        _base: usize,
    ) {
        self.extend(hashes);
    }
}

impl TokenSink for Vec<Token> {
    #[inline(always)]
    fn token(&mut self, hash: u64, start: usize, end: usize) {
        self.push(Token {
            hash,
            range: ByteRange::new(start, end),
        });
    }

    #[inline(always)]
    fn tokens(
        &mut self,
        hashes: impl ExactSizeIterator<Item = u64>,
        bounds: &[[u32; 2]],
        base: usize,
    ) {
        let range =
            |&[start, end]: &[u32; 2]| ByteRange::new(base + start as usize, base + end as usize);
        let words = hashes.zip(bounds.iter().map(range));
        self.extend(words.map(|(hash, range)| Token { hash, range }));
    }
}

/// 64-bit hash of a word.
///
/// Up to 16 bytes are taken as two little-endian words and mixed by two 64 × 64 → 128 bit multiplications
/// whose halves are folded together (the mixing step of wyhash and XXH3); longer words go through XXH3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hasher {
    seed: u64,
    low: u64,
    high: u64,
}

#[inline(always)]
fn fold_multiply(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    (wide as u64) ^ ((wide >> 64) as u64)
}

impl Hasher {
    /// A hasher of that seed.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            low: xxh3_64_with_seed(b"samewire low", seed),
            high: xxh3_64_with_seed(b"samewire high", seed),
        }
    }

    #[inline(always)]
    fn short(self, low: u64, high: u64, salt: u64) -> u64 {
        let mixed = fold_multiply(low ^ self.low, high ^ self.high ^ salt);
        fold_multiply(mixed ^ self.high, 0xA076_1D64_78BD_642F)
    }

    /// Hash of a folded word.
    pub fn hash(self, word: &[u8]) -> u64 {
        if word.len() > 16 {
            return xxh3_64_with_seed(word, self.seed);
        }
        let mut padded = [0; 16];
        padded[..word.len()].copy_from_slice(word);
        let (low, high) = halves(&padded);
        self.short(low, high, salt(word.len()))
    }

    /// Hash of `folded[start..end]`.
    ///
    /// # Panics
    /// If fewer than 16 bytes after `start` can be read.
    #[inline(always)]
    fn hash_in(self, folded: &[u8], start: usize, end: usize) -> u64 {
        let (low, high) = halves(&folded[start..start + 16]);
        // A table, not a shift for up to 8 bytes and another for more: which it will be nobody can foresee.
        match MASKS.get(end.wrapping_sub(start)) {
            Some(&[of_low, of_high, salt]) => self.short(low & of_low, high & of_high, salt),
            None => long(folded, start, end, self.seed),
        }
    }
}

/// Apart from the loop over short words, whose registers it would take.
#[cold]
#[inline(never)]
fn long(folded: &[u8], start: usize, end: usize, seed: u64) -> u64 {
    xxh3_64_with_seed(&folded[start..end], seed)
}

/// What is kept of the 16 bytes from the start of a word of so many, and what the length adds to the hash.
static MASKS: [[u64; 3]; 17] = {
    let mut masks = [[0; 3]; 17];
    let mut len = 1;
    while len <= 16 {
        let mask = u128::MAX >> (128 - 8 * len);
        masks[len] = [mask as u64, (mask >> 64) as u64, salt(len)];
        len += 1;
    }
    masks
};

const fn salt(len: usize) -> u64 {
    (len as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[inline(always)]
fn halves(bytes: &[u8]) -> (u64, u64) {
    // 16 wherever it is called.
    let wide = bytes.first_chunk().map_or(0, |b| u128::from_le_bytes(*b));
    (wide as u64, (wide >> 64) as u64)
}

/// Cuts text into words; holds the buffers that it needs.
#[derive(Debug)]
pub struct Tokenizer {
    hasher: Hasher,
    runs: Runs,
    scratch: unicode::Scratch,
}

impl Tokenizer {
    /// A tokenizer whose words are hashed under that seed.
    pub fn new(seed: u64) -> Self {
        Self {
            hasher: Hasher::new(seed),
            runs: Runs::default(),
            scratch: unicode::Scratch::default(),
        }
    }

    /// Hands the words of `text` that lie in `pieces` to `sink`. A word never runs on from one piece to the next.
    ///
    /// # Panics
    /// If a piece does not lie on character boundaries of `text`.
    pub fn run(&mut self, text: &str, pieces: &[ByteRange], sink: &mut impl TokenSink) {
        for &piece in pieces {
            self.run_piece(piece.of(text), piece.start as usize, sink);
        }
    }

    fn run_piece(&mut self, text: &str, base: usize, sink: &mut impl TokenSink) {
        self.runs.find(text.as_bytes());
        let (folded, bounds) = (&self.runs.folded[..], self.runs.bounds());
        let hasher = self.hasher;
        let piece = Piece {
            text,
            folded,
            base,
            hasher,
        };
        let plain = |runs: &[[u32; 2]], sink: &mut _| {
            let hash =
                |&[start, end]: &[u32; 2]| hasher.hash_in(folded, start as usize, end as usize);
            TokenSink::tokens(sink, runs.iter().map(hash), runs, base);
        };
        let mut done = 0;
        for &special in self.runs.special() {
            let special = special as usize;
            plain(&bounds[done..special], sink);
            let [start, end] = bounds[special];
            piece.special_run(start as usize..end as usize, &mut self.scratch, sink);
            done = special + 1;
        }
        plain(&bounds[done..], sink);
    }

    /// The same words by the Unicode path alone: what the fast path is held to.
    pub fn run_plain(&mut self, text: &str, pieces: &[ByteRange], sink: &mut impl TokenSink) {
        for piece in pieces {
            let inner = piece.of(text);
            unicode::tokens(
                inner,
                0,
                inner.len(),
                piece.start as usize,
                self.hasher,
                &mut self.scratch,
                sink,
            );
        }
    }
}

/// Longest word whose letters are put together without the Unicode path.
const SHORT: usize = 32;

/// A piece of a text, and what its words are made of.
#[derive(Clone, Copy)]
struct Piece<'p> {
    text: &'p str,
    /// The same in lower case, as far as it is ASCII.
    folded: &'p [u8],
    /// Where it begins in the story's text.
    base: usize,
    hasher: Hasher,
}

impl Piece<'_> {
    /// The words of a run that holds an apostrophe or a byte ≥ 0x80.
    ///
    /// "don't" is most of them: in a run of ASCII every apostrophe joins two letters, and is left out.
    fn special_run(
        self,
        run: Range<usize>,
        scratch: &mut unicode::Scratch,
        sink: &mut impl TokenSink,
    ) {
        match self.joined(run.clone()) {
            Some(hash) => sink.token(hash, self.base + run.start, self.base + run.end),
            None => self.mixed_run(run, scratch, sink),
        }
    }

    /// The hash of a run of ASCII with one apostrophe that is short: what stands behind the apostrophe moves up by a byte.
    #[inline(always)]
    fn joined(self, run: Range<usize>) -> Option<u64> {
        /// A 1 in each byte.
        const EACH: u128 = u128::MAX / 0xff;
        const HIGHEST: u128 = EACH << 7;
        let unused = 16_usize.checked_sub(run.len())?;
        let word = u128::from_le_bytes(*self.folded[run.start..].first_chunk()?);
        let word = word & u128::MAX >> (8 * unused);
        if word & HIGHEST != 0 {
            return None;
        }
        // Bytes below 0x80: the sum has the highest bit of each that is no apostrophe, and carries nothing.
        let other = (word ^ (EACH * u128::from(b'\''))) + (HIGHEST - EACH);
        let apostrophes = !other & HIGHEST;
        let before = (apostrophes >> 7).wrapping_sub(1);
        if apostrophes & apostrophes.wrapping_sub(1) != 0 {
            return None;
        }
        let word = word & before | (word >> 8) & !before;
        let (low, high) = (word as u64, (word >> 64) as u64);
        Some(self.hasher.short(low, high, salt(run.len() - 1)))
    }

    /// The words of a run that holds more than that.
    ///
    /// Nearly all stand beside quotation marks and dashes as they are set today, “Why”, don’t, boys’, now—and, or hold letters of Western Europe:
    /// these are told here, and what is not is left to the Unicode path.
    #[inline(never)]
    fn mixed_run(
        self,
        run: Range<usize>,
        scratch: &mut unicode::Scratch,
        sink: &mut impl TokenSink,
    ) {
        let Self { base, hasher, .. } = self;
        let bytes = &self.folded[run.clone()];
        let mut word = Word::default();
        // Up to here all words are told, and the next begins afresh.
        let mut told = 0;
        let mut at = 0;
        while let Some((role, len)) = role_at(&bytes[at..]) {
            let next = at + len;
            let fits = match role {
                Role::Letter | Role::Digit => word.push(&bytes[at..next], at, role == Role::Letter),
                Role::Capital => word.push(&[bytes[at], bytes[at + 1] | 0x20], at, true),
                // One that joins two letters is left out.
                Role::Apostrophe => match role_at(&bytes[next..]) {
                    Some((Role::Letter | Role::Capital, _)) if word.ends_in_letter => true,
                    None if next < bytes.len() => false,
                    _ => {
                        word.tell(base + run.start, hasher, sink);
                        told = next;
                        true
                    }
                },
                Role::Other => {
                    word.tell(base + run.start, hasher, sink);
                    told = next;
                    true
                }
            };
            if !fits {
                break;
            }
            at = next;
        }
        if at == bytes.len() {
            word.tell(base + run.start, hasher, sink);
        } else {
            let (start, end) = (run.start + told, run.end);
            unicode::tokens(self.text, start, end, base, hasher, scratch, sink);
        }
    }
}

/// What a character is to a word, of those that are told without tables of Unicode.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A small letter.
    Letter,
    /// A letter of two bytes whose small form has one more bit.
    Capital,
    Digit,
    Apostrophe,
    /// Parts words.
    Other,
}

/// What stands at the start of bytes whose ASCII letters are small, and how many bytes it has.
#[inline(always)]
fn role_at(bytes: &[u8]) -> Option<(Role, usize)> {
    Some(match *bytes {
        [b'a'..=b'z', ..] => (Role::Letter, 1),
        [b'0'..=b'9', ..] => (Role::Digit, 1),
        [b'\'', ..] => (Role::Apostrophe, 1),
        [0xE2, 0x80, 0x99, ..] => (Role::Apostrophe, 3),
        // Other quotation marks, dashes and dots, blanks of several widths; €.
        [0xE2, 0x80, 0x80..=0x8A | 0x90..=0xA9 | 0xAF, ..] | [0xE2, 0x82, 0xAC, ..] => {
            (Role::Other, 3)
        }
        // A blank that does not break, ¡ to §, ©, «, ¬, ®, °, ±, ¶, ·, », ¿ (what stands between them stands for letters, digits or
        // marks); × and ÷.
        [
            0xC2,
            0xA0..=0xA7 | 0xA9 | 0xAB | 0xAC | 0xAE | 0xB0 | 0xB1 | 0xB6 | 0xB7 | 0xBB | 0xBF,
            ..,
        ]
        | [0xC3, 0x97 | 0xB7, ..] => (Role::Other, 2),
        // À to Þ, à to ÿ; ß is two letters.
        [0xC3, 0x80..=0x9E, ..] => (Role::Capital, 2),
        [0xC3, 0xA0..=0xBF, ..] => (Role::Letter, 2),
        _ => return None,
    })
}

/// A word that is being put together.
#[derive(Default)]
struct Word {
    letters: [u8; SHORT],
    len: usize,
    from: usize,
    until: usize,
    ends_in_letter: bool,
}

impl Word {
    /// Appends a letter or digit, which stands at that place; not where the word becomes too long.
    #[inline(always)]
    fn push(&mut self, bytes: &[u8], at: usize, is_letter: bool) -> bool {
        let Some(room) = self.letters.get_mut(self.len..self.len + bytes.len()) else {
            return false;
        };
        room.copy_from_slice(bytes);
        if self.len == 0 {
            self.from = at;
        }
        self.len += bytes.len();
        self.until = at + bytes.len();
        self.ends_in_letter = is_letter;
        true
    }

    /// Hands the word on, if it is one, and begins the next.
    fn tell(&mut self, base: usize, hasher: Hasher, sink: &mut impl TokenSink) {
        if self.len > 0 {
            let hash = hasher.hash(&self.letters[..self.len]);
            sink.token(hash, base + self.from, base + self.until);
        }
        self.len = 0;
        self.ends_in_letter = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<Token> {
        let mut out = Vec::new();
        Tokenizer::new(7).run(text, &[ByteRange::new(0, text.len())], &mut out);
        out
    }

    fn surfaces(text: &str) -> Vec<&str> {
        words(text).iter().map(|t| t.range.of(text)).collect()
    }

    fn hashes(text: &str) -> Vec<u64> {
        words(text).iter().map(|t| t.hash).collect()
    }

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        assert_eq!(
            surfaces("On Oct. 7, $1.5 billion_or so (42%)!"),
            ["On", "Oct", "7", "1", "5", "billion", "or", "so", "42"]
        );
    }

    #[test]
    fn look_does_not_matter() {
        for (a, b) in [
            ("Don't", "don’t"),
            ("don't", "DONT"),
            ("ｆｕｌｌ", "full"),
            ("ﬁle", "file"),
            ("Straße", "STRASSE"),
            ("e\u{301}t\u{e9}", "été"),
            ("dup\u{ad}li\u{200b}cate", "duplicate"),
            ("\u{202a}word\u{202c}", "word"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ] {
            assert_eq!(hashes(a), hashes(b), "{a} {b}");
            assert_eq!(hashes(a).len(), 1, "{a}");
        }
    }

    #[test]
    fn apostrophes_count_only_between_letters() {
        assert_eq!(
            surfaces("'tis the boys' rock 'n' roll of '90s"),
            ["tis", "the", "boys", "rock", "n", "roll", "of", "90s"]
        );
        assert_eq!(surfaces("l’été d'Orle"), ["l’été", "d'Orle"]);
        assert_eq!(surfaces("5'9 tall"), ["5", "9", "tall"]);
    }

    #[test]
    fn scripts_without_spaces_give_a_word_a_character() {
        assert_eq!(
            surfaces("東京で3月3日"),
            ["東", "京", "で", "3", "月", "3", "日"]
        );
        assert_eq!(surfaces("กขค"), ["ก", "ข", "ค"]);
        assert_eq!(surfaces("서울 시장이 말했다"), ["서울", "시장이", "말했다"]);
        assert_eq!(surfaces("وقال الرئيس"), ["وقال", "الرئيس"]);
    }

    #[test]
    fn curly_quotes_part_words() {
        assert_eq!(
            surfaces("“developments related”—he"),
            ["developments", "related", "he"]
        );
        assert_eq!(
            hashes("“developments related”"),
            hashes("developments related")
        );
    }

    #[test]
    fn long_words_are_hashed_whole() {
        for len in 1..100 {
            let word = "a".repeat(len);
            assert_eq!(
                words(&word)[0].hash,
                Hasher::new(7).hash(word.as_bytes()),
                "{len}"
            );
            assert_ne!(words(&word)[0].hash, words(&format!("{word}a"))[0].hash);
        }
    }

    #[test]
    fn a_word_does_not_run_on_over_a_hole() {
        let text = "before(Agency)after";
        let mut out: Vec<Token> = Vec::new();
        Tokenizer::new(0).run(
            text,
            &[ByteRange::new(0, 6), ByteRange::new(14, 19)],
            &mut out,
        );
        assert_eq!(
            out.iter().map(|t| t.range.of(text)).collect::<Vec<_>>(),
            ["before", "after"]
        );
    }

    fn paths_agree(text: &str) {
        let all = [ByteRange::new(0, text.len())];
        let (mut fast, mut plain): (Vec<Token>, Vec<Token>) = (Vec::new(), Vec::new());
        let mut tokenizer = Tokenizer::new(3);
        tokenizer.run(text, &all, &mut fast);
        tokenizer.run_plain(text, &all, &mut plain);
        assert_eq!(fast, plain, "{text:?}");
    }

    #[test]
    fn every_character_is_the_same_on_both_paths_whatever_stands_beside_it() {
        // All that the Unicode path is spared, and thousands that it is not.
        for c in ('\0'..='\u{2fff}').chain('\u{fb00}'..='\u{fb06}') {
            for around in [
                "", "a", "é", "É", "7", "’", "'", "a’", "7’", "a'", "”", "\u{301}", "ß",
            ] {
                paths_agree(&format!("{around}{c}b {c}{around} b{c}{around}"));
            }
        }
    }

    #[test]
    fn one_apostrophe_anywhere_in_a_word_is_the_same_on_both_paths() {
        for len in 3..=18 {
            let letters = &"abcdefghijklmnopqr"[..len];
            for at in 1..len - 1 {
                let (before, after) = letters.split_at(at);
                let word = format!("{before}'{}", &after[1..]);
                for behind in ["", " é", "9", " don't", "'s", "’s"] {
                    paths_agree(&format!("{word}{behind}"));
                }
            }
        }
    }

    #[test]
    fn long_words_are_the_same_on_both_paths() {
        for len in SHORT - 3..SHORT + 3 {
            let word = "a".repeat(len);
            for text in [
                format!("“{word}”"),
                format!("{word}é"),
                format!("b—{word}’s c’{word}"),
            ] {
                paths_agree(&text);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn fast_path_equals_unicode_path(text in any::<String>()) {
            paths_agree(&text);
        }

        #[test]
        fn apostrophes_are_the_same_on_both_paths(text in "([a-zA-Z0-9']{1,12}[ é]?){0,12}") {
            paths_agree(&text);
        }

        #[test]
        fn fast_path_equals_unicode_path_on_prose(
            text in "([A-Za-z0-9'’ .,-]{0,40}(“|”|‘|—|…|é|É|ÿ|ß|×|£|½|\u{a0}|\u{301}|\u{ad}|京|ก|  |\n){0,3}){0,12}"
        ) {
            paths_agree(&text);
        }
    }
}
