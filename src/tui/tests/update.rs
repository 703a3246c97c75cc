//! What keys and answers do to the state.

use super::*;
use crate::tui::event::{Agreed, CardEnd};
use crate::tui::keymap::Context;
use crate::tui::load::LoadProgress;
use crate::tui::services::{Candidate, Failure, asks};
use crate::tui::state::{Activity, Overlay, Screen};

fn failure(cancelled: bool) -> Failure {
    Failure {
        name: "val.csv".into(),
        message: "row 4,182, column logit_37: \"NaN.\" is not a number".into(),
        hint: Some("logitscope inspect val.csv".into()),
        cancelled,
    }
}

fn t(app: &App) -> f64 {
    app.session.as_ref().unwrap().t()
}

#[test]
fn a_file_is_loaded_and_shown() {
    let app = app(120, 36);
    assert_eq!(app.shown().unwrap().place.screen, Screen::Overview);
    assert!(screen(&app).contains("OVERCONFIDENT"));
}

#[test]
fn temperature_moves_on_every_screen_and_comes_back() {
    let mut app = app(120, 36);
    for (index, _) in Screen::ALL.iter().enumerate() {
        press(&mut app, &(index + 1).to_string());
        press_and_wait(&mut app, "]]");
        assert!((t(&app) - 1.02).abs() < 1e-12);
        press_and_wait(&mut app, "}");
        assert!((t(&app) - 1.12).abs() < 1e-12);
        press_and_wait(&mut app, "0");
        assert!((t(&app) - 1.0).abs() < f64::EPSILON);
    }
}

#[test]
fn every_press_is_one_step_of_undo() {
    let mut app = app(120, 36);
    press_and_wait(&mut app, "*");
    let star = t(&app);
    press_and_wait(&mut app, "]");
    let nudged = t(&app);
    press_and_wait(&mut app, "]");
    press_and_wait(&mut app, "u");
    assert!((t(&app) - nudged).abs() < f64::EPSILON);
    press_and_wait(&mut app, "u");
    assert!((t(&app) - star).abs() < f64::EPSILON);
    press_and_wait(&mut app, "u");
    assert!((t(&app) - 1.0).abs() < f64::EPSILON);
    press(&mut app, "u");
    assert_eq!(app.notice.as_deref(), Some("nothing to undo"));
}

#[test]
fn stale_figures_are_dropped_and_rough_ones_marked() {
    let mut app = app(120, 36);
    press(&mut app, "3");
    let first = press(&mut app, "}");
    let second = press(&mut app, "}");
    assert!(screen(&app).contains('~'), "the cursor's figures are not there yet");
    answer(&mut app, &first);
    assert!(screen(&app).contains('~'), "an older answer changes nothing");
    answer(&mut app, &second);
    assert!(!screen(&app).contains('~'));
    let session = app.session.as_ref().unwrap();
    assert!(session.is_exact());
    assert!((session.figures.cursor.temperature - 1.2).abs() < 1e-12);
}

#[test]
fn bins_change_in_number_and_kind() {
    let mut app = app(120, 36);
    press_and_wait(&mut app, "2B");
    let bins = |app: &App| {
        let figures = &app.session.as_ref().unwrap().figures;
        (figures.one.reliability.bins.len(), figures.cursor.reliability.binning)
    };
    assert_eq!(bins(&app), (20, Binning::Width));
    press_and_wait(&mut app, "m");
    assert_eq!(bins(&app).1, Binning::Mass);
    press_and_wait(&mut app, "bm");
    assert_eq!(bins(&app), (15, Binning::Width));
    let session = app.session.as_ref().unwrap();
    let (shown, original) = (&session.figures, &session.original);
    assert!(Arc::ptr_eq(&shown.one, &original.one) && shown.diagram == original.diagram);
    assert!(Arc::ptr_eq(&shown.cursor, &original.one));
}

#[test]
fn a_typed_temperature_is_checked() {
    let mut app = app(120, 36);
    press(&mut app, "t-1");
    update(&mut app, event(KeyCode::Enter));
    assert!(screen(&app).contains("finite number above 0"));
    update(&mut app, event(KeyCode::Backspace));
    update(&mut app, event(KeyCode::Backspace));
    press(&mut app, "2.5");
    update(&mut app, event(KeyCode::Enter));
    assert!((t(&app) - 2.5).abs() < f64::EPSILON);
    assert!(app.overlays.is_empty());
}

#[test]
fn letters_are_text_while_something_is_typed() {
    let mut app = app(120, 36);
    press(&mut app, "tq?");
    let Some(Overlay::Prompt(prompt)) = app.overlays.last() else {
        panic!("the prompt is gone");
    };
    assert_eq!(prompt.line.text(), "q?");
    assert_eq!(app.contexts(), [Context::Prompt, Context::Always]);
    update(&mut app, event(KeyCode::Esc));
    press(&mut app, "oq?");
    let Some(Overlay::Picker(picker)) = app.overlays.last() else {
        panic!("the picker is gone");
    };
    assert_eq!(picker.line.text(), "q?");
    assert_eq!(app.contexts(), [Context::Picker, Context::Always]);
}

#[test]
fn interrupt_quits_even_while_typing() {
    let mut app = app(120, 36);
    press(&mut app, "o");
    let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    let effects = update(&mut app, Message::Key(interrupt));
    assert!(matches!(effects[..], [Effect::Quit(false)]));
}

#[test]
fn escape_goes_back_one_level_at_a_time() {
    let mut app = app(120, 36);
    press(&mut app, "4?");
    update(&mut app, event(KeyCode::Esc));
    assert!(app.overlays.is_empty());
    update(&mut app, event(KeyCode::Esc));
    assert_eq!(app.shown().unwrap().place.screen, Screen::Overview);
    update(&mut app, event(KeyCode::Esc));
    assert!(app.shown().is_none());
    update(&mut app, event(KeyCode::Esc));
    assert!(app.shown().is_some(), "from home back to the study");
}

#[test]
fn a_cancelled_load_leaves_what_was_there() {
    let mut app = app(120, 36);
    let effects = press(&mut app, "r");
    assert!(matches!(effects[..], [Effect::Cancel, Effect::Load(..)]));
    let number = app.load_number;
    let effects = update(&mut app, event(KeyCode::Esc));
    assert!(matches!(effects[..], [Effect::Cancel]));
    update(&mut app, Message::Loaded(number, Err(failure(true))));
    assert_eq!(app.activity, Activity::Idle);
    assert!(app.shown().is_some());
}

#[test]
fn a_failed_load_says_why_and_the_app_goes_on() {
    let mut app = empty_app(100, 30);
    start(&mut app, Some(PathBuf::from("val.csv")));
    let number = app.load_number;
    update(&mut app, Message::Loaded(number, Err(failure(false))));
    let words = screen(&app);
    assert!(words.contains("column logit_37"));
    assert!(words.contains("hint: logitscope inspect val.csv"));
    let effects = press(&mut app, "y");
    assert!(matches!(&effects[..], [Effect::Copy(text)] if text.contains("logit_37")));
    update(&mut app, event(KeyCode::Esc));
    assert!(screen(&app).contains("sample.parquet"));
    let effects = press(&mut app, "d");
    assert!(matches!(
        &effects[..],
        [Effect::Cancel, Effect::Load(_, order)] if order.target == Target::Sample
    ));
}

#[test]
fn an_answer_to_an_older_load_is_dropped() {
    let mut app = empty_app(100, 30);
    start(&mut app, Some(PathBuf::from("a.npz")));
    let older = app.load_number;
    press(&mut app, "");
    update(&mut app, event(KeyCode::Esc));
    press(&mut app, "d");
    update(&mut app, Message::Loaded(older, Ok(study())));
    assert!(app.shown().is_none());
    assert!(app.is_waiting());
}

#[test]
fn a_reload_keeps_the_place() {
    let mut app = app(120, 36);
    press_and_wait(&mut app, "3}");
    press(&mut app, "r");
    let number = app.load_number;
    let effects = update(&mut app, Message::Loaded(number, Ok(study())));
    answer(&mut app, &effects);
    let session = app.session.as_ref().unwrap();
    assert_eq!(session.place.screen, Screen::Temperature);
    assert!((session.t() - 1.1).abs() < 1e-12);
    assert!(session.is_exact());
    assert_eq!(session.target, target());
}

#[test]
fn progress_is_shown_and_only_a_load_ticks() {
    let mut app = empty_app(100, 30);
    start(&mut app, Some(PathBuf::from("big.parquet")));
    assert!(app.is_waiting());
    let progress = LoadProgress {
        phase: "reading logits",
        rows_done: 28_500,
        rows_total: Some(50_000),
        share: Some(0.57),
        rate: Some(412e6),
        seconds_left: Some(3.2),
    };
    let number = app.load_number;
    update(&mut app, Message::Progress(number, progress));
    let words = screen(&app);
    assert!(words.contains("28,500 of 50,000 rows"), "{words}");
    assert!(words.contains("about 4 s left"), "{words}");
    assert!(words.contains("57 %") && words.contains("412 MB/s"), "{words}");
    update(&mut app, event(KeyCode::Esc));
    assert!(!app.is_waiting());
}

#[test]
fn the_home_screen_opens_what_is_chosen() {
    let mut app = empty_app(100, 30);
    start(&mut app, None);
    let candidate = |name: &str| Candidate {
        path: name.into(),
        name: name.into(),
        n_bytes: 1000,
        found: "10 × 3 logits".into(),
        usable: true,
    };
    let files = vec![candidate("a.npz"), candidate("b.csv")];
    update(&mut app, Message::Scanned(files));
    update(&mut app, event(KeyCode::Down));
    let effects = update(&mut app, event(KeyCode::Enter));
    let wanted = Target::Path("b.csv".into());
    assert!(matches!(&effects[..], [Effect::Cancel, Effect::Load(_, o)] if o.target == wanted));
}

#[test]
fn without_a_temperature_no_card_is_written() {
    let mut app = app_with(flat_study(), 120, 36);
    let effects = press(&mut app, "w");
    assert!(effects.is_empty());
    assert!(app.notice.as_deref().unwrap().contains("flat"));
    press(&mut app, "*");
    assert!((t(&app) - 1.0).abs() < f64::EPSILON);
}

#[test]
fn a_card_is_asked_for_once_there_is_a_temperature() {
    let mut app = app(120, 36);
    let effects = press(&mut app, "w");
    assert!(
        matches!(&effects[..], [Effect::WriteCard(_, t, a)] if *t == target() && *a == Agreed::default())
    );
}

/// Presses `w`, and answers as the program does with a card at `path`.
fn press_w(app: &mut App, path: &std::path::Path) -> String {
    let effects = press(app, "w");
    let [Effect::WriteCard(study, _, agreed)] = &effects[..] else {
        panic!("no card is asked for: {effects:?}");
    };
    let end = asks(study, path, *agreed).unwrap_or(CardEnd::Written(path.to_path_buf()));
    update(app, Message::CardWritten(Arc::clone(study), Ok(end)));
    app.notice.clone().unwrap_or_default()
}

#[test]
fn a_card_is_written_over_or_in_spite_of_a_failure_only_when_asked_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("val.npz.temperature.json");
    for (study, is_there, words) in [
        (study(), true, "val.npz.temperature.json is there: w again"),
        (exploding_study(), false, "FAILURE: exploding: w again"),
        (exploding_study(), true, "FAILURE: exploding, and val.npz"),
    ] {
        let _ = std::fs::remove_file(&path);
        if is_there {
            std::fs::write(&path, "old").unwrap();
        }
        let mut app = app_with(study, 120, 36);
        let question = press_w(&mut app, &path);
        assert!(question.starts_with(words), "{question}");
        // Any other key is a no.
        press(&mut app, "2");
        assert_eq!(press_w(&mut app, &path), question);
        assert!(press_w(&mut app, &path).starts_with("wrote "));
        assert_eq!(press_w(&mut app, &path), question, "and it is asked anew");
    }
    // A card that appeared in between is asked about too.
    let _ = std::fs::remove_file(&path);
    let mut app = app_with(exploding_study(), 120, 36);
    press_w(&mut app, &path);
    std::fs::write(&path, "new").unwrap();
    assert!(press_w(&mut app, &path).contains("is there"));
    assert!(press_w(&mut app, &path).starts_with("wrote "));
}

#[test]
fn under_a_failure_screen_3_gives_no_recipe() {
    for (columns, rows) in [(80, 24), (120, 36), (200, 60)] {
        let mut app = app_with(exploding_study(), columns, rows);
        press_and_wait(&mut app, "3");
        let words = screen(&app);
        assert!(!words.contains("softmax(z /"), "{words}");
        assert!(rows < 36 || words.contains("FAILURE: exploding"), "{words}");
    }
}

#[test]
fn copied_figures_are_plain_text() {
    let mut app = app(120, 36);
    for keys in ["1y", "2y", "3y"] {
        let effects = press(&mut app, keys);
        let Some(Effect::Copy(text)) = effects.last() else {
            panic!("nothing copied on {keys}");
        };
        assert!(text.contains("runs/val.npz") && !text.contains("NaN"), "{text}");
        assert!(text.lines().count() > 8);
    }
}

#[test]
fn every_key_is_harmless_everywhere() {
    let codes = (' '..='~').map(KeyCode::Char).chain([
        KeyCode::Enter,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::Esc,
    ]);
    let codes: Vec<KeyCode> = codes.collect();
    for study in [study(), flat_study()] {
        let mut app = app_with(study, 80, 24);
        for screen_key in ['1', '2', '3', '4', '5'] {
            for code in &codes {
                press(&mut app, &screen_key.to_string());
                let effects = update(&mut app, event(*code));
                answer(&mut app, &effects);
                let words = screen(&app);
                assert!(!words.contains("NaN"), "{screen_key} {code:?}\n{words}");
                while !app.overlays.is_empty() || app.activity != Activity::Idle {
                    update(&mut app, event(KeyCode::Esc));
                }
                app.at_home = false;
            }
        }
    }
}
