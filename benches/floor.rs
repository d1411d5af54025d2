/*!
What every stage and the whole run cost against the floor: reading, parsing and cutting words of the same corpus, one
pass on one thread, in the same run.

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

use samewire::Settings;
use stages::Prepared;

const ROUNDS: usize = 9;

type Stage<'p> = (&'static str, Box<dyn Fn() + 'p>);

/// A stage by its name.
fn stage<'p, T>(name: &'static str, work: impl Fn() -> T + 'p) -> Stage<'p> {
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
    let alone = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("a thread");
    let alone = &alone;
    let threads = rayon::current_num_threads();
    let work: Vec<Stage<'_>> = vec![
        stage("floor: read, parse, words", || p.floor()),
        stage("read and parse", || p.read()),
        stage("segment", || p.segment()),
        stage("words", || p.tokenise()),
        stage("shingles", || p.shingle()),
        stage("shingles and band keys", || p.sketch()),
        stage("candidates", || alone.install(|| p.buckets())),
        stage("shingle sets, of all", || p.sets()),
        stage("shingle sets compared", || p.jaccard()),
        stage("whole run, one thread", || {
            alone.install(|| p.group_files())
        }),
        stage("whole run, all threads", || p.group_files()),
    ];
    let mut times = vec![Vec::new(); work.len()];
    for _ in 0..ROUNDS {
        for ((_, run), times) in work.iter().zip(&mut times) {
            let started = Instant::now();
            run();
            times.push(started.elapsed().as_secs_f64());
        }
    }
    let medians: Vec<f64> = times
        .iter_mut()
        .map(|t| {
            t.sort_by(f64::total_cmp);
            t[ROUNDS / 2]
        })
        .collect();
    println!(
        "{} stories, {:.1} MB of text, {} candidates, {threads} threads; medians of {ROUNDS} rounds",
        p.corpus.stories.len(),
        p.bytes() as f64 / 1e6,
        p.pairs.len()
    );
    println!("{:<28}{:>10}{:>10}{:>10}", "", "ms", "MB/s", "× floor");
    for ((name, _), time) in work.iter().zip(&medians) {
        println!(
            "{name:<28}{:>10.2}{:>10.0}{:>10.2}",
            time * 1e3,
            p.bytes() as f64 / 1e6 / time,
            time / medians[0]
        );
    }
}
