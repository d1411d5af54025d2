/*!
Two units → what speaks for and against their telling the same.

Everything an editor would look at, as counts: how much of each text the other has, which words differ where the
texts run side by side, and of what kind they are, whether the headlines are about the same, how far apart in time they
were sent. `relation` decides from this alone.
*/

use serde::Serialize;

use super::align::{Aligner, Alignment, Edit, Tile};
use super::jaccard;
use super::lexicon::Lexicon;
use super::prepared::Prepared;
use super::values;
use crate::story::UnitKind;

/// What kind of word differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WordKind {
    /// Holds a digit, or is a number word, a weekday or a month.
    Number,
    /// Begins with a capital inside a sentence.
    Name,
    /// Says where: left, right, front, second.
    Position,
    /// Any other word.
    Word,
}

/// Words of one side in place of words of the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Words of the first text.
    pub a: Vec<String>,
    /// Words of the second.
    pub b: Vec<String>,
    /// The weightiest kind among them.
    pub kind: WordKind,
}

/// Counts that tell how two units relate.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Shingles that both have.
    pub shared: u32,
    /// Distinct shingles of either.
    pub sizes: [u32; 2],
    /// Words of either.
    pub words: [usize; 2],
    /// Words of each that lie in common runs.
    pub tiled: usize,
    /// Words of the longest common run, small edits included.
    pub longest: usize,
    /// Longest run of words of either that lies in no common run.
    pub block: usize,
    /// Headline words in common, and of the shorter headline; none where either has no headline, or one word alone ("Markets"),
    /// which is a rubric rather than a headline.
    pub headline: Option<(usize, usize)>,
    /// Seconds between the two, where both times are known.
    pub gap: Option<u64>,
    /// Edits that put numbers in place of numbers.
    pub numbers: usize,
    /// Edits that put names in place of names.
    pub names: usize,
    /// Edits that replace anything else, or only add or drop words.
    pub others: usize,
    /// Whether an edit of a story in which no figure has changed adds or drops a "not".
    pub negated: bool,
}

impl Evidence {
    /// Share of the shorter text's shingles that the longer has.
    pub fn containment(&self) -> f64 {
        f64::from(self.shared) / f64::from(self.sizes[0].min(self.sizes[1]).max(1))
    }

    /// Jaccard similarity.
    pub fn jaccard(&self) -> f64 {
        f64::from(self.shared) / f64::from((self.sizes[0] + self.sizes[1] - self.shared).max(1))
    }

    /// Share of the shorter text's words that lie in common runs.
    pub fn cover(&self) -> f64 {
        self.tiled as f64 / self.words[0].min(self.words[1]).max(1) as f64
    }

    /// Share of headline words in common.
    pub fn headline_share(&self) -> Option<f64> {
        self.headline
            .map(|(shared, of)| shared as f64 / of.max(1) as f64)
    }
}

/// Words to a tile for units of that kind, the shorter of so many words: in a brief, runs between figures are short.
pub fn least_tile(kind: UnitKind, words: usize) -> usize {
    match kind {
        UnitKind::Story if words >= 120 => 4,
        UnitKind::Story => 3,
        UnitKind::Caption => 2,
    }
}

/// Compares two units.
pub fn gather(a: &Prepared<'_>, b: &Prepared<'_>) -> (Evidence, Alignment) {
    let aligner = &mut Aligner::default();
    gathered(aligner, a, b, 0).unwrap_or_default()
}

/// Compares two units that have at least so many shingles in common, with buffers that are used again; none if they have fewer.
pub fn gathered(
    aligner: &mut Aligner,
    a: &Prepared<'_>,
    b: &Prepared<'_>,
    least_shared: u32,
) -> Option<(Evidence, Alignment)> {
    let least = least_tile(a.kind, a.words().len().min(b.words().len()));
    let mut meeting = aligner.meet(a.words(), b.words(), least);
    let shared = meeting
        .shared(a.shingle, [a.repeats(), b.repeats()])
        .unwrap_or_else(|| jaccard::shared(a.set(), b.set()));
    if shared < least_shared {
        return None;
    }
    let alignment = meeting.align();
    let mut evidence = Evidence {
        shared,
        sizes: [a.shingles(), b.shingles()],
        words: [a.words().len(), b.words().len()],
        tiled: alignment.tiled(),
        longest: alignment
            .spans
            .iter()
            .map(|s| s.a.len().min(s.b.len()))
            .max()
            .unwrap_or(0),
        headline: headlines(a, b),
        gap: a.seconds.zip(b.seconds).map(|(x, y)| x.abs_diff(y)),
        ..Evidence::default()
    };
    evidence.block = longest_block(&alignment, a.words().len(), |t| t.a).max(longest_block(
        &alignment,
        b.words().len(),
        |t| t.b,
    ));
    for edit in &alignment.edits {
        let exchanged = !edit.a.is_empty() && !edit.b.is_empty();
        match exchanged.then(|| kind_of_edit(a, b, edit)) {
            Some(WordKind::Number) => evidence.numbers += 1,
            Some(WordKind::Name) => evidence.names += 1,
            _ => evidence.others += 1,
        }
    }
    // Where a figure has changed as well nobody asks.
    if a.kind == UnitKind::Story && evidence.numbers == 0 {
        evidence.negated = alignment.edits.iter().any(|edit| is_negated(a, b, edit));
    }
    Some((evidence, alignment))
}

/// The longest run of words of one side outside all tiles, which are in order of that side or not.
fn longest_block(alignment: &Alignment, words: usize, start: impl Fn(&Tile) -> usize) -> usize {
    let in_order = |tiles: &mut dyn Iterator<Item = (usize, usize)>| {
        let mut at = 0;
        let mut longest = 0;
        for (first, len) in tiles {
            longest = longest.max(first - at);
            at = first + len;
        }
        longest.max(words - at)
    };
    let mut tiles = alignment.tiles.iter().map(|t| (start(t), t.len));
    if tiles.clone().is_sorted() {
        return in_order(&mut tiles);
    }
    let mut tiles: Vec<(usize, usize)> = tiles.collect();
    tiles.sort_unstable();
    in_order(&mut tiles.into_iter())
}

/// Words that are put otherwise where a "not" turns what is said round; more of them are a clause of their own.
const A_TURN: usize = 3;

/// Whether a few words have a "not" more or less than those in their place.
fn is_negated(a: &Prepared<'_>, b: &Prepared<'_>, edit: &Edit) -> bool {
    let count = |side: &Prepared<'_>, words: &std::ops::Range<usize>| {
        words.clone().filter(|&i| says_no(side.surface(i))).count()
    };
    edit.a.len().max(edit.b.len()) <= A_TURN && count(a, &edit.a) != count(b, &edit.b)
}

fn says_no(word: &str) -> bool {
    NEGATIONS.has(word) || ["n't", "n’t"].iter().any(|end| word.ends_with(end))
}

/// The weightiest kind of word in an edit; of one that says the same in other forms that of any word.
fn kind_of_edit(a: &Prepared<'_>, b: &Prepared<'_>, edit: &Edit) -> WordKind {
    let of_a = edit.a.clone().map(|i| kind_of(a, i));
    let of_b = edit.b.clone().map(|i| kind_of(b, i));
    let mut weightiest = WordKind::Word;
    for kind in of_a.chain(of_b) {
        weightiest = weightiest.min(kind);
        if weightiest == WordKind::Number {
            break;
        }
    }
    let both = !edit.a.is_empty() && !edit.b.is_empty();
    if weightiest != WordKind::Word
        && both
        && values::same((a, edit.a.clone()), (b, edit.b.clone()))
    {
        return WordKind::Word;
    }
    weightiest
}

/// The edits inside spans, as words.
pub fn changes(a: &Prepared<'_>, b: &Prepared<'_>, alignment: &Alignment) -> Vec<Change> {
    let words = |side: &Prepared<'_>, range: &std::ops::Range<usize>| {
        range.clone().map(|i| side.surface(i).to_owned()).collect()
    };
    alignment
        .edits
        .iter()
        .map(|edit| Change {
            a: words(a, &edit.a),
            b: words(b, &edit.b),
            kind: kind_of_edit(a, b, edit),
        })
        .collect()
}

/// Number words, weekdays and months, English, Spanish, French and German: what stands for a figure or a date. Left out are those that are
/// articles or common words besides ("un", "neuf").
#[rustfmt::skip]
static NUMBER_WORDS: Lexicon<160> = Lexicon::of([
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "twenty", "thirty",
    "forty", "fifty", "hundred", "thousand", "million", "billion", "trillion", "first", "second", "third", "fourth", "half",
    "quarter", "dozen", "both", "several", "mln", "bln",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march", "april", "may",
    "june", "july", "august", "september", "october", "november", "december", "jan", "feb", "apr", "jun", "jul", "aug", "sep",
    "sept", "oct", "nov", "dec",
    "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce", "veinte", "treinta", "cien",
    "cientos", "millón", "millones", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo", "enero",
    "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
    "deux", "trois", "quatre", "cinq", "huit", "dix", "onze", "douze", "vingt", "trente", "cents", "mille", "millions",
    "milliards", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche", "janvier", "février", "avril", "mai",
    "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "zwölf", "zwanzig", "dreißig", "hundert",
    "tausend", "millionen", "milliarden", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag",
    "januar", "februar", "märz", "juni", "juli", "oktober", "dezember",
]);
/// Words that turn what is said round.
#[rustfmt::skip]
static NEGATIONS: Lexicon<26> = Lexicon::of([
    "not", "no", "never", "nor", "neither", "none", "cannot", "without", "nicht", "kein", "keine", "keinen", "keiner", "nie",
    "ohne", "nunca", "ningún", "ninguna", "tampoco", "jamás", "sin", "pas", "jamais", "aucun", "aucune", "sans",
]);
/// What tells one frame from the next.
static POSITION_WORDS: Lexicon<16> = Lexicon::of([
    "left",
    "right",
    "center",
    "centre",
    "front",
    "back",
    "rear",
    "top",
    "bottom",
    "above",
    "below",
    "foreground",
    "background",
    "middle",
    "far",
    "version",
]);

/// What kind of word stands there.
pub fn kind_of(side: &Prepared<'_>, word: usize) -> WordKind {
    let surface = side.surface(word);
    // Both are told by one look at each byte.
    let (mut has_digit, mut is_ascii) = (false, true);
    for b in surface.bytes() {
        has_digit |= b.is_ascii_digit();
        is_ascii &= b.is_ascii();
    }
    if has_digit || NUMBER_WORDS.has_known(surface, is_ascii) {
        return WordKind::Number;
    }
    if POSITION_WORDS.has_known(surface, is_ascii) {
        return WordKind::Position;
    }
    let capital = surface.chars().next().is_some_and(char::is_uppercase);
    if capital && !opens_sentence(side, word) {
        return WordKind::Name;
    }
    WordKind::Word
}

fn opens_sentence(side: &Prepared<'_>, word: usize) -> bool {
    let Some(previous) = word.checked_sub(1) else {
        return true;
    };
    let between = side.between(word);
    if between == " " {
        return false;
    }
    // A full stop after a single letter is an initial.
    let initial = side.place(previous).len() == 1;
    between.contains(['!', '?', '\n', ':', '"', '“']) || (between.contains('.') && !initial)
}

/// Headline words in common, and of the shorter headline.
fn headlines(a: &Prepared<'_>, b: &Prepared<'_>) -> Option<(usize, usize)> {
    let (x, y) = (a.headline(), b.headline());
    let shorter = x.len().min(y.len());
    (shorter > 1).then(|| (jaccard::shared(x, y) as usize, shorter))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::Settings;
    use crate::story::Story;
    use crate::verify::prepared::Making;

    /// Texts of few different words, which repeat themselves: now and then, or again and again.
    fn text() -> impl Strategy<Value = String> {
        let word = |most: u8| (0..most).prop_map(|n| char::from(b'a' + n).to_string());
        let few = prop::collection::vec(word(12), 0..160);
        let again = prop::collection::vec(word(2), 0..160);
        prop_oneof![few, again].prop_map(|words| words.join(" "))
    }

    proptest! {
        #[test]
        fn shingles_in_common_are_those_of_the_sets(
            (x, y, z) in (text(), text(), text()),
            kind in prop_oneof![Just(UnitKind::Story), Just(UnitKind::Caption)],
            shingle in 1_usize..7
        ) {
            let settings = Settings { shingle, caption_shingle: shingle, ..Settings::default() };
            let mut making = Making::new(&settings);
            let mut unit = |text: String| {
                let mut unit = making.prepare(Story::new("x", text), 0);
                if kind == UnitKind::Caption {
                    unit = making.recast(unit, kind);
                }
                unit
            };
            let (a, b) = (unit(format!("{x} {z}")), unit(format!("{z} {y}")));
            let (evidence, _) = gather(&a, &b);
            prop_assert_eq!(evidence.shared, jaccard::shared(a.set(), b.set()));
            prop_assert_eq!(evidence.sizes, [a.set().len() as u32, b.set().len() as u32]);
            let least = evidence.shared + 1;
            prop_assert!(gathered(&mut Aligner::default(), &a, &b, least).is_none());
        }
    }
}
