//! What a session knows beyond the figures of the slider.

use std::sync::Arc;

use crate::analysis::{Comparison, Measures, Thresholds};
use crate::data::Temperature;
use crate::metrics::BIN_COUNTS;
use crate::pipeline::Further;

use super::super::errand::{Errand, ErrandProgress};
use super::super::keymap::Context;
use super::{Chart, MarginView, Screen, Session};

/// The level of intervals where nothing says it.
const DEFAULT_LEVEL: f64 = 0.95;

/// How an errand stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::tui) enum Run {
    /// Nobody asked for it yet.
    #[default]
    Idle,
    /// It runs under this number.
    Running(u64, ErrandProgress),
    /// The user stopped it; it begins again when a screen that needs it comes up anew.
    Stopped,
    /// It cannot be done, and why.
    Failed(String),
    /// It is through.
    Done,
}

/// What was computed so far, and what runs.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct Extras {
    /// Measures, classes, intervals, as far as they are made.
    pub(in crate::tui) further: Further,
    /// More than one temperature.
    pub(in crate::tui) methods: Option<Arc<Comparison>>,
    /// Thresholds of every class.
    pub(in crate::tui) thresholds: Option<Arc<Thresholds>>,
    /// The measures at the cursor's temperature, as they came last.
    pub(in crate::tui) cursor: Option<Arc<Measures>>,
    /// The temperature that measures were asked for last.
    pub(in crate::tui) asked: Option<Temperature>,
    runs: [Run; Errand::ALL.len()],
}

impl Extras {
    /// How an errand stands.
    pub(in crate::tui) fn run(&self, errand: Errand) -> &Run {
        &self.runs[errand.index()]
    }

    /// The same, to change it.
    pub(in crate::tui) fn run_mut(&mut self, errand: Errand) -> &mut Run {
        &mut self.runs[errand.index()]
    }

    /// What runs under this number.
    pub(in crate::tui) fn running(&self, number: u64) -> Option<Errand> {
        let is_it =
            |errand: &Errand| matches!(self.run(*errand), Run::Running(n, _) if *n == number);
        Errand::ALL.into_iter().find(is_it)
    }
}

impl Session {
    /// What the screen shows that is computed on demand.
    pub(in crate::tui) fn needs(&self) -> &'static [Errand] {
        match self.place.screen {
            Screen::Temperature if self.place.shows_methods => &[Errand::Further, Errand::Methods],
            Screen::Margins if self.place.margins == MarginView::Thresholds => {
                &[Errand::Further, Errand::Thresholds]
            }
            Screen::Reliability | Screen::Temperature | Screen::Margins | Screen::Classes => {
                &[Errand::Further]
            }
            _ => &[],
        }
    }

    /// True if the screen shows measures that follow the cursor's temperature.
    pub(in crate::tui) fn follows_measures(&self) -> bool {
        matches!(self.place.screen, Screen::Reliability | Screen::Margins | Screen::Classes)
    }

    /// The further measures at the cursor's temperature; `None` until they are there.
    pub(in crate::tui) fn measures(&self) -> Option<&Measures> {
        let extras = &self.extras;
        if self.is_at_one() {
            return extras.further.before.as_deref();
        }
        let is_current = |m: &&Measures| m.temperature.total_cmp(&self.t()).is_eq();
        extras.cursor.as_deref().filter(is_current)
    }

    /// The further measures after scaling, as they were evaluated.
    pub(in crate::tui) fn star_measures(&self) -> Option<&Measures> {
        self.extras.further.after.as_deref()
    }

    /// What class `class` is called: its name, or its number.
    pub(in crate::tui) fn class_name(&self, class: usize) -> String {
        let names = self.study.info.class_names.as_ref();
        names.map_or_else(|| class.to_string(), |names| names.get(class))
    }

    /// The level of the intervals, such as 0.95.
    pub(in crate::tui) fn study_level(&self) -> f64 {
        let further = &self.extras.further;
        let of_measures = further.before.as_deref().map(|m| m.level);
        let of_fit = self.study.analysis.fit.interval.as_ref().map(|i| i.level);
        of_measures.or(of_fit).unwrap_or(DEFAULT_LEVEL)
    }

    /// True if the diagram has the bins that the measures have.
    pub(in crate::tui) fn has_original_bins(&self) -> bool {
        self.place.diagram.n_bins == self.original.diagram.n_bins
    }

    /// Whose keys hold in the view that the Reliability screen shows; `None` on other screens.
    pub(in crate::tui) fn view_context(&self) -> Option<Context> {
        let view = match self.place.chart {
            Chart::Bars | Chart::Dots => Context::Bins,
            Chart::Corp => Context::Steps,
            Chart::ByBins => Context::BinCounts,
        };
        (self.place.screen == Screen::Reliability).then_some(view)
    }

    /// The step of the isotonic curve under the cursor: the one with the most rows until another is chosen. `None`
    /// without a curve.
    pub(in crate::tui) fn chosen_step(&self) -> Option<usize> {
        let steps = &self.measures()?.curves.corp;
        let last = steps.len().checked_sub(1)?;
        let heaviest = || (0..steps.len()).rev().max_by_key(|idx| steps[*idx].count);
        let chosen = self.place.step.or_else(heaviest)?;
        Some(chosen.min(last))
    }

    /// The number of bins under the cursor of the ECE over their number: that of the analysis until another is
    /// chosen. `None` without the curve.
    pub(in crate::tui) fn chosen_bin_count(&self) -> Option<usize> {
        let n_bins = self.measures()?.n_bins;
        let chosen = self.place.bin_count.unwrap_or(n_bins);
        Some(chosen.clamp(*BIN_COUNTS.start(), *BIN_COUNTS.end()))
    }
}
