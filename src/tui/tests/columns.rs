//! The Columns dialog: candidates and evidence, opening as chosen, remembering.

use super::typed_columns::to_where;
use super::*;
use crate::data::Guess;
use crate::io::{Offer, Offered};
use crate::tui::choice::{Choice, Field, Pick};
use crate::tui::services::{Choices, Failure};
use crate::tui::state::{Activity, Columns, Origin, Overlay, Screen};

fn offered(select: &str, words: &str, evidence: &str) -> Offered {
    Offered {
        select: select.into(),
        words: words.into(),
        evidence: evidence.into(),
        is_beside: false,
    }
}

fn offer() -> Offer {
    Offer {
        format: "csv".into(),
        n_columns: 14,
        schema: "00ff".into(),
        logits: vec![
            offered("logit_*", "logit_0 .. logit_5 (6 columns of f64)", "columns of one name"),
            offered("score", "score", "one score: binary data"),
        ],
        labels: vec![
            offered("target", "target (integer)", "called like labels"),
            offered("coarse", "coarse (integer)", "it holds no fractions"),
            Offered {
                is_beside: true,
                ..offered("labels.npy", "labels.npy", "a file beside the data, called like labels")
            },
        ],
        beside: vec![offered("img", "img (text)", "one for each row")],
        masks: vec![offered("counts", "counts (boolean)", "one for each row")],
        weights: vec![offered("w_weight", "w_weight (f64)", "called like weights")],
        has_tokens: true,
        class_names: Vec::new(),
        steps: Vec::new(),
        has_parts: false,
    }
}

pub(super) fn answered(app: &mut App, remembered: Option<Choice>) {
    let choices = Choices { offer: offer(), remembered };
    update(app, Message::Offered(target(), Ok(choices)));
}

fn failed() -> App {
    let mut app = empty_app(100, 30);
    start(&mut app, Some(PathBuf::from("runs/val.npz")));
    let number = app.load_number;
    let failure = Failure {
        name: "runs/val.npz".into(),
        message: "several columns could be the labels: target (integer), coarse (integer)".into(),
        hint: Some("--labels target; one column of labels is needed".into()),
        cancelled: false,
    };
    update(&mut app, Message::Loaded(number, Err(failure)));
    app
}

/// The dialog over a message that asks for labels.
pub(super) fn opened() -> App {
    let mut app = failed();
    let effects = press(&mut app, "c");
    assert!(matches!(&effects[..], [Effect::Offer(t)] if *t == target()));
    answered(&mut app, None);
    app
}

pub(super) fn columns(app: &App) -> &Columns {
    match app.overlays.last() {
        Some(Overlay::Columns(columns)) => columns,
        other => panic!("{other:?}"),
    }
}

fn labels(select: &str) -> Choice {
    [(Field::Labels, Pick::inside(select))].into_iter().collect()
}

/// A study whose labels were guessed.
pub(super) fn guessed_study() -> Arc<Study> {
    let mut info = info(N_CLASSES);
    let guess = |what: &str, chosen: &str, evidence: &str| Guess {
        what: what.into(),
        chosen: chosen.into(),
        evidence: evidence.into(),
        choices: Vec::new(),
    };
    info.guesses = vec![
        guess("logits", "logit_0 .. logit_5 (6 columns of f64)", "by name; --logits 'PATTERN*'"),
        guess("labels", "target (integer)", "by name; --labels COLUMN|FILE"),
        guess(
            "kind",
            "logits",
            "rows are neither probabilities nor log-probabilities; --kind logits|log-probs|probs",
        ),
    ];
    let sources = Sources { info, fit: Arc::new(source()), test: None };
    Arc::new(pipeline::study(sources, &analysis_options(), &mut |_| true).unwrap())
}

#[test]
fn at_all_sizes() {
    for (columns, rows) in screens::SIZES {
        let mut app = opened();
        app.size = Size::new(columns, rows);
        screens::snapshot(&app, &format!("columns_failed_{columns}x{rows}"));
        let mut app = app_with(guessed_study(), columns, rows);
        press(&mut app, "c");
        answered(&mut app, Some(labels("coarse")));
        screens::snapshot(&app, &format!("columns_{columns}x{rows}"));
        to_where(&mut app);
        press(&mut app, "elength < ");
        update(&mut app, event(KeyCode::Enter));
        screens::snapshot(&app, &format!("columns_typed_{columns}x{rows}"));
    }
}

#[test]
fn a_failed_load_offers_the_candidates_of_its_error() {
    let mut app = opened();
    assert!(screen(&app).contains("several columns could be the labels"));
    assert_eq!(columns(&app).rows[columns(&app).cursor].field, Field::Labels);
    update(&mut app, event(KeyCode::Enter));
    assert!(screen(&app).contains("nothing is chosen yet"));
    update(&mut app, event(KeyCode::Right));
    update(&mut app, event(KeyCode::Right));
    assert!(screen(&app).contains("◂ coarse (integer) ▸"), "{}", screen(&app));
    let effects = update(&mut app, event(KeyCode::Enter));
    let [Effect::Cancel, Effect::Load(_, order)] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!((&order.target, &order.choice), (&target(), &Some(labels("coarse"))));
    assert!(app.overlays.is_empty());
    let number = app.load_number;
    update(&mut app, Message::Loaded(number, Ok(study())));
    let session = app.shown().unwrap();
    assert_eq!((session.how.origin, &session.how.choice), (Origin::Dialog, &labels("coarse")));
}

#[test]
fn candidates_go_round_and_escape_leaves_everything() {
    let mut app = opened();
    update(&mut app, event(KeyCode::Left));
    assert_eq!(columns(&app).rows[1].chosen().words, "labels.npy");
    assert!(columns(&app).rows[1].chosen().pick.as_ref().unwrap().is_beside);
    update(&mut app, event(KeyCode::Right));
    assert!(columns(&app).choice().is_empty());
    update(&mut app, event(KeyCode::Esc));
    assert!(app.overlays.is_empty());
    assert!(matches!(app.activity, Activity::Failed(..)), "the message is still there");
}

#[test]
fn what_was_guessed_is_shown_with_its_evidence_but_without_flags() {
    let mut app = app_with(guessed_study(), 100, 30);
    press(&mut app, "3c");
    answered(&mut app, None);
    let words = screen(&app);
    assert!(words.contains("logit_0 .. logit_5 (6 columns of f64)"), "{words}");
    assert!(words.contains("by name") && !words.contains("--logits"), "{words}");
    // Nothing changed: Enter only closes.
    assert!(update(&mut app, event(KeyCode::Enter)).is_empty());
    assert!(app.overlays.is_empty());
    press(&mut app, "c");
    answered(&mut app, None);
    update(&mut app, event(KeyCode::Down));
    update(&mut app, event(KeyCode::Right));
    let effects = update(&mut app, event(KeyCode::Enter));
    assert!(
        matches!(&effects[..], [Effect::Cancel, Effect::Load(_, o)] if o.choice == Some(labels("target")))
    );
    let number = app.load_number;
    update(&mut app, Message::Loaded(number, Ok(study())));
    assert_eq!(app.shown().unwrap().place.screen, Screen::Temperature, "the screen stays");
    let effects = press(&mut app, "r");
    assert!(matches!(&effects[..], [_, Effect::Load(_, o)] if o.choice == Some(labels("target"))));
}

#[test]
fn flags_of_the_command_line_are_named() {
    let mut app = app_with(guessed_study(), 100, 30);
    app.settings.flags.labels = Some("target".into());
    press(&mut app, "c");
    answered(&mut app, None);
    update(&mut app, event(KeyCode::Down));
    assert!(screen(&app).contains("--labels of the command line"));
}

#[test]
fn a_choice_is_remembered_and_forgotten() {
    let mut app = opened();
    press(&mut app, "r");
    assert!(screen(&app).contains("nothing to remember"));
    press(&mut app, "x");
    assert!(screen(&app).contains("nothing is remembered"));
    update(&mut app, event(KeyCode::Right));
    let effects = press(&mut app, "r");
    let wanted = Some(labels("target"));
    assert!(matches!(&effects[..], [Effect::Remember(s, c)] if s == "00ff" && *c == wanted));
    update(&mut app, Message::Remembered(true, Ok(())));
    assert!(screen(&app).contains("remembered for files with the same 14 columns"));
    press(&mut app, "r");
    assert!(screen(&app).contains("remembered already"));
    let effects = press(&mut app, "x");
    assert!(matches!(&effects[..], [Effect::Remember(s, None)] if s == "00ff"));
    update(&mut app, Message::Remembered(false, Ok(())));
    assert!(screen(&app).contains("forgotten"));
    assert_eq!(columns(&app).choice(), labels("target"), "it is still chosen here");
    press(&mut app, "r");
    update(&mut app, Message::Remembered(true, Err("disk full".into())));
    assert!(screen(&app).contains("not done: disk full"));
}

#[test]
fn a_remembered_choice_is_said_and_can_be_forgotten() {
    let mut app = empty_app(100, 30);
    start(&mut app, Some(PathBuf::from("runs/val.npz")));
    let number = app.load_number;
    update(&mut app, Message::Recalled(number, labels("coarse")));
    update(&mut app, Message::Loaded(number, Ok(guessed_study())));
    assert!(
        screen(&app).contains("as remembered for files like this: labels coarse"),
        "{}",
        screen(&app)
    );
    press(&mut app, "c");
    answered(&mut app, Some(labels("coarse")));
    let words = screen(&app);
    assert!(words.contains("as remembered for files with the same columns"), "{words}");
    assert!(words.contains("remembered    3/4"), "{words}");
    press(&mut app, "x");
    update(&mut app, Message::Remembered(false, Ok(())));
    let effects = update(&mut app, event(KeyCode::Enter));
    assert!(matches!(&effects[..], [_, Effect::Load(_, o)] if o.choice == Some(Choice::default())));
}

#[test]
fn a_choice_of_a_load_that_failed_is_not_lost() {
    let mut app = opened();
    update(&mut app, event(KeyCode::Right));
    update(&mut app, event(KeyCode::Enter));
    let number = app.load_number;
    let failure = Failure {
        name: "val.csv".into(),
        message: "label 7 is out of range".into(),
        hint: None,
        cancelled: false,
    };
    update(&mut app, Message::Loaded(number, Err(failure)));
    press(&mut app, "c");
    answered(&mut app, None);
    assert_eq!(columns(&app).choice(), labels("target"));
    let effects = {
        update(&mut app, event(KeyCode::Esc));
        press(&mut app, "r")
    };
    assert!(matches!(&effects[..], [_, Effect::Load(_, o)] if o.choice == Some(labels("target"))));
}

#[test]
fn the_sample_has_nothing_to_choose() {
    let mut app = empty_app(100, 30);
    start(&mut app, None);
    update(&mut app, Message::Scanned(Vec::new()));
    press(&mut app, "c");
    assert!(app.overlays.is_empty());
    assert!(app.notice.as_deref().unwrap().contains("bundled sample"));
}

#[test]
fn the_help_over_the_dialog_is_about_it() {
    let mut app = opened();
    press(&mut app, "?");
    assert!(screen(&app).contains("remember the choice for files with the same columns"));
    update(&mut app, event(KeyCode::Esc));
    assert!(matches!(app.overlays.last(), Some(Overlay::Columns(_))));
}

#[test]
fn another_file_can_be_opened_from_within() {
    let mut app = opened();
    press(&mut app, "o");
    press(&mut app, "b.csv");
    update(&mut app, event(KeyCode::Enter));
    assert!(app.overlays.is_empty(), "no dialog about a file that is gone");
}
