/*!
Two runs of words → what they share, in order of the first.

```text
shared k-grams ─▶ maximal common runs ─▶ tiles: longest first, none overlapping (either side)
               ─▶ spans: neighbouring tiles joined across small edits, the edits kept
```

Tiling is greedy (Wise: "String similarity via greedy string tiling and Running Karp–Rabin matching", 1993), so
a paragraph that was moved is found as well as one that stayed. Input: word hashes of both units. Output:
[`Alignment`], in words. Invariants: tiles are equal runs; spans do not overlap on either side; the result does not
depend on anything but the two runs of words.
*/

mod places;

use std::collections::BinaryHeap;
use std::ops::Range;

use places::{OCCURRENCES, Places};

/// Words between two tiles of one span, on either side.
const GAP: usize = 16;
/// Least words of a tile that stands beyond a gap, where a tile is grown into a span.
pub const RESYNC: usize = 4;

/// A run of words that both have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// First word in `a`.
    pub a: usize,
    /// First word in `b`.
    pub b: usize,
    /// Words.
    pub len: usize,
}

impl Tile {
    fn on_a(&self) -> Range<usize> {
        self.a..self.a + self.len
    }

    fn on_b(&self) -> Range<usize> {
        self.b..self.b + self.len
    }
}

/// Tiles that lie in one order with small edits between them, as words of both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordSpan {
    /// Words of `a`.
    pub a: Range<usize>,
    /// Words of `b`.
    pub b: Range<usize>,
}

/// Words of one side that stand in place of words of the other, inside a span. Either side may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Words of `a`.
    pub a: Range<usize>,
    /// Words of `b`.
    pub b: Range<usize>,
}

/// How two runs of words lie to one another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alignment {
    /// Equal runs, in order of `a`.
    pub tiles: Vec<Tile>,
    /// Spans, in order of `a`.
    pub spans: Vec<WordSpan>,
    /// Edits inside spans, in order of `a`.
    pub edits: Vec<Edit>,
}

impl Alignment {
    /// The same, seen from the other side.
    fn turned(mut self) -> Self {
        for t in &mut self.tiles {
            std::mem::swap(&mut t.a, &mut t.b);
        }
        for s in &mut self.spans {
            std::mem::swap(&mut s.a, &mut s.b);
        }
        for e in &mut self.edits {
            std::mem::swap(&mut e.a, &mut e.b);
        }
        self.tiles.sort_unstable_by_key(|t| t.a);
        self.spans.sort_unstable_by_key(|s| s.a.start);
        self.edits.sort_unstable_by_key(|e| (e.a.start, e.b.start));
        self
    }

    /// Words of each side that lie in tiles: the same number for both.
    pub fn tiled(&self) -> usize {
        self.tiles.iter().map(|t| t.len).sum()
    }
}

/// Aligns with buffers that are used again for the next pair.
#[derive(Debug, Default)]
pub struct Aligner {
    /// Grams of `a`, and places of those that may stand in `b`.
    grams: Vec<u64>,
    met: Vec<u32>,
    places: Places,
    runs: Vec<Tile>,
    choice: BinaryHeap<Run>,
    /// For each word, how many runs (255 at most) or tiles it is in.
    covers: [Vec<u8>; 2],
    starts: Vec<usize>,
    spare: Alignment,
}

/// As [`Aligner::align`], once.
pub fn align(a: &[u64], b: &[u64], least: usize) -> Alignment {
    Aligner::default().align(a, b, least)
}

impl Aligner {
    /// Aligns; a tile has `least` words or more, a unit of fewer words than that is a tile as a whole or not at all.
    ///
    /// Which of two runs is called `a` does not matter: greedy choices are always made from the same side.
    pub fn align(&mut self, a: &[u64], b: &[u64], least: usize) -> Alignment {
        self.meet(a, b, least).align()
    }

    /// Finds where both have the same `least` words or more: what an alignment begins with.
    pub fn meet<'m>(&'m mut self, a: &'m [u64], b: &'m [u64], least: usize) -> Meeting<'m> {
        let least = least.min(a.len()).min(b.len());
        let turned = a > b;
        let (a, b) = if turned { (b, a) } else { (a, b) };
        let all = least > 0 && self.find_runs(a, b, least);
        Meeting {
            aligner: self,
            a,
            b,
            least,
            turned,
            all,
        }
    }

    /// Takes back what was looked at: its room is used again.
    pub fn give_back(&mut self, alignment: Alignment) {
        self.spare = alignment;
    }

    /// Chooses tiles from the runs that were found.
    fn tile(&mut self, a: &[u64], b: &[u64], least: usize, tiles: &mut Vec<Tile>) {
        tiles.clear();
        self.choice.clear();
        let [cover_a, cover_b] = &mut self.covers;
        for (cover, words) in [(&mut *cover_a, a), (&mut *cover_b, b)] {
            cover.clear();
            cover.resize(words.len(), 0);
        }
        for run in &self.runs {
            for of_words in [&mut cover_a[run.on_a()], &mut cover_b[run.on_b()]] {
                for runs in of_words {
                    *runs = runs.saturating_add(1);
                }
            }
        }
        // A run that has its words for itself is a tile, whatever becomes of the others. The others are chosen from.
        for &run in &self.runs {
            if is_all(1, &cover_a[run.on_a()]) && is_all(1, &cover_b[run.on_b()]) {
                tiles.push(run);
            } else {
                self.choice.push(Run(run));
            }
        }
        if !self.choice.is_empty() {
            for run in &self.choice {
                cover_a[run.0.on_a()].fill(0);
                cover_b[run.0.on_b()].fill(0);
            }
            self.choose(least, tiles);
        }
        tiles.sort_unstable_by_key(|t| t.a);
    }

    /// Takes the longest of the runs, then of what is left of the others, and so on. No run's words are in a tile yet.
    fn choose(&mut self, least: usize, tiles: &mut Vec<Tile>) {
        let [cover_a, cover_b] = &mut self.covers;
        while let Some(Run(run)) = self.choice.pop() {
            let free = free_part(run, cover_a, cover_b);
            if free.len == run.len {
                cover_a[run.on_a()].fill(1);
                cover_b[run.on_b()].fill(1);
                tiles.push(run);
            } else if free.len >= least {
                self.choice.push(Run(free));
            }
        }
    }

    /// Common runs that can be extended on neither end, in order of `a`, then of `b`. Whether these are all: of grams that stand in
    /// `b` again and again only the first places are looked at.
    fn find_runs(&mut self, a: &[u64], b: &[u64], least: usize) -> bool {
        self.places.fill(b, least);
        places::grams(a, least, &mut self.grams);
        self.places.may_have(&self.grams, &mut self.met);
        self.runs.clear();
        let mut all = true;
        // The gram after the last one of a run, and where it would stand in `b`.
        let mut follows: Option<(usize, usize)> = None;
        for &i in &self.met {
            let i = i as usize;
            if let Some((next, j)) = follows
                && next == i
                && b.get(j + least - 1) == Some(&a[i + least - 1])
                && !self.places.is_repeated(j)
            {
                // The run goes on, and the gram stands nowhere else: no run begins here.
                follows = Some((i + 1, j + 1));
                continue;
            }
            follows = None;
            let gram = &a[i..i + least];
            let mut met = 0;
            for j in self.places.of(self.grams[i]) {
                met += 1;
                if met > OCCURRENCES {
                    all = false;
                    break;
                }
                // Where the gram stands nowhere else.
                follows = (met == 1 && b[j..].starts_with(gram)).then_some((i + 1, j + 1));
                // Only where a run begins: elsewhere it is part of one met before.
                if i > 0 && j > 0 && a[i - 1] == b[j - 1] {
                    continue;
                }
                let len = equal_words(a[i..].iter().zip(&b[j..]));
                if len >= least {
                    self.runs.push(Tile { a: i, b: j, len });
                }
            }
        }
        all
    }
}

/// Two runs of words, and where they have the same.
#[derive(Debug)]
pub struct Meeting<'m> {
    aligner: &'m mut Aligner,
    /// The side that choices are made from, and the other.
    a: &'m [u64],
    b: &'m [u64],
    least: usize,
    /// Whether `a` was given as the second.
    turned: bool,
    /// Whether all common runs were found.
    all: bool,
}

impl Meeting<'_> {
    /// How many different runs of `n` words both have. `repeats` are, of each side as it was given, the places of the runs of `n` words
    /// that stand further ahead too. None where that cannot be told: where runs of `n` words are shorter than what was looked for, a side has
    /// fewer words, or one repeats itself again and again.
    pub fn shared(&mut self, n: usize, repeats: [&[u32]; 2]) -> Option<u32> {
        let [cover, _] = &mut self.aligner.covers;
        let fits = self.least <= n && n <= self.a.len().min(self.b.len());
        if !self.all || !fits {
            return None;
        }
        cover.clear();
        cover.resize(self.a.len() - n + 1, 0);
        for run in self.aligner.runs.iter().filter(|run| run.len >= n) {
            cover[run.a..=run.a + run.len - n].fill(1);
        }
        let met: u32 = cover.iter().map(|&n| u32::from(n)).sum();
        let again = repeats[usize::from(self.turned)].iter();
        let again: u32 = again.map(|&place| u32::from(cover[place as usize])).sum();
        Some(met - again)
    }

    /// Aligns.
    pub fn align(self) -> Alignment {
        let mut alignment = std::mem::take(&mut self.aligner.spare);
        alignment.tiles.clear();
        alignment.spans.clear();
        alignment.edits.clear();
        if self.least == 0 {
            return alignment;
        }
        self.aligner
            .tile(self.a, self.b, self.least, &mut alignment.tiles);
        join(self.a, self.b, &mut alignment, &mut self.aligner.starts);
        if self.turned {
            return alignment.turned();
        }
        alignment
    }
}

/// Whether all are this number; without a branch between them, for most are.
fn is_all(number: u8, all: &[u8]) -> bool {
    all.iter().fold(0, |other, n| other | (n ^ number)) == 0
}

/// The longest part of a run whose words no tile has yet on either side, the first of equals.
fn free_part(run: Tile, cover_a: &[u8], cover_b: &[u8]) -> Tile {
    let (on_a, on_b) = (&cover_a[run.on_a()], &cover_b[run.on_b()]);
    if is_all(0, on_a) && is_all(0, on_b) {
        return run;
    }
    let mut best = Tile { len: 0, ..run };
    let mut from = 0;
    for i in 0..=run.len {
        if i == run.len || on_a[i] + on_b[i] > 0 {
            if i - from > best.len {
                best = Tile {
                    a: run.a + from,
                    b: run.b + from,
                    len: i - from,
                };
            }
            from = i + 1;
        }
    }
    best
}

/// A run in order of choice: the longest, then the nearest to the diagonal, then the first.
#[derive(Debug, PartialEq, Eq)]
struct Run(Tile);

impl Run {
    fn order(&self) -> impl Ord {
        let t = self.0;
        (t.len, std::cmp::Reverse((t.a.abs_diff(t.b), t.a, t.b)))
    }
}

impl Ord for Run {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

impl PartialOrd for Run {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The tile through a pair of words, grown both ways as far as words are equal. Empty if the words differ.
pub fn tile_at(a: &[u64], b: &[u64], i: usize, j: usize) -> Tile {
    let after = equal_words(a[i..].iter().zip(&b[j..]));
    let before = match after {
        0 => 0,
        _ => equal_words(a[..i].iter().rev().zip(b[..j].iter().rev())),
    };
    Tile {
        a: i - before,
        b: j - before,
        len: before + after,
    }
}

fn equal_words<'w>(pairs: impl Iterator<Item = (&'w u64, &'w u64)>) -> usize {
    pairs.take_while(|(x, y)| x == y).count()
}

/// The tile grown into the span that it belongs to, across small edits.
///
/// Beyond an end the nearest run of [`RESYNC`] equal words or more is looked for, and joined by the same rule as in
/// [`align`]; from there on again. Gives the span and its words in tiles: the same number for both sides.
pub fn grow(a: &[u64], b: &[u64], tile: Tile) -> (WordSpan, usize) {
    let mut matched = tile.len;
    let (mut end_a, mut end_b, mut len) = (tile.a + tile.len, tile.b + tile.len, tile.len);
    while let Some((i, j)) = nearest(a[end_a..].iter(), b[end_b..].iter(), len) {
        (end_a, end_b) = (end_a + i, end_b + j);
        len = equal_words(a[end_a..].iter().zip(&b[end_b..]));
        (end_a, end_b) = (end_a + len, end_b + len);
        matched += len;
    }
    let (mut start_a, mut start_b) = (tile.a, tile.b);
    len = tile.len;
    while let Some((i, j)) = nearest(a[..start_a].iter().rev(), b[..start_b].iter().rev(), len) {
        (start_a, start_b) = (start_a - i, start_b - j);
        len = equal_words(a[..start_a].iter().rev().zip(b[..start_b].iter().rev()));
        (start_a, start_b) = (start_a - len, start_b - len);
        matched += len;
    }
    let span = WordSpan {
        a: start_a..end_a,
        b: start_b..end_b,
    };
    (span, matched)
}

/// Words to skip on either side from the end of a tile of `len` words to the nearest run that joins it; of equally near
/// ones to the one whose gaps are most alike, then to the first of `a`.
fn nearest<'w>(
    a: impl Iterator<Item = &'w u64>,
    b: impl Iterator<Item = &'w u64>,
    len: usize,
) -> Option<(usize, usize)> {
    // A run of GAP words joins across any gap, so no more of it needs to be seen.
    let (mut x, mut y) = ([0; 2 * GAP], [0; 2 * GAP]);
    let take = |from: &mut dyn Iterator<Item = &'w u64>, to: &mut [u64; 2 * GAP]| {
        to.iter_mut()
            .zip(from)
            .map(|(to, from)| *to = *from)
            .count()
    };
    let (a, b) = (take(&mut a.fuse(), &mut x), take(&mut b.fuse(), &mut y));
    let (x, y) = (&x[..a], &y[..b]);
    let mut best: Option<(usize, usize, usize)> = None;
    for i in 0..x.len().min(GAP + 1) {
        for j in 0..y.len().min(GAP + 1) {
            if x[i] != y[j] || best.is_some_and(|b| (i + j, i.abs_diff(j)) >= (b.0, b.1)) {
                continue;
            }
            let next = equal_words(x[i..].iter().zip(&y[j..]));
            if next >= RESYNC && joins(len, next, i, j) {
                best = Some((i + j, i.abs_diff(j), i));
            }
        }
    }
    best.map(|(both, _, i)| (i, both - i))
}

/// Whether tiles of these lengths with such gaps between them belong to one span.
fn joins(len: usize, next: usize, gap_a: usize, gap_b: usize) -> bool {
    gap_a.max(gap_b) <= GAP.min(len + next)
}

/// Joins tiles that follow one another on both sides, nothing else between them, with a small gap.
fn join(a: &[u64], b: &[u64], alignment: &mut Alignment, on_b: &mut Vec<usize>) {
    let Alignment {
        tiles,
        spans,
        edits,
    } = alignment;
    let mut previous: Option<Tile> = None;
    on_b.clear();
    on_b.extend(tiles.iter().map(|t| t.b));
    on_b.sort_unstable();
    for &tile in &*tiles {
        let follows = previous.is_some_and(|p| {
            let place = on_b.partition_point(|&b| b < tile.b);
            place > 0
                && on_b[place - 1] == p.b
                && joins(
                    p.len,
                    tile.len,
                    tile.a - (p.a + p.len),
                    tile.b - (p.b + p.len),
                )
        });
        match (spans.last_mut(), previous) {
            (Some(span), Some(p)) if follows => {
                refine(a, b, p.a + p.len..tile.a, p.b + p.len..tile.b, edits);
                span.a.end = tile.a + tile.len;
                span.b.end = tile.b + tile.len;
            }
            _ => spans.push(WordSpan {
                a: tile.a..tile.a + tile.len,
                b: tile.b..tile.b + tile.len,
            }),
        }
        previous = Some(tile);
    }
}

/// The edits of a gap: what is left of it when the longest common subsequence is taken out.
fn refine(a: &[u64], b: &[u64], gap_a: Range<usize>, gap_b: Range<usize>, edits: &mut Vec<Edit>) {
    let (x, y) = (&a[gap_a.clone()], &b[gap_b.clone()]);
    if x.is_empty() || y.is_empty() {
        // Words were only added or dropped, if any.
        if x.len() + y.len() > 0 {
            edits.push(Edit { a: gap_a, b: gap_b });
        }
        return;
    }
    // lcs[i][j]: length for x[i..], y[j..]; gaps have a few words.
    let mut lcs = [[0_u8; GAP + 1]; GAP + 1];
    for i in (0..x.len()).rev() {
        for j in (0..y.len()).rev() {
            lcs[i][j] = if x[i] == y[j] {
                lcs[i + 1][j + 1] + 1
            } else {
                lcs[i + 1][j].max(lcs[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let (mut from_i, mut from_j) = (0, 0);
    let mut emit = |from_i: usize, i: usize, from_j: usize, j: usize| {
        if from_i < i || from_j < j {
            edits.push(Edit {
                a: gap_a.start + from_i..gap_a.start + i,
                b: gap_b.start + from_j..gap_b.start + j,
            });
        }
    };
    while i < x.len() && j < y.len() {
        if x[i] == y[j] && lcs[i][j] == lcs[i + 1][j + 1] + 1 {
            emit(from_i, i, from_j, j);
            (i, j) = (i + 1, j + 1);
            (from_i, from_j) = (i, j);
        } else if lcs[i + 1][j] >= lcs[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    emit(from_i, x.len(), from_j, y.len());
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<u64> {
        text.split_whitespace()
            .map(|w| xxhash_rust::xxh3::xxh3_64(w.as_bytes()))
            .collect()
    }

    fn spans(a: &str, b: &str) -> Vec<(String, String)> {
        let (wa, wb) = (words(a), words(b));
        let cut = |text: &str, r: &Range<usize>| {
            text.split_whitespace().collect::<Vec<_>>()[r.clone()].join(" ")
        };
        align(&wa, &wb, 4)
            .spans
            .iter()
            .map(|s| (cut(a, &s.a), cut(b, &s.b)))
            .collect()
    }

    #[test]
    fn small_edits_do_not_part_a_span() {
        let a = "x1 the mayor of orle opened the new bridge on monday after two years x2";
        let b = "y1 y2 the mayor of orle opened the old stone bridge on monday after two years y3";
        assert_eq!(
            spans(a, b),
            [(
                "the mayor of orle opened the new bridge on monday after two years".to_owned(),
                "the mayor of orle opened the old stone bridge on monday after two years"
                    .to_owned()
            )]
        );
        let edits = align(&words(a), &words(b), 4).edits;
        assert_eq!(edits, [Edit { a: 7..8, b: 8..10 }]);
    }

    #[test]
    fn a_tile_grows_across_edits_as_far_as_alignment_goes() {
        let a = "x1 x2 the mayor of orle opened the new bridge on monday after two years, x3 x4 x5";
        let b = "y1 the mayor of orle opened the old stone bridge on monday after two years, y2 y3 y4 y5";
        let (wa, wb) = (words(a), words(b));
        let spans = align(&wa, &wb, RESYNC).spans;
        // From either side of the edit.
        for (i, j) in [(3, 2), (10, 10)] {
            let tile = tile_at(&wa, &wb, i, j);
            assert_eq!(grow(&wa, &wb, tile), (spans[0].clone(), 12));
        }
        assert_eq!(tile_at(&wa, &wb, 0, 0).len, 0);
    }

    #[test]
    fn moved_paragraphs_are_found() {
        let (p, q) = (
            "one two three four five six seven",
            "red green blue white black brown grey",
        );
        assert_eq!(
            spans(&format!("{p} {q}"), &format!("{q} {p}")),
            [(p.to_owned(), p.to_owned()), (q.to_owned(), q.to_owned())]
        );
    }

    #[test]
    fn nothing_in_common_gives_nothing() {
        assert!(spans("a b c d e", "f g h i j").is_empty());
        assert!(spans("", "a b").is_empty());
        assert_eq!(spans("a b", "a b").len(), 1);
    }

    /// Every pair of places where a run begins, looked at one by one.
    fn plain_runs(a: &[u64], b: &[u64], least: usize) -> Vec<Tile> {
        let mut runs = Vec::new();
        for i in 0..a.len() {
            for j in 0..b.len() {
                let len = equal_words(a[i..].iter().zip(&b[j..]));
                let begins = i == 0 || j == 0 || a[i - 1] != b[j - 1];
                if begins && len >= least {
                    runs.push(Tile { a: i, b: j, len });
                }
            }
        }
        runs
    }

    proptest! {
        #[test]
        fn every_run_is_found(
            a in prop::collection::vec(0_u64..9, 3..60),
            b in prop::collection::vec(0_u64..9, 3..60),
            copied in 0_usize..40,
            least in 1_usize..4
        ) {
            // Long runs in common, and no gram so often that only its first places count.
            let b = [&a[..copied.min(a.len())], &b].concat();
            let most = |words: &[u64]| {
                let count = |gram: &[u64]| words.windows(least).filter(|w| *w == gram).count();
                words.windows(least).map(count).max().unwrap_or(0)
            };
            prop_assume!(most(&b) <= OCCURRENCES);
            let mut aligner = Aligner::default();
            prop_assert!(aligner.find_runs(&a, &b, least));
            prop_assert_eq!(aligner.runs, plain_runs(&a, &b, least));
        }

        #[test]
        fn what_both_have_is_counted_as_sets_do(
            a in prop::collection::vec(0_u64..6, 0..80),
            b in prop::collection::vec(0_u64..6, 0..80),
            copied in 0_usize..60,
            (least, n) in (1_usize..5, 1_usize..7)
        ) {
            let b = [&a[..copied.min(a.len())], &b].concat();
            let set_of = |words: &[u64]| words.windows(n).map(<[u64]>::to_vec).collect::<BTreeSet<_>>();
            let repeats_of = |words: &[u64]| {
                let again = |&at: &usize| words[..at + n - 1].windows(n).any(|before| *before == words[at..at + n]);
                (0..(words.len() + 1).saturating_sub(n)).filter(again).map(|at| at as u32).collect::<Vec<_>>()
            };
            let mut aligner = Aligner::default();
            let mut meeting = aligner.meet(&a, &b, least);
            let shared = meeting.shared(n, [&repeats_of(&a), &repeats_of(&b)]);
            let short = a.len().min(b.len());
            if let Some(shared) = shared {
                prop_assert_eq!(shared as usize, set_of(&a).intersection(&set_of(&b)).count());
            } else {
                prop_assert!(n > short || least.min(short) > n || !meeting.all);
            }
            prop_assert_eq!(meeting.align(), align(&a, &b, least));
        }

        #[test]
        fn tiles_are_equal_and_do_not_overlap(
            a in prop::collection::vec(0_u64..5, 0..60),
            b in prop::collection::vec(0_u64..5, 0..60)
        ) {
            let alignment = align(&a, &b, 3);
            let (mut seen_a, mut seen_b) = (vec![0; a.len()], vec![0; b.len()]);
            for t in &alignment.tiles {
                prop_assert_eq!(&a[t.a..t.a + t.len], &b[t.b..t.b + t.len]);
                seen_a[t.a..t.a + t.len].iter_mut().for_each(|n| *n += 1);
                seen_b[t.b..t.b + t.len].iter_mut().for_each(|n| *n += 1);
            }
            prop_assert!(seen_a.iter().chain(&seen_b).all(|&n| n <= 1));
            for pair in alignment.spans.windows(2) {
                prop_assert!(pair[0].a.end <= pair[1].a.start);
            }
        }

        #[test]
        fn sides_do_not_matter(
            a in prop::collection::vec(0_u64..5, 0..60),
            b in prop::collection::vec(0_u64..5, 0..60)
        ) {
            prop_assert_eq!(align(&a, &b, 3), align(&b, &a, 3).turned());
        }

        #[test]
        fn equal_texts_are_one_span(a in prop::collection::vec(any::<u64>(), 1..80)) {
            let alignment = align(&a, &a, 4);
            prop_assert_eq!(alignment.spans, vec![WordSpan { a: 0..a.len(), b: 0..a.len() }]);
            prop_assert!(alignment.edits.is_empty());
        }
    }
}
