//! Words → shingles → band keys: bytes a second of the text that the words stand for.

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
    let mut group = c.benchmark_group("sketch");
    group.throughput(Throughput::Bytes(prepared.bytes()));
    group.bench_function("shingles", |b| b.iter(|| prepared.shingle()));
    group.throughput(Throughput::Bytes(prepared.bytes()));
    group.bench_function("band keys", |b| b.iter(|| prepared.sketch()));
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
