/*!
How alike stories are and what settings would make of them: a table for people, an object for programs, an image.

Bars of the histogram are logarithmic: pairs that are hardly alike outnumber the others a thousandfold.
*/

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::cells::{FAINT, pad, pad_front, paint};
use super::json::rounded;
use super::plot::{Bar, Line, Panel, Plot, fifths};
use super::{counted, escape, thousands};
use crate::sketch::Bands;
use crate::story::UnitKind;
use crate::tune::outlook::{Bin, Outlook};

const HEAD: Style = Style::new().bold();
const BAR: Style = AnsiColor::Cyan.on_default();
const CURVE: Style = AnsiColor::Green.on_default();
/// Narrower terminals get this width all the same.
const LEAST_WIDTH: usize = 60;
/// Wider bars say no more.
const WIDEST: usize = 110;
/// Lines of the curve.
const CURVE_HEIGHT: usize = 5;
/// The first bin that is shown: below, everything is a little like everything.
const FIRST_BIN: usize = 1;

/// All that is told.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Stories read.
    pub stories: u64,
    /// Stories sampled.
    pub sampled: u64,
    /// Stories that were to be sampled.
    pub asked: u64,
    /// The seed of the sample.
    pub seed: u64,
    /// The threshold that was asked about.
    pub threshold: f64,
    /// The recall that was asked about.
    pub recall: f64,
    /// Stories, captions.
    pub units: Vec<Outlook>,
    /// The command that groups with these settings.
    pub command: String,
}

impl Report {
    /// Repeats at the threshold that was asked about.
    pub fn repeats(&self) -> u64 {
        let of = |o: &Outlook| {
            let at = o
                .thresholds
                .iter()
                .find(|t| (t.threshold - self.threshold).abs() < 1e-9);
            at.map_or(0, |t| t.repeats)
        };
        self.units.iter().map(of).sum()
    }

    fn is_whole(&self) -> bool {
        self.sampled == self.stories
    }
}

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
            width: width.clamp(LEAST_WIDTH, WIDEST),
            color,
        }
    }

    /// Writes all.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write(&self, out: &mut dyn Write, report: &Report) -> io::Result<()> {
        let sampled = if report.is_whole() {
            "all: figures are those of the whole".to_owned()
        } else {
            format!(
                "{}, each held against all; seed {}",
                thousands(report.sampled),
                report.seed
            )
        };
        self.write_fact(out, "stories", &thousands(report.stories))?;
        self.write_fact(out, "sampled", &sampled)?;
        if report.sampled < report.asked {
            let why = format!(
                "not {}: too much is alike to measure more",
                thousands(report.asked)
            );
            self.write_fact(out, "", &why)?;
        }
        self.write_fact(
            out,
            "similarity",
            "Jaccard, exact, as --match near compares",
        )?;
        for outlook in &report.units {
            self.write_outlook(out, report, outlook)?;
        }
        writeln!(out)?;
        writeln!(out, "{}", paint(self.color, HEAD, "to copy"))?;
        // Never cut.
        writeln!(out, "  {}", escape(&report.command))?;
        for line in super::compare::fill(
            "without --match near the rules of relations join versions and cuts below the threshold too",
            self.width - 2,
        ) {
            writeln!(out, "  {}", self.faint(&line))?;
        }
        Ok(())
    }

    fn write_fact(&self, out: &mut dyn Write, name: &str, value: &str) -> io::Result<()> {
        writeln!(out, "{}  {value}", self.faint(&pad(name, 10)))
    }

    fn write_outlook(&self, out: &mut dyn Write, report: &Report, o: &Outlook) -> io::Result<()> {
        let (one, many) = match o.unit {
            UnitKind::Story => ("story", "stories"),
            UnitKind::Caption => ("caption", "captions"),
        };
        let bands = Bands::solve(report.threshold, report.recall);
        writeln!(out)?;
        let title = counted(o.units, one, many);
        let note = format!(
            "  {} of them sampled; {} with the same words",
            thousands(o.sampled),
            counted(o.copies, "pair", "pairs")
        );
        writeln!(
            out,
            "{}{}",
            paint(self.color, HEAD, &title),
            self.faint(&note)
        )?;
        writeln!(out)?;
        self.write_histogram(out, report, o)?;
        writeln!(out)?;
        self.write_curve(out, report, bands)?;
        writeln!(out)?;
        self.write_thresholds(out, report, o)?;
        writeln!(out)?;
        self.write_recalls(out, report, o)
    }

    fn write_histogram(&self, out: &mut dyn Write, report: &Report, o: &Outlook) -> io::Result<()> {
        let head = format!("{:<13}{:>12}  {}", "similarity", "pairs", "logarithmic");
        writeln!(out, "  {}", self.faint(&head))?;
        let room = self.width - 2 - 13 - 12 - 2 - 13;
        let most = o.histogram[FIRST_BIN..]
            .iter()
            .map(|b| b.pairs)
            .max()
            .unwrap_or(0);
        for bin in o.histogram[FIRST_BIN..].iter().rev() {
            let bar = bar(share(bin.pairs, most) * room as f64);
            let holds = bin.from <= report.threshold + 1e-9 && report.threshold < bin.to - 1e-9;
            let mark = if holds { "◂ threshold" } else { "" };
            let line = format!(
                "  {:<13}{:>12}  {}",
                format!("{:.2} – {:.2}", bin.from, bin.to),
                thousands(bin.pairs),
                if mark.is_empty() {
                    paint(self.color, BAR, &bar)
                } else {
                    format!("{}  {mark}", paint(self.color, BAR, &bar))
                }
            );
            writeln!(out, "{}", line.trim_end())?;
        }
        if let Some(thin) = o.thinnest {
            let said = format!(
                "a threshold between {:.2} and {:.2} cuts through the fewest: {} a step",
                thin.from,
                thin.to,
                counted(thin.pairs, "pair", "pairs")
            );
            writeln!(out, "  {}", self.faint(&said))?;
        }
        Ok(())
    }

    /// The curve of the bands, from similarity 0 to 1, in eighths of a line.
    fn write_curve(&self, out: &mut dyn Write, report: &Report, bands: Bands) -> io::Result<()> {
        const LEFT: usize = 8;
        let columns = (self.width - 2 - LEFT - 2).min(72);
        let title = format!(
            "found by {} bands of {} rows, by similarity",
            bands.bands, bands.rows
        );
        writeln!(out, "  {}", self.faint(&title))?;
        let at = |column: usize| (column as f64 + 0.5) / columns as f64;
        for line in (0..CURVE_HEIGHT).rev() {
            let cells: String = (0..columns)
                .map(|column| {
                    let height = bands.probability(at(column)) * CURVE_HEIGHT as f64;
                    eighth(height - line as f64)
                })
                .collect();
            let label = match line {
                0 => "0 %",
                l if l + 1 == CURVE_HEIGHT => "100 %",
                _ => "",
            };
            let line = format!(
                "  {} {}",
                self.faint(&pad_front(label, 6)),
                paint(self.color, CURVE, cells.trim_end())
            );
            writeln!(out, "{}", line.trim_end())?;
        }
        let mut axis: Vec<char> = vec![' '; columns];
        for (share, label) in [(0.0, "0"), (0.25, "0.25"), (0.5, "0.5"), (0.75, "0.75")] {
            let from = (share * columns as f64) as usize;
            for (i, c) in label.chars().enumerate() {
                axis[from + i] = c;
            }
        }
        axis[columns - 1] = '1';
        let threshold = ((report.threshold * columns as f64) as usize).min(columns - 1);
        axis[threshold] = '▴';
        let axis: String = axis.into_iter().collect();
        writeln!(out, "  {:>6} {}", "", self.faint(axis.trim_end()))
    }

    fn write_thresholds(
        &self,
        out: &mut dyn Write,
        report: &Report,
        o: &Outlook,
    ) -> io::Result<()> {
        let head = format!(
            "{:<11}{:>11}{:>9}{:>9}{:>9}{:>10}{:>14}",
            "threshold", "pairs", "groups", "repeats", "largest", "bands", "missed/10,000"
        );
        writeln!(out, "  {}", self.faint(&head))?;
        for t in o.thresholds.iter().rev() {
            let asked = (t.threshold - report.threshold).abs() < 1e-9;
            let line = format!(
                "{} {:<11}{:>11}{:>9}{:>9}{:>9}{:>10}{:>14}",
                if asked { "▸" } else { " " },
                trimmed(t.threshold),
                thousands(t.pairs),
                thousands(t.groups),
                thousands(t.repeats),
                thousands(t.largest),
                format!("{} × {}", t.bands, t.rows),
                one_decimal(t.misses)
            );
            let style = if asked { HEAD } else { Style::new() };
            writeln!(
                out,
                "{}",
                if asked {
                    paint(self.color, style, &line)
                } else {
                    line
                }
            )?;
        }
        if !report.is_whole() {
            let at = o
                .thresholds
                .iter()
                .find(|t| (t.threshold - report.threshold).abs() < 1e-9);
            let Some(at) = at else { return Ok(()) };
            let said = format!(
                "groups with a sampled member alone; {} of {} sampled are in one at {}",
                thousands(at.sampled_in_groups),
                thousands(o.sampled),
                trimmed(report.threshold)
            );
            writeln!(out, "  {}", self.faint(&said))?;
        }
        Ok(())
    }

    fn write_recalls(&self, out: &mut dyn Write, report: &Report, o: &Outlook) -> io::Result<()> {
        let head = format!(
            "{:<11}{:>10}{:>12}{:>14}{:>13}{:>12}",
            "recall", "bands", "components", "missed/10,000", "candidates", "in vain"
        );
        writeln!(out, "  {}", self.faint(&head))?;
        for r in &o.recalls {
            let asked = (r.recall - report.recall).abs() < 1e-12;
            let line = format!(
                "{} {:<11}{:>10}{:>12}{:>14}{:>13}{:>12}",
                if asked { "▸" } else { " " },
                r.recall,
                format!("{} × {}", r.bands, r.rows),
                thousands(r.components as u64),
                one_decimal(r.misses),
                thousands(r.candidates.round() as u64),
                thousands(r.in_vain.round() as u64)
            );
            writeln!(
                out,
                "{}",
                if asked {
                    paint(self.color, HEAD, &line)
                } else {
                    line
                }
            )?;
        }
        let said = format!(
            "at threshold {}; a component is hashing for each unit, a candidate a comparison, in vain below the threshold",
            trimmed(report.threshold)
        );
        for line in super::compare::fill(&said, self.width - 2) {
            writeln!(out, "  {}", self.faint(&line))?;
        }
        Ok(())
    }

    fn faint(&self, text: &str) -> String {
        paint(self.color, FAINT, text)
    }
}

/// A threshold with two decimals, or with as many as it has.
fn trimmed(t: f64) -> String {
    let two = format!("{t:.2}");
    if (two.parse::<f64>().unwrap_or(t) - t).abs() < 1e-9 {
        two
    } else {
        rounded(t).to_string()
    }
}

fn one_decimal(x: Option<f64>) -> String {
    x.map_or("–".to_owned(), |x| format!("{x:.1}"))
}

/// How far a bar reaches: 0 for nothing, 1 for the most, by the logarithm.
fn share(n: u64, most: u64) -> f64 {
    if n == 0 {
        0.0
    } else {
        (n as f64).ln_1p() / (most.max(1) as f64).ln_1p()
    }
}

/// A bar of so many cells, to an eighth.
fn bar(cells: f64) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (cells * 8.0).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    bar.push_str(PARTS[eighths % 8]);
    bar
}

/// What stands in a cell that is filled from below by so much.
fn eighth(filled: f64) -> char {
    const PARTS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    PARTS[(filled.clamp(0.0, 1.0) * 8.0).round() as usize]
}

/// Draws the histogram with the curve of the bands, a panel for each kind of unit.
///
/// # Errors
/// When `out` fails.
pub fn write_plot(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let bands = Bands::solve(report.threshold, report.recall);
    let plot = Plot {
        title: "Similarity of pairs, and what bands would find".to_owned(),
        description: format!(
            "Bars: measured pairs by Jaccard similarity, on a logarithmic scale. Line: probability that {} bands of {} rows find a pair. \
             Sampled: {} of {}.",
            bands.bands,
            bands.rows,
            thousands(report.sampled),
            counted(report.stories, "story", "stories")
        ),
        panels: report
            .units
            .iter()
            .map(|o| panel(report, o, bands))
            .collect(),
    };
    plot.write(out)
}

fn panel(report: &Report, o: &Outlook, bands: Bands) -> Panel {
    let most = o.histogram[FIRST_BIN..]
        .iter()
        .map(|b| b.pairs)
        .max()
        .unwrap_or(0);
    let bar = |b: &Bin| Bar {
        x: (b.from, b.to),
        height: share(b.pairs, most).min(1.0),
        told: format!(
            "{:.2} to {:.2}: {}",
            b.from,
            b.to,
            counted(b.pairs, "pair", "pairs")
        ),
    };
    let powers = (0..=9_u32)
        .map(|p| 10_u64.pow(p))
        .take_while(|&n| n <= most.max(1));
    Panel {
        title: format!(
            "{} {}",
            thousands(o.units),
            match o.unit {
                UnitKind::Story => "stories",
                UnitKind::Caption => "captions",
            }
        ),
        x_label: "Jaccard similarity".to_owned(),
        y_label: "pairs".to_owned(),
        right_label: "found".to_owned(),
        x: (0.0, 1.0),
        x_ticks: fifths(),
        y_ticks: powers.map(|n| (share(n, most), thousands(n))).collect(),
        right_ticks: fifths(),
        bars: o.histogram[FIRST_BIN..].iter().map(bar).collect(),
        lines: vec![Line {
            name: format!("found by {} × {} bands", bands.bands, bands.rows),
            stroke: 1,
            points: (0..=100)
                .map(|i| f64::from(i) / 100.0)
                .map(|s| (s, Some(bands.probability(s))))
                .collect(),
        }],
        marks: vec![(
            report.threshold,
            format!("--threshold {}", report.threshold),
        )],
    }
}

#[cfg(test)]
mod tests;
