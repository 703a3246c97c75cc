//! CSV and TSV. Polars splits the text into cells; the cells are parsed here, so that every number is
//! rounded correctly, `nan` and `inf` are read in any spelling, and a bad cell is found by its row.

use polars::prelude::{LazyCsvReader, LazyFileListReader, LazyFrame, ScanSources};

use super::super::array::Dtype;
use super::super::error::Problem;
use super::super::sniff;
use super::batches::{first_rows, guard};
use super::columns::{Column, ColumnType};
use super::file::{Explain, TableFile, in_memory};

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
    let n_header_lines = usize::from(dialect.header.is_some());
    if dialect.header.is_some() && lines.iter().skip(1).all(|l| l.trim().is_empty()) {
        return Err(Problem::new("there is a header and no row below it"));
    }
    let long_rows = LongRows {
        sources: sources.clone(),
        dialect: dialect.clone(),
    };
    let frame = scan(&sources, dialect.separator, n_header_lines)?;
    let sample = first_rows(frame.clone(), SAMPLE_ROWS).map_err(|p| long_rows.explain(p))?;
    let cells = sample.columns().iter().map(super::cells::words);
    let cells = cells.collect::<Result<Vec<_>, _>>()?;
    Ok(TableFile {
        frame,
        columns: columns_of(&cells, &dialect)?,
        query_names: sample.get_column_names_owned(),
        has_names: dialect.header.is_some(),
        n_lines_before: n_header_lines,
        format: dialect.format(),
        is_text: true,
        explain: Explain::LongRow(long_rows),
    })
}

/// What the first lines say.
pub(super) struct TextGlimpse {
    pub(super) format: &'static str,
    pub(super) columns: Vec<Column>,
    pub(super) has_names: bool,
    /// The cells of each column.
    pub(super) cells: Vec<Vec<String>>,
}

/// Looks at the start of a file.
pub(super) fn glimpse(mut head: Vec<u8>) -> Result<TextGlimpse, Problem> {
    if head.starts_with(BYTE_ORDER_MARK) {
        head.drain(..BYTE_ORDER_MARK.len());
    }
    let lines: Vec<String> = if sniff::is_compressed(&head) {
        first_lines(&in_memory(head))?
    } else {
        let whole_lines = head
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(head.len(), |at| at + 1);
        String::from_utf8_lossy(&head[..whole_lines])
            .lines()
            .map(str::to_owned)
            .collect()
    };
    if lines.is_empty() {
        return Err(Problem::new("the file is empty"));
    }
    let dialect = Dialect::sniff(&lines)?;
    let n_header_lines = usize::from(dialect.header.is_some());
    let mut cells = vec![Vec::new(); split(&lines[0], dialect.separator).len()];
    for line in lines.iter().skip(n_header_lines).filter(|l| !l.is_empty()) {
        cells
            .iter_mut()
            .zip(split(line, dialect.separator))
            .for_each(|(column, cell)| column.push(cell));
    }
    Ok(TextGlimpse {
        format: dialect.format(),
        columns: columns_of(&cells, &dialect)?,
        has_names: dialect.header.is_some(),
        cells,
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
    fn format(&self) -> &'static str {
        if self.separator == b'\t' {
            "tsv"
        } else {
            "csv"
        }
    }

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

fn columns_of(cells: &[Vec<String>], dialect: &Dialect) -> Result<Vec<Column>, Problem> {
    let n_header = dialect.header.as_ref().map_or(cells.len(), Vec::len);
    if n_header != cells.len() {
        return Err(cell_count(2, cells.len(), n_header));
    }
    let name = |i: usize| match &dialect.header {
        Some(names) => names[i].clone(),
        None => format!("column_{}", i + 1),
    };
    let column = |(i, cells): (usize, &Vec<String>)| Column {
        name: name(i),
        ty: guess_type(cells),
    };
    Ok(cells.iter().enumerate().map(column).collect())
}

fn cell_count(row: usize, n_cells: usize, n_header: usize) -> Problem {
    let row = super::super::picked::grouped(row);
    Problem::new(format!(
        "row {row}: {n_cells} cells, and the header has {n_header}"
    ))
    .hint("every row needs as many cells as the header")
}

/// The type of most cells: one bad cell must not hide a column of logits.
pub(super) fn guess_type(cells: &[String]) -> ColumnType {
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

/// Finds rows with too many cells: polars says that there is one, but not which.
#[derive(Clone)]
pub(super) struct LongRows {
    sources: ScanSources,
    dialect: Dialect,
}

impl LongRows {
    /// A better message than `problem` if a row is too long.
    pub(super) fn explain(&self, problem: Problem) -> Problem {
        let (ScanSources::Buffers(buffers), Some(header)) = (&self.sources, &self.dialect.header)
        else {
            return problem;
        };
        let Some(bytes) = buffers
            .first()
            .filter(|b| !sniff::is_compressed(b.as_slice()))
        else {
            return problem;
        };
        let lines = bytes.as_slice().split(|b| *b == b'\n');
        let counts =
            lines.map(|l| split(&String::from_utf8_lossy(l), self.dialect.separator).len());
        let long = (1..).zip(counts).find(|(_, n)| *n > header.len());
        long.map_or(problem, |(row, n)| cell_count(row, n, header.len()))
    }
}
