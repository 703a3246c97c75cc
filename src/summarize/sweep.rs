//! Every row over a whole grid of temperatures at once.
//!
//! exp(-2 b d) is the square of exp(-b d): over a grid with a whole number of points to the octave a score
//! costs one exponential for each point of the first octave and one multiplication for every other point.

use std::ops::Range;

use crate::data::Values;
use crate::numerics::{
    InstructionSet, Kernel, LatticeAt, MAX_LANES, Score, Simd, exp_f64, exp_nonpositive,
};

use super::Grid;
use super::curve::Curves;
use super::rows::{RowSummaries, RowView};

/// Points worked on together.
const LANES: usize = MAX_LANES / 2;

/// exp(-42) is 6e-19: what is smaller changes no sum that holds a 1.
const NEGLIGIBLE: f64 = 42.0;

/// Octaves reached by squaring before the exponential is taken anew: each doubles the relative error, and eight
/// leave 5e-14.
const FRESH: usize = 8;
const FRESH_RATIO: f64 = 256.0;

/// One row over a grid: every slice runs over its inverse temperatures, ascending, and one octave more,
/// because the Brier score asks for Z(2b).
#[derive(Clone, Copy, Debug)]
pub struct RowSweep<'a> {
    /// Largest softmax probability.
    pub confidence: &'a [f64],
    /// exp(b (`z_y` - max)): the label's probability as a share of the largest one.
    pub label: &'a [f64],
    /// The same of class 1; only for two classes.
    pub positive: &'a [f64],
}

/// What is done with each row of a [`Sweep`].
pub trait VisitRow {
    /// Takes one row. It runs within the vectorised loop if it is `#[inline(always)]`.
    fn row(&mut self, row: RowView<'_>, at: RowSweep<'_>);
}

/// [`RowSummaries`] over a [`Grid`]: what every row needs of it, worked out once.
#[derive(Clone, Debug)]
pub struct Sweep<'a> {
    rows: &'a RowSummaries,
    grid: Grid,
    /// Inverse temperatures of the first octave, padded to whole groups of lanes.
    phases: Vec<[f64; LANES]>,
    /// Where all points lie on the lattice; empty where scores are kept.
    points: Vec<LatticeAt>,
}

/// Room for one row.
struct Scratch {
    confidence: Vec<f64>,
    label: Vec<f64>,
    positive: Vec<f64>,
    /// For each group of phases the octaves one after another.
    sums: Vec<[f64; LANES]>,
}

impl<'a> Sweep<'a> {
    /// `rows` over `grid`.
    pub fn new(rows: &'a RowSummaries, grid: Grid) -> Self {
        let m = grid.per_octave();
        let group = |start: usize| std::array::from_fn(|lane| grid.b((start + lane).min(m - 1)));
        let points = match &rows.curves {
            Curves::Rows(_) => Vec::new(),
            Curves::Nodes(lattice, _) => {
                (0..grid.n_points() + m).map(|idx| lattice.at_b(grid.b(idx))).collect()
            }
        };
        Self { rows, grid, phases: (0..m).step_by(LANES).map(group).collect(), points }
    }

    /// The grid.
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// The rows.
    pub fn rows(&self) -> &RowSummaries {
        self.rows
    }

    /// K.
    pub fn n_classes(&self) -> usize {
        self.rows.n_classes
    }

    /// Points of the grid and of the octave after it.
    pub fn n_extended(&self) -> usize {
        self.grid.n_points() + self.grid.per_octave()
    }

    /// Shows `visitor` the rows of `range` in order. Exact to rounding where scores are kept, otherwise as
    /// good as the nodes; exact columns are not used.
    pub fn visit(&self, range: Range<usize>, visitor: &mut impl VisitRow) {
        InstructionSet::best().run(Visit { sweep: self, range, visitor });
    }

    fn n_octaves(&self) -> usize {
        self.n_extended().div_ceil(self.grid.per_octave())
    }

    fn scratch(&self) -> Scratch {
        let n = self.n_extended();
        let n_positive = if self.rows.n_classes == 2 { n } else { 0 };
        Scratch {
            confidence: vec![0.0; n],
            label: vec![0.0; n],
            positive: vec![0.0; n_positive],
            sums: vec![[0.0; LANES]; self.phases.len() * self.n_octaves()],
        }
    }

    #[inline(always)]
    fn fill<I: Simd>(&self, isa: I, idx: usize, row: RowView<'_>, scratch: &mut Scratch) {
        let k = self.rows.n_classes;
        let scores = idx * k..(idx + 1) * k;
        match &self.rows.curves {
            Curves::Rows(Values::F32(v)) => self.add_all(isa, &v[scores], row, scratch),
            Curves::Rows(Values::F64(v)) => self.add_all(isa, &v[scores], row, scratch),
            Curves::Nodes(lattice, nodes) => {
                let (len, ends) = (lattice.row_len(), row.ends());
                let nodes = &nodes[idx * len..(idx + 1) * len];
                for (confidence, point) in scratch.confidence.iter_mut().zip(&self.points) {
                    *confidence = -point.log_z(nodes, &ends);
                }
                for confidence in &mut scratch.confidence {
                    *confidence = exp_nonpositive(*confidence);
                }
            }
        }
        let Scratch { label, sums, .. } = scratch;
        self.of_class(isa, row.label_below_max(), sums, label);
        if k == 2 {
            let is_top = row.prediction() == 1;
            let below = if is_top { 0.0 } else { row.margin() };
            self.of_class(isa, below, sums, &mut scratch.positive);
        }
    }

    /// The confidence from the scores of a row.
    #[inline(always)]
    fn add_all<I: Simd, S: Score>(
        &self,
        isa: I,
        scores: &[S],
        row: RowView<'_>,
        scratch: &mut Scratch,
    ) {
        let (max, sums) = (row.max(), &mut scratch.sums);
        sums.fill([0.0; LANES]);
        for z in scores {
            let below = max - z.widen();
            // At the maximum: counted below. Absent: no share at any temperature.
            if below > 0.0 && below < f64::INFINITY {
                self.add(isa, below, sums);
            }
        }
        self.lay_out(sums, &mut scratch.confidence);
        let n_max = row.ends().n_max;
        for confidence in &mut scratch.confidence {
            *confidence = (n_max + *confidence).recip();
        }
    }

    /// exp(-b `below`) at every point.
    #[inline(always)]
    fn of_class<I: Simd>(&self, isa: I, below: f64, sums: &mut [[f64; LANES]], out: &mut [f64]) {
        if below <= 0.0 {
            out.fill(1.0);
        } else {
            sums.fill([0.0; LANES]);
            self.add(isa, below, sums);
            self.lay_out(sums, out);
        }
    }

    /// Adds exp(-b `below`) for every point to `sums`, but for points where it is below 1e-18: no digit of a sum
    /// that is 1 or more would change.
    #[inline(always)]
    fn add<I: Simd>(&self, isa: I, below: f64, sums: &mut [[f64; LANES]]) {
        let groups = sums.chunks_exact_mut(self.n_octaves());
        for (phases, octaves) in self.phases.iter().zip(groups) {
            let mut below = below;
            for octaves in octaves.chunks_mut(FRESH) {
                let mut exponent = phases[0] * below;
                if exponent > NEGLIGIBLE {
                    break;
                }
                let mut e = exponentials(isa, phases, below);
                for sum in octaves {
                    if exponent > NEGLIGIBLE {
                        break;
                    }
                    for (sum, e) in sum.iter_mut().zip(&mut e) {
                        *sum += *e;
                        *e *= *e;
                    }
                    exponent *= 2.0;
                }
                below *= FRESH_RATIO;
            }
        }
    }

    /// From groups of phases with their octaves to the order of the points.
    #[inline(always)]
    fn lay_out(&self, sums: &[[f64; LANES]], out: &mut [f64]) {
        let m = self.grid.per_octave();
        for (group, octaves) in sums.chunks_exact(self.n_octaves()).enumerate() {
            let width = LANES.min(m - group * LANES);
            for (octave, sum) in octaves.iter().enumerate() {
                let start = octave * m + group * LANES;
                let end = (start + width).min(out.len());
                if start < end {
                    out[start..end].copy_from_slice(&sum[..end - start]);
                }
            }
        }
    }
}

/// exp(-b `below`) at the inverse temperatures `phases`.
#[inline(always)]
fn exponentials<I: Simd>(isa: I, phases: &[f64; LANES], below: f64) -> [f64; LANES] {
    let (mut e, minus) = ([0.0; LANES], isa.splat_f64(-below));
    let n = (I::LANES / 2).min(LANES);
    for (e, b) in e.chunks_exact_mut(n).zip(phases.chunks_exact(n)) {
        isa.store_f64(exp_f64(isa, isa.mul_f64(isa.load_f64(b), minus)), e);
    }
    e
}

/// A visit to a range of rows.
struct Visit<'a, V> {
    sweep: &'a Sweep<'a>,
    range: Range<usize>,
    visitor: &'a mut V,
}

impl<V: VisitRow> Kernel for Visit<'_, V> {
    type Output = ();

    #[inline(always)]
    fn run<I: Simd>(self, isa: I) {
        let mut scratch = self.sweep.scratch();
        for idx in self.range {
            let row = self.sweep.rows.row(idx);
            self.sweep.fill(isa, idx, row, &mut scratch);
            let at = RowSweep {
                confidence: &scratch.confidence,
                label: &scratch.label,
                positive: &scratch.positive,
            };
            self.visitor.row(row, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Kind, Label, MemorySource};
    use crate::summarize::summarize;

    fn rows(n: usize, k: usize) -> RowSummaries {
        let values: Vec<f64> =
            (0..n * k).map(|i| ((i * 7919 % 1009) as f64 - 504.0) / 97.0).collect();
        let class = |i: usize| Label::class(u32::try_from(i % k).expect("few")).expect("few");
        let labels = (0..n).map(class).collect();
        let source = MemorySource::new(k, Kind::Logits, Values::F64(values), labels);
        summarize(&source.expect("lengths agree"), 1.0, &mut |_| true).expect("in memory")
    }

    /// Compares every row with its moments at every point.
    struct Compare<'a> {
        sweep: &'a Sweep<'a>,
        n_seen: usize,
    }

    impl Compare<'_> {
        /// log Z of the row at b, whatever exact columns there are.
        fn of_curve(&self, b: f64) -> f64 {
            let (rows, k) = (self.sweep.rows, self.sweep.n_classes());
            let ends = rows.row(self.n_seen).ends();
            rows.curves.at(self.n_seen, k, &ends, b).0.at.log_z
        }
    }

    impl VisitRow for Compare<'_> {
        fn row(&mut self, row: RowView<'_>, at: RowSweep<'_>) {
            for p in 0..self.sweep.n_extended() {
                let b = self.sweep.grid().b(p);
                let want = self.of_curve(b);
                let got = -at.confidence[p].ln();
                assert!((got - want).abs() <= 1e-13 * (1.0 + want), "b {b}");
                let label = (-b * row.label_below_max()).exp();
                assert!((at.label[p] - label).abs() <= 1e-13, "b {b}");
                if self.sweep.n_classes() == 2 {
                    let is_top = row.prediction() == 1;
                    let below = if is_top { 0.0 } else { row.margin() };
                    assert!((at.positive[p] - (-b * below).exp()).abs() <= 1e-13);
                }
            }
            self.n_seen += 1;
        }
    }

    #[test]
    fn a_sweep_says_what_each_temperature_says() {
        // Scores and nodes; 16 points to the octave, 8, 4, 1.
        for k in [2, 10, 48, 64] {
            for (low, high) in [(0.2, 5.0), (1e-4, 9.0), (1e-9, 9.0), (1e-40, 3.0)] {
                let rows = rows(50, k);
                let sweep = Sweep::new(&rows, Grid::covering(low, high));
                let mut compare = Compare { sweep: &sweep, n_seen: 0 };
                sweep.visit(0..rows.len(), &mut compare);
                assert_eq!(compare.n_seen, 50);
            }
        }
    }
}
