//! What stands around every screen: header with the slider, tabs, status line, keys.

use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use crate::metrics::Binning;
use crate::plot::{Ink, SliderChart};

use super::super::keymap::{self, Action, Context, Hint};
use super::super::layout::{Parts, inset, left, right};
use super::super::state::{App, Chart, Overlay, Screen, Session};
use super::super::theme::Theme;
use super::super::widget::{Pen, Span, dim_span, span, strong_span};
use super::{Click, charts, classes, format, readouts, reliability, several, stream};

/// Columns of the slider on a terminal of this width.
fn slider_width(width: u16) -> u16 {
    match width {
        0..70 => 12,
        70..110 => 18,
        110..160 => 24,
        _ => 40,
    }
}

fn slider(session: &Session) -> SliderChart {
    let (low, high) = charts::whole_range(session);
    SliderChart {
        range: [low, high],
        cursor: session.t(),
        optimum: session.star().map(crate::data::Temperature::value),
    }
}

/// `T 1.000 `, the slider, ` T* 1.781`: where each is in the header.
fn slider_parts(session: &Session, header: Rect) -> (String, Rect, String) {
    let star = match session.star() {
        Some(star) => format!("  T* {} ", format::temperature(star.value())),
        None => "  T* none ".into(),
    };
    let t = format!("T {} ", format::temperature(session.t()));
    let n_star = u16::try_from(star.width()).unwrap_or(0);
    let (before, _) = right(header, n_star);
    let (_, slider) = right(before, slider_width(header.width));
    (t, slider, star)
}

/// The first row.
pub(super) fn header(app: &App, session: &Session, pen: &mut Pen<'_>, area: Rect) {
    let theme = pen.theme;
    let (t, slider_area, star) = slider_parts(session, area);
    let raster = slider(session).render(usize::from(slider_area.width), theme.tier());
    pen.raster(slider_area, &raster);
    let after = Rect {
        x: slider_area.right(),
        width: area.right().saturating_sub(slider_area.right()),
        ..area
    };
    pen.text(after, &star, theme.fg(Ink::Optimum));
    let n_t = u16::try_from(t.width()).unwrap_or(0);
    let (before, _) = left(area, slider_area.x.saturating_sub(area.x));
    let (names, t_area) = right(before, n_t);
    pen.text(t_area, &t, theme.fg(Ink::Cursor));
    let (names, _) = right(names, 1);
    pen.spans(names, &name_spans(app, session, names.width));
}

/// File, shape and type, as much as fits.
fn name_spans(app: &App, session: &Session, room: u16) -> Vec<Span> {
    let theme = app.settings.theme;
    let info = &session.study.info;
    let n_rows = match &session.study.first {
        Some(first) => first.total,
        None => session.study.counts.read,
    };
    let shape = format!("  {} × {}", format::count(n_rows), format::count_usize(info.n_scores()));
    let rough = stream::mark(session).map(|mark| (mark, theme.alert()));
    let mark = rough.or_else(|| watch_mark(app, session));
    // Whoever looks knows the program's name better than that these figures are not final.
    let mut spans = match (mark, room) {
        (Some(_), 0..32) => vec![span(" ")],
        _ => vec![strong_span(theme, " logitscope"), span("  ")],
    };
    spans.extend(mark.map(|(mark, style)| (format!("{mark}  "), style)));
    spans.push(span(short_name(&info.path)));
    // Which step of a series is shown cannot be seen anywhere else, so it comes first.
    let step = info.guesses.iter().find(|guess| guess.what == "step");
    let of_group = several::mark(app, session);
    if let Some((words, true)) = &of_group {
        spans.push((format!("  {words}"), theme.alert()));
    }
    let extras = [
        step.map(|guess| format!("  step {}", guess.chosen)),
        of_group.filter(|(_, is_alert)| !is_alert).map(|(words, _)| format!("  {words}")),
        Some(shape),
        Some(format!("  {}", info.dtype)),
    ];
    for extra in extras.into_iter().flatten() {
        let taken: usize = spans.iter().map(|(text, _)| text.width()).sum();
        if taken + extra.width() <= usize::from(room) {
            spans.push(dim_span(theme, extra));
        }
    }
    spans
}

/// That the file is watched, and whether it has changed since the last key.
fn watch_mark(app: &App, session: &Session) -> Option<(&'static str, Style)> {
    let theme = app.settings.theme;
    let watch = app.watch.as_ref().filter(|watch| watch.target == session.target)?;
    Some(if watch.is_changed { ("changed", theme.alert()) } else { ("watched", theme.key()) })
}

/// The last part of a path: the folder is known to whoever opened it.
pub(super) fn short_name(path: &str) -> String {
    path.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or(path).to_owned()
}

/// The first row of the home screen.
pub(super) fn home_header(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let theme = pen.theme;
    pen.spans(
        area,
        &[strong_span(theme, " logitscope"), dim_span(theme, format!("  {}", app.settings.folder))],
    );
}

fn tab_words(screen: Screen, title: fn(Screen) -> &'static str) -> String {
    format!(" {} {} ", screen.number(), title(screen))
}

/// Columns that all tabs take with these titles, and the hint behind them.
fn width_of_tabs(screens: &[Screen], title: fn(Screen) -> &'static str) -> u16 {
    let words = screens.iter().map(|screen| tab_words(*screen, title).len());
    let n_columns = words.sum::<usize>() + HELP.len() + 3;
    u16::try_from(n_columns).unwrap_or(u16::MAX)
}

/// The hint at the right end of the tabs.
const HELP: &str = "? help";

/// Words and columns of each tab.
fn tab_parts(screens: &[Screen], area: Rect) -> Vec<(Screen, String, Rect)> {
    let mut x = area.x + 1;
    let mut parts = Vec::new();
    let is_long = width_of_tabs(screens, Screen::title) <= area.width;
    for screen in screens.iter().copied() {
        let words = if is_long {
            tab_words(screen, Screen::title)
        } else {
            tab_words(screen, Screen::short_title)
        };
        let width = u16::try_from(words.len()).unwrap_or(0);
        let at = Rect { x, width: width.min(area.right().saturating_sub(x)), ..area };
        parts.push((screen, words, at));
        x = (x + width).min(area.right());
    }
    parts
}

/// The tabs; the chosen one is reversed, and in brackets where nothing is reversed.
pub(super) fn tabs(app: &App, chosen: Screen, pen: &mut Pen<'_>, area: Rect) {
    let theme = pen.theme;
    let parts = tab_parts(&app.screens(), area);
    let end = parts.last().map_or(0, |(.., at)| at.right());
    for (screen, words, at) in parts {
        let style = if screen == chosen { theme.selected() } else { theme.text() };
        let words = if screen == chosen && !theme.has_colour() {
            format!("[{}]", words.trim())
        } else {
            words
        };
        pen.text(at, &words, style);
    }
    if end + 8 <= area.right() {
        pen.text_right(inset(area, 1, 0), HELP, theme.dim());
    }
}

/// The tab at a column.
pub(super) fn tab_hit(app: &App, area: Rect, column: u16) -> Option<Click> {
    let inside = |at: &Rect| column >= at.x && column < at.right();
    tab_parts(&app.screens(), area)
        .into_iter()
        .find(|(_, _, at)| inside(at))
        .map(|(screen, ..)| Click::Key(Action::Show(screen)))
}

/// The temperature at a column of the header's slider.
pub(super) fn slider_hit(session: &Session, area: Rect, column: u16) -> Option<Click> {
    let (_, at, _) = slider_parts(session, area);
    let inside = column >= at.x && column < at.right();
    let scale = slider(session).layout(usize::from(at.width));
    inside.then(|| Click::Temperature(scale.from_cell(usize::from(column - at.x))))
}

/// The readout, on a rule. Where no rule is left under the tabs, what that rule would say of first rows
/// comes before it.
pub(super) fn status(app: &App, pen: &mut Pen<'_>, parts: &Parts) {
    let area = parts.status;
    pen.rule(area);
    let theme = pen.theme;
    let room = inset(area, 1, 0);
    if parts.rule.is_empty()
        && app.notice.is_none()
        && let Some(words) = stream::words(app, usize::from(room.width))
    {
        pen.spans(room, &words);
        return;
    }
    let aside = app.shown().map(|session| aside(app, session, theme)).unwrap_or_default();
    let n_aside: usize = aside.iter().map(|(text, _)| text.width()).sum();
    let (words, style) = match (&app.notice, app.shown()) {
        (Some(notice), _) => (notice.clone(), theme.alert()),
        (None, Some(session)) => {
            let kept = if is_key(session) { n_aside + 1 } else { 0 };
            let free = usize::from(room.width).saturating_sub(kept);
            (fitting(readouts(app, session), free), theme.text())
        }
        (None, None) => (String::new(), theme.text()),
    };
    let taken = if words.is_empty() { 0 } else { pen.text(room, &format!(" {words} "), style) };
    let n_aside = u16::try_from(n_aside).unwrap_or(u16::MAX);
    if taken.saturating_add(n_aside) < room.width {
        pen.spans(right(room, n_aside).1, &aside);
    }
}

/// The longest wording that leaves a blank on both sides in `free` columns, or else the shortest.
pub(super) fn fitting(wordings: Vec<String>, free: usize) -> String {
    let mut shortest = String::new();
    for words in wordings {
        if words.width() + 2 <= free {
            return words;
        }
        shortest = words;
    }
    shortest
}

/// True where the right end of the status line is the key to the colours: it is worth more than the
/// last words of the readout.
fn is_key(session: &Session) -> bool {
    matches!(session.place.screen, Screen::Logits | Screen::Margins)
}

/// What is chosen on this screen, for the right end of the status line.
fn aside(app: &App, session: &Session, theme: Theme) -> Vec<Span> {
    let place = &session.place;
    let words = match place.screen {
        Screen::Overview => match &session.study.fitted {
            Some(fitted) => format!(" fitted on {} other rows ", format::count(fitted.used)),
            None => return Vec::new(),
        },
        Screen::Reliability if place.chart == Chart::Corp => {
            " isotonic fit · consistency band ".into()
        }
        Screen::Reliability if place.chart == Chart::ByBins => " bins of equal width ".into(),
        Screen::Reliability => {
            let cut = match place.diagram.binning {
                Binning::Width => "equal width",
                Binning::Mass => "equal mass",
            };
            format!(" {} bins · {cut} ", place.diagram.n_bins)
        }
        Screen::Temperature if place.log_temperature => " log axis · l linear ".into(),
        Screen::Temperature => " linear axis · l log ".into(),
        Screen::Classes => classes::status(session),
        Screen::Logits | Screen::Margins => return legend(theme),
        Screen::Compare => several::columns_words(app).unwrap_or_default(),
        Screen::Run => return Vec::new(),
    };
    vec![dim_span(theme, words)]
}

/// What the two halves of a histogram's bars are.
fn legend(theme: Theme) -> Vec<Span> {
    let wrong = if theme.has_colour() { "█" } else { "░" };
    vec![
        (" █".into(), theme.fg(Ink::Correct)),
        span(" correct  "),
        (wrong.into(), theme.fg(Ink::Wrong)),
        span(" wrong "),
    ]
}

/// False for a key that does nothing here: the footer must not offer it.
fn is_offered(app: &App, action: Action) -> bool {
    match (action, app.overlays.last()) {
        (Action::PreviousColumn, None) => several::columns_words(app).is_some(),
        (Action::SideBySide, _) => app.size.width >= reliability::TWO_FROM,
        (Action::Move(_), None) => app.shown().is_none_or(has_cursor),
        (Action::Findings, _) => app.shown().is_none() || !app.findings().is_empty(),
        (Action::WriteCard, _) => app.shown().is_none_or(|s| s.study.first.is_none()),
        (Action::Forget, Some(Overlay::Columns(columns))) => columns.remembered().is_some(),
        (Action::TypeText, Some(Overlay::Columns(columns))) => columns.is_typed_line(),
        _ => true,
    }
}

/// False while the curves of the Reliability screen, on which a cursor would stand, are not there.
fn has_cursor(session: &Session) -> bool {
    let is_curve = matches!(session.view_context(), Some(Context::Steps | Context::BinCounts));
    !is_curve || session.measures().is_some()
}

/// The hints that fit, each with its columns.
fn footer_parts(app: &App, area: Rect) -> Vec<(Hint, Rect)> {
    let mut x = area.x + 1;
    let mut parts = Vec::new();
    let mut hints = keymap::footer(&app.contexts());
    hints.retain(|h| is_offered(app, h.action));
    // Help and quit are worth more than the rest: they are placed first, at the end.
    let (last, first): (Vec<Hint>, Vec<Hint>) =
        hints.drain(..).partition(|h| matches!(h.action, Action::Help | Action::Quit));
    let width = |h: &Hint| u16::try_from(h.keys.width() + h.words.width() + 3).unwrap_or(u16::MAX);
    let reserved: u16 = last.iter().map(width).sum();
    let end = area.right().saturating_sub(reserved);
    for hint in first {
        let needed = width(&hint);
        if x.saturating_add(needed) <= end {
            parts.push((hint, Rect { x, width: needed, ..area }));
            x += needed;
        }
    }
    for hint in last {
        let needed = width(&hint).min(area.right().saturating_sub(x));
        parts.push((hint, Rect { x, width: needed, ..area }));
        x += needed;
    }
    parts
}

/// The keys.
pub(super) fn footer(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let theme = pen.theme;
    for (hint, at) in footer_parts(app, area) {
        let spans = [(hint.keys, theme.key()), span(format!(" {}", hint.words))];
        pen.spans(at, &spans);
    }
}

/// The key whose hint stands at a column.
pub(super) fn footer_hit(app: &App, area: Rect, column: u16) -> Option<Click> {
    footer_parts(app, area)
        .into_iter()
        .find(|(_, at)| column >= at.x && column < at.right())
        .map(|(hint, _)| Click::Key(hint.action))
}
