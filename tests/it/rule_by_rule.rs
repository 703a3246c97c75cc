//! Rules that need rows of their own kind: each on rows made for it. The others are in `diagnosis.rs`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use logitscope::analysis::AnalysisOptions;
use logitscope::data::{Guess, Kind};
use logitscope::diagnosis::{Finding, Rule, Severity, passed};
use logitscope::io::{self, OpenOptions};
use logitscope::pipeline::{Sources, Study, study};

use crate::corrupt::{CORRUPTIONS, Set};
use crate::diagnosis::{changed, drawn, made_up, rules, severity};
use crate::shared;

/// What is found in `set`, whatever else is found there.
fn found(set: &Set) -> Vec<Finding> {
    set.findings(false)
}

/// Rows of noise around one row, with labels that follow nothing.
fn noise_around(first: f32, spread: f32) -> Set {
    let set = made_up(12, 1500, spread);
    let labels = (0..1500u32).map(|idx| idx * 7 % 12).collect();
    Set { labels, ..changed(&set, |_, row| row[0] += first) }
}

/// The largest score of a row over the second.
fn margin(row: &[f32]) -> f32 {
    let mut sorted = row.to_vec();
    sorted.sort_by(|x, y| y.total_cmp(x));
    sorted[0] - sorted[1]
}

fn biased() -> Set {
    changed(&made_up(12, 1500, 2.0), |_, row| row[0] += 1.0)
}

fn padded() -> Set {
    let small = made_up(10, 1500, 2.0);
    let z = small.z.chunks_exact(10);
    Set {
        name: small.name.clone(),
        k: 20,
        z: z.flat_map(|row| row.iter().copied().chain([-30.0; 10])).collect(),
        labels: small.labels.clone(),
        names: Vec::new(),
    }
}

fn heavy_column() -> Set {
    changed(&made_up(12, 1500, 2.0), |_, row| row[5] *= 8.0)
}

fn few_outliers() -> Set {
    let set = made_up(12, 1500, 2.0);
    let labels = set.labels.clone();
    changed(&set, |idx, row| {
        if idx % 50 == 0 {
            row[labels[idx] as usize] += 110.0;
        }
    })
}

/// The surer half is three times too sure, so that the thirds by confidence want different temperatures.
fn two_temperatures() -> Set {
    changed(&made_up(12, 1500, 2.0), |_, row| {
        if margin(row) > 1.0 {
            for z in row {
                *z *= 3.0;
            }
        }
    })
}

/// Nine labels in ten are class 0, of which the logits know nothing; what little they know is of the label.
fn weak_beside_frequent_labels() -> Set {
    let set = noise_around(0.0, 0.2);
    let labels: Vec<u32> =
        (0..1500u32).map(|idx| if idx % 10 == 0 { idx / 10 % 12 } else { 0 }).collect();
    let of_rows = labels.clone();
    Set { labels, ..changed(&set, |idx, row| row[of_rows[idx] as usize] += 0.05) }
}

fn some_repeats() -> Set {
    let set = made_up(12, 1500, 2.0);
    let rows: Vec<usize> = (0..1500).chain(0..60).collect();
    set.of_rows(&rows)
}

/// Rows made for a rule, and how much it then matters.
type Case = (Rule, Severity, fn() -> Set);

const CASES: &[Case] = &[
    (Rule::ClassBias, Severity::Warning, biased),
    (Rule::DeadClasses, Severity::Info, padded),
    (Rule::HeavyTail, Severity::Warning, heavy_column),
    (Rule::Exploding, Severity::Warning, few_outliers),
    (Rule::DuplicateRows, Severity::Info, some_repeats),
    (Rule::OneTemperatureNotEnough, Severity::Warning, two_temperatures),
    (Rule::PredictionsCollapsed, Severity::Warning, || noise_around(5.0, 0.2)),
    (Rule::PredictionsCollapsed, Severity::Failure, || noise_around(9.0, 0.2)),
    (Rule::TemperatureUncertain, Severity::Info, || made_up(3, 150, 1.0)),
    (Rule::WorseThanPrior, Severity::Warning, weak_beside_frequent_labels),
    (Rule::SmallSample, Severity::Info, || made_up(12, 100, 2.0)),
];

#[test]
fn rows_made_for_a_rule_raise_it() {
    let mut wrong = Vec::new();
    for (rule, wanted, set) in CASES {
        let found = found(&set());
        if severity(&found, *rule) != Some(*wanted) {
            wrong.push(format!("{rule} {wanted:?}: {:?}", rules(&found)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn healthy_rows_raise_none_of_them() {
    let found = found(&made_up(12, 1500, 2.0));
    for (rule, ..) in CASES {
        assert_eq!(severity(&found, *rule), None, "{rule}: {found:#?}");
    }
}

/// A study of rows to fit on and rows to judge on.
pub(crate) fn judged(fit: &Set, test: &Set) -> Study {
    let (fit, test) = (fit.loaded(), test.loaded());
    let sources =
        Sources { info: fit.info, fit: Arc::new(fit.fit), test: Some(Arc::new(test.fit)) };
    study(sources, &shared::options(), &mut |_| true).expect("in memory")
}

/// Whether ECE after scaling lies below sum n/N sqrt(2 p (1 - p) / (pi n)).
fn is_below_floor(study: &Study) -> bool {
    let after = study.analysis.reliability_after.as_ref();
    let bins = &after.expect("T was fitted").bins;
    let n: f64 = bins.iter().map(|bin| bin.count as f64).sum();
    let filled = bins.iter().filter(|bin| bin.count > 0);
    let floor: f64 = filled
        .map(|bin| {
            let variance = bin.confidence * (1.0 - bin.confidence) * bin.count as f64;
            (2.0 * variance / std::f64::consts::PI).sqrt() / n
        })
        .sum();
    let after = study.analysis.after.as_ref().expect("T was fitted");
    after.metrics.ece < floor
}

#[test]
fn parts_that_differ() {
    let set = made_up(12, 3000, 2.0);
    let halves = |from: usize| set.of_rows(&(from..from + 1500).collect::<Vec<_>>());
    let (val, test) = (halves(0), halves(1500));
    let healthy = judged(&val, &test);
    assert_eq!(severity(&healthy.findings, Rule::SplitMismatch), None);
    assert_eq!(
        severity(&healthy.findings, Rule::BelowNoiseFloor).is_some(),
        is_below_floor(&healthy),
        "{:#?}",
        healthy.findings
    );
    let hotter = changed(&test, |_, row| row.iter_mut().for_each(|z| *z *= 2.0));
    let found = judged(&val, &hotter).findings;
    let finding = found.iter().find(|f| f.rule == Rule::SplitMismatch);
    let ratio = finding.and_then(|f| f.number("temperature_ratio"));
    assert!(ratio.is_some_and(|ratio| (1.8..2.2).contains(&ratio)), "{found:#?}");
    let mut wrong = test.clone();
    for (idx, label) in wrong.labels.iter_mut().enumerate() {
        if idx % 3 == 0 {
            *label = (*label + 1) % 12;
        }
    }
    let found = judged(&val, &wrong).findings;
    assert_eq!(severity(&found, Rule::SplitMismatch), Some(Severity::Warning), "{found:#?}");
    assert!(found.iter().all(|f| !f.of_fitted));
    // What is broken in the rows to fit on alone is told as such.
    let mut reversed = val.clone();
    reversed.labels.reverse();
    let found = judged(&reversed, &test).findings;
    assert_eq!(found[0].rule, Rule::RowsMisaligned, "{found:#?}");
    assert!(found[0].of_fitted && found[0].message.starts_with("In the rows to fit on: "));
}

/// The same rows as a step of a run.
pub(crate) fn at_step(set: &Set, step: &str) -> Vec<Finding> {
    let loaded = set.loaded();
    let mut info = loaded.info;
    info.guesses.push(Guess {
        what: "step".to_owned(),
        chosen: step.to_owned(),
        evidence: String::new(),
        choices: Vec::new(),
    });
    let sources = Sources { info, fit: Arc::new(loaded.fit), test: None };
    let study = study(sources, &shared::options(), &mut |_| true);
    study.expect("in memory").findings
}

#[test]
fn a_head_that_is_too_large_before_the_first_step() {
    // s^2/2 nats above ln K (Gaussian logits, a second-order law): 1.1 and 0.02 here.
    let (hot, mild) = (noise_around(0.0, 1.5), noise_around(0.0, 0.2));
    let found = at_step(&hot, "0");
    let finding = found.iter().find(|f| f.rule == Rule::HotStart);
    let above = finding.and_then(|f| f.number("nll_above_uniform"));
    assert!(above.is_some_and(|above| (0.7..1.3).contains(&above)), "{found:#?}");
    assert_eq!(severity(&found, Rule::HotStart), Some(Severity::Warning));
    assert_eq!(severity(&at_step(&mild, "0"), Rule::HotStart), None);
    assert_eq!(severity(&at_step(&hot, "100"), Rule::HotStart), None);
}

#[test]
fn probabilities_that_are_read_as_logits() {
    let softmax = CORRUPTIONS.iter().find(|c| c.name == "softmax applied");
    let softmax = softmax.expect("in the table").of(&made_up(12, 800, 2.0), 7);
    let (probabilities, _) = softmax.expect("all classes have labels");
    let found = |set: &Set, kind| {
        let options = OpenOptions { kind, ..OpenOptions::default() };
        let loaded = io::open_bytes("set.safetensors", &set.bytes(false), &options);
        let loaded = loaded.unwrap_or_else(|error| panic!("{error}"));
        let study = study(loaded, &shared::options(), &mut |_| true).expect("in memory");
        study.findings
    };
    let forced = found(&probabilities, Some(Kind::Logits));
    assert_eq!(forced[0].rule, Rule::ProbabilitiesGiven, "{forced:#?}");
    assert_eq!(forced[0].severity, Severity::Failure);
    assert!(forced[0].next_step.contains("--kind"), "{forced:#?}");
    let guessed = found(&probabilities, None);
    let as_info = Some(Severity::Info);
    assert_eq!(severity(&guessed, Rule::ProbabilitiesGiven), as_info);
    let logits = found(&made_up(12, 800, 2.0), Some(Kind::Logits));
    assert_eq!(severity(&logits, Rule::ProbabilitiesGiven), None);
}

#[test]
fn parts_of_other_classes_or_margins_differ() {
    let val = drawn(1, 12, 2000, 2.0);
    let all = drawn(2, 12, 6000, 2.0);
    let predicted = |idx: usize| {
        let row = &all.z[idx * 12..(idx + 1) * 12];
        (0..12).max_by(|&i, &j| row[i].total_cmp(&row[j])).expect("classes")
    };
    let number = |found: &[Finding], name: &str| {
        let finding = found.iter().find(|f| f.rule == Rule::SplitMismatch);
        finding.and_then(|f| f.number(name))
    };
    let rows = |keep: &dyn Fn(usize) -> bool| {
        let rows: Vec<usize> = (0..6000).filter(|idx| keep(*idx)).collect();
        judged(&val, &all.of_rows(&rows)).findings
    };
    let same = rows(&|idx| idx % 3 == 0);
    assert_eq!(severity(&same, Rule::SplitMismatch), None, "{same:#?}");
    // Four of the twelve classes are predicted one time in eight.
    let few = rows(&|idx| predicted(idx) >= 4 || idx % 8 == 0);
    assert_eq!(severity(&few, Rule::SplitMismatch), Some(Severity::Warning));
    let divergence = number(&few, "divergence_of_predictions");
    assert!(divergence.is_some_and(|d| d > 0.02), "{few:#?}");
    // The unclear half is thinned: its labels stay as right as they were.
    let clear = rows(&|idx| margin(&all.z[idx * 12..(idx + 1) * 12]) > 1.0 || idx % 8 == 0);
    assert_eq!(severity(&clear, Rule::SplitMismatch), Some(Severity::Warning));
    let shift = number(&clear, "margin_shift");
    assert!(shift.is_some_and(|shift| shift > 0.1), "{clear:#?}");
}

#[test]
fn a_slice_that_wants_another_temperature_is_named_once_asked_for() {
    let set = drawn(3, 12, 3000, 2.0);
    // Of language b every logit is half of what it should be; both languages are as frequent at any confidence.
    let set = changed(&set, |idx, row| {
        if idx % 2 == 1 {
            for z in row.iter_mut() {
                *z *= 0.5;
            }
        }
    });
    let mut text = "lang,document,label,".to_owned();
    text += &(0..12).map(|k| format!("z{k}")).collect::<Vec<_>>().join(",");
    for (idx, label) in set.labels.iter().enumerate() {
        let row = &set.z[idx * 12..(idx + 1) * 12];
        let row: Vec<String> = row.iter().map(ToString::to_string).collect();
        let lang = if idx % 2 == 1 { "b" } else { "a" };
        let _ = write!(text, "\n{lang},{},{label},{}", idx / 30, row.join(","));
    }
    let found = |columns: &[&str], group: Option<&str>| {
        let slices: Vec<String> = columns.iter().map(ToString::to_string).collect();
        let open = OpenOptions {
            slices: slices.clone(),
            group: group.map(str::to_owned),
            ..OpenOptions::default()
        };
        let loaded = io::open_bytes("set.csv", text.as_bytes(), &open);
        let loaded = loaded.unwrap_or_else(|error| panic!("{error}"));
        let options = AnalysisOptions { slices, n_draws: 0, families: false, ..shared::options() };
        let study = study(loaded, &options, &mut |_| true).expect("in memory");
        let finding = study.findings.into_iter();
        let mut finding = finding.filter(|f| f.rule == Rule::OneTemperatureNotEnough);
        finding.next()
    };
    let (asked, nothing): (&[&str], &[&str]) = (&["lang"], &[]);
    for group in [None, Some("document")] {
        let finding = found(asked, group).expect("a slice differs");
        assert_eq!(finding.severity, Severity::Warning, "{finding:#?}");
        assert!(finding.message.contains("lang = "), "{finding:#?}");
    }
    let unasked = found(nothing, None);
    let names_it = |f: &Finding| f.message.contains("lang");
    assert!(!unasked.as_ref().is_some_and(names_it), "{unasked:#?}");
}

#[test]
fn a_calibrated_confidence_over_wrong_other_classes_makes_ece_rise() {
    // The largest probability is right, but a wrong row's label is any of the others: only NLL sees that.
    let mut set = made_up(12, 4000, 2.0);
    for (idx, label) in set.labels.iter_mut().enumerate() {
        let row = &set.z[idx * 12..(idx + 1) * 12];
        let top = (0..12u32)
            .max_by(|&i, &j| row[i as usize].total_cmp(&row[j as usize]))
            .expect("classes");
        if *label != top {
            *label = (top + 1 + (u32::try_from(idx).expect("few") * 7919) % 11) % 12;
        }
    }
    let half = |from: usize| set.of_rows(&(from..from + 2000).collect::<Vec<_>>());
    let found = judged(&half(0), &half(2000)).findings;
    assert_eq!(severity(&found, Rule::EceDisagrees), Some(Severity::Info), "{found:#?}");
}

#[test]
fn every_rule_is_found_passed_or_does_not_apply() {
    let sets = [2, 3, 12].map(|k| made_up(k, 600, 2.0));
    for set in &sets {
        let mut broken: Vec<Set> =
            CORRUPTIONS.iter().filter_map(|c| Some(c.of(set, 7)?.0)).collect();
        broken.push(set.clone());
        for set in broken {
            let loaded = set.loaded();
            let study = study(loaded, &shared::options(), &mut |_| true).expect("in memory");
            let found: BTreeSet<Rule> = study.findings.iter().map(|f| f.rule).collect();
            let skipped: BTreeSet<Rule> = study.skipped.iter().map(|s| s.rule).collect();
            let good: BTreeSet<Rule> =
                passed(&study.findings, &study.skipped).into_iter().collect();
            assert!(found.is_disjoint(&skipped) && good.is_disjoint(&skipped));
            assert_eq!(found.len() + skipped.len() + good.len(), 43, "{}", study.info.path);
            let inputs = [Rule::F16Overflow, Rule::HotStart, Rule::LowResolution];
            assert!(inputs.iter().all(|rule| skipped.contains(rule)), "{skipped:?}");
        }
    }
}

/// Sums of squares that are about 0 would lose what differs between rows.
#[test]
fn a_column_with_a_huge_offset_makes_no_rows_alike() {
    let set = changed(&made_up(12, 1500, 2.0), |_, row| row[0] += 1e12);
    assert_eq!(severity(&found(&set), Rule::RowsAlike), None);
}
