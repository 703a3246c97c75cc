//! What a rule says: one sentence, the numbers behind it, and what to do.

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::rule::{Rule, Severity};
use super::words;
use crate::summarize::RowSummaries;

/// Example rows of a finding, at most.
pub const MAX_ROWS: usize = 10;

/// Where a finding can be looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The summary of everything.
    Overview,
    /// The reliability diagram.
    Reliability,
    /// The temperature and its curve.
    Temperature,
    /// The scale of the logits.
    Logits,
    /// The margins.
    Margins,
    /// The classes one by one, and there the one that is meant.
    Classes,
    /// The training run.
    Run,
}

/// The numbers behind a finding, in the order in which they are told.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Numbers(pub Vec<(&'static str, f64)>);

/// At most one for each rule.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence with the number and the threshold it was held against. Names from files are printable.
    pub message: String,
    /// The numbers.
    pub evidence: Numbers,
    /// Up to ten rows that show it, by their numbers in the file, from 0.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<u64>,
    /// Their ids, where the file names its rows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
    /// The most probable cause.
    pub cause: String,
    /// What to do next.
    pub next_step: String,
    /// Where to look.
    pub see: Place,
    /// True if it is about the rows that the temperature was fitted on, and these are not the judged ones.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub of_fitted: bool,
}

impl Finding {
    /// A finding without numbers and rows, with the cause and the next step of its rule.
    pub(super) fn new(rule: Rule, severity: Severity, message: impl Into<String>) -> Self {
        let advice = super::explain::explanation(rule);
        Self {
            rule,
            severity,
            message: message.into(),
            evidence: Numbers::default(),
            rows: Vec::new(),
            ids: Vec::new(),
            cause: advice.cause.to_owned(),
            next_step: advice.next_step.to_owned(),
            see: advice.see,
            of_fitted: false,
        }
    }

    pub(super) fn failure(rule: Rule, message: impl Into<String>) -> Self {
        Self::new(rule, Severity::Failure, message)
    }

    pub(super) fn warning(rule: Rule, message: impl Into<String>) -> Self {
        Self::new(rule, Severity::Warning, message)
    }

    pub(super) fn info(rule: Rule, message: impl Into<String>) -> Self {
        Self::new(rule, Severity::Info, message)
    }

    /// Adds a number.
    pub(super) fn with(mut self, name: &'static str, value: f64) -> Self {
        self.evidence.0.push((name, value));
        self
    }

    /// Of multi-label data, whose every stored row is `n_entries` rows: names the stored ones.
    pub(super) fn name_stored_rows(&mut self, n_entries: usize) {
        for row in &mut self.rows {
            *row /= n_entries as u64;
        }
        self.rows.dedup();
    }

    /// Calls its rows, which are stored ones of `rows`, by their numbers in the file, with their ids.
    pub(super) fn number_rows(&mut self, rows: &RowSummaries) {
        let stored = |row: u64| usize::try_from(row).unwrap_or(usize::MAX);
        let ids = self.rows.iter().map(|row| rows.id_of(stored(*row)));
        let ids = ids.map(Option::unwrap_or_default).collect::<Vec<_>>();
        if ids.iter().any(|id| !id.is_empty()) {
            self.ids = ids;
        }
        for row in &mut self.rows {
            *row = rows.number_in_file(stored(*row)) as u64;
        }
    }

    /// `Rows (from 0): 3, 17 (id x9).`, where there are any.
    pub fn rows_line(&self) -> Option<String> {
        let name = |(place, row): (usize, &u64)| match self.ids.get(place) {
            Some(id) if !id.is_empty() && *id != row.to_string() => format!("{row} (id {id})"),
            _ => row.to_string(),
        };
        let names: Vec<String> = self.rows.iter().enumerate().map(name).collect();
        (!names.is_empty()).then(|| format!("Rows (from 0): {}.", names.join(", ")))
    }

    /// Adds example rows.
    pub(super) fn on(mut self, rows: &[u64]) -> Self {
        self.rows = rows[..rows.len().min(MAX_ROWS)].to_vec();
        self
    }

    /// Is looked at elsewhere than usual.
    pub(super) fn seen_at(mut self, see: Place) -> Self {
        self.see = see;
        self
    }

    /// Another cause than the usual one.
    pub(super) fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = cause.into();
        self
    }

    /// Another next step than the usual one.
    pub(super) fn then(mut self, next_step: impl Into<String>) -> Self {
        self.next_step = next_step.into();
        self
    }

    /// The number called `name`.
    pub fn number(&self, name: &str) -> Option<f64> {
        let of_name = |(key, _): &&(&str, f64)| *key == name;
        self.evidence.0.iter().find(of_name).map(|(_, value)| *value)
    }
}

/// `accuracy_mapped 0.953, accuracy 0.101`: the names of the JSON, four digits.
impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (name, value)) in self.0.iter().enumerate() {
            let gap = if place > 0 { ", " } else { "" };
            write!(f, "{gap}{name} {}", words::short(*value))?;
        }
        Ok(())
    }
}

impl Serialize for Numbers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
