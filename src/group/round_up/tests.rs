use proptest::prelude::*;

use crate::pipeline::{batch, progress::Silent};
use crate::{Settings, Story};

const FERRY: &str = "The ferry Alma ran onto a sandbank off Kettle Point on Tuesday morning and its 83 passengers were \
    brought ashore in lifeboats, the coast guard said. Nobody was hurt, and the ship was towed off at high tide.";
const BANK: &str = "The central bank of Tarn left its main interest rate unchanged for the third time this year, citing \
    weak orders from abroad and a harvest that had kept the price of bread down. Two members wanted a cut.";
const CUP: &str = "Substitute Ana Brandt scored twice in extra time to send Orle Rovers into the final of the cup for the \
    first time since 1974. Kestrel Town had led until a minute from the end through a header by Jon Falk.";
const BEES: &str = "Beekeepers in the hills above Lund have asked the council to stop mowing the verges before July, after \
    a survey found half as many hives as ten years ago. A vote on their petition is due next month.";

fn story(id: &'static str, title: &'static str, text: String) -> Story<'static> {
    Story {
        title: Some(title.into()),
        time: Some("2031-03-04T12:00:00Z".into()),
        ..Story::new(id, text)
    }
}

fn brief(id: &'static str, title: &'static str, text: &str) -> Story<'static> {
    story(id, title, text.to_owned())
}

/// Ids of the groups, sorted.
fn groups(stories: &[Story<'static>]) -> Vec<Vec<String>> {
    let outcome = batch::group_stories(stories, &Settings::default(), &Silent).unwrap();
    let id = |unit: crate::UnitId| {
        stories[outcome.units[unit.index()].story.index()]
            .id
            .to_string()
    };
    let mut groups: Vec<Vec<String>> = outcome
        .groups
        .iter()
        .map(|g| {
            let mut ids: Vec<String> = g.members.iter().map(|m| id(m.unit)).collect();
            ids.sort();
            ids
        })
        .collect();
    groups.sort();
    groups
}

fn three_briefs() -> Vec<Story<'static>> {
    vec![
        brief("ferry", "Ferry runs aground off Kettle Point", FERRY),
        brief("bank", "Tarn holds rates", BANK),
        brief("cup", "Brandt sends Rovers to the final", CUP),
    ]
}

#[test]
fn a_summary_does_not_glue_what_it_carries() {
    let mut stories = three_briefs();
    stories.push(story(
        "all",
        "Tuesday in Veland",
        [FERRY, BANK, CUP].join("\n\n"),
    ));
    assert!(groups(&stories).is_empty(), "{:?}", groups(&stories));
}

#[test]
fn nor_do_two_editions_of_it() {
    let mut stories = three_briefs();
    stories.push(story(
        "noon",
        "Tuesday in Veland",
        [FERRY, BANK, CUP].join("\n\n"),
    ));
    stories.push(story(
        "evening",
        "Tuesday in Veland",
        [FERRY, BANK, CUP]
            .join("\n\n")
            .replace("weak orders", "slack orders"),
    ));
    assert_eq!(groups(&stories), [["evening", "noon"]]);
}

#[test]
fn a_copy_of_a_summary_is_one_too() {
    // The ferry's brief is in both, word for word; the others have been cut in the copy's own way.
    let mut stories = three_briefs();
    let text = [FERRY, BANK, CUP, BEES].join("\n\n");
    stories.push(story("noon", "Tuesday in Veland", text.clone()));
    stories.push(story(
        "site",
        "What else happened",
        text.replace("third time", "3rd time"),
    ));
    assert_eq!(groups(&stories), [["noon", "site"]]);
}

#[test]
fn versions_of_a_brief_stay_together_beside_it() {
    let mut stories = three_briefs();
    stories.push(brief(
        "ferry-2",
        "Ferry runs aground off Kettle Point",
        &FERRY.replace("Nobody was hurt", "No one was injured"),
    ));
    stories.push(story(
        "all",
        "Tuesday in Veland",
        [FERRY, BANK, CUP].join("\n\n"),
    ));
    assert_eq!(groups(&stories), [["ferry", "ferry-2"]]);
}

#[test]
fn two_cuts_of_one_story_stay_with_it() {
    // Each half by itself under the headline of the whole: they share no word.
    let title = "A Tuesday in Veland: aground, unmoved, and into the final";
    let whole = story("whole", title, [FERRY, BANK, CUP, BEES].join("\n\n"));
    let stories = [
        whole,
        brief("head", title, FERRY),
        brief("tail", title, BEES),
    ];
    assert_eq!(groups(&stories), [["head", "tail", "whole"]]);
}

#[test]
fn a_story_that_carries_one_brief_stays_with_it() {
    let stories = [
        brief("brief", "Ferry runs aground off Kettle Point", FERRY),
        story(
            "long",
            "Passengers tell of a night on the sandbank",
            [FERRY, BANK, CUP].join("\n\n"),
        ),
    ];
    assert_eq!(groups(&stories), [["brief", "long"]]);
}

#[test]
fn one_that_is_named_so_is_parted_even_from_one() {
    let whole = || [FERRY, BANK, CUP].join("\n\n");
    let one = brief("brief", "Ferry runs aground off Kettle Point", FERRY);
    for title in [
        "News summary",
        "Veland morning digest",
        "World news in brief",
    ] {
        assert!(groups(&[one.clone(), story("all", title, whole())]).is_empty());
    }
    // A story about a digest keeps its cut, which has its headline.
    let title = "Veland Digest to close after 90 years";
    let stories = [brief("cut", title, FERRY), story("all", title, whole())];
    assert_eq!(groups(&stories), [["all", "cut"]]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_order_of_stories_does_not_matter(order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle()) {
        let mut stories = three_briefs();
        stories.push(story("all", "Tuesday in Veland", [FERRY, BANK, CUP].join("\n\n")));
        stories.push(story("two", "Two things", [CUP, BEES, BANK].join("\n\n")));
        stories.push(brief("bees", "Leave the verges, say beekeepers", BEES));
        let shuffled: Vec<Story<'static>> = order.iter().map(|&i| stories[i].clone()).collect();
        prop_assert_eq!(groups(&shuffled), groups(&stories));
    }
}
