//! Runs of small numbers: levels, places in a dictionary, truth values.

use super::{Fault, varint};

/// Goes over the runs of `n_values` numbers of `width` bits; counts those that are `wanted`, none of which may be above
/// `most`. A run of one number must not go past the end; packed numbers come in eights, so that theirs may.
pub(super) fn count(
    mut bytes: &[u8],
    width: u32,
    n_values: usize,
    (wanted, most): (u32, u32),
) -> Result<usize, Fault> {
    let (mut left, mut n_wanted) = (n_values, 0);
    while left > 0 {
        let (head, rest) = varint(bytes).ok_or_else(|| ends(n_values, left))?;
        let n = usize::try_from(head >> 1).unwrap_or(usize::MAX);
        if head & 1 == 1 {
            let n_bytes = n.saturating_mul(width as usize).min(rest.len());
            let packed = &rest[..n_bytes];
            let n = (n_bytes * 8 / width as usize).min(left);
            if n == 0 {
                return Err(ends(n_values, left));
            }
            n_wanted += count_packed(packed, width, n, (wanted, most)).ok_or_else(above)?;
            left -= n;
            bytes = &rest[n_bytes..];
        } else {
            let n_bytes = width.div_ceil(8) as usize;
            let (raw, rest) = rest.split_at_checked(n_bytes).ok_or_else(|| ends(n_values, left))?;
            if n > left {
                return Err(Fault::new(format!(
                    "a run claims {n} values where the page has {left} left"
                )));
            }
            let value = raw.iter().rev().fold(0u64, |value, byte| (value << 8) | u64::from(*byte));
            if value > u64::from(most) {
                return Err(above());
            }
            if value == u64::from(wanted) {
                n_wanted += n;
            }
            left -= n;
            bytes = rest;
        }
    }
    Ok(n_wanted)
}

/// As [`count`], of numbers that are packed one after the other; `None` if one is above `most`.
fn count_packed(bytes: &[u8], width: u32, n: usize, (wanted, most): (u32, u32)) -> Option<usize> {
    if width == 1 {
        let whole = bytes[..n / 8].iter().map(|byte| byte.count_ones() as usize);
        let last = bytes.get(n / 8).map_or(0, |byte| byte & !(!0 << (n % 8)));
        let n_ones = whole.sum::<usize>() + last.count_ones() as usize;
        return match wanted {
            _ if most == 0 && n_ones > 0 => None,
            0 => Some(n - n_ones),
            1 => Some(n_ones),
            _ => Some(0),
        };
    }
    // Places in a dictionary are looked up by a reader that holds them against its length.
    if most == u32::MAX {
        return Some(0);
    }
    let mask = (1u64 << width) - 1;
    let mut n_wanted = 0;
    let (mut word, mut n_bits, mut rest) = (0u64, 0, bytes.iter());
    for _ in 0..n {
        while n_bits < width {
            word |= u64::from(*rest.next()?) << n_bits;
            n_bits += 8;
        }
        let value = word & mask;
        (word, n_bits) = (word >> width, n_bits - width);
        if value > u64::from(most) {
            return None;
        }
        n_wanted += usize::from(value == u64::from(wanted));
    }
    Some(n_wanted)
}

fn ends(n_values: usize, left: usize) -> Fault {
    Fault::new(format!("a page of {n_values} values ends {left} short of them"))
}

fn above() -> Fault {
    Fault::new("a page has levels that its column does not have")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(
        bytes: &[u8],
        width: u32,
        n: usize,
        wanted: u32,
        most: u32,
    ) -> Result<usize, String> {
        count(bytes, width, n, (wanted, most)).map_err(|fault| fault.to_string())
    }

    #[test]
    fn runs_are_counted() {
        // Ten ones; then eight packed bits, two of which are padding.
        let runs = [20, 1, 3, 0b1110_0101];
        assert_eq!(counted(&runs, 1, 16, 1, 1), Ok(13));
        assert_eq!(counted(&runs, 1, 16, 0, 1), Ok(3));
        // Numbers of two bits: 3 3 2 1, 0 0 0 2.
        let packed = [3, 0b0110_1111, 0b1000_0000];
        assert_eq!(counted(&packed, 2, 8, 2, 3), Ok(2));
        assert_eq!(counted(&packed, 2, 3, 3, 3), Ok(2));
        assert_eq!(counted(&[200, 1, 44, 1], 9, 100, 300, 511), Ok(100));
    }

    #[test]
    fn runs_that_cannot_be_are_refused() {
        let longer = "a run claims 2000000000 values where the page has 4 left".to_owned();
        let head = [0x80, 0xd0, 0xac, 0xf3, 0x0e];
        assert_eq!(counted(&[&head[..], &[1]].concat(), 1, 4, 1, 1), Err(longer));
        let short = Err("a page of 12 values ends 2 short of them".to_owned());
        assert_eq!(counted(&[20, 1], 1, 12, 1, 1), short);
        assert_eq!(counted(&[20, 1, 3], 1, 12, 1, 1), short);
        assert_eq!(counted(&[20, 1, 4], 1, 12, 1, 1), short);
        let above = Err("a page has levels that its column does not have".to_owned());
        assert_eq!(counted(&[3, 0b0110_1111, 0], 2, 4, 2, 2), above);
        assert_eq!(counted(&[8, 3], 2, 4, 2, 2), above);
    }
}
