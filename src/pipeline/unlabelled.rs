//! What is wrong with logits whatever their labels are, found on the way of another pass.

use rayon::prelude::*;

use crate::data::{Batch, BatchSource, Label, SourceInfo, ValuesRef};
use crate::diagnosis::{Finding, Subject, diagnose_unlabelled};
use crate::fit::fit_temperature;
use crate::numerics::Score;
use crate::summarize::{Pass, START_TEMPERATURE, SummaryOptions};

/// Level of the fit, which no rule that needs no labels looks at.
const LEVEL: f64 = 0.95;

/// No temperature is fitted, as every prediction is its own label: nodes have nowhere to reach.
const OCTAVES: f64 = 0.0;

/// Takes the batches of a source as they are read. Every row has its prediction for a label.
pub struct Unlabelled {
    pass: Pass,
    labels: Vec<Label>,
    /// True if a row without a label is none, as padding.
    is_labelled: bool,
}

impl Unlabelled {
    /// For the batches of `source`. Where some rows have labels those that have none are left out.
    pub fn new(source: &dyn BatchSource, is_labelled: bool) -> Self {
        let options =
            SummaryOptions { b0: START_TEMPERATURE.recip(), octaves: OCTAVES, gathers: true };
        Self { pass: Pass::relabelled(source, options), labels: Vec::new(), is_labelled }
    }

    /// Takes the next batch.
    pub fn add(&mut self, batch: &Batch<'_>) {
        let k = batch.n_classes;
        match batch.values {
            ValuesRef::F32(v) => predictions(v, k).collect_into_vec(&mut self.labels),
            ValuesRef::F64(v) => predictions(v, k).collect_into_vec(&mut self.labels),
        }
        let (labels, own) = (self.labels.iter_mut(), batch.labels);
        if self.is_labelled {
            let left_out = labels.zip(own).filter(|(_, own)| own.is_ignored());
            left_out.for_each(|(label, _)| *label = Label::IGNORED);
        }
        self.pass.add(&Batch { labels: &self.labels, ..*batch });
    }

    /// What was found, the probable cause first.
    pub fn findings(self, info: &SourceInfo) -> Vec<Finding> {
        let rows = self.pass.finish();
        diagnose_unlabelled(&Subject {
            info,
            rows: &rows,
            fit: &fit_temperature(&rows, LEVEL),
            analysis: None,
            slices: &[],
        })
    }
}

fn predictions<S: Score>(values: &[S], k: usize) -> impl IndexedParallelIterator<Item = Label> {
    values.par_chunks_exact(k).map(|row| {
        let mut best = (0, f64::NEG_INFINITY);
        for (class, z) in (0..).zip(row) {
            if z.widen() > best.1 {
                best = (class, z.widen());
            }
        }
        Label::class(best.0).unwrap_or(Label::IGNORED)
    })
}
