//! The findings on the Overview and in their list.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::screens::{SIZES, snapshot};
use super::*;
use crate::diagnosis::{Rule, Severity};
use crate::tui::state::{FindingsPage, Overlay, Screen};
use crate::tui::view;

/// Scores and labels of [`source`].
fn parts() -> (Vec<f64>, Vec<Label>) {
    let source = source();
    let Values::F64(scores) = source.values() else {
        panic!("these rows are f64");
    };
    (scores.clone(), source.labels().to_vec())
}

fn source_with(scores: Vec<f64>, labels: Vec<Label>) -> MemorySource {
    MemorySource::new(N_CLASSES, Kind::Logits, Values::F64(scores), labels).unwrap()
}

/// The rows of [`source`] with the labels in reverse and five NaN.
fn broken_source() -> MemorySource {
    let (mut scores, mut labels) = parts();
    labels.reverse();
    for row in 40..45 {
        scores[row * N_CLASSES] = f64::NAN;
    }
    source_with(scores, labels)
}

pub(super) fn broken_app(columns: u16, rows: u16) -> App {
    app_with(study_of(broken_source()), columns, rows)
}

fn page(app: &App) -> Option<(usize, FindingsPage)> {
    match app.overlays.last() {
        Some(Overlay::Findings(list)) => Some((list.cursor, list.page)),
        _ => None,
    }
}

fn shown_screen(app: &App) -> Screen {
    app.shown().unwrap().place.screen
}

fn press_key(app: &mut App, code: KeyCode) {
    update(app, event(code));
}

fn click_at(app: &mut App, words: &str) {
    let position = screen(app).lines().zip(0..).find_map(|(line, row)| {
        let at = line.find(words)?;
        Some((line[..at].chars().count(), row))
    });
    let (column, row) = position.unwrap_or_else(|| panic!("{words:?}\n{}", screen(app)));
    let event = MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: u16::try_from(column).unwrap(),
        row,
        modifiers: KeyModifiers::NONE,
    };
    update(app, Message::Mouse(event));
}

#[test]
fn the_overview_names_the_fault_and_lists_the_rest() {
    for (columns, rows) in SIZES {
        let app = broken_app(columns, rows);
        let findings = &app.shown().unwrap().study.findings;
        assert_eq!(findings[0].rule, Rule::NonFinite, "{findings:#?}");
        assert_eq!(findings[1].rule, Rule::RowsMisaligned, "{findings:#?}");
        let words = screen(&app);
        assert!(words.contains("✗ FAILURE: non_finite"), "{words}");
        assert!(words.contains("✗ ") && words.contains("rows_misaligned"), "{words}");
        snapshot(&app, &format!("overview_broken_{columns}x{rows}"));
    }
}

#[test]
fn the_list_of_findings_at_all_sizes() {
    for (columns, rows) in SIZES {
        let mut app = broken_app(columns, rows);
        press(&mut app, "f");
        press_key(&mut app, KeyCode::Down);
        snapshot(&app, &format!("findings_{columns}x{rows}"));
        press_key(&mut app, KeyCode::Enter);
        snapshot(&app, &format!("findings_explained_{columns}x{rows}"));
    }
}

#[test]
fn enter_explains_and_esc_goes_back_one_level() {
    let mut app = broken_app(80, 24);
    press_key(&mut app, KeyCode::Enter);
    assert_eq!(page(&app), Some((0, FindingsPage::List)), "the focused panel");
    press_key(&mut app, KeyCode::Down);
    press_key(&mut app, KeyCode::Enter);
    assert_eq!(page(&app), Some((1, FindingsPage::Explanation)));
    let top = screen(&app);
    assert!(top.contains("What rows_misaligned means"), "{top}");
    press_key(&mut app, KeyCode::End);
    let end = screen(&app);
    assert!(top != end && end.contains("a rule of thumb"), "{end}");
    press_key(&mut app, KeyCode::Esc);
    assert_eq!(page(&app), Some((1, FindingsPage::List)));
    press_key(&mut app, KeyCode::Esc);
    assert_eq!(page(&app), None);
    assert_eq!(shown_screen(&app), Screen::Overview);
    press(&mut app, "2ff");
    assert_eq!((page(&app), shown_screen(&app)), (None, Screen::Reliability));
}

#[test]
fn the_rows_of_a_finding_have_label_prediction_and_margin() {
    let (mut values, labels) = parts();
    // Row 17 is sure of one class, and its label is another.
    let label = labels[17].index().unwrap();
    let top = (label + 1) % N_CLASSES;
    values[17 * N_CLASSES + top] = 60.0;
    values[17 * N_CLASSES + label] = 1.0;
    let mut app = app_with(study_of(source_with(values, labels)), 120, 36);
    let findings = &app.shown().unwrap().study.findings;
    let at = findings.iter().position(|f| f.rule == Rule::Saturated).unwrap();
    assert_eq!(findings[at].rows, [17]);
    press(&mut app, "f");
    (0..at).for_each(|_| press_key(&mut app, KeyCode::Down));
    press(&mut app, "r");
    assert_eq!(page(&app), Some((at, FindingsPage::Rows)));
    let words = screen(&app);
    let line = words.lines().find(|line| line.contains("│ 17 ")).unwrap();
    let line = &line[line.find("│ 17 ").unwrap()..];
    let cells: Vec<&str> = line.split_whitespace().skip(1).collect();
    assert_eq!(cells[..4], ["17", &label.to_string(), &top.to_string(), "✗"], "{words}");
    assert!(cells[5].starts_with("-59"), "60 - 1 below the largest other: {words}");
    press_key(&mut app, KeyCode::Esc);
    press(&mut app, "g");
    assert_eq!((page(&app), shown_screen(&app)), (None, Screen::Margins));
    let session = app.shown().unwrap();
    let cells = session.study.analysis.histograms.margin.correct.len();
    assert_eq!(session.place.threshold, cells, "one row is beyond the histogram");
}

#[test]
fn rows_that_are_left_out_are_named_as_such() {
    let mut app = broken_app(80, 24);
    press(&mut app, "fr");
    let words = screen(&app);
    assert!(words.contains("40") && words.contains("left out of every"), "{words}");
    press_key(&mut app, KeyCode::Esc);
    press_key(&mut app, KeyCode::Down);
    press(&mut app, "r");
    assert_eq!(page(&app), Some((1, FindingsPage::List)));
    assert!(screen(&app).contains("no row in particular"));
}

#[test]
fn clicks_open_choose_and_explain() {
    let mut app = broken_app(120, 36);
    click_at(&mut app, "✗ rows_misaligned");
    assert_eq!(page(&app), Some((1, FindingsPage::List)));
    click_at(&mut app, "✗ non_finite");
    assert_eq!(page(&app), Some((0, FindingsPage::List)));
    click_at(&mut app, "non_finite ");
    assert_eq!(page(&app), Some((0, FindingsPage::Explanation)));
    press_key(&mut app, KeyCode::Esc);
    press_key(&mut app, KeyCode::Esc);
    click_at(&mut app, "FAILURE: non_finite");
    assert_eq!(page(&app), Some((0, FindingsPage::List)));
}

#[test]
fn a_finding_is_copied_as_the_report_prints_it() {
    let mut app = broken_app(80, 24);
    let effects = press(&mut app, "fy");
    let [Effect::Copy(text)] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert!(text.starts_with("  failure non_finite\n"), "{text}");
    assert!(text.contains("Next: ") && text.ends_with(".\n"), "{text}");
}

#[test]
fn severity_is_told_without_colour() {
    let mut app = broken_app(120, 36);
    app.settings = settings(ThemeChoice::Mono, ColourChoice::Never, true);
    press(&mut app, "f");
    let findings = &app.shown().unwrap().study.findings;
    let words = screen(&app);
    for finding in findings {
        let mark = match finding.severity {
            Severity::Failure => 'X',
            Severity::Warning => '!',
            Severity::Info => 'i',
        };
        let listed = format!("{mark} {}", finding.rule);
        assert!(words.contains(&listed), "{listed}\n{words}");
    }
}

#[test]
fn without_findings_the_key_says_so() {
    let mut app = app(120, 36);
    let study = Arc::get_mut(&mut app.session.as_mut().unwrap().study);
    study.unwrap().findings.clear();
    press(&mut app, "f");
    assert_eq!(page(&app), None);
    let words = screen(&app);
    assert!(words.contains("no rule has found anything"), "{words}");
    assert!(words.contains("✓ no rule found anything") && !words.contains("f findings"));
}

#[test]
fn a_list_that_grew_shorter_keeps_its_place() {
    let mut app = broken_app(80, 24);
    press(&mut app, "f");
    press_key(&mut app, KeyCode::End);
    let study = Arc::get_mut(&mut app.session.as_mut().unwrap().study);
    study.unwrap().findings.truncate(1);
    assert!(screen(&app).contains("1 of 1"));
    press_key(&mut app, KeyCode::Up);
    press_key(&mut app, KeyCode::Enter);
    assert!(screen(&app).contains("What non_finite means"));
    study_is_gone(&mut app);
}

/// Without a finding left there is nothing to draw, and nothing falls over.
fn study_is_gone(app: &mut App) {
    let study = Arc::get_mut(&mut app.session.as_mut().unwrap().study);
    study.unwrap().findings.clear();
    drawn(app);
    for code in [KeyCode::Down, KeyCode::Enter, KeyCode::Char('r'), KeyCode::Char('g')] {
        press_key(app, code);
        drawn(app);
    }
}

#[test]
fn a_finding_about_a_class_leads_to_the_line_of_the_class() {
    let (mut scores, labels) = parts();
    scores.iter_mut().skip(4).step_by(N_CLASSES).for_each(|z| *z += 12.0);
    let mut app = app_with(study_of(source_with(scores, labels)), 120, 36);
    let findings = &app.shown().unwrap().study.findings;
    let at = findings.iter().position(|f| f.rule == Rule::ClassBias).unwrap();
    assert_eq!(findings[at].number("class"), Some(4.0));
    press(&mut app, "f");
    (0..at).for_each(|_| press_key(&mut app, KeyCode::Down));
    press_and_wait(&mut app, "g");
    assert_eq!((page(&app), shown_screen(&app)), (None, Screen::Classes));
    let name_at_cursor = |app: &App| {
        let session = app.session.as_ref().unwrap();
        let text = view::figures_as_text(session);
        let line = text.lines().nth(2 + view::class_cursor(session)).unwrap().to_owned();
        line.split('\t').next().unwrap().to_owned()
    };
    assert_eq!(name_at_cursor(&app), "4");
    // It is the line of the class until the cursor is moved.
    press_key(&mut app, KeyCode::Home);
    let session = app.session.as_ref().unwrap();
    assert_eq!((view::class_cursor(session), session.place.classes.class), (0, None));
}
