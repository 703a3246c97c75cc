//! Watching the file.

use super::*;
use crate::tui::services::Failure;
use crate::tui::state::{Activity, Screen};

fn watched() -> App {
    let mut app = app(100, 30);
    press_and_wait(&mut app, "3}");
    let effects = press(&mut app, "W");
    assert!(
        matches!(&effects[..], [Effect::Watch(1, path)] if path == &PathBuf::from("runs/val.npz"))
    );
    app
}

/// The file has changed, and is read again.
fn changed(app: &mut App) {
    let number = app.watch.as_ref().unwrap().number;
    let effects = update(app, Message::Changed(number));
    assert!(matches!(&effects[..], [Effect::Cancel, Effect::Load(_, o)] if o.target == target()));
}

#[test]
fn a_changed_file_is_read_behind_what_is_shown() {
    let mut app = watched();
    assert!(screen(&app).contains("watched"));
    changed(&mut app);
    assert!(!screen(&app).contains("Loading"), "{}", screen(&app));
    assert_eq!(app.shown().unwrap().place.screen, Screen::Temperature);
    let number = app.load_number;
    let effects = update(&mut app, Message::Loaded(number, Ok(study())));
    answer(&mut app, &effects);
    assert!(!effects.iter().any(|e| matches!(e, Effect::AddRecent(_))));
    let session = app.shown().unwrap();
    assert_eq!(session.place.screen, Screen::Temperature);
    assert!((session.t() - 1.1).abs() < 1e-12, "T stays");
    assert!(screen(&app).contains("changed"));
    press(&mut app, "2");
    assert!(!screen(&app).contains("changed") && screen(&app).contains("watched"));
}

#[test]
fn every_cursor_stays_where_it_was() {
    let mut app = watched();
    let before = app.shown().unwrap().place.clone();
    press_and_wait(&mut app, "2");
    update(&mut app, event(KeyCode::Left));
    press_and_wait(&mut app, "vvv4");
    for key in [KeyCode::Tab, KeyCode::Right, KeyCode::Right] {
        update(&mut app, event(key));
    }
    press_and_wait(&mut app, "l5");
    (0..3).for_each(|_| drop(update(&mut app, event(KeyCode::Right))));
    press_and_wait(&mut app, "6s");
    (0..2).for_each(|_| drop(update(&mut app, event(KeyCode::Down))));
    let place = app.shown().unwrap().place.clone();
    assert!(place.bin != before.bin && place.cells != before.cells, "{place:?}");
    assert!(place.threshold != before.threshold && place.log_counts, "{place:?}");
    changed(&mut app);
    let number = app.load_number;
    let effects = update(&mut app, Message::Loaded(number, Ok(study())));
    answer(&mut app, &effects);
    assert_eq!(app.shown().unwrap().place, place);
}

#[test]
fn the_same_key_ends_the_watch() {
    let mut app = watched();
    let number = app.watch.as_ref().unwrap().number;
    let effects = press(&mut app, "W");
    assert!(matches!(effects[..], [Effect::Unwatch]));
    assert!(update(&mut app, Message::Changed(number)).is_empty());
    assert!(app.watch.is_none() && !screen(&app).lines().next().unwrap().contains("watched"));
}

#[test]
fn a_file_that_cannot_be_read_is_waited_for() {
    let mut app = watched();
    changed(&mut app);
    let number = app.load_number;
    let failure = Failure {
        name: "runs/val.npz".into(),
        message: "the file ends early; it is truncated".into(),
        hint: None,
        cancelled: false,
    };
    update(&mut app, Message::Loaded(number, Err(failure)));
    assert!(screen(&app).contains("it is truncated"));
    changed(&mut app);
    let number = app.load_number;
    update(&mut app, Message::Loaded(number, Ok(study())));
    assert_eq!(app.activity, Activity::Idle);
    assert!(app.shown().is_some());
}

#[test]
fn another_file_ends_the_watch_and_the_sample_has_none() {
    let mut app = watched();
    update(&mut app, event(KeyCode::Esc));
    update(&mut app, event(KeyCode::Esc));
    press(&mut app, "d");
    let number = app.load_number;
    let effects = update(&mut app, Message::Loaded(number, Ok(study())));
    assert!(effects.iter().any(|e| matches!(e, Effect::Unwatch)));
    assert!(app.watch.is_none());
    assert!(press(&mut app, "W").is_empty());
    assert!(app.notice.as_deref().unwrap().contains("never changes"));
}

#[test]
fn a_change_does_not_interrupt_the_load_of_another_file() {
    let mut app = watched();
    press(&mut app, "o");
    press(&mut app, "b.csv");
    update(&mut app, event(KeyCode::Enter));
    let number = app.watch.as_ref().unwrap().number;
    assert!(update(&mut app, Message::Changed(number)).is_empty());
}
