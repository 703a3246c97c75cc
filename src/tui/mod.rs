//! The terminal app: the only folder that names ratatui and crossterm.
//!
//! event -> `Message` -> `update(&mut App, Message) -> Vec<Effect>` -> worker
//! threads -> `Message`. `update` does no I/O and has no clock; `view` takes `&App` and changes
//! nothing; `layout` is pure and used by both, so that a click and a picture cannot disagree.

mod choice;
mod errand;
mod event;
mod folder;
mod fuzzy;
mod glyphs;
mod group_event;
#[cfg(debug_assertions)]
mod hooks;
mod keymap;
mod layout;
mod load;
mod offline;
mod osc52;
mod run;
mod services;
mod state;
mod stored;
mod terminal;
mod theme;
mod trace;
mod update;
mod view;
mod widget;
mod worker;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use crate::analysis::AnalysisOptions;
use crate::io::OpenOptions;

pub use offline::Offline;
pub use run::run;
pub use theme::{ColourChoice, ThemeChoice};

/// The data set that is compiled into the program.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// A file name whose ending says the format.
    pub name: &'static str,
    /// The file.
    pub bytes: &'static [u8],
}

/// What the command line decides about the app.
#[derive(Clone, Debug)]
pub struct AppOptions {
    /// The files to open, in order: none for the home screen, several as a training run or to compare.
    pub paths: Vec<PathBuf>,
    /// How files are read.
    pub open: OpenOptions,
    /// How they are analysed.
    pub analysis: AnalysisOptions,
    /// What one key on the home screen opens.
    pub sample: Sample,
    /// False leaves the mouse to the terminal.
    pub mouse: bool,
    /// True draws with ASCII alone, whatever the locale says.
    pub ascii: bool,
    /// The palette.
    pub theme: ThemeChoice,
    /// Whether there is colour at all.
    pub colour: ColourChoice,
}

/// How the app ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// The user quit.
    Done,
    /// A signal, or the terminal hung up.
    Signal(i32),
}

impl Exit {
    /// The exit status: 0, or 128 and the signal's number as shells have it.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Signal(number) => u8::try_from(128 + number).unwrap_or(1),
        }
    }
}
