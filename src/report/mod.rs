//! A finished study as text, as JSON and as a deployment card.
//!
//! Text and app say the same: both take the sentences of [`verdict()`], write numbers with [`number`]
//! and give `plot` the bins of [`diagram`].

pub mod diagram;
pub mod number;

mod card;
mod charts;
mod compare;
mod counts;
mod csv;
mod family;
mod figures;
mod findings;
mod groups;
mod html;
mod intervals;
mod json;
mod labels;
mod markdown;
mod methods;
mod notes;
mod parity;
mod svg;
mod tables;
mod text;
mod usage;
mod verdict;
mod words;

pub use card::{CARD_SCHEMA, Card, CardError, FittedOn, NoTemperature, ReadCard, card, read_card};
pub use compare::{
    COMPARE_SCHEMA, ComparedRun, Comparison, compare_csv, compare_json, compare_markdown,
    compare_text,
};
pub use csv::{csv, markdown as markdown_cell};
pub use figures::{Figure, figures};
pub use findings::{explanation_lines, failure_lines, findings_lines, skipped_lines};
pub use groups::one_or_many;
pub use html::{compare_html, html};
pub use json::{REPORT_SCHEMA, json, program};
pub use markdown::markdown;
pub use methods::{methods_table, methods_verdict, thresholds_tables};
pub use svg::{Chart, MOST_MODELS, NoFigure, Size, compare_figure, figure};
pub use text::{TextOptions, text};
pub use usage::{Usage, recipe};
pub use verdict::{VerdictText, covered, evaluated_on, fault, headline, is_in_verdict, verdict};
pub use words::wrap;

#[cfg(test)]
mod tests;
