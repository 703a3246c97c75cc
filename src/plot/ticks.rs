//! Where ticks stand and what they say: 1, 2, 5 x 10^n, labels that never touch.

use super::Scale;
use super::scale::index;

/// Blank cells between two labels of an x axis.
const LABEL_GAP: usize = 2;

/// Columns between two ticks of an x axis, rows between two of a y axis: about one label per 15
/// columns and per 4 rows, since the next coarser step is two to two and a half times as wide.
const X_SPACING: usize = 8;
const Y_SPACING: usize = 3;

/// The same on a log scale, where spacing is uneven and the narrowest counts.
const X_LOG_SPACING: usize = 5;
const Y_LOG_SPACING: usize = 2;

/// Plain labels longer than this become `2e-6` if that is shorter.
const LONGEST_PLAIN: usize = 6;

/// One tick of an axis.
#[derive(Clone, PartialEq, Debug)]
pub struct Tick {
    /// The value it stands at.
    pub value: f64,
    /// Its cell on the scale.
    pub cell: usize,
    /// What is written at it.
    pub label: String,
    /// x axes: the column of the label's first character, counted from `room.left` columns before
    /// the scale. 0 on y axes.
    pub start: usize,
}

/// Columns beside the scale that labels of an x axis may use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LabelRoom {
    /// Before its first cell.
    pub left: usize,
    /// After its last cell.
    pub right: usize,
}

/// Ticks for a horizontal scale, left to right. Each label is centred on its tick, or as near to that
/// as the room allows. Crowded axes take a coarser step; an axis too short for two labels may have
/// one or none.
pub fn x_ticks(scale: &Scale, room: LabelRoom) -> Vec<Tick> {
    let spacing = if scale.is_log() { X_LOG_SPACING } else { X_SPACING };
    choose(scale, spacing, &|ticks| place(ticks, scale.n_cells(), room))
}

/// Ticks for a vertical scale, bottom to top.
pub fn y_ticks(scale: &Scale) -> Vec<Tick> {
    let spacing = if scale.is_log() { Y_LOG_SPACING } else { Y_SPACING };
    choose(scale, spacing, &|_| true)
}

/// The finest candidate that keeps `spacing`; failing that the finest whose labels fit at all.
fn choose(scale: &Scale, spacing: usize, fits: &dyn Fn(&mut [Tick]) -> bool) -> Vec<Tick> {
    for (spacing, n_least) in [(spacing, 2), (2, 2), (1, 1)] {
        for mut ticks in candidates(scale) {
            let wide = ticks.windows(2).all(|w| w[1].cell >= w[0].cell + spacing);
            if ticks.len() >= n_least && wide && fits(&mut ticks) {
                return ticks;
            }
        }
    }
    Vec::new()
}

/// Sets `start` of every tick; false if two labels come too close or one does not fit.
fn place(ticks: &mut [Tick], n_cells: usize, room: LabelRoom) -> bool {
    let total = room.left + n_cells + room.right;
    let mut free_from = 0;
    for tick in ticks {
        let length = tick.label.chars().count();
        if length > total {
            return false;
        }
        let centred = (room.left + tick.cell).saturating_sub((length - 1) / 2);
        tick.start = centred.min(total - length);
        if tick.start < free_from {
            return false;
        }
        free_from = tick.start + length + LABEL_GAP;
    }
    true
}

/// Sets of ticks, finest first.
fn candidates(scale: &Scale) -> Vec<Vec<Tick>> {
    let mut sets = if scale.is_log() { log_candidates(scale) } else { Vec::new() };
    sets.extend(linear_candidates(scale));
    sets
}

fn linear_candidates(scale: &Scale) -> Vec<Vec<Tick>> {
    let span = scale.high() - scale.low();
    let finest = exponent_of(span / scale.n_cells() as f64);
    (finest..=exponent_of(span) + 1)
        .flat_map(|exponent| [1.0, 2.0, 5.0].map(|mantissa| (mantissa, exponent)))
        .filter_map(|(mantissa, exponent)| multiples(scale, mantissa, exponent))
        .collect()
}

/// All multiples of `mantissa` x 10^`exponent` in view; `None` if there are more than cells.
fn multiples(scale: &Scale, mantissa: f64, exponent: i32) -> Option<Vec<Tick>> {
    let step = mantissa * 10_f64.powi(exponent);
    // Ends that miss a multiple by rounding alone keep their tick.
    let first = (scale.low() / step - 1e-9).ceil();
    let last = (scale.high() / step + 1e-9).floor();
    let n_ticks = last - first + 1.0;
    if !n_ticks.is_finite() || n_ticks > scale.n_cells() as f64 + 1.0 {
        return None;
    }
    let n_ticks = if n_ticks < 1.0 { 0 } else { index(n_ticks, usize::MAX) };
    let values: Vec<f64> = (0..n_ticks)
        .map(|i| decimal((first + i as f64) * mantissa, exponent))
        .filter(|v| in_view(scale, *v))
        .collect();
    let n_decimals = usize::try_from(-exponent).unwrap_or(0);
    Some(ticks_at(scale, &values, &|v| format!("{v:.n_decimals$}")))
}

/// Powers of ten with 2 and 5 between, then powers alone, then every second, third ... power.
fn log_candidates(scale: &Scale) -> Vec<Vec<Tick>> {
    let (first, last) = (exponent_of(scale.low()), exponent_of(scale.high()));
    [1, 1, 2, 3, 5, 10, 20, 50, 100]
        .into_iter()
        .enumerate()
        .map(|(i, every)| {
            let mantissas: &[f64] = if i == 0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
            let values: Vec<f64> = (first..=last)
                .filter(|exponent| exponent % every == 0)
                .flat_map(|exponent| mantissas.iter().map(move |m| decimal(*m, exponent)))
                .filter(|v| in_view(scale, *v))
                .collect();
            ticks_at(scale, &values, &|v| format!("{v}"))
        })
        .collect()
}

fn in_view(scale: &Scale, value: f64) -> bool {
    let fraction = scale.fraction(value);
    (-1e-9..=1.0 + 1e-9).contains(&fraction)
}

fn ticks_at(scale: &Scale, values: &[f64], plain: &dyn Fn(f64) -> String) -> Vec<Tick> {
    let labels = labels(values, plain);
    let ticks = values.iter().zip(labels).filter_map(|(&value, label)| {
        let cell = scale.to_nearest_cell(value)?;
        Some(Tick { value, cell, label, start: 0 })
    });
    ticks.collect()
}

/// Plain decimals, or powers of ten for the whole axis where these are shorter.
fn labels(values: &[f64], plain: &dyn Fn(f64) -> String) -> Vec<String> {
    let longest = |labels: &[String]| labels.iter().map(String::len).max().unwrap_or(0);
    let decimals: Vec<String> = values.iter().map(|&v| plain(v)).collect();
    if longest(&decimals) <= LONGEST_PLAIN {
        return decimals;
    }
    let powers: Vec<String> = values.iter().map(|&v| power(v)).collect();
    if longest(&powers) < longest(&decimals) { powers } else { decimals }
}

fn power(value: f64) -> String {
    if value.abs() > 0.0 { format!("{value:e}") } else { "0".to_string() }
}

/// `mantissa` x 10^`exponent` with a whole `mantissa`, rounded once: 3 x 10^-1 is the double 0.3.
fn decimal(mantissa: f64, exponent: i32) -> f64 {
    let value: f64 = format!("{mantissa:.0}e{exponent}").parse().unwrap_or(f64::NAN);
    // Adding zero turns -0 into 0, which would print as "-0".
    value + 0.0
}

/// The exponent n with 10^n <= `value` < 10^(n+1), for positive `value`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "decimal exponents of doubles lie within -324..309"
)]
fn exponent_of(value: f64) -> i32 {
    (value.log10() + 1e-9).floor() as i32
}
