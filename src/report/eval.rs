/*!
How well answers agree with labels: a table for people, an object for programs, an image.

```text
                           story              caption            all
precision                  0.992 (0.97–1.00)  1.000 (1.00–1.00)  0.993 (0.98–1.00)
```

In brackets stands the range that 95 % of the draws fall into. Everything from labels goes through [`escape()`].
*/

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::cells::{FAINT, pad, pad_front, paint, shorten, shorten_front};
use super::plot::{Line, Panel, Plot, fifths};
use super::{escape, thousands};
use crate::judge::evaluation::{
    Confused, Figure, How, OfGroups, OfPairs, OfUnit, Score, Step, Told,
};
use crate::story::UnitKind;
use crate::verify::Relation;

const HEAD: Style = Style::new().bold();
const ID: Style = AnsiColor::Cyan.on_default();
/// Cells for the names of figures, and for each column of them.
const NAME: usize = 25;
const COLUMN: usize = 18;
/// Narrower terminals get this width all the same.
const LEAST_WIDTH: usize = 60;

/// All that is told of labels.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What was read.
    pub labels: LabelsLine,
    /// How pairs are judged whose mistakes are listed.
    pub judged: How,
    /// Over which units groups are held against one another.
    pub items: String,
    /// Figures of stories, captions and all.
    pub units: Vec<OfUnit>,
    /// Labelled relations by those found.
    pub confusion: Vec<Confused>,
    /// What each threshold would give.
    pub sweep: Vec<Step>,
    /// What belongs together and was told apart, the most alike first.
    pub misses: Vec<Mistake>,
    /// How many there are, listed or not.
    pub misses_in_all: usize,
    /// What was put together and does not belong, the least alike first.
    pub false_joins: Vec<Mistake>,
    /// How many there are, listed or not.
    pub false_joins_in_all: usize,
}

/// The file of labels.
#[derive(Clone, Debug, Serialize)]
pub struct LabelsLine {
    /// Its name.
    pub path: String,
    /// How it is written.
    pub form: &'static str,
    /// Labels that count.
    pub used: usize,
    /// Units over which groups are held against one another.
    pub items: usize,
    /// Lines that are no labels.
    pub unusable: usize,
    /// Labels of units that are not known.
    pub unknown: usize,
    /// Labels of kinds that `--unit` leaves out.
    pub left_out: usize,
}

/// A pair that was told otherwise than labelled.
#[derive(Clone, Debug, Serialize)]
pub struct Mistake {
    /// Line of the label.
    pub line: usize,
    /// One unit's id.
    pub a: String,
    /// The other's.
    pub b: String,
    /// What they are.
    pub unit: UnitKind,
    /// The labelled relation, where there is one.
    pub label: Option<String>,
    /// What the two are alone.
    #[serde(flatten)]
    pub told: Told,
    /// The command that shows them.
    pub compare: String,
}

/// A figure's name, and how it is shown of one kind of unit.
type Row<'n, T> = (&'n str, fn(&T) -> String);

/// How the table looks.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    width: usize,
    color: bool,
}

impl Page {
    /// A table of that many cells.
    pub fn new(width: usize, color: bool) -> Self {
        Self {
            width: width.max(LEAST_WIDTH),
            color,
        }
    }

    /// Writes all.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write(&self, out: &mut dyn Write, report: &Report) -> io::Result<()> {
        self.write_labels(out, report)?;
        let both = report.units.iter().any(|u| u.alone.is_some());
        if both {
            self.write_pairs(out, report, "each pair alone", |u| u.alone.as_ref())?;
            self.write_pairs(out, report, "in the groups of the whole", |u| {
                u.grouped.as_ref()
            })?;
        }
        self.write_groups(out, report)?;
        self.write_confusion(out, report)?;
        self.write_sweep(out, report)?;
        let (misses, joins) = (report.misses_in_all, report.false_joins_in_all);
        self.write_mistakes(
            out,
            ["miss", "misses, the most alike first"],
            &report.misses,
            misses,
        )?;
        self.write_mistakes(
            out,
            ["false join", "false joins, the least alike first"],
            &report.false_joins,
            joins,
        )
    }

    fn write_labels(&self, out: &mut dyn Write, report: &Report) -> io::Result<()> {
        let labels = &report.labels;
        let mut lines = vec![
            (
                "labels",
                shorten_front(&escape(&labels.path), self.width - 12),
            ),
            ("form", labels.form.to_owned()),
            ("used", thousands(labels.used as u64)),
        ];
        let not_used = [
            (labels.unusable, "no label"),
            (labels.unknown, "of unknown units, or named twice"),
            (labels.left_out, "left out by --unit"),
        ];
        let not_used: Vec<String> = not_used
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, why)| format!("{} {why}", thousands(*n as u64)))
            .collect();
        if !not_used.is_empty() {
            lines.push(("not used", not_used.join(", ")));
        }
        for (name, value) in lines {
            writeln!(out, "{}  {value}", self.faint(&pad(name, 10)))?;
        }
        Ok(())
    }

    fn write_heads(&self, out: &mut dyn Write, title: &str, units: &[&str]) -> io::Result<()> {
        writeln!(out)?;
        let heads: String = units.iter().map(|unit| pad(unit, COLUMN)).collect();
        let title = paint(self.color, HEAD, &pad(title, NAME + 2));
        writeln!(out, "{title}{}", self.faint(heads.trim_end()))
    }

    fn write_rows<T>(&self, out: &mut dyn Write, units: &[&T], rows: &[Row<T>]) -> io::Result<()> {
        for (name, cell) in rows {
            let mut line = format!("  {}", self.faint(&pad(name, NAME)));
            for unit in units {
                line.push_str(&pad(&cell(unit), COLUMN));
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    fn write_pairs(
        &self,
        out: &mut dyn Write,
        report: &Report,
        title: &str,
        of: fn(&OfUnit) -> Option<&OfPairs>,
    ) -> io::Result<()> {
        let (names, units): (Vec<&str>, Vec<&OfPairs>) = report
            .units
            .iter()
            .filter_map(|u| Some((u.unit, of(u)?)))
            .unzip();
        if units.is_empty() {
            return Ok(());
        }
        self.write_heads(out, title, &names)?;
        self.write_rows(
            out,
            &units,
            &[
                ("joined, of those to join", |u| of_whole(u.joined, u.same)),
                ("apart, of those to part", |u| {
                    of_whole(u.apart, u.different)
                }),
                ("precision", |u| figure(&u.precision)),
                ("recall", |u| figure(&u.recall)),
                ("F1", |u| figure(&u.f1)),
            ],
        )?;
        if title.starts_with("each") && units.iter().any(|u| u.relations > 0) {
            self.write_rows(
                out,
                &units,
                &[
                    ("relation as labelled", |u| {
                        of_whole(u.relations_right, u.relations)
                    }),
                    ("", |u| figure(&u.relation)),
                ],
            )?;
        }
        Ok(())
    }

    fn write_groups(&self, out: &mut dyn Write, report: &Report) -> io::Result<()> {
        let (names, units): (Vec<&str>, Vec<&OfGroups>) = report
            .units
            .iter()
            .filter_map(|u| Some((u.unit, u.groups.as_ref()?)))
            .unzip();
        if units.is_empty() {
            return Ok(());
        }
        self.write_heads(out, "groups", &names)?;
        if report.units.iter().all(|u| u.alone.is_none()) {
            self.write_rows(
                out,
                &units,
                &[
                    ("precision of pairs", |u| figure(&u.precision)),
                    ("recall of pairs", |u| figure(&u.recall)),
                    ("F1 of pairs", |u| figure(&u.f1)),
                ],
            )?;
        }
        self.write_rows(
            out,
            &units,
            &[
                ("units", |u| thousands(u.items)),
                ("groups, labelled / found", |u| {
                    format!("{} / {}", thousands(u.labelled), thousands(u.found))
                }),
                ("ARI", |u| figure(&u.ari)),
                ("B³ precision", |u| figure(&u.b3_precision)),
                ("B³ recall", |u| figure(&u.b3_recall)),
                ("B³ F1", |u| figure(&u.b3_f1)),
            ],
        )?;
        for line in super::compare::fill(&format!("over {}", report.items), self.width - 2) {
            writeln!(out, "  {}", self.faint(&line))?;
        }
        Ok(())
    }

    fn write_confusion(&self, out: &mut dyn Write, report: &Report) -> io::Result<()> {
        if report.confusion.is_empty() {
            return Ok(());
        }
        let labels = order(report.confusion.iter().map(|c| &*c.label));
        let found = order(report.confusion.iter().map(|c| &*c.found));
        writeln!(out)?;
        let title = paint(self.color, HEAD, &pad("relations", 12));
        let cells = (self.width.saturating_sub(12) / found.len().max(1)).clamp(6, 10);
        let across: String = found
            .iter()
            .map(|f| pad_front(&shorten(f, cells - 1), cells))
            .collect();
        writeln!(out, "{title}{}", self.faint(&across))?;
        for label in labels {
            let mut line = format!("  {}", self.faint(&pad(&shorten(&escape(label), 10), 10)));
            for name in &found {
                let n = report
                    .confusion
                    .iter()
                    .find(|c| c.label == label && c.found == *name)
                    .map_or(0, |c| c.count);
                let cell = if n == 0 { ".".to_owned() } else { thousands(n) };
                line.push_str(&pad_front(&cell, cells));
            }
            writeln!(out, "{line}")?;
        }
        writeln!(out, "  {}", self.faint("labelled down, found across"))
    }

    fn write_sweep(&self, out: &mut dyn Write, report: &Report) -> io::Result<()> {
        let rules = report.sweep.iter().any(|s| s.rules.is_some());
        writeln!(out)?;
        let mut line = paint(self.color, HEAD, &pad("threshold", 12));
        line.push_str(&self.faint(&pad("similarity alone", 30)));
        if rules {
            line.push_str(&self.faint("with the rules"));
        }
        writeln!(out, "{}", line.trim_end())?;
        let heads = format!("{:<10}{:<10}{:<10}", "precision", "recall", "F1");
        let heads = if rules { heads.repeat(2) } else { heads };
        writeln!(out, "{:12}{}", "", self.faint(heads.trim_end()))?;
        for step in &report.sweep {
            let mut line = format!("  {}", self.faint(&format!("{:<10.2}", step.threshold)));
            for score in [Some(step.similarity), step.rules].into_iter().flatten() {
                for x in [score.precision, score.recall, score.f1] {
                    line.push_str(&pad(&three(x), 10));
                }
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    fn write_mistakes(
        &self,
        out: &mut dyn Write,
        [one, many]: [&str; 2],
        listed: &[Mistake],
        all: usize,
    ) -> io::Result<()> {
        if all == 0 {
            return Ok(());
        }
        writeln!(out)?;
        let title = if all == 1 { one } else { many };
        let title = format!("{} {title}", thousands(all as u64));
        writeln!(out, "{}", paint(self.color, HEAD, &title))?;
        for m in listed {
            let label = m
                .label
                .as_deref()
                .map_or(String::new(), |l| format!("{} → ", escape(l)));
            let figures = format!(
                "  {label}{}  Jaccard {:.3}  containment {:.3}",
                m.told.relation, m.told.jaccard, m.told.containment
            );
            let whence = format!("{}  line {}", m.told.rule, m.line);
            let fits = figures.chars().count() + 2 + whence.chars().count() <= self.width;
            let between = if fits { "  " } else { "\n    " };
            writeln!(out, "{figures}{between}{}", self.faint(&whence))?;
            // To be copied, so never cut.
            writeln!(out, "    {}", paint(self.color, ID, &escape(&m.compare)))?;
        }
        if listed.len() < all {
            let more = thousands((all - listed.len()) as u64);
            writeln!(out, "  … {more} more, --mistakes 0 lists all")?;
        }
        Ok(())
    }

    fn faint(&self, text: &str) -> String {
        paint(self.color, FAINT, text)
    }
}

/// Names of relations in their usual order, others after them.
fn order<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let rank = |name: &str| {
        let usual = Relation::ALL.iter().position(|r| r.name() == name);
        match name {
            "first" => 0,
            _ => usual.map_or(100, |place| place + 1),
        }
    };
    let mut all: Vec<&str> = names.collect();
    all.sort_by_key(|name| (rank(name), *name));
    all.dedup();
    all
}

fn of_whole(part: u64, whole: u64) -> String {
    format!("{} of {}", thousands(part), thousands(whole))
}

/// `0.977 (0.96–0.99)`
fn figure(figure: &Figure) -> String {
    let value = three(figure.value);
    match (figure.low, figure.high) {
        (Some(low), Some(high)) => format!("{value} ({low:.2}–{high:.2})"),
        _ => value,
    }
}

fn three(x: Option<f64>) -> String {
    x.map_or("–".to_owned(), |x| format!("{x:.3}"))
}

/// Draws precision, recall and F1 by threshold; `used` is the threshold of the run.
///
/// # Errors
/// When `out` fails.
pub fn write_plot(out: &mut dyn Write, report: &Report, used: f64) -> io::Result<()> {
    let mut panels = vec![panel("By similarity alone", &report.sweep, used, |s| {
        Some(s.similarity)
    })];
    if report.sweep.iter().any(|s| s.rules.is_some()) {
        panels.push(panel(
            "With the rules of relations",
            &report.sweep,
            used,
            |s| s.rules,
        ));
    }
    let best = report
        .sweep
        .iter()
        .filter_map(|s| Some((s.similarity.f1?, s.threshold)))
        .fold(None::<(f64, f64)>, |best, now| match best {
            Some(best) if best.0 >= now.0 => Some(best),
            _ => Some(now),
        });
    let best = best.map_or(String::new(), |(f1, t)| {
        format!(" By similarity alone F1 is highest at {t:.2}: {f1:.3}.")
    });
    // The name says most, and there is little room.
    let path = &report.labels.path;
    let name = path.rsplit(std::path::is_separator).next().unwrap_or(path);
    let plot = Plot {
        title: format!("Precision, recall and F1 by threshold: {name}"),
        description: format!(
            "Lines of precision, recall and F1 for thresholds from 0.10 to 1.00, over {} labels.{best}",
            report.labels.used
        ),
        panels,
    };
    plot.write(out)
}

fn panel(title: &str, sweep: &[Step], used: f64, of: fn(&Step) -> Option<Score>) -> Panel {
    let line = |name: &str, stroke, value: fn(Score) -> Option<f64>| Line {
        name: name.to_owned(),
        stroke,
        points: sweep
            .iter()
            .map(|s| (s.threshold, of(s).and_then(value)))
            .collect(),
    };
    Panel {
        title: title.to_owned(),
        x_label: "threshold (Jaccard similarity)".to_owned(),
        x: (0.1, 1.0),
        x_ticks: (1..=5)
            .map(|i| f64::from(i) / 5.0)
            .map(|t| (t, format!("{t:.1}")))
            .collect(),
        y_ticks: fifths(),
        lines: vec![
            line("precision", 0, |s| s.precision),
            line("recall", 1, |s| s.recall),
            line("F1", 2, |s| s.f1),
        ],
        marks: vec![(used, format!("--threshold {used}"))],
        ..Panel::default()
    }
}

#[cfg(test)]
mod tests;
