/*!
A wire feed of any size in invented words, with known truth.

Lengths, Zipf's law of words, stock phrases and the share of repeats are near those of agency copy. Planted:
reprints under other furniture, light edits, versions, cuts from the top, templates (same form, other facts),
alerts that very many records share (hot buckets), an "About" paragraph under unrelated stories, photo captions.

A family is what an editor would keep one story of; templates and alerts are families of their own each.
*/

// Every bench and the example take what they need of it.
#![allow(dead_code, unused_imports, missing_docs)]

mod corpus;
mod words;

use std::collections::BTreeMap;
use std::fmt::Write as _;

pub use corpus::{Corpus, write};
pub use words::{Dice, Vocabulary};

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

/// Paragraphs of sentences of words.
type Draft = Vec<Vec<Vec<String>>>;

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

/// Stories without end. Tellings of one story lie some hundred stories apart.
pub struct Feed {
    dice: Dice,
    words: Vocabulary,
    templates: Vec<Draft>,
    alerts: Vec<Draft>,
    about: Vec<Vec<Vec<String>>>,
    /// Tellings that come later, by when.
    pending: BTreeMap<(u64, u64), Record>,
    made: u64,
    given: u64,
    families: u64,
}

impl Feed {
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let words = Vocabulary::new(&mut dice);
        let copy = |dice: &mut Dice, paragraphs: usize| -> Draft {
            (0..paragraphs)
                .map(|_| vec![words.sentence(dice), words.sentence(dice)])
                .collect()
        };
        Self {
            templates: (0..TEMPLATES).map(|_| copy(&mut dice, 3)).collect(),
            alerts: (0..ALERTS).map(|_| copy(&mut dice, 1)).collect(),
            about: (0..20)
                .map(|_| vec![words.sentence(&mut dice), words.sentence(&mut dice)])
                .collect(),
            pending: BTreeMap::new(),
            made: 0,
            given: 0,
            families: 0,
            dice,
            words,
        }
    }

    /// A story of as many words as agency copy has: a tenth below 110, half below 400, a tenth above 700.
    fn story(&mut self) -> Draft {
        let words = match self.dice.below(10) {
            0 => self.dice.between(45, 110),
            1 | 2 => self.dice.between(110, 230),
            3..=8 => self.dice.between(230, 690),
            _ => self.dice.between(690, 1_100),
        };
        let mut copy = Vec::new();
        let mut length = 0;
        while length < words {
            let paragraph: Vec<Vec<String>> = (0..self.dice.between(1, 3))
                .map(|_| self.words.sentence(&mut self.dice))
                .collect();
            length += paragraph.iter().map(Vec::len).sum::<usize>();
            copy.push(paragraph);
        }
        if self.dice.percent(5) {
            copy.push(self.about[self.dice.below(self.about.len())].clone());
        }
        copy
    }

    /// So many words of a thousand replaced.
    fn edit(&mut self, copy: &Draft, per_mille: usize) -> Draft {
        let mut copy = copy.clone();
        for word in copy.iter_mut().flatten().flatten() {
            if self.dice.below(1_000) < per_mille {
                *word = self.words.word(&mut self.dice);
            }
        }
        copy
    }

    /// Names and numbers replaced, all else kept.
    fn refill(&mut self, copy: &Draft) -> Draft {
        let mut copy = copy.clone();
        for sentence in copy.iter_mut().flatten() {
            for word in sentence.iter_mut().skip(1) {
                if word.starts_with(|c: char| c.is_ascii_digit()) {
                    *word = Vocabulary::number(&mut self.dice);
                } else if word.starts_with(char::is_uppercase) {
                    *word = self.words.name(&mut self.dice);
                }
            }
        }
        copy
    }

    fn render(&mut self, copy: &Draft, source: &str) -> String {
        let mut text = String::with_capacity(3_000);
        let curly = self.dice.percent(20);
        if self.dice.percent(60) {
            let town = self.words.name(&mut self.dice).to_uppercase();
            let day = self.dice.between(1, 28);
            let _ = write!(text, "{town}, March {day} ({source}) - ");
        }
        for (i, paragraph) in copy.iter().enumerate() {
            if i > 0 {
                text.push_str("\n\n");
            }
            for (j, sentence) in paragraph.iter().enumerate() {
                if j > 0 {
                    text.push(' ');
                }
                let quoted = i > 0 && self.dice.percent(15);
                if quoted {
                    text.push(if curly { '“' } else { '"' });
                }
                for (k, word) in sentence.iter().enumerate() {
                    if k > 0 {
                        text.push(' ');
                    }
                    text.push_str(word);
                }
                text.push('.');
                if quoted {
                    text.push(if curly { '”' } else { '"' });
                }
            }
        }
        if self.dice.percent(40) {
            let name = self.words.name(&mut self.dice);
            let _ = write!(text, "\n\n(Reporting by {name}; Editing by {name})");
        }
        text
    }

    /// Queues a telling that comes `after` so many stories from now.
    fn queue(&mut self, copy: &Draft, relation: &'static str, caption: bool, after: u64) {
        let source = SOURCES[self.dice.below(SOURCES.len())];
        let text = if caption {
            let name = self.words.name(&mut self.dice);
            let words: Vec<String> = copy.iter().flatten().map(|s| s.join(" ")).collect();
            format!(
                "{}, March {}, 2031. ({source} Photo/{name})",
                words.join(" "),
                self.dice.between(1, 28)
            )
        } else {
            self.render(copy, source)
        };
        let due = self.given + after;
        let minutes = due / 4;
        let record = Record {
            id: format!("s-{:08}", self.made),
            title: copy[0][0][..copy[0][0].len().min(9)].join(" "),
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
            family: self.families,
            relation,
        };
        self.pending.insert((due, self.made), record);
        self.made += 1;
    }

    fn later(&mut self) -> u64 {
        self.dice.between(1, 400) as u64
    }

    /// Queues one family.
    fn family(&mut self) {
        self.families += 1;
        match self.dice.below(100) {
            // Photo captions, and other frames of the same scene, which are families of their own.
            0..=7 => {
                let copy = vec![vec![self.words.sentence(&mut self.dice)]];
                self.queue(&copy, "first", true, 0);
                if self.dice.percent(30) {
                    let after = self.later();
                    self.queue(&copy, "exact", true, after);
                }
                if self.dice.percent(30) {
                    self.families += 1;
                    let other = self.refill(&copy);
                    let after = self.later();
                    self.queue(&other, "template", true, after);
                }
            }
            8..=10 => {
                let which = self.dice.below(TEMPLATES);
                let copy = self.refill(&self.templates[which].clone());
                self.queue(&copy, "template", false, 0);
            }
            11 => {
                let which = self.dice.below(ALERTS);
                let copy = self.refill(&self.alerts[which].clone());
                self.queue(&copy, "alert", false, 0);
            }
            12..=25 => self.retold(),
            _ => {
                let copy = self.story();
                self.queue(&copy, "first", false, 0);
            }
        }
    }

    /// A story with one to six further tellings.
    fn retold(&mut self) {
        let mut copy = self.story();
        self.queue(&copy, "first", false, 0);
        for _ in 0..[1, 1, 1, 2, 2, 6][self.dice.below(6)] {
            let after = self.later();
            match self.dice.below(10) {
                0..=2 => self.queue(&copy, "exact", false, after),
                3..=5 => {
                    let per_mille = self.dice.between(3, 30);
                    let edited = self.edit(&copy, per_mille);
                    self.queue(&edited, "near", false, after);
                }
                6..=8 => {
                    copy = self.edit(&copy, 4);
                    for _ in 0..self.dice.between(1, 3) {
                        let at = self.dice.between(1, copy.len());
                        copy.insert(at, vec![self.words.sentence(&mut self.dice)]);
                    }
                    self.queue(&copy, "revision", false, after);
                }
                _ => {
                    let keep = (copy.len() * self.dice.between(30, 60)).div_ceil(100);
                    let cut = copy[..keep].to_vec();
                    self.queue(&cut, "contains", false, after);
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
