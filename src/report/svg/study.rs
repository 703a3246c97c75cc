//! The figures of one study.

use super::super::charts::curve_view;
use super::super::diagram::{bins as bins_of, overall, widths, words};
use super::super::groups::class_rows;
use super::super::number::{counted, nats, percent, plain_percent, temperature};
use super::super::tables::column_name;
use super::super::verdict::{evaluated_on, fault};
use super::bins;
use super::figure::{Figure, Words};
use super::legend::{Entry, Sample};
use super::panel::{Area, Panel};
use super::size::{Room, Size};
use super::{Axis, Chart, NO_ROWS, NoFigure, classes, curve, histogram, risk};
use crate::data::{Task, Temperature};
use crate::metrics::{Binning, Figures};
use crate::pipeline::Study;
use crate::plot::{FEW_ROWS, ReliabilityView};

/// Room of one plot with its axes: what suits it, and the least that holds it with its legend and notes.
pub(super) const PLOT: [f64; 2] = [440.0, 400.0];
pub(super) const LEAST: [f64; 2] = [280.0, 300.0];

/// Free space above a plot, with a title and without.
pub(super) const TITLED: f64 = 26.0;
pub(super) const UNTITLED: f64 = 8.0;

/// The chart of `study` as an SVG document that loads and runs nothing; its size suits it unless one is given.
///
/// # Errors
/// If there is nothing to draw.
pub fn figure(study: &Study, chart: Chart, size: Option<Size>) -> Result<String, NoFigure> {
    let no = |why: &str| NoFigure::new(chart, &study.info.path, why);
    if study.counts.used == 0 {
        return Err(no(NO_ROWS));
    }
    match chart {
        Chart::Reliability => reliability(study, size).ok_or_else(|| no(NO_ROWS)),
        Chart::Temperature => temperature_figure(study, size)
            .ok_or_else(|| no("its NLL is infinite, a label has probability 0 at every T")),
        Chart::Margins => margins(study, size).ok_or_else(|| no("no margin is finite")),
        Chart::Risk => risk_figure(study, size).map_err(no),
        Chart::Classes => classes_figure(study, size).map_err(no),
    }
}

/// `val.npz` in words, and which rows.
fn about(study: &Study) -> String {
    format!(
        "{}: {}, {} {}",
        study.info.path,
        counted(study.counts.used, "row"),
        study.info.n_scores(),
        study.info.scores_word()
    )
}

/// What is broken: no figure of these rows is worth much.
fn failures(study: &Study) -> Vec<String> {
    fault(study).iter().map(|fault| format!("FAILURE: {}: {}", fault.rule, fault.message)).collect()
}

/// On which rows scaling is judged.
pub(super) fn judged(study: &Study) -> Option<String> {
    study.analysis.after.is_some().then(|| format!("After scaling {}.", evaluated_on(study)))
}

/// T = 1 and, if there is a temperature, after scaling.
pub(super) fn sides(study: &Study) -> impl Iterator<Item = &Figures> {
    std::iter::once(&study.analysis.before).chain(&study.analysis.after)
}

/// `T = 1.53: ECE 1.20 %`.
pub(super) fn side_title(figures: &Figures) -> String {
    let (name, ece) = match figures.reliability.binning {
        Binning::Width => ("ECE", figures.metrics.ece),
        Binning::Mass => ("equal-mass ECE", figures.metrics.ece_equal_mass),
    };
    format!("{}: {name} {}", column_name(figures), percent(ece, 2))
}

/// One reliability diagram.
pub(super) fn diagram(area: Area, figures: &Figures, task: Task, title: &str) -> String {
    let words = words(task);
    let (x, y) = (Axis::unit(words.probability), Axis::unit(words.outcome));
    let mut panel = Panel::new(area.within_axes(TITLED), x, y).titled(title);
    bins::draw(&mut panel, &figures.reliability);
    panel.finish()
}

/// What the marks of these diagrams mean: those that are drawn in one.
pub(super) fn diagram_legend(all: &[&Figures], task: Task) -> (Vec<Entry>, Vec<String>) {
    let words = words(task);
    let drawn: Vec<_> = all
        .iter()
        .flat_map(|figures| bins_of(&figures.reliability))
        .filter(|bin| bin.count > 0)
        .collect();
    let mut entries = Vec::new();
    let binning = all.first().map_or(Binning::Width, |figures| figures.reliability.binning);
    match widths(binning).1 {
        ReliabilityView::Bars => {
            entries.push(Entry::new(Sample::Plain("bar"), words.outcome));
            if drawn.iter().any(bins::is_over) {
                entries.push(Entry::new(Sample::Hatched("over"), words.over));
            }
            if drawn.iter().any(|bin| bin.probability < bin.outcome) {
                entries.push(Entry::new(Sample::Plain("under"), words.under));
            }
        }
        ReliabilityView::Dots => {
            entries.push(Entry::new(Sample::Dot("dot"), format!("{} of a bin", words.outcome)));
        }
    }
    if drawn.iter().any(|bin| bin.interval.is_some()) {
        entries.push(Entry::new(Sample::Whisker, "its 95 % interval"));
    }
    entries.push(Entry::new(Sample::Line("diagonal"), "perfectly calibrated"));
    let is_few = binning == Binning::Width && drawn.iter().any(|bin| bin.count < FEW_ROWS);
    let few = is_few.then(|| format!("Pale bins hold fewer than {FEW_ROWS} rows."));
    (entries, few.into_iter().collect())
}

fn reliability(study: &Study, size: Option<Size>) -> Option<String> {
    let sides: Vec<&Figures> = sides(study).collect();
    let task = study.info.task;
    let (outcome, probability) = overall(&study.analysis.before.reliability)?;
    let names = words(task);
    let n = sides.len() as f64;
    let room = Room::new(size, [PLOT[0] * n - 60.0 * (n - 1.0), PLOT[1]], LEAST);
    let (legend, few) = diagram_legend(&sides, task);
    let titles: Vec<String> = sides.iter().map(|figures| side_title(figures)).collect();
    let mut figure = Figure::new(
        room,
        Words {
            heading: "Reliability diagram".to_owned(),
            about: about(study),
            failures: failures(study),
            legend,
            notes: judged(study).into_iter().chain(few).collect(),
            description: format!(
                "{} over {}. {}. At T = 1 {} {}, {} {}.",
                names.outcome,
                names.probability,
                titles.join("; "),
                names.outcome,
                percent(outcome, 2),
                names.probability,
                percent(probability, 2)
            ),
        },
    );
    for (cell, (side, title)) in figure.area().cells(sides.len()).zip(sides.iter().zip(&titles)) {
        figure.add(&diagram(cell, side, task, title));
    }
    Some(figure.finish())
}

fn temperature_figure(study: &Study, size: Option<Size>) -> Option<String> {
    let analysis = &study.analysis;
    let view = curve_view(analysis)?;
    let fit = &analysis.fit;
    let mut legend = vec![
        Entry::new(Sample::Line("curve"), "NLL of the judged rows"),
        Entry::new(Sample::Line("unit"), "T = 1"),
    ];
    let fitted = fit.temperature.map(|t| format!("fitted T = {}", temperature(t)));
    if let Some(words) = &fitted {
        legend.push(Entry::new(Sample::Line("optimum"), words));
    }
    if let Some(interval) = &fit.interval {
        let words = format!(
            "its {} % interval, {} to {}",
            plain_percent(interval.level),
            temperature(interval.low),
            temperature(interval.high)
        );
        legend.push(Entry::new(Sample::Plain("interval"), words));
    }
    let words = Words {
        heading: "NLL over the temperature".to_owned(),
        about: about(study),
        failures: failures(study),
        legend,
        notes: Vec::new(),
        description: format!(
            "NLL {} at T = 1; {}.",
            nats(analysis.before.metrics.nll),
            fitted.unwrap_or_else(|| "no temperature was fitted".to_owned())
        ),
    };
    let mut figure = Figure::new(Room::new(size, PLOT, LEAST), words);
    let mut panel = curve::panel(figure.area().within_axes(UNTITLED), &view);
    curve::draw(&mut panel, analysis, &view);
    figure.add(&panel.finish());
    Some(figure.finish())
}

fn margins(study: &Study, size: Option<Size>) -> Option<String> {
    let margins = &study.analysis.histograms.margin;
    let (right, wrong): (u64, u64) = (margins.correct.iter().sum(), margins.wrong.iter().sum());
    let beyond = margins.above + margins.below;
    let beyond =
        (beyond > 0).then(|| format!("{} lie beyond the axis.", counted(beyond, "further row")));
    let words = Words {
        heading: "Margin between the two largest logits".to_owned(),
        about: about(study),
        failures: failures(study),
        legend: histogram_legend(),
        notes: beyond.into_iter().collect(),
        description: format!(
            "Histogram of {} that are right and {} that are wrong.",
            counted(right, "row"),
            counted(wrong, "row")
        ),
    };
    let mut figure = Figure::new(Room::new(size, PLOT, LEAST), words);
    let area = figure.area().within_axes(UNTITLED);
    let mut panel = histogram::panel(area, margins, "margin (logits)")?;
    histogram::draw(&mut panel, margins);
    figure.add(&panel.finish());
    Some(figure.finish())
}

/// Of right and wrong rows.
pub(super) fn histogram_legend() -> Vec<Entry> {
    vec![
        Entry::new(Sample::Plain("bar"), "right"),
        Entry::new(Sample::Hatched("wrong"), "wrong, on top"),
    ]
}

/// The fitted temperature as one.
pub(super) fn fitted(study: &Study) -> Option<Temperature> {
    study.analysis.fit.temperature.and_then(|t| Temperature::new(t).ok())
}

fn risk_figure(study: &Study, size: Option<Size>) -> Result<String, &'static str> {
    let accuracy = study.analysis.before.metrics.accuracy;
    if !accuracy.is_finite() {
        return Err("what is right and wrong is not known of its rows");
    }
    let families = study.analysis.families.as_ref();
    let at = |t: Temperature| study.risk_coverage_at(t);
    let words = |name: &str, aurc: Option<f64>| {
        aurc.map_or_else(|| name.to_owned(), |aurc| format!("{name}, AURC {}", nats(aurc)))
    };
    let before = at(Temperature::ONE);
    let scaled = fitted(study).map(|t| (t, at(t)));
    // Two classes keep their order at any temperature: one curve is then both.
    let scaled = scaled.filter(|(_, curve)| *curve != before);
    let mut curves = vec![("series s0", words("T = 1", families.map(|f| f.before.aurc)), before)];
    if let Some((t, curve)) = scaled {
        let aurc = families.and_then(|f| Some(f.after.as_ref()?.aurc));
        let name = format!("T = {}", temperature(t.value()));
        curves.push(("series s1", words(&name, aurc), curve));
    }
    curves.push(("oracle", "an oracle".to_owned(), risk::oracle(accuracy)));
    curves.push(("random", "by chance".to_owned(), risk::random(accuracy).to_vec()));
    let legend =
        curves.iter().map(|(class, words, _)| Entry::new(Sample::Line(class), words.as_str()));
    let words = Words {
        heading: "Error rate over the share of rows kept".to_owned(),
        about: about(study),
        failures: failures(study),
        legend: legend.collect(),
        notes: Vec::new(),
        description: format!("Of all rows {} are wrong.", percent(1.0 - accuracy, 2)),
    };
    let mut figure = Figure::new(Room::new(size, PLOT, LEAST), words);
    let area = figure.area().within_axes(UNTITLED);
    let mut panel = risk::panel(area, curves.iter().map(|curve| curve.2.as_slice()));
    for (class, _, curve) in curves.iter().rev() {
        risk::draw(&mut panel, class, curve);
    }
    figure.add(&panel.finish());
    Ok(figure.finish())
}

fn classes_figure(study: &Study, size: Option<Size>) -> Result<String, &'static str> {
    if study.info.task == Task::Multilabel {
        return Err("its labels are judged one by one, see the table of the report");
    }
    let found = class_rows(study).ok_or("its classes are too many to be told apart")?;
    if found.rows.is_empty() {
        return Err("no class is predicted");
    }
    let mut legend = vec![Entry::new(Sample::Dot("mark m0"), "T = 1")];
    if let Some(after) = &study.analysis.after {
        legend.push(Entry::new(Sample::Dot("mark m1"), column_name(after)));
    }
    let rows: Vec<classes::Row> = found
        .rows
        .iter()
        .map(|row| classes::Row {
            name: if row.is_found { format!("{} *", row.name) } else { row.name.clone() },
            gaps: std::iter::once(row.before).chain(row.after).collect(),
        })
        .collect();
    let words = Words {
        heading: "Accuracy less confidence of each predicted class".to_owned(),
        about: about(study),
        failures: failures(study),
        legend,
        notes: judged(study).into_iter().chain(std::iter::once(found.explanation)).collect(),
        description: format!("{} of the classes.", rows.len()),
    };
    let height = 150.0 + classes::ROW * rows.len() as f64;
    let least = [LEAST[0], 130.0 + 13.0 * rows.len() as f64];
    let mut figure = Figure::new(Room::new(size, [PLOT[0], height.max(240.0)], least), words);
    figure.add(&classes::draw(figure.area(), &rows, &["mark m0", "mark m1"]));
    Ok(figure.finish())
}
