//! The terminal app: the only folder that names ratatui and crossterm.
