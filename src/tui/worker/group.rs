//! Threads for several files: reading members, comparing them, and looking for new ones.

use std::collections::{HashMap, HashSet};
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use super::super::event::{Message, Order};
use super::super::group_event::{GroupJob, GroupNews};
use super::super::services::{Failure, Services, Stamp};
use super::words_of;
use crate::diagnosis::{departures, diagnose_run};

/// Time between two looks for new steps.
const EVERY: Duration = Duration::from_secs(1);

/// What stops the threads of a group.
#[derive(Default)]
pub(super) struct GroupThreads {
    stop: Arc<AtomicBool>,
    /// Closing it ends the looking.
    follow: Option<Sender<()>>,
}

/// Who is told what.
#[derive(Clone)]
pub(super) struct Teller {
    pub(super) number: u64,
    pub(super) services: Arc<dyn Services>,
    pub(super) messages: Sender<Message>,
}

impl Teller {
    fn tell(&self, news: GroupNews) {
        // The app may be gone; then there is nobody to tell.
        let _ = self.messages.send(Message::Group(self.number, news));
    }
}

impl GroupThreads {
    /// Does `job` in a thread.
    pub(super) fn run(&mut self, teller: Teller, job: GroupJob) {
        match job {
            GroupJob::Gather(orders, with_studies) => {
                let stop = self.stopped_anew();
                thread::spawn(move || gather(&teller, &orders, with_studies, &stop));
            }
            GroupJob::Judge(steps) => {
                thread::spawn(move || {
                    let news = GroupNews::Judged(diagnose_run(&steps), departures(&steps));
                    teller.tell(news);
                });
            }
            GroupJob::Pair(reference, models) => {
                thread::spawn(move || {
                    for (model, study) in models {
                        let outcome = teller.services.pair(&reference.1, &study);
                        teller.tell(GroupNews::Paired {
                            reference: reference.0,
                            model,
                            outcome: outcome.map(Box::new),
                        });
                    }
                });
            }
            GroupJob::Follow(file, known) => {
                let (stop, stopped) = mpsc::channel();
                self.follow = Some(stop);
                thread::spawn(move || follow(&teller, &file, known, &stopped));
            }
            GroupJob::Stop => drop(self.stopped_anew()),
            GroupJob::End => {
                drop(self.stopped_anew());
                self.follow = None;
            }
        }
    }

    fn stopped_anew(&mut self) -> Arc<AtomicBool> {
        self.stop.store(true, Ordering::Relaxed);
        self.stop = Arc::default();
        Arc::clone(&self.stop)
    }
}

impl Drop for GroupThreads {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn gather(teller: &Teller, orders: &[(usize, Order)], with_studies: bool, stop: &Arc<AtomicBool>) {
    for (id, order) in orders {
        let read = AssertUnwindSafe(|| teller.services.gather(order, with_studies, stop));
        let result = panic::catch_unwind(read).unwrap_or_else(|payload| Err(fault(&*payload)));
        if stop.load(Ordering::Relaxed) {
            return;
        }
        teller.tell(GroupNews::Read(*id, result.map(Arc::new)));
    }
    teller.tell(GroupNews::AllRead);
}

fn fault(payload: &(dyn std::any::Any + Send)) -> Failure {
    Failure {
        name: String::new(),
        message: format!("a fault inside the program: {}", words_of(payload)),
        hint: None,
        cancelled: false,
    }
}

/// Files that are waited for until two looks find them the same.
#[derive(Default)]
pub(super) struct Arrivals {
    known: HashSet<PathBuf>,
    seen: HashMap<PathBuf, Stamp>,
}

impl Arrivals {
    /// Nothing is waited for but what is not `known`.
    pub(super) fn new(known: Vec<PathBuf>) -> Self {
        Self { known: known.into_iter().collect(), seen: HashMap::new() }
    }

    /// The files there are at the next look, with their stamps; returns those that are new and rest.
    pub(super) fn look(&mut self, found: Vec<(PathBuf, Option<Stamp>)>) -> Vec<PathBuf> {
        let mut arrived = Vec::new();
        for (path, stamp) in found {
            let Some(stamp) = stamp.filter(|_| !self.known.contains(&path)) else {
                continue;
            };
            if self.seen.insert(path.clone(), stamp) == Some(stamp) {
                self.seen.remove(&path);
                self.known.insert(path.clone());
                arrived.push(path);
            }
        }
        arrived
    }
}

fn follow(teller: &Teller, file: &Path, known: Vec<PathBuf>, stopped: &Receiver<()>) {
    let mut arrivals = Arrivals::new(known);
    while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
        let paths = teller.services.steps_beside(file);
        let with_stamp = |path: PathBuf| {
            let stamp = teller.services.stamp(&path);
            (path, stamp)
        };
        let arrived = arrivals.look(paths.into_iter().map(with_stamp).collect());
        if !arrived.is_empty() {
            teller.tell(GroupNews::Appeared(arrived));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(n_bytes: u64) -> Stamp {
        Stamp { modified: None, n_bytes, n_files: 1 }
    }

    #[test]
    fn a_file_arrives_once_its_size_rests() {
        let path = PathBuf::from("step_3.npz");
        let known = PathBuf::from("step_1.npz");
        let mut arrivals = Arrivals::new(vec![known.clone()]);
        let mut look = |n_bytes: Option<Stamp>| {
            arrivals.look(vec![(known.clone(), Some(stamp(9))), (path.clone(), n_bytes)])
        };
        let told: Vec<usize> = [Some(1), Some(2), None, Some(2), Some(2), Some(3)]
            .map(|n_bytes| look(n_bytes.map(stamp)).len())
            .into();
        assert_eq!(told, [0, 0, 0, 1, 0, 0]);
    }
}
