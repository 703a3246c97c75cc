//! Which rows of summaries are wanted, and what stands beside them: the flags that need no logits.

use std::path::Path;

use crate::data::{Guess, Meanings};
use crate::io::{IoError, OpenOptions, Part, RowRange, StoredRows, choose_stored};

use super::summaries::{Summaries, SummaryPart, refusal, sha256_of_rows};

/// What a guess is called that says how many left-out rows are no longer counted.
pub(super) const UNCOUNTED: &str = "not counted";

/// Of `options` those that summaries obey too. The others say how logits are read.
#[must_use]
pub fn for_summaries(options: &OpenOptions) -> OpenOptions {
    OpenOptions {
        part: options.part,
        rows: options.rows,
        id: options.id.clone(),
        group: options.group.clone(),
        weight: options.weight.clone(),
        slices: options.slices.clone(),
        split: options.split.clone(),
        filter: options.filter.clone(),
        fit_where: options.fit_where.clone(),
        test_where: options.test_where.clone(),
        ..OpenOptions::default()
    }
}

impl Summaries {
    /// The same without the meanings that flags give to other columns.
    pub(super) fn meaning_nothing_else(mut self, options: &OpenOptions) -> Self {
        for part in std::iter::once(&mut self.fit).chain(&mut self.test) {
            let means = part.rows.carried().meanings();
            let kept = Meanings {
                id: means.id.filter(|_| options.id.is_none()),
                group: means.group.filter(|_| options.group.is_none()),
                weight: means.weight.filter(|_| options.weight.is_none()),
            };
            // Weights that are kept are weights still.
            let carried = part.rows.take_carried().meaning(&kept);
            part.rows.set_carried(carried.unwrap_or_default());
        }
        self
    }

    /// The rows that `options` want, with columns that stand for what they say.
    ///
    /// # Errors
    /// As [`crate::io::open`] for the same flags, or if it is not known why rows among them were left out.
    pub(super) fn chosen(self, options: &OpenOptions) -> Result<Self, IoError> {
        let by_column = options.split.as_ref().is_some_and(|s| s.values.is_empty());
        let part = if by_column { Part::All } else { options.wanted_part() };
        let all = choose_part(self, part)?;
        let means = all.fit.rows.carried().meanings();
        let all = match options.rows {
            Some(range) => all.within(range)?,
            None => all,
        };
        all.meeting(&means, options)
    }

    fn error(&self, problem: &str, hint: &str) -> IoError {
        IoError { hint: Some(hint.to_owned()), ..refusal(Path::new(&self.info.path), problem) }
    }

    /// The reason why rows were left out is kept as two counts alone.
    fn unknown_reasons(&self) -> IoError {
        self.error(
            "rows were left out for their labels and others for scores that are not finite, and the summaries do not say which of them are among the rows that you want",
            "choose them when the logits are read: logitscope summarize FILE --rows A..B --out rows.parquet",
        )
    }

    /// `--rows`.
    fn within(self, RowRange { start, end }: RowRange) -> Result<Self, IoError> {
        if self.test.is_some() {
            return Err(self.error(
                "--rows counts within one part, and there are two",
                "add --part val or --part test",
            ));
        }
        let n_entries = self.fit.rows.n_entries() as u64;
        let n_stored = self.fit.n_read / n_entries;
        if start >= end || end as u64 > n_stored {
            return Err(self.error(
                &format!("rows {start}..{end} do not lie within the {n_stored} rows there are"),
                &format!("--rows 0..{n_stored} is all of them"),
            ));
        }
        let rows = self.fit.rows.of_range(start..end);
        let rows = rows.ok_or_else(|| self.unknown_reasons())?;
        let n_read = (end - start) as u64 * n_entries;
        let fit = SummaryPart { sha256_labels: sha256_of_rows(&[(&rows, n_read)]), n_read, rows };
        Ok(Self { fit, ..self })
    }

    /// The rows that meet the conditions.
    fn meeting(mut self, means: &Meanings, options: &OpenOptions) -> Result<Self, IoError> {
        let path = self.info.path.clone();
        let before = self.n_left_out();
        let fit = stored(&mut self.fit);
        let test = self.test.as_mut().map(stored);
        let had_test = test.is_some();
        let choice = choose_stored(Path::new(&path), (fit, test), means, options)?;
        let divided = match (&choice.test, had_test) {
            (Some(test), false) => Some(of_stored(&self.fit, test)),
            _ => None,
        };
        let test = match (self.test.take(), choice.test) {
            (Some(test), Some(chosen)) => Some(kept(test, chosen, options)),
            _ => divided,
        };
        let test = match test {
            Some(None) => return Err(self.unknown_reasons()),
            Some(test) => test,
            None => None,
        };
        let unknown = self.unknown_reasons();
        self.fit = kept(self.fit, choice.fit, options).ok_or(unknown)?;
        self.test = test;
        self.info.guesses.extend(choice.guesses);
        let n = before.saturating_sub(self.n_left_out());
        if n > 0 {
            self.info.guesses.push(Guess {
                what: UNCOUNTED.to_owned(),
                chosen: format!("{n} rows"),
                evidence: "left out before the summaries were written, for their labels or for scores that are not finite: whether they meet the conditions is not known".to_owned(),
                choices: Vec::new(),
            });
        }
        Ok(self)
    }

    /// Rows of all parts that were left out.
    fn n_left_out(&self) -> u64 {
        let parts = std::iter::once(&self.fit).chain(&self.test);
        let left_out = parts.map(|part| part.rows.left_out());
        left_out.map(|left_out| left_out.ignored_label + left_out.non_finite).sum()
    }
}

/// All stored rows of a part, of which the columns are taken.
fn stored(part: &mut SummaryPart) -> StoredRows {
    StoredRows { rows: (0..part.rows.n_stored()).collect(), carried: part.rows.take_carried() }
}

/// The chosen rows of a part. Without a condition it is the part as it was, with what was left out.
fn kept(mut part: SummaryPart, chosen: StoredRows, options: &OpenOptions) -> Option<SummaryPart> {
    let conditions = [&options.filter, &options.fit_where, &options.test_where];
    if options.split.is_some() || conditions.into_iter().any(Option::is_some) {
        return of_stored(&part, &chosen);
    }
    part.rows.set_carried(chosen.carried);
    Some(part)
}

/// `None` if it is not known why some of their labels were left out.
fn of_stored(part: &SummaryPart, chosen: &StoredRows) -> Option<SummaryPart> {
    let rows = &part.rows;
    let n_read = (chosen.rows.len() * rows.n_entries()) as u64;
    let rows = rows.of_stored(&chosen.rows, chosen.carried.clone())?;
    Some(SummaryPart { sha256_labels: sha256_of_rows(&[(&rows, n_read)]), n_read, rows })
}

fn choose_part(all: Summaries, part: Part) -> Result<Summaries, IoError> {
    let missing = |all: Summaries| all.error("it holds no val and test part", "leave --part out");
    match (part, all.test.is_some()) {
        (Part::Auto, _) => Ok(all),
        (Part::All, _) => all.pooled(),
        (Part::Val | Part::Test, false) => Err(missing(all)),
        (Part::Val, true) => Ok(Summaries { test: None, ..all }),
        (Part::Test, true) => Ok(Summaries {
            fit: all.test.unwrap_or(all.fit),
            test: None,
            info: all.info,
            sources: all.sources,
        }),
    }
}
