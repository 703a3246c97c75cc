//! What is computed on demand: when it begins, what it shows, and how it is stopped.

use super::screens::{SIZES, snapshot};
use super::*;
use crate::tui::errand::{Errand, ErrandOrder, ErrandProgress, Told};
use crate::tui::state::Run;

/// The errands among `effects`.
fn orders(effects: &[Effect]) -> Vec<ErrandOrder> {
    let order = |effect: &Effect| match effect {
        Effect::Run(order) => Some(order.clone()),
        _ => None,
    };
    effects.iter().filter_map(order).collect()
}

fn kinds(effects: &[Effect]) -> Vec<Errand> {
    orders(effects).iter().map(|order| order.errand).collect()
}

fn run(app: &App, errand: Errand) -> Run {
    app.session.as_ref().unwrap().extras.run(errand).clone()
}

fn temperatures(effects: &[Effect]) -> Vec<f64> {
    let wanted = |effect: &Effect| match effect {
        Effect::Measures(request) => Some(request.temperature.value()),
        _ => None,
    };
    effects.iter().filter_map(wanted).collect()
}

#[test]
fn nothing_is_computed_before_a_screen_shows_it() {
    let mut app = app(120, 36);
    assert!(kinds(&press(&mut app, "]4")).is_empty());
    let effects = press(&mut app, "2");
    assert_eq!(kinds(&effects), [Errand::Further]);
    assert!(kinds(&press(&mut app, "356")).is_empty(), "once is enough");
    assert!(screen(&app).contains("Esc stops"));
    answer(&mut app, &effects);
    assert_eq!(run(&app, Errand::Further), Run::Done);
    assert!(!screen(&app).contains("Esc stops"));
}

#[test]
fn escape_stops_it_and_coming_back_begins_anew() {
    let mut app = app(120, 36);
    let first = orders(&press(&mut app, "2"));
    let effects = update(&mut app, event(KeyCode::Esc));
    assert!(matches!(effects[..], [Effect::Stop(Errand::Further)]));
    assert!(screen(&app).contains("stopped"));
    // What the thread still had to say is not heard.
    for told in run_at_once(&first[0]) {
        update(&mut app, Message::Told(first[0].number, told));
    }
    let extras = |app: &App| app.session.as_ref().unwrap().extras.clone();
    assert!(extras(&app).further.before.is_none());
    assert_eq!(run(&app, Errand::Further), Run::Stopped);
    update(&mut app, event(KeyCode::Esc));
    let second = orders(&press(&mut app, "3"));
    assert_eq!(second.len(), 1);
    assert_ne!(first[0].number, second[0].number);
}

#[test]
fn pieces_are_shown_as_they_come() {
    let mut app = app(200, 60);
    let effects = press(&mut app, "2");
    let order = orders(&effects).remove(0);
    let told: Vec<Told> = run_at_once(&order);
    let pieces = |told: &Told| matches!(told, Told::Further(f) if f.after.is_some() && f.bootstrap.is_none());
    let early = told.iter().find(|told| pieces(told)).unwrap().clone();
    update(&mut app, Message::Told(order.number, early));
    let words = screen(&app);
    let line = |words: &str, name: &str| {
        let line = words.lines().find(|line| line.contains(name));
        line.unwrap_or_default().to_owned()
    };
    assert!(line(&words, "ECE interval %").contains('…'), "{words}");
    assert!(!line(&words, "smooth ECE %").contains('…'), "{words}");
    for told in told {
        update(&mut app, Message::Told(order.number, told));
    }
    assert!(line(&screen(&app), "ECE interval %").contains('–'));
}

#[test]
fn measures_follow_the_temperature() {
    let mut app = app(200, 60);
    press_and_wait(&mut app, "2");
    let first = press(&mut app, "}");
    assert_eq!(temperatures(&first).len(), 1);
    let second = press(&mut app, "}");
    answer(&mut app, &first);
    let session = |app: &App| app.session.as_ref().unwrap().measures().cloned();
    assert!(session(&app).is_none(), "an older temperature says nothing of this one");
    answer(&mut app, &second);
    let measures = session(&app).unwrap();
    assert!((measures.temperature - 1.2).abs() < 1e-12);
    press_and_wait(&mut app, "0");
    assert!((session(&app).unwrap().temperature - 1.0).abs() < f64::EPSILON);
    assert!(temperatures(&press(&mut app, "1}")).is_empty(), "the Overview shows none");
}

#[test]
fn first_rows_ask_for_nothing() {
    let mut app = super::loading::streaming(120, 36);
    for keys in ["2", "3", "v", "5", "6"] {
        let effects = press(&mut app, keys);
        assert!(kinds(&effects).is_empty() && temperatures(&effects).is_empty());
        screen(&app);
    }
    assert!(screen(&app).contains("once all rows are read"));
}

#[test]
fn methods_are_compared_on_demand() {
    let mut app = app(120, 36);
    press_and_wait(&mut app, "3");
    let effects = press(&mut app, "v");
    assert_eq!(kinds(&effects), [Errand::Methods]);
    let order = orders(&effects).remove(0);
    let at = ErrandProgress { phase: "vector".into(), done: 7, total: 36 };
    update(&mut app, Message::Told(order.number, Told::Progress(at)));
    let words = screen(&app);
    assert!(words.contains("fitting vector") && words.contains("7 of 36 fits"));
    update(&mut app, event(KeyCode::Esc));
    assert!(screen(&app).contains("stopped"));
    press(&mut app, "v");
    press_and_wait(&mut app, "v");
    let words = screen(&app);
    assert!(words.contains("Temperature is enough"), "{words}");
    assert!(words.contains("out of fold") && words.contains("structured"), "{words}");
}

#[test]
fn what_cannot_be_done_says_why() {
    let mut app = app_with(flat_study(), 120, 36);
    press_and_wait(&mut app, "3");
    press_and_wait(&mut app, "v");
    assert!(screen(&app).contains("no temperature to compare with"));
    press_and_wait(&mut app, "5");
    press_and_wait(&mut app, "v");
    press_and_wait(&mut app, "v");
    assert!(screen(&app).contains("rows that had no part in their"));
}

#[test]
fn views_at_all_sizes() {
    let study = study();
    for (columns, rows) in SIZES {
        let mut app = app_with(Arc::clone(&study), columns, rows);
        for (keys, name) in [
            ("2", ""),
            ("v", ""),
            ("v", "reliability_corp"),
            ("v", "reliability_by_bins"),
            ("3", ""),
            ("v", "temperature_methods"),
            ("5", ""),
            ("v", "margins_margin"),
            ("v", "margins_thresholds"),
        ] {
            press_and_wait(&mut app, keys);
            if !name.is_empty() {
                snapshot(&app, &format!("{name}_{columns}x{rows}"));
            }
        }
    }
}

/// The status line.
fn status(app: &App) -> String {
    let words = screen(app);
    let lines: Vec<&str> = words.lines().collect();
    lines[lines.len() - 2].to_owned()
}

fn footer(app: &App) -> String {
    screen(app).lines().last().unwrap_or_default().to_owned()
}

#[test]
fn steps_of_the_isotonic_curve_are_chosen() {
    let mut app = app(120, 36);
    press_and_wait(&mut app, "2");
    assert!(footer(&app).contains("←→ bin "), "{}", footer(&app));
    press(&mut app, "vv");
    assert!(footer(&app).contains("←→ step"), "{}", footer(&app));
    assert!(!footer(&app).contains("bins"), "{}", footer(&app));
    let session = |app: &App| app.session.as_ref().unwrap().chosen_step().unwrap();
    let steps = app.session.as_ref().unwrap().measures().unwrap();
    let steps = steps.curves.corp.clone();
    let heaviest = session(&app);
    assert!(steps.iter().all(|s| s.count <= steps[heaviest].count));
    update(&mut app, event(KeyCode::Home));
    assert!(update(&mut app, event(KeyCode::Right)).is_empty());
    assert_eq!(session(&app), 1);
    let (n, rate) = (steps[1].count, steps[1].accuracy);
    let words = format!("step 2/{}", steps.len());
    assert!(status(&app).contains(&words), "{}", status(&app));
    let words = format!("n {n}   accuracy {rate:.3}");
    assert!(status(&app).contains(&words), "{}", status(&app));
    update(&mut app, event(KeyCode::End));
    update(&mut app, event(KeyCode::Right));
    assert_eq!(session(&app), steps.len() - 1);
    press(&mut app, "bm");
    let diagram = app.session.as_ref().unwrap().place.diagram;
    assert_eq!(diagram.n_bins, 15, "there are no bins to change");
}

#[test]
fn the_number_of_bins_is_chosen_on_the_curve_of_the_ece() {
    let mut app = app(120, 36);
    press_and_wait(&mut app, "2");
    press(&mut app, "vvv");
    assert!(footer(&app).contains("←→ number of bins"), "{}", footer(&app));
    assert!(!footer(&app).contains("d both"), "{}", footer(&app));
    let ece = |n: usize| {
        let session = app.session.as_ref().unwrap();
        let one = session.measures().unwrap().curves.ece_by_bins[n - 5];
        let star = session.star_measures().unwrap().curves.ece_by_bins[n - 5];
        let [one, star] = [one, star].map(|ece| format!("{:.2}", 100.0 * ece));
        format!("{n} bins: ECE {one} %, at T* {star} %")
    };
    let (first, second, last) = (ece(15), ece(16), ece(100));
    assert!(status(&app).contains(&first), "{}", status(&app));
    update(&mut app, event(KeyCode::Right));
    assert!(status(&app).contains(&second), "{}", status(&app));
    update(&mut app, event(KeyCode::End));
    assert!(status(&app).contains(&last), "{}", status(&app));
    let n_bins = app.session.as_ref().unwrap().place.diagram.n_bins;
    assert_eq!(n_bins, 15, "the diagram keeps its bins");
}

#[test]
fn figures_are_copied_as_they_are_shown() {
    let mut app = app(120, 36);
    press_and_wait(&mut app, "2");
    let copied = |effects: &[Effect]| match effects {
        [Effect::Copy(text)] => text.clone(),
        other => panic!("{other:?}"),
    };
    let text = copied(&press(&mut app, "y"));
    assert!(text.contains("smooth ECE %\t") && text.contains("measure\tT = 1\tT*"));
    press_and_wait(&mut app, "6");
    let text = copied(&press(&mut app, "y"));
    assert_eq!(text.lines().filter(|line| line.contains('\t')).count(), 2 + N_CLASSES);
    assert!(text.contains("class\tn\tpred"));
}
