//! CSV and TSV. Polars splits the text into cells; the cells are parsed here, so that every number is
//! rounded correctly, `nan` and `inf` are read in any spelling, and a bad cell is found by its row.

use polars::prelude::{DataFrame, LazyCsvReader, LazyFileListReader, LazyFrame, ScanSources};

use super::super::array::Dtype;
use super::super::error::Problem;
use super::super::sniff;
use super::batches::{first_rows, guard};
use super::columns::{Column, ColumnType};
use super::file::{TableFile, in_memory};

/// Rows that decide on the types of the columns.
const SAMPLE_ROWS: u32 = 1000;

/// Splits no line: the lines are wanted whole.
const NO_SEPARATOR: u8 = 0x1f;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How the text is cut into cells.
#[derive(Clone, Debug)]
struct Dialect {
    separator: u8,
    header: Option<Vec<String>>,
}

/// Finds separator, header and column types.
pub(super) fn open(mut bytes: Vec<u8>) -> Result<TableFile, Problem> {
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    let compressed = sniff::is_compressed(&bytes);
    let text = if compressed {
        Vec::new()
    } else {
        bytes.clone()
    };
    let sources = in_memory(bytes);
    let lines = first_lines(&sources)?;
    if compressed
        && lines
            .first()
            .is_some_and(|l| l.trim_start().starts_with('{'))
    {
        return Err(
            Problem::new("compressed NDJSON cannot be read").hint("unpack it first: `gunzip FILE`")
        );
    }
    let dialect = Dialect::sniff(&lines)?;
    let frame = scan(
        &sources,
        dialect.separator,
        usize::from(dialect.header.is_some()),
    )?;
    let sample = first_rows(frame.clone(), SAMPLE_ROWS).map_err(|p| explain(p, &text, &dialect))?;
    if sample.height() == 0 {
        return Err(Problem::new("there is a header and no row below it"));
    }
    let columns = columns_of(&sample, &dialect)?;
    Ok(TableFile {
        frame,
        columns,
        query_names: sample.get_column_names_owned(),
        has_names: dialect.header.is_some(),
        n_lines_before: usize::from(dialect.header.is_some()),
        format: if dialect.separator == b'\t' {
            "tsv"
        } else {
            "csv"
        },
        is_text: true,
    })
}

/// The query for all cells, as text; columns are called by their place.
fn scan(sources: &ScanSources, separator: u8, skip_rows: usize) -> Result<LazyFrame, Problem> {
    let quote = (separator != NO_SEPARATOR).then_some(b'"');
    guard(|| {
        LazyCsvReader::new_with_sources(sources.clone())
            .with_separator(separator)
            .with_quote_char(quote)
            .with_has_header(false)
            .with_skip_rows(skip_rows)
            .with_infer_schema_length(Some(0))
            .finish()
    })
}

/// A few lines from the start, unpacked if need be.
fn first_lines(sources: &ScanSources) -> Result<Vec<String>, Problem> {
    let frame = first_rows(scan(sources, NO_SEPARATOR, 0)?, 20)?;
    let Some(column) = frame.columns().first() else {
        return Err(Problem::new("the file is empty"));
    };
    let lines = super::cells::words(column)?;
    let lines: Vec<String> = lines
        .into_iter()
        .map(|l| l.trim_end_matches('\r').to_owned())
        .collect();
    if lines.iter().all(|l| l.trim().is_empty()) {
        return Err(Problem::new("the file is empty"));
    }
    Ok(lines)
}

impl Dialect {
    fn sniff(lines: &[String]) -> Result<Self, Problem> {
        let first = lines[0].trim_start_matches('\u{feff}');
        let count = |separator: &u8| split(first, *separator).len();
        // The last of equals wins, and that is the comma.
        let separator = *[b' ', b'|', b';', b'\t', b',']
            .iter()
            .max_by_key(|s| count(s))
            .unwrap_or(&b',');
        let cells = split(first, separator);
        let second = lines.get(1).map(|l| split(l, separator));
        if !is_header(&cells, second.as_deref()) {
            return Ok(Self {
                separator,
                header: None,
            });
        }
        let names: Vec<String> = cells.iter().map(|c| c.trim().to_owned()).collect();
        for (i, name) in names.iter().enumerate() {
            if !name.is_empty() && names[..i].contains(name) {
                return Err(Problem::new(format!("two columns are called {name}"))
                    .hint("give each column a name of its own in the first line"));
            }
        }
        Ok(Self {
            separator,
            header: Some(names),
        })
    }
}

/// A first line of numbers is data, unless they count the columns (`0,1,2,label`) and the next do not.
fn is_header(cells: &[String], second: Option<&[String]>) -> bool {
    let numbers: Vec<&str> = cells
        .iter()
        .map(|c| c.trim())
        .filter(|c| is_number(c))
        .collect();
    if numbers.is_empty() {
        return true;
    }
    let counts = |from: usize| numbers.iter().zip(from..).all(|(n, i)| *n == i.to_string());
    let counting = numbers.len() > 1 && (counts(0) || counts(1));
    counting && second.is_some_and(|s| s != cells)
}

fn is_number(text: &str) -> bool {
    text.trim().parse::<f64>().is_ok()
}

/// Cuts one line into cells; `""` inside quotes is a quote.
fn split(line: &str, separator: u8) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let doubled = c == '"' && quoted && chars.peek() == Some(&'"');
        if doubled {
            chars.next();
        } else if c == '"' {
            quoted = !quoted;
            continue;
        } else if c == char::from(separator) && !quoted {
            cells.push(String::new());
            continue;
        }
        if let Some(cell) = cells.last_mut() {
            cell.push(c);
        }
    }
    cells
}

fn columns_of(sample: &DataFrame, dialect: &Dialect) -> Result<Vec<Column>, Problem> {
    let n_header = dialect.header.as_ref().map(Vec::len);
    if n_header.is_some_and(|n| n != sample.width()) {
        return Err(Problem::new(format!(
            "row 2: {} cells, and the header has {}",
            sample.width(),
            n_header.unwrap_or(0)
        ))
        .hint("every row needs as many cells as the header"));
    }
    let mut columns = Vec::with_capacity(sample.width());
    for (i, cells) in sample.columns().iter().enumerate() {
        let name = match &dialect.header {
            Some(names) => names[i].clone(),
            None => format!("column_{}", i + 1),
        };
        columns.push(Column {
            name,
            ty: guess_type(&super::cells::words(cells)?),
        });
    }
    Ok(columns)
}

/// The type of most cells: one bad cell must not hide a column of logits.
fn guess_type(cells: &[String]) -> ColumnType {
    let filled: Vec<&str> = cells
        .iter()
        .map(|c| c.trim())
        .filter(|c| !c.is_empty())
        .collect();
    let n_numbers = filled.iter().filter(|c| is_number(c)).count();
    if filled.iter().all(|c| c.parse::<i64>().is_ok()) {
        ColumnType::Int
    } else if n_numbers * 2 > filled.len() {
        let whole = |c: &&str| c.parse::<f64>().is_ok_and(|v| v.fract() == 0.0);
        ColumnType::Float {
            dtype: Dtype::F64,
            whole: filled.iter().all(whole),
        }
    } else if filled
        .iter()
        .all(|c| c.eq_ignore_ascii_case("true") || c.eq_ignore_ascii_case("false"))
    {
        ColumnType::Bool
    } else {
        ColumnType::Text
    }
}

/// Polars says that a row has too many cells, but not which.
pub(super) fn locate_long_row(
    text: &[u8],
    separator: u8,
    n_cells: usize,
) -> Option<(usize, usize)> {
    let text = String::from_utf8_lossy(text);
    let counts = text.lines().map(|l| split(l, separator).len());
    counts
        .enumerate()
        .find(|(_, n)| *n > n_cells)
        .map(|(i, n)| (i + 1, n))
}

fn explain(problem: Problem, text: &[u8], dialect: &Dialect) -> Problem {
    let n_cells = dialect.header.as_ref().map_or(0, Vec::len);
    match locate_long_row(text, dialect.separator, n_cells) {
        Some((row, n)) if n_cells > 0 => Problem::new(format!(
            "row {}: {n} cells, and the header has {n_cells}",
            super::super::picked::grouped(row)
        ))
        .hint("every row needs as many cells as the header"),
        _ => problem,
    }
}
