//! What rows are and how large their scores: bounds of shares of rows, of sums, of margins and of piles.

use logitscope::data::Kind;
use logitscope::diagnosis::{Finding, Rule, Severity};
use logitscope::io::{self, OpenOptions};

use super::plain::{
    Family, labels, log, mean, nll, rows, shuffled, single, softmax, top, with_labels,
};
use super::{FAILURE, INFO, WARNING, base, median, says, severity};
use crate::corrupt::Set;
use crate::diagnosis::{changed, drawn, made_up};
use crate::forms::{archive, npy};
use crate::rule_by_rule::at_step;
use crate::shared;

/// What is found in numbers that are read as this kind.
fn read_as(kind: Kind, set: &Set, half: bool) -> Vec<Finding> {
    set.findings_with(half, &OpenOptions { kind: Some(kind), ..OpenOptions::default() })
}

fn probabilities(n: usize) -> Set {
    changed(&made_up(4, n, 2.0), |_, row| {
        let p = softmax(row, 1.0);
        row.iter_mut().zip(p).for_each(|(z, p)| *z = single(p));
    })
}

/// Of probabilities that are said to be logits, or logarithms that are, so many are neither.
#[test]
fn rows_that_look_like_probabilities() {
    let with_others = |set: &Set, n: usize| {
        changed(set, |idx, row| {
            if idx < n {
                row[0] += 0.25;
            }
        })
    };
    let p = probabilities(2000);
    let logs = changed(&p, |_, row| row.iter_mut().for_each(|p| *p = p.ln()));
    for (set, rule, told) in
        [(&p, Rule::ProbabilitiesGiven, FAILURE), (&logs, Rule::LogProbabilitiesGiven, INFO)]
    {
        let found =
            [3, 1].map(|n| severity(&read_as(Kind::Logits, &with_others(set, n), false), rule));
        assert_eq!(found, [None, told], "99.85 % and 99.95 %");
    }
}

/// Sums of rows that are a little off: in float32 by a thousandth, in float16 by a hundredth. All numbers are multiples of
/// 1/2048 where float16 must hold them.
#[test]
fn sums_of_probabilities() {
    let found = |off: f32, half: bool| {
        let set = rows(600, 4, |idx| {
            let own = idx % 4;
            let mut row = vec![0.125 + (idx / 4) as f32 / 2048.0; 4];
            row[own] = 1.0 - row[(own + 1) % 4] * 3.0 + off;
            assert!((row.iter().sum::<f32>() - 1.0 - off).abs() < 1e-6);
            (row, if idx % 9 == 0 { (own + 1) % 4 } else { own })
        });
        severity(&read_as(Kind::Logits, &set, half), Rule::ProbabilitiesGiven)
    };
    for sign in [-1.0, 1.0] {
        assert_eq!(found(sign * 0.00097, false), FAILURE);
        assert_eq!(found(sign * 0.00103, false), None);
        assert_eq!(found(sign * 40.0 / 4096.0, true), FAILURE, "0.0098");
        assert_eq!(found(sign * 42.0 / 4096.0, true), None, "0.0103");
    }
}

#[test]
fn labels_of_probability_0() {
    let set = probabilities(2000);
    let impossible = |n: usize| {
        let own = labels(&set);
        let set = changed(&set, |idx, row| {
            if idx < n {
                let p = row[own[idx]];
                row[own[idx]] = 0.0;
                row[(own[idx] + 1) % 4] += p;
            }
        });
        severity(&read_as(Kind::Probs, &set, false), Rule::ProbabilitiesGiven)
    };
    assert_eq!([19, 21].map(impossible), [WARNING, FAILURE], "0.95 % and 1.05 %");
}

/// The first `n` rows fall from the first class to the last, the others do not.
fn falling(k: usize, n_rows: usize, n: usize) -> Set {
    changed(&made_up(k, n_rows, 2.0), |idx, row| {
        row.sort_by(|x, y| y.total_cmp(x));
        if idx >= n {
            row.swap(0, k - 1);
        }
    })
}

#[test]
fn rows_that_were_cut() {
    let cut = |set: Set| says(Rule::TruncatedRows, &set, false);
    assert_eq!([9, 10].map(|k| cut(falling(k, 800, 800))), [None, WARNING], "classes");
    assert_eq!(
        [940, 960].map(|n| cut(falling(12, 1000, n))),
        [None, WARNING],
        "per mille that fall"
    );
    let filled = |n: usize| {
        let set = made_up(12, 1000, 2.0);
        let own = labels(&set);
        changed(&set, |idx, row| {
            if idx < n {
                row[(own[idx] + 1) % 12] = -100.0;
            }
        })
    };
    assert_eq!([195, 205].map(|n| cut(filled(n))), [None, WARNING], "per mille that end at -100");
}

/// Rows of 32 bits are compared, rows of 16 are not: those are equal by chance.
#[test]
fn bits_that_can_be_compared() {
    let doubled = |k: usize, half: bool| {
        let set = made_up(2, 600, 2.0);
        let rows_of = |idx: usize| set.z[2 * (idx % 300)..][..k].to_vec();
        let labels = labels(&set);
        let set = rows(600, k, |idx| (rows_of(idx), labels[idx % 300]));
        severity(&set.findings(half), Rule::DuplicateRows)
    };
    assert_eq!(doubled(1, true), None, "one float16");
    assert_eq!(doubled(2, true), WARNING, "two float16");
    assert_eq!(doubled(1, false), WARNING, "one float32");
}

/// Labels that are distributions, 0.9995 of each on the largest score: in hard labels an accuracy above 0.999 of fewer
/// than 1,000 rows is that of all of them.
#[test]
fn rows_from_which_an_accuracy_is_told() {
    let found = [990, 1010].map(|n| {
        let set = drawn(59, 5, n, 2.0);
        let z: Vec<u8> = set.z.iter().flat_map(|z| z.to_le_bytes()).collect();
        let shares = |row: &[f32]| {
            let mut shares = [0.000_125; 5];
            shares[top(row)] = 0.9995;
            shares
        };
        let labels: Vec<u8> =
            set.z.chunks_exact(5).flat_map(shares).flat_map(f64::to_le_bytes).collect();
        let shape = format!("({n}, 5)");
        let members =
            [("logits.npy", npy("<f4", &shape, &z)), ("labels.npy", npy("<f8", &shape, &labels))];
        let bytes = archive(&members, zip::CompressionMethod::Stored);
        let loaded = io::open_bytes("x.npz", &bytes, &OpenOptions::default()).expect("opens");
        severity(&shared::study_of(loaded).findings, Rule::SuspiciouslyPerfect)
    });
    assert_eq!(found, [None, WARNING], "990 rows and 1,010");
}

fn margins(set: &Set) -> Vec<f64> {
    let margin = |row: &[f32]| {
        let mut sorted = row.to_vec();
        sorted.sort_by(|x, y| y.total_cmp(x));
        f64::from(sorted[0] - sorted[1])
    };
    set.z.chunks_exact(set.k).map(margin).collect()
}

#[test]
fn a_margin_beyond_float32() {
    let set = made_up(12, 901, 2.0);
    let family = Family {
        what: "the median margin",
        bound: 103.97,
        between: [10.0, 400.0],
        set: &|x| changed(&set, |_, row| row.iter_mut().for_each(|z| *z *= single(x))),
        number: &|set| median(margins(set)),
    };
    let told = |set: &Set| {
        let found = set.findings(false);
        found.iter().any(|f| f.rule == Rule::Exploding && f.number("median_margin").is_some())
    };
    family.check(told, &[false, true]);
}

/// In one row of fifty the label has the score `most`, which lies `above` the mean of the row.
fn outliers(most: f64, above: f64) -> Set {
    let set = base();
    let own = labels(&set);
    changed(&set, |idx, row| {
        if idx % 50 == 0 {
            let others = (most - above) - above / 11.0;
            row.fill(single(others));
            row[own[idx]] = single(most);
        }
    })
}

/// Both are asked for: a shift of all scores raises one of them, classes that are ruled out the other.
#[test]
fn powers_that_overflow_float32() {
    let cases = [(86.0, 86.0, None), (91.0, 91.0, WARNING), (91.0, 86.0, None), (86.0, 91.0, None)];
    for (most, above, want) in cases {
        let found = says(Rule::Exploding, &outliers(most, above), false);
        assert_eq!(found, want, "largest {most}, {above} above the mean");
    }
}

/// Rows whose largest scores are `piled` times 29.9, `lower` times 29.2, and else below 20.
fn piled(n_rows: usize, piled: usize, lower: usize) -> Set {
    let order = shuffled(n_rows);
    rows(n_rows, 3, |idx| {
        let most = match order[idx] {
            at if at < piled => 29.9 + at as f32 * 1e-4,
            at if at < piled + lower => 29.2,
            at => 8.0 + 12.0 * at as f32 / n_rows as f32,
        };
        let mut row = vec![-most / 2.0 - idx as f32 / n_rows as f32; 3];
        row[idx % 3] = most;
        row[(idx + 1) % 3] -= 0.5;
        (row, if idx % 4 == 0 { (idx + 1) % 3 } else { idx % 3 })
    })
}

#[test]
fn maxima_that_pile_up_below_a_cap() {
    let cases = [
        ("nine rows", 900, 9, 0, None),
        ("ten rows", 900, 10, 0, WARNING),
        ("0.97 per mille", 12_371, 12, 0, None),
        ("1.03 per mille", 11_650, 12, 0, WARNING),
        ("4.9 times as many as lower", 900, 49, 10, None),
        ("5.1 times as many as lower", 900, 51, 10, WARNING),
    ];
    for (what, n_rows, n, lower, want) in cases {
        assert_eq!(says(Rule::SoftCap, &piled(n_rows, n, lower), false), want, "{what}");
    }
}

#[test]
fn a_head_with_opinions() {
    let order = shuffled(900);
    let set = with_labels(&drawn(61, 8, 900, 1.0), |idx| order[idx] % 8);
    let family = Family {
        what: "NLL above ln K",
        bound: 0.5,
        between: [0.1, 3.0],
        set: &|x| changed(&set, |_, row| row.iter_mut().for_each(|z| *z *= single(x))),
        number: &|set| mean(nll(set, 1.0)) - 8f64.ln(),
    };
    let told = |set: &Set| severity(&at_step(set, "0"), Rule::HotStart);
    family.check(told, &[None, WARNING]);
}

/// So many rows have this margin, with the label on top or with another class there.
fn sure(n: usize, margin: f64, is_right: bool) -> Set {
    let set = made_up(5, 1000, 1.0);
    let of_rows: Vec<usize> = set.z.chunks_exact(5).map(top).collect();
    let set = with_labels(&set, |idx| match (idx < n, is_right) {
        (true, true) => of_rows[idx],
        (true, false) => (of_rows[idx] + 1) % 5,
        _ => set.labels[idx] as usize,
    });
    changed(&set, |idx, row| {
        if idx < n {
            let first = top(row);
            let second = row.iter().enumerate().filter(|(class, _)| *class != first);
            let second = second.map(|(_, z)| *z).fold(f32::MIN, f32::max);
            row[first] = second + single(margin);
        }
    })
}

#[test]
fn rows_that_are_sure_beyond_float32() {
    let cases = [
        ("one wrong row of 16.3", sure(1, 16.3, false), None),
        ("one wrong row of 17", sure(1, 17.0, false), WARNING),
        ("49 %, all right", sure(490, 17.0, true), None),
        ("51 %, all right", sure(510, 17.0, true), WARNING),
        ("51 % of 16.3, all right", sure(510, 16.3, true), None),
    ];
    for (what, set, want) in cases {
        assert_eq!(says(Rule::Saturated, &set, false), want, "{what}");
    }
}

/// Logarithms of probabilities are told by log Z, which may be a thousandth.
#[test]
fn sums_of_logarithms() {
    let logs =
        changed(&probabilities(600), |_, row| row.iter_mut().for_each(|p| *p = log(f64::from(*p))));
    let moved = |by: f32| {
        let set = changed(&logs, |_, row| row.iter_mut().for_each(|z| *z -= by));
        severity(&read_as(Kind::Logits, &set, false), Rule::LogProbabilitiesGiven)
    };
    assert_eq!([0.00097, 0.00103].map(moved), [Some(Severity::Info), None]);
}
