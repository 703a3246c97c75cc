//! The Compare screen.

use super::several::{failure, gathered, jobs, loaded, news, order, run, step_study, studied};
use super::*;
use crate::tui::group_event::{GroupJob, GroupNews};
use crate::tui::services::why_not;
use crate::tui::state::{CompareView, GroupKind, Metric, Screen};
use crate::tui::update::start_with;
use crate::tui::view::{Click, compare_columns, compare_view, hit};

/// Three models, of which the last has other labels, gathered and compared.
pub(super) fn comparison(columns: u16, rows: u16) -> App {
    let mut app = empty_app(columns, rows);
    let names = ["resnet.npz", "vit.npz", "other.npz", "gone.npz"];
    let effects = start_with(&mut app, names.map(PathBuf::from).to_vec());
    assert_eq!(order(&effects).unwrap().target, Target::Path("resnet.npz".into()));
    let effects = loaded(&mut app, step_study(2.0));
    assert!(matches!(jobs(&effects)[..], [GroupJob::Gather(_, true)]));
    for (id, (factor, n_other)) in [(2.0, 0), (1.0, 0), (1.0, 900)].into_iter().enumerate() {
        let read = gathered(None, studied(factor, n_other, info(N_CLASSES)), true);
        let effects = news(&mut app, GroupNews::Read(id, Ok(read)));
        pair(&mut app, &effects);
    }
    let gone = Err(failure("there is no such file"));
    news(&mut app, GroupNews::Read(3, gone));
    news(&mut app, GroupNews::AllRead);
    app
}

/// Does what a worker would do about comparisons.
fn pair(app: &mut App, effects: &[Effect]) {
    let options = AnalysisOptions { n_draws: 50, ..analysis_options() };
    for job in jobs(effects) {
        let GroupJob::Pair((reference, first), models) = job else {
            continue;
        };
        for (model, study) in models {
            let paired = study.paired_with(first, &options);
            let outcome = paired.map(Box::new).map_err(|e| why_not(&e));
            let reference = *reference;
            let model = *model;
            news(app, GroupNews::Paired { reference, model, outcome });
        }
    }
}

#[test]
fn models_are_compared_with_a_reference_that_can_be_changed() {
    let mut app = comparison(120, 36);
    let words = screen(&app);
    for piece in ["8 Compare", "resnet.npz", "cannot be read: there is no such file", "sha256"] {
        assert!(words.contains(piece), "{piece}\n{words}");
    }
    assert!(words.contains("other labels: sha256"), "{words}");
    update(&mut app, event(KeyCode::Down));
    let effects = press(&mut app, "=");
    let [GroupJob::Pair((reference, _), models)] = jobs(&effects)[..] else {
        panic!("{effects:?}");
    };
    assert_eq!((*reference, models.len()), (1, 2));
    pair(&mut app, &effects);
    assert!(screen(&app).contains("NLL minus vit.npz"));
    press(&mut app, "m");
    assert_eq!(app.group.as_ref().unwrap().compare.metric, Metric::Ece);
    let effects = update(&mut app, event(KeyCode::Enter));
    assert_eq!(order(&effects).unwrap().target, Target::Path("vit.npz".into()));
    assert_eq!(app.shown().unwrap().place.screen, Screen::Overview);
}

#[test]
fn a_run_can_be_compared_and_the_other_way_round() {
    let mut app = run(120, 36);
    let effects = press(&mut app, "R");
    assert!(matches!(jobs(&effects)[..], [GroupJob::Gather(orders, true)] if orders.len() == 4));
    assert_eq!(app.group.as_ref().unwrap().kind, GroupKind::Comparison);
    assert!(screen(&app).contains("8 Compare"));
    press(&mut app, "R");
    assert!(screen(&app).contains("9 Run"));
}

/// What the words of a screen say at (`column`, `row`), and where `words` begins.
fn place_of(app: &App, words: &str) -> (u16, u16) {
    let screen = screen(app);
    let mut lines = (0..).zip(screen.lines());
    let found = lines.find_map(|(row, line)| Some((line.find(words)?, line, row)));
    let (at, line, row) = found.unwrap_or_else(|| panic!("{words}\n{screen}"));
    (u16::try_from(line[..at].chars().count()).unwrap(), row)
}

#[test]
fn gaps_stand_below_the_tables_where_there_is_room_and_v_brings_them_elsewhere() {
    let mut app = comparison(120, 36);
    assert_eq!(compare_view(&app), Some(CompareView::Gaps));
    let words = screen(&app);
    assert!(words.contains("gaps at T = 1") && words.contains("NLL minus resnet.npz"));
    press(&mut app, "v");
    assert!(screen(&app).contains("reliability at T = 1"));
    press(&mut app, "v");
    assert!(screen(&app).contains("NLL (nats per row) over T"));
    press(&mut app, "v");
    assert!(screen(&app).contains("gaps at T = 1"));
    app.size = Size::new(80, 24);
    app.group.as_mut().unwrap().compare.view = None;
    assert_eq!(compare_view(&app), Some(CompareView::Reliability));
    press(&mut app, "vv");
    let words = screen(&app);
    assert!(words.contains("gaps at T = 1") && !words.contains("minus"));
    assert_eq!(words.matches('┼').count(), 1 + 2 * 3, "three models, two sides\n{words}");
}

#[test]
fn bars_show_the_gaps_of_the_bins_and_y_copies_them() {
    let mut app = comparison(200, 60);
    let words = screen(&app);
    let (column, row) = place_of(&app, "gaps at T = 1");
    assert!(column < 3);
    let names = words.lines().nth(usize::from(row) + 1).unwrap();
    assert!(names.contains("resnet.npz"), "{names}");
    // The model is too sure by a factor of two: its bars hang down at T = 1 and are gone at its T*.
    let buffer = drawn(&app);
    let axes = |row: u16| (0..200).filter(|x| buffer[(*x, row)].symbol() == "┼").collect();
    let found = (row + 1..row + 12).find_map(|row| {
        let axes: Vec<u16> = axes(row);
        (axes.len() == 2).then(|| (row, axes[1]))
    });
    let (line, second) = found.expect("the line at 0 on both sides");
    let is_bar = |(x, y): (u16, u16)| {
        let cell = &buffer[(x, y)];
        cell.bg != ratatui::style::Color::Reset || cell.symbol() == "▀"
    };
    let count = |columns: std::ops::Range<u16>| {
        let rows = line + 1..line + 3;
        let cells = rows.flat_map(|y| columns.clone().map(move |x| (x, y)));
        cells.filter(|at| is_bar(*at)).count()
    };
    let hanging = [count(0..second), count(second..200)];
    assert!(hanging[0] > 20 && hanging[0] > 5 * hanging[1], "{hanging:?}\n{words}");
    let click = hit(&app, 4, row + 1);
    assert_eq!(click, Some(Click::Member(0)));

    // What is shown is copied.
    let copied = |app: &mut App| match &press(app, "y")[..] {
        [Effect::Copy(text)] => text.clone(),
        other => panic!("{other:?}"),
    };
    let text = copied(&mut app);
    let study = step_study(2.0);
    let bin = &study.analysis.reliability_before.bins[14];
    let line =
        format!("resnet.npz\tT = 1\t{}\t{}\t{}\t{}", bin.low, bin.high, bin.count, bin.gap());
    assert!(text.contains(&line), "{line}\n{text}");
    press(&mut app, "v");
    assert!(!copied(&mut app).contains("\tT = 1\t"));
}

#[test]
fn columns_that_do_not_fit_are_reached_by_the_arrows() {
    let mut app = comparison(200, 60);
    let words = screen(&app);
    assert!(words.contains("verdict") && !words.contains("columns"), "{words}");
    for (columns, rows) in [(60, 20), (80, 24), (120, 36)] {
        app.size = Size::new(columns, rows);
        app.group.as_mut().unwrap().compare.column = 0;
        let words = screen(&app);
        assert!(columns < 80 || words.contains("of 10 columns"), "{words}");
        let footer = words.lines().last().unwrap();
        assert!(columns < 120 || footer.contains("←→ columns"), "{footer}");
        let head = |app: &App| {
            let words = screen(app);
            let line = words.lines().find(|line| line.contains(" 4 models"));
            line.unwrap().to_owned()
        };
        let mut seen = head(&app);
        assert!(seen.contains("acc %") && !seen.contains("verdict"), "{seen}");
        let sign = seen.chars().position(|c| c == '▸').unwrap();
        let last_first = compare_columns(&app).unwrap().last_first;
        for _ in 0..last_first {
            assert!(update(&mut app, event(KeyCode::Right)).is_empty());
            seen += &head(&app);
        }
        for name in ["T*", "NLL T=1", "ECE% T*", "Brier T*", "AURC", "std z", "verdict"] {
            assert!(seen.contains(name), "{name}: {seen}");
        }
        let last = head(&app);
        assert!(last.contains('◂') && !last.contains('▸'), "{last}");
        update(&mut app, event(KeyCode::Right));
        assert_eq!(head(&app), last, "there is no more");
        update(&mut app, event(KeyCode::Left));
        assert!(head(&app).contains('▸'));
        let (_, row) = place_of(&app, " 4 models");
        let click = hit(&app, u16::try_from(sign).unwrap(), row);
        let next = crate::tui::keymap::Action::NextColumn;
        assert_eq!(click, Some(Click::Key(next)));
    }
}

#[test]
fn models_are_added_and_taken_out() {
    let mut app = comparison(120, 36);
    let names = |app: &App| -> Vec<String> {
        let members = &app.group.as_ref().unwrap().members;
        members.iter().map(|member| member.name.clone()).collect()
    };
    press(&mut app, "x");
    assert_eq!(names(&app).len(), 4, "the one that other screens show stays");
    assert!(screen(&app).contains("resnet.npz is on the other screens"));
    update(&mut app, event(KeyCode::End));
    assert!(press(&mut app, "x").is_empty());
    assert_eq!(names(&app), ["resnet.npz", "vit.npz", "other.npz"]);
    assert_eq!(app.group.as_ref().unwrap().compare.row, 2);

    press(&mut app, "a");
    assert!(screen(&app).contains("Add a model"));
    press(&mut app, "new.npz");
    let effects = update(&mut app, event(KeyCode::Enter));
    let [GroupJob::Gather(orders, true)] = jobs(&effects)[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(orders[0].0, 4, "a new id");
    assert_eq!(orders[0].1.target, Target::Path("new.npz".into()));
    assert_eq!(app.shown().unwrap().place.screen, Screen::Compare);
    let read = gathered(None, studied(1.0, 0, info(N_CLASSES)), true);
    let effects = news(&mut app, GroupNews::Read(4, Ok(read)));
    let [GroupJob::Pair((0, _), models)] = jobs(&effects)[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(models[0].0, 4);
    press(&mut app, "a");
    press(&mut app, "new.npz");
    update(&mut app, event(KeyCode::Enter));
    assert_eq!(names(&app).len(), 4, "it is among them already");

    update(&mut app, event(KeyCode::Home));
    update(&mut app, event(KeyCode::Down));
    press(&mut app, "=");
    let effects = press(&mut app, "x");
    assert_eq!(names(&app), ["resnet.npz", "other.npz", "new.npz"]);
    let [GroupJob::Pair((reference, _), models)] = jobs(&effects)[..] else {
        panic!("{effects:?}");
    };
    assert_eq!((*reference, models.len()), (0, 2), "another one is the reference");
}
