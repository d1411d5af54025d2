/*!
The rules for stories, in the order in which they are asked.

What decides is how much of the shorter text runs in the longer (its *cover*, in words of aligned runs), how much the
headlines have in common, and how far apart the two were sent.

1. The same id under another version: *revision*. A correction is never a repeat to be thrown away.
2. Numbers put for numbers and names for names, again and again along the shared runs: the same form filled with other
   facts, *template*. Between stories of one news cycle it takes more of them, and neither a desk's tag nor one headline within a day may
   speak against it, because a correction changes a few figures too, and the story after a snap nearly all.
3. Jaccard similarity at the threshold: so much in common is one story whatever else differs, unless each headline names somebody of whom the
   other story says nothing (`subject.rs`): then the form is shared, *template*, or a passage, *overlap*. The same goes for 4 and 5.
4. Where neither headlines nor times are known, the texts speak alone: the shorter runs in the longer as a whole, or
   two thirds of both are shared; of a long text more, for a third of it is a story of its own.
5. Within a news cycle, cover and headline together: half of a headline in common weighs as much as a quarter of the
   text. Later than that the text alone must carry it: what recurs weeks later is background, unless it is nearly all.
6. Joined: *revision* if a desk's tag or the time says so, else *contains* if the shorter runs in the longer as a whole,
   *near* if little is added, no figure changed and no "not" came or went, else *revision*.
7. Not joined: *overlap* if a passage is shared, else nothing worth telling.
*/

use super::{Rule, subject};
use crate::config::Settings;
use crate::text::segment::{corrects, tag_len};
use crate::verify::Relation;
use crate::verify::evidence::Evidence;
use crate::verify::prepared::Prepared;
use crate::verify::rules::Rules;

pub(super) fn decide(
    a: &Prepared<'_>,
    b: &Prepared<'_>,
    e: &Evidence,
    settings: &Settings,
) -> (Option<Relation>, Rule) {
    let rules = &settings.rules;
    let of_one_form = e.cover() >= rules.one_form;
    if of_one_form && is_other_version(a, b) {
        return (Some(Relation::Revision), Rule::Version);
    }
    let tagged = is_tagged(a) || is_tagged(b);
    let later = e.gap.is_some_and(|gap| gap > rules.news_cycle);
    let may_be_refilled = later || !(tagged || is_under_one_headline(e, rules));
    if of_one_form && may_be_refilled && is_refilled(e, later, rules) {
        return (Some(Relation::Template), Rule::Exchanged);
    }
    let union = u64::from(e.sizes[0] + e.sizes[1] - e.shared);
    let reached = settings
        .threshold
        .reached_by(u64::from(e.shared), union)
        .then_some(Rule::Threshold);
    if let Some(rule) = reached.or_else(|| one_story(e, tagged, later, rules)) {
        // Of two texts that are nearly the same a tag says that the name is what was corrected.
        let corrected = reached.is_some() && [a, b].into_iter().any(is_corrected);
        return if !corrected && subject::differs(a, b) {
            let relation = if of_one_form {
                Relation::Template
            } else {
                Relation::Overlap
            };
            (Some(relation), Rule::Subject)
        } else {
            (Some(kind_of_repeat(e, tagged || later, rules)), rule)
        };
    }
    if e.longest >= rules.passage {
        (Some(Relation::Overlap), Rule::Passage)
    } else {
        (None, Rule::Nothing)
    }
}

/// Whether facts are exchanged along the shared text as in a form.
fn is_refilled(e: &Evidence, later: bool, rules: &Rules) -> bool {
    let exchanged = e.numbers + e.names;
    let brief = e.words[0].min(e.words[1]) < rules.brief;
    let least = if brief { 1 } else { rules.exchanges };
    let share = if later {
        rules.exchanged_later
    } else {
        rules.exchanged
    };
    exchanged >= least && exchanged as f64 >= share * e.tiled.max(1) as f64
}

/// Whether one headline, sent twice within a day, stands over both: the figures of a story that is told anew.
fn is_under_one_headline(e: &Evidence, rules: &Rules) -> bool {
    e.gap.is_some_and(|gap| gap <= rules.one_headline)
        && e.headline.is_some_and(|(shared, of)| shared == of)
}

/// The rule by which two texts below the threshold tell one story, if any.
fn one_story(e: &Evidence, tagged: bool, later: bool, rules: &Rules) -> Option<Rule> {
    let cover = e.cover();
    match e.headline_share() {
        None if e.gap.is_none() => {
            let both = 2.0 * e.tiled as f64 / (e.words[0] + e.words[1]) as f64;
            let long = e.words[0].max(e.words[1]) > rules.long_text;
            let least = if long { rules.alone_long } else { rules.alone };
            (both >= least || is_contained(e, rules)).then_some(Rule::Alone)
        }
        headline if later => {
            let alike = headline.is_some_and(|share| share >= rules.headline_alike);
            let least = if alike {
                rules.later
            } else {
                rules.later_unlike
            };
            (cover >= least).then_some(Rule::Standing)
        }
        headline => {
            let tag = if tagged { rules.desk_tag } else { 0.0 };
            let headline = rules.headline * headline.unwrap_or(rules.no_headline);
            (cover + headline + tag >= rules.same_story).then_some(if tagged {
                Rule::DeskTag
            } else {
                Rule::NewsCycle
            })
        }
    }
}

/// What kind of repeat a pair is that tells the same story.
fn kind_of_repeat(e: &Evidence, is_version: bool, rules: &Rules) -> Relation {
    let long = e.words[0].max(e.words[1]);
    let added = (long - e.tiled.min(long)) as f64 / long as f64;
    // Words changed here and there, but nowhere a sentence, and no name is new.
    let reworded = e.block <= rules.sentence && e.names == 0 && added <= rules.reworded;
    if is_version {
        Relation::Revision
    } else if is_contained(e, rules) {
        Relation::Contains
    } else if e.numbers == 0 && !e.negated && (added <= rules.added || reworded) {
        Relation::Near
    } else {
        Relation::Revision
    }
}

/// Whether the shorter text runs in the longer as a whole.
fn is_contained(e: &Evidence, rules: &Rules) -> bool {
    let (short, long) = (e.words[0].min(e.words[1]), e.words[0].max(e.words[1]));
    e.containment() >= rules.contained
        && e.cover() >= rules.contained_cover
        && long as f64 >= rules.longer * short as f64
}

/// The same id, and versions that differ.
fn is_other_version(a: &Prepared<'_>, b: &Prepared<'_>) -> bool {
    let (x, y) = (&a.story, &b.story);
    x.id == y.id && x.version != y.version
}

/// A desk's tag at the head of the text or of the headline.
fn is_tagged(unit: &Prepared<'_>) -> bool {
    tags(unit).next().is_some()
}

/// One that says that it corrects.
fn is_corrected(unit: &Prepared<'_>) -> bool {
    tags(unit).any(corrects)
}

/// The tags of a desk. A file tag is a caption's: it says how old a picture is.
fn tags<'u>(unit: &'u Prepared<'_>) -> impl Iterator<Item = &'u str> {
    let of_title = unit.story.title.as_deref().map(|t| &t[..tag_len(t)]);
    let of_title = of_title.filter(|tag| !tag.is_empty());
    let of_text = unit.advisories().filter(|tag| !tag.starts_with("FILE"));
    of_text.chain(of_title)
}
