//! Shingle sets: made (bytes of text) and compared (bytes of the sets of all candidates).

// What criterion's macros make is public.
#![allow(missing_docs)]

#[path = "stages/mod.rs"]
mod stages;
#[path = "synthetic/mod.rs"]
mod synthetic;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use samewire::Settings;
use stages::Prepared;

fn bench(c: &mut Criterion) {
    let prepared = Prepared::new(Settings::default());
    let mut group = c.benchmark_group("jaccard");
    group.throughput(Throughput::Bytes(prepared.bytes()));
    group.bench_function("made", |b| b.iter(|| prepared.sets()));
    group.throughput(Throughput::Bytes(prepared.compared_bytes().max(1)));
    group.bench_function("compared", |b| b.iter(|| prepared.jaccard()));
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
