//! Reading ahead: blocks are read and converted on a thread of their own while others are looked at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, channel, sync_channel};
use std::thread;

use super::error::Problem;
use super::raw::{Deliver, Spare};
use crate::data::Values;

/// Blocks that wait to be looked at.
const QUEUE: usize = 2;

/// Runs `read` on a thread of its own and gives its blocks to `visit`, which returns the buffer if it
/// is free again.
///
/// If `visit` fails its error is returned at once; the thread ends at its next block or sign of life.
/// A panic of `read` is an error.
///
/// # Errors
/// What `visit` returns, or `E` made of what `read` returns.
pub(super) fn pump<E: From<Problem>>(
    read: impl FnOnce(&mut Spare<'_>, &mut Deliver<'_>) -> Result<(), Problem> + Send + 'static,
    visit: &mut dyn FnMut(Values) -> Result<Option<Values>, E>,
) -> Result<(), E> {
    let (send, blocks) = sync_channel(QUEUE);
    let (give_back, spares) = channel();
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let worker = thread::Builder::new()
        .name("reader".to_owned())
        .spawn(move || {
            read(&mut || spares.try_recv().unwrap_or_default(), &mut |block| {
                hand_over(block, &send, &stopped)
            })
        })
        .map_err(Problem::from)?;
    for block in &blocks {
        match visit(block) {
            // The reader is gone if it has read everything; it needs no buffer then.
            Ok(buffer) => drop(buffer.map(|buffer| give_back.send(buffer))),
            Err(error) => {
                stop.store(true, Ordering::Relaxed);
                return Err(error);
            }
        }
    }
    Ok(worker.join().unwrap_or_else(|panic| Err(panicked(&*panic)))?)
}

fn hand_over(
    block: Values,
    send: &SyncSender<Values>,
    stopped: &AtomicBool,
) -> Result<(), Problem> {
    let goes_on = !stopped.load(Ordering::Relaxed);
    if goes_on && (block.is_empty() || send.send(block).is_ok()) {
        Ok(())
    } else {
        Err(Problem::cancelled())
    }
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Problem {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    Problem::new(format!("the reader failed: {}", text.unwrap_or("no reason given")))
}
