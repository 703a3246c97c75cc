//! No size of terminal brings the app down.

use super::*;
use crate::tui::services::Failure;
use crate::tui::state::CompareView;

fn draw_at_all_sizes(app: &mut App) {
    for rows in 1..=50_u16 {
        // Every width and every height, each with many of the other: all pairs would take a minute.
        for columns in (1 + rows % 4..=140).step_by(4) {
            app.size = Size::new(columns, rows);
            drawn(app);
        }
    }
}

#[test]
fn studies_at_all_sizes() {
    let mut app = app(120, 36);
    for keys in ["1", "2", "m", "v", "v", "v", "3", "l", "v", "4", "5", "v", "v", "6", "?"] {
        press_and_wait(&mut app, keys);
        draw_at_all_sizes(&mut app);
    }
}

#[test]
fn findings_at_all_sizes() {
    let mut app = super::findings::broken_app(120, 36);
    draw_at_all_sizes(&mut app);
    press(&mut app, "f");
    draw_at_all_sizes(&mut app);
    press(&mut app, "r");
    draw_at_all_sizes(&mut app);
    update(&mut app, event(KeyCode::Esc));
    update(&mut app, event(KeyCode::Enter));
    draw_at_all_sizes(&mut app);
}

#[test]
fn a_flat_study_at_all_sizes() {
    let mut app = app_with(flat_study(), 120, 36);
    for keys in ["1", "2", "vv", "v", "3", "v", "4", "5", "v", "v", "6"] {
        press_and_wait(&mut app, keys);
        draw_at_all_sizes(&mut app);
    }
}

#[test]
fn several_files_at_all_sizes() {
    let mut app = super::several::run(120, 36);
    draw_at_all_sizes(&mut app);
    let mut app = super::models::comparison(120, 36);
    draw_at_all_sizes(&mut app);
    for view in [CompareView::Gaps, CompareView::Nll] {
        app.group.as_mut().unwrap().compare.view = Some(view);
        draw_at_all_sizes(&mut app);
    }
}

#[test]
fn home_prompts_and_messages_at_all_sizes() {
    let mut app = empty_app(80, 24);
    start(&mut app, None);
    draw_at_all_sizes(&mut app);
    press(&mut app, "o some/path");
    draw_at_all_sizes(&mut app);
    update(&mut app, event(KeyCode::Esc));
    let mut picker = super::picker::opened(80, 24);
    draw_at_all_sizes(&mut picker);
    press(&mut picker, "val");
    draw_at_all_sizes(&mut picker);
    let mut columns = super::columns::opened();
    draw_at_all_sizes(&mut columns);
    press(&mut app, "o nowhere.csv");
    update(&mut app, event(KeyCode::Enter));
    draw_at_all_sizes(&mut app);
    let failure = Failure {
        name: "a/very/long/name/that/does/not/fit/anywhere/at/all.csv".into(),
        message: "row 4,182, column logit_37: \"NaN.\" is not a number ".repeat(9),
        hint: Some("logitscope inspect".into()),
        cancelled: false,
    };
    let number = app.load_number;
    update(&mut app, Message::Loaded(number, Err(failure)));
    draw_at_all_sizes(&mut app);
}

#[test]
fn too_small_says_so() {
    let app = empty_app(44, 12);
    assert!(screen(&app).contains("logitscope needs 50×14, is 44×12"));
}
