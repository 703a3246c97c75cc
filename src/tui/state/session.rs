//! One open study and where the user is in it.

use std::sync::Arc;

use crate::analysis::TemperatureCurves;
use crate::data::Temperature;
use crate::metrics::DiagramOptions;
use crate::metrics::{Bin, Figures, Histogram};
use crate::pipeline::Study;

use super::super::event::{Baselines, FiguresRequest, Target};
use super::{Chart, ClassesPlace, Extras, How, MarginView};

/// The screens of a study, in the order of their numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::tui) enum Screen {
    /// Verdict, and a little of everything.
    Overview,
    /// The reliability diagram.
    Reliability,
    /// The NLL curve whose axis is the slider.
    Temperature,
    /// How large the logits are.
    Logits,
    /// Top-two margins and what a threshold on them keeps.
    Margins,
    /// Classes, labels or slices, one by one.
    Classes,
    /// Models side by side; only with several files.
    Compare,
    /// A training run; only with several steps.
    Run,
}

impl Screen {
    /// Those that every study has.
    pub(in crate::tui) const ALL: [Self; 6] = [
        Self::Overview,
        Self::Reliability,
        Self::Temperature,
        Self::Logits,
        Self::Margins,
        Self::Classes,
    ];

    /// Its place in [`Screen::ALL`].
    pub(in crate::tui) fn index(self) -> usize {
        self as usize
    }

    /// The key that shows it.
    pub(in crate::tui) fn number(self) -> usize {
        match self {
            Self::Compare => 8,
            Self::Run => 9,
            other => other.index() + 1,
        }
    }

    /// Its name.
    pub(in crate::tui) fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Reliability => "Reliability",
            Self::Temperature => "Temperature",
            Self::Logits => "Logits",
            Self::Margins => "Margins",
            Self::Classes => "Classes",
            Self::Compare => "Compare",
            Self::Run => "Run",
        }
    }

    /// Its name where there is little room.
    pub(in crate::tui) fn short_title(self) -> &'static str {
        match self {
            Self::Overview => "Over",
            Self::Reliability => "Reliab",
            Self::Temperature => "Temp",
            Self::Logits => "Logit",
            Self::Margins => "Margin",
            Self::Classes => "Class",
            Self::Compare => "Comp",
            Self::Run => "Run",
        }
    }
}

/// What Enter on a panel of the Overview opens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::tui) enum OverviewPanel {
    /// The list of findings.
    Findings,
    /// A screen.
    Screen(Screen),
}

/// The panels of the Overview, in the order of Tab.
pub(in crate::tui) const OVERVIEW_PANELS: [OverviewPanel; 5] = [
    OverviewPanel::Findings,
    OverviewPanel::Screen(Screen::Reliability),
    OverviewPanel::Screen(Screen::Temperature),
    OverviewPanel::Screen(Screen::Logits),
    OverviewPanel::Screen(Screen::Margins),
];

/// How the temperature moves: what counts as one step of undo.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::tui) enum Change {
    /// By a key: each press is a step.
    Step,
    /// By a press of the mouse button; drags that follow belong to it.
    Press,
    /// Dragged.
    Drag,
}

/// Where the user is: kept when the same file is loaded again.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches of the screens, each with a key of its own"
)]
#[derive(Clone, PartialEq, Debug)]
pub(in crate::tui) struct Place {
    /// The screen.
    pub(in crate::tui) screen: Screen,
    /// The cursor's temperature.
    pub(in crate::tui) temperature: Temperature,
    /// Earlier temperatures, the newest last.
    pub(in crate::tui) history: Vec<Temperature>,
    /// True while the newest change of the temperature is by a button that is held down.
    pub(in crate::tui) is_dragging: bool,
    /// How the diagram is cut.
    pub(in crate::tui) diagram: DiagramOptions,
    /// The chosen bin; `usize::MAX` until a study says which one weighs most.
    pub(in crate::tui) bin: usize,
    /// The chosen step of the isotonic curve; `None` until one is chosen.
    pub(in crate::tui) step: Option<usize>,
    /// The chosen number of bins of the curve of the ECE; `None` until one is chosen.
    pub(in crate::tui) bin_count: Option<usize>,
    /// How the diagram is drawn.
    pub(in crate::tui) chart: Chart,
    /// Two diagrams side by side where there is room.
    pub(in crate::tui) side_by_side: bool,
    /// True if the temperature axis is logarithmic.
    pub(in crate::tui) log_temperature: bool,
    /// True if counts are on a logarithmic axis.
    pub(in crate::tui) log_counts: bool,
    /// How often the temperature axis was halved around the cursor.
    pub(in crate::tui) zoom: u32,
    /// The focused panel of each screen.
    pub(in crate::tui) focus: [usize; Screen::ALL.len() + 2],
    /// The chosen cell of each histogram of the Logits screen.
    pub(in crate::tui) cells: [usize; 3],
    /// The margin cell at whose lower edge the threshold stands.
    pub(in crate::tui) threshold: usize,
    /// What the Margins screen shows.
    pub(in crate::tui) margins: MarginView,
    /// True if the Temperature screen compares methods.
    pub(in crate::tui) shows_methods: bool,
    /// The Classes screen.
    pub(in crate::tui) classes: ClassesPlace,
}

impl Place {
    /// The Overview at T = 1.
    pub(in crate::tui) fn new(diagram: DiagramOptions) -> Self {
        Self {
            screen: Screen::Overview,
            temperature: Temperature::ONE,
            history: Vec::new(),
            is_dragging: false,
            diagram,
            bin: usize::MAX,
            step: None,
            bin_count: None,
            chart: Chart::Bars,
            side_by_side: true,
            log_temperature: true,
            log_counts: false,
            zoom: 0,
            focus: [0; Screen::ALL.len() + 2],
            cells: [0; 3],
            threshold: 0,
            margins: MarginView::default(),
            shows_methods: false,
            classes: ClassesPlace::default(),
        }
    }
}

/// Figures at the three temperatures a screen may show, all cut the same way.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::tui) struct FigureSet {
    /// How T = 1 and T* were cut.
    pub(in crate::tui) diagram: DiagramOptions,
    /// T = 1.
    pub(in crate::tui) one: Arc<Figures>,
    /// The fitted temperature, on the terms of `Analysis::evaluated_on`.
    pub(in crate::tui) star: Option<Arc<Figures>>,
    /// The newest that came for the cursor.
    pub(in crate::tui) cursor: Arc<Figures>,
}

/// An open study.
#[derive(Debug)]
pub(in crate::tui) struct Session {
    /// The study.
    pub(in crate::tui) study: Arc<Study>,
    /// Where it came from.
    pub(in crate::tui) target: Target,
    /// By what it was read.
    pub(in crate::tui) how: How,
    /// Where the user is.
    pub(in crate::tui) place: Place,
    /// What is shown.
    pub(in crate::tui) figures: FigureSet,
    /// The figures of the analysis itself, for its own way of cutting.
    pub(in crate::tui) original: FigureSet,
    /// True while `figures` are those of an earlier study of the same file.
    pub(in crate::tui) is_kept: bool,
    /// What is computed on demand.
    pub(in crate::tui) extras: Extras,
}

impl Session {
    /// Opens `study` at `place`; `diagram` is how its analysis cut the bins.
    pub(in crate::tui) fn new(
        study: Arc<Study>,
        target: Target,
        place: Place,
        diagram: DiagramOptions,
    ) -> Self {
        let one = Arc::new(study.analysis.before.clone());
        let mut place = place;
        if place.bin == usize::MAX {
            place.bin = heaviest_bin(&one);
        }
        let original = FigureSet {
            diagram,
            cursor: Arc::clone(&one),
            star: study.analysis.after.clone().map(Arc::new),
            one,
        };
        Self {
            study,
            target,
            how: How::default(),
            place,
            figures: original.clone(),
            original,
            is_kept: false,
            extras: Extras::default(),
        }
    }

    /// Goes on showing `figures` of an earlier study, as rough ones, where this study has none yet: at the
    /// cursor's temperature, or all if the diagram is cut another way.
    pub(in crate::tui) fn keep_until_refreshed(&mut self, figures: FigureSet) {
        let rough = |figures: Arc<Figures>| {
            let exact = false;
            Arc::new(Figures { exact, ..(*figures).clone() })
        };
        if figures.diagram == self.place.diagram && !self.is_original_cut() {
            self.is_kept = true;
            self.figures.diagram = figures.diagram;
            self.figures.one = rough(figures.one);
            self.figures.star = figures.star.map(rough);
        }
        self.figures.cursor = rough(figures.cursor);
    }

    /// The fitted temperature.
    pub(in crate::tui) fn star(&self) -> Option<Temperature> {
        let fitted = self.study.analysis.fit.temperature?;
        Temperature::new(fitted).ok()
    }

    /// The cursor's temperature as a number.
    pub(in crate::tui) fn t(&self) -> f64 {
        self.place.temperature.value()
    }

    /// True if the cursor stands at T = 1.
    pub(in crate::tui) fn is_at_one(&self) -> bool {
        self.place.temperature == Temperature::ONE
    }

    /// True if the cursor's figures are those of its temperature, way of cutting and the logits.
    pub(in crate::tui) fn is_exact(&self) -> bool {
        self.is_current() && self.figures.cursor.exact
    }

    /// True if the cursor's figures belong to its temperature at all.
    pub(in crate::tui) fn is_current(&self) -> bool {
        self.figures.cursor.temperature.total_cmp(&self.t()).is_eq()
    }

    /// True if the diagram is cut as the analysis cut it.
    pub(in crate::tui) fn is_original_cut(&self) -> bool {
        self.place.diagram == self.original.diagram
    }

    /// What must be computed so that the screen is right, or `None` if all is at hand; then the
    /// figures at hand are put in place.
    pub(in crate::tui) fn refresh(&mut self, serial: u64) -> Option<FiguresRequest> {
        if self.is_original_cut() && self.figures.diagram != self.original.diagram {
            self.is_kept = false;
            self.figures =
                FigureSet { cursor: Arc::clone(&self.figures.cursor), ..self.original.clone() };
        }
        let is_cut = self.figures.diagram == self.place.diagram && !self.is_kept;
        let is_best = self.figures.one.exact || !self.study.has_logits();
        let is_cut_well = is_cut && (self.is_original_cut() || is_best);
        if self.is_at_one() && is_cut_well {
            self.figures.cursor = Arc::clone(&self.figures.one);
            return None;
        }
        let star = self.star();
        let baselines = (!is_cut_well).then_some(Baselines { star });
        Some(FiguresRequest {
            study: Arc::clone(&self.study),
            serial,
            diagram: self.place.diagram,
            cursor: self.place.temperature,
            baselines,
        })
    }

    /// The three histograms of the Logits screen; the confidence follows the cursor's temperature.
    pub(in crate::tui) fn logit_histograms(&self) -> [&Histogram; 3] {
        let histograms = &self.study.analysis.histograms;
        [&histograms.max_logit, &histograms.sd, &self.figures.cursor.confidence]
    }

    /// NLL, ECE and Brier of the curves at the cursor, for the moment before figures arrive.
    pub(in crate::tui) fn curve_values(&self) -> Option<[f64; 3]> {
        let curves = &self.study.analysis.curves;
        let at = |values: &[f64]| interpolate(curves, values, self.t());
        Some([at(&curves.nll)?, at(&curves.ece)?, at(&curves.brier)?])
    }
}

/// The bin with the largest share of the calibration error.
fn heaviest_bin(figures: &Figures) -> usize {
    let weight = |bin: &Bin| {
        if bin.is_empty() { 0.0 } else { bin.count as f64 * bin.gap().abs() }
    };
    let bins = figures.reliability.bins.iter().enumerate();
    bins.max_by(|(_, a), (_, b)| weight(a).total_cmp(&weight(b))).map_or(0, |(index, _)| index)
}

/// `values` over the temperatures of `curves` at `t`, straight in log T between grid points; `None`
/// outside the grid.
pub(in crate::tui) fn interpolate(
    curves: &TemperatureCurves,
    values: &[f64],
    t: f64,
) -> Option<f64> {
    let grid = &curves.temperature;
    let upper = grid.iter().position(|x| *x >= t)?;
    let lower = upper.saturating_sub(1);
    let (x0, x1) = (*grid.get(lower)?, *grid.get(upper)?);
    let (y0, y1) = (*values.get(lower)?, *values.get(upper)?);
    if t < x0 {
        return None;
    }
    let share = if x1 > x0 { (t / x0).ln() / (x1 / x0).ln() } else { 0.0 };
    Some((y1 - y0).mul_add(share, y0))
}
