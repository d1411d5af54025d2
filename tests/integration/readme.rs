//! What README.md shows and says, held to the program.

use std::collections::BTreeMap;
use std::path::PathBuf;

use samewire::pipeline::{batch, progress::Silent};
use samewire::read::{self, ReadOptions};
use samewire::report::table::Table;
use samewire::sketch::Bands;
use samewire::verify::Relation;
use samewire::{Keep, Match, Settings, UnitFilter};

use crate::corpus::{repository, samewire_in};

const README: &str = include_str!("../../README.md");

/// Lines of all fenced blocks of that language, block by block.
fn blocks(language: &str) -> Vec<Vec<&'static str>> {
    let mut blocks = Vec::new();
    let mut lines = README.lines();
    while let Some(line) = lines.next() {
        if let Some(fence) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|l| *l != "```").collect();
            if fence == language {
                blocks.push(block);
            }
        }
    }
    blocks
}

/// Cells of the table whose first column has that head, code marks left out.
fn table(head: &str) -> Vec<Vec<String>> {
    let cells = |row: &str| -> Vec<String> {
        row.trim_matches('|')
            .split('|')
            .map(|c| c.trim().to_owned())
            .collect()
    };
    let rows: Vec<Vec<String>> = README
        .lines()
        .skip_while(|l| !l.starts_with(&format!("| {head} |")))
        .skip(2)
        .take_while(|l| l.starts_with('|'))
        .map(cells)
        .collect();
    assert!(!rows.is_empty(), "README.md has no table headed {head:?}");
    rows
}

/// What stands between code marks.
fn code(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_table_of_defaults_is_that_of_the_settings() {
    // Without `..`: a setting that is new must be told here, and so in the README.
    let Settings {
        threshold,
        recall,
        shingle,
        caption_shingle,
        matching,
        units,
        segment,
        window,
        seed,
        keep,
        exact,
        // The rules are no options: ARCHITECTURE.md speaks of them.
        rules: _,
    } = Settings::default();
    let word = |matches: bool, word: &str| {
        assert!(matches, "the default is no longer {word}");
        word.to_owned()
    };
    let flag = |set: bool| if set { "on" } else { "off" }.to_owned();
    let expected = BTreeMap::from([
        ("--threshold", threshold.value().to_string()),
        ("--recall", recall.to_string()),
        ("--shingle", shingle.to_string()),
        ("caption shingle", caption_shingle.to_string()),
        ("--match", word(matching == Match::All, "all")),
        ("--unit", word(units == UnitFilter::All, "all")),
        ("--no-segment", flag(!segment)),
        (
            "--window",
            window.map_or("none".to_owned(), |w| w.to_string()),
        ),
        ("--seed", seed.to_string()),
        ("--keep", word(keep == Keep::Earliest, "earliest")),
        ("--exact", flag(exact)),
    ]);
    let shown: BTreeMap<String, String> = table("option")
        .iter()
        .map(|row| (row[0].replace('`', ""), row[1].replace('`', "")))
        .collect();
    for (option, default) in &expected {
        assert_eq!(shown.get(*option), Some(default), "{option} in README.md");
    }
    let help = samewire_in(repository(), &["group", "--help"], b"").out;
    for (option, default) in shown.iter().filter(|(o, _)| o.starts_with("--")) {
        let told = help
            .split_once(&format!("{option} "))
            .or_else(|| help.split_once(&format!("{option}\n")));
        let (_, told) = told.unwrap_or_else(|| panic!("no option {option}"));
        let own = told.split("\n      --").next().unwrap_or_default();
        if let Some((_, rest)) = own.split_once("[default: ") {
            let (value, _) = rest.split_once(']').unwrap();
            assert_eq!(value, default, "{option}");
        }
    }
}

#[test]
fn the_table_of_bands_is_what_the_solver_says() {
    for row in table("threshold") {
        let bands = Bands::solve(row[0].parse().unwrap(), Settings::RECALL);
        let probability = bands.probability(row[0].parse().unwrap());
        let shown = [
            format!("{} × {}", bands.bands, bands.rows),
            bands.components().to_string(),
            format!("{:.4}", (probability * 1e4).floor() / 1e4),
        ];
        assert_eq!(row[1..], shown, "threshold {}", row[0]);
    }
}

#[test]
fn example_pairs_have_the_relations_that_they_stand_for() {
    let folder = tempfile::tempdir().unwrap();
    let links = folder.path().join("links.jsonl");
    let to = links.to_str().unwrap();
    let ran = samewire_in(
        repository(),
        &["group", "sample_corpus", "--json", "--links", to],
        b"",
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let links: Vec<serde_json::Value> = std::fs::read_to_string(links)
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let rows = table("relation");
    let told: Vec<&str> = rows.iter().flat_map(|row| code(&row[0])).collect();
    assert_eq!(told, Relation::ALL.map(Relation::name));
    for (row, relation) in rows.iter().zip(Relation::ALL) {
        assert_eq!(row[2].replace('*', "") == "yes", relation.joins());
        let [x, y] = code(&row[3])[..] else {
            panic!("two ids: {}", row[3])
        };
        let link = links
            .iter()
            .find(|l| (l["a"] == x && l["b"] == y) || (l["a"] == y && l["b"] == x))
            .unwrap_or_else(|| panic!("{x} and {y} have no link"));
        assert_eq!(link["relation"], relation.name(), "{x} and {y}");
    }
}

/// They succeed, and what they say on stderr is shown.
#[test]
fn commands_over_the_sample_corpus_run() {
    let mut ran_any = false;
    for block in blocks("console") {
        for command in block.iter().filter_map(|l| l.strip_prefix("$ samewire ")) {
            let args: Vec<&str> = command.split_whitespace().collect();
            let writes = |a: &&str| ["-o", "--output", ">", "|"].contains(a);
            if args.iter().any(writes) || !args.iter().any(|a| a.starts_with("sample_corpus")) {
                continue;
            }
            let ran = samewire_in(repository(), &args, b"");
            assert_eq!(ran.code, 0, "samewire {command}: {}", ran.err);
            assert!(!ran.out.is_empty(), "samewire {command}");
            for line in ran.err.lines() {
                assert!(block.contains(&line), "samewire {command} says: {line}");
            }
            ran_any = true;
        }
    }
    assert!(ran_any);
}

/// The lines of the first session are lines of the table at 80 columns, in that order.
#[test]
fn the_first_session_is_true() {
    let session = &blocks("console")[0];
    assert_eq!(session[0], "$ samewire group sample_corpus");
    let (store, outcome) = batch::group_files(
        read::walk(&[PathBuf::from("sample_corpus")]),
        &ReadOptions::default(),
        &Settings::default(),
        &Silent,
    )
    .unwrap();
    let mut shown = Vec::new();
    let page = Table::new(80, false);
    page.write_groups(&mut shown, &store, &outcome).unwrap();
    page.write_summary(&mut shown, &outcome).unwrap();
    let shown = String::from_utf8(shown).unwrap();
    let mut rest = shown.lines();
    // What was left out, and the time, which is another each time.
    let fixed = |l: &&&str| !l.is_empty() && **l != "…" && !l.starts_with("took");
    for line in session[1..].iter().filter(fixed) {
        assert!(
            rest.any(|l| l == *line),
            "not in the table, or not there: {line:?}\n{shown}"
        );
    }
}

/// The objects under "Output" are what the program writes.
#[test]
fn json_lines_are_true() {
    let folder = tempfile::tempdir().unwrap();
    let links = folder.path().join("links.jsonl");
    let to = links.to_str().unwrap();
    let ran = samewire_in(
        repository(),
        &["group", "sample_corpus", "--json", "--links", to],
        b"",
    );
    let links = std::fs::read_to_string(links).unwrap();
    for line in blocks("json").concat() {
        if line.starts_with("{\"group\"") || line.starts_with("{\"a\"") {
            let all = if line.starts_with("{\"a\"") {
                &links
            } else {
                &ran.out
            };
            assert!(all.lines().any(|l| l == line), "not written: {line}");
        }
    }
}
