/*!
How alike the stories of a corpus are, and what a threshold and a recall would make of them.

```text
stories ─▶ units, contents ─▶ sample ─▶ pairs: exact similarity of all pairs with a sampled end ─▶ outlook
```

[`pairs`] measures: every similarity is counted on the shingle sets, none is estimated. [`outlook`] reckons with what was measured:
groups by threshold, pairs that bands would miss, what bands cost. The driver is [`pipeline::tune`](crate::pipeline::tune).

Words: a *class* is all units of one kind with the same words; between classes one similarity serves all their units.
*/

pub mod classes;
pub mod outlook;
pub mod pairs;
