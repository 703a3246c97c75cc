//! Stored numbers to f32 and f64, read straight into the block where they stay.

use std::io::{self, Read};

use half::slice::{HalfBitsSliceExt, HalfFloatSliceExt};
use half::{bf16, f16};

use super::array::Dtype;
use super::raw::{f32_buffer, f64_buffer};
use crate::data::Values;

/// Numbers that are converted at a time, so that they are still in the cache.
const CHUNK: usize = 32 << 10;

/// Reads numbers of one type.
#[derive(Debug)]
pub(super) struct FloatReader {
    dtype: Dtype,
    /// True if the bytes of a number are stored in the other order than this machine's.
    swap: bool,
    /// What was read and not converted yet.
    words: Vec<u16>,
    bytes: Vec<u8>,
}

impl FloatReader {
    /// For numbers stored as `dtype`.
    pub(super) fn new(dtype: Dtype, big_endian: bool) -> Self {
        Self {
            dtype,
            swap: big_endian != cfg!(target_endian = "big"),
            words: Vec::new(),
            bytes: Vec::new(),
        }
    }

    /// The next `n` numbers of `reader`: 16-bit floats as f32, which holds them exactly, integers as f64.
    /// `buffer` is filled if it is of that type.
    ///
    /// # Errors
    /// If there are fewer, or the type is one of text.
    pub(super) fn read(
        &mut self,
        reader: &mut dyn Read,
        n: usize,
        buffer: Values,
    ) -> io::Result<Values> {
        match self.dtype {
            Dtype::F32 => {
                let mut out = sized(f32_buffer(buffer), n);
                reader.read_exact(bytemuck::cast_slice_mut(&mut out))?;
                if self.swap {
                    let words: &mut [u32] = bytemuck::cast_slice_mut(&mut out);
                    for w in words {
                        *w = w.swap_bytes();
                    }
                }
                Ok(Values::F32(out))
            }
            Dtype::F64 => {
                let mut out = sized(f64_buffer(buffer), n);
                reader.read_exact(bytemuck::cast_slice_mut(&mut out))?;
                if self.swap {
                    let words: &mut [u64] = bytemuck::cast_slice_mut(&mut out);
                    for w in words {
                        *w = w.swap_bytes();
                    }
                }
                Ok(Values::F64(out))
            }
            Dtype::F16 => self.read_half(reader, sized(f32_buffer(buffer), n), |words, out| {
                words.reinterpret_cast::<f16>().convert_to_f32_slice(out);
            }),
            Dtype::Bf16 => self.read_half(reader, sized(f32_buffer(buffer), n), |words, out| {
                words.reinterpret_cast::<bf16>().convert_to_f32_slice(out);
            }),
            Dtype::Int { signed, size } => {
                self.read_whole(reader, sized(f64_buffer(buffer), n), (signed, size))
            }
            Dtype::Bool | Dtype::Text { .. } => Err(io::Error::other("these are no numbers")),
        }
    }

    fn read_half(
        &mut self,
        reader: &mut dyn Read,
        mut out: Vec<f32>,
        convert: impl Fn(&[u16], &mut [f32]),
    ) -> io::Result<Values> {
        self.words.resize(CHUNK, 0);
        for out in out.chunks_mut(CHUNK) {
            let words = &mut self.words[..out.len()];
            reader.read_exact(bytemuck::cast_slice_mut(words))?;
            if self.swap {
                for w in &mut *words {
                    *w = w.swap_bytes();
                }
            }
            convert(words, out);
        }
        Ok(Values::F32(out))
    }

    fn read_whole(
        &mut self,
        reader: &mut dyn Read,
        mut out: Vec<f64>,
        (signed, size): (bool, usize),
    ) -> io::Result<Values> {
        let little = self.swap == cfg!(target_endian = "big");
        self.bytes.resize(CHUNK * size, 0);
        for out in out.chunks_mut(CHUNK) {
            let bytes = &mut self.bytes[..out.len() * size];
            reader.read_exact(bytes)?;
            for (out, word) in out.iter_mut().zip(bytes.chunks_exact_mut(size)) {
                if !little {
                    word.reverse();
                }
                *out = whole(word, signed);
            }
        }
        Ok(Values::F64(out))
    }
}

/// The integer in the little-endian bytes of `word`, to the nearest f64.
fn whole(word: &[u8], signed: bool) -> f64 {
    let negative = signed && word.last().is_some_and(|high| high & 0x80 != 0);
    let mut wide = [if negative { 0xff } else { 0 }; 8];
    wide[..word.len()].copy_from_slice(word);
    if signed { i64::from_le_bytes(wide) as f64 } else { u64::from_le_bytes(wide) as f64 }
}

/// `n` numbers, whichever: memory that is new is not written twice.
fn sized<T: Clone + Default>(mut buffer: Vec<T>, n: usize) -> Vec<T> {
    if buffer.capacity() < n {
        return vec![T::default(); n];
    }
    buffer.resize(n, T::default());
    buffer
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers in these bytes, read into a stale buffer.
    fn read(dtype: Dtype, big_endian: bool, mut bytes: &[u8]) -> Values {
        let mut reader = FloatReader::new(dtype, big_endian);
        let n = bytes.len() / dtype.size();
        let stale = Values::F32(vec![7.0; 5]);
        reader.read(&mut bytes, n, stale).expect("as many numbers")
    }

    #[test]
    fn every_type_and_byte_order_is_read_exactly() {
        let f32s = |v: &[f32]| Values::F32(v.to_vec());
        let f64s = |v: &[f64]| Values::F64(v.to_vec());
        let int = |signed, size| Dtype::Int { signed, size };
        let cases = [
            (Dtype::F16, false, vec![0x00, 0x3c, 0x00, 0xc0], f32s(&[1.0, -2.0])),
            (Dtype::F16, true, vec![0x7c, 0x00], f32s(&[f32::INFINITY])),
            (Dtype::Bf16, false, vec![0xc0, 0x3f], f32s(&[1.5])),
            (Dtype::Bf16, true, vec![0x3f, 0xc0], f32s(&[1.5])),
            (Dtype::F32, false, 1.5f32.to_le_bytes().to_vec(), f32s(&[1.5])),
            (Dtype::F32, true, 1.5f32.to_be_bytes().to_vec(), f32s(&[1.5])),
            (Dtype::F64, false, 0.1f64.to_le_bytes().to_vec(), f64s(&[0.1])),
            (Dtype::F64, true, 0.1f64.to_be_bytes().to_vec(), f64s(&[0.1])),
            (int(true, 1), false, vec![0xff, 3], f64s(&[-1.0, 3.0])),
            (int(false, 1), false, vec![0xff, 3], f64s(&[255.0, 3.0])),
            (int(true, 2), true, vec![0xff, 0x9c], f64s(&[-100.0])),
            (int(false, 8), false, vec![0xff; 8], f64s(&[u64::MAX as f64])),
        ];
        for (dtype, big_endian, bytes, expected) in cases {
            assert_eq!(read(dtype, big_endian, &bytes), expected, "{dtype} {big_endian}");
        }
    }

    #[test]
    fn long_arrays_are_converted_piece_by_piece() {
        let n = 2 * CHUNK + 17;
        let bytes: Vec<u8> =
            (0..n).flat_map(|i| f16::from_f64((i % 2000) as f64).to_le_bytes()).collect();
        let Values::F32(values) = read(Dtype::F16, false, &bytes) else { panic!("f32") };
        assert!(
            values
                .iter()
                .enumerate()
                .all(|(i, v)| f64::from(*v).to_bits() == ((i % 2000) as f64).to_bits())
        );
        let mut short = &bytes[1..];
        let missing = FloatReader::new(Dtype::F16, false).read(&mut short, n, Values::default());
        assert!(missing.is_err());
    }
}
