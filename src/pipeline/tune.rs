/*!
Measures how alike the stories of a corpus are, in parallel; the stages are those of [`crate::tune`].

Stories are read once for their units and the hashes of their words, and those of which one unit speaks for its class once more
for their shingles: no more is held than the sets of the sample.
*/

use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::engine::{KeyPlan, Sketched, Sketching};
use super::first_pass;
use super::progress::Progress;
use crate::config::Settings;
use crate::error::Result;
use crate::read::keep::Keeper;
use crate::read::{ReadOptions, Rejection, Store, Walk};
use crate::story::{Corpus, Story, StoryId, Unit, UnitId, UnitKind};
use crate::text::{Preparer, shingle};
use crate::threads::in_turn;
use crate::tune::classes::{Class, classes, sample};
use crate::tune::outlook::{FINE, LOW, Measured, Similar};
use crate::tune::pairs::{Counts, Postings};
use crate::verify::jaccard::make_set;

/// Steps that may be spent on counting; a sample that needs more is halved.
const MOST_WORK: u64 = 2_000_000_000;
/// Classes that are worked on at a time.
const CLASSES_AT_ONCE: usize = 64;

/// What was measured.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Of each kind that there is, stories first.
    pub measured: Vec<Measured>,
    /// Stories read.
    pub stories: u64,
    /// Stories sampled; fewer than asked for where very much is alike.
    pub sampled: u64,
    /// What could not be used.
    pub rejections: Vec<Rejection>,
    /// Bytes of input, as decompressed.
    pub bytes: u64,
    /// Time the run took.
    pub elapsed: Duration,
}

/// Measures stories in memory, `size` of them sampled.
///
/// # Errors
/// When a setting is out of range.
pub fn measure_stories(
    stories: &[Story<'_>],
    settings: &Settings,
    size: u32,
    progress: &dyn Progress,
) -> Result<Outcome> {
    let started = Instant::now();
    settings.validate()?;
    let parts = first_pass::over_stories(stories, || Sketching::new(settings, NO_KEYS));
    let mut outcome = measure(stories, &parts, settings, size, progress);
    outcome.bytes = stories.iter().map(|s| s.text.len() as u64).sum();
    outcome.elapsed = started.elapsed();
    Ok(outcome)
}

/// Measures the stories of files, `size` of them sampled.
///
/// # Errors
/// When a setting is out of range, or there are more stories than can be numbered.
pub fn measure_files(
    walk: Walk,
    options: &ReadOptions,
    settings: &Settings,
    size: u32,
    progress: &dyn Progress,
) -> Result<(Store, Outcome)> {
    let started = Instant::now();
    settings.validate()?;
    let worker = || Sketching::new(settings, NO_KEYS);
    let read =
        first_pass::over_files(walk, options, Keeper::of(options), progress, worker, |_| {
            Ok(())
        })?;
    let mut outcome = measure(&read.store, &read.parts, settings, size, progress);
    outcome.rejections = read.rejections;
    outcome.rejections.extend(read.store.lost());
    outcome.bytes = read.bytes;
    outcome.elapsed = started.elapsed();
    Ok((read.store, outcome))
}

const NO_KEYS: KeyPlan = KeyPlan {
    bands: None,
    seeds: false,
};

fn measure<C: Corpus + ?Sized>(
    corpus: &C,
    parts: &[Sketched],
    settings: &Settings,
    size: u32,
    progress: &dyn Progress,
) -> Outcome {
    let mut units: Vec<Unit> = Vec::new();
    let mut contents: Vec<u128> = Vec::new();
    let mut stories = 0;
    for part in parts {
        units.extend(part.units.iter().map(|u| Unit {
            story: StoryId(u.story.0 + stories),
            ..*u
        }));
        contents.extend_from_slice(&part.contents);
        stories += part.stories;
    }
    progress.begin("measure", None);
    let mut size = size.min(stories);
    let measured = loop {
        let sampled = sample(stories, size, settings.seed);
        let planned: Vec<Planned> = [UnitKind::Story, UnitKind::Caption]
            .into_iter()
            .map(|kind| Planned::new(corpus, &units, &contents, kind, &sampled, settings))
            .filter(|p| !p.classes.is_empty())
            .collect();
        let work: u64 = planned.iter().map(Planned::work).sum();
        if work <= MOST_WORK || size < 2 {
            let count = |p: Planned| p.count(corpus, &units, &sampled, settings);
            break planned.into_iter().map(count).collect();
        }
        size /= 2;
    };
    progress.end();
    Outcome {
        measured,
        stories: u64::from(stories),
        sampled: u64::from(size),
        ..Outcome::default()
    }
}

/// One kind of unit, with the sets of its sample.
struct Planned {
    kind: UnitKind,
    classes: Vec<Class>,
    /// Sampled classes, as numbers among all.
    sampled: Vec<u32>,
    sets: Vec<Vec<u64>>,
    postings: Postings,
}

impl Planned {
    fn new<C: Corpus + ?Sized>(
        corpus: &C,
        units: &[Unit],
        contents: &[u128],
        kind: UnitKind,
        in_sample: &[bool],
        settings: &Settings,
    ) -> Self {
        let classes = classes(units, contents, kind, in_sample);
        let sampled: Vec<u32> = (0..classes.len() as u32)
            .filter(|&c| classes[c as usize].sampled > 0)
            .collect();
        let sets: Vec<Vec<u64>> = in_turn(
            sampled.len(),
            || Sets::new(settings),
            |sets, number| {
                let class = &classes[sampled[number] as usize];
                sets.of(corpus, units, class.first).clone()
            },
        );
        let postings = Postings::new(&sets);
        Self {
            kind,
            classes,
            sampled,
            sets,
            postings,
        }
    }

    /// Steps that counting will take, reckoned from the sample.
    fn work(&self) -> u64 {
        let (all, sampled) = (
            self.classes.len() as u128,
            self.sampled.len().max(1) as u128,
        );
        (u128::from(self.postings.work()) * all / sampled).min(u128::from(u64::MAX)) as u64
    }

    fn count<C: Corpus + ?Sized>(
        self,
        corpus: &C,
        units: &[Unit],
        in_sample: &[bool],
        settings: &Settings,
    ) -> Measured {
        // The number of each class among the sampled ones, for those that are.
        let mut place = vec![None; self.classes.len()];
        for (number, &class) in self.sampled.iter().enumerate() {
            place[class as usize] = Some(number as u32);
        }
        let count = self.classes.len();
        let parts: Vec<(Vec<Similar>, Vec<u64>)> = in_turn(
            count.div_ceil(CLASSES_AT_ONCE),
            || (Sets::new(settings), Counts::new(self.sampled.len())),
            |(sets, counts), number| {
                let first = number * CLASSES_AT_ONCE;
                let some = (first as u32..).zip(&place[first..]).take(CLASSES_AT_ONCE);
                let mut part = (Vec::new(), vec![0_u64; FINE]);
                for (class, place) in some {
                    let set = match place {
                        Some(number) => &self.sets[*number as usize],
                        None => sets.of(corpus, units, self.classes[class as usize].first),
                    };
                    let below = place.unwrap_or(self.sampled.len() as u32);
                    self.postings.count(set, below, counts);
                    self.add(class, set.len(), counts, in_sample, &mut part);
                }
                part
            },
        );
        let mut similar = Vec::new();
        let mut low = vec![0; FINE];
        for (of_part, low_of_part) in parts {
            similar.extend(of_part);
            for (sum, n) in low.iter_mut().zip(low_of_part) {
                *sum += n;
            }
        }
        // The most alike first; by integers, ties by number.
        similar.par_sort_unstable_by(|x, y| {
            let left = u64::from(y.shared) * u64::from(x.union);
            let right = u64::from(x.shared) * u64::from(y.union);
            left.cmp(&right).then((x.a, x.b).cmp(&(y.a, y.b)))
        });
        Measured {
            kind: self.kind,
            units: self.classes.iter().map(|c| c.stories.len() as u64).sum(),
            sampled: self.classes.iter().map(|c| u64::from(c.sampled)).sum(),
            copies: self.classes.iter().map(|c| c.pairs_within(in_sample)).sum(),
            classes: self
                .classes
                .iter()
                .map(|c| (c.stories.len() as u32, c.sampled))
                .collect(),
            similar,
            low,
        }
    }

    /// Adds what a class shares with the sampled ones.
    fn add(
        &self,
        class: u32,
        size: usize,
        counts: &Counts,
        in_sample: &[bool],
        (similar, low): &mut (Vec<Similar>, Vec<u64>),
    ) {
        for found in &counts.found {
            let other = self.sampled[found.sampled as usize];
            let union = (size + self.sets[found.sampled as usize].len()) as u32 - found.shared;
            let pairs =
                self.classes[class as usize].pairs_with(&self.classes[other as usize], in_sample);
            if pairs == 0 {
                continue;
            }
            let fine = u64::from(found.shared) * 1_000 / u64::from(union);
            if fine < (LOW * 1_000.0) as u64 {
                low[fine as usize] += pairs;
                continue;
            }
            similar.push(Similar {
                a: class.min(other),
                b: class.max(other),
                shared: found.shared,
                union,
                pairs,
            });
        }
    }
}

/// Unit → its shingle set, with the buffers for it.
struct Sets<'s, 'c> {
    settings: &'s Settings,
    preparer: Preparer,
    /// The story that `preparer` was given last: its next caption is mostly what is asked for next.
    story: Option<(StoryId, Story<'c>)>,
    words: Vec<u64>,
    set: Vec<u64>,
}

impl<'s, 'c> Sets<'s, 'c> {
    fn new(settings: &'s Settings) -> Self {
        Self {
            settings,
            preparer: Preparer::new(settings),
            story: None,
            words: Vec::new(),
            set: Vec::new(),
        }
    }

    fn of<C: Corpus + ?Sized>(&mut self, corpus: &'c C, units: &[Unit], unit: UnitId) -> &Vec<u64> {
        let id = units[unit.index()].story;
        let before = units[..unit.index()].iter().rev();
        let which = before.take_while(|u| u.story == id).count();
        let (_, story) = match self.story.take() {
            Some(held) if held.0 == id => self.story.insert(held),
            _ => {
                let story = corpus.story(id);
                self.preparer.units(&story);
                self.story.insert((id, story))
            }
        };
        let unit = self.preparer.unit(which);
        self.words.clear();
        self.set.clear();
        self.preparer.words(&story.text, &unit, &mut self.words);
        shingle::collect(
            &self.words,
            self.settings.shingle_of(unit.kind),
            &mut self.set,
        );
        make_set(&mut self.set);
        &self.set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::progress::Silent;
    use crate::tune::outlook::Outlook;

    fn stories() -> Vec<Story<'static>> {
        let words = |from: u32, n: u32| {
            (from..from + n)
                .map(|i| format!("w{i}"))
                .collect::<Vec<_>>()
                .join(" ")
        };
        // 0 and 1 are the same; 2 shares 56 of 136 shingles with them; 3 is another story.
        vec![
            Story::new("0", words(0, 100)),
            Story::new("1", words(0, 100)),
            Story::new("2", words(40, 100)),
            Story::new("3", words(900, 100)),
        ]
    }

    #[test]
    fn similarities_are_exact() {
        let outcome = measure_stories(&stories(), &Settings::default(), 100, &Silent).unwrap();
        let [measured] = &outcome.measured[..] else {
            panic!("stories alone");
        };
        assert_eq!(
            (outcome.sampled, measured.units, measured.copies),
            (4, 4, 1)
        );
        let [similar] = &measured.similar[..] else {
            panic!("{:?}", measured.similar);
        };
        assert_eq!((similar.shared, similar.union, similar.pairs), (56, 136, 2));
        let outlook = Outlook::new(measured, Settings::default().threshold, 0.999);
        assert_eq!(outlook.histogram[8].pairs, 2);
    }

    #[test]
    fn a_sample_sees_all_pairs_that_it_is_part_of() {
        for size in 1..4 {
            let settings = Settings::default();
            let outcome = measure_stories(&stories(), &settings, size, &Silent).unwrap();
            let picked = sample(4, size, settings.seed);
            let measured = &outcome.measured[0];
            let expected = |pairs: &[(usize, usize)]| {
                pairs
                    .iter()
                    .filter(|(a, b)| picked[*a] || picked[*b])
                    .count() as u64
            };
            assert_eq!(measured.copies, expected(&[(0, 1)]), "{picked:?}");
            let similar: u64 = measured.similar.iter().map(|s| s.pairs).sum();
            assert_eq!(similar, expected(&[(0, 2), (1, 2)]), "{picked:?}");
        }
    }

    #[test]
    fn a_flood_of_one_form_is_measured_in_part() {
        let form: Vec<String> = (0..400).map(|i| format!("w{i}")).collect();
        let form = form.join(" ");
        let stories: Vec<Story<'_>> = (0..3_000)
            .map(|i| Story::new(format!("s-{i}"), format!("{form} n{i}")))
            .collect();
        let outcome = measure_stories(&stories, &Settings::default(), 3_000, &Silent).unwrap();
        assert!(
            outcome.sampled < 3_000 && outcome.sampled > 100,
            "{}",
            outcome.sampled
        );
        let measured = &outcome.measured[0];
        let (n, s) = (3_000, outcome.sampled);
        let pairs: u64 = measured.similar.iter().map(|p| p.pairs).sum();
        assert_eq!(pairs, n * (n - 1) / 2 - (n - s) * (n - s - 1) / 2);
    }
}
