//! How fast something goes: the rate of the last seconds, steady enough to read.

use std::collections::VecDeque;
use std::time::Duration;

/// The rate is that of so long a time: a stall shows soon, a hiccup does not.
const WINDOW: Duration = Duration::from_secs(4);

/// Less apart two marks tell nothing new.
const APART: Duration = Duration::from_millis(100);

/// No rate before so much time: the first blocks come from a cache, or wait for a disk.
const SETTLED: Duration = Duration::from_millis(300);

/// Marks of the last seconds: when, and how much was done by then.
#[derive(Clone, Debug, Default)]
pub(super) struct Pace {
    marks: VecDeque<(Duration, f64)>,
    newest: Option<(Duration, f64)>,
}

impl Pace {
    /// At `at` (since any fixed start) `done` units are done. Fewer than before begin anew.
    pub(super) fn mark(&mut self, at: Duration, done: f64) {
        if self.newest.is_some_and(|(_, before)| done < before) {
            *self = Self::default();
        }
        let is_apart = |(mark, _): &(Duration, f64)| at.saturating_sub(*mark) >= APART;
        if self.marks.back().is_none_or(is_apart) {
            self.marks.push_back((at, done));
        }
        // The second mark stays as old as the window, so that the first one spans it.
        while self.marks.get(1).is_some_and(|(mark, _)| at.saturating_sub(*mark) >= WINDOW) {
            self.marks.pop_front();
        }
        self.newest = Some((at, done));
    }

    /// Units a second over the last seconds; `None` while that is too short a time, or nothing was done.
    pub(super) fn per_second(&self) -> Option<f64> {
        let ((start, before), (end, done)) = (*self.marks.front()?, self.newest?);
        let took = end.saturating_sub(start);
        let rate = (done - before) / took.as_secs_f64();
        (took >= SETTLED && rate > 0.0).then_some(rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn a_steady_pace_is_told_as_it_is() {
        let mut pace = Pace::default();
        for i in 0..200_u32 {
            pace.mark(ms(50 * u64::from(i)), 10.0 * f64::from(i));
            assert_eq!(pace.per_second().is_some(), i >= 6, "{i}");
        }
        assert!((pace.per_second().unwrap() - 200.0).abs() < 1e-9);
        assert!(pace.marks.len() <= 43);
    }

    #[test]
    fn the_last_seconds_count() {
        let mut pace = Pace::default();
        for i in 0..100_u64 {
            pace.mark(ms(100 * i), 1000.0 * i as f64);
        }
        for i in 100..150_u64 {
            pace.mark(ms(100 * i), 99_000.0 + (i - 99) as f64);
        }
        assert!((pace.per_second().unwrap() - 10.0).abs() < 1e-6);
    }

    #[test]
    fn a_new_phase_begins_anew() {
        let mut pace = Pace::default();
        pace.mark(ms(0), 0.0);
        pace.mark(ms(1000), 500.0);
        assert!((pace.per_second().unwrap() - 500.0).abs() < 1e-9);
        pace.mark(ms(1100), 10.0);
        assert_eq!(pace.per_second(), None);
        pace.mark(ms(2100), 10.0);
        assert_eq!(pace.per_second(), None, "a stall has no rate");
    }
}
