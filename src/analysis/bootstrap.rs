//! Intervals of the figures and of the temperature, from rows drawn with replacement.

use crate::fit::{BootstrapInterval, TemperatureColumns};
use crate::metrics::{
    DrawFigures, DrawOptions, DrawSums, FigureColumns, Improvement, Intervals, Metrics, Outcome,
    Resampled, RowsAt, noise_floor,
};
use crate::summarize::RowSummaries;

use super::{Analysis, AnalysisOptions, JudgedAt};

/// What drawing rows and outcomes anew says about one data set.
#[derive(Clone, PartialEq, Debug)]
pub struct Bootstrap {
    /// Nominal coverage of the intervals, such as 0.95.
    pub level: f64,
    /// Number of draws.
    pub n_draws: usize,
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
    /// The ECE that these rows would show if every probability were right, see [`noise_floor`].
    pub noise_floor: f64,
}

/// What one draw says.
type Drawn = (Vec<DrawFigures>, Option<f64>);

/// The bootstrap of what [`super::analyze`] made of the same rows with the same options. `None` if no draws are
/// asked for or there is no row to evaluate.
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
    if options.n_draws == 0 || rows.is_empty() {
        return None;
    }
    let (before, after) = (RowsAt::new(rows, 1.0), after(rows, analysis, options));
    let sides: Vec<&RowsAt> = std::iter::once(&before).chain(&after).collect();
    let drawn = draws((fit_rows, test_rows), &sides, analysis, options);
    let temperatures: Option<Vec<f64>> = drawn.iter().map(|draw| draw.1).collect();
    let of_side = |side: usize| -> Vec<DrawFigures> { drawn.iter().map(|d| d.0[side]).collect() };
    let draws_before = of_side(0);
    let draws_after = after.as_ref().map(|_| of_side(1));
    let simulated = |at: &RowsAt, draws: &[DrawFigures]| {
        let (probability, _) = Outcome::headline(rows.n_classes()).pairs(at);
        Simulated {
            intervals: Intervals::of(draws, options.level),
            noise_floor: noise_floor(probability, options.n_bins, options.seed),
        }
    };
    let headline = |metrics: &Metrics| [metrics.nll, metrics.ece];
    let improvement = |(after, draws): (&super::Figures, &Vec<DrawFigures>)| {
        let figures = [&analysis.before.metrics, &after.metrics].map(headline);
        Improvement::of(figures, (&draws_before, draws), options.level)
    };
    Some(Bootstrap {
        level: options.level,
        n_draws: options.n_draws,
        improvement: analysis
            .after
            .as_ref()
            .zip(draws_after.as_ref())
            .map(improvement),
        after: after
            .zip(draws_after.as_ref())
            .map(|(at, draws)| simulated(&at, draws)),
        before: simulated(&before, &draws_before),
        temperature: temperatures.map(|t| BootstrapInterval::of(&t, options.level)),
    })
}

/// The evaluated rows after scaling, each at the temperature that it was judged by.
pub(super) fn after(
    rows: &RowSummaries,
    analysis: &Analysis,
    options: &AnalysisOptions,
) -> Option<RowsAt> {
    Some(match JudgedAt::new(rows, analysis, options)? {
        JudgedAt::All(b) => RowsAt::new(rows, b),
        judged => RowsAt::each(rows, |idx| judged.inverse_temperature(idx)),
    })
}

/// Figures and temperature of every draw. Where the evaluated rows are the fitted ones, one set of draws serves
/// both.
fn draws(
    (fit_rows, test_rows): (&RowSummaries, Option<&RowSummaries>),
    sides: &[&RowsAt],
    analysis: &Analysis,
    options: &AnalysisOptions,
) -> Vec<Drawn> {
    let draws = DrawOptions {
        n_draws: options.n_draws,
        seed: options.seed,
    };
    let rows = test_rows.unwrap_or(fit_rows);
    let (figures, cell_of, mut columns) = FigureColumns::new(rows, sides, options.n_bins);
    let temperature = TemperatureColumns::new(fit_rows, &analysis.fit);
    let Some((temperature, own)) = temperature else {
        let table = Resampled::new(&cell_of, figures.n_cells(), columns);
        return table.draws(draws, |_, sums| (figures.figures(sums), None));
    };
    let first = figures.n_columns();
    let of = |table: &Resampled, first: usize, draw: usize, sums: DrawSums<'_>| {
        temperature.temperature(fit_rows, (table, first), (draws, draw), sums)
    };
    if test_rows.is_none() {
        columns.extend(own);
        let table = Resampled::new(&cell_of, figures.n_cells(), columns);
        return table.draws(draws, |draw, sums| {
            (figures.figures(sums), Some(of(&table, first, draw, sums)))
        });
    }
    let table = Resampled::new(&cell_of, figures.n_cells(), columns);
    let figures = table.draws(draws, |_, sums| figures.figures(sums));
    let table = Resampled::new(&vec![0; fit_rows.len()], 1, own);
    let temperatures = table.draws(draws, |draw, sums| Some(of(&table, 0, draw, sums)));
    figures.into_iter().zip(temperatures).collect()
}
