//! A finished study asked for more than one temperature.

use crate::analysis::{
    AnalysisOptions, Comparison, FitAndTest, MethodProgress, ScoresError, ThresholdOptions,
    Thresholds, compare_methods, thresholds,
};
use crate::data::Task;
use crate::summarize::Scores;

use super::Study;

impl Study {
    /// Every method that makes sense for the classes, each judged on rows that it has not seen: some hundred
    /// passes over the scores. `options` are those of the study.
    ///
    /// # Errors
    /// See [`ScoresError`].
    pub fn compare_methods(
        &self,
        options: &AnalysisOptions,
        progress: &mut dyn FnMut(MethodProgress) -> bool,
    ) -> Result<Comparison, ScoresError> {
        compare_methods(self.scores()?, &self.analysis, options, progress)
    }

    /// Thresholds of every class, tried on rows without a part in their choice. `options` are those of the study.
    ///
    /// # Errors
    /// See [`ScoresError`].
    pub fn thresholds(
        &self,
        options: &AnalysisOptions,
        asked: ThresholdOptions,
        keep_going: &mut dyn FnMut() -> bool,
    ) -> Result<Thresholds, ScoresError> {
        thresholds(self.scores()?, (&self.analysis, options), asked, keep_going)
    }

    /// All scores of the rows to fit on and, if they are others, to judge on.
    fn scores(&self) -> Result<FitAndTest<'_>, ScoresError> {
        if self.info.task == Task::Multilabel {
            return Err(ScoresError::MultiLabel);
        }
        let fitted = self.fit_part.as_ref().map(|part| &part.rows);
        let sets = || fitted.into_iter().chain([&self.rows]);
        if sets().any(|rows| rows.soft().is_some()) {
            return Err(ScoresError::SoftLabels);
        }
        if sets().any(|rows| rows.carried().weights().is_some()) {
            return Err(ScoresError::Weights);
        }
        let judged = Scores::new(&self.rows, self.source.as_deref());
        let judged = judged.ok_or(ScoresError::NoLogits)?;
        match &self.fit_part {
            None => Ok((judged, None)),
            Some(part) => {
                let fit = Scores::new(&part.rows, part.source.as_deref());
                Ok((fit.ok_or(ScoresError::NoLogits)?, Some(judged)))
            }
        }
    }
}
