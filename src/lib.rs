//! Can I trust these probabilities, which temperature do I ship, what is wrong with the logits?

pub mod analysis;
pub mod cli;
pub mod data;
pub mod fit;
pub mod io;
pub mod metrics;
pub mod numerics;
pub mod pipeline;
pub mod plot;
pub mod report;
pub mod sample;
pub mod summarize;
pub mod tui;
