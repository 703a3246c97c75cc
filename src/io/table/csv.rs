//! CSV and TSV: separator, header, and the types of the columns.

use std::collections::HashSet;

use memchr::{memchr, memchr_iter, memrchr};

use super::super::array::Dtype;
use super::super::error::Problem;
use super::columns::{Column, ColumnType};
use super::csv_rows::CsvRows;
use super::opened::{Body, TableFile};
use super::text::{Place, Text, lines};

/// Rows that decide on the types of the columns, as far as they lie within the first run of lines.
const SAMPLE_ROWS: usize = 1000;

/// How the text is cut into cells.
#[derive(Clone, Debug)]
struct Dialect {
    separator: u8,
    header: Option<Vec<String>>,
}

/// Finds separator, header and column types.
pub(super) fn open(text: Text) -> Result<TableFile, Problem> {
    let (head, n_mark) = text.first_lines()?;
    let glimpse = glimpse_lines(&head)?;
    let n_rows = glimpse.cells.first().map_or(0, Vec::len);
    if glimpse.has_names && n_rows == 0 {
        return Err(Problem::new("there is a header and no row below it")
            .hint("if the first line is a row, put the names of the columns above it"));
    }
    let start = Place {
        offset: (n_mark + glimpse.n_header_bytes) as u64,
        line: glimpse.n_header_lines,
        row: 0,
    };
    let rows = CsvRows {
        text,
        start,
        separator: glimpse.separator,
        has_names: glimpse.has_names,
        names: glimpse.columns.iter().map(|c| c.name.clone()).collect(),
    };
    Ok(TableFile {
        columns: glimpse.columns,
        has_names: glimpse.has_names,
        n_lines_before: glimpse.n_header_lines,
        format: glimpse.format,
        is_text: true,
        body: Body::Csv(rows),
    })
}

/// What the first lines say.
pub(super) struct TextGlimpse {
    pub(super) format: &'static str,
    pub(super) columns: Vec<Column>,
    pub(super) has_names: bool,
    /// The cells of each column.
    pub(super) cells: Vec<Vec<String>>,
    separator: u8,
    n_header_bytes: usize,
    n_header_lines: usize,
}

/// Looks at the first bytes of a text, which may end within a line if `is_cut`.
pub(super) fn glimpse(head: &[u8], is_cut: bool) -> Result<TextGlimpse, Problem> {
    let end = memrchr(b'\n', head).filter(|_| is_cut);
    glimpse_lines(&head[..end.map_or(head.len(), |at| at + 1)])
}

fn glimpse_lines(head: &[u8]) -> Result<TextGlimpse, Problem> {
    let shown = |line: &[u8]| String::from_utf8_lossy(line).into_owned();
    let mut found = lines(head, true);
    let first = found.next().map(shown).unwrap_or_default();
    if first.trim().is_empty() && head.trim_ascii().is_empty() {
        return Err(Problem::new("the file is empty").hint("copy or save it again"));
    }
    let n_first_bytes = head.len() - found.rest().len();
    if memchr(b'\n', head).is_none() && memchr(b'\r', head.trim_ascii()).is_some() {
        return Err(Problem::new(
            "its lines end in a carriage return alone, as on a Mac of long ago",
        )
        .hint("`tr '\\r' '\\n' < FILE > NEW` makes lines of them"));
    }
    let sample: Vec<String> = found.take(SAMPLE_ROWS).map(shown).collect();
    let second = sample.first().map(String::as_str);
    let dialect = Dialect::sniff(without_mark(&first, second), second)?;
    let (n_header_bytes, n_header_lines) = match dialect.header {
        Some(_) => {
            let header = &head[..n_first_bytes];
            (n_first_bytes, memchr_iter(b'\n', header).count().max(1))
        }
        None => (0, 0),
    };
    let rows: Vec<&String> = match dialect.header {
        Some(_) => sample.iter().collect(),
        None => std::iter::once(&first).chain(&sample).collect(),
    };
    let cells = dialect.cells(&rows)?;
    Ok(TextGlimpse {
        format: dialect.format(),
        columns: columns_of(&cells, &dialect),
        has_names: dialect.header.is_some(),
        cells,
        separator: dialect.separator,
        n_header_bytes,
        n_header_lines,
    })
}

/// A header without the `# ` that `np.savetxt` writes before it; `#` may also be the name of a column.
fn without_mark<'a>(first: &'a str, second: Option<&str>) -> &'a str {
    let Some(rest) = first.strip_prefix('#').map(str::trim_start) else {
        return first;
    };
    let is_column = SEPARATORS.iter().any(|separator| {
        let is_cell = first.as_bytes().get(1) == Some(separator);
        let n_cells = |line| split(line, *separator).len();
        is_cell && second.is_some_and(|second| n_cells(first) == n_cells(second))
    });
    let is_name = rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '"' | '_' | '.'));
    if is_column || !is_name || is_number(&split(rest, b',')[0]) {
        return first;
    }
    rest
}

/// What stands between cells; of equals the last wins, and that is the comma.
const SEPARATORS: [u8; 5] = [b' ', b'|', b';', b'\t', b','];

impl Dialect {
    fn format(&self) -> &'static str {
        if self.separator == b'\t' { "tsv" } else { "csv" }
    }

    fn sniff(first: &str, second: Option<&str>) -> Result<Self, Problem> {
        let count = |separator: &u8| split(first, *separator).len();
        let separator = *SEPARATORS.iter().max_by_key(|s| count(s)).unwrap_or(&b',');
        let cells = split(first, separator);
        let second = second.map(|line| split(line, separator));
        if separator != b',' && second.as_deref().is_some_and(has_decimal_commas) {
            return Err(Problem::new("the numbers are written with a decimal comma")
                .hint("write them with a point: `tr , . < FILE > NEW`, or df.to_csv(path)"));
        }
        if !is_header(&cells, second.as_deref()) {
            return Ok(Self { separator, header: None });
        }
        let names: Vec<String> = cells.iter().map(|c| c.trim().to_owned()).collect();
        let mut seen = HashSet::new();
        let mut named = names.iter().filter(|name| !name.is_empty());
        if let Some(name) = named.find(|name| !seen.insert(name.as_str())) {
            return Err(Problem::new(format!("two columns are called {name}"))
                .hint("give each column a name of its own in the first line"));
        }
        Ok(Self { separator, header: Some(names) })
    }

    /// The cells of each column. Rows that are short have none in the last columns.
    fn cells(&self, rows: &[&String]) -> Result<Vec<Vec<String>>, Problem> {
        let n_first = rows.first().map(|row| split(row, self.separator).len());
        let n_header = self.header.as_ref().map(Vec::len);
        if let (Some(n_first), Some(n_header)) = (n_first, n_header)
            && n_first != n_header
        {
            return Err(cell_count(2, n_first, n_header, true));
        }
        let mut cells = vec![Vec::new(); n_header.or(n_first).unwrap_or(0)];
        for row in rows {
            let row = split(row, self.separator);
            let columns = cells.iter_mut().zip(row);
            columns.for_each(|(column, cell)| column.push(cell));
        }
        Ok(cells)
    }
}

/// True if cells are numbers such as `-3,25`, and none is one such as `-3.25`.
fn has_decimal_commas(cells: &[String]) -> bool {
    let is_fraction = |cell: &str, point: char| {
        let halves = cell.trim().trim_start_matches('-').split_once(point);
        let is_whole = |half: &str| !half.is_empty() && half.bytes().all(|b| b.is_ascii_digit());
        halves.is_some_and(|(whole, rest)| is_whole(whole) && is_whole(rest))
    };
    let has = |point| cells.iter().any(|cell| is_fraction(cell, point));
    has(',') && !has('.')
}

/// A first line of numbers is data, unless they count the columns (`0,1,2,label`) and the next do not.
fn is_header(cells: &[String], second: Option<&[String]>) -> bool {
    let numbers: Vec<&str> = cells.iter().map(|c| c.trim()).filter(|c| is_number(c)).collect();
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
pub(super) fn split(line: &str, separator: u8) -> Vec<String> {
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

fn columns_of(cells: &[Vec<String>], dialect: &Dialect) -> Vec<Column> {
    let name = |i: usize| match &dialect.header {
        Some(names) => names[i].clone(),
        None => format!("column_{}", i + 1),
    };
    let column =
        |(i, cells): (usize, &Vec<String>)| Column { name: name(i), ty: guess_type(cells) };
    cells.iter().enumerate().map(column).collect()
}

/// What is said of a row that is no row of this table.
pub(super) fn cell_count(row: usize, n_cells: usize, n_header: usize, has_names: bool) -> Problem {
    let row = super::super::picked::grouped(row);
    let other = if has_names { "header" } else { "first row" };
    Problem::new(format!("row {row}: {n_cells} cells, and the {other} has {n_header}"))
        .hint(format!("every row needs as many cells as the {other}"))
}

/// The type of most cells: one bad cell must not hide a column of logits.
pub(super) fn guess_type(cells: &[String]) -> ColumnType {
    let filled: Vec<&str> = cells.iter().map(|c| c.trim()).filter(|c| !c.is_empty()).collect();
    let n_numbers = filled.iter().filter(|c| is_number(c)).count();
    if filled.iter().all(|c| c.parse::<i64>().is_ok()) {
        ColumnType::Int
    } else if n_numbers * 2 > filled.len() {
        let whole = |c: &&str| c.parse::<f64>().is_ok_and(|v| v.fract() == 0.0);
        ColumnType::Float { dtype: Dtype::F64, whole: filled.iter().all(whole) }
    } else if filled
        .iter()
        .all(|c| c.eq_ignore_ascii_case("true") || c.eq_ignore_ascii_case("false"))
    {
        ColumnType::Bool
    } else {
        ColumnType::Text
    }
}
