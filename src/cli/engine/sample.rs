//! Runs made by hand, for the tests of the commands.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use samewire::group::{Group, Member, MemberLink};
use samewire::pipeline::Outcome;
use samewire::read::Rejection;
use samewire::verify::{Link, Relation};
use samewire::{Corpus, Origin, Story, StoryId, Unit, UnitId, UnitKind};

use super::{Originals, Run};

/// A unit of so many words as are usual.
pub fn unit(story: u32, kind: UnitKind, caption: u16) -> Unit {
    Unit {
        story: StoryId(story),
        kind,
        caption,
        tokens: 20,
    }
}

/// A near-duplicate.
pub fn link(a: u32, b: u32) -> Link {
    Link {
        a: UnitId(a),
        b: UnitId(b),
        relation: Relation::Near,
        shared: 8,
        size_a: 10,
        size_b: 10,
        spans: Vec::new(),
        reason: samewire::verify::relation::Reason::plain(
            samewire::verify::relation::Rule::Threshold,
            0,
            0,
            0,
        ),
    }
}

/// A group of units, each with the position of the earlier member that it is tied to.
pub fn group(kind: UnitKind, members: &[(u32, Option<usize>)], representative: usize) -> Group {
    Group {
        name: "g-000000000001".into(),
        kind,
        members: members
            .iter()
            .map(|&(unit, to)| Member {
                unit: UnitId(unit),
                link: to.map(|to| MemberLink {
                    to,
                    link: link(members[to].0, unit),
                }),
            })
            .collect(),
        representative,
        weakest: 0.6,
    }
}

/// An outcome with the links that the groups tell of.
pub fn outcome(units: Vec<Unit>, groups: Vec<Group>) -> Outcome {
    let mut links: Vec<Link> = groups
        .iter()
        .flat_map(|g| &g.members)
        .filter_map(|m| m.link.as_ref().map(|tie| tie.link.clone()))
        .collect();
    links.sort_by_key(|l| (l.a, l.b));
    Outcome {
        units,
        links,
        groups,
        ..Outcome::default()
    }
}

/// Stories in files: each with the file, the line and the record.
pub struct Files {
    /// The files, in order.
    pub files: Vec<PathBuf>,
    /// File, line, record; a record without a line is a text.
    pub records: Vec<(usize, Option<u64>, Vec<u8>)>,
}

impl Files {
    fn text(&self, id: StoryId) -> &str {
        std::str::from_utf8(&self.records[id.index()].2).unwrap()
    }
}

impl Corpus for Files {
    fn len(&self) -> usize {
        self.records.len()
    }

    fn story(&self, id: StoryId) -> Story<'_> {
        Story::new(format!("s-{}", id.0), self.text(id))
    }

    fn origin(&self, id: StoryId) -> Origin<'_> {
        let (file, line, _) = &self.records[id.index()];
        Origin {
            path: self.files[*file].to_str().unwrap(),
            line: *line,
        }
    }
}

impl Originals for Files {
    fn files(&self) -> Vec<PathBuf> {
        self.files.clone()
    }

    fn file_of(&self, id: StoryId) -> usize {
        self.records[id.index()].0
    }

    fn raw(&self, id: StoryId) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.records[id.index()].2)
    }

    fn lost(&self) -> Vec<Rejection> {
        Vec::new()
    }

    fn is_record(&self, id: StoryId) -> bool {
        self.records[id.index()].1.is_some()
    }
}

/// A file of three records whose first and last repeat each other, and a text.
pub fn run() -> Run {
    let record = |line, text: &str| (0, Some(line), text.as_bytes().to_vec());
    let mut records = vec![
        record(1, r#"{"id": "a",  "text":"x"}"#),
        record(2, "{\"id\":\r\n\"b\"}"),
        record(4, r#"{"id":"c"}"#),
    ];
    records.push((1, None, b"two\nlines".to_vec()));
    in_files(
        vec!["in/a.jsonl".into(), "in/b.txt".into()],
        records,
        &[(0, 2)],
    )
}

/// A run over such records, with pairs of stories that repeat each other.
pub fn in_files(
    files: Vec<PathBuf>,
    records: Vec<(usize, Option<u64>, Vec<u8>)>,
    pairs: &[(u32, u32)],
) -> Run {
    let units = (0..records.len() as u32)
        .map(|s| unit(s, UnitKind::Story, 0))
        .collect();
    let groups = pairs
        .iter()
        .map(|&(a, b)| group(UnitKind::Story, &[(a, None), (b, Some(0))], 0))
        .collect();
    Run {
        corpus: Box::new(Files { files, records }),
        outcome: outcome(units, groups),
    }
}

/// Writes files into a directory.
pub fn write(folder: &Path, files: &[(&str, &[u8])]) {
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}
