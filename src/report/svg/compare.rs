//! The figures of models side by side.

use super::super::charts::{CurveView, curve_view};
use super::super::compare::{ComparedRun, Comparison};
use super::super::counts::{unit, used};
use super::super::diagram::words;
use super::super::groups::{ClassGap, class_rows, last_gap};
use super::super::number::{counted, nats, percent, plain_percent, temperature};
use super::super::tables::{column_name, fitted_name};
use super::super::verdict::fault;
use super::figure::{Figure, Plots, Words};
use super::legend::{Entry, Sample};
use super::panel::{Panel, least};
use super::size::Size;
use super::study::{
    CLASSES, MARGIN, PLOT, TITLED, UNTITLED, beyond_axis, diagram, diagram_legend, drawn_bins,
    drawn_margins, fitted, histogram_legend, judged, least_diagram, margin_heading, name_at, plot,
    risk_heading, rough, side_title, sides,
};
use super::text::Caption;
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

/// Room of one of several plots that suits it.
const SMALL: [f64; 2] = [300.0, 260.0];

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
    let task = first.study.info.task;
    match chart {
        Chart::Reliability => Ok(reliability(comparison, task, size)),
        Chart::Temperature => temperatures(comparison, task, size)
            .map_err(|run| no(run, "its NLL is infinite, a label has probability 0 at every T")),
        Chart::Margins => {
            margins(comparison, task, size).map_err(|run| no(run, "no margin is finite"))
        }
        Chart::Risk => risks(comparison, task, size)
            .map_err(|run| no(run, "what is right and wrong is not known of its rows")),
        Chart::Classes => {
            let labels = comparison.runs.iter().find(|run| run.study.info.n_labels.is_some());
            if let Some(run) = labels {
                return Err(NoFigure::of_labels(&run.study.info.path));
            }
            gaps(comparison, &first.study, size).map_err(|why| no(first, why))
        }
    }
}

/// `1: runs/a.npz`, with more words after it that are not cut.
fn name((number, run): (usize, &ComparedRun), after: String) -> Caption {
    Caption { before: format!("{number}: "), name: run.study.info.path.clone(), after }
}

/// The fitted temperature, or 1.
fn at(study: &Study) -> Temperature {
    fitted(study).unwrap_or(Temperature::ONE)
}

/// `, T = 1.781`: the temperature that a curve of the model is for.
fn of_fit(study: &Study) -> String {
    format!(", {}", fitted_name(study).unwrap_or_else(|| "T = 1".to_owned()))
}

fn is_fit_rough(study: &Study) -> bool {
    study.analysis.fit.temperature.is_some() && !study.is_fit_exact
}

/// `3 models on 2,500 rows`; the rows that a model has no finite scores for are missing in its plots.
fn about(comparison: &Comparison) -> String {
    let models = counted(comparison.runs.len() as u64, "model");
    let mut all: Vec<String> = comparison.runs.iter().map(|run| used(&run.study)).collect();
    all.dedup();
    if let [same] = all.as_slice() {
        return format!("{models} on {same}");
    }
    let each = (1..).zip(comparison.runs.iter().map(|run| used(&run.study)));
    let each: Vec<String> = each.map(|(number, used)| format!("{number}: {used}")).collect();
    format!("{models} on {}", each.join("; "))
}

/// What is broken in which model.
fn failures(comparison: &Comparison) -> Vec<String> {
    let broken = |(number, run): (usize, &ComparedRun)| {
        let fault = fault(&run.study)?;
        Some(format!("{number}: FAILURE: {}: {}", fault.rule, fault.message))
    };
    comparison.numbered().filter_map(broken).collect()
}

/// What is said of the models: what only differs by chart are heading, legend, notes, and a sentence for each model.
fn words_of(
    comparison: &Comparison,
    heading: String,
    (legend, notes): (Vec<Entry>, Vec<String>),
    each: impl Fn(&Study) -> String,
) -> Words {
    let model = |(number, run): (usize, &ComparedRun)| {
        format!("{number}: {}: {}", run.study.info.path, each(&run.study))
    };
    let models: Vec<String> = comparison.numbered().map(model).collect();
    let about = about(comparison);
    Words {
        description: format!("{about}. {}", models.join(" ")),
        heading,
        about,
        failures: failures(comparison),
        legend,
        notes,
    }
}

fn reliability(comparison: &Comparison, task: Task, size: Option<Size>) -> String {
    let all: Vec<(Caption, &Study, &Figures)> = comparison
        .numbered()
        .flat_map(|(number, run)| {
            sides(&run.study).map(move |side| {
                (format!("{number}: {}", side_title(side)).into(), &run.study, side)
            })
        })
        .collect();
    let drawn: Vec<&Figures> = all.iter().map(|plot| plot.2).collect();
    let (legend, mut notes) = diagram_legend(&drawn, task);
    notes.extend(comparison.numbered().map(|(number, run)| {
        let judged = judged(&run.study).map(|words| format!(". {words}"));
        format!("{number}: {}{}", run.study.info.path, judged.unwrap_or_default())
    }));
    notes.extend(rough(drawn.iter().any(|side| !side.exact)));
    let heading =
        format!("Reliability diagrams: {} over {}", words(task).outcome, words(task).probability);
    let least = least_diagram(all.iter().map(|plot| &plot.0), task);
    let plots = Plots { n: all.len(), suiting: SMALL, least };
    let words = words_of(comparison, heading, (legend, notes), |study| {
        let titles: Vec<String> = sides(study).map(side_title).collect();
        format!("{}; {}.", drawn_bins(sides(study)), titles.join("; "))
    });
    let mut figure = Figure::new(size, plots, words);
    for (cell, (title, study, side)) in figure.cells().into_iter().zip(&all) {
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

fn temperatures(
    comparison: &Comparison,
    task: Task,
    size: Option<Size>,
) -> Result<String, &ComparedRun> {
    let mut views = Vec::new();
    for run in &comparison.runs {
        views.push(curve_view(&run.study.analysis).ok_or(run)?);
    }
    let view = union(&views);
    let entry = |(numbered, line): ((usize, &ComparedRun), &'static str)| {
        Entry::new(Sample::Line(line), name(numbered, of_fit(&numbered.1.study)))
    };
    let mut legend: Vec<Entry> = comparison.numbered().zip(LINES).map(entry).collect();
    legend.push(Entry::new(Sample::Line("unit"), "T = 1"));
    let rough = rough(comparison.runs.iter().any(|run| is_fit_rough(&run.study)));
    let heading = "NLL over the temperature".to_owned();
    let said = (legend, rough.into_iter().collect());
    let words = words_of(comparison, heading, said, |study| {
        let fitted = fitted_name(study).map(|name| format!("fitted {name}"));
        let nll = nats(study.analysis.before.metrics.nll);
        let fitted = fitted.unwrap_or_else(|| "no temperature was fitted".to_owned());
        format!("NLL {nll} at T = 1, {fitted}.")
    });
    let mut figure = Figure::new(size, plot(curve::words(task)), words);
    let mut panel = curve::panel(figure.area().within_axes(UNTITLED), &view, task);
    panel.mark(1.0, "unit");
    panel.mark_words(&[([1.0, 1.0], "T = 1".to_owned())]);
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

fn margins(
    comparison: &Comparison,
    task: Task,
    size: Option<Size>,
) -> Result<String, &ComparedRun> {
    let titles: Vec<Caption> =
        comparison.numbered().map(|numbered| name(numbered, String::new())).collect();
    let least = titles
        .iter()
        .map(|title| least((MARGIN, unit(task)[1]), title, TITLED))
        .fold([0.0_f64; 2], |[w, h], [width, height]| [w.max(width), h.max(height)]);
    let plots = Plots { n: titles.len(), suiting: SMALL, least };
    let beyond = comparison.numbered().filter_map(|(number, run)| {
        beyond_axis(&run.study).map(|beyond| format!("{number}: {beyond}"))
    });
    let said = (histogram_legend(), beyond.collect());
    let words = words_of(comparison, margin_heading(task).to_owned(), said, drawn_margins);
    let mut figure = Figure::new(size, plots, words);
    for ((run, title), cell) in comparison.runs.iter().zip(&titles).zip(figure.cells()) {
        let margins = &run.study.analysis.histograms.margin;
        let area = cell.within_axes(TITLED);
        let panel = histogram::panel(area, margins, (MARGIN, task)).ok_or(run)?;
        let mut panel: Panel = panel.titled(title);
        histogram::draw(&mut panel, margins);
        figure.add(&panel.finish());
    }
    Ok(figure.finish())
}

fn risks(comparison: &Comparison, task: Task, size: Option<Size>) -> Result<String, &ComparedRun> {
    let accuracy = |study: &Study| study.analysis.before.metrics.accuracy;
    if let Some(run) = comparison.runs.iter().find(|run| !accuracy(&run.study).is_finite()) {
        return Err(run);
    }
    let curves: Vec<Vec<[f64; 2]>> =
        comparison.runs.iter().map(|run| run.study.risk_coverage_at(at(&run.study))).collect();
    let aurc = |study: &Study| {
        let families = study.analysis.families.as_ref();
        families.map(|f| f.after.as_ref().unwrap_or(&f.before).aurc)
    };
    let named = |study: &Study| match fitted(study) {
        Some(t) => name_at(study, t),
        None => ("T = 1".to_owned(), false),
    };
    let words = |study: &Study| {
        let aurc = aurc(study).map(|aurc| format!(", AURC {}", nats(aurc)));
        named(study).0 + &aurc.unwrap_or_default()
    };
    let entry = |(numbered, line): ((usize, &ComparedRun), &'static str)| {
        let after = format!(", {}", words(&numbered.1.study));
        Entry::new(Sample::Line(line), name(numbered, after))
    };
    let legend = comparison.numbered().zip(LINES).map(entry).collect();
    let rough = rough(comparison.runs.iter().any(|run| named(&run.study).1));
    let said = (legend, rough.into_iter().collect());
    let words = words_of(comparison, risk_heading(task), said, |study| {
        let wrong = percent(1.0 - accuracy(study), 2);
        format!("{wrong} of all are wrong; {}.", words(study))
    });
    let mut figure = Figure::new(size, plot(risk::words(task)), words);
    let area = figure.area().within_axes(UNTITLED);
    let mut panel = risk::panel(area, curves.iter().map(Vec::as_slice), task);
    for (curve, line) in curves.iter().zip(LINES).rev() {
        risk::draw(&mut panel, line, curve);
    }
    figure.add(&panel.finish());
    Ok(figure.finish())
}

/// The classes of the first model's table, with the gaps of every model after scaling where there is a temperature.
fn gaps(
    comparison: &Comparison,
    first: &Study,
    size: Option<Size>,
) -> Result<String, &'static str> {
    let found = class_rows(first).ok_or("its classes are too many to be told apart")?;
    if found.rows.is_empty() {
        return Err("no class is predicted");
    }
    let none = ClassGap { gap: f64::NAN, is_found: false };
    let gap = |run: &ComparedRun, idx| last_gap(&run.study, idx).unwrap_or(none);
    let row = |row: &super::super::groups::ClassRow| classes::Row {
        name: row.name.clone(),
        gaps: comparison.runs.iter().map(|run| gap(run, row.class_idx)).collect(),
    };
    let rows: Vec<classes::Row> = found.rows.iter().map(row).collect();
    let is_last_rough = |study: &Study| sides(study).last().is_some_and(|side| !side.exact);
    let entry = |(numbered, mark): ((usize, &ComparedRun), &'static str)| {
        Entry::new(Sample::Dot(mark), name(numbered, last_name(&numbered.1.study)))
    };
    let legend = comparison.numbered().zip(MARKS).map(entry).collect();
    let shown = rows.len();
    let which = (shown < found.n_predicted).then(|| {
        format!(
            "The {shown} of {} classes whose gaps are the least probable in 1.",
            found.n_predicted
        )
    });
    let stars = format!(
        "A star marks a gap that chance does not explain, with at most {} % of the stars of a model false \
         (Benjamini-Hochberg over its classes).",
        plain_percent(1.0 - comparison.level)
    );
    let rough = rough(comparison.runs.iter().any(|run| is_last_rough(&run.study)));
    let notes = which.into_iter().chain(std::iter::once(stars)).chain(rough).collect();
    let words = words_of(comparison, CLASSES.to_owned(), (legend, notes), |study| {
        let idxs = found.rows.iter().map(|row| row.class_idx);
        let drawn = idxs.filter(|idx| last_gap(study, *idx).is_some()).count();
        format!("{drawn} of {shown} classes drawn.")
    });
    let mut figure = Figure::new(size, classes::plots(rows.len(), PLOT[0]), words);
    figure.add(&classes::draw(figure.area(), &rows, &MARKS));
    Ok(figure.finish())
}

/// `, T = 1.781`: the temperature of the last of its sides.
fn last_name(study: &Study) -> String {
    let last = sides(study).last();
    last.map_or_else(String::new, |side| format!(", {}", column_name(side)))
}
