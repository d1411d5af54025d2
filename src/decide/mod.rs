/*!
What people decided of pairs → constraints on groups.

A file of decisions is a list of labelled pairs (`a b same`, see [`judge::labels`](crate::judge::labels)), as `samewire review` writes it.
`same` is 1: the two stand in one group, whatever the rules say. `same` is 0: they never do, whatever other links say.

```text
decisions ─▶ checked against one another ─▶ names → units ─▶ links: added, refused ─▶ groups
```

**How groups are made then** ([`constrain`]). First the pairs that belong together are joined. Then the links that join are taken, the most alike
first, those equally alike in the order of their ids; one that would bring two units together that are decided to be different, directly or
through others, is refused. So the groups do not depend on the order of the input. A name stands for all stories that have that id (versions
of one story), or, as `path:line`, for one.
*/

pub mod constrain;
pub mod names;

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::judge::labels;

/// A pair that somebody decided on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Line of the file, from 1.
    pub line: usize,
    /// Names of the two.
    pub names: [String; 2],
    /// Whether they are one.
    pub same: bool,
}

/// Decisions that do not contradict one another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    file: PathBuf,
    all: Vec<Decision>,
}

impl Decisions {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// When a line is no decision, or lines contradict one another: a constraint that is left out in silence would be worse.
    pub fn parse(file: &Path, text: &str) -> Result<Self> {
        let labels = labels::parse(text);
        let wrong = |line, reason: String, next| Error::Decision {
            file: file.to_owned(),
            line,
            reason,
            next,
        };
        if let Some(fault) = labels.faults.first() {
            let next = "correct the line, or put a # before it";
            return Err(wrong(fault.line, fault.cause.clone(), next));
        }
        if let Some(item) = labels.items.first() {
            let reason = "is a line of groups, and decisions are pairs".to_owned();
            return Err(wrong(
                item.line,
                reason,
                "write a, b and same with tabs between",
            ));
        }
        let all = labels
            .pairs
            .into_iter()
            .map(|p| Decision {
                line: p.line,
                names: p.ids,
                same: p.same,
            })
            .collect();
        let decisions = Self {
            file: file.to_owned(),
            all,
        };
        decisions.check()?;
        Ok(decisions)
    }

    /// All, in the order of the file.
    pub fn all(&self) -> &[Decision] {
        &self.all
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    fn check(&self) -> Result<()> {
        let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
        let mut pairs = Vec::with_capacity(self.all.len());
        for decision in &self.all {
            let pair = [0, 1].map(|i| {
                let next = numbers.len() as u32;
                *numbers.entry(&decision.names[i]).or_insert(next)
            });
            pairs.push(pair);
        }
        // Two stories may have one id; a pair of it with itself is told when stories are known.
        let ties = pairs.iter().zip(&self.all).enumerate();
        let ties = ties.filter(|(_, (pair, _))| pair[0] != pair[1]);
        let ties: Vec<Tie> = ties
            .map(|(place, (&ends, decision))| Tie {
                ends,
                same: decision.same,
                decision: place,
            })
            .collect();
        match contradiction(numbers.len(), &ties) {
            Some(found) => Err(self.contradicts(&found)),
            None => Ok(()),
        }
    }

    /// The error that tells of a contradiction.
    fn contradicts(&self, found: &Contradiction) -> Error {
        let apart = &self.all[found.apart];
        let lines: Vec<String> = found
            .chain
            .iter()
            .map(|&d| self.all[d].line.to_string())
            .collect();
        let lines = match &lines[..] {
            [one] => format!("line {one} says that they are"),
            [some @ .., last] => format!("lines {} and {last} tie them together", some.join(", ")),
            [] => "both names mean one".to_owned(),
        };
        Error::Decision {
            file: self.file.clone(),
            line: apart.line,
            reason: format!(
                "{} and {} are decided to be different, and {lines}",
                apart.names[0], apart.names[1]
            ),
            next: "correct one of these lines, or take it out",
        }
    }
}

/// A decision on two things that have numbers.
#[derive(Clone, Copy, Debug)]
struct Tie {
    ends: [u32; 2],
    same: bool,
    /// Place among the decisions.
    decision: usize,
}

/// A pair that is to be apart and is tied together.
#[derive(Debug, PartialEq, Eq)]
struct Contradiction {
    apart: usize,
    chain: Vec<usize>,
}

/// The first pair to be apart that others tie together, with the shortest chain that does.
fn contradiction(count: usize, ties: &[Tie]) -> Option<Contradiction> {
    let mut next: Vec<Vec<(u32, usize)>> = vec![Vec::new(); count];
    for tie in ties.iter().filter(|t| t.same) {
        let [a, b] = tie.ends;
        next[a as usize].push((b, tie.decision));
        next[b as usize].push((a, tie.decision));
    }
    ties.iter().filter(|t| !t.same).find_map(|tie| {
        let chain = chain(&next, tie.ends)?;
        Some(Contradiction {
            apart: tie.decision,
            chain,
        })
    })
}

/// Decisions along the shortest way from one to the other.
fn chain(next: &[Vec<(u32, usize)>], [from, to]: [u32; 2]) -> Option<Vec<usize>> {
    let mut came: BTreeMap<u32, (u32, usize)> = BTreeMap::new();
    let mut waiting = VecDeque::from([from]);
    while let Some(here) = waiting.pop_front() {
        if here == to {
            let mut chain = Vec::new();
            let mut at = to;
            while at != from {
                let (before, decision) = came[&at];
                chain.push(decision);
                at = before;
            }
            chain.reverse();
            return Some(chain);
        }
        for &(there, decision) in &next[here as usize] {
            if there != from && !came.contains_key(&there) {
                came.insert(there, (here, decision));
                waiting.push_back(there);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> std::result::Result<Decisions, String> {
        Decisions::parse(Path::new("d.tsv"), text).map_err(|e| e.to_string())
    }

    #[test]
    fn decisions_are_labelled_pairs() {
        let decisions = parse("# by hand\na\tb\tsame\nx\ty\t1\ny\tz\t0\n").unwrap();
        assert_eq!(decisions.all().len(), 2);
        assert!(parse("").unwrap().is_empty());
    }

    #[test]
    fn contradictions_name_their_lines() {
        let error = parse("a\tb\tsame\nw\tx\t1\nx\ty\t1\ny\tw\t0\n").unwrap_err();
        assert_eq!(
            error,
            "d.tsv:4: y and w are decided to be different, and lines 3 and 2 tie them together; correct one of these lines, or take it out"
        );
        let error = parse("w\tx\t1\nx\tw\t0\n").unwrap_err();
        assert!(
            error.contains("d.tsv:2:") && error.contains("line 1 says that they are"),
            "{error}"
        );
        // A chain that another decision breaks is none.
        assert!(parse("w\tx\t1\nx\ty\t0\ny\tz\t1\n").is_ok());
    }

    #[test]
    fn no_line_is_left_out() {
        assert!(
            parse("x\ty\t1\nx\tz\n")
                .unwrap_err()
                .starts_with("d.tsv:2: ")
        );
        assert!(
            parse("x\tg1\n")
                .unwrap_err()
                .contains("decisions are pairs")
        );
    }
}
