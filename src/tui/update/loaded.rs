//! What becomes of a load: a study on screen, or a message.

use std::sync::Arc;

use super::super::event::{Effect, Target};
use super::super::services::Failure;
use super::super::state::{Activity, App, How, Loading, Origin, Place, Session};
use super::{group, study, watch};
use crate::pipeline::Study;

pub(super) fn on_loaded(
    app: &mut App,
    number: u64,
    result: Result<Arc<Study>, Failure>,
) -> Vec<Effect> {
    if number != app.load_number {
        return Vec::new();
    }
    let Activity::Loading(loading) = std::mem::replace(&mut app.activity, Activity::Idle) else {
        return Vec::new();
    };
    match result {
        Ok(study) => on_read(app, study, loading),
        Err(failure) if failure.cancelled => Vec::new(),
        Err(failure) => {
            if let Some(effects) = group::on_failed(app, &loading, &failure) {
                return effects;
            }
            app.activity = Activity::Failed(loading.target, failure, loading.how);
            Vec::new()
        }
    }
}

/// All rows are read: the file counts among those that were opened last.
fn on_read(app: &mut App, study: Arc<Study>, loading: Loading) -> Vec<Effect> {
    let recent = match &loading.target {
        Target::Path(path) if !loading.is_watched && !group::is_visit(app, &loading.target) => {
            Some(Effect::AddRecent(path.clone()))
        }
        _ => None,
    };
    let mut effects = open(app, study, loading.target, loading.how);
    effects.extend(group::on_read(app));
    effects.extend(watch::on_opened(app, loading.is_watched));
    effects.extend(recent);
    effects
}

/// Figures of the first rows come on screen, and the load goes on behind them; but not over figures of
/// all rows of the same file, which is then loaded again.
pub(super) fn on_preview(app: &mut App, number: u64, study: Arc<Study>) -> Vec<Effect> {
    let Activity::Loading(loading) = &mut app.activity else {
        return Vec::new();
    };
    let target = &loading.target;
    let is_whole = |open: &Session| open.target == *target && open.study.first.is_none();
    if number != app.load_number || app.session.as_ref().is_some_and(is_whole) {
        return Vec::new();
    }
    loading.is_behind = true;
    let (target, how) = (target.clone(), loading.how.clone());
    open(app, study, target, how)
}

/// Shows a study. The same file, or another of several that are open together, keeps screen, temperature and cursor; a
/// temperature that was T* is the T* of the new one. If the same file was read the same way, the figures at the cursor
/// stay until there are new ones.
pub(super) fn open(app: &mut App, study: Arc<Study>, target: Target, how: How) -> Vec<Effect> {
    let cut = app.settings.diagram;
    let old = app.session.take();
    let old = old.filter(|old| old.target == target || group::is_of_group(app, old, &target));
    let is_same_way = old.as_ref().is_some_and(|old| old.how == how && old.target == target);
    let mut session = match old {
        Some(old) => {
            let follows_star = old.star() == Some(old.place.temperature)
                && group::is_other_member(app, &old, (&target, study.info.step()));
            let mut session = Session::new(study, target, old.place, cut);
            if let Some(star) = session.star().filter(|_| follows_star) {
                session.place.temperature = star;
            }
            if is_same_way {
                session.keep_until_refreshed(old.figures);
            }
            session
        }
        None => Session::new(study, target, Place::new(cut), cut),
    };
    if how.origin == Origin::Remembered && !is_same_way {
        app.notice = Some(format!(
            "as remembered for files like this: {} · c changes it",
            how.choice.words()
        ));
    }
    session.how = how;
    study::settle_cursors(&mut session);
    app.session = Some(session);
    app.at_home = false;
    study::refresh(app)
}
