//! Numbers as the screens print them: the report's own words, with the units in the headings.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::report::number;

pub(super) use crate::report::number::{UNDEFINED as NONE, bytes, count, decimal as fixed};
pub(super) use crate::report::number::{logits as logit, nats, temperature};

/// A share as a percentage without the sign, two decimals.
pub(super) fn percent(share: f64) -> String {
    number::decimal(share * 100.0, 2)
}

/// A share with one decimal and the sign.
pub(super) fn percent1(share: f64) -> String {
    number::percent(share, 1)
}

/// A count of something in memory.
pub(super) fn count_usize(n: usize) -> String {
    count(u64::try_from(n).unwrap_or(u64::MAX))
}

/// Bytes a second.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is positive, and what is lost is less than a byte"
)]
pub(super) fn rate(bytes_per_second: f64) -> String {
    format!("{}/s", bytes(bytes_per_second as u64))
}

/// A time to wait, in seconds, so coarse that it does not flicker: `12 s`, `3 min`, `2 h`.
pub(super) fn time_left(seconds: f64) -> String {
    match seconds.ceil() {
        s if s < 90.0 => format!("{s:.0} s"),
        s if s < 5400.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.0} h", s / 3600.0),
    }
}

/// A number with all its digits, for the clipboard; nothing for NaN.
pub(super) fn raw(value: f64) -> String {
    if value.is_nan() { String::new() } else { value.to_string() }
}

/// A difference with its sign, three decimals.
pub(super) fn signed(value: f64) -> String {
    let plain = fixed(value, 3);
    if value > 0.0 && plain != "0.000" && plain != NONE { format!("+{plain}") } else { plain }
}

/// Columns that `text` takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// `text`, or as much of it as leaves room for `…` in `room` columns.
pub(super) fn cut(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let mut left = room.saturating_sub(1);
    let mut out = String::new();
    for c in text.chars() {
        let n = c.width().unwrap_or(0);
        if n > left {
            break;
        }
        left -= n;
        out.push(c);
    }
    if room > 0 {
        out.push('…');
    }
    out
}

/// `text` with blanks behind it up to `room` columns.
pub(super) fn padded(text: &str, room: usize) -> String {
    let blanks = room.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(blanks))
}
