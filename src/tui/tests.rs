//! Placeholder, not committed.
