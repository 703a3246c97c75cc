//! The columns of the table of models, and which of them there is room for.

use std::ops::Range;

use crate::pipeline::Study;
use crate::report::headline;
use crate::tui::view::format;

/// Columns of a figure, and of the verdict.
const FIGURE: u16 = 10;
const VERDICT: u16 = 16;

/// Columns kept free for the sign that there are more on the right.
pub(super) const MORE: u16 = 3;

/// A column: its heading, its figure, and whether less is better (`None`: there is no better).
pub(super) struct Column {
    pub(super) head: &'static str,
    pub(super) of: fn(&Study) -> f64,
    pub(super) words: fn(f64) -> String,
    pub(super) less_is_better: Option<bool>,
}

const fn column(
    head: &'static str,
    less_is_better: Option<bool>,
    of: fn(&Study) -> f64,
    words: fn(f64) -> String,
) -> Column {
    Column { head, of, words, less_is_better }
}

fn after(study: &Study, of: fn(&crate::metrics::Metrics) -> f64) -> f64 {
    let after = study.analysis.after.as_ref();
    after.map_or(f64::NAN, |after| of(&after.metrics))
}

/// After scaling where there is a temperature.
fn aurc(study: &Study) -> f64 {
    let families = study.analysis.families.as_ref();
    families.map_or(f64::NAN, |f| f.after.as_ref().unwrap_or(&f.before).aurc)
}

/// The columns of figures; behind them stands the verdict.
pub(super) const COLUMNS: [Column; 9] = [
    column("acc %", Some(false), |s| s.analysis.before.metrics.accuracy, format::percent),
    column("T*", None, |s| s.analysis.fit.temperature.unwrap_or(f64::NAN), format::temperature),
    column("NLL T=1", Some(true), |s| s.analysis.before.metrics.nll, format::nats),
    column("NLL T*", Some(true), |s| after(s, |m| m.nll), format::nats),
    column("ECE% T=1", Some(true), |s| s.analysis.before.metrics.ece, format::percent),
    column("ECE% T*", Some(true), |s| after(s, |m| m.ece), format::percent),
    column("Brier T*", Some(true), |s| after(s, |m| m.brier), |v| format::fixed(v, 4)),
    column("AURC", Some(true), aurc, |v| format::fixed(v, 4)),
    column("std z", None, |s| s.analysis.logit_scale.sd.mean, format::logit),
];

/// All columns with the verdict.
pub(super) const N_COLUMNS: usize = COLUMNS.len() + 1;

/// The heading of the verdict.
pub(super) const VERDICT_HEAD: &str = "verdict";

/// Terminal columns of the column at `idx`.
pub(super) fn width(idx: usize) -> u16 {
    if idx < COLUMNS.len() { FIGURE } else { VERDICT }
}

/// The verdict in a word that fits its column.
pub(super) fn verdict(study: &Study) -> String {
    let headline = headline(study).to_lowercase();
    let word = headline.split(':').next();
    word.unwrap_or_default().to_owned()
}

/// The part of the columns that is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::tui) struct Shown {
    /// Their places.
    pub(in crate::tui) columns: Range<usize>,
    /// The first column of the last part: there is nothing to scroll to beyond.
    pub(in crate::tui) last_first: usize,
}

impl Shown {
    /// As many as fit in `room` terminal columns from the wanted one on; all of them if they fit, and as many as fit
    /// at the end where fewer are left.
    pub(super) fn of(room: u16, wanted: usize) -> Self {
        let taken = |columns: Range<usize>| columns.map(width).sum::<u16>();
        if taken(0..N_COLUMNS) <= room {
            return Self { columns: 0..N_COLUMNS, last_first: 0 };
        }
        let room = room.saturating_sub(MORE);
        let fits = |first: &usize| taken(*first..N_COLUMNS) <= room;
        let last_first = (0..N_COLUMNS).find(fits).unwrap_or(N_COLUMNS - 1);
        let first = wanted.min(last_first);
        let mut ends = (first + 1..=N_COLUMNS).rev();
        let end = ends.find(|end| taken(first..*end) <= room);
        Self { columns: first..end.unwrap_or(first + 1), last_first }
    }

    /// Columns that are hidden on the left, and on the right.
    pub(super) fn hidden(&self) -> [usize; 2] {
        [self.columns.start, N_COLUMNS - self.columns.end]
    }

    /// True if there are others.
    pub(super) fn is_part(&self) -> bool {
        self.hidden() != [0, 0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_can_be_reached_and_no_more_are_shown_than_fit() {
        for room in 0..140 {
            let mut seen = [false; N_COLUMNS];
            let last_first = Shown::of(room, 0).last_first;
            for wanted in 0..=last_first {
                let shown = Shown::of(room, wanted);
                assert_eq!((shown.columns.start, shown.last_first), (wanted, last_first));
                let taken: u16 = shown.columns.clone().map(width).sum();
                assert!(taken <= room || shown.columns.len() == 1, "{room}: {shown:?}");
                assert!(!shown.is_part() || taken + MORE <= room || shown.columns.len() == 1);
                shown.columns.for_each(|idx| seen[idx] = true);
            }
            assert!(seen.iter().all(|seen| *seen), "{room}");
            assert_eq!(Shown::of(room, 99), Shown::of(room, last_first));
        }
        assert!(!Shown::of(106, 3).is_part());
        assert_eq!(Shown::of(105, 0).columns, 0..9);
        assert_eq!(Shown::of(66, 0).hidden(), [0, 4]);
    }
}
