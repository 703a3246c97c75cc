//! What must hold for any data.

use logitscope::data::{BatchSource, Kind, Label, MemorySource, Values};
use logitscope::fit::{FitStatus, TemperatureFit, assign_folds, fit_temperature};
use logitscope::metrics::{Metrics, RowsAt, metrics};
use logitscope::summarize::{RowSummaries, summarize};
use proptest::prelude::*;

fn source(rows: &[(Vec<f64>, u32)]) -> MemorySource {
    let k = rows[0].0.len();
    let values = rows.iter().flat_map(|row| row.0.iter().copied()).collect();
    let labels = rows.iter().map(|row| Label::class(row.1).expect("small")).collect();
    MemorySource::new(k, Kind::Logits, Values::F64(values), labels).expect("lengths agree")
}

fn summaries(rows: &[(Vec<f64>, u32)]) -> RowSummaries {
    let source = source(rows);
    assert!(source.n_rows() == rows.len());
    summarize(&source, 1.0, &mut |_| true).expect("in memory")
}

fn at(rows: &RowSummaries, t: f64) -> Metrics {
    metrics(rows, &RowsAt::new(rows, t.recip()), 15)
}

fn fit(rows: &[(Vec<f64>, u32)]) -> TemperatureFit {
    fit_temperature(&summaries(rows), 0.95)
}

/// 2 to 60 rows of 2 to 7 classes; few classes keep scores, so everything is exact.
fn any_rows() -> impl Strategy<Value = Vec<(Vec<f64>, u32)>> {
    (2usize..8).prop_flat_map(|k| {
        let label = 0..u32::try_from(k).expect("small");
        proptest::collection::vec((proptest::collection::vec(-20.0..20.0f64, k), label), 2..60)
    })
}

proptest! {
    #[test]
    fn accuracy_never_changes_with_the_temperature(rows in any_rows(), t in 0.05..20.0f64) {
        let rows = summaries(&rows);
        let (one, other) = (at(&rows, 1.0), at(&rows, t));
        prop_assert!((one.accuracy - other.accuracy).abs() < 1e-15);
        prop_assert!((one.top5_accuracy - other.top5_accuracy).abs() < 1e-15);
    }

    #[test]
    fn figures_stay_in_their_range(rows in any_rows(), t in 0.05..20.0f64) {
        let m = at(&summaries(&rows), t);
        for share in [m.accuracy, m.mean_confidence, m.ece, m.ece_equal_mass, m.rmsce, m.mce] {
            prop_assert!((0.0..=1.0).contains(&share), "{share}");
        }
        prop_assert!(m.nll >= 0.0 && m.entropy >= -1e-12 && (-1e-12..=2.0).contains(&m.brier));
        prop_assert!(m.ece <= m.rmsce + 1e-12 && m.rmsce <= m.mce + 1e-12);
    }

    #[test]
    fn the_fitted_temperature_is_a_minimum(rows in any_rows()) {
        let fit = fit(&rows);
        let rows = summaries(&rows);
        if let Some(t) = fit.temperature {
            let best = at(&rows, t).nll;
            for factor in [0.5, 0.9, 0.999, 1.001, 1.1, 2.0] {
                prop_assert!(best <= at(&rows, t * factor).nll + 1e-12, "T {t}, {factor}");
            }
            prop_assert!(best <= at(&rows, 1.0).nll + 1e-12);
        } else { prop_assert_ne!(fit.status, FitStatus::Converged) }
    }

    #[test]
    fn without_a_minimum_the_nll_falls_to_an_end(rows in any_rows()) {
        let fit = fit(&rows);
        let rows = summaries(&rows);
        let nll = |t| at(&rows, t).nll;
        match fit.status {
            FitStatus::Separable => prop_assert!(nll(1e-3) <= nll(1e-2) + 1e-12),
            FitStatus::WorseThanUniform => prop_assert!(nll(1e4) <= nll(1e2) + 1e-12),
            _ => {}
        }
    }

    #[test]
    fn scaling_the_logits_scales_the_temperature(rows in any_rows(), c in 0.01..100.0f64) {
        let scaled: Vec<(Vec<f64>, u32)> =
            rows.iter().map(|(z, y)| (z.iter().map(|z| z * c).collect(), *y)).collect();
        let (one, other) = (fit(&rows), fit(&scaled));
        prop_assert_eq!(one.status, other.status);
        if let (Some(t), Some(u)) = (one.temperature, other.temperature) {
            prop_assert!((u / (c * t) - 1.0).abs() < 1e-6, "{t} times {c} is not {u}");
        }
    }

    #[test]
    fn order_and_copies_of_rows_change_no_mean(rows in any_rows(), t in 0.1..10.0f64) {
        let mut twice: Vec<(Vec<f64>, u32)> = rows.iter().rev().cloned().collect();
        twice.extend(rows.iter().cloned());
        let (one, other) = (at(&summaries(&rows), t), at(&summaries(&twice), t));
        for (x, y) in [
            (one.nll, other.nll),
            (one.brier, other.brier),
            (one.ece, other.ece),
            (one.mce, other.mce),
            (one.rmsce, other.rmsce),
            (one.entropy, other.entropy),
        ] {
            prop_assert!((x - y).abs() < 1e-12, "{x} {y}");
        }
    }

    #[test]
    fn adding_a_constant_to_a_row_changes_nothing_that_is_a_probability(
        rows in any_rows(), shift in -1e3..1e3f64,
    ) {
        let moved: Vec<(Vec<f64>, u32)> =
            rows.iter().map(|(z, y)| (z.iter().map(|z| z + shift).collect(), *y)).collect();
        let (one, other) = (at(&summaries(&rows), 1.0), at(&summaries(&moved), 1.0));
        prop_assert!((one.nll - other.nll).abs() < 1e-9);
        prop_assert!((one.brier - other.brier).abs() < 1e-9);
    }

    #[test]
    fn folds_are_balanced_overall_and_within_each_label(
        rows in any_rows(), n_folds in 2u32..8, seed in any::<u64>(),
    ) {
        let rows = summaries(&rows);
        let fold_of = assign_folds(&rows, n_folds, seed);
        let spread = |keep: &dyn Fn(usize) -> bool| {
            let mut counts = vec![0usize; n_folds as usize];
            for (idx, fold) in fold_of.iter().enumerate().filter(|(idx, _)| keep(*idx)) {
                let _ = idx;
                counts[*fold as usize] += 1;
            }
            counts.iter().max().copied().unwrap_or(0) - counts.iter().min().copied().unwrap_or(0)
        };
        prop_assert!(spread(&|_| true) <= 1);
        for label in 0..rows.n_classes() {
            prop_assert!(spread(&|idx| rows.row(idx).label() as usize == label) <= 1);
        }
        prop_assert_eq!(&fold_of, &assign_folds(&rows, n_folds, seed), "seeded");
    }
}
