//! The screens without a terminal: for whoever measures or pictures them.

use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};

use crate::analysis::AnalysisOptions;
use crate::metrics::{Binning, DiagramOptions};
use crate::pipeline::Study;

use super::errand::{ErrandOrder, MeasuresRequest};
use super::event::{Effect, FiguresAnswer, FiguresRequest, Message, Slot};
use super::state::{App, Settings};
use super::theme::{ColourChoice, Environment, Theme, ThemeChoice};
use super::update::{start, update};
use super::view;
use super::worker::{measure, run_at_once};

/// An app that shows a study, with a buffer in the place of a terminal and nobody else at work: whatever it asks its
/// workers for is answered at once, from the curves.
pub struct Offline {
    app: App,
    buffer: Buffer,
}

impl Offline {
    /// The overview of `study` on `columns` x `rows` cells.
    pub fn new(study: Arc<Study>, columns: u16, rows: u16) -> Self {
        let environment = Environment {
            no_color: false,
            term: "xterm-256color".into(),
            locale: "C.UTF-8".into(),
        };
        let settings = Settings {
            theme: Theme::new(ThemeChoice::Dark, ColourChoice::Always, false, &environment),
            sample: "sample.parquet",
            diagram: DiagramOptions { n_bins: 15, binning: Binning::Width },
            folder: String::new(),
            home: None,
            flags: crate::io::OpenOptions::default(),
            analysis: options(),
        };
        let mut app = App::new(settings, Size::new(columns, rows));
        start(&mut app, Some(PathBuf::from("file")));
        let number = app.load_number;
        let mut offline = Self { app, buffer: Buffer::empty(Rect::new(0, 0, columns, rows)) };
        offline.tell(Message::Loaded(number, Ok(study)));
        offline
    }

    /// Presses the key of a character, and answers what the app asks for then.
    pub fn press(&mut self, key: char) {
        let event = KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE);
        self.tell(Message::Key(event));
    }

    /// Draws the screen and returns the characters of its cells, row after row.
    pub fn draw(&mut self) -> String {
        self.frame();
        let width = usize::from(self.buffer.area.width).max(1);
        let rows = self.buffer.content.chunks(width).map(|row| {
            let line: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
            line.trim_end().to_owned() + "\n"
        });
        rows.collect()
    }

    /// Draws the screen into the buffer alone: what a frame costs before anything is sent to a terminal.
    pub fn frame(&mut self) {
        self.buffer.reset();
        view::draw(&self.app, &mut self.buffer);
    }

    fn tell(&mut self, message: Message) {
        for effect in update(&mut self.app, message) {
            match effect {
                Effect::Figures(request) => self.answer(&request),
                Effect::Run(order) => self.run(&order),
                Effect::Measures(request) => self.measure(request),
                _ => {}
            }
        }
    }

    fn run(&mut self, order: &ErrandOrder) {
        for told in run_at_once(order) {
            update(&mut self.app, Message::Told(order.number, told));
        }
    }

    fn measure(&mut self, request: MeasuresRequest) {
        update(&mut self.app, Message::Measures(measure(request)));
    }

    fn answer(&mut self, request: &FiguresRequest) {
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
            update(&mut self.app, Message::Figures(answer));
        }
    }
}

/// Those of the command line.
fn options() -> AnalysisOptions {
    AnalysisOptions {
        n_bins: 15,
        binning: Binning::Width,
        n_folds: 5,
        seed: 1,
        level: 0.95,
        n_draws: 0,
        slices: Vec::new(),
        parity: None,
        families: false,
        curves: true,
        findings: true,
    }
}

impl std::fmt::Debug for Offline {
    /// The size alone.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Offline").field("area", &self.buffer.area).finish_non_exhaustive()
    }
}
