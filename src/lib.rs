//! Can I trust these probabilities, which temperature do I ship, what is wrong with the logits?
//!
//! `logitscope` is one package, library and program: it reads saved logits and labels and shows, in a terminal
//! or as text and JSON, how well the probabilities are calibrated and which temperature makes them so.
//!
//! # The idea that shapes everything
//!
//! A row of K logits at inverse temperature b = 1/T enters almost every figure through its log-partition
//! function log Z(b) = log sum exp(b `z_k`) alone, with the derivatives E\[z\] and Var\[z\]: confidence, NLL,
//! entropy, and even the Brier score, because sum p^2 = Z(2b) / Z(b)^2. So the N x K matrix is read once, in
//! batches, and each row leaves a small record ([`summarize`]): its temperature-free columns, and its curve in
//! b. Up to [`summarize::MAX_KEPT_CLASSES`] classes the curve is the row itself, which is exact at every
//! temperature; beyond, it is nodes of log Z on a lattice ([`numerics::Lattice`]). After that every temperature
//! costs O(N), whatever K is: the slider, the fit, the folds, and a bootstrap of all of them.
//!
//! What is reported at T = 1 and at the fitted T is exact: the summary pass computes moments at T = 1 in f64 on
//! its way, one more pass adds an exact column at the fitted T, and the fit is refined on it. A report on up to 1,000 classes reads once more for
//! the classwise figures, which need every probability. Interpolated values serve the moving slider and the drawn curves; the folds of a
//! cross-validation lie so close to the fitted temperature that a Taylor step from its exact column serves them.
//!
//! What the passes leave behind can be written to a file ([`pipeline::Summaries`], `logitscope summarize`) and read in
//! place of the logits: the same figures at T = 1 and at the fitted T, to the last bit of what was stored.
//!
//! # The map
//!
//! | module | what it is |
//! |---|---|
//! | [`numerics`] | slices in, f64 out: exponentials, log-partition functions, sums, quantiles; the row kernels are compiled for AVX-512, AVX2, NEON and plain arrays, and chosen at run time |
//! | [`data`] | checked domain types: a batch of logits, labels, a temperature, class names |
//! | [`io`] | any file to a re-readable stream of batches, and tables back to files; the only folder that names polars |
//! | [`summarize`] | the passes: batches to row summaries; exact columns at given temperatures |
//! | [`metrics`] | row summaries at a temperature to reliability diagram, calibration errors, spreads |
//! | [`fit`] | the temperature (argmin), its uncertainty, the folds, the temperature of every bootstrap draw |
//! | [`analysis`] | pure: row summaries to everything a report or a screen says, and its bootstrap |
//! | [`diagnosis`] | rules: evidence to findings with severity, cause and next step |
//! | [`pipeline`] | the one conductor: summary pass, fit, exact pass, refinement, analysis, diagnosis |
//! | [`plot`] | scales, ticks, a cell raster, charts; knows no terminal library |
//! | [`report`] | a finished study as text, JSON, deployment card, and the verdict in words |
//! | [`cli`] | arguments to subcommands; the only place that prints |
//! | [`tui`] | the app: state, update, workers, views; the only folder that names ratatui and crossterm |
//!
//! Arrows go one way: numerics <- data <- io, summarize <- metrics <- fit <- analysis <- diagnosis <- pipeline <-
//! report <- cli | tui; plot stands on numerics alone; `cli` and `tui` never import each other, `main` joins them. A test
//! reads the sources and fails on an arrow that goes the other way.
//!
//! # Invariants, as absences
//!
//! - Nothing under `numerics`, `metrics`, `fit` or `diagnosis` knows a file, a table or a terminal.
//! - Nothing past `io` sees a logit but the passes in `summarize`, and `apply`, whose product is all K of them.
//! - Nothing keeps the N x K matrix unless it fits the memory budget ([`io::OpenOptions::memory`]), and nothing needs it.
//! - No file is memory-mapped: a file truncated under a map kills the process and leaves the terminal raw.
//! - No user input panics. No number is clamped, dropped or imputed without being counted and shown.
//! - No global state, no async runtime of our own, no timer while the app is idle.
//! - No unsafe code.

pub mod analysis;
pub mod cli;
pub mod data;
pub mod diagnosis;
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
