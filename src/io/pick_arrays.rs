//! Which arrays are the logits and the labels: by part, step and name, and then by shape.

use super::array::{ArrayInfo, Dtype};
use super::carry;
use super::error::Problem;
use super::labels::shorten;
use super::mask::{self, Mask};
use super::names::{self, Name, PartName};
use super::picked::{Probe, guess};
use super::series::{self, can_be_logits};
use super::{OpenOptions, Part, npy, rival, words};
use crate::data::Guess;

/// One array of logits and the array of its labels, if the container has it.
pub(super) struct Pair {
    pub(super) part: Option<PartName>,
    pub(super) logits: usize,
    pub(super) labels: Option<usize>,
    /// Which rows count, if the container says so.
    pub(super) mask: Option<Mask>,
    /// Arrays that are carried along, with the names they go under.
    pub(super) carried: Vec<(usize, String)>,
    /// Where there are no labels: what could be them, and is called like predictions.
    pub(super) predicted: Option<String>,
}

impl Pair {
    /// `problem`, which is that no labels were found, with what must not be taken for them.
    pub(super) fn without_labels(&self, problem: Problem) -> Problem {
        match &self.predicted {
            Some(list) if !problem.is_cancelled() => Problem::new(format!(
                "{}; what a model predicted is none: {list}",
                problem.message()
            ))
            .hint("--labels NAME or --labels FILE with the true classes"),
            _ => problem,
        }
    }
}

/// The arrays with their names taken apart.
pub(super) struct Chooser<'a> {
    pub(super) infos: &'a [ArrayInfo],
    pub(super) names: Vec<Name>,
    pub(super) options: &'a OpenOptions,
}

impl<'a> Chooser<'a> {
    /// Choices among these arrays.
    pub(super) fn new(infos: &'a [ArrayInfo], options: &'a OpenOptions) -> Self {
        Self { infos, names: series::names_of(infos), options }
    }

    /// Decides on logits and labels, part by part; `probe` reads labels where the choice depends on them.
    pub(super) fn choose(
        &mut self,
        probe: &mut Probe<'_>,
        guesses: &mut Vec<Guess>,
    ) -> Result<Vec<Pair>, Problem> {
        if let Some(name) = &self.options.logits {
            let logits = self.by_name(name, "--logits")?;
            let part = self.names[logits].part;
            let labels = self.choose_labels(logits, guesses)?;
            self.check_rivals(logits, labels, probe)?;
            return Ok(vec![self.pair(part, logits, labels)]);
        }
        let mut candidates = self.named_logits();
        let by_shape = candidates.is_empty();
        if by_shape {
            candidates = self.shaped_logits();
        }
        self.check_steps(&candidates, probe)?;
        let candidates = self.of_step(candidates, guesses)?;
        if candidates.is_empty() {
            return Err(self.no_logits());
        }
        let parts = self.wanted_parts(&candidates, guesses)?;
        let mut pairs = Vec::new();
        for part in parts {
            let of_part = candidates.iter().copied();
            let of_part = of_part.filter(|&i| self.names[i].part == part).collect();
            let how = if by_shape { "by shape" } else { "by name" };
            for logits in self.best_logits(of_part, how, probe, guesses)? {
                if by_shape {
                    self.check_columns(logits, probe)?;
                }
                let labels = self.choose_labels(logits, guesses)?;
                self.check_rivals(logits, labels, probe)?;
                pairs.push(self.pair(part, logits, labels));
            }
        }
        Ok(pairs)
    }

    fn pair(&self, part: Option<PartName>, logits: usize, labels: Option<usize>) -> Pair {
        Pair {
            part,
            logits,
            labels,
            mask: match self.options.mask {
                Some(_) => None,
                None => mask::find(self.infos, &self.names, logits),
            },
            carried: self.carried(part, logits, labels),
            predicted: self.predicted(logits).filter(|_| labels.is_none()),
        }
    }

    /// Arrays that could be the labels of these logits and are called like predictions.
    fn predicted(&self, logits: usize) -> Option<String> {
        let found = (0..self.infos.len()).filter(|i| {
            *i != logits
                && self.matches(*i, logits)
                && self.is_label_type(*i)
                && words::say_prediction(&self.infos[*i].name)
        });
        Some(self.list(found)).filter(|list| !list.is_empty())
    }

    /// Arrays of one element for each row (or each sentence of rows) of these logits that are no labels and no mask.
    /// `val_ids` beside `val_logits` goes under the name `ids`, which the test part has too.
    fn carried(
        &self,
        part: Option<PartName>,
        logits: usize,
        labels: Option<usize>,
    ) -> Vec<(usize, String)> {
        let of_rows = |i: usize| {
            let (info, of) = (&self.infos[i], &self.infos[logits]);
            let of_sentences = of.shape.len() == 3 && info.shape[..] == of.shape[..1];
            info.dtype.is_ok() && (info.is_one_for_each_row_of(of) || of_sentences)
        };
        let wanted = self.options.mask.as_deref();
        let is_mask = |i: usize| {
            let (full, stem) = (self.infos[i].name.as_str(), self.names[i].stem.as_str());
            wanted == Some(full) || wanted == Some(stem)
        };
        let possible = |i: &usize| {
            *i != logits
                && Some(*i) != labels
                && of_rows(*i)
                && self.matches(*i, logits)
                && (carry::speaks_of_rows(&self.names[*i].stem) || is_mask(*i))
        };
        let name = |i: usize| match part {
            // By the name that the flag gives it.
            _ if is_mask(i) => wanted.unwrap_or_default().to_owned(),
            _ if part.is_some() || self.names[i].piece.is_some() => self.names[i].stem.clone(),
            _ => self.infos[i].name.clone(),
        };
        let found = (0..self.infos.len()).filter(possible);
        found.take(carry::MAX_COLUMNS).map(|i| (i, name(i))).collect()
    }

    fn by_name(&self, name: &str, flag: &str) -> Result<usize, Problem> {
        let found = self.infos.iter().position(|i| i.name == name);
        found.ok_or_else(|| {
            Problem::new(format!(
                "there is no array {name}; there are {}",
                self.list(0..self.infos.len())
            ))
            .hint(format!(
                "{flag} with one of these names{}",
                if flag == "--labels" { ", or with a file" } else { "" }
            ))
        })
    }

    /// Arrays that can be logits and are called so.
    fn named_logits(&self) -> Vec<usize> {
        let named = |i: &usize| {
            let (stem, info) = (&self.names[*i].stem, &self.infos[*i]);
            let is_class = info.shape.len() < 2 && names::is_predicted_label(stem);
            names::logits_rank(stem).is_some() && !is_class
        };
        (0..self.infos.len()).filter(|i| self.can_be_logits(*i)).filter(named).collect()
    }

    /// Arrays that can be logits by type and shape, matrices before vectors.
    fn shaped_logits(&self) -> Vec<usize> {
        let unnamed = |i: &usize| names::labels_rank(&self.names[*i].stem).is_none();
        let possible = (0..self.infos.len()).filter(|i| self.can_be_logits(*i)).filter(unnamed);
        let (matrices, vectors): (Vec<_>, Vec<_>) =
            possible.partition(|&i| self.infos[i].shape.len() >= 2);
        if matrices.is_empty() { vectors } else { matrices }
    }

    fn can_be_logits(&self, idx: usize) -> bool {
        can_be_logits(&self.infos[idx])
    }

    /// Of a series only the step that is asked for, or the last.
    fn of_step(
        &self,
        candidates: Vec<usize>,
        guesses: &mut Vec<Guess>,
    ) -> Result<Vec<usize>, Problem> {
        let mut steps: Vec<u64> = candidates.iter().filter_map(|&i| self.names[i].step).collect();
        steps.sort_unstable();
        steps.dedup();
        let Some(&last) = steps.last() else {
            // An array beside them may say which step a row is of: see `step_column`.
            return Ok(candidates);
        };
        let step = self.options.step.unwrap_or(last);
        let choices: Vec<String> = steps.iter().map(ToString::to_string).collect();
        let listed = choices.join(", ");
        if !steps.contains(&step) {
            return Err(Problem::new(format!("there is no step {step}; there are {listed}"))
                .hint(format!("--step {last}")));
        }
        let evidence = match self.options.step {
            Some(_) => format!("as asked for; the steps are {listed}"),
            None => format!("the last of the steps {listed}; --step N"),
        };
        if self.options.step.is_some() || steps.len() > 1 {
            guesses.push(Guess { choices, ..guess("step", step.to_string(), evidence) });
        }
        let of_step = |i: &usize| self.names[*i].step == Some(step);
        Ok(candidates.into_iter().filter(of_step).collect())
    }

    /// The parts to read, in the order fit, test.
    fn wanted_parts(
        &self,
        candidates: &[usize],
        guesses: &mut Vec<Guess>,
    ) -> Result<Vec<Option<PartName>>, Problem> {
        let mut parts: Vec<Option<PartName>> =
            candidates.iter().map(|&i| self.names[i].part).collect();
        parts.sort_unstable();
        parts.dedup();
        let wanted = match self.options.wanted_part() {
            Part::Val => Some(PartName::Val),
            Part::Test => Some(PartName::Test),
            Part::Auto | Part::All => None,
        };
        if let Some(wanted) = wanted {
            let found = parts.contains(&Some(wanted));
            return found.then(|| vec![Some(wanted)]).ok_or_else(|| {
                Problem::new(format!(
                    "there is no {} part; there are {}",
                    wanted.word(),
                    self.list(0..self.infos.len())
                ))
                .hint("leave --part out, or choose with --logits NAME and --labels NAME")
            });
        }
        // Logits without a part beside val and test logits: the whole of which they are parts.
        if parts.len() == 3 {
            parts.remove(0);
        }
        if parts.len() == 2 {
            let (chosen, flag) = match self.options.wanted_part() {
                Part::All => ("val and test as one set", "--part val|test"),
                _ => ("fitted on val, judged on test", "--part val|test|all"),
            };
            guesses.push(guess("parts", chosen, format!("the names of the arrays; {flag}")));
        }
        Ok(parts)
    }

    pub(super) fn no_logits(&self) -> Problem {
        let unreadable = |i: &&ArrayInfo| i.dtype.is_err();
        if let Some(info) = self.infos.iter().find(unreadable)
            && let Err(kind) = &info.dtype
        {
            return npy::unreadable(&info.name, kind);
        }
        let all = self.list(0..self.infos.len());
        Problem::new(format!("no array of logits found; there are {all}"))
            .hint("--logits NAME, a float array of shape rows x classes")
    }

    /// The labels of these logits, or `None` if they must lie outside of the container.
    pub(super) fn choose_labels(
        &self,
        logits: usize,
        guesses: &mut Vec<Guess>,
    ) -> Result<Option<usize>, Problem> {
        if let Some(name) = &self.options.labels {
            let is_file = std::path::Path::new(name).is_file();
            let found = self.by_name(name, "--labels");
            return if is_file && found.is_err() { Ok(None) } else { found.map(Some) };
        }
        let of_part = |i: &usize| *i != logits && self.matches(*i, logits);
        let candidates: Vec<usize> = (0..self.infos.len()).filter(of_part).collect();
        let rank = |i: usize| names::labels_rank(&self.names[i].stem);
        let best = candidates.iter().filter_map(|&i| rank(i)).min();
        let named = candidates.iter().copied().filter(|&i| best.is_some() && rank(i) == best);
        let mut chosen: Vec<usize> = named.collect();
        let how = if chosen.is_empty() { "by shape" } else { "by name" };
        if chosen.is_empty() {
            let vector = |i: &usize| {
                self.is_label_type(*i)
                    && self.infos[*i].is_one_for_each_row_of(&self.infos[logits])
                    && !self.names[*i].stem.contains("mask")
                    && !names::is_carried(&self.names[*i].stem)
                    && !words::say_prediction(&self.infos[*i].name)
                    && (self.infos[logits].n_cols() == Some(1)
                        || !words::say_rightness(&self.infos[*i].name))
                    && (!self.options.unlabelled || has_no_name(&self.infos[*i]))
            };
            chosen = candidates.into_iter().filter(vector).collect();
        }
        match chosen[..] {
            [only] => {
                let evidence =
                    format!("{how}, as many as there are rows of logits; --labels NAME|FILE");
                guesses.push(guess("labels", self.infos[only].to_string(), evidence));
                Ok(Some(only))
            }
            [] => Ok(None),
            _ if self.options.unlabelled => Ok(None),
            _ => Err(Problem::new(format!(
                "several arrays could be the labels: {}",
                self.list(chosen.iter().copied())
            ))
            .hint(self.one_of("--labels", &chosen))),
        }
    }

    /// Refuses labels beside which other classes of the same rows stand that may be the true ones.
    fn check_rivals(
        &self,
        logits: usize,
        labels: Option<usize>,
        probe: &mut Probe<'_>,
    ) -> Result<(), Problem> {
        let Some(labels) = labels.filter(|_| self.options.labels.is_none()) else {
            return Ok(());
        };
        let may_be = |idx: &usize| {
            ![logits, labels].contains(idx)
                && self.matches(*idx, logits)
                && self.is_label_type(*idx)
                && self.infos[*idx].is_one_for_each_row_of(&self.infos[logits])
                && rival::may_be_true(&self.names[*idx].stem)
        };
        let named = |idx: usize| (idx, self.infos[idx].name.as_str());
        let others: Vec<_> = (0..self.infos.len()).filter(may_be).map(named).collect();
        rival::refuse(named(labels), &others, probe)
    }

    /// Same part, and the same step and piece or none.
    fn matches(&self, labels: usize, logits: usize) -> bool {
        let (labels, logits) = (&self.names[labels], &self.names[logits]);
        labels.part == logits.part
            && (labels.step.is_none() || labels.step == logits.step)
            && (labels.piece.is_none() || labels.piece == logits.piece)
    }

    fn is_label_type(&self, idx: usize) -> bool {
        let dtype = self.infos[idx].dtype.as_ref();
        dtype.is_ok_and(|d| matches!(d, Dtype::Int { .. } | Dtype::Bool | Dtype::Text { .. }))
    }

    pub(super) fn list(&self, idxs: impl IntoIterator<Item = usize>) -> String {
        let all: Vec<String> = idxs.into_iter().map(|i| self.infos[i].to_string()).collect();
        shorten(&all)
    }
}

/// True for the names that `np.savez` makes up.
fn has_no_name(info: &ArrayInfo) -> bool {
    info.name.starts_with("arr_")
}
