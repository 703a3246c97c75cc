//! Reports on small studies made from a formula.

mod examples;
mod outputs;
mod texts;
