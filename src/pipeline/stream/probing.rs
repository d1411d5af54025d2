//! What a stream would answer, without remembering anything: how an index is asked.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::comparing::{self, Side};
use super::deciding;
use super::memory::{Memory, Row};
use super::ready::Ready;
use super::{Stream, Verdict};
use crate::error::Result;
use crate::group::name_from;
use crate::index::Candidates;
use crate::pipeline::bundles::Rooms;
use crate::story::{Story, UnitKind};
use crate::verify::Link;

/// What a unit has in common with what is known.
enum Found {
    /// It has no words.
    Nothing,
    /// It has the words of this row.
    Same(u32),
    /// Its links to known rows.
    Links(Vec<Link>),
}

/// A story that is asked about.
enum Asked {
    /// It is known itself.
    Known(u64),
    /// It is not: its units.
    New(Story<'static>, Vec<(UnitKind, u16, Found)>),
}

impl Stream {
    /// The verdicts on stories, each as if it came next: they are not compared with one another, and nothing is remembered.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn ask<'a>(
        &mut self,
        stories: impl IntoIterator<Item = Ready<'a>>,
    ) -> Result<Vec<Arc<[Verdict]>>> {
        let asked = self.find(stories)?;
        asked.into_iter().map(|a| self.answer(a)).collect()
    }

    /// Numbers of the known stories that stories are to be shown with, in order: the members of groups that they would join, and what
    /// else they have links with; with the units of those that are compared by keys.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn relatives<'a>(
        &mut self,
        stories: impl IntoIterator<Item = Ready<'a>>,
    ) -> Result<(BTreeSet<u64>, Vec<u64>)> {
        let mut roots = HashSet::new();
        let mut numbers = BTreeSet::new();
        for asked in self.find(stories)? {
            let (memory, root) = (&self.memory, |row: Row| self.memory.groups.root(row.node));
            match asked {
                Asked::Known(number) => {
                    numbers.insert(number);
                    let rows = memory.story(number).rows();
                    roots.extend(rows.map(|row| root(memory.row(row))));
                }
                Asked::New(_, units) => {
                    for (.., found) in units {
                        match found {
                            Found::Nothing => {}
                            Found::Same(row) => drop(roots.insert(root(memory.row(row)))),
                            Found::Links(links) => {
                                for link in links {
                                    let row = memory.row(link.a.0);
                                    if link.relation.joins() {
                                        roots.insert(root(row));
                                    } else {
                                        numbers.insert(row.story);
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        let rows = self.memory.rows.iter().flatten();
        let of_groups = rows.filter(|r| roots.contains(&self.memory.groups.root(r.node)));
        let units: Vec<u64> = of_groups.clone().map(|r| r.unit).collect();
        numbers.extend(of_groups.map(|r| r.story));
        Ok((numbers, units))
    }

    fn find<'a>(&mut self, stories: impl IntoIterator<Item = Ready<'a>>) -> Result<Vec<Asked>> {
        let mut asked = Vec::new();
        let mut candidates = Candidates::default();
        let mut others = Vec::new();
        // The rows that the units would have, and their pairs.
        let first = self.memory.next_row();
        let mut guests: Vec<Side> = Vec::new();
        let mut pairs = Vec::new();
        let mut places = Vec::new();
        for ready in stories {
            if let Some(&number) = self.memory.known.get(&ready.identity) {
                asked.push(Asked::Known(number));
                continue;
            }
            let story = Arc::new(super::shelf::kept(ready.story, true));
            let mut units = Vec::with_capacity(ready.units.len());
            for (which, unit) in ready.units.iter().enumerate() {
                let own = Row::of(u64::MAX, u64::MAX, which, unit, ready.seconds);
                let same = self.memory.same_words.get(&unit.content);
                let found = match same {
                    _ if unit.tokens == 0 => Found::Nothing,
                    Some(&row) => Found::Same(row),
                    None => {
                        self.memory.candidates(
                            own,
                            unit,
                            &self.settings,
                            &mut candidates,
                            &mut others,
                        );
                        let row = first + guests.len() as u32;
                        guests.push(Side {
                            which: which as u32,
                            words: unit.tokens,
                            content: unit.content,
                            story: story.clone(),
                        });
                        pairs.extend(others.iter().map(|&other| (row, other)));
                        places.push((asked.len(), which));
                        Found::Links(Vec::new())
                    }
                };
                units.push((unit.kind, unit.caption, found));
            }
            asked.push(Asked::New((*story).clone(), units));
        }
        let (memory, shelf) = (&self.memory, &mut *self.shelf);
        let mut side = |row: u32| match row.checked_sub(first) {
            Some(guest) => Ok(guests[guest as usize].clone()),
            None => comparing::known(memory, shelf, row),
        };
        let links = comparing::links(&mut side, (&self.settings, &Rooms::default()), &pairs)?;
        for (link, &(row, _)) in links.into_iter().zip(&pairs) {
            let (story, unit) = places[(row - first) as usize];
            if let (Some(link), Asked::New(_, units)) = (link, &mut asked[story])
                && let Found::Links(links) = &mut units[unit].2
            {
                links.push(link);
            }
        }
        for asked in &mut asked {
            if let Asked::New(story, units) = asked {
                let title = story.title.as_deref().unwrap_or_default();
                for (kind, _, found) in units {
                    if let (UnitKind::Story, Found::Links(links)) = (*kind, found) {
                        deciding::part_round_ups(&self.memory, &mut *self.shelf, title, links)?;
                    }
                }
            }
        }
        Ok(asked)
    }

    fn answer(&mut self, asked: Asked) -> Result<Arc<[Verdict]>> {
        let (story, units) = match asked {
            Asked::Known(number) => return self.verdicts_again(number),
            Asked::New(story, units) => (story, units),
        };
        let (memory, shelf) = (&self.memory, &mut *self.shelf);
        let mut verdicts = Vec::with_capacity(units.len());
        for (kind, caption, found) in units {
            let own_name = deciding::own_name(kind, caption, &story.id);
            let (name, repeat, merged) = match found {
                Found::Nothing => (own_name, None, Vec::new()),
                Found::Same(row) => {
                    let name = memory.groups.name(memory.row(row).node);
                    (name, Some(deciding::exact(memory, shelf, row)?), Vec::new())
                }
                Found::Links(links) => {
                    let (name, merged) = would_join(memory, &links, own_name);
                    (name, deciding::best(memory, shelf, &links)?, merged)
                }
            };
            verdicts.push(Verdict {
                kind,
                caption,
                repeat,
                group: name_from(name),
                merged,
            });
        }
        Ok(verdicts.into())
    }
}

/// The name of the group that links lead to, and those that would be given up; see [`deciding::join`].
fn would_join(memory: &Memory, links: &[Link], own_name: u64) -> (u64, Vec<String>) {
    let mut group: Option<(u64, u64)> = None;
    let mut seen = HashSet::new();
    let mut merged = Vec::new();
    for link in links.iter().filter(|l| l.relation.joins()) {
        let root = memory.groups.root(memory.row(link.a.0).node);
        if !seen.insert(root) {
            continue;
        }
        let other = (memory.groups.first(root), memory.groups.name(root));
        let kept = match group {
            None => other,
            Some(own) => {
                let (early, late) = if own.0 < other.0 {
                    (own, other)
                } else {
                    (other, own)
                };
                merged.push(name_from(late.1));
                early
            }
        };
        group = Some(kept);
    }
    (group.map_or(own_name, |g| g.1), merged)
}
