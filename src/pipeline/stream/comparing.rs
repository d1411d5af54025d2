//! Candidates → links, a block of pairs at a time: of a block's stories the texts are held, of others nothing.

use std::collections::HashSet;
use std::sync::Arc;

use super::memory::Memory;
use super::shelf::Shelf;
use crate::config::Settings;
use crate::error::Result;
use crate::pipeline::bundles::{self, Rooms, Rows};
use crate::pipeline::engine::{UnitOf, Verifier};
use crate::pipeline::progress::Silent;
use crate::story::{Story, StoryId, UnitId};
use crate::verify::Link;
use crate::verify::prepared::BYTES_A_WORD;

/// Bytes of text that are held for comparison at a time, and pairs.
const BYTES_A_BLOCK: usize = 1 << 20;
const PAIRS_A_BLOCK: usize = 1 << 11;
/// Words that are made ready together: few, so that all threads have some of a block.
const WORDS_A_BUNDLE: u64 = 1 << 13;

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
    (settings, rooms): (&Settings, &Rooms),
    pairs: &[(u32, u32)],
) -> Result<Vec<Option<Link>>> {
    let mut links = Vec::new();
    links.resize_with(pairs.len(), || None);
    let mut rest = pairs;
    let mut done = 0;
    while !rest.is_empty() {
        let (sides, count) = sides(texts, rest)?;
        let (block, later) = rest.split_at(count);
        rest = later;
        // Sides take the place of rows: they are few, and in the same order.
        let place = |row: u32| sides.partition_point(|s| s.number < row) as u32;
        let block: Vec<(u32, u32)> = block.iter().map(|&(a, b)| (place(a), place(b))).collect();
        let side = |place: u32| &sides[place as usize];
        let rows = Rows {
            count: sides.len(),
            words: |place| (side(place).story.text.len() / BYTES_A_WORD) as u64,
            expect: |_| (),
            words_a_bundle: WORDS_A_BUNDLE,
        };
        let found = bundles::links(
            &block,
            &rows,
            (settings, rooms),
            &Silent,
            |verifier: &mut Verifier<'_>, place, room| {
                let story = &*side(place).story;
                let unit = UnitOf {
                    story: StoryId(0),
                    which: side(place).which as usize,
                    words: story.text.len() / BYTES_A_WORD,
                };
                verifier.prepare(std::slice::from_ref(story), unit, room)
            },
            |verifier, (later, earlier), [of_later, of_earlier]| {
                let unit = |place| UnitId(side(place).number);
                verifier.link((unit(earlier), of_earlier), (unit(later), of_later))
            },
        );
        for (number, link) in found {
            links[done + number] = Some(link);
        }
        done += count;
    }
    Ok(links)
}

/// The rows of the next pairs, in order, and how many pairs that is: bounds the memory for texts.
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
