//! Writes a synthetic corpus with known truth, of any size, or one that is made to cost as much as it can:
//!
//! ```text
//! cargo run --release --example synthesize -- 20000 corpus.jsonl --truth truth.tsv
//! cargo run --release --example synthesize -- 20000 worst.jsonl --shape crafted
//! samewire group corpus.jsonl
//! ```

#![allow(clippy::print_stderr)]

#[path = "../benches/synthetic/mod.rs"]
mod synthetic;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Parser, ValueEnum};
use synthetic::worst;

/// Writes a synthetic corpus as JSON lines.
#[derive(Parser)]
struct Args {
    /// How many stories
    stories: usize,
    /// Where to
    corpus: PathBuf,
    /// Write what is known of each story: id, family, relation
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
    /// The same seed gives the same corpus
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What the corpus is like
    #[arg(long, value_enum, default_value_t = Shape::Feed)]
    shape: Shape,
}

#[derive(Clone, Copy, ValueEnum)]
enum Shape {
    /// A wire feed
    Feed,
    /// Every story has the same text
    Identical,
    /// Every story is the same but for three words
    Versions,
    /// Every story is one form, filled with other names and numbers
    Template,
    /// Half of the stories share a band key and a paragraph
    Bucket,
    /// Unrelated stories that all have one signature, by runs crafted for the default seed
    Crafted,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let create = |path: &Path| -> Result<BufWriter<File>> {
        let file =
            File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(BufWriter::with_capacity(1 << 20, file))
    };
    let mut lines = create(&args.corpus)?;
    let mut truth = args.truth.as_deref().map(create).transpose()?;
    let worst = |shape| Box::new(worst::Worst::new(shape, args.seed));
    let records: Box<dyn Iterator<Item = synthetic::Record>> = match args.shape {
        Shape::Feed => Box::new(synthetic::Feed::new(args.seed)),
        Shape::Identical => worst(worst::Shape::Identical),
        Shape::Versions => worst(worst::Shape::Versions),
        Shape::Template => worst(worst::Shape::Template),
        Shape::Bucket => worst(worst::Shape::Bucket),
        Shape::Crafted => worst(worst::Shape::Crafted),
    };
    synthetic::write(
        records.take(args.stories),
        &mut lines,
        truth.as_mut().map(|t| t as &mut dyn Write),
    )?;
    lines.flush()?;
    if let Some(mut truth) = truth {
        truth.flush()?;
    }
    eprintln!("{} stories in {}", args.stories, args.corpus.display());
    Ok(())
}
