/*!
Evidence → relation: the rules, in the order in which they are asked, each with the reason an editor would give.

**Stories.** What decides is how much of the shorter text runs in the longer (its *cover*, in words of aligned runs),
how much the headlines have in common, and how far apart the two were sent.

1. Same words: *exact*.
2. The same id under another version, or a desk's tag (`CORRECTED`, `UPDATE 2-`) on text that is largely shared:
   *revision*. A correction is never a repeat to be thrown away.
3. Numbers put for numbers and names for names, again and again along the shared runs: the same form filled with other
   facts, *template*. Between stories of one news cycle it takes more of them, because a correction changes a few figures too.
4. Jaccard similarity at the threshold: so much in common is one story whatever else differs.
5. Where neither headlines nor times are known, the texts speak alone: the shorter runs in the longer as a whole, or
   two thirds of both are shared; of a long text more, for a third of it is a story of its own.
6. Within a news cycle, cover and headline together: half of a headline in common weighs as much as a quarter of the
   text. Later than that the text alone must carry it: what recurs weeks later is background, unless it is nearly all.
7. Joined: *near* if little is added and no figure changed, *contains* if the shorter runs in the longer as a whole,
   else *revision*.
8. Not joined: *overlap* if a passage is shared, else nothing worth telling.

**Captions.** A caption describes one picture in few words: each word that carries meaning may tell it from the next
frame. So captions join only if they differ in nothing but form (articles, spelling, a date left out: *near*), or if
one stands in the other as a whole, from a sentence's start to a sentence's end (*contains*). All else that
is worded alike is *template*.
*/

use serde::Serialize;

use super::Relation;
use super::align::Alignment;
use super::evidence::{Evidence, WordKind, kind_of};
use super::prepared::Prepared;
use crate::config::Threshold;
use crate::story::UnitKind;

/// Seconds between a story and its last version of the same news: three and a half days, a weekend included.
pub const NEWS_CYCLE: u64 = 84 * 3600;
/// Cover and half of the headline share that make one story within a news cycle.
const SAME_STORY: f64 = 0.80;
/// What a headline that is missing counts for.
const NO_HEADLINE: f64 = 0.30;
/// What a desk's tag adds.
const DESK_TAG: f64 = 0.10;
/// Cover that makes one story after the news cycle, with half of the headline in common, and without.
const LATER: [f64; 2] = [0.70, 0.90];
/// Share of both texts' words in common that makes one story where neither headline nor time speaks: of texts of at
/// most [`SHORT_TEXT`] words, and of longer ones.
const ALONE: [f64; 2] = [0.69, 0.835];
/// A third of a text of so many words is a story of its own.
const SHORT_TEXT: usize = 600;
/// Figures and names exchanged per word of shared text that make a template: within a news cycle, and later.
const EXCHANGED: [f64; 2] = [0.04, 0.012];
/// Cover below which two texts are not of one form.
const ONE_FORM: f64 = 0.45;
/// Words of the longer text that a near-duplicate may add.
const ADDED: f64 = 0.065;
/// Words in a row without which nothing new is told.
const SENTENCE: usize = 12;
/// Share of words that may be put otherwise in a near-duplicate.
const REWORDED: f64 = 0.25;
/// The longer text has at least so many times the words of one that it contains.
const LONGER: f64 = 1.25;
/// Words of a passage worth telling.
pub const PASSAGE: usize = 10;

/// The rule that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The words are the same.
    SameWords,
    /// The Jaccard similarity reaches the threshold.
    Threshold,
    /// The same id under another version.
    Version,
    /// A desk's tag says that it is a later version.
    DeskTag,
    /// Figures or names are exchanged along the shared text.
    Exchanged,
    /// Text and headline are shared within a news cycle.
    NewsCycle,
    /// Nearly all the text is shared, whenever it was sent.
    Standing,
    /// Most of both texts is shared, and nothing else is known of them.
    Alone,
    /// They differ in form alone.
    FormOnly,
    /// One stands in the other as a whole.
    Whole,
    /// The wording is shared, the facts are not known to be.
    Wording,
    /// One carries several unrelated stories.
    RoundUp,
    /// A passage is shared.
    Passage,
    /// Nothing worth telling is shared.
    Nothing,
}

impl Rule {
    /// The name in output.
    pub fn name(self) -> &'static str {
        match self {
            Rule::SameWords => "same-words",
            Rule::Threshold => "threshold",
            Rule::Version => "version",
            Rule::DeskTag => "desk-tag",
            Rule::Exchanged => "exchanged",
            Rule::NewsCycle => "news-cycle",
            Rule::Standing => "standing",
            Rule::Alone => "alone",
            Rule::FormOnly => "form-only",
            Rule::Whole => "whole",
            Rule::Wording => "wording",
            Rule::RoundUp => "round-up",
            Rule::Passage => "passage",
            Rule::Nothing => "nothing",
        }
    }
}

/// Why a pair has its relation: the rule and the counts that it looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The rule that decided.
    pub rule: Rule,
    /// Words of each text that lie in shared runs.
    pub covered: u32,
    /// Words of the first text.
    pub words_a: u32,
    /// Words of the second.
    pub words_b: u32,
    /// Edits that put numbers in place of numbers.
    pub numbers: u32,
    /// Edits that put names in place of names.
    pub names: u32,
    /// All other edits along shared runs.
    pub others: u32,
}

impl Reason {
    /// A reason that needs no alignment.
    pub fn plain(rule: Rule, covered: usize, words_a: usize, words_b: usize) -> Self {
        Self {
            rule,
            covered: covered as u32,
            words_a: words_a as u32,
            words_b: words_b as u32,
            numbers: 0,
            names: 0,
            others: 0,
        }
    }

    fn of(rule: Rule, e: &Evidence) -> Self {
        Self {
            numbers: e.numbers as u32,
            names: e.names as u32,
            others: e.others as u32,
            ..Self::plain(rule, e.tiled, e.words[0], e.words[1])
        }
    }
}

/// The relation of two units and why; none where they share nothing worth telling.
pub fn decide(
    a: &Prepared<'_>,
    b: &Prepared<'_>,
    e: &Evidence,
    alignment: &Alignment,
    threshold: Threshold,
) -> (Option<Relation>, Reason) {
    let (relation, rule) = if a.words.is_empty() || b.words.is_empty() {
        (None, Rule::Nothing)
    } else if a.words == b.words {
        (Some(Relation::Exact), Rule::SameWords)
    } else {
        match a.kind {
            UnitKind::Story => story(a, b, e, threshold),
            UnitKind::Caption => caption(a, b, e, alignment),
        }
    };
    (relation, Reason::of(rule, e))
}

fn story(
    a: &Prepared<'_>,
    b: &Prepared<'_>,
    e: &Evidence,
    threshold: Threshold,
) -> (Option<Relation>, Rule) {
    let cover = e.cover();
    let later = e.gap.is_some_and(|gap| gap > NEWS_CYCLE);
    if is_other_version(a, b) && cover >= ONE_FORM {
        return (Some(Relation::Revision), Rule::Version);
    }
    let tagged = is_tagged(a) || is_tagged(b);
    let exchanged = e.numbers + e.names;
    let share = exchanged as f64 / e.tiled.max(1) as f64;
    let short = e.words[0].min(e.words[1]) < 25;
    let refilled =
        (exchanged >= 2 || (short && exchanged == 1)) && share >= EXCHANGED[usize::from(later)];
    if refilled && cover >= ONE_FORM && (later || !tagged) {
        return (Some(Relation::Template), Rule::Exchanged);
    }
    let union = u64::from(e.sizes[0] + e.sizes[1] - e.shared);
    if threshold.reached_by(u64::from(e.shared), union) {
        return (Some(kind_of_repeat(e, tagged || later)), Rule::Threshold);
    }
    let headline = e.headline_share();
    if headline.is_none() && e.gap.is_none() {
        let both = 2.0 * e.tiled as f64 / (e.words[0] + e.words[1]) as f64;
        let long = e.words[0].max(e.words[1]) > SHORT_TEXT;
        let kind = kind_of_repeat(e, tagged);
        if both >= ALONE[usize::from(long)] || kind == Relation::Contains {
            return (Some(kind), Rule::Alone);
        }
    } else if later {
        let half = headline.is_some_and(|h| h >= 0.5);
        if cover >= LATER[usize::from(!half)] {
            return (Some(kind_of_repeat(e, later)), Rule::Standing);
        }
    } else {
        let tag = if tagged { DESK_TAG } else { 0.0 };
        if cover + 0.5 * headline.unwrap_or(NO_HEADLINE) + tag >= SAME_STORY {
            let rule = if tagged {
                Rule::DeskTag
            } else {
                Rule::NewsCycle
            };
            return (Some(kind_of_repeat(e, tagged)), rule);
        }
    }
    if e.longest >= PASSAGE {
        (Some(Relation::Overlap), Rule::Passage)
    } else {
        (None, Rule::Nothing)
    }
}

/// What kind of repeat a pair is that tells the same story.
fn kind_of_repeat(e: &Evidence, is_version: bool) -> Relation {
    let (short, long) = (e.words[0].min(e.words[1]), e.words[0].max(e.words[1]));
    let added = (long - e.tiled.min(long)) as f64 / long as f64;
    // Words changed here and there, but nowhere a sentence, and no figure or name is new.
    let reworded = e.block <= SENTENCE && e.names == 0 && added <= REWORDED;
    if is_version {
        Relation::Revision
    } else if e.containment() >= 0.8 && e.cover() >= 0.93 && long as f64 >= LONGER * short as f64 {
        Relation::Contains
    } else if e.numbers == 0 && (added <= ADDED || reworded) {
        Relation::Near
    } else {
        Relation::Revision
    }
}

/// The same id, and versions that differ.
fn is_other_version(a: &Prepared<'_>, b: &Prepared<'_>) -> bool {
    let (x, y) = (&a.story, &b.story);
    x.id == y.id && x.version != y.version
}

/// A tag at the head of the text or of the headline.
fn is_tagged(unit: &Prepared<'_>) -> bool {
    unit.advisories().next().is_some()
        || unit
            .story
            .title
            .as_deref()
            .is_some_and(|t| crate::text::segment::tag_len(t) > 0)
}

/// Words that carry no meaning of their own.
const FUNCTION_WORDS: [&str; 46] = [
    "a", "an", "the", "and", "or", "of", "in", "on", "at", "to", "for", "by", "with", "from", "as",
    "is", "are", "was", "were", "be", "his", "her", "its", "their", "that", "this", "it", "el",
    "la", "los", "las", "de", "del", "en", "y", "un", "una", "le", "les", "des", "du", "et", "der",
    "die", "das", "und",
];

fn caption(
    a: &Prepared<'_>,
    b: &Prepared<'_>,
    e: &Evidence,
    alignment: &Alignment,
) -> (Option<Relation>, Rule) {
    let (left_a, left_b) = (
        untiled(a, alignment, |t| t.a),
        untiled(b, alignment, |t| t.b),
    );
    let (rest_a, rest_b) = (meaning(a, &left_a), meaning(b, &left_b));
    if e.cover() >= ONE_FORM && (form_only(a, &rest_a, b, &rest_b)) {
        return (Some(Relation::Near), Rule::FormOnly);
    }
    let (short, long) = if a.words.len() <= b.words.len() {
        (a, b)
    } else {
        (b, a)
    };
    let swapped = !std::ptr::eq(short, a);
    if stands_whole(short, long, swapped, e, alignment) {
        return (Some(Relation::Contains), Rule::Whole);
    }
    let tagged = is_tagged(a) != is_tagged(b) && e.cover() >= 0.8;
    if tagged
        && a.furniture
            .iter()
            .chain(&b.furniture)
            .any(|f| is_correction(a, b, f.range))
    {
        return (Some(Relation::Revision), Rule::DeskTag);
    }
    if e.cover() >= ONE_FORM {
        (Some(Relation::Template), Rule::Wording)
    } else if e.longest >= PASSAGE {
        (Some(Relation::Overlap), Rule::Passage)
    } else {
        (None, Rule::Nothing)
    }
}

/// Whether a tag is a correction: a file tag says how old a picture is and changes nothing.
fn is_correction(a: &Prepared<'_>, b: &Prepared<'_>, range: crate::story::ByteRange) -> bool {
    [a, b].iter().any(|side| {
        side.story
            .text
            .get(range.start as usize..range.end as usize)
            .is_some_and(|t| {
                t.starts_with("CORRECT") || t.starts_with("(Correct") || t.starts_with("UPDATE")
            })
    })
}

/// Words outside all tiles.
fn untiled(
    side: &Prepared<'_>,
    alignment: &Alignment,
    start: impl Fn(&super::align::Tile) -> usize,
) -> Vec<usize> {
    let mut inside = vec![false; side.words.len()];
    for tile in &alignment.tiles {
        inside[start(tile)..start(tile) + tile.len].fill(true);
    }
    (0..side.words.len()).filter(|&i| !inside[i]).collect()
}

/// Of these words those that carry meaning.
fn meaning(side: &Prepared<'_>, words: &[usize]) -> Vec<usize> {
    words
        .iter()
        .copied()
        .filter(|&i| !FUNCTION_WORDS.contains(&&*side.surface(i).to_lowercase()))
        .collect()
}

/// Whether what is left on both sides is spelling, or a date on one side.
fn form_only(a: &Prepared<'_>, rest_a: &[usize], b: &Prepared<'_>, rest_b: &[usize]) -> bool {
    if rest_a.len() == rest_b.len() {
        return rest_a
            .iter()
            .zip(rest_b)
            .all(|(&i, &j)| is_spelling(a.surface(i), b.surface(j)));
    }
    let dated = |side: &Prepared<'_>, rest: &[usize]| rest.iter().all(|&i| is_date_word(side, i));
    (rest_a.is_empty() && dated(b, rest_b)) || (rest_b.is_empty() && dated(a, rest_a))
}

/// Two spellings of one word: words of six letters or more that differ in one letter, other than a plural's.
fn is_spelling(x: &str, y: &str) -> bool {
    let (x, y) = (x.to_lowercase(), y.to_lowercase());
    if x == y {
        return true;
    }
    let (short, long): (Vec<char>, Vec<char>) = if x.len() <= y.len() {
        (x.chars().collect(), y.chars().collect())
    } else {
        (y.chars().collect(), x.chars().collect())
    };
    let digits = long.iter().any(char::is_ascii_digit);
    if short.len() < 6 || long.len() - short.len() > 1 || digits {
        return false;
    }
    let head = short.iter().zip(&long).take_while(|(a, b)| a == b).count();
    let tail = short[head..]
        .iter()
        .rev()
        .zip(long[head..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let inside = head > 0 && head + tail + 1 >= long.len() && tail > 0;
    inside && long.len().max(short.len()) - head - tail == 1
}

/// A weekday, a month, or a day or year beside one.
fn is_date_word(side: &Prepared<'_>, word: usize) -> bool {
    const NAMED: [&str; 38] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sept",
        "sep",
        "oct",
        "nov",
        "dec",
    ];
    let named = |i: usize| {
        side.tokens.get(i).is_some() && NAMED.contains(&&*side.surface(i).to_lowercase())
    };
    let figures = |i: usize| {
        side.tokens.get(i).is_some()
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
    short: &Prepared<'_>,
    long: &Prepared<'_>,
    swapped: bool,
    e: &Evidence,
    alignment: &Alignment,
) -> bool {
    let [span] = &alignment.spans[..] else {
        return false;
    };
    let (inner, outer) = if swapped {
        (&span.b, &span.a)
    } else {
        (&span.a, &span.b)
    };
    // Among several captions in one, a word may differ in twenty if it is no name, figure or place in the picture.
    let several = long.words.len() * 2 >= short.words.len() * 3;
    let edits_allowed = if several { short.words.len() / 20 } else { 0 };
    let edited = e.numbers + e.names + e.others;
    let plain = alignment.edits.iter().all(|edit| {
        let (x, y) = if swapped {
            (&edit.b, &edit.a)
        } else {
            (&edit.a, &edit.b)
        };
        x.clone().all(|i| kind_of(short, i) == WordKind::Word)
            && y.clone().all(|i| kind_of(long, i) == WordKind::Word)
            && !x.is_empty()
            && !y.is_empty()
    });
    inner.len() == short.words.len()
        && edited <= edits_allowed
        && plain
        && opens(long, outer.start)
        && closes(long, outer.end)
}

/// Whether a sentence or a part set off by a colon or semicolon begins at that word.
fn opens(side: &Prepared<'_>, word: usize) -> bool {
    word == 0 || between(side, word).contains(['.', ';', ':', '!', '?', '\n'])
}

/// Whether one ends before that word.
///
/// A caption says who does what, place, date: after the year it may end as well.
fn closes(side: &Prepared<'_>, word: usize) -> bool {
    let year = side.surface(word - 1);
    word >= side.words.len()
        || (year.len() == 4 && is_date_word(side, word - 1))
        || between(side, word).contains(['.', ';', ':', '!', '?', '\n'])
}

/// The text between a word and the one before it.
fn between<'p>(side: &'p Prepared<'_>, word: usize) -> &'p str {
    &side.story.text
        [side.tokens[word - 1].range.end as usize..side.tokens[word].range.start as usize]
}
