//! Labels that are distributions: how many annotators chose each class, or what a teacher says of it.

use super::{Label, Values, ValuesRef};

/// One distribution over K classes for each row, as it is stored: N x K non-negative numbers, row-major.
///
/// A row whose numbers do not add up to 1 in f64 (decimals that were cut off, half precision) is divided by its sum, so
/// that every row is a distribution. A row without a label may hold anything: it is not looked at.
#[derive(Clone, PartialEq, Debug)]
pub struct SoftLabels {
    n_classes: usize,
    values: Values,
}

/// The distribution of one row.
#[derive(Clone, Copy, Debug)]
pub struct SoftLabel<'a> {
    values: ValuesRef<'a>,
    /// What each number is divided by.
    divisor: f64,
}

impl SoftLabels {
    /// Takes N x K row-major `values`; `None` if K < 2 or they do not make whole rows.
    pub fn new(n_classes: usize, values: Values) -> Option<Self> {
        let whole = n_classes >= 2 && values.len().is_multiple_of(n_classes);
        whole.then_some(Self { n_classes, values })
    }

    /// K.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// N.
    pub fn n_rows(&self) -> usize {
        self.values.len() / self.n_classes
    }

    /// The label of row `row`.
    ///
    /// # Panics
    /// If there is no such row.
    #[inline]
    pub fn row(&self, row: usize) -> SoftLabel<'_> {
        let k = self.n_classes;
        SoftLabel::new(self.values.slice(row * k, (row + 1) * k))
    }

    /// The labels of these rows, in this order.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn select(&self, rows: impl IntoIterator<Item = usize>) -> Self {
        fn of<T: Copy>(all: &[T], k: usize, rows: impl Iterator<Item = usize>) -> Vec<T> {
            rows.flat_map(|row| &all[row * k..(row + 1) * k]).copied().collect()
        }
        let (k, rows) = (self.n_classes, rows.into_iter());
        Self {
            n_classes: k,
            values: match &self.values {
                Values::F32(v) => Values::F32(of(v, k, rows)),
                Values::F64(v) => Values::F64(of(v, k, rows)),
            },
        }
    }

    /// The most probable class of every row, see [`SoftLabel::most_probable`].
    pub fn most_probable(&self) -> Vec<Label> {
        let rows = (0..self.n_rows()).map(|row| self.row(row).most_probable().0);
        rows.map(|class| u32::try_from(class).ok().and_then(Label::class))
            .map(|label| label.unwrap_or(Label::IGNORED))
            .collect()
    }
}

impl<'a> SoftLabel<'a> {
    /// The distribution that `values` are up to their sum.
    #[inline]
    pub fn new(values: ValuesRef<'a>) -> Self {
        let sum: f64 = match values {
            ValuesRef::F32(v) => v.iter().map(|y| f64::from(*y)).sum(),
            ValuesRef::F64(v) => v.iter().sum(),
        };
        // Within the rounding of the sum a row is a distribution already, and keeps its bits.
        let is_one = (sum - 1.0).abs() <= values.len() as f64 * f64::EPSILON;
        Self { values, divisor: if is_one { 1.0 } else { sum } }
    }

    /// The sum of the numbers as they are stored, or 1 if it is that but for rounding.
    pub fn sum(self) -> f64 {
        self.divisor
    }

    /// True if no number is negative, NaN or infinite, and some number is positive.
    pub fn is_distribution(self) -> bool {
        let positive = self.divisor > 0.0 && self.divisor.is_finite();
        positive && self.probabilities().all(|y| y >= 0.0)
    }

    /// The probability of every class.
    #[inline]
    pub fn probabilities(self) -> impl Iterator<Item = f64> + 'a {
        let Self { values, divisor } = self;
        (0..values.len()).map(move |class| {
            let stored = match values {
                ValuesRef::F32(v) => f64::from(v[class]),
                ValuesRef::F64(v) => v[class],
            };
            stored / divisor
        })
    }

    /// The most probable class, the first one of several, and how many are as probable.
    pub fn most_probable(self) -> (usize, u32) {
        let (mut best, mut largest, mut n_largest) = (0, f64::NEG_INFINITY, 0);
        for (class, y) in self.probabilities().enumerate() {
            if y > largest {
                (best, largest, n_largest) = (class, y, 1);
            } else if y.total_cmp(&largest).is_eq() {
                n_largest += 1;
            }
        }
        (best, n_largest)
    }

    /// - sum y ln y, in nats: no prediction has a smaller cross-entropy with this label.
    pub fn entropy(self) -> f64 {
        let term = |y: f64| if y > 0.0 { -y * y.ln() } else { 0.0 };
        self.probabilities().map(term).sum()
    }

    /// sum y^2, in [1 / K, 1].
    pub fn squares(self) -> f64 {
        self.probabilities().map(|y| y * y).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_what_it_says_up_to_its_sum() {
        let labels = SoftLabels::new(3, Values::F32(vec![1.0, 3.0, 0.0, 0.0, 0.0, 1.0]));
        let labels = labels.expect("two rows");
        let label = labels.row(0);
        assert_eq!(label.probabilities().collect::<Vec<_>>(), [0.25, 0.75, 0.0]);
        assert_eq!(label.most_probable(), (1, 1));
        let entropy = -(0.25 * 0.25f64.ln() + 0.75 * 0.75f64.ln());
        assert!((label.entropy() - entropy).abs() < 1e-15);
        assert!((label.squares() - 0.625).abs() < 1e-15);
        let sure = labels.row(1);
        assert!(sure.entropy().abs() < f64::EPSILON && sure.sum().total_cmp(&1.0).is_eq());
        assert_eq!(labels.select([1, 1]).n_rows(), 2);
    }

    #[test]
    fn the_first_of_tied_classes_counts_and_what_is_no_distribution_is_told() {
        let of = |values: &[f64]| SoftLabel::new(ValuesRef::F64(values)).most_probable();
        assert_eq!(of(&[0.1, 0.45, 0.45]), (1, 2));
        let is = |values: &[f64]| SoftLabel::new(ValuesRef::F64(values)).is_distribution();
        assert!(is(&[0.0, 2.0]));
        assert!(!is(&[0.0, 0.0]) && !is(&[-0.5, 1.5]) && !is(&[f64::NAN, 1.0]));
        assert!(!is(&[f64::INFINITY, 1.0]));
        assert!(SoftLabels::new(1, Values::F64(vec![1.0])).is_none());
        assert!(SoftLabels::new(2, Values::F64(vec![1.0])).is_none());
    }

    #[test]
    fn dividing_twice_changes_no_bit() {
        let stored: Vec<f64> = (0..48).map(|i| f64::from(i * 37 % 11) / 7.0).collect();
        let once: Vec<f64> = SoftLabel::new(ValuesRef::F64(&stored)).probabilities().collect();
        let twice: Vec<f64> = SoftLabel::new(ValuesRef::F64(&once)).probabilities().collect();
        assert_eq!(once, twice);
    }
}
