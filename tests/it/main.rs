//! The integration tests, in one binary: linking polars once instead of many times.

mod golden;
mod interpolation;
mod io;
mod layering;
mod shared;
