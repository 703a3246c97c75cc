//! The report as one JSON object, key by key as documented for `report --format json`.

use serde_json::{Map, Value, json};

use super::family::{curves, with_family};
use super::groups::{classes_json, groups_test_json, slices_json};
use super::labels;
use super::notes::notes_on_nulls;
use super::parity::parity_json;
use crate::analysis::{Analysis, Bootstrap, Simulated};
use crate::data::effective_rows;
use crate::metrics::Figures;
use crate::numerics::mean;
use crate::pipeline::{Study, Timing};

/// The first key of every report.
pub const REPORT_SCHEMA: &str = "logitscope.report/2";

/// Which program wrote a document: its name and version.
pub fn program() -> Value {
    json!({ "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") })
}

/// Everything about `study`, in full precision. What is not finite is null, and `notes` says why.
pub fn json(study: &Study, timing: &Timing) -> Value {
    let analysis = &study.analysis;
    let families = analysis.families.as_ref();
    let bins = |r: &crate::metrics::Reliability| json!(r.bins);
    let bootstrap = analysis.bootstrap.as_ref();
    let mut report = json!({
        "schema": REPORT_SCHEMA,
        "program": program(),
        "source": source(study),
        "fit": fit(analysis),
        "evaluated_on": analysis.evaluated_on,
        "exact": exact(study),
        "before": with_family(
            side(&analysis.before, bootstrap.map(|b| &b.before)),
            families.map(|f| &f.before),
        ),
        "after": analysis.after.as_ref().map(|after| with_family(
            side(after, bootstrap.and_then(|b| b.after.as_ref())),
            families.and_then(|f| f.after.as_ref()),
        )),
        "in_sample_after": with_family(
            json!(analysis.in_sample_after),
            families.and_then(|f| f.in_sample_after.as_ref()),
        ),
        "reliability": {
            "before": bins(&analysis.reliability_before),
            "after": analysis.reliability_after.as_ref().map(bins),
        },
        "logit_scale": analysis.logit_scale,
        "margin": analysis.margin,
        "histograms": analysis.histograms,
    });
    if let (Value::Object(report), Some(families)) = (&mut report, families) {
        report.extend(curves(families));
    }
    insert_classes(&mut report, study);
    insert_demanded(&mut report, study);
    insert_improvement(&mut report, bootstrap);
    report["findings"] = json!(study.findings);
    let mut notes = analysis.notes.clone();
    notes.extend(notes_on_nulls(&report, analysis.fit.status));
    if let Value::Object(report) = &mut report {
        if analysis.in_sample_after.is_none() {
            report.shift_remove("in_sample_after");
        }
        report.insert("notes".to_string(), json!(notes));
        report.insert("timing".to_string(), json!(timing));
        if let Some(bytes) = peak_memory() {
            report.insert("peak_memory_bytes".to_string(), json!(bytes));
        }
    }
    report
}

/// Labels of multi-label data; other ways to recalibrate and thresholds, where they are asked for.
fn insert_demanded(report: &mut Value, study: &Study) {
    if let Value::Object(report) = report {
        report.extend(labels::entries(study));
        let methods = study.methods.as_ref().map(|methods| ("methods", json!(methods)));
        let thresholds = study.thresholds.as_ref().map(|chosen| ("thresholds", json!(chosen)));
        let demanded = methods.into_iter().chain(thresholds);
        report.extend(demanded.map(|(key, value)| (key.to_string(), value)));
    }
}

/// The fit, and beside its interval that of the bootstrap if there was one.
fn fit(analysis: &Analysis) -> Value {
    let mut fit = json!(analysis.fit);
    if let (Value::Object(fit), Some(bootstrap)) = (&mut fit, &analysis.bootstrap) {
        fit.insert("bootstrap".to_string(), json!(bootstrap.temperature));
    }
    let profile = analysis.details.as_ref().map(|d| &d.profile);
    if let (Value::Object(fit), Some(profile)) = (&mut fit, profile) {
        fit.insert("profile_likelihood".to_string(), json!(profile));
    }
    fit["folds"] = json!(analysis.folds);
    fit
}

/// The classes one by one, where they are not too many; slices and parity, where they are asked for.
fn insert_classes(report: &mut Value, study: &Study) {
    let classes = study.analysis.details.as_ref().and_then(|d| d.classes.as_ref());
    if let (Value::Object(report), Some(classes)) = (&mut *report, classes) {
        report.insert("classes".to_string(), json!(classes_json(study)));
        report.insert("classes_test".to_string(), groups_test_json(classes));
    }
    let more = [
        ("slices", slices_json(study)),
        ("parity", study.analysis.parity.as_ref().map(parity_json)),
    ];
    if let Value::Object(report) = report {
        report.extend(more.into_iter().filter_map(|(key, value)| Some((key.to_string(), value?))));
    }
}

/// The figures of one temperature, and what was simulated for them.
fn side(figures: &Figures, simulated: Option<&Simulated>) -> Value {
    let mut side = json!(figures.metrics);
    if let (Value::Object(side), Some(simulated)) = (&mut side, simulated) {
        side.insert("noise_floor".to_string(), json!(simulated.noise_floor));
        side.insert("intervals".to_string(), json!(simulated.intervals));
    }
    side
}

/// What scaling brings, after the figures that it compares, and how the intervals were made.
fn insert_improvement(report: &mut Value, bootstrap: Option<&Bootstrap>) {
    let (Value::Object(report), Some(bootstrap)) = (report, bootstrap) else {
        return;
    };
    let mut how = json!({
        "level": bootstrap.level,
        "draws": bootstrap.n_draws,
        "method": bootstrap.method,
    });
    if let Some(n_groups) = bootstrap.n_groups {
        how["groups"] = json!(n_groups);
    }
    let entries = [("improvement", json!(bootstrap.improvement)), ("bootstrap", how)];
    let after = report.keys().position(|key| key == "after").unwrap_or(0);
    for (idx, (key, value)) in entries.into_iter().enumerate() {
        report.shift_insert(after + 1 + idx, key.to_string(), value);
    }
}

/// The most memory this process has held, in bytes; `None` where the system does not say.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

/// Which figures needed no interpolation.
fn exact(study: &Study) -> Value {
    let mut exact = json!({
        "fit": study.is_fit_exact,
        "before": study.analysis.before.exact,
    });
    if let Some(after) = &study.analysis.after {
        exact["after"] = json!(after.exact);
    }
    exact
}

fn source(study: &Study) -> Value {
    let (info, counts) = (&study.info, &study.counts);
    let mut source = Map::new();
    let mut set = |key: &str, value: Value| {
        source.insert(key.to_string(), value);
    };
    set("path", json!(info.path));
    set("format", json!(info.format));
    set("dtype", json!(info.dtype));
    set("kind", json!(info.kind));
    set("task", json!(info.task));
    set("rows_read", json!(counts.read));
    set("rows_used", json!(counts.used));
    set("rows_ignored_label", json!(counts.ignored_label));
    set("rows_non_finite", json!(counts.non_finite));
    if let Some(fitted) = &study.fitted {
        set("parts", json!({"val": fitted.read, "test": counts.read}));
    }
    set("classes", json!(info.n_scores()));
    if let Some(n_labels) = info.n_labels {
        // Every label of a stored row counts as a row above.
        set("labels_per_row", json!(n_labels));
    }
    if let Some(names) = &info.label_names {
        set("label_names", json!(names.as_slice()));
    }
    if let Some(names) = &info.class_names {
        set("class_names", json!(names.as_slice()));
    }
    if let Some(soft) = study.rows().soft() {
        // The floor of the NLL.
        set("soft_labels", json!({"mean_entropy": mean(soft.entropy()), "tied": soft.n_tied()}));
    }
    if let Some((column, weights)) = study.rows().weighted_by() {
        set("weight", json!({"column": column, "effective_rows": effective_rows(&weights)}));
    }
    set("sha256_labels", json!(study.sha256_labels));
    Value::Object(source)
}
