//! Every rule by short texts, in both directions.

use proptest::prelude::*;

use super::{Reason, Rule, decide};
use crate::config::Settings;
use crate::story::{Story, UnitKind};
use crate::verify::prepared::Making;
use crate::verify::{Relation, evidence};

type Told = (Option<Relation>, Rule);

fn reason(a: &Story<'_>, b: &Story<'_>) -> (Option<Relation>, Reason) {
    let settings = Settings::default();
    let mut making = Making::new(&settings);
    let (a, b) = (making.prepare(a.clone(), 0), making.prepare(b.clone(), 0));
    let (evidence, alignment) = evidence::gather(&a, &b);
    decide(&a, &b, &evidence, &alignment, &settings)
}

/// What is told of two units; the same from both sides.
fn tell(a: &Story<'_>, b: &Story<'_>) -> Told {
    let (relation, why) = reason(a, b);
    let (turned, why_turned) = reason(b, a);
    assert_eq!(
        (relation, why.rule),
        (turned, why_turned.rule),
        "{a:?}\n{b:?}"
    );
    (relation, why.rule)
}

const ORLE: &str = "The old bridge at Orle reopened to traffic on Monday after two years of repairs that cost the city nine \
    million crowns. Mayor Ana Reyl cut the ribbon in the rain before a crowd of several hundred people. The bridge was \
    closed when divers found cracks in three of its piers. Shopkeepers on the east bank said that they had lost half of \
    their trade since then. Buses will cross it again from Thursday, the operator said.";
const MORE: &str = " The opposition in the council wants to know why the work took nine months longer than planned. An \
    inquiry is to report before the summer. A second bridge, further down the river, has been on the drawing board \
    since the nineties, but no government has found the money for it.";

/// A story with a headline, sent on a day of March at noon.
fn sent(day: u32, title: &str, text: impl Into<String>) -> Story<'static> {
    Story {
        title: Some(title.to_owned().into()),
        time: Some(format!("2031-03-{day:02}T12:00:00Z").into()),
        ..bare(text)
    }
}

/// A story of which nothing is known but its text.
fn bare(text: impl Into<String>) -> Story<'static> {
    Story::new("x", text.into())
}

fn caption(text: &str) -> Story<'static> {
    Story {
        kind: UnitKind::Caption,
        ..bare(text)
    }
}

fn captions(a: &str, b: &str) -> Told {
    tell(&caption(a), &caption(b))
}

#[test]
fn furniture_does_not_make_another_text() {
    let dressed = format!(
        "By Tom Quill\nORLE, March 3 (Meridian) - {ORLE}\n(Reporting by Tom Quill; Editing by Jo Lund)"
    );
    assert_eq!(
        tell(&bare(ORLE), &bare(dressed)),
        (Some(Relation::Exact), Rule::SameWords)
    );
    assert_eq!(tell(&bare(""), &bare(ORLE)), (None, Rule::Nothing));
}

#[test]
fn a_few_words_put_otherwise_are_near() {
    let reworded = ORLE
        .replace("said that they had lost", "complained of losing")
        .replace("in the rain", "in a downpour");
    let (a, b) = (
        sent(3, "Orle bridge reopens", ORLE),
        sent(3, "Bridge at Orle reopens", reworded),
    );
    assert_eq!(tell(&a, &b), (Some(Relation::Near), Rule::NewsCycle));
    let b = sent(3, "x", ORLE.replace("in the rain", "in rain"));
    assert_eq!(tell(&a, &b), (Some(Relation::Near), Rule::Threshold));
}

#[test]
fn another_figure_is_no_mere_wording() {
    let b = sent(
        3,
        "Orle bridge reopens",
        ORLE.replace("three of its piers", "four of its piers"),
    );
    let (relation, _) = tell(&sent(3, "Orle bridge reopens", ORLE), &b);
    assert_eq!(relation, Some(Relation::Revision));
}

#[test]
fn a_version_of_the_same_id_is_a_revision() {
    let version = |n: &'static str, text: String| Story {
        version: Some(n.into()),
        ..bare(text)
    };
    let b = version(
        "2",
        ORLE.replace("Monday", "Tuesday")
            .replace("nine million", "ten million"),
    );
    let a = version("1", ORLE.to_owned());
    assert_eq!(tell(&a, &b), (Some(Relation::Revision), Rule::Version));
    let (relation, _) = tell(&a, &version("2", MORE.to_owned()));
    assert_eq!(
        relation, None,
        "an id that was used again for another story"
    );
}

#[test]
fn a_desk_says_that_it_is_a_later_version() {
    let corrected = ORLE.replace("three of its piers", "four of its piers");
    let a = sent(3, "Orle bridge reopens to traffic", ORLE);
    let b = sent(3, "CORRECTED-Orle bridge reopens to traffic", corrected);
    assert_eq!(tell(&a, &b).0, Some(Relation::Revision));
    // Two thirds of it and another headline: it is the tag that tells.
    let kept = &ORLE[..ORLE.find("Shopkeepers").unwrap()];
    let updated = format!("{kept}{MORE}");
    let b = |tag: &str| {
        sent(
            3,
            &format!("{tag}Council asks about months of delay at Orle"),
            updated.clone(),
        )
    };
    assert_eq!(
        tell(&a, &b("UPDATE 1-")),
        (Some(Relation::Revision), Rule::DeskTag)
    );
    assert_eq!(tell(&a, &b("")), (Some(Relation::Overlap), Rule::Passage));
}

#[test]
fn a_headline_of_one_word_says_nothing() {
    let kept = &ORLE[..ORLE.find("The bridge was").unwrap()];
    let b = |title| sent(3, title, format!("{kept}{MORE}"));
    let told = |title| tell(&sent(3, title, ORLE), &b(title)).0;
    assert_eq!(told("Orle bridge"), Some(Relation::Revision));
    assert_eq!(told("Orle"), Some(Relation::Overlap));
}

#[test]
fn the_same_news_a_day_later_is_a_revision() {
    let kept = &ORLE[..ORLE.find("Shopkeepers").unwrap()];
    let a = sent(3, "Orle bridge reopens to traffic", ORLE);
    let b = |day| {
        sent(
            day,
            "Orle bridge reopens to traffic",
            format!("{kept}{MORE}"),
        )
    };
    assert_eq!(tell(&a, &b(4)), (Some(Relation::Revision), Rule::NewsCycle));
    assert_eq!(
        tell(&a, &b(24)).0,
        Some(Relation::Overlap),
        "background of three weeks ago"
    );
    let again = format!("{ORLE}{MORE}");
    assert_eq!(
        tell(&a, &sent(24, "x", again)),
        (Some(Relation::Revision), Rule::Standing)
    );
}

#[test]
fn a_cut_is_contained() {
    let (a, b) = (
        sent(3, "Orle bridge reopens", ORLE),
        sent(3, "Orle bridge open", format!("{ORLE}{MORE}")),
    );
    assert_eq!(tell(&a, &b).0, Some(Relation::Contains));
}

fn results(company: &str, profit: &str, sales: &str, share: &str, boss: &str) -> String {
    format!(
        "{company} said on Tuesday that net profit in the fourth quarter came to {profit} million crowns. Sales were \
        {sales} million crowns, the company said. The board will propose a dividend of {share} crowns a share. We are \
        pleased with a solid quarter in a demanding market, said chief executive {boss}, adding that the company kept its \
        forecast for the year unchanged."
    )
}

#[test]
fn results_of_two_companies_are_one_form() {
    let a = sent(
        4,
        "Noordpile posts profit",
        results("Noordpile", "41", "612", "1.2", "Eva Rask"),
    );
    let b = sent(
        4,
        "Tarnholm posts profit",
        results("Tarnholm", "78", "1,930", "2.5", "Jon Brandt"),
    );
    assert_eq!(tell(&a, &b), (Some(Relation::Template), Rule::Exchanged));
    let corrected = results("Noordpile", "41", "621", "1.2", "Eva Rask");
    let b = sent(4, "CORRECTED-Noordpile posts profit", corrected);
    assert_eq!(
        tell(&a, &b).0,
        Some(Relation::Revision),
        "one figure is put right"
    );
}

#[test]
fn quake_bulletins_are_one_form() {
    let quake = |size: &str, km: &str, town: &str, hour: &str| {
        format!(
            "An earthquake of magnitude {size} struck {km} kilometers off {town} at {hour} on Monday, the seismic office \
            said. No warning of a wave was issued and there were no reports of damage, it said."
        )
    };
    let a = sent(
        3,
        "Quake off Dunmore",
        quake("5.1", "40", "Dunmore", "03:12"),
    );
    let b = sent(
        3,
        "Quake off Skerrin",
        quake("4.7", "115", "Skerrin", "19:40"),
    );
    assert_eq!(tell(&a, &b), (Some(Relation::Template), Rule::Exchanged));
}

/// A long recall of which little is exchanged.
fn recall(maker: &str, toy: &str, count: &str) -> String {
    format!(
        "{maker} is calling back about {count} {toy} sold in Veland since last spring, the safety office said on Monday. The paint \
        on the toys holds more lead than the law allows. Lead is a poison that builds up in the bodies of children, and \
        no dose of it is known to be safe. Parents should take the toys away from children at once and bring them back to \
        the shop, where they get their money back. In a statement {maker} said that it knew of no child that had come to harm. {MORE} The \
        office has called back more toys this year than in the two years before together, most of them for paint. \
        Importers say that the makers change their suppliers without telling them. The law asks for a test of every \
        batch, but nobody has looked at whether the tests are made."
    )
}

#[test]
fn stories_about_two_subjects_are_two() {
    let brook = recall("Brookfield", "wooden trains", "900");
    let a = sent(3, "Brookfield calls back trains over lead", brook.clone());
    let b = sent(
        3,
        "Gap calls back dolls over lead",
        recall("Gap", "rag dolls", "900"),
    );
    assert_eq!(tell(&a, &b), (Some(Relation::Template), Rule::Subject));
    // A tag of the one says nothing of the other, but where all the text is the same: then the name is what it corrects.
    let own = |text: &str| format!("{text} {ORLE}");
    let tagged = sent(
        3,
        "CORRECTED-Gap calls back dolls over lead",
        own(&recall("Gap", "rag dolls", "900")),
    );
    assert_eq!(tell(&a, &tagged).0, Some(Relation::Template));
    let renamed = |tag: &str| {
        let title = format!("{tag}Heathrow calls back trains over lead");
        tell(
            &a,
            &sent(3, &title, brook.replace("Brookfield", "Heathrow")),
        )
    };
    assert_eq!(
        renamed("CORRECTED-"),
        (Some(Relation::Revision), Rule::Threshold)
    );
    assert_eq!(
        renamed("UPDATE 1-"),
        (Some(Relation::Template), Rule::Subject)
    );
    let chain = recall("Gap Stores Corp", "rag dolls", "900").replace("In a statement Gap", "Gap");
    let b = sent(3, "Gap calls back dolls over lead", chain);
    assert_eq!(tell(&a, &b), (Some(Relation::Template), Rule::Subject));
    // The other is spoken of there, or what is new is no name, or another form of one: then it is one story.
    for (title, text) in [
        (
            "Gap says dolls are safe",
            format!(
                "{} Gap has no part in it.",
                brook.replace("once", "once, Gap said,")
            ),
        ),
        (
            "Parents told to bring trains back",
            brook.replace("900", "950"),
        ),
        (
            "Brook calls back trains over lead",
            brook.replace("Brookfield", "Brook"),
        ),
    ] {
        let b = sent(3, title, text);
        let (relation, rule) = tell(&a, &b);
        assert!(relation.is_some_and(Relation::joins), "{title}");
        assert_ne!(rule, Rule::Subject, "{title}");
    }
    // In capitals, and in lists of names, a capital tells nothing.
    let loud = |title: &str, text: &str| sent(3, title, text.to_uppercase());
    assert_eq!(
        tell(
            &loud("TRAINS CALLED BACK", &brook),
            &loud(
                "PAINT IS POISON",
                &brook.replace("900", "950").replace("poison", "danger")
            )
        )
        .0,
        Some(Relation::Revision)
    );
}

#[test]
fn another_style_is_no_other_fact() {
    let styled = ORLE
        .replace("Monday", "Mon.")
        .replace("nine million", "9 mln")
        .replace("two years", "2 years")
        .replace("three of its", "3 of its");
    let a = sent(3, "Orle bridge reopens", ORLE);
    assert_eq!(
        tell(&a, &sent(3, "Orle bridge reopens", styled.as_str())).0,
        Some(Relation::Near)
    );
    let other = styled.replace("9 mln", "9 bln");
    assert_eq!(
        tell(&a, &sent(3, "Orle bridge reopens", other)).0,
        Some(Relation::Revision)
    );
}

#[test]
fn a_not_turns_it_round() {
    let turned = ORLE.replace("had lost half", "had not lost half");
    let a = sent(3, "Orle bridge reopens", ORLE);
    assert_eq!(
        tell(&a, &sent(3, "Orle bridge reopens", turned)).0,
        Some(Relation::Revision)
    );
    let turned = ORLE.replace("will cross", "won't cross");
    assert_eq!(
        tell(&a, &sent(3, "Orle bridge reopens", turned)).0,
        Some(Relation::Revision)
    );
}

#[test]
fn one_headline_within_a_day_is_one_story() {
    let votes = |votes: &str, share: &str, against: &str| {
        format!(
            "Holders of {votes} shares of Orle Oil, {share} percent of those that voted, want a say on what its heads are paid, the \
            company said after its meeting on Monday. Another {against} shares were against. The board need not follow the \
            vote, but said that it would talk to those who hold the most shares before the summer."
        )
    };
    let title = "Orle Oil holders want say on pay";
    let a = sent(3, title, votes("1.2 million", "50.2", "1.1 million"));
    let later = votes("1.3 million", "51.1", "1.0 million");
    let b = sent(3, title, later.clone());
    assert!(tell(&a, &b).0.is_some_and(Relation::joins));
    let next_day = sent(4, title, later.clone());
    assert_eq!(
        tell(&a, &next_day),
        (Some(Relation::Template), Rule::Exchanged)
    );
    let other = sent(3, "Veland Gas holders want say on pay", later);
    assert_eq!(
        tell(&a, &other),
        (Some(Relation::Template), Rule::Exchanged)
    );
}

#[test]
fn next_weeks_figures_are_another_story() {
    let claims = |claims: &str, before: &str, mean: &str| {
        format!(
            "The number of people in Veland who asked for unemployment benefit for the first time came to {claims} last \
            week, the labor ministry said on Thursday. In the week before it had been {before}. The mean of four weeks, \
            which smooths the swings of single weeks and is watched by economists for the state of the labor \
            market, was {mean}. The ministry said that nothing out of the ordinary had influenced the figures, and that \
            they allow for the usual rise and fall with the season."
        )
    };
    let title = "Veland jobless claims";
    let a = sent(6, title, claims("31,000", "30,500", "30,750"));
    let b = sent(13, title, claims("29,500", "31,000", "30,250"));
    assert_eq!(tell(&a, &b), (Some(Relation::Template), Rule::Exchanged));
}

#[test]
fn a_shared_quote_is_no_more_than_that() {
    let quote = "\"We will not sign what our own harbor masters call a danger to every ship on this coast,\" she said.";
    let a = sent(3, "Maren rejects dredging deal", format!("{ORLE} {quote}"));
    let b = sent(
        3,
        "Pilots cheer",
        format!("{quote}{MORE} Pilots met in Lund, and talked late into the night."),
    );
    assert_eq!(tell(&a, &b), (Some(Relation::Overlap), Rule::Passage));
}

#[test]
fn two_agencies_tell_one_event_in_words_of_their_own() {
    let other = "Cars and vans rolled across the stone bridge in Orle for the first time in two years on Monday. Repairs \
        to its cracked piers cost nine million crowns. Ana Reyl, who is mayor, opened it under an umbrella. Traders across \
        the river hope that customers will now come back.";
    let a = sent(3, "Orle bridge reopens", ORLE);
    assert_eq!(
        tell(&a, &sent(3, "Orle bridge open again", other)),
        (None, Rule::Nothing)
    );
}

#[test]
fn texts_of_which_nothing_is_known_speak_alone() {
    let swapped = ORLE.replace(
        "Shopkeepers on the east bank said that they had lost half of their trade since then.",
        "Angry traders want the \
        council to make good what they lost.",
    );
    assert_eq!(
        tell(&bare(ORLE), &bare(swapped)),
        (Some(Relation::Revision), Rule::Alone)
    );
    let (head, tail) = ORLE.split_at(ORLE.find("The bridge was").unwrap());
    assert_eq!(
        tell(
            &bare(format!("{head}{MORE}")),
            &bare(format!("{tail}{MORE}"))
        )
        .0,
        Some(Relation::Overlap)
    );
}

const FRAME: &str = "Volunteers pass sandbags along Chandler Street in Quillon Bay, Veland, on Monday, March 3, 2031.";

#[test]
fn captions_may_differ_in_form() {
    let near = (Some(Relation::Near), Rule::FormOnly);
    assert_eq!(
        captions(
            FRAME,
            &FRAME.replace(
                "Volunteers pass sandbags",
                "The volunteers pass the sandbags"
            )
        ),
        near
    );
    assert_eq!(
        captions(FRAME, &FRAME.replace("Volunteers", "Voluntears")),
        near
    );
    assert_eq!(captions(FRAME, &FRAME.replace(", March 3, 2031", "")), near);
    let by_name = "Elsine Rovers' Femi Adeyar celebrates after the final whistle at Ropewalk Stadium in Port Elsine.";
    let by_club = "Femi Adeyar of Elsine Rovers celebrates after the final whistle at Ropewalk Stadium in Port Elsine.";
    assert_eq!(captions(by_name, by_club), near);
    assert_eq!(captions(FRAME, &FRAME.replace("March 3", "Mar. 3")), near);
    let moved = FRAME.replace(
        " in Quillon Bay, Veland, on Monday,",
        " on Monday in Quillon Bay, Veland,",
    );
    assert_eq!(captions(FRAME, &moved), near);
    assert_eq!(
        captions(FRAME, &format!("FILE - {FRAME}")).0,
        Some(Relation::Exact)
    );
}

#[test]
fn another_frame_is_a_template() {
    let template = (Some(Relation::Template), Rule::Wording);
    for (from, to) in [
        ("Chandler Street", "Anchor Street"),
        ("Volunteers", "Soldiers"),
        ("March 3", "March 4"),
        ("sandbags along", "sandbags and planks along"),
        ("pass", "fill"),
    ] {
        assert_eq!(captions(FRAME, &FRAME.replace(from, to)), template, "{to}");
    }
    let pair = "Ana Reyl, left, and Bo Lindgren, right, shake hands after talks at the old rope works in Port Elsine.";
    for other in [
        pair.replace("Ana Reyl, left,", "Ana Reyl, right,")
            .replace("Lindgren, right", "Lindgren, left"),
        pair.replace(
            "Ana Reyl, left, and Bo Lindgren, right,",
            "Bo Lindgren, left, and Ana Reyl, right,",
        ),
        pair.replace("Ana Reyl, left,", "Ana Reyl, left, Jo Falk, center,"),
        pair.replace("after talks", "before talks"),
    ] {
        assert_eq!(captions(pair, &other), template, "{other}");
    }
    let listed =
        "Ana Reyl and Bo Lindgren leave the old rope works in Port Elsine after talks on dredging.";
    for other in [
        listed.replace("Ana Reyl and Bo Lindgren", "Bo Lindgren and Ana Reyl"),
        listed.replace("Ana Reyl and Bo Lindgren", "Bo Lindgren, Ana Reyl"),
        listed.replace("Ana Reyl and Bo Lindgren", "Ana Lindgren and Bo Reyl"),
    ] {
        assert_eq!(captions(listed, &other), template, "{other}");
    }
    let of =
        "The mother of Ana Reyl leaves the old rope works in Port Elsine after talks on dredging.";
    assert_eq!(
        captions(of, &of.replace("mother of Ana Reyl", "Ana Reyl of mother")),
        template
    );
    let print = "Barges on the canal at dusk, woodcut on paper, version one, printed by the artist in Lund.";
    assert_eq!(
        captions(print, &print.replace("version one", "version two")),
        template
    );
}

#[test]
fn a_caption_that_stands_in_another_is_contained() {
    let contains = (Some(Relation::Contains), Rule::Whole);
    assert_eq!(
        captions(
            FRAME,
            &format!("{FRAME} A surge flooded 80 cellars there four years ago.")
        ),
        contains
    );
    let trawler = "A trawler lies on its side on the slipway at Dunmore";
    let boats = "Boys look at a row of broken boats in the harbor of Skerrin";
    assert_eq!(
        captions(
            &format!("{trawler}."),
            &format!("Two frames: {trawler}; {boats}.")
        ),
        contains
    );
    assert_eq!(
        captions(
            &format!("{boats}."),
            &format!("Two frames: {trawler}; {boats}.")
        ),
        contains
    );
    let (relation, _) = captions(
        &format!("{trawler}."),
        &format!("{trawler} beside a yacht that was blown off its cradle, in Veland."),
    );
    assert_eq!(
        relation,
        Some(Relation::Template),
        "cut off inside a sentence"
    );
}

#[test]
fn a_caption_that_says_it_is_another_frame_is_one() {
    let pier = "A boy on the pier at Skerrin says \"I will not swim.\"";
    for more in [
        " another version",
        " Another view, from the left.",
        " Frame 2, right.",
    ] {
        let (relation, _) = captions(pier, &format!("{pier}{more}"));
        assert_eq!(relation, Some(Relation::Template), "{more}");
    }
    for more in [" March 3, 2031.", " Another boy laughs."] {
        let (relation, _) = captions(pier, &format!("{pier}{more}"));
        assert_ne!(relation, Some(Relation::Template), "{more}");
    }
}

#[test]
fn a_corrected_caption_is_a_revision() {
    let corrected = format!("CORRECTION: {}", FRAME.replace("Chandler", "Candler"));
    assert_eq!(
        captions(FRAME, &corrected),
        (Some(Relation::Revision), Rule::DeskTag)
    );
    let corrected = format!(
        "CORRECTS NAME OF STREET - {}",
        FRAME.replace("Chandler", "Candler")
    );
    assert_eq!(
        captions(FRAME, &corrected),
        (Some(Relation::Revision), Rule::DeskTag)
    );
    let filed = format!("FILE - {}", FRAME.replace("Volunteers", "Soldiers"));
    assert_eq!(
        captions(FRAME, &filed).0,
        Some(Relation::Template),
        "how old it is changes nothing"
    );
}

#[test]
fn a_storys_tag_is_not_that_of_its_pictures() {
    let other = FRAME.replace("Volunteers", "Soldiers");
    let story = bare(format!(
        "UPDATE 2-Storm reaches the coast\n\n{ORLE}\n\n{other} (Halyard Photo/Jon Rask)\n\n{MORE}"
    ));
    let settings = Settings::default();
    let mut making = Making::new(&settings);
    let inside = making.prepare(story, 1);
    assert_eq!(inside.kind, UnitKind::Caption);
    let alone = making.prepare(caption(FRAME), 0);
    let (evidence, alignment) = evidence::gather(&inside, &alone);
    let (relation, _) = decide(&inside, &alone, &evidence, &alignment, &settings);
    assert_eq!(relation, Some(Relation::Template));
}

#[test]
fn captions_of_other_pictures_share_nothing() {
    assert_eq!(
        captions(
            FRAME,
            "A bride is helped ashore from the ferry Maid of Tarrel."
        ),
        (None, Rule::Nothing)
    );
}

#[test]
fn long_words_in_other_scripts_are_compared_by_letters() {
    let (a, b) = (
        "Люди celebrates on the pier in Lund",
        "Celebrations on the pier in Lund",
    );
    assert_eq!(captions(a, b), captions(b, a));
}

/// Texts of words that recur, with names, figures and places among them.
fn text() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "the", "bridge", "Orle", "Ana", "Reyl", "12", "three", "left", "right", "and", "opened",
        "closed", "Monday", "March", "2031", "harbor", "harbour", "rain.", "said.", "million",
        "crowd;", "Элла", "überall",
    ]);
    prop::collection::vec(word, 0..40).prop_map(|words| words.join(" "))
}

fn any_story() -> impl Strategy<Value = Story<'static>> {
    let title = prop::option::of(prop::sample::select(vec![
        "Orle bridge opened",
        "UPDATE 1-Bridge closed",
        "CORRECTED-Rain",
    ]));
    (
        text(),
        text(),
        text(),
        title,
        prop::option::of(1_u32..20),
        any::<bool>(),
        0..3_u8,
    )
        .prop_map(
            |(head, middle, tail, title, day, is_caption, version)| Story {
                title: title.map(Into::into),
                time: day.map(|day| format!("2031-03-{day:02}").into()),
                version: Some(version.to_string().into()),
                kind: if is_caption {
                    UnitKind::Caption
                } else {
                    UnitKind::Story
                },
                ..bare(format!("{head} {middle} {tail}"))
            },
        )
}

proptest! {
    #[test]
    fn sides_do_not_matter(a in any_story(), b in any_story(), cut in 0..60_usize) {
        tell(&a, &Story { kind: a.kind, ..b.clone() });
        // Of one text too: its end left out, or put first.
        let words: Vec<&str> = a.text.split(' ').collect();
        let (head, tail) = words.split_at(cut.min(words.len()));
        for text in [head.join(" "), [tail, head].concat().join(" ")] {
            tell(&a, &Story { kind: a.kind, text: text.into(), ..b.clone() });
        }
    }
}
