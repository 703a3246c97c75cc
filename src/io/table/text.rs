//! Tables of text, plain or packed, cut into runs of whole lines by reads of our own: however long the
//! file is, one run is in memory.

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;
use memchr::{memchr, memchr_iter, memchr2_iter, memrchr};

use super::super::error::Problem;
use super::super::npz::is_bomb;
use super::super::picked::grouped;
use super::bytes::Bytes;

/// Bytes of one run, unless a single line is longer. Tests cut small files into many runs.
const RUN_BYTES: usize = if cfg!(test) { 1 << 10 } else { 8 << 20 };

/// A line of more bytes than this is not one: a row of 256,000 classes has ten times fewer.
const MAX_LINE_BYTES: usize = 64 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How the text is packed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Packing {
    None,
    Gzip,
    Zstd,
}

impl Packing {
    fn of(head: &[u8]) -> Self {
        if head.starts_with(b"\x1f\x8b") {
            Self::Gzip
        } else if head.starts_with(b"\x28\xb5\x2f\xfd") {
            Self::Zstd
        } else {
            Self::None
        }
    }
}

/// The text of one file.
#[derive(Clone)]
pub(in crate::io) struct Text {
    bytes: Bytes,
    packing: Packing,
    /// True if an end of line between quotes is part of a cell.
    quoting: bool,
}

/// Where a run starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::io) struct Place {
    /// Bytes of text before it, once unpacked.
    pub(in crate::io) offset: u64,
    /// Lines before it.
    pub(in crate::io) line: usize,
    /// Rows before it.
    pub(in crate::io) row: usize,
}

impl Text {
    /// The text in `bytes`, unpacked if need be. With `quoting` an end of line between quotes is none.
    pub(super) fn new(bytes: Bytes, quoting: bool) -> Result<Self, Problem> {
        let mut head = Vec::new();
        bytes.reader()?.take(4).read_to_end(&mut head)?;
        let packing = Packing::of(&head);
        Ok(Self { bytes, packing, quoting })
    }

    /// The first `n_bytes` of text, or all of it, without a byte order mark.
    pub(in crate::io) fn head(&self, n_bytes: usize) -> Result<Vec<u8>, Problem> {
        let mut head = Vec::new();
        let reader = self.unpacked(0, &Arc::default())?.take(n_bytes as u64);
        { reader }.read_to_end(&mut head)?;
        if head.starts_with(BYTE_ORDER_MARK) {
            head.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(head)
    }

    /// All of the text, without a byte order mark.
    ///
    /// # Errors
    /// If it is packed so tightly that it is nothing but repetition, or cannot be read.
    pub(in crate::io) fn whole(&self) -> Result<Vec<u8>, Problem> {
        let (n_packed, mut text) = (Arc::new(AtomicU64::new(0)), Vec::new());
        let mut reader = self.unpacked(0, &n_packed)?;
        loop {
            let read = (&mut reader).take(RUN_BYTES as u64);
            let n_read = { read }.read_to_end(&mut text);
            let n_read = n_read.map_err(|e| self.bytes.explain(e.into()))?;
            let n_packed = n_packed.load(Ordering::Relaxed);
            if is_bomb(text.len() as u64, n_packed) {
                return Err(bomb(n_packed, text.len() as u64));
            }
            if n_read < RUN_BYTES {
                break;
            }
        }
        self.bytes.check()?;
        if text.starts_with(BYTE_ORDER_MARK) {
            text.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(text)
    }

    /// The first lines, at most some megabytes of them unless the first is longer, and the length of the
    /// byte order mark before them.
    pub(super) fn first_lines(&self) -> Result<(Vec<u8>, usize), Problem> {
        let run = self.runs(Place::default())?.next_run()?;
        let mut text = run.map_or_else(Vec::new, |run| run.text);
        let n_mark = if text.starts_with(BYTE_ORDER_MARK) {
            text.drain(..BYTE_ORDER_MARK.len()).len()
        } else {
            0
        };
        Ok((text, n_mark))
    }

    /// Reads runs of lines from `start` on.
    pub(in crate::io) fn runs(&self, start: Place) -> Result<Runs<'_>, Problem> {
        let n_bytes = Arc::new(AtomicU64::new(0));
        Ok(Runs {
            text: self,
            reader: self.unpacked(start.offset, &n_bytes)?,
            n_bytes,
            n_packed: 0,
            left: Vec::new(),
            next: start,
            at_end: false,
        })
    }

    /// The text from `offset` on.
    fn unpacked(
        &self,
        offset: u64,
        n_bytes: &Arc<AtomicU64>,
    ) -> Result<Box<dyn Read + Send + '_>, Problem> {
        let mut inner = self.bytes.reader()?;
        if self.packing == Packing::None {
            inner.seek(SeekFrom::Start(offset))?;
        }
        let n_bytes = n_bytes.clone();
        let reader = Counting { inner, n_bytes };
        match self.packing {
            Packing::None => Ok(Box::new(reader)),
            Packing::Gzip => skipping(MultiGzDecoder::new(BufReader::new(reader)), offset),
            Packing::Zstd => skipping(zstd::stream::read::Decoder::new(reader)?, offset),
        }
    }

    /// `problem` within this file.
    pub(super) fn within(&self, problem: Problem) -> Problem {
        self.bytes.within(problem)
    }
}

/// `unpacked` without its first `n_bytes`, which have to be unpacked too.
fn skipping<'a>(
    mut unpacked: impl Read + Send + 'a,
    n_bytes: u64,
) -> Result<Box<dyn Read + Send + 'a>, Problem> {
    std::io::copy(&mut unpacked.by_ref().take(n_bytes), &mut std::io::sink())?;
    Ok(Box::new(unpacked))
}

/// Whole lines.
pub(in crate::io) struct Run {
    pub(in crate::io) text: Vec<u8>,
    pub(in crate::io) span: Span,
}

/// Where a run lies.
#[derive(Clone, Copy, Debug)]
pub(in crate::io) struct Span {
    pub(in crate::io) start: Place,
    /// Bytes of the file that were read for it, packed as they are.
    pub(in crate::io) n_bytes: u64,
}

/// Counts what is read.
struct Counting<R> {
    inner: R,
    n_bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.n_bytes.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// Reads one run after the other.
pub(in crate::io) struct Runs<'a> {
    text: &'a Text,
    reader: Box<dyn Read + Send + 'a>,
    n_bytes: Arc<AtomicU64>,
    /// Bytes of the file that all runs so far took.
    n_packed: u64,
    /// What follows the last whole line that was read.
    left: Vec<u8>,
    next: Place,
    at_end: bool,
}

impl Runs<'_> {
    /// The next lines; `None` at the end. `Place::row` of a run is that of the first one.
    pub(in crate::io) fn next_run(&mut self) -> Result<Option<Run>, Problem> {
        let run = self.read_run();
        let run = run.map_err(|p| self.text.bytes.explain(p))?;
        self.text.bytes.check()?;
        Ok(run)
    }

    fn read_run(&mut self) -> Result<Option<Run>, Problem> {
        let mut text = std::mem::take(&mut self.left);
        let end = loop {
            if self.at_end {
                break text.len();
            }
            let n_wanted = RUN_BYTES.max(text.len() * 2) - text.len();
            let read = (&mut self.reader).take(n_wanted as u64);
            let n_read = { read }.read_to_end(&mut text)?;
            self.at_end = n_read < n_wanted;
            let end = whole_lines(&text, self.text.quoting);
            if end > 0 && !self.at_end {
                break end;
            }
            if text.len() > MAX_LINE_BYTES {
                return Err(self.too_long());
            }
        };
        self.left = text.split_off(end);
        let start = self.next;
        self.next.offset += end as u64;
        self.next.line += memchr_iter(b'\n', &text).count();
        if self.at_end {
            // Empty lines after the last row are none.
            let last = text.iter().rposition(|b| !matches!(b, b'\n' | b'\r'));
            text.truncate(last.map_or(0, |last| last + 1));
        }
        let n_bytes = self.n_bytes.swap(0, Ordering::Relaxed);
        self.n_packed += n_bytes;
        if is_bomb(self.next.offset, self.n_packed) {
            return Err(bomb(self.n_packed, self.next.offset));
        }
        let run = Run { text, span: Span { start, n_bytes } };
        Ok((!run.text.is_empty()).then_some(run))
    }

    fn too_long(&self) -> Problem {
        let row = grouped(self.next.line + 1);
        let problem = Problem::new(format!("row {row}: the line does not end"));
        if self.text.quoting {
            problem.hint("a quote may be opened and not closed")
        } else {
            problem.hint("one row must be one line")
        }
    }
}

fn bomb(n_packed: u64, n_bytes: u64) -> Problem {
    let number = |n: u64| grouped(usize::try_from(n).unwrap_or(usize::MAX));
    Problem::new(format!(
        "{} bytes unpack to more than {}: nothing but repetition, which costs memory",
        number(n_packed),
        number(n_bytes)
    ))
    .hint("if it is meant, unpack it first: `gunzip FILE`, or `unzstd FILE`")
}

/// Where the last whole line of `text` ends; 0 if there is none.
fn whole_lines(text: &[u8], quoting: bool) -> usize {
    if quoting && memchr(b'"', text).is_some() {
        return ends_of_lines(text).last().unwrap_or(0);
    }
    memrchr(b'\n', text).map_or(0, |at| at + 1)
}

/// The ends of the lines of `text` that do not lie between quotes.
fn ends_of_lines(text: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let mut quoted = false;
    memchr2_iter(b'"', b'\n', text).filter_map(move |at| {
        if text[at] == b'"' {
            quoted = !quoted;
            return None;
        }
        (!quoted).then_some(at + 1)
    })
}

/// Cuts whole lines into about `n_parts` parts of whole lines.
pub(super) fn parts_of(text: &[u8], quoting: bool, n_parts: usize) -> Vec<Range<usize>> {
    let n_bytes = text.len().div_ceil(n_parts.max(1)).max(1);
    let mut parts = Vec::new();
    let mut start = 0;
    let mut cut = |end: usize| {
        if end - start >= n_bytes {
            parts.push(start..end);
            start = end;
        }
        start
    };
    if quoting && memchr(b'"', text).is_some() {
        ends_of_lines(text).for_each(|end| {
            cut(end);
        });
    } else {
        let mut from = n_bytes - 1;
        while let Some(at) = text.get(from..).and_then(|rest| memchr(b'\n', rest)) {
            from = cut(from + at + 1) + n_bytes - 1;
        }
    }
    let start = parts.last().map_or(0, |part| part.end);
    if start < text.len() {
        parts.push(start..text.len());
    }
    parts
}

/// The lines of `text` without their ends. One between quotes has several.
pub(in crate::io) fn lines(text: &[u8], quoting: bool) -> Lines<'_> {
    let quoting = quoting && memchr(b'"', text).is_some();
    Lines { text, quoting }
}

/// Goes through the lines of a run.
pub(in crate::io) struct Lines<'a> {
    text: &'a [u8],
    quoting: bool,
}

impl<'a> Lines<'a> {
    /// What was not gone through yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.text
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.text.is_empty() {
            return None;
        }
        let end = if self.quoting {
            ends_of_lines(self.text).next()
        } else {
            memchr(b'\n', self.text).map(|at| at + 1)
        };
        let (line, rest) = self.text.split_at(end.unwrap_or(self.text.len()));
        self.text = rest;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, n_parts: usize) -> Vec<&str> {
        let parts = parts_of(text.as_bytes(), true, n_parts);
        parts.into_iter().map(|part| &text[part]).collect()
    }

    #[test]
    fn parts_are_whole_lines_and_all_of_them() {
        assert_eq!(cut("ab\ncd\nef\n", 3), ["ab\n", "cd\n", "ef\n"]);
        assert_eq!(cut("ab\ncd\nef", 2), ["ab\ncd\n", "ef"]);
        assert_eq!(cut("a\n\"\n\n\n\"\nb\n", 4), ["a\n\"\n\n\n\"\n", "b\n"]);
        assert_eq!(cut("", 2), [""; 0]);
        for n_parts in 1..9 {
            let text = "1,\"a\nb\"\n2,c\n\n3,\"\"\"\n\"\n4,d";
            assert_eq!(cut(text, n_parts).concat(), text);
        }
    }

    #[test]
    fn an_end_of_line_between_quotes_is_none() {
        let text = b"1,\"a\nb\"\r\n2,c\n\n\"d";
        let found: Vec<&[u8]> = lines(text, true).collect();
        assert_eq!(found, [&b"1,\"a\nb\""[..], b"2,c", b"", b"\"d"]);
        let found: Vec<&[u8]> = lines(text, false).collect();
        assert_eq!(found.len(), 5);
        assert_eq!(whole_lines(text, true), text.len() - 2);
    }
}
