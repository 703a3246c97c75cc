//! Whether labels and logits belong together, and under which map.

use logitscope::diagnosis::{Finding, Rule, Severity};

use super::plain::{
    Family, Known, count, labels, mean, rows, shares, shuffled, single, tops, with_labels,
};
use super::{FAILURE, says};
use crate::corrupt::Set;
use crate::diagnosis::{changed, drawn};

/// Labels that follow nothing, all classes as often.
fn unrelated(set: &Set) -> Set {
    let order = shuffled(set.n());
    with_labels(set, |idx| order[idx] % set.k)
}

fn scaled(set: &Set, x: f64) -> Set {
    changed(set, |_, row| row.iter_mut().for_each(|z| *z *= single(x)))
}

/// The score of the label is raised by `x`.
fn raised(set: &Set, x: f64) -> Set {
    let labels = labels(set);
    changed(set, |idx, row| row[labels[idx]] += single(x))
}

/// The first `n` rows of an order without meaning have the label after the prediction, the others any.
fn moved(set: &Set, n: usize, by: usize) -> Set {
    let (tops, order) = (tops(set), shuffled(set.n()));
    with_labels(
        set,
        |idx| {
            if order[idx] < n { (tops[idx] + by) % set.k } else { order[idx] * 7 % set.k }
        },
    )
}

/// Agreement of the labels with the predictions moved by `by` classes.
fn agreement(set: &Set, by: usize) -> f64 {
    let hits =
        tops(set).into_iter().zip(labels(set)).map(|(top, label)| (top + by) % set.k == label);
    mean(hits.map(|hit| f64::from(u8::from(hit))))
}

/// Agreement above that of labels which follow nothing, and the latter.
fn above_chance(set: &Set, by: usize) -> (f64, f64) {
    let (q, pi) = (shares(&tops(set), set.k), shares(&labels(set), set.k));
    let chance: f64 = (0..set.k).map(|class| q[class] * pi[(class + by) % set.k]).sum();
    (agreement(set, by) - chance, chance)
}

fn finding(set: &Set, rule: Rule) -> Option<Finding> {
    set.findings(false).into_iter().find(|finding| finding.rule == rule)
}

/// Without a sign that labels and logits belong together nothing is said of T: `t` is 4.
#[test]
fn a_sign_of_labels_and_logits() {
    let noise = unrelated(&drawn(3, 3, 240, 0.5));
    let family = Family {
        what: "t of weak logits",
        bound: 4.0,
        between: [0.0, 1.0],
        set: &|x| raised(&noise, x),
        number: &|set| Known::of(set).t(),
    };
    let judged = |set: &Set| says(Rule::TemperatureUncertain, set, false).is_some();
    family.check(judged, &[false, true]);
}

#[test]
fn two_classes_that_are_swapped() {
    let noise = unrelated(&drawn(5, 2, 300, 1.0));
    let family = Family {
        what: "-t of two classes",
        bound: 4.0,
        between: [0.0, 2.0],
        set: &|x| raised(&noise, -x),
        number: &|set| -Known::of(set).t(),
    };
    family.check(|set| says(Rule::LabelsShifted, set, false), &[None, FAILURE]);
}

#[test]
fn scores_of_the_other_sign() {
    let noise = unrelated(&drawn(5, 5, 300, 1.0));
    let family = Family {
        what: "-t of five classes",
        bound: 4.0,
        between: [0.0, 2.0],
        set: &|x| raised(&noise, -x),
        number: &|set| -Known::of(set).t(),
    };
    family.check(|set| says(Rule::AntiInformative, set, false), &[None, FAILURE]);
}

/// Where the labels follow nothing: as far as the probabilities claim more, and would show it.
#[test]
fn labels_that_follow_nothing() {
    let misaligned = |set: &Set| says(Rule::RowsMisaligned, set, false);
    let noise = unrelated(&drawn(7, 3, 300, 1.0));
    Family {
        what: "t beside a claim",
        bound: 4.0,
        between: [0.0, 0.4],
        set: &|x| raised(&noise, x),
        number: &|set| {
            let known = Known::of(set);
            assert!(
                known.claim > 0.04 && known.t_q < 38.0,
                "{} {} {}",
                known.claim,
                known.t_q,
                known.t()
            );
            known.t_c.abs().max(known.t_p.abs())
        },
    }
    .check(misaligned, &[FAILURE, None]);

    let many = unrelated(&drawn(7, 12, 1500, 1.0));
    Family {
        what: "the claim",
        bound: 0.03,
        between: [0.1, 1.0],
        set: &|x| scaled(&many, x),
        number: &|set| Known::of(set).claim,
    }
    .check(misaligned, &[None, FAILURE]);

    let few = unrelated(&drawn(9, 12, 30, 1.0));
    Family {
        what: "t of right probabilities above t",
        bound: 5.0,
        between: [0.2, 2.0],
        set: &|x| scaled(&few, x),
        number: &|set| {
            let known = Known::of(set);
            known.t_q - known.t()
        },
    }
    .check(misaligned, &[None, FAILURE]);
}

/// Up to a tenth of what right probabilities would show counts as nothing.
#[test]
fn a_tenth_of_the_agreement() {
    let set = drawn(13, 12, 2400, 2.0);
    let order = shuffled(set.n());
    let own = labels(&set);
    let family = Family {
        what: "t over t of right probabilities",
        bound: 0.1,
        between: [0.0, 1200.0],
        set: &|n| {
            with_labels(&set, |idx| if order[idx] < count(n) { own[idx] } else { order[idx] % 12 })
        },
        number: &|set| {
            let known = Known::of(set);
            assert!(known.t_q > 60.0);
            known.t_c.abs().max(known.t_p.abs()) / known.t_q
        },
    };
    family.check(|set| says(Rule::RowsMisaligned, set, false), &[FAILURE, None]);
}

/// Scores too small to claim anything: what the agreement proves by Fano's inequality.
#[test]
fn what_an_agreement_proves() {
    let small = scaled(&drawn(17, 12, 1500, 1.0), 0.02);
    let held = |set: &Set| {
        let (known, p) = (Known::of(set), agreement(set, 1));
        assert!(known.claim < 0.02);
        let missing = -p * p.ln() - (1.0 - p) * (1.0 - p).ln() + (1.0 - p) * 11f64.ln();
        1.0 - missing / known.label_entropy
    };
    let family = Family {
        what: "the label information that is proved",
        bound: 0.1,
        between: [100.0, 1200.0],
        set: &|n| moved(&small, count(n), 1),
        number: &held,
    };
    family.check(|set| says(Rule::LabelsShifted, set, false), &[None, FAILURE]);
}

#[test]
fn what_a_map_wins() {
    let set = drawn(19, 12, 2500, 0.6);
    let family = Family {
        what: "the gain of a shift over what there is to win",
        bound: 0.1,
        between: [50.0, 700.0],
        set: &|n| moved(&set, count(n), 1),
        number: &|set| {
            let ((excess, chance), (now, _)) = (above_chance(set, 1), above_chance(set, 0));
            assert!(Known::of(set).claim > 0.04);
            (excess - now) / (1.0 - chance)
        },
    };
    family.check(|set| says(Rule::LabelsShifted, set, false), &[None, FAILURE]);
}

/// Rows of which `won` agree under a shift alone and none without it: `McNemar`'s statistic is the root of their number.
#[test]
fn what_a_map_wins_in_standard_errors() {
    let of_rows = |won: usize| {
        rows(40, 4, |idx| {
            let mut row = vec![0.0; 4];
            row[idx % 4] = 2.5 + single(idx as f64 / 400.0);
            (row, (idx + if idx < won { 1 } else { 2 + idx / 4 % 2 }) % 4)
        })
    };
    let got = [15, 17].map(|won| says(Rule::LabelsShifted, &of_rows(won), false));
    assert_eq!(got, [None, FAILURE], "the roots of 15 and of 17 about 4");
}

/// Labels are those of predictions moved by one, but for two classes, whose labels are swapped among them: of so many
/// rows a permutation is right and the shift is not.
#[test]
fn the_simplest_of_maps_as_good() {
    let all = drawn(23, 12, 3000, 2.5);
    let swapped = |class: usize| match class {
        3 => 8,
        7 => 4,
        other => (other + 1) % 12,
    };
    let of_rows = |n: f64| {
        let all_tops = tops(&all);
        let mut left = count(n);
        let kept: Vec<usize> = (0..all.n())
            .filter(|idx| {
                let is_rare = [3, 7].contains(&all_tops[*idx]);
                left -= usize::from(is_rare && left > 0);
                !is_rare || left > 0
            })
            .collect();
        let set = all.of_rows(&kept);
        let set_tops = tops(&set);
        // A tenth of the rows agrees with nothing: no accuracy is 1.
        with_labels(&set, |idx| if idx % 10 == 9 { idx % 12 } else { swapped(set_tops[idx]) })
    };
    let lost = |set: &Set| {
        let (q, pi) = (shares(&tops(set), 12), shares(&labels(set), 12));
        let excess = |map: &dyn Fn(usize) -> usize| {
            let hits = tops(set).into_iter().zip(labels(set)).map(|(top, label)| map(top) == label);
            let chance: f64 = (0..12).map(|class| q[class] * pi[map(class)]).sum();
            mean(hits.map(|hit| f64::from(u8::from(hit)))) - chance
        };
        excess(&swapped) - excess(&|class| (class + 1) % 12)
    };
    let family = Family {
        what: "what a permutation has above a shift",
        bound: 0.02,
        between: [20.0, 300.0],
        set: &of_rows,
        number: &lost,
    };
    let named = |set: &Set| {
        let maps = [Rule::LabelsShifted, Rule::LabelsPermuted];
        maps.into_iter().find(|rule| says(*rule, set, false) == FAILURE)
    };
    family.check(named, &[Some(Rule::LabelsShifted), Some(Rule::LabelsPermuted)]);
}

#[test]
fn rolls_of_up_to_64_rows() {
    let set = drawn(29, 12, 900, 2.5);
    for (by, is_told) in [(63, true), (64, true), (65, false), (66, false)] {
        for back in [false, true] {
            let mut rolled = set.clone();
            if back {
                rolled.labels.rotate_left(by);
            } else {
                rolled.labels.rotate_right(by);
            }
            let finding = finding(&rolled, Rule::RowsMisaligned).expect("misaligned");
            assert_eq!(finding.severity, Severity::Failure);
            let told = format!("stands {}{by} rows away", if back { "-" } else { "+" });
            assert_eq!(finding.message.contains(&told), is_told, "{}", finding.message);
        }
    }
}
