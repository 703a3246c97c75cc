"""Figures as dictionaries whose keys are attributes too."""

from __future__ import annotations

import html
import sys
from typing import Any, TextIO

from ._errors import Error
from ._run import Job


class Figures(dict):  # type: ignore[type-arg]
    """A dictionary whose keys are attributes too: `figures.after.ece` is `figures["after"]["ece"]`."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"there is no {name!r}; there are {', '.join(map(str, self))}") from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(key for key in self if isinstance(key, str) and key.isidentifier())]


class Result(Figures):
    """What the program found, with every key of its JSON.

    The text and the page are made when they are asked for, by another run on the same data: arrays are kept by
    reference until then, and data that has changed meanwhile is an error.
    """

    _job: Job | None
    _forms: dict[str, str]

    def __init__(self, figures: dict[str, Any], job: Job | None = None, **forms: str) -> None:
        super().__init__(figures)
        self.__dict__.update(_job=job, _forms=forms)

    @property
    def temperature(self) -> Any:
        """The fitted temperature, or None where there is none; of several models or steps a list."""
        if "runs" in self:
            return [Result(run).temperature for run in self["runs"]]
        if "temperature" in self:
            return self["temperature"]
        return (self.get("fit") or self.get("stats") or {}).get("temperature")

    def render(self, form: str) -> str:
        """The answer as the program prints it: "text", and of `report` and `compare` "html", "markdown", "csv"."""
        if form not in self._forms:
            if self._job is None:
                raise Error("a copy of a result holds its figures alone", "ask the result that the call gave")
            self._forms[form] = self._job.run(f"--format={form}").stdout
        return self._forms[form]

    def show(self, file: TextIO | None = None) -> None:
        """Prints the text, with its charts."""
        file = file or sys.stdout
        encoding = getattr(file, "encoding", None) or "utf-8"
        # A terminal in another encoding gets question marks for what it lacks, not an error.
        file.write(self.render("text").encode(encoding, "replace").decode(encoding))

    def _repr_html_(self) -> str | None:
        """For notebooks: the page in a frame of its own, so that neither's style reaches the other."""
        if self._job is None:
            return None
        if self._job.command not in ("report", "compare"):
            return f"<pre>{html.escape(self.render('text'))}</pre>"
        page = html.escape(self.render("html"))
        style = "width: 100%; height: 40rem; border: 0; resize: vertical"
        return f'<iframe sandbox="" title="logitscope" style="{style}" srcdoc="{page}"></iframe>'

    def __repr__(self) -> str:
        said = [str(self.get("schema", "result")), f"temperature {self.temperature}"]
        if "fit" in self:
            said.append(self.fit.verdict)
        said += [f"FAILURE: {rule}" for rule in dict.fromkeys(self._failures())]
        return f"<{', '.join(said)}>"

    def _failures(self) -> list[str]:
        found = [finding for run in self.get("runs", [self]) for finding in run.get("findings") or []]
        return [finding["rule"] for finding in found if finding.get("severity") == "failure"]

    def __reduce__(self) -> Any:
        # Copies and pickles leave the arrays behind.
        return Result, (dict(self),)
