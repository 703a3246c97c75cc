//! Watching a file: when it has changed it is read again, behind the figures that are on screen.

use super::super::event::{Effect, Order, Target};
use super::super::state::{Activity, App, Watch};
use super::load;

/// `W`: begins or ends the watch.
pub(super) fn toggle(app: &mut App) -> Vec<Effect> {
    let Some(session) = app.session.as_ref() else {
        return Vec::new();
    };
    if app.watch.as_ref().is_some_and(|watch| watch.target == session.target) {
        app.watch = None;
        app.notice = Some("the file is no longer watched".into());
        return vec![Effect::Unwatch];
    }
    let Target::Path(path) = session.target.clone() else {
        app.notice = Some("the bundled sample never changes".into());
        return Vec::new();
    };
    app.watch_number += 1;
    app.watch = Some(Watch {
        number: app.watch_number,
        target: session.target.clone(),
        is_changed: false,
        n_changes: 0,
    });
    app.notice = Some("watching the file: it is read again whenever it has changed".into());
    vec![Effect::Watch(app.watch_number, path)]
}

/// The file is another one now. A load of it that runs began before that, or is for another file that the user
/// wants more.
pub(super) fn on_changed(app: &mut App, number: u64) -> Vec<Effect> {
    let Some(watch) = app.watch.as_mut().filter(|watch| watch.number == number) else {
        return Vec::new();
    };
    let target = watch.target.clone();
    let is_shown = app.session.as_ref().is_some_and(|session| session.target == target);
    let is_busy = matches!(&app.activity, Activity::Loading(loading) if loading.target != target);
    if !is_shown || is_busy {
        return Vec::new();
    }
    watch.n_changes += 1;
    let choice = app.session.as_ref().and_then(|session| session.how.order());
    let effects = load(app, Order { target, choice });
    if let Activity::Loading(loading) = &mut app.activity {
        loading.is_behind = true;
        loading.is_watched = true;
    }
    effects
}

/// A file was read and is shown; another one than the watched ends the watch.
pub(super) fn on_opened(app: &mut App, is_reread: bool) -> Vec<Effect> {
    let Some(session) = app.session.as_ref() else {
        return Vec::new();
    };
    match &mut app.watch {
        Some(watch) if watch.target == session.target => {
            watch.is_changed = is_reread;
            Vec::new()
        }
        Some(_) => {
            app.watch = None;
            vec![Effect::Unwatch]
        }
        None => Vec::new(),
    }
}
