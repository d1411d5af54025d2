/*!
A file of labels → [`Labels`]: pairs, or items with the group that they belong to.

| form | a line | found by |
|---|---|---|
| pairs | `a b same [relation]`, tabs between | a header with `a`, `b`, `same`; without one, three columns or more whose third is a yes or a no |
| groups | `id group`, tabs between | a header with `id` and `group`; without one, two columns |
| group lines | what `samewire group` writes, a group each | lines that begin with `{` |

Under a header columns are found by their names, in any order; `relation` and `alternative` (another reading of the relation) are taken,
columns of other names are not looked at. Empty lines and lines that begin with `#` are left out. A line that cannot be used costs only itself
and is told as a [`Fault`].
*/

use std::collections::HashSet;

use serde::Deserialize;

/// What a file of labels holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labels {
    /// How it is written.
    pub form: Form,
    /// Pairs; none in the other forms.
    pub pairs: Vec<Pair>,
    /// Items with their group; none where the file lists pairs.
    pub items: Vec<Item>,
    /// Lines that cannot be used.
    pub faults: Vec<Fault>,
}

/// How labels are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Pairs, columns in the usual order.
    #[default]
    Pairs,
    /// Pairs, columns named by a header.
    NamedPairs,
    /// An id and a group a line.
    Groups,
    /// The same, columns named by a header.
    NamedGroups,
    /// JSON lines of `samewire group`.
    GroupLines,
}

impl Form {
    /// For people.
    pub fn described(self) -> &'static str {
        match self {
            Form::Pairs => "pairs, columns a, b, same, relation",
            Form::NamedPairs => "pairs, columns by their header",
            Form::Groups => "groups, columns id, group",
            Form::NamedGroups => "groups, columns by their header",
            Form::GroupLines => "groups, JSON lines of `samewire group`",
        }
    }
}

/// Two units and whether they are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Line of the file, from 1.
    pub line: usize,
    /// Ids.
    pub ids: [String; 2],
    /// Whether an editor would keep only one of the two.
    pub same: bool,
    /// What kind of repeat, where the label says.
    pub relation: Option<String>,
    /// Another reading of the relation that counts as right too.
    pub alternative: Option<String>,
}

/// A unit and the group that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Line of the file, from 1.
    pub line: usize,
    /// Id.
    pub id: String,
    /// Where it was read from, if the label says: `path:line`, which tells versions of one id apart.
    pub place: Option<String>,
    /// Name of the group.
    pub group: String,
    /// How it repeats an earlier member, where the label says.
    pub relation: Option<String>,
}

/// Why a line cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line of the file, from 1.
    pub line: usize,
    /// Cause and next step.
    pub cause: String,
}

/// Reads labels. A byte-order mark and carriage returns at the ends of lines are no part of them.
pub fn parse(text: &str) -> Labels {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(i, line)| (i + 1, line))
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        .peekable();
    let Some(&(_, first)) = lines.peek() else {
        return Labels::default();
    };
    if first.trim_start().starts_with('{') {
        return group_lines(lines);
    }
    let (columns, header) = Columns::of(first);
    if header {
        lines.next();
    }
    let mut labels = Labels {
        form: columns.form(header),
        ..Labels::default()
    };
    for (line, text) in lines {
        let cells: Vec<&str> = text.split('\t').map(str::trim).collect();
        let told = match &columns {
            Columns::Pairs(columns) => columns.pair(line, &cells).map(|p| labels.pairs.push(p)),
            Columns::Groups(columns) => columns.item(line, &cells).map(|i| labels.items.push(i)),
        };
        if let Err(cause) = told {
            labels.faults.push(Fault { line, cause });
        }
    }
    labels
}

/// A yes or a no, in the ways that people write them.
pub fn yes_or_no(cell: &str) -> Option<bool> {
    match cell.to_ascii_lowercase().as_str() {
        "1" | "yes" | "y" | "true" | "same" => Some(true),
        "0" | "no" | "n" | "false" | "different" => Some(false),
        _ => None,
    }
}

/// Which column holds what.
enum Columns {
    Pairs(PairColumns),
    Groups(GroupColumns),
}

struct PairColumns {
    a: usize,
    b: usize,
    same: usize,
    relation: Option<usize>,
    alternative: Option<usize>,
}

struct GroupColumns {
    id: usize,
    group: usize,
    relation: Option<usize>,
}

impl Columns {
    /// By the first line; and whether that is a header.
    fn of(first: &str) -> (Self, bool) {
        let names: Vec<String> = first
            .split('\t')
            .map(|c| c.trim().to_ascii_lowercase())
            .collect();
        let column = |name: &str| names.iter().position(|n| n == name);
        if let (Some(a), Some(b), Some(same)) = (column("a"), column("b"), column("same")) {
            let (relation, alternative) = (column("relation"), column("alternative"));
            let columns = PairColumns {
                a,
                b,
                same,
                relation,
                alternative,
            };
            return (Self::Pairs(columns), true);
        }
        if let (Some(id), Some(group)) = (column("id"), column("group")) {
            let relation = column("relation");
            return (
                Self::Groups(GroupColumns {
                    id,
                    group,
                    relation,
                }),
                true,
            );
        }
        // Two ids with something after them are meant as a pair, even if the first line spoils it.
        if names.len() >= 3 {
            return (
                Self::Pairs(PairColumns {
                    a: 0,
                    b: 1,
                    same: 2,
                    relation: Some(3),
                    alternative: None,
                }),
                false,
            );
        }
        (
            Self::Groups(GroupColumns {
                id: 0,
                group: 1,
                relation: None,
            }),
            false,
        )
    }

    fn form(&self, header: bool) -> Form {
        match (self, header) {
            (Self::Pairs(_), true) => Form::NamedPairs,
            (Self::Pairs(_), false) => Form::Pairs,
            (Self::Groups(_), true) => Form::NamedGroups,
            (Self::Groups(_), false) => Form::Groups,
        }
    }
}

/// A cell with something in it.
fn cell(cells: &[&str], column: usize) -> Option<String> {
    cells
        .get(column)
        .filter(|c| !c.is_empty())
        .map(|c| (*c).to_owned())
}

impl PairColumns {
    fn pair(&self, line: usize, cells: &[&str]) -> Result<Pair, String> {
        let (Some(a), Some(b)) = (cell(cells, self.a), cell(cells, self.b)) else {
            return Err("an id is missing; write a, b and same with tabs between".to_owned());
        };
        let same = cells.get(self.same).copied().unwrap_or_default();
        let same = yes_or_no(same).ok_or_else(|| {
            format!("same is \"{same}\"; write 1 where the two are one story, or one caption, and 0 where not")
        })?;
        let named = |column: Option<usize>| {
            column
                .and_then(|c| cell(cells, c))
                .map(|name| name.to_ascii_lowercase())
        };
        Ok(Pair {
            line,
            ids: [a, b],
            same,
            relation: named(self.relation),
            alternative: named(self.alternative),
        })
    }
}

impl GroupColumns {
    fn item(&self, line: usize, cells: &[&str]) -> Result<Item, String> {
        let (Some(id), Some(group)) = (cell(cells, self.id), cell(cells, self.group)) else {
            return Err(
                "not an id and a group; write both with a tab between, or for pairs a, b and same"
                    .to_owned(),
            );
        };
        Ok(Item {
            line,
            id,
            place: None,
            group,
            relation: self
                .relation
                .and_then(|c| cell(cells, c))
                .map(|name| name.to_ascii_lowercase()),
        })
    }
}

#[derive(Deserialize)]
struct GroupLine {
    group: String,
    members: Vec<MemberLine>,
}

#[derive(Deserialize)]
struct MemberLine {
    id: String,
    path: Option<String>,
    line: Option<u64>,
    relation: Option<String>,
}

fn group_lines<'t>(lines: impl Iterator<Item = (usize, &'t str)>) -> Labels {
    let mut labels = Labels {
        form: Form::GroupLines,
        ..Labels::default()
    };
    // Each line is a group. Two have one name where their first stories have one id.
    let mut named = HashSet::new();
    for (line, text) in lines {
        match serde_json::from_str::<GroupLine>(text) {
            Ok(mut group) => {
                if !named.insert(group.group.clone()) {
                    group.group = format!("{} of line {line}", group.group);
                }
                labels.items.extend(group.members.into_iter().map(|m| Item {
                    line,
                    place: m.path.map(|path| match m.line {
                        Some(line) => format!("{path}:{line}"),
                        None => path,
                    }),
                    id: m.id,
                    group: group.group.clone(),
                    relation: m.relation,
                }));
            }
            Err(error) => labels.faults.push(Fault {
                line,
                cause: format!("not a line of `samewire group`: {error}"),
            }),
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(line: usize, a: &str, b: &str, same: bool, relation: Option<&str>) -> Pair {
        Pair {
            line,
            ids: [a.to_owned(), b.to_owned()],
            same,
            relation: relation.map(str::to_owned),
            alternative: None,
        }
    }

    #[test]
    fn pairs_have_columns_in_order_or_by_name() {
        let plain = parse("\u{feff}# by hand\nx 1\tx-2\t1\r\n\nx-3\tx-4\tno\tTemplate\r\n");
        assert_eq!(plain.form, Form::Pairs);
        assert_eq!(
            plain.pairs,
            [
                pair(2, "x 1", "x-2", true, None),
                pair(4, "x-3", "x-4", false, Some("template"))
            ]
        );
        let named = parse("same\tb\tunit\ta\nyes\tx-2\tstory\tx-1\n");
        assert_eq!(
            (named.form, &named.pairs[..]),
            (Form::NamedPairs, &[pair(2, "x-1", "x-2", true, None)][..])
        );
    }

    #[test]
    fn groups_are_told_from_pairs() {
        let item = |line, id: &str, group: &str| Item {
            line,
            id: id.to_owned(),
            place: None,
            group: group.to_owned(),
            relation: None,
        };
        let plain = parse("x-1\tg1\nx-2\tg1\n");
        assert_eq!(plain.form, Form::Groups);
        assert_eq!(plain.items, [item(1, "x-1", "g1"), item(2, "x-2", "g1")]);
        let named = parse("group\tunit\tid\trelation\ns01\tstory\tx-1\tfirst\n");
        assert_eq!(named.form, Form::NamedGroups);
        assert_eq!(named.items[0].relation.as_deref(), Some("first"));
        assert_eq!(
            (&*named.items[0].id, &*named.items[0].group),
            ("x-1", "s01")
        );
    }

    #[test]
    fn lines_of_group_are_labels() {
        let labels = parse(
            "{\"group\":\"g-1\",\"members\":[{\"id\":\"a\",\"path\":\"w.jsonl\",\"line\":3,\"relation\":\"first\"},{\"id\":\"t.txt\",\"path\":\"t.txt\",\"line\":null}]}\n{\"a\":1}\n",
        );
        assert_eq!(labels.form, Form::GroupLines);
        assert_eq!(labels.items[0].place.as_deref(), Some("w.jsonl:3"));
        assert_eq!(labels.items[1].place.as_deref(), Some("t.txt"));
        assert_eq!(labels.faults[0].line, 2);
    }

    #[test]
    fn two_lines_are_two_groups_whatever_their_name() {
        let line = "{\"group\":\"g-1\",\"members\":[{\"id\":\"1\"},{\"id\":\"2\"}]}\n";
        let labels = parse(&line.repeat(2));
        let groups: Vec<&str> = labels.items.iter().map(|i| &*i.group).collect();
        assert_eq!(groups, ["g-1", "g-1", "g-1 of line 2", "g-1 of line 2"]);
    }

    #[test]
    fn a_line_that_cannot_be_used_costs_itself() {
        let labels = parse("a\tb\tsame\nx\ty\t1\nx\t\t1\nx\tz\tmaybe\nz\tw\t0\n");
        assert_eq!(labels.pairs.len(), 2);
        let lines: Vec<usize> = labels.faults.iter().map(|f| f.line).collect();
        assert_eq!(lines, [3, 4]);
        assert!(labels.faults[1].cause.contains("\"maybe\""));
        assert_eq!(parse("\n# nothing\n"), Labels::default());
    }
}
