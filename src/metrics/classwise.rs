//! Calibration class by class: of the predicted class only, and of every class.

use super::Events;
use super::diagram::WidthEdges;
use crate::numerics::Simd;

/// Top-label ECE: the ECE of the confidence within each predicted class, `n_bins` bins of equal width each,
/// averaged over classes with their counts (or sums of weights) as weights (Gupta & Ramdas 2022). `prediction` has one
/// entry per row of `events`. In [0, 1]; NaN without rows. Needs memory for one number per bin of every class up to the
/// largest prediction.
pub fn top_label_ece(prediction: &[u32], events: &Events<'_>, n_bins: usize) -> f64 {
    let n_classes = prediction.iter().max().map_or(0, |most| *most as usize + 1);
    let edges = WidthEdges::new(n_bins);
    let mut gaps = vec![0.0; n_classes * n_bins];
    let rows = prediction.iter().zip(events.probability).enumerate();
    for (idx, (k, c)) in rows {
        let gap = events.weight(idx) * (c - events.outcome(idx));
        gaps[*k as usize * n_bins + edges.bin_of(*c)] += gap;
    }
    let total = events.weight.map_or(prediction.len() as f64, crate::numerics::pairwise_sum);
    // The absolute sum of gaps of a bin is its count times its gap, and the counts of a class cancel.
    gaps.iter().map(|gap: &f64| gap.abs()).sum::<f64>() / total
}

/// For every class k the bins (i/M, (i+1)/M] of `p_k` over all rows: count, sum of `p_k`, rows labelled k; where rows have
/// weights, sums of these for counts.
///
/// Fed row by row with all K probabilities, by any number of accumulators that are merged in a fixed order.
#[derive(Clone, PartialEq, Debug)]
pub struct ClasswiseBins {
    edges: WidthEdges,
    /// What the rows count.
    total: f64,
    /// Rows labelled k, whatever they count.
    n_labelled: Vec<u64>,
    /// Sum of `p_k` <= 1/M, per class: nearly every entry of a row lands there.
    first: Vec<f64>,
    /// Sum of `p_k` above, by class and bin; the entry of bin 0 stays 0.
    sum: Vec<f64>,
    /// Rows in the bins above the first, by class and bin; the entry of bin 0 stays 0.
    count: Vec<f64>,
    /// Rows labelled k, by class and bin.
    hits: Vec<f64>,
}

/// One bin of one class.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ClassBin {
    /// Rows whose `p_k` lies in the bin: their number, or the sum of their weights.
    pub count: f64,
    /// Sum of their `p_k`.
    pub sum: f64,
    /// What those of them count that are labelled k.
    pub hits: f64,
}

/// Entries that are looked through together for one above 1/M.
const LANE: usize = 16;

impl ClasswiseBins {
    /// No row yet, for `n_classes` classes and `n_bins` (at least 1) bins.
    pub fn new(n_classes: usize, n_bins: usize) -> Self {
        Self {
            edges: WidthEdges::new(n_bins),
            total: 0.0,
            n_labelled: vec![0; n_classes],
            first: vec![0.0; n_classes],
            sum: vec![0.0; n_classes * n_bins],
            count: vec![0.0; n_classes * n_bins],
            hits: vec![0.0; n_classes * n_bins],
        }
    }

    /// Adds a row: its K probabilities and its label. Rows sum to 1, so at most M - 1 entries lie above the
    /// first bin: the bulk is one masked addition per class. A class absent from the row has probability 0.
    ///
    /// # Panics
    /// If `p` has not K entries or `label` is not below K.
    #[inline]
    pub fn add_row(&mut self, p: &[f64], label: usize) {
        assert!(p.len() == self.first.len() && label < p.len(), "a row of other classes");
        let n_bins = self.edges.n_bins();
        let edge = 1.0 / n_bins as f64;
        self.total += 1.0;
        self.n_labelled[label] += 1;
        for (sum, &p) in self.first.iter_mut().zip(p) {
            *sum += if p <= edge { p } else { 0.0 };
        }
        for (lane, entries) in p.chunks(LANE).enumerate() {
            if entries.iter().map(|p| u32::from(*p > edge)).sum::<u32>() > 0 {
                self.add_large(lane * LANE, entries, (edge, 1.0));
            }
        }
        self.hits[label * n_bins + self.edges.bin_of(p[label])] += 1.0;
    }

    /// The same with `p` = `scale` `e`, on the instruction set `isa`, of a row that counts `weight` and whose label may
    /// be a distribution.
    #[inline(always)]
    pub(super) fn add_scaled<I: Simd>(
        &mut self,
        isa: I,
        e: &[f64],
        (scale, weight): (f64, f64),
        (label, soft): (usize, Option<&[f64]>),
    ) {
        let edge = 1.0 / self.edges.n_bins() as f64;
        self.total += weight;
        self.n_labelled[label] += 1;
        // A product with 1 changes no bit and costs a tenth of the loop.
        #[expect(clippy::float_cmp, reason = "whatever is not exactly 1 is multiplied")]
        let n_whole = if weight == 1.0 {
            self.add_lanes(isa, e, (scale, edge, 1.0), |small| small)
        } else {
            let weights = isa.splat_f64(weight);
            let weighed = |small| isa.mul_f64(small, weights);
            self.add_lanes(isa, e, (scale, edge, weight), weighed)
        };
        for (sum, e) in self.first[n_whole..].iter_mut().zip(&e[n_whole..]) {
            let p = e * scale;
            *sum += if p <= edge { weight * p } else { 0.0 };
        }
        self.add_large_scaled(n_whole, &e[n_whole..], scale, (edge, weight));
        let mut hit = |class: usize, share: f64| {
            let cell = class * self.edges.n_bins() + self.edges.bin_of(e[class] * scale);
            self.hits[cell] += weight * share;
        };
        match soft {
            None => hit(label, 1.0),
            Some(soft) => soft.iter().enumerate().for_each(|(k, y)| hit(k, *y)),
        }
    }

    /// The whole lanes of a row, whose small entries are `weighed` before they are added; how many entries these are.
    #[inline(always)]
    fn add_lanes<I: Simd>(
        &mut self,
        isa: I,
        e: &[f64],
        (scale, edge, weight): (f64, f64, f64),
        weighed: impl Fn(I::F64s) -> I::F64s,
    ) -> usize {
        let n = I::LANES / 2;
        let (scales, edges) = (isa.splat_f64(scale), isa.splat_f64(edge));
        let n_whole = e.len() / n * n;
        for at in (0..n_whole).step_by(n) {
            let p = isa.mul_f64(isa.load_f64(&e[at..]), scales);
            let small = weighed(isa.pick_f64(p, edges, isa.splat_f64(0.0), p));
            let sum = isa.add_f64(isa.load_f64(&self.first[at..]), small);
            isa.store_f64(sum, &mut self.first[at..]);
            if isa.greater_f64(p, edges) != 0 {
                self.add_large_scaled(at, &e[at..at + n], scale, (edge, weight));
            }
        }
        n_whole
    }

    /// Rare, so kept out of the loop over all classes.
    #[inline(never)]
    fn add_large_scaled(
        &mut self,
        first_class: usize,
        e: &[f64],
        scale: f64,
        edge_and_weight: (f64, f64),
    ) {
        let mut p = [0.0; LANE];
        for (p, e) in p.iter_mut().zip(e) {
            *p = e * scale;
        }
        self.add_large(first_class, &p[..e.len()], edge_and_weight);
    }

    fn add_large(&mut self, first_class: usize, entries: &[f64], (edge, weight): (f64, f64)) {
        for (offset, &p) in entries.iter().enumerate() {
            if p > edge {
                let first = (first_class + offset) * self.edges.n_bins();
                let cell = first + self.edges.bin_of(p);
                self.sum[cell] += weight * p;
                self.count[cell] += weight;
            }
        }
    }

    /// Adds what `other` has counted.
    ///
    /// # Panics
    /// If `other` has other classes or bins.
    pub fn merge(&mut self, other: &Self) {
        assert!(
            self.hits.len() == other.hits.len() && self.edges == other.edges,
            "bins of other classes"
        );
        self.total += other.total;
        add(&mut self.n_labelled, &other.n_labelled);
        add(&mut self.first, &other.first);
        add(&mut self.sum, &other.sum);
        add(&mut self.count, &other.count);
        add(&mut self.hits, &other.hits);
    }

    /// The bins of class `k`, in order of probability.
    pub fn class(&self, k: usize) -> Vec<ClassBin> {
        let n_bins = self.edges.n_bins();
        let cells = k * n_bins..(k + 1) * n_bins;
        let above: f64 = self.count[cells.clone()].iter().sum();
        let bin = |cell: usize| {
            let is_first = cell.is_multiple_of(n_bins);
            let hits = self.hits[cell];
            if is_first {
                ClassBin { count: self.total - above, sum: self.first[k], hits }
            } else {
                ClassBin { count: self.count[cell], sum: self.sum[cell], hits }
            }
        };
        cells.map(bin).collect()
    }

    /// What all rows count: N, or the sum of their weights.
    pub fn total(&self) -> f64 {
        self.total
    }

    /// Rows labelled `k`, whatever they count.
    pub fn n_labelled(&self, k: usize) -> u64 {
        self.n_labelled[k]
    }

    /// The ECE of `p_k` against "the label is k" for every class, in [0, 1]; NaN without rows.
    pub fn ece_by_class(&self) -> Vec<f64> {
        let gap = |bin: &ClassBin| (bin.hits - bin.sum).abs();
        let ece = |k| self.class(k).iter().map(gap).sum::<f64>() / self.total;
        (0..self.first.len()).map(ece).collect()
    }

    /// Classwise ECE: the mean of [`Self::ece_by_class`] (Kull et al. 2019).
    pub fn classwise_ece(&self) -> f64 {
        crate::numerics::mean(&self.ece_by_class())
    }
}

fn add<T: Copy + std::ops::AddAssign>(into: &mut [T], from: &[T]) {
    for (into, from) in into.iter_mut().zip(from) {
        *into += *from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{ece, equal_width};
    use proptest::prelude::*;

    /// Rows of `n_classes` probabilities from small integers, with exact edges and zeros among them.
    fn rows(n_classes: usize) -> impl Strategy<Value = Vec<(Vec<f64>, usize)>> {
        let row =
            (proptest::collection::vec(0u32..9, n_classes), 0..n_classes).prop_map(|(w, label)| {
                let total: u32 = w.iter().sum::<u32>().max(1);
                (w.iter().map(|w| f64::from(*w) / f64::from(total)).collect(), label)
            });
        proptest::collection::vec(row, 1..60)
    }

    proptest! {
        #[test]
        fn classwise_is_the_mean_of_plain_eces_and_merges(
            rows in rows(21), n_bins in 1usize..20, cut in 0usize..60,
        ) {
            let cut = cut.min(rows.len());
            let (mut all, mut tail) = (ClasswiseBins::new(21, n_bins), ClasswiseBins::new(21, n_bins));
            rows[..cut].iter().for_each(|(p, label)| all.add_row(p, *label));
            rows[cut..].iter().for_each(|(p, label)| tail.add_row(p, *label));
            all.merge(&tail);
            for (k, got) in all.ece_by_class().into_iter().enumerate() {
                let p: Vec<f64> = rows.iter().map(|row| row.0[k]).collect();
                let hit: Vec<bool> = rows.iter().map(|row| row.1 == k).collect();
                let plain = equal_width(&p, &hit, n_bins);
                prop_assert!((got - ece(&plain)).abs() < 1e-12, "class {k}: {got}");
                for (bin, want) in all.class(k).iter().zip(&plain) {
                    let want = (want.count as f64, want.hits as f64);
                    prop_assert!((bin.count - want.0).abs() < 1e-9 && (bin.hits - want.1).abs() < 1e-9);
                }
            }
        }

        #[test]
        fn top_label_weighs_the_ece_of_each_predicted_class(
            rows in proptest::collection::vec((0u32..4, 0u8..=20, any::<bool>()), 1..80), n_bins in 1usize..20,
        ) {
            let prediction: Vec<u32> = rows.iter().map(|r| r.0).collect();
            let confidence: Vec<f64> = rows.iter().map(|r| f64::from(r.1) / 20.0).collect();
            let hit: Vec<bool> = rows.iter().map(|r| r.2).collect();
            let got = top_label_ece(&prediction, &Events::plain(&confidence, &hit), n_bins);
            let mut want = 0.0;
            for k in 0..4 {
                let of: Vec<usize> = (0..rows.len()).filter(|i| prediction[*i] == k).collect();
                let c: Vec<f64> = of.iter().map(|i| confidence[*i]).collect();
                let h: Vec<bool> = of.iter().map(|i| hit[*i]).collect();
                if !of.is_empty() {
                    want += ece(&equal_width(&c, &h, n_bins)) * of.len() as f64 / rows.len() as f64;
                }
            }
            prop_assert!((got - want).abs() < 1e-12);
        }
    }

    #[test]
    fn no_row() {
        assert!(top_label_ece(&[], &Events::plain(&[], &[]), 15).is_nan());
        assert!(ClasswiseBins::new(3, 15).classwise_ece().is_nan());
    }
}
