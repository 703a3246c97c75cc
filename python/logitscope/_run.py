"""One run of the program, on files or on arrays that are files for as long as it takes."""

from __future__ import annotations

import json
import math
import os
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ._arrays import is_array, is_table, numpy_or_error, to_array, write_table
from ._errors import Error, read_error
from ._find import find_bin

#: Flags that name a column, and take the column itself.
COLUMNS = ("weight", "group", "id", "mask", "slice")
#: Flags whose text is a path.
PATHS = ("card", "class_names", "out", "test")


class Model(NamedTuple):
    """Scores with their labels, and what else lies beside them."""

    name: str
    logits: Any
    labels: Any = None
    columns: Mapping[str, Any] = {}


class Done(NamedTuple):
    """What a run printed, and what it left in the folder if that was asked for."""

    stdout: str
    stderr: str
    left: Any


class Job:
    """A question to the program, kept so that it can be put again for another form of the answer."""

    def __init__(self, command: str, models: list[Model], flags: dict[str, Any]) -> None:
        self.command = command
        self.models = models
        self.flags = flags
        self._marks: list[Any] | None = None

    def run(self, *more: str, take: Callable[[str], Any] | None = None, **flags: Any) -> Done:
        """Runs it with further flags; `take` gets the folder where it ran before that is removed."""
        with tempfile.TemporaryDirectory(prefix="logitscope-") as path:
            folder = _Folder(path)
            words: list[Any] = [self.command, *more]
            for flag, value in {**self.flags, **flags}.items():
                words += folder.flag(flag, value)
            files: list[Any] = []
            for model in self.models:
                given, files_of = folder.model(model)
                words += given
                files += files_of
            if self._marks not in (None, folder.marks):
                raise Error("the data is not what it was when these figures were worked out", "ask again")
            self._marks = folder.marks
            # Where there are no arrays, the program runs where the caller is, and paths stay as they were typed.
            inside = take is not None or bool(os.listdir(path))
            command = [word.resolved(inside) if isinstance(word, _Path) else word for word in [*words, "--", *files]]
            status, *printed = _call([find_bin(), *command], path if inside else None)
            stdout, stderr = (_text(out, path) for out in printed)
            # 1 is an answer of `doctor`, that something is broken; others have not done what was asked.
            if status not in ((0, 1) if self.command == "doctor" else (0,)):
                # `fit` says on stdout what is broken, and on stderr that there is no card.
                raise read_error(f"{stdout}\n{stderr}", status)
            return Done(stdout, stderr, take(path) if take else None)


class _Path:
    """A path of the caller, after a flag or alone."""

    def __init__(self, path: Any, flag: str = "") -> None:
        self.path = os.fsdecode(path)
        self.flag = flag

    def resolved(self, inside: bool) -> str:
        # A lone `-` is standard output, and patterns are left to the program.
        path = os.path.abspath(self.path) if inside and self.path != "-" else self.path
        return self.flag + path

    def mark(self) -> Any:
        try:
            stat = os.stat(self.path)
        except OSError:
            return self.path
        return self.path, stat.st_size, stat.st_mtime_ns


class _Folder:
    """Arrays and what else is no file yet, under names that messages may quote."""

    def __init__(self, path: str) -> None:
        self.path = path
        #: By which it is told whether the data has changed.
        self.marks: list[Any] = []

    def flag(self, flag: str, value: Any) -> list[Any]:
        """The words of one keyword."""
        # An underscore at the end: `as_` for `--as`, which Python keeps for itself, and `labels_`.
        name = "--" + flag.rstrip("_").replace("_", "-")
        if hasattr(value, "item") and getattr(value, "shape", None) == ():
            value = value.item()
        if value is None or value is False:
            return []
        if value is True:
            return [name]
        if flag == "test" and not _is_path(value):
            return [f"{name}={self._test(value)}"]
        if flag == "class_names" and not _is_path(value):
            lines = "\n".join(map(str, value))
            return [f"{name}={self._write('class_names.txt', lines)}"]
        if isinstance(value, Mapping):
            return [f"{name}={self._write(flag + '.json', json.dumps(value))}"]
        if isinstance(value, os.PathLike) or (flag in PATHS and isinstance(value, str)):
            path = _Path(value, f"{name}=")
            if flag != "out":
                self.marks.append(path.mark())
            return [path]
        if isinstance(value, (list, tuple, set, frozenset)):
            return [word for item in value for word in self.flag(flag, item)]
        if is_array(value):
            raise Error(f"{flag}: a value is asked for, and this is an array")
        return [f"{name}={value}"]

    def model(self, model: Model) -> tuple[list[Any], list[Any]]:
        """The words before the files, and the files."""
        name, logits, labels, columns = model
        words: list[Any] = []
        several = isinstance(logits, (list, tuple)) and len(logits) > 0 and all(map(_is_path, logits))
        is_files = _is_path(logits) or several
        is_frame = is_table(logits) and (labels is None or isinstance(labels, str))
        if (is_files or is_frame) and columns:
            what = " and ".join(columns)
            raise Error(f"{what}: an array cannot lie beside a file or a data frame", "name a column of it instead")
        if labels is not None and (is_files or _is_path(labels)):
            words.append(self._labels(labels, logits))
            labels = None
        if is_files:
            paths = [_Path(path) for path in (logits if several else [logits])]
            self.marks += [path.mark() for path in paths]
            return words, paths
        if is_frame:
            path = os.path.join(self.path, name)
            write_table(logits, path)
            self._mark(path)
            return words, [name]
        arrays = dict(logits) if isinstance(logits, Mapping) else {"logits": logits}
        for key, value in {"labels": labels, **columns}.items():
            if value is None:
                continue
            if key in arrays:
                raise Error(f"{key} is given twice", f"leave it out of the dictionary, or name it: {key}={key!r}")
            arrays[key] = value
        stored = {str(key): to_array(value, str(key)) for key, value in arrays.items()}
        _check_lengths(stored, columns)
        self._write_arrays(name, stored)
        return words, [name]

    def _test(self, value: Any) -> str:
        pair = value if isinstance(value, tuple) and len(value) == 2 else (value,)
        words, files = self.model(Model("test", *pair))
        if words or files != ["test"]:
            raise Error("test: a file is named by its path alone", "test=PATH, or test=(logits, labels) with arrays")
        return "test"

    def _labels(self, labels: Any, logits: Any) -> Any:
        if not _is_path(labels):
            numpy = numpy_or_error()
            path = os.path.join(self.path, "labels.npy")
            numpy.save(path, to_array(labels, "labels"), allow_pickle=False)
            self._mark(path)
            return "--labels=labels.npy"
        # A text may be the name of a column as well as a file.
        is_name = isinstance(logits, Mapping) and labels in logits
        if is_name or not os.path.exists(labels):
            return f"--labels={os.fsdecode(labels)}"
        word = _Path(labels, "--labels=")
        self.marks.append(word.mark())
        return word

    def _write(self, name: str, text: str) -> str:
        path = os.path.join(self.path, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        self._mark(path)
        return name

    def _write_arrays(self, name: str, arrays: Mapping[str, Any]) -> None:
        """An uncompressed .npz; numpy.savez would take an array called `file` for the file itself."""
        numpy = numpy_or_error()
        with zipfile.ZipFile(os.path.join(self.path, name), "w", allowZip64=True) as archive:
            for key, array in arrays.items():
                with archive.open(key + ".npy", "w", force_zip64=True) as member:
                    numpy.lib.format.write_array(member, array, allow_pickle=False)
            # The archive has them anyway.
            self.marks += [(member.filename, member.CRC) for member in archive.infolist()]

    def _mark(self, path: str) -> None:
        with open(path, "rb") as file:
            self.marks.append(zlib.crc32(file.read()))


def _check_lengths(arrays: Mapping[str, Any], columns: Mapping[str, Any]) -> None:
    """The program leaves out what does not fit the rows, and would then say that it is not there."""
    if "logits" not in arrays:
        return
    shape = arrays["logits"].shape
    rows = {shape[0], math.prod(shape[:-1])} if len(shape) > 2 else {shape[0]}
    for name in columns:
        length = len(arrays[name])
        if length not in rows:
            raise Error(f"{name} holds {length} values, and logits {shape[0]} rows", "both must describe the same rows")


def _is_path(value: Any) -> bool:
    return isinstance(value, (str, bytes, os.PathLike))


def _call(command: list[str], folder: str | None) -> tuple[int, bytes, bytes]:
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        try:
            stdout, stderr = program.communicate()
        except BaseException:
            # Ctrl-C: subprocess.run would not wait for its end, and the folder goes next.
            program.kill()
            program.wait()
            raise
    return program.returncode, stdout, stderr


def _text(out: bytes, folder: str) -> str:
    """What was printed, with the plain names of what lay in the folder."""
    text = out.decode("utf-8", "replace").replace("\r\n", "\n")
    for path in {folder, os.path.realpath(folder)}:
        text = text.replace(path + os.sep, "")
    return text
