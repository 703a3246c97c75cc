//! A small language that chooses rows by what the file carries beside them.
//!
//! ```text
//! split = test & length < 20          length < 20 & !(source in (web, "old books"))
//! ```
//!
//! `=`, `!=`, `<`, `<=`, `>`, `>=` compare a column with a number or a text; `in (a, b)` is true for one of several;
//! `&` binds closer than `|`, `!` closer than both, and `( )` groups. A word is a name on the left and a value on the
//! right; quotes (`"` or `'`) for text with spaces, backticks for such names. `and`, `or`, `not`, `==`, `&&` and `||`
//! are read too. Columns of numbers compare as numbers, columns of text by their characters. A missing value is equal
//! to nothing, below nothing and above nothing.

mod parse;
mod tokens;

use std::cmp::Ordering;

use thiserror::Error;

use super::{Carried, CarriedColumn, CarriedValues, printable};

/// A condition on the columns that a file carries.
#[derive(Clone, PartialEq, Debug)]
pub enum Filter {
    /// A column compared with a value.
    Compare {
        /// The name of the column.
        column: String,
        /// How they compare.
        op: Op,
        /// What it is compared with.
        value: Value,
    },
    /// A column that equals one of several values.
    OneOf {
        /// The name of the column.
        column: String,
        /// The values.
        values: Vec<Value>,
    },
    /// The opposite.
    Not(Box<Filter>),
    /// All of them.
    All(Vec<Filter>),
    /// Any of them.
    Any(Vec<Filter>),
}

/// How a value compares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Op {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A value on the right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Value {
    /// As it was written, without its quotes.
    pub text: String,
    /// True if it stood between quotes: it is a text even if it looks like a number.
    pub quoted: bool,
}

/// What is wrong with a condition, or does not fit the file. All text in it is printable.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum FilterError {
    /// The text is no condition.
    #[error("{expected} expected {place}")]
    Syntax {
        /// What should stand there.
        expected: &'static str,
        /// `at the end`, or `before ...`.
        place: String,
    },
    /// There is no such column.
    #[error("there is no column {name} beside the logits; {}", known(.columns))]
    NoColumn {
        /// The name that was asked for.
        name: String,
        /// The columns that there are.
        columns: Vec<String>,
    },
    /// A column of numbers is compared with text.
    #[error("column {column} holds numbers, and {value} is none")]
    NotANumber {
        /// The column.
        column: String,
        /// The text.
        value: String,
    },
    /// Conditions within conditions without end.
    #[error("the condition is nested too deeply")]
    TooDeep,
}

fn known(columns: &[String]) -> String {
    if columns.is_empty() {
        "it carries none".to_owned()
    } else {
        format!("there are {}", columns.join(", "))
    }
}

impl Filter {
    /// Reads a condition.
    ///
    /// # Errors
    /// If it is none; the message says what should stand where.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parse::parse(text)
    }

    /// The names of all columns it speaks of.
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Self::Compare { column, .. } | Self::OneOf { column, .. } => vec![column],
            Self::Not(inner) => inner.columns(),
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::columns).collect(),
        }
    }

    /// For each of `n_rows` rows whether it is true.
    ///
    /// # Errors
    /// If a column does not exist, or holds numbers and is compared with text.
    pub fn rows(&self, carried: &Carried, n_rows: usize) -> Result<Vec<bool>, FilterError> {
        match self {
            Self::Compare { column, op, value } => compare(find(carried, column)?, *op, value),
            Self::OneOf { column, values } => {
                let column = find(carried, column)?;
                let each = values.iter().map(|value| compare(column, Op::Equal, value));
                merge(each, vec![false; n_rows], |a, b| a | b)
            }
            Self::Not(inner) => {
                let inner = inner.rows(carried, n_rows)?;
                Ok(inner.into_iter().map(|is_true| !is_true).collect())
            }
            Self::All(parts) => {
                let each = parts.iter().map(|part| part.rows(carried, n_rows));
                merge(each, vec![true; n_rows], |a, b| a & b)
            }
            Self::Any(parts) => {
                let each = parts.iter().map(|part| part.rows(carried, n_rows));
                merge(each, vec![false; n_rows], |a, b| a | b)
            }
        }
    }
}

fn merge(
    each: impl Iterator<Item = Result<Vec<bool>, FilterError>>,
    mut all: Vec<bool>,
    join: impl Fn(bool, bool) -> bool,
) -> Result<Vec<bool>, FilterError> {
    for rows in each {
        for (is_true, also) in all.iter_mut().zip(rows?) {
            *is_true = join(*is_true, also);
        }
    }
    Ok(all)
}

fn find<'a>(carried: &'a Carried, name: &str) -> Result<&'a CarriedColumn, FilterError> {
    carried.column(name).ok_or_else(|| FilterError::NoColumn {
        name: printable(name),
        columns: carried.columns().iter().map(|column| printable(&column.name)).collect(),
    })
}

fn compare(column: &CarriedColumn, op: Op, value: &Value) -> Result<Vec<bool>, FilterError> {
    let number = || {
        let number: Option<f64> = value.text.trim().parse().ok();
        number.filter(|n| !n.is_nan() && !value.quoted).ok_or_else(|| FilterError::NotANumber {
            column: printable(&column.name),
            value: format!("\"{}\"", printable(&value.text)),
        })
    };
    Ok(match &column.values {
        CarriedValues::Whole(whole) => {
            // Ids beyond 2^53 are told apart: whole numbers compare as such.
            let number = number()?;
            let exact: Option<i64> = value.text.trim().parse().ok();
            let order = |v: i64| match exact {
                Some(exact) => Some(v.cmp(&exact)),
                None => (v as f64).partial_cmp(&number),
            };
            let row =
                |v: &i64| holds(op, (*v != CarriedValues::MISSING).then(|| order(*v)).flatten());
            whole.iter().map(row).collect()
        }
        CarriedValues::Numbers(numbers) => {
            let number = number()?;
            numbers.iter().map(|v| holds(op, v.partial_cmp(&number))).collect()
        }
        CarriedValues::Text(texts) => {
            let of = |text: &str| holds(op, Some(text.cmp(value.text.as_str())));
            let distinct: Vec<bool> = texts.distinct().map(of).collect();
            let row = |code: Option<usize>| code.map_or(holds(op, None), |code| distinct[code]);
            texts.codes().map(row).collect()
        }
    })
}

/// `None` is a missing value.
fn holds(op: Op, order: Option<Ordering>) -> bool {
    match op {
        Op::Equal => order == Some(Ordering::Equal),
        Op::NotEqual => order != Some(Ordering::Equal),
        Op::Less => order == Some(Ordering::Less),
        Op::LessOrEqual => order.is_some_and(Ordering::is_le),
        Op::Greater => order == Some(Ordering::Greater),
        Op::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
    }
}

#[cfg(test)]
mod tests;
