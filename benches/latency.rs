/*!
From a line in to its line out, one line at a time: what somebody waits for who feeds the stream by hand.

```text
cargo bench --bench latency
SAMEWIRE_BENCH_STORIES=20000 cargo bench --bench latency
```

The ratio is to `cat`, which does nothing in between.
*/

#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used)]

#[path = "synthetic/mod.rs"]
mod synthetic;

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Stories, unless `SAMEWIRE_BENCH_STORIES` says otherwise.
const STORIES: usize = 3_000;

fn main() {
    let count = std::env::var("SAMEWIRE_BENCH_STORIES").map_or(STORIES, |n| n.parse().unwrap());
    let mut input = Vec::new();
    synthetic::write(synthetic::Feed::new(1).take(count), &mut input, None).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let known = folder.path().join("known");
    let samewire = env!("CARGO_BIN_EXE_samewire");
    let floor = times(Command::new("cat"), &input);
    println!(
        "{:<28}{:>10}{:>10}{:>10}{:>10}",
        "one line at a time", "p50 ms", "p99 ms", "max ms", "× cat"
    );
    tell("cat", &floor, &floor);
    let mut in_memory = Command::new(samewire);
    in_memory.arg("stream");
    tell("stream", &times(in_memory, &input), &floor);
    let mut on_disk = Command::new(samewire);
    on_disk.args(["stream", "--quiet", "--index"]).arg(&known);
    tell("stream --index", &times(on_disk, &input), &floor);
}

/// How long each line took, shortest first.
fn times(mut command: Command, input: &[u8]) -> Vec<Duration> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut times = Vec::new();
    let mut answer = Vec::new();
    for line in input.split_inclusive(|&b| b == b'\n') {
        let sent = Instant::now();
        stdin.write_all(line).unwrap();
        answer.clear();
        stdout.read_until(b'\n', &mut answer).unwrap();
        times.push(sent.elapsed());
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
    times.sort_unstable();
    times
}

fn tell(name: &str, times: &[Duration], floor: &[Duration]) {
    let at = |times: &[Duration], per_mille: usize| {
        times[(times.len() * per_mille / 1_000).min(times.len() - 1)].as_secs_f64() * 1e3
    };
    println!(
        "{name:<28}{:>10.3}{:>10.3}{:>10.3}{:>10.1}",
        at(times, 500),
        at(times, 990),
        at(times, 1_000),
        at(times, 500) / at(floor, 500)
    );
}
