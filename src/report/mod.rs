//! A finished study as text and as JSON.
