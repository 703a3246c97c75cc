"""Calibration of saved logits: can I trust these probabilities, which temperature do I ship, what is wrong?

    import logitscope
    result = logitscope.report(logits, labels)
    result.temperature, result.after.ece
    result.show()

Everything is worked out by the program `logitscope`, which comes with this package: a flag of its command line,
such as `--compare-methods`, is a keyword here, `compare_methods=True`.
"""

from ._api import apply, compare, doctor, fit, report
from ._errors import Error, Failure
from ._find import find_bin
from ._result import Figures, Result

__all__ = [
    "Error",
    "Failure",
    "Figures",
    "Result",
    "apply",
    "compare",
    "doctor",
    "find_bin",
    "fit",
    "report",
]


def __getattr__(name: str) -> str:
    # Asked for seldom, and importlib.metadata takes longer to import than all the rest.
    if name == "__version__":
        from importlib.metadata import version

        return version("logitscope")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
