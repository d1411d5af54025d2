/*!
What people said of stories against what was found: labels → figures.

```text
labels ─▶ pairs, or items in groups ─▶ (found by others) ─▶ counts, agreement of groups ─▶ intervals
```

[`labels`] reads what people wrote down; [`figures`] counts pairs; [`clusters`] holds two ways to group the same items against one
another; [`bootstrap`] says how far a figure may lie from what other labels would have given; [`evaluation`] puts all together.
Nothing here reads a story or compares two.
*/

pub mod bootstrap;
pub mod clusters;
pub mod evaluation;
pub mod figures;
pub mod labels;
