//! The squared calibration error without the share that chance adds to it.

use super::Bin;

/// Root of the debiased squared calibration error: sum over bins of `n_b` / N (`gap_b`^2 - `acc_b` (1 -
/// `acc_b`) / (`n_b` - 1)), 0 where that sum is negative (Broecker 2012; Kumar, Liang & Ma 2019). The plain
/// [`super::rmsce`] of a calibrated model is positive by chance alone; this one is centred on 0 before the
/// root. A bin with a single row tells nothing about its own variance and adds nothing, as in the authors'
/// package. In [0, 1]; NaN without rows.
pub fn rmsce_debiased(bins: &[Bin]) -> f64 {
    let filled = || bins.iter().filter(|bin| !bin.is_empty());
    let n: f64 = filled().map(Bin::mass).sum();
    let term = |bin: &Bin| {
        // With weights the mean square of the accuracy's error is a (1 - a) sum w^2 / (sum w)^2, estimated without bias
        // by the same formula with the number of rows that they are worth.
        let variance = bin.accuracy * (1.0 - bin.accuracy) / (bin.effective - 1.0);
        bin.mass() * (bin.gap() * bin.gap() - variance)
    };
    let several = filled().filter(|bin| bin.effective > 1.0);
    let sum: f64 = several.map(term).sum();
    // `max` would turn the NaN of no rows into 0.
    // A sum of nothing is -0.0 in Rust, and so is its root.
    if sum < 0.0 { 0.0 } else { ((sum + 0.0) / n).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{equal_width, rmsce};

    #[test]
    fn by_hand() {
        // One bin: four rows at .8, three hits: gap .05, variance .75 * .25 / 3.
        let bins = equal_width(&[0.8; 4], &[true, true, true, false], 1);
        assert!(
            rmsce(&bins) > 0.04 && rmsce_debiased(&bins).abs() < f64::EPSILON,
            "all of it is chance"
        );
        let bins = equal_width(&[0.8; 4], &[false, false, false, true], 1);
        assert!((rmsce_debiased(&bins) - (0.55f64 * 0.55 - 0.0625).sqrt()).abs() < 1e-15);
        assert!(rmsce_debiased(&[]).is_nan());
    }
}
