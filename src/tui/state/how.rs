//! By what a file was read: guesses and flags alone, or a choice.

use super::super::choice::Choice;

/// Who chose.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::tui) enum Origin {
    /// Nobody: everything is as the command line says, or guessed.
    #[default]
    Flags,
    /// It was remembered for files like this.
    Remembered,
    /// The user, in the dialog.
    Dialog,
}

/// A choice, and who made it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::tui) struct How {
    /// What was chosen.
    pub(in crate::tui) choice: Choice,
    /// By whom.
    pub(in crate::tui) origin: Origin,
}

impl How {
    /// As what a load of the same is ordered: what was remembered is looked up again, since it may be another now.
    pub(in crate::tui) fn order(&self) -> Option<Choice> {
        (self.origin == Origin::Dialog).then(|| self.choice.clone())
    }
}

impl From<Option<Choice>> for How {
    /// How a load with this order begins.
    fn from(choice: Option<Choice>) -> Self {
        let origin = if choice.is_some() { Origin::Dialog } else { Origin::Flags };
        Self { choice: choice.unwrap_or_default(), origin }
    }
}
