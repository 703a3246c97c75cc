//! The home screen: what can be opened here.

use ratatui::layout::{Position, Rect};

use super::super::layout::{Parts, centred, inside, row, top};
use super::super::state::App;
use super::super::widget::{Pen, dim_span, span, strong_span};
use super::{Click, format};
use crate::report::wrap;

const QUESTIONS: &str = "Can I trust these probabilities? Which temperature do I ship? \
    What is wrong with the logits?";

/// Columns of the list at most.
const WIDEST: u16 = 100;

/// The questions, and the panel with the list below.
fn plan(parts: &Parts) -> (Rect, Rect) {
    let column = centred(parts.body, WIDEST, parts.body.height);
    top(column, if column.height > 12 { 3 } else { 0 })
}

/// Draws the screen.
pub(super) fn draw(app: &App, pen: &mut Pen<'_>, parts: &Parts) {
    let theme = pen.theme;
    let (head, panel) = plan(parts);
    let lines: Vec<_> = wrap(QUESTIONS, usize::from(head.width.saturating_sub(4)))
        .into_iter()
        .map(|line| vec![strong_span(theme, format!("  {line}"))])
        .collect();
    pen.lines(head, &lines);
    let found = match &app.home.candidates {
        None => "looking …".to_owned(),
        Some(files) => format!("{} files", files.len()),
    };
    let list = pen.panel(panel, ["Files here that may hold logits", &found], false);
    let first = first_line(app, list);
    for index in 0..list.height {
        draw_line(app, pen, row(list, index), first + usize::from(index));
    }
}

/// The first line shown: the chosen one is always in view.
fn first_line(app: &App, list: Rect) -> usize {
    let height = usize::from(list.height).max(1);
    (app.home.cursor + 1).saturating_sub(height)
}

fn draw_line(app: &App, pen: &mut Pen<'_>, at: Rect, index: usize) {
    let theme = pen.theme;
    let files = app.home.files();
    let is_chosen = index == app.home.cursor;
    let mark = if is_chosen { "▸ " } else { "  " };
    if index > files.len() {
        if index == files.len() + 1 && files.is_empty() && app.home.candidates.is_some() {
            let words = "no such files in this folder: press o and type a path";
            pen.spans(at, &[dim_span(theme, format!("  {words}"))]);
        }
        return;
    }
    let (name, size, found) = match files.get(index) {
        Some(file) => (file.name.clone(), format::bytes(file.n_bytes), file.found.clone()),
        None => (
            "bundled sample".to_owned(),
            String::new(),
            format!("{} (press d)", app.settings.sample),
        ),
    };
    let style = if is_chosen { theme.selected() } else { theme.text() };
    let n_name = usize::from(at.width / 2).saturating_sub(4);
    let name = clipped(&name, n_name);
    let taken = pen.spans(at, &[span(mark), (format!("{name:<n_name$}"), style)]);
    let rest = Rect { x: at.x + taken, width: at.width - taken.min(at.width), ..at };
    let usable = files.get(index).is_none_or(|f| f.usable);
    let found = if usable { span(found) } else { dim_span(theme, found) };
    pen.spans(rest, &[dim_span(theme, format!("{size:>9}   ")), found]);
}

/// `text` cut to `width` columns, with a mark where something is missing.
fn clipped(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    kept + "…"
}

/// The line at a cell.
pub(super) fn hit(app: &App, parts: &Parts, at: Position) -> Option<Click> {
    let list = inside(plan(parts).1);
    let line = list.contains(at).then(|| usize::from(at.y - list.y))?;
    let index = first_line(app, list) + line;
    (index <= app.home.files().len()).then_some(Click::HomeLine(index))
}
