//! What the screens show of what they could show.

/// How the reliability diagram is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::tui) enum Chart {
    /// Bars with gaps.
    #[default]
    Bars,
    /// Dots at (mean confidence, accuracy).
    Dots,
    /// The curve without bins, with its consistency band.
    Corp,
    /// The ECE against the number of bins.
    ByBins,
}

impl Chart {
    /// The view after this one.
    pub(in crate::tui) fn next(self) -> Self {
        match self {
            Self::Bars => Self::Dots,
            Self::Dots => Self::Corp,
            Self::Corp => Self::ByBins,
            Self::ByBins => Self::Bars,
        }
    }
}

/// What the lower half of the Margins screen shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::tui) enum MarginView {
    /// Risk over coverage by confidence, and what target risks allow.
    #[default]
    Selective,
    /// What a threshold on the margin keeps.
    Margin,
    /// A threshold of its own for every class.
    Thresholds,
}

impl MarginView {
    /// The view after this one.
    pub(in crate::tui) fn next(self) -> Self {
        match self {
            Self::Selective => Self::Margin,
            Self::Margin => Self::Thresholds,
            Self::Thresholds => Self::Selective,
        }
    }
}

/// Where the user is on the Classes screen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::tui) struct ClassesPlace {
    /// The chosen line, counted in the order on screen.
    pub(in crate::tui) cursor: usize,
    /// The class that is chosen wherever it stands, until the cursor is moved: a finding is about it.
    pub(in crate::tui) class: Option<usize>,
    /// Which table: 0 the classes or labels, then the slices.
    pub(in crate::tui) table: usize,
    /// The column that it is sorted by; `None` for the order that says most.
    pub(in crate::tui) sort: Option<usize>,
    /// True if the order is turned round.
    pub(in crate::tui) is_reversed: bool,
    /// Names must contain it, whatever their case.
    pub(in crate::tui) filter: String,
}
