//! The deployment card: the temperature with all that is needed to trust and apply it.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::usage::{Usage, usage};
use crate::analysis::EvaluatedOn;
use crate::data::{Kind, Task, Temperature};
use crate::diagnosis::Finding;
use crate::fit::{FitStatus, Interval};
use crate::metrics::Metrics;
use crate::pipeline::Study;

/// The first key of every card.
pub const CARD_SCHEMA: &str = "logitscope.temperature/1";

/// A study without a finite temperature has no card.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("no card is written, because there is no temperature: {}", status.explain())]
pub struct NoTemperature {
    /// Why there is none.
    pub status: FitStatus,
}

/// A file is not a card; the sentence goes on after its name.
#[derive(Debug, Error)]
pub enum CardError {
    /// Another kind of file.
    #[error("is no card (JSON of `fit`)")]
    Other,
    /// Not JSON, or a key is missing or of another type.
    #[error("is no card (JSON of `fit`): {0}")]
    Malformed(#[from] serde_json::Error),
    /// JSON of another kind or version.
    #[error("is no card (JSON of `fit`): its schema is {found:?}, expected {CARD_SCHEMA:?}")]
    Schema {
        /// The schema it names, made printable.
        found: String,
    },
    /// Its temperature is not one.
    #[error("is a card without a usable temperature: {0}")]
    Temperature(#[from] crate::data::InvalidTemperature),
}

/// What a temperature was fitted on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FittedOn {
    /// The file, as the user named it.
    pub path: String,
    /// Rows that took part in the fit.
    pub rows: u64,
    /// K.
    pub classes: usize,
    /// What the labels asked for.
    pub task: Task,
    /// What the scores were.
    pub kind: Kind,
    /// True if there was one score a row, that of the positive class.
    pub single_score: bool,
    /// SHA-256 of the labels of the fitted part; null if it is not known (joined summaries).
    pub sha256_labels: Option<String>,
}

/// See the module. Keys stand in this order in the file.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Card {
    /// [`CARD_SCHEMA`].
    pub schema: &'static str,
    /// T, to divide logits by.
    pub temperature: f64,
    /// 1 / T.
    pub inverse_temperature: f64,
    /// Robust standard error of T.
    pub standard_error: Option<f64>,
    /// Interval of T.
    pub interval: Option<Interval>,
    /// Always `converged`: other fits have no card.
    pub status: FitStatus,
    /// The rows behind it.
    pub fitted_on: FittedOn,
    /// Figures of the evaluated rows at T = 1.
    pub before: Metrics,
    /// Figures of the same rows after scaling.
    pub after: Option<Metrics>,
    /// Which rows these are.
    pub evaluated_on: EvaluatedOn,
    /// When the card was made, RFC 3339 in UTC.
    pub created: String,
    /// Version of this program.
    pub version: &'static str,
    /// What was wrong with the rows it was fitted on, and with those it was judged on.
    pub findings: Vec<Finding>,
    /// How to apply it.
    pub usage: Usage,
}

impl Card {
    /// The card as it is written to a file: indented, a newline at the end.
    ///
    /// # Errors
    /// If a value cannot be represented, which no card made by [`card`] contains.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

/// The card of `study`, made at the time `created`.
///
/// # Errors
/// If the fit has no finite temperature.
pub fn card(study: &Study, created: SystemTime) -> Result<Card, NoTemperature> {
    let (analysis, info) = (&study.analysis, &study.info);
    let status = analysis.fit.status;
    let fitted = analysis.fit.temperature.and_then(|t| Temperature::new(t).ok());
    let t = fitted.ok_or(NoTemperature { status })?;
    Ok(Card {
        schema: CARD_SCHEMA,
        temperature: t.value(),
        inverse_temperature: analysis.fit.inverse_temperature.unwrap_or_else(|| t.inverse()),
        standard_error: analysis.fit.standard_error,
        interval: analysis.fit.interval.clone(),
        status,
        fitted_on: FittedOn {
            path: info.path.clone(),
            rows: study.fitted.as_ref().unwrap_or(&study.counts).used,
            classes: info.n_scores(),
            task: info.task,
            kind: info.kind,
            single_score: info.single_score,
            sha256_labels: study.sha256_fitted_labels.clone(),
        },
        before: analysis.before.metrics.clone(),
        after: analysis.after.as_ref().map(|figures| figures.metrics.clone()),
        evaluated_on: analysis.evaluated_on,
        created: humantime::format_rfc3339_seconds(created).to_string(),
        version: env!("CARGO_PKG_VERSION"),
        findings: study.findings.clone(),
        usage: usage(t, info),
    })
}

/// What is read of a card.
#[derive(Clone, PartialEq, Debug)]
pub struct ReadCard {
    /// T.
    pub temperature: Temperature,
    /// The classes that it was fitted with; `None` if the card does not say.
    pub n_classes: Option<u64>,
    /// What the labels asked for; `None` if the card does not say, as also of the next two.
    pub task: Option<Task>,
    /// What the scores were.
    pub kind: Option<Kind>,
    /// True if there was one score a row.
    pub single_score: Option<bool>,
    /// The rule and the sentence of each failure that the fit had, printable; `None` if the card does not say.
    pub failures: Option<Vec<[String; 2]>>,
}

/// A card that [`card`] made, in this version or another of the same schema.
///
/// # Errors
/// If `text` is not such a card, or its temperature is not a finite positive number.
pub fn read_card(text: &str) -> Result<ReadCard, CardError> {
    #[derive(Deserialize)]
    struct Schema {
        schema: String,
    }
    #[derive(Deserialize)]
    struct Content {
        temperature: f64,
    }
    let Schema { schema } = serde_json::from_str(text)?;
    if schema != CARD_SCHEMA {
        let found = crate::data::printable(&schema);
        return Err(CardError::Schema { found });
    }
    let Content { temperature } = serde_json::from_str(text)?;
    let card: serde_json::Value = serde_json::from_str(text)?;
    let word = |finding: &serde_json::Value, key: &str| {
        crate::data::printable(finding[key].as_str().unwrap_or_default())
    };
    let fitted_on = &card["fitted_on"];
    let failures = card["findings"].as_array().map(|findings| {
        let failed = findings.iter().filter(|finding| finding["severity"] == "failure");
        failed.map(|finding| [word(finding, "rule"), word(finding, "message")]).collect()
    });
    Ok(ReadCard {
        temperature: Temperature::new(temperature)?,
        n_classes: fitted_on["classes"].as_u64(),
        task: Option::deserialize(&fitted_on["task"])?,
        kind: Option::deserialize(&fitted_on["kind"])?,
        single_score: fitted_on["single_score"].as_bool(),
        failures,
    })
}
