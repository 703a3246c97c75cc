//! Reports on small studies made from a formula.

mod examples;
mod html;
mod outputs;
mod svg;
mod svg_texts;
mod texts;
