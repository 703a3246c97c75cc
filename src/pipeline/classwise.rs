//! The pass for what needs every probability of a row: calibration class by class.

use std::sync::atomic::Ordering;
use std::time::Instant;

use crate::analysis::{Analysis, AnalysisOptions, JudgedAt};
use crate::data::SourceError;
use crate::metrics::{
    Classwise, ClasswiseBins, Families, MAX_CLASSWISE, RowTemperature, classwise,
};
use crate::summarize::Scores;

use super::passes::{Part, Passed};
use super::{Audience, StudyProgress, Timing};

/// Adds the classwise figures to the families of measures, if these are asked for and the logits are at hand.
/// One more pass over the evaluated rows for both temperatures, each row at that of its fold; and one over the
/// fitted rows if they are others.
pub(super) fn add(
    analysis: &mut Analysis,
    passed: &Passed,
    options: &AnalysisOptions,
    (audience, timing): (&mut dyn Audience, &mut Timing),
) -> Result<(), SourceError> {
    let judged = passed.test.as_ref().unwrap_or(&passed.fit);
    if analysis.families.is_none() || judged.rows.n_classes() > MAX_CLASSWISE {
        return Ok(());
    }
    let start = Instant::now();
    let at = JudgedAt::new(&judged.rows, analysis, options);
    let in_sample = analysis.fit.inverse_temperature;
    let at_one: RowTemperature<'_> = &|_| 1.0;
    let after = at.as_ref().map(|at| |idx: usize| at.inverse_temperature(idx));
    let fitted = in_sample.map(|b| move |_: usize| b);
    let mut sides = vec![at_one];
    sides.extend(after.as_ref().map(|of| of as RowTemperature<'_>));
    let of_fitted = fitted.as_ref().map(|of| of as RowTemperature<'_>);
    if passed.test.is_none() {
        sides.extend(of_fitted);
    }
    let mut bins = pass(judged, &sides, options, audience)?;
    if !bins.is_empty()
        && passed.test.is_some()
        && let Some(of) = of_fitted
    {
        bins.extend(pass(&passed.fit, &[of], options, audience)?);
    }
    if let Some(families) = &mut analysis.families {
        enter(families, &bins);
    }
    timing.families += start.elapsed().as_secs_f64();
    Ok(())
}

/// The bins of every class at each of `sides`; none without the logits.
fn pass(
    part: &Part,
    sides: &[RowTemperature<'_>],
    options: &AnalysisOptions,
    audience: &mut dyn Audience,
) -> Result<Vec<ClasswiseBins>, SourceError> {
    // Of soft labels of many classes the distributions are not kept.
    let is_known = part.rows.soft().is_none() || part.rows.keeps_scores();
    let scores = Scores::new(&part.rows, part.source.as_deref());
    let Some(scores) = scores.filter(|_| is_known) else {
        return Ok(Vec::new());
    };
    // Progress is told of rows that are read, not of kept ones.
    let stop = audience.stop();
    let total = if part.rows.keeps_scores() { 0 } else { part.rows.len() as u64 };
    classwise(scores, sides, options.n_bins, &mut |done| {
        let at = StudyProgress { phase: "classwise figures", done: done.min(total), total };
        audience.progress(at) && !stop.load(Ordering::Relaxed)
    })
}

/// `bins` are of T = 1, after scaling and in sample, as far as they exist.
fn enter(families: &mut Families, bins: &[ClasswiseBins]) {
    let ece = |side: usize| bins.get(side).map(ClasswiseBins::classwise_ece);
    families.before.classwise_ece = ece(0);
    if let Some(after) = &mut families.after {
        after.classwise_ece = ece(1);
    }
    if let Some(in_sample) = &mut families.in_sample_after {
        in_sample.classwise_ece = ece(2);
    }
    families.classwise = bins.first().map(|before| Classwise {
        before: before.classes(),
        after: bins.get(1).map(ClasswiseBins::classes),
    });
}
