//! What keys do on the screens of a study.

use std::sync::Arc;

use crate::data::{Temperature, printable};
use crate::metrics::{BIN_COUNTS as CURVE_BINS, Binning, DiagramOptions, Reliability};
use crate::pipeline::Study;

use super::super::event::{Agreed, CardEnd, Effect, Target};
use super::super::keymap::{Action, Motion};
use super::super::state::{App, Change, Chart, Overlay, OverviewPanel, Place, Screen, Session};
use super::super::view::{TWO_DIAGRAMS_FROM, overview_panels, temperature_range};
use super::{classes, errands, findings, group, moved};

/// The numbers of bins that `b` and `B` go through.
const BIN_COUNTS: [usize; 11] = [5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50];

/// Steps of undo that are kept.
const MAX_HISTORY: usize = 500;

/// How far the temperature axis can be zoomed: 2^6 times.
const MAX_ZOOM: u32 = 6;

/// Does what `action` asks of the study on screen.
pub(super) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    if app.shown().is_none() {
        return Vec::new();
    }
    let (panels, screens) = (overview_panels(app), app.screens());
    let Some(session) = app.session.as_mut() else {
        return Vec::new();
    };
    let n_panels = match session.place.screen {
        Screen::Overview => panels.len(),
        Screen::Logits => session.place.cells.len(),
        Screen::Reliability
        | Screen::Temperature
        | Screen::Margins
        | Screen::Classes
        | Screen::Compare
        | Screen::Run => 1,
    }
    .max(1);
    if matches!(session.place.screen, Screen::Compare | Screen::Run)
        && matches!(action, Action::Confirm | Action::OtherView)
    {
        return group::act(app, action);
    }
    match action {
        Action::Show(screen) if !screens.contains(&screen) => {
            app.notice =
                Some("R on the screen of all files changes between run and comparison".into());
        }
        Action::Show(screen) => {
            session.place.screen = screen;
            app.overlays.retain(|o| !matches!(o, Overlay::Detail));
            errands::renew(app);
        }
        Action::NextPanel => focus(&mut session.place, n_panels, 1),
        Action::PreviousPanel => focus(&mut session.place, n_panels, n_panels - 1),
        Action::Confirm if session.place.screen == Screen::Classes => classes::open_detail(app),
        Action::Confirm => return open_panel(app, &panels),
        Action::OtherView => {
            other_view(app);
            errands::renew(app);
        }
        Action::Sort | Action::SortReverse | Action::Filter => classes::act(app, action),
        Action::SideBySide if app.size.width < TWO_DIAGRAMS_FROM => {
            app.notice = Some(format!(
                "two diagrams side by side need {TWO_DIAGRAMS_FROM} columns, here are {}",
                app.size.width
            ));
        }
        Action::SideBySide => session.place.side_by_side = !session.place.side_by_side,
        Action::Axis => toggle_axis(&mut session.place),
        Action::ZoomIn => session.place.zoom = (session.place.zoom + 1).min(MAX_ZOOM),
        Action::ZoomOut => session.place.zoom = session.place.zoom.saturating_sub(1),
        Action::ZoomReset => session.place.zoom = 0,
        Action::FewerBins | Action::MoreBins | Action::Binning => return recut(app, action),
        Action::WriteCard => return write_card(app),
        Action::Move(motion) => return move_cursor(app, motion),
        _ => return move_temperature(app, action),
    }
    Vec::new()
}

/// The next view of what the screen shows.
fn other_view(app: &mut App) {
    let Some(session) = app.session.as_mut() else {
        return;
    };
    let place = &mut session.place;
    match place.screen {
        Screen::Reliability => place.chart = place.chart.next(),
        Screen::Temperature => place.shows_methods = !place.shows_methods,
        Screen::Margins => place.margins = place.margins.next(),
        Screen::Classes => classes::next_table(app),
        Screen::Overview | Screen::Logits | Screen::Compare | Screen::Run => {}
    }
}

/// Esc on a study: to the Overview, then home; from home back to the study.
pub(super) fn back(app: &mut App) {
    match app.session.as_mut() {
        Some(_) if app.at_home => app.at_home = false,
        Some(session) if is_filtered(session) => session.place.classes.filter.clear(),
        Some(session) if session.place.screen != Screen::Overview => {
            session.place.screen = Screen::Overview;
        }
        Some(_) => app.at_home = true,
        None => {}
    }
}

/// True if Esc has lines to bring back.
fn is_filtered(session: &Session) -> bool {
    session.place.screen == Screen::Classes && !session.place.classes.filter.is_empty()
}

/// Asks for what the screen lacks.
pub(super) fn refresh(app: &mut App) -> Vec<Effect> {
    app.serial += 1;
    let request = app.session.as_mut().and_then(|session| session.refresh(app.serial));
    request.map(Effect::Figures).into_iter().collect()
}

/// Brings cursors back into their charts: data or bins may have changed.
pub(super) fn settle_cursors(session: &mut Session) {
    let n_bins = session.figures.cursor.reliability.bins.len();
    session.place.bin = session.place.bin.min(n_bins.saturating_sub(1));
    let lengths = session.logit_histograms().map(|h| h.correct.len());
    for (cell, n_cells) in session.place.cells.iter_mut().zip(lengths) {
        *cell = (*cell).min(n_cells.saturating_sub(1));
    }
    let n_cells = session.study.analysis.histograms.margin.correct.len();
    session.place.threshold = session.place.threshold.min(n_cells);
}

fn focus(place: &mut Place, n_panels: usize, step: usize) {
    let at = &mut place.focus[place.screen.index()];
    *at = (*at + step) % n_panels;
}

/// On the Overview, what the focused panel opens.
fn open_panel(app: &mut App, panels: &[OverviewPanel]) -> Vec<Effect> {
    let Some(session) = app.session.as_mut() else {
        return Vec::new();
    };
    let place = &mut session.place;
    let focus = place.focus[Screen::Overview.index()];
    let panel = panels.get(focus).filter(|_| place.screen == Screen::Overview);
    match panel {
        Some(OverviewPanel::Findings) => return findings::open(app, 0),
        Some(OverviewPanel::Screen(screen)) => place.screen = *screen,
        None => {}
    }
    Vec::new()
}

fn toggle_axis(place: &mut Place) {
    if place.screen == Screen::Temperature {
        place.log_temperature = !place.log_temperature;
    } else {
        place.log_counts = !place.log_counts;
    }
}

fn recut(app: &mut App, action: Action) -> Vec<Effect> {
    let Some(session) = app.session.as_mut() else {
        return Vec::new();
    };
    let old = session.place.diagram;
    let next = match action {
        Action::Binning => DiagramOptions {
            binning: match old.binning {
                Binning::Width => Binning::Mass,
                Binning::Mass => Binning::Width,
            },
            ..old
        },
        _ => {
            DiagramOptions { n_bins: next_bin_count(old.n_bins, action == Action::MoreBins), ..old }
        }
    };
    if next == old {
        return Vec::new();
    }
    session.place.diagram = next;
    session.place.bin = session.place.bin * next.n_bins / old.n_bins.max(1);
    refresh(app)
}

fn next_bin_count(n_bins: usize, more: bool) -> usize {
    let next = if more {
        BIN_COUNTS.into_iter().find(|n| *n > n_bins)
    } else {
        BIN_COUNTS.into_iter().rev().find(|n| *n < n_bins)
    };
    next.unwrap_or(n_bins)
}

fn write_card(app: &mut App) -> Vec<Effect> {
    let Some(session) = app.session.as_ref() else {
        return Vec::new();
    };
    if session.star().is_none() {
        let why = session.study.analysis.fit.status.explain();
        app.notice = Some(format!("no card written: {why}"));
        return Vec::new();
    }
    if session.study.first.is_some() {
        app.notice = Some("no card written: these are not the exact figures of all rows".into());
        return Vec::new();
    }
    if session.target == Target::Sample {
        app.notice =
            Some("no card written: the sample has no folder; open a file of your own".into());
        return Vec::new();
    }
    let study = Arc::clone(&session.study);
    let asked = app.asked.take().filter(|(of, _)| Arc::ptr_eq(of, &study));
    let agreed = asked.map_or_else(Agreed::default, |(_, agreed)| agreed);
    vec![Effect::WriteCard(study, session.target.clone(), agreed)]
}

/// Says how the card ended; what is asked the next `w` agrees to.
pub(super) fn on_card(app: &mut App, study: Arc<Study>, end: Result<CardEnd, String>) {
    app.notice = Some(match end {
        Ok(CardEnd::Written(path)) => format!("wrote {}", printable(&path.display().to_string())),
        Ok(CardEnd::Asks(agreed, question)) => {
            app.asked = Some((study, agreed));
            question
        }
        Err(why) => format!("no card written: {why}"),
    });
}

fn move_cursor(app: &mut App, motion: Motion) -> Vec<Effect> {
    let Some(session) = app.session.as_mut() else {
        return Vec::new();
    };
    if session.place.screen == Screen::Classes {
        classes::move_cursor(session, motion);
        return Vec::new();
    }
    if session.place.screen == Screen::Reliability {
        move_on_reliability(session, motion);
        return Vec::new();
    }
    let lengths = session.logit_histograms().map(|h| h.correct.len());
    let n_margin = session.study.analysis.histograms.margin.correct.len();
    let place = &mut session.place;
    match place.screen {
        Screen::Logits => {
            let panel = place.focus[Screen::Logits.index()] % 3;
            let last = lengths[panel].saturating_sub(1);
            place.cells[panel] = moved(place.cells[panel], motion, last, 5);
        }
        Screen::Margins => place.threshold = moved(place.threshold, motion, n_margin, 5),
        Screen::Temperature => {
            let (low, high) = temperature_range(session);
            let to = if motion == Motion::First { low } else { high };
            return set_temperature(app, to, Change::Step);
        }
        Screen::Compare | Screen::Run => return group::move_cursor(app, motion),
        Screen::Overview | Screen::Reliability | Screen::Classes => {}
    }
    Vec::new()
}

/// Each view of the Reliability screen has a cursor of its own.
fn move_on_reliability(session: &mut Session, motion: Motion) {
    match session.place.chart {
        Chart::Bars | Chart::Dots => {
            let last = last_bin(&session.figures.cursor.reliability);
            session.place.bin = moved(session.place.bin, motion, last, 5);
        }
        Chart::Corp => {
            let n_steps = session.measures().map_or(0, |m| m.curves.corp.len());
            if let Some(step) = session.chosen_step() {
                let last = n_steps.saturating_sub(1);
                session.place.step = Some(moved(step, motion, last, 5));
            }
        }
        Chart::ByBins => {
            let (least, most) = (*CURVE_BINS.start(), *CURVE_BINS.end());
            if let Some(n_bins) = session.chosen_bin_count() {
                let at = moved(n_bins - least, motion, most - least, 5);
                session.place.bin_count = Some(least + at);
            }
        }
    }
}

/// The last bin; 0 if there is none, so that a cursor has a place.
fn last_bin(reliability: &Reliability) -> usize {
    reliability.bins.len().saturating_sub(1)
}

fn move_temperature(app: &mut App, action: Action) -> Vec<Effect> {
    let Some(session) = app.session.as_mut() else {
        return Vec::new();
    };
    let t = session.t();
    match action {
        Action::Cooler => set_temperature(app, stepped(t, -1.0), Change::Step),
        Action::Warmer => set_temperature(app, stepped(t, 1.0), Change::Step),
        Action::MuchCooler => set_temperature(app, stepped(t, -10.0), Change::Step),
        Action::MuchWarmer => set_temperature(app, stepped(t, 10.0), Change::Step),
        Action::One => set_temperature(app, 1.0, Change::Step),
        Action::Star => to_star(app),
        Action::Undo => undo(app),
        _ => Vec::new(),
    }
}

fn to_star(app: &mut App) -> Vec<Effect> {
    let Some(session) = app.session.as_ref() else {
        return Vec::new();
    };
    if let Some(star) = session.star() {
        return set_temperature(app, star.value(), Change::Step);
    }
    app.notice = Some(session.study.analysis.fit.status.explain().into());
    Vec::new()
}

fn undo(app: &mut App) -> Vec<Effect> {
    let place = app.session.as_mut().map(|session| &mut session.place);
    if let Some((place, earlier)) = place.and_then(|p| p.history.pop().map(|t| (p, t))) {
        place.temperature = earlier;
        place.is_dragging = false;
        return refresh(app);
    }
    app.notice = Some("nothing to undo".into());
    Vec::new()
}

/// `t` moved by `n_steps` steps of 0.01, or of a hundredth of its power of ten where that is larger
/// (from 10 on) or where 0.01 is too coarse (below 0.1). The result lies on the grid of steps, so
/// that 0.99 + 0.01 is 1 exactly.
fn stepped(t: f64, n_steps: f64) -> f64 {
    let unit = |t: f64| match t.log10().floor() {
        power if power >= 1.0 => 100.0 / 10_f64.powf(power),
        power if power < -1.0 => 100.0 * 10_f64.powf(-1.0 - power),
        _ => 100.0,
    };
    let per_unit = unit(t);
    let to = (t.mul_add(per_unit, n_steps)).round() / per_unit;
    if to > 0.0 && to >= t / 2.0 {
        return to;
    }
    // Never to zero or below: halve instead, while that is a temperature.
    if t / 2.0 >= 1e-300 { t / 2.0 } else { t }
}

/// Moves the cursor's temperature and asks for its figures.
pub(super) fn set_temperature(app: &mut App, value: f64, change: Change) -> Vec<Effect> {
    let Ok(temperature) = Temperature::new(value) else {
        app.notice = Some("a temperature is a finite number above 0".into());
        return Vec::new();
    };
    let Some(session) = app.session.as_mut() else {
        return Vec::new();
    };
    let place = &mut session.place;
    let is_dragged_on = change == Change::Drag && place.is_dragging;
    place.is_dragging = is_dragged_on;
    if temperature == place.temperature {
        return Vec::new();
    }
    if !is_dragged_on {
        if place.history.len() == MAX_HISTORY {
            place.history.remove(0);
        }
        place.history.push(place.temperature);
    }
    place.is_dragging = change != Change::Step;
    place.temperature = temperature;
    refresh(app)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_lie_on_a_grid_and_stay_positive() {
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12 * b.abs(), "{a} {b}");
        close(stepped(1.0, 1.0), 1.01);
        close(stepped(0.99, 1.0), 1.0);
        close(stepped(2.882_561, 1.0), 2.89);
        close(stepped(1.0, -10.0), 0.9);
        close(stepped(51_919.27, 1.0), 52_000.0);
        let mut t = 1.0;
        for _ in 0..2000 {
            t = stepped(t, -10.0);
            assert!(t > 0.0);
        }
    }

    #[test]
    fn bin_counts_go_up_and_down() {
        assert_eq!(next_bin_count(15, true), 20);
        assert_eq!(next_bin_count(15, false), 12);
        assert_eq!(next_bin_count(7, false), 6);
        assert_eq!(next_bin_count(50, true), 50);
        assert_eq!(next_bin_count(3, false), 3);
    }
}
