//! Scores as .npy and .npz.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::error::{Problem, lower_first};
use super::write::{RowWriter, Scores};
use crate::data::{Kind, Label};

/// A matrix of f64.
pub(super) struct NpyWriter<W> {
    file: W,
}

impl<W: Write> NpyWriter<W> {
    /// Writes the header.
    pub(super) fn new(mut file: W, scores: &Scores<'_>) -> Result<Self, Problem> {
        let shape = format!("({}, {})", scores.n_rows, scores.columns.len());
        file.write_all(&npy_header("<f8", &shape))?;
        Ok(Self { file })
    }
}

impl<W: Write> RowWriter for NpyWriter<W> {
    fn write(&mut self, rows: &[f64]) -> Result<(), Problem> {
        if cfg!(target_endian = "little") {
            return Ok(self.file.write_all(bytemuck::cast_slice(rows))?);
        }
        for value in rows {
            self.file.write_all(&value.to_le_bytes())?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), Problem> {
        Ok(())
    }
}

/// An archive of the matrix and the labels.
pub(super) struct NpzWriter<'a> {
    matrix: NpyWriter<ZipWriter<Once<'a>>>,
    labels: Option<&'a [Label]>,
}

impl<'a> NpzWriter<'a> {
    /// Begins the matrix.
    pub(super) fn new(file: &'a mut BufWriter<File>, scores: &Scores<'a>) -> Result<Self, Problem> {
        let mut archive = ZipWriter::new(Once { file, failed: false });
        let name = match scores.kind {
            Kind::Logits => "logits",
            Kind::LogProbs => "log_probs",
            Kind::Probs | Kind::Sigmoid => "probs",
        };
        start_member(&mut archive, name)?;
        Ok(Self { matrix: NpyWriter::new(archive, scores)?, labels: scores.labels })
    }
}

impl RowWriter for NpzWriter<'_> {
    fn write(&mut self, rows: &[f64]) -> Result<(), Problem> {
        self.matrix.write(rows)
    }

    fn finish(self: Box<Self>) -> Result<(), Problem> {
        let mut archive = self.matrix.file;
        if let Some(labels) = self.labels {
            start_member(&mut archive, "labels")?;
            archive.write_all(&npy_header("<i8", &format!("({},)", labels.len())))?;
            for label in labels {
                archive.write_all(&label.as_i64().to_le_bytes())?;
            }
        }
        archive.finish().map_err(|e| from_zip(&e))?;
        Ok(())
    }
}

/// A file that is not written to again once that failed: an archive tries to end itself when it is dropped, and prints
/// that it could not.
struct Once<'a> {
    file: &'a mut BufWriter<File>,
    failed: bool,
}

impl Once<'_> {
    fn attempt<T>(
        &mut self,
        otherwise: T,
        run: impl FnOnce(&mut BufWriter<File>) -> io::Result<T>,
    ) -> io::Result<T> {
        if self.failed {
            return Ok(otherwise);
        }
        run(self.file).inspect_err(|_| self.failed = true)
    }
}

impl Write for Once<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.attempt(bytes.len(), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.attempt((), Write::flush)
    }
}

impl Seek for Once<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.attempt(0, |file| file.seek(to))
    }
}

fn start_member<W: Write + Seek>(archive: &mut ZipWriter<W>, name: &str) -> Result<(), Problem> {
    // As `np.savez` does: floats hardly shrink, and stored members can be read in place.
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .large_file(true);
    let name = format!("{name}.npy");
    archive.start_file(name, options).map_err(|e| from_zip(&e))
}

fn from_zip(error: &zip::result::ZipError) -> Problem {
    Problem::new(lower_first(&error.to_string()))
}

/// Version 1.0; the elements start at a multiple of 64 bytes, as `NumPy` aligns them.
fn npy_header(descr: &str, shape: &str) -> Vec<u8> {
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    while !(10 + text.len() + 1).is_multiple_of(64) {
        text.push(' ');
    }
    text.push('\n');
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    header.extend(length.to_le_bytes());
    header.extend(text.bytes());
    header
}
