//! The Columns dialog: what a file was taken for, what it could be taken for, and what is chosen.

use super::super::choice::{Choice, Field, KINDS, PARTS, Pick, TASKS, YES_OR_NO};
use super::super::event::Target;
use super::super::services::{Choices, Failure};
use super::{How, Prompt};
use crate::data::{Guess, SourceInfo, Task, printable};
use crate::io::{Offered, OpenOptions};

/// One thing a field can be set to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::tui) struct FieldOption {
    /// What is chosen; `None` leaves it to the program.
    pub(in crate::tui) pick: Option<Pick>,
    /// For the eye.
    pub(in crate::tui) words: String,
    /// Why it is offered; for the program's own guess, why that.
    pub(in crate::tui) evidence: String,
}

/// A line of the dialog.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::tui) struct ColumnsRow {
    /// What is chosen here.
    pub(in crate::tui) field: Field,
    /// The first leaves it to the program.
    pub(in crate::tui) options: Vec<FieldOption>,
    /// Which one is chosen.
    pub(in crate::tui) at: usize,
}

impl ColumnsRow {
    /// Chooses what was typed; nothing leaves it to the program.
    pub(in crate::tui) fn set(&mut self, text: &str) {
        if text.is_empty() {
            self.at = 0;
            return;
        }
        let pick = Some(Pick::inside(text));
        let known = self.options.iter().position(|o| o.pick == pick);
        self.at = known.unwrap_or_else(|| {
            self.options.push(FieldOption {
                pick,
                words: printable(text),
                evidence: "typed here".to_owned(),
            });
            self.options.len() - 1
        });
    }

    /// The chosen option.
    pub(in crate::tui) fn chosen(&self) -> &FieldOption {
        &self.options[self.at.min(self.options.len() - 1)]
    }
}

/// The dialog.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::tui) struct Columns {
    /// The file.
    pub(in crate::tui) target: Target,
    /// Its name, printable.
    pub(in crate::tui) name: String,
    /// How it was read.
    pub(in crate::tui) how: How,
    /// What was understood, if it could be read.
    pub(in crate::tui) info: Option<SourceInfo>,
    /// Why it could not.
    pub(in crate::tui) failure: Option<Failure>,
    /// What the file offers, or why that is not known; `None` while it is looked at.
    pub(in crate::tui) found: Option<Result<Choices, String>>,
    /// One line for each field that can be chosen.
    pub(in crate::tui) rows: Vec<ColumnsRow>,
    /// The chosen line.
    pub(in crate::tui) cursor: usize,
    /// What became of the last key, in words.
    pub(in crate::tui) note: Option<String>,
    /// What is typed into the chosen line.
    pub(in crate::tui) typed: Option<Prompt>,
}

impl Failure {
    /// True if its hint is about the flag of `field`.
    fn names(&self, field: Field) -> bool {
        self.hint.as_ref().is_some_and(|hint| hint.contains(field.flag()))
    }
}

impl Columns {
    /// Takes what the file offers, and makes the lines of it.
    pub(in crate::tui) fn take(&mut self, found: Result<Choices, String>, flags: &OpenOptions) {
        if let Ok(choices) = &found {
            self.rows = Maker { columns: self, choices, flags }.rows();
            self.cursor = self.place_of_failure();
        }
        self.found = Some(found);
    }

    /// The line that the error speaks of, by the flag in its hint.
    fn place_of_failure(&self) -> usize {
        let hint = self.failure.as_ref().and_then(|f| f.hint.as_deref()).unwrap_or_default();
        let flag = |row: &ColumnsRow| hint.find(row.field.flag());
        let named = self.rows.iter().enumerate().filter_map(|(i, row)| Some((flag(row)?, i)));
        named.min().map_or(0, |(_, i)| i)
    }

    /// What the lines say.
    pub(in crate::tui) fn choice(&self) -> Choice {
        let picked = |row: &ColumnsRow| Some((row.field, row.chosen().pick.clone()?));
        self.rows.iter().filter_map(picked).collect()
    }

    /// Leaves everything to the program.
    pub(in crate::tui) fn clear(&mut self) {
        self.rows.iter_mut().for_each(|row| row.at = 0);
    }

    /// True if the value of the chosen line can be typed.
    pub(in crate::tui) fn is_typed_line(&self) -> bool {
        let row = self.rows.get(self.cursor);
        row.is_some_and(|row| row.field.is_typed())
    }

    /// What was remembered for files like this.
    pub(in crate::tui) fn remembered(&self) -> Option<&Choice> {
        self.found.as_ref()?.as_ref().ok()?.remembered.as_ref()
    }
}

/// What the lines are made of.
struct Maker<'a> {
    columns: &'a Columns,
    choices: &'a Choices,
    flags: &'a OpenOptions,
}

impl Maker<'_> {
    fn rows(&self) -> Vec<ColumnsRow> {
        Field::ALL.into_iter().filter_map(|field| self.row(field)).collect()
    }

    /// The line of a field; `None` if this file leaves nothing to choose there.
    fn row(&self, field: Field) -> Option<ColumnsRow> {
        let offered = self.offered(field);
        let guessed = self.guessed(field);
        let is_always =
            matches!(field, Field::Logits | Field::Labels | Field::Where | Field::Weight);
        let is_chosen = self.columns.how.choice.get(field).is_some();
        if offered.is_empty() && guessed.is_none() && !is_always && !is_chosen {
            return None;
        }
        let mut options = vec![self.own(field, guessed)];
        options.extend(offered);
        let current = self.columns.how.choice.get(field);
        let at = match current {
            None => 0,
            Some(pick) => {
                let known = options.iter().position(|o| o.pick.as_ref() == Some(pick));
                known.unwrap_or_else(|| {
                    options.push(FieldOption {
                        pick: Some(pick.clone()),
                        words: printable(&pick.select),
                        evidence: "chosen before".to_owned(),
                    });
                    options.len() - 1
                })
            }
        };
        Some(ColumnsRow { field, options, at })
    }

    /// What the program takes without a choice.
    fn own(&self, field: Field, guessed: Option<(String, String)>) -> FieldOption {
        let (words, evidence) = match (self.columns.how.choice.get(field), guessed) {
            (Some(_), _) => ("as it is guessed".to_owned(), "leave it to the program".to_owned()),
            (None, Some(guessed)) => guessed,
            (None, None) => self.unknown(field),
        };
        FieldOption { pick: None, words, evidence }
    }

    /// What is said where nothing was understood.
    fn unknown(&self, field: Field) -> (String, String) {
        let (words, evidence) = match &self.columns.failure {
            _ if field == Field::Where => (
                "all rows",
                "e types a condition on what stands beside the logits: length < 20 & lang in (en, de)",
            ),
            _ if field == Field::Weight => (
                "every row counts the same",
                "←→ takes a column of weights, e types the name of one",
            ),
            _ if field == Field::Shift => ("no", "the scores at a token are about this token"),
            Some(failure) if failure.names(field) => ("not clear", "←→ shows what it could be"),
            Some(_) => ("as it is guessed", "leave it to the program"),
            None if self.columns.info.is_none() => ("as it is guessed", "leave it to the program"),
            None => ("none", "the file has none"),
        };
        (words.to_owned(), evidence.to_owned())
    }

    /// What was understood without a choice, and why.
    fn guessed(&self, field: Field) -> Option<(String, String)> {
        if let Some(flag) = self.flag(field) {
            return Some((printable(&flag), format!("{} of the command line", field.flag())));
        }
        let info = self.columns.info.as_ref()?;
        let is_it = |g: &&Guess| g.what == field.name();
        if let Some(guess) = info.guesses.iter().find(is_it) {
            return Some((printable(&guess.chosen), without_flag(&guess.evidence)));
        }
        match field {
            Field::Kind => Some((info.kind.describe().to_owned(), String::new())),
            Field::Task => Some((info.task.name().to_owned(), String::new())),
            _ => None,
        }
    }

    fn flag(&self, field: Field) -> Option<String> {
        let flags = self.flags;
        match field {
            Field::Logits => flags.logits.clone(),
            Field::Labels => flags.labels.clone(),
            Field::Id => flags.id.clone(),
            Field::Group => flags.group.clone(),
            Field::Split => Some(flags.split.as_ref()?.to_string()),
            Field::ClassNames => Some(flags.class_names.as_ref()?.to_string_lossy().into_owned()),
            Field::Kind => Some(flags.kind?.describe().to_owned()),
            Field::Task => Some(flags.task?.name().to_owned()),
            Field::Positive => flags.positive.clone(),
            Field::Part => None,
            Field::Step => Some(flags.step?.to_string()),
            Field::Where => flags.filter.clone(),
            Field::Mask => flags.mask.clone(),
            Field::Weight => flags.weight.clone(),
            Field::Shift => flags.shift.then(|| YES_OR_NO[0].to_owned()),
        }
    }

    fn offered(&self, field: Field) -> Vec<FieldOption> {
        let offer = &self.choices.offer;
        match field {
            Field::Logits => offer.logits.iter().map(candidate).collect(),
            Field::Labels => offer.labels.iter().map(candidate).collect(),
            Field::Id | Field::Group | Field::Split => offer.beside.iter().map(candidate).collect(),
            Field::ClassNames => offer.class_names.iter().map(candidate).collect(),
            Field::Kind => words(&KINDS),
            Field::Task => words(&TASKS),
            Field::Positive => self.classes(),
            Field::Part if offer.has_parts => words(&PARTS),
            Field::Shift if offer.has_tokens => words(&YES_OR_NO),
            Field::Part | Field::Where | Field::Shift => Vec::new(),
            Field::Weight => offer.weights.iter().map(candidate).collect(),
            Field::Mask => offer.masks.iter().map(candidate).collect(),
            Field::Step => {
                let steps: Vec<String> = offer.steps.iter().map(ToString::to_string).collect();
                words(&steps)
            }
        }
    }

    /// The two classes of binary data.
    fn classes(&self) -> Vec<FieldOption> {
        let info = self.columns.info.as_ref().filter(|info| info.task == Task::Binary);
        let Some(info) = info else {
            return Vec::new();
        };
        match &info.class_names {
            Some(names) => words(names.as_slice()),
            None => words(&["0", "1"]),
        }
    }
}

fn candidate(offered: &Offered) -> FieldOption {
    FieldOption {
        pick: Some(Pick { select: offered.select.clone(), is_beside: offered.is_beside }),
        words: offered.words.clone(),
        evidence: offered.evidence.clone(),
    }
}

fn words<S: AsRef<str>>(words: &[S]) -> Vec<FieldOption> {
    let option = |word: &S| FieldOption {
        pick: Some(Pick::inside(word.as_ref())),
        words: printable(word.as_ref()),
        evidence: String::new(),
    };
    words.iter().map(option).collect()
}

/// Evidence without the flag that overrides it: here that is done by a key.
fn without_flag(evidence: &str) -> String {
    let kept = evidence.rsplit_once("; --").map_or(evidence, |(kept, _)| kept);
    printable(kept)
}
