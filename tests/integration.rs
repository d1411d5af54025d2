//! What a user types and what comes back, and what the library promises. One binary, so that one link step serves them all.

// A test that cannot go on fails: the allowance for tests does not reach functions that tests call.
#![allow(clippy::unwrap_used)]
// What was skipped and what was measured is said on stdout.
#![allow(clippy::print_stdout)]

#[path = "integration/browser.rs"]
mod browser;
#[path = "integration/brute_force.rs"]
mod brute_force;
#[path = "integration/compare.rs"]
mod compare;
#[path = "integration/corpus.rs"]
mod corpus;
#[path = "integration/dedup.rs"]
mod dedup;
#[path = "integration/endings.rs"]
mod endings;
#[path = "integration/eval.rs"]
mod eval;
#[path = "integration/group.rs"]
mod group;
#[path = "integration/hostile.rs"]
mod hostile;
#[path = "integration/index.rs"]
mod index;
#[path = "integration/index_crash.rs"]
mod index_crash;
#[path = "integration/index_equality.rs"]
mod index_equality;
#[path = "integration/keep.rs"]
mod keep;
#[path = "integration/labelled.rs"]
mod labelled;
#[path = "integration/memory.rs"]
mod memory;
#[path = "integration/passages.rs"]
mod passages;
#[path = "integration/places.rs"]
mod places;
#[path = "integration/readme.rs"]
mod readme;
#[path = "integration/recall.rs"]
mod recall;
#[path = "integration/report.rs"]
mod report;
#[path = "integration/review.rs"]
mod review;
#[path = "integration/same_answer.rs"]
mod same_answer;
#[path = "integration/schema.rs"]
mod schema;
#[path = "integration/stream.rs"]
mod stream;
#[path = "integration/stream_decisions.rs"]
mod stream_decisions;
#[path = "integration/stream_equality.rs"]
mod stream_equality;
#[path = "integration/stream_limits.rs"]
mod stream_limits;
#[path = "integration/synthetic.rs"]
mod synthetic;
#[path = "integration/tune.rs"]
mod tune;
#[path = "integration/unicode.rs"]
mod unicode;
#[path = "integration/usage.rs"]
mod usage;
