//! How much of the scores may be kept in memory between two passes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sysinfo::System;

use super::OpenOptions;

/// The share of the free memory that is used where nobody says how much.
const SHARE_OF_FREE: u64 = 4;

/// A number of bytes that the parts of one data set share.
#[derive(Clone, Debug)]
pub(super) struct Budget(Arc<AtomicU64>);

impl Budget {
    /// [`OpenOptions::memory`], or a quarter of the memory that is free now.
    pub(super) fn new(options: &OpenOptions) -> Self {
        let bytes = options.memory.unwrap_or_else(|| free() / SHARE_OF_FREE);
        Self(Arc::new(AtomicU64::new(bytes)))
    }

    /// Takes `n_bytes` until what is returned is dropped; `None` if so much is not left.
    pub(super) fn reserve(&self, n_bytes: u64) -> Option<Reserved> {
        let take = |left: u64| left.checked_sub(n_bytes);
        let taken = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        taken.ok().map(|_| Reserved { budget: self.clone(), n_bytes })
    }
}

/// Bytes of a [`Budget`] that are in use until this is dropped.
#[derive(Debug)]
pub(super) struct Reserved {
    budget: Budget,
    n_bytes: u64,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.budget.0.fetch_add(self.n_bytes, Ordering::Relaxed);
    }
}

/// Memory that can be had without swapping, within the limit of a container if there is one; 0 where
/// the system does not say.
fn free() -> u64 {
    let mut system = System::new();
    system.refresh_memory();
    let of_container =
        system.cgroup_limits().map(|limits| limits.total_memory.saturating_sub(limits.rss));
    let free = system.available_memory();
    of_container.map_or(free, |limit| free.min(limit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_comes_back() {
        let budget = Budget::new(&OpenOptions { memory: Some(100), ..OpenOptions::default() });
        let first = budget.reserve(60).expect("enough");
        assert!(budget.clone().reserve(50).is_none());
        assert!(budget.reserve(40).is_some());
        drop(first);
        assert!(budget.reserve(100).is_some());
    }

    #[test]
    fn some_memory_is_free() {
        let free = free();
        assert!((1 << 20..1 << 50).contains(&free), "{free}");
    }
}
