/*!
Runs the stages over a corpus, in parallel.

```text
chunks ─▶ sketch (parallel) ─▶ number ─▶ buckets (parallel by band)
       ─▶ candidates (parallel by row), links (by bundle of pairs) ─▶ groups
```

What runs in parallel writes to places of its own and is put together in input order, so the outcome is the
same for any number of threads.
*/

use std::borrow::Cow;
use std::time::Instant;

use rayon::prelude::*;

use super::engine::{KeyPlan, Sketched, Sketching};
use super::first_pass;
use super::joint::Joint;
use super::keys::KeyKeeper;
use super::progress::Progress;
use super::table::Table;
use super::{Outcome, verify_pairs};
use crate::config::{Match, Settings};
use crate::decide::Decisions;
use crate::decide::constrain::constrain;
use crate::error::Result;
use crate::group;
use crate::read::keep::Keeper;
use crate::read::{ReadOptions, Store, Walk};
use crate::story::{Corpus, Story, UnitId, UnitKind};
use crate::verify::Link;

/// Finds links and groups among stories in memory.
///
/// ```
/// use samewire::{Settings, Story, pipeline::{batch, progress::Silent}};
///
/// let text = "The old bridge at Orle reopened to traffic on Monday after two years of repairs, the city said.";
/// let stories = [
///     Story::new("a", text),
///     Story::new("b", "Rain is expected over the coast for most of the week, forecasters said on Monday."),
///     Story::new("c", format!("ORLE (MW) - {text}")),
/// ];
/// let outcome = batch::group_stories(&stories, &Settings::default(), &Silent)?;
/// assert_eq!(outcome.groups.len(), 1);
/// assert_eq!(outcome.groups[0].members.len(), 2);
/// assert_eq!(outcome.links[0].relation.name(), "exact");
/// # Ok::<(), samewire::Error>(())
/// ```
///
/// # Errors
/// When a setting is out of range, or there are more than 2³² − 1 units.
pub fn group_stories(
    stories: &[Story<'_>],
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<Outcome> {
    group_stories_decided(stories, settings, &Decisions::default(), progress)
}

/// As [`group_stories`], with what people decided of pairs.
///
/// # Errors
/// As there, and when two names of decisions mean one unit, so that they contradict one another.
pub fn group_stories_decided(
    stories: &[Story<'_>],
    settings: &Settings,
    decisions: &Decisions,
    progress: &dyn Progress,
) -> Result<Outcome> {
    let started = Instant::now();
    settings.validate()?;
    let plan = KeyPlan::of(settings);
    let sketched = first_pass::over_stories(stories, || Sketching::new(settings, plan));
    let keys = KeyKeeper::new(u64::MAX, plan.band_count());
    let mut outcome = finish(stories, sketched, &keys, settings, decisions, progress)?;
    outcome.stats.bytes = stories.iter().map(|s| s.text.len() as u64).sum();
    outcome.stats.elapsed = started.elapsed();
    Ok(outcome)
}

/// Finds links and groups among the stories of files.
///
/// What cannot be read is in the outcome's rejections, those of the walk first, then in input order.
///
/// # Errors
/// When a setting is out of range, there are more stories or units than can be numbered, or what exceeds the memory given
/// cannot be written to a temporary file.
pub fn group_files(
    walk: Walk,
    options: &ReadOptions,
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<(Store, Outcome)> {
    group_decided(walk, options, settings, &Decisions::default(), progress)
}

/// As [`group_files`], with what people decided of pairs.
///
/// # Errors
/// As there, and when two names of decisions mean one unit, so that they contradict one another.
pub fn group_decided(
    walk: Walk,
    options: &ReadOptions,
    settings: &Settings,
    decisions: &Decisions,
    progress: &dyn Progress,
) -> Result<(Store, Outcome)> {
    let started = Instant::now();
    settings.validate()?;
    let plan = KeyPlan::of(settings);
    let keys = KeyKeeper::new(key_share(options), plan.band_count());
    let worker = || Sketching::new(settings, plan);
    let read = first_pass::over_files(
        walk,
        options,
        keeper(options, settings),
        progress,
        worker,
        |run| keys.settle(run),
    )?;
    let store = read.store;
    let mut outcome = finish(&store, read.parts, &keys, settings, decisions, progress)?;
    outcome.rejections = read.rejections;
    outcome.rejections.extend(store.lost());
    outcome.stats.bytes = read.bytes;
    outcome.stats.elapsed = started.elapsed();
    Ok((store, outcome))
}

/// Finds links and groups among the stories of files and what an index knows of them: `relatives` tells, of what was read, the stories
/// of the index that it is shown with. These stand before all others; links and groups among themselves alone are not told.
///
/// # Errors
/// As for [`group_files`]; and what `relatives` fails with.
pub fn group_against(
    walk: Walk,
    options: &ReadOptions,
    settings: &Settings,
    decisions: &Decisions,
    progress: &dyn Progress,
    index: String,
    relatives: impl FnOnce(&Store) -> Result<Vec<Story<'static>>>,
) -> Result<(Joint, Outcome)> {
    let started = Instant::now();
    settings.validate()?;
    let plan = KeyPlan::of(settings);
    let sketching = || Sketching::new(settings, plan);
    let keys = KeyKeeper::new(key_share(options), plan.band_count());
    let settle = |run: &mut Sketched| keys.settle(run);
    let read = first_pass::over_files(
        walk,
        options,
        keeper(options, settings),
        progress,
        sketching,
        settle,
    )?;
    let known = relatives(&read.store)?;
    // Their keys are few, and held whatever the budget.
    let mut parts = first_pass::over_stories(&known, sketching);
    parts.extend(read.parts);
    let joint = Joint {
        known,
        index,
        store: read.store,
    };
    let mut outcome = finish(&joint, parts, &keys, settings, decisions, progress)?;
    outcome.known = joint.known.len() as u32;
    let (units, known) = (&outcome.units, outcome.known);
    let is_read = |unit: UnitId| units[unit.index()].story.0 >= known;
    outcome.links.retain(|l| is_read(l.a) || is_read(l.b));
    outcome
        .groups
        .retain(|g| g.members.iter().any(|m| is_read(m.unit)));
    let stats = &mut outcome.stats;
    stats.stories -= u64::from(known);
    for unit in outcome.units.iter().filter(|u| u.story.0 < known) {
        match unit.kind {
            UnitKind::Story => stats.story_units -= 1,
            UnitKind::Caption => stats.caption_units -= 1,
        }
        stats.empty_units -= u64::from(unit.tokens == 0);
    }
    stats.bytes = read.bytes;
    stats.elapsed = started.elapsed();
    outcome.rejections = read.rejections;
    outcome.rejections.extend(joint.store.lost());
    Ok((joint, outcome))
}

/// What keeps the bytes of chunks: where units are compared word by word, those of a small corpus of short records stay in memory.
fn keeper(options: &ReadOptions, settings: &Settings) -> Keeper {
    let keeper = Keeper::of(options);
    match settings.matching {
        Match::All => keeper.holding_plain(options.memory / 256),
        Match::Near => keeper,
    }
}

/// Bytes of keys to hold: they are sorted beside themselves, and texts that cannot be read again take a quarter of the memory. With
/// a part of the keys in order for each thread, and all that is known of each unit, that is about what may be used.
fn key_share(options: &ReadOptions) -> u64 {
    options.memory / 6
}

/// From sketches to groups.
fn finish<C: Corpus + ?Sized>(
    corpus: &C,
    sketched: Vec<Sketched>,
    keys: &KeyKeeper,
    settings: &Settings,
    decisions: &Decisions,
    progress: &dyn Progress,
) -> Result<Outcome> {
    let mut table = Table::new(corpus, sketched, settings)?;
    let mut stats = table.stats();
    progress.begin("candidates", None);
    let pairs = table.pairs(corpus, keys, settings, &mut stats)?;
    stats.candidates = pairs.len() as u64;
    progress.end();
    progress.begin("verify", Some(pairs.len() as u64));
    let mut links = verify_pairs::links(corpus, &table, &pairs, settings, progress);
    progress.end();
    links.extend(table.exact);
    links.par_sort_unstable_by_key(|l| (l.a, l.b));
    group::part_round_ups(corpus, &table.units, &mut links);
    let decided = constrain(decisions, corpus, &table.units, &mut links, settings)?;
    let joining: Cow<'_, [Link]> = if decisions.is_empty() {
        Cow::Borrowed(&links)
    } else {
        links.iter().filter(|l| decided.joins(l)).cloned().collect()
    };
    let groups = group::groups(corpus, &table.units, &joining, &settings.keep);
    Ok(Outcome {
        units: table.units,
        links,
        groups,
        rejections: Vec::new(),
        decided,
        stats,
        known: 0,
    })
}
