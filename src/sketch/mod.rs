/*!
Shingles → keys.

```text
minhash   shingle hashes → signature of k components
bands     threshold and recall → b bands of r rows; signature → b band keys
winnow    shingle hashes → seeds
distinct  seeds → each of them once
```

Two units that share a key are candidates, never more than that: what a sketch says is always verified.
*/

pub mod bands;
pub mod distinct;
pub mod minhash;
pub mod winnow;

pub use bands::Bands;
pub use distinct::Distinct;
pub use minhash::Sketcher;
