/*!
Passages: runs of text that stand in two or more stories.

```text
seeds      stories → running words, and the places where they run alike
extend     shared seeds → spans that two stories have in common, small edits aside
families   spans → families: the places of one passage
kind       family → news, boilerplate or caption
```

All text of a story is searched as one run of words, captions in their places, so a caption that another story took
into its text is found, and so is one that stands as a record of its own. Furniture is left out of the words; a
passage may run on across it, its words do not count.

Input: stories by number, and their words ([`seeds::Flows`]). Output: [`Passages`], the widest first. Invariants: every
place of a passage is a byte range of its story's text, from a word's first byte to a word's last; the answer depends
on nothing but the stories, their order and the settings. With `exact`, every run of `min_words` equal words that two
stories share lies in a span of both, unless one of them holds its seeds more than eight times.
*/

pub mod extend;
pub mod families;
mod kind;
pub mod seeds;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::config::PassageSettings;
use crate::error::Result;
use crate::story::{ByteRange, Corpus, StoryId, UnitKind};
use crate::text::Token;
use extend::Place;
use families::Family;
use seeds::{Flows, Words};

/// What kind of text a passage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A quote, a paragraph, a story.
    News,
    /// What a house puts under or over stories that have nothing else in common.
    Boilerplate,
    /// A photo caption.
    Caption,
}

impl Kind {
    /// The name in output.
    pub fn name(self) -> &'static str {
        match self {
            Kind::News => "news",
            Kind::Boilerplate => "boilerplate",
            Kind::Caption => "caption",
        }
    }
}

/// One place where a passage stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The story.
    pub story: StoryId,
    /// Bytes of the story's text, from the first word to the last.
    pub range: ByteRange,
    /// Words, furniture aside.
    pub words: u32,
    /// Whether it is a caption, or lies in one.
    pub in_caption: bool,
}

/// A run of text that stands in two or more stories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// `p-` and 12 hexadecimal digits, from the words of the earliest occurrence.
    pub name: String,
    /// What kind of text.
    pub kind: Kind,
    /// Stories that it stands in.
    pub stories: usize,
    /// Earliest first, by time where known, then by input order.
    pub occurrences: Vec<Occurrence>,
}

impl Passage {
    /// Words of the earliest occurrence.
    pub fn words(&self) -> u32 {
        self.occurrences.first().map_or(0, |o| o.words)
    }

    /// The text of the earliest occurrence, as it stands there.
    pub fn text<C: Corpus + ?Sized>(&self, corpus: &C) -> String {
        self.occurrences.first().map_or_else(String::new, |o| {
            o.range.of(&corpus.story(o.story).text).to_owned()
        })
    }

    /// The time of the earliest occurrence as its story gives it; none if no story of the passage has a time that is understood.
    pub fn first_seen<C: Corpus + ?Sized>(&self, corpus: &C) -> Option<String> {
        let story = corpus.head(self.occurrences.first()?.story);
        story.seconds()?;
        story.time.map(std::borrow::Cow::into_owned)
    }
}

/// All passages, and what it took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passages {
    /// By reach: most stories first, then most words, then the first occurrence in input order.
    pub passages: Vec<Passage>,
    /// Words read, furniture aside.
    pub words: u64,
    /// Word runs that more places share than were followed.
    pub capped_seeds: u64,
}

/// Finds the passages of a corpus whose stories gave these words.
///
/// # Errors
/// When a setting is out of range, or there are more words than can be numbered.
pub fn find<C: Corpus + ?Sized>(
    corpus: &C,
    flows: Vec<Flows>,
    settings: &PassageSettings,
) -> Result<Passages> {
    settings.validate()?;
    let (words, postings) = seeds::gather(flows)?;
    let (spans, capped_seeds) = extend::spans(&words, &postings, settings);
    drop(postings);
    let families = families::families(&words, &spans, settings);
    drop(spans);
    let located = Located::new(corpus, &words, &families, settings);
    let kinds = kind::kinds(&words, &families, &located);
    let mut passages: Vec<(u32, Passage)> = families
        .par_iter()
        .enumerate()
        .map(|(f, family)| {
            let first = family[0].story;
            (first, passage(&words, family, &located, f, kinds[f]))
        })
        .collect();
    passages.par_sort_by(|(first_a, a), (first_b, b)| {
        let order = |first: u32, p: &Passage| {
            let place = p.occurrences.first().map(|o| (o.story, o.range));
            (std::cmp::Reverse((p.stories, p.words())), first, place)
        };
        order(*first_a, a).cmp(&order(*first_b, b))
    });
    Ok(Passages {
        passages: passages.into_iter().map(|(_, p)| p).collect(),
        words: (0..words.stories() as u32)
            .map(|s| words.of(s).len() as u64)
            .sum(),
        capped_seeds,
    })
}

fn passage(words: &Words, family: &Family, located: &Located, f: usize, kind: Kind) -> Passage {
    let mut order: Vec<usize> = (0..family.len()).collect();
    order.sort_by_key(|&i| {
        let seconds = located.seconds[family[i].story as usize];
        (seconds.is_none(), seconds, family[i])
    });
    let places = &located.places[f];
    let occurrences = order
        .iter()
        .map(|&i| Occurrence {
            story: StoryId(family[i].story),
            range: places[i].0,
            words: family[i].len(),
            in_caption: places[i].1,
        })
        .collect();
    let bytes: Vec<u8> = families::text(words, family[order[0]])
        .iter()
        .flat_map(|w| w.to_le_bytes())
        .collect();
    Passage {
        name: format!("p-{:012x}", xxh3_64(&bytes) >> 16),
        kind,
        stories: families::stories(family),
        occurrences,
    }
}

/// Bytes of a place, and whether it lies in a caption.
type Spot = (ByteRange, bool);

/// What has to be read again of the stories that hold passages.
struct Located {
    /// For each family, the bytes of each of its places, and whether it lies in a caption.
    places: Vec<Vec<Spot>>,
    /// For each story with passages its time.
    seconds: Vec<Option<i64>>,
}

impl Located {
    fn new<C: Corpus + ?Sized>(
        corpus: &C,
        words: &Words,
        families: &[Family],
        settings: &PassageSettings,
    ) -> Self {
        let mut by_story: Vec<Vec<(u32, u32, Place)>> = vec![Vec::new(); words.stories()];
        for (f, family) in families.iter().enumerate() {
            for (i, &place) in family.iter().enumerate() {
                by_story[place.story as usize].push((f as u32, i as u32, place));
            }
        }
        let found: Vec<(Option<i64>, Vec<Spot>)> = by_story
            .par_iter()
            .enumerate()
            .map_init(
                || (seeds::preparer(settings), Vec::<Token>::new()),
                |(preparer, tokens), (story, places)| {
                    if places.is_empty() {
                        return (None, Vec::new());
                    }
                    let story = corpus.story(StoryId(story as u32));
                    tokens.clear();
                    preparer.running_words(&story, tokens);
                    let captions = &preparer.segments().captions;
                    let located = places.iter().map(|(_, _, place)| {
                        let range = ByteRange {
                            start: tokens[place.start as usize].range.start,
                            end: tokens[place.end as usize - 1].range.end,
                        };
                        let whole = story.kind == UnitKind::Caption;
                        (
                            range,
                            whole || captions.iter().any(|&c| mostly_in(range, c)),
                        )
                    });
                    (story.seconds(), located.collect())
                },
            )
            .collect();
        let mut places: Vec<Vec<Spot>> = families
            .iter()
            .map(|family| vec![Default::default(); family.len()])
            .collect();
        let mut seconds = Vec::with_capacity(found.len());
        for (wanted, (time, located)) in by_story.iter().zip(found) {
            seconds.push(time);
            for ((f, i, _), place) in wanted.iter().zip(located) {
                places[*f as usize][*i as usize] = place;
            }
        }
        Self { places, seconds }
    }
}

/// Whether half of a range or more lies in another.
fn mostly_in(range: ByteRange, other: ByteRange) -> bool {
    let shared = range
        .end
        .min(other.end)
        .saturating_sub(range.start.max(other.start));
    2 * shared as usize >= range.len()
}

#[cfg(test)]
mod tests;
