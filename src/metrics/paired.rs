//! The difference between two models on the same rows, with intervals from draws that both share.

use serde::Serialize;

use super::bootstrap::about;
use super::{
    Binning, Difference, DrawFigures, DrawOptions, FigureColumns, Outcome, Resampled, RowsAt, ece,
    lots, reliability,
};

/// The second model minus the first, on the same rows: of accuracy more is better, of the others less.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PairedDifferences {
    /// Share of rows that are right.
    pub accuracy: Difference,
    /// Mean negative log-likelihood, in nats.
    pub nll: Difference,
    /// Mean Brier score.
    pub brier: Difference,
    /// ECE with bins of equal width.
    pub ece: Difference,
}

/// `second` minus `first`, the same rows of K = `n_classes` classes by two models, with `n_bins` bins (at least 1) and
/// percentile intervals at `level` (of the ECE about its value) from draws of rows, in this `order`, or of whole groups where
/// `group_of` has one for every row: each draw takes the same rows for both, so that what is hard for both cancels.
///
/// # Panics
/// If the two differ in length.
pub fn paired_differences(
    (first, second): (&RowsAt, &RowsAt),
    (n_classes, n_bins): (usize, usize),
    (order, group_of): (&[u32], Option<&[u32]>),
    draws: DrawOptions,
    level: f64,
) -> PairedDifferences {
    let n_rows = first.nll.len();
    assert_eq!(n_rows, second.nll.len(), "the same rows by both models");
    let shape = (n_rows, n_classes);
    let (figures, cell_of, columns) = FigureColumns::of_sides(shape, &[first, second], n_bins);
    let lots = group_of.map_or_else(|| lots(order, draws.seed), |_| None);
    let table = Resampled::new(order, (&cell_of, figures.n_cells()), columns)
        .in_groups(group_of.or(lots.as_deref()), |c| figures.is_by_cell(c));
    let drawn = table.draws(draws, |_, sums| figures.figures(sums));
    let is_known = |idx: usize| first.knows(idx) && second.knows(idx);
    let all = [first, second].map(|at| of_all(at, &is_known, (n_classes, n_bins)));
    let value = |figure: fn(&DrawFigures) -> f64| figure(&all[1]) - figure(&all[0]);
    let draws = |figure: fn(&DrawFigures) -> f64| {
        let of_draw = |sides: &Vec<DrawFigures>| figure(&sides[1]) - figure(&sides[0]);
        drawn.iter().map(of_draw).collect::<Vec<f64>>()
    };
    let difference = |figure| Difference::of(value(figure), &draws(figure), level);
    let ece = value(|d| d.ece);
    PairedDifferences {
        accuracy: difference(|d| d.accuracy),
        nll: difference(|d| d.nll),
        brier: difference(|d| d.brier),
        ece: Difference::of(ece, &about(ece, draws(|d| d.ece)), level),
    }
}

/// The figures of all rows; those that are not compared are left out.
fn of_all(at: &RowsAt, is_known: &dyn Fn(usize) -> bool, shape: (usize, usize)) -> DrawFigures {
    let (n_classes, n_bins) = shape;
    let width = reliability(at, Outcome::headline(n_classes), Binning::Width, n_bins);
    DrawFigures {
        accuracy: at.accuracy(),
        mean_confidence: f64::NAN,
        nll: at.mean_nll_where(is_known),
        brier: at.mean(&at.brier),
        ece: ece(&width.bins),
        ece_equal_mass: f64::NAN,
    }
}
