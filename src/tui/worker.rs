//! Threads that do what `update` asks for, and send what they find back.

mod errands;
mod group;
mod watch;

use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

pub(super) use errands::{measure, run_at_once};

use super::choice::Choice;
use super::errand::{Errand, ErrandOrder, MeasuresRequest};
use super::event::{Agreed, FiguresAnswer, FiguresRequest, Message, Order, Slot, Target};
use super::group_event::GroupJob;
use super::load::{Listener, LoadProgress};
use super::services::{Failure, Services};
use crate::data::Temperature;
use crate::metrics::Figures;
use crate::pipeline::Study;

/// Least time between two progress messages of one load: each is a frame, and the load needs the cores.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// Owns the threads' ends of everything they share with the app.
pub(super) struct Workers {
    services: Arc<dyn Services>,
    messages: Sender<Message>,
    cancel: Arc<AtomicBool>,
    scan_stop: Arc<AtomicBool>,
    preview_stop: Arc<AtomicBool>,
    /// Closing it ends the watch.
    watch: Option<Sender<()>>,
    wanted: Arc<Mailbox<FiguresRequest>>,
    wanted_measures: Arc<Mailbox<MeasuresRequest>>,
    errands: errands::Errands,
    group: group::GroupThreads,
}

/// A slot for one request: a newer one replaces an older one that nobody took.
struct Mailbox<T> {
    slot: Mutex<Slots<T>>,
    filled: Condvar,
}

struct Slots<T> {
    request: Option<T>,
    closed: bool,
}

impl<T> Default for Mailbox<T> {
    fn default() -> Self {
        let slots = Slots { request: None, closed: false };
        Self { slot: Mutex::new(slots), filled: Condvar::new() }
    }
}

impl<T> Mailbox<T> {
    fn lock(&self) -> MutexGuard<'_, Slots<T>> {
        // The lock guards plain data, so what a thread that panicked left behind is still sound.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, request: T) {
        self.lock().request = Some(request);
        self.filled.notify_one();
    }

    fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_one();
    }

    /// The newest request; `None` once closed.
    fn take(&self) -> Option<T> {
        let mut slots = self.lock();
        loop {
            if slots.closed {
                return None;
            }
            if let Some(request) = slots.request.take() {
                return Some(request);
            }
            slots = self.filled.wait(slots).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// True if whoever computes now should stop for something newer.
    fn is_waiting(&self) -> bool {
        let slots = self.lock();
        slots.closed || slots.request.is_some()
    }
}

impl Workers {
    /// Starts the threads for figures and for measures.
    pub(super) fn start(services: Arc<dyn Services>, messages: Sender<Message>) -> Self {
        let wanted = Arc::new(Mailbox::default());
        let (mailbox, sender) = (Arc::clone(&wanted), messages.clone());
        thread::spawn(move || compute_figures(&mailbox, &sender));
        let wanted_measures = Arc::new(Mailbox::default());
        let (mailbox, sender) = (Arc::clone(&wanted_measures), messages.clone());
        thread::spawn(move || errands::compute_measures(&mailbox, &sender));
        Self {
            services,
            messages,
            cancel: Arc::new(AtomicBool::new(false)),
            scan_stop: Arc::new(AtomicBool::new(false)),
            preview_stop: Arc::new(AtomicBool::new(false)),
            watch: None,
            group: group::GroupThreads::default(),
            wanted,
            wanted_measures,
            errands: errands::Errands::default(),
        }
    }

    /// Loads in a thread of its own.
    pub(super) fn load(&mut self, number: u64, order: Order) {
        self.scan_stop.store(true, Ordering::Relaxed);
        self.preview_stop.store(true, Ordering::Relaxed);
        self.errands.stop_all();
        self.cancel = Arc::new(AtomicBool::new(false));
        let mut teller = Teller {
            number,
            messages: self.messages.clone(),
            cancel: Arc::clone(&self.cancel),
            told: None,
        };
        let services = Arc::clone(&self.services);
        thread::spawn(move || {
            let result = run_load(&*services, &order, &mut teller);
            teller.send(Message::Loaded(number, result));
        });
    }

    /// Asks the newest load to stop.
    pub(super) fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }

    /// Asks for figures.
    pub(super) fn figures(&self, request: FiguresRequest) {
        self.wanted.put(request);
    }

    /// Asks for measures.
    pub(super) fn measures(&self, request: MeasuresRequest) {
        self.wanted_measures.put(request);
    }

    /// Runs an errand.
    pub(super) fn run(&mut self, order: ErrandOrder) {
        self.errands.run(order, self.messages.clone());
    }

    /// Stops what runs of this kind.
    pub(super) fn stop(&self, errand: Errand) {
        self.errands.stop(errand);
    }

    /// Looks through the folder: names first, then what is in the files, until a load begins.
    pub(super) fn scan(&mut self) {
        self.stop_scan();
        let stop = Arc::clone(&self.scan_stop);
        let (services, messages) = (Arc::clone(&self.services), self.messages.clone());
        thread::spawn(move || {
            let done = panic::catch_unwind(AssertUnwindSafe(|| {
                run_scan(&*services, &messages, &stop);
            }));
            // A file that brings a reader down must not take the list of the others with it.
            drop(done);
        });
    }

    fn stop_scan(&mut self) {
        self.scan_stop.store(true, Ordering::Relaxed);
        self.scan_stop = Arc::new(AtomicBool::new(false));
    }

    /// Looks through a folder for the picker.
    pub(super) fn list(&self, folder: PathBuf) {
        self.background(move |services| {
            let entries = services.list(&folder);
            Some(Message::Listed(folder, entries))
        });
    }

    /// Looks into files, until other ones are asked for or a load begins.
    pub(super) fn preview(&mut self, paths: Vec<PathBuf>) {
        self.preview_stop.store(true, Ordering::Relaxed);
        self.preview_stop = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&self.preview_stop);
        let (services, messages) = (Arc::clone(&self.services), self.messages.clone());
        thread::spawn(move || {
            for path in paths {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                // A file that brings a reader down must not take the others with it.
                let look = AssertUnwindSafe(|| services.preview(&path));
                if let Ok(preview) = panic::catch_unwind(look) {
                    let _ = messages.send(Message::Previewed(path, preview));
                }
            }
        });
    }

    /// Reads which files were opened last.
    pub(super) fn recent(&self) {
        self.background(|services| Some(Message::Recent(services.recent())));
    }

    /// Counts a file among them; only a failure is told.
    pub(super) fn add_recent(&self, path: PathBuf) {
        self.background(move |services| {
            let kept = services.add_recent(&path);
            kept.err().map(Message::RecentNotKept)
        });
    }

    /// Finds out what can be chosen in a file.
    pub(super) fn offer(&self, target: Target) {
        self.background(move |services| {
            let look = AssertUnwindSafe(|| services.offer(&target));
            let found = panic::catch_unwind(look);
            let found = found.unwrap_or_else(|payload| Err(words_of(&*payload)));
            Some(Message::Offered(target, found))
        });
    }

    /// Remembers or forgets a choice.
    pub(super) fn remember(&self, schema: String, choice: Option<Choice>) {
        self.background(move |services| {
            let done = services.remember(&schema, choice.as_ref());
            Some(Message::Remembered(choice.is_some(), done))
        });
    }

    /// Watches a file instead of any other.
    pub(super) fn watch(&mut self, number: u64, path: PathBuf) {
        let (stop, stopped) = mpsc::channel();
        self.watch = Some(stop);
        let (services, messages) = (Arc::clone(&self.services), self.messages.clone());
        thread::spawn(move || {
            watch::watch(&*services, &path, &stopped, || {
                let _ = messages.send(Message::Changed(number));
            });
        });
    }

    /// Watches no more.
    pub(super) fn unwatch(&mut self) {
        self.watch = None;
    }

    /// Does what several files ask for.
    pub(super) fn group(&mut self, number: u64, job: GroupJob) {
        let teller = group::Teller {
            number,
            services: Arc::clone(&self.services),
            messages: self.messages.clone(),
        };
        self.group.run(teller, job);
    }

    /// Writes the card.
    pub(super) fn write_card(&self, study: Arc<Study>, target: Target, agreed: Agreed) {
        self.background(move |services| {
            let end = services.write_card(&study, &target, agreed);
            Some(Message::CardWritten(study, end))
        });
    }

    fn background(&self, job: impl FnOnce(&dyn Services) -> Option<Message> + Send + 'static) {
        let (services, messages) = (Arc::clone(&self.services), self.messages.clone());
        thread::spawn(move || {
            if let Some(message) = job(&*services) {
                // The app may be gone; then there is nobody to tell.
                let _ = messages.send(message);
            }
        });
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.cancel();
        self.errands.stop_all();
        self.wanted.close();
        self.wanted_measures.close();
    }
}

fn run_scan(services: &dyn Services, messages: &Sender<Message>, stop: &AtomicBool) {
    let mut files = services.scan();
    let mut told = Instant::now();
    let _ = messages.send(Message::Scanned(files.clone()));
    for index in 0..files.len() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        files[index] = services.look(files[index].clone());
        if told.elapsed() >= PROGRESS_EVERY {
            told = Instant::now();
            let _ = messages.send(Message::Scanned(files.clone()));
        }
    }
    let _ = messages.send(Message::Scanned(files));
}

/// Sends what a load has to tell to the app.
struct Teller {
    number: u64,
    messages: Sender<Message>,
    cancel: Arc<AtomicBool>,
    /// When progress was told last, and of which phase.
    told: Option<(Instant, &'static str)>,
}

impl Teller {
    fn send(&self, message: Message) {
        // The app may be gone; then there is nobody to tell.
        let _ = self.messages.send(message);
    }
}

impl Listener for Teller {
    fn progress(&mut self, progress: LoadProgress) -> bool {
        let (now, phase) = (Instant::now(), progress.phase);
        let is_news =
            |(told, earlier)| now.duration_since(told) >= PROGRESS_EVERY || phase != earlier;
        if self.told.is_none_or(is_news) {
            self.told = Some((now, phase));
            self.send(Message::Progress(self.number, progress));
        }
        !self.cancel.load(Ordering::Relaxed)
    }

    fn remembered(&mut self, choice: Choice) {
        self.send(Message::Recalled(self.number, choice));
    }

    fn preview(&mut self, study: Study) {
        self.send(Message::Preview(self.number, Arc::new(study)));
    }

    fn stop(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.cancel)
    }
}

fn run_load(
    services: &dyn Services,
    order: &Order,
    listener: &mut dyn Listener,
) -> Result<Arc<Study>, Failure> {
    let loaded = panic::catch_unwind(AssertUnwindSafe(|| services.load(order, listener)));
    match loaded {
        Ok(result) => result.map(Arc::new),
        Err(payload) => Err(Failure {
            name: format!("{:?}", order.target),
            message: format!("a fault inside the program: {}", words_of(&*payload)),
            hint: Some("please report this with the file's shape and type".into()),
            cancelled: false,
        }),
    }
}

fn words_of(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned());
    crate::data::printable(&text.unwrap_or_else(|| "no message".into()))
}

/// Answers requests until the mailbox is closed: interpolated figures first, exact ones after.
fn compute_figures(mailbox: &Mailbox<FiguresRequest>, messages: &Sender<Message>) {
    while let Some(request) = mailbox.take() {
        let done = panic::catch_unwind(AssertUnwindSafe(|| answer(&request, mailbox, messages)));
        if let Err(payload) = done {
            let why = format!("a fault inside the program: {}", words_of(&*payload));
            send(messages, &request, Slot::Cursor, Err(why));
        }
    }
}

fn send(
    messages: &Sender<Message>,
    request: &FiguresRequest,
    slot: Slot,
    figures: Result<Figures, String>,
) {
    let _ = messages.send(Message::Figures(FiguresAnswer {
        serial: request.serial,
        slot,
        diagram: request.diagram,
        figures: figures.map(Arc::new),
    }));
}

fn answer(request: &FiguresRequest, mailbox: &Mailbox<FiguresRequest>, messages: &Sender<Message>) {
    let mut jobs = vec![(Slot::Cursor, request.cursor)];
    if let Some(baselines) = request.baselines {
        // T = 1 comes last: it is what tells the app that the whole set is cut anew.
        jobs.extend(baselines.star.map(|star| (Slot::Star, star)));
        jobs.push((Slot::One, Temperature::ONE));
    }
    let mut inexact = Vec::new();
    for (slot, temperature) in jobs {
        if mailbox.is_waiting() {
            return;
        }
        let figures = request.study.figures_at(temperature, request.diagram);
        if !figures.exact && request.study.has_logits() {
            inexact.push((slot, temperature));
        }
        send(messages, request, slot, Ok(figures));
    }
    for (slot, temperature) in inexact {
        let exact = request
            .study
            .exact_figures_at(temperature, request.diagram, &mut || !mailbox.is_waiting());
        match exact {
            Ok(figures) => send(messages, request, slot, Ok(figures)),
            Err(crate::data::SourceError::Cancelled) => return,
            Err(e) => send(messages, request, slot, Err(e.to_string())),
        }
    }
}
