//! Charts as plain text, and properties of axes.

mod examples;
mod goldens;
mod properties;
