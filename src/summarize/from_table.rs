//! Row summaries from the columns of a file, none of which is taken on trust.

use thiserror::Error;

use crate::data::{Label, MemorySource, NumberTable, Numbers, Recorded, SoftLabels, Values};
use crate::numerics::{Lattice, Moments, RowMoments, TOP};

use super::beside::Beside;
use super::checks::RowCheck;
use super::curve::Curves;
use super::gather::Gathered;
use super::rows::{Columns, ExactColumn, LeftOut, RowSummaries};
use super::soft::SoftRows;
use super::table::{EXACT_NUMBERS, LABEL_NUMBERS, exact_name, label_name};
use super::{MAX_KEPT_CLASSES, summarize};

/// What must be known of a table beside its columns.
#[derive(Clone, PartialEq, Debug)]
pub struct TableHead {
    /// K.
    pub n_classes: usize,
    /// What the scores were.
    pub recorded: Recorded,
    /// True if labels are distributions.
    pub soft_labels: bool,
    /// The lattice of the nodes; `None` if the rows keep their scores.
    pub lattice: Option<Lattice>,
    /// Inverse temperatures of the exact columns.
    pub exact_at: Vec<f64>,
    /// Rows that were read, used or not.
    pub n_read: u64,
    /// Rows that were left out.
    pub left_out: LeftOut,
    /// What was gathered of them, without the hashes, if the file says so.
    pub gathered: Option<Gathered>,
}

/// Columns that are no row summaries.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum InvalidTable {
    /// There is no such column.
    #[error("there is no column {0}")]
    Missing(String),
    /// A column holds other numbers than it should.
    #[error("column {column} holds {found}, not {expected}")]
    Type {
        /// The column.
        column: String,
        /// `3 x f32`.
        found: String,
        /// `57 x f32`.
        expected: String,
    },
    /// A number is impossible.
    #[error("row {row}, column {column}: {problem}")]
    Row {
        /// 1-based row of the part.
        row: usize,
        /// The column.
        column: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The counts do not add up, or the lattice does not belong to the classes.
    #[error("{0}")]
    Head(String),
}

impl RowSummaries {
    /// The rows of `table`, as [`RowSummaries::table`] made it of all rows of one part.
    ///
    /// # Errors
    /// If a column is missing or of another type, if a number is NaN or impossible (a class that does not exist, a
    /// label above the largest score), or if the rows are not as many as `head` says.
    pub fn from_table(head: &TableHead, mut table: NumberTable) -> Result<Self, InvalidTable> {
        let LeftOut { ignored_label, non_finite } = head.left_out;
        let n_used = table.n_rows() as u64;
        let n_known = n_used.checked_add(ignored_label).and_then(|n| n.checked_add(non_finite));
        if n_known != Some(head.n_read) {
            return Err(InvalidTable::Head(format!(
                "{} rows were read, but {n_used} are here and {ignored_label} + {non_finite} were left out",
                head.n_read
            )));
        }
        let row = row_numbers(&mut table, head.n_read)?;
        let labels = labels(&mut table, head.n_classes)?;
        let hashes = super::stored::hashes(&mut table)?;
        let mut rows = match head.lattice {
            None => from_scores(head, labels, table),
            Some(lattice) => from_nodes(head, lattice, labels, table),
        }?;
        rows.columns.row = row;
        rows.recorded = head.recorded;
        rows.left_out = head.left_out;
        rows.take_gathered(head, hashes)?;
        Ok(rows)
    }
}

/// The column `name` of `width` numbers a row.
fn take(table: &mut NumberTable, name: &str, width: usize) -> Result<Numbers, InvalidTable> {
    let column = table.take(name).ok_or_else(|| InvalidTable::Missing(name.to_owned()))?;
    if column.width == width {
        return Ok(column.numbers);
    }
    let type_name = column.numbers.type_name();
    Err(wrong_type(
        name,
        format!("{} x {type_name}", column.width),
        format!("{width} x {type_name}"),
    ))
}

fn wrong_type(column: &str, found: String, expected: String) -> InvalidTable {
    InvalidTable::Type { column: column.to_owned(), found, expected }
}

fn u32s(table: &mut NumberTable, name: &str, width: usize) -> Result<Vec<u32>, InvalidTable> {
    match take(table, name, width)? {
        Numbers::U32(v) => Ok(v),
        other => Err(wrong_type(name, other.type_name().into(), "u32".into())),
    }
}

/// f64, or f32 that is widened.
fn floats(table: &mut NumberTable, name: &str, width: usize) -> Result<Vec<f64>, InvalidTable> {
    match take(table, name, width)? {
        Numbers::F64(v) => Ok(v),
        Numbers::F32(v) => Ok(v.into_iter().map(f64::from).collect()),
        other => Err(wrong_type(name, other.type_name().into(), "f64".into())),
    }
}

/// The column `row`, which ascends and stays below the rows that were read.
fn row_numbers(table: &mut NumberTable, n_read: u64) -> Result<Vec<u64>, InvalidTable> {
    let rows = match take(table, "row", 1)? {
        Numbers::U64(v) => v,
        other => return Err(wrong_type("row", other.type_name().into(), "u64".into())),
    };
    let wrong = |idx: usize| InvalidTable::Row {
        row: idx + 1,
        column: "row".to_owned(),
        problem: format!("{} does not ascend, or is none of the {n_read} rows", rows[idx]),
    };
    for idx in 0..rows.len() {
        let ascends = idx == 0 || rows[idx - 1] < rows[idx];
        if !ascends || rows[idx] >= n_read {
            return Err(wrong(idx));
        }
    }
    Ok(rows)
}

fn labels(table: &mut NumberTable, k: usize) -> Result<Vec<Label>, InvalidTable> {
    let classes = u32s(table, "label", 1)?.into_iter();
    let label = |(idx, class): (usize, u32)| {
        let within = Label::class(class).filter(|_| (class as usize) < k);
        within.ok_or_else(|| InvalidTable::Row {
            row: idx + 1,
            column: "label".to_owned(),
            problem: format!("there is no class {class} among {k}"),
        })
    };
    classes.enumerate().map(label).collect()
}

/// Everything follows from the scores, by the same pass that they came from.
fn from_scores(
    head: &TableHead,
    labels: Vec<Label>,
    mut table: NumberTable,
) -> Result<RowSummaries, InvalidTable> {
    let k = head.n_classes;
    if k > MAX_KEPT_CLASSES {
        return Err(InvalidTable::Head(format!("{k} classes need a lattice")));
    }
    let (values, n_rows) = match take(&mut table, "scores", k)? {
        Numbers::F32(v) => (Values::F32(v), labels.len()),
        Numbers::F64(v) => (Values::F64(v), labels.len()),
        other => return Err(wrong_type("scores", other.type_name().into(), "f32".into())),
    };
    let odd = || InvalidTable::Head("scores and labels do not belong together".to_owned());
    let soft = head.soft_labels.then(|| soft_labels(&mut table, &labels, k));
    let soft = soft.transpose()?;
    let source = MemorySource::new(k, head.recorded.kind, values, labels).ok_or_else(odd)?;
    let source = match soft {
        Some(soft) => source.with_soft_labels(soft).ok_or_else(odd)?,
        None => source,
    };
    let rows = summarize(&source, 1.0, &mut |_| true).map_err(|_| odd())?;
    if rows.len() == n_rows {
        return Ok(rows);
    }
    // Rows keep their order, so that the first that was left out is the first gap.
    let gap = (0..rows.len()).find(|&idx| rows.columns.row[idx] != idx as u64);
    Err(InvalidTable::Row {
        row: gap.unwrap_or(rows.len()) + 1,
        column: "scores".to_owned(),
        problem: "a score is NaN or infinite, or the label's class is absent".to_owned(),
    })
}

/// The column of soft labels, of which each must be a distribution with the class of `labels` as its most probable one.
fn soft_labels(
    table: &mut NumberTable,
    labels: &[Label],
    k: usize,
) -> Result<SoftLabels, InvalidTable> {
    const COLUMN: &str = "label_probabilities";
    let values = floats(table, COLUMN, k)?;
    let odd = || InvalidTable::Head(format!("column {COLUMN} does not hold whole rows"));
    let soft = SoftLabels::new(k, Values::F64(values)).ok_or_else(odd)?;
    for (idx, label) in labels.iter().enumerate() {
        let row = soft.row(idx);
        let sums_to_one = row.sum().total_cmp(&1.0).is_eq();
        let fits = sums_to_one && row.is_distribution();
        if !fits || label.index() != Some(row.most_probable().0) {
            return Err(InvalidTable::Row {
                row: idx + 1,
                column: COLUMN.to_owned(),
                problem: "it is no distribution with the label as its most probable class"
                    .to_owned(),
            });
        }
    }
    Ok(soft)
}

/// What rows of nodes keep of soft labels, and its moments in the exact columns.
fn soft_rows(
    head: &TableHead,
    table: &mut NumberTable,
    columns: &Columns,
    exact: &mut [ExactColumn],
) -> Result<SoftRows, InvalidTable> {
    let has_predicted = table.columns().iter().any(|c| c.name == "label_predicted");
    let soft = SoftRows {
        predicted: if has_predicted {
            floats(table, "label_predicted", 1)?
        } else {
            vec![f64::NAN; table.n_rows()]
        },
        label_score: floats(table, "label_score", 1)?,
        squares: floats(table, "label_squares", 1)?,
        entropy: floats(table, "label_entropy", 1)?,
        n_largest: u32s(table, "label_largest", 1)?,
        probabilities: Vec::new(),
    };
    for (idx, column) in exact.iter_mut().enumerate() {
        let numbers = (0..LABEL_NUMBERS).map(|which| floats(table, &label_name(idx, which), 1));
        let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
        let moments = (0..soft.squares.len()).map(|row| Moments {
            log_z: numbers[0][row],
            below_max: numbers[1][row],
            variance: numbers[2][row],
            third: numbers[3][row],
        });
        column.label = moments.collect();
    }
    for idx in 0..soft.squares.len() {
        RowCheck::new(head, columns, idx).soft(&soft, exact)?;
    }
    Ok(soft)
}

fn from_nodes(
    head: &TableHead,
    lattice: Lattice,
    labels: Vec<Label>,
    mut table: NumberTable,
) -> Result<RowSummaries, InvalidTable> {
    let columns = profiles(&mut table, labels)?;
    let mut exact = exact_columns(&mut table, &head.exact_at)?;
    let soft = head.soft_labels.then(|| soft_rows(head, &mut table, &columns, &mut exact));
    let soft = soft.transpose()?;
    let nodes = match take(&mut table, "nodes", lattice.row_len())? {
        Numbers::F32(v) => v,
        other => return Err(wrong_type("nodes", other.type_name().into(), "f32".into())),
    };
    for idx in 0..table.n_rows() {
        let check = RowCheck::new(head, &columns, idx);
        check.profile()?;
        let width = lattice.row_len();
        check.nodes(&nodes[idx * width..(idx + 1) * width])?;
        for (number, column) in exact.iter().enumerate() {
            check.moments(number, &column.moments[idx])?;
        }
    }
    Ok(RowSummaries {
        n_classes: head.n_classes,
        recorded: head.recorded,
        columns,
        curves: Curves::Nodes(lattice, nodes),
        exact,
        left_out: LeftOut::default(),
        gathered: None,
        some_hashes: None,
        beside: Beside::default(),
        soft,
    })
}

fn profiles(table: &mut NumberTable, labels: Vec<Label>) -> Result<Columns, InvalidTable> {
    let classes = u32s(table, "top_class", TOP)?;
    let logits = floats(table, "top_logit", TOP)?;
    let pairs = classes.as_chunks::<TOP>().0.iter().zip(logits.as_chunks::<TOP>().0);
    let top = |(classes, logits): (&[u32; TOP], &[f64; TOP])| {
        std::array::from_fn(|i| (classes[i], logits[i]))
    };
    Ok(Columns {
        row: Vec::new(),
        label: labels,
        label_logit: floats(table, "label_logit", 1)?,
        label_rank: u32s(table, "label_rank", 1)?,
        top: pairs.map(top).collect(),
        n_max: u32s(table, "n_max", 1)?,
        n_present: u32s(table, "n_present", 1)?,
        min: floats(table, "min", 1)?,
        mean: floats(table, "mean", 1)?,
        sd: floats(table, "sd", 1)?,
        norm: floats(table, "norm", 1)?,
    })
}

/// The exact columns, each at one of `bs`.
fn exact_columns(table: &mut NumberTable, bs: &[f64]) -> Result<Vec<ExactColumn>, InvalidTable> {
    let mut columns = Vec::new();
    for (idx, &b) in bs.iter().enumerate() {
        if !(b.is_finite() && b > 0.0 && (2.0 * b).is_finite()) {
            let problem = format!("exact figures at an inverse temperature of {b}");
            return Err(InvalidTable::Head(problem));
        }
        let numbers = (0..EXACT_NUMBERS).map(|which| floats(table, &exact_name(idx, which), 1));
        let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
        let moments = (0..table.n_rows()).map(|row| {
            let of = |from: usize| Moments {
                log_z: numbers[from][row],
                below_max: numbers[from + 1][row],
                variance: numbers[from + 2][row],
                third: numbers[from + 3][row],
            };
            RowMoments { at: of(0), at_double: of(EXACT_NUMBERS / 2) }
        });
        columns.push(ExactColumn { b, moments: moments.collect(), label: Vec::new() });
    }
    Ok(columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Kind;
    use crate::data::NumberColumn;
    use crate::summarize::exact;

    /// Rows with ties, absent classes, and some that are left out; with exact columns where there are nodes.
    fn rows(k: usize, kind: Kind) -> (RowSummaries, TableHead) {
        let n = 300;
        let mut values: Vec<f64> =
            (0..n * k).map(|i| f64::from((i * 7919 % 1009) as f32 / 97.0 - 6.0)).collect();
        if kind != Kind::Logits {
            values.iter_mut().step_by(11).for_each(|z| *z = f64::NEG_INFINITY);
            // One class left, then a row that is not usable at all.
            values[k..2 * k].fill(f64::NEG_INFINITY);
            values[k] = -0.5;
        }
        values[3 * k] = f64::NAN;
        let label = |i: usize| match i % 17 {
            5 => Label::IGNORED,
            _ => Label::class(u32::try_from(i % k).expect("few")).expect("few"),
        };
        let labels = (0..n).map(label).collect();
        let source =
            MemorySource::new(k, kind, Values::F64(values), labels).expect("lengths agree");
        let mut rows = summarize(&source, 1.0, &mut |_| true).expect("in memory");
        if !rows.keeps_scores() {
            let columns = exact(&source, &rows, &[1.0, 0.37], &mut |_| true).expect("in memory");
            rows.add_exact(columns);
        }
        let head = TableHead {
            soft_labels: false,
            n_classes: k,
            recorded: rows.recorded(),
            lattice: rows.lattice(),
            exact_at: rows.exact_at(),
            n_read: n as u64,
            left_out: rows.left_out(),
            gathered: rows
                .gathered()
                .map(|gathered| Gathered { hashes: Vec::new(), ..gathered.clone() }),
        };
        (rows, head)
    }

    const CASES: [(usize, Kind); 5] = [
        (2, Kind::Logits),
        (7, Kind::Probs),
        (48, Kind::LogProbs),
        (49, Kind::Logits),
        (200, Kind::Probs),
    ];

    #[test]
    fn a_table_gives_back_the_same_rows_bit_for_bit() {
        for (k, kind) in CASES {
            let (rows, head) = rows(k, kind);
            assert!(rows.left_out().ignored_label > 0 && rows.left_out().non_finite > 0);
            let table = rows.table(0..rows.len(), false);
            assert_eq!(RowSummaries::from_table(&head, table), Ok(rows), "K = {k}");
        }
    }

    #[test]
    fn scores_are_narrow_where_that_loses_nothing() {
        let (rows, head) = rows(60, Kind::Logits);
        assert!(rows.is_narrow());
        let table = rows.table(0..rows.len(), true);
        let narrow = |c: &&NumberColumn| matches!(c.numbers, Numbers::F32(_));
        assert_eq!(table.columns().iter().filter(narrow).count(), 4);
        assert_eq!(RowSummaries::from_table(&head, table), Ok(rows));
    }

    #[test]
    fn every_column_is_needed_and_of_its_own_type() {
        for (k, kind) in CASES {
            let (rows, head) = rows(k, kind);
            let whole = rows.table(0..rows.len(), false);
            for name in whole.columns().iter().map(|c| c.name.clone()) {
                let mut table = whole.clone();
                let mut column = table.take(&name).expect("it has this name");
                let missing = RowSummaries::from_table(&head, table.clone());
                assert_eq!(missing, Err(InvalidTable::Missing(name.clone())));
                column.width = column.numbers.len() / table.n_rows();
                column.numbers = Numbers::U32(vec![7; column.numbers.len() * 2]);
                column.width *= 2;
                let table = table.with(column).expect("as many rows");
                let wrong = RowSummaries::from_table(&head, table);
                assert!(matches!(wrong, Err(InvalidTable::Type { .. })), "{name}: {wrong:?}");
            }
        }
    }

    /// The error after one number of a column was replaced.
    fn damaged(name: &str, at: usize, number: f64) -> String {
        let (rows, head) = rows(80, Kind::Logits);
        let mut table = rows.table(0..rows.len(), false);
        let mut column = table.take(name).expect("there is such a column");
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "small numbers"
        )]
        match &mut column.numbers {
            Numbers::U32(v) => v[at] = number as u32,
            Numbers::U64(v) => v[at] = number as u64,
            Numbers::F32(v) => v[at] = number as f32,
            Numbers::F64(v) => v[at] = number,
        }
        let table = table.with(column).expect("as many rows");
        RowSummaries::from_table(&head, table).expect_err(name).to_string()
    }

    #[test]
    fn impossible_numbers_are_refused_by_row_and_column() {
        let nan = f64::NAN;
        let errors = [
            ("row", 4, 0.0),
            ("row", 4, 1e6),
            ("label", 4, 80.0),
            ("label_logit", 4, nan),
            ("label_logit", 4, 1e9),
            ("label_rank", 4, 0.0),
            ("label_rank", 4, 81.0),
            ("top_class", 20, 80.0),
            ("top_class", 21, 4_294_967_295.0),
            ("top_logit", 20, nan),
            ("top_logit", 24, 1e9),
            ("n_max", 4, 0.0),
            ("n_max", 4, 3.0),
            ("n_present", 4, 81.0),
            ("min", 4, f64::NEG_INFINITY),
            ("mean", 4, nan),
            ("sd", 4, -1.0),
            ("norm", 4, nan),
            ("nodes", 4, nan),
            ("exact_0_log_z", 4, -1e-3),
            ("exact_1_double_variance", 4, nan),
        ]
        .map(|(name, at, number)| damaged(name, at, number));
        insta::assert_snapshot!(errors.join("\n"));
    }

    #[test]
    fn scores_that_are_not_finite_are_named() {
        let (rows, head) = rows(7, Kind::Logits);
        let mut table = rows.table(0..rows.len(), false);
        let mut column = table.take("scores").expect("scores");
        if let Numbers::F64(v) = &mut column.numbers {
            v[7 * 9 + 2] = f64::INFINITY;
        }
        let error = RowSummaries::from_table(&head, table.with(column).expect("as many rows"));
        let error = error.expect_err("infinite").to_string();
        let what = "a score is NaN or infinite, or the label's class is absent";
        assert_eq!(error, format!("row 10, column scores: {what}"));
    }

    #[test]
    fn counts_that_do_not_add_up_are_refused() {
        let (rows, head) = rows(7, Kind::Logits);
        for n_read in [0, head.n_read - 1, head.n_read + 1] {
            let head = TableHead { n_read, ..head.clone() };
            let read = RowSummaries::from_table(&head, rows.table(0..rows.len(), false));
            assert!(matches!(read, Err(InvalidTable::Head(_))));
        }
    }
}
