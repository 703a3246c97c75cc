//! Clicks land on what is drawn there.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::*;
use crate::tui::state::Screen;

fn mouse(app: &mut App, kind: MouseEventKind, column: u16, row: u16) -> Vec<Effect> {
    let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
    update(app, Message::Mouse(event))
}

fn click(app: &mut App, column: u16, row: u16) -> Vec<Effect> {
    mouse(app, MouseEventKind::Down(MouseButton::Left), column, row)
}

/// Column and row of the first cell that starts `words`.
fn find(app: &App, words: &str) -> (u16, u16) {
    for (row, line) in (0..).zip(screen(app).lines()) {
        if let Some(at) = line.find(words) {
            let column = line[..at].chars().count();
            return (u16::try_from(column).unwrap(), row);
        }
    }
    panic!("{words:?} is not on screen:\n{}", screen(app));
}

/// The same below the slider of the header.
fn find_below_header(app: &App, words: &str) -> (u16, u16) {
    let screen = screen(app);
    let below = (0..).zip(screen.lines()).skip(3);
    for (row, line) in below {
        if let Some(at) = line.find(words) {
            let column = line[..at].chars().count();
            return (u16::try_from(column).unwrap(), row);
        }
    }
    panic!("{words:?} is not on screen:\n{screen}");
}

#[test]
fn tabs_panels_and_hints_answer() {
    let mut app = app(120, 36);
    let (column, row) = find(&app, "3 Temperature");
    click(&mut app, column, row);
    assert_eq!(app.shown().unwrap().place.screen, Screen::Temperature);
    let (column, row) = find(&app, "1 Overview");
    click(&mut app, column, row);
    let (column, row) = find(&app, "5 Margins ─");
    click(&mut app, column, row);
    assert_eq!(app.shown().unwrap().place.screen, Screen::Margins);
    let (column, row) = find(&app, "q quit");
    let effects = click(&mut app, column, row);
    assert!(matches!(effects[..], [Effect::Quit(false)]));
}

#[test]
fn a_click_on_the_axis_sets_the_temperature_drawn_there() {
    let mut app = app(120, 36);
    press(&mut app, "3");
    // The mark of T* stands where the scale puts it: a click there gives T* to a column's width.
    let (column, row) = find(&app, "◆");
    let effects = click(&mut app, column, row);
    assert!(request(&effects).is_some());
    let session = app.session.as_ref().unwrap();
    let star = session.star().unwrap().value();
    assert!((session.t() / star).ln().abs() < 0.05, "{} {star}", session.t());
    answer(&mut app, &effects);
    assert!(screen(&app).contains('●'));
    let before = app.session.as_ref().unwrap().t();
    mouse(&mut app, MouseEventKind::Drag(MouseButton::Left), column + 9, row);
    assert!(app.session.as_ref().unwrap().t() > before);
}

#[test]
fn the_slider_of_the_header_answers_on_every_screen() {
    let mut app = app(120, 36);
    for key in ["1", "2", "4", "5"] {
        press_and_wait(&mut app, key);
        press_and_wait(&mut app, "0");
        let (column, row) = find(&app, "┼");
        assert_eq!(row, 0);
        click(&mut app, column, row);
        assert!(app.session.as_ref().unwrap().t() > 1.3);
    }
}

#[test]
fn a_click_chooses_the_bin_under_it() {
    let mut app = app(120, 36);
    press(&mut app, "2");
    let (column, row) = find(&app, "━━━");
    let chosen = app.session.as_ref().unwrap().place.bin;
    click(&mut app, column - 4, row - 5);
    assert_eq!(app.session.as_ref().unwrap().place.bin, chosen - 1);
    assert_eq!(find(&app, "━━━"), (column - 4, row));
}

#[test]
fn a_click_chooses_the_step_or_the_number_of_bins_under_it() {
    let mut app = app(120, 36);
    press_and_wait(&mut app, "2");
    press(&mut app, "vv");
    update(&mut app, event(KeyCode::Home));
    let (first, row) = find_below_header(&app, "●");
    update(&mut app, event(KeyCode::End));
    let (last, row_of_last) = find_below_header(&app, "●");
    let step = |app: &App| app.session.as_ref().unwrap().chosen_step().unwrap();
    click(&mut app, first, row);
    assert_eq!(step(&app), 0);
    assert_eq!(find_below_header(&app, "●"), (first, row));
    // Several steps may share a column: whichever is taken, its mark stands there.
    click(&mut app, last, row_of_last);
    assert!(step(&app) > 0);
    assert_eq!(find_below_header(&app, "●").0, last);
    press(&mut app, "v");
    update(&mut app, event(KeyCode::End));
    let (column, row) = find_below_header(&app, "●");
    update(&mut app, event(KeyCode::Home));
    mouse(&mut app, MouseEventKind::Drag(MouseButton::Left), column, row);
    let chosen = app.session.as_ref().unwrap().chosen_bin_count();
    assert!(chosen > Some(95), "{chosen:?}");
    assert_eq!(find_below_header(&app, "●").0, column);
}

#[test]
fn a_click_on_a_histogram_chooses_its_cell() {
    let mut app = app(120, 36);
    press(&mut app, "4");
    let (column, row) = find(&app, "standard deviation");
    click(&mut app, column + 20, row + 3);
    let place = &app.session.as_ref().unwrap().place;
    assert_eq!(place.focus[Screen::Logits.index()], 1);
    assert!(place.cells[1] > 0);
    press(&mut app, "5");
    let (column, row) = find(&app, "top-two margin");
    click(&mut app, column + 20, row + 4);
    assert!(app.session.as_ref().unwrap().place.threshold > 0);
    assert!(!screen(&app).contains("keeps 3,000 of"));
}

#[test]
fn behind_an_overlay_nothing_answers() {
    let mut app = app(120, 36);
    let (column, row) = find(&app, "3 Temperature");
    press(&mut app, "?");
    click(&mut app, column, row);
    assert_eq!(app.session.as_ref().unwrap().place.screen, Screen::Overview);
}
