//! Rows drawn with replacement, and sums of columns over each draw.
//!
//! Every figure that is bootstrapped here is a function of sums over rows, some of them within bins. So a draw
//! need not be made into rows: it is a count for every row, and its sums are inner products of the counts with
//! fixed columns. Rows that share their bins lie side by side, so that every sum within a bin is one over a
//! stretch of rows.
//!
//! The counts are made block by block, small enough for the first-level cache: first how many of the N draws fall
//! into each block, by halving, then which of its rows. That is the same distribution as N draws from all rows, made
//! of random bits and whole numbers alone: the same on every machine.
//!
//! Where rows belong together, whole groups are drawn: as many groups as there are, so that the number of rows of a
//! draw varies (the cluster bootstrap, Davison & Hinkley 1997, section 3.8). Columns of which no sum within a cell is
//! asked for are then summed over each group once and for all.

mod draws;

use rand::{RngExt, SeedableRng};
use rand_pcg::{Pcg64, Pcg64Mcg};
use rayon::prelude::*;

use crate::numerics::{InstructionSet, Kernel, Simd};

use draws::{BLOCK, Draws};

/// Draws made side by side, so that the columns of a block are read from memory once for all of them.
const GROUP: usize = 16;

/// Lanes of the running sums.
const LANES: usize = 8;

/// Rows with the columns that draws are to sum, in the order of their cells.
#[derive(Clone, PartialEq, Debug)]
pub struct Resampled {
    /// The row at each position.
    order: Vec<u32>,
    /// By position, each with its number.
    columns: Vec<(usize, Vec<f64>)>,
    /// Numbers of columns, those of the groups included.
    n_columns: usize,
    n_cells: usize,
    /// Stretches of one cell within one block, in order.
    stretches: Vec<Stretch>,
    /// Where whole groups are drawn.
    groups: Option<Groups>,
}

/// Rows that are drawn together.
#[derive(Clone, PartialEq, Debug)]
struct Groups {
    /// The group at each position, numbered without gaps.
    of_position: Vec<u32>,
    /// How many there are.
    n: usize,
    /// Columns of which only totals are asked for, summed over each group, with their numbers. The last one has the
    /// sizes of the groups: its sum is the size of a draw.
    columns: Vec<(usize, Vec<f64>)>,
}

/// Positions of one cell within one block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Stretch {
    block: usize,
    cell: usize,
    /// Within the block.
    start: usize,
    end: usize,
}

/// The sums of one draw.
#[derive(Clone, Copy, Debug)]
pub struct DrawSums<'a> {
    sums: &'a [f64],
    n_columns: usize,
    n_rows: f64,
}

impl DrawSums<'_> {
    /// Sum of a column over the drawn rows of one cell.
    pub fn in_cell(&self, cell: usize, column: usize) -> f64 {
        self.sums[cell * self.n_columns + column]
    }

    /// Rows of the draw: N, or as many as the drawn groups have.
    pub fn n_rows(&self) -> f64 {
        self.n_rows
    }

    /// Sum of a column over all drawn rows.
    pub fn total(&self, column: usize) -> f64 {
        self.sums.iter().skip(column).step_by(self.n_columns).sum()
    }
}

/// What draws are made with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DrawOptions {
    /// Number of draws.
    pub n_draws: usize,
    /// Seed; every draw has a stream of its own, so that neither threads nor the other draws change it.
    pub seed: u64,
}

impl Resampled {
    /// Rows with their `columns`, each as long as `cell_of`, which says to which of `n_cells` cells each row
    /// belongs. `order` has every row once: what a draw takes depends on the place of a row there, so that it should not
    /// depend on where rows lie, see [`crate::summarize::RowSummaries::order`].
    pub fn new(order: &[u32], (cell_of, n_cells): (&[u32], usize), columns: Vec<Vec<f64>>) -> Self {
        let order = by_cell(order, cell_of, n_cells);
        let in_order = |column: Vec<f64>| order.iter().map(|row| column[*row as usize]).collect();
        Self {
            stretches: stretches(&order, cell_of),
            n_columns: columns.len(),
            columns: columns.into_par_iter().map(in_order).enumerate().collect(),
            order,
            n_cells,
            groups: None,
        }
    }

    /// The same rows, of which draws take whole groups: `group_of` has a number for every row, alike for rows that
    /// belong together. `None` leaves every row on its own. Sums within a cell ([`DrawSums::in_cell`]) are kept of the
    /// columns that `is_by_cell` says, by their number.
    ///
    /// # Panics
    /// If there are not as many numbers as rows.
    #[must_use]
    pub fn in_groups(
        mut self,
        group_of: Option<&[u32]>,
        is_by_cell: impl Fn(usize) -> bool,
    ) -> Self {
        let Some(group_of) = group_of else {
            return self;
        };
        assert_eq!(group_of.len(), self.n_rows(), "a group for every row");
        let (numbers, n_groups) = without_gaps(group_of);
        let of_position = self.order.iter().map(|row| numbers[*row as usize]);
        let of_position: Vec<u32> = of_position.collect();
        let (kept, summed): (Vec<_>, Vec<_>) =
            self.columns.into_iter().partition(|c| is_by_cell(c.0));
        self.columns = kept;
        let ones = (self.n_columns, vec![1.0; self.order.len()]);
        let summed = summed.into_par_iter().chain([ones]);
        let columns = summed.map(|(number, column)| {
            let mut sums = vec![0.0; n_groups];
            for (group, x) in of_position.iter().zip(&column) {
                sums[*group as usize] += x;
            }
            (number, sums)
        });
        self.groups = Some(Groups { columns: columns.collect(), of_position, n: n_groups });
        self.n_columns += 1;
        self
    }

    /// What is drawn: groups where there are, else rows.
    pub fn n_units(&self) -> usize {
        self.groups.as_ref().map_or(self.n_rows(), |g| g.n)
    }

    /// N: rows to draw from, and rows of each draw unless groups are drawn.
    pub fn n_rows(&self) -> usize {
        self.order.len()
    }

    /// `finish` of every draw with its sums, in the order of the draws.
    pub fn draws<T: Send>(
        &self,
        options: DrawOptions,
        finish: impl Fn(usize, DrawSums<'_>) -> T + Sync,
    ) -> Vec<T> {
        let streams = streams(options);
        let groups = streams.par_chunks(GROUP).enumerate();
        let group = |(group, streams): (usize, &[Pcg64Mcg])| {
            let sums = InstructionSet::best().run(SumsOf { rows: self, streams });
            let finished = sums
                .iter()
                .enumerate()
                .map(|(idx, sums)| finish(group * GROUP + idx, self.of_draw(sums)));
            finished.collect::<Vec<T>>()
        };
        groups.flat_map_iter(group).collect()
    }

    fn of_draw<'a>(&self, sums: &'a [f64]) -> DrawSums<'a> {
        let mut draw = DrawSums { sums, n_columns: self.n_columns, n_rows: self.n_rows() as f64 };
        if self.groups.is_some() {
            draw.n_rows = draw.total(self.n_columns - 1);
        }
        draw
    }

    /// How often draw `draw` takes each row.
    pub fn counts(&self, options: DrawOptions, draw: usize) -> Vec<u32> {
        let mut draws = Draws::new(self.n_units(), streams(options)[draw].clone());
        let drawn = draws.all();
        let mut counts = vec![0; self.n_rows()];
        for (position, row) in self.order.iter().enumerate() {
            let unit = match &self.groups {
                Some(groups) => groups.of_position[position] as usize,
                None => position,
            };
            counts[*row as usize] = u32::from(drawn[unit]);
        }
        counts
    }

    #[inline(always)]
    fn sums_of(&self, streams: &[Pcg64Mcg]) -> Vec<Vec<f64>> {
        let n = self.n_units();
        let draws = streams.iter().map(|s| Draws::new(n, s.clone()));
        let mut weights: Vec<Weights<'_>> = draws.map(|d| Weights::new(d, self)).collect();
        let mut sums = vec![vec![0.0; self.n_cells * self.n_columns]; streams.len()];
        if let Some(groups) = &self.groups {
            for (weights, sums) in weights.iter().zip(&mut sums) {
                groups.add(weights, sums);
            }
        }
        let mut stretches = &self.stretches[..];
        for block in 0..self.n_rows().div_ceil(BLOCK) {
            let (here, rest) = stretches.split_at(stretches.partition_point(|s| s.block == block));
            stretches = rest;
            for (weights, sums) in weights.iter_mut().zip(&mut sums) {
                self.add_block(here, &weights.block(block), sums);
            }
        }
        sums
    }

    #[inline(always)]
    fn add_block(&self, stretches: &[Stretch], weights: &[f64; BLOCK], sums: &mut [f64]) {
        for stretch in stretches {
            let Stretch { start, end, .. } = *stretch;
            let (first, weights) = (stretch.block * BLOCK, &weights[start..end]);
            let sums = &mut sums[stretch.cell * self.n_columns..];
            for (number, column) in &self.columns {
                sums[*number] += dot(weights, &column[first + start..first + end]);
            }
        }
    }
}

/// The sums of draws side by side.
struct SumsOf<'a> {
    rows: &'a Resampled,
    streams: &'a [Pcg64Mcg],
}

impl Kernel for SumsOf<'_> {
    type Output = Vec<Vec<f64>>;

    #[inline(always)]
    fn run<I: Simd>(self, _: I) -> Self::Output {
        self.rows.sums_of(self.streams)
    }
}

impl Groups {
    /// Adds the totals of the columns that are summed by group to the first cell: a total is the sum over cells.
    #[inline(always)]
    fn add(&self, weights: &Weights<'_>, sums: &mut [f64]) {
        let Weights::Groups(counts, _) = weights else {
            return;
        };
        let weights: Vec<f64> = counts.iter().map(|count| f64::from(*count)).collect();
        for (number, column) in &self.columns {
            sums[*number] += dot(&weights, column);
        }
    }
}

/// How often one draw takes the rows at each position, block by block.
enum Weights<'a> {
    /// Every row on its own.
    Rows(Box<Draws>),
    /// How often each group was drawn, and the group at each position.
    Groups(Vec<u16>, &'a [u32]),
}

impl<'a> Weights<'a> {
    #[inline(always)]
    fn new(mut draws: Draws, of: &'a Resampled) -> Self {
        match &of.groups {
            Some(groups) => Self::Groups(draws.all(), &groups.of_position),
            None => Self::Rows(Box::new(draws)),
        }
    }

    /// Those of one block; blocks are to be asked for once, in their order.
    #[inline(always)]
    fn block(&mut self, block: usize) -> [f64; BLOCK] {
        let mut weights = [0.0; BLOCK];
        match self {
            Self::Rows(draws) => {
                for (weight, count) in weights.iter_mut().zip(draws.block(block)) {
                    *weight = f64::from(*count);
                }
            }
            Self::Groups(counts, of_position) => {
                for (weight, group) in weights.iter_mut().zip(&of_position[block * BLOCK..]) {
                    *weight = f64::from(counts[*group as usize]);
                }
            }
        }
        weights
    }
}

/// The same groups in the same order with numbers from 0 on, none left out, and how many there are.
fn without_gaps(group_of: &[u32]) -> (Vec<u32>, usize) {
    let n_numbers = group_of.iter().max().map_or(0, |last| *last as usize + 1);
    let mut number_of = vec![0; n_numbers];
    for group in group_of {
        number_of[*group as usize] = 1;
    }
    let mut n_groups = 0u32;
    for number in &mut number_of {
        n_groups += std::mem::replace(number, n_groups);
    }
    (group_of.iter().map(|group| number_of[*group as usize]).collect(), n_groups as usize)
}

/// The rows, cell by cell, within each in the order given.
fn by_cell(in_order: &[u32], cell_of: &[u32], n_cells: usize) -> Vec<u32> {
    let mut next = vec![0usize; n_cells + 1];
    for cell in cell_of {
        next[*cell as usize + 1] += 1;
    }
    for cell in 1..=n_cells {
        next[cell] += next[cell - 1];
    }
    let mut order = vec![0; cell_of.len()];
    for row in in_order {
        let position = &mut next[cell_of[*row as usize] as usize];
        order[*position] = *row;
        *position += 1;
    }
    order
}

fn stretches(order: &[u32], cell_of: &[u32]) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for (position, row) in order.iter().enumerate() {
        let (block, start) = (position / BLOCK, position % BLOCK);
        let cell = cell_of[*row as usize] as usize;
        match stretches.last_mut() {
            Some(last) if (last.block, last.cell) == (block, cell) => last.end = start + 1,
            _ => stretches.push(Stretch { block, cell, start, end: start + 1 }),
        }
    }
    stretches
}

/// One generator for each draw, seeded by the one before them all.
fn streams(options: DrawOptions) -> Vec<Pcg64Mcg> {
    let mut seeds = Pcg64::seed_from_u64(options.seed);
    let stream = |_| Pcg64Mcg::from_seed(seeds.random());
    (0..options.n_draws).map(stream).collect()
}

#[inline(always)]
fn dot(x: &[f64], y: &[f64]) -> f64 {
    let (x_chunks, y_chunks) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
    let rest = x_chunks.remainder().iter().zip(y_chunks.remainder());
    let rest: f64 = rest.map(|(x, y)| x * y).sum();
    let mut lanes = [0.0; LANES];
    for (x, y) in x_chunks.zip(y_chunks) {
        for (lane, (x, y)) in lanes.iter_mut().zip(x.iter().zip(y)) {
            *lane += x * y;
        }
    }
    lanes.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: DrawOptions = DrawOptions { n_draws: 40, seed: 5 };

    fn resampled(n: usize, n_cells: u32) -> (Vec<u32>, Vec<f64>, Resampled) {
        let of = |i: usize| u32::try_from(i).expect("small");
        let scatter = |i: usize| (i * 7919 + 13) % 1009;
        let cell_of: Vec<u32> = (0..n).map(|i| of(scatter(i)) % n_cells).collect();
        let column: Vec<f64> = (0..n).map(|i| scatter(i + 5) as f64 / 97.0).collect();
        let ones = vec![1.0; n];
        let columns = vec![ones, column.clone()];
        let order: Vec<u32> = (0..of(n)).collect();
        let table = Resampled::new(&order, (&cell_of, n_cells as usize), columns);
        (cell_of, column, table)
    }

    #[test]
    fn sums_of_a_draw_are_those_of_its_rows() {
        for (n, n_cells) in [(1, 1), (7, 3), (1024, 5), (1025, 9), (5000, 60)] {
            let (cell_of, column, table) = resampled(n, n_cells);
            table.draws(OPTIONS, |draw, sums| {
                let counts = table.counts(OPTIONS, draw);
                assert_eq!(counts.iter().sum::<u32>() as usize, n, "N rows are drawn");
                let (mut count, mut sum) =
                    (vec![0u32; n_cells as usize], vec![0.0; n_cells as usize]);
                for ((times, cell), value) in counts.iter().zip(&cell_of).zip(&column) {
                    count[*cell as usize] += times;
                    sum[*cell as usize] += f64::from(*times) * value;
                }
                for cell in 0..n_cells as usize {
                    assert!((sums.in_cell(cell, 0) - f64::from(count[cell])).abs() < 1e-9);
                    assert!((sums.in_cell(cell, 1) - sum[cell]).abs() < 1e-9 * (1.0 + sum[cell]));
                }
                assert!((sums.total(1) - sum.iter().sum::<f64>()).abs() < 1e-8 * n as f64);
            });
        }
    }

    #[test]
    fn groups_are_drawn_whole() {
        let (_, column, table) = resampled(3000, 7);
        // Numbers with gaps; groups of 1 to 40 rows.
        let group_of: Vec<u32> = (0..3000u32).map(|row| (row * row / 9000) * 3 + 5).collect();
        let (whole, table) = (table.clone(), table.in_groups(Some(&group_of), |c| c == 0));
        let by_cell = whole.in_groups(Some(&group_of), |_| true);
        let ones = |table: &Resampled, cell| {
            table.draws(OPTIONS, |_, sums| sums.in_cell(cell, 0).to_bits())
        };
        assert_eq!(ones(&table, 3), ones(&by_cell, 3));
        let n_groups = table.n_units();
        let mut sizes = std::collections::BTreeMap::new();
        for group in &group_of {
            *sizes.entry(group).or_insert(0u32) += 1;
        }
        assert_eq!(n_groups, sizes.len());
        table.draws(OPTIONS, |draw, sums| {
            let counts = table.counts(OPTIONS, draw);
            let mut of_group = std::collections::BTreeMap::new();
            for (count, group) in counts.iter().zip(&group_of) {
                assert_eq!(of_group.entry(group).or_insert(*count), count);
            }
            let n_drawn: u32 = of_group.values().sum();
            assert_eq!(n_drawn as usize, n_groups, "as many groups as there are");
            let n_rows: u32 = counts.iter().sum();
            assert!((sums.n_rows() - f64::from(n_rows)).abs() < 1e-9);
            let pairs = counts.iter().zip(&column);
            let want: f64 = pairs.map(|(n, x)| f64::from(*n) * x).sum();
            assert!((sums.total(1) / want - 1.0).abs() < 1e-12);
        });
    }

    #[test]
    fn every_row_is_drawn_as_often_as_any_other() {
        // 2,500 rows, 4,000 draws: each row's count is 4,000 give or take 63, the variance of a count in one
        // draw 1 - 1/N, and the correlation of two rows -1/(N - 1), which the total fixes.
        let n = 2500;
        let (_, _, table) = resampled(n, 3);
        let options = DrawOptions { n_draws: 4000, seed: 1 };
        let all: Vec<Vec<u32>> = table.draws(options, |draw, _| table.counts(options, draw));
        let mut sums = vec![(0u64, 0u64); n];
        for counts in &all {
            for (sum, count) in sums.iter_mut().zip(counts) {
                sum.0 += u64::from(*count);
                sum.1 += u64::from(count * count);
            }
        }
        let chi_squared: f64 = sums.iter().map(|s| (s.0 as f64 - 4000.0).powi(2) / 4000.0).sum();
        // chi-squared with 2,499 degrees of freedom: mean 2,499, standard deviation 71.
        assert!((chi_squared - 2499.0).abs() < 4.0 * 71.0, "{chi_squared}");
        let mean_square = sums.iter().map(|s| s.1 as f64).sum::<f64>() / (n as f64 * 4000.0);
        assert!((mean_square - 2.0).abs() < 0.005, "{mean_square}");
    }

    #[test]
    fn threads_change_nothing_and_draws_do_not_depend_on_how_many_there_are() {
        let (_, _, table) = resampled(3000, 7);
        let on = |threads, n_draws| {
            let options = DrawOptions { n_draws, seed: 9 };
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let totals = || table.draws(options, |_, sums| sums.total(1).to_bits());
            pool.expect("a pool").install(totals)
        };
        let one = on(1, 50);
        assert_eq!(one, on(2, 50));
        assert_eq!(one[..21], on(2, 21));
    }
}
