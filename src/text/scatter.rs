/*!
Numbers → one of so many places, and nobody can foresee which.

Multiply-shift hashing (Dietzfelbinger, Hagerup, Katajainen, Penttonen: "A reliable randomized algorithm for the closest-pair problem", 1997) with a
multiplier that is drawn when it is made: numbers that were made to meet in one place of a table do not.
*/

use std::hash::{BuildHasher, RandomState};

/// Where numbers go.
#[derive(Clone, Copy, Debug)]
pub struct Scatter {
    multiplier: u64,
}

impl Default for Scatter {
    fn default() -> Self {
        Self {
            multiplier: RandomState::new().hash_one(0) | 1,
        }
    }
}

impl Scatter {
    /// One of 2^`bits` places, from 0; at least one bit.
    #[inline(always)]
    pub fn place(self, number: u64, bits: u32) -> usize {
        (number.wrapping_mul(self.multiplier) >> (64 - bits)) as usize
    }
}
