//! The bytes of a pickle, from front to back.

use super::super::blob::Blob;
use super::super::error::Problem;

/// Bytes read ahead.
const AHEAD_BYTES: u64 = 1 << 16;

/// Reads a blob from front to back; long runs of bytes can be stepped over.
pub(in crate::io) struct Input {
    blob: Blob,
    /// The next byte's place in the blob.
    at: u64,
    ahead: Vec<u8>,
    /// The place of the first byte of `ahead`.
    ahead_at: u64,
}

impl Input {
    /// Reads `blob` from byte `at` on.
    pub(in crate::io) fn new(blob: Blob, at: u64) -> Self {
        Self { blob, at, ahead: Vec::new(), ahead_at: 0 }
    }

    /// The next byte's place in the blob.
    pub(in crate::io) fn at(&self) -> u64 {
        self.at
    }

    /// Bytes not yet read.
    pub(in crate::io) fn left(&self) -> u64 {
        self.blob.len().saturating_sub(self.at)
    }

    /// The next `N` bytes.
    pub(in crate::io) fn array<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        let start = self.buffered(N as u64)?;
        self.at += N as u64;
        let bytes = self.ahead[start..].first_chunk().copied();
        Ok(bytes.expect("as many bytes were buffered"))
    }

    /// The next byte.
    pub(super) fn byte(&mut self) -> Result<u8, Problem> {
        self.array().map(|[byte]| byte)
    }

    /// The next `n` bytes, copied.
    pub(super) fn bytes(&mut self, n: u64) -> Result<Vec<u8>, Problem> {
        let bytes = self.blob.bytes(self.at, n)?;
        self.at += n;
        Ok(bytes)
    }

    /// The next `n` bytes, left where they are.
    pub(in crate::io) fn skip(&mut self, n: u64) -> Result<Blob, Problem> {
        let part = self.blob.part(self.at, n).ok_or_else(ends_early)?;
        self.at += n;
        Ok(part)
    }

    /// The bytes up to the next line feed, which is stepped over.
    pub(super) fn line(&mut self) -> Result<Vec<u8>, Problem> {
        let mut line = Vec::new();
        loop {
            match self.byte()? {
                b'\n' => return Ok(line),
                byte => line.push(byte),
            }
        }
    }

    /// Makes sure that `n` bytes are read ahead, and says where in `ahead` they begin.
    fn buffered(&mut self, n: u64) -> Result<usize, Problem> {
        let held = self.at.checked_sub(self.ahead_at);
        let held = held.filter(|from| from + n <= self.ahead.len() as u64);
        let from = if let Some(from) = held {
            from
        } else {
            let n_ahead = self.left().min(AHEAD_BYTES.max(n));
            if n_ahead < n {
                return Err(ends_early());
            }
            self.ahead = self.blob.bytes(self.at, n_ahead)?;
            self.ahead_at = self.at;
            0
        };
        Ok(usize::try_from(from).expect("a place in a buffer in memory"))
    }
}

fn ends_early() -> Problem {
    Problem::new("the pickle ends early; the file is truncated").hint("copy or save it again")
}
