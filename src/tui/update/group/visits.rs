//! Going to a member: from what is kept, or by a load behind the screen.

use crate::data::printable;
use crate::tui::event::Effect;
use crate::tui::services::Failure;
use crate::tui::state::{Activity, App, Loading, MemberState};
use crate::tui::update::{load, open};

/// Makes the member at `place` the one that the other screens show.
pub(in crate::tui::update) fn go_to(app: &mut App, place: usize) -> Vec<Effect> {
    let Some(group) = app.group.as_mut() else {
        return Vec::new();
    };
    let place = place.min(group.members.len().saturating_sub(1));
    group.cursor = place;
    group.compare.row = place;
    let shown = app.session.as_ref().and_then(|s| group.shown_by(s));
    let member = &group.members[place];
    let (kept, order) = (group.kept(member.id), member.order.clone());
    if let MemberState::Failed(why) = &member.state {
        app.notice = Some(format!("{} cannot be read: {why}", member.name));
        return end_visit(app);
    }
    if shown == Some(place) {
        return end_visit(app);
    }
    if let Some((study, how)) = kept {
        let mut effects = end_visit(app);
        effects.extend(open(app, study, order.target, how));
        return effects;
    }
    let effects = load(app, order);
    if let (Activity::Loading(loading), true) = (&mut app.activity, app.session.is_some()) {
        loading.is_behind = true;
    }
    effects
}

/// Stops a load that runs behind the screen.
fn end_visit(app: &mut App) -> Vec<Effect> {
    if app.streaming().is_none() {
        return Vec::new();
    }
    app.activity = Activity::Idle;
    app.load_number += 1;
    vec![Effect::Cancel]
}

/// A member could not be loaded: the others can, so no message covers the screen. `None` if nothing is left to show.
pub(in crate::tui::update) fn on_failed(
    app: &mut App,
    loading: &Loading,
    failure: &Failure,
) -> Option<Vec<Effect>> {
    let group = app.group.as_mut()?;
    let cursor = group.cursor;
    let member = group.members.get_mut(cursor)?;
    if member.order.target != loading.target || loading.is_watched {
        return None;
    }
    let why = printable(&failure.message);
    app.notice = Some(format!("{} cannot be read: {why}", member.name));
    member.state = MemberState::Failed(why);
    if app.session.as_ref().is_some_and(|s| group.shown_by(s).is_some()) {
        return Some(Vec::new());
    }
    let is_left = |place: &usize| !matches!(group.members[*place].state, MemberState::Failed(_));
    let next = (0..group.members.len()).filter(is_left).min_by_key(|place| place.abs_diff(cursor));
    let Some(next) = next else {
        app.group = None;
        app.notice = None;
        return None;
    };
    group.cursor = next;
    let order = group.members[next].order.clone();
    Some(load(app, order))
}
