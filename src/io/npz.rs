//! The .npz format: a zip archive of .npy members, stored or deflated.

use std::io::{Read, Seek};

use zip::ZipArchive;

use super::array::{Array, ArrayInfo};
use super::error::{Problem, lower_first};
use super::npy;
use super::progress::Watch;

/// Deflate cannot shrink further than this, so a larger claim is a lie.
const MAX_DEFLATE_RATIO: u64 = 1032;

/// An archive whose members' headers are read.
pub(super) struct Npz<R> {
    archive: ZipArchive<R>,
    infos: Vec<ArrayInfo>,
    /// Position of each array in the archive.
    members: Vec<usize>,
}

impl<R: Read + Seek> Npz<R> {
    /// Reads the directory and the headers, no element.
    pub(super) fn open(reader: R) -> Result<Self, Problem> {
        Self::open_at_most(reader, usize::MAX)
    }

    /// As [`Npz::open`], with no more than the first `n_members`.
    pub(super) fn open_at_most(reader: R, n_members: usize) -> Result<Self, Problem> {
        let mut archive = ZipArchive::new(reader).map_err(|e| broken(&e))?;
        let mut infos = Vec::new();
        let mut members = Vec::new();
        for idx in 0..archive.len().min(n_members) {
            let mut member = archive.by_index(idx).map_err(|e| broken(&e))?;
            let file_name = member.name().map_err(|e| broken(&e))?.into_owned();
            let Some(name) = file_name.strip_suffix(".npy") else {
                continue;
            };
            let (size, packed) = (member.size(), member.compressed_size());
            check_ratio(name, size, packed)?;
            let header = npy::read_header(name, &mut member)?;
            npy::check_size(&header, size.saturating_sub(header.n_bytes))?;
            infos.push(header.info);
            members.push(idx);
        }
        if infos.is_empty() {
            return Err(Problem::new("the zip archive holds no .npy array"));
        }
        Ok(Self {
            archive,
            infos,
            members,
        })
    }

    /// What is inside.
    pub(super) fn infos(&self) -> &[ArrayInfo] {
        &self.infos
    }

    /// Reads array `idx`.
    pub(super) fn read(&mut self, idx: usize, watch: &mut Watch<'_>) -> Result<Array, Problem> {
        let name = self.infos[idx].name.clone();
        let mut member = self
            .archive
            .by_index(self.members[idx])
            .map_err(|e| broken(&e))?;
        let size = member.size();
        let header = npy::read_header(&name, &mut member)?;
        let available = size.saturating_sub(header.n_bytes);
        npy::read_body(&header, &mut member, available, watch)
    }
}

/// Refuses a member that claims more bytes than its packed ones can hold.
pub(super) fn check_ratio(name: &str, size: u64, packed: u64) -> Result<(), Problem> {
    let most = packed
        .saturating_mul(MAX_DEFLATE_RATIO)
        .saturating_add(1024);
    if size <= most {
        return Ok(());
    }
    Err(Problem::new(format!(
        "{name}: claims {size} bytes, more than {packed} compressed bytes can hold"
    )))
}

pub(super) fn broken(error: &zip::result::ZipError) -> Problem {
    Problem::new(format!(
        "the zip archive is damaged or truncated: {}",
        lower_first(&error.to_string())
    ))
    .hint("copy or save it again")
}
