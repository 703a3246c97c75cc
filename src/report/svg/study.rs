//! The figures of one study.

use std::fmt::Write as _;

use super::super::charts::curve_view;
use super::super::counts::{counted_units, unit, used};
use super::super::diagram::{bins as bins_of, overall, widths, words};
use super::super::groups::class_rows;
use super::super::number::{count, counted, nats, percent, plain_percent, temperature};
use super::super::tables::{column_name, fitted_name};
use super::super::verdict::{evaluated_on, fault};
use super::bins;
use super::figure::{Figure, Plots, Words};
use super::legend::{Entry, Sample};
use super::panel::{Area, Panel, least};
use super::size::Size;
use super::text::Caption;
use super::{Axis, Chart, NO_ROWS, NoFigure, classes, curve, histogram, risk};
use crate::data::{Task, Temperature};
use crate::metrics::{Binning, Figures};
use crate::pipeline::Study;
use crate::plot::{FEW_ROWS, ReliabilityView};

/// Room of one plot with its axes that suits it.
pub(super) const PLOT: [f64; 2] = [440.0, 310.0];

/// The same of the width of one of two diagrams beside each other.
const OF_TWO: f64 = 410.0;

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
        Chart::Classes if study.info.task == Task::Multilabel => {
            Err(NoFigure::of_labels(&study.info.path))
        }
        Chart::Classes => classes_figure(study, size).map_err(no),
    }
}

/// One plot without a title whose axes are of this.
pub(super) fn plot(axes: (&str, &str)) -> Plots {
    Plots { n: 1, suiting: PLOT, least: least(axes, &Caption::default(), UNTITLED) }
}

/// What a tilde stands for, if there is one.
pub(super) fn rough(is_rough: bool) -> Option<String> {
    is_rough.then(|| "~: interpolated.".to_owned())
}

/// `val.npz` in words, and which rows.
fn about(study: &Study) -> String {
    format!("{}: {}, {}", study.info.path, used(study), scores(study))
}

/// `10 classes`.
fn scores(study: &Study) -> String {
    format!("{} {}", study.info.n_scores(), study.info.scores_word())
}

/// What every description begins with.
fn counts(study: &Study) -> String {
    format!("{}, {}.", used(study), scores(study))
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
pub(super) fn diagram(area: Area, figures: &Figures, task: Task, title: &Caption) -> String {
    let words = words(task);
    let (x, y) = (Axis::unit(words.probability), Axis::unit(words.outcome));
    let mut panel = Panel::new(area.within_axes(TITLED), x, y).titled(title);
    bins::draw(&mut panel, &figures.reliability, task);
    panel.finish()
}

/// The least room of diagrams with these titles.
pub(super) fn least_diagram<'a>(titles: impl Iterator<Item = &'a Caption>, task: Task) -> [f64; 2] {
    let words = words(task);
    let of = |title| least((words.probability, words.outcome), title, TITLED);
    titles.map(of).fold([0.0_f64; 2], |[w, h], [width, height]| [w.max(width), h.max(height)])
}

/// How many bins are drawn: `8 of 15 bins drawn at T = 1, 11 at T = 1.530`.
pub(super) fn drawn_bins<'a>(sides: impl Iterator<Item = &'a Figures>) -> String {
    let mut words = String::new();
    for side in sides {
        let bins = bins_of(&side.reliability);
        let drawn = bins.iter().filter(|bin| bin.count > 0).count();
        let of = if words.is_empty() {
            format!(" of {}", counted(bins.len() as u64, "bin") + " drawn")
        } else {
            String::new()
        };
        let and = if words.is_empty() { "" } else { ", " };
        let _ = write!(words, "{and}{drawn}{of} at {}", column_name(side));
    }
    words
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
    let few = is_few.then(|| format!("Pale bins hold fewer than {FEW_ROWS} {}.", unit(task)[1]));
    (entries, few.into_iter().collect())
}

fn reliability(study: &Study, size: Option<Size>) -> Option<String> {
    let sides: Vec<&Figures> = sides(study).collect();
    let task = study.info.task;
    let (outcome, probability) = overall(&study.analysis.before.reliability)?;
    let names = words(task);
    let (legend, few) = diagram_legend(&sides, task);
    let titles: Vec<Caption> = sides.iter().map(|figures| side_title(figures).into()).collect();
    let width = if sides.len() == 1 { PLOT[0] } else { OF_TWO };
    let plots = Plots {
        n: sides.len(),
        suiting: [width, PLOT[1]],
        least: least_diagram(titles.iter(), task),
    };
    let rough = rough(sides.iter().any(|side| !side.exact));
    let words = Words {
        heading: "Reliability diagram".to_owned(),
        about: about(study),
        failures: failures(study),
        legend,
        notes: judged(study).into_iter().chain(few).chain(rough).collect(),
        description: format!(
            "{} over {} of {} {}. {}. At T = 1 {} {}, {} {}.",
            names.outcome,
            names.probability,
            counts(study),
            drawn_bins(sides.iter().copied()),
            sides.iter().map(|side| side_title(side)).collect::<Vec<_>>().join("; "),
            names.outcome,
            percent(outcome, 2),
            names.probability,
            percent(probability, 2)
        ),
    };
    let mut figure = Figure::new(size, plots, words);
    for (cell, (side, title)) in figure.cells().into_iter().zip(sides.iter().zip(&titles)) {
        figure.add(&diagram(cell, side, task, title));
    }
    Some(figure.finish())
}

fn temperature_figure(study: &Study, size: Option<Size>) -> Option<String> {
    let analysis = &study.analysis;
    let view = curve_view(analysis)?;
    let (fit, task) = (&analysis.fit, study.info.task);
    let judged = format!("NLL of the judged {}", unit(task)[1]);
    let mut legend =
        vec![Entry::new(Sample::Line("curve"), judged), Entry::new(Sample::Line("unit"), "T = 1")];
    let fitted = fitted_name(study).map(|name| format!("fitted {name}"));
    if let Some(words) = &fitted {
        legend.push(Entry::new(Sample::Line("optimum"), words.as_str()));
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
        notes: rough(fitted.is_some() && !study.is_fit_exact).into_iter().collect(),
        description: format!(
            "{} NLL {} at T = 1; {}.",
            counts(study),
            nats(analysis.before.metrics.nll),
            fitted.unwrap_or_else(|| "no temperature was fitted".to_owned())
        ),
    };
    let mut figure = Figure::new(size, plot(curve::words(task)), words);
    let mut panel = curve::panel(figure.area().within_axes(UNTITLED), &view, task);
    curve::draw(&mut panel, study, &view);
    figure.add(&panel.finish());
    Some(figure.finish())
}

/// What a histogram of margins is called.
pub(super) fn margin_heading(task: Task) -> &'static str {
    match task {
        Task::Multilabel => "Margin of each label, the size of its logit",
        Task::Multiclass | Task::Binary => "Margin between the two largest logits",
    }
}

/// How many lie within and beyond the axis: what is drawn, and for whom cannot see it.
pub(super) fn beyond_axis(study: &Study) -> Option<String> {
    let margins = &study.analysis.histograms.margin;
    let n = margins.above + margins.below;
    let lie = if n == 1 { "lies" } else { "lie" };
    (n > 0).then(|| format!("{} more {lie} beyond the axis.", counted_units(n, &study.info)))
}

/// `Drawn are 2,200 rows that are right and 275 that are wrong.`
pub(super) fn drawn_margins(study: &Study) -> String {
    let margins = &study.analysis.histograms.margin;
    let (right, wrong): (u64, u64) = (margins.correct.iter().sum(), margins.wrong.iter().sum());
    format!(
        "Drawn are {} that are right and {} that are wrong.",
        counted_units(right, &study.info),
        count(wrong)
    )
}

fn margins(study: &Study, size: Option<Size>) -> Option<String> {
    let (margins, task) = (&study.analysis.histograms.margin, study.info.task);
    let beyond = beyond_axis(study);
    let words = Words {
        heading: margin_heading(task).to_owned(),
        about: about(study),
        failures: failures(study),
        legend: histogram_legend(),
        description: format!(
            "Histogram. {} {} {}",
            counts(study),
            drawn_margins(study),
            beyond.as_deref().unwrap_or_default()
        ),
        notes: beyond.into_iter().collect(),
    };
    let mut figure = Figure::new(size, plot((MARGIN, unit(task)[1])), words);
    let area = figure.area().within_axes(UNTITLED);
    let mut panel = histogram::panel(area, margins, (MARGIN, task))?;
    histogram::draw(&mut panel, margins);
    figure.add(&panel.finish());
    Some(figure.finish())
}

/// What the axis of a histogram is of.
pub(super) const MARGIN: &str = "margin (logits)";

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

/// What the rows are judged at, with a tilde where what is known of them there is interpolated.
pub(super) fn name_at(study: &Study, t: Temperature) -> (String, bool) {
    let is_rough = !study.is_exact_at(t);
    let mark = if is_rough { "~" } else { "" };
    (format!("{mark}T = {}", temperature(t.value())), is_rough)
}

/// What a risk curve is called.
pub(super) fn risk_heading(task: Task) -> String {
    format!("Error rate over the share of {} kept", unit(task)[1])
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
    let mut is_rough = false;
    if let Some((t, curve)) = scaled {
        let aurc = families.and_then(|f| Some(f.after.as_ref()?.aurc));
        let (name, is_rough_there) = name_at(study, t);
        is_rough = is_rough_there;
        curves.push(("series s1", words(&name, aurc), curve));
    }
    curves.push(("oracle", "an oracle".to_owned(), risk::oracle(accuracy)));
    curves.push(("random", "by chance".to_owned(), risk::random(accuracy).to_vec()));
    let legend =
        curves.iter().map(|(class, words, _)| Entry::new(Sample::Line(class), words.as_str()));
    let task = study.info.task;
    let words = Words {
        heading: risk_heading(task),
        about: about(study),
        failures: failures(study),
        legend: legend.collect(),
        notes: rough(is_rough).into_iter().collect(),
        description: format!(
            "{} Of all judged {} {} are wrong.",
            counts(study),
            unit(task)[1],
            percent(1.0 - accuracy, 2)
        ),
    };
    let mut figure = Figure::new(size, plot(risk::words(task)), words);
    let area = figure.area().within_axes(UNTITLED);
    let mut panel = risk::panel(area, curves.iter().map(|curve| curve.2.as_slice()), task);
    for (class, _, curve) in curves.iter().rev() {
        risk::draw(&mut panel, class, curve);
    }
    figure.add(&panel.finish());
    Ok(figure.finish())
}

/// What a figure of classes is called.
pub(super) const CLASSES: &str = "Accuracy less confidence of each predicted class";

fn classes_figure(study: &Study, size: Option<Size>) -> Result<String, &'static str> {
    let found = class_rows(study).ok_or("its classes are too many to be told apart")?;
    if found.rows.is_empty() {
        return Err("no class is predicted");
    }
    let sides: Vec<&Figures> = sides(study).collect();
    let marks = ["mark m0", "mark m1"];
    let legend = sides.iter().zip(marks);
    let legend = legend.map(|(side, mark)| Entry::new(Sample::Dot(mark), column_name(side)));
    let rows: Vec<classes::Row> =
        found.rows.into_iter().map(|row| classes::Row { name: row.name, gaps: row.gaps }).collect();
    let rough = rough(sides.iter().any(|side| !side.exact));
    let words = Words {
        heading: CLASSES.to_owned(),
        about: about(study),
        failures: failures(study),
        legend: legend.collect(),
        notes: judged(study)
            .into_iter()
            .chain(std::iter::once(found.explanation))
            .chain(rough)
            .collect(),
        description: format!(
            "{} {} of the {} classes that are predicted drawn.",
            counts(study),
            rows.len(),
            found.n_predicted
        ),
    };
    let mut figure = Figure::new(size, classes::plots(rows.len(), PLOT[0]), words);
    figure.add(&classes::draw(figure.area(), &rows, &marks));
    Ok(figure.finish())
}
