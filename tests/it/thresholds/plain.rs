//! The numbers that rules look at, by plain code from scores and labels, and sets on which they lie where they are wanted.

use std::fmt::Debug;

use crate::corrupt::Set;

/// Sets that `x` changes step by step, with the number that a rule looks at and the bound of that number.
pub(super) struct Family<'a, S> {
    pub(super) what: &'a str,
    pub(super) bound: f64,
    /// The number lies below the bound at one of these x and above it at the other.
    pub(super) between: [f64; 2],
    pub(super) set: &'a dyn Fn(f64) -> S,
    pub(super) number: &'a dyn Fn(&S) -> f64,
}

impl<S> Family<'_, S> {
    /// What is said where the number lies 3 % below the bound and where it lies 3 % above.
    pub(super) fn check<T: PartialEq + Debug>(&self, says: impl Fn(&S) -> T, want: &[T; 2]) {
        let got = [0.97, 1.03].map(|share| {
            let wanted = share * self.bound;
            let set = (self.set)(self.solve(wanted));
            let number = (self.number)(&set);
            let is_near = (number / wanted - 1.0).abs() < 0.02;
            assert!(is_near, "{}: {number} is not near {wanted}", self.what);
            says(&set)
        });
        assert_eq!(&got, want, "{}: a little below {} and a little above", self.what, self.bound);
    }

    fn solve(&self, wanted: f64) -> f64 {
        let number = |x: f64| (self.number)(&(self.set)(x));
        let [mut low, mut high] = self.between;
        let rises = number(high) > number(low);
        for _ in 0..26 {
            let middle = f64::midpoint(low, high);
            let there = number(middle);
            if (there / wanted - 1.0).abs() < 0.002 {
                return middle;
            }
            if (there < wanted) == rises {
                low = middle;
            } else {
                high = middle;
            }
        }
        f64::midpoint(low, high)
    }
}

/// A whole number of rows, from 0 to about a million.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of rows")]
pub(super) fn count(x: f64) -> usize {
    x.round() as usize
}

#[expect(clippy::cast_possible_truncation, reason = "scores of 32 bits")]
pub(super) fn single(x: f64) -> f32 {
    x as f32
}

pub(super) fn label(class: usize) -> u32 {
    u32::try_from(class).expect("few classes")
}

/// The logarithm of p, with 1e-30 for none of it.
pub(super) fn log(p: f64) -> f32 {
    single(p.max(1e-30).ln())
}

/// The rows of scores and the labels `of` says of each row number.
pub(super) fn rows(n: usize, k: usize, of: impl Fn(usize) -> (Vec<f32>, usize)) -> Set {
    let (mut z, mut labels) = (Vec::new(), Vec::new());
    for (row, of_label) in (0..n).map(of) {
        assert_eq!(row.len(), k);
        z.extend(row);
        labels.push(label(of_label));
    }
    Set { name: "made up".to_owned(), k, z, labels, names: Vec::new() }
}

/// Index of the largest score.
pub(super) fn top(row: &[f32]) -> usize {
    (0..row.len()).max_by(|a, b| row[*a].total_cmp(&row[*b])).expect("a class")
}

pub(super) fn tops(set: &Set) -> Vec<usize> {
    set.z.chunks_exact(set.k).map(top).collect()
}

pub(super) fn labels(set: &Set) -> Vec<usize> {
    set.labels.iter().map(|label| *label as usize).collect()
}

/// The same rows with these labels.
pub(super) fn with_labels(set: &Set, of: impl Fn(usize) -> usize) -> Set {
    Set { labels: (0..set.n()).map(|idx| label(of(idx))).collect(), ..set.clone() }
}

/// Numbers below `n` in an order that has nothing to do with anything.
pub(super) fn shuffled(n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    let key = |idx: &usize| (*idx as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    order.sort_by_key(key);
    order
}

pub(super) fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut n, mut sum) = (0.0, 0.0);
    for value in values {
        n += 1.0;
        sum += value;
    }
    sum / n
}

/// The mean over its standard error.
pub(super) fn mean_in_errors(values: &[f64]) -> f64 {
    let middle = mean(values.iter().copied());
    let variance = mean(values.iter().map(|x| (x - middle).powi(2)));
    middle / (variance / values.len() as f64).sqrt()
}

/// The probabilities of a row at inverse temperature b.
pub(super) fn softmax(row: &[f32], b: f64) -> Vec<f64> {
    let max = row.iter().copied().fold(f32::MIN, f32::max);
    let powers: Vec<f64> = row.iter().map(|z| (b * f64::from(z - max)).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|p| p / sum).collect()
}

pub(super) fn all_p(set: &Set, b: f64) -> Vec<Vec<f64>> {
    set.z.chunks_exact(set.k).map(|row| softmax(row, b)).collect()
}

/// The NLL of every row at inverse temperature b.
pub(super) fn nll(set: &Set, b: f64) -> Vec<f64> {
    let rows = all_p(set, b).into_iter().zip(labels(set));
    rows.map(|(p, label)| -p[label].ln()).collect()
}

/// For every row the mean score under p less the score of the label, and the variance of the scores under p: the slope
/// and the curvature of its NLL in b.
pub(super) fn slopes(set: &Set, b: f64) -> Vec<(f64, f64)> {
    let of = |(row, label): (&[f32], usize)| {
        let p = softmax(row, b);
        let moment = |power: i32| -> f64 {
            p.iter().zip(row).map(|(p, z)| p * f64::from(*z).powi(power)).sum()
        };
        let middle = moment(1);
        (middle - f64::from(row[label]), moment(2) - middle * middle)
    };
    set.z.chunks_exact(set.k).zip(labels(set)).map(of).collect()
}

/// The inverse temperature at which the mean slope is 0.
pub(super) fn best_b(set: &Set) -> f64 {
    let (mut low, mut high) = (-8.0, 8.0);
    for _ in 0..34 {
        let middle: f64 = f64::midpoint(low, high);
        let slope: f64 = slopes(set, middle.exp()).iter().map(|(slope, _)| slope).sum();
        if slope < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    low.exp()
}

fn entropy(shares: &[f64]) -> f64 {
    shares.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum()
}

/// Shares of the classes.
pub(super) fn shares(classes: &[usize], k: usize) -> Vec<f64> {
    let n = classes.len() as f64;
    (0..k).map(|class| classes.iter().filter(|c| **c == class).count() as f64 / n).collect()
}

/// What is known of a set from all its rows, as `docs` and the design of the diagnosis define it.
pub(super) struct Known {
    /// How far labels and logits, or probabilities, belong together, and what the latter would be were these right.
    pub(super) t_c: f64,
    pub(super) t_p: f64,
    pub(super) t_q: f64,
    /// Share of the label information that the probabilities claim.
    pub(super) claim: f64,
    pub(super) label_entropy: f64,
    /// Entropy of the mean probabilities over that of the labels.
    pub(super) spread: f64,
    /// What differs between rows, as a share and as a root mean square.
    pub(super) alike: (f64, f64),
    /// The largest share of the sum of squares in one column.
    pub(super) column: f64,
    /// tr(C)^2 / tr(C^2) of the covariance of the centred logits.
    pub(super) directions: f64,
    /// Mean probabilities.
    pub(super) a: Vec<f64>,
    /// Frequencies of the labels.
    pub(super) pi: Vec<f64>,
}

impl Known {
    pub(super) fn of(set: &Set) -> Self {
        let (k, n) = (set.k, set.n() as f64);
        let centred = |row: &[f32]| -> Vec<f64> {
            let middle = mean(row.iter().map(|z| f64::from(*z)));
            row.iter().map(|z| f64::from(*z) - middle).collect()
        };
        let c: Vec<Vec<f64>> = set.z.chunks_exact(k).map(centred).collect();
        let p = all_p(set, 1.0);
        let labels = labels(set);
        let pi = shares(&labels, k);
        let (mean_c, var_c) = columns(&c, k);
        let (a, var_p) = columns(&p, k);
        let t = |values: &[Vec<f64>], means: &[f64], variances: &[f64]| {
            let at_label = mean(values.iter().zip(&labels).map(|(row, label)| row[*label]));
            (at_label - dot(&pi, means)) / (dot(&pi, variances) / n).sqrt()
        };
        let power = mean(p.iter().map(|row| dot(row, row))) - dot(&a, &a);
        let squares: Vec<f64> = (0..k).map(|i| var_c[i] + mean_c[i].powi(2)).collect();
        let between: f64 = var_c.iter().sum();
        Self {
            t_c: t(&c, &mean_c, &var_c),
            t_p: t(&p, &a, &var_p),
            t_q: power / (dot(&a, &var_p) / n).sqrt(),
            claim: (entropy(&a) - mean(p.iter().map(|p| entropy(p)))) / entropy(&pi),
            label_entropy: entropy(&pi),
            spread: entropy(&a) / entropy(&pi),
            alike: (between / squares.iter().sum::<f64>(), (between / k as f64).sqrt()),
            column: squares.iter().copied().fold(0.0, f64::max) / squares.iter().sum::<f64>(),
            directions: directions(&c, &mean_c),
            a,
            pi,
        }
    }

    /// The larger of both.
    pub(super) fn t(&self) -> f64 {
        self.t_c.max(self.t_p)
    }
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

/// Means and variances of columns.
fn columns(rows: &[Vec<f64>], k: usize) -> (Vec<f64>, Vec<f64>) {
    let means: Vec<f64> = (0..k).map(|i| mean(rows.iter().map(|row| row[i]))).collect();
    let variance = |i: usize| mean(rows.iter().map(|row| (row[i] - means[i]).powi(2)));
    let variances = (0..k).map(variance).collect();
    (means, variances)
}

fn directions(c: &[Vec<f64>], means: &[f64]) -> f64 {
    let k = means.len();
    let covariance =
        |i: usize, j: usize| mean(c.iter().map(|row| (row[i] - means[i]) * (row[j] - means[j])));
    let trace: f64 = (0..k).map(|i| covariance(i, i)).sum();
    let squares: f64 = (0..k * k).map(|at| covariance(at / k, at % k).powi(2)).sum();
    trace * trace / squares
}
