//! The texts and decimal numbers of protocol 0.

use super::super::error::Problem;
use super::value::{Value, damaged};

/// A name.
pub(super) fn ascii(line: &[u8]) -> Result<String, Problem> {
    String::from_utf8(line.to_vec()).map_err(|_| damaged("a name is no text"))
}

/// The decimal numbers of protocol 0: `I3`, `I01` (true), `L3L`, `F0.5`.
pub(super) fn text_number(code: u8, line: &[u8]) -> Result<Value, Problem> {
    let text = ascii(line)?;
    let value = match (code, text.as_str()) {
        (b'I', "01") => Some(Value::Bool(true)),
        (b'I', "00") => Some(Value::Bool(false)),
        (b'F', text) => text.parse().ok().map(Value::Float),
        (_, text) => text.trim_end_matches('L').parse().ok().map(Value::Int),
    };
    value.ok_or_else(|| damaged(&format!("{text} is no number")))
}

/// `'a\n\x00'` to its bytes.
pub(super) fn unquote(line: &[u8]) -> Result<Vec<u8>, Problem> {
    let inner = match line {
        [q @ (b'\'' | b'"'), inner @ .., end] if q == end => inner,
        _ => return Err(damaged("a text lacks its quotes")),
    };
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.iter().copied();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next() {
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(b'x') => u8::try_from(hex(&mut rest, 2)?).unwrap_or_default(),
            Some(byte @ (b'\\' | b'\'' | b'"')) => byte,
            _ => return Err(damaged("an escape in a text is unknown")),
        });
    }
    Ok(bytes)
}

/// Python's raw-unicode-escape: Latin-1, with `\uXXXX` and `\UXXXXXXXX` for the rest.
pub(super) fn unescape_unicode(line: &[u8]) -> Result<String, Problem> {
    let mut text = String::with_capacity(line.len());
    let mut rest = line.iter().copied();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digits = match (byte, ahead.next()) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            _ => {
                text.push(char::from(byte));
                continue;
            }
        };
        rest = ahead;
        text.push(char::from_u32(hex(&mut rest, digits)?).unwrap_or('\u{FFFD}'));
    }
    Ok(text)
}

/// The next `n` hexadecimal digits.
fn hex(digits: &mut impl Iterator<Item = u8>, n: usize) -> Result<u32, Problem> {
    let bad = || damaged("an escape in a text lacks digits");
    (0..n).try_fold(0u32, |value, _| {
        let digit = digits.next().and_then(|b| char::from(b).to_digit(16));
        Ok(value.wrapping_shl(4) | digit.ok_or_else(bad)?)
    })
}
