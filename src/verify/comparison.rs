/*!
Two units that somebody asked about → all that can be told of them.

A run over a corpus keeps of a pair only its [`Link`](super::Link), and nothing where there is none. A [`Comparison`] keeps the
evidence, so that a reader can be shown both texts. The rules are those of every other pair: [`relation::decide`].
Units of two kinds, a story and a caption, are compared as two stories.
*/

use super::align::Alignment;
use super::evidence::{self, Change, Evidence};
use super::prepared::{Making, Prepared};
use super::relation::{self, Reason};
use super::{Relation, Span};
use crate::config::Settings;
use crate::story::{ByteRange, UnitKind};

/// What a pair is called that shares nothing worth telling.
pub const DISTINCT: &str = "distinct";

/// Two units and how they relate.
#[derive(Clone, Debug)]
pub struct Comparison<'c> {
    /// The first.
    pub a: Prepared<'c>,
    /// The second.
    pub b: Prepared<'c>,
    /// What speaks for and against.
    pub evidence: Evidence,
    /// What they share, in words.
    pub alignment: Alignment,
    /// What kind of repeat; none where nothing worth telling is shared.
    pub relation: Option<Relation>,
    /// Why.
    pub reason: Reason,
}

impl<'c> Comparison<'c> {
    /// Compares two units that were made with these settings.
    pub fn new(making: &Making<'_>, a: Prepared<'c>, b: Prepared<'c>, settings: &Settings) -> Self {
        let (a, b) = if a.kind == b.kind {
            (a, b)
        } else {
            let story = |unit| making.recast(unit, UnitKind::Story);
            (story(a), story(b))
        };
        let (evidence, alignment) = evidence::gather(&a, &b);
        let (relation, reason) = relation::decide(&a, &b, &evidence, &alignment, settings);
        Self {
            a,
            b,
            evidence,
            alignment,
            relation,
            reason,
        }
    }

    /// Whether the two belong in one group.
    pub fn joins(&self) -> bool {
        self.relation.is_some_and(Relation::joins)
    }

    /// The relation's name, or [`DISTINCT`].
    pub fn relation_name(&self) -> &'static str {
        self.relation.map_or(DISTINCT, Relation::name)
    }

    /// Jaccard similarity of the shingle sets; 0 where both are empty.
    pub fn jaccard(&self) -> f64 {
        self.evidence.jaccard()
    }

    /// Share of each unit's shingles that the other has; 0 for a unit without words.
    pub fn containments(&self) -> [f64; 2] {
        self.evidence
            .sizes
            .map(|size| f64::from(self.evidence.shared) / f64::from(size.max(1)))
    }

    /// Aligned runs as bytes of both texts.
    pub fn spans(&self) -> Vec<Span> {
        let spans = self.alignment.spans.iter().map(|s| {
            let (x, y) = (self.a.bytes(s.a.clone()), self.b.bytes(s.b.clone()));
            Span(x.start, x.end, y.start, y.end)
        });
        spans.collect()
    }

    /// Words put in place of others along shared runs.
    pub fn changes(&self) -> Vec<Change> {
        evidence::changes(&self.a, &self.b, &self.alignment)
    }

    /// For each word of either unit the equal run that it lies in, as a position in `alignment.tiles`.
    pub fn tile_of(&self) -> [Vec<Option<u32>>; 2] {
        let mut of = [
            vec![None; self.a.words().len()],
            vec![None; self.b.words().len()],
        ];
        for (number, tile) in self.alignment.tiles.iter().enumerate() {
            let number = Some(number as u32);
            of[0][tile.a..tile.a + tile.len].fill(number);
            of[1][tile.b..tile.b + tile.len].fill(number);
        }
        of
    }

    /// Runs of words of either unit that lie in no equal run, as bytes of its text.
    pub fn added(&self) -> [Vec<ByteRange>; 2] {
        let [of_a, of_b] = self.tile_of();
        [runs(&self.a, &of_a), runs(&self.b, &of_b)]
    }
}

/// Runs of words without a tile. A run is broken where something lies between two words that is not compared.
fn runs(unit: &Prepared<'_>, tile_of: &[Option<u32>]) -> Vec<ByteRange> {
    let mut runs: Vec<ByteRange> = Vec::new();
    let mut last = None;
    for (word, _) in tile_of.iter().enumerate().filter(|(_, t)| t.is_none()) {
        let range = unit.place(word);
        match runs.last_mut() {
            Some(run)
                if last.is_some_and(|l| l + 1 == word) && !unit.is_broken(run.end, range.start) =>
            {
                run.end = range.end;
            }
            _ => runs.push(range),
        }
        last = Some(word);
    }
    runs
}

impl Prepared<'_> {
    /// Whether furniture or a caption lies between two places of the text.
    fn is_broken(&self, from: u32, to: u32) -> bool {
        let inside = |r: &ByteRange| r.start < to && r.end > from;
        self.furniture.iter().any(|f| inside(&f.range)) || self.captions.iter().any(inside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::Story;

    const BRIDGE: &str = "The bridge at Orle reopened on Monday after two years of repairs that cost nine million crowns, the mayor said.";

    fn compare<'c>(a: Story<'c>, b: Story<'c>) -> Comparison<'c> {
        let settings = Settings::default();
        let mut making = Making::new(&settings);
        let (a, b) = (making.prepare(a, 0), making.prepare(b, 0));
        Comparison::new(&making, a, b, &settings)
    }

    #[test]
    fn what_is_not_shared_is_told_as_bytes() {
        let longer = format!("{BRIDGE} Crowds cheered all night.");
        let c = compare(Story::new("a", BRIDGE), Story::new("b", &*longer));
        let [a, b] = c.added();
        assert!(a.is_empty());
        let b: Vec<&str> = b.iter().map(|r| r.of(&longer)).collect();
        assert_eq!(b, ["Crowds cheered all night"]);
        assert!(c.joins());
        assert_eq!(c.spans()[0], Span(0, 110, 0, 110));
    }

    #[test]
    fn nothing_is_shared_with_an_empty_text() {
        for (a, b) in [("", ""), ("", BRIDGE), (BRIDGE, "?!")] {
            let c = compare(Story::new("a", a), Story::new("b", b));
            assert_eq!(c.relation_name(), DISTINCT);
            assert_eq!(c.jaccard().to_string(), "0");
            assert!(c.containments().iter().all(|x| x.to_string() == "0"));
        }
    }

    #[test]
    fn a_caption_is_compared_with_a_story_as_a_story() {
        let mut caption = Story::new("c", BRIDGE);
        caption.kind = UnitKind::Caption;
        let c = compare(Story::new("a", BRIDGE), caption);
        assert_eq!((c.a.kind, c.b.kind), (UnitKind::Story, UnitKind::Story));
        assert_eq!(c.relation_name(), "exact");
        assert_eq!(c.evidence.sizes[0], c.evidence.sizes[1]);
    }
}
