//! Gaps of the bins of every model, at T = 1 and at the temperature of its own.

use std::ops::Range;

use ratatui::layout::Rect;

use super::compare::{name_spans, name_width};
use crate::analysis::EvaluatedOn;
use crate::data::Task;
use crate::pipeline::Study;
use crate::plot::{GapChart, GapRows, Raster, ReliabilityBin};
use crate::report::diagram::bins;
use crate::tui::layout::{left, row, top};
use crate::tui::state::Group;
use crate::tui::view::format;
use crate::tui::widget::{Pen, dim_span, strong_span};

/// Rows around the bars: the heading above, the axis and its labels below.
const FRAME: u16 = 3;

/// Rows of bars for each model: the least with which gaps can be told apart, and the most that are worth it.
const LEAST: u16 = 3;
const MOST: u16 = 11;

/// From so many rows for a model on one of them is left blank.
const SPACED_FROM: u16 = 5;

/// Columns of names, at most: bars need the room.
const NAMES: u16 = 22;

/// The gutter of the bars at T*: they stand beside labelled ones and need no more than the line of their axis.
const BARE: usize = 1;

/// The bins of one model, before and after.
struct Model {
    place: usize,
    before: Vec<ReliabilityBin>,
    after: Option<Vec<ReliabilityBin>>,
}

fn studies(group: &Group) -> impl Iterator<Item = (usize, &Study)> {
    let read = group.read();
    read.filter_map(|(place, read)| Some((place, read.study.as_deref()?)))
}

fn models(group: &Group) -> Vec<Model> {
    let of = |(place, study): (usize, &Study)| Model {
        place,
        before: bins(&study.analysis.reliability_before),
        after: study.analysis.reliability_after.as_ref().map(bins),
    };
    studies(group).map(of).collect()
}

/// Rows that the gaps of all models need at least.
pub(super) fn least_height(group: &Group) -> u16 {
    let n_models = u16::try_from(studies(group).count().max(1)).unwrap_or(u16::MAX);
    n_models.saturating_mul(LEAST).saturating_add(FRAME)
}

/// Where everything is.
struct Plan {
    names: Rect,
    /// Columns of the bars at T = 1, and of those at T*.
    sides: [Rect; 2],
    /// Models that are shown, the chosen one among them.
    shown: Range<usize>,
    /// Rows of each, with the blank one.
    n_rows: u16,
    rows: GapRows,
    axis: Rect,
}

impl Plan {
    fn new(group: &Group, models: &[Model], area: Rect) -> Self {
        let n_free = area.height.saturating_sub(FRAME);
        let n_models = u16::try_from(models.len().max(1)).unwrap_or(u16::MAX);
        let n_shown = n_models.min(n_free / LEAST).max(1);
        let n_rows = (n_free / n_shown).min(MOST);
        let n_blank = u16::from(n_rows >= SPACED_FROM);
        let all =
            models.iter().flat_map(|model| model.before.iter().chain(model.after.iter().flatten()));
        let rows = GapRows::fitting(all, usize::from(n_rows.saturating_sub(n_blank)));
        let n_rows = u16::try_from(rows.height()).unwrap_or(LEAST) + n_blank;
        let is_chosen = |model: &Model| model.place == group.compare.row;
        let chosen = models.iter().position(is_chosen).unwrap_or(0);
        let n_shown = usize::from(n_shown);
        let first = (chosen + 1).saturating_sub(n_shown);
        let shown = first..(first + n_shown).min(models.len());
        let (names, charts) = left(area, name_width(group).min(NAMES));
        let n_labels = u16::try_from(GapChart::GUTTER - BARE).unwrap_or(0);
        let n_first = n_labels + charts.width.saturating_sub(n_labels) / 2;
        let (before, after) = left(charts, n_first);
        let n_bars = u16::try_from(shown.len()).unwrap_or(0) * n_rows;
        Self { names, sides: [before, after], shown, n_rows, rows, axis: top(area, 1 + n_bars).1 }
    }

    /// The rows of the `idx`th of the models that are shown.
    fn line(&self, area: Rect, idx: u16) -> Rect {
        top(top(area, 1 + idx * self.n_rows).1, self.n_rows).0
    }
}

/// Both charts of bars side by side, with and without labels.
const GUTTERS: [usize; 2] = [GapChart::GUTTER, BARE];

/// Draws heading, bars and axes.
pub(super) fn draw(group: &Group, pen: &mut Pen<'_>, area: Rect) {
    let models = models(group);
    let plan = Plan::new(group, &models, area);
    draw_heads(group, pen, area, &plan);
    let shown = &models[plan.shown.clone()];
    let Some(first) = shown.first() else {
        return;
    };
    let n_bins = first.before.len();
    let mut sides = plan.sides.iter().zip(GUTTERS);
    if sides.any(|(side, gutter)| usize::from(side.width) < gutter + n_bins) {
        let needed = usize::from(plan.names.width + 1) + GapChart::GUTTER + 2 * n_bins;
        let words = format!("  {n_bins} bins twice need {needed} columns, here are {}", area.width);
        let style = pen.theme.dim();
        pen.text(row(area, 2), &words, style);
        return;
    }
    for (idx, model) in (0..).zip(shown) {
        let line = plan.line(area, idx);
        let names = name_spans(group, model.place, pen.theme, false);
        let room = plan.names.width.saturating_sub(1);
        pen.spans(row(left(line, room).0, 0), &names);
        let bins = [Some(model.before.as_slice()), model.after.as_deref()];
        for ((side, gutter), bins) in plan.sides.iter().zip(GUTTERS).zip(bins) {
            let area = Rect { x: side.x, width: side.width, ..line };
            draw_bars(pen, area, bins, (plan.rows, gutter));
        }
    }
    draw_axes(pen, &plan, &first.before, models.len());
}

fn draw_heads(group: &Group, pen: &mut Pen<'_>, area: Rect, plan: &Plan) {
    let theme = pen.theme;
    let study = studies(group).next().map(|(_, study)| study);
    let words = match study.map(|study| study.info.task) {
        Some(Task::Binary) => "positive rate − probability",
        Some(Task::Multilabel) => "rate of the label − probability",
        Some(Task::Multiclass) | None => "accuracy − confidence",
    };
    let basis = match study.map(|study| study.analysis.evaluated_on) {
        Some(EvaluatedOn::InSample) => ", in sample",
        Some(EvaluatedOn::OutOfFold) => ", out of fold",
        Some(EvaluatedOn::Test) => ", test rows",
        None => "",
    };
    let [_, after] = plan.sides;
    let (head, _) = left(row(area, 0), after.x.saturating_sub(area.x + 1));
    let one =
        [strong_span(theme, " gaps at T = 1"), dim_span(theme, format!("  {words} of each bin"))];
    pen.spans(head, &one);
    let star = [strong_span(theme, " at its own T*"), dim_span(theme, basis)];
    pen.spans(row(Rect { height: 1, ..after }, 0), &star);
}

fn draw_bars(
    pen: &mut Pen<'_>,
    area: Rect,
    bins: Option<&[ReliabilityBin]>,
    (rows, gutter): (GapRows, usize),
) {
    let Some(bins) = bins else {
        let style = pen.theme.dim();
        pen.text(row(area, 1), " no T*", style);
        return;
    };
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let mut raster = Raster::new(width, height, pen.theme.tier());
    let chart = GapChart { bins, rows, gutter };
    let whole = raster.area();
    chart.draw(&mut raster, whole);
    pen.raster(area, &raster);
}

/// The axes of both sides, and how many models are shown if not all.
fn draw_axes(pen: &mut Pen<'_>, plan: &Plan, bins: &[ReliabilityBin], n_models: usize) {
    let (axis, _) = top(plan.axis, FRAME - 1);
    for (side, gutter) in plan.sides.iter().zip(GUTTERS) {
        let (width, height) = (usize::from(side.width), usize::from(axis.height));
        let mut raster = Raster::new(width, height, pen.theme.tier());
        let rows = plan.rows;
        let chart = GapChart { bins, rows, gutter };
        let whole = raster.area();
        chart.draw_probabilities(&mut raster, whole);
        let area = Rect { x: side.x, width: side.width, ..axis };
        pen.raster(area, &raster);
    }
    if plan.shown.len() < n_models {
        let words = format!(" {} of {n_models}", plan.shown.len());
        let style = pen.theme.dim();
        pen.text(left(row(axis, 1), plan.names.width).0, &words, style);
    }
}

/// The place of the model whose bars stand at row `y`.
pub(super) fn model_at(group: &Group, area: Rect, y: u16) -> Option<usize> {
    let models = models(group);
    let plan = Plan::new(group, &models, area);
    let idx = y.checked_sub(area.y + 1)? / plan.n_rows;
    let shown = models.get(plan.shown)?;
    shown.get(usize::from(idx)).map(|model| model.place)
}

/// The bins and their gaps as text, tab-separated.
pub(super) fn text(group: &Group) -> Vec<String> {
    let mut lines = vec!["model\tat\tlow\thigh\tcount\tgap".to_owned()];
    for model in models(group) {
        let name = &group.members[model.place].name;
        let sides = [("T = 1", Some(&model.before)), ("T*", model.after.as_ref())];
        for (at, bins) in sides {
            lines.extend(bins.into_iter().flatten().map(|bin| {
                let gap = format::raw(bin.outcome - bin.probability);
                format!("{name}\t{at}\t{}\t{}\t{}\t{gap}", bin.low, bin.high, bin.count)
            }));
        }
    }
    lines
}
