/*!
Pairs that were told wrong, with the command that opens them.
*/

use samewire::judge::evaluation::Told;
use samewire::read::ReadOptions;
use samewire::report::eval::Mistake;
use samewire::verify::comparison::Comparison;
use samewire::verify::prepared::Making;
use samewire::{Settings, UnitKind};

use super::super::compare::lookup::Found;
use super::super::engine::Run;
use super::super::plan::Plan;

/// What the rules say of two units alone.
pub fn tell(c: &Comparison<'_>) -> Told {
    let [in_b, in_a] = c.containments();
    Told {
        relation: c.relation_name(),
        joins: c.joins(),
        rule: c.reason.rule.name(),
        jaccard: c.jaccard(),
        containment: in_a.max(in_b),
    }
}

/// Compares two units.
pub fn compare<'c>(
    run: &'c Run,
    making: &mut Making<'_>,
    settings: &Settings,
    sides: [Found; 2],
) -> Comparison<'c> {
    let [a, b] = sides.map(|s| making.prepare(run.corpus.story(s.story), s.which));
    Comparison::new(making, a, b, settings)
}

/// A pair that was told wrong.
pub fn mistake(
    line: usize,
    ids: [String; 2],
    kind: UnitKind,
    label: Option<String>,
    told: Told,
    plan: &Plan,
) -> Mistake {
    let compare = command(plan, [&ids[0], &ids[1]]);
    let [a, b] = ids;
    Mistake {
        line,
        a,
        b,
        unit: kind,
        label,
        told,
        compare,
    }
}

/// The command that shows the two side by side.
fn command(plan: &Plan, ids: [&str; 2]) -> String {
    let mut words = vec!["samewire".to_owned(), "compare".to_owned()];
    words.extend(ids.map(quoted));
    for path in &plan.paths {
        words.push("--in".to_owned());
        words.push(quoted(&path.to_string_lossy()));
    }
    words.extend(options(plan));
    words.join(" ")
}

/// Options of this run that change what `compare` says, as they would be typed.
pub fn options(plan: &Plan) -> Vec<String> {
    let (usual, own) = (Settings::default(), &plan.settings);
    let mut words = Vec::new();
    if own.threshold != usual.threshold {
        words.push(format!("--threshold {}", own.threshold.value()));
    }
    if own.shingle != usual.shingle {
        words.push(format!("--shingle {}", own.shingle));
    }
    if own.segment != usual.segment {
        words.push("--no-segment".to_owned());
    }
    if let Some(kind) = plan.reading.kind {
        words.push(format!("--as {kind}"));
    }
    let usual = ReadOptions::default().fields;
    let own = &plan.reading.fields;
    for (option, own, usual) in [
        ("--text-field", &own.text, &usual.text),
        ("--id-field", &own.id, &usual.id),
        ("--title-field", &own.title, &usual.title),
        ("--time-field", &own.time, &usual.time),
        ("--source-field", &own.source, &usual.source),
        ("--version-field", &own.version, &usual.version),
    ] {
        if own != usual {
            words.push(format!("{option} {}", quoted(&own.join(","))));
        }
    }
    words
}

/// As a shell takes it: as it is, or in quotes.
pub fn quoted(word: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:,@%+=#".contains(&b);
    let bare = !word.is_empty() && !word.starts_with(['-', '#', '=']) && word.bytes().all(plain);
    if bare {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_for_a_shell() {
        for (word, shown) in [
            ("ap-1#caption-2", "ap-1#caption-2"),
            ("20070308/us-x:7", "20070308/us-x:7"),
            ("a b", "'a b'"),
            ("it's", "'it'\\''s'"),
            ("$HOME", "'$HOME'"),
            ("", "''"),
            ("#x", "'#x'"),
            ("東京", "'東京'"),
        ] {
            assert_eq!(quoted(word), shown);
        }
    }
}
