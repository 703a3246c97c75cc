"""What goes wrong, in the words of the program."""

from __future__ import annotations

import re
from typing import Any


class Error(Exception):
    """The program could not do what was asked.

    `message` says what is wrong, `hint` what to do (flags are keywords: `--labels` is `labels=`), `status` is the
    exit status of the program, or None where it was not started.
    """

    def __init__(self, message: str, hint: str | None = None, status: int | None = None) -> None:
        super().__init__(message, hint, status)
        self.message = message
        self.hint = hint
        self.status = status

    def __str__(self) -> str:
        return f"{self.message}\n\nhint: {self.hint}" if self.hint else self.message


class Failure(Error):
    """Something is broken in the data, and nothing was written: `despite_failures=True` does it all the same.

    `findings` is what was found, as in a report; empty where the program gives it as text alone.
    """

    findings: list[dict[str, Any]]

    def __init__(self, message: str, hint: str | None = None, status: int | None = None) -> None:
        super().__init__(message, hint, status)
        self.findings = []


def read_error(stderr: str, status: int) -> Error:
    """The error that the program printed."""
    text = stderr.strip()
    if status < 0:
        text = f"{text}\n\nthe program was ended by signal {-status}".strip()
    # Arguments that are not understood end with a usage line, which says nothing to a caller of functions.
    text = re.split(r"\n\n(?:Usage|For more information)", text)[0]
    parts = re.split(r"\n\n(?:hint|  tip): ", text, maxsplit=1)
    message = re.sub(r"^error: ", "", parts[0], flags=re.MULTILINE)
    hint = parts[1].strip() if len(parts) > 1 else None
    # 1: done, and the data is broken.
    return (Failure if status == 1 else Error)(message, hint, status)
