/*!
What every stage and the whole run cost against the floor: reading, parsing and cutting words of the same corpus, in one
pass, on as many threads, in the same run. Each is measured on one thread and on all.

```text
cargo bench --bench floor
SAMEWIRE_BENCH_STORIES=20000 cargo bench --bench floor
SAMEWIRE_BENCH_CORPUS=corpus.jsonl cargo bench --bench floor
```

Rounds measure one thing after the other, so that a busy machine slows all alike; the median round counts.
*/

#![allow(clippy::print_stdout)]

#[path = "stages/mod.rs"]
mod stages;
#[path = "synthetic/mod.rs"]
mod synthetic;

use std::hint::black_box;
use std::time::Instant;

use mimalloc::MiMalloc;
use samewire::Settings;
use samewire::config::Match;
use stages::Prepared;

const ROUNDS: usize = 9;

/// That of the command.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

type Stage<'p> = (&'static str, Box<dyn Fn() + Sync + 'p>);

/// A stage by its name.
fn stage<'p, T>(name: &'static str, work: impl Fn() -> T + Sync + 'p) -> Stage<'p> {
    (
        name,
        Box::new(move || {
            black_box(work());
        }),
    )
}

fn main() {
    let prepared = Prepared::new(Settings::default());
    let p = &prepared;
    let work: Vec<Stage<'_>> = vec![
        stage("floor: read, parse, words", || p.floor()),
        stage("read and parse", || p.read()),
        stage("segment", || p.segment()),
        stage("words", || p.tokenise()),
        stage("shingles", || p.shingle()),
        stage("shingles and band keys", || p.sketch()),
        stage("candidates", || p.buckets()),
        stage("shingle sets, of all", || p.sets()),
        stage("shingle sets compared", || p.jaccard()),
        stage("whole run, near", || p.group_files(Match::Near)),
        stage("whole run, all", || p.group_files(Match::All)),
    ];
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let pools = [1, threads].map(|threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("threads")
    });
    let mut times = vec![[Vec::new(), Vec::new()]; work.len()];
    for _ in 0..ROUNDS {
        for ((_, run), times) in work.iter().zip(&mut times) {
            for (pool, times) in pools.iter().zip(times) {
                let started = Instant::now();
                pool.install(run);
                times.push(started.elapsed().as_secs_f64());
            }
        }
    }
    let medians: Vec<[f64; 2]> = times
        .iter_mut()
        .map(|both| {
            [0, 1].map(|i| {
                both[i].sort_by(f64::total_cmp);
                both[i][ROUNDS / 2]
            })
        })
        .collect();
    println!(
        "{} stories, {:.1} MB of text, {} candidates of near; medians of {ROUNDS} rounds",
        p.corpus.stories.len(),
        p.bytes() as f64 / 1e6,
        p.pairs.len()
    );
    println!(
        "{:<28}{:>26}   {:>18}",
        "",
        "one thread",
        format!("{threads} threads")
    );
    println!(
        "{:<28}{:>9}{:>8}{:>9}   {:>9}{:>9}{:>10}",
        "", "ms", "MB/s", "× floor", "ms", "× floor", "speed-up"
    );
    for ((name, _), [one, all]) in work.iter().zip(&medians) {
        println!(
            "{name:<28}{:>9.2}{:>8.0}{:>9.2}   {:>9.2}{:>9.2}{:>10.2}",
            one * 1e3,
            p.bytes() as f64 / 1e6 / one,
            one / medians[0][0],
            all * 1e3,
            all / medians[0][1],
            one / all
        );
    }
}
