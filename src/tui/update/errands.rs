//! Computations on demand: what starts them, what stops them, and what they tell.

use std::sync::Arc;

use super::super::errand::{
    Errand, ErrandOrder, ErrandProgress, MeasuresAnswer, MeasuresRequest, Told,
};
use super::super::event::{Effect, Message};
use super::super::state::{App, Run};

/// What the screen lacks, and nobody computes yet.
pub(super) fn wanted(app: &mut App) -> Vec<Effect> {
    // The first rows of a file change with every look at them: their measures would come too late.
    let is_whole = app.shown().is_some_and(|s| s.study.first.is_none());
    if !is_whole || app.is_covered() {
        return Vec::new();
    }
    let mut effects = Vec::new();
    let options = app.settings.analysis.clone();
    let Some(session) = app.session.as_mut() else {
        return effects;
    };
    for errand in session.needs() {
        if *session.extras.run(*errand) != Run::Idle {
            continue;
        }
        app.errand_number += 1;
        let number = app.errand_number;
        let begins = ErrandProgress { phase: "computing".into(), done: 0, total: 0 };
        *session.extras.run_mut(*errand) = Run::Running(number, begins);
        effects.push(Effect::Run(ErrandOrder {
            number,
            errand: *errand,
            study: Arc::clone(&session.study),
            options: options.clone(),
        }));
    }
    let temperature = session.place.temperature;
    let is_asked = session.extras.asked == Some(temperature);
    if session.follows_measures() && !session.is_at_one() && !is_asked {
        session.extras.asked = Some(temperature);
        effects.push(Effect::Measures(MeasuresRequest {
            study: Arc::clone(&session.study),
            temperature,
            options,
        }));
    }
    effects
}

/// Takes what an errand or the thread for measures has to say.
pub(super) fn on_answer(app: &mut App, message: Message) -> Vec<Effect> {
    match message {
        Message::Told(number, told) => on_told(app, number, told),
        Message::Measures(answer) => on_measures(app, answer),
        _ => {}
    }
    Vec::new()
}

/// Takes what an errand tells; an older run is not heard.
fn on_told(app: &mut App, number: u64, told: Told) {
    let Some(session) = app.session.as_mut() else {
        return;
    };
    let extras = &mut session.extras;
    let Some(errand) = extras.running(number) else {
        return;
    };
    match told {
        Told::Progress(progress) => *extras.run_mut(errand) = Run::Running(number, progress),
        Told::Further(further) => extras.further = further,
        Told::Methods(methods) => extras.methods = Some(methods),
        Told::Thresholds(thresholds) => extras.thresholds = Some(thresholds),
        Told::Done => *extras.run_mut(errand) = Run::Done,
        Told::Stopped => *extras.run_mut(errand) = Run::Stopped,
        Told::Failed(why) => *extras.run_mut(errand) = Run::Failed(why),
    }
}

/// Takes measures at a temperature.
fn on_measures(app: &mut App, answer: MeasuresAnswer) {
    let Some(session) = app.session.as_mut() else {
        return;
    };
    let is_of_it = Arc::ptr_eq(&session.study, &answer.study);
    if !is_of_it || session.extras.asked != Some(answer.temperature) {
        return;
    }
    match answer.measures {
        Ok(measures) => session.extras.cursor = Some(measures),
        Err(why) => app.notice = Some(why),
    }
}

/// Esc: stops what runs for this screen, if anything does.
pub(super) fn stop(app: &mut App) -> Option<Vec<Effect>> {
    if app.at_home {
        return None;
    }
    let session = app.session.as_mut()?;
    let is_running = |errand: &Errand| matches!(session.extras.run(*errand), Run::Running(..));
    // What the user asked for last comes first.
    let errand = session.needs().iter().rev().copied().find(is_running)?;
    *session.extras.run_mut(errand) = Run::Stopped;
    app.notice = Some("stopped: it begins again when you come back here".into());
    Some(vec![Effect::Stop(errand)])
}

/// A screen or a view comes up: what was stopped may begin again.
pub(super) fn renew(app: &mut App) {
    let Some(session) = app.session.as_mut() else {
        return;
    };
    for errand in session.needs() {
        let run = session.extras.run_mut(*errand);
        if *run == Run::Stopped {
            *run = Run::Idle;
        }
    }
}
