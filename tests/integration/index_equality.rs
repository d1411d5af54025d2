//! A stream that stops and goes on from its index answers as one that never stopped.

use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;
use samewire::index::store::Index;
use samewire::pipeline::stream::{Committed, Readying, Stream, Verdict};
use samewire::verify::Relation;
use samewire::{Match, Settings, Story};

use crate::stream_equality::feed;

type Answers = Vec<Vec<Verdict>>;

/// What became of the look-up file at the end of a run.
#[derive(Clone, Copy, Debug)]
enum Lookup {
    Written,
    /// The one before stays, and lacks what came since.
    Stale,
    Lost,
    Damaged,
}

fn push(
    stream: &mut Stream,
    settings: &Settings,
    stories: &[Story<'static>],
    at_once: usize,
    mut told: impl FnMut(samewire::index::store::change::Change),
) -> Answers {
    let mut readying = Readying::new(settings);
    let mut answers = Vec::new();
    for some in stories.chunks(at_once) {
        let ready: Vec<_> = some
            .iter()
            .map(|s| readying.ready(s.clone(), 1_900_000_000))
            .collect();
        let (found, change) = stream.push_and_tell(ready).unwrap();
        answers.extend(found.iter().map(|v| v.to_vec()));
        if let Some(change) = change {
            told(change);
        }
    }
    answers
}

fn in_memory(settings: &Settings, stories: &[Story<'static>], at_once: usize) -> Answers {
    let mut stream = Stream::new(settings.clone()).unwrap();
    push(&mut stream, settings, stories, at_once, |_| {})
}

/// One run over an index.
fn run(path: &Path, stories: &[Story<'static>], at_once: usize, lookup: Lookup) -> Answers {
    let mut index = Index::open_to_write(path).unwrap();
    let settings = index.settings().clone();
    let committed = Committed::default();
    let (mut stream, _) = Stream::open(&mut index, &committed).unwrap();
    let (epoch, new_lookup, place) = (index.epoch(), index.new_lookup(), index.lookup());
    let mut writer = index.begin("test").unwrap();
    let answers = push(&mut stream, &settings, stories, at_once, |change| {
        writer.apply(&change).unwrap();
        writer.commit().unwrap();
        committed.store(
            writer.state().next_story,
            std::sync::atomic::Ordering::Release,
        );
    });
    writer.end().unwrap();
    // Nobody reads: all is in the database.
    let log = std::fs::metadata(path.join("index.sqlite-wal"));
    assert_eq!(log.unwrap().len(), 0);
    match lookup {
        Lookup::Stale => {}
        Lookup::Written => {
            let ticks = stream.write_lookup(epoch, &new_lookup).unwrap();
            writer.publish_lookup(ticks).unwrap();
        }
        Lookup::Lost => drop(std::fs::remove_file(place)),
        Lookup::Damaged => {
            if let Ok(mut bytes) = std::fs::read(&place) {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                std::fs::write(place, bytes).unwrap();
            }
        }
    }
    answers
}

/// Everything in the tables but the times of sessions and what counts changes.
fn contents(path: &Path) -> String {
    let index = Index::open_to_read(path).unwrap();
    let mut all = String::new();
    index
        .stories(0, true, |story, units| {
            let verdicts = index.verdicts(story.number)?;
            writeln!(all, "{story:?} {units:?} {verdicts:?}").unwrap();
            Ok(())
        })
        .unwrap();
    let mut state = index.state().clone();
    state.ticks = 0;
    all + &format!(
        "{:?}\n{:?}\n{state:?}",
        index.links().unwrap(),
        index.nodes().unwrap()
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn a_restart_changes_no_answer(
        seed in any::<u64>(),
        size in 1_usize..160,
        times in any::<bool>(),
        exact in any::<bool>(),
        near in any::<bool>(),
        window in prop::option::of(prop::sample::select(vec![3_600_u64, 20_000, 1_000_000_000])),
        cuts in prop::collection::vec((0_usize..160, 0_u8..4), 1..4),
        at_once in prop::sample::select(vec![1_usize, 7, 256]),
    ) {
        let settings = Settings {
            exact,
            matching: if near { Match::Near } else { Match::All },
            window,
            ..Settings::default()
        };
        let stories = feed(seed, size, times);
        let expected = in_memory(&settings, &stories, at_once);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known");
        drop(Index::create(&path, &settings).unwrap());
        let mut answers = Vec::new();
        let mut at = 0;
        let mut cuts = cuts;
        cuts.sort_unstable();
        cuts.push((size, 0));
        for (cut, lookup) in cuts {
            let cut = cut.min(size);
            let lookup = [Lookup::Written, Lookup::Stale, Lookup::Lost, Lookup::Damaged][lookup as usize];
            answers.extend(run(&path, &stories[at..cut], at_once, lookup));
            at = cut;
        }
        prop_assert!(answers == expected, "{} answers", answers.len());
        prop_assert_eq!(Index::open_to_read(&path).unwrap().check().unwrap(), Vec::<String>::new());
        if window.is_none() {
            // All are known now, and repeat themselves.
            let again = run(&path, &stories, at_once, Lookup::Stale);
            for (story, verdicts) in stories.iter().zip(&again) {
                let repeat = verdicts[0].repeat.as_ref().unwrap();
                prop_assert_eq!((repeat.relation, &*repeat.of), (Relation::Exact, &*story.id));
            }
        }
    }

    #[test]
    fn what_is_taken_back_was_never_there(
        seed in any::<u64>(),
        size in 2_usize..120,
        cut in 0_usize..120,
        at_once in prop::sample::select(vec![1_usize, 50]),
    ) {
        let settings = Settings::default();
        let stories = feed(seed, size, true);
        let (first, second) = stories.split_at(cut.min(size - 1));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known");
        drop(Index::create(&path, &settings).unwrap());
        run(&path, first, at_once, Lookup::Written);
        let before = contents(&path);
        let answers = run(&path, second, at_once, Lookup::Written);
        let undone = Index::open_to_write(&path).unwrap().undo().unwrap().unwrap();
        prop_assert_eq!(undone.stories as usize, second.len());
        prop_assert_eq!(contents(&path), before);
        prop_assert_eq!(Index::open_to_read(&path).unwrap().check().unwrap(), Vec::<String>::new());
        prop_assert!(run(&path, second, at_once, Lookup::Stale) == answers);
    }

    #[test]
    fn asking_tells_what_the_stream_would_answer(seed in any::<u64>(), size in 2_usize..120) {
        let settings = Settings::default();
        let stories = feed(seed, size, true);
        let (known, new) = stories.split_at(size * 2 / 3);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known");
        drop(Index::create(&path, &settings).unwrap());
        run(&path, known, 64, Lookup::Written);
        let before = contents(&path);
        let mut readying = Readying::new(&settings);
        for story in new.iter().chain(known) {
            let mut index = Index::open_to_read(&path).unwrap();
            let (mut asked, _) = Stream::open(&mut index, &Committed::default()).unwrap();
            let answer = asked.ask([readying.ready(story.clone(), 0)]).unwrap();
            let mut pushed = in_memory(&settings, known, 64);
            pushed = [known, std::slice::from_ref(story)].concat().chunks(1_000)
                .flat_map(|s| in_memory(&settings, s, 64)).collect::<Answers>().split_off(pushed.len());
            prop_assert_eq!(answer[0].to_vec(), pushed[0].clone());
        }
        prop_assert_eq!(contents(&path), before);
    }
}

/// A story two days ahead, with which the feed has come up, stays as long as its own time says: also after a restart, and where the feed
/// goes back by a day.
#[test]
fn a_story_that_was_ahead_stays_after_a_restart() {
    let settings = Settings {
        window: Some(7_200),
        ..Settings::default()
    };
    let day = |days: i64| 1_900_000_000 + days * 90_000;
    // Times that the feed's is the median of, then a copy of the one that was ahead.
    let days = [vec![0; 15], vec![2; 8], vec![1; 8]].concat();
    let ahead = 15;
    let mut stories: Vec<Story<'static>> = (0..)
        .zip(&days)
        .map(|(number, &days)| {
            let own = format!("tower{number} ferry{number} harbour{number}");
            let text = format!(
                "The {own} of Orle opened again after {own} had been closed by {own} for years."
            );
            Story {
                time: Some(day(days).to_string().into()),
                ..Story::new(format!("s{number}"), text)
            }
        })
        .collect();
    let copy = Story {
        id: "copy".into(),
        // Without a time it is compared with all that are there.
        time: None,
        ..stories[ahead].clone()
    };
    stories.push(copy);
    for at_once in [1, 256] {
        let expected = in_memory(&settings, &stories, at_once);
        let repeat = expected[stories.len() - 1][0].repeat.as_ref().unwrap();
        assert_eq!((repeat.relation, &*repeat.of), (Relation::Exact, "s15"));
        for lookup in [
            Lookup::Written,
            Lookup::Stale,
            Lookup::Lost,
            Lookup::Damaged,
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("known");
            drop(Index::create(&path, &settings).unwrap());
            // The look-up file may know the story from before it was put off.
            let (before, cut) = (ahead + 1, days.len() - 1);
            let mut answers = run(&path, &stories[..before], at_once, Lookup::Written);
            answers.extend(run(&path, &stories[before..cut], at_once, lookup));
            answers.extend(run(&path, &stories[cut..], at_once, Lookup::Stale));
            assert!(answers == expected, "{at_once}");
        }
    }
}

#[test]
fn disk_and_memory_stay_flat_with_a_window() {
    let settings = Settings {
        window: Some(3_600),
        ..Settings::default()
    };
    let stories: Vec<Story<'static>> = feed(5, 1_500, false)
        .into_iter()
        .enumerate()
        .map(|(i, story)| Story {
            id: format!("s-{i}").into(),
            time: Some((1_900_000_000 + 60 * i).to_string().into()),
            ..story
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("known");
    drop(Index::create(&path, &settings).unwrap());
    let mut sizes = Vec::new();
    for some in stories.chunks(150) {
        run(&path, some, 16, Lookup::Written);
        let index = Index::open_to_read(&path).unwrap();
        let totals = index.totals().unwrap();
        assert!(totals.stories < 90, "{} stories of an hour", totals.stories);
        assert_eq!(index.gone_after(0).unwrap(), Vec::<u64>::new());
        let lookup = std::fs::metadata(index.lookup()).unwrap().len();
        sizes.push((totals.bytes, lookup));
    }
    let (first, last) = (sizes[1], sizes[9]);
    assert!(
        last.0 < first.0 * 3 / 2 && last.1 < first.1 * 2,
        "{sizes:?}"
    );
    let refused = Index::open_to_write(&path).unwrap().undo().unwrap_err();
    assert!(
        refused.to_string().contains("what has left is not kept"),
        "{refused}"
    );
}
