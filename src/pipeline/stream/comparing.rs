//! Candidates → links, in parallel, a block of pairs at a time: of a block's units the words are held, of others nothing.

use std::collections::HashSet;
use std::sync::Arc;

use rayon::prelude::*;

use super::memory::Memory;
use super::shelf::Shelf;
use crate::config::Settings;
use crate::error::Result;
use crate::pipeline::engine::Verifier;
use crate::story::{Corpus as _, Story, StoryId, UnitId};
use crate::verify::Link;
use crate::verify::prepared::{Making, Prepared};

/// Bytes of text that are made ready for comparison at a time, with the pairs they belong to. Their words take several times as many:
/// with more, every block asks the system for its memory anew.
const BYTES_A_BLOCK: usize = 512 << 10;
/// Pairs that are compared at a time.
const PAIRS_A_BLOCK: usize = 256;

/// A row: the story that it belongs to, and its unit's number within that.
struct Side {
    number: u32,
    which: u32,
    story: Arc<Story<'static>>,
}

/// Where the texts of rows are found: for each row its unit's number within its story, and the story.
pub type Texts<'t> = dyn FnMut(u32) -> Result<(u32, Arc<Story<'static>>)> + 't;

/// A row that is known.
pub fn known(
    memory: &Memory,
    shelf: &mut dyn Shelf,
    row: u32,
) -> Result<(u32, Arc<Story<'static>>)> {
    let row = memory.row(row);
    Ok((row.which, shelf.story(row.story)?))
}

/// The links of these pairs, the later row and the earlier, in their order.
pub fn links(
    texts: &mut Texts<'_>,
    settings: &Settings,
    pairs: &[(u32, u32)],
) -> Result<Vec<Option<Link>>> {
    let mut links = Vec::with_capacity(pairs.len());
    let mut rest = pairs;
    while !rest.is_empty() {
        let (sides, count) = sides(texts, rest)?;
        let (block, later) = rest.split_at(count);
        rest = later;
        let ready: Vec<Prepared<'_>> = sides
            .par_iter()
            .with_min_len(4)
            .map_init(
                || Making::new(settings),
                |making, side| {
                    let story = std::slice::from_ref(&*side.story);
                    making.prepare(story.story(StoryId(0)), side.which as usize)
                },
            )
            .collect();
        let side = |row: u32| {
            let place = sides.partition_point(|s| s.number < row);
            (UnitId(row), &ready[place])
        };
        links.par_extend(block.par_iter().with_min_len(4).map_init(
            || Verifier::new(settings),
            |verifier, &(later, earlier)| verifier.link(side(earlier), side(later)),
        ));
    }
    Ok(links)
}

/// The rows of the next pairs, in order, and how many pairs that is: bounds the memory for words.
fn sides(texts: &mut Texts<'_>, pairs: &[(u32, u32)]) -> Result<(Vec<Side>, usize)> {
    let mut sides: Vec<Side> = Vec::new();
    let mut seen = HashSet::new();
    let (mut bytes, mut count) = (0, 0);
    for &(later, earlier) in pairs.iter().take(PAIRS_A_BLOCK) {
        if bytes >= BYTES_A_BLOCK {
            break;
        }
        for number in [later, earlier] {
            if !seen.insert(number) {
                continue;
            }
            let (which, story) = texts(number)?;
            bytes += story.text.len();
            sides.push(Side {
                number,
                which,
                story,
            });
        }
        count += 1;
    }
    sides.sort_unstable_by_key(|s| s.number);
    Ok((sides, count))
}
