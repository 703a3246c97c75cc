//! Row summaries at a temperature -> reliability diagram, calibration errors, spreads.

mod at;
mod bin;
mod bootstrap;
mod by_bins;
mod calibration_error;
mod classwise;
mod classwise_pass;
mod corp;
mod debiased;
mod diagram;
mod events;
mod false_discovery;
mod family;
mod figures;
mod histogram;
mod hits_test;
mod interval;
mod noise_floor;
mod over_temperatures;
mod paired;
mod parity;
mod ranking;
mod resample;
mod scalars;
mod score_tests;
mod selective;
mod smooth_ece;
mod sorted;
mod spread;
mod tally;

pub use at::RowsAt;
pub use bin::{Bin, Binning, Reliability};
pub use bootstrap::{
    BOOTSTRAP_METHOD, Difference, DrawFigures, FigureColumns, GROUP_BOOTSTRAP_METHOD, Improvement,
    Intervals, LOT_BOOTSTRAP_METHOD, is_in_lots, lots, stretched,
};
pub use by_bins::ece_by_bins;
pub use calibration_error::{ece, mce, rmsce};
pub use classwise::{ClassBin, ClasswiseBins, top_label_ece};
pub use classwise_pass::{ClassCalibration, Classwise, MAX_CLASSWISE, RowTemperature, classwise};
pub use corp::{BandOptions, Corp, CorpBand, CorpStep, corp, corp_band, corp_curve};
pub use debiased::rmsce_debiased;
pub use diagram::{Outcome, equal_mass, equal_width, equal_width_of, reliability};
pub use events::{Events, weighted_mean};
pub use false_discovery::adjusted_p_values;
pub use family::{BIN_COUNTS, Families, Family, FamilyCurves, FamilyOptions, Judged, Ranking};
pub use figures::{Figures, Metrics};
pub use histogram::Histogram;
pub use hits_test::{clustered_hits_p_value, hits_p_value, weighted_hits_p_value};
pub use interval::{normal_quantile, wilson, wilson_share};
pub use noise_floor::{noise_floor, noise_floor_of, redrawn_ece};
pub use over_temperatures::{OverTemperatures, over_temperatures};
pub use paired::{PairedDifferences, paired_differences};
pub use parity::{Parity, ParityFigure, ParityRows, Precision, parity};
pub use ranking::{aurc, auroc, excess_aurc};
pub use resample::{DrawOptions, DrawSums, Resampled};
pub use scalars::{DiagramOptions, figures, metrics};
pub use score_tests::{Spiegelhalter, ks_error, spiegelhalter};
pub use selective::{Kept, Selective, TARGET_RISKS, risk_coverage, selective};
pub use smooth_ece::{smooth_ece, smooth_ece_exact};
pub use sorted::{SortedByConfidence, TieGroup};
pub use spread::{QUANTILE_LEVELS, Quantiles, Spread};
