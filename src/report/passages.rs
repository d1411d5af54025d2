/*!
Passages, for programs and for people.

```text
12 stories  46 words  boilerplate  2031-03-03T06:10:00Z           p-90ab1c23d4e5
  About Meridian Wire: Founded in 1968 as a cooperative … members that publish it
  mw-0303-14  wire/meridian.jsonl:9   2031-03-03T10:50:00Z
```

Lines for programs are described by [`schema`](super::schema). In the table everything that comes from a story goes through
[`escape()`], and no line is wider than the terminal.
*/

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::cells::{FAINT, pad, paint, shorten, shorten_front, write_figures};
use super::json::write_line;
use super::{escape, thousands};
use crate::passages::{Kind, Passage};
use crate::pipeline::passages::Outcome;
use crate::story::Corpus;
use crate::threads::write_in_turn;

/// Lines that are held at a time, and lines that a thread takes of them: a passage may stand in very many places.
const AT_ONCE: usize = 256;
const A_THREAD: usize = 8;

#[derive(Serialize)]
struct PassageLine<'a> {
    passage: &'a str,
    words: u32,
    stories: usize,
    kind: Kind,
    first_seen: Option<String>,
    text: String,
    occurrences: Vec<OccurrenceLine<'a>>,
}

#[derive(Serialize)]
struct OccurrenceLine<'a> {
    id: String,
    path: &'a str,
    line: Option<u64>,
    start: u32,
    end: u32,
}

/// Writes the passages, a line of JSON each, in their order.
///
/// # Errors
/// When `out` fails.
pub fn lines<C: Corpus + ?Sized>(
    out: &mut dyn Write,
    corpus: &C,
    passages: &[Passage],
) -> io::Result<()> {
    write_in_turn(out, passages, (AT_ONCE, A_THREAD), |out, passage| {
        let occurrences = passage
            .occurrences
            .iter()
            .map(|o| {
                let origin = corpus.origin(o.story);
                OccurrenceLine {
                    id: corpus.head(o.story).id.into_owned(),
                    path: origin.path,
                    line: origin.line,
                    start: o.range.start,
                    end: o.range.end,
                }
            })
            .collect();
        let line = PassageLine {
            passage: &passage.name,
            words: passage.words(),
            stories: passage.stories,
            kind: passage.kind,
            first_seen: passage.first_seen(corpus),
            text: passage.text(corpus),
            occurrences,
        };
        write_line(out, &line)
    })
}

const NUMBER: Style = Style::new().bold();
const ID: Style = AnsiColor::Cyan.on_default();
const KIND: Style = AnsiColor::Green.on_default();

/// Narrower terminals get this width all the same.
const LEAST_WIDTH: usize = 40;

/// How a table of passages looks.
#[derive(Clone, Copy, Debug)]
pub struct PassageTable {
    /// Cells in a line.
    pub width: usize,
    /// Whether to use ANSI colours.
    pub color: bool,
    /// Most passages shown.
    pub passages: usize,
    /// Most occurrences shown of each.
    pub occurrences: usize,
}

impl PassageTable {
    /// Passages shown by default.
    pub const PASSAGES: usize = 50;
    /// Occurrences shown of each by default.
    pub const OCCURRENCES: usize = 3;

    /// A table of that many cells, with the usual limits.
    pub fn new(width: usize, color: bool) -> Self {
        Self {
            width: width.max(LEAST_WIDTH),
            color,
            passages: Self::PASSAGES,
            occurrences: Self::OCCURRENCES,
        }
    }

    /// Without a limit to the number of passages.
    #[must_use]
    pub fn all(self) -> Self {
        Self {
            passages: usize::MAX,
            ..self
        }
    }

    /// Writes the passages in their order, and what was left out.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write<C: Corpus + ?Sized>(
        &self,
        out: &mut dyn Write,
        corpus: &C,
        passages: &[Passage],
    ) -> io::Result<()> {
        for passage in passages.iter().take(self.passages) {
            self.write_head(out, corpus, passage)?;
            let text = passage.text(corpus);
            writeln!(out, "  {}", both_ends(&text, self.width - 2))?;
            self.write_occurrences(out, corpus, passage)?;
            writeln!(out)?;
        }
        if passages.len() > self.passages {
            let more = passages.len() - self.passages;
            let more = super::counted(more as u64, "more passage", "more passages");
            writeln!(out, "… {more}; --all shows all, --json lists all\n")?;
        }
        Ok(())
    }

    fn write_head<C: Corpus + ?Sized>(
        &self,
        out: &mut dyn Write,
        corpus: &C,
        passage: &Passage,
    ) -> io::Result<()> {
        let size = format!(
            "{}  {}",
            super::counted(passage.stories as u64, "story", "stories"),
            super::counted(u64::from(passage.words()), "word", "words")
        );
        let kind = passage.kind.name();
        let used = size.width() + 2 + kind.len() + 2 + 2 + passage.name.len();
        let time = passage.first_seen(corpus).unwrap_or_default();
        let left = self.width.saturating_sub(used);
        let time = shorten(&escape(&time), left);
        let name = if self.width > used {
            let gap = left - time.width() + 2;
            format!("{:gap$}{}", "", self.paint(FAINT, &passage.name))
        } else {
            String::new()
        };
        let line = format!(
            "{}  {}  {}{name}",
            self.paint(NUMBER, &size),
            self.paint(KIND, kind),
            self.paint(FAINT, &time)
        );
        writeln!(out, "{}", line.trim_end())
    }

    fn write_occurrences<C: Corpus + ?Sized>(
        &self,
        out: &mut dyn Write,
        corpus: &C,
        passage: &Passage,
    ) -> io::Result<()> {
        let rows: Vec<(String, String, String)> = passage
            .occurrences
            .iter()
            .take(self.occurrences)
            .map(|o| {
                let story = corpus.head(o.story);
                let origin = corpus.origin(o.story);
                let place = match origin.line {
                    Some(line) => format!("{}:{line}", origin.path),
                    None => origin.path.to_owned(),
                };
                // A file that is one story is named once.
                let id = if place == story.id { "" } else { &story.id };
                (
                    escape(id).into_owned(),
                    escape(&place).into_owned(),
                    escape(story.time.as_deref().unwrap_or_default()).into_owned(),
                )
            })
            .collect();
        let widest = |cell: fn(&(String, String, String)) -> &str| {
            rows.iter().map(|r| cell(r).width()).max().unwrap_or(0)
        };
        let left = self.width - 2;
        let time = widest(|r| &r.2).min(25);
        let left = left.saturating_sub(if time > 0 { time + 2 } else { 0 });
        let id = widest(|r| &r.0).min(left / 2);
        let place = widest(|r| &r.1).min(left.saturating_sub(if id > 0 { id + 2 } else { 0 }));
        for (story, at, when) in &rows {
            let mut line = String::from("  ");
            if id > 0 {
                line.push_str(&self.paint(ID, &pad(&shorten(story, id), id)));
                line.push_str("  ");
            }
            line.push_str(&pad(&shorten_front(at, place), place));
            if !when.is_empty() {
                line.push_str("  ");
                line.push_str(&self.paint(FAINT, &shorten(when, time)));
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        if passage.occurrences.len() > rows.len() {
            let more = thousands((passage.occurrences.len() - rows.len()) as u64);
            writeln!(out, "  … {more} more")?;
        }
        Ok(())
    }

    /// Writes the figures of the run.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write_summary(&self, out: &mut dyn Write, outcome: &Outcome) -> io::Result<()> {
        write_figures(out, &summary(outcome), 12, self.color)
    }

    fn paint(&self, style: Style, text: &str) -> String {
        paint(self.color, style, text)
    }
}

/// The figures of a run, a name and a value each.
pub fn summary(outcome: &Outcome) -> Vec<(&'static str, String)> {
    let found = &outcome.found;
    let of = |kind| found.passages.iter().filter(|p| p.kind == kind).count() as u64;
    let kinds: Vec<String> = [Kind::News, Kind::Boilerplate, Kind::Caption]
        .into_iter()
        .filter(|&kind| of(kind) > 0)
        .map(|kind| format!("{} {}", thousands(of(kind)), kind.name()))
        .collect();
    let passages = match found.passages.len() {
        0 => "0".to_owned(),
        n => format!("{} ({})", thousands(n as u64), kinds.join(", ")),
    };
    let mut lines = vec![
        ("stories", thousands(outcome.stories)),
        ("words", thousands(found.words)),
        ("passages", passages),
    ];
    if !outcome.rejections.is_empty() {
        lines.push(("rejected", thousands(outcome.rejections.len() as u64)));
    }
    if found.capped_seeds > 0 {
        let seeds = thousands(found.capped_seeds);
        lines.push((
            "capped seeds",
            format!("{seeds} (word runs in very many places; --exact compares all)"),
        ));
    }
    let seconds = outcome.elapsed.as_secs_f64();
    let megabytes = outcome.bytes as f64 / 1e6;
    let mut took = format!("{seconds:.2} s, {megabytes:.1} MB");
    if seconds > 0.0 {
        took = format!("{took} ({:.1} MB/s)", megabytes / seconds);
    }
    lines.push(("took", took));
    lines
}

/// A text on one line of so many cells: its start and its end, which tell where a passage begins and ends.
fn both_ends(text: &str, width: usize) -> String {
    // Only as much as can be seen is worked on, from either end.
    let start: String = text.chars().take(4 * width).collect();
    let whole = start.len() == text.len();
    let words: Vec<&str> = start.split_whitespace().collect();
    let start = escape(&words.join(" ")).into_owned();
    if whole && start.width() <= width {
        return start;
    }
    let tail: Vec<char> = text.chars().rev().take(4 * width).collect();
    let tail: String = tail.into_iter().rev().collect();
    let words: Vec<&str> = tail.split_whitespace().collect();
    let tail = escape(&words.join(" ")).into_owned();
    let half = width.saturating_sub(3) / 2;
    let mut cells = 0;
    let front: String = start
        .chars()
        .take_while(|c| {
            cells += c.width().unwrap_or(0);
            cells <= half
        })
        .collect();
    let back = shorten_front(&tail, half + 1);
    let back = back.trim_start_matches('…');
    // A word that was cut says nothing.
    let front = front.rsplit_once(' ').map_or(front.as_str(), |(f, _)| f);
    let back = back.split_once(' ').map_or(back, |(_, b)| b);
    format!("{front} … {back}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PassageSettings;
    use crate::pipeline::passages::find_in_stories;
    use crate::pipeline::progress::Silent;
    use crate::story::Story;

    fn sample() -> (Vec<Story<'static>>, Outcome) {
        const QUOTE: &str = "“a line drawn on a chart cannot tell the\n\u{1b}[31mherring where to swim, and it cannot tell a family in Tarn Head that the boat must now be sold for scrap”";
        let mut stories = vec![
            Story::new("ap-1", format!("Haas said {QUOTE} and went home.")),
            Story::new("x\u{202e}", "洪水のため閉鎖されていた橋が再開した。"),
            Story::new(
                "ap-9",
                format!("It was put so: {QUOTE}, by radio, to the crews."),
            ),
            Story::new(
                "洪-2",
                "It was put so yet again by radio, to the crews of the boats.",
            ),
            Story::new(
                "ap-10",
                "He put so yet again, by radio, to the crews of the boats, a word.",
            ),
        ];
        stories[2].time = Some("2031-03-03T10:00:00Z".into());
        let mut outcome = find_in_stories(&stories, &PassageSettings::default(), &Silent).unwrap();
        outcome.elapsed = std::time::Duration::from_millis(250);
        outcome.bytes = 2_500_000;
        (stories, outcome)
    }

    fn shown(table: PassageTable) -> String {
        let (stories, outcome) = sample();
        let mut out = Vec::new();
        table
            .write(&mut out, &stories[..], &outcome.found.passages)
            .unwrap();
        table.write_summary(&mut out, &outcome).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn passages_are_lines() {
        let (stories, outcome) = sample();
        let mut out = Vec::new();
        lines(&mut out, &stories[..], &outcome.found.passages).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r#"
        {"passage":"p-58b46e5c85e2","words":31,"stories":2,"kind":"news","first_seen":"2031-03-03T10:00:00Z","text":"a line drawn on a chart cannot tell the\n\u001b[31mherring where to swim, and it cannot tell a family in Tarn Head that the boat must now be sold for scrap","occurrences":[{"id":"ap-9","path":"memory","line":null,"start":18,"end":167},{"id":"ap-1","path":"memory","line":null,"start":13,"end":162}]}
        {"passage":"p-0b7e1f40e7cd","words":12,"stories":2,"kind":"news","first_seen":null,"text":"put so yet again by radio, to the crews of the boats","occurrences":[{"id":"洪-2","path":"memory","line":null,"start":7,"end":59},{"id":"ap-10","path":"memory","line":null,"start":3,"end":56}]}
        "#);
    }

    #[test]
    fn a_table_for_people() {
        insta::assert_snapshot!(shown(PassageTable::new(80, false)), @r#"
        2 stories  31 words  news  2031-03-03T10:00:00Z                   p-58b46e5c85e2
          a line drawn on a chart cannot tell … the boat must now be sold for scrap
          ap-9  memory  2031-03-03T10:00:00Z
          ap-1  memory

        2 stories  12 words  news                                         p-0b7e1f40e7cd
          put so yet again by radio, to the crews of the boats
          洪-2   memory
          ap-10  memory

        stories       5
        words         123
        passages      2 (2 news)
        took          0.25 s, 2.5 MB (10.0 MB/s)
        "#);
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_colours_are_on_request() {
        for width in [40, 60, 80, 120] {
            let plain = shown(PassageTable::new(width, false));
            assert!(!plain.contains('\u{1b}'));
            for line in plain.lines() {
                assert!(
                    line.width() <= width || line.contains("--"),
                    "{width}: {line}"
                );
            }
        }
        assert!(shown(PassageTable::new(80, true)).contains("\u{1b}[36m"));
    }

    #[test]
    fn long_texts_show_both_ends() {
        let text = "one two three four five six seven eight nine ten";
        assert_eq!(both_ends(text, 60), text);
        assert_eq!(both_ends(text, 30), "one two … nine ten");
        assert!(both_ends(&"東".repeat(40), 21).width() <= 21);
    }
}
