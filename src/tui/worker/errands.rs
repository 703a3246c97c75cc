//! Computations on demand, each in a thread of its own; a newer one of its kind stops the older.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use super::super::errand::{
    Errand, ErrandOrder, ErrandProgress, MeasuresAnswer, MeasuresRequest, PRECISION, Told,
};
use super::super::event::Message;
use super::{Mailbox, PROGRESS_EVERY, words_of};
use crate::analysis::{ScoresError, ThresholdOptions};
use crate::data::{SourceError, printable};

/// The cursor rests so long before its measures are computed: while it moves, the cores belong to the figures.
const REST: Duration = Duration::from_millis(80);

/// The flags that stop what runs, one for each kind.
#[derive(Debug, Default)]
pub(super) struct Errands {
    stops: [Arc<AtomicBool>; Errand::ALL.len()],
}

impl Errands {
    /// Runs an errand, and stops an older one of its kind.
    pub(super) fn run(&mut self, order: ErrandOrder, messages: Sender<Message>) {
        self.stop(order.errand);
        let stop = Arc::new(AtomicBool::new(false));
        self.stops[order.errand.index()] = Arc::clone(&stop);
        let mut teller = Teller { number: order.number, messages, stop, told: None };
        thread::spawn(move || {
            let ran = panic::catch_unwind(AssertUnwindSafe(|| run(&order, &mut teller)));
            let end = ran.unwrap_or_else(|payload| {
                Told::Failed(format!("a fault inside the program: {}", words_of(&*payload)))
            });
            teller.send(end);
        });
    }

    /// Asks what runs of this kind to stop.
    pub(super) fn stop(&self, errand: Errand) {
        self.stops[errand.index()].store(true, Ordering::Relaxed);
    }

    /// Asks everything to stop.
    pub(super) fn stop_all(&self) {
        for errand in Errand::ALL {
            self.stop(errand);
        }
    }
}

/// Sends what an errand has to tell to the app.
struct Teller {
    number: u64,
    messages: Sender<Message>,
    stop: Arc<AtomicBool>,
    /// When progress was told last, and in which words.
    told: Option<(Instant, String)>,
}

impl Teller {
    fn send(&self, told: Told) {
        // The app may be gone; then there is nobody to tell.
        let _ = self.messages.send(Message::Told(self.number, told));
    }

    /// Tells of progress, not too often; false once it was asked to stop.
    fn progress(&mut self, phase: &str, done: u64, total: u64) -> bool {
        let is_news = match &self.told {
            None => true,
            Some((at, words)) => at.elapsed() >= PROGRESS_EVERY || words != phase,
        };
        if is_news {
            let phase = phase.to_owned();
            self.told = Some((Instant::now(), phase.clone()));
            self.send(Told::Progress(ErrandProgress { phase, done, total }));
        }
        !self.stop.load(Ordering::Relaxed)
    }
}

/// Runs to the end, and says how it ended.
fn run(order: &ErrandOrder, teller: &mut Teller) -> Told {
    match order.errand {
        Errand::Further => further(order, teller),
        Errand::Methods => {
            let compared = order.study.compare_methods(&order.options, &mut |at| {
                teller.progress(at.method.name(), at.done, at.total)
            });
            ended(compared, teller, |methods| Told::Methods(Arc::new(methods)))
        }
        Errand::Thresholds => {
            let asked = ThresholdOptions { precision: PRECISION, level: order.options.level };
            let chosen = order.study.thresholds(&order.options, asked, &mut || {
                teller.progress("choosing thresholds", 0, 0)
            });
            ended(chosen, teller, |chosen| Told::Thresholds(Arc::new(chosen)))
        }
    }
}

/// Every piece is shown as soon as it is there.
fn further(order: &ErrandOrder, teller: &mut Teller) -> Told {
    let mut last = "";
    let made = order.study.further(&order.options, &mut |at, pieces| {
        // Batches of one pass bring no new piece.
        if at.done == 0 || at.phase != last {
            teller.send(Told::Further(pieces.clone()));
        }
        last = at.phase;
        teller.progress(at.phase, at.done, at.total)
    });
    match made {
        Ok(further) => {
            teller.send(Told::Further(further));
            Told::Done
        }
        Err(SourceError::Cancelled) => Told::Stopped,
        Err(error) => Told::Failed(printable(&error.to_string())),
    }
}

fn ended<T>(result: Result<T, ScoresError>, teller: &Teller, told: impl FnOnce(T) -> Told) -> Told {
    match result {
        Ok(result) => {
            teller.send(told(result));
            Told::Done
        }
        Err(ScoresError::Source(SourceError::Cancelled)) => Told::Stopped,
        Err(error) => Told::Failed(printable(&error.to_string())),
    }
}

/// Answers requests for measures until the mailbox is closed, each once the cursor rests.
pub(super) fn compute_measures(mailbox: &Mailbox<MeasuresRequest>, messages: &Sender<Message>) {
    while let Some(request) = mailbox.take() {
        thread::sleep(REST);
        if mailbox.is_waiting() {
            continue;
        }
        let _ = messages.send(Message::Measures(measure(request)));
    }
}

/// Answers a request.
pub(in crate::tui) fn measure(request: MeasuresRequest) -> MeasuresAnswer {
    let MeasuresRequest { study, temperature, options } = request;
    let compute = AssertUnwindSafe(|| study.measures_at(temperature, &options));
    let measures = panic::catch_unwind(compute)
        .map(Arc::new)
        .map_err(|payload| format!("a fault inside the program: {}", words_of(&*payload)));
    MeasuresAnswer { study, temperature, measures }
}

/// Everything an errand has to tell, without a thread: for whoever has no terminal.
pub(in crate::tui) fn run_at_once(order: &ErrandOrder) -> Vec<Told> {
    let (sender, receiver) = mpsc::channel();
    let mut teller =
        Teller { number: order.number, messages: sender, stop: Arc::default(), told: None };
    let end = run(order, &mut teller);
    teller.send(end);
    drop(teller);
    let told = |message| match message {
        Message::Told(_, told) => Some(told),
        _ => None,
    };
    receiver.into_iter().filter_map(told).collect()
}
