//! How large a figure is, and how much room there is in it.

/// Pixels of a side, at least and at most.
const LEAST: u16 = 200;
const MOST: u16 = 4000;

/// Room of a larger figure, at most: beyond, its text grows with it.
const MOST_ROOM: [f64; 2] = [1600.0, 1200.0];

/// Width and height of a figure in CSS pixels, 96 to the inch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Size {
    width: u16,
    height: u16,
}

impl std::str::FromStr for Size {
    type Err = String;

    /// `640x480`.
    fn from_str(text: &str) -> Result<Self, String> {
        let lower = text.trim().to_ascii_lowercase();
        let side =
            |text: &str| text.trim().parse::<u16>().ok().filter(|n| (LEAST..=MOST).contains(n));
        let sides = lower
            .split_once('x')
            .and_then(|(width, height)| Some(Self { width: side(width)?, height: side(height)? }));
        sides.ok_or_else(|| {
            format!(
                "a size is a width and a height in pixels (96 to the inch) from {LEAST} to {MOST}, such as 640x480"
            )
        })
    }
}

/// The size of a figure, and the units of its own that it is drawn in.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Room {
    /// Width and height as it is shown.
    pub(super) size: [f64; 2],
    /// The same as it is drawn.
    pub(super) units: [f64; 2],
}

impl Room {
    /// `size`, or one that suits the figure. Text keeps its size; what is too small for its parts is drawn in the `least`
    /// room and shown smaller.
    pub(super) fn new(size: Option<Size>, suiting: [f64; 2], least: [f64; 2]) -> Self {
        let size = size.map_or(suiting, |size| [size.width, size.height].map(f64::from));
        let times = |of: [f64; 2]| [of[0] / size[0], of[1] / size[1]];
        let [wider, higher] = times(least);
        let grown = wider.max(higher);
        let [wide, high] = times(MOST_ROOM);
        let factor = if grown > 1.0 { grown } else { wide.max(high).min(1.0) };
        Self { size, units: size.map(|side| side * factor) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_two_numbers_within_bounds() {
        let size: Size = " 640X480 ".parse().expect("a size");
        assert_eq!((size.width, size.height), (640, 480));
        for wrong in
            ["", "640", "x", "640x", "199x400", "400x4001", "-1x300", "640x480px", "1e3x400"]
        {
            let error = wrong.parse::<Size>().expect_err(wrong);
            assert!(error.contains("such as 640x480"), "{error}");
        }
    }

    #[test]
    fn what_is_small_is_drawn_larger_and_shown_smaller() {
        let units = |text: &str| {
            let room = Room::new(text.parse().ok(), [440.0, 330.0], [320.0, 280.0]);
            room.units.map(|side| side.to_string()).join("x")
        };
        for (size, expected) in [
            ("", "440x330"),
            ("800x600", "800x600"),
            ("200x200", "320x320"),
            ("4000x3000", "1600x1200"),
            ("4000x200", "5600x280"),
        ] {
            assert_eq!(units(size), expected);
        }
    }
}
