//! Vector scaling after the temperature, held back by a ridge whose strength the rows choose.

use super::affine::{Affine, centre, mean_nll};
use super::minimise::{Minimum, minimise};
use super::{FitRows, Fitted, KeepGoing, Recalibrator};
use crate::data::SourceError;

/// Strengths of the ridge, from strong to weak: the penalty on the summed NLL is strength / 2 times the sum of
/// squares, as of a normal prior with variance 1 / strength on every `v_k` and `c_k`. The first leaves hardly more
/// than the temperature.
const STRENGTHS: [f64; 5] = [1e4, 1e3, 1e2, 1e1, 1.0];

/// Fits v and c for u = (z - max z) / T with the strength that gives the lowest NLL on one fold of these rows after
/// a fit on the others.
pub(super) fn fit(on: FitRows<'_>, keep_going: KeepGoing<'_>) -> Result<Fitted, SourceError> {
    let strength = choose(on, keep_going)?;
    let start = vec![0.0; 2 * on.rows().n_classes()];
    let found = minimum(on, strength, start, keep_going)?;
    let mut map = map(on, &found.x);
    centre(&mut map.bias);
    Ok(Fitted {
        is_converged: found.is_converged(),
        evaluations: found.evaluations,
        penalty: Some(strength),
        map: Recalibrator::Affine(map),
    })
}

/// The strength of the lowest NLL on the inner fold.
fn choose(on: FitRows<'_>, keep_going: KeepGoing<'_>) -> Result<f64, SourceError> {
    let n_folds = on.fold_of.iter().max().map_or(1, |most| most + 1);
    let inner_fold = on.without.map_or(0, |fold| (fold + 1) % n_folds);
    // Folds are numbered anew: 0 to judge on, 1 to fit on, 2 left out.
    let place = |fold: &u32| {
        if *fold == inner_fold { 0 } else { 1 + u32::from(Some(*fold) == on.without) }
    };
    let inside: Vec<u32> = on.fold_of.iter().map(place).collect();
    let outer: Vec<u32> = inside.iter().map(|place| u32::from(*place != 0)).collect();
    // Rows of the outer fold take part in neither: 2 is mapped to "left out" in both.
    let fit_on: Vec<u32> = inside.iter().map(|place| u32::from(*place == 1)).collect();
    let fit_on = FitRows { fold_of: &fit_on, without: Some(0), ..on };
    let judge_on = FitRows { fold_of: &outer, without: Some(1), ..on };
    if fit_on.n_members() == 0 || judge_on.n_members() == 0 {
        return Ok(STRENGTHS[0]);
    }
    let mut best = (f64::INFINITY, STRENGTHS[0]);
    let mut x = vec![0.0; 2 * on.rows().n_classes()];
    for strength in STRENGTHS {
        x = minimum(fit_on, strength, x, keep_going)?.x;
        let (nll, ..) = mean_nll(judge_on, &map(on, &x), keep_going)?;
        // From strong to weak the held-out NLL falls and rises again: past its minimum nothing is to be found.
        if nll >= best.0 {
            break;
        }
        best = (nll, strength);
    }
    Ok(best.1)
}

/// `x` holds v, then c.
fn map(on: FitRows<'_>, x: &[f64]) -> Affine {
    let (v, c) = x.split_at(x.len() / 2);
    Affine {
        scale: v.iter().map(|v| on.b * (1.0 + v)).collect(),
        bias: c.to_vec(),
        from_largest: true,
    }
}

fn minimum(
    on: FitRows<'_>,
    strength: f64,
    start: Vec<f64>,
    keep_going: KeepGoing<'_>,
) -> Result<Minimum, SourceError> {
    let weight = strength / on.n_members() as f64;
    minimise(start, &mut |x| {
        let (nll, scale, bias) = mean_nll(on, &map(on, x), keep_going)?;
        let slopes = scale.iter().map(|slope| on.b * slope).chain(bias);
        let gradient = slopes.zip(x).map(|(slope, x)| slope + weight * x).collect();
        let squares: f64 = x.iter().map(|x| x * x).sum();
        Ok((nll + weight / 2.0 * squares, gradient))
    })
}
