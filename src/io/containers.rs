//! The containers that hold named arrays in one file, except .npy and .npz.

use super::array_store::ArrayStore;
use super::blob::Blob;
use super::error::Problem;
use super::hdf5::Hdf5;
use super::json::JsonArrays;
use super::kld::Kld;
use super::picked::{Known, guess};
use super::placed::{Body, PlacedArrays};
use super::sniff::Format;
use super::{safetensors, torch};
use crate::data::Guess;

/// An open container.
pub(super) struct Container {
    /// As [`crate::data::SourceInfo::format`].
    pub(super) format: &'static str,
    pub(super) store: Box<dyn ArrayStore>,
    /// What had to be guessed to name the arrays.
    pub(super) guesses: Vec<Guess>,
    /// What the format says of its scores.
    pub(super) known: Option<Known>,
}

impl Container {
    fn new(format: &'static str, store: impl ArrayStore + 'static) -> Self {
        Self { format, store: Box::new(store), guesses: Vec::new(), known: None }
    }

    /// The lists of a JSON object, which is not told by its first bytes.
    pub(super) fn of_json(arrays: JsonArrays) -> Self {
        Self::new("json", arrays)
    }
}

/// Opens the container in `blob`; an array without a name is called `stem`. `None` if the format holds
/// no named arrays or has a reader of its own.
///
/// # Errors
/// If the file is damaged, or asks for more than arrays.
pub(super) fn open(blob: &Blob, format: Format, stem: &str) -> Result<Option<Container>, Problem> {
    Ok(match format {
        Format::Safetensors => Some(Container::new("safetensors", safetensors(blob)?)),
        Format::Hdf5 => Some(Container::new("hdf5", Hdf5::open(blob)?)),
        Format::Kld => Some(Container {
            guesses: vec![Kld::precision()],
            known: Some(Kld::KNOWN),
            ..Container::new("llama.cpp", Kld::open(blob)?)
        }),
        Format::Pickle => Some(pickled("pickle", torch::open_pickle(blob, stem)?)),
        Format::TorchLegacy => Some(pickled("torch", torch::open_legacy(blob, stem)?)),
        Format::Zip => torch::open_zip(blob, stem)?.map(|opened| pickled("torch", opened)),
        Format::Npy
        | Format::Parquet
        | Format::ArrowFile
        | Format::ArrowStream
        | Format::Ndjson
        | Format::Text => None,
    })
}

fn pickled(format: &'static str, opened: torch::Opened) -> Container {
    let mut container = Container::new(format, opened.arrays);
    if opened.parts_by_position {
        container.guesses.push(guess(
            "names",
            "((val logits, val labels), (test logits, test labels))",
            "two pairs of a matrix and a vector; --logits NAME --labels NAME",
        ));
    }
    container
}

fn safetensors(blob: &Blob) -> Result<PlacedArrays, Problem> {
    let mut arrays = PlacedArrays::default();
    for (info, place) in safetensors::tensors(blob)? {
        let body = place.map_or(Body::Unreadable, |place| Body::Pieces(vec![place]));
        arrays.add(info, body)?;
    }
    if arrays.is_empty() {
        return Err(Problem::new("the safetensors file holds no tensor")
            .hint("save `save_file({\"logits\": logits, \"labels\": labels}, path)`"));
    }
    Ok(arrays)
}
