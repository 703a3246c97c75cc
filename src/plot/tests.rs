//! Charts as plain text, and properties of axes.
