/*!
A unit that a finding names → what a list says of it: headline or opening, outlet, time.

Everything here is on one line, escaped and short.
*/

use super::super::cells::shorten;
use super::super::compare::one_line;
use super::findings::Named;
use crate::read::time;
use crate::story::{Corpus, Story, UnitKind};
use crate::verify::prepared::{Making, Prepared};

/// Cells of a headline or an opening that are kept.
const TITLE: usize = 140;
/// Cells of any other field.
const FIELD: usize = 80;
/// Words of an opening, where there is no headline.
const OPENING: usize = 24;

/// What a list says of a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The headline; of a caption, and of a story without one, the opening words.
    pub title: String,
    /// The source; where the input names none, the file, or the folder of a file that is one story.
    pub outlet: String,
    /// Seconds since 1970.
    pub seconds: Option<i64>,
    /// The version, as the input writes it.
    pub version: Option<String>,
}

impl Facts {
    /// Looks at the story again; of one that is no longer there, only what the finding itself says is known.
    pub fn of<C: Corpus + ?Sized>(
        corpus: &C,
        making: &mut Making<'_>,
        kind: UnitKind,
        named: &Named,
    ) -> Self {
        let story = named.story.map(|id| corpus.story(id)).unwrap_or_default();
        let title = match title(&story) {
            Some(title) if kind == UnitKind::Story => shorten(&title, TITLE),
            _ if named.story.is_some() => opening(&making.prepare(story.clone(), named.which)),
            _ => String::new(),
        };
        Self {
            title,
            version: story
                .version
                .as_deref()
                .map(|v| shorten(&one_line(v), FIELD)),
            ..Self::of_story(&story, named)
        }
    }

    /// Outlet and time alone, which cost no look at the words.
    pub fn brief<C: Corpus + ?Sized>(corpus: &C, named: &Named) -> Self {
        let story = named.story.map(|id| corpus.story(id)).unwrap_or_default();
        Self::of_story(&story, named)
    }

    fn of_story(story: &Story<'_>, named: &Named) -> Self {
        let written = story.time.as_deref().or(named.time.as_deref());
        let source = story.source.as_deref().map(str::trim);
        let outlet = source
            .filter(|s| !s.is_empty())
            .unwrap_or_else(|| place(named));
        Self {
            outlet: shorten(&one_line(outlet), FIELD),
            seconds: written.and_then(time::parse),
            ..Self::default()
        }
    }
}

/// The headline, where there is one.
fn title(story: &Story<'_>) -> Option<String> {
    let title = one_line(story.title.as_deref()?);
    (!title.is_empty()).then_some(title)
}

/// The first words that are compared, as they stand.
fn opening(unit: &Prepared<'_>) -> String {
    let words = unit.bytes(0..OPENING.min(unit.words().len()));
    shorten(&one_line(words.of(&unit.story.text)), TITLE)
}

/// Where a story without a source comes from.
fn place(named: &Named) -> &str {
    match (named.line, named.path.rsplit_once(['/', '\\'])) {
        (None, Some((folder, _))) => folder,
        _ => &named.path,
    }
}

/// Where a unit stands, as `path:line`.
pub fn spot(named: &Named) -> String {
    match named.line {
        Some(line) => format!("{}:{line}", named.path),
        None => named.path.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;
    use crate::story::StoryId;

    fn facts(story: &Story<'static>, path: &str, line: Option<u64>) -> Facts {
        let settings = Settings::default();
        let named = Named {
            id: story.id.to_string(),
            path: path.to_owned(),
            line,
            time: None,
            story: Some(StoryId(0)),
            which: 0,
        };
        let stories = [story.clone()];
        Facts::of(
            &stories[..],
            &mut Making::new(&settings),
            story.kind,
            &named,
        )
    }

    #[test]
    fn a_story_without_source_and_headline_has_its_place_and_its_opening() {
        let story = Story::new("a", "ORLE (MW) - The bridge\nreopened on Monday.");
        let found = facts(&story, "sites/orle/a.txt", None);
        assert_eq!(found.outlet, "sites/orle");
        assert_eq!(found.title, "The bridge reopened on Monday");
        assert_eq!(
            facts(&story, "feed/a.jsonl", Some(3)).outlet,
            "feed/a.jsonl"
        );
    }

    #[test]
    fn what_a_story_says_of_itself_goes_first() {
        let story = Story {
            title: Some("Bridge \u{1b}[2J reopens".into()),
            source: Some("Meridian".into()),
            time: Some("2031-03-03T10:00:00Z".into()),
            ..Story::new("a", "The bridge reopened.")
        };
        let found = facts(&story, "a.jsonl", Some(1));
        assert_eq!(found.title, "Bridge \\u{1b}[2J reopens");
        assert_eq!(found.outlet, "Meridian");
        assert!(found.seconds.is_some());
    }
}
