//! A finished study asked for more than one temperature.

use crate::analysis::{
    AnalysisOptions, Comparison, ComparisonError, MethodProgress, compare_methods,
};
use crate::summarize::Scores;

use super::Study;

impl Study {
    /// Every method that makes sense for the classes, each judged on rows that it has not seen: some hundred
    /// passes over the scores. `options` are those of the study.
    ///
    /// # Errors
    /// See [`ComparisonError`].
    pub fn compare_methods(
        &self,
        options: &AnalysisOptions,
        progress: &mut dyn FnMut(MethodProgress) -> bool,
    ) -> Result<Comparison, ComparisonError> {
        let judged = Scores::new(&self.rows, self.source.as_deref());
        let judged = judged.ok_or(ComparisonError::NoLogits)?;
        let both = match &self.fit_part {
            None => (judged, None),
            Some(part) => {
                let fit = Scores::new(&part.rows, part.source.as_deref());
                (fit.ok_or(ComparisonError::NoLogits)?, Some(judged))
            }
        };
        compare_methods(both, &self.analysis, options, progress)
    }
}
