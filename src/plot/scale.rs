//! One mapping between values and cells, used by drawing, ticks, crosshair and mouse.

/// Values this large are out of any view; it keeps differences of two of them finite.
const LARGEST: f64 = 1e300;

/// A range narrower than this share of its magnitude holds no two values worth telling apart.
const NARROWEST: f64 = 1e-12;

/// Maps `[low, high]`, straight or by logarithm, onto a row of cells.
///
/// `low` is the outer edge of the first cell and `high` that of the last one, so a bar of value v ends
/// where a curve through v passes. The range is always usable: ends that are NaN, infinite, equal or
/// (on a log scale) not positive are replaced, and ends in the wrong order are exchanged.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Scale {
    low: f64,
    high: f64,
    is_log: bool,
    n_cells: usize,
}

impl Scale {
    /// A straight scale of `[low, high]` on `n_cells` cells (at least one).
    pub fn linear(low: f64, high: f64, n_cells: usize) -> Self {
        let (low, high) = linear_range(low, high);
        Self { low, high, is_log: false, n_cells: n_cells.max(1) }
    }

    /// A decimal logarithmic scale of `[low, high]` on `n_cells` cells (at least one).
    pub fn log10(low: f64, high: f64, n_cells: usize) -> Self {
        let (low, high) = log_range(low, high);
        Self { low, high, is_log: true, n_cells: n_cells.max(1) }
    }

    /// The value at the outer edge of the first cell.
    pub fn low(&self) -> f64 {
        self.low
    }

    /// The value at the outer edge of the last cell.
    pub fn high(&self) -> f64 {
        self.high
    }

    /// True for a logarithmic scale.
    pub fn is_log(&self) -> bool {
        self.is_log
    }

    /// Number of cells, at least 1.
    pub fn n_cells(&self) -> usize {
        self.n_cells
    }

    /// Position of `value` as a share of the scale's length: 0 at `low`, 1 at `high`, beyond outside.
    /// NaN for NaN; minus infinity for what is not positive on a log scale.
    pub fn fraction(&self, value: f64) -> f64 {
        if self.is_log {
            let at = if value <= 0.0 { f64::NEG_INFINITY } else { value.log10() };
            (at - self.low.log10()) / (self.high.log10() - self.low.log10())
        } else {
            (value - self.low) / (self.high - self.low)
        }
    }

    /// The value at `fraction` of the length, the inverse of [`Scale::fraction`].
    pub fn value(&self, fraction: f64) -> f64 {
        if self.is_log {
            let (low, high) = (self.low.log10(), self.high.log10());
            10_f64.powf((high - low).mul_add(fraction, low))
        } else {
            (self.high - self.low).mul_add(fraction, self.low)
        }
    }

    /// True if `value` lies in the closed range.
    pub fn contains(&self, value: f64) -> bool {
        value >= self.low && value <= self.high
    }

    /// The cell of `value`, from 0 at `low`; `None` outside the range and for NaN.
    pub fn to_cell(&self, value: f64) -> Option<usize> {
        self.to_dot(value, 1)
    }

    /// The cell of `value`, the nearest end cell outside the range; `None` for NaN.
    pub fn to_nearest_cell(&self, value: f64) -> Option<usize> {
        let fraction = self.fraction(value);
        (!fraction.is_nan()).then(|| index(fraction * self.n_cells as f64, self.n_cells))
    }

    /// The value in the middle of `cell`; cells past the end count as the last one.
    pub fn from_cell(&self, cell: usize) -> f64 {
        let cell = cell.min(self.n_cells - 1);
        self.value((cell as f64 + 0.5) / self.n_cells as f64)
    }

    /// The dot of `value` where each cell has `n_per_cell` of them; `None` outside and for NaN.
    pub fn to_dot(&self, value: f64, n_per_cell: usize) -> Option<usize> {
        let n_dots = self.n_cells * n_per_cell.max(1);
        self.contains(value).then(|| index(self.fraction(value) * n_dots as f64, n_dots))
    }

    /// Position of `value` in dots, unrounded: 0 at the outer edge of the first cell.
    pub fn to_dots(&self, value: f64, n_per_cell: usize) -> f64 {
        self.fraction(value) * (self.n_cells * n_per_cell.max(1)) as f64
    }
}

/// The whole part of `at` as an index below `n`, the nearest one outside (`n` must be positive).
/// Rounding errors are forgiven: what lies less than a millionth below a whole number counts as it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is clamped to 0..n before the cast, and NaN casts to 0"
)]
pub(super) fn index(at: f64, n: usize) -> usize {
    let last = n.saturating_sub(1);
    (at + 1e-6).floor().clamp(0.0, last as f64) as usize
}

fn linear_range(low: f64, high: f64) -> (f64, f64) {
    let (low, high) = ordered(low, high).unwrap_or((0.0, 1.0));
    let magnitude = low.abs().max(high.abs());
    if high - low > NARROWEST * magnitude {
        return (low, high);
    }
    let half = if magnitude > 0.0 { magnitude / 2.0 } else { 0.5 };
    (low - half, high + half)
}

fn log_range(low: f64, high: f64) -> (f64, f64) {
    let (low, high) = match ordered(low, high) {
        Some((low, high)) if low > 0.0 => (low.max(1.0 / LARGEST), high.max(1.0 / LARGEST)),
        Some((_, high)) if high > 0.0 => (high * 1e-3, high),
        _ => (1.0, 10.0),
    };
    if high > low * (1.0 + NARROWEST) {
        return (low, high);
    }
    (low / 2.0, high * 2.0)
}

/// Both ends within [`LARGEST`] and in order; one that is NaN is taken to be the other.
fn ordered(low: f64, high: f64) -> Option<(f64, f64)> {
    let (low, high) = match (low.is_nan(), high.is_nan()) {
        (false, false) => (low, high),
        (false, true) => (low, low),
        (true, false) => (high, high),
        (true, true) => return None,
    };
    let cut = |v: f64| v.clamp(-LARGEST, LARGEST);
    Some((cut(low.min(high)), cut(low.max(high))))
}
