/*!
Groups and links → the pairs to ask about, the most doubtful first.

Doubtful are pairs that are joined and little alike, and pairs that are kept apart and much alike.
*/

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

/// One side of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// Id of the unit.
    pub id: String,
    /// Where it stands, with the number of a caption; known for members of groups.
    pub place: Option<String>,
}

/// A pair to ask about.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The two.
    pub sides: [Side; 2],
    /// What the run made of them.
    pub relation: String,
    /// How alike they are.
    pub jaccard: f64,
    /// The group that holds both; none where they were kept apart.
    pub group: Option<String>,
}

/// All pairs, and the files that their stories are in.
#[derive(Debug, Default)]
pub struct Queue {
    /// The most doubtful first.
    pub questions: Vec<Question>,
    /// In order of first mention.
    pub files: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct GroupLine {
    group: String,
    members: Vec<MemberLine>,
}

#[derive(Deserialize)]
struct MemberLine {
    id: String,
    path: String,
    line: Option<u64>,
    relation: String,
    to: Option<String>,
    jaccard: Option<f64>,
}

#[derive(Deserialize)]
struct LinkLine {
    a: String,
    b: String,
    relation: String,
    jaccard: f64,
}

impl Queue {
    /// Reads both files.
    pub fn read(groups: &Path, links: Option<&Path>) -> Result<Self> {
        let mut queue = Self::default();
        let mut known = BTreeSet::new();
        let mut versions: std::collections::HashSet<String> = std::collections::HashSet::new();
        let mut places: HashMap<String, (String, String)> = HashMap::new();
        let mut files = BTreeSet::new();
        for group in lines::<GroupLine>(groups, "a line of `samewire group --json`")? {
            for member in &group.members {
                if files.insert(member.path.clone()) {
                    queue.files.push(PathBuf::from(&member.path));
                }
            }
            for (at, member) in group.members.iter().enumerate() {
                let place = (group.group.clone(), member.place());
                let first = places.entry(member.id.clone()).or_insert(place.clone());
                if first.1 != place.1 {
                    versions.insert(member.id.clone());
                }
                let (Some(to), Some(jaccard)) = (&member.to, member.jaccard) else {
                    continue;
                };
                // Of two versions with one id the one that is meant stands before this one.
                let same_id = |m: &&MemberLine| m.id == *to;
                let other = group.members[..at].iter().rfind(same_id);
                let other = other.or_else(|| group.members[at + 1..].iter().find(same_id));
                let Some(other) = other else {
                    bail!(
                        "{}: group {}: {} is tied to {to}, which is no member; write the groups anew",
                        groups.display(),
                        group.group,
                        member.id
                    );
                };
                let sides = [other.side(), member.side()];
                known.insert(key(&sides));
                queue.questions.push(Question {
                    sides,
                    relation: member.relation.clone(),
                    jaccard,
                    group: Some(group.group.clone()),
                });
            }
        }
        if let Some(links) = links {
            let mut unclear = 0;
            for link in lines::<LinkLine>(links, "a line of `samewire group --links`")? {
                // A link has ids alone: which of several versions it means, only the groups tell.
                if versions.contains(&link.a) || versions.contains(&link.b) {
                    unclear += 1;
                    continue;
                }
                let group = |id: &str| places.get(id).map(|(group, _)| group.clone());
                let side = |id: String| Side {
                    place: places.get(&id).map(|(_, place)| place.clone()),
                    id,
                };
                let together = group(&link.a).filter(|g| group(&link.b).as_ref() == Some(g));
                let sides = [side(link.a), side(link.b)];
                if known.insert(key(&sides)) {
                    queue.questions.push(Question {
                        sides,
                        relation: link.relation,
                        jaccard: link.jaccard,
                        group: together,
                    });
                }
            }
            if unclear > 0 {
                let links = samewire::report::counted(unclear, "link names", "links name");
                crate::cli::say(&format!(
                    "samewire: {links} an id that several versions have and no longer say which; of versions the ties in the groups are asked"
                ));
            }
        }
        // Stable: equally doubtful ones stay in the order of the files.
        queue
            .questions
            .sort_by(|x, y| x.doubt().total_cmp(&y.doubt()));
        Ok(queue)
    }
}

impl Question {
    /// The lower the more doubtful.
    fn doubt(&self) -> f64 {
        match self.group {
            Some(_) => self.jaccard,
            None => 1.0 - self.jaccard,
        }
    }
}

impl MemberLine {
    fn place(&self) -> String {
        let caption = match self.id.rsplit_once("#caption-") {
            Some((_, number)) => format!("#caption-{number}"),
            None => String::new(),
        };
        match self.line {
            Some(line) => format!("{}:{line}{caption}", self.path),
            None => format!("{}{caption}", self.path),
        }
    }

    fn side(&self) -> Side {
        Side {
            id: self.id.clone(),
            place: Some(self.place()),
        }
    }
}

/// A pair whatever its order.
fn key(sides: &[Side; 2]) -> [String; 2] {
    let name = |s: &Side| s.place.clone().unwrap_or_else(|| s.id.clone());
    let mut key = [name(&sides[0]), name(&sides[1])];
    key.sort();
    key
}

fn lines<T: for<'d> Deserialize<'d>>(file: &Path, what: &str) -> Result<Vec<T>> {
    let name = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("{name}: reading"))?;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(i, line)| {
            serde_json::from_str(line).with_context(|| {
                let line = i + 1;
                format!("{name}:{line}: not {what}; make groups first: samewire group PATH --links links.jsonl -o groups.jsonl")
            })
        })
        .collect()
}
