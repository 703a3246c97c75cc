//! What the calls on the white list stand for: places of bytes instead of objects.

use super::super::array::Dtype;
use super::super::blob::Blob;
use super::super::error::Problem;
use super::super::npy;
use super::super::strided::{column_major, row_major};
use super::allowed::Global;
use super::value::{Data, Heap, NumpyDtype, Object, PickledArray, Storage, Value, damaged};

/// More arguments than any of these calls has.
const MAX_ARGS: usize = 16;
/// A type and its name are shorter.
const MAX_TYPE: usize = 64;

/// What `callee(*args)` stands for.
///
/// # Errors
/// If the arguments are not those that `torch.save` and `NumPy` write.
pub(super) fn call(heap: &mut Heap, callee: Value, args: Value) -> Result<Value, Problem> {
    let Some(Object::Global(global)) = heap.get(callee) else {
        return Err(damaged("it calls what is no function"));
    };
    let global = global.clone();
    let args = heap.items(args);
    let args = args.ok_or_else(|| damaged("a call has no arguments"))?;
    if args.len() > MAX_ARGS {
        return Err(bad(&global));
    }
    let args = args.to_vec();
    heap.copies(copied(heap, &global, &args))?;
    let made = match global {
        Global::Parameter => return args.first().copied().ok_or_else(|| bad(&global)),
        Global::Tensor | Global::TypedTensor => tensor(heap, &args).map(boxed),
        Global::Tuple => tuple(heap, &args),
        Global::Dict => dictionary(heap, &args),
        Global::EmptyArray => Some(boxed(empty_array())),
        Global::NumpyDtype => numpy_dtype(heap, &args).map(|d| Object::NumpyDtype(Box::new(d))),
        Global::Scalar => scalar(heap, &args).map(boxed),
        Global::FromBuffer => from_buffer(heap, &args).map(boxed),
        Global::Encode => encode(heap, &args).map(Object::Bytes),
        Global::Bytes => args.is_empty().then(|| Object::Bytes(no_bytes())),
        Global::StorageType(_) | Global::TorchDtype(_) | Global::ArrayType => None,
    };
    Ok(heap.add(made.ok_or_else(|| bad(&global))?))
}

/// Bytes of an argument that this call copies.
fn copied(heap: &Heap, global: &Global, args: &[Value]) -> usize {
    match (global, args) {
        (Global::Tuple | Global::Dict, [items]) => {
            heap.items(*items).map_or(0, |items| size_of_val(items) * 2)
        }
        (Global::Encode, [text, _]) => match heap.get(*text) {
            Some(Object::Text(text)) => text.len(),
            _ => 0,
        },
        // Lengths and strides.
        (Global::Tensor | Global::TypedTensor, args) => {
            let length = |at: usize| Some(heap.items(*args.get(at)?)?.len());
            (length(2).unwrap_or(0) + length(3).unwrap_or(0)) * size_of::<usize>()
        }
        (Global::FromBuffer, [_, _, shape, _]) => {
            heap.items(*shape).map_or(0, <[Value]>::len) * 2 * size_of::<usize>()
        }
        _ => 0,
    }
}

fn boxed(array: PickledArray) -> Object {
    Object::Array(Box::new(array))
}

fn bad(global: &Global) -> Problem {
    damaged(&format!("a call has other arguments than expected ({global:?})"))
}

fn no_bytes() -> Blob {
    Blob::held(Vec::new())
}

fn empty_array() -> PickledArray {
    PickledArray {
        dtype: Ok(Dtype::Bool),
        big_endian: false,
        shape: vec![0],
        strides: vec![1],
        start: 0,
        data: Data::Bytes(no_bytes()),
    }
}

fn tensor(heap: &Heap, args: &[Value]) -> Option<PickledArray> {
    let [storage, offset, shape, strides, ..] = args else {
        return None;
    };
    let Object::Storage(storage) = heap.get(*storage)? else {
        return None;
    };
    let named = args.get(6).and_then(|v| heap.get(*v));
    let dtype = match (named, &storage.dtype) {
        (Some(Object::Global(Global::TorchDtype(dtype))), None) | (_, Some(dtype)) => dtype.clone(),
        _ => return None,
    };
    let (shape, strides) = (heap.indices(*shape)?, heap.indices(*strides)?);
    (shape.len() == strides.len()).then_some(PickledArray {
        dtype,
        big_endian: false,
        shape,
        strides,
        start: storage.start.checked_add(Heap::index(*offset)?)?,
        data: Data::Storage(storage.key.clone()),
    })
}

/// `tuple(x)` and `torch.Size(x)` are x; `tuple()` is empty.
fn tuple(heap: &Heap, args: &[Value]) -> Option<Object> {
    match args {
        [] => Some(Object::Tuple(Vec::new())),
        [items] => Some(Object::Tuple(heap.items(*items)?.to_vec())),
        _ => None,
    }
}

/// `OrderedDict()`, or of a list of pairs, as Python 2 wrote it.
fn dictionary(heap: &Heap, args: &[Value]) -> Option<Object> {
    let pair = |v: &Value| match heap.items(*v)? {
        [key, value] => Some((*key, *value)),
        _ => None,
    };
    match args {
        [] => Some(Object::Dict(Vec::new())),
        [pairs] => {
            let pairs: Option<Vec<_>> = heap.items(*pairs)?.iter().map(pair).collect();
            pairs.map(Object::Dict)
        }
        _ => None,
    }
}

fn numpy_dtype(heap: &Heap, args: &[Value]) -> Option<NumpyDtype> {
    let code = heap.text(*args.first()?).filter(|code| code.len() <= MAX_TYPE)?;
    let (dtype, big_endian) = npy::parse_descr(&code);
    Some(NumpyDtype { dtype, big_endian })
}

fn dtype_of(heap: &Heap, value: Value) -> Option<&NumpyDtype> {
    match heap.get(value)? {
        Object::NumpyDtype(dtype) => Some(dtype),
        _ => None,
    }
}

/// The bytes of an array's elements; of Python objects there are none that can be read.
fn elements(heap: &Heap, value: Value) -> Option<Blob> {
    match heap.get(value)? {
        Object::Bytes(blob) => Some(blob.clone()),
        Object::List(_) => Some(no_bytes()),
        _ => None,
    }
}

fn numpy_array(
    dtype: &NumpyDtype,
    shape: Vec<usize>,
    fortran_order: bool,
    bytes: Blob,
) -> PickledArray {
    PickledArray {
        dtype: dtype.dtype.clone(),
        big_endian: dtype.big_endian,
        strides: if fortran_order { column_major(&shape) } else { row_major(&shape) },
        shape,
        start: 0,
        data: Data::Bytes(bytes),
    }
}

fn scalar(heap: &Heap, args: &[Value]) -> Option<PickledArray> {
    let [dtype, bytes] = args else { return None };
    let bytes = elements(heap, *bytes)?;
    Some(numpy_array(dtype_of(heap, *dtype)?, Vec::new(), false, bytes))
}

fn from_buffer(heap: &Heap, args: &[Value]) -> Option<PickledArray> {
    let [bytes, dtype, shape, order] = args else {
        return None;
    };
    let fortran_order = &*heap.text(*order)? == "F";
    let (bytes, shape) = (elements(heap, *bytes)?, heap.indices(*shape)?);
    Some(numpy_array(dtype_of(heap, *dtype)?, shape, fortran_order, bytes))
}

/// `_codecs.encode(text, "latin1")`: one byte for each character.
fn encode(heap: &Heap, args: &[Value]) -> Option<Blob> {
    let [text, encoding] = args else { return None };
    if !matches!(&*heap.text(*encoding)?, "latin1" | "latin-1") {
        return None;
    }
    let Object::Text(text) = heap.get(*text)? else {
        return None;
    };
    let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
    Some(Blob::held(bytes.ok()?))
}

/// The persistent id of a storage: `("storage", type, key, device, length)`, and in old files a view.
///
/// # Errors
/// If it is not of this form.
pub(super) fn storage(heap: &mut Heap, id: Value) -> Result<Storage, Problem> {
    let parse = |heap: &Heap| {
        let [what, ty, key, _, _, view @ ..] = heap.items(id)? else {
            return None;
        };
        let Object::Global(Global::StorageType(dtype)) = heap.get(*ty)? else {
            return None;
        };
        // A view of a storage, as torch wrote them up to 0.4: (key, offset, length).
        let view = view.first().and_then(|v| heap.items(*v));
        let start = view.map_or(Some(0), |v| Heap::index(*v.get(1)?));
        (&*heap.text(*what)? == "storage").then_some(Storage {
            dtype: dtype.clone(),
            key: heap.text(*key)?,
            start: start?,
        })
    };
    let storage = parse(heap);
    let storage =
        storage.ok_or_else(|| damaged("a tensor's storage is described as torch never does"))?;
    heap.copies(storage.key.len())?;
    Ok(storage)
}

/// BUILD: the state of an array or a type, or attributes of a dictionary, which do not matter.
///
/// # Errors
/// If the state is not one that `NumPy` writes, or `target` has none.
pub(super) fn set_state(heap: &mut Heap, target: Value, state: Value) -> Result<(), Problem> {
    let changed = match heap.get(target) {
        Some(Object::NumpyDtype(dtype)) => {
            dtype_state(heap, dtype, state).map(|d| Object::NumpyDtype(Box::new(d)))
        }
        Some(Object::Array(array)) => array_state(heap, array, state).map(boxed),
        Some(Object::Dict(_)) => return Ok(()),
        _ => None,
    };
    let changed = changed.ok_or_else(|| damaged("it sets the state of what has none"))?;
    if let Some(object) = heap.get_mut(target) {
        *object = changed;
    }
    Ok(())
}

/// `(3, "<", ..)`: the byte order is the second.
fn dtype_state(heap: &Heap, dtype: &NumpyDtype, state: Value) -> Option<NumpyDtype> {
    let order = heap.text(*heap.items(state)?.get(1)?)?;
    Some(NumpyDtype { big_endian: &*order == ">" || dtype.big_endian, ..dtype.clone() })
}

/// `(version, shape, type, is in Fortran order, bytes)`; a tensor has attributes, which do not matter.
fn array_state(heap: &Heap, array: &PickledArray, state: Value) -> Option<PickledArray> {
    if matches!(array.data, Data::Storage(_)) {
        return Some(array.clone());
    }
    let state = heap.items(state)?;
    let [shape, dtype, order, bytes] = *state.last_chunk::<4>()?;
    let fortran_order = matches!(order, Value::Bool(true) | Value::Int(1));
    let (bytes, shape) = (elements(heap, bytes)?, heap.indices(shape)?);
    Some(numpy_array(dtype_of(heap, dtype)?, shape, fortran_order, bytes))
}
