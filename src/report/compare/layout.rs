/*!
Marked paragraphs → lines of a terminal: wrapped, painted or set between signs, one text or two in columns.
*/

use std::fmt::Write as _;
use std::ops::Range;

use anstyle::{AnsiColor, Color, Style};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::marking::{Mark, Paragraph, Piece};

const SHARED: Style = Style::new()
    .fg_color(Some(Color::Ansi(AnsiColor::Black)))
    .bg_color(Some(Color::Ansi(AnsiColor::Green)));
const DIFFERS: Style = AnsiColor::Yellow.on_default().bold();
const FAINT: Style = Style::new().dimmed();

/// Between two columns.
const RULE: &str = " │ ";
/// A column is never wider: longer lines are hard to read.
const WIDEST: usize = 90;

/// A line, and how many cells it takes.
type Line = (String, usize);

/// The signs that stand around a mark where there is no colour.
fn signs(mark: Mark) -> Option<[char; 2]> {
    match mark {
        Mark::Shared => Some(['⟦', '⟧']),
        Mark::Differs => Some(['*', '*']),
        Mark::Aside => Some(['‹', '›']),
        Mark::Plain | Mark::Fold => None,
    }
}

/// One text, in lines of at most `width` cells.
pub fn one(paragraphs: &[Paragraph], width: usize, color: bool) -> Vec<String> {
    lines(paragraphs, width, color)
        .into_iter()
        .map(|(line, _)| line)
        .collect()
}

/// Two texts beside one another; paragraphs that share most stand on one level.
pub fn two(
    sides: [&[Paragraph]; 2],
    partners: &[Option<usize>],
    width: usize,
    color: bool,
) -> Vec<String> {
    let column = ((width - RULE.width()) / 2).min(WIDEST);
    let mut out = Vec::new();
    for [a, b] in blocks(partners, sides.map(<[Paragraph]>::len)) {
        block(&mut out, [&sides[0][a], &sides[1][b]], column, color);
    }
    out
}

/// Ranges of paragraphs that belong beside one another, given the partner of each paragraph of the first text and the
/// number of paragraphs of either. Every paragraph is in one block.
pub fn blocks(partners: &[Option<usize>], lens: [usize; 2]) -> Vec<[Range<usize>; 2]> {
    let mut blocks = Vec::new();
    let (mut from_a, mut from_b) = (0, 0);
    for (a, b) in anchors(partners).into_iter().chain([(lens[0], lens[1])]) {
        // What stands between two anchors begins with the first of them.
        if a > from_a || b > from_b {
            blocks.push([from_a..a, from_b..b]);
        }
        (from_a, from_b) = (a, b);
    }
    blocks
}

fn block(out: &mut Vec<String>, sides: [&[Paragraph]; 2], column: usize, color: bool) {
    let apart = sides.iter().any(|s| s.first().is_some_and(|p| p.apart));
    let bar = if color {
        format!("{FAINT}{RULE}{FAINT:#}")
    } else {
        RULE.to_owned()
    };
    if apart && !out.is_empty() {
        out.push(format!("{:column$}{}", "", bar.trim_end()));
    }
    let [left, right] = sides.map(|s| lines(s, column, color));
    for i in 0..left.len().max(right.len()) {
        let (line, cells) = left.get(i).map_or(("", 0), |(l, n)| (l.as_str(), *n));
        let gap = column.saturating_sub(cells);
        let right = right.get(i).map_or("", |(l, _)| l.as_str());
        out.push(
            format!("{line}{:gap$}{bar}{right}", "")
                .trim_end()
                .to_owned(),
        );
    }
}

/// Pairs of paragraphs that stay in order on both sides: a longest rising sequence of partners.
fn anchors(partners: &[Option<usize>]) -> Vec<(usize, usize)> {
    // For each length the paragraph that ends the sequence with the smallest partner.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; partners.len()];
    let partner = |i: usize| partners[i].unwrap_or(usize::MAX);
    for i in (0..partners.len()).filter(|&i| partners[i].is_some()) {
        let place = ends.partition_point(|&e| partner(e) < partner(i));
        before[i] = place.checked_sub(1).map(|p| ends[p]);
        if place == ends.len() {
            ends.push(i);
        } else {
            ends[place] = i;
        }
    }
    let mut found = Vec::new();
    let mut at = ends.last().copied();
    while let Some(i) = at {
        found.push((i, partner(i)));
        at = before[i];
    }
    found.reverse();
    found
}

fn lines(paragraphs: &[Paragraph], width: usize, color: bool) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    for paragraph in paragraphs {
        if paragraph.apart && !out.is_empty() {
            out.push((String::new(), 0));
        }
        if color {
            out.extend(
                wrap(&paragraph.pieces, width)
                    .into_iter()
                    .map(|l| paint(&l)),
            );
        } else {
            let signed = with_signs(&paragraph.pieces);
            out.extend(wrap(&signed, width).into_iter().map(|l| plain(&l)));
        }
    }
    out
}

/// Puts signs around each run of pieces with one mark.
fn with_signs(pieces: &[Piece]) -> Vec<Piece> {
    let mut signed = pieces.to_vec();
    // A run goes on over white space of its own mark, and over a fold in it.
    let inner = |p: &Piece| {
        if p.mark == Mark::Fold {
            p.space
        } else {
            Some(p.mark)
        }
    };
    let joined = |x: &Piece, y: &Piece| {
        let after_fold = x.mark == Mark::Fold;
        inner(x).or(Some(Mark::Fold)) == inner(y)
            && (y.space.is_none() || y.space == inner(y) || after_fold)
    };
    for (i, piece) in pieces.iter().enumerate() {
        let Some([open, close]) = signs(piece.mark) else {
            continue;
        };
        if i == 0 || !joined(&pieces[i - 1], piece) {
            signed[i].text.insert(0, open);
        }
        if pieces.get(i + 1).is_none_or(|next| !joined(piece, next)) {
            signed[i].text.push(close);
        }
    }
    signed
}

/// Pieces in lines. What is glued together stays so, unless it is wider than a line.
fn wrap(pieces: &[Piece], width: usize) -> Vec<Vec<(String, Mark)>> {
    let mut lines: Vec<Vec<(String, Mark)>> = vec![Vec::new()];
    let mut cells = 0;
    let mut at = 0;
    while at < pieces.len() {
        let len = 1 + pieces[at + 1..]
            .iter()
            .take_while(|p| p.space.is_none())
            .count();
        let group = &pieces[at..at + len];
        let wide: usize = group.iter().map(|p| p.text.width()).sum();
        let gap = usize::from(cells > 0);
        let fits = cells + gap + wide <= width;
        if gap > 0 && !fits && wide <= width {
            lines.push(Vec::new());
            cells = 0;
        } else if let (1, Some(mark)) = (gap, group[0].space) {
            push(&mut lines, " ", mark);
            cells += 1;
        }
        for piece in group {
            if cells + piece.text.width() <= width {
                push(&mut lines, &piece.text, piece.mark);
                cells += piece.text.width();
                continue;
            }
            for c in piece.text.chars() {
                let wide = c.width().unwrap_or(0);
                if cells + wide > width && cells > 0 {
                    lines.push(Vec::new());
                    cells = 0;
                }
                push(&mut lines, c.encode_utf8(&mut [0; 4]), piece.mark);
                cells += wide;
            }
        }
        at += len;
    }
    lines
}

fn push(lines: &mut [Vec<(String, Mark)>], text: &str, mark: Mark) {
    let Some(line) = lines.last_mut() else { return };
    match line.last_mut() {
        Some((last, of)) if *of == mark => last.push_str(text),
        _ => line.push((text.to_owned(), mark)),
    }
}

fn plain(line: &[(String, Mark)]) -> Line {
    let text: String = line.iter().map(|(text, _)| text.as_str()).collect();
    let cells = text.width();
    (text, cells)
}

fn paint(line: &[(String, Mark)]) -> Line {
    let mut painted = String::new();
    for (text, mark) in line {
        let style = match mark {
            Mark::Plain => Style::new(),
            Mark::Shared => SHARED,
            Mark::Differs => DIFFERS,
            Mark::Aside | Mark::Fold => FAINT,
        };
        // Writing to a string cannot fail.
        let _ = write!(painted, "{style}{text}{style:#}");
    }
    (painted, plain(line).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_rise_on_both_sides() {
        assert_eq!(
            anchors(&[Some(0), None, Some(5), Some(2), Some(3)]),
            [(0, 0), (3, 2), (4, 3)]
        );
        assert!(anchors(&[None]).is_empty());
    }

    #[test]
    fn long_words_are_cut_at_the_margin() {
        let piece = |text: &str| Piece {
            text: text.into(),
            mark: Mark::Plain,
            space: Some(Mark::Plain),
        };
        let shown: Vec<String> = wrap(&[piece("ab"), piece("洪水のため閉鎖"), piece("c")], 6)
            .iter()
            .map(|l| plain(l).0)
            .collect();
        assert_eq!(shown, ["ab 洪", "水のた", "め閉鎖", "c"]);
    }
}
