//! Containers of arrays beside the .npz archive: .npy files, and one in memory.

use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::array::{Array, ArrayInfo};
use super::array_store::{Access, ArrayStore};
use super::companion::stem;
use super::error::Problem;
use super::npy::{self, NpyHeader};
use super::npy_scores::{Layout, NpyScores};
use super::progress::Watch;
use super::stamp::Stamp;

/// .npy files, each an array called like the file.
pub(super) struct NpyFiles {
    files: Vec<(NpyHeader, Stamp)>,
    infos: Vec<ArrayInfo>,
}

impl NpyFiles {
    /// Reads the headers.
    pub(super) fn open(paths: &[PathBuf]) -> Result<Self, Problem> {
        let files = paths
            .iter()
            .map(|path| open_npy(path).map_err(|p| p.within(path)))
            .collect::<Result<Vec<_>, Problem>>()?;
        let infos = files.iter().map(|(header, _)| header.info.clone());
        Ok(Self { infos: infos.collect(), files })
    }
}

impl ArrayStore for NpyFiles {
    fn infos(&self) -> &[ArrayInfo] {
        &self.infos
    }

    fn read(&mut self, idx: usize, watch: &mut Watch<'_>) -> Result<Array, Problem> {
        let (header, stamp) = &self.files[idx];
        let mut file = stamp.open()?;
        let array =
            file.seek(SeekFrom::Start(header.n_bytes)).map_err(Problem::from).and_then(|_| {
                let available = stamp.n_bytes().saturating_sub(header.n_bytes);
                npy::read_body(header, &mut file, available, watch)
            });
        stamp.check()?;
        array.map_err(|p| p.within(stamp.path()))
    }

    fn access(&self, idx: usize) -> Access {
        let (header, stamp) = &self.files[idx];
        let Some(layout) = Layout::of(header) else {
            return Access::InMemory;
        };
        let raw = Arc::new(NpyScores::new(stamp.clone(), layout, header.n_bytes));
        if layout.by_columns { Access::Dear(raw) } else { Access::Cheap(raw) }
    }
}

fn open_npy(path: &Path) -> Result<(NpyHeader, Stamp), Problem> {
    let file = File::open(path)?;
    let stamp = Stamp::of(&file, path)?;
    let header = npy::read_header(&stem(path), &mut BufReader::new(file))?;
    npy::check_size(&header, stamp.n_bytes().saturating_sub(header.n_bytes))?;
    Ok((header, stamp))
}

/// A .npy file in memory.
pub(super) struct NpyBytes<'a> {
    bytes: &'a [u8],
    infos: [ArrayInfo; 1],
}

impl<'a> NpyBytes<'a> {
    /// Reads the header of the array called `name`.
    pub(super) fn open(name: &str, bytes: &'a [u8]) -> Result<Self, Problem> {
        let header = npy::read_header(name, &mut &*bytes)?;
        Ok(Self { bytes, infos: [header.info] })
    }
}

impl ArrayStore for NpyBytes<'_> {
    fn infos(&self) -> &[ArrayInfo] {
        &self.infos
    }

    fn read(&mut self, _: usize, watch: &mut Watch<'_>) -> Result<Array, Problem> {
        let mut reader = self.bytes;
        let header = npy::read_header(&self.infos[0].name, &mut reader)?;
        let available = reader.len() as u64;
        npy::read_body(&header, &mut reader, available, watch)
    }

    fn access(&self, _: usize) -> Access {
        Access::InMemory
    }
}
