//! Headers of Parquet pages: Thrift's compact protocol, as far as a page header needs it. Every length is held against
//! the bytes that are left, and a field must have the type that the format gives it: other readers go by its number.

use super::Fault;

/// Structs within structs, at most.
const MAX_DEPTH: u32 = 16;

/// What stands before a page.
pub(super) struct Header {
    pub(super) kind: Kind,
    /// Bytes of the page when unpacked, as claimed.
    pub(super) n_unpacked: usize,
    /// Bytes of the page in the file, as claimed.
    pub(super) n_packed: usize,
}

pub(super) enum Kind {
    Data(Data),
    Dictionary { n_values: usize },
}

/// A page of values.
pub(super) struct Data {
    /// With nulls; in a list column, the entries of all lists.
    pub(super) n_values: usize,
    /// The number of the encoding.
    pub(super) encoding: i64,
    pub(super) levels: Levels,
}

/// Where the levels of a page are.
pub(super) enum Levels {
    /// Before the values and packed with them; the numbers of their encodings.
    V1 { definition: i64, repetition: i64 },
    /// Before the values and not packed.
    V2 {
        n_nulls: usize,
        n_definition: usize,
        n_repetition: usize,
        /// True if the values are packed as the column says.
        packed: bool,
    },
}

impl Header {
    /// Reads the header at the start of `bytes`; gives what comes behind it too.
    pub(super) fn read(bytes: &[u8]) -> Result<(Self, &[u8]), Fault> {
        let mut thrift = Thrift { rest: bytes };
        let header = thrift.header();
        let header = header.ok_or_else(|| Fault::new("the header of a page makes no sense"))?;
        Ok((header, thrift.rest))
    }
}

// The types of fields.
const STOP: u8 = 0;
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const I32: u8 = 5;
const I64: u8 = 6;
const BINARY: u8 = 8;
const STRUCT: u8 = 12;

/// The types of the fields of `Statistics`, from its first field on.
const STATISTICS: &[u8] = &[BINARY, BINARY, I64, I64, BINARY, BINARY, TRUE, TRUE];
const DATA_V1: &[u8] = &[I32, I32, I32, I32, STRUCT];
const DATA_V2: &[u8] = &[I32, I32, I32, I32, I32, I32, TRUE, STRUCT];
const DICTIONARY: &[u8] = &[I32, I32, TRUE];
const PAGE: &[u8] = &[I32, I32, I32, I32, STRUCT, STRUCT, STRUCT, STRUCT];

/// The numbers of a struct by their fields; those that are not there are `None`.
type Numbers = [Option<i64>; 9];

fn natural(number: Option<i64>) -> Option<usize> {
    usize::try_from(number?).ok()
}

/// Bytes in the compact protocol.
struct Thrift<'a> {
    rest: &'a [u8],
}

impl<'a> Thrift<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, n_bytes: u64) -> Option<&'a [u8]> {
        let n_bytes = usize::try_from(n_bytes).ok()?;
        let (taken, rest) = self.rest.split_at_checked(n_bytes)?;
        self.rest = rest;
        Some(taken)
    }

    fn varint(&mut self) -> Option<u64> {
        let (value, rest) = super::varint(self.rest)?;
        self.rest = rest;
        Some(value)
    }

    fn number(&mut self) -> Option<i64> {
        let value = self.varint()?;
        let magnitude = i64::try_from(value >> 1).ok()?;
        Some(if value & 1 == 1 { !magnitude } else { magnitude })
    }

    /// The next field: its number and type, which is [`STOP`] at the end of the struct.
    fn field(&mut self, last: &mut i64) -> Option<(i64, u8)> {
        let byte = self.byte()?;
        if byte == STOP {
            return Some((0, STOP));
        }
        *last = match i64::from(byte >> 4) {
            0 => self.number()?,
            step => last.checked_add(step)?,
        };
        // A number may stand in a byte of its own, but then not with the mark of the end.
        let ty = byte & 15;
        (ty != STOP).then_some((*last, ty))
    }

    fn header(&mut self) -> Option<Header> {
        let mut inner = [[None; 9]; 9];
        let outer = self.fields(PAGE, &mut |field, thrift| {
            let types = match field {
                5 => DATA_V1,
                7 => DICTIONARY,
                8 => DATA_V2,
                _ => return thrift.skip(STRUCT, 1),
            };
            inner[field] = thrift.fields(types, &mut |_, thrift| {
                thrift.fields(STATISTICS, &mut |_, _| None).map(drop)
            })?;
            Some(())
        })?;
        let kind = match outer[1]? {
            0 => Kind::Data(data_v1(&inner[5])?),
            2 => Kind::Dictionary { n_values: natural(inner[7][1])? },
            3 => Kind::Data(data_v2(&inner[8])?),
            _ => return None,
        };
        Some(Header { kind, n_unpacked: natural(outer[2])?, n_packed: natural(outer[3])? })
    }

    /// Reads a struct whose fields have these types; `inner` reads those that are structs.
    fn fields(
        &mut self,
        types: &[u8],
        inner: &mut dyn FnMut(usize, &mut Self) -> Option<()>,
    ) -> Option<Numbers> {
        let (mut numbers, mut last) = ([None; 9], 0);
        loop {
            let (field, ty) = self.field(&mut last)?;
            if ty == STOP {
                return Some(numbers);
            }
            let place = usize::try_from(field).ok().filter(|field| *field > 0);
            let known = place.and_then(|field| Some((field, *types.get(field - 1)?)));
            let Some((field, expected)) = known else {
                self.skip(ty, 1)?;
                continue;
            };
            let fits = ty == expected || (expected == TRUE && ty == FALSE);
            match ty {
                _ if !fits => return None,
                TRUE | FALSE => numbers[field] = Some(i64::from(ty == TRUE)),
                I32 => numbers[field] = Some(i32::try_from(self.number()?).ok()?.into()),
                STRUCT => inner(field, self)?,
                _ => self.skip(ty, 1)?,
            }
        }
    }

    /// Goes past a value of a field.
    fn skip(&mut self, ty: u8, depth: u32) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        match ty {
            TRUE | FALSE => Some(()),
            3 => self.byte().map(drop),
            4..=I64 => self.varint().map(drop),
            7 => self.take(8).map(drop),
            BINARY => {
                let n_bytes = self.varint()?;
                self.take(n_bytes).map(drop)
            }
            9 | 10 => {
                let head = self.byte()?;
                let n = match head >> 4 {
                    15 => self.varint()?,
                    n => n.into(),
                };
                (0..n).try_for_each(|_| self.skip_element(head & 15, depth))
            }
            11 => {
                let n = self.varint()?;
                let types = if n > 0 { self.byte()? } else { 0 };
                (0..n).try_for_each(|_| {
                    self.skip_element(types >> 4, depth)?;
                    self.skip_element(types & 15, depth)
                })
            }
            STRUCT => {
                let mut last = 0;
                loop {
                    match self.field(&mut last)?.1 {
                        STOP => return Some(()),
                        ty => self.skip(ty, depth + 1)?,
                    }
                }
            }
            _ => None,
        }
    }

    /// Truth values take a byte within lists and none as fields.
    fn skip_element(&mut self, ty: u8, depth: u32) -> Option<()> {
        match ty {
            TRUE | FALSE => self.byte().map(drop),
            _ => self.skip(ty, depth + 1),
        }
    }
}

fn data_v1(numbers: &Numbers) -> Option<Data> {
    Some(Data {
        n_values: natural(numbers[1])?,
        encoding: numbers[2]?,
        levels: Levels::V1 { definition: numbers[3]?, repetition: numbers[4]? },
    })
}

fn data_v2(numbers: &Numbers) -> Option<Data> {
    Some(Data {
        n_values: natural(numbers[1])?,
        encoding: numbers[4]?,
        levels: Levels::V2 {
            n_nulls: natural(numbers[2])?,
            n_definition: natural(numbers[5])?,
            n_repetition: natural(numbers[6])?,
            packed: numbers[7].is_none_or(|packed| packed == 1),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of 16 values in 70 bytes, up to its last number.
    const PAGE: &[u8] = &[
        0x15, 0x00, 0x15, 0x8c, 0x01, 0x15, 0x8c, 0x01, 0x2c, 0x15, 0x20, 0x15, 0x12, 0x15, 0x06,
        0x15, 0x06,
    ];

    fn n_values(rest: &[u8]) -> Option<usize> {
        let bytes = [PAGE, rest].concat();
        let (header, behind) = Header::read(&bytes).ok()?;
        assert_eq!((header.n_unpacked, header.n_packed), (70, 70));
        assert_eq!(behind, b"values");
        match header.kind {
            Kind::Data(data) => Some(data.n_values),
            Kind::Dictionary { .. } => None,
        }
    }

    #[test]
    fn a_header_is_read_to_its_end() {
        assert_eq!(n_values(b"\0\0values"), Some(16));
        // Statistics with a text and a count, and a field that is not known: a list of two texts.
        assert_eq!(n_values(b"\x1c\x18\x02ab\x26\x04\0\0\x79\x28\x01a\x01b\0values"), Some(16));
    }

    #[test]
    fn claims_beyond_the_bytes_and_other_types_are_refused() {
        for rest in [
            // A text of four gigabytes, a list of as many, a struct without end, a number for a text.
            &b"\x1c\x18\xff\xff\xff\xff\x0fab\0\0values"[..],
            b"\0\x79\xf8\xff\xff\xff\xff\x0f\x01a\0values",
            b"\0\x7c",
            b"\x1c\x15\x02\0\0values",
            b"",
        ] {
            assert_eq!(n_values(rest), None, "{rest:?}");
        }
        let deep = [b"\0\x7c".as_slice(), &[0x1c; 1000]].concat();
        assert_eq!(n_values(&deep), None);
        // More than 32 bits of values.
        let long = [&PAGE[..10], b"\x80\x80\x80\x80\x40", &PAGE[11..], b"\0\0values"].concat();
        assert!(Header::read(&long).is_err());
    }
}
