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
    /// One-vs-rest probabilities p, one sigmoid for each class, read as z = ln p - ln(1 - p); p = 0 makes the class
    /// absent in that row.
    #[serde(rename = "sigmoid")]
    Sigmoid,
}

/// What the numbers of a file were before they became logits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recorded {
    /// What they are.
    pub kind: Kind,
    /// True for probabilities that all lie on a grid of 10^-d, 1 <= d <= 6, and are not all 0 or 1: there a 0 at the
    /// label means "less than half a unit", and its NLL is unknown, not infinite.
    pub is_rounded: bool,
}

impl Kind {
    /// True if the stored numbers lie in [0, 1].
    pub fn is_probabilities(self) -> bool {
        matches!(self, Self::Probs | Self::Sigmoid)
    }

    /// The name used in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Logits => "logits",
            Self::LogProbs => "log-probs",
            Self::Probs => "probs",
            Self::Sigmoid => "sigmoid",
        }
    }

    /// The word for the numbers as they are in the file.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Logits => "logits",
            Self::LogProbs => "log-probabilities",
            Self::Probs => "probabilities",
            Self::Sigmoid => "one-vs-rest probabilities",
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
