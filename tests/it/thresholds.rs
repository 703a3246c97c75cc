//! Rules just below and just above their thresholds: rows on which the number that a rule looks at is known by plain
//! arithmetic, a little to either side of the bound that `src/diagnosis/thresholds.rs` states.

use logitscope::diagnosis::{Rule, Severity};
use logitscope::fit::{Interval, fit_temperature};
use logitscope::pipeline::summaries;

use crate::corrupt::Set;
use crate::diagnosis::{changed, made_up, severity};

mod classes;
mod order;
mod parts;
mod plain;
mod reading;
mod runs;
mod temperature;

const ROWS: usize = 1500;
const CLASSES: usize = 12;

const INFO: Option<Severity> = Some(Severity::Info);
const WARNING: Option<Severity> = Some(Severity::Warning);
const FAILURE: Option<Severity> = Some(Severity::Failure);

fn base() -> Set {
    made_up(CLASSES, ROWS, 2.0)
}

/// What a rule says of rows in float32, or in float16.
fn says(rule: Rule, set: &Set, half: bool) -> Option<Severity> {
    severity(&set.findings(half), rule)
}

fn check(rule: Rule, cases: &[(&str, Set, Option<Severity>)]) {
    let wrong = cases.iter().filter_map(|(what, set, want)| {
        let got = says(rule, set, false);
        (got != *want).then(|| format!("{rule}, {what}: {got:?} instead of {want:?}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Index of the largest score.
fn top(row: &[f32]) -> usize {
    (0..row.len()).max_by(|a, b| row[*a].total_cmp(&row[*b])).expect("a class")
}

fn rows_of(set: &Set) -> Vec<&[f32]> {
    set.z.chunks_exact(set.k).collect()
}

fn with_labels(set: Set, label: impl Fn(usize, &[f32]) -> usize) -> Set {
    let labels = rows_of(&set).into_iter().enumerate();
    let labels = labels.map(|(idx, row)| u32::try_from(label(idx, row)).expect("few")).collect();
    Set { labels, ..set }
}

fn times(set: &Set, factor: f64) -> Set {
    #[expect(clippy::cast_possible_truncation, reason = "scores of 32 bits")]
    changed(set, |_, row| row.iter_mut().for_each(|z| *z = (f64::from(*z) * factor) as f32))
}

fn mean(row: &[f32]) -> f64 {
    row.iter().map(|z| f64::from(*z)).sum::<f64>() / row.len() as f64
}

fn sd(row: &[f32]) -> f64 {
    let mean = mean(row);
    (row.iter().map(|z| (f64::from(*z) - mean).powi(2)).sum::<f64>() / row.len() as f64).sqrt()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn median_sd(set: &Set) -> f64 {
    median(rows_of(set).into_iter().map(sd).collect())
}

fn interval(set: &Set, level: f64) -> Interval {
    let summaries = summaries(set.loaded(), level, &mut |_| true).expect("in memory");
    fit_temperature(&summaries.fit.rows, level).interval.expect("a temperature")
}

#[test]
fn rows_of_one_value() {
    let constant = |n: usize| {
        changed(&base(), |idx, row| {
            if idx < n {
                row.fill(0.5 + idx as f32 / 64.0);
            }
        })
    };
    check(
        Rule::ConstantRows,
        &[("half", constant(749), WARNING), ("more", constant(752), FAILURE)],
    );
}

#[test]
fn repeated_rows() {
    // Of 1,500 + r rows r are copies of others.
    let repeated = |r: usize| base().of_rows(&(0..ROWS).chain(0..r).collect::<Vec<usize>>());
    check(
        Rule::DuplicateRows,
        &[
            ("0.9 %", repeated(14), None),
            ("1.1 %", repeated(17), INFO),
            ("9.7 %", repeated(161), INFO),
            ("10.3 %", repeated(172), WARNING),
        ],
    );
}

#[test]
fn an_accuracy_that_is_too_good() {
    let right = |n: usize, wrong: usize| {
        let set = made_up(CLASSES, n, 2.0);
        with_labels(set, |idx, row| (top(row) + usize::from(idx < wrong)) % CLASSES)
    };
    check(
        Rule::SuspiciouslyPerfect,
        &[("99.93 %", right(1500, 1), WARNING), ("99.87 %", right(1500, 2), None)],
    );
}

#[test]
fn tied_largest_scores() {
    let tied = |n_rows: usize, n: usize| {
        changed(&made_up(CLASSES, n_rows, 2.0), |idx, row| {
            if idx < n {
                let (first, largest) = (top(row), row[top(row)]);
                row[(first + 1) % CLASSES] = largest;
            }
        })
    };
    check(
        Rule::TiedTop,
        &[
            ("two rows", tied(600, 2), None),
            ("three rows", tied(600, 3), WARNING),
            ("0.09 %", tied(4500, 4), None),
            ("0.11 %", tied(4500, 5), WARNING),
            ("19.5 %", tied(ROWS, 293), WARNING),
            ("20.5 %", tied(ROWS, 308), FAILURE),
        ],
    );
}

#[test]
fn few_rows() {
    // Scores so small that T is known to a third of itself.
    let rows = |n| made_up(3, n, 0.3);
    check(Rule::SmallSample, &[("990", rows(990), INFO), ("1,010", rows(1010), None)]);
}

#[test]
fn a_mean_far_from_zero() {
    let at_zero = changed(&base(), |_, row| {
        #[expect(clippy::cast_possible_truncation, reason = "scores of 32 bits")]
        let mean = mean(row) as f32;
        for z in row {
            *z -= mean;
        }
    });
    let spread = median_sd(&at_zero);
    #[expect(clippy::cast_possible_truncation, reason = "scores of 32 bits")]
    let moved = |spreads: f64| {
        changed(&at_zero, |_, row| row.iter_mut().for_each(|z| *z += (spreads * spread) as f32))
    };
    check(Rule::MeanDrift, &[("9.7", moved(9.7), None), ("10.3", moved(10.3), WARNING)]);
}

#[test]
fn one_score_far_out() {
    let spread = median_sd(&base());
    // Among twelve scores one that is far out lies 11/12 of its size above their mean.
    #[expect(clippy::cast_possible_truncation, reason = "scores of 32 bits")]
    let out = |spreads: f64| {
        changed(&base(), |idx, row| {
            if idx == 7 {
                row.fill(0.0);
                row[3] = (spreads * spread * 12.0 / 11.0) as f32;
            }
        })
    };
    check(
        Rule::HeavyTail,
        &[
            ("19.5", out(19.5), None),
            ("20.5", out(20.5), WARNING),
            ("48.5", out(48.5), WARNING),
            ("51.5", out(51.5), FAILURE),
        ],
    );
}

/// Scores times s have a temperature, and an interval of it, times s.
#[test]
fn temperatures_by_the_ends_of_their_intervals() {
    let set = base();
    let scaled = |of: f64, wanted: f64| times(&set, wanted / of);
    let sure = interval(&set, 0.99);
    check(
        Rule::ExtremeTemperature,
        &[
            ("low end at 1.95", scaled(sure.low, 1.95), None),
            ("low end at 2.05", scaled(sure.low, 2.05), WARNING),
            ("high end at .513", scaled(sure.high, 0.513), None),
            ("high end at .487", scaled(sure.high, 0.487), WARNING),
        ],
    );
    let usual = interval(&set, 0.95);
    let failure = |what, set: Set, rule, want: bool| {
        assert_eq!(says(rule, &set, false) == FAILURE, want, "{rule}, {what}");
    };
    failure("low end at 9.7", scaled(usual.low, 9.7), Rule::Exploding, false);
    failure("low end at 10.3", scaled(usual.low, 10.3), Rule::Exploding, true);
    failure("high end at .103", scaled(usual.high, 0.103), Rule::Vanishing, false);
    failure("high end at .097", scaled(usual.high, 0.097), Rule::Vanishing, true);
}

#[test]
fn an_uncertain_temperature() {
    let set = made_up(3, 900, 1.0);
    let (mut seen, mut wrong) = ([0; 3], Vec::new());
    for n in (46..900).step_by(6) {
        let some = set.of_rows(&(0..n).collect::<Vec<usize>>());
        let summaries = summaries(some.loaded(), 0.95, &mut |_| true).expect("in memory");
        let fit = fit_temperature(&summaries.fit.rows, 0.95);
        let (Some(error), Some(t)) = (fit.standard_error, fit.temperature) else { continue };
        let want = match error / t {
            relative if relative > 0.25 => WARNING,
            relative if relative > 0.1 => INFO,
            _ => None,
        };
        seen[usize::from(want == INFO) + 2 * usize::from(want == WARNING)] += 1;
        let got = says(Rule::TemperatureUncertain, &some, false);
        if got != want {
            wrong.push(format!("{n} rows, {:.3}: {got:?}", error / t));
        }
    }
    assert!(seen.iter().all(|n| *n > 1), "each of the three is met: {seen:?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn numbers_that_float16_holds() {
    let rounded = |n_other: usize| {
        let mut seen = 0;
        changed(&base(), |_, row| {
            for z in row {
                let kept = seen < n_other;
                seen += usize::from(kept);
                *z = half::f16::from_f32(*z).to_f32() + if kept { *z / 4096.0 } else { 0.0 };
            }
        })
    };
    // Of 18,000 numbers a thousandth are 18.
    check(Rule::UpcastStorage, &[("15", rounded(15), INFO), ("21", rounded(21), None)]);
}

/// Scores of float16 whose largest lies in 64..128 are 1/16 apart, in 128..256 1/8, in 512..1024 1/2.
#[test]
fn types_too_coarse_for_their_scores() {
    let around = |size: f32| {
        changed(&base(), |_, row| {
            let largest = row[top(row)];
            for z in row {
                *z += size - largest;
            }
        })
    };
    for (size, want) in [(100.0, None), (200.0, WARNING), (300.0, WARNING), (600.0, FAILURE)] {
        assert_eq!(says(Rule::LowResolution, &around(size), true), want, "{size}");
    }
}

#[test]
fn next_to_the_largest_float16() {
    let with = |score: f32| {
        changed(&base(), |idx, row| {
            if idx == 3 {
                row[2] = -score;
            }
        })
    };
    for (score, want) in
        [(32_700.0, None), (32_800.0, WARNING), (65_400.0, WARNING), (65_504.0, FAILURE)]
    {
        assert_eq!(says(Rule::F16Overflow, &with(score), true), want, "{score}");
    }
}

/// Of twelve scores the smallest two, or three, are made equal: a sixth, or a quarter, lie at the minimum.
#[test]
fn scores_at_the_minimum_of_their_row() {
    let cut = |n: usize| {
        changed(&base(), |_, row| {
            let mut order: Vec<usize> = (0..row.len()).collect();
            order.sort_by(|a, b| row[*a].total_cmp(&row[*b]));
            let least = row[order[0]];
            order[..n].iter().for_each(|class| row[*class] = least);
        })
    };
    check(Rule::TruncatedRows, &[("a sixth", cut(2), None), ("a quarter", cut(3), WARNING)]);
}
