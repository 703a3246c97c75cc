//! What the app and its threads tell each other about several files.

use std::path::PathBuf;
use std::sync::Arc;

use crate::diagnosis::{Departure, Finding, RunStep};
use crate::pipeline::{Paired, Study};

use super::event::Order;
use super::services::Failure;
use super::state::Gathered;

/// What is wanted.
#[derive(Clone, Debug)]
pub(super) enum GroupJob {
    /// Read these members one after the other, by id; with their studies where true. Replaces an earlier reading.
    Gather(Vec<(usize, Order)>, bool),
    /// Say what the order of these steps shows.
    Judge(Vec<RunStep>),
    /// Compare the other models with the first, by id.
    Pair((usize, Arc<Study>), Vec<(usize, Arc<Study>)>),
    /// Look every second for steps that appear beside this file; these are known.
    Follow(PathBuf, Vec<PathBuf>),
    /// Read no more, but go on looking.
    Stop,
    /// End all of it.
    End,
}

/// What is told.
#[derive(Clone, Debug)]
pub(super) enum GroupNews {
    /// A member was read, or why it cannot be.
    Read(usize, Result<Arc<Gathered>, Failure>),
    /// All that were to be read were tried.
    AllRead,
    /// What the order shows.
    Judged(Vec<Finding>, Vec<Departure>),
    /// A model minus the reference, both by id.
    Paired {
        /// The reference.
        reference: usize,
        /// The model.
        model: usize,
        /// The differences, or why there are none.
        outcome: Result<Box<Paired>, String>,
    },
    /// Steps that have appeared, and are written to no more.
    Appeared(Vec<PathBuf>),
}
