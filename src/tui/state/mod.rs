//! What the app knows. Nothing here reads a file, a clock or a terminal.

mod columns;
mod extras;
mod findings;
mod group;
mod home;
mod how;
mod input;
mod picker;
mod session;
mod views;

pub(super) use columns::{Columns, ColumnsRow};
pub(super) use extras::{Extras, Run};
pub(super) use findings::{FindingsList, FindingsPage};
pub(super) use group::{CompareView, Gathered, Group, GroupKind, Member, MemberState, Metric};
pub(super) use home::Home;
pub(super) use how::{How, Origin};
pub(super) use input::LineInput;
pub(super) use picker::{Listing, Picker, PickerRow, RowKind, above};
pub(super) use session::{
    Change, OVERVIEW_PANELS, OverviewPanel, Place, Screen, Session, interpolate,
};
pub(super) use views::{Chart, ClassesPlace, MarginView};

use std::path::PathBuf;
use std::sync::Arc;

use ratatui::layout::Size;

use crate::analysis::AnalysisOptions;
use crate::io::OpenOptions;
use crate::metrics::DiagramOptions;
use crate::pipeline::Study;

use super::event::{Agreed, Target};
use super::keymap::Context;
use super::load::LoadProgress;
use super::services::Failure;
use super::theme::Theme;

/// What does not change while the app runs.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// The palette, and whether there is colour and Unicode.
    pub(super) theme: Theme,
    /// What the bundled sample is called.
    pub(super) sample: &'static str,
    /// How the analysis cuts its diagram.
    pub(super) diagram: DiagramOptions,
    /// Where files are looked for, for show.
    pub(super) folder: String,
    /// The user's own folder, for `~`.
    pub(super) home: Option<PathBuf>,
    /// How the command line wants files to be read.
    pub(super) flags: OpenOptions,
    /// How data is analysed, for what is computed on demand.
    pub(super) analysis: AnalysisOptions,
}

/// A load that runs.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Loading {
    /// What is loaded.
    pub(super) target: Target,
    /// By what it is read, as far as is known.
    pub(super) how: How,
    /// Its name, made printable.
    pub(super) name: String,
    /// The newest word from the worker.
    pub(super) progress: Option<LoadProgress>,
    /// Which glyph of the spinner comes next.
    pub(super) spin: usize,
    /// True once figures of its first rows are on screen: it then goes on behind them.
    pub(super) is_behind: bool,
    /// True if it runs because the file has changed.
    pub(super) is_watched: bool,
}

/// What stands before home screen and study.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Activity {
    /// Nothing.
    Idle,
    /// A load runs.
    Loading(Loading),
    /// A load failed, which was to be read so.
    Failed(Target, Failure, How),
}

/// A value that is being typed: a temperature, or a condition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Prompt {
    /// The line.
    pub(super) line: LineInput,
    /// Why the line was not accepted.
    pub(super) error: Option<String>,
}

/// What lies over the screen; the last one gets the keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Overlay {
    /// The help, scrolled by so many lines.
    Help(usize),
    /// A typed temperature.
    Prompt(Prompt),
    /// The file picker.
    Picker(Picker),
    /// The choice of columns.
    Columns(Box<Columns>),
    /// What names on the Classes screen must contain is typed.
    Filter(LineInput),
    /// The chosen class, where it has no room beside the table.
    Detail,
    /// The findings.
    Findings(FindingsList),
}

/// A file that is watched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Watch {
    /// Number of this watch; changes that another one saw are dropped.
    pub(super) number: u64,
    /// The file.
    pub(super) target: Target,
    /// True from the moment that a changed file is on screen until the next key.
    pub(super) is_changed: bool,
    /// How often it has changed.
    pub(super) n_changes: u32,
}

/// The whole state.
#[derive(Debug)]
pub(super) struct App {
    /// What does not change.
    pub(super) settings: Settings,
    /// Columns and rows of the terminal.
    pub(super) size: Size,
    /// The home screen.
    pub(super) home: Home,
    /// True if the home screen is shown although a study is open.
    pub(super) at_home: bool,
    /// The open study.
    pub(super) session: Option<Session>,
    /// The files or steps that are open together, of which the study is one.
    pub(super) group: Option<Group>,
    /// Number of the newest group, or reading of one.
    pub(super) group_number: u64,
    /// A load, or the message of one that failed.
    pub(super) activity: Activity,
    /// Help, prompts, dialogs.
    pub(super) overlays: Vec<Overlay>,
    /// The file that is watched.
    pub(super) watch: Option<Watch>,
    /// Number of the newest watch.
    pub(super) watch_number: u64,
    /// Why recent files are not kept, once that was tried.
    pub(super) not_kept: Option<String>,
    /// One sentence for the status line, until the next key.
    pub(super) notice: Option<String>,
    /// What the next `w` on this study agrees to, if it is the next key.
    pub(super) asked: Option<(Arc<Study>, Agreed)>,
    /// Number of the newest load; answers of others are dropped.
    pub(super) load_number: u64,
    /// Number of the newest request for figures.
    pub(super) serial: u64,
    /// Number of the newest errand.
    pub(super) errand_number: u64,
}

impl App {
    /// An app that has nothing open.
    pub(super) fn new(settings: Settings, size: Size) -> Self {
        Self {
            settings,
            size,
            home: Home::default(),
            at_home: false,
            session: None,
            group: None,
            group_number: 0,
            activity: Activity::Idle,
            overlays: Vec::new(),
            watch: None,
            watch_number: 0,
            not_kept: None,
            notice: None,
            asked: None,
            load_number: 0,
            serial: 0,
            errand_number: 0,
        }
    }

    /// The study on screen, if it is not hidden by the home screen.
    pub(super) fn shown(&self) -> Option<&Session> {
        self.session.as_ref().filter(|_| !self.at_home)
    }

    /// The screens that have something to show, in the order of their numbers.
    pub(super) fn screens(&self) -> Vec<Screen> {
        let of_group = self.group.as_ref().map(|group| group.kind.screen());
        Screen::ALL.into_iter().chain(of_group).collect()
    }

    /// Whose keys hold now, the nearest first.
    pub(super) fn contexts(&self) -> Vec<Context> {
        match self.overlays.last() {
            Some(Overlay::Prompt(_)) => return vec![Context::Prompt, Context::Always],
            Some(Overlay::Picker(_)) => return vec![Context::Picker, Context::Always],
            Some(Overlay::Help(_)) => return vec![Context::Help, Context::Global, Context::Always],
            Some(Overlay::Columns(columns)) if columns.typed.is_some() => {
                return vec![Context::Prompt, Context::Always];
            }
            Some(Overlay::Columns(_)) => {
                return vec![Context::Columns, Context::Global, Context::Always];
            }
            Some(Overlay::Findings(_)) => {
                return vec![Context::Findings, Context::Global, Context::Always];
            }
            Some(Overlay::Filter(_)) => return vec![Context::Filter, Context::Always],
            Some(Overlay::Detail) | None => {}
        }
        self.ground_contexts()
    }

    /// The same as if no help were there; the help describes these.
    pub(super) fn ground_contexts(&self) -> Vec<Context> {
        let mut below = self.overlays.iter().rev();
        match below.find(|o| !matches!(o, Overlay::Help(_))) {
            Some(Overlay::Columns(_)) => {
                return vec![Context::Columns, Context::Global, Context::Always];
            }
            Some(Overlay::Findings(_)) => {
                return vec![Context::Findings, Context::Global, Context::Always];
            }
            _ => {}
        }
        let mut contexts = match (&self.activity, self.shown()) {
            (Activity::Loading(loading), _) if !loading.is_behind => vec![Context::Loading],
            (Activity::Failed(..), _) => vec![Context::Failed],
            (_, Some(session)) => {
                let screen = Context::Screen(session.place.screen);
                let several = self.group.as_ref().map(|_| Context::Several);
                let view = session.view_context();
                let contexts = [view, Some(screen), Some(Context::Study), several];
                contexts.into_iter().flatten().collect()
            }
            (_, None) => vec![Context::Home],
        };
        contexts.extend([Context::Global, Context::Always]);
        contexts
    }

    /// The load that goes on behind the figures of its first rows.
    pub(super) fn streaming(&self) -> Option<&Loading> {
        match &self.activity {
            Activity::Loading(loading) if loading.is_behind => Some(loading),
            _ => None,
        }
    }

    /// True if a box of a load or of a message lies over the screen.
    pub(super) fn is_covered(&self) -> bool {
        self.activity != Activity::Idle && self.streaming().is_none()
    }

    /// True while a spinner turns: the only time anything ticks.
    pub(super) fn is_waiting(&self) -> bool {
        matches!(self.activity, Activity::Loading(_))
    }
}
