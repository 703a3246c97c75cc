//! What `--format svg` draws.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::report::{Chart, Size};

/// The chart and its size.
#[derive(Debug, Args)]
pub(in crate::cli) struct FigureArgs {
    /// What --format svg draws; all writes every chart into the folder --out [default: reliability]
    #[arg(long, value_name = "CHART")]
    pub(in crate::cli) chart: Option<ChartArg>,
    /// Width and height of --format svg in pixels, 96 to the inch, such as 640x480 [default: by chart]
    #[arg(long, value_name = "WxH")]
    pub(in crate::cli) size: Option<Size>,
}

impl FigureArgs {
    /// The charts that are drawn.
    pub(in crate::cli) fn charts(&self) -> Vec<Chart> {
        let one = self.chart.unwrap_or(ChartArg::Reliability).one();
        one.map_or_else(|| Chart::ALL.to_vec(), |chart| vec![chart])
    }

    /// True if each goes into a file of its own in the folder `--out`.
    pub(in crate::cli) fn is_all(&self) -> bool {
        self.chart == Some(ChartArg::All)
    }

    /// These files, in the order of the charts.
    pub(in crate::cli) fn files(&self, folder: &Path) -> Option<Vec<PathBuf>> {
        let file = |chart: &Chart| folder.join(format!("{}.svg", chart.name()));
        self.is_all().then(|| self.charts().iter().map(file).collect())
    }
}

/// See [`Chart`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(in crate::cli) enum ChartArg {
    /// Accuracy over confidence, at T = 1 and after scaling
    Reliability,
    /// NLL over the temperature
    Temperature,
    /// Top-two margins of right and wrong rows
    Margins,
    /// Error rate over the share of rows kept
    Risk,
    /// Accuracy less confidence of every predicted class
    Classes,
    /// Each of them, as a file of its own
    All,
}

impl ChartArg {
    /// `None` for all.
    fn one(self) -> Option<Chart> {
        match self {
            Self::Reliability => Some(Chart::Reliability),
            Self::Temperature => Some(Chart::Temperature),
            Self::Margins => Some(Chart::Margins),
            Self::Risk => Some(Chart::Risk),
            Self::Classes => Some(Chart::Classes),
            Self::All => None,
        }
    }
}
