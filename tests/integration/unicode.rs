//! The normalisation test of the Unicode Character Database, where it is present.

use std::io::Read as _;

use samewire::ByteRange;
use samewire::text::tokens::Tokenizer;

use crate::corpus::shared_data;

fn words(tokenizer: &mut Tokenizer, text: &str) -> Vec<u64> {
    let mut words: Vec<u64> = Vec::new();
    tokenizer.run(text, &[ByteRange::new(0, text.len())], &mut words);
    words
}

fn characters(column: &str) -> String {
    column
        .split(' ')
        .map(|code| char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap())
        .collect()
}

#[test]
fn every_form_of_a_text_gives_the_same_words() {
    let Some(path) = shared_data("unicode/NormalizationTest-15.0.0.txt.gz") else {
        return;
    };
    let mut table = String::new();
    flate2::read::MultiGzDecoder::new(std::fs::File::open(path).unwrap())
        .read_to_string(&mut table)
        .unwrap();
    let mut tokenizer = Tokenizer::new(0);
    let (mut rows, mut wrong) = (0, Vec::new());
    for row in table.lines().filter(|r| !r.starts_with(['#', '@'])) {
        let forms: Vec<String> = row.split(';').take(5).map(characters).collect();
        assert_eq!(forms.len(), 5);
        rows += 1;
        // Alone, and inside a sentence, where neighbours could run together with it.
        let inside = |form: &String| words(&mut Tokenizer::new(0), &format!("on {form} it"));
        let alone: Vec<Vec<u64>> = forms.iter().map(|f| words(&mut tokenizer, f)).collect();
        if alone.iter().any(|w| *w != alone[0]) || inside(&forms[0]) != inside(&forms[3]) {
            wrong.push(row);
        }
    }
    assert!(rows > 19_000, "{rows} rows");
    assert!(
        wrong.is_empty(),
        "{} of {rows} rows give different words, for instance:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(25)].join("\n")
    );
}
