//! Damage: copies of good files with a few bytes, numbers, or ranges changed.

use rand::{Rng as _, RngExt as _};
use rand_pcg::Pcg64;

/// Numbers at which readers go wrong.
const ODD: [u64; 12] = [
    0,
    1,
    2,
    0x7f,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    u64::MAX,
];

/// `original` after one to eight changes; `other` is a file to borrow from.
pub(crate) fn mutated(original: &[u8], other: &[u8], random: &mut Pcg64) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..random.random_range(1..=8) {
        change(&mut bytes, other, random);
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, other: &[u8], random: &mut Pcg64) {
    if bytes.is_empty() {
        bytes.extend_from_slice(&random.next_u64().to_le_bytes());
        return;
    }
    let at = place(bytes, random);
    match random.random_range(0..10) {
        0 | 1 => bytes[at] ^= 1 << random.random_range(0..8),
        2 => bytes[at] = random.random(),
        3 | 4 => write_number(bytes, at, random),
        5 | 6 => replace_digits(bytes, at, random),
        7 => bytes.truncate(at),
        8 => {
            let end = (at + random.random_range(1..64)).min(bytes.len());
            bytes.drain(at..end);
        }
        _ => {
            let start = random.random_range(0..=other.len());
            let end = (start + random.random_range(1..64)).min(other.len());
            let run = other[start..end].to_vec();
            bytes.splice(at..at, run);
        }
    }
}

/// A place near an end, where headers and footers are, half of the time.
fn place(bytes: &[u8], random: &mut Pcg64) -> usize {
    let near = bytes.len().min(96);
    match random.random_range(0..4) {
        0 => random.random_range(0..near),
        1 => bytes.len() - 1 - random.random_range(0..near),
        _ => random.random_range(0..bytes.len()),
    }
}

/// Puts an odd number there, in 1 to 8 bytes of either order.
fn write_number(bytes: &mut [u8], at: usize, random: &mut Pcg64) {
    let near_length = (bytes.len() as u64).wrapping_add(random.random_range(0..3)).wrapping_sub(1);
    let number = match random.random_range(0..=ODD.len()) {
        n if n < ODD.len() => ODD[n],
        _ => near_length,
    };
    let width = 1 << random.random_range(0..4);
    let end = (at + width).min(bytes.len());
    let mut raw = number.to_le_bytes();
    if random.random() {
        raw[..width].reverse();
    }
    bytes[at..end].copy_from_slice(&raw[..end - at]);
}

/// Replaces the next number that is written in digits.
fn replace_digits(bytes: &mut Vec<u8>, from: usize, random: &mut Pcg64) {
    let Some(start) = (from..bytes.len()).find(|at| bytes[*at].is_ascii_digit()) else {
        return;
    };
    let n_digits = bytes[start..].iter().take_while(|b| b.is_ascii_digit()).count();
    let number = ODD[random.random_range(0..ODD.len())].to_string();
    bytes.splice(start..start + n_digits, number.bytes());
}
