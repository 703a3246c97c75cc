//! What a recalibrator says of rows.

use super::{KeepGoing, Recalibrator};
use crate::data::SourceError;
use crate::numerics::{Score, exp_nonpositive};
use crate::summarize::{RowMap, RowSummaries, ScoreRows, Scores};

/// Numbers of a judged row.
pub const JUDGED: usize = 5;

/// Columns of length N.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Judged {
    /// Negative log-likelihood, in nats; infinite where the label has probability 0.
    pub nll: Vec<f64>,
    /// Squared error summed over classes.
    pub brier: Vec<f64>,
    /// The headline's probability: the largest, or of class 1 for two classes.
    pub probability: Vec<f64>,
    /// Whether its event happened.
    pub hit: Vec<bool>,
    /// Whether the first class of the largest probability is the label.
    pub correct: Vec<bool>,
}

/// One pass: every row by the map that `map_of` gives for its index.
///
/// # Errors
/// [`SourceError::Cancelled`] once `keep_going` says no, or why the scores could not be read.
pub fn judge<'a>(
    scores: Scores<'_>,
    map_of: &(dyn Fn(usize) -> &'a Recalibrator + Sync),
    keep_going: KeepGoing<'_>,
) -> Result<Judged, SourceError> {
    let pass = Pass { rows: scores.rows(), map_of };
    let numbers = scores.map(&pass, &mut |_| keep_going())?;
    let column = |of: usize| numbers.iter().skip(of).step_by(JUDGED).copied();
    Ok(Judged {
        nll: column(0).collect(),
        brier: column(1).collect(),
        probability: column(2).collect(),
        hit: column(3).map(|hit| hit > 0.0).collect(),
        correct: column(4).map(|correct| correct > 0.0).collect(),
    })
}

struct Pass<'a, 'b> {
    rows: &'a RowSummaries,
    map_of: &'a (dyn Fn(usize) -> &'b Recalibrator + Sync),
}

impl RowMap for Pass<'_, '_> {
    fn width(&self) -> usize {
        JUDGED
    }

    fn fill<S: Score>(&self, rows: ScoreRows<'_, S>, out: &mut [f64]) {
        let mut ln_p = vec![0.0; rows.n_classes];
        for ((idx, row), out) in rows.iter().zip(out.chunks_exact_mut(JUDGED)) {
            let view = self.rows.row(idx);
            (self.map_of)(idx).log_probabilities(row, view.max(), &mut ln_p);
            out.copy_from_slice(&numbers(&ln_p, view.label() as usize));
        }
    }
}

fn numbers(ln_p: &[f64], label: usize) -> [f64; JUDGED] {
    let (mut best, mut brier) = (0, 0.0);
    for (class, ln) in ln_p.iter().enumerate() {
        if *ln > ln_p[best] {
            best = class;
        }
        let target = f64::from(u8::from(class == label));
        brier += (exp_nonpositive(ln.min(0.0)) - target).powi(2);
    }
    let headline = if ln_p.len() == 2 { 1 } else { best };
    let is = |class: usize| f64::from(u8::from(class == label));
    [-ln_p[label], brier, exp_nonpositive(ln_p[headline].min(0.0)), is(headline), is(best)]
}
