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
pub fn tokens(
    text: &str,
    start: usize,
    end: usize,
    base: usize,
    hasher: Hasher,
    scratch: &mut Scratch,
    sink: &mut impl TokenSink,
) {
    let run = &text[start..end];
    let base = base + start;
    scratch.word.clear();
    let mut from = 0;
    let mut until = 0;
    let mut previous = Class::Other;
    let mut chars = run.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let class = class(c);
        let next = at + c.len_utf8();
        match class {
            Class::Letter | Class::Digit | Class::Solo => {
                if class == Class::Solo || previous == Class::Solo {
                    flush(scratch, hasher, base + from, base + until, sink);
                }
                if scratch.word.is_empty() {
                    from = at;
                }
                scratch.word.push(c);
                until = next;
                previous = class;
            }
            Class::Mark if !scratch.word.is_empty() => {
                scratch.word.push(c);
                until = next;
            }
            // Marks with nothing to stand on and controls outside words part nothing and make no word.
            Class::Mark | Class::Ignored => {}
            Class::Apostrophe => {
                let joins = previous == Class::Letter
                    && !scratch.word.is_empty()
                    && chars
                        .peek()
                        .is_some_and(|&(_, n)| self::class(n) == Class::Letter);
                if !joins {
                    flush(scratch, hasher, base + from, base + until, sink);
                    previous = Class::Other;
                }
            }
            Class::Other => {
                flush(scratch, hasher, base + from, base + until, sink);
                previous = Class::Other;
            }
        }
    }
    flush(scratch, hasher, base + from, base + until, sink);
}

fn flush(
    scratch: &mut Scratch,
    hasher: Hasher,
    start: usize,
    end: usize,
    sink: &mut impl TokenSink,
) {
    if scratch.word.is_empty() {
        return;
    }
    fold(&scratch.word, &mut scratch.folded);
    sink.token(hasher.hash(scratch.folded.as_bytes()), start, end);
    scratch.word.clear();
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
