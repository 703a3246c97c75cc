//! Models side by side on the same labels.

use ratatui::layout::{Position, Rect};

use super::columns::{self, COLUMNS, Column, Shown};
use super::differences::{difference, draw_differences, measure};
use super::{curves, gaps};
use crate::pipeline::Study;
use crate::plot::{Ink, Sign};
use crate::tui::keymap::Action;
use crate::tui::layout::{left, right, row, top};
use crate::tui::state::{CompareView, Group, Member, MemberState, Session};
use crate::tui::theme::Theme;
use crate::tui::view::{Click, format};
use crate::tui::widget::{Pen, Span, dim_span, span, strong_span};

/// Columns of names.
const NAMES: (u16, u16) = (14, 34);

/// Rows that curves are worth drawing in.
const CURVES_FROM: u16 = 7;

/// The ink of the model at `place`, in the curves and before its name.
pub(super) fn ink(place: usize) -> Ink {
    const INKS: [Ink; 5] = [Ink::Curve, Ink::Curve2, Ink::Accuracy, Ink::GapOver, Ink::Optimum];
    INKS[place % INKS.len()]
}

/// Its sign.
pub(super) fn sign(place: usize) -> Sign {
    const SIGNS: [Sign; 5] = [Sign::Dot, Sign::Ring, Sign::Diamond, Sign::Up, Sign::UpHollow];
    SIGNS[place % SIGNS.len()]
}

/// Where the parts are.
struct Plan {
    table: Rect,
    /// Without rows where the gaps stand in its place.
    differences: Rect,
    charts: Rect,
    view: CompareView,
    /// The first model shown.
    first: usize,
    columns: Shown,
}

fn plan(group: &Group, body: Rect) -> Plan {
    let n = u16::try_from(group.members.len()).unwrap_or(u16::MAX);
    let most = (body.height / 3).max(3);
    let n_rows = n.saturating_add(1).min(most);
    let (table, rest) = top(body, n_rows);
    let (_, rest) = top(rest, u16::from(rest.height > 12));
    let (differences, charts) = top(rest, n_rows.saturating_add(1).min(rest.height));
    let shown = usize::from(n_rows.saturating_sub(1)).max(1);
    let has_room = charts.height >= gaps::least_height(group);
    let view = group.compare.view.unwrap_or(if has_room {
        CompareView::Gaps
    } else {
        CompareView::Reliability
    });
    let (differences, charts) = match view {
        CompareView::Gaps if !has_room => (top(rest, 0).0, rest),
        CompareView::Gaps => (differences, charts),
        _ if charts.height < CURVES_FROM => (differences, top(charts, 0).0),
        _ => (differences, charts),
    };
    let room = table.width.saturating_sub(name_width(group));
    Plan {
        table,
        differences,
        charts,
        view,
        first: (group.compare.row + 1).saturating_sub(shown),
        columns: Shown::of(room, group.compare.column),
    }
}

/// What stands below the tables.
pub(super) fn view(group: &Group, body: Rect) -> CompareView {
    plan(group, body).view
}

/// The columns that are shown.
pub(super) fn shown_columns(group: &Group, body: Rect) -> Shown {
    plan(group, body).columns
}

/// Draws the screen.
pub(super) fn draw(group: &Group, session: &Session, pen: &mut Pen<'_>, body: Rect) {
    let plan = plan(group, body);
    draw_table(group, session, pen, &plan);
    if plan.differences.height > 0 {
        draw_differences(group, pen, (plan.differences, plan.first));
    }
    match plan.view {
        _ if plan.charts.height == 0 => {}
        CompareView::Gaps => gaps::draw(group, pen, plan.charts),
        CompareView::Reliability => curves::draw(group, pen, (plan.charts, false)),
        CompareView::Nll => curves::draw(group, pen, (plan.charts, true)),
    }
}

/// The columns of names, as wide as the longest needs.
pub(super) fn name_width(group: &Group) -> u16 {
    let longest = group.members.iter().map(|m| m.name.chars().count()).max();
    let wanted = u16::try_from(longest.unwrap_or(0) + 6).unwrap_or(NAMES.1);
    wanted.clamp(NAMES.0, NAMES.1)
}

/// The cells of the columns that are shown, right-aligned.
fn draw_cells(pen: &mut Pen<'_>, line: Rect, shown: &Shown, cells: &[Span]) {
    let mut rest = line;
    for idx in shown.columns.clone() {
        let (cell, next) = left(rest, columns::width(idx));
        if let Some((text, style)) = cells.get(idx) {
            pen.text_right(cell, text, *style);
        }
        rest = next;
    }
}

/// Where the signs stand that there are columns on the left, and on the right.
fn more_areas(group: &Group, plan: &Plan) -> [Rect; 2] {
    let line = row(plan.table, 0);
    let (names, _) = left(line, name_width(group));
    [right(names, columns::MORE).1, right(line, columns::MORE).1]
}

/// `◂2` and `▸3`, where so many columns are hidden.
fn draw_more(group: &Group, pen: &mut Pen<'_>, plan: &Plan) {
    let style = pen.theme.key();
    let [before, behind] = plan.columns.hidden();
    let [left, right] = more_areas(group, plan);
    let tier = pen.theme.tier();
    if before > 0 {
        let words = format!("{}{before}", tier.sign(Sign::MoreLeft));
        pen.text(left, &words, style);
    }
    if behind > 0 {
        let words = format!("{}{behind}", tier.sign(Sign::MoreRight));
        pen.text_right(right, &words, style);
    }
}

pub(super) fn name_spans(group: &Group, place: usize, theme: Theme, is_shown: bool) -> Vec<Span> {
    let member = &group.members[place];
    let is_chosen = place == group.compare.row;
    let style = if is_chosen { theme.selected() } else { theme.text() };
    let mark = if is_chosen { "▸" } else { " " };
    let reference = if member.id == group.compare.reference { "=" } else { " " };
    let sign = theme.tier().sign(sign(place));
    let shown = if is_shown { "*" } else { "" };
    vec![
        span(format!("{mark}{reference}")),
        (format!("{sign} "), theme.fg(ink(place))),
        (member.name.clone(), style),
        dim_span(theme, shown),
    ]
}

fn draw_table(group: &Group, session: &Session, pen: &mut Pen<'_>, plan: &Plan) {
    let theme = pen.theme;
    let n_names = name_width(group);
    let mut heads: Vec<Span> =
        COLUMNS.iter().map(|column| strong_span(theme, column.head)).collect();
    heads.push(strong_span(theme, columns::VERDICT_HEAD));
    let title = [strong_span(theme, format!(" {} models", group.members.len()))];
    let (head, figures) = left(row(plan.table, 0), n_names);
    pen.spans(head, &title);
    draw_cells(pen, figures, &plan.columns, &heads);
    draw_more(group, pen, plan);
    let best = best(group);
    let shown = group.shown_by(session);
    for (index, place) in (1..plan.table.height).zip(plan.first..group.members.len()) {
        let (head, figures) = left(row(plan.table, index), n_names);
        pen.spans(head, &name_spans(group, place, theme, shown == Some(place)));
        let member = &group.members[place];
        let study = member.read().and_then(|read| read.study.as_deref());
        let cells = study.map_or_else(Vec::new, |study| figure_spans(study, &best, theme));
        draw_cells(pen, figures, &plan.columns, &cells);
        if cells.is_empty() {
            let words = format!(" {}", absent(group, member));
            pen.spans(figures, &[dim_span(theme, words)]);
        }
    }
}

/// The figures of a model, the best ones bold, and its verdict.
fn figure_spans(study: &Study, best: &[Option<f64>], theme: Theme) -> Vec<Span> {
    let cell = |(column, best): (&Column, &Option<f64>)| {
        let value = (column.of)(study);
        let is_best = best.is_some_and(|best| value.total_cmp(&best).is_eq());
        let style = if is_best { theme.strong() } else { theme.text() };
        ((column.words)(value), style)
    };
    let figures = COLUMNS.iter().zip(best).map(cell);
    figures.chain([span(columns::verdict(study))]).collect()
}

/// Why there are no figures.
fn absent(group: &Group, member: &Member) -> String {
    match &member.state {
        MemberState::Failed(why) => format!("cannot be read: {why}"),
        _ if group.is_gathering => "reading …".into(),
        _ => "not read: r reads it".into(),
    }
}

/// The best figure of each column, where there is a better and two models to choose from.
fn best(group: &Group) -> Vec<Option<f64>> {
    let studies: Vec<&Study> = group.read().filter_map(|(_, read)| read.study.as_deref()).collect();
    let of_column = |column: &Column| {
        let values = studies.iter().map(|study| (column.of)(study));
        let finite = values.filter(|value| value.is_finite());
        match column.less_is_better {
            _ if studies.len() < 2 => None,
            Some(true) => finite.min_by(f64::total_cmp),
            Some(false) => finite.max_by(f64::total_cmp),
            None => None,
        }
    };
    COLUMNS.iter().map(of_column).collect()
}

/// What stands at a cell: a model in the table or beside its gaps, or a sign that there are more columns.
pub(super) fn hit(group: &Group, body: Rect, at: Position) -> Option<Click> {
    let plan = plan(group, body);
    let hidden = plan.columns.hidden();
    let signs = more_areas(group, &plan).into_iter().zip(hidden);
    let scroll = [Action::PreviousColumn, Action::NextColumn];
    for ((area, n_hidden), action) in signs.zip(scroll) {
        if n_hidden > 0 && area.contains(at) {
            return Some(Click::Key(action));
        }
    }
    if plan.view == CompareView::Gaps && plan.charts.contains(at) {
        return gaps::model_at(group, plan.charts, at.y).map(Click::Member);
    }
    let line = usize::from(at.y.saturating_sub(plan.table.y));
    let place = (plan.first + line).checked_sub(1)?;
    let is_model = plan.table.contains(at) && line > 0 && place < group.members.len();
    is_model.then_some(Click::Member(place))
}

/// How many labels, and the hash by which they are known to be the same.
pub(super) fn readouts(group: &Group) -> Vec<String> {
    let Some(member) = group.members.get(group.compare.row) else {
        return Vec::new();
    };
    let read = member.read();
    let hash = read.and_then(|read| read.step.labels.as_deref());
    let hash = hash.and_then(|hash| hash.get(..12)).unwrap_or("unknown");
    let rows = read.map_or(0, |read| read.step.stats.rows);
    let rows = format::count_usize(rows);
    let first = read.and_then(|read| read.step.findings.first());
    let first = first.map_or_else(String::new, |f| format!(" · {} {}", f.severity.name(), f.rule));
    let name = &member.name;
    vec![
        format!("{name}: {rows} rows used · labels sha256 {hash}…{first}"),
        format!("{name}: {rows} rows · sha256 {hash}…"),
        format!("{name}: {rows} rows"),
    ]
}

/// Both tables, and the gaps where they are shown.
pub(super) fn as_text(group: &Group, body: Rect) -> String {
    let heads = COLUMNS.iter().map(|column| column.head);
    let mut lines = vec![std::iter::once("model").chain(heads).collect::<Vec<_>>().join("\t")];
    let studies = group.read().filter_map(|(place, read)| Some((place, read.study.as_deref()?)));
    for (place, study) in studies {
        let cells = COLUMNS.iter().map(|column| (column.of)(study).to_string());
        let name = std::iter::once(group.members[place].name.clone());
        lines.push(name.chain(cells).collect::<Vec<_>>().join("\t"));
    }
    let measure = measure(group.compare.metric);
    for (id, outcome) in &group.compare.pairs {
        let name = group.place_of(*id).map_or("", |place| &group.members[place].name);
        let words = match outcome {
            Ok(paired) => [Some(&paired.before), paired.after.as_ref()]
                .map(|side| difference(side, &measure).0)
                .join("\t"),
            Err(why) => why.clone(),
        };
        lines.push(format!("{name}\t{} minus the reference\t{words}", measure.0));
    }
    if view(group, body) == CompareView::Gaps {
        lines.extend(gaps::text(group));
    }
    lines.join("\n") + "\n"
}
