//! The deployment card: the temperature with all that is needed to trust and apply it.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::analysis::EvaluatedOn;
use crate::data::{Kind, Task, Temperature};
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

/// A text is not a card.
#[derive(Debug, Error)]
pub enum CardError {
    /// Not JSON, or a key is missing or of another type.
    #[error("not a temperature card: {0}")]
    Malformed(#[from] serde_json::Error),
    /// JSON of another kind or version.
    #[error("not a temperature card: its schema is {found:?}, expected {CARD_SCHEMA:?}")]
    Schema {
        /// The schema it names, made printable.
        found: String,
    },
    /// Its temperature is not one.
    #[error("the card holds no usable temperature: {0}")]
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
    /// SHA-256 of the labels of the fitted part; null if it is not known (joined summaries).
    pub sha256_labels: Option<String>,
}

/// One line for each language that applies the temperature.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Usage {
    /// With `PyTorch`.
    pub python: String,
    /// In place, before the softmax.
    pub rust: String,
    /// In place, before the softmax.
    pub c: String,
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
    let fitted = analysis
        .fit
        .temperature
        .and_then(|t| Temperature::new(t).ok());
    let t = fitted.ok_or(NoTemperature { status })?;
    Ok(Card {
        schema: CARD_SCHEMA,
        temperature: t.value(),
        inverse_temperature: analysis
            .fit
            .inverse_temperature
            .unwrap_or_else(|| t.inverse()),
        standard_error: analysis.fit.standard_error,
        interval: analysis.fit.interval.clone(),
        status,
        fitted_on: FittedOn {
            path: info.path.clone(),
            rows: study.fitted.as_ref().unwrap_or(&study.counts).used,
            classes: info.n_scores(),
            sha256_labels: study.sha256_fitted_labels.clone(),
        },
        before: analysis.before.metrics.clone(),
        after: analysis
            .after
            .as_ref()
            .map(|figures| figures.metrics.clone()),
        evaluated_on: analysis.evaluated_on,
        created: humantime::format_rfc3339_seconds(created).to_string(),
        version: env!("CARGO_PKG_VERSION"),
        usage: usage(t, info.kind, info.task),
    })
}

/// The temperature of a card that [`card`] made, in this version or another of the same schema.
///
/// # Errors
/// If `text` is not such a card, or its temperature is not a finite positive number.
pub fn read_card(text: &str) -> Result<Temperature, CardError> {
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
    Ok(Temperature::new(temperature)?)
}

/// Number of classes that the temperature of a card was fitted with; `None` if the card does not say.
pub fn card_classes(text: &str) -> Option<u64> {
    let card: serde_json::Value = serde_json::from_str(text).ok()?;
    card["fitted_on"]["classes"].as_u64()
}

/// The sigmoid takes the place of the softmax.
fn multilabel_usage(t: &str, kind: Kind) -> Usage {
    let (tensor, rust, c) = match kind {
        Kind::Logits => ("logits", "*z", "z[k]"),
        Kind::LogProbs => (
            "(log_probs - torch.log(-torch.expm1(log_probs)))",
            "(*z - (-z.exp_m1()).ln())",
            "(z[k] - log(-expm1(z[k])))",
        ),
        Kind::Probs => (
            "torch.logit(probs)",
            "(*z / (1.0 - *z)).ln()",
            "log(z[k] / (1 - z[k]))",
        ),
    };
    Usage {
        python: format!("probs = torch.sigmoid({tensor} / {t})"),
        rust: format!("for z in row.iter_mut() {{ *z = 1.0 / (1.0 + (-{rust} / {t}).exp()); }}"),
        c: format!("for (size_t k = 0; k < n_labels; k++) z[k] = 1 / (1 + exp(-{c} / {t}));"),
    }
}

/// `{:?}` keeps a decimal point (`2.0`) and all digits, and is a number in all three languages.
fn usage(t: Temperature, kind: Kind, task: Task) -> Usage {
    let t = format!("{:?}", t.value());
    let (tensor, rust, c) = match kind {
        Kind::Logits => ("logits", "*z /= ", "z[k] /= "),
        Kind::LogProbs => ("log_probs", "*z /= ", "z[k] /= "),
        Kind::Probs => ("torch.log(probs)", "*z = z.ln() / ", "z[k] = log(z[k]) / "),
    };
    if task == Task::Multilabel {
        return multilabel_usage(&t, kind);
    }
    let one_column = match (task, kind) {
        (Task::Binary, Kind::Logits) => {
            format!("  # one score per row: torch.sigmoid(logit / {t})")
        }
        _ => String::new(),
    };
    Usage {
        python: format!("probs = torch.softmax({tensor} / {t}, dim=-1){one_column}"),
        rust: format!("for z in row.iter_mut() {{ {rust}{t}; }} // then softmax"),
        c: format!("for (size_t k = 0; k < n_classes; k++) {c}{t}; /* then softmax */"),
    }
}
