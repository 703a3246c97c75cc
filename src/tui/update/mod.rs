//! `update(&mut App, Message) -> Vec<Effect>`: no I/O, no clock, no drawing.

mod copy;
mod mouse;
mod prompt;
mod study;

use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::{KeyEvent, KeyEventKind};
use ratatui::layout::Size;

use crate::data::printable;
use crate::pipeline::Study;

use super::event::{Effect, FiguresAnswer, Message, Slot, Target};
use super::keymap::{self, Action, Motion};
use super::services::Failure;
use super::state::{Activity, App, Loading, Overlay, Place, PromptKind, Session};
use super::view;

/// What the app asks for when it starts: a look at the folder, and the file if one was named.
pub(super) fn start(app: &mut App, path: Option<PathBuf>) -> Vec<Effect> {
    let mut effects = vec![Effect::Scan];
    if let Some(path) = path {
        effects.extend(load(app, Target::Path(path)));
    }
    effects
}

/// Takes one message.
pub(super) fn update(app: &mut App, message: Message) -> Vec<Effect> {
    match message {
        Message::Key(event) if event.kind == KeyEventKind::Press => on_key(app, event),
        Message::Key(_) => Vec::new(),
        Message::Mouse(event) => mouse::on_mouse(app, event),
        Message::Paste(text) => prompt::on_paste(app, &text),
        Message::Resize(columns, rows) => {
            app.size = Size::new(columns, rows);
            Vec::new()
        }
        Message::Tick => {
            if let Activity::Loading(loading) = &mut app.activity {
                loading.spin = loading.spin.wrapping_add(1);
            }
            Vec::new()
        }
        Message::Signal(_) => vec![Effect::Quit(false)],
        Message::Suspend => vec![Effect::Suspend],
        Message::Continued => vec![Effect::Repaint],
        Message::Scanned(candidates) => {
            app.home.set(candidates);
            Vec::new()
        }
        Message::Progress(number, progress) => {
            if let Activity::Loading(loading) = &mut app.activity
                && number == app.load_number
            {
                loading.progress = Some(progress);
                loading.spin = loading.spin.wrapping_add(1);
            }
            Vec::new()
        }
        Message::Preview(number, study) => on_preview(app, number, study),
        Message::Loaded(number, result) => on_loaded(app, number, result),
        Message::Figures(answer) => on_figures(app, answer),
        Message::Completed(prefix, matches) => prompt::on_completed(app, &prefix, matches),
        Message::CardWritten(result) => {
            app.notice = Some(match result {
                Ok(path) => format!("wrote {}", printable(&path.display().to_string())),
                Err(why) => format!("no card written: {why}"),
            });
            Vec::new()
        }
        Message::Copied(n_bytes) => {
            app.notice = Some(format!(
                "{n_bytes} bytes sent to the terminal's clipboard (OSC 52)"
            ));
            Vec::new()
        }
    }
}

fn on_key(app: &mut App, event: KeyEvent) -> Vec<Effect> {
    app.notice = None;
    let contexts = app.contexts();
    match keymap::action(&contexts, event) {
        Some(action) => act(app, action),
        None => prompt::on_key(app, event),
    }
}

/// Does what a key, or a click on its hint, asks for.
pub(super) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Quit | Action::Interrupt => vec![Effect::Quit(false)],
        Action::QuitLeaving => vec![Effect::Quit(true)],
        Action::Suspend => vec![Effect::Suspend],
        Action::Redraw => vec![Effect::Repaint],
        Action::Back => back(app),
        Action::Help => {
            match app.overlays.last() {
                Some(Overlay::Help(_)) => drop(app.overlays.pop()),
                _ => app.overlays.push(Overlay::Help(0)),
            }
            Vec::new()
        }
        Action::OpenPath => prompt::open(app, PromptKind::Path),
        Action::TypeTemperature => prompt::open(app, PromptKind::Temperature),
        Action::Complete => prompt::complete(app),
        Action::Reload => reload(app),
        Action::Copy => copy::copy(app),
        Action::Sample => load(app, Target::Sample),
        Action::Confirm => confirm(app),
        Action::Move(motion) if matches!(app.overlays.last(), Some(Overlay::Help(_))) => {
            scroll_help(app, motion)
        }
        Action::Move(motion) if app.shown().is_none() => {
            let last = app.home.files().len();
            app.home.cursor = moved(app.home.cursor, motion, last, 10);
            Vec::new()
        }
        _ => study::act(app, action),
    }
}

/// The index `motion` leads to from `at`, in `0..=last`.
fn moved(at: usize, motion: Motion, last: usize, page: usize) -> usize {
    let to = match motion {
        Motion::Back => at.saturating_sub(1),
        Motion::Forward => at + 1,
        Motion::PageBack => at.saturating_sub(page),
        Motion::PageForward => at + page,
        Motion::First => 0,
        Motion::Last => last,
    };
    to.min(last)
}

fn scroll_help(app: &mut App, motion: Motion) -> Vec<Effect> {
    let last = view::help_overflow(app);
    if let Some(Overlay::Help(scroll)) = app.overlays.last_mut() {
        *scroll = moved((*scroll).min(last), motion, last, 10);
    }
    Vec::new()
}

/// One level back: overlay, message, load, screen, home.
fn back(app: &mut App) -> Vec<Effect> {
    if app.overlays.pop().is_some() {
        return Vec::new();
    }
    match app.activity {
        Activity::Failed(..) => app.activity = Activity::Idle,
        Activity::Loading(_) => return stop_loading(app),
        Activity::Idle => study::back(app),
    }
    Vec::new()
}

/// Ends the load that runs. Figures of its first rows stay.
fn stop_loading(app: &mut App) -> Vec<Effect> {
    let words = match app.streaming() {
        Some(_) => "loading stopped",
        None => "cancelled",
    };
    app.notice = Some(words.into());
    app.activity = Activity::Idle;
    app.load_number += 1;
    vec![Effect::Cancel]
}

fn confirm(app: &mut App) -> Vec<Effect> {
    if matches!(app.overlays.last(), Some(Overlay::Prompt(_))) {
        return prompt::confirm(app);
    }
    if app.shown().is_some() {
        return study::act(app, Action::Confirm);
    }
    let target = match app.home.chosen() {
        Some(candidate) => Target::Path(candidate.path.clone()),
        None => Target::Sample,
    };
    load(app, target)
}

/// The name of `target` on screen.
fn name_of(app: &App, target: &Target) -> String {
    match target {
        Target::Path(path) => printable(&path.display().to_string()),
        Target::Sample => format!("{} (sample)", app.settings.sample),
    }
}

/// Starts a load; an older one is stopped and its answer dropped.
fn load(app: &mut App, target: Target) -> Vec<Effect> {
    app.load_number += 1;
    app.activity = Activity::Loading(Loading {
        name: name_of(app, &target),
        target: target.clone(),
        progress: None,
        spin: 0,
        is_behind: false,
    });
    vec![Effect::Cancel, Effect::Load(app.load_number, target)]
}

fn reload(app: &mut App) -> Vec<Effect> {
    if let Activity::Failed(target, _) = &app.activity {
        let target = target.clone();
        return load(app, target);
    }
    if let Some(target) = app.shown().map(|session| session.target.clone()) {
        return load(app, target);
    }
    app.home.candidates = None;
    vec![Effect::Scan]
}

fn on_loaded(app: &mut App, number: u64, result: Result<Arc<Study>, Failure>) -> Vec<Effect> {
    if number != app.load_number {
        return Vec::new();
    }
    let Activity::Loading(loading) = std::mem::replace(&mut app.activity, Activity::Idle) else {
        return Vec::new();
    };
    match result {
        Ok(study) => open(app, study, loading.target),
        Err(failure) if failure.cancelled => Vec::new(),
        Err(failure) => {
            app.activity = Activity::Failed(loading.target, failure);
            Vec::new()
        }
    }
}

/// Figures of the first rows come on screen, and the load goes on behind them; but not over figures of
/// all rows of the same file, which is then loaded again.
fn on_preview(app: &mut App, number: u64, study: Arc<Study>) -> Vec<Effect> {
    let Activity::Loading(loading) = &mut app.activity else {
        return Vec::new();
    };
    let target = &loading.target;
    let is_whole = |open: &Session| open.target == *target && open.study.first.is_none();
    if number != app.load_number || app.session.as_ref().is_some_and(is_whole) {
        return Vec::new();
    }
    loading.is_behind = true;
    let target = target.clone();
    open(app, study, target)
}

/// Shows a study. The same file keeps screen, temperature and cursor, and the figures at the cursor until
/// there are new ones.
fn open(app: &mut App, study: Arc<Study>, target: Target) -> Vec<Effect> {
    let cut = app.settings.diagram;
    let mut session = match app.session.take() {
        Some(old) if old.target == target => {
            let mut session = Session::new(study, target, old.place, cut);
            session.keep_until_refreshed(old.figures);
            session
        }
        _ => Session::new(study, target, Place::new(cut), cut),
    };
    study::settle_cursors(&mut session);
    app.session = Some(session);
    app.at_home = false;
    study::refresh(app)
}

fn on_figures(app: &mut App, answer: FiguresAnswer) -> Vec<Effect> {
    let Some(session) = app.session.as_mut() else {
        return Vec::new();
    };
    if answer.diagram != session.place.diagram || answer.serial != app.serial {
        return Vec::new();
    }
    let figures = match answer.figures {
        Ok(figures) => figures,
        Err(why) => {
            app.notice = Some(why);
            return Vec::new();
        }
    };
    match answer.slot {
        Slot::Cursor => session.figures.cursor = figures,
        Slot::One => {
            session.figures.one = figures;
            session.figures.diagram = answer.diagram;
            session.is_kept = false;
        }
        Slot::Star => session.figures.star = Some(figures),
    }
    study::settle_cursors(session);
    Vec::new()
}
