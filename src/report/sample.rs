//! A small outcome made by hand, for the tests of this room.

use std::time::Duration;

use crate::group::{Group, Member, MemberLink};
use crate::pipeline::{Outcome, Stats};
use crate::read::Rejection;
use crate::story::{Story, StoryId, Unit, UnitId, UnitKind};
use crate::verify::{Link, Relation, Span};

/// Stories 0, 1 and 3 repeat each other, story 2 is alone and story 1's caption recurs in story 3.
#[allow(clippy::too_many_lines)] // data, in one piece
pub fn outcome() -> (Vec<Story<'static>>, Outcome) {
    let mut stories = vec![
        Story::new(
            "ap-1",
            "The bridge at Orle reopened on Monday after repairs.",
        ),
        Story::new(
            "ap-2",
            "The bridge at Orle has reopened on Monday after repairs.",
        ),
        Story::new(
            "x\"\u{1b}[31m\u{202e}",
            "洪水のため閉鎖されていた橋が再開した。",
        ),
        Story::new(
            "ap-9",
            "The bridge at Orle reopened on Monday after repairs.",
        ),
    ];
    stories[0].title = Some("Bridge reopens \u{7}\nat Orle".into());
    stories[0].time = Some("2024-03-01T10:00:00Z".into());
    let unit = |story, kind, caption| Unit {
        story: StoryId(story),
        kind,
        caption,
        tokens: 9,
    };
    let units = vec![
        unit(0, UnitKind::Story, 0),
        unit(1, UnitKind::Story, 0),
        unit(1, UnitKind::Caption, 1),
        unit(2, UnitKind::Story, 0),
        unit(3, UnitKind::Story, 0),
        unit(3, UnitKind::Caption, 1),
    ];
    let link = |a, b, relation, shared| Link {
        a: UnitId(a),
        b: UnitId(b),
        relation,
        shared,
        size_a: 12,
        size_b: 11,
        spans: vec![Span(0, 18, 0, 18), Span(18, 52, 22, 56)],
        reason: crate::verify::relation::Reason::plain(
            crate::verify::relation::Rule::Threshold,
            0,
            0,
            0,
        ),
    };
    let mut exact = link(0, 4, Relation::Exact, 12);
    exact.size_b = 12;
    let links = vec![
        link(0, 1, Relation::Near, 10),
        exact,
        link(2, 5, Relation::Near, 9),
    ];
    let member = |unit, tie: Option<(usize, &Link)>| Member {
        unit: UnitId(unit),
        link: tie.map(|(to, link)| MemberLink {
            to,
            link: link.clone(),
        }),
    };
    let groups = vec![
        Group {
            name: "g-000000000001".into(),
            kind: UnitKind::Story,
            members: vec![
                member(0, None),
                member(1, Some((0, &links[0]))),
                member(4, Some((0, &links[1]))),
            ],
            representative: 0,
            weakest: links[0].jaccard(),
        },
        Group {
            name: "g-000000000002".into(),
            kind: UnitKind::Caption,
            members: vec![member(2, None), member(5, Some((0, &links[2])))],
            representative: 1,
            weakest: links[2].jaccard(),
        },
    ];
    let outcome = Outcome {
        units,
        links,
        groups,
        rejections: vec![Rejection {
            path: "a.jsonl".into(),
            line: Some(7),
            byte: None,
            reason: "no text".into(),
            next: "give it one",
            record: b"{}".to_vec(),
        }],
        known: 0,
        decided: crate::decide::constrain::Decided::default(),
        stats: Stats {
            stories: 4,
            bytes: 2_500_000,
            story_units: 4,
            caption_units: 2,
            empty_units: 0,
            candidates: 4,
            left_out: 0,
            capped_keys: 1,
            elapsed: Duration::from_millis(250),
        },
    };
    (stories, outcome)
}
