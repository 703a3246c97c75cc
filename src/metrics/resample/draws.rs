//! How often a draw takes each row, from random bits alone.

use std::ops::Range;

use rand::Rng;
use rand_pcg::Pcg64Mcg;

/// Rows of a block. A power of two, so that a row of a whole block is ten random bits.
pub(super) const BLOCK: usize = 1 << BLOCK_BITS;
const BLOCK_BITS: u32 = 10;

/// One draw of N rows out of N, block by block.
pub(super) struct Draws {
    random: Pcg64Mcg,
    n_rows: usize,
    /// How many of the N fall into each whole block.
    per_block: Vec<u32>,
    /// How often each row of the last block, if it is not whole, was drawn.
    last: [u16; BLOCK],
    /// How often each row of a whole block was drawn. Sixteen bits hold any count that can come about: 65,536 times
    /// the same row has a probability of 10^-280,000.
    counts: [u16; BLOCK],
}

impl Draws {
    pub(super) fn new(n_rows: usize, random: Pcg64Mcg) -> Self {
        let mut draws = Self {
            random,
            n_rows,
            per_block: vec![0; n_rows.div_ceil(BLOCK)],
            last: [0; BLOCK],
            counts: [0; BLOCK],
        };
        // Places are drawn from a whole number of blocks that is a power of two; what falls beyond the N rows is
        // drawn again, so that every row stays as likely as any other.
        let n_blocks = draws.per_block.len().next_power_of_two();
        let mut left = n_rows;
        while left > 0 {
            left = draws.split(left, 0..n_blocks);
        }
        draws
    }

    /// Spreads `n` draws over `blocks`, a power of two of them, by halves: each draw falls into either half with
    /// probability 1/2, one random bit each. Returns how many fall beyond the rows.
    fn split(&mut self, n: usize, blocks: Range<usize>) -> usize {
        let first = blocks.start * BLOCK;
        if n == 0 || first >= self.n_rows {
            return n;
        }
        if blocks.len() == 1 {
            return self.add(n, blocks.start);
        }
        let middle = blocks.start.midpoint(blocks.end);
        let lower = heads(&mut self.random, n);
        self.split(lower, blocks.start..middle) + self.split(n - lower, middle..blocks.end)
    }

    /// Adds `n` draws to a block; those beyond the last row are returned.
    fn add(&mut self, n: usize, block: usize) -> usize {
        let size = self.n_rows - block * BLOCK;
        if size >= BLOCK {
            #[expect(clippy::cast_possible_truncation, reason = "rows are numbered in 32 bits")]
            let n = n as u32;
            self.per_block[block] += n;
            return 0;
        }
        let before: usize = self.last[..size].iter().map(|n| usize::from(*n)).sum();
        draw_block(&mut self.random, n, &mut self.last);
        let after: usize = self.last[..size].iter().map(|n| usize::from(*n)).sum();
        n - (after - before)
    }

    /// How often each row was drawn.
    #[inline(always)]
    pub(super) fn all(&mut self) -> Vec<u16> {
        let mut all = Vec::with_capacity(self.n_rows);
        for block in 0..self.n_rows.div_ceil(BLOCK) {
            all.extend_from_slice(self.block(block));
        }
        all
    }

    /// How often each row of `block` was drawn. Blocks are to be asked for once, in their order.
    #[inline(always)]
    pub(super) fn block(&mut self, block: usize) -> &[u16] {
        let size = self.n_rows - block * BLOCK;
        if size < BLOCK {
            return &self.last[..size];
        }
        self.counts.fill(0);
        let n = self.per_block[block] as usize;
        draw_block(&mut self.random, n, &mut self.counts);
        &self.counts
    }
}

/// How many of `n` fair coins show heads.
fn heads(random: &mut Pcg64Mcg, n: usize) -> usize {
    let whole: u32 = (0..n / 64).map(|_| random.next_u64().count_ones()).sum();
    let rest = random.next_u64() & ((1 << (n % 64)) - 1);
    (whole + rest.count_ones()) as usize
}

/// `n` places of a whole block: six from every 64 random bits.
#[inline(always)]
fn draw_block(random: &mut Pcg64Mcg, n: usize, counts: &mut [u16; BLOCK]) {
    const PER_WORD: usize = (u64::BITS / BLOCK_BITS) as usize;
    let mut add = |n: usize| {
        let mut bits = random.next_u64();
        for _ in 0..n {
            #[expect(clippy::cast_possible_truncation, reason = "ten bits")]
            let place = (bits % BLOCK as u64) as usize;
            counts[place] += 1;
            bits >>= BLOCK_BITS;
        }
    };
    for _ in 0..n / PER_WORD {
        add(PER_WORD);
    }
    add(n % PER_WORD);
}
