//! What `llama-perplexity --kl-divergence-base FILE` of llama.cpp writes: the tokens of a text, and for the
//! second half of every context the log-probabilities of all tokens, packed to 16 bits each.
//!
//! Read from `tools/perplexity/perplexity.cpp` of llama.cpp. All numbers are little-endian:
//!
//! ```text
//! "_logits_"  u32 n_ctx  i32 n_vocab  i32 n_chunk  i32 token[n_chunk * n_ctx]
//! n_chunk times, n_ctx - 1 - n_ctx / 2 rows:  f32 scale  f32 min  u16 code[n_vocab]  (u16 of nothing if n_vocab is odd)
//! ```
//!
//! A log-probability is `scale * code + min`. Row j of a chunk speaks of the token at place `n_ctx` / 2 + j + 1. What
//! was more than 16 below the row's largest was raised to 16 below it before it was packed.

use std::ops::Range;
use std::sync::Arc;

use super::array::{Array, ArrayInfo, Dtype, Elements};
use super::array_store::{Access, ArrayStore};
use super::blob::Blob;
use super::error::Problem;
use super::picked::{Known, grouped, guess};
use super::progress::Watch;
use super::raw::{Deliver, RawScores, Spare, block_rows, f64_buffer};
use crate::data::{Guess, Kind, Values};

/// The first bytes of such a file.
pub(super) const MAGIC: &[u8] = b"_logits_";

/// Bytes before the tokens.
const HEADER_BYTES: u64 = 20;

/// Bytes of scale and minimum before the codes of a row.
const PREFIX_BYTES: usize = 8;

/// Where everything lies.
#[derive(Clone, Copy, Debug)]
struct Layout {
    n_ctx: usize,
    n_vocab: usize,
    n_chunk: usize,
    /// Rows of one chunk.
    n_here: usize,
    /// Bytes of one row.
    row_bytes: usize,
    /// Bytes before the first row.
    start: u64,
}

impl Layout {
    fn n_rows(&self) -> usize {
        self.n_chunk * self.n_here
    }

    /// The layout that the header claims, if the file holds as much and no more.
    fn of(header: &[u8], n_bytes: u64) -> Result<Self, Problem> {
        let word = |at: usize| header.get(at..at + 4).and_then(|b| b.try_into().ok());
        let number = |at: usize| word(at).map(i32::from_le_bytes);
        let (Some(n_ctx), Some(n_vocab), Some(n_chunk)) = (number(8), number(12), number(16))
        else {
            return Err(cut("within its header"));
        };
        let count = |n: i32| usize::try_from(n).ok();
        let sensible = || {
            let (n_ctx, n_vocab, n_chunk) = (count(n_ctx)?, count(n_vocab)?, count(n_chunk)?);
            let n_here = n_ctx.checked_sub(1 + n_ctx / 2).filter(|n| *n > 0)?;
            (n_vocab > 1 && n_chunk > 0).then_some(Self {
                n_ctx,
                n_vocab,
                n_chunk,
                n_here,
                row_bytes: PREFIX_BYTES + 2 * n_vocab.next_multiple_of(2),
                start: (4 * n_chunk as u64)
                    .saturating_mul(n_ctx as u64)
                    .saturating_add(HEADER_BYTES),
            })
        };
        let layout = sensible().ok_or_else(|| {
            Problem::new(format!(
                "its header speaks of {n_chunk} contexts of {n_ctx} tokens and a vocabulary of \
                 {n_vocab}, which is no file that llama.cpp writes"
            ))
            .hint(AGAIN)
        })?;
        layout.check(n_bytes).map(|()| layout)
    }

    /// The file holds all rows and nothing else.
    fn check(&self, n_bytes: u64) -> Result<(), Problem> {
        let chunk_bytes = (self.n_here as u64).checked_mul(self.row_bytes as u64);
        let all = chunk_bytes.and_then(|n| n.checked_mul(self.n_chunk as u64));
        let expected = all.and_then(|n| n.checked_add(self.start));
        if expected == Some(n_bytes) {
            return Ok(());
        }
        let Some(rows) = n_bytes.checked_sub(self.start) else {
            return Err(cut("within its tokens"));
        };
        let n_whole = rows / chunk_bytes.unwrap_or(u64::MAX);
        if n_whole < self.n_chunk as u64 {
            let count = |n: u64| grouped(usize::try_from(n).unwrap_or(usize::MAX));
            return Err(cut(&format!(
                "after {} of the {} contexts that its header counts",
                count(n_whole),
                count(self.n_chunk as u64)
            )));
        }
        Err(Problem::new("bytes follow the last context that its header counts").hint(AGAIN))
    }
}

/// What to do about a file that is not whole.
const AGAIN: &str = "llama-perplexity -m MODEL -f TEXT --kl-divergence-base FILE writes it again";

fn cut(place: &str) -> Problem {
    Problem::new(format!(
        "the file ends {place}: it was cut, or llama-perplexity did not come to its end"
    ))
    .hint(AGAIN)
}

/// Such a file, as a container of the arrays `logits` and `labels`.
pub(super) struct Kld {
    blob: Blob,
    layout: Layout,
    infos: [ArrayInfo; 2],
}

impl Kld {
    /// What is known of the scores: they are log-probabilities, whose sum is 1 but for the packing.
    pub(super) const KNOWN: Known = Known {
        kind: Kind::LogProbs,
        evidence: "llama.cpp packs log-probabilities",
        are_choices: false,
    };

    /// Reads the header, and no row.
    ///
    /// # Errors
    /// If the file is shorter or longer than its header says.
    pub(super) fn open(blob: &Blob) -> Result<Self, Problem> {
        let header = blob.bytes(0, HEADER_BYTES.min(blob.len()))?;
        let layout = Layout::of(&header, blob.len())?;
        let info =
            |name: &str, dtype, shape| ArrayInfo { name: name.to_owned(), dtype: Ok(dtype), shape };
        let n_rows = layout.n_rows();
        Ok(Self {
            blob: blob.clone(),
            layout,
            infos: [
                info("logits", Dtype::F64, vec![n_rows, layout.n_vocab]),
                info("labels", WHOLE, vec![n_rows]),
            ],
        })
    }

    /// What packing has cost.
    pub(super) fn precision() -> Guess {
        guess(
            "precision",
            "65,536 steps between the largest score of a row and its smallest",
            "llama.cpp raises what is more than 16 below the largest to 16 below it: the tail of every \
             row is flatter than the model's",
        )
    }

    /// The next token of each row.
    fn labels(&self) -> Result<Vec<i64>, Problem> {
        let Layout { n_ctx, n_here, .. } = self.layout;
        let tokens = self.blob.bytes(HEADER_BYTES, self.layout.start - HEADER_BYTES)?;
        let tokens = tokens.chunks_exact(4 * n_ctx).flat_map(|context| {
            let (tokens, _) = context.as_chunks::<4>();
            tokens[n_ctx - n_here..].iter()
        });
        Ok(tokens.map(|t| i64::from(i32::from_le_bytes(*t))).collect())
    }
}

/// The type of the labels.
const WHOLE: Dtype = Dtype::Int { signed: true, size: 8 };

impl ArrayStore for Kld {
    fn infos(&self) -> &[ArrayInfo] {
        &self.infos
    }

    fn read(&mut self, idx: usize, _: &mut Watch<'_>) -> Result<Array, Problem> {
        let elements = if idx == 0 {
            let scores = KldScores::new(self);
            let rows: Vec<usize> = (0..scores.n_rows()).collect();
            Elements::Float(Values::F64(scores.decoded(&rows)?))
        } else {
            Elements::Int(self.labels()?)
        };
        Ok(Array { info: self.infos[idx].clone(), elements })
    }

    fn access(&self, idx: usize) -> Access {
        if idx == 0 { Access::Cheap(Arc::new(KldScores::new(self))) } else { Access::InMemory }
    }
}

/// The rows, unpacked block by block.
struct KldScores {
    blob: Blob,
    layout: Layout,
}

impl KldScores {
    fn new(file: &Kld) -> Self {
        Self { blob: file.blob.clone(), layout: file.layout }
    }

    /// Appends the log-probabilities of the rows of `range`; `bytes` is room for them as they are stored.
    fn append(
        &self,
        range: Range<usize>,
        bytes: &mut Vec<u8>,
        out: &mut Vec<f64>,
    ) -> Result<(), Problem> {
        let Layout { n_vocab, row_bytes, start, .. } = self.layout;
        bytes.resize(range.len() * row_bytes, 0);
        let at = start + range.start as u64 * row_bytes as u64;
        self.blob.read_exact_at(bytes, at)?;
        for row in bytes.chunks_exact(row_bytes) {
            let (prefix, codes) = row.split_at(PREFIX_BYTES);
            let (prefix, _) = prefix.as_chunks::<4>();
            let [scale, min] = [prefix[0], prefix[1]].map(|b| f64::from(f32::from_le_bytes(b)));
            let (codes, _) = codes.as_chunks::<2>();
            let codes = codes[..n_vocab].iter();
            out.extend(codes.map(|c| scale * f64::from(u16::from_le_bytes(*c)) + min));
        }
        Ok(())
    }

    /// The rows with these ascending indices.
    fn decoded(&self, wanted: &[usize]) -> Result<Vec<f64>, Problem> {
        let (mut bytes, mut out) = (Vec::new(), Vec::new());
        for run in wanted.chunk_by(|a, b| a + 1 == *b) {
            let end = run[0] + run.len();
            let n_block = block_rows(self.layout.n_vocab, size_of::<f64>());
            for first in (run[0]..end).step_by(n_block) {
                self.append(first..end.min(first + n_block), &mut bytes, &mut out)?;
            }
        }
        Ok(out)
    }
}

impl RawScores for KldScores {
    fn n_rows(&self) -> usize {
        self.layout.n_rows()
    }

    fn n_cols(&self) -> usize {
        self.layout.n_vocab
    }

    /// The type of the codes; what they stand for is read as f64.
    fn dtype(&self) -> Dtype {
        Dtype::Int { signed: false, size: 2 }
    }

    fn read(
        &self,
        range: Range<usize>,
        spare: &mut Spare<'_>,
        deliver: &mut Deliver<'_>,
    ) -> Result<(), Problem> {
        let n_block = block_rows(self.layout.n_vocab, size_of::<f64>());
        let mut bytes = Vec::new();
        for start in range.clone().step_by(n_block) {
            let mut block = f64_buffer(spare());
            block.clear();
            self.append(start..range.end.min(start + n_block), &mut bytes, &mut block)?;
            deliver(Values::F64(block))?;
        }
        Ok(())
    }

    fn rows(&self, wanted: &[usize], _: &mut Watch<'_>) -> Result<Values, Problem> {
        Ok(Values::F64(self.decoded(wanted)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of two contexts of 5 tokens and a vocabulary of 3: two rows each.
    fn file() -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for word in [5i32, 3, 2, 0, 1, 2, 0, 1, 2, 2, 1, 1, 0] {
            bytes.extend(word.to_le_bytes());
        }
        for row in 0..4u8 {
            bytes.extend(0.5f32.to_le_bytes());
            bytes.extend((-8.0 - f32::from(row)).to_le_bytes());
            for code in [0u16, 16, 65535, 7] {
                bytes.extend(code.to_le_bytes());
            }
        }
        bytes
    }

    fn said(bytes: &[u8]) -> String {
        let error = Kld::open(&Blob::held(bytes)).err();
        error.map_or("none".to_owned(), |e| e.message().to_owned())
    }

    #[test]
    fn codes_and_tokens_lie_where_llama_cpp_puts_them() {
        let mut kld = Kld::open(&Blob::held(file())).expect("whole");
        assert_eq!(kld.infos[0].shape, [4, 3]);
        // n_ctx / 2 + 1 = 3: the fourth and fifth token of each context.
        assert_eq!(kld.labels().expect("tokens"), [0, 1, 1, 0]);
        let mut go_on = |_| true;
        let watch = &mut Watch::new(&mut go_on, 0).expect("goes on");
        let all = kld.read(0, watch).expect("rows").elements;
        let row = |min: f64| [min, min + 8.0, min + 32767.5];
        let rows = [-8.0, -9.0, -10.0, -11.0].map(row).concat();
        assert_eq!(all, Elements::Float(Values::F64(rows)));
        let some = KldScores::new(&kld).rows(&[1, 3], watch).expect("rows");
        assert_eq!(some, Values::F64([-9.0, -11.0].map(row).concat()));
    }

    #[test]
    fn a_file_that_is_not_whole_is_refused_before_anything_is_allocated() {
        let whole = file();
        assert_eq!(said(&whole), "none");
        for (n, place) in [
            (12, "within its header"),
            (40, "within its tokens"),
            (whole.len() - 1, "after 1 of the 2 contexts"),
            (70, "after 0 of the 2 contexts"),
        ] {
            let message = said(&whole[..n]);
            assert!(message.contains(place), "{n}: {message}");
        }
        let longer = [&whole[..], &[0]].concat();
        assert!(said(&longer).contains("bytes follow"));
        for (place, word) in [(8, 2), (8, -1), (12, 1), (12, -5), (16, 0), (16, -1)] {
            let mut odd = whole.clone();
            odd[place..place + 4].copy_from_slice(&i32::to_le_bytes(word));
            assert!(said(&odd).contains("no file that llama.cpp writes"), "{word}");
        }
        for place in [8, 12, 16] {
            let mut huge = whole.clone();
            huge[place..place + 4].copy_from_slice(&i32::MAX.to_le_bytes());
            assert!(said(&huge).contains("the file ends"), "{place}");
        }
    }
}
