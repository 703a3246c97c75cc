//! Isotonic regression by pooling adjacent violators.

/// A maximal run of items that an isotonic fit gives one value.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct IsotonicBlock {
    /// Index after the last item of the run; the run begins where the previous one ends.
    pub end: usize,
    /// Sum of the observations in it.
    pub sum: f64,
    /// Sum of their weights; positive.
    pub weight: f64,
}

impl IsotonicBlock {
    /// The fitted value, sum / weight.
    #[inline]
    pub fn value(&self) -> f64 {
        self.sum / self.weight
    }
}

/// The non-decreasing sequence closest in weighted least squares to `items`, each the sum of some
/// observations and their weight (positive): fills `blocks`, whose values strictly increase, by the
/// pool-adjacent-violators algorithm (Ayer et al. 1955) in O(N). No block without an item.
///
/// Means are compared by cross-multiplication, so that counts below 2^26 are pooled exactly.
pub fn isotonic(items: impl IntoIterator<Item = (f64, f64)>, blocks: &mut Vec<IsotonicBlock>) {
    blocks.clear();
    for (idx, (sum, weight)) in items.into_iter().enumerate() {
        let end = idx + 1;
        let mut block = IsotonicBlock { end, sum, weight };
        while let Some(last) = blocks.last()
            && last.sum * block.weight >= block.sum * last.weight
        {
            block.sum += last.sum;
            block.weight += last.weight;
            blocks.pop();
        }
        blocks.push(block);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fit(items: &[(f64, f64)]) -> Vec<f64> {
        let mut blocks = Vec::new();
        isotonic(items.iter().copied(), &mut blocks);
        let mut fitted = Vec::new();
        for block in blocks {
            fitted.resize(block.end, block.value());
        }
        fitted
    }

    #[test]
    fn violators_are_pooled_and_weights_count() {
        assert_eq!(fit(&[(1.0, 1.0), (3.0, 1.0), (2.0, 1.0), (4.0, 1.0)]), [1.0, 2.5, 2.5, 4.0]);
        assert_eq!(fit(&[(3.0, 1.0), (0.0, 2.0)]), [1.0, 1.0]);
        assert!(fit(&[]).is_empty());
    }

    proptest! {
        /// The min-max formula (Barlow et al. 1972): fit(i) = max over s <= i of min over t >= i of
        /// mean(s..=t).
        #[test]
        fn agrees_with_the_min_max_formula(
            items in proptest::collection::vec((0u8..5, 1u8..4), 1..25),
        ) {
            let items: Vec<(f64, f64)> =
                items.iter().map(|&(y, w)| (f64::from(y) * f64::from(w), f64::from(w))).collect();
            let mean = |s: usize, t: usize| {
                let (sum, weight) = items[s..=t].iter().fold((0.0, 0.0), |a, x| (a.0 + x.0, a.1 + x.1));
                sum / weight
            };
            for (i, got) in fit(&items).into_iter().enumerate() {
                let lowest = |s| (i..items.len()).map(|t| mean(s, t)).fold(f64::INFINITY, f64::min);
                let want = (0..=i).map(lowest).fold(f64::NEG_INFINITY, f64::max);
                prop_assert!((got - want).abs() < 1e-12, "item {i}: {got} not {want}");
            }
        }
    }
}
