//! Inverse temperatures evenly spaced in ln b, a whole number to the octave.

/// Points at most, unless one per octave is more.
const MAX_POINTS: f64 = 120.0;

/// Points per octave at most.
const FINEST: i32 = 16;

/// Octaves on either side of 1 beyond which a grid is cut: f64 ends soon after.
const REACH: f64 = 1000.0;

/// Inverse temperatures b = 2^(j/m) for consecutive whole j; 1 is among them if the grid covers it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grid {
    first: i32,
    n_points: usize,
    per_octave: i32,
}

impl Grid {
    /// A grid that covers inverse temperatures from `low` to `high`, both positive: 16 points per octave,
    /// fewer where the range is so wide that there would be more than 120.
    pub fn covering(low: f64, high: f64) -> Self {
        let (low, high) = (low.log2().max(-REACH), high.log2().min(REACH));
        let mut per_octave = FINEST;
        while per_octave > 1 && f64::from(per_octave) * (high - low) > MAX_POINTS {
            per_octave /= 2;
        }
        let m = f64::from(per_octave);
        #[expect(clippy::cast_possible_truncation, reason = "at most 16 times a thousand octaves")]
        let (first, last) = ((m * low).floor() as i32, (m * high).ceil() as i32);
        Self { first, n_points: first.abs_diff(last) as usize + 1, per_octave }
    }

    /// Number of inverse temperatures.
    pub fn n_points(&self) -> usize {
        self.n_points
    }

    /// By so many points b doubles: m.
    pub fn per_octave(&self) -> usize {
        self.per_octave.unsigned_abs() as usize
    }

    /// Inverse temperature of point `idx`, which may lie beyond the last one.
    pub fn b(&self, idx: usize) -> f64 {
        ((f64::from(self.first) + idx as f64) / f64::from(self.per_octave)).exp2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_covers_its_ends_and_holds_one() {
        for (low, high) in [(0.25, 4.0), (0.1, 5.0), (1e-7, 4.0), (5e-324, f64::INFINITY)] {
            let grid = Grid::covering(low, high);
            let last = grid.n_points() - 1;
            assert!(grid.b(0) <= low.max(1e-301) && grid.b(last) >= high.min(1e301));
            assert!((0..=last).any(|idx| (grid.b(idx) - 1.0).abs() < f64::EPSILON));
            assert!((grid.b(grid.per_octave()) / grid.b(0) - 2.0).abs() < 1e-12);
            assert!(last <= 2000, "{last}");
        }
    }
}
