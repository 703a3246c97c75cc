//! The first columns of other scores: `--classes` cuts a padded vocabulary off.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use super::OpenOptions;
use super::array::Dtype;
use super::error::Problem;
use super::picked::{Picked, guess};
use super::progress::Watch;
use super::raw::{Deliver, RawScores, Spare, emptied};
use crate::data::{Guess, SourceInfo, Values, ValuesRef};

/// Keeps the first `--classes` columns of every part.
///
/// # Errors
/// If there are fewer columns.
pub(super) fn cut(
    parts: &mut [Picked],
    options: &OpenOptions,
    guesses: &mut Vec<Guess>,
) -> Result<(), Problem> {
    let Some(n_classes) = options.n_classes else {
        return Ok(());
    };
    for part in &mut *parts {
        let n_cols = part.scores.n_cols();
        let n_stored = n_cols.max(2);
        if n_classes < 2 || n_stored < n_classes {
            return Err(Problem::new(format!(
                "--classes {n_classes}: there are {n_stored} classes, and 2 or more are kept"
            ))
            .hint(format!("--classes {n_stored}, or leave --classes out")));
        }
        if n_classes == n_stored {
            continue;
        }
        part.scores.raw =
            Arc::new(FirstColumns { inner: part.scores.raw.clone(), n_cols: n_classes });
        if let Some(names) = &mut part.scores.class_names {
            names.truncate(n_classes);
        }
        guesses.push(guess(
            SourceInfo::CUT,
            format!("the first {n_classes} of {n_stored}"),
            "--classes; the other columns are not read as scores",
        ));
    }
    Ok(())
}

/// Columns `0..n_cols` of `inner`.
struct FirstColumns {
    inner: Arc<dyn RawScores>,
    n_cols: usize,
}

impl FirstColumns {
    /// Appends the first columns of whole rows.
    fn push(&self, out: &mut Values, rows: ValuesRef<'_>) {
        let (width, n_cols) = (self.inner.n_cols(), self.n_cols);
        match (out, rows) {
            (Values::F32(out), ValuesRef::F32(rows)) => {
                rows.chunks_exact(width).for_each(|row| out.extend_from_slice(&row[..n_cols]));
            }
            (Values::F64(out), ValuesRef::F64(rows)) => {
                rows.chunks_exact(width).for_each(|row| out.extend_from_slice(&row[..n_cols]));
            }
            _ => debug_assert!(false, "one array has one type"),
        }
    }
}

impl RawScores for FirstColumns {
    fn n_rows(&self) -> usize {
        self.inner.n_rows()
    }

    fn n_cols(&self) -> usize {
        self.n_cols
    }

    fn dtype(&self) -> Dtype {
        self.inner.dtype()
    }

    fn read(
        &self,
        range: Range<usize>,
        spare: &mut Spare<'_>,
        deliver: &mut Deliver<'_>,
    ) -> Result<(), Problem> {
        // The inner reader fills one buffer again and again.
        let inner_buffer = RefCell::new(Values::default());
        self.inner.read(range, &mut || inner_buffer.take(), &mut |block| {
            if block.is_empty() {
                return deliver(block);
            }
            let mut out = emptied(spare(), block.as_ref());
            self.push(&mut out, block.as_ref());
            inner_buffer.replace(block);
            deliver(out)
        })
    }

    fn rows(&self, wanted: &[usize], watch: &mut Watch<'_>) -> Result<Values, Problem> {
        let rows = self.inner.rows(wanted, watch)?;
        let mut out = emptied(Values::default(), rows.as_ref());
        self.push(&mut out, rows.as_ref());
        Ok(out)
    }

    fn pieces(&self) -> Option<Vec<Range<usize>>> {
        self.inner.pieces()
    }

    fn in_memory(&self) -> bool {
        self.inner.in_memory()
    }

    fn decodes(&self) -> bool {
        self.inner.decodes()
    }
}
