//! What is said of healthy and of broken logits: each rule on made-up rows, the table of the shared data line by line,
//! and every way to break every healthy set.

use logitscope::analysis::AnalysisOptions;
use logitscope::diagnosis::{Finding, Rule, Severity, diagnose_run, step_stats};
use logitscope::io::{OpenOptions, Part};
use logitscope::pipeline::{Study, study};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::corrupt::{CORRUPTIONS, Set, healthy};
use crate::shared;

/// Rows of classes as alike as a network leaves them: Gaussian scores, labels drawn from their softmax, so that T = 1
/// is right.
pub(crate) fn made_up(k: usize, n: usize, spread: f32) -> Set {
    drawn(11, k, n, spread)
}

/// The same from other random numbers.
pub(crate) fn drawn(seed: u64, k: usize, n: usize, spread: f32) -> Set {
    let mut random = Pcg64::seed_from_u64(seed);
    let (mut z, mut labels) = (Vec::new(), Vec::new());
    for _ in 0..n {
        // Sums of uniform numbers are as good as normal ones here.
        let mut normal =
            || (0..6).map(|_| random.random_range(-1.0..1.0f32)).sum::<f32>() / 2f32.sqrt();
        let row: Vec<f32> = (0..k).map(|_| spread * normal()).collect();
        let p: Vec<f32> = row.iter().map(|z| z.exp()).collect();
        let mut left = random.random_range(0.0..1.0f32) * p.iter().sum::<f32>();
        let label = p.iter().position(|p| {
            left -= p;
            left < 0.0
        });
        labels.push(u32::try_from(label.unwrap_or(0)).expect("few"));
        z.extend(row);
    }
    Set { name: "made up".to_owned(), k, z, labels, names: Vec::new() }
}

pub(crate) fn rules(findings: &[Finding]) -> Vec<Rule> {
    findings.iter().map(|finding| finding.rule).collect()
}

pub(crate) fn severity(findings: &[Finding], rule: Rule) -> Option<Severity> {
    let finding = findings.iter().find(|finding| finding.rule == rule);
    finding.map(|finding| finding.severity)
}

/// Changes each row of a healthy set.
pub(crate) fn changed(set: &Set, mut change: impl FnMut(usize, &mut [f32])) -> Set {
    let mut broken = set.clone();
    for (idx, row) in broken.z.chunks_exact_mut(set.k).enumerate() {
        change(idx, row);
    }
    broken
}

#[test]
fn nothing_is_said_of_healthy_rows() {
    for k in [2, 3, 12, 60] {
        let found = made_up(k, 1500, 2.0).findings(false);
        let serious = found.iter().any(|f| f.severity > Severity::Info);
        assert!(!serious, "K = {k}: {found:#?}");
    }
}

#[test]
fn few_healthy_rows_are_called_broken_by_no_rule() {
    let mut wrong = Vec::new();
    for (k, n) in [(12, 40), (12, 15), (2, 40), (3, 25), (60, 50)] {
        for seed in 0..200 {
            // In a perfect set the labels are on top in fact.
            for finding in drawn(seed, k, n, 2.0).findings(false) {
                let is_perfect = finding.rule == Rule::SuspiciouslyPerfect;
                if finding.severity == Severity::Failure && !is_perfect {
                    wrong.push(format!("K = {k}, {n} rows, seed {seed}: {}", finding.message));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of 1000: {wrong:#?}", wrong.len());
}

#[test]
fn a_reversal_is_named_where_rows_are_left_out() {
    let healthy = made_up(12, 600, 2.5);
    for left_out in [&[0usize, 1, 2][..], &[100, 101, 500], &[599], &[7, 50, 51, 52, 53, 400]] {
        let misaligned = |reorder: &dyn Fn(&mut Vec<u32>)| {
            let mut set = healthy.clone();
            reorder(&mut set.labels);
            let set = changed(&set, |idx, row| {
                if left_out.contains(&idx) {
                    row[3] = f32::NAN;
                }
            });
            let found = set.findings(false);
            let finding = found.into_iter().find(|f| f.rule == Rule::RowsMisaligned);
            finding.map_or(String::new(), |finding| finding.message)
        };
        let message = misaligned(&|labels| labels.reverse());
        assert!(message.contains("one of the two is reversed"), "{message}");
        // And so is a roll in the order of the file.
        let message = misaligned(&|labels| labels.rotate_right(3));
        assert!(message.contains("stands +3 rows away"), "{message}");
    }
}

#[test]
fn every_corruption_of_made_up_rows_is_named_first() {
    for k in [3, 12, 60] {
        let set = made_up(k, 1500, 2.5);
        for corruption in CORRUPTIONS {
            let (broken, wanted) = corruption.of(&set, 7).expect("all classes have labels");
            let found = broken.findings(corruption.half);
            let is_right = wanted.is_met_by(&found);
            assert!(is_right, "{}, K = {k}: {found:#?}", corruption.name);
        }
    }
}

#[test]
fn stored_numbers() {
    let set = made_up(12, 1500, 2.0);
    let coarse = changed(&set, |_, row| row.iter_mut().for_each(|z| *z += 300.0));
    let found = coarse.findings(true);
    assert_eq!(severity(&found, Rule::LowResolution), Some(Severity::Warning));
    assert_eq!(severity(&found, Rule::MeanDrift), Some(Severity::Warning));
    assert_eq!(severity(&coarse.findings(false), Rule::LowResolution), None);
    // The 16 low bits cleared: bfloat16 in a float32 file.
    let upcast = changed(&set, |_, row| {
        for z in row {
            *z = f32::from_bits(z.to_bits() & 0xFFFF_0000);
        }
    });
    let found = upcast.findings(false);
    assert_eq!(severity(&found, Rule::UpcastStorage), Some(Severity::Info));
    let masked = changed(&set, |idx, row| {
        if idx < 20 {
            let free = usize::from(set.labels[idx] == 0);
            row[free] = f32::NEG_INFINITY;
        }
    });
    let found = masked.findings(false);
    assert_eq!(severity(&found, Rule::NonFinite), None);
    let of_mask = found.iter().find(|f| f.rule == Rule::MaskedClasses);
    let of_mask = of_mask.expect("twenty rows lack a class");
    assert_eq!(of_mask.severity, Severity::Info);
    assert_eq!(of_mask.rows, (0..10).collect::<Vec<u64>>());
    assert_eq!(of_mask.number("rows"), Some(20.0));
    let at_label = changed(&set, |idx, row| {
        if idx < 20 {
            row[set.labels[idx] as usize] = f32::NEG_INFINITY;
        }
    });
    let found = at_label.findings(false);
    assert_eq!((found[0].rule, found[0].severity), (Rule::NonFinite, Severity::Failure));
    assert!(found[0].message.contains("20 x -inf at the label"), "{found:#?}");
    assert_eq!(severity(&found, Rule::MaskedClasses), None);
}

#[test]
fn rows_that_are_no_rows_of_logits() {
    let set = made_up(12, 1500, 2.0);
    let constant = changed(&set, |idx, row| {
        if idx % 3 > 0 {
            row.fill(0.25);
        }
    });
    let found = constant.findings(false);
    assert_eq!(rules(&found), [Rule::ConstantRows]);
    assert_eq!(found[0].severity, Severity::Failure);
    let some = changed(&set, |idx, row| {
        if idx == 7 {
            row.fill(0.25);
        }
    });
    let found = some.findings(false);
    assert_eq!(severity(&found, Rule::ConstantRows), Some(Severity::Warning));
    assert_eq!(found[0].rows, [7]);
    let sorted = changed(&set, |_, row| row.sort_by(|x, y| y.total_cmp(x)));
    assert!(rules(&sorted.findings(false)).contains(&Rule::TruncatedRows));
    let clamped = changed(&set, |_, row| row.iter_mut().for_each(|z| *z = z.max(-0.5)));
    assert!(rules(&clamped.findings(false)).contains(&Rule::TruncatedRows));
    let filled = changed(&set, |idx, row| {
        let spared = set.labels[idx] as usize;
        row[(spared + 1) % 12] = -9999.0;
    });
    assert!(rules(&filled.findings(false)).contains(&Rule::TruncatedRows));
    let rounded = changed(&set, |_, row| row.iter_mut().for_each(|z| *z = z.round()));
    assert!(severity(&rounded.findings(false), Rule::TiedTop).is_some());
}

#[test]
fn sizes_of_logits() {
    let set = made_up(12, 1500, 2.0);
    let capped = changed(&set, |_, row| {
        for z in row {
            *z = 30.0 * z.tanh();
        }
    });
    assert!(rules(&capped.findings(false)).contains(&Rule::SoftCap));
    let one_cell = changed(&set, |idx, row| {
        if idx == 3 {
            row[5] = -300.0;
        }
    });
    let found = one_cell.findings(false);
    assert_eq!(severity(&found, Rule::HeavyTail), Some(Severity::Failure));
    let sure = changed(&set, |_, row| row.iter_mut().for_each(|z| *z *= 9.0));
    let found = sure.findings(false);
    assert_eq!(severity(&found, Rule::Saturated), Some(Severity::Warning));
    assert_eq!(severity(&found, Rule::Overconfident), Some(Severity::Warning));
    assert_eq!(severity(&found, Rule::ExtremeTemperature), Some(Severity::Warning));
    let flat = changed(&set, |_, row| row.iter_mut().for_each(|z| *z *= 0.3));
    let found = flat.findings(false);
    assert_eq!(severity(&found, Rule::Underconfident), Some(Severity::Warning));
    let line = changed(&set, |_, row| {
        let x = row[0];
        for (class, z) in row.iter_mut().enumerate() {
            *z = 0.01 * *z + x * (class as f32 - 5.5);
        }
    });
    // Labels that follow the one direction, so that there is signal.
    let mut labels = line.clone();
    for (label, row) in labels.labels.iter_mut().zip(line.z.chunks_exact(12)) {
        *label = if row[11] > row[0] { 11 } else { 0 };
    }
    labels.labels[0] = 5;
    assert!(rules(&labels.findings(false)).contains(&Rule::RankCollapse));
}

#[test]
fn labels_and_classes() {
    let set = made_up(12, 1500, 2.0);
    let negated = changed(&set, |_, row| row.iter_mut().for_each(|z| *z = -*z));
    let found = negated.findings(false);
    assert_eq!(found[0].rule, Rule::AntiInformative, "{found:#?}");
    assert_eq!(severity(&found, Rule::WorseThanUniform), Some(Severity::Failure));
    let swapped = changed(&made_up(2, 1500, 2.0), |_, row| row.swap(0, 1));
    assert_eq!(swapped.findings(false)[0].rule, Rule::LabelsShifted);
    let dead = changed(&set, |_, row| row[3] -= 9.0);
    assert!(rules(&dead.findings(false)).contains(&Rule::DeadClasses));
    let mut rolled = set.clone();
    rolled.labels.rotate_left(3);
    let found = rolled.findings(false);
    assert_eq!(found[0].rule, Rule::RowsMisaligned);
    assert!(found[0].message.contains("-3 rows"), "{}", found[0].message);
    let mut noisy = set.clone();
    for row in noisy.z.chunks_exact_mut(12) {
        for z in row {
            *z *= 4.0;
        }
    }
    for idx in 0..noisy.n() {
        let row = &noisy.z[idx * 12..(idx + 1) * 12];
        let best = (0..12).max_by(|&i, &j| row[i].total_cmp(&row[j])).expect("classes");
        noisy.labels[idx] = u32::try_from((best + usize::from(idx % 5 == 0)) % 12).expect("few");
    }
    let found = noisy.findings(false);
    assert_eq!(severity(&found, Rule::LabelErrors), Some(Severity::Info));
    let unrelated = Set {
        labels: (0..1500u32).map(|i| i * 7 % 12).collect(),
        ..changed(&set, |_, row| row.iter_mut().for_each(|z| *z *= 1e-3))
    };
    let found = unrelated.findings(false);
    assert!(rules(&found).contains(&Rule::Collapsed), "{found:#?}");
}

fn quick() -> AnalysisOptions {
    AnalysisOptions { families: false, ..shared::options() }
}

fn study_of(path: &str, part: Part, step: Option<u64>) -> Study {
    let options = OpenOptions { part, step, ..OpenOptions::default() };
    let loaded = shared::open(&shared::data(path), &options);
    study(loaded, &quick(), &mut |_| true).expect("the file can be read")
}

/// A line of the table: what must be raised, what must not, whether a failure may be.
struct Line {
    path: &'static str,
    step: Option<u64>,
    first: Option<Rule>,
    raised: &'static [Rule],
    silent: &'static [Rule],
    may_fail: bool,
}

const TABLE: &[Line] = &[
    Line {
        path: "cifar10_densenet40/logits.npz",
        step: None,
        first: None,
        raised: &[Rule::Overconfident, Rule::ExtremeTemperature, Rule::Saturated],
        silent: &[Rule::SoftCap, Rule::ClassBias],
        may_fail: false,
    },
    Line {
        path: "digits_cnn/cnn_steps.npz",
        step: Some(8000),
        first: None,
        raised: &[Rule::Overconfident],
        silent: &[Rule::Exploding],
        may_fail: false,
    },
    Line {
        path: "digits_cnn/broken_fp16_overflow.npz",
        step: None,
        first: Some(Rule::F16Overflow),
        raised: &[Rule::NonFinite],
        silent: &[Rule::RowsMisaligned],
        may_fail: true,
    },
    Line {
        path: "digits_cnn/broken_collapsed.npz",
        step: None,
        first: Some(Rule::RowsAlike),
        raised: &[Rule::Collapsed],
        silent: &[Rule::Exploding, Rule::Vanishing],
        may_fail: true,
    },
    Line {
        path: "digits_cnn/broken_dead_units.npz",
        step: None,
        first: Some(Rule::RowsAlike),
        raised: &[],
        silent: &[Rule::Exploding],
        may_fail: true,
    },
    Line {
        path: "digits_cnn/broken_zero_init.npz",
        step: None,
        first: Some(Rule::ConstantRows),
        raised: &[],
        silent: &[],
        may_fail: true,
    },
    Line {
        path: "digits_cnn/label_smoothing.npz",
        step: None,
        first: None,
        raised: &[Rule::Underconfident, Rule::ExtremeTemperature],
        silent: &[Rule::Exploding, Rule::Collapsed],
        may_fail: false,
    },
    Line {
        path: "digits_cnn/noisy_labels.npz",
        step: None,
        first: None,
        raised: &[Rule::Overconfident, Rule::ExtremeTemperature, Rule::LabelErrors],
        silent: &[Rule::RowsMisaligned],
        may_fail: false,
    },
];

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn the_table_holds_on_val_and_test_rows() {
    for line in TABLE {
        for part in [Part::Val, Part::Test] {
            let study = study_of(line.path, part, line.step);
            let found = &study.findings;
            let what = format!("{} {part:?}: {found:#?}", line.path);
            if let Some(first) = line.first {
                assert_eq!(found[0].rule, first, "{what}");
            }
            assert!(line.raised.iter().all(|r| rules(found).contains(r)), "{what}");
            assert!(!line.silent.iter().any(|r| rules(found).contains(r)), "{what}");
            let fails = found.iter().any(|f| f.severity == Severity::Failure);
            assert_eq!(fails, line.may_fail, "{what}");
        }
    }
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn what_cannot_be_fitted_has_no_temperature() {
    let study = study_of("digits_cnn/broken_zero_init.npz", Part::Val, None);
    assert_eq!(study.analysis.fit.temperature, None);
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn files_of_one_part() {
    let cases: [(&str, &[Rule], &[Rule]); 10] = [
        ("hpc_lda/hpc_cv.csv", &[Rule::ProbabilitiesGiven, Rule::Overconfident], &[]),
        ("sms_spam/val.csv", &[Rule::DuplicateRows, Rule::Overconfident], &[]),
        ("sms_spam/test.csv", &[Rule::DuplicateRows, Rule::Overconfident], &[]),
        (
            "sms_spam/val_strong_regularisation.csv",
            &[Rule::Underconfident, Rule::DuplicateRows],
            &[Rule::PredictionsCollapsed],
        ),
        (
            "sms_spam/test_strong_regularisation.csv",
            &[Rule::Underconfident, Rule::DuplicateRows],
            &[Rule::PredictionsCollapsed],
        ),
        ("pos_tags/val.safetensors", &[Rule::DuplicateRows, Rule::Overconfident], &[]),
        ("word_lm/test_bf16.safetensors", &[], &[Rule::Overconfident]),
        ("word_lm/base_logits.kld", &[Rule::LogProbabilitiesGiven], &[]),
        ("pos_tags/test_bf16.safetensors", &[Rule::DuplicateRows, Rule::Overconfident], &[]),
        ("formats/bf16.safetensors", &[Rule::LowResolution], &[]),
    ];
    for (path, raised, silent) in cases {
        let study = study_of(path, Part::Auto, None);
        let found = &study.findings;
        let has = |rule: &Rule| rules(found).contains(rule);
        assert!(raised.iter().all(has), "{path}: {found:#?}");
        assert!(!silent.iter().any(has), "{path}: {found:#?}");
        let is_failure = found.iter().any(|f| f.severity >= Severity::Failure);
        assert!(!is_failure, "{path}: {found:#?}");
    }
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn magika_by_part() {
    let judged = study_of("magika/logits.parquet", Part::Auto, None);
    assert!(rules(&judged.findings).contains(&Rule::EceDisagrees), "{:#?}", judged.findings);
    assert!(judged.findings.iter().all(|f| f.severity < Severity::Failure));
    let val = study_of("magika/logits.parquet", Part::Val, None);
    for rule in [Rule::DeadClasses, Rule::ClassBias] {
        let finding = val.findings.iter().find(|finding| finding.rule == rule);
        let finding = finding.unwrap_or_else(|| panic!("{rule}: {:#?}", val.findings));
        let class = finding.number("class").or(finding.number("first_class"));
        assert_eq!(class, Some(101.0), "{finding:#?}");
    }
    assert!(val.findings.iter().all(|f| f.severity < Severity::Failure));
}

/// The findings of the steps of a file, and of their order.
fn run(path: &str, part: Part, steps: &[u64]) -> (Vec<Vec<Finding>>, Vec<Finding>) {
    let mut all = Vec::new();
    for step in steps {
        let study = study_of(path, part, Some(*step));
        let name = format!("step {step}");
        all.push(step_stats(&study.subject(), name, study.sha256_labels.clone()));
    }
    let of_run = diagnose_run(&all);
    (all.into_iter().map(|step| step.findings).collect(), of_run)
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn a_healthy_run_grows_overconfident_and_nothing_else() {
    let steps = [0, 20, 60, 200, 600, 2000, 8000];
    for (part, least) in [(Part::Val, 60.0), (Part::Test, 200.0)] {
        let (each, of_run) = run("digits_cnn/cnn_steps.npz", part, &steps);
        assert_eq!(rules(&of_run), [Rule::OverconfidenceGrowth], "{of_run:#?}");
        assert_eq!(of_run[0].number("least_step"), Some(least));
        for (step, found) in each.iter().enumerate() {
            assert!(found.iter().all(|f| f.severity < Severity::Failure), "{found:#?}");
            let useless = rules(found).contains(&Rule::WorseThanPrior);
            assert!(step == 0 || !useless, "{found:#?}");
        }
    }
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn a_run_that_exploded_says_so_from_the_first_step_on() {
    let steps = [0, 10, 40, 150, 400];
    for part in [Part::Val, Part::Test] {
        let (each, of_run) = run("digits_cnn/broken_exploding.npz", part, &steps);
        assert_eq!(of_run[0].rule, Rule::ExplosionOnset);
        assert!(of_run[0].message.contains("from the first step on"));
        for found in each {
            assert_eq!(found[0].rule, Rule::Exploding);
            let silent = [Rule::Collapsed, Rule::RowsMisaligned];
            assert!(!rules(&found).iter().any(|r| silent.contains(r)), "{found:#?}");
        }
    }
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn every_corruption_of_every_small_set_is_named_first() {
    let folder = shared::data("");
    let sets = healthy(&folder, 12, 1000);
    assert!(sets.len() > 20, "the sets are there");
    let (mut n, mut wrong) = (0, Vec::new());
    for (set, corruption) in sets.iter().flat_map(|set| CORRUPTIONS.iter().map(move |c| (set, c))) {
        let Some((broken, wanted)) = corruption.of(set, 7) else {
            continue;
        };
        let found = broken.findings(corruption.half);
        let first = found.first().map(|f| f.rule);
        n += 1;
        if !wanted.is_met_by(&found) {
            wrong.push(format!("{} of {}: {first:?}", corruption.name, set.name));
        }
    }
    assert!(wrong.len() * 50 <= n, "{} of {n}: {wrong:#?}", wrong.len());
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn a_bootstrap_of_a_healthy_set_raises_no_failure() {
    let folder = shared::data("");
    for set in healthy(&folder, 12, 1500) {
        let mut random = Pcg64::seed_from_u64(3);
        let n = set.n();
        let rows: Vec<usize> = (0..n).map(|_| random.random_range(0..n)).collect();
        let found = set.of_rows(&rows).findings(false);
        // A row that is drawn twice is a repeat: that, and only that, may be told.
        let fails = found.iter().any(|f| f.severity == Severity::Failure);
        assert!(!fails, "{}: {found:#?}", set.name);
    }
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn half_of_a_healthy_set_raises_no_failure() {
    let folder = shared::data("");
    for set in healthy(&folder, 12, 2500) {
        for seed in 0..2 {
            let found = set.half(seed).findings(false);
            let fails = found.iter().any(|f| f.severity == Severity::Failure);
            assert!(!fails, "{}: {found:#?}", set.name);
        }
    }
}
