//! The Classes screen: order, filter, cursor, the chosen line, labels.

use super::screens::{SIZES, snapshot};
use super::*;
use crate::data::{Batch, BatchSource, ClassNames, SourceError};
use crate::tui::state::Overlay;

/// A study with names, some of which must not drive the terminal.
pub(super) fn named(n_classes: usize, names: impl Fn(usize) -> String) -> Arc<Study> {
    let sources = Sources {
        info: SourceInfo {
            class_names: Some(ClassNames::new((0..n_classes).map(names))),
            ..info(n_classes)
        },
        fit: Arc::new(source_of(n_classes)),
        test: None,
    };
    Arc::new(pipeline::study(sources, &analysis_options(), &mut |_| true).unwrap())
}

fn animals() -> Arc<Study> {
    let names =
        ["cat", "dog", "wildcat\u{1b}[2J", "猫の名前", "a rather long name of an animal", "cow"];
    named(6, |class| names[class].to_owned())
}

pub(super) fn on_classes(study: Arc<Study>, columns: u16, rows: u16) -> App {
    let mut app = app_with(study, columns, rows);
    press_and_wait(&mut app, "6");
    app
}

/// The names in the table, from the top.
fn lines(app: &App) -> Vec<String> {
    column(app, 0)
}

/// A column of the table, from the top.
fn column(app: &App, at: usize) -> Vec<String> {
    let text = view::figures_as_text(app.session.as_ref().unwrap());
    let rows = text.lines().skip(2);
    rows.map(|line| line.split('\t').nth(at).unwrap().to_owned()).collect()
}

/// Rows of two classes, of which `n_entries` belong to one stored row.
struct Entries {
    inner: MemorySource,
    n_entries: usize,
}

type Visit<'a> = &'a mut dyn FnMut(Batch<'_>) -> Result<(), SourceError>;

impl BatchSource for Entries {
    fn n_classes(&self) -> usize {
        self.inner.n_classes()
    }

    fn n_rows(&self) -> usize {
        self.inner.n_rows()
    }

    fn kind(&self) -> Kind {
        self.inner.kind()
    }

    fn read(&self, visit: Visit<'_>) -> Result<(), SourceError> {
        self.inner.read(visit)
    }

    fn sample(&self, n_wanted: usize, visit: Visit<'_>) -> Result<(), SourceError> {
        self.inner.sample(n_wanted, visit)
    }

    fn sha256_labels(&self) -> String {
        self.inner.sha256_labels()
    }

    fn n_entries(&self) -> usize {
        self.n_entries
    }
}

/// Six binary questions in a row of six.
fn labels_study() -> Arc<Study> {
    let mut random = Pcg64Mcg::seed_from_u64(3);
    let (n_rows, n_labels) = (400, 6_u8);
    let (mut scores, mut labels) = (Vec::new(), Vec::new());
    for _ in 0..n_rows {
        for label in 0..n_labels {
            let z = 6.0 * (random.random::<f64>() - 0.5) - 0.2 * f64::from(label);
            let is_there = random.random::<f64>() < 1.0 / (1.0 + (-z / 2.0).exp());
            scores.extend([0.0, z]);
            labels.push(Label::class(u32::from(is_there)).unwrap());
        }
    }
    let source = Entries {
        inner: MemorySource::new(2, Kind::Logits, Values::F64(scores), labels).unwrap(),
        n_entries: n_labels as usize,
    };
    let sources = Sources {
        info: SourceInfo { task: Task::Multilabel, n_labels: Some(n_labels as usize), ..info(2) },
        fit: Arc::new(source),
        test: None,
    };
    Arc::new(pipeline::study(sources, &analysis_options(), &mut |_| true).unwrap())
}

#[test]
fn classes_at_all_sizes() {
    let study = animals();
    for (columns, rows) in SIZES {
        let app = on_classes(Arc::clone(&study), columns, rows);
        snapshot(&app, &format!("classes_named_{columns}x{rows}"));
        assert!(!screen(&app).contains('\u{1b}'));
    }
}

#[test]
fn the_table_is_sorted_by_every_column_both_ways() {
    let mut app = on_classes(animals(), 120, 36);
    let session = app.session.as_ref().unwrap();
    let n_columns = view::class_columns(session);
    let own = lines(&app);
    for _ in 0..n_columns {
        press(&mut app, "s");
        let down = lines(&app);
        press(&mut app, "S");
        let mut up = lines(&app);
        assert_eq!(down.len(), 6);
        up.sort();
        let mut same = down.clone();
        same.sort();
        assert_eq!(up, same, "no line is lost");
    }
    press(&mut app, "s");
    assert_eq!(lines(&app), own, "after the last column comes its own order");
}

#[test]
fn a_filter_shows_the_names_that_contain_it() {
    let mut app = on_classes(animals(), 80, 24);
    press(&mut app, "/CAT");
    assert_eq!(lines(&app).len(), 2);
    assert!(screen(&app).contains("names that contain"));
    update(&mut app, event(KeyCode::Enter));
    assert!(app.overlays.is_empty() && lines(&app).len() == 2);
    update(&mut app, event(KeyCode::Esc));
    assert_eq!(lines(&app).len(), 6, "Esc brings the others back first");
    press(&mut app, "/zebra");
    assert!(screen(&app).contains("no name contains"));
    update(&mut app, event(KeyCode::Esc));
    assert_eq!(lines(&app).len(), 6);
}

#[test]
fn a_thousand_classes_scroll_with_the_cursor() {
    let mut app = on_classes(named(1000, |class| format!("class {class}")), 120, 36);
    assert_eq!(lines(&app).len(), 1000);
    update(&mut app, event(KeyCode::End));
    let last = lines(&app)[999].clone();
    assert!(screen(&app).contains(&format!("▸ {last}")));
    update(&mut app, event(KeyCode::Down));
    assert_eq!(app.session.as_ref().unwrap().place.classes.cursor, 999);
    update(&mut app, event(KeyCode::Home));
    let first = lines(&app)[0].clone();
    assert!(screen(&app).contains(&format!("▸ {first}")));
}

#[test]
fn the_chosen_line_opens_where_it_has_no_room() {
    let mut app = on_classes(animals(), 80, 24);
    assert!(!screen(&app).contains("its rows are taken for"));
    update(&mut app, event(KeyCode::Enter));
    assert_eq!(app.overlays, [Overlay::Detail]);
    assert!(screen(&app).contains("precision "), "{}", screen(&app));
    let before = screen(&app);
    update(&mut app, event(KeyCode::Down));
    assert_ne!(screen(&app), before, "the cursor moves under it");
    update(&mut app, event(KeyCode::Esc));
    assert!(app.overlays.is_empty());
    app.size = Size::new(120, 36);
    assert!(screen(&app).contains("its rows are taken for"));
    update(&mut app, event(KeyCode::Enter));
    assert!(app.overlays.is_empty(), "there it is beside the table");
}

#[test]
fn gaps_follow_the_temperature() {
    let mut app = on_classes(animals(), 120, 36);
    let gaps = |app: &App| {
        let cells = column(app, 6).into_iter();
        cells
            .map(|cell| cell.trim_end_matches(['*', ' ']).parse::<f64>().unwrap())
            .collect::<Vec<f64>>()
    };
    let at_one = gaps(&app);
    assert!(at_one.iter().all(|gap| *gap < -0.05), "too sure by a factor of two");
    press_and_wait(&mut app, "*");
    let at_star = gaps(&app);
    assert!(at_star.iter().all(|gap| gap.abs() < 0.06), "{at_star:?}");
}

#[test]
fn labels_have_a_table_of_their_own() {
    let study = labels_study();
    for (columns, rows) in SIZES {
        let app = on_classes(Arc::clone(&study), columns, rows);
        assert_eq!(lines(&app).len(), 6);
        snapshot(&app, &format!("labels_{columns}x{rows}"));
    }
}

#[test]
fn other_tables_are_those_of_slices() {
    let mut app = on_classes(animals(), 120, 36);
    press(&mut app, "v");
    assert!(screen(&app).contains("--slice COLUMN"));
}
