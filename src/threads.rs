/*!
Work that is shared among threads item by item: whoever is done with one takes the next.

Rayon's own iterators hand out halves of halves: of few items that take long, one thread is left with the last several while the others wait.
*/

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

/// What `work` makes of each number below `count`, in order. Each thread has a state of its own, which must not reach what is made.
pub fn in_turn<S, T: Send>(
    count: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let take = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&number| number < count);
    let mut made: Vec<(usize, T)> = (0..rayon::current_num_threads().min(count))
        .into_par_iter()
        .with_max_len(1)
        .map(|_| {
            let mut own = None;
            std::iter::from_fn(take)
                .map(|number| (number, work(own.get_or_insert_with(&state), number)))
                .collect::<Vec<_>>()
        })
        .flatten_iter()
        .collect();
    made.sort_unstable_by_key(|&(number, _)| number);
    made.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_made_once_and_in_order_for_any_number_of_threads() {
        for threads in 1..=3 {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let pool = pool.build().unwrap();
            for count in [0, 1, 2, 7, 1_000] {
                let states = AtomicUsize::new(0);
                let state = || {
                    states.fetch_add(1, Ordering::Relaxed);
                    Vec::new()
                };
                let work = |seen: &mut Vec<usize>, number: usize| {
                    // Numbers grow within a thread.
                    assert!(seen.last().is_none_or(|&last| last < number));
                    seen.push(number);
                    number * 3
                };
                let made = pool.install(|| in_turn(count, state, work));
                assert_eq!(made, (0..count).map(|n| n * 3).collect::<Vec<_>>());
                assert!(states.into_inner() <= threads.min(count));
            }
        }
    }

    #[test]
    fn work_may_be_shared_within_work() {
        let inner = |outer: usize| in_turn(5, || (), |(), number| outer * 10 + number);
        let made = in_turn(4, || (), |(), outer| inner(outer).iter().sum::<usize>());
        assert_eq!(made, [10, 60, 110, 160]);
    }
}
