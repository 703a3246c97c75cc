//! How often is a model of known truth called what it is? Simulated sets, a table of verdicts.
//!
//!     cargo run --release --example verdict [sets]
//!
//! Every model has ten classes; its labels are drawn from softmax(z / T).
//!
//! What 300 sets of each kind gave, in percent:
//!
//! | N | T | overconfident | underconfident | calibrated | misshapen | undetermined |
//! |---|---|---|---|---|---|---|
//! | 80 | 1.5 | 78.0 | 0.0 | 0.0 | 0.0 | 22.0 |
//! | 80 | 1 | 0.0 | 0.3 | 0.0 | 0.0 | 99.7 |
//! | 500 | 1 | 0.7 | 0.0 | 98.0 | 1.0 | 0.3 |
//! | 2,500 | 1 | 1.3 | 0.3 | 98.3 | 0.0 | 0.0 |
//! | 2,500 | 1.5 | 100.0 | 0.0 | 0.0 | 0.0 | 0.0 |
//! | 10,000 | 1 | 0.3 | 1.3 | 97.7 | 0.7 | 0.0 |

mod simulated;

use std::io::Write;

use logitscope::analysis::analyze;
use logitscope::fit::{Verdict, fit_temperature};
use rayon::prelude::*;

use simulated::Truth;

const VERDICTS: [Verdict; 5] = [
    Verdict::Overconfident,
    Verdict::Underconfident,
    Verdict::Calibrated,
    Verdict::Misshapen,
    Verdict::Undetermined,
];

fn main() -> std::io::Result<()> {
    let n_sets = std::env::args().nth(1).and_then(|a| a.parse().ok());
    let n_sets: u64 = n_sets.unwrap_or(300);
    let mut out = std::io::stdout().lock();
    writeln!(out, "| N | T | {} |", VERDICTS.map(Verdict::word).join(" | "))?;
    writeln!(out, "|---|---|{}", "---|".repeat(VERDICTS.len()))?;
    for (n, t) in [(80, 1.5), (80, 1.0), (500, 1.0), (2500, 1.0), (2500, 1.5), (10_000, 1.0)] {
        let seen: Vec<Verdict> =
            (0..n_sets).into_par_iter().map(|seed| verdict(n, t, seed)).collect();
        let share = |verdict: Verdict| {
            let n = seen.iter().filter(|seen| **seen == verdict).count();
            format!("{:.1}", 100.0 * n as f64 / seen.len() as f64)
        };
        writeln!(out, "| {n} | {t} | {} |", VERDICTS.map(share).join(" | "))?;
    }
    Ok(())
}

fn verdict(n: usize, temperature: f64, seed: u64) -> Verdict {
    let truth = Truth { temperature, bias: 0.0 };
    let rows = simulated::rows(n, truth, seed);
    let options = simulated::options(seed);
    let fit = fit_temperature(&rows, options.level);
    analyze(fit, &rows, None, &options).fit.verdict
}
