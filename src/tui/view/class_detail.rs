//! One class, label or slice, and what can be said of all together.

use ratatui::layout::Rect;

use crate::analysis::{ClassView, Confused, EvaluatedOn, LabelFigures};
use crate::data::effective_rows;
use crate::fit::{FitStatus, OneTemperature};
use crate::metrics::wilson_share;
use crate::plot::{BinWidths, ReliabilityChart, ReliabilityView};
use crate::report::diagram::drawn;
use crate::report::number::plain_percent;
use crate::report::{one_or_many, wrap};

use super::super::layout::top;
use super::super::state::Session;
use super::super::theme::Theme;
use super::super::widget::{Pen, Span, dim_span, span};
use super::class_entries::{Entry, Kind};
use super::{charts, format};

/// Rows of the diagram of one class, at least and at most.
const DIAGRAM: (u16, u16) = (7, 14);

/// Draws the panel of the chosen line.
pub(super) fn draw(
    session: &Session,
    pen: &mut Pen<'_>,
    area: Rect,
    (kind, entry): (Kind, &Entry),
) {
    let room = usize::from(area.width.saturating_sub(8));
    let inside = pen.panel(area, [&format::cut(&entry.name, room), ""], false);
    let width = usize::from(inside.width);
    let lines = match kind {
        Kind::Labels => label_lines(session, pen.theme, entry, width),
        Kind::Classes | Kind::Slice(_) => group_lines(session, pen.theme, (kind, entry), width),
    };
    let n_lines = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let (head, rest) = top(inside, n_lines);
    pen.lines(head, &lines);
    let view = session.extras.further.classes.as_deref();
    let view = view.filter(|_| kind == Kind::Classes);
    let Some(view) = view.and_then(|views| views.get(entry.idx)) else {
        return;
    };
    let confusions = confusion_lines(session, pen.theme, view, width);
    let n_confusions = u16::try_from(confusions.len()).unwrap_or(0);
    let n_diagram = rest.height.saturating_sub(n_confusions).min(DIAGRAM.1);
    let mut rest = rest;
    if n_diagram >= DIAGRAM.0 {
        let (diagram, below) = top(rest, n_diagram);
        draw_diagram(session, pen, diagram, view);
        rest = below;
    }
    pen.lines(rest, &confusions);
}

fn line(theme: Theme, name: &str, value: String) -> Vec<Span> {
    vec![dim_span(theme, format!("{name:<11}")), span(value)]
}

/// A share with its Wilson interval: rows with weights are taken to be worth as much in each class as on the whole.
fn with_interval(session: &Session, share: f64, n: u64) -> String {
    let rows = session.study.rows();
    let worth = rows
        .carried()
        .weights()
        .map_or(1.0, |weights| effective_rows(weights) / weights.len() as f64);
    match wilson_share(share, worth * n as f64, session.study_level()) {
        Some([low, high]) => format!(
            "{}  [{}, {}]",
            format::fixed(share, 3),
            format::fixed(low, 3),
            format::fixed(high, 3)
        ),
        None => format::NONE.into(),
    }
}

fn group_lines(
    session: &Session,
    theme: Theme,
    (kind, entry): (Kind, &Entry),
    width: usize,
) -> Vec<Vec<Span>> {
    let mut lines = Vec::new();
    if kind == Kind::Classes {
        lines.push(line(theme, "predicted", format::count(entry.count)));
        let precision = with_interval(session, entry.rate, entry.count);
        lines.push(line(theme, "precision", precision));
        lines.push(line(theme, "labelled", format::count(entry.n)));
        let recall = with_interval(session, entry.recall, entry.n);
        lines.push(line(theme, "recall", recall));
    } else {
        lines.push(line(theme, "rows", format::count(entry.count)));
        let right = with_interval(session, entry.rate, entry.count);
        lines.push(line(theme, "right", right));
    }
    lines.push(line(theme, "confidence", format::fixed(entry.confidence, 3)));
    let found = |is_found: bool| if is_found { " beyond chance" } else { "" };
    let gap = format::signed(entry.gap) + found(entry.is_found);
    lines.push(line(theme, "gap", gap));
    if entry.gap_star.is_finite() {
        let basis = charts::evaluated_words(session);
        let gap = format::signed(entry.gap_star) + found(entry.is_found_star);
        lines.push(line(theme, "gap T*", format!("{gap} ({basis})")));
    }
    if entry.ece[0].is_finite() {
        let [before, after] = entry.ece.map(format::percent);
        lines.push(line(theme, "ECE of p", format!("{before} %, T* {after} %")));
    }
    lines.extend(own_lines(theme, entry, width));
    lines
}

/// The temperature of these rows alone, or why they have none.
fn own_lines(theme: Theme, entry: &Entry, width: usize) -> Vec<Vec<Span>> {
    if entry.status != FitStatus::Converged {
        let words = wrap(entry.status.explain(), width);
        return words.into_iter().map(|l| vec![dim_span(theme, l)]).collect();
    }
    let ends = entry.own_ends.map_or_else(String::new, |ends| {
        let [low, high] = ends.map(format::temperature);
        format!("  [{low}, {high}]")
    });
    let own = format::temperature(entry.own) + &ends;
    vec![line(theme, "own T", own)]
}

fn label_lines(session: &Session, theme: Theme, entry: &Entry, width: usize) -> Vec<Vec<Span>> {
    let all = session.study.analysis.labels.as_ref();
    let Some(label) = all.and_then(|all| all.labels.get(entry.idx)) else {
        return Vec::new();
    };
    let rate = with_interval(session, entry.rate, entry.n);
    let mut lines = vec![
        line(theme, "rows", format::count(entry.n)),
        line(theme, "with it", format::count_usize(label.positives)),
        line(theme, "rate", rate),
    ];
    lines.extend(own_lines(theme, entry, width));
    lines.push(Vec::new());
    lines.push(vec![dim_span(theme, format!("{:<9}{:>8}{:>8}{:>8}", "", "T = 1", "T*", "own T"))]);
    lines.extend(label_figures(label));
    lines.push(Vec::new());
    let star = charts::evaluated_words(session);
    let own = match label.own_evaluated_on {
        EvaluatedOn::InSample => "in sample",
        EvaluatedOn::OutOfFold => "out of fold",
        EvaluatedOn::Test => "test rows",
    };
    let words = wrap(&format!("T*: {star}; own T: {own}."), width);
    lines.extend(words.into_iter().map(|l| vec![dim_span(theme, l)]));
    lines
}

/// A figure of a label, and how it is printed.
type Figure = (&'static str, fn(&crate::metrics::Metrics) -> String);

fn label_figures(label: &LabelFigures) -> Vec<Vec<Span>> {
    let figures: [Figure; 5] = [
        ("right %", |m| format::percent(m.accuracy)),
        ("ECE %", |m| format::percent(m.ece)),
        ("MCE %", |m| format::percent(m.mce)),
        ("NLL", |m| format::nats(m.nll)),
        ("Brier", |m| format::fixed(m.brier, 4)),
    ];
    let columns = [Some(&label.before), label.after.as_ref(), label.after_own.as_ref()];
    let line = |(name, of): Figure| {
        let cells = columns.map(|m| m.map_or_else(|| format::NONE.to_owned(), of));
        let cells = cells.map(|cell| format!("{cell:>8}")).concat();
        vec![span(format!("{name:<9}{cells}"))]
    };
    figures.into_iter().map(line).collect()
}

fn draw_diagram(session: &Session, pen: &mut Pen<'_>, area: Rect, view: &ClassView) {
    let is_after = session.star() == Some(session.place.temperature) && !view.after.is_empty();
    let (bins, title) = if is_after {
        let basis = charts::evaluated_words(session);
        (&view.after, format!("precision, T*, {basis}"))
    } else {
        (&view.before, "precision over confidence, T = 1".to_owned())
    };
    let bins: Vec<_> = bins.iter().map(drawn).collect();
    let chart = ReliabilityChart {
        bins: &bins,
        overlay: &[],
        widths: BinWidths::Equal,
        view: ReliabilityView::Bars,
        selected: None,
        has_histogram: false,
        has_whiskers: true,
        accuracy: None,
        mean_probability: None,
        title: &title,
    };
    let (width, height) = charts::size(area);
    let raster = chart.render(width, height, pen.theme.tier());
    pen.raster(area, &raster);
}

fn confusion_lines(
    session: &Session,
    theme: Theme,
    view: &ClassView,
    width: usize,
) -> Vec<Vec<Span>> {
    let list = |title: &str, confused: &[Confused]| {
        let mut lines = vec![vec![dim_span(theme, title.to_owned())]];
        if confused.is_empty() {
            lines.push(vec![span("  none")]);
        }
        for (class, n) in confused {
            let name = format::cut(&session.class_name(*class), width.saturating_sub(10));
            lines.push(vec![span(format!("  {name} ×{}", format::count(*n)))]);
        }
        lines
    };
    let mut lines = list("its rows are taken for", &view.taken_for);
    lines.extend(list("predicted so are rows of", &view.mistaken));
    lines
}

/// How many gaps chance does not explain, and whether one temperature is enough; the longest wording first.
pub(super) fn about_all(session: &Session, kind: Kind) -> Vec<String> {
    let further = &session.extras.further;
    let details = further.details.as_deref();
    match kind {
        Kind::Labels => {
            let Some(all) = &session.study.analysis.labels else {
                return vec![String::new()];
            };
            let own = all.labels.iter().filter(|l| l.fit.temperature.is_some());
            let exact = format::percent1(all.exact_match);
            let n = all.labels.len();
            vec![
                format!(
                    "{} of {n} labels have a temperature of their own; rows with every label right: {exact}",
                    own.count()
                ),
                format!("every label right: {exact}"),
            ]
        }
        Kind::Classes => details.and_then(|d| d.classes.as_ref()).map_or_else(
            || vec![String::new()],
            |classes| {
                let found = classes.groups.iter().filter(|g| is_found(g, classes.level));
                let test = classes.one_temperature.as_ref();
                sentences(
                    (found.count(), classes.groups.len(), classes.level),
                    test,
                    ("class", "classes"),
                )
            },
        ),
        Kind::Slice(place) => details.and_then(|d| d.slices.get(place)).map_or_else(
            || vec![String::new()],
            |slice| {
                let groups = &slice.groups;
                let found = groups.groups.iter().filter(|g| is_found(g, groups.level));
                let test = groups.one_temperature.as_ref();
                let n = groups.groups.iter().filter(|g| g.count > 0).count();
                sentences((found.count(), n, groups.level), test, ("slice", "slices"))
            },
        ),
    }
}

fn is_found<T>(group: &crate::analysis::Group<T>, level: f64) -> bool {
    group.before.adjusted_p_value <= 1.0 - level
}

fn sentences(
    (n_found, n, level): (usize, usize, f64),
    test: Option<&OneTemperature>,
    (one, many): (&str, &str),
) -> Vec<String> {
    let rate = plain_percent(1.0 - level);
    let found = format!("{n_found} of {n} gaps at T = 1 are beyond chance (*, {rate} % false)");
    let test = test.map(|test| one_or_many(test, level, (one, many)));
    let both = test.as_ref().map(|test| format!("{found}. {test}"));
    let short = test.map(|test| {
        let end = test.find(':').unwrap_or(test.len());
        format!("{n_found} of {n} gaps beyond chance (*). {}.", &test[..end])
    });
    let least = format!("{n_found} of {n} gaps beyond chance (*)");
    both.into_iter().chain(short).chain([found, least]).collect()
}
