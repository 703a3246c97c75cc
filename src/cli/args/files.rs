//! The arguments of the commands that write or look at files: `apply`, `inspect`, `doctor` and `summarize`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{AnswerFormat, DataArgs};

/// `apply`.
#[derive(Debug, Args)]
#[group(id = "divisor", required = true, multiple = false, args = ["temperature", "card"])]
pub(in crate::cli) struct ApplyArgs {
    /// Saved logits, with or without labels
    pub(in crate::cli) file: PathBuf,
    /// Divide by this temperature
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    pub(in crate::cli) temperature: Option<f64>,
    /// Divide by the temperature of this card
    #[arg(long, value_name = "CARD")]
    pub(in crate::cli) card: Option<PathBuf>,
    /// File to write; its ending says the format. - is standard output, as CSV
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: PathBuf,
    /// Write it in spite of logits that are broken, or of a card that was fitted on such
    #[arg(long)]
    pub(in crate::cli) despite_failures: bool,
    /// What to write
    #[arg(long = "as", value_name = "WHAT", default_value = "probs")]
    pub(in crate::cli) what: What,
    #[command(flatten)]
    pub(in crate::cli) data: DataArgs,
}

/// What `apply` writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(in crate::cli) enum What {
    /// softmax(z / T)
    Probs,
    /// z / T
    Logits,
}

/// `inspect`.
#[derive(Debug, Args)]
pub(in crate::cli) struct InspectArgs {
    /// Saved logits and labels; of several files it is said which of them every command takes
    #[arg(required = true)]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// Form of the answer
    #[arg(long, default_value = "text", value_name = "FORM")]
    pub(in crate::cli) format: AnswerFormat,
    #[command(flatten)]
    pub(in crate::cli) data: DataArgs,
}

/// `doctor`.
#[derive(Debug, Args)]
pub(in crate::cli) struct DoctorArgs {
    /// Saved logits and labels; several files are the steps of a training run
    #[arg(required_unless_present = "explain")]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// Form of the answer
    #[arg(long, default_value = "text", value_name = "FORM")]
    pub(in crate::cli) format: AnswerFormat,
    /// Fit on FILE, judge on this one: findings on its rows, and on how the two differ; of a run the same step, or the last where this one holds no steps
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) test: Option<PathBuf>,
    /// Ask of the rows of each value of this column too whether they want another temperature (repeat it for others)
    #[arg(long, value_name = "COLUMN")]
    pub(in crate::cli) slice: Vec<String>,
    /// Say what RULE measures and why, without reading a file; without RULE list all
    #[arg(long, value_name = "RULE", num_args = 0..=1, default_missing_value = "")]
    pub(in crate::cli) explain: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) data: DataArgs,
}

/// `summarize`.
#[derive(Debug, Args)]
pub(in crate::cli) struct SummarizeArgs {
    /// Saved logits and labels, or files of summaries to join
    #[arg(required = true)]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// Rows to judge on, kept as the second part
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) test: Option<PathBuf>,
    /// File to write (Parquet, whatever it is called); - is standard output
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) data: DataArgs,
}
