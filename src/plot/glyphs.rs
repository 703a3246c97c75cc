//! The characters of each tier of terminals.

use super::Fill;

/// Which characters a terminal can be trusted to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tier {
    /// ASCII alone: no UTF-8 locale, `TERM=dumb` or `linux`.
    Ascii,
    /// Curves of quadrant blocks, for fonts without braille.
    Block,
    /// Curves of braille dots.
    #[default]
    Braille,
}

/// A sign that a chart sets at one cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sign {
    /// ● the cursor, or a point.
    Dot,
    /// ○ T = 1, or the same bin at another temperature.
    Ring,
    /// ◆ the optimum.
    Diamond,
    /// ▲ accuracy.
    Up,
    /// △ mean confidence.
    UpHollow,
    /// ▼ more below.
    Down,
    /// ═ an interval on an axis.
    Interval,
    /// ━ the selected bin on an axis.
    Selected,
    /// ◂ more to the left.
    MoreLeft,
    /// ▸ more to the right.
    MoreRight,
    /// ┬ upper end of a whisker, and a tick of the x axis.
    Top,
    /// ┴ lower end of a whisker.
    Foot,
    /// │ middle of a whisker, a line, and the y axis.
    Vertical,
    /// ┊ a line of less weight.
    Dashed,
    /// ┼ a crossing.
    Cross,
    /// ─ the x axis.
    Horizontal,
    /// ┤ a tick of the y axis.
    YTick,
    /// └ where the axes meet.
    Corner,
    /// ├ left end of a slider.
    SliderLeft,
    /// ┤ right end of a slider.
    SliderRight,
}

const QUADRANTS: [char; 16] =
    [' ', '▘', '▝', '▀', '▖', '▌', '▞', '▛', '▗', '▚', '▐', '▜', '▄', '▙', '▟', '█'];

const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Braille bit of the dot (column, row), Unicode order.
const BRAILLE_BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

impl Tier {
    /// Dots of a curve per cell: columns, rows.
    pub const fn dots(self) -> (usize, usize) {
        match self {
            Self::Ascii => (1, 1),
            Self::Block => (2, 2),
            Self::Braille => (2, 4),
        }
    }

    /// The bit of the dot at (`column`, `row`) within a cell, counted from its top left.
    pub(super) fn dot_bit(self, column: usize, row: usize) -> u8 {
        match self {
            Self::Ascii => 1,
            Self::Block => 1 << ((row.min(1) * 2) + column.min(1)),
            Self::Braille => BRAILLE_BITS[column.min(1)][row.min(3)],
        }
    }

    /// The character that shows the dots of `bits`.
    pub(super) fn dots_char(self, bits: u8) -> char {
        match self {
            _ if bits == 0 => ' ',
            Self::Ascii => '*',
            Self::Block => QUADRANTS[usize::from(bits & 15)],
            Self::Braille => char::from_u32(0x2800 + u32::from(bits)).unwrap_or('*'),
        }
    }

    /// A block that fills `n_eighths` (0 to 8) of a cell from below. ASCII has only empty and full.
    pub fn eighth(self, n_eighths: usize) -> char {
        match self {
            Self::Ascii if n_eighths >= 4 => '#',
            Self::Ascii => ' ',
            _ => EIGHTHS[n_eighths.min(8)],
        }
    }

    /// What a cell that is filled by its background reads as without colour.
    pub const fn fill(self, fill: Fill) -> char {
        match (self, fill) {
            (Self::Ascii, Fill::Solid) => '#',
            (Self::Ascii, Fill::Shade) => ':',
            (Self::Ascii, Fill::Dense) => '%',
            (_, Fill::Solid) => '█',
            (_, Fill::Shade) => '░',
            (_, Fill::Dense) => '▒',
        }
    }

    /// The character of `sign`.
    pub const fn sign(self, sign: Sign) -> char {
        match self {
            Self::Ascii => ascii(sign),
            _ => unicode(sign),
        }
    }
}

const fn unicode(sign: Sign) -> char {
    match sign {
        Sign::Dot => '●',
        Sign::Ring => '○',
        Sign::Diamond => '◆',
        Sign::Up => '▲',
        Sign::Down => '▼',
        Sign::UpHollow => '△',
        Sign::Interval => '═',
        Sign::Selected => '━',
        Sign::MoreLeft => '◂',
        Sign::MoreRight => '▸',
        Sign::Top => '┬',
        Sign::Foot => '┴',
        Sign::Vertical => '│',
        Sign::Dashed => '┊',
        Sign::Cross => '┼',
        Sign::Horizontal => '─',
        Sign::YTick | Sign::SliderRight => '┤',
        Sign::Corner => '└',
        Sign::SliderLeft => '├',
    }
}

/// Letters where ASCII has no shape: `a`ccuracy, `c`onfidence, X marks the optimum.
const fn ascii(sign: Sign) -> char {
    match sign {
        Sign::Dot => 'O',
        Sign::Ring => 'o',
        Sign::Diamond => 'X',
        Sign::Up => 'a',
        Sign::Down => 'v',
        Sign::UpHollow => 'c',
        Sign::Interval | Sign::Selected => '=',
        Sign::MoreLeft => '<',
        Sign::MoreRight => '>',
        Sign::Vertical | Sign::SliderLeft | Sign::SliderRight => '|',
        Sign::Dashed => ':',
        Sign::Horizontal => '-',
        Sign::Top | Sign::Foot | Sign::Cross | Sign::YTick | Sign::Corner => '+',
    }
}
