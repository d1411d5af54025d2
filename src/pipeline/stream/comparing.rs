//! Candidates → links, a block of pairs at a time: of a block's stories the texts are held, of others nothing.

use std::collections::HashSet;
use std::sync::Arc;

use super::memory::Memory;
use super::shelf::Shelf;
use crate::config::Settings;
use crate::error::Result;
use crate::pipeline::bundles::{self, Rooms, Rows};
use crate::pipeline::engine::{Compared, UnitOf};
use crate::pipeline::progress::Silent;
use crate::story::{Story, StoryId, UnitId};
use crate::verify::Link;

/// Bytes of text that are held for comparison at a time, and pairs.
const BYTES_A_BLOCK: usize = 1 << 20;
const PAIRS_A_BLOCK: usize = 1 << 11;
/// Words that are made ready together: few, so that all threads have some of a block.
const WORDS_A_BUNDLE: u64 = 1 << 13;

/// The text of a row, and what is known of it.
#[derive(Clone, Debug)]
pub struct Side {
    /// Its number within the story.
    pub which: u32,
    pub words: u32,
    /// Hash of its words.
    pub content: u128,
    pub story: Arc<Story<'static>>,
}

/// Where the texts of rows are found.
pub type Texts<'t> = dyn FnMut(u32) -> Result<Side> + 't;

/// A row that is known.
pub fn known(memory: &Memory, shelf: &mut dyn Shelf, row: u32) -> Result<Side> {
    let row = memory.row(row);
    Ok(Side {
        which: row.which,
        words: row.words,
        content: row.content,
        story: shelf.story(row.story)?,
    })
}

/// The sides of a block, with the numbers of their rows, in order of these. Their places stand for rows: they are few.
struct Sides(Vec<(u32, Side)>);

impl Rows for Sides {
    type Corpus = [Story<'static>];

    fn count(&self) -> usize {
        self.0.len()
    }

    fn words(&self, place: u32) -> u64 {
        u64::from(self.0[place as usize].1.words)
    }

    fn unit(&self, place: u32) -> (&[Story<'static>], UnitOf) {
        let (_, side) = &self.0[place as usize];
        let unit = UnitOf {
            story: StoryId(0),
            which: side.which as usize,
            words: side.words as usize,
        };
        (std::slice::from_ref(&*side.story), unit)
    }

    fn are_of_one_story(&self, place: u32, other: u32) -> bool {
        let [of_place, of_other] = [place, other].map(|p| &self.0[p as usize].1.story);
        Arc::ptr_eq(of_place, of_other)
    }

    fn compared(&self, place: u32) -> Compared {
        let (row, side) = &self.0[place as usize];
        Compared {
            id: UnitId(*row),
            words: side.words as usize,
            content: side.content,
        }
    }
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
        let place = |row: u32| sides.0.partition_point(|(number, _)| *number < row) as u32;
        let block: Vec<(u32, u32)> = block.iter().map(|&(a, b)| (place(a), place(b))).collect();
        let rows = (&sides, WORDS_A_BUNDLE);
        let found = bundles::links(&block, rows, (settings, rooms), &Silent);
        for (number, link) in found.into_iter().flatten() {
            links[done + number] = Some(link);
        }
        done += count;
    }
    Ok(links)
}

/// The rows of the next pairs, in order, and how many pairs that is: bounds the memory for texts.
fn sides(texts: &mut Texts<'_>, pairs: &[(u32, u32)]) -> Result<(Sides, usize)> {
    let mut sides: Vec<(u32, Side)> = Vec::new();
    let mut seen = HashSet::new();
    let mut held = HashSet::new();
    let (mut bytes, mut count) = (0, 0);
    for &(later, earlier) in pairs.iter().take(PAIRS_A_BLOCK) {
        if bytes >= BYTES_A_BLOCK {
            break;
        }
        for number in [later, earlier] {
            if !seen.insert(number) {
                continue;
            }
            let side = texts(number)?;
            // Of a story with many captions all have one text.
            if held.insert(Arc::as_ptr(&side.story)) {
                bytes += side.story.text.len();
            }
            sides.push((number, side));
        }
        count += 1;
    }
    sides.sort_unstable_by_key(|&(number, _)| number);
    Ok((Sides(sides), count))
}
