//! `--format svg`: one chart to a file or stdout, or all of them into a folder.

use std::path::PathBuf;

use crate::report::{Chart, NoFigure, Size};

use super::Failure;
use super::args::FigureArgs;
use super::open::Shared;
use super::output::Output;

/// Charts to draw and where they go, understood before anything is read.
#[derive(Default)]
pub(super) struct Figures {
    size: Option<Size>,
    /// `None` writes the one chart to where `--out` says.
    folder: Option<PathBuf>,
    charts: Vec<Chart>,
}

impl FigureArgs {
    /// What is asked for.
    pub(super) fn figures(&self, shared: &Shared) -> Result<Figures, Failure> {
        let folder = self.is_all().then(|| folder(shared)).transpose()?;
        Ok(Figures { size: self.size, folder, charts: self.charts() })
    }
}

impl Figures {
    /// Draws and writes them. Of all charts those are left out, with a note, that these rows do not have.
    pub(super) fn write(
        &self,
        shared: &Shared,
        draw: impl Fn(Chart, Option<Size>) -> Result<String, NoFigure>,
    ) -> Result<u8, Failure> {
        let drawn = self.charts.iter().map(|chart| draw(*chart, self.size));
        let Some(folder) = &self.folder else {
            for figure in drawn {
                Output::write(&figure.map_err(|none| other_charts(&none))?, shared.out.as_ref())?;
            }
            return Ok(0);
        };
        let (mut n_written, mut problem) = (0, None);
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::plain(format!("--out {}: {error}", folder.display())))?;
        for (file, figure) in shared.written.iter().zip(drawn) {
            match figure {
                Ok(figure) => {
                    Output::write(&figure, Some(file))?;
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
    let others = "other charts may be drawn: --chart all --out FOLDER writes those that can";
    let instead = none.instead().map(|instead| format!("{instead}; "));
    Failure::hint(none.to_string(), instead.unwrap_or_default() + others)
}

/// The folder that all charts go into.
fn folder(shared: &Shared) -> Result<PathBuf, Failure> {
    let hint = "name a folder for the files: --chart all --out figures";
    let out = shared.out.as_ref().filter(|out| !out.is_stream());
    let out = out.ok_or_else(|| Failure::hint("--chart all writes several files", hint))?;
    let refuse = |path: &std::path::Path, why: &str| {
        Err(Failure::hint(format!("--out {}: {why}", path.display()), hint))
    };
    if out.path().is_file() {
        return refuse(out.path(), "this is a file");
    }
    // Found in the middle of the work it would leave half of the figures.
    match shared.written.iter().find(|file| file.path().is_dir()) {
        Some(file) => refuse(file.path(), "this is a folder"),
        None => Ok(out.path().to_path_buf()),
    }
}
