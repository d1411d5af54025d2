/*!
A unit's text → paragraphs of pieces, each with its mark: shared, differing, aside, or plain.

Input: a unit, and what was found of its words. Output: [`Paragraph`]s of escaped text without line ends. A shared
run goes from its first word to its last, with what stands between; furniture and captions inside a body are set
aside, whatever lies around them. Paragraphs that lie in one shared run as a whole may be folded.
*/

use super::super::escape;
use super::sentence::words;
use crate::story::ByteRange;
use crate::verify::prepared::Prepared;

/// Paragraphs in one run keep their first and last; so many words between them are folded away.
const FOLDED: usize = 30;
/// Words of a shared run inside a paragraph that are shown at either end, when it is longer than four times that.
const ENDS: usize = 20;
/// A line of fewer characters stands close to its neighbours: it is one of a list.
const SHORT_LINE: usize = 60;
/// A line of more characters that stops in mid-sentence was broken by a program.
const BROKEN_LINE: usize = 40;

/// How a piece stands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// Not at all.
    #[default]
    Plain,
    /// In both texts.
    Shared,
    /// A name, a figure or a position in place of another.
    Differs,
    /// Not compared: furniture, or a caption inside a body.
    Aside,
    /// Stands for text that is left out.
    Fold,
}

/// A run of characters without white space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Escaped.
    pub text: String,
    /// How it stands out.
    pub mark: Mark,
    /// The mark of the white space before it; none where there is none.
    pub space: Option<Mark>,
}

/// A paragraph of a text.
#[derive(Clone, Debug)]
pub struct Paragraph {
    /// What it says.
    pub pieces: Vec<Piece>,
    /// Words of the unit that lie in it: first, and one past the last.
    pub words: std::ops::Range<usize>,
    /// The equal run that all its words lie in.
    pub run: Option<u32>,
    /// Whether a blank line stands before it.
    pub apart: bool,
}

/// Marks a unit's text. `tile_of` tells the equal run of each word, `differs` the words that should catch the eye.
pub fn paragraphs(
    unit: &Prepared<'_>,
    tile_of: &[Option<u32>],
    differs: &[ByteRange],
    full: bool,
) -> Vec<Paragraph> {
    let text = unit.range.of(&unit.story.text);
    let marks = marks(unit, tile_of, differs);
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    let mut word = 0;
    let mut previous = 0;
    for line in lines(text) {
        let pieces = pieces(text, &marks, line.clone());
        let end = unit.range.start as usize + line.end;
        let first = word;
        while word < unit.words().len() && (unit.place(word).start as usize) < end {
            word += 1;
        }
        let run = tile_of
            .get(first)
            .copied()
            .flatten()
            .filter(|_| pieces.iter().all(|p| p.mark != Mark::Aside))
            .filter(|run| tile_of[first..word].iter().all(|t| *t == Some(*run)));
        let long = line.len() > SHORT_LINE || previous > SHORT_LINE;
        let blank = paragraphs.last().is_some_and(|_| {
            text[..line.start]
                .trim_end_matches([' ', '\t', '\r'])
                .ends_with("\n\n")
        });
        previous = line.len();
        paragraphs.push(Paragraph {
            apart: !paragraphs.is_empty() && (long || blank),
            pieces,
            words: first..word,
            run,
        });
    }
    if full {
        return paragraphs;
    }
    let mut folded = fold_paragraphs(paragraphs);
    for paragraph in &mut folded {
        fold_runs(&mut paragraph.pieces);
    }
    folded
}

/// Lines with something on them; what a program broke is put together again.
fn lines(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut lines: Vec<std::ops::Range<usize>> = Vec::new();
    let mut at = 0;
    let mut after_blank = true;
    for line in text.split_inclusive('\n') {
        let shown = line.trim();
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        if shown.is_empty() {
            after_blank = true;
            continue;
        }
        let end = start + shown.len();
        match lines.last_mut() {
            Some(last) if !after_blank && goes_on(&text[last.clone()], shown) => last.end = end,
            _ => lines.push(start..end),
        }
        after_blank = false;
    }
    lines
}

/// Whether a sentence goes on from one line to the next.
fn goes_on(line: &str, next: &str) -> bool {
    let last = line.lines().last().unwrap_or_default();
    let open = |c: char| c.is_alphanumeric() || c == ',';
    last.len() > BROKEN_LINE
        && last.ends_with(open)
        && (last.ends_with(',') || next.starts_with(|c: char| c.is_lowercase() || c.is_numeric()))
}

/// For each byte of the unit's text how it stands out.
fn marks(unit: &Prepared<'_>, tile_of: &[Option<u32>], differs: &[ByteRange]) -> Vec<Mark> {
    let base = unit.range.start;
    let mut marks = vec![Mark::Plain; unit.range.len()];
    let mut fill = |from: u32, to: u32, mark: Mark| {
        let (from, to) = (from.max(base) - base, to.clamp(base, unit.range.end) - base);
        if from < to {
            marks[from as usize..to as usize].fill(mark);
        }
    };
    for (i, tile) in tile_of.iter().enumerate().filter(|(_, t)| t.is_some()) {
        let range = unit.place(i);
        let goes_on = i > 0 && tile_of[i - 1] == *tile;
        let start = if goes_on {
            unit.place(i - 1).end
        } else {
            range.start
        };
        fill(start, range.end, Mark::Shared);
    }
    for range in differs {
        fill(range.start, range.end, Mark::Differs);
    }
    for range in unit
        .furniture
        .iter()
        .map(|f| f.range)
        .chain(unit.captions.iter().copied())
    {
        fill(range.start, range.end, Mark::Aside);
    }
    marks
}

fn pieces(text: &str, marks: &[Mark], line: std::ops::Range<usize>) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut space = None;
    let mut open: Option<(usize, Mark)> = None;
    let mut close = |open: &mut Option<(usize, Mark)>, end: usize, space: Option<Mark>| {
        if let Some((start, mark)) = open.take() {
            pieces.push(Piece {
                text: escape(&text[start..end]).into_owned(),
                mark,
                space,
            });
        }
    };
    for (i, c) in text[line.clone()].char_indices() {
        let at = line.start + i;
        if c.is_whitespace() {
            close(&mut open, at, space);
            space = Some(marks[at]);
        } else if open.is_none_or(|(_, mark)| mark != marks[at]) {
            if open.is_some() {
                close(&mut open, at, space);
                space = None;
            }
            open = Some((at, marks[at]));
        }
    }
    close(&mut open, line.end, space);
    // The first of a line has nothing before it.
    if let Some(first) = pieces.first_mut() {
        first.space = None;
    }
    pieces
}

fn fold_of(n: usize, space: Option<Mark>) -> Piece {
    Piece {
        text: format!("… {} the same …", words(n)),
        mark: Mark::Fold,
        space,
    }
}

/// Of paragraphs that follow one another in one run, the first and the last stay.
fn fold_paragraphs(paragraphs: Vec<Paragraph>) -> Vec<Paragraph> {
    let mut folded = Vec::with_capacity(paragraphs.len());
    let mut rest = paragraphs.into_iter().peekable();
    while let Some(first) = rest.next() {
        let run = first.run;
        folded.push(first);
        if run.is_none() {
            continue;
        }
        let mut same = Vec::new();
        while let Some(next) = rest.next_if(|p| p.run == run) {
            same.push(next);
        }
        let Some(last) = same.pop() else { continue };
        let count: usize = same.iter().map(|p| p.words.len()).sum();
        if let (true, Some(from), Some(to)) = (count >= FOLDED, same.first(), same.last()) {
            folded.push(Paragraph {
                pieces: vec![fold_of(count, None)],
                words: from.words.start..to.words.end,
                run,
                apart: true,
            });
        } else {
            folded.append(&mut same);
        }
        folded.push(last);
    }
    folded
}

/// Of a long shared run inside a paragraph both ends stay.
fn fold_runs(pieces: &mut Vec<Piece>) {
    let mut at = 0;
    while at < pieces.len() {
        let goes_on = |p: &Piece| p.mark == Mark::Shared && p.space == Some(Mark::Shared);
        let len = pieces[at..]
            .iter()
            .skip(1)
            .take_while(|p| goes_on(p))
            .count()
            + 1;
        if pieces[at].mark == Mark::Shared && len > 4 * ENDS {
            let cut = at + ENDS..at + len - ENDS;
            pieces.splice(cut, [fold_of(len - 2 * ENDS, Some(Mark::Shared))]);
            at += 2 * ENDS + 1;
        } else {
            at += len;
        }
    }
}
