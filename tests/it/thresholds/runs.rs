//! What only the order of steps shows: by how much the last step is worse, and how far its scores have grown.

use logitscope::diagnosis::{Finding, Rule, RunStep, diagnose_run, step_stats};

use super::plain::{Family, best_b, labels, mean, mean_in_errors, nll, single};
use crate::corrupt::Set;
use crate::diagnosis::{changed, drawn};
use crate::shared;

fn step(number: usize, set: &Set) -> RunStep {
    let study = shared::study_of(set.loaded());
    step_stats(&study.subject(), format!("step {number}"), study.sha256_labels.clone())
}

/// What the order of these steps shows, of which the first is known already.
fn found(steps: &[RunStep], rule: Rule) -> Option<Finding> {
    diagnose_run(steps).into_iter().find(|finding| finding.rule == rule)
}

fn scaled(set: &Set, x: f64) -> Set {
    changed(set, |_, row| row.iter_mut().for_each(|z| *z *= single(x)))
}

/// By how many standard errors the NLL at these inverse temperatures rose from one step to another.
fn rise((x, of_x): (&Set, f64), (y, of_y): (&Set, f64)) -> f64 {
    let (before, after) = (nll(x, of_x), nll(y, of_y));
    mean_in_errors(&after.iter().zip(&before).map(|(y, x)| y - x).collect::<Vec<f64>>())
}

/// Three steps, the last two of which are the least surely right one with its scores times 1.02 and times `x`.
#[test]
fn the_standard_errors_by_which_the_nll_rose() {
    let set = drawn(111, 5, 500, 2.0);
    let least = scaled(&set, 1.0 / 1.02 * best_b(&set));
    let steps = [step(0, &least), step(1, &scaled(&least, 1.02))];
    let grown = |last: &Set| {
        let all = [steps[0].clone(), steps[1].clone(), step(2, last)];
        found(&all, Rule::OverconfidenceGrowth).is_some()
    };
    // The second step has the best temperature, and so the least NLL.
    let second = scaled(&least, 1.02);
    let family = Family {
        what: "standard errors of the NLL at T = 1",
        bound: 4.0,
        between: [1.1, 6.0],
        set: &|x| scaled(&least, x),
        number: &|last| rise((&second, 1.0), (last, 1.0)),
    };
    family.check(grown, &[false, true]);
    let last = scaled(&least, 6.0);
    assert!(rise((&second, 1.0), (&last, 1.0)) > 5.0);
    let of_two = [steps[1].clone(), step(2, &last)];
    assert!(found(&of_two, Rule::OverconfidenceGrowth).is_none(), "two steps");
    assert!(grown(&last), "three steps");
}

/// The scores of a last step are noisier, and three times as large.
fn noisier(set: &Set, x: f64) -> Set {
    let noise = drawn(113, set.k, set.n(), 2.0);
    changed(set, |idx, row| {
        for (z, noise) in row.iter_mut().zip(&noise.z[idx * set.k..]) {
            *z = 3.0 * (*z + single(x) * noise);
        }
    })
}

#[test]
fn the_standard_errors_by_which_no_temperature_repairs_it() {
    let first = drawn(112, 5, 500, 2.0);
    let b = best_b(&first);
    let steps = [step(0, &first), step(1, &first)];
    let family = Family {
        what: "standard errors of the NLL at the best T",
        bound: 2.0,
        between: [0.0, 0.6],
        set: &|x| noisier(&first, x),
        number: &|last| rise((&first, b), (last, best_b(last))),
    };
    let is_damage = |last: &Set| {
        let all = [steps[0].clone(), steps[1].clone(), step(2, last)];
        let finding = found(&all, Rule::OverconfidenceGrowth).expect("it grew");
        finding.message.contains("no temperature repairs")
    };
    family.check(is_damage, &[false, true]);
}

/// log Z of every row.
fn log_z(set: &Set) -> Vec<f64> {
    let own = labels(set);
    let rows = set.z.chunks_exact(set.k).zip(nll(set, 1.0)).zip(own);
    rows.map(|((row, nll), label)| f64::from(row[label]) + nll).collect()
}

/// The mean and the 99 % quantile.
fn sizes(set: &Set) -> [f64; 2] {
    let mut all: Vec<f64> = log_z(set).into_iter().map(f64::abs).collect();
    all.sort_by(f64::total_cmp);
    let place = 0.99 * (all.len() - 1) as f64;
    let at = super::plain::count(place.floor());
    let p99 = all[at] + (all[at + 1] - all[at]) * place.fract();
    [mean(all), p99]
}

/// The same probabilities with shifts by which log Z is `usual`, and `most` in three rows of a hundred.
fn shifted(set: &Set, usual: f64, most: f64) -> Set {
    let now = log_z(set);
    changed(set, |idx, row| {
        let wanted = if idx % 100 < 3 { most } else { usual };
        for z in row {
            *z += single(wanted - now[idx]);
        }
    })
}

#[test]
fn the_growth_of_log_z() {
    let first = drawn(114, 5, 600, 1.0);
    let noise = drawn(115, 5, 600, 1.0);
    let worse = changed(&first, |idx, row| {
        row.iter_mut().zip(&noise.z[5 * idx..]).for_each(|(z, noise)| *z += noise);
    });
    let steps = [step(0, &first), step(1, &first)];
    let of_first = sizes(&first);
    for (wanted, is_told) in
        [([3.1, 3.1], true), ([2.9, 3.1], false), ([3.1, 2.9], false), ([2.9, 2.9], false)]
    {
        let most = wanted[1] * of_first[1];
        let last = shifted(&worse, (wanted[0] * of_first[0] - 0.03 * most) / 0.97, most);
        let growth = [0, 1].map(|at| sizes(&last)[at] / of_first[at]);
        assert!(growth.iter().zip(wanted).all(|(x, y)| (x / y - 1.0).abs() < 0.001), "{growth:?}");
        assert!(rise((&first, best_b(&first)), (&last, best_b(&last))) > 2.5);
        let all = [steps[0].clone(), steps[1].clone(), step(2, &last)];
        assert_eq!(found(&all, Rule::LseDrift).is_some(), is_told, "{wanted:?}");
    }
}
