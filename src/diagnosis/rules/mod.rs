//! The rules of one set of rows, a few to a file: each looks at the evidence and says one thing or nothing.

mod classes;
mod labels;
mod reading;
mod scale;
mod storage;
mod temperature;

use super::evidence::Evidence;
use super::finding::Finding;

pub(super) use classes::is_class_bias_failure;

/// A rule.
type Check = fn(&Evidence) -> Option<Finding>;

/// The rules on the file, which hold whatever the rows say.
pub(super) const ON_THE_FILE: &[Check] = &[
    storage::f16_overflow,
    storage::non_finite,
    reading::probabilities_given,
    reading::constant_rows,
];

/// All others: silent where most rows are constant.
pub(super) const ON_THE_ROWS: &[Check] = &[
    reading::truncated_rows,
    reading::duplicate_rows,
    classes::rows_alike,
    labels::suspiciously_perfect,
    labels::labels_shifted,
    labels::labels_permuted,
    scale::exploding,
    labels::rows_misaligned,
    classes::class_bias,
    classes::collapsed,
    labels::anti_informative,
    scale::vanishing,
    classes::predictions_collapsed,
    classes::rank_collapse,
    classes::dead_classes,
    labels::worse_than_uniform,
    labels::worse_than_prior,
    reading::log_probabilities_given,
    storage::low_resolution,
    reading::tied_top,
    scale::heavy_tail,
    scale::mean_drift,
    scale::soft_cap,
    scale::hot_start,
    labels::label_errors,
    temperature::overconfident,
    temperature::underconfident,
    temperature::extreme_temperature,
    scale::saturated,
    temperature::temperature_uncertain,
    temperature::one_temperature_not_enough,
    temperature::ece_disagrees,
    storage::upcast_storage,
    temperature::below_noise_floor,
    temperature::small_sample,
];
