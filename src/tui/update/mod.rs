//! `update(&mut App, Message) -> Vec<Effect>`: no I/O, no clock, no drawing.

mod classes;
pub(super) mod columns;
mod copy;
mod errands;
mod findings;
mod group;
mod loaded;
mod mouse;
mod picker;
mod prompt;
mod study;
mod watch;

use std::path::PathBuf;

use crossterm::event::{KeyEvent, KeyEventKind};
use ratatui::layout::Size;

use crate::data::printable;

use super::event::{Effect, FiguresAnswer, Message, Order, Slot, Target};
use super::keymap::{self, Action, Motion};
use super::state::{Activity, App, How, Loading, Origin, Overlay};
use super::view;
use loaded::{on_loaded, on_preview, open};

/// What the app asks for when it starts: a look at the folder, and the file if one was named.
pub(super) fn start(app: &mut App, path: Option<PathBuf>) -> Vec<Effect> {
    let mut effects = vec![Effect::Scan];
    if let Some(path) = path {
        let target = Target::Path(path);
        effects.extend(load(app, Order { target, choice: None }));
    }
    effects
}

/// The same with several files, which are opened together.
pub(super) fn start_with(app: &mut App, mut paths: Vec<PathBuf>) -> Vec<Effect> {
    if paths.len() < 2 {
        return start(app, paths.pop());
    }
    let mut effects = vec![Effect::Scan];
    effects.extend(group::open_files(app, &paths));
    effects
}

/// Takes one message; what the screen then lacks is asked for.
pub(super) fn update(app: &mut App, message: Message) -> Vec<Effect> {
    let mut effects = take(app, message);
    effects.extend(errands::wanted(app));
    effects
}

fn take(app: &mut App, message: Message) -> Vec<Effect> {
    match message {
        Message::Key(event) if event.kind == KeyEventKind::Press => on_key(app, event),
        Message::Key(_) => Vec::new(),
        Message::Mouse(event) => mouse::on_mouse(app, event),
        Message::Paste(text) => on_paste(app, &text),
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
        Message::Told(..) | Message::Measures(_) => errands::on_answer(app, message),
        Message::Group(number, news) => group::on_news(app, number, news),
        Message::Listed(..)
        | Message::Previewed(..)
        | Message::Recent(_)
        | Message::RecentNotKept(_)
        | Message::Offered(..)
        | Message::Remembered(..)
        | Message::Recalled(..)
        | Message::Changed(_) => on_answer(app, message),
        Message::CardWritten(study, end) => {
            study::on_card(app, study, end);
            Vec::new()
        }
        Message::Copied(n_bytes) => {
            app.notice = Some(format!("{n_bytes} bytes sent to the terminal's clipboard (OSC 52)"));
            Vec::new()
        }
    }
}

/// What a dialog or the watch asked for.
fn on_answer(app: &mut App, message: Message) -> Vec<Effect> {
    match message {
        Message::Listed(folder, entries) => return picker::on_listed(app, &folder, entries),
        Message::Previewed(path, preview) => return picker::on_previewed(app, path, preview),
        Message::Recent(recent) => return picker::on_recent(app, recent),
        Message::RecentNotKept(why) => app.not_kept = Some(why),
        Message::Offered(target, found) => columns::on_offered(app, &target, found),
        Message::Remembered(is_kept, done) => columns::on_remembered(app, is_kept, done),
        Message::Recalled(number, choice) => {
            if let Activity::Loading(loading) = &mut app.activity
                && number == app.load_number
            {
                let origin = Origin::Remembered;
                loading.how = How { choice, origin };
            }
        }
        Message::Changed(number) => return watch::on_changed(app, number),
        _ => {}
    }
    Vec::new()
}

fn on_key(app: &mut App, event: KeyEvent) -> Vec<Effect> {
    app.notice = None;
    if let Some(watch) = &mut app.watch {
        watch.is_changed = false;
    }
    let contexts = app.contexts();
    let action = keymap::action(&contexts, event);
    if action != Some(Action::WriteCard) {
        app.asked = None;
    }
    match (action, app.overlays.last()) {
        (Some(action), _) => act(app, action),
        (None, Some(Overlay::Picker(_))) => picker::on_key(app, event),
        (None, Some(Overlay::Filter(_))) => classes::on_key(app, event),
        (None, Some(Overlay::Columns(_))) => columns::on_key(app, event),
        (None, _) => prompt::on_key(app, event),
    }
}

/// Pasted text goes to what is typed into; elsewhere it means nothing.
fn on_paste(app: &mut App, text: &str) -> Vec<Effect> {
    match app.overlays.last() {
        Some(Overlay::Picker(_)) => picker::on_paste(app, text),
        Some(Overlay::Filter(_)) => classes::on_paste(app, text),
        Some(Overlay::Columns(_)) => columns::on_paste(app, text),
        _ => prompt::on_paste(app, text),
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
        Action::OpenPath => picker::open(app, false),
        Action::AddMember => picker::open(app, true),
        Action::TypeTemperature => prompt::open(app),
        Action::Complete => picker::complete(app),
        Action::FolderUp => picker::left(app),
        Action::Recent => picker::recent(app),
        Action::Columns => columns::open(app),
        Action::Watch => watch::toggle(app),
        Action::Findings => findings::open(app, 0),
        Action::FindingRows | Action::FindingPlace => findings::act(app, action),
        Action::Reload => reload(app),
        Action::Copy => copy::copy(app),
        Action::Sample => load_sample(app),
        Action::Confirm | Action::Move(_) if !app.overlays.is_empty() => in_overlay(app, action),
        Action::OtherKind
        | Action::Reference
        | Action::Metric
        | Action::RemoveMember
        | Action::PreviousColumn
        | Action::NextColumn
        | Action::PreviousMember
        | Action::NextMember => group::act(app, action),
        Action::PreviousOption
        | Action::NextOption
        | Action::Remember
        | Action::Forget
        | Action::TypeText => columns::act(app, action),
        Action::Confirm => confirm(app),
        Action::Move(motion) if app.shown().is_none() => {
            let last = app.home.files().len();
            app.home.cursor = moved(app.home.cursor, motion, last, 10);
            Vec::new()
        }
        _ => study::act(app, action),
    }
}

/// Keys that every overlay understands in its own way.
fn in_overlay(app: &mut App, action: Action) -> Vec<Effect> {
    match (app.overlays.last(), action) {
        (Some(Overlay::Help(_)), Action::Move(motion)) => scroll_help(app, motion),
        (Some(Overlay::Picker(_)), Action::Move(motion)) => picker::move_cursor(app, motion),
        (Some(Overlay::Picker(_)), _) => picker::confirm(app),
        (Some(Overlay::Columns(_)), _) => columns::act(app, action),
        (Some(Overlay::Findings(_)), _) => findings::act(app, action),
        (Some(Overlay::Prompt(_)), Action::Confirm) => prompt::confirm(app),
        (Some(Overlay::Filter(_) | Overlay::Detail), Action::Move(_)) => study::act(app, action),
        (Some(Overlay::Filter(_) | Overlay::Detail), Action::Confirm) => {
            app.overlays.pop();
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn load_sample(app: &mut App) -> Vec<Effect> {
    let target = Target::Sample;
    load(app, Order { target, choice: None })
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
    if findings::back(app) || columns::stop_typing(app) {
        return Vec::new();
    }
    if let Some(overlay) = app.overlays.pop() {
        if matches!(overlay, Overlay::Filter(_)) {
            classes::set_filter(app, String::new());
        }
        return Vec::new();
    }
    match app.activity {
        Activity::Failed(..) => app.activity = Activity::Idle,
        Activity::Loading(_) => return stop_loading(app),
        Activity::Idle => match group::stop(app).or_else(|| errands::stop(app)) {
            Some(effects) => return effects,
            None => study::back(app),
        },
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
    let mut effects = vec![Effect::Cancel];
    effects.extend(group::on_stopped(app));
    effects
}

fn confirm(app: &mut App) -> Vec<Effect> {
    if app.shown().is_some() {
        return study::act(app, Action::Confirm);
    }
    let target = match app.home.chosen() {
        Some(candidate) => Target::Path(candidate.path.clone()),
        None => Target::Sample,
    };
    load(app, Order { target, choice: None })
}

/// The name of `target` on screen.
fn name_of(app: &App, target: &Target) -> String {
    match target {
        Target::Path(path) => printable(&path.display().to_string()),
        Target::Sample => format!("{} (sample)", app.settings.sample),
    }
}

/// Starts a load; an older one is stopped and its answer dropped.
fn load(app: &mut App, order: Order) -> Vec<Effect> {
    app.load_number += 1;
    app.activity = Activity::Loading(Loading {
        name: name_of(app, &order.target),
        target: order.target.clone(),
        how: How::from(order.choice.clone()),
        progress: None,
        spin: 0,
        is_behind: false,
        is_watched: false,
    });
    vec![Effect::Cancel, Effect::Load(app.load_number, order)]
}

fn reload(app: &mut App) -> Vec<Effect> {
    if app.activity == Activity::Idle
        && let Some(effects) = group::reload(app)
    {
        return effects;
    }
    let same = match (&app.activity, app.shown()) {
        (Activity::Failed(target, _, how), _) => Some((target, how)),
        (_, Some(session)) => Some((&session.target, &session.how)),
        _ => None,
    };
    let order = same.map(|(target, how)| Order { target: target.clone(), choice: how.order() });
    if let Some(order) = order {
        return load(app, order);
    }
    app.home.candidates = None;
    vec![Effect::Scan]
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
