//! Every screen at four sizes, text and styles; and facts that hold on all of them.

use std::fmt::Write as _;

use ratatui::style::{Color, Modifier, Style};

use super::*;
use crate::tui::state::Screen;

pub(super) const SIZES: [(u16, u16); 4] = [(60, 20), (80, 24), (120, 36), (200, 60)];

/// Runs of cells that share a style, row by row; the default style is left out.
fn styles(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width).max(1);
    let mut out = String::new();
    for (y, row) in buffer.content.chunks(width).enumerate() {
        let mut runs = String::new();
        let mut start = 0;
        for run in row.chunk_by(|a, b| a.style() == b.style()) {
            let words = describe(run[0].style());
            if !words.is_empty() {
                write!(runs, " {start}+{} {words}", run.len()).unwrap();
            }
            start += run.len();
        }
        if !runs.is_empty() {
            writeln!(out, "{y}:{runs}").unwrap();
        }
    }
    out
}

fn describe(style: Style) -> String {
    let named = |mark: &str, colour: Option<Color>| match colour {
        None | Some(Color::Reset) => String::new(),
        Some(colour) => format!("{mark}{colour}"),
    };
    let mut words = named("", style.fg) + &named("/", style.bg);
    for (modifier, mark) in [(Modifier::BOLD, "b"), (Modifier::DIM, "d"), (Modifier::REVERSED, "r")]
    {
        if style.add_modifier.contains(modifier) {
            words = words + "'" + mark;
        }
    }
    words
}

pub(super) fn snapshot(app: &App, name: &str) {
    let buffer = drawn(app);
    let both = format!("{}\nstyles\n{}", text(&buffer), styles(&buffer));
    insta::assert_snapshot!(name, both);
}

#[test]
fn all_screens_at_all_sizes() {
    let study = study();
    for (columns, rows) in SIZES {
        let mut app = app_with(Arc::clone(&study), columns, rows);
        for (index, shown) in Screen::ALL.into_iter().enumerate() {
            press_and_wait(&mut app, &(index + 1).to_string());
            let name = format!("{}_{columns}x{rows}", shown.title().to_lowercase());
            snapshot(&app, &name);
        }
    }
}

#[test]
fn at_another_temperature() {
    let mut app = app(120, 36);
    press_and_wait(&mut app, "3");
    press_and_wait(&mut app, "}}}}}");
    snapshot(&app, "temperature_moved_120x36");
    press_and_wait(&mut app, "2");
    snapshot(&app, "reliability_moved_120x36");
}

#[test]
fn without_a_temperature_the_screens_say_why() {
    let mut app = app_with(flat_study(), 120, 36);
    for key in ["1", "2", "3", "4", "5", "6"] {
        press_and_wait(&mut app, key);
        let words = screen(&app);
        assert!(words.contains("T* none"), "{words}");
        assert!(!words.contains("NaN") && !words.contains("inf "), "{words}");
    }
    press(&mut app, "3");
    assert!(screen(&app).contains("changes nothing (flat)"));
}

#[test]
fn what_is_broken_comes_before_the_verdict() {
    for (columns, rows) in [(80, 24), (120, 36), (200, 60)] {
        let words = screen(&app_with(flat_study(), columns, rows));
        assert!(words.contains("FAILURE: constant_rows"), "{words}");
        assert!(words.contains("Probably: "), "{words}");
        assert!(!screen(&app(columns, rows)).contains("FAILURE"));
    }
}

#[test]
fn figures_after_scaling_say_what_they_were_computed_on() {
    let mut app = app(120, 36);
    assert!(screen(&app).contains("out of fold"));
    press(&mut app, "2");
    assert!(screen(&app).contains("out of fold"));
    press(&mut app, "3");
    assert!(screen(&app).contains("out of fold"));
    press_and_wait(&mut app, "*");
    assert!(screen(&app).contains("in sample"));
}

#[test]
fn no_column_is_lost_to_a_long_word() {
    let study = study();
    for (columns, rows) in [(80, 24), (100, 30), (120, 36), (200, 60)] {
        let mut app = app_with(Arc::clone(&study), columns, rows);
        for key in ["1", "2", "3"] {
            press_and_wait(&mut app, key);
            let words = screen(&app);
            let has_both = |line: &str| line.matches("55.97").count() == 2;
            assert!(words.lines().any(has_both), "{key}\n{words}");
        }
        press_and_wait(&mut app, "}");
        let has_three = |line: &str| line.matches("55.97").count() == 3;
        let words = screen(&app);
        assert!(columns == 80 || words.lines().any(has_three), "{words}");
    }
}

#[test]
fn help_comes_from_the_key_table() {
    let mut app = app(120, 60);
    press(&mut app, "2?");
    let words = screen(&app);
    for piece in ["Reliability", "fewer, more bins", "Every screen", "Everywhere", "quit"] {
        assert!(words.contains(piece), "{piece}\n{words}");
    }
    let mut app = self::app(80, 24);
    press(&mut app, "3?");
    update(&mut app, event(KeyCode::End));
    assert!(screen(&app).contains("may change predictions"), "the last figure of the screen");
    let mut app = self::app(120, 200);
    press(&mut app, "3?");
    let words = screen(&app);
    for piece in ["interpolated until the exact ones", "What it shows", "Source: Guo et al. 2017"] {
        assert!(words.contains(piece), "{piece}\n{words}");
    }
}

#[test]
fn colour_and_unicode_can_be_left_out() {
    let study = study();
    for (theme, colour, ascii) in [
        (ThemeChoice::Mono, ColourChoice::Always, false),
        (ThemeChoice::Dark, ColourChoice::Never, false),
        (ThemeChoice::Light, ColourChoice::Never, true),
    ] {
        let mut app = app_with(Arc::clone(&study), 120, 36);
        app.settings = settings(theme, colour, ascii);
        for key in ["1", "2", "v", "v", "v", "3", "v", "4", "5", "v", "v", "6", "?"] {
            press_and_wait(&mut app, key);
            let buffer = drawn(&app);
            let plain = |c: &ratatui::buffer::Cell| c.fg == Color::Reset && c.bg == Color::Reset;
            assert!(buffer.content.iter().all(plain), "{theme:?} {key}");
            let is_ascii = buffer.content.iter().all(|c| c.symbol().is_ascii());
            assert_eq!(is_ascii, ascii, "{}", text(&buffer));
        }
    }
}

#[test]
fn without_colour_bars_are_characters() {
    let mut app = app(120, 36);
    app.settings = settings(ThemeChoice::Mono, ColourChoice::Always, true);
    press(&mut app, "2");
    let words = screen(&app);
    assert!(words.contains("###") && words.contains(":::"), "{words}");
}

#[test]
fn nothing_from_a_file_drives_the_terminal() {
    let mut app = empty_app(100, 30);
    start(&mut app, None);
    let candidate = crate::tui::services::Candidate {
        path: "x".into(),
        name: "evil\u{1b}]52;c;x\u{7}.npz".into(),
        n_bytes: 1,
        found: "a\u{9b}31m".into(),
        usable: true,
    };
    update(&mut app, Message::Scanned(vec![candidate]));
    let words = screen(&app);
    assert!(!words.contains(['\u{1b}', '\u{7}', '\u{9b}']));
    assert!(words.contains("evil"));
}
