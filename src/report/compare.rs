/*!
Two texts held against one another: for people ([`Page`]), and for programs ([`write_json`], [`write_pair`]).

Input: a [`Comparison`] and the names that the user knows its sides by. What a page shows, from the top: who is compared,
the relation and the reason for it, the figures, what differs, and both texts with what they share marked.

| mark | in colour | without |
|---|---|---|
| shared | on green | `⟦ ⟧` |
| a name, figure or position in place of another | bold yellow | `* *` |
| not compared: furniture, captions in a story | dim | `‹ ›` |

Everything from stories goes through [`escape()`].
*/

mod layout;
mod lines;
pub(super) mod marking;
pub(super) mod sentence;

use std::collections::BTreeMap;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr as _;

use super::cells::{shorten, shorten_front};
use super::{escape, thousands};
use crate::story::{ByteRange, UnitKind};
use crate::text::segment::tag_len;
use crate::verify::comparison::Comparison;
use crate::verify::evidence::{WordKind, kind_of};
use crate::verify::prepared::Prepared;
use marking::{Paragraph, paragraphs};

pub use lines::{write_json, write_pair, write_unjudged};
pub use sentence::sentence;

const ID: Style = AnsiColor::Cyan.on_default();
const TITLE: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const RELATION: Style = AnsiColor::Green.on_default().bold();

/// Narrower terminals get this width all the same.
const LEAST_WIDTH: usize = 40;
/// From this width on the texts stand side by side.
const TWO_COLUMNS: usize = 100;
/// Differences of one kind that are listed.
const LISTED: usize = 16;
/// Cells that one side of a difference may take.
const LONGEST_SIDE: usize = 32;

/// What the user calls one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The unit's id.
    pub id: String,
    /// Where it was read from: `path:line`.
    pub place: String,
}

/// How a comparison is shown.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Cells in a line.
    pub width: usize,
    /// Whether to use ANSI colours.
    pub color: bool,
    /// Whether everything is shown, long shared text and long lists too.
    pub full: bool,
}

impl Page {
    /// A page of that many cells.
    pub fn new(width: usize, color: bool) -> Self {
        Self {
            width: width.max(LEAST_WIDTH),
            color,
            full: false,
        }
    }

    /// With nothing folded away.
    #[must_use]
    pub fn full(self) -> Self {
        Self { full: true, ..self }
    }

    /// Writes a comparison.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write(
        &self,
        out: &mut dyn Write,
        c: &Comparison<'_>,
        names: [&Name; 2],
    ) -> io::Result<()> {
        self.write_head(out, "A", &c.a, names[0])?;
        self.write_head(out, "B", &c.b, names[1])?;
        writeln!(out)?;
        self.write_sentence(out, c)?;
        writeln!(out)?;
        self.write_figures(out, c)?;
        self.write_differences(out, c)?;
        writeln!(out)?;
        self.write_texts(out, c)
    }

    fn write_head(
        &self,
        out: &mut dyn Write,
        letter: &str,
        unit: &Prepared<'_>,
        name: &Name,
    ) -> io::Result<()> {
        let story = &unit.story;
        let room = self.width - 3;
        let id = escape(&name.id);
        let is_path = name.id == name.place || name.id.starts_with(&name.place);
        let id = if is_path {
            shorten_front(&id, room)
        } else {
            shorten(&id, room)
        };
        let left = room.saturating_sub(id.width() + 2);
        let title = one_line(story.title.as_deref().unwrap_or_default());
        let title = if left > 8 {
            shorten(&title, left)
        } else {
            String::new()
        };
        let head = format!(
            "{}  {}  {}",
            self.paint(TITLE, letter),
            self.paint(ID, &id),
            self.paint(TITLE, &title)
        );
        writeln!(out, "{}", head.trim_end())?;
        let mut facts: Vec<String> = Vec::new();
        facts.extend(story.time.as_deref().map(one_line));
        facts.extend(story.source.as_deref().map(one_line));
        facts.extend(
            story
                .version
                .as_deref()
                .map(|v| format!("version {}", one_line(v))),
        );
        facts.extend(tags(unit).iter().map(|t| one_line(t)));
        if unit.kind == UnitKind::Caption {
            facts.push("caption".to_owned());
        }
        let place = if name.id == name.place {
            String::new()
        } else {
            shorten_front(&escape(&name.place), room)
        };
        let said = shorten(&facts.join(" · "), room);
        if said.is_empty() || place.is_empty() || said.width() + 3 + place.width() > room {
            for line in [said, place].iter().filter(|l| !l.is_empty()) {
                writeln!(out, "   {}", self.paint(FAINT, line))?;
            }
        } else {
            writeln!(
                out,
                "   {}",
                self.paint(FAINT, &format!("{said} · {place}"))
            )?;
        }
        Ok(())
    }

    fn write_sentence(&self, out: &mut dyn Write, c: &Comparison<'_>) -> io::Result<()> {
        let text = sentence(c);
        let relation = c.relation_name();
        for (i, line) in fill(&text, self.width).iter().enumerate() {
            match line.strip_prefix(relation) {
                Some(rest) if i == 0 => writeln!(out, "{}{rest}", self.paint(RELATION, relation))?,
                _ => writeln!(out, "{line}")?,
            }
        }
        Ok(())
    }

    fn write_figures(&self, out: &mut dyn Write, c: &Comparison<'_>) -> io::Result<()> {
        let e = &c.evidence;
        let count = |n: usize| thousands(n as u64);
        let longest = c.alignment.tiles.iter().map(|t| t.len).max().unwrap_or(0);
        let [in_b, in_a] = c.containments();
        let rows = [
            ("", "A".to_owned(), "B".to_owned()),
            ("words", count(e.words[0]), count(e.words[1])),
            ("in shared runs", count(e.tiled), count(e.tiled)),
            (
                "contained in the other",
                three_decimals(in_b),
                three_decimals(in_a),
            ),
        ];
        for (name, a, b) in rows {
            writeln!(
                out,
                "{}  {a:>7}  {b:>7}",
                self.paint(FAINT, &format!("{name:22}"))
            )?;
        }
        let mut rest = vec![
            ("Jaccard similarity", three_decimals(c.jaccard())),
            ("longest common run", sentence::words(longest)),
        ];
        if let Some((shared, of)) = e.headline {
            rest.push(("headline in common", format!("{shared} of {of}")));
        }
        if let Some(gap) = e.gap {
            rest.push(("time apart", sentence::span(gap)));
        }
        for (name, value) in rest {
            // Figures stand under figures.
            let (number, unit) = value.split_once(' ').unwrap_or((&value, ""));
            let line = format!(
                "{}  {number:>7} {unit}",
                self.paint(FAINT, &format!("{name:22}"))
            );
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// What stands in place of what, by kind.
    fn write_differences(&self, out: &mut dyn Write, c: &Comparison<'_>) -> io::Result<()> {
        let by_kind = differences(c);
        if by_kind.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        let listed = if self.full { usize::MAX } else { LISTED };
        for (kind, told) in &by_kind {
            let name = kind_name(*kind);
            let mut items: Vec<String> = told.iter().take(listed).map(exchange).collect();
            if told.len() > items.len() {
                items.push(format!("… {} more (--full)", told.len() - items.len()));
            }
            for (i, line) in flow(&items, self.width - 13).iter().enumerate() {
                let name = if i == 0 { name } else { "" };
                writeln!(out, "{}  {line}", self.paint(FAINT, &format!("{name:11}")))?;
            }
        }
        Ok(())
    }

    fn write_texts(&self, out: &mut dyn Write, c: &Comparison<'_>) -> io::Result<()> {
        let [a, b] = marked(c, self.full);
        writeln!(out, "{}", self.paint(FAINT, &self.legend()))?;
        writeln!(out)?;
        if self.width >= TWO_COLUMNS {
            let partners = partners(c, &a, &b);
            for line in layout::two([&a, &b], &partners, self.width, self.color) {
                writeln!(out, "{line}")?;
            }
            return Ok(());
        }
        for (letter, text) in [("A", &a), ("B", &b)] {
            if letter == "B" {
                writeln!(out)?;
            }
            let rule = format!("── {letter} {}", "─".repeat(self.width - 5));
            writeln!(out, "{}", self.paint(FAINT, &rule))?;
            for line in layout::one(text, self.width, self.color) {
                writeln!(out, "{line}")?;
            }
        }
        Ok(())
    }

    fn legend(&self) -> String {
        if self.color {
            "on green: in both   bold: differs   dim: not compared".to_owned()
        } else {
            "⟦in both⟧   *differs*   ‹not compared›".to_owned()
        }
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.color && !text.trim().is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// Writes a pair of a list on one line.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write_row(
        &self,
        out: &mut dyn Write,
        c: &Comparison<'_>,
        ids: [&str; 2],
    ) -> io::Result<()> {
        let [in_b, in_a] = c.containments();
        let rule = c.reason.rule.name();
        // "revision  0.613  0.840  " before the ids, "  news-cycle" after.
        let room = self.width.saturating_sub(10 + 7 + 7 + 12) / 2;
        let id = |id: &str| {
            let id = shorten(&one_line(id), room.saturating_sub(2));
            let gap = room.saturating_sub(id.width());
            format!("{}{:gap$}", self.paint(ID, &id), "")
        };
        let relation = format!("{:8}", c.relation_name());
        let relation = if c.joins() {
            self.paint(RELATION, &relation)
        } else {
            relation
        };
        let line = format!(
            "{relation}  {}  {}  {}{}{}",
            three_decimals(c.jaccard()),
            three_decimals(in_a.max(in_b)),
            id(ids[0]),
            id(ids[1]),
            self.paint(FAINT, rule)
        );
        writeln!(out, "{line}")
    }
}

/// Tags that a desk put on a story, in its text or its title, without the dash that ends them; each once.
pub fn tags(unit: &Prepared<'_>) -> Vec<String> {
    let title = unit.story.title.as_deref().unwrap_or_default();
    let in_title = std::iter::once(&title[..tag_len(title)]);
    let mut tags: Vec<String> = Vec::new();
    for tag in in_title.chain(unit.advisories()) {
        let tag = tag.trim().trim_end_matches(['-', '–', '—', ':', ' ']);
        if !tag.is_empty() && !tags.iter().any(|t| t == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

/// Both texts, with what they share and what differs marked.
fn marked(c: &Comparison<'_>, full: bool) -> [Vec<Paragraph>; 2] {
    let [of_a, of_b] = c.tile_of();
    let (differ_a, differ_b) = differing(c, [&of_a, &of_b]);
    [
        paragraphs(&c.a, &of_a, &differ_a, full),
        paragraphs(&c.b, &of_b, &differ_b, full),
    ]
}

/// Both texts in full, marked, cut into blocks that belong beside one another; either side of a block may be empty.
pub(super) fn side_by_side(c: &Comparison<'_>) -> Vec<[Vec<Paragraph>; 2]> {
    let [mut a, mut b] = marked(c, true);
    let partners = partners(c, &a, &b);
    layout::blocks(&partners, [a.len(), b.len()])
        .into_iter()
        .map(|[to_a, to_b]| {
            [
                a.drain(..to_a.len()).collect(),
                b.drain(..to_b.len()).collect(),
            ]
        })
        .collect()
}

/// What stands in place of what along shared runs, by kind.
pub(super) fn differences(c: &Comparison<'_>) -> BTreeMap<WordKind, Vec<[String; 2]>> {
    let mut by_kind: BTreeMap<WordKind, Vec<[String; 2]>> = BTreeMap::new();
    for (change, edit) in c.changes().iter().zip(&c.alignment.edits) {
        let sides = [
            shown_side(&c.a, edit.a.clone()),
            shown_side(&c.b, edit.b.clone()),
        ];
        by_kind.entry(change.kind).or_default().push(sides);
    }
    by_kind
}

/// A kind of words as a list of them is headed.
pub(super) fn kind_name(kind: WordKind) -> &'static str {
    match kind {
        WordKind::Number => "numbers",
        WordKind::Name => "names",
        WordKind::Position => "positions",
        WordKind::Word => "other words",
    }
}

fn exchange([a, b]: &[String; 2]) -> String {
    match (a.is_empty(), b.is_empty()) {
        (true, _) => format!("+ {b}"),
        (_, true) => format!("− {a}"),
        _ => format!("{a} → {b}"),
    }
}

/// Names, figures and positions that stand in place of others: in a caption wherever they stand, in a story along shared runs.
fn differing(c: &Comparison<'_>, tile_of: [&[Option<u32>]; 2]) -> (Vec<ByteRange>, Vec<ByteRange>) {
    let find =
        |unit: &Prepared<'_>, tile_of: &[Option<u32>], edited: Vec<usize>| -> Vec<ByteRange> {
            let words = match unit.kind {
                UnitKind::Story => edited,
                UnitKind::Caption => (0..unit.words().len())
                    .filter(|&i| tile_of[i].is_none())
                    .collect(),
            };
            words
                .into_iter()
                .filter(|&i| kind_of(unit, i) != WordKind::Word)
                .map(|i| whole_figure(unit, i..i + 1))
                .collect()
        };
    let edits = &c.alignment.edits;
    (
        find(
            &c.a,
            tile_of[0],
            edits.iter().flat_map(|e| e.a.clone()).collect(),
        ),
        find(
            &c.b,
            tile_of[1],
            edits.iter().flat_map(|e| e.b.clone()).collect(),
        ),
    )
}

/// The bytes of some words; a figure is taken whole, as `5.4` and `1,200` are two words each.
fn whole_figure(unit: &Prepared<'_>, words: std::ops::Range<usize>) -> ByteRange {
    let text = unit.story.text.as_bytes();
    let range = unit.bytes(words);
    let (mut start, mut end) = (range.start as usize, range.end as usize);
    let digit = |i: usize| text.get(i).is_some_and(u8::is_ascii_digit);
    let point = |i: usize| text.get(i).is_some_and(|b| matches!(b, b'.' | b',' | b':'));
    if digit(start) {
        while start >= 1
            && (digit(start - 1) || (start >= 2 && point(start - 1) && digit(start - 2)))
        {
            start -= 1;
        }
    }
    if end >= 1 && digit(end - 1) {
        while digit(end) || (point(end) && digit(end + 1)) {
            end += 1;
        }
    }
    ByteRange::new(start, end)
}

fn shown_side(unit: &Prepared<'_>, words: std::ops::Range<usize>) -> String {
    let text = whole_figure(unit, words).of(&unit.story.text);
    shorten(&one_line(text), LONGEST_SIDE)
}

/// For each paragraph of `a` the one of `b` that has most of its shared words.
fn partners(c: &Comparison<'_>, a: &[Paragraph], b: &[Paragraph]) -> Vec<Option<usize>> {
    a.iter()
        .map(|paragraph| {
            let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
            let first = c
                .alignment
                .tiles
                .partition_point(|t| t.a + t.len <= paragraph.words.start);
            let inside = |t: &&crate::verify::align::Tile| t.a < paragraph.words.end;
            for tile in c.alignment.tiles[first..].iter().take_while(inside) {
                let from = paragraph.words.start.max(tile.a);
                let to = paragraph.words.end.min(tile.a + tile.len);
                for word in from..to {
                    let there = tile.b + (word - tile.a);
                    let place = b.partition_point(|p| p.words.end <= there);
                    *shared.entry(place).or_default() += 1;
                }
            }
            // The first of equals.
            shared
                .into_iter()
                .rev()
                .max_by_key(|&(_, n)| n)
                .map(|(place, _)| place)
        })
        .map(|place| place.filter(|&p| p < b.len()))
        .collect()
}

/// White space as single blanks, all else escaped.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    escape(&words.join(" ")).into_owned()
}

/// To three decimals, downwards: 0.9999 is not shown as 1.
pub(super) fn three_decimals(x: f64) -> String {
    format!("{:.3}", (x * 1_000.0 + 1e-6).floor() / 1_000.0)
}

/// Words in lines of at most `width` cells, as far as words allow.
pub(super) fn fill(text: &str, width: usize) -> Vec<String> {
    let items: Vec<String> = text.split(' ').map(str::to_owned).collect();
    join(&items, width, " ")
}

/// Items with room between them, in lines of at most `width` cells, as far as items allow.
fn flow(items: &[String], width: usize) -> Vec<String> {
    join(items, width, "   ")
}

fn join(items: &[String], width: usize, gap: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for item in items {
        match lines.last_mut() {
            Some(line) if line.width() + gap.width() + item.width() <= width => {
                line.push_str(gap);
                line.push_str(item);
            }
            _ => lines.push(item.clone()),
        }
    }
    lines
}

#[cfg(test)]
mod tests;
