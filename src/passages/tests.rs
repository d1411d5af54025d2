//! What the whole search promises, on stories of invented words.

use proptest::prelude::*;

use super::*;
use crate::pipeline::passages::find_in_stories;
use crate::pipeline::progress::Silent;
use crate::story::Story;

/// A small generator of numbers (`SplitMix64`), so that the corpus is the same everywhere.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        (crate::text::shingle::finalise(self.0) % n as u64) as usize
    }

    /// Frequent words are frequent, as in a language.
    fn words(&mut self, n: usize) -> Vec<String> {
        (0..n)
            .map(|_| {
                let among = 40 << (2 * self.below(5));
                format!("w{}", self.below(among))
            })
            .collect()
    }
}

struct Planted {
    len: usize,
    /// In two stories: the story, and bytes of its text.
    at: [(usize, ByteRange); 2],
}

/// Stories of 300 words, and passages planted in two of them each, with a share of the words of one changed.
fn planted() -> (Vec<Story<'static>>, Vec<Planted>) {
    let mut numbers = Numbers(5);
    let mut stories = Vec::new();
    let mut plants = Vec::new();
    for len in [10, 15, 20, 30, 50, 100, 200] {
        for percent in [0, 2, 5] {
            for _ in 0..15 {
                let passage = numbers.words(len);
                let mut edited = passage.clone();
                for change in 0..(len * percent + 50) / 100 {
                    // One word of each stretch, so that no word is changed twice.
                    let stretch = len / ((len * percent + 50) / 100);
                    let at = change * stretch + numbers.below(stretch);
                    edited[at] = format!("x{}", numbers.below(1_000));
                }
                let mut at = [(0, ByteRange::default()); 2];
                for (side, passage) in [passage, edited].iter().enumerate() {
                    let before = numbers.below(300);
                    let mut text = numbers.words(before).join(" ");
                    let start = if text.is_empty() { 0 } else { text.len() + 1 };
                    let around = [
                        text,
                        passage.join(" "),
                        numbers.words(300 - before).join(" "),
                    ];
                    text = around.join(" ").trim_start().to_owned();
                    let end = start + around[1].len();
                    at[side] = (stories.len(), ByteRange::new(start, end));
                    stories.push(Story::new(format!("s{}", stories.len()), text));
                }
                plants.push(Planted { len, at });
            }
        }
    }
    (stories, plants)
}

#[test]
fn planted_passages_are_found_where_they_were_planted() {
    let (stories, plants) = planted();
    let found = find_in_stories(&stories, &PassageSettings::default(), &Silent).unwrap();
    let (mut wanted, mut hits, mut errors) = (0, 0, Vec::new());
    for plant in plants.iter().filter(|p| p.len >= 20) {
        wanted += 1;
        let hit = found.found.passages.iter().find_map(|p| {
            let places = plant.at.map(|(story, range)| {
                p.occurrences
                    .iter()
                    .find(|o| o.story.index() == story && mostly_in(range, o.range))
                    .map(|o| (range, o.range, story))
            });
            Some([places[0]?, places[1]?])
        });
        let Some(places) = hit else { continue };
        hits += 1;
        for (range, told, story) in places {
            for (a, b) in [(range.start, told.start), (range.end, told.end)] {
                let between = ByteRange {
                    start: a.min(b),
                    end: a.max(b),
                };
                errors.push(between.of(&stories[story].text).split_whitespace().count());
            }
        }
    }
    errors.sort_unstable();
    assert!(hits * 100 >= wanted * 99, "{hits} of {wanted}");
    assert!(errors[errors.len() / 2] <= 1);
}

#[test]
fn what_stands_under_very_many_stories_is_one_family() {
    let mut numbers = Numbers(9);
    let about = numbers.words(40).join(" ");
    let stories: Vec<Story> = (0..300)
        .map(|i| {
            Story::new(
                format!("s{i}"),
                format!("{}\n\n{about}", numbers.words(150).join(" ")),
            )
        })
        .collect();
    for exact in [false, true] {
        let settings = PassageSettings {
            exact,
            min_words: 12,
            ..PassageSettings::default()
        };
        let outcome = find_in_stories(&stories, &settings, &Silent).unwrap();
        let first = &outcome.found.passages[0];
        assert_eq!((first.stories, first.occurrences.len()), (300, 300));
        assert_eq!(first.kind, Kind::Boilerplate);
        assert_eq!(first.text(&stories[..]), about);
        assert_eq!(outcome.found.capped_seeds > 0, !exact);
    }
}

#[test]
fn a_story_that_many_ran_is_news() {
    let mut numbers = Numbers(11);
    let text = numbers.words(200).join(" ");
    let stories: Vec<Story> = (0..20)
        .map(|i| Story::new(format!("s{i}"), text.clone()))
        .collect();
    let outcome = find_in_stories(&stories, &PassageSettings::default(), &Silent).unwrap();
    assert_eq!(outcome.found.passages.len(), 1);
    assert_eq!(outcome.found.passages[0].kind, Kind::News);
}

#[test]
fn passages_that_shift_from_story_to_story_are_not_glued() {
    // Story i holds words 20·i to 20·i + 60 of one long text: neighbours share 40 words, far ones none.
    let text = Numbers(3).words(700);
    let stories: Vec<Story> = (0..30)
        .map(|i| Story::new(format!("s{i}"), text[20 * i..20 * i + 60].join(" ")))
        .collect();
    let outcome = find_in_stories(&stories, &PassageSettings::default(), &Silent).unwrap();
    for passage in &outcome.found.passages {
        let ids = passage.occurrences.iter().map(|o| o.story.0);
        let (first, last) = (ids.clone().min().unwrap(), ids.max().unwrap());
        assert!(last - first <= 4, "{first} to {last}");
    }
}

proptest! {
    /// The guarantee: a run of `min_words` equal words in two stories lies in a span of both.
    #[test]
    fn every_shared_run_is_found_under_exact(
        min_words in 2_usize..14,
        extra in 0_usize..20,
        seed in any::<u64>(),
        cuts in prop::collection::vec(0_usize..80, 2..5)
    ) {
        let settings = PassageSettings { min_words, exact: true, ..PassageSettings::default() };
        let mut numbers = Numbers(seed);
        let run: Vec<String> = (0..min_words + extra).map(|i| format!("run{i}x{}", numbers.below(9))).collect();
        let mut flowing = seeds::Flowing::new(&settings);
        let flows = cuts.iter().map(|&cut| {
            let text = [numbers.words(cut), run.clone(), numbers.words(80 - cut)].concat().join(" ");
            let mut flows = Flows::default();
            flowing.add(&Story::new("s", text), &mut flows);
            flows
        }).collect();
        let (words, postings) = seeds::gather(flows).unwrap();
        let (spans, _) = extend::spans(&words, &postings, &settings);
        for b in 0..cuts.len() {
            for a in 0..b {
                let holds = |p: Place, story: usize| p.story as usize == story
                    && p.start as usize <= cuts[story] && p.end as usize >= cuts[story] + run.len();
                prop_assert!(spans.iter().any(|s| holds(s[0], a) && holds(s[1], b)));
            }
        }
        // And whatever was found is told: every story that holds the run stands in some family.
        let families = families::families(&words, &spans, &settings);
        for (story, &cut) in cuts.iter().enumerate() {
            let whole = Place { story: story as u32, start: cut as u32, end: (cut + run.len()) as u32 };
            prop_assert!(families.iter().flatten().any(|p| p.story == whole.story && p.overlap(whole) > 0));
        }
    }
}
