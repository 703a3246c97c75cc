//! Files of `torch.save` (zip archives, and the format before 1.6) and plain pickles of arrays.

use std::collections::HashMap;
use std::io::{BufReader, Read};

use zip::{CompressionMethod, ZipArchive, ZipReadOptions};

use super::array::ArrayInfo;
use super::blob::{Blob, BlobReader};
use super::checksum;
use super::error::Problem;
use super::npz::{self, broken, check_ratio};
use super::pickle::{self, Data, Gathered, Input, Named, PickledArray};
use super::placed::{Body, PlacedArrays, Sum};
use super::strided::{Strided, product};

/// The pickled number with which files of torch before 1.6 begin.
pub(super) const LEGACY_MAGIC: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

/// Pickles in one file, one behind the other.
const MAX_PICKLES: usize = 1024;

/// What a file holds, and whether its parts are known by position alone.
pub(super) struct Opened {
    pub(super) arrays: PlacedArrays,
    pub(super) parts_by_position: bool,
}

/// The arrays of a zip archive of `torch.save`, or `None` if it is another archive.
///
/// # Errors
/// If the archive is damaged, or its pickle asks for more than tensors.
pub(super) fn open_zip(blob: &Blob, stem: &str) -> Result<Option<Opened>, Problem> {
    let reader = BufReader::with_capacity(1 << 12, blob.reader());
    let mut archive = npz::open_zip(reader)?;
    let names: Vec<String> =
        archive.file_names().filter_map(|n| Some(n.ok()?.into_owned())).collect();
    let Some(root) = names.iter().find(|name| is_root(name)) else {
        return Ok(None);
    };
    let prefix = root.strip_suffix("data.pkl").unwrap_or_default();
    let folder = format!("{prefix}data/");
    let mut sums = Vec::new();
    let mut of_name = |name: &str| match archive.index_for_name(name) {
        Some(idx) => member(blob, &mut archive, idx, &mut sums).map(Some),
        None => Ok(None),
    };
    let mut storages = HashMap::new();
    for name in &names {
        if let Some(key) = name.strip_prefix(&folder)
            && let Some(bytes) = of_name(name)?
        {
            storages.insert(key.to_owned(), bytes);
        }
    }
    let order = of_name(&format!("{prefix}byteorder"))?;
    let big_endian = match &order {
        Some(order) => order.bytes(0, order.len().min(16))? == b"big",
        None => false,
    };
    let missing = || Problem::new(format!("{root} is not in the archive"));
    let root = of_name(root)?.ok_or_else(missing)?;
    let common = order.iter().chain([&root]).map(Blob::id).collect();
    let n_bytes = root.len();
    let pickled = pickle::load(&mut Input::new(root, 0))?;
    let (named, parts_by_position) = pickle::name_arrays(&pickled, n_bytes, stem)?;
    let n_bytes = blob.len() + storages.values().map(Blob::len).sum::<u64>();
    let tensors = Storages { by_key: storages, big_endian, n_bytes };
    let mut opened = place(named, &tensors, parts_by_position)?;
    opened.arrays.checked_against(sums, common);
    Ok(Some(opened))
}

/// `data.pkl` at the root of the archive or in its one folder.
fn is_root(name: &str) -> bool {
    name == "data.pkl" || name.strip_suffix("/data.pkl").is_some_and(|folder| !folder.contains('/'))
}

/// The bytes of a member: where they lie if they are stored, unpacked if not.
fn member(
    blob: &Blob,
    archive: &mut ZipArchive<BufReader<BlobReader>>,
    idx: usize,
    sums: &mut Vec<Sum>,
) -> Result<Blob, Problem> {
    // Checksums are looked at later, and only of what is read.
    let unchecked = ZipReadOptions::new().ignore_crc32(true);
    let member = archive.by_index_with_options(idx, unchecked);
    let mut member = member.map_err(|e| broken(&e))?;
    let (size, packed) = (member.size(), member.compressed_size());
    let name = member.name().map_err(|e| broken(&e))?.into_owned();
    let sum = member.crc32();
    let beyond = || Problem::new("a member of the zip archive lies beyond the end of the file");
    if member.compression() == CompressionMethod::Stored {
        let start = member.data_start().filter(|_| size == packed);
        let part = start.and_then(|start| blob.part(start, size));
        let bytes = part.ok_or_else(beyond)?;
        sums.push(Sum::new(name, bytes.clone(), sum));
        return Ok(bytes);
    }
    // torch stores; someone packed the archive again.
    check_ratio(&name, size, packed)?;
    blob.spend(size)?;
    let mut bytes = Vec::new();
    let unpacked = member.by_ref().take(size).read_to_end(&mut bytes);
    unpacked.map_err(|e| checksum::unpacking(&name, e))?;
    let bytes = Blob::held(bytes);
    sums.push(Sum::new(name, bytes.clone(), sum));
    Ok(bytes)
}

/// The arrays of a file that `torch.save` wrote before version 1.6: five pickles, then the storages.
///
/// # Errors
/// As [`open_zip`].
pub(super) fn open_legacy(blob: &Blob, stem: &str) -> Result<Opened, Problem> {
    let mut input = Input::new(blob.clone(), 0);
    // Magic number, version, and facts about the machine; all writers of today are little-endian.
    for _ in 0..3 {
        pickle::load(&mut input)?;
    }
    let before = input.at();
    let pickled = pickle::load(&mut input)?;
    let n_bytes = input.at() - before;
    let keys = pickle::load(&mut input)?.texts();
    let keys = keys.ok_or_else(|| damaged("the names of its storages are no list"))?;
    let sizes: HashMap<_, _> = pickled.storages().collect();
    let mut storages = HashMap::new();
    for key in keys {
        let n = u64::from_le_bytes(input.array()?);
        let size = sizes.get(&key).copied();
        let size = size.ok_or_else(|| damaged("a storage belongs to no tensor"))?;
        let n_bytes = n.checked_mul(size as u64);
        let n_bytes = n_bytes.ok_or_else(|| damaged("a storage is larger than any file"))?;
        storages.insert(key.to_string(), input.skip(n_bytes)?);
    }
    let (named, parts_by_position) = pickle::name_arrays(&pickled, n_bytes, stem)?;
    let tensors = Storages { by_key: storages, big_endian: false, n_bytes: blob.len() };
    place(named, &tensors, parts_by_position)
}

/// The arrays of the pickles in a file: one, or several that were dumped one after the other.
///
/// # Errors
/// If a pickle asks for more than arrays, or is damaged.
pub(super) fn open_pickle(blob: &Blob, stem: &str) -> Result<Opened, Problem> {
    let mut input = Input::new(blob.clone(), 0);
    let mut all: Vec<(Vec<Named>, bool)> = Vec::new();
    while input.left() > 0 {
        let before = input.at();
        let pickled = pickle::load(&mut input)?;
        let n_bytes = input.at() - before;
        all.push(pickle::name_arrays(&pickled, n_bytes, stem)?);
        if all.len() > MAX_PICKLES {
            return Err(Problem::new("the file is a stream of too many pickles")
                .hint("save one dictionary: {\"logits\": ..., \"labels\": ...}"));
        }
    }
    let several = all.len() > 1;
    let by_position = !several && all.first().is_some_and(|(_, flag)| *flag);
    let mut named = Vec::new();
    for (idx, (arrays, _)) in all.into_iter().enumerate() {
        let bare = arrays.len() == 1 && arrays[0].name == stem;
        named.extend(arrays.into_iter().map(|array| Named {
            name: match (several, bare) {
                (false, _) => array.name,
                (true, true) => idx.to_string(),
                (true, false) => format!("{idx}/{}", array.name),
            },
            ..array
        }));
    }
    let none = Storages { by_key: HashMap::new(), big_endian: false, n_bytes: blob.len() };
    place(named, &none, by_position)
}

/// The memory of the tensors of a file.
struct Storages {
    by_key: HashMap<String, Blob>,
    big_endian: bool,
    /// More than all arrays of the file can have together.
    n_bytes: u64,
}

/// Joins arrays with the bytes they are views of.
fn place(
    named: Vec<Named>,
    storages: &Storages,
    parts_by_position: bool,
) -> Result<Opened, Problem> {
    let mut arrays = PlacedArrays::default();
    for Named { name, array } in named {
        let shape = array.shape();
        let (dtype, body) = match array {
            Gathered::Plain(elements, _) => (Ok(elements.dtype()), Body::Held(elements)),
            Gathered::Pieces(pieces) => {
                let dtype = pieces[0].dtype.clone();
                let strided = pieces.into_iter().map(|p| strided(p, storages));
                let strided: Option<Vec<_>> = strided.collect::<Result<_, _>>()?;
                (dtype, strided.map_or(Body::Unreadable, Body::Pieces))
            }
        };
        let info = ArrayInfo { name, dtype, shape };
        // Labels are held: a list that names one tensor again and again must not multiply it.
        let n = product(&info.shape).filter(|_| matches!(body, Body::Pieces(_)));
        let size = info.dtype.as_ref().map_or(0, |d| d.size());
        if n.is_some_and(|n| n.saturating_mul(size) as u64 > storages.n_bytes) {
            return Err(Problem::new(format!("{info} is larger than the file"))
                .hint("save the tensors themselves and no views that repeat them: `x.clone()`"));
        }
        arrays.add(info, body)?;
    }
    if arrays.is_empty() {
        return Err(Problem::new("there is no tensor and no array in the file")
            .hint("save `torch.save({\"logits\": logits, \"labels\": labels}, \"val.pt\")`"));
    }
    Ok(Opened { arrays, parts_by_position })
}

/// `None` for a type that cannot be read.
fn strided(array: PickledArray, storages: &Storages) -> Result<Option<Strided>, Problem> {
    let Ok(dtype) = array.dtype else {
        return Ok(None);
    };
    let (bytes, big_endian) = match &array.data {
        Data::Bytes(blob) => (blob.clone(), array.big_endian),
        Data::Storage(key) => {
            let blob = storages.by_key.get(&**key).cloned();
            let missing = || damaged(&format!("the storage {key} of a tensor is missing"));
            (blob.ok_or_else(missing)?, storages.big_endian)
        }
    };
    Ok(Some(Strided {
        bytes,
        dtype,
        big_endian,
        start: array.start,
        shape: array.shape,
        strides: array.strides,
    }))
}

fn damaged(what: &str) -> Problem {
    Problem::new(format!("the torch file is damaged: {what}")).hint("copy or save it again")
}
