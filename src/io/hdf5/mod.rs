//! HDF5 files: numeric datasets, contiguous or chunked, packed or not, read by ranges of rows.

mod scores;
mod texts;

use std::sync::Arc;

use hdf5_reader::error::Error;
use hdf5_reader::group::Group;
use hdf5_reader::{ByteOrder, Dataset, Datatype, Hdf5File, OpenOptions};
use hdf5_reader::{SliceInfo, Storage, StorageBuffer};

use self::scores::DatasetScores;
use super::array::{Array, ArrayInfo, Dtype, Elements};
use super::array_store::{Access, ArrayStore};
use super::blob::Blob;
use super::error::{Problem, lower_first};
use super::npy::{self, NpyHeader};
use super::progress::Watch;
use super::quiet::catch;
use super::strided::product;

/// The first bytes of a file without a user block.
pub(super) const MAGIC: &[u8] = b"\x89HDF\r\n\x1a\n";

/// Groups within groups that are looked into; links may lead in circles.
const MAX_DEPTH: usize = 8;
/// Groups and datasets that are looked at.
const MAX_OBJECTS: usize = 10_000;
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
    blob: Blob,
    /// Groups and datasets that may still be looked at.
    n_left: usize,
    infos: Vec<ArrayInfo>,
    tables: Vec<Table>,
}

/// A dataset, and how its elements are stored.
#[derive(Clone)]
struct Table {
    /// The file; what the library keeps of it in memory must not be mixed with what another holds.
    blob: Blob,
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
        let mut found =
            Self { blob: blob.clone(), n_left: MAX_OBJECTS, infos: Vec::new(), tables: Vec::new() };
        guard(|| {
            let storage = Arc::new(blob.clone());
            let file = Hdf5File::from_storage_with_options(storage, options)?;
            found.collect(&file.root_group()?, "", 0)
        })?;
        for info in &found.infos {
            check_size(info, blob.len())?;
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
            self.n_left = self.n_left.saturating_sub(1);
            let shape = dataset.shape().iter().map(|&d| usize::try_from(d));
            let Ok(shape) = shape.collect() else { continue };
            let (dtype, big_endian) = dtype_of(&dataset);
            self.infos.push(ArrayInfo { name: format!("{path}{}", dataset.name()), dtype, shape });
            self.tables.push(Table { blob: self.blob.clone(), dataset, big_endian });
        }
        for group in groups.iter().filter(|_| depth < MAX_DEPTH) {
            if self.n_left == 0 {
                break;
            }
            self.n_left -= 1;
            let path = format!("{path}{}/", group.name());
            self.collect(group, &path, depth + 1)?;
        }
        Ok(())
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
            let texts = if texts::are_of_varying_length(&table.dataset) {
                texts::read(table, &info)?
            } else {
                guard(|| table.dataset.read_strings())?
            };
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

/// A dataset may claim any shape: elements that were never written are its fill value.
fn check_size(info: &ArrayInfo, n_file: u64) -> Result<(), Problem> {
    let Ok(dtype) = info.dtype else { return Ok(()) };
    let n = product(&info.shape).and_then(|n| n.checked_mul(dtype.size().max(1)));
    if n.is_some_and(|n| n as u64 <= n_file.saturating_mul(MAX_RATIO)) {
        return Ok(());
    }
    Err(Problem::new(format!("{info}: claims more than the {n_file} bytes of the file can hold"))
        .hint("copy or save it again"))
}

/// The type of a dataset, and whether it is big-endian.
fn dtype_of(dataset: &Dataset) -> (Result<Dtype, String>, bool) {
    let int = |size: u8, signed, order: &ByteOrder| {
        let size = usize::from(size);
        let dtype = Dtype::Int { signed, size };
        let known = matches!(size, 1 | 2 | 4 | 8).then_some(dtype);
        (known.ok_or_else(|| format!("integer of {size} bytes")), *order == ByteOrder::BigEndian)
    };
    match dataset.dtype() {
        Datatype::FixedPoint { size, signed, byte_order } => int(*size, *signed, byte_order),
        Datatype::FloatingPoint { byte_order, .. } => {
            (float_of(dataset), *byte_order == ByteOrder::BigEndian)
        }
        // h5py writes truth values as an enumeration of one byte.
        Datatype::Enum { base, members } => match &**base {
            Datatype::FixedPoint { size: 1, .. } if members.len() == 2 => (Ok(Dtype::Bool), false),
            Datatype::FixedPoint { size, signed, byte_order } => int(*size, *signed, byte_order),
            _ => (Err("enumeration".to_owned()), false),
        },
        _ if texts::are_of_varying_length(dataset) => {
            (Ok(Dtype::Text { wide: false, width: dataset.vlen_reference_size() }), false)
        }
        Datatype::String { .. } => (text_of(dataset), false),
        Datatype::VarLen { .. } => (Err("lists of varying length".to_owned()), false),
        Datatype::Compound { .. } => (Err("compound".to_owned()), false),
        _ => (Err("other".to_owned()), false),
    }
}

/// Text, and how many bytes of it an element claims: the library asks for as much memory before it reads any.
fn text_of(dataset: &Dataset) -> Result<Dtype, String> {
    // Datatype message: class and bits (4), size (4).
    let raw = dataset.raw_datatype().map_err(|e| e.to_string())?;
    let size = raw.get(4..8).and_then(<[u8]>::first_chunk::<4>);
    let size = size.ok_or("text of no size")?;
    Ok(Dtype::Text { wide: false, width: u32::from_le_bytes(*size) as usize })
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

/// Runs code of the library; its errors and its panics become problems.
fn guard<T>(run: impl FnOnce() -> Result<T, Error>) -> Result<T, Problem> {
    let say = |text: &str| {
        let text = text.lines().next().unwrap_or_default();
        Problem::new(text).hint("copy or save it again")
    };
    match catch(run) {
        Ok(Err(Error::Io(error))) => Err(say(&error.to_string())),
        Ok(result) => result.map_err(|e| {
            let text = lower_first(&e.to_string());
            say(&format!("the HDF5 file cannot be read: {text}"))
        }),
        Err(_) => Err(say("the HDF5 file is damaged in a way its reader did not expect")),
    }
}
