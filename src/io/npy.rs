//! The .npy format (`NumPy` enhancement proposal 1, versions 1 to 3): a text header and raw elements.

use std::io::Read;

use half::{bf16, f16};

use super::array::{Array, ArrayInfo, Dtype, Elements};
use super::error::Problem;
use super::progress::Watch;
use super::transpose::transposed;
use crate::data::Values;

/// The first bytes of every .npy file.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// A header longer than this is not one that `NumPy` writes.
const MAX_HEADER_BYTES: usize = 1 << 20;

/// Bytes decoded at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// Everything the header says.
#[derive(Clone, Debug)]
pub(super) struct NpyHeader {
    pub(super) info: ArrayInfo,
    pub(super) big_endian: bool,
    pub(super) fortran_order: bool,
    /// Bytes from the start of the file to the first element.
    pub(super) n_bytes: u64,
}

impl NpyHeader {
    /// For elements that follow no header, row-major.
    pub(super) fn plain(info: ArrayInfo, big_endian: bool) -> Self {
        Self { info, big_endian, fortran_order: false, n_bytes: 0 }
    }

    /// Bytes of all elements, or `None` if the product does not fit or the type is unreadable.
    pub(super) fn body_bytes(&self) -> Option<u64> {
        let size = self.info.dtype.as_ref().ok()?.size();
        let n = self.info.shape.iter().try_fold(size, |n, &d| n.checked_mul(d))?;
        u64::try_from(n).ok()
    }
}

/// Reads the header of the array called `name`, and leaves `reader` at the first element.
pub(super) fn read_header(name: &str, reader: &mut dyn Read) -> Result<NpyHeader, Problem> {
    let mut start = [0; 8];
    reader.read_exact(&mut start)?;
    if !start.starts_with(MAGIC) {
        return Err(Problem::new(format!("{name}: not an .npy array")));
    }
    let n_length_bytes = match start[6] {
        1 => 2,
        2 | 3 => 4,
        version => {
            return Err(Problem::new(format!("{name}: unknown .npy version {version}")));
        }
    };
    let mut length = [0; 4];
    reader.read_exact(&mut length[..n_length_bytes])?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_HEADER_BYTES {
        return Err(Problem::new(format!(
            "{name}: the .npy header claims {length} bytes, which no writer needs"
        ))
        .hint("copy or save it again"));
    }
    let mut text = vec![0; length];
    reader.read_exact(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    let (info, big_endian, fortran_order) = parse_header(name, &text).ok_or_else(|| {
        Problem::new(format!("{name}: the .npy header is not readable: {}", text.trim_end()))
            .hint("copy or save it again")
    })?;
    Ok(NpyHeader { info, big_endian, fortran_order, n_bytes: (8 + n_length_bytes + length) as u64 })
}

/// Parses the dictionary; returns the array, "is big-endian" and "is in Fortran order".
fn parse_header(name: &str, text: &str) -> Option<(ArrayInfo, bool, bool)> {
    let descr = value_of(text, "descr")?;
    let (dtype, big_endian) = match descr.chars().next()? {
        quote @ ('\'' | '"') => parse_descr(descr[1..].split(quote).next()?),
        _ => (Err("structured".to_owned()), false),
    };
    let fortran_order = match value_of(text, "fortran_order")? {
        v if v.starts_with("True") => true,
        v if v.starts_with("False") => false,
        _ => return None,
    };
    let shape = value_of(text, "shape")?.strip_prefix('(')?;
    let shape = shape[..shape.find(')')?]
        .split(',')
        .map(|d| d.trim().trim_end_matches('L'))
        .filter(|d| !d.is_empty())
        .map(|d| d.parse().ok())
        .collect::<Option<Vec<usize>>>()?;
    let info = ArrayInfo { name: name.to_owned(), dtype, shape };
    Some((info, big_endian, fortran_order))
}

/// The text behind `'key':`.
fn value_of<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let at = text.find(&format!("'{key}'")).or_else(|| text.find(&format!("\"{key}\"")))?;
    let rest = text[at + key.len() + 2..].trim_start();
    Some(rest.strip_prefix(':')?.trim_start())
}

/// `<f4` to a type and its byte order; an unreadable type keeps its name.
pub(super) fn parse_descr(descr: &str) -> (Result<Dtype, String>, bool) {
    let order = descr.chars().next().filter(|c| "<>=|".contains(*c));
    let code = &descr[order.map_or(0, char::len_utf8)..];
    let dtype = match code {
        "f2" => Ok(Dtype::F16),
        "f4" => Ok(Dtype::F32),
        "f8" => Ok(Dtype::F64),
        // NumPy has no bfloat16; ml_dtypes writes its elements as two raw bytes.
        "V2" | "bfloat16" => Ok(Dtype::Bf16),
        "b1" | "?" => Ok(Dtype::Bool),
        _ => parse_sized(code).ok_or_else(|| describe(code)),
    };
    (dtype, order == Some('>'))
}

fn parse_sized(code: &str) -> Option<Dtype> {
    let kind = code.chars().next()?;
    let size: usize = code[kind.len_utf8()..].parse().ok()?;
    match (kind, size) {
        ('i' | 'u', 1 | 2 | 4 | 8) => Some(Dtype::Int { signed: kind == 'i', size }),
        ('U', width) => Some(Dtype::Text { wide: true, width }),
        ('S' | 'a', width) => Some(Dtype::Text { wide: false, width }),
        _ => None,
    }
}

fn describe(code: &str) -> String {
    match code.chars().next() {
        Some('O') => "pickled objects".to_owned(),
        Some('c') => "complex".to_owned(),
        Some('M' | 'm') => "dates".to_owned(),
        _ => code.to_owned(),
    }
}

/// Reads the elements that follow `header`; `available` is how many bytes there can be at most.
///
/// Nothing is allocated for a header that claims more than that.
pub(super) fn read_body(
    header: &NpyHeader,
    reader: &mut dyn Read,
    available: u64,
    watch: &mut Watch<'_>,
) -> Result<Array, Problem> {
    let info = &header.info;
    let dtype = *info.dtype.as_ref().map_err(|kind| unreadable(&info.name, kind))?;
    let n_bytes = check_size(header, available)?;
    let mut out = Sink::new(dtype, n_bytes);
    let width = dtype.size().max(1);
    let mut left = n_bytes;
    let whole_elements = (CHUNK_BYTES / width).max(1).saturating_mul(width);
    let mut chunk =
        vec![0; usize::try_from(left).map_or(whole_elements, |n| n.min(whole_elements))];
    while left > 0 {
        let n = usize::try_from(left).map_or(chunk.len(), |left| left.min(chunk.len()));
        reader.read_exact(&mut chunk[..n])?;
        out.push(&mut chunk[..n], header.big_endian);
        left -= n as u64;
        watch.add_bytes(n as u64)?;
    }
    let mut elements = out.finish(info)?;
    if header.fortran_order && info.shape.len() > 1 {
        elements = elements.into_row_major(info)?;
    }
    Ok(Array { info: info.clone(), elements })
}

/// The bytes of all elements, if there are as many.
///
/// # Errors
/// If the header claims more than `available` bytes; elements of an unreadable type claim nothing.
pub(super) fn check_size(header: &NpyHeader, available: u64) -> Result<u64, Problem> {
    let claimed = header.body_bytes();
    if header.info.dtype.is_err() {
        return Ok(0);
    }
    claimed.filter(|n| *n <= available).ok_or_else(|| {
        let claimed = claimed.map_or("too many".to_owned(), |n| n.to_string());
        Problem::new(format!(
            "{}: the header claims {claimed} bytes of numbers and {available} are there; \
             the file is truncated",
            header.info
        ))
        .hint("copy or save it again")
    })
}

pub(super) fn unreadable(name: &str, kind: &str) -> Problem {
    let hint = if kind.starts_with("text") {
        "save it as text of one length: `np.asarray(x).astype(\"S\")`, or the labels as numbers"
    } else {
        "save it as a plain array: `np.save(path, np.asarray(x, dtype=np.float32))`"
    };
    Problem::new(format!("{name}: elements of type {kind} cannot be read")).hint(hint)
}

/// Where decoded elements go.
struct Sink {
    dtype: Dtype,
    elements: Elements,
    too_large: bool,
}

impl Sink {
    fn new(dtype: Dtype, n_bytes: u64) -> Self {
        let n = usize::try_from(n_bytes).unwrap_or(usize::MAX) / dtype.size().max(1);
        let elements = match dtype {
            Dtype::F16 | Dtype::Bf16 | Dtype::F32 => {
                Elements::Float(Values::F32(Vec::with_capacity(n)))
            }
            Dtype::F64 => Elements::Float(Values::F64(Vec::with_capacity(n))),
            Dtype::Int { .. } => Elements::Int(Vec::with_capacity(n)),
            Dtype::Bool => Elements::Bool(Vec::with_capacity(n)),
            Dtype::Text { .. } => Elements::Text(Vec::with_capacity(n)),
        };
        Self { dtype, elements, too_large: false }
    }

    /// Decodes whole elements; `bytes` are brought to little-endian in place first.
    fn push(&mut self, bytes: &mut [u8], big_endian: bool) {
        let unit = match self.dtype {
            Dtype::Text { wide: true, .. } => 4,
            Dtype::Text { wide: false, .. } => 1,
            other => other.size(),
        };
        if big_endian && unit > 1 {
            bytes.chunks_exact_mut(unit).for_each(<[u8]>::reverse);
        }
        match (&mut self.elements, self.dtype) {
            (Elements::Float(Values::F32(out)), Dtype::F16) => {
                out.extend(words(bytes).map(|w: [u8; 2]| f16::from_le_bytes(w).to_f32()));
            }
            (Elements::Float(Values::F32(out)), Dtype::Bf16) => {
                out.extend(words(bytes).map(|w: [u8; 2]| bf16::from_le_bytes(w).to_f32()));
            }
            (Elements::Float(Values::F32(out)), _) => {
                out.extend(words(bytes).map(f32::from_le_bytes));
            }
            (Elements::Float(Values::F64(out)), _) => {
                out.extend(words(bytes).map(f64::from_le_bytes));
            }
            (Elements::Int(out), dtype) => self.too_large |= !push_integers(out, bytes, dtype),
            (Elements::Bool(out), _) => out.extend(bytes.iter().map(|b| *b != 0)),
            (Elements::Text(out), dtype) => push_text(out, bytes, dtype),
        }
    }

    fn finish(self, info: &ArrayInfo) -> Result<Elements, Problem> {
        if self.too_large {
            return Err(Problem::new(format!("{info}: an integer is 2^63 or more")));
        }
        if self.dtype.size() == 0 {
            return Err(Problem::new(format!("{info}: all texts are empty")));
        }
        Ok(self.elements)
    }
}

fn words<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> + '_ {
    bytes.as_chunks::<N>().0.iter().copied()
}

/// Returns false if a number does not fit.
fn push_integers(out: &mut Vec<i64>, bytes: &[u8], dtype: Dtype) -> bool {
    let Dtype::Int { signed, size } = dtype else {
        return true;
    };
    let mut fits = true;
    for word in bytes.chunks_exact(size) {
        let negative = signed && word[size - 1] & 0x80 != 0;
        let mut wide = [if negative { 0xff } else { 0 }; 8];
        wide[..size].copy_from_slice(word);
        let value = i64::from_le_bytes(wide);
        fits &= signed || value >= 0;
        out.push(value);
    }
    fits
}

fn push_text(out: &mut Vec<String>, bytes: &[u8], dtype: Dtype) {
    for element in bytes.chunks_exact(dtype.size().max(1)) {
        let text = match dtype {
            Dtype::Text { wide: true, .. } => words(element)
                .map(|w| char::from_u32(u32::from_le_bytes(w)).unwrap_or('\u{FFFD}'))
                .collect(),
            _ => String::from_utf8_lossy(element).into_owned(),
        };
        out.push(text.trim_end_matches('\0').to_owned());
    }
}

impl Elements {
    fn into_row_major(self, info: &ArrayInfo) -> Result<Self, Problem> {
        let [n_rows, n_cols] = info.shape[..] else {
            return Err(Problem::new(format!(
                "{info}: an array of more than two axes in Fortran order cannot be read"
            ))
            .hint("save `np.ascontiguousarray(x)`"));
        };
        Ok(match self {
            Self::Float(Values::F32(v)) => Self::Float(Values::F32(turned(&v, n_rows, n_cols))),
            Self::Float(Values::F64(v)) => Self::Float(Values::F64(turned(&v, n_rows, n_cols))),
            Self::Int(v) => Self::Int(turned(&v, n_rows, n_cols)),
            Self::Bool(v) => Self::Bool(turned(&v, n_rows, n_cols)),
            Self::Text(v) => Self::Text(turned(&v, n_rows, n_cols)),
        })
    }
}

/// All columns as rows.
fn turned<T: Clone + Default>(columns: &[T], n_rows: usize, n_cols: usize) -> Vec<T> {
    transposed(columns, n_cols, (0, n_rows), Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(descr: &str, fortran: bool, shape: &str, body: &[u8]) -> Result<Array, Problem> {
        let order = if fortran { "True" } else { "False" };
        let text =
            format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
        let mut bytes = b"\x93NUMPY\x02\x00".to_vec();
        bytes.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
        bytes.extend(text.bytes());
        bytes.extend(body);
        let mut reader = &bytes[..];
        let header = read_header("x", &mut reader)?;
        let mut go_on = |_| true;
        let mut watch = Watch::new(&mut go_on, 0)?;
        let available = reader.len() as u64;
        read_body(&header, &mut reader, available, &mut watch)
    }

    fn elements(descr: &str, shape: &str, body: &[u8]) -> Elements {
        read(descr, false, shape, body).unwrap().elements
    }

    #[test]
    fn every_float_type_and_byte_order_is_read_exactly() {
        let f32s = |v: &[f32]| Elements::Float(Values::F32(v.to_vec()));
        assert_eq!(elements("<f2", "(2,)", &[0x00, 0x3c, 0x00, 0xc0]), f32s(&[1.0, -2.0]));
        assert_eq!(elements(">f2", "(1,)", &[0x7c, 0x00]), f32s(&[f32::INFINITY]));
        assert_eq!(elements("<V2", "(1,)", &[0xc0, 0x3f]), f32s(&[1.5]));
        assert_eq!(elements("<f4", "(1, 1)", &1.5f32.to_le_bytes()), f32s(&[1.5]));
        assert_eq!(elements(">f4", "(1,)", &1.5f32.to_be_bytes()), f32s(&[1.5]));
        let f64s = Elements::Float(Values::F64(vec![0.1]));
        assert_eq!(elements(">f8", "(1,)", &0.1f64.to_be_bytes()), f64s);
    }

    #[test]
    fn integers_truths_and_texts_are_read() {
        let ints = |v: &[i64]| Elements::Int(v.to_vec());
        assert_eq!(elements("|i1", "(2,)", &[0xff, 3]), ints(&[-1, 3]));
        assert_eq!(elements("|u1", "(2,)", &[0xff, 3]), ints(&[255, 3]));
        assert_eq!(elements(">i2", "(1,)", &[0xff, 0x9c]), ints(&[-100]));
        assert_eq!(elements("<u4", "(1,)", &[0xff; 4]), ints(&[4_294_967_295]));
        assert_eq!(elements("|b1", "(2,)", &[0, 1]), Elements::Bool(vec![false, true]));
        let texts = Elements::Text(vec!["ab".to_owned(), "c".to_owned()]);
        assert_eq!(elements("|S2", "(2,)", b"abc\0"), texts);
        let wide: Vec<u8> = "abc\0".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        assert_eq!(elements("<U2", "(2,)", &wide), texts);
        assert!(read("<u8", false, "(1,)", &[0xff; 8]).is_err());
    }

    #[test]
    fn fortran_order_is_turned_into_rows() {
        let columns = [1u8, 4, 2, 5, 3, 6];
        let array = read("|u1", true, "(2, 3)", &columns).unwrap();
        assert_eq!(array.elements, Elements::Int(vec![1, 2, 3, 4, 5, 6]));
    }

    #[test]
    fn headers_that_claim_too_much_are_refused_before_allocating() {
        for shape in ["(3,)", "(4000000000000,)", "(9223372036854775807, 9)"] {
            assert!(read("<f4", false, shape, &[0; 8]).is_err(), "{shape}");
        }
        assert!(read("<U999999999999", false, "(0,)", &[]).is_ok());
    }
}
