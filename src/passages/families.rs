/*!
Spans → families: the places where one passage stands.

```text
ends of spans in a story ─▶ occurrences: ends that overlap by half of the longer or more
spans ─▶ edges between occurrences ─▶ families: grown from the most linked occurrence
                                       edges left over ─▶ the same again
families ─▶ extents (medians), doubles within a story, families that a longer one covers
```

**Why half of the longer.** A quote of 15 words may stand in five stories, two of which share the whole page around it.
Both are passages. Were overlap measured by the shorter, the quote and the page would be one occurrence, and all five
stories would seem to share a page.

**Why families are not plain components.** Overlap is no equivalence: a run that shifts by a third from story to story
would chain passages that have no word in common. So a family is grown from one occurrence, the one with most edges
(what most stories agree on), and takes in only what resembles *it*: two fifths of the longer one's word triples, or an
edge of its own. Whatever edge then has its ends in different families is kept for the next round, so that every
span ends up in a family: nothing that was found is lost by the rule.

**Extents.** An occurrence reaches from the median start to the median end of the spans that led to it within the
family, so that a word that two of many stories happen to add does not count as part of the passage.

Time and memory are linear in the spans but for sorting; rounds are few, since every round settles all edges of its
most linked occurrences.
*/

use std::cmp::Reverse;
use std::collections::HashMap;

use rayon::prelude::*;

use super::extend::{Place, Span};
use super::seeds::Words;
use crate::config::PassageSettings;
use crate::text::shingle;

/// Words to a run that resemblance is measured in.
const GRAM: usize = 3;

/// Where one passage stands: in order of the story, then of the text.
pub type Family = Vec<Place>;

/// A family, an occurrence in it, and where an end of a span of that occurrence lies.
type Member = (u32, u32, Place);

/// Stories whose occurrences are told by one thread, at least.
const STORIES_A_THREAD: usize = 64;

/// All families that are long and wide enough, in no order that means anything but is always the same.
pub fn families(words: &Words, spans: &[Span], settings: &PassageSettings) -> Vec<Family> {
    let (nodes, ends) = occurrences(spans);
    let mut left: Vec<u32> = (0..spans.len() as u32).collect();
    let mut families = Vec::new();
    while !left.is_empty() {
        let round = Round::new(&nodes, &ends, &left);
        let of_node = round.grow(words);
        let family = |span: u32| {
            let [a, b] = ends[span as usize];
            let (a, b) = (of_node[a as usize], of_node[b as usize]);
            (a == b).then_some(a)
        };
        let mut members: Vec<Member> = Vec::new();
        for &span in &left {
            if let Some(family) = family(span) {
                for side in [0, 1] {
                    members.push((
                        family,
                        ends[span as usize][side],
                        spans[span as usize][side],
                    ));
                }
            }
        }
        members.par_sort_unstable();
        let of_family: Vec<&[Member]> = members.chunk_by(|a, b| a.0 == b.0).collect();
        families.par_extend(of_family.into_par_iter().map(|members| {
            let places = members
                .chunk_by(|a, b| a.1 == b.1)
                .map(|same| extent(same, settings.min_words))
                .collect();
            settle(places)
        }));
        left.retain(|&span| family(span).is_none());
    }
    families.retain(|f| stories(f) >= settings.min_stories);
    drop_covered(words.stories(), families)
}

/// Number of stories that a family stands in.
pub fn stories(family: &[Place]) -> usize {
    family.chunk_by(|a, b| a.story == b.story).count()
}

/// Occurrences: for each its longest span end; and for each span the occurrences of its two ends.
fn occurrences(spans: &[Span]) -> (Vec<Place>, Vec<[u32; 2]>) {
    let mut order: Vec<(Place, u32)> = spans
        .iter()
        .enumerate()
        .flat_map(|(i, span)| [(span[0], 2 * i as u32), (span[1], 2 * i as u32 + 1)])
        .collect();
    order.par_sort_unstable_by_key(|&(p, i)| (p.story, Reverse(p.len()), p.start, i));
    let stories: Vec<&[(Place, u32)]> = order.chunk_by(|a, b| a.0.story == b.0.story).collect();
    let found: Vec<OfStory> = stories
        .par_iter()
        .with_min_len(STORIES_A_THREAD)
        .map_init(Grid::default, |grid, of_story| of_one(of_story, grid))
        .collect();
    let mut nodes: Vec<Place> = Vec::with_capacity(found.iter().map(|f| f.nodes.len()).sum());
    let mut ends = vec![[0; 2]; spans.len()];
    for (of_story, found) in stories.into_iter().zip(found) {
        let first = nodes.len() as u32;
        nodes.extend(found.nodes);
        for (&(_, end), node) in of_story.iter().zip(found.of_end) {
            ends[end as usize / 2][end as usize % 2] = first + node;
        }
    }
    (nodes, ends)
}

/// The occurrences of a story, and for each end of a span in it which of them it is.
struct OfStory {
    nodes: Vec<Place>,
    of_end: Vec<u32>,
}

/// The occurrences of one story, whose ends of spans come longest first.
fn of_one(of_story: &[(Place, u32)], grid: &mut Grid) -> OfStory {
    grid.cells.clear();
    let mut nodes: Vec<Place> = Vec::new();
    let mut of_end = Vec::with_capacity(of_story.len());
    let mut last: Option<(Place, u32)> = None;
    for &(place, _) in of_story {
        let node = match last {
            Some((same, node)) if same == place => node,
            _ => grid.find(place, &nodes).unwrap_or_else(|| {
                nodes.push(place);
                grid.put(place, nodes.len() as u32 - 1);
                nodes.len() as u32 - 1
            }),
        };
        last = Some((place, node));
        of_end.push(node);
    }
    OfStory { nodes, of_end }
}

/// The occurrences of one story by length and place, so that those alike are found without looking at all.
#[derive(Default)]
struct Grid {
    /// By the logarithm of the length, and the start in steps of that length.
    cells: HashMap<(u32, u32), Vec<u32>>,
}

impl Grid {
    fn put(&mut self, place: Place, node: u32) {
        let level = place.len().ilog2();
        let cell = (level, place.start >> level);
        self.cells.entry(cell).or_default().push(node);
    }

    /// The occurrence that overlaps most, by at least half of its own length, which is no less than the place's.
    fn find(&self, place: Place, nodes: &[Place]) -> Option<u32> {
        let mut best: Option<(u32, Reverse<u32>)> = None;
        let len = place.len();
        // It is at most twice as long, and starts at most half of its length away.
        for level in len.ilog2()..=len.ilog2() + 1 {
            let cells = place.start.saturating_sub(len) >> level..=(place.start + len) >> level;
            for cell in cells {
                for &node in self.cells.get(&(level, cell)).into_iter().flatten() {
                    let longer = nodes[node as usize];
                    let overlap = place.overlap(longer);
                    if 2 * overlap >= longer.len() {
                        best = best.max(Some((overlap, Reverse(node))));
                    }
                }
            }
        }
        best.map(|(_, Reverse(node))| node)
    }
}

/// The edges that no family holds yet.
struct Round<'a> {
    nodes: &'a [Place],
    /// Neighbours of node `i`: `neighbours[first[i]..first[i + 1]]`.
    first: Vec<u32>,
    neighbours: Vec<u32>,
}

impl<'a> Round<'a> {
    fn new(nodes: &'a [Place], ends: &[[u32; 2]], left: &[u32]) -> Self {
        let mut first = vec![0_u32; nodes.len() + 2];
        for &span in left {
            for node in ends[span as usize] {
                first[node as usize + 2] += 1;
            }
        }
        for i in 1..first.len() {
            first[i] += first[i - 1];
        }
        let mut neighbours = vec![0; first[nodes.len() + 1] as usize];
        for &span in left {
            let [a, b] = ends[span as usize];
            for (from, to) in [(a, b), (b, a)] {
                let slot = &mut first[from as usize + 1];
                neighbours[*slot as usize] = to;
                *slot += 1;
            }
        }
        first.pop();
        Self {
            nodes,
            first,
            neighbours,
        }
    }

    fn neighbours(&self, node: u32) -> &[u32] {
        &self.neighbours[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }

    /// The family of every node that has edges.
    fn grow(&self, words: &Words) -> Vec<u32> {
        const NONE: u32 = u32::MAX;
        let mut order: Vec<u32> = (0..self.nodes.len() as u32)
            .filter(|&n| !self.neighbours(n).is_empty())
            .collect();
        order.par_sort_unstable_by_key(|&n| {
            (
                Reverse(self.neighbours(n).len()),
                Reverse(self.nodes[n as usize].len()),
                n,
            )
        });
        let mut family_of = vec![NONE; self.nodes.len()];
        let mut count = 0;
        let mut queue = Vec::new();
        for leader in order {
            if family_of[leader as usize] != NONE {
                continue;
            }
            let mut model = Model::new(self.nodes[leader as usize]);
            family_of[leader as usize] = count;
            queue.clear();
            queue.push(leader);
            let mut at = 0;
            while let Some(&node) = queue.get(at) {
                at += 1;
                for &other in self.neighbours(node) {
                    if family_of[other as usize] == NONE
                        && (node == leader || model.resembles(words, self.nodes[other as usize]))
                    {
                        family_of[other as usize] = count;
                        queue.push(other);
                    }
                }
            }
            count += 1;
        }
        family_of
    }
}

/// The occurrence that a family is grown from.
struct Model {
    place: Place,
    /// Its word triples, sorted; made when first asked for, most families need none.
    grams: Option<Vec<u64>>,
    scratch: Vec<u64>,
}

impl Model {
    fn new(place: Place) -> Self {
        Self {
            place,
            grams: None,
            scratch: Vec::new(),
        }
    }

    /// Whether both share two fifths of the longer one's triples: half, less what small edits take.
    fn resembles(&mut self, words: &Words, other: Place) -> bool {
        let longer = self.place.len().max(other.len()) as usize;
        if 5 * (self.place.len().min(other.len()) as usize) < 2 * longer {
            return false;
        }
        let grams = self.grams.get_or_insert_with(|| {
            let mut all = Vec::new();
            shingle::collect(text(words, self.place), GRAM, &mut all);
            all.sort_unstable();
            all
        });
        self.scratch.clear();
        shingle::collect(text(words, other), GRAM, &mut self.scratch);
        let in_both = |gram: &&u64| grams.binary_search(gram).is_ok();
        let shared = self.scratch.iter().filter(in_both).count();
        5 * shared >= 2 * (longer + 1 - GRAM.min(longer))
    }
}

/// The words of a place.
pub fn text(words: &Words, place: Place) -> &[u64] {
    &words.of(place.story)[place.start as usize..place.end as usize]
}

/// From the median start to the median end of span ends; where that is too short, the longest of them.
fn extent(same: &[Member], min_words: usize) -> Place {
    let median = |by: fn(&Place) -> u32| {
        let mut all: Vec<u32> = same.iter().map(|(_, _, p)| by(p)).collect();
        let middle = (all.len() - 1) / 2;
        *all.select_nth_unstable(middle).1
    };
    let place = Place {
        story: same[0].2.story,
        start: median(|p| p.start),
        end: median(|p| p.end),
    };
    if place.start < place.end && place.len() as usize >= min_words {
        return place;
    }
    let longest = same
        .iter()
        .map(|&(_, _, p)| p)
        .max_by_key(|p| (p.len(), Reverse(p.start)));
    longest.unwrap_or(place)
}

/// Puts places in order and joins those of a story that overlap by half of the shorter or more.
fn settle(mut places: Vec<Place>) -> Family {
    places.sort_unstable();
    let mut out: Family = Vec::with_capacity(places.len());
    for place in places {
        match out.last_mut() {
            Some(last)
                if last.story == place.story
                    && 2 * last.overlap(place) >= last.len().min(place.len()) =>
            {
                last.end = last.end.max(place.end);
            }
            _ => out.push(place),
        }
    }
    out
}

/// Leaves out families all of whose places lie inside places of one other family: it says the same and more.
fn drop_covered(story_count: usize, families: Vec<Family>) -> Vec<Family> {
    // By story: what stands there.
    let mut by_story: Vec<Vec<(Place, u32)>> = vec![Vec::new(); story_count];
    for (f, family) in families.iter().enumerate() {
        for &place in family {
            by_story[place.story as usize].push((place, f as u32));
        }
    }
    let inside = |place: &Place, family: &Family| {
        let from = family.partition_point(|p| p.story < place.story);
        family[from..]
            .iter()
            .take_while(|p| p.story == place.story)
            .any(|p| p.start <= place.start && place.end <= p.end)
    };
    let covered: Vec<bool> = families
        .par_iter()
        .enumerate()
        .map(|(f, family)| {
            let rarest = family
                .iter()
                .min_by_key(|p| by_story[p.story as usize].len());
            rarest.is_some_and(|rarest| {
                by_story[rarest.story as usize]
                    .iter()
                    .any(|&(place, other)| {
                        let wider = &families[other as usize];
                        other as usize != f
                        && place.start <= rarest.start
                        && rarest.end <= place.end
                        && family.iter().all(|p| inside(p, wider))
                        // Of two that cover each other the first stays.
                        && ((other as usize) < f || !wider.iter().all(|p| inside(p, family)))
                    })
            })
        })
        .collect();
    let mut covered = covered.into_iter();
    let mut families = families;
    families.retain(|_| !covered.next().unwrap_or(false));
    families
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(story: u32, start: u32, end: u32) -> Place {
        Place { story, start, end }
    }

    #[test]
    fn a_quote_and_the_page_around_it_are_two_occurrences() {
        let spans = [
            [place(0, 0, 100), place(1, 0, 100)],
            [place(0, 40, 55), place(2, 3, 18)],
            [place(1, 40, 55), place(2, 3, 18)],
            [place(0, 41, 55), place(3, 9, 23)],
        ];
        let (nodes, ends) = occurrences(&spans);
        assert_eq!(nodes.len(), 6);
        assert_eq!(ends[1][0], ends[3][0]);
        assert_ne!(ends[0][0], ends[1][0]);
        assert_eq!(ends[1][1], ends[2][1]);
    }

    #[test]
    fn places_of_a_story_that_overlap_are_one() {
        let all = vec![
            place(1, 50, 60),
            place(0, 0, 20),
            place(0, 8, 25),
            place(0, 30, 40),
        ];
        assert_eq!(
            settle(all),
            [place(0, 0, 25), place(0, 30, 40), place(1, 50, 60)]
        );
    }

    #[test]
    fn a_family_inside_another_is_left_out() {
        let wide = vec![place(0, 0, 100), place(1, 0, 100)];
        let inner = vec![place(0, 20, 40), place(1, 20, 40)];
        let farther = vec![place(0, 20, 40), place(1, 20, 40), place(2, 0, 20)];
        let twin = wide.clone();
        let all = vec![inner, wide.clone(), farther.clone(), twin];
        assert_eq!(drop_covered(3, all), [wide, farther]);
    }
}
