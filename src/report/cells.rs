/*!
Cells of a table on a terminal: text in a style, cut and padded by its width.

Width is counted in cells (UAX #11), so that Chinese stands in columns too. Text comes here escaped.
*/

use std::io::{self, Write};

use anstyle::Style;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

pub(super) const FAINT: Style = Style::new().dimmed();

/// Text in a style, where there is colour.
pub(super) fn paint(color: bool, style: Style, text: &str) -> String {
    if color && !text.trim().is_empty() {
        format!("{style}{text}{style:#}")
    } else {
        text.to_owned()
    }
}

/// The figures of a run, a line each, their names in a column of that width.
pub(super) fn write_figures(
    out: &mut dyn Write,
    figures: &[(&'static str, String)],
    width: usize,
    color: bool,
) -> io::Result<()> {
    for (name, value) in figures {
        writeln!(out, "{}  {value}", paint(color, FAINT, &pad(name, width)))?;
    }
    Ok(())
}

/// To two decimals, downwards: 0.999 is not shown as 1.
pub fn two_decimals(x: f64) -> String {
    // The small term takes back what binary fractions lose: 0.29 is 28.999….
    format!("{:.2}", (x * 100.0 + 1e-6).floor() / 100.0)
}

/// At most `width` cells, cut at the end.
pub fn shorten(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut cells = 0;
    let kept = text.chars().take_while(|c| {
        cells += c.width().unwrap_or(0);
        cells < width
    });
    let mut short: String = kept.collect();
    if width > 0 {
        short.push('…');
    }
    short
}

/// At most `width` cells, cut at the front: the end of a path says most.
pub fn shorten_front(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut cells = 0;
    let kept: Vec<char> = text
        .chars()
        .rev()
        .take_while(|c| {
            cells += c.width().unwrap_or(0);
            cells < width
        })
        .collect();
    let mut short = String::new();
    if width > 0 {
        short.push('…');
    }
    short.extend(kept.into_iter().rev());
    short
}

/// At least `width` cells.
pub(super) fn pad(text: &str, width: usize) -> String {
    let gap = width.saturating_sub(text.width());
    format!("{text}{:gap$}", "")
}

/// At least `width` cells, blanks first.
pub(super) fn pad_front(text: &str, width: usize) -> String {
    let gap = width.saturating_sub(text.width());
    format!("{:gap$}{text}", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_by_cells() {
        assert_eq!(shorten("東京都", 6), "東京都");
        assert_eq!(shorten("東京都", 5), "東京…");
        assert_eq!(shorten("東京都", 4), "東…");
        assert_eq!(shorten("Orle", 1), "…");
        assert_eq!(shorten("Orle", 0), "");
        assert_eq!(shorten_front("a/very/long/path.jsonl:7", 10), "…h.jsonl:7");
    }

    #[test]
    fn similarities_are_never_rounded_up() {
        for (x, shown) in [
            (0.999, "0.99"),
            (0.29, "0.29"),
            (1.0, "1.00"),
            (0.0, "0.00"),
        ] {
            assert_eq!(two_decimals(x), shown);
        }
    }
}
