//! The names of the rules, in the order in which findings of equal weight are told.

use std::fmt;

use serde::{Serialize, Serializer};

/// How much a finding matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Look at it before you trust the figures.
    Warning,
    /// Something is broken.
    Failure,
}

impl Severity {
    /// `info`, `warning`, `failure`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A rule of the diagnosis. The order is that of precedence: of two findings of equal weight the one whose
        /// rule stands first is the more likely cause of the other.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Rule {
            $($(#[$doc])* $variant,)*
        }

        impl Rule {
            /// Every rule, in the order of precedence.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name on the command line and in JSON.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

rules! {
    /// Labels that are no class.
    LabelRange = "label_range",
    /// Bytes that are not those that were saved.
    DamagedArchive = "damaged_archive",
    /// Labels of one class only.
    OneClass = "one_class",
    /// Scores at the end of what float16 holds.
    F16Overflow = "f16_overflow",
    /// NaN and infinities.
    NonFinite = "non_finite",
    /// Probabilities instead of logits.
    ProbabilitiesGiven = "probabilities_given",
    /// Rows of one value.
    ConstantRows = "constant_rows",
    /// Rows that were cut or sorted.
    TruncatedRows = "truncated_rows",
    /// Rows that occur more than once.
    DuplicateRows = "duplicate_rows",
    /// Rows that hardly differ.
    RowsAlike = "rows_alike",
    /// Every label on top.
    SuspiciouslyPerfect = "suspiciously_perfect",
    /// Scores that point away from the labels.
    AntiInformative = "anti_informative",
    /// Text labels whose classes were sorted, and whose model has another order.
    ClassOrder = "class_order",
    /// Class numbers that are off by a constant.
    LabelsShifted = "labels_shifted",
    /// Class numbers in another order.
    LabelsPermuted = "labels_permuted",
    /// Logits far too large.
    Exploding = "exploding",
    /// Rows of logits and labels in different orders.
    RowsMisaligned = "rows_misaligned",
    /// Classes that get too much or too little probability.
    ClassBias = "class_bias",
    /// The same distribution for every row.
    Collapsed = "collapsed",
    /// Logits far too small.
    Vanishing = "vanishing",
    /// Predictions of few classes only.
    PredictionsCollapsed = "predictions_collapsed",
    /// Logits that vary in one direction only.
    RankCollapse = "rank_collapse",
    /// Classes that are never predicted.
    DeadClasses = "dead_classes",
    /// Labels below the average of their rows.
    WorseThanUniform = "worse_than_uniform",
    /// No better than the frequencies of the labels.
    WorseThanPrior = "worse_than_prior",
    /// Log-probabilities instead of logits.
    LogProbabilitiesGiven = "log_probabilities_given",
    /// Numbers too coarse for their size.
    LowResolution = "low_resolution",
    /// Rows with several largest scores.
    TiedTop = "tied_top",
    /// Few scores that dwarf all others.
    HeavyTail = "heavy_tail",
    /// A common shift of all logits.
    MeanDrift = "mean_drift",
    /// Logits that press against a ceiling.
    SoftCap = "soft_cap",
    /// A head that starts too large.
    HotStart = "hot_start",
    /// Labels that the model doubts.
    LabelErrors = "label_errors",
    /// T above 1.
    Overconfident = "overconfident",
    /// T below 1.
    Underconfident = "underconfident",
    /// T far from 1.
    ExtremeTemperature = "extreme_temperature",
    /// Rows without any doubt.
    Saturated = "saturated",
    /// T hardly known.
    TemperatureUncertain = "temperature_uncertain",
    /// Groups of rows that want another T.
    OneTemperatureNotEnough = "one_temperature_not_enough",
    /// ECE up while NLL goes down.
    EceDisagrees = "ece_disagrees",
    /// Parts that differ.
    SplitMismatch = "split_mismatch",
    /// Classes that rows do not have.
    MaskedClasses = "masked_classes",
    /// 16-bit numbers in a 32-bit file.
    UpcastStorage = "upcast_storage",
    /// Nothing left to repair.
    BelowNoiseFloor = "below_noise_floor",
    /// Labels whose probability was rounded to 0.
    RoundedProbabilities = "rounded_probabilities",
    /// Too few rows to tell.
    SmallSample = "small_sample",
    /// The step at which logits exploded.
    ExplosionOnset = "explosion_onset",
    /// The step at which the model collapsed.
    CollapseOnset = "collapse_onset",
    /// The step at which numbers broke.
    NonFiniteOnset = "non_finite_onset",
    /// Confidence that outgrew accuracy in training.
    OverconfidenceGrowth = "overconfidence_growth",
    /// log Z that ran away in training.
    LseDrift = "lse_drift",
}

impl Rule {
    /// The rule called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.name() == name)
    }

    /// True for rules on the file itself, which come before all on the model.
    fn is_about_file(self) -> bool {
        matches!(
            self,
            Self::LabelRange
                | Self::DamagedArchive
                | Self::NonFinite
                | Self::F16Overflow
                | Self::ConstantRows
                | Self::TruncatedRows
                | Self::DuplicateRows
                | Self::SuspiciouslyPerfect
        )
    }

    /// True for what changes the meaning of everything that follows.
    fn is_about_reading(self) -> bool {
        matches!(self, Self::ProbabilitiesGiven | Self::LogProbabilitiesGiven)
    }

    /// True for rules whose next step is to scale by a temperature.
    pub(super) fn scales(self) -> bool {
        matches!(
            self,
            Self::Overconfident
                | Self::Underconfident
                | Self::ExtremeTemperature
                | Self::Saturated
                | Self::OneTemperatureNotEnough
                | Self::EceDisagrees
                | Self::OverconfidenceGrowth
        )
    }

    /// The place of a finding among others: smaller comes first.
    pub(super) fn precedence(self, severity: Severity) -> (u8, Self) {
        let block = match severity {
            Severity::Failure => 0,
            Severity::Warning if self.is_about_file() => 1,
            Severity::Info if self.is_about_reading() => 2,
            Severity::Warning => 3,
            Severity::Info => 4,
        };
        (block, self)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_again_and_are_all_different() {
        for rule in Rule::ALL {
            assert_eq!(Rule::named(rule.name()), Some(*rule));
        }
        assert_eq!(Rule::named("no_such_rule"), None);
    }

    #[test]
    fn failures_come_first_and_reading_before_the_model() {
        let order = [
            (Rule::WorseThanUniform, Severity::Failure),
            (Rule::DuplicateRows, Severity::Warning),
            (Rule::ProbabilitiesGiven, Severity::Info),
            (Rule::ClassBias, Severity::Warning),
            (Rule::DuplicateRows, Severity::Info),
        ];
        assert!(order.is_sorted_by_key(|(rule, severity)| rule.precedence(*severity)));
    }
}
