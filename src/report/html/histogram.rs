/*!
Similarities of pairs → a histogram: an inline SVG, and the same as a table for those who cannot see it.

Twenty bars, 0.05 wide. Each has two parts: pairs that join a group at the bottom, pairs that are kept apart above. No inline
style: the policy of the page forbids it, and classes carry the colours of light and dark.
*/

use super::super::thousands;
use super::findings::Pair;
use super::markup::Markup;

/// Bars.
const BARS: usize = 20;
/// Of the drawing, in its own units.
const WIDTH: usize = 640;
const HEIGHT: usize = 230;
const LEFT: usize = 48;
const TOP: usize = 26;
const PLOT: usize = 160;

/// Pairs by similarity: joined, and kept apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    bars: [[u64; 2]; BARS],
}

impl Histogram {
    /// Counts pairs.
    pub fn of<'p>(pairs: impl Iterator<Item = &'p Pair>) -> Self {
        let mut bars = [[0; 2]; BARS];
        for pair in pairs {
            // The least excess keeps 0.15, which is a little less in binary, in its bar.
            let bar = (pair.jaccard * BARS as f64 + 1e-9) as usize;
            bars[bar.min(BARS - 1)][usize::from(!pair.relation.joins())] += 1;
        }
        Self { bars }
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.bars.iter().flatten().all(|&n| n == 0)
    }

    /// Draws it, with the threshold where it stands.
    pub fn draw(&self, m: &mut Markup, threshold: f64) {
        let most = self.bars.iter().map(|b| b[0] + b[1]).max().unwrap_or(0);
        let (step, top) = scale(most);
        let y = |n: u64| TOP as f64 + PLOT as f64 * (1.0 - n as f64 / top as f64);
        let x = |at: f64| LEFT as f64 + at * (WIDTH - LEFT - 12) as f64;
        m.raw("<svg class=\"histogram\" viewBox=\"0 0 ")
            .number(WIDTH)
            .raw(" ")
            .number(HEIGHT)
            .raw("\" role=\"img\" aria-label=\"Histogram of similarities; the table below has its numbers\">");
        let mut at = 0;
        while at <= top {
            m.raw("<line class=\"grid\" x1=\"")
                .number(LEFT)
                .raw("\" x2=\"")
                .number(WIDTH - 12)
                .raw("\" y1=\"")
                .number(short(y(at)))
                .raw("\" y2=\"")
                .number(short(y(at)))
                .raw("\"/><text class=\"tick end\" x=\"")
                .number(LEFT - 8)
                .raw("\" y=\"")
                .number(short(y(at) + 4.0))
                .raw("\">")
                .text(&thousands(at))
                .raw("</text>");
            at += step;
        }
        for (i, [joined, apart]) in self.bars.iter().enumerate() {
            let left = x(i as f64 / BARS as f64) + 2.0;
            let wide = x(1.0 / BARS as f64) - x(0.0) - 4.0;
            for (class, from, to) in [("joined", 0, *joined), ("apart", *joined, *joined + *apart)]
            {
                if to > from {
                    m.raw("<rect class=\"")
                        .text(class)
                        .raw("\" x=\"")
                        .number(short(left))
                        .raw("\" width=\"")
                        .number(short(wide))
                        .raw("\" y=\"")
                        .number(short(y(to)))
                        .raw("\" height=\"")
                        .number(short((y(from) - y(to)).max(1.0)))
                        .raw("\"/>");
                }
            }
        }
        for tenth in (0..=10).step_by(2) {
            m.raw("<text class=\"tick middle\" x=\"")
                .number(short(x(f64::from(tenth) / 10.0)))
                .raw("\" y=\"")
                .number(TOP + PLOT + 18)
                .raw("\">")
                .number(format!("{:.1}", f64::from(tenth) / 10.0))
                .raw("</text>");
        }
        m.raw("<text class=\"tick middle\" x=\"")
            .number(short(x(0.5)))
            .raw("\" y=\"")
            .number(TOP + PLOT + 38)
            .raw("\">similarity of the two (Jaccard)</text>");
        m.raw("<line class=\"threshold\" x1=\"")
            .number(short(x(threshold)))
            .raw("\" x2=\"")
            .number(short(x(threshold)))
            .raw("\" y1=\"")
            .number(TOP - 8)
            .raw("\" y2=\"")
            .number(TOP + PLOT)
            .raw("\"/><text class=\"threshold-label end\" x=\"")
            .number(short(x(threshold) - 5.0))
            .raw("\" y=\"")
            .number(TOP - 4)
            .raw("\">threshold ")
            .number(threshold)
            .raw("</text></svg>");
        self.table(m);
    }

    fn table(&self, m: &mut Markup) {
        m.raw("<details><summary>The same as a table</summary><table><caption class=\"quiet\">Pairs by similarity</caption><thead><tr><th scope=\"col\">similarity</th><th scope=\"col\" class=\"n\">join a group</th><th scope=\"col\" class=\"n\">kept apart</th></tr></thead><tbody>");
        for (i, [joined, apart]) in self.bars.iter().enumerate() {
            let from = i as f64 / BARS as f64;
            m.raw("<tr><th scope=\"row\">")
                .number(format!("{from:.2} to {:.2}", from + 1.0 / BARS as f64))
                .raw("</th><td class=\"n\">")
                .text(&thousands(*joined))
                .raw("</td><td class=\"n\">")
                .text(&thousands(*apart))
                .raw("</td></tr>");
        }
        m.raw("</tbody></table></details>");
    }
}

/// Between lines, and at the top: round numbers.
fn scale(most: u64) -> (u64, u64) {
    let mut size = 1;
    loop {
        for step in [size, 2 * size, 5 * size] {
            if most <= step * 4 {
                return (step, step * most.div_ceil(step).max(1));
            }
        }
        size *= 10;
    }
}

/// One decimal at most, and no `-0`.
fn short(x: f64) -> f64 {
    (x * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::UnitKind;
    use crate::verify::Relation;

    fn pair(jaccard: f64, relation: Relation) -> Pair {
        Pair {
            kind: UnitKind::Story,
            relation,
            jaccard,
        }
    }

    #[test]
    fn pairs_stand_in_their_bars() {
        let pairs = [
            pair(1.0, Relation::Exact),
            pair(0.95, Relation::Near),
            pair(0.15, Relation::Revision),
            pair(0.149, Relation::Template),
        ];
        let histogram = Histogram::of(pairs.iter());
        assert_eq!(histogram.bars[19], [2, 0]);
        assert_eq!(histogram.bars[3], [1, 0]);
        assert_eq!(histogram.bars[2], [0, 1]);
        let mut m = Markup::new();
        histogram.draw(&mut m, 0.8);
        assert_eq!(m.as_str().matches("<rect").count(), 3);
        assert!(m.as_str().contains("threshold 0.8"));
    }

    #[test]
    fn the_scale_is_round() {
        assert_eq!(scale(0), (1, 1));
        assert_eq!(scale(4), (1, 4));
        assert_eq!(scale(5), (2, 6));
        assert_eq!(scale(2_334), (1_000, 3_000));
    }
}
