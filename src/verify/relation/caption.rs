/*!
The rules for captions, in the order in which they are asked.

A caption describes one picture in few words: each word that carries meaning may tell it from the next frame.

1. They run side by side and differ in nothing but form (articles, spelling, "Dec." for "December", a date left out): *near*. Who is named in
   another order stands in another place, unless a preposition or a possessive has put the words round.
2. One stands in the other as a whole, from a sentence's start to a sentence's end: *contains*; but not if all that the other says besides
   is that it shows another frame.
3. A tag says that one of them corrects: *revision*.
4. All else that is worded alike is *template*: another frame.
5. *overlap* if a passage is shared, else nothing worth telling.
*/

use std::ops::Range;

use super::Rule;
use crate::story::UnitKind;
use crate::text::segment::{corrects, tag_len};
use crate::verify::Relation;
use crate::verify::align::{Alignment, Tile};
use crate::verify::evidence::{Evidence, WordKind, kind_of};
use crate::verify::lexicon::Lexicon;
use crate::verify::prepared::Prepared;
use crate::verify::rules::Rules;
use crate::verify::values;

/// Words that carry no meaning of their own.
#[rustfmt::skip]
static FUNCTION_WORDS: Lexicon<46> = Lexicon::of([
    "a", "an", "the", "and", "or", "of", "in", "on", "at", "to", "for", "by", "with", "from", "as",
    "is", "are", "was", "were", "be", "his", "her", "its", "their", "that", "this", "it",
    "el", "la", "los", "las", "de", "del", "en", "y", "un", "una",
    "le", "les", "des", "du", "et",
    "der", "die", "das", "und",
]);

/// Words that tie what stands before them to what stands behind: "Ana Reyl of Rovers" is "Rovers' Ana Reyl".
static TIES: Lexicon<8> = Lexicon::of(["of", "for", "from", "de", "del", "du", "des", "von"]);

/// Beginnings of what may stand anywhere in a sentence: where, and when.
static MOVING: Lexicon<8> = Lexicon::of(["in", "on", "at", "during", "en", "im", "am", "à"]);

/// Words beside those for places and numbers that say which picture of a series it is.
static FRAMES: Lexicon<12> = Lexicon::of([
    "another",
    "other",
    "alternate",
    "alternative",
    "different",
    "view",
    "frame",
    "shot",
    "angle",
    "pose",
    "print",
    "crop",
]);

pub(super) fn decide(
    a: &Prepared<'_>,
    b: &Prepared<'_>,
    e: &Evidence,
    alignment: &Alignment,
    rules: &Rules,
) -> (Option<Relation>, Rule) {
    let of_one_form = e.cover() >= rules.one_form;
    if of_one_form && form_only(a, b, alignment) {
        return (Some(Relation::Near), Rule::FormOnly);
    }
    if stands_whole(a, b, e, alignment, rules) {
        return (Some(Relation::Contains), Rule::Whole);
    }
    if e.cover() >= rules.corrected && is_corrected(a) != is_corrected(b) {
        return (Some(Relation::Revision), Rule::DeskTag);
    }
    if of_one_form {
        (Some(Relation::Template), Rule::Wording)
    } else if e.longest >= rules.passage {
        (Some(Relation::Overlap), Rule::Passage)
    } else {
        (None, Rule::Nothing)
    }
}

/// Whether a tag at the head of the caption says that it corrects another: a file tag says how old a picture is and
/// changes nothing, and the tag of a story is not that of its pictures.
fn is_corrected(side: &Prepared<'_>) -> bool {
    let says_so = |text: &str| {
        let tag = &text[..tag_len(text)];
        corrects(tag) || tag.starts_with("UPDATE") || tag.starts_with("Update")
    };
    let head = match side.words() {
        [] => "",
        _ => side.text_from(0),
    };
    let record = side.story.kind == UnitKind::Caption;
    says_so(head)
        || (record
            && (side.advisories().any(says_so) || side.story.title.as_deref().is_some_and(says_so)))
}

/// Words outside all tiles that carry meaning, each with how many tiles stand before it.
fn left_over<'p>(
    side: &'p Prepared<'_>,
    alignment: &'p Alignment,
    start: impl Fn(&Tile) -> usize,
) -> impl Iterator<Item = (usize, usize)> + 'p {
    let mut tiles: Vec<Range<usize>> = alignment
        .tiles
        .iter()
        .map(|t| start(t)..start(t) + t.len)
        .collect();
    tiles.sort_unstable_by_key(|t| t.start);
    let end = side.words().len();
    tiles.push(end..end);
    let mut from = 0;
    tiles
        .into_iter()
        .enumerate()
        .flat_map(move |(before, tile)| {
            let rest = std::mem::replace(&mut from, tile.end)..tile.start;
            rest.map(move |word| (before, word))
        })
        .filter(|&(_, i)| !FUNCTION_WORDS.has(side.surface(i)))
}

/// Whether the texts run in one order, and what is left on both sides is words without meaning, spelling in the same place, or a date on
/// one side.
fn form_only(a: &Prepared<'_>, b: &Prepared<'_>, alignment: &Alignment) -> bool {
    if !in_one_order(a, b, alignment) {
        return false;
    }
    let mut rest_a = left_over(a, alignment, |t| t.a);
    let mut rest_b = left_over(b, alignment, |t| t.b);
    let mut first = true;
    // Whether there are as many on either side is known at the end; before it, two that differ decide either way.
    loop {
        match (rest_a.next(), rest_b.next()) {
            (None, None) => return true,
            (Some((x, i)), Some((y, j))) if x == y && is_one_word(a.surface(i), b.surface(j)) => {
                first = false;
            }
            (Some((_, i)), None) if first => return dated(a, i, rest_a),
            (None, Some((_, j))) if first => return dated(b, j, rest_b),
            _ => return false,
        }
    }
}

/// Whether these words are all of a date.
fn dated(
    side: &Prepared<'_>,
    first: usize,
    mut rest: impl Iterator<Item = (usize, usize)>,
) -> bool {
    is_date_word(side, first) && rest.all(|(_, i)| is_date_word(side, i))
}

/// Whether the shared runs have the same order, or two neighbours have changed places and the one side has a word for it: "Rovers' Ana Reyl", "Ana
/// Reyl of Rovers"; or one of them says where or when. Where persons are listed the order tells who stands where, and so it does where places in
/// the picture are named.
fn in_one_order(a: &Prepared<'_>, b: &Prepared<'_>, alignment: &Alignment) -> bool {
    if alignment.tiles.is_sorted_by_key(|t| t.b) {
        return true;
    }
    let mut tiles: Vec<&Tile> = alignment.tiles.iter().collect();
    let is_turned = |pair: &[&Tile]| pair[0].b > pair[1].b;
    let Some(i) = tiles.windows(2).position(is_turned) else {
        return true;
    };
    let (first, second) = (tiles[i], tiles[i + 1]);
    tiles.swap(i, i + 1);
    let placed = |side: &Prepared<'_>| {
        (0..side.words().len()).any(|i| kind_of(side, i) == WordKind::Position)
    };
    let ties = [
        tie(a, first.a + first.len..second.a),
        tie(b, second.b + second.len..first.b),
    ];
    let moves = [first, second]
        .iter()
        .any(|tile| MOVING.has(a.surface(tile.a)) || is_date_word(a, tile.a));
    !tiles.windows(2).any(is_turned) && (ties[0] != ties[1] || moves) && !placed(a) && !placed(b)
}

/// How two runs of words belong to one another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// "Ana Reyl of Rovers".
    Of,
    /// "Rovers' Ana Reyl".
    Possessive,
    None,
}

/// What ties the words before the seam to those behind it.
fn tie(side: &Prepared<'_>, seam: Range<usize>) -> Tie {
    if seam.clone().any(|i| TIES.has(side.surface(i))) {
        return Tie::Of;
    }
    let ends_so = ["'s", "’s"]
        .iter()
        .any(|end| side.surface(seam.start - 1).ends_with(end));
    if ends_so || side.between(seam.start).starts_with(['\'', '’']) {
        Tie::Possessive
    } else {
        Tie::None
    }
}

fn is_one_word(x: &str, y: &str) -> bool {
    is_spelling(x, y) || values::same_word(x, y)
}

/// Two spellings of one word: words of six letters or more that differ in one letter inside.
///
/// The first letter makes another name, the last a plural.
fn is_spelling(x: &str, y: &str) -> bool {
    // The first letter or the length settles it for nearly every pair.
    let first = |word: &str| word.bytes().next().map(|b| b.to_ascii_lowercase());
    if x.is_ascii() && y.is_ascii() && (first(x) != first(y) || x.len().abs_diff(y.len()) > 1) {
        return false;
    }
    // Nearly all that is asked for.
    if x.is_ascii() && y.is_ascii() && x.len().min(y.len()) < 6 {
        return x.eq_ignore_ascii_case(y);
    }
    let chars = |word: &str| word.to_lowercase().chars().collect::<Vec<char>>();
    let (mut short, mut long) = (chars(x), chars(y));
    if short == long {
        return true;
    }
    if short.len() > long.len() {
        std::mem::swap(&mut short, &mut long);
    }
    let figures = long.iter().chain(&short).any(char::is_ascii_digit);
    if short.len() < 6 || long.len() - short.len() > 1 || figures {
        return false;
    }
    let head = short.iter().zip(&long).take_while(|(x, y)| x == y).count();
    let tail = short[head..]
        .iter()
        .rev()
        .zip(long[head..].iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    head > 0 && tail > 0 && long.len() - head - tail == 1
}

/// Weekdays and months, written out and short.
#[rustfmt::skip]
static DATE_NAMES: Lexicon<38> = Lexicon::of([
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "mon", "tue", "wed", "thu", "fri", "sat", "sun",
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
    "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec",
]);

/// A weekday, a month, or a day or year beside one.
fn is_date_word(side: &Prepared<'_>, word: usize) -> bool {
    let named = |i: usize| i < side.words().len() && DATE_NAMES.has(side.surface(i));
    let figures = |i: usize| {
        i < side.words().len()
            && side.surface(i).len() <= 4
            && side.surface(i).bytes().all(|b| b.is_ascii_digit())
    };
    named(word)
        || (figures(word)
            && (word
                .checked_sub(1)
                .is_some_and(|p| named(p) || (figures(p) && p > 0 && named(p - 1)))
                || named(word + 1)))
}

/// Whether the shorter caption stands in the longer from a sentence's start to a sentence's end.
fn stands_whole(
    a: &Prepared<'_>,
    b: &Prepared<'_>,
    e: &Evidence,
    alignment: &Alignment,
    rules: &Rules,
) -> bool {
    let [span] = &alignment.spans[..] else {
        return false;
    };
    let swapped = a.words().len() > b.words().len();
    let turn = |(x, y): (Range<usize>, Range<usize>)| if swapped { (y, x) } else { (x, y) };
    let (short, long) = if swapped { (b, a) } else { (a, b) };
    let (inner, outer) = turn((span.a.clone(), span.b.clone()));
    // Among several captions in one, a word may differ in twenty if it is no name, figure or place in the picture.
    let several = long.words().len() as f64 >= rules.several * short.words().len() as f64;
    let allowed = if several {
        short.words().len() / rules.words_an_edit
    } else {
        0
    };
    let plain = |side: &Prepared<'_>, mut words: Range<usize>| {
        !words.is_empty() && words.all(|i| kind_of(side, i) == WordKind::Word)
    };
    inner.len() == short.words().len()
        && e.numbers + e.names + e.others <= allowed
        && alignment.edits.iter().all(|edit| {
            let (x, y) = turn((edit.a.clone(), edit.b.clone()));
            plain(short, x) && plain(long, y)
        })
        && opens(long, outer.start)
        && closes(long, outer.end)
        && !is_frame(long, &outer)
}

/// Whether all that a caption says outside of these words is which picture of a series it is: "another version", "view from left".
fn is_frame(side: &Prepared<'_>, inner: &Range<usize>) -> bool {
    let words = (0..inner.start).chain(inner.end..side.words().len());
    let mut says_so = false;
    for i in words.filter(|&i| !FUNCTION_WORDS.has(side.surface(i))) {
        match kind_of(side, i) {
            WordKind::Position => says_so = true,
            WordKind::Number if !is_date_word(side, i) => {}
            _ if FRAMES.has(side.surface(i)) => says_so = true,
            _ => return false,
        }
    }
    says_so
}

/// Whether a sentence or a part set off by a colon or semicolon begins at that word.
fn opens(side: &Prepared<'_>, word: usize) -> bool {
    word == 0 || side.between(word).contains(['.', ';', ':', '!', '?', '\n'])
}

/// Whether one ends before that word.
///
/// A caption says who does what, place, date: after the year it may end as well, and the date may be left out.
fn closes(side: &Prepared<'_>, word: usize) -> bool {
    let year = side.surface(word - 1);
    if year.len() == 4 && is_date_word(side, word - 1) {
        return true;
    }
    let mut at = word;
    while at < side.words().len() {
        if side.between(at).contains(['.', ';', ':', '!', '?', '\n']) {
            return true;
        }
        if !is_date_word(side, at) && !side.surface(at).eq_ignore_ascii_case("on") {
            return false;
        }
        at += 1;
    }
    true
}
