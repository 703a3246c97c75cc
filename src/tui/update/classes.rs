//! What keys do on the Classes screen.

use crossterm::event::KeyEvent;

use super::super::event::Effect;
use super::super::keymap::{Action, Motion};
use super::super::state::{App, ClassesPlace, LineInput, Overlay, Session};
use super::super::view;
use super::moved;

/// Lines of a page.
const PAGE: usize = 10;

/// Sorting and filtering.
pub(super) fn act(app: &mut App, action: Action) {
    let Some(session) = app.session.as_mut() else {
        return;
    };
    match action {
        Action::Sort => sort(session),
        Action::SortReverse => {
            let place = &mut session.place.classes;
            place.is_reversed = !place.is_reversed;
            choose(session, 0);
        }
        Action::Filter => {
            let line = LineInput::new(&session.place.classes.filter);
            app.overlays.push(Overlay::Filter(line));
        }
        _ => {}
    }
}

/// The next column, and after the last one the order that the table has of its own accord.
fn sort(session: &mut Session) {
    let n_columns = view::class_columns(session);
    let place = &mut session.place.classes;
    place.sort = match place.sort {
        None => Some(0),
        Some(at) if at + 1 < n_columns => Some(at + 1),
        Some(_) => None,
    };
    place.is_reversed = false;
    choose(session, 0);
}

/// Puts the cursor on a line, and no longer on a class.
pub(super) fn choose(session: &mut Session, line: usize) {
    let place = &mut session.place.classes;
    (place.cursor, place.class) = (line, None);
}

/// The next table.
pub(super) fn next_table(app: &mut App) {
    let Some(session) = app.session.as_mut() else {
        return;
    };
    let n_tables = view::class_tables(session);
    if n_tables < 2 {
        app.notice =
            Some("no other table: --slice COLUMN looks at rows by the values of a column".into());
        return;
    }
    let place = &mut session.place.classes;
    *place = ClassesPlace { table: (place.table + 1) % n_tables, ..ClassesPlace::default() };
}

/// Enter: the chosen line over the table where it has no place beside it.
pub(super) fn open_detail(app: &mut App) {
    if app.size.width < view::CLASS_DETAIL_FROM {
        app.overlays.push(Overlay::Detail);
    }
}

/// Moves the cursor through the lines on screen.
pub(super) fn move_cursor(session: &mut Session, motion: Motion) {
    let last = view::class_lines(session).saturating_sub(1);
    let at = view::class_cursor(session);
    choose(session, moved(at, motion, last, PAGE));
}

/// A key that the table does not know: text of the filter.
pub(super) fn on_key(app: &mut App, event: KeyEvent) -> Vec<Effect> {
    if let Some(Overlay::Filter(line)) = app.overlays.last_mut() {
        line.edit(event);
        let text = line.text();
        set_filter(app, text);
    }
    Vec::new()
}

/// Pasted text goes to the filter.
pub(super) fn on_paste(app: &mut App, text: &str) -> Vec<Effect> {
    if let Some(Overlay::Filter(line)) = app.overlays.last_mut() {
        line.insert(text.trim());
        let text = line.text();
        set_filter(app, text);
    }
    Vec::new()
}

/// Shows the names that contain `text`.
pub(super) fn set_filter(app: &mut App, text: String) {
    if let Some(session) = app.session.as_mut() {
        let place = &mut session.place.classes;
        if place.filter != text {
            place.filter = text;
            choose(session, 0);
        }
    }
}
