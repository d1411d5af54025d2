//! Text → words.

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
    let mut group = c.benchmark_group("tokenise");
    group.throughput(Throughput::Bytes(prepared.bytes()));
    group.bench_function("words", |b| b.iter(|| prepared.tokenise()));
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
