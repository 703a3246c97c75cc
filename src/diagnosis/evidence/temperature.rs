//! What the fitted temperature brings, and which rows want another one.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::analysis::slice_members;
use crate::data::printable;
use crate::diagnosis::thresholds as limit;
use crate::metrics::{Bin, Outcome, RowsAt};
use crate::numerics::{normal_two_sided, pairwise_sum, student_two_sided};
use crate::summarize::RowSummaries;

/// Bins of the calibration errors that are compared.
const BINS: usize = 15;

/// Resamples at most, and rows drawn in all of them at most.
const RESAMPLES: usize = 400;
const DRAWN_ROWS: usize = 20_000_000;

/// The seed of the resamples: findings are the same every time.
const SEED: u64 = 0x0065_6365;

/// Rows that may want another temperature.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(in crate::diagnosis) enum GroupKind {
    /// A third of the rows by confidence, the least confident first.
    Third(usize),
    /// The rows with this prediction.
    Predicted(u32),
    /// The rows of a value of a carried column, by its place in [`AtTemperature::slices`].
    Slice(usize),
}

/// A group with its score test at T*.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(in crate::diagnosis) struct Group {
    pub(in crate::diagnosis) kind: GroupKind,
    pub(in crate::diagnosis) n: usize,
    pub(in crate::diagnosis) z: f64,
    /// Of the same test, two-sided.
    p_value: f64,
    /// The step in ln T that the group asks for.
    pub(in crate::diagnosis) step: f64,
}

/// What is known at T*.
#[derive(Clone, Debug)]
pub(in crate::diagnosis) struct AtTemperature {
    /// NLL(T*) over the rows whose label has a probability.
    pub(in crate::diagnosis) nll: f64,
    /// NLL of the label frequencies of the other rows.
    pub(in crate::diagnosis) prior: f64,
    /// NLL(T*) - prior in paired standard errors: negative where the model is better.
    pub(in crate::diagnosis) over_prior: f64,
    /// NLL of every row at T = 1 and at T*, for runs.
    pub(in crate::diagnosis) nll_rows: Vec<f64>,
    /// The groups that differ, Holm-corrected, the largest step first.
    pub(in crate::diagnosis) differing: Vec<Group>,
    /// The slices that were looked at, printable: `lang = de`.
    pub(in crate::diagnosis) slices: Vec<String>,
}

impl AtTemperature {
    pub(super) fn of(rows: &RowSummaries, b: f64, at_one: &RowsAt, columns: &[String]) -> Self {
        let at = if at_one.nll.is_empty() { at_one.clone() } else { RowsAt::new(rows, b) };
        let prior = prior(rows);
        let used = |idx: &usize| at.nll[*idx].is_finite();
        let used: Vec<usize> = (0..rows.len()).filter(used).collect();
        let of = |values: &[f64]| {
            let used: Vec<f64> = used.iter().map(|idx| values[*idx]).collect();
            crate::numerics::mean(&used)
        };
        let over: Vec<f64> = used.iter().map(|idx| at.nll[*idx] - prior[*idx]).collect();
        let (slices, members): (Vec<String>, Vec<Vec<usize>>) =
            sliced(rows, columns).into_iter().unzip();
        Self {
            nll: of(&at.nll),
            prior: of(&prior),
            over_prior: paired_z(&over),
            differing: differing(rows, (b, &at), &used, members),
            slices,
            nll_rows: at.nll,
        }
    }
}

/// Mean over its standard error; 0 where nothing varies and the mean is 0.
pub(in crate::diagnosis) fn paired_z(differences: &[f64]) -> f64 {
    let n = differences.len() as f64;
    let mean = pairwise_sum(differences) / n;
    let squares: Vec<f64> = differences.iter().map(|d| (d - mean) * (d - mean)).collect();
    let error = (pairwise_sum(&squares) / n / n).sqrt();
    if error > 0.0 { mean / error } else { 0.0 }
}

/// NLL of each label under the label frequencies of the OTHER rows, one added for each class.
fn prior(rows: &RowSummaries) -> Vec<f64> {
    let mut counts = vec![0u64; rows.n_classes()];
    let label = |idx: usize| rows.row(idx).label() as usize;
    (0..rows.len()).for_each(|idx| counts[label(idx)] += 1);
    let total = (rows.len() - usize::from(!rows.is_empty()) + rows.n_classes()) as f64;
    // Of the other rows there is one less; one is added: the count itself.
    (0..rows.len()).map(|idx| -(counts[label(idx)] as f64 / total).ln()).collect()
}

/// Mean of (mean score - label's score) over its standard error: the slope of the NLL at b = 0.
pub(super) fn slope_at_zero(rows: &RowSummaries) -> f64 {
    let views = (0..rows.len()).map(|idx| rows.row(idx));
    let slopes: Vec<f64> = views
        .map(|row| row.label_below_max() - row.mean_below_max())
        .filter(|slope| slope.is_finite())
        .collect();
    paired_z(&slopes)
}

/// The rows of every value of `columns`.
fn sliced(rows: &RowSummaries, columns: &[String]) -> Vec<(String, Vec<usize>)> {
    let of_column = |column: &String| {
        let named = |(value, members): (String, Vec<usize>)| {
            (format!("{} = {value}", printable(column)), members)
        };
        let slices = slice_members(rows, column).unwrap_or_default();
        slices.into_iter().map(named).collect::<Vec<_>>()
    };
    columns.iter().flat_map(of_column).collect()
}

fn differing(
    rows: &RowSummaries,
    (b, at): (f64, &RowsAt),
    used: &[usize],
    slices: Vec<Vec<usize>>,
) -> Vec<Group> {
    let mut moments = Vec::with_capacity(rows.len());
    rows.moments_at(0..rows.len(), b, &mut moments);
    let cluster_of = rows.groups();
    let group = |kind: GroupKind, members: &[usize]| {
        let g = |idx: usize| rows.row(idx).label_below_max() - moments[idx].at.below_max;
        let slopes: Vec<(usize, f64)> = members.iter().map(|idx| (*idx, g(*idx))).collect();
        let sum: f64 = slopes.iter().map(|(_, g)| g).sum();
        let curvature: f64 = members.iter().map(|idx| moments[*idx].at.variance).sum();
        let (z, p_value) = score_test(sum, &slopes, cluster_of.as_deref());
        Group { kind, n: members.len(), z, p_value, step: sum / (b * curvature) }
    };
    let mut by_confidence = used.to_vec();
    by_confidence.sort_by(|&i, &j| at.confidence[i].total_cmp(&at.confidence[j]).then(i.cmp(&j)));
    let third = by_confidence.len().div_ceil(3).max(1);
    let mut groups: Vec<Group> = by_confidence
        .chunks(third)
        .enumerate()
        .map(|(idx, members)| group(GroupKind::Third(idx), members))
        .collect();
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); rows.n_classes()];
    for idx in used {
        members[rows.row(*idx).prediction() as usize].push(*idx);
    }
    groups.extend((0u32..).zip(&members).map(|(class, of)| group(GroupKind::Predicted(class), of)));
    for (place, mut members) in slices.into_iter().enumerate() {
        members.retain(|idx| at.nll[*idx].is_finite());
        groups.push(group(GroupKind::Slice(place), &members));
    }
    groups.retain(|g| g.n as f64 >= limit::GROUP_ROWS && g.z.is_finite() && g.step.is_finite());
    holm(groups)
}

/// The sum of slopes over its standard error, and the two-sided p-value of that. Rows of one cluster are added up before
/// they are squared, with Student's distribution as clusters may be few; NaN for a single cluster.
fn score_test(sum: f64, slopes: &[(usize, f64)], cluster_of: Option<&[u32]>) -> (f64, f64) {
    let Some(cluster_of) = cluster_of else {
        let z = sum / slopes.iter().map(|(_, g)| g * g).sum::<f64>().sqrt();
        return (z, normal_two_sided(z));
    };
    let mut of_cluster: BTreeMap<u32, f64> = BTreeMap::new();
    for (idx, g) in slopes {
        *of_cluster.entry(cluster_of[*idx]).or_default() += g;
    }
    let n = of_cluster.len();
    if n < 2 {
        return (f64::NAN, f64::NAN);
    }
    let squares: f64 = of_cluster.values().map(|sum| sum * sum).sum();
    let z = sum / (squares * n as f64 / (n - 1) as f64).sqrt();
    (z, student_two_sided(z, n - 1))
}

/// The groups whose p stays below the level after Holm's correction (1979) and whose step is large.
fn holm(mut groups: Vec<Group>) -> Vec<Group> {
    groups.sort_by(|x, y| {
        let by_z = y.z.abs().total_cmp(&x.z.abs());
        x.p_value.total_cmp(&y.p_value).then(by_z)
    });
    let n = groups.len();
    let passes = |(rank, group): &(usize, &Group)| group.p_value * (n - rank) as f64 <= limit::HOLM;
    let n_passed = groups.iter().enumerate().take_while(passes).count();
    groups.truncate(n_passed);
    groups.retain(|group| group.step.abs() > limit::T_STEP);
    groups.sort_by(|x, y| y.step.abs().total_cmp(&x.step.abs()));
    groups
}

/// What a perfectly calibrated model with these bins would show as ECE, about: the sum of
/// n/N sqrt(2 p (1 - p) / (pi n)). NaN without rows.
pub(in crate::diagnosis) fn noise_floor(bins: &[Bin]) -> f64 {
    let total: u64 = bins.iter().map(|bin| bin.count).sum();
    if total == 0 {
        return f64::NAN;
    }
    let of = |bin: &Bin| {
        let (n, p) = (bin.count as f64, bin.confidence);
        n / total as f64 * (2.0 * p * (1.0 - p) / (std::f64::consts::PI * n)).sqrt()
    };
    bins.iter().filter(|bin| bin.count > 0).map(of).sum()
}

/// How often ECE rises when rows are drawn again.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(in crate::diagnosis) struct Resampled {
    pub(in crate::diagnosis) n: usize,
    pub(in crate::diagnosis) n_rises: usize,
}

/// ECE at T = 1 and at b over the same draws of rows, or of whole groups where rows belong together.
pub(super) fn resample(rows: &RowSummaries, b: f64) -> Resampled {
    let n = (DRAWN_ROWS / rows.len().max(1)).clamp(40, RESAMPLES);
    let (before, after) = (gaps(rows, 1.0), gaps(rows, b));
    let mut random = Pcg64::seed_from_u64(SEED);
    let units = units(rows);
    let n_rises = (0..n)
        .filter(|_| {
            let (mut x, mut y) = ([0.0; BINS], [0.0; BINS]);
            for _ in 0..units.len() {
                for &idx in &units[random.random_range(0..units.len())] {
                    let ((bin_x, gap_x), (bin_y, gap_y)) = (before[idx], after[idx]);
                    x[bin_x] += gap_x;
                    y[bin_y] += gap_y;
                }
            }
            let ece = |gaps: &[f64; BINS]| gaps.iter().map(|gap| gap.abs()).sum::<f64>();
            ece(&y) > ece(&x)
        })
        .count();
    Resampled { n, n_rises }
}

/// What is drawn whole: the rows of every group, or every row.
fn units(rows: &RowSummaries) -> Vec<Vec<usize>> {
    let unit_of = rows.units();
    let n_units = unit_of.iter().max().map_or(0, |last| *last as usize + 1);
    let mut units = vec![Vec::new(); n_units];
    for (idx, unit) in unit_of.iter().enumerate() {
        units[*unit as usize].push(idx);
    }
    units
}

/// The bin of every row and its outcome minus its probability.
fn gaps(rows: &RowSummaries, b: f64) -> Vec<(usize, f64)> {
    let at = RowsAt::new(rows, b);
    let events = Outcome::headline(rows.n_classes()).events(&at);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "p lies in [0, 1]")]
    let bin = |p: f64| ((p * BINS as f64).ceil() as usize).clamp(1, BINS) - 1;
    let gap = |(idx, p): (usize, &f64)| (bin(*p), events.outcome(idx) - p);
    events.probability.iter().enumerate().map(gap).collect()
}
