//! Stored scores to logits, block by block.

use std::cell::RefCell;
use std::sync::Arc;

use super::array::Dtype;
use super::binary;
use super::error::Problem;
use super::kind;
use super::picked::RowNames;
use super::raw::{Deliver, HeldScores, RawScores, Spare, emptied, f64_buffer, push_rows};
use super::rounding::Rounding;
use crate::data::{Kind, Values, ValuesRef};
use crate::numerics::Score;

/// What has to be done to stored scores, decided once for each part of the data.
#[derive(Debug)]
pub(super) struct Conversion {
    /// What the scores are.
    pub(super) kind: Kind,
    /// Columns as they are stored: one score becomes two logits.
    pub(super) n_cols: usize,
    /// Binary data whose positive class is stored first: the two columns change places.
    pub(super) swap: bool,
    /// The number that stands for minus infinity, smaller than every other score.
    pub(super) fill: Option<f64>,
    /// Where a flag says what the scores are every score is held against it; how its row is called
    /// then.
    pub(super) claimed: Option<RowNames>,
    /// How probabilities were rounded, as far as they have been read.
    pub(super) rounding: Arc<Rounding>,
}

impl Conversion {
    /// For what is left to do to scores of `n_classes` classes that were converted already: nothing.
    pub(super) fn done(self, n_classes: usize) -> Self {
        Self {
            kind: Kind::Logits,
            n_cols: n_classes,
            swap: false,
            fill: None,
            claimed: None,
            ..self
        }
    }

    /// False if stored scores are logits as they are.
    pub(super) fn changes(&self) -> bool {
        self.n_cols == 1 || self.kind.is_probabilities() || self.swap || self.fill.is_some()
    }

    /// K.
    pub(super) fn n_classes(&self) -> usize {
        self.n_cols.max(2)
    }

    /// True if the logits are f64 although the stored scores are f32.
    pub(super) fn widens(&self) -> bool {
        self.kind.is_probabilities() || self.n_cols == 1 && self.kind == Kind::LogProbs
    }

    /// Looks at scores as they are stored, and refuses those that cannot be what a flag says: ln of a negative number
    /// would silently cost a row.
    pub(super) fn check(&self, first_row: usize, stored: ValuesRef<'_>) -> Result<(), Problem> {
        if self.kind.is_probabilities() {
            self.rounding.look(stored);
        }
        let Some(rows) = &self.claimed else {
            return Ok(());
        };
        let Some((idx, value)) = kind::contradiction(stored, self.kind) else {
            return Ok(());
        };
        let row = rows.name(first_row + idx / self.n_cols);
        Err(kind::contradicted(&row, idx % self.n_cols, value, self.kind))
    }

    /// The logits, and a buffer that is free: `stored` if the logits are in `spare` now.
    pub(super) fn convert(&self, mut stored: Values, spare: Values) -> (Values, Values) {
        if let Some(fill) = self.fill {
            match &mut stored {
                Values::F32(v) => make_absent(v, fill),
                Values::F64(v) => make_absent(v, fill),
            }
        }
        let (mut logits, free) = match (self.n_cols == 1, self.kind) {
            (true, Kind::Logits) => beside_zero(stored, spare),
            (true, Kind::Probs | Kind::Sigmoid) => pairs(stored, spare, |p| [(-p).ln_1p(), p.ln()]),
            (true, Kind::LogProbs) => pairs(stored, spare, |l| [kind::ln_1m_exp(l), l]),
            (false, Kind::Probs) => each(stored, spare, f64::ln),
            (false, Kind::Sigmoid) => each(stored, spare, |p| p.ln() - (-p).ln_1p()),
            (false, Kind::Logits | Kind::LogProbs) => (stored, spare),
        };
        if self.swap && self.n_cols == 2 {
            binary::swap_columns(&mut logits);
        }
        (logits, free)
    }
}

/// Delivers all rows as logits. The buffer that stored scores are read into is used again and again.
pub(super) fn read_converted(
    raw: &dyn RawScores,
    conversion: &Conversion,
    spare: &mut Spare<'_>,
    deliver: &mut Deliver<'_>,
) -> Result<(), Problem> {
    let n_rows = raw.n_rows();
    if !conversion.changes() {
        let mut first_row = 0;
        return raw.read(0..n_rows, spare, &mut |block| {
            conversion.check(first_row, block.as_ref())?;
            first_row += block.len() / conversion.n_cols;
            deliver(block)
        });
    }
    let free = RefCell::new(Values::default());
    let mut first_row = 0;
    raw.read(0..n_rows, &mut || free.take(), &mut |block| {
        if block.is_empty() {
            return deliver(block);
        }
        conversion.check(first_row, block.as_ref())?;
        first_row += block.len() / conversion.n_cols;
        let (logits, stored) = conversion.convert(block, spare());
        free.replace(stored);
        deliver(logits)
    })
}

/// All rows as logits, in memory.
pub(super) fn converted(
    raw: &dyn RawScores,
    conversion: &Conversion,
) -> Result<HeldScores, Problem> {
    let mut all = None;
    read_converted(raw, conversion, &mut Values::default, &mut |block| {
        let n_rows = block.len() / conversion.n_classes();
        let all = all.get_or_insert_with(|| emptied(Values::default(), block.as_ref()));
        push_rows(all, block.as_ref(), conversion.n_classes(), 0..n_rows);
        Ok(())
    })?;
    let all = all.unwrap_or_default();
    let dtype = match &all {
        Values::F32(_) => Dtype::F32,
        Values::F64(_) => Dtype::F64,
    };
    Ok(HeldScores::new(all, conversion.n_classes(), dtype))
}

/// Minus infinity for the smallest number.
fn make_absent<S: Score>(scores: &mut [S], fill: f64) {
    for z in scores.iter_mut().filter(|z| z.widen() <= fill) {
        *z = S::LOWEST;
    }
}

/// Two columns from one: (0, score).
fn beside_zero(stored: Values, spare: Values) -> (Values, Values) {
    let mut out = emptied(spare, stored.as_ref());
    match (&mut out, &stored) {
        (Values::F32(out), Values::F32(z)) => out.extend(z.iter().flat_map(|z| [0.0, *z])),
        (Values::F64(out), Values::F64(z)) => out.extend(z.iter().flat_map(|z| [0.0, *z])),
        _ => unreachable!("the buffer is emptied for scores of this type"),
    }
    (out, stored)
}

/// Two columns from one, in f64.
fn pairs(stored: Values, spare: Values, pair: impl Fn(f64) -> [f64; 2]) -> (Values, Values) {
    let mut out = f64_buffer(spare);
    out.clear();
    match &stored {
        Values::F32(v) => out.extend(v.iter().flat_map(|x| pair(f64::from(*x)))),
        Values::F64(v) => out.extend(v.iter().flat_map(|x| pair(*x))),
    }
    (Values::F64(out), stored)
}

/// `logit` of every number in f64, without a floor: that of 0 is minus infinity.
fn each(stored: Values, spare: Values, logit: impl Fn(f64) -> f64) -> (Values, Values) {
    match stored {
        Values::F64(mut v) => {
            for p in &mut v {
                *p = logit(*p);
            }
            (Values::F64(v), spare)
        }
        Values::F32(v) => {
            let mut out = f64_buffer(spare);
            out.clear();
            out.extend(v.iter().map(|p| logit(f64::from(*p))));
            (Values::F64(out), Values::F32(v))
        }
    }
}
