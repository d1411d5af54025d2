/*!
What could not be used: told on stderr, kept in a file, never silent.
*/

use std::io::Write;

use anyhow::Result;
use samewire::read::Rejection;

use super::output::{Inputs, Output};
use super::plan::{Plan, Voice};
use super::say;

/// Rejections told in full unless all are asked for.
pub const TOLD: usize = 20;

/// Tells of the rejections and keeps their records where the plan says.
pub fn report(plan: &Plan, rejections: &[Rejection], inputs: &Inputs) -> Result<()> {
    if let Some(path) = &plan.reject {
        inputs.spare(path)?;
        let mut out = Output::to(path)?;
        write_records(&mut out, rejections)?;
        out.commit()?;
    }
    tell(plan, rejections);
    Ok(())
}

/// Tells of rejections without keeping their records.
pub fn tell(plan: &Plan, rejections: &[Rejection]) {
    for line in lines(rejections, plan.voice, plan.reject.is_some()) {
        say(&line);
    }
}

fn lines(rejections: &[Rejection], voice: Voice, kept: bool) -> Vec<String> {
    if rejections.is_empty() {
        return Vec::new();
    }
    let told = match voice {
        Voice::Quiet => 0,
        Voice::Usual => TOLD,
        Voice::Verbose => usize::MAX,
    };
    let mut lines: Vec<String> = rejections
        .iter()
        .take(told)
        .map(Rejection::to_string)
        .collect();
    if voice > Voice::Quiet && rejections.len() > told {
        lines.push(format!(
            "… and {} more (--verbose lists all)",
            rejections.len() - told
        ));
    }
    let advice = if kept || rejections.iter().all(|r| r.record.is_empty()) {
        ""
    } else {
        "; --reject FILE keeps them"
    };
    lines.push(format!("samewire: rejected: {}{advice}", rejections.len()));
    lines
}

fn write_records(out: &mut dyn Write, rejections: &[Rejection]) -> Result<()> {
    for Rejection { record, .. } in rejections.iter().filter(|r| !r.record.is_empty()) {
        out.write_all(record)?;
        if !record.ends_with(b"\n") {
            out.write_all(b"\n")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejections(n: u64) -> Vec<Rejection> {
        (1..=n)
            .map(|i| Rejection {
                path: "a.jsonl".into(),
                line: Some(i),
                byte: (i == 1).then_some(7),
                reason: "no text".into(),
                next: "give it one",
                record: format!("{{\"id\":{i}}}").into_bytes(),
            })
            .collect()
    }

    #[test]
    fn the_first_are_told_and_all_are_counted() {
        let told = lines(&rejections(22), Voice::Usual, false);
        assert_eq!(told[0], "a.jsonl:1:7: no text; give it one");
        assert_eq!(told[19], "a.jsonl:20: no text; give it one");
        assert_eq!(told[20], "… and 2 more (--verbose lists all)");
        assert_eq!(told[21], "samewire: rejected: 22; --reject FILE keeps them");
        assert_eq!(lines(&rejections(22), Voice::Verbose, true).len(), 23);
        assert_eq!(
            lines(&rejections(22), Voice::Quiet, true),
            ["samewire: rejected: 22"]
        );
        assert!(lines(&[], Voice::Verbose, false).is_empty());
    }

    #[test]
    fn what_has_no_record_is_not_said_to_be_kept() {
        let whole = Rejection::file("b.jsonl.gz", "cut off", "get it again");
        let told = |all: &[Rejection]| lines(all, Voice::Quiet, false).concat();
        assert_eq!(told(std::slice::from_ref(&whole)), "samewire: rejected: 1");
        let all = [vec![whole], rejections(1)].concat();
        assert_eq!(
            told(&all),
            "samewire: rejected: 2; --reject FILE keeps them"
        );
    }

    #[test]
    fn records_are_kept_a_line_each() {
        let mut out = Vec::new();
        write_records(&mut out, &rejections(2)).unwrap();
        assert_eq!(out, b"{\"id\":1}\n{\"id\":2}\n");
    }
}
