/*!
Instructions of each kernel, counted by valgrind: a figure that no busy machine can blur, held to a limit.

```text
cargo bench --bench instructions
```

The program runs itself under callgrind, each kernel once over the corpus and twice; the difference is the kernel. A kernel that needs a
fifth more than it did when its limit was set fails the bench. Where valgrind is missing, this is said and nothing is measured. Limits
are for x86-64 with AVX2.
*/

#![allow(clippy::print_stdout)]

#[path = "synthetic/mod.rs"]
mod synthetic;

use std::hint::black_box;
use std::process::{Command, ExitCode, Stdio};

use samewire::read::{LineReader, ReadOptions};
use samewire::sketch::{Bands, Distinct, Sketcher, winnow};
use samewire::text::tokens::Tokenizer;
use samewire::text::{Segments, shingle};
use samewire::verify::align::Aligner;
use samewire::verify::{align, jaccard};
use samewire::{ByteRange, UnitKind};

const STORIES: usize = 300;
/// Set for the runs under valgrind: the kernel, and how often it goes over the corpus.
const KERNEL: &str = "SAMEWIRE_BENCH_KERNEL";

/// Kernels, and the most instructions a byte of text that they may need.
const LIMITS: [(&str, f64); 11] = [
    ("parse", 3.8),
    ("segment", 4.7),
    ("words", 9.6),
    ("shingles", 2.7),
    ("signature", 4.0),
    ("seeds", 4.3),
    ("seed hashes", 1.8),
    ("set", 17.5),
    ("repeats", 11.2),
    ("align", 28.0),
    ("align a tenth", 22.5),
];

/// What the kernels get.
struct Input {
    lines: Vec<Vec<u8>>,
    texts: Vec<String>,
    words: Vec<Vec<u64>>,
    shingles: Vec<Vec<u64>>,
}

impl Input {
    fn new() -> Self {
        let mut lines = Vec::new();
        synthetic::write(synthetic::Feed::new(1).take(STORIES), &mut lines, None)
            .expect("memory takes all");
        let texts: Vec<String> = synthetic::Feed::new(1)
            .take(STORIES)
            .map(|r| r.text)
            .collect();
        let words: Vec<Vec<u64>> = texts.iter().map(|text| words(text)).collect();
        let shingles = words
            .iter()
            .map(|words| {
                let mut shingles = Vec::new();
                shingle::collect(words, 5, &mut shingles);
                shingles
            })
            .collect();
        Self {
            lines: lines.split(|&b| b == b'\n').map(<[u8]>::to_vec).collect(),
            texts,
            words,
            shingles,
        }
    }

    fn bytes(&self) -> usize {
        self.texts.iter().map(String::len).sum()
    }

    fn run(&self, kernel: &str) {
        match kernel {
            "parse" => {
                let options = ReadOptions::default();
                let mut lines = LineReader::new(&options);
                for line in self.lines.iter().filter(|l| !l.is_empty()) {
                    black_box(lines.parse(line, String::new).is_ok());
                }
            }
            "segment" => {
                let mut segments = Segments::default();
                for text in &self.texts {
                    segments.find(text, UnitKind::Story);
                    black_box(segments.furniture.len());
                }
            }
            "words" => {
                let mut tokenizer = Tokenizer::new(0);
                let mut words: Vec<u64> = Vec::new();
                for text in &self.texts {
                    words.clear();
                    tokenizer.run(text, &[ByteRange::new(0, text.len())], &mut words);
                    black_box(words.len());
                }
            }
            "shingles" => {
                let mut shingles = Vec::new();
                for words in &self.words {
                    shingles.clear();
                    shingle::collect(words, 5, &mut shingles);
                    black_box(shingles.len());
                }
            }
            "signature" => {
                let bands = Bands::solve(0.8, 0.999);
                let sketcher = Sketcher::new(bands.components(), 0);
                let (mut signature, mut keys) = (Vec::new(), Vec::new());
                for shingles in &self.shingles {
                    sketcher.sketch(shingles, &mut signature);
                    keys.clear();
                    bands.keys(&signature, 0, &mut keys);
                    black_box(keys.len());
                }
            }
            "seeds" => {
                for shingles in &self.shingles {
                    let mut sum = 0;
                    winnow::seeds(shingles, winnow::WINDOW, |at| sum += at);
                    black_box(sum);
                }
            }
            // More instructions than `seeds`, and no branch that waits for a hash.
            "seed hashes" => {
                let mut seeds = Vec::new();
                for shingles in &self.shingles {
                    seeds.clear();
                    winnow::hashes(shingles, &mut seeds);
                    black_box(seeds.len());
                }
            }
            "set" => {
                let mut set = Vec::new();
                for shingles in &self.shingles {
                    set.clone_from(shingles);
                    jaccard::make_set(&mut set);
                    black_box(set.len());
                }
            }
            "repeats" => {
                let (mut distinct, mut repeats) = (Distinct::default(), Vec::new());
                for shingles in &self.shingles {
                    distinct.repeats(shingles, &mut repeats);
                    black_box(repeats.len());
                }
            }
            "align" => {
                for words in &self.words {
                    let (head, tail) = words.split_at(words.len() / 3);
                    let turned = [tail, head].concat();
                    black_box(align::align(words, &turned, 4).tiles.len());
                }
            }
            // Texts of which a tenth is alike, as most are that are compared.
            "align a tenth" => {
                let mut aligner = Aligner::default();
                for pair in self.words.windows(2) {
                    let (a, own) = (&pair[0], &pair[1]);
                    let (at, len) = (own.len() / 2, a.len() / 10);
                    let b = [&own[..at], &a[..len], &own[at..]].concat();
                    let mut meeting = aligner.meet(a, &b, 4);
                    black_box(meeting.shared(5, [&[], &[]]));
                    let alignment = meeting.align();
                    black_box(alignment.tiles.len());
                    aligner.give_back(alignment);
                }
            }
            _ => {}
        }
    }
}

fn words(text: &str) -> Vec<u64> {
    let mut words = Vec::new();
    Tokenizer::new(0).run(text, &[ByteRange::new(0, text.len())], &mut words);
    words
}

/// Instructions of a run in which a kernel goes over the corpus so many times.
fn count(kernel: &str, times: usize) -> Option<u64> {
    let this = std::env::current_exe().ok()?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(this)
        .env(KERNEL, format!("{kernel} {times}"))
        .stdout(Stdio::null())
        .output()
        .ok()?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let collected = told.lines().find_map(|l| l.split_once("Collected : "))?.1;
    collected.trim().parse().ok()
}

fn main() -> ExitCode {
    let input = Input::new();
    if let Ok(task) = std::env::var(KERNEL) {
        if let Some((kernel, times)) = task.rsplit_once(' ') {
            for _ in 0..times.parse().unwrap_or(0) {
                input.run(kernel);
            }
        }
        return ExitCode::SUCCESS;
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("instructions: no valgrind on this machine, nothing counted");
        return ExitCode::SUCCESS;
    }
    let all_words: usize = input.words.iter().map(Vec::len).sum();
    println!(
        "{STORIES} stories, {} bytes of text, {all_words} words",
        input.bytes()
    );
    println!("{:<12}{:>10}{:>10}{:>10}", "", "a byte", "a word", "limit");
    let mut ok = true;
    for (kernel, limit) in LIMITS {
        let counts = [1, 2].map(|times| count(kernel, times));
        let [Some(once), Some(twice)] = counts else {
            println!("{kernel:<12} valgrind did not run it");
            continue;
        };
        let more = twice.saturating_sub(once) as f64;
        let a_byte = more / input.bytes() as f64;
        // A kernel that needs nothing was not run: its name is wrong.
        let over = a_byte > limit || more == 0.0;
        ok &= !over;
        println!(
            "{kernel:<12}{a_byte:>10.2}{:>10.1}{limit:>10.2}{}",
            more / all_words as f64,
            if over { "  over its limit" } else { "" }
        );
    }
    if ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
