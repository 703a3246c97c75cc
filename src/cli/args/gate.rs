//! The arguments of `check` and `compare`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{AnalysisArgs, DataArgs, FigureArgs};
use crate::diagnosis::Rule;

/// `check`. Limits are in the units of the JSON report: shares in 0..1, NLL in nats.
#[derive(Debug, Args)]
pub(in crate::cli) struct CheckArgs {
    /// Saved logits and labels
    #[arg(required = true)]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// Fail above this ECE (a share: 0.02 is 2 %)
    #[arg(long, value_name = "X", value_parser = parse_share)]
    pub(in crate::cli) max_ece: Option<f64>,
    /// Fail above this ECE with bins of equal mass (a share)
    #[arg(long, value_name = "X", value_parser = parse_share)]
    pub(in crate::cli) max_ece_equal_mass: Option<f64>,
    /// Fail above this gap of the worst bin (a share)
    #[arg(long, value_name = "X", value_parser = parse_share)]
    pub(in crate::cli) max_mce: Option<f64>,
    /// Fail above this mean NLL in nats
    #[arg(long, value_name = "X", value_parser = parse_limit)]
    pub(in crate::cli) max_nll: Option<f64>,
    /// Fail above this Brier score
    #[arg(long, value_name = "X", value_parser = parse_limit)]
    pub(in crate::cli) max_brier: Option<f64>,
    /// Fail below this accuracy (a share)
    #[arg(long, value_name = "X", value_parser = parse_share)]
    pub(in crate::cli) min_accuracy: Option<f64>,
    /// Fail unless the fitted temperature lies within
    #[arg(long, value_name = "LO,HI", value_parser = parse_range)]
    pub(in crate::cli) temperature_within: Option<[f64; 2]>,
    /// Judge the probabilities at this temperature [default: 1]
    #[arg(long, value_name = "T", conflicts_with = "card", allow_negative_numbers = true)]
    pub(in crate::cli) temperature: Option<f64>,
    /// Judge them at the temperature of this card
    #[arg(long, value_name = "CARD")]
    pub(in crate::cli) card: Option<PathBuf>,
    /// Do not fail for a finding of this rule, whose severity is failure (repeat it for others)
    #[arg(long, value_name = "RULE", value_parser = parse_rule)]
    pub(in crate::cli) ignore: Vec<Rule>,
    /// Form of the result
    #[arg(long, default_value = "text", value_name = "FORM")]
    pub(in crate::cli) format: CheckFormat,
    /// Write to PATH instead of stdout
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) out: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) data: DataArgs,
    #[command(flatten)]
    pub(in crate::cli) analysis: AnalysisArgs,
}

/// Forms of the results of `check`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(in crate::cli) enum CheckFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// A table, for the summary of a job
    Markdown,
    /// Annotations of GitHub Actions
    Github,
}

/// Forms of the results of `doctor` and `inspect`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(in crate::cli) enum AnswerFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// `compare`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CompareArgs {
    /// Saved logits and labels of two models or more, on the same rows in the same order
    #[arg(required = true, num_args = 2..)]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// Form of the comparison
    #[arg(long, default_value = "text", value_name = "FORM")]
    pub(in crate::cli) format: CompareFormat,
    /// Write to PATH instead of stdout
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) out: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) figures: FigureArgs,
    #[command(flatten)]
    pub(in crate::cli) data: DataArgs,
    #[command(flatten)]
    pub(in crate::cli) analysis: AnalysisArgs,
}

/// Forms of a comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(in crate::cli) enum CompareFormat {
    /// For people
    Text,
    /// Two tables
    Markdown,
    /// One line a model, full precision
    Csv,
    /// Every model's report with its differences
    Json,
    /// One file with the reliability diagrams, for a browser
    Html,
    /// A figure for a paper
    Svg,
}

fn parse_rule(text: &str) -> Result<Rule, String> {
    Rule::named(text).ok_or_else(|| {
        let close =
            Rule::ALL.iter().min_by_key(|rule| strsim::damerau_levenshtein(rule.name(), text));
        let close = close.map_or("", |rule| rule.name());
        format!(
            "there is no such rule; did you mean {close}? `logitscope doctor --explain` lists them"
        )
    })
}

/// A finite number of at least 0.
fn parse_limit(text: &str) -> Result<f64, String> {
    let limit: f64 = text.trim().parse().map_err(|_| "not a number".to_owned())?;
    if limit.is_finite() && limit >= 0.0 {
        Ok(limit)
    } else {
        Err("a limit is a number of at least 0, such as 0.02".to_owned())
    }
}

/// A number from 0 to 1. What is above may be a percentage, which would be a limit that nothing exceeds.
fn parse_share(text: &str) -> Result<f64, String> {
    let typed = text.trim();
    let number = typed.strip_suffix('%').unwrap_or(typed).trim();
    let value: f64 = number.parse().map_err(|_| "not a number".to_owned())?;
    if number == typed && (0.0..=1.0).contains(&value) {
        return Ok(value);
    }
    let percent = if (0.0..=100.0).contains(&value) { value } else { 2.0 };
    // A hundredth of 1.1 has further digits in binary.
    let share = format!("{:.8}", percent / 100.0);
    let share = share.trim_end_matches('0').trim_end_matches('.');
    Err(format!("a share from 0 to 1: {percent} % is {share}"))
}

/// `LO,HI`.
fn parse_range(text: &str) -> Result<[f64; 2], String> {
    let wrong = || "a range is two numbers, such as 0.9,1.1".to_owned();
    let (low, high) = text.split_once(',').ok_or_else(wrong)?;
    let [low, high] = [parse_limit(low)?, parse_limit(high)?];
    if low <= high { Ok([low, high]) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_no_percentage() {
        for (text, share) in [("0", 0.0), (" 0.02 ", 0.02), ("1", 1.0), ("1e-3", 0.001)] {
            assert_eq!(parse_share(text), Ok(share), "{text}");
        }
        for (text, says) in [
            ("5", "5 % is 0.05"),
            ("1.1", "1.1 % is 0.011"),
            ("2%", "2 % is 0.02"),
            ("0.5 %", "0.5 % is 0.005"),
            ("100", "100 % is 1"),
            ("500", "2 % is 0.02"),
            ("-1", "2 % is 0.02"),
            ("inf", "2 % is 0.02"),
            ("NaN", "2 % is 0.02"),
        ] {
            assert_eq!(parse_share(text), Err(format!("a share from 0 to 1: {says}")), "{text}");
        }
        assert!(parse_share("five").is_err());
    }
}
