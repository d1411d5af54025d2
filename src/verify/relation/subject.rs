/*!
Whom two stories are about, as far as their headlines tell.

A company's results, a recall, a fund's class action: houses fill one text again and again, and of a long one the names and figures that
change are few. Whom it is about stands in the headline. Where each of two headlines names somebody of whom the other story says nothing, in
headline or text, they are two stories, however much of the text they share.
*/

use crate::verify::evidence::{WordKind, kind_of};
use crate::verify::prepared::Prepared;

/// Letters that names begin with in common if they may be one: "Commerz", "Commerzbank".
const STEM: usize = 4;
/// Words on either side of a name of which one is in small letters.
const NEAR: usize = 4;
/// Share of the words inside sentences that begin with capitals, in hundredths, above which a capital says nothing of a name: in German, in
/// lists of persons. Of English stories one in fifty has more.
const MOST_CAPITALS: usize = 28;

/// Whether the headline of each names somebody of whom the other says nothing.
pub(super) fn differs(a: &Prepared<'_>, b: &Prepared<'_>) -> bool {
    has_name_alone(a, b) && has_name_alone(b, a) && [a, b].into_iter().all(tells_names)
}

/// Whether a word of the headline stands in its own text as a name, and in the other story nowhere.
fn has_name_alone(side: &Prepared<'_>, other: &Prepared<'_>) -> bool {
    side.headline_words()
        .filter(|&word| !other.headline_words().any(|w| w == word))
        .filter(|word| !other.words().contains(word))
        .filter_map(|word| as_name(side, word))
        .any(|at| !has_stem(other, side.surface(at)))
}

/// Where that word stands as a name in the text, if it stands there as nothing else.
fn as_name(side: &Prepared<'_>, word: u64) -> Option<usize> {
    let places = || (0..side.words().len()).filter(|&i| side.words()[i] == word);
    let small = |i: usize| !side.surface(i).starts_with(char::is_uppercase);
    if places().any(small) {
        return None;
    }
    let is_name = |i: usize| i < side.words().len() && kind_of(side, i) == WordKind::Name;
    // A sentence begins with a capital, but not with two: "AnnTaylor Stores Corp said".
    let names = |&i: &usize| is_name(i) || is_name(i + 1);
    places()
        .filter(names)
        .find(|&i| stands_among_small(side, i))
}

/// Whether a word near that one is in small letters: among capitals nothing tells a name.
fn stands_among_small(side: &Prepared<'_>, word: usize) -> bool {
    let near = word.saturating_sub(NEAR)..(word + NEAR + 1).min(side.words().len());
    near.into_iter()
        .any(|i| side.surface(i).starts_with(char::is_lowercase))
}

/// Whether a word of the text or of the title begins as that name does.
fn has_stem(side: &Prepared<'_>, name: &str) -> bool {
    let begins = |word: &str| {
        let mut letters = word.chars().flat_map(char::to_lowercase);
        let mut stem = name.chars().take(STEM).flat_map(char::to_lowercase);
        stem.all(|letter| letters.next() == Some(letter))
    };
    let title = side.story.title.as_deref().unwrap_or_default();
    title.split(|c: char| !c.is_alphanumeric()).any(begins)
        || (0..side.words().len()).any(|i| begins(side.surface(i)))
}

/// Whether a capital inside a sentence makes a name in that text.
fn tells_names(side: &Prepared<'_>) -> bool {
    let count = side.words().len();
    let names = (0..count).filter(|&i| kind_of(side, i) == WordKind::Name);
    100 * names.count() <= MOST_CAPITALS * count
}
