//! The app as a whole, without a terminal: messages in, cells out.

mod classes;
mod columns;
mod copies;
mod errands;
mod findings;
mod follow;
mod lists;
mod loading;
mod models;
mod mouse;
mod picker;
mod screens;
mod several;
mod sizes;
mod typed_columns;
mod update;
mod watching;

use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};

use crate::analysis::AnalysisOptions;
use crate::data::{Kind, Label, MemorySource, SourceInfo, Task, Values};
use crate::metrics::{Binning, DiagramOptions};
use crate::pipeline::{self, Sources, Study};

use super::event::{Effect, FiguresAnswer, FiguresRequest, Message, Slot, Target};
use super::state::{App, Settings};
use super::theme::{ColourChoice, Environment, Theme, ThemeChoice};
use super::update::{start, update};
use super::view;
use super::worker::{measure, run_at_once};

const N_ROWS: usize = 3000;
const N_CLASSES: usize = 6;

/// Seeded logits of a model that is too sure by a factor of two.
fn source() -> MemorySource {
    source_of(N_CLASSES)
}

fn source_of(n_classes: usize) -> MemorySource {
    let mut random = Pcg64Mcg::seed_from_u64(7);
    let mut scores = Vec::with_capacity(N_ROWS * n_classes);
    let mut labels = Vec::with_capacity(N_ROWS);
    for _ in 0..N_ROWS {
        let row: Vec<f64> = (0..n_classes)
            .map(|_| 2.0 * (random.random::<f64>() + random.random::<f64>() - 1.0) * 2.0)
            .collect();
        labels.push(draw(&row, random.random()));
        scores.extend(row.iter().map(|z| 2.0 * z));
    }
    MemorySource::new(n_classes, Kind::Logits, Values::F64(scores), labels).unwrap()
}

/// The class at quantile `u` of the softmax of `row`.
fn draw(row: &[f64], u: f64) -> Label {
    let weights: Vec<f64> = row.iter().map(|z| z.exp()).collect();
    let mut left = u * weights.iter().sum::<f64>();
    let class = weights.iter().position(|w| {
        left -= w;
        left <= 0.0
    });
    Label::class(u32::try_from(class.unwrap_or(0)).unwrap()).unwrap()
}

fn info(n_classes: usize) -> SourceInfo {
    SourceInfo {
        path: "runs/val.npz".into(),
        format: "npz".into(),
        dtype: "f64".into(),
        kind: Kind::Logits,
        task: Task::Multiclass,
        n_classes,
        class_names: None,
        n_labels: None,
        label_names: None,
        single_score: false,
        n_bytes: 144_000,
        guesses: Vec::new(),
    }
}

fn analysis_options() -> AnalysisOptions {
    AnalysisOptions {
        slices: Vec::new(),
        parity: None,
        n_bins: 15,
        binning: Binning::Width,
        n_folds: 5,
        seed: 1,
        level: 0.95,
        families: false,
        curves: true,
        findings: true,
        n_draws: 0,
    }
}

fn study_of(fit: MemorySource) -> Arc<Study> {
    let sources = Sources { info: info(N_CLASSES), fit: Arc::new(fit), test: None };
    Arc::new(pipeline::study(sources, &analysis_options(), &mut |_| true).unwrap())
}

/// The study of [`source`].
fn study() -> Arc<Study> {
    study_of(source())
}

/// The same with logits so large that every row is saturated in float32.
fn exploding_study() -> Arc<Study> {
    let sound = source();
    let Values::F64(scores) = sound.values() else {
        unreachable!("scores of 64 bits were put in");
    };
    let scores = scores.iter().map(|z| 200.0 * z).collect();
    let labels = sound.labels().to_vec();
    study_of(MemorySource::new(N_CLASSES, Kind::Logits, Values::F64(scores), labels).unwrap())
}

/// A study whose rows are all the same: no temperature.
fn flat_study() -> Arc<Study> {
    let labels = (0..60).map(|i| Label::class(i % 6).unwrap()).collect();
    let values = Values::F64(vec![0.0; 60 * N_CLASSES]);
    study_of(MemorySource::new(N_CLASSES, Kind::Logits, values, labels).unwrap())
}

fn settings(theme: ThemeChoice, colour: ColourChoice, ascii: bool) -> Settings {
    let environment =
        Environment { no_color: false, term: "xterm".into(), locale: "C.UTF-8".into() };
    Settings {
        theme: Theme::new(theme, colour, ascii, &environment),
        sample: "sample.parquet",
        diagram: DiagramOptions { n_bins: 15, binning: Binning::Width },
        folder: "/data".into(),
        home: Some("/home/a".into()),
        flags: crate::io::OpenOptions::default(),
        analysis: AnalysisOptions { n_draws: 60, ..analysis_options() },
    }
}

fn empty_app(columns: u16, rows: u16) -> App {
    let settings = settings(ThemeChoice::Terminal, ColourChoice::Always, false);
    App::new(settings, Size::new(columns, rows))
}

/// An app that shows `study`.
fn app_with(study: Arc<Study>, columns: u16, rows: u16) -> App {
    let mut app = empty_app(columns, rows);
    start(&mut app, Some(PathBuf::from("runs/val.npz")));
    let number = app.load_number;
    let effects = update(&mut app, Message::Loaded(number, Ok(study)));
    answer(&mut app, &effects);
    app
}

fn app(columns: u16, rows: u16) -> App {
    app_with(study(), columns, rows)
}

fn event(code: KeyCode) -> Message {
    Message::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

/// Presses keys, without answering what they ask for.
fn press(app: &mut App, keys: &str) -> Vec<Effect> {
    keys.chars().flat_map(|c| update(app, event(KeyCode::Char(c)))).collect()
}

/// The newest request for figures among `effects`.
fn request(effects: &[Effect]) -> Option<FiguresRequest> {
    effects.iter().rev().find_map(|effect| match effect {
        Effect::Figures(request) => Some(request.clone()),
        _ => None,
    })
}

/// Does what the workers would do: the newest request for figures is answered, slot by slot, and everything that
/// is computed on demand.
fn answer(app: &mut App, effects: &[Effect]) {
    answer_figures(app, effects);
    for effect in effects {
        let mut then = Vec::new();
        match effect {
            Effect::Run(order) => {
                for told in run_at_once(order) {
                    then.extend(update(app, Message::Told(order.number, told)));
                }
            }
            Effect::Measures(request) => {
                then.extend(update(app, Message::Measures(measure(request.clone()))));
            }
            _ => {}
        }
        assert!(then.is_empty(), "answers ask for nothing new");
    }
}

fn answer_figures(app: &mut App, effects: &[Effect]) {
    let Some(request) = request(effects) else {
        return;
    };
    let mut slots = vec![(Slot::Cursor, request.cursor)];
    if let Some(baselines) = request.baselines {
        slots.extend(baselines.star.map(|star| (Slot::Star, star)));
        slots.push((Slot::One, crate::data::Temperature::ONE));
    }
    for (slot, temperature) in slots {
        let figures = request.study.figures_at(temperature, request.diagram);
        let answer = FiguresAnswer {
            serial: request.serial,
            slot,
            diagram: request.diagram,
            figures: Ok(Arc::new(figures)),
        };
        update(app, Message::Figures(answer));
    }
}

/// Presses keys and answers what they ask for.
fn press_and_wait(app: &mut App, keys: &str) {
    let effects = press(app, keys);
    answer(app, &effects);
}

/// The screen as cells.
fn drawn(app: &App) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, app.size.width, app.size.height));
    view::draw(app, &mut buffer);
    buffer
}

/// The rows of a frame as text.
fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width).max(1);
    let rows = buffer.content.chunks(width).map(|row| {
        let line: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
        line.trim_end().to_owned() + "\n"
    });
    rows.collect()
}

fn screen(app: &App) -> String {
    text(&drawn(app))
}

fn target() -> Target {
    Target::Path(PathBuf::from("runs/val.npz"))
}
