//! File → records: bytes a second of the file.

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
    let mut group = c.benchmark_group("read");
    group.throughput(Throughput::Bytes(prepared.corpus.input));
    group.bench_function("JSON lines", |b| b.iter(|| prepared.read()));
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
