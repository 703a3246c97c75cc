//! The measures beyond the quick ones: what a report says besides, and a slider does not pay for.

use serde::Serialize;

use super::{
    BandOptions, Binning, Classwise, Corp, CorpBand, CorpStep, Outcome, RowsAt, Selective,
    SortedByConfidence, Spiegelhalter, TARGET_RISKS, aurc, auroc, corp, corp_band, corp_curve,
    ece_by_bins, excess_aurc, ks_error, reliability, rmsce_debiased, selective, smooth_ece,
    smooth_ece_exact, spiegelhalter, top_label_ece,
};
use crate::summarize::RowSummaries;

/// Numbers of bins at which the ECE is shown against them.
pub const BIN_COUNTS: std::ops::RangeInclusive<usize> = 5..=100;

/// Draws of the consistency band, and points at which it is given.
const BAND_DRAWS: usize = 100;
const BAND_POINTS: usize = 101;

/// Scalars of one set of rows at one temperature, with the names of the report's keys. Undefined ones are NaN
/// (JSON: null).
///
/// Of the headline's reading, which for two classes is the positive class, except where a name says
/// otherwise: `top_label_ece`, `aurc` and `excess_aurc` are always about the confidence of the prediction.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Family {
    /// See [`rmsce_debiased`].
    pub rmsce_debiased: f64,
    /// See [`super::ClasswiseBins::classwise_ece`]; `None` without a pass over all probabilities.
    pub classwise_ece: Option<f64>,
    /// See [`smooth_ece()`].
    pub smooth_ece: f64,
    /// See [`smooth_ece_exact`].
    pub smooth_ece_exact: f64,
    /// See [`ks_error`].
    pub ks: f64,
    /// See [`top_label_ece`].
    pub top_label_ece: f64,
    /// See [`corp()`].
    pub corp: Corp,
    /// See [`spiegelhalter`].
    pub spiegelhalter: Spiegelhalter,
    /// See [`auroc`]: of the confidence for being right, for two classes of the positive class. Where the figures after
    /// scaling are out of fold, the order after it is that of the temperature of all rows; so it is for AURC.
    pub auroc: f64,
    /// Two classes only: of the confidence for being right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auroc_top_class: Option<f64>,
    /// See [`aurc`].
    pub aurc: f64,
    /// See [`excess_aurc`].
    pub excess_aurc: f64,
}

/// The reliability curve without bins, and what the bins do to the ECE.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct FamilyCurves {
    /// Steps of the CORP curve.
    pub corp: Vec<CorpStep>,
    /// Where it would lie for a calibrated model.
    pub band: CorpBand,
    /// ECE at every number of bins in [`BIN_COUNTS`].
    pub ece_by_bins: Vec<f64>,
}

/// Rows and their probabilities at a temperature.
pub type Judged<'a> = (&'a RowSummaries, &'a RowsAt);

/// What the measures are asked with.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FamilyOptions {
    /// Bins of those that have bins, at least 1.
    pub n_bins: usize,
    /// Level of bounds and of the band, such as 0.95.
    pub level: f64,
    /// Seed of the band.
    pub seed: u64,
}

/// All of it for a report.
#[derive(Clone, PartialEq, Debug)]
pub struct Families {
    /// Level of its bounds and bands, such as 0.95.
    pub level: f64,
    /// The evaluated rows at T = 1.
    pub before: Family,
    /// The same after scaling; `None` without a temperature.
    pub after: Option<Family>,
    /// The rows of the fit at its temperature.
    pub in_sample_after: Option<Family>,
    /// Curves of the evaluated rows at T = 1.
    pub curves_before: FamilyCurves,
    /// The same after scaling.
    pub curves_after: Option<FamilyCurves>,
    /// Selective prediction with the evaluated rows' confidence after scaling, or at T = 1 without a
    /// temperature; none where rows have weights.
    pub selective: Vec<Selective>,
    /// Calibration class by class, which takes a pass over all probabilities; `None` without one.
    pub classwise: Option<Classwise>,
}

impl Families {
    /// The measures of the evaluated rows `before` and `after` scaling, and of the fitted rows
    /// `in_sample` after it.
    pub fn new(
        before: Judged<'_>,
        after: Option<Judged<'_>>,
        in_sample: Option<Judged<'_>>,
        options: FamilyOptions,
    ) -> Self {
        let judged = |judged: Judged<'_>| {
            let orders = Orders::new(judged.1);
            let family = Family::new(judged, &orders, options.n_bins);
            (orders, family)
        };
        let (before, (after, in_sample)) = rayon::join(
            || judged(before),
            || rayon::join(|| after.map(judged), || in_sample.map(judged)),
        );
        let of_after = after.as_ref().map(|(orders, _)| orders);
        let curves = |orders: &Orders| FamilyCurves::new(&orders.headline, options);
        let confidence = of_after.unwrap_or(&before.0).confidence();
        Self {
            level: options.level,
            selective: selective(confidence, &TARGET_RISKS, options.level),
            curves_before: curves(&before.0),
            curves_after: of_after.map(curves),
            before: before.1,
            after: after.map(|(_, family)| family),
            classwise: None,
            in_sample_after: in_sample.map(|(_, family)| family),
        }
    }
}

/// AUROC and AURC, which go by the order of rows alone.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Ranking {
    auroc: f64,
    auroc_top_class: Option<f64>,
    aurc: f64,
    excess_aurc: f64,
}

impl Ranking {
    /// Of rows at one temperature.
    pub fn of(at: &RowsAt) -> Self {
        Self::of_orders(&Orders::new(at))
    }

    fn of_orders(orders: &Orders) -> Self {
        let confidence = orders.confidence();
        Self {
            auroc: auroc(&orders.headline),
            auroc_top_class: orders.top_class.as_ref().map(auroc),
            aurc: aurc(confidence),
            excess_aurc: excess_aurc(confidence),
        }
    }
}

impl Family {
    /// The same with AUROC and AURC of another order, that of the one temperature of all rows. Rows judged by the
    /// temperatures of several folds have no order in common: pooled, they lose what no temperature can change (of two
    /// classes the AUROC, always).
    pub fn rank_by(&mut self, ranking: Ranking) {
        self.auroc = ranking.auroc;
        self.auroc_top_class = ranking.auroc_top_class;
        self.aurc = ranking.aurc;
        self.excess_aurc = ranking.excess_aurc;
    }

    /// AUROC and AURC.
    pub fn ranking(&self) -> Ranking {
        Ranking {
            auroc: self.auroc,
            auroc_top_class: self.auroc_top_class,
            aurc: self.aurc,
            excess_aurc: self.excess_aurc,
        }
    }
}

/// The rows of one set in order of what each reading sorts by.
struct Orders {
    headline: SortedByConfidence,
    /// Two classes only, where the headline is another probability.
    top_class: Option<SortedByConfidence>,
}

impl Orders {
    fn new(at: &RowsAt) -> Self {
        let sorted = |outcome: Outcome| SortedByConfidence::of(&outcome.events(at));
        let is_binary = !at.positive.is_empty();
        Self {
            headline: sorted(if is_binary { Outcome::Positive } else { Outcome::TopClass }),
            top_class: is_binary.then(|| sorted(Outcome::TopClass)),
        }
    }

    fn confidence(&self) -> &SortedByConfidence {
        self.top_class.as_ref().unwrap_or(&self.headline)
    }
}

impl Family {
    fn new((rows, at): Judged<'_>, orders: &Orders, n_bins: usize) -> Self {
        let headline = &orders.headline;
        let ranking = Ranking::of_orders(orders);
        let outcome = Outcome::headline(rows.n_classes());
        let bins = reliability(at, outcome, Binning::Width, n_bins).bins;
        let top_class = Outcome::TopClass.events(at);
        let prediction: Vec<u32> = (0..rows.len()).map(|i| rows.row(i).prediction()).collect();
        Self {
            rmsce_debiased: rmsce_debiased(&bins),
            classwise_ece: None,
            smooth_ece: smooth_ece(headline),
            smooth_ece_exact: smooth_ece_exact(headline),
            ks: ks_error(headline),
            top_label_ece: top_label_ece(&prediction, &top_class, n_bins),
            corp: corp(headline),
            spiegelhalter: spiegelhalter(headline),
            auroc: ranking.auroc,
            auroc_top_class: ranking.auroc_top_class,
            aurc: ranking.aurc,
            excess_aurc: ranking.excess_aurc,
        }
    }
}

impl FamilyCurves {
    fn new(rows: &SortedByConfidence, options: FamilyOptions) -> Self {
        let band = BandOptions {
            n_draws: BAND_DRAWS,
            level: options.level,
            n_points: BAND_POINTS,
            seed: options.seed,
        };
        Self {
            corp: corp_curve(rows),
            band: corp_band(rows, &band),
            ece_by_bins: ece_by_bins(rows, BIN_COUNTS),
        }
    }
}
