//! Figures for papers: one chart of a study, or of models side by side, as an SVG document of its own.
//!
//! The marks of each chart (`bins`, `curve`, `histogram`) are those of the HTML report too, which draws them in the
//! colours of its page.

pub(super) mod bins;
mod classes;
mod compare;
pub(super) mod curve;
mod figure;
pub(super) mod histogram;
mod legend;
mod marks;
mod panel;
mod risk;
mod size;
mod study;
mod text;

pub(super) use panel::{Area, Axis, BOTTOM, LEFT, Panel, fits_above};
pub(super) use text::escaped;

pub use compare::{MOST_MODELS, compare_figure};
pub use size::Size;
pub use study::figure;

/// What a figure shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Chart {
    /// Outcomes over probabilities, at T = 1 and after scaling.
    Reliability,
    /// NLL over the temperature.
    Temperature,
    /// Top-two margins of right and wrong rows.
    Margins,
    /// Error rate over the share of rows kept.
    Risk,
    /// Accuracy less confidence of every predicted class.
    Classes,
}

impl Chart {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Reliability, Self::Temperature, Self::Margins, Self::Risk, Self::Classes];

    /// As it is typed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reliability => "reliability",
            Self::Temperature => "temperature",
            Self::Margins => "margins",
            Self::Risk => "risk",
            Self::Classes => "classes",
        }
    }
}

/// Why there is no such figure of these rows.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("there is no figure {chart} of {path}: {why}")]
pub struct NoFigure {
    chart: &'static str,
    path: String,
    why: String,
    instead: Option<String>,
}

impl NoFigure {
    fn new(chart: Chart, path: &str, why: impl Into<String>) -> Self {
        Self { chart: chart.name(), path: path.to_owned(), why: why.into(), instead: None }
    }

    /// Of multi-label data there are no predicted classes.
    fn of_labels(path: &str) -> Self {
        let why = "its labels are judged one by one, none of them is the predicted class";
        let instead = format!(
            "logitscope report {path} has a table of its labels, and --chart reliability shows all of them together"
        );
        Self { instead: Some(instead), ..Self::new(Chart::Classes, path, why) }
    }

    /// What to type for the same of these rows, if there is anything.
    pub fn instead(&self) -> Option<&str> {
        self.instead.as_deref()
    }
}

/// What every chart wants first.
const NO_ROWS: &str = "none of its rows can be judged";
