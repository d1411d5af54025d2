//! Commands for the user to copy: words as a shell takes them, and the options of this run that the next one needs too.

use samewire::Settings;
use samewire::read::ReadOptions;

use super::plan::Plan;

/// Options of this run that change how records are read and pairs are judged, as they would be typed.
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
