//! The figures of models side by side.

use super::super::charts::{CurveView, curve_view};
use super::super::compare::{ComparedRun, Comparison};
use super::super::diagram::words;
use super::super::groups::class_rows;
use super::super::number::{counted, nats, temperature};
use super::super::verdict::fault;
use super::figure::{Figure, Words};
use super::legend::{Entry, Sample};
use super::panel::{Panel, TEXT};
use super::size::{Room, Size};
use super::study::{
    LEAST, PLOT, TITLED, UNTITLED, diagram, diagram_legend, fitted, histogram_legend, judged,
    side_title, sides,
};
use super::text::end;
use super::{Chart, NO_ROWS, NoFigure, classes, curve, histogram, risk};
use crate::data::{Task, Temperature};
use crate::metrics::Figures;
use crate::pipeline::Study;

/// Models that a figure tells apart.
pub const MOST_MODELS: usize = 6;

/// Lines and marks of the models, in their order.
const LINES: [&str; MOST_MODELS] =
    ["series s0", "series s1", "series s2", "series s3", "series s4", "series s5"];
const MARKS: [&str; MOST_MODELS] =
    ["mark m0", "mark m1", "mark m2", "mark m3", "mark m4", "mark m5"];

/// Room of one of several plots.
const SMALL: [f64; 2] = [300.0, 270.0];

/// Width of the path of a model in a legend.
const PATH_ROOM: f64 = 230.0;

/// The chart of all models as one SVG document; see [`super::figure()`].
///
/// # Errors
/// If there is nothing to draw for one of them, or if there are more than [`MOST_MODELS`].
pub fn compare_figure(
    comparison: &Comparison,
    chart: Chart,
    size: Option<Size>,
) -> Result<String, NoFigure> {
    let no = |run: &ComparedRun, why: &str| NoFigure::new(chart, &run.study.info.path, why);
    if let Some(run) = comparison.runs.get(MOST_MODELS) {
        return Err(no(run, &format!("a figure tells {MOST_MODELS} models apart at most")));
    }
    if let Some(run) = comparison.runs.iter().find(|run| run.study.counts.used == 0) {
        return Err(no(run, NO_ROWS));
    }
    let Some(first) = comparison.runs.first() else {
        return Err(NoFigure::new(chart, "nothing", "there is no model"));
    };
    match chart {
        Chart::Reliability => Ok(reliability(comparison, first.study.info.task, size)),
        Chart::Temperature => temperatures(comparison, size)
            .map_err(|run| no(run, "its NLL is infinite, a label has probability 0 at every T")),
        Chart::Margins => margins(comparison, size).map_err(|run| no(run, "no margin is finite")),
        Chart::Risk => Ok(risks(comparison, size)),
        Chart::Classes => gaps(comparison, &first.study, size)
            .ok_or_else(|| no(first, "its classes are not told apart")),
    }
}

/// `1: runs/a.npz`.
fn name((number, run): (usize, &ComparedRun), room: f64) -> String {
    let number = format!("{number}: ");
    let rest = end(&run.study.info.path, TEXT, room);
    number + &rest
}

/// The same with the temperature that its curve is for.
fn name_at(numbered: (usize, &ComparedRun)) -> String {
    let at = at(&numbered.1.study).value();
    format!("{}, T = {}", name(numbered, PATH_ROOM), temperature(at))
}

/// The fitted temperature, or 1.
fn at(study: &Study) -> Temperature {
    fitted(study).unwrap_or(Temperature::ONE)
}

fn about(comparison: &Comparison) -> String {
    let rows = comparison.runs.first().map_or(0, |run| run.study.counts.used);
    format!("{} on {}", counted(comparison.runs.len() as u64, "model"), counted(rows, "row"))
}

/// What is broken in which model.
fn failures(comparison: &Comparison) -> Vec<String> {
    let broken = |(number, run): (usize, &ComparedRun)| {
        let fault = fault(&run.study)?;
        Some(format!("{number}: FAILURE: {}: {}", fault.rule, fault.message))
    };
    comparison.numbered().filter_map(broken).collect()
}

/// Every model in a plot of its own.
fn room_of_plots(n: usize, size: Option<Size>) -> Room {
    let n = n as f64;
    let suiting = [SMALL[0] * n.min(4.0), SMALL[1] * (n / 4.0).ceil() + 90.0];
    Room::new(size, suiting, LEAST)
}

/// The figure of what only differs by model, without its plots.
fn figure_of(
    comparison: &Comparison,
    heading: &str,
    room: Room,
    (legend, notes): (Vec<Entry>, Vec<String>),
) -> Figure {
    let names: Vec<String> =
        comparison.numbered().map(|numbered| name(numbered, f64::INFINITY)).collect();
    let words = Words {
        heading: heading.to_owned(),
        about: about(comparison),
        failures: failures(comparison),
        legend,
        notes,
        description: format!("{}.", names.join("; ")),
    };
    Figure::new(room, words)
}

fn reliability(comparison: &Comparison, task: Task, size: Option<Size>) -> String {
    let all: Vec<(String, &Study, &Figures)> = comparison
        .numbered()
        .flat_map(|(number, run)| {
            sides(&run.study)
                .map(move |side| (format!("{number}: {}", side_title(side)), &run.study, side))
        })
        .collect();
    let drawn: Vec<&Figures> = all.iter().map(|plot| plot.2).collect();
    let (legend, mut notes) = diagram_legend(&drawn, task);
    notes.extend(comparison.numbered().map(|(number, run)| {
        let judged = judged(&run.study).map(|words| format!(". {words}"));
        format!("{number}: {}{}", run.study.info.path, judged.unwrap_or_default())
    }));
    let heading =
        format!("Reliability diagrams: {} over {}", words(task).outcome, words(task).probability);
    let room = room_of_plots(all.len(), size);
    let mut figure = figure_of(comparison, &heading, room, (legend, notes));
    for (cell, (title, study, side)) in figure.area().cells(all.len()).zip(&all) {
        figure.add(&diagram(cell, side, study.info.task, title));
    }
    figure.finish()
}

/// One that holds all of `views`.
fn union(views: &[CurveView]) -> CurveView {
    let ends = |of: fn(&CurveView) -> [f64; 2]| {
        let ends = views.iter().map(of);
        ends.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], [l, h]| {
            [low.min(l), high.max(h)]
        })
    };
    CurveView {
        range: ends(|view| view.range),
        heights: ends(|view| view.heights),
        is_log: views.iter().any(|view| view.is_log)
            && views.iter().all(|view| view.heights[0] > 0.0),
    }
}

fn temperatures(comparison: &Comparison, size: Option<Size>) -> Result<String, &ComparedRun> {
    let mut views = Vec::new();
    for run in &comparison.runs {
        views.push(curve_view(&run.study.analysis).ok_or(run)?);
    }
    let view = union(&views);
    let mut legend: Vec<Entry> = comparison
        .numbered()
        .zip(LINES)
        .map(|(numbered, line)| Entry::new(Sample::Line(line), name_at(numbered)))
        .collect();
    legend.push(Entry::new(Sample::Line("unit"), "T = 1"));
    let room = Room::new(size, PLOT, LEAST);
    let heading = "NLL over the temperature";
    let mut figure = figure_of(comparison, heading, room, (legend, Vec::new()));
    let mut panel = curve::panel(figure.area().within_axes(UNTITLED), &view);
    panel.mark(1.0, "unit", ("T = 1", 0));
    for (((run, own), line), mark) in comparison.runs.iter().zip(&views).zip(LINES).zip(MARKS) {
        let analysis = &run.study.analysis;
        panel.line(line, curve::points(analysis, own.range));
        if let Some(t) = analysis.fit.temperature {
            panel.dot(mark, (t, curve::height_at(analysis, t)), &temperature(t));
        }
    }
    figure.add(&panel.finish());
    Ok(figure.finish())
}

fn margins(comparison: &Comparison, size: Option<Size>) -> Result<String, &ComparedRun> {
    let room = room_of_plots(comparison.runs.len(), size);
    let heading = "Margin between the two largest logits";
    let mut figure = figure_of(comparison, heading, room, (histogram_legend(), Vec::new()));
    let cells = figure.area().cells(comparison.runs.len());
    for (numbered, cell) in comparison.numbered().zip(cells) {
        let margins = &numbered.1.study.analysis.histograms.margin;
        let area = cell.within_axes(TITLED);
        let panel = histogram::panel(area, margins, "margin (logits)").ok_or(numbered.1)?;
        let mut panel: Panel = panel.titled(&name(numbered, (area.width() - 20.0) * 0.8));
        histogram::draw(&mut panel, margins);
        figure.add(&panel.finish());
    }
    Ok(figure.finish())
}

fn risks(comparison: &Comparison, size: Option<Size>) -> String {
    let curves: Vec<Vec<[f64; 2]>> =
        comparison.runs.iter().map(|run| run.study.risk_coverage_at(at(&run.study))).collect();
    let aurc = |study: &Study| {
        let families = study.analysis.families.as_ref();
        families.map(|f| f.after.as_ref().unwrap_or(&f.before).aurc)
    };
    let words = |numbered: (usize, &ComparedRun)| match aurc(&numbered.1.study) {
        Some(aurc) => format!("{}, AURC {}", name_at(numbered), nats(aurc)),
        None => name_at(numbered),
    };
    let legend = comparison.numbered().zip(LINES);
    let legend = legend.map(|(numbered, line)| Entry::new(Sample::Line(line), words(numbered)));
    let room = Room::new(size, PLOT, LEAST);
    let heading = "Error rate over the share of rows kept";
    let mut figure = figure_of(comparison, heading, room, (legend.collect(), Vec::new()));
    let area = figure.area().within_axes(UNTITLED);
    let mut panel = risk::panel(area, curves.iter().map(Vec::as_slice));
    for (curve, line) in curves.iter().zip(LINES).rev() {
        risk::draw(&mut panel, line, curve);
    }
    figure.add(&panel.finish());
    figure.finish()
}

/// The classes of the first model's table, with the gaps of every model after scaling where there is a temperature.
fn gaps(comparison: &Comparison, first: &Study, size: Option<Size>) -> Option<String> {
    let found = class_rows(first)?;
    let gap = |run: &ComparedRun, class_idx: usize| {
        let classes = run.study.analysis.details.as_ref()?.classes.as_ref()?;
        let group = classes.groups.iter().find(|group| group.of.class_idx == class_idx)?;
        Some(group.after.as_ref().unwrap_or(&group.before).gap)
    };
    let rows: Vec<classes::Row> = found
        .rows
        .iter()
        .map(|row| classes::Row {
            name: row.name.clone(),
            gaps: comparison
                .runs
                .iter()
                .map(|run| gap(run, row.class_idx).unwrap_or(f64::NAN))
                .collect(),
        })
        .collect();
    let legend = comparison.numbered().zip(MARKS);
    let legend = legend.map(|(numbered, mark)| Entry::new(Sample::Dot(mark), name_at(numbered)));
    let height = 170.0 + classes::ROW * rows.len() as f64;
    let least = [LEAST[0], 150.0 + 13.0 * rows.len() as f64];
    let room = Room::new(size, [PLOT[0], height.max(260.0)], least);
    let heading = "Accuracy less confidence of each predicted class";
    let mut figure = figure_of(comparison, heading, room, (legend.collect(), Vec::new()));
    figure.add(&classes::draw(figure.area(), &rows, &MARKS));
    Some(figure.finish())
}
