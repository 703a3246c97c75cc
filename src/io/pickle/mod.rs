//! Pickles of tensors and arrays, read without running anything.
//!
//! A pickle is a program for a stack machine that may call any Python function by name. This reader
//! knows the machine's instructions (protocols 0 to 5) and the dozen constructors that `torch.save`
//! and `NumPy` write ([`allowed`]). What those would build is noted down as a place of bytes; every
//! other name is refused. Nothing is executed, and memory stays within
//! 256 times the bytes read (in practice a few times): each instruction leaves at most one value
//! behind, and lengths are checked against the bytes that are left before anything is allocated.

mod allowed;
mod calls;
mod input;
mod machine;
mod merge;
mod named;
mod text;
mod tree;
mod value;

#[cfg(test)]
mod tests;

pub(super) use input::Input;
pub(super) use machine::load;
pub(super) use named::{Named, name_arrays};
pub(super) use tree::Gathered;
pub(super) use value::{Data, PickledArray};

/// True if these first bytes of a file are those of a pickle: the mark of protocols 2 to 5, or what
/// protocols 0 and 1 begin an array, a dictionary, a list or a tuple with, or any other call.
pub(super) fn is_pickle(head: &[u8]) -> bool {
    let starts = |beginnings: &[&[u8]]| beginnings.iter().any(|b| head.starts_with(b));
    match head {
        [0x80, protocol, ..] => (2..=5).contains(protocol),
        [b'c', rest @ ..] | [b'(', b'c', rest @ ..] | [b'(', b'(', b'c', rest @ ..] => {
            is_call(rest)
        }
        _ => starts(&[b"(dp0\n", b"(lp0\n", b"(tp0\n", b"}q\0", b"]q\0"]),
    }
}

/// A module, a name, and an instruction of what to do with it.
fn is_call(head: &[u8]) -> bool {
    let mut lines = head.splitn(3, |b| *b == b'\n');
    let is_name = |line: Option<&[u8]>| {
        let word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.');
        line.is_some_and(|line| !line.is_empty() && line.iter().all(word))
    };
    let names = is_name(lines.next()) && is_name(lines.next());
    let next = lines.next().unwrap_or_default();
    let is_next = matches!(next, [b'p', b'0'..=b'9', ..] | [b'q', 0..8, ..] | [b'(' | b')', ..]);
    names && is_next
}
