//! State to cells. Nothing here changes anything.

mod charts;
mod checks;
mod chrome;
mod class_cursor;
mod class_detail;
mod class_entries;
mod classes;
mod columns;
mod curves;
mod findings;
mod format;
mod help;
mod home;
mod logits;
mod look_first;
mod margins;
mod measures;
mod methods;
mod overlays;
mod overview;
mod picker;
mod reliability;
mod selective;
mod several;
mod severity;
mod stream;
mod summary;
mod temperature;
mod thresholds;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::plot::Tier;

use super::glyphs;
use super::keymap::Action;
use super::layout::{self, MIN_SIZE, Parts};
use super::state::{Activity, App, Overlay, Screen, Session};
use super::widget::Pen;

pub(super) use charts::temperature_range;
pub(super) use class_cursor::cursor as class_cursor;
pub(super) use class_entries::{
    n_columns as class_columns, n_lines as class_lines, n_tables as class_tables,
};
pub(super) use classes::DETAIL_FROM as CLASS_DETAIL_FROM;
pub(super) use findings::overflow as findings_overflow;
pub(super) use help::overflow as help_overflow;
pub(super) use overview::{panel_at as overview_panel_at, panels as overview_panels};
pub(super) use reliability::TWO_FROM as TWO_DIAGRAMS_FROM;
pub(super) use several::{
    as_text as group_as_text, compare_view, shown_columns as compare_columns,
};
pub(super) use summary::figures as figures_as_text;

/// What a place on the screen stands for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Click {
    /// The same as a key.
    Key(Action),
    /// A temperature on an axis or the slider.
    Temperature(f64),
    /// A bin of the diagram.
    Bin(usize),
    /// A step of the isotonic curve.
    Step(usize),
    /// A number of bins on the curve of the ECE.
    BinCount(usize),
    /// A cell of a histogram of the Logits screen.
    Cell(usize, usize),
    /// A cell of the margin histogram.
    Threshold(usize),
    /// A panel of the Overview, by its screen.
    Panel(Screen),
    /// A line of the Classes screen, as it is sorted.
    ClassLine(usize),
    /// A line of the home screen.
    HomeLine(usize),
    /// A row of the file picker.
    PickerRow(usize),
    /// A step or a model of those that are open together.
    Member(usize),
    /// A line of the Columns dialog.
    ColumnsRow(usize),
    /// A finding, by its place among all.
    Finding(usize),
}

/// Draws the whole screen.
pub(super) fn draw(app: &App, buffer: &mut Buffer) {
    let area = buffer.area;
    let theme = app.settings.theme;
    let mut pen = Pen::new(buffer, theme);
    match layout::parts(area) {
        Some(parts) => draw_parts(app, &mut pen, &parts),
        None => too_small(&mut pen, area),
    }
    glyphs::sweep(buffer, theme.tier() == Tier::Ascii);
}

fn too_small(pen: &mut Pen<'_>, area: Rect) {
    let (columns, rows) = MIN_SIZE;
    let words = format!("logitscope needs {columns}×{rows}, is {}×{}", area.width, area.height);
    let width = u16::try_from(words.chars().count()).unwrap_or(u16::MAX);
    let style = pen.theme.text();
    pen.text(layout::centred(area, width, 1), &words, style);
}

fn draw_parts(app: &App, pen: &mut Pen<'_>, parts: &Parts) {
    if let Some(session) = app.shown() {
        chrome::header(app, session, pen, parts.header);
        chrome::tabs(app, session.place.screen, pen, parts.tabs);
        screen(app, session, pen, parts.body);
    } else {
        chrome::home_header(app, pen, parts.header);
        home::draw(app, pen, parts);
    }
    stream::rule(app, pen, parts.rule);
    chrome::status(app, pen, parts);
    chrome::footer(app, pen, parts.footer);
    match &app.activity {
        Activity::Loading(loading) if !loading.is_behind => {
            overlays::loading(app, loading, pen, parts.body);
        }
        Activity::Failed(_, failure, _) => overlays::failure(app, failure, pen, parts.body),
        Activity::Idle | Activity::Loading(_) => {}
    }
    match app.overlays.last() {
        Some(Overlay::Help(scroll)) => help::draw(app, *scroll, pen, parts.body),
        Some(Overlay::Prompt(prompt)) => overlays::prompt(prompt, pen, parts.body),
        Some(Overlay::Picker(picker)) => picker::draw(app, picker, pen, parts.body),
        Some(Overlay::Columns(columns)) => columns::draw(columns, pen, parts.body),
        Some(Overlay::Detail) => {
            if let Some(session) = app.shown() {
                classes::draw_over(session, pen, parts.body);
            }
        }
        Some(Overlay::Findings(list)) => {
            if let Some(session) = app.shown() {
                findings::draw((session, &app.findings()), list, pen, parts.body);
            }
        }
        Some(Overlay::Filter(_)) | None => {}
    }
}

fn screen(app: &App, session: &Session, pen: &mut Pen<'_>, body: Rect) {
    match session.place.screen {
        Screen::Overview => overview::draw(app, session, pen, body),
        Screen::Reliability => reliability::draw(session, pen, body),
        Screen::Temperature => temperature::draw(session, pen, body),
        Screen::Logits => logits::draw(session, pen, body),
        Screen::Margins => margins::draw(session, pen, body),
        Screen::Classes => classes::draw(app, session, pen, body),
        Screen::Compare | Screen::Run => several::draw(app, session, pen, body),
    }
}

/// What stands at a cell of the terminal. With something in front of the screen only the footer
/// answers.
pub(super) fn hit(app: &App, column: u16, line: u16) -> Option<Click> {
    let area = Rect::new(0, 0, app.size.width, app.size.height);
    let parts = layout::parts(area)?;
    let at = ratatui::layout::Position::new(column, line);
    if parts.footer.contains(at) {
        return chrome::footer_hit(app, parts.footer, column);
    }
    match app.overlays.last() {
        Some(Overlay::Picker(picker)) => return picker::hit(picker, parts.body, at),
        Some(Overlay::Columns(columns)) => return columns::hit(columns, parts.body, at),
        Some(Overlay::Findings(list)) => {
            return findings::hit(&app.findings(), list, parts.body, at);
        }
        Some(_) => return None,
        None if app.is_covered() => return None,
        None => {}
    }
    let Some(session) = app.shown() else {
        return home::hit(app, &parts, at);
    };
    if parts.header.contains(at) {
        return chrome::slider_hit(session, parts.header, column);
    }
    if parts.tabs.contains(at) {
        return chrome::tab_hit(app, parts.tabs, column);
    }
    match session.place.screen {
        Screen::Overview => overview::hit(app, session, parts.body, at),
        Screen::Reliability => reliability::hit(session, parts.body, at),
        Screen::Temperature => temperature::hit(session, parts.body, at),
        Screen::Logits => logits::hit(session, parts.body, at),
        Screen::Margins => margins::hit(session, parts.body, at),
        Screen::Classes => classes::hit(session, parts.body, at),
        Screen::Compare | Screen::Run => several::hit(app, parts.body, at),
    }
}

/// One line that says what the cursor stands on, for the status line; the longest wording first.
fn readouts(app: &App, session: &Session) -> Vec<String> {
    match session.place.screen {
        Screen::Overview => vec![overview::readout(session)],
        Screen::Reliability => reliability::readouts(session),
        Screen::Temperature => vec![temperature::readout(session)],
        Screen::Logits => logits::readouts(session),
        Screen::Margins => margins::readouts(session),
        Screen::Classes => classes::readouts(session),
        Screen::Compare | Screen::Run => several::readouts(app),
    }
}
