//! All keys, out of the one table, and what the figures of the screen mean.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::super::keymap::{self, Context};
use super::super::layout::{self, centred, inside};
use super::super::state::App;
use super::super::theme::Theme;
use super::super::widget::{Pen, Span, dim_span, span, strong_span};
use crate::report::{figures, wrap};

const WIDTH: u16 = 92;

const MOUSE: [&str; 2] = [
    "Click tabs, panels, bins, points of curves, the slider and the axis of the NLL plot; drag the cursor.",
    "Shift and drag selects text as usual; --no-mouse leaves the mouse to the terminal.",
];

const ROUGH: &str = "~ marks figures that are interpolated until the exact ones arrive.";

/// The keys of this screen first, then those that hold everywhere.
fn lines(app: &App, theme: Theme, width: usize) -> Vec<Vec<Span>> {
    let mut lines = Vec::new();
    let contexts = app.ground_contexts();
    let n_keys = contexts
        .iter()
        .flat_map(|context| keymap::help(*context))
        .map(|hint| hint.keys.width())
        .max()
        .unwrap_or(0);
    for context in contexts {
        if !lines.is_empty() {
            lines.push(Vec::new());
        }
        lines.push(vec![strong_span(theme, context.title())]);
        for hint in keymap::help(context) {
            let keys = (format!("  {:<n_keys$}  ", hint.keys), theme.key());
            let (indent, words) = (n_keys + 4, span(hint.words));
            lines.extend(hanging(keys, &words, indent, width));
        }
    }
    lines.extend(mouse_lines(app, theme, width));
    lines.extend(figure_lines(app, theme, width));
    lines
}

/// What the figures of this screen mean.
fn figure_lines(app: &App, theme: Theme, width: usize) -> Vec<Vec<Span>> {
    let of_screen = |context| match context {
        Context::Screen(screen) => Some(screen.title()),
        _ => None,
    };
    let Some(screen) = app.ground_contexts().into_iter().find_map(of_screen) else {
        return Vec::new();
    };
    let mut lines = vec![Vec::new(), vec![strong_span(theme, "What it shows")]];
    for figure in figures().iter().filter(|figure| figure.screens.contains(&screen)) {
        lines.push(Vec::new());
        lines.push(vec![span("  "), (figure.name.to_owned(), theme.key())]);
        for text in &figure.paragraphs {
            lines.extend(hanging(span("  "), &span(text.clone()), 2, width));
        }
    }
    lines
}

/// `words` broken into lines behind `first`, which takes `indent` columns.
fn hanging(first: Span, words: &Span, indent: usize, width: usize) -> Vec<Vec<Span>> {
    let blank = span(" ".repeat(indent));
    let heads = std::iter::once(first).chain(std::iter::repeat(blank));
    wrap(&words.0, width.saturating_sub(indent))
        .into_iter()
        .zip(heads)
        .map(|(line, head)| vec![head, (line, words.1)])
        .collect()
}

fn mouse_lines(app: &App, theme: Theme, width: usize) -> Vec<Vec<Span>> {
    let mut lines = vec![Vec::new(), vec![strong_span(theme, "Mouse")]];
    for words in MOUSE {
        lines.extend(hanging(span("  "), &span(words), 2, width));
    }
    if !app.ground_contexts().contains(&Context::Home) {
        lines.push(Vec::new());
        lines.extend(hanging(span(""), &dim_span(theme, ROUGH), 0, width));
    }
    lines
}

fn area(body: Rect) -> Rect {
    centred(body, WIDTH, body.height)
}

/// Lines that do not fit: how far the help can be scrolled.
pub(in crate::tui) fn overflow(app: &App) -> usize {
    let all = Rect::new(0, 0, app.size.width, app.size.height);
    let Some(parts) = layout::parts(all) else {
        return 0;
    };
    let inside = inside(area(parts.body));
    lines(app, app.settings.theme, usize::from(inside.width))
        .len()
        .saturating_sub(usize::from(inside.height))
}

/// Draws the help over the body.
pub(super) fn draw(app: &App, scroll: usize, pen: &mut Pen<'_>, body: Rect) {
    let area = area(body);
    pen.clear(area);
    let has_figures = !figure_lines(app, pen.theme, usize::from(area.width)).is_empty();
    let title = if has_figures { "Keys, and below what the figures mean" } else { "Keys" };
    let inside = pen.panel(area, [title, "Esc closes"], true);
    let lines = lines(app, pen.theme, usize::from(inside.width));
    let last = lines.len().saturating_sub(usize::from(inside.height));
    pen.lines(inside, &lines[scroll.min(last)..]);
}
