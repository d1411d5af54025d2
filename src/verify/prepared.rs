/*!
A unit made ready for verification: its words with their places, its shingle set, its headline.
*/

use super::jaccard::make_set;
use crate::config::{Match, Settings};
use crate::story::{ByteRange, Story, UnitKind};
use crate::text::{Furniture, FurnitureKind, Preparer, Token, shingle};

/// A unit with all that a comparison looks at.
#[derive(Clone, Debug)]
pub struct Prepared<'c> {
    /// The story that it belongs to.
    pub story: Story<'c>,
    /// Body or caption.
    pub kind: UnitKind,
    /// Where in the text it lies.
    pub range: ByteRange,
    /// Captions inside it: units of their own, whose words are not among its words.
    pub captions: Vec<ByteRange>,
    /// Its words, furniture left out.
    pub tokens: Vec<Token>,
    /// The hashes of its words.
    pub words: Vec<u64>,
    /// Its shingles: distinct, sorted.
    pub set: Vec<u64>,
    /// Words of the headline that carry meaning, tags such as `UPDATE 2-` left out: hashes, distinct, sorted. Where the
    /// story has no title, of the headlines that stand in its text.
    pub headline: Vec<u64>,
    /// Furniture of the story.
    pub furniture: Vec<Furniture>,
    /// Time of the story in seconds, where known.
    pub seconds: Option<i64>,
}

impl Prepared<'_> {
    /// The text that a word covers.
    pub fn surface(&self, word: usize) -> &str {
        self.tokens[word].range.of(&self.story.text)
    }

    /// Bytes of the text from one word to another, the second excluded.
    pub fn bytes(&self, words: std::ops::Range<usize>) -> ByteRange {
        match (
            self.tokens.get(words.start),
            words.end.checked_sub(1).and_then(|l| self.tokens.get(l)),
        ) {
            (Some(first), Some(last)) if words.start < words.end => ByteRange {
                start: first.range.start,
                end: last.range.end,
            },
            _ => ByteRange::default(),
        }
    }

    /// Tags at the head of the text that say what a desk did to the story.
    pub fn advisories(&self) -> impl Iterator<Item = &str> {
        self.furniture
            .iter()
            .filter(|f| f.kind == FurnitureKind::Advisory)
            .map(|f| f.range.of(&self.story.text))
    }
}

/// Makes units ready.
#[derive(Debug)]
pub struct Making<'s> {
    settings: &'s Settings,
    preparer: Preparer,
    words: Vec<u64>,
}

impl<'s> Making<'s> {
    /// For these settings.
    pub fn new(settings: &'s Settings) -> Self {
        Self {
            settings,
            preparer: Preparer::new(settings),
            words: Vec::new(),
        }
    }

    /// The shingle set of unit number `which` of a story; empty without such a unit.
    pub fn shingles(&mut self, story: &Story<'_>, which: usize) -> Vec<u64> {
        let Some(&unit) = self.preparer.units(story).get(which) else {
            return Vec::new();
        };
        self.words.clear();
        self.preparer.words(&story.text, &unit, &mut self.words);
        let size = self.settings.shingle_of(unit.kind);
        let mut set = Vec::with_capacity(shingle::count(self.words.len(), size));
        shingle::collect(&self.words, size, &mut set);
        make_set(&mut set);
        set
    }

    /// Unit number `which` of a story. A story without such a unit gives one without words.
    pub fn prepare<'c>(&mut self, story: Story<'c>, which: usize) -> Prepared<'c> {
        let mut tokens = Vec::new();
        let unit = self.preparer.unit_words(&story, which, &mut tokens);
        let kind = unit.map_or(story.kind, |u| u.kind);
        let words: Vec<u64> = tokens.iter().map(|t| t.hash).collect();
        let mut set = Vec::new();
        shingle::collect(&words, self.settings.shingle_of(kind), &mut set);
        make_set(&mut set);
        // Similarity alone asks for nothing else.
        let all = self.settings.matching == Match::All;
        let segments = self.preparer.segments();
        let captions = match kind {
            UnitKind::Story if all => segments.captions.clone(),
            _ => Vec::new(),
        };
        let furniture = if all {
            segments.furniture.clone()
        } else {
            Vec::new()
        };
        let headline = if all {
            self.headline(&story, &furniture)
        } else {
            Vec::new()
        };
        let seconds = if all { story.seconds() } else { None };
        Prepared {
            kind,
            range: unit.map_or(ByteRange::default(), |u| u.range),
            captions,
            tokens,
            words,
            set,
            headline,
            furniture,
            seconds,
            story,
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
        let mut set = Vec::new();
        shingle::collect(&unit.words, self.settings.shingle_of(kind), &mut set);
        make_set(&mut set);
        Prepared { kind, set, ..unit }
    }

    fn headline(&mut self, story: &Story<'_>, furniture: &[Furniture]) -> Vec<u64> {
        let (text, pieces): (&str, Vec<ByteRange>) = match story.title.as_deref() {
            Some(title) => {
                let start = crate::text::segment::tag_len(title);
                (title, vec![ByteRange::new(start, title.len())])
            }
            None => (
                &story.text,
                furniture
                    .iter()
                    .filter(|f| f.kind == FurnitureKind::Headline)
                    .map(|f| f.range)
                    .collect(),
            ),
        };
        let mut tokens: Vec<Token> = Vec::new();
        for piece in pieces {
            self.preparer.plain_words(text, piece, &mut tokens);
        }
        // Words that carry meaning: four bytes or more, or a digit.
        let mut words: Vec<u64> = tokens
            .iter()
            .filter(|t| t.range.len() >= 4 || t.range.of(text).bytes().any(|b| b.is_ascii_digit()))
            .map(|t| t.hash)
            .collect();
        make_set(&mut words);
        words
    }
}
