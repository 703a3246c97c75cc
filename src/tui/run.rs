//! The event loop: the only place that waits.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};
use std::{io, thread};

use anyhow::Context as _;
use crossterm::event::{self, Event};
use signal_hook::consts::{
    SIGABRT, SIGALRM, SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2,
};
use signal_hook::iterator::{Handle, Signals};

use crate::metrics::DiagramOptions;

use super::event::{Effect, Message};
use super::services::{Program, Services};
use super::state::{App, Settings};
use super::stored::Stored;
use super::terminal::Screen;
use super::theme::{Environment, Theme};
use super::trace::Trace;
use super::update::{start_with, update};
use super::worker::Workers;
use super::{AppOptions, Exit, osc52, view};

/// Least time between two frames: keys that repeat share one.
const FRAME_EVERY: Duration = Duration::from_millis(10);

/// Signals that would end the process with the terminal taken.
const ENDING: [i32; 8] = [SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGABRT, SIGALRM, SIGUSR1, SIGUSR2];

/// Time between two glyphs of the spinner.
const SPIN_EVERY: Duration = Duration::from_millis(200);

/// Runs the app until the user quits or a signal ends it. The terminal is given back in any case.
///
/// # Errors
/// If there is no terminal, or it stops working other than by hanging up.
pub fn run(options: AppOptions) -> anyhow::Result<Exit> {
    let environment = Environment::read();
    let theme = Theme::new(options.theme, options.colour, options.ascii, &environment);
    let settings = Settings {
        theme,
        sample: options.sample.name,
        diagram: DiagramOptions {
            n_bins: options.analysis.n_bins,
            binning: options.analysis.binning,
        },
        folder: folder(),
        home: std::env::home_dir(),
        flags: options.open.clone(),
        analysis: options.analysis.clone(),
    };
    let services = Arc::new(Program {
        open: options.open,
        analysis: options.analysis,
        sample: options.sample,
        stored: Stored::from_environment(),
    });
    let (sender, receiver) = mpsc::channel();
    let signals = watch_signals(sender.clone()).context("cannot listen to signals")?;
    let screen = Screen::take(options.mouse).context("cannot set up the terminal")?;
    let ended = Loop::new(screen, settings, services, sender).run(&receiver, options.paths);
    signals.close();
    ended
}

/// The folder the home screen looks through, for show.
fn folder() -> String {
    let path = std::env::current_dir().map(|p| p.display().to_string());
    crate::data::printable(&path.unwrap_or_else(|_| ".".into()))
}

/// Sends signals as messages, from a thread of their own.
fn watch_signals(messages: Sender<Message>) -> io::Result<Handle> {
    let mut signals = Signals::new(ENDING.iter().chain(&[SIGTSTP, SIGCONT]))?;
    let handle = signals.handle();
    thread::spawn(move || {
        for signal in signals.forever() {
            let message = match signal {
                SIGCONT => Message::Continued,
                SIGTSTP => Message::Suspend,
                other => Message::Signal(other),
            };
            if messages.send(message).is_err() {
                return;
            }
        }
    });
    Ok(handle)
}

/// Sends keys and mouse as messages, from a thread of their own.
fn watch_input(messages: Sender<Message>) {
    thread::spawn(move || {
        loop {
            let message = match event::read() {
                Ok(Event::Key(key)) => Message::Key(key),
                Ok(Event::Mouse(mouse)) => Message::Mouse(mouse),
                Ok(Event::Paste(text)) => Message::Paste(text),
                Ok(Event::Resize(columns, rows)) => Message::Resize(columns, rows),
                Ok(_) => continue,
                Err(_) => Message::Signal(SIGHUP),
            };
            let is_last = matches!(message, Message::Signal(_));
            if messages.send(message).is_err() || is_last {
                return;
            }
        }
    });
}

/// Everything the loop holds.
struct Loop {
    screen: Screen,
    app: App,
    workers: Workers,
    trace: Trace,
    messages: Sender<Message>,
    exit: Option<Exit>,
}

impl Loop {
    fn new(
        screen: Screen,
        settings: Settings,
        services: Arc<dyn Services>,
        messages: Sender<Message>,
    ) -> Self {
        let size = screen.size().unwrap_or_default();
        Self {
            screen,
            app: App::new(settings, size),
            workers: Workers::start(services, messages.clone()),
            trace: Trace::from_environment(),
            messages,
            exit: None,
        }
    }

    /// Waits, updates, draws; until something ends it.
    fn run(
        mut self,
        messages: &Receiver<Message>,
        paths: Vec<std::path::PathBuf>,
    ) -> anyhow::Result<Exit> {
        let effects = start_with(&mut self.app, paths);
        match self.turn(messages, effects) {
            Err(e) if is_hang_up(&e) => Ok(Exit::Signal(SIGHUP)),
            Err(e) => Err(e).context("the terminal stopped working"),
            Ok(exit) => Ok(exit),
        }
    }

    fn turn(&mut self, messages: &Receiver<Message>, effects: Vec<Effect>) -> io::Result<Exit> {
        watch_input(self.messages.clone());
        self.draw()?;
        self.perform(effects)?;
        let mut drawn = Instant::now();
        let mut is_dirty = false;
        while self.exit.is_none() {
            match self.next(messages, drawn, is_dirty) {
                Some(message) => {
                    self.take(message)?;
                    while let Ok(message) = messages.try_recv() {
                        self.take(message)?;
                    }
                    is_dirty = true;
                }
                None if !is_dirty => {
                    self.take(Message::Tick)?;
                    is_dirty = true;
                }
                None => {}
            }
            if is_dirty && self.exit.is_none() && drawn.elapsed() >= FRAME_EVERY {
                self.draw()?;
                drawn = Instant::now();
                is_dirty = false;
            }
        }
        Ok(self.exit.unwrap_or(Exit::Done))
    }

    /// The next message. `None` when a frame, or the next glyph of the spinner, is due; without
    /// either this waits for ever.
    fn next(
        &self,
        messages: &Receiver<Message>,
        drawn: Instant,
        is_dirty: bool,
    ) -> Option<Message> {
        let due = match (is_dirty, self.app.is_waiting()) {
            (true, _) => FRAME_EVERY,
            (false, true) => SPIN_EVERY,
            (false, false) => return messages.recv().ok(),
        };
        messages.recv_timeout(due.saturating_sub(drawn.elapsed())).ok()
    }

    fn take(&mut self, message: Message) -> io::Result<()> {
        match message {
            Message::Signal(number) => {
                self.exit.get_or_insert(Exit::Signal(number));
                return Ok(());
            }
            Message::Suspend => return self.perform(vec![Effect::Suspend]),
            Message::Continued => self.screen.retake()?,
            Message::Key(key) => {
                self.trace.key(Instant::now());
                #[cfg(debug_assertions)]
                super::hooks::panic_if_asked(key);
            }
            _ => {}
        }
        let effects = update(&mut self.app, message);
        self.perform(effects)
    }

    fn perform(&mut self, effects: Vec<Effect>) -> io::Result<()> {
        for effect in effects {
            match effect {
                Effect::Scan => self.workers.scan(),
                Effect::Load(number, order) => self.workers.load(number, order),
                Effect::Cancel => self.workers.cancel(),
                Effect::Figures(request) => self.workers.figures(request),
                Effect::Run(order) => self.workers.run(order),
                Effect::Stop(errand) => self.workers.stop(errand),
                Effect::Measures(request) => self.workers.measures(request),
                Effect::List(folder) => self.workers.list(folder),
                Effect::Preview(paths) => self.workers.preview(paths),
                Effect::Recent => self.workers.recent(),
                Effect::AddRecent(path) => self.workers.add_recent(path),
                Effect::Offer(target) => self.workers.offer(target),
                Effect::Remember(schema, choice) => self.workers.remember(schema, choice),
                Effect::Watch(number, path) => self.workers.watch(number, path),
                Effect::Unwatch => self.workers.unwatch(),
                Effect::Group(number, job) => self.workers.group(number, job),
                Effect::WriteCard(study, target, agreed) => {
                    self.workers.write_card(study, target, agreed);
                }
                Effect::Copy(text) => self.copy(&text)?,
                Effect::Suspend => {
                    self.screen.suspend()?;
                    self.app.size = self.screen.size()?;
                }
                Effect::Repaint => self.screen.clear()?,
                Effect::Quit(leaves_frame) => {
                    if leaves_frame {
                        self.screen.leave_last_frame();
                    }
                    self.exit = Some(Exit::Done);
                }
            }
        }
        Ok(())
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        let in_tmux = std::env::var_os("TMUX").is_some_and(|v| !v.is_empty());
        self.screen.write(&osc52::sequence(text, in_tmux))?;
        update(&mut self.app, Message::Copied(text.len()));
        Ok(())
    }

    fn draw(&mut self) -> io::Result<()> {
        let (app, begun) = (&self.app, Instant::now());
        self.screen.draw(|buffer| view::draw(app, buffer))?;
        let state = match self.app.shown() {
            Some(session) if session.is_exact() => "exact",
            Some(session) if session.is_current() => "interpolated",
            Some(_) => "stale",
            None => "no figures",
        };
        self.trace.frame(begun.elapsed(), state);
        Ok(())
    }
}

/// True if the terminal is gone: there is nobody left to tell.
fn is_hang_up(e: &io::Error) -> bool {
    const EIO: i32 = 5;
    e.raw_os_error() == Some(EIO) || e.kind() == io::ErrorKind::BrokenPipe
}
