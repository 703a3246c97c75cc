//! What was understood of one data set, for programs.

use serde_json::{Map, Value, json};

use crate::data::{BatchSource, Carried, SourceError, SourceInfo};
use crate::io::{Loaded, Source};
use crate::pipeline::{Opened, Summaries};

use super::extremes;

/// The keys are those of `source` in the JSON of a report, as far as no pass is needed; rows are those of the file.
///
/// # Errors
/// If the scores cannot be read again.
pub(super) fn of(opened: &Opened) -> Result<Value, SourceError> {
    let mut record = understood(opened.info());
    match opened {
        Opened::Logits(loaded) => of_logits(&mut record, loaded)?,
        Opened::Summaries(summaries) => of_summaries(&mut record, summaries),
    }
    record.insert("guesses".to_owned(), json!(opened.info().guesses));
    Ok(Value::Object(record))
}

fn understood(info: &SourceInfo) -> Map<String, Value> {
    let step: Option<u64> = info.step().and_then(|step| step.parse().ok());
    let pairs = [
        ("path", json!(info.path)),
        ("step", json!(step)),
        ("steps", json!(info.steps())),
        ("format", json!(info.format)),
        ("dtype", json!(info.dtype)),
        ("kind", json!(info.kind)),
        ("task", json!(info.task)),
        ("classes", json!(info.n_scores())),
    ];
    let names = [("class_names", &info.class_names), ("label_names", &info.label_names)];
    let names =
        names.into_iter().filter_map(|(key, names)| Some((key, json!(names.as_ref()?.as_slice()))));
    pairs.into_iter().chain(names).map(|(key, value)| (key.to_owned(), value)).collect()
}

fn of_logits(record: &mut Map<String, Value>, loaded: &Loaded) -> Result<(), SourceError> {
    let ignored = |source: &Source| {
        let labels = source.labels().iter();
        labels.filter(|label| label.is_ignored()).count() as u64
    };
    let parts = || std::iter::once(&loaded.fit).chain(&loaded.test);
    let rows: Vec<u64> = parts().map(|part| part.n_rows() as u64).collect();
    let judged = loaded.test.as_ref().unwrap_or(&loaded.fit);
    let extremes = extremes(parts())?;
    set_rows(record, &rows);
    let pairs = [
        ("rows_ignored_label", json!(parts().map(ignored).sum::<u64>())),
        ("rows_non_finite", json!(extremes.n_broken)),
        ("min", finite(extremes.low)),
        ("max", finite(extremes.high)),
        ("sha256_labels", json!(judged.sha256_labels())),
        ("beside", beside(&loaded.fit.carried())),
    ];
    record.extend(pairs.map(|(key, value)| (key.to_owned(), value)));
    Ok(())
}

fn of_summaries(record: &mut Map<String, Value>, summaries: &Summaries) {
    let parts = || std::iter::once(&summaries.fit).chain(&summaries.test);
    let rows: Vec<u64> = parts().map(|part| part.n_read).collect();
    let judged = summaries.test.as_ref().unwrap_or(&summaries.fit);
    let left_out = || parts().map(|part| part.rows.left_out());
    set_rows(record, &rows);
    let pairs = [
        ("rows_ignored_label", json!(left_out().map(|left| left.ignored_label).sum::<u64>())),
        ("rows_non_finite", json!(left_out().map(|left| left.non_finite).sum::<u64>())),
        ("sha256_labels", json!(judged.sha256_labels)),
        ("beside", beside(summaries.fit.rows.carried())),
    ];
    record.extend(pairs.map(|(key, value)| (key.to_owned(), value)));
}

/// All rows, and those of the two parts if there are two.
fn set_rows(record: &mut Map<String, Value>, rows: &[u64]) {
    let total: u64 = rows.iter().sum();
    record.insert("rows_read".to_owned(), json!(total));
    if let [val, test] = rows {
        record.insert("parts".to_owned(), json!({"val": val, "test": test}));
    }
}

/// Null where no score is finite.
fn finite(value: f64) -> Value {
    json!(value.is_finite().then_some(value))
}

fn beside(carried: &Carried) -> Value {
    let columns = carried.columns().iter();
    let column = columns.map(|c| json!({"name": c.name, "type": c.values.type_name()}));
    Value::Array(column.collect())
}
