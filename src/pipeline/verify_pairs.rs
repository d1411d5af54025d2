/*!
Candidates → links, in parallel, a block of pairs at a time: of a block's units the words are held, of others nothing.
*/

use rayon::prelude::*;

use super::engine::{Side, Verifier, near_link};
use super::progress::Progress;
use super::table::{Pair, Table};
use crate::config::{Match, Settings};
use crate::story::Corpus;
use crate::verify::Link;

/// Words of the pairs that are compared at a time, and pairs: bounds the memory for what is made ready.
const WORDS_A_BLOCK: u64 = 1 << 20;
const PAIRS_A_BLOCK: usize = 1 << 14;

/// The links of these pairs, in the order of the pairs.
pub fn links<C: Corpus + ?Sized>(
    corpus: &C,
    table: &Table,
    pairs: &[Pair],
    settings: &Settings,
    progress: &dyn Progress,
) -> Vec<Link> {
    let place = |row: u32| (table.story(row), table.which(table.rows[row as usize]));
    let unit = |row: u32| table.rows[row as usize];
    let words = |row: u32| u64::from(table.words(row));
    let blocks = blocks(pairs, words);
    match settings.matching {
        Match::All => in_blocks(
            blocks,
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
        Match::Near => in_blocks(
            blocks,
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

/// The pairs, in blocks of which the words fit into memory.
fn blocks(pairs: &[Pair], words: impl Fn(u32) -> u64) -> impl Iterator<Item = &[Pair]> {
    let mut rest = pairs;
    std::iter::from_fn(move || {
        let mut sum = 0;
        let within = |&&(a, b): &&Pair| {
            sum += words(a) + words(b);
            sum <= WORDS_A_BLOCK
        };
        let fit = rest.iter().take(PAIRS_A_BLOCK).take_while(within).count();
        let (block, after) = rest.split_at(fit.max(1).min(rest.len()));
        rest = after;
        (!block.is_empty()).then_some(block)
    })
}

/// Makes the rows of a block of pairs ready, each once, then the links of its pairs.
fn in_blocks<'s, 'p, R: Send + Sync>(
    blocks: impl Iterator<Item = &'p [Pair]>,
    settings: &'s Settings,
    progress: &dyn Progress,
    ready: impl Fn(&mut Verifier<'s>, u32) -> R + Sync,
    link: impl Fn(&mut Verifier<'s>, [u32; 2], [&R; 2]) -> Option<Link> + Sync,
) -> Vec<Link> {
    let mut links = Vec::new();
    for block in blocks {
        let mut rows: Vec<u32> = block.iter().flat_map(|&(a, b)| [a, b]).collect();
        rows.par_sort_unstable();
        rows.dedup();
        let ready: Vec<R> = rows
            .par_iter()
            .with_min_len(16)
            .map_init(
                || Verifier::new(settings),
                |verifier, &row| ready(verifier, row),
            )
            .collect();
        let of = |row: u32| &ready[rows.partition_point(|&r| r < row)];
        let found: Vec<Option<Link>> = block
            .par_iter()
            .with_min_len(16)
            .map_init(
                || Verifier::new(settings),
                |verifier, &(later, earlier)| {
                    link(verifier, [earlier, later], [of(earlier), of(later)])
                },
            )
            .collect();
        links.extend(found.into_iter().flatten());
        progress.advance(block.len() as u64);
    }
    links
}
