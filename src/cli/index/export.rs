//! What an index holds as JSON lines: groups and links in the form of `samewire group`, stories in a form that is read again.

use std::path::Path;

use anyhow::Result;
use samewire::index::store::{Index, StoredUnit};
use samewire::pipeline::Outcome;
use samewire::report::json;
use samewire::story::{Corpus, Origin};
use samewire::verify::Link;
use samewire::{Story, StoryId, Unit, UnitFilter, UnitId, group};
use serde_json::json;

use crate::cli::args::index::ExportArgs;
use crate::cli::output::{self, Output};

/// Writes one of them.
pub fn run(args: &ExportArgs) -> Result<()> {
    let place = args.output.as_deref().unwrap_or(Path::new("-"));
    output::check(&[], &[], &[Some(place)])?;
    let index = Index::open_to_read(&args.directory)?;
    let mut out = Output::to(place)?;
    if args.stories {
        write_stories(&index, &mut out)?;
    } else {
        let (corpus, outcome) = load(&index)?;
        if args.links {
            json::links(&mut out, &corpus, &outcome)?;
        } else if args.all {
            json::groups_and_alone(&mut out, &corpus, &outcome, UnitFilter::All)?;
        } else {
            json::groups(&mut out, &corpus, &outcome)?;
        }
    }
    index.at_rest()?;
    out.commit()
}

fn write_stories(index: &Index, out: &mut Output) -> Result<()> {
    let mut failed = None;
    index.stories(0, true, |stored, _| {
        if failed.is_some() {
            return Ok(());
        }
        let Story {
            id,
            text,
            title,
            time,
            source,
            version,
            kind,
        } = &stored.story;
        let fields = [
            ("id", Some(id)),
            ("text", Some(text)),
            ("title", title.as_ref()),
            ("date", time.as_ref()),
            ("source", source.as_ref()),
            ("version", version.as_ref()),
        ];
        let mut object = serde_json::Map::new();
        for (name, value) in fields {
            if let Some(value) = value {
                object.insert(name.into(), (**value).into());
            }
        }
        object.insert("type".into(), json!(kind));
        let mut verdict = Vec::new();
        let written =
            samewire::report::verdict::object(&mut verdict, &index.verdicts(stored.number)?)
                .and_then(|()| Ok(serde_json::from_slice::<serde_json::Value>(&verdict)?))
                .and_then(|verdict| {
                    object.insert("samewire".into(), verdict);
                    json::write_line(out, &object)
                });
        failed = written.err();
        Ok(())
    })?;
    match failed {
        Some(e) => Err(e.into()),
        None => Ok(()),
    }
}

/// The stories of an index without their texts.
struct Known {
    stories: Vec<Story<'static>>,
    path: String,
}

impl Corpus for Known {
    fn len(&self) -> usize {
        self.stories.len()
    }

    fn story(&self, id: StoryId) -> Story<'_> {
        self.stories[..].story(id)
    }

    fn origin(&self, _: StoryId) -> Origin<'_> {
        Origin {
            path: &self.path,
            line: None,
        }
    }
}

/// All of an index, as a run over its stories would have found it.
fn load(index: &Index) -> Result<(Known, Outcome)> {
    let mut stories = Vec::new();
    let mut units = Vec::new();
    let mut numbers = Vec::new();
    index.stories(0, false, |stored, of_story| {
        let story = StoryId(stories.len() as u32);
        for StoredUnit {
            unit,
            kind,
            caption,
            words,
            ..
        } in of_story
        {
            numbers.push(unit);
            units.push(Unit {
                story,
                kind,
                caption,
                tokens: words,
            });
        }
        stories.push(stored.story);
        Ok(())
    })?;
    let place = |number: u64| numbers.binary_search(&number).map(|at| UnitId(at as u32));
    let mut links: Vec<Link> = index
        .links()?
        .into_iter()
        .filter_map(|l| {
            Some(Link {
                a: place(l.a).ok()?,
                b: place(l.b).ok()?,
                ..l.link
            })
        })
        .collect();
    links.sort_unstable_by_key(|l| (l.a, l.b));
    let corpus = Known {
        stories,
        path: index.path().to_string_lossy().into_owned(),
    };
    let groups = group::groups(&corpus, &units, &links, &index.settings().keep);
    let outcome = Outcome {
        units,
        links,
        groups,
        ..Outcome::default()
    };
    Ok((corpus, outcome))
}
