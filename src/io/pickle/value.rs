//! What a pickle holds, as far as this reader understands it.

use std::rc::Rc;

use super::super::array::Dtype;
use super::super::blob::Blob;
use super::super::error::Problem;
use super::allowed::Global;

/// A value of the stack machine. Numbers stand for themselves; everything else lies in a [`Heap`],
/// because lists grow after they were referred to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Object(usize),
}

/// What does not fit a [`Value`].
#[derive(Debug)]
pub(super) enum Object {
    Text(Rc<str>),
    /// Bytes, or the text of Python 2, which is the same.
    Bytes(Blob),
    Tuple(Vec<Value>),
    List(Vec<Value>),
    /// Keys and values in stored order.
    Dict(Vec<(Value, Value)>),
    Global(Global),
    /// A number that 64 bits do not hold, a set: nothing that logits or labels are made of.
    Other,
    Storage(Box<Storage>),
    NumpyDtype(Box<NumpyDtype>),
    Array(Box<PickledArray>),
}

/// The memory of a tensor, somewhere else in the file.
#[derive(Clone, Debug)]
pub(super) struct Storage {
    /// `None` for a storage of bytes without a type.
    pub(super) dtype: Option<Result<Dtype, String>>,
    pub(super) key: Rc<str>,
    /// Elements from the start of the storage of this key to the first of this view.
    pub(super) start: usize,
}

/// A type as `NumPy` writes it.
#[derive(Clone, Debug)]
pub(super) struct NumpyDtype {
    pub(super) dtype: Result<Dtype, String>,
    pub(super) big_endian: bool,
}

/// Where the elements of an array are.
#[derive(Clone, Debug)]
pub(in crate::io) enum Data {
    /// In the storage with this key.
    Storage(Rc<str>),
    /// In the pickle itself.
    Bytes(Blob),
}

/// A tensor or array: what it is, and where its elements are.
#[derive(Clone, Debug)]
pub(in crate::io) struct PickledArray {
    /// `Err` holds the name of a type that cannot be read.
    pub(in crate::io) dtype: Result<Dtype, String>,
    pub(in crate::io) big_endian: bool,
    pub(in crate::io) shape: Vec<usize>,
    /// Elements from one index of an axis to the next.
    pub(in crate::io) strides: Vec<usize>,
    /// The first element's place in its data.
    pub(in crate::io) start: usize,
    pub(in crate::io) data: Data,
}

/// Bytes that calls may copy for each byte of the pickle: nothing that a library writes is copied more than once.
const COPY_RATIO: u64 = 64;

/// The limit of memory that [`super`] states rests on how much one instruction can leave behind.
const _: () = assert!(size_of::<Object>() <= 48 && size_of::<Value>() <= 16);

/// Everything one pickle holds.
#[derive(Debug)]
pub(in crate::io) struct Pickled {
    pub(super) heap: Heap,
    pub(super) root: Value,
}

impl Pickled {
    /// The storages that tensors refer to, and the bytes of one element of each.
    pub(in crate::io) fn storages(&self) -> impl Iterator<Item = (Rc<str>, usize)> + '_ {
        self.heap.objects.iter().filter_map(|object| match object {
            Object::Storage(storage) => {
                let size = match &storage.dtype {
                    Some(Ok(dtype)) => dtype.size(),
                    _ => 1,
                };
                Some((storage.key.clone(), size))
            }
            _ => None,
        })
    }

    /// The texts of a list, if the pickle holds one.
    pub(in crate::io) fn texts(&self) -> Option<Vec<Rc<str>>> {
        let items = self.heap.items(self.root)?;
        items.iter().map(|v| self.heap.text(*v)).collect()
    }
}

/// The objects of a pickle; they may refer to each other in circles.
#[derive(Debug)]
pub(super) struct Heap {
    objects: Vec<Object>,
    /// Bytes that calls may still copy.
    room: u64,
}

impl Heap {
    /// Of a pickle of `n_bytes` bytes.
    pub(super) fn of(n_bytes: u64) -> Self {
        Self { objects: Vec::new(), room: n_bytes.saturating_mul(COPY_RATIO) }
    }

    /// Adds an object.
    pub(super) fn add(&mut self, object: Object) -> Value {
        self.objects.push(object);
        Value::Object(self.objects.len() - 1)
    }

    /// Makes sure that `n_bytes` may be copied.
    ///
    /// # Errors
    /// If the pickle had so many copied that it says the same again and again.
    pub(super) fn copies(&mut self, n_bytes: usize) -> Result<(), Problem> {
        let left = self.room.checked_sub(n_bytes as u64);
        self.room = left.ok_or_else(|| damaged("its calls copy the same values without end"))?;
        Ok(())
    }

    /// The object that `value` is, if it is one.
    pub(super) fn get(&self, value: Value) -> Option<&Object> {
        match value {
            Value::Object(idx) => self.objects.get(idx),
            _ => None,
        }
    }

    /// As [`Heap::get`], to change it.
    pub(super) fn get_mut(&mut self, value: Value) -> Option<&mut Object> {
        match value {
            Value::Object(idx) => self.objects.get_mut(idx),
            _ => None,
        }
    }

    /// The items of a tuple or list.
    pub(super) fn items(&self, value: Value) -> Option<&[Value]> {
        match self.get(value)? {
            Object::Tuple(items) | Object::List(items) => Some(items),
            _ => None,
        }
    }

    /// A text, or bytes that are one.
    pub(super) fn text(&self, value: Value) -> Option<Rc<str>> {
        /// Names are short; longer bytes are data.
        const MAX_NAME: u64 = 4096;
        match self.get(value)? {
            Object::Text(text) => Some(text.clone()),
            Object::Bytes(blob) if blob.len() <= MAX_NAME => {
                let bytes = blob.bytes(0, blob.len()).ok()?;
                Some(String::from_utf8_lossy(&bytes).into())
            }
            _ => None,
        }
    }

    /// A length, offset or stride.
    pub(super) fn index(value: Value) -> Option<usize> {
        match value {
            Value::Int(n) => usize::try_from(n).ok(),
            _ => None,
        }
    }

    /// A tuple of lengths or strides.
    pub(super) fn indices(&self, value: Value) -> Option<Vec<usize>> {
        /// `NumPy` and torch know no more.
        const MAX_AXES: usize = 64;
        let items = self.items(value).filter(|items| items.len() <= MAX_AXES)?;
        items.iter().map(|v| Self::index(*v)).collect()
    }
}

/// The pickle does not follow its own rules.
pub(super) fn damaged(what: &str) -> Problem {
    Problem::new(format!("the pickle is damaged: {what}")).hint("copy or save it again")
}
