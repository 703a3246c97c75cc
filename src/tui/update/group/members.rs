//! Models that are taken into a comparison, and out of it.

use std::path::PathBuf;

use super::{gather, pairs};
use crate::tui::choice::Field;
use crate::tui::event::Effect;
use crate::tui::state::{App, Group, GroupKind, MemberState};

/// Takes a file into the comparison: it is read as the others are, and compared with the reference.
pub(in crate::tui::update) fn add(app: &mut App, path: PathBuf) -> Vec<Effect> {
    let Some(group) = app.group.as_mut() else {
        return Vec::new();
    };
    let choice = group.members.first().and_then(|m| m.order.choice.clone());
    let new = group.add_steps(&[path]);
    let Some(place) = new.first().and_then(|id| group.place_of(*id)) else {
        app.notice = Some("this model is among them already".into());
        return Vec::new();
    };
    group.members[place].order.choice = choice.map(|choice| choice.without(Field::Step));
    group.compare.row = place;
    let mut effects = gather(app);
    effects.extend(app.group.as_ref().and_then(unanswered));
    effects
}

/// The comparisons that nobody answered yet: what is underway for an older number of the group is not heard.
fn unanswered(group: &Group) -> Option<Effect> {
    let answered = |model: usize| group.compare.pairs.iter().any(|(id, _)| *id == model);
    pairs(group, |model| !answered(model))
}

/// Takes the chosen model out. The one that the other screens show stays, and so does the last one.
pub(super) fn remove(app: &mut App) -> Vec<Effect> {
    let Some(group) = app.group.as_mut() else {
        return Vec::new();
    };
    let place = group.compare.row;
    let shown = app.session.as_ref().and_then(|s| group.shown_by(s));
    let Some(member) = group.members.get(place) else {
        return Vec::new();
    };
    if group.kind != GroupKind::Comparison || shown == Some(place) || group.cursor == place {
        app.notice = Some(format!(
            "{} is on the other screens: let them show another one first",
            member.name
        ));
        return Vec::new();
    }
    let id = member.id;
    app.notice = Some(format!("{} is left out; its file stays", member.name));
    group.remove(place);
    if group.compare.reference != id {
        return Vec::new();
    }
    let is_read = |state: &MemberState| matches!(state, MemberState::Read(_));
    let mut others = group.members.iter();
    let next = others.clone().find(|m| is_read(&m.state)).or_else(|| others.next());
    group.compare.reference = next.map_or(id, |member| member.id);
    group.compare.pairs.clear();
    pairs(group, |_| true).into_iter().collect()
}
