//! What the order of the probabilities alone tells: AUROC, and the areas under the risk-coverage curve.

use super::SortedByConfidence;

/// Area under the ROC curve: the probability that a row whose event happened has a larger probability than one
/// whose did not, a tie counting half (Hanley & `McNeil` 1982). In [0, 1]; NaN if all or no events happened.
///
/// Of the confidence it says how well right predictions are told from wrong ones; a temperature changes it only
/// in so far as it changes the order of the confidences.
pub fn auroc(rows: &SortedByConfidence) -> f64 {
    if rows.is_weighted() {
        return weighted_auroc(rows);
    }
    let hits = rows.n_hits();
    let misses = rows.len() as u64 - hits;
    // Twice the number of pairs in the right order, ties counting one: a whole number.
    let mut doubled: u128 = 0;
    for group in rows.groups() {
        let below = group.start as u64 - rows.hits_of_least(group.start);
        let tied = group.count() - group.hits;
        doubled += u128::from(group.hits) * u128::from(2 * below + tied);
    }
    doubled as f64 / (2.0 * hits as f64 * misses as f64)
}

/// A pair counts the product of its weights.
fn weighted_auroc(rows: &SortedByConfidence) -> f64 {
    let (mut doubled, mut below) = (0.0, 0.0);
    for group in rows.groups() {
        let tied = group.weight - group.hit_weight;
        doubled += group.hit_weight * (2.0 * below + tied);
        below += tied;
    }
    let hits = rows.hit_weight_of_least(rows.len());
    doubled / (2.0 * hits * (rows.total_weight() - hits))
}

/// Area under the risk-coverage curve: the mean over i = 1..N of the share of errors among the i most confident
/// rows (Geifman & El-Yaniv 2017; discrete as in Geifman, Uziel & El-Yaniv 2019). In [0, 1], less is better;
/// NaN without rows.
///
/// Rows of equal confidence are pooled: among the first few of a group the share of errors is that of the
/// whole group, which is the mean over all orders in which its rows could stand. With weights every row stands for as
/// much of the coverage as it counts, rows of a group for the mean of theirs.
pub fn aurc(rows: &SortedByConfidence) -> f64 {
    let mut area = 0.0;
    let (mut kept, mut errors) = (0.0, 0.0);
    for group in rows.groups().rev() {
        let wrong = group.weight - group.hit_weight;
        let (rate, each) = (wrong / group.weight, group.weight / group.count() as f64);
        for i in 1..=group.count() {
            let so_far = each * i as f64;
            area += each * (errors + rate * so_far) / (kept + so_far);
        }
        kept += group.weight;
        errors += wrong;
    }
    area / rows.total_weight()
}

/// [`aurc`] minus that of an oracle which ranks every right prediction above every wrong one (Geifman, Uziel &
/// El-Yaniv 2019), of soft labels by how far they are right: what a better confidence could still gain. Not negative but
/// for rounding; NaN without rows.
pub fn excess_aurc(rows: &SortedByConfidence) -> f64 {
    if let Some(oracle) = rows.by_outcome() {
        return aurc(rows) - aurc(&oracle);
    }
    let n_misses = rows.len() as u64 - rows.n_hits();
    let oracle = |i: u64| i as f64 / (rows.n_hits() + i) as f64;
    let oracle: f64 = (1..=n_misses).map(oracle).sum();
    aurc(rows) - oracle / rows.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_by_hand() {
        // Most confident first: right, wrong, right, wrong.
        let rows = SortedByConfidence::new(&[0.9, 0.8, 0.7, 0.6], &[true, false, true, false]);
        assert!((aurc(&rows) - (0.0 + 0.5 + 1.0 / 3.0 + 0.5) / 4.0).abs() < 1e-15);
        let oracle = (1.0 / 3.0 + 0.5) / 4.0;
        assert!((excess_aurc(&rows) - (aurc(&rows) - oracle)).abs() < 1e-15);
        assert!((auroc(&rows) - 0.75).abs() < 1e-15);
    }

    #[test]
    fn a_constant_confidence_ranks_nothing() {
        let rows = SortedByConfidence::new(
            &[0.7; 8],
            &[true, false, false, true, true, true, false, true],
        );
        assert!((auroc(&rows) - 0.5).abs() < 1e-15);
        assert!((aurc(&rows) - 0.375).abs() < 1e-15, "the error rate at every coverage");
    }

    #[test]
    fn undefined_without_both_outcomes() {
        assert!(auroc(&SortedByConfidence::new(&[0.5, 0.6], &[true, true])).is_nan());
        let nothing = SortedByConfidence::new(&[], &[]);
        assert!(
            auroc(&nothing).is_nan() && aurc(&nothing).is_nan() && excess_aurc(&nothing).is_nan()
        );
    }
}
