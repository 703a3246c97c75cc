//! The rows of a CSV file: cut into cells and parsed in parallel, run by run, straight into row-major
//! order, which is the order of the text. Every number is rounded correctly, `nan` and `inf` are read in
//! any spelling, and a bad cell is found by its row.

use std::ops::ControlFlow;

use memchr::{memchr, memchr_iter};
use rayon::prelude::*;

use super::super::error::Problem;
use super::super::names::PartName;
use super::super::picked::{BadRows, grouped};
use super::csv::{cell_count, split};
use super::label_column::{LabelList, missing};
use super::numbers::bad_cell;
use super::text::{Place, Span, Text, lines, parts_of};
use crate::data::CarriedValues;

/// The rows of one file.
#[derive(Clone)]
pub(super) struct CsvRows {
    pub(super) text: Text,
    /// Where the first row starts.
    pub(super) start: Place,
    pub(super) separator: u8,
    /// False if the names are made up.
    pub(super) has_names: bool,
    /// The name of each column.
    pub(super) names: Vec<String>,
}

/// What is read of a row: the place of each column among the scores, or another use of it.
pub(super) struct Wanted {
    uses: Vec<Use>,
    n_scores: usize,
    /// Whether the cell of a column is carried along, and as which of them.
    carried: Vec<Option<usize>>,
    /// The columns that are carried along, without a row.
    empty: Vec<CarriedValues>,
}

#[derive(Clone, Copy)]
enum Use {
    None,
    Score(usize),
    Label,
    Part,
}

impl Wanted {
    /// Of `n_columns` these as scores, in this order, and the others as labels and parts.
    pub(super) fn new(
        n_columns: usize,
        scores: &[usize],
        label: Option<usize>,
        part: Option<usize>,
    ) -> Self {
        let mut uses = vec![Use::None; n_columns];
        for (place, column) in scores.iter().enumerate() {
            uses[*column] = Use::Score(place);
        }
        if let Some(column) = label {
            uses[column] = Use::Label;
        }
        if let Some(column) = part {
            uses[column] = Use::Part;
        }
        Self { carried: vec![None; uses.len()], uses, n_scores: scores.len(), empty: Vec::new() }
    }

    /// Also these columns, whatever else they are used for, each as cells of its type.
    pub(super) fn carrying(mut self, columns: Vec<(usize, CarriedValues)>) -> Self {
        for (place, (column, empty)) in columns.into_iter().enumerate() {
            self.carried[column] = Some(place);
            self.empty.push(empty);
        }
        self
    }
}

/// Rows that were parsed. Bad rows count from the first of them.
#[derive(Default)]
pub(super) struct Parsed {
    pub(super) n_rows: usize,
    /// Row-major.
    pub(super) scores: Vec<f64>,
    pub(super) labels: LabelList,
    pub(super) parts: Vec<Option<PartName>>,
    pub(super) bad_scores: BadRows,
    pub(super) bad_labels: BadRows,
    pub(super) carried: Vec<CarriedValues>,
    n_lines: usize,
}

/// Takes the parsed parts of the next run of lines, in order, and tells whether to go on.
pub(super) type Visit<'a> = dyn FnMut(Span, Vec<Parsed>) -> Result<ControlFlow<()>, Problem> + 'a;

impl CsvRows {
    /// Parses everything from `start` on; the next run is read while one is parsed.
    pub(super) fn parse(
        &self,
        start: Place,
        wanted: &Wanted,
        visit: &mut Visit<'_>,
    ) -> Result<(), Problem> {
        let mut runs = self.text.runs(start)?;
        let mut next = runs.next_run()?;
        let mut row = start.row;
        while let Some(run) = next {
            let start = Place { row, ..run.span.start };
            let parse = || self.parse_run(&run.text, start, wanted);
            let (parsed, read) = rayon::join(parse, || runs.next_run());
            let parsed = parsed.map_err(|p| self.text.within(p))?;
            row += parsed.iter().map(|part| part.n_rows).sum::<usize>();
            let span = Span { start, ..run.span };
            if visit(span, parsed)?.is_break() {
                break;
            }
            next = read?;
        }
        Ok(())
    }

    fn parse_run(
        &self,
        text: &[u8],
        start: Place,
        wanted: &Wanted,
    ) -> Result<Vec<Parsed>, Problem> {
        let n_parts = rayon::current_num_threads() * 4;
        let parts = parts_of(text, true, n_parts);
        let parsed: Vec<Result<Parsed, Bad>> =
            parts.into_par_iter().map(|part| self.parse_part(&text[part], wanted)).collect();
        let mut line = start.line;
        let with_line = |part: Result<Parsed, Bad>| {
            let part = part.map_err(|bad| self.describe(&bad, line))?;
            line += part.n_lines;
            Ok(part)
        };
        parsed.into_iter().map(with_line).collect()
    }

    fn parse_part(&self, text: &[u8], wanted: &Wanted) -> Result<Parsed, Bad> {
        let n_lines = |text: &[u8]| memchr_iter(b'\n', text).count();
        let text = std::str::from_utf8(text).map_err(|error| Bad {
            n_lines: n_lines(&text[..error.valid_up_to()]),
            n_cells: None,
        })?;
        let mut parsed = Parsed {
            n_lines: n_lines(text.as_bytes()),
            carried: wanted.empty.clone(),
            ..Parsed::default()
        };
        let mut n_read = 0;
        for line in lines(text.as_bytes(), true) {
            // The lines of a text are text.
            let line = std::str::from_utf8(line).unwrap_or_default();
            let n_cells = self.parse_row(line, wanted, &mut parsed);
            if n_cells > wanted.uses.len() {
                return Err(Bad { n_lines: n_read, n_cells: Some(n_cells) });
            }
            n_read += 1 + n_lines(line.as_bytes());
        }
        Ok(parsed)
    }

    /// Returns how many cells there are.
    fn parse_row(&self, line: &str, wanted: &Wanted, parsed: &mut Parsed) -> usize {
        let end = parsed.scores.len() + wanted.n_scores;
        parsed.scores.resize(end, 0.0);
        let mut row =
            Row { names: &self.names, wanted, start: end - wanted.n_scores, parsed, n_cells: 0 };
        if memchr(b'"', line.as_bytes()).is_some() {
            for cell in split(line, self.separator) {
                row.take(&cell);
            }
        } else {
            let mut start = 0;
            for end in memchr_iter(self.separator, line.as_bytes()) {
                row.take(&line[start..end]);
                start = end + 1;
            }
            row.take(&line[start..]);
        }
        let n_cells = row.n_cells;
        while row.n_cells < wanted.uses.len() {
            row.take("");
        }
        parsed.n_rows += 1;
        n_cells
    }

    fn describe(&self, bad: &Bad, line: usize) -> Problem {
        let row = line + bad.n_lines + 1;
        match bad.n_cells {
            Some(n_cells) => cell_count(row, n_cells, self.names.len(), self.has_names),
            None => Problem::new(format!("row {}: this is not UTF-8 text", grouped(row)))
                .hint("`iconv -f latin1 -t utf8 FILE > NEW` if it was written as Latin-1"),
        }
    }
}

/// A line that is no row: it has too many cells, or is no text.
struct Bad {
    n_lines: usize,
    n_cells: Option<usize>,
}

/// The cells of one row on their way to where they are wanted.
struct Row<'a> {
    names: &'a [String],
    wanted: &'a Wanted,
    /// Where its scores start.
    start: usize,
    parsed: &'a mut Parsed,
    n_cells: usize,
}

impl Row<'_> {
    #[inline]
    fn take(&mut self, cell: &str) {
        let column = self.n_cells;
        self.n_cells += 1;
        match self.wanted.uses.get(column) {
            Some(Use::Score(place)) => match cell.parse() {
                Ok(value) => self.parsed.scores[self.start + place] = value,
                Err(_) => self.take_odd(column, *place, cell),
            },
            Some(Use::Label) => self.take_label(column, cell),
            Some(Use::Part) => self.parsed.parts.push(PartName::parse(cell)),
            Some(Use::None) | None => {}
        }
        if let Some(Some(place)) = self.wanted.carried.get(column) {
            self.parsed.carried[*place].push_cell(cell);
        }
    }

    /// A number with spaces around it, or none.
    #[cold]
    fn take_odd(&mut self, column: usize, place: usize, cell: &str) {
        let parsed = &mut *self.parsed;
        match cell.trim().parse() {
            Ok(value) => parsed.scores[self.start + place] = value,
            Err(_) => {
                parsed.bad_scores.add(parsed.n_rows, || bad_cell(&self.names[column], Some(cell)));
            }
        }
    }

    fn take_label(&mut self, column: usize, cell: &str) {
        let parsed = &mut *self.parsed;
        if cell.trim().is_empty() {
            parsed.bad_labels.add(parsed.n_rows, || missing(&self.names[column]));
        }
        parsed.labels.push_text(cell);
    }
}
