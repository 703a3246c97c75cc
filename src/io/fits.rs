//! Which of several arrays are the logits: the one whose columns the labels fit, or all of them, as pieces of one data
//! set.

use super::OpenOptions;
use super::array::Dtype;
use super::error::Problem;
use super::labels::{self, IGNORE_INDEX};
use super::names;
use super::pick_arrays::Chooser;
use super::picked::{Probe, RawLabels, guess};
use super::series::{self, Kinship};
use crate::data::Guess;

impl Chooser<'_> {
    /// The array of logits among `candidates`, or all pieces of them; `how` they became candidates.
    pub(super) fn best_logits(
        &self,
        candidates: Vec<usize>,
        how: &str,
        probe: &mut Probe<'_>,
        guesses: &mut Vec<Guess>,
    ) -> Result<Vec<usize>, Problem> {
        let rank = |i: usize| names::logits_rank(&self.names[i].stem).unwrap_or(usize::MAX);
        let best = candidates.iter().map(|&i| rank(i)).min();
        let tied: Vec<usize> = candidates.into_iter().filter(|&i| Some(rank(i)) == best).collect();
        if let [only] = tied[..] {
            let evidence = format!("{how}; --logits NAME");
            guesses.push(guess("logits", self.infos[only].to_string(), evidence));
            return Ok(vec![only]);
        }
        if tied.is_empty() {
            return Err(self.no_logits());
        }
        if let Some(pieces) = self.pieces(&tied, probe, guesses) {
            return Ok(pieces);
        }
        if let Some(fitting) = self.fitting(&tied, probe, guesses) {
            return Ok(vec![fitting]);
        }
        Err(Problem::new(format!(
            "several arrays could be the logits: {}",
            self.list(tied.iter().copied())
        ))
        .hint(self.one_of("--logits", &tied)))
    }

    /// `--labels a or --labels b`: which one is right nobody but the user knows.
    pub(super) fn one_of(&self, flag: &str, idxs: &[usize]) -> String {
        let flags: Vec<String> =
            idxs.iter().map(|i| format!("{flag} {}", self.infos[*i].name)).collect();
        match flags.len() {
            2..=4 => flags.join(" or "),
            _ => format!("{flag} NAME"),
        }
    }

    /// The one of `tied` that has as many columns as the labels have classes, or else the only one whose columns are at
    /// least as many and at most twice as many.
    fn fitting(
        &self,
        tied: &[usize],
        probe: &mut Probe<'_>,
        guesses: &mut Vec<Guess>,
    ) -> Option<usize> {
        let mut n_classes = Vec::new();
        for logits in tied {
            let labels = self.choose_labels(*logits, &mut Vec::new()).ok().flatten()?;
            if !self.infos[labels].is_one_for_each_row_of(&self.infos[*logits])
                && self.infos[labels].n_rows() != self.infos[*logits].n_rows()
            {
                n_classes.push(None);
                continue;
            }
            n_classes.push(Some(classes_of(probe(labels).ok()?, self.options)?));
        }
        let n_cols = |idx: usize| self.infos[idx].n_cols().map_or(0, |k| k.max(2));
        let only = |fits: &dyn Fn(usize, usize) -> bool| {
            let pairs = tied.iter().zip(&n_classes);
            let fit =
                |(idx, n): &(&usize, &Option<usize>)| n.is_some_and(|n| fits(n_cols(**idx), n));
            let mut found = pairs.filter(fit).map(|(idx, _)| *idx);
            found.next().filter(|_| found.next().is_none())
        };
        let chosen = only(&|k, n| k == n).or_else(|| only(&|k, n| k >= n && k <= 2 * n))?;
        let others = tied.iter().copied().filter(|idx| *idx != chosen);
        guesses.push(guess(
            "logits",
            self.infos[chosen].to_string(),
            format!(
                "the one whose columns are as many as the labels have classes; not {}; --logits NAME",
                self.list(others)
            ),
        ));
        Some(chosen)
    }

    /// Refuses a matrix of which a list of text beside it says that its columns are no classes alone.
    ///
    /// # Errors
    /// If a name among them is that of labels, ids or the like.
    pub(super) fn check_columns(
        &self,
        logits: usize,
        probe: &mut Probe<'_>,
    ) -> Result<(), Problem> {
        let is_list = |idx: &usize| {
            let info = &self.infos[*idx];
            let is_text = matches!(info.dtype, Ok(Dtype::Text { .. }));
            is_text && info.shape.len() == 1 && Some(info.n_rows()) == self.infos[logits].n_cols()
        };
        for idx in (0..self.infos.len()).filter(is_list) {
            let Ok(RawLabels::Text(texts)) = probe(idx) else {
                continue;
            };
            let is_other = |name: &&String| names::is_carried(name) || names::is_label_name(name);
            if let Some(name) = texts.iter().find(is_other) {
                return Err(Problem::new(format!(
                    "{} names the columns of {}, and {name} is no class",
                    self.infos[idx], self.infos[logits]
                ))
                .hint("save a table: `df.to_csv(path, index=False)`, or logits and labels as two arrays"));
            }
        }
        Ok(())
    }

    /// All of `tied`, in order, if each is a piece of one data set: numbered, of the same classes, with labels of its
    /// own which are not those of another.
    fn pieces(
        &self,
        tied: &[usize],
        probe: &mut Probe<'_>,
        guesses: &mut Vec<Guess>,
    ) -> Option<Vec<usize>> {
        let mut numbered: Vec<(u64, usize)> = Vec::new();
        for idx in tied {
            match self.names[*idx].piece {
                Some(number) if numbered.iter().all(|(other, _)| *other != number) => {
                    numbered.push((number, *idx));
                }
                _ => return None,
            }
        }
        numbered.sort_unstable();
        let idxs: Vec<usize> = numbered.into_iter().map(|(_, idx)| idx).collect();
        let n_cols = |idx: usize| self.infos[idx].n_cols();
        let [first, _, ..] = idxs[..] else {
            return None;
        };
        if idxs.iter().any(|idx| n_cols(*idx) != n_cols(first)) {
            return None;
        }
        let own = self.own_labels(&idxs)?;
        if !matches!(series::kinship(&own, probe), Ok(Kinship::Reordered | Kinship::Different)) {
            return None;
        }
        let last = idxs[idxs.len() - 1];
        let (first, last) = (&self.infos[first], &self.infos[last]);
        guesses.push(guess(
            "pieces",
            format!("{} arrays, one after the other: {first} .. {last}", idxs.len()),
            "numbered, and each has labels of its own; --logits NAME --labels NAME takes one alone",
        ));
        Some(idxs)
    }

    /// The labels of each of these logits, if each has its own.
    fn own_labels(&self, logits: &[usize]) -> Option<Vec<usize>> {
        let labels_of = |idx: &usize| self.choose_labels(*idx, &mut Vec::new()).ok().flatten();
        let mut own: Vec<usize> = Vec::new();
        for labels in logits.iter().map(labels_of) {
            own.push(labels.filter(|labels| !own.contains(labels))?);
        }
        Some(own)
    }

    /// Refuses steps that are none of one run: their arrays differ in classes or rows.
    ///
    /// # Errors
    /// If they differ, and no step is asked for.
    fn check_shapes(&self, candidates: &[usize]) -> Result<(), Problem> {
        let is_step = |idx: &&usize| self.names[**idx].step.is_some();
        let steps: Vec<usize> = candidates.iter().filter(is_step).copied().collect();
        let shape = |idx: usize| (self.infos[idx].n_cols(), self.infos[idx].n_rows());
        let key = |idx: usize| (self.names[idx].part, &self.names[idx].stem);
        let odd = steps.iter().find(|idx| {
            let same = steps.iter().find(|other| key(**other) == key(**idx));
            same.is_some_and(|first| shape(*first) != shape(**idx))
        });
        let (Some(odd), None) = (odd, self.options.step) else {
            return Ok(());
        };
        let of_kind = steps.iter().copied().filter(|idx| key(*idx) == key(*odd));
        Err(Problem::new(format!(
            "steps of a run have the same rows and classes, and these have not: {}",
            self.list(of_kind)
        ))
        .hint("--step N takes one of them, --logits NAME one array"))
    }

    /// Turns steps that have no name of steps, only numbers, into pieces of one data set if their labels are others.
    ///
    /// # Errors
    /// If they may be both.
    pub(super) fn check_steps(
        &mut self,
        candidates: &[usize],
        probe: &mut Probe<'_>,
    ) -> Result<(), Problem> {
        self.check_shapes(candidates)?;
        let is_bare = |idx: &usize| {
            self.names[*idx].step.is_some() && names::parse(&self.infos[*idx].name).step.is_none()
        };
        let part = candidates.first().map(|idx| self.names[*idx].part);
        let of_part = |idx: &&usize| Some(self.names[**idx].part) == part;
        let bare: Vec<usize> = candidates.iter().filter(of_part).copied().filter(is_bare).collect();
        let Some(own) = self.own_labels(&bare).filter(|own| own.len() > 1) else {
            return Ok(());
        };
        match series::kinship(&own, probe) {
            Ok(Kinship::Same) | Err(_) => Ok(()),
            Ok(Kinship::Different) => {
                for name in &mut self.names {
                    name.piece = name.piece.or(name.step.take());
                }
                Ok(())
            }
            Ok(Kinship::Reordered) if self.options.step.is_some() => Ok(()),
            Ok(Kinship::Reordered) => Err(Problem::new(format!(
                "these may be the steps of a run, or pieces of one data set: {}",
                self.list(bare.iter().copied())
            ))
            .hint("--step N takes one step; pieces are joined with np.concatenate before saving")),
        }
    }
}

/// How many classes labels speak of; `None` if they do not say.
fn classes_of(labels: RawLabels, options: &OpenOptions) -> Option<usize> {
    let ignore = options.ignore_index.unwrap_or(IGNORE_INDEX);
    match labels::simplify(labels) {
        RawLabels::Whole(whole) => {
            let counted = whole.into_iter().filter(|label| *label != ignore);
            let top = counted.max()?.checked_sub(options.label_offset)?;
            usize::try_from(top).ok()?.checked_add(1).map(|n| n.max(2))
        }
        RawLabels::Text(texts) => Some(labels::distinct(&texts, ignore).len()),
        RawLabels::Entries { n_labels, .. } | RawLabels::Soft { n_labels, .. } => {
            Some(n_labels.max(2))
        }
    }
}
