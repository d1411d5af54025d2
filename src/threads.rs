/*!
What threads share: work, and what they use again.

Work is handed out item by item: whoever is done with one takes the next. Rayon's iterators over ranges hand out halves of halves: of few items
that take long, one thread is left with the last several while the others wait. Its bridge from an iterator does not, but forgets the order.
*/

use std::convert::Infallible;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

/// What `work` makes of each number below `count`, in order. Each thread has a state of its own, which must not reach what is made.
pub fn in_turn<S, T: Send>(
    count: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> T + Sync,
) -> Vec<T> {
    let work = |state: &mut S, number: usize| Ok::<T, Infallible>(work(state, number));
    match try_in_turn(count, state, work) {
        Ok(made) => made,
        Err(never) => match never {},
    }
}

/// The same for work that may fail: then no more is begun.
///
/// # Errors
/// When `work` fails; of several failures that of the first number is told.
pub fn try_in_turn<S, T: Send, E: Send>(
    count: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let failed = AtomicBool::new(false);
    // Numbers are handed out in order: all before one that failed were begun.
    let numbers = (0..count).take_while(|_| !failed.load(Ordering::Relaxed));
    let mut made: Vec<(usize, Result<T, E>)> = numbers
        .par_bridge()
        .map_init(
            || None,
            |own, number| {
                let one = work(own.get_or_insert_with(&state), number);
                if one.is_err() {
                    failed.store(true, Ordering::Relaxed);
                }
                (number, one)
            },
        )
        .collect();
    made.sort_unstable_by_key(|&(number, _)| number);
    made.into_iter().map(|(_, one)| one).collect()
}

/// Writes what `write` makes of each of `all`, in order: `at_once` are made before they are written, of which a thread takes `a_thread` at a
/// time.
///
/// # Errors
/// When `write` or `out` fails.
pub fn write_in_turn<T: Sync>(
    out: &mut dyn Write,
    all: &[T],
    (at_once, a_thread): (usize, usize),
    write: impl Fn(&mut Vec<u8>, &T) -> io::Result<()> + Sync,
) -> io::Result<()> {
    for some in all.chunks(at_once) {
        let parts: Vec<&[T]> = some.chunks(a_thread).collect();
        let of_part = |(): &mut (), number: usize| {
            let mut bytes = Vec::new();
            let mut each = parts[number].iter();
            each.try_for_each(|one| write(&mut bytes, one))?;
            Ok::<_, io::Error>(bytes)
        };
        for bytes in try_in_turn(parts.len(), || (), of_part)? {
            out.write_all(&bytes)?;
        }
    }
    Ok(())
}

/// What `work` makes of each of `items`, in order. The items are drawn by this thread, which hands them to others; while these have enough to do it
/// works on the next itself, so that few wait.
///
/// # Errors
/// When there is no next item to be had: then no more is drawn.
pub fn drawn_here<I: Send, T: Send, E>(
    items: impl Iterator<Item = Result<I, E>>,
    work: impl Fn(I) -> T + Sync,
) -> Result<Vec<T>, E> {
    let enough = 2 * (rayon::current_num_threads() - 1);
    let waiting = AtomicUsize::new(0);
    let made = Mutex::new(Vec::new());
    let make = |number: usize, item: I| {
        let one = work(item);
        let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
        made.push((number, one));
    };
    let (waiting_for, make) = (&waiting, &make);
    rayon::in_place_scope(|scope| {
        for (number, item) in items.enumerate() {
            let item = item?;
            if waiting_for.load(Ordering::Relaxed) >= enough {
                make(number, item);
                continue;
            }
            waiting_for.fetch_add(1, Ordering::Relaxed);
            scope.spawn(move |_| {
                make(number, item);
                waiting_for.fetch_sub(1, Ordering::Relaxed);
            });
        }
        Ok(())
    })?;
    let mut made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
    made.sort_unstable_by_key(|&(number, _)| number);
    Ok(made.into_iter().map(|(_, one)| one).collect())
}

/// Threads that have spares of their own; of more than these some share theirs.
const SPARES: usize = 16;

/// Things that were used and wait to be used again. Each thread has its own: what another used lies near another processor, and asking for it
/// would wait for that one.
#[derive(Debug)]
pub struct Spares<T>([Spare<T>; SPARES]);

/// Two lie in no line of the cache together.
#[derive(Debug)]
#[repr(align(64))]
struct Spare<T>(Mutex<Vec<T>>);

impl<T> Default for Spares<T> {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Spare(Mutex::default())))
    }
}

impl<T> Spares<T> {
    /// Lends one to `work`, or a new one.
    pub fn lend<R>(&self, new: impl FnOnce() -> T, work: impl FnOnce(&mut T) -> R) -> R {
        let own = &self.0[rayon::current_thread_index().unwrap_or(0) % SPARES].0;
        let own = || own.lock().unwrap_or_else(PoisonError::into_inner);
        let spare = own().pop();
        let mut lent = spare.unwrap_or_else(new);
        let made = work(&mut lent);
        own().push(lent);
        made
    }
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
    fn after_a_failure_no_more_is_begun() {
        for threads in 1..=3 {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let pool = pool.build().unwrap();
            let begun = AtomicUsize::new(0);
            let work = |(): &mut (), number: usize| {
                begun.fetch_add(1, Ordering::Relaxed);
                if number < 5 { Ok(number) } else { Err(number) }
            };
            let made = pool.install(|| try_in_turn(1_000, || (), work));
            assert_eq!(made, Err(5));
            // Each thread fails once at most.
            assert!(begun.into_inner() <= 5 + threads);
        }
    }

    #[test]
    fn items_are_drawn_by_one_thread_and_made_in_order_by_all() {
        for threads in 1..=3 {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let pool = pool.build().unwrap();
            let (drawn, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let draw = |number: usize, fails_at: usize| {
                drawn.fetch_add(1, Ordering::Relaxed);
                // Few wait at any time.
                let ahead = number - done.load(Ordering::Relaxed).min(number);
                assert!(ahead <= 2 * threads, "{ahead}");
                (number < fails_at).then_some(number).ok_or(number)
            };
            let work = |number: usize| {
                done.fetch_add(1, Ordering::Relaxed);
                number * 3
            };
            let all = |fails_at| {
                drawn.store(0, Ordering::Relaxed);
                done.store(0, Ordering::Relaxed);
                // What draws need not be sent to another thread.
                let here = std::rc::Rc::new(fails_at);
                drawn_here((0..1_000).map(|n| draw(n, *here)), work)
            };
            let made = pool.install(|| all(1_000)).unwrap();
            assert_eq!(made, (0..1_000).map(|n| n * 3).collect::<Vec<_>>());
            assert_eq!(pool.install(|| all(700)), Err(700));
            assert_eq!(drawn.load(Ordering::Relaxed), 701);
        }
    }

    #[test]
    fn what_is_written_stands_in_order_up_to_what_failed() {
        let all: Vec<u32> = (0..1_000).collect();
        let mut out = Vec::new();
        write_in_turn(&mut out, &all, (100, 7), |to, n| writeln!(to, "{n}")).unwrap();
        let expected: Vec<String> = all.iter().map(|n| format!("{n}\n")).collect();
        let expected = expected.concat();
        assert_eq!(String::from_utf8(out).unwrap(), expected);

        let mut out = Vec::new();
        let write = |to: &mut Vec<u8>, n: &u32| match n {
            250 => Err(io::Error::other("no more")),
            n => writeln!(to, "{n}"),
        };
        let failed = write_in_turn(&mut out, &all, (100, 7), write).unwrap_err();
        assert_eq!(failed.to_string(), "no more");
        assert!(expected.starts_with(std::str::from_utf8(&out).unwrap()));
        assert!(out.ends_with(b"199\n"));
    }

    #[test]
    fn what_is_lent_comes_back_and_no_two_have_it() {
        let spares = Spares::<Vec<u32>>::default();
        let lend = |number| {
            spares.lend(Vec::new, |outer| {
                outer.push(number);
                // Asked for again while it is lent, it is another.
                spares.lend(Vec::new, |inner| inner.push(1_000 + number));
                outer.len()
            })
        };
        assert_eq!([1, 2, 3].map(lend), [1, 2, 3]);
        in_turn(100, || (), |(), number| lend(number as u32));
        let all = spares
            .0
            .into_iter()
            .flat_map(|own| own.0.into_inner().unwrap());
        assert_eq!(all.map(|numbers| numbers.len()).sum::<usize>(), 2 * 103);
    }

    #[test]
    fn work_may_be_shared_within_work() {
        let inner = |outer: usize| in_turn(5, || (), |(), number| outer * 10 + number);
        let made = in_turn(4, || (), |(), outer| inner(outer).iter().sum::<usize>());
        assert_eq!(made, [10, 60, 110, 160]);
    }
}
