/*!
What a page tells, however it was found: by a run of this program just now, or by an earlier one whose output was kept.

Input: the outcome of a run, or lines of `group`, `--links` and `passages` (see [`lines`](super::lines)). Output: [`Findings`].
Invariants: groups and passages keep the order of their input; template sets are in input order of their first member;
nothing here holds a text of a story but the opening that `passages` gives.
*/

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::group::union_find::UnionFind;
use crate::passages::Kind;
use crate::pipeline::{Outcome, passages};
use crate::report::{group_name, json::rounded, unit};
use crate::story::{ByteRange, Corpus, StoryId, UnitId, UnitKind};
use crate::verify::Relation;

/// A unit that a finding names.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// The file of its story.
    pub path: String,
    /// The line of its story, where the file has one story a line.
    pub line: Option<u64>,
    /// The time of its story, as the input writes it.
    pub time: Option<String>,
    /// Its story in the corpus; none where it is no longer found there.
    pub story: Option<StoryId>,
    /// Number of the unit in the story; 0 is the record as a whole.
    pub which: usize,
}

/// How a member is tied to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tie {
    /// The other, as a position among the members.
    pub to: usize,
    /// Jaccard similarity.
    pub jaccard: f64,
    /// The larger of the two containments.
    pub containment: f64,
}

/// A unit in a set.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The unit.
    pub unit: Named,
    /// What it is to the unit that it is tied to; none for the first.
    pub relation: Option<Relation>,
    /// The tie; none for the first.
    pub tie: Option<Tie>,
}

/// Units that belong together: a group, or those that fill one template.
#[derive(Clone, Debug, PartialEq)]
pub struct Set {
    /// Its name.
    pub name: String,
    /// What its members are.
    pub kind: UnitKind,
    /// Earliest first.
    pub members: Vec<Member>,
    /// The member that stands for it.
    pub representative: usize,
    /// Least similarity on the strongest chain that holds it together.
    pub weakest: f64,
}

/// A run of text that stands in several stories.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// Its name.
    pub name: String,
    /// Words of the earliest occurrence.
    pub words: u32,
    /// Stories that it stands in.
    pub stories: usize,
    /// What kind of text.
    pub kind: Kind,
    /// Time of the earliest occurrence.
    pub first_seen: Option<String>,
    /// Text of the earliest occurrence.
    pub text: String,
    /// Where it stands, earliest first.
    pub occurrences: Vec<(Named, ByteRange)>,
}

/// A verified pair, as far as a page needs it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// What the units are.
    pub kind: UnitKind,
    /// What kind of repeat.
    pub relation: Relation,
    /// Jaccard similarity.
    pub jaccard: f64,
}

/// What was compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Stories read.
    pub stories: u64,
    /// Story bodies compared.
    pub bodies: u64,
    /// Captions compared.
    pub captions: u64,
}

/// All that a page tells.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Groups of two or more.
    pub groups: Vec<Set>,
    /// Units that fill one template.
    pub templates: Vec<Set>,
    /// Passages, boilerplate among them; none where they were not looked for.
    pub passages: Option<Vec<Passage>>,
    /// Pairs; those that tie members to one another where no others are known.
    pub pairs: Vec<Pair>,
    /// Whether `pairs` are all verified pairs, those that join nothing too.
    pub all_pairs: bool,
    /// What was compared, where that is known.
    pub counts: Option<Counts>,
    /// Things that whoever reads the page has to know: what could not be read, what was left out.
    pub notes: Vec<String>,
}

impl Findings {
    /// What a run found.
    pub fn of<C: Corpus + ?Sized>(
        corpus: &C,
        outcome: &Outcome,
        passages: Option<&passages::Outcome>,
    ) -> Self {
        let groups = outcome.groups.par_iter().map(|group| {
            let members = group.members.iter().map(|member| Member {
                unit: named(corpus, outcome, member.unit),
                relation: member.link.as_ref().map(|tie| tie.link.relation),
                tie: member.link.as_ref().map(|tie| Tie {
                    to: tie.to,
                    jaccard: rounded(tie.link.jaccard()),
                    containment: rounded(tie.link.containment_a().max(tie.link.containment_b())),
                }),
            });
            Set {
                name: group.name.clone(),
                kind: group.kind,
                members: members.collect(),
                representative: group.representative,
                weakest: rounded(group.weakest),
            }
        });
        let mut filled = Filled::default();
        for link in outcome
            .links
            .iter()
            .filter(|l| l.relation == Relation::Template)
        {
            let ends = [link.a, link.b].map(|end| {
                filled.unit(u64::from(end.0), || {
                    (unit(outcome, end).kind, named(corpus, outcome, end))
                })
            });
            let containment = link.containment_a().max(link.containment_b());
            filled.pair(ends, rounded(link.jaccard()), rounded(containment));
        }
        let pairs = outcome.links.iter().map(|link| Pair {
            kind: unit(outcome, link.a).kind,
            relation: link.relation,
            jaccard: link.jaccard(),
        });
        Self {
            groups: groups.collect(),
            templates: filled.sets(),
            passages: passages.map(|p| found_passages(corpus, p)),
            pairs: pairs.collect(),
            all_pairs: true,
            counts: Some(Counts {
                stories: outcome.stats.stories,
                bodies: outcome.stats.story_units,
                captions: outcome.stats.caption_units,
            }),
            notes: Vec::new(),
        }
    }

    /// Members beyond the first of each group.
    pub fn repeats(&self) -> usize {
        self.groups.iter().map(|g| g.members.len() - 1).sum()
    }
}

fn named<C: Corpus + ?Sized>(corpus: &C, outcome: &Outcome, id: UnitId) -> Named {
    let unit = unit(outcome, id);
    let which = usize::from(unit.caption);
    let named = of_story(corpus, unit.story, which);
    Named {
        id: unit.id(&named.id),
        ..named
    }
}

/// A story as a finding names it.
pub(super) fn of_story<C: Corpus + ?Sized>(corpus: &C, id: StoryId, which: usize) -> Named {
    let story = corpus.head(id);
    let origin = corpus.origin(id);
    Named {
        id: story.id.into_owned(),
        path: origin.path.to_owned(),
        line: origin.line,
        time: story.time.map(std::borrow::Cow::into_owned),
        story: Some(id),
        which,
    }
}

fn found_passages<C: Corpus + ?Sized>(corpus: &C, outcome: &passages::Outcome) -> Vec<Passage> {
    let passages = outcome.found.passages.par_iter().map(|passage| Passage {
        name: passage.name.clone(),
        words: passage.words(),
        stories: passage.stories,
        kind: passage.kind,
        first_seen: passage.first_seen(corpus),
        text: passage.text(corpus),
        occurrences: passage
            .occurrences
            .iter()
            .map(|o| (of_story(corpus, o.story, 0), o.range))
            .collect(),
    });
    passages.collect()
}

/// Pairs of one form → the sets that they make up.
#[derive(Default)]
pub(super) struct Filled {
    /// Units in order of their keys.
    units: BTreeMap<u64, usize>,
    found: Vec<(u64, UnitKind, Named)>,
    pairs: Vec<([usize; 2], f64, f64)>,
}

impl Filled {
    /// The place of the unit with that key; keys follow input order.
    pub fn unit(&mut self, key: u64, make: impl FnOnce() -> (UnitKind, Named)) -> usize {
        *self.units.entry(key).or_insert_with(|| {
            let (kind, unit) = make();
            self.found.push((key, kind, unit));
            self.found.len() - 1
        })
    }

    /// Two places of one form.
    pub fn pair(&mut self, places: [usize; 2], jaccard: f64, containment: f64) {
        self.pairs.push((places, jaccard, containment));
    }

    /// Connected components, in order of their first member.
    pub fn sets(mut self) -> Vec<Set> {
        let mut order: Vec<usize> = (0..self.pairs.len()).collect();
        order.sort_by(|&x, &y| {
            let (x, y) = (&self.pairs[x], &self.pairs[y]);
            y.1.total_cmp(&x.1).then_with(|| x.0.cmp(&y.0))
        });
        let mut union = UnionFind::new(self.found.len());
        let mut weakest = vec![f64::INFINITY; self.found.len()];
        let mut ties: Vec<Vec<(usize, f64, f64)>> = vec![Vec::new(); self.found.len()];
        for &pair in &order {
            let ([a, b], jaccard, containment) = self.pairs[pair];
            ties[a].push((b, jaccard, containment));
            ties[b].push((a, jaccard, containment));
            let (root_a, root_b) = (union.find(a as u32), union.find(b as u32));
            let least = weakest[root_a as usize].min(weakest[root_b as usize]);
            if union.join(a as u32, b as u32) {
                weakest[union.find(a as u32) as usize] = least.min(jaccard);
            }
        }
        let mut sets: Vec<(u32, Vec<usize>)> = Vec::new();
        let mut set_of: BTreeMap<u32, usize> = BTreeMap::new();
        for &place in self.units.values() {
            let root = union.find(place as u32);
            let number = *set_of.entry(root).or_insert_with(|| {
                sets.push((root, Vec::new()));
                sets.len() - 1
            });
            sets[number].1.push(place);
        }
        let mut made = Vec::new();
        for (root, mut places) in sets {
            let (_, kind, first) = &self.found[places[0]];
            let name = group_name(*kind, &first.id).replacen("g-", "t-", 1);
            let kind = *kind;
            places.sort_by_key(|&p| {
                let (key, _, unit) = &self.found[p];
                let seconds = unit.time.as_deref().and_then(crate::read::time::parse);
                (seconds.is_none(), seconds, *key)
            });
            let position: BTreeMap<usize, usize> =
                places.iter().enumerate().map(|(i, &p)| (p, i)).collect();
            let members = places.iter().enumerate().map(|(i, &place)| {
                // The strongest to an earlier one, else the strongest of all.
                let all = || ties[place].iter().map(|t| (position[&t.0], t.1, t.2));
                let tie = all().find(|t| t.0 < i).or_else(|| all().next());
                let tie = tie.filter(|_| i > 0).map(|(to, jaccard, containment)| Tie {
                    to,
                    jaccard,
                    containment,
                });
                Member {
                    unit: self.found[place].2.clone(),
                    relation: tie.map(|_| Relation::Template),
                    tie,
                }
            });
            made.push(Set {
                name,
                kind,
                members: members.collect(),
                representative: 0,
                weakest: weakest[root as usize],
            });
        }
        self.pairs.clear();
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn unit(id: &str, time: Option<&str>) -> (UnitKind, Named) {
        let named = Named {
            id: id.to_owned(),
            path: "a.jsonl".to_owned(),
            line: Some(1),
            time: time.map(str::to_owned),
            story: None,
            which: 0,
        };
        (UnitKind::Caption, named)
    }

    #[test]
    fn pairs_of_one_form_make_sets() {
        let mut filled = Filled::default();
        let a = filled.unit(0, || unit("a", Some("2031-03-03")));
        let b = filled.unit(1, || unit("b", Some("2031-03-02")));
        let c = filled.unit(2, || unit("c", None));
        let x = filled.unit(7, || unit("x", None));
        let y = filled.unit(8, || unit("y", None));
        assert_eq!(filled.unit(0, || unreachable!()), a);
        filled.pair([a, b], 0.5, 0.6);
        filled.pair([b, c], 0.7, 0.8);
        filled.pair([x, y], 0.3, 0.4);
        let sets = filled.sets();
        let ids: Vec<Vec<&str>> = sets
            .iter()
            .map(|s| s.members.iter().map(|m| m.unit.id.as_str()).collect())
            .collect();
        // The earliest first; what has no time comes last.
        assert_eq!(ids, [vec!["b", "a", "c"], vec!["x", "y"]]);
        assert_eq!(sets[0].weakest.to_string(), "0.5");
        let ties: Vec<Option<usize>> = sets[0]
            .members
            .iter()
            .map(|m| m.tie.map(|t| t.to))
            .collect();
        assert_eq!(ties, [None, Some(0), Some(0)]);
        assert!(sets.iter().all(|s| s.name.starts_with("t-")));
    }

    #[test]
    fn an_outcome_keeps_its_order() {
        let (stories, outcome) = sample::outcome();
        let findings = Findings::of(&stories[..], &outcome, None);
        assert_eq!(findings.groups.len(), 2);
        assert_eq!(findings.repeats(), 3);
        assert_eq!(findings.groups[1].members[1].unit.id, "ap-9#caption-1");
        assert_eq!(findings.groups[1].members[1].unit.which, 1);
        assert!(findings.passages.is_none());
    }
}
