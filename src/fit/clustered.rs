//! The robust standard error where rows belong together.

use rayon::prelude::*;

use crate::numerics::pairwise_sum;
use crate::summarize::RowSummaries;

/// Rows per unit of parallel work; fixed, so that sums do not depend on threads.
const CHUNK: usize = 1024;

/// The sum over groups of the squared sum of the derivatives g of their rows' NLL in b, at b: what takes the place of
/// sum g^2 in the sandwich where rows of one group are not independent (Liang & Zeger 1986). Rows that are no `members`
/// take no part. `None` if every row stands alone, see [`RowSummaries::groups`].
pub(super) fn gradient_squares(rows: &RowSummaries, members: &[u32], b: f64) -> Option<Clustered> {
    let group_of = rows.groups()?;
    let gradients = |members: &[u32]| {
        let indices = members.iter().map(|idx| *idx as usize);
        let mut moments = Vec::with_capacity(CHUNK);
        rows.moments_at(indices.clone(), b, &mut moments);
        let each = indices.zip(&moments);
        let gradient = each
            .map(|(idx, m)| rows.weight(idx) * (rows.row(idx).label_below_max() - m.at.below_max));
        gradient.collect::<Vec<f64>>()
    };
    let gradients: Vec<Vec<f64>> = members.par_chunks(CHUNK).map(gradients).collect();
    let n_groups = group_of.iter().max().map_or(0, |last| *last as usize + 1);
    let mut sums = vec![0.0; n_groups];
    for (idx, gradient) in members.iter().zip(gradients.iter().flatten()) {
        sums[group_of[*idx as usize] as usize] += gradient;
    }
    let mut takes_part = vec![false; n_groups];
    for idx in members {
        takes_part[group_of[*idx as usize] as usize] = true;
    }
    let squares: Vec<f64> = sums.iter().map(|sum| sum * sum).collect();
    Some(Clustered {
        squares: pairwise_sum(&squares),
        n_groups: takes_part.iter().filter(|takes_part| **takes_part).count(),
    })
}

/// Squares of sums over groups, and how many groups these were.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Clustered {
    pub(super) squares: f64,
    pub(super) n_groups: usize,
}

impl Clustered {
    /// The squares times G / (G - 1): the sums are about a fit that G groups have made, which is felt where they are few
    /// (as in Stata and, but for a factor near 1, CR1 of `MacKinnon` & White 1985). NaN for one group, whose sum is 0 at
    /// its own fit: nothing is known from it.
    pub(super) fn corrected(self) -> f64 {
        if self.n_groups < 2 {
            return f64::NAN;
        }
        self.squares * self.n_groups as f64 / (self.n_groups - 1) as f64
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::data::{Carried, CarriedColumn, CarriedValues, Kind, Label, MemorySource, Values};
    use crate::fit::fit_temperature;
    use crate::summarize::{RowSummaries, summarize};

    fn rows() -> RowSummaries {
        let values: Vec<f64> =
            (0..600).map(|i| (f64::from(i * 7919 % 1009) - 504.0) / 197.0).collect();
        let label = |row: usize| {
            let scores = &values[row * 3..row * 3 + 3];
            let best = (0..3).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or(0);
            let class = if row.is_multiple_of(3) { row / 3 % 3 } else { best };
            Label::class(u32::try_from(class).expect("few")).expect("few")
        };
        let labels = (0..200).map(label).collect();
        let source = MemorySource::new(3, Kind::Logits, Values::F64(values), labels);
        summarize(&source.expect("lengths agree"), 1.0, &mut |_| true).expect("in memory")
    }

    fn grouped(rows: RowSummaries, group: impl Fn(i64) -> i64) -> RowSummaries {
        let n = i64::try_from(rows.len()).expect("few");
        let column = CarriedColumn {
            name: "group".to_owned(),
            values: CarriedValues::Whole((0..n).map(group).collect()),
        };
        let carried = Carried::new(vec![column], None, Some(0)).expect("a column");
        rows.with_carried(Arc::new(carried), 1)
    }

    fn standard_error(rows: &RowSummaries) -> f64 {
        fit_temperature(rows, 0.95).standard_error.expect("converges")
    }

    #[test]
    fn copies_of_a_row_say_no_more_than_the_row() {
        let single = standard_error(&rows());
        let copies = rows().repeated(4);
        let naive = standard_error(&copies);
        assert!((naive / single - 0.5).abs() < 1e-9, "copies look like new rows");
        let clustered = standard_error(&grouped(copies, |row| row % 200));
        let corrected = single * (200.0f64 / 199.0).sqrt();
        assert!((clustered / corrected - 1.0).abs() < 1e-9, "{clustered} {single}");
        let one = fit_temperature(&grouped(rows(), |_| 0), 0.95);
        assert!(
            one.temperature.is_some() && one.standard_error.is_none() && one.interval.is_none()
        );
        let alone = standard_error(&grouped(rows(), |row| row));
        assert!((alone / corrected - 1.0).abs() < 1e-12);
    }
}
