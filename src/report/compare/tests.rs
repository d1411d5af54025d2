//! What a reader is shown.

use super::*;
use crate::Settings;
use crate::story::Story;
use crate::verify::prepared::Making;

const LEAD: &str = "By Ana Reyl\n\nORLE, March 3 (Halyard) - The old bridge at Orle reopened to traffic on Monday after \
    repairs that took 14 months and cost 5.4 million crowns, Mayor Jon Ferro said.";
const CROWD: &str = "Crowds lined both banks of the river from early morning, and a brass band from the shipyard played on \
    the quay while the first buses crossed with their lamps lit.";

fn story<'a>(id: &'a str, title: &'a str, time: &'a str, text: &'a str) -> Story<'a> {
    Story {
        title: Some(title.into()),
        time: Some(time.into()),
        source: Some("Halyard".into()),
        ..Story::new(id, text)
    }
}

fn name(id: &str) -> Name {
    Name {
        id: id.to_owned(),
        place: "wire/day.jsonl:7".to_owned(),
    }
}

fn compared<T>(a: Story<'_>, b: Story<'_>, use_it: impl FnOnce(&Comparison<'_>) -> T) -> T {
    let settings = Settings::default();
    let mut making = Making::new(&settings);
    let (a, b) = (making.prepare(a, 0), making.prepare(b, 0));
    use_it(&Comparison::new(&making, a, b, &settings))
}

fn shown(page: Page, a: Story<'_>, b: Story<'_>) -> String {
    let names = [name(&a.id), name(&b.id)];
    compared(a, b, |c| {
        let mut out = Vec::new();
        page.write(&mut out, c, [&names[0], &names[1]]).unwrap();
        String::from_utf8(out).unwrap()
    })
}

fn texts() -> [String; 2] {
    let newer = LEAD.replace("5.4", "6.1").replace("Jon Ferro", "Ida Holm");
    [
        format!("{LEAD}\n\n{CROWD}"),
        format!("{newer}\n\n{CROWD}\n\nThe ferry stops on Friday."),
    ]
}

fn page(width: usize, color: bool) -> String {
    let [a, b] = texts();
    shown(
        Page::new(width, color),
        story("h-1", "Bridge at Orle reopens", "2031-03-03T10:00Z", &a),
        story(
            "h-2",
            "UPDATE 1-Bridge at Orle reopens",
            "2031-03-03T13:00Z",
            &b,
        ),
    )
}

#[test]
fn a_page_of_80_cells_without_colour() {
    insta::assert_snapshot!(page(80, false), @r#"
    A  h-1  Bridge at Orle reopens
       2031-03-03T10:00Z · Halyard · wire/day.jsonl:7
    B  h-2  UPDATE 1-Bridge at Orle reopens
       2031-03-03T13:00Z · Halyard · UPDATE 1 · wire/day.jsonl:7

    revision: the desk's tag “UPDATE 1” says that it is a later version; 52 of 56
    words of the shorter run in the longer, and the headlines share 3 of 3 words, 3
    hours apart

                                  A        B
    words                        56       61
    in shared runs               52       52
    contained in the other    0.788    0.719
    Jaccard similarity        0.602
    longest common run           31 words
    headline in common            3 of 3
    time apart                    3 hours

    numbers      5.4 → 6.1
    names        Jon Ferro → Ida Holm

    ⟦in both⟧   *differs*   ‹not compared›

    ── A ───────────────────────────────────────────────────────────────────────────
    ‹By Ana Reyl›

    ‹ORLE, March 3 (Halyard) -› ⟦The old bridge at Orle reopened to traffic on
    Monday after repairs that took 14 months and cost⟧ *5.4* ⟦million crowns, Mayor⟧
    *Jon* *Ferro* ⟦said.⟧

    ⟦Crowds lined both banks of the river from early morning, and a brass band from
    the shipyard played on the quay while the first buses crossed with their lamps
    lit⟧.

    ── B ───────────────────────────────────────────────────────────────────────────
    ‹By Ana Reyl›

    ‹ORLE, March 3 (Halyard) -› ⟦The old bridge at Orle reopened to traffic on
    Monday after repairs that took 14 months and cost⟧ *6.1* ⟦million crowns, Mayor⟧
    *Ida* *Holm* ⟦said.⟧

    ⟦Crowds lined both banks of the river from early morning, and a brass band from
    the shipyard played on the quay while the first buses crossed with their lamps
    lit⟧.

    The ferry stops on Friday.
    "#);
}

#[test]
fn a_page_of_80_cells_in_colour() {
    insta::assert_snapshot!(page(80, true).replace('\u{1b}', "^"), @r#"
    ^[1mA^[0m  ^[36mh-1^[0m  ^[1mBridge at Orle reopens^[0m
       ^[2m2031-03-03T10:00Z · Halyard · wire/day.jsonl:7^[0m
    ^[1mB^[0m  ^[36mh-2^[0m  ^[1mUPDATE 1-Bridge at Orle reopens^[0m
       ^[2m2031-03-03T13:00Z · Halyard · UPDATE 1 · wire/day.jsonl:7^[0m

    ^[1m^[32mrevision^[0m: the desk's tag “UPDATE 1” says that it is a later version; 52 of 56
    words of the shorter run in the longer, and the headlines share 3 of 3 words, 3
    hours apart

                                  A        B
    ^[2mwords                 ^[0m       56       61
    ^[2min shared runs        ^[0m       52       52
    ^[2mcontained in the other^[0m    0.788    0.719
    ^[2mJaccard similarity    ^[0m    0.602
    ^[2mlongest common run    ^[0m       31 words
    ^[2mheadline in common    ^[0m        3 of 3
    ^[2mtime apart            ^[0m        3 hours

    ^[2mnumbers    ^[0m  5.4 → 6.1
    ^[2mnames      ^[0m  Jon Ferro → Ida Holm

    ^[2mon green: in both   bold: differs   dim: not compared^[0m

    ^[2m── A ───────────────────────────────────────────────────────────────────────────^[0m
    ^[2mBy Ana Reyl^[0m

    ^[2mORLE, March 3 (Halyard) - ^[0m^[30m^[42mThe old bridge at Orle reopened to traffic on Monday^[0m
    ^[30m^[42mafter repairs that took 14 months and cost^[0m ^[1m^[33m5.4^[0m ^[30m^[42mmillion crowns, Mayor^[0m ^[1m^[33mJon^[0m ^[1m^[33mFerro^[0m
    ^[30m^[42msaid.^[0m

    ^[30m^[42mCrowds lined both banks of the river from early morning, and a brass band from^[0m
    ^[30m^[42mthe shipyard played on the quay while the first buses crossed with their lamps^[0m
    ^[30m^[42mlit^[0m.

    ^[2m── B ───────────────────────────────────────────────────────────────────────────^[0m
    ^[2mBy Ana Reyl^[0m

    ^[2mORLE, March 3 (Halyard) - ^[0m^[30m^[42mThe old bridge at Orle reopened to traffic on Monday^[0m
    ^[30m^[42mafter repairs that took 14 months and cost^[0m ^[1m^[33m6.1^[0m ^[30m^[42mmillion crowns, Mayor^[0m ^[1m^[33mIda^[0m ^[1m^[33mHolm^[0m
    ^[30m^[42msaid.^[0m

    ^[30m^[42mCrowds lined both banks of the river from early morning, and a brass band from^[0m
    ^[30m^[42mthe shipyard played on the quay while the first buses crossed with their lamps^[0m
    ^[30m^[42mlit^[0m.

    The ferry stops on Friday.
    "#);
}

#[test]
fn a_wide_page_has_two_columns() {
    let text = page(110, false);
    let (_, texts) = text.split_once("‹not compared›\n").unwrap();
    insta::assert_snapshot!(texts, @r#"
    ‹By Ana Reyl›                                         │ ‹By Ana Reyl›
                                                          │
    ‹ORLE, March 3 (Halyard) -› ⟦The old bridge at Orle   │ ‹ORLE, March 3 (Halyard) -› ⟦The old bridge at Orle
    reopened to traffic on Monday after repairs that took │ reopened to traffic on Monday after repairs that took
    14 months and cost⟧ *5.4* ⟦million crowns, Mayor⟧     │ 14 months and cost⟧ *6.1* ⟦million crowns, Mayor⟧
    *Jon* *Ferro* ⟦said.⟧                                 │ *Ida* *Holm* ⟦said.⟧
                                                          │
    ⟦Crowds lined both banks of the river from early      │ ⟦Crowds lined both banks of the river from early
    morning, and a brass band from the shipyard played on │ morning, and a brass band from the shipyard played on
    the quay while the first buses crossed with their     │ the quay while the first buses crossed with their
    lamps lit⟧.                                           │ lamps lit⟧.
                                                          │
                                                          │ The ferry stops on Friday.
    "#);
}

#[test]
fn no_line_is_wider_than_the_page() {
    for width in [40, 57, 80, 100, 133, 250] {
        for line in page(width, false).lines() {
            assert!(line.width() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn long_shared_text_is_folded_unless_all_is_wanted() {
    let long: Vec<String> = (0..6)
        .map(|i| CROWD.replace("river", &format!("river{i}")))
        .collect();
    let a = long.join("\n\n");
    let b = format!("{a}\n\nThe ferry stops on Friday.");
    let make = |page: Page| shown(page, Story::new("a", &*a), Story::new("b", &*b));
    let folded = make(Page::new(80, false));
    assert_eq!(folded.matches("words the same …").count(), 2, "{folded}");
    assert!(folded.contains("river0") && folded.contains("river5") && !folded.contains("river2"));
    assert!(make(Page::new(80, false).full()).contains("river2"));
    // One paragraph is folded in its middle.
    let (a, b) = (a.replace("\n\n", " "), b.replace("\n\n", " "));
    let folded = shown(
        Page::new(80, false),
        Story::new("a", &*a),
        Story::new("b", &*b),
    );
    assert_eq!(folded.matches("words the same …").count(), 2, "{folded}");
    assert_eq!(folded.matches('⟦').count(), 3, "{folded}");
}

#[test]
fn nothing_from_a_story_steers_the_terminal() {
    let hostile = "\u{1b}]0;owned\u{7}The bridge\u{202e} at \u{9b}31mOrle reopened on Monday\u{1b}[2J after repairs.\u{2028}End";
    let mut a = story("\u{1b}[31m", "T\u{1b}c\ntwo", "\u{1b}[1m", hostile);
    a.version = Some("\u{1b}[7m".into());
    for width in [80, 140] {
        let text = shown(Page::new(width, false), a.clone(), Story::new("b", hostile));
        assert!(
            !text
                .chars()
                .any(|c| c != '\n' && super::super::escape::steers(c)),
            "{text:?}"
        );
    }
}

#[test]
fn captions_show_what_tells_them_apart() {
    let caption = |text: &'static str| Story {
        kind: UnitKind::Caption,
        ..Story::new("c", text)
    };
    let text = shown(
        Page::new(80, false),
        caption(
            "Ida Holm, left, waves from the bridge in Orle on Monday, March 3, 2031. (Halyard/Jon Ferro)",
        ),
        caption(
            "Ida Holm, right, waves from the bridge in Orle on Monday, March 3, 2031. (Halyard/Jon Ferro)",
        ),
    );
    assert!(text.contains("template: "), "{text}");
    assert!(text.contains("positions    left → right"), "{text}");
    assert!(
        text.contains("*left*") && text.contains("*right*"),
        "{text}"
    );
}

#[test]
fn every_reason_is_a_sentence() {
    let said = |a: &str, b: &str| compared(Story::new("a", a), Story::new("b", b), sentence);
    insta::assert_snapshot!(said(CROWD, CROWD), @"exact: all 30 words are the same, in the same order");
    insta::assert_snapshot!(said(CROWD, ""), @"distinct: the second text has no word to compare");
    insta::assert_snapshot!(said(CROWD, LEAD), @"distinct: no run of words is shared");
    let [a, b] = texts();
    insta::assert_snapshot!(said(&a, &b), @"revision: 52 of 56 words of the shorter run in the longer; 1 figure and 1 name differ, and 9 words of the longer are not in the shorter");
    insta::assert_snapshot!(page(200, false).lines().nth(5).unwrap(), @"revision: the desk's tag “UPDATE 1” says that it is a later version; 52 of 56 words of the shorter run in the longer, and the headlines share 3 of 3 words, 3 hours apart");
    let half = format!("{CROWD} {}", LEAD.replace(' ', " x"));
    insta::assert_snapshot!(said(&half, CROWD), @"contains: 30 of 30 words of the shorter run in the longer; the shorter runs in the longer as a whole");
}

#[test]
fn figures_are_taken_whole() {
    let [a, b] = texts();
    compared(Story::new("a", &*a), Story::new("b", &*b), |c| {
        let edit = &c.alignment.edits[0];
        assert_eq!(shown_side(&c.a, edit.a.clone()), "5.4");
        assert_eq!(shown_side(&c.b, edit.b.clone()), "6.1");
    });
}

#[test]
fn a_row_fits_its_line() {
    let [a, b] = texts();
    let rows = compared(Story::new("a", &*a), Story::new("b", &*b), |c| {
        let mut out = Vec::new();
        let page = Page::new(60, false);
        page.write_row(&mut out, c, ["h-1", "a-very-long-identifier-of-a-story"])
            .unwrap();
        String::from_utf8(out).unwrap()
    });
    insta::assert_snapshot!(rows, @"revision  0.602  0.788  h-1         a-very-lo…  alone");
}
