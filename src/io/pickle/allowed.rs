//! The white list: the names that a pickle may call.

use super::super::array::Dtype;
use super::super::error::Problem;

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
        ("ComplexFloat" | "ComplexDouble", true)
        | ("complex32" | "complex64" | "complex128", false) => Err("complex".to_owned()),
        ("QInt8" | "QUInt8" | "QInt32", true) => Err("quantised".to_owned()),
        (name, false) if name.starts_with("float8_") && name.len() < 32 => Err(name.to_owned()),
        _ => return None,
    };
    Some(if is_storage { Global::StorageType(Some(dtype)) } else { Global::TorchDtype(dtype) })
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
