"""Arrays of any library as NumPy arrays that the program reads: by what they can do, no library is imported."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from ._errors import Error


def is_array(value: Any) -> bool:
    """Whether it is an array of some library; lists may be one or not."""
    return any(hasattr(value, name) for name in ("__array__", "__dlpack__", "to_numpy", "detach"))


def is_table(value: Any) -> bool:
    """Whether it is a data frame: columns with names, that can be written."""
    return hasattr(value, "columns") and (hasattr(value, "write_parquet") or hasattr(value, "to_csv"))


def write_table(table: Any, path: str) -> None:
    """Writes a data frame as Parquet; one of pandas as CSV where pandas has nothing to write Parquet with."""
    if hasattr(table, "write_parquet"):
        table.write_parquet(path)
        return
    try:
        table.to_parquet(path, index=False)
    except Exception:  # ImportError without an engine; an engine has errors of its own for types it lacks.
        table.to_csv(path, index=False)


def numpy_or_error() -> ModuleType:
    """NumPy, which is needed for arrays alone."""
    try:
        import numpy
    except ImportError:
        raise Error("arrays need NumPy", "pip install numpy, or give the path of a file") from None
    return numpy


def to_array(value: Any, name: str) -> Any:
    """The NumPy array of `value`, in the width that it has; `name` is what errors call it."""
    numpy = numpy_or_error()
    try:
        array = _converted(value, numpy)
    except Error:
        raise
    except Exception as error:  # Every library raises its own.
        raise Error(f"{name}: {_type(value)} cannot be read as an array: {error}") from error
    if array.ndim == 0:
        raise Error(f"{name}: {_type(value)} is neither an array nor the path of a file")
    if array.dtype.kind == "O":
        array = _without_objects(array, name, numpy)
    return _storable(array, numpy)


def _converted(value: Any, numpy: ModuleType) -> Any:
    if isinstance(value, numpy.ma.MaskedArray) and value.mask.any():
        raise Error("masked entries would count as numbers", "fill them with NaN, or leave rows out with mask=")
    if isinstance(value, (list, tuple)) and value and all(map(is_array, value)):
        return _joined([_converted(item, numpy) for item in value], numpy)
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        value = value.detach().cpu()
        if "bfloat16" in str(value.dtype):
            # NumPy has no such type. Its numbers are the float32 that end in 16 zeros, and the program knows it.
            wide = numpy.asarray(value.float(), dtype=numpy.float32)
            return (wide.view(numpy.uint32) >> 16).astype(numpy.uint16).view("V2")
    if hasattr(value, "__array__"):
        return numpy.asarray(value)
    if hasattr(value, "to_numpy"):
        return numpy.asarray(value.to_numpy())
    if hasattr(value, "__dlpack__"):
        return numpy.from_dlpack(value)
    if isinstance(value, Mapping):
        raise ValueError("it is a dictionary")
    try:
        return numpy.asarray(value)
    except ValueError:
        raise ValueError("rows have different lengths") from None


def _joined(arrays: list[Any], numpy: ModuleType) -> Any:
    """A list of arrays: batches, or rows, which are one-dimensional and hold no labels."""
    first = arrays[0]
    if first.ndim == 1 and first.dtype.kind not in "iubUO":
        return numpy.stack(arrays)
    return numpy.concatenate(arrays) if first.ndim else numpy.asarray(arrays)


def _without_objects(array: Any, name: str, numpy: ModuleType) -> Any:
    """Columns of texts, of lists, or of numbers in Python's own type."""
    items = array.ravel().tolist()
    try:
        plain = numpy.array(array.tolist())
    except ValueError:
        plain = array
    if plain.dtype.kind == "O" and any(hasattr(item, "__len__") and not isinstance(item, str) for item in items):
        raise Error(f"{name}: rows of different lengths cannot be an array")
    kinds = str if any(isinstance(item, str) for item in items) else (int, float)
    if plain.dtype.kind == "O" or (kinds is str and not all(isinstance(item, str) for item in items)):
        at, odd = next(((at, item) for at, item in enumerate(items) if not isinstance(item, kinds)), (0, items[0]))
        beside = "no text, as others are" if kinds is str else "no number"
        raise Error(f"{name}: value {at} (counted from 0) is {odd!r}, which is {beside}")
    return plain


def _storable(array: Any, numpy: ModuleType) -> Any:
    """What the program reads: types that few libraries have are widened or narrowed to the next."""
    if array.dtype.name == "bfloat16":
        return array.view("V2")
    if array.dtype.kind == "V" and not array.dtype.name.startswith(("void", "record")):
        return array.astype(numpy.float32)  # float8 and the like
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        return array.astype(numpy.float64)
    if array.dtype.kind == "T":
        return array.astype(str)
    return array


def _type(value: Any) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
