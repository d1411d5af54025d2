/*!
Keys → candidates.

[`buckets`] holds the keys of a whole corpus in memory, by grouping them (`runs`) and counting what they share ([`candidates`]);
[`proposals`] does the same through temporary files where memory is short, by sorting them ([`entries`]); [`incremental`] takes them row by row; [`least`] tells which rows need not be counted. What a unit is compared with depends on
nothing but the units before it in input order, so that any driver that keeps this rule finds the same pairs.
*/

pub mod buckets;
pub mod budget;
pub mod candidates;
pub mod entries;
pub mod incremental;
pub mod least;
pub mod proposals;
mod runs;
pub mod store;
mod tally;

pub use buckets::{Block, Buckets};
pub use budget::Budget;
pub use candidates::Candidates;
pub use entries::entry;
pub use incremental::Incremental;
pub use least::Least;
pub use proposals::Proposals;
