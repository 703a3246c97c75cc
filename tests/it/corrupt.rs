//! Healthy sets, the ways in which they are broken, and what must then be found first. Shared by a test and by
//! `examples/confusion.rs`.

use std::collections::HashSet;
use std::path::Path;

use logitscope::data::{BatchSource, Label, ValuesRef};
use logitscope::diagnosis::{Finding, Rule, Severity, Subject, diagnose};
use logitscope::fit::fit_temperature;
use logitscope::io::{self, Loaded, OpenOptions, Part};
use logitscope::pipeline::summaries;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// A healthy set of rows.
#[derive(Clone)]
pub(crate) struct Set {
    pub(crate) name: String,
    pub(crate) k: usize,
    pub(crate) z: Vec<f32>,
    pub(crate) labels: Vec<u32>,
    /// Texts that the labels are saved as, by class; empty where they are numbers.
    pub(crate) names: Vec<String>,
}

/// The files of healthy sets, with a step of a series or the file of their labels.
const FILES: &[(&str, Option<u64>, Option<&str>)] = &[
    ("cifar10_densenet40/logits.npz", None, None),
    ("digits_cnn/cnn_steps.npz", Some(20), None),
    ("digits_cnn/cnn_steps.npz", Some(60), None),
    ("digits_cnn/cnn_steps.npz", Some(200), None),
    ("digits_cnn/cnn_steps.npz", Some(600), None),
    ("digits_cnn/cnn_steps.npz", Some(2000), None),
    ("digits_cnn/cnn_steps.npz", Some(8000), None),
    ("digits_cnn/label_smoothing.npz", None, None),
    ("digits_cnn/noisy_labels.npz", None, None),
    ("cifar_softmax/lenet-5-cifar-10.npz", None, None),
    ("cifar_softmax/wideresnet-16-4-cifar-10.npz", None, None),
    ("cifar_softmax/densenet-bc-100-cifar-100.npz", None, None),
    ("hpc_lda/hpc_cv.csv", None, None),
    ("sms_spam/val.csv", None, None),
    ("sms_spam/test.csv", None, None),
    ("sms_spam/val_strong_regularisation.csv", None, None),
    ("sms_spam/test_strong_regularisation.csv", None, None),
    ("digits_small/val.csv", None, None),
    ("digits_small/test.csv", None, None),
    ("pos_tags/val.safetensors", None, None),
    ("pos_tags/test_bf16.safetensors", None, None),
    ("formats/wide.csv", None, None),
    ("formats/bf16.safetensors", None, None),
    ("formats/f16.safetensors", None, None),
    ("formats/wide_f64_gzip.parquet", None, None),
    ("formats/fixed_list_f16.parquet", None, None),
    ("formats/large_list_f64_names.parquet", None, None),
    ("formats/arrays.h5", None, None),
    ("formats/rows.jsonl", None, None),
    ("formats/shards", None, None),
    ("magika/logits.parquet", None, None),
    ("word_lm/val_logits.f16.npy", None, Some("word_lm/val_labels.npy")),
    ("word_lm/test_bf16.safetensors", None, None),
    ("word_lm/base_logits.kld", None, None),
    ("word_lm/choices.jsonl", None, None),
    ("morph_multilabel/val.npz", None, None),
    ("morph_multilabel/test.npz", None, None),
];

/// Rows from which on a file without parts of its own gives its two halves too.
const HALVED_FROM: usize = 3000;

/// Every part of every healthy set below `folder` with at most `max_k` classes, thinned to at most `max_rows` rows: of
/// multi-label files every label, of files without parts also their halves.
pub(crate) fn healthy(folder: &Path, max_k: usize, max_rows: usize) -> Vec<Set> {
    let mut sets = Vec::new();
    for (path, step, labels) in FILES {
        for part in [Part::Val, Part::Test, Part::Auto] {
            let options = OpenOptions {
                part,
                step: *step,
                labels: labels.map(|file| folder.join(file).to_string_lossy().into_owned()),
                ..OpenOptions::default()
            };
            let Ok(loaded) = io::open(&folder.join(path), &options, &mut |_| true) else {
                continue;
            };
            let both = loaded.test.is_some();
            if !both && loaded.info.n_classes <= max_k {
                let name = format!("{path} {step:?} {part:?}");
                let whole = set(name, &loaded);
                let apart = apart(whole, loaded.info.n_labels.unwrap_or(1), part);
                sets.extend(apart.into_iter().map(|set| set.thinned(max_rows)));
            }
        }
    }
    sets
}

/// Wrong rows that a label of multi-label data must have: with fewer it is next to perfect as it is, and said to be.
const MIN_WRONG: usize = 20;

/// One set for each label of multi-label rows; of others the whole, and its halves where it is long and has no parts.
fn apart(set: Set, n_labels: usize, part: Part) -> Vec<Set> {
    let n = set.n();
    let of = |name: String, rows: Vec<usize>| Set {
        name: format!("{} {name}", set.name),
        ..set.of_rows(&rows)
    };
    if n_labels > 1 {
        let label = |label: usize| {
            let rows = (label..n).step_by(n_labels).collect();
            of(format!("label {label}"), rows).without_repeats()
        };
        let mut sets: Vec<Set> = (0..n_labels).map(label).collect();
        sets.retain(|set| set.n_wrong() >= MIN_WRONG);
        return sets;
    }
    if part != Part::Auto || n < HALVED_FROM {
        return vec![set];
    }
    let first = of("first half".to_owned(), (0..n / 2).collect());
    let second = of("second half".to_owned(), (n / 2..n).collect());
    vec![set, first, second]
}

/// The labelled rows of a file, those with an absent class left out.
fn set(name: String, loaded: &Loaded) -> Set {
    let k = loaded.info.n_classes;
    let (mut z, mut labels) = (Vec::new(), Vec::new());
    let mut add = |row: Vec<f32>, label: &Label| {
        if let Some(class) = label.index().filter(|_| row.iter().all(|z| z.is_finite())) {
            z.extend(row);
            labels.push(u32::try_from(class).expect("few"));
        }
    };
    let read = loaded.fit.read(&mut |batch| {
        for (idx, label) in batch.labels.iter().enumerate() {
            match batch.values.slice(idx * k, (idx + 1) * k) {
                ValuesRef::F32(row) => add(row.to_vec(), label),
                #[expect(clippy::cast_possible_truncation, reason = "precise enough")]
                ValuesRef::F64(row) => add(row.iter().map(|z| *z as f32).collect(), label),
            }
        }
        Ok(())
    });
    read.expect("the file can be read");
    Set { name, k, z, labels, names: Vec::new() }
}

impl Set {
    pub(crate) fn n(&self) -> usize {
        self.labels.len()
    }

    fn row(&self, idx: usize) -> &[f32] {
        &self.z[idx * self.k..(idx + 1) * self.k]
    }

    fn row_mut(&mut self, idx: usize) -> &mut [f32] {
        &mut self.z[idx * self.k..(idx + 1) * self.k]
    }

    /// The rows `rows`.
    pub(crate) fn of_rows(&self, rows: &[usize]) -> Self {
        Self {
            name: self.name.clone(),
            k: self.k,
            z: rows.iter().flat_map(|idx| self.row(*idx)).copied().collect(),
            labels: rows.iter().map(|idx| self.labels[*idx]).collect(),
            names: self.names.clone(),
        }
    }

    /// The first of all rows with the same scores: the same word has the same ones, and a label alone is few numbers.
    fn without_repeats(&self) -> Self {
        let mut seen = HashSet::new();
        let bits =
            |idx: &usize| -> Vec<u32> { self.row(*idx).iter().map(|z| z.to_bits()).collect() };
        let rows: Vec<usize> = (0..self.n()).filter(|idx| seen.insert(bits(idx))).collect();
        self.of_rows(&rows)
    }

    /// Rows whose largest score is not that of the label.
    fn n_wrong(&self) -> usize {
        let is_wrong = |idx: &usize| {
            let row = self.row(*idx);
            row.iter().any(|z| *z > row[self.labels[*idx] as usize])
        };
        (0..self.n()).filter(is_wrong).count()
    }

    fn thinned(self, max_rows: usize) -> Self {
        let step = self.n().div_ceil(max_rows).max(1);
        let rows: Vec<usize> = (0..self.n()).step_by(step).collect();
        self.of_rows(&rows)
    }

    /// Half of the rows, drawn without replacement and in order.
    pub(crate) fn half(&self, seed: u64) -> Self {
        let mut rows: Vec<usize> = (0..self.n()).collect();
        rows.shuffle(&mut Pcg64::seed_from_u64(seed));
        rows.truncate(self.n() / 2);
        rows.sort_unstable();
        self.of_rows(&rows)
    }

    /// As the bytes of a safetensors file, with f16 numbers if `half`.
    pub(crate) fn bytes(&self, half: bool) -> Vec<u8> {
        let (dtype, logits): (&str, Vec<u8>) = if half {
            let of = |z: &f32| half::f16::from_f32(*z).to_le_bytes();
            ("F16", self.z.iter().flat_map(of).collect())
        } else {
            ("F32", self.z.iter().flat_map(|z| z.to_le_bytes()).collect())
        };
        let labels: Vec<u8> =
            self.labels.iter().flat_map(|label| i64::from(*label).to_le_bytes()).collect();
        let (n, k, middle) = (self.n(), self.k, logits.len());
        let end = middle + labels.len();
        let head = format!(
            r#"{{"logits":{{"dtype":"{dtype}","shape":[{n},{k}],"data_offsets":[0,{middle}]}},"labels":{{"dtype":"I64","shape":[{n}],"data_offsets":[{middle},{end}]}}}}"#
        );
        let mut bytes = (head.len() as u64).to_le_bytes().to_vec();
        bytes.extend(head.as_bytes());
        bytes.extend(logits);
        bytes.extend(labels);
        bytes
    }

    /// As the lines of a JSON file, with the names of the labels.
    fn lines(&self) -> String {
        let line = |idx: usize| {
            let name = &self.names[self.labels[idx] as usize];
            format!(r#"{{"logits":{:?},"label":"{name}"}}"#, self.row(idx))
        };
        (0..self.n()).map(line).collect::<Vec<_>>().join("\n")
    }

    /// As it is read once it was saved.
    #[cfg(test)]
    pub(crate) fn loaded(&self) -> Loaded {
        self.loaded_as(false, &OpenOptions::default())
    }

    fn loaded_as(&self, half: bool, options: &OpenOptions) -> Loaded {
        if self.names.is_empty() {
            io::open_bytes("set.safetensors", &self.bytes(half), options)
        } else {
            io::open_bytes("set.jsonl", self.lines().as_bytes(), options)
        }
        .unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// What is found in it once it was saved and read again.
    pub(crate) fn findings(&self, half: bool) -> Vec<Finding> {
        self.findings_with(half, &OpenOptions::default())
    }

    pub(crate) fn findings_with(&self, half: bool, options: &OpenOptions) -> Vec<Finding> {
        let loaded = self.loaded_as(half, options);
        let summaries = summaries(loaded, 0.95, &mut |_| true).expect("in memory");
        let fit = fit_temperature(&summaries.fit.rows, 0.95);
        diagnose(&Subject {
            info: &summaries.info,
            rows: &summaries.fit.rows,
            fit: &fit,
            analysis: None,
            slices: &[],
        })
    }
}

/// What must be found.
#[derive(Debug)]
pub(crate) enum Wanted {
    /// One of these comes first.
    First(Vec<Rule>),
    /// No failure, and none of these.
    Neither(&'static [Rule]),
}

impl Wanted {
    pub(crate) fn is_met_by(&self, findings: &[Finding]) -> bool {
        match self {
            Self::First(rules) => findings.first().is_some_and(|f| rules.contains(&f.rule)),
            Self::Neither(rules) => {
                findings.iter().all(|f| f.severity != Severity::Failure && !rules.contains(&f.rule))
            }
        }
    }
}

/// A way to break a set, or to make it look broken.
pub(crate) struct Corruption {
    pub(crate) name: &'static str,
    pub(crate) half: bool,
    apply: fn(&mut Set, &mut Pcg64),
    wanted: fn(&Set) -> Wanted,
}

impl Corruption {
    /// The set as it looks then, and what must be found in it; `None` where it cannot be made so.
    pub(crate) fn of(&self, set: &Set, seed: u64) -> Option<(Set, Wanted)> {
        let mut broken = set.clone();
        (self.apply)(&mut broken, &mut Pcg64::seed_from_u64(seed));
        let wanted = (self.wanted)(&broken);
        let n_seen = broken.labels.iter().collect::<HashSet<_>>().len();
        let is_whole = broken.names.is_empty() || n_seen == broken.k;
        is_whole.then_some((broken, wanted))
    }
}

fn scale(set: &mut Set, by: f32) {
    set.z.iter_mut().for_each(|z| *z *= by);
}

/// Some rows in a random order.
fn some_rows(set: &Set, random: &mut Pcg64, share: f64) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..set.n()).collect();
    rows.shuffle(random);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of the rows"
    )]
    rows.truncate((set.n() as f64 * share) as usize);
    rows
}

fn rarest_class(set: &Set) -> usize {
    let count = |class: usize| set.labels.iter().filter(|l| **l as usize == class).count();
    (0..set.k).min_by_key(|class| count(*class)).expect("classes")
}

fn commonest_class(set: &Set) -> u32 {
    let count = |class: &u32| set.labels.iter().filter(|l| *l == class).count();
    let classes: HashSet<u32> = set.labels.iter().copied().collect();
    let common = classes.into_iter().max_by_key(|class| (count(class), *class));
    common.expect("labels")
}

fn softmax(set: &mut Set, take_log: bool) {
    for idx in 0..set.n() {
        let row = set.row_mut(idx);
        let z: Vec<f64> = row.iter().map(|z| f64::from(*z)).collect();
        let max = z.iter().copied().fold(f64::MIN, f64::max);
        let log_sum = z.iter().map(|z| (z - max).exp()).sum::<f64>().ln() + max;
        for (out, z) in row.iter_mut().zip(z) {
            let log_p = z - log_sum;
            #[expect(clippy::cast_possible_truncation, reason = "as networks save it")]
            let stored = if take_log { log_p } else { log_p.exp() } as f32;
            *out = stored;
        }
    }
}

fn duplicate(set: &mut Set, random: &mut Pcg64) {
    let mut rows: Vec<usize> = (0..set.n()).collect();
    let copied = some_rows(set, random, 0.25);
    rows.extend(copied);
    *set = set.of_rows(&rows);
}

fn permute(set: &mut Set, random: &mut Pcg64) {
    let k = u32::try_from(set.k).expect("few");
    let mut map: Vec<u32> = (0..k).collect();
    while map.iter().zip(0..k).any(|(to, from)| *to == from) {
        map.shuffle(random);
    }
    set.labels.iter_mut().for_each(|l| *l = map[*l as usize]);
}

fn alike(set: &mut Set, random: &mut Pcg64) {
    let n = set.n();
    let mean: Vec<f32> = (0..set.k)
        .map(|class| (0..n).map(|idx| set.row(idx)[class]).sum::<f32>() / n as f32)
        .collect();
    for idx in 0..n {
        for (z, mean) in set.row_mut(idx).iter_mut().zip(&mean) {
            *z = mean + 1e-4 * random.random_range(-1.7..1.7f32);
        }
    }
}

/// Three in ten of the classes that are not the label are taken from a row.
fn mask(set: &mut Set, random: &mut Pcg64, fill: f32) {
    for idx in 0..set.n() {
        let label = set.labels[idx] as usize;
        for (class, z) in set.row_mut(idx).iter_mut().enumerate() {
            if class != label && random.random_range(0.0..1.0) < 0.3 {
                *z = fill;
            }
        }
    }
}

/// What a mask must not be taken for.
const SCALE_RULES: &[Rule] = &[
    Rule::Exploding,
    Rule::F16Overflow,
    Rule::NonFinite,
    Rule::RowsAlike,
    Rule::RankCollapse,
    Rule::ConstantRows,
    Rule::HeavyTail,
];

fn pad(set: &mut Set, n: usize) {
    let rows = set.z.chunks_exact(set.k);
    set.z =
        rows.flat_map(|row| row.iter().copied().chain(std::iter::repeat_n(-100.0, n))).collect();
    set.k += n;
}

/// Labels become names whose order is not that of the columns.
fn name_labels(set: &mut Set, random: &mut Pcg64) {
    let mut names: Vec<String> = (0..set.k).map(|class| format!("class-{class:05}")).collect();
    while names.is_sorted() {
        names.shuffle(random);
    }
    set.names = names;
}

/// True if a number of `set` is beyond float16.
fn overflows(set: &Set) -> bool {
    set.z.iter().any(|z| z.abs() >= 65504.0)
}

/// All of them, in the order of the table.
pub(crate) const CORRUPTIONS: &[Corruption] = &[
    Corruption {
        name: "scale x 30",
        half: false,
        apply: |set, _| scale(set, 30.0),
        wanted: |_| Wanted::First(vec![Rule::Exploding]),
    },
    Corruption {
        name: "scale / 1000",
        half: false,
        apply: |set, _| scale(set, 1e-3),
        wanted: |_| Wanted::First(vec![Rule::Vanishing]),
    },
    Corruption {
        name: "one class + 20",
        half: false,
        apply: |set, _| {
            let class = rarest_class(set);
            (0..set.n()).for_each(|idx| set.row_mut(idx)[class] += 20.0);
        },
        wanted: |_| Wanted::First(vec![Rule::ClassBias]),
    },
    Corruption {
        name: "labels shuffled",
        half: false,
        apply: |set, random| set.labels.shuffle(random),
        wanted: |_| Wanted::First(vec![Rule::RowsMisaligned]),
    },
    Corruption {
        name: "rows reversed",
        half: false,
        apply: |set, _| set.labels.reverse(),
        wanted: |_| Wanted::First(vec![Rule::RowsMisaligned]),
    },
    Corruption {
        name: "labels rotated",
        half: false,
        apply: |set, _| {
            let k = u32::try_from(set.k).expect("few");
            set.labels.iter_mut().for_each(|l| *l = (*l + 1) % k);
        },
        wanted: |_| Wanted::First(vec![Rule::LabelsShifted]),
    },
    Corruption {
        name: "classes permuted",
        half: false,
        apply: permute,
        wanted: |set| {
            if set.k <= 4 {
                Wanted::First(vec![Rule::LabelsPermuted, Rule::LabelsShifted])
            } else {
                Wanted::First(vec![Rule::LabelsPermuted])
            }
        },
    },
    Corruption {
        name: "f16 after x 3000",
        half: true,
        apply: |set, _| scale(set, 3000.0),
        wanted: |set| {
            if overflows(set) {
                Wanted::First(vec![Rule::F16Overflow])
            } else {
                Wanted::First(vec![Rule::Exploding])
            }
        },
    },
    Corruption {
        name: "5 % NaN rows",
        half: false,
        apply: |set, random| {
            for idx in some_rows(set, random, 0.05) {
                set.row_mut(idx)[0] = f32::NAN;
            }
        },
        wanted: |_| Wanted::First(vec![Rule::NonFinite]),
    },
    Corruption {
        name: "20 % repeated",
        half: false,
        apply: duplicate,
        wanted: |_| Wanted::First(vec![Rule::DuplicateRows]),
    },
    Corruption {
        name: "softmax applied",
        half: false,
        apply: |set, _| softmax(set, false),
        wanted: |_| Wanted::First(vec![Rule::ProbabilitiesGiven]),
    },
    Corruption {
        name: "log-softmax applied",
        half: false,
        apply: |set, _| softmax(set, true),
        wanted: |_| Wanted::First(vec![Rule::LogProbabilitiesGiven]),
    },
    Corruption {
        name: "label leaked + 50",
        half: false,
        apply: |set, _| {
            for idx in 0..set.n() {
                let label = set.labels[idx] as usize;
                set.row_mut(idx)[label] += 50.0;
            }
        },
        wanted: |_| Wanted::First(vec![Rule::SuspiciouslyPerfect]),
    },
    Corruption {
        name: "mean + 1e-4 noise",
        half: false,
        apply: alike,
        wanted: |_| Wanted::First(vec![Rule::RowsAlike]),
    },
    Corruption {
        name: "masked by -inf",
        half: false,
        apply: |set, random| mask(set, random, f32::NEG_INFINITY),
        wanted: |_| Wanted::Neither(SCALE_RULES),
    },
    Corruption {
        name: "masked by -1e9",
        half: false,
        apply: |set, random| mask(set, random, -1e9),
        wanted: |_| Wanted::Neither(SCALE_RULES),
    },
    Corruption {
        name: "f16 masked by -65504",
        half: true,
        apply: |set, random| mask(set, random, -65504.0),
        wanted: |_| Wanted::Neither(&[Rule::Exploding, Rule::F16Overflow, Rule::NonFinite]),
    },
    Corruption {
        name: "one class only",
        half: false,
        apply: |set, _| {
            let class = commonest_class(set);
            let rows: Vec<usize> = (0..set.n()).filter(|i| set.labels[*i] == class).collect();
            *set = set.of_rows(&rows);
        },
        wanted: |_| Wanted::Neither(SCALE_RULES),
    },
    Corruption {
        name: "padded",
        half: false,
        apply: |set, _| pad(set, 32),
        wanted: |_| Wanted::Neither(&[Rule::TruncatedRows, Rule::Exploding]),
    },
    Corruption {
        name: "sign turned",
        half: false,
        apply: |set, _| scale(set, -1.0),
        wanted: |set| {
            Wanted::First(vec![if set.k > 2 { Rule::AntiInformative } else { Rule::LabelsShifted }])
        },
    },
    Corruption {
        name: "labels sorted",
        half: false,
        apply: name_labels,
        wanted: |set| {
            if set.k > 2 {
                Wanted::First(vec![Rule::ClassOrder])
            } else {
                Wanted::First(vec![Rule::ClassOrder, Rule::LabelsShifted])
            }
        },
    },
];
