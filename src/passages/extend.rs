/*!
Shared seeds → spans that two stories have in common.

```text
for each story:  its shared seeds ─▶ earlier places of each ─▶ tiles (equal words, both ways)
                 tiles of one earlier story ─▶ spans across small edits
```

Work is bounded much as in [`buckets`](crate::index::buckets): a seed leads a story to the first [`NEAR_END`] places that
have it and to the last [`NEAR_END`] before the story. That costs a passage none of its places: all of them lead to the
first ones, so they end up in one family, however many they are. What it may cost is a longer run that two of those
stories share by themselves and that has no rarer seed.
*/

use super::seeds::{Postings, Words};
use crate::config::PassageSettings;
use crate::threads::in_turn;
use crate::verify::align::{self, Tile};

/// Places at either end of a seed's places that a story is led to.
pub const NEAR_END: usize = 16;
/// A tile that is shorter than a passage is grown if it has so many words, or if another tile lies near: a shorter one
/// alone is a turn of phrase, and most tiles are.
const PROMISING: usize = 8;
/// Words from a short tile to another near it.
const NEAR: usize = 24;
/// Stories that a thread takes at a time.
const STORIES_AT_ONCE: usize = 64;

/// A run of words of a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The story.
    pub story: u32,
    /// First word.
    pub start: u32,
    /// One past the last.
    pub end: u32,
}

impl Place {
    /// Words.
    pub fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether it holds no word.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Words that both have, if they lie in one story.
    pub fn overlap(self, other: Place) -> u32 {
        self.end
            .min(other.end)
            .saturating_sub(self.start.max(other.start))
    }
}

/// Places of two stories that hold the same, small edits aside: the earlier story first.
pub type Span = [Place; 2];

/// All spans that hold `min_words` equal words or more, in order of the later story; and how many seeds were capped.
pub fn spans(words: &Words, postings: &Postings, settings: &PassageSettings) -> (Vec<Span>, u64) {
    let stories = words.stories();
    let of_some = |pairing: &mut Pairing, number: usize| {
        let first = number * STORIES_AT_ONCE;
        let mut spans = Vec::new();
        for story in first..stories.min(first + STORIES_AT_ONCE) {
            pairing.story(words, postings, settings, story as u32, &mut spans);
        }
        spans
    };
    let of_all = in_turn(stories.div_ceil(STORIES_AT_ONCE), Pairing::default, of_some);
    let mut spans = Vec::with_capacity(of_all.iter().map(Vec::len).sum());
    for some in of_all {
        spans.extend(some);
    }
    (spans, capped(postings, settings))
}

fn capped(postings: &Postings, settings: &PassageSettings) -> u64 {
    if settings.exact {
        return 0;
    }
    postings
        .first
        .chunk_by(|a, b| a == b)
        .filter(|run| run.len() > 2 * NEAR_END + 1)
        .count() as u64
}

/// Pairs one story with all before it; made to be used again.
#[derive(Debug, Default)]
struct Pairing {
    /// By earlier story: the story that was paired last, and the diagonal and the end of its last tile.
    last: Vec<(u32, u32, u32)>,
    /// Tiles, `b` being the story, with the earlier story.
    tiles: Vec<(u32, Tile)>,
}

impl Pairing {
    fn story(
        &mut self,
        words: &Words,
        postings: &Postings,
        settings: &PassageSettings,
        story: u32,
        out: &mut Vec<Span>,
    ) {
        self.tiles.clear();
        self.last.resize(words.stories(), (u32::MAX, 0, 0));
        for &at in postings.of_story(words, story) {
            let first = postings.first[at as usize] as usize;
            let before = first
                + postings.stories[first..at as usize].partition_point(|&other| other < story);
            if settings.exact || before - first <= 2 * NEAR_END {
                self.meet(
                    words,
                    postings,
                    settings.min_words,
                    (story, at),
                    first..before,
                );
            } else {
                self.meet(
                    words,
                    postings,
                    settings.min_words,
                    (story, at),
                    first..first + NEAR_END,
                );
                self.meet(
                    words,
                    postings,
                    settings.min_words,
                    (story, at),
                    before - NEAR_END..before,
                );
            }
        }
        self.tiles
            .sort_unstable_by_key(|&(other, t)| (other, t.b, t.a, t.len));
        self.tiles.dedup();
        for tiles in self.tiles.chunk_by(|a, b| a.0 == b.0) {
            join(words, (tiles[0].0, story), tiles, settings.min_words, out);
        }
    }

    /// Adds the tiles through a seed of a story and these other places of it.
    fn meet(
        &mut self,
        words: &Words,
        postings: &Postings,
        least: usize,
        (story, at): (u32, u32),
        others: std::ops::Range<usize>,
    ) {
        let place = postings.places[at as usize] - words.start(story);
        let of_b = words.of(story);
        for other in others {
            let earlier = postings.stories[other];
            let there = postings.places[other] - words.start(earlier);
            let diagonal = place.wrapping_sub(there);
            let last = &mut self.last[earlier as usize];
            if *last == (story, diagonal, last.2) && place < last.2 {
                continue;
            }
            let tile = align::tile_at(words.of(earlier), of_b, there as usize, place as usize);
            if tile.len >= align::RESYNC.min(least) {
                *last = (story, diagonal, (tile.b + tile.len) as u32);
                self.tiles.push((earlier, tile));
            }
        }
    }
}

/// The spans that the tiles of two stories belong to.
fn join(
    words: &Words,
    (a, b): (u32, u32),
    tiles: &[(u32, Tile)],
    min_words: usize,
    out: &mut Vec<Span>,
) {
    let (of_a, of_b) = (words.of(a), words.of(b));
    let from = out.len();
    for (i, &(_, tile)) in tiles.iter().enumerate() {
        let whole = tile.len >= min_words;
        if !whole && tile.len < PROMISING && !has_company(tiles, i) {
            continue;
        }
        let (first, last) = (
            Place {
                story: a,
                start: tile.a as u32,
                end: (tile.a + tile.len) as u32,
            },
            Place {
                story: b,
                start: tile.b as u32,
                end: (tile.b + tile.len) as u32,
            },
        );
        let told = out[from..]
            .iter()
            .any(|[x, y]| x.overlap(first) == first.len() && y.overlap(last) == last.len());
        if told {
            continue;
        }
        let (span, matched) = align::grow(of_a, of_b, tile);
        if matched >= min_words {
            out.push([
                Place {
                    story: a,
                    start: span.a.start as u32,
                    end: span.a.end as u32,
                },
                Place {
                    story: b,
                    start: span.b.start as u32,
                    end: span.b.end as u32,
                },
            ]);
        }
    }
    // Growing from different tiles may end in the same span.
    out[from..].sort_unstable();
    let mut kept = from;
    for i in from..out.len() {
        if i == from || out[i] != out[kept - 1] {
            out[kept] = out[i];
            kept += 1;
        }
    }
    out.truncate(kept);
}

/// Whether the tile before or after lies near on both sides.
fn has_company(tiles: &[(u32, Tile)], i: usize) -> bool {
    let near = |x: Tile, y: Tile| {
        y.b.saturating_sub(x.b + x.len) <= NEAR && y.a.abs_diff(x.a) <= x.len + NEAR && y.a > x.a
    };
    (i > 0 && near(tiles[i - 1].1, tiles[i].1))
        || tiles
            .get(i + 1)
            .is_some_and(|next| near(tiles[i].1, next.1))
}
