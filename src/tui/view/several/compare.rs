//! Models side by side on the same labels.

use ratatui::layout::{Position, Rect};

use super::curves;
use super::differences::{difference, draw_differences, measure};
use crate::fit::Verdict;
use crate::pipeline::Study;
use crate::plot::{Ink, Sign};
use crate::tui::layout::{left, row, top};
use crate::tui::state::{Group, Member, MemberState, Session};
use crate::tui::theme::Theme;
use crate::tui::view::{Click, format};
use crate::tui::widget::{Pen, Span, dim_span, span, strong_span};

/// Columns of names.
const NAMES: (u16, u16) = (14, 34);

/// Columns of a figure.
const FIGURE: u16 = 10;

/// Columns of the verdict.
const VERDICT: u16 = 16;

/// Rows that curves are worth drawing in.
const CURVES_FROM: u16 = 7;

/// A column: its heading, its figure, and whether less is better (`None`: there is no better).
struct Column {
    head: &'static str,
    of: fn(&Study) -> f64,
    words: fn(f64) -> String,
    less_is_better: Option<bool>,
}

const fn column(
    head: &'static str,
    less_is_better: Option<bool>,
    of: fn(&Study) -> f64,
    words: fn(f64) -> String,
) -> Column {
    Column {
        head,
        of,
        words,
        less_is_better,
    }
}

fn after(study: &Study, of: fn(&crate::metrics::Metrics) -> f64) -> f64 {
    let after = study.analysis.after.as_ref();
    after.map_or(f64::NAN, |after| of(&after.metrics))
}

/// After scaling where there is a temperature.
fn aurc(study: &Study) -> f64 {
    let families = study.analysis.families.as_ref();
    families.map_or(f64::NAN, |f| f.after.as_ref().unwrap_or(&f.before).aurc)
}

const COLUMNS: [Column; 9] = [
    column(
        "acc %",
        Some(false),
        |s| s.analysis.before.metrics.accuracy,
        format::percent,
    ),
    column(
        "T*",
        None,
        |s| s.analysis.fit.temperature.unwrap_or(f64::NAN),
        format::temperature,
    ),
    column(
        "NLL T=1",
        Some(true),
        |s| s.analysis.before.metrics.nll,
        format::nats,
    ),
    column("NLL T*", Some(true), |s| after(s, |m| m.nll), format::nats),
    column(
        "ECE% T=1",
        Some(true),
        |s| s.analysis.before.metrics.ece,
        format::percent,
    ),
    column(
        "ECE% T*",
        Some(true),
        |s| after(s, |m| m.ece),
        format::percent,
    ),
    column(
        "Brier T*",
        Some(true),
        |s| after(s, |m| m.brier),
        |v| format::fixed(v, 4),
    ),
    column("AURC", Some(true), aurc, |v| format::fixed(v, 4)),
    column(
        "std z",
        None,
        |s| s.analysis.logit_scale.sd.mean,
        format::logit,
    ),
];

/// The ink of the model at `place`, in the curves and before its name.
pub(super) fn ink(place: usize) -> Ink {
    const INKS: [Ink; 5] = [
        Ink::Curve,
        Ink::Curve2,
        Ink::Accuracy,
        Ink::GapOver,
        Ink::Optimum,
    ];
    INKS[place % INKS.len()]
}

/// Its sign.
pub(super) fn sign(place: usize) -> Sign {
    const SIGNS: [Sign; 5] = [
        Sign::Dot,
        Sign::Ring,
        Sign::Diamond,
        Sign::Up,
        Sign::UpHollow,
    ];
    SIGNS[place % SIGNS.len()]
}

/// Where the parts are.
struct Plan {
    table: Rect,
    differences: Rect,
    curves: Rect,
    /// The first model shown.
    first: usize,
}

fn plan(group: &Group, body: Rect) -> Plan {
    let n = u16::try_from(group.members.len()).unwrap_or(u16::MAX);
    let most = (body.height / 3).max(3);
    let n_rows = n.saturating_add(1).min(most);
    let (table, rest) = top(body, n_rows);
    let (_, rest) = top(rest, u16::from(rest.height > 12));
    let (differences, curves) = top(rest, n_rows.saturating_add(1).min(rest.height));
    let shown = usize::from(n_rows.saturating_sub(1)).max(1);
    Plan {
        table,
        differences,
        curves: if curves.height < CURVES_FROM {
            top(curves, 0).0
        } else {
            curves
        },
        first: (group.compare.row + 1).saturating_sub(shown),
    }
}

/// Draws the screen.
pub(super) fn draw(group: &Group, session: &Session, pen: &mut Pen<'_>, body: Rect) {
    let plan = plan(group, body);
    draw_table(group, session, pen, &plan);
    draw_differences(group, pen, (plan.differences, plan.first));
    if plan.curves.height > 0 {
        curves::draw(group, pen, plan.curves);
    }
}

/// The columns of names, as wide as the longest needs.
pub(super) fn name_width(group: &Group) -> u16 {
    let longest = group.members.iter().map(|m| m.name.chars().count()).max();
    let wanted = u16::try_from(longest.unwrap_or(0) + 6).unwrap_or(NAMES.1);
    wanted.clamp(NAMES.0, NAMES.1)
}

/// A line: what stands before the figures, then these, right-aligned, as many as fit.
fn draw_line(pen: &mut Pen<'_>, line: Rect, (names, n_names): (&[Span], u16), cells: &[Span]) {
    let (name_area, mut rest) = left(line, n_names);
    pen.spans(name_area, names);
    for (index, (text, style)) in cells.iter().enumerate() {
        let width = if index < COLUMNS.len() {
            FIGURE
        } else {
            VERDICT
        };
        let (cell, next) = left(rest, width);
        if cell.width < width {
            return;
        }
        pen.text_right(cell, text, *style);
        rest = next;
    }
}

pub(super) fn name_spans(group: &Group, place: usize, theme: Theme, is_shown: bool) -> Vec<Span> {
    let member = &group.members[place];
    let is_chosen = place == group.compare.row;
    let style = if is_chosen {
        theme.selected()
    } else {
        theme.text()
    };
    let mark = if is_chosen { "▸" } else { " " };
    let reference = if member.id == group.compare.reference {
        "="
    } else {
        " "
    };
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
    let mut heads: Vec<Span> = COLUMNS
        .iter()
        .map(|column| strong_span(theme, column.head))
        .collect();
    heads.push(strong_span(theme, "verdict"));
    let title = [strong_span(
        theme,
        format!(" {} models", group.members.len()),
    )];
    draw_line(pen, row(plan.table, 0), (&title, n_names), &heads);
    let best = best(group);
    let shown = group.shown_by(session);
    for (index, place) in (1..plan.table.height).zip(plan.first..group.members.len()) {
        let line = row(plan.table, index);
        let names = name_spans(group, place, theme, shown == Some(place));
        let member = &group.members[place];
        let study = member.read().and_then(|read| read.study.as_deref());
        let cells = study.map_or_else(Vec::new, |study| figure_spans(study, &best, theme));
        draw_line(pen, line, (&names, n_names), &cells);
        if cells.is_empty() {
            let (_, rest) = left(line, n_names);
            pen.spans(
                rest,
                &[dim_span(theme, format!(" {}", absent(group, member)))],
            );
        }
    }
}

/// The figures of a model, the best ones bold, and its verdict.
fn figure_spans(study: &Study, best: &[Option<f64>], theme: Theme) -> Vec<Span> {
    let cell = |(column, best): (&Column, &Option<f64>)| {
        let value = (column.of)(study);
        let is_best = best.is_some_and(|best| value.total_cmp(&best).is_eq());
        let style = if is_best {
            theme.strong()
        } else {
            theme.text()
        };
        ((column.words)(value), style)
    };
    let figures = COLUMNS.iter().zip(best).map(cell);
    figures.chain([span(verdict(study))]).collect()
}

/// The verdict in a word that fits a column.
fn verdict(study: &Study) -> &'static str {
    match study.analysis.fit.verdict {
        Verdict::Overconfident => "overconfident",
        Verdict::Underconfident => "underconfident",
        Verdict::Calibrated => "calibrated",
        Verdict::Undetermined => "no T",
    }
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
    let studies: Vec<&Study> = group
        .read()
        .filter_map(|(_, read)| read.study.as_deref())
        .collect();
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

/// The model at a cell of either table.
pub(super) fn hit(group: &Group, body: Rect, at: Position) -> Option<Click> {
    let plan = plan(group, body);
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
    let first = first.map_or_else(String::new, |f| {
        format!(" · {} {}", f.severity.name(), f.rule)
    });
    let name = &member.name;
    vec![
        format!("{name}: {rows} rows used · labels sha256 {hash}…{first}"),
        format!("{name}: {rows} rows · sha256 {hash}…"),
        format!("{name}: {rows} rows"),
    ]
}

/// Both tables.
pub(super) fn as_text(group: &Group) -> String {
    let heads = COLUMNS.iter().map(|column| column.head);
    let mut lines = vec![
        std::iter::once("model")
            .chain(heads)
            .collect::<Vec<_>>()
            .join("\t"),
    ];
    let studies = group
        .read()
        .filter_map(|(place, read)| Some((place, read.study.as_deref()?)));
    for (place, study) in studies {
        let cells = COLUMNS.iter().map(|column| (column.of)(study).to_string());
        let name = std::iter::once(group.members[place].name.clone());
        lines.push(name.chain(cells).collect::<Vec<_>>().join("\t"));
    }
    let measure = measure(group.compare.metric);
    for (id, outcome) in &group.compare.pairs {
        let name = group
            .place_of(*id)
            .map_or("", |place| &group.members[place].name);
        let words = match outcome {
            Ok(paired) => [Some(&paired.before), paired.after.as_ref()]
                .map(|side| difference(side, &measure).0)
                .join("\t"),
            Err(why) => why.clone(),
        };
        lines.push(format!(
            "{name}\t{} minus the reference\t{words}",
            measure.0
        ));
    }
    lines.join("\n") + "\n"
}
