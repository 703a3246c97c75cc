//! A number that stands for minus infinity: the smallest one at hand, written where a row may not have a class.

use super::array::Dtype;
use super::error::Problem;
use super::picked::{Picked, guess};
use super::progress::Watch;
use super::raw::Spare;
use super::sample::Sample;
use crate::data::{Guess, Kind, Values, ValuesRef};
use crate::numerics::Score;

/// The largest number that can be a fill.
const LARGEST: f64 = -1e4;

/// How many times the size of every other score it has at least.
const TIMES: f64 = 20.0;

/// The share of the entries that it holds at least, unless it is all of a column.
const SHARE: f64 = 0.01;

/// From here on one doubling takes a float16 number beyond its end.
const F16_NEAR: f64 = 32768.0;

/// What decides whether the smallest finite score is a fill: kept while scores go by, whatever their number.
struct Tally {
    smallest: f64,
    /// How often it stands in each column.
    counts: Vec<u64>,
    /// The largest magnitude of all other finite scores; negative before there is one.
    largest_other: f64,
    n_rows: u64,
    /// Infinite scores of either sign.
    n_infinite: u64,
}

/// What minus infinity is in a file.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Infinities {
    /// The number that stands for it.
    pub(super) fill: Option<f64>,
    /// True if it is no absent class: the numbers overflowed.
    pub(super) overflowed: bool,
}

impl Tally {
    fn new(n_cols: usize) -> Self {
        Self {
            smallest: f64::INFINITY,
            counts: vec![0; n_cols],
            largest_other: -1.0,
            n_rows: 0,
            n_infinite: 0,
        }
    }

    fn add_all(&mut self, values: ValuesRef<'_>) {
        match values {
            ValuesRef::F32(values) => self.add_rows(values),
            ValuesRef::F64(values) => self.add_rows(values),
        }
    }

    fn add_rows<S: Score>(&mut self, values: &[S]) {
        let n_cols = self.counts.len();
        for row in values.chunks_exact(n_cols) {
            self.n_rows += 1;
            for (column, z) in row.iter().map(|z| z.widen()).enumerate() {
                if z.is_finite() {
                    self.add(column, z);
                } else if !z.is_nan() {
                    self.n_infinite += 1;
                }
            }
        }
    }

    fn add(&mut self, column: usize, z: f64) {
        if z < self.smallest {
            if self.smallest.is_finite() {
                self.largest_other = self.largest_other.max(self.smallest.abs());
            }
            self.smallest = z;
            self.counts.fill(0);
        } else if z > self.smallest {
            self.largest_other = self.largest_other.max(z.abs());
            return;
        }
        self.counts[column] += 1;
    }

    /// True if the smallest score may be a fill, as far as its size tells.
    fn is_far_out(&self) -> bool {
        let others = self.largest_other >= 0.0;
        others && self.smallest <= LARGEST && self.smallest <= -TIMES * self.largest_other
    }

    /// True of float16 numbers that come near its end and beyond: minus infinity is no mask then.
    fn has_overflowed(&self, dtype: Dtype) -> bool {
        let largest = self.largest_other.max(self.smallest.abs());
        let is_near = largest >= F16_NEAR && self.smallest.is_finite();
        dtype == Dtype::F16 && self.n_infinite > 0 && is_near && !self.is_far_out()
    }

    fn share(&self) -> f64 {
        let n_scores = self.n_rows as f64 * self.counts.len() as f64;
        self.counts.iter().sum::<u64>() as f64 / n_scores
    }

    fn fill(&self) -> Option<f64> {
        let holds_column = self.counts.contains(&self.n_rows);
        let is_fill = self.is_far_out() && (holds_column || self.share() >= SHARE);
        is_fill.then_some(self.smallest)
    }
}

/// What minus infinity is in all `parts`, and the number that stands for it if there is one, for the record too: one value of at most
/// -1e4 and at most -20 times the largest other magnitude, in a whole column or in 1 % of the entries. It is a matter of
/// all rows, so that they are read once where the samples hold such a number; probabilities have none.
pub(super) fn find(
    (parts, samples): (&[Picked], &[Sample]),
    kind: Kind,
    guesses: &mut Vec<Guess>,
    watch: &mut Watch<'_>,
) -> Result<Infinities, Problem> {
    let n_cols = parts[0].scores.n_cols();
    let mut sampled = Tally::new(n_cols);
    for sample in samples {
        sampled.add_all(sample.values.as_ref());
    }
    if kind.is_probabilities() || !sampled.is_far_out() {
        return Ok(Infinities {
            fill: None,
            overflowed: sampled.has_overflowed(parts[0].scores.dtype()),
        });
    }
    let mut tally = Tally::new(n_cols);
    for part in parts {
        let free = std::cell::RefCell::new(Values::default());
        let spare: &mut Spare<'_> = &mut || free.take();
        let raw = &*part.scores.raw;
        raw.read(0..raw.n_rows(), spare, &mut |block| {
            tally.add_all(block.as_ref());
            free.replace(block);
            watch.tick()
        })?;
    }
    let fill = tally.fill();
    if let Some(fill) = fill {
        let evidence = format!(
            "{:.3} % of the scores are this number and every other is smaller than a twentieth of it: it stands for -inf, a class that a row does not have",
            tally.share() * 100.0
        );
        guesses.push(guess("absent", short(fill), evidence));
    }
    Ok(Infinities { fill, overflowed: tally.has_overflowed(parts[0].scores.dtype()) })
}

/// `-65504`, `-1e9`, `-3.4028235e38`.
fn short(fill: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "this is the question")]
    let narrow = fill as f32;
    if fill > -1e6 {
        format!("{fill}")
    } else if f64::from(narrow).total_cmp(&fill).is_eq() {
        format!("{narrow:e}")
    } else {
        format!("{fill:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill_of(n_cols: usize, values: &[f64]) -> Option<f64> {
        let mut tally = Tally::new(n_cols);
        tally.add_all(ValuesRef::F64(values));
        tally.fill()
    }

    #[test]
    fn a_column_or_one_entry_in_a_hundred_of_a_far_smaller_number_is_a_fill() {
        let rows = |n: usize, at: &dyn Fn(usize) -> f64| -> Vec<f64> { (0..n).map(at).collect() };
        let some = |step: usize, fill: f64| {
            move |i: usize| if i.is_multiple_of(step) { fill } else { 3.0 }
        };
        assert_eq!(fill_of(4, &rows(400, &some(100, -1e4))), Some(-1e4));
        assert_eq!(fill_of(4, &rows(404, &some(101, -1e4))), None);
        // The first of 200 columns.
        assert_eq!(fill_of(200, &rows(2000, &some(200, -65504.0))), Some(-65504.0));
        assert_eq!(fill_of(4, &rows(400, &some(10, -9999.0))), None);
        // No more than 20 times the largest other score.
        assert_eq!(fill_of(2, &[0.0, -1e4, 500.0, -1e4]), Some(-1e4));
        assert_eq!(fill_of(2, &[0.0, -1e4, 501.0, -1e4]), None);
        assert_eq!(fill_of(2, &[0.0, -1e4, -501.0, -1e4]), None);
        // Two such numbers are none; NaN and infinities are no scores.
        assert_eq!(fill_of(2, &[0.0, -1e9, 0.0, -2e9]), None);
        let bad = [f64::NAN, -1e9, f64::INFINITY, -1e9, f64::NEG_INFINITY, 0.0];
        assert_eq!(fill_of(2, &bad), Some(-1e9));
        // One value alone is nothing that others could stand beside.
        assert_eq!(fill_of(2, &[-1e8; 6]), None);
    }

    #[test]
    fn infinities_beside_the_end_of_float16_are_its_overflow() {
        let overflowed = |values: &[f64], dtype| {
            let mut tally = Tally::new(2);
            tally.add_all(ValuesRef::F64(values));
            tally.has_overflowed(dtype)
        };
        let inf = f64::NEG_INFINITY;
        assert!(overflowed(&[40_000.0, inf, -3.0, 5.0], Dtype::F16));
        assert!(!overflowed(&[40_000.0, inf, -3.0, 5.0], Dtype::F32));
        assert!(!overflowed(&[40.0, inf, -3.0, 5.0], Dtype::F16));
        assert!(!overflowed(&[40_000.0, 1.0, -3.0, 5.0], Dtype::F16));
        // -65504 stands for minus infinity here, and so does minus infinity.
        assert!(!overflowed(&[-65504.0, inf, -3.0, 5.0], Dtype::F16));
    }

    #[test]
    fn fills_are_written_short() {
        let shown = [-65504.0, -1e9, f64::from(f32::MIN), -1e4, -1e30, f64::MIN].map(short);
        let wanted =
            ["-65504", "-1e9", "-3.4028235e38", "-10000", "-1e30", "-1.7976931348623157e308"];
        assert_eq!(shown, wanted);
    }
}
