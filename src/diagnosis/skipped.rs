//! Rules that could not be asked, and why: silence must not be read as a pass where the input is missing.

use serde::Serialize;

use super::evidence::{Evidence, Width};
use super::finding::Finding;
use super::rule::Rule;
use super::rules;
use super::thresholds as at;
use crate::data::{ClassNames, Kind};

/// A rule that does not apply to these rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Skipped {
    /// The rule.
    pub rule: Rule,
    /// What it lacks.
    pub reason: &'static str,
}

/// What all rules said of one set of rows.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Diagnosis {
    /// What was found, the probable cause first.
    pub findings: Vec<Finding>,
    /// What does not apply, in the order of [`Rule`].
    pub skipped: Vec<Skipped>,
}

/// The rules on one set of rows that were asked and found nothing, in the order of [`Rule`]. None if no rule was asked
/// at all, as in a study of first rows.
pub fn passed(findings: &[Finding], skipped: &[Skipped]) -> Vec<Rule> {
    if findings.is_empty() && skipped.is_empty() {
        return Vec::new();
    }
    let mut asked: Vec<Rule> = rules::all().map(|(rule, _)| rule).collect();
    asked.retain(|rule| {
        findings.iter().all(|finding| finding.rule != *rule)
            && skipped.iter().all(|skipped| skipped.rule != *rule)
    });
    asked.sort_unstable();
    asked
}

const NO_SUMS: &str = "the file holds no sums for each class of these rows";
const NO_CUTS: &str = "the file does not say of these rows which scores equal the smallest";
const NO_SUMS_NOR_SIGNAL: &str = "without sums for each class only an NLL far below that of the label frequencies shows that labels and logits belong together";
const NO_T: &str = "there is no temperature";
const NO_SIGNAL: &str = "labels and logits do not belong together";
const FEW_CLASSES: &str = "there are fewer than 10 classes";
const ONE_CLASS: &str = "the labels hold one class";
const ROUNDED: &str = "probabilities that were rounded are often alike, or 0 or 1";
const NO_LOGITS: &str = "probabilities have lost the size of the logits";

/// Why `rule` has nothing to say about these rows, if it has not.
pub(super) fn why_not(rule: Rule, e: &Evidence) -> Option<&'static str> {
    let needs_no_row = [Rule::F16Overflow, Rule::NonFinite, Rule::ProbabilitiesGiven];
    if e.n_rows == 0 && !needs_no_row.contains(&rule) {
        return Some("there is no usable row");
    }
    if e.one_class.is_some() && compares_classes(rule) {
        return Some(ONE_CLASS);
    }
    match rule {
        Rule::F16Overflow | Rule::LowResolution | Rule::UpcastStorage => of_numbers(rule, e),
        Rule::TruncatedRows | Rule::DuplicateRows | Rule::Exploding => of_rows(rule, e),
        Rule::TiedTop | Rule::Saturated => e.is_rounded.then_some(ROUNDED),
        Rule::RoundedProbabilities if !e.kind.is_probabilities() => {
            Some("the numbers are no probabilities")
        }
        Rule::HeavyTail | Rule::MeanDrift | Rule::SoftCap | Rule::HotStart => of_scale(rule, e),
        Rule::RowsAlike
        | Rule::Collapsed
        | Rule::ClassBias
        | Rule::PredictionsCollapsed
        | Rule::DeadClasses
        | Rule::RankCollapse
        | Rule::LabelErrors => of_classes(rule, e),
        Rule::ClassOrder
        | Rule::LabelsShifted
        | Rule::LabelsPermuted
        | Rule::RowsMisaligned
        | Rule::AntiInformative => of_order(rule, e),
        Rule::Vanishing
        | Rule::Overconfident
        | Rule::Underconfident
        | Rule::ExtremeTemperature
        | Rule::TemperatureUncertain
        | Rule::OneTemperatureNotEnough
        | Rule::SmallSample
        | Rule::BelowNoiseFloor
        | Rule::EceDisagrees
        | Rule::WorseThanPrior => of_temperature(rule, e),
        _ => None,
    }
}

/// True for what says nothing where all labels are of one class, whose probability is all that is known.
fn compares_classes(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::SuspiciouslyPerfect
            | Rule::AntiInformative
            | Rule::ClassOrder
            | Rule::LabelsShifted
            | Rule::LabelsPermuted
            | Rule::RowsMisaligned
            | Rule::ClassBias
            | Rule::Collapsed
            | Rule::Vanishing
            | Rule::PredictionsCollapsed
            | Rule::RankCollapse
            | Rule::DeadClasses
            | Rule::WorseThanUniform
            | Rule::WorseThanPrior
            | Rule::LabelErrors
            | Rule::HeavyTail
            | Rule::Overconfident
            | Rule::Underconfident
            | Rule::ExtremeTemperature
            | Rule::TemperatureUncertain
            | Rule::OneTemperatureNotEnough
            | Rule::EceDisagrees
            | Rule::BelowNoiseFloor
            | Rule::SmallSample
    )
}

fn of_numbers(rule: Rule, e: &Evidence) -> Option<&'static str> {
    let is_16_bit = matches!(e.width, Width::Bf16 | Width::F16);
    match rule {
        Rule::UpcastStorage if e.width == Width::F64 => Some("the file holds no float32"),
        Rule::UpcastStorage if is_16_bit && !e.is_upcast => {
            Some("the file says that it has 16 bits")
        }
        Rule::UpcastStorage => e.association.is_none().then_some(NO_SUMS),
        _ if e.kind.is_probabilities() => Some(NO_LOGITS),
        Rule::F16Overflow => (e.width != Width::F16).then_some("the numbers are no float16"),
        _ => (!is_16_bit).then_some("the numbers have 32 bits or more"),
    }
}

fn of_rows(rule: Rule, e: &Evidence) -> Option<&'static str> {
    match rule {
        Rule::DuplicateRows if e.is_rounded => Some(ROUNDED),
        Rule::DuplicateRows if e.n_entries > 1 => {
            Some("a row is one score, which repeats by nature")
        }
        Rule::DuplicateRows if e.association.is_none() && e.scale.repeats.is_none() => {
            Some("the file holds no hashes of these rows")
        }
        Rule::DuplicateRows => {
            (e.scale.repeats.is_none()).then_some("rows of fewer than 32 bits repeat by chance")
        }
        _ if e.kind.is_probabilities() => Some(NO_LOGITS),
        Rule::TruncatedRows => few_classes(e).or_else(|| {
            let is_known = e.scale.cut.is_some() || rules::is_filled(e);
            (!is_known).then_some(NO_CUTS)
        }),
        _ => None,
    }
}

fn few_classes(e: &Evidence) -> Option<&'static str> {
    ((e.n_classes as f64) < at::MIN_CUT_CLASSES).then_some(FEW_CLASSES)
}

fn of_scale(rule: Rule, e: &Evidence) -> Option<&'static str> {
    match rule {
        Rule::HotStart => (e.step != Some(0)).then_some("this is not step 0 of a run"),
        _ if e.kind != Kind::Logits => Some(NO_LOGITS),
        Rule::HeavyTail => few_classes(e),
        _ => (e.n_classes <= 2).then_some("there are two classes only"),
    }
}

fn of_classes(rule: Rule, e: &Evidence) -> Option<&'static str> {
    let no_signal = || (!e.has_signal()).then_some(NO_SIGNAL);
    match rule {
        _ if e.association.is_none() => Some(NO_SUMS),
        Rule::LabelErrors if e.accuracy <= at::NOISE_ACCURACY => {
            Some("a model that is wrong in half of the rows cannot judge labels")
        }
        Rule::LabelErrors => no_signal(),
        Rule::RankCollapse => few_classes(e).or_else(no_signal),
        Rule::ClassBias => e.are_rows_alike().then_some("all rows are alike"),
        _ => None,
    }
}

fn of_order(rule: Rule, e: &Evidence) -> Option<&'static str> {
    if e.association.is_none() {
        return Some(NO_SUMS);
    }
    if e.are_rows_alike() {
        return Some("all rows are alike");
    }
    if e.has_exploded() {
        return Some("exploded logits make every order look wrong");
    }
    if !e.may_judge_order() {
        return Some("the logits claim too little about the labels to be held against them");
    }
    let are_sorted = e.names.as_ref().is_some_and(ClassNames::are_sorted_by_us);
    match rule {
        Rule::AntiInformative if e.n_classes == 2 => Some("of two classes labels_shifted speaks"),
        Rule::ClassOrder if !are_sorted => Some("the order of the classes is known"),
        _ => None,
    }
}

fn of_temperature(rule: Rule, e: &Evidence) -> Option<&'static str> {
    let is_held_out = e.ece.is_some();
    match rule {
        Rule::EceDisagrees => (!is_held_out).then_some("the temperature was fitted on these rows"),
        Rule::WorseThanPrior => e.at.is_none().then_some(NO_T),
        _ if e.fit.temperature.is_none() => Some(NO_T),
        Rule::Vanishing | Rule::OneTemperatureNotEnough if e.association.is_none() => Some(NO_SUMS),
        _ if e.association.is_none() && !e.has_signal() => Some(NO_SUMS_NOR_SIGNAL),
        _ if e.mapping.is_some() || !e.has_signal() => Some(NO_SIGNAL),
        Rule::BelowNoiseFloor => {
            (!is_held_out).then_some("the temperature was fitted on these rows")
        }
        _ => None,
    }
}
