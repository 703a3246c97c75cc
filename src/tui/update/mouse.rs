//! What clicks, drags and the wheel do: the same as keys wherever there is a key.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::super::event::Effect;
use super::super::keymap::{Action, Motion};
use super::super::state::{App, Change, Overlay, Screen};
use super::super::view::{self, Click};
use super::{act, classes, columns, findings, group, picker, study};

/// Takes one mouse event.
pub(super) fn on_mouse(app: &mut App, event: MouseEvent) -> Vec<Effect> {
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => {
            app.notice = None;
            app.asked = None;
            focus_panel(app, event.column, event.row);
            match view::hit(app, event.column, event.row) {
                Some(click) => on_click(app, click),
                None => Vec::new(),
            }
        }
        MouseEventKind::Drag(MouseButton::Left) => {
            match view::hit(app, event.column, event.row) {
                // Only what slides is dragged; everything else would fire again and again.
                Some(Click::Temperature(t)) => {
                    study::set_temperature(app, rounded(t), Change::Drag)
                }
                Some(click @ (Click::Threshold(_) | Click::BinCount(_))) => on_click(app, click),
                _ => Vec::new(),
            }
        }
        MouseEventKind::ScrollDown => wheel(app, Motion::Forward, Action::ZoomOut),
        MouseEventKind::ScrollUp => wheel(app, Motion::Back, Action::ZoomIn),
        _ => Vec::new(),
    }
}

fn wheel(app: &mut App, motion: Motion, zoom: Action) -> Vec<Effect> {
    let is_covered = matches!(
        app.overlays.last(),
        Some(Overlay::Help(_) | Overlay::Picker(_) | Overlay::Columns(_) | Overlay::Findings(_))
    );
    match app.shown().map(|session| session.place.screen) {
        _ if is_covered => act(app, Action::Move(motion)),
        Some(Screen::Temperature) => act(app, zoom),
        Some(Screen::Overview) => Vec::new(),
        _ => act(app, Action::Move(motion)),
    }
}

/// A press anywhere in a panel of the Overview moves the focus there, whatever else it does.
fn focus_panel(app: &mut App, column: u16, row: u16) {
    let panel = view::overview_panel_at(app, column, row);
    if let (Some(session), Some(panel)) = (app.session.as_mut(), panel) {
        session.place.focus[Screen::Overview.index()] = panel;
    }
}

fn on_click(app: &mut App, click: Click) -> Vec<Effect> {
    match click {
        Click::Key(action) => return act(app, action),
        Click::Temperature(t) => {
            return study::set_temperature(app, rounded(t), Change::Press);
        }
        Click::HomeLine(line) => {
            if app.home.cursor == line {
                return act(app, Action::Confirm);
            }
            app.home.cursor = line;
        }
        Click::PickerRow(row) => return picker::click(app, row),
        Click::ColumnsRow(line) => columns::click(app, line),
        Click::Finding(idx) => return findings::click(app, idx),
        Click::Member(place) => return group::click(app, place),
        _ => {}
    }
    let Some(session) = app.session.as_mut() else {
        return Vec::new();
    };
    let place = &mut session.place;
    match click {
        Click::Bin(bin) => place.bin = bin,
        Click::Step(step) => place.step = Some(step),
        Click::BinCount(n_bins) => place.bin_count = Some(n_bins),
        Click::Cell(panel, cell) => {
            place.focus[Screen::Logits.index()] = panel;
            place.cells[panel] = cell;
        }
        Click::Threshold(cell) => place.threshold = cell,
        Click::Panel(screen) => place.screen = screen,
        Click::ClassLine(line) => classes::choose(session, line),
        _ => {}
    }
    Vec::new()
}

/// Three significant digits: a column of the axis stands for no more.
fn rounded(t: f64) -> f64 {
    let unit = 10_f64.powf(t.log10().floor() - 2.0);
    let digits = (t / unit).round();
    // Multiplying by the inverse keeps 1.23 from reading 1.2300000000000002.
    if unit < 1.0 { digits / unit.recip().round() } else { digits * unit }
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn a_click_gives_three_digits() {
        for (from, to) in [(1.234_56, 1.23), (0.098_765, 0.0988), (51_919.0, 51_900.0)] {
            assert!((rounded(from) - to).abs() < 1e-12 * to, "{from}");
        }
    }
}
