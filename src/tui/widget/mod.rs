//! What screens are made of: text, panels, tables, charts.

mod pen;
mod table;

pub(super) use pen::{Pen, Span};
pub(super) use table::{Table, dim_span, span, strong_span};
