/*!
Groups for people: the biggest first, a few members of each, then the figures of the run.

```text
3 stories  ap-1  Bridge reopens at Orle                               weakest 0.71
  first           ap-1   a.jsonl:1   2024-03-01T10:00:00Z
  near      0.91  ap-9   b.jsonl:7   2024-03-01T11:30:00Z
```

A line never is wider than the terminal; width is counted in cells (UAX #11), so that Chinese stands in columns too.
Everything that comes from a story goes through [`mod@escape`].
*/

use std::cmp::Reverse;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr as _;

use super::cells::{FAINT, pad, paint, shorten, shorten_front, two_decimals, write_figures};
use super::json::FIRST;
use super::{Entry, entries, escape, thousands, unit, unit_id};
use crate::config::UnitFilter;
use crate::decide::constrain::Mark;
use crate::group::{Group, Member};
use crate::pipeline::Outcome;
use crate::story::{Corpus, StoryId, Unit, UnitKind};
use crate::verify::Relation;

const NUMBER: Style = Style::new().bold();
const ID: Style = AnsiColor::Cyan.on_default();
const RELATION: Style = AnsiColor::Green.on_default();

/// Narrower terminals get this width all the same.
const LEAST_WIDTH: usize = 40;
/// Characters of a story's text that are looked at for its first words.
const FIRST_WORDS: usize = 200;

/// How a table looks.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Cells in a line.
    pub width: usize,
    /// Whether to use ANSI colours.
    pub color: bool,
    /// Most groups shown.
    pub groups: usize,
    /// Most members shown of each.
    pub members: usize,
}

impl Table {
    /// Groups shown by default.
    pub const GROUPS: usize = 50;
    /// Members shown of each by default.
    pub const MEMBERS: usize = 5;

    /// A table of that many cells, with the usual limits.
    pub fn new(width: usize, color: bool) -> Self {
        Self {
            width: width.max(LEAST_WIDTH),
            color,
            groups: Self::GROUPS,
            members: Self::MEMBERS,
        }
    }

    /// Without a limit to the number of groups.
    #[must_use]
    pub fn all_groups(self) -> Self {
        Self {
            groups: usize::MAX,
            ..self
        }
    }

    /// Writes the groups, the biggest first, and what was left out.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write_groups<C: Corpus + ?Sized>(
        &self,
        out: &mut dyn Write,
        corpus: &C,
        outcome: &Outcome,
    ) -> io::Result<()> {
        let mut order: Vec<&Group> = outcome.groups.iter().collect();
        // Stable: ties stay in the order of their first member.
        order.sort_by_key(|g| Reverse(g.members.len()));
        for group in order.iter().take(self.groups) {
            self.write_group(out, corpus, outcome, group)?;
            writeln!(out)?;
        }
        if order.len() > self.groups {
            let more = order.len() - self.groups;
            let more = super::counted(more as u64, "more group", "more groups");
            writeln!(out, "… {more}; --all shows all, --json lists all\n")?;
        }
        Ok(())
    }

    /// Writes the units that are in no group, a line each.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write_alone<C: Corpus + ?Sized>(
        &self,
        out: &mut dyn Write,
        corpus: &C,
        outcome: &Outcome,
        filter: UnitFilter,
    ) -> io::Result<()> {
        let mut any = false;
        for entry in entries(outcome, filter) {
            if let Entry::Alone(unit) = entry {
                any = true;
                self.write_head(out, corpus, 1, unit, "")?;
            }
        }
        if any { writeln!(out) } else { Ok(()) }
    }

    fn write_group<C: Corpus + ?Sized>(
        &self,
        out: &mut dyn Write,
        corpus: &C,
        outcome: &Outcome,
        group: &Group,
    ) -> io::Result<()> {
        let representative = unit(outcome, group.members[group.representative].unit);
        let weakest = format!("weakest {}", two_decimals(group.weakest));
        self.write_head(out, corpus, group.members.len(), representative, &weakest)?;
        let rows: Vec<Row> = group
            .members
            .iter()
            .take(self.members)
            .map(|m| Row::new(corpus, outcome, m))
            .collect();
        self.write_rows(out, &rows)?;
        if group.members.len() > rows.len() {
            let more = thousands((group.members.len() - rows.len()) as u64);
            writeln!(out, "  … {more} more, --json lists all")?;
        }
        Ok(())
    }

    /// The head line of a group: size, kind, who stands for it and its headline; `end` at the right margin.
    fn write_head<C: Corpus + ?Sized>(
        &self,
        out: &mut dyn Write,
        corpus: &C,
        size: usize,
        unit: &Unit,
        end: &str,
    ) -> io::Result<()> {
        let size = counted(size as u64, unit.kind);
        let used = size.width() + 2 + if end.is_empty() { 0 } else { end.width() + 2 };
        let left = self.width.saturating_sub(used).max(8);
        let id = unit_id(corpus, unit);
        // The end of a path says most.
        let is_path = id.starts_with(corpus.origin(unit.story).path);
        let cut = if is_path { shorten_front } else { shorten };
        let id = cut(&escape(&id), (left / 2).max(8));
        let title = shorten(
            &headline(corpus, unit.story),
            left.saturating_sub(id.width() + 2),
        );
        let gap = left.saturating_sub(id.width() + 2 + title.width());
        let size = self.paint(NUMBER, &size);
        let id = self.paint(ID, &id);
        if end.is_empty() {
            return writeln!(out, "{}", format!("{size}  {id}  {title}").trim_end());
        }
        writeln!(
            out,
            "{size}  {id}  {title}{:gap$}  {}",
            "",
            self.paint(FAINT, end)
        )
    }

    fn write_rows(&self, out: &mut dyn Write, rows: &[Row]) -> io::Result<()> {
        const RELATION_WIDTH: usize = 8;
        // "  near      0.91  " stands before the id.
        let left = self.width.saturating_sub(2 + RELATION_WIDTH + 2 + 4 + 2);
        let widest =
            |cell: fn(&Row) -> &str| rows.iter().map(|r| cell(r).width()).max().unwrap_or(0);
        let time = widest(|r| &r.time).min(25);
        let left = left.saturating_sub(if time > 0 { time + 2 } else { 0 });
        let place = widest(|r| &r.place);
        let id = if place > 0 {
            widest(|r| if r.place.is_empty() { "" } else { &r.id }).min(left / 2)
        } else {
            widest(|r| &r.id).min(left)
        };
        let place = place.min(left.saturating_sub(id + 2));
        for row in rows {
            let relation = self.paint(RELATION, &pad(row.relation, RELATION_WIDTH));
            // An id that is the path itself has the place's room too.
            let alone = row.place.is_empty() && place > 0;
            let room = if alone { id + 2 + place } else { id };
            let cut = if row.place.is_empty() {
                shorten_front
            } else {
                shorten
            };
            let name = self.paint(ID, &pad(&cut(&row.id, room), room));
            let mut line = format!("  {relation}  {:4}  {name}", row.jaccard);
            if place > 0 && !alone {
                line.push_str("  ");
                line.push_str(&pad(&shorten_front(&row.place, place), place));
            }
            if !row.time.is_empty() {
                line.push_str("  ");
                line.push_str(&self.paint(FAINT, &shorten(&row.time, time)));
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// Writes the figures of the run.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write_summary(&self, out: &mut dyn Write, outcome: &Outcome) -> io::Result<()> {
        write_figures(out, &summary(outcome), 13, self.color)
    }

    fn paint(&self, style: Style, text: &str) -> String {
        paint(self.color, style, text)
    }
}

/// A member's line, escaped.
struct Row {
    relation: &'static str,
    jaccard: String,
    id: String,
    /// `path:line`, or nothing where the id says so already.
    place: String,
    time: String,
}

impl Row {
    fn new<C: Corpus + ?Sized>(corpus: &C, outcome: &Outcome, member: &Member) -> Self {
        let unit = unit(outcome, member.unit);
        let story = corpus.story(unit.story);
        let origin = corpus.origin(unit.story);
        let place = match origin.line {
            Some(line) => format!("{}:{line}", origin.path),
            None => origin.path.to_owned(),
        };
        let place = if place == story.id { "" } else { &place };
        Self {
            relation: member
                .link
                .as_ref()
                .map_or(FIRST, |tie| tie.link.relation.name()),
            jaccard: member
                .link
                .as_ref()
                .map(|tie| two_decimals(tie.link.jaccard()))
                .unwrap_or_default(),
            id: escape(&unit.id(&story.id)).into_owned(),
            place: escape(place).into_owned(),
            time: escape(story.time.as_deref().unwrap_or_default()).into_owned(),
        }
    }
}

/// So many pairs.
fn pairs(n: u64) -> String {
    format!("{} {}", thousands(n), if n == 1 { "pair" } else { "pairs" })
}

/// The figures of a run, a name and a value each.
pub fn summary(outcome: &Outcome) -> Vec<(&'static str, String)> {
    let stats = &outcome.stats;
    let grouped: u64 = outcome.groups.iter().map(|g| g.members.len() as u64).sum();
    let repeats = grouped - outcome.groups.len() as u64;
    let units = stats.story_units + stats.caption_units;
    let largest = outcome
        .groups
        .iter()
        .map(|g| g.members.len())
        .max()
        .unwrap_or(0);
    let seconds = stats.elapsed.as_secs_f64();
    let mut lines = vec![
        ("stories", thousands(stats.stories)),
        (
            "compared",
            format!(
                "{}, {}{}",
                bodies(stats.story_units),
                counted(stats.caption_units, UnitKind::Caption),
                match stats.empty_units {
                    0 => String::new(),
                    n => format!("; {} without a word", thousands(n)),
                }
            ),
        ),
        (
            "groups",
            match largest {
                0 => "0".to_owned(),
                n => format!(
                    "{}, the largest of {}",
                    thousands(outcome.groups.len() as u64),
                    thousands(n as u64)
                ),
            },
        ),
        (
            "repeats",
            format!(
                "{} ({:.1} % of what was compared)",
                thousands(repeats),
                percent(repeats, units)
            ),
        ),
    ];
    let linked = |relation| {
        outcome
            .links
            .iter()
            .filter(|l| l.relation == relation)
            .count() as u64
    };
    let (templates, overlaps) = (linked(Relation::Template), linked(Relation::Overlap));
    if templates + overlaps > 0 {
        lines.push((
            "kept apart",
            format!(
                "{} of one form, {} with a shared passage (see --links)",
                pairs(templates),
                thousands(overlaps)
            ),
        ));
    }
    lines.extend(decided(outcome));
    if !outcome.rejections.is_empty() {
        lines.push(("rejected", thousands(outcome.rejections.len() as u64)));
    }
    if stats.capped_keys > 0 {
        let keys = thousands(stats.capped_keys);
        lines.push((
            "capped keys",
            format!("{keys} (shared by very many; --exact compares all)"),
        ));
    }
    if stats.left_out > 0 {
        lines.push((
            "left out",
            format!(
                "{} that resemble less than others (--exact compares all)",
                pairs(stats.left_out)
            ),
        ));
    }
    let mut took = format!("{seconds:.2} s");
    if seconds > 0.0 {
        let rate = stats.stories as f64 / seconds;
        let megabytes = stats.bytes as f64 / 1e6;
        took = format!(
            "{took}, {megabytes:.1} MB ({} stories/s, {:.1} MB/s)",
            thousands(rate as u64),
            megabytes / seconds
        );
    }
    lines.push(("took", took));
    lines
}

/// What decisions did, where there are any.
fn decided(outcome: &Outcome) -> Option<(&'static str, String)> {
    let [same, different, parted] =
        [Mark::Same, Mark::Different, Mark::Parted].map(|mark| outcome.decided.count(mark));
    (same + different > 0).then(|| {
        let different = thousands(different);
        let parted = super::counted(parted, "other link", "other links");
        let told = format!(
            "{} joined, {different} kept apart, {parted} refused",
            pairs(same)
        );
        ("decided", told)
    })
}

fn bodies(n: u64) -> String {
    super::counted(n, "body", "bodies")
}

fn counted(n: u64, kind: UnitKind) -> String {
    match kind {
        UnitKind::Story => super::counted(n, "story", "stories"),
        UnitKind::Caption => super::counted(n, "caption", "captions"),
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 * 100.0 / whole as f64
    }
}

/// The title, or the first words of the text; escaped, on one line.
fn headline<C: Corpus + ?Sized>(corpus: &C, story: StoryId) -> String {
    let story = corpus.story(story);
    let text = story
        .title
        .as_deref()
        .filter(|t| !t.trim().is_empty())
        .unwrap_or(&story.text);
    let start: String = text.chars().take(FIRST_WORDS).collect();
    let words: Vec<&str> = start.split_whitespace().collect();
    escape(&words.join(" ")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn shown(table: Table) -> String {
        let (stories, outcome) = sample::outcome();
        let mut out = Vec::new();
        table
            .write_groups(&mut out, &stories[..], &outcome)
            .unwrap();
        table
            .write_alone(&mut out, &stories[..], &outcome, UnitFilter::Story)
            .unwrap();
        table.write_summary(&mut out, &outcome).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_table_for_people() {
        insta::assert_snapshot!(shown(Table::new(80, false)), @r#"
        3 stories  ap-1  Bridge reopens \u{7} at Orle                       weakest 0.76
          first           ap-1  memory  2024-03-01T10:00:00Z
          near      0.76  ap-2  memory
          exact     1.00  ap-9  memory

        2 captions  ap-9#caption-1  The bridge at Orle reopened on Monday…  weakest 0.64
          first           ap-2#caption-1  memory
          near      0.64  ap-9#caption-1  memory

        1 story  x"\u{1b}[31m\u{202e}  洪水のため閉鎖されていた橋が再開した。

        stories        4
        compared       4 bodies, 2 captions
        groups         2, the largest of 3
        repeats        3 (50.0 % of what was compared)
        rejected       1
        capped keys    1 (shared by very many; --exact compares all)
        took           0.25 s, 2.5 MB (16 stories/s, 10.0 MB/s)
        "#);
    }

    #[test]
    fn limits_say_what_is_left_out() {
        let table = Table {
            groups: 1,
            members: 2,
            ..Table::new(60, false)
        };
        insta::assert_snapshot!(shown(table), @r#"
        3 stories  ap-1  Bridge reopens \u{7} at Orle   weakest 0.76
          first           ap-1  memory  2024-03-01T10:00:00Z
          near      0.76  ap-2  memory
          … 1 more, --json lists all

        … 1 more group; --all shows all, --json lists all

        1 story  x"\u{1b}[31m\u{202e}  洪水のため閉鎖されていた橋が…

        stories        4
        compared       4 bodies, 2 captions
        groups         2, the largest of 3
        repeats        3 (50.0 % of what was compared)
        rejected       1
        capped keys    1 (shared by very many; --exact compares all)
        took           0.25 s, 2.5 MB (16 stories/s, 10.0 MB/s)
        "#);
    }

    #[test]
    fn colours_are_on_request_and_the_only_escapes() {
        let plain = shown(Table::new(80, false));
        assert!(!plain.contains('\u{1b}'));
        let colored = shown(Table::new(80, true));
        assert!(colored.contains("\u{1b}[36m"));
        // Taking our own colours away must leave nothing but the plain table.
        let mut stripped = colored;
        for code in ["0", "1", "2", "32", "36"] {
            stripped = stripped.replace(&format!("\u{1b}[{code}m"), "");
        }
        assert_eq!(stripped, plain);
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in [40, 60, 80, 120] {
            for line in shown(Table::new(width, false)).lines() {
                let figures =
                    line.contains("% of what") || line.contains("stories/s") || line.contains("--");
                assert!(figures || line.width() <= width, "{width}: {line}");
            }
        }
    }
}
