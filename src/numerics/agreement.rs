//! Every kernel on every instruction set of this machine against its scalar twin, and against each other.

use super::twin;
use super::{
    AcrossRows, InstructionSet, Kernel, Lattice, MAX_ACROSS, RowMoments, RowProfile, RowSummarizer,
    RowSummary, RowSums, Score, Simd, moments_of_sums, row_sums,
};

/// Row lengths around every vector width, and long ones.
const LENGTHS: [usize; 24] = [
    2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 127, 129, 1000, 4096, 4111,
    20_011,
];

/// A row by name.
struct Case {
    name: String,
    row: Vec<f32>,
}

fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 11) as f64 / (1u64 << 53) as f64
}

#[expect(clippy::cast_possible_truncation, reason = "rows of f32")]
fn random(k: usize, scale: f64, seed: u64) -> Vec<f32> {
    let mut state = seed;
    let mut normal = || (0..6).map(|_| uniform(&mut state)).sum::<f64>() - 3.0;
    (0..k).map(|_| (scale * normal()) as f32).collect()
}

/// Finite rows of every kind, of length k.
fn cases(k: usize) -> Vec<Case> {
    let tied = random(k, 2.0, 3).iter().map(|z| z.round()).collect();
    let mut peaked = random(k, 1.0, 4);
    peaked[k / 2] = 45.0;
    let mut last = random(k, 3.0, 5);
    last[k - 1] = 9.0;
    let mut absent = random(k, 4.0, 6);
    for z in absent.iter_mut().skip(1).step_by(3) {
        *z = f32::NEG_INFINITY;
    }
    let mut lonely = vec![f32::NEG_INFINITY; k];
    lonely[k - 1] = -2.5;
    let mut extreme = random(k, 1.0, 7);
    (extreme[0], extreme[k - 1]) = (f32::MAX, f32::MIN);
    let rows = [
        ("random", random(k, 5.0, 1)),
        ("far from 0", random(k, 1.0, 2).iter().map(|z| z + 1e4).collect()),
        ("tied", tied),
        ("all equal", vec![1.5; k]),
        ("peaked", peaked),
        ("largest last", last),
        ("ascending", (0..k).map(|i| i as f32 / 8.0).collect()),
        ("descending", (0..k).map(|i| i as f32 / -8.0).collect()),
        ("huge", random(k, 1e30, 8)),
        ("extreme", extreme),
        ("tiny", random(k, 1e-20, 9)),
        ("subnormal", random(k, 1e-40, 10)),
        ("absent classes", absent),
        ("one class present", lonely),
    ];
    let case = |(name, row)| Case { name: format!("{name}, K = {k}"), row };
    rows.into_iter().map(case).collect()
}

struct Summarize<'a, S> {
    row: &'a [S],
    label_idx: usize,
    lattice: Option<Lattice>,
}

impl<S: Score> Kernel for Summarize<'_, S> {
    type Output = Option<(RowSummary, Vec<f32>)>;

    #[inline(always)]
    fn run<I: Simd>(self, isa: I) -> Self::Output {
        let mut nodes = Vec::new();
        let mut summarizer = RowSummarizer::new(isa, self.lattice);
        // A row of another length before it must leave no trace.
        summarizer.row(&[S::ZERO, S::ZERO], 0, &mut Vec::new());
        let summary = summarizer.row(self.row, self.label_idx, &mut nodes)?;
        Some((summary, nodes))
    }
}

struct Exact<'a, S>(&'a [S], f64);

impl<S: Score> Kernel for Exact<'_, S> {
    type Output = RowMoments;

    #[inline(always)]
    fn run<I: Simd>(self, isa: I) -> RowMoments {
        let largest = |max: S, z: &S| if *z > max { *z } else { max };
        let max = self.0.iter().fold(S::LOWEST, largest);
        let n_max = self.0.iter().filter(|z| **z >= max).count();
        let n_max = u32::try_from(n_max).expect("few classes");
        let mut out = Vec::new();
        moments_of_sums(isa, &[row_sums(isa, self.0, (max, n_max), self.1)], &mut out);
        out[0]
    }
}

struct Finish<'a>(RowSums, &'a mut Vec<RowMoments>);

impl Kernel for Finish<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Simd>(self, isa: I) {
        moments_of_sums(isa, &[self.0], self.1);
    }
}

/// Relative to `scale` where that is larger than 1.
fn near(got: f64, want: f64, scale: f64, tolerance: f64) -> bool {
    got.total_cmp(&want).is_eq() || (got - want).abs() <= tolerance * scale.max(1.0)
}

fn assert_moments(what: &str, got: &RowMoments, want: &RowMoments) {
    for (got, want) in [(got.at, want.at), (got.at_double, want.at_double)] {
        // A central moment is a difference of moments about the maximum, which are what rounds.
        let square = want.below_max.powi(2) + want.variance;
        let cube = square.powi(3).sqrt() + want.third.abs();
        assert!(near(got.log_z, want.log_z, want.log_z, 1e-12), "{what}: {got:?} {want:?}");
        let first = want.below_max;
        assert!(near(got.below_max, first, first, 1e-12), "{what}: {got:?} {want:?}");
        assert!(near(got.variance, want.variance, square, 1e-12), "{what}: {got:?} {want:?}");
        assert!(near(got.third, want.third, cube, 1e-11), "{what}: {got:?} {want:?}");
    }
}

fn assert_profile(what: &str, got: &RowProfile, want: &RowProfile) {
    let exact = |p: &RowProfile| (p.top, p.n_max, p.n_present, p.min.to_bits());
    assert_eq!(exact(got), exact(want), "{what}");
    let spread = want.top[0].1 - want.min;
    assert!(near(got.mean, want.mean, spread, 1e-12), "{what}: {got:?} {want:?}");
    // sd is a root of a difference: what rounds is its square.
    let square = |p: &RowProfile| p.sd * p.sd;
    assert!(near(square(got), square(want), spread * spread, 1e-12), "{what}: {got:?} {want:?}");
    assert!(near(got.norm, want.norm, want.norm, 1e-12), "{what}: {got:?} {want:?}");
}

fn check<S: Score>(name: &str, row: &[S]) {
    let profile = twin::profile(row).expect("finite");
    let at_one = twin::moments(row, 1.0);
    for set in InstructionSet::available() {
        let what = format!("{name} on {}", set.name());
        for label_idx in [0, row.len() / 2, row.len() - 1] {
            let (summary, _) = set
                .run(Summarize { row, label_idx, lattice: Some(Lattice::covering(1.0)) })
                .expect("finite");
            assert_profile(&what, &summary.profile, &profile);
            assert_eq!(summary.label_rank, twin::rank(row, label_idx), "{what}, label {label_idx}");
            let mut moments = Vec::new();
            set.run(Finish(summary.at_one.expect("there is a lattice"), &mut moments));
            assert_moments(&what, &moments[0], &at_one);
        }
        for b in [1e-3, 0.3, 1.0, 7.0] {
            assert_moments(
                &format!("{what}, b = {b}"),
                &set.run(Exact(row, b)),
                &twin::moments(row, b),
            );
        }
    }
}

#[test]
fn summaries_and_exact_moments_agree_with_the_twins_in_f32() {
    for k in LENGTHS {
        for case in cases(k) {
            check(&case.name, &case.row);
        }
    }
}

#[test]
fn summaries_and_exact_moments_agree_with_the_twins_in_f64() {
    for k in LENGTHS {
        for case in cases(k) {
            // Digits that f32 does not have; absent classes and extremes stay what they are.
            let row: Vec<f64> = case.row.iter().map(|&z| f64::from(z) * (1.0 + 1e-11)).collect();
            check(&case.name, &row);
        }
    }
}

#[test]
fn rows_as_long_as_a_vocabulary_agree() {
    let row = random(200_000, 3.0, 11);
    check("K = 200,000", &row);
}

#[test]
fn nodes_agree_with_the_definitions_to_f32() {
    for k in LENGTHS {
        for case in cases(k) {
            for b0 in [1.0, 40.0, 3e-4] {
                check_nodes(&case, Lattice::covering(b0));
            }
        }
    }
}

fn check_nodes(case: &Case, lattice: Lattice) {
    let want: Vec<[f64; 3]> = lattice.nodes().iter().map(|&b| twin::node(&case.row, b)).collect();
    for set in InstructionSet::available() {
        let summarized =
            set.run(Summarize { row: &case.row, label_idx: 0, lattice: Some(lattice) });
        let (_, nodes) = summarized.expect("finite");
        assert_eq!(nodes.len(), lattice.row_len());
        for (idx, (got, want)) in nodes.chunks_exact(3).zip(&want).enumerate() {
            // The derivatives are averages of b d and (b d)^2, b d up to 88 before a term vanishes, and
            // squaring leaves 1e-6 of each term.
            for (got, (want, scale)) in got.iter().zip(want.iter().zip([1.0, 1.0, 8.0])) {
                let close = near(f64::from(*got), *want, want.abs().max(scale), 4e-6);
                assert!(close, "{} on {}, node {idx}: {got} {want}", case.name, set.name());
            }
        }
    }
}

#[test]
fn rows_with_a_number_that_is_none_have_no_summary() {
    for k in LENGTHS {
        for bad in [f32::NAN, f32::INFINITY] {
            for at in [0, k / 2, k - 1] {
                let mut row = random(k, 2.0, 12);
                row[at] = bad;
                assert_refused(&row);
                let row: Vec<f64> = row.iter().map(|&z| f64::from(z)).collect();
                assert_refused(&row);
            }
        }
        assert_refused(&vec![f32::NEG_INFINITY; k]);
    }
}

fn assert_refused<S: Score>(row: &[S]) {
    for set in InstructionSet::available() {
        for lattice in [None, Some(Lattice::covering(1.0))] {
            let summarized = set.run(Summarize { row, label_idx: 0, lattice });
            assert!(summarized.is_none(), "{}, K = {}", set.name(), row.len());
        }
    }
}

#[test]
fn rows_side_by_side_agree_with_the_twins() {
    for k in [2, 3, 7, 10, 48, MAX_ACROSS] {
        // Thirteen rows: one group and a part of one.
        let rows: Vec<Vec<f32>> = cases(k).into_iter().map(|case| case.row).take(13).collect();
        let values = rows.concat();
        let b_of = |idx: usize| 0.25 + idx as f64 / 4.0;
        for set in InstructionSet::available() {
            let mut out = Vec::new();
            set.run(AcrossRows {
                values: &values,
                n_classes: k,
                rows: (0..rows.len()).rev(),
                b_of,
                out: &mut out,
            });
            assert_eq!(out.len(), rows.len());
            for (got, (idx, row)) in out.iter().zip(rows.iter().enumerate().rev()) {
                let what = format!("row {idx} of K = {k} on {}", set.name());
                assert_moments(&what, got, &twin::moments(row, b_of(idx)));
            }
        }
    }
}
