//! Writes a synthetic corpus with known truth, of any size:
//!
//! ```text
//! cargo run --release --example synthesize -- 20000 corpus.jsonl [truth.tsv [SEED]]
//! samewire group corpus.jsonl
//! ```

#![allow(clippy::print_stderr)]

#[path = "../benches/synthetic/mod.rs"]
mod synthetic;

use std::fs::File;
use std::io::{BufWriter, Write};

use anyhow::{Context as _, Result, bail};

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [count, corpus, rest @ ..] = &args[..] else {
        bail!("usage: synthesize STORIES CORPUS.jsonl [TRUTH.tsv [SEED]]");
    };
    let count: usize = count.parse().context("STORIES is no number")?;
    let seed = rest
        .get(1)
        .map_or(Ok(1), |s| s.parse())
        .context("SEED is no number")?;
    let create = |path: &String| -> Result<BufWriter<File>> {
        Ok(BufWriter::new(
            File::create(path).with_context(|| format!("cannot write {path}"))?,
        ))
    };
    let mut lines = create(corpus)?;
    let mut truth = rest.first().map(create).transpose()?;
    let records = synthetic::Feed::new(seed).take(count);
    synthetic::write(
        records,
        &mut lines,
        truth.as_mut().map(|t| t as &mut dyn Write),
    )?;
    lines.flush()?;
    if let Some(mut truth) = truth {
        truth.flush()?;
    }
    eprintln!("{count} stories in {corpus}");
    Ok(())
}
