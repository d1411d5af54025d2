//! Candidates → links.

use super::bundles::{self, Rooms, Rows};
use super::engine::{Side, Verifier, near_link};
use super::progress::Progress;
use super::table::{Pair, Table};
use crate::config::{Match, Settings};
use crate::story::Corpus;
use crate::verify::Link;

/// Words that are made ready together: they should be near the processor still when they are compared.
const WORDS_A_BUNDLE: u64 = 1 << 16;

/// The links of these pairs, in an order that means nothing.
pub fn links<C: Corpus + ?Sized>(
    corpus: &C,
    table: &Table,
    pairs: &[Pair],
    settings: &Settings,
    progress: &dyn Progress,
) -> Vec<Link> {
    let unit = |row: u32| table.rows[row as usize];
    let rows = Rows {
        count: table.rows.len(),
        words: |row| u64::from(table.words(row)),
        expect: |row| corpus.expect(table.story(row)),
        words_a_bundle: WORDS_A_BUNDLE,
    };
    let rooms = Rooms::default();
    let found = match settings.matching {
        Match::All => bundles::links(
            pairs,
            &rows,
            (settings, &rooms),
            progress,
            |verifier: &mut Verifier<'_>, row, room| {
                verifier.prepare(corpus, table.unit_of(row), room)
            },
            |verifier, (later, earlier), [of_later, of_earlier]| {
                verifier.link((unit(earlier), of_earlier), (unit(later), of_later))
            },
        ),
        Match::Near => bundles::links(
            pairs,
            &rows,
            (settings, &rooms),
            progress,
            |verifier: &mut Verifier<'_>, row, room| {
                verifier.shingles(corpus, table.unit_of(row), room)
            },
            |_, (later, earlier), [of_later, of_earlier]| {
                let side = |row| Side {
                    unit: unit(row),
                    words: table.words(row) as usize,
                };
                let same = table.content(earlier) == table.content(later);
                let sets = [&of_earlier[..], of_later];
                near_link(settings.threshold, [side(earlier), side(later)], sets, same)
            },
        ),
    };
    found.into_iter().map(|(_, link)| link).collect()
}
