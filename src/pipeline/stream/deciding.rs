//! Links of a unit → what it repeats, and the groups that it joins.

use std::collections::BTreeSet;

use super::comparing;
use super::constraints::{Constraints, Partner};
use super::memory::{Memory, unit};
use super::shelf::Shelf;
use crate::config::Settings;
use crate::decide::constrain::judged;
use crate::error::Result;
use crate::group::verdict::Repeat;
use crate::group::{name_bits, name_from, round_up};
use crate::story::{Corpus as _, StoryId, UnitId, UnitKind};
use crate::text::shingle;
use crate::verify::prepared::Making;
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

/// As [`join`], with what people decided. A link that would bring parted units together joins nothing and is taken out of `links`; then
/// those of partners go first, the others follow by strength.
pub fn join_decided(
    memory: &mut Memory,
    constraints: &mut Constraints,
    (name, partners): (Option<u32>, &[Partner]),
    links: &mut Vec<Link>,
    (unit, own_name): (u64, u64),
) -> (u32, Vec<String>) {
    let marks = constraints.marks(name);
    let joining = links.iter().filter(|l| l.relation.joins());
    let of = |memory: &Memory, link: &Link| memory.row(link.a.0).node;
    if marks.is_empty()
        && joining
            .clone()
            .all(|l| memory.groups.marks(of(memory, l)).is_none())
    {
        return join(memory, links, unit, own_name);
    }
    let own: BTreeSet<u32> = marks.iter().copied().collect();
    let is_partner = |l: &Link| partners.iter().any(|p| p.row == l.a.0);
    let mut order: Vec<Link> = joining.cloned().collect();
    order.sort_by(|x, y| {
        let rank = |l: &Link| (!is_partner(l), l.relation != Relation::Exact);
        rank(x)
            .cmp(&rank(y))
            .then_with(|| crate::group::stronger(x, y))
            .then_with(|| x.a.cmp(&y.a))
    });
    let mut node = None;
    let mut refused = BTreeSet::new();
    let mut merged = Vec::new();
    for link in &order {
        let other = of(memory, link);
        let here = node.map_or(Some(&own), |node| memory.groups.marks(node));
        let apart = constraints.part(here, memory.groups.marks(other));
        if apart && node.is_none_or(|n| memory.groups.root(n) != memory.groups.root(other)) {
            refused.insert(link.a);
        } else if let Some(node) = node {
            if let Some(gone) = memory.groups.join(node, other) {
                merged.push(name_from(gone));
            }
        } else {
            let held = memory.groups.hold(other);
            memory.groups.mark(held, &marks);
            node = Some(held);
        }
    }
    for partner in partners.iter().filter(|p| refused.contains(&UnitId(p.row))) {
        constraints.refuse(partner.decision);
    }
    links.retain(|l| !refused.contains(&l.a));
    let node = node.unwrap_or_else(|| {
        let node = memory.groups.found(unit, own_name);
        memory.groups.mark(node, &marks);
        node
    });
    (node, merged)
}

/// Makes links to the partners of a row join: the relation is [`Relation::Decided`] where verification would not join them.
pub fn add_partners(
    memory: &Memory,
    shelf: &mut dyn Shelf,
    (row, partners): (u32, &[Partner]),
    links: &mut Vec<Link>,
    settings: &Settings,
) -> Result<()> {
    for partner in partners {
        if let Some(link) = links.iter_mut().find(|l| l.a.0 == partner.row) {
            if !link.relation.joins() {
                link.relation = Relation::Decided;
            }
            continue;
        }
        let mut making = Making::new(settings);
        let sides = [
            comparing::known(memory, shelf, partner.row)?,
            comparing::known(memory, shelf, row)?,
        ];
        let [earlier, later] = sides.each_ref().map(|side| {
            let story = std::slice::from_ref(&*side.story);
            making.prepare(story.story(StoryId(0)), side.which as usize)
        });
        let ends = [(UnitId(partner.row), &earlier), (UnitId(row), &later)];
        links.extend(judged(ends[0], ends[1], true, settings));
    }
    Ok(())
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
