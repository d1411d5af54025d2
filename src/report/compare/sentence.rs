/*!
Why a pair has its relation, in one sentence that an editor would accept.
*/

use super::super::thousands;
use super::tags;
use crate::verify::Relation;
use crate::verify::comparison::Comparison;
use crate::verify::relation::Rule;

/// The relation and the reason for it.
pub fn sentence(c: &Comparison<'_>) -> String {
    format!("{}: {}", c.relation_name(), reason(c))
}

/// The reason for the relation.
pub fn reason(c: &Comparison<'_>) -> String {
    let e = &c.evidence;
    match c.reason.rule {
        Rule::SameWords => format!("all {} are the same, in the same order", words(e.words[0])),
        Rule::Threshold => and(
            &format!(
                "{} % of all word runs are common to both, enough to make one story whatever else differs",
                (e.jaccard() * 100.0).floor()
            ),
            &consequence(c),
        ),
        Rule::Version => format!("one id in two versions; {}", cover(c)),
        Rule::DeskTag => match c.a.kind {
            crate::UnitKind::Story => and(
                &format!("{} says that it is a later version", tag(c)),
                &with(&[cover(c), headlines(c), apart(c)]),
            ),
            crate::UnitKind::Caption => format!("{} corrects the caption", tag(c)),
        },
        Rule::Exchanged => format!(
            "{} along {} in common: the same form, filled with other facts",
            exchanged(c),
            words(e.tiled)
        ),
        Rule::Subject => format!(
            "each headline names somebody of whom the other story says nothing; {}",
            cover(c)
        ),
        Rule::NewsCycle | Rule::Standing => {
            and(&with(&[cover(c), headlines(c), apart(c)]), &consequence(c))
        }
        Rule::Alone => and(&cover(c), &consequence(c)),
        Rule::FormOnly => {
            "the captions differ in form only (articles, spelling, short forms, or a date left out)"
                .to_owned()
        }
        Rule::Whole => "the shorter caption stands in the longer as a whole".to_owned(),
        Rule::Wording => format!(
            "{}, but each word that differs may tell one picture from the next",
            cover(c)
        ),
        Rule::RoundUp => "one of them carries several stories that are not related".to_owned(),
        Rule::Passage => format!(
            "a passage of {} is shared; of the shorter text, {} of {} are found in the other",
            words(e.longest),
            thousands(e.tiled as u64),
            words(e.words[0].min(e.words[1]))
        ),
        Rule::Nothing => match (e.words, e.longest) {
            ([0, 0], _) => "neither text has a word to compare".to_owned(),
            ([0, _], _) => "the first text has no word to compare".to_owned(),
            ([_, 0], _) => "the second text has no word to compare".to_owned(),
            (_, 0) => "no run of words is shared".to_owned(),
            (_, n) => format!(
                "nothing worth telling is shared: the longest common run has {}",
                words(n)
            ),
        },
    }
}

/// What the pair's relation says beyond the rule that joined it.
fn consequence(c: &Comparison<'_>) -> String {
    let e = &c.evidence;
    match c.relation {
        Some(Relation::Near) => "no figure is new and little is added".to_owned(),
        Some(Relation::Contains) => "the shorter runs in the longer as a whole".to_owned(),
        Some(Relation::Revision) => {
            let long = e.words[0].max(e.words[1]);
            let added = long.saturating_sub(e.tiled);
            let mut parts = Vec::new();
            if e.numbers + e.names > 0 {
                parts.push(exchanged(c));
            }
            if added > 0 {
                let verb = if added == 1 { "is" } else { "are" };
                parts.push(format!(
                    "{} of the longer {verb} not in the shorter",
                    words(added)
                ));
            }
            parts.join(", and ")
        }
        _ => String::new(),
    }
}

/// `412 of 489 words of the shorter run in the longer`
fn cover(c: &Comparison<'_>) -> String {
    let e = &c.evidence;
    let of = e.words[0].min(e.words[1]);
    if e.words[0] == e.words[1] {
        return format!("{} of {} run in both", thousands(e.tiled as u64), words(of));
    }
    format!(
        "{} of {} of the shorter run in the longer",
        thousands(e.tiled as u64),
        words(of)
    )
}

fn headlines(c: &Comparison<'_>) -> String {
    match c.evidence.headline {
        Some((0, _)) => "the headlines share no word".to_owned(),
        Some((shared, of)) => format!("the headlines share {shared} of {}", words(of)),
        None => String::new(),
    }
}

fn apart(c: &Comparison<'_>) -> String {
    c.evidence.gap.map_or(String::new(), |gap| match gap {
        0 => "sent at the same time".to_owned(),
        gap => format!("{} apart", span(gap)),
    })
}

fn exchanged(c: &Comparison<'_>) -> String {
    let e = &c.evidence;
    let numbers = count(e.numbers, "figure");
    let names = count(e.names, "name");
    match (e.numbers, e.names) {
        (0, 0) => "nothing is exchanged".to_owned(),
        (n, 0) => format!("{numbers} {}", differ(n)),
        (0, n) => format!("{names} {}", differ(n)),
        _ => format!("{numbers} and {names} differ"),
    }
}

fn differ(n: usize) -> &'static str {
    if n == 1 { "differs" } else { "differ" }
}

/// The tags that stand on either, as `the desk's tag UPDATE 2`.
fn tag(c: &Comparison<'_>) -> String {
    let mut all: Vec<String> = tags(&c.a);
    all.extend(tags(&c.b));
    all.dedup();
    let all: Vec<_> = all
        .iter()
        .map(|t| super::super::escape(t).into_owned())
        .collect();
    match &all[..] {
        [] => "the desk".to_owned(),
        [one] => format!("the desk's tag “{one}”"),
        more => format!("the desk (“{}”)", more.join("”, “")),
    }
}

/// `1 word`, `2,000 words`
pub fn words(n: usize) -> String {
    count(n, "word")
}

fn count(n: usize, what: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {what}{plural}", thousands(n as u64))
}

/// Seconds as an editor would say them: the largest unit that leaves two or more, or one.
pub fn span(seconds: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    for (size, name) in UNITS {
        // Two days are days, thirty hours are hours.
        if seconds >= 2 * size || (seconds >= size && seconds.is_multiple_of(size)) {
            return count(((seconds + size / 2) / size) as usize, name);
        }
    }
    if seconds < 60 {
        count(seconds as usize, "second")
    } else {
        count(((seconds + 30) / 60) as usize, "minute")
    }
}

/// What is known of these, with commas.
fn with(parts: &[String]) -> String {
    let known: Vec<&str> = parts
        .iter()
        .map(String::as_str)
        .filter(|p| !p.is_empty())
        .collect();
    match &known[..] {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first, rest @ ..] => format!("{first}, and {}", rest.join(", ")),
    }
}

fn and(what: &str, consequence: &str) -> String {
    if consequence.is_empty() {
        what.to_owned()
    } else {
        format!("{what}; {consequence}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time_are_round() {
        for (seconds, said) in [
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (90, "2 minutes"),
            (3_600, "1 hour"),
            (5_400, "90 minutes"),
            (7_200, "2 hours"),
            (86_400, "1 day"),
            (100_000, "28 hours"),
            (1_000_000, "12 days"),
        ] {
            assert_eq!(span(seconds), said);
        }
    }
}
