//! What the classes get: bounds of mass, predictions, labels and directions.

use logitscope::diagnosis::Rule;

use super::plain::{
    Family, Known, best_b, labels, log, mean, mean_in_errors, rows, shares, shuffled, single,
    slopes, top, tops, with_labels,
};
use super::{FAILURE, INFO, WARNING, says};
use crate::corrupt::Set;
use crate::diagnosis::{changed, drawn};

fn as_logs(p: &[f64]) -> Vec<f32> {
    p.iter().map(|p| log(*p)).collect()
}

/// Whole rows of noise with labels that follow nothing.
fn noise(k: usize, n: usize, spread: f32) -> Set {
    let order = shuffled(n);
    with_labels(&drawn(31, k, n, spread), |idx| order[idx] % k)
}

/// Class 0 of three has a fifth of the labels. Its rows give it `of_own`, the others `of_others`, and share the rest.
fn mass(n: usize, of_own: f64, of_others: f64) -> Set {
    rows(n, 3, |idx| {
        let label = if idx % 5 == 0 { 0 } else { 1 + idx / 5 % 2 };
        let p = if label == 0 {
            [of_own, (1.0 - of_own) / 2.0, (1.0 - of_own) / 2.0]
        } else {
            let rest = 1.0 - of_others;
            let mut p = [of_others, 0.3 * rest, 0.3 * rest];
            p[label] = 0.7 * rest;
            p
        };
        // A shift of its own keeps rows from being equal.
        let row = as_logs(&p).into_iter().map(|z| z + single(idx as f64 / n as f64));
        (row.collect(), label)
    })
}

fn mass_ratio(set: &Set) -> f64 {
    let known = Known::of(set);
    known.a[0] / known.pi[0]
}

#[test]
fn the_mass_of_a_class_over_its_labels() {
    let biased = |set: &Set| says(Rule::ClassBias, set, false);
    Family {
        what: "mass over labels, from below",
        bound: 1.25,
        between: [0.01, 0.2],
        set: &|x| mass(8000, 0.9999, x),
        number: &mass_ratio,
    }
    .check(biased, &[None, WARNING]);
    Family {
        what: "mass over labels, from above",
        bound: 0.8,
        between: [0.5, 0.95],
        set: &|x| mass(3000, x, 1e-4),
        number: &mass_ratio,
    }
    .check(biased, &[WARNING, None]);
}

/// P(|Z| > z) of the mean of p - edge y.
fn p_of_mass(set: &Set, class: usize, edge: f64) -> f64 {
    let of_rows = super::plain::all_p(set, 1.0).into_iter().zip(labels(set));
    let over: Vec<f64> =
        of_rows.map(|(p, label)| p[class] - if label == class { edge } else { 0.0 }).collect();
    libm::erfc(mean_in_errors(&over).abs() / 2f64.sqrt())
}

/// Of three classes one is off: by Benjamini and Hochberg its p must be a third of the rate.
#[test]
fn the_false_discovery_rate_of_biased_classes() {
    let family = Family {
        what: "three times p",
        bound: 1e-3,
        between: [0.04, 0.12],
        set: &|x| mass(2000, 0.9999, x),
        number: &|set| {
            let ratio = mass_ratio(set);
            3.0 * if ratio > 1.25 { p_of_mass(set, 0, 1.25) } else { 1.0 }
        },
    };
    family.check(|set| says(Rule::ClassBias, set, false), &[WARNING, None]);
}

/// A class that has `n_labels` and a share of the probability, and is never predicted, among three others.
fn neglected(n: usize, n_labels: usize, share: f64) -> Set {
    let set = drawn(37, 3, n, 2.0);
    let four = rows(n, 4, |idx| {
        let row = &set.z[3 * idx..3 * idx + 3];
        let p = super::plain::softmax(row, 1.0);
        let p: Vec<f64> = p.into_iter().map(|p| p * (1.0 - share)).chain([share]).collect();
        let label = if idx < n_labels { 3 } else { labels(&set)[idx] };
        (as_logs(&p), label)
    });
    assert!(!tops(&four).contains(&3));
    four
}

#[test]
fn labels_that_a_class_must_have() {
    let found = |rule, n| says(rule, &neglected(1000, n, 1e-5), false);
    let of = |rule| [found(rule, 19), found(rule, 20)];
    assert_eq!(of(Rule::DeadClasses), [None, WARNING], "19 labels and 20");
    assert_eq!(of(Rule::ClassBias), [None, WARNING], "19 labels and 20");
}

#[test]
fn the_mass_of_a_dead_class() {
    let family = Family {
        what: "labels over mass",
        bound: 20.0,
        between: [1e-3, 1e-2],
        set: &|share| neglected(1000, 100, share),
        number: &|set| {
            let known = Known::of(set);
            known.pi[3] / known.a[3]
        },
    };
    family.check(|set| says(Rule::DeadClasses, set, false), &[None, WARNING]);
    let found = [195, 205].map(|n| says(Rule::DeadClasses, &neglected(1000, n, 1e-4), false));
    assert_eq!(found, [WARNING, FAILURE], "of a thousand rows");
}

/// Four classes; class 0 is predicted in `predicted` of 1,000 rows, of which a quarter are its own, with a mass of `x`
/// beyond its quarter.
fn gross(predicted: usize, x: f64) -> Set {
    let n = 1000;
    rows(n, 4, |idx| {
        let label = idx % 4;
        let is_own = label == 0;
        let is_predicted = is_own || idx * 3 / 4 % 750 < predicted - 250;
        // What the own rows have goes in, so that the mean is a quarter and x.
        let others = (0.25 + x - 0.25 * 0.98 - (predicted as f64 / 1000.0 - 0.25) * 0.6)
            / (1.0 - predicted as f64 / 1000.0);
        let of_zero = if is_own {
            0.98
        } else if is_predicted {
            0.6
        } else {
            others
        };
        let mut p = [of_zero; 4];
        for (other, p) in p.iter_mut().enumerate().skip(1) {
            let own = if other == label || is_own && other == 1 { 0.9 } else { 0.05 };
            *p = (1.0 - of_zero) * own;
        }
        (as_logs(&p).into_iter().map(|z| z + single(idx as f64 / 1000.0)).collect(), label)
    })
}

#[test]
fn a_class_that_gets_far_too_much() {
    let cases = [
        ("both above", 530, 0.257, true),
        ("the mass below", 530, 0.243, false),
        ("the predictions below", 490, 0.257, false),
    ];
    for (what, predicted, x, is_gross) in cases {
        let set = gross(predicted, x);
        let (known, q) = (Known::of(&set), shares(&tops(&set), 4)[0]);
        let excess = known.a[0] - 0.25;
        assert!((excess - x).abs() < 0.003, "{what}: {excess}");
        assert!((q - predicted as f64 / 1000.0).abs() < 0.003, "{what}: {q}");
        assert!(known.t_c > 4.0);
        assert_eq!(says(Rule::ClassBias, &set, false) == FAILURE, is_gross, "{what}");
    }
}

/// Logits with a huge part in common, or a tiny part of their own: alike only where both are so.
#[test]
fn rows_that_are_alike() {
    let own = noise(6, 1200, 1.0);
    let with = |common: f64, size: f64| {
        changed(&own, |_, row| {
            for (class, z) in row.iter_mut().enumerate() {
                let of_all = single(common * if class % 2 == 0 { 1.0 } else { -1.0 });
                *z = of_all + single(size) * *z;
            }
        })
    };
    let alike = |set: &Set| says(Rule::RowsAlike, set, false);
    Family {
        what: "share of the squares that differs",
        bound: 1e-3,
        between: [0.3, 3.0],
        set: &|common| with(common, 0.03),
        number: &|set| {
            assert!(Known::of(set).alike.1 < 0.04);
            Known::of(set).alike.0
        },
    }
    .check(alike, &[FAILURE, None]);
    Family {
        what: "root mean square of what differs",
        bound: 0.05,
        between: [0.01, 0.2],
        set: &|size| with(20.0, size),
        number: &|set| {
            assert!(Known::of(set).alike.0 < 5e-4);
            Known::of(set).alike.1
        },
    }
    .check(alike, &[FAILURE, None]);
}

/// Labels that point a little away from the logits, so that there is no temperature.
#[test]
fn a_model_that_claims_nothing() {
    let set = noise(6, 1500, 1.0);
    let seen = (0..6).map(|by| {
        let set = with_labels(&set, |idx| (labels(&set)[idx] + by) % 6);
        let slope = mean(slopes(&set, 0.0).into_iter().map(|(slope, _)| slope));
        (slope, set)
    });
    let (slope, set) = seen.max_by(|x, y| x.0.total_cmp(&y.0)).expect("six");
    assert!(slope > 0.0);
    let family = Family {
        what: "the claim",
        bound: 3e-3,
        between: [0.01, 0.5],
        set: &|x| changed(&set, |_, row| row.iter_mut().for_each(|z| *z *= single(x))),
        number: &|set| Known::of(set).claim,
    };
    family.check(|set| says(Rule::Collapsed, set, false), &[FAILURE, None]);
}

#[test]
fn the_entropy_of_the_mean_probabilities() {
    let set = noise(12, 1500, 0.2);
    let family = |what, bound, want| {
        Family {
            what,
            bound,
            between: [0.0, 14.0],
            set: &|x| changed(&set, |_, row| row[0] += single(x)),
            number: &|set| Known::of(set).spread,
        }
        .check(|set| says(Rule::PredictionsCollapsed, set, false), want);
    };
    family("half of the entropy", 0.5, &[WARNING, None]);
    family("a tenth of the entropy", 0.1, &[FAILURE, WARNING]);
}

/// One direction, with a little of the others.
fn one_direction(n: usize, x: f64) -> Set {
    let set = drawn(41, 12, n, 1.0);
    let set = changed(&set, |idx, row| {
        let along = row[0] * 3.0 + single(idx as f64 / n as f64);
        for (class, z) in row.iter_mut().enumerate() {
            let of_class = if class % 2 == 0 { 1.0 } else { -1.0 };
            *z = along * of_class + single(x) * *z;
        }
    });
    let tops: Vec<usize> = set.z.chunks_exact(12).map(top).collect();
    with_labels(&set, |idx| if idx % 3 == 0 { (tops[idx] + 2) % 12 } else { tops[idx] })
}

#[test]
fn directions_in_which_logits_vary() {
    let family = Family {
        what: "the participation ratio",
        bound: 1.5,
        between: [0.05, 3.0],
        set: &|x| one_direction(600, x),
        number: &|set| {
            assert!(Known::of(set).t() > 4.5);
            Known::of(set).directions
        },
    };
    family.check(|set| says(Rule::RankCollapse, set, false), &[WARNING, None]);
    let found = [63, 64].map(|n| says(Rule::RankCollapse, &one_direction(n, 0.2), false));
    assert_eq!(found, [None, WARNING], "63 and 64 rows");
}

/// Classes at the end with neither labels nor predictions, whose scores all differ.
fn padded(n_classes: usize, below: f64) -> Set {
    let set = drawn(43, 10, 800, 2.0);
    let own = labels(&set);
    rows(800, 10 + n_classes, |idx| {
        let row = &set.z[10 * idx..10 * idx + 10];
        let end = (0..n_classes).map(|class| single(-below - ((idx + class) % 7) as f64 / 8.0));
        (row.iter().copied().chain(end).collect(), own[idx])
    })
}

#[test]
fn classes_that_fill_a_vocabulary() {
    let padding = |set: &Set| says(Rule::DeadClasses, set, false);
    let found = [7, 8].map(|n| padding(&padded(n, 30.0)));
    assert_eq!(found, [None, INFO], "seven and eight");
    let family = Family {
        what: "K times the largest mean probability of such a class",
        bound: 1e-3,
        between: [4.0, 14.0],
        set: &|below| padded(8, below),
        number: &|set| 18.0 * Known::of(set).a[10..].iter().copied().fold(0.0, f64::max),
    };
    // Where one of them has more only those behind it are left, fewer than eight.
    family.check(padding, &[INFO, None]);
}

#[test]
fn one_column_that_holds_half_of_the_squares() {
    let set = drawn(47, 12, 1200, 2.0);
    let family = Family {
        what: "the share of a column",
        bound: 0.5,
        between: [1.0, 9.0],
        set: &|x| changed(&set, |_, row| row[5] *= single(x)),
        number: &|set| Known::of(set).column,
    };
    family.check(|set| says(Rule::HeavyTail, set, false), &[None, WARNING]);
}

/// NLL of each label under the frequencies of the labels of the OTHER rows, one added for each class.
fn prior(set: &Set) -> Vec<f64> {
    let labels = labels(set);
    let of = |label: usize| labels.iter().filter(|other| **other == label).count() as f64;
    let counts: Vec<f64> = (0..set.k).map(of).collect();
    let total = (labels.len() - 1 + set.k) as f64;
    labels.iter().map(|label| -(counts[*label] / total).ln()).collect()
}

#[test]
fn logits_against_the_frequencies_of_labels() {
    // Labels of other frequencies: what knows only that all are as frequent beats no prior.
    let set = noise(4, 500, 1.0);
    let set = with_labels(&set, |idx| [0, 0, 0, 0, 1, 1, 2, 3][labels(&set)[idx] + 4 * (idx % 2)]);
    let own = labels(&set);
    let raised = |x: f64| changed(&set, |idx, row| row[own[idx]] += single(x));
    let family = Family {
        what: "standard errors by which the NLL beats the frequencies",
        bound: 2.0,
        between: [0.1, 1.5],
        set: &raised,
        number: &|set| {
            let (fitted, prior) = (super::plain::nll(set, best_b(set)), prior(set));
            let gains: Vec<f64> = prior.iter().zip(&fitted).map(|(x, y)| x - y).collect();
            mean_in_errors(&gains)
        },
    };
    family.check(|set| says(Rule::WorseThanPrior, set, false), &[WARNING, None]);
    let family = Family {
        what: "standard errors of the slope at b = 0",
        bound: 4.0,
        between: [0.0, -0.6],
        set: &raised,
        number: &|set| {
            let slopes: Vec<f64> = slopes(set, 0.0).into_iter().map(|(slope, _)| slope).collect();
            mean_in_errors(&slopes)
        },
    };
    family.check(|set| says(Rule::WorseThanUniform, set, false), &[WARNING, FAILURE]);
}

/// The rows that confident learning counts: another class is likelier than it is on the mean over the rows of its label.
fn doubtful(set: &Set) -> f64 {
    let (p, own) = (super::plain::all_p(set, 1.0), labels(set));
    let of_own = |class: usize| {
        let rows = p.iter().zip(&own).filter(|(_, label)| **label == class);
        mean(rows.map(|(p, _)| p[class]))
    };
    let sure: Vec<f64> = (0..set.k).map(of_own).collect();
    let is_doubtful = |(p, label): (&Vec<f64>, &usize)| {
        let passing = (0..set.k).filter(|class| p[*class] >= sure[*class]);
        let likeliest = passing.max_by(|i, j| p[*i].total_cmp(&p[*j]));
        f64::from(u8::from(likeliest.is_some_and(|class| class != *label)))
    };
    mean(p.iter().zip(&own).map(is_doubtful))
}

#[test]
fn labels_that_the_model_doubts() {
    let set = drawn(53, 6, 1500, 5.0);
    let (own, order) = (tops(&set), shuffled(1500));
    let wrong = |n: f64| {
        with_labels(&set, |idx| {
            let is_wrong = order[idx] < super::plain::count(n);
            (own[idx] + if is_wrong { 1 + idx % 5 } else { 0 }) % 6
        })
    };
    let found = |set: &Set| says(Rule::LabelErrors, set, false);
    Family {
        what: "the share of doubtful labels",
        bound: 0.1,
        between: [0.0, 500.0],
        set: &wrong,
        number: &doubtful,
    }
    .check(found, &[None, INFO]);
    Family {
        what: "the accuracy above which a model may be asked",
        bound: 0.5,
        between: [900.0, 600.0],
        set: &wrong,
        number: &|set| {
            let right = tops(set).into_iter().zip(labels(set));
            mean(right.map(|(top, label)| f64::from(u8::from(top == label))))
        },
    }
    .check(found, &[None, INFO]);
}
