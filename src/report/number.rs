//! Numbers as people read them: one way for the text report, the app and the sentences.
//!
//! Every function is defined for NaN and infinities, which read as `-`: the reason stands in a note.

/// What stands for a number that is undefined.
pub const UNDEFINED: &str = "-";

/// `value` with `n_decimals` decimals; powers of ten where plain digits would be longer than ten
/// characters.
pub fn decimal(value: f64, n_decimals: usize) -> String {
    if !value.is_finite() {
        return UNDEFINED.to_string();
    }
    // Adding zero turns -0 into 0; a negative number that rounds to 0 keeps no sign either.
    let plain = format!("{:.n_decimals$}", value + 0.0);
    let is_zero = plain.chars().all(|c| matches!(c, '-' | '0' | '.'));
    match plain {
        plain if is_zero => plain.trim_start_matches('-').to_string(),
        plain if plain.len() > 10 => format!("{value:.3e}"),
        plain => plain,
    }
}

/// A share in [0, 1] as `12.83 %`.
pub fn percent(share: f64, n_decimals: usize) -> String {
    let hundredfold = decimal(share * 100.0, n_decimals);
    if hundredfold == UNDEFINED { hundredfold } else { hundredfold + " %" }
}

/// A share in hundredths with the digits it needs and no more: `95`, `99.9`, `1`.
pub fn plain_percent(share: f64) -> String {
    let hundredfold = decimal(share * 100.0, 6);
    match hundredfold.trim_end_matches('0').trim_end_matches('.') {
        "" => "0".to_string(),
        plain => plain.to_string(),
    }
}

/// A whole number with a comma between groups of three digits: `10,000`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `n` and the word for it, in the plural if need be: `1 row`, `10,000 rows`.
pub fn counted(n: u64, singular: &str) -> String {
    let ending = if n == 1 { "" } else { "s" };
    format!("{} {singular}{ending}", count(n))
}

/// A temperature in four significant digits, three below 1: `1.781`, `12.35`, `51919`, `0.0900`.
pub fn temperature(t: f64) -> String {
    let n_decimals = match t.abs() {
        a if !a.is_finite() => return UNDEFINED.to_string(),
        a if a > 0.0 && a < 1e-4 => return format!("{t:.2e}"),
        a if a < 0.001 => 6,
        a if a < 0.01 => 5,
        a if a < 0.1 => 4,
        a if a < 9.9995 => 3,
        a if a < 99.995 => 2,
        a if a < 999.95 => 1,
        a if a < 1e7 => 0,
        _ => return format!("{t:.3e}"),
    };
    format!("{t:.n_decimals$}")
}

/// NLL, entropy and Brier scores: four decimals, fewer where the number is large.
pub fn nats(value: f64) -> String {
    match value.abs() {
        a if a < 100.0 => decimal(value, 4),
        a if a < 10_000.0 => decimal(value, 2),
        _ => decimal(value, 0),
    }
}

/// A difference of shares in points of a hundred, with its sign: `+12.8`, `-0.3`, `0.0`.
pub fn signed_points(difference: f64) -> String {
    let plain = decimal(difference * 100.0, 1);
    let is_positive = difference > 0.0 && plain != "0.0" && plain != UNDEFINED;
    if is_positive { format!("+{plain}") } else { plain }
}

/// The same without a sign, for sentences that say the direction in words.
pub fn points(difference: f64) -> String {
    decimal(difference.abs() * 100.0, 1)
}

/// A quantity in logits in at most seven characters: `36.3`, `0.21`, `-277.9`, `1.2e8`.
pub fn logits(value: f64) -> String {
    match value.abs() {
        a if !a.is_finite() => UNDEFINED.to_string(),
        a if a < 10.0 => decimal(value, 2),
        a if a < 1000.0 => decimal(value, 1),
        a if a < 99_999.5 => decimal(value, 0),
        _ => format!("{value:.1e}"),
    }
}

/// Bytes in the largest unit that leaves a number of at least 1: `3.9 GB`, powers of 1000.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut value = n as f64;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let n_decimals = usize::from(unit > 0 && value < 99.95);
    format!("{value:.n_decimals$} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undefined_numbers_are_a_dash() {
        for v in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let all = [
                decimal(v, 2),
                percent(v, 1),
                temperature(v),
                nats(v),
                signed_points(v),
                points(v),
                logits(v),
            ];
            assert!(all.iter().all(|s| s == UNDEFINED), "{v}: {all:?}");
        }
    }

    #[test]
    fn temperatures_keep_their_significant_digits() {
        let cases = [
            (1.0, "1.000"),
            (1.780_9, "1.781"),
            (2.882_561, "2.883"),
            (9.9996, "10.00"),
            (12.345_6, "12.35"),
            (51_919.3, "51919"),
            (0.09, "0.0900"),
            (0.865_2, "0.865"),
            (0.0012, "0.00120"),
            (2.5e-9, "2.50e-9"),
            (3.2e12, "3.200e12"),
        ];
        for (t, expected) in cases {
            assert_eq!(temperature(t), expected);
        }
    }

    #[test]
    fn shares_counts_and_differences() {
        assert_eq!(percent(0.128_34, 2), "12.83 %");
        let plain = [0.95, 0.999, 0.01, 0.2, 0.0, 1.0].map(plain_percent);
        assert_eq!(plain, ["95", "99.9", "1", "20", "0", "100"]);
        assert!(plain_percent(f64::NAN) == UNDEFINED);
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(counted(1, "row"), "1 row");
        assert_eq!(counted(4182, "row"), "4,182 rows");
        assert_eq!(signed_points(0.128), "+12.8");
        assert_eq!(signed_points(-0.003), "-0.3");
        assert_eq!(signed_points(-0.000_01), "0.0");
        assert_eq!(signed_points(0.000_01), "0.0");
    }

    #[test]
    fn large_and_small_numbers_stay_short() {
        assert_eq!(nats(1.156_61), "1.1566");
        assert_eq!(nats(1234.567), "1234.57");
        assert_eq!(nats(6.5e20), "6.500e20");
        assert_eq!(logits(-277.94), "-277.9");
        assert_eq!(logits(1.234e8), "1.2e8");
        assert_eq!(decimal(-0.001, 2), "0.00");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(3_900_000_000), "3.9 GB");
        assert_eq!(bytes(412_400_000), "412 MB");
    }
}
