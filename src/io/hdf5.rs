//! HDF5 files: numeric datasets, contiguous or chunked, packed or not, read by ranges of rows.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use hdf5_reader::error::Error;
use hdf5_reader::group::Group;
use hdf5_reader::{ByteOrder, Dataset, Datatype, H5Type, Hdf5File, OpenOptions};
use hdf5_reader::{SliceInfo, SliceInfoElem, Storage, StorageBuffer};

use super::array::{Array, ArrayInfo, Dtype, Elements};
use super::arrays::{Access, ArrayStore};
use super::blob::Blob;
use super::error::{Problem, lower_first};
use super::floats::FloatReader;
use super::npy::{self, NpyHeader};
use super::progress::Watch;
use super::raw::{Deliver, RawScores, Spare, block_rows, read_size};
use super::strided::product;
use crate::data::Values;

/// The first bytes of a file without a user block.
pub(super) const MAGIC: &[u8] = b"\x89HDF\r\n\x1a\n";

/// Groups within groups that are looked into; links may lead in circles.
const MAX_DEPTH: usize = 8;
/// Datasets that are looked at.
const MAX_DATASETS: usize = 10_000;
/// What a packed chunk can hold at most, for each of its bytes: the limit of deflate.
const MAX_RATIO: u64 = 1032;

impl Storage for Blob {
    fn len(&self) -> u64 {
        Blob::len(self)
    }

    fn read_range(&self, offset: u64, len: usize) -> Result<StorageBuffer, Error> {
        let bytes = self.bytes(offset, len as u64);
        let bytes = bytes.map_err(|p| std::io::Error::other(p.message().to_owned()))?;
        Ok(StorageBuffer::from_vec(bytes))
    }
}

/// The datasets of a file.
pub(super) struct Hdf5 {
    infos: Vec<ArrayInfo>,
    tables: Vec<Table>,
}

/// A dataset, and how its elements are stored.
#[derive(Clone)]
struct Table {
    dataset: Dataset,
    big_endian: bool,
}

impl Hdf5 {
    /// Finds the datasets, and reads no element.
    ///
    /// # Errors
    /// If the file is damaged.
    pub(super) fn open(blob: &Blob) -> Result<Self, Problem> {
        let limit = usize::try_from(blob.len().saturating_mul(MAX_RATIO)).unwrap_or(usize::MAX);
        let options = OpenOptions::default()
            .with_max_chunk_bytes(limit.clamp(1 << 16, hdf5_reader::DEFAULT_MAX_CHUNK_BYTES))
            .with_max_object_header_bytes(limit.min(1 << 24));
        let mut found = Self {
            infos: Vec::new(),
            tables: Vec::new(),
        };
        guard(|| {
            let storage = Arc::new(blob.clone());
            let file = Hdf5File::from_storage_with_options(storage, options)?;
            found.collect(&file.root_group()?, "", 0)
        })?;
        for info in &found.infos {
            found.check_size(info, blob.len())?;
        }
        if found.infos.is_empty() {
            return Err(Problem::new("the HDF5 file holds no dataset")
                .hint("save two: `f[\"logits\"] = logits; f[\"labels\"] = labels`"));
        }
        Ok(found)
    }

    fn collect(&mut self, group: &Group, path: &str, depth: usize) -> Result<(), Error> {
        let (groups, datasets) = group.members()?;
        for dataset in datasets {
            if self.infos.len() == MAX_DATASETS {
                return Ok(());
            }
            let shape = dataset.shape().iter().map(|&d| usize::try_from(d));
            let Ok(shape) = shape.collect() else { continue };
            let (dtype, big_endian) = dtype_of(&dataset);
            self.infos.push(ArrayInfo {
                name: format!("{path}{}", dataset.name()),
                dtype,
                shape,
            });
            self.tables.push(Table {
                dataset,
                big_endian,
            });
        }
        for group in groups.iter().filter(|_| depth < MAX_DEPTH) {
            let path = format!("{path}{}/", group.name());
            self.collect(group, &path, depth + 1)?;
        }
        Ok(())
    }

    /// A dataset may claim any shape: elements that were never written are its fill value.
    fn check_size(&self, info: &ArrayInfo, n_file: u64) -> Result<(), Problem> {
        let Ok(dtype) = info.dtype else { return Ok(()) };
        let n = product(&info.shape).and_then(|n| n.checked_mul(dtype.size().max(1)));
        if n.is_some_and(|n| n as u64 <= n_file.saturating_mul(MAX_RATIO)) {
            return Ok(());
        }
        Err(Problem::new(format!(
            "{info}: claims more than the {n_file} bytes of the file can hold"
        ))
        .hint("copy or save it again"))
    }
}

impl ArrayStore for Hdf5 {
    fn infos(&self) -> &[ArrayInfo] {
        &self.infos
    }

    fn read(&mut self, idx: usize, watch: &mut Watch<'_>) -> Result<Array, Problem> {
        let (info, table) = (self.infos[idx].clone(), &self.tables[idx]);
        let dtype = info.dtype.clone();
        let dtype = dtype.map_err(|kind| npy::unreadable(&info.name, &kind))?;
        if matches!(dtype, Dtype::Text { .. }) {
            let texts = guard(|| table.dataset.read_strings())?;
            let elements = Elements::Text(texts);
            return Ok(Array { info, elements });
        }
        let mut bytes = Vec::new();
        let all = SliceInfo::all(info.shape.len());
        table.slice(&all, dtype.size(), &mut bytes)?;
        let header = NpyHeader::plain(info, table.big_endian);
        let n_bytes = bytes.len() as u64;
        npy::read_body(&header, &mut &bytes[..], n_bytes, watch)
    }

    fn access(&self, idx: usize) -> Access {
        let scores = DatasetScores::new(&self.infos[idx], &self.tables[idx]);
        scores.map_or(Access::InMemory, |scores| Access::Cheap(Arc::new(scores)))
    }
}

/// The type of a dataset, and whether it is big-endian.
fn dtype_of(dataset: &Dataset) -> (Result<Dtype, String>, bool) {
    let int = |size: u8, signed, order: &ByteOrder| {
        let size = usize::from(size);
        let dtype = Dtype::Int { signed, size };
        let known = matches!(size, 1 | 2 | 4 | 8).then_some(dtype);
        (
            known.ok_or_else(|| format!("integer of {size} bytes")),
            *order == ByteOrder::BigEndian,
        )
    };
    match dataset.dtype() {
        Datatype::FixedPoint {
            size,
            signed,
            byte_order,
        } => int(*size, *signed, byte_order),
        Datatype::FloatingPoint { byte_order, .. } => {
            (float_of(dataset), *byte_order == ByteOrder::BigEndian)
        }
        // h5py writes truth values as an enumeration of one byte.
        Datatype::Enum { base, members } => match &**base {
            Datatype::FixedPoint { size: 1, .. } if members.len() == 2 => (Ok(Dtype::Bool), false),
            Datatype::FixedPoint {
                size,
                signed,
                byte_order,
            } => int(*size, *signed, byte_order),
            _ => (Err("enumeration".to_owned()), false),
        },
        Datatype::String { .. } => (Ok(Elements::Text(Vec::new()).dtype()), false),
        Datatype::VarLen { .. } => (Err("lists of varying length".to_owned()), false),
        Datatype::Compound { .. } => (Err("compound".to_owned()), false),
        _ => (Err("other".to_owned()), false),
    }
}

/// The float format, which the library reduces to its size: f16 and bf16 have the same.
fn float_of(dataset: &Dataset) -> Result<Dtype, String> {
    // Datatype message: class and bits (4), size (4), offset (2), precision (2), exponent's place and
    // size, mantissa's place and size (1 each), bias (4). Bit 6 of the second byte is the order of VAX.
    let raw = dataset.raw_datatype().map_err(|e| e.to_string())?;
    let field = |at: usize| raw.get(at).copied().unwrap_or(0);
    match (field(4), field(13), field(15), field(1) & 0x40) {
        (2, 5, 10, 0) => Ok(Dtype::F16),
        (2, 8, 7, 0) => Ok(Dtype::Bf16),
        (4, 8, 23, 0) => Ok(Dtype::F32),
        (8, 11, 52, 0) => Ok(Dtype::F64),
        (size, ..) => Err(format!("float of {size} bytes in a rare format")),
    }
}

/// The stored bytes of one element.
#[derive(Clone, Copy)]
#[repr(transparent)]
struct Stored<const N: usize>([u8; N]);

impl<const N: usize> H5Type for Stored<N> {
    fn hdf5_type() -> Datatype {
        Datatype::Opaque {
            size: u32::try_from(N).unwrap_or(u32::MAX),
            tag: String::new(),
        }
    }

    fn from_bytes(bytes: &[u8], _: &Datatype) -> Result<Self, Error> {
        let first = bytes.first_chunk().copied();
        let short = || Error::InvalidData("an element is cut short".to_owned());
        Ok(Self(first.ok_or_else(short)?))
    }

    fn element_size(_: &Datatype) -> usize {
        N
    }
}

impl Table {
    /// Appends the stored bytes of the selected elements, each of `size` bytes.
    fn slice(&self, chosen: &SliceInfo, size: usize, out: &mut Vec<u8>) -> Result<(), Problem> {
        match size {
            1 => self.slice_of::<1>(chosen, out),
            2 => self.slice_of::<2>(chosen, out),
            4 => self.slice_of::<4>(chosen, out),
            _ => self.slice_of::<8>(chosen, out),
        }
    }

    fn slice_of<const N: usize>(
        &self,
        chosen: &SliceInfo,
        out: &mut Vec<u8>,
    ) -> Result<(), Problem> {
        let elements = guard(|| self.dataset.read_slice::<Stored<N>>(chosen))?;
        out.reserve(elements.len() * N);
        elements.iter().for_each(|e| out.extend_from_slice(&e.0));
        Ok(())
    }
}

/// A dataset of scores, read in blocks.
struct DatasetScores {
    table: Table,
    n_axes: usize,
    dtype: Dtype,
    /// Rows lie in runs, one for each index of the first of three axes.
    n_outer: usize,
    n_inner: usize,
    n_cols: usize,
}

impl DatasetScores {
    /// `None` if it is no matrix of numbers.
    fn new(info: &ArrayInfo, table: &Table) -> Option<Self> {
        let dtype = info.dtype.clone().ok()?;
        let (n_outer, n_inner, n_cols) = match info.shape[..] {
            [n] => (1, n, 1),
            [n, k] => (1, n, k),
            [n, t, k] => (n, t, k),
            _ => return None,
        };
        let is_number = dtype.is_float() || matches!(dtype, Dtype::Int { .. });
        is_number.then(|| Self {
            table: table.clone(),
            n_axes: info.shape.len(),
            dtype,
            n_outer,
            n_inner,
            n_cols,
        })
    }

    /// Appends the stored bytes of the rows of `range`.
    fn append(&self, range: Range<usize>, bytes: &mut Vec<u8>) -> Result<(), Problem> {
        let mut row = range.start;
        while row < range.end {
            let (run, first) = (row / self.n_inner, row % self.n_inner);
            // As many whole runs as fit, or what is wanted of this one.
            let n_runs = (range.end - row) / self.n_inner;
            let (runs, rows) = match first == 0 && n_runs > 0 {
                true => (run..run + n_runs, 0..self.n_inner),
                false => {
                    let end = self.n_inner.min(first + (range.end - row));
                    (run..run + 1, first..end)
                }
            };
            row += runs.len() * rows.len();
            let axes = [runs, rows, 0..self.n_cols];
            let wanted = match self.n_axes {
                1 => &axes[1..2],
                2 => &axes[1..],
                _ => &axes[..],
            };
            let selections = wanted.iter().map(|axis| SliceInfoElem::Slice {
                start: axis.start as u64,
                end: axis.end as u64,
                step: 1,
            });
            let selections = selections.collect();
            self.table
                .slice(&SliceInfo { selections }, self.dtype.size(), bytes)?;
        }
        Ok(())
    }

    fn reader(&self) -> FloatReader {
        FloatReader::new(self.dtype, self.table.big_endian)
    }
}

impl RawScores for DatasetScores {
    fn n_rows(&self) -> usize {
        self.n_outer * self.n_inner
    }

    fn n_cols(&self) -> usize {
        self.n_cols
    }

    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn read(
        &self,
        range: Range<usize>,
        spare: &mut Spare<'_>,
        deliver: &mut Deliver<'_>,
    ) -> Result<(), Problem> {
        let n_block = block_rows(self.n_cols, read_size(self.dtype));
        let (mut reader, mut bytes) = (self.reader(), Vec::new());
        for start in range.clone().step_by(n_block) {
            let rows = start..(start + n_block).min(range.end);
            let n = rows.len() * self.n_cols;
            bytes.clear();
            self.append(rows, &mut bytes)?;
            deliver(reader.read(&mut &bytes[..], n, spare())?)?;
        }
        Ok(())
    }

    fn rows(&self, wanted: &[usize], watch: &mut Watch<'_>) -> Result<Values, Problem> {
        let mut bytes = Vec::new();
        for run in wanted.chunk_by(|a, b| a + 1 == *b) {
            self.append(run[0]..run[0] + run.len(), &mut bytes)?;
            watch.tick()?;
        }
        let n = wanted.len() * self.n_cols;
        Ok(self.reader().read(&mut &bytes[..], n, Values::default())?)
    }
}

/// Runs code of the library; its errors and its panics become problems.
fn guard<T>(run: impl FnOnce() -> Result<T, Error>) -> Result<T, Problem> {
    let say = |text: &str| {
        let text = lower_first(text.lines().next().unwrap_or_default());
        Problem::new(format!("the HDF5 file cannot be read: {text}")).hint("copy or save it again")
    };
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(result) => result.map_err(|e| say(&e.to_string())),
        Err(_) => Err(say("it is damaged in a way its reader did not expect")),
    }
}
