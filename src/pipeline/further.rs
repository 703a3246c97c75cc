//! A finished study asked for all that a report says beyond the quick figures, one piece after the other: for whoever
//! shows the first pieces while the others are made.

use std::sync::Arc;

use crate::analysis::{
    AnalysisOptions, Bootstrap, ClassView, Details, JudgedAt, MAX_CLASSES, Measures, bootstrap,
    class_views, details, margin_auroc, risk_curve,
};
use crate::data::{SourceError, Temperature};
use crate::metrics::{
    Classwise, ClasswiseBins, MAX_CLASSWISE, Ranking, RowTemperature, RowsAt, classwise,
};
use crate::summarize::{RowSummaries, Scores};

use super::{Study, StudyProgress};

/// Draws of the bootstrap where the options of the study ask for none: as many as a report makes.
const DRAWS: usize = 1000;

/// The pieces; `None` until they are made, or where they are undefined.
#[derive(Clone, Debug, Default)]
pub struct Further {
    /// The evaluated rows at T = 1.
    pub before: Option<Arc<Measures>>,
    /// The same after scaling, as [`crate::analysis::Analysis::evaluated_on`] says.
    pub after: Option<Arc<Measures>>,
    /// AUROC of the top-two margin, see [`margin_auroc`].
    pub margin_auroc: Option<f64>,
    /// Classes, slices, and the likelihood interval of T.
    pub details: Option<Arc<Details>>,
    /// One entry for each class; `None` beyond [`MAX_CLASSES`].
    pub classes: Option<Arc<Vec<ClassView>>>,
    /// Classwise figures; `None` also without the logits or beyond [`MAX_CLASSWISE`].
    pub classwise: Option<Arc<ClasswiseSides>>,
    /// Intervals from rows drawn again.
    pub bootstrap: Option<Arc<Bootstrap>>,
}

/// Calibration class by class.
#[derive(Clone, PartialEq, Debug)]
pub struct ClasswiseSides {
    /// Classwise ECE at T = 1 and after scaling.
    pub ece: [Option<f64>; 2],
    /// The classes one by one.
    pub classes: Classwise,
}

/// Told what is being done and what there is so far; false cancels.
type Tell<'a> = &'a mut dyn FnMut(StudyProgress, &Further) -> bool;

impl Study {
    /// Everything in [`Further`], with the `options` of the study (its number of draws, or 1000 where that is 0).
    /// `tell` is called before and after each piece and at every batch of the classwise pass with all there is so
    /// far; returning false cancels, between two pieces as a rule.
    ///
    /// # Errors
    /// [`SourceError::Cancelled`], or why the logits could not be read again.
    pub fn further(
        &self,
        options: &AnalysisOptions,
        tell: Tell<'_>,
    ) -> Result<Further, SourceError> {
        let options = AnalysisOptions {
            families: true,
            n_draws: if options.n_draws == 0 { DRAWS } else { options.n_draws },
            ..options.clone()
        };
        let mut further = Further::default();
        ask(tell, "further measures", &further)?;
        let sides = Sides::new(self, &options);
        further.before = Some(sides.measures_before(&options));
        further.margin_auroc = Some(margin_auroc(&self.rows));
        ask(tell, "further measures", &further)?;
        further.after = sides.measures_after(&options);
        ask(tell, "class by class", &further)?;
        let (fit_rows, test_rows) = self.fit_and_test();
        further.details = details(fit_rows, test_rows, &self.analysis, &options).map(Arc::new);
        further.classes = sides.classes();
        ask(tell, "classwise figures", &further)?;
        further.classwise = self.classwise(&sides, &options, &mut |at| tell(at, &further))?;
        ask(tell, "drawing rows again", &further)?;
        further.bootstrap = bootstrap(fit_rows, test_rows, &self.analysis, &options).map(Arc::new);
        Ok(further)
    }

    /// The further measures of the evaluated rows at any temperature, from what is stored of them: O(N log N) whatever
    /// K is. `exact` in the answer says whether that is interpolated.
    pub fn measures_at(&self, temperature: Temperature, options: &AnalysisOptions) -> Measures {
        let b = temperature.inverse();
        let at = RowsAt::new(&self.rows, b);
        let exact = self.rows.is_exact_at(b);
        Measures::new(&self.rows, &at, (temperature.value(), exact), options)
    }

    /// True if what is stored of the evaluated rows needs no interpolation at this temperature.
    pub fn is_exact_at(&self, temperature: Temperature) -> bool {
        self.rows.is_exact_at(temperature.inverse())
    }

    /// Coverage and error rate of keeping the evaluated rows of most confidence, as [`Measures::risk_coverage`].
    pub fn risk_coverage_at(&self, temperature: Temperature) -> Vec<[f64; 2]> {
        risk_curve(&RowsAt::new(&self.rows, temperature.inverse()))
    }

    /// The rows to fit on and, if they are others, to judge on.
    fn fit_and_test(&self) -> (&RowSummaries, Option<&RowSummaries>) {
        match &self.fit_part {
            Some(part) => (&part.rows, Some(&self.rows)),
            None => (&self.rows, None),
        }
    }

    /// One pass over all probabilities of the evaluated rows, where the logits are at hand.
    fn classwise(
        &self,
        sides: &Sides<'_>,
        options: &AnalysisOptions,
        tell: &mut dyn FnMut(StudyProgress) -> bool,
    ) -> Result<Option<Arc<ClasswiseSides>>, SourceError> {
        let scores = Scores::new(&self.rows, self.source.as_deref());
        let Some(scores) = scores.filter(|_| self.rows.n_classes() <= MAX_CLASSWISE) else {
            return Ok(None);
        };
        let at_one: RowTemperature<'_> = &|_| 1.0;
        let after =
            sides.judged.as_ref().map(|judged| |idx: usize| judged.inverse_temperature(idx));
        let mut temperatures = vec![at_one];
        temperatures.extend(after.as_ref().map(|of| of as RowTemperature<'_>));
        let total = self.rows.len() as u64;
        let bins = classwise(scores, &temperatures, options.n_bins, &mut |done| {
            tell(StudyProgress { phase: "classwise figures", done: done.min(total), total })
        })?;
        let ece = |side: usize| bins.get(side).map(ClasswiseBins::classwise_ece);
        Ok(bins.first().map(|before| {
            Arc::new(ClasswiseSides {
                ece: [ece(0), ece(1)],
                classes: Classwise {
                    before: before.classes(),
                    after: bins.get(1).map(ClasswiseBins::classes),
                },
            })
        }))
    }
}

/// Tells of a piece that begins.
fn ask(tell: Tell<'_>, phase: &'static str, further: &Further) -> Result<(), SourceError> {
    let at = StudyProgress { phase, done: 0, total: 0 };
    tell(at, further).then_some(()).ok_or(SourceError::Cancelled)
}

/// The evaluated rows at T = 1 and after scaling.
struct Sides<'a> {
    study: &'a Study,
    judged: Option<JudgedAt>,
    before: RowsAt,
    after: Option<RowsAt>,
}

impl<'a> Sides<'a> {
    fn new(study: &'a Study, options: &AnalysisOptions) -> Self {
        let rows = &study.rows;
        let judged = JudgedAt::new(rows, &study.analysis, options);
        let after = judged.as_ref().map(|judged| match judged {
            JudgedAt::All(b) => RowsAt::new(rows, *b),
            JudgedAt::Folds { .. } => RowsAt::each(rows, |idx| judged.inverse_temperature(idx)),
        });
        Self { study, before: RowsAt::new(rows, 1.0), judged, after }
    }

    fn measures_before(&self, options: &AnalysisOptions) -> Arc<Measures> {
        let rows = &self.study.rows;
        let said = (1.0, rows.is_exact_at(1.0));
        Arc::new(Measures::new(rows, &self.before, said, options))
    }

    fn measures_after(&self, options: &AnalysisOptions) -> Option<Arc<Measures>> {
        let figures = self.study.analysis.after.as_ref()?;
        let at = self.after.as_ref()?;
        let said = (figures.temperature, figures.exact);
        let mut measures = Measures::new(&self.study.rows, at, said, options);
        if let (Some(JudgedAt::Folds { .. }), Some(b)) =
            (&self.judged, self.study.analysis.fit.inverse_temperature)
        {
            let at_one_temperature = RowsAt::new(&self.study.rows, b);
            measures.family.rank_by(Ranking::of(&at_one_temperature));
        }
        Some(Arc::new(measures))
    }

    fn classes(&self) -> Option<Arc<Vec<ClassView>>> {
        let rows = &self.study.rows;
        (rows.n_classes() <= MAX_CLASSES)
            .then(|| Arc::new(class_views(rows, &self.before, self.after.as_ref())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Kind, Label, MemorySource, SourceInfo, Task, Values};
    use crate::metrics::Binning;
    use crate::pipeline::{Sources, study};
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    fn options() -> AnalysisOptions {
        AnalysisOptions {
            n_bins: 15,
            binning: Binning::Width,
            n_folds: 5,
            seed: 3,
            level: 0.95,
            n_draws: 40,
            slices: Vec::new(),
            parity: None,
            families: false,
            curves: false,
            findings: false,
        }
    }

    fn sources(n_classes: u32) -> Sources {
        let mut random = Pcg64Mcg::seed_from_u64(11);
        let (mut scores, mut labels) = (Vec::new(), Vec::new());
        for _ in 0..600 {
            let row: Vec<f64> = (0..n_classes).map(|_| 6.0 * random.random::<f64>()).collect();
            let best = (0..n_classes)
                .max_by(|a, b| row[*a as usize].total_cmp(&row[*b as usize]))
                .unwrap();
            let is_right = random.random::<f64>() < 0.6;
            let label = if is_right { best } else { random.random_range(0..n_classes) };
            labels.push(Label::class(label).unwrap());
            scores.extend(row);
        }
        let n_classes = n_classes as usize;
        let source =
            MemorySource::new(n_classes, Kind::Logits, Values::F64(scores), labels).unwrap();
        Sources {
            info: SourceInfo {
                path: "x".into(),
                format: "memory".into(),
                dtype: "f64".into(),
                kind: Kind::Logits,
                task: Task::Multiclass,
                n_classes,
                class_names: None,
                n_labels: None,
                label_names: None,
                single_score: false,
                n_bytes: 0,
                guesses: Vec::new(),
            },
            fit: Arc::new(source),
            test: None,
        }
    }

    /// Every digit of it, NaN included, which is not equal to itself.
    fn digits(value: &impl std::fmt::Debug) -> String {
        format!("{value:?}")
    }

    #[test]
    fn the_pieces_are_those_of_a_report() {
        for n_classes in [5, 60] {
            let quick = study(sources(n_classes), &options(), &mut |_| true).unwrap();
            let further = quick.further(&options(), &mut |_, _| true).unwrap();
            let whole = AnalysisOptions { families: true, ..options() };
            let report = study(sources(n_classes), &whole, &mut |_| true).unwrap().analysis;
            let families = report.families.as_ref().unwrap();
            let same = |mine: &Measures, theirs: &crate::metrics::Family| {
                let mut theirs = theirs.clone();
                theirs.classwise_ece = None;
                assert_eq!(mine.family, theirs);
            };
            let (before, after) = (further.before.unwrap(), further.after.unwrap());
            same(&before, &families.before);
            same(&after, families.after.as_ref().unwrap());
            assert_eq!(before.curves, families.curves_before);
            assert_eq!(digits(&after.selective), digits(&families.selective));
            assert_eq!(further.bootstrap.as_deref(), report.bootstrap.as_ref());
            let classes = |details: &Details| {
                let classes = details.classes.as_ref().unwrap();
                classes
                    .groups
                    .iter()
                    .map(|group| (group.count, group.before.gap.to_bits()))
                    .collect::<Vec<_>>()
            };
            let details = further.details.unwrap();
            assert_eq!(classes(&details), classes(report.details.as_ref().unwrap()));
            assert_eq!(details.profile, report.details.unwrap().profile);
            let classwise = further.classwise.unwrap();
            assert_eq!(classwise.ece[0], families.before.classwise_ece);
            assert_eq!(classwise.ece[1], families.after.as_ref().unwrap().classwise_ece);
            let floor = report.bootstrap.unwrap().before.noise_floor;
            assert!((before.noise_floor - floor).abs() < 1e-15);
            assert_eq!(further.classes.unwrap().len(), n_classes as usize);
        }
    }

    #[test]
    fn measures_at_one_are_those_of_the_pieces() {
        let quick = study(sources(5), &options(), &mut |_| true).unwrap();
        let further = quick.further(&options(), &mut |_, _| true).unwrap();
        let live = quick.measures_at(Temperature::ONE, &options());
        assert_eq!(digits(&*further.before.unwrap()), digits(&live));
    }

    #[test]
    fn it_stops_where_it_is_told_to() {
        let quick = study(sources(5), &options(), &mut |_| true).unwrap();
        let mut n_asked = 0;
        let stopped = quick.further(&options(), &mut |_, _| {
            n_asked += 1;
            n_asked < 3
        });
        assert!(matches!(stopped, Err(SourceError::Cancelled)) && n_asked == 3);
    }
}
