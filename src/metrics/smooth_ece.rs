//! Smooth ECE: the calibration error seen through a Gaussian kernel whose width is the error itself
//! (Blasiok & Nakkiran 2024).
//!
//! Both functions here smooth the residuals probability - hit with a Gaussian of width s on [0, 1], mirrored at
//! 0 and 1, and integrate the absolute value. They differ in what they do with rows in the last grid cell
//! before 0 or 1. A row at exactly 1 and its mirror image coincide there, so the kernel of the paper counts it
//! twice; the authors' package counts it once. Confident networks have half of their rows there, most of them
//! right, and the package, which divides by the smoothed density, then reports up to 40 % more (CIFAR-10
//! `WideResNet`: 0.0757 against 0.0537, more even than the sum of the absolute gaps that bounds it).
//! `smooth_ece` is the published number; `smooth_ece_exact` is the definition.

use crate::numerics::{InstructionSet, Kernel, Simd};

use super::SortedByConfidence;

/// Cells of the coarsest grid.
const LEAST_CELLS: usize = 1000;

/// Beyond this many standard deviations a Gaussian is below 1e-16 of its peak.
const REACH: f64 = 8.6;

/// No width below this is tried, as in the authors' package; the error is then at most this.
const LEAST_WIDTH: f64 = 0.001;

/// Halvings of the width in the authors' package.
const HALVINGS: usize = 10;

/// What the authors' package adds to the number of rows seen at a point.
const DENSITY_OFFSET: f64 = 0.0001;

/// Points at which the authors' package adds up, at least.
const LEAST_POINTS: usize = 200;

/// Evaluations after which the fixed point is taken as found; 8 are usual.
const MAX_EVALUATIONS: usize = 60;

/// The fixed point is known to this.
const TOLERANCE: f64 = 1e-7;

/// Smooth ECE as the authors' package `relplot` (1.0.3, `smECE`) computes it: grid, kernel cut at 0.5, ten
/// halvings of the width, and the single count of rows at 0 and 1 included. In [0, 1]; NaN without rows.
pub fn smooth_ece(rows: &SortedByConfidence) -> f64 {
    if rows.is_empty() {
        return f64::NAN;
    }
    let mut grid = Grid::default();
    let (mut above, mut below) = (1.0, 0.0);
    for _ in 0..HALVINGS {
        let width = f64::midpoint(above, below);
        if width < LEAST_WIDTH || width < published_at(rows, width, &mut grid) {
            below = width;
        } else {
            above = width;
        }
    }
    published_at(rows, above, &mut grid)
}

/// The fixed point s = `smECE_s` of the definition: the integral over t in [0, 1] of the absolute value of mean
/// (probability - hit) `K_s`(t, probability), `K_s` the Gaussian of width s mirrored at 0 and 1 without end. In
/// [0, 1], never above the sum over different probabilities of the absolute gaps; NaN without rows. Below a
/// width of 0.001 it is not looked for: the value there, a lower bound by less than 0.001, is returned.
pub fn smooth_ece_exact(rows: &SortedByConfidence) -> f64 {
    if rows.is_empty() {
        return f64::NAN;
    }
    let mut grid = Grid::default();
    // The smoothed error falls as the width grows, so every evaluation bounds the fixed point on both sides:
    // by its width and by its value. The widest kernel leaves the mean gap, which is where the search begins.
    let (mut low, mut high) = (LEAST_WIDTH, 1.0f64);
    let gap = rows.gap_of_least(rows.len()).abs() / rows.len() as f64;
    // At most 1 for probabilities. What a damaged file of summaries says may be no probability: the widest kernel is
    // wide enough for that too, where one as wide as its gap would have billions of images.
    let mut width = gap.clamp(LEAST_WIDTH, 1.0);
    for _ in 0..MAX_EVALUATIONS {
        let value = exact_at(rows, width, &mut grid);
        if value <= LEAST_WIDTH && width <= LEAST_WIDTH {
            return value;
        }
        low = low.max(width.min(value));
        high = high.min(width.max(value));
        if high - low <= TOLERANCE {
            break;
        }
        width = f64::midpoint(low, high);
    }
    f64::midpoint(low, high)
}

/// Residuals and counts dealt out to the nodes of a grid; kept while the number of cells stays the same.
#[derive(Default)]
struct Grid {
    n_cells: usize,
    residual: Vec<f64>,
    count: Vec<f64>,
}

impl Grid {
    /// Deals every row out to the two nodes around it, in proportion to its nearness.
    fn fill(&mut self, rows: &SortedByConfidence, n_cells: usize) {
        if self.n_cells == n_cells {
            return;
        }
        self.n_cells = n_cells;
        self.residual = vec![0.0; n_cells + 1];
        self.count = vec![0.0; n_cells + 1];
        for group in rows.groups() {
            let (node, share) = place(group.probability, n_cells);
            let (gap, count) = (group.gap(), group.weight);
            self.residual[node] += (1.0 - share) * gap;
            self.residual[node + 1] += share * gap;
            self.count[node] += (1.0 - share) * count;
            self.count[node + 1] += share * count;
        }
    }
}

/// The node left of t, at most `n_cells` - 1, and how far t is on the way to the next one.
fn place(t: f64, n_cells: usize) -> (usize, f64) {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "t in [0, 1], so the product is in 0..=n_cells"
    )]
    let node = ((t * n_cells as f64) as usize).min(n_cells - 1);
    (node, t * n_cells as f64 - node as f64)
}

/// `smooth_ece` of the authors' package at a fixed width.
fn published_at(rows: &SortedByConfidence, width: f64, grid: &mut Grid) -> f64 {
    let n_cells = rounded(20.0 / width).max(2 * LEAST_CELLS) / 2;
    grid.fill(rows, n_cells);
    // Its kernel has as many taps as the grid has nodes, centred between them if their number is even.
    let (first, taps) = cut_taps(n_cells, width);
    let smoothed = |values: &[f64]| {
        let mirrored = mirrored(values, n_cells);
        correlate(&mirrored[n_cells.div_ceil(2) + first..], &taps, n_cells + 1)
    };
    let (residual, count) = (smoothed(&grid.residual), smoothed(&grid.count));
    let n_points = rounded(10.0 / width).max(LEAST_POINTS);
    let (mut above, mut below) = (0.0, 0.0);
    for i in 0..n_points {
        let (node, share) = place(i as f64 / (n_points - 1) as f64, n_cells);
        let between = |v: &[f64]| v[node] * (1.0 - share) + v[node + 1] * share;
        above += between(&residual).abs();
        below += between(&count) + DENSITY_OFFSET;
    }
    above / below
}

fn rounded(x: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "widths are at least 2^-10"
    )]
    let rounded = x.round_ties_even() as usize;
    rounded
}

/// Taps of a Gaussian over [0, 1] around 1/2, without those that are nothing: how many are left out on each
/// side, and the rest.
fn cut_taps(n_cells: usize, width: f64) -> (usize, Vec<f64>) {
    let tap = |i: usize| {
        let x = (i as f64 / n_cells as f64 - 0.5) / width;
        (-0.5 * x * x).exp() / ((2.0 * std::f64::consts::PI).sqrt() * width)
    };
    let first = (0..=n_cells / 2).find(|i| (0.5 - *i as f64 / n_cells as f64) <= REACH * width);
    let first = first.unwrap_or(n_cells / 2);
    (first, (first..=n_cells - first).map(tap).collect())
}

/// The definition's integral at a fixed width.
fn exact_at(rows: &SortedByConfidence, width: f64, grid: &mut Grid) -> f64 {
    let n_cells = rounded(20.0 / width).max(LEAST_CELLS);
    grid.fill(rows, n_cells);
    let mut values = grid.residual.clone();
    // A node on the mirror coincides with its image.
    values[0] *= 2.0;
    values[n_cells] *= 2.0;
    let taps = endless_taps(n_cells, width);
    let mirrored = mirrored(&values, n_cells);
    let smoothed = correlate(&mirrored[n_cells - taps.len() / 2..], &taps, n_cells + 1);
    let ends = 0.5 * (smoothed[0].abs() + smoothed[n_cells].abs());
    let sum: f64 = smoothed.iter().map(|v| v.abs()).sum();
    (sum - ends) / (n_cells as f64 * rows.total_weight())
}

/// Taps of a Gaussian around 0, an odd number of them, at most from -1 to 1: mirroring twice has the period
/// 2, so what a wide kernel has beyond comes back from the other side.
fn endless_taps(n_cells: usize, width: f64) -> Vec<f64> {
    let density =
        |x: f64| (-0.5 * (x / width).powi(2)).exp() / ((2.0 * std::f64::consts::PI).sqrt() * width);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive, and at most 1e8"
    )]
    let reach = (REACH * width * n_cells as f64).ceil() as usize;
    if reach < n_cells {
        let half = |i: usize| density(i as f64 / n_cells as f64);
        return (0..=2 * reach).map(|i| half(i.abs_diff(reach))).collect();
    }
    let n_images = (REACH * width / 2.0).ceil() + 1.0;
    let wrapped = |x: f64| {
        let image = |m: i32| density(x + 2.0 * f64::from(m));
        #[expect(clippy::cast_possible_truncation, reason = "widths are at most 1")]
        let most = n_images as i32;
        (-most..=most).map(image).sum::<f64>()
    };
    // -1 and 1 are the same point: half of it on each side.
    let weight = |i: usize| if i == 0 || i == 2 * n_cells { 0.5 } else { 1.0 };
    let tap = |i: usize| weight(i) * wrapped(i as f64 / n_cells as f64 - 1.0);
    (0..=2 * n_cells).map(tap).collect()
}

/// `values` on nodes 0..=n between their mirror images, which begin `n_cells` nodes before and end as many
/// behind; the nodes on the mirrors stand once.
fn mirrored(values: &[f64], n_cells: usize) -> Vec<f64> {
    let left = values[1..=n_cells].iter().rev();
    let right = values[..n_cells].iter().rev();
    left.chain(values).chain(right).copied().collect()
}

/// Entry i < `n` is the sum over k of `values[i + k] taps[k]`. One tap at a time, so that the inner loop is a
/// vector over i.
fn correlate(values: &[f64], taps: &[f64], n: usize) -> Vec<f64> {
    let mut out = vec![0.0; n];
    InstructionSet::best().run(Correlate { values, taps, out: &mut out });
    out
}

struct Correlate<'a> {
    values: &'a [f64],
    taps: &'a [f64],
    out: &'a mut [f64],
}

impl Kernel for Correlate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Simd>(self, _: I) {
        let n = self.out.len();
        for (k, tap) in self.taps.iter().enumerate() {
            for (out, value) in self.out.iter_mut().zip(&self.values[k..k + n]) {
                *out += tap * value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_no_probabilities_end_the_search_too() {
        for wrong in [1e9, 1e300, f64::INFINITY] {
            let rows = SortedByConfidence::new(&[0.3, wrong, 0.9], &[true, false, true]);
            let found = smooth_ece_exact(&rows);
            assert!(found.is_nan() || (0.0..=1.0).contains(&found), "{wrong}: {found}");
        }
    }
}
