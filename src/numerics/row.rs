//! What one row of scores says without any temperature, and, in the same pass, its moments at T = 1 and the
//! nodes of its log-partition function.

use super::lattice::{Lattice, write_nodes};
use super::nodes::{CHUNK, NodeSums};
use super::scan::{Extremes, TOP, Top, count_above, count_at_max, extremes, largest};
use super::score::Score;
use super::simd::Simd;
use super::sweep::{Both, ExactSums, ProfileOnly, ProfileSums, Sweep, Unneeded};

/// The temperature-free summary of a row of K scores; absent classes (minus infinity) are skipped.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RowProfile {
    /// The largest scores with their class, largest first, the smaller class first on a tie.
    /// Classes that do not exist (K < 5 or absent) are `u32::MAX` with minus infinity.
    pub top: [(u32, f64); TOP],
    /// Classes whose score equals the largest: 1, or more on a tie.
    pub n_max: u32,
    /// Classes present.
    pub n_present: u32,
    /// Smallest score present.
    pub min: f64,
    /// Mean of the scores present.
    pub mean: f64,
    /// Standard deviation of the scores present, dividing by their number.
    pub sd: f64,
    /// Euclidean norm of the scores present.
    pub norm: f64,
}

/// Moments of a row before the division by the partition function; see [`super::moments_of_sums`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RowSums {
    pub(super) sums: ExactSums,
    pub(super) n_max: u32,
}

/// What the summary pass takes from one row.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RowSummary {
    /// The temperature-free part.
    pub profile: RowProfile,
    /// 1 + number of scores above the label's.
    pub label_rank: u32,
    /// Moments at T = 1, where the row has nodes.
    pub at_one: Option<RowSums>,
}

/// Summarises one row after the other; holds what is allocated once for many rows.
pub struct RowSummarizer<I: Simd, S> {
    isa: I,
    nodes: Option<(Lattice, NodeSums<I>)>,
    /// The scores of a row that are present.
    present: Vec<S>,
}

impl<I: Simd, S: Score> RowSummarizer<I, S> {
    /// `lattice`: where rows get nodes, and moments at T = 1 with them.
    pub fn new(isa: I, lattice: Option<Lattice>) -> Self {
        let sums = |lattice: Lattice| (lattice, NodeSums::new(isa, &lattice.nodes()));
        Self { isa, nodes: lattice.map(sums), present: Vec::new() }
    }

    /// The summary of `row`, and its nodes at the end of `nodes` if there is a lattice; or `None` if an
    /// entry is NaN or plus infinity, or if none is finite. Minus infinity stands for a class that is not there.
    #[inline(always)]
    pub fn row(&mut self, row: &[S], label_idx: usize, nodes: &mut Vec<f32>) -> Option<RowSummary> {
        let extremes = extremes(self.isa, row);
        if extremes.finite {
            return Some(self.finite_row(row, (row, extremes), label_idx, nodes));
        }
        let mut present = std::mem::take(&mut self.present);
        present.clear();
        present.extend(row.iter().copied().filter(|z| *z != S::LOWEST));
        let extremes = present_extremes(self.isa, &present);
        let mut summary = None;
        if let Some(extremes) = extremes {
            summary = Some(self.finite_row(row, (&present, extremes), label_idx, nodes));
        }
        self.present = present;
        summary
    }

    /// The same for a row whose scores without the absent ones, and their extremes, are known.
    #[inline(always)]
    fn finite_row(
        &mut self,
        row: &[S],
        (present, extremes): (&[S], Extremes<S>),
        label_idx: usize,
        nodes: &mut Vec<f32>,
    ) -> RowSummary {
        let isa = self.isa;
        let top = largest(isa, row, &extremes);
        let n_max = count_at_max(isa, row, &top, extremes.max);
        let (sums, at_one) = match &mut self.nodes {
            None => (profile_sums(isa, present, extremes.max), None),
            Some((lattice, node_sums)) => {
                let sweep = sweep_with_nodes(isa, present, extremes.max, node_sums);
                let start = nodes.len();
                nodes.resize(start + lattice.row_len(), 0.0);
                write_nodes(isa, node_sums.totals(), n_max, &mut nodes[start..]);
                let sums = sweep.exact(isa);
                (sweep.profile(isa), Some(RowSums { sums, n_max }))
            }
        };
        RowSummary {
            profile: RowProfile::new(present.len(), top, n_max, (&extremes, sums)),
            label_rank: rank(isa, row, &top, row[label_idx]),
            at_one,
        }
    }
}

#[inline(always)]
fn profile_sums<I: Simd, S: Score>(isa: I, row: &[S], max: S) -> ProfileSums {
    let mut sweep = Sweep::new(isa);
    sweep.add::<S, ProfileOnly>(isa, row, (max, 1.0), &mut Unneeded);
    sweep.profile(isa)
}

/// Profile and moments at T = 1, and the sums of the nodes, while a part of the row is in the cache.
#[inline(always)]
fn sweep_with_nodes<I: Simd, S: Score>(
    isa: I,
    row: &[S],
    max: S,
    nodes: &mut NodeSums<I>,
) -> Sweep<I> {
    let mut sweep = Sweep::new(isa);
    nodes.clear(isa);
    for part in row.chunks(CHUNK) {
        sweep.add::<S, Both>(isa, part, (max, 1.0), nodes);
        nodes.flush(isa);
    }
    sweep
}

/// Extremes of the scores that are left without the absent ones; `None` if none is, or if one is not finite.
#[inline(always)]
fn present_extremes<I: Simd, S: Score>(isa: I, present: &[S]) -> Option<Extremes<S>> {
    if present.is_empty() {
        return None;
    }
    Some(extremes(isa, present)).filter(|extremes| extremes.finite)
}

/// 1 + number of scores above `score`: read off the largest few, if it is not below all of them.
#[inline(always)]
fn rank<I: Simd, S: Score>(isa: I, row: &[S], top: &Top, score: S) -> u32 {
    let z = score.widen();
    let above = (0u32..).zip(top).find(|(_, place)| z >= place.1);
    above.map_or_else(|| count_above(isa, row, score), |(n, _)| n) + 1
}

impl RowProfile {
    fn new<S: Score>(
        n_present: usize,
        top: Top,
        n_max: u32,
        (extremes, sums): (&Extremes<S>, ProfileSums),
    ) -> Self {
        let n = n_present as f64;
        // With d = max - z: mean z = max - mean d, and the spread is that of d. Because at least one d is
        // 0 the subtraction loses no more than a factor K of the last digit, whatever is added to the row.
        let mean_below = sums.first / n;
        let variance = sums.second / n - mean_below * mean_below;
        #[expect(clippy::cast_possible_truncation, reason = "K is below 2^31")]
        let n_present = n_present as u32;
        Self {
            top,
            n_max,
            n_present,
            min: extremes.min.widen(),
            mean: extremes.max.widen() - mean_below,
            sd: variance.max(0.0).sqrt(),
            norm: sums.squares.sqrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::{InstructionSet, Kernel};

    struct Profile<'a, S>(&'a [S]);

    impl<S: Score> Kernel for Profile<'_, S> {
        type Output = Option<RowProfile>;

        #[inline(always)]
        fn run<I: Simd>(self, isa: I) -> Self::Output {
            let mut summarizer = RowSummarizer::new(isa, None);
            Some(summarizer.row(self.0, 0, &mut Vec::new())?.profile)
        }
    }

    fn profile<S: Score>(row: &[S]) -> Option<RowProfile> {
        InstructionSet::best().run(Profile(row))
    }

    #[test]
    fn a_small_row_by_hand() {
        let p = profile(&[1.0, 4.0, -2.0, 4.0]).expect("finite");
        assert_eq!(p.top[0], (1, 4.0));
        assert_eq!(p.top[1], (3, 4.0));
        assert_eq!(p.top[2], (0, 1.0));
        assert_eq!(p.top[4].0, u32::MAX);
        assert_eq!((p.n_max, p.n_present), (2, 4));
        assert!((p.min + 2.0).abs() < 1e-15 && (p.mean - 1.75).abs() < 1e-15);
        assert!((p.sd - 6.1875f64.sqrt()).abs() < 1e-14);
        assert!((p.norm - 37f64.sqrt()).abs() < 1e-14);
    }

    #[test]
    fn non_finite_rows_have_no_profile_and_absent_classes_are_skipped() {
        assert_eq!(profile(&[1.0, f64::NAN]), None);
        assert_eq!(profile(&[1.0, f64::INFINITY]), None);
        assert_eq!(profile(&[f64::NEG_INFINITY; 3]), None);
        let p = profile(&[1.0, f64::NEG_INFINITY, 3.0]).expect("two classes present");
        assert_eq!((p.n_present, p.n_max), (2, 1));
        assert!((p.mean - 2.0).abs() < 1e-15 && (p.sd - 1.0).abs() < 1e-15);
    }

    #[test]
    fn every_length_agrees_with_the_plain_formulas() {
        for k in 2..40usize {
            let row: Vec<f32> = (0..k).map(|i| ((i * 37 % 17) as f32 - 8.0) * 0.37).collect();
            let p = profile(&row).expect("finite");
            let z: Vec<f64> = row.iter().map(|&v| f64::from(v)).collect();
            let mean = z.iter().sum::<f64>() / k as f64;
            let sd = (z.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / k as f64).sqrt();
            assert!((p.mean - mean).abs() < 1e-13 && (p.sd - sd).abs() < 1e-13, "K = {k}");
            let mut order: Vec<usize> = (0..k).collect();
            order.sort_by(|&i, &j| z[j].total_cmp(&z[i]).then(i.cmp(&j)));
            for (want, got) in order.iter().zip(p.top) {
                assert_eq!(*want, got.0 as usize);
            }
        }
    }
}
