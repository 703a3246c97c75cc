"""The calls: each runs one command of the program."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from numbers import Real
from typing import Any

from ._arrays import is_array, numpy_or_error
from ._errors import Error, Failure
from ._result import Figures, Result
from ._run import COLUMNS, Job, Model


def report(logits: Any, labels: Any = None, **flags: Any) -> Result:
    """Everything about the logits: figures before and after scaling, the temperature, findings.

    `logits` is an array [N, K] of any library, a data frame with labels, a dictionary of named arrays, or the path of
    a file; `labels` are class indices, names, one-hot or distributions, or the name of a column or a path. `test=`
    takes (logits, labels) or a path to judge on. Every flag of `logitscope report` is a keyword; `weight`, `group`,
    `id`, `mask` and `slice` take arrays too.
    """
    return _ask("report", logits, labels, flags)


def doctor(logits: Any, labels: Any = None, **flags: Any) -> Result:
    """What is wrong with the logits: `runs[0].findings`. A list of paths is a training run, in order."""
    return _ask("doctor", logits, labels, flags)


def fit(logits: Any, labels: Any = None, *, out: Any = None, **flags: Any) -> Result:
    """Fits the temperature and gives the deployment card, which `out` names a file for.

    Raises `Failure` if something is broken in the data, unless `despite_failures=True`.
    """
    job = _job("fit", logits, labels, flags)
    try:
        if out in (None, "-"):
            done = job.run("--out=-")
            card = done.stdout
            text = done.stderr.replace("wrote standard output\n", "")
        else:
            text = job.run(out=os.fspath(out)).stdout
            with open(out, encoding="utf-8") as file:
                card = file.read()
    except Failure as failure:
        try:
            card = job.run("--out=-", despite_failures=True).stdout
            failure.findings = _figures(card).findings
        except Error:
            pass  # What it says already stands.
        raise
    return Result(_figures(card), job, text=text)


def compare(models: Any, labels: Any = None, **flags: Any) -> Result:
    """Models side by side on the same labels: a dictionary of names and logits, or a list of logits or paths.

    `runs` holds the report of each, with its differences to the first under `against_first`.
    """
    if not isinstance(models, (Mapping, list, tuple)):
        raise Error("compare takes several models", "a dictionary of names and logits, or a list")
    named = models if isinstance(models, Mapping) else {f"model_{at}": model for at, model in enumerate(models, 1)}
    columns, flags = _columns(flags)
    used: set[str] = set()
    jobs = [Model(_file_name(name, used), model, labels, columns) for name, model in named.items()]
    job = Job("compare", jobs, flags)
    return Result(_figures(job.run("--format=json").stdout), job)


def apply(logits: Any, card: Any = None, *, out: Any = None, **flags: Any) -> Any:
    """Calibrated probabilities, softmax(z / T), as an array; with `out` they are written to that file.

    `card` is what `fit` gave or wrote, or a temperature. `as_="logits"` gives z / T.
    Raises `Failure` if logits or card are broken, unless `despite_failures=True`.
    """
    given = "temperature" if isinstance(card, Real) else "card"
    job = _job("apply", logits, None, {given: card, **flags} if card is not None else flags)
    if out not in (None, "-"):
        job.run(out=os.fspath(out))
        return None
    numpy = numpy_or_error()
    done = job.run("--out=scaled.npy", take=lambda folder: numpy.load(os.path.join(folder, "scaled.npy")))
    return done.left


def _ask(command: str, logits: Any, labels: Any, flags: dict[str, Any]) -> Result:
    for flag in ("format", "out"):
        if flag in flags:
            raise Error(f"{command}() gives figures and takes no {flag}", "result.render(form) gives another form")
    job = _job(command, logits, labels, flags)
    return Result(_figures(job.run("--format=json").stdout), job)


def _job(command: str, logits: Any, labels: Any, flags: dict[str, Any]) -> Job:
    columns, flags = _columns(flags)
    return Job(command, [Model("arrays", logits, labels, columns)], flags)


def _columns(flags: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Arrays that a flag names as a column are stored beside the logits, under the name of the flag."""

    def is_column(flag: str, value: Any) -> bool:
        if getattr(value, "shape", None) == () or flag not in COLUMNS:
            return False
        # Several names of columns are possible where a flag may be repeated.
        is_list = isinstance(value, (list, tuple))
        is_names = flag == "slice" and is_list and all(isinstance(item, str) for item in value)
        return is_array(value) or (is_list and not is_names)

    columns = {flag: value for flag, value in flags.items() if is_column(flag, value)}
    return columns, {flag: flag if flag in columns else value for flag, value in flags.items()}


def _figures(text: str) -> Figures:
    figures: Figures = json.loads(text, object_hook=Figures)
    return figures


def _file_name(name: Any, used: set[str]) -> str:
    """A name that a file may have, and no other has."""
    plain = "".join("_" if letter in '/\\:*?"<>|[]' or ord(letter) < 32 else letter for letter in str(name))
    plain = plain.strip(". ") or "model"
    # Some file systems take A for a; and these lie beside the models.
    if plain.lower() in used | {"labels.npy", "class_names.txt"}:
        raise Error(f"{plain} is the name of a file already", "give each model a name of its own")
    used.add(plain.lower())
    return plain
