/*!
Groups → which stories stay.

A story is dropped only if its body, or the caption that the record as a whole is, belongs to a group that another
member stands for. A caption inside a story drops nothing. Invariant: of every group at least one member is in a story
that stays; so the survivor of a group of captions is looked for after the stories are decided. A correction stays beside the
survivor, unless it repeats another correction that stays.
*/

use samewire::group::Group;
use samewire::pipeline::Outcome;
use samewire::text::segment;
use samewire::verify::{Link, Relation};
use samewire::{Story, StoryId, UnitId, UnitKind};

/// A story that is dropped, and what it repeats.
#[derive(Clone, Debug, PartialEq)]
pub struct Drop {
    /// The story.
    pub story: StoryId,
    /// The unit that stays in its place.
    pub of: UnitId,
    /// The unit that it was compared with, where that is another: the two are tied through it.
    pub via: Option<UnitId>,
    /// What kind of repeat it is of the unit that it was compared with.
    pub relation: Relation,
    /// How alike the two are.
    pub jaccard: f64,
}

/// What stays and what does not.
#[derive(Debug, Default)]
pub struct Verdicts {
    /// What is dropped, in input order.
    pub drops: Vec<Drop>,
    /// For every story whether it is dropped.
    pub dropped: Vec<bool>,
}

/// Whether a desk takes something back with a story: nothing but the same correction makes it a repeat.
pub fn is_correction(story: &Story<'_>) -> bool {
    story.title.as_deref().is_some_and(segment::is_correction)
        || segment::is_correction(&story.text)
}

/// Decides over a corpus of so many stories; `is_correction` says which of them are never dropped for what they correct.
pub fn decide(
    outcome: &Outcome,
    stories: usize,
    is_correction: impl Fn(StoryId) -> bool,
) -> Verdicts {
    let mut verdicts = Verdicts {
        drops: Vec::new(),
        dropped: vec![false; stories],
    };
    for kind in [UnitKind::Story, UnitKind::Caption] {
        for group in outcome.groups.iter().filter(|g| g.kind == kind) {
            let survivor = survivor(outcome, group, &verdicts.dropped);
            let mut kept = vec![survivor];
            for place in (0..group.members.len()).filter(|&m| m != survivor) {
                let unit = &outcome.units[group.members[place].unit.index()];
                if unit.caption != 0 {
                    continue;
                }
                let repeats = |&with: &usize| {
                    link_between(outcome, group, place, with)
                        .is_some_and(|l| matches!(l.relation, Relation::Exact | Relation::Near))
                };
                // The same correction may repeat; what was corrected may have the same words under another headline.
                let corrections = kept.iter().filter(|&&m| {
                    is_correction(outcome.units[group.members[m].unit.index()].story)
                });
                if is_correction(unit.story) && !corrections.into_iter().any(repeats) {
                    kept.push(place);
                    continue;
                }
                verdicts.dropped[unit.story.index()] = true;
                verdicts
                    .drops
                    .push(drop_of(outcome, group, place, survivor));
            }
        }
    }
    verdicts.drops.sort_by_key(|d| d.story);
    verdicts
}

/// The member that stays for the group: its representative, unless that lies in a story that is dropped already; then
/// the first member in a story that stays.
fn survivor(outcome: &Outcome, group: &Group, dropped: &[bool]) -> usize {
    let stays = |place: &usize| {
        let unit = &outcome.units[group.members[*place].unit.index()];
        !dropped[unit.story.index()]
    };
    if stays(&group.representative) {
        return group.representative;
    }
    // All members may be captions of dropped stories: their survivors are told in another words then, and
    // there is nothing left to drop here.
    (0..group.members.len())
        .find(stays)
        .unwrap_or(group.representative)
}

fn drop_of(outcome: &Outcome, group: &Group, place: usize, survivor: usize) -> Drop {
    let unit = |place: usize| group.members[place].unit;
    let (link, with) = tie(outcome, group, place, survivor);
    Drop {
        story: outcome.units[unit(place).index()].story,
        of: unit(survivor),
        via: (with != survivor).then(|| unit(with)),
        relation: link.map_or(Relation::Near, |l| l.relation),
        jaccard: link.map_or(group.weakest, Link::jaccard),
    }
}

fn link_between<'a>(
    outcome: &'a Outcome,
    group: &Group,
    place: usize,
    with: usize,
) -> Option<&'a Link> {
    let (x, y) = (group.members[place].unit, group.members[with].unit);
    let ends = (x.min(y), x.max(y));
    let at = outcome
        .links
        .binary_search_by_key(&ends, |l| (l.a, l.b))
        .ok()?;
    // Two members may be told apart and yet be held together by others: that link is no reason to drop one.
    Some(&outcome.links[at]).filter(|l| l.relation.joins())
}

/// The link that best shows why the member at `place` is in the group, and the other end of it: one with the survivor,
/// else the one with an earlier member, else one with a later.
fn tie<'a>(
    outcome: &'a Outcome,
    group: &'a Group,
    place: usize,
    survivor: usize,
) -> (Option<&'a Link>, usize) {
    if let Some(link) = link_between(outcome, group, place, survivor) {
        return (Some(link), survivor);
    }
    if let Some(tie) = &group.members[place].link {
        return (Some(&tie.link), tie.to);
    }
    let later = group.members.iter().enumerate().find_map(|(m, member)| {
        let tie = member.link.as_ref().filter(|tie| tie.to == place)?;
        Some((&tie.link, m))
    });
    later.map_or((None, survivor), |(link, with)| (Some(link), with))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::engine::sample::{group, link, outcome, unit};
    use UnitKind::{Caption, Story};

    fn dropped(verdicts: &Verdicts) -> Vec<u32> {
        verdicts.drops.iter().map(|d| d.story.0).collect()
    }

    #[test]
    fn all_but_the_representative_are_dropped() {
        let units = vec![unit(0, Story, 0), unit(1, Story, 0), unit(2, Story, 0)];
        let outcome = outcome(
            units,
            vec![group(Story, &[(0, None), (1, Some(0)), (2, Some(1))], 2)],
        );
        let verdicts = decide(&outcome, 3, |_| false);
        assert_eq!(dropped(&verdicts), [0, 1]);
        // 0 was never compared with 2, the survivor, and leans on no earlier member: 1 leans on it.
        assert_eq!(verdicts.drops[0].of, UnitId(2));
        assert_eq!(verdicts.drops[0].via, Some(UnitId(1)));
        assert_eq!(verdicts.drops[1].via, None);
    }

    #[test]
    fn a_correction_stays_beside_what_it_corrects() {
        let units = vec![unit(0, Story, 0), unit(1, Story, 0), unit(2, Story, 0)];
        let mut outcome = outcome(
            units,
            vec![group(Story, &[(0, None), (1, Some(0)), (2, Some(1))], 0)],
        );
        outcome.links[0].relation = Relation::Revision;
        let corrections = |story: StoryId| story.0 > 0;
        // 1 corrects 0; 2 is a copy of the correction.
        assert_eq!(dropped(&decide(&outcome, 3, corrections)), [2]);
        outcome.links[0].relation = Relation::Exact;
        assert_eq!(dropped(&decide(&outcome, 3, corrections)), [2]);
        assert_eq!(dropped(&decide(&outcome, 3, |_| false)), [1, 2]);
    }

    #[test]
    fn a_caption_in_a_story_drops_nothing() {
        let units = vec![
            unit(0, Story, 0),
            unit(0, Caption, 1),
            unit(1, Story, 0),
            unit(1, Caption, 1),
            unit(2, Caption, 0),
        ];
        let captions = group(Caption, &[(1, None), (3, Some(0)), (4, Some(0))], 0);
        let verdicts = decide(&outcome(units, vec![captions]), 3, |_| false);
        assert_eq!(dropped(&verdicts), [2]);
    }

    #[test]
    fn a_group_of_captions_survives_the_drop_of_the_story_that_held_its_representative() {
        let units = vec![
            unit(0, Story, 0),
            unit(1, Story, 0),
            unit(1, Caption, 1),
            unit(2, Caption, 0),
            unit(3, Caption, 0),
        ];
        let stories = group(Story, &[(0, None), (1, Some(0))], 0);
        let captions = group(Caption, &[(2, None), (3, Some(0)), (4, Some(0))], 0);
        let verdicts = decide(&outcome(units, vec![captions, stories]), 4, |_| false);
        assert_eq!(dropped(&verdicts), [1, 3]);
        assert_eq!(verdicts.drops[1].of, UnitId(3));
    }

    #[test]
    fn a_link_with_the_survivor_is_shown_first() {
        let units = vec![unit(0, Story, 0), unit(1, Story, 0), unit(2, Story, 0)];
        let mut outcome = outcome(
            units,
            vec![group(Story, &[(0, None), (1, Some(0)), (2, Some(1))], 0)],
        );
        outcome.links.push(link(0, 2));
        outcome.links.sort_by_key(|l| (l.a, l.b));
        assert_eq!(decide(&outcome, 3, |_| false).drops[1].via, None);
    }
}
