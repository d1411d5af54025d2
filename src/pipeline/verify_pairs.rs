/*!
Candidates → links, in parallel, a bundle of pairs at a time: of a bundle's units the words are held, of others nothing.

Pairs are put together by what ties them: all units that candidates lead to from a unit stand next to one another, so that each is
made ready once, or a few times where they are more than a bundle holds.
*/

use rayon::prelude::*;

use super::engine::{Side, Verifier, near_link};
use super::progress::Progress;
use super::table::{Pair, Table};
use crate::config::{Match, Settings};
use crate::group::union_find::UnionFind;
use crate::story::Corpus;
use crate::verify::Link;

/// Words of the units of a bundle, and its pairs: what is made ready for them should be near the processor still when it is compared.
const WORDS_A_BUNDLE: u64 = 1 << 15;
const PAIRS_A_BUNDLE: usize = 1 << 11;

/// The links of these pairs, in an order that means nothing.
pub fn links<C: Corpus + ?Sized>(
    corpus: &C,
    table: &Table,
    mut pairs: Vec<Pair>,
    settings: &Settings,
    progress: &dyn Progress,
) -> Vec<Link> {
    let place = |row: u32| (table.story(row), table.which(table.rows[row as usize]));
    let unit = |row: u32| table.rows[row as usize];
    let words = |row: u32| u64::from(table.words(row));
    put_together(&mut pairs, table.rows.len());
    let bundles = bundles(&pairs, table.rows.len(), words);
    match settings.matching {
        Match::All => in_bundles(
            &bundles,
            settings,
            progress,
            |verifier: &mut Verifier<'_>, row| {
                let (story, which) = place(row);
                verifier.prepare(corpus, story, which)
            },
            |verifier, [earlier, later], [of_earlier, of_later]| {
                verifier.link((unit(earlier), of_earlier), (unit(later), of_later))
            },
        ),
        Match::Near => in_bundles(
            &bundles,
            settings,
            progress,
            |verifier: &mut Verifier<'_>, row| {
                let (story, which) = place(row);
                verifier.shingles(corpus, story, which)
            },
            |_, [earlier, later], [of_earlier, of_later]| {
                let side = |row| Side {
                    unit: unit(row),
                    words: table.words(row) as usize,
                };
                let same = table.content(earlier) == table.content(later);
                let sets = [&of_earlier[..], of_later];
                near_link(settings.threshold, [side(earlier), side(later)], sets, same)
            },
        ),
    }
}

/// Puts pairs that are tied to one another by rows next to one another; otherwise they stay in order.
fn put_together(pairs: &mut [Pair], rows: usize) {
    let mut tied = UnionFind::new(rows);
    for &(later, earlier) in &*pairs {
        tied.join(later, earlier);
    }
    // The first row of each set names it: where the sets lie follows the input.
    let mut first = vec![u32::MAX; rows];
    for row in 0..rows as u32 {
        let set = tied.find(row) as usize;
        first[set] = first[set].min(row);
    }
    let first: Vec<u32> = (0..rows as u32)
        .map(|row| first[tied.find(row) as usize])
        .collect();
    pairs.par_sort_by_key(|&(later, _)| first[later as usize]);
}

/// The pairs, in bundles of which the units' words are few enough.
fn bundles(pairs: &[Pair], rows: usize, words: impl Fn(u32) -> u64) -> Vec<&[Pair]> {
    let mut bundles = Vec::new();
    // For each row the last bundle that it is in.
    let mut seen_in = vec![u32::MAX; rows];
    let mut rest = pairs;
    while !rest.is_empty() {
        let bundle = bundles.len() as u32;
        let mut sum = 0;
        let within = |&&(later, earlier): &&Pair| {
            for row in [later, earlier] {
                if seen_in[row as usize] != bundle {
                    seen_in[row as usize] = bundle;
                    sum += words(row);
                }
            }
            sum <= WORDS_A_BUNDLE
        };
        let fit = rest
            .iter()
            .take(PAIRS_A_BUNDLE)
            .take_while(within)
            .count()
            .max(1);
        let (pairs, after) = rest.split_at(fit);
        bundles.push(pairs);
        rest = after;
    }
    bundles
}

/// Of each bundle makes the rows ready, each once, then the links of its pairs.
fn in_bundles<'s, R: Send + Sync>(
    bundles: &[&[Pair]],
    settings: &'s Settings,
    progress: &dyn Progress,
    ready: impl Fn(&mut Verifier<'s>, u32) -> R + Sync,
    link: impl Fn(&mut Verifier<'s>, [u32; 2], [&R; 2]) -> Option<Link> + Sync,
) -> Vec<Link> {
    let links: Vec<Vec<Link>> = bundles
        .par_iter()
        .map_init(
            || Verifier::new(settings),
            |verifier, &pairs| {
                let mut rows: Vec<u32> = pairs.iter().flat_map(|&(a, b)| [a, b]).collect();
                rows.sort_unstable();
                rows.dedup();
                let ready: Vec<R> = rows.iter().map(|&row| ready(verifier, row)).collect();
                let of = |row: u32| &ready[rows.partition_point(|&r| r < row)];
                let links = pairs
                    .iter()
                    .filter_map(|&(later, earlier)| {
                        link(verifier, [earlier, later], [of(earlier), of(later)])
                    })
                    .collect();
                progress.advance(pairs.len() as u64);
                links
            },
        )
        .collect();
    links.concat()
}
