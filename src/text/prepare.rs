/*!
Story → units with their words: segment, then tokenise, into buffers that are used again for the next story.
*/

use super::segment::Segments;
use super::tokens::{TokenSink, Tokenizer};
use crate::config::{Settings, UnitFilter};
use crate::story::{ByteRange, Story, UnitKind};

/// A unit and where its words lie in the [`Preparer`]'s buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreparedUnit {
    /// Body or caption.
    pub kind: UnitKind,
    /// Number of the caption within its story, from 1; 0 for a whole record.
    pub caption: u16,
    /// Bytes of the text from its first to its last piece.
    pub range: ByteRange,
    first_piece: usize,
    last_piece: usize,
}

/// Turns stories into units and words.
#[derive(Debug)]
pub struct Preparer {
    tokenizer: Tokenizer,
    segments: Segments,
    pieces: Vec<ByteRange>,
    units: Vec<PreparedUnit>,
    segment: bool,
    filter: UnitFilter,
}

impl Preparer {
    /// For these settings.
    pub fn new(settings: &Settings) -> Self {
        Self {
            tokenizer: Tokenizer::new(settings.seed),
            segments: Segments::default(),
            pieces: Vec::new(),
            units: Vec::new(),
            segment: settings.segment,
            filter: settings.units,
        }
    }

    /// Finds the units of a story: its body first, then its captions in order. Kinds that are not compared are left out.
    pub fn units(&mut self, story: &Story<'_>) -> &[PreparedUnit] {
        let text: &str = &story.text;
        self.pieces.clear();
        self.units.clear();
        if self.segment {
            self.segments.find(text, story.kind);
        } else {
            self.segments.clear();
        }
        let whole = ByteRange::new(0, text.len());
        if self.filter.admits(story.kind) {
            self.push_unit(story.kind, 0, whole);
        }
        if self.filter.admits(UnitKind::Caption) {
            for i in 0..self.segments.captions.len() {
                let range = self.segments.captions[i];
                self.push_unit(
                    UnitKind::Caption,
                    (i + 1).min(u16::MAX as usize) as u16,
                    range,
                );
            }
        }
        &self.units
    }

    fn push_unit(&mut self, kind: UnitKind, caption: u16, range: ByteRange) {
        let first_piece = self.pieces.len();
        self.segments.pieces(range, kind, &mut self.pieces);
        self.units.push(PreparedUnit {
            kind,
            caption,
            range,
            first_piece,
            last_piece: self.pieces.len(),
        });
    }

    /// Unit number `which` of the story given last.
    ///
    /// # Panics
    /// If there is no such unit.
    pub fn unit(&self, which: usize) -> PreparedUnit {
        self.units[which]
    }

    /// The units of the story given last.
    pub fn known_units(&self) -> &[PreparedUnit] {
        &self.units
    }

    /// What segmenting found in the story given last.
    pub fn segments(&self) -> &Segments {
        &self.segments
    }

    /// Hands the words of a unit of the story given last to `sink`.
    pub fn words(&mut self, text: &str, unit: &PreparedUnit, sink: &mut impl TokenSink) {
        let pieces = &self.pieces[unit.first_piece..unit.last_piece];
        self.tokenizer.run(text, pieces, sink);
    }

    /// Hands the words of the whole text of a story to `sink`, captions in their places, furniture left out.
    pub fn running_words(&mut self, story: &Story<'_>, sink: &mut impl TokenSink) {
        self.units(story);
        self.pieces.clear();
        // A caption is read on as the text around it is, which is how the pieces of a caption are cut.
        self.segments.pieces(
            ByteRange::new(0, story.text.len()),
            UnitKind::Caption,
            &mut self.pieces,
        );
        self.units.clear();
        self.tokenizer.run(&story.text, &self.pieces, sink);
    }

    /// Hands the words of a part of any text to `sink`.
    pub fn plain_words(&mut self, text: &str, range: ByteRange, sink: &mut impl TokenSink) {
        self.tokenizer.run(text, &[range], sink);
    }
}
