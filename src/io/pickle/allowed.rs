//! The white list: which names a pickle may call, and what those calls stand for here.

use std::rc::Rc;

use super::super::array::Dtype;
use super::super::blob::Blob;
use super::super::error::Problem;
use super::super::npy;
use super::super::strided::{column_major, row_major};
use super::value::{Data, Heap, NumpyDtype, Object, PickledArray, Storage, Value, damaged};

/// A name that may be called or referred to.
#[derive(Clone, Debug)]
pub(super) enum Global {
    /// `torch._utils._rebuild_tensor_v2`: storage, offset, shape, strides.
    Tensor,
    /// `torch._utils._rebuild_tensor_v3`: the same over bytes, with the type as the seventh argument.
    TypedTensor,
    /// `torch._utils._rebuild_parameter`: a tensor, and what training needs of it.
    Parameter,
    /// `torch.FloatStorage` and the like; `None` for `UntypedStorage`.
    StorageType(Option<Result<Dtype, String>>),
    /// `torch.uint16` and the like.
    TorchDtype(Result<Dtype, String>),
    /// `torch.Size`, `tuple`: the argument itself.
    Tuple,
    /// `collections.OrderedDict`, `dict`.
    Dict,
    /// `numpy.core.multiarray._reconstruct`: an empty array, whose state follows.
    EmptyArray,
    /// `numpy.ndarray`, only ever an argument.
    ArrayType,
    /// `numpy.dtype`.
    NumpyDtype,
    /// `numpy.core.multiarray.scalar`: type and bytes.
    Scalar,
    /// `numpy.core.numeric._frombuffer`: bytes, type, shape, order.
    FromBuffer,
    /// `_codecs.encode`, by which protocols 0 to 2 write bytes as text.
    Encode,
    /// `bytes`, called without arguments for no bytes.
    Bytes,
}

/// Looks a name up in the white list.
///
/// # Errors
/// If it is not there; the message says which name was refused.
pub(super) fn find(module: &str, name: &str) -> Result<Global, Problem> {
    let module = module.replace("numpy._core", "numpy.core");
    let global = match (module.as_str(), name) {
        ("torch._utils", "_rebuild_tensor_v2") => Some(Global::Tensor),
        ("torch._utils", "_rebuild_tensor_v3") => Some(Global::TypedTensor),
        ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state") => {
            Some(Global::Parameter)
        }
        ("torch", "Size") | ("builtins" | "__builtin__", "tuple") => Some(Global::Tuple),
        ("collections", "OrderedDict") | ("builtins" | "__builtin__", "dict") => Some(Global::Dict),
        ("builtins" | "__builtin__", "bytes") => Some(Global::Bytes),
        ("numpy.core.multiarray", "_reconstruct") => Some(Global::EmptyArray),
        ("numpy.core.multiarray", "scalar") => Some(Global::Scalar),
        ("numpy.core.numeric", "_frombuffer") => Some(Global::FromBuffer),
        ("numpy", "ndarray") => Some(Global::ArrayType),
        ("numpy", "dtype") => Some(Global::NumpyDtype),
        ("_codecs", "encode") => Some(Global::Encode),
        ("torch" | "torch.cuda" | "torch.storage", name) => torch_type(name),
        _ => None,
    };
    global.ok_or_else(|| refuse(&module, name))
}

/// `FloatStorage`, `bfloat16`.
fn torch_type(name: &str) -> Option<Global> {
    let int = |signed, size| Ok(Dtype::Int { signed, size });
    let (name, is_storage) = match name.strip_suffix("Storage") {
        Some(name) => (name, true),
        None => (name, false),
    };
    let dtype = match (name, is_storage) {
        ("Untyped", true) => return Some(Global::StorageType(None)),
        ("Double", true) | ("float64", false) => Ok(Dtype::F64),
        ("Float", true) | ("float32", false) => Ok(Dtype::F32),
        ("Half", true) | ("float16", false) => Ok(Dtype::F16),
        ("BFloat16", true) | ("bfloat16", false) => Ok(Dtype::Bf16),
        ("Long", true) | ("int64", false) => int(true, 8),
        ("Int", true) | ("int32", false) => int(true, 4),
        ("Short", true) | ("int16", false) => int(true, 2),
        ("Char", true) | ("int8", false) => int(true, 1),
        ("Byte", true) | ("uint8", false) => int(false, 1),
        ("Bool", true) | ("bool", false) => Ok(Dtype::Bool),
        ("uint16", false) => int(false, 2),
        ("uint32", false) => int(false, 4),
        ("uint64", false) => int(false, 8),
        ("ComplexFloat" | "ComplexDouble" | "QInt8" | "QUInt8" | "QInt32", true)
        | ("complex32" | "complex64" | "complex128", false) => Err(name.to_lowercase()),
        (name, false) if name.starts_with("float8_") => Err(name.to_owned()),
        _ => return None,
    };
    Some(match is_storage {
        true => Global::StorageType(Some(dtype)),
        false => Global::TorchDtype(dtype),
    })
}

/// The error for a name that is not on the list.
pub(super) fn refuse(module: &str, name: &str) -> Problem {
    const SHOWN: usize = 120;
    let full: String = format!("{module}.{name}").chars().take(SHOWN).collect();
    Problem::new(format!(
        "the pickle asks to run {full}, which is refused: only plain tensors and arrays are read, and no code is run"
    ))
    .hint("save `torch.save({\"logits\": logits, \"labels\": labels}, \"val.pt\")`, or use np.savez")
}

/// What `callee(*args)` stands for.
///
/// # Errors
/// If the arguments are not those that `torch.save` and `NumPy` write.
pub(super) fn call(heap: &mut Heap, callee: Value, args: Value) -> Result<Value, Problem> {
    let Some(Object::Global(global)) = heap.get(callee) else {
        return Err(damaged("it calls what is no function"));
    };
    let global = global.clone();
    let args = heap.items(args).map(<[Value]>::to_vec);
    let args = args.ok_or_else(|| damaged("a call has no arguments"))?;
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

fn boxed(array: PickledArray) -> Object {
    Object::Array(Box::new(array))
}

fn bad(global: &Global) -> Problem {
    damaged(&format!(
        "a call has other arguments than expected ({global:?})"
    ))
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
        (Some(Object::Global(Global::TorchDtype(dtype))), None) => dtype.clone(),
        (_, Some(dtype)) => dtype.clone(),
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
    let code = heap.text(*args.first()?)?;
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
        strides: match fortran_order {
            true => column_major(&shape),
            false => row_major(&shape),
        },
        shape,
        start: 0,
        data: Data::Bytes(bytes),
    }
}

fn scalar(heap: &Heap, args: &[Value]) -> Option<PickledArray> {
    let [dtype, bytes] = args else { return None };
    let bytes = elements(heap, *bytes)?;
    Some(numpy_array(
        dtype_of(heap, *dtype)?,
        Vec::new(),
        false,
        bytes,
    ))
}

fn from_buffer(heap: &Heap, args: &[Value]) -> Option<PickledArray> {
    let [bytes, dtype, shape, order] = args else {
        return None;
    };
    let fortran_order = &*heap.text(*order)? == "F";
    let (bytes, shape) = (elements(heap, *bytes)?, heap.indices(*shape)?);
    Some(numpy_array(
        dtype_of(heap, *dtype)?,
        shape,
        fortran_order,
        bytes,
    ))
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
pub(super) fn storage(heap: &Heap, id: Value) -> Result<Storage, Problem> {
    let parse = || {
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
            key: Rc::clone(&heap.text(*key)?),
            start: start?,
        })
    };
    parse().ok_or_else(|| damaged("a tensor's storage is described as torch never does"))
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
    Some(NumpyDtype {
        big_endian: &*order == ">" || dtype.big_endian,
        ..dtype.clone()
    })
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
    Some(numpy_array(
        dtype_of(heap, dtype)?,
        shape,
        fortran_order,
        bytes,
    ))
}
