/*!
What a page says without a script: figures, the finds most worth a look, the histogram, and the heads of the lists.

Input: [`Findings`] and their [`Index`]. Output: [`Markup`]. Links name views of the script (`#/group/…`); elements with these names stand
here too, so that the links work without it.
*/

use std::cmp::Reverse;

use super::super::compare::one_line;
use super::super::thousands;
use super::facts::spot;
use super::findings::{Findings, Named, Passage};
use super::histogram::Histogram;
use super::index::{Entry, Index, brief};
use super::markup::Markup;
use super::{Options, Shown};
use crate::passages::Kind;
use crate::story::UnitKind;
use crate::verify::Relation;

/// Groups in the summary.
const GROUPS: usize = 25;
/// Lines of each other list.
const LINES: usize = 15;
/// Members of a group in the summary.
const MEMBERS: usize = 12;
/// Cells of a passage.
const PASSAGE: usize = 240;

/// The overview.
pub fn overview(
    findings: &Findings,
    index: &Index<'_>,
    options: &Options<'_>,
    shown: &Shown,
) -> Markup {
    let mut m = Markup::new();
    m.raw("<section id=\"overview\" aria-labelledby=\"overview-title\"><h1 id=\"overview-title\">What repeats in ")
        .text(&options.subject)
        .raw("</h1>");
    lead(&mut m, findings, index);
    figures(&mut m, findings, index);
    finds(&mut m, index);
    histogram(&mut m, findings, options);
    notes(&mut m, findings, index, shown);
    m.raw("</section>");
    m
}

fn lead(m: &mut Markup, findings: &Findings, index: &Index<'_>) {
    let repeats = findings.repeats() as u64;
    m.raw("<p class=\"lead\">");
    if let Some(counts) = findings.counts {
        let compared = counts.bodies + counts.captions;
        m.text(&count(repeats, "repeat"))
            .raw(" in ")
            .text(&count(findings.groups.len() as u64, "group"))
            .raw(": ")
            .number(percent(repeats, compared))
            .raw(" of what was compared, ")
            .text(&count(counts.bodies, "story"));
        if counts.captions > 0 {
            m.raw(" and ").text(&count(counts.captions, "caption"));
        }
        m.raw(".");
    } else {
        m.text(&count(findings.groups.len() as u64, "group"))
            .raw(" with ")
            .text(&count(repeats, "repeat"))
            .raw(".");
    }
    if let Some((from, to)) = times(index) {
        m.raw(" The copy is from ").text(&day(from));
        if day(from) != day(to) {
            m.raw(" to ").text(&day(to));
        }
        m.raw(".");
    }
    m.raw("</p>");
}

fn figures(m: &mut Markup, findings: &Findings, index: &Index<'_>) {
    let chains = index.groups.iter().filter(|e| e.revisions > 0).count();
    let mut all: Vec<(&'static str, &'static str, usize)> = vec![
        ("#/groups", "groups", findings.groups.len()),
        ("#/groups/chains", "version chains", chains),
    ];
    if findings.all_pairs {
        all.push(("#/templates", "template sets", findings.templates.len()));
    }
    if findings.passages.is_some() {
        all.push(("#/passages", "passages", index.passages(false).count()));
        all.push(("#/boilerplate", "boilerplate", index.passages(true).count()));
    }
    m.raw("<ul class=\"figures\">");
    for (link, name, n) in all {
        m.raw("<li><a href=\"")
            .text(link)
            .raw("\"><b>")
            .text(&thousands(n as u64))
            .raw("</b> ")
            .text(name)
            .raw("</a></li>");
    }
    m.raw("</ul>");
}

/// A find: what is said of it, where its view is, what it is called, and its figures.
struct Find {
    what: &'static str,
    path: &'static str,
    name: String,
    title: String,
    detail: String,
}

fn finds(m: &mut Markup, index: &Index<'_>) {
    let mut all: Vec<Find> = Vec::new();
    let of_set = |what, path, e: &Entry<'_>, detail: String| Find {
        what,
        path,
        name: e.set.name.clone(),
        title: e.title.clone(),
        detail,
    };
    let groups = || index.groups.iter();
    let chain = groups()
        .filter(|e| e.revisions > 0)
        .min_by_key(|e| Reverse(e.revisions));
    if let Some(e) = chain {
        let detail = format!(
            "{} after the first{}",
            count(e.revisions as u64, "later version"),
            within(e)
        );
        all.push(of_set("Longest version chain", "group", e, detail));
    }
    let widest = groups()
        .filter(|e| e.outlets.len() > 1)
        .min_by_key(|e| Reverse((e.outlets.len(), e.set.members.len())));
    if let Some(e) = widest {
        let detail = format!(
            "{} in {}",
            units(e),
            count(e.outlets.len() as u64, "source")
        );
        all.push(of_set("Most widely run", "group", e, detail));
    }
    if let Some(e) = index.templates.first() {
        let detail = format!("{} of one form, kept apart", units(e));
        all.push(of_set("Largest template set", "template", e, detail));
    }
    for (what, kind) in [
        ("Widest passage", Kind::News),
        ("Widest caption", Kind::Caption),
        ("Widest boilerplate", Kind::Boilerplate),
    ] {
        if let Some((p, different)) = index.widest(kind) {
            all.push(Find {
                what,
                path: "passage",
                name: p.name.clone(),
                title: brief(&p.text, 110),
                detail: match kind {
                    // That a caption recurs is all there is to say; of a quote it matters who else has it.
                    Kind::News => format!("{}, {different} of them different", reach(p)),
                    _ => reach(p),
                },
            });
        }
    }
    let weak = groups()
        .filter(|e| e.set.members.len() > 2)
        .min_by(|x, y| x.set.weakest.total_cmp(&y.set.weakest));
    if let Some(e) = weak {
        let detail = format!(
            "{}, the weakest tie has {}",
            units(e),
            hundredths(e.set.weakest)
        );
        all.push(of_set("Most loosely held", "group", e, detail));
    }
    if all.is_empty() {
        m.raw("<p>Nothing was found to repeat.</p>");
        return;
    }
    m.raw("<h2>Where to look first</h2><ul class=\"finds\">");
    for find in all {
        m.raw("<li><span class=\"what\">")
            .text(find.what)
            .raw("</span> <a href=\"#/")
            .text(find.path)
            .raw("/")
            .text(&find.name)
            .raw("\">")
            .text(if find.title.is_empty() {
                &find.name
            } else {
                &find.title
            })
            .raw("</a> <span class=\"quiet\">")
            .text(&find.detail)
            .raw("</span></li>");
    }
    m.raw("</ul>");
}

fn histogram(m: &mut Markup, findings: &Findings, options: &Options<'_>) {
    let drawn = Histogram::of(findings.pairs.iter());
    if drawn.is_empty() {
        return;
    }
    m.raw("<h2>How alike the pairs are</h2><figure><figcaption>")
        .text(&count(
            findings.pairs.len() as u64,
            if findings.all_pairs {
                "verified pair"
            } else {
                "tie"
            },
        ))
        .raw(". <span class=\"key joined\">join a group</span>");
    if findings.all_pairs {
        m.raw(" <span class=\"key apart\">kept apart: templates and shared passages</span>");
    }
    m.raw(". At the threshold a pair of stories is one story whatever else differs; below it, and for captions, what differs decides.</figcaption>");
    drawn.draw(m, options.settings.threshold.value());
    m.raw("</figure>");
}

fn notes(m: &mut Markup, findings: &Findings, index: &Index<'_>, shown: &Shown) {
    let mut notes: Vec<String> = Vec::new();
    for (what, listed, all) in [
        ("groups", shown.listed.groups, index.groups.len()),
        (
            "template sets",
            shown.listed.templates,
            index.templates.len(),
        ),
        ("passages", shown.listed.passages, index.passages.len()),
    ] {
        if listed < all {
            notes.push(format!(
                "To keep the page small the lists hold {} of {} {what}, the largest. The output of the commands has all.",
                thousands(listed as u64),
                thousands(all as u64)
            ));
        }
    }
    for (what, opened, all, how) in [
        (
            "groups",
            shown.groups,
            index.groups.len(),
            "the largest; samewire compare shows the others",
        ),
        (
            "template sets",
            shown.templates,
            index.templates.len(),
            "the largest; samewire compare shows the others",
        ),
        (
            "passages",
            shown.passages,
            index.passages.len(),
            "the widest; samewire passages shows the others",
        ),
    ] {
        if opened < all {
            notes.push(format!(
                "{} of {} {what} can be opened, {how}. A larger --max-size brings more into the page.",
                thousands(opened as u64),
                thousands(all as u64)
            ));
        }
    }
    if findings.passages.is_none() {
        notes.push("Passages are not in this page: give report a directory or files of stories, or the output of samewire passages beside that of group.".to_owned());
    }
    if !findings.all_pairs {
        notes.push("Templates are not in this page: give report a directory or files of stories, or the links that samewire group --links FILE writes.".to_owned());
    }
    notes.extend(findings.notes.iter().cloned());
    if notes.is_empty() {
        return;
    }
    m.raw("<h2>What is not in this page</h2><ul class=\"notes\">");
    for note in notes {
        m.raw("<li>").text(&note).raw("</li>");
    }
    m.raw("</ul>");
}

/// The heads of the lists, for readers without a script and for print.
pub fn lists(index: &Index<'_>) -> Markup {
    let mut m = Markup::new();
    m.raw("<div id=\"lists\">");
    sets(&mut m, "groups", "Groups", "group", &index.groups, GROUPS);
    if !index.templates.is_empty() {
        sets(
            &mut m,
            "templates",
            "Templates: the same form, other facts",
            "template",
            &index.templates,
            LINES,
        );
    }
    for (id, title, boilerplate) in [
        ("passages", "Passages", false),
        ("boilerplate", "Boilerplate", true),
    ] {
        let all: Vec<&Passage> = index.passages(boilerplate).collect();
        if all.is_empty() {
            continue;
        }
        m.raw("<section id=\"/")
            .text(id)
            .raw("\"><h2>")
            .text(title)
            .raw("</h2>");
        how_many(&mut m, LINES, all.len());
        m.raw("<ul class=\"passages\">");
        for passage in all.iter().take(LINES) {
            m.raw("<li id=\"/passage/")
                .text(&passage.name)
                .raw("\"><blockquote>")
                .text(&brief(&passage.text, PASSAGE))
                .raw("</blockquote><p class=\"quiet\">")
                .text(&reach(passage))
                .raw(", first in ");
            if let Some((first, _)) = passage.occurrences.first() {
                m.raw("<code>").text(&one_line(&first.id)).raw("</code>");
            }
            m.raw("</p></li>");
        }
        m.raw("</ul></section>");
    }
    m.raw("</div>");
    m
}

fn how_many(m: &mut Markup, listed: usize, all: usize) {
    if all > listed {
        m.raw("<p class=\"quiet\">The largest ")
            .number(listed)
            .raw(" of ")
            .text(&thousands(all as u64))
            .raw(".</p>");
    }
}

fn sets(
    m: &mut Markup,
    id: &'static str,
    title: &'static str,
    path: &'static str,
    entries: &[Entry<'_>],
    most: usize,
) {
    m.raw("<section id=\"/")
        .text(id)
        .raw("\"><h2>")
        .text(title)
        .raw("</h2>");
    how_many(m, most, entries.len());
    for entry in entries.iter().take(most) {
        m.raw("<article id=\"/")
            .text(path)
            .raw("/")
            .text(&entry.set.name)
            .raw("\"><h3>")
            .text(if entry.title.is_empty() { &entry.set.name } else { &entry.title })
            .raw("</h3><p class=\"quiet\">")
            .text(&units(entry))
            .raw(" in ")
            .text(&count(entry.outlets.len() as u64, "source"))
            .text(&within(entry))
            .raw(", weakest tie ")
            .text(&hundredths(entry.set.weakest))
            .raw("</p><table><thead><tr><th scope=\"col\">relation</th><th scope=\"col\" class=\"n\">similarity</th><th scope=\"col\">id</th><th scope=\"col\">time</th><th scope=\"col\">place</th></tr></thead><tbody>");
        for member in entry.set.members.iter().take(MEMBERS) {
            m.raw("<tr><td>")
                .text(member.relation.map_or("first", Relation::name))
                .raw("</td><td class=\"n\">");
            if let Some(tie) = member.tie {
                m.text(&hundredths(tie.jaccard));
            }
            m.raw("</td><td>")
                .text(&one_line(&member.unit.id))
                .raw("</td><td>");
            m.text(&one_line(member.unit.time.as_deref().unwrap_or_default()));
            m.raw("</td><td class=\"place\">")
                .text(&place(&member.unit))
                .raw("</td></tr>");
        }
        m.raw("</tbody></table>");
        let more = entry.set.members.len().saturating_sub(MEMBERS);
        if more > 0 {
            m.raw("<p class=\"quiet\">and ")
                .text(&thousands(more as u64))
                .raw(" more</p>");
        }
        m.raw("</article>");
    }
    m.raw("</section>");
}

/// Where a unit stands; nothing where its id says it.
fn place(unit: &Named) -> String {
    let spot = spot(unit);
    if spot == unit.id { String::new() } else { spot }
}

fn units(entry: &Entry<'_>) -> String {
    let what = match entry.set.kind {
        UnitKind::Story => "story",
        UnitKind::Caption => "caption",
    };
    count(entry.set.members.len() as u64, what)
}

fn reach(passage: &Passage) -> String {
    format!(
        "{} in {}",
        count(u64::from(passage.words), "word"),
        count(passage.stories as u64, "story")
    )
}

/// `1 story`, `2,000 stories`
fn count(n: u64, what: &str) -> String {
    let plural = match (n, what.strip_suffix('y')) {
        (1, _) => what.to_owned(),
        (_, Some(stem)) => format!("{stem}ies"),
        _ => format!("{what}s"),
    };
    format!("{} {plural}", thousands(n))
}

fn percent(part: u64, whole: u64) -> String {
    format!("{:.1} %", part as f64 * 100.0 / whole.max(1) as f64)
}

/// To two decimals, downwards: 0.999 is not shown as 1.
fn hundredths(x: f64) -> String {
    format!("{:.2}", (x * 100.0 + 1e-6).floor() / 100.0)
}

/// `, within 3 hours`
fn within(entry: &Entry<'_>) -> String {
    match entry.times {
        Some((from, to)) if to > from => {
            format!(
                ", within {}",
                super::super::compare::sentence::span((to - from) as u64)
            )
        }
        _ => String::new(),
    }
}

/// Earliest and latest time of all groups and template sets.
fn times(index: &Index<'_>) -> Option<(i64, i64)> {
    let all = || {
        index
            .groups
            .iter()
            .chain(&index.templates)
            .filter_map(|e| e.times)
    };
    Some((all().map(|t| t.0).min()?, all().map(|t| t.1).max()?))
}

/// `3 March 2031`
fn day(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(
        |_| String::new(),
        |t| {
            let date = jiff::tz::Offset::UTC.to_datetime(t);
            const MONTHS: [&str; 12] = [
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ];
            let month = MONTHS[usize::from(date.month().unsigned_abs()) - 1];
            format!("{} {month} {}", date.day(), date.year())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_days_are_said_as_people_say_them() {
        assert_eq!(count(1, "story"), "1 story");
        assert_eq!(count(2_000, "story"), "2,000 stories");
        assert_eq!(count(0, "group"), "0 groups");
        assert_eq!(percent(53, 164), "32.3 %");
        assert_eq!(day(1_161_382_500), "20 October 2006");
    }
}
