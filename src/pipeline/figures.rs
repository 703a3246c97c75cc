//! The figures of a study at any temperature: from what is kept of the rows, or from one more pass.

use crate::data::{SourceError, Temperature};
use crate::metrics::{DiagramOptions, Figures, RowsAt, figures};
use crate::summarize;

use super::Study;

impl Study {
    /// Figures of the evaluated rows at any temperature, from the curves alone: O(N) whatever K is.
    /// `exact` in the answer says whether the curves were interpolated.
    pub fn figures_at(&self, temperature: Temperature, diagram: DiagramOptions) -> Figures {
        let b = temperature.inverse();
        let at = RowsAt::new(&self.rows, b);
        figures(&self.rows, &at, diagram, (temperature.value(), self.rows.is_exact_at(b)))
    }

    /// True if [`Study::exact_figures_at`] can do better than [`Study::figures_at`] at some temperature.
    pub fn has_logits(&self) -> bool {
        self.source.is_some()
    }

    /// The same from one more pass over the logits, in f64. `keep_going` is asked at every batch. Without
    /// the logits (see [`Study::has_logits`]) these are the figures from the curves, and say so.
    ///
    /// # Errors
    /// [`SourceError::Cancelled`] once `keep_going` says no, or why the source could not be read.
    pub fn exact_figures_at(
        &self,
        temperature: Temperature,
        diagram: DiagramOptions,
        keep_going: &mut dyn FnMut() -> bool,
    ) -> Result<Figures, SourceError> {
        let b = temperature.inverse();
        let source = self.source.as_ref().filter(|_| !self.rows.is_exact_at(b));
        let Some(source) = source else {
            return Ok(self.figures_at(temperature, diagram));
        };
        let columns = summarize::exact(&**source, &self.rows, &[b], &mut |_| keep_going())?;
        let at = RowsAt::from_exact(&self.rows, &columns[0]);
        Ok(figures(&self.rows, &at, diagram, (temperature.value(), true)))
    }
}
