//! Breaks every healthy set in every way and prints which rule comes first: `cargo run --example confusion -- FOLDER`
//! with the folder of the data sets. Then half samples of the healthy sets, which must raise nothing new.

use std::collections::BTreeMap;
use std::path::PathBuf;

#[path = "../tests/it/corrupt.rs"]
mod corrupt;

use corrupt::{CORRUPTIONS, Set, healthy};
use logitscope::diagnosis::{Finding, Severity};

/// Rows of a set that is broken, at most.
const MAX_ROWS: usize = 2500;

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or("../shared/data".to_owned()));
    let sets = healthy(&folder, usize::MAX, MAX_ROWS);
    for seed in [7, 8] {
        broken(&sets, seed);
    }
    halves(&healthy(&folder, usize::MAX, usize::MAX));
}

#[expect(clippy::print_stdout, reason = "this is what it is for")]
fn broken(sets: &[Set], seed: u64) {
    let (mut n, mut n_right) = (0, 0);
    for corruption in CORRUPTIONS {
        let mut first: BTreeMap<String, usize> = BTreeMap::new();
        for set in sets {
            let Some((broken, wanted)) = corruption.of(set, seed) else {
                continue;
            };
            let findings = broken.findings(corruption.half);
            let rule = findings.first().map(|finding| finding.rule);
            let is_right = wanted.is_met_by(&findings);
            n += 1;
            n_right += usize::from(is_right);
            let name = rule.map_or("nothing".to_owned(), |rule| rule.to_string());
            *first.entry(name.clone()).or_default() += 1;
            if !is_right {
                let found: Vec<_> = findings.iter().map(|f| (f.severity, f.rule)).collect();
                println!("  {}: {} gives {found:?}, not {wanted:?}", corruption.name, set.name);
            }
        }
        println!("{:<20} {first:?}", corruption.name);
    }
    println!("seed {seed}: {n_right} of {n} right, {} sets", sets.len());
}

#[expect(clippy::print_stdout, reason = "this is what it is for")]
fn halves(sets: &[Set]) {
    let (mut n, mut n_failed, mut n_new) = (0, 0, 0);
    for set in sets {
        let whole = set.findings(false);
        for seed in 0..5 {
            let found = set.half(seed).findings(false);
            let is_new = |finding: &&Finding| {
                let same = |f: &Finding| f.rule == finding.rule && f.severity >= finding.severity;
                finding.severity != Severity::Info && !whole.iter().any(same)
            };
            let new: Vec<String> = found
                .iter()
                .filter(is_new)
                .map(|f| format!("{} {}: {}", f.severity.name(), f.rule, f.message))
                .collect();
            n += 1;
            n_failed += usize::from(found.iter().any(|f| f.severity == Severity::Failure));
            n_new += usize::from(!new.is_empty());
            if !new.is_empty() {
                println!("  half {seed} of {}: {new:?}", set.name);
            }
        }
    }
    println!("{n} half samples: {n_failed} with a failure, {n_new} with a new warning");
}
