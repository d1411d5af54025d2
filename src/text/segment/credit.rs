/*!
Photo credits, and the captions that they close.

A caption is written "who does what, place, date." and closed by a credit, in brackets or not, on the
same line or alone on the next. A credit is told by a word that only credits have (Photo, Getty Images,
Handout, REUTERS/…) or by its form `Name/Agency` in brackets after the end of a sentence.
*/

use memchr::{memchr, memrchr};

use super::lines::{Line, Page, ends_sentence, has_at_most, is_name_like, word_count};
use super::{Furniture, FurnitureKind};
use crate::story::ByteRange;
use crate::text::openings::Openings;
use crate::text::simd::Sign;

/// A caption has no more words than this; a longer paragraph that ends in a credit is body.
const CAPTION_WORDS: usize = 90;
/// A credit has no more bytes than this.
const CREDIT_BYTES: usize = 160;
/// Tags before a caption that say how old the picture is.
static FILE_TAGS: Openings<7> = Openings::new([
    "FILE - ",
    "FILE — ",
    "FILE – ",
    "FILE -- ",
    "FILE PHOTO: ",
    "FILE PHOTO - ",
    "FILE PICTURE: ",
]);

/// What only credits in brackets have.
static CREDIT_WORDS: Openings<9> = Openings::new([
    "Photo/",
    "Photo by ",
    "Photo:",
    "Getty Images",
    "Handout",
    "Photo courtesy",
    "Courtesy of ",
    "REUTERS/",
    "File Photo",
]);
/// Who hands on what others took: "(Jane Doe via AP)".
const AGENCIES: [&str; 4] = ["AP", "AFP", "REUTERS", "Reuters"];
/// What only credits without brackets have.
static CREDIT_MARKS: Openings<11> = Openings::new([
    "Photo/",
    "REUTERS/",
    "Handout via ",
    "Handout/",
    "Photo by ",
    "Photo: ",
    "PHOTO: ",
    "Photograph: ",
    "Image: ",
    "Credit: ",
    "CREDIT: ",
]);

/// How sure a credit is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sure {
    /// It has a word that only credits have.
    Word,
    /// It has the form of one.
    Form,
}

/// Finds the captions of a story and tags credits.
pub(super) fn find_captions(
    page: Page<'_>,
    captions: &mut Vec<ByteRange>,
    furniture: &mut Vec<Furniture>,
) {
    let (text, lines) = (page.text, page.lines);
    for (i, &line) in lines.iter().enumerate() {
        let tag = match page.first(line) {
            None => continue,
            Some(b'F') => file_tag(line.of(text)),
            Some(_) => 0,
        };
        let Some((start, sure)) = credit_start(page, line) else {
            if tag > 0 && plausible(&line.of(text)[tag..]) {
                furniture.push(piece(line.start, line.start + tag, FurnitureKind::Advisory));
                captions.push(ByteRange::new(line.start + tag, line.end));
            }
            continue;
        };
        let credit = line.start + start;
        let caption_start = if start > 0 {
            let first = paragraph_start(page, i, captions.last());
            if plausible(&text[lines[first].start..credit]) {
                lines[first].start
            } else {
                line.start
            }
        } else {
            let first = paragraph_start(page, i, captions.last());
            if first == i || !ends_sentence(lines[i - 1].of(text)) || !after_blank(lines, first) {
                furniture.push(piece(credit, line.end, FurnitureKind::Credit));
                continue;
            }
            lines[first].start
        };
        let tag = file_tag(&text[caption_start..]);
        let caption = text[caption_start + tag..credit].trim_end();
        // A form alone is a credit only where a sentence has ended before it.
        if sure == Sure::Form && !ends_sentence(caption) {
            continue;
        }
        furniture.push(piece(credit, line.end, FurnitureKind::Credit));
        if plausible(caption) {
            if tag > 0 {
                furniture.push(piece(
                    caption_start,
                    caption_start + tag,
                    FurnitureKind::Advisory,
                ));
            }
            let start = caption_start + tag;
            captions.push(ByteRange::new(start, start + caption.len()));
        }
    }
}

/// Tags the credit and the file tag of a record that is a caption as a whole.
pub(super) fn tag_caption_record(page: Page<'_>, furniture: &mut Vec<Furniture>) {
    let text = page.text;
    let mut written = page.lines.iter().copied().filter(|l| !l.is_blank());
    let Some(first) = written.next() else { return };
    let last = written.next_back().unwrap_or(first);
    let tag = file_tag(first.of(text));
    if tag > 0 {
        furniture.push(piece(
            first.start,
            first.start + tag,
            FurnitureKind::Advisory,
        ));
    }
    if let Some((start, sure)) = credit_start(page, last) {
        let before = text[..last.start + start].trim_end();
        if !before.is_empty() && (sure == Sure::Word || ends_sentence(before)) {
            furniture.push(piece(last.start + start, last.end, FurnitureKind::Credit));
        }
    }
}

fn piece(start: usize, end: usize, kind: FurnitureKind) -> Furniture {
    Furniture {
        range: ByteRange::new(start, end),
        kind,
    }
}

/// Bytes of the file tag at the start of a caption.
fn file_tag(caption: &str) -> usize {
    FILE_TAGS.of(caption).map_or(0, str::len)
}

/// Whether a text can be a caption: a few words, not a paragraph of a story.
fn plausible(caption: &str) -> bool {
    caption.len() <= 12 * CAPTION_WORDS && (2..=CAPTION_WORDS).contains(&word_count(caption))
}

/// First line of the paragraph that line `i` ends, at most eight lines up; a caption before it ends the way up.
fn paragraph_start(page: Page<'_>, i: usize, caption_before: Option<&ByteRange>) -> usize {
    let floor = caption_before.map_or(0, |c| c.end as usize);
    let mut first = i;
    while first > 0 && i - first < 8 {
        let above = page.lines[first - 1];
        if above.is_blank() || above.start < floor || credit_start(page, above).is_some() {
            break;
        }
        first -= 1;
    }
    first
}

fn after_blank(lines: &[Line], i: usize) -> bool {
    i == 0 || lines[i - 1].is_blank()
}

/// Where in a line its closing credit starts.
#[inline]
fn credit_start(page: Page<'_>, of: Line) -> Option<(usize, Sure)> {
    let bytes = &page.text.as_bytes()[of.range()];
    let closing = match bytes {
        [before @ .., b')'] | [before @ .., b')', b'.'] => Some(before.len()),
        _ => None,
    };
    if let Some(close) = closing {
        return closed_credit(page.of(of), close);
    }
    // Every marker holds a slash or a colon, but for two that say so at the ends of the line.
    let may_be_open = page.signs.has(Sign::Mark, of.range())
        || bytes.starts_with(b"Photo by ")
        || bytes.ends_with(b"REUTERS");
    if !may_be_open {
        return None;
    }
    open_credit(page.of(of)).map(|start| (start, Sure::Word))
}

/// Where the bracket opens that closes at `close`, if what is between is a credit.
fn closed_credit(line: &str, close: usize) -> Option<(usize, Sure)> {
    let open = memrchr(b'(', &line.as_bytes()[..close])?;
    if close - open > CREDIT_BYTES {
        return None;
    }
    bracketed(&line[open + 1..close]).map(|sure| (open, sure))
}

/// Whether the text between brackets is a credit.
fn bracketed(inner: &str) -> Option<Sure> {
    let inner = inner.trim();
    if inner.is_empty() || !inner.starts_with(|c: char| c.is_uppercase()) {
        return None;
    }
    // "(Photos of the wreck were found later by a diver)" is a sentence: names and few words make a credit.
    if CREDIT_WORDS.place(inner).is_some() || inner.ends_with(" Photo") || is_handed_on(inner) {
        return has_at_most(inner, 16).then_some(Sure::Word);
    }
    memchr(b'/', inner.as_bytes())?;
    let sides = inner
        .split('/')
        .filter(|s| s.bytes().filter(u8::is_ascii_alphabetic).count() >= 2)
        .count();
    let letters = inner
        .bytes()
        .filter(|b| b.is_ascii_alphabetic() || *b >= 0x80)
        .count();
    (sides >= 2 && letters >= 8 && is_name_like(inner)).then_some(Sure::Form)
}

/// Whether it names the agency that a picture came through, as a word of its own: what comes "via APIs" is no picture.
fn is_handed_on(inner: &str) -> bool {
    inner.rsplit_once(" via ").is_some_and(|(_, through)| {
        let agency = through.split(|c: char| !c.is_alphanumeric()).next();
        agency.is_some_and(|agency| AGENCIES.contains(&agency))
    })
}

/// A credit that closes a line without brackets: "AP Photo/Name", "REUTERS/Name", "Handout via REUTERS", "Photo: Name".
fn open_credit(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let tail_from = floor_char_boundary(line, bytes.len().saturating_sub(CREDIT_BYTES));
    let tail = &line[tail_from..];
    let marker = CREDIT_MARKS.place(tail)?;
    // Back from the marker to the words of the agency before it ("Meridian Wire Photo/…").
    let mut start = marker;
    while start > 0 {
        let before = tail[..start].trim_end();
        let word = before.rsplit(char::is_whitespace).next().unwrap_or("");
        let is_agency = word.starts_with(|c: char| c.is_uppercase())
            && !word.ends_with(['.', ',', ':', '!', '?', ';', '”', '"']);
        if !is_agency || word.is_empty() {
            break;
        }
        start = before.len() - word.len();
    }
    let whole_line = tail_from == 0 && start == 0;
    let follows_sentence = ends_sentence(&line[..tail_from + start]);
    let credit = &tail[start..];
    let named = credit
        .split_once(['/', ':'])
        .map_or(credit, |(_, name)| name)
        .trim_start_matches("Photo by ");
    let names = named.trim().trim_end_matches('.');
    ((whole_line || follows_sentence) && has_at_most(credit, 12) && is_name_like(names))
        .then_some(tail_from + start)
}

fn floor_char_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
