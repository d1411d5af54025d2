//! What time it is in a feed, by what its stories say: the median of the last few, so that no single clock that is wrong by
//! years can make all stories old, nor stop them from growing old.

use std::collections::VecDeque;

/// Times that the median is taken of.
const RECENT: usize = 15;
/// A story may be so many seconds ahead of the others before its clock counts as odd, if the window is not longer.
const AHEAD: u64 = 86_400;

/// The clock of a feed.
#[derive(Debug, Default)]
pub struct Clock {
    recent: VecDeque<i64>,
    now: Option<i64>,
}

/// How a story's time stands to that of the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Within the window before it, or a little ahead.
    Plausible,
    /// So far off that the story counts as sent now.
    Odd,
}

impl Clock {
    /// A clock as [`state`](Self::state) told it.
    pub fn of(recent: &[i64], now: Option<i64>) -> Self {
        Self {
            recent: recent.iter().copied().collect(),
            now,
        }
    }

    /// The times that the median is taken of, oldest first, and the time of the feed.
    pub fn state(&self) -> (Vec<i64>, Option<i64>) {
        (self.recent.iter().copied().collect(), self.now)
    }

    /// Takes the time of the next story, where it has one, and the time at which it arrived; tells the time of the feed.
    pub fn tell(&mut self, time: Option<i64>, arrival: i64) -> i64 {
        if let Some(time) = time {
            if self.recent.len() == RECENT {
                self.recent.pop_front();
            }
            self.recent.push_back(time);
            let mut sorted: Vec<i64> = self.recent.iter().copied().collect();
            sorted.sort_unstable();
            // Of two in the middle the earlier: nothing leaves sooner than it must.
            self.now = Some(sorted[(sorted.len() - 1) / 2]);
        }
        self.now.unwrap_or(arrival)
    }

    /// How `time` stands to `now`.
    pub fn standing(time: i64, now: i64, window: u64) -> Standing {
        let (early, late) = (window, window.max(AHEAD));
        let plausible = if time < now {
            time.abs_diff(now) <= early
        } else {
            time.abs_diff(now) <= late
        };
        if plausible {
            Standing::Plausible
        } else {
            Standing::Odd
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    #[test]
    fn one_wrong_clock_moves_nothing() {
        let mut clock = Clock::default();
        for t in 0..20 {
            clock.tell(Some(t), 0);
        }
        let before = clock.tell(None, 0);
        assert!(clock.tell(Some(9_000 * DAY), 0) - before <= 1);
        assert!(clock.tell(Some(-9_000 * DAY), 0) - before <= 1);
    }

    #[test]
    fn a_gap_in_the_feed_is_followed() {
        let mut clock = Clock::default();
        for t in 0..20 {
            clock.tell(Some(t), 0);
        }
        for t in 0..8 {
            clock.tell(Some(100 * DAY + t), 0);
        }
        assert!(clock.tell(None, 0) >= 100 * DAY);
    }

    #[test]
    fn without_times_the_arrival_counts() {
        assert_eq!(Clock::default().tell(None, 77), 77);
    }

    #[test]
    fn odd_is_older_than_the_window_or_days_ahead() {
        let hour = 3_600;
        assert_eq!(Clock::standing(-3_600, 0, hour), Standing::Plausible);
        assert_eq!(Clock::standing(-3_601, 0, hour), Standing::Odd);
        assert_eq!(Clock::standing(DAY, 0, hour), Standing::Plausible);
        assert_eq!(Clock::standing(DAY + 1, 0, hour), Standing::Odd);
        assert_eq!(Clock::standing(i64::MIN, i64::MAX, hour), Standing::Odd);
    }
}
