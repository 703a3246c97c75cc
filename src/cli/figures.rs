//! `--format svg`: one chart to a file or stdout, or all of them into a folder.

use std::path::{Path, PathBuf};

use crate::io::Destination;
use crate::report::{Chart, NoFigure, Size};

use super::Failure;
use super::args::{ChartArg, FigureArgs};
use super::open::Shared;
use super::output::Output;

/// Charts to draw and where they go, understood before anything is read.
pub(super) struct Figures {
    size: Option<Size>,
    /// `None` writes the one chart to where `--out` says.
    folder: Option<PathBuf>,
    charts: Vec<Chart>,
}

impl Default for Figures {
    fn default() -> Self {
        Self { size: None, folder: None, charts: vec![Chart::Reliability] }
    }
}

impl FigureArgs {
    /// What is asked for; `inputs` are read and must stay.
    pub(super) fn figures(&self, shared: &Shared, inputs: &[PathBuf]) -> Result<Figures, Failure> {
        let size = self.size;
        let Some(chart) = self.chart.unwrap_or(ChartArg::Reliability).one() else {
            let folder = folder(shared)?;
            for chart in Chart::ALL {
                Output::spare(Some(&destination(&folder, chart)), inputs)?;
            }
            return Ok(Figures { size, folder: Some(folder), charts: Chart::ALL.to_vec() });
        };
        Ok(Figures { size, folder: None, charts: vec![chart] })
    }
}

impl Figures {
    /// Draws and writes them. Of all charts those are left out, with a note, that these rows do not have.
    pub(super) fn write(
        &self,
        shared: &Shared,
        draw: impl Fn(Chart, Option<Size>) -> Result<String, NoFigure>,
    ) -> Result<u8, Failure> {
        let drawn = self.charts.iter().map(|chart| (*chart, draw(*chart, self.size)));
        let Some(folder) = &self.folder else {
            for (_, figure) in drawn {
                Output::write(&figure.map_err(|none| other_charts(&none))?, shared.out.as_ref())?;
            }
            return Ok(0);
        };
        let (mut n_written, mut problem) = (0, None);
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::plain(format!("--out {}: {error}", folder.display())))?;
        for (chart, figure) in drawn {
            match figure {
                Ok(figure) => {
                    Output::write(&figure, Some(&destination(folder, chart)))?;
                    n_written += 1;
                }
                Err(none) => {
                    Output::note(&none.to_string());
                    problem = Some(none);
                }
            }
        }
        match problem.filter(|_| n_written == 0) {
            Some(none) => Err(Failure::plain(none.to_string())),
            None => Ok(0),
        }
    }
}

fn other_charts(none: &NoFigure) -> Failure {
    let hint = "other charts may be drawn: --chart all --out FOLDER writes those that can";
    Failure::hint(none.to_string(), hint)
}

fn destination(folder: &Path, chart: Chart) -> Destination {
    Destination::from(&folder.join(format!("{}.svg", chart.name())))
}

/// The folder that all charts go into.
fn folder(shared: &Shared) -> Result<PathBuf, Failure> {
    let hint = "name a folder for the files: --chart all --out figures";
    let out = shared.out.as_ref().filter(|out| !out.is_stream());
    let out = out.ok_or_else(|| Failure::hint("--chart all writes several files", hint))?;
    if out.path().is_file() {
        let message = format!("--out {}: this is a file", out.path().display());
        return Err(Failure::hint(message, hint));
    }
    Ok(out.path().to_path_buf())
}
