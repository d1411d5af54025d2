//! Command tests: what a user types, what comes back. One binary, so that one link step serves them all.

// A test that cannot go on fails: the allowance for tests does not reach functions that tests call.
#![allow(clippy::unwrap_used)]

#[path = "integration/corpus.rs"]
mod corpus;
#[path = "integration/dedup.rs"]
mod dedup;
#[path = "integration/group.rs"]
mod group;
#[path = "integration/passages.rs"]
mod passages;
#[path = "integration/usage.rs"]
mod usage;
