/*!
A unit made ready for verification: its words with their places, its shingles, its headline.
*/

use std::sync::OnceLock;

use super::jaccard::make_set;
use crate::config::{Match, Settings};
use crate::sketch::Distinct;
use crate::story::{ByteRange, Story, UnitKind};
use crate::text::tokens::TokenSink;
use crate::text::{Furniture, FurnitureKind, Preparer, Token, shingle};

/// A unit with all that a comparison looks at.
#[derive(Clone, Debug)]
pub struct Prepared<'c> {
    /// The story that it belongs to. Of a caption that was made ready beside others of its story the text is that of the caption alone.
    pub story: Story<'c>,
    /// Where in the story's text that begins which is held.
    text_from: u32,
    /// Body or caption.
    pub kind: UnitKind,
    /// Where in the text it lies.
    pub range: ByteRange,
    /// Captions inside it: units of their own, whose words are not among its words.
    pub captions: Vec<ByteRange>,
    /// Furniture of the story.
    pub furniture: Vec<Furniture>,
    /// Time of the story in seconds, where known.
    pub seconds: Option<i64>,
    /// Words of a shingle.
    pub shingle: usize,
    /// Words, their places, the headline and its short words, one after the other: many units are held at a time, and this is one piece of
    /// memory for each.
    numbers: Vec<u64>,
    words: usize,
    headline: usize,
    repeats: Vec<u32>,
    set: OnceLock<Vec<u64>>,
}

impl Prepared<'_> {
    /// The hashes of its words, furniture left out.
    #[inline]
    pub fn words(&self) -> &[u64] {
        &self.numbers[..self.words]
    }

    /// How many shingles it has that are distinct.
    pub fn shingles(&self) -> u32 {
        (shingle::count(self.words, self.shingle) - self.repeats.len()) as u32
    }

    /// Where shingles begin that stand further ahead too: places of words, in order.
    pub fn repeats(&self) -> &[u32] {
        &self.repeats
    }

    /// Its shingles: distinct, sorted. They are made when somebody asks, which most units are never asked for.
    pub fn set(&self) -> &[u64] {
        self.set.get_or_init(|| {
            let mut set = Vec::new();
            shingle::collect(self.words(), self.shingle, &mut set);
            make_set(&mut set);
            set
        })
    }

    /// Words of the headline that carry meaning, tags such as `UPDATE 2-` left out: hashes, distinct, sorted. Where the
    /// story has no title, of the headlines that stand in its text.
    pub fn headline(&self) -> &[u64] {
        &self.numbers[2 * self.words..][..self.headline]
    }

    /// The words of [`headline`](Self::headline), and with them those of three letters that begin with a capital: "Gap".
    pub fn headline_words(&self) -> impl Iterator<Item = u64> + '_ {
        self.numbers[2 * self.words..].iter().copied()
    }

    /// Where in the text a word stands.
    #[inline]
    pub fn place(&self, word: usize) -> ByteRange {
        unpacked(self.places()[word])
    }

    #[inline]
    fn places(&self) -> &[u64] {
        &self.numbers[self.words..2 * self.words]
    }

    /// The text that a word covers.
    #[inline]
    pub fn surface(&self, word: usize) -> &str {
        self.text(self.place(word))
    }

    /// What stands at these bytes of the story's text, which lie in the unit.
    #[inline]
    pub fn text(&self, range: ByteRange) -> &str {
        let range = ByteRange {
            start: range.start - self.text_from,
            end: range.end - self.text_from,
        };
        range.of(&self.story.text)
    }

    /// The text from a word on, as far as it is held.
    pub fn text_from(&self, word: usize) -> &str {
        &self.story.text[(self.place(word).start - self.text_from) as usize..]
    }

    /// The text between a word and the one before it.
    pub fn between(&self, word: usize) -> &str {
        let range = ByteRange {
            start: self.place(word - 1).end,
            end: self.place(word).start,
        };
        self.text(range)
    }

    /// Bytes of the text from one word to another, the second excluded.
    pub fn bytes(&self, words: std::ops::Range<usize>) -> ByteRange {
        let places = self.places();
        match (
            places.get(words.start),
            words.end.checked_sub(1).and_then(|l| places.get(l)),
        ) {
            (Some(&first), Some(&last)) if words.start < words.end => ByteRange {
                start: unpacked(first).start,
                end: unpacked(last).end,
            },
            _ => ByteRange::default(),
        }
    }

    /// Tags at the head of the text that say what a desk did to the story.
    pub fn advisories(&self) -> impl Iterator<Item = &str> {
        self.furniture
            .iter()
            .filter(|f| f.kind == FurnitureKind::Advisory)
            .map(|f| self.text(f.range))
    }

    /// The same unit, which holds that of its story and nothing else: its text from that byte on.
    fn holding(self, story: Story<'_>, text_from: u32) -> Prepared<'_> {
        Prepared {
            story,
            text_from,
            kind: self.kind,
            range: self.range,
            captions: self.captions,
            furniture: self.furniture,
            seconds: self.seconds,
            shingle: self.shingle,
            numbers: self.numbers,
            words: self.words,
            headline: self.headline,
            repeats: self.repeats,
            set: self.set,
        }
    }
}

impl From<Prepared<'_>> for Vec<u64> {
    /// The memory that its words stood in, to be used again.
    fn from(unit: Prepared<'_>) -> Self {
        unit.numbers
    }
}

fn packed(start: usize, end: usize) -> u64 {
    start as u64 | (end as u64) << 32
}

fn unpacked(place: u64) -> ByteRange {
    ByteRange {
        start: place as u32,
        end: (place >> 32) as u32,
    }
}

/// The hashes of words, and apart from them their places.
struct Words<'w> {
    hashes: &'w mut Vec<u64>,
    places: &'w mut Vec<u64>,
}

impl TokenSink for Words<'_> {
    #[inline(always)]
    fn token(&mut self, hash: u64, start: usize, end: usize) {
        self.hashes.push(hash);
        self.places.push(packed(start, end));
    }

    #[inline(always)]
    fn tokens(
        &mut self,
        hashes: impl ExactSizeIterator<Item = u64>,
        bounds: &[[u32; 2]],
        base: usize,
    ) {
        self.hashes.extend(hashes);
        // Both ends at once; neither reaches 2³².
        let base = packed(base, base);
        let place = |&[start, end]: &[u32; 2]| packed(start as usize, end as usize) + base;
        self.places.extend(bounds.iter().map(place));
    }
}

/// Bytes of text to a word, about.
const BYTES_A_WORD: usize = 6;

/// Makes units ready.
#[derive(Debug)]
pub struct Making<'s> {
    settings: &'s Settings,
    preparer: Preparer,
    words: Vec<u64>,
    places: Vec<u64>,
    /// Of shingles.
    hashes: Vec<u64>,
    distinct: Distinct,
    repeats: Vec<u32>,
    headline: Vec<u64>,
    /// Of the headline as well: words of three letters that begin with a capital.
    short: Vec<u64>,
    tokens: Vec<Token>,
    /// Whether what only people ask for is made as well.
    for_people: bool,
}

impl<'s> Making<'s> {
    /// For these settings.
    pub fn new(settings: &'s Settings) -> Self {
        Self {
            settings,
            preparer: Preparer::new(settings),
            words: Vec::new(),
            places: Vec::new(),
            hashes: Vec::new(),
            distinct: Distinct::default(),
            repeats: Vec::new(),
            headline: Vec::new(),
            short: Vec::new(),
            tokens: Vec::new(),
            for_people: true,
        }
    }

    /// Without what no rule asks for: the headline and the time of a caption.
    pub fn for_rules(settings: &'s Settings) -> Self {
        Self {
            for_people: false,
            ..Self::new(settings)
        }
    }

    /// The shingles of some units of a story, by their numbers, each in a room of its own; empty where there is no such unit.
    pub fn shingles(
        &mut self,
        story: &Story<'_>,
        units: impl Iterator<Item = (usize, Vec<u64>)>,
        out: &mut Vec<Vec<u64>>,
    ) {
        self.preparer.units(story);
        out.extend(units.map(|(which, mut room)| {
            room.clear();
            if let Some(&unit) = self.preparer.known_units().get(which) {
                self.words.clear();
                self.preparer.words(&story.text, &unit, &mut self.words);
                let size = self.settings.shingle_of(unit.kind);
                room = room_for(shingle::count(self.words.len(), size), room);
                shingle::collect(&self.words, size, &mut room);
                make_set(&mut room);
            }
            room
        }));
    }

    /// Unit number `which` of a story. A story without such a unit gives one without words.
    pub fn prepare<'c>(&mut self, story: Story<'c>, which: usize) -> Prepared<'c> {
        let words = story.text.len() / BYTES_A_WORD;
        self.preparer.units(&story);
        self.prepare_in((Vec::new(), words), story, which)
    }

    /// Some units of a story, each a number, a room that its words stand in, and about how many these are. A story of which several are asked
    /// for is segmented once, and no caption of it holds the text of all.
    pub fn prepare_all<'c>(
        &mut self,
        mut story: Story<'c>,
        units: impl ExactSizeIterator<Item = (usize, Vec<u64>, usize)>,
        out: &mut Vec<Prepared<'c>>,
    ) {
        self.preparer.units(&story);
        if units.len() == 1 {
            out.extend(units.map(|(which, room, words)| {
                self.prepare_in((room, words), std::mem::take(&mut story), which)
            }));
            return;
        }
        out.extend(units.map(|(which, room, words)| {
            let unit = self.prepare_in((room, words), story.lent(), which);
            match self.preparer.known_units().get(which) {
                Some(known) if known.caption > 0 => {
                    unit.holding(story.excerpt(known.range), known.range.start)
                }
                _ => unit.holding(story.clone(), 0),
            }
        }));
    }

    /// Unit number `which` of a story that was segmented, of about so many words, which stand in that room.
    fn prepare_in<'c>(
        &mut self,
        (room, words): (Vec<u64>, usize),
        story: Story<'c>,
        which: usize,
    ) -> Prepared<'c> {
        let unit = self.preparer.known_units().get(which).copied();
        let kind = unit.map_or(story.kind, |u| u.kind);
        let size = self.settings.shingle_of(kind);
        // Similarity alone asks for nothing else.
        let all = self.settings.matching == Match::All;
        let asks_more = all && (kind == UnitKind::Story || self.for_people);
        self.headline.clear();
        self.short.clear();
        if asks_more {
            self.find_headline(&story);
        }
        let mut numbers = room_for(2 * words + self.headline.len() + self.short.len(), room);
        self.places.clear();
        if let Some(unit) = &unit {
            let mut words = Words {
                hashes: &mut numbers,
                places: &mut self.places,
            };
            self.preparer.words(&story.text, unit, &mut words);
        }
        let words = numbers.len();
        self.hashes.clear();
        shingle::collect(&numbers, size, &mut self.hashes);
        self.distinct.repeats(&self.hashes, &mut self.repeats);
        let segments = self.preparer.segments();
        let captions = match kind {
            UnitKind::Story if all => segments.captions.clone(),
            _ => Vec::new(),
        };
        // No rule asks for the furniture around a caption.
        let asks_furniture = self.for_people || unit.is_none_or(|u| u.caption == 0);
        let furniture = if all && asks_furniture {
            segments.furniture.clone()
        } else {
            Vec::new()
        };
        numbers.extend_from_slice(&self.places);
        numbers.extend_from_slice(&self.headline);
        numbers.extend_from_slice(&self.short);
        Prepared {
            kind,
            range: unit.map_or(ByteRange::default(), |u| u.range),
            captions,
            furniture,
            seconds: if asks_more { story.seconds() } else { None },
            shingle: size,
            numbers,
            words,
            headline: self.headline.len(),
            repeats: self.repeats.clone(),
            set: OnceLock::new(),
            story,
            text_from: 0,
        }
    }

    /// How many units a story has: itself, and the captions found in it.
    pub fn count(&mut self, story: &Story<'_>) -> usize {
        self.preparer.units(story).len()
    }

    /// The same words taken as a unit of another kind.
    #[must_use]
    pub fn recast<'c>(&self, unit: Prepared<'c>, kind: UnitKind) -> Prepared<'c> {
        if unit.kind == kind {
            return unit;
        }
        let shingle = self.settings.shingle_of(kind);
        let (mut shingles, mut repeats) = (Vec::new(), Vec::new());
        shingle::collect(unit.words(), shingle, &mut shingles);
        Distinct::default().repeats(&shingles, &mut repeats);
        Prepared {
            kind,
            shingle,
            numbers: unit.numbers.clone(),
            repeats,
            set: OnceLock::new(),
            ..unit
        }
    }

    /// Puts the words of the headline into `headline` and `short`.
    fn find_headline(&mut self, story: &Story<'_>) {
        self.tokens.clear();
        let mut text: &str = &story.text;
        if let Some(title) = story.title.as_deref() {
            text = title;
            let start = crate::text::segment::tag_len(title);
            let piece = ByteRange::new(start, title.len());
            self.preparer.plain_words(text, piece, &mut self.tokens);
        } else {
            for i in 0..self.preparer.segments().furniture.len() {
                let Furniture { range, kind } = self.preparer.segments().furniture[i];
                if kind == FurnitureKind::Headline {
                    self.preparer.plain_words(text, range, &mut self.tokens);
                }
            }
        }
        // Words that carry meaning: four bytes or more, or a digit.
        let carries =
            |t: &&Token| t.range.len() >= 4 || t.range.of(text).bytes().any(|b| b.is_ascii_digit());
        self.headline
            .extend(self.tokens.iter().filter(carries).map(|t| t.hash));
        make_set(&mut self.headline);
        let short = |t: &&Token| {
            let word = t.range.of(text).as_bytes();
            word.len() == 3
                && word[0].is_ascii_uppercase()
                && word.iter().all(u8::is_ascii_alphabetic)
        };
        self.short
            .extend(self.tokens.iter().filter(short).map(|t| t.hash));
    }
}

/// Room for so many numbers: that one, emptied, if it is large enough. It is not made larger, which would copy what nobody asks for any more.
fn room_for(count: usize, mut room: Vec<u64>) -> Vec<u64> {
    if room.capacity() < count {
        return Vec::with_capacity(count);
    }
    room.clear();
    room
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_a_story_are_the_same_made_together_and_alone() {
        let text = "The bridge at Orle opened to traffic on Monday after two years of repairs.\n\n\
            FILE - Divers surface near the old piers in Orle, March 3, 2029. (Halyard Photo/Jon Ferro)\n\n\
            CORRECTS NAME OF MAYOR: Ana Reyl cuts a ribbon in Orle, Monday, March 3, 2031. (Halyard Photo/Ilsa Maren)";
        let story = Story {
            title: Some("Orle bridge opens".into()),
            ..Story::new("x", text)
        };
        let settings = Settings::default();
        let mut making = Making::for_rules(&settings);
        let count = making.count(&story);
        assert_eq!(count, 3);
        for owned in [story.clone(), story.clone().into_owned()] {
            let mut together = Vec::new();
            let units = (0..count).map(|which| (which, Vec::new(), 20));
            making.prepare_all(owned, units, &mut together);
            for (which, unit) in together.iter().enumerate() {
                let alone = making.prepare(story.clone(), which);
                assert_eq!(unit.words(), alone.words());
                assert_eq!(unit.headline(), alone.headline());
                assert_eq!((unit.kind, unit.range), (alone.kind, alone.range));
                for word in 0..unit.words().len() {
                    assert_eq!(unit.place(word), alone.place(word));
                    assert_eq!(unit.surface(word), alone.surface(word));
                    if word > 0 {
                        assert_eq!(unit.between(word), alone.between(word));
                    }
                }
                let held = unit.story.text.len();
                assert_eq!(
                    held,
                    if which == 0 {
                        text.len()
                    } else {
                        unit.range.len()
                    }
                );
            }
            let mut sets = Vec::new();
            let units = (0..count).map(|which| (which, Vec::new()));
            making.shingles(&story, units, &mut sets);
            let alone: Vec<&[u64]> = together.iter().map(Prepared::set).collect();
            assert_eq!(sets, alone);
        }
    }
}
