//! The arguments as typed. Nothing here touches a file; see `open` for the checked options.

mod app;
mod config;
mod figures;
mod files;
mod gate;
mod named;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(super) use app::AppArgs;
pub(super) use config::{ConfigArgs, ConfigCommand, ConfigInitArgs};
pub(super) use figures::FigureArgs;
pub(super) use files::{ApplyArgs, DoctorArgs, InspectArgs, SummarizeArgs, What};
pub(super) use gate::{AnswerFormat, CheckArgs, CheckFormat, CompareArgs, CompareFormat};

/// Can I trust these probabilities, which temperature do I ship, what is wrong with the logits?
#[derive(Debug, Parser)]
#[command(
    name = "logitscope",
    version,
    override_usage = "logitscope [OPTIONS] [FILES]...\n       logitscope <COMMAND>",
    after_help = "Without a command the terminal app opens FILE, or its home screen. Without a terminal on stdout it prints what `report` prints, for FILE or for the bundled sample."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) app: AppArgs,
    #[command(flatten)]
    pub(super) shared: SharedArgs,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print everything about a file, with its charts, or write it as JSON
    Report(ReportArgs),
    /// Fit the temperature; with --out write the deployment card
    Fit(FitArgs),
    /// Write calibrated probabilities (or scaled logits)
    Apply(ApplyArgs),
    /// Fail if the calibration is worse than allowed: a gate for continuous integration
    Check(CheckArgs),
    /// Models side by side on the same labels, with paired intervals
    Compare(CompareArgs),
    /// Show how a file is understood, and why; of several which of them every command takes
    Inspect(InspectArgs),
    /// Say what is wrong with the logits; several files or steps are a training run
    Doctor(DoctorArgs),
    /// Write the row summaries, which every command reads instead of the logits
    Summarize(SummarizeArgs),
    /// Print a script that completes commands and flags in a shell
    Completions(CompletionsArgs),
    /// Defaults of flags in a file of your own
    Config(ConfigArgs),
    /// Print the manual, to be read with: logitscope man | man -l -
    Man,
}

/// `completions`.
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    pub(super) shell: clap_complete::Shell,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(super) struct SharedArgs {
    /// Print no progress
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Seed of folds and draws
    #[arg(long, global = true, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// Threads to compute with, 1024 at most [default: all cores]
    #[arg(long, global = true, value_name = "N", env = "LOGITSCOPE_THREADS", hide_env_values = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Scores to keep in memory, in bytes or with K, M or G; the rest is read again for each pass [default: a quarter of the free memory]
    #[arg(long, global = true, value_name = "SIZE", env = "LOGITSCOPE_MEMORY", hide_env_values = true, value_parser = parse_size)]
    pub(super) memory: Option<u64>,
    /// Colour in the terminal app and in text that is printed
    #[arg(
        long,
        global = true,
        default_value = "auto",
        value_name = "WHEN",
        env = "LOGITSCOPE_COLOR",
        hide_env_values = true
    )]
    color: When,
}

/// When to use colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum When {
    /// Unless `NO_COLOR` is set; text on a terminal alone, or if `FORCE_COLOR` or `CLICOLOR_FORCE` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl SharedArgs {
    pub(super) fn parts(&self) -> (bool, u64, Option<u16>, When) {
        (self.quiet, self.seed, self.threads, self.color)
    }
}

/// The palettes of the app.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum ThemeArg {
    /// The terminal's own sixteen colours
    Ansi,
    /// For a dark background
    Dark,
    /// For a light background
    Light,
    /// No colour
    Mono,
}

/// How a file is read. Everything is guessed unless told; `inspect` shows the guess.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Data")]
pub(super) struct DataArgs {
    /// Column pattern (`logit_*`), list column, or array name
    #[arg(long, value_name = "SELECT")]
    pub(super) logits: Option<String>,
    /// Column, array name, or a file of its own, which may be a pipe: <(command)
    #[arg(long, value_name = "SELECT|FILE")]
    pub(super) labels: Option<String>,
    /// What the scores are
    #[arg(long, value_name = "KIND")]
    pub(super) kind: Option<KindArg>,
    /// What the labels ask for
    #[arg(long, value_name = "TASK")]
    pub(super) task: Option<TaskArg>,
    /// Binary data: the label that counts as positive
    #[arg(long, value_name = "CLASS")]
    pub(super) positive: Option<String>,
    /// Label of rows to leave out [default: -100]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(super) ignore_index: Option<i64>,
    /// Text file with one class name a line, or a pipe: <(command)
    #[arg(long, value_name = "FILE")]
    pub(super) class_names: Option<PathBuf>,
    /// Subtract N from every label (1 for labels that start at 1)
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 0)]
    pub(super) label_offset: i64,
    /// Only the first N classes: the columns of scores beyond are padding
    #[arg(long, value_name = "N")]
    pub(super) classes: Option<usize>,
    /// One part of a file that holds several
    #[arg(long, value_name = "PART")]
    pub(super) part: Option<PartArg>,
    /// One step of a series [default: the last]
    #[arg(long, value_name = "N")]
    pub(super) step: Option<u64>,
    /// Only rows A to B, counted from 0, B left out
    #[arg(long, value_name = "A..B")]
    pub(super) rows: Option<String>,
    /// Column or array of 0 and 1: rows without a 1 are left out
    #[arg(long, value_name = "SELECT")]
    pub(super) mask: Option<String>,
    /// The scores at a token are about the next one (language models)
    #[arg(long)]
    pub(super) shift: bool,
    /// Column that names a row
    #[arg(long, value_name = "COLUMN")]
    pub(super) id: Option<String>,
    /// Column whose rows belong together: each group stays whole in one fold
    #[arg(long, value_name = "COLUMN")]
    pub(super) group: Option<String>,
    /// Column of sample weights: how much each row counts
    #[arg(long, value_name = "COLUMN")]
    pub(super) weight: Option<String>,
    /// Evaluation logs: what a log-likelihood is divided by [default: none]
    #[arg(long, value_name = "LENGTH")]
    pub(super) normalize: Option<NormalizeArg>,
    /// Only rows with these values of a column (without values: the column that tells val from test)
    #[arg(long, value_name = "COLUMN=V1|V2")]
    pub(super) split: Option<String>,
    /// Only rows that meet a condition, such as 'lang = en & length < 20'
    #[arg(long = "where", value_name = "EXPR")]
    pub(super) filter: Option<String>,
    /// Fit on the rows that meet this condition, judge on the others
    #[arg(long, value_name = "EXPR")]
    pub(super) fit_where: Option<String>,
    /// Judge on the rows that meet this condition, fit on the others
    #[arg(long, value_name = "EXPR")]
    pub(super) test_where: Option<String>,
}

/// See [`crate::io::Normalize`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(super) enum NormalizeArg {
    /// Log-likelihoods as they are
    #[default]
    None,
    /// By the characters of each choice
    Chars,
    /// By the bytes of each choice
    Bytes,
}

/// See [`crate::data::Kind`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum KindArg {
    /// Unnormalised scores
    Logits,
    /// Logarithms of probabilities
    LogProbs,
    /// Probabilities; rows that do not sum to 1 are brought to it
    Probs,
    /// One-vs-rest probabilities, one sigmoid for each class: z = ln p/(1-p)
    Sigmoid,
}

/// See [`crate::data::Task`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum TaskArg {
    /// One class of many
    Multiclass,
    /// One of two classes
    Binary,
    /// Several labels a row, each there or not
    Multilabel,
}

/// See [`crate::io::Part`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum PartArg {
    /// The validation rows alone
    Val,
    /// The test rows alone
    Test,
    /// All rows as one set
    All,
}

/// How the data is analysed.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Analysis")]
pub(super) struct AnalysisArgs {
    /// Bins of the reliability diagram and of ECE
    #[arg(long, value_name = "M", default_value_t = 15,
          value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(super) bins: u16,
    /// Bins of equal width or of equal mass in the diagram
    #[arg(long, value_name = "HOW", default_value = "width")]
    pub(super) binning: BinningArg,
    /// Folds for the figures after scaling; 0 for in-sample figures
    #[arg(long, value_name = "K", default_value_t = 5,
          value_parser = clap::value_parser!(u16).range(0..=100))]
    pub(super) folds: u16,
    /// Draws of the bootstrap; 0 for none [default: 1000 in a report, else 0]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub(super) bootstrap: Option<u32>,
    /// Level of intervals
    #[arg(long, value_name = "LEVEL", default_value_t = 0.95, value_parser = parse_level)]
    pub(super) level: f64,
}

/// What is made on demand, as it takes many passes over the logits.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "On demand")]
pub(super) struct DemandArgs {
    /// Compare other recalibrators with the temperature, on rows that they have not seen
    #[arg(long)]
    pub(super) compare_methods: bool,
    /// Thresholds of every class: of the largest F1, and to meet PRECISION [default: 0.9]
    #[arg(long, value_name = "PRECISION", num_args = 0..=1, require_equals = true,
          default_missing_value = "0.9", value_parser = parse_precision)]
    pub(super) thresholds: Option<f64>,
}

/// See [`crate::metrics::Binning`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum BinningArg {
    /// Equal width
    Width,
    /// Equal mass
    Mass,
}

/// `2G`, `1.5G`, `512M`, `0`.
fn parse_size(text: &str) -> Result<u64, String> {
    let wrong = || "a size is a number of bytes, or one with K, M or G, such as 2G".to_owned();
    let lower = text.trim().to_ascii_lowercase();
    let number = lower.trim_end_matches("ib").trim_end_matches('b');
    let unit = |letter| number.strip_suffix(letter);
    let (number, unit) = unit('k')
        .map(|n| (n, 1u64 << 10))
        .or_else(|| unit('m').map(|n| (n, 1 << 20)))
        .or_else(|| unit('g').map(|n| (n, 1 << 30)))
        .or_else(|| unit('t').map(|n| (n, 1 << 40)))
        .unwrap_or((number, 1));
    if let Ok(whole) = number.trim().parse::<u64>() {
        return whole.checked_mul(unit).ok_or_else(wrong);
    }
    let fraction: f64 = number.trim().parse().map_err(|_| wrong())?;
    let bytes = fraction * unit as f64;
    let sensible = unit > 1 && (0.0..1e18).contains(&bytes);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to lie within"
    )]
    sensible.then_some(bytes as u64).ok_or_else(wrong)
}

fn parse_precision(text: &str) -> Result<f64, String> {
    let precision: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if 0.0 < precision && precision < 1.0 {
        Ok(precision)
    } else {
        Err("a precision lies between 0 and 1, such as 0.9".to_owned())
    }
}

fn parse_level(text: &str) -> Result<f64, String> {
    let level: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    let inside = (0.5..=0.9999).contains(&level);
    if inside {
        Ok(level)
    } else {
        Err("a level lies between 0.5 and 0.9999, such as 0.95".to_owned())
    }
}

/// `report`.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Saved logits and labels
    #[arg(required_unless_present = "explain")]
    pub(super) files: Vec<PathBuf>,
    /// Form of the report
    #[arg(long, default_value = "text", value_name = "FORM")]
    pub(super) format: Format,
    /// Write to PATH instead of stdout
    #[arg(long, value_name = "PATH")]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) figures: FigureArgs,
    /// Fit on FILE, judge on this one
    #[arg(long, value_name = "FILE")]
    pub(super) test: Option<PathBuf>,
    /// Draw with ASCII characters alone
    #[arg(long)]
    pub(super) ascii: bool,
    /// Look at the rows of each value of this column apart (repeat it for others)
    #[arg(long, value_name = "COLUMN")]
    pub(super) slice: Vec<String>,
    /// Another library's figures beside ours, and why they differ
    #[arg(long, value_name = "NAME")]
    pub(super) parity: Option<ParityArg>,
    /// Say what FIGURE is, what is good and what is bad, without reading a file; without FIGURE list all
    #[arg(long, value_name = "FIGURE", num_args = 0..=1, default_missing_value = "")]
    pub(super) explain: Option<String>,
    #[command(flatten)]
    pub(super) data: DataArgs,
    #[command(flatten)]
    pub(super) analysis: AnalysisArgs,
    #[command(flatten)]
    pub(super) demand: DemandArgs,
}

/// See [`crate::metrics::Parity`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum ParityArg {
    /// `torchmetrics.functional.calibration_error`
    Torchmetrics,
    /// `netcal.metrics`
    Netcal,
    /// `sklearn.metrics` and `sklearn.calibration`
    Sklearn,
    /// The ECE of `gpleiss/temperature_scaling`
    Gpleiss,
}

/// Forms of a report.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Format {
    /// For people, with charts
    Text,
    /// For programs, full precision
    Json,
    /// One figure a line
    Csv,
    /// Tables for a pull request or a model card
    Markdown,
    /// One file with its charts, for a browser
    Html,
    /// A figure for a paper
    Svg,
}

/// `fit`.
#[derive(Debug, Args)]
pub(super) struct FitArgs {
    /// Saved logits and labels
    #[arg(required = true)]
    pub(super) files: Vec<PathBuf>,
    /// Judge the temperature on this file
    #[arg(long, value_name = "FILE")]
    pub(super) test: Option<PathBuf>,
    /// Write the deployment card; - is standard output
    #[arg(long, value_name = "PATH")]
    pub(super) out: Option<PathBuf>,
    /// Write it, and end with status 0, in spite of a finding of severity failure
    #[arg(long)]
    pub(super) despite_failures: bool,
    #[command(flatten)]
    pub(super) data: DataArgs,
    #[command(flatten)]
    pub(super) analysis: AnalysisArgs,
    #[command(flatten)]
    pub(super) demand: DemandArgs,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_bytes_or_have_a_unit() {
        let cases = [
            ("0", 0),
            ("1000", 1000),
            ("3k", 3 << 10),
            ("512M", 512 << 20),
            ("1.5G", 3 << 29),
            ("2GiB", 2 << 30),
            ("2gb", 2 << 30),
        ];
        for (text, bytes) in cases {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
        for wrong in ["", "G", "-1", "1.5", "nanG", "infG", "2X", "1e30G", "99999999999G"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }
}
