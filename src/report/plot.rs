/*!
Charts as SVG, by hand: panels side by side, each with axes, bars, lines and marks.

Output is one self-contained image: no script, no reference to anything outside, a title and a description for who cannot see it, colours for light
and dark, and lines that are told apart by their strokes too. Coordinates have one decimal, so that the same chart gives the same bytes.
*/

use std::fmt::Write as _;
use std::io::{self, Write};

use super::escape;

/// Pixels of a panel, frame and labels included.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 360.0;
/// Around the frame of a panel.
const LEFT: f64 = 62.0;
const RIGHT: f64 = 48.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 52.0;
/// Above all panels: the title.
const HEAD: f64 = 40.0;
/// What a legend's entry takes beside its text.
const SWATCH: f64 = 34.0;
/// Pixels of a letter, about.
const LETTER: f64 = 6.6;

const STYLE: &str = "\
text{font:12px system-ui,sans-serif;fill:#1d2733}.title{font-size:15px;font-weight:600}.head{font-size:13px;font-weight:600}\
.faint{fill:#5b6775}.page{fill:#fff}.frame{fill:none;stroke:#8b97a5}.grid{stroke:#e3e8ee}.bar{fill:#b9c7d8}\
.mark{stroke:#1d2733;stroke-dasharray:2 3}path{fill:none;stroke-width:2}.s0{stroke:#0b62b4}\
.s1{stroke:#b4540b;stroke-dasharray:7 3}.s2{stroke:#0a7a4b;stroke-dasharray:2 2}.s3{stroke:#8a2a8f}\
@media(prefers-color-scheme:dark){text{fill:#e4e9ef}.faint{fill:#9aa7b5}.page{fill:#12171d}.frame{stroke:#5b6775}\
.grid{stroke:#27303a}.bar{fill:#3c4b5d}.mark{stroke:#e4e9ef}.s0{stroke:#62aef5}.s1{stroke:#f0a35c}.s2{stroke:#58c994}.s3{stroke:#d98ade}}";

/// A chart.
#[derive(Clone, Debug, Default)]
pub struct Plot {
    /// What it shows, for the head and for screen readers.
    pub title: String,
    /// What there is to see, in words.
    pub description: String,
    /// The panels, from left to right.
    pub panels: Vec<Panel>,
}

/// One pair of axes.
#[derive(Clone, Debug, Default)]
pub struct Panel {
    /// Above it.
    pub title: String,
    /// Below it.
    pub x_label: String,
    /// At its left.
    pub y_label: String,
    /// At its right.
    pub right_label: String,
    /// Ends of the horizontal axis.
    pub x: (f64, f64),
    /// Places on the horizontal axis with what is written there.
    pub x_ticks: Vec<(f64, String)>,
    /// Shares of the height with what is written at the left.
    pub y_ticks: Vec<(f64, String)>,
    /// The same at the right.
    pub right_ticks: Vec<(f64, String)>,
    /// Bars.
    pub bars: Vec<Bar>,
    /// Lines.
    pub lines: Vec<Line>,
    /// Upright lines.
    pub marks: Vec<(f64, String)>,
}

/// A bar.
#[derive(Clone, Debug)]
pub struct Bar {
    /// Where it begins and ends on the horizontal axis.
    pub x: (f64, f64),
    /// Share of the height.
    pub height: f64,
    /// What it says when pointed at.
    pub told: String,
}

/// A line.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it is, in the legend.
    pub name: String,
    /// Stroke, 0 to 3.
    pub stroke: u8,
    /// Places on the horizontal axis, and shares of the height. A gap where there is none.
    pub points: Vec<(f64, Option<f64>)>,
}

impl Plot {
    /// Writes the image.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let (width, height) = (WIDTH * self.panels.len() as f64, HEAD + HEIGHT);
        let mut svg = String::new();
        // Writing to a string cannot fail.
        let _ = write!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
             role=\"img\" aria-labelledby=\"title description\">\n<title id=\"title\">{}</title>\n<desc id=\"description\">{}</desc>\n\
             <style>{STYLE}</style>\n<rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n",
            text(&self.title),
            text(&self.description)
        );
        write_text(&mut svg, (LEFT, 26.0), "title", "start", &self.title);
        for (i, panel) in self.panels.iter().enumerate() {
            let _ = writeln!(
                svg,
                "<g transform=\"translate({} {HEAD})\">",
                WIDTH * i as f64
            );
            panel.write(&mut svg);
            svg.push_str("</g>\n");
        }
        svg.push_str("</svg>\n");
        out.write_all(svg.as_bytes())
    }
}

impl Panel {
    /// A place on the horizontal axis as pixels.
    fn across(&self, x: f64) -> f64 {
        LEFT + (x - self.x.0) / (self.x.1 - self.x.0) * (WIDTH - LEFT - RIGHT)
    }

    fn write(&self, svg: &mut String) {
        let (left, right, top, bottom) = (LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM);
        write_text(svg, (left, 18.0), "head", "start", &self.title);
        self.write_legend(svg);
        for (share, label) in &self.y_ticks {
            let y = up(*share);
            let _ = writeln!(
                svg,
                "<line class=\"grid\" x1=\"{left}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>"
            );
            write_text(svg, (left - 6.0, y + 4.0), "faint", "end", label);
        }
        for (share, label) in &self.right_ticks {
            write_text(
                svg,
                (right + 6.0, up(*share) + 4.0),
                "faint",
                "start",
                label,
            );
        }
        for bar in &self.bars {
            let (x, y) = (self.across(bar.x.0), up(bar.height));
            let _ = writeln!(
                svg,
                "<rect class=\"bar\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>{}</title></rect>",
                (self.across(bar.x.1) - x - 1.0).max(0.5),
                bottom - y,
                text(&bar.told)
            );
        }
        for (x, label) in &self.x_ticks {
            write_text(
                svg,
                (self.across(*x), bottom + 16.0),
                "faint",
                "middle",
                label,
            );
        }
        let _ = writeln!(
            svg,
            "<rect class=\"frame\" x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\"/>",
            right - left,
            bottom - top
        );
        for line in &self.lines {
            self.write_line(svg, line);
        }
        for (x, label) in &self.marks {
            let x = self.across(*x);
            let _ = writeln!(
                svg,
                "<line class=\"mark\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top}\" y2=\"{bottom}\"/>"
            );
            let (at, anchor) = if x > (left + right) / 2.0 {
                (x - 5.0, "end")
            } else {
                (x + 5.0, "start")
            };
            write_text(svg, (at, bottom - 8.0), "faint", anchor, label);
        }
        let middle = (left + right) / 2.0;
        write_text(
            svg,
            (middle, bottom + 38.0),
            "faint",
            "middle",
            &self.x_label,
        );
        write_upright(svg, 14.0, &self.y_label);
        write_upright(svg, WIDTH - 6.0, &self.right_label);
    }

    fn write_legend(&self, svg: &mut String) {
        let mut x = LEFT;
        for line in &self.lines {
            let _ = writeln!(
                svg,
                "<path class=\"s{}\" d=\"M{x:.1} 38h24\"/>",
                line.stroke
            );
            write_text(svg, (x + SWATCH - 5.0, 42.0), "faint", "start", &line.name);
            x += SWATCH + 12.0 + LETTER * line.name.chars().count() as f64;
        }
    }

    fn write_line(&self, svg: &mut String, line: &Line) {
        let mut path = String::new();
        let mut open = false;
        for (x, share) in &line.points {
            if let Some(share) = share {
                let command = if open { 'L' } else { 'M' };
                let _ = write!(path, "{command}{:.1} {:.1}", self.across(*x), up(*share));
            }
            open = share.is_some();
        }
        let _ = writeln!(svg, "<path class=\"s{}\" d=\"{path}\"/>", line.stroke);
    }
}

/// A share of the height as pixels.
fn up(share: f64) -> f64 {
    HEIGHT - BOTTOM - share.clamp(0.0, 1.0) * (HEIGHT - TOP - BOTTOM)
}

fn write_text(svg: &mut String, (x, y): (f64, f64), class: &str, anchor: &str, said: &str) {
    if !said.is_empty() {
        let _ = writeln!(
            svg,
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
            text(said)
        );
    }
}

fn write_upright(svg: &mut String, x: f64, said: &str) {
    if !said.is_empty() {
        let y = f64::midpoint(TOP, HEIGHT - BOTTOM);
        let _ = writeln!(
            svg,
            "<text class=\"faint\" transform=\"translate({x:.1} {y:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            text(said)
        );
    }
}

/// Text as XML takes it, with nothing in it that steers.
fn text(said: &str) -> String {
    escape(said)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Marks from 0 to 1 in fifths, for an axis of shares.
pub fn fifths() -> Vec<(f64, String)> {
    (0..=5)
        .map(|i| f64::from(i) / 5.0)
        .map(|share| (share, format!("{share:.1}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot() -> String {
        let panel = Panel {
            title: "One <&> two".to_owned(),
            x_label: "threshold".to_owned(),
            y_label: "share".to_owned(),
            right_label: String::new(),
            x: (0.0, 1.0),
            x_ticks: fifths(),
            y_ticks: fifths(),
            right_ticks: Vec::new(),
            bars: vec![Bar {
                x: (0.2, 0.4),
                height: 0.5,
                told: "12 pairs".to_owned(),
            }],
            lines: vec![Line {
                name: "recall".to_owned(),
                stroke: 1,
                points: vec![
                    (0.0, Some(1.0)),
                    (0.5, None),
                    (0.6, Some(0.5)),
                    (1.0, Some(0.0)),
                ],
            }],
            marks: vec![(0.8, "0.8".to_owned())],
        };
        let plot = Plot {
            title: "Figures of \u{1b}[31m\"x\"".to_owned(),
            description: "A line falls.".to_owned(),
            panels: vec![panel],
        };
        let mut out = Vec::new();
        plot.write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_chart_is_an_image_by_itself() {
        let svg = plot();
        insta::assert_snapshot!(svg);
        for no in ["<script", "href", "url(", "\u{1b}", "@import"] {
            assert!(!svg.contains(no), "{no}");
        }
    }

    #[test]
    fn a_gap_breaks_a_line() {
        let svg = plot();
        let line = svg
            .lines()
            .find(|l| l.contains("s1\" d=\"M62.0 64.0"))
            .unwrap();
        assert_eq!(line.matches('M').count(), 2, "{line}");
    }
}
