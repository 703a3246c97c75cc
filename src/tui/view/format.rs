//! Numbers as the screens print them. What is undefined is `–`, never `NaN`.

/// What stands where there is no number.
pub(super) const NONE: &str = "–";

/// `value` with so many decimals.
pub(super) fn fixed(value: f64, n_decimals: usize) -> String {
    match value {
        v if v.is_nan() => NONE.into(),
        v if v.is_infinite() => if v > 0.0 { "inf" } else { "-inf" }.into(),
        v if v.abs() >= 1e7 => format!("{v:.2e}"),
        v if v.abs() >= 1e5 => format!("{v:.0}"),
        v if v.abs() >= 1e3 => format!("{v:.*}", n_decimals.min(1)),
        v if v != 0.0 && v.abs() < 0.5 * 10_f64.powi(-exponent(n_decimals)) => format!("{v:.1e}"),
        v => format!("{v:.n_decimals$}"),
    }
}

fn exponent(n_decimals: usize) -> i32 {
    i32::try_from(n_decimals).unwrap_or(0)
}

/// A share as a percentage without the sign, two decimals.
pub(super) fn percent(share: f64) -> String {
    if share.is_finite() {
        format!("{:.2}", share * 100.0)
    } else {
        NONE.into()
    }
}

/// A share with one decimal and the sign.
pub(super) fn percent1(share: f64) -> String {
    if share.is_finite() {
        format!("{:.1} %", share * 100.0)
    } else {
        NONE.into()
    }
}

/// A temperature: three decimals, or four digits where that would be too few or too many.
pub(super) fn temperature(t: f64) -> String {
    match t {
        t if !t.is_finite() => NONE.into(),
        t if t >= 1e6 => format!("{t:.3e}"),
        t if t >= 1000.0 => format!("{t:.1}"),
        t if t >= 0.1 => format!("{t:.3}"),
        t if t >= 1e-4 => format!("{t:.5}"),
        t => format!("{t:.2e}"),
    }
}

/// A logit or a quantile of one: one decimal from ten on, else two; scientific when huge.
pub(super) fn logit(value: f64) -> String {
    match value.abs() {
        a if a >= 1e5 => format!("{value:.1e}"),
        a if a >= 10.0 => fixed(value, 1),
        a if a >= 0.1 || value == 0.0 => fixed(value, 2),
        _ => fixed(value, 4),
    }
}

/// A count with separators: `10,000`.
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The same of a `usize`.
pub(super) fn count_usize(n: usize) -> String {
    count(u64::try_from(n).unwrap_or(u64::MAX))
}

/// A size: `3.9 MB`.
pub(super) fn bytes(n_bytes: f64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let mut value = n_bytes;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    let n_decimals = usize::from(unit > 0 && value < 100.0);
    format!("{value:.n_decimals$} {}", units[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_reads_as_nan() {
        for text in [
            fixed(f64::NAN, 3),
            percent(f64::NAN),
            percent1(f64::INFINITY),
            temperature(f64::NAN),
            logit(f64::NAN),
        ] {
            assert_eq!(text, NONE);
        }
        assert_eq!(fixed(f64::INFINITY, 4), "inf");
    }

    #[test]
    fn numbers_keep_their_size_in_check() {
        assert_eq!(temperature(2.882_561), "2.883");
        assert_eq!(temperature(51_919.27), "51919.3");
        assert_eq!(temperature(0.0904), "0.09040");
        assert_eq!(fixed(5029.123_4, 4), "5029.1");
        assert_eq!(fixed(0.000_01, 4), "1.0e-5");
        assert_eq!(count(9_999), "9,999");
        assert_eq!(count(12_345_678), "12,345,678");
        assert_eq!(bytes(3.9e6), "3.9 MB");
        assert_eq!(bytes(412e6), "412 MB");
        assert_eq!(logit(-65504.0), "-65504.0");
        assert_eq!(logit(0.0), "0.00");
    }
}
