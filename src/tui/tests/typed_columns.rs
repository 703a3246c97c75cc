//! The Columns dialog: lines that are typed, and those that say which rows there are.

use super::columns::{answered, columns, guessed_study};
use super::*;
use crate::tui::choice::{Choice, Field, Pick};
use crate::tui::services::Failure;

/// Goes to the line of the condition.
pub(super) fn to_where(app: &mut App) {
    let at = columns(app).rows.iter().position(|row| row.field == Field::Where);
    for _ in columns(app).cursor..at.expect("a line") {
        update(app, event(KeyCode::Down));
    }
}

#[test]
fn a_condition_is_typed_and_nothing_of_it_is_lost_until_it_is_understood() {
    let mut app = app_with(guessed_study(), 100, 30);
    press(&mut app, "c");
    answered(&mut app, None);
    to_where(&mut app);
    assert!(screen(&app).contains("all rows"), "{}", screen(&app));
    // Keys with a meaning elsewhere are text here.
    press(&mut app, "eqrx < ");
    update(&mut app, event(KeyCode::Enter));
    let words = screen(&app);
    assert!(words.contains("> qrx <") && words.contains("expected at the end"), "{words}");
    update(&mut app, Message::Paste("20".into()));
    assert!(!screen(&app).contains("expected"));
    update(&mut app, event(KeyCode::Enter));
    assert!(screen(&app).contains("qrx < 20"));
    let chosen = Choice::default().with(Field::Where, Pick::inside("qrx < 20"));
    assert_eq!(columns(&app).choice(), chosen);
    // Esc while typing leaves the line, and only then the dialog.
    press(&mut app, "e & x");
    update(&mut app, event(KeyCode::Esc));
    assert_eq!(columns(&app).choice(), chosen);
    let effects = press(&mut app, "r");
    assert!(matches!(&effects[..], [Effect::Remember(_, Some(c))] if *c == chosen));
    let effects = update(&mut app, event(KeyCode::Enter));
    assert!(matches!(&effects[..], [_, Effect::Load(_, o)] if o.choice == Some(chosen.clone())));
    // A condition that names no column of the file comes back to be mended.
    let number = app.load_number;
    let failure = Failure {
        name: "val.csv".into(),
        message: "--where 'qrx < 20': there is no column qrx".into(),
        hint: None,
        cancelled: false,
    };
    update(&mut app, Message::Loaded(number, Err(failure)));
    press(&mut app, "c");
    answered(&mut app, None);
    to_where(&mut app);
    press(&mut app, "e");
    update(&mut app, event(KeyCode::Home));
    press(&mut app, "!");
    update(&mut app, event(KeyCode::Enter));
    assert_eq!(columns(&app).choice().words(), "where !qrx < 20");
    // An empty line is no condition.
    press(&mut app, "e");
    let clear = KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL);
    update(&mut app, Message::Key(clear));
    update(&mut app, event(KeyCode::Enter));
    assert!(columns(&app).choice().is_empty());
}

#[test]
fn mask_shift_and_values_of_a_split_are_chosen() {
    let mut app = app_with(guessed_study(), 100, 30);
    press(&mut app, "c");
    answered(&mut app, None);
    let go_to = |app: &mut App, field: Field| {
        update(app, event(KeyCode::Home));
        let at = columns(app).rows.iter().position(|row| row.field == field);
        for _ in 0..at.expect("a line") {
            update(app, event(KeyCode::Down));
        }
    };
    go_to(&mut app, Field::Shift);
    update(&mut app, event(KeyCode::Right));
    press(&mut app, "e");
    assert!(screen(&app).contains("this line has candidates"));
    go_to(&mut app, Field::Mask);
    update(&mut app, event(KeyCode::Right));
    go_to(&mut app, Field::Weight);
    press(&mut app, "en_votes");
    update(&mut app, event(KeyCode::Enter));
    go_to(&mut app, Field::Split);
    update(&mut app, event(KeyCode::Right));
    press(&mut app, "ea|b");
    update(&mut app, event(KeyCode::Enter));
    let options =
        columns(&app).choice().over(&crate::io::OpenOptions::default(), std::path::Path::new("."));
    let options = options.expect("words of their flags");
    assert!(options.shift);
    assert_eq!(options.weight.as_deref(), Some("n_votes"));
    assert_eq!(options.mask.as_deref(), Some("counts"));
    assert_eq!(options.split.map(|s| s.to_string()).as_deref(), Some("img=a|b"));
}

#[test]
fn a_click_types_where_there_is_nothing_to_turn_and_loses_nothing() {
    let mut app = app_with(guessed_study(), 100, 30);
    press(&mut app, "c");
    answered(&mut app, None);
    to_where(&mut app);
    let at = columns(&app).cursor;
    crate::tui::update::columns::click(&mut app, at);
    press(&mut app, "a = ");
    crate::tui::update::columns::click(&mut app, 0);
    assert_eq!(columns(&app).cursor, at);
    assert_eq!(
        columns(&app).typed.as_ref().map(|typed| typed.line.text()).as_deref(),
        Some("a = ")
    );
}
