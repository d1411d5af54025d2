//! Links of a unit → what it repeats, and the groups that it joins.

use super::memory::{Memory, unit};
use super::shelf::Shelf;
use crate::error::Result;
use crate::group::verdict::Repeat;
use crate::group::{name_bits, name_from, round_up};
use crate::story::{UnitId, UnitKind};
use crate::text::shingle;
use crate::verify::relation::{Reason, Rule};
use crate::verify::{Link, Relation};

/// Id of a row's unit.
pub fn id(memory: &Memory, shelf: &mut dyn Shelf, row: u32) -> Result<String> {
    let row = memory.row(row);
    Ok(row.id(&shelf.story(row.story)?.id))
}

/// What a unit repeats that has the words of a row.
pub fn exact(memory: &Memory, shelf: &mut dyn Shelf, row: u32) -> Result<Repeat> {
    Ok(Repeat {
        relation: Relation::Exact,
        of: id(memory, shelf, row)?,
        jaccard: 1.0,
        containment: 1.0,
    })
}

/// The link of two units with the same words. How many of their shingles are distinct is not looked at; of equal sets only the
/// ratio is told.
pub fn same_words(words: usize, shingle: usize) -> Link {
    let size = shingle::count(words, shingle) as u32;
    Link {
        a: UnitId(0),
        b: UnitId(0),
        relation: Relation::Exact,
        shared: size,
        size_a: size,
        size_b: size,
        spans: Vec::new(),
        reason: Reason::plain(Rule::SameWords, words, words, words),
    }
}

/// The bits of the name of a group of one.
pub fn own_name(kind: UnitKind, caption: u16, story_id: &str) -> u64 {
    name_bits(kind, &unit(kind, caption).id(story_id))
}

/// Joins the groups that the links of a unit lead to, or founds one under that name; returns the node for the unit to hold, and the names that
/// are given up.
pub fn join(memory: &mut Memory, links: &[Link], unit: u64, own_name: u64) -> (u32, Vec<String>) {
    let mut node = None;
    let mut merged = Vec::new();
    for link in links.iter().filter(|l| l.relation.joins()) {
        let other = memory.row(link.a.0).node;
        let node = *node.get_or_insert_with(|| memory.groups.hold(other));
        if let Some(gone) = memory.groups.join(node, other) {
            merged.push(name_from(gone));
        }
    }
    let node = node.unwrap_or_else(|| memory.groups.found(unit, own_name));
    (node, merged)
}

/// The link that shows best what the unit repeats: one that joins before one that does not, then the most alike, then the earliest.
pub fn best(memory: &Memory, shelf: &mut dyn Shelf, links: &[Link]) -> Result<Option<Repeat>> {
    let best = links.iter().min_by(|x, y| {
        let rank = |l: &Link| (!l.relation.joins(), l.relation != Relation::Exact);
        rank(x)
            .cmp(&rank(y))
            .then_with(|| crate::group::stronger(x, y))
            .then_with(|| x.a.cmp(&y.a))
    });
    let Some(link) = best else { return Ok(None) };
    Ok(Some(Repeat {
        relation: link.relation,
        of: id(memory, shelf, link.a.0)?,
        jaccard: link.jaccard(),
        containment: link.containment_a().max(link.containment_b()),
    }))
}

/// Turns the links between round-ups and what they carry into `overlap`, as far as can be known now. `title` is that of the story
/// whose unit has these links.
pub fn part_round_ups(
    memory: &Memory,
    shelf: &mut dyn Shelf,
    title: &str,
    links: &mut [Link],
) -> Result<()> {
    let mut holds = Vec::new();
    for (i, link) in links.iter_mut().enumerate() {
        if !round_up::carries(link) {
            continue;
        }
        let other = memory.row(link.a.0);
        let story = shelf.story(other.story)?;
        let other_title = story.title.as_deref().unwrap_or_default();
        let is_longer = link.reason.words_b > link.reason.words_a;
        let (longer, shorter) = if is_longer {
            (title, other_title)
        } else {
            (other_title, title)
        };
        if round_up::says_so(link, longer, shorter) {
            round_up::part(link);
        } else if is_longer {
            let root = memory.groups.root(other.node);
            holds.push((i, other_title.to_owned(), root));
        }
    }
    let held: Vec<(&Link, &str, u32)> = holds
        .iter()
        .map(|(i, title, root)| (&links[*i], &**title, *root))
        .collect();
    if round_up::holds_unrelated_parts(title, &held) {
        for (i, ..) in holds {
            round_up::part(&mut links[i]);
        }
    }
    Ok(())
}
