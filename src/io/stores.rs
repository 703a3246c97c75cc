//! The containers of arrays: one .npy file, an .npz archive, a folder of .npy files.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use super::array::{Array, ArrayInfo};
use super::arrays::ArrayStore;
use super::companion::stem;
use super::error::Problem;
use super::npy::{self, NpyHeader};
use super::npz::Npz;
use super::progress::Watch;

impl<R: Read + Seek> ArrayStore for Npz<R> {
    fn infos(&self) -> &[ArrayInfo] {
        Npz::infos(self)
    }

    fn read(&mut self, idx: usize, watch: &mut Watch<'_>) -> Result<Array, Problem> {
        Npz::read(self, idx, watch)
    }
}

/// .npy files, each an array called like the file.
pub(super) struct NpyFiles {
    paths: Vec<PathBuf>,
    infos: Vec<ArrayInfo>,
}

impl NpyFiles {
    /// Reads the headers.
    pub(super) fn open(paths: Vec<PathBuf>) -> Result<Self, Problem> {
        let infos = paths
            .iter()
            .map(|path| Ok(open_npy(path).map_err(|p| p.within(path))?.0.info))
            .collect::<Result<_, Problem>>()?;
        Ok(Self { paths, infos })
    }
}

impl ArrayStore for NpyFiles {
    fn infos(&self) -> &[ArrayInfo] {
        &self.infos
    }

    fn read(&mut self, idx: usize, watch: &mut Watch<'_>) -> Result<Array, Problem> {
        let path = &self.paths[idx];
        let mut read = || {
            let (header, mut reader) = open_npy(path)?;
            let size = path.metadata()?.len();
            npy::read_body(
                &header,
                &mut reader,
                size.saturating_sub(header.n_bytes),
                watch,
            )
        };
        read().map_err(|p| p.within(path))
    }
}

fn open_npy(path: &Path) -> Result<(NpyHeader, BufReader<File>), Problem> {
    let mut reader = BufReader::with_capacity(1 << 16, File::open(path)?);
    let header = npy::read_header(&stem(path), &mut reader)?;
    let size = path.metadata()?.len();
    npy::check_size(&header, size.saturating_sub(header.n_bytes))?;
    Ok((header, reader))
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
        Ok(Self {
            bytes,
            infos: [header.info],
        })
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
}
