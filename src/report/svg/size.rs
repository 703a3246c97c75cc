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
    /// A picture of `size`, drawn at the size of its text.
    pub(super) fn of(size: Size) -> Self {
        let size = [size.width, size.height].map(f64::from);
        let [wide, high] = [MOST_ROOM[0] / size[0], MOST_ROOM[1] / size[1]];
        Self { size, units: size }.grown(wide.max(high).min(1.0))
    }

    /// One that is as large as what is in it.
    pub(super) fn around(units: [f64; 2]) -> Self {
        let units = units.map(f64::ceil);
        Self { size: units, units }
    }

    /// With more room in a picture of the same size: all of it is shown smaller.
    pub(super) fn grown(self, factor: f64) -> Self {
        Self { units: self.units.map(|side| side * factor), ..self }
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
    fn a_large_picture_has_larger_text_and_a_small_one_can_have_more_room() {
        let room = |text: &str| Room::of(text.parse().expect("a size"));
        let units = |room: Room| room.units.map(|side| side.to_string()).join("x");
        for (size, expected) in [
            ("800x600", "800x600"),
            ("200x200", "200x200"),
            ("4000x3000", "1600x1200"),
            ("4000x200", "4000x200"),
        ] {
            assert_eq!(units(room(size)), expected);
        }
        let grown = room("300x200").grown(1.5);
        assert_eq!(units(grown), "450x300");
        assert!(grown.size.iter().zip([300.0, 200.0]).all(|(a, b)| (a - b).abs() < 1e-9));
    }
}
