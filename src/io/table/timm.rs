//! What the `inference.py` of timm writes, in which two things are not what they are called.
//!
//! Its `label`, beside `index`, is the name of the class that was predicted. With `--topk` and a column for each rank
//! (`--results-separate-col`), `prob_0` or `logit_0` is the largest score of the row, whatever its class.

use super::super::OpenOptions;
use super::super::error::Problem;
use super::super::labels::IGNORE_INDEX;
use super::super::names;
use super::super::picked::{Probe, RawLabels};
use super::columns::{Column, ColumnType};

/// Refuses a table in which a prediction would be taken for the truth, or a rank for a class.
///
/// # Errors
/// If the columns are those of timm, and `--labels` or `--logits` does not say otherwise. `probe` tells its classes from
/// columns of 0 and 1, of which three or more are labels of several scores.
pub(super) fn refuse(
    columns: &[Column],
    options: &OpenOptions,
    probe: &mut Probe<'_>,
) -> Result<(), Problem> {
    let has = |name: &str| columns.iter().any(|c| c.name == name);
    // A number with a fraction is the probability of a soft label and no class.
    let is_class = |name: &str| {
        let is_fraction = |c: &Column| matches!(c.ty, ColumnType::Float { .. });
        columns.iter().any(|c| c.name == name && !is_fraction(c))
    };
    let ranks = ["index", "label"].into_iter().find(|name| {
        let is_first = is_class(&format!("{name}_0")) && is_class(&format!("{name}_1"));
        let scores = ["logit", "prob"];
        is_first
            && scores.iter().any(|score| has(&format!("{score}_0")) && has(&format!("{score}_1")))
    });
    if let (Some(rank), None) = (ranks, &options.logits)
        && (rank == "index" || !are_truths(columns, probe)?)
    {
        return Err(Problem::new(format!(
            "{rank}_0 beside the scores says that these are sorted: the columns are ranks and not classes \
             (timm's inference.py with --topk)"
        ))
        .hint("write the scores of all classes: inference.py --topk 0, or np.savez with the model's output"));
    }
    let is_text = |c: &Column| c.name == "label" && c.ty == ColumnType::Text;
    let predicted = has("filename") && has("index") && columns.iter().any(is_text);
    if predicted && options.labels.is_none() && !options.unlabelled {
        return Err(Problem::new(
            "label beside filename and index is the class that was predicted (timm's inference.py), not the \
             true one",
        )
        .hint("--labels COLUMN or --labels FILE with the true classes; --labels label if these are"));
    }
    Ok(())
}

/// True if `label_0`, `label_1`, `label_2` and so on hold 0 and 1 alone.
fn are_truths(columns: &[Column], probe: &mut Probe<'_>) -> Result<bool, Problem> {
    let is_label = |c: &Column| {
        let number = names::trailing_number(&c.name);
        number.is_some_and(|(prefix, _)| prefix == "label_")
    };
    let idxs: Vec<usize> = (0..columns.len()).filter(|i| is_label(&columns[*i])).collect();
    for idx in &idxs {
        match probe(*idx)? {
            RawLabels::Whole(whole) if whole.iter().all(|v| matches!(*v, 0 | 1 | IGNORE_INDEX)) => {
            }
            _ => return Ok(false),
        }
    }
    Ok(idxs.len() > 2)
}
