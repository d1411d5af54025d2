//! Candidates → links.

use super::bundles::{self, Rooms, Rows};
use super::engine::{Compared, UnitOf};
use super::progress::Progress;
use super::table::{Pair, Table};
use crate::config::Settings;
use crate::story::Corpus;
use crate::verify::Link;

/// Words that are made ready together: they should be near the processor still when they are compared.
const WORDS_A_BUNDLE: u64 = 1 << 16;

/// The rows of a table, and the corpus that it is of.
struct TableRows<'t, C: ?Sized>(&'t Table, &'t C);

impl<C: Corpus + ?Sized> Rows for TableRows<'_, C> {
    type Corpus = C;

    fn count(&self) -> usize {
        self.0.rows.len()
    }

    fn words(&self, row: u32) -> u64 {
        u64::from(self.0.words(row))
    }

    fn unit(&self, row: u32) -> (&C, UnitOf) {
        (self.1, self.0.unit_of(row))
    }

    fn are_of_one_story(&self, row: u32, other: u32) -> bool {
        self.0.story(row) == self.0.story(other)
    }

    fn compared(&self, row: u32) -> Compared {
        self.0.compared(row)
    }

    fn locate(&self, row: u32) {
        self.1.locate(self.0.story(row));
    }

    fn expect(&self, row: u32) {
        self.1.expect(self.0.story(row));
    }
}

/// The links of these pairs, in an order that means nothing, with room for those of units with the same words.
pub fn links<C: Corpus + ?Sized>(
    corpus: &C,
    table: &Table,
    pairs: &[Pair],
    settings: &Settings,
    progress: &dyn Progress,
) -> Vec<Link> {
    let rows = (&TableRows(table, corpus), WORDS_A_BUNDLE);
    let found = bundles::links(pairs, rows, (settings, &Rooms::default()), progress);
    let count: usize = found.iter().map(Vec::len).sum();
    let mut links = Vec::with_capacity(count + table.exact.len());
    for of_bundle in found {
        links.extend(of_bundle.into_iter().map(|(_, link)| link));
    }
    links
}
