//! How often a source is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Batch, BatchSource, Carried, Kind, Recorded, SoftLabels, SourceError};

/// A source that counts how many rows were handed out, for tests that prove how often a pass runs.
#[derive(Debug)]
pub struct Counted<S> {
    inner: S,
    n_read: AtomicUsize,
    n_sampled: AtomicUsize,
}

impl<S: BatchSource> Counted<S> {
    /// Counts what is read of `inner` from now on.
    pub fn new(inner: S) -> Self {
        Self { inner, n_read: AtomicUsize::new(0), n_sampled: AtomicUsize::new(0) }
    }

    /// Rows handed out by full passes so far.
    pub fn n_read(&self) -> usize {
        self.n_read.load(Ordering::Relaxed)
    }

    /// Rows handed out by samples so far.
    pub fn n_sampled(&self) -> usize {
        self.n_sampled.load(Ordering::Relaxed)
    }
}

impl<S: BatchSource> BatchSource for Counted<S> {
    fn n_classes(&self) -> usize {
        self.inner.n_classes()
    }

    fn n_rows(&self) -> usize {
        self.inner.n_rows()
    }

    fn kind(&self) -> Kind {
        self.inner.kind()
    }

    fn recorded(&self) -> Recorded {
        self.inner.recorded()
    }

    fn read(
        &self,
        visit: &mut dyn FnMut(Batch<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        self.inner.read(&mut |batch| {
            self.n_read.fetch_add(batch.labels.len(), Ordering::Relaxed);
            visit(batch)
        })
    }

    fn sample(
        &self,
        n_wanted: usize,
        visit: &mut dyn FnMut(Batch<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        self.inner.sample(n_wanted, &mut |batch| {
            self.n_sampled.fetch_add(batch.labels.len(), Ordering::Relaxed);
            visit(batch)
        })
    }

    fn sha256_labels(&self) -> String {
        self.inner.sha256_labels()
    }

    fn carried(&self) -> Arc<Carried> {
        self.inner.carried()
    }

    fn soft_labels(&self) -> Option<Arc<SoftLabels>> {
        self.inner.soft_labels()
    }

    fn n_entries(&self) -> usize {
        self.inner.n_entries()
    }

    fn overflowed(&self) -> bool {
        self.inner.overflowed()
    }
}
