//! Selective prediction: which rows to answer so that few of the answers are wrong.

use serde::Serialize;

use super::SortedByConfidence;
use crate::numerics::{binomial_at_most, clopper_pearson_upper};

/// The error rates a report asks for.
pub const TARGET_RISKS: [f64; 5] = [0.01, 0.02, 0.05, 0.1, 0.2];

/// Coverages that are tested in turn, in steps of a hundredth.
const STEPS: usize = 100;

/// Rows kept by a threshold on the confidence.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Kept {
    /// Share of rows kept, in [0, 1].
    pub coverage: f64,
    /// Rows of at least this confidence are kept; `None` if no threshold will do.
    pub threshold: Option<f64>,
    /// Rows kept.
    pub kept: u64,
    /// Share of errors among them; NaN (JSON: null) if none is kept.
    pub risk: f64,
}

/// What a target risk allows.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Selective {
    /// The error rate among the kept rows that is not to be exceeded.
    pub target_risk: f64,
    /// The most rows whose observed error rate is within the target.
    #[serde(flatten)]
    pub observed: Kept,
    /// One-sided Clopper-Pearson upper bound on the error rate at this threshold, as if the threshold had been
    /// chosen beforehand; NaN (JSON: null) if no row is kept. It was chosen on these rows, so
    /// the bound flatters a little: `controlled` is the choice that may be relied on.
    pub risk_upper: f64,
    /// The most rows that fixed-sequence testing lets through: with probability at least the level the true
    /// error rate of what is kept is within the target.
    pub controlled: Kept,
}

/// One entry for each of `target_risks`, each in (0, 1), at confidence level `level`, such as 0.95.
/// `rows` are confidences with "the prediction is right". Rows of equal confidence are kept or left together.
///
/// `controlled` tests the hypotheses "the error rate at this coverage exceeds the target" in an order fixed
/// without a look at the outcomes, from the safest coverage down, and stops at the first that the binomial test
/// does not reject at 1 - level: no further correction for the many tests is then needed (fixed-sequence
/// testing, Maurer et al. 1995; Angelopoulos et al. 2021, "Learn then test"). The sequence is every hundredth
/// of coverage, beginning with the first at which a model of half the target risk would pass: with fewer rows
/// even a good model stumbles. The statement is about new labels of rows with these confidences, each target by
/// itself.
///
/// None where rows have weights: these bounds are about counts of errors.
pub fn selective(rows: &SortedByConfidence, target_risks: &[f64], level: f64) -> Vec<Selective> {
    if rows.is_weighted() {
        return Vec::new();
    }
    let one = |&target: &f64| {
        let observed = most_within(rows, target);
        let (kept, wrong) = (observed.kept, errors(rows, observed.kept));
        let risk_upper =
            if kept == 0 { f64::NAN } else { clopper_pearson_upper(wrong, kept, level) };
        let controlled = controlled(rows, target, level);
        Selective { target_risk: target, observed, risk_upper, controlled }
    };
    target_risks.iter().map(one).collect()
}

/// Coverage and error rate of keeping the rows of confidence at least that of each group, from the most
/// confident group down: the risk-coverage curve, one point for each different confidence.
pub fn risk_coverage(rows: &SortedByConfidence) -> Vec<Kept> {
    let n = rows.len();
    rows.groups().rev().map(|group| keep(rows, (n - group.start) as u64)).collect()
}

/// Errors among the `kept` most confident rows; a group ends there.
fn errors(rows: &SortedByConfidence, kept: u64) -> u64 {
    #[expect(clippy::cast_possible_truncation, reason = "at most the number of rows, a usize")]
    let left = rows.len() - kept as usize;
    kept - (rows.n_hits() - rows.hits_of_least(left))
}

fn keep(rows: &SortedByConfidence, kept: u64) -> Kept {
    #[expect(clippy::cast_possible_truncation, reason = "at most the number of rows, a usize")]
    let left = rows.len() - kept as usize;
    let all = rows.total_weight();
    let weight = all - rows.weight_of_least(left);
    let hits = rows.hit_weight_of_least(rows.len()) - rows.hit_weight_of_least(left);
    Kept {
        coverage: weight / all,
        threshold: rows.probabilities().get(left).copied(),
        kept,
        risk: (weight - hits) / weight,
    }
}

fn most_within(rows: &SortedByConfidence, target: f64) -> Kept {
    let n = rows.len();
    let within = |kept: &u64| errors(rows, *kept) as f64 <= target * *kept as f64;
    let counts = rows.groups().map(|group| (n - group.start) as u64);
    keep(rows, counts.into_iter().find(within).unwrap_or(0))
}

fn controlled(rows: &SortedByConfidence, target: f64, level: f64) -> Kept {
    let passes = |wrong: u64, kept: u64| binomial_at_most(wrong, kept, target) <= 1.0 - level;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the number of rows"
    )]
    let at_half_risk = |kept: u64| (kept as f64 * target / 2.0) as u64;
    let tested = coverages(rows).skip_while(|kept| !passes(at_half_risk(*kept), *kept));
    let passed = tested.take_while(|kept| passes(errors(rows, *kept), *kept));
    keep(rows, passed.last().unwrap_or(0))
}

/// Rows kept at every hundredth of coverage, ascending, each count moved up to the end of its group.
fn coverages(rows: &SortedByConfidence) -> impl Iterator<Item = u64> + '_ {
    let n = rows.len();
    (1..=STEPS).filter(move |_| n > 0).map(move |step| {
        let left = n - (n * step).div_ceil(STEPS);
        let last_kept = rows.probabilities()[left];
        (n - rows.probabilities().partition_point(|p| *p < last_kept)) as u64
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg64;

    #[test]
    fn the_largest_coverage_may_lie_beyond_a_worse_one() {
        // Errors among the most confident 1, 2, 3, 4, 5: 1, 1, 1, 1, 2.
        let rows =
            SortedByConfidence::new(&[0.9, 0.8, 0.7, 0.6, 0.5], &[false, true, true, true, false]);
        let got = selective(&rows, &[0.01, 0.25, 0.5], 0.95);
        assert_eq!((got[0].observed.kept, got[0].observed.threshold), (0, None));
        assert!(got[0].observed.risk.is_nan() && got[0].risk_upper.is_nan());
        assert_eq!((got[1].observed.kept, got[1].observed.threshold), (4, Some(0.6)));
        assert_eq!(got[2].observed.kept, 5);
        assert_eq!(got[2].controlled.kept, 0, "five rows guarantee nothing");
    }

    #[test]
    fn ties_are_kept_together() {
        let rows = SortedByConfidence::new(&[0.9, 0.9, 0.5], &[true, false, false]);
        let got = selective(&rows, &[0.4, 0.5], 0.95);
        assert_eq!((got[0].observed.kept, got[1].observed.kept), (0, 2));
        let curve: Vec<u64> = risk_coverage(&rows).iter().map(|point| point.kept).collect();
        assert_eq!(curve, [2, 3]);
    }

    #[test]
    fn no_row_keeps_nothing() {
        let got = selective(&SortedByConfidence::new(&[], &[]), &TARGET_RISKS, 0.95);
        assert!(got.iter().all(|s| s.observed.kept == 0 && s.controlled.threshold.is_none()));
    }

    /// Confidence uniform in [0, 1], right with that very probability: the risk of keeping the top share s is
    /// s/2.
    fn simulate(random: &mut Pcg64, n: usize) -> SortedByConfidence {
        let mut uniform = || (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        let p: Vec<f64> = (0..n).map(|_| uniform()).collect();
        let hit: Vec<bool> = p.iter().map(|p| uniform() < *p).collect();
        SortedByConfidence::new(&p, &hit)
    }

    #[test]
    fn the_controlled_choice_exceeds_its_target_as_rarely_as_it_says() {
        let mut random = Pcg64::seed_from_u64(5);
        let (n_sets, target) = (400, 0.1);
        let (mut broken, mut observed_broken, mut kept) = (0, 0, 0);
        for _ in 0..n_sets {
            let got = selective(&simulate(&mut random, 2000), &[target], 0.9)[0];
            let true_risk = |threshold: Option<f64>| threshold.map_or(0.0, |t| (1.0 - t) / 2.0);
            broken += u32::from(true_risk(got.controlled.threshold) > target);
            observed_broken += u32::from(true_risk(got.observed.threshold) > target);
            kept += got.controlled.kept;
        }
        // At most 10 % of 400, and four standard errors of a binomial share.
        assert!(broken <= 40 + 24, "{broken} of {n_sets} exceed the target");
        assert!(observed_broken > 120, "the observed choice promises nothing: {observed_broken}");
        assert!(kept / n_sets > 200, "and yet a good part is kept: {}", kept / n_sets);
    }
}
