//! Intervals of the figures and of the temperature, from rows drawn with replacement.

use crate::fit::{BootstrapInterval, TemperatureColumns};
use crate::metrics::{
    BOOTSTRAP_METHOD, DrawFigures, DrawOptions, DrawSums, FigureColumns, GROUP_BOOTSTRAP_METHOD,
    Improvement, Intervals, LOT_BOOTSTRAP_METHOD, Metrics, Outcome, Resampled, RowsAt, is_in_lots,
    lots, noise_floor_of, stretched, wilson_share,
};
use crate::summarize::RowSummaries;

use super::{Analysis, AnalysisOptions, EvaluatedOn, JudgedAt};

/// What drawing rows and outcomes anew says about one data set.
#[derive(Clone, PartialEq, Debug)]
pub struct Bootstrap {
    /// Nominal coverage of the intervals, such as 0.95.
    pub level: f64,
    /// Number of draws.
    pub n_draws: usize,
    /// Groups of evaluated rows that were drawn whole, see [`RowSummaries::groups`]; `None` where every row was drawn
    /// on its own.
    pub n_groups: Option<usize>,
    /// How the intervals were made.
    pub method: &'static str,
    /// The evaluated rows at T = 1.
    pub before: Simulated,
    /// The same rows after scaling; each draw keeps the temperature of every row.
    pub after: Option<Simulated>,
    /// After minus before, within each draw.
    pub improvement: Option<Improvement>,
    /// The temperature, refitted on every draw of the rows it was fitted on.
    pub temperature: Option<BootstrapInterval>,
}

/// The figures of one temperature.
#[derive(Clone, PartialEq, Debug)]
pub struct Simulated {
    /// Percentile intervals.
    pub intervals: Intervals,
    /// The ECE that these rows would show if every probability were right, see [`noise_floor_of`].
    pub noise_floor: f64,
}

/// What one draw says.
struct Drawn {
    /// Before and after.
    figures: Vec<DrawFigures>,
    /// Mean change of NLL of the fitted temperature, where the figures after scaling are out of fold.
    change: Option<f64>,
    temperature: Option<f64>,
}

/// The bootstrap of what [`super::analyze`] made of the same rows with the same options. `None` if no draws are
/// asked for, there is no row to evaluate, or all rows are one group: every draw would be the same.
///
/// Seeded, and the same whatever the number of threads. Without test rows figures and temperature come from the
/// same draws.
pub fn bootstrap(
    fit_rows: &RowSummaries,
    test_rows: Option<&RowSummaries>,
    analysis: &Analysis,
    options: &AnalysisOptions,
) -> Option<Bootstrap> {
    let rows = test_rows.unwrap_or(fit_rows);
    let is_one_group = rows.groups().is_some_and(|of| of.iter().all(|group| *group == 0));
    if options.n_draws == 0 || rows.is_empty() || is_one_group {
        return None;
    }
    let (before, after) = (RowsAt::new(rows, 1.0), after(rows, analysis, options));
    let sides: Vec<&RowsAt> = std::iter::once(&before).chain(&after).collect();
    let (drawn, n_units) = draws((fit_rows, test_rows), &sides, analysis, options);
    let temperatures: Option<Vec<f64>> = drawn.iter().map(|draw| draw.temperature).collect();
    let changes: Option<Vec<f64>> = drawn.iter().map(|draw| draw.change).collect();
    let of_side =
        |side: usize| -> Vec<DrawFigures> { drawn.iter().map(|d| d.figures[side]).collect() };
    let draws_before = of_side(0);
    let draws_after = after.as_ref().map(|_| of_side(1));
    let n_independent = if rows.is_grouped() { n_units } else { rows.len() };
    let simulated = |at: &RowsAt, draws: &[DrawFigures]| {
        let (probability, _) = Outcome::headline(rows.n_classes()).pairs(at);
        let mut intervals = Intervals::of(draws, options.level);
        intervals.accuracy = of_no_spread(at, n_independent, options.level).or(intervals.accuracy);
        Simulated {
            intervals,
            noise_floor: noise_floor_of((probability, at.weights()), options.n_bins, options.seed),
        }
    };
    let headline = |metrics: &Metrics| [metrics.nll, metrics.ece];
    let improvement = |(after, draws): (&super::Figures, &Vec<DrawFigures>)| {
        let figures = [&analysis.before.metrics, &after.metrics].map(headline);
        let improvement = Improvement::of(figures, (&draws_before, draws), options.level);
        match &changes {
            Some(changes) => improvement.at_fitted_temperature(changes, options.level),
            None => improvement,
        }
    };
    Some(Bootstrap {
        n_groups: rows.is_grouped().then_some(n_units),
        method: method(rows),
        level: options.level,
        n_draws: options.n_draws,
        improvement: analysis.after.as_ref().zip(draws_after.as_ref()).map(improvement),
        after: after.zip(draws_after.as_ref()).map(|(at, draws)| simulated(&at, draws)),
        before: simulated(&before, &draws_before),
        temperature: temperatures
            .map(|t| BootstrapInterval::of(&t, options.level, method(fit_rows))),
    })
}

/// The interval of an accuracy of 0 or 1 by Wilson (1927), as of `n` rows or groups: draws of rows that are all right
/// have no spread, which says nothing about the next row. `None` for any other accuracy.
fn of_no_spread(at: &RowsAt, n: usize, level: f64) -> Option<[f64; 2]> {
    if !at.expected.is_empty() {
        return None;
    }
    let n_right = at.correct.iter().filter(|is_right| **is_right).count();
    match n_right {
        0 => wilson_share(0.0, n as f64, level),
        n_right if n_right == at.correct.len() => wilson_share(1.0, n as f64, level),
        _ => None,
    }
}

/// By what is drawn.
fn method(rows: &RowSummaries) -> &'static str {
    if rows.is_grouped() {
        GROUP_BOOTSTRAP_METHOD
    } else if is_in_lots(rows.len()) {
        LOT_BOOTSTRAP_METHOD
    } else {
        BOOTSTRAP_METHOD
    }
}

/// What is drawn whole: groups of rows, or of very many rows lots.
fn units(rows: &RowSummaries, seed: u64) -> Option<Vec<u32>> {
    rows.groups().or_else(|| lots(rows.order(), seed))
}

/// By how much the fitted temperature changes the NLL of every row, times its weight, where the figures after scaling
/// are out of fold and every NLL is finite.
fn changes(rows: &RowSummaries, before: &RowsAt, analysis: &Analysis) -> Option<Vec<f64>> {
    let b = analysis.fit.inverse_temperature?;
    let known: Vec<bool> = (0..rows.len()).map(|idx| before.knows(idx)).collect();
    let is_finite = before.mean_nll().is_finite();
    if analysis.evaluated_on != EvaluatedOn::OutOfFold || !is_finite {
        return None;
    }
    let log_z = rows.column_at(b, |m| m.at.log_z);
    let change = |(idx, (log_z, before)): (usize, (&f64, &f64))| {
        log_z + b * rows.row(idx).label_below_max() - before
    };
    let changes = log_z.iter().zip(&before.nll).enumerate().map(change);
    let mut changes = stretched(&changes.collect::<Vec<_>>(), &known, before.weights());
    for (idx, change) in changes.iter_mut().enumerate() {
        *change *= rows.weight(idx);
    }
    Some(changes)
}

/// The evaluated rows after scaling, each at the temperature that it was judged by.
pub(super) fn after(
    rows: &RowSummaries,
    analysis: &Analysis,
    options: &AnalysisOptions,
) -> Option<RowsAt> {
    Some(match JudgedAt::new(rows, analysis, options)? {
        JudgedAt::All(b) => RowsAt::new(rows, b),
        judged @ JudgedAt::Folds { .. } => {
            RowsAt::each(rows, |idx| judged.inverse_temperature(idx))
        }
    })
}

/// Figures and temperature of every draw, and out of how many groups or rows it was drawn. Where the evaluated rows are
/// the fitted ones, one set of draws serves both.
fn draws(
    (fit_rows, test_rows): (&RowSummaries, Option<&RowSummaries>),
    sides: &[&RowsAt],
    analysis: &Analysis,
    options: &AnalysisOptions,
) -> (Vec<Drawn>, usize) {
    let draws = DrawOptions { n_draws: options.n_draws, seed: options.seed };
    let rows = test_rows.unwrap_or(fit_rows);
    let (figures, cell_of, mut columns) = FigureColumns::new(rows, sides, options.n_bins);
    let changes = changes(rows, sides[0], analysis);
    let change_at = changes.is_some().then_some(columns.len());
    columns.extend(changes);
    let drawn = |sums: DrawSums<'_>, temperature: Option<f64>| Drawn {
        figures: figures.figures(sums),
        change: change_at.map(|column| sums.total(column) / figures.mass(sums)),
        temperature,
    };
    let refitted = TemperatureColumns::new(fit_rows, &analysis.fit);
    let (of_rows, of_fit) = match (refitted, test_rows) {
        (Some((refit, own)), None) => (Some((refit, own, columns.len())), None),
        (Some((refit, own)), Some(_)) => (None, Some((refit, own))),
        (None, _) => (None, None),
    };
    let of_rows = of_rows.map(|(refit, own, first)| {
        columns.extend(own);
        (refit, first)
    });
    let groups = units(rows, options.seed);
    let table = Resampled::new(rows.order(), (&cell_of, figures.n_cells()), columns)
        .in_groups(groups.as_deref(), |column| figures.is_by_cell(column));
    let mut all = table.draws(draws, |draw, sums| {
        let temperature = of_rows.as_ref().map(|(refit, first)| {
            refit.temperature(fit_rows, (&table, *first), (draws, draw), sums)
        });
        drawn(sums, temperature)
    });
    if let Some((refit, own)) = of_fit {
        let groups = units(fit_rows, options.seed);
        let table = Resampled::new(fit_rows.order(), (&vec![0; fit_rows.len()], 1), own)
            .in_groups(groups.as_deref(), |_| false);
        let temperatures = table.draws(draws, |draw, sums| {
            refit.temperature(fit_rows, (&table, 0), (draws, draw), sums)
        });
        for (drawn, temperature) in all.iter_mut().zip(temperatures) {
            drawn.temperature = Some(temperature);
        }
    }
    (all, table.n_units())
}
