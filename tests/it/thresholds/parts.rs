//! Rows to fit on and rows to judge on: how far they may differ.

use logitscope::diagnosis::Rule;

use super::plain::{
    Family, best_b, count, labels, mean, shares, single, slopes, tops, with_labels,
};
use crate::corrupt::Set;
use crate::diagnosis::{changed, drawn};
use crate::rule_by_rule::judged;

/// What is said of the two parts: the first words of the sentence.
fn told(parts: &(Set, Set)) -> &'static str {
    let found = judged(&parts.0, &parts.1).findings;
    let Some(finding) = found.into_iter().find(|f| f.rule == Rule::SplitMismatch) else {
        return "nothing";
    };
    let kinds = ["The two parts want", "Accuracy", "The predicted classes", "The margins"];
    kinds.into_iter().find(|kind| finding.message.starts_with(kind)).expect("one of them")
}

const NOTHING: &str = "nothing";
const TEMPERATURE: &str = "The two parts want";
const ACCURACY: &str = "Accuracy";
const CLASSES: &str = "The predicted classes";
const MARGINS: &str = "The margins";

fn scaled(set: &Set, x: f64) -> Set {
    changed(set, |_, row| row.iter_mut().for_each(|z| *z *= single(x)))
}

/// ln T, and its standard error by the sandwich: the root of the sum of squared slopes over the sum of curvatures.
fn log_t(set: &Set) -> (f64, f64) {
    let b = best_b(set);
    let slopes = slopes(set, b);
    let squares: f64 = slopes.iter().map(|(slope, _)| slope * slope).sum();
    let curvature: f64 = slopes.iter().map(|(_, curvature)| curvature).sum();
    (-b.ln(), squares.sqrt() / (curvature * b))
}

/// By how much ln T of a set differs from that of the rows to fit on, and in standard errors.
fn t_differs((x, of_x): (f64, f64), set: &Set) -> (f64, f64) {
    let (y, of_y) = log_t(set);
    (y - x, (y - x) / of_x.hypot(of_y))
}

#[test]
fn the_ratio_of_temperatures() {
    let (fit, test) = (drawn(91, 5, 1800, 2.0), drawn(92, 5, 1800, 2.0));
    let of_fit = log_t(&fit);
    for [from, to] in [[1.0, 1.6], [1.0, 0.6]] {
        let family = Family {
            what: "the ratio of T, or its inverse",
            bound: 1.25,
            between: [from, to],
            set: &|x| (fit.clone(), scaled(&test, x)),
            number: &|parts| {
                let (ratio, errors) = t_differs(of_fit, &parts.1);
                assert!(ratio.abs() < 0.2 || errors.abs() > 3.5);
                ratio.abs().exp()
            },
        };
        let of_t = |parts: &(Set, Set)| told(parts) == TEMPERATURE;
        family.check(of_t, &[false, true]);
    }
}

#[test]
fn the_standard_errors_between_temperatures() {
    let (fit, test) = (drawn(93, 3, 250, 2.0), drawn(94, 3, 250, 2.0));
    let of_fit = log_t(&fit);
    let family = Family {
        what: "standard errors between T",
        bound: 3.0,
        between: [1.0, 3.0],
        set: &|x| (fit.clone(), scaled(&test, x)),
        number: &|parts| {
            let (ratio, errors) = t_differs(of_fit, &parts.1);
            assert!(errors < 2.5 || ratio > 0.3);
            errors
        },
    };
    let of_t = |parts: &(Set, Set)| told(parts) == TEMPERATURE;
    family.check(of_t, &[false, true]);
}

fn accuracy(set: &Set) -> f64 {
    let right = tops(set).into_iter().zip(labels(set));
    mean(right.map(|(top, label)| f64::from(u8::from(top == label))))
}

/// Labels that are wrong already take the class that is next to the largest score, so that T changes little.
#[test]
fn the_standard_errors_between_accuracies() {
    let (fit, test) = (drawn(95, 12, 2000, 1.0), drawn(96, 12, 2000, 1.0));
    let tops_of = tops(&test);
    let own = labels(&test);
    let right = |n: f64| {
        let mut left = count(n);
        let labels: Vec<usize> = (0..2000)
            .map(|idx| {
                let is_changed = own[idx] != tops_of[idx] && left > 0;
                left -= usize::from(is_changed);
                if is_changed { tops_of[idx] } else { own[idx] }
            })
            .collect();
        (fit.clone(), with_labels(&test, |idx| labels[idx]))
    };
    let family = Family {
        what: "standard errors between accuracies",
        bound: 4.0,
        between: [0.0, 300.0],
        set: &right,
        number: &|(fit, test)| {
            let (x, y) = (accuracy(fit), accuracy(test));
            (y - x) / ((x * (1.0 - x) + y * (1.0 - y)) / 2000.0).sqrt()
        },
    };
    family.check(told, &[NOTHING, ACCURACY]);
}

/// The Jensen-Shannon divergence of the predictions less what chance gives, and that in its standard deviations.
fn divergence((x, y): &(Set, Set)) -> (f64, f64) {
    let k = x.k;
    let (p, q) = (shares(&tops(x), k), shares(&tops(y), k));
    let half = |p: f64, q: f64| if p > 0.0 { p * (2.0 * p / (p + q)).ln() / 2.0 } else { 0.0 };
    let found: f64 = p.iter().zip(&q).map(|(p, q)| half(*p, *q) + half(*q, *p)).sum();
    let unit = (1.0 / x.n() as f64 + 1.0 / y.n() as f64) / 8.0;
    let freedom = k as f64 - 1.0;
    let above = found - freedom * unit;
    (above, above / (unit * (2.0 * freedom).sqrt()))
}

/// Rows predicted as one of the first `of` classes are left out of the second part, `n` of them.
fn thinned(fit: &Set, test: &Set, of: usize, n: f64) -> (Set, Set) {
    let tops = tops(test);
    let mut left = count(n);
    let kept: Vec<usize> = (0..test.n())
        .filter(|idx| {
            let is_out = tops[*idx] < of && left > 0;
            left -= usize::from(is_out);
            !is_out
        })
        .collect();
    (fit.clone(), test.of_rows(&kept))
}

#[test]
fn the_divergence_of_predictions() {
    let (fit, test) = (drawn(97, 6, 1500, 2.0), drawn(98, 6, 1500, 2.0));
    let family = Family {
        what: "the divergence above chance",
        bound: 0.02,
        between: [0.0, 480.0],
        set: &|n| thinned(&fit, &test, 2, n),
        number: &|parts| {
            let (above, errors) = divergence(parts);
            assert!(above < 0.015 || errors > 7.0);
            above
        },
    };
    family.check(told, &[NOTHING, CLASSES]);
    let (fit, test) = (drawn(99, 12, 290, 2.0), drawn(98, 12, 430, 2.0));
    let family = Family {
        what: "the divergence in standard deviations",
        bound: 6.0,
        between: [0.0, 140.0],
        set: &|n| thinned(&fit, &test, 4, n),
        number: &|parts| {
            let (above, errors) = divergence(parts);
            assert!(errors < 5.7 || above > 0.0204, "{above} beside {errors}");
            errors
        },
    };
    family.check(told, &[NOTHING, CLASSES]);
}

fn margins(set: &Set) -> Vec<f64> {
    let margin = |row: &[f32]| {
        let mut sorted = row.to_vec();
        sorted.sort_by(|x, y| y.total_cmp(x));
        f64::from(sorted[0]) - f64::from(sorted[1])
    };
    set.z.chunks_exact(set.k).map(margin).collect()
}

/// Of the quantiles of both sets together: the largest difference of the shares below one, and its standard errors.
fn shift((x, y): &(Set, Set)) -> (f64, f64) {
    let (x, y) = (margins(x), margins(y));
    let mut all: Vec<f64> = x.iter().chain(&y).copied().collect();
    all.sort_by(f64::total_cmp);
    let below = |set: &[f64], bound: f64| {
        set.iter().filter(|margin| **margin <= bound).count() as f64 / set.len() as f64
    };
    let of_level = |level: f64| {
        let place = level * (all.len() - 1) as f64;
        let (low, high) = (all[count(place.floor())], all[count(place.ceil())]);
        let bound = low + (high - low) * place.fract();
        let difference = (below(&x, bound) - below(&y, bound)).abs();
        let share = below(&all, bound);
        let weight = 1.0 / x.len() as f64 + 1.0 / y.len() as f64;
        (difference, difference / (share * (1.0 - share) * weight).sqrt())
    };
    let shifts = [0.1, 0.25, 0.5, 0.75, 0.9].map(of_level);
    shifts.into_iter().max_by(|x, y| x.0.total_cmp(&y.0)).expect("five")
}

/// Of the unclear half of the second part `n` rows are left out: its labels stay as right as they were.
fn clearer(fit: &Set, test: &Set, n: f64) -> (Set, Set) {
    let margins = margins(test);
    let mut sorted = margins.clone();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted[sorted.len() / 2];
    let mut left = count(n);
    let kept: Vec<usize> = (0..test.n())
        .filter(|idx| {
            let is_out = margins[*idx] < middle && left > 0;
            left -= usize::from(is_out);
            !is_out
        })
        .collect();
    (fit.clone(), test.of_rows(&kept))
}

#[test]
fn the_margins_of_both_parts() {
    let (fit, test) = (drawn(101, 6, 2600, 1.0), drawn(102, 6, 3000, 1.0));
    let of_margins = |parts: &(Set, Set)| told(parts) == MARGINS;
    let family = Family {
        what: "the shift of a quantile",
        bound: 0.1,
        between: [0.0, 1400.0],
        set: &|n| clearer(&fit, &test, n),
        number: &|parts| {
            let (shift, errors) = shift(parts);
            assert!(shift < 0.095 || errors > 6.5);
            shift
        },
    };
    family.check(of_margins, &[false, true]);
    let (fit, test) = (drawn(103, 6, 400, 0.5), drawn(104, 6, 700, 0.5));
    let family = Family {
        what: "the shift in standard errors",
        bound: 6.0,
        between: [0.0, 350.0],
        set: &|n| clearer(&fit, &test, n),
        number: &|parts| {
            let (shift, errors) = shift(parts);
            assert!(errors < 5.5 || shift > 0.11);
            errors
        },
    };
    family.check(of_margins, &[false, true]);
}
