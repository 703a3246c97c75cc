//! When figures of the first rows are made, and of how many: they must not slow the load.

use std::time::Duration;

/// Nobody waits for figures before this.
const FIRST_AFTER: Duration = Duration::from_millis(500);

/// Least time between two sets of figures.
const APART: Duration = Duration::from_secs(2);

/// With less than this to go the figures of all rows are as good as there.
const WORTH: f64 = 1.0;

/// Share of a load's time that may go into figures of its first rows.
const SHARE: f64 = 0.05;

/// Figures of fewer rows are not worth a look, unless there are no more.
const LEAST_ROWS: f64 = 2000.0;

/// Rows of one set of figures at most: some 50 MB of summaries, and more would change no digit on screen.
const MOST_ROWS: f64 = 131_072.0;

/// Seconds a row costs, before the first figures were timed.
const GUESSED_COST: f64 = 2e-6;

/// What was made so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Schedule {
    /// When the last ones were made, and of which first rows.
    last: Option<(Duration, u64)>,
    /// Rows that the last ones were made of: the next ones are made of no fewer.
    n_used: usize,
    /// Time that all of them took.
    spent: Duration,
    /// Seconds a row, from the last time.
    cost: f64,
}

impl Schedule {
    /// Nothing made yet.
    pub(super) fn new() -> Self {
        Self { last: None, n_used: 0, spent: Duration::ZERO, cost: GUESSED_COST }
    }

    /// The most rows that figures may be made of at `now` (since the start of the load), when the first
    /// `n_done` of `n_rows` rows are read and the load will take `seconds_left` more, as far as is known;
    /// `None` if it is not the time.
    pub(super) fn rows_now(
        &self,
        now: Duration,
        (n_done, n_rows): (u64, u64),
        seconds_left: Option<f64>,
    ) -> Option<usize> {
        let is_due = match self.last {
            None => now >= FIRST_AFTER,
            Some((at, n_shown)) => {
                let is_more = n_done >= n_shown.saturating_mul(2) || n_done == n_rows;
                now.saturating_sub(at) >= APART && is_more && n_done > n_shown
            }
        };
        let is_worth_it = seconds_left.is_none_or(|left| left >= WORTH);
        let budget = now.as_secs_f64().mul_add(SHARE, -self.spent.as_secs_f64());
        let affordable = (budget / self.cost).min(MOST_ROWS);
        let least = LEAST_ROWS.max(self.n_used as f64).min(MOST_ROWS / 2.0);
        let is_enough = affordable >= least.min(n_done as f64);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive here, and at most MOST_ROWS"
        )]
        (is_due && is_worth_it && is_enough && n_done > 0).then_some(affordable as usize)
    }

    /// At `now` figures of `n_used` of the first `n_done` rows were made, which took `took`.
    pub(super) fn made(&mut self, now: Duration, n_done: u64, (n_used, took): (usize, Duration)) {
        self.last = Some((now, n_done));
        self.n_used = n_used;
        self.spent += took;
        self.cost = took.as_secs_f64() / n_used.max(1) as f64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: u64 = 2_000_000;

    fn seconds(s: f64) -> Duration {
        Duration::from_secs_f64(s)
    }

    #[test]
    fn the_first_come_after_half_a_second_and_not_at_the_end() {
        let schedule = Schedule::new();
        assert_eq!(schedule.rows_now(seconds(0.49), (5000, N), None), None);
        assert_eq!(schedule.rows_now(seconds(0.5), (5000, N), None), Some(12_500));
        assert_eq!(schedule.rows_now(seconds(0.5), (5000, N), Some(0.4)), None);
        assert_eq!(schedule.rows_now(seconds(0.5), (0, N), None), None);
    }

    #[test]
    fn more_come_when_the_rows_have_doubled_and_two_seconds_are_over() {
        let mut schedule = Schedule::new();
        schedule.made(seconds(0.5), 10_000, (10_000, seconds(0.01)));
        let rows = |now, done| schedule.rows_now(seconds(now), (done, N), Some(60.0));
        assert_eq!(rows(1.0, 20_000), None);
        assert_eq!(rows(9.0, 19_999), None);
        assert!(rows(2.5, 20_000).is_some());
        assert!(rows(2.5, N).is_some(), "all rows are read, exact figures to come");
    }

    #[test]
    fn the_whole_costs_a_twentieth_of_the_load_at_most() {
        // Rows ten times as dear as was guessed, and a disk that delivers 125,000 of them a second.
        let mut schedule = Schedule::new();
        let (mut now, mut spent, mut n_made) = (0.0, 0.0, 0);
        let mut done = 0;
        while done < N {
            now += 0.1;
            done += 12_500;
            let left = (N - done) as f64 / 125_000.0;
            if let Some(most) = schedule.rows_now(seconds(now), (done, N), Some(left)) {
                let used = most.min(usize::try_from(done).unwrap());
                let took = 2e-5 * used as f64;
                (now, spent, n_made) = (now + took, spent + took, n_made + 1);
                schedule.made(seconds(now), done, (used, seconds(took)));
            }
        }
        assert!(n_made >= 2, "{n_made}");
        assert!(spent <= 0.06 * now, "{spent} of {now}");
    }
}
