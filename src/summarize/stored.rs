//! What was gathered of rows that come from a file: the logits are not at hand to gather it again.

use std::sync::Arc;

use super::curve::Curves;
use super::from_table::{InvalidTable, TableHead};
use super::gather::{Gathered, Gatherer};
use super::rows::RowSummaries;
use crate::data::{Batch, NumberColumn, NumberTable, Numbers};
use crate::numerics::InstructionSet;

/// The column of [`Gathered::hashes`].
pub(super) const HASH_COLUMN: &str = "row_hash";

impl RowSummaries {
    /// The same rows, with nothing gathered beside them: a file holds it of all its parts or of none.
    pub fn forget_gathered(&mut self) {
        self.gathered = None;
    }

    /// A hash of every row, equal for equal scores, where it is known.
    pub fn row_hashes(&self) -> Option<&[u64]> {
        let gathered = self.gathered().map(|gathered| gathered.hashes.as_slice());
        gathered.or(self.some_hashes.as_deref())
    }

    /// What was gathered of the rows `members` of `all`, which these are: again from the scores, where they are kept.
    /// Otherwise sums over all rows are those of some no longer, and hashes are what is left. Which scores of rows that
    /// were left out are not finite is not known in either case.
    pub(super) fn gather_some(&mut self, all: &Self, members: &[u32]) {
        if all.gathered.is_none() {
            return;
        }
        if self.keeps_scores() {
            self.gather_again();
        } else {
            let hashes = all.row_hashes();
            let some = hashes.map(|all| members.iter().map(|idx| all[*idx as usize]).collect());
            self.some_hashes = some;
        }
    }

    fn gather_again(&mut self) {
        let n_rows = self.len();
        let mut gatherer = Gatherer::new(InstructionSet::best(), n_rows, self.n_classes);
        // The rows stand where they are in the scores, without those that were left out between them.
        let numbers = std::mem::replace(&mut self.columns.row, (0..n_rows as u64).collect());
        if let Curves::Rows(values) = &self.curves {
            let batch = Batch {
                first_row: 0,
                n_classes: self.n_classes,
                values: values.as_ref(),
                labels: &self.columns.label,
            };
            gatherer.add(&batch, self);
            self.gathered = Some(Arc::new(gatherer.finish()));
        }
        self.columns.row = numbers;
    }

    /// The column of hashes, of rows that do not keep the scores by which they could be hashed again.
    pub(super) fn hash_column(&self, rows: std::ops::Range<usize>) -> Option<NumberColumn> {
        let gathered = self.gathered().filter(|_| !self.keeps_scores())?;
        Some(NumberColumn {
            name: HASH_COLUMN.to_owned(),
            width: 1,
            numbers: Numbers::U64(gathered.hashes[rows].to_vec()),
        })
    }

    /// Takes over what the file says was gathered. Rows that keep their scores have been gathered again, by which
    /// their hashes and their sketch are known; what was left out of them, and how they were stored, is not.
    pub(super) fn take_gathered(
        &mut self,
        head: &TableHead,
        hashes: Option<Vec<u64>>,
    ) -> Result<(), InvalidTable> {
        let Some(stored) = &head.gathered else {
            return Ok(());
        };
        let problem = |what: &str| InvalidTable::Head(format!("what was gathered: {what}"));
        check(stored, head, self.len()).map_err(problem)?;
        let gathered = match (&self.gathered, hashes) {
            (Some(again), _) => Gathered {
                hashes: again.hashes.clone(),
                sketch: again.sketch.clone(),
                ..stored.clone()
            },
            (None, Some(hashes)) => Gathered { hashes, ..stored.clone() },
            (None, None) => return Err(InvalidTable::Missing(HASH_COLUMN.to_owned())),
        };
        self.gathered = Some(Arc::new(gathered));
        Ok(())
    }
}

/// The column of hashes, if there is one.
pub(super) fn hashes(table: &mut NumberTable) -> Result<Option<Vec<u64>>, InvalidTable> {
    match table.take(HASH_COLUMN) {
        None => Ok(None),
        Some(NumberColumn { width: 1, numbers: Numbers::U64(hashes), .. }) => Ok(Some(hashes)),
        Some(other) => Err(InvalidTable::Type {
            column: HASH_COLUMN.to_owned(),
            found: format!("{} x {}", other.width, other.numbers.type_name()),
            expected: "1 x u64".to_owned(),
        }),
    }
}

/// Nothing in a file is taken on trust: what is impossible, or would be counted beyond 64 bits once files are
/// joined, is refused.
fn check(stored: &Gathered, head: &TableHead, n_rows: usize) -> Result<(), &'static str> {
    let (totals, broken, k) = (&stored.totals, &stored.broken, head.n_classes);
    let sums = [&totals.c, &totals.c2, &totals.origin, &totals.p, &totals.p2, &totals.p_label];
    if sums.iter().any(|sums| sums.len() != k) || totals.labels.len() != k {
        return Err("there are sums for other classes");
    }
    let n_labels = totals.labels.iter().try_fold(0u64, |sum, n| sum.checked_add(*n));
    if n_labels != Some(totals.n_rows) || totals.n_rows > n_rows as u64 {
        return Err("the sums are over other rows");
    }
    let probabilities = [&totals.p, &totals.p2, &totals.p_label];
    let most = totals.n_rows as f64 * (1.0 + 1e-6);
    if probabilities.into_iter().flatten().any(|p| !(0.0..=most).contains(p)) {
        return Err("a sum of probabilities is none");
    }
    let n_scores = (n_rows as u64).saturating_mul(k as u64);
    let counts = [
        stored.n_scores,
        stored.n_at_min,
        stored.stored_as.n_scores,
        stored.stored_as.n_bf16,
        stored.stored_as.n_f16,
    ];
    let absent = &stored.absent;
    if !absent.is_empty() && absent.len() != k || absent.iter().any(|n| *n > n_rows as u64) {
        return Err("classes are absent from more rows than there are");
    }
    if counts.iter().any(|n| *n > n_scores) || stored.n_descending > n_rows as u64 {
        return Err("more was counted than there is");
    }
    check_broken(broken, head)?;
    let sketch = &stored.sketch;
    let is_whole = sketch.n_dims > 0
        && sketch.rows.len().is_multiple_of(sketch.n_dims)
        && sketch.rows.len() / sketch.n_dims <= n_rows;
    let has_dims = sketch.n_dims == super::totals::Sketch::new(k).n_dims;
    (is_whole && has_dims).then_some(()).ok_or("the sketch is none")
}

/// Broken numbers stand in rows that were left out.
fn check_broken(broken: &super::Broken, head: &TableHead) -> Result<(), &'static str> {
    let k = head.n_classes;
    let n_broken = head.left_out.non_finite.saturating_mul(k as u64);
    let cells = [broken.n_nan, broken.n_plus_inf, broken.n_minus_inf];
    let is_known = |cell: &super::BrokenCell| cell.row < head.n_read && (cell.class as usize) < k;
    if broken.n_rows > head.left_out.non_finite
        || broken.n_minus_inf_at_label > broken.n_rows
        || cells.iter().any(|n| *n > n_broken)
        || broken.first.len() as u64 > broken.n_rows.min(super::broken::NAMED as u64)
        || !broken.first.iter().all(is_known)
        || !broken.extreme.is_finite()
    {
        return Err("more rows are broken than were left out");
    }
    Ok(())
}
