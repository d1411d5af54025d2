/*!
The Unicode path of the tokenizer: a run of bytes → words, a character at a time.

Taken for runs that hold a byte outside ASCII or an apostrophe; it is the definition that the fast path
is held to. Folding is NFKC, then full case folding, then NFKC again (Unicode 3.13, toNFKC_Casefold without
the removal of all default-ignorable characters: only those that occur inside words are dropped here).
*/

use caseless::Caseless;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use super::tokens::{Hasher, TokenSink};

/// Buffers that are used again.
#[derive(Debug, Default)]
pub struct Scratch {
    word: String,
    folded: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    /// Belongs to the word before it and starts none.
    Mark,
    /// A word by itself.
    Solo,
    /// Ignored inside a word.
    Ignored,
    Apostrophe,
    Other,
}

fn class(c: char) -> Class {
    match c {
        'a'..='z' | 'A'..='Z' => Class::Letter,
        '0'..='9' => Class::Digit,
        '\'' | '’' | '\u{2bc}' | '＇' => Class::Apostrophe,
        '\0'..='\x7f' => Class::Other,
        // Soft hyphen, combining grapheme joiner, Arabic letter mark, zero-width and bidi controls, word joiner and
        // invisible operators, bidi isolates, variation selectors, byte-order mark, tag characters.
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{e0000}'..='\u{e01ef}' => Class::Ignored,
        _ => match c.general_category_group() {
            GeneralCategoryGroup::Letter if is_unspaced(c) => Class::Solo,
            GeneralCategoryGroup::Mark if is_unspaced(c) => Class::Mark,
            GeneralCategoryGroup::Letter => Class::Letter,
            GeneralCategoryGroup::Number => Class::Digit,
            GeneralCategoryGroup::Mark => Class::Mark,
            _ => Class::Other,
        },
    }
}

/// Whether a character belongs to a script that is written without spaces between words:
/// Han, Hiragana, Katakana, Bopomofo, Thai, Lao, Myanmar, Khmer, Tai Le, New Tai Lue, Tai Tham.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e01}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{1950}'..='\u{19ff}'
        | '\u{1a20}'..='\u{1aaf}' | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{312f}'
        | '\u{31a0}'..='\u{31bf}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{a9e0}'..='\u{a9ff}' | '\u{aa60}'..='\u{aa7f}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}'
        | '\u{1b000}'..='\u{1b16f}' | '\u{20000}'..='\u{3ffff}')
}

/// Hands the words of `text[start..end]` to `sink`, their ranges shifted by `base`.
///
/// A character that stands for others ("½", "㎒", a ligature) counts as those; where they make several words, all of these have
/// the range of the one character.
pub fn tokens(
    text: &str,
    start: usize,
    end: usize,
    base: usize,
    hasher: Hasher,
    scratch: &mut Scratch,
    sink: &mut impl TokenSink,
) {
    scratch.word.clear();
    let mut run = Run {
        scratch,
        hasher,
        sink,
        base: base + start,
        from: 0,
        until: 0,
        previous: Class::Other,
    };
    let mut chars = text[start..end].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|&(_, n)| n);
        let until = at + c.len_utf8();
        if c.is_ascii() || is_nfkc_quick(std::iter::once(c)) == IsNormalized::Yes {
            run.take(c, at, until, next);
        } else {
            let mut parts = std::iter::once(c).nfkc().peekable();
            while let Some(part) = parts.next() {
                run.take(part, at, until, parts.peek().copied().or(next));
            }
        }
    }
    run.flush();
}

/// The word that is being put together.
struct Run<'r, S> {
    scratch: &'r mut Scratch,
    hasher: Hasher,
    sink: &'r mut S,
    base: usize,
    from: usize,
    until: usize,
    previous: Class,
}

impl<S: TokenSink> Run<'_, S> {
    /// The next character, the bytes that it stands for, and the one after it.
    fn take(&mut self, c: char, at: usize, until: usize, next: Option<char>) {
        let class = class(c);
        match class {
            Class::Letter | Class::Digit | Class::Solo => {
                if class == Class::Solo || self.previous == Class::Solo {
                    self.flush();
                }
                if self.scratch.word.is_empty() {
                    self.from = at;
                }
                self.scratch.word.push(c);
                self.until = until;
                self.previous = class;
            }
            Class::Mark if !self.scratch.word.is_empty() => {
                self.scratch.word.push(c);
                self.until = until;
            }
            // Marks with nothing to stand on and controls outside words part nothing and make no word.
            Class::Mark | Class::Ignored => {}
            Class::Apostrophe => {
                let joins = self.previous == Class::Letter
                    && !self.scratch.word.is_empty()
                    && next.is_some_and(|n| first_class(n) == Class::Letter);
                if !joins {
                    self.flush();
                    self.previous = Class::Other;
                }
            }
            Class::Other => {
                self.flush();
                self.previous = Class::Other;
            }
        }
    }

    fn flush(&mut self) {
        if self.scratch.word.is_empty() {
            return;
        }
        fold(&self.scratch.word, &mut self.scratch.folded);
        let hash = self.hasher.hash(self.scratch.folded.as_bytes());
        self.sink
            .token(hash, self.base + self.from, self.base + self.until);
        self.scratch.word.clear();
    }
}

/// The class of what a character begins with.
fn first_class(c: char) -> Class {
    if c.is_ascii() {
        return class(c);
    }
    std::iter::once(c).nfkc().next().map_or(Class::Other, class)
}

/// NFKC, full case folding, NFKC.
fn fold(word: &str, folded: &mut String) {
    folded.clear();
    if word.is_ascii() {
        folded.push_str(word);
        folded.make_ascii_lowercase();
    } else if is_nfkc_quick(word.chars()) == IsNormalized::Yes {
        folded.extend(word.chars().default_case_fold().nfkc());
    } else {
        folded.extend(word.nfkc().default_case_fold().nfkc());
    }
}
