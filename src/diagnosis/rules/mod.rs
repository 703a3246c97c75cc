//! The rules of one set of rows, a few to a file: each looks at the evidence and says one thing or nothing.

mod classes;
mod labels;
mod reading;
mod scale;
mod storage;
mod temperature;

use super::evidence::Evidence;
use super::finding::Finding;
use super::rule::Rule;

pub(super) use classes::{is_class_bias_failure, n_padded};
pub(super) use reading::is_filled;
pub(super) use storage::damaged_archive;

/// A rule.
pub(super) type Check = fn(&Evidence) -> Option<Finding>;

/// A rule with its name.
pub(super) type Named = (Rule, Check);

/// The rules on the file, which hold whatever the rows say.
pub(super) const ON_THE_FILE: &[Named] = &[
    (Rule::F16Overflow, storage::f16_overflow),
    (Rule::NonFinite, storage::non_finite),
    (Rule::MaskedClasses, storage::masked_classes),
    (Rule::ProbabilitiesGiven, reading::probabilities_given),
    (Rule::ConstantRows, reading::constant_rows),
];

/// All others: silent where most rows are constant.
pub(super) const ON_THE_ROWS: &[Named] = &[
    (Rule::OneClass, labels::one_class),
    (Rule::TruncatedRows, reading::truncated_rows),
    (Rule::DuplicateRows, reading::duplicate_rows),
    (Rule::RowsAlike, classes::rows_alike),
    (Rule::SuspiciouslyPerfect, labels::suspiciously_perfect),
    (Rule::AntiInformative, labels::anti_informative),
    (Rule::ClassOrder, labels::class_order),
    (Rule::LabelsShifted, labels::labels_shifted),
    (Rule::LabelsPermuted, labels::labels_permuted),
    (Rule::Exploding, scale::exploding),
    (Rule::RowsMisaligned, labels::rows_misaligned),
    (Rule::ClassBias, classes::class_bias),
    (Rule::Collapsed, classes::collapsed),
    (Rule::Vanishing, scale::vanishing),
    (Rule::PredictionsCollapsed, classes::predictions_collapsed),
    (Rule::RankCollapse, classes::rank_collapse),
    (Rule::DeadClasses, classes::dead_classes),
    (Rule::WorseThanUniform, labels::worse_than_uniform),
    (Rule::WorseThanPrior, labels::worse_than_prior),
    (Rule::LogProbabilitiesGiven, reading::log_probabilities_given),
    (Rule::LowResolution, storage::low_resolution),
    (Rule::TiedTop, reading::tied_top),
    (Rule::HeavyTail, scale::heavy_tail),
    (Rule::MeanDrift, scale::mean_drift),
    (Rule::SoftCap, scale::soft_cap),
    (Rule::HotStart, scale::hot_start),
    (Rule::LabelErrors, labels::label_errors),
    (Rule::Overconfident, temperature::overconfident),
    (Rule::Underconfident, temperature::underconfident),
    (Rule::ExtremeTemperature, temperature::extreme_temperature),
    (Rule::Saturated, scale::saturated),
    (Rule::TemperatureUncertain, temperature::temperature_uncertain),
    (Rule::OneTemperatureNotEnough, temperature::one_temperature_not_enough),
    (Rule::EceDisagrees, temperature::ece_disagrees),
    (Rule::UpcastStorage, storage::upcast_storage),
    (Rule::BelowNoiseFloor, temperature::below_noise_floor),
    (Rule::RoundedProbabilities, reading::rounded_probabilities),
    (Rule::SmallSample, temperature::small_sample),
];

/// All of them.
pub(super) fn all() -> impl Iterator<Item = Named> {
    ON_THE_FILE.iter().chain(ON_THE_ROWS).copied()
}
