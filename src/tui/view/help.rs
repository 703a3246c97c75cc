//! All keys, out of the one table.

use ratatui::layout::Rect;

use super::super::keymap::{self, Context};
use super::super::layout::{self, centred, inside};
use super::super::state::App;
use super::super::theme::Theme;
use super::super::widget::{Pen, Span, dim_span, span, strong_span};

const WIDTH: u16 = 92;

/// The keys of this screen first, then those that hold everywhere.
fn lines(app: &App, theme: Theme) -> Vec<Vec<Span>> {
    let mut lines = Vec::new();
    for context in app.ground_contexts() {
        if !lines.is_empty() {
            lines.push(Vec::new());
        }
        lines.push(vec![strong_span(theme, context.title())]);
        for hint in keymap::help(context) {
            lines.push(vec![
                (format!("  {:<22}", hint.keys), theme.key()),
                span(hint.words),
            ]);
        }
    }
    lines.extend(mouse_lines(app, theme));
    lines
}

fn mouse_lines(app: &App, theme: Theme) -> Vec<Vec<Span>> {
    let mut lines = vec![
        Vec::new(),
        vec![strong_span(theme, "Mouse")],
        vec![span(
            "  Click tabs, panels, bins, the slider and the axis of the NLL plot; drag the cursor.",
        )],
        vec![span(
            "  Shift and drag selects text as usual; --no-mouse leaves the mouse to the terminal.",
        )],
    ];
    if !app.ground_contexts().contains(&Context::Home) {
        lines.push(Vec::new());
        lines.push(vec![dim_span(
            theme,
            "~ marks figures that are interpolated until the exact ones arrive.",
        )]);
    }
    lines
}

fn area(body: Rect) -> Rect {
    centred(body, WIDTH, body.height)
}

/// Lines that do not fit: how far the help can be scrolled.
pub(in crate::tui) fn overflow(app: &App) -> usize {
    let all = Rect::new(0, 0, app.size.width, app.size.height);
    let height = layout::parts(all).map_or(0, |parts| inside(area(parts.body)).height);
    lines(app, app.settings.theme)
        .len()
        .saturating_sub(usize::from(height))
}

/// Draws the help over the body.
pub(super) fn draw(app: &App, scroll: usize, pen: &mut Pen<'_>, body: Rect) {
    let area = area(body);
    pen.clear(area);
    let lines = lines(app, pen.theme);
    let inside = pen.panel(area, ["Keys", "Esc closes"], true);
    let last = lines.len().saturating_sub(usize::from(inside.height));
    pen.lines(inside, &lines[scroll.min(last)..]);
}
