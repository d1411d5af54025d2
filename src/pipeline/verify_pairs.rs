/*!
Candidates → links, in parallel, a block of pairs at a time: of a block's units the words are held, of others nothing.
*/

use rayon::prelude::*;

use super::engine::Verifier;
use super::progress::Progress;
use super::table::{Pair, Table};
use crate::config::Settings;
use crate::story::Corpus;
use crate::verify::Link;
use crate::verify::prepared::Prepared;

/// Pairs that are compared at a time: bounds the memory for words.
const PAIRS_A_BLOCK: usize = 1_024;

/// The links of these pairs, in the order of the pairs.
pub fn links<C: Corpus + ?Sized>(
    corpus: &C,
    table: &Table,
    pairs: &[Pair],
    settings: &Settings,
    progress: &dyn Progress,
) -> Vec<Link> {
    let mut links = Vec::new();
    for block in pairs.chunks(PAIRS_A_BLOCK) {
        let mut rows: Vec<u32> = block.iter().flat_map(|&(a, b)| [a, b]).collect();
        rows.par_sort_unstable();
        rows.dedup();
        let ready: Vec<Prepared<'_>> = rows
            .par_iter()
            .map_init(
                || Verifier::new(settings),
                |verifier, &row| {
                    let unit = table.rows[row as usize];
                    verifier.prepare(corpus, table.story(row), table.which(unit))
                },
            )
            .collect();
        let side = |row: u32| {
            let place = rows.partition_point(|&r| r < row);
            (table.rows[row as usize], &ready[place])
        };
        let found: Vec<Option<Link>> = block
            .par_iter()
            .with_min_len(16)
            .map_init(
                || Verifier::new(settings),
                |verifier, &(later, earlier)| verifier.link(side(earlier), side(later)),
            )
            .collect();
        links.extend(found.into_iter().flatten());
        progress.advance(block.len() as u64);
    }
    links
}
