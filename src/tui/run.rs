//! The event loop: the only place that waits.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};
use std::{io, thread};

use anyhow::Context as _;
use crossterm::event::{self, Event};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::iterator::{Handle, Signals};

use crate::pipeline::DiagramOptions;

use super::event::{Effect, Message};
use super::services::{Program, Services};
use super::state::{App, Settings};
use super::terminal::Screen;
use super::theme::{Environment, Theme};
use super::trace::Trace;
use super::update::{start, update};
use super::worker::Workers;
use super::{AppOptions, Exit, osc52, view};

/// Least time between two frames: keys that repeat share one.
const FRAME_EVERY: Duration = Duration::from_millis(10);

/// Time between two glyphs of the spinner.
const SPIN_EVERY: Duration = Duration::from_millis(200);

/// What reaches the loop: a message for the app, or the end of it.
enum Event_ {
    Message(Message, Instant),
    Suspend,
}
