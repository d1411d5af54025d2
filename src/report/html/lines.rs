/*!
Output of earlier runs → [`Findings`]: the JSON lines of `samewire group`, of its `--links`, and of `samewire passages`.

Input: lines, in any order and mixed, and then the corpus that they speak of, read again from the files that they name. Output:
findings whose units point to stories of that corpus. Invariants: a line that is none of the three is a [`Fault`] and costs only
itself; a unit whose story is no longer where it was keeps what the line says of it and has no text.
*/

use std::collections::{BTreeSet, HashMap};
use std::io::{self, BufRead};

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::findings::{Filled, Findings, Member, Named, Pair, Passage, Set, Tie};
use crate::passages::Kind;
use crate::story::{ByteRange, Corpus, StoryId, UnitKind};
use crate::verify::Relation;

/// Between a story's id and the number of a caption.
const CAPTION: &str = "#caption-";

/// A line that is no group, link or passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong.
    pub reason: String,
}

/// Lines as they were written.
#[derive(Debug, Default)]
pub struct Kept {
    groups: Vec<GroupLine>,
    links: Vec<LinkLine>,
    passages: Vec<PassageLine>,
    /// Whether links were given, though there may be none.
    pub has_links: bool,
    /// Whether passages were given, though there may be none.
    pub has_passages: bool,
}

/// How many units were not found again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Units of groups and passages whose story is no longer there.
    pub units: u64,
    /// Ends of links whose id is in none of the files.
    pub ends: u64,
}

#[derive(Debug, Deserialize)]
struct GroupLine {
    group: String,
    unit: UnitKind,
    representative: String,
    weakest: Option<f64>,
    members: Vec<MemberLine>,
}

#[derive(Debug, Deserialize)]
struct MemberLine {
    id: String,
    path: String,
    line: Option<u64>,
    time: Option<String>,
    relation: String,
    to: Option<String>,
    jaccard: Option<f64>,
    containment: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct LinkLine {
    a: String,
    b: String,
    unit: UnitKind,
    relation: String,
    jaccard: f64,
    containment_a: f64,
    containment_b: f64,
}

#[derive(Debug, Deserialize)]
struct PassageLine {
    passage: String,
    words: u32,
    stories: usize,
    kind: Kind,
    first_seen: Option<String>,
    text: String,
    occurrences: Vec<OccurrenceLine>,
}

#[derive(Debug, Deserialize)]
struct OccurrenceLine {
    id: String,
    path: String,
    line: Option<u64>,
    start: u32,
    end: u32,
}

/// What tells one kind of line from another.
#[derive(Deserialize)]
struct Marks {
    group: Option<IgnoredAny>,
    members: Option<IgnoredAny>,
    passage: Option<IgnoredAny>,
    occurrences: Option<IgnoredAny>,
    a: Option<IgnoredAny>,
    b: Option<IgnoredAny>,
    relation: Option<IgnoredAny>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Group,
    Link,
    Passage,
}

fn which(line: &[u8]) -> Option<Which> {
    let marks: Marks = serde_json::from_slice(line).ok()?;
    if marks.group.is_some() && marks.members.is_some() {
        Some(Which::Group)
    } else if marks.passage.is_some() && marks.occurrences.is_some() {
        Some(Which::Passage)
    } else if marks.a.is_some() && marks.b.is_some() && marks.relation.is_some() {
        Some(Which::Link)
    } else {
        None
    }
}

/// Whether a line is one that this program writes.
pub fn is_output(line: &[u8]) -> bool {
    which(line).is_some()
}

/// Whether a name is one that this program gives: it goes into addresses.
fn is_name(name: &str, letter: u8) -> bool {
    let bytes = name.as_bytes();
    bytes.len() > 2
        && bytes.starts_with(&[letter, b'-'])
        && bytes[2..].iter().all(u8::is_ascii_hexdigit)
}

impl Kept {
    /// Takes the lines of a file.
    ///
    /// # Errors
    /// When reading fails.
    pub fn read(&mut self, input: &mut dyn BufRead) -> io::Result<Vec<Fault>> {
        let mut faults = Vec::new();
        let mut bytes = Vec::new();
        for number in 1.. {
            bytes.clear();
            if input.read_until(b'\n', &mut bytes)? == 0 {
                break;
            }
            if bytes.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            if let Err(reason) = self.take(&bytes) {
                faults.push(Fault {
                    line: number,
                    reason,
                });
            }
        }
        Ok(faults)
    }

    fn take(&mut self, line: &[u8]) -> Result<(), String> {
        let said = |e: serde_json::Error| e.to_string();
        match which(line) {
            Some(Which::Group) => {
                let group: GroupLine = serde_json::from_slice(line).map_err(said)?;
                if !is_name(&group.group, b'g') {
                    return Err("the name is not that of a group".to_owned());
                }
                // What repeats nothing is listed by `--all`.
                if group.members.len() > 1 {
                    self.groups.push(group);
                }
            }
            Some(Which::Link) => {
                self.has_links = true;
                let link = serde_json::from_slice(line).map_err(said)?;
                self.links.push(link);
            }
            Some(Which::Passage) => {
                self.has_passages = true;
                let passage: PassageLine = serde_json::from_slice(line).map_err(said)?;
                if !is_name(&passage.passage, b'p') {
                    return Err("the name is not that of a passage".to_owned());
                }
                self.passages.push(passage);
            }
            None => return Err("is no group, link or passage".to_owned()),
        }
        Ok(())
    }

    /// The files that hold the stories, each once, sorted.
    pub fn paths(&self) -> Vec<String> {
        let members = self.groups.iter().flat_map(|g| &g.members).map(|m| &m.path);
        let places = self.passages.iter().flat_map(|p| &p.occurrences);
        let all: BTreeSet<&String> = members.chain(places.map(|o| &o.path)).collect();
        all.into_iter().filter(|p| *p != "-").cloned().collect()
    }

    /// What the lines say, of the stories of this corpus.
    pub fn findings<C: Corpus + ?Sized>(self, corpus: &C) -> (Findings, Lost) {
        let mut again = Again::new(corpus);
        let groups: Vec<Set> = self.groups.into_iter().map(|g| again.group(g)).collect();
        let passages = self.has_passages.then(|| {
            let all = self.passages.into_iter();
            all.map(|p| again.passage(p)).collect()
        });
        let mut filled = Filled::default();
        let mut pairs = Vec::new();
        if self.has_links {
            let mut by_id = ById::new(corpus);
            for link in self.links {
                let Some(relation) = relation(&link.relation) else {
                    continue;
                };
                pairs.push(Pair {
                    kind: link.unit,
                    relation,
                    jaccard: link.jaccard,
                });
                if relation == Relation::Template {
                    let ends = [&link.a, &link.b].map(|id| by_id.unit(&mut filled, link.unit, id));
                    let containment = link.containment_a.max(link.containment_b);
                    filled.pair(ends, link.jaccard, containment);
                }
            }
            again.lost.ends = by_id.lost;
        } else {
            for (kind, member) in groups
                .iter()
                .flat_map(|g| g.members.iter().map(|m| (g.kind, m)))
            {
                if let (Some(relation), Some(tie)) = (member.relation, member.tie) {
                    pairs.push(Pair {
                        kind,
                        relation,
                        jaccard: tie.jaccard,
                    });
                }
            }
        }
        let findings = Findings {
            groups,
            templates: filled.sets(),
            passages,
            pairs,
            all_pairs: self.has_links,
            counts: None,
            notes: Vec::new(),
        };
        (findings, again.lost)
    }
}

/// Stories found again by their places.
struct Again<'c, C: Corpus + ?Sized> {
    corpus: &'c C,
    places: HashMap<(&'c str, Option<u64>), StoryId>,
    lost: Lost,
}

impl<'c, C: Corpus + ?Sized> Again<'c, C> {
    fn new(corpus: &'c C) -> Self {
        let ids = (0..corpus.len() as u32).map(StoryId);
        Self {
            corpus,
            places: ids
                .map(|id| {
                    let origin = corpus.origin(id);
                    ((origin.path, origin.line), id)
                })
                .collect(),
            lost: Lost::default(),
        }
    }

    fn named(
        &mut self,
        id: String,
        path: String,
        line: Option<u64>,
        time: Option<String>,
    ) -> Named {
        let found = self.places.get(&(path.as_str(), line)).copied();
        let which = found.and_then(|story| number_in(&id, &self.corpus.story(story).id));
        if which.is_none() {
            self.lost.units += 1;
        }
        Named {
            story: found.filter(|_| which.is_some()),
            which: which.unwrap_or(0),
            id,
            path,
            line,
            time,
        }
    }

    fn group(&mut self, line: GroupLine) -> Set {
        let ids: Vec<String> = line.members.iter().map(|m| m.id.clone()).collect();
        let place = |id: &str| ids.iter().position(|x| x == id);
        let members = line.members.into_iter().enumerate().map(|(i, member)| {
            let tie = match (member.to.as_deref(), member.jaccard) {
                (Some(to), Some(jaccard)) => ids[..i]
                    .iter()
                    .rposition(|x| x == to)
                    .or_else(|| place(to))
                    .map(|to| Tie {
                        to,
                        jaccard,
                        containment: member.containment.unwrap_or(0.0),
                    }),
                _ => None,
            };
            Member {
                unit: self.named(member.id, member.path, member.line, member.time),
                relation: relation(&member.relation).filter(|_| tie.is_some()),
                tie,
            }
        });
        Set {
            name: line.group,
            kind: line.unit,
            members: members.collect(),
            representative: place(&line.representative).unwrap_or(0),
            weakest: line.weakest.unwrap_or(0.0),
        }
    }

    fn passage(&mut self, line: PassageLine) -> Passage {
        let occurrences = line.occurrences.into_iter().map(|o| {
            let range = ByteRange {
                start: o.start,
                end: o.end,
            };
            (self.named(o.id, o.path, o.line, None), range)
        });
        Passage {
            name: line.passage,
            words: line.words,
            stories: line.stories,
            kind: line.kind,
            first_seen: line.first_seen,
            text: line.text,
            occurrences: occurrences.collect(),
        }
    }
}

/// Stories found by their ids, of which a link says no more. Of several with one id the first counts.
struct ById<'c, C: Corpus + ?Sized> {
    corpus: &'c C,
    stories: HashMap<String, StoryId>,
    /// Ids that no story has, and the keys they got.
    unknown: HashMap<String, u64>,
    lost: u64,
}

impl<'c, C: Corpus + ?Sized> ById<'c, C> {
    fn new(corpus: &'c C) -> Self {
        let mut stories = HashMap::new();
        for i in 0..corpus.len() as u32 {
            let id = corpus.story(StoryId(i)).id.into_owned();
            stories.entry(id).or_insert(StoryId(i));
        }
        Self {
            corpus,
            stories,
            unknown: HashMap::new(),
            lost: 0,
        }
    }

    fn unit(&mut self, filled: &mut Filled, kind: UnitKind, id: &str) -> usize {
        let found = self.stories.get(id).map(|&story| (story, 0)).or_else(|| {
            let (story, number) = id.rsplit_once(CAPTION)?;
            Some((*self.stories.get(story)?, number.parse().ok()?))
        });
        let Some((story, which)) = found else {
            let stories = self.corpus.len() as u64;
            let next = (stories + self.unknown.len() as u64) << KEY_BITS;
            let key = *self.unknown.entry(id.to_owned()).or_insert(next);
            let lost = &mut self.lost;
            return filled.unit(key, || {
                *lost += 1;
                let named = Named {
                    id: id.to_owned(),
                    path: String::new(),
                    line: None,
                    time: None,
                    story: None,
                    which: 0,
                };
                (kind, named)
            });
        };
        let corpus = self.corpus;
        let key = (u64::from(story.0) << KEY_BITS) + which as u64;
        filled.unit(key, || {
            let named = super::findings::of_story(corpus, story, which);
            let id = id.to_owned();
            (kind, Named { id, ..named })
        })
    }
}

/// Bits of a key that tell the captions of one story apart.
const KEY_BITS: u32 = 16;

/// Number of the unit with that id in the story with the other; none where it is of another story.
fn number_in(id: &str, story: &str) -> Option<usize> {
    let rest = id.strip_prefix(story)?;
    if rest.is_empty() {
        return Some(0);
    }
    rest.strip_prefix(CAPTION)?.parse().ok()
}

fn relation(name: &str) -> Option<Relation> {
    Relation::ALL.into_iter().find(|r| r.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{json, sample};

    #[test]
    fn what_was_written_is_read_again() {
        let (stories, outcome) = sample::outcome();
        let mut text = Vec::new();
        json::groups(&mut text, &stories[..], &outcome).unwrap();
        json::links(&mut text, &stories[..], &outcome).unwrap();
        text.extend_from_slice(b"\n{\"id\":\"x\"}\nno JSON\n");
        let mut kept = Kept::default();
        let faults = kept.read(&mut &text[..]).unwrap();
        assert_eq!(faults.iter().map(|f| f.line).collect::<Vec<_>>(), [7, 8]);
        assert_eq!(kept.paths(), ["memory"]);
        let (findings, _) = kept.findings(&stories[..]);
        let direct = Findings::of(&stories[..], &outcome, None);
        let shape = |f: &Findings| -> Vec<(String, usize, Vec<Option<Tie>>)> {
            let sets = f.groups.iter();
            sets.map(|s| {
                (
                    s.name.clone(),
                    s.representative,
                    s.members.iter().map(|m| m.tie).collect(),
                )
            })
            .collect()
        };
        assert_eq!(shape(&findings), shape(&direct));
        assert!(findings.all_pairs);
        assert_eq!(findings.pairs.len(), direct.pairs.len());
    }

    #[test]
    fn names_that_the_program_does_not_give_are_refused() {
        assert!(is_name("g-804d9c9d9d07", b'g'));
        for name in ["g-", "p-12", "g-x/../y", "g-12\"", ""] {
            assert!(!is_name(name, b'g'), "{name}");
        }
    }

    #[test]
    fn a_unit_is_in_its_story() {
        assert_eq!(number_in("ap-1", "ap-1"), Some(0));
        assert_eq!(number_in("ap-1#caption-2", "ap-1"), Some(2));
        assert_eq!(number_in("ap-12", "ap-1"), None);
        assert_eq!(number_in("ap-2", "ap-1"), None);
    }
}
