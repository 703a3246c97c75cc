//! A part to fit on and a part to judge on.

mod shapes;

use super::evidence::{Evidence, Subject};
use super::finding::Finding;
use super::rule::{Rule, Severity};
use super::thresholds as at;
use super::words::{number, percent};
use super::{Diagnosis, agree, diagnosis};
use crate::fit::{TemperatureFit, fit_temperature};
use shapes::Shapes;

/// The level of the fit on the judged rows; only its standard error is used.
const LEVEL: f64 = 0.95;

/// The findings on the judged rows, then what is wrong with the fitted ones that the judged do not show, then how the
/// two differ. Without a second part those on the one.
pub fn diagnose_parts(judged: &Subject<'_>, fitted: Option<&Subject<'_>>) -> Diagnosis {
    let evidence = Evidence::of(judged);
    let Diagnosis { findings: mut found, skipped } = diagnosis(&evidence, judged.rows);
    let Some(fitted) = fitted else {
        return Diagnosis { findings: found, skipped };
    };
    let of_fitted = Evidence::of(fitted);
    let told: Vec<_> = found.iter().map(|f| (f.rule, f.severity)).collect();
    let is_new = |finding: &Finding| {
        let is_told = told.contains(&(finding.rule, finding.severity));
        finding.severity == Severity::Failure && !is_told
    };
    let (more, known): (Vec<Finding>, Vec<Finding>) =
        diagnosis(&of_fitted, fitted.rows).findings.into_iter().partition(is_new);
    // Which rows are broken is another thing in each part.
    for other in known.iter().filter(|f| f.rule == Rule::NonFinite) {
        if let Some(finding) = found.iter_mut().find(|f| f.rule == other.rule) {
            finding.message.push_str(" In the rows to fit on: ");
            finding.message.push_str(&other.message);
        }
    }
    found.retain(|known| more.iter().all(|finding| finding.rule != known.rule));
    found.extend(more.into_iter().map(|finding| Finding {
        message: format!("In the rows to fit on: {}", finding.message),
        of_fitted: true,
        ..finding
    }));
    let own = fit_temperature(judged.rows, LEVEL);
    if !super::has_failure(&found) {
        let shapes = Shapes::of(fitted.rows, judged.rows);
        found.extend(split_mismatch((&of_fitted, &evidence), (fitted.fit, &own), &shapes));
    }
    agree(&mut found);
    Diagnosis { findings: found, skipped }
}

fn split_mismatch(
    (fitted, judged): (&Evidence, &Evidence),
    fits: (&TemperatureFit, &TemperatureFit),
    shapes: &Shapes,
) -> Option<Finding> {
    let (ratio, t_errors) = temperatures(fits).unwrap_or((1.0, 0.0));
    let (x, y) = (fitted.accuracy, judged.accuracy);
    let variance = |e: &Evidence| e.accuracy * (1.0 - e.accuracy) / e.n_rows as f64;
    let error = (variance(fitted) + variance(judged)).sqrt();
    let accuracy_errors = if error > 0.0 { (y - x) / error } else { 0.0 };
    let t_differs = is_other_t(ratio, t_errors) && fitted.has_signal() && judged.has_signal();
    let message = if t_differs {
        format!(
            "The two parts want different temperatures: that of the judged rows is {} times the other ({} standard errors).",
            number(ratio),
            number(t_errors.abs())
        )
    } else if accuracy_errors.abs() > at::PARTS_ACCURACY_ERRORS {
        format!(
            "Accuracy is {} on the rows to fit on and {} on those to judge on ({} standard errors).",
            percent(x),
            percent(y),
            number(accuracy_errors.abs())
        )
    } else {
        shapes.message()?
    };
    let mut finding = Finding::warning(Rule::SplitMismatch, message)
        .with("temperature_ratio", ratio)
        .with("temperature_errors", t_errors)
        .with("accuracy_fitted", x)
        .with("accuracy_judged", y)
        .with("accuracy_errors", accuracy_errors)
        .with("divergence_of_predictions", shapes.divergence)
        .with("divergence_errors", shapes.divergence_errors)
        .with("margin_shift", shapes.margin_shift)
        .with("margin_errors", shapes.margin_errors);
    finding.evidence.0.retain(|(_, number)| !number.is_nan());
    Some(finding)
}

fn is_other_t(ratio: f64, t_errors: f64) -> bool {
    ratio.max(ratio.recip()) > at::PARTS_T_HIGH && t_errors.abs() > at::PARTS_T_ERRORS
}

/// True if `finding` says that the two parts want different temperatures.
pub(super) fn want_other_t(finding: &Finding) -> bool {
    let of = |name| finding.number(name).unwrap_or(f64::NAN);
    finding.rule == Rule::SplitMismatch
        && is_other_t(of("temperature_ratio"), of("temperature_errors"))
}

/// The ratio of the temperatures and the standard errors between their logarithms.
fn temperatures((fitted, judged): (&TemperatureFit, &TemperatureFit)) -> Option<(f64, f64)> {
    let relative = |fit: &TemperatureFit| Some(fit.standard_error? / fit.temperature?);
    let ratio = judged.temperature? / fitted.temperature?;
    let error = relative(fitted)?.hypot(relative(judged)?);
    Some((ratio, ratio.ln() / error))
}
