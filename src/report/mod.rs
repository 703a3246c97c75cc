//! A finished study as text, as JSON and as a deployment card.
//!
//! Text and app say the same: the sentences come from [`verdict`], the numbers are written by
//! [`number`], the charts are drawn by `plot` from [`diagram`].

pub mod diagram;
pub mod number;

mod card;
mod charts;
mod json;
mod notes;
mod tables;
mod text;
mod verdict;
mod words;

pub use card::{CARD_SCHEMA, Card, CardError, FittedOn, NoTemperature, Usage, card, read_card};
pub use json::{REPORT_SCHEMA, json};
pub use text::{TextOptions, text};
pub use verdict::{VerdictText, evaluated_on, verdict};
pub use words::wrap;

#[cfg(test)]
mod tests;
