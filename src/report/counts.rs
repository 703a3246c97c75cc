//! What is counted: rows, or of multi-label data the entries that each label of a row is.

use super::number::{count, counted};
use crate::data::{SourceInfo, Task};
use crate::pipeline::{RowCounts, Study};

/// One of what every figure counts, and several.
pub(super) fn unit(task: Task) -> [&'static str; 2] {
    match task {
        Task::Multilabel => ["entry", "entries"],
        Task::Multiclass | Task::Binary => ["row", "rows"],
    }
}

/// `2,500 rows`, `72,000 entries`.
pub(super) fn counted_units(n: u64, info: &SourceInfo) -> String {
    match info.n_labels {
        Some(_) => format!("{} {}", count(n), unit(Task::Multilabel)[usize::from(n != 1)]),
        None => counted(n, "row"),
    }
}

/// `2,500 rows to fit on and 1,500 to judge on`; of multi-label data with the rows that hold these entries.
pub(super) fn used(study: &Study) -> String {
    let info = &study.info;
    let held = |counts: &RowCounts| match info.n_labels {
        Some(_) => format!(" ({})", counted(counts.stored, "row")),
        None => String::new(),
    };
    let judged = &study.counts;
    match &study.fitted {
        Some(fitted) => format!(
            "{}{} to fit on and {}{} to judge on",
            counted_units(fitted.used, info),
            held(fitted),
            count(judged.used),
            held(judged)
        ),
        None => counted_units(judged.used, info) + &held(judged),
    }
}
