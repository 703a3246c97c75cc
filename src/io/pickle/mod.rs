//! Pickles of tensors and arrays, read without running anything.
//!
//! A pickle is a program for a stack machine that may call any Python function by name. This reader
//! knows the machine's instructions (protocols 0 to 5) and the dozen constructors that `torch.save`
//! and `NumPy` write ([`allowed`]). What those would build is noted down as a place of bytes; every
//! other name is refused. Nothing is executed, and memory stays within
//! 256 times the bytes read (in practice a few times): each instruction leaves at most one value
//! behind, and lengths are checked against the bytes that are left before anything is allocated.

mod allowed;
mod input;
mod machine;
mod named;
mod value;

pub(super) use input::Input;
pub(super) use machine::load;
pub(super) use named::{Gathered, Named, name_arrays};
pub(super) use value::{Data, PickledArray};
