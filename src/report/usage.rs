//! How a temperature is applied to the scores of a file: what the card and the app say.

use serde::Serialize;

use crate::data::{Kind, SourceInfo, Task, Temperature};

/// One line for each language that applies the temperature.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Usage {
    /// With `PyTorch`.
    pub python: String,
    /// In place, before the softmax, or to the probabilities of the sigmoid.
    pub rust: String,
    /// In place, before the softmax, or to the probabilities of the sigmoid.
    pub c: String,
}

/// What makes probabilities of scores.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Link {
    /// Of all classes of a row together.
    Softmax,
    /// Of every score for itself: labels of multi-label data, or the one score of a positive class.
    Sigmoid,
}

/// How a stored score becomes what is divided by T: in words, in a formula, with `PyTorch`, in Rust, in C.
type Score = [&'static str; 5];

fn link(info: &SourceInfo) -> Link {
    if info.task == Task::Multilabel || info.single_score { Link::Sigmoid } else { Link::Softmax }
}

/// The one place that knows a kind of scores.
fn score(kind: Kind, link: Link) -> Score {
    let log_odds = "log(p / (1 - p))";
    match (kind, link) {
        (Kind::Logits, Link::Softmax) => ["the logits", "z", "logits", "*z", "z[k]"],
        (Kind::Logits, Link::Sigmoid) => ["the log-odds", "z", "logits", "*z", "z[k]"],
        (Kind::LogProbs, Link::Softmax) => {
            ["the log-probabilities", "log p", "log_probs", "*z", "z[k]"]
        }
        (Kind::LogProbs, Link::Sigmoid) => [
            "the log-odds of the probabilities",
            log_odds,
            "(log_probs - torch.log(-torch.expm1(log_probs)))",
            "(*z - (-z.exp_m1()).ln())",
            "(z[k] - log(-expm1(z[k])))",
        ],
        (Kind::Probs, Link::Softmax) => [
            "the logarithms of the probabilities",
            "log p",
            "torch.log(probs)",
            "z.ln()",
            "log(z[k])",
        ],
        (Kind::Sigmoid, _) | (Kind::Probs, Link::Sigmoid) => [
            "the log-odds of the probabilities",
            log_odds,
            "torch.logit(probs)",
            "(*z / (1.0 - *z)).ln()",
            "log(z[k] / (1 - z[k]))",
        ],
    }
}

/// `divide the logits by T* before the softmax:` and `softmax(z / 2.5)`, for a person.
pub fn recipe(info: &SourceInfo, t: &str) -> [String; 2] {
    let link = link(info);
    let [words, formula, ..] = score(info.kind, link);
    let name = match link {
        Link::Softmax => "softmax",
        Link::Sigmoid => "sigmoid",
    };
    let first = if info.is_cut() {
        format!("take the first {} columns, ", info.n_scores())
    } else {
        String::new()
    };
    [format!("{first}divide {words} by T* before the {name}:"), format!("{name}({formula} / {t})")]
}

/// `{:?}` keeps a decimal point (`2.0`) and all digits, and is a number in all three languages.
pub(super) fn usage(t: Temperature, info: &SourceInfo) -> Usage {
    let t = format!("{:?}", t.value());
    let link = link(info);
    let [_, _, tensor, rust, c] = score(info.kind, link);
    match link {
        Link::Softmax => {
            let rust =
                if rust == "*z" { format!("*z /= {t}") } else { format!("*z = {rust} / {t}") };
            let c = if c == "z[k]" { format!("z[k] /= {t}") } else { format!("z[k] = {c} / {t}") };
            // Columns behind the classes are no scores.
            let (slice, row, n_classes) = if info.is_cut() {
                let k = info.n_scores();
                (format!("[..., :{k}]"), format!("row[..{k}]"), k.to_string())
            } else {
                (String::new(), "row".to_owned(), "n_classes".to_owned())
            };
            let tensor = tensor.replace("probs", &format!("probs{slice}"));
            let tensor = tensor.replace("logits", &format!("logits{slice}"));
            Usage {
                python: format!("probs = torch.softmax({tensor} / {t}, dim=-1)"),
                rust: format!("for z in {row}.iter_mut() {{ {rust}; }} // then softmax"),
                c: format!("for (size_t k = 0; k < {n_classes}; k++) {c}; /* then softmax */"),
            }
        }
        Link::Sigmoid => {
            let n = if info.task == Task::Multilabel { "n_labels" } else { "n_rows" };
            Usage {
                python: format!("probs = torch.sigmoid({tensor} / {t})"),
                rust: format!(
                    "for z in row.iter_mut() {{ *z = 1.0 / (1.0 + (-{rust} / {t}).exp()); }}"
                ),
                c: format!("for (size_t k = 0; k < {n}; k++) z[k] = 1 / (1 + exp(-{c} / {t}));"),
            }
        }
    }
}
