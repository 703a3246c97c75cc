//! Row summaries whose note is gone: a tool that reads a Parquet file and writes it again drops what it does not know
//! of the footer. The columns are still ours, and none of them holds logits.

use super::super::OpenOptions;
use super::super::error::Problem;
use super::columns::Column;

/// Columns of row summaries that no table of logits has.
const OF_SUMMARIES: [&str; 7] =
    ["label_logit", "label_rank", "top_class", "top_logit", "n_max", "n_present", "nodes"];

/// So many of them are no chance.
const MIN_COLUMNS: usize = 3;

/// Columns of summaries that keep the scores of few classes.
const WITH_SCORES: [&str; 3] = ["row", "label", "scores"];

/// Refuses a table that has the columns of row summaries, whatever else it has and in whatever order. Where the scores
/// are kept, `--logits` says that it is another table, whose rows are rows.
pub(super) fn refuse(columns: &[Column], options: &OpenOptions) -> Result<(), Problem> {
    let has = |name: &str| columns.iter().any(|c| c.name.eq_ignore_ascii_case(name));
    let is_exact = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.strip_prefix("exact_")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let n_ours = OF_SUMMARIES.iter().filter(|name| has(name)).count();
    let n_exact = columns.iter().filter(|c| is_exact(&c.name)).count();
    let of_scores = |name: &str| {
        WITH_SCORES.contains(&name) || name.starts_with("beside.") || name == "label_probabilities"
    };
    let keeps_scores = options.logits.is_none()
        && WITH_SCORES.iter().all(|name| has(name))
        && columns.iter().all(|c| of_scores(&c.name.to_ascii_lowercase()));
    if n_ours + n_exact.min(MIN_COLUMNS - 1) < MIN_COLUMNS && !keeps_scores {
        return Ok(());
    }
    let again = "make them again: `logitscope summarize LOGITS --out rows.parquet`; tools that write a Parquet file \
                 anew drop the note";
    let problem = Problem::new(
        "these are the columns of row summaries (`logitscope summarize`) without the note that says how to read them",
    );
    Err(if keeps_scores {
        problem.hint(format!("{again}. For a table of your own, name its column: --logits scores"))
    } else {
        problem.hint(again)
    })
}
