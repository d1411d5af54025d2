/*!
How well pairs are told: against pairs that somebody labelled.

```text
cargo run --release --example judge -- PAIRS.tsv DOCS        precision, recall, relations; cross-validated too
cargo run --release --example judge -- PAIRS.tsv DOCS --mistakes       the pairs that were told wrong as well
cargo run --release --example judge -- --web FILE.jsonl.gz             near-duplicates among web pages
cargo run --release --example judge -- --semeval FILE.jsonl.gz         what is joined of merely related news
```

`PAIRS.tsv` has a header with the columns `a`, `b` (ids), `unit` (story or caption), `relation`, `same` (1: an editor would
keep one of the two), and may have `alternative` (another reading of the relation). `DOCS` is what `samewire group` takes.
A line of `--web` holds `id1`, `text1`, `id2`, `text2` and `label`, a grade from 0; from 1 it is a near-duplicate. One of
`--semeval` holds `title1`, `text1`, `title2`, `text2` and `overall`; at 3 and above it must not be joined.
*/

#![allow(clippy::print_stdout)]

mod fit;
mod gold;
mod score;

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use flate2::bufread::MultiGzDecoder;
use rayon::prelude::*;
use samewire::verify::evidence;
use samewire::verify::prepared::{Making, Prepared};
use samewire::verify::{Relation, relation};
use samewire::{Settings, Story};
use serde::Deserialize;

use score::{Found, Score};

const USAGE: &str =
    "usage: judge PAIRS.tsv DOCS [--mistakes] | judge --web FILE | judge --semeval FILE";

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["--web", file] => web(Path::new(file)),
        ["--semeval", file] => semeval(Path::new(file)),
        [pairs, docs] => gold::judge(Path::new(pairs), Path::new(docs), false),
        [pairs, docs, "--mistakes"] => gold::judge(Path::new(pairs), Path::new(docs), true),
        _ => bail!(USAGE),
    }
}

/// Two pages, and how much alike somebody found them.
#[derive(Deserialize)]
struct Pages {
    id1: String,
    text1: String,
    id2: String,
    text2: String,
    label: f64,
}

/// Two news stories, and how much alike somebody found them: 1 the same to 4 not at all.
#[derive(Deserialize)]
struct News {
    title1: String,
    text1: String,
    title2: String,
    text2: String,
    overall: f64,
}

fn web(file: &Path) -> Result<()> {
    let pairs: Vec<Pages> = read_lines(file)?;
    let settings = Settings::default();
    let mut score = Score::default();
    let found: Vec<Found> = pairs
        .par_iter()
        .map(|p| {
            let (a, b) = (
                Story::new(&*p.id1, &*p.text1),
                Story::new(&*p.id2, &*p.text2),
            );
            tell(a, b, &settings)
        })
        .collect();
    for (pair, found) in pairs.iter().zip(found) {
        score.count(pair.label >= 1.0, found.is_some_and(Relation::joins));
    }
    println!("{} pairs of pages: {}", pairs.len(), score.joining());
    Ok(())
}

fn semeval(file: &Path) -> Result<()> {
    let pairs: Vec<News> = read_lines(file)?;
    let settings = Settings::default();
    let joined: Vec<bool> = pairs
        .par_iter()
        .map(|p| {
            let story = |id, title, text| Story {
                title: Some(std::borrow::Cow::Borrowed(title)),
                ..Story::new(id, text)
            };
            let (a, b) = (
                story("1", &*p.title1, &*p.text1),
                story("2", &*p.title2, &*p.text2),
            );
            tell(a, b, &settings).is_some_and(Relation::joins)
        })
        .collect();
    let of = |apart: bool| {
        let these = || {
            pairs
                .iter()
                .zip(&joined)
                .filter(|(p, _)| (p.overall >= 3.0) == apart)
        };
        (
            these().filter(|(_, joined)| **joined).count(),
            these().count(),
        )
    };
    let ((wrongly, apart), (joined, alike)) = (of(true), of(false));
    println!(
        "{} pairs of news: joined {wrongly} of {apart} scored 3 or more, {joined} of {alike} scored less",
        pairs.len()
    );
    Ok(())
}

/// What two stories are to one another, nothing else known.
fn tell(a: Story<'_>, b: Story<'_>, settings: &Settings) -> Found {
    let mut making = Making::new(settings);
    let [a, b]: [Prepared<'_>; 2] = [making.prepare(a, 0), making.prepare(b, 0)];
    let (evidence, alignment) = evidence::gather(&a, &b);
    relation::decide(&a, &b, &evidence, &alignment, settings).0
}

/// The lines of a file of JSON, packed or not.
fn read_lines<T: for<'d> Deserialize<'d>>(file: &Path) -> Result<Vec<T>> {
    let name = file.display();
    let mut bytes =
        BufReader::new(File::open(file).with_context(|| format!("cannot open {name}"))?);
    let packed = bytes.fill_buf()?.starts_with(&[0x1F, 0x8B]);
    let lines: Box<dyn Read> = if packed {
        Box::new(MultiGzDecoder::new(bytes))
    } else {
        Box::new(bytes)
    };
    BufReader::new(lines)
        .lines()
        .enumerate()
        .map(|(i, line)| {
            serde_json::from_str(&line?).with_context(|| format!("{name}, line {}", i + 1))
        })
        .collect()
}
