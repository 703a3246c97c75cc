//! The .npz format: a zip archive of .npy members, stored or deflated.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use zip::{CompressionMethod, ZipArchive};

use super::array::{Array, ArrayInfo};
use super::array_store::{Access, ArrayStore};
use super::checksum;
use super::error::{Problem, lower_first};
use super::npy;
use super::npy_scores::{Layout, NpyScores};
use super::npz_scores::MemberScores;
use super::progress::Watch;
use super::stamp::Stamp;

/// Deflate cannot shrink further than this, so a larger claim is a lie.
const MAX_DEFLATE_RATIO: u64 = 1032;

/// Bytes that anything may be unpacked to.
const FREE_BYTES: u64 = 256 << 20;
/// What is packed more tightly than this, and is large, repeats itself.
const MAX_RATIO: u64 = 400;

/// True for `n_bytes` packed into `n_packed` that can only be one thing over and over. Logits of a network that was
/// never trained, all 0, pack ten times less tightly once their labels are among them.
pub(super) fn is_bomb(n_bytes: u64, n_packed: u64) -> bool {
    n_bytes > FREE_BYTES && n_bytes > n_packed.saturating_mul(MAX_RATIO)
}

/// An archive whose members' headers are read.
pub(super) struct Npz<R> {
    archive: ZipArchive<R>,
    infos: Vec<ArrayInfo>,
    members: Vec<Member>,
    /// The file, if the archive is one.
    stamp: Option<Stamp>,
}

/// Where an array is.
struct Member {
    /// Its position in the archive.
    idx: usize,
    layout: Option<Layout>,
    /// Where it lies in the file, if it is stored and not packed.
    stored: Option<Stored>,
}

/// A member whose bytes are in the file as they are.
#[derive(Clone, Copy)]
struct Stored {
    /// Bytes of the file before the member.
    start: u64,
    n_bytes: u64,
    /// Bytes of the member before its first element.
    n_header: u64,
    sum: u32,
}

impl Npz<BufReader<File>> {
    /// As [`Npz::open`], of a file.
    pub(super) fn open_path(path: &Path, n_members: usize) -> Result<Self, Problem> {
        let file = File::open(path)?;
        let stamp = Stamp::of(&file, path)?;
        let npz = Self::open_at_most(BufReader::new(file), n_members)?;
        Ok(Self { stamp: Some(stamp), ..npz })
    }
}

impl<R: Read + Seek> Npz<R> {
    /// Reads the directory and the headers, no element.
    pub(super) fn open(reader: R) -> Result<Self, Problem> {
        Self::open_at_most(reader, usize::MAX)
    }

    /// As [`Npz::open`], with no more than the first `n_members`.
    fn open_at_most(reader: R, n_members: usize) -> Result<Self, Problem> {
        let mut archive = open_zip(reader)?;
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
            let header = match npy::read_header(name, &mut member) {
                Ok(header) => header,
                Err(problem) => {
                    drop(member);
                    let name = file_name.trim_end_matches(".npy");
                    return Err(explained(&mut archive, (name, idx), problem));
                }
            };
            npy::check_size(&header, size.saturating_sub(header.n_bytes))?;
            let is_stored = member.compression() == CompressionMethod::Stored;
            let start = member.data_start().filter(|_| is_stored);
            members.push(Member {
                idx,
                layout: Layout::of(&header),
                stored: start.filter(|start| start.checked_add(size).is_some()).map(|start| {
                    Stored { start, n_bytes: size, n_header: header.n_bytes, sum: member.crc32() }
                }),
            });
            infos.push(header.info);
        }
        if infos.is_empty() {
            return Err(Problem::new("the zip archive holds no .npy array")
                .hint("save one: `np.savez(path, logits=logits, labels=labels)`"));
        }
        Ok(Self { archive, infos, members, stamp: None })
    }
}

/// Reads the directory of an archive. Of two members of one name the library would give the last alone.
pub(super) fn open_zip<R: Read + Seek>(reader: R) -> Result<ZipArchive<R>, Problem> {
    let archive = ZipArchive::new(reader).map_err(|e| broken(&e))?;
    if archive.has_duplicate_names() {
        return Err(Problem::new("two members of the zip archive have the same name")
            .hint("`unzip -l FILE` lists them; save it again with each name once"));
    }
    Ok(archive)
}

/// Refuses a member that claims more bytes than its packed ones can hold, or so many more that it is a bomb.
pub(super) fn check_ratio(name: &str, size: u64, packed: u64) -> Result<(), Problem> {
    if is_bomb(size, packed) {
        return Err(Problem::new(format!(
            "{name}: {size} bytes packed into {packed}: nothing but repetition, which costs memory"
        ))
        .hint("if it is meant, save it with `np.savez`, which does not pack"));
    }
    let most = packed.saturating_mul(MAX_DEFLATE_RATIO).saturating_add(1024);
    if size <= most {
        return Ok(());
    }
    Err(Problem::new(format!(
        "{name}: claims {size} bytes, more than {packed} compressed bytes can hold"
    ))
    .hint("copy or save it again"))
}

impl<R: Read + Seek> ArrayStore for Npz<R> {
    fn infos(&self) -> &[ArrayInfo] {
        &self.infos
    }

    fn read(&mut self, idx: usize, watch: &mut Watch<'_>) -> Result<Array, Problem> {
        let name = self.infos[idx].name.clone();
        let member = self.archive.by_index(self.members[idx].idx);
        let mut member = member.map_err(|e| broken(&e))?;
        let size = member.size();
        let header = npy::read_header(&name, &mut member)?;
        let available = size.saturating_sub(header.n_bytes);
        let array = npy::read_body(&header, &mut member, available, watch);
        let rest = array.and_then(|array| {
            checksum::finish(&name, &mut member, &mut || watch.tick()).map(|()| array)
        });
        drop(member);
        self.stamp.as_ref().map_or(Ok(()), Stamp::check)?;
        rest.map_err(|p| explained(&mut self.archive, (&name, self.members[idx].idx), p))
    }

    fn verify(&mut self, idx: usize, watch: &mut Watch<'_>) -> Result<(), Problem> {
        let (Some(stamp), Some(stored)) = (&self.stamp, self.members[idx].stored) else {
            return Ok(());
        };
        let mut file = stamp.open()?;
        file.seek(SeekFrom::Start(stored.start))?;
        let sum = checksum::sum_of(&mut file.take(stored.n_bytes), &mut || watch.tick())?;
        stamp.check()?;
        if sum == stored.sum {
            return Ok(());
        }
        Err(checksum::mismatch(&self.infos[idx].name))
    }

    fn access(&self, idx: usize) -> Access {
        let member = &self.members[idx];
        let (Some(stamp), Some(layout)) = (&self.stamp, member.layout) else {
            return Access::InMemory;
        };
        if let Some(Stored { start, n_header, .. }) = member.stored {
            let raw = Arc::new(NpyScores::new(stamp.clone(), layout, start + n_header));
            return if layout.by_columns { Access::Dear(raw) } else { Access::Cheap(raw) };
        }
        if layout.by_columns {
            return Access::WholeOnly;
        }
        let name = (self.infos[idx].name.clone(), member.idx);
        Access::Dear(Arc::new(MemberScores::new(stamp.clone(), name, layout)))
    }
}

/// `problem`, or that the member is damaged if that is why.
pub(super) fn explained<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    (name, idx): (&str, usize),
    problem: Problem,
) -> Problem {
    if problem.is_cancelled() {
        return problem;
    }
    let whole = archive.by_index(idx).map_err(|e| broken(&e));
    match whole.and_then(|mut member| checksum::finish(name, &mut member, &mut || Ok(()))) {
        Err(damage) => damage,
        Ok(()) => problem,
    }
}

pub(super) fn broken(error: &zip::result::ZipError) -> Problem {
    Problem::new(format!(
        "the zip archive is damaged or truncated: {}",
        lower_first(&error.to_string())
    ))
    .hint("copy or save it again")
}
