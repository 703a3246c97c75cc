//! Marks of a row that say where it comes from: a hash, ties at its minimum, its order, how its numbers were stored.

use super::score::Score;

/// Independent chains of the hash, so that the processor need not wait for one multiplication before the next.
const CHAINS: usize = 16;

/// Odd multipliers: multiplication by one is a bijection of 32 bits.
const MIX: u32 = 0x9E37_79B1;
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// A hash of the scores of `row` in order, in 64 bits. Rows of equal scores have equal hashes; -0 and 0 differ.
///
/// Up to 16 scores of 32 bits only the last step can make different rows collide, with a chance of 2^-64 for a
/// pair; longer rows collide if all the chains in which they differ do, each with a chance of 2^-32. Scores of 64
/// bits are folded to 32 first.
#[inline(always)]
pub fn row_hash<S: Score>(row: &[S]) -> u64 {
    let mut chains = [0u32; CHAINS];
    let mut groups = row.chunks_exact(CHAINS);
    for group in &mut groups {
        for (chain, z) in chains.iter_mut().zip(group) {
            *chain = (*chain ^ z.fold_bits()).wrapping_mul(MIX).rotate_left(13);
        }
    }
    for (chain, z) in chains.iter_mut().zip(groups.remainder()) {
        *chain = (*chain ^ z.fold_bits()).wrapping_mul(MIX).rotate_left(13);
    }
    let mix = |hash: u64, chain: &u32| {
        let mixed = (hash ^ u64::from(*chain)).wrapping_mul(SPREAD);
        mixed ^ (mixed >> 29)
    };
    chains.iter().fold(row.len() as u64, mix)
}

/// A hash of `text` in 64 bits: FNV-1a (Fowler, Noll, Vo 1991), mixed once more so that texts which differ at their end
/// lie apart.
pub fn text_hash(text: &str) -> u64 {
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, fold).wrapping_mul(SPREAD);
    hash ^ (hash >> 29)
}

/// How many scores of `row` equal `min`.
#[inline(always)]
pub fn count_at<S: Score>(row: &[S], min: S) -> u32 {
    row.iter().map(|z| u32::from(*z == min)).sum()
}

/// True if no score is larger than the one before it.
#[inline(always)]
pub fn is_descending<S: Score>(row: &[S]) -> bool {
    row.windows(2).all(|pair| pair[0] >= pair[1])
}

/// How many numbers of 32 bits would survive a narrower type: their low 16 bits are zero (bfloat16), their low 13
/// bits are (the significand of float16). Both 0 for numbers of 64 bits.
#[inline(always)]
pub fn count_narrow<S: Score>(row: &[S]) -> [u32; 2] {
    let mut counts = [0, 0];
    for z in row {
        let low = z.low_bits();
        counts[0] += u32::from(low.trailing_zeros() >= 16);
        counts[1] += u32::from(low.trailing_zeros() >= 13);
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_changed_or_moved_score_changes_the_hash(
            row in proptest::collection::vec(-9.0..9.0f32, 2..60), at in 0usize..60,
        ) {
            let at = at % row.len();
            let mut changed = row.clone();
            changed[at] += 1.0;
            prop_assert_ne!(row_hash(&row), row_hash(&changed));
            let mut moved = row.clone();
            moved.rotate_left(1);
            prop_assert_eq!(row_hash(&row) == row_hash(&moved), row == moved);
        }
    }

    #[test]
    fn many_rows_of_two_small_numbers_do_not_collide() {
        let mut hashes: Vec<u64> =
            (0..100_000u32).map(|i| row_hash(&[0.0, i as f32 / 64.0])).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 100_000);
    }

    #[test]
    fn marks_by_hand() {
        assert_eq!(count_at(&[1.0f32, -2.0, -2.0, 3.0], -2.0), 2);
        assert!(is_descending(&[3.0f64, 1.0, 1.0]) && !is_descending(&[1.0f64, 2.0]));
        // 1.5 needs one bit, 1 + 2^-10 ten (float16 has ten, bfloat16 seven), 0.1 all.
        assert_eq!(count_narrow(&[1.5f32, 1.0 + 2f32.powi(-10), 0.1]), [1, 2]);
        assert_eq!(count_narrow(&[1.5f64]), [0, 0]);
    }
}
