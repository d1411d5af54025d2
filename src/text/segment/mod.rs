/*!
Text → body, captions and furniture.

Input: the text of one story. Output: [`Segments`]: captions with their credits, and furniture, as
byte ranges; what is neither is the body. Line- and pattern-based, high precision first: a line that
fits no pattern stays in the body, where it does no harm.

Furniture is what a desk adds around the copy: it is tagged, never deleted, and not counted in similarity.

Invariants: ranges are in order, do not overlap and lie on character boundaries; a credit that follows no
sentence is furniture and makes no caption.
*/

mod codes;
mod credit;
mod furniture;
mod lines;

use super::simd::Signs;
use crate::story::{ByteRange, UnitKind};
use lines::{Line, Page, split_lines};

/// What a piece of furniture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FurnitureKind {
    /// "ORLE, March 3 (Agency) -".
    Dateline,
    /// "By Ana Reyl".
    Byline,
    /// A headline that stands in the text, with the name of the site and the day of publication around it.
    Headline,
    /// "(Agency Photo/Ana Reyl)".
    Credit,
    /// "UPDATE 2-", "CORRECTED", "(Adds quote)", "FILE -".
    Advisory,
    /// "(Reporting by …; Editing by …)", "Copyright 2031".
    Footer,
    /// "Read more: …", lines in capitals between paragraphs.
    Link,
    /// "( XOM.N )", ".DJI", "(NYSE: XOM)": instrument codes for terminals.
    Code,
}

impl FurnitureKind {
    /// The name in output.
    pub fn name(self) -> &'static str {
        match self {
            FurnitureKind::Dateline => "dateline",
            FurnitureKind::Byline => "byline",
            FurnitureKind::Headline => "headline",
            FurnitureKind::Credit => "credit",
            FurnitureKind::Advisory => "advisory",
            FurnitureKind::Footer => "footer",
            FurnitureKind::Link => "link",
            FurnitureKind::Code => "code",
        }
    }
}

/// A piece of text that is not counted in similarity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Furniture {
    /// Where.
    pub range: ByteRange,
    /// What.
    pub kind: FurnitureKind,
}

/// Bytes of the tags at the start of a headline: `CORRECTED-UPDATE 2-`.
pub fn tag_len(headline: &str) -> usize {
    furniture::advisory_tag(headline)
}

/// What a desk's tag says where it corrects, in small letters: English, French, Spanish, German.
const CORRECTS: [&str; 5] = ["correc", "clarif", "rectifi", "korrektur", "berichtig"];

/// Whether a headline, or the head of a text, says that the desk takes something back: a correction, a kill, a withdrawal.
pub fn is_correction(head: &str) -> bool {
    const WORDS: [&str; 5] = ["CORRECT", "(Correct", "WITHDRAW", "(Withdraw", "KILL"];
    let head = head.trim_start();
    WORDS.iter().any(|word| head.starts_with(word)) || corrects(&head[..tag_len(head)])
}

/// Whether a tag says that it corrects.
pub fn corrects(tag: &str) -> bool {
    let tag = tag.to_lowercase();
    CORRECTS.iter().any(|word| tag.contains(word))
}

/// What a story consists of. Made to be used again: [`find`](Segments::find) clears it first.
#[derive(Clone, Debug, Default)]
pub struct Segments {
    /// Furniture, in order.
    pub furniture: Vec<Furniture>,
    /// Captions found inside the text, credits excluded, in order.
    pub captions: Vec<ByteRange>,
    lines: Vec<Line>,
    signs: Signs,
}

impl Segments {
    /// Empty, as for a text that is not to be segmented.
    pub fn clear(&mut self) {
        self.furniture.clear();
        self.captions.clear();
    }

    /// Finds captions and furniture in `text`, which is a record of that kind.
    pub fn find(&mut self, text: &str, kind: UnitKind) {
        self.clear();
        self.signs.find(text.as_bytes());
        let written = split_lines(text, &self.signs, &mut self.lines);
        let page = Page {
            text,
            lines: &self.lines,
            signs: &self.signs,
            written,
        };
        match kind {
            UnitKind::Caption => credit::tag_caption_record(page, &mut self.furniture),
            UnitKind::Story => {
                credit::find_captions(page, &mut self.captions, &mut self.furniture);
                furniture::find(page, &self.captions, &mut self.furniture);
                codes::find(page, &mut self.furniture);
            }
        }
        self.settle();
    }

    /// Puts furniture in order and removes what lies in a piece found before it.
    fn settle(&mut self) {
        self.furniture
            .sort_unstable_by_key(|f| (f.range.start, std::cmp::Reverse(f.range.end)));
        let mut end = 0;
        self.furniture.retain_mut(|f| {
            f.range.start = f.range.start.max(end);
            let keep = f.range.start < f.range.end;
            if keep {
                end = f.range.end;
            }
            keep
        });
    }

    /// Appends the parts of `within` that are neither furniture nor, for a body, caption.
    pub fn pieces(&self, within: ByteRange, of: UnitKind, out: &mut Vec<ByteRange>) {
        let captions: &[ByteRange] = match of {
            UnitKind::Story => &self.captions,
            UnitKind::Caption => &[],
        };
        // Both are in order and apart from one another: of a story with thousands of captions only what lies in this one is looked at.
        let furniture = &self.furniture[self
            .furniture
            .partition_point(|f| f.range.end <= within.start)..];
        let captions = &captions[captions.partition_point(|c| c.end <= within.start)..];
        let mut furniture = furniture.iter().map(|f| f.range).peekable();
        let mut captions = captions.iter().copied().peekable();
        let mut at = within.start;
        loop {
            let next = match (furniture.peek(), captions.peek()) {
                (Some(f), Some(c)) if c.start < f.start => captions.next(),
                (Some(_), _) => furniture.next(),
                (None, _) => captions.next(),
            };
            let Some(hole) = next.filter(|hole| hole.start < within.end) else {
                break;
            };
            let hole = ByteRange {
                start: hole.start.max(within.start),
                end: hole.end.min(within.end),
            };
            if hole.start > at {
                out.push(ByteRange {
                    start: at,
                    end: hole.start,
                });
            }
            at = at.max(hole.end);
        }
        if at < within.end {
            out.push(ByteRange {
                start: at,
                end: within.end,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str) -> Segments {
        let mut s = Segments::default();
        s.find(text, UnitKind::Story);
        s
    }

    fn furniture(text: &str) -> Vec<(&'static str, &str)> {
        find(text)
            .furniture
            .iter()
            .map(|f| (f.kind.name(), f.range.of(text)))
            .collect()
    }

    fn captions(text: &str) -> Vec<&str> {
        find(text).captions.iter().map(|c| c.of(text)).collect()
    }

    #[test]
    fn caption_is_a_sentence_with_a_credit() {
        let text = "Body text goes here and on.\n\nMayor Ana Reyl, left, opens the bridge in Orle, March 3, 2031. (Halyard Photo/Jon Ferro)\n\nMore body.";
        assert_eq!(
            captions(text),
            ["Mayor Ana Reyl, left, opens the bridge in Orle, March 3, 2031."]
        );
        assert_eq!(furniture(text), [("credit", "(Halyard Photo/Jon Ferro)")]);
    }

    #[test]
    fn agency_credit_forms_make_captions() {
        for credit in [
            "(AP Photo/Jon Ferro)",
            "(AP Photo/Jon Ferro, File)",
            "AP Photo/Jon Ferro",
            "(Jon Ferro/Halyard Press/LightBox via Getty Images)",
            "(AFP via Getty Images)",
            "(Orle Press Office / Handout/Anadolu via Getty Images)",
            "(Jon Ferro/Meridian Wire)",
            "REUTERS/Jon Ferro",
            "REUTERS/Jon Ferro/File Photo",
            "(Orle Police Department/Handout)",
            "Handout via REUTERS",
            "(Photo by Jon Ferro/Meridian)",
            "(Courtesy of the Orle Museum)",
            "(Jon Ferro via AP)",
            "(Orle Fire Department via AP, File)",
            "Credit: Jon Ferro/Halyard",
        ] {
            let text = format!(
                "Intro paragraph of the story.\n\nA diver surfaces near the wreck in Orle bay on Monday, March 3, 2031. {credit}\n\nThe end of it."
            );
            assert_eq!(
                captions(&text),
                ["A diver surfaces near the wreck in Orle bay on Monday, March 3, 2031."],
                "{credit}"
            );
            assert_eq!(furniture(&text), [("credit", credit)]);
        }
    }

    #[test]
    fn credit_on_the_next_line_belongs_to_the_caption() {
        let text = "Intro.\n\nA diver surfaces near the wreck in Orle bay,\nMonday, March 3, 2031.\n(AP Photo/Jon Ferro)\n\nThe end.";
        assert_eq!(
            captions(text),
            ["A diver surfaces near the wreck in Orle bay,\nMonday, March 3, 2031."]
        );
    }

    #[test]
    fn bare_credit_is_furniture() {
        let text = "Talks went on through the night.\n\n(AP Photo/Jon Ferro)\n\nThey ended at dawn.\n\nAP Photo/Ana Reyl\n\nNobody spoke.";
        assert!(captions(text).is_empty());
        assert_eq!(
            furniture(text),
            [
                ("credit", "(AP Photo/Jon Ferro)"),
                ("credit", "AP Photo/Ana Reyl")
            ]
        );
    }

    #[test]
    fn parentheses_of_a_sentence_are_no_credit() {
        for end in [
            "(and/or others)",
            "(15:30/16:30 GMT)",
            "(see page 4)",
            "(Orle)",
            "(Prices came via APIs)",
            "(Shipped via APX lines)",
        ] {
            let text = format!(
                "Shares fell on Monday as the company said it would pay more. {end}\n\nNext."
            );
            assert!(captions(&text).is_empty(), "{end}");
            assert!(furniture(&text).is_empty(), "{end}");
        }
    }

    #[test]
    fn file_tag_makes_a_caption() {
        let text = "FILE - Judge Mira Holt arrives at court in Orle, May 2, 2030. (AP Photo/Jon Ferro, File)\n\nBody follows.";
        assert_eq!(
            captions(text),
            ["Judge Mira Holt arrives at court in Orle, May 2, 2030."]
        );
        assert_eq!(furniture(text)[0], ("advisory", "FILE - "));
    }

    #[test]
    fn datelines_of_many_agencies() {
        for (line, dateline) in [
            (
                "ORLE, Veland (MW) - The bridge opened.",
                "ORLE, Veland (MW) - ",
            ),
            (
                "ANCHORAGE, Alaska  (Reuters) - The firm\nsaid so.",
                "ANCHORAGE, Alaska  (Reuters) - ",
            ),
            (
                "SAN FRANCISCO/NEW YORK  (Reuters) - Analysts",
                "SAN FRANCISCO/NEW YORK  (Reuters) - ",
            ),
            (
                "ORLE, March 3 (Reuters) - The",
                "ORLE, March 3 (Reuters) - ",
            ),
            ("ORLE (AP) — The bridge", "ORLE (AP) — "),
            ("(Reuters) - The bridge", "(Reuters) - "),
            ("Orle, 3 mar (EFE).- El puente", "Orle, 3 mar (EFE).- "),
            ("ORLE, Veland (MW) | The bridge", "ORLE, Veland (MW) | "),
            ("ORLE - The bridge", "ORLE - "),
            ("ORLE -- The bridge", "ORLE -- "),
            ("ORLE, Veland - The bridge", "ORLE, Veland - "),
            ("PORT ORLE — The bridge", "PORT ORLE — "),
            ("ORLE, Veland (AP) _ The bridge", "ORLE, Veland (AP) _ "),
        ] {
            assert_eq!(furniture(line), [("dateline", dateline)], "{line}");
        }
        assert!(furniture("The so-called bridge - a ruin - opened.").is_empty());
        assert!(furniture("NATO - the alliance - met again to talk about it.").is_empty());
    }

    #[test]
    fn bylines_advisories_footers_and_links() {
        let text = "UPDATE 2-Bridge opens\nBy Ana Reyl and Jon Ferro\n(Adds quote from mayor)\n\nThe bridge opened to the public on Monday after long delays.\n\nREAD ALL ABOUT THE NEW BRIDGE\n\nRead more: the bridge in pictures\n\nIt cost much.\n\n(Reporting by Ana Reyl; Editing by Jon\nFerro)\nCopyright 2031 Meridian Wire";
        assert_eq!(
            furniture(text),
            [
                ("advisory", "UPDATE 2-"),
                ("byline", "By Ana Reyl and Jon Ferro"),
                ("advisory", "(Adds quote from mayor)"),
                ("link", "READ ALL ABOUT THE NEW BRIDGE"),
                ("link", "Read more: the bridge in pictures"),
                ("footer", "(Reporting by Ana Reyl; Editing by Jon\nFerro)"),
                ("footer", "Copyright 2031 Meridian Wire"),
            ]
        );
    }

    #[test]
    fn headlines_over_the_copy_are_furniture() {
        let text = "The Orle Post\nHome > News\nBridge opens after two years\nPublished: 3 March 2031\n\nA second line, smaller\n\nThe old bridge at Orle was opened to traffic on Monday after two years\nof repairs that cost more than anyone had thought, the city said.\n\nA label\n\nIt cost much.";
        assert_eq!(
            furniture(text).iter().map(|f| f.1).collect::<Vec<_>>(),
            [
                "The Orle Post",
                "Home > News",
                "Bridge opens after two years",
                "Published: 3 March 2031",
                "A second line, smaller"
            ]
        );
        for text in [
            "Bridge opens",
            "Bridge opens\n\nToll rises",
            "The old bridge at Orle was opened to traffic on Monday after\nTwo years of repairs that cost more than anyone had thought, the city said.",
        ] {
            assert!(furniture(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_tag_and_what_it_says_are_one_advisory() {
        let text = "UPDATE 1 (Adds quote, background)\nThe bridge at Orle opened to traffic on Monday after two years of repairs.";
        assert_eq!(
            furniture(text),
            [("advisory", "UPDATE 1 (Adds quote, background)")]
        );
    }

    #[test]
    fn tags_of_many_desks() {
        for (line, tag) in [
            ("UPDATED: Bridge opens", "UPDATED:"),
            ("Update 2: Bridge opens", "Update 2:"),
            ("CORRECTS-UPDATE 1-Bridge opens", "CORRECTS-UPDATE 1-"),
            ("Correction: Bridge opens", "Correction:"),
            ("Korrektur: Brücke offen", "Korrektur:"),
            ("CORRECCIÓN: Abren el puente", "CORRECCIÓN:"),
            (
                "CORRECTS NAME OF MAYOR - Ana Reyl opens the bridge.",
                "CORRECTS NAME OF MAYOR -",
            ),
            (
                "ADDS THAT IT RAINED: Ana Reyl opens the bridge.",
                "ADDS THAT IT RAINED:",
            ),
        ] {
            assert_eq!(&line[..tag_len(line)], tag);
        }
        for line in [
            "Update on the bridge: it opens",
            "Correction of prices hurts builders",
            "Corrections chief resigns",
            "CORRECTS the record - at last",
            "ADDS up to nothing",
        ] {
            assert_eq!(tag_len(line), 0, "{line}");
        }
        for line in [
            "Correction: x",
            "KORREKTUR: x",
            "CORRECCIÓN: x",
            "CORRECTS AGE: x",
        ] {
            assert!(is_correction(line), "{line}");
        }
        assert!(!is_correction("Update 2: x"));
        assert!(!is_correction("Correction of prices hurts builders"));
    }

    #[test]
    fn a_text_in_capitals_is_no_list_of_links() {
        let text = "THE BRIDGE AT ORLE OPENED ON MONDAY.\nIT HAD BEEN CLOSED FOR TWO YEARS.\nTHE MAYOR CUT A RIBBON THERE.";
        assert!(furniture(text).is_empty());
    }

    #[test]
    fn footer_inside_the_last_line_is_found() {
        let text =
            "The bridge opened.  It cost much.  (Reporting by Ana Reyl, editing by Jon Ferro)";
        assert_eq!(
            furniture(text),
            [("footer", "(Reporting by Ana Reyl, editing by Jon Ferro)")]
        );
    }

    #[test]
    fn instrument_codes_are_furniture() {
        for (text, code) in [
            ("Shares of Orle Oil ( ORL.N ) fell.", "( ORL.N )"),
            ("Shares of Orle Oil Inc ORL.N, which fell,", "ORL.N"),
            ("The bank ( C.N ) fell.", "( C.N )"),
            ("Veland Motor (7203.T) fell.", "(7203.T)"),
            ("The index .ORLX rose.", ".ORLX"),
            ("Orle Oil (NYSE: ORL) fell.", "(NYSE: ORL)"),
        ] {
            assert_eq!(furniture(text), [("code", code)], "{text}");
        }
        for text in [
            "The U.S. and the U.N. met in Washington, D.C. on Monday.",
            "He paid $1.5 million at no.10.",
            "Visit orle.example now.",
            "It ended.Then it began.",
            "(see U.S.)",
            "a J.P. Morgan unit",
        ] {
            assert!(furniture(text).is_empty(), "{text} {:?}", furniture(text));
        }
    }

    #[test]
    fn a_record_that_is_a_caption_loses_its_credit_only() {
        let text = "FILE - A diver surfaces in Orle. (AP Photo/Jon Ferro)";
        let mut s = Segments::default();
        s.find(text, UnitKind::Caption);
        assert!(s.captions.is_empty());
        let mut pieces = Vec::new();
        s.pieces(
            ByteRange::new(0, text.len()),
            UnitKind::Caption,
            &mut pieces,
        );
        assert_eq!(
            pieces.iter().map(|p| p.of(text)).collect::<Vec<_>>(),
            ["A diver surfaces in Orle. "]
        );
    }

    #[test]
    fn pieces_are_what_is_left() {
        let text = "ORLE (AP) — The bridge opened.\n\nA diver surfaces in Orle bay. (AP Photo/Jon Ferro)\n\nIt cost much.";
        let s = find(text);
        let mut pieces = Vec::new();
        s.pieces(ByteRange::new(0, text.len()), UnitKind::Story, &mut pieces);
        let kept: String = pieces.iter().map(|p| p.of(text)).collect();
        assert_eq!(kept, "The bridge opened.\n\n \n\nIt cost much.");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_segmented_on_character_boundaries(text in "[ -~\n\u{a0}-\u{2ff}’“”—–（）()/.,A-Z]{0,300}") {
            for kind in [UnitKind::Story, UnitKind::Caption] {
                let mut s = Segments::default();
                s.find(&text, kind);
                let mut pieces = Vec::new();
                s.pieces(ByteRange::new(0, text.len()), kind, &mut pieces);
                for p in &pieces {
                    let _ = p.of(&text);
                }
                for c in &s.captions {
                    let _ = c.of(&text);
                }
                assert!(pieces.windows(2).all(|w| w[0].end <= w[1].start));
            }
        }
    }
}
