//! Two models on the same labels.

use thiserror::Error;

use crate::analysis::{AnalysisOptions, JudgedAt};
use crate::metrics::{DrawOptions, PairedDifferences, RowsAt, paired_differences};
use crate::summarize::RowSummaries;

use super::Study;

/// Why two studies cannot be compared.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Incomparable {
    /// Their labels differ, so they are not about the same rows.
    #[error("its labels are not those of {first}: sha256 {found} instead of {expected}")]
    Labels {
        /// The path of the first model.
        first: String,
        /// The hash of its labels.
        expected: String,
        /// The hash of the other's.
        found: String,
    },
    /// The hash of the labels of one of them is not known.
    #[error(
        "whether its labels are those of {first} cannot be told: {unknown} holds no hash of them"
    )]
    UnknownLabels {
        /// The path of the first model.
        first: String,
        /// The path of the one without a hash.
        unknown: String,
    },
    /// They have other classes.
    #[error("it has {found} classes, and {first} has {expected}")]
    Classes {
        /// The path of the first model.
        first: String,
        /// Its K.
        expected: usize,
        /// The other's.
        found: usize,
    },
}

/// A model minus the first one, on the rows that both have.
#[derive(Clone, PartialEq, Debug)]
pub struct Paired {
    /// Rows that both models give finite scores for.
    pub n_rows: usize,
    /// Groups of rows that were drawn whole, by the first model's file; `None` if every row was drawn on its own.
    pub n_groups: Option<usize>,
    /// At T = 1.
    pub before: PairedDifferences,
    /// After scaling, each model by its own temperatures; `None` if one of them has none.
    pub after: Option<PairedDifferences>,
}

impl Study {
    /// Lets go of the logits: figures stay as they are, and moved temperatures are interpolated from now on.
    pub fn forget_logits(&mut self) {
        self.source = None;
    }

    /// This model minus `first`, row by row. Both were made with the same `options`, whose seed, draws, bins and level
    /// are used. Rows count what their weights in the first model's file say.
    ///
    /// # Errors
    /// If they do not have the same labels or classes.
    pub fn paired_with(
        &self,
        first: &Self,
        options: &AnalysisOptions,
    ) -> Result<Paired, Incomparable> {
        self.check_comparable(first)?;
        let [(ours, ours_after), (theirs, theirs_after)] =
            [self, first].map(|study| study.judged(options));
        let [of_first, of_self] = common(&first.rows, &self.rows);
        let groups: Option<Vec<u32>> =
            first.rows.groups().map(|all| of_first.iter().map(|idx| all[*idx as usize]).collect());
        let order = order_of(&of_first, first.rows.order());
        let differences = |first: &RowsAt, second: &RowsAt| {
            let (first, mut second) = (first.select(&of_first), second.select(&of_self));
            // The same rows count the same for both.
            second.weight.clone_from(&first.weight);
            let draws = DrawOptions { n_draws: options.n_draws, seed: options.seed };
            let shape = (self.info.n_classes, options.n_bins);
            let units = (&order[..], groups.as_deref());
            paired_differences((&first, &second), shape, units, draws, options.level)
        };
        let after = theirs_after.zip(ours_after);
        Ok(Paired {
            n_rows: of_first.len(),
            n_groups: groups.as_deref().map(n_distinct),
            before: differences(&theirs, &ours),
            after: after.map(|(theirs, ours)| differences(&theirs, &ours)),
        })
    }

    fn check_comparable(&self, first: &Self) -> Result<(), Incomparable> {
        let path = || first.info.path.clone();
        let unknown = |unknown: &Self| Incomparable::UnknownLabels {
            first: path(),
            unknown: unknown.info.path.clone(),
        };
        let found = self.sha256_labels.as_ref().ok_or_else(|| unknown(self))?;
        let expected = first.sha256_labels.as_ref().ok_or_else(|| unknown(first))?;
        if found != expected {
            return Err(Incomparable::Labels {
                first: path(),
                expected: expected.clone(),
                found: found.clone(),
            });
        }
        if self.info.n_classes != first.info.n_classes {
            return Err(Incomparable::Classes {
                first: path(),
                expected: first.info.n_classes,
                found: self.info.n_classes,
            });
        }
        Ok(())
    }

    /// The evaluated rows at T = 1 and after scaling.
    fn judged(&self, options: &AnalysisOptions) -> (RowsAt, Option<RowsAt>) {
        let judged = JudgedAt::new(&self.rows, &self.analysis, options);
        let after = judged.map(|at| match at {
            JudgedAt::All(b) => RowsAt::new(&self.rows, b),
            at @ JudgedAt::Folds { .. } => {
                RowsAt::each(&self.rows, |idx| at.inverse_temperature(idx))
            }
        });
        (RowsAt::new(&self.rows, 1.0), after)
    }
}

fn n_distinct(groups: &[u32]) -> usize {
    groups.iter().collect::<std::collections::HashSet<_>>().len()
}

/// The places of these rows among themselves, in an order of all rows.
fn order_of(rows: &[u32], order: &[u32]) -> Vec<u32> {
    let mut place_of = vec![None; order.len()];
    for (place, row) in (0u32..).zip(rows) {
        place_of[*row as usize] = Some(place);
    }
    order.iter().filter_map(|row| place_of[*row as usize]).collect()
}

/// The rows that both have, by index in each.
fn common(first: &RowSummaries, second: &RowSummaries) -> [Vec<u32>; 2] {
    let (a, b) = (&first.columns().row, &second.columns().row);
    let mut both = [Vec::new(), Vec::new()];
    let (mut i, mut j) = (0u32, 0u32);
    while let (Some(x), Some(y)) = (a.get(i as usize), b.get(j as usize)) {
        if x == y {
            both[0].push(i);
            both[1].push(j);
        }
        // Rows are in ascending order.
        let (ahead, behind) = (x <= y, y <= x);
        i += u32::from(ahead);
        j += u32::from(behind);
    }
    both
}
