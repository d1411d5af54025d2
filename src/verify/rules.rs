/*!
The numbers that the rules of [`relation`](super::relation) turn on, each with its reason.

They are no options of the command line: an editor would have to label pairs to set them better. Whoever has labelled
pairs can, with `examples/judge.rs`: the numbers marked *fitted* are those that it chooses anew for its cross-validation.

Fitted numbers were chosen on 245 labelled pairs of real stories and captions. They are rounded, not the best that a grid can
find: with 0.85 for `same_story` and 0.65 for `headline` F1 is up to 0.005 higher on four fifths of those pairs, and no higher
on the fifth that was left out. The others are what the words mean.
*/

use serde::{Deserialize, Serialize};

/// Numbers of the rules. The default is what Samewire ships with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    /// Seconds between a story and the last version of the same news: three and a half days, so that what was sent on a
    /// Thursday evening is still news on Monday morning.
    pub news_cycle: u64,
    /// Cover and weighed headline that make one story within a news cycle. *Fitted.*
    pub same_story: f64,
    /// What a headline in common weighs beside the cover: half. A desk rewrites the headline of an update, but
    /// seldom all its words; a headline in common by itself (0.5) must not do. *Fitted.*
    pub headline: f64,
    /// What counts for the share of headline words in common where there is no headline: less than half, as nothing is known. *Fitted.*
    pub no_headline: f64,
    /// What a desk's tag adds: it says that the story is a version of some other, not of which. *Fitted.*
    pub desk_tag: f64,
    /// Cover that makes one story after the news cycle, with half of the headline in common: what recurs weeks
    /// later under one headline is a column's form or a standing story. *Fitted.*
    pub later: f64,
    /// The same under another headline: nearly all, for background of several paragraphs is used again for years. *Fitted.*
    pub later_unlike: f64,
    /// Share of headline words in common that makes two headlines alike.
    pub headline_alike: f64,
    /// Share of both texts' words in common that makes one story where neither headline nor time speaks: two thirds. Chosen
    /// on pairs of web pages, whose navigation and notices are shared by other pages of the site.
    pub alone: f64,
    /// The same where one text has more than [`long_text`](Rules::long_text) words.
    pub alone_long: f64,
    /// A third of a text of more than so many words is a story of its own.
    pub long_text: usize,
    /// Edits that exchange figures or names, per word of shared text, that make a template within a news cycle: one in
    /// 25 words. An update of one story exchanges figures too, a results bulletin exchanges most of them. *Fitted.*
    pub exchanged: f64,
    /// The same later than that: one in 80, for there is no update after days. *Fitted.*
    pub exchanged_later: f64,
    /// Seconds within which one headline is one piece of news, whatever figures are exchanged: most of a day, for the next one has a form's
    /// figures of its own.
    pub one_headline: u64,
    /// So many of them are the least that makes a form: one is a correction.
    pub exchanges: usize,
    /// In a text of fewer words than this one exchange is enough: it has no room for two.
    pub brief: usize,
    /// Share of the shorter text below which two texts have no form in common.
    pub one_form: f64,
    /// Share of the longer text's words that a near-duplicate may add: a sentence in a story of 400 words. *Fitted.*
    pub added: f64,
    /// Share of the words of the longer text that may be put otherwise in a near-duplicate, if nowhere a sentence. *Fitted.*
    pub reworded: f64,
    /// Words in a row that make a sentence: with fewer nothing new is told.
    pub sentence: usize,
    /// Share of the shorter text's shingles in the longer that makes it contained.
    pub contained: f64,
    /// Share of its words in shared runs; the rest are words at the seams.
    pub contained_cover: f64,
    /// The longer text has at least so many times the words of one that it contains: with less it is a version. *Fitted.*
    pub longer: f64,
    /// Words in a shared run that make a passage worth telling: what seeds are sure to find.
    pub passage: usize,
    /// Share of the shorter caption in common with one that a desk's tag says is corrected.
    pub corrected: f64,
    /// One word in so many may be put otherwise where a caption stands among several in one: who writes for two frames
    /// at once adjusts a word.
    pub words_an_edit: usize,
    /// The longer caption has at least so many times the words of the shorter where it holds several.
    pub several: f64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            news_cycle: 84 * 3_600,
            same_story: 0.80,
            headline: 0.50,
            no_headline: 0.30,
            desk_tag: 0.10,
            later: 0.70,
            later_unlike: 0.90,
            headline_alike: 0.50,
            alone: 0.69,
            alone_long: 0.835,
            long_text: 600,
            exchanged: 0.04,
            exchanged_later: 0.012,
            one_headline: 18 * 3_600,
            exchanges: 2,
            brief: 25,
            one_form: 0.45,
            added: 0.065,
            reworded: 0.25,
            sentence: 12,
            contained: 0.80,
            contained_cover: 0.93,
            longer: 1.25,
            passage: 10,
            corrected: 0.80,
            words_an_edit: 20,
            several: 1.5,
        }
    }
}
