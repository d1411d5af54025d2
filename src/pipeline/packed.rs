/*!
Seeds of one part, each with the number of its unit in the run: five bytes in place of eight, for memory that was not touched before is what keys cost.

```text
key (u32, little-endian) │ how many units further than the seed before (u8)
```

A unit that is 255 or more further on has a record of its own before it, whose key says how many.
*/

const BYTES: usize = 5;
/// Marks a record that is no seed.
const FAR: u8 = u8::MAX;

/// Seeds in order of their units.
#[derive(Debug, Default)]
pub struct Packed {
    bytes: Vec<u8>,
    /// The unit of the last seed.
    unit: u32,
}

impl Packed {
    /// With room for so many bytes.
    pub fn with_room(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            unit: 0,
        }
    }

    /// Appends a seed, of the unit of the last or of a later one.
    #[inline(always)]
    pub fn push(&mut self, key: u32, unit: u32) {
        let further = unit - self.unit;
        self.unit = unit;
        let near = if further < u32::from(FAR) {
            further as u8
        } else {
            self.record(further, FAR);
            0
        };
        self.record(key, near);
    }

    #[inline(always)]
    fn record(&mut self, key: u32, near: u8) {
        let [a, b, c, d] = key.to_le_bytes();
        self.bytes.extend_from_slice(&[a, b, c, d, near]);
    }

    /// The records, to be [counted](count) and [read](seeds).
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives up room that is not needed.
    pub fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
    }
}

/// No more seeds than so many lie in such bytes: records that are none count as well.
pub fn count(bytes: &[u8]) -> usize {
    bytes.len() / BYTES
}

/// The seeds that such bytes hold, and their units.
#[inline(always)]
pub fn seeds(bytes: &[u8]) -> impl Iterator<Item = (u32, u32)> {
    let mut unit = 0;
    bytes
        .as_chunks()
        .0
        .iter()
        .filter_map(move |&[a, b, c, d, near]: &[u8; BYTES]| {
            let key = u32::from_le_bytes([a, b, c, d]);
            let is_seed = near != FAR;
            unit += if is_seed { u32::from(near) } else { key };
            is_seed.then_some((key, unit))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_packed_is_there(steps in prop::collection::vec((any::<u32>(), prop_oneof![0_u32..3, 250_u32..260, 0_u32..100_000]), 0..200)) {
            let mut unit = 0;
            let expected: Vec<(u32, u32)> = steps
                .iter()
                .map(|&(key, further)| {
                    unit += further;
                    (key, unit)
                })
                .collect();
            let mut packed = Packed::with_room(7);
            for &(key, unit) in &expected {
                packed.push(key, unit);
            }
            packed.shrink();
            prop_assert_eq!(seeds(packed.bytes()).collect::<Vec<_>>(), &expected[..]);
            prop_assert!(count(packed.bytes()) >= expected.len());
        }
    }
}
