//! Simulated models whose truth is known, for the examples that ask whether intervals hold.

use logitscope::analysis::AnalysisOptions;
use logitscope::data::{Kind, Label, MemorySource, Values};
use logitscope::metrics::Binning;
use logitscope::summarize::{RowSummaries, summarize};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// Classes of every model.
pub(crate) const K: usize = 10;

/// What every example asks of its models; `seed` is that of folds and draws.
pub(crate) fn options(seed: u64) -> AnalysisOptions {
    AnalysisOptions {
        curves: false,
        findings: false,
        slices: Vec::new(),
        parity: None,
        n_bins: 15,
        binning: Binning::Width,
        n_folds: 0,
        seed,
        level: 0.95,
        n_draws: 0,
        families: false,
    }
}

/// What labels are drawn from.
#[derive(Clone, Copy)]
pub(crate) struct Truth {
    /// The temperature to find.
    pub(crate) temperature: f64,
    /// The biases are spread evenly from minus this to this.
    pub(crate) bias: f64,
}

/// `n` rows of logits with standard deviation 2.5 T, and labels from `truth`: softmax(z / T + bias), so that the right
/// probabilities are the same at every T.
pub(crate) fn rows(n: usize, truth: Truth, seed: u64) -> RowSummaries {
    let Truth { temperature, bias } = truth;
    let mut random = Pcg64::seed_from_u64(seed);
    let mut normal = || (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
    let values: Vec<f64> = (0..n * K).map(|_| 2.5 * temperature * normal()).collect();
    let bias_of = |class: usize| bias * (2.0 * class as f64 / (K - 1) as f64 - 1.0);
    let mut label = |row: &[f64]| {
        let weight = |(class, z): (usize, &f64)| (z / temperature + bias_of(class)).exp();
        let weights: Vec<f64> = row.iter().enumerate().map(weight).collect();
        let mut rest = random.random::<f64>() * weights.iter().sum::<f64>();
        let class = weights.iter().position(|w| {
            rest -= w;
            rest < 0.0
        });
        u32::try_from(class.unwrap_or(0)).ok().and_then(Label::class)
    };
    let labels = values.chunks_exact(K).map(|row| label(row).unwrap_or(Label::IGNORED)).collect();
    let source = MemorySource::new(K, Kind::Logits, Values::F64(values), labels);
    let source = source.expect("as many labels as rows");
    summarize(&source, 1.0, &mut |_| true).expect("rows in memory can be read")
}
