//! Text of varying length, which is what h5py makes of Python's text: an element refers to a place in a heap of the file.

use hdf5_reader::{Dataset, Datatype, StringSize, VarLenKind};

use super::super::array::ArrayInfo;
use super::super::error::Problem;
use super::super::picked::grouped;
use super::super::strided::product;
use super::{Table, guard};

/// Bytes of text for each byte of the file, at most: any number of elements may refer to one place.
const MAX_TEXT_RATIO: u64 = 64;

/// Bytes that a text costs in memory beside its own.
const TEXT_COST: usize = size_of::<String>();

pub(super) fn are_of_varying_length(dataset: &Dataset) -> bool {
    matches!(
        dataset.dtype(),
        Datatype::VarLen { kind: VarLenKind::String, .. }
            | Datatype::String { size: StringSize::Variable, .. }
    )
}

/// All elements in row-major order; empty where none was written.
///
/// # Errors
/// If a text is not where the file says, is not UTF-8, or all of them are far more than the file holds.
pub(super) fn read(table: &Table, info: &ArrayInfo) -> Result<Vec<String>, Problem> {
    let references = guard(|| table.dataset.read_raw_bytes())?;
    let mut left = table.blob.len().saturating_mul(MAX_TEXT_RATIO);
    let size = table.dataset.vlen_reference_size();
    let mut texts = Vec::new();
    for (idx, reference) in references.chunks_exact(size).enumerate() {
        // A reference begins with the length of its text.
        let claimed = reference.first_chunk().map_or(0, |n| u32::from_le_bytes(*n));
        let cost = u64::from(claimed) + TEXT_COST as u64;
        left = left.checked_sub(cost).ok_or_else(|| too_much(info))?;
        let bytes = guard(|| table.dataset.resolve_vlen_reference_bytes(reference, 1))?;
        let text = String::from_utf8(bytes).map_err(|_| not_text(info, idx))?;
        texts.push(text.trim_end_matches('\0').to_owned());
    }
    table.blob.check()?;
    if Some(texts.len()) == product(&info.shape) {
        return Ok(texts);
    }
    Err(Problem::new(format!("{info}: there are {} texts", grouped(texts.len())))
        .hint("copy or save it again"))
}

fn too_much(info: &ArrayInfo) -> Problem {
    Problem::new(format!(
        "{info}: the texts are far longer than the file: all of them are the same, which costs memory"
    ))
    .hint("if it is meant, save it as text of one length: `np.asarray(x).astype(\"S\")`")
}

fn not_text(info: &ArrayInfo, idx: usize) -> Problem {
    Problem::new(format!("{}: element {} is not UTF-8", info.name, grouped(idx + 1)))
        .hint("save it as `x.astype(h5py.string_dtype(\"utf-8\"))`, or the labels as numbers")
}
