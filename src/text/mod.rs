/*!
Story → units → words → shingles.

```text
segment   text → body and captions as byte ranges, furniture tagged
tokens    ranges → words: 64-bit hash and byte range   (simd/: the ASCII fast path; unicode: the rest)
shingle   word hashes → hashes of n consecutive words
order     hashes in order, faster than by comparison
scatter   hashes to places of a table, which nobody can foresee
openings  lists of words and beginnings, asked by their first byte
prepare   the three in a row, into buffers that are used again
```

Invariants: no byte of a text is changed or lost, a range always lies on character boundaries, and the
same text gives the same words on every machine.
*/

pub(crate) mod openings;
pub mod order;
pub mod prepare;
pub(crate) mod scatter;
pub mod segment;
pub mod shingle;
pub(crate) mod simd;
pub mod tokens;
mod unicode;

pub use prepare::{PreparedUnit, Preparer};
pub use segment::{Furniture, FurnitureKind, Segments};
pub use tokens::{Hasher, Token};
