//! The list of findings: choosing one, having it explained, going where it can be seen.

use crate::diagnosis::{Finding, Place as Seen, Rule, thresholds};
use crate::metrics::Histogram;

use super::super::event::Effect;
use super::super::keymap::{Action, Motion};
use super::super::state::{
    App, ClassesPlace, FindingsList, FindingsPage, Group, GroupKind, Overlay, Place, Screen,
    Session,
};
use super::super::view;
use super::{group, moved};

/// The histograms of the Logits screen, by their place.
const LARGEST: usize = 0;
const SPREAD: usize = 1;

/// Opens the list at a finding, or says why there is none.
pub(super) fn open(app: &mut App, at: usize) -> Vec<Effect> {
    let Some(session) = app.shown() else {
        return Vec::new();
    };
    let n_findings = app.findings().len();
    if n_findings == 0 {
        app.notice = Some(match session.study.first {
            Some(_) => "findings come once all rows are read".into(),
            None => "no rule has found anything".into(),
        });
    } else {
        let at = at.min(n_findings - 1);
        app.overlays.push(Overlay::Findings(FindingsList::at(at)));
    }
    Vec::new()
}

fn list_mut(app: &mut App) -> Option<&mut FindingsList> {
    match app.overlays.last_mut() {
        Some(Overlay::Findings(list)) => Some(list),
        _ => None,
    }
}

/// The finding that is chosen in the list, if the list is open.
pub(super) fn chosen(app: &App) -> Option<Finding> {
    match app.overlays.last() {
        Some(Overlay::Findings(list)) => list.chosen(&app.findings()).cloned(),
        _ => None,
    }
}

/// Does what a key asks of the open list.
pub(super) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Move(motion) => move_cursor(app, motion),
        Action::Confirm => turn(app, FindingsPage::Explanation),
        Action::FindingRows => show_rows(app),
        Action::FindingPlace => return go(app),
        _ => {}
    }
    Vec::new()
}

/// Esc: from a page back to the list. False if there is nothing to go back from.
pub(super) fn back(app: &mut App) -> bool {
    let Some(list) = list_mut(app).filter(|list| list.page != FindingsPage::List) else {
        return false;
    };
    *list = FindingsList::at(list.cursor);
    true
}

/// A press on a finding opens the list there; in the list it chooses the finding, and explains the chosen one.
pub(super) fn click(app: &mut App, at: usize) -> Vec<Effect> {
    match list_mut(app) {
        None => return open(app, at),
        Some(list) if list.cursor == at => turn(app, FindingsPage::Explanation),
        Some(list) => list.cursor = at,
    }
    Vec::new()
}

fn turn(app: &mut App, page: FindingsPage) {
    if let Some(list) = list_mut(app) {
        list.page = page;
        list.scroll = 0;
    }
}

fn show_rows(app: &mut App) {
    match chosen(app).map(|finding| finding.rows.is_empty()) {
        Some(false) => turn(app, FindingsPage::Rows),
        Some(true) => app.notice = Some("this finding is about no row in particular".into()),
        None => {}
    }
}

/// In the list from finding to finding, on a page line by line.
fn move_cursor(app: &mut App, motion: Motion) {
    let last = app.findings().len().saturating_sub(1);
    let overflow = view::findings_overflow(app);
    let Some(list) = list_mut(app) else { return };
    if list.page == FindingsPage::List {
        list.cursor = moved(list.cursor.min(last), motion, last, 5);
    } else {
        list.scroll = moved(list.scroll.min(overflow), motion, overflow, 10);
    }
}

/// Closes the list and shows the screen, and there the bin, cell, threshold, class or step, that the finding is about.
fn go(app: &mut App) -> Vec<Effect> {
    let Some(finding) = chosen(app) else {
        return Vec::new();
    };
    app.overlays.pop();
    let run = app.group.as_ref().filter(|g| g.kind == GroupKind::Run);
    let step = run.and_then(|group| place_of_step(group, &finding));
    let has_run = run.is_some();
    if let Some(session) = app.session.as_mut() {
        session.place.screen = match finding.see {
            Seen::Run if has_run => Screen::Run,
            seen => screen(seen),
        };
        point(session, finding.rule);
        if finding.see == Seen::Classes {
            session.place.classes =
                ClassesPlace { class: class_of(&finding), ..ClassesPlace::default() };
        }
    }
    match step {
        Some(place) if finding.see == Seen::Run => group::go_to(app, place),
        _ => Vec::new(),
    }
}

/// The class that a finding is about, the first of several.
fn class_of(finding: &Finding) -> Option<usize> {
    let class = finding.number("class").or(finding.number("first_class"))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a class index is a whole number"
    )]
    let idx = class as usize;
    (class >= 0.0).then_some(idx)
}

/// The member at which what a finding on a run says begins: the step that it names, by its place among the steps that
/// were read or by its number.
fn place_of_step(group: &Group, finding: &Finding) -> Option<usize> {
    let is_step =
        |step: Option<u64>, number: f64| step.is_some_and(|n| (n as f64 - number).abs() < 0.5);
    if let Some(index) = finding.number("index") {
        let mut read = (0u32..).zip(group.read());
        return read.find(|(at, _)| f64::from(*at) >= index).map(|(_, (place, _))| place);
    }
    let number = finding.number("least_step")?;
    group.members.iter().position(|member| is_step(member.step, number))
}

fn screen(seen: Seen) -> Screen {
    match seen {
        Seen::Reliability => Screen::Reliability,
        Seen::Temperature => Screen::Temperature,
        Seen::Logits => Screen::Logits,
        Seen::Margins => Screen::Margins,
        Seen::Classes => Screen::Classes,
        // Without a run the Overview says most of the step.
        Seen::Overview | Seen::Run => Screen::Overview,
    }
}

/// Puts the cursor of the screen where the rule looks.
fn point(session: &mut Session, rule: Rule) {
    let margin = &session.study.analysis.histograms.margin;
    let lengths = session.logit_histograms().map(|h| h.correct.len());
    let last = |panel: usize| lengths[panel].saturating_sub(1);
    let certain = thresholds(Rule::Saturated).next().map(|row| row.value);
    let at_certain = certain.map_or(0, |z| cell_of(margin, z));
    let place = &mut session.place;
    match rule {
        Rule::F16Overflow
        | Rule::Exploding
        | Rule::HeavyTail
        | Rule::SoftCap
        | Rule::MeanDrift
        | Rule::LowResolution => on_logits(place, LARGEST, last(LARGEST)),
        Rule::ConstantRows | Rule::RowsAlike | Rule::Collapsed | Rule::Vanishing => {
            on_logits(place, SPREAD, 0);
        }
        Rule::TiedTop => place.threshold = 0,
        Rule::Saturated => place.threshold = at_certain,
        _ => {}
    }
}

fn on_logits(place: &mut Place, panel: usize, cell: usize) {
    place.focus[Screen::Logits.index()] = panel;
    place.cells[panel] = cell;
}

/// The first cell that begins at `z` or beyond; the end if there is none.
fn cell_of(histogram: &Histogram, z: f64) -> usize {
    histogram.edges.partition_point(|edge| *edge < z).min(histogram.correct.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cell_is_the_first_at_or_beyond_a_margin() {
        let histogram = Histogram {
            edges: vec![0.0, 8.0, 16.0, 24.0, 32.0],
            correct: vec![1; 4],
            wrong: vec![0; 4],
            below: 0,
            above: 0,
            wrong_above: 0,
        };
        for (z, cell) in [(0.0, 0), (8.0, 1), (16.64, 3), (32.0, 4), (50.0, 4)] {
            assert_eq!(cell_of(&histogram, z), cell, "{z}");
        }
    }
}
