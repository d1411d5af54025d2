/*!
A set or a passage → all that its own view shows, as rows for the script of the page.

Input: [`Set`]s and [`Passage`]s, the corpus that they stand in. Output: values that are packed into the page. Invariants: all
text is escaped as for a terminal, so that nothing in it can turn a line around; the rows of one value are bounded,
and say how much they leave out.
*/

use serde::Serialize;

use super::super::cells::shorten;
use super::super::compare::marking::{Mark, Paragraph};
use super::super::compare::{self, sentence};
use super::super::escape;
use super::facts::{Facts, spot};
use super::findings::{Member, Named, Passage, Set};
use super::index::Related;
use crate::config::Settings;
use crate::story::{Corpus, UnitKind};
use crate::verify::comparison::Comparison;
use crate::verify::prepared::Making;

/// Members that are listed.
const MEMBERS: usize = 300;
/// Members whose text is held against that of another.
const PAIRS: usize = 60;
/// Bytes of two texts that are shown side by side.
const TEXTS: usize = 400_000;
/// Differences of one kind that are listed.
const CHANGES: usize = 40;
/// Places of a passage that are listed.
const OCCURRENCES: usize = 40;
/// Bytes of a passage that are shown.
const PASSAGE: usize = 6_000;
/// Bytes before and after a passage that are shown, and of either end of it.
const AROUND: usize = 60;
/// Cells of an id.
const ID: usize = 120;

/// The view of a set.
#[derive(Serialize)]
pub struct SetView {
    /// The members.
    m: Vec<MemberRow>,
    /// Members that are not listed.
    more: usize,
    /// For each member listed, how it is held against the one that it is tied to.
    p: Vec<Option<PairView>>,
    /// What else its stories have to do with.
    r: Related,
}

#[derive(Serialize)]
struct MemberRow {
    id: String,
    at: String,
    title: String,
    outlet: String,
    time: Option<String>,
    /// Seconds since 1970.
    s: Option<i64>,
    version: Option<String>,
    relation: &'static str,
    to: Option<usize>,
    j: Option<f64>,
    c: Option<f64>,
}

/// Two units held against one another.
#[derive(Serialize)]
struct PairView {
    relation: &'static str,
    /// Why.
    why: String,
    /// Name, and a figure for either side or for both.
    figures: Vec<(&'static str, Vec<String>)>,
    /// Kind, and what stands in place of what.
    changes: Vec<(&'static str, Vec<[String; 2]>, usize)>,
    /// What to type to see the pair in a terminal.
    command: String,
    /// Rows of two texts, paragraphs on either side; none where the texts are too long.
    rows: Option<Vec<[Vec<ParagraphRow>; 2]>>,
}

/// Whether a blank line stands before it, and runs of text, each after the letter of its mark.
type ParagraphRow = (u8, Vec<String>);

/// What views are made from.
pub struct Viewer<'a, C: Corpus + ?Sized> {
    /// The stories.
    pub corpus: &'a C,
    /// How pairs are judged.
    pub settings: &'a Settings,
}

impl<C: Corpus + ?Sized> Viewer<'_, C> {
    /// The view of a set.
    pub fn set(&self, making: &mut Making<'_>, set: &Set, related: Related) -> SetView {
        let listed = &set.members[..set.members.len().min(MEMBERS)];
        let m = listed
            .iter()
            .map(|member| self.member(making, set.kind, member))
            .collect();
        let p = listed
            .iter()
            .enumerate()
            .map(|(i, member)| {
                let other = &set.members.get(member.tie?.to)?.unit;
                if i > PAIRS {
                    return None;
                }
                self.pair(making, other, &member.unit)
            })
            .collect();
        SetView {
            m,
            more: set.members.len() - listed.len(),
            p,
            r: related,
        }
    }

    fn member(&self, making: &mut Making<'_>, kind: UnitKind, member: &Member) -> MemberRow {
        let unit = &member.unit;
        let facts = Facts::of(self.corpus, making, kind, unit);
        MemberRow {
            id: shorten(&compare::one_line(&unit.id), ID),
            at: escape(&spot(unit)).into_owned(),
            title: facts.title,
            outlet: facts.outlet,
            time: unit.time.as_deref().map(compare::one_line),
            s: facts.seconds,
            version: facts.version,
            relation: member.relation.map_or("first", |r| r.name()),
            to: member.tie.map(|t| t.to),
            j: member.tie.map(|t| t.jaccard),
            c: member.tie.map(|t| t.containment),
        }
    }

    fn pair(&self, making: &mut Making<'_>, a: &Named, b: &Named) -> Option<PairView> {
        let (of_a, of_b) = (self.corpus.story(a.story?), self.corpus.story(b.story?));
        let short = of_a.text.len() + of_b.text.len() <= TEXTS;
        if !short {
            return Some(PairView {
                relation: "",
                why: String::new(),
                figures: Vec::new(),
                changes: Vec::new(),
                command: command(a, b),
                rows: None,
            });
        }
        let (a_unit, b_unit) = (making.prepare(of_a, a.which), making.prepare(of_b, b.which));
        let c = Comparison::new(making, a_unit, b_unit, self.settings);
        let changes = compare::differences(&c).into_iter().map(|(kind, mut all)| {
            let more = all.len().saturating_sub(CHANGES);
            all.truncate(CHANGES);
            (compare::kind_name(kind), all, more)
        });
        let rows = compare::side_by_side(&c)
            .into_iter()
            .map(|sides| sides.map(|side| side.iter().map(paragraph).collect()));
        Some(PairView {
            relation: c.relation_name(),
            why: sentence::reason(&c),
            figures: figures(&c),
            changes: changes.collect(),
            command: command(a, b),
            rows: Some(rows.collect()),
        })
    }

    /// The view of a passage.
    pub fn passage(
        &self,
        making: &mut Making<'_>,
        passage: &Passage,
        groups: &dyn Fn(&Named) -> Option<String>,
    ) -> PassageView {
        let listed = passage.occurrences.iter().take(OCCURRENCES);
        let mut shown = &passage.text[..];
        if shown.len() > PASSAGE {
            shown = &shown[..floor(&passage.text, PASSAGE)];
        }
        PassageView {
            text: lines(shown),
            cut: passage.text.len() - shown.len(),
            o: listed
                .map(|(unit, range)| {
                    let facts = Facts::of(self.corpus, making, UnitKind::Story, unit);
                    let text = unit.story.map(|id| self.corpus.story(id).text);
                    let around = text.as_deref().and_then(|t| around(t, *range));
                    OccurrenceRow {
                        id: shorten(&compare::one_line(&unit.id), ID),
                        at: escape(&spot(unit)).into_owned(),
                        title: facts.title,
                        outlet: facts.outlet,
                        time: unit.time.as_deref().map(compare::one_line),
                        s: facts.seconds,
                        group: groups(unit),
                        around,
                    }
                })
                .collect(),
            more: passage.occurrences.len().saturating_sub(OCCURRENCES),
        }
    }
}

/// The view of a passage.
#[derive(Serialize)]
pub struct PassageView {
    /// Its lines.
    text: Vec<String>,
    /// Bytes that are not shown.
    cut: usize,
    /// Where it stands.
    o: Vec<OccurrenceRow>,
    /// Places that are not listed.
    more: usize,
}

#[derive(Serialize)]
struct OccurrenceRow {
    id: String,
    at: String,
    title: String,
    outlet: String,
    time: Option<String>,
    s: Option<i64>,
    group: Option<String>,
    /// What stands before it, its first and last words, and what stands after it.
    around: Option<[String; 4]>,
}

/// The words around a range, and those at its ends.
fn around(text: &str, range: crate::story::ByteRange) -> Option<[String; 4]> {
    let (start, end) = (range.start as usize, range.end as usize);
    let inside = text.get(start..end)?;
    // Cut at words: half a word reads like a mistake.
    let late = |part: &'_ str, cut: bool| {
        let skip = part.find(char::is_whitespace).filter(|_| cut);
        skip.unwrap_or(0)
    };
    let early = |part: &'_ str, cut: bool| {
        let keep = part.rfind(char::is_whitespace).filter(|_| cut);
        keep.unwrap_or(part.len())
    };
    let from = floor(text, start.saturating_sub(AROUND));
    let to = ceil(text, (end + AROUND).min(text.len()));
    let (before, after) = (&text[from..start], &text[end..to]);
    let before = &before[late(before, from > 0)..];
    let after = &after[..early(after, to < text.len())];
    let before = before.rsplit("\n\n").next().unwrap_or_default();
    let after = after.split("\n\n").next().unwrap_or_default();
    let (head, tail) = if inside.len() <= 3 * AROUND {
        (inside, "")
    } else {
        let head = &inside[..floor(inside, AROUND)];
        let tail = &inside[ceil(inside, inside.len() - AROUND)..];
        (&head[..early(head, true)], &tail[late(tail, true)..])
    };
    Some([before, head, tail, after].map(squeeze))
}

/// White space as single blanks, at the ends too: what stands before a word belongs to it or does not.
fn squeeze(text: &str) -> String {
    let blank = |c: Option<char>| {
        if c.is_some_and(char::is_whitespace) {
            " "
        } else {
            ""
        }
    };
    let ends = [text.chars().next(), text.chars().next_back()].map(blank);
    format!("{}{}{}", ends[0], compare::one_line(text), ends[1])
}

/// The character boundary at or before a byte.
fn floor(text: &str, at: usize) -> usize {
    (0..=at)
        .rev()
        .find(|&i| text.is_char_boundary(i))
        .unwrap_or(0)
}

/// The character boundary at or after a byte of the text.
fn ceil(text: &str, at: usize) -> usize {
    (at..text.len())
        .find(|&i| text.is_char_boundary(i))
        .unwrap_or(text.len())
}

fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(compare::one_line)
        .filter(|l| !l.is_empty())
        .collect()
}

fn figures(c: &Comparison<'_>) -> Vec<(&'static str, Vec<String>)> {
    let e = &c.evidence;
    let [in_b, in_a] = c.containments();
    let count = |n: usize| super::super::thousands(n as u64);
    let longest = c.alignment.tiles.iter().map(|t| t.len).max().unwrap_or(0);
    let mut rows = vec![
        ("words", e.words.map(count).to_vec()),
        ("words in shared runs", vec![count(e.tiled); 2]),
        (
            "contained in the other",
            [in_b, in_a].map(compare::three_decimals).to_vec(),
        ),
        (
            "Jaccard similarity",
            vec![compare::three_decimals(c.jaccard())],
        ),
        ("longest common run", vec![sentence::words(longest)]),
    ];
    if let Some((shared, of)) = e.headline {
        rows.push((
            "headline words in common",
            vec![format!("{shared} of {of}")],
        ));
    }
    if let Some(gap) = e.gap {
        rows.push(("time apart", vec![sentence::span(gap)]));
    }
    rows
}

fn paragraph(paragraph: &Paragraph) -> ParagraphRow {
    let letter = |mark: Mark| match mark {
        Mark::Shared => 's',
        Mark::Differs => 'd',
        Mark::Aside => 'a',
        Mark::Plain | Mark::Fold => 'p',
    };
    let mut runs: Vec<String> = Vec::new();
    let mut last = None;
    for piece in &paragraph.pieces {
        let mark = letter(piece.mark);
        if let Some(space) = piece.space {
            // A blank between two marks belongs to neither, unless it was marked with the piece.
            let inside = letter(space) == mark && last == Some(mark);
            match runs.last_mut() {
                Some(run) if inside || last == Some('p') => run.push(' '),
                _ => {
                    runs.push("p ".to_owned());
                    last = Some('p');
                }
            }
        }
        if last == Some(mark) {
            // The run is there: it was last.
            if let Some(run) = runs.last_mut() {
                run.push_str(&piece.text);
            }
        } else {
            runs.push(format!("{mark}{}", piece.text));
            last = Some(mark);
        }
    }
    (u8::from(paragraph.apart), runs)
}

/// What to type to see a pair in a terminal.
fn command(a: &Named, b: &Named) -> String {
    let mut command = format!("samewire compare {} {}", name(a, b), name(b, a));
    let mut paths = vec![a.path.as_str(), b.path.as_str()];
    paths.dedup();
    for path in paths {
        command.push_str(" --in ");
        command.push_str(&quote(path));
    }
    escape(&command).into_owned()
}

/// The id, or the place where the id alone would not do.
fn name(unit: &Named, other: &Named) -> String {
    let plain = !unit.id.starts_with('-') && escape(&unit.id) == unit.id && unit.id != other.id;
    if plain || unit.which > 0 {
        quote(&unit.id)
    } else {
        quote(&spot(unit))
    }
}

/// As a POSIX shell reads it.
pub fn quote(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-./:@%+=,".contains(&b);
    if !text.is_empty() && text.bytes().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::ByteRange;

    #[test]
    fn a_shell_reads_what_was_meant() {
        for (text, quoted) in [
            ("ap-1", "ap-1"),
            ("a b", "'a b'"),
            ("ap-1#caption-2", "'ap-1#caption-2'"),
            ("it's $(x)", r"'it'\''s $(x)'"),
            ("", "''"),
        ] {
            assert_eq!(quote(text), quoted);
        }
    }

    #[test]
    fn words_around_a_range_stay_in_their_paragraph() {
        let text = "First.\n\nShe said: the herring does not read, and left.\n\nLast.";
        let start = text.find("the herring").unwrap();
        let range = ByteRange::new(start, start + "the herring does not read".len());
        let found = around(text, range).unwrap();
        assert_eq!(
            found,
            ["She said: ", "the herring does not read", "", ", and left."]
        );
        assert!(around("short", ByteRange::new(3, 9)).is_none());
    }
}
