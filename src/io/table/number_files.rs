//! Tables of numbers with a note on what they are, written to Parquet and read back bit for bit, and columns of any
//! type beside them.
//!
//! Row summaries are stored this way. What the columns mean is not known here: the note is a text in the file's
//! metadata, by which such a file is told from a table of logits, whatever it is called.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use polars::io::SerReader;
use polars::prelude::{
    Column as Cells, DataFrame, DataType, Float32Type, Float64Type, KeyValueMetadata,
    ParquetCompression, ParquetReader, ParquetWriter, PlSmallStr, PolarsNumericType, PolarsResult,
    ReshapeDimension, Series, UInt32Type, UInt64Type,
};

use super::super::atomic::write_atomically;
use super::super::destination::Destination;
use super::super::error::{IoError, Problem};
use super::super::progress::Watch;
use super::super::sniff::{Format, sniff};
use super::super::{Progress, slurp};
use super::beside_files;
use super::bytes::Bytes;
use super::frames::{Frames, n_rows};
use super::guard::guard;
use super::parquet;
use crate::data::{CarriedColumn, NumberColumn, NumberTable, Numbers};

/// The key of the note in the file's metadata.
const NOTE_KEY: &str = "logitscope";

/// Writes the rows of all `groups`, which have the same columns, with `note` to a Parquet file: each group a row
/// group, so that the whole table is never held twice. The file appears whole under its name or not at all.
///
/// # Errors
/// If there is no group, if groups differ in their columns, or if the disk refuses.
pub fn write_numbers(
    out: impl Into<Destination>,
    note: &str,
    groups: &mut dyn Iterator<Item = NumberTable>,
) -> Result<(), IoError> {
    write_rows(out, note, &mut groups.map(|group| (group, Vec::new())))
}

/// As [`write_numbers`], with columns of any type in every group, which have as many rows as its table and other names.
/// A missing whole number or text is null, a missing number NaN.
///
/// # Errors
/// As [`write_numbers`], or if the columns beside do not fit.
pub fn write_rows(
    out: impl Into<Destination>,
    note: &str,
    groups: &mut dyn Iterator<Item = (NumberTable, Vec<CarriedColumn>)>,
) -> Result<(), IoError> {
    let out = out.into();
    write_atomically(&out, |file| write_groups(file, note, groups)).map_err(|p| p.at(out.shown()))
}

/// Refuses a name that [`write_numbers`] could not write to, before time is spent on what to write.
///
/// # Errors
/// If it is that of a folder, or its folder is missing.
pub fn check_numbers_path(destination: &Destination) -> Result<(), IoError> {
    let out = destination.path();
    let folder = out.parent().filter(|p| !p.as_os_str().is_empty());
    let is_folder = || match folder.map_or(Ok(true), |f| f.metadata().map(|m| m.is_dir())) {
        Ok(true) if out.is_dir() => Err(Problem::new("this is a folder").hint("name a file in it")),
        Ok(true) => Ok(()),
        Ok(false) => Err(Problem::new("the file cannot lie in what is not a folder")),
        Err(error) => Err(error.into()),
    };
    is_folder().map_err(|p: Problem| p.at(out))
}

/// The note that [`write_numbers`] left in the file `path`; `None` if the file is another one. Reads the footer alone.
///
/// # Errors
/// If the file cannot be read, or its footer is damaged.
pub fn table_note(path: &Path) -> Result<Option<String>, IoError> {
    note_of(path).map_err(|p| p.at(path))
}

/// The columns of numbers of the Parquet file `path`, whatever else it holds. `progress` is as in [`crate::io::open()`].
///
/// # Errors
/// If the file cannot be read or is damaged, or a number is missing.
pub fn read_numbers(
    path: &Path,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<NumberTable, IoError> {
    read_rows(path, Vec::new(), progress).map(|(table, _)| table)
}

/// As [`read_numbers`], without the columns that are called as those of `beside`, and these: each has the values that
/// come with it and behind them those of the file, whose type they must have.
///
/// # Errors
/// As [`read_numbers`], or if a column is not there or of another type.
pub fn read_rows(
    path: &Path,
    beside: Vec<CarriedColumn>,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<(NumberTable, Vec<CarriedColumn>), IoError> {
    let read = || {
        let watch = &mut Watch::new(progress, slurp::size(path)?)?;
        decode(path, beside, watch)
    };
    read().map_err(|p| p.at(path))
}

fn write_groups(
    file: &mut dyn Write,
    note: &str,
    groups: &mut dyn Iterator<Item = (NumberTable, Vec<CarriedColumn>)>,
) -> Result<(), Problem> {
    let first = groups.next().ok_or_else(|| Problem::new("there is no column to write"))?;
    let first = frame(&first)?;
    let mut writer = guard(|| {
        let metadata = vec![(NOTE_KEY.to_owned(), note.to_owned())];
        ParquetWriter::new(file)
            .with_compression(ParquetCompression::Zstd(None))
            .with_key_value_metadata(Some(KeyValueMetadata::from_static(metadata)))
            .batched(first.schema())
    })?;
    guard(|| writer.write_batch(&first))?;
    for group in groups {
        let group = frame(&group)?;
        guard(|| writer.write_batch(&group))?;
    }
    guard(|| writer.finish()).map(drop)
}

fn frame((table, beside): &(NumberTable, Vec<CarriedColumn>)) -> Result<DataFrame, Problem> {
    let columns = table.columns().iter().map(cells);
    let columns = columns.chain(beside.iter().map(|column| Ok(beside_files::cells(column))));
    let columns = columns.collect::<Result<Vec<Cells>, _>>()?;
    guard(|| DataFrame::new(table.n_rows(), columns))
}

fn cells(column: &NumberColumn) -> Result<Cells, Problem> {
    use polars::prelude::NamedFrom;
    let name = PlSmallStr::from(column.name.as_str());
    let flat = match &column.numbers {
        Numbers::U32(v) => Series::new(name, v),
        Numbers::U64(v) => Series::new(name, v),
        Numbers::F32(v) => Series::new(name, v),
        Numbers::F64(v) => Series::new(name, v),
    };
    if column.width == 1 {
        return Ok(flat.into());
    }
    let shape = [ReshapeDimension::Infer, ReshapeDimension::new_dimension(column.width as u64)];
    Ok(guard(|| flat.reshape_array(&shape))?.into())
}

pub(in crate::io) fn note_of(path: &Path) -> Result<Option<String>, Problem> {
    if !matches!(sniff(&slurp::head(path)?), Ok(Format::Parquet)) {
        return Ok(None);
    }
    let file = File::open(path)?;
    let mut reader = ParquetReader::new(file);
    let metadata = guard(|| reader.get_metadata().cloned())?;
    let mut entries = metadata.key_value_metadata.iter().flatten();
    Ok(entries.find(|entry| entry.key == NOTE_KEY).and_then(|entry| entry.value.clone()))
}

fn decode(
    path: &Path,
    mut beside: Vec<CarriedColumn>,
    watch: &mut Watch<'_>,
) -> Result<(NumberTable, Vec<CarriedColumn>), Problem> {
    let (types, groups) = parquet::frames(Bytes::of_file(path)?)?;
    let mut wanted = beside_files::places(&types, &beside)?;
    let mut columns = Vec::new();
    for (idx, (name, dtype)) in types.iter().enumerate() {
        if let Some(column) = empty(name, dtype).filter(|_| !wanted[..beside.len()].contains(&idx))
        {
            wanted.push(idx);
            columns.push(column);
        }
    }
    groups.read(&wanted, 0..n_rows(&groups), &mut |frame| {
        let (of_beside, of_numbers) = frame.columns.split_at(beside.len());
        for (column, series) in beside.iter_mut().zip(of_beside) {
            beside_files::append(column, series)?;
        }
        for (column, series) in columns.iter_mut().zip(of_numbers) {
            append(column, series)?;
        }
        watch.add_rows(frame.n_rows)
    })?;
    let table = NumberTable::new(columns);
    let table = table.ok_or_else(|| Problem::new("the columns differ in length"))?;
    Ok((table, beside))
}

/// A column without a row yet; `None` if it does not hold numbers of a type that is written here.
fn empty(name: &PlSmallStr, dtype: &DataType) -> Option<NumberColumn> {
    let (inner, width) = match dtype {
        DataType::Array(inner, width) if *width > 0 => (&**inner, *width),
        plain => (plain, 1),
    };
    let numbers = match inner {
        DataType::UInt32 => Numbers::U32(Vec::new()),
        DataType::UInt64 => Numbers::U64(Vec::new()),
        DataType::Float32 => Numbers::F32(Vec::new()),
        DataType::Float64 => Numbers::F64(Vec::new()),
        _ => return None,
    };
    Some(NumberColumn { name: name.to_string(), width, numbers })
}

fn append(column: &mut NumberColumn, series: &Series) -> Result<(), Problem> {
    let flat = match series.dtype() {
        DataType::Array(..) => guard(|| Ok(series.array()?.get_inner()))?,
        _ => series.clone(),
    };
    if series.null_count() > 0 || flat.null_count() > 0 {
        let name = &column.name;
        return Err(Problem::new(format!("column {name}: a value is missing")));
    }
    guard(|| match &mut column.numbers {
        Numbers::U32(out) => extend::<UInt32Type>(out, &flat),
        Numbers::U64(out) => extend::<UInt64Type>(out, &flat),
        Numbers::F32(out) => extend::<Float32Type>(out, &flat),
        Numbers::F64(out) => extend::<Float64Type>(out, &flat),
    })
}

fn extend<T: PolarsNumericType>(out: &mut Vec<T::Native>, series: &Series) -> PolarsResult<()> {
    for chunk in series.unpack::<T>()?.data_views() {
        out.extend_from_slice(chunk);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(n: u32) -> NumberTable {
        let wide: Vec<f32> = (0..3 * n).map(|i| (i as f32).sqrt() - 1.0).collect();
        let column =
            |name: &str, width, numbers| NumberColumn { name: name.to_owned(), width, numbers };
        let special = [f64::NAN, f64::NEG_INFINITY, -0.0, f64::MIN_POSITIVE / 8.0];
        let double = (0..n as usize).map(|i| special[i % 4]).collect();
        NumberTable::new(vec![
            column("count", 1, Numbers::U32((0..n).collect())),
            column("row", 1, Numbers::U64((0..u64::from(n)).map(|i| i << 33).collect())),
            column("lists", 3, Numbers::F32(wide)),
            column("double", 1, Numbers::F64(double)),
        ])
        .expect("four columns of n rows")
    }

    fn bits(table: &NumberTable) -> String {
        let doubles = |c: &NumberColumn| match &c.numbers {
            Numbers::F64(v) => format!("{:?}", v.iter().map(|x| x.to_bits()).collect::<Vec<_>>()),
            numbers => format!("{numbers:?}"),
        };
        table.columns().iter().map(doubles).collect()
    }

    fn write(path: &Path, groups: Vec<NumberTable>) {
        write_numbers(path, "what it is", &mut groups.into_iter()).expect("written");
    }

    #[test]
    fn what_is_written_comes_back_bit_for_bit() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t");
        for n in [0, 1, 5, 70_000] {
            write(&path, vec![table(n)]);
            let back = read_numbers(&path, &mut |_| true).expect("read");
            assert_eq!(bits(&back), bits(&table(n)), "{n} rows");
        }
        assert_eq!(folder.path().read_dir().expect("a folder").count(), 1);
    }

    #[test]
    fn row_groups_follow_each_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t");
        write(&path, vec![table(3), table(4)]);
        let mut back = read_numbers(&path, &mut |_| true).expect("read");
        let count = back.take("count").expect("there").numbers;
        assert_eq!(count, Numbers::U32(vec![0, 1, 2, 0, 1, 2, 3]));
    }

    #[test]
    fn a_file_is_known_by_its_note() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("anything.csv");
        write(&path, vec![table(2)]);
        let note = |path: &Path| table_note(path).expect("readable");
        assert_eq!(note(&path).as_deref(), Some("what it is"));
        std::fs::write(&path, "label,logit_0\n").expect("written");
        assert_eq!(note(&path), None);
        let missing = table_note(&folder.path().join("missing")).expect_err("no such file");
        assert!(missing.to_string().ends_with("no such file or folder"));
    }

    #[test]
    fn a_read_can_be_cancelled() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t");
        write(&path, vec![table(9)]);
        let error = read_numbers(&path, &mut |_| false).expect_err("cancelled");
        assert!(error.cancelled);
    }
}
