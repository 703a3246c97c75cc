//! What the numbers in a file are, and what question the labels ask.

use serde::{Deserialize, Serialize};

/// What the scores of a file are. Decided once per file; all kinds are brought to logits on reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Kind {
    /// Unnormalised scores z; probabilities are softmax(z).
    #[serde(rename = "logits")]
    Logits,
    /// Natural logarithms of probabilities: they are logits whose log-sum-exp is 0.
    #[serde(rename = "log-probs")]
    LogProbs,
    /// Probabilities p, read as z = ln p without a floor; p = 0 makes the class absent in that row.
    #[serde(rename = "probs")]
    Probs,
}

impl Kind {
    /// The word for the numbers as they are in the file.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Logits => "logits",
            Self::LogProbs => "log-probabilities",
            Self::Probs => "probabilities",
        }
    }
}

/// What the labels ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// One class out of K > 2.
    Multiclass,
    /// Two classes. The headline reads the probability of class 1, the positive class.
    Binary,
    /// Several labels a row, each there or not: every label of a row is a binary row of its own, and the headline
    /// reads the probabilities of all labels.
    Multilabel,
}

impl Task {
    /// The name used in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Multiclass => "multiclass",
            Self::Binary => "binary",
            Self::Multilabel => "multilabel",
        }
    }
}
