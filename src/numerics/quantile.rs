//! Order statistics and quantiles, without sorting more than they need.

/// Slices shorter than this are not worth a task of their own.
const PARALLEL: usize = 8192;

/// The values of rank `ranks` (0-based, ascending, below the length) by `total_cmp`; `values` is reordered.
///
/// Selecting the middle rank splits the values between the ranks below and above, which go on in parallel:
/// n log m steps for m ranks, where sorting takes n log n.
///
/// # Panics
/// If a rank is not below the number of values.
pub fn order_statistics(values: &mut [f64], ranks: &[usize]) -> Vec<f64> {
    let mut found = vec![f64::NAN; ranks.len()];
    select((values, 0), ranks, &mut found);
    found
}

/// `values` are those of rank `first` and above.
fn select((values, first): (&mut [f64], usize), ranks: &[usize], found: &mut [f64]) {
    let Some(&rank) = ranks.get(ranks.len() / 2) else {
        return;
    };
    let is_long = values.len() > PARALLEL;
    let (below, value, above) = values.select_nth_unstable_by(rank - first, f64::total_cmp);
    // The same rank may be asked for more than once.
    let from = ranks.partition_point(|r| *r < rank);
    let to = ranks.partition_point(|r| *r <= rank);
    let (found_below, rest) = found.split_at_mut(from);
    let (here, found_above) = rest.split_at_mut(to - from);
    here.fill(*value);
    let mut left = || select((below, first), &ranks[..from], found_below);
    let mut right = || select((above, rank + 1), &ranks[to..], found_above);
    if is_long {
        rayon::join(left, right);
    } else {
        left();
        right();
    }
}

/// The quantiles of `values` at `levels`, ascending in [0, 1]: position level (n - 1), linear in between
/// (Hyndman & Fan 1996, type 7; `NumPy`'s default). NaN for no value.
pub fn quantiles(values: &[f64], levels: &[f64]) -> Vec<f64> {
    let Some(last) = values.len().checked_sub(1) else {
        return vec![f64::NAN; levels.len()];
    };
    let places: Vec<(usize, f64)> = levels.iter().map(|level| place(*level, last)).collect();
    let mut ranks: Vec<usize> = places.iter().flat_map(|p| [p.0, p.0 + 1]).collect();
    for rank in &mut ranks {
        *rank = (*rank).min(last);
    }
    ranks.sort_unstable();
    let found = order_statistics(&mut values.to_vec(), &ranks);
    let value = |rank: usize| found[ranks.partition_point(|r| *r < rank)];
    let between = |(rank, fraction): (usize, f64)| {
        interpolate(value(rank), value((rank + 1).min(last)), fraction)
    };
    places.into_iter().map(between).collect()
}

/// The rank below the quantile, and how far it lies towards the next one.
fn place(level: f64, last: usize) -> (usize, f64) {
    let position = level * last as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 <= position <= n - 1"
    )]
    let rank = (position.floor() as usize).min(last);
    (rank, position - position.floor())
}

/// On an order statistic, and between equal ones, nothing is interpolated: with an infinite neighbour the
/// product would be NaN.
fn interpolate(low: f64, high: f64, fraction: f64) -> f64 {
    if fraction <= 0.0 || low.total_cmp(&high).is_eq() {
        low
    } else {
        low + (high - low) * fraction
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn interpolates_linearly_and_keeps_the_ends() {
        let levels = [0.0, 0.25, 0.5, 1.0];
        let got = quantiles(&[4.0, 1.0, 3.0, 2.0], &levels);
        for (got, want) in got.iter().zip([1.0, 1.75, 2.5, 4.0]) {
            assert!((got - want).abs() < 1e-15, "{got} {want}");
        }
    }

    #[test]
    fn an_infinite_neighbour_does_not_spoil_a_finite_quantile() {
        let v = [f64::INFINITY, 1.0, 2.0, 3.0, f64::INFINITY];
        let got = quantiles(&v, &[0.5, 0.6, 1.0]);
        assert!((got[0] - 3.0).abs() < f64::EPSILON);
        assert!(got[1].is_infinite() && got[2].is_infinite());
    }

    #[test]
    fn no_value_has_no_quantile_and_one_value_is_every_quantile() {
        assert!(quantiles(&[], &[0.5])[0].is_nan());
        assert!((quantiles(&[7.0], &[0.99])[0] - 7.0).abs() < f64::EPSILON);
    }

    proptest! {
        #[test]
        fn selecting_finds_what_sorting_finds(
            values in proptest::collection::vec((-9i32..9).prop_map(f64::from), 1..200),
            wanted in proptest::collection::vec(any::<proptest::sample::Index>(), 0..20),
        ) {
            let mut ranks: Vec<usize> = wanted.iter().map(|i| i.index(values.len())).collect();
            ranks.sort_unstable();
            let mut sorted = values.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            let want: Vec<f64> = ranks.iter().map(|rank| sorted[*rank]).collect();
            prop_assert_eq!(order_statistics(&mut values.clone(), &ranks), want);
        }
    }
}
