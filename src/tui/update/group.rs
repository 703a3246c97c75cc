//! Several files or steps: reading them behind the screens, and going from one to the other.

mod members;
mod visits;

use std::path::PathBuf;
use std::sync::Arc;

use super::super::choice::{Field, Pick};
use super::super::event::{Effect, Target};
use super::super::group_event::{GroupJob, GroupNews};
use super::super::keymap::{Action, Motion};
use super::super::services::Failure;
use super::super::state::{
    App, CompareView, Gathered, Group, GroupKind, MemberState, Origin, Screen, Session,
};
use super::super::view;
use super::{load, moved};
pub(super) use members::add;
pub(super) use visits::{go_to, on_failed};

/// Steps or models of a page.
const PAGE: usize = 5;

/// Opens several files together.
pub(super) fn open_files(app: &mut App, paths: &[PathBuf]) -> Vec<Effect> {
    app.group_number += 1;
    let group = Group::of_files(app.group_number, paths);
    let order = group.current().map(|member| member.order.clone());
    app.group = Some(group);
    order.map(|order| load(app, order)).unwrap_or_default()
}

/// True if `target` is a member of the group that is read already: going to it opens nothing new.
pub(super) fn is_visit(app: &App, target: &Target) -> bool {
    let has = |group: &Group| group.members.iter().any(|m| m.order.target == *target);
    app.group.as_ref().is_some_and(|g| g.is_begun && has(g))
}

/// A study of all rows is on screen: a member of the group, or something else, which may hold steps of its own.
pub(super) fn on_read(app: &mut App) -> Vec<Effect> {
    let Some(session) = app.session.as_ref() else {
        return Vec::new();
    };
    let place = app.group.as_ref().and_then(|g| g.shown_by(session));
    let mut effects = match place {
        Some(place) => arrived(app, place),
        None => leave(app),
    };
    if app.group.is_none() {
        effects.extend(form(app));
    }
    leave_absent_screen(app);
    effects
}

/// The member at `place` is shown. If it was read another way than it was ordered, so are all.
fn arrived(app: &mut App, place: usize) -> Vec<Effect> {
    let (Some(group), Some(session)) = (app.group.as_mut(), app.session.as_mut()) else {
        return Vec::new();
    };
    group.cursor = place;
    let how = session.how.clone();
    let is_new_way = how.origin == Origin::Dialog
        && group.members[place].order.choice.as_ref() != Some(&how.choice);
    if is_new_way {
        let common = how.choice.without(Field::Step);
        for member in &mut group.members {
            let step = member.step.filter(|_| member.is_within);
            let pick = step.map(|step| Pick::inside(step.to_string()));
            let choice = pick.map(|pick| common.with(Field::Step, pick));
            member.order.choice = Some(choice.unwrap_or_else(|| common.clone()));
        }
        group.forget();
    }
    let (id, study) = (group.members[place].id, Arc::clone(&session.study));
    group.keep(id, study, how, app.settings.flags.memory);
    if group.is_begun && !is_new_way {
        return Vec::new();
    }
    if !group.is_begun {
        group.compare.row = place;
        session.place.screen = group.kind.screen();
    }
    gather(app)
}

/// The steps within the file that is shown, if it holds several and none was asked for.
fn form(app: &mut App) -> Vec<Effect> {
    let Some(session) = app.session.as_ref() else {
        return Vec::new();
    };
    let steps = session.study.info.steps();
    let is_asked_for = app.settings.flags.step.is_some();
    if steps.len() < 2 || is_asked_for || session.target == Target::Sample {
        return Vec::new();
    }
    app.group_number += 1;
    let choice = &session.how.choice;
    let mut group = Group::of_steps(app.group_number, &session.target, choice, &steps);
    let Some(place) = group.shown_by(session) else {
        return Vec::new();
    };
    group.cursor = place;
    let (id, study, how) =
        (group.members[place].id, Arc::clone(&session.study), session.how.clone());
    group.keep(id, study, how, app.settings.flags.memory);
    app.group = Some(group);
    app.notice.get_or_insert(format!(
        "{} steps in this file: 9 shows the training run, , and . go from step to step",
        steps.len()
    ));
    gather(app)
}

/// Reads what is missing, and looks for new steps.
fn gather(app: &mut App) -> Vec<Effect> {
    let Some(group) = app.group.as_mut() else {
        return Vec::new();
    };
    app.group_number += 1;
    group.number = app.group_number;
    group.is_begun = true;
    let missing = group.missing();
    group.is_gathering = !missing.is_empty();
    let with_studies = group.kind == GroupKind::Comparison;
    let job = if missing.is_empty() {
        judge(group)
    } else {
        Some(GroupJob::Gather(missing, with_studies))
    };
    let effects = job.into_iter().chain(follow(group));
    effects.map(|job| Effect::Group(group.number, job)).collect()
}

/// The run is to be judged, once it has two steps.
fn judge(group: &Group) -> Option<GroupJob> {
    let steps: Vec<_> = group.read().map(|(_, read)| read.step.clone()).collect();
    (group.kind == GroupKind::Run && steps.len() > 1).then_some(GroupJob::Judge(steps))
}

/// A run of files may go on.
fn follow(group: &Group) -> Option<GroupJob> {
    let path = |target: &Target| match target {
        Target::Path(path) => Some(path.clone()),
        Target::Sample => None,
    };
    let is_run = group.kind == GroupKind::Run && group.members.iter().all(|m| !m.is_within);
    let known: Vec<PathBuf> =
        group.members.iter().filter_map(|member| path(&member.order.target)).collect();
    let first = known.first().filter(|_| is_run)?.clone();
    Some(GroupJob::Follow(first, known))
}

/// What the threads of a group have to tell.
pub(super) fn on_news(app: &mut App, number: u64, news: GroupNews) -> Vec<Effect> {
    let Some(group) = app.group.as_mut().filter(|group| group.number == number) else {
        return Vec::new();
    };
    match news {
        GroupNews::Read(id, result) => on_member(group, id, result),
        GroupNews::AllRead => {
            group.is_gathering = false;
            let job = judge(group);
            job.map(|job| Effect::Group(number, job)).into_iter().collect()
        }
        GroupNews::Judged(findings, departures) => {
            (group.findings, group.departures) = (findings, departures);
            Vec::new()
        }
        GroupNews::Paired { reference, model, outcome } => {
            if group.compare.reference == reference && group.place_of(model).is_some() {
                let pairs = &mut group.compare.pairs;
                pairs.retain(|(id, _)| *id != model);
                pairs.push((model, outcome.map(|paired| *paired)));
            }
            Vec::new()
        }
        GroupNews::Appeared(paths) => on_appeared(app, &paths),
    }
}

fn on_member(group: &mut Group, id: usize, result: Result<Arc<Gathered>, Failure>) -> Vec<Effect> {
    let Some(place) = group.place_of(id) else {
        return Vec::new();
    };
    group.members[place].state = match result {
        Ok(gathered) => MemberState::Read(gathered),
        Err(failure) => MemberState::Failed(failure.message),
    };
    if group.kind != GroupKind::Comparison {
        return Vec::new();
    }
    let job = if id == group.compare.reference {
        pairs(group, |_| true)
    } else {
        pairs(group, |model| model == id)
    };
    job.into_iter().collect()
}

/// The comparisons with the reference of those models that `wanted` names by id.
fn pairs(group: &Group, wanted: impl Fn(usize) -> bool) -> Option<Effect> {
    let study = |id: usize| {
        let read = group.members[group.place_of(id)?].read()?;
        Some((id, Arc::clone(read.study.as_ref()?)))
    };
    let reference = study(group.compare.reference)?;
    let ids = group.members.iter().map(|member| member.id);
    let models: Vec<_> =
        ids.filter(|id| *id != reference.0 && wanted(*id)).filter_map(study).collect();
    let job = GroupJob::Pair(reference, models.clone());
    (!models.is_empty()).then(|| Effect::Group(group.number, job))
}

/// New steps are read; the cursor goes with them if it stood on the last one.
fn on_appeared(app: &mut App, paths: &[PathBuf]) -> Vec<Effect> {
    let Some(group) = app.group.as_mut() else {
        return Vec::new();
    };
    let was_last = group.cursor + 1 == group.members.len();
    let new = group.add_steps(paths);
    let names: Vec<String> = new
        .iter()
        .filter_map(|id| Some(group.members[group.place_of(*id)?].name.clone()))
        .collect();
    let last = group.members.len() - 1;
    let mut effects = gather(app);
    if names.is_empty() {
        return effects;
    }
    if was_last {
        effects.extend(go_to(app, last));
    }
    app.notice = Some(format!("{} has appeared", names.join(", ")));
    effects
}

/// A load was stopped: the cursor goes back to what is shown.
pub(super) fn on_stopped(app: &mut App) -> Vec<Effect> {
    let shown = match (&app.group, &app.session) {
        (Some(group), Some(session)) => group.shown_by(session),
        _ => None,
    };
    match (&mut app.group, shown) {
        (Some(group), Some(place)) => {
            group.cursor = place;
            Vec::new()
        }
        (Some(_), None) => leave(app),
        (None, _) => Vec::new(),
    }
}

/// What is shown is no member: the group is closed.
fn leave(app: &mut App) -> Vec<Effect> {
    match app.group.take() {
        Some(group) => vec![Effect::Group(group.number, GroupJob::End)],
        None => Vec::new(),
    }
}

/// The screen of a group that is no more is left.
fn leave_absent_screen(app: &mut App) {
    let screens = app.screens();
    if let Some(session) = app.session.as_mut()
        && !screens.contains(&session.place.screen)
    {
        session.place.screen = Screen::Overview;
    }
}

/// Esc on the screen of the group while it is read: what was read stays. `None` if there is nothing to stop.
pub(super) fn stop(app: &mut App) -> Option<Vec<Effect>> {
    let screen = app.shown()?.place.screen;
    let group = app.group.as_mut()?;
    if !group.is_gathering || screen != group.kind.screen() {
        return None;
    }
    app.group_number += 1;
    group.number = app.group_number;
    group.is_gathering = false;
    let (n_read, noun) = (group.read().count(), group.kind.noun());
    app.notice = Some(format!(
        "stopped: {n_read} of {} {noun}s are read · r reads the others",
        group.members.len()
    ));
    let jobs = [Some(GroupJob::Stop), judge(group), follow(group)];
    let effect = |job| Effect::Group(group.number, job);
    Some(jobs.into_iter().flatten().map(effect).collect())
}

/// `r` on the screen of the group: what failed or was not read yet, or else all of it. `None` on other screens.
pub(super) fn reload(app: &mut App) -> Option<Vec<Effect>> {
    let screen = app.shown()?.place.screen;
    let group = app.group.as_mut().filter(|g| g.kind.screen() == screen)?;
    let is_done = group.missing().is_empty() && group.read().count() == group.members.len();
    if is_done {
        group.forget();
    }
    for member in &mut group.members {
        if let MemberState::Failed(_) = member.state {
            member.state = MemberState::Waiting;
        }
    }
    Some(gather(app))
}

/// Keys of the screens of a group, and those that go from member to member.
pub(super) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    let (view, columns) = (view::compare_view(app), view::compare_columns(app));
    let Some(group) = app.group.as_mut() else {
        return Vec::new();
    };
    match action {
        Action::PreviousMember => return step(app, Motion::Back),
        Action::NextMember => return step(app, Motion::Forward),
        Action::Metric => group.compare.metric = group.compare.metric.next(),
        Action::OtherView => group.compare.view = view.map(CompareView::next),
        Action::PreviousColumn | Action::NextColumn => {
            let Some(shown) = columns else {
                return Vec::new();
            };
            let motion = match action {
                Action::NextColumn => Motion::Forward,
                _ => Motion::Back,
            };
            group.compare.column = moved(shown.columns.start, motion, shown.last_first, PAGE);
        }
        Action::Reference => {
            group.compare.reference = group.members[group.compare.row].id;
            group.compare.pairs.clear();
            return pairs(group, |_| true).into_iter().collect();
        }
        Action::OtherKind => return other_kind(app),
        Action::RemoveMember => return members::remove(app),
        Action::Confirm => {
            let place = match group.kind {
                GroupKind::Run => group.cursor,
                GroupKind::Comparison => group.compare.row,
            };
            let effects = go_to(app, place);
            show_overview(app);
            return effects;
        }
        _ => {}
    }
    Vec::new()
}

fn show_overview(app: &mut App) {
    if let Some(session) = app.session.as_mut() {
        session.place.screen = Screen::Overview;
    }
}

fn step(app: &mut App, motion: Motion) -> Vec<Effect> {
    let Some(group) = app.group.as_ref() else {
        return Vec::new();
    };
    let last = group.members.len().saturating_sub(1);
    let to = moved(group.cursor, motion, last, PAGE);
    if to == group.cursor {
        return Vec::new();
    }
    go_to(app, to)
}

/// Moves the cursor of the Run screen, which all screens follow, or that of the Compare screen.
pub(super) fn move_cursor(app: &mut App, motion: Motion) -> Vec<Effect> {
    let Some(group) = app.group.as_mut() else {
        return Vec::new();
    };
    if group.kind == GroupKind::Run {
        return step(app, motion);
    }
    let last = group.members.len().saturating_sub(1);
    group.compare.row = moved(group.compare.row, motion, last, PAGE);
    Vec::new()
}

/// A step or a model was clicked; the chosen model once more shows it.
pub(super) fn click(app: &mut App, place: usize) -> Vec<Effect> {
    let Some(group) = app.group.as_mut() else {
        return Vec::new();
    };
    if group.kind == GroupKind::Run {
        return go_to(app, place);
    }
    if group.compare.row == place {
        return act(app, Action::Confirm);
    }
    group.compare.row = place.min(group.members.len().saturating_sub(1));
    Vec::new()
}

/// `R`: a run is compared like models, models are looked at as a run.
fn other_kind(app: &mut App) -> Vec<Effect> {
    let (Some(group), Some(session)) = (app.group.as_mut(), app.session.as_mut()) else {
        return Vec::new();
    };
    group.kind = match group.kind {
        GroupKind::Run => GroupKind::Comparison,
        GroupKind::Comparison => GroupKind::Run,
    };
    group.compare.row = group.cursor;
    session.place.screen = group.kind.screen();
    gather(app)
}

/// Whether `old` was another member than `new` will be: its T* is followed, every other T stays as it is.
pub(super) fn is_other_member(app: &App, old: &Session, new: (&Target, Option<&str>)) -> bool {
    let is_same = old.target == *new.0 && old.study.info.step() == new.1;
    !is_same && is_of_group(app, old, new.0)
}

/// True if a study of `target` goes on where `old` was.
pub(super) fn is_of_group(app: &App, old: &Session, target: &Target) -> bool {
    let has = |group: &Group| group.members.iter().any(|m| m.order.target == *target);
    let holds_old = |group: &Group| group.shown_by(old).is_some();
    app.group.as_ref().is_some_and(|g| has(g) && holds_old(g))
}
