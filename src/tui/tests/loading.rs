//! A load that is not done: progress, figures of its first rows, and what stops it.

use super::screens::{SIZES, snapshot};
use super::*;
use crate::data::SourceError;
use crate::pipeline::{Audience, FirstRows, StudyProgress, study_before};
use crate::tui::load::LoadProgress;
use crate::tui::services::Failure;
use crate::tui::state::{Activity, Screen};

/// Rows of a batch: a few at a time.
const STEP: usize = 500;

/// Wants figures of the first rows, `at_most` of them, once `from` are read, and nothing more.
struct Glance {
    from: u64,
    at_most: usize,
    study: Option<Study>,
}

impl Audience for Glance {
    fn progress(&mut self, _: StudyProgress) -> bool {
        self.study.is_none()
    }

    fn wants_preview(&mut self, n_done: u64) -> Option<usize> {
        (n_done >= self.from).then_some(self.at_most)
    }

    fn preview(&mut self, study: Study) {
        self.study.get_or_insert(study);
    }
}

fn glance(n_classes: usize, from: u64, at_most: usize) -> Arc<Study> {
    let mut glance = Glance { from, at_most, study: None };
    let sources = Sources {
        info: info(n_classes),
        fit: Arc::new(source_of(n_classes).in_batches_of(STEP)),
        test: None,
    };
    let ended = study_before(sources, &analysis_options(), &mut glance);
    assert!(matches!(ended, Err(SourceError::Cancelled)));
    Arc::new(glance.study.expect("asked for"))
}

/// The first 1,000 of 3,000 rows with as many classes as have nodes: interpolated.
fn first_rows() -> Arc<Study> {
    glance(60, 1000, usize::MAX)
}

fn progress(rows_done: u64) -> LoadProgress {
    LoadProgress {
        phase: "summarising rows",
        rows_done,
        rows_total: Some(3000),
        share: Some(rows_done as f64 / 3000.0),
        rate: Some(412e6),
        seconds_left: Some(11.4),
    }
}

/// An app that loads; the number of the load is that of the app.
fn loading(columns: u16, rows: u16) -> App {
    let mut app = empty_app(columns, rows);
    start(&mut app, Some(PathBuf::from("runs/val.npz")));
    let number = app.load_number;
    update(&mut app, Message::Progress(number, progress(1200)));
    app
}

fn show(app: &mut App, study: Arc<Study>) -> Vec<Effect> {
    let number = app.load_number;
    update(app, Message::Preview(number, study))
}

/// An app that shows the first 1,000 rows while the others come.
pub(super) fn streaming(columns: u16, rows: u16) -> App {
    let mut app = loading(columns, rows);
    show(&mut app, first_rows());
    app
}

fn failure() -> Failure {
    Failure {
        name: "runs/val.npz".into(),
        message: "the file changed while it was read".into(),
        hint: Some("open it again once it is written".into()),
        cancelled: false,
    }
}

#[test]
fn loading_and_first_rows_at_all_sizes() {
    for (columns, rows) in SIZES {
        let mut app = loading(columns, rows);
        snapshot(&app, &format!("loading_{columns}x{rows}"));
        show(&mut app, first_rows());
        for screen in Screen::ALL {
            press(&mut app, &(screen.index() + 1).to_string());
            let name = screen.title().to_lowercase();
            snapshot(&app, &format!("first_rows_{name}_{columns}x{rows}"));
        }
    }
}

#[test]
fn every_screen_says_that_these_are_the_first_rows() {
    for (columns, rows) in [(50, 14), (60, 20), (80, 24), (200, 60)] {
        let mut app = streaming(columns, rows);
        for key in ["1", "2", "3", "4", "5"] {
            press(&mut app, key);
            let words = screen(&app);
            assert!(words.contains("partial"), "{words}");
            assert!(words.contains("first 1,000 of 3,000 rows"), "{words}");
            assert!(words.contains("Esc stops"), "{words}");
            assert!(columns < 60 || words.contains("12 s left"), "{words}");
        }
    }
}

#[test]
fn figures_of_first_rows_are_marked_as_interpolated_and_in_sample() {
    let mut app = streaming(120, 36);
    let words = screen(&app);
    assert!(words.contains("so far"), "{words}");
    assert!(words.contains("Files may be sorted"), "{words}");
    let nll = words.lines().find(|l| l.contains("NLL  ")).unwrap();
    // T = 1 is exact already; what stands behind the mark is the figure at T*.
    assert_eq!(nll.matches('~').count(), 1, "{nll}");
    let (at_one, at_star) = nll.split_once('~').unwrap();
    assert!(at_one.trim_end().ends_with(|c: char| c.is_ascii_digit()), "{nll}");
    assert!(at_star.starts_with(|c: char| c.is_ascii_digit()), "{nll}");
    press(&mut app, "2");
    let words = screen(&app);
    assert!(words.contains("rows so far") && words.contains("in sample"), "{words}");
    let effects = press(&mut app, "y");
    let Some(Effect::Copy(text)) = effects.last() else {
        panic!("nothing copied");
    };
    assert!(text.contains("first 1,000 of 3,000 rows"), "{text}");
}

#[test]
fn few_classes_are_exact_for_the_rows_there_are() {
    let mut app = loading(120, 36);
    show(&mut app, glance(6, 1000, usize::MAX));
    let words = screen(&app);
    assert!(words.contains("so far") && !words.contains('~'), "{words}");
}

#[test]
fn a_part_of_the_first_rows_is_called_so() {
    let study = glance(6, 2000, 700);
    let first = FirstRows { read: 2000, total: 3000, every: 3 };
    assert_eq!(study.first, Some(first));
    assert_eq!(study.counts.used, 667);
    let mut app = loading(120, 36);
    show(&mut app, study);
    let words = screen(&app);
    assert!(words.contains("first 2,000 of 3,000 rows, 1 in 3 of them"), "{words}");
    assert!(words.contains("667 rows judged"), "{words}");
}

#[test]
fn the_slider_and_all_keys_work_on_first_rows() {
    let mut app = streaming(120, 36);
    press_and_wait(&mut app, "3]]");
    let session = app.session.as_ref().unwrap();
    assert!((session.t() - 1.02).abs() < 1e-12 && session.is_current());
    press_and_wait(&mut app, "*");
    press_and_wait(&mut app, "2B");
    let session = app.session.as_ref().unwrap();
    assert_eq!(session.figures.one.reliability.bins.len(), 20);
    // At T = 1 nothing better will come: no request is made again and again.
    press_and_wait(&mut app, "0");
    assert!(request(&press(&mut app, "v")).is_none());
    press(&mut app, "?");
    assert!(screen(&app).contains("stop a load that goes on"));
    update(&mut app, event(KeyCode::Esc));
    assert!(app.streaming().is_some(), "Esc closed the help and nothing else");
}

#[test]
fn more_rows_take_the_place_of_fewer_without_a_gap() {
    let mut app = streaming(120, 36);
    press_and_wait(&mut app, "3}}");
    let before = app.session.as_ref().unwrap().figures.cursor.metrics.nll;
    let effects = show(&mut app, glance(60, 2000, usize::MAX));
    let session = app.session.as_ref().unwrap();
    assert_eq!(session.place.screen, Screen::Temperature);
    // The old figures at this temperature stay until the new ones come.
    assert!(session.is_current() && !session.is_exact());
    assert!((session.figures.cursor.metrics.nll - before).abs() < f64::EPSILON);
    answer(&mut app, &effects);
    let after = app.session.as_ref().unwrap().figures.cursor.metrics.nll;
    assert!((after - before).abs() > 1e-9);
    assert!(screen(&app).contains("first 2,000 of 3,000 rows"));
    let number = app.load_number;
    let effects = update(&mut app, Message::Loaded(number, Ok(study())));
    answer(&mut app, &effects);
    let words = screen(&app);
    assert!(!words.contains("partial") && !words.contains("first "), "{words}");
    assert!((app.session.as_ref().unwrap().t() - 1.2).abs() < 1e-12);
}

#[test]
fn another_cut_of_the_diagram_survives_more_rows() {
    let mut app = streaming(200, 60);
    press_and_wait(&mut app, "2BB");
    let effects = show(&mut app, glance(60, 2000, usize::MAX));
    let bins = |app: &App| {
        let figures = &app.session.as_ref().unwrap().figures;
        [&figures.one, figures.star.as_ref().unwrap()].map(|f| f.reliability.bins.len())
    };
    assert_eq!(bins(&app), [25, 25]);
    let rows = |app: &App| {
        let figures = &app.session.as_ref().unwrap().figures;
        [&figures.one, figures.star.as_ref().unwrap()].map(|f| f.metrics.n_rows)
    };
    assert_eq!(rows(&app), [1000, 1000]);
    answer(&mut app, &effects);
    assert_eq!((bins(&app), rows(&app)), ([25, 25], [2000, 2000]));
    // Back to the cut of the analysis: the newest figures, and not the ones that were kept.
    press_and_wait(&mut app, "bb");
    assert_eq!((bins(&app), rows(&app)), ([15, 15], [2000, 2000]));
}

#[test]
fn escape_stops_the_load_and_keeps_the_figures() {
    let mut app = streaming(120, 36);
    press(&mut app, "2");
    let number = app.load_number;
    let effects = update(&mut app, event(KeyCode::Esc));
    assert!(matches!(effects[..], [Effect::Cancel]));
    assert!(!app.is_waiting());
    // What the load still had to say is not heard.
    update(&mut app, Message::Preview(number, glance(60, 2000, usize::MAX)));
    update(&mut app, Message::Progress(number, progress(2900)));
    update(&mut app, Message::Loaded(number, Ok(study())));
    let words = screen(&app);
    assert!(words.contains("first 1,000 of 3,000 rows · stopped at 33 % · r reads all"), "{words}");
    assert!(words.contains("partial"), "{words}");
    snapshot(&app, "first_rows_stopped_120x36");
    let effects = press(&mut app, "w");
    assert!(effects.is_empty());
    assert!(app.notice.as_deref().unwrap().starts_with("no card written"));
    update(&mut app, event(KeyCode::Esc));
    assert_eq!(app.shown().unwrap().place.screen, Screen::Overview);
    let effects = press(&mut app, "r");
    assert!(matches!(&effects[..], [Effect::Cancel, Effect::Load(_, o)] if o.target == target()));
}

#[test]
fn an_error_in_the_middle_leaves_the_figures_usable() {
    let mut app = streaming(120, 36);
    let number = app.load_number;
    update(&mut app, Message::Loaded(number, Err(failure())));
    let words = screen(&app);
    assert!(words.contains("Cannot read all of runs/val.npz"), "{words}");
    assert!(words.contains("the file changed while it was read"), "{words}");
    assert!(words.contains("The figures stay: first 1,000 of 3,000 rows."), "{words}");
    snapshot(&app, "first_rows_failed_120x36");
    update(&mut app, event(KeyCode::Esc));
    press_and_wait(&mut app, "3]");
    let words = screen(&app);
    assert!(words.contains("stopped at 33 %") && words.contains("T 1.010"), "{words}");
}

#[test]
fn another_file_is_opened_while_one_streams() {
    let mut app = streaming(120, 36);
    let older = app.load_number;
    press(&mut app, "oother.npz");
    let effects = update(&mut app, event(KeyCode::Enter));
    assert!(matches!(&effects[..], [Effect::Cancel, Effect::Load(n, _)] if *n == older + 1));
    assert!(app.is_covered() && screen(&app).contains("other.npz"));
    update(&mut app, Message::Preview(older, glance(60, 2000, usize::MAX)));
    update(&mut app, Message::Loaded(older, Ok(study())));
    assert!(app.is_covered(), "the older load is not heard");
    show(&mut app, first_rows());
    let session = app.shown().unwrap();
    assert_eq!(session.target, Target::Path(PathBuf::from("other.npz")));
    // Esc on the second leaves its own first rows.
    update(&mut app, event(KeyCode::Esc));
    assert_eq!(app.activity, Activity::Idle);
    assert!(screen(&app).contains("stopped at"));
}

#[test]
fn a_reload_does_not_put_first_rows_over_all_rows() {
    let mut app = app(120, 36);
    press(&mut app, "r");
    show(&mut app, first_rows());
    assert!(app.session.as_ref().unwrap().study.first.is_none());
    assert!(app.is_covered());
    update(&mut app, event(KeyCode::Esc));
    assert!(!screen(&app).contains("partial"));
}

#[test]
fn exact_figures_to_come_are_announced() {
    let mut app = loading(120, 36);
    show(&mut app, glance(60, 3000, usize::MAX));
    let number = app.load_number;
    let told = LoadProgress { phase: "exact figures", ..progress(1500) };
    update(&mut app, Message::Progress(number, told));
    let words = screen(&app);
    assert!(words.contains("all 3,000 rows, interpolated · exact figures 50 %"), "{words}");
    assert!(words.contains("So far: all 3,000 rows, interpolated."), "{words}");
}

#[test]
fn clicks_land_while_rows_stream_in() {
    let mut app = streaming(120, 36);
    let tabs = screen(&app).lines().nth(1).unwrap().find("3 Temp").unwrap();
    let click = crossterm::event::MouseEvent {
        kind: crossterm::event::MouseEventKind::Down(crossterm::event::MouseButton::Left),
        column: u16::try_from(tabs).unwrap(),
        row: 1,
        modifiers: KeyModifiers::NONE,
    };
    update(&mut app, Message::Mouse(click));
    assert_eq!(app.shown().unwrap().place.screen, Screen::Temperature);
}

#[test]
fn first_rows_fit_any_size_without_colour_and_unicode() {
    let mut app = streaming(120, 36);
    app.settings = settings(ThemeChoice::Mono, ColourChoice::Never, true);
    for columns in (50..=140).step_by(3) {
        for rows in [14, 19, 20, 24, 40] {
            app.size = Size::new(columns, rows);
            let words = screen(&app);
            assert!(words.is_ascii() && words.contains("first 1,000 of 3,000 rows"), "{words}");
        }
    }
}
