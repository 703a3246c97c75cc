//! The integration tests, in one binary: linking polars once instead of many times.

mod bootstrap;
mod carried;
mod cli;
mod cli_apply;
mod cli_summarize;
mod containers;
mod family;
mod golden;
mod groups;
mod interpolation;
mod io;
mod io_errors;
mod io_fuzz;
mod layering;
mod logs;
mod methods;
mod passes;
mod previews;
mod properties;
mod pty;
mod readme;
mod samples;
mod shared;
mod stream;
mod summaries;
mod terminal;
