//! The answer in words, the same in the printed report and in the app.

use super::counts::{counted_units, unit};
use super::diagram::overall;
use super::number::{count, counted, nats, percent, points, temperature};
use crate::analysis::{EvaluatedOn, hold_one_class};
use crate::data::{Kind, Task};
use crate::diagnosis::{Finding, Rule, Severity};
use crate::fit::{FitStatus, Interval, Verdict};
use crate::metrics::{Metrics, Reliability};
use crate::pipeline::{FirstRows, RowCounts, Study};
use crate::summarize::RowSummaries;

/// Evaluated rows below which every figure comes with a warning.
const FEW_ROWS: u64 = 1000;

/// A word and the sentences behind it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerdictText {
    /// See [`headline`].
    pub headline: String,
    /// Two to six sentences, the most important first; without what is broken, whose finding says it. No control
    /// characters; plain ASCII.
    pub sentences: Vec<String>,
}

/// What is broken, if anything is: it comes before any verdict, which it may make worthless.
pub fn fault(study: &Study) -> Option<&Finding> {
    let first = study.findings.first();
    first.filter(|finding| finding.severity == Severity::Failure)
}

/// Rules that the verdict itself speaks of.
pub fn is_in_verdict(finding: &Finding) -> bool {
    matches!(finding.rule, Rule::Overconfident | Rule::Underconfident | Rule::ExtremeTemperature)
}

/// `OVERCONFIDENT`, `UNDERCONFIDENT`, `CALIBRATED`, `MISSHAPEN` or `UNDETERMINED`; `FAILURE: ` and the rule where
/// something is broken. Whatever names a verdict takes this, in its own case.
pub fn headline(study: &Study) -> String {
    match fault(study) {
        Some(fault) => format!("FAILURE: {}", fault.rule),
        None => study.analysis.fit.verdict.word().to_uppercase(),
    }
}

/// Over- or under-confident, by how much, what to divide by, what that brings, and what to mind.
pub fn verdict(study: &Study) -> VerdictText {
    let analysis = &study.analysis;
    let fault = fault(study);
    let scaling = match (fault.map(|f| void(f.rule)), analysis.fit.temperature) {
        (Some(why), Some(t)) => {
            vec![format!("T = {} was fitted {why}: it is not one to ship.", temperature(t))]
        }
        (Some(ALIEN), None) => {
            vec!["There is no temperature to ship until this is mended.".to_owned()]
        }
        (None, Some(t)) => scaling(study, t),
        (_, None) => no_temperature(analysis.fit.status),
    };
    let left_out = left_out(&study.counts);
    let few = few_rows(&study.counts);
    // What is missing comes first where it is a good part of the file: it may be the whole story.
    let (first, last) =
        if is_mostly_missing(&study.counts) { (left_out, None) } else { (None, left_out) };
    // What is not to be shipped is told before what it would have been.
    let mut middle: Vec<Option<String>> =
        std::iter::once(claim(study)).chain(scaling.into_iter().map(Some)).collect();
    if fault.is_some() {
        middle.rotate_left(1);
    }
    let sentences =
        [study.first.as_ref().map(so_far), first].into_iter().chain(middle).chain([last, few]);
    VerdictText {
        headline: headline(study),
        sentences: sentences.flatten().chain(nothing_else(study)).collect(),
    }
}

/// Then no other reason need be given why there is no temperature.
const ALIEN: &str = "on labels that do not belong to these logits";

/// Why a temperature that was fitted in spite of this is none to go by, as words after "fitted".
fn void(rule: Rule) -> &'static str {
    match rule {
        Rule::RowsMisaligned
        | Rule::LabelsShifted
        | Rule::LabelsPermuted
        | Rule::AntiInformative
        | Rule::ClassOrder => ALIEN,
        Rule::RowsAlike | Rule::Collapsed | Rule::ConstantRows => {
            "on logits that are the same for every row"
        }
        Rule::F16Overflow => "on what an overflow left of the logits",
        _ => "in spite of this",
    }
}

/// Silence of the rules is worth saying where nothing else is to be looked at.
fn nothing_else(study: &Study) -> Option<String> {
    let is_quiet = study.findings.iter().all(|f| f.severity == Severity::Info)
        && study.analysis.fit.verdict != Verdict::Misshapen;
    // Some rule never applies: without any word the rules were not asked.
    let is_diagnosed = !(study.findings.is_empty() && study.skipped.is_empty());
    (is_diagnosed && is_quiet && study.first.is_none())
        .then(|| "No rule found a fault in the file, its labels or its scale.".to_owned())
}

/// What a study of the first rows covers: `first 40,000 of 50,000 rows`.
pub fn covered(first: &FirstRows) -> String {
    let total = counted(first.total, "row");
    let rows = if first.read < first.total {
        format!("first {} of {total}", count(first.read))
    } else {
        format!("all {total}, interpolated")
    };
    match first.every {
        0 | 1 => rows,
        every => format!("{rows}, 1 in {every} of them"),
    }
}

/// Figures of the first rows are no verdict on the file.
fn so_far(first: &FirstRows) -> String {
    let covered = covered(first);
    if first.read < first.total {
        format!("So far: the {covered}. Files may be sorted, so the others may differ.")
    } else {
        format!("So far: {covered}.")
    }
}

/// What the figures after scaling were computed on, as a phrase after "on" or a comma.
pub fn evaluated_on(study: &Study) -> String {
    match study.analysis.evaluated_on {
        EvaluatedOn::InSample => {
            "in sample: on the rows T was fitted on, which flatters".to_string()
        }
        EvaluatedOn::OutOfFold => format!(
            "out of fold: each row scaled by a fit that left it out, {} folds",
            study.analysis.folds.len()
        ),
        EvaluatedOn::Test => {
            let n = study.counts.used;
            let [one, many] = unit(study.info.task);
            let units = if n == 1 { one } else { many };
            format!("on {} test {units} that T was not fitted on", count(n))
        }
    }
}

/// True if one row in ten or more holds no finite logits.
fn is_mostly_missing(counts: &RowCounts) -> bool {
    counts.non_finite * 10 >= counts.read && counts.non_finite > 0
}

/// The same in a table of models.
pub(super) fn word(study: &Study) -> String {
    headline(study).to_lowercase()
}

/// One probability a row against its outcome: nobody says that a score below one half claims the opposite.
fn claim_of_outcomes(reliability: &Reliability) -> Option<String> {
    let (outcome, probability) = overall(reliability)?;
    let gap = probability - outcome;
    let direction = if gap > 0.0 { "too high" } else { "too low" };
    let reading = match points(gap).as_str() {
        "0.0" => "the two agree on average".to_owned(),
        size => format!("{size} points {direction}"),
    };
    Some(format!(
        "The scores claim {} on average, and {} of the outcomes are so: {reading}.",
        percent(probability, 1),
        percent(outcome, 1)
    ))
}

/// Mean confidence against accuracy, and a word more where their order is not that of the verdict.
fn claim(study: &Study) -> Option<String> {
    if study.info.is_one_probability() {
        return claim_of_outcomes(&study.analysis.before.reliability);
    }
    let before = &study.analysis.before.metrics;
    let gap = before.mean_confidence - before.accuracy;
    if !gap.is_finite() {
        return None;
    }
    let size = points(gap);
    let direction = if gap > 0.0 { "too sure" } else { "not sure enough" };
    let reading = match size.as_str() {
        "0.0" => "the two agree on average".to_string(),
        size => format!("{size} points {direction}"),
    };
    let is_test = study.fitted.is_some();
    let claim = format!(
        "{} model claims {} and is right {} of the time: {reading}.",
        if is_test { "On the test rows the" } else { "The" },
        percent(before.mean_confidence, 1),
        percent(before.accuracy, 1)
    );
    let asked = match study.analysis.fit.verdict {
        Verdict::Overconfident if gap < 0.0 => "softer",
        Verdict::Underconfident if gap > 0.0 => "sharper",
        _ => return Some(claim),
    };
    Some(if is_test {
        format!("{claim} The rows that T was fitted on ask for {asked} probabilities.")
    } else {
        format!(
            "{claim} The average hides that its likelihood still asks for {asked} probabilities."
        )
    })
}

fn scaling(study: &Study, t: f64) -> Vec<String> {
    let analysis = &study.analysis;
    let fitted = fitted(study, t);
    let misshapen = (analysis.fit.verdict == Verdict::Misshapen).then(|| misshapen(study));
    let Some(after) = &analysis.after else {
        return std::iter::once(format!("{fitted}.")).chain(misshapen).collect();
    };
    let (before, after) = (&analysis.before.metrics, &after.metrics);
    let effect = effect(before, after, study.info.task);
    let surprise = match analysis.fit.verdict {
        Verdict::Calibrated | Verdict::Misshapen => None,
        _ => surprise(before, after, study.fitted.is_some()),
    };
    std::iter::once(format!("{fitted}: {effect} ({}).", evaluated_on(study)))
        .chain(misshapen)
        .chain(surprise)
        .collect()
}

/// The temperature with the interval that the verdict goes by and the rows it is of, and what dividing by it does.
fn fitted(study: &Study, t: f64) -> String {
    let fit = &study.analysis.fit;
    let what = match study.info.kind {
        Kind::Logits => "the logits",
        Kind::LogProbs => "the log-probabilities",
        Kind::Probs => "the logarithms of the probabilities",
        Kind::Sigmoid => "the log-odds of the probabilities",
    };
    let rows = study.fitted.as_ref().map(|fitted| {
        let rows = counted_units(fitted.used, &study.info);
        format!("of the {rows} it was fitted on")
    });
    let told: Vec<String> =
        fit.verdict_interval.as_ref().map(interval).into_iter().chain(rows).collect();
    let t = if told.is_empty() {
        format!("T = {}", temperature(t))
    } else {
        format!("T = {} ({})", temperature(t), told.join(", "))
    };
    match fit.verdict {
        Verdict::Overconfident => format!("Dividing {what} by {t} softens it"),
        Verdict::Underconfident => format!("Dividing {what} by {t} sharpens it"),
        Verdict::Calibrated => {
            format!("The best {t} cannot be told from 1, so there is little to gain from scaling")
        }
        Verdict::Misshapen => {
            format!("The best {t} cannot be told from 1, and dividing by it mends nothing")
        }
        Verdict::Undetermined if is_of_one_class(study) => {
            format!("All labels are of one class, so the best {t} says nothing about the others")
        }
        Verdict::Undetermined => {
            format!("The best {t} leaves open whether to soften, to sharpen or to leave it")
        }
    }
}

/// True if the rows to fit on or those to judge on have one label.
fn is_of_one_class(study: &Study) -> bool {
    let of = |rows: &RowSummaries| hold_one_class(rows, 0..rows.len());
    of(study.rows()) || study.fitted_rows().is_some_and(of)
}

/// Why a model whose T is 1 is not calibrated.
fn misshapen(study: &Study) -> String {
    let bootstrap = study.analysis.bootstrap.as_ref();
    let floor = bootstrap.map_or_else(String::new, |bootstrap| {
        format!(", {}", percent(bootstrap.before.noise_floor, 2))
    });
    let whose = if study.fitted.is_some() { " of the test rows" } else { "" };
    format!(
        "The ECE{whose} is beyond what a calibrated model of this size would show{floor}: the shape is wrong, and no \
         temperature mends that. Look at the bins."
    )
}

fn interval(interval: &Interval) -> String {
    format!(
        "{} interval {} to {}",
        percent(interval.level, 0),
        temperature(interval.low),
        temperature(interval.high)
    )
}

fn effect(before: &Metrics, after: &Metrics, task: Task) -> String {
    // The claim above reads the predicted class; for two classes ECE reads the positive one.
    let of = match task {
        Task::Binary => " of the positive class",
        Task::Multilabel => " over all labels",
        Task::Multiclass => "",
    };
    format!(
        "ECE{of} from {} to {}, NLL from {} to {} nats",
        percent(before.ece, 2),
        percent(after.ece, 2),
        nats_or_infinity(before.nll),
        nats_or_infinity(after.nll)
    )
}

/// A label of probability 0 makes the NLL infinite, which is a fact and not undefined.
fn nats_or_infinity(nll: f64) -> String {
    if nll.is_infinite() { "infinity".to_string() } else { nats(nll) }
}

/// ECE and NLL can disagree, and on other rows T can fail: said, not hidden.
fn surprise(before: &Metrics, after: &Metrics, is_test: bool) -> Option<String> {
    let nll_falls = after.nll < before.nll;
    let ece_rises = after.ece > before.ece;
    let is_visible = percent(after.ece, 2) != percent(before.ece, 2);
    let nll_rises = after.nll > before.nll && nats(after.nll) != nats(before.nll);
    if nll_falls && ece_rises && is_visible {
        Some(
            "ECE rises although NLL falls: one temperature bends the whole curve, and T is chosen by \
             NLL. Look at the bins before you ship it."
                .to_string(),
        )
    } else if nll_rises {
        let whose = if is_test { "the test" } else { "these" };
        Some(format!("NLL rises on {whose} rows, where scaling by this T does not pay."))
    } else {
        None
    }
}

fn no_temperature(status: FitStatus) -> Vec<String> {
    let mut why = status.explain().to_string();
    if let Some(first) = why.get(..1).map(str::to_uppercase) {
        why.replace_range(..1, &first);
    }
    let advice = match status {
        FitStatus::Converged => "The fit gives no usable number.",
        FitStatus::Separable => {
            "Fit on rows that the model gets wrong now and then: are these its training rows, or too few?"
        }
        FitStatus::WorseThanUniform => {
            "Check that labels and logits belong together: same rows, same class order, labels from 0."
        }
        FitStatus::Flat => {
            "Check the export: does a row hold one value for all classes, or one class alone?"
        }
        FitStatus::Unresolved => "Check the scale of the logits: it is far from that of any model.",
        FitStatus::NoRows => "Check the logits and the label column with `logitscope inspect`.",
    };
    vec![format!("There is no temperature to ship. {why}."), advice.to_string()]
}

fn left_out(counts: &RowCounts) -> Option<String> {
    let non_finite = (counts.non_finite > 0)
        .then(|| format!("{} with a logit that is not finite", counted(counts.non_finite, "row")));
    let ignored = (counts.ignored_label > 0)
        .then(|| format!("{} with an ignored label", counted(counts.ignored_label, "row")));
    let parts: Vec<String> = [non_finite, ignored].into_iter().flatten().collect();
    let total = counts.non_finite + counts.ignored_label;
    let verb = if total == 1 { "is" } else { "are" };
    (!parts.is_empty()).then(|| {
        format!("{} {verb} left out of {}.", parts.join(" and "), counted(counts.read, "row"))
    })
}

fn few_rows(counts: &RowCounts) -> Option<String> {
    (counts.used > 0 && counts.worth < FEW_ROWS).then(|| {
        let verb = if counts.stored == 1 { "is" } else { "are" };
        let weighed = if counts.worth < counts.stored {
            format!(", worth {} by their weights,", count(counts.worth))
        } else {
            String::new()
        };
        format!(
            "{}{weighed} {verb} few: mind the intervals, and that a small ECE is partly chance.",
            counted(counts.stored, "row")
        )
    })
}
