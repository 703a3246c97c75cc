//! What `y` copies is what the screen shows, with all digits.

use super::*;
use crate::data::{Batch, BatchSource, Carried, CarriedColumn, CarriedValues, SourceError};
use crate::tui::state::Session;

fn copied(app: &mut App) -> Vec<String> {
    match &press(app, "y")[..] {
        [Effect::Copy(text)] => text.lines().map(str::to_owned).collect(),
        other => panic!("{other:?}"),
    }
}

fn session(app: &App) -> &Session {
    app.session.as_ref().unwrap()
}

/// Lines that begin with `name` and a tab.
fn of<'a>(lines: &'a [String], name: &str) -> Vec<&'a str> {
    let start = format!("{name}\t");
    let with_start = lines.iter().filter(|line| line.starts_with(&start));
    with_start.map(|line| &line[start.len()..]).collect()
}

fn cells<const N: usize>(values: [f64; N]) -> String {
    values.map(|v| v.to_string()).join("\t")
}

#[test]
fn margins_are_copied_with_the_table_of_their_view() {
    let mut app = app(120, 36);
    press_and_wait(&mut app, "5");
    let lines = copied(&mut app);
    let margin = &session(&app).study.analysis.margin;
    let medians = [&margin.all, &margin.correct, &margin.wrong].map(|s| s.quantiles.median());
    assert_eq!(of(&lines, "median"), [cells(medians)]);
    let further = &session(&app).extras.further;
    assert_eq!(of(&lines, "margin"), [cells([further.margin_auroc.unwrap()])]);
    let measures = session(&app).measures().unwrap();
    for selective in &measures.selective {
        let line = of(&lines, &selective.target_risk.to_string());
        assert_eq!(line.len(), 1, "{lines:#?}");
        let coverage = selective.observed.coverage.to_string();
        assert!(line[0].starts_with(&coverage), "{line:?}");
    }
    assert_eq!(of(&lines, "AURC"), [cells([measures.family.aurc])]);

    press_and_wait(&mut app, "v");
    let lines = copied(&mut app);
    assert_eq!(of(&lines, "error at most"), ["keeps\tmargin from\terror"]);
    assert_eq!(of(&lines, "0.2").len(), 1, "{lines:#?}");
    let cursor = of(&lines, "cursor")[0];
    assert!(cursor.starts_with("1\t"), "{cursor}");

    press_and_wait(&mut app, "v");
    let lines = copied(&mut app);
    let thresholds = session(&app).extras.thresholds.as_deref().unwrap();
    let rows = of(&lines, "largest F1");
    assert_eq!(rows.len(), N_CLASSES, "{lines:#?}");
    let class = &thresholds.classes[2];
    let chosen = &class.largest_f1;
    let figures = [
        chosen.threshold.unwrap(),
        chosen.precision,
        chosen.recall,
        chosen.f1,
        chosen.precision_lower,
    ];
    let line = format!("2\t{}\t{}", class.count, cells(figures));
    assert!(rows.contains(&line.as_str()), "{line}\n{rows:#?}");
}

#[test]
fn every_view_of_reliability_is_copied() {
    let mut app = app(120, 36);
    press_and_wait(&mut app, "2");
    let lines = copied(&mut app);
    let bins = session(&app).figures.cursor.reliability.bins.clone();
    let bin = bins.iter().find(|bin| !bin.is_empty()).unwrap();
    let [from, to] = bin.interval.unwrap();
    let figures = cells([bin.accuracy, bin.confidence, from, to]);
    let line = format!("{}\t{}\t{figures}", bin.high, bin.count);
    assert_eq!(of(&lines, &bin.low.to_string()), [line]);
    assert_eq!(of(&lines, "ECE %").len(), 1, "the table beside the diagram");

    press_and_wait(&mut app, "vv");
    let lines = copied(&mut app);
    let steps = session(&app).measures().unwrap().curves.corp.clone();
    for step in steps {
        let line = [step.low, step.high].map(|v| v.to_string()).join("\t");
        let rest = format!("{}\t{}", step.count, step.accuracy);
        assert!(of(&lines, &line).contains(&rest.as_str()), "{lines:#?}");
    }
    assert_eq!(of(&lines, "miscalibration").len(), 1);

    press_and_wait(&mut app, "v");
    let lines = copied(&mut app);
    let sides = [session(&app).measures().unwrap(), session(&app).star_measures().unwrap()];
    for n_bins in 5..=100 {
        let ece = sides.map(|m| m.curves.ece_by_bins[n_bins - 5]);
        assert_eq!(of(&lines, &n_bins.to_string()), [cells(ece)]);
    }
}

/// Rows that count differently.
struct Weighted(MemorySource, Arc<Carried>);

impl BatchSource for Weighted {
    fn n_classes(&self) -> usize {
        self.0.n_classes()
    }

    fn n_rows(&self) -> usize {
        self.0.n_rows()
    }

    fn kind(&self) -> Kind {
        self.0.kind()
    }

    fn read(
        &self,
        visit: &mut dyn FnMut(Batch<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        self.0.read(visit)
    }

    fn sample(
        &self,
        n_wanted: usize,
        visit: &mut dyn FnMut(Batch<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        self.0.sample(n_wanted, visit)
    }

    fn sha256_labels(&self) -> String {
        self.0.sha256_labels()
    }

    fn carried(&self) -> Arc<Carried> {
        Arc::clone(&self.1)
    }
}

/// The study of [`source`] in which right predictions count little.
fn weighted_study() -> Arc<Study> {
    let rows = source();
    let Values::F64(scores) = rows.values() else {
        panic!("they are doubles");
    };
    let is_right = |(scores, label): (&[f64], &Label)| {
        let best = (0..N_CLASSES).max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
        label.index() == best
    };
    let rights = scores.chunks(N_CLASSES).zip(rows.labels()).map(is_right);
    let weights = rights.map(|right| if right { 0.1 } else { 1.9 }).collect();
    let column = CarriedColumn { name: "w".into(), values: CarriedValues::Numbers(weights) };
    let carried = Carried::new(vec![column], None, None).unwrap();
    let carried = carried.weighted_by(0).unwrap();
    let sources = Sources {
        info: info(N_CLASSES),
        fit: Arc::new(Weighted(rows, Arc::new(carried))),
        test: None,
    };
    Arc::new(pipeline::study(sources, &analysis_options(), &mut |_| true).unwrap())
}

#[test]
fn margins_count_rows_and_say_so_where_these_have_weights() {
    let status = |app: &App| {
        let words = screen(app);
        let lines: Vec<&str> = words.lines().collect();
        lines[lines.len() - 2].to_owned()
    };
    let readout = |app: &App| {
        let line = status(app);
        let start = line.find("margin ≥").unwrap_or_else(|| panic!("{line}"));
        let end = line[start..].find(" ─").map_or(line.len(), |at| start + at);
        line[start..end].trim_end().to_owned()
    };
    let mut plain = app(200, 60);
    let mut weighted = app_with(weighted_study(), 200, 60);
    let accuracy = |app: &App| session(app).study.analysis.before.metrics.accuracy;
    assert!(accuracy(&plain) - accuracy(&weighted) > 0.3);
    for app in [&mut plain, &mut weighted] {
        press_and_wait(app, "5");
    }
    for key in [KeyCode::Home, KeyCode::Right, KeyCode::End] {
        for app in [&mut plain, &mut weighted] {
            update(app, event(key));
        }
        let words = format!("{}, every row as one", readout(&plain));
        assert_eq!(readout(&weighted), words);
    }
    weighted.size = Size::new(80, 24);
    assert!(status(&weighted).contains("every row as one"));
    let lines = copied(&mut weighted);
    assert!(lines.iter().any(|line| line.contains("logits, every row as one")));
    assert!(lines.iter().any(|line| line.contains("these rows have weights")));
}
