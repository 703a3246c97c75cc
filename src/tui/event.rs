//! What happens to the app, and what the app asks to be done.

use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::{KeyEvent, MouseEvent};

use crate::data::Temperature;
use crate::metrics::DiagramOptions;
use crate::metrics::Figures;
use crate::pipeline::Study;

use super::choice::Choice;
use super::errand::{Errand, ErrandOrder, MeasuresAnswer, MeasuresRequest, Told};
use super::folder::Entry;
use super::group_event::{GroupJob, GroupNews};
use super::load::LoadProgress;
use super::services::{Candidate, Choices, Failure, Preview};

/// Everything that can reach [`update`](super::update::update).
#[derive(Clone, Debug)]
pub(super) enum Message {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse was pressed, dragged, released or scrolled.
    Mouse(MouseEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this many columns and rows now.
    Resize(u16, u16),
    /// Time for the next spinner glyph; sent only while something loads.
    Tick,
    /// SIGTERM, SIGHUP or SIGINT.
    Signal(i32),
    /// SIGTSTP from outside: stop as on Ctrl-Z.
    Suspend,
    /// The process was continued after a stop: the screen must be drawn anew.
    Continued,
    /// The directory of the home screen was looked through.
    Scanned(Vec<Candidate>),
    /// A folder of the picker was looked through, or why it cannot be.
    Listed(PathBuf, Result<Vec<Entry>, String>),
    /// What was found in a file of the picker.
    Previewed(PathBuf, Preview),
    /// The files that were opened last.
    Recent(Vec<PathBuf>),
    /// Why a file could not be counted among them.
    RecentNotKept(String),
    /// What can be chosen in a file.
    Offered(Target, Result<Choices, String>),
    /// A choice was remembered (true) or forgotten, or why not.
    Remembered(bool, Result<(), String>),
    /// The watched file is no longer what it was; the number tells this watch from others.
    Changed(u64),
    /// A load goes by what was remembered for files like the one it reads.
    Recalled(u64, Choice),
    /// How far a load has come.
    Progress(u64, LoadProgress),
    /// Figures of the first rows of a load that goes on.
    Preview(u64, Arc<Study>),
    /// A load ended.
    Loaded(u64, Result<Arc<Study>, Failure>),
    /// Figures that were asked for.
    Figures(FiguresAnswer),
    /// What the errand of this number has to tell.
    Told(u64, Told),
    /// Measures that were asked for.
    Measures(MeasuresAnswer),
    /// What there is to tell of several files; the number tells this group from others.
    Group(u64, GroupNews),
    /// A card was written, or why not.
    CardWritten(Arc<Study>, Result<CardEnd, String>),
    /// So many bytes of text were sent to the terminal's clipboard.
    Copied(usize),
}

/// What was agreed to before a card is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Agreed {
    /// To write it in spite of a failure.
    pub(super) failure: bool,
    /// To write over one that is there.
    pub(super) overwrite: bool,
}

/// How it ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum CardEnd {
    /// Here it is.
    Written(PathBuf),
    /// It was not written: so much must be agreed to first. The question is printable.
    Asks(Agreed, String),
}

/// What is to be loaded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Target {
    /// A file or folder.
    Path(PathBuf),
    /// The compiled-in sample.
    Sample,
}

/// What is to be loaded, and what the user said of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Order {
    /// The file.
    pub(super) target: Target,
    /// What was chosen for it; without it what was remembered for files like it.
    pub(super) choice: Option<Choice>,
}

/// Which of the three figures an answer is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Slot {
    /// The cursor's temperature.
    Cursor,
    /// T = 1.
    One,
    /// The fitted temperature.
    Star,
}

/// Figures wanted; a newer request replaces an older one that has not begun.
#[derive(Clone, Debug)]
pub(super) struct FiguresRequest {
    /// The study they are taken from.
    pub(super) study: Arc<Study>,
    /// Number of the request; answers to older ones are dropped.
    pub(super) serial: u64,
    /// How the diagram is cut.
    pub(super) diagram: DiagramOptions,
    /// The cursor's temperature.
    pub(super) cursor: Temperature,
    /// The fitted temperature, and T = 1, if these are wanted for this diagram too.
    pub(super) baselines: Option<Baselines>,
}

/// The temperatures beside the cursor's.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Baselines {
    /// The fitted temperature, if there is one.
    pub(super) star: Option<Temperature>,
}

/// Figures at last.
#[derive(Clone, Debug)]
pub(super) struct FiguresAnswer {
    /// The number of the request.
    pub(super) serial: u64,
    /// What they are for.
    pub(super) slot: Slot,
    /// How the diagram was cut.
    pub(super) diagram: DiagramOptions,
    /// The figures, or why there are none.
    pub(super) figures: Result<Arc<Figures>, String>,
}

/// What `update` wants done outside.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    /// Look for files in the home screen's directory.
    Scan,
    /// Load; the number tells this load from others.
    Load(u64, Order),
    /// Stop the load that runs, if any.
    Cancel,
    /// Compute figures.
    Figures(FiguresRequest),
    /// Run an errand.
    Run(ErrandOrder),
    /// Stop what runs of this kind.
    Stop(Errand),
    /// Compute measures at a temperature.
    Measures(MeasuresRequest),
    /// Look through a folder for the picker.
    List(PathBuf),
    /// Look into these files, one after the other; older requests are dropped.
    Preview(Vec<PathBuf>),
    /// Read which files were opened last.
    Recent,
    /// Count a file among them.
    AddRecent(PathBuf),
    /// Find out what can be chosen in a file.
    Offer(Target),
    /// Remember a choice for files of this schema; `None` forgets it.
    Remember(String, Option<Choice>),
    /// Look at the file every second; the number tells this watch from others.
    Watch(u64, PathBuf),
    /// Look no more.
    Unwatch,
    /// Do something about several files; the number tells this group from others.
    Group(u64, GroupJob),
    /// Write the deployment card next to the data.
    WriteCard(Arc<Study>, Target, Agreed),
    /// Put text on the clipboard.
    Copy(String),
    /// Give the terminal back and stop, as Ctrl-Z does.
    Suspend,
    /// Clear the screen before the next frame.
    Repaint,
    /// End the app; true leaves the last screen in the scrollback.
    Quit(bool),
}
