//! `check`: a gate for continuous integration.

mod forms;
mod proposal;

use crate::analysis::AnalysisOptions;
use crate::data::Temperature;
use crate::diagnosis::{Rule, Severity};
use crate::metrics::{DiagramOptions, Metrics};
use crate::pipeline::Study;
use crate::report::ReadCard;

use super::apply::{check_card, given_temperature};
use super::args::{CheckArgs, CheckFormat};
use super::failure::BROKEN;
use super::open::{Shared, study_of};
use super::output::Output;
use super::{Failure, colour};

/// A limit, and what was found.
struct Limit {
    figure: &'static str,
    /// NaN if it is undefined, which meets no limit.
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
}

/// A failure: the figures are not worth what the limits hold them against.
struct Fault {
    rule: String,
    message: String,
    is_ignored: bool,
}

/// The failures among the findings of these rows, and those that the card was written in spite of.
fn faults(study: &Study, card: Option<&ReadCard>, ignored: &[Rule]) -> Vec<Fault> {
    let here = study
        .findings
        .iter()
        .filter(|f| f.severity == Severity::Failure)
        .map(|f| [f.rule.name().to_owned(), f.message.clone()]);
    let listed = card.and_then(|card| card.failures.clone());
    let of_card = listed.into_iter().flatten();
    let of_card = of_card
        .map(|[rule, message]| [rule, format!("the card was fitted on such rows: {message}")]);
    here.chain(of_card)
        .map(|[rule, message]| Fault {
            is_ignored: ignored.iter().any(|other| other.name() == rule),
            rule,
            message,
        })
        .collect()
}

/// What the rows were held against.
struct Gate {
    path: String,
    n_rows: u64,
    judged_at: f64,
    limits: Vec<Limit>,
    faults: Vec<Fault>,
}

impl Gate {
    fn is_met(&self) -> bool {
        self.limits.iter().all(Limit::is_met) && self.faults.iter().all(|fault| fault.is_ignored)
    }
}

pub(super) fn run(args: &CheckArgs, shared: &Shared) -> Result<u8, Failure> {
    let options = AnalysisOptions { n_folds: 0, n_draws: 0, ..args.analysis.options(shared) };
    let files = (args.files.as_slice(), None);
    let given = given_temperature(args.temperature, args.card.as_deref())?;
    if !has_limits(args) {
        return Err(proposal::no_limit(args, given.as_ref(), shared)?);
    }
    let study = study_of(files, (&args.data, &options), shared)?;
    if let Some(card) = &given {
        check_card(card, &study.info)?;
    }
    let faults = faults(&study, given.as_ref(), &args.ignore);
    let temperature = given.map_or_else(one, |card| Ok(card.temperature))?;
    let metrics = metrics(&study, temperature, &options)?;
    let gate = Gate {
        path: study.info.path.clone(),
        n_rows: study.counts.used,
        judged_at: temperature.value(),
        limits: limits(args, &metrics, study.analysis.fit.temperature),
        faults,
    };
    let text = match args.format {
        CheckFormat::Text => colour::of_text(forms::text(&gate), shared.color, shared.out.as_ref()),
        CheckFormat::Json => forms::json(&gate),
        CheckFormat::Markdown => forms::markdown(&gate),
        CheckFormat::Github => forms::github(&gate),
    };
    Output::write(&text, shared.out.as_ref())?;
    Ok(if gate.is_met() { 0 } else { BROKEN })
}

fn has_limits(args: &CheckArgs) -> bool {
    let most = [args.max_ece, args.max_ece_equal_mass, args.max_mce, args.max_nll, args.max_brier];
    let others = args.min_accuracy.is_some() || args.temperature_within.is_some();
    others || most.iter().any(Option::is_some)
}

fn one() -> Result<Temperature, Failure> {
    Temperature::new(1.0).map_err(|error| Failure::plain(error.to_string()))
}

/// The figures of the evaluated rows at the temperature that the model is used with.
fn metrics(
    study: &Study,
    temperature: Temperature,
    options: &AnalysisOptions,
) -> Result<Metrics, Failure> {
    let diagram = DiagramOptions { n_bins: options.n_bins, binning: options.binning };
    Ok(study.exact_figures_at(temperature, diagram, &mut || true)?.metrics)
}

fn limits(args: &CheckArgs, metrics: &Metrics, fitted: Option<f64>) -> Vec<Limit> {
    let most = [
        ("ece", metrics.ece, args.max_ece),
        ("ece_equal_mass", metrics.ece_equal_mass, args.max_ece_equal_mass),
        ("mce", metrics.mce, args.max_mce),
        ("nll", metrics.nll, args.max_nll),
        ("brier", metrics.brier, args.max_brier),
    ];
    let most = most.into_iter().filter(|(_, _, high)| high.is_some());
    let most = most.map(|(figure, value, high)| Limit { figure, value, low: None, high });
    let accuracy = args.min_accuracy.map(|low| Limit {
        figure: "accuracy",
        value: metrics.accuracy,
        low: Some(low),
        high: None,
    });
    let temperature = args.temperature_within.map(|[low, high]| Limit {
        figure: "temperature",
        value: fitted.unwrap_or(f64::NAN),
        low: Some(low),
        high: Some(high),
    });
    most.chain(accuracy).chain(temperature).collect()
}

impl Limit {
    /// Both ends belong to what is allowed. A figure that is undefined is not within any limit.
    fn is_met(&self) -> bool {
        let above = self.low.is_none_or(|low| self.value >= low);
        let below = self.high.is_none_or(|high| self.value <= high);
        above && below && !self.value.is_nan()
    }
}
