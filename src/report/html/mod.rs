/*!
One offline HTML page: what repeats, why, and the texts side by side.

```text
Findings ─▶ Index ─┬▶ overview (static: readable without a script)
                   └▶ columns, packed ┐
Findings ─▶ detail (views), packed ───┴▶ data blocks that the script of the page opens
```

Input: [`Findings`] and the corpus that they stand in. Output: one file that asks the network for nothing. Invariants:

- Whatever a story holds stays text. Static parts go through [`Markup::text`], all else is compressed and in base64 (see
  `pack`) and is only ever set as text; the page's Content-Security-Policy allows the one script and the one style that it
  carries, by hash, and nothing else, and forbids strings where a browser would take them for markup.
- The same findings and options give the same bytes, whatever the number of threads.
- The file is no larger than [`Options::max_bytes`], unless the summary alone is. What does not fit is counted in the page.
*/

mod detail;
mod facts;
mod findings;
mod histogram;
mod index;
pub mod lines;
mod markup;
mod overview;
mod pack;

use std::io::{self, Write};

use rayon::prelude::*;
use serde::Serialize;

pub use detail::quote;
pub use findings::{Counts, Findings, Member, Named, Pair, Passage, Set, Tie};
pub use markup::Markup;

use crate::config::Settings;
use crate::story::Corpus;
use crate::verify::prepared::Making;
use detail::Viewer;
use index::{Index, Room, Whereabouts};

/// The style of the page.
const STYLE: &str = include_str!("page.css");

/// The script of the page, in the order in which its parts build on one another.
const SCRIPT: &str = concat!(
    "'use strict';\n(() => {\n",
    include_str!("script/page.js"),
    include_str!("script/list.js"),
    include_str!("script/timeline.js"),
    include_str!("script/set.js"),
    include_str!("script/passage.js"),
    include_str!("script/route.js"),
    "})();\n"
);

/// How a page is made.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// How pairs were judged; the page judges those it shows again.
    pub settings: &'a Settings,
    /// What was read, as the user named it.
    pub subject: String,
    /// The paths that hold the stories, for `samewire compare --in`, quoted for a shell.
    pub within: String,
    /// Most bytes of the file.
    pub max_bytes: usize,
}

impl Options<'_> {
    /// Default of [`max_bytes`](Self::max_bytes).
    pub const MAX_BYTES: &'static str = "10M";
}

/// What is in a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Groups.
    pub groups: usize,
    /// Template sets.
    pub templates: usize,
    /// Passages.
    pub passages: usize,
}

/// What found room in a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// What is in the lists.
    pub listed: Listed,
    /// Groups whose texts are there.
    pub groups: usize,
    /// Template sets whose texts are there.
    pub templates: usize,
    /// Passages with all places listed.
    pub passages: usize,
    /// Bytes of the file.
    pub bytes: usize,
}

/// Sets or passages in a data block: enough to pack well, few enough to open at once.
const IN_A_BLOCK: usize = 24;
/// Blocks that are made at a time.
const WAVE: usize = 16;

/// Writes the page.
///
/// # Errors
/// When `out` fails.
pub fn write<C: Corpus + ?Sized>(
    out: &mut dyn Write,
    corpus: &C,
    findings: &Findings,
    options: &Options<'_>,
) -> io::Result<Shown> {
    let index = Index::new(corpus, findings, options.settings);
    let mut shown = Shown::default();
    let lists = overview::lists(&index);
    let frame = frame(findings, &index, options, &shown, &lists)
        .as_str()
        .len();
    // A twentieth is left, so that a file of "10M" is one whatever an M may be.
    let most = (options.max_bytes - options.max_bytes / 20).saturating_sub(frame + SCRIPT.len());
    let (packed, listed) = fit(&index, &options.within, most)?;
    shown.listed = listed;
    let blocks = views(
        corpus,
        &index,
        options,
        &mut shown,
        most.saturating_sub(packed.len()),
    )?;

    let mut page = frame_with_data(findings, &index, options, &shown, &lists)?;
    block(&mut page, "index", &packed);
    for (id, data) in &blocks {
        block(&mut page, id, data);
    }
    page.push_str("<script>");
    page.push_str(SCRIPT);
    page.push_str("</script></body></html>\n");
    shown.bytes = page.len();
    out.write_all(page.as_bytes())?;
    Ok(shown)
}

/// A block of data. No character of it means anything to HTML.
fn block(page: &mut String, id: &str, data: &str) {
    page.push_str("<script type=\"text/plain\" id=\"");
    page.push_str(id);
    page.push_str("\">");
    page.push_str(data);
    page.push_str("</script>\n");
}

/// The lists, packed into half of the room there is: shorter titles first, then fewer lines.
fn fit(index: &Index<'_>, within: &str, most: usize) -> io::Result<(String, Listed)> {
    let mut room = Room {
        groups: index.groups.len(),
        templates: index.templates.len(),
        passages: index.passages.len(),
        title: 140,
        ids: 12,
    };
    loop {
        let packed = pack::pack(&index::columns(index, within, room))?;
        let empty = room.groups + room.templates + room.passages == 0;
        if packed.len() <= most / 2 || empty {
            let listed = Listed {
                groups: room.groups,
                templates: room.templates,
                passages: room.passages,
            };
            return Ok((packed, listed));
        }
        if room.title > 40 {
            room.title -= 50;
            room.ids = if room.title > 40 { 3 } else { 1 };
        } else {
            // By so much less as there is too much, and a little more.
            let keep = |n: usize| n * (most / 2) / packed.len() * 9 / 10;
            room.groups = keep(room.groups);
            room.templates = keep(room.templates);
            room.passages = keep(room.passages);
        }
    }
}

/// What the lists can open: all views that find room, as blocks with their ids.
fn views<C: Corpus + ?Sized>(
    corpus: &C,
    index: &Index<'_>,
    options: &Options<'_>,
    shown: &mut Shown,
    room: usize,
) -> io::Result<Vec<(String, String)>> {
    let settings = options.settings;
    let viewer = Viewer { corpus, settings };
    let whereabouts = Whereabouts::new(index);
    let listed = shown.listed;
    let sets = |entries: &[index::Entry<'_>]| {
        let mut making = Making::new(settings);
        let views: Vec<_> = entries
            .iter()
            .map(|e| viewer.set(&mut making, e.set, whereabouts.related(index, e.set)))
            .collect();
        pack::pack(&views)
    };
    let passages = |some: &[&Passage]| {
        let mut making = Making::new(settings);
        let group = |unit: &Named| whereabouts.group(index, unit).map(str::to_owned);
        let views: Vec<_> = some
            .iter()
            .map(|p| viewer.passage(&mut making, p, &group))
            .collect();
        pack::pack(&views)
    };
    // Templates and passages get a share, groups the rest, and what is left after them goes to the others again.
    let mut filling = Filling {
        room,
        blocks: Vec::new(),
    };
    let template = &index.templates[..listed.templates];
    let passage = &index.passages[..listed.passages];
    let group = &index.groups[..listed.groups];
    filling.fill("t", template, &mut shown.templates, room * 3 / 20, sets)?;
    filling.fill("p", passage, &mut shown.passages, room / 5, passages)?;
    filling.fill("g", group, &mut shown.groups, room, sets)?;
    filling.fill("p", passage, &mut shown.passages, room, passages)?;
    filling.fill("t", template, &mut shown.templates, room, sets)?;
    Ok(filling.blocks)
}

struct Filling {
    room: usize,
    blocks: Vec<(String, String)>,
}

impl Filling {
    /// Goes on with the blocks of a list until all are there, `most` bytes are used or there is no room.
    fn fill<T: Sync>(
        &mut self,
        prefix: &str,
        all: &[T],
        done: &mut usize,
        most: usize,
        make: impl Fn(&[T]) -> io::Result<String> + Sync,
    ) -> io::Result<()> {
        let mut most = most.min(self.room);
        loop {
            let next: Vec<&[T]> = all[*done..].chunks(IN_A_BLOCK).take(WAVE).collect();
            if next.is_empty() {
                return Ok(());
            }
            let made: Vec<io::Result<String>> = next.par_iter().map(|some| make(some)).collect();
            for (some, packed) in next.iter().zip(made) {
                let packed = packed?;
                // The element around a block is less than 64 bytes.
                let size = packed.len() + 64;
                if size > most {
                    return Ok(());
                }
                most -= size;
                self.room -= size;
                let id = format!("{prefix}{}", *done / IN_A_BLOCK);
                self.blocks.push((id, packed));
                *done += some.len();
            }
        }
    }
}

/// What the script has to know before it opens anything.
#[derive(Serialize)]
struct Meta {
    block: usize,
    groups: usize,
    templates: usize,
    passages: usize,
    has_templates: bool,
    has_passages: bool,
}

/// All before the data.
fn frame(
    findings: &Findings,
    index: &Index<'_>,
    options: &Options<'_>,
    shown: &Shown,
    lists: &Markup,
) -> Markup {
    let mut m = Markup::new();
    m.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src ")
        .raw_policy(&pack::source_hash(SCRIPT))
        .raw("; style-src ")
        .raw_policy(&pack::source_hash(STYLE))
        .raw("; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\"><meta name=\"referrer\" content=\"no-referrer\"><meta name=\"generator\" content=\"Samewire ")
        .text(env!("CARGO_PKG_VERSION"))
        .raw("\"><title>What repeats in ")
        .text(&options.subject)
        .raw(" – Samewire</title><style>")
        .raw(STYLE)
        .raw("</style></head><body><a class=\"skip\" href=\"#main\">Skip to the content</a><header><a class=\"brand\" href=\"#/\">Samewire</a> <span class=\"subject\">")
        .text(&options.subject)
        .raw("</span><nav id=\"nav\" aria-label=\"Lists\"></nav></header><main id=\"main\" tabindex=\"-1\">")
        .markup(&overview::overview(findings, index, options, shown))
        .markup(lists)
        .raw("<section id=\"view\" hidden></section><p id=\"said\" class=\"unseen\" role=\"status\" aria-live=\"polite\"></p></main><footer><p>Made by Samewire ")
        .text(env!("CARGO_PKG_VERSION"))
        .raw(". This page is one file: it asks the network for nothing and works offline.</p></footer>\n");
    m
}

fn frame_with_data(
    findings: &Findings,
    index: &Index<'_>,
    options: &Options<'_>,
    shown: &Shown,
    lists: &Markup,
) -> io::Result<String> {
    let meta = Meta {
        block: IN_A_BLOCK,
        groups: shown.groups,
        templates: shown.templates,
        passages: shown.passages,
        has_templates: findings.all_pairs,
        has_passages: findings.passages.is_some(),
    };
    let mut page = frame(findings, index, options, shown, lists)
        .as_str()
        .to_owned();
    block(&mut page, "meta", &serde_json::to_string(&meta)?);
    Ok(page)
}
