/*!
Findings → the lists of a page: one line for each group, template set and passage, the ones most worth opening first.

Input: [`Findings`] and the corpus. Output: [`Index`], and from it columns for the script. A group is worth opening for its size, then
for the number of outlets that ran it, then by input order; a passage is where the search for passages put it.
*/

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use super::super::cells::shorten;
use super::super::compare::one_line;
use super::facts::Facts;
use super::findings::{Findings, Named, Passage, Set};
use crate::config::Settings;
use crate::passages::Kind;
use crate::read::time;
use crate::story::{Corpus, UnitKind};
use crate::verify::Relation;
use crate::verify::prepared::Making;

/// Members whose facts make up the line of a set; more say nothing new.
const LOOKED_AT: usize = 2_000;
/// Cells of a passage in a list.
const PASSAGE: usize = 160;

/// A set, and what a list says of it.
#[derive(Debug)]
pub struct Entry<'f> {
    /// The set.
    pub set: &'f Set,
    /// What the representative is called.
    pub title: String,
    /// Its outlets, as positions in [`Index::outlets`], in order of first appearance.
    pub outlets: Vec<usize>,
    /// Earliest and latest time of its members.
    pub times: Option<(i64, i64)>,
    /// Whether two members or more have a time.
    pub dated: bool,
    /// Members that are later versions.
    pub revisions: usize,
}

impl Entry<'_> {
    /// A bit for each relation among its members, in the order of [`Relation::ALL`].
    fn relations(&self) -> u32 {
        let bit = |r: Relation| Relation::ALL.iter().position(|x| *x == r).unwrap_or(0);
        self.set
            .members
            .iter()
            .filter_map(|m| m.relation)
            .fold(0, |bits, r| bits | 1 << bit(r))
    }
}

/// All lists.
#[derive(Debug)]
pub struct Index<'f> {
    /// Names of outlets, in order of first appearance.
    pub outlets: Vec<String>,
    /// Groups, those most worth opening first.
    pub groups: Vec<Entry<'f>>,
    /// Template sets, likewise.
    pub templates: Vec<Entry<'f>>,
    /// Passages, in their order.
    pub passages: Vec<&'f Passage>,
    /// For each passage, stories that it stands in and that tell different things: those of one group count once.
    pub different: Vec<usize>,
}

impl<'f> Index<'f> {
    /// Looks at every member once.
    pub fn new<C: Corpus + ?Sized>(
        corpus: &C,
        findings: &'f Findings,
        settings: &Settings,
    ) -> Self {
        let mut outlets = Outlets::default();
        let groups = entries(corpus, &findings.groups, settings, &mut outlets);
        let templates = entries(corpus, &findings.templates, settings, &mut outlets);
        let passages: Vec<&Passage> = findings.passages.iter().flatten().collect();
        let of_units = units(&groups);
        let group = |unit: &Named| {
            let story = unit.story?;
            Some(
                of_units
                    .get(&(story.0, 0))
                    .map_or((1, story.0 as usize), |&g| (0, g)),
            )
        };
        let different = passages.par_iter().map(|passage| {
            let mut apart: Vec<(u8, usize)> = passage
                .occurrences
                .iter()
                .filter_map(|(u, _)| group(u))
                .collect();
            apart.sort_unstable();
            apart.dedup();
            apart.len()
        });
        Self {
            different: different.collect(),
            outlets: outlets.names,
            groups,
            templates,
            passages,
        }
    }

    /// The passage of a kind that stands in most stories that tell different things.
    pub fn widest(&self, kind: Kind) -> Option<(&'f Passage, usize)> {
        let all = self.passages.iter().zip(&self.different);
        all.filter(|(p, _)| p.kind == kind)
            .min_by_key(|(p, n)| Reverse((**n, p.stories)))
            .map(|(p, n)| (*p, *n))
    }

    /// Passages that are boilerplate, or those that are not.
    pub fn passages(&self, boilerplate: bool) -> impl Iterator<Item = &'f Passage> {
        self.passages
            .iter()
            .copied()
            .filter(move |p| (p.kind == Kind::Boilerplate) == boilerplate)
    }
}

#[derive(Default)]
struct Outlets {
    names: Vec<String>,
    places: BTreeMap<String, usize>,
}

impl Outlets {
    fn place(&mut self, name: String) -> usize {
        let next = self.names.len();
        *self.places.entry(name).or_insert_with_key(|name| {
            self.names.push(name.clone());
            next
        })
    }
}

/// What one look at a set's members gives.
type Seen = (String, Vec<String>, Option<(i64, i64)>, bool);

fn entries<'f, C: Corpus + ?Sized>(
    corpus: &C,
    sets: &'f [Set],
    settings: &Settings,
    outlets: &mut Outlets,
) -> Vec<Entry<'f>> {
    let seen: Vec<Seen> = sets
        .par_iter()
        .map_init(
            || Making::new(settings),
            |making, set| look(corpus, making, set),
        )
        .collect();
    let mut entries: Vec<Entry<'f>> = sets
        .iter()
        .zip(seen)
        .map(|(set, (title, names, times, dated))| {
            let mut own: Vec<usize> = Vec::new();
            for name in names {
                let place = outlets.place(name);
                if !own.contains(&place) {
                    own.push(place);
                }
            }
            let revision = Some(Relation::Revision);
            Entry {
                set,
                title,
                outlets: own,
                times,
                dated,
                revisions: set
                    .members
                    .iter()
                    .filter(|m| m.relation == revision)
                    .count(),
            }
        })
        .collect();
    entries.sort_by_key(|e| Reverse((e.set.members.len(), e.outlets.len())));
    entries
}

fn look<C: Corpus + ?Sized>(corpus: &C, making: &mut Making<'_>, set: &Set) -> Seen {
    let mut title = String::new();
    let mut names: Vec<String> = Vec::new();
    let mut times: Option<(i64, i64)> = None;
    let mut dated = false;
    for (i, member) in set.members.iter().take(LOOKED_AT).enumerate() {
        // A title may cost a look at the words, which is worth it for one member only.
        let kind = set.kind;
        let facts = Facts::brief(corpus, &member.unit);
        if i == set.representative {
            title = Facts::of(corpus, making, kind, &member.unit).title;
        }
        if names.last() != Some(&facts.outlet) {
            names.push(facts.outlet);
        }
        if let Some(s) = facts.seconds {
            dated = times.is_some();
            times = Some(times.map_or((s, s), |(from, to)| (from.min(s), to.max(s))));
        }
    }
    (title, names, times, dated)
}

/// How much of each line a list can hold.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Groups that are listed.
    pub groups: usize,
    /// Template sets that are listed.
    pub templates: usize,
    /// Passages that are listed.
    pub passages: usize,
    /// Cells of a title.
    pub title: usize,
    /// Ids of a group that can be searched for.
    pub ids: usize,
}

/// The lists as columns: what repeats from line to line stands together and packs well.
#[derive(Serialize)]
pub struct Columns<'f> {
    /// The paths to look in, as a shell reads them.
    within: &'f str,
    totals: Totals,
    outlets: &'f [String],
    groups: SetColumns<'f>,
    templates: SetColumns<'f>,
    passages: PassageColumns<'f>,
}

/// Lines of whole lists.
#[derive(Serialize)]
struct Totals {
    groups: usize,
    templates: usize,
    passages: usize,
    boilerplate: usize,
}

#[derive(Default, Serialize)]
struct SetColumns<'f> {
    name: Vec<&'f str>,
    caption: Vec<u8>,
    size: Vec<usize>,
    title: Vec<String>,
    outlets: Vec<&'f [usize]>,
    from: Vec<Option<i64>>,
    span: Vec<Option<i64>>,
    weakest: Vec<u32>,
    relations: Vec<u32>,
    revisions: Vec<usize>,
    ids: Vec<String>,
}

#[derive(Default, Serialize)]
struct PassageColumns<'f> {
    name: Vec<&'f str>,
    kind: Vec<&'static str>,
    words: Vec<u32>,
    stories: Vec<usize>,
    different: Vec<usize>,
    first: Vec<Option<i64>>,
    text: Vec<String>,
}

/// The lists, as far as there is room.
pub fn columns<'f>(index: &'f Index<'f>, within: &'f str, room: Room) -> Columns<'f> {
    let mut passages = PassageColumns::default();
    for (passage, &different) in index
        .passages
        .iter()
        .zip(&index.different)
        .take(room.passages)
    {
        passages.different.push(different);
        passages.name.push(&passage.name);
        passages.kind.push(passage.kind.name());
        passages.words.push(passage.words);
        passages.stories.push(passage.stories);
        passages
            .first
            .push(passage.first_seen.as_deref().and_then(time::parse));
        passages.text.push(brief(&passage.text, PASSAGE));
    }
    Columns {
        within,
        totals: Totals {
            groups: index.groups.len(),
            templates: index.templates.len(),
            passages: index.passages(false).count(),
            boilerplate: index.passages(true).count(),
        },
        outlets: &index.outlets,
        groups: set_columns(&index.groups, room.groups, room),
        templates: set_columns(&index.templates, room.templates, room),
        passages,
    }
}

fn set_columns<'f>(entries: &'f [Entry<'f>], most: usize, room: Room) -> SetColumns<'f> {
    let mut columns = SetColumns::default();
    for entry in entries.iter().take(most) {
        let set = entry.set;
        columns.name.push(&set.name);
        columns
            .caption
            .push(u8::from(set.kind == UnitKind::Caption));
        columns.size.push(set.members.len());
        columns.title.push(shorten(&entry.title, room.title));
        columns.outlets.push(&entry.outlets);
        columns.from.push(entry.times.map(|(from, _)| from));
        columns.span.push(
            entry
                .times
                .filter(|_| entry.dated)
                .map(|(from, to)| to - from),
        );
        // Whole numbers are shorter than fractions.
        columns.weakest.push((set.weakest * 1e4).round() as u32);
        columns.relations.push(entry.relations());
        columns.revisions.push(entry.revisions);
        let ids: Vec<String> = set
            .members
            .iter()
            .take(room.ids)
            .map(|m| one_line(&m.unit.id))
            .collect();
        columns.ids.push(ids.join("\n"));
    }
    columns
}

/// Text on one line, of so many cells.
pub fn brief(text: &str, cells: usize) -> String {
    // More characters than cells are never shown.
    let end = text
        .char_indices()
        .nth(4 * cells)
        .map_or(text.len(), |(at, _)| at);
    shorten(&one_line(&text[..end]), cells)
}

/// Where a unit is named elsewhere in the findings.
#[derive(Debug, Default)]
pub struct Whereabouts {
    groups: BTreeMap<(u32, usize), usize>,
    templates: BTreeMap<(u32, usize), usize>,
    passages: BTreeMap<u32, Vec<usize>>,
}

/// Things of the same kind that a view points to.
const POINTED: usize = 8;

/// What else the stories of a set have to do with.
#[derive(Debug, Default, Serialize)]
pub struct Related {
    /// Groups: name and title.
    g: Vec<(String, String)>,
    /// Template sets: name and title.
    t: Vec<(String, String)>,
    /// Passages that other stories have too: name, kind, number of stories, opening.
    p: Vec<(String, &'static str, usize, String)>,
}

impl Whereabouts {
    /// Of all units of the index.
    pub fn new(index: &Index<'_>) -> Self {
        let mut passages: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (i, passage) in index.passages.iter().enumerate() {
            for story in passage.occurrences.iter().filter_map(|(u, _)| u.story) {
                let all = passages.entry(story.0).or_default();
                if all.last() != Some(&i) {
                    all.push(i);
                }
            }
        }
        Self {
            groups: units(&index.groups),
            templates: units(&index.templates),
            passages,
        }
    }

    /// The group of a unit.
    pub fn group<'i>(&self, index: &'i Index<'_>, unit: &Named) -> Option<&'i str> {
        let place = *self.groups.get(&key(unit)?)?;
        Some(&index.groups[place].set.name)
    }

    /// What a set has to do with.
    pub fn related(&self, index: &Index<'_>, set: &Set) -> Related {
        let mut groups: Vec<usize> = Vec::new();
        let mut templates: Vec<usize> = Vec::new();
        let mut passages: Vec<usize> = Vec::new();
        for unit in set.members.iter().map(|m| &m.unit) {
            let Some(key) = key(unit) else { continue };
            groups.extend(self.groups.get(&key));
            templates.extend(self.templates.get(&key));
            if unit.which == 0 {
                passages.extend(self.passages.get(&key.0).into_iter().flatten());
            }
        }
        let named = |mut places: Vec<usize>, entries: &[Entry<'_>]| {
            places.sort_unstable();
            places.dedup();
            places
                .iter()
                .map(|&i| &entries[i])
                .filter(|e| e.set.name != set.name)
                .take(POINTED)
                .map(|e| (e.set.name.clone(), e.title.clone()))
                .collect()
        };
        passages.sort_unstable();
        passages.dedup();
        Related {
            g: named(groups, &index.groups),
            t: named(templates, &index.templates),
            p: passages
                .iter()
                .map(|&i| index.passages[i])
                // What the set alone has is seen side by side.
                .filter(|p| p.stories > set.members.len())
                .take(POINTED)
                .map(|p| {
                    (
                        p.name.clone(),
                        p.kind.name(),
                        p.stories,
                        brief(&p.text, PASSAGE),
                    )
                })
                .collect(),
        }
    }
}

/// For each unit of these sets the set that it is in.
fn units(entries: &[Entry<'_>]) -> BTreeMap<(u32, usize), usize> {
    let mut map = BTreeMap::new();
    for (i, entry) in entries.iter().enumerate() {
        for key in entry.set.members.iter().filter_map(|m| key(&m.unit)) {
            map.insert(key, i);
        }
    }
    map
}

fn key(unit: &Named) -> Option<(u32, usize)> {
    Some((unit.story?.0, unit.which))
}
