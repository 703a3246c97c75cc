//! Everything the rules look at, worked out once.

mod alignment;
mod association;
mod scale;
mod temperature;

use crate::analysis::{Analysis, EvaluatedOn};
use crate::data::{ClassNames, FileRows, Kind, SourceInfo, short_name};
use crate::fit::TemperatureFit;
use crate::metrics::{Outcome, RowsAt};
use crate::summarize::{Broken, RowSummaries};

pub(super) use alignment::{Mapping, MappingKind};
pub(super) use association::{Association, ClassShare, Doubtful};
pub(super) use scale::{Scale, Width};
pub(super) use temperature::{AtTemperature, Group, GroupKind, Resampled, noise_floor, paired_z};

use super::thresholds as limit;

/// What is diagnosed.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// What was understood of the file.
    pub info: &'a SourceInfo,
    /// The rows.
    pub rows: &'a RowSummaries,
    /// The temperature, which may have been fitted on other rows.
    pub fit: &'a TemperatureFit,
    /// The figures of these rows, where they were made.
    pub analysis: Option<&'a Analysis>,
    /// Carried columns by whose values rows are looked at apart, beside the one whose rows belong together.
    pub slices: &'a [String],
}

/// The numbers of one set of rows. What is `None` could not be worked out; rules that need it say nothing.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    pub(super) kind: Kind,
    /// As [`crate::data::Recorded::is_rounded`].
    pub(super) is_rounded: bool,
    pub(super) n_classes: usize,
    pub(super) n_rows: usize,
    /// Rows for each stored one: above 1 where these are the labels of multi-label data.
    pub(super) n_entries: usize,
    /// Which rows of the file the stored ones are.
    file_rows: FileRows,
    /// As many rows of the file as say so much: of multi-label data the stored ones, and fewer where weights differ.
    pub(super) n_effective: f64,
    pub(super) names: Option<ClassNames>,
    /// The step of a series, if the file says so.
    pub(super) step: Option<u64>,
    /// Width of the stored numbers, by the file or recognised by the numbers.
    pub(super) width: Width,
    /// True if the file stores a wider type than `width`.
    pub(super) is_upcast: bool,
    /// Members of the archive whose checksums do not match.
    pub(super) damaged: Option<String>,
    pub(super) n_non_finite: u64,
    /// Where the non-finite scores are, if the logits were at hand.
    pub(super) broken: Option<Broken>,
    pub(super) scale: Scale,
    /// The class of all labels, where they hold one.
    pub(super) one_class: Option<u32>,
    pub(super) association: Option<Association>,
    pub(super) mapping: Option<Mapping>,
    /// Accuracy of the scores times -1, where they agree with the labels better than any map of the predictions.
    pub(super) inverted: Option<f64>,
    pub(super) fit: TemperatureFit,
    /// True if the temperature was fitted on other rows.
    pub(super) is_judged_apart: bool,
    /// Mean confidence, accuracy and NLL at T = 1.
    pub(super) confidence: f64,
    pub(super) accuracy: f64,
    pub(super) nll: f64,
    /// Mean confidence minus accuracy where rows count as their weights say, as the temperature is fitted; `None` where
    /// all count the same.
    pub(super) weighted_gap: Option<f64>,
    /// Mean slope of the NLL at b = 0, in standard errors; positive where labels score below the average.
    pub(super) slope_at_zero: f64,
    /// What depends on T; `None` without one.
    pub(super) at: Option<AtTemperature>,
    /// What confident learning counts as wrongly labelled.
    pub(super) doubtful: Doubtful,
    /// ECE before and after scaling, held out, with their floors and resamples.
    pub(super) ece: Option<HeldOut>,
}

/// Calibration errors of rows that T was not fitted on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct HeldOut {
    pub(super) nll_before: f64,
    pub(super) nll_after: f64,
    pub(super) before: f64,
    pub(super) after: f64,
    pub(super) floor_after: f64,
    pub(super) resampled: Resampled,
}

impl Evidence {
    pub(super) fn of(subject: &Subject<'_>) -> Self {
        let Subject { info, rows, fit, .. } = *subject;
        let at_one = RowsAt::new(rows, 1.0);
        let scale = Scale::of(rows, info, &at_one);
        let association = rows
            .gathered()
            .filter(|_| !rows.is_empty())
            .map(|gathered| Association::of(rows, gathered));
        let confidence = crate::numerics::mean(&at_one.confidence);
        let found = association.as_ref();
        let found = found.map(|a| alignment::found(rows, a, confidence));
        let (mapping, inverted) = found.unwrap_or_default();
        let at =
            fit.inverse_temperature.map(|b| AtTemperature::of(rows, b, &at_one, subject.slices));
        let doubtful = association.as_ref();
        let doubtful = doubtful.map(|a| association::doubtful(rows, a, &at_one));
        let (width, is_upcast) = scale::width(rows, info);
        Self {
            kind: info.kind,
            is_rounded: rows.recorded().is_rounded,
            n_classes: info.n_classes,
            n_rows: rows.len(),
            n_entries: rows.n_entries(),
            file_rows: rows.file_rows().clone(),
            n_effective: rows.n_effective(),
            names: info.class_names.clone(),
            step: info.step().and_then(|step| step.parse().ok()),
            width,
            is_upcast,
            damaged: info.damaged().map(str::to_owned),
            n_non_finite: rows.left_out().non_finite,
            broken: known_broken(rows),
            scale,
            one_class: one_class(rows),
            association,
            mapping,
            inverted,
            fit: fit.clone(),
            is_judged_apart: subject
                .analysis
                .is_some_and(|analysis| analysis.evaluated_on == EvaluatedOn::Test),
            confidence,
            accuracy: accuracy(&at_one),
            nll: known_nll(&at_one),
            weighted_gap: rows.weights().map(|weights| weighted_gap(&at_one, &weights)),
            slope_at_zero: temperature::slope_at_zero(rows),
            at,
            doubtful: doubtful.unwrap_or_default(),
            ece: subject.analysis.and_then(|analysis| held_out(rows, analysis)),
        }
    }

    /// True if the logits know enough of the labels for these to be held against them: they claim so at T = 1, or their
    /// order proves it, however small they are.
    pub(super) fn may_judge_order(&self) -> bool {
        let claims = self.association.as_ref();
        let claims = claims.is_some_and(|a| a.claim > limit::CLAIM);
        claims || self.mapping.is_some() || self.inverted.is_some()
    }

    /// `row 50 (from 0)` for a row of the source, by its number in the file; of multi-label data with the label.
    pub(super) fn row(&self, row: u64) -> String {
        let row = usize::try_from(row).unwrap_or(usize::MAX);
        let number = self.file_rows.number(row / self.n_entries);
        if self.n_entries > 1 {
            format!("row {number} (from 0), label {}", row % self.n_entries)
        } else {
            format!("row {number} (from 0)")
        }
    }

    /// The name of a class, printable.
    pub(super) fn class(&self, idx: usize) -> String {
        match &self.names {
            Some(names) => short_name(&names.get(idx)),
            None => idx.to_string(),
        }
    }

    /// True if every row has nearly the same scores: differences are then round-off, and no test on them holds.
    pub(super) fn are_rows_alike(&self) -> bool {
        self.association.as_ref().is_some_and(Association::are_rows_alike)
    }

    /// True if labels and scores belong together beyond chance. Without sums for each class that is known of rows whose
    /// NLL at the best temperature is far below that of the label frequencies, which no scores reach that say nothing
    /// about their own row.
    pub(super) fn has_signal(&self) -> bool {
        match (&self.association, &self.at) {
            (Some(a), _) => {
                !self.are_rows_alike() && (a.t_c >= limit::SIGNAL || a.t_p >= limit::SIGNAL)
            }
            (None, Some(at)) => at.over_prior <= -limit::SIGNAL,
            (None, None) => false,
        }
    }

    /// True if the median margin alone says that the scale is beyond float32.
    pub(super) fn has_exploded(&self) -> bool {
        !self.kind.is_probabilities() && self.scale.median_margin > limit::MARGIN_ONE
    }

    /// True if there is no temperature, or scaling by it does not beat the frequencies of the labels.
    pub(super) fn is_useless(&self) -> bool {
        match &self.at {
            None => true,
            Some(at) => at.over_prior > -limit::USELESS,
        }
    }

    /// The two-sided 95 % interval of T.
    pub(super) fn t_interval(&self) -> Option<[f64; 2]> {
        let (t, error) = self.fit.temperature.zip(self.fit.standard_error)?;
        let factor = (crate::metrics::normal_quantile(0.95) * error / t).exp();
        Some([t / factor, t * factor])
    }
}

/// Of the rows as they are, whatever they count.
fn accuracy(at_one: &RowsAt) -> f64 {
    if at_one.expected.is_empty() {
        let n_right = at_one.correct.iter().filter(|c| **c).count();
        share(n_right, at_one.correct.len())
    } else {
        crate::numerics::mean(&at_one.expected)
    }
}

/// Mean NLL of the rows as they are where it is known, see [`RowsAt::knows`].
fn known_nll(at_one: &RowsAt) -> f64 {
    let known = (0..at_one.nll.len()).filter(|idx| at_one.knows(*idx));
    crate::numerics::mean(&known.map(|idx| at_one.nll[idx]).collect::<Vec<f64>>())
}

fn weighted_gap(at_one: &RowsAt, weights: &[f64]) -> f64 {
    let events = Outcome::TopClass.events(at_one);
    let gap = |idx: usize| weights[idx] * (events.probability[idx] - events.outcome(idx));
    let gaps: Vec<f64> = (0..events.len()).map(gap).collect();
    crate::numerics::pairwise_sum(&gaps) / crate::numerics::pairwise_sum(weights)
}

/// The class that all labels are.
fn one_class(rows: &RowSummaries) -> Option<u32> {
    let label = |idx: usize| rows.row(idx).label();
    let first = (!rows.is_empty()).then(|| label(0))?;
    (1..rows.len()).all(|idx| label(idx) == first).then_some(first)
}

pub(super) fn share(n: usize, of: usize) -> f64 {
    n as f64 / of as f64
}

/// The broken rows, if all rows that were left out for their scores were looked at.
fn known_broken(rows: &RowSummaries) -> Option<Broken> {
    let broken = &rows.gathered()?.broken;
    (broken.n_rows == rows.left_out().non_finite).then(|| broken.clone())
}

fn held_out(rows: &RowSummaries, analysis: &Analysis) -> Option<HeldOut> {
    if analysis.evaluated_on == EvaluatedOn::InSample {
        return None;
    }
    let after = analysis.after.as_ref()?;
    let b = analysis.fit.inverse_temperature?;
    let (before, after) = (&analysis.before.metrics, &after.metrics);
    let floor = |bins: &crate::metrics::Reliability| temperature::noise_floor(&bins.bins);
    let rises = after.ece > before.ece && after.nll < before.nll;
    Some(HeldOut {
        nll_before: before.nll,
        nll_after: after.nll,
        before: before.ece,
        after: after.ece,
        floor_after: analysis.reliability_after.as_ref().map_or(f64::NAN, floor),
        // Resampling is worth its time only where the two disagree.
        resampled: if rises { temperature::resample(rows, b) } else { Resampled::default() },
    })
}
