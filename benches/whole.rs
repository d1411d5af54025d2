//! The whole run, on all processors.

// What criterion's macros make is public.
#![allow(missing_docs)]

#[path = "stages/mod.rs"]
mod stages;
#[path = "synthetic/mod.rs"]
mod synthetic;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use samewire::Settings;
use samewire::config::Match;
use stages::Prepared;

fn bench(c: &mut Criterion) {
    let prepared = Prepared::new(Settings::default());
    let mut group = c.benchmark_group("whole");
    group.sample_size(20);
    group.throughput(Throughput::Bytes(prepared.bytes()));
    group.bench_function("stories in memory", |b| b.iter(|| prepared.group_stories()));
    group.throughput(Throughput::Bytes(prepared.corpus.input));
    group.bench_function("a file", |b| b.iter(|| prepared.group_files(Match::All)));
    group.bench_function("a file, near", |b| {
        b.iter(|| prepared.group_files(Match::Near));
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
