//! Steps at which a statistic leaves its own recent past while the model gets worse: marked as information.
//!
//! Runs of few checkpoints are judged by the findings of each step instead: a window over unevenly spaced ones accuses
//! healthy runs.

use serde::Serialize;

use super::{RunStep, StepStats, worsening};
use crate::numerics::quantiles;

/// Steps of a run from which on departures are looked for.
const LEAST_STEPS: usize = 20;

/// Steps of the window before a departure.
const WINDOW: usize = 10;

/// Median absolute deviations from the median of the window that are left alone.
const WIDTH: f64 = 6.0;

/// The median absolute deviation is at least this share of the median: a statistic that hardly moves departs of nothing.
const LEAST_SPREAD: f64 = 0.05;

/// Steps that a departure must last.
const LASTS: usize = 2;

/// Paired standard errors by which NLL(T*) must worsen over the departure.
const WORSE: f64 = 2.0;

/// A statistic that leaves the median of the steps before it by six median absolute deviations, to the same side for
/// two steps, while the NLL at the best T worsens by two paired standard errors.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Departure {
    /// The first step outside, counted from 0.
    pub index: usize,
    /// Its number, if it has one.
    pub step: Option<u64>,
    /// What departed, as [`StepStats`] calls it.
    pub statistic: &'static str,
    /// Its value there.
    pub value: f64,
    /// The median of the ten steps before.
    pub median: f64,
    /// Standard errors by which NLL(T*) worsened.
    pub standard_errors: f64,
}

/// A statistic and its name.
type Followed = (&'static str, fn(&StepStats) -> f64);

/// What is followed.
const FOLLOWED: [Followed; 6] = [
    ("mean", |s| s.mean),
    ("sd", |s| s.sd),
    ("max_centred.p99", |s| s.max_centred.p99),
    ("max_centred.max", |s| s.max_centred.max),
    ("log_sum_exp", |s| s.log_sum_exp),
    ("margin", |s| s.margin),
];

/// The departures of a run of 20 steps or more, by step; of one that lasts only its first step.
pub fn departures(steps: &[RunStep]) -> Vec<Departure> {
    if steps.len() < LEAST_STEPS {
        return Vec::new();
    }
    let firsts = WINDOW..=steps.len() - LASTS;
    let of_step = |first: usize| {
        FOLLOWED.iter().filter_map(move |followed| departure(steps, first, followed))
    };
    firsts.flat_map(of_step).collect()
}

/// The departure of one statistic that begins at step `first`.
fn departure(steps: &[RunStep], first: usize, &(statistic, of): &Followed) -> Option<Departure> {
    let value = |idx: usize| of(&steps[idx].stats);
    let past: Vec<f64> = (first - WINDOW..first).map(value).collect();
    let [side, median] = side(&past, value(first))?;
    let lasts = (first..first + LASTS).all(|idx| {
        let there = self::side(&past, value(idx));
        there.is_some_and(|[other, _]| other.total_cmp(&side).is_eq())
    });
    let standard_errors = worsening(&steps[first - 1], &steps[first + LASTS - 1])?;
    (lasts && standard_errors > WORSE).then_some(Departure {
        index: first,
        step: steps[first].step,
        statistic,
        value: value(first),
        median,
        standard_errors,
    })
}

/// On which side of `past` a value lies, 1 or -1, and the median of `past`; `None` if it lies within, or a number is
/// not finite.
fn side(past: &[f64], value: f64) -> Option<[f64; 2]> {
    let median = quantiles(past, &[0.5])[0];
    let off: Vec<f64> = past.iter().map(|x| (x - median).abs()).collect();
    let spread = quantiles(&off, &[0.5])[0].max(LEAST_SPREAD * median.abs());
    let away = value - median;
    (away.abs() > WIDTH * spread && away.is_finite()).then(|| [away.signum(), median])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::run::tests::step;

    /// A run whose scale and NLL are these.
    fn run(scales: &[f64], nlls: &[f32]) -> Vec<RunStep> {
        let one = |(idx, (scale, nll)): (usize, (&f64, &f32))| {
            let mut step = step(idx as u64, *scale);
            // Rows differ, so that a difference has a standard error.
            step.nll_after_rows = (0..100).map(|row| nll + 1e-3 * (row % 7) as f32 * nll).collect();
            step
        };
        scales.iter().zip(nlls).enumerate().map(one).collect()
    }

    /// 24 steps of which the last four have another scale and another NLL.
    fn jumping(to: f64, nll: f32) -> Vec<RunStep> {
        let scales: Vec<f64> =
            (0..24).map(|i| if i < 20 { 3.0 + 0.01 * f64::from(i) } else { to }).collect();
        let nlls: Vec<f32> = (0..24).map(|i| if i < 20 { 1.0 } else { nll }).collect();
        run(&scales, &nlls)
    }

    #[test]
    fn a_jump_that_lasts_and_costs_is_marked_once_at_its_first_step() {
        let found = departures(&jumping(9.0, 1.5));
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!((found[0].index, found[0].step), (20, Some(20)));
        assert_eq!(found[0].statistic, "sd");
        assert!((found[0].median - 3.145).abs() < 1e-12);
        let shrunk = departures(&jumping(0.5, 1.5));
        assert_eq!(shrunk.len(), 1);
    }

    #[test]
    fn what_costs_nothing_is_no_departure() {
        assert_eq!(departures(&jumping(9.0, 1.0)), []);
        assert_eq!(departures(&jumping(9.0, 0.5)), []);
    }

    #[test]
    fn what_lies_within_six_deviations_or_does_not_last_is_none() {
        // The deviation is held to be a twentieth of the median at least: six of them are 30 %.
        assert_eq!(departures(&jumping(4.0, 1.5)), []);
        let mut scales = vec![3.0; 24];
        scales[20] = 30.0;
        let nlls: Vec<f32> = (0..24).map(|i| if i < 20 { 1.0 } else { 1.5 }).collect();
        assert_eq!(departures(&run(&scales, &nlls)), []);
    }

    #[test]
    fn short_runs_and_other_rows_are_not_judged() {
        let all = jumping(9.0, 1.5);
        assert_eq!(departures(&all[5..]), []);
        let mut others = all;
        for step in &mut others[20..] {
            step.labels = Some("other".into());
        }
        assert_eq!(departures(&others), []);
        for step in &mut others {
            step.stats.sd = f64::NAN;
        }
        assert_eq!(departures(&others), []);
    }
}
