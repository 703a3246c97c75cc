//! What the user said about a file where the program would guess.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::data::{Filter, Kind, Task};
use crate::io::{OpenOptions, Part, Split};

/// The version of what is kept in the configuration folder.
const SCHEMA: &str = "logitscope.columns/1";

/// Something about a file that can be chosen; in the order of the dialog.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Field {
    Logits,
    Labels,
    Id,
    Group,
    Split,
    ClassNames,
    Kind,
    Task,
    Positive,
    Part,
    Step,
    Where,
    Mask,
    Shift,
    Weight,
}

impl Field {
    /// All of them.
    pub(super) const ALL: [Self; 15] = [
        Self::Logits,
        Self::Labels,
        Self::Id,
        Self::Group,
        Self::Split,
        Self::ClassNames,
        Self::Kind,
        Self::Task,
        Self::Positive,
        Self::Part,
        Self::Step,
        Self::Where,
        Self::Mask,
        Self::Shift,
        Self::Weight,
    ];

    /// What it is called, on screen and in [`crate::data::Guess::what`].
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Logits => "logits",
            Self::Labels => "labels",
            Self::Id => "id",
            Self::Group => "group",
            Self::Split => "split",
            Self::ClassNames => "class names",
            Self::Kind => "kind",
            Self::Task => "task",
            Self::Positive => "positive",
            Self::Part => "parts",
            Self::Step => "step",
            Self::Where => "where",
            Self::Mask => "mask",
            Self::Shift => "shift",
            Self::Weight => "weight",
        }
    }

    /// True for what is typed, since no list of candidates would do.
    pub(super) fn is_typed(self) -> bool {
        matches!(self, Self::Where | Self::Split | Self::Weight)
    }

    /// What is wrong with `text` as the value of a field that is typed, if anything is.
    pub(super) fn complaint(self, text: &str) -> Option<String> {
        match self {
            Self::Where => Filter::parse(text).err().map(|error| error.to_string()),
            Self::Split if Split::parse(text).column.is_empty() => {
                Some("a column, or the rows to keep as COLUMN=VALUE|VALUE".to_owned())
            }
            _ => None,
        }
    }

    /// The flag of the command line that says the same.
    pub(super) fn flag(self) -> &'static str {
        match self {
            Self::Logits => "--logits",
            Self::Labels => "--labels",
            Self::Id => "--id",
            Self::Group => "--group",
            Self::Split => "--split",
            Self::ClassNames => "--class-names",
            Self::Kind => "--kind",
            Self::Task => "--task",
            Self::Positive => "--positive",
            Self::Part => "--part",
            Self::Step => "--step",
            Self::Where => "--where",
            Self::Mask => "--mask",
            Self::Shift => "--shift",
            Self::Weight => "--weight",
        }
    }
}

/// What a field is set to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pick {
    /// As the flag takes it.
    pub(super) select: String,
    /// True for the name of a file in the folder of the data.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_beside: bool,
}

impl Pick {
    /// A column, an array, or a word.
    pub(super) fn inside(select: impl Into<String>) -> Self {
        Self { select: select.into(), is_beside: false }
    }
}

/// The fields that were chosen; all others are guessed, or as the command line says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Choice(BTreeMap<Field, Pick>);

/// A choice as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    schema: String,
    choice: BTreeMap<Field, Pick>,
}

impl FromIterator<(Field, Pick)> for Choice {
    fn from_iter<I: IntoIterator<Item = (Field, Pick)>>(picks: I) -> Self {
        Self(picks.into_iter().collect())
    }
}

impl Choice {
    /// What `field` was set to.
    pub(super) fn get(&self, field: Field) -> Option<&Pick> {
        self.0.get(&field)
    }

    /// The same with one more field chosen.
    pub(super) fn with(&self, field: Field, pick: Pick) -> Self {
        let mut choice = self.clone();
        choice.0.insert(field, pick);
        choice
    }

    /// The same without a choice of this field.
    pub(super) fn without(&self, field: Field) -> Self {
        let mut choice = self.clone();
        choice.0.remove(&field);
        choice
    }

    /// True if nothing was chosen.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `labels target, kind probs`; printable.
    pub(super) fn words(&self) -> String {
        let one = |(field, pick): (&Field, &Pick)| format!("{} {}", field.name(), pick.select);
        let words: Vec<String> = self.0.iter().map(one).collect();
        crate::data::printable(&words.join(", "))
    }

    /// `flags` with what was chosen for the data in `folder` put over them; `None` if a pick is no word that its flag
    /// takes.
    pub(super) fn over(&self, flags: &OpenOptions, folder: &Path) -> Option<OpenOptions> {
        let mut options = flags.clone();
        for (field, pick) in &self.0 {
            let select = &pick.select;
            let path = folder.join(select);
            match field {
                Field::Logits => options.logits = Some(select.clone()),
                Field::Labels if pick.is_beside => {
                    options.labels = Some(path.to_str()?.to_owned());
                }
                Field::Labels => options.labels = Some(select.clone()),
                Field::Id => options.id = Some(select.clone()),
                Field::Group => options.group = Some(select.clone()),
                Field::Split => options.split = Some(Split::parse(select)),
                Field::ClassNames => options.class_names = Some(path),
                Field::Kind => options.kind = Some(kind(select)?),
                Field::Task => options.task = Some(task(select)?),
                Field::Positive => options.positive = Some(select.clone()),
                Field::Part => options.part = part(select)?,
                Field::Step => options.step = Some(select.parse().ok()?),
                Field::Where => {
                    Filter::parse(select).ok()?;
                    options.filter = Some(select.clone());
                }
                Field::Mask => options.mask = Some(select.clone()),
                Field::Shift => options.shift = yes_or_no(select)?,
                Field::Weight => options.weight = Some(select.clone()),
            }
        }
        Some(options)
    }

    /// As it is kept.
    pub(super) fn to_json(&self) -> String {
        let kept = Kept { schema: SCHEMA.to_owned(), choice: self.0.clone() };
        // Maps of strings have a form in JSON.
        serde_json::to_string_pretty(&kept).unwrap_or_default() + "\n"
    }

    /// From what was kept; `None` if that is of another version, or was damaged.
    pub(super) fn from_json(text: &str) -> Option<Self> {
        let kept: Kept = serde_json::from_str(text).ok()?;
        let choice = Self(kept.choice);
        let is_sound = choice.over(&OpenOptions::default(), Path::new(".")).is_some();
        (kept.schema == SCHEMA && is_sound).then_some(choice)
    }
}

/// The words of `--kind`.
pub(super) const KINDS: [&str; 4] = ["logits", "log-probs", "probs", "sigmoid"];

/// The words of `--task`.
pub(super) const TASKS: [&str; 3] = ["multiclass", "binary", "multilabel"];

/// The words of `--part`.
pub(super) const PARTS: [&str; 3] = ["val", "test", "all"];

/// Whether to do what a flag without a value does.
pub(super) const YES_OR_NO: [&str; 2] = ["yes", "no"];

fn yes_or_no(word: &str) -> Option<bool> {
    YES_OR_NO.iter().position(|w| *w == word).map(|at| at == 0)
}

fn kind(word: &str) -> Option<Kind> {
    Some(match word {
        "logits" => Kind::Logits,
        "log-probs" => Kind::LogProbs,
        "probs" => Kind::Probs,
        "sigmoid" => Kind::Sigmoid,
        _ => return None,
    })
}

fn task(word: &str) -> Option<Task> {
    Some(match word {
        "multiclass" => Task::Multiclass,
        "binary" => Task::Binary,
        "multilabel" => Task::Multilabel,
        _ => return None,
    })
}

fn part(word: &str) -> Option<Part> {
    Some(match word {
        "val" => Part::Val,
        "test" => Part::Test,
        "all" => Part::All,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice() -> Choice {
        let beside = |name: &str| Pick { select: name.to_owned(), is_beside: true };
        [
            (Field::Logits, Pick::inside("logit_*")),
            (Field::Labels, beside("labels.npy")),
            (Field::Kind, Pick::inside("log-probs")),
            (Field::Step, Pick::inside("600")),
            (Field::Split, Pick::inside("fold=1|2")),
            (Field::Where, Pick::inside("length > 20")),
            (Field::Mask, Pick::inside("counts")),
            (Field::Shift, Pick::inside("yes")),
            (Field::Weight, Pick::inside("w")),
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn a_choice_is_put_over_the_flags() {
        let flags = OpenOptions {
            logits: Some("z*".to_owned()),
            positive: Some("spam".to_owned()),
            ..OpenOptions::default()
        };
        let options = choice().over(&flags, Path::new("runs")).unwrap();
        assert_eq!(options.logits.as_deref(), Some("logit_*"));
        let labels = Path::new("runs").join("labels.npy");
        assert_eq!(options.labels.as_deref(), labels.to_str());
        assert_eq!(options.kind, Some(Kind::LogProbs));
        assert_eq!(options.step, Some(600));
        assert_eq!(options.positive.as_deref(), Some("spam"));
        assert_eq!(options.task, None);
        assert_eq!(options.split.map(|split| split.to_string()).as_deref(), Some("fold=1|2"));
        assert_eq!(options.filter.as_deref(), Some("length > 20"));
        assert_eq!(options.weight.as_deref(), Some("w"));
        assert_eq!((options.mask.as_deref(), options.shift), (Some("counts"), true));
    }

    #[test]
    fn every_word_of_the_dialog_is_one_of_its_flag() {
        assert!(KINDS.iter().all(|word| kind(word).is_some()));
        assert!(TASKS.iter().all(|word| task(word).is_some()));
        assert!(PARTS.iter().all(|word| part(word).is_some()));
    }

    #[test]
    fn what_is_kept_comes_back_and_what_is_damaged_does_not() {
        let text = choice().to_json();
        assert_eq!(Choice::from_json(&text), Some(choice()));
        let broken = [
            text.replace("/1", "/9"),
            text.replace("log-probs", "likelihoods"),
            text.replace("length > 20", "length >"),
            text.replace("yes", "perhaps"),
            text.replace("logits", "logitz"),
            text[..text.len() / 2].to_owned(),
        ];
        assert!(broken.iter().all(|text| Choice::from_json(text).is_none()));
    }
}
