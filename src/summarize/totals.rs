//! Sums over rows for each class, and rows in a few dimensions.

use crate::numerics::Score;

/// Dimensions of a sketch, at most: more than the rank that a collapse is told by, few enough to keep.
const SKETCH_DIMS: usize = 64;

/// Sums over `n_rows` usable rows (all of them, or of large data a chosen part) of the centred scores
/// c = z - mean z of the row and of the probabilities p at T = 1. Each vector has K numbers.
#[derive(Clone, PartialEq, Debug)]
pub struct ClassTotals {
    /// Rows summed over.
    pub n_rows: u64,
    /// Sum of c.
    pub c: Vec<f64>,
    /// Sum of (c - origin)^2.
    pub c2: Vec<f64>,
    /// c of the first of these rows: a class with a huge offset keeps the digits of its variance.
    pub origin: Vec<f64>,
    /// Sum of p.
    pub p: Vec<f64>,
    /// Sum of p^2.
    pub p2: Vec<f64>,
    /// Rows with this label.
    pub labels: Vec<u64>,
    /// Sum of p over the rows with this label.
    pub p_label: Vec<f64>,
    /// Sum of c at the label, over all rows; minus infinity if a label has probability 0.
    pub c_at_label: f64,
    /// Sum of the entropies of the rows, in nats.
    pub entropy: f64,
}

impl ClassTotals {
    /// Of no row.
    pub(super) fn zeros(n_classes: usize) -> Self {
        let zeros = || vec![0.0; n_classes];
        Self {
            n_rows: 0,
            c: zeros(),
            c2: zeros(),
            origin: zeros(),
            p: zeros(),
            p2: zeros(),
            labels: vec![0; n_classes],
            p_label: zeros(),
            c_at_label: 0.0,
            entropy: 0.0,
        }
    }

    /// Adds what a row says at its label.
    pub(super) fn add_label(&mut self, label: usize, c: f64, p: f64, entropy: f64) {
        self.n_rows += 1;
        self.labels[label] += 1;
        self.p_label[label] += p;
        self.c_at_label += c;
        self.entropy += entropy;
    }

    /// Mean of c of class `class`.
    pub fn mean_c(&self, class: usize) -> f64 {
        self.c[class] / self.n_rows as f64
    }

    /// Variance of c of class `class`, dividing by the number of rows.
    pub fn variance_c(&self, class: usize) -> f64 {
        let away = self.mean_c(class) - self.origin[class];
        (self.c2[class] / self.n_rows as f64 - away * away).max(0.0)
    }

    /// Sum of c^2 of class `class`.
    pub fn squares_c(&self, class: usize) -> f64 {
        let mean = self.mean_c(class);
        self.n_rows as f64 * (self.variance_c(class) + mean * mean)
    }

    /// Takes c of the first row, whose mean is `mean`, for the origin.
    pub(super) fn set_origin<S: Score>(&mut self, scores: &[S], mean: f64) {
        for (origin, z) in self.origin.iter_mut().zip(scores) {
            let c = z.widen() - mean;
            *origin = if c.is_finite() { c } else { 0.0 };
        }
    }

    /// Adds the rows of `other`, which has as many classes.
    pub(super) fn append(&mut self, other: &Self) {
        let add = |all: &mut [f64], more: &[f64]| {
            all.iter_mut().zip(more).for_each(|(all, more)| *all += more);
        };
        if self.n_rows == 0 {
            self.origin.clone_from(&other.origin);
        }
        let n = other.n_rows as f64;
        for (class, all) in self.c2.iter_mut().enumerate() {
            let moved = other.origin[class] - self.origin[class];
            let away = other.c[class] - n * other.origin[class];
            *all += other.c2[class] + moved * (2.0 * away + n * moved);
        }
        add(&mut self.c, &other.c);
        add(&mut self.p, &other.p);
        add(&mut self.p2, &other.p2);
        add(&mut self.p_label, &other.p_label);
        for (all, more) in self.labels.iter_mut().zip(&other.labels) {
            *all += more;
        }
        self.n_rows += other.n_rows;
        self.c_at_label += other.c_at_label;
        self.entropy += other.entropy;
    }
}

/// Some centred rows in up to 64 dimensions, for the rank of their covariance.
///
/// Beyond 64 classes every class adds its c, with a sign, to one of 64 numbers, both chosen by a hash of the class
/// (a count sketch, Charikar et al. 2002): inner products of rows keep their expectation, and a covariance of rank
/// one stays one of rank one.
#[derive(Clone, PartialEq, Debug)]
pub struct Sketch {
    /// Numbers of a row.
    pub n_dims: usize,
    /// Row after row.
    pub rows: Vec<f64>,
}

impl Sketch {
    pub(super) fn new(n_classes: usize) -> Self {
        Self { n_dims: n_classes.min(SKETCH_DIMS), rows: Vec::new() }
    }

    /// Rows that were sketched before, of K = `n_classes`.
    pub fn of_rows(n_classes: usize, rows: Vec<f64>) -> Self {
        Self { rows, ..Self::new(n_classes) }
    }

    pub(super) fn add<S: Score>(&mut self, scores: &[S], mean: f64) {
        let start = self.rows.len();
        self.rows.resize(start + self.n_dims, 0.0);
        let row = &mut self.rows[start..];
        let is_sketched = scores.len() > self.n_dims;
        for (class, z) in scores.iter().enumerate() {
            let c = z.widen() - mean;
            if !c.is_finite() {
                continue;
            }
            let (at, sign) = if is_sketched { place(class) } else { (class, 1.0) };
            row[at] += sign * c;
        }
    }
}

/// The dimension and the sign of a class.
fn place(class: usize) -> (usize, f64) {
    let mixed = (class as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let at = ((mixed >> 40) % SKETCH_DIMS as u64) as usize;
    (at, if mixed >> 63 == 0 { 1.0 } else { -1.0 })
}
