/*!
A wire feed of any size in invented words, with known truth.

Lengths, Zipf's law of words, stock phrases and the share of repeats are near those of agency copy. Planted:
reprints under other furniture, light edits, versions, cuts from the top, templates (same form, other facts),
alerts that very many records share (hot buckets), an "About" paragraph under unrelated stories, photo captions.

A family is what an editor would keep one story of; templates and alerts are families of their own each.

Stories are made one by one and nothing of them is kept but what is to come later, so a feed may be as long as a disk is
large. [`worst`] makes feeds that no desk would send.
*/

// Every bench and the example take what they need of it.
#![allow(dead_code, unused_imports, missing_docs)]

mod corpus;
mod words;
pub mod worst;

use std::collections::BTreeMap;
use std::fmt::Write as _;

pub use corpus::{Corpus, write};
pub use words::{Dice, Vocabulary};
use words::{Look, Stop, Word};

/// A story, with what is known of it.
#[derive(Clone, Debug)]
pub struct Record {
    pub id: String,
    pub title: String,
    pub time: String,
    pub source: &'static str,
    pub caption: bool,
    pub text: String,
    /// Number of its family.
    pub family: u64,
    /// How it came about: `first`, `exact`, `near`, `revision`, `contains`, `template`, `alert`.
    pub relation: &'static str,
}

const SOURCES: [&str; 5] = [
    "Meridian Wire",
    "Tri-River",
    "Northlight",
    "Harbor Ledger",
    "Vale Courier",
];
/// Frames of templates: words between slots.
const TEMPLATES: usize = 12;
const ALERTS: usize = 3;

/// Makes copy, and records of it.
pub struct Desk {
    pub dice: Dice,
    pub words: Vocabulary,
    about: Vec<Vec<Word>>,
    made: u64,
}

impl Desk {
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let words = Vocabulary::new(&mut dice);
        let mut desk = Self {
            dice,
            words,
            about: Vec::new(),
            made: 0,
        };
        desk.about = (0..20).map(|_| desk.paragraphs(1)).collect();
        desk
    }

    /// So many paragraphs of two sentences.
    fn paragraphs(&mut self, count: usize) -> Vec<Word> {
        let mut copy = Vec::new();
        for _ in 0..count {
            self.paragraph(2, &mut copy);
        }
        copy
    }

    fn paragraph(&mut self, sentences: usize, copy: &mut Vec<Word>) {
        for _ in 0..sentences {
            self.words.sentence(&mut self.dice, copy);
        }
        end_paragraph(copy);
    }

    /// A story of as many words as agency copy has: a tenth below 110, half below 400, a tenth above 700.
    fn story(&mut self) -> Vec<Word> {
        let words = match self.dice.below(10) {
            0 => self.dice.between(45, 110),
            1 | 2 => self.dice.between(110, 230),
            3..=8 => self.dice.between(230, 690),
            _ => self.dice.between(690, 1_100),
        };
        let mut copy = Vec::with_capacity(words + 100);
        while copy.len() < words {
            let sentences = self.dice.between(1, 3);
            self.paragraph(sentences, &mut copy);
        }
        if self.dice.percent(5) {
            copy.extend_from_slice(&self.about[self.dice.below(self.about.len())]);
        }
        copy
    }

    /// So many words of a thousand replaced.
    fn edit(&mut self, copy: &[Word], per_mille: usize) -> Vec<Word> {
        copy.iter()
            .map(|&word| {
                if self.dice.below(1_000) < per_mille {
                    let stop = word.stop;
                    Word {
                        stop,
                        ..self.words.word(&mut self.dice)
                    }
                } else {
                    word
                }
            })
            .collect()
    }

    /// Names and numbers replaced, all else kept.
    fn refill(&mut self, copy: &[Word]) -> Vec<Word> {
        let mut first = true;
        copy.iter()
            .map(|&word| {
                let stop = word.stop;
                let other = match word.look {
                    _ if first => word,
                    Look::Number(_) => Vocabulary::number(&mut self.dice),
                    Look::Capital => Vocabulary::name(&mut self.dice),
                    Look::Plain => word,
                };
                first = matches!(stop, Stop::Sentence | Stop::Paragraph);
                Word { stop, ..other }
            })
            .collect()
    }

    /// Appends copy as prose; some sentences are quoted.
    fn prose(&mut self, copy: &[Word], quotes: bool, text: &mut Vec<u8>) {
        let (open, close) = if self.dice.percent(20) {
            ("“", "”")
        } else {
            ("\"", "\"")
        };
        let mut begins = true;
        let mut quoted = false;
        for (i, &word) in copy.iter().enumerate() {
            if begins {
                quoted = quotes && i > 0 && self.dice.percent(15);
                if quoted {
                    text.extend_from_slice(open.as_bytes());
                }
            }
            self.words.write(word, text);
            begins = matches!(word.stop, Stop::Sentence | Stop::Paragraph);
            if begins {
                text.push(b'.');
                if quoted {
                    text.extend_from_slice(close.as_bytes());
                }
            }
            if i + 1 < copy.len() {
                text.extend_from_slice(match word.stop {
                    Stop::Comma => b", ",
                    Stop::Paragraph => b"\n\n",
                    Stop::None | Stop::Sentence => b" ",
                });
            }
        }
    }

    /// Copy with the furniture of a source around it.
    fn render(&mut self, copy: &[Word], source: &str) -> String {
        let mut text = Vec::with_capacity(copy.len() * 7 + 200);
        if self.dice.percent(60) {
            let town = Vocabulary::name(&mut self.dice);
            text.extend(self.words.letters(town.value).to_ascii_uppercase());
            let day = self.dice.between(1, 28);
            text.extend_from_slice(format!(", March {day} ({source}) - ").as_bytes());
        }
        self.prose(copy, true, &mut text);
        if self.dice.percent(40) {
            let name = Vocabulary::name(&mut self.dice);
            text.extend_from_slice(b"\n\n(Reporting by ");
            self.words.write(name, &mut text);
            text.extend_from_slice(b"; Editing by ");
            self.words.write(name, &mut text);
            text.push(b')');
        }
        text_of(text)
    }

    /// A caption of a picture taken on that day: every copy says the same.
    fn caption(&mut self, copy: &[Word], source: &str, day: u64) -> String {
        let mut text = Vec::with_capacity(300);
        self.prose(copy, false, &mut text);
        text.pop();
        text.extend_from_slice(format!(", March {day}, 2031. ({source} Photo/").as_bytes());
        let name = Vocabulary::name(&mut self.dice);
        self.words.write(name, &mut text);
        text.push(b')');
        text_of(text)
    }

    /// The copy as a record that comes as number `due`.
    fn record(
        &mut self,
        copy: &[Word],
        relation: &'static str,
        caption: bool,
        due: u64,
        family: u64,
    ) -> Record {
        let source = SOURCES[self.dice.below(SOURCES.len())];
        let text = if caption {
            self.caption(copy, source, 1 + family % 28)
        } else {
            self.render(copy, source)
        };
        let mut title = Vec::with_capacity(80);
        let sentence = copy.iter().position(|w| w.stop == Stop::Sentence);
        for (i, &word) in copy[..sentence.unwrap_or(0).min(9)].iter().enumerate() {
            if i > 0 {
                title.push(b' ');
            }
            self.words.write(word, &mut title);
        }
        let minutes = due / 4;
        self.made += 1;
        Record {
            id: format!("s-{:08}", self.made - 1),
            title: text_of(title),
            time: format!(
                "{:04}-{:02}-{:02}T{:02}:{:02}:00Z",
                2_031 + minutes / 483_840,
                1 + minutes / 40_320 % 12,
                1 + minutes / 1_440 % 28,
                minutes / 60 % 24,
                minutes % 60
            ),
            source,
            caption,
            text,
            family,
            relation,
        }
    }
}

fn text_of(text: Vec<u8>) -> String {
    String::from_utf8(text).expect("words are UTF-8")
}

fn end_paragraph(copy: &mut [Word]) {
    if let Some(last) = copy.last_mut() {
        last.stop = Stop::Paragraph;
    }
}

/// One past the end of every paragraph.
fn paragraph_ends(copy: &[Word]) -> Vec<usize> {
    (1..=copy.len())
        .filter(|&end| copy[end - 1].stop == Stop::Paragraph)
        .collect()
}

/// Stories without end. Tellings of one story lie some hundred stories apart.
pub struct Feed {
    desk: Desk,
    templates: Vec<Vec<Word>>,
    alerts: Vec<Vec<Word>>,
    /// Tellings that come later, by when.
    pending: BTreeMap<(u64, u64), Record>,
    given: u64,
    families: u64,
}

impl Feed {
    pub fn new(seed: u64) -> Self {
        let mut desk = Desk::new(seed);
        Self {
            templates: (0..TEMPLATES).map(|_| desk.paragraphs(3)).collect(),
            alerts: (0..ALERTS).map(|_| desk.paragraphs(1)).collect(),
            pending: BTreeMap::new(),
            given: 0,
            families: 0,
            desk,
        }
    }

    /// Queues a telling that comes `after` so many stories from now.
    fn queue(&mut self, copy: &[Word], relation: &'static str, caption: bool, after: u64) {
        let due = self.given + after;
        let record = self
            .desk
            .record(copy, relation, caption, due, self.families);
        self.pending.insert((due, self.desk.made), record);
    }

    fn later(&mut self) -> u64 {
        self.desk.dice.between(1, 400) as u64
    }

    /// Queues one family.
    fn family(&mut self) {
        self.families += 1;
        match self.desk.dice.below(100) {
            // Photo captions, and other frames of the same scene, which are families of their own.
            0..=7 => {
                let mut copy = Vec::new();
                self.desk.words.sentence(&mut self.desk.dice, &mut copy);
                self.queue(&copy, "first", true, 0);
                if self.desk.dice.percent(30) {
                    let after = self.later();
                    self.queue(&copy, "exact", true, after);
                }
                if self.desk.dice.percent(30) {
                    self.families += 1;
                    let other = self.desk.refill(&copy);
                    let after = self.later();
                    self.queue(&other, "template", true, after);
                }
            }
            8..=10 => {
                let which = self.desk.dice.below(TEMPLATES);
                let copy = self.desk.refill(&self.templates[which]);
                self.queue(&copy, "template", false, 0);
            }
            11 => {
                let which = self.desk.dice.below(ALERTS);
                let copy = self.desk.refill(&self.alerts[which]);
                self.queue(&copy, "alert", false, 0);
            }
            12..=25 => self.retold(),
            _ => {
                let copy = self.desk.story();
                self.queue(&copy, "first", false, 0);
            }
        }
    }

    /// A story with one to six further tellings.
    fn retold(&mut self) {
        let mut copy = self.desk.story();
        self.queue(&copy, "first", false, 0);
        for _ in 0..[1, 1, 1, 2, 2, 6][self.desk.dice.below(6)] {
            let after = self.later();
            match self.desk.dice.below(10) {
                0..=2 => self.queue(&copy, "exact", false, after),
                3..=5 => {
                    let per_mille = self.desk.dice.between(3, 30);
                    let edited = self.desk.edit(&copy, per_mille);
                    self.queue(&edited, "near", false, after);
                }
                6..=8 => {
                    copy = self.desk.edit(&copy, 4);
                    for _ in 0..self.desk.dice.between(1, 3) {
                        let ends = paragraph_ends(&copy);
                        let at = ends[self.desk.dice.below(ends.len())];
                        let mut added = Vec::new();
                        self.desk.paragraph(1, &mut added);
                        copy.splice(at..at, added);
                    }
                    self.queue(&copy, "revision", false, after);
                }
                _ => {
                    let ends = paragraph_ends(&copy);
                    let keep = (ends.len() * self.desk.dice.between(30, 60)).div_ceil(100);
                    self.queue(&copy[..ends[keep - 1]], "contains", false, after);
                }
            }
        }
    }
}

impl Iterator for Feed {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let due = |feed: &Self| {
            feed.pending
                .first_key_value()
                .is_some_and(|(&(due, _), _)| due <= feed.given)
        };
        while !due(self) {
            self.family();
        }
        self.given += 1;
        self.pending.pop_first().map(|(_, record)| record)
    }
}
