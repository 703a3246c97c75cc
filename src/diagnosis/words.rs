//! Numbers within the sentences of findings.

/// A share as `12.3 %`, with more digits where it is small.
pub(super) fn percent(share: f64) -> String {
    let hundredfold = share * 100.0;
    match hundredfold.abs() {
        a if !a.is_finite() => "-".to_owned(),
        a if !(5e-5..9.95).contains(&a) => format!("{hundredfold:.0} %"),
        a if a >= 0.095 => format!("{hundredfold:.1} %"),
        _ => format!("{hundredfold:.2} %"),
    }
}

/// The same where it is so small that its digits are all that counts: `0.00012 %`.
pub(super) fn small_percent(share: f64) -> String {
    format!("{} %", number(share * 100.0))
}

/// A number in about four digits: `103.97`, `2.883`, `51,919`, `1.2e8`.
pub(super) fn number(x: f64) -> String {
    match x.abs() {
        a if !a.is_finite() => format!("{x}"),
        a if a >= 1e7 || a > 0.0 && a < 1e-4 => format!("{x:.1e}"),
        a if a >= 1000.0 => format!("{x:.0}"),
        a if a >= 100.0 => format!("{x:.1}"),
        a if a >= 10.0 => format!("{x:.2}"),
        a if a >= 0.1 || a <= 0.0 => format!("{x:.3}"),
        _ => format!("{x:.2e}"),
    }
}

/// The same without a fraction where there is none: counts read as counts.
pub(super) fn short(x: f64) -> String {
    if x.fract() == 0.0 && x.abs() < 1e7 { format!("{x}") } else { number(x) }
}

/// A number that is a threshold: no digit that says nothing.
pub(super) fn limit(x: f64) -> String {
    format!("{x}")
}

/// `1 row`, `10,000 rows`.
pub(super) fn counted(n: usize, word: &str) -> String {
    let digits = n.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let ending = match (n, word.chars().last()) {
        (1, _) => "",
        (_, Some('s')) => "es",
        _ => "s",
    };
    format!("{grouped} {word}{ending}")
}

/// `a, b, c and 4 more`.
pub(super) fn listed(names: &[String], shown: usize) -> String {
    let first = names[..names.len().min(shown)].join(", ");
    match names.len().checked_sub(shown) {
        None | Some(0) => first,
        Some(more) => format!("{first} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(percent(0.1234), "12 %");
        assert_eq!(percent(0.0123), "1.2 %");
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(number(103.97), "104.0");
        assert_eq!(number(2.882_561), "2.883");
        assert_eq!(counted(10_000, "row"), "10,000 rows");
        assert_eq!(counted(2, "class"), "2 classes");
        assert_eq!(counted(1, "class"), "1 class");
        let names = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(listed(&names, 2), "a, b and 1 more");
    }
}
