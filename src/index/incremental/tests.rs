use super::*;
use crate::index::buckets::FEW;
use crate::index::store::derived::{Reader, Writer};
use crate::index::{Block, Buckets, entry};
use proptest::prelude::*;

fn key(k: u32) -> u32 {
    // Spread over the shards, as hashes are.
    k.wrapping_mul(0x9e37_79b9)
}

impl Incremental {
    /// Adds a row by itself, and tells its candidates.
    fn insert(
        &mut self,
        keys: impl IntoIterator<Item = (usize, u32)>,
        out: &mut Candidates,
    ) -> u32 {
        let row = self.stage(keys);
        self.propose();
        self.choose(row, |_, shared| Some(shared), out);
        row
    }
}

fn row_after_row(keys: &[Vec<u32>], exact: bool, forgets: bool) -> (Vec<Vec<(u32, u32)>>, u64) {
    let mut index = Incremental::new(3, exact, forgets);
    let mut candidates = Candidates::default();
    let found = keys
        .iter()
        .map(|keys| {
            let keys = keys.iter().enumerate().map(|(part, &k)| (part, key(k)));
            index.insert(keys, &mut candidates);
            candidates.best.clone()
        })
        .collect();
    (found, index.capped())
}

proptest! {
    #[test]
    fn candidates_are_those_of_buckets(
        keys in prop::collection::vec(prop::collection::vec(0_u32..5, 3), 0..250),
        exact in any::<bool>(),
        forgets in any::<bool>()
    ) {
        let buckets = Buckets::build(3, exact, |part, out| {
            out.extend(keys.iter().enumerate().map(|(row, keys)| entry(key(keys[part]), row as u32)));
        });
        let mut candidates = Candidates::default();
        let mut block = Block::default();
        buckets.look_up(0..keys.len(), &mut block);
        let expected: Vec<_> = (0..keys.len()).map(|row| {
            buckets.candidates(&block, row, |_, shared| Some(shared), &mut candidates);
            candidates.best.clone()
        }).collect();
        let (found, capped) = row_after_row(&keys, exact, forgets);
        prop_assert_eq!(found, expected);
        prop_assert_eq!(capped, buckets.capped());
    }

    #[test]
    fn what_is_proposed_depends_on_the_rows_that_are_there(
        keys in prop::collection::vec(prop::collection::vec(0_u32..4, 3), 1..200),
        leave in prop::collection::vec(any::<bool>(), 200),
        exact in any::<bool>()
    ) {
        let with_parts = |keys: &[u32]| -> Vec<(usize, u32)> {
            keys.iter().enumerate().map(|(part, &k)| (part, key(k))).collect()
        };
        let mut candidates = Candidates::default();
        let mut index = Incremental::new(3, exact, true);
        for (row, own) in keys.iter().enumerate() {
            index.insert(with_parts(own), &mut candidates);
            // Some leave late.
            if row >= 20 && leave[row - 20] {
                index.remove(row as u32 - 20);
            }
        }
        let mut anew = Incremental::new(3, exact, true);
        for (row, own) in keys.iter().enumerate() {
            if row + 20 >= keys.len() || !leave[row] {
                anew.stage_again(row as u32, with_parts(own));
            }
        }
        anew.restore();
        let mut bytes = Vec::new();
        let mut writer = Writer::new(&mut bytes);
        index.write(&mut writer).unwrap();
        writer.finish().unwrap();
        let mut reader = Reader::new(&bytes[..], bytes.len() as u64);
        let mut back = Incremental::read(&mut reader).unwrap();
        reader.finish().unwrap();
        for probe in 0..4 {
            let own = with_parts(&[probe, probe, 3 - probe]);
            index.candidates(own.clone(), |_, s| Some(s), &mut candidates);
            let expected = candidates.best.clone();
            for index in [&mut anew, &mut back] {
                index.candidates(own.clone(), |_, s| Some(s), &mut candidates);
                prop_assert_eq!(&candidates.best, &expected);
                let row = index.insert(own.clone(), &mut candidates);
                prop_assert_eq!(row as usize, keys.len());
                prop_assert_eq!(&candidates.best, &expected);
                index.remove(row);
                index.rows.go_back_to(keys.len() as u32);
            }
        }
    }

    #[test]
    fn how_many_rows_are_staged_together_does_not_matter(
        keys in prop::collection::vec(prop::collection::vec(0_u32..6, 3), 1..200),
        leave in prop::collection::vec(prop::option::of(1_usize..40), 200),
        ends in prop::collection::vec(any::<bool>(), 200),
        exact in any::<bool>(),
        forgets in any::<bool>()
    ) {
        let mut one = Incremental::new(3, exact, forgets);
        let mut many = Incremental::new(3, exact, forgets);
        let mut candidates = Candidates::default();
        let mut expected = Vec::new();
        let mut found = Vec::new();
        for (row, own) in keys.iter().enumerate() {
            // Some earlier row leaves before this one comes; it may still be staged.
            if let Some(back) = leave[row]
                && forgets
                && let Some(gone) = row.checked_sub(back)
            {
                one.remove(gone as u32);
                many.remove(gone as u32);
            }
            let own = own.iter().enumerate().map(|(part, &k)| (part, key(k)));
            one.insert(own.clone(), &mut candidates);
            expected.push(candidates.best.clone());
            many.stage(own);
            if ends[row] || row + 1 == keys.len() {
                many.propose();
                for row in found.len()..=row {
                    many.choose(row as u32, |_, s| Some(s), &mut candidates);
                    found.push(candidates.best.clone());
                }
            }
        }
        prop_assert_eq!(found, expected);
        prop_assert_eq!(many.len(), one.len());
        if !forgets {
            prop_assert_eq!(many.capped(), one.capped());
        }
    }

    #[test]
    fn rows_that_left_are_as_if_they_had_never_been(
        keys in prop::collection::vec(prop::collection::vec(0_u32..9, 3), 1..120),
        leave in prop::collection::vec(any::<bool>(), 120)
    ) {
        // Exact: the capped rule may well have forgotten rows between the ends.
        let mut index = Incremental::new(3, true, true);
        let mut candidates = Candidates::default();
        for keys in &keys {
            let keys = keys.iter().enumerate().map(|(part, &k)| (part, key(k)));
            index.insert(keys, &mut candidates);
        }
        let mut kept = Vec::new();
        for (row, keys) in keys.iter().enumerate() {
            if leave[row] {
                index.remove(row as u32);
            } else {
                kept.push((row as u32, keys));
            }
        }
        prop_assert_eq!(index.len(), kept.len());
        for probe in 0..9 {
            let keys = (0..3).map(|part| (part, key(probe)));
            let row = index.insert(keys, &mut candidates);
            let mut expected: Vec<(u32, u32)> = kept.iter()
                .map(|&(row, keys)| (keys.iter().filter(|&&k| k == probe).count() as u32, row))
                .filter(|&(shared, _)| shared > 0)
                .collect();
            expected.sort_by_key(|&(shared, row)| (std::cmp::Reverse(shared), row));
            prop_assert_eq!(&candidates.best, &expected);
            index.remove(row);
        }
    }
}

#[test]
fn memory_stays_flat_when_rows_leave() {
    let mut index = Incremental::new(2, false, true);
    let mut candidates = Candidates::default();
    let mut most = 0;
    for row in 0..50_000_u32 {
        let keys = [(0, key(7)), (0, key(row + 100)), (1, key(row / 2))];
        index.insert(keys, &mut candidates);
        assert!(candidates.best.len() <= 2 * FEW);
        if row >= 500 {
            index.remove(row - 500);
            most = most.max(index.keys());
        }
    }
    assert_eq!(index.len(), 500);
    assert!(most < 2_000, "{most} keys of 500 rows");
    let lists: usize = index.shards.iter().map(|s| s.lists.len()).sum();
    assert!(lists < 1_000, "{lists} lists");
    assert!(index.rows.there().len() <= 501);
}
