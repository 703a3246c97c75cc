//! What T brings: groups that want another one, and calibration errors after scaling.

use logitscope::diagnosis::{Finding, Rule};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::plain::{Family, all_p, best_b, count, label, labels, nll, single, slopes, tops};
use super::{INFO, says, severity};
use crate::corrupt::Set;
use crate::diagnosis::{changed, drawn};
use crate::rule_by_rule::judged;

/// A group of rows at T*: how many, the p of its score test, and the step in ln T that it asks for.
struct Group {
    n: usize,
    p: f64,
    step: f64,
}

/// The thirds by confidence and the rows of every prediction, those of 50 rows and more.
fn groups(set: &Set) -> Vec<Group> {
    let b = best_b(set);
    let (slopes, p) = (slopes(set, b), all_p(set, b));
    let confidence = |idx: usize| p[idx].iter().copied().fold(0.0, f64::max);
    let mut order: Vec<usize> = (0..set.n()).collect();
    order.sort_by(|i, j| confidence(*i).total_cmp(&confidence(*j)));
    let mut members: Vec<Vec<usize>> =
        order.chunks(set.n().div_ceil(3)).map(<[usize]>::to_vec).collect();
    let tops = tops(set);
    members.extend((0..set.k).map(|class| (0..set.n()).filter(|i| tops[*i] == class).collect()));
    members.retain(|members| members.len() >= 50);
    let group = |members: Vec<usize>| {
        let sum = |of: &dyn Fn(&(f64, f64)) -> f64| -> f64 {
            members.iter().map(|idx| of(&slopes[*idx])).sum()
        };
        let z = sum(&|s| s.0) / sum(&|s| s.0 * s.0).sqrt();
        let p = libm::erfc(z.abs() / 2f64.sqrt());
        Group { n: members.len(), p, step: sum(&|s| s.0) / (b * sum(&|s| s.1)) }
    };
    let mut groups: Vec<Group> = members.into_iter().map(group).collect();
    groups.sort_by(|x, y| x.p.total_cmp(&y.p));
    groups
}

/// Rows that are predicted as class 0 are `x` times too sure.
fn too_sure(set: &Set, x: f64) -> Set {
    let tops = tops(set);
    changed(set, |idx, row| {
        if tops[idx] == 0 {
            for z in row {
                *z *= single(x);
            }
        }
    })
}

fn differ(set: &Set) -> bool {
    says(Rule::OneTemperatureNotEnough, set, false).is_some()
}

#[test]
fn the_step_that_a_group_asks_for() {
    let set = drawn(67, 4, 3600, 2.0);
    let family = Family {
        what: "the largest step in ln T",
        bound: 1.25f64.ln(),
        between: [1.1, 2.5],
        set: &|x| too_sure(&set, x),
        number: &|set| {
            let groups = groups(set);
            let most = groups.iter().map(|group| group.step.abs()).fold(0.0, f64::max);
            assert!(most < 0.2 || groups[0].p < 5e-4, "beyond chance");
            most
        },
    };
    family.check(differ, &[false, true]);
}

/// The smallest p times the number of groups, after Holm.
#[test]
fn the_error_over_all_groups() {
    let set = drawn(71, 4, 400, 2.0);
    let family = Family {
        what: "p times the groups",
        bound: 0.01,
        between: [1.4, 4.0],
        set: &|x| too_sure(&set, x),
        number: &|set| {
            let groups = groups(set);
            if groups[0].p * groups.len() as f64 <= 0.02 {
                assert!(groups[0].step.abs() > 0.25, "large enough");
            }
            groups[0].p * groups.len() as f64
        },
    };
    family.check(differ, &[true, false]);
}

#[test]
fn rows_that_a_group_must_have() {
    let set = drawn(73, 4, 3000, 2.0);
    let tops_of = tops(&set);
    let found = [49, 51].map(|n| {
        let mut seen = 0;
        let rows: Vec<usize> = (0..3000)
            .filter(|idx| {
                seen += usize::from(tops_of[*idx] == 0);
                tops_of[*idx] != 0 || seen <= n
            })
            .collect();
        let few = too_sure(&set.of_rows(&rows), 6.0);
        // The rows of the group are among the surest third, of which they are too few to be told by.
        assert_eq!(tops(&few).iter().filter(|top| **top == 0).count(), n);
        assert_eq!(groups(&few).iter().any(|group| group.n == n), n >= 50);
        differ(&few)
    });
    assert_eq!(found, [false, true], "49 rows and 51");
}

/// 15 bins of equal width: for each the rows, the sum of confidences and of hits.
fn bins(confidence: &[(f64, bool)]) -> [[f64; 3]; 15] {
    let mut bins = [[0.0; 3]; 15];
    for (p, is_right) in confidence {
        let bin = &mut bins[count((p * 15.0).ceil() - 1.0).min(14)];
        for (sum, more) in bin.iter_mut().zip([1.0, *p, f64::from(u8::from(*is_right))]) {
            *sum += more;
        }
    }
    bins
}

fn ece(confidence: &[(f64, bool)]) -> f64 {
    let gaps = bins(confidence).into_iter().map(|[_, p, hits]| (p - hits).abs());
    gaps.sum::<f64>() / confidence.len() as f64
}

/// What a calibrated model with these bins shows, about.
fn floor(confidence: &[(f64, bool)]) -> f64 {
    let of =
        |[n, p, _]: [f64; 3]| (2.0 * (p / n) * (1.0 - p / n) * n / std::f64::consts::PI).sqrt();
    let filled = bins(confidence).into_iter().filter(|bin| bin[0] > 0.0);
    filled.map(of).sum::<f64>() / confidence.len() as f64
}

fn confidences(set: &Set, b: f64) -> Vec<(f64, bool)> {
    let rows = all_p(set, b).into_iter().zip(tops(set)).zip(labels(set));
    rows.map(|((p, top), label)| (p[top], top == label)).collect()
}

fn found(fit: &Set, test: &Set) -> Vec<Finding> {
    judged(fit, test).findings
}

/// Of many test sets those whose ECE at the T of other rows lies nearest to the floor, on either side.
#[test]
fn an_error_below_that_of_a_calibrated_model() {
    let fit = drawn(79, 5, 1500, 2.0);
    let b = best_b(&fit);
    let sets = (100..160).map(|seed| {
        let set = drawn(seed, 5, 700, 2.0);
        let after = confidences(&set, b);
        (ece(&after) / floor(&after), set)
    });
    let mut sets: Vec<(f64, Set)> = sets.collect();
    sets.sort_by(|x, y| x.0.total_cmp(&y.0));
    let above = sets.partition_point(|(ratio, _)| *ratio < 1.0);
    let near = [&sets[above - 1], &sets[above]];
    assert!(near[0].0 > 0.95 && near[1].0 < 1.05, "{} and {}", near[0].0, near[1].0);
    let told = near.map(|(_, set)| severity(&found(&fit, set), Rule::BelowNoiseFloor));
    assert_eq!(told, [INFO, None]);
}

/// The share of draws of the rows in which ECE is larger at b than at 1.
fn rises(set: &Set, b: f64) -> f64 {
    let (before, after) = (confidences(set, 1.0), confidences(set, b));
    let mut random = Pcg64::seed_from_u64(5);
    let n_draws: u16 = 300;
    let rise = |_: &u16| {
        let drawn: Vec<usize> =
            (0..before.len()).map(|_| random.random_range(0..before.len())).collect();
        let of = |all: &[(f64, bool)]| ece(&drawn.iter().map(|i| all[*i]).collect::<Vec<_>>());
        of(&after) > of(&before)
    };
    (0..n_draws).filter(rise).count() as f64 / f64::from(n_draws)
}

/// The largest probability is right, but a wrong row's label is any of the others: only NLL sees that. With `part` of the
/// wrong labels moved so, T is further from the one at which ECE is least.
#[test]
fn the_share_of_draws_in_which_ece_rises() {
    let whole = drawn(83, 12, 1600, 2.0);
    let tops_of = tops(&whole);
    let moved = |part: usize| {
        let mut set = whole.clone();
        for (idx, of_row) in set.labels.iter_mut().enumerate() {
            let top = tops_of[idx];
            if *of_row as usize != top && idx % 100 < part {
                *of_row = label((top + 1 + idx * 7919 % 11) % 12);
            }
        }
        let half = |from: usize| set.of_rows(&(from..from + 800).collect::<Vec<_>>());
        (half(0), half(800))
    };
    let mut seen = [0; 2];
    for part in [20, 24, 26, 30, 34] {
        let (fit, test) = moved(part);
        let b = best_b(&fit);
        assert!(nll(&test, b).iter().sum::<f64>() < nll(&test, 1.0).iter().sum::<f64>());
        assert!(ece(&confidences(&test, b)) > ece(&confidences(&test, 1.0)));
        let share = rises(&test, b);
        println!("{part}: {share}");
        // So many draws tell the share to about 0.01.
        let told = severity(&found(&fit, &test), Rule::EceDisagrees);
        match share {
            share if share < 0.93 => assert_eq!(told, None, "{share}"),
            share if share > 0.97 => assert_eq!(told, INFO, "{share}"),
            _ => continue,
        }
        seen[usize::from(share > 0.95)] += 1;
    }
    assert!(seen.iter().all(|n| *n > 0), "shares on either side: {seen:?}");
}
